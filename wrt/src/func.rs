//! Functions of a store: handles, calls with values, typed calls.

// @need-ids: REQ_WASM_002, REQ_CALL_001

use crate::call::{Next, call, few_or_many, proceed};
use crate::error::{Error, UsageError};
use crate::host::{Caller, HostFunc, IntoFunc};
use crate::reentry::{HostEntry, HostStep};
use crate::resumable::{ResumableCall, TypedResumableCall, Values};
use crate::store::{AsContext, AsContextMut, Core, Handle, Store};
use crate::types::{FuncType, ValType};
use crate::value::{TYPED_SLOTS, Val, WasmParams, WasmResults, slots_of, values_of};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

/// A function of a store: a guest's or the host's (core 4.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Func(pub(crate) Handle);

impl Func {
    /// Makes a host function of a closure, whose type follows from its parameters and results.
    ///
    /// # Errors
    /// [`LimitExceeded`](wrt_safety::LimitExceeded) of `max-functions`.
    // @need-ids: REQ_WASM_002
    pub fn wrap<C, Params, Results>(
        mut store: C,
        closure: impl IntoFunc<C::Data, Params, Results>,
    ) -> Result<Self, Error>
    where
        C: AsContextMut,
    {
        let store = store.as_context_mut().store;
        let addr = store.add_host(closure.into_host())?;
        Ok(Self(store.core.id.handle(addr)))
    }

    /// Makes a host function of type `ty`. The closure gets as many results as the type has, all zero or null, and leaves
    /// values of the right types there.
    ///
    /// # Errors
    /// [`LimitExceeded`](wrt_safety::LimitExceeded) of `max-functions`.
    // @need-ids: REQ_WASM_002
    pub fn new<C>(
        mut store: C,
        ty: FuncType,
        closure: impl Fn(Caller<'_, C::Data>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        C: AsContextMut,
        C::Data: 'static,
    {
        let store = store.as_context_mut().store;
        let addr = store.add_host(HostFunc::untyped(ty, closure))?;
        Ok(Self(store.core.id.handle(addr)))
    }

    /// Makes a host function that is called step by step, as [`Linker::func_reentrant`](crate::Linker::func_reentrant) does.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    // @need-ids: REQ_REENTRY_001
    pub fn new_reentrant<C>(
        mut store: C,
        ty: FuncType,
        steps: impl Fn(Caller<'_, C::Data>, HostEntry<'_>) -> Result<HostStep, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        C: AsContextMut,
    {
        let store = store.as_context_mut().store;
        let addr = store.add_host(HostFunc::steps(ty, steps))?;
        Ok(Self(store.core.id.handle(addr)))
    }

    /// Its type; `[] -> []` for a handle of another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let store = store.as_context().store;
        let addr = self.0.addr(store.core.id).map_err(Error::from);
        addr.and_then(|addr| store.func_type(addr).cloned()).unwrap_or_else(|_| FuncType::new([], []))
    }

    /// Calls it. `results` has room for exactly as many values as it returns; they are overwritten.
    ///
    /// # Errors
    /// [`UsageError`] for arguments or room that do not fit; [`Error::Trap`] where it traps, which includes running out
    /// of fuel (see [`call_resumable`](Self::call_resumable)); limits, among them those of nested calls.
    // @need-ids: REQ_018, REQ_ERROR_003
    pub fn call(&self, mut store: impl AsContextMut, args: &[Val], results: &mut [Val]) -> Result<(), Error> {
        let store = store.as_context_mut().store;
        let (addr, ty) = self.check(store, args, results)?;
        let args = slots_of(args, &store.core)?;
        let (mut few, mut many) = ([0; FEW_SLOTS], Vec::new());
        let slots = few_or_many(&mut few, &mut many, ty.slots().1);
        call(store, addr, &args, slots)?;
        put_values(&ty, slots, results, &store.core);
        Ok(())
    }

    /// Calls it so that it can pause: when the fuel runs out, or a host function fails. The pause borrows nothing; it can
    /// be kept, and resumed with the same store at any time.
    ///
    /// # Errors
    /// As [`call`](Self::call), except for running out of fuel.
    // @need-ids: REQ_001, REQ_003, REQ_007
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        args: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let store = store.as_context_mut().store;
        let (addr, ty) = self.check(store, args, results)?;
        let args = slots_of(args, &store.core)?;
        let mut slots = result_slots(&ty);
        let progress = proceed(store, None, &Next::Begin(addr, &args), &mut slots)?;
        Ok(Values { ty, id: store.core.id }.progressed(&store.core, progress, &slots, results))
    }

    /// The function with its type known at compile time; checked once, here.
    ///
    /// # Errors
    /// [`UsageError::Signature`] where the type is another; [`UsageError::ForeignHandle`].
    pub fn typed<P: WasmParams, R: WasmResults>(&self, store: impl AsContext) -> Result<TypedFunc<P, R>, Error> {
        let store = store.as_context().store;
        let found = store.func_type(self.0.addr(store.core.id)?)?;
        let fit = |types: &[ValType], wanted: &[ValType]| {
            let each = |(ty, wanted): (&ValType, &ValType)| ty.matches(*wanted, store.core.scope());
            types.len() == wanted.len() && types.iter().zip(wanted).all(each)
        };
        // What it takes may be more general, and what it returns more special.
        if !fit(P::TYPES, found.params()) || !fit(found.results(), R::TYPES) {
            let expected = FuncType::new(P::TYPES.iter().copied(), R::TYPES.iter().copied());
            return Err(UsageError::Signature { expected, found: found.clone() }.into());
        }
        Ok(TypedFunc { func: *self, types: PhantomData })
    }

    /// Checks a call with values; the address and type.
    fn check<T>(&self, store: &Store<T>, args: &[Val], results: &[Val]) -> Result<(u32, FuncType), Error> {
        let addr = self.check_args(store, args)?;
        let ty = store.func_type(addr)?;
        let expected = ty.results().len();
        if results.len() != expected {
            return Err(UsageError::ResultCount { expected, found: results.len() }.into());
        }
        Ok((addr, ty.clone()))
    }

    /// Checks the arguments of a call with values, and that there are none but values; the address.
    pub(crate) fn check_args<T>(&self, store: &Store<T>, args: &[Val]) -> Result<u32, Error> {
        let addr = self.0.addr(store.core.id)?;
        let ty = store.func_type(addr)?;
        let params = ty.params();
        if args.len() != params.len() {
            return Err(UsageError::ArgumentCount { expected: params.len(), found: args.len() }.into());
        }
        check_types(&store.core, params, args)?;
        Ok(addr)
    }
}

/// Refuses values of other types than `types`.
pub(crate) fn check_types(core: &Core, types: &[ValType], values: &[Val]) -> Result<(), Error> {
    let mut all = (1_usize..).zip(types.iter().zip(values));
    all.try_for_each(|(position, (ty, value))| value.checked_slots(*ty, Some(position), core).map(drop))
}

/// The values of slots.
pub(crate) fn put_values(ty: &FuncType, slots: &[u64], values: &mut [Val], core: &Core) {
    values.iter_mut().zip(values_of(ty.results(), slots, core)).for_each(|(value, result)| *value = result);
}

/// Room for the slots of a function's results.
pub(crate) fn result_slots(ty: &FuncType) -> Vec<u64> {
    vec![0; ty.slots().1 as usize]
}

/// Most functions have no more slots of parameters, nor of results.
const FEW_SLOTS: usize = 4;

/// A function whose type is known at compile time: its type was checked once, and a call allocates nothing.
pub struct TypedFunc<P, R> {
    func: Func,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for TypedFunc<P, R> {}

impl<P, R> fmt::Debug for TypedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func.0.number()).finish()
    }
}

