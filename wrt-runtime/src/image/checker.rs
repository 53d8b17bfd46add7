//! Checking an image's code before it runs: one walk over the instructions, without any memory of its own.
//!
//! What is checked makes an engine's work well defined: it only ever runs instructions, registers and slots lie inside the
//! frame, indices inside their spaces, and every turn of a loop is paid for. What values instructions compute is not
//! checked and cannot be: registers have no types. So a hostile image computes nonsense inside its own instance, and
//! isolation between instances needs images from a trusted source.
//!
//! Two of the rules are made so that no list of labels is needed: a data word can be told by its number, so a target that
//! is not one is an instruction; and since no branch may lead to an instruction that reads an accumulator, every such
//! instruction is reached from the one before it alone.
//!
//! Prices are checked as a sum: up to any point of a function, its heads must have charged for the instructions so far.
//! A branch may pass a head and run what a later head pays for, so this bounds the honest, and finds lowerings that
//! forget to charge. For any code that passes, a unit of fuel buys less than one pass over a function, because every backward
//! branch charges at least one unit, so does every exception that is caught, and so does every function that branches or
//! calls at all.

use super::Image;
use super::catches::Seen;
use super::error::{CodeRule, ImageError};
use super::flow::{self, is_call, is_end, is_head, is_table};
use super::format::{GlobalRecord, ValType, flag, kind};
use crate::instr::{Instr, SPLIT, WIDE_SCRATCH, WINDOW};
use crate::stack::BOUNDARY_MASK;
use wrt_instructions::Op;
use wrt_instructions::op::{Accumulator, Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, table};
use wrt_instructions::vector::{VectorAccess, VectorPlain, VectorRow};

/// Instructions that may stand in a function for each unit of fuel that its heads charge. Lowering needs 4 at most, and
/// twice that in frames wider than the window, where operands are read and written one by one.
pub const INSTRUCTIONS_PER_UNIT: u64 = 8;

/// Instructions that a function may have besides: its head, and the return of an empty body.
const UNPRICED: u64 = 8;

/// A function's code: where it lies and what its frame holds.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Slots of the frame.
    pub(super) slots: u32,
    /// Those that registers reach.
    window: u32,
    /// Whether it begins by putting parameters in their places.
    params_first: bool,
}

/// One instruction, taken apart.
#[derive(Clone, Copy)]
struct Step {
    pc: u32,
    n: Instr,
    row: Row,
    /// Its first data word; all zero for rows without.
    data: Instr,
    /// Position after it and its data words.
    next: u32,
}

impl Step {
    const fn plain(&self) -> Option<Plain> {
        match self.row {
            Row::Plain(row) => Some(row),
            _ => None,
        }
    }

    /// Where it branches to, as it says it.
    const fn target(&self) -> Option<(Target, u32)> {
        flow::target(self.row, self.n, self.data)
    }

    const fn fail(&self, rule: CodeRule) -> ImageError {
        ImageError::Code { pc: self.pc, rule }
    }

    fn require(&self, holds: bool, rule: CodeRule) -> Result<(), ImageError> {
        if holds { Ok(()) } else { Err(self.fail(rule)) }
    }
}

impl Image<'_> {
    /// Checks the code, as [`parse`](Self::parse) checks the rest. Only code that passed may be run.
    ///
    /// # Errors
    /// [`ImageError::Code`] for the first rule that does not hold.
    // @need-ids: REQ_IMAGE_001, REQ_VERIFY_003, REQ_003
    pub fn check_code(&self) -> Result<(), ImageError> {
        Checker::new(self)?.functions()
    }
}

pub(super) struct Checker<'i> {
    pub(super) image: &'i Image<'i>,
    /// Instructions and data words in all.
    length: u32,
    imported_funcs: u32,
    /// Imported globals, and the instance's own.
    globals: (&'i [GlobalRecord], &'i [GlobalRecord]),
}

impl<'i> Checker<'i> {
    fn new(image: &'i Image<'i>) -> Result<Self, ImageError> {
        let (instrs, odd) = image.code.as_chunks::<8>();
        let length = u32::try_from(instrs.len()).ok().filter(|length| odd.is_empty() && *length <= BOUNDARY_MASK);
        let length = length.ok_or(ImageError::Code { pc: 0, rule: CodeRule::Length })?;
        let imported = |what| image.imports.iter().filter(|import| import.kind.get() == what).count();
        let globals = image.globals.split_at_checked(imported(kind::GLOBAL)).unwrap_or_default();
        let imported_funcs = u32::try_from(imported(kind::FUNC)).unwrap_or(u32::MAX);
        Ok(Self { image, length, imported_funcs, globals })
    }

