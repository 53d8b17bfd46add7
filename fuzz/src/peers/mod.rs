//! The runtimes that are compared, each with an instance of one module.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

pub mod wasmi;
pub mod wrt;

/// Frames, for both; what one frame takes differs.
const FRAMES: u32 = 400;

/// The names of the host's things that arguments may be.
const HOST_THINGS: &str = "a number of the host";

thread_local! {
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Does something whose panic is no fault of WRT's: `None` then. Neither a message is written nor, under libFuzzer, whose hook
/// does that at once, the process ended. An abort or a fault of memory cannot be caught; `differential-run` has processes for them.
fn caught<T>(act: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                hook(info);
            }
        }));
    });
    CAUGHT.set(true);
    let done = catch_unwind(AssertUnwindSafe(act));
    CAUGHT.set(false);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_QA_003
    #[test]
    fn only_panics_of_the_other_runtime_are_caught() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u32 { panic!("as the other might") }), None);
        assert!(!CAUGHT.get());
    }
}
