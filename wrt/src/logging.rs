//! What happens, for whoever looks for a fault: the facade `log`, behind the feature of that name, or nothing.
//!
//! Targets are paths of modules: `wrt::call`, `wrt::module`. Nothing is logged for each operator, call or host call.

#[cfg(feature = "log")]
pub(crate) use log::{debug, trace};

/// Reads its arguments as the real one does, and does nothing.
#[cfg(not(feature = "log"))]
macro_rules! nothing {
    ($($arguments:tt)*) => {
        if false {
            let _ = core::format_args!($($arguments)*);
        }
    };
}

#[cfg(not(feature = "log"))]
pub(crate) use {nothing as debug, nothing as trace};
