//! The host module `spectest` that the official scripts import from.

use wrt::{
    Error, Extern, FuncType, Global, GlobalType, Linker, Memory, MemoryType, Store, Table, TableType, Val, ValType,
};

/// Defines what `spectest` exports. What is printed goes nowhere.
// @need-ids: REQ_022
pub(super) fn define(store: &mut Store<()>, linker: &mut Linker<()>) -> Result<(), Error> {
    use ValType::{F32, F64, I32, I64};
    const PRINTS: &[(&str, &[ValType])] = &[
        ("print", &[]),
        ("print_i32", &[I32]),
        ("print_i64", &[I64]),
        ("print_f32", &[F32]),
        ("print_f64", &[F64]),
        ("print_i32_f32", &[I32, F32]),
        ("print_f64_f64", &[F64, F64]),
    ];
    for (name, params) in PRINTS {
        let ty = FuncType::new(params.iter().copied(), []);
        linker.func_new("spectest", name, ty, |_caller, _args, _results| Ok(()))?;
    }
    let globals = [
        ("global_i32", I32, Val::I32(666)),
        ("global_i64", I64, Val::I64(666)),
        ("global_f32", F32, Val::F32(666.6_f32.to_bits())),
        ("global_f64", F64, Val::F64(666.6_f64.to_bits())),
    ];
    for (name, ty, value) in globals {
        let global = Global::new(&mut *store, GlobalType::new(ty, false), value)?;
        linker.define("spectest", name, Extern::Global(global))?;
    }
    let tables = [
        ("table", TableType::new(ValType::FUNCREF, 10, Some(20))),
        ("table64", TableType::new64(ValType::FUNCREF, 10, Some(20))),
    ];
    for (name, ty) in tables {
        let table = Table::new(&mut *store, ty, Val::FuncRef(None))?;
        linker.define("spectest", name, Extern::Table(table))?;
    }
    let memory = MemoryType::new(1, Some(2));
    for (name, ty) in [("memory", memory), ("shared_memory", memory.shared())] {
        let memory = Memory::new(&mut *store, ty)?;
        linker.define("spectest", name, Extern::Memory(memory))?;
    }
    Ok(())
}
