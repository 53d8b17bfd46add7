//! Functions on paths.

use super::context::WasiP1;
use super::guest::Guest;
use super::rights::Rights;
use super::stat;
use super::table::{Descriptor, Object};
use crate::errno::Errno;
use crate::platform::{Directory, FileFlags, FileType, OpenHow, Opened, Result};
use wrt::logging::debug;

/// Bytes of the longest path, as Linux has it.
const MAX_PATH: u32 = 4_096;

/// A path of the guest's: neither empty, nor with a NUL, nor too long.
// @need-ids: REQ_WASI_002
fn path<'g>(guest: &'g Guest<'_>, address: u32, length: u32) -> Result<&'g str> {
    if length > MAX_PATH {
        guest.slice(address, length)?;
        return Err(Errno::NameTooLong);
    }
    let path = guest.text(address, length)?;
    match () {
        () if path.is_empty() => Err(Errno::NoEntry),
        () if path.contains('\0') => Err(Errno::Invalid),
        // The platform refuses as well; here it holds for every platform.
        () if path.starts_with('/') => Err(Errno::Permission),
        () => Ok(path),
    }
}

/// Whether a symbolic link at the end is followed.
fn follows(flags: u32) -> Result<bool> {
    if flags > 1 { Err(Errno::Invalid) } else { Ok(flags == 1) }
}

impl Descriptor {
    /// Refuses what would change anything, where that may not be.
    // @need-ids: REQ_WASI_004
    pub(super) fn refuse_read_only(&self) -> Result<()> {
        if self.read_only { Err(Errno::ReadOnly) } else { Ok(()) }
    }

    /// The directory, for something that needs `rights`.
    fn directory_for(&self, rights: Rights) -> Result<&dyn Directory> {
        let directory = self.directory()?;
        if self.read_only && rights & Rights::CHANGES != Rights::NONE {
            return Err(Errno::ReadOnly);
        }
        self.rights.need(rights)?;
        Ok(directory.as_ref())
    }
}

/// What `path_open` is asked for, besides the path.
#[allow(clippy::struct_excessive_bools, reason = "each is one flag of the interface")]
struct Request {
    follow: bool,
    create: bool,
    directory: bool,
    exclusive: bool,
    truncate: bool,
    flags: FileFlags,
    base: Rights,
    inheriting: Rights,
}

impl Request {
    fn new(lookup: u32, open: u32, base: u64, inheriting: u64, flags: u32) -> Result<Self> {
        if open >= 1 << 4 {
            return Err(Errno::Invalid);
        }
        let has = |bit: u32| open & (1 << bit) != 0;
        let (base, inheriting) = (Rights(base) & Rights::ALL, Rights(inheriting) & Rights::ALL);
        let (create, directory, exclusive, truncate) = (has(0), has(1), has(2), has(3));
        // What systems do here differs; some make or empty a file and then say that it is no directory.
        if directory && (create || exclusive || truncate) {
            return Err(Errno::Invalid);
        }
        let flags = FileFlags::from_bits(flags)?;
        Ok(Self { follow: follows(lookup)?, create, directory, exclusive, truncate, flags, base, inheriting })
    }

    /// Whether `parent` may open so. Rights that it cannot hand on are left out, but what decides how a file is opened must
    /// all be there.
    // @need-ids: REQ_WASI_004
    fn allowed(&self, parent: &Descriptor) -> Result<()> {
        let write = self.base & Rights::FD_WRITE;
        if parent.read_only && (self.create || self.truncate || write != Rights::NONE) {
            return Err(Errno::ReadOnly);
        }
        let mut needed = Rights::PATH_OPEN;
        if self.create {
            needed = needed | Rights::PATH_CREATE_FILE;
        }
        if self.truncate {
            needed = needed | Rights::PATH_FILESTAT_SET_SIZE;
        }
        parent.rights.need(needed)?;
        let decisive = self.base & (Rights::FD_READ | Rights::FD_WRITE);
        parent.inheriting.need(decisive)
    }

    fn how(&self) -> OpenHow {
        let (read, write) = (self.base.contains(Rights::FD_READ), self.base.contains(Rights::FD_WRITE));
        OpenHow {
            follow: self.follow,
            read: read || !write,
            write,
            create: self.create,
            exclusive: self.exclusive,
            directory: self.directory,
            truncate: self.truncate,
            flags: self.flags,
        }
    }

    /// The descriptor of what was opened.
    fn descriptor(&self, parent: &Descriptor, opened: Opened) -> Result<Descriptor> {
        let (object, file_type, can_seek) = match opened {
            Opened::Directory(directory) => (Object::Directory(directory), FileType::Directory, false),
            Opened::File(file) => {
                let (file_type, can_seek) = (file.stat()?.file_type, file.can_seek());
                (Object::File(file), file_type, can_seek)
            }
        };
        let mut granted = self.base & parent.inheriting;
        if !self.base.contains(Rights::FD_WRITE) {
            granted = granted.without(Rights::WRITES);
        }
        let inheriting = if file_type == FileType::Directory { self.inheriting } else { Rights::NONE };
        Ok(Descriptor {
            object,
            file_type,
            rights: granted & Rights::of_type(file_type, can_seek),
            inheriting: inheriting & parent.inheriting,
            read_only: parent.read_only,
            preopen: None,
        })
    }
}

