//! In place of a handler for each row, where the feature `compact` is on: one function takes instructions apart when it
//! runs them, and asks the operator table for what they mean.
//!
//! A few kilobytes of code instead of more than a hundred, for many times as many instructions of the processor. What all
//! groups of rows share is there once: a form says where operands come from ([`SOURCES`]), operators give a value or a choice, and
//! there is one way to write a value, one to branch and one to trap. So that no state is copied from place to place, all of it
//! is behind references, and the instruction at hand is at `pc` until it is done.

use super::access::far;
use super::context::{Context, Dispatch, Handler, Regs, Stepped, Stop, window};
use super::engine::{Observer, is_head, reborrow};
use super::{control as c, vector};
use crate::execute::{Detail, TrapInfo};
use crate::instr::{Cell, Instr, WINDOW, table_entry};
use crate::storage::{FuncInst, HOST};
use crate::types::to_pages;
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{Compared, Group, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, UnaryOp, WideOp};
use wrt_instructions::part::Part;
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use wrt_instructions::small::{Extent, floats};
use wrt_instructions::vector::BUILT;
use wrt_instructions::{Op, Trap, price, small};

const FLOATS: bool = Part::Float.is_built();
const MEMORIES: bool = Part::Memories.is_built();

/// Whether bulk operators on memories run here: there is one memory, and operands stand side by side.
const BULK: bool = !MEMORIES && !Part::WideFrames.is_built();

/// Vector rows come last; the numbers before them have no handler here.
const VECTORS: usize = if BUILT { Op::COUNT } else { 0 };

static VECTOR: [Handler; VECTORS] = {
    let mut t = [c::corrupt as Handler; VECTORS];
    vector::rows::<Stepped>(&mut t);
    t
};

// Runs at compile time only: an index out of the table would not compile.
#[cfg(feature = "simd")]
#[allow(clippy::indexing_slicing)]
pub(super) const fn put(table: &mut [Handler], op: Op, handler: Handler) {
    table[op.0 as usize] = handler;
}

/// Where an operand comes from: nowhere, which is zero.
const NOTHING: u16 = 0;
/// Register `a`.
const A: u16 = 1;
/// Register `b`.
const B: u16 = 2;
/// The register in the lowest byte of `imm`.
const LOW: u16 = 3;
/// The accumulator.
const TAKEN: u16 = 4;
/// `imm`, as a constant of the operator's type.
const IMM: u16 = 5;
/// `b`, sign-extended.
const EIGHT: u16 = 6;
/// `imm`, as it is.
const UNSIGNED: u16 = 7;
/// In place of a third source: the address has 64 bits.
const WIDE: u16 = 1;

/// Where the operands come from, four bits for each: of an access those that the address is the sum of, whether it is wide, and
/// the value that is stored.
const fn from(x: u16, y: u16, wide: u16, value: u16) -> u16 {
    x | y << 4 | wide << 8 | value << 12
}

/// Where in [`SOURCES`] those of a group begin.
const fn first(group: Group) -> usize {
    match group {
        Group::Unary | Group::FloatUnary => 0,
        Group::Branch => first(Group::Unary) + Operand::ALL.len(),
        Group::CompareBranch | Group::FloatCompareBranch => first(Group::Branch) + Operand::ALL.len(),
        Group::Load => first(Group::CompareBranch) + Compared::ALL.len(),
        Group::Store => first(Group::Load) + LoadForm::ALL.len(),
        _ => first(Group::Store) + StoreForm::ALL.len(),
    }
}

/// [`first`], as a table.
static FIRST: [u8; Group::ALL.len()] = {
    let mut all = [0; Group::ALL.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = first(Group::ALL[index]) as u8;
        index += 1;
    }
    all
};

/// [`from`], of each form of each group.
static SOURCES: [u16; first(Group::Binary) + Operands::ALL.len()] = {
    let mut all = [0; first(Group::Binary) + Operands::ALL.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = if index < first(Group::Branch) {
            of_operand(index, B)
        } else if index < first(Group::CompareBranch) {
            of_operand(index - first(Group::Branch), A)
        } else if index < first(Group::Load) {
            of_compared(index - first(Group::CompareBranch))
        } else if index < first(Group::Store) {
            of_load(index - first(Group::Load))
        } else if index < first(Group::Binary) {
            of_store(index - first(Group::Store))
        } else {
            of_operands(index - first(Group::Binary))
        };
        index += 1;
    }
    all
};

