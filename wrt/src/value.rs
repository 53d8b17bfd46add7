//! Values at the border between host and guest (core 4.2.1).

use crate::error::{Error, UsageError};
use crate::externs::ExternRef;
use crate::func::Func;
use crate::store::{Core, StoreId};
use crate::types::{DefinedType, HeapType, RefType, ValType};
use wrt_runtime::storage::Storage;
use wrt_runtime::table::{NULL, Ref};

/// A value of the guest. Floats are bits, so that every NaN passes unchanged.
///
/// Vectors do not pass the border yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Val {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A `funcref`.
    FuncRef(Option<Func>),
    /// An `externref`.
    ExternRef(Option<ExternRef>),
    /// An `anyref`: only null, until there is garbage collection.
    AnyRef(Option<AnyRef>),
    /// An `exnref`: only null, until there are exceptions.
    ExnRef(Option<ExnRef>),
}

/// An internal value that is referred to. There is none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyRef {}

/// An exception that is referred to. There is none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExnRef {}

impl Val {
    /// Its type; of a reference, the type of all of its kind.
    pub const fn ty(&self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::FuncRef(_) => ValType::FUNCREF,
            Self::ExternRef(_) => ValType::EXTERNREF,
            Self::AnyRef(_) => ValType::Ref(RefType::ANYREF),
            Self::ExnRef(_) => ValType::Ref(RefType::EXNREF),
        }
    }

    /// Zero or null of a type; `None` for vectors, and for references that are never null.
    pub const fn default_for(ty: ValType) -> Option<Self> {
        match ty {
            ValType::I32 => Some(Self::I32(0)),
            ValType::I64 => Some(Self::I64(0)),
            ValType::F32 => Some(Self::F32(0)),
            ValType::F64 => Some(Self::F64(0)),
            ValType::Ref(ty) if ty.is_nullable() => Some(Self::null(ty.heap_type())),
            ValType::Ref(_) | ValType::V128 => None,
        }
    }

    /// The null reference of a heap type.
    pub const fn null(heap: HeapType) -> Self {
        match heap.top() {
            HeapType::Func => Self::FuncRef(None),
            HeapType::Extern => Self::ExternRef(None),
            HeapType::Exn => Self::ExnRef(None),
            _ => Self::AnyRef(None),
        }
    }

    /// What stands in the place of a value of this type before there is one; `None` for vectors.
    pub(crate) const fn placeholder(ty: ValType) -> Option<Self> {
        match ty {
            ValType::Ref(ty) => Some(Self::null(ty.heap_type())),
            _ => Self::default_for(ty),
        }
    }

    /// Whether it is a null reference.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::FuncRef(None) | Self::ExternRef(None) | Self::AnyRef(None) | Self::ExnRef(None))
    }

    /// Whether it is a value of type `ty` in a store (core 4.2.18, "typing of runtime values").
    // @need-ids: REQ_TYPES_004
    pub(crate) fn fits(&self, ty: ValType, core: &Core) -> bool {
        let ValType::Ref(wanted) = ty else { return self.ty() == ty };
        let heap = match self {
            _ if self.ty() != ValType::Ref(RefType::new(true, wanted.heap_type().top())) => return false,
            _ if self.is_null() => return wanted.is_nullable(),
            Self::FuncRef(Some(func)) => {
                let number = func.0.addr(core.id).ok().and_then(|addr| core.storage.func(addr)).map(|func| func.ty);
                let Some(number) = number else { return false };
                HeapType::ConcreteFunc(DefinedType(core.id.handle(number)))
            }
            _ => HeapType::Extern,
        };
        ValType::Ref(RefType::new(false, heap)).matches(ty, core.scope())
    }

    /// The slot for it where a value of type `ty` belongs, which is the one at `position`, counted from 1.
    ///
    /// # Errors
    /// [`UsageError::Type`] for a value that is none of that type; [`UsageError::ForeignHandle`].
    pub(crate) fn checked_slot(self, ty: ValType, position: Option<usize>, core: &Core) -> Result<u64, Error> {
        let slot = self.to_slot(core.id)?;
        if self.fits(ty, core) {
            return Ok(slot);
        }
        Err(UsageError::Type { position, expected: ty, found: self.ty() }.into())
    }

    /// The value of an `i32`.
    pub const fn i32(&self) -> Option<i32> {
        if let Self::I32(value) = self { Some(*value) } else { None }
    }
    /// The value of an `i64`.
    pub const fn i64(&self) -> Option<i64> {
        if let Self::I64(value) = self { Some(*value) } else { None }
    }
    /// The value of an `f32`.
    pub const fn f32(&self) -> Option<f32> {
        if let Self::F32(bits) = self { Some(f32::from_bits(*bits)) } else { None }
    }
    /// The value of an `f64`.
    pub const fn f64(&self) -> Option<f64> {
        if let Self::F64(bits) = self { Some(f64::from_bits(*bits)) } else { None }
    }

    /// The slot that holds it in the store `id`.
    pub(crate) fn to_slot(self, id: StoreId) -> Result<u64, Error> {
        Ok(match self {
            Self::I32(value) => u64::from(value as u32),
            Self::I64(value) => value as u64,
            Self::F32(bits) => u64::from(bits),
            Self::F64(bits) => bits,
            Self::FuncRef(func) => u64::from(reference(func.map(|func| func.0.addr(id)))?),
            Self::ExternRef(value) => u64::from(reference(value.map(|value| value.0.addr(id)))?),
            Self::AnyRef(None) | Self::ExnRef(None) => u64::from(NULL),
            Self::AnyRef(Some(value)) => match value {},
            Self::ExnRef(Some(value)) => match value {},
        })
    }

    /// The value of type `ty` in a slot of the store `id`; `None` for vectors.
    pub(crate) fn from_slot(ty: ValType, slot: u64, id: StoreId) -> Option<Self> {
        Some(match ty {
            ValType::I32 => Self::I32(slot as i32),
            ValType::I64 => Self::I64(slot as i64),
            ValType::F32 => Self::F32(slot as u32),
            ValType::F64 => Self::F64(slot),
            ValType::Ref(ty) => match ty.heap_type().top() {
                HeapType::Func => Self::FuncRef(address(slot as Ref).map(|addr| Func(id.handle(addr)))),
                HeapType::Extern => Self::ExternRef(address(slot as Ref).map(|addr| ExternRef(id.handle(addr)))),
                HeapType::Exn => Self::ExnRef(None),
                _ => Self::AnyRef(None),
            },
            ValType::V128 => return None,
        })
    }
}

