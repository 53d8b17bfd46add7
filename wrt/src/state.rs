//! The canonical machine state of a paused call: frames as the bytecode has them, whatever lowering did.

// @need-ids: REQ_001

use crate::config::Strategy;
use crate::storage::StoreStorage;
use crate::store::StackMemory;
use alloc::vec::Vec;
use wrt_runtime::image::format::{HEIGHT, NONE};
use wrt_runtime::instr::{WIDE_LIMIT, WIDE_SCRATCH, WINDOW};
use wrt_runtime::side::Side;
use wrt_runtime::stack::{Position, Waiting};
use wrt_runtime::storage::{HOST, Storage};

/// A frame of a paused call (core 4.2.14, "frames", with the operand stack that belongs to it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameState {
    /// Number of its instance in the store, or [`HOST`](Self::HOST).
    pub instance: u32,
    /// Index of its function in the module. Of the host, the number of its function in the store.
    pub func: u32,
    /// Offset from the module's start, in bytes, of the operator that the running frame stands at, or of the call that
    /// a suspended one waits for; 0 for the host.
    pub offset: u32,
    /// Locals, then the operand stack, a slot each. Of a suspended frame up to where its callee's arguments were; of the
    /// running one all that the frame may need, of which what lies above the operand stack's height means nothing. Of a
    /// host function that waits for a function which it called, its arguments and its word of state.
    pub slots: Vec<u64>,
}

impl FrameState {
    /// In place of an instance's number: a function of the host, which waits for one that it called.
    pub const HOST: u32 = HOST;
}

/// The frame of a host function that waits.
fn host_frame(stack: &StackMemory, position: Position) -> Option<FrameState> {
    let slots = stack.slots(position.base, position.pc);
    let func = Waiting::from_slots(slots)?.host;
    // Without the word that links it to its callee, whose frame is there itself.
    let slots = slots.split_last()?.1.to_vec();
    Some(FrameState { instance: HOST, func, offset: 0, slots })
}

/// The frames of a paused call, the running one first.
// @need-ids: REQ_SAFEPOINT_001, REQ_017
pub(crate) fn frames(storage: &StoreStorage, stack: &StackMemory) -> Vec<FrameState> {
    frames_at(storage, stack, None)
}

/// The same, of a call whose innermost frame waits for a host function with arguments from the slot `callee` on.
pub(crate) fn frames_at(storage: &StoreStorage, stack: &StackMemory, mut callee: Option<u32>) -> Vec<FrameState> {
    let mut frames = Vec::new();
    for position in stack.positions() {
        if position.instance == HOST {
            frames.extend(host_frame(stack, position));
            callee = Some(position.base);
            continue;
        }
        let Some(code) = storage.module_of(position.instance) else { continue };
        let pc = position.pc.wrapping_sub(u32::from(callee.is_some()));
        let Some((func, offset)) = storage.locate(stack.strategy, position.instance, pc) else { continue };
        let traditional = stack.strategy.positions() == Strategy::Traditional;
        let size = match code.body(func) {
            Some(body) if traditional => body.slots.get(),
            _ => storage.entry(position.instance, func).map_or(0, |entry| entry.slots()),
        };
        let end = callee.unwrap_or(position.base.saturating_add(size));
        let mut slots = stack.slots(position.base, end).to_vec();
        let mut height = None;
        if traditional {
            height = code.side_at(pc).and_then(Side::height).map(|height| height as usize);
        } else if callee.is_some() {
            for alias in code.aliases_at(position.pc) {
                let value = match alias.local.get() {
                    HEIGHT => {
                        height = Some(alias.slot.get() as usize);
                        continue;
                    }
                    NONE => alias.constant.get(),
                    local => slots.get(local as usize).copied().unwrap_or_default(),
                };
                if let Some(slot) = slots.get_mut(alias.slot.get() as usize) {
                    *slot = value;
                }
            }
        }
        // The register form zeroes locals when it runs a function's head: they are zero all the same.
        if callee.is_none()
            && !traditional
            && let Some((first, count)) = code.zeroed_by(position.pc)
        {
            let all = slots.iter_mut().skip(first as usize).take(count as usize);
            all.for_each(|slot| *slot = 0);
        }
        if size > WINDOW as u32 && slots.len() > WIDE_LIMIT as usize {
            let end = slots.len().min((WIDE_LIMIT + WIDE_SCRATCH) as usize);
            slots.drain(WIDE_LIMIT as usize..end);
        }
        slots.truncate(height.unwrap_or(slots.len()));
        let offset = offset.and_then(|offset| u32::try_from(offset).ok()).unwrap_or_default();
        frames.push(FrameState { instance: position.instance, func, offset, slots });
        callee = Some(position.base);
    }
    frames
}
