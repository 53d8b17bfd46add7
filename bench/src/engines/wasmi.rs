//! wasmi, with and without fuel.

use wasmi::{CompilationMode, Config, Func, Linker, Module, Store, Val};

use super::{Engine, Loaded};

struct Wasmi {
    name: &'static str,
    fuel: bool,
}

pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Wasmi { name: "wasmi", fuel: false }), Box::new(Wasmi { name: "wasmi-fuel", fuel: true })]
}

struct Export {
    store: Store<()>,
    function: Func,
}

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, wasm: &[u8], export: &str) -> Result<Box<dyn Loaded>, String> {
        let mut config = Config::default();
        config.consume_fuel(self.fuel).compilation_mode(CompilationMode::Eager);
        let engine = wasmi::Engine::new(&config);
        let module = Module::new(&engine, wasm).map_err(|error| error.to_string())?;
        let mut store = Store::new(&engine, ());
        if self.fuel {
            store.set_fuel(u64::MAX).map_err(|error| error.to_string())?;
        }
        let linker = Linker::new(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module).map_err(|error| error.to_string())?;
        let function = instance.get_func(&store, export).ok_or("no such export")?;
        Ok(Box::new(Export { store, function }))
    }
}

impl Loaded for Export {
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| Val::I32(argument)).collect();
        let mut results = [Val::I32(0)];
        self.function.call(&mut self.store, &arguments, &mut results).map_err(|error| error.to_string())?;
        Ok(match &results[0] {
            Val::I32(value) => u64::from(value.cast_unsigned()),
            Val::I64(value) => value.cast_unsigned(),
            Val::F32(value) => u64::from(value.to_bits()),
            Val::F64(value) => value.to_bits(),
            other => return Err(format!("a result of type {:?}", other.ty())),
        })
    }
}