/// The reference that stands for an address.
fn reference(addr: Option<Result<u32, UsageError>>) -> Result<Ref, Error> {
    match addr {
        None => Ok(NULL),
        Some(addr) => addr?.checked_add(1).ok_or_else(|| Error::internal("address without a reference")),
    }
}

/// The address that a reference stands for; `None` for null.
fn address(reference: Ref) -> Option<u32> {
    reference.checked_sub(1)
}

macro_rules! from {
    ($($ty:ty => $value:ident $make:expr;)*) => { $(
        impl From<$ty> for Val {
            fn from($value: $ty) -> Self {
                $make
            }
        }
    )* };
}
from! {
    i32 => value Self::I32(value);
    u32 => value Self::I32(value as i32);
    i64 => value Self::I64(value);
    u64 => value Self::I64(value as i64);
    f32 => value Self::F32(value.to_bits());
    f64 => value Self::F64(value.to_bits());
    Func => value Self::FuncRef(Some(value));
    Option<Func> => value Self::FuncRef(value);
    ExternRef => value Self::ExternRef(Some(value));
    Option<ExternRef> => value Self::ExternRef(value);
}

/// The most parameters or results that a typed function has.
pub(crate) const TYPED_MAX: usize = 8;

/// The slots of a typed function's parameters or results.
pub(crate) type Slots = [u64; TYPED_MAX];

pub(crate) mod private {
    /// Keeps others from implementing the traits of typed functions, whose methods take what only this crate knows.
    pub trait Sealed {}
}

/// A type of the host that is one value of the guest: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `Option<Func>`,
/// `Option<ExternRef>`, and `Func` for a function that is never null.
pub trait WasmTy: private::Sealed + Copy + Send + Sync + 'static {
    /// The guest's type.
    const TYPE: ValType;
    #[doc(hidden)]
    fn into_slot(self, id: StoreId) -> Result<u64, Error>;
    #[doc(hidden)]
    fn of_slot(slot: u64, id: StoreId) -> Self;
}

macro_rules! wasm_ty {
    ($($ty:ty, $wasm:ident, $value:ident => $into:expr, $slot:ident => $of:expr;)*) => { $(
        impl private::Sealed for $ty {}
        impl WasmTy for $ty {
            const TYPE: ValType = ValType::$wasm;
            #[inline]
            fn into_slot(self, _: StoreId) -> Result<u64, Error> {
                let $value = self;
                Ok($into)
            }
            #[inline]
            fn of_slot($slot: u64, _: StoreId) -> Self {
                $of
            }
        }
    )* };
}
wasm_ty! {
    i32, I32, value => u64::from(value as u32), slot => slot as Self;
    u32, I32, value => u64::from(value), slot => slot as Self;
    i64, I64, value => value as u64, slot => slot as Self;
    u64, I64, value => value, slot => slot;
    f32, F32, value => u64::from(value.to_bits()), slot => Self::from_bits(slot as u32);
    f64, F64, value => value.to_bits(), slot => Self::from_bits(slot);
}

impl private::Sealed for Option<Func> {}
impl WasmTy for Option<Func> {
    const TYPE: ValType = ValType::FUNCREF;
    fn into_slot(self, id: StoreId) -> Result<u64, Error> {
        Val::FuncRef(self).to_slot(id)
    }
    fn of_slot(slot: u64, id: StoreId) -> Self {
        address(slot as Ref).map(|addr| Func(id.handle(addr)))
    }
}

