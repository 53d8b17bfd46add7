//! Arguments of calls, and what results are compared with.

use crate::literal;
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};
use wast::{WastArg, WastRet};
use wrt::{AnyRef, ExternRef, Store, Val, ValType};

/// An argument as a value.
pub(super) fn argument(store: &mut Store<()>, arg: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(arg) = arg else {
        return Err("components are not supported".into());
    };
    Ok(match arg {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(value.bits),
        WastArgCore::F64(value) => Val::F64(value.bits),
        WastArgCore::RefExtern(number) => {
            let reference = ExternRef::new(&mut *store, *number).map_err(|error| error.to_string())?;
            Val::ExternRef(Some(reference))
        }
        WastArgCore::RefNull(heap) => null(*heap),
        WastArgCore::V128(value) => Val::V128(u128::from_le_bytes(value.to_le_bytes())),
        WastArgCore::RefHost(number) => {
            let reference = ExternRef::new(&mut *store, *number).map_err(|error| error.to_string())?;
            Val::AnyRef(Some(reference.to_any()))
        }
    })
}

/// The null of a heap type. Types that a module defines are functions here.
fn null(heap: HeapType<'_>) -> Val {
    use AbstractHeapType as Heap;
    Val::null(match heap {
        HeapType::Abstract { ty: Heap::Extern | Heap::NoExtern, .. } => wrt::HeapType::Extern,
        HeapType::Abstract { ty: Heap::Exn | Heap::NoExn, .. } => wrt::HeapType::Exn,
        HeapType::Abstract { ty: Heap::Func | Heap::NoFunc, .. } | HeapType::Concrete(_) | HeapType::Exact(_) => {
            wrt::HeapType::Func
        }
        HeapType::Abstract { .. } => wrt::HeapType::Any,
    })
}

/// What stands in the place of a result before the call.
pub(super) fn zero(ty: ValType) -> Result<Val, String> {
    match ty {
        ValType::Ref(ty) => Ok(Val::null(ty.heap_type())),
        _ => Val::default_for(ty).ok_or_else(|| format!("results of type {ty} are not supported")),
    }
}

/// Whether all results are as expected, in number, type and value.
pub(super) fn compare(store: &Store<()>, found: &[Val], expected: &[WastRet<'_>]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("expected {} results, got [{}]", expected.len(), list(found)));
    }
    for (index, (value, expected)) in found.iter().zip(expected).enumerate() {
        let WastRet::Core(expected) = expected else {
            return Err("components are not supported".into());
        };
        if !matches(store, value, expected)? {
            let place = if found.len() == 1 { String::new() } else { format!("result {}: ", index + 1) };
            return Err(format!("{place}expected {}, got {}", describe(expected), typed(value)));
        }
    }
    Ok(())
}

fn matches(store: &Store<()>, value: &Val, expected: &WastRetCore<'_>) -> Result<bool, String> {
    Ok(match (expected, value) {
        (WastRetCore::I32(expected), Val::I32(value)) => value == expected,
        (WastRetCore::I64(expected), Val::I64(value)) => value == expected,
        (WastRetCore::F32(pattern), Val::F32(bits)) => matches_f32(*pattern, *bits),
        (WastRetCore::F64(pattern), Val::F64(bits)) => matches_f64(pattern, *bits),
        (WastRetCore::RefNull(None), value) => value.is_null(),
        (WastRetCore::RefNull(Some(HeapType::Concrete(_) | HeapType::Exact(_))), value) => value.is_null(),
        (WastRetCore::RefNull(Some(heap)), value) => *value == null(*heap),
        (WastRetCore::RefFunc(None), Val::FuncRef(Some(_))) => true,
        (WastRetCore::RefExtern(None), Val::ExternRef(Some(_))) => true,
        (WastRetCore::RefExtern(Some(expected)), Val::ExternRef(Some(reference))) => {
            reference.downcast::<u32>(store).is_some_and(|number| *number == *expected)
        }
        (WastRetCore::RefHost(expected), Val::AnyRef(Some(reference))) => {
            reference.to_extern().downcast::<u32>(store).is_some_and(|number| *number == *expected)
        }
        (WastRetCore::RefAny, Val::AnyRef(Some(_))) => true,
        (WastRetCore::RefEq, Val::AnyRef(Some(reference))) => heap_type(store, *reference)? != wrt::HeapType::Any,
        (WastRetCore::RefI31, Val::AnyRef(Some(reference))) => heap_type(store, *reference)? == wrt::HeapType::I31,
        (WastRetCore::RefStruct, Val::AnyRef(Some(reference))) => {
            matches!(heap_type(store, *reference)?, wrt::HeapType::ConcreteStruct(_))
        }
        (WastRetCore::RefArray, Val::AnyRef(Some(reference))) => {
            matches!(heap_type(store, *reference)?, wrt::HeapType::ConcreteArray(_))
        }
        (WastRetCore::Either(cases), value) => {
            // A case of an unsupported kind is no match; one of the others may be.
            cases.iter().any(|case| matches(store, value, case).unwrap_or(false))
        }
        (WastRetCore::V128(pattern), Val::V128(value)) => lanes_match(pattern, *value),
        (WastRetCore::RefFunc(Some(_)), Val::FuncRef(Some(_))) => {
            return Err("functions cannot be compared by index".into());
        }
        (WastRetCore::RefI31Shared, _) => return Err("shared references are not supported".into()),
        _ => false,
    })
}

