//! A script, cut into episodes that share nothing.

use std::collections::HashMap;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke};

/// What a directive expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing in particular: it prepares what others look at.
    Nothing,
    /// Results.
    Return,
    /// A trap.
    Trap,
    /// The trap of a full stack.
    Exhaustion,
}

/// A step that a device can take.
#[derive(Debug)]
pub enum Step<'a> {
    /// Instantiates a module.
    Module {
        /// Its bytes.
        binary: Vec<u8>,
        /// The steps that instantiate what is registered, by name.
        imports: HashMap<String, usize>,
    },
    /// Calls a function.
    Call {
        /// The step that instantiates it.
        module: usize,
        /// The export.
        name: &'a str,
        /// Arguments.
        args: Vec<WastArg<'a>>,
    },
    /// Reads a global.
    Get {
        /// The step that instantiates it.
        module: usize,
        /// The export.
        name: &'a str,
    },
}

/// A step, with its place.
#[derive(Debug)]
pub struct Placed<'a> {
    /// In the file, from 1.
    pub line: u32,
    /// What it expects.
    pub wanted: Wanted,
    /// What to do.
    pub step: Step<'a>,
}

/// The steps of a script. Modules are named by the place of their step.
#[derive(Debug, Default)]
pub struct Script<'a> {
    /// In order.
    pub steps: Vec<Placed<'a>>,
    /// Assertions that are of no concern here: what is refused by the host's tools does not come to a device.
    pub on_host: u32,
    /// Assertions that cannot be played, with the reason.
    pub left: Vec<(u32, String)>,
}

/// Reads a script whose text is in `buffer`, and gives its steps to `take`.
///
/// # Errors
/// What is not a script.
pub fn read<R>(text: &str, take: impl FnOnce(Script<'_>) -> R) -> Result<R, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|error| error.message())?;
    let script = parser::parse::<wast::Wast<'_>>(&buffer).map_err(|error| error.message())?;
    let mut reader = Reader { text, ..Reader::default() };
    for directive in script.directives {
        reader.directive(directive);
    }
    Ok(take(reader.script))
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    script: Script<'a>,
    names: HashMap<&'a str, usize>,
    registered: HashMap<String, usize>,
    definitions: HashMap<&'a str, Vec<u8>>,
    current: Option<usize>,
}

impl<'a> Reader<'a> {
    fn directive(&mut self, directive: WastDirective<'a>) {
        let line = self.line(directive.span().offset());
        let done = match directive {
            WastDirective::Module(module) => self.module(line, module),
            WastDirective::ModuleDefinition(module) => self.define(module),
            WastDirective::ModuleInstance { instance, module, .. } => {
                let binary = self.definitions.get(module.map_or("", |id| id.name())).cloned();
                let done = binary.ok_or_else(|| "its definition is missing".into());
                done.map(|binary| self.push_module(line, Wanted::Nothing, instance, binary))
            }
            WastDirective::Register { name, module, .. } => self.find(module).map(|at| {
                self.registered.insert(name.into(), at);
            }),
            WastDirective::Invoke(invoke) => self.call(line, Wanted::Nothing, invoke),
            WastDirective::AssertReturn { exec, .. } => self.execute(line, Wanted::Return, exec),
            WastDirective::AssertTrap { exec, .. } => self.execute(line, Wanted::Trap, exec),
            WastDirective::AssertExhaustion { call, .. } => self.call(line, Wanted::Exhaustion, call),
            WastDirective::AssertException { exec, .. } => self.execute(line, Wanted::Trap, exec),
            _ => {
                self.script.on_host += 1;
                Ok(())
            }
        };
        if let Err(reason) = done {
            self.script.left.push((line, reason));
        }
    }

    fn line(&self, offset: usize) -> u32 {
        let before = self.text.get(..offset).unwrap_or_default();
        u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn find(&self, name: Option<Id<'_>>) -> Result<usize, String> {
        let found = match name {
            None => self.current,
            Some(id) => self.names.get(id.name()).copied(),
        };
        found.ok_or_else(|| "its module is missing".into())
    }

    fn define(&mut self, mut module: QuoteWat<'a>) -> Result<(), String> {
        let name = module.name().map_or("", |id| id.name());
        let binary = module.encode().map_err(|error| error.message())?;
        self.definitions.insert("", binary.clone());
        self.definitions.insert(name, binary);
        Ok(())
    }

    fn module(&mut self, line: u32, mut module: QuoteWat<'a>) -> Result<(), String> {
        let name = module.name();
        match module.encode() {
            Ok(binary) => {
                self.push_module(line, Wanted::Nothing, name, binary);
                Ok(())
            }
            Err(error) => {
                self.current = None;
                Err(error.message())
            }
        }
    }

    fn push_module(&mut self, line: u32, wanted: Wanted, name: Option<Id<'a>>, binary: Vec<u8>) {
        let at = self.script.steps.len();
        // All that is registered now: which of it is imported shows when the module has been read.
        let imports = self.registered.clone();
        self.script.steps.push(Placed { line, wanted, step: Step::Module { binary, imports } });
        if wanted == Wanted::Nothing {
            self.current = Some(at);
            if let Some(name) = name {
                self.names.insert(name.name(), at);
            }
        }
    }

    fn call(&mut self, line: u32, wanted: Wanted, invoke: WastInvoke<'a>) -> Result<(), String> {
        let module = self.find(invoke.module)?;
        let step = Step::Call { module, name: invoke.name, args: invoke.args };
        self.script.steps.push(Placed { line, wanted, step });
        Ok(())
    }

    fn execute(&mut self, line: u32, wanted: Wanted, execute: WastExecute<'a>) -> Result<(), String> {
        match execute {
            WastExecute::Invoke(invoke) => self.call(line, wanted, invoke),
            WastExecute::Get { module, global, .. } => {
                let module = self.find(module)?;
                self.script.steps.push(Placed { line, wanted, step: Step::Get { module, name: global } });
                Ok(())
            }
            WastExecute::Wat(mut module) => {
                let binary = module.encode().map_err(|error| error.message())?;
                self.push_module(line, wanted, None, binary);
                Ok(())
            }
        }
    }
}
