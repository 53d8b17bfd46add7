//! In place of the handlers of vector operators, where the feature `simd` is off: there are none.

use super::context::{Dispatch, Handler};
use super::slow::{At, Next};
use wrt_instructions::vector::VectorRow;

pub(super) const fn rows<D: Dispatch>(_: &mut [Handler]) {}

pub(super) fn far(_: At<'_, '_>, _: VectorRow) -> Option<Next> {
    None
}