    /// Functions lie one after the other, in the order of their indices, and take up all of the code.
    fn functions(&self) -> Result<(), ImageError> {
        let own = self.image.funcs.get(self.imported_funcs as usize..).unwrap_or_default();
        let extents = own.iter().enumerate().map(|(index, func)| {
            let end = own.get(index.saturating_add(1)).map_or(self.length, |next| next.pc.get());
            let (start, slots) = (func.pc.get(), func.slots.get());
            let first = self.image.instr(start);
            let params_first = first.is_some_and(|n| n.op() == Op::plain(Plain::WideParams));
            Function { start, end, slots, window: slots.min(WINDOW as u32), params_first }
        });
        let order = |pc: u32| ImageError::Code { pc, rule: CodeRule::FuncOrder };
        if own.first().map_or(self.length, |func| func.pc.get()) != 0 {
            return Err(order(0));
        }
        if let Some(wrong) = extents.clone().find(|f| f.start >= f.end || f.end > self.length) {
            return Err(order(wrong.start));
        }
        let mut seen = Seen::default();
        extents.into_iter().try_for_each(|f| {
            self.function(f)?;
            self.handlers(f, &mut seen)
        })?;
        self.no_more_handlers(&seen)
    }

    fn function(&self, f: Function) -> Result<(), ImageError> {
        let mut pc = f.start;
        let mut made = Accumulator::None;
        let mut entries = 0_u32;
        let mut price = Price::default();
        let mut ends = false;
        while pc < f.end {
            let step = self.step(f, pc)?;
            head(f, &step)?;
            let entry = entries > 0;
            if entry {
                table_entry(&step)?;
                entries = entries.saturating_sub(1);
            }
            step.require(reach(&step) <= f.window, CodeRule::Register)?;
            self.indices(&step)?;
            step.require(self.slots(&step) <= u64::from(f.slots), CodeRule::Slot)?;
            self.target(f, &step, entry)?;
            let takes = step.row.takes();
            step.require(takes == Accumulator::None || takes == made, CodeRule::Accumulator)?;
            step.require(!step.n.is_unwritten() || self.is_taken(f, &step), CodeRule::Accumulator)?;
            price.pay(f, &step, entry)?;
            if step.plain().is_some_and(is_table) {
                entries = table_entries(f, &step)?;
            }
            made = makes(&step);
            ends = is_end(step.row);
            pc = step.next;
        }
        if ends { Ok(()) } else { Err(ImageError::Code { pc: f.end.saturating_sub(1), rule: CodeRule::FallsOff }) }
    }

    /// Reads the instruction at `pc`, with its data word.
    fn step(&self, f: Function, pc: u32) -> Result<Step, ImageError> {
        let fail = |rule| ImageError::Code { pc, rule };
        let n = self.image.instr(pc).ok_or(fail(CodeRule::Length))?;
        if n.op() == Op::plain(Plain::Data) {
            return Err(fail(CodeRule::DataWord));
        }
        let row = n.op().row().filter(|row| row.exists()).ok_or_else(|| missing(pc, n))?;
        let mut next = pc.saturating_add(1);
        let mut first = None;
        for _ in 0..row.data_words() {
            let data = self.image.instr(next).filter(|data| next < f.end && data.op() == Op::plain(Plain::Data));
            let data = data.ok_or(fail(CodeRule::DataWord))?;
            first = first.or(Some(data));
            next = next.saturating_add(1);
        }
        Ok(Step { pc, n, row, data: first.unwrap_or_default(), next })
    }

