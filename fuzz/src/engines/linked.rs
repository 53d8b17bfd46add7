//! What a module is linked to: an instance that imports what it exports, and host functions that call it again.
//!
//! The second instance calls the first one's functions directly, through a table of its own, in its own place and by way of the host;
//! it writes into the first one's memories and globals, and puts its own functions into the first one's tables.

use crate::peers::wrt::number_or_null;
use crate::random::Random;
use crate::value::Value;
use ::wrt::{Error, Extern, ExternType, Func, FuncType, HostEntry, HostStep, Store, Val, ValType};
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

/// What host functions call, once it is there: the same in all peers.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    funcs: Arc<OnceLock<Vec<(Func, FuncType)>>>,
    /// How often one was called.
    pub(super) calls: Arc<AtomicU64>,
    /// The control: another one is called.
    astray: bool,
}

impl Again {
    pub(super) fn new(astray: bool) -> Self {
        Self { astray, ..Self::default() }
    }

    /// From now on these are called.
    pub(super) fn set(&self, funcs: impl Iterator<Item = (Func, FuncType)>) {
        // Set once, by the peer that it belongs to.
        self.funcs.get_or_init(|| funcs.collect());
    }

    /// The next function that a host function with a number calls, and its arguments; `None` where it calls no more.
    fn next(&self, number: u64, entry: &HostEntry<'_>) -> Option<HostStep> {
        let funcs = self.funcs.get().filter(|funcs| !funcs.is_empty() && entry.state < STEPS)?;
        let mut random = Random(number ^ entry.state << 32);
        // Half of them call no more each time.
        if random.number().is_multiple_of(2) {
            return None;
        }
        let (func, ty) = &funcs[(random.below(funcs.len()) + usize::from(self.astray)) % funcs.len()];
        let args = Value::arguments(ty.params(), &mut random)?.into_iter().map(number_or_null).collect();
        self.calls.fetch_add(1, Ordering::Relaxed);
        Some(HostStep::CallGuest { func: *func, args, state: entry.state + 1 })
    }

    /// A host function that calls functions and then answers.
    pub(super) fn func(
        &self,
        store: &mut Store<()>,
        ty: FuncType,
        answer: impl Fn(&[Val]) -> Result<Vec<Val>, Error> + Send + Sync + 'static,
    ) -> Result<Func, Error> {
        let again = self.clone();
        Func::new_reentrant(store, ty, move |_, entry| {
            // What it was given decides, and what the function before returned.
            let given = entry.args.iter().chain(entry.returned.unwrap_or_default());
            let number = given.fold(1, |number, value| Random(number ^ digest(*value)).number());
            if entry.returned.is_some() && number.is_multiple_of(FAILS) {
                return Err(Error::message("the host fails in between"));
            }
            match again.next(number, &entry) {
                Some(step) => Ok(step),
                None => answer(entry.args).map(HostStep::Return),
            }
        })
    }
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

impl Linked {
    /// A module that imports some of what another one exports. `None` where that has no function of a type that can be written down.
    pub(super) fn new(
        store: &mut Store<()>,
        exports: &[Extern],
        again: &Again,
        random: &mut Random,
    ) -> Result<Option<Self>, Error> {
        let again = again.func(store, FuncType::new([ValType::I32], [ValType::I32]), |args| Ok(args.to_vec()))?;
        let mut made = Self { text: "(module\n".into(), imports: vec![Extern::Func(again)] };
        made.line("(import \"host\" \"again\" (func $again (param i32) (result i32)))");
        let (mut funcs, mut tables, mut touched, mut counts) = (Vec::new(), Vec::new(), String::new(), [0; 3]);
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
                    let (word, kind) = if ty.is_64() { ("i64 ", "i64") } else { ("", "i32") };
                    let max = ty.maximum().map_or(String::new(), |max| format!(" {max}"));
                    let page = if ty.page_size_log2() == 0 { " (pagesize 1)" } else { "" };
                    let at = random.below(64);
                    write!(
                        touched,
                        "(if (i32.eqz ({kind}.eqz (memory.size $m{index}))) (then (i32.store8 $m{index} ({kind}.const {at}) \
                         (i32.add (i32.load8_u $m{index} ({kind}.const {at})) (i32.const 1)))))"
                    )
                    .map_err(|_| Error::message("no text"))?;
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
            let bodies = [
                ("direct", format!("{args} call $f{index} {touched}")),
                ("through", format!("{touched} {args} i32.const {index} call_indirect $own{ty}")),
                ("tail", format!("{touched} {args} return_call $f{index}")),
                (
                    "host",
                    format!(
                        "i32.const {word} call $again drop {touched} {args} i32.const {index} return_call_indirect $own{ty}"
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
