//! What `figures.wat` needs on a device.

pub const FUNCS: usize = 2;
pub const TYPES: usize = 1;
pub const VAL_TYPES: usize = 2;
pub const GLOBALS: usize = 0;
pub const WORDS: usize = 4;
pub const ENTRIES: usize = 2;
pub const MEMORY_BYTES: usize = 1024;
pub const CELLS: usize = 0;
pub const SLOTS: usize = 128;
pub const FRAMES: usize = 24;