    /// Targets lie in the function, and are what the branch takes them for.
    fn target(&self, f: Function, step: &Step, entry: bool) -> Result<(), ImageError> {
        let Some((target, to)) = step.target() else { return Ok(()) };
        if target == Target::Back {
            let charges = f.start <= to && to <= step.pc && self.head_at(f, to).is_some_and(|charge| charge > 0);
            // The heads that branch tables lead to lie on both sides.
            let charges = charges || entry && to > step.pc && self.head_at(f, to).is_some();
            return step.require(charges, CodeRule::BackTarget);
        }
        let to = step.next.checked_add(to).filter(|to| *to < f.end).ok_or(step.fail(CodeRule::Target))?;
        let row = self.image.instr(to).and_then(|to| to.op().row()).filter(|row| *row != Row::Plain(Plain::Data));
        let row = row.ok_or(step.fail(CodeRule::Target))?;
        step.require(row.takes() == Accumulator::None, CodeRule::Accumulator)?;
        let (here, there) = (self.head_at(f, step.next).is_some(), self.head_at(f, to).is_some());
        match target {
            Target::If => step.require(here, CodeRule::IfHead),
            Target::IfElse => step.require(here && there, CodeRule::IfHead),
            Target::Forward | Target::Back => Ok(()),
        }
    }

    /// What the head at `pc` charges, if there is one: heads that branches run are told by nothing but their place.
    fn head_at(&self, f: Function, pc: u32) -> Option<u32> {
        let head = self.image.instr(pc).filter(|_| pc < f.end)?;
        (head.op() == Op::plain(Plain::Fuel)).then_some(head.imm)
    }

    /// Whether the next instruction takes what this one makes, so that it need not be written.
    fn is_taken(&self, f: Function, step: &Step) -> bool {
        let next = self.image.instr(step.next).filter(|_| step.next < f.end);
        let taker = next.and_then(|next| next.op().row());
        step.row.can_stay() && taker.is_some_and(|taker| taker.takes() == step.row.makes())
    }

    /// How many slots a function's type has: parameters or results, whichever are more.
    fn arity(&self, ty: u32) -> u64 {
        let slots = |types: &[ValType]| types.iter().map(|ty| u64::from(ty.slots())).sum::<u64>();
        // A type that does not exist was refused with its index.
        self.image.func_type(ty).map_or(0, |(params, results)| slots(params).max(slots(results)))
    }

    /// How many slots an exception with a tag carries; `None` where there is no such tag.
    pub(super) fn tag_arity(&self, tag: u32) -> Option<u64> {
        let tag = self.image.tags.get(tag as usize)?;
        Some(self.arity(tag.ty.get()))
    }

    fn func_arity(&self, func: u32) -> u64 {
        self.image.funcs.get(func as usize).map_or(0, |func| self.arity(func.ty.get()))
    }

    /// One past the highest slot that an instruction reads or writes other than through registers.
    fn slots(&self, step: &Step) -> u64 {
        let Some(row) = step.plain() else { return 0 };
        let (n, data) = (step.n, step.data);
        let from = |first: u32, count: u64| u64::from(first).saturating_add(count);
        let operands = |first: u32, count: u64| match first & SPLIT {
            0 => from(first, count),
            _ => from(first & !SPLIT, count.saturating_add(WIDE_SCRATCH.into())),
        };
        match row {
            Plain::EnterWide => from(data.ab(), data.imm.into()),
            Plain::Call | Plain::CallImport => from(n.ab(), self.func_arity(n.imm)),
            Plain::CallIndirect | Plain::CallRef => from(data.imm, self.arity(n.imm)),
            Plain::ReturnCall | Plain::ReturnCallImport => from(n.ab(), data.imm.into()),
            Plain::ReturnCallIndirect | Plain::ReturnCallRef => from(data.imm >> 16, (data.imm & 0xFFFF).into()),
            Plain::Throw => operands(data.imm, n.ab().into()),
            Plain::ReturnConst | Plain::Return1Acc => 1,
            Plain::ReturnMany => from(n.ab(), n.imm.into()),
            Plain::MemoryGrow | Plain::FarGet | Plain::FarPut => from(n.imm, 1),
            Plain::TableGrow => operands(n.imm, 2),
            Plain::MemoryCopy | Plain::MemoryFill | Plain::MemoryInit => operands(n.imm, 3),
            Plain::TableCopy | Plain::TableFill | Plain::TableInit => operands(n.imm, 3),
            Plain::WideParams => from(n.imm, WIDE_SCRATCH.into()),
            _ => 0,
        }
    }

