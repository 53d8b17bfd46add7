//! A type for each row with the trait of its group, and the operators as data evaluated.

// @need-ids: REQ_018, REQ_TABLE_001

use super::super::{
    ExtractLaneOp, ReplaceLaneOp, SplatOp, V128, VectorBinaryOp, VectorLoadOp, VectorShiftOp, VectorStoreOp,
    VectorTernaryOp, VectorTestOp, VectorUnaryOp,
};
use crate::memory_ops;
use crate::slot::Slot;

/// An operator on one vector.
pub trait VectorUnary {
    /// The meaning.
    fn apply(x: V128) -> V128;
}

/// An operator on two vectors.
pub trait VectorBinary {
    /// The meaning.
    fn apply(x: V128, y: V128) -> V128;
}

/// An operator on three vectors.
pub trait VectorTernary {
    /// The meaning.
    fn apply(x: V128, y: V128, z: V128) -> V128;
}

/// A shift.
pub trait VectorShift {
    /// The meaning.
    fn apply(x: V128, distance: u32) -> V128;
}

/// An operator on one vector that gives an `i32`.
pub trait VectorTest {
    /// The meaning.
    fn apply(x: V128) -> u32;
}

/// One value in every lane.
pub trait Splat {
    /// The meaning, for the slot of the value.
    fn apply(slot: u64) -> V128;
}

/// The read of a lane.
pub trait ExtractLane {
    /// Type of the result.
    type Result: Slot;
    /// The meaning.
    fn apply(x: V128, lane: u8) -> Self::Result;
}

/// The change of a lane.
pub trait ReplaceLane {
    /// The meaning, for the slot of the value.
    fn apply(x: V128, lane: u8, slot: u64) -> V128;
}

/// A load of a vector.
pub trait VectorLoad {
    /// How many bytes it reads.
    const BYTES: usize;
    /// The value for the bytes at `at`, or `None` outside of `memory`.
    fn load(memory: &[u8], at: usize) -> Option<V128>;
}

/// A store of a vector.
pub trait VectorStore {
    /// How many bytes it writes.
    const BYTES: usize;
    /// Writes the value at `at`; `None`, with nothing written, outside of `memory`.
    fn store(memory: &mut [u8], at: usize, x: V128) -> Option<()>;
}

