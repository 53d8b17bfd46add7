//! The symbolic operand stack and the emission of instructions.

use super::{Failure, Lowered};
use alloc::vec::Vec;
use wrt_instructions::Op;
use wrt_instructions::op::{Operands, Plain, Row};
use wrt_instructions::operator::BinaryOp;
use wrt_runtime::image::format::{AliasRecord, HEIGHT, NONE, PositionRecord};
use wrt_runtime::instr::{FRAME_SLOTS_MAX, SPLIT, WIDE_LIMIT, WIDE_SCRATCH, WINDOW};
use wrt_runtime::{Image, Instr};

use super::control::Control;
use super::scratch::{SCRATCH_RESULT, SCRATCH_RESULTS, Scratch};
use super::tables::Tables;
use crate::decode::val_type;
use crate::handlers::HandlerLists;
use crate::maps::References;
use crate::profile::Census;

/// Where an entry of the operand stack is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value {
    /// In its own slot.
    Slot,
    /// In this local's slot; it was not read yet.
    Local(u32),
    /// Nowhere; it is this constant.
    Const(u64),
    /// Nowhere; it is the `i32` local in this slot plus a constant, wrapping: usually an address, which its access adds up.
    Sum(u32, u32),
}

/// An entry taken from the stack: its value and its index there.
pub(super) type Taken = (Value, u32);

/// Entries that may be out of their slots at a time. More would make `local.set`, which looks through them, quadratic
/// for hostile code; real code has a handful.
const PENDING_MAX: usize = 64;

/// Locals in a row that take as many slots each.
#[derive(Clone, Copy)]
struct Run {
    /// Index of the first.
    first: u32,
    /// Its slot.
    slot: u32,
    /// Slots of each.
    width: u32,
    /// Whether they are references to objects.
    traced: bool,
}

/// The state of lowering one function.
pub(super) struct Lowering<'m> {
    pub(super) image: &'m Image<'m>,
    /// Position of the first instruction in the module's code.
    pub(super) at: u32,
    pub(super) code: Vec<Instr>,
    /// The operand stack, an entry a slot.
    pub(super) stack: Vec<Value>,
    /// Of each entry, whether it is the high half of a `v128`.
    pub(super) high_halves: Vec<bool>,
    /// Indices of entries that are not in their slots, ascending.
    pending: Vec<u32>,
    /// Where the locals are: a declaration of a few bytes makes 50,000 of them.
    runs: Vec<Run>,
    local_count: u32,
    /// Slots of all locals.
    pub(super) locals: u32,
    pub(super) params: u32,
    pub(super) control: Vec<Control>,
    /// Instructions before this index are out of reach of peepholes: a label or a call lies between.
    pub(super) barrier: usize,
    /// Index of the head that operators are charged to.
    pub(super) segment: usize,
    pub(super) unreachable: bool,
    /// Where in the code a block ended to whose end nothing leads. Validation calls what follows reachable: operators have their price.
    pub(super) dead_end: Option<usize>,
    /// Blocks opened in unreachable code.
    pub(super) skipped: u32,
    pub(super) wide: bool,
    pub(super) scratch: Scratch,
    /// Slots of the frame at the highest.
    pub(super) highest: u32,
    /// The same, where arguments or results had to be put side by side behind the scratch registers.
    gathered: u32,
    /// Offset of the operator being lowered.
    pub(super) offset: u32,
    pub(super) positions: Vec<PositionRecord>,
    /// For statistics: how many operators of each class each segment has, by the head's position.
    pub(super) census: Option<Census>,
    /// A head that stands at the operator to come.
    pub(super) head_to_place: Option<usize>,
    pub(super) aliases: Vec<AliasRecord>,
    pub(super) handlers: HandlerLists,
    /// The first clause of the innermost handler here, or [`NONE`].
    pub(super) handler: u32,
    /// Which slots hold references.
    pub(super) references: References,
    pub(super) tables: Tables,
}

