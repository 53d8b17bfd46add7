//! Register code as text, one instruction a line.
//!
//! Registers are `r5`, the accumulator is `acc` (as a result: it alone), constants are plain numbers, and positions in the module's code are `@12`.

// @need-ids: REQ_CLI_001

mod vector;

use wrt_instructions::atomic::Atomic;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, second_index};
use wrt_runtime::Instr;
use wrt_runtime::heap::layout::Field;
use wrt_runtime::image::flow;
use wrt_runtime::image::format::ValType;
use wrt_runtime::instr::{SPLIT, table_entry};

/// The instruction in 8 bytes of an image.
pub fn instruction(bytes: [u8; 8]) -> Instr {
    let [op0, op1, a, b, i0, i1, i2, i3] = bytes;
    Instr { op: u16::from_le_bytes([op0, op1]), a, b, imm: u32::from_le_bytes([i0, i1, i2, i3]) }
}

/// What the instructions of one function do: pairs of a position and a line. `at` is the position of the first.
// @need-ids: REQ_CLI_001, REQ_IMAGE_002
pub fn lines(at: u32, code: &[Instr]) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    let mut rest = code.iter().copied().zip(at..);
    while let Some((instr, position)) = rest.next() {
        let row = instr.op().row();
        let count = row.map_or(0, |row| flow::words(row, instr));
        let words: Vec<_> = rest.by_ref().take(count as usize).map(|(data, _)| data).collect();
        let line = row.map_or_else(|| format!("corrupt {:#06x}", instr.op), |row| line(row, instr, &words, position));
        lines.push((position, line));
    }
    lines
}

fn line(row: Row, instr: Instr, words: &[Instr], at: u32) -> String {
    let Instr { a, b, imm, .. } = instr;
    let to = if instr.is_unwritten() { String::from("acc") } else { format!("r{a}") };
    let data = words.first().copied();
    match row {
        Row::Plain(row) if flow::is_table(row) => branch_table(row, instr, words, at),
        Row::Plain(row) => plain(row, instr, data.unwrap_or_default(), at),
        Row::Binary(op, form) => format!("{to} = {} {}", op.name(), operands(form, b, imm)),
        Row::FloatBinary(op, form) => format!("{to} = {} {}", op.name(), operands(form, b, imm)),
        Row::Compare(op, form) => format!("{to} = {} {}", op.name(), operands(form, b, imm)),
        Row::FloatCompare(op, form) => format!("{to} = {} {}", op.name(), operands(form, b, imm)),
        Row::Unary(op, form) => format!("{to} = {} {}", op.name(), operand(form, b)),
        Row::FloatUnary(op, form) => format!("{to} = {} {}", op.name(), operand(form, b)),
        Row::CompareBranch(op, form, target) => {
            format!("if {} {} {}", op.name(), compared(form, instr), jump(form, target, instr, data, at))
        }
        Row::FloatCompareBranch(op, negated, form, target) => {
            let not = if negated { "not " } else { "" };
            format!("if {not}{} {} {}", op.name(), compared(form, instr), jump(form, target, instr, data, at))
        }
        Row::Branch(test, form, how) => {
            format!("{} {} {}", test.suffix(), operand(form, a), target(how, imm, at.wrapping_add(1)))
        }
        Row::Load(op, form) => {
            format!("{to} = {} [{}]", op.name(), load_address(form, instr, data.unwrap_or_default()))
        }
        Row::Wide(op) => {
            let operands =
                imm.to_le_bytes().into_iter().take(op.operands() as usize).map(|register| format!("r{register}"));
            format!("r{a}, r{b} = {} {}", op.name(), operands.collect::<Vec<_>>().join(", "))
        }
        Row::Store(op, form) => {
            let (address, value) = store(form, instr, data.unwrap_or_default());
            format!("{} [{address}] = {value}", op.name())
        }
        Row::Vector(row) => vector::line(row, instr, words),
    }
}

fn operands(form: Operands, b: u8, imm: u32) -> String {
    match form {
        Operands::RR => format!("r{b}, r{}", imm & 255),
        Operands::RI => format!("r{b}, {}", signed(imm)),
        Operands::IR => format!("{}, r{b}", signed(imm)),
        Operands::AR => format!("acc, r{}", imm & 255),
        Operands::RA => format!("r{b}, acc"),
        Operands::AI => format!("acc, {}", signed(imm)),
        Operands::IA => format!("{}, acc", signed(imm)),
    }
}

fn operand(form: Operand, register: u8) -> String {
    match form {
        Operand::R => format!("r{register}"),
        Operand::A => "acc".into(),
    }
}

