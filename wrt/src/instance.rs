//! Instances: modules brought to life in a store.

// @need-ids: REQ_WASM_002

use crate::budget::objects;
use crate::call::call;
use crate::error::{Error, LimitError, LinkError, UsageError};
use crate::externs::{Extern, Global, Memory, Table, Tag, shown_type};
use crate::func::{Func, TypedFunc};
use crate::logging::debug;
use crate::module::Module;
use crate::store::{AsContext, AsContextMut, Core, Handle, Store, StoreContext};
use crate::value::{WasmParams, WasmResults};
use alloc::string::ToString;
use alloc::vec::Vec;
use wrt_runtime::Image;
use wrt_runtime::heap::roots::collect;
use wrt_runtime::image::format::kind;
use wrt_runtime::instantiate::{Allocate, InstantiateError, Space, instantiate, resolve};

/// An instance of a module in a store (core 4.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instance(pub(crate) Handle);

impl Instance {
    /// Instantiates a module with imports in the module's order, and runs its start function (core 4.5.4).
    ///
    /// A [`Linker`](crate::Linker) finds the imports by name.
    ///
    /// # Errors
    /// [`LinkError`] where imports do not fit; limits; [`Error::Trap`] where an active segment lies outside of its table
    /// or memory, or the start function traps. What was written before a trap stays written.
    // @need-ids: REQ_018, REQ_WASM_002, REQ_LIMITS_001
    pub fn new(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Self, Error> {
        let store = store.as_context_mut().store;
        let instance = add(&mut store.core, module, imports)?;
        debug!("instance {instance} of module {:?}", module.name().unwrap_or_default());
        if let Some(start) = module.image().start {
            let addr = store.core.storage.linked(instance, Space::Func, start);
            call(store, addr.ok_or_else(|| Error::internal("no start function"))?, &[], &mut [])?;
        }
        Ok(Self(store.core.id.handle(instance)))
    }

    /// Its module; `None` for a handle of another store.
    pub fn module<'s, T: 's>(&self, store: impl Into<StoreContext<'s, T>>) -> Option<&'s Module> {
        let core = &store.into().store.core;
        Some(&core.storage.module_of(self.0.addr(core.id).ok()?)?.module)
    }

    /// Its number in the store, as in backtraces.
    pub fn number(&self) -> u32 {
        self.0.number()
    }

    /// What it exports under a name.
    // @need-ids: REQ_018
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        let core = &store.as_context().store.core;
        let instance = self.0.addr(core.id).ok()?;
        let module = &core.storage.module_of(instance)?.module;
        let record = module.export(name)?;
        let thing = resolve(&core.storage, &module.image(), instance, record.kind(), record.index())?;
        Some(Extern::from_address(core, thing))
    }

    /// All exports, in the module's order.
    pub fn exports<'s, T: 's>(&self, store: impl Into<StoreContext<'s, T>>) -> impl Iterator<Item = (&'s str, Extern)> {
        let core = &store.into().store.core;
        let instance = self.0.addr(core.id).ok();
        let found = instance.and_then(|instance| Some((instance, core.storage.module_of(instance)?.module.image())));
        found.into_iter().flat_map(move |(instance, image)| {
            image.exports.iter().filter_map(move |record| {
                let thing = resolve(&core.storage, &image, instance, record.kind(), record.index())?;
                Some((image.name(record.name), Extern::from_address(core, thing)))
            })
        })
    }

    /// The export of a name, of one kind; or why there is none.
    fn export_as<T, E>(
        &self,
        store: &Store<T>,
        name: &str,
        expected: &'static str,
        pick: impl FnOnce(Extern) -> Option<E>,
    ) -> Result<E, Error> {
        self.0.addr(store.core.id)?;
        let Some(found) = self.get_export(store, name) else {
            let names = self.exports(store).map(|(name, _)| name);
            return Err(UsageError::unknown_export(name, names).into());
        };
        let wrong = || UsageError::WrongKind { name: name.to_string(), expected, found: found.kind() }.into();
        pick(found).ok_or_else(wrong)
    }

    /// The function exported under a name; `None` where there is no such function.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The function exported under a name, or an error that says what there is instead.
    ///
    /// # Errors
    /// [`UsageError::UnknownExport`] with a similar name if there is one; [`UsageError::WrongKind`].
    pub fn func(&self, store: impl AsContext, name: &str) -> Result<Func, Error> {
        self.export_as(store.as_context().store, name, "function", Extern::into_func)
    }

    /// The function exported under a name, with its type known at compile time.
    ///
    /// # Errors
    /// Those of [`func`](Self::func) and [`Func::typed`].
    pub fn get_typed_func<P: WasmParams, R: WasmResults>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<P, R>, Error> {
        self.func(&store, name)?.typed(store)
    }

    /// The memory exported under a name.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The table exported under a name.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The tag exported under a name.
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }

