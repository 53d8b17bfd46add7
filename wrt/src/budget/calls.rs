//! What indirect calls can call, as far as a module says it itself.
//!
//! A table that the host cannot reach holds what the module's own segments and operators put there. Whatever is stored by
//! `table.set`, `table.grow` and `table.fill` may be any function that a reference is made of somewhere in the module.

use super::code::{Callee, Code};
use crate::error::Error;
use crate::store::StoreId;
use crate::type_pool::TypePool;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_instructions::op::Plain;
use wrt_instructions::operator::StructuralOp;
use wrt_runtime::Image;
use wrt_runtime::image::format::{ConstRange, ElementRecord, ExportRecord, ValType, flag, items, kind, mode};

/// What a table can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Contents {
    /// These functions.
    Known(BTreeSet<u32>),
    /// Any that a reference is made of.
    Referenced,
    /// Functions of other instances too: it is imported.
    Foreign,
}

/// What functions an indirect call chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Those in a table.
    Table(u32),
    /// Any that a reference is made of.
    Referenced,
    /// Functions of other instances among them: nobody knows which.
    Foreign,
}

/// The functions that references lead to, and the tables they are in.
pub(super) struct References<'i> {
    image: Image<'i>,
    pool: TypePool,
    /// The number of each type, equal for equal types.
    numbers: Vec<u32>,
    /// All functions that a reference is made of.
    referenced: BTreeSet<u32>,
    tables: Vec<Contents>,
    /// Whether the host gets hold of references, and can so call functions that are not exported.
    pub(super) leave: bool,
    /// Whether the host can hand references in.
    pub(super) enter: bool,
}

impl<'i> References<'i> {
    // @need-ids: REQ_BUDGET_001
    pub(super) fn new(code: &Code<'i>) -> Result<Self, Error> {
        let image = code.image;
        let mut pool = TypePool::new(StoreId::new());
        let numbers = pool.take_in(&image, u32::MAX)?;
        let (leave, enter) = traffic(&image);
        let mut references =
            Self { image, pool, numbers, referenced: BTreeSet::new(), tables: Vec::new(), leave, enter };
        references.collect(code, enter);
        references.fill_tables(code);
        Ok(references)
    }

    /// How many different types there are, and how many parameters, results and fields these have.
    pub(super) fn types(&self) -> (usize, usize) {
        let types = self.pool.scope().types;
        (types.records.len(), types.val_types.len())
    }