const fn of_operand(form: usize, register: u16) -> u16 {
    from(if form == Operand::R as usize { register } else { TAKEN }, NOTHING, 0, 0)
}

// The operators of a type look at no more of an operand than the type has, so constants are sign-extended for all integers.
const fn of_operands(form: usize) -> u16 {
    match Operands::ALL[form] {
        Operands::RR => from(B, LOW, 0, 0),
        Operands::RI => from(B, IMM, 0, 0),
        Operands::IR => from(IMM, B, 0, 0),
        Operands::AR => from(TAKEN, LOW, 0, 0),
        Operands::RA => from(B, TAKEN, 0, 0),
        Operands::AI => from(TAKEN, IMM, 0, 0),
        Operands::IA => from(IMM, TAKEN, 0, 0),
    }
}

const fn of_compared(form: usize) -> u16 {
    match Compared::ALL[form] {
        Compared::RR => from(A, B, 0, 0),
        // The sum was put into the accumulator.
        Compared::AR | Compared::SR => from(TAKEN, B, 0, 0),
        Compared::RA => from(A, TAKEN, 0, 0),
        Compared::R8 => from(A, EIGHT, 0, 0),
        Compared::A8 | Compared::S8 => from(TAKEN, EIGHT, 0, 0),
        Compared::RK => from(A, IMM, 0, 0),
        Compared::AK => from(TAKEN, IMM, 0, 0),
    }
}

const fn of_load(form: usize) -> u16 {
    match LoadForm::ALL[form] {
        LoadForm::R => from(B, NOTHING, 0, 0),
        LoadForm::Abs => from(NOTHING, NOTHING, 0, 0),
        LoadForm::Idx => from(B, LOW, 0, 0),
        LoadForm::Wrap => from(B, IMM, 0, 0),
        LoadForm::A => from(TAKEN, NOTHING, 0, 0),
        LoadForm::AIdx => from(TAKEN, LOW, 0, 0),
        LoadForm::AWrap => from(TAKEN, IMM, 0, 0),
        LoadForm::R64 | LoadForm::Far => from(B, NOTHING, WIDE, 0),
        LoadForm::A64 => from(TAKEN, NOTHING, WIDE, 0),
    }
}

const fn of_store(form: usize) -> u16 {
    match StoreForm::ALL[form] {
        StoreForm::R => from(A, NOTHING, 0, B),
        StoreForm::Abs => from(NOTHING, NOTHING, 0, B),
        StoreForm::Idx => from(A, LOW, 0, B),
        StoreForm::Wrap => from(A, IMM, 0, B),
        StoreForm::Imm => from(A, NOTHING, 0, EIGHT),
        StoreForm::WrapImm => from(A, IMM, 0, EIGHT),
        StoreForm::R64 | StoreForm::Far => from(A, NOTHING, WIDE, B),
        StoreForm::Imm64 => from(A, NOTHING, WIDE, EIGHT),
        StoreForm::A => from(A, NOTHING, 0, TAKEN),
        StoreForm::AbsA => from(NOTHING, NOTHING, 0, TAKEN),
        StoreForm::IdxA => from(A, LOW, 0, TAKEN),
        StoreForm::WrapA => from(A, IMM, 0, TAKEN),
        StoreForm::A64 => from(A, NOTHING, WIDE, TAKEN),
    }
}

/// The instruction at `pc`, and what it works on.
struct At<'r, 'm> {
    ctx: &'r mut Context<'m>,
    regs: &'r Regs,
    /// One for both kinds of values: an instruction that takes it follows the one that made it.
    acc: u64,
    n: Instr,
    /// The position behind it.
    next: u32,
    group: Group,
    /// Index of its operator in the group.
    op: usize,
    /// Index of its form.
    form: usize,
    sources: u16,
    /// Whether a constant is the upper half of an `f64`.
    is_upper: bool,
    /// The first operand, and then the result.
    x: u64,
}

