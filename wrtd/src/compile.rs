//! `compile`: from a module to an image.

use crate::cli::{CompileOptions, ImageEngine};
use crate::failure::{Class, Failure, code};
use crate::input;
use crate::output::Output;
use crate::progress;
use serde_json::{Map, json};
use std::fs;
use std::path::Path;

/// Compiles `options.file` and writes the image.
// @need-ids: REQ_CLI_001, REQ_IMAGE_001
pub fn run(options: &CompileOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let limits = options.limits.limits;
    let input = input::load(&options.file, &limits)?;
    let engine = options.proposals.engine(limits);
    let module = input::module(&engine, &input)?;
    let compile = || match (options.engine, options.strip) {
        (ImageEngine::Stackless, false) => module.compile(),
        (ImageEngine::Stackless, true) => module.compile_stripped(),
        (ImageEngine::Both, false) => module.compile_with_bytecode(),
        (ImageEngine::Both, true) => module.compile_stripped_with_bytecode(),
        (ImageEngine::Traditional, _) => module.compile_bytecode(),
    };
    let image = progress::during(&format!("compiling {}", input.name), input.bytes.len(), compile);
    let image = image.map_err(|error| input::failure(&input.name, input.kind, &error))?;
    if options.output == "-" {
        output.bytes(&image);
        return Ok(code::OK);
    }
    let name = options.output.to_string_lossy().into_owned();
    fs::write(Path::new(&options.output), &image)
        .map_err(|error| Failure::new(Class::Output, format!("cannot write: {error}")).in_file(&name))?;
    if !output.is_text() {
        let mut document = Map::new();
        document.insert("command".into(), "compile".into());
        document.insert("file".into(), input.name.into());
        document.insert("output".into(), name.into());
        document.insert("bytes".into(), json!({ "input": input.bytes.len(), "image": image.len() }));
        document.insert("exit".into(), code::OK.into());
        output.json(document);
    }
    Ok(code::OK)
}