fn compared(form: Compared, instr: Instr) -> String {
    let Instr { a, b, imm, .. } = instr;
    match form {
        Compared::RR => format!("r{a}, r{b}"),
        Compared::AR => format!("acc, r{b}"),
        Compared::RA => format!("r{a}, acc"),
        Compared::R8 => format!("r{a}, {}", b as i8),
        Compared::A8 => format!("acc, {}", b as i8),
        Compared::RK => format!("r{a}, {}", signed(imm)),
        Compared::AK => format!("acc, {}", signed(imm)),
        Compared::SR => format!("r{a} += {}, r{b}", signed(imm)),
        Compared::S8 => format!("r{a} += {}, {}", signed(imm), b as i8),
    }
}

/// The jump of a compare-and-branch; with a constant in `imm`, the target is in the data word.
fn jump(form: Compared, to: Target, instr: Instr, data: Option<Instr>, at: u32) -> String {
    match (form, data) {
        (Compared::RK | Compared::AK | Compared::SR | Compared::S8, Some(data)) => {
            target(to, data.imm, at.wrapping_add(2))
        }
        _ => target(to, instr.imm, at.wrapping_add(1)),
    }
}

/// The targets by their indices, the last one also for all above.
fn branch_table(row: Plain, Instr { a, imm, .. }: Instr, words: &[Instr], at: u32) -> String {
    let index = if row == Plain::BrTableAcc { String::from("acc") } else { format!("r{a}") };
    let target = |index: u32| {
        let distance = table_entry(imm, index, |at| words.get(at as usize).copied())?;
        Some(format!(" @{}", at.wrapping_add(1).wrapping_add_signed(distance as i32)))
    };
    let targets = (0..=imm).map_while(target);
    format!("br_table min({index}, {imm}){}", targets.collect::<String>())
}

/// Forward targets count from the instruction after the branch, `next`.
fn target(to: Target, imm: u32, next: u32) -> String {
    match to {
        Target::Forward => format!("br @{}", next.wrapping_add(imm)),
        Target::Back => format!("br @{imm}"),
        Target::If => format!("br @{} else head", next.wrapping_add(imm)),
        Target::IfElse => format!("br @{} head else head", next.wrapping_add(imm)),
    }
}

fn load_address(form: LoadForm, Instr { b, imm, .. }: Instr, data: Instr) -> String {
    match form {
        LoadForm::Far => far(b, imm, data),
        LoadForm::A64 => format!("acc + {imm}"),
        LoadForm::R | LoadForm::R64 => format!("r{b} + {imm}"),
        LoadForm::Abs => format!("{imm}"),
        LoadForm::Idx => format!("wrap(r{b} + r{}) + {}", imm & 255, imm >> 8),
        LoadForm::Wrap => format!("wrap(r{b} + {imm})"),
        LoadForm::A => format!("acc + {imm}"),
        LoadForm::AIdx => format!("wrap(acc + r{}) + {}", imm & 255, imm >> 8),
        LoadForm::AWrap => format!("wrap(acc + {imm})"),
    }
}

fn far(register: u8, imm: u32, data: Instr) -> String {
    format!("memory {}: r{register} + {}", data.ab(), u64::from(imm) | u64::from(data.imm) << 32)
}

fn store(form: StoreForm, instr: Instr, data: Instr) -> (String, String) {
    let Instr { a, b, imm, .. } = instr;
    let address = match form {
        StoreForm::Far => far(a, imm, data),
        StoreForm::R | StoreForm::Imm | StoreForm::A | StoreForm::R64 | StoreForm::Imm64 | StoreForm::A64 => {
            format!("r{a} + {imm}")
        }
        StoreForm::Abs | StoreForm::AbsA => format!("{imm}"),
        StoreForm::Idx | StoreForm::IdxA => format!("wrap(r{a} + r{}) + {}", imm & 255, imm >> 8),
        StoreForm::Wrap | StoreForm::WrapImm | StoreForm::WrapA => format!("wrap(r{a} + {imm})"),
    };
    let value = match form {
        StoreForm::R | StoreForm::Abs | StoreForm::Idx | StoreForm::Wrap | StoreForm::R64 | StoreForm::Far => {
            format!("r{b}")
        }
        StoreForm::Imm | StoreForm::WrapImm | StoreForm::Imm64 => (b as i8).to_string(),
        StoreForm::A | StoreForm::AbsA | StoreForm::IdxA | StoreForm::WrapA | StoreForm::A64 => "acc".into(),
    };
    (address, value)
}

/// Constants are shown signed where they are small, and else as bits.
fn signed(imm: u32) -> String {
    let value = imm as i32;
    if value.unsigned_abs() < 1 << 20 { value.to_string() } else { format!("{imm:#x}") }
}