impl<P: WasmParams, R: WasmResults> TypedFunc<P, R> {
    /// The function without its type.
    pub fn func(&self) -> Func {
        self.func
    }

    /// Calls it.
    ///
    /// # Errors
    /// As [`Func::call`].
    // @need-ids: REQ_018
    pub fn call(&self, mut store: impl AsContextMut, params: P) -> Result<R, Error> {
        let store = store.as_context_mut().store;
        // Room for most functions, without the time that it takes to clear room for all.
        if const { P::SLOTS <= FEW_SLOTS && R::SLOTS <= FEW_SLOTS } {
            self.call_on::<_, FEW_SLOTS>(store, params)
        } else {
            self.call_on::<_, TYPED_SLOTS>(store, params)
        }
    }

    #[inline]
    fn call_on<T, const SLOTS: usize>(&self, store: &mut Store<T>, params: P) -> Result<R, Error> {
        let addr = self.func.0.addr(store.core.id)?;
        let (mut args, mut results) = ([0; SLOTS], [0; SLOTS]);
        params.into_slots(&store.core, &mut args)?;
        let args = args.get(..P::SLOTS).unwrap_or_default();
        call(store, addr, args, results.get_mut(..R::SLOTS).unwrap_or_default())?;
        Ok(R::of_slots(&results, &store.core))
    }

    /// Calls it so that it can pause.
    ///
    /// # Errors
    /// As [`Func::call_resumable`].
    // @need-ids: REQ_001, REQ_003
    pub fn call_resumable(&self, mut store: impl AsContextMut, params: P) -> Result<TypedResumableCall<R>, Error> {
        let store = store.as_context_mut().store;
        let id = store.core.id;
        let addr = self.func.0.addr(id)?;
        let ty = store.func_type(addr)?.clone();
        let (mut args, mut results) = ([0; TYPED_SLOTS], [0; TYPED_SLOTS]);
        params.into_slots(&store.core, &mut args)?;
        let args = args.get(..P::SLOTS).unwrap_or_default();
        let slots = results.get_mut(..R::SLOTS).unwrap_or_default();
        let progress = proceed(store, None, &Next::Begin(addr, args), slots)?;
        Ok(Values { ty, id }.typed(&store.core, progress, &results))
    }
}
