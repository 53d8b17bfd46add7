//! Which parts of the language an image needs: its writer puts them into the header, and loading asks for them once.

// @need-ids: REQ_PARTS_001, REQ_FLOAT_001, REQ_VECTOR_002

use super::Image;
use super::flow::is_table;
use super::format::{
    BytecodeHeader, ConstInstr, Header, OptionalHeader, OptionalSection, TypeRecord, ValType, flag, items, kind, mode,
};
use crate::constant::Constant;
use crate::instr::{Instr, PACKED_ENTRIES, WINDOW};
use crate::typing::Types;
use wrt_instructions::op::{Plain, Row};
use wrt_instructions::{Op, Part};
use zerocopy::FromBytes;
use zerocopy::byteorder::little_endian::U32;

/// A set of parts.
struct Set(u32);

impl Set {
    fn add(&mut self, part: Part, needed: bool) {
        self.0 |= if needed { part.bit() } else { 0 };
    }

    fn value(&mut self, ty: ValType) {
        self.add(Part::Simd, ty == ValType::V128);
        self.add(Part::References, ty != ValType::V128 && !ty.is_number());
    }

    fn ty(&mut self, all: Types<'_>, ty: TypeRecord) {
        self.add(Part::References, ty.results.get() >> TypeRecord::RESULT_BITS != 0);
        all.all_parts(ty).unwrap_or_default().iter().for_each(|part| self.value(part.storage()));
    }

    fn instruction(&mut self, instr: Instr) {
        let op = instr.op();
        let row = op.row();
        let vector = op.0 as usize >= Op::SCALAR_COUNT && (op.0 as usize) < Op::COUNT;
        self.add(Part::Simd, vector);
        if let Some(part) = row.and_then(Row::part) {
            self.add(part, true);
        }
        let table = matches!(row, Some(Row::Plain(plain)) if is_table(plain));
        self.add(Part::Large, table && instr.imm >= PACKED_ENTRIES);
        // Who has no references has none to call.
        self.add(Part::References, matches!(row, Some(Row::Plain(Plain::ReturnCallRef))));
    }

    fn constant(&mut self, operator: &ConstInstr) {
        if let Some(part) = Constant::part(operator.opcode.get()) {
            self.add(part, true);
        }
    }

    /// Of the optional sections that the traditional engine runs.
    fn bytecode(&mut self, mut rest: &[u8]) -> Option<()> {
        while !rest.is_empty() {
            let (header, after) = OptionalHeader::read(rest)?;
            let (bytes, after) = after.split_at_checked(header.length.get() as usize)?;
            if header.kind.get() == OptionalSection::Bytecode as u32 {
                self.0 |= BytecodeHeader::ref_from_prefix(bytes).ok()?.0.parts.get();
            }
            rest = after;
        }
        Some(())
    }
}

impl Image<'_> {
    /// The parts of the language that running what has this header takes, as a set of [`Part::bit`]s.
    // @need-ids: REQ_PARTS_001, REQ_VECTOR_002, REQ_FLOAT_001
    pub(super) fn parts(&self, header: &Header, file: &[u8]) -> u32 {
        let mut set = Set(0);
        self.types.iter().for_each(|ty| set.ty(self.all_types(), *ty));
        self.imports.iter().for_each(|import| set.add(Part::Linking, import.kind.get() != kind::FUNC));
        self.funcs.iter().for_each(|func| set.add(Part::WideFrames, usize::from(func.slots.get()) > WINDOW));
        set.add(Part::References, self.tables.len() > 1);
        for table in self.tables {
            set.add(Part::References, !table.element.is_func() || table.init.length != U32::ZERO);
            set.add(Part::Memories, table.flags.get() & flag::INDEX64 != 0);
        }
        set.add(Part::Memories, self.memories.len() > 1);
        for memory in self.memories {
            set.add(Part::Memories, memory.flags.get() & flag::INDEX64 != 0);
        }
        let mut computes = false;
        for global in self.globals {
            set.value(global.ty);
            computes |= global.flags.get() & flag::EXPRESSION != 0;
        }
        for segment in self.elements {
            set.add(
                Part::References,
                !mode::is_active(segment.mode.get()) || segment.items.get() == items::EXPRESSIONS,
            );
            set.add(Part::References, !segment.ty.is_func());
            computes |= segment.mode.get() == mode::COMPUTED;
        }
        for segment in self.data {
            set.add(Part::Bulk, !mode::is_active(segment.mode.get()));
            computes |= segment.mode.get() == mode::COMPUTED;
        }
        self.consts.iter().for_each(|operator| set.constant(operator));
        if let Some(([.., tags, handlers, catches, _], _)) = header.sections(file) {
            set.add(Part::Exceptions, tags | handlers | catches != 0);
        }
        self.instrs().for_each(|instr| set.instruction(instr));
        // Builds that have none of these take no expressions, which are numbers else.
        let expressions = Part::Linking.bit() | Part::References.bit() | Part::Simd.bit();
        set.add(Part::References, (computes || !self.consts.is_empty()) && set.0 & expressions == 0);
        // What is wrong with them will be said when they are read.
        let _ = set.bytecode(self.optional);
        set.0
    }
}
