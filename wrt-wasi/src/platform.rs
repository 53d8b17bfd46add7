//! What a platform gives to guests: clocks, random bytes, streams, files, directories. WASI is written against these
//! traits alone, so the same code serves hosts, devices and WRT inside WebAssembly.
//!
//! A default method refuses: what a platform does not have is an error number for the guest.

// @need-ids: REQ_WASI_001

use crate::errno::Errno;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt::Debug;

/// The result of what a platform is asked for.
pub type Result<T> = core::result::Result<T, Errno>;

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Since 1970; can be set back.
    Realtime,
    /// Never goes back.
    Monotonic,
    /// The time that the process was on a CPU.
    ProcessCpu,
    /// The time that the thread was on a CPU.
    ThreadCpu,
}

/// What there is at the end of a path or behind a descriptor, with its number in Preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FileType {
    /// None of these, or not known.
    Unknown,
    /// A block device.
    BlockDevice,
    /// A character device: a terminal, unless it can be sought in.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A file.
    Regular,
    /// A datagram socket.
    SocketDatagram,
    /// A byte-stream socket.
    SocketStream,
    /// A symbolic link.
    SymbolicLink,
}

/// What is known about a file (`filestat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// The device.
    pub device: u64,
    /// The serial number on that device.
    pub inode: u64,
    /// What it is.
    pub file_type: FileType,
    /// How many hard links lead to it.
    pub links: u64,
    /// Bytes.
    pub size: u64,
    /// Last access, in nanoseconds since 1970.
    pub accessed: u64,
    /// Last change of the contents.
    pub modified: u64,
    /// Last change of the contents or of what is known about it.
    pub changed: u64,
}

/// A time to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// Leave it.
    Keep,
    /// The time it is.
    Now,
    /// This one, in nanoseconds since 1970.
    To(u64),
}

/// Where an offset counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start.
    Start,
    /// Where the descriptor stands.
    Current,
    /// The end.
    End,
}

/// How writes behave (`fdflags`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one flag of the interface")]
pub struct FileFlags {
    /// Writes go to the end.
    pub append: bool,
    /// Writes wait for the data to be on the device.
    pub data_sync: bool,
    /// Nothing waits: [`Errno::Again`] instead.
    pub nonblock: bool,
    /// Reads wait as writes do.
    pub read_sync: bool,
    /// Writes wait for data and attributes to be on the device.
    pub sync: bool,
}

/// What a file will be used for (`advice`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing special.
    Normal,
    /// From lower to higher offsets.
    Sequential,
    /// In no order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
    /// Once.
    NoReuse,
}

/// How to open what is at a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one flag of the interface")]
pub struct OpenHow {
    /// Whether a symbolic link at the end is followed.
    pub follow: bool,
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Make a file where there is none.
    pub create: bool,
    /// Fail where there is something.
    pub exclusive: bool,
    /// Fail for anything but a directory.
    pub directory: bool,
    /// Empty the file.
    pub truncate: bool,
    /// How writes behave.
    pub flags: FileFlags,
}

/// What was opened.
#[derive(Debug)]
pub enum Opened {
    /// A directory.
    Directory(Arc<dyn Directory>),
    /// Anything else.
    File(Arc<dyn File>),
}

/// An entry of a directory.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Where to go on behind it; never 0.
    pub next: u64,
    /// The serial number.
    pub inode: u64,
    /// What it is.
    pub file_type: FileType,
    /// The name, as the platform has it.
    pub name: &'a [u8],
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Something to read, or the end.
    Read,
    /// Room to write.
    Write,
}

/// What came of waiting for a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// It is ready.
    pub ready: bool,
    /// The other side is gone.
    pub hangup: bool,
    /// How many bytes can be read, where that is known.
    pub bytes: u64,
}

/// A wait for a file.
#[derive(Debug)]
pub struct Wait<'a> {
    /// The file.
    pub file: &'a dyn File,
    /// What for.
    pub interest: Interest,
    /// What came of it.
    pub readiness: Readiness,
}

/// Clocks, random bytes and waiting.
pub trait Platform: Send + Sync + Debug {
    /// A clock's time, in nanoseconds.
    fn now(&self, clock: Clock) -> Result<u64> {
        let _ = clock;
        Err(Errno::NotSupported)
    }

    /// The smallest step of a clock, in nanoseconds.
    fn resolution(&self, clock: Clock) -> Result<u64> {
        let _ = clock;
        Err(Errno::NotSupported)
    }

    /// Fills `buffer` with bytes that nobody can guess.
    fn random(&self, buffer: &mut [u8]) -> Result<()> {
        let _ = buffer;
        Err(Errno::NotSupported)
    }

    /// Lets others run.
    fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    /// Waits until one of the files is ready, at most `timeout` nanoseconds.
    fn wait(&self, waits: &mut [Wait<'_>], timeout: Option<u64>) -> Result<()> {
        let _ = (waits, timeout);
        Err(Errno::NotSupported)
    }
}

/// The platform that has nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPlatform;

impl Platform for NoPlatform {}

/// A file, pipe, terminal, socket, or anything else with bytes.
pub trait File: Send + Sync + Debug {
    /// For platforms to find their own.
    fn as_any(&self) -> &dyn Any;

