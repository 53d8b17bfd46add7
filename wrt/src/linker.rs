//! Linkers: what modules may import, by name.

// @need-ids: REQ_WASM_002

use crate::Engine;
use crate::error::{Error, LinkError, MissingImport, UsageError};
use crate::externs::Extern;
use crate::func::Func;
use crate::host::{Caller, HostFunc, IntoFunc};
use crate::instance::Instance;
use crate::module::Module;
use crate::reentry::{HostEntry, HostStep};
use crate::store::{AsContextMut, Store};
use crate::types::{ExternType, FuncType};
use crate::value::Val;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// What a name stands for.
enum Definition<T> {
    /// Something of a store.
    Extern(Extern),
    /// A host function, good for every store.
    Host(HostFunc<T>),
}

impl<T> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(thing) => Self::Extern(*thing),
            Self::Host(host) => Self::Host(host.clone()),
        }
    }
}

/// Names and what they stand for: host functions, good for every store, and things of one store.
pub struct Linker<T> {
    engine: Engine,
    /// By module name, then by field name.
    modules: BTreeMap<String, BTreeMap<String, Definition<T>>>,
    allow_shadowing: bool,
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        let Self { engine, modules, allow_shadowing } = self;
        Self { engine: engine.clone(), modules: modules.clone(), allow_shadowing: *allow_shadowing }
    }
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.modules.iter().flat_map(|(module, fields)| fields.keys().map(move |name| (module, name)));
        f.debug_struct("Linker").field("names", &names.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl<T> Linker<T> {
    /// A linker without names.
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), modules: BTreeMap::new(), allow_shadowing: false }
    }

    /// The engine it was made with.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined anew. Without it, that is an error.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition<T>) -> Result<&mut Self, Error> {
        let fields = self.modules.entry(module.to_string()).or_default();
        if !self.allow_shadowing && fields.contains_key(name) {
            return Err(LinkError::Duplicate { module: module.to_string(), name: name.to_string() }.into());
        }
        fields.insert(name.to_string(), definition);
        Ok(self)
    }

    /// Defines a host function by a closure, whose type follows from its parameters and results ([`IntoFunc`]).
    ///
    /// # Errors
    /// [`LinkError::Duplicate`].
    // @need-ids: REQ_WASM_002
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        closure: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(closure.into_host()))
    }

    /// Defines a host function of type `ty`, as [`Func::new`] does.
    ///
    /// # Errors
    /// [`LinkError::Duplicate`].
    // @need-ids: REQ_WASM_002
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        closure: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error>
    where
        T: 'static,
    {
        self.insert(module, name, Definition::Host(HostFunc::untyped(ty, closure)))
    }

    /// Defines a host function of type `ty` that calls the guest without nesting: a small state machine.
    ///
    /// It is called with the guest's arguments, and either returns or names a function to be called
    /// ([`HostStep::CallGuest`]). When that has returned, it is called again, with the results and the word of state that
    /// it left. In between no native frame waits for it: out of fuel, the call pauses with all its frames and is resumed;
    /// depth is bounded by `max-frames` alone, of which each waiting host function counts as one. Where the function that
    /// it calls traps, the call as a whole does.
    ///
    /// # Errors
    /// Those of [`func_new`](Self::func_new).
    // @need-ids: REQ_REENTRY_001
    pub fn func_reentrant(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        steps: impl Fn(Caller<'_, T>, HostEntry<'_>) -> Result<HostStep, Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(HostFunc::steps(ty, steps)))
    }

    /// Defines something of a store. It can be imported in that store only.
    ///
    /// # Errors
    /// [`LinkError::Duplicate`].
    pub fn define(&mut self, module: &str, name: &str, thing: impl Into<Extern>) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Extern(thing.into()))
    }

    /// Defines all exports of an instance, with `module` for a module name.
    ///
    /// # Errors
    /// [`LinkError::Duplicate`]; those before it are defined.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        for (name, thing) in instance.exports(&*store.as_context_mut().store) {
            self.insert(module, name, Definition::Extern(thing))?;
        }
        Ok(self)
    }

    /// Makes `as_module` another name of the module name `module`, with all that is defined so far.
    ///
    /// # Errors
    /// [`LinkError::Duplicate`].
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<&mut Self, Error> {
        let fields = self.modules.get(module).cloned().unwrap_or_default();
        for (name, definition) in fields {
            self.insert(as_module, &name, definition)?;
        }
        Ok(self)
    }

    /// Makes `as_module`, `as_name` another name of what `module`, `name` stands for now.
    ///
    /// # Errors
    /// [`UsageError::UnknownExport`] where that is not defined; [`LinkError::Duplicate`].
    // @need-ids: REQ_018
    pub fn alias(&mut self, module: &str, name: &str, as_module: &str, as_name: &str) -> Result<&mut Self, Error> {
        let fields = self.modules.get(module);
        let Some(definition) = fields.and_then(|fields| fields.get(name)).cloned() else {
            let names = fields.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            return Err(UsageError::unknown_export(name, names).into());
        };
        self.insert(as_module, as_name, definition)
    }

    /// Instantiates a module with what is defined so far, and defines all its exports, with `name` for a module name.
    ///
    /// # Errors
    /// Those of [`instantiate`](Self::instantiate) and [`instance`](Self::instance).
    // @need-ids: REQ_018
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        name: &str,
        module: &Module,
    ) -> Result<&mut Self, Error> {
        let instance = self.instantiate(&mut store, module)?;
        self.instance(store, name, instance)
    }

    /// Defines each function that a module imports and that is not defined, such that a call of it fails with the name
    /// of the import: for modules that import more than they use.
    ///
    /// # Errors
    /// Those of [`func_new`](Self::func_new).
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<&mut Self, Error>
    where
        T: 'static,
    {
        for import in module.imports() {
            let known = self.modules.get(import.module).is_some_and(|fields| fields.contains_key(import.name));
            if let (false, ExternType::Func(ty)) = (known, import.ty) {
                let message = format!("import {} of {} is not defined", import.name, import.module);
                let fails = move |_: Caller<'_, T>, _: &[Val], _: &mut [Val]| Err(Error::message(message.clone()));
                self.func_new(import.module, import.name, ty, fails)?;
            }
        }
        Ok(self)
    }

    /// All names, by module name and name, and what they stand for in `store`.
    pub fn iter(&self, mut store: impl AsContextMut<Data = T>) -> impl Iterator<Item = (&str, &str, Extern)> {
        let names = self.modules.iter().flat_map(|(module, fields)| fields.keys().map(move |name| (module, name)));
        names.filter_map(move |(module, name)| {
            Some((module.as_str(), name.as_str(), self.get(&mut store, module, name)?))
        })
    }

    /// What a name stands for in `store`.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        self.find(store.as_context_mut().store, module, name).and_then(Result::ok)
    }

    fn find(&self, store: &mut Store<T>, module: &str, name: &str) -> Option<Result<Extern, Error>> {
        Some(match self.modules.get(module)?.get(name)? {
            Definition::Extern(thing) => Ok(*thing),
            Definition::Host(host) => store.share_host(host).map(|addr| Extern::Func(Func(store.core.id.handle(addr)))),
        })
    }

    /// Instantiates a module with what its imports' names stand for, and runs its start function.
    ///
    /// # Errors
    /// [`LinkError::Missing`] names all imports that are not defined; otherwise as [`Instance::new`].
    // @need-ids: REQ_018, REQ_WASM_002
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>, module: &Module) -> Result<Instance, Error> {
        let mut context = store.as_context_mut();
        let (mut imports, mut missing) = (Vec::new(), Vec::new());
        for import in module.imports() {
            match self.find(context.store, import.module, import.name) {
                Some(thing) => imports.push(thing?),
                None => missing.push(MissingImport {
                    module: import.module.to_string(),
                    name: import.name.to_string(),
                    ty: import.ty,
                }),
            }
        }
        if missing.is_empty() {
            Instance::new(&mut context, module, &imports)
        } else {
            Err(LinkError::Missing(missing).into())
        }
    }
}
