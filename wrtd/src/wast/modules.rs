//! The modules and instances of a script, by name; those that failed are remembered as such.

use super::spectest;
use crate::input;
use std::collections::HashMap;
use wast::parser;
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, Wat};
use wrt::{Engine, Error, Instance, Linker, Module, Store};

/// What a module of a script is as bytes.
pub(super) enum Encoded {
    /// A module in the binary format.
    Bytes(Vec<u8>),
    /// Its text is wrong, for this reason.
    Refused(String),
    /// It is none of ours.
    Unsupported(String),
}

/// Brings a module into the binary format.
pub(super) fn encode(mut module: QuoteWat<'_>) -> Encoded {
    if matches!(module, QuoteWat::Wat(Wat::Component(_)) | QuoteWat::QuoteComponent(..)) {
        return Encoded::Unsupported("components are not supported".into());
    }
    match module.to_test() {
        Ok(QuoteWatTest::Binary(bytes)) => Encoded::Bytes(bytes),
        Ok(QuoteWatTest::Text(text)) => encode_text(&text).map_or_else(Encoded::Refused, Encoded::Bytes),
        Err(error) => Encoded::Refused(error.message()),
    }
}

fn encode_text(text: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "malformed UTF-8 encoding")?;
    let buffer = input::tokens(text).map_err(|error| error.message())?;
    parser::parse::<Wat<'_>>(&buffer).and_then(|mut module| module.encode()).map_err(|error| error.message())
}

/// Modules and instances of a script, in one store.
pub(super) struct Modules {
    pub(super) store: Store<()>,
    /// Fuel of one call.
    pub(super) fuel: u64,
    engine: Engine,
    /// What directives speak of now.
    pub(super) scope: Scope,
}

/// What names mean: to the script, or to one of its threads.
pub(super) struct Scope {
    linker: Linker<()>,
    /// The instance that directives without a name mean, or why there is none.
    current: Result<Instance, String>,
    instances: HashMap<String, Result<Instance, String>>,
    /// By name; the last one also stands under the empty name.
    definitions: HashMap<String, Result<Module, String>>,
    /// Names under which an instance would be registered, had it not failed.
    lost: HashMap<String, String>,
}

impl Scope {
    fn new(engine: &Engine, store: &mut Store<()>) -> Result<Self, String> {
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        spectest::define(store, &mut linker).map_err(|error| error.to_string())?;
        Ok(Self {
            linker,
            current: Err("no module has been loaded".into()),
            instances: HashMap::new(),
            definitions: HashMap::new(),
            lost: HashMap::new(),
        })
    }
}

impl Modules {
    pub(super) fn new(engine: &Engine, fuel: u64) -> Result<Self, String> {
        let mut store = Store::new(engine, ());
        let scope = Scope::new(engine, &mut store)?;
        Ok(Self { store, fuel, engine: engine.clone(), scope })
    }

    /// What a thread sees at first: the module that it shares, if it shares one.
    pub(super) fn thread_scope(&mut self, shared: Option<Id<'_>>) -> Result<Scope, String> {
        let mut scope = Scope::new(&self.engine, &mut self.store)?;
        if let Some(id) = shared {
            let instance = self.find(shared)?;
            scope.instances.insert(id.name().into(), Ok(instance));
        }
        Ok(scope)
    }

    /// `(module …)`: loads and instantiates it; it is the current instance.
    pub(super) fn load(&mut self, module: QuoteWat<'_>) -> Result<(), String> {
        let name = module.name();
        let instance = self.encode_and_compile(module).and_then(|module| self.start(&module));
        self.set_current(name, instance)
    }

    /// `(module definition …)`: only loads it.
    pub(super) fn define(&mut self, module: QuoteWat<'_>) -> Result<(), String> {
        let name = module.name();
        let module = self.encode_and_compile(module);
        let done = module.as_ref().map(drop).map_err(Clone::clone);
        if let Some(name) = name {
            self.scope.definitions.insert(name.name().into(), module.clone());
        }
        self.scope.definitions.insert(String::new(), module);
        done
    }

    /// `(module instance …)`: instantiates a definition; it is the current instance.
    pub(super) fn instantiate(&mut self, name: Option<Id<'_>>, module: Option<Id<'_>>) -> Result<(), String> {
        let wanted = module.map_or("", |id| id.name());
        let module = match self.scope.definitions.get(wanted) {
            Some(Ok(module)) => Ok(module.clone()),
            Some(Err(reason)) => Err(depends_on(reason)),
            None => Err(format!("no module definition `${wanted}`")),
        };
        let instance = module.and_then(|module| self.start(&module));
        self.set_current(name, instance)
    }

    /// `(register …)`: offers an instance's exports to later modules.
    pub(super) fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Result<(), String> {
        let done = self.find(module).and_then(|instance| {
            self.scope.linker.instance(&mut self.store, name, instance).map(drop).map_err(|error| error.to_string())
        });
        match &done {
            Ok(()) => drop(self.scope.lost.remove(name)),
            Err(reason) => drop(self.scope.lost.insert(name.into(), reason.clone())),
        }
        done
    }

    /// The instance of that name, or the current one.
    pub(super) fn find(&self, name: Option<Id<'_>>) -> Result<Instance, String> {
        let found = match name {
            None => &self.scope.current,
            Some(id) => self.scope.instances.get(id.name()).ok_or_else(|| format!("no instance `${}`", id.name()))?,
        };
        found.clone().map_err(|reason| depends_on(&reason))
    }

    /// An import from an instance that failed is missing through no fault of the module.
    pub(super) fn blame_lost_imports(&self, module: &Module) -> Result<(), String> {
        match module.imports().find_map(|import| self.scope.lost.get(import.module)) {
            Some(reason) => Err(depends_on(reason)),
            None => Ok(()),
        }
    }

    pub(super) fn validate(&self, bytes: &[u8]) -> Result<(), Error> {
        Module::validate(&self.engine, bytes)
    }

    pub(super) fn compile(&self, bytes: &[u8]) -> Result<Module, String> {
        Module::new(&self.engine, bytes).map_err(|error| error.to_string())
    }

    pub(super) fn link(&mut self, module: &Module) -> Result<Instance, Error> {
        // Start functions are calls, too.
        self.store.set_fuel(self.fuel);
        self.scope.linker.instantiate(&mut self.store, module)
    }

    fn encode_and_compile(&self, module: QuoteWat<'_>) -> Result<Module, String> {
        match encode(module) {
            Encoded::Bytes(bytes) => self.compile(&bytes),
            Encoded::Refused(reason) | Encoded::Unsupported(reason) => Err(reason),
        }
    }

    fn start(&mut self, module: &Module) -> Result<Instance, String> {
        self.blame_lost_imports(module)?;
        self.link(module).map_err(|error| error.to_string())
    }

    fn set_current(&mut self, name: Option<Id<'_>>, instance: Result<Instance, String>) -> Result<(), String> {
        if let Some(name) = name {
            self.scope.instances.insert(name.name().into(), instance.clone());
        }
        let done = instance.as_ref().map(drop).map_err(Clone::clone);
        self.scope.current = instance;
        done
    }
}

/// Said once however long the chain of what failed is.
fn depends_on(reason: &str) -> String {
    const PREFIX: &str = "its module failed: ";
    if reason.starts_with(PREFIX) { reason.into() } else { format!("{PREFIX}{reason}") }
}