impl<'r, 'm> At<'r, 'm> {
    /// `None` where there is no code.
    fn new(ctx: &'r mut Context<'m>, regs: &'r Regs, acc: u64) -> Option<Self> {
        let n = ctx.code.get(ctx.pc as usize)?.instr;
        let next = ctx.pc.wrapping_add(1);
        let (group, op, form) = n.op().split();
        Some(Self {
            ctx,
            regs,
            acc,
            n,
            next,
            group,
            op: op.into(),
            form: form.into(),
            sources: 0,
            is_upper: false,
            x: acc,
        })
    }
}

/// Runs on, until an instruction stops for anything but the next one.
#[inline(never)]
pub(super) fn step(ctx: &mut Context<'_>, mut observer: Option<&mut dyn Observer>) -> Stop {
    let Some(regs) = window(ctx.slots, ctx.base) else { return Stop::Corrupt };
    let mut acc = 0;
    loop {
        let (instance, pc) = (ctx.instance, ctx.pc);
        let Some(mut at) = At::new(ctx, regs, acc) else { return Stop::Corrupt };
        if let Some(observer) = reborrow(&mut observer) {
            let data = at.ctx.code.get(at.next as usize).map(Cell::instr).unwrap_or_default();
            observer.instruction(instance, pc, at.n, data);
        }
        let stop = at.run().unwrap_or(Stop::Corrupt);
        if stop != Stop::Next {
            return stop;
        }
        acc = at.acc;
        if let Some(observer) = reborrow(&mut observer)
            && is_head(at.n.op())
        {
            observer.paid(instance, pc);
        }
    }
}

/// As a handler of the row, which tests call.
#[cfg(test)]
pub(super) fn stepped(_: Op) -> Handler {
    |code, regs, ctx, acc, _| {
        ctx.pc = ctx.position(code);
        let Some(mut at) = At::new(ctx, regs, acc) else { return Stop::Corrupt };
        let stop = at.run().unwrap_or(Stop::Corrupt);
        let (acc, facc) = at.accumulators();
        let rest = ctx.code.get(ctx.pc as usize..).unwrap_or_default();
        ctx.go_on(rest, acc, facc);
        stop
    }
}

/// Whether the build has a row.
macro_rules! built {
    ($row:ident) => {
        const { Plain::$row.is_built() }
    };
}

/// Whether its rows branch.
const fn branches(group: Group) -> bool {
    matches!(group, Group::Branch | Group::CompareBranch) || FLOATS && matches!(group, Group::FloatCompareBranch)
}

const RK: usize = Compared::RK as usize;
const SR: usize = Compared::SR as usize;

#[allow(clippy::unnecessary_wraps, reason = "what every other way on gives")]
impl At<'_, '_> {
    /// Runs the instruction. `None` for code that no lowering writes; the image's check saw to it that its row exists.
    // @need-ids: REQ_COMPACT_001, REQ_TABLE_001
    fn run(&mut self) -> Option<Stop> {
        let (group, mut form) = (self.group, self.form);
        let mut target = 0;
        match group {
            Group::Plain => return self.plain(),
            Group::Wide => return if Part::WideArithmetic.is_built() { self.wide() } else { None },
            Group::Vector => return if BUILT { self.vector() } else { None },
            _ if branches(group) => {
                (form, target) = (form / Target::ALL.len(), form % Target::ALL.len());
            }
            _ => {}
        }
        if group == Group::CompareBranch && form >= SR {
            self.acc = (self.fetch(A) as u32).wrapping_add(self.n.imm).into();
            self.write(self.n.a, self.acc);
        }
        self.is_upper = FLOATS && self.takes_doubles();
        self.sources = *SOURCES.get((*FIRST.get(group as usize)? as usize).wrapping_add(form))?;
        self.x = self.fetch(self.sources);
        let y = self.fetch(self.sources >> 4);
        let holds = match group {
            Group::Load | Group::Store => return self.access(y),
            Group::Compare | Group::CompareBranch => small::compare(CompareOp::from_index(self.op)?, self.x, y),
            Group::Branch => (self.x as u32 != 0) == (self.op == Test::NonZero as usize),
            Group::FloatCompare if FLOATS => floats::compare(FloatCompareOp::from_index(self.op)?, self.x, y),
            Group::FloatCompareBranch if FLOATS => {
                floats::compare(FloatCompareOp::from_index(self.op / 2)?, self.x, y) != (self.op % 2 == 1)
            }
            _ => return self.numeric(y),
        };
        if !branches(group) {
            self.x = holds.into();
            return self.define();
        }
        let has_data = group != Group::Branch && form >= RK;
        let to = if has_data { self.data()?.imm } else { self.n.imm };
        if holds {
            self.next = if target == Target::Back as usize { to } else { self.next.wrapping_add(to) };
        }
        self.go_on()
    }

