//! What many of the tests begin with.

use wrt::{Config, Engine, Error, LimitError, Limits, Module, Strategy};

/// Each way to run.
pub(crate) const STRATEGIES: [Strategy; 3] = [Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep];

/// The bytes of a module in the text form.
pub(crate) fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The module that a text stands for.
pub(crate) fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wasm(text)).expect("the module is valid")
}

/// The module that a text stands for, and the same by way of its image.
pub(crate) fn both(engine: &Engine, text: &str) -> [Module; 2] {
    let module = module(engine, text);
    let image = Module::new(engine, module.compile().expect("compiles")).expect("its image is sound");
    [module, image]
}

/// An engine with some limits other than they are by default.
pub(crate) fn with_limits(change: impl FnOnce(&mut Limits)) -> Engine {
    let mut limits = Limits::DEFAULT;
    change(&mut limits);
    Engine::new(&Config::new().limits(limits))
}

/// The limit that was exceeded, and what was wanted of it.
pub(crate) fn exceeded(error: &Error) -> (&'static str, u64) {
    match error {
        Error::Limit(LimitError::Exceeded(exceeded)) => (exceeded.key, exceeded.wanted),
        other => panic!("another error: {other:?}"),
    }
}
