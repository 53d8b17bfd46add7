//! Shapes put together when they are asked for: of what a form has in common in all operators of its group, and of what an
//! operator has in all its forms. A third of the bytes of the table, for more instructions.

use super::{ABSENT, GOES_ON, MAKES_AT, MEMORY, Shape, TAKES_FLOAT, TAKES_INTEGER, TARGET_AT, taken_in};
use crate::instr::UNWRITTEN;
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, Group, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, Test};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};

/// The bits that a form has, as a shape has them, and above them which operators have the form.
type Form = u16;
const NEED_AT: u32 = 14;
const FORM_BITS: u32 = (1 << NEED_AT) - 1;
/// Those forms that no operator has, since no build or not this one has them.
const NO_OPERATOR: u32 = 3;

/// What an operator changes of its form: a bit that is added to the same bit of the form carries it from the integer
/// accumulator to that for floats.
type Operator = u8;
const CARRIES: u32 = TAKES_INTEGER | TAKES_INTEGER << MAKES_AT;
const ACCESSES: u8 = 1 << 4;
/// Where those forms stand that an operator has, by what they need.
const HAS_AT: u32 = 5;

/// Where a group's forms and operators begin in the lists, and the last of its operators that is not as the one before.
#[derive(Clone, Copy, Default)]
struct Places {
    forms: u8,
    operators: u8,
    last: u8,
    /// How many of the lowest bits of a form's number are its target's, or [`SINGLE`].
    target: u8,
}

/// Its operators have one form each, and count as forms of one operator here.
const SINGLE: u8 = 1 << 7;

// Of those, only the jumps have targets, which then are their numbers less by one.
const _: () = assert!(Plain::Jump as usize % Target::ALL.len() == 1 + Target::Forward as usize);
const _: () = assert!(Plain::BrOnCast as usize % Target::ALL.len() == 1 + Target::Forward as usize);
const _: () = assert!(Plain::JumpBack as usize % Target::ALL.len() == 1 + Target::Back as usize);

/// The shape of a scalar row.
// @need-ids: REQ_IMAGE_001, REQ_TABLE_001, REQ_COMPACT_001
#[inline(never)]
pub(super) fn shape(op: u16) -> Shape {
    let op = Op(op & !UNWRITTEN);
    let (group, operator, form) = op.split();
    let Some(places) = PLACES.get(group as usize) else { return Shape::look_up(op) };
    // All bits where the operators are the forms, and none elsewhere.
    let single = (places.target as i8 >> 7) as u8;
    let form = form.wrapping_add(operator as u8 & single);
    let target = u32::from(form.wrapping_add(single)) % Target::ALL.len() as u32;
    let form = form.wrapping_shr(places.target.into());
    let at = places.forms.wrapping_add(form) as usize;
    let second = at == OPERANDS_AT + Operands::RA as usize || at == COMPARED_AT + Compared::RA as usize;
    let form = FORMS.get(at);
    let operator = OPERATORS.get(places.operators.wrapping_add((operator as u8).min(places.last)) as usize);
    let (Some(form), Some(operator)) = (form, operator) else { return Shape::look_up(op) };
    let (bits, need) = (u32::from(*form) & FORM_BITS, u32::from(*form) >> NEED_AT);
    let operator = u32::from(*operator);
    let bits = bits.wrapping_add(bits & operator & CARRIES);
    // The forms that add first are for branches back.
    let forward = need == 2 && bits & GOES_ON != 0 && target != Target::Back as u32;
    if operator >> HAS_AT >> need & 1 == 0 || forward {
        return Shape::NONE;
    }
    let memory = (operator & ACCESSES as u32) * (MEMORY / ACCESSES as u32);
    Shape(bits | memory | target << TARGET_AT | taken_in(bits, second))
}

/// What a form needs of its operator; what is in no list here is for all.
const fn need(row: Row) -> u32 {
    match row {
        Row::Binary(_, Operands::RR) => 0,
        Row::Binary(_, Operands::IR | Operands::IA) | Row::CompareBranch(_, Compared::SR | Compared::S8, _) => 2,
        Row::Binary(..) | Row::CompareBranch(_, Compared::R8 | Compared::A8, _) => 1,
        _ => 0,
    }
}

/// The form of a row, whose operator has all the forms of its group.
const fn form(row: Row) -> Form {
    let bits = Shape::new(row).0;
    let bits = if bits & ABSENT == 0 {
        bits & FORM_BITS | need(row) << NEED_AT
    } else {
        bits & FORM_BITS | NO_OPERATOR << NEED_AT
    };
    bits as Form
}

