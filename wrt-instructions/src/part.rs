//! Parts of the language that a build may leave out, for devices whose guests do without.

/// A part of the language: the Cargo feature of that name brings it.
///
/// What a build leaves out takes no flash, and an image that needs it is refused when it is loaded.
// @need-ids: REQ_PARTS_001
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Operators that compute with floats. What only moves a float's bits is always there.
    Float,
    /// Vectors.
    Simd,
    /// Data segments that the guest copies itself: `memory.init`, `data.drop`, passive segments.
    Bulk,
    /// References as values: table operators, further tables, function references, recursion groups and subtypes.
    References,
    /// Structures, arrays and exceptions as values, and their collection. It needs [`References`](Self::References).
    Gc,
    /// Tags, `throw` and `try_table`.
    Exceptions,
    /// Memories beyond the first, and 64-bit addresses of memories and tables.
    Memories,
    /// `return_call` and its like.
    TailCalls,
    /// `i64.add128` and its like.
    WideArithmetic,
    /// Functions whose frames have more slots than the window.
    WideFrames,
    /// Atomic operators, and agents that wait for each other.
    Threads,
    /// Instances that import from each other: without it, a store has one instance, which imports functions of the host.
    Linking,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 12] = [
        Self::Float,
        Self::Simd,
        Self::Bulk,
        Self::References,
        Self::Gc,
        Self::Exceptions,
        Self::Memories,
        Self::TailCalls,
        Self::WideArithmetic,
        Self::WideFrames,
        Self::Threads,
        Self::Linking,
    ];

    /// Whether this build has it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Float => cfg!(feature = "float"),
            Self::Simd => cfg!(feature = "simd"),
            Self::Bulk => cfg!(feature = "bulk"),
            Self::References => cfg!(feature = "references"),
            Self::Gc => cfg!(feature = "gc"),
            Self::Exceptions => cfg!(feature = "exceptions"),
            Self::Memories => cfg!(feature = "memories"),
            Self::TailCalls => cfg!(feature = "tail-calls"),
            Self::WideArithmetic => cfg!(feature = "wide-arithmetic"),
            Self::WideFrames => cfg!(feature = "wide-frames"),
            Self::Threads => cfg!(feature = "threads"),
            Self::Linking => cfg!(feature = "linking"),
        }
    }

    /// The feature's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Simd => "simd",
            Self::Bulk => "bulk",
            Self::References => "references",
            Self::Gc => "gc",
            Self::Exceptions => "exceptions",
            Self::Memories => "memories",
            Self::TailCalls => "tail-calls",
            Self::WideArithmetic => "wide-arithmetic",
            Self::WideFrames => "wide-frames",
            Self::Threads => "threads",
            Self::Linking => "linking",
        }
    }
}