    /// The global exported under a name.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }
}

/// Adds an instance to the store; the start function is left to the caller.
fn add(core: &mut Core, module: &Module, imports: &[Extern]) -> Result<u32, Error> {
    let imports = imports.iter().map(|import| import.address(core)).collect::<Result<Vec<_>, _>>()?;
    core.storage.use_module(module)?;
    core.storage.touch_all();
    let image = module.image();
    make_room(core, &image);
    let instance = instantiate(&mut core.storage, &image, &imports).map_err(|error| refused(core, module, error))?;
    for export in image.exports.iter().filter(|export| export.kind() == kind::MEMORY) {
        let memory = core.storage.linked(instance, Space::Memory, export.index());
        let memory = memory.and_then(|addr| core.storage.memories.get_mut(addr as usize));
        if let Some(memory) = memory.filter(|memory| memory.name().is_empty()) {
            memory.set_name(image.name(export.name));
        }
    }
    Ok(instance)
}

/// Collects, where what the constants make would not fit beside what there is. Not while a call is in progress: what a host function
/// holds in its hands is not known.
// @need-ids: REQ_GC_002, REQ_TYPES_006
fn make_room(core: &mut Core, image: &Image<'_>) {
    let state = core.storage.heap.state;
    if core.active.is_some() || state.handles == 0 {
        return;
    }
    let fits = |(words, count): (u64, u64)| {
        u64::from(state.used).saturating_add(words) <= state.max_words.into()
            && u64::from(state.handles).saturating_add(count) <= state.max_handles.into()
    };
    // Where the length of an array is imported, there may be room for it, and there will be more.
    if !objects(image).is_some_and(fits) {
        collect(&mut core.storage, None);
    }
}

/// The error for a module that was not instantiated.
fn refused(core: &Core, module: &Module, error: InstantiateError) -> Error {
    match error {
        InstantiateError::ImportCount { expected, found } => {
            LinkError::ImportCount { expected: expected as usize, found: found as usize }.into()
        }
        InstantiateError::IncompatibleImport { import, found, .. } => {
            let image = module.image();
            let Some(record) = image.imports.get(import as usize) else { return Error::internal("no such import") };
            let expected = module.type_of(record.kind.get(), record.index.get());
            let found = found.map(|found| shown_type(&core.storage, &found).to_string());
            LinkError::Incompatible {
                module: image.name(record.module).to_string(),
                name: image.name(record.name).to_string(),
                expected: expected.to_string(),
                found: found.unwrap_or_else(|| "of another store".to_string()),
            }
            .into()
        }
        InstantiateError::Limit(error) => error.into(),
        InstantiateError::Trap(info) => info.into(),
        InstantiateError::OutOfStorage(full) => LimitError::out_of_memory(full.what(), 0).into(),
        InstantiateError::Corrupt(what) => Error::internal(what),
        InstantiateError::LeftOut(part) => Error::internal(part.name()),
    }
}