/// What an operator has and changes, told by a row that takes nothing, one that takes an accumulator, and those with forms
/// that need something of it.
const fn operator(plain: Row, takes: Row, needing: [Option<Row>; 2]) -> Operator {
    let (made, taken) = (Shape::new(plain).0, Shape::new(takes).0);
    let mut bits = if made & MEMORY != 0 { ACCESSES } else { 0 };
    bits |= if taken & TAKES_FLOAT != 0 { TAKES_INTEGER as u8 } else { 0 };
    bits |= if made & TAKES_FLOAT << MAKES_AT != 0 { (TAKES_INTEGER << MAKES_AT) as u8 } else { 0 };
    let [one, two] = needing;
    let has = exists(Some(plain)) | exists(one) << 1 | exists(two) << 2;
    bits | has << HAS_AT
}

const fn exists(row: Option<Row>) -> u8 {
    matches!(row, Some(row) if row.exists()) as u8
}

/// The operator of a group with this index.
const fn operator_of(group: Group, index: usize) -> Operator {
    match group {
        Group::Binary => {
            let op = BinaryOp::ALL[index];
            let needing = [Some(Row::Binary(op, Operands::RI)), Some(Row::Binary(op, Operands::IR))];
            operator(Row::Binary(op, Operands::RR), Row::Binary(op, Operands::AR), needing)
        }
        Group::FloatBinary => {
            let op = FloatBinaryOp::ALL[index];
            let needing = [Some(Row::FloatBinary(op, Operands::RI)), Some(Row::FloatBinary(op, Operands::IR))];
            operator(Row::FloatBinary(op, Operands::RR), Row::FloatBinary(op, Operands::AR), needing)
        }
        Group::Compare => {
            let op = CompareOp::ALL[index];
            let needing = [Some(Row::Compare(op, Operands::RI)), Some(Row::Compare(op, Operands::IR))];
            operator(Row::Compare(op, Operands::RR), Row::Compare(op, Operands::AR), needing)
        }
        Group::FloatCompare => {
            let op = FloatCompareOp::ALL[index];
            let needing = [Some(Row::FloatCompare(op, Operands::RI)), Some(Row::FloatCompare(op, Operands::IR))];
            operator(Row::FloatCompare(op, Operands::RR), Row::FloatCompare(op, Operands::AR), needing)
        }
        Group::CompareBranch => {
            let (op, back) = (CompareOp::ALL[index], Target::Back);
            let needing = [Compared::R8, Compared::SR];
            let needing =
                [Some(Row::CompareBranch(op, needing[0], back)), Some(Row::CompareBranch(op, needing[1], back))];
            operator(Row::CompareBranch(op, Compared::RR, back), Row::CompareBranch(op, Compared::AR, back), needing)
        }
        Group::FloatCompareBranch => {
            let (op, back) = (FloatCompareOp::ALL[index], Target::Back);
            let plain = Row::FloatCompareBranch(op, false, Compared::RR, back);
            operator(plain, Row::FloatCompareBranch(op, false, Compared::AR, back), [None; 2])
        }
        Group::Unary => {
            let op = UnaryOp::ALL[index];
            operator(Row::Unary(op, Operand::R), Row::Unary(op, Operand::A), [None; 2])
        }
        Group::FloatUnary => {
            let op = FloatUnaryOp::ALL[index];
            operator(Row::FloatUnary(op, Operand::R), Row::FloatUnary(op, Operand::A), [None; 2])
        }
        Group::Load => {
            let op = LoadOp::ALL[index];
            operator(Row::Load(op, LoadForm::R), Row::Load(op, LoadForm::A), [None; 2])
        }
        Group::Store => {
            let op = StoreOp::ALL[index];
            operator(Row::Store(op, StoreForm::R), Row::Store(op, StoreForm::A), [None; 2])
        }
        // Nothing but what their forms say.
        Group::Plain | Group::Branch | Group::Wide | Group::Vector => {
            operator(Row::Plain(Plain::Return), Row::Plain(Plain::Return1Acc), [None; 2])
        }
    }
}

/// The last operator of a group that is not as the one before; all behind it are as it is.
const fn last(group: Group) -> u8 {
    let count = match group {
        Group::Binary => BinaryOp::ALL.len(),
        Group::FloatBinary => FloatBinaryOp::ALL.len(),
        Group::Compare | Group::CompareBranch => CompareOp::ALL.len(),
        Group::FloatCompare | Group::FloatCompareBranch => FloatCompareOp::ALL.len(),
        Group::Unary => UnaryOp::ALL.len(),
        Group::FloatUnary => FloatUnaryOp::ALL.len(),
        Group::Load => LoadOp::ALL.len(),
        Group::Store => StoreOp::ALL.len(),
        Group::Plain | Group::Branch | Group::Wide | Group::Vector => 1,
    };
    let mut last = count - 1;
    while last > 0 && operator_of(group, last) == operator_of(group, last - 1) {
        last -= 1;
    }
    last as u8
}