impl WasiP1 {
    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn path_open(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        lookup: u32,
        address: u32,
        length: u32,
        open: u32,
        base: u64,
        inheriting: u64,
        flags: u32,
        result: u32,
    ) -> Result<()> {
        let request = Request::new(lookup, open, base, inheriting, flags)?;
        // Nothing is opened, made or emptied that there is no number for, or no place to put it.
        guest.slice(result, 4)?;
        let parent = self.table.get(fd)?;
        let directory = parent.directory()?;
        let path = path(guest, address, length)?;
        request.allowed(parent)?;
        self.table.has_room()?;
        let opened = directory.open(path, request.how())?;
        let descriptor = request.descriptor(parent, opened)?;
        let (kind, rights) = (descriptor.file_type, descriptor.rights);
        let number = self.table.insert(descriptor)?;
        debug!("descriptor {number} is {path:?} beneath descriptor {fd}: {kind:?}, rights {:#x}", rights.0);
        guest.write_u32(result, number)
    }

    /// The directory of a descriptor, for something that needs `rights`, and a path from there.
    fn at<'a>(
        &'a self,
        guest: &'a Guest<'_>,
        fd: u32,
        rights: Rights,
        (address, length): (u32, u32),
    ) -> Result<(&'a dyn Directory, &'a str)> {
        let directory = self.table.get(fd)?.directory_for(rights)?;
        Ok((directory, path(guest, address, length)?))
    }

    pub(super) fn path_create_directory(&mut self, guest: &mut Guest<'_>, fd: u32, at: u32, length: u32) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_CREATE_DIRECTORY, (at, length))?;
        directory.create_directory(path)
    }

    pub(super) fn path_remove_directory(&mut self, guest: &mut Guest<'_>, fd: u32, at: u32, length: u32) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_REMOVE_DIRECTORY, (at, length))?;
        directory.remove_directory(path)
    }

    pub(super) fn path_unlink_file(&mut self, guest: &mut Guest<'_>, fd: u32, at: u32, length: u32) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_UNLINK_FILE, (at, length))?;
        directory.unlink(path)
    }

    pub(super) fn path_filestat_get(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        flags: u32,
        address: u32,
        length: u32,
        result: u32,
    ) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_FILESTAT_GET, (address, length))?;
        let found = directory.stat_at(path, follows(flags)?)?;
        stat::write(guest, result, &found)
    }

    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn path_filestat_set_times(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        flags: u32,
        address: u32,
        length: u32,
        accessed: u64,
        modified: u64,
        times: u32,
    ) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_FILESTAT_SET_TIMES, (address, length))?;
        let (accessed, modified) = stat::times(accessed, modified, times)?;
        directory.set_times_at(path, follows(flags)?, accessed, modified)
    }

    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn path_link(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        flags: u32,
        address: u32,
        length: u32,
        new_fd: u32,
        new_address: u32,
        new_length: u32,
    ) -> Result<()> {
        // A link out of a read-only directory could be written through, one into it changes it: both are refused.
        let (from, old) = self.at(guest, fd, Rights::PATH_LINK_SOURCE, (address, length))?;
        let (to, new) = self.at(guest, new_fd, Rights::PATH_LINK_TARGET, (new_address, new_length))?;
        if follows(flags)? {
            return Err(Errno::Invalid);
        }
        from.link(old, to, new)
    }

    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn path_rename(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        address: u32,
        length: u32,
        new_fd: u32,
        new_address: u32,
        new_length: u32,
    ) -> Result<()> {
        let (from, old) = self.at(guest, fd, Rights::PATH_RENAME_SOURCE, (address, length))?;
        let (to, new) = self.at(guest, new_fd, Rights::PATH_RENAME_TARGET, (new_address, new_length))?;
        from.rename(old, to, new)
    }

    pub(super) fn path_symlink(
        &mut self,
        guest: &mut Guest<'_>,
        contents: u32,
        contents_length: u32,
        fd: u32,
        address: u32,
        length: u32,
    ) -> Result<()> {
        let (directory, link) = self.at(guest, fd, Rights::PATH_SYMLINK, (address, length))?;
        // A link may say anything that is beneath some directory; following it stays beneath this one anyway.
        directory.symlink(path(guest, contents, contents_length)?, link)
    }

    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn path_readlink(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        address: u32,
        length: u32,
        buffer: u32,
        buffer_length: u32,
        result: u32,
    ) -> Result<()> {
        let (directory, path) = self.at(guest, fd, Rights::PATH_READLINK, (address, length))?;
        let contents = directory.read_link(path)?;
        guest.slice(result, 4)?;
        let contents = contents.get(..buffer_length as usize).unwrap_or(&contents);
        guest.write(buffer, contents)?;
        guest.write_u32(result, contents.len() as u32)
    }
}
