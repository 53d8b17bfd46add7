//! Host functions: closures that the guest can call.

// @need-ids: REQ_WASM_002

use crate::detached::{Detached, are_numbers, take_number};
use crate::error::Error;
use crate::externs::Extern;
use crate::func::check_types;
use crate::instance::Instance;
use crate::reentry::HostSteps;
use crate::store::{AsContext, AsContextMut, Core, Store, StoreContext, StoreContextMut};
use crate::types::{FuncType, ValType};
use crate::value::{TYPED_SLOTS, Val, WasmTy, WasmValues, slots_of, take_next, values_of};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

/// A host function on raw slots: arguments in, results out. The parts of a [`Caller`] come one by one, in registers: put
/// together by the caller they would be read back from memory before they are all there.
pub(crate) type HostCall<T> = dyn Fn(&mut Store<T>, Option<u32>, &mut [u64]) -> Result<(), Error> + Send + Sync;

/// A host function and its type.
pub struct HostFunc<T> {
    pub(crate) ty: FuncType,
    /// Slots of the parameters, and of the results.
    pub(crate) slots: (u32, u32),
    pub(crate) code: HostCode<T>,
    /// The same function for engines to call, where it sees nothing of the store.
    pub(crate) detached: Option<Arc<Detached>>,
}

/// How a host function is called.
pub(crate) enum HostCode<T> {
    /// At once, with a native frame until it returns.
    Plain(Arc<HostCall<T>>),
    /// Step by step.
    Steps(Arc<HostSteps<T>>),
}

impl<T> Clone for HostFunc<T> {
    fn clone(&self) -> Self {
        let code = match &self.code {
            HostCode::Plain(call) => HostCode::Plain(Arc::clone(call)),
            HostCode::Steps(steps) => HostCode::Steps(Arc::clone(steps)),
        };
        Self { ty: self.ty.clone(), slots: self.slots, code, detached: self.detached.clone() }
    }
}

impl<T> fmt::Debug for HostFunc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunc").field("ty", &self.ty).finish_non_exhaustive()
    }
}

impl<T> HostFunc<T> {
    fn from_slots(ty: FuncType, call: Arc<HostCall<T>>) -> Self {
        Self { slots: ty.slots(), ty, code: HostCode::Plain(call), detached: None }
    }

    /// A function on values, of a type known only at run time.
    pub(crate) fn untyped(
        ty: FuncType,
        call: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self
    where
        T: 'static,
    {
        let shape = ty.clone();
        let slots = move |store: &mut Store<T>, instance: Option<u32>, slots: &mut [u64]| {
            on_values(&shape, &call, Caller { store, instance }, slots)
        };
        Self::from_slots(ty, Arc::new(slots))
    }

    /// What tells it from every other host function that exists at the same time.
    pub(crate) fn identity(&self) -> usize {
        match &self.code {
            HostCode::Plain(call) => Arc::as_ptr(call).addr(),
            HostCode::Steps(steps) => Arc::as_ptr(steps).addr(),
        }
    }
}

fn on_values<T>(
    ty: &FuncType,
    call: &impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error>,
    caller: Caller<'_, T>,
    slots: &mut [u64],
) -> Result<(), Error> {
    let params: Vec<_> = values_of(ty.params(), slots, &caller.store.core).collect();
    let mut results: Vec<_> = ty.results().iter().map(|ty| Val::placeholder(*ty)).collect();
    let Caller { store, instance } = caller;
    call(Caller { store: &mut *store, instance }, &params, &mut results)?;
    check_types(&store.core, ty.results(), &results)?;
    slots.iter_mut().zip(slots_of(&results, &store.core)?).for_each(|(slot, result)| *slot = result);
    Ok(())
}

/// What a host function gets of the store and the guest that calls it.
///
/// It is a store like any other for all handles: memories can be read and written, functions called. A call back into
/// the guest is a nested one: it is bounded by the limit `max-nested-calls`, cannot pause, and traps when the fuel runs out.
/// A function that is called step by step ([`HostStep`](crate::HostStep)) has none of these bounds.
pub struct Caller<'a, T> {
    pub(crate) store: &'a mut Store<T>,
    pub(crate) instance: Option<u32>,
}

impl<T> fmt::Debug for Caller<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl<T> Caller<'_, T> {
    /// The host's data.
    pub fn data(&self) -> &T {
        &self.store.data
    }

    /// The host's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.store.data
    }

    /// The instance whose code calls; `None` where the host calls its own function.
    pub fn instance(&self) -> Option<Instance> {
        self.instance.map(|number| Instance(self.store.core.id.handle(number)))
    }

    /// What the calling instance exports under a name.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        self.instance()?.get_export(&*self.store, name)
    }

    /// The fuel left, in units of the fuel schedule.
    pub fn get_fuel(&self) -> u64 {
        self.store.get_fuel()
    }

    /// Sets the fuel left; the guest goes on with it.
    pub fn set_fuel(&mut self, fuel: u64) {
        self.store.set_fuel(fuel);
    }

    /// Adds to the fuel left; the guest goes on with it.
    pub fn add_fuel(&mut self, fuel: u64) {
        self.store.add_fuel(fuel);
    }

    /// The store's engine.
    pub fn engine(&self) -> &crate::Engine {
        self.store.engine()
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store }
    }
}

