//! stitch, an interpreter of threaded code in Rust. It has no fuel, and relies on the compiler to turn last calls into jumps.

use std::sync::Arc;

use makepad_stitch::{Engine as Compiler, ExternType, ExternVal, Func, Linker, Module, Store, Val};

use super::{Engine, Loaded};

struct Stitch;

/// Exports whose code its compiler panics on, which no program that is built to abort survives.
const PANICS: [&str; 1] = ["chained"];

pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Stitch)]
}

struct Export {
    store: Store,
    function: Func,
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Engine for Stitch {
    fn name(&self) -> &'static str {
        "stitch"
    }

    fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String> {
        if PANICS.contains(&export) {
            return Err("its compiler panics".into());
        }
        let engine = Compiler::new();
        let module = Module::new(&engine, wasm).map_err(failed)?;
        // Its host functions cannot fail, so what imports functions is not for it.
        if module.imports().any(|(_, ty)| matches!(ty, ExternType::Func(_))) {
            return Err("it imports functions".into());
        }
        let mut store = Store::new(engine);
        let instance = Linker::new().instantiate(&mut store, &module).map_err(failed)?;
        match instance.exported_val(export) {
            Some(ExternVal::Func(function)) => Ok(Box::new(Export { store, function })),
            _ => Err("no such export".into()),
        }
    }
}

impl Loaded for Export {
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| Val::I32(argument)).collect();
        // It writes a result as the type of what stands there.
        let ty = self.function.type_(&self.store).results().first().copied().ok_or("no result")?;
        let mut results = [Val::default(ty)];
        self.function.call(&mut self.store, &arguments, &mut results).map_err(failed)?;
        Ok(match results[0] {
            Val::I32(value) => u64::from(value.cast_unsigned()),
            Val::I64(value) => value.cast_unsigned(),
            Val::F32(value) => u64::from(value.to_bits()),
            Val::F64(value) => value.to_bits(),
            other => return Err(format!("a result of type {:?}", other.type_())),
        })
    }
}
