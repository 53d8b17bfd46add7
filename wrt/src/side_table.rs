//! The side table of a function: where branches lead, what segments cost, and where safepoints are.
//!
//! One pass over the operators, like lowering and apart from it: the traditional engine is the second channel, so its table is made
//! by the rules of `docs/fuel-schedule` and of the frame layout, not from what lowering found.

mod objects;
mod operators;
mod parts;

use crate::decode::val_type;
use crate::handlers::HandlerLists;
use crate::lower::LowerError;
use crate::maps::{MapLists, References};
use alloc::format;
use alloc::vec::Vec;
use wasmparser::{BinaryReader, BlockType, FunctionBody, Operator};
use wrt_instructions::price;
use wrt_runtime::Image;
use wrt_runtime::image::format::{CatchRecord, HandlerRecord, NONE, ValType};
use wrt_runtime::instr::{FRAME_SLOTS_MAX, WIDE_LIMIT, WIDE_SCRATCH, WINDOW};
use wrt_runtime::side::{Body, Side, SideEntry};

/// A function's side table and what goes with it. Indices of entries are absolute in the module's table.
#[derive(Debug, Default)]
pub(crate) struct SideTable {
    pub(crate) entries: Vec<SideEntry>,
    pub(crate) body: Body,
    /// Which clauses are around entries. Clauses are counted from 0.
    pub(crate) handlers: HandlerLists,
    /// Where references are, by entries. Lists are counted from 0.
    pub(crate) maps: MapLists,
    /// The parts of the language that its operators need: a set of [`Part::bit`](wrt_instructions::Part::bit)s.
    pub(crate) parts: u32,
}

impl SideTable {
    /// Bytes that this takes, as counted by `max-code-bytes`.
    pub(crate) fn bytes(&self) -> u64 {
        (size_of_val(self.entries.as_slice()) as u64)
            .saturating_add(self.handlers.bytes())
            .saturating_add(self.maps.bytes())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Function,
    Block,
    Loop,
    If,
}

/// A structure that is open.
struct Open {
    kind: Kind,
    /// Height and values below its parameters.
    height: u32,
    below: usize,
    ty: BlockType,
    /// Slots of parameters and results.
    params: u32,
    results: u32,
    /// Index of the head that was current at its start.
    segment: usize,
    /// Of a loop, index of its label.
    label: u32,
    /// Branches and clauses that lead to its end.
    branches: Vec<usize>,
    catches: Vec<usize>,
    /// The branch over the first arm of an `if`.
    over: Option<usize>,
    targeted_by_table: bool,
    /// Whether there is a cut in its chain.
    cut: bool,
    /// Of a `try_table` with clauses, the first clause of the handler around it.
    outer_handler: Option<u32>,
}

impl Open {
    fn arity(&self) -> u32 {
        if self.kind == Kind::Loop { self.params } else { self.results }
    }

