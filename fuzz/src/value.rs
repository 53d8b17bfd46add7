//! Values and outcomes that two runtimes can be compared by.

use crate::random::Random;
use wrt::{FuncType, HeapType, Val, ValType};

/// A value of a guest. Of references it is known whether they are null, and of those to the host's things, which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A vector.
    V128(u128),
    /// A reference to a function, or null.
    Func(bool),
    /// A reference to something of the host, or null.
    Extern(Option<u32>),
    /// Null of any other reference type.
    Null(HeapType),
}

const INTEGERS: [u64; 12] = [
    0,
    1,
    2,
    0xFF,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    u64::MAX,
];
const FLOATS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MIN_POSITIVE,
    2_147_483_648.0,
    -2_147_483_649.0,
    9_223_372_036_854_775_808.0,
    18_446_744_073_709_551_616.0,
    1e-310,
];

impl Value {
    /// Any value of a type: an edge, or anything. None of a type whose values only a guest can make.
    pub fn any(ty: ValType, random: &mut Random) -> Option<Self> {
        let bits = random.number();
        let edge = !bits.is_multiple_of(4);
        let integer = if edge { INTEGERS[random.below(INTEGERS.len())] } else { random.number() };
        let float = FLOATS[random.below(FLOATS.len())];
        Some(match ty {
            ValType::I32 => Self::I32(integer as i32),
            ValType::I64 => Self::I64(integer as i64),
            ValType::F32 if edge => Self::F32((float as f32).to_bits()),
            ValType::F32 => Self::F32(integer as u32),
            ValType::F64 if edge => Self::F64(float.to_bits()),
            ValType::F64 => Self::F64(integer),
            ValType::V128 => Self::V128(u128::from(integer) << 64 | u128::from(bits)),
            ValType::Ref(ty) => match ty.heap_type() {
                HeapType::Extern if edge || !ty.is_nullable() => Self::Extern(Some(integer as u32)),
                _ if !ty.is_nullable() => return None,
                heap => match heap.top() {
                    HeapType::Func => Self::Func(false),
                    HeapType::Extern => Self::Extern(None),
                    top => Self::Null(top),
                },
            },
        })
    }

    /// Any arguments of a function.
    pub fn list(ty: &FuncType, random: &mut Random) -> Option<Vec<Self>> {
        ty.params().iter().map(|ty| Self::any(*ty, random)).collect()
    }

    /// Arguments for real functions: edges of their types, or small numbers, which are lengths and addresses more often.
    pub fn arguments(types: &[ValType], random: &mut Random) -> Option<Vec<Self>> {
        let any = |ty: &ValType| {
            let most = [4, 64, 5_000][random.below(3)];
            let small = random.below(most);
            match ty {
                ValType::I32 if random.below(2) == 0 => Some(Self::I32(small as i32)),
                ValType::I64 if random.below(2) == 0 => Some(Self::I64(small as i64)),
                ty => Self::any(*ty, random),
            }
        };
        types.iter().map(any).collect()
    }

    fn digest(self) -> u64 {
        match self {
            Self::I32(value) => u64::from(value as u32),
            Self::I64(value) => value as u64,
            Self::F32(bits) => u64::from(bits),
            Self::F64(bits) => bits,
            Self::V128(bits) => bits as u64 ^ (bits >> 64) as u64,
            Self::Func(is) => u64::from(is),
            Self::Extern(of) => u64::from(of.is_some()),
            Self::Null(_) => 0,
        }
    }
}

/// A number for an import, by its names: runtimes need not list imports in the same order.
pub fn number(module: &str, name: &str) -> u64 {
    let bytes = module.bytes().chain(name.bytes());
    bytes.fold(module.len() as u64, |number, byte| Random(number ^ u64::from(byte)).number())
}

/// What the import with this number answers: the same to the same arguments. Sometimes it fails, and where it can have no value
/// of some type.
pub fn answer(number: u64, args: &[Value], types: &[ValType]) -> Option<Vec<Value>> {
    let mut random = Random(number);
    for arg in args {
        random.0 ^= arg.digest();
        random.number();
    }
    // Things of the host are made with a store at hand, which is not here.
    let any = |ty: &ValType| match Value::any(*ty, &mut random)? {
        Value::Extern(_) => Val::default_for(*ty).map(|_| Value::Extern(None)),
        value => Some(value),
    };
    let values: Option<Vec<Value>> = types.iter().map(any).collect();
    values.filter(|_| !random.number().is_multiple_of(32))
}

/// Why a guest was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `unreachable`.
    Unreachable,
    /// Outside of a memory.
    Memory,
    /// Outside of a table.
    Table,
    /// An indirect call through null.
    Null,
    /// An indirect call of another type.
    Signature,
    /// A division by zero.
    Zero,
    /// An integer that does not fit.
    Overflow,
    /// A NaN that was to be an integer.
    Conversion,
    /// An exception that nothing caught.
    Exception,
    /// The host failed.
    Host,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With these results.
    Values(Vec<Value>),
    /// With a trap.
    Fault(Fault),
    /// By a bound that runtimes need not share: nothing can be compared.
    Bound(&'static str),
}
