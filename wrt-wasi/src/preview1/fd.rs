//! Functions on descriptors.

use super::context::WasiP1;
use super::guest::{Buffers, Guest};
use super::rights::Rights;
use super::stat;
use super::table::{Descriptor, Object};
use crate::errno::Errno;
use crate::platform::{Advice, File, FileFlags, Result, Whence};
use alloc::sync::Arc;

impl FileFlags {
    /// From the interface's bits.
    pub(super) fn from_bits(bits: u32) -> Result<Self> {
        if bits >= 1 << 5 {
            return Err(Errno::Invalid);
        }
        let has = |bit: u32| bits & (1 << bit) != 0;
        Ok(Self { append: has(0), data_sync: has(1), nonblock: has(2), read_sync: has(3), sync: has(4) })
    }

    fn bits(self) -> u16 {
        let Self { append, data_sync, nonblock, read_sync, sync } = self;
        let flags = [append, data_sync, nonblock, read_sync, sync];
        flags.into_iter().zip(0..).map(|(flag, bit)| u16::from(flag) << bit).sum()
    }
}

impl Descriptor {
    /// The file, to be read.
    fn readable(&self) -> Result<&Arc<dyn File>> {
        match &self.object {
            Object::Directory(_) => Err(Errno::IsDirectory),
            Object::File(_) if !self.rights.contains(Rights::FD_READ) => Err(Errno::BadFd),
            Object::File(file) => Ok(file),
        }
    }

    /// The file, to be written to.
    fn writable(&self) -> Result<&Arc<dyn File>> {
        let file = self.file()?;
        if self.rights.contains(Rights::FD_WRITE) { Ok(file) } else { Err(Errno::BadFd) }
    }

    /// The file, for something that needs `rights`.
    fn file_for(&self, rights: Rights) -> Result<&Arc<dyn File>> {
        let file = self.file()?;
        self.rights.need(rights)?;
        Ok(file)
    }

    /// A file that has positions, for something that needs one of `rights`.
    fn positioned(&self, rights: Rights) -> Result<&Arc<dyn File>> {
        let file = self.file()?;
        match () {
            () if !file.can_seek() => Err(Errno::Seek),
            () if self.rights & rights == Rights::NONE => Err(Errno::NotCapable),
            () => Ok(file),
        }
    }
}

