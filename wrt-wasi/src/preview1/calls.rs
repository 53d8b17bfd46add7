//! Calls in the log. All of them are at level trace, those that fail at debug, and what a guest may not do at warn: the first
//! few times, for it may try as often as it likes.

// @need-ids: REQ_009

use super::context::WasiP1;
use super::guest::Guest;
use crate::errno::Errno;
use crate::platform::Result;
use core::fmt::{self, Display, Formatter};
use wrt::logging::{Level, debug, log_enabled, trace, warn};

/// Refusals of one guest that are logged as warnings.
const WARNINGS: u32 = 10;

/// Characters of a path that are logged.
const PATH_SHOWN: usize = 200;

/// Arguments by their names; those of type `i64` as their bits.
pub(super) type Args<'a> = &'a [(&'static str, u64)];

/// A call as it is written in the log, with the paths that its arguments point to.
struct Call<'a> {
    guest: &'a Guest<'a>,
    name: &'a str,
    args: Args<'a>,
}

impl Display for Call<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        let mut args = self.args.iter().peekable();
        let mut separator = "";
        while let Some((name, value)) = args.next() {
            write!(f, "{separator}{name}: ")?;
            separator = ", ";
            let length = args.next_if(|(next, _)| name.ends_with("path") && next.ends_with("length"));
            match length.map(|(_, length)| self.guest.text(*value as u32, *length as u32)) {
                Some(Ok(path)) if path.chars().nth(PATH_SHOWN).is_none() => write!(f, "{path:?}")?,
                Some(Ok(path)) => write!(f, "{:?}…", path.chars().take(PATH_SHOWN).collect::<alloc::string::String>())?,
                Some(Err(errno)) => write!(f, "({errno})")?,
                None => write!(f, "{}", *value as i64)?,
            }
        }
        f.write_str(")")
    }
}

/// Whether every call is logged.
#[inline(always)]
pub(super) fn are_told() -> bool {
    log_enabled!(Level::Trace)
}

/// Logs a call and what came of it.
// @need-ids: REQ_009
#[cold]
pub(super) fn tell(wasi: &mut WasiP1, guest: &Guest<'_>, name: &str, args: Args<'_>, result: Result<()>) {
    let call = Call { guest, name, args };
    match result {
        Ok(()) => trace!("{call}"),
        Err(errno @ (Errno::NotCapable | Errno::Permission | Errno::ReadOnly)) if wasi.warnings < WARNINGS => {
            wasi.warnings += 1;
            let last =
                if wasi.warnings == WARNINGS { "; what is refused from now on is logged as failures are" } else { "" };
            warn!("refused: {call}: {errno}{last}");
        }
        Err(errno) => debug!("{call}: {errno}"),
    }
}
