//! The modules whose loading is measured.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::HERE;
use crate::options::Options;

/// How many functions the generated module has.
const FUNCTIONS: usize = 30_000;

/// A module and an export without parameters, with one result.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) wasm: Arc<[u8]>,
    pub(crate) export: String,
}

/// Those that are asked for. The real one is absent until `get-modules.sh` has fetched it.
pub(crate) fn chosen(options: &Options) -> Result<Vec<Subject>, String> {
    let mut chosen = Vec::new();
    if options.takes("empty") {
        let text = "(module (func (export \"first\") (result i32) i32.const 7))";
        chosen.push(subject("empty", wat(text)?, "first"));
    }
    if options.takes("functions") {
        chosen.push(subject("functions", wat(&functions(FUNCTIONS))?, "first"));
    }
    let real = Path::new(HERE).join("peers/modules/esbuild.wasm");
    if options.takes("esbuild") && real.exists() {
        chosen.push(subject("esbuild", crate::read(&real)?, "getsp"));
    } else if options.takes("esbuild") {
        eprintln!("the module esbuild is absent: get-modules.sh fetches it");
    }
    if let Some((path, export)) = &options.module {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        chosen.push(subject(&name, crate::read(path)?, export));
    }
    Ok(chosen)
}

pub(crate) fn subject(name: &str, wasm: Arc<[u8]>, export: &str) -> Subject {
    Subject { name: name.into(), wasm, export: export.into() }
}

/// A module from its text.
pub(crate) fn wat(text: &str) -> Result<Arc<[u8]>, String> {
    wat::parse_str(text).map(Arc::from).map_err(|error| error.to_string())
}

/// The text of a module in which no two functions are alike. Each calls the one before it on one of its ways.
pub(crate) fn functions(count: usize) -> String {
    let mut text = String::from("(module (memory 1)\n");
    let mut random = 0x2545_f491_u32;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random
    };
    for number in 0..count {
        let (a, b, c) = (next(), next() % 1000, next() % 60_000);
        let call = |before| format!("local.get 1 local.get 2 call {before} i32.xor");
        let rest = ["i32.add", "i32.xor", "i32.mul", "i32.sub"][next() as usize % 4];
        let turns = (0..next() % 4).map(|_| format!(" local.get 0 i32.const {} {rest} local.set 0", next() % 5000));
        let _ = writeln!(
            text,
            "(func (param i32 i32) (result i32) (local i32)
               local.get 0 i32.const {a} i32.add local.tee 2 i32.const {b} i32.lt_u
               if (result i32) local.get 2 {call} else local.get 1 local.get 2 {rest} end
               local.set 2 {turns}
               block local.get 0 br_if 0 i32.const {c} local.get 2 i32.store end
               i32.const {c} i32.load offset={b} local.get 2 i32.xor)",
            call = number.checked_sub(1).map(call).unwrap_or_default(),
            turns = turns.collect::<String>(),
        );
    }
    let _ = write!(text, "(func (export \"first\") (result i32) i32.const 1 i32.const 2 call {}))", count - 1);
    text
}
