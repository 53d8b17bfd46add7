//! WRT itself, on each of its engines. Fuel is always on: unlimited, and counted.

use std::num::NonZeroUsize;
use std::sync::Arc;

use wrt_wasi::memory::{Input, Output};
use wrt_wasi::{Exit, WasiP1, host, preview1};

use super::{Calls, Engine, Loaded};
use crate::programs::{Start, sum};

/// An engine, and how many threads it validates on.
struct Wrt(wrt::Strategy, NonZeroUsize);

const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

impl Wrt {
    fn engine(&self) -> wrt::Engine {
        wrt::Engine::new(&wrt::Config::new().strategy(self.0).validation_threads(self.1))
    }
}

pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    let one = NonZeroUsize::MIN;
    vec![Box::new(Wrt(wrt::Strategy::Stackless, one)), Box::new(Wrt(wrt::Strategy::Traditional, one))]
}

/// The same, and one that validates on two threads.
pub(crate) fn loading() -> Vec<Box<dyn Engine>> {
    let mut all = engines();
    all.push(Box::new(Wrt(wrt::Strategy::Stackless, TWO)));
    all
}

struct Export<T> {
    store: wrt::Store<T>,
    function: wrt::Func,
}

/// A linker with a function for each that the module imports, which fails.
fn failing_imports(engine: &wrt::Engine, module: &wrt::Module) -> Result<wrt::Linker<()>, wrt::Error> {
    let mut linker = wrt::Linker::new(engine);
    for import in module.imports() {
        if let wrt::ExternType::Func(ty) = import.ty {
            let fail =
                |_: wrt::Caller<'_, ()>, _: &[wrt::Val], _: &mut [wrt::Val]| Err(wrt::Error::host(std::fmt::Error));
            linker.func_new(import.module, import.name, ty, fail)?;
        }
    }
    Ok(linker)
}

impl Engine for Wrt {
    fn name(&self) -> &'static str {
        match self.0 {
            wrt::Strategy::Stackless if self.is_threaded() => "wrt, 2 threads",
            wrt::Strategy::Stackless => "wrt",
            _ => "wrt-traditional",
        }
    }

    fn may_be_absent(&self) -> bool {
        false
    }

    fn is_threaded(&self) -> bool {
        self.1 > NonZeroUsize::MIN
    }

    fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String> {
        let load = || {
            let engine = self.engine();
            let module = wrt::Module::new(&engine, wasm)?;
            let mut store = wrt::Store::new(&engine, ());
            let instance = failing_imports(&engine, &module)?.instantiate(&mut store, &module)?;
            let function = instance.func(&store, export)?;
            Ok(Export { store, function })
        };
        load().map(|loaded| Box::new(loaded) as Box<dyn Loaded>).map_err(|error: wrt::Error| error.to_string())
    }

    fn calls(&self, wasm: &[u8]) -> Option<Result<Box<dyn Calls>, String>> {
        let load = || {
            let engine = self.engine();
            let module = wrt::Module::new(&engine, wasm)?;
            let mut store = wrt::Store::new(&engine, ());
            let mut linker = wrt::Linker::new(&engine);
            linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
            let instance = linker.instantiate(&mut store, &module)?;
            let add = instance.get_typed_func(&store, "add")?;
            let host = instance.get_typed_func(&store, "host")?;
            Ok(Both { store, add, host })
        };
        Some(load().map(|both| Box::new(both) as Box<dyn Calls>).map_err(|error: wrt::Error| error.to_string()))
    }

    fn wasi(&self, wasm: &Arc<[u8]>, export: &str) -> Option<Result<Box<dyn Loaded>, String>> {
        let load = || {
            let engine = self.engine();
            let module = wrt::Module::new(&engine, wasm)?;
            let mut builder = WasiP1::builder();
            builder.platform(host::HostPlatform).stdout(host::stdout().map_err(wrt::Error::host)?);
            let mut store = wrt::Store::new(&engine, builder.build().map_err(wrt::Error::host)?);
            let mut linker = wrt::Linker::new(&engine);
            preview1::add_to_linker(&mut linker, |wasi| wasi)?;
            let instance = linker.instantiate(&mut store, &module)?;
            let function = instance.func(&store, export)?;
            Ok(Export { store, function })
        };
        Some(load().map(|loaded| Box::new(loaded) as Box<dyn Loaded>).map_err(|error: wrt::Error| error.to_string()))
    }

    fn command(&self, wasm: &Arc<[u8]>, command: &Start) -> Option<Result<Box<dyn Loaded>, String>> {
        let load = || {
            let engine = self.engine();
            let module = wrt::Module::new(&engine, wasm)?;
            let output = Output::new(1 << 26);
            let mut builder = WasiP1::builder();
            builder.platform(host::HostPlatform).stdin(Input::new(Arc::clone(&command.input))).stdout(output.clone());
            for argument in &command.arguments {
                builder.arg(argument).map_err(wrt::Error::host)?;
            }
            let mut store = wrt::Store::new(&engine, builder.build().map_err(wrt::Error::host)?);
            let mut linker = wrt::Linker::new(&engine);
            preview1::add_to_linker(&mut linker, |wasi| wasi)?;
            let instance = linker.instantiate(&mut store, &module)?;
            let function = instance.func(&store, "_start")?;
            Ok(Run(Export { store, function }, output))
        };
        Some(load().map(|run| Box::new(run) as Box<dyn Loaded>).map_err(|error: wrt::Error| error.to_string()))
    }
}

/// A command, and where its output is kept.
struct Run(Export<WasiP1>, Arc<Output>);

impl Loaded for Run {
    fn call(&mut self, _: &[i32]) -> Result<u64, String> {
        match self.0.function.call(&mut self.0.store, &[], &mut []) {
            Err(error) if error.downcast_ref::<Exit>().is_none_or(|exit| exit.0 != 0) => Err(error.to_string()),
            _ => Ok(sum(&self.1.contents())),
        }
    }
}

impl<T> Loaded for Export<T> {
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

struct Both {
    store: wrt::Store<()>,
    add: wrt::TypedFunc<(i32, i32), i32>,
    host: wrt::TypedFunc<i32, i32>,
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