macro_rules! define {
    (
        vector_unary { $($uv:ident $uo:literal $un:literal $uf:ident, $up:literal, $ua:literal;)* }
        vector_binary { $($bv:ident $bo:literal $bn:literal $bf:ident, $bp:literal, $ba:literal;)* }
        vector_ternary { $($tv:ident $to:literal $tn:literal $tf:ident, $tp:literal, $ta:literal;)* }
        vector_shift { $($sv:ident $so:literal $sn:literal $sf:ident, $sp:literal, $sa:literal;)* }
        vector_test { $($qv:ident $qo:literal $qn:literal $qf:ident, $qp:literal, $qa:literal;)* }
        splat { $($pv:ident $po:literal $pn:literal $pf:ident($px:ty), $pp:literal, $pa:literal;)* }
        extract_lane { $($ev:ident $eo:literal $en:literal $ef:ident($el:literal lanes) -> $er:ty, $ep:literal, $ea:literal;)* }
        replace_lane { $($rv:ident $ro:literal $rn:literal $rf:ident($rl:literal lanes, $rx:ty), $rp:literal, $ra:literal;)* }
        vector_load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes), $lp:literal, $la:literal;)* }
        vector_store { $($wv:ident $wo:literal $wn:literal $wf:ident($wb:literal bytes), $wp:literal, $wa:literal;)* }
        load_lane { $($load_lane:tt)* }
        store_lane { $($store_lane:tt)* }
    ) => {
        /// A type for each row, so that generic code is compiled once per operator.
        pub mod vectors {
            $(#[derive(Debug)] pub struct $uv;)* $(#[derive(Debug)] pub struct $bv;)* $(#[derive(Debug)] pub struct $tv;)*
            $(#[derive(Debug)] pub struct $sv;)* $(#[derive(Debug)] pub struct $qv;)* $(#[derive(Debug)] pub struct $pv;)*
            $(#[derive(Debug)] pub struct $ev;)* $(#[derive(Debug)] pub struct $rv;)* $(#[derive(Debug)] pub struct $lv;)*
            $(#[derive(Debug)] pub struct $wv;)*
        }

        $(impl VectorUnary for vectors::$uv {
            #[inline(always)]
            fn apply(x: V128) -> V128 { super::$uf(x) }
        })*
        $(impl VectorBinary for vectors::$bv {
            #[inline(always)]
            fn apply(x: V128, y: V128) -> V128 { super::$bf(x, y) }
        })*
        $(impl VectorTernary for vectors::$tv {
            #[inline(always)]
            fn apply(x: V128, y: V128, z: V128) -> V128 { super::$tf(x, y, z) }
        })*
        $(impl VectorShift for vectors::$sv {
            #[inline(always)]
            fn apply(x: V128, distance: u32) -> V128 { super::$sf(x, distance) }
        })*
        $(impl VectorTest for vectors::$qv {
            #[inline(always)]
            fn apply(x: V128) -> u32 { super::$qf(x) }
        })*
        $(impl Splat for vectors::$pv {
            #[inline(always)]
            fn apply(slot: u64) -> V128 { super::$pf(<$px>::from_slot(slot)) }
        })*
        $(impl ExtractLane for vectors::$ev {
            type Result = $er;
            #[inline(always)]
            fn apply(x: V128, lane: u8) -> $er { super::$ef(x, lane) }
        })*
        $(impl ReplaceLane for vectors::$rv {
            #[inline(always)]
            fn apply(x: V128, lane: u8, slot: u64) -> V128 { super::$rf(x, lane, <$rx>::from_slot(slot)) }
        })*
        $(impl VectorLoad for vectors::$lv {
            const BYTES: usize = $lb;
            #[inline(always)]
            fn load(memory: &[u8], at: usize) -> Option<V128> {
                memory_ops::read::<$lb>(memory, at).map(super::$lf)
            }
        })*
        $(impl VectorStore for vectors::$wv {
            const BYTES: usize = $wb;
            #[inline(always)]
            fn store(memory: &mut [u8], at: usize, x: V128) -> Option<()> {
                memory_ops::write::<$wb>(memory, at, super::$wf(x))
            }
        })*

        impl VectorUnaryOp {
            /// The result: the meaning, for references and tests.
            pub fn evaluate(self, x: V128) -> V128 {
                match self { $(Self::$uv => super::$uf(x),)* }
            }
        }
        impl VectorBinaryOp {
            /// The result.
            pub fn evaluate(self, x: V128, y: V128) -> V128 {
                match self { $(Self::$bv => super::$bf(x, y),)* }
            }
        }
        impl VectorTernaryOp {
            /// The result.
            pub fn evaluate(self, x: V128, y: V128, z: V128) -> V128 {
                match self { $(Self::$tv => super::$tf(x, y, z),)* }
            }
        }
        impl VectorShiftOp {
            /// The result.
            pub fn evaluate(self, x: V128, distance: u32) -> V128 {
                match self { $(Self::$sv => super::$sf(x, distance),)* }
            }
        }
        impl VectorTestOp {
            /// The result.
            pub fn evaluate(self, x: V128) -> u32 {
                match self { $(Self::$qv => super::$qf(x),)* }
            }
        }
        impl SplatOp {
            /// The result for the slot of the value.
            pub fn evaluate(self, slot: u64) -> V128 {
                match self { $(Self::$pv => <vectors::$pv as Splat>::apply(slot),)* }
            }
        }
        impl ExtractLaneOp {
            /// The slot of the result.
            pub fn evaluate(self, x: V128, lane: u8) -> u64 {
                match self { $(Self::$ev => super::$ef(x, lane).to_slot(),)* }
            }
            /// How many lanes there are.
            pub const fn lanes(self) -> u8 {
                match self { $(Self::$ev => $el,)* }
            }
        }
        impl ReplaceLaneOp {
            /// The result for the slot of the value.
            pub fn evaluate(self, x: V128, lane: u8, slot: u64) -> V128 {
                match self { $(Self::$rv => <vectors::$rv as ReplaceLane>::apply(x, lane, slot),)* }
            }
            /// How many lanes there are.
            pub const fn lanes(self) -> u8 {
                match self { $(Self::$rv => $rl,)* }
            }
        }
        impl VectorLoadOp {
            /// The value for the bytes at `at`, or `None` outside of `memory`.
            pub fn load(self, memory: &[u8], at: usize) -> Option<V128> {
                match self { $(Self::$lv => <vectors::$lv as VectorLoad>::load(memory, at),)* }
            }
        }
        impl VectorStoreOp {
            /// Writes the value at `at`; `None`, with nothing written, outside of `memory`.
            pub fn store(self, memory: &mut [u8], at: usize, x: V128) -> Option<()> {
                match self { $(Self::$wv => <vectors::$wv as VectorStore>::store(memory, at, x),)* }
            }
        }
    };
}
crate::vector_operators!(define);
