//! Host functions that see nothing of the store: closures on numbers, without a [`Caller`](crate::Caller).
//!
//! None of them can change what an engine has borrowed of the store, so it calls them itself, on the guest's slots, and
//! gives nothing back. Engines that do not, and the host itself, call them as they call all others.

// @need-ids: REQ_WASM_002

use crate::error::Error;
use crate::host::HostFunc;
use crate::types::ValType;
use crate::value::WasmTy;
use core::cell::Cell;
use wrt_runtime::stackless::DetachedCalls;

/// Such a function: arguments in the first slots, results there afterwards. Where it fails they are as they were.
pub(crate) type Detached = dyn Fn(&[Cell<u64>]) -> Result<(), Error> + Send + Sync;

/// Whether all types are numbers or vectors. References are the store's business.
pub(crate) const fn are_numbers(types: &[ValType]) -> bool {
    let mut rest = types;
    while let [first, others @ ..] = rest {
        if matches!(first, ValType::Ref(_)) {
            return false;
        }
        rest = others;
    }
    true
}

/// The number in the next slots.
#[inline]
pub(crate) fn take_number<T: WasmTy>(slots: &mut impl Iterator<Item = u64>) -> Result<T, Error> {
    let low = slots.next().unwrap_or(0);
    let high = if T::SLOTS == 2 { slots.next().unwrap_or(0) } else { 0 };
    T::of_number([low, high]).ok_or_else(no_number)
}

/// Puts a number into the next slots.
#[inline]
pub(crate) fn put_number<'s, T: WasmTy>(
    places: &mut impl Iterator<Item = &'s Cell<u64>>,
    value: T,
) -> Result<(), Error> {
    let slots = value.into_number().ok_or_else(no_number)?;
    places.zip(slots).take(T::SLOTS).for_each(|(place, slot)| place.set(slot));
    Ok(())
}

/// Functions on anything else are not [`Detached`].
#[cold]
fn no_number() -> Error {
    Error::internal("a reference where a number should be")
}

/// Those of a store, for one run of its engine.
pub(crate) struct DetachedHosts<'s, T> {
    hosts: &'s [HostFunc<T>],
    /// What the last one failed with. The engine stops for that call then, as for one that is not detached.
    pub(crate) failed: Option<Error>,
}

impl<'s, T> DetachedHosts<'s, T> {
    pub(crate) const fn new(hosts: &'s [HostFunc<T>]) -> Self {
        Self { hosts, failed: None }
    }
}

impl<T> DetachedCalls for DetachedHosts<'_, T> {
    #[inline]
    fn has(&self, func: u32) -> bool {
        self.hosts.get(func as usize).is_some_and(|host| host.detached.is_some())
    }

    #[inline]
    fn call(&mut self, func: u32, slots: &[Cell<u64>]) -> bool {
        let Some(HostFunc { slots: (params, results), detached: Some(call), .. }) = self.hosts.get(func as usize)
        else {
            return false;
        };
        let Some(slots) = slots.get(..*params.max(results) as usize) else { return false };
        match call(slots) {
            Ok(()) => true,
            Err(error) => {
                self.failed = Some(error);
                false
            }
        }
    }
}
