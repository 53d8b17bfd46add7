//! The report: for people, as tables of lines, and for programs.

use super::names::Names;
use super::target::Target;
use crate::failure::{code, one_line};
use crate::input::Input;
use crate::output::section;
use crate::sections;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wrt::budget::{Bound, Budget, Declarations, Entry, Extent, Import, Loop, Ram, Reason, Root, Site, StackNeeds};

/// Everything that is told.
pub(super) struct Report<'r> {
    pub(super) input: &'r Input,
    pub(super) names: &'r Names<'r>,
    pub(super) declared: &'r Declarations,
    pub(super) budget: &'r Budget,
    pub(super) target: &'r Target,
}

/// Functions of an indirect call that are listed for people; programs get all.
const LISTED: usize = 8;

impl Report<'_> {
    /// RAM on the target.
    pub(super) fn ram(&self) -> Ram {
        let stack = self.budget.stack.as_ref().ok();
        self.budget.room.ram(&self.target.sizes, self.target.in_place, stack)
    }

    /// What the bounds rest on that the module does not show.
    pub(super) fn assumptions(&self) -> Vec<String> {
        let (names, declared) = (self.names, self.declared);
        let place = |site: &Site| format!("function {} at {:#x}", names.show(site.func), site.at);
        let all = |list: &[u32]| list.iter().map(|func| names.show(*func)).collect::<Vec<_>>().join(", ");
        let import = |(func, name): &(u32, String)| {
            let name = one_line(name);
            match declared.imports.get(func) {
                None => format!("import {name} is a function of the host that does not call the guest"),
                Some(Import::Calls(list)) => format!("import {name} calls {} (declared)", all(list)),
                Some(Import::Instance { stack, fuel }) => {
                    let fuel = fuel.map_or(String::new(), |fuel| format!(" and {fuel} units of fuel"));
                    let StackNeeds { frames, slots, .. } = stack;
                    format!("import {name} needs {frames} frames, {slots} slots{fuel} in another instance (declared)")
                }
            }
        };
        let mut lines: Vec<String> = names.imports().iter().map(import).collect();
        if self.budget.references_enter {
            lines.push("references that the host hands in are to functions of this module, or to its own that do not call the guest".into());
        }
        lines.extend(declared.recursion.iter().map(|(func, depth)| {
            format!("at most {depth} calls of function {} are in progress at once (declared)", names.show(*func))
        }));
        lines.extend(declared.loops.iter().map(|(site, times)| {
            format!("the head of the loop in {} is passed at most {times} times for each entry (declared)", place(site))
        }));
        lines.extend(declared.lengths.iter().map(|(site, most)| {
            format!("the operator in {} works on at most {most} bytes, pages or elements (declared)", place(site))
        }));
        lines.extend(declared.callees.iter().map(|(site, list)| {
            format!("the indirect call in {} calls none but: {} (declared)", place(site), all(list))
        }));
        lines
    }

    fn functions(&self, list: &[u32]) -> String {
        let mut names: Vec<String> = list.iter().take(LISTED).map(|func| self.names.show(*func)).collect();
        if list.len() > LISTED {
            names.push(format!("and {} more", list.len() - LISTED));
        }
        if names.is_empty() { "nothing".into() } else { names.join(", ") }
    }

    /// What a root is called.
    fn entry(&self, root: &Root) -> String {
        match &root.entry {
            Entry::Export(name) => format!("export \"{}\"", one_line(name)),
            Entry::Start => format!("start {}", self.names.show(root.func)),
            Entry::Reference => format!("reference {}", self.names.show(root.func)),
        }
    }

    // --- For people ---------------------------------------------------------------------------------

    /// For people.
    // @need-ids: REQ_CLI_001, REQ_BUDGET_001
    pub(super) fn lines(&self) -> Vec<String> {
        let Self { input, budget, .. } = self;
        let sizes = format!("{} bytes, image {} bytes", input.bytes.len(), budget.image.len());
        let mut lines = vec![format!("{}: {sizes}", one_line(&input.name))];
        self.stack_lines(&mut lines);
        // Of roots with very many reasons some are left out; all loops are told.
        let open = budget.loops.iter().filter(|found| found.times.is_none());
        let open: Vec<Reason> = open.map(|found| Reason::Loop { site: found.site }).collect();
        let mut reasons: BTreeSet<&Reason> = open.iter().collect();
        let bounds = budget.roots.iter();
        bounds.for_each(|root| {
            reasons.extend([root.stack.as_ref().err(), root.fuel.as_ref().err()].into_iter().flatten().flatten());
        });
        section(&mut lines, "without a bound", reasons.into_iter().map(|reason| self.names.reason(reason)));
        section(&mut lines, "loops", budget.loops.iter().filter_map(|found| self.loop_line(found)));
        let calls = budget.indirect.iter().map(|call| {
            let what = if call.declared { " (declared)" } else { "" };
            let place = format!("function {} at {:#x}", self.names.show(call.site.func), call.site.at);
            format!("{place}: {}{what}", self.functions(&call.callees))
        });
        section(&mut lines, "indirect calls", calls);
        section(&mut lines, "taken for granted", self.assumptions().into_iter());
        let unit = |extent: &Extent, what: &str| {
            let most = extent.max.map_or("no maximum".into(), |max| format!("at most {max}"));
            let pages = if extent.unit > 1 { format!(", in pages of {}", extent.unit) } else { String::new() };
            format!("{}: {} {what}, {most}{pages}", extent.index, extent.min)
        };
        section(&mut lines, "memories", budget.room.memories.iter().map(|memory| unit(memory, "bytes")));
        section(&mut lines, "tables", budget.room.tables.iter().map(|table| unit(table, "elements")));
        self.ram_lines(&mut lines);
        let sections = sections::of_image(&budget.image);
        section(&mut lines, "sections of the image", sections.iter().map(sections::Section::line));
        lines
    }

    fn stack_lines(&self, lines: &mut Vec<String>) {
        let mut rows = vec![[String::new(), "frames".into(), "slots".into(), "records".into(), "fuel".into()]];
        let row = |name: String, stack: &Bound<StackNeeds>, fuel: &Bound<u64>| {
            let number = |count: Option<u64>| count.map_or("-".into(), |count| count.to_string());
            let need = |get: fn(&StackNeeds) -> u64| number(stack.as_ref().ok().map(get));
            [name, need(|n| n.frames), need(|n| n.slots), need(|n| n.records), number(fuel.as_ref().ok().copied())]
        };
        for root in &self.budget.roots {
            rows.push(row(self.entry(root), &root.stack, &root.fuel));
        }
        rows.push(row("the most of all".into(), &self.budget.stack, &self.budget.fuel));
        section(lines, "calls from outside", table(&rows).into_iter());
    }

    /// Of a loop that was declared; the others are among what has no bound.
    fn loop_line(&self, found: &Loop) -> Option<String> {
        let turn = found.turn.map_or(String::new(), |turn| format!(", a turn costs at most {turn}"));
        let (site, times) = (found.site, found.times?);
        Some(format!(
            "function {} at {:#x}: passed {times} times (declared){turn}",
            self.names.show(site.func),
            site.at
        ))
    }

    fn ram_lines(&self, lines: &mut Vec<String>) {
        let ram = self.ram();
        let number = |count: u64| count.to_string();
        let mut rows = vec![[String::new(), "entries".into(), "bytes".into()]];
        rows.extend(ram.slices.iter().map(|(name, count, bytes)| [(*name).into(), number(*count), number(*bytes)]));
        rows.push(["store, engine, call".into(), String::new(), number(ram.fixed)]);
        rows.push(["sum of these".into(), String::new(), number(ram.bookkeeping())]);
        rows.push(["elements of tables".into(), number(ram.elements / 4), number(ram.elements)]);
        rows.push(["memories, initially".into(), String::new(), number(ram.memories)]);
        let stack = self.budget.stack.as_ref().ok();
        let slots = stack.map_or("-".into(), |stack| number(stack.storage_slots()));
        rows.push(["stack: slots and records".into(), slots, ram.stack.map_or("-".into(), number)]);
        rows.push(["RAM in all".into(), String::new(), ram.total().map_or("-".into(), number)]);
        section(lines, &format!("storage on {}", self.target.name), table(&rows).into_iter());
    }

    // --- For programs -------------------------------------------------------------------------------

    /// For programs.
    // @need-ids: REQ_CLI_001, REQ_BUDGET_001
    pub(super) fn document(&self) -> Map<String, Value> {
        let budget = self.budget;
        let mut document = Map::new();
        let mut put = |key: &str, value: Value| drop(document.insert(key.into(), value));
        put("command", "budget".into());
        put("file", self.input.name.clone().into());
        put("exit", code::OK.into());
        put("target", self.target.name.into());
        put("bytes", self.input.bytes.len().into());
        put("image_bytes", budget.image.len().into());
        put("roots", budget.roots.iter().map(|root| self.root_document(root)).collect());
        put("stack", self.bound(&budget.stack, stack_document));
        put("fuel", self.bound(&budget.fuel, |fuel| json!(fuel)));
        put(
            "loops",
            budget
                .loops
                .iter()
                .map(|found| {
                    json!({
                        "func": found.site.func, "offset": found.site.at, "times": found.times, "turn": found.turn,
                    })
                })
                .collect(),
        );
        put("indirect", budget.indirect.iter().map(|call| json!({
            "func": call.site.func, "offset": call.site.at, "callees": &*call.callees, "declared": call.declared,
        })).collect());
        put("assumptions", self.assumptions().into());
        let extent = |extent: &Extent| json!({ "index": extent.index, "min": extent.min, "max": extent.max });
        put(
            "memories",
            budget
                .room
                .memories
                .iter()
                .map(|memory| {
                    let mut memory_document = extent(memory);
                    memory_document["page"] = memory.unit.into();
                    memory_document
                })
                .collect(),
        );
        put("tables", budget.room.tables.iter().map(extent).collect());
        put("globals", budget.room.globals.into());
        put("sections", sections::of_image(&budget.image).iter().map(sections::Section::to_json).collect());
        put("ram", self.ram_document());
        document
    }

    fn root_document(&self, root: &Root) -> Value {
        let (kind, name) = match &root.entry {
            Entry::Export(name) => ("export", Some(name)),
            Entry::Start => ("start", None),
            Entry::Reference => ("reference", None),
        };
        json!({
            "entry": kind,
            "name": name,
            "func": root.func,
            "stack": self.bound(&root.stack, stack_document),
            "fuel": self.bound(&root.fuel, |fuel| json!(fuel)),
        })
    }

    /// `bound` is null where there is none, and `reasons` say why.
    fn bound<T>(&self, bound: &Bound<T>, show: impl Fn(&T) -> Value) -> Value {
        match bound {
            Ok(bound) => json!({ "bound": show(bound), "reasons": [] }),
            Err(reasons) => {
                let reasons: Vec<Value> = reasons.iter().map(|reason| self.reason_document(reason)).collect();
                json!({ "bound": null, "reasons": reasons })
            }
        }
    }

    fn reason_document(&self, reason: &Reason) -> Value {
        let mut document = json!({ "kind": Names::kind(reason), "message": self.names.reason(reason) });
        match reason {
            Reason::Recursion { cycle, length } => {
                document["cycle"] = json!(cycle);
                document["length"] = (*length).into();
            }
            Reason::Foreign { site }
            | Reason::Loop { site }
            | Reason::Length { site, .. }
            | Reason::Object { site, .. }
            | Reason::Exception { site } => {
                document["func"] = site.func.into();
                document["offset"] = site.at.into();
            }
            Reason::Calls { import: func }
            | Reason::Instance { import: func }
            | Reason::Unstructured { func }
            | Reason::Complex { func }
            | Reason::Overflow { func } => document["func"] = (*func).into(),
            _ => {}
        }
        document
    }

    fn ram_document(&self) -> Value {
        let ram = self.ram();
        let slices: Map<String, Value> = ram
            .slices
            .iter()
            .map(|(name, count, bytes)| ((*name).to_owned(), json!({ "entries": count, "bytes": bytes })))
            .collect();
        json!({
            "slices": slices,
            "fixed": ram.fixed,
            "bookkeeping": ram.bookkeeping(),
            "elements": ram.elements,
            "memories": ram.memories,
            "stack": ram.stack,
            "stack_slots": self.budget.stack.as_ref().ok().map(StackNeeds::storage_slots),
            "total": ram.total(),
        })
    }
}

fn stack_document(needs: &StackNeeds) -> Value {
    json!({ "frames": needs.frames, "slots": needs.slots, "records": needs.records })
}

/// Rows as lines: the first column to the left, the others to the right.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).enumerate();
        let cells = cells
            .map(|(at, (cell, width))| if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
