//! Parts of the language that a build may leave out, for devices whose guests do without.

/// A part of the language: the Cargo feature of that name brings it.
///
/// What a build leaves out takes no flash, and an image that needs it is refused when it is loaded.
// @need-ids: REQ_PARTS_001
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// Images with more than 65,535 records of a kind, or branch tables of more than 16,384 entries.
    Large,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 13] = [
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
        Self::Large,
    ];

    /// Its bit in a set of parts.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The first part of a set that this build leaves out: one that it does not know is `Err`.
    ///
    /// # Errors
    /// The bits of a set that stand for nothing.
    pub fn left_out(set: u32) -> Result<Option<Self>, u32> {
        const BUILT: u32 = built();
        match set & !BUILT {
            0 => Ok(None),
            missing => match Self::ALL.get(missing.trailing_zeros() as usize) {
                Some(part) => Ok(Some(*part)),
                None => Err(missing),
            },
        }
    }

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
            Self::Large => cfg!(feature = "large"),
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
            Self::Large => "large",
        }
    }
}

/// The set of the parts that this build has.
// Runs at compile time only.
#[allow(clippy::indexing_slicing)]
const fn built() -> u32 {
    let (mut set, mut at) = (0, 0);
    while at < Part::ALL.len() {
        if Part::ALL[at].is_built() {
            set |= Part::ALL[at].bit();
        }
        at += 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_PARTS_001
    #[test]
    fn a_set_is_refused_for_its_first_part_that_is_left_out() {
        assert_eq!(Part::left_out(0), Ok(None));
        for part in Part::ALL {
            let expected = if part.is_built() { None } else { Some(part) };
            assert_eq!(Part::left_out(part.bit()), Ok(expected), "{}", part.name());
        }
        let unknown = 1 << Part::ALL.len();
        assert_eq!(Part::left_out(unknown), Err(unknown));
        assert_eq!(Part::left_out(u32::MAX).is_ok(), built() != unknown - 1);
    }
}
