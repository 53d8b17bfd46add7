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
use super::format::{GlobalRecord, ValType, flag, kind};
use super::shape::{self, Shape};
use crate::instr::{Instr, SPLIT, UNWRITTEN, WIDE_SCRATCH, WINDOW};
use crate::stack::BOUNDARY_MASK;
use wrt_instructions::Op;
use wrt_instructions::op::{Plain, Row, Target, table};
use wrt_instructions::vector::{BUILT, VectorPlain, VectorRow};

/// Instructions that may stand in a function for each unit of fuel that its heads charge. Lowering needs 4 at most, and
/// twice that in frames wider than the window, where operands are read and written one by one.
pub const INSTRUCTIONS_PER_UNIT: u32 = 8;

/// Instructions that a function may have besides: its head, and the return of an empty body.
const UNPRICED: u32 = 8;

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

/// What is known of a function between two of its instructions.
struct Walk {
    pc: u32,
    /// Shapes at which more than registers and targets is looked at: all of them for a function's first instruction, and in
    /// branch tables.
    special: u32,
    /// Shapes that may not follow, for what they take from accumulators or leave there.
    forbidden: u32,
    /// Jumps of a branch table that are still to come.
    entries: u32,
    /// Position before which code is paid for, if no more is charged. At the most there is, all is: code is shorter.
    paid: u32,
    /// Shapes that need a charge before them: none after the first charge.
    unpaid: u32,
    /// Position after the last instruction that does not go on to the next.
    ended: u32,
}

