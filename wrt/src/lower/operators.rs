//! Which row of the operator table a decoded operator is: `wasmparser` names them as the table does.

use wasmparser::{MemArg, Operator};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
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
                _ => Group::Unknown,
            }
        }
    };
}
wrt_instructions::operators!(grouping);
