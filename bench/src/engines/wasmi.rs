//! wasmi, with and without fuel, and in its modes of compilation.

use std::io::Cursor;
use std::sync::{Arc, RwLock};

use wasmi::{CompilationMode, Config, ExternType, Func, Linker, Module, Store, TypedFunc, Val};
use wasmi_wasi::wasi_common::pipe::{ReadPipe, WritePipe};
use wasmi_wasi::{WasiCtx, WasiCtxBuilder};

use super::{Calls, Engine, Loaded};
use crate::programs::{Start, sum};

struct Wasmi {
    name: &'static str,
    fuel: bool,
    mode: CompilationMode,
}

/// For running: all is compiled beforehand, so that no mode matters.
pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    let engine = |name, fuel| Box::new(Wasmi { name, fuel, mode: CompilationMode::Eager }) as Box<dyn Engine>;
    vec![engine("wasmi", false), engine("wasmi-fuel", true)]
}

/// For loading: without fuel, as it is by default, and the other modes.
pub(crate) fn modes() -> Vec<Box<dyn Engine>> {
    let engine = |name, mode| Box::new(Wasmi { name, fuel: false, mode }) as Box<dyn Engine>;
    vec![
        engine("wasmi", CompilationMode::default()),
        engine("wasmi-eager", CompilationMode::Eager),
        engine("wasmi-lazy", CompilationMode::Lazy),
    ]
}

impl Wasmi {
    fn engine(&self) -> wasmi::Engine {
        let mut config = Config::default();
        config.consume_fuel(self.fuel).compilation_mode(self.mode);
        wasmi::Engine::new(&config)
    }

    fn store<T>(&self, engine: &wasmi::Engine, data: T) -> Result<Store<T>, wasmi::Error> {
        let mut store = Store::new(engine, data);
        if self.fuel {
            store.set_fuel(u64::MAX)?;
        }
        Ok(store)
    }
}

struct Export<T> {
    store: Store<T>,
    function: Func,
}

/// A linker with a function for each that the module imports, which fails.
fn failing_imports(engine: &wasmi::Engine, module: &Module) -> Result<Linker<()>, wasmi::Error> {
    let mut linker = Linker::new(engine);
    for import in module.imports() {
        if let ExternType::Func(ty) = import.ty() {
            let fail = |_: wasmi::Caller<'_, ()>, _: &[Val], _: &mut [Val]| Err(wasmi::Error::new("imported"));
            linker.func_new(import.module(), import.name(), ty.clone(), fail)?;
        }
    }
    Ok(linker)
}

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String> {
        let load = || {
            let engine = self.engine();
            let module = Module::new(&engine, wasm)?;
            let mut store = self.store(&engine, ())?;
            let instance = failing_imports(&engine, &module)?.instantiate_and_start(&mut store, &module)?;
            let function = instance.get_func(&store, export).ok_or_else(|| wasmi::Error::new("no such export"))?;
            Ok(Export { store, function })
        };
        load().map(|loaded| Box::new(loaded) as Box<dyn Loaded>).map_err(|error: wasmi::Error| error.to_string())
    }

    fn calls(&self, wasm: &[u8]) -> Option<Result<Box<dyn Calls>, String>> {
        let load = || {
            let engine = self.engine();
            let module = Module::new(&engine, wasm)?;
            let mut store = self.store(&engine, ())?;
            let mut linker = Linker::new(&engine);
            linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
            let instance = linker.instantiate_and_start(&mut store, &module)?;
            let add = instance.get_typed_func(&store, "add")?;
            let host = instance.get_typed_func(&store, "host")?;
            Ok(Both { store, add, host })
        };
        Some(load().map(|both| Box::new(both) as Box<dyn Calls>).map_err(|error: wasmi::Error| error.to_string()))
    }

    fn wasi(&self, wasm: &Arc<[u8]>, export: &str) -> Option<Result<Box<dyn Loaded>, String>> {
        let load = || {
            let engine = self.engine();
            let module = Module::new(&engine, wasm)?;
            let mut store = self.store(&engine, WasiCtxBuilder::new().inherit_stdout().build())?;
            let mut linker = Linker::new(&engine);
            wasmi_wasi::add_to_linker(&mut linker, |wasi| wasi)
                .map_err(|error| wasmi::Error::new(error.to_string()))?;
            let instance = linker.instantiate_and_start(&mut store, &module)?;
            let function = instance.get_func(&store, export).ok_or_else(|| wasmi::Error::new("no such export"))?;
            Ok(Export { store, function })
        };
        Some(load().map(|loaded| Box::new(loaded) as Box<dyn Loaded>).map_err(|error: wasmi::Error| error.to_string()))
    }

    fn command(&self, wasm: &Arc<[u8]>, command: &Start) -> Option<Result<Box<dyn Loaded>, String>> {
        let load = || {
            let engine = self.engine();
            let module = Module::new(&engine, wasm)?;
            let output = Arc::new(RwLock::new(Cursor::new(Vec::new())));
            let mut builder = WasiCtxBuilder::new();
            builder.stdin(Box::new(ReadPipe::from(&command.input[..])));
            builder.stdout(Box::new(WritePipe::from_shared(Arc::clone(&output))));
            builder.args(&command.arguments).map_err(|error| wasmi::Error::new(error.to_string()))?;
            let mut store = self.store(&engine, builder.build())?;
            let mut linker = Linker::new(&engine);
            wasmi_wasi::add_to_linker(&mut linker, |wasi| wasi)
                .map_err(|error| wasmi::Error::new(error.to_string()))?;
            let instance = linker.instantiate_and_start(&mut store, &module)?;
            let function = instance.get_func(&store, "_start").ok_or_else(|| wasmi::Error::new("no such export"))?;
            Ok(Run(Export { store, function }, output))
        };
        Some(load().map(|run| Box::new(run) as Box<dyn Loaded>).map_err(|error: wasmi::Error| error.to_string()))
    }
}

/// A command, and where its output is kept.
struct Run(Export<WasiCtx>, Arc<RwLock<Cursor<Vec<u8>>>>);

impl Loaded for Run {
    fn call(&mut self, _: &[i32]) -> Result<u64, String> {
        match self.0.function.call(&mut self.0.store, &[], &mut []) {
            Err(error) if error.i32_exit_status() != Some(0) => Err(error.to_string()),
            _ => Ok(sum(self.1.read().map_err(|error| error.to_string())?.get_ref())),
        }
    }
}

impl<T> Loaded for Export<T> {
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

struct Both {
    store: Store<()>,
    add: TypedFunc<(i32, i32), i32>,
    host: TypedFunc<i32, i32>,
}

impl Calls for Both {
    fn typed(&mut self, times: i32) -> Result<i32, String> {
        let mut sum = 0;
        for i in 0..times {
            sum = self.add.call(&mut self.store, (sum, i)).map_err(|error| error.to_string())?;
        }
        Ok(sum)
    }

    fn host(&mut self, times: i32) -> Result<i32, String> {
        self.host.call(&mut self.store, times).map_err(|error| error.to_string())
    }
}
