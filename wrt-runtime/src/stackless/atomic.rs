//! Atomic operators: the driver's, as to wait is to stop.

use super::slow::{At, Next, stop, trap};
use crate::atomic::{Accessed, Step, access, agent};
use wrt_instructions::atomic::Atomic;

// @need-ids: REQ_THREADS_001, REQ_THREADS_002, REQ_SAFEPOINT_001
pub(super) fn atomic(mut at: At<'_, '_>) -> Option<Next> {
    let op = Atomic::from_number(at.n.a)?;
    let mut operands = [0; 3];
    for (index, operand) in (0..op.operands()).zip(&mut operands) {
        *operand = at.get(at.operand(index)?)?;
    }
    let offset = u64::from(at.n.b) << 32 | u64::from(at.data.imm);
    let accessed = Accessed { instance: at.instance, memory: at.data.ab(), offset };
    let step = match op {
        Atomic::Access(op) => access(at.storage, accessed, op, operands)?,
        Atomic::Agent(op) => agent(at.storage, accessed, op, operands, &mut at.stack.state.answer)?,
    };
    Some(match step {
        Step::Value(value) => {
            at.set(at.operand(0)?, value)?;
            at.after(1)
        }
        Step::Done => at.after(1),
        Step::Trap(info) => trap(at.stack, info),
        Step::Wait(outcome) => stop(at.stack, outcome),
    })
}
