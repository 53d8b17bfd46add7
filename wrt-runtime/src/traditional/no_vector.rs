//! In place of the vector operators, where the feature `simd` is off: there are none.

use super::machine::Machine;
use super::operands::Operands;
use super::reader::Code;
use super::run::{CORRUPT, Not};

pub(super) fn run<V>(_: &mut Machine<'_>, _: &mut Operands<'_, V>, _: &mut Code<'_>) -> Result<(), Not> {
    Err(CORRUPT)
}