    /// Indices lie in their spaces.
    fn indices(&self, step: &Step) -> Result<(), ImageError> {
        let image = self.image;
        let inside = |index: u32, len: usize| (index as usize) < len;
        let memory = |index: u32| inside(index, image.memories.len());
        let table = |index: u32| inside(index, image.tables.len());
        let (n, data) = (step.n, step.data);
        let Some(row) = step.plain() else {
            let right = match step.row {
                Row::Load(_, LoadForm::Far) | Row::Store(_, StoreForm::Far) => memory(data.ab()),
                Row::Load(..) | Row::Store(..) => memory(0),
                Row::Vector(row) => self.vector_index(row, n, data),
                _ => true,
            };
            return step.require(right, CodeRule::Index);
        };
        let right = match row {
            Plain::GlobalGet => self.own_global(n.imm).is_some(),
            Plain::GlobalSet => self.own_global(n.imm).is_some_and(is_mutable),
            Plain::ImportedGlobalGet => inside(n.imm, self.globals.0.len()),
            Plain::ImportedGlobalSet => self.globals.0.get(n.imm as usize).is_some_and(is_mutable),
            Plain::Call | Plain::ReturnCall => n.imm >= self.imported_funcs && inside(n.imm, image.funcs.len()),
            Plain::CallImport | Plain::ReturnCallImport => n.imm < self.imported_funcs,
            Plain::CallIndirect | Plain::ReturnCallIndirect => image.func_type(n.imm).is_some() && table(data.ab()),
            Plain::CallRef | Plain::ReturnCallRef => image.func_type(n.imm).is_some(),
            Plain::Throw => self.tag_arity(n.imm) == Some(n.ab().into()),
            Plain::MemorySize => memory(n.imm),
            Plain::MemoryGrow | Plain::MemoryFill => memory(n.ab()),
            Plain::MemoryCopy => memory(n.a.into()) && memory(n.b.into()),
            Plain::MemoryInit => memory(n.ab()) && inside(data.imm, image.data.len()),
            Plain::DataDrop => inside(n.imm, image.data.len()),
            Plain::TableGet | Plain::TableSet | Plain::TableSize => table(n.imm),
            Plain::TableGrow | Plain::TableFill => table(n.ab()),
            Plain::TableCopy => table(n.ab()) && table(data.imm),
            Plain::TableInit => table(n.ab()) && inside(data.imm, image.elements.len()),
            Plain::ElemDrop => inside(n.imm, image.elements.len()),
            Plain::RefFunc => inside(n.imm, image.funcs.len()),
            _ => true,
        };
        step.require(right, CodeRule::Index)
    }

    /// Whether the memory or global that a vector instruction names is there; a global must have both slots.
    fn vector_index(&self, row: VectorRow, n: Instr, data: Instr) -> bool {
        let global = match row {
            VectorRow::Load(_, VectorAccess::Far) | VectorRow::Store(_, VectorAccess::Far) => {
                return (data.ab() as usize) < self.image.memories.len();
            }
            VectorRow::Load(..) | VectorRow::Store(..) => return !self.image.memories.is_empty(),
            VectorRow::Plain(VectorPlain::GlobalGet | VectorPlain::GlobalSet) => self.own_global(n.imm),
            VectorRow::Plain(VectorPlain::ImportedGlobalGet | VectorPlain::ImportedGlobalSet) => {
                self.globals.0.get(n.imm as usize)
            }
            _ => return true,
        };
        global.is_some_and(|global| global.ty == ValType::V128 && (row.writes() || is_mutable(global)))
    }

    /// The instance's own global that begins at `slot`.
    fn own_global(&self, slot: u32) -> Option<&GlobalRecord> {
        let own = self.globals.1;
        own.get(own.binary_search_by_key(&slot, |global| global.slot.get()).ok()?)
    }
}

/// Why there is no such instruction.
// @need-ids: REQ_PARTS_001, REQ_VECTOR_002, REQ_FLOAT_001
#[cold]
fn missing(pc: u32, n: Instr) -> ImageError {
    match n.op().row().and_then(Row::part).filter(|part| !part.is_built()) {
        Some(part) => ImageError::LeftOut { pc: Some(pc), part },
        None => ImageError::Code { pc, rule: CodeRule::Operator },
    }
}

fn is_mutable(global: &GlobalRecord) -> bool {
    global.flags.get() & flag::MUTABLE != 0
}

