//! Faults on purpose: single bits of a paused call's state, flipped, to measure what finds them.

// @need-ids: REQ_LOCKSTEP_002

use crate::store::{StackMemory, Store};
use core::fmt;
use wrt_runtime::stack::CallState;

/// Where a bit is flipped: in the state that the host sees. Of two engines in lock-step, that is the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultPlace {
    /// Locals and operands of the frames, the running one's whole frame among them.
    Slot,
    /// Positions and first slots of frames.
    Frame,
    /// Memories, at their sizes.
    Memory,
    /// Globals.
    Global,
    /// Elements of tables.
    Table,
    /// Registers and constants in lowered code.
    Code,
    /// Prices in lowered code.
    Price,
    /// Whole instructions of lowered code, operators and targets among them. Such a fault may lead an engine round in circles that nothing
    /// is paid for: only a watchdog ends that.
    Structure,
    /// Side tables. Of two engines in lock-step, the second one's.
    SideTable,
    /// Bytecode. Of two engines in lock-step, the second one's.
    Bytecode,
}

impl FaultPlace {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Slot,
        Self::Frame,
        Self::Memory,
        Self::Global,
        Self::Table,
        Self::Code,
        Self::Price,
        Self::Structure,
        Self::SideTable,
        Self::Bytecode,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slot => "slots",
            Self::Frame => "frames",
            Self::Memory => "memory",
            Self::Global => "globals",
            Self::Table => "tables",
            Self::Code => "code",
            Self::Price => "prices",
            Self::Structure => "structure",
            Self::SideTable => "side table",
            Self::Bytecode => "bytecode",
        }
    }
}

impl fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Flips bit `bit`, counted round all the bits there are; `None` where there are none.
fn flip(words: &mut [u64], width: u64, bit: u64) -> Option<()> {
    let all = (words.len() as u64).checked_mul(width).filter(|all| *all > 0)?;
    let bit = bit % all;
    *words.get_mut((bit / width) as usize)? ^= 1 << (bit % width);
    Some(())
}

pub(crate) fn flip_byte(bytes: &mut [u8], bit: u64) -> Option<()> {
    let all = (bytes.len() as u64).checked_mul(8).filter(|all| *all > 0)?;
    *bytes.get_mut(((bit % all) / 8) as usize)? ^= 1 << (bit % 8);
    Some(())
}

/// Flips a bit of a paused call's state, or of what its store holds. `None` where there is nothing of the kind.
// @need-ids: REQ_LOCKSTEP_002
pub(crate) fn inject<T>(store: &mut Store<T>, stack: &mut StackMemory, place: FaultPlace, bit: u64) -> Option<()> {
    let storage = &mut store.core.storage;
    match place {
        FaultPlace::Slot => {
            let top = storage.frame_end(stack);
            let (slots, ..) = stack.all_mut();
            flip(slots.get_mut(..top as usize)?, 64, bit)
        }
        FaultPlace::Frame => {
            flip_frame(stack, bit);
            Some(())
        }
        FaultPlace::Memory => {
            let index = (bit % (storage.memories.len().max(1) as u64)) as usize;
            flip_byte(storage.memories.get_mut(index)?.view()?.data_mut(), bit)
        }
        FaultPlace::Global => flip(&mut storage.globals, 64, bit),
        FaultPlace::Table => {
            let index = (bit % (storage.tables.len().max(1) as u64)) as usize;
            let mut view = storage.tables.get_mut(index)?.view()?;
            let elements = view.elements_mut();
            let at = (bit / 32).checked_rem(elements.len() as u64)?;
            *elements.get_mut(at as usize)? ^= 1 << (bit % 32);
            Some(())
        }
        FaultPlace::Code => storage.modules.first_mut()?.spoil(bit),
        FaultPlace::Price => storage.modules.first_mut()?.spoil_price(bit),
        FaultPlace::Structure => storage.modules.first_mut()?.spoil_structure(bit),
        FaultPlace::SideTable | FaultPlace::Bytecode => {
            let storage = store.core.machine.twin().unwrap_or(storage);
            let code = storage.modules.first_mut()?;
            if place == FaultPlace::SideTable { code.spoil_side_table(bit) } else { code.spoil_bytecode(bit) }
        }
    }
}

/// A bit of a frame's record, or of the running frame's position.
fn flip_frame(stack: &mut StackMemory, bit: u64) {
    let (_, frames, state) = stack.all_mut();
    let CallState { depth, .. } = *state;
    let number = (bit / 64) % (u64::from(depth) + 1);
    let mask = 1 << (bit % 32);
    let base = bit % 64 >= 32;
    let word = match frames.get_mut(number as usize).filter(|_| number < u64::from(depth)) {
        Some(frame) if base => &mut frame.base,
        Some(frame) => &mut frame.pc,
        None if base => &mut state.base,
        None => &mut state.pc,
    };
    *word ^= mask;
}
