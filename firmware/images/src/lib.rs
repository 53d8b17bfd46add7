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
    }
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
    /// What is measured: calls, and a loop of loads and stores.
    FIGURES = "figures.wrt";
    /// A program as a compiler writes it.
    COREMIX = "coremix.wrt";
}