/// A function begins with a head; the heads that zero locals stand nowhere else.
fn head(f: Function, step: &Step) -> Result<(), ImageError> {
    let enters = match step.plain() {
        // Fixed numbers of slots may be zeroed beyond the frame, where nothing is in use, but not around the window.
        Some(Plain::Enter4) => u32::from(step.n.a) <= WINDOW as u32 - 4,
        Some(Plain::Enter8) => u32::from(step.n.a) <= WINDOW as u32 - 8,
        Some(Plain::Enter | Plain::EnterWide) => true,
        Some(Plain::Fuel) => return Ok(()),
        // Its parameters are put in their places first; the head follows, so that a pause there leaves them alone.
        Some(Plain::WideParams) => true,
        _ => return step.require(step.pc != f.start, CodeRule::Head),
    };
    let after_params = f.params_first && step.pc == f.start.saturating_add(1) && step.plain() == Some(Plain::EnterWide);
    step.require(enters && (step.pc == f.start || after_params), CodeRule::Head)
}

/// A jump in a branch table, whose field `a` says what the table does there.
fn table_entry(step: &Step) -> Result<(), ImageError> {
    let right = match step.plain() {
        Some(Plain::Jump) => step.n.a == table::FORWARD,
        Some(Plain::JumpBack) => step.n.a == table::HEAD,
        _ => false,
    };
    step.require(right, CodeRule::BranchTable)
}

/// How many jumps follow a branch table.
fn table_entries(f: Function, step: &Step) -> Result<u32, ImageError> {
    let entries = step.n.imm.checked_add(1).filter(|entries| *entries <= f.end.saturating_sub(step.next));
    entries.ok_or(step.fail(CodeRule::BranchTable))
}

/// The accumulator that the next instruction finds.
fn makes(step: &Step) -> Accumulator {
    match step.plain() {
        // Memories but the first are the driver's, which starts again with empty accumulators.
        Some(Plain::MemorySize) if step.n.imm != 0 => Accumulator::None,
        _ if step.row.has_data() => Accumulator::None,
        _ => step.row.makes(),
    }
}

/// What was charged for so far in a function, and what was not used up yet.
#[derive(Default)]
struct Price {
    charged: u64,
    /// Instructions that branch tables make besides: their jumps, and one landing pad for each that moves values.
    granted: u64,
    instructions: u64,
}

impl Price {
    fn pay(&mut self, f: Function, step: &Step, entry: bool) -> Result<(), ImageError> {
        let row = step.plain();
        if row.is_some_and(is_head) {
            self.charged = self.charged.saturating_add(step.n.imm.into());
        }
        if entry {
            // A pad moves at most a frame, each value in two instructions, and jumps.
            let pad = u64::from(f.slots).saturating_mul(2).saturating_add(2);
            self.granted = self.granted.saturating_add(pad);
        }
        self.instructions = self.instructions.saturating_add(1);
        let goes_on =
            step.target().is_some() || row.is_some_and(|row| is_table(row) || is_call(row) || row == Plain::Throw);
        step.require(self.charged > 0 || !goes_on, CodeRule::Unpriced)?;
        let paid = self.charged.saturating_mul(INSTRUCTIONS_PER_UNIT).saturating_add(self.granted);
        step.require(self.instructions <= paid.saturating_add(UNPRICED), CodeRule::Unpriced)
    }
}

