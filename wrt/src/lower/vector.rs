//! Lowering of vector operators, and of values that take two slots.
//!
//! A `v128` is two entries of the symbolic stack, the low half first. Instructions name the register of its low slot, so both halves
//! must stand side by side: where they are those of a local, or in their own slots, they do, and else they are written there.

use super::Failure;
use super::memory::Address;
use super::operators::Vector;
use super::scratch::SCRATCH_RESULTS;
use super::stack::{Lowering, Value};
use wasmparser::{BlockType, MemArg, MemArgTarget};
use wrt_instructions::op::Plain;
use wrt_instructions::vector::{
    Distance, LoadLaneOp, StoreLaneOp, VectorAccess, VectorLoadOp, VectorPlain, VectorRow, VectorShiftOp, VectorStoreOp,
};
use wrt_instructions::{Op, V128};
use wrt_runtime::Instr;
use wrt_runtime::image::format::{ValType, flag};
use wrt_runtime::instr::WIDE_LIMIT;

/// A `v128` taken from the stack: its halves, and the index of the low one there.
pub(super) type TakenPair = ([Value; 2], u32);

/// Where an access finds its memory: how its address is formed, or which memory, beyond the forms for the first.
enum Place {
    Near(u32),
    Far(u32, u64),
}

impl Lowering<'_> {
    // The stack.

    /// Whether the top entry is the high half of a `v128`.
    pub(super) fn is_vector(&self) -> bool {
        self.high_halves.last().copied().unwrap_or(false)
    }

    /// Pushes both halves of a `v128`; returns the slot of the low one.
    pub(super) fn push_pair(&mut self, [low, high]: [Value; 2]) -> Result<u32, Failure> {
        let slot = self.push(low)?;
        self.push(high)?;
        if let Some(is_high) = self.high_halves.last_mut() {
            *is_high = true;
        }
        Ok(slot)
    }

    /// Takes a `v128` from the top.
    pub(super) fn pop_pair(&mut self) -> Result<TakenPair, Failure> {
        let (high, _) = self.pop()?;
        let (low, index) = self.pop()?;
        Ok(([low, high], index))
    }

    /// Pushes values of these types that are in their slots.
    pub(super) fn push_types(&mut self, types: &[ValType]) -> Result<(), Failure> {
        for ty in types {
            if *ty == ValType::V128 {
                self.push_pair([Value::Slot; 2])?;
            } else {
                self.push_typed(Value::Slot, self.image.all_types().is_traced(*ty))?;
            }
        }
        Ok(())
    }

    /// Pushes the parameters or the results of a function type.
    pub(super) fn push_type(&mut self, ty: u32, params: bool) -> Result<(), Failure> {
        let types = self.image.func_type(ty).ok_or_else(|| Failure::internal(self.offset, "no such type"))?;
        self.push_types(if params { types.0 } else { types.1 })
    }

    /// Pushes the parameters or the results of a block.
    pub(super) fn push_block(&mut self, ty: BlockType, params: bool) -> Result<(), Failure> {
        match ty {
            BlockType::Empty => Ok(()),
            BlockType::Type(_) if params => Ok(()),
            BlockType::Type(wasmparser::ValType::V128) => self.push_types(&[ValType::V128]),
            BlockType::Type(ty) => self.push_typed(Value::Slot, self.is_traced(ty)).map(|_| ()),
            BlockType::FuncType(index) => self.push_type(index, params),
        }
    }

    // Registers.

    /// Whether some of a pair of slots is out of reach of registers.
    fn is_far_pair(&self, slot: u32) -> bool {
        self.wide && slot + 1 >= WIDE_LIMIT
    }

    /// A register with the low half of the pair from slot `slot` on, whose next one has the high half.
    fn pair_register(&mut self, slot: u32) -> u8 {
        if !self.is_far_pair(slot) {
            return slot as u8;
        }
        // Pairs are read from where they stand.
        self.settle();
        let register = self.scratch_pair();
        for half in 0..2 {
            let place = self.place(slot + u32::from(half));
            let to = register + half;
            // A pair may stand on both sides of the scratch registers.
            self.emit(if place < WIDE_LIMIT {
                Instr::new(Op::plain(Plain::Mov), to, place as u8, 0)
            } else {
                Instr::new(Op::plain(Plain::FarGet), to, 0, place)
            });
        }
        register
    }

    /// A register with the low half of a taken `v128`, whose next one has the high half.
    pub(super) fn pair_of(&mut self, (halves, index): TakenPair) -> u8 {
        if let [Value::Local(low), Value::Local(high)] = halves
            && high == low + 1
        {
            return self.pair_register(low);
        }
        for (index, half) in (index..).zip(halves) {
            self.write(self.slot(index), half);
        }
        self.pair_register(self.slot(index))
    }

    /// Writes a taken entry to `slot`; one that is in its own slot already stays there.
    fn write(&mut self, slot: u32, value: Value) {
        match value {
            Value::Slot => {}
            Value::Local(local) => self.move_slot(slot, local),
            Value::Const(constant) => self.constant(slot, constant),
            Value::Sum(local, constant) => self.sum(slot, local, constant),
        }
    }

    /// Emits an instruction, with its data words, that defines the pair from slot `slot` on.
    pub(super) fn define_pair(&mut self, op: Op, slot: u32, b: u8, imm: u32, data: &[Instr]) {
        let far = self.is_far_pair(slot);
        let a = if far { SCRATCH_RESULTS } else { slot as u8 };
        self.emit(Instr::new(op, a, b, imm));
        self.code.extend_from_slice(data);
        if !far {
            return;
        }
        for half in 0..2 {
            let place = self.place(slot + u32::from(half));
            let from = SCRATCH_RESULTS + half;
            self.scratch.forget(slot + u32::from(half));
            self.emit(if place < WIDE_LIMIT {
                Instr::new(Op::plain(Plain::Mov), place as u8, from, 0)
            } else {
                Instr::new(Op::plain(Plain::FarPut), from, 0, place)
            });
        }
        self.barrier = self.code.len();
    }

    /// Pushes a `v128` and emits the instruction that defines it.
    fn push_pair_defined(&mut self, row: VectorRow, b: u8, imm: u32, data: &[Instr]) -> Result<(), Failure> {
        let slot = self.push_pair([Value::Slot; 2])?;
        self.define_pair(Op::vector(row), slot, b, imm, data);
        Ok(())
    }

    // Operators.

    pub(super) fn vector(&mut self, operator: Vector) -> Result<(), Failure> {
        match operator {
            Vector::Unary(op) => {
                let x = self.pop_pair()?;
                let b = self.pair_of(x);
                self.push_pair_defined(VectorRow::Unary(op), b, 0, &[])
            }
            Vector::Binary(op) => self.two_vectors(VectorRow::Binary(op), &[]),
            Vector::Ternary(op) => {
                let (z, y, x) = (self.pop_pair()?, self.pop_pair()?, self.pop_pair()?);
                let (b, y, z) = (self.pair_of(x), self.pair_of(y), self.pair_of(z));
                self.push_pair_defined(VectorRow::Ternary(op), b, u32::from(y) | u32::from(z) << 8, &[])
            }
            Vector::Shift(op) => self.shift(op),
            Vector::Test(op) => self.scalar_of_vector(VectorRow::Test(op), 0),
            Vector::Splat(op) => {
                let x = self.pop()?;
                let b = self.register_of(x);
                self.push_pair_defined(VectorRow::Splat(op), b, 0, &[])
            }
            Vector::ExtractLane(op, lane) => self.scalar_of_vector(VectorRow::ExtractLane(op), lane),
            Vector::ReplaceLane(op, lane) => {
                let (value, x) = (self.pop()?, self.pop_pair()?);
                let (b, value) = (self.pair_of(x), self.register_of(value));
                self.push_pair_defined(VectorRow::ReplaceLane(op), b, u32::from(value) | u32::from(lane) << 8, &[])
            }
            Vector::Load(op, memarg) => self.vector_load(op, memarg),
            Vector::Store(op, memarg) => self.vector_store(op, memarg),
            Vector::LoadLane(op, memarg, lane) => self.load_lane(op, memarg, lane),
            Vector::StoreLane(op, memarg, lane) => self.store_lane(op, memarg, lane),
        }
    }

    fn two_vectors(&mut self, row: VectorRow, data: &[Instr]) -> Result<(), Failure> {
        let (y, x) = (self.pop_pair()?, self.pop_pair()?);
        let (b, c) = (self.pair_of(x), self.pair_of(y));
        self.push_pair_defined(row, b, u32::from(c), data)
    }

    fn scalar_of_vector(&mut self, row: VectorRow, lane: u8) -> Result<(), Failure> {
        let x = self.pop_pair()?;
        let b = self.pair_of(x);
        self.push_defined(Op::vector(row), b, u32::from(lane))
    }

    fn shift(&mut self, op: VectorShiftOp) -> Result<(), Failure> {
        let (distance, x) = (self.pop()?, self.pop_pair()?);
        let b = self.pair_of(x);
        if let Value::Const(constant) = distance.0 {
            return self.push_pair_defined(VectorRow::Shift(op, Distance::I), b, constant as u32, &[]);
        }
        let distance = self.register_of(distance);
        self.push_pair_defined(VectorRow::Shift(op, Distance::R), b, u32::from(distance), &[])
    }

    pub(super) fn shuffle(&mut self, lanes: [u8; 16]) -> Result<(), Failure> {
        let (fours, _) = lanes.as_chunks::<4>();
        let mut data = [Instr::data(0, 0, 0); 4];
        data.iter_mut().zip(fours).for_each(|(word, four)| word.imm = u32::from_le_bytes(*four));
        self.two_vectors(VectorRow::Plain(VectorPlain::Shuffle), &data)
    }

    pub(super) fn vector_constant(&mut self, bytes: [u8; 16]) -> Result<(), Failure> {
        self.push_pair(halves_of(bytes).map(Value::Const)).map(|_| ())
    }

    pub(super) fn vector_select(&mut self) -> Result<(), Failure> {
        let (condition, second, first) = (self.pop()?, self.pop_pair()?, self.pop_pair()?);
        let (b, second, condition) = (self.pair_of(first), self.pair_of(second), self.register_of(condition));
        let imm = u32::from(second) | u32::from(condition) << 8;
        self.push_pair_defined(VectorRow::Plain(VectorPlain::Select), b, imm, &[])
    }

    // Variables.

    /// The local becomes the `v128` on top: where the instruction before made it, that one writes the local instead.
    pub(super) fn vector_local_set(&mut self, local: u32) -> Result<(), Failure> {
        let (halves, index) = self.pop_pair()?;
        let slot = self.slot(index);
        let reads = self.is_read_later(local) || self.is_read_later(local + 1);
        let near = local + 1 < 256 && !(self.wide && (local + 1 >= WIDE_LIMIT || reads));
        if near
            && halves == [Value::Slot; 2]
            && let Some(at) = self.pair_definition(slot)
            && (!reads || at + 1 == self.code.len())
        {
            // Reads of the old value go in before; an instruction with data words stays where it is.
            let last = if reads { self.take_last() } else { None };
            self.materialise_vector_local(local);
            if let Some((instr, mark)) = last {
                self.put_last(Instr { a: local as u8, ..instr }, mark);
            } else if let Some(instr) = self.code.get_mut(at) {
                instr.a = local as u8;
            }
            return Ok(());
        }
        self.materialise_vector_local(local);
        for (half, value) in (0..).zip(halves) {
            let value = if value == Value::Slot { Value::Local(slot + half) } else { value };
            self.write(local + half, value);
        }
        Ok(())
    }

    fn materialise_vector_local(&mut self, local: u32) {
        self.materialise_local(local);
        self.materialise_local(local + 1);
    }

    /// Where the last instruction stands, if it is in reach and defines the pair from `slot` on.
    fn pair_definition(&self, slot: u32) -> Option<usize> {
        if self.is_far_pair(slot) {
            return None;
        }
        let words = self.code.iter().rev().take_while(|instr| instr.op() == Op::plain(Plain::Data)).count();
        let at = self.code.len().checked_sub(words + 1).filter(|at| *at >= self.barrier)?;
        let instr = self.code.get(at)?;
        let wrt_instructions::Row::Vector(row) = instr.op().row()? else { return None };
        let defines = row.writes() && row.registers()[0] == 2 && usize::from(row.data_words()) == words;
        (defines && u32::from(instr.a) == slot).then_some(at)
    }

    pub(super) fn vector_global_get(&mut self, imported: bool, number: u32) -> Result<(), Failure> {
        let row = if imported { VectorPlain::ImportedGlobalGet } else { VectorPlain::GlobalGet };
        self.push_pair_defined(VectorRow::Plain(row), 0, number, &[])
    }

    pub(super) fn vector_global_set(&mut self, imported: bool, number: u32) -> Result<(), Failure> {
        let row = if imported { VectorPlain::ImportedGlobalSet } else { VectorPlain::GlobalSet };
        let value = self.pop_pair()?;
        let a = self.pair_of(value);
        self.emit(Instr::new(Op::vector(VectorRow::Plain(row)), a, 0, number));
        Ok(())
    }

    // Memory.

    fn vector_place(&self, memarg: MemArg) -> Result<Place, Failure> {
        let MemArgTarget::Memory(index) = memarg.target else {
            return Err(Failure::internal(self.offset, "an access that this release cannot lower"));
        };
        let wide =
            self.image.memories.get(index as usize).is_some_and(|memory| memory.flags.get() & flag::INDEX64 != 0);
        Ok(match u32::try_from(memarg.offset) {
            Ok(offset) if index == 0 && !wide => Place::Near(offset),
            _ => Place::Far(index, memarg.offset),
        })
    }

    fn vector_load(&mut self, op: VectorLoadOp, memarg: MemArg) -> Result<(), Failure> {
        let place = self.vector_place(memarg)?;
        let x = self.pop()?;
        let row = |access| VectorRow::Load(op, access);
        let offset = match place {
            Place::Near(offset) => offset,
            Place::Far(memory, offset) => {
                let b = self.register_of(x);
                self.mark();
                return self.push_pair_defined(row(VectorAccess::Far), b, offset as u32, &[far_data(memory, offset)]);
            }
        };
        if let Value::Const(address) = x.0
            && let Ok(at) = u32::try_from(address + u64::from(offset))
        {
            self.mark();
            return self.push_pair_defined(row(VectorAccess::Abs), 0, at, &[]);
        }
        if x.0 == Value::Slot
            && let Some(address) = self.address(x.1, offset.into())
        {
            self.take_last();
            self.mark();
            let (access, b, imm) = folded(&address, offset);
            return self.push_pair_defined(row(access), b, imm, &[]);
        }
        if let (Value::Sum(local, constant), 0) = (x.0, offset) {
            let b = self.register(local);
            self.mark();
            return self.push_pair_defined(row(VectorAccess::Wrap), b, constant, &[]);
        }
        let b = self.register_of(x);
        self.mark();
        self.push_pair_defined(row(VectorAccess::R), b, offset, &[])
    }

    fn vector_store(&mut self, op: VectorStoreOp, memarg: MemArg) -> Result<(), Failure> {
        let place = self.vector_place(memarg)?;
        let (value, x) = (self.pop_pair()?, self.pop()?);
        let offset = match place {
            Place::Near(offset) => offset,
            Place::Far(memory, offset) => {
                let (a, b) = (self.register_of(x), self.pair_of(value));
                self.store_pair(op, VectorAccess::Far, a, b, offset as u32);
                self.emit(far_data(memory, offset));
                return Ok(());
            }
        };
        // The address folds only while its addition is the last instruction: where the value is read in place.
        let in_place = !self.wide && matches!(value.0, [Value::Local(_), Value::Local(_)]);
        let address = if in_place && x.0 == Value::Slot { self.address(x.1, offset.into()) } else { None };
        let absolute = match x.0 {
            Value::Const(address) => u32::try_from(address + u64::from(offset)).ok(),
            _ => None,
        };
        if let Some(at) = absolute {
            let b = self.pair_of(value);
            self.store_pair(op, VectorAccess::Abs, 0, b, at);
            return Ok(());
        }
        let (access, a, b, imm) = match (x.0, address) {
            (Value::Sum(local, constant), _) if offset == 0 => {
                let b = self.pair_of(value);
                (VectorAccess::Wrap, self.register(local), b, constant)
            }
            (_, Some(address)) => {
                self.take_last();
                let (access, a, imm) = folded(&address, offset);
                (access, a, self.pair_of(value), imm)
            }
            _ => {
                let a = self.register_of(x);
                (VectorAccess::R, a, self.pair_of(value), offset)
            }
        };
        self.store_pair(op, access, a, b, imm);
        Ok(())
    }

    fn store_pair(&mut self, op: VectorStoreOp, access: VectorAccess, a: u8, b: u8, imm: u32) {
        self.mark();
        self.emit(Instr::new(Op::vector(VectorRow::Store(op, access)), a, b, imm));
    }

    /// A load of the lane to where the address was, and then the lane's replacement.
    fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) -> Result<(), Failure> {
        let (load, replace) = op.parts();
        let x = self.pop_pair()?;
        self.load(load, memarg)?;
        self.reset_scratch();
        let loaded = self.pop()?;
        let (b, value) = (self.pair_of(x), self.register_of(loaded));
        self.push_pair_defined(VectorRow::ReplaceLane(replace), b, u32::from(value) | u32::from(lane) << 8, &[])
    }

    /// The lane to where the vector's low half was, and then its store.
    fn store_lane(&mut self, op: StoreLaneOp, memarg: MemArg, lane: u8) -> Result<(), Failure> {
        let (extract, store) = op.parts();
        self.scalar_of_vector(VectorRow::ExtractLane(extract), lane)?;
        self.reset_scratch();
        self.store(store, memarg)
    }
}

/// The data word of a far access: the memory, and the high half of the offset.
fn far_data(memory: u32, offset: u64) -> Instr {
    Instr::data(memory as u8, (memory >> 8) as u8, (offset >> 32) as u32)
}

/// How an access takes an addition that it does itself: form, base and immediate.
fn folded(address: &Address, offset: u32) -> (VectorAccess, u8, u32) {
    match *address {
        Address::Indexed(base, index) => (VectorAccess::Idx, base, u32::from(index) | offset << 8),
        Address::Wrapping(base, constant) => (VectorAccess::Wrap, base, constant),
    }
}

/// The two slots of a constant.
pub(crate) fn halves_of(bytes: [u8; 16]) -> V128 {
    let value = u128::from_le_bytes(bytes);
    [value as u64, (value >> 64) as u64]
}
