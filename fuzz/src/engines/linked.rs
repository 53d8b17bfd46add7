//! What a module is linked to: an instance that imports what it exports, and host functions that call it again.
//!
//! Host functions call step by step, or nested on the native stack. What a nested call ends with, for want of fuel too, they pass on or
//! keep to themselves.
//!
//! The second instance calls the first one's functions directly, through a table of its own, in its own place and by way of the host;
//! it writes into the first one's memories and globals, and puts its own functions into the first one's tables.

use crate::peers::wrt::number_or_null;
use crate::random::Random;
use crate::value::Value;
use ::wrt::{
    Caller, Error, Extern, ExternType, Func, FuncType, HostStep, MemoryType, Store, Trap, TrapError, Val, ValType,
};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Functions of the first instance that the second one imports, at most.
const FUNCS: usize = 6;

/// Memories, tables and globals that it imports, at most of each.
const THINGS: usize = 3;

/// Functions that a host function calls before it returns, at most.
const STEPS: u64 = 3;

/// One host function in so many fails where a function that it called has returned.
const FAILS: u64 = 13;

/// One host function in so many goes on where a function that it called, nested, has trapped.
const GOES_ON: u64 = 3;

/// What host functions call, once it is there: the same in all peers.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    funcs: Arc<OnceLock<Vec<(Func, FuncType)>>>,
    /// How often one was called.
    pub(super) calls: Arc<AtomicU64>,
    /// How often one was called nested, and how often it ran out of fuel there.
    pub(super) nested_calls: Arc<AtomicU64>,
    pub(super) out_of_fuel: Arc<AtomicU64>,
    /// Whether there are nested calls. What becomes of them depends on the slice of fuel.
    nested: bool,
    /// The control: another one is called.
    astray: bool,
}

impl Again {
    pub(super) fn new(nested: bool, astray: bool) -> Self {
        Self { nested, astray, ..Self::default() }
    }

    /// From now on these are called.
    pub(super) fn set(&self, funcs: impl Iterator<Item = (Func, FuncType)>) {
        // Set once, by the peer that it belongs to.
        self.funcs.get_or_init(|| funcs.collect());
    }

    /// The next function that a host function with a number calls, and its arguments; `None` where it calls no more.
    fn next(&self, number: u64, step: u64) -> Option<(&(Func, FuncType), Vec<Val>)> {
        let funcs = self.funcs.get().filter(|funcs| !funcs.is_empty() && step < STEPS)?;
        let mut random = Random(number ^ step << 32);
        // Three in four call one, and half of them no more each time.
        if random.number().is_multiple_of(if step == 0 { 4 } else { 2 }) {
            return None;
        }
        let called = &funcs[(random.below(funcs.len()) + usize::from(self.astray)) % funcs.len()];
        let args = Value::arguments(called.1.params(), &mut random)?.into_iter().map(number_or_null).collect();
        Some((called, args))
    }

    /// A host function that calls functions and then answers: nested where `nested` says so and there is such a thing.
    pub(super) fn host_func(
        &self,
        store: &mut Store<()>,
        ty: FuncType,
        nested: bool,
        answer: impl Fn(&[Val]) -> Result<Vec<Val>, Error> + Send + Sync + 'static,
    ) -> Result<Func, Error> {
        if nested && self.nested { self.nesting(store, ty, answer) } else { self.stepping(store, ty, answer) }
    }

    /// One that calls functions before it returns.
    fn nesting(
        &self,
        store: &mut Store<()>,
        ty: FuncType,
        answer: impl Fn(&[Val]) -> Result<Vec<Val>, Error> + Send + Sync + 'static,
    ) -> Result<Func, Error> {
        let again = self.clone();
        Func::new(store, ty, move |mut caller, args, results| {
            let mut number = fold(1, args);
            for step in 0.. {
                let Some((called, args)) = again.next(number, step) else { break };
                number = again.call(&mut caller, called, &args, number)?;
            }
            results.copy_from_slice(&answer(args)?);
            Ok(())
        })
    }

