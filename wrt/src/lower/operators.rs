//! Which row of the operator table a decoded operator is: `wasmparser` names them as the table does.

use wasmparser::{MemArg, Operator};
use wrt_instructions::atomic::{Atomic, AtomicOp, AtomicPlain};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};
use wrt_instructions::vector::{
    ExtractLaneOp, LoadLaneOp, ReplaceLaneOp, SplatOp, StoreLaneOp, VectorBinaryOp, VectorLoadOp, VectorShiftOp,
    VectorStoreOp, VectorTernaryOp, VectorTestOp, VectorUnaryOp,
};

/// An operator by the group of its row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Group {
    Binary(BinaryOp),
    FloatBinary(FloatBinaryOp),
    Compare(CompareOp),
    FloatCompare(FloatCompareOp),
    Unary(UnaryOp),
    FloatUnary(FloatUnaryOp),
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
    Wide(WideOp),
    Vector(Vector),
    Atomic(Atomic, MemArg),
    /// Each has a place of its own in the lowering.
    Structural,
    /// Not in the table: nothing can be done with it.
    Unknown,
}

macro_rules! grouping {
    (
        binary { $($bv:ident $bo:literal $bn:literal $bk:ident $bf:ident($bx:ty) -> $br:ty, $bp:literal, $ba:literal;)* }
        float_binary { $($fv:ident $fo:literal $fn:literal $fk:ident $ff:ident($fx:ty) -> $fr:ty, $fp:literal, $fa:literal;)* }
        compare { $($cv:ident $co:literal $cn:literal $cf:ident($cx:ty) -> bool, $cp:literal, $ca:literal, not $cnot:ident, swap $cswap:ident;)* }
        fused_compare { $($fused:tt)* }
        float_compare { $($gv:ident $go:literal $gn:literal $gf:ident($gx:ty) -> bool, $gp:literal, $ga:literal;)* }
        unary { $($uv:ident $uo:literal $un:literal $uf:ident($ux:ty) -> $ur:ty, $up:literal, $ua:literal;)* }
        float_unary { $($wv:ident $wo:literal $wn:literal $wf:ident($wx:ty) -> $wr:ty, $wp:literal, $wa:literal;)* }
        load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes) -> $lt:ty, $lp:literal, $la:literal;)* }
        store { $($sv:ident $so:literal $sn:literal $sf:ident($st:ty) -> $sb:literal bytes, $sp:literal, $sa:literal;)* }
        wide { $($dv:ident $do:literal $dn:literal $df:ident($dc:tt operands), $dp:literal, $da:literal;)* }
        structural { $($xv:ident $xo:literal $xn:literal $xp:literal, $xa:literal;)* }
    ) => {
        /// The group of an operator.
        pub(crate) fn group(operator: &Operator<'_>) -> Group {
            match operator {
                $(Operator::$bv => Group::Binary(BinaryOp::$bv),)*
                $(Operator::$fv => Group::FloatBinary(FloatBinaryOp::$fv),)*
                $(Operator::$cv => Group::Compare(CompareOp::$cv),)*
                $(Operator::$gv => Group::FloatCompare(FloatCompareOp::$gv),)*
                $(Operator::$uv => Group::Unary(UnaryOp::$uv),)*
                $(Operator::$wv => Group::FloatUnary(FloatUnaryOp::$wv),)*
                $(Operator::$lv { memarg } => Group::Load(LoadOp::$lv, *memarg),)*
                $(Operator::$sv { memarg } => Group::Store(StoreOp::$sv, *memarg),)*
                $(Operator::$dv => Group::Wide(WideOp::$dv),)*
                $(Operator::$xv { .. } => Group::Structural,)*
                Operator::AtomicFence { .. } => Group::Structural,
                _ => match (vector(operator), atomic(operator)) {
                    (Some(vector), _) => Group::Vector(vector),
                    (_, Some((op, memarg))) => Group::Atomic(op, memarg),
                    (None, None) => Group::Unknown,
                },
            }
        }
    };
}
wrt_instructions::operators!(grouping);

