//! Operators that leave the operand stack as it was, to stand between any others: what waits there for its operator must
//! not be touched by them.

use super::leb;
use super::operators::{float, integer};
use super::template::{Callee, Template};
use crate::random::Random;
use wasmparser::ValType;

/// Calls and structures in one another.
const DEPTH: usize = 3;

struct Writer<'t> {
    template: &'t Template,
    locals: &'t [ValType],
    random: &'t mut Random,
    bytes: Vec<u8>,
}

/// Any such operators, for a function.
pub(super) fn any(template: &Template, func: usize, random: &mut Random) -> Vec<u8> {
    let locals = &template.signatures[func].locals;
    let mut writer = Writer { template, locals, random, bytes: Vec::new() };
    writer.snippet(DEPTH);
    writer.bytes
}

const DROP: u8 = 0x1A;
const END: u8 = 0x0B;
const NO_RESULT: u8 = 0x40;

impl Writer<'_> {
    fn put(&mut self, opcode: u8, immediate: usize) {
        self.bytes.push(opcode);
        self.bytes.extend(leb::unsigned(immediate as u64));
    }

    /// A local of a type.
    fn local(&mut self, ty: ValType) -> Option<usize> {
        let start = self.random.below(self.locals.len().max(1));
        let (before, after) = self.locals.split_at_checked(start)?;
        let found = after.iter().position(|local| *local == ty).map(|at| start + at);
        found.or_else(|| before.iter().position(|local| *local == ty))
    }

    /// A value: of a local or a constant. Whether there is one.
    fn value(&mut self, ty: ValType) -> bool {
        if self.random.below(3) != 0
            && let Some(local) = self.local(ty)
        {
            self.put(0x20, local);
            return true;
        }
        match ty {
            ValType::I32 => {
                self.bytes.push(0x41);
                let value = integer(self.random) as i32;
                self.bytes.extend(leb::signed(value.into()));
            }
            ValType::I64 => {
                self.bytes.push(0x42);
                let value = integer(self.random);
                self.bytes.extend(leb::signed(value));
            }
            ValType::F32 => {
                self.bytes.push(0x43);
                let value = float(self.random) as f32;
                self.bytes.extend(value.to_bits().to_le_bytes());
            }
            ValType::F64 => {
                self.bytes.push(0x44);
                let value = float(self.random);
                self.bytes.extend(value.to_bits().to_le_bytes());
            }
            ValType::V128 => {
                self.bytes.extend([0xFD, 0x0C]);
                for _ in 0..2 {
                    let half = self.random.number();
                    self.bytes.extend(half.to_le_bytes());
                }
            }
            ValType::Ref(_) => {
                let Some(local) = self.local(ty) else { return false };
                self.put(0x20, local);
            }
        }
        true
    }

    /// Takes a value away.
    fn sink(&mut self, ty: ValType) {
        match self.local(ty).filter(|_| self.random.below(4) != 0) {
            Some(local) if self.random.below(4) == 0 => {
                self.put(0x22, local);
                self.bytes.push(DROP);
            }
            Some(local) => self.put(0x21, local),
            None => self.bytes.push(DROP),
        }
    }

    fn number_type(&mut self) -> ValType {
        [ValType::I32, ValType::I32, ValType::I64, ValType::F32, ValType::F64][self.random.below(5)]
    }

    fn snippet(&mut self, depth: usize) {
        let start = self.bytes.len();
        match self.random.below(if depth == 0 { 6 } else { 12 }) {
            0..2 => {
                let ty = self.number_type();
                self.value(ty);
                self.sink(ty);
            }
            2..4 => self.arithmetic(),
            4 => self.load(),
            5 => self.store(),
            6 => self.bulk(),
            7 => {
                self.value(ValType::I32);
                self.bytes.extend([0x04, NO_RESULT]);
                self.snippet(depth - 1);
                if self.random.below(2) == 0 {
                    self.bytes.push(0x05);
                    self.snippet(depth - 1);
                }
                self.bytes.push(END);
            }
            8 => {
                self.bytes.extend([if self.random.below(8) == 0 { 0x03 } else { 0x02 }, NO_RESULT]);
                self.snippet(depth - 1);
                self.value(ValType::I32);
                self.put(0x0D, 0);
                self.snippet(depth - 1);
                self.bytes.push(END);
            }
            9 => self.switch(depth),
            _ => {
                let callee = self.random.below(self.template.callees.len());
                let Callee { params, results } = self.template.callees[callee].clone();
                if !params.into_iter().all(|ty| self.value(ty)) {
                    return self.bytes.truncate(start);
                }
                self.put(0x10, callee);
                results.into_iter().rev().for_each(|ty| self.sink(ty));
            }
        }
    }

    /// A `br_table` out of blocks in one another.
    fn switch(&mut self, depth: usize) {
        self.bytes.extend([0x02, NO_RESULT, 0x02, NO_RESULT, 0x02, NO_RESULT]);
        self.value(ValType::I32);
        self.bytes.extend([0x0E, 3]);
        for _ in 0..4 {
            let label = self.random.below(3) as u8;
            self.bytes.push(label);
        }
        for _ in 0..3 {
            self.bytes.push(END);
            self.snippet(depth - 1);
        }
    }

    fn arithmetic(&mut self) {
        let ty = self.number_type();
        self.value(ty);
        self.value(ty);
        let below =
            |random: &mut Random, first: u8, last: u8| first + random.below(usize::from(last - first) + 1) as u8;
        let (opcode, result) = match ty {
            ValType::I32 if self.random.below(2) == 0 => (below(self.random, 0x46, 0x4F), ValType::I32),
            ValType::I32 => (below(self.random, 0x6A, 0x78), ty),
            ValType::I64 if self.random.below(3) == 0 => (below(self.random, 0x51, 0x5A), ValType::I32),
            ValType::I64 => (below(self.random, 0x7C, 0x8A), ty),
            ValType::F32 => (below(self.random, 0x92, 0x98), ty),
            _ => (below(self.random, 0xA0, 0xA6), ty),
        };
        self.bytes.push(opcode);
        self.sink(result);
    }

    fn load(&mut self) {
        if self.template.memories == 0 {
            return;
        }
        self.address();
        let (opcode, ty) = [(0x28, ValType::I32), (0x29, ValType::I64), (0x2A, ValType::F32), (0x2B, ValType::F64)]
            [self.random.below(4)];
        self.access(opcode);
        self.sink(ty);
    }

    fn store(&mut self) {
        if self.template.memories == 0 {
            return;
        }
        self.address();
        let (opcode, ty) = [(0x36, ValType::I32), (0x37, ValType::I64), (0x38, ValType::F32), (0x39, ValType::F64)]
            [self.random.below(4)];
        self.value(ty);
        self.access(opcode);
    }

    /// An address that is inside of most memories, half of the time.
    fn address(&mut self) {
        if self.random.below(2) == 0 {
            self.bytes.push(0x41);
            let address = self.random.below(1 << 16) as i64;
            self.bytes.extend(leb::signed(address));
        } else {
            self.value(ValType::I32);
        }
    }

    fn access(&mut self, opcode: u8) {
        self.bytes.extend([opcode, 0]);
        let offset = if self.random.below(2) == 0 { 0 } else { self.random.below(1 << 12) };
        self.bytes.extend(leb::unsigned(offset as u64));
    }

    /// A copy or a fill, of up to two units or so.
    fn bulk(&mut self) {
        if self.template.memories == 0 {
            return;
        }
        self.address();
        self.address();
        self.bytes.push(0x41);
        let length = self.random.below(3_000) as i64;
        self.bytes.extend(leb::signed(length));
        let copy: &[u8] = if self.random.below(2) == 0 { &[0xFC, 10, 0, 0] } else { &[0xFC, 11, 0] };
        self.bytes.extend(copy);
    }
}