/// A field's offset and bytes.
fn field(imm: u32) -> String {
    let sign = if imm >> 31 == 0 { "" } else { " signed" };
    match Field::from_word(imm & (u32::MAX >> 1)) {
        Some(field) => format!("+{} ({} bytes{sign})", field.offset, 1 << field.packed.log2()),
        None => format!("{imm:#x}"),
    }
}

/// The bytes of an element.
fn element(imm: u32) -> String {
    let sign = if imm >> 31 == 0 { "" } else { " signed" };
    format!("({} bytes{sign})", 1 << (imm >> 8 & 0b111))
}

fn reference(code: u32) -> String {
    ValType { code: code.into() }.to_string()
}

fn plain(row: Plain, instr: Instr, data: Instr, at: u32) -> String {
    let Instr { a, b, imm, .. } = instr;
    let (ab, data_ab, next) = (instr.ab(), data.ab(), at.wrapping_add(1));
    let low = imm & 255;
    let name = row.suffix();
    match row {
        Plain::Mov => format!("r{a} = r{b}"),
        Plain::Mov2 => format!("r{a} = r{b}; r{low} = r{}", imm >> 8 & 255),
        Plain::Mov3 => {
            format!("r{a} = r{b}; r{low} = r{}; r{} = r{}", imm >> 8 & 255, imm >> 16 & 255, imm >> 24)
        }
        Plain::MovRange => format!("slots {a}.. = slots {imm}.. ({b})"),
        Plain::Const => format!("r{a} = {imm:#x}"),
        Plain::ConstS => format!("r{a} = {}", imm as i32),
        Plain::ConstHi => format!("r{a} = {:#x}", u64::from(imm) << 32),
        Plain::Const64 => format!("r{a} = {:#x}", u64::from(imm) | u64::from(data.imm) << 32),
        Plain::Select => format!("r{a} = r{} ? r{b} : r{low}", imm >> 8 & 255),
        Plain::GlobalGet | Plain::ImportedGlobalGet | Plain::MemorySize | Plain::TableSize | Plain::RefFunc => {
            format!("r{a} = {name} {imm}")
        }
        Plain::GlobalSet | Plain::ImportedGlobalSet => format!("{name} {imm} = r{a}"),
        Plain::Fuel => format!("fuel {imm}"),
        Plain::Enter | Plain::Enter4 | Plain::Enter8 => {
            let count = [b, 4, 8][usize::from(row == Plain::Enter4) + 2 * usize::from(row == Plain::Enter8)];
            format!("enter, zero {count} slots from {a}, fuel {imm}")
        }
        Plain::EnterWide => format!("enter, zero {} slots from {data_ab}, fuel {imm}", data.imm),
        Plain::Jump => format!("br @{}", next.wrapping_add(imm)),
        Plain::JumpBack => format!("br @{imm}"),
        Plain::Call | Plain::CallImport => format!("{name} {imm}, frame at {ab}"),
        Plain::CallIndirect => format!("{name} table {data_ab}, r{b}, type {imm}, frame at {}", data.imm),
        Plain::ReturnCall | Plain::ReturnCallImport => format!("{name} {imm}, {} slots from {ab}", data.imm),
        Plain::ReturnCallIndirect => {
            let (count, start) = (data.imm & 0xFFFF, data.imm >> 16);
            format!("{name} table {data_ab}, r{b}, type {imm}, {count} slots from {start}")
        }
        Plain::CallRef => format!("{name} r{b}, type {imm}, frame at {}", data.imm),
        Plain::ReturnCallRef => format!("{name} r{b}, type {imm}, {} slots from {}", data.imm & 0xFFFF, data.imm >> 16),
        Plain::Throw => format!("{name} tag {imm}, {ab} slots from {}", data.imm & !SPLIT),
        Plain::RefAsNonNull | Plain::Return1 => format!("{} r{a}", if row == Plain::Return1 { "return" } else { name }),
        Plain::Return1Acc => String::from("return acc"),
        Plain::ReturnConst => format!("return {}", signed(imm)),
        Plain::ReturnMany => format!("return {imm} slots from {ab}"),
        Plain::MemoryGrow => format!("slot {imm} = {name} {ab}"),
        Plain::MemoryCopy => format!("{name} {a}, {b}, slots {imm}.."),
        Plain::MemoryFill => format!("{name} {ab}, slots {imm}.."),
        Plain::MemoryInit => format!("{name} {ab}, data {}, slots {imm}..", data.imm),
        Plain::DataDrop | Plain::ElemDrop => format!("{name} {imm}"),
        Plain::TableGet => format!("r{a} = {name} {imm}, r{b}"),
        Plain::TableSet => format!("{name} {imm}, r{a} = r{b}"),
        Plain::TableGrow | Plain::TableFill => format!("{name} {ab}, slots {imm}.."),
        Plain::TableCopy => format!("{name} {ab}, table {}, slots {imm}..", data.imm),
        Plain::TableInit => format!("{name} {ab}, element segment {}, slots {imm}..", data.imm),
        Plain::Atomic => match Atomic::from_number(a) {
            Some(op) => {
                let offset = u64::from(b) << 32 | u64::from(data.imm);
                format!("{} memory {data_ab}, offset {offset:#x}, slots {}..", op.name(), imm & !SPLIT)
            }
            None => format!("corrupt {name} {a}"),
        },
        Plain::FarGet => format!("r{a} = slot {imm}"),
        Plain::FarPut => format!("slot {imm} = r{a}"),
        Plain::WideParams => format!("parameters 248 to {imm}"),
        Plain::Data => format!("data {a}, {b}, {imm:#x}"),
        Plain::Corrupt | Plain::Unreachable | Plain::Return => name.into(),
        row => object(row, instr, data, next),
    }
}

