//! [`Limits`]: every bound of the runtime in one place.
//!
//! Each limit is one row of the table below: from it come the field, its documentation, both profiles, and the
//! entry of [`Limits::DESCRIPTIONS`] through which the command line prints and sets it by name. Execution time is
//! bounded by fuel, which belongs to a store and not to these limits.

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001

use core::error::Error;
use core::fmt;

/// What there is to know about one limit; all of them are in [`Limits::DESCRIPTIONS`].
#[derive(Clone, Copy, Debug)]
pub struct LimitInfo {
    /// Its name, as on the command line: `max-frames`.
    pub key: &'static str,
    /// What it bounds.
    pub meaning: &'static str,
    /// What its value counts, in the plural.
    pub unit: &'static str,
    /// Its value in [`Limits::DEFAULT`].
    pub default: u64,
    /// The greatest value it can be set to.
    pub most: u64,
    /// Why the default (and any narrower `most`) is what it is.
    pub reason: &'static str,
    /// Reads it.
    pub get: fn(&Limits) -> u64,
    /// Sets it, or leaves it and returns [`LimitError::TooLarge`] if the value is above `most`.
    pub set: fn(&mut Limits, u64) -> Result<(), LimitError>,
}

macro_rules! limits {
    ($($field:ident: $type:ident, $key:literal, in $unit:literal,
        default $default:expr, device $device:expr, most $most:expr,
        $meaning:literal, because $reason:literal;)*) => {
        /// Every bound of the runtime. Whatever would exceed one is refused with [`LimitExceeded`] or the trap the
        /// specification has for it; nothing grows behind the caller's back.
        ///
        /// All fields are public: start from [`DEFAULT`](Self::DEFAULT) or [`DEVICE`](Self::DEVICE) and change
        /// what differs.
        // @need-ids: REQ_RESOURCE_001, REQ_RESOURCE_005
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(
                #[doc = concat!(
                    $meaning, " (`", $key, "`, in ", $unit, "; default `", stringify!($default), "`, device `",
                    stringify!($device), "`).\n\nWhy: ", $reason
                )]
                pub $field: $type,
            )*
        }

        impl Limits {
            /// For hosts: no real program should meet one of these. All memories of a store together may still be more
            /// than a machine has, and so may many stores: hosts of strangers set less.
            pub const DEFAULT: Self = Self { $($field: $default,)* };

            /// For firmware: what a Cortex-M with some 128 KiB of RAM can back with statics.
            pub const DEVICE: Self = Self { $($field: $device,)* };

            /// Every limit, in the order of the fields.
            pub const DESCRIPTIONS: &'static [LimitInfo] = &[$(
                LimitInfo {
                    key: $key,
                    meaning: $meaning,
                    unit: $unit,
                    default: Self::DEFAULT.$field as u64,
                    most: $most as u64,
                    reason: $reason,
                    get: |limits| limits.$field as u64,
                    set: |limits, value| {
                        limits.$field = at_most($key, value, $most as u64)? as $type;
                        Ok(())
                    },
                },
            )*];
        }
    };
}

