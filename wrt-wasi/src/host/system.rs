//! Clocks, random bytes, waiting, and what the host can hand to a guest.

// @need-ids: REQ_WASI_003

use super::directory::HostDirectory;
use super::file::HostFile;
use crate::errno::Errno;
use crate::platform::{Clock, Directory, File, Interest, Platform, Readiness, Result, Wait};
use alloc::sync::Arc;
use alloc::vec::Vec;
use rustix::event::{PollFd, PollFlags};
use rustix::rand::{GetRandomFlags, getrandom};
use rustix::time::{ClockId, Timespec};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// The host.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostPlatform;

fn clock_id(clock: Clock) -> ClockId {
    match clock {
        Clock::Realtime => ClockId::Realtime,
        Clock::Monotonic => ClockId::Monotonic,
        Clock::ProcessCpu => ClockId::ProcessCPUTime,
        Clock::ThreadCpu => ClockId::ThreadCPUTime,
    }
}

fn nanoseconds(time: Timespec) -> Result<u64> {
    let seconds = u64::try_from(time.tv_sec).ok().and_then(|seconds| seconds.checked_mul(1_000_000_000));
    seconds.and_then(|seconds| seconds.checked_add(time.tv_nsec as u64)).ok_or(Errno::Overflow)
}

impl Platform for HostPlatform {
    fn now(&self, clock: Clock) -> Result<u64> {
        nanoseconds(rustix::time::clock_gettime(clock_id(clock)))
    }

    fn resolution(&self, clock: Clock) -> Result<u64> {
        nanoseconds(rustix::time::clock_getres(clock_id(clock)))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<()> {
        let mut left = buffer;
        while !left.is_empty() {
            // Long requests come back short.
            let done = rustix::io::retry_on_intr(|| getrandom(&mut *left, GetRandomFlags::empty()))?;
            left = left.get_mut(done..).ok_or(Errno::Io)?;
        }
        Ok(())
    }

    fn yield_now(&self) -> Result<()> {
        std::thread::yield_now();
        Ok(())
    }

    fn wait(&self, waits: &mut [Wait<'_>], timeout: Option<u64>) -> Result<()> {
        let mut timeout = timeout;
        let mut places = Vec::new();
        let mut polls = Vec::new();
        let mut others = Vec::new();
        for (place, wait) in waits.iter().enumerate() {
            let flags = match wait.interest {
                Interest::Read => PollFlags::IN,
                Interest::Write => PollFlags::OUT,
            };
            match wait.file.as_any().downcast_ref::<HostFile>() {
                Some(file) => {
                    places.push(place);
                    polls.push(PollFd::from_borrowed_fd(file.as_fd(), flags));
                }
                // What is in memory never waits.
                None => others.push(place),
            }
        }
        if !others.is_empty() {
            timeout = Some(0);
        }
        let timeout = timeout
            .map(|left| Timespec { tv_sec: (left / 1_000_000_000) as i64, tv_nsec: (left % 1_000_000_000) as _ });
        match rustix::event::poll(&mut polls, timeout.as_ref()) {
            // Who asked looks at the clock again.
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let happened: Vec<PollFlags> = polls.iter().map(PollFd::revents).collect();
        for place in others {
            if let Some(wait) = waits.get_mut(place) {
                wait.readiness = Readiness { ready: true, ..Readiness::default() };
            }
        }
        for (place, flags) in places.into_iter().zip(happened) {
            if let Some(wait) = waits.get_mut(place) {
                wait.readiness = readiness(wait, flags);
            }
        }
        Ok(())
    }
}

fn readiness(wait: &Wait<'_>, flags: PollFlags) -> Readiness {
    let file = wait.file.as_any().downcast_ref::<HostFile>();
    let bytes = match (wait.interest, file) {
        (Interest::Read, Some(file)) if flags.contains(PollFlags::IN) => rustix::io::ioctl_fionread(file).unwrap_or(1),
        _ => 0,
    };
    Readiness { ready: !flags.is_empty(), hangup: flags.contains(PollFlags::HUP), bytes }
}

fn stream(fd: OwnedFd) -> io::Result<Arc<dyn File>> {
    HostFile::new(fd).map(|file| Arc::new(file) as Arc<dyn File>).map_err(io::Error::other)
}

fn shared(fd: io::Result<OwnedFd>) -> io::Result<Arc<dyn File>> {
    HostFile::shared(fd?).map(|file| Arc::new(file) as Arc<dyn File>).map_err(io::Error::other)
}

/// A directory to hand to a guest.
///
/// # Errors
/// It cannot be opened; [`io::ErrorKind::Unsupported`] where the kernel cannot confine paths.
// @need-ids: REQ_WASI_003
pub fn directory(path: &Path) -> io::Result<Arc<dyn Directory>> {
    Ok(Arc::new(HostDirectory::open_host(path)?))
}

/// A file as a stream to be read.
///
/// # Errors
/// It cannot be opened.
pub fn input_file(path: &Path) -> io::Result<Arc<dyn File>> {
    stream(std::fs::File::open(path)?.into())
}

/// A file, made or emptied, as a stream to be written.
///
/// # Errors
/// It cannot be opened.
pub fn output_file(path: &Path) -> io::Result<Arc<dyn File>> {
    stream(std::fs::File::create(path)?.into())
}

/// The process's standard input. The guest closes its own end only.
///
/// # Errors
/// The process has no descriptor left.
pub fn stdin() -> io::Result<Arc<dyn File>> {
    shared(io::stdin().as_fd().try_clone_to_owned())
}

/// The process's standard output.
///
/// # Errors
/// The process has no descriptor left.
pub fn stdout() -> io::Result<Arc<dyn File>> {
    shared(io::stdout().as_fd().try_clone_to_owned())
}

/// The process's standard error.
///
/// # Errors
/// The process has no descriptor left.
pub fn stderr() -> io::Result<Arc<dyn File>> {
    shared(io::stderr().as_fd().try_clone_to_owned())
}

/// A socket to hand to a guest: one that listens, or one that is connected.
///
/// # Errors
/// It cannot be asked what it is.
pub fn socket(socket: OwnedFd) -> io::Result<Arc<dyn File>> {
    stream(socket)
}