fn heap_type(store: &Store<()>, reference: AnyRef) -> Result<wrt::HeapType, String> {
    reference.ty(store).map_err(|error| error.to_string())
}

fn matches_f32(pattern: NanPattern<F32>, bits: u32) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7FFF_FFFF == 0x7FC0_0000,
        NanPattern::ArithmeticNan => bits & 0x7FC0_0000 == 0x7FC0_0000,
        NanPattern::Value(expected) => bits == expected.bits,
    }
}

fn matches_f64(pattern: &NanPattern<F64>, bits: u64) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & (u64::MAX >> 1) == 0x7FF8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7FF8_0000_0000_0000 == 0x7FF8_0000_0000_0000,
        NanPattern::Value(expected) => bits == expected.bits,
    }
}

/// Whether every lane is as expected, from the lowest on.
fn lanes_match(pattern: &V128Pattern, value: u128) -> bool {
    let lane = |bits: u32, at: usize| value >> (bits as usize * at);
    match pattern {
        V128Pattern::I8x16(lanes) => (0..).zip(lanes).all(|(at, expected)| lane(8, at) as i8 == *expected),
        V128Pattern::I16x8(lanes) => (0..).zip(lanes).all(|(at, expected)| lane(16, at) as i16 == *expected),
        V128Pattern::I32x4(lanes) => (0..).zip(lanes).all(|(at, expected)| lane(32, at) as i32 == *expected),
        V128Pattern::I64x2(lanes) => (0..).zip(lanes).all(|(at, expected)| lane(64, at) as i64 == *expected),
        V128Pattern::F32x4(lanes) => (0..).zip(lanes).all(|(at, lane_of)| matches_f32(*lane_of, lane(32, at) as u32)),
        V128Pattern::F64x2(lanes) => (0..).zip(lanes).all(|(at, lane_of)| matches_f64(lane_of, lane(64, at) as u64)),
    }
}

/// Values in words: `i32 5, f32 0.1 (0x3dcccccd)`.
pub(super) fn list(values: &[Val]) -> String {
    values.iter().map(typed).collect::<Vec<_>>().join(", ")
}

fn typed(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32 {value}"),
        Val::I64(value) => format!("i64 {value}"),
        Val::F32(bits) => float32(*bits),
        Val::F64(bits) => float64(*bits),
        Val::V128(value) => format!("v128 {value:#034x}"),
        other => literal::show(other),
    }
}

fn float32(bits: u32) -> String {
    format!("f32 {} ({bits:#010x})", literal::show_f32(bits))
}

fn float64(bits: u64) -> String {
    format!("f64 {} ({bits:#018x})", literal::show_f64(bits))
}

fn describe(expected: &WastRetCore<'_>) -> String {
    match expected {
        WastRetCore::I32(value) => format!("i32 {value}"),
        WastRetCore::I64(value) => format!("i64 {value}"),
        WastRetCore::F32(NanPattern::Value(value)) => float32(value.bits),
        WastRetCore::F64(NanPattern::Value(value)) => float64(value.bits),
        WastRetCore::F32(NanPattern::CanonicalNan) => "f32 nan:canonical".into(),
        WastRetCore::F64(NanPattern::CanonicalNan) => "f64 nan:canonical".into(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "f32 nan:arithmetic".into(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "f64 nan:arithmetic".into(),
        WastRetCore::RefNull(_) => "ref.null".into(),
        WastRetCore::RefFunc(_) => "ref.func".into(),
        WastRetCore::RefExtern(Some(number)) => format!("ref.extern {number}"),
        WastRetCore::RefExtern(None) => "ref.extern".into(),
        WastRetCore::Either(cases) => {
            format!("one of: {}", cases.iter().map(describe).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}
