//! What happens, for whoever looks for a fault: the facade `log`, behind the feature of that name, or nothing.
//!
//! Targets are paths of modules: `wrt::call`, `wrt::module`. Nothing is logged for each operator or call of a host function.
//! Crates of this workspace that bring host functions log through it too, so that one feature turns all of it on.

// @need-ids: REQ_009

#[cfg(feature = "log")]
pub use log::{Level, debug, log_enabled, trace, warn};

/// Reads its arguments as the real one does, and does nothing.
#[cfg(not(feature = "log"))]
#[doc(hidden)]
#[macro_export]
macro_rules! nothing_is_logged {
    ($($arguments:tt)*) => {
        if false {
            let _ = core::format_args!($($arguments)*);
        }
    };
}

/// Whether the level is logged: it is not.
#[cfg(not(feature = "log"))]
#[doc(hidden)]
#[macro_export]
macro_rules! log_is_off {
    ($level:expr) => {{
        let _ = $level;
        false
    }};
}

/// The levels of the real one that are asked for.
#[cfg(not(feature = "log"))]
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// Everything.
    Trace,
}

#[cfg(not(feature = "log"))]
pub use {
    log_is_off as log_enabled, nothing_is_logged as debug, nothing_is_logged as trace, nothing_is_logged as warn,
};
