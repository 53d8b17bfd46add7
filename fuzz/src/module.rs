//! Any bytes as a module: loaded, lowered whole, written as an image and read again, instantiated with stand-ins, run with a
//! little fuel. Nothing panics, and an image that is written is accepted.
//!
//! What begins like a module or an image is one; anything else is a recipe for a valid module with some bytes changed.

use crate::peers::wrt::{Guest, end, engine};
use crate::random::Random;
use crate::smith::{self, Features};
use crate::value::{End, Value};
use wrt::{Engine, Error, ErrorKind, ExternType, Module, VerificationLevel};

/// Exports that are called.
const EXPORTS: usize = 50;

/// Fuel between pauses.
const SLICE: u64 = 1_500;

/// Loads, lowers and runs a module.
///
/// # Panics
/// Where anything in the runtime does.
// @need-ids: REQ_QA_003, REQ_WASM_001
pub fn check(input: &[u8]) {
    let made;
    let bytes = if input.starts_with(b"\0asm") || input.starts_with(&wrt_runtime::image::format::MAGIC) {
        input
    } else {
        let Some((plan, wasm)) = smith::module(input, Features::Own) else { return };
        made = changed(wasm, &mut Random(plan.seed));
        &made
    };
    let engine = engine(VerificationLevel::Standard);
    let module = match Module::new(&engine, bytes) {
        Ok(module) => module,
        Err(error) => {
            refused(&error);
            return refused_when_called(&engine, bytes, &error);
        }
    };
    if let Err(error) = Module::new_lazy(&engine, bytes) {
        panic!("valid at once, and not when called: {error}");
    }
    run(&module);
    match module.compile() {
        Ok(image) => match Module::new(&engine, image) {
            Ok(image) => run(&image),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "an image of ours: {error}"),
        },
        Err(error) => refused(&error),
    }
}

/// A module that is refused for a body begins to run where bodies are validated when they are called, and no further.
// @need-ids: REQ_PERF_004
fn refused_when_called(engine: &Engine, bytes: &[u8], error: &Error) {
    match Module::new_lazy(engine, bytes) {
        Ok(module) => {
            run(&module);
            let later = module.compile().expect_err("all bodies are validated");
            assert_eq!(later.to_string(), error.to_string());
        }
        Err(error) => refused(&error),
    }
}

/// An error says whose fault it is, in one line.
fn refused(error: &Error) {
    let kinds = [ErrorKind::Malformed, ErrorKind::Invalid, ErrorKind::Unsupported, ErrorKind::Limit];
    assert!(kinds.contains(&error.kind()), "{error}");
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.contains("internal error"), "{text}");
}

/// Up to seven bytes changed, none of them in the first eight.
fn changed(mut wasm: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _ in 0..random.below(8) {
        let at = 8 + random.below(wasm.len());
        if let Some(byte) = wasm.get_mut(at) {
            *byte = random.number() as u8;
        }
    }
    wasm
}

fn run(module: &Module) {
    let Ok(mut guest) = Guest::new(module, SLICE) else { return };
    let mut random = Random(0);
    for export in module.exports().take(EXPORTS) {
        if let ExternType::Func(ty) = export.ty {
            let Some(args) = Value::list(&ty, &mut random) else { continue };
            if let End::Bound("unsupported") = guest.call(export.name, &args) {
                // A frame beyond all bounds is refused when it is lowered; then the image is, too.
                assert!(module.compile().is_err_and(|error| end(&error) == End::Bound("unsupported")));
            }
        }
    }
}