const GROUPS: usize = Group::Vector as usize;

/// Where everything begins; the forms of a group are those of the first that has such forms.
static PLACES: [Places; GROUPS] = {
    let mut places = [Places { forms: 0, operators: 0, last: 0, target: SINGLE }; GROUPS];
    // Those that are as their forms say share the first.
    let (mut at, mut operators) = (1, 1);
    while at < GROUPS {
        let group = Group::ALL[at];
        let forms = match group {
            Group::Plain | Group::Vector => 0,
            Group::Wide => WIDE_AT,
            Group::Binary | Group::FloatBinary | Group::Compare | Group::FloatCompare => OPERANDS_AT,
            Group::CompareBranch | Group::FloatCompareBranch => COMPARED_AT,
            Group::Unary | Group::FloatUnary => OPERAND_AT,
            Group::Load => LOAD_AT,
            Group::Store => STORE_AT,
            Group::Branch => BRANCH_AT,
        };
        let branches = matches!(group, Group::CompareBranch | Group::FloatCompareBranch | Group::Branch);
        let target = if branches {
            Target::ALL.len().ilog2() as u8
        } else if matches!(group, Group::Wide) {
            SINGLE
        } else {
            0
        };
        places[at] = Places { forms: forms as u8, operators, last: last(group), target };
        operators += last(group) + 1;
        if matches!(group, Group::Branch | Group::Wide) {
            places[at].operators = 0;
            operators -= 1;
        }
        at += 1;
    }
    places
};

const OPERATOR_COUNT: usize = {
    let (mut at, mut count) = (0, 0);
    while at < GROUPS {
        let end = PLACES[at].operators as usize + PLACES[at].last as usize + 1;
        count = if end > count { end } else { count };
        at += 1;
    }
    count
};

static OPERATORS: [Operator; OPERATOR_COUNT] = {
    let (mut list, mut at) = ([0; OPERATOR_COUNT], 0);
    while at < GROUPS {
        let mut index = 0;
        while index <= PLACES[at].last as usize {
            list[PLACES[at].operators as usize + index] = operator_of(Group::ALL[at], index);
            index += 1;
        }
        at += 1;
    }
    list
};

const WIDE_AT: usize = Plain::ALL.len();
const OPERANDS_AT: usize = WIDE_AT + WideOp::ALL.len();
const COMPARED_AT: usize = OPERANDS_AT + Operands::ALL.len();
const OPERAND_AT: usize = COMPARED_AT + Compared::ALL.len();
const LOAD_AT: usize = OPERAND_AT + Operand::ALL.len();
const STORE_AT: usize = LOAD_AT + LoadForm::ALL.len();
const BRANCH_AT: usize = STORE_AT + StoreForm::ALL.len();

static FORMS: [Form; BRANCH_AT + Operand::ALL.len()] = {
    let (mut list, mut at) = ([0; _], 0);
    while at < list.len() {
        list[at] = form(if at < WIDE_AT {
            Row::Plain(Plain::ALL[at])
        } else if at < OPERANDS_AT {
            Row::Wide(WideOp::ALL[at - WIDE_AT])
        } else if at < COMPARED_AT {
            Row::Binary(BinaryOp::I32Sub, Operands::ALL[at - OPERANDS_AT])
        } else if at < OPERAND_AT {
            Row::CompareBranch(CompareOp::I32Eq, Compared::ALL[at - COMPARED_AT], Target::Back)
        } else if at < LOAD_AT {
            Row::Unary(UnaryOp::I32Eqz, Operand::ALL[at - OPERAND_AT])
        } else if at < STORE_AT {
            Row::Load(LoadOp::I32Load, LoadForm::ALL[at - LOAD_AT])
        } else if at < BRANCH_AT {
            Row::Store(StoreOp::I32Store, StoreForm::ALL[at - STORE_AT])
        } else {
            Row::Branch(Test::NonZero, Operand::ALL[at - BRANCH_AT], Target::Forward)
        });
        at += 1;
    }
    list
};

#[cfg(test)]
mod tests {
    use super::super::HEAD;
    use super::*;

    // @need-ids: REQ_IMAGE_001, REQ_TABLE_001, REQ_COMPACT_001
    #[test]
    fn what_is_put_together_is_what_the_row_s_definition_says() {
        for op in (0..Op::SCALAR_COUNT as u16).map(Op) {
            let (found, wanted) = (shape(op.0), op.row().map_or(Shape::NONE, Shape::new));
            // What is no branch has no target.
            let target = if wanted.branches() { 0 } else { 0b11 << TARGET_AT };
            assert_eq!(found.0 & !target, wanted.0 & !HEAD, "{:?}", op.row());
        }
    }
}