    fn is_targeted(&self) -> bool {
        !self.branches.is_empty() || !self.catches.is_empty()
    }
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kept {
    Plain,
    /// A `v128`, in two slots.
    Pair,
    /// A reference that can keep objects alive.
    Reference,
}

impl Kept {
    const fn slots(self) -> u32 {
        if matches!(self, Self::Pair) { 2 } else { 1 }
    }
}

/// An entry in the making.
#[derive(Clone, Copy)]
struct Draft {
    offset: u32,
    side: Side,
}

pub(super) struct Pass<'m> {
    image: &'m Image<'m>,
    /// Index of the first entry in the module's table.
    at: u32,
    drafts: Vec<Draft>,
    open: Vec<Open>,
    /// Of each value on the operand stack, whether it is a `v128`.
    values: Vec<bool>,
    /// Which slots hold references.
    references: References,
    /// Slots in use, locals included; the most there are anywhere; and the room that values put side by side need.
    height: u32,
    highest: u32,
    gathered: u32,
    /// Where locals are, as many in a row as are alike: index of the first, its slot, and what they are.
    locals: Vec<(u32, u32, Kept)>,
    local_count: u32,
    local_slots: u32,
    params: u32,
    /// Index of the current head.
    segment: usize,
    /// As [`SideTable::parts`].
    parts: u32,
    unreachable: bool,
    /// Structures opened in unreachable code.
    skipped: u32,
    /// Offset of the operator at hand, and of the one after it.
    offset: u32,
    after: u32,
    handlers: HandlerLists,
    handler: u32,
}

/// Makes the side table of function `func` of the module's index space, whose first entry will have index `at`.
///
/// # Errors
/// Frames above [`FRAME_SLOTS_MAX`], operators that the table of operators has not, more than `room` bytes, and bytecode
/// that was not validated.
// @need-ids: REQ_TRADITIONAL_001, REQ_FUEL_SCHEDULE_001, REQ_LIMITS_001
pub(crate) fn side_table(image: &Image<'_>, func: u32, at: u32, room: u64) -> Result<SideTable, LowerError> {
    let internal = |what: &str| unsupported(0, format!("internal error in the side table: {what}"));
    let record = image.funcs.get(func as usize).ok_or_else(|| internal("no such function"))?;
    let body = image.body(func);
    let (start, length) = (body.start.get() as usize, body.length.get() as usize);
    let code = image.blob.get(start..start.saturating_add(length)).unwrap_or_default();
    let body = FunctionBody::new(BinaryReader::new(code, start as u64));
    let (params, results) = image.func_type(record.ty()).ok_or_else(|| internal("no such type"))?;
    let mut pass = Pass::new(image, at);
    for param in params {
        pass.declare(1, pass.kept(*param));
    }
    pass.references.end_params();
    pass.params = pass.local_slots;
    for group in body.get_locals_reader()? {
        let (count, ty) = group?;
        let width = if ty == wasmparser::ValType::V128 { 2 } else { 1 };
        if u64::from(pass.local_slots).saturating_add(u64::from(count) * width) > u64::from(FRAME_SLOTS_MAX) {
            return Err(too_wide(func, start));
        }
        pass.declare(count, pass.kept(val_type(ty)));
    }
    let mut operators = body.get_operators_reader()?;
    pass.begin(operators.original_position() as u32, results.iter().map(|ty| ty.slots()).sum());
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        (pass.offset, pass.after) = (offset as u32, operators.original_position() as u32);
        pass.operator(&operator)?;
        if pass.highest > FRAME_SLOTS_MAX {
            return Err(too_wide(func, start));
        }
        let written = (pass.drafts.len() as u64).saturating_mul(size_of::<SideEntry>() as u64);
        if written.saturating_add(pass.handlers.bytes()).saturating_add(pass.references.bytes()) > room {
            return Err(LowerError::Room(written));
        }
    }
    pass.finish(func, start)
}

fn unsupported(offset: u32, message: alloc::string::String) -> LowerError {
    LowerError::Unsupported { message, offset: u64::from(offset) }
}

fn too_wide(func: u32, start: usize) -> LowerError {
    unsupported(start as u32, format!("function {func} needs a frame of more than {FRAME_SLOTS_MAX} slots"))
}

fn slots(types: &[ValType]) -> u32 {
    types.iter().map(|ty| ty.slots()).sum()
}

impl<'m> Pass<'m> {
    fn new(image: &'m Image<'m>, at: u32) -> Self {
        Self {
            image,
            at,
            drafts: Vec::new(),
            open: Vec::new(),
            values: Vec::new(),
            references: References::default(),
            height: 0,
            highest: 0,
            gathered: 0,
            locals: Vec::new(),
            local_count: 0,
            local_slots: 0,
            params: 0,
            segment: 0,
            parts: 0,
            unreachable: false,
            skipped: 0,
            offset: 0,
            after: 0,
            handlers: HandlerLists::default(),
            handler: NONE,
        }
    }

    /// What a value of this type is.
    fn kept(&self, ty: ValType) -> Kept {
        match ty {
            _ if ty.slots() == 2 => Kept::Pair,
            _ if self.image.all_types().is_traced(ty) => Kept::Reference,
            _ => Kept::Plain,
        }
    }

