//! wasmi's side.

use super::caught;
use super::wrt::LIMITS;
use crate::value::{End, Fault, Value, answer, number};
use std::sync::LazyLock;
use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{
    Config, Engine, Error, Extern, ExternRef, ExternType, F32, F64, Func, Global, Instance, Memory, Module, Nullable,
    Ref, RefType, Store, StoreLimits, StoreLimitsBuilder, Table, TrapCode, V128, Val, ValType,
};

/// How what ends by its panic is told.
const PANIC: End = End::Bound("panic of the other");

/// wasmi prices by its own schedule: more than enough for what WRT's fuel allows.
const FUEL: u64 = 20 * crate::peers::wrt::FUEL;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::default();
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true);
    config.consume_fuel(true).set_max_recursion_depth(super::FRAMES as usize);
    Engine::new(&config)
});

/// Whether it takes a module.
pub fn is_valid(wasm: &[u8]) -> bool {
    Module::new(&ENGINE, wasm).is_ok()
}

/// WRT's limits on what grows.
fn limits() -> StoreLimits {
    let bytes = usize::try_from(LIMITS.max_memory_bytes).unwrap_or(usize::MAX);
    StoreLimitsBuilder::new().memory_size(bytes).table_elements(LIMITS.max_table_elements as usize).build()
}

/// An instance in a store of its own.
#[derive(Debug)]
pub struct Guest {
    store: Store<StoreLimits>,
    instance: Instance,
}

impl Guest {
    /// Instantiates a module with stand-ins for what it imports.
    pub fn new(wasm: &[u8]) -> Result<Self, End> {
        caught(|| Self::instantiate(wasm)).ok_or(PANIC)?.map_err(|error| end(&error))
    }

    fn instantiate(wasm: &[u8]) -> Result<Self, Error> {
        let module = Module::new(&ENGINE, wasm)?;
        let mut store = Store::new(&ENGINE, limits());
        store.limiter(|limits| limits);
        store.set_fuel(FUEL)?;
        let imports: Result<Vec<Extern>, Error> = module
            .imports()
            .map(|import| stand_in(&mut store, number(import.module(), import.name()), import.ty()))
            .collect();
        let instance = Instance::new(&mut store, &module, &imports?)?;
        Ok(Self { store, instance })
    }

    /// Calls an export.
    pub fn call(&mut self, name: &str, args: &[Value]) -> End {
        let Some(func) = self.instance.get_func(&self.store, name) else { return End::Bound("no function") };
        let args: Vec<Val> = args.iter().map(|arg| to_val(&mut self.store, *arg)).collect();
        let mut results: Vec<Val> = func.ty(&self.store).results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
        let store = &mut self.store;
        let called = caught(|| store.set_fuel(FUEL).and_then(|()| func.call(&mut *store, &args, &mut results)));
        let Some(called) = called else { return PANIC };
        match called {
            Ok(()) => End::Values(results.iter().map(|value| from_val(&self.store, value)).collect()),
            Err(error) => end(&error),
        }
    }

    /// The value of an exported global.
    pub fn global(&self, name: &str) -> Option<Value> {
        let value = self.instance.get_global(&self.store, name)?.get(&self.store);
        Some(from_val(&self.store, &value))
    }

    /// The bytes of an exported memory.
    pub fn memory(&self, name: &str) -> Option<&[u8]> {
        Some(self.instance.get_memory(&self.store, name)?.data(&self.store))
    }

    /// The elements of an exported table.
    pub fn table(&self, name: &str) -> Option<Vec<Value>> {
        let table = self.instance.get_table(&self.store, name)?;
        let elements = (0..table.size(&self.store)).filter_map(|index| table.get(&self.store, index));
        Some(
            elements
                .map(|element| match element {
                    Ref::Func(func) => Value::Func(!func.is_null()),
                    Ref::Extern(thing) => from_val(&self.store, &Val::ExternRef(thing)),
                })
                .collect(),
        )
    }
}

