//! How much is verified at run time, and when.

// @need-ids: REQ_VERIFY_001

use core::error::Error;
use core::fmt;
use core::str::FromStr;

/// How much the runtime checks its own state while a guest runs.
///
/// Bounds of memories, tables and stacks, validation, limits and fuel are *not* subject to the level: they always
/// hold, at every level. What the level chooses is how often the runtime looks for damage that correct code cannot
/// have caused (a failing memory cell, a faulty driver), by `validate` of its structures and `verify` of contents.
/// It never changes a guest's results or its fuel, and acts at safepoints only, so the fast path is the same.
///
/// | level | structures are validated at | contents are checksummed |
/// |---|---|---|
/// | `None` | nothing beyond memory safety | no |
/// | `Sampling` | every 64th [`Event`], whatever its kind | no |
/// | `Standard` | every safepoint where control leaves the engine: entry, host call, pause | no |
/// | `Full` | those and the end of every fuel quantum | yes |
///
/// The levels are ordered by what they cost. What costs more need not check a superset: `Sampling` meets one
/// quantum in 64, `Standard` none.
// @need-ids: REQ_VERIFY_001, REQ_PERF_001
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerificationLevel {
    /// Nothing beyond memory safety.
    None,
    /// Every 64th event.
    Sampling,
    /// Every safepoint where control leaves the engine.
    #[default]
    Standard,
    /// Every event, and checksums of contents.
    Full,
}

impl VerificationLevel {
    /// Every level, the cheapest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Sampling, Self::Standard, Self::Full];

    /// `Sampling` verifies one event in this many.
    pub const SAMPLE_PERIOD: u64 = 64;

    /// Its name on the command line: `none`, `sampling`, `standard` or `full`. Never panics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sampling => "sampling",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// Whether to verify at `event`, the `number`-th of its run counted from 1. Never panics.
    // @need-ids: REQ_VERIFY_001, REQ_PERF_001
    pub const fn should_verify(self, event: Event, number: u64) -> bool {
        // A bit for each level: less code than a choice among them.
        let sampled = (number.is_multiple_of(Self::SAMPLE_PERIOD) as u8) << Self::Sampling as u8;
        let leaves = (!matches!(event, Event::Quantum) as u8) << Self::Standard as u8;
        (sampled | leaves | 1 << Self::Full as u8) >> self as u8 & 1 != 0
    }

    /// Whether contents carry checksums that are verified, beyond the structures. Never panics.
    // @need-ids: REQ_VERIFY_001, REQ_PERF_001
    pub const fn checks_contents(self) -> bool {
        matches!(self, Self::Full)
    }
}

impl fmt::Display for VerificationLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for VerificationLevel {
    type Err = ParseLevelError;

    /// The level with that [`name`](Self::name), exactly.
    fn from_str(name: &str) -> Result<Self, ParseLevelError> {
        Self::ALL.into_iter().find(|level| level.name() == name).ok_or(ParseLevelError)
    }
}

/// No verification level has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ParseLevelError;

impl fmt::Display for ParseLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a verification level: expected none, sampling, standard or full")
    }
}

impl Error for ParseLevelError {}

/// What kind of safepoint the engine is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A call from the host begins or is resumed.
    Entry,
    /// The guest calls a host function.
    HostCall,
    /// The guest is paused: out of fuel, or asked to stop.
    Pause,
    /// A quantum of fuel is used up and the engine goes on with the next one.
    Quantum,
}

/// Decides at each event whether to verify: the level and how many events there have been.
///
/// Plain data: the same events give the same decisions, on every machine, and a copy goes on where the original
/// stood.
// @need-ids: REQ_VERIFY_001, REQ_PERF_001
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verifier {
    /// How much to verify; it may be changed at any time.
    pub level: VerificationLevel,
    /// Events so far, at any level. Starts again at 0 after 2⁶⁴.
    pub counter: u64,
}

impl Verifier {
    /// A verifier that has seen no event. Never panics.
    pub const fn new(level: VerificationLevel) -> Self {
        Self { level, counter: 0 }
    }

    /// Counts `event` and says whether to verify now. Never panics.
    pub const fn should_verify(&mut self, event: Event) -> bool {
        self.counter = self.counter.wrapping_add(1);
        self.level.should_verify(event, self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    const EVENTS: [Event; 4] = [Event::Entry, Event::HostCall, Event::Pause, Event::Quantum];

    // @need-ids: REQ_VERIFY_001
    #[test]
    fn names_and_levels_correspond() {
        for level in VerificationLevel::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert_eq!(VerificationLevel::default(), VerificationLevel::Standard);
        assert_eq!(format!("{:>6}", VerificationLevel::Full), "  full");
        for wrong in ["", "Full", "all", "full "] {
            assert_eq!(wrong.parse::<VerificationLevel>(), Err(ParseLevelError));
        }
        for level in VerificationLevel::ALL {
            assert!(ParseLevelError.to_string().contains(level.name()));
        }
    }

    // @need-ids: REQ_VERIFY_001, REQ_PERF_001
    #[test]
    fn each_level_verifies_exactly_what_it_says() {
        for event in EVENTS {
            for (level, expected) in [
                (VerificationLevel::None, 0),
                (VerificationLevel::Sampling, 10),
                (VerificationLevel::Standard, if event == Event::Quantum { 0 } else { 640 }),
                (VerificationLevel::Full, 640),
            ] {
                let mut verifier = Verifier::new(level);
                let verified = (0..640).filter(|_| verifier.should_verify(event)).count();
                assert_eq!(verified, expected, "{level} {event:?}");
            }
        }
        let with_contents = VerificationLevel::ALL.map(VerificationLevel::checks_contents);
        assert_eq!(with_contents, [false, false, false, true]);
    }

    // @need-ids: REQ_VERIFY_001
    #[test]
    fn sampling_takes_the_64th_event_even_when_the_counter_wraps() {
        let mut verifier = Verifier { level: VerificationLevel::Sampling, counter: u64::MAX - 64 };
        let taken: Vec<_> = (1..=129).filter(|_| verifier.should_verify(Event::Quantum)).collect();
        assert_eq!(taken, [1, 65, 129]);
    }

    proptest! {
        // @need-ids: REQ_VERIFY_001
        #[test]
        fn a_copy_decides_as_the_original_does(
            level in prop::sample::select(&VerificationLevel::ALL),
            events in vec(prop::sample::select(&EVENTS), 0..300),
            cut in 0..300_usize,
        ) {
            let mut whole = Verifier::new(level);
            let decisions: Vec<_> = events.iter().map(|&e| whole.should_verify(e)).collect();
            let (head, tail) = events.split_at(cut.min(events.len()));
            let mut first = Verifier::new(level);
            let mut pieces: Vec<_> = head.iter().map(|&e| first.should_verify(e)).collect();
            let mut second = Verifier { level: first.level, counter: first.counter };
            pieces.extend(tail.iter().map(|&e| second.should_verify(e)));
            prop_assert_eq!(pieces, decisions);
            prop_assert_eq!(second, whole);
        }
    }
}
