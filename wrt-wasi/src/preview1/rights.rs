//! Rights: what may be done with a descriptor, and with those that are opened through it.

// @need-ids: REQ_WASI_004

use crate::errno::Errno;
use crate::platform::{FileType, Result};
use core::ops::{BitAnd, BitOr};

/// A set of rights, as Preview 1 numbers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(pub u64);

macro_rules! rights {
    ($($name:ident = $bit:literal;)*) => {
        #[allow(missing_docs, reason = "the interface's names say it")]
        impl Rights {
            $(pub const $name: Self = Self(1 << $bit);)*
        }
    };
}

rights! {
    FD_DATASYNC = 0;
    FD_READ = 1;
    FD_SEEK = 2;
    FD_FDSTAT_SET_FLAGS = 3;
    FD_SYNC = 4;
    FD_TELL = 5;
    FD_WRITE = 6;
    FD_ADVISE = 7;
    FD_ALLOCATE = 8;
    PATH_CREATE_DIRECTORY = 9;
    PATH_CREATE_FILE = 10;
    PATH_LINK_SOURCE = 11;
    PATH_LINK_TARGET = 12;
    PATH_OPEN = 13;
    FD_READDIR = 14;
    PATH_READLINK = 15;
    PATH_RENAME_SOURCE = 16;
    PATH_RENAME_TARGET = 17;
    PATH_FILESTAT_GET = 18;
    PATH_FILESTAT_SET_SIZE = 19;
    PATH_FILESTAT_SET_TIMES = 20;
    FD_FILESTAT_GET = 21;
    FD_FILESTAT_SET_SIZE = 22;
    FD_FILESTAT_SET_TIMES = 23;
    PATH_SYMLINK = 24;
    PATH_REMOVE_DIRECTORY = 25;
    PATH_UNLINK_FILE = 26;
    POLL_FD_READWRITE = 27;
    SOCK_SHUTDOWN = 28;
    SOCK_ACCEPT = 29;
}

impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Rights {
    /// All that exist.
    pub const ALL: Self = Self((1 << 30) - 1);
    /// None.
    pub const NONE: Self = Self(0);
    /// What changes something: refused in a read-only directory.
    pub const CHANGES: Self = Self(
        Self::FD_WRITE.0
            | Self::FD_ALLOCATE.0
            | Self::FD_FILESTAT_SET_SIZE.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::PATH_CREATE_DIRECTORY.0
            | Self::PATH_CREATE_FILE.0
            | Self::PATH_LINK_SOURCE.0
            | Self::PATH_LINK_TARGET.0
            | Self::PATH_RENAME_SOURCE.0
            | Self::PATH_RENAME_TARGET.0
            | Self::PATH_FILESTAT_SET_SIZE.0
            | Self::PATH_FILESTAT_SET_TIMES.0
            | Self::PATH_SYMLINK.0
            | Self::PATH_REMOVE_DIRECTORY.0
            | Self::PATH_UNLINK_FILE.0,
    );
    /// What a file must be opened for writing for.
    pub const WRITES: Self = Self(Self::FD_WRITE.0 | Self::FD_ALLOCATE.0 | Self::FD_FILESTAT_SET_SIZE.0);
    /// What files have.
    pub const FILE: Self = Self(
        Self::FD_DATASYNC.0
            | Self::FD_READ.0
            | Self::FD_SEEK.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::FD_TELL.0
            | Self::FD_WRITE.0
            | Self::FD_ADVISE.0
            | Self::FD_ALLOCATE.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_SIZE.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::POLL_FD_READWRITE.0,
    );
    /// What pipes and terminals have.
    pub const STREAM: Self = Self(
        Self::FD_READ.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_WRITE.0
            | Self::FD_FILESTAT_GET.0
            | Self::POLL_FD_READWRITE.0,
    );
    /// What sockets have.
    pub const SOCKET: Self = Self(Self::STREAM.0 | Self::SOCK_SHUTDOWN.0 | Self::SOCK_ACCEPT.0);
    /// What directories have.
    pub const DIRECTORY: Self = Self(
        Self::FD_SYNC.0
            | Self::FD_DATASYNC.0
            | Self::FD_READDIR.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::PATH_OPEN.0
            | Self::PATH_READLINK.0
            | Self::PATH_FILESTAT_GET.0
            | (Self::CHANGES.0 & !Self::WRITES.0),
    );
    /// What can be handed on through directories.
    pub const INHERITED: Self = Self(Self::DIRECTORY.0 | Self::FILE.0);

    /// Whether all of `other` are among them.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those that are not in `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Refuses unless all of `needed` are there.
    pub fn need(self, needed: Self) -> Result<()> {
        if self.contains(needed) { Ok(()) } else { Err(Errno::NotCapable) }
    }

    /// What something of a type can have at all.
    pub const fn of_type(file_type: FileType, can_seek: bool) -> Self {
        match file_type {
            FileType::Directory => Self::DIRECTORY,
            FileType::SocketDatagram | FileType::SocketStream => Self::SOCKET,
            _ if can_seek => Self::FILE,
            _ => Self::STREAM,
        }
    }
}