/// A vector operator by the group of its row, with its immediates.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vector {
    Unary(VectorUnaryOp),
    Binary(VectorBinaryOp),
    Ternary(VectorTernaryOp),
    Shift(VectorShiftOp),
    Test(VectorTestOp),
    Splat(SplatOp),
    ExtractLane(ExtractLaneOp, u8),
    ReplaceLane(ReplaceLaneOp, u8),
    Load(VectorLoadOp, MemArg),
    Store(VectorStoreOp, MemArg),
    LoadLane(LoadLaneOp, MemArg, u8),
    StoreLane(StoreLaneOp, MemArg, u8),
}

macro_rules! vectors {
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
        load_lane { $($mv:ident $mo:literal $mn:literal $mf:ident then $ms:ident, $mp:literal, $ma:literal;)* }
        store_lane { $($nv:ident $no:literal $nn:literal $nf:ident then $ns:ident, $np:literal, $na:literal;)* }
    ) => {
        /// The group of an operator that is one of vectors.
        fn vector(operator: &Operator<'_>) -> Option<Vector> {
            Some(match *operator {
                $(Operator::$uv => Vector::Unary(VectorUnaryOp::$uv),)*
                $(Operator::$bv => Vector::Binary(VectorBinaryOp::$bv),)*
                $(Operator::$tv => Vector::Ternary(VectorTernaryOp::$tv),)*
                $(Operator::$sv => Vector::Shift(VectorShiftOp::$sv),)*
                $(Operator::$qv => Vector::Test(VectorTestOp::$qv),)*
                $(Operator::$pv => Vector::Splat(SplatOp::$pv),)*
                $(Operator::$ev { lane } => Vector::ExtractLane(ExtractLaneOp::$ev, lane),)*
                $(Operator::$rv { lane } => Vector::ReplaceLane(ReplaceLaneOp::$rv, lane),)*
                $(Operator::$lv { memarg } => Vector::Load(VectorLoadOp::$lv, memarg),)*
                $(Operator::$wv { memarg } => Vector::Store(VectorStoreOp::$wv, memarg),)*
                $(Operator::$mv { memarg, lane } => Vector::LoadLane(LoadLaneOp::$mv, memarg, lane),)*
                $(Operator::$nv { memarg, lane } => Vector::StoreLane(StoreLaneOp::$nv, memarg, lane),)*
                _ => return None,
            })
        }
    };
}
wrt_instructions::vector_operators!(vectors);

macro_rules! atomics {
    (
        atomic_load { $($lv:ident $lo:literal $ln:literal as $lf:ident, $lp:literal, $la:literal;)* }
        atomic_store { $($sv:ident $so:literal $sn:literal as $sf:ident, $sp:literal, $sa:literal;)* }
        atomic_rmw { $($rv:ident $ro:literal $rn:literal $rm:ident of $rl:ident $rs:ident, $rp:literal, $ra:literal;)* }
        atomic_structural { $($xv:ident $xo:literal $xn:literal, $xp:literal, $xa:literal;)* }
    ) => {
        /// The row of an operator that is atomic and has operands, with its immediates.
        fn atomic(operator: &Operator<'_>) -> Option<(Atomic, MemArg)> {
            Some(match *operator {
                $(Operator::$lv { memarg } => (Atomic::Access(AtomicOp::$lv), memarg),)*
                $(Operator::$sv { memarg } => (Atomic::Access(AtomicOp::$sv), memarg),)*
                $(Operator::$rv { memarg } => (Atomic::Access(AtomicOp::$rv), memarg),)*
                Operator::MemoryAtomicNotify { memarg } => (Atomic::Agent(AtomicPlain::MemoryAtomicNotify), memarg),
                Operator::MemoryAtomicWait32 { memarg } => (Atomic::Agent(AtomicPlain::MemoryAtomicWait32), memarg),
                Operator::MemoryAtomicWait64 { memarg } => (Atomic::Agent(AtomicPlain::MemoryAtomicWait64), memarg),
                _ => return None,
            })
        }
    };
}
wrt_instructions::atomic_operators!(atomics);