    /// Operators that make a value of one or two.
    fn numeric(&mut self, y: u64) -> Option<Stop> {
        let done = match self.group {
            Group::Binary => small::binary(BinaryOp::from_index(self.op)?, &mut self.x, y),
            Group::Unary => small::unary(UnaryOp::from_index(self.op)?, &mut self.x),
            Group::FloatBinary if FLOATS => {
                self.x = floats::binary(FloatBinaryOp::from_index(self.op)?, self.x, y);
                Ok(())
            }
            Group::FloatUnary if FLOATS => {
                self.x = floats::unary(FloatUnaryOp::from_index(self.op)?, self.x);
                Ok(())
            }
            _ => return None,
        };
        match done {
            Ok(()) => self.define(),
            Err(trap) => self.trap(trap),
        }
    }

    /// Whether the operator's operands are `f64`s, whose constants are upper halves.
    fn takes_doubles(&self) -> bool {
        match self.group {
            Group::FloatBinary => self.op >= FloatBinaryOp::F64Add as usize,
            Group::FloatCompare => self.op >= FloatCompareOp::F64Eq as usize,
            Group::FloatCompareBranch => self.op / 2 >= FloatCompareOp::F64Eq as usize,
            _ => false,
        }
    }

    /// An operand, of the source in the lowest four bits.
    #[inline(never)]
    fn fetch(&self, source: u16) -> u64 {
        let register = match source & 15 {
            A => self.n.a,
            B => self.n.b,
            LOW => self.n.imm as u8,
            TAKEN => return self.acc,
            IMM if FLOATS && self.is_upper => return u64::from(self.n.imm) << 32,
            IMM => return self.n.imm as i32 as i64 as u64,
            EIGHT => return self.n.b as i8 as i64 as u64,
            UNSIGNED => return self.n.imm.into(),
            _ => return 0,
        };
        self.regs[register as usize].get()
    }

    fn write(&mut self, register: u8, value: u64) {
        self.regs[register as usize].set(value);
    }

    /// The word behind the instruction, which is its own then.
    fn data(&mut self) -> Option<Instr> {
        let data = self.ctx.code.get(self.next as usize)?.instr;
        self.next = self.next.wrapping_add(1);
        Some(data)
    }

    fn go_on(&mut self) -> Option<Stop> {
        self.ctx.pc = self.next;
        Some(Stop::Next)
    }

    /// Goes on with the value that the instruction makes.
    #[inline(never)]
    fn define(&mut self) -> Option<Stop> {
        self.write(self.n.a, self.x);
        self.acc = self.x;
        self.go_on()
    }

    /// A trap about `length` bytes of a memory or elements of a table of `size`.
    #[inline(never)]
    fn outside(&mut self, trap: Trap, index: u64, length: u32, size: usize) -> Option<Stop> {
        let (length, size) = (length.into(), size as u64);
        self.trap_with(
            trap,
            if trap == Trap::MemoryOutOfBounds {
                Detail::Memory { address: index, length, size }
            } else {
                Detail::Table { index, length, size }
            },
        )
    }

    fn trap_with(&mut self, trap: Trap, detail: Detail) -> Option<Stop> {
        *self.ctx.trap = Some(TrapInfo { trap, detail });
        Some(Stop::Trap)
    }

    #[inline(never)]
    fn trap(&mut self, trap: Trap) -> Option<Stop> {
        self.trap_with(trap, Detail::None)
    }

    fn accumulators(&self) -> (u64, Facc) {
        let (_, facc) = accumulate_float(self.acc, self.acc, Facc::default());
        (self.acc, facc)
    }

    /// Runs it by a handler of its own.
    #[inline(never)]
    fn handle(&mut self, handler: Handler) -> Option<Stop> {
        let code = self.ctx.code.get(self.ctx.pc as usize..)?;
        let (acc, facc) = self.accumulators();
        let stop = handler(code, self.regs, self.ctx, acc, facc);
        if stop == Stop::Next {
            self.ctx.pc = self.ctx.position(self.ctx.rest);
            self.acc = self.ctx.acc;
        }
        Some(stop)
    }

