//! What `control-integer.wat` needs on a device.

pub const FUNCS: usize = 5;
pub const TYPES: usize = 5;
pub const VAL_TYPES: usize = 8;
pub const GLOBALS: usize = 2;
pub const WORDS: usize = 14;
pub const ENTRIES: usize = 5;
pub const MEMORY_BYTES: usize = 128;
pub const CELLS: usize = 0;
pub const SLOTS: usize = 16;
pub const FRAMES: usize = 4;
