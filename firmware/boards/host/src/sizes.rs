//! What the guests need on the host, whose engine runs copies of the instructions.

pub const FUNCS: usize = 6;
pub const TYPES: usize = 6;
pub const VAL_TYPES: usize = 8;
pub const GLOBALS: usize = 2;
pub const WORDS: usize = 16;
pub const ENTRIES: usize = 5;
pub const MEMORY_BYTES: usize = 128;
pub const CELLS: usize = 256;
pub const SLOTS: usize = 32;
pub const FRAMES: usize = 4;