    fn vector(&mut self) -> Option<Stop> {
        use wrt_instructions::op::Accumulator;
        let op = self.n.op();
        let stop = self.handle(*VECTOR.get(op.0 as usize)?);
        if op.row()?.makes() == Accumulator::Float {
            self.acc = float_slot(self.ctx.acc, self.ctx.facc);
        }
        stop
    }

    /// Rows with one form: values and moves here, and others below.
    fn plain(&mut self) -> Option<Stop> {
        let n = self.n;
        self.is_upper = false;
        let row = Plain::from_index(self.op)?;
        self.x = match row {
            Plain::Mov => self.fetch(B),
            Plain::Const => self.fetch(UNSIGNED),
            Plain::ConstS => self.fetch(IMM),
            Plain::ConstHi => (n.imm as u64) << 32,
            Plain::Const64 => n.imm as u64 | (self.data()?.imm as u64) << 32,
            Plain::Select => {
                let condition = self.regs[(n.imm >> 8) as u8 as usize].get() as u32;
                self.fetch(if condition != 0 { B } else { LOW })
            }
            Plain::GlobalGet => *self.global()?,
            Plain::MemoryCopy | Plain::MemoryFill if BULK => return self.bulk(row == Plain::MemoryFill),
            Plain::MemorySize if n.imm == 0 => to_pages(self.ctx.memory.len() as u64, self.ctx.page_log2),
            Plain::GlobalSet => {
                let value = self.fetch(A);
                *self.global()? = value;
                return self.go_on();
            }
            Plain::Mov2 | Plain::Mov3 => {
                self.moves(n.a, n.b, 1);
                self.moves(n.imm as u8, (n.imm >> 8) as u8, 1);
                if row == Plain::Mov3 {
                    self.moves((n.imm >> 16) as u8, (n.imm >> 24) as u8, 1);
                }
                return self.go_on();
            }
            Plain::MovRange => {
                self.moves(n.a, n.imm as u8, n.b);
                return self.go_on();
            }
            Plain::ImportedGlobalGet if built!(ImportedGlobalGet) => {
                return self.handle(c::imported_global_get::<Stepped>);
            }
            Plain::ImportedGlobalSet if built!(ImportedGlobalSet) => {
                return self.handle(c::imported_global_set::<Stepped>);
            }
            Plain::RefFunc if built!(RefFunc) => return self.handle(c::ref_func::<Stepped>),
            Plain::RefAsNonNull if built!(RefAsNonNull) => return self.handle(c::ref_as_non_null::<Stepped>),
            _ => return self.control(row),
        };
        self.define()
    }

    /// Rows that charge or go elsewhere.
    fn control(&mut self, row: Plain) -> Option<Stop> {
        let n = self.n;
        match row {
            Plain::Fuel | Plain::Enter | Plain::Enter4 | Plain::Enter8 => {
                let zeroes = match row {
                    Plain::Enter => n.b,
                    Plain::Enter4 => 4,
                    Plain::Enter8 => 8,
                    _ => 0,
                };
                self.fuel(zeroes)
            }
            Plain::Jump => {
                self.next = self.next.wrapping_add(n.imm);
                self.go_on()
            }
            Plain::JumpBack => {
                self.next = n.imm;
                self.go_on()
            }
            Plain::BrTable | Plain::BrTableAcc => self.br_table(if row == Plain::BrTable { A } else { TAKEN }),
            Plain::Return | Plain::Return1 | Plain::Return1Acc | Plain::ReturnConst => {
                let source = match row {
                    Plain::Return1 => A,
                    Plain::Return1Acc => TAKEN,
                    Plain::ReturnConst => UNSIGNED,
                    _ => return self.leave(),
                };
                self.write(0, self.fetch(source));
                self.leave()
            }
            Plain::ReturnMany if n.ab().saturating_add(n.imm) <= WINDOW as u32 => {
                self.moves(0, n.a, n.imm as u8);
                self.leave()
            }
            Plain::Unreachable => self.trap(Trap::Unreachable),
            Plain::Call => self.call(n.imm, n.ab()),
            Plain::CallImport => self.call_import(),
            Plain::CallIndirect => self.call_indirect(),
            Plain::CallRef if built!(CallRef) => self.handle(c::call_ref::<Stepped>),
            Plain::ReturnCall if built!(ReturnCall) => self.handle(c::return_call::<Stepped>),
            // All others, and those that no lowering writes, which are a trap there.
            _ => Some(Stop::Slow),
        }
    }

