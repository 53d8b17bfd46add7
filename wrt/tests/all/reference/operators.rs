//! Operators on values alone.

use wasmparser::{MemArg, Operator};
use wrt_instructions::Trap;
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};

fn pop(stack: &mut Vec<u64>) -> u64 {
    stack.pop().expect("validated")
}

/// Runs constants, `drop`, `select` and the operators on references; whether it was one of them.
pub(crate) fn constant(operator: &Operator<'_>, stack: &mut Vec<u64>) -> bool {
    match operator {
        Operator::I32Const { value } => stack.push(u64::from(*value as u32)),
        Operator::I64Const { value } => stack.push(*value as u64),
        Operator::F32Const { value } => stack.push(u64::from(value.bits())),
        Operator::F64Const { value } => stack.push(value.bits()),
        Operator::RefNull { .. } => stack.push(0),
        Operator::RefFunc { function_index } => stack.push(super::machine::reference(*function_index)),
        Operator::RefIsNull => {
            let value = pop(stack);
            stack.push(u64::from(value == 0));
        }
        // Of 31 bits; the highest one says that it is a number.
        Operator::RefI31 => {
            let value = pop(stack);
            stack.push(value & 0x7FFF_FFFF | 1 << 31);
        }
        Operator::RefEq => {
            let (second, first) = (pop(stack), pop(stack));
            stack.push(u64::from(first == second));
        }
        Operator::Drop => {
            pop(stack);
        }
        Operator::Select | Operator::TypedSelect { .. } => {
            let (condition, second, first) = (pop(stack), pop(stack), pop(stack));
            stack.push(if condition as u32 != 0 { first } else { second });
        }
        _ => return false,
    }
    true
}

/// The canonical NaN in place of any other, decided on the bits: compilers know no difference between NaNs, and LLVM 22
/// takes `if sqrt(x) is NaN { NAN } else { sqrt(x) }` for `sqrt(x)`, whose NaN is a negative one on x86.
fn canonical(slot: u64, bytes: usize) -> u64 {
    let (exponent, nan) = if bytes == 4 { (0x7F80_0000, 0x7FC0_0000) } else { (0x7FF0 << 48, 0x7FF8 << 48) };
    let magnitude = slot & !(1 << (bytes * 8 - 1));
    if magnitude > exponent { nan } else { slot }
}

/// A load or a store.
pub(crate) enum Access {
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
}

macro_rules! tables {
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
        structural { $($structural:tt)* }
    ) => {
        /// Runs a numeric operator; `None` if it is none.
        pub(crate) fn numeric(operator: &Operator<'_>, stack: &mut Vec<u64>) -> Option<Result<(), Trap>> {
            let value = match operator {
                $(Operator::$bv => {
                    let (y, x) = (pop(stack), pop(stack));
                    BinaryOp::$bv.evaluate(x, y)
                })*
                $(Operator::$fv => {
                    let (y, x) = (pop(stack), pop(stack));
                    Ok(canonical(FloatBinaryOp::$fv.evaluate(x, y), size_of::<$fr>()))
                })*
                $(Operator::$cv => {
                    let (y, x) = (pop(stack), pop(stack));
                    Ok(u64::from(CompareOp::$cv.evaluate(x, y)))
                })*
                $(Operator::$gv => {
                    let (y, x) = (pop(stack), pop(stack));
                    Ok(u64::from(FloatCompareOp::$gv.evaluate(x, y)))
                })*
                $(Operator::$uv => UnaryOp::$uv.evaluate(pop(stack)),)*
                $(Operator::$dv => {
                    let count = WideOp::$dv.operands() as usize;
                    let mut operands = [0; 4];
                    operands.iter_mut().take(count).rev().for_each(|operand| *operand = pop(stack));
                    let (low, high) = WideOp::$dv.evaluate(operands);
                    stack.push(low);
                    Ok(high)
                })*
                $(Operator::$wv => Ok(canonical(FloatUnaryOp::$wv.evaluate(pop(stack)), size_of::<$wr>())),)*
                _ => return None,
            };
            Some(value.map(|value| stack.push(value)))
        }

        /// The load or store that an operator is.
        pub(crate) fn access(operator: &Operator<'_>) -> Option<Access> {
            match operator {
                $(Operator::$lv { memarg } => Some(Access::Load(LoadOp::$lv, *memarg)),)*
                $(Operator::$sv { memarg } => Some(Access::Store(StoreOp::$sv, *memarg)),)*
                _ => None,
            }
        }
    };
}
wrt_instructions::operators!(tables);
