//! Directories of the host, confined by the kernel.
//!
//! Every path is resolved by `openat2` beneath the directory, without magic links, in one step: neither `..`, nor a
//! symbolic link, nor a second process that puts one in the place of a directory leads outside. What works on a name
//! (unlink, rename, …) first opens the parent so and then names the last component, which the kernel does not follow.
// @need-ids: REQ_WASI_003

use super::file::{HostFile, entry_type, file_stat, open_flags, timestamps};
use crate::errno::Errno;
use crate::platform::{Directory, Entry, FileStat, FileType, OpenHow, Opened, Result, SetTime};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::mem::MaybeUninit;
use rustix::fs::{self, AtFlags, Mode, OFlags, RawDir, ResolveFlags, SeekFrom};
use rustix::io::Errno as System;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// How often a resolution is tried that a rename elsewhere disturbed: the kernel gives up on `..` then.
const TRIES: u32 = 64;

/// Bytes of entries that are read at once.
const ENTRIES: usize = 8 << 10;

/// Access of files and directories that guests make, before the process's mask.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o777);

/// A directory that the host has open.
#[derive(Debug)]
pub(super) struct HostDirectory {
    fd: OwnedFd,
}

impl HostDirectory {
    /// Opens a directory to hand it to a guest, as the host names it.
    ///
    /// # Errors
    /// [`std::io::ErrorKind::Unsupported`] where the kernel cannot confine paths.
    pub(super) fn open_host(path: &Path) -> std::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = Self { fd: fs::open(path, flags, Mode::empty())? };
        match fs::openat2(&directory.fd, ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::BENEATH) {
            Ok(_) => Ok(directory),
            Err(System::NOSYS) => Err(std::io::Error::new(
                std::io::ErrorKind::Unsupported,
                "the kernel has no openat2, without which no directory can be confined",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Resolves a path beneath the directory and opens what is there.
    fn resolve(&self, path: &str, flags: OFlags, mode: Mode) -> Result<OwnedFd> {
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..TRIES {
            match fs::openat2(&self.fd, path, flags | OFlags::CLOEXEC, mode, how) {
                Ok(fd) => return Ok(fd),
                // The kernel's word for a path that leads outside.
                Err(System::XDEV) => return Err(Errno::Permission),
                Err(System::AGAIN | System::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Errno::Again)
    }

    /// What is at a path, to be looked at only.
    fn look(&self, path: &str, follow: bool) -> Result<OwnedFd> {
        let end = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
        self.resolve(path, OFlags::PATH | end, Mode::empty())
    }

    /// The parent of a path and the last component, with the slashes behind it: what names something to be made, removed or
    /// renamed. The kernel does not follow it, slash or not.
    fn parent<'p>(&self, path: &'p str) -> Result<(Parent<'_>, &'p str)> {
        let trimmed = path.trim_end_matches('/');
        let start = trimmed.rfind('/').map_or(0, |slash| slash + 1);
        let (parent, last) = path.split_at_checked(start).ok_or(Errno::Invalid)?;
        if trimmed.get(start..) == Some("..") {
            // Is it beneath at all? What comes of the call itself is the kernel's to say: nothing, for `..`.
            self.look(path, false)?;
        }
        if parent.is_empty() {
            return Ok((Parent::Here(self.fd.as_fd()), last));
        }
        let fd = self.resolve(parent, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
        Ok((Parent::Below(fd), last))
    }
}

/// The directory that a last component is in.
enum Parent<'a> {
    Here(BorrowedFd<'a>),
    Below(OwnedFd),
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Here(fd) => *fd,
            Self::Below(fd) => fd.as_fd(),
        }
    }
}

/// The other directory of a call with two.
fn ours(directory: &dyn Directory) -> Result<&HostDirectory> {
    directory.as_any().downcast_ref().ok_or(Errno::CrossDevice)
}

impl Directory for HostDirectory {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(file_stat(&fs::fstat(&self.fd)?))
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()> {
        Ok(fs::futimens(&self.fd, &timestamps(accessed, modified)?)?)
    }

    fn sync(&self, attributes: bool) -> Result<()> {
        Ok(if attributes { fs::fsync(&self.fd) } else { fs::fdatasync(&self.fd) }?)
    }

    fn entries(&self, cookie: u64, each: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<()> {
        fs::seek(&self.fd, SeekFrom::Start(cookie))?;
        let own = fs::fstat(&self.fd)?.st_ino;
        let mut buffer = [MaybeUninit::uninit(); ENTRIES];
        let mut entries = RawDir::new(&self.fd, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let mut file_type = entry_type(entry.file_type());
            if file_type == FileType::Unknown {
                let found = fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW);
                file_type = found.map_or(FileType::Unknown, |stat| file_stat(&stat).file_type);
            }
            let name = name.to_bytes();
            // What is above a directory is not the guest's to know.
            let inode = if name == b".." { own } else { entry.ino() };
            if !each(Entry { next: entry.next_entry_cookie(), inode, file_type, name }) {
                return Ok(());
            }
        }
        Ok(())
    }

    // @need-ids: REQ_WASI_006
    fn open(&self, path: &str, how: OpenHow) -> Result<Opened> {
        let access = match (how.read, how.write) {
            (_, false) => OFlags::RDONLY,
            (false, true) => OFlags::WRONLY,
            (true, true) => OFlags::RDWR,
        };
        let table = [
            (!how.follow, OFlags::NOFOLLOW),
            (how.create, OFlags::CREATE),
            (how.exclusive, OFlags::EXCL),
            (how.directory, OFlags::DIRECTORY),
            (how.truncate, OFlags::TRUNC),
        ];
        let flags = table.into_iter().filter(|(wanted, _)| *wanted).fold(access, |all, (_, flag)| all | flag);
        let mode = if how.create { FILE_MODE } else { Mode::empty() };
        let wanted = open_flags(how.flags);
        // A pipe with a name, or a device, would make the host wait in the open itself, for a peer that may never come.
        let fd = self.resolve(path, flags | wanted | OFlags::NOCTTY | OFlags::NONBLOCK, mode)?;
        let stat = fs::fstat(&fd)?;
        if file_stat(&stat).file_type == FileType::Directory {
            return Ok(Opened::Directory(Arc::new(Self { fd })));
        }
        if !how.flags.nonblock {
            fs::fcntl_setfl(&fd, wanted)?;
        }
        Ok(Opened::File(Arc::new(HostFile::new(fd)?)))
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        let fd = self.look(path, follow)?;
        Ok(file_stat(&fs::fstat(fd)?))
    }

    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()> {
        let times = timestamps(accessed, modified)?;
        let fd = self.look(path, follow)?;
        Ok(fs::utimensat(fd, "", &times, AtFlags::EMPTY_PATH)?)
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        let (parent, last) = self.parent(path)?;
        Ok(fs::mkdirat(parent, last, DIRECTORY_MODE)?)
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        let (parent, last) = self.parent(path)?;
        Ok(fs::unlinkat(parent, last, AtFlags::REMOVEDIR)?)
    }

    fn unlink(&self, path: &str) -> Result<()> {
        let (parent, last) = self.parent(path)?;
        Ok(fs::unlinkat(parent, last, AtFlags::empty())?)
    }

    fn symlink(&self, contents: &str, path: &str) -> Result<()> {
        if path.ends_with('/') {
            // No link has a name with a slash behind it: say what is there instead.
            return Err(self.look(path, false).err().unwrap_or(Errno::Exists));
        }
        let (parent, last) = self.parent(path)?;
        Ok(fs::symlinkat(contents, parent, last)?)
    }

    fn read_link(&self, path: &str) -> Result<Box<[u8]>> {
        let fd = self.look(path, false)?;
        if file_stat(&fs::fstat(&fd)?).file_type != FileType::SymbolicLink {
            return Err(Errno::Invalid);
        }
        Ok(fs::readlinkat(fd, "", Vec::new())?.into_bytes().into())
    }

    fn link(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()> {
        let to = ours(to)?;
        if path.ends_with('/') {
            // The kernel would follow a link here. With the slash it can only be a directory, which has no second name.
            let found = file_stat(&fs::fstat(self.look(path, false)?)?).file_type;
            return Err(if found == FileType::Directory { Errno::Permission } else { Errno::NotDirectory });
        }
        let (from, last) = self.parent(path)?;
        let (parent, new) = to.parent(new_path)?;
        Ok(fs::linkat(from, last, parent, new, AtFlags::empty())?)
    }

    fn rename(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()> {
        let to = ours(to)?;
        let (from, last) = self.parent(path)?;
        let (parent, new) = to.parent(new_path)?;
        Ok(fs::renameat(from, last, parent, new)?)
    }
}
