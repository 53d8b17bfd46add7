//! Values at the border between host and guest (core 4.2.1).

// @need-ids: REQ_TYPES_004, REQ_WASM_002

use crate::detached::put_number;
use crate::error::{Error, UsageError};
use crate::externs::ExternRef;
use crate::func::Func;
use crate::held::{AnyRef, ExnRef, Rooted, heap_type};
use crate::store::Core;
use crate::types::{DefinedType, HeapType, RefType, ValType};
use alloc::vec::Vec;
use core::cell::Cell;
use wrt_runtime::storage::Storage;
use wrt_runtime::table::{NULL, Ref};

/// A value of the guest. Floats are bits, so that every NaN passes unchanged.
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
    /// A `v128`; lane 0 is in the lowest bits.
    V128(u128),
    /// A `funcref`.
    FuncRef(Option<Func>),
    /// An `externref`.
    ExternRef(Option<ExternRef>),
    /// An `anyref`: a structure, an array, an integer of 31 bits, or a value of the host that became an internal one.
    AnyRef(Option<AnyRef>),
    /// An `exnref`.
    ExnRef(Option<ExnRef>),
}

impl Val {
    /// Its type; of a reference, the type of all of its kind.
    pub const fn ty(&self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
            Self::FuncRef(_) => ValType::FUNCREF,
            Self::ExternRef(_) => ValType::EXTERNREF,
            Self::AnyRef(_) => ValType::Ref(RefType::ANYREF),
            Self::ExnRef(_) => ValType::Ref(RefType::EXNREF),
        }
    }

    /// Zero or null of a type; `None` for references that are never null.
    pub const fn default_for(ty: ValType) -> Option<Self> {
        match ty {
            ValType::Ref(ty) if !ty.is_nullable() => None,
            _ => Some(Self::placeholder(ty)),
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

    /// What stands in the place of a value of this type before there is one.
    pub(crate) const fn placeholder(ty: ValType) -> Self {
        match ty {
            ValType::Ref(ty) => Self::null(ty.heap_type()),
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(0),
            ValType::F64 => Self::F64(0),
            ValType::V128 => Self::V128(0),
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
            Self::AnyRef(Some(object)) => match object.0.get(core) {
                Ok(reference) => heap_type(core, reference),
                Err(_) => return false,
            },
            Self::ExnRef(Some(_)) => HeapType::Exn,
            _ => HeapType::Extern,
        };
        ValType::Ref(RefType::new(false, heap)).matches(ty, core.scope())
    }

    /// The slots for it where a value of type `ty` belongs, which is the one at `position`, counted from 1.
    ///
    /// # Errors
    /// [`UsageError::Type`] for a value that is none of that type; [`UsageError::ForeignHandle`].
    pub(crate) fn checked_slots(self, ty: ValType, position: Option<usize>, core: &Core) -> Result<[u64; 2], Error> {
        let slots = self.to_slots(core)?;
        if self.fits(ty, core) {
            return Ok(slots);
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

    /// The value of a `v128`.
    pub const fn v128(&self) -> Option<u128> {
        if let Self::V128(value) = self { Some(*value) } else { None }
    }

    /// The slots that hold it in a store: for all but a `v128` only the first counts.
    pub(crate) fn to_slots(self, core: &Core) -> Result<[u64; 2], Error> {
        if let Self::V128(value) = self { Ok(halves(value)) } else { Ok([self.to_slot(core)?, 0]) }
    }

    /// The first slot that holds it in a store.
    pub(crate) fn to_slot(self, core: &Core) -> Result<u64, Error> {
        Ok(match self {
            Self::V128(value) => value as u64,
            Self::I32(value) => u64::from(value as u32),
            Self::I64(value) => value as u64,
            Self::F32(bits) => u64::from(bits),
            Self::F64(bits) => bits,
            Self::FuncRef(func) => u64::from(reference(func.map(|func| func.0.addr(core.id)))?),
            Self::ExternRef(value) => rooted(value.map(|value| value.0), core)?,
            Self::AnyRef(value) => rooted(value.map(|value| value.0), core)?,
            Self::ExnRef(value) => rooted(value.map(|value| value.0), core)?,
        })
    }

    /// The value of type `ty` in slots of a store: in the first, but for a `v128`. The host holds it from here on.
    pub(crate) fn from_slots(ty: ValType, [slot, high]: [u64; 2], core: &Core) -> Self {
        let held = |slot: u64| (slot as Ref != NULL).then(|| Rooted::new(core, slot as Ref));
        match ty {
            ValType::I32 => Self::I32(slot as i32),
            ValType::I64 => Self::I64(slot as i64),
            ValType::F32 => Self::F32(slot as u32),
            ValType::F64 => Self::F64(slot),
            ValType::Ref(ty) => match ty.heap_type().top() {
                HeapType::Func => Self::FuncRef(address(slot as Ref).map(|addr| Func(core.id.handle(addr)))),
                HeapType::Extern => Self::ExternRef(held(slot).map(ExternRef)),
                HeapType::Exn => Self::ExnRef(held(slot).map(ExnRef)),
                _ => Self::AnyRef(held(slot).map(AnyRef)),
            },
            ValType::V128 => Self::V128(u128::from(slot) | u128::from(high) << 64),
        }
    }
}

/// The slots of a `v128`.
pub(crate) const fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// The slots of values, one after the other.
pub(crate) fn slots_of(values: &[Val], core: &Core) -> Result<Vec<u64>, Error> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let slots = value.to_slots(core)?;
        all.extend(slots.into_iter().take(value.ty().slots() as usize));
    }
    Ok(all)
}

/// The values of these types that stand in slots one after the other.
pub(crate) fn values_of(types: &[ValType], slots: &[u64], core: &Core) -> impl Iterator<Item = Val> {
    let mut rest = slots.iter().copied();
    types.iter().map(move |ty| {
        let low = rest.next().unwrap_or(0);
        let high = if *ty == ValType::V128 { rest.next().unwrap_or(0) } else { 0 };
        Val::from_slots(*ty, [low, high], core)
    })
}

/// The reference that stands for an address.
fn reference(addr: Option<Result<u32, UsageError>>) -> Result<Ref, Error> {
    match addr {
        None => Ok(NULL),
        Some(addr) => addr?.checked_add(1).ok_or_else(|| Error::internal("address without a reference")),
    }
}

/// The slot of a reference that the host holds.
fn rooted(value: Option<Rooted>, core: &Core) -> Result<u64, Error> {
    Ok(value.map_or(Ok(NULL), |value| value.get(core))?.into())
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
    u128 => value Self::V128(value);
    Func => value Self::FuncRef(Some(value));
    Option<Func> => value Self::FuncRef(value);
    ExternRef => value Self::ExternRef(Some(value));
    Option<ExternRef> => value Self::ExternRef(value);
}

/// The most parameters or results that a typed function has.
pub(crate) const TYPED_MAX: usize = 8;

/// The most slots of a typed function's parameters or results: a `v128` takes two.
pub(crate) const TYPED_SLOTS: usize = 2 * TYPED_MAX;

pub(crate) mod private {
    /// Keeps others from implementing the traits of typed functions, whose methods take what only this crate knows.
    pub trait Sealed {}
}

/// A type of the host that is one value of the guest: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `u128` for a `v128`,
/// `Option<Func>`, `Option<ExternRef>`, `Option<AnyRef>`, `Option<ExnRef>`, and `Func` for a function that is never null.
pub trait WasmTy: private::Sealed + Copy + Send + Sync + 'static {
    /// The guest's type.
    const TYPE: ValType;
    /// How many slots a value takes.
    #[doc(hidden)]
    const SLOTS: usize = 1;
    #[doc(hidden)]
    fn into_slot(self, core: &Core) -> Result<[u64; 2], Error>;
    #[doc(hidden)]
    fn of_slot(slots: [u64; 2], core: &Core) -> Self;
    /// The same without a store: `None` for a reference.
    #[doc(hidden)]
    fn into_number(self) -> Option<[u64; 2]> {
        None
    }
    #[doc(hidden)]
    fn of_number(_slots: [u64; 2]) -> Option<Self> {
        None
    }
}

