//! Enums and traits made from the table.
//!
//! For each group of rows there is an enum (`BinaryOp`, …) for code that holds an operator as data, and for each row
//! a type of the same name in [`rows`] with the group's trait (`Binary`, …) for code that is made once per operator.

// @need-ids: REQ_TABLE_001

use crate::memory_ops;
use crate::numeric::{self, Canonical};
use crate::part::Part;
use crate::slot::Slot;
use crate::trap::Trap;

/// One row as data: what docs, disassembly and pricing read.
#[derive(Clone, Copy, Debug)]
pub struct OperatorInfo {
    /// Opcode; prefixed ones as `0xFC00 + n`, and vector operators as `0xFD000 + n`.
    pub opcode: u32,
    /// Name in the text format.
    pub name: &'static str,
    /// Base price in units of fuel.
    pub price: u8,
    /// Anchor in the execution part of the WebAssembly core specification.
    pub anchor: &'static str,
}

/// A function's result, which either is a value or may be a trap.
pub trait Outcome {
    /// The value.
    type Value: Slot;
    /// Whether the function can trap at all.
    const CAN_TRAP: bool;
    /// As a result.
    fn outcome(self) -> Result<Self::Value, Trap>;
}

impl<T: Slot> Outcome for Result<T, Trap> {
    type Value = T;
    const CAN_TRAP: bool = true;
    #[inline(always)]
    fn outcome(self) -> Self {
        self
    }
}

macro_rules! infallible {
    ($($t:ty)*) => { $(
        impl Outcome for $t {
            type Value = $t;
            const CAN_TRAP: bool = false;
            #[inline(always)]
            fn outcome(self) -> Result<$t, Trap> {
                Ok(self)
            }
        }
    )* };
}
infallible!(u32 u64 f32 f64 bool);

const fn can_trap_2<X, R: Outcome>(_: fn(X, X) -> R) -> bool {
    R::CAN_TRAP
}
const fn can_trap_1<X, R: Outcome>(_: fn(X) -> R) -> bool {
    R::CAN_TRAP
}

/// An operator on two values of one type.
pub trait Binary {
    /// Type of both operands.
    type Operand: Slot;
    /// Type of the result.
    type Result: Slot;
    /// Whether the operands may be exchanged.
    const COMMUTES: bool;
    /// Whether forms with an immediate operand are worth having.
    const IMMEDIATE: bool;
    /// The meaning.
    fn apply(x: Self::Operand, y: Self::Operand) -> Result<Self::Result, Trap>;
}

/// Float arithmetic: a [`Binary`] whose NaNs the caller makes canonical.
pub trait FloatBinary {
    /// Type of operands and result.
    type Float: Slot + Canonical;
    /// Whether the operands may be exchanged.
    const COMMUTES: bool;
    /// The result before its NaN is made canonical.
    fn raw(x: Self::Float, y: Self::Float) -> Self::Float;
}

/// A comparison.
pub trait Compare {
    /// Type of both operands.
    type Operand: Slot;
    /// The meaning.
    fn holds(x: Self::Operand, y: Self::Operand) -> bool;
}

/// An operator on one value.
pub trait Unary {
    /// Type of the operand.
    type Operand: Slot;
    /// Type of the result.
    type Result: Slot;
    /// The meaning.
    fn apply(x: Self::Operand) -> Result<Self::Result, Trap>;
}

/// A float operator on one value, whose NaNs the caller makes canonical.
pub trait FloatUnary {
    /// Type of the operand.
    type Operand: Slot;
    /// Type of the result.
    type Result: Slot + Canonical;
    /// The result before its NaN is made canonical.
    fn raw(x: Self::Operand) -> Self::Result;
}

/// Whether this build has the operators that compute with floats.
pub const FLOATS: bool = Part::Float.is_built();

/// Whether a float is among operand and result.
const fn has_float<T: Slot, R: Slot>() -> bool {
    T::FLOAT || R::FLOAT
}

/// Whether this build has an operator whose operand is of type `T` and whose result is of type `R`.
const fn is_built<T: Slot, R: Slot>() -> bool {
    FLOATS || !has_float::<T, R>()
}

/// A load.
pub trait Load {
    /// How many bytes it reads.
    const BYTES: usize;
    /// The slot it gives for the bytes at `at`, or `None` outside of `memory`.
    fn load(memory: &[u8], at: usize) -> Option<u64>;
}