    /// What is known about it.
    fn stat(&self) -> Result<FileStat>;

    /// Whether it has a position that can be moved. Terminals, pipes and sockets have none.
    fn can_seek(&self) -> bool {
        false
    }

    /// Reads where it stands; 0 is the end.
    fn read(&self, into: &mut [u8]) -> Result<usize> {
        let _ = into;
        Err(Errno::BadFd)
    }

    /// Reads at an offset.
    fn read_at(&self, into: &mut [u8], offset: u64) -> Result<usize> {
        let _ = (into, offset);
        Err(Errno::Seek)
    }

    /// Writes the pieces, one after the other, where it stands. May write less.
    fn write(&self, pieces: &[&[u8]]) -> Result<usize> {
        let _ = pieces;
        Err(Errno::BadFd)
    }

    /// Writes the pieces at an offset. May write less.
    fn write_at(&self, pieces: &[&[u8]], offset: u64) -> Result<usize> {
        let _ = (pieces, offset);
        Err(Errno::Seek)
    }

    /// Moves to an offset; where it stands then.
    fn seek(&self, offset: i64, whence: Whence) -> Result<u64> {
        let _ = (offset, whence);
        Err(Errno::Seek)
    }

    /// How writes behave.
    fn flags(&self) -> Result<FileFlags> {
        Ok(FileFlags::default())
    }

    /// Sets how writes behave.
    fn set_flags(&self, flags: FileFlags) -> Result<()> {
        let _ = flags;
        Err(Errno::NotSupported)
    }

    /// Sets the size.
    fn set_size(&self, size: u64) -> Result<()> {
        let _ = size;
        Err(Errno::Invalid)
    }

    /// Makes sure that there is room for a range.
    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        let _ = (offset, length);
        Err(Errno::NotSupported)
    }

    /// Tells how it will be used.
    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        let _ = (offset, length, advice);
        Ok(())
    }

    /// Has everything on the device; without `attributes` at least the data.
    fn sync(&self, attributes: bool) -> Result<()> {
        let _ = attributes;
        Ok(())
    }

    /// Sets the times.
    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()> {
        let _ = (accessed, modified);
        Err(Errno::NotSupported)
    }

    /// The socket, if it is one.
    fn as_socket(&self) -> Option<&dyn Socket> {
        None
    }
}

/// What can be done with a socket besides reading and writing.
pub trait Socket {
    /// Takes a connection that waits.
    fn accept(&self, nonblock: bool) -> Result<Arc<dyn File>>;

    /// Receives; the second part says that a datagram was longer.
    fn receive(&self, into: &mut [u8], peek: bool, wait_all: bool) -> Result<(usize, bool)>;

    /// Ends one or both directions.
    fn shutdown(&self, read: bool, write: bool) -> Result<()>;
}

/// A directory. All paths are relative to it and stay beneath it, whatever links there are and whoever else changes what
/// is there at the same time: a path that leads outside is [`Errno::Permission`].
///
/// Paths are neither empty nor do they hold a NUL.
// @need-ids: REQ_WASI_003
pub trait Directory: Send + Sync + Debug {
    /// For platforms to find their own.
    fn as_any(&self) -> &dyn Any;

    /// What is known about the directory itself.
    fn stat(&self) -> Result<FileStat>;

    /// Sets the directory's own times.
    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()>;

    /// Has everything on the device.
    fn sync(&self, attributes: bool) -> Result<()>;

    /// Calls `each` with the entries behind `cookie` (0: all) until it returns `false`.
    fn entries(&self, cookie: u64, each: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<()>;

    /// Opens what is at a path.
    fn open(&self, path: &str, how: OpenHow) -> Result<Opened>;

    /// What is known about what is at a path.
    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat>;

    /// Sets the times of what is at a path.
    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()>;

    /// Makes a directory.
    fn create_directory(&self, path: &str) -> Result<()>;

    /// Removes an empty directory.
    fn remove_directory(&self, path: &str) -> Result<()>;

    /// Removes anything else.
    fn unlink(&self, path: &str) -> Result<()>;

    /// Makes a symbolic link with these contents, whatever they are.
    fn symlink(&self, contents: &str, path: &str) -> Result<()>;

    /// The contents of a symbolic link.
    fn read_link(&self, path: &str) -> Result<Box<[u8]>>;

    /// Makes another name of a file; a symbolic link is not followed.
    fn link(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()>;

    /// Gives something another name.
    fn rename(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()>;
}

/// A directory as it is handed to a guest.
#[derive(Debug)]
pub struct Preopen {
    /// What the guest calls it.
    pub name: String,
    /// The directory.
    pub directory: Arc<dyn Directory>,
    /// Whether the guest may change anything in it.
    pub writable: bool,
}