    /// The instance's own global that the instruction names.
    fn global(&mut self) -> Option<&mut u64> {
        self.ctx.globals.get_mut(self.ctx.global_base.wrapping_add(self.n.imm) as usize)
    }

    /// Copies `count` registers, as if at once: targets lie below their sources where they overlap.
    #[inline(never)]
    fn moves(&mut self, to: u8, from: u8, count: u8) {
        for i in 0..count {
            self.write(to.wrapping_add(i), self.regs[from.wrapping_add(i) as usize].get());
        }
    }

    /// A head: zeroes `count` slots, then charges.
    // @need-ids: REQ_007, REQ_003, REQ_FUEL_SCHEDULE_001
    fn fuel(&mut self, count: u8) -> Option<Stop> {
        for i in 0..count {
            self.write(self.n.a.wrapping_add(i), 0);
        }
        match self.ctx.fuel.checked_sub(self.n.imm) {
            Some(left) => self.ctx.fuel = left,
            None => return self.no_fuel(self.n.imm),
        }
        self.go_on()
    }

    /// Stops for want of so much fuel.
    fn no_fuel(&mut self, needed: u32) -> Option<Stop> {
        self.ctx.start = needed;
        Some(Stop::Fuel)
    }

    fn br_table(&mut self, source: u16) -> Option<Stop> {
        let index = (self.fetch(source) as u32).min(self.n.imm);
        let word = |at: u32| self.ctx.code.get(self.next.wrapping_add(at) as usize).map(|cell| &cell.instr);
        self.next = self.next.wrapping_add_signed(table_entry(self.n.imm, index, word)? as i32);
        self.go_on()
    }

    /// Calls function `index` of this instance, with its frame at slot `start`.
    #[inline(never)]
    fn call(&mut self, index: u32, start: u32) -> Option<Stop> {
        let entry = self.ctx.entries.get(index as usize)?;
        match self.ctx.enter(entry, start, self.next) {
            None => self.trap(Trap::CallStackExhausted),
            Some(()) => Some(Stepped::enter(entry, self.ctx, 0)),
        }
    }

    /// Returns to the caller; a mark in place of a position is the driver's business.
    #[inline(never)]
    fn leave(&mut self) -> Option<Stop> {
        let pc = self.ctx.leave()?;
        Some(Stepped::switch(pc, self.ctx, 0))
    }

    /// Leaves for a function that is not this instance's.
    fn call_other(&mut self, stop: Stop, callee: u32, start: u32) -> Option<Stop> {
        self.ctx.callee = callee;
        self.ctx.start = start;
        self.ctx.pc = self.next;
        Some(stop)
    }

    fn call_import(&mut self) -> Option<Stop> {
        let addr = *self.ctx.func_addrs.get(self.n.imm as usize)?;
        match *self.ctx.funcs.get(addr as usize)? {
            FuncInst { instance: HOST, index, .. } => self.call_other(Stop::CallHost, index, self.n.ab()),
            _ => Some(Stop::Slow),
        }
    }

    fn call_indirect(&mut self) -> Option<Stop> {
        let data = self.data()?;
        if data.ab() != 0 {
            return Some(Stop::Slow);
        }
        let index = self.fetch(B);
        let index = if MEMORIES { index } else { u64::from(index as u32) };
        let size = self.ctx.table.len();
        let Some(&reference) = self.ctx.table.get(position(index)) else {
            return self.outside(Trap::UndefinedElement, index, 1, size);
        };
        let addr = reference.wrapping_sub(1);
        let Some(&func) = self.ctx.funcs.get(addr as usize) else {
            return self.outside(Trap::IndirectCallToNull, index, 1, size);
        };
        let expected = *self.ctx.types.get(self.n.imm as usize)?;
        if func.ty != expected {
            // Without references no type has subtypes.
            if Part::References.is_built() {
                return Some(Stop::Slow);
            }
            return self.trap_with(Trap::IndirectCallTypeMismatch, Detail::Type { expected, actual: func.ty });
        }
        if func.instance == HOST {
            return self.call_other(Stop::CallHost, func.index, data.imm);
        }
        if func.instance != self.ctx.instance && Part::Linking.is_built() {
            return self.call_other(Stop::CallOther, addr, data.imm);
        }
        self.call(func.index, data.imm)
    }

