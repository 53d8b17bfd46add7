//! Functions of the host with types that the compiler knows: told to the store, and answered.

use core::marker::PhantomData;
use wrt_instructions::Slot;
use wrt_runtime::image::format::ValType;
use wrt_runtime::{Extern, FixedStore, InstantiateError, Stack};

/// A type that guests and host have in common.
pub trait Value: Slot {
    /// The guest's name for it.
    const TYPE: ValType;
}

impl Value for u32 {
    const TYPE: ValType = ValType::I32;
}
impl Value for u64 {
    const TYPE: ValType = ValType::I64;
}
impl Value for f32 {
    const TYPE: ValType = ValType::F32;
}
impl Value for f64 {
    const TYPE: ValType = ValType::F64;
}

/// One parameter or result, or none.
pub trait Values: Sized {
    /// Their types.
    const TYPES: &'static [ValType];
    /// From the slots that a guest left.
    fn take(slots: &[u64]) -> Option<Self>;
    /// Into the slots that a guest reads.
    fn put(self, slots: &mut [u64]) -> Option<()>;
}

impl Values for () {
    const TYPES: &'static [ValType] = &[];
    fn take(_: &[u64]) -> Option<Self> {
        Some(())
    }
    fn put(self, _: &mut [u64]) -> Option<()> {
        Some(())
    }
}

impl<T: Value> Values for T {
    const TYPES: &'static [ValType] = &[T::TYPE];
    fn take(slots: &[u64]) -> Option<Self> {
        slots.first().map(|slot| T::from_slot(*slot))
    }
    fn put(self, slots: &mut [u64]) -> Option<()> {
        *slots.first_mut()? = self.to_slot();
        Some(())
    }
}

/// A function of the host.
#[derive(Debug)]
pub struct HostFunc<P, R> {
    number: u32,
    types: PhantomData<(P, R)>,
}

impl<P: Values, R: Values> HostFunc<P, R> {
    /// The function that outcomes name by `number`.
    pub const fn new(number: u32) -> Self {
        Self { number, types: PhantomData }
    }

    /// Tells a store of it: what guests import.
    ///
    /// # Errors
    /// As [`FixedStore::add_host_func`].
    pub fn declare(&self, store: &mut FixedStore<'_>) -> Result<Extern, InstantiateError> {
        store.add_host_func(P::TYPES, R::TYPES, self.number)
    }

    /// Answers a call of function `number` whose slots begin at `base`, if it is this one.
    pub fn answer(&self, number: u32, base: u32, stack: &mut Stack<'_>, body: impl FnOnce(P) -> R) -> Option<()> {
        if number != self.number {
            return None;
        }
        // As many as there are of the one or the other: they begin in the same place.
        let count = P::TYPES.len().max(R::TYPES.len());
        let slots = stack.slots_mut(base, u32::try_from(count).ok()?)?;
        body(P::take(slots)?).put(slots)
    }
}