limits! {
    max_frames: u32, "max-frames", in "frames",
        default 100_000, device 32, most u32::MAX,
        "Call depth: guest frames on the stack at once",
        because "Deep enough for recursive parsers and interpreters; endless recursion is stopped soon.";
    max_slots: u32, "max-slots", in "slots",
        default 1_000_000, device 512, most u32::MAX,
        "Slots of 8 bytes for the locals and operands of all frames on the stack together",
        because "8 MB, as much as a native thread's stack usually has; ten slots a frame at the full call depth.";
    max_memory_bytes: u64, "max-memory-bytes", in "bytes",
        default 4 << 30, device 64 << 10, most u64::MAX,
        "Size of one linear memory",
        because "All that a 32-bit memory can address, so no valid program is refused; on a device, one page.";
    max_total_memory_bytes: u64, "max-total-memory-bytes", in "bytes",
        default 16 << 30, device 64 << 10, most u64::MAX,
        "Size of all linear memories of one store together",
        because "Four memories of the greatest size: no program is known that needs more, and a module that declares many is stopped before the host is.";
    max_memories: u32, "max-memories", in "memories",
        default 1_000, device 1, most u32::MAX,
        "Linear memories in one store",
        because "Many small instances fit in one store.";
    max_table_elements: u32, "max-table-elements", in "elements",
        default 10_000_000, device 256, most u32::MAX,
        "Size of one table",
        because "What the web's engines allow (JavaScript API, implementation limits), so the same modules run.";
    max_tables: u32, "max-tables", in "tables",
        default 10_000, device 2, most u32::MAX,
        "Tables in one store",
        because "Most modules have one; ten times the memories leaves room for those that have more.";
    max_instances: u32, "max-instances", in "instances",
        default 10_000, device 4, most u32::MAX,
        "Module instances in one store",
        because "Components of many modules fit, while a host that instantiates in a loop is told so early.";
    max_globals: u32, "max-globals", in "globals",
        default 1_000_000, device 64, most u32::MAX,
        "Globals in one store",
        because "What the web's engines allow in one module.";
    max_tags: u32, "max-tags", in "tags",
        default 1_000_000, device 16, most u32::MAX,
        "Tags of exceptions in one store",
        because "What the web's engines allow in one module.";
    max_types: u32, "max-types", in "types",
        default 4_000_000, device 256, most 1 << 23,
        "Types in one store that differ from each other",
        because "Four modules of the size the web's engines allow, with no type in common; references hold 23 bits of a type's number.";
    max_functions: u32, "max-functions", in "functions",
        default 10_000_000, device 2_048, most u32::MAX,
        "Functions in one store, those of the host among them",
        because "Ten modules of the size the web's engines allow.";
    max_module_bytes: u64, "max-module-bytes", in "bytes",
        default 1 << 30, device 1 << 20, most u64::MAX,
        "Size of one module, component or image",
        because "What the web's engines allow; on a device, the flash it may take up.";
    max_code_bytes: u64, "max-code-bytes", in "bytes",
        default 1 << 30, device 1 << 20, most u32::MAX,
        "Code that the functions of one module are lowered to, with what goes with it",
        because "Some ten bytes of code for each byte of the largest real modules; a branch of two bytes can move a thousand values, so hostile ones make a thousand.";
    max_host_copy_bytes: u64, "max-host-copy-bytes", in "bytes",
        default 128 << 20, device 4 << 10, most u64::MAX,
        "Bytes one host call may copy between guest and host",
        because "A host call cannot be paused, so this bounds how long it keeps control (about 0.1 s at 1 GB/s) and what the guest can make the host allocate; reads and writes may be shorter than asked.";
    max_descriptors: u32, "max-descriptors", in "descriptors",
        default 65_536, device 8, most u32::MAX,
        "Files, directories, streams and sockets that one guest has open at once",
        because "Each may hold one of the host's, of which systems give a process some thousands: beyond that the system says so.";
    max_nested_calls: u32, "max-nested-calls", in "calls",
        default 64, device 2, most 256,
        "Depth of calls from host functions back into the guest",
        because "Each stands on the native stack, which fuel does not bound: 256 of them may use 32 KiB each of the usual 8 MiB.";
    max_backtrace_frames: u32, "max-backtrace-frames", in "frames",
        default 64, device 8, most u32::MAX,
        "Frames reported with a trap, innermost first",
        because "Enough to see where and why; a report of endless recursion stays readable.";
    max_extern_refs: u32, "max-extern-refs", in "references",
        default 1_000_000, device 16, most 1 << 30,
        "Host values a store holds for the guest as external references or resource handles",
        because "Each keeps a value of the host alive, so a guest that hoards them is stopped; references hold 30 bits of their number.";
    max_waiting_agents: u32, "max-waiting-agents", in "agents",
        default 10_000, device 0, most u32::MAX,
        "Calls of one store that wait on shared memories at once",
        because "Each keeps a stack; a device runs one call at a time, so nobody could end its wait.";
    max_gc_bytes: u64, "max-gc-bytes", in "bytes",
        default 256 << 20, device 4 << 10, most u64::MAX,
        "Arena of garbage-collected objects and exceptions in one store",
        because "A collection is not interrupted and its time grows with the arena; beyond this, language runtimes bring their own heap anyway.";
    max_gc_objects: u32, "max-gc-objects", in "objects",
        default 32 << 20, device 256, most (1 << 30) - 1,
        "Garbage-collected objects and exceptions in one store at once",
        because "One for each 8 bytes of the arena by default: the smallest object is a header of that size, so that the arena is full first.";
    max_names_bytes: u64, "max-names-bytes", in "bytes",
        default 64 << 20, device 4 << 10, most u64::MAX,
        "Function names kept of one module for backtraces",
        because "Names serve reports only: beyond this, functions are reported by number.";
}

