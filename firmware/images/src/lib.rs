//! The guests as images, each where flash can run it in place. What is not used is not linked.
#![no_std]

/// Code in an image runs in place from addresses that are multiples of 4.
#[repr(C, align(8))]
struct Aligned<T: ?Sized>(T);

macro_rules! images {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => { $(
        $(#[$doc])*
        pub static $name: &[u8] = {
            static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $file)));
            &ALIGNED.0
        };
    )* };
}

/// What each guest needs, as `wrtd budget` computes it for the target when this is built: storage of these sizes cannot be too
/// small.
pub mod sizes {
    macro_rules! sizes {
        ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => { $(
            $(#[$doc])*
            pub mod $name {
                include!(concat!(env!("OUT_DIR"), "/", $file));
            }
        )* };
    }
    sizes! {
        /// The control loop on integers.
        control_integer = "control-integer.rs";
        /// The control loop on floats.
        control_float = "control-float.rs";
        /// What is measured: `fib` up to 20.
        figures = "figures.rs";
        /// The first of two guests that are linked to one another.
        linked_filter = "linked-filter.rs";
        /// The second, whose stack has room for calls of the first.
        linked_control = "linked-control.rs";
    }

    /// Both in one store: the sums of their slices. The second one's stack, as that is what is called.
    pub mod linked {
        use super::{linked_control as control, linked_filter as filter};
        pub use control::{STACK_FRAMES, STACK_SLOTS};
        pub use filter::{MEMORIES, MEMORY_BYTES, TABLE_ELEMENTS, TABLES};
        const _: () = assert!(control::MEMORIES == 0 && control::TABLES == 0, "the second one has what it imports");
        const _: () = assert!(STACK_SLOTS >= filter::STACK_SLOTS, "its calls of the first one are in its budget");
        macro_rules! sums {
            ($($name:ident)*) => { $(
                #[allow(missing_docs)]
                pub const $name: usize = filter::$name + control::$name;
            )* };
        }
        sums! { MODULES INSTANCES FUNCS TYPES VAL_TYPES GLOBALS WORDS ENTRIES CELLS }
    }
}

/// What the image of [`COREMIX`] is compared with.
pub mod coremix {
    include!(concat!(env!("OUT_DIR"), "/coremix.parts.rs"));
}

images! {
    /// The control loop on integers.
    CONTROL_INTEGER = "control-integer.wrt";
    /// The same with a bit wrong, which its checksum tells.
    CONTROL_INTEGER_DAMAGED = "control-integer.damaged.wrt";
    /// The same with an instruction that is none, and a checksum that fits.
    CONTROL_INTEGER_FORGED = "control-integer.forged.wrt";
    /// The control loop on floats.
    CONTROL_FLOAT = "control-float.wrt";
    /// The same with a bit wrong.
    CONTROL_FLOAT_DAMAGED = "control-float.damaged.wrt";
    /// The same with an instruction that is none.
    CONTROL_FLOAT_FORGED = "control-float.forged.wrt";
    /// The control loop on floats as two guests: what keeps, filters and bounds.
    LINKED_FILTER = "linked-filter.wrt";
    /// The controller, which imports the other one's memory, table, global and functions.
    LINKED_CONTROL = "linked-control.wrt";
    /// What is measured: calls, and a loop of loads and stores.
    FIGURES = "figures.wrt";
    /// The same as bytecode, for the traditional engine.
    FIGURES_BYTECODE = "figures.bytecode.wrt";
    /// A program as a compiler writes it.
    COREMIX = "coremix.wrt";
}