/// What a host closure may return: [`WasmValues`], or a [`Result`] of them with an [`Error`].
pub trait HostResults {
    #[doc(hidden)]
    const TYPES: &'static [ValType];
    #[doc(hidden)]
    const SLOTS: usize;
    #[doc(hidden)]
    fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error>;
    #[doc(hidden)]
    fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error>;
}

impl<R: WasmValues> HostResults for R {
    const TYPES: &'static [ValType] = R::TYPES;
    const SLOTS: usize = R::SLOTS;
    fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error> {
        WasmValues::into_slots(self, core, slots)
    }
    #[inline]
    fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error> {
        WasmValues::into_numbers(self, slots)
    }
}

impl<R: WasmValues> HostResults for Result<R, Error> {
    const TYPES: &'static [ValType] = R::TYPES;
    const SLOTS: usize = R::SLOTS;
    fn into_slots(self, core: &Core, slots: &mut [u64]) -> Result<(), Error> {
        WasmValues::into_slots(self?, core, slots)
    }
    #[inline]
    fn into_numbers(self, slots: &[Cell<u64>]) -> Result<(), Error> {
        WasmValues::into_numbers(self?, slots)
    }
}

/// Closures that can be host functions: up to 16 [`WasmTy`] parameters, with or without a [`Caller`] before them, and
/// [`HostResults`]. They can be called by several stores at once, hence `Send + Sync`.
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_host(self) -> HostFunc<T>;
}

fn write_results<R: HostResults>(result: R, core: &Core, slots: &mut [u64]) -> Result<(), Error> {
    let mut results = [0; TYPED_SLOTS];
    result.into_slots(core, &mut results)?;
    slots.iter_mut().zip(results).take(R::SLOTS).for_each(|(slot, result)| *slot = result);
    Ok(())
}

macro_rules! closures {
    ($(($($t:ident),*))*) => { $(
        #[allow(unused_variables, unused_mut, non_snake_case)]
        impl<T: 'static, F, $($t: WasmTy,)* R: HostResults> IntoFunc<T, ($($t,)*), R> for F
        where
            F: Fn($($t),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self) -> HostFunc<T> {
                let ty = FuncType::new([$($t::TYPE),*], R::TYPES.iter().copied());
                let call = Arc::new(self);
                let detached = Arc::clone(&call);
                let host = move |store: &mut Store<T>, _: Option<u32>, slots: &mut [u64]| {
                    let core = &store.core;
                    let mut args = slots.iter().copied();
                    let results = call($(take_next::<$t>(&mut args, core)),*);
                    write_results(results, core, slots)
                };
                let mut host = HostFunc::from_slots(ty, Arc::new(host));
                if const { are_numbers(&[$($t::TYPE),*]) && are_numbers(R::TYPES) } {
                    host.detached = Some(Arc::new(move |slots: &[Cell<u64>]| {
                        let mut args = slots.iter().map(Cell::get);
                        $(let $t = take_number::<$t>(&mut args)?;)*
                        detached($($t),*).into_numbers(slots)
                    }));
                }
                host
            }
        }

        #[allow(unused_variables, unused_mut, non_snake_case)]
        impl<T: 'static, F, $($t: WasmTy,)* R: HostResults> IntoFunc<T, (Caller<'_, T>, $($t,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($t),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self) -> HostFunc<T> {
                let ty = FuncType::new([$($t::TYPE),*], R::TYPES.iter().copied());
                HostFunc::from_slots(ty, Arc::new(move |store: &mut Store<T>, instance: Option<u32>, slots: &mut [u64]| {
                    let mut args = slots.iter().copied();
                    let core = &store.core;
                    $(let $t = take_next::<$t>(&mut args, core);)*
                    let results = self(Caller { store: &mut *store, instance }, $($t),*);
                    write_results(results, &store.core, slots)
                }))
            }
        }
    )* };
}
closures! {
    ()
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, G)
    (A, B, C, D, E, G, H)
    (A, B, C, D, E, G, H, I)
    (A, B, C, D, E, G, H, I, J)
    (A, B, C, D, E, G, H, I, J, K)
    (A, B, C, D, E, G, H, I, J, K, L)
    (A, B, C, D, E, G, H, I, J, K, L, M)
    (A, B, C, D, E, G, H, I, J, K, L, M, N)
    (A, B, C, D, E, G, H, I, J, K, L, M, N, O)
    (A, B, C, D, E, G, H, I, J, K, L, M, N, O, P)
    (A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q)
}
