//! What differs in the snapshot before Preview 1, `wasi_unstable`: the numbers of `whence`, and how a `filestat` and a
//! `subscription` lie in memory.

use super::poll::Layout;
use crate::errno::Errno;
use crate::platform::{Result, Whence};

/// Which of the two a guest was built for.
// @need-ids: REQ_WASI_001
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Snapshot {
    /// `wasi_snapshot_preview1`.
    Preview1,
    /// `wasi_unstable`.
    Unstable,
}

impl Snapshot {
    /// What a number says of where an offset counts from.
    pub(super) fn whence(self, number: u32) -> Result<Whence> {
        use Whence::{Current, End, Start};
        let all = match self {
            Self::Preview1 => [Start, Current, End],
            Self::Unstable => [Current, End, Start],
        };
        all.get(number as usize).copied().ok_or(Errno::Invalid)
    }

    /// How a subscription lies in memory. One to a clock begins with an identifier in the older snapshot.
    pub(super) fn subscription(self) -> Layout {
        match self {
            Self::Preview1 => Layout { size: 48, clock: 16 },
            Self::Unstable => Layout { size: 56, clock: 24 },
        }
    }
}