impl private::Sealed for Func {}
impl WasmTy for Func {
    const TYPE: ValType = ValType::Ref(RefType::new(false, HeapType::Func));
    fn into_slot(self, id: StoreId) -> Result<u64, Error> {
        Val::FuncRef(Some(self)).to_slot(id)
    }
    fn of_slot(slot: u64, id: StoreId) -> Self {
        // Never null; a corrupt image's null is a handle to no function.
        Self(id.handle((slot as Ref).wrapping_sub(1)))
    }
}

impl private::Sealed for Option<ExternRef> {}
impl WasmTy for Option<ExternRef> {
    const TYPE: ValType = ValType::EXTERNREF;
    fn into_slot(self, id: StoreId) -> Result<u64, Error> {
        Val::ExternRef(self).to_slot(id)
    }
    fn of_slot(slot: u64, id: StoreId) -> Self {
        address(slot as Ref).map(|addr| ExternRef(id.handle(addr)))
    }
}

/// The parameters or results of a typed function: `()`, one [`WasmTy`], or a tuple of up to 8 of them.
pub trait WasmValues: Sized + Send + Sync + 'static {
    /// Their types.
    const TYPES: &'static [ValType];
    #[doc(hidden)]
    fn into_slots(self, id: StoreId, slots: &mut Slots) -> Result<(), Error>;
    #[doc(hidden)]
    fn of_slots(slots: &Slots, id: StoreId) -> Self;
}

impl<T: WasmTy> WasmValues for T {
    const TYPES: &'static [ValType] = &[T::TYPE];
    fn into_slots(self, id: StoreId, slots: &mut Slots) -> Result<(), Error> {
        slots[0] = self.into_slot(id)?;
        Ok(())
    }
    fn of_slots(slots: &Slots, id: StoreId) -> Self {
        T::of_slot(slots[0], id)
    }
}

macro_rules! tuples {
    ($(($($t:ident $n:literal),*))*) => { $(
        impl<$($t: WasmTy),*> WasmValues for ($($t,)*) {
            const TYPES: &'static [ValType] = &[$($t::TYPE),*];
            #[allow(unused_variables, clippy::unused_unit)]
            fn into_slots(self, id: StoreId, slots: &mut Slots) -> Result<(), Error> {
                #[allow(non_snake_case)]
                let ($($t,)*) = self;
                $(slots[$n] = $t.into_slot(id)?;)*
                Ok(())
            }
            #[allow(unused_variables, clippy::unused_unit)]
            fn of_slots(slots: &Slots, id: StoreId) -> Self {
                ($($t::of_slot(slots[$n], id),)*)
            }
        }
    )* };
}
tuples! {
    ()
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

/// What a typed function takes.
pub trait WasmParams: WasmValues {}
impl<T: WasmValues> WasmParams for T {}

/// What a typed function returns.
pub trait WasmResults: WasmValues {}
impl<T: WasmValues> WasmResults for T {}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_018
    #[test]
    fn narrow_values_leave_the_upper_half_of_a_slot_zero() {
        let id = StoreId::new();
        for (value, slot) in [
            (Val::I32(-1), 0xFFFF_FFFF),
            (Val::I64(-1), u64::MAX),
            (Val::from(-0.0_f32), 0x8000_0000),
            (Val::from(1.5_f64), 1.5_f64.to_bits()),
            (Val::FuncRef(None), 0),
            (Val::ExternRef(Some(ExternRef(id.handle(6)))), 7),
        ] {
            assert_eq!(value.to_slot(id).ok(), Some(slot));
            assert_eq!(Val::from_slot(value.ty(), slot, id), Some(value));
        }
        assert_eq!(Val::from_slot(ValType::V128, 0, id), None);
    }

    // @need-ids: REQ_WASM_002
    #[test]
    fn a_reference_into_another_store_is_refused() {
        let (id, other) = (StoreId::new(), StoreId::new());
        let foreign = Val::FuncRef(Some(Func(other.handle(0))));
        assert!(matches!(foreign.to_slot(id), Err(Error::Usage(error)) if *error == UsageError::ForeignHandle));
    }

    // @need-ids: REQ_018
    #[test]
    fn tuples_pass_through_slots_in_order() {
        let id = StoreId::new();
        let mut slots = [0; TYPED_MAX];
        let values = (-1_i32, 2_u64, 3.5_f64, None::<Func>);
        assert!(values.into_slots(id, &mut slots).is_ok());
        assert_eq!(slots[..4], [0xFFFF_FFFF, 2, 3.5_f64.to_bits(), 0]);
        assert_eq!(<(i32, u64, f64, Option<Func>)>::of_slots(&slots, id), values);
        assert_eq!(<(i32, u64) as WasmValues>::TYPES, [ValType::I32, ValType::I64]);
        assert!(<() as WasmValues>::TYPES.is_empty());
    }
}