fn end(error: &Error) -> End {
    let Some(trap) = error.as_trap_code() else {
        return match error.kind() {
            ErrorKind::Host(_) | ErrorKind::Message(_) => End::Fault(Fault::Host),
            ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) | ErrorKind::Table(_) => {
                End::Fault(Fault::Table)
            }
            ErrorKind::Memory(_) => End::Fault(Fault::Memory),
            _ => panic!("the other runtime refuses: {error}"),
        };
    };
    End::Fault(match trap {
        TrapCode::UnreachableCodeReached => Fault::Unreachable,
        TrapCode::MemoryOutOfBounds => Fault::Memory,
        TrapCode::TableOutOfBounds => Fault::Table,
        TrapCode::IndirectCallToNull => Fault::Null,
        TrapCode::IntegerDivisionByZero => Fault::Zero,
        TrapCode::IntegerOverflow => Fault::Overflow,
        TrapCode::BadConversionToInteger => Fault::Conversion,
        TrapCode::BadSignature => Fault::Signature,
        TrapCode::StackOverflow => return End::Bound("stack of the other"),
        TrapCode::OutOfFuel => return End::Bound("fuel of the other"),
        TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory => return End::Bound("limit of the other"),
    })
}

fn to_val(store: &mut Store<StoreLimits>, value: Value) -> Val {
    match value {
        Value::Extern(Some(number)) => Val::ExternRef(Nullable::Val(ExternRef::new(store, number))),
        value => number_or_null(value),
    }
}

/// A value without a store: references are null.
fn number_or_null(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(F32::from_bits(bits)),
        Value::F64(bits) => Val::F64(F64::from_bits(bits)),
        Value::V128(bits) => Val::V128(V128::from(bits)),
        Value::Extern(_) => Val::ExternRef(Nullable::Null),
        Value::Func(_) | Value::Null(_) => Val::FuncRef(Nullable::Null),
    }
}

fn from_val(store: &Store<StoreLimits>, value: &Val) -> Value {
    match value {
        Val::ExternRef(Nullable::Val(thing)) => {
            Value::Extern(Some(*thing.data(store).downcast_ref::<u32>().expect(super::HOST_THINGS)))
        }
        value => plain(value),
    }
}

fn plain(value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::F32(value.to_bits()),
        Val::F64(value) => Value::F64(value.to_bits()),
        Val::V128(value) => Value::V128(value.as_u128()),
        Val::FuncRef(func) => Value::Func(!func.is_null()),
        Val::ExternRef(thing) => Value::Extern(thing.val().map(|_| 0)),
    }
}

fn own_type(ty: ValType) -> wrt::ValType {
    match ty {
        ValType::I32 => wrt::ValType::I32,
        ValType::I64 => wrt::ValType::I64,
        ValType::F32 => wrt::ValType::F32,
        ValType::F64 => wrt::ValType::F64,
        ValType::V128 => wrt::ValType::V128,
        ValType::FuncRef => wrt::ValType::FUNCREF,
        ValType::ExternRef => wrt::ValType::EXTERNREF,
    }
}

fn stand_in(store: &mut Store<StoreLimits>, number: u64, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => {
            let types: Vec<wrt::ValType> = ty.results().iter().map(|ty| own_type(*ty)).collect();
            Extern::Func(Func::new(store, ty.clone(), move |_, args, results| {
                let args: Vec<Value> = args.iter().map(plain).collect();
                let values = answer(number, &args, &types).ok_or_else(|| Error::new("the host fails"))?;
                for (result, value) in results.iter_mut().zip(values) {
                    *result = number_or_null(value);
                }
                Ok(())
            }))
        }
        ExternType::Table(ty) => {
            let null = match ty.element() {
                RefType::Func => Ref::Func(Nullable::Null),
                RefType::Extern => Ref::Extern(Nullable::Null),
            };
            Extern::Table(Table::new(store, *ty, null)?)
        }
        ExternType::Memory(ty) => Extern::Memory(Memory::new(store, *ty)?),
        ExternType::Global(ty) => {
            let values = answer(number, &[], &[own_type(ty.content())]);
            let value = values.and_then(|values| values.first().copied());
            let value = value.map_or_else(|| Val::default_for_ty(ty.content()), |value| to_val(store, value));
            Extern::Global(Global::new(store, value, ty.mutability()))
        }
    })
}
