//! The guest programs of `guests/`: every call in `expected.txt` gives what it says there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wrt::{Engine, Error, Instance, Linker, Module, Store, Val};
use wrt_instructions::Trap;

/// How many wrong calls are shown.
const SHOWN: usize = 20;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests")
}

/// What the file calls the traps. One of its engines does not tell an access to a table from a call through it.
const TRAPS: &[(&str, &[Trap])] = &[
    ("exhausted", &[Trap::CallStackExhausted]),
    ("trap:unreachable", &[Trap::Unreachable]),
    ("trap:memory-out-of-bounds", &[Trap::MemoryOutOfBounds]),
    ("trap:table-out-of-bounds", &[Trap::TableOutOfBounds, Trap::UndefinedElement]),
    ("trap:uninitialized-element", &[Trap::IndirectCallToNull]),
    ("trap:indirect-call-type-mismatch", &[Trap::IndirectCallTypeMismatch]),
    ("trap:integer-divide-by-zero", &[Trap::IntegerDivideByZero]),
    ("trap:integer-overflow", &[Trap::IntegerOverflow]),
    ("trap:invalid-conversion-to-integer", &[Trap::InvalidConversionToInteger]),
    ("trap:null-reference", &[Trap::NullReference, Trap::NullFunctionReference]),
    ("trap:array-out-of-bounds", &[Trap::ArrayOutOfBounds]),
    ("exception", &[Trap::UncaughtException]),
];

/// What a call is to give.
#[derive(Debug)]
enum Expected {
    Results(Vec<Val>),
    Trap(&'static [Trap]),
}

/// What a call gives.
#[derive(Debug)]
enum Found {
    Results(Vec<Val>),
    Trap(Trap),
    /// Only shown.
    Error(#[allow(dead_code)] String),
}

impl Expected {
    fn is(&self, found: &Found) -> bool {
        match (self, found) {
            (Self::Results(expected), Found::Results(found)) => expected == found,
            (Self::Trap(expected), Found::Trap(found)) => expected.contains(found),
            _ => false,
        }
    }
}

/// One line of the file.
#[derive(Debug)]
struct Call {
    line: usize,
    /// Whether it goes to the instance of the line before it.
    continues: bool,
    file: String,
    export: String,
    args: Vec<Val>,
    expected: Expected,
}

/// What the file says.
#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    /// For a file: names of modules it imports from, and the files that are those.
    links: BTreeMap<String, Vec<(String, String)>>,
}

impl Script {
    fn read(text: &str) -> Self {
        let mut script = Self::default();
        for (number, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["link", file, others @ ..] => {
                    let others = others.iter().map(|other| {
                        let (name, other) = other.split_once('=').expect("NAME=FILE");
                        (name.to_owned(), other.to_owned())
                    });
                    script.links.insert((*file).to_owned(), others.collect());
                }
                ["+", call @ ..] => script.calls.push(Call::read(number + 1, true, call)),
                call => script.calls.push(Call::read(number + 1, false, call)),
            }
        }
        script
    }
}

impl Call {
    fn read(line: usize, continues: bool, words: &[&str]) -> Self {
        let arrow = words.iter().position(|word| *word == "->").unwrap_or_else(|| panic!("line {line}: no `->`"));
        let [file, export, args @ ..] = &words[..arrow] else { panic!("line {line}: no file and export") };
        let results = &words[arrow + 1..];
        let trap = TRAPS.iter().find(|(name, _)| results == [*name]);
        let expected = match trap {
            Some((_, traps)) => Expected::Trap(traps),
            None => Expected::Results(results.iter().map(|word| value(line, word)).collect()),
        };
        Self {
            line,
            continues,
            file: (*file).to_owned(),
            export: (*export).to_owned(),
            args: args.iter().map(|word| value(line, word)).collect(),
            expected,
        }
    }
}

fn value(line: usize, word: &str) -> Val {
    let wrong = || -> ! { panic!("line {line}: `{word}` is no value") };
    let Some((ty, text)) = word.split_once(':') else { wrong() };
    let bits = || text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let value = match ty {
        "i32" => text.parse().ok().map(Val::I32),
        "i64" => text.parse().ok().map(Val::I64),
        "f32" => bits().and_then(|bits| u32::try_from(bits).ok()).map(Val::F32),
        "f64" => bits().map(Val::F64),
        _ => None,
    };
    value.unwrap_or_else(|| wrong())
}

/// Modules that have been compiled, and the links between them.
struct Guests {
    engine: Engine,
    modules: BTreeMap<String, Module>,
    links: BTreeMap<String, Vec<(String, String)>>,
}

impl Guests {
    fn module(&mut self, file: &str) -> Result<Module, Error> {
        if let Some(module) = self.modules.get(file) {
            return Ok(module.clone());
        }
        let bytes = fs::read(folder().join("wasm").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let module = Module::new(&self.engine, bytes)?;
        self.modules.insert(file.to_owned(), module.clone());
        Ok(module)
    }

    /// A fresh instance in a store of its own, with fresh instances of what it imports.
    fn instantiate(&mut self, file: &str) -> Result<(Store<()>, Instance), Error> {
        let mut store = Store::new(&self.engine, ());
        let mut linker = Linker::new(&self.engine);
        for (name, other) in self.links.get(file).cloned().unwrap_or_default() {
            let module = self.module(&other)?;
            let instance = Linker::new(&self.engine).instantiate(&mut store, &module)?;
            linker.instance(&mut store, &name, instance)?;
        }
        let instance = linker.instantiate(&mut store, &self.module(file)?)?;
        Ok((store, instance))
    }
}

fn call(store: &mut Store<()>, instance: Instance, call: &Call) -> Found {
    let Some(func) = instance.get_func(&*store, &call.export) else {
        return Found::Error("no such function".into());
    };
    let ty = func.ty(&*store);
    let mut results: Vec<Val> = ty.results().iter().filter_map(|ty| Val::default_for(*ty)).collect();
    match func.call(store, &call.args, &mut results) {
        Ok(()) => Found::Results(results),
        Err(Error::Trap(trap)) => Found::Trap(trap.trap()),
        Err(error) => Found::Error(error.to_string()),
    }
}

// @need-ids: REQ_018, REQ_017
#[test]
fn guests_answer_as_expected() {
    let text = fs::read_to_string(folder().join("expected.txt")).expect("readable");
    let script = Script::read(&text);
    let mut guests = Guests { engine: Engine::default(), modules: BTreeMap::new(), links: script.links };
    let mut last = None;
    let mut wrong = Vec::new();
    let calls = &script.calls;
    for expected in calls {
        let reused = if expected.continues { last.take() } else { None };
        let fresh = || guests.instantiate(&expected.file);
        let found = match reused.map_or_else(fresh, Ok) {
            Ok((mut store, instance)) => {
                let found = call(&mut store, instance, expected);
                last = Some((store, instance));
                found
            }
            Err(error) => Found::Error(error.to_string()),
        };
        if !expected.expected.is(&found) {
            let Call { line, file, export, expected, .. } = expected;
            wrong.push(format!("expected.txt:{line}: {file} {export}: expected {expected:x?}, found {found:x?}"));
        }
    }
    println!("guests: {} calls, {} wrong", calls.len(), wrong.len());
    assert!(!calls.is_empty(), "no call is expected");
    assert!(wrong.is_empty(), "{} calls are wrong:\n{}", wrong.len(), wrong[..wrong.len().min(SHOWN)].join("\n"));
}
