//! What `wrt-runtime` offers.

/// Nothing yet: loading an image, running it, pausing and resuming it belong here.
#[inline(never)]
pub fn exercise_runtime() {}
