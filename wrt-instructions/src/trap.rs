//! Traps: the ways a guest's execution ends abnormally, with codes that never change.

use core::fmt;

/// Why a guest was stopped ([WebAssembly core 4.2.1](https://webassembly.github.io/spec/core/exec/runtime.html), "trap").
///
/// The numeric value is the stable code shown to users and kept in snapshots.
// @need-ids: REQ_TRAP_001, REQ_ERROR_003
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Trap {
    /// The `unreachable` operator was executed.
    Unreachable = 1,
    /// A load, store or bulk operator left the bounds of its memory.
    MemoryOutOfBounds = 2,
    /// A table operator left the bounds of its table or segment.
    TableOutOfBounds = 3,
    /// An indirect call through a null table entry.
    IndirectCallToNull = 4,
    /// An indirect call to a function of another type.
    IndirectCallTypeMismatch = 5,
    /// An integer division or remainder by zero.
    IntegerDivideByZero = 6,
    /// A quotient, or a truncated float, that the result type cannot hold.
    IntegerOverflow = 7,
    /// The truncation of a NaN to an integer.
    InvalidConversionToInteger = 8,
    /// Frames or slots beyond their limit.
    CallStackExhausted = 9,
    /// A null reference where a value was needed.
    NullReference = 10,
    /// A host function reported an error.
    HostFunctionFailed = 11,
    /// An indirect call through an index past the end of its table.
    UndefinedElement = 12,
    /// An image held instructions that no lowering writes.
    CorruptCode = 13,
    /// A call nested inside a host function ran out of fuel, where it cannot pause.
    FuelExhausted = 14,
    /// A call through a null reference to a function.
    NullFunctionReference = 15,
    /// An exception that no `try_table` catches, up to the call from the host.
    UncaughtException = 16,
    /// A reference to something that is not of the type that a cast asks for.
    CastFailure = 17,
    /// An operator on an array left its bounds.
    ArrayOutOfBounds = 18,
    /// A null reference in place of one to a structure.
    NullStructReference = 19,
    /// A null reference in place of one to an array.
    NullArrayReference = 20,
    /// A null reference in place of an `i31`.
    NullI31Reference = 21,
    /// A null reference in place of one to an exception.
    NullExceptionReference = 22,
    /// No room in the heap for an object or exception, after a collection.
    HeapExhausted = 23,
    /// An atomic access at an address that is no multiple of its size.
    UnalignedAtomic = 24,
    /// A wait on a memory that is not shared.
    ExpectedSharedMemory = 25,
    /// A wait that nobody can end: every agent waits, and none of them for a time only.
    Deadlock = 26,
}

impl Trap {
    /// Every trap, in order of its code.
    pub const ALL: [Self; 26] = [
        Self::Unreachable,
        Self::MemoryOutOfBounds,
        Self::TableOutOfBounds,
        Self::IndirectCallToNull,
        Self::IndirectCallTypeMismatch,
        Self::IntegerDivideByZero,
        Self::IntegerOverflow,
        Self::InvalidConversionToInteger,
        Self::CallStackExhausted,
        Self::NullReference,
        Self::HostFunctionFailed,
        Self::UndefinedElement,
        Self::CorruptCode,
        Self::FuelExhausted,
        Self::NullFunctionReference,
        Self::UncaughtException,
        Self::CastFailure,
        Self::ArrayOutOfBounds,
        Self::NullStructReference,
        Self::NullArrayReference,
        Self::NullI31Reference,
        Self::NullExceptionReference,
        Self::HeapExhausted,
        Self::UnalignedAtomic,
        Self::ExpectedSharedMemory,
        Self::Deadlock,
    ];

    /// The stable code, 1 to 255.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The trap with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|trap| trap.code() == code)
    }

    /// The specification suite's wording, which other engines use too.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "out of bounds table access",
            Self::IndirectCallToNull => "uninitialized element",
            Self::IndirectCallTypeMismatch => "indirect call type mismatch",
            Self::IntegerDivideByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::InvalidConversionToInteger => "invalid conversion to integer",
            Self::CallStackExhausted => "call stack exhausted",
            Self::NullReference => "null reference",
            Self::HostFunctionFailed => "host function failed",
            Self::UndefinedElement => "undefined element",
            Self::CorruptCode => "corrupt code",
            Self::FuelExhausted => "all fuel consumed in a nested call",
            Self::NullFunctionReference => "null function reference",
            Self::UncaughtException => "uncaught exception",
            Self::CastFailure => "cast failure",
            Self::ArrayOutOfBounds => "out of bounds array access",
            Self::NullStructReference => "null structure reference",
            Self::NullArrayReference => "null array reference",
            Self::NullI31Reference => "null i31 reference",
            Self::NullExceptionReference => "null exception reference",
            Self::HeapExhausted => "heap exhausted",
            Self::UnalignedAtomic => "unaligned atomic",
            Self::ExpectedSharedMemory => "expected shared memory",
            Self::Deadlock => "all agents wait",
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Trap {}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_TRAP_001
    #[test]
    fn codes_are_dense_stable_and_reversible() {
        for (index, trap) in Trap::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(trap.code()), index + 1);
            assert_eq!(Trap::from_code(trap.code()), Some(trap));
        }
        assert_eq!(Trap::from_code(0), None);
        assert_eq!(Trap::from_code(27), None);
    }

    // @need-ids: REQ_TRAP_001
    #[test]
    fn each_trap_has_words_of_its_own() {
        for trap in Trap::ALL {
            assert_eq!(std::format!("{trap}"), trap.message());
            assert!(trap.message().len() > 5, "{trap:?}");
            let same = Trap::ALL.into_iter().filter(|other| other.message() == trap.message());
            assert_eq!(same.count(), 1, "{trap:?}");
        }
    }
}