macro_rules! wasm_ty {
    ($($ty:ty, $wasm:ident, $value:ident => $into:expr, $slot:ident => $of:expr;)*) => { $(
        impl private::Sealed for $ty {}
        impl WasmTy for $ty {
            const TYPE: ValType = ValType::$wasm;
            #[inline]
            fn into_slot(self, _: &Core) -> Result<[u64; 2], Error> {
                let $value = self;
                Ok([$into, 0])
            }
            #[inline]
            fn of_slot([$slot, _]: [u64; 2], _: &Core) -> Self {
                $of
            }
            #[inline]
            fn into_number(self) -> Option<[u64; 2]> {
                let $value = self;
                Some([$into, 0])
            }
            #[inline]
            fn of_number([$slot, _]: [u64; 2]) -> Option<Self> {
                Some($of)
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

impl private::Sealed for u128 {}
impl WasmTy for u128 {
    const TYPE: ValType = ValType::V128;
    const SLOTS: usize = 2;
    #[inline]
    fn into_slot(self, _: &Core) -> Result<[u64; 2], Error> {
        Ok(halves(self))
    }
    #[inline]
    fn of_slot([low, high]: [u64; 2], _: &Core) -> Self {
        Self::from(low) | Self::from(high) << 64
    }
    #[inline]
    fn into_number(self) -> Option<[u64; 2]> {
        Some(halves(self))
    }
    #[inline]
    fn of_number([low, high]: [u64; 2]) -> Option<Self> {
        Some(Self::from(low) | Self::from(high) << 64)
    }
}

impl private::Sealed for Option<Func> {}
impl WasmTy for Option<Func> {
    const TYPE: ValType = ValType::FUNCREF;
    fn into_slot(self, core: &Core) -> Result<[u64; 2], Error> {
        Val::FuncRef(self).to_slots(core)
    }
    fn of_slot([slot, _]: [u64; 2], core: &Core) -> Self {
        address(slot as Ref).map(|addr| Func(core.id.handle(addr)))
    }
}

impl private::Sealed for Func {}
impl WasmTy for Func {
    const TYPE: ValType = ValType::Ref(RefType::new(false, HeapType::Func));
    fn into_slot(self, core: &Core) -> Result<[u64; 2], Error> {
        Val::FuncRef(Some(self)).to_slots(core)
    }
    fn of_slot([slot, _]: [u64; 2], core: &Core) -> Self {
        // Never null; a corrupt image's null is a handle to no function.
        Self(core.id.handle((slot as Ref).wrapping_sub(1)))
    }
}

impl private::Sealed for Option<ExternRef> {}
impl WasmTy for Option<ExternRef> {
    const TYPE: ValType = ValType::EXTERNREF;
    fn into_slot(self, core: &Core) -> Result<[u64; 2], Error> {
        Val::ExternRef(self).to_slots(core)
    }
    fn of_slot([slot, _]: [u64; 2], core: &Core) -> Self {
        (slot as Ref != NULL).then(|| ExternRef(Rooted::new(core, slot as Ref)))
    }
}

macro_rules! references {
    ($($ty:ident $heap:ident $value:ident;)*) => { $(
        impl private::Sealed for Option<$ty> {}
        impl WasmTy for Option<$ty> {
            const TYPE: ValType = ValType::Ref(RefType::new(true, HeapType::$heap));
            fn into_slot(self, core: &Core) -> Result<[u64; 2], Error> {
                Val::$value(self).to_slots(core)
            }
            fn of_slot([slot, _]: [u64; 2], core: &Core) -> Self {
                (slot as Ref != NULL).then(|| $ty(Rooted::new(core, slot as Ref)))
            }
        }
        impl From<$ty> for Val {
            fn from(value: $ty) -> Self {
                Self::$value(Some(value))
            }
        }
        impl From<Option<$ty>> for Val {
            fn from(value: Option<$ty>) -> Self {
                Self::$value(value)
            }
        }
    )* };
}
references! {
    AnyRef Any AnyRef;
    ExnRef Exn ExnRef;
}

/// The parameters or results of a typed function: `()`, one [`WasmTy`], or a tuple of up to 8 of them.
pub trait WasmValues: Sized + Send + Sync + 'static {
    /// Their types.
    const TYPES: &'static [ValType];
    /// How many slots they take together.
    #[doc(hidden)]
    const SLOTS: usize;
    #[doc(hidden)]
    fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error>;
    #[doc(hidden)]
    fn of_slots(slots: &[u64], core: &Core) -> Self;
    /// Puts them into slots without a store. References are refused, and nothing is written then.
    #[doc(hidden)]
    fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error>;
}

impl<T: WasmTy> WasmValues for T {
    const TYPES: &'static [ValType] = &[T::TYPE];
    const SLOTS: usize = T::SLOTS;
    fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error> {
        put_next(&mut slots.iter_mut(), self, core)
    }
    fn of_slots(slots: &[u64], core: &Core) -> Self {
        take_next(&mut slots.iter().copied(), core)
    }
    #[inline]
    fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error> {
        put_number(&mut slots.iter(), self)
    }
}

/// Puts a value into the next slots.
#[inline]
fn put_next<'s, T: WasmTy>(places: &mut impl Iterator<Item = &'s mut u64>, value: T, core: &Core) -> Result<(), Error> {
    places.zip(value.into_slot(core)?).take(T::SLOTS).for_each(|(place, slot)| *place = slot);
    Ok(())
}

/// The value in the next slots.
#[inline]
pub(crate) fn take_next<T: WasmTy>(slots: &mut impl Iterator<Item = u64>, core: &Core) -> T {
    let low = slots.next().unwrap_or(0);
    let high = if T::SLOTS == 2 { slots.next().unwrap_or(0) } else { 0 };
    T::of_slot([low, high], core)
}

macro_rules! tuples {
    ($(($($t:ident),*))*) => { $(
        impl<$($t: WasmTy),*> WasmValues for ($($t,)*) {
            const TYPES: &'static [ValType] = &[$($t::TYPE),*];
            const SLOTS: usize = 0 $(+ $t::SLOTS)*;
            #[allow(unused_variables, unused_mut, clippy::unused_unit)]
            fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error> {
                #[allow(non_snake_case)]
                let ($($t,)*) = self;
                let mut places = slots.iter_mut();
                $(put_next(&mut places, $t, core)?;)*
                Ok(())
            }
            #[allow(unused_variables, unused_mut, clippy::unused_unit)]
            fn of_slots(slots: &[u64], core: &Core) -> Self {
                let mut rest = slots.iter().copied();
                ($(take_next::<$t>(&mut rest, core),)*)
            }
            #[allow(unused_variables, unused_mut)]
            #[inline]
            fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error> {
                #[allow(non_snake_case)]
                let ($($t,)*) = self;
                let mut places = slots.iter();
                $(put_number(&mut places, $t)?;)*
                Ok(())
            }
        }
    )* };
}
tuples! {
    ()
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
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
    use crate::{Engine, Store};

    // @need-ids: REQ_018
    #[test]
    fn narrow_values_leave_the_upper_half_of_a_slot_zero() {
        let mut store = Store::new(&Engine::default(), ());
        let host = ExternRef::new(&mut store, 1_u8).unwrap();
        let core = &store.core;
        for (value, slot) in [
            (Val::I32(-1), 0xFFFF_FFFF),
            (Val::I64(-1), u64::MAX),
            (Val::from(-0.0_f32), 0x8000_0000),
            (Val::from(1.5_f64), 1.5_f64.to_bits()),
            (Val::FuncRef(None), 0),
            (Val::ExternRef(Some(host)), 0x4000_0000),
            (Val::AnyRef(Some(host.to_any())), 0x4000_0000),
            (Val::AnyRef(Some(AnyRef::from_i31(&store, 5))), 0x8000_0005),
        ] {
            assert_eq!(value.to_slots(core).ok(), Some([slot, 0]));
            assert_eq!(Val::from_slots(value.ty(), [slot, 0], core), value);
        }
        let vector = Val::V128(0x0123_4567_89AB_CDEF_0011_2233_4455_6677);
        let slots = [0x0011_2233_4455_6677, 0x0123_4567_89AB_CDEF];
        assert_eq!(vector.to_slots(core).ok(), Some(slots));
        assert_eq!(Val::from_slots(ValType::V128, slots, core), vector);
    }

    // @need-ids: REQ_WASM_002
    #[test]
    fn a_reference_into_another_store_is_refused() {
        let (store, other) = (Store::new(&Engine::default(), ()), Store::new(&Engine::default(), ()));
        let foreign = Val::FuncRef(Some(Func(other.core.id.handle(0))));
        assert!(
            matches!(foreign.to_slot(&store.core), Err(Error::Usage(error)) if *error == UsageError::ForeignHandle)
        );
    }

    // @need-ids: REQ_018
    #[test]
    fn tuples_pass_through_slots_in_order() {
        let store = Store::new(&Engine::default(), ());
        let core = &store.core;
        let mut slots = [0; TYPED_SLOTS];
        let values = (-1_i32, 2_u64, 3.5_f64, None::<Func>);
        assert!(values.into_slots(core, &mut slots).is_ok());
        assert_eq!(slots[..4], [0xFFFF_FFFF, 2, 3.5_f64.to_bits(), 0]);
        assert_eq!(<(i32, u64, f64, Option<Func>)>::of_slots(&slots, core), values);
        let values = (1_u32, u128::MAX - 1, 2_i64, 3_u128);
        assert!(values.into_slots(core, &mut slots).is_ok());
        assert_eq!(slots[..7], [1, u64::MAX - 1, u64::MAX, 2, 3, 0, 0]);
        assert_eq!(<(u32, u128, i64, u128)>::of_slots(&slots, core), values);
        assert_eq!(<(u32, u128, i64, u128) as WasmValues>::SLOTS, 6);
        assert_eq!(<(i32, u64) as WasmValues>::TYPES, [ValType::I32, ValType::I64]);
        assert!(<() as WasmValues>::TYPES.is_empty());
    }
}