/// A store.
pub trait Store {
    /// How many bytes it writes.
    const BYTES: usize;
    /// Writes the value in `slot` at `at`; `None`, with nothing written, outside of `memory`.
    fn store(memory: &mut [u8], at: usize, slot: u64) -> Option<()>;
}

/// An operator on `i64`s that gives two: a number of 128 bits in halves, the lower one first (wide-arithmetic proposal).
pub trait Wide {
    /// How many operands it takes: 4 halves, or 2 numbers.
    const OPERANDS: u32;
    /// The meaning; operands beyond its own are not read.
    fn apply(operands: [u64; 4]) -> (u64, u64);
}

macro_rules! wide_apply {
    (4, $f:ident, $operands:ident) => {{
        let [x_low, x_high, y_low, y_high] = $operands;
        numeric::$f(x_low, x_high, y_low, y_high)
    }};
    (2, $f:ident, $operands:ident) => {{
        let [x, y, _, _] = $operands;
        numeric::$f(x, y)
    }};
}

macro_rules! group_enum {
    ($(#[$doc:meta])* $name:ident { $($v:ident $op:literal $n:literal $p:literal $a:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum $name { $($v,)* }
        impl $name {
            /// All rows of the group, in order.
            pub const ALL: &'static [Self] = &[$(Self::$v,)*];
            /// The row with this index in [`ALL`](Self::ALL): no look at memory, as indices are numbers.
            pub const fn from_index(index: usize) -> Option<Self> {
                match index { $(n if n == Self::$v as usize => Some(Self::$v),)* _ => None }
            }
            /// The row as data.
            pub const fn info(self) -> OperatorInfo {
                match self {
                    $(Self::$v => OperatorInfo { opcode: $op, name: $n, price: $p, anchor: $a },)*
                }
            }
            /// The name in the text format.
            pub const fn name(self) -> &'static str {
                self.info().name
            }
        }
    };
}

pub(crate) use group_enum;

macro_rules! commutes {
    (commuting) => {
        true
    };
    ($other:ident) => {
        false
    };
}
macro_rules! immediate {
    (plain) => {
        false
    };
    ($other:ident) => {
        true
    };
}