    /// All functions that a reference is made of.
    pub(super) fn referenced(&self) -> impl Iterator<Item = u32> + '_ {
        self.referenced.iter().copied()
    }

    /// What a call chooses from; `None` for a direct one.
    pub(super) fn source(&self, callee: Callee) -> Option<(Source, u32)> {
        match callee {
            Callee::Func(_) => None,
            Callee::Ref { ty } => Some((Source::Referenced, ty)),
            Callee::Table { table, ty } => Some((
                match self.tables.get(table as usize) {
                    Some(Contents::Known(_)) => Source::Table(table),
                    Some(Contents::Referenced) => Source::Referenced,
                    _ => Source::Foreign,
                },
                ty,
            )),
        }
    }

    /// The functions of a source by the types that they can be called as: their own, and those above it.
    fn by_type(&self, source: Source) -> BTreeMap<u32, Vec<u32>> {
        let all = match source {
            Source::Table(table) => match self.tables.get(table as usize) {
                Some(Contents::Known(set)) => set,
                _ => &self.referenced,
            },
            Source::Referenced | Source::Foreign => &self.referenced,
        };
        let types = self.pool.scope().types;
        let mut by_type: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for func in all {
            let mut ty = self.type_number(*func);
            // Supertypes come first, and types have a bounded number of them.
            while let Some(number) = ty {
                by_type.entry(number).or_default().push(*func);
                ty = types.supertype(number).filter(|above| *above < number);
            }
        }
        by_type
    }

    /// The number of a function's type.
    fn type_number(&self, func: u32) -> Option<u32> {
        let record = self.image.funcs.get(func as usize)?;
        self.numbers.get(record.ty() as usize).copied()
    }

    /// Whether a function can be called as one of a type.
    pub(super) fn fits(&self, func: u32, ty: u32) -> bool {
        let types = self.pool.scope().types;
        let wanted = self.numbers.get(ty as usize).copied();
        self.type_number(func).zip(wanted).is_some_and(|(actual, wanted)| types.is_subtype(actual, wanted))
    }

    /// Notes every function that code, constant expressions or segments make a reference of. Those that are exported the
    /// host has anyway; where references come in (`enter`), it can hand them in.
    fn collect(&mut self, code: &Code<'i>, enter: bool) {
        let image = self.image;
        let made = image.consts.iter().filter(|instr| instr.opcode.get() == StructuralOp::RefFunc.info().opcode);
        self.referenced.extend(made.filter_map(|instr| u32::try_from(instr.immediate.get()).ok()));
        for segment in image.elements.iter().filter(|segment| segment.mode.get() != mode::DECLARED) {
            if let Contents::Known(set) = contents(&image, segment) {
                self.referenced.extend(set);
            }
        }
        for func in code.own() {
            let made = code.steps(func).filter(|step| step.plain() == Some(Plain::RefFunc));
            self.referenced.extend(made.map(|step| step.n.imm));
        }
        if enter {
            let exported = image.exports.iter().filter(|export| export.kind() == kind::FUNC);
            self.referenced.extend(exported.map(ExportRecord::index));
        }
    }

    fn fill_tables(&mut self, code: &Code<'i>) {
        let image = self.image;
        let exported =
            |table: u32| image.exports.iter().any(|export| export.kind() == kind::TABLE && export.index() == table);
        for (index, table) in (0..).zip(image.tables) {
            self.tables.push(if table.flags.get() & flag::IMPORTED != 0 {
                Contents::Foreign
            } else if exported(index) {
                Contents::Referenced
            } else {
                constant(&image, table.init)
            });
        }
        let (mut copies, mut inits) = (BTreeSet::new(), BTreeSet::new());
        for segment in image.elements.iter().filter(|segment| mode::is_active(segment.mode.get())) {
            self.put(segment.table.get(), contents(&image, segment));
        }
        for step in code.own().flat_map(|func| code.steps(func)) {
            match step.plain() {
                Some(Plain::TableSet) => self.put(step.n.imm, Contents::Referenced),
                Some(Plain::TableGrow | Plain::TableFill) => self.put(step.n.ab(), Contents::Referenced),
                Some(Plain::TableInit) => drop(inits.insert((step.n.ab(), step.data.imm))),
                Some(Plain::TableCopy) => drop(copies.insert((step.n.ab(), step.data.imm))),
                _ => {}
            }
        }
        for (table, segment) in inits {
            if let Some(segment) = image.elements.get(segment as usize) {
                self.put(table, contents(&image, segment));
            }
        }
        // What is copied from one table to the next may go on from there.
        for _ in 0..self.tables.len() {
            let before = self.tables.clone();
            for (to, from) in &copies {
                if let Some(from) = before.get(*from as usize) {
                    self.put(*to, from.clone());
                }
            }
            if before == self.tables {
                break;
            }
        }
    }

    /// Notes that a table can hold this as well.
    fn put(&mut self, table: u32, more: Contents) {
        let Some(table) = self.tables.get_mut(table as usize) else { return };
        match (&mut *table, more) {
            (Contents::Known(set), Contents::Known(more)) => set.extend(more),
            (Contents::Foreign, _) => {}
            (_, Contents::Foreign) => *table = Contents::Foreign,
            (_, Contents::Referenced) | (Contents::Referenced, _) => *table = Contents::Referenced,
        }
    }
}

/// The functions in a segment.
fn contents(image: &Image<'_>, segment: &ElementRecord) -> Contents {
    let mut set = BTreeSet::new();
    for item in image.items(segment).into_iter().flatten() {
        let Some(range) = items::expression(item) else {
            set.extend(items::func(item));
            continue;
        };
        match constant(image, range) {
            Contents::Known(more) => set.extend(more),
            other => return other,
        }
    }
    Contents::Known(set)
}