/// Reads into the buffers, one after the other, until one is not filled. `streams` stop after the first: the next might
/// wait for more.
pub(super) fn read_into(
    guest: &mut Guest<'_>,
    buffers: &Buffers,
    is_stream: bool,
    mut read: impl FnMut(&mut [u8], u64) -> Result<usize>,
) -> Result<u32> {
    let mut total = 0_u64;
    for (address, length) in buffers.all() {
        match read(guest.slice_mut(address, length)?, total) {
            Ok(count) => {
                total += count as u64;
                if count < length as usize || is_stream {
                    break;
                }
            }
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    u32::try_from(total).map_err(|_| Errno::Overflow)
}

/// Writes the buffers' contents.
pub(super) fn write_from(
    guest: &Guest<'_>,
    buffers: &Buffers,
    write: impl FnOnce(&[&[u8]]) -> Result<usize>,
) -> Result<u32> {
    let written = match buffers.first() {
        None => 0,
        Some((address, length)) if buffers.is_single() => write(&[guest.slice(address, length)?])?,
        Some(_) => write(&guest.pieces(buffers)?)?,
    };
    u32::try_from(written).map_err(|_| Errno::Overflow)
}

impl WasiP1 {
    /// Reads or writes a list of buffers, and writes how much it was to `result`, for which there has to be a place before
    /// anything is done.
    #[inline]
    pub(super) fn transfer(
        &self,
        guest: &mut Guest<'_>,
        (buffers, count): (u32, u32),
        result: u32,
        act: impl FnOnce(&mut Guest<'_>, &Buffers) -> Result<u32>,
    ) -> Result<()> {
        guest.slice(result, 4)?;
        // What the interface counts in 32 bits is never more, whatever may be copied.
        let buffers = guest.buffers(buffers, count, self.max_copy.min(u64::from(u32::MAX)))?;
        let total = act(guest, &buffers)?;
        guest.write_u32(result, total)
    }

    pub(super) fn fd_read(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        result: u32,
    ) -> Result<()> {
        let file = self.table.get(fd)?.readable()?;
        self.transfer(guest, (buffers, count), result, |guest, buffers| {
            read_into(guest, buffers, !file.can_seek(), |into, _| file.read(into))
        })
    }

    pub(super) fn fd_pread(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        offset: u64,
        result: u32,
    ) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        let file = descriptor.readable()?;
        descriptor.positioned(Rights::FD_SEEK)?;
        let read = |into: &mut [u8], done| file.read_at(into, offset.checked_add(done).ok_or(Errno::Invalid)?);
        self.transfer(guest, (buffers, count), result, |guest, buffers| read_into(guest, buffers, false, read))
    }

    pub(super) fn fd_write(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        result: u32,
    ) -> Result<()> {
        let file = self.table.get(fd)?.writable()?;
        self.transfer(guest, (buffers, count), result, |guest, buffers| {
            write_from(guest, buffers, |pieces| file.write(pieces))
        })
    }

    pub(super) fn fd_pwrite(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        offset: u64,
        result: u32,
    ) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        let file = descriptor.writable()?;
        descriptor.positioned(Rights::FD_SEEK)?;
        self.transfer(guest, (buffers, count), result, |guest, buffers| {
            write_from(guest, buffers, |pieces| file.write_at(pieces, offset))
        })
    }

    pub(super) fn fd_seek(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        offset: i64,
        whence: u32,
        result: u32,
    ) -> Result<()> {
        let whence = guest.snapshot.whence(whence)?;
        // To ask where it stands is no more than `fd_tell` does.
        let asks = whence == Whence::Current && offset == 0;
        let rights = if asks { Rights::FD_SEEK | Rights::FD_TELL } else { Rights::FD_SEEK };
        let file = self.table.get(fd)?.positioned(rights)?;
        guest.slice(result, 8)?;
        let position = file.seek(offset, whence)?;
        guest.write_u64(result, position)
    }

    pub(super) fn fd_tell(&mut self, guest: &mut Guest<'_>, fd: u32, result: u32) -> Result<()> {
        let file = self.table.get(fd)?.positioned(Rights::FD_SEEK | Rights::FD_TELL)?;
        let position = file.seek(0, Whence::Current)?;
        guest.write_u64(result, position)
    }

    pub(super) fn fd_advise(
        &mut self,
        _guest: &mut Guest<'_>,
        fd: u32,
        offset: u64,
        length: u64,
        advice: u32,
    ) -> Result<()> {
        let advice = match advice {
            0 => Advice::Normal,
            1 => Advice::Sequential,
            2 => Advice::Random,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            5 => Advice::NoReuse,
            _ => return Err(Errno::Invalid),
        };
        let file = self.table.get(fd)?.positioned(Rights::FD_ADVISE)?;
        i64::try_from(offset).and(i64::try_from(length)).map_err(|_| Errno::Invalid)?;
        file.advise(offset, length, advice)
    }

    pub(super) fn fd_allocate(&mut self, _guest: &mut Guest<'_>, fd: u32, offset: u64, length: u64) -> Result<()> {
        let file = self.table.get(fd)?.file_for(Rights::FD_ALLOCATE)?;
        if length == 0 {
            return Err(Errno::Invalid);
        }
        let end = offset.checked_add(length).ok_or(Errno::FileTooBig)?;
        i64::try_from(end).map_err(|_| Errno::FileTooBig)?;
        file.allocate(offset, length)
    }

    // @need-ids: REQ_WASI_004
    pub(super) fn fd_close(&mut self, _guest: &mut Guest<'_>, fd: u32) -> Result<()> {
        self.table.remove(fd).map(drop)
    }

    pub(super) fn fd_renumber(&mut self, _guest: &mut Guest<'_>, fd: u32, to: u32) -> Result<()> {
        self.table.renumber(fd, to)
    }

    pub(super) fn fd_sync(&mut self, _guest: &mut Guest<'_>, fd: u32) -> Result<()> {
        self.synchronise(fd, Rights::FD_SYNC, true)
    }

    pub(super) fn fd_datasync(&mut self, _guest: &mut Guest<'_>, fd: u32) -> Result<()> {
        self.synchronise(fd, Rights::FD_DATASYNC | Rights::FD_SYNC, false)
    }

    fn synchronise(&self, fd: u32, rights: Rights, attributes: bool) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        if descriptor.rights & rights == Rights::NONE {
            return Err(Errno::NotCapable);
        }
        match &descriptor.object {
            Object::File(file) => file.sync(attributes),
            Object::Directory(directory) => directory.sync(attributes),
        }
    }

    pub(super) fn fd_fdstat_get(&mut self, guest: &mut Guest<'_>, fd: u32, result: u32) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        let flags = match &descriptor.object {
            Object::File(file) => file.flags()?,
            Object::Directory(_) => FileFlags::default(),
        };
        let type_and_flags = descriptor.file_type as u64 | u64::from(flags.bits()) << 16;
        guest.write_words(result, &[type_and_flags, descriptor.rights.0, descriptor.inheriting.0])
    }

    pub(super) fn fd_fdstat_set_flags(&mut self, _guest: &mut Guest<'_>, fd: u32, flags: u32) -> Result<()> {
        let flags = FileFlags::from_bits(flags)?;
        let file = self.table.get(fd)?.file_for(Rights::FD_FDSTAT_SET_FLAGS)?;
        file.set_flags(flags)
    }

    /// Rights can be given up, never taken.
    pub(super) fn fd_fdstat_set_rights(
        &mut self,
        _guest: &mut Guest<'_>,
        fd: u32,
        base: u64,
        inheriting: u64,
    ) -> Result<()> {
        let descriptor = self.table.get_mut(fd)?;
        let (base, inheriting) = (Rights(base), Rights(inheriting));
        descriptor.rights.need(base)?;
        descriptor.inheriting.need(inheriting)?;
        (descriptor.rights, descriptor.inheriting) = (base, inheriting);
        Ok(())
    }

    pub(super) fn fd_filestat_get(&mut self, guest: &mut Guest<'_>, fd: u32, result: u32) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        descriptor.rights.need(Rights::FD_FILESTAT_GET)?;
        let found = match &descriptor.object {
            Object::File(file) => file.stat(),
            Object::Directory(directory) => directory.stat(),
        };
        stat::write(guest, result, &found?)
    }

    pub(super) fn fd_filestat_set_size(&mut self, _guest: &mut Guest<'_>, fd: u32, size: u64) -> Result<()> {
        let file = self.table.get(fd)?.file_for(Rights::FD_FILESTAT_SET_SIZE)?;
        i64::try_from(size).map_err(|_| Errno::FileTooBig)?;
        file.set_size(size)
    }

    pub(super) fn fd_filestat_set_times(
        &mut self,
        _guest: &mut Guest<'_>,
        fd: u32,
        accessed: u64,
        modified: u64,
        flags: u32,
    ) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        let (accessed, modified) = stat::times(accessed, modified, flags)?;
        descriptor.refuse_read_only()?;
        descriptor.rights.need(Rights::FD_FILESTAT_SET_TIMES)?;
        match &descriptor.object {
            Object::File(file) => file.set_times(accessed, modified),
            Object::Directory(directory) => directory.set_times(accessed, modified),
        }
    }

    pub(super) fn fd_prestat_get(&mut self, guest: &mut Guest<'_>, fd: u32, result: u32) -> Result<()> {
        let name = self.table.get(fd)?.preopen.as_deref().ok_or(Errno::BadFd)?;
        let length = u32::try_from(name.len()).map_err(|_| Errno::NameTooLong)?;
        // Its kind, 0 for a directory, and behind it the length.
        guest.write_u64(result, u64::from(length) << 32)
    }

    pub(super) fn fd_prestat_dir_name(&mut self, guest: &mut Guest<'_>, fd: u32, path: u32, length: u32) -> Result<()> {
        let name = self.table.get(fd)?.preopen.as_deref().ok_or(Errno::BadFd)?;
        if (length as usize) < name.len() {
            return Err(Errno::NameTooLong);
        }
        guest.write(path, name.as_bytes())
    }
}
