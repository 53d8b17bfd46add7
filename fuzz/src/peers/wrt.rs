//! WRT's side.

use crate::value::{End, Fault, Value, answer, number};
use wrt::{
    AsContext, Config, Engine, Error, Extern, ExternRef, ExternType, Func, Global, HeapType, Instance, Limits, Memory,
    Module, ResumableCall, Store, Table, Tag, Trap, Val, ValType, VerificationLevel,
};

/// Limits that a module of a few hundred operators has room in, and that keep an execution below a millisecond.
pub const LIMITS: Limits = Limits {
    max_frames: super::FRAMES,
    max_slots: 20_000,
    max_memory_bytes: 4 << 20,
    max_memories: 8,
    max_table_elements: 10_000,
    max_tables: 100,
    max_functions: 10_000,
    max_globals: 10_000,
    max_module_bytes: 1 << 20,
    max_nested_calls: 16,
    max_names_bytes: 1 << 16,
    ..Limits::DEFAULT
};

/// Fuel of one call.
pub const FUEL: u64 = 20_000;

/// An engine with small limits.
pub fn engine(level: VerificationLevel) -> Engine {
    Engine::new(
        &Config::new().limits(LIMITS).verification(level).wasm_custom_page_sizes(true).wasm_wide_arithmetic(true),
    )
}

/// An instance in a store of its own.
#[derive(Debug)]
pub struct Guest {
    store: Store<()>,
    instance: Instance,
    /// Fuel comes in slices of this size, and the guest pauses between them.
    slice: u64,
}

impl Guest {
    /// Instantiates a module with stand-ins for what it imports.
    pub fn new(module: &Module, slice: u64) -> Result<Self, End> {
        let mut store = Store::new(module.engine(), ());
        let imports = stand_ins(&mut store, module).map_err(|error| end_of_start(&error))?;
        store.set_fuel(FUEL);
        let instance = Instance::new(&mut store, module, &imports).map_err(|error| end_of_start(&error))?;
        Ok(Self { store, instance, slice })
    }

    /// Calls an export, in slices of fuel.
    pub fn call(&mut self, name: &str, args: &[Value]) -> End {
        let store = &mut self.store;
        let Some(func) = self.instance.get_func(&*store, name) else { return End::Bound("no function") };
        let args: Result<Vec<Val>, Error> = args.iter().map(|arg| to_val(store, *arg)).collect();
        let ty = func.ty(&*store);
        let Ok(args) = args else { return End::Bound("limit") };
        let mut results = vec![Val::I32(0); ty.results().len()];
        store.set_fuel(self.slice);
        let mut call = func.call_resumable(&mut *store, &args, &mut results);
        while let Ok(ResumableCall::OutOfFuel(paused)) = call {
            if store.fuel_consumed() > FUEL {
                return End::Bound("fuel");
            }
            store.add_fuel(self.slice.max(paused.needed()));
            call = paused.resume(&mut *store, &mut results);
        }
        match call {
            Ok(ResumableCall::Finished) => End::Values(results.iter().map(|value| from_val(store, *value)).collect()),
            Ok(ResumableCall::Waiting(_)) => End::Bound("agents"),
            Ok(ResumableCall::HostTrap(_)) => End::Fault(Fault::Host),
            Ok(ResumableCall::OutOfFuel(_)) => End::Bound("fuel"),
            Err(error) => end(&error),
        }
    }

    /// The value of an exported global.
    pub fn global(&self, name: &str) -> Option<Value> {
        let value = self.instance.get_global(&self.store, name)?.get(&self.store);
        Some(from_val(&self.store, value))
    }

    /// The bytes of an exported memory.
    pub fn memory(&self, name: &str) -> Option<&[u8]> {
        Some(self.instance.get_memory(&self.store, name)?.data(&self.store))
    }

    /// The elements of an exported table.
    pub fn table(&self, name: &str) -> Option<Vec<Value>> {
        let table = self.instance.get_table(&self.store, name)?;
        let elements = (0..table.size(&self.store)).filter_map(|index| table.get(&self.store, index));
        Some(elements.map(|value| from_val(&self.store, value)).collect())
    }
}

/// The end of a module that imports what is of a type of its own: one in a group, below another, or that names such a type. A
/// stand-in's type is by itself.
pub const NO_STAND_IN: End = End::Bound("no stand-in");

fn end_of_start(error: &Error) -> End {
    match error {
        Error::Link(_) | Error::Usage(_) => NO_STAND_IN,
        error => end(error),
    }
}

