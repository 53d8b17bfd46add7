//! WRT itself. Its embedding interface is not there yet, so no engine is: the names to give are `wrt` (the default,
//! stackless engine; fuel is always on) and `wrt-traditional`.

use super::Engine;

pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    Vec::new()
}