/// One past the highest register that an instruction reads or writes.
fn reach(step: &Step) -> u32 {
    let n = step.n;
    let one = |register: u8| u32::from(register).saturating_add(1);
    let (a, b, c) = (one(n.a), one(n.b), one(n.imm as u8));
    match step.row {
        Row::Binary(_, form) | Row::FloatBinary(_, form) | Row::Compare(_, form) | Row::FloatCompare(_, form) => {
            a.max(match form {
                Operands::RR => b.max(c),
                Operands::RI | Operands::IR | Operands::RA => b,
                Operands::AR => c,
                Operands::AI | Operands::IA => 0,
            })
        }
        Row::CompareBranch(_, form, _) | Row::FloatCompareBranch(_, _, form, _) => match form {
            Compared::RR | Compared::SR => a.max(b),
            Compared::AR => b,
            Compared::RA | Compared::R8 | Compared::RK | Compared::S8 => a,
            Compared::A8 | Compared::AK => 0,
        },
        Row::Unary(_, Operand::R) | Row::FloatUnary(_, Operand::R) => a.max(b),
        Row::Unary(_, Operand::A) | Row::FloatUnary(_, Operand::A) => a,
        Row::Load(_, form) => a.max(match form {
            LoadForm::R | LoadForm::Wrap | LoadForm::R64 | LoadForm::Far => b,
            LoadForm::Idx => b.max(c),
            LoadForm::AIdx => c,
            LoadForm::Abs | LoadForm::A | LoadForm::AWrap | LoadForm::A64 => 0,
        }),
        Row::Store(_, form) => match form {
            StoreForm::R | StoreForm::Wrap | StoreForm::R64 | StoreForm::Far => a.max(b),
            StoreForm::Abs => b,
            StoreForm::Idx => a.max(b).max(c),
            StoreForm::IdxA => a.max(c),
            StoreForm::Imm | StoreForm::WrapImm | StoreForm::Imm64 => a,
            StoreForm::A | StoreForm::WrapA | StoreForm::A64 => a,
            StoreForm::AbsA => 0,
        },
        Row::Branch(_, Operand::R, _) => a,
        Row::Branch(_, Operand::A, _) => 0,
        Row::Wide(op) => {
            let operands = n.imm.to_le_bytes().map(one);
            operands.into_iter().take(op.operands() as usize).fold(a.max(b), u32::max)
        }
        Row::Plain(row) => plain_reach(row, n),
        Row::Vector(row) => vector_reach(row, n),
    }
}

/// [`reach`] of vector rows: both slots of a pair count.
fn vector_reach(row: VectorRow, n: Instr) -> u32 {
    let [low, next, ..] = n.imm.to_le_bytes();
    let fields = [n.a, n.b, low, next].into_iter().zip(row.registers());
    let ends =
        fields.map(|(register, slots)| if slots == 0 { 0 } else { u32::from(register).saturating_add(slots.into()) });
    ends.max().unwrap_or(0)
}

/// [`reach`] of the rows with one form.
fn plain_reach(row: Plain, n: Instr) -> u32 {
    let one = |register: u8| u32::from(register).saturating_add(1);
    let (a, b) = (one(n.a), one(n.b));
    let [r0, r1, r2, r3] = n.imm.to_le_bytes().map(one);
    match row {
        Plain::Mov | Plain::TableGet | Plain::TableSet => a.max(b),
        Plain::Mov2 | Plain::Select => a.max(b).max(r0).max(r1),
        Plain::Mov3 => a.max(b).max(r0).max(r1).max(r2).max(r3),
        Plain::MovRange => n.imm.max(n.a.into()).saturating_add(n.b.into()),
        Plain::Enter => u32::from(n.a).saturating_add(n.b.into()),
        Plain::Const
        | Plain::ConstS
        | Plain::ConstHi
        | Plain::Const64
        | Plain::GlobalGet
        | Plain::GlobalSet
        | Plain::ImportedGlobalGet
        | Plain::ImportedGlobalSet
        | Plain::BrTable
        | Plain::Return1
        | Plain::MemorySize
        | Plain::TableSize
        | Plain::RefFunc
        | Plain::RefAsNonNull
        | Plain::FarGet
        | Plain::FarPut => a,
        Plain::CallIndirect | Plain::ReturnCallIndirect | Plain::CallRef | Plain::ReturnCallRef => b,
        // Listed, so that a new row has to be put in its place.
        Plain::Corrupt
        | Plain::Data
        | Plain::Unreachable
        | Plain::Fuel
        | Plain::Enter4
        | Plain::Enter8
        | Plain::EnterWide
        | Plain::WideParams
        | Plain::Jump
        | Plain::JumpBack
        | Plain::Call
        | Plain::CallImport
        | Plain::ReturnCall
        | Plain::ReturnCallImport
        | Plain::BrTableAcc
        | Plain::Throw
        | Plain::Return
        | Plain::Return1Acc
        | Plain::ReturnConst
        | Plain::ReturnMany
        | Plain::MemoryGrow
        | Plain::MemoryCopy
        | Plain::MemoryFill
        | Plain::MemoryInit
        | Plain::DataDrop
        | Plain::TableGrow
        | Plain::TableFill
        | Plain::TableCopy
        | Plain::TableInit
        | Plain::ElemDrop => 0,
    }
}
