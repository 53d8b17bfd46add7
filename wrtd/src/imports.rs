//! Imports that nobody provides: all of them, each with who could.

// @need-ids: REQ_DIAGNOSTICS_004

use crate::failure::{Failure, one_line};
use serde_json::json;
use wrt::{LinkError, MissingImport};
use wrt_wasi::preview1;

/// How many imports are listed: a module may have a million.
const MOST_LISTED: usize = 1_000;

/// Prefixes of the Component Model's interfaces.
const COMPONENT_PREFIXES: [&str; 3] = ["wasi:", "[export]", "cm32p2"];

/// A failure to link, with all imports that are missing.
pub fn told(mut failure: Failure, error: &LinkError) -> Failure {
    if let LinkError::Missing(missing) = error {
        let list = |import: &MissingImport| json!({ "module": import.module, "name": import.name, "type": import.ty.to_string() });
        failure.details.insert("imports".into(), missing.iter().take(MOST_LISTED).map(list).collect());
        if missing.len() > 1 {
            failure.message = format!("{} imports that nobody provides", missing.len()).into();
        }
        failure = failure.with_lines(lines(missing));
    }
    failure
}

/// Lines that list the imports, those from one module together, with what could be done.
// @need-ids: REQ_DIAGNOSTICS_004, REQ_WASM_002
fn lines(missing: &[MissingImport]) -> Vec<String> {
    let mut modules: Vec<&str> = Vec::new();
    for import in missing.iter().take(MOST_LISTED) {
        if !modules.contains(&import.module.as_str()) {
            modules.push(&import.module);
        }
    }
    let mut lines = Vec::new();
    for module in modules {
        lines.push(format!("  from \"{}\": {}", one_line(module), advice(module)));
        let from = missing.iter().take(MOST_LISTED).filter(|import| import.module == module);
        lines.extend(from.map(|import| format!("    \"{}\" {}", one_line(&import.name), import.ty)));
    }
    let more = missing.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines
}

/// Who provides what is imported from a module of this name.
fn advice(module: &str) -> String {
    match module {
        preview1::MODULE => "WASI Preview 1 has no function of that name; wrtd provides all 46 that it has".into(),
        "wasi_unstable" => "WASI as it was before Preview 1; build the program for wasm32-wasip1".into(),
        "env" => {
            "the host is to define it, so it needs a program that embeds WRT; or the linker found no library with it \
                  (C: an undefined symbol). `--preload env=FILE` takes it from a module"
                .into()
        }
        "wasi" => {
            "threads of WASI (wasi-threads), which wrtd does not have; build for wasm32-wasip1 without threads".into()
        }
        "spectest" => "what test scripts import; `wrtd wast` provides it".into(),
        "wbg" | "__wbindgen_placeholder__" => "JavaScript, by wasm-bindgen; such modules run in browsers".into(),
        "gojs" | "go" => "JavaScript, for Go; build with GOOS=wasip1".into(),
        "a" | "asyncify" => format!("JavaScript most likely, by Emscripten; or `--preload {module}=FILE`"),
        _ if COMPONENT_PREFIXES.iter().any(|prefix| module.starts_with(prefix)) => {
            "an interface of the Component Model, which is not built yet; build the program for wasm32-wasip1".into()
        }
        _ => format!("another module; `--preload {}=FILE` provides its exports", one_line(module)),
    }
}
