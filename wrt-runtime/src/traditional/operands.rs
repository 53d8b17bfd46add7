//! The values of the running frame: its locals, then its operands, each by its height.

use crate::instr::{WIDE_LIMIT, WIDE_SCRATCH, WINDOW, WINDOW_SLOTS};
use wrt_instructions::Part;

/// A frame's values. Reading and writing is checked: what lies below a frame, or beyond its room, is `None`.
pub(super) trait Values {
    fn get(&self, height: usize) -> Option<u64>;

    fn set(&mut self, height: usize, value: u64) -> Option<()>;

    /// The two topmost of `height` values, the upper one last.
    #[inline(always)]
    fn two(&self, height: usize) -> Option<(u64, u64)> {
        Some((self.get(height.wrapping_sub(2))?, self.get(height.wrapping_sub(1))?))
    }

    /// Gives `work` the value with `height` others below it and the one above, which may not be one of the frame's, and takes the
    /// first back.
    #[inline(always)]
    fn in_place<R>(&mut self, height: usize, work: impl FnOnce(&mut [u64; 2]) -> R) -> Option<R> {
        let mut two = [self.get(height)?, self.get(height.wrapping_add(1))?];
        let result = work(&mut two);
        self.set(height, two[0])?;
        Some(result)
    }
}

/// What shows all of a frame that is not wide.
#[cfg(threaded)]
pub(super) type Window = [u64; WINDOW_SLOTS];

impl Values for [u64; WINDOW_SLOTS] {
    #[inline(always)]
    fn get(&self, height: usize) -> Option<u64> {
        <[u64]>::get(self, height).copied()
    }

    #[inline(always)]
    fn set(&mut self, height: usize, value: u64) -> Option<()> {
        *<[u64]>::get_mut(self, height)? = value;
        Some(())
    }

    #[inline(always)]
    fn two(&self, height: usize) -> Option<(u64, u64)> {
        let lower = height.wrapping_sub(2);
        // The one comparison: the next slot is there too.
        if lower >= WINDOW {
            return None;
        }
        Some((self.get(lower)?, self.get(lower.wrapping_add(1))?))
    }
}

/// Any frame: the stack from its first slot on. In a wide one, scratch slots lie between its values.
pub(super) struct Frame<'a> {
    pub(super) slots: &'a mut [u64],
    pub(super) wide: bool,
}

impl Frame<'_> {
    #[inline(always)]
    const fn place(&self, height: usize) -> usize {
        if self.wide && Part::WideFrames.is_built() && height >= WIDE_LIMIT as usize {
            height.saturating_add(WIDE_SCRATCH as usize)
        } else {
            height
        }
    }
}

impl Values for Frame<'_> {
    #[inline(always)]
    fn get(&self, height: usize) -> Option<u64> {
        self.slots.get(self.place(height)).copied()
    }

    #[inline(always)]
    fn set(&mut self, height: usize, value: u64) -> Option<()> {
        *self.slots.get_mut(self.place(height))? = value;
        Some(())
    }

    #[inline(always)]
    fn in_place<R>(&mut self, height: usize, work: impl FnOnce(&mut [u64; 2]) -> R) -> Option<R> {
        // On both sides of the scratch slots they are not side by side.
        if self.wide && Part::WideFrames.is_built() && height.wrapping_add(1) == WIDE_LIMIT as usize {
            let mut two = [self.get(height)?, self.get(height.wrapping_add(1))?];
            let result = work(&mut two);
            self.set(height, two[0])?;
            return Some(result);
        }
        Some(work(self.slots.get_mut(self.place(height)..)?.first_chunk_mut()?))
    }
}

/// A frame's values and how many there are, for operators that take and give several.
pub(super) struct Operands<'a, V> {
    pub(super) values: &'a mut V,
    pub(super) height: usize,
}

impl<V: Values> Operands<'_, V> {
    #[inline(always)]
    pub(super) fn push(&mut self, value: u64) -> Option<()> {
        self.values.set(self.height, value)?;
        self.height = self.height.wrapping_add(1);
        Some(())
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<u64> {
        self.height = self.height.checked_sub(1)?;
        self.values.get(self.height)
    }
}
