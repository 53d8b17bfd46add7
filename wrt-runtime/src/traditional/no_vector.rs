//! In place of the vector operators, where the feature `simd` is off: there are none.

use super::machine::{Cursor, Machine, Stop};
use super::run::trap;
use wrt_instructions::Trap;

pub(super) fn run(_: &mut Machine<'_>, at: Cursor, offset: u32) -> Result<Cursor, Stop> {
    Err(trap(at, offset, Trap::CorruptCode))
}
