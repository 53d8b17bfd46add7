//! The host on systems other than Linux, by the standard library and cap-std, whose directories do not let a path lead
//! outside.
//!
//! What it does not have: sockets, clocks of CPU time, and readiness: whatever is polled is ready, so that a read of a
//! terminal or pipe may wait. Linux runs the unit tests of it, and nothing else of it.

// @need-ids: REQ_WASI_003, REQ_WASI_001

mod directory;
mod file;
#[cfg(test)]
mod tests;

use crate::errno::Errno;
use crate::platform::{Clock, Directory, File, Platform, Readiness, Result, Wait};
use alloc::sync::Arc;
use core::time::Duration;
use file::PortableFile;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

/// The unit that Windows counts time in, in nanoseconds: no system that this is built for has a coarser one.
const TIME_UNIT: u64 = 100;

/// The host.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostPlatform;

/// A system's error as one of Preview 1.
fn errno(error: &io::Error) -> Errno {
    #[cfg(unix)]
    if let Some(system) = rustix::io::Errno::from_io_error(error) {
        return system.into();
    }
    match error.kind() {
        ErrorKind::NotFound => Errno::NoEntry,
        // What cap-std says of a path that leads outside.
        ErrorKind::PermissionDenied => Errno::Permission,
        ErrorKind::AlreadyExists => Errno::Exists,
        ErrorKind::InvalidInput => Errno::Invalid,
        ErrorKind::NotADirectory => Errno::NotDirectory,
        ErrorKind::IsADirectory => Errno::IsDirectory,
        ErrorKind::DirectoryNotEmpty => Errno::NotEmpty,
        ErrorKind::ReadOnlyFilesystem => Errno::ReadOnly,
        ErrorKind::StorageFull => Errno::NoSpace,
        ErrorKind::FileTooLarge => Errno::FileTooBig,
        ErrorKind::NotSeekable => Errno::Seek,
        ErrorKind::CrossesDevices => Errno::CrossDevice,
        ErrorKind::TooManyLinks => Errno::Links,
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => Errno::Busy,
        ErrorKind::Interrupted => Errno::Interrupted,
        ErrorKind::WouldBlock => Errno::Again,
        ErrorKind::BrokenPipe => Errno::Pipe,
        ErrorKind::OutOfMemory => Errno::NoMemory,
        ErrorKind::Unsupported => Errno::NotSupported,
        _ => Errno::Io,
    }
}

/// The result of a call of the system as the platform gives it.
fn checked<T>(result: io::Result<T>) -> Result<T> {
    result.map_err(|error| errno(&error))
}

fn nanoseconds(time: Duration) -> Result<u64> {
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

impl Platform for HostPlatform {
    fn now(&self, clock: Clock) -> Result<u64> {
        static START: OnceLock<Instant> = OnceLock::new();
        match clock {
            Clock::Realtime => {
                nanoseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|_| Errno::Overflow)?)
            }
            Clock::Monotonic => nanoseconds(START.get_or_init(Instant::now).elapsed()),
            Clock::ProcessCpu | Clock::ThreadCpu => Err(Errno::NotSupported),
        }
    }

    fn resolution(&self, clock: Clock) -> Result<u64> {
        self.now(clock).map(|_| TIME_UNIT)
    }

    fn random(&self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer).map_err(|_| Errno::Io)
    }

    fn yield_now(&self) -> Result<()> {
        std::thread::yield_now();
        Ok(())
    }

    fn wait(&self, waits: &mut [Wait<'_>], timeout: Option<u64>) -> Result<()> {
        if let ([], Some(timeout)) = (&*waits, timeout) {
            std::thread::sleep(Duration::from_nanos(timeout));
        }
        for wait in waits {
            wait.readiness = Readiness { ready: true, ..Readiness::default() };
        }
        Ok(())
    }
}

/// A directory to hand to a guest.
///
/// # Errors
/// It cannot be opened.
// @need-ids: REQ_WASI_003
pub fn directory(path: &Path) -> io::Result<Arc<dyn Directory>> {
    directory::open_host(path)
}

/// A file as a stream to be read.
///
/// # Errors
/// It cannot be opened.
pub fn input_file(path: &Path) -> io::Result<Arc<dyn File>> {
    PortableFile::stream(std::fs::File::open(path))
}

/// A file, made or emptied, as a stream to be written.
///
/// # Errors
/// It cannot be opened.
pub fn output_file(path: &Path) -> io::Result<Arc<dyn File>> {
    PortableFile::stream(std::fs::File::create(path))
}

/// A handle of its own to what a stream of the process leads to.
#[cfg(unix)]
macro_rules! own {
    ($stream:expr) => {
        std::os::fd::AsFd::as_fd(&$stream).try_clone_to_owned().map(std::fs::File::from)
    };
}
#[cfg(windows)]
macro_rules! own {
    ($stream:expr) => {
        std::os::windows::io::AsHandle::as_handle(&$stream).try_clone_to_owned().map(std::fs::File::from)
    };
}
#[cfg(not(any(unix, windows)))]
macro_rules! own {
    ($stream:expr) => {
        Err(io::Error::from(ErrorKind::Unsupported))
    };
}

/// The process's standard input. The guest closes its own end only.
///
/// # Errors
/// The process has no descriptor left.
pub fn stdin() -> io::Result<Arc<dyn File>> {
    PortableFile::stream(own!(io::stdin()))
}

/// The process's standard output.
///
/// # Errors
/// The process has no descriptor left.
pub fn stdout() -> io::Result<Arc<dyn File>> {
    PortableFile::stream(own!(io::stdout()))
}

/// The process's standard error.
///
/// # Errors
/// The process has no descriptor left.
pub fn stderr() -> io::Result<Arc<dyn File>> {
    PortableFile::stream(own!(io::stderr()))
}