impl Limits {
    /// What there is to know about the limit called `key`; `None` if there is none. Never panics.
    pub fn describe(key: &str) -> Option<&'static LimitInfo> {
        Self::DESCRIPTIONS.iter().find(|info| info.key == key)
    }

    /// The value of the limit called `key`; `None` if there is none. Never panics.
    pub fn get(&self, key: &str) -> Option<u64> {
        Self::describe(key).map(|info| (info.get)(self))
    }

    /// Sets the limit called `key` to `value`. Never panics.
    ///
    /// # Errors
    ///
    /// [`LimitError::Unknown`] if there is no such limit, [`LimitError::TooLarge`] if it cannot be that high;
    /// nothing is changed then.
    // @need-ids: REQ_RESOURCE_001
    pub fn set(&mut self, key: &str, value: u64) -> Result<(), LimitError> {
        let info = Self::describe(key).ok_or(LimitError::Unknown)?;
        (info.set)(self, value)
    }

    /// Checks that no limit is higher than it may be, as [`set`](Self::set) would have. Never panics.
    ///
    /// # Errors
    ///
    /// [`LimitError::TooLarge`] for the first that is.
    // @need-ids: REQ_RESOURCE_001, REQ_VERIFY_003
    pub fn validate(&self) -> Result<(), LimitError> {
        Self::DESCRIPTIONS.iter().try_for_each(|info| at_most(info.key, (info.get)(self), info.most).map(drop))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

fn at_most(key: &'static str, value: u64, most: u64) -> Result<u64, LimitError> {
    if value > most {
        return Err(LimitError::TooLarge { key, value, most });
    }
    Ok(value)
}

/// Why a limit cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LimitError {
    /// No limit has that key.
    Unknown,
    /// The limit cannot be that high.
    TooLarge {
        /// The limit's key.
        key: &'static str,
        /// What it was to be, in the limit's unit.
        value: u64,
        /// The most it can be, in the limit's unit.
        most: u64,
    },
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown => f.write_str("no such limit"),
            Self::TooLarge { key, value, most } => {
                write!(f, "limit {key} cannot be {value}: at most {most}")
            }
        }
    }
}

impl Error for LimitError {}

/// Something would have exceeded a limit, and was not done.
// @need-ids: REQ_RESOURCE_005, REQ_ERROR_005
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LimitExceeded {
    /// The limit's key in [`Limits::DESCRIPTIONS`].
    pub key: &'static str,
    /// The limit, in its unit.
    pub limit: u64,
    /// What it would have taken, in the same unit.
    pub wanted: u64,
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, limit, wanted } = self;
        match Limits::describe(key) {
            Some(LimitInfo { unit, .. }) => {
                write!(f, "limit {key} exceeded: wanted {wanted} {unit}, limit {limit} {unit}")
            }
            None => write!(f, "limit {key} exceeded: wanted {wanted}, limit {limit}"),
        }
    }
}