fn require(holds: bool, rule: CodeRule) -> Result<(), CodeRule> {
    if holds { Ok(()) } else { Err(rule) }
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
    /// The code, where it lies such that it can be read by the word.
    instrs: &'i [Instr],
    /// Instructions and data words in all.
    length: u32,
    /// Shapes at which more than registers and targets is looked at.
    special: u32,
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
        let instrs = Instr::in_place(image.code).unwrap_or_default();
        let special = if image.memories.is_empty() { shape::SPECIAL | shape::MEMORY } else { shape::SPECIAL };
        Ok(Self { image, instrs, length, special, imported_funcs, globals })
    }

    /// The instruction at a position; `None` past the end.
    #[inline(always)]
    fn instr(&self, pc: u32) -> Option<Instr> {
        // The same byte for byte, elsewhere than on devices and in tests.
        #[cold]
        #[inline(never)]
        fn unaligned(image: &Image<'_>, pc: u32) -> Option<Instr> {
            image.instr(pc)
        }
        self.instrs.get(pc as usize).copied().or_else(|| unaligned(self.image, pc))
    }

    /// The shape of the instruction at a position.
    #[inline(always)]
    fn shape(&self, pc: u32) -> Option<Shape> {
        self.instr(pc).map(|n| Shape::of(n.op()))
    }

    /// Functions lie one after the other, in the order of their indices, and take up all of the code.
    fn functions(&self) -> Result<(), ImageError> {
        let own = self.image.funcs.get(self.imported_funcs as usize..).unwrap_or_default();
        let extents = own.iter().enumerate().map(|(index, func)| {
            let end = own.get(index.saturating_add(1)).map_or(self.length, |next| next.pc.get());
            let (start, slots) = (func.pc.get(), func.slots.get());
            let first = self.instr(start);
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

    #[inline(never)]
    fn function(&self, f: Function) -> Result<(), ImageError> {
        let mut walk = Walk {
            pc: f.start,
            special: u32::MAX,
            forbidden: shape::NOTHING_MADE,
            entries: 0,
            paid: f.start.saturating_add(UNPRICED),
            unpaid: shape::GOES_ON,
            ended: f.start,
        };
        while walk.pc < f.end {
            self.step(&f, &mut walk).map_err(|rule| self.refused(walk.pc, rule))?;
            self.pass(&f, &mut walk);
        }
        let rule = if walk.forbidden & shape::TAKES_NOTHING != 0 {
            CodeRule::Accumulator
        } else if walk.ended != f.end {
            CodeRule::FallsOff
        } else {
            return Ok(());
        };
        Err(ImageError::Code { pc: f.end.saturating_sub(1), rule })
    }

    /// The error for a rule that the instruction at `pc` breaks.
    // @need-ids: REQ_PARTS_001, REQ_VECTOR_002, REQ_FLOAT_001
    #[cold]
    fn refused(&self, pc: u32, rule: CodeRule) -> ImageError {
        let op = self.instr(pc).unwrap_or_default().op();
        match rule {
            CodeRule::Operator if op == Op::plain(Plain::Data) => ImageError::Code { pc, rule: CodeRule::DataWord },
            CodeRule::Operator => match Shape::of(op).left_out() {
                Some(part) => ImageError::LeftOut { pc: Some(pc), part },
                None => ImageError::Code { pc, rule },
            },
            _ => ImageError::Code { pc, rule },
        }
    }

    /// Passes over instructions that only compute, up to the first that does more or that a rule may refuse.
    ///
    /// Most instructions are such. One whose result is not written is passed over before it is known whether the next one
    /// takes it.
    #[inline(always)]
    fn pass(&self, f: &Function, walk: &mut Walk) {
        let stretch = walk.pc as usize..f.end.min(walk.paid) as usize;
        let code = self.instrs.get(stretch).unwrap_or_default();
        let stop = walk.special | shape::MORE;
        let mut forbidden = walk.forbidden;
        let passed = code.iter().position(|n| {
            let shape = Shape::look_up(n.op());
            let stops = shape.has(stop | forbidden) || shape.misses_write(*n) || !names_inside(*n, shape, f.window);
            if !stops {
                forbidden = shape.forbids() | u32::from(n.op & UNWRITTEN);
            }
            stops
        });
        walk.forbidden = forbidden;
        walk.pc = walk.pc.saturating_add(passed.unwrap_or(code.len()) as u32);
    }

    /// Checks one instruction, with its data words.
    #[inline(never)]
    fn step(&self, f: &Function, walk: &mut Walk) -> Result<(), CodeRule> {
        let pc = walk.pc;
        let n = self.instr(pc).ok_or(CodeRule::Length)?;
        let shape = Shape::of(n.op());
        if shape.has(walk.forbidden) && walk.forbidden & shape::TAKES_NOTHING != 0 {
            // The result before was not written, and this does not take it.
            walk.pc = pc.saturating_sub(1);
            return Err(CodeRule::Accumulator);
        }
        require(!shape.has(shape::ABSENT), CodeRule::Operator)?;
        let mut next = pc.saturating_add(1);
        if shape.data_words() != 0 {
            next = self.data_words(f, next, shape.data_words())?;
            walk.paid = walk.paid.saturating_add(shape.data_words());
        }
        let entry = walk.entries > 0;
        if shape.has(walk.special) {
            self.special(f, walk, n)?;
        } else {
            require(registers(n, shape, f.window), CodeRule::Register)?;
        }
        if shape.has(shape::BRANCHES) {
            let far = if shape.has(shape::FAR_TARGET) { self.instr(pc.saturating_add(1)) } else { None };
            let to = far.unwrap_or(n).imm;
            if shape.targets(Target::Back) {
                let charge = self.head_at(f, to);
                // The heads that branch tables lead to lie on both sides.
                let right = if to <= pc { f.start <= to && charge > Some(0) } else { entry && charge.is_some() };
                require(right, CodeRule::BackTarget)?;
            } else {
                self.forward(f, shape, next, to)?;
            }
        }
        require(!shape.has(walk.forbidden), CodeRule::Accumulator)?;
        require(!n.is_unwritten() || self.is_taken(f, n, shape, next), CodeRule::Accumulator)?;
        walk.forbidden = shape.forbids();
        if shape.has(shape::HEAD) {
            walk.paid = walk.paid.saturating_add(n.imm.saturating_mul(INSTRUCTIONS_PER_UNIT));
            walk.unpaid = if n.imm > 0 { 0 } else { walk.unpaid };
        }
        require(!shape.has(walk.unpaid) && next <= walk.paid, CodeRule::Unpriced)?;
        if shape.has(shape::TABLE) {
            // One more than it says, all of them inside the function.
            let entries = n.imm.checked_add(1).filter(|entries| *entries <= f.end.saturating_sub(next));
            walk.entries = entries.ok_or(CodeRule::BranchTable)?;
            walk.special = u32::MAX;
        }
        if shape.has(shape::ENDS) {
            walk.ended = next;
        }
        walk.pc = next;
        Ok(())
    }

    /// Position after data words.
    fn data_words(&self, f: &Function, from: u32, count: u32) -> Result<u32, CodeRule> {
        let end = from.saturating_add(count);
        let mut words = from..end;
        let all = end <= f.end && words.all(|pc| self.instr(pc).is_some_and(|n| n.op() == Op::plain(Plain::Data)));
        require(all, CodeRule::DataWord)?;
        Ok(end)
    }

    /// What is looked at besides in few instructions.
    #[cold]
    #[inline(never)]
    fn special(&self, f: &Function, walk: &mut Walk, n: Instr) -> Result<(), CodeRule> {
        let (row, shape) = (n.op().as_plain(), Shape::of(n.op()));
        head(f, walk.pc, n, row)?;
        if walk.entries > 0 {
            require(is_table_entry(n, row), CodeRule::BranchTable)?;
            walk.entries = walk.entries.saturating_sub(1);
            // A pad moves at most a frame, each value in two instructions, and jumps.
            walk.paid = walk.paid.saturating_add(f.slots.saturating_mul(2).saturating_add(2));
        }
        walk.special = if walk.entries > 0 { u32::MAX } else { self.special };
        let data = if shape.data_words() != 0 { self.instr(walk.pc.saturating_add(1)) } else { None };
        let data = data.unwrap_or_default();
        require(registers(n, shape, f.window) && reach(n, row) <= f.window, CodeRule::Register)?;
        require(self.indices(n, shape, row, data), CodeRule::Index)?;
        require(row.map_or(0, |row| self.slots(row, n, data)) <= f.slots, CodeRule::Slot)
    }

    /// Forward targets lie in the function, and are what the branch takes them for.
    fn forward(&self, f: &Function, shape: Shape, next: u32, by: u32) -> Result<(), CodeRule> {
        let to = next.checked_add(by).filter(|to| *to < f.end).ok_or(CodeRule::Target)?;
        self.entrance(to)?;
        let both = shape.targets(Target::IfElse);
        let here = !(both || shape.targets(Target::If)) || self.head_at(f, next).is_some();
        require(here && (!both || self.head_at(f, to).is_some()), CodeRule::IfHead)
    }

    /// Whether branches may lead to a position: to an instruction, which takes nothing from an accumulator.
    pub(super) fn entrance(&self, to: u32) -> Result<(), CodeRule> {
        let shape = self.shape(to).filter(|shape| shape.is_instruction()).ok_or(CodeRule::Target)?;
        require(shape.has(shape::TAKES_NOTHING), CodeRule::Accumulator)
    }

    /// What the head at `pc` charges, if there is one: heads that branches run are told by nothing but their place.
    fn head_at(&self, f: &Function, pc: u32) -> Option<u32> {
        let head = self.instr(pc).filter(|_| pc < f.end)?;
        (head.op() == Op::plain(Plain::Fuel)).then_some(head.imm)
    }

    /// Whether the next instruction takes what this one makes, so that it need not be written.
    #[inline(always)]
    fn is_taken(&self, f: &Function, n: Instr, shape: Shape, next: u32) -> bool {
        let taker = self.shape(next).filter(|_| next < f.end);
        let other = shape.forbids() | shape::TAKES_NOTHING;
        !shape.misses_write(n) && taker.is_some_and(|taker| !taker.has(other))
    }

    /// How many slots a function's type has: parameters or results, whichever are more.
    fn arity(&self, ty: u32) -> u32 {
        let slots = |types: &[ValType]| types.iter().fold(0, |sum: u32, ty| sum.saturating_add(ty.slots()));
        // A type that does not exist was refused with its index.
        self.image.func_type(ty).map_or(0, |(params, results)| slots(params).max(slots(results)))
    }

    /// How many slots an exception with a tag carries; `None` where there is no such tag.
    pub(super) fn tag_arity(&self, tag: u32) -> Option<u32> {
        let tag = self.image.tags.get(tag as usize)?;
        Some(self.arity(tag.ty.get()))
    }

    fn func_arity(&self, func: u32) -> u32 {
        self.image.funcs.get(func as usize).map_or(0, |func| self.arity(func.ty.get()))
    }

    /// One past the highest slot that an instruction reads or writes other than through registers.
    fn slots(&self, row: Plain, n: Instr, data: Instr) -> u32 {
        let from = |first: u32, count: u32| first.saturating_add(count);
        let operands = |first: u32, count: u32| match first & SPLIT {
            0 => from(first, count),
            _ => from(first & !SPLIT, count.saturating_add(WIDE_SCRATCH)),
        };
        match row {
            Plain::EnterWide => from(data.ab(), data.imm),
            Plain::Call | Plain::CallImport => from(n.ab(), self.func_arity(n.imm)),
            Plain::CallIndirect | Plain::CallRef => from(data.imm, self.arity(n.imm)),
            Plain::ReturnCall | Plain::ReturnCallImport => from(n.ab(), data.imm),
            Plain::ReturnCallIndirect | Plain::ReturnCallRef => from(data.imm >> 16, data.imm & 0xFFFF),
            Plain::Throw => operands(data.imm, n.ab()),
            Plain::ReturnConst | Plain::Return1Acc => 1,
            Plain::ReturnMany => from(n.ab(), n.imm),
            Plain::MemoryGrow | Plain::FarGet | Plain::FarPut => from(n.imm, 1),
            Plain::TableGrow => operands(n.imm, 2),
            Plain::MemoryCopy | Plain::MemoryFill | Plain::MemoryInit => operands(n.imm, 3),
            Plain::TableCopy | Plain::TableFill | Plain::TableInit => operands(n.imm, 3),
            Plain::WideParams => from(n.imm, WIDE_SCRATCH),
            _ => 0,
        }
    }

    /// Indices lie in their spaces.
    fn indices(&self, n: Instr, shape: Shape, row: Option<Plain>, data: Instr) -> bool {
        let image = self.image;
        let inside = |index: u32, len: usize| (index as usize) < len;
        let memory = |index: u32| inside(index, image.memories.len());
        let table = |index: u32| inside(index, image.tables.len());
        let Some(row) = row else {
            // Without a data word that names another, the first.
            return if shape.has(shape::MEMORY) { memory(data.ab()) } else { self.vector_index(n) };
        };
        match row {
            Plain::GlobalGet => self.own_global(n.imm).is_some(),
            Plain::GlobalSet => self.own_global(n.imm).is_some_and(is_mutable),
            Plain::ImportedGlobalGet => inside(n.imm, self.globals.0.len()),
            Plain::ImportedGlobalSet => self.globals.0.get(n.imm as usize).is_some_and(is_mutable),
            Plain::Call | Plain::ReturnCall => n.imm >= self.imported_funcs && inside(n.imm, image.funcs.len()),
            Plain::CallImport | Plain::ReturnCallImport => n.imm < self.imported_funcs,
            Plain::CallIndirect | Plain::ReturnCallIndirect => image.func_type(n.imm).is_some() && table(data.ab()),
            Plain::CallRef | Plain::ReturnCallRef => image.func_type(n.imm).is_some(),
            Plain::Throw => self.tag_arity(n.imm) == Some(n.ab()),
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
        }
    }

    /// Whether the global that a vector instruction names is there, with both slots.
    fn vector_index(&self, n: Instr) -> bool {
        let Some(row) = vector(n) else { return true };
        let global = match row {
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

fn is_mutable(global: &GlobalRecord) -> bool {
    global.flags.get() & flag::MUTABLE != 0
}

/// A function begins with a head; the heads that zero locals stand nowhere else.
fn head(f: &Function, pc: u32, n: Instr, row: Option<Plain>) -> Result<(), CodeRule> {
    let enters = match row {
        // Fixed numbers of slots may be zeroed beyond the frame, where nothing is in use, but not around the window.
        Some(Plain::Enter4) => u32::from(n.a) <= WINDOW as u32 - 4,
        Some(Plain::Enter8) => u32::from(n.a) <= WINDOW as u32 - 8,
        Some(Plain::Enter | Plain::EnterWide) => true,
        Some(Plain::Fuel) => return Ok(()),
        // Its parameters are put in their places first; the head follows, so that a pause there leaves them alone.
        Some(Plain::WideParams) => true,
        _ => return require(pc != f.start, CodeRule::Head),
    };
    let after_params = f.params_first && pc == f.start.saturating_add(1) && row == Some(Plain::EnterWide);
    require(enters && (pc == f.start || after_params), CodeRule::Head)
}

/// Whether it may stand in a branch table: a jump whose field `a` says what the table does there.
fn is_table_entry(n: Instr, row: Option<Plain>) -> bool {
    match row {
        Some(Plain::Jump) => n.a == table::FORWARD,
        Some(Plain::JumpBack) => n.a == table::HEAD,
        _ => false,
    }
}

/// Whether the fields that name a register each name one below `window`.
#[inline(never)]
fn registers(n: Instr, shape: Shape, window: u32) -> bool {
    names_inside(n, shape, window)
}

/// [`registers`], without a call.
#[inline(always)]
fn names_inside(n: Instr, shape: Shape, window: u32) -> bool {
    let inside = |field: u32, register: u8| !shape.has(field) || u32::from(register) < window;
    let [c0, c1, c2, c3] = shape::C;
    let [r0, r1, r2, r3] = n.imm.to_le_bytes();
    let rare = || inside(c1, r1) && inside(c2, r2) && inside(c3, r3);
    inside(shape::A, n.a) && inside(shape::B, n.b) && inside(c0, r0) && (!shape.has(c1 | c2 | c3) || rare())
}

/// One past the highest register that an instruction reads or writes other than by naming it in a field.
fn reach(n: Instr, row: Option<Plain>) -> u32 {
    match row {
        Some(Plain::MovRange) => n.imm.max(n.a.into()).saturating_add(n.b.into()),
        Some(Plain::Enter) => u32::from(n.a).saturating_add(n.b.into()),
        Some(_) => 0,
        None => vector(n).map_or(0, |row| vector_reach(row, n)),
    }
}

/// The vector row of an instruction, where there are any.
fn vector(n: Instr) -> Option<VectorRow> {
    match BUILT.then(|| n.op().row())?? {
        Row::Vector(row) => Some(row),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::format::MemoryRecord;
    use zerocopy::FromZeros;

    // @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
    #[test]
    fn what_is_not_special_breaks_none_of_the_rules_for_what_is() {
        let memories = [MemoryRecord::new_zeroed()];
        let image = Image { memories: &memories, ..Image::default() };
        let checker = Checker::new(&image).unwrap();
        let f = Function { start: 0, end: u32::MAX, slots: 0, window: 0, params_first: false };
        let plain = (0..Op::COUNT as u16).map(Op).filter(|op| !Shape::of(*op).has(shape::ABSENT | shape::SPECIAL));
        let mut seen = 0;
        for op in plain {
            let (row, shape) = (op.as_plain(), Shape::of(op));
            let (n, data) = (Instr::new(op, 255, 255, u32::MAX), Instr::data(255, 255, u32::MAX));
            assert_eq!((head(&f, 1, n, row), reach(n, row)), (Ok(()), 0), "{:?}", op.row());
            let data = if shape.data_words() > 0 { data } else { Instr::default() };
            assert!(checker.indices(n, shape, row, data), "{:?}", op.row());
            assert_eq!(row.map_or(0, |row| checker.slots(row, n, data)), 0, "{:?}", op.row());
            seen += 1;
        }
        assert!(seen > 1000, "{seen} rows");
    }

    // @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
    #[test]
    fn a_function_s_first_instruction_and_table_entries_are_always_looked_at() {
        assert!((0..=u16::MAX).all(|op| Shape::of(Op(op)).has(u32::MAX)));
    }
}