impl<'m> Lowering<'m> {
    pub(super) fn new(image: &'m Image<'m>, ty: u32, at: u32, wide: bool) -> Result<Self, Failure> {
        let (params, results) = image.func_type(ty).ok_or_else(|| Failure::internal(0, "no such type"))?;
        let results = results.iter().map(|ty| ty.slots()).sum();
        let mut lowering = Self {
            image,
            at,
            code: Vec::new(),
            stack: Vec::new(),
            high_halves: Vec::new(),
            pending: Vec::new(),
            runs: Vec::new(),
            local_count: 0,
            locals: 0,
            params: 0,
            control: alloc::vec![Control::function(results)],
            barrier: 0,
            segment: 0,
            unreachable: false,
            dead_end: None,
            skipped: 0,
            wide,
            scratch: Scratch::default(),
            highest: 0,
            gathered: 0,
            offset: 0,
            positions: Vec::new(),
            census: None,
            head_to_place: None,
            aliases: Vec::new(),
            handlers: HandlerLists::default(),
            handler: NONE,
            references: References::default(),
            tables: Tables::default(),
        };
        for param in params {
            lowering.add_locals(1, param.slots(), image.all_types().is_traced(*param));
        }
        lowering.references.end_params();
        lowering.params = lowering.locals;
        lowering.highest = lowering.locals;
        Ok(lowering)
    }

    fn add_locals(&mut self, count: u32, width: u32, traced: bool) {
        if traced {
            self.references.declare(self.locals, count);
        }
        if self.runs.last().is_none_or(|run| (run.width, run.traced) != (width, traced)) {
            self.runs.push(Run { first: self.local_count, slot: self.locals, width, traced });
        }
        self.local_count += count;
        self.locals += count * width;
    }

    /// The run that a local belongs to.
    fn run(&self, index: u32) -> Result<Run, Failure> {
        let after = self.runs.partition_point(|run| run.first <= index);
        let run = after.checked_sub(1).and_then(|at| self.runs.get(at)).filter(|_| index < self.local_count);
        run.copied().ok_or_else(|| Failure::internal(self.offset, "no such local"))
    }

    /// First slot of a local.
    pub(super) fn local(&self, index: u32) -> Result<u32, Failure> {
        let run = self.run(index)?;
        Ok(run.slot + (index - run.first) * run.width)
    }

    /// Whether a local is a `v128`.
    pub(super) fn is_vector_local(&self, index: u32) -> Result<bool, Failure> {
        Ok(self.run(index)?.width == 2)
    }

    /// Whether a local is a reference to an object.
    pub(super) fn is_traced_local(&self, index: u32) -> Result<bool, Failure> {
        Ok(self.run(index)?.traced)
    }

    pub(super) fn declare_locals(&mut self, count: u32, ty: wasmparser::ValType) -> Result<(), Failure> {
        let slots = if ty == wasmparser::ValType::V128 { 2 } else { 1 };
        let added = u64::from(count) * slots;
        if u64::from(self.locals) + added > u64::from(FRAME_SLOTS_MAX) {
            return Err(Failure::Wide);
        }
        self.add_locals(count, slots as u32, self.is_traced(ty));
        self.reach(self.locals)
    }

