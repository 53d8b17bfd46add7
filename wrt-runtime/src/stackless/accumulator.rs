//! The accumulator: what handlers hand on besides registers.
//!
//! Small processors have no register for it, and instructions that take a value from it name the register where it stands
//! besides. Those that have one more for arguments hand on the table of handlers in its place.

// @need-ids: REQ_023

pub(crate) use kind::{Acc, TAKES, dead, first, made, taken};

#[cfg(any(target_pointer_width = "64", feature = "compact"))]
mod kind {
    /// Whether the accumulator is handed on from handler to handler.
    pub(crate) const TAKES: bool = true;

    /// The accumulator, where there is one.
    pub(crate) type Acc = u64;

    /// What a run begins with.
    #[inline(always)]
    pub(crate) const fn first() -> Acc {
        0
    }

    /// What is in the accumulator.
    #[inline(always)]
    pub(crate) const fn taken(acc: Acc) -> u64 {
        acc
    }

    /// The accumulator with `value` in it, in place of what `_acc` had.
    #[inline(always)]
    pub(crate) const fn made(_acc: Acc, value: u64) -> Acc {
        value
    }

    /// The accumulator where nothing may be taken from it.
    #[inline(always)]
    pub(crate) const fn dead(_acc: Acc) -> Acc {
        0
    }
}

#[cfg(not(any(target_pointer_width = "64", feature = "compact")))]
mod kind {
    #[cfg(table_argument)]
    use crate::stackless::handlers::{Handlers, threaded_handlers};

    pub(crate) const TAKES: bool = false;

    #[cfg(not(table_argument))]
    pub(crate) type Acc = ();

    /// The table of handlers: looking one up takes one load less.
    #[cfg(table_argument)]
    #[derive(Clone, Copy)]
    pub struct Acc(pub(crate) &'static Handlers);

    #[inline(always)]
    pub(crate) const fn first() -> Acc {
        #[cfg(table_argument)]
        return Acc(threaded_handlers());
    }

    #[inline(always)]
    pub(crate) const fn taken(_: Acc) -> u64 {
        0
    }

    #[inline(always)]
    pub(crate) const fn made(acc: Acc, _: u64) -> Acc {
        acc
    }

    #[inline(always)]
    pub(crate) const fn dead(acc: Acc) -> Acc {
        acc
    }
}