    /// A nested call; the number that its end makes of a number.
    fn call(
        &self,
        caller: &mut Caller<'_, ()>,
        (func, ty): &(Func, FuncType),
        args: &[Val],
        number: u64,
    ) -> Result<u64, Error> {
        self.nested_calls.fetch_add(1, Ordering::Relaxed);
        let mut results = vec![Val::I32(0); ty.results().len()];
        let fuel = caller.get_fuel();
        let error = match func.call(&mut *caller, args, &mut results) {
            Ok(()) => return Ok(fold(number, &results)),
            Err(error) => error,
        };
        let trap = error.trap().map(TrapError::trap);
        self.out_of_fuel.fetch_add(u64::from(trap == Some(Trap::FuelExhausted)), Ordering::Relaxed);
        let used = fuel - caller.get_fuel();
        if !Random(number ^ used).number().is_multiple_of(GOES_ON) {
            return Err(error);
        }
        Ok(number ^ used ^ trap.map_or(0, |trap| u64::from(trap.code())) << 32)
    }

    /// One that calls functions step by step.
    fn stepping(
        &self,
        store: &mut Store<()>,
        ty: FuncType,
        answer: impl Fn(&[Val]) -> Result<Vec<Val>, Error> + Send + Sync + 'static,
    ) -> Result<Func, Error> {
        let again = self.clone();
        Func::new_reentrant(store, ty, move |_, entry| {
            // What it was given decides, and what the function before returned.
            let number = fold(fold(1, entry.args), entry.returned.unwrap_or_default());
            if entry.returned.is_some() && number.is_multiple_of(FAILS) {
                return Err(Error::message("the host fails in between"));
            }
            match again.next(number, entry.state) {
                Some(((func, _), args)) => {
                    again.calls.fetch_add(1, Ordering::Relaxed);
                    Ok(HostStep::CallGuest { func: *func, args, state: entry.state + 1 })
                }
                None => answer(entry.args).map(HostStep::Return),
            }
        })
    }
}

/// What values make of a number.
fn fold(number: u64, values: &[Val]) -> u64 {
    values.iter().fold(number, |number, value| Random(number ^ digest(*value)).number())
}

fn digest(value: Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(value as u32),
        Val::I64(value) => value as u64,
        Val::F32(bits) => u64::from(bits),
        Val::F64(bits) => bits,
        // Of others, that there is one.
        _ => 7,
    }
}

/// The second instance's module, and what it imports, in its order.
pub(super) struct Linked {
    pub(super) text: String,
    pub(super) imports: Vec<Extern>,
}

/// A type as the text format writes it, where it needs no definition.
fn types(word: &str, types: &[ValType]) -> Option<String> {
    let mut text = String::new();
    for ty in types {
        let name = ty.to_string();
        if !matches!(name.as_str(), "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref") {
            return None;
        }
        write!(text, " ({word} {name})").ok()?;
    }
    Some(text)
}

fn index_type(is_64: bool) -> &'static str {
    if is_64 { "i64" } else { "i32" }
}

/// Adds 1 to one of the first bytes of a memory that has some.
fn touching(index: usize, ty: &MemoryType, random: &mut Random) -> String {
    let kind = index_type(ty.is_64());
    let at = random.below(64);
    format!(
        "(if (i32.eqz ({kind}.eqz (memory.size $m{index}))) (then (i32.store8 $m{index} ({kind}.const {at}) \
         (i32.add (i32.load8_u $m{index} ({kind}.const {at})) (i32.const 1)))))"
    )
}