    /// Notes that the frame reaches up to `height` slots.
    pub(super) fn reach(&mut self, height: u32) -> Result<(), Failure> {
        let most = if self.wide { FRAME_SLOTS_MAX } else { WINDOW as u32 };
        if height > most {
            return Err(Failure::Wide);
        }
        self.highest = self.highest.max(height);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Lowered, Failure> {
        if !self.control.is_empty() {
            return Err(Failure::internal(self.offset, "unbalanced control"));
        }
        super::jumps::thread(&mut self.code, self.at);
        let mut landings = self.landings();
        landings.extend(self.tables.write(&mut self.code, self.at)?);
        // Registers from which an operand is read once.
        let operands = self.locals..if self.wide { WIDE_LIMIT } else { WINDOW as u32 };
        super::accumulate::accumulate(&mut self.code, self.at, &operands, &landings);
        let slots = if self.wide { (self.highest + WIDE_SCRATCH).max(self.gathered) } else { self.highest };
        if slots > FRAME_SLOTS_MAX + WIDE_SCRATCH {
            return Err(Failure::Wide);
        }
        let maps = self.references.finish(self.wide);
        let Self { code, positions, aliases, handlers, .. } = self;
        Ok(Lowered { code, slots, positions, aliases, handlers, maps })
    }

    // Slots and registers.

    /// Where slot `slot` of the canonical frame stands.
    pub(super) fn place(&self, slot: u32) -> u32 {
        if self.wide && slot >= WIDE_LIMIT { slot + WIDE_SCRATCH } else { slot }
    }

    /// The canonical slot of stack entry `index`.
    pub(super) fn slot(&self, index: u32) -> u32 {
        self.locals + index
    }

    /// Where stack entry `index` stands.
    pub(super) fn place_of(&self, index: u32) -> u32 {
        self.place(self.slot(index))
    }

    /// A register with the value of a taken entry; a constant is written to the entry's own slot first, if that is within the window.
    pub(super) fn register_of(&mut self, taken: Taken) -> u8 {
        match self.written(taken) {
            (Value::Local(slot), _) => self.register(slot),
            (_, index) => self.taken(self.slot(index)),
        }
    }

    /// The same where the entry is in its slot afterwards, for it is put back.
    pub(super) fn register_of_kept(&mut self, taken: Taken) -> u8 {
        match self.written(taken) {
            (Value::Local(slot), _) => self.register(slot),
            (_, index) => self.register(self.slot(index)),
        }
    }

    /// Writes an entry to its slot, unless it is a local.
    fn written(&mut self, (value, index): Taken) -> Taken {
        let slot = self.slot(index);
        match value {
            Value::Const(constant) => self.constant_anew(slot, constant),
            Value::Sum(local, constant) => self.sum(slot, local, constant),
            Value::Slot | Value::Local(_) => {}
        }
        (value, index)
    }

    /// Slot `slot` = the local plus the constant.
    pub(super) fn sum(&mut self, slot: u32, local: u32, constant: u32) {
        let b = self.register(local);
        self.define(Op::binary(BinaryOp::I32Add, Operands::RI), slot, b, constant);
    }

    // Emission.

    /// Whether nothing leads to the operator at hand, nor has any code since the end of the block before it.
    pub(super) fn is_dead(&self) -> bool {
        self.dead_end == Some(self.code.len())
    }

    pub(super) fn emit(&mut self, instr: Instr) {
        self.code.push(instr);
    }

    /// Emits an instruction that defines `slot`.
    pub(super) fn define(&mut self, op: Op, slot: u32, b: u8, imm: u32) {
        let a = if self.is_far(slot) { self.defining(slot) } else { slot as u8 };
        self.emit(Instr::new(op, a, b, imm));
    }

    /// Emits an instruction that defines two slots, in registers `a` and `b`.
    pub(super) fn define_two(&mut self, op: Op, first: u32, second: u32, imm: u32) {
        let register = |slot: u32, scratch: u8| if self.is_far(slot) { scratch } else { slot as u8 };
        let (a, b) = (register(first, SCRATCH_RESULTS), register(second, SCRATCH_RESULT));
        self.emit(Instr::new(op, a, b, imm));
        for (slot, register) in [(first, a), (second, b)] {
            if self.is_far(slot) {
                let place = self.place(slot);
                self.scratch.forget(slot);
                self.emit(Instr::new(Op::plain(Plain::FarPut), register, 0, place));
                self.barrier = self.code.len();
            }
        }
    }

    /// Emits an instruction with a data word that defines `slot`.
    pub(super) fn define_with_data(&mut self, op: Op, slot: u32, b: u8, imm: u32, data: Instr) {
        self.define(op, slot, b, imm);
        self.emit(data);
        self.barrier = self.code.len();
    }

    /// Pushes an entry and emits the instruction that defines it.
    pub(super) fn push_defined(&mut self, op: Op, b: u8, imm: u32) -> Result<(), Failure> {
        let slot = self.push(Value::Slot)?;
        // It is the last to read the operands: the result may stand in the register of one that was taken.
        self.reset_scratch();
        self.define(op, slot, b, imm);
        Ok(())
    }

    /// Notes that the next instruction can stop: a trap, a pause or a call there is reported at the current operator.
    pub(super) fn mark(&mut self) {
        self.settle();
        let pc = self.at + self.code.len() as u32;
        self.mark_at(pc, self.offset);
    }

    fn mark_at(&mut self, pc: u32, offset: u32) {
        self.positions.push(PositionRecord { pc: pc.into(), offset: offset.into() });
    }

    /// The last instruction, if it is in reach and defines `slot`.
    pub(super) fn last_definition(&self, slot: u32) -> Option<(Instr, Row)> {
        self.last_result(self.home(slot)?)
    }

    /// The last instruction, if it is in reach and defines this register.
    pub(super) fn last_result(&self, register: u8) -> Option<(Instr, Row)> {
        let instr = *self.code.last().filter(|_| self.code.len() > self.barrier)?;
        let row = instr.op().row()?;
        (defines(row) && instr.a == register).then_some((instr, row))
    }

    /// Takes the last instruction back, with its mark.
    pub(super) fn take_last(&mut self) -> Option<(Instr, Option<u32>)> {
        let instr = self.code.pop()?;
        self.unmake(instr.a);
        let pc = self.at + self.code.len() as u32;
        let mark = self.positions.pop_if(|record| record.pc.get() == pc).map(|record| record.offset.get());
        Some((instr, mark))
    }

    /// Puts an instruction that was taken back at the end.
    pub(super) fn put_last(&mut self, instr: Instr, mark: Option<u32>) {
        if let Some(offset) = mark {
            self.mark_at(self.at + self.code.len() as u32, offset);
        }
        self.emit(instr);
    }

    /// slot `to` = slot `from`; up to three moves in a row become one instruction.
    pub(super) fn move_slot(&mut self, to: u32, from: u32) {
        if to == from {
            return;
        }
        if self.is_far(to) || self.is_far(from) {
            self.move_far(to, from);
            return;
        }
        if self.code.len() > self.barrier
            && let Some(last) = self.code.last_mut()
        {
            if last.op() == Op::plain(Plain::Mov) {
                *last = Instr::new(Op::plain(Plain::Mov2), last.a, last.b, to | from << 8);
                return;
            }
            if last.op() == Op::plain(Plain::Mov2) {
                *last = Instr::new(Op::plain(Plain::Mov3), last.a, last.b, last.imm | to << 16 | from << 24);
                return;
            }
        }
        self.emit(Instr::new(Op::plain(Plain::Mov), to as u8, from as u8, 0));
    }

    /// What stands at `from` is put at `to`, either of which may be beyond the window. Only the scratch register for
    /// results is used: operands in the others stay.
    fn move_place(&mut self, to: u32, from: u32) {
        let near = |place: u32| place < WIDE_LIMIT;
        let register = if near(from) { from as u8 } else { SCRATCH_RESULT };
        if !near(from) {
            self.emit(Instr::new(Op::plain(Plain::FarGet), register, 0, from));
        }
        if near(to) {
            self.emit(Instr::new(Op::plain(Plain::Mov), to as u8, register, 0));
        } else {
            self.emit(Instr::new(Op::plain(Plain::FarPut), register, 0, to));
        }
        self.barrier = self.code.len();
    }

    // Values side by side: callees, hosts and bulk operators take them so, and a wide frame has a gap.

    /// Whether `count` entries from `index` on stand on both sides of the scratch registers.
    pub(super) fn is_split(&self, index: u32, count: u32) -> bool {
        let first = self.slot(index);
        self.wide && first < WIDE_LIMIT && first + count > WIDE_LIMIT
    }

    /// Puts `count` entries from `index` on side by side, with room for `room`; returns where they begin. They stay where
    /// they are unless they are split.
    pub(super) fn gather(&mut self, index: u32, count: u32, room: u32) -> u32 {
        self.settle();
        if !self.is_split(index, count.max(room)) {
            return self.place_of(index);
        }
        let start = WINDOW as u32;
        // Targets lie above their sources: from the end, no value is overwritten before it is read.
        for i in (0..count).rev() {
            let from = self.place_of(index + i);
            self.move_place(start + i, from);
        }
        self.gathered = self.gathered.max(start + count.max(room));
        // Slots beyond the window were overwritten.
        self.fence();
        start
    }

    /// Puts `count` values that stand side by side from `start` on into the slots of the entries from `index` on.
    pub(super) fn scatter(&mut self, start: u32, index: u32, count: u32) {
        if start == self.place_of(index) {
            return;
        }
        for i in 0..count {
            let to = self.place_of(index + i);
            self.move_place(to, start + i);
        }
    }

    /// The `imm` of a bulk operator on `count` entries from `index` on.
    pub(super) fn operands(&self, index: u32, count: u32) -> u32 {
        if self.is_split(index, count) { self.slot(index) | SPLIT } else { self.place_of(index) }
    }

    /// Slot `slot` = the constant.
    pub(super) fn constant(&mut self, slot: u32, value: u64) {
        if !self.copy_constant(slot, value) {
            self.constant_anew(slot, value);
        }
    }

    /// The same where the slot is read next, and so is in a register.
    fn constant_anew(&mut self, slot: u32, value: u64) {
        if value >> 32 == 0 {
            self.define(Op::plain(Plain::Const), slot, 0, value as u32);
        } else if value as i32 as i64 as u64 == value {
            self.define(Op::plain(Plain::ConstS), slot, 0, value as u32);
        } else if value as u32 == 0 {
            self.define(Op::plain(Plain::ConstHi), slot, 0, (value >> 32) as u32);
        } else {
            let data = Instr::data(0, 0, (value >> 32) as u32);
            self.define_with_data(Op::plain(Plain::Const64), slot, 0, value as u32, data);
        }
        self.note_constant(slot, value);
    }

    // The stack.

    pub(super) fn height(&self) -> u32 {
        self.stack.len() as u32
    }

    /// Pushes an entry; returns its slot.
    pub(super) fn push(&mut self, value: Value) -> Result<u32, Failure> {
        let index = self.height();
        if value != Value::Slot {
            if self.pending.len() >= PENDING_MAX
                && let Some(&oldest) = self.pending.first()
            {
                self.materialise(oldest);
                self.pending.remove(0);
            }
            self.pending.push(index);
        }
        self.stack.push(value);
        self.high_halves.push(false);
        self.reach(self.locals + index + 1)?;
        Ok(self.slot(index))
    }

    /// Pushes an entry that may be a reference; returns its slot.
    pub(super) fn push_typed(&mut self, value: Value, traced: bool) -> Result<u32, Failure> {
        let slot = self.push(value)?;
        if traced {
            self.references.push(slot);
        }
        Ok(slot)
    }

    /// Says of the top entry whether it is a reference to an object.
    pub(super) fn trace_top(&mut self, traced: bool) {
        if traced {
            self.references.push(self.locals + self.height().saturating_sub(1));
        }
    }

    /// Whether the top entry is a reference to an object.
    pub(super) fn is_top_traced(&self) -> bool {
        self.references.has(self.locals + self.height().saturating_sub(1))
    }

    /// Whether a value of this type is a reference to an object.
    pub(super) fn is_traced(&self, ty: wasmparser::ValType) -> bool {
        self.image.all_types().is_traced(val_type(ty))
    }

    /// Takes the top entry.
    pub(super) fn pop(&mut self) -> Result<Taken, Failure> {
        let value = self.stack.pop().ok_or_else(|| Failure::internal(self.offset, "operand stack is empty"))?;
        self.high_halves.pop();
        let index = self.height();
        self.references.cut(self.slot(index));
        self.pending.pop_if(|pending| *pending == index);
        Ok((value, index))
    }

    /// Takes entries away down to `height`.
    pub(super) fn truncate(&mut self, height: u32) {
        self.stack.truncate(height as usize);
        self.high_halves.truncate(height as usize);
        while self.pending.pop_if(|pending| *pending >= height).is_some() {}
        self.references.cut(self.slot(height));
    }

    /// Writes entry `index` to its slot. The caller keeps `pending`.
    fn materialise(&mut self, index: u32) {
        let slot = self.slot(index);
        match self.stack.get(index as usize) {
            Some(Value::Local(local)) => self.move_slot(slot, *local),
            Some(Value::Const(constant)) => self.constant(slot, *constant),
            Some(Value::Sum(local, constant)) => self.sum(slot, *local, *constant),
            _ => return,
        }
        if let Some(entry) = self.stack.get_mut(index as usize) {
            *entry = Value::Slot;
        }
    }

    /// Writes all entries from `index` on to their slots.
    pub(super) fn materialise_from(&mut self, index: u32) {
        let first = self.pending.partition_point(|pending| *pending < index);
        for i in first..self.pending.len() {
            if let Some(&entry) = self.pending.get(i) {
                self.materialise(entry);
            }
        }
        self.pending.truncate(first);
    }

    /// Writes all entries to their slots: the state is canonical after it.
    // @need-ids: REQ_SAFEPOINT_001
    pub(super) fn materialise_all(&mut self) {
        self.materialise_from(0);
        self.settle();
    }

    /// Notes which entries are references, all in their slots, for a frame that stands at the next instruction.
    pub(super) fn note_references(&mut self) {
        self.settle();
        self.references.note(self.at + self.code.len() as u32);
    }

    /// The same for a frame that waits for a callee: behind the last instruction, the call, whose position stands for it.
    pub(super) fn note_references_of_call(&mut self) {
        self.references.note(self.at + self.code.len() as u32 - 1);
    }

    /// Writes the references among the entries below `index` to their slots.
    // @need-ids: REQ_GC_003
    pub(super) fn materialise_references(&mut self, index: u32) {
        let mut i = 0;
        while let Some(&pending) = self.pending.get(i).filter(|pending| **pending < index) {
            if self.references.has(self.slot(pending)) {
                self.materialise(pending);
                self.pending.remove(i);
            } else {
                i += 1;
            }
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether stack entry `index` depends on the local in `slot`.
    fn reads(&self, index: u32, slot: u32) -> bool {
        let entry = self.stack.get(index as usize);
        matches!(entry, Some(Value::Local(local) | Value::Sum(local, _)) if *local == slot)
    }

    /// Whether some entry is the local in `slot`, not read yet.
    pub(super) fn is_read_later(&self, slot: u32) -> bool {
        self.pending.iter().any(|index| self.reads(*index, slot))
    }

    /// Writes the sums among the entries to their slots: a suspended frame's operands are locals or constants at most.
    pub(super) fn materialise_sums(&mut self) {
        let mut i = 0;
        while let Some(&index) = self.pending.get(i) {
            if matches!(self.stack.get(index as usize), Some(Value::Sum(..))) {
                self.materialise(index);
                self.pending.remove(i);
            } else {
                i += 1;
            }
        }
    }

    /// Writes all entries that are the local in `slot` to their own slots, before the local changes.
    pub(super) fn materialise_local(&mut self, slot: u32) {
        let mut i = 0;
        while let Some(&index) = self.pending.get(i) {
            if self.reads(index, slot) {
                self.materialise(index);
                self.pending.remove(i);
            } else {
                i += 1;
            }
        }
    }

    /// Records the entries below `index` that are not in their slots, for the call that ends at the current position.
    // @need-ids: REQ_SAFEPOINT_001
    pub(super) fn record_aliases(&mut self, index: u32) {
        let pc = self.at + self.code.len() as u32;
        for i in 0..self.pending.partition_point(|pending| *pending < index) {
            let Some(&entry) = self.pending.get(i) else { continue };
            let (local, constant) = match self.stack.get(entry as usize) {
                Some(Value::Local(local)) => (self.place(*local), 0),
                Some(Value::Const(constant)) => (NONE, *constant),
                _ => continue,
            };
            self.record(pc, self.place_of(entry), local, constant);
        }
    }

    /// Records that the frame has `index` entries during the call that ends at the current position.
    pub(super) fn record_height(&mut self, index: u32) {
        let pc = self.at + self.code.len() as u32;
        self.record(pc, self.slot(index), HEIGHT, 0);
    }

    fn record(&mut self, pc: u32, slot: u32, local: u32, constant: u64) {
        let (pc, slot, local) = (pc.into(), slot.into(), local.into());
        self.aliases.push(AliasRecord { pc, slot, local, reserved: 0.into(), constant: constant.into() });
    }
}

/// Whether a row writes r\[a\], and nothing but that.
fn defines(row: Row) -> bool {
    match row {
        Row::Binary(..)
        | Row::FloatBinary(..)
        | Row::Compare(..)
        | Row::FloatCompare(..)
        | Row::Unary(..)
        | Row::FloatUnary(..)
        | Row::Load(..) => true,
        Row::Plain(row) => matches!(
            row,
            Plain::Mov
                | Plain::FarGet
                | Plain::Const
                | Plain::ConstS
                | Plain::ConstHi
                | Plain::Select
                | Plain::GlobalGet
                | Plain::ImportedGlobalGet
                | Plain::MemorySize
                | Plain::TableGet
                | Plain::TableSize
                | Plain::RefFunc
                // Vectors take two registers: those that read one put a barrier behind it.
                | Plain::StructGet
                | Plain::ArrayGet
                | Plain::ArrayLen
                | Plain::I31Get
                | Plain::RefTest
        ),
        Row::Vector(row) => row.writes() && row.registers()[0] == 1,
        Row::CompareBranch(..) | Row::FloatCompareBranch(..) | Row::Store(..) | Row::Branch(..) | Row::Wide(..) => {
            false
        }
    }
}

/// The registers of a row in form `RR`, for fusing: first and second operand.
pub(super) fn registers(instr: Instr, form: Operands) -> Option<(u8, u8)> {
    (form == Operands::RR).then_some((instr.b, instr.imm as u8))
}
