//! Atomic operators: the driver's, as to wait is to stop.

use super::driver::{Next, stop, trap};
use super::reader;
use super::seldom::{Operator, behind, pop, push};
use crate::atomic::{Accessed, Step, access, agent};
use crate::stack::Stack;
use crate::storage::Storage;
use wrt_instructions::atomic::{Atomic, AtomicPlain};

/// `None` for what validated bytecode never asks for.
// @need-ids: REQ_THREADS_001, REQ_THREADS_002, REQ_TRADITIONAL_001
pub(super) fn atomic(storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
    let instance = stack.state.instance;
    let mut rest = storage.bytecode(instance)?.bytes.get(operator.pc as usize..)?.iter();
    let length = rest.as_slice().len();
    if operator.opcode == AtomicPlain::AtomicFence.info().opcode {
        // Agents take turns: there is nothing to order. Its one immediate is reserved.
        reader::byte(&mut rest)?;
        operator.pc = operator.pc.checked_add(1)?;
        return Some(behind(storage.bytecode(instance)?.side, operator));
    }
    let op = Atomic::from_opcode(operator.opcode)?;
    let (memory, offset) = reader::memarg(&mut rest)?;
    operator.pc = operator.pc.checked_add(length.checked_sub(rest.as_slice().len())? as u32)?;
    let mut at = operator.at;
    let mut operands = [0; 3];
    for operand in operands.get_mut(..op.operands() as usize)?.iter_mut().rev() {
        *operand = pop(stack, &mut at)?;
    }
    let accessed = Accessed { instance, memory, offset };
    let step = match op {
        Atomic::Access(op) => access(storage, accessed, op, operands)?,
        Atomic::Agent(op) => agent(storage, accessed, op, operands, &mut stack.state.answer)?,
    };
    match step {
        Step::Value(value) => push(stack, &mut at, value)?,
        Step::Done => {}
        Step::Trap(info) => return Some(trap(stack, info)),
        Step::Wait(outcome) => return Some(stop(stack, outcome)),
    }
    operator.at = at;
    Some(behind(storage.bytecode(instance)?.side, operator))
}
