//! Files, pipes, terminals and sockets of the host.

use crate::errno::Errno;
use crate::platform::{Advice, File, FileFlags, FileStat, FileType, Result, SetTime, Socket, Whence};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::num::NonZeroU64;
use core::sync::atomic::{AtomicBool, Ordering};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{self, OFlags, SeekFrom, Stat, Timespec, Timestamps};
use rustix::io::retry_on_intr;
use rustix::net::{self, RecvFlags, Shutdown, SocketFlags, SocketType};
use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Buffers of one write that are put side by side without an allocation.
const PIECES: usize = 16;

/// Something with bytes that the host has open.
#[derive(Debug)]
pub(super) struct HostFile {
    fd: OwnedFd,
    file_type: FileType,
    can_seek: bool,
    /// Of a stream that others have open too: their flags stay what they are, so not to wait is up to us.
    nonblock: Option<AtomicBool>,
}

impl HostFile {
    /// What the guest opened itself.
    pub(super) fn new(fd: OwnedFd) -> Result<Self> {
        let stat = fs::fstat(&fd)?;
        let can_seek = fs::seek(&fd, SeekFrom::Current(0)).is_ok();
        let file_type = match file_type(&stat) {
            FileType::SocketStream => socket_type(&fd),
            other => other,
        };
        Ok(Self { fd, file_type, can_seek, nonblock: None })
    }

    /// A stream that the host's process, or its parent, has open too.
    pub(super) fn shared(fd: OwnedFd) -> Result<Self> {
        Ok(Self { nonblock: Some(AtomicBool::new(false)), ..Self::new(fd)? })
    }

    /// Whether to wait is up to us, and it is not wanted, and there is nothing.
    fn would_block(&self, flags: PollFlags) -> bool {
        let wanted = self.nonblock.as_ref().is_some_and(|nonblock| nonblock.load(Ordering::Relaxed));
        wanted && !matches!(poll(&mut [PollFd::new(&self.fd, flags)], Some(&Timespec::default())), Ok(1))
    }
}

impl AsFd for HostFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn socket_type(fd: &OwnedFd) -> FileType {
    match net::sockopt::socket_type(fd) {
        Ok(SocketType::STREAM) => FileType::SocketStream,
        Ok(SocketType::DGRAM) => FileType::SocketDatagram,
        _ => FileType::Unknown,
    }
}

fn file_type(stat: &Stat) -> FileType {
    entry_type(fs::FileType::from_raw_mode(stat.st_mode))
}

/// A type as the system has it.
pub(super) fn entry_type(ty: fs::FileType) -> FileType {
    match ty {
        fs::FileType::RegularFile => FileType::Regular,
        fs::FileType::Directory => FileType::Directory,
        fs::FileType::Symlink => FileType::SymbolicLink,
        fs::FileType::CharacterDevice => FileType::CharacterDevice,
        fs::FileType::BlockDevice => FileType::BlockDevice,
        fs::FileType::Socket => FileType::SocketStream,
        _ => FileType::Unknown,
    }
}

/// What the system tells about a file.
pub(super) fn file_stat(stat: &Stat) -> FileStat {
    let time = |seconds: i64, nanoseconds: u64| {
        u64::try_from(seconds).ok().and_then(|s| s.checked_mul(1_000_000_000)?.checked_add(nanoseconds)).unwrap_or(0)
    };
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "the fields' types differ by architecture")]
    FileStat {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        file_type: file_type(stat),
        links: stat.st_nlink as u64,
        size: stat.st_size as u64,
        accessed: time(stat.st_atime as i64, stat.st_atime_nsec as u64),
        modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as u64),
        changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as u64),
    }
}

/// Times to set as the system takes them.
pub(super) fn timestamps(accessed: SetTime, modified: SetTime) -> Result<Timestamps> {
    let one = |time| -> Result<Timespec> {
        Ok(match time {
            SetTime::Keep => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT },
            SetTime::Now => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_NOW },
            SetTime::To(time) => Timespec {
                tv_sec: i64::try_from(time / 1_000_000_000).map_err(|_| Errno::Invalid)?,
                tv_nsec: (time % 1_000_000_000) as _,
            },
        })
    };
    Ok(Timestamps { last_access: one(accessed)?, last_modification: one(modified)? })
}

/// Flags for opening.
pub(super) fn open_flags(flags: FileFlags) -> OFlags {
    let table = [
        (flags.append, OFlags::APPEND),
        (flags.data_sync, OFlags::DSYNC),
        (flags.nonblock, OFlags::NONBLOCK),
        (flags.read_sync, OFlags::RSYNC),
        (flags.sync, OFlags::SYNC),
    ];
    table.into_iter().filter(|(wanted, _)| *wanted).fold(OFlags::empty(), |all, (_, flag)| all | flag)
}

