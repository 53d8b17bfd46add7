//! Which parts of the language an operator needs: devices that leave one out refuse the image by its name.

use crate::lower::{Group, group};
use wasmparser::{Catch, Operator};
use wrt_instructions::Part;

/// What operators on objects begin with.
const OBJECTS: u8 = 0xFB;

/// The set of parts that an operator, whose first byte is `prefix`, needs, besides those that records tell of: further tables and memories, tags, wide frames, imports.
// @need-ids: REQ_PARTS_001, REQ_TRADITIONAL_002
pub(super) fn parts(operator: &Operator<'_>, prefix: Option<u8>) -> u32 {
    if prefix == Some(OBJECTS) {
        return Part::Gc.bit();
    }
    let part = match group(operator) {
        Group::Binary(op) => op.computes_with_floats().then_some(Part::Float),
        Group::Unary(op) => op.computes_with_floats().then_some(Part::Float),
        Group::FloatBinary(_) | Group::FloatCompare(_) | Group::FloatUnary(_) => Some(Part::Float),
        Group::Wide(_) => Some(Part::WideArithmetic),
        Group::Vector(_) => Some(Part::Simd),
        Group::Atomic(..) => Some(Part::Threads),
        Group::Compare(_) | Group::Load(..) | Group::Store(..) => None,
        Group::Structural if catches_references(operator) => return Part::Exceptions.bit() | Part::Gc.bit(),
        // Of two parts too.
        Group::Unknown | Group::Structural if matches!(operator, Operator::ReturnCallRef { .. }) => {
            return Part::References.bit() | Part::TailCalls.bit();
        }
        Group::Structural | Group::Unknown => structural(operator),
    };
    part.map_or(0, Part::bit)
}

/// What makes references to exceptions, or takes one.
fn catches_references(operator: &Operator<'_>) -> bool {
    let of_reference = |clause: &Catch| matches!(clause, Catch::OneRef { .. } | Catch::AllRef { .. });
    match operator {
        Operator::ThrowRef => true,
        Operator::TryTable { try_table } => try_table.catches.iter().any(of_reference),
        _ => false,
    }
}

fn structural(operator: &Operator<'_>) -> Option<Part> {
    match operator {
        Operator::V128Const { .. } => Some(Part::Simd),
        Operator::AtomicFence { .. } => Some(Part::Threads),
        Operator::MemoryInit { .. } | Operator::DataDrop { .. } => Some(Part::Bulk),
        Operator::CallRef { .. }
        | Operator::RefFunc { .. }
        | Operator::RefAsNonNull
        | Operator::BrOnNull { .. }
        | Operator::BrOnNonNull { .. }
        | Operator::TableGet { .. }
        | Operator::TableSet { .. }
        | Operator::TableSize { .. }
        | Operator::TableGrow { .. }
        | Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::ElemDrop { .. } => Some(Part::References),
        Operator::Throw { .. } | Operator::TryTable { .. } => Some(Part::Exceptions),
        Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => Some(Part::TailCalls),
        _ => None,
    }
}
