//! WRT itself, on its default engine. Fuel is always on: unlimited, and counted.

use super::{Engine, Loaded};

struct Wrt;

pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Wrt)]
}

struct Export {
    store: wrt::Store<()>,
    function: wrt::Func,
}

impl Engine for Wrt {
    fn name(&self) -> &'static str {
        "wrt"
    }

    fn load(&self, wasm: &[u8], export: &str) -> Result<Box<dyn Loaded>, String> {
        let engine = wrt::Engine::default();
        let module = wrt::Module::new(&engine, wasm).map_err(|error| error.to_string())?;
        let mut store = wrt::Store::new(&engine, ());
        let instance = wrt::Linker::new(&engine).instantiate(&mut store, &module).map_err(|error| error.to_string())?;
        let function = instance.get_func(&store, export).ok_or("no such export")?;
        Ok(Box::new(Export { store, function }))
    }
}

impl Loaded for Export {
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| wrt::Val::I32(argument)).collect();
        let mut results = [wrt::Val::I32(0)];
        self.function.call(&mut self.store, &arguments, &mut results).map_err(|error| error.to_string())?;
        Ok(match results[0] {
            wrt::Val::I32(value) => u64::from(value.cast_unsigned()),
            wrt::Val::I64(value) => value.cast_unsigned(),
            wrt::Val::F32(bits) => u64::from(bits),
            wrt::Val::F64(bits) => bits,
            _ => return Err("a result that is no number".into()),
        })
    }
}
