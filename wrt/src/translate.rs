//! From one engine to the other in the middle of a call: positions that mean the same, and slots as the other expects them.
//!
//! Frames, slots and marks are the same for all engines. What differs is how a position is told (an instruction of the register
//! form, or an entry of the side table), and that a lowered call may leave operands in locals or constants
//! ([`AliasRecord`](wrt_runtime::image::format::AliasRecord)). Both are settled here, at the safepoints where calls stand still.

use crate::config::Strategy;
use crate::error::Error;
use crate::storage::StoreStorage;
use crate::store::StackMemory;
use alloc::vec::Vec;
use wrt_runtime::image::flow;
use wrt_runtime::image::format::{HEIGHT, NONE};
use wrt_runtime::side::Side;
use wrt_runtime::stack::Position;
use wrt_runtime::storage::HOST;

/// What a frame stands at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stand {
    /// The head of the function. A cut right behind it has the same offset.
    Entry,
    /// The head of a segment.
    Head,
    /// An operator that goes on where it stopped.
    Operator,
    /// Behind a call.
    Call,
}

/// Where a frame stands, in terms of the bytecode.
pub(crate) struct Place {
    /// The frame's record; `None` for the running one.
    record: Option<u32>,
    instance: u32,
    func: u32,
    offset: u32,
    stand: Stand,
}

/// Makes the positions of a call that stands still those of the engine `to`. `in_call` says that the innermost frame
/// waits for a host function.
///
/// # Errors
/// Code or a side table cannot be made, or an image does not say where its instructions come from.
// @need-ids: REQ_ONE_STATE_001, REQ_SAFEPOINT_001
pub(crate) fn translate(
    storage: &mut StoreStorage,
    stack: &mut StackMemory,
    (to, in_call): (Strategy, bool),
) -> Result<(), Error> {
    if stack.strategy.positions() == to.positions() {
        stack.strategy = to;
        return Ok(());
    }
    let places = places(storage, stack, in_call)?;
    stand_at(storage, stack, &places, to)
}

/// Where the frames of a call stand, with all operands in their slots. `storage` has the code whose positions they are.
///
/// # Errors
/// As [`translate`].
pub(crate) fn places(storage: &StoreStorage, stack: &mut StackMemory, in_call: bool) -> Result<Vec<Place>, Error> {
    let (mut places, mut suspended) = (Vec::new(), in_call);
    for position in stack.positions().collect::<Vec<_>>() {
        if position.instance != HOST {
            places.push(match stack.strategy.positions() {
                Strategy::Traditional => in_bytecode(storage, position)?,
                _ => in_register_form(storage, stack, position, suspended)?,
            });
        }
        suspended = true;
    }
    Ok(places)
}

/// Lets the frames of a call stand where [`places`] found them, in the code of `storage`, which may be another's.
///
/// # Errors
/// As [`translate`].
pub(crate) fn stand_at(
    storage: &mut StoreStorage,
    stack: &mut StackMemory,
    places: &[Place],
    to: Strategy,
) -> Result<(), Error> {
    for Place { record, instance, func, offset, stand } in places {
        storage.provide_for(*instance, *func, to.positions())?;
        let code = storage.module_of(*instance).ok_or_else(|| lost("a frame of an unknown instance"))?;
        let pc = match to.positions() {
            Strategy::Traditional => code.entry_at(*func, *offset, *stand),
            _ => code.instruction_at(*func, *offset, *stand),
        };
        stack.set_position(*record, pc.ok_or_else(|| lost("a frame that stands at no safepoint"))?);
    }
    stack.strategy = to;
    stack.state.offset = None;
    Ok(())
}

fn lost(what: &str) -> Error {
    Error::internal(what)
}

/// Where a frame stands that has an instruction's position. Operands that are elsewhere go to their slots.
fn in_register_form(
    storage: &StoreStorage,
    stack: &mut StackMemory,
    position: Position,
    suspended: bool,
) -> Result<Place, Error> {
    let Position { instance, pc, base, record } = position;
    let code = storage.module_of(instance).ok_or_else(|| lost("a frame of an unknown instance"))?;
    let at = pc.wrapping_sub(u32::from(suspended));
    let (func, offset) = code.locate(at).ok_or_else(|| lost("a frame outside of the code"))?;
    let offset = offset.ok_or_else(Error::no_positions)? as u32;
    let stand = match code.row_at(pc) {
        _ if suspended => Stand::Call,
        Some(row) if flow::is_head(row) && code.is_entry(pc) => Stand::Entry,
        Some(row) if flow::is_head(row) => Stand::Head,
        _ => Stand::Operator,
    };
    if suspended {
        for alias in code.aliases_at(pc) {
            let value = match alias.local.get() {
                HEIGHT => continue,
                NONE => alias.constant.get(),
                local => stack.slots(base + local, base + local + 1).first().copied().unwrap_or_default(),
            };
            if let Some([slot]) = stack.slots_mut(base + alias.slot.get(), 1) {
                *slot = value;
            }
        }
    }
    // The register form zeroes locals when it runs a function's head.
    let zeroed = code.zeroed_by(pc).filter(|_| !suspended);
    if let Some((first, count)) = zeroed
        && let Some(locals) = stack.slots_mut(base + first, count as usize)
    {
        locals.fill(0);
    }
    Ok(Place { record, instance, func, offset, stand })
}

/// Where a frame stands that has the position of an entry of the side table.
fn in_bytecode(storage: &StoreStorage, position: Position) -> Result<Place, Error> {
    let Position { instance, pc, record, .. } = position;
    let code = storage.module_of(instance).ok_or_else(|| lost("a frame of an unknown instance"))?;
    let (func, offset) = code.locate_entry(pc).ok_or_else(|| lost("a frame outside of the side table"))?;
    let stand = match code.side_at(pc) {
        Some(Side::After { .. }) => Stand::Call,
        Some(Side::Head { .. }) if code.body(func).is_some_and(|body| body.side.get() == pc) => Stand::Entry,
        Some(Side::Head { .. }) => Stand::Head,
        Some(Side::Point { .. }) => Stand::Operator,
        _ => return Err(lost("a frame that stands at no safepoint")),
    };
    let offset = offset.ok_or_else(|| lost("a frame outside of the side table"))? as u32;
    Ok(Place { record, instance, func, offset, stand })
}
