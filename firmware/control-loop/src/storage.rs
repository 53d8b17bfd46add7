//! Everything a guest is run in: statics of the board, sized by the constants of one module.

use wrt_runtime::fixed_store::Room;
use wrt_runtime::stack::{CallState, Frame};

/// Slices for a store and the call in progress.
#[derive(Debug)]
pub struct Storage {
    /// For the store.
    pub room: Room<'static>,
    /// Slots of frames, and the window's pad.
    pub slots: &'static mut [u64],
    /// Frames.
    pub frames: &'static mut [Frame],
    /// The rest of a call's state.
    pub state: &'static mut CallState,
}

impl Storage {
    /// Bytes that the instance takes besides linear memory, elements of tables, and the stacks.
    pub fn instance_bytes(&self) -> usize {
        let Room { modules, instances, funcs, types, val_types, globals, global_types, .. } = &self.room;
        let Room { tables, memories, tags, objects, handles, words, entries, cells, .. } = &self.room;
        bytes(modules)
            + bytes(instances)
            + bytes(funcs)
            + bytes(types)
            + bytes(val_types)
            + bytes(globals)
            + bytes(global_types)
            + bytes(tables)
            + bytes(memories)
            + bytes(tags)
            + bytes(objects)
            + bytes(handles)
            + bytes(words)
            + bytes(entries)
            + bytes(cells)
            + size_of_val(self.state)
    }
}

fn bytes<T>(slice: &[T]) -> usize {
    size_of_val(slice)
}

/// How many there are in all.
pub const fn total(lengths: &[usize]) -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < lengths.len() {
        sum += lengths[at];
        at += 1;
    }
    sum
}

/// Parts of a slice, as long as `lengths` say and one behind the other.
pub fn parts<T, R, const N: usize>(
    lengths: &[usize; N],
    mut all: &'static mut [T],
    part: fn(&'static mut [T]) -> R,
) -> [R; N] {
    lengths.map(|length| part(all.split_off_mut(..length).unwrap_or_default()))
}

/// A [`Storage`] in statics, whose sizes are the constants that `wrtd budget` wrote into the module `$sizes`. To be used once: it hands out the same
/// statics each time, and the second time is a panic.
#[macro_export]
macro_rules! storage {
    ($($sizes:ident)::+) => {{
        use $crate::parts::*;
        use $($sizes)::+ as sizes;
        macro_rules! cell {
            ($ty:ty = $value:expr) => {{
                static CELL: StaticCell<$ty> = StaticCell::new();
                CELL.init_with(|| $value)
            }};
        }
        $crate::storage::Storage {
            room: Room {
                modules: cell!([Loaded<'static>; sizes::MODULES] = [Loaded::default(); sizes::MODULES]),
                instances: cell!([Instance<'static>; sizes::INSTANCES] = core::array::from_fn(|_| Instance::default())),
                funcs: cell!([FuncInst; sizes::FUNCS] = [FuncInst::default(); sizes::FUNCS]),
                types: cell!([TypeRecord; sizes::TYPES] = [TypeRecord::default(); sizes::TYPES]),
                val_types: cell!([ValType; sizes::VAL_TYPES] = [ValType::default(); sizes::VAL_TYPES]),
                globals: cell!([u64; sizes::GLOBALS] = [0; sizes::GLOBALS]),
                global_types: cell!([Option<GlobalType>; sizes::GLOBALS] = [None; sizes::GLOBALS]),
                tables: cell!(
                    [TableRoom<'static>; sizes::TABLES] = {
                        const ELEMENTS: usize = $crate::storage::total(&sizes::TABLE_ELEMENTS);
                        $crate::storage::parts(&sizes::TABLE_ELEMENTS, cell!([u32; ELEMENTS] = [0; ELEMENTS]), TableRoom::new)
                    }
                ),
                memories: cell!(
                    [MemoryRoom<'static>; sizes::MEMORIES] = {
                        const BYTES: usize = $crate::storage::total(&sizes::MEMORY_BYTES);
                        $crate::storage::parts(&sizes::MEMORY_BYTES, cell!([u8; BYTES] = [0; BYTES]), MemoryRoom::new)
                    }
                ),
                tags: &mut [],
                objects: &mut [],
                handles: &mut [],
                words: cell!([u32; sizes::WORDS] = [0; sizes::WORDS]),
                entries: cell!([Entry; sizes::ENTRIES] = [Entry::default(); sizes::ENTRIES]),
                // Devices run code where it lies; hosts need cells.
                cells: cell!([Cell; sizes::CELLS] = [Cell::default(); sizes::CELLS]),
            },
            slots: cell!([u64; sizes::STACK_SLOTS] = [0; sizes::STACK_SLOTS]),
            frames: cell!([Frame; sizes::STACK_FRAMES] = [Frame::default(); sizes::STACK_FRAMES]),
            state: cell!(CallState = CallState::IDLE),
        }
    }};
}