    /// Locals that are alike: one record for all of them.
    fn declare(&mut self, count: u32, kept: Kept) {
        let same = self.locals.last().is_some_and(|(_, _, before)| *before == kept);
        if !same && count > 0 {
            self.locals.push((self.local_count, self.local_slots, kept));
        }
        if kept == Kept::Reference {
            self.references.declare(self.local_slots, count);
        }
        self.local_count += count;
        self.local_slots += count * kept.slots();
    }

    /// First slot of a local, and what it is.
    fn local(&self, index: u32) -> Option<(u32, Kept)> {
        let after = self.locals.partition_point(|(first, ..)| *first <= index);
        let (first, slot, kept) = *self.locals.get(after.checked_sub(1)?)?;
        Some((slot + (index - first) * kept.slots(), kept))
    }

    fn begin(&mut self, offset: u32, results: u32) {
        (self.height, self.highest) = (self.local_slots, self.local_slots);
        (self.offset, self.after) = (offset, offset);
        self.references.note_entry(self.at);
        self.drafts
            .push(Draft { offset, side: Side::Head { charge: price::entry(self.local_slots), height: self.height } });
        self.structure(Kind::Function, (0, results), BlockType::Empty);
    }

    fn internal(&self, what: &str) -> LowerError {
        unsupported(self.offset, format!("internal error in the side table: {what}"))
    }

    // Entries.

    fn entry(&mut self, side: Side) -> usize {
        self.drafts.push(Draft { offset: self.offset, side });
        self.drafts.len() - 1
    }

    fn index(&self, draft: usize) -> u32 {
        self.at.saturating_add(draft as u32)
    }

    fn head(&mut self, offset: u32) {
        self.note_references();
        self.segment = self.drafts.len();
        self.drafts.push(Draft { offset, side: Side::Head { charge: 0, height: self.height } });
    }

    /// Notes which values are references, for a frame that stands at the next entry.
    // @need-ids: REQ_GC_003
    fn note_references(&mut self) {
        self.references.note(self.index(self.drafts.len()));
    }

    /// A label behind the operator at hand, at which branches arrive with `arity` slots above `height`.
    fn label(&mut self, offset: u32, height: u32, arity: u32) -> u32 {
        self.drafts.push(Draft { offset, side: Side::Label { height, arity } });
        self.index(self.drafts.len() - 1)
    }

    fn lead(&mut self, branch: usize, target: u32) {
        if let Some(draft) = self.drafts.get_mut(branch) {
            draft.side = Side::Branch { target };
        }
    }

    /// An entry that leads to a label, or returns.
    fn branch(&mut self, depth: u32) -> Result<(), LowerError> {
        let draft = self.drafts.len();
        let results = self.open.first().map_or(0, |function| function.results);
        let open = self.label_at(depth)?;
        let side = match open.kind {
            Kind::Function => Side::Return { results },
            Kind::Loop => Side::Branch { target: open.label },
            Kind::Block | Kind::If => {
                open.branches.push(draft);
                Side::Branch { target: 0 }
            }
        };
        self.entry(side);
        Ok(())
    }

    fn label_at(&mut self, depth: u32) -> Result<&mut Open, LowerError> {
        let missing = self.internal("no such label");
        let index = self.open.len().checked_sub(1 + depth as usize);
        index.and_then(|index| self.open.get_mut(index)).ok_or(missing)
    }

    // Prices.

    /// Charges `price` for the operator at hand, in a new segment where this one would exceed its maximum.
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007
    fn charge(&mut self, price: u32) {
        if price == 0 {
            return;
        }
        if self.charged() > 0 && self.charged().saturating_add(price) > price::SEGMENT_MAX {
            self.head(self.offset);
            // Branches out of these may pass the cut. Around one that knows of another cut all do.
            for open in self.open.iter_mut().rev().take_while(|open| open.kind == Kind::Block && !open.cut) {
                open.cut = true;
            }
        }
        if let Some(Draft { side: Side::Head { charge, .. }, .. }) = self.drafts.get_mut(self.segment) {
            *charge = charge.saturating_add(price);
        }
    }

    fn charged(&self) -> u32 {
        match self.drafts.get(self.segment) {
            Some(Draft { side: Side::Head { charge, .. }, .. }) => *charge,
            _ => 0,
        }
    }

    // Structure.