macro_rules! define {
    (
        binary { $($bv:ident $bo:literal $bn:literal $bk:ident $bf:ident($bx:ty) -> $br:ty, $bp:literal, $ba:literal;)* }
        float_binary { $($fv:ident $fo:literal $fn:literal $fk:ident $ff:ident($fx:ty) -> $fr:ty, $fp:literal, $fa:literal;)* }
        compare { $($cv:ident $co:literal $cn:literal $cf:ident($cx:ty) -> bool, $cp:literal, $ca:literal, not $cnot:ident, swap $cswap:ident;)* }
        fused_compare { $($tv:ident $tn:literal $tf:ident($tx:ty) -> bool, not $tnot:ident, swap $tswap:ident;)* }
        float_compare { $($gv:ident $go:literal $gn:literal $gf:ident($gx:ty) -> bool, $gp:literal, $ga:literal;)* }
        unary { $($uv:ident $uo:literal $un:literal $uf:ident($ux:ty) -> $ur:ty, $up:literal, $ua:literal;)* }
        float_unary { $($wv:ident $wo:literal $wn:literal $wf:ident($wx:ty) -> $wr:ty, $wp:literal, $wa:literal;)* }
        load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes) -> $lt:ty, $lp:literal, $la:literal;)* }
        store { $($sv:ident $so:literal $sn:literal $sf:ident($st:ty) -> $sb:literal bytes, $sp:literal, $sa:literal;)* }
        wide { $($dv:ident $do:literal $dn:literal $df:ident($dc:tt operands), $dp:literal, $da:literal;)* }
        structural { $($xv:ident $xo:literal $xn:literal $xp:literal, $xa:literal;)* }
    ) => {
        group_enum! { /// Binary operators on integers, and float operators that only move bits.
            BinaryOp { $($bv $bo $bn $bp $ba,)* } }
        group_enum! { /// Float arithmetic on two operands.
            FloatBinaryOp { $($fv $fo $fn $fp $fa,)* } }
        group_enum! { /// Integer comparisons, and comparisons of the register IR alone (opcode 0xFFFF).
            CompareOp { $($cv $co $cn $cp $ca,)* $($tv 0xFFFF $tn 0 "",)* } }
        group_enum! { /// Float comparisons.
            FloatCompareOp { $($gv $go $gn $gp $ga,)* } }
        group_enum! { /// Unary operators and conversions.
            UnaryOp { $($uv $uo $un $up $ua,)* } }
        group_enum! { /// Unary float operators and conversions that can give a NaN.
            FloatUnaryOp { $($wv $wo $wn $wp $wa,)* } }
        group_enum! { /// Loads.
            LoadOp { $($lv $lo $ln $lp $la,)* } }
        group_enum! { /// Stores.
            StoreOp { $($sv $so $sn $sp $sa,)* } }
        group_enum! { /// Wide arithmetic: two results.
            WideOp { $($dv $do $dn $dp $da,)* } }
        group_enum! { /// Operators of control, variables, tables, memories and constants.
            StructuralOp { $($xv $xo $xn $xp $xa,)* } }

        /// Every row, for pages and hashes.
        pub const OPERATORS: &[OperatorInfo] = &[
            $(BinaryOp::$bv.info(),)* $(FloatBinaryOp::$fv.info(),)* $(CompareOp::$cv.info(),)* $(FloatCompareOp::$gv.info(),)*
            $(UnaryOp::$uv.info(),)* $(FloatUnaryOp::$wv.info(),)* $(LoadOp::$lv.info(),)* $(StoreOp::$sv.info(),)*
            $(WideOp::$dv.info(),)* $(StructuralOp::$xv.info(),)*
        ];

        /// A type for each row, so that generic code is compiled once per operator.
        #[allow(missing_docs)]
        pub mod rows {
            $(#[derive(Debug)] pub struct $bv;)* $(#[derive(Debug)] pub struct $fv;)* $(#[derive(Debug)] pub struct $cv;)*
            $(#[derive(Debug)] pub struct $tv;)* $(#[derive(Debug)] pub struct $gv;)* $(#[derive(Debug)] pub struct $uv;)*
            $(#[derive(Debug)] pub struct $wv;)* $(#[derive(Debug)] pub struct $lv;)* $(#[derive(Debug)] pub struct $sv;)*
            $(#[derive(Debug)] pub struct $dv;)*
        }

        $(impl Binary for rows::$bv {
            type Operand = $bx;
            type Result = $br;
            const COMMUTES: bool = commutes!($bk);
            const IMMEDIATE: bool = immediate!($bk);
            #[inline(always)]
            fn apply(x: $bx, y: $bx) -> Result<$br, Trap> {
                Outcome::outcome(numeric::$bf(x, y))
            }
        })*
        $(impl FloatBinary for rows::$fv {
            type Float = $fx;
            const COMMUTES: bool = commutes!($fk);
            #[inline(always)]
            fn raw(x: $fx, y: $fx) -> $fr {
                numeric::$ff(x, y)
            }
        })*
        $(impl Compare for rows::$cv {
            type Operand = $cx;
            #[inline(always)]
            fn holds(x: $cx, y: $cx) -> bool {
                numeric::$cf(x, y)
            }
        })*
        $(impl Compare for rows::$tv {
            type Operand = $tx;
            #[inline(always)]
            fn holds(x: $tx, y: $tx) -> bool {
                numeric::$tf(x, y)
            }
        })*
        $(impl Compare for rows::$gv {
            type Operand = $gx;
            #[inline(always)]
            fn holds(x: $gx, y: $gx) -> bool {
                numeric::$gf(x, y)
            }
        })*
        $(impl Unary for rows::$uv {
            type Operand = $ux;
            type Result = $ur;
            #[inline(always)]
            fn apply(x: $ux) -> Result<$ur, Trap> {
                Outcome::outcome(numeric::$uf(x))
            }
        })*
        $(impl FloatUnary for rows::$wv {
            type Operand = $wx;
            type Result = $wr;
            #[inline(always)]
            fn raw(x: $wx) -> $wr {
                numeric::$wf(x)
            }
        })*
        $(impl Load for rows::$lv {
            const BYTES: usize = $lb;
            #[inline(always)]
            fn load(memory: &[u8], at: usize) -> Option<u64> {
                memory_ops::read::<$lb>(memory, at).map(|bytes| memory_ops::$lf(bytes).to_slot())
            }
        })*
        $(impl Store for rows::$sv {
            const BYTES: usize = $sb;
            #[inline(always)]
            fn store(memory: &mut [u8], at: usize, slot: u64) -> Option<()> {
                memory_ops::write::<$sb>(memory, at, memory_ops::$sf(<$st>::from_slot(slot)))
            }
        })*

        $(impl Wide for rows::$dv {
            const OPERANDS: u32 = $dc;
            #[inline(always)]
            fn apply(operands: [u64; 4]) -> (u64, u64) {
                wide_apply!($dc, $df, operands)
            }
        })*

        impl BinaryOp {
            /// The result slot for two operand slots: the meaning, for folding, references and tests.
            pub fn evaluate(self, x: u64, y: u64) -> Result<u64, Trap> {
                match self { $(
                    Self::$bv if is_built::<$bx, <rows::$bv as Binary>::Result>() => {
                        <rows::$bv as Binary>::apply(Slot::from_slot(x), Slot::from_slot(y)).map(Slot::to_slot)
                    }
                    )*
                    // No such row exists in this build.
                    #[allow(unreachable_patterns, reason = "where all are built")]
                    _ => Err(Trap::CorruptCode),
                }
            }
            /// Whether floats take part in more than bits.
            pub const fn computes_with_floats(self) -> bool {
                match self { $(Self::$bv => has_float::<$bx, <rows::$bv as Binary>::Result>(),)* }
            }
            /// Whether this build has it.
            pub const fn is_built(self) -> bool {
                FLOATS || !self.computes_with_floats()
            }
            /// Whether it can trap.
            pub const fn can_trap(self) -> bool {
                match self { $(Self::$bv => can_trap_2::<$bx, _>(numeric::$bf),)* }
            }
            /// Whether the operands may be exchanged.
            pub const fn commutes(self) -> bool {
                match self { $(Self::$bv => <rows::$bv as Binary>::COMMUTES,)* }
            }
            /// Whether it has forms with an immediate operand.
            pub const fn has_immediate(self) -> bool {
                match self { $(Self::$bv => <rows::$bv as Binary>::IMMEDIATE,)* }
            }
            /// The 32-bit immediate that stands for the operand in `slot`, where there are immediate forms and one fits.
            pub fn immediate(self, slot: u64) -> Option<u32> {
                match self { $(Self::$bv => if <rows::$bv as Binary>::IMMEDIATE { <$bx>::immediate(slot) } else { None },)* }
            }
        }
        impl FloatBinaryOp {
            /// The result slot for two operand slots, NaNs canonical.
            pub fn evaluate(self, x: u64, y: u64) -> u64 {
                // No such row exists in other builds.
                if !FLOATS {
                    return 0;
                }
                match self {
                    $(Self::$fv => <rows::$fv as FloatBinary>::raw(Slot::from_slot(x), Slot::from_slot(y)).canonical().to_slot(),)*
                }
            }
            /// Whether the operands may be exchanged.
            pub const fn commutes(self) -> bool {
                match self { $(Self::$fv => <rows::$fv as FloatBinary>::COMMUTES,)* }
            }
            /// The 32-bit immediate that stands for the operand in `slot`.
            pub fn immediate(self, slot: u64) -> Option<u32> {
                match self { $(Self::$fv => <$fx>::immediate(slot),)* }
            }
        }
        impl CompareOp {
            /// Whether the comparison holds between two operand slots.
            pub fn evaluate(self, x: u64, y: u64) -> bool {
                match self {
                    $(Self::$cv => <rows::$cv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)),)*
                    $(Self::$tv => <rows::$tv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)),)*
                }
            }
            /// Whether it compares 32-bit integers.
            pub const fn is_i32(self) -> bool {
                match self { $(Self::$cv => size_of::<$cx>() == 4,)* $(Self::$tv => size_of::<$tx>() == 4,)* }
            }
            /// The comparison that holds exactly when this one does not.
            pub const fn negated(self) -> Self {
                match self { $(Self::$cv => Self::$cnot,)* $(Self::$tv => Self::$tnot,)* }
            }
            /// The comparison that means the same with its operands exchanged.
            pub const fn swapped(self) -> Self {
                match self { $(Self::$cv => Self::$cswap,)* $(Self::$tv => Self::$tswap,)* }
            }
            /// The 32-bit immediate that stands for the operand in `slot`.
            pub fn immediate(self, slot: u64) -> Option<u32> {
                match self { $(Self::$cv => <$cx>::immediate(slot),)* $(Self::$tv => <$tx>::immediate(slot),)* }
            }
        }
        impl FloatCompareOp {
            /// Whether the comparison holds between two operand slots.
            pub fn evaluate(self, x: u64, y: u64) -> bool {
                // No such row exists in other builds.
                if !FLOATS {
                    return false;
                }
                match self {
                    $(Self::$gv => <rows::$gv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)),)*
                }
            }
            /// The 32-bit immediate that stands for the operand in `slot`.
            pub fn immediate(self, slot: u64) -> Option<u32> {
                match self { $(Self::$gv => <$gx>::immediate(slot),)* }
            }
        }
        impl UnaryOp {
            /// The result slot for an operand slot.
            pub fn evaluate(self, x: u64) -> Result<u64, Trap> {
                match self { $(
                    Self::$uv if is_built::<$ux, <rows::$uv as Unary>::Result>() => {
                        <rows::$uv as Unary>::apply(Slot::from_slot(x)).map(Slot::to_slot)
                    }
                    )*
                    // No such row exists in this build.
                    #[allow(unreachable_patterns, reason = "where all are built")]
                    _ => Err(Trap::CorruptCode),
                }
            }
            /// Whether floats take part in more than bits.
            pub const fn computes_with_floats(self) -> bool {
                match self { $(Self::$uv => has_float::<$ux, <rows::$uv as Unary>::Result>(),)* }
            }
            /// Whether this build has it.
            pub const fn is_built(self) -> bool {
                FLOATS || !self.computes_with_floats()
            }
            /// Whether its operand, and whether its result, travels in the float accumulator.
            pub const fn floats(self) -> (bool, bool) {
                match self { $(Self::$uv => (<$ux as Slot>::FLOAT, <$ur as Slot>::FLOAT),)* }
            }
            /// Whether it can trap.
            pub const fn can_trap(self) -> bool {
                match self { $(Self::$uv => can_trap_1::<$ux, _>(numeric::$uf),)* }
            }
        }
        impl FloatUnaryOp {
            /// The result slot for an operand slot, NaNs canonical.
            pub fn evaluate(self, x: u64) -> u64 {
                // No such row exists in other builds.
                if !FLOATS {
                    return 0;
                }
                match self {
                    $(Self::$wv => <rows::$wv as FloatUnary>::raw(Slot::from_slot(x)).canonical().to_slot(),)*
                }
            }
        }
        impl WideOp {
            /// The two result slots, lower half first.
            pub fn evaluate(self, operands: [u64; 4]) -> (u64, u64) {
                match self { $(Self::$dv => <rows::$dv as Wide>::apply(operands),)* }
            }
            /// How many operands it takes.
            pub const fn operands(self) -> u32 {
                match self { $(Self::$dv => <rows::$dv as Wide>::OPERANDS,)* }
            }
        }
        impl LoadOp {
            /// The slot for the bytes at `at`, or `None` outside of `memory`.
            pub fn load(self, memory: &[u8], at: usize) -> Option<u64> {
                match self { $(Self::$lv => <rows::$lv as Load>::load(memory, at),)* }
            }
            /// How many bytes it reads.
            pub const fn bytes(self) -> usize {
                match self { $(Self::$lv => $lb,)* }
            }
            /// How many bytes of the slot are what it read or its sign: as many as it makes ones of nothing but ones.
            pub(crate) const fn reach(self) -> usize {
                match self { $(Self::$lv => const { (memory_ops::$lf([u8::MAX; $lb]).count_ones() / 8) as usize },)* }
            }
        }
        impl StoreOp {
            /// Writes the value in `slot` at `at`; `None`, with nothing written, outside of `memory`.
            pub fn store(self, memory: &mut [u8], at: usize, slot: u64) -> Option<()> {
                match self { $(Self::$sv => <rows::$sv as Store>::store(memory, at, slot),)* }
            }
            /// How many bytes it writes.
            pub const fn bytes(self) -> usize {
                match self { $(Self::$sv => $sb,)* }
            }
        }
    };
}

crate::operators!(define);