/// The function that a constant expression gives, or null.
fn constant(image: &Image<'_>, range: ConstRange) -> Contents {
    let mut set = BTreeSet::new();
    for instr in image.expression(range).unwrap_or_default() {
        let opcode = instr.opcode.get();
        if opcode == StructuralOp::RefFunc.info().opcode {
            set.extend(u32::try_from(instr.immediate.get()));
        } else if opcode != StructuralOp::RefNull.info().opcode {
            // A global, whose value may come from anywhere.
            return Contents::Referenced;
        }
    }
    Contents::Known(set)
}

/// Whether references to functions leave the module for the host, and whether they come in from there.
fn traffic(image: &Image<'_>) -> (bool, bool) {
    let has = |types: &[ValType]| types.iter().any(|ty| ty.is_reference());
    let func = |index: u32| image.funcs.get(index as usize).and_then(|record| image.func_type(record.ty()));
    let (mut leave, mut enter) = (false, false);
    for export in image.exports {
        let index = export.index();
        match export.kind() {
            kind::FUNC => {
                let (params, results) = func(index).unwrap_or_default();
                leave |= has(results);
                enter |= has(params);
            }
            kind::TABLE => (leave, enter) = (true, true),
            kind::GLOBAL => {
                let global = image.globals.get(index as usize).filter(|global| global.ty.is_reference());
                leave |= global.is_some();
                enter |= global.is_some_and(|global| global.flags.get() & flag::MUTABLE != 0);
            }
            _ => {}
        }
    }
    for import in image.imports {
        let index = import.index.get();
        match import.kind.get() {
            kind::FUNC => {
                let (params, results) = func(index).unwrap_or_default();
                leave |= has(params);
                enter |= has(results);
            }
            kind::TABLE => (leave, enter) = (true, true),
            kind::GLOBAL => {
                let global = image.globals.get(index as usize).filter(|global| global.ty.is_reference());
                enter |= global.is_some();
                leave |= global.is_some_and(|global| global.flags.get() & flag::MUTABLE != 0);
            }
            _ => {}
        }
    }
    // What exceptions carry goes both ways, between instances that share a tag.
    let shared = |what: u32| what == kind::TAG;
    let tags = image.imports.iter().filter(|import| shared(import.kind.get())).map(|import| import.index.get());
    let tags = tags.chain(image.exports.iter().filter(|export| shared(export.kind())).map(ExportRecord::index));
    for tag in tags.filter_map(|index| image.tags.get(index as usize)) {
        let carries = image.func_type(tag.ty.get()).is_some_and(|(params, _)| has(params));
        (leave, enter) = (leave || carries, enter || carries);
    }
    (leave, enter)
}

/// The nodes of indirect calls: one for each set of functions that calls choose from, with those functions.
#[derive(Default)]
pub(super) struct Choices {
    /// The number of each choice, by what it is from.
    known: BTreeMap<(Source, u32, bool), u32>,
    /// The functions of each source, by the types that they can be called as.
    by_type: BTreeMap<Source, BTreeMap<u32, Vec<u32>>>,
    /// The functions of each.
    pub(super) functions: Vec<Arc<[u32]>>,
    /// Of each, whether it is for tail calls.
    tails: Vec<bool>,
}

impl Choices {
    /// The number of the choice from a source by a type, made where it is new.
    pub(super) fn of(&mut self, references: &References<'_>, source: Source, ty: u32, tail: bool) -> u32 {
        let number = references.numbers.get(ty as usize).copied().unwrap_or_default();
        let key = (source, number, tail);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let by_type = self.by_type.entry(source).or_insert_with(|| references.by_type(source));
        let functions = by_type.get(&number).map_or_else(|| [].into(), |list| list.as_slice().into());
        let choice = self.add(functions, tail);
        self.known.insert(key, choice);
        choice
    }

    /// The number of a choice of its own.
    pub(super) fn add(&mut self, functions: Arc<[u32]>, tail: bool) -> u32 {
        self.functions.push(functions);
        self.tails.push(tail);
        self.functions.len() as u32 - 1
    }

    /// Whether a choice is for tail calls.
    pub(super) fn tail(&self, choice: u32) -> bool {
        self.tails.get(choice as usize).copied().unwrap_or(false)
    }
}