    fn structure(&mut self, kind: Kind, (params, results): (u32, u32), ty: BlockType) {
        let height = self.height.saturating_sub(params);
        let count = self.parameters(ty).len();
        self.open.push(Open {
            kind,
            height,
            below: self.values.len().saturating_sub(count),
            ty,
            params,
            results,
            segment: self.segment,
            label: 0,
            branches: Vec::new(),
            catches: Vec::new(),
            over: None,
            targeted_by_table: false,
            cut: false,
            outer_handler: None,
        });
    }

    fn parameters(&self, ty: BlockType) -> &'m [ValType] {
        match ty {
            BlockType::FuncType(index) => self.image.func_type(index).map_or(&[], |(params, _)| params),
            BlockType::Empty | BlockType::Type(_) => &[],
        }
    }

    fn arity(&self, ty: BlockType) -> (u32, u32) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(wasmparser::ValType::V128) => (0, 2),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                self.image.func_type(index).map_or((0, 0), |(params, results)| (slots(params), slots(results)))
            }
        }
    }

    fn block(&mut self, kind: Kind, ty: BlockType) {
        let arity = self.arity(ty);
        self.structure(kind, arity, ty);
        if kind == Kind::Loop {
            let height = self.height.saturating_sub(arity.0);
            let label = self.label(self.after, height, arity.0);
            if let Some(open) = self.open.last_mut() {
                open.label = label;
            }
            self.head(self.after);
        }
    }

    fn if_(&mut self, ty: BlockType) {
        self.pop();
        let over = self.entry(Side::Branch { target: 0 });
        let arity = self.arity(ty);
        self.structure(Kind::If, arity, ty);
        if let Some(open) = self.open.last_mut() {
            open.over = Some(over);
        }
        self.head(self.after);
    }

    fn else_(&mut self) -> Result<(), LowerError> {
        if !self.unreachable {
            self.branch(0)?;
        }
        let missing = self.internal("else without if");
        let open = self.open.last_mut().ok_or(missing)?;
        let (height, below, params, ty, over) = (open.height, open.below, open.params, open.ty, open.over.take());
        self.values.truncate(below);
        self.height = height;
        self.references.cut(height);
        self.push_types(self.parameters(ty));
        let label = self.label(self.after, height, params);
        if let Some(over) = over {
            self.lead(over, label);
        }
        self.unreachable = false;
        self.head(self.after);
        Ok(())
    }

    fn end(&mut self) -> Result<(), LowerError> {
        let open = self.open.pop().ok_or_else(|| self.internal("end without a structure"))?;
        if open.kind == Kind::Function {
            self.end_of_function(&open);
            return Ok(());
        }
        if let Some(outer) = open.outer_handler {
            self.handle(outer);
        }
        self.values.truncate(open.below);
        self.height = open.height;
        self.references.cut(open.height);
        let (targeted, mut branches) = (open.is_targeted(), open.branches);
        branches.extend(open.over);
        match open.ty {
            BlockType::Empty => {}
            BlockType::Type(ty) => self.push_types(&[val_type(ty)]),
            BlockType::FuncType(index) => {
                let results = self.image.func_type(index).map_or(&[][..], |(_, results)| results);
                self.push_types(results);
            }
        }
        if !branches.is_empty() || !open.catches.is_empty() {
            let label = self.label(self.after, open.height, open.results);
            for branch in branches {
                self.lead(branch, label);
            }
            self.land(&open.catches, label);
        }
        self.unreachable = false;
        match open.kind {
            Kind::Block if open.targeted_by_table || (targeted && open.cut) => self.head(self.after),
            // With a cut, and reached from within only: what is current goes on.
            Kind::Block if open.cut => {}
            _ => self.segment = open.segment,
        }
        Ok(())
    }

    fn end_of_function(&mut self, open: &Open) {
        if !open.catches.is_empty() {
            let label = self.label(self.offset, self.local_slots, open.results);
            self.land(&open.catches, label);
            self.highest = self.highest.max(self.local_slots + open.results);
        }
        if !self.unreachable || !open.catches.is_empty() {
            self.entry(Side::Return { results: open.results });
        }
    }

    // Handlers.

    fn land(&mut self, catches: &[usize], label: u32) {
        for index in catches {
            if let Some(clause) = self.handlers.clauses.get_mut(*index) {
                clause.target = label.into();
            }
        }
    }

    /// Adds a clause in front of the clause `next`; returns its index. Labels say where values go, and `slot` alone whether a
    /// reference is wanted.
    fn catch(&mut self, tag: u32, depth: u32, next: u32, slot: u32) -> Result<u32, LowerError> {
        let index = self.handlers.clauses.len();
        let open = self.label_at(depth)?;
        let target = open.label;
        if open.kind != Kind::Loop {
            open.catches.push(index);
        }
        let record = CatchRecord { tag: tag.into(), target: target.into(), slot: slot.into(), next: next.into() };
        self.handlers.clauses.push(record);
        Ok(index as u32)
    }

    /// From here on the innermost handler is the one whose first clause is `first`.
    fn handle(&mut self, first: u32) {
        self.handler = first;
        let pc = self.index(self.drafts.len());
        self.handlers.records.push(HandlerRecord { pc: pc.into(), first: first.into() });
    }

    // Values.

    fn push(&mut self, pair: bool) {
        self.values.push(pair);
        self.height += 1 + u32::from(pair);
    }

    fn push_kept(&mut self, kept: Kept) {
        if kept == Kept::Reference {
            self.references.push(self.height);
        }
        self.push(kept == Kept::Pair);
    }

    fn push_types(&mut self, types: &[ValType]) {
        for ty in types {
            self.push_kept(self.kept(*ty));
        }
    }

    /// Takes a value; whether it was a pair.
    fn pop(&mut self) -> bool {
        let pair = self.values.pop().unwrap_or_default();
        self.height = self.height.saturating_sub(1 + u32::from(pair));
        self.references.cut(self.height);
        pair
    }

    fn pop_many(&mut self, count: usize) {
        for _ in 0..count {
            self.pop();
        }
    }

    /// Notes the room that a wide frame needs where values that are handed over would stand on both sides of the scratch slots.
    fn hand_over(&mut self, height: u32, count: u32) {
        if height < WIDE_LIMIT && height.saturating_add(count) > WIDE_LIMIT {
            self.gathered = self.gathered.max((WINDOW as u32).saturating_add(count));
        }
    }

    /// Operators that return `results` slots, topmost now: a single one is returned from where it is.
    fn hand_over_results(&mut self) {
        let results = self.open.first().map_or(0, |function| function.results);
        if results >= 2 {
            self.hand_over(self.height.saturating_sub(results), results);
        }
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        if self.unreachable {
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                    self.skipped += 1;
                    return Ok(());
                }
                Operator::End if self.skipped > 0 => {
                    self.skipped -= 1;
                    return Ok(());
                }
                Operator::End => {}
                Operator::Else if self.skipped == 0 => {}
                _ => return Ok(()),
            }
        }
        let prefix = self.image.blob.get(self.offset as usize).copied();
        self.parts |= parts::parts(operator, prefix);
        let price = self.price(operator)?;
        self.charge(price);
        self.effect(operator)?;
        if !self.unreachable {
            self.highest = self.highest.max(self.height);
        }
        Ok(())
    }

    fn finish(self, func: u32, start: usize) -> Result<SideTable, LowerError> {
        let wide = self.highest > WINDOW as u32;
        let slots = if wide { (self.highest + WIDE_SCRATCH).max(self.gathered) } else { self.highest };
        if slots > FRAME_SLOTS_MAX + WIDE_SCRATCH || !self.open.is_empty() {
            return Err(too_wide(func, start));
        }
        let entries = self.drafts.iter().map(|draft| SideEntry::new(draft.offset, wide, draft.side));
        let entries = entries.collect::<Option<Vec<_>>>().ok_or_else(|| self.internal("a number too large for it"))?;
        let first = self.drafts.first().map_or(0, |draft| draft.offset);
        let body = Body {
            start: first.into(),
            side: self.at.into(),
            params: self.params.into(),
            locals: self.local_slots.into(),
            slots: slots.into(),
        };
        let maps = self.references.finish(wide);
        Ok(SideTable { entries, body, handlers: self.handlers, maps, parts: self.parts })
    }
}