/// Rows on objects.
fn object(row: Plain, instr: Instr, data: Instr, next: u32) -> String {
    let Instr { a, b, imm, .. } = instr;
    let (name, low) = (row.suffix(), imm & 255);
    match row {
        Plain::StructGet => format!("r{a} = {name} r{b}, {}", field(imm)),
        Plain::StructSet => format!("{name} r{a}, {} = r{b}", field(imm)),
        Plain::ArrayGet => format!("r{a} = {name} r{b}, r{low}, {}", element(imm)),
        Plain::ArraySet => format!("{name} r{a}, r{b}, {} = r{low}", element(imm)),
        Plain::ArrayLen => format!("r{a} = {name} r{b}"),
        Plain::I31Get => format!("r{a} = {name}{} r{b}", if imm == 0 { "_u" } else { "_s" }),
        Plain::RefTest => format!("r{a} = {name} r{b}, {}", reference(imm)),
        Plain::RefCast => format!("{name} r{a}, {}", reference(imm)),
        Plain::BrOnCast => {
            let name = if data.a == 0 { name } else { "br_on_cast_fail" };
            format!("{name} r{a}, {} @{}", reference(imm), next.wrapping_add(1).wrapping_add(data.imm))
        }
        Plain::StructNew | Plain::StructNewDefault | Plain::ArrayNew | Plain::ArrayNewDefault | Plain::ArrayFill => {
            format!("{name} type {imm}, slots {}..", data.imm & !SPLIT)
        }
        Plain::ArrayNewFixed
        | Plain::ArrayNewData
        | Plain::ArrayNewElem
        | Plain::ArrayCopy
        | Plain::ArrayInitData
        | Plain::ArrayInitElem => {
            format!("{name} type {imm}, {}, slots {}..", second_index(instr.ab(), data.ab()), data.imm & !SPLIT)
        }
        Plain::ThrowRef => format!("{name} slot {}", data.imm & !SPLIT),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_instructions::Op;
    use wrt_instructions::operator::{BinaryOp, CompareOp, LoadOp};

    // @need-ids: REQ_CLI_001
    #[test]
    fn instructions_read_as_what_they_do() {
        let code = [
            Instr::new(Op::plain(Plain::Enter), 2, 3, 17),
            Instr::new(Op::binary(BinaryOp::I32Add, Operands::RI), 4, 1, 0xFFFF_FFFF),
            Instr::new(Op::load(LoadOp::I32Load, LoadForm::A), 5, 0, 16),
            Instr::new(Op::compare_branch(CompareOp::I32LtS, Compared::RK, Target::Back), 1, 0, 100),
            Instr::data(0, 0, 10),
            Instr::new(Op::plain(Plain::Jump), 0, 0, 2),
            Instr { op: u16::MAX, a: 0, b: 0, imm: 0 },
        ];
        let expected = [
            (10, "enter, zero 3 slots from 2, fuel 17"),
            (11, "r4 = i32.add r1, -1"),
            (12, "r5 = i32.load [acc + 16]"),
            (13, "if i32.lt_s r1, 100 br @10"),
            (15, "br @18"),
            (16, "corrupt 0xffff"),
        ];
        let lines = lines(10, &code);
        let lines: Vec<(u32, &str)> = lines.iter().map(|(at, line)| (*at, line.as_str())).collect();
        assert_eq!(lines, expected);
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn every_row_has_a_line() {
        for op in 0..u16::try_from(Op::COUNT).unwrap() {
            let data = Instr::data(3, 4, u32::MAX);
            let code = [Instr { op, a: 1, b: 2, imm: u32::MAX }, data, data, data, data];
            assert!(!lines(u32::MAX - 6, &code).is_empty());
        }
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(instruction(bytes), Instr { op: 0x0201, a: 3, b: 4, imm: 0x0807_0605 });
    }
}