impl Error for LimitExceeded {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::string::ToString;

    // @need-ids: REQ_RESOURCE_001
    #[test]
    fn every_limit_is_described_once_and_has_a_default_within_its_range() {
        let keys: BTreeSet<_> = Limits::DESCRIPTIONS.iter().map(|info| info.key).collect();
        assert_eq!(keys.len(), Limits::DESCRIPTIONS.len());
        // Every field shows in `Debug` once, under the name its key is made from.
        let shown = std::format!("{:?}", Limits::DEFAULT);
        assert_eq!(shown.matches(": ").count(), keys.len());
        for info in Limits::DESCRIPTIONS {
            assert!(shown.contains(&info.key.replace('-', "_")), "{}", info.key);
            assert!(info.default > 0 && info.default <= info.most, "{}", info.key);
            assert_eq!(Limits::default().get(info.key), Some(info.default));
            assert!(Limits::DEVICE.get(info.key) <= Some(info.default), "{}", info.key);
            assert_eq!(Limits::default().set(info.key, info.most), Ok(()));
            for text in [info.meaning, info.unit, info.reason] {
                assert!(!text.is_empty(), "{}", info.key);
            }
        }
    }

    // @need-ids: REQ_RESOURCE_001
    #[test]
    fn defaults_are_the_documented_ones() {
        let limits = Limits::DEFAULT;
        assert_eq!((limits.max_frames, limits.max_slots), (100_000, 1_000_000));
        assert_eq!(limits.max_memory_bytes, 0x1_0000_0000);
        assert_eq!(Limits::DEVICE.max_memory_bytes, 65_536);
        assert_eq!(limits.validate(), Ok(()));
        assert_eq!(Limits::DEVICE.validate(), Ok(()));
    }

    // @need-ids: REQ_RESOURCE_001
    #[test]
    fn an_unknown_or_excessive_limit_changes_nothing() {
        let mut limits = Limits::DEFAULT;
        assert_eq!(limits.get("max-cheese"), None);
        let unknown = limits.set("max-cheese", 1).unwrap_err();
        assert_eq!(unknown.to_string(), "no such limit");
        let too_large = limits.set("max-nested-calls", 257).unwrap_err();
        assert_eq!(too_large.to_string(), "limit max-nested-calls cannot be 257: at most 256");
        assert_eq!(limits, Limits::DEFAULT);
        limits.max_nested_calls = 257;
        assert_eq!(limits.validate(), Err(too_large));
    }

    // @need-ids: REQ_RESOURCE_005, REQ_ERROR_005
    #[test]
    fn an_exceeded_limit_reads_well() {
        let exceeded = LimitExceeded { key: "max-memory-bytes", limit: 65_536, wanted: 131_072 };
        assert_eq!(exceeded.to_string(), "limit max-memory-bytes exceeded: wanted 131072 bytes, limit 65536 bytes");
        let other = LimitExceeded { key: "max-cheese", ..exceeded };
        assert_eq!(other.to_string(), "limit max-cheese exceeded: wanted 131072, limit 65536");
    }

    proptest! {
        // @need-ids: REQ_RESOURCE_001
        #[test]
        fn setting_a_limit_changes_it_alone_and_only_within_its_range(
            index in 0..Limits::DESCRIPTIONS.len(),
            value in prop_oneof![any::<u64>(), 0..1000_u64, any::<u32>().prop_map(u64::from)],
        ) {
            let info = Limits::DESCRIPTIONS[index];
            let mut limits = Limits::DEFAULT;
            let done = limits.set(info.key, value);
            prop_assert_eq!(done.is_ok(), value <= info.most);
            for other in Limits::DESCRIPTIONS {
                let expected = if other.key == info.key && done.is_ok() { value } else { other.default };
                prop_assert_eq!(limits.get(other.key), Some(expected));
            }
            prop_assert_eq!(limits.validate(), Ok(()));
        }
    }
}