    /// A load or store, at the sum of the first two operands and an offset.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
    fn access(&mut self, y: u64) -> Option<Stop> {
        let loads = self.group == Group::Load;
        let extent = Extent::of(self.op, loads)?;
        if MEMORIES && self.form == if loads { LoadForm::Far as usize } else { StoreForm::Far as usize } {
            return self.far_access(extent, loads);
        }
        let offset = match self.sources >> 4 & 15 {
            NOTHING => self.n.imm,
            LOW => self.n.imm >> 8,
            _ => 0,
        };
        let address = if MEMORIES && self.sources >> 8 & 15 == WIDE {
            self.x.saturating_add(offset.into())
        } else {
            u64::from((self.x as u32).wrapping_add(y as u32)).wrapping_add(offset.into())
        };
        let value = self.fetch(self.sources >> 12);
        let Some(place) = extent.place(self.ctx.memory, position(address)) else {
            return self.outside(Trap::MemoryOutOfBounds, address, extent.bytes.into(), self.ctx.memory.len());
        };
        if loads {
            self.x = extent.load(place);
            return self.define();
        }
        small::store(place, value);
        self.go_on()
    }

    /// `memory.copy` or `memory.fill`, as much of it as a unit of fuel pays for; what is left to do stands in the operands.
    // @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
    fn bulk(&mut self, fills: bool) -> Option<Stop> {
        let [target, source, length] = self.regs.get(self.n.imm as usize..)?.first_chunk()?;
        let [to, value, all] = [target, source, length].map(|operand| operand.get() as u32 as usize);
        // What is filled is taken for its own source, which lies where it does.
        let from = if fills { to } else { value };
        let size = self.ctx.memory.len();
        let outside = |start: usize| all > size || start > size.saturating_sub(all);
        let address = if outside(from) { from } else { to };
        if outside(address) {
            return self.outside(Trap::MemoryOutOfBounds, address as u64, all as u32, size);
        }
        if all == 0 {
            return self.go_on();
        }
        match self.ctx.fuel.checked_sub(1) {
            Some(left) => self.ctx.fuel = left,
            None => return self.no_fuel(1),
        }
        let count = all.min(price::BYTES_PER_UNIT as usize);
        let left = all.wrapping_sub(count);
        // From the end where what is read later would be written before, so that what is left can be copied later.
        let backward = to > from;
        let (mut at, step) = if backward { (all.wrapping_sub(1), usize::MAX) } else { (0, 1) };
        for _ in 0..count {
            let byte = if fills { value as u8 } else { *self.ctx.memory.get(from.wrapping_add(at))? };
            *self.ctx.memory.get_mut(to.wrapping_add(at))? = byte;
            at = at.wrapping_add(step);
        }
        if left == 0 {
            return self.go_on();
        }
        if !backward {
            target.set(to.wrapping_add(count) as u64);
            source.set(if fills { source.get() } else { from.wrapping_add(count) as u64 });
        }
        length.set(left as u64);
        Some(Stop::Next)
    }

    /// An access to one of the first memories; all else, traps included, is the driver's.
    fn far_access(&mut self, extent: Extent, loads: bool) -> Option<Stop> {
        let data = self.data()?;
        let (offset, memory) = far(self.n, data);
        let at = position(self.x.saturating_add(offset));
        let value = self.fetch(B);
        let Some(place) = self.ctx.memory_at(memory).and_then(|memory| extent.place(memory, at)) else {
            return Some(Stop::Slow);
        };
        if loads {
            let value = extent.load(place);
            self.write(self.n.a, value);
        } else {
            small::store(place, value);
        }
        self.go_on()
    }

    fn wide(&mut self) -> Option<Stop> {
        let operands = self.n.imm.to_le_bytes().map(|register| self.regs[register as usize].get());
        let (low, high) = WideOp::from_index(self.op)?.evaluate(operands);
        self.write(self.n.a, low);
        self.write(self.n.b, high);
        self.go_on()
    }
}