impl Linked {
    /// A module that imports some of what another one exports. `None` where that has no function of a type that can be written down.
    pub(super) fn new(
        store: &mut Store<()>,
        exports: &[Extern],
        again: &Again,
        random: &mut Random,
    ) -> Result<Option<Self>, Error> {
        let mut made = Self { text: "(module\n".into(), imports: Vec::new() };
        for (name, nested) in ["again", "nested"].into_iter().zip([false, true]) {
            let ty = FuncType::new([ValType::I32], [ValType::I32]);
            made.imports.push(Extern::Func(again.host_func(store, ty, nested, |args| Ok(args.to_vec()))?));
            made.line(&format!("(import \"host\" \"{name}\" (func ${name} (param i32) (result i32)))"));
        }
        let (mut funcs, mut tables, mut counts) = (Vec::new(), Vec::new(), [0; 3]);
        let (mut touched, mut growing) = (String::new(), String::new());
        for export in exports {
            let text = match export.ty(&*store) {
                ExternType::Func(ty) => {
                    let Some((params, results)) = types("param", ty.params()).zip(types("result", ty.results())) else {
                        continue;
                    };
                    if funcs.len() == FUNCS {
                        continue;
                    }
                    let index = funcs.len();
                    funcs.push((format!("{params}{results}"), ty.params().len()));
                    format!("(func $f{index}{params}{results})")
                }
                ExternType::Memory(ty) if !ty.is_shared() && counts[0] < THINGS => {
                    let index = counts[0];
                    counts[0] += 1;
                    touched.push_str(&touching(index, &ty, random));
                    let kind = index_type(ty.is_64());
                    let grow = format!("(memory.grow $m{index} ({kind}.const 1))");
                    write!(growing, "(func (export \"grow {index}\") (result {kind}) {grow})")
                        .map_err(|_| Error::message("no text"))?;
                    let word = if ty.is_64() { "i64 " } else { "" };
                    let max = ty.maximum().map_or(String::new(), |max| format!(" {max}"));
                    let page = if ty.page_size_log2() == 0 { " (pagesize 1)" } else { "" };
                    format!("(memory $m{index} {word}0{max}{page})")
                }
                ExternType::Table(ty) if ty.element().to_string() == "funcref" && counts[1] < THINGS => {
                    let index = counts[1];
                    counts[1] += 1;
                    let (word, kind) = if ty.is_64() { ("i64 ", "i64") } else { ("", "i32") };
                    tables.push(kind);
                    let max = ty.maximum().map_or(String::new(), |max| format!(" {max}"));
                    format!("(table $t{index} {word}0{max} funcref)")
                }
                ExternType::Global(ty) if ty.is_mutable() && ty.content() == ValType::I32 && counts[2] < THINGS => {
                    let index = counts[2];
                    counts[2] += 1;
                    write!(touched, "(global.set $g{index} (i32.add (global.get $g{index}) (i32.const 1)))")
                        .map_err(|_| Error::message("no text"))?;
                    format!("(global $g{index} (mut i32))")
                }
                _ => continue,
            };
            made.line(&format!("(import \"first\" \"\" {text})"));
            made.imports.push(*export);
        }
        if funcs.is_empty() {
            return Ok(None);
        }
        made.functions(&funcs, &tables, &touched, random);
        made.line(&growing);
        made.text.push(')');
        Ok(Some(made))
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Functions around those that are imported, each with what it writes on the way.
    fn functions(&mut self, funcs: &[(String, usize)], tables: &[&str], touched: &str, random: &mut Random) {
        let all = (0..funcs.len()).map(|index| format!(" $f{index}")).collect::<Vec<_>>().concat();
        self.line(&format!("(table $own funcref (elem{all}))"));
        for (index, (ty, params)) in funcs.iter().enumerate() {
            let args = (0..*params).map(|param| format!("local.get {param} ")).collect::<Vec<_>>().concat();
            let word = random.number() as u32;
            let host = ["again", "nested", "nested"][random.below(3)];
            let bodies = [
                ("direct", format!("{args} call $f{index} {touched}")),
                ("through", format!("{touched} {args} i32.const {index} call_indirect $own{ty}")),
                ("tail", format!("{touched} {args} return_call $f{index}")),
                (
                    "host",
                    format!(
                        "i32.const {word} call ${host} drop {touched} {args} i32.const {index} return_call_indirect $own{ty}"
                    ),
                ),
            ];
            for (name, body) in bodies {
                self.line(&format!("(func ${name}{index} (export \"{name} {index}\"){ty} {body})"));
            }
        }
        for (table, kind) in tables.iter().enumerate() {
            let (element, func) = (random.below(8), random.below(funcs.len()));
            let name = ["direct", "through", "tail", "host"][random.below(4)];
            self.line(&format!(
                "(func (export \"plug {table}\") (table.set $t{table} ({kind}.const {element}) (ref.func ${name}{func})))"
            ));
        }
    }
}