/// How a call or an instantiation ended that failed.
///
/// # Panics
/// For an error that no guest can cause.
pub fn end(error: &Error) -> End {
    let Some(trap) = error.trap() else {
        return match error {
            Error::Limit(_) => End::Bound("limit"),
            Error::Module(_) => End::Bound("unsupported"),
            Error::Host(_) => End::Fault(Fault::Host),
            _ => panic!("no guest can cause this: {error}"),
        };
    };
    End::Fault(match trap.trap() {
        Trap::Unreachable => Fault::Unreachable,
        Trap::MemoryOutOfBounds | Trap::UnalignedAtomic => Fault::Memory,
        Trap::TableOutOfBounds | Trap::UndefinedElement | Trap::ArrayOutOfBounds => Fault::Table,
        Trap::IndirectCallToNull
        | Trap::NullReference
        | Trap::NullFunctionReference
        | Trap::NullStructReference
        | Trap::NullArrayReference
        | Trap::NullI31Reference
        | Trap::NullExceptionReference => Fault::Null,
        Trap::IndirectCallTypeMismatch | Trap::ExpectedSharedMemory | Trap::CastFailure => Fault::Signature,
        Trap::IntegerDivideByZero => Fault::Zero,
        Trap::IntegerOverflow => Fault::Overflow,
        Trap::InvalidConversionToInteger => Fault::Conversion,
        Trap::UncaughtException => Fault::Exception,
        Trap::HostFunctionFailed => Fault::Host,
        Trap::CallStackExhausted => return End::Bound("stack"),
        Trap::FuelExhausted => return End::Bound("fuel"),
        Trap::Deadlock => return End::Bound("agents"),
        Trap::HeapExhausted => return End::Bound("heap"),
        trap @ Trap::CorruptCode => panic!("lowered code is {trap:?}"),
    })
}

/// In place of a host's thing: an internal value.
const INTERNAL: u32 = u32::MAX;

pub(crate) fn to_val(store: &mut Store<()>, value: Value) -> Result<Val, Error> {
    Ok(match value {
        Value::Extern(Some(number)) => Val::ExternRef(Some(ExternRef::new(store, number)?)),
        value => number_or_null(value),
    })
}

/// A value without a store: references are null.
pub(crate) fn number_or_null(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(bits),
        Value::Func(_) => Val::FuncRef(None),
        Value::Extern(_) => Val::ExternRef(None),
        Value::Null(heap) => Val::null(heap),
    }
}

pub(crate) fn from_val(store: &impl AsContext<Data = ()>, value: Val) -> Value {
    match value {
        Val::ExternRef(thing) => {
            // An internal value that was converted is no thing of the host's.
            Value::Extern(
                thing.map(|thing| thing.downcast::<u32>(store.as_context()).map_or(INTERNAL, |number| *number)),
            )
        }
        value => plain(value),
    }
}

/// What a host function gets and gives is no more than a number or null.
fn plain(value: Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(value),
        Val::I64(value) => Value::I64(value),
        Val::F32(bits) => Value::F32(bits),
        Val::F64(bits) => Value::F64(bits),
        Val::V128(bits) => Value::V128(bits),
        Val::FuncRef(func) => Value::Func(func.is_some()),
        Val::ExternRef(thing) => Value::Extern(thing.map(|_| 0)),
        Val::AnyRef(_) => Value::Null(HeapType::Any),
        Val::ExnRef(_) => Value::Null(HeapType::Exn),
    }
}

/// What a stand-in for the import with a number answers.
pub(crate) fn answered(number: u64, args: &[Val], types: &[ValType]) -> Result<Vec<Val>, Error> {
    let args: Vec<Value> = args.iter().map(|arg| plain(*arg)).collect();
    let values = answer(number, &args, types).ok_or_else(|| Error::message("the host fails"))?;
    Ok(values.into_iter().map(number_or_null).collect())
}

fn stand_ins(store: &mut Store<()>, module: &Module) -> Result<Vec<Extern>, Error> {
    module.imports().map(|import| stand_in(store, number(import.module, import.name), import.ty)).collect()
}

pub(crate) fn stand_in(store: &mut Store<()>, number: u64, ty: ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => {
            let types: Vec<ValType> = ty.results().to_vec();
            Extern::Func(Func::new(store, ty, move |_, args, results| {
                for (result, value) in results.iter_mut().zip(answered(number, args, &types)?) {
                    *result = value;
                }
                Ok(())
            })?)
        }
        ExternType::Table(ty) => {
            let null = Val::default_for(ty.element()).ok_or_else(no_value)?;
            Extern::Table(Table::new(store, ty, null)?)
        }
        ExternType::Memory(ty) => Extern::Memory(Memory::new(store, ty)?),
        ExternType::Global(ty) => {
            let value = answer(number, &[], &[ty.content()]).and_then(|values| values.first().copied());
            let zero = Val::default_for(ty.content());
            let value = value.map(number_or_null).or(zero).ok_or_else(no_value)?;
            Extern::Global(Global::new(store, ty, value)?)
        }
        ExternType::Tag(ty) => Extern::Tag(Tag::new(store, &ty)?),
    })
}

/// A host has no value of some types of references that are never null.
fn no_value() -> Error {
    Error::message("no value of this type")
}
