//! Vector instructions as text. The pair of registers of a `v128` is `v5` for `r5` and `r6`.

use wrt_instructions::vector::{Distance, VectorAccess, VectorPlain, VectorRow};
use wrt_runtime::Instr;

/// What the instruction does; `words` are its data words.
pub(super) fn line(row: VectorRow, instr: Instr, words: &[Instr]) -> String {
    let Instr { a, b, imm, .. } = instr;
    let (name, second) = (row.name(), imm >> 8 & 255);
    let to = if instr.is_unwritten() { String::from("acc") } else { format!("r{a}") };
    match row {
        VectorRow::Load(_, access) => format!("v{a} = {name} [{}]", address(access, b, imm, words)),
        VectorRow::Store(_, access) => format!("{name} [{}] = v{b}", address(access, a, imm, words)),
        VectorRow::Shift(_, Distance::I) => format!("v{a} = {name} v{b}, {imm}"),
        VectorRow::ExtractLane(_) => format!("{to} = {name} v{b}, {imm}"),
        VectorRow::Test(_) => format!("{to} = {name} v{b}"),
        VectorRow::ReplaceLane(_) => format!("v{a} = {name} v{b}, {second}, r{}", imm & 255),
        VectorRow::Plain(VectorPlain::Select) => format!("v{a} = r{second} ? v{b} : v{}", imm & 255),
        VectorRow::Plain(VectorPlain::GlobalGet | VectorPlain::ImportedGlobalGet) => format!("v{a} = {name} {imm}"),
        VectorRow::Plain(VectorPlain::GlobalSet | VectorPlain::ImportedGlobalSet) => format!("{name} {imm} = v{a}"),
        VectorRow::Plain(VectorPlain::Shuffle) => {
            let lanes = words.iter().flat_map(|word| word.imm.to_le_bytes()).map(|lane| lane.to_string());
            format!("v{a} = {name} v{b}, v{}, {}", imm & 255, lanes.collect::<Vec<_>>().join(" "))
        }
        _ => registers(row, instr),
    }
}

/// As `v1 = i8x16.add v3, v5`.
fn registers(row: VectorRow, instr: Instr) -> String {
    let [low, second, ..] = instr.imm.to_le_bytes();
    let fields = [instr.a, instr.b, low, second].into_iter().zip(row.registers());
    let named = fields.filter(|(_, slots)| *slots > 0);
    let named = named.map(|(register, slots)| format!("{}{register}", if slots == 2 { 'v' } else { 'r' }));
    let mut named = named.collect::<Vec<_>>().into_iter();
    let result = named.next().unwrap_or_default();
    format!("{result} = {} {}", row.name(), named.collect::<Vec<_>>().join(", "))
}

fn address(access: VectorAccess, base: u8, imm: u32, words: &[Instr]) -> String {
    match access {
        VectorAccess::R => format!("r{base} + {imm}"),
        VectorAccess::Abs => imm.to_string(),
        VectorAccess::Idx => format!("wrap(r{base} + r{}) + {}", imm & 255, imm >> 8),
        VectorAccess::Wrap => format!("wrap(r{base} + {imm})"),
        VectorAccess::Far => {
            let data = words.first().copied().unwrap_or_default();
            format!("memory {}, r{base} + {}", data.ab(), u64::from(imm) | u64::from(data.imm) << 32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disassembly::lines;
    use wrt_instructions::Op;
    use wrt_instructions::vector::{
        ExtractLaneOp, ReplaceLaneOp, SplatOp, VectorBinaryOp, VectorLoadOp, VectorShiftOp, VectorStoreOp,
    };

    // @need-ids: REQ_CLI_001
    #[test]
    fn vector_instructions_read_as_what_they_do() {
        let vector = |row, a, b, imm| Instr::new(Op::vector(row), a, b, imm);
        let lanes = |imm| Instr::data(0, 0, imm);
        let code = [
            vector(VectorRow::Binary(VectorBinaryOp::I8x16Add), 1, 3, 5),
            vector(VectorRow::Splat(SplatOp::I16x8Splat), 1, 7, 0),
            vector(VectorRow::Shift(VectorShiftOp::I32x4Shl, Distance::R), 1, 3, 7),
            vector(VectorRow::Shift(VectorShiftOp::I32x4Shl, Distance::I), 1, 3, 7),
            vector(VectorRow::ExtractLane(ExtractLaneOp::I64x2ExtractLane), 7, 1, 1),
            vector(VectorRow::ReplaceLane(ReplaceLaneOp::I64x2ReplaceLane), 1, 3, 1 << 8 | 7),
            vector(VectorRow::Plain(VectorPlain::Shuffle), 1, 3, 5),
            lanes(0x0302_0100),
            lanes(0x0706_0504),
            lanes(0x1312_1110),
            lanes(0x1716_1514),
            vector(VectorRow::Plain(VectorPlain::Select), 1, 3, 7 << 8 | 5),
            vector(VectorRow::Load(VectorLoadOp::V128Load, VectorAccess::R), 1, 7, 16),
            vector(VectorRow::Store(VectorStoreOp::V128Store, VectorAccess::Far), 7, 1, 16),
            Instr::data(2, 1, 1),
            vector(VectorRow::Plain(VectorPlain::GlobalSet), 1, 0, 4),
        ];
        let expected = [
            (0, "v1 = i8x16.add v3, v5"),
            (1, "v1 = i16x8.splat r7"),
            (2, "v1 = i32x4.shl v3, r7"),
            (3, "v1 = i32x4.shl v3, 7"),
            (4, "r7 = i64x2.extract_lane v1, 1"),
            (5, "v1 = i64x2.replace_lane v3, 1, r7"),
            (6, "v1 = i8x16.shuffle v3, v5, 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23"),
            (11, "v1 = r7 ? v3 : v5"),
            (12, "v1 = v128.load [r7 + 16]"),
            (13, "v128.store [memory 258, r7 + 4294967312] = v1"),
            (15, "global.set.v128 4 = v1"),
        ];
        let lines = lines(0, &code);
        let lines: Vec<(u32, &str)> = lines.iter().map(|(at, line)| (*at, line.as_str())).collect();
        assert_eq!(lines, expected);
    }
}