/// Calls `write` with the pieces as the system takes them.
fn gather(pieces: &[&[u8]], write: impl FnOnce(&[IoSlice<'_>]) -> rustix::io::Result<usize>) -> Result<usize> {
    let written = if pieces.len() <= PIECES {
        let mut few = [IoSlice::new(&[]); PIECES];
        few.iter_mut().zip(pieces).for_each(|(slice, piece)| *slice = IoSlice::new(piece));
        write(few.get(..pieces.len()).unwrap_or_default())
    } else {
        write(&pieces.iter().map(|piece| IoSlice::new(piece)).collect::<Vec<_>>())
    };
    Ok(written?)
}

impl File for HostFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(FileStat { file_type: self.file_type, ..file_stat(&fs::fstat(&self.fd)?) })
    }

    fn can_seek(&self) -> bool {
        self.can_seek
    }

    fn read(&self, into: &mut [u8]) -> Result<usize> {
        if self.would_block(PollFlags::IN) {
            return Err(Errno::Again);
        }
        Ok(retry_on_intr(|| rustix::io::read(&self.fd, &mut *into))?)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pread(&self.fd, &mut *into, offset))?)
    }

    fn write(&self, pieces: &[&[u8]]) -> Result<usize> {
        if self.would_block(PollFlags::OUT) {
            return Err(Errno::Again);
        }
        match pieces {
            [piece] => Ok(retry_on_intr(|| rustix::io::write(&self.fd, piece))?),
            _ => gather(pieces, |slices| retry_on_intr(|| rustix::io::writev(&self.fd, slices))),
        }
    }

    fn write_at(&self, pieces: &[&[u8]], offset: u64) -> Result<usize> {
        match pieces {
            [piece] => Ok(retry_on_intr(|| rustix::io::pwrite(&self.fd, piece, offset))?),
            _ => gather(pieces, |slices| retry_on_intr(|| rustix::io::pwritev(&self.fd, slices, offset))),
        }
    }

    fn seek(&self, offset: i64, whence: Whence) -> Result<u64> {
        let to = match whence {
            Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Invalid)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        Ok(fs::seek(&self.fd, to)?)
    }

    fn flags(&self) -> Result<FileFlags> {
        let flags = fs::fcntl_getfl(&self.fd)?;
        let nonblock = match &self.nonblock {
            Some(ours) => ours.load(Ordering::Relaxed),
            None => flags.contains(OFlags::NONBLOCK),
        };
        let sync = flags.contains(OFlags::SYNC);
        Ok(FileFlags {
            append: flags.contains(OFlags::APPEND),
            data_sync: flags.contains(OFlags::DSYNC) && !sync,
            nonblock,
            read_sync: false,
            sync,
        })
    }

    fn set_flags(&self, flags: FileFlags) -> Result<()> {
        let now = self.flags()?;
        if (flags.data_sync, flags.sync, flags.read_sync) != (now.data_sync, now.sync, now.read_sync) {
            // The system would ignore it.
            return Err(Errno::Invalid);
        }
        if let Some(nonblock) = &self.nonblock {
            if flags.append != now.append {
                return Err(Errno::NotSupported);
            }
            nonblock.store(flags.nonblock, Ordering::Relaxed);
            return Ok(());
        }
        let kept = fs::fcntl_getfl(&self.fd)?.difference(OFlags::APPEND | OFlags::NONBLOCK);
        Ok(fs::fcntl_setfl(&self.fd, kept | open_flags(flags))?)
    }

    fn set_size(&self, size: u64) -> Result<()> {
        Ok(fs::ftruncate(&self.fd, size)?)
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        Ok(fs::fallocate(&self.fd, fs::FallocateFlags::empty(), offset, length)?)
    }

    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        let advice = match advice {
            Advice::Normal => fs::Advice::Normal,
            Advice::Sequential => fs::Advice::Sequential,
            Advice::Random => fs::Advice::Random,
            Advice::WillNeed => fs::Advice::WillNeed,
            Advice::DontNeed => fs::Advice::DontNeed,
            Advice::NoReuse => fs::Advice::NoReuse,
        };
        Ok(fs::fadvise(&self.fd, offset, NonZeroU64::new(length), advice)?)
    }

    fn sync(&self, attributes: bool) -> Result<()> {
        if !self.can_seek {
            return Ok(());
        }
        Ok(if attributes { fs::fsync(&self.fd) } else { fs::fdatasync(&self.fd) }?)
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()> {
        Ok(fs::futimens(&self.fd, &timestamps(accessed, modified)?)?)
    }

    fn as_socket(&self) -> Option<&dyn Socket> {
        matches!(self.file_type, FileType::SocketStream | FileType::SocketDatagram).then_some(self)
    }
}

impl Socket for HostFile {
    fn accept(&self, nonblock: bool) -> Result<Arc<dyn File>> {
        if self.would_block(PollFlags::IN) {
            return Err(Errno::Again);
        }
        let flags = if nonblock { SocketFlags::NONBLOCK } else { SocketFlags::empty() };
        let accepted = retry_on_intr(|| net::accept_with(&self.fd, flags | SocketFlags::CLOEXEC))?;
        Ok(Arc::new(Self::new(accepted)?))
    }

    fn receive(&self, into: &mut [u8], peek: bool, wait_all: bool) -> Result<(usize, bool)> {
        if self.would_block(PollFlags::IN) {
            return Err(Errno::Again);
        }
        let mut flags = RecvFlags::empty();
        flags.set(RecvFlags::PEEK, peek);
        flags.set(RecvFlags::WAITALL, wait_all);
        flags.set(RecvFlags::TRUNC, self.file_type == FileType::SocketDatagram);
        let room = into.len();
        let (_, length) = retry_on_intr(|| net::recv(&self.fd, &mut *into, flags))?;
        Ok((length.min(room), length > room))
    }

    fn shutdown(&self, read: bool, write: bool) -> Result<()> {
        let how = match (read, write) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Err(Errno::Invalid),
        };
        Ok(net::shutdown(&self.fd, how)?)
    }
}
