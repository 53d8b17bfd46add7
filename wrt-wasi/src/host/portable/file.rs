//! Files and streams, by the standard library.

use super::checked;
use crate::errno::Errno;
use crate::platform::{File, FileFlags, FileStat, FileType, Result, SetTime, Whence};
use alloc::sync::Arc;
use alloc::vec::Vec;
use cap_fs_ext::MetadataExt;
use cap_std::fs::Metadata;
use core::any::Any;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs::FileTimes;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::time::SystemTime;

/// Something with bytes that the host has open.
#[derive(Debug)]
pub(super) struct PortableFile {
    file: std::fs::File,
    file_type: FileType,
    can_seek: bool,
    /// Whether each write goes to the end. It looks for the end itself, so two that write at once may meet there.
    append: AtomicBool,
    /// What the guest set and reads again; nothing here waits less for it.
    nonblock: AtomicBool,
}

impl PortableFile {
    pub(super) fn new(file: std::fs::File, flags: FileFlags) -> Self {
        let file_type = match checked(Metadata::from_file(&file)) {
            Ok(metadata) => file_type(metadata.file_type()),
            // What has no data of its own, such as a console.
            Err(_) => FileType::CharacterDevice,
        };
        let can_seek = file_type == FileType::Regular && (&file).stream_position().is_ok();
        let (append, nonblock) = (flags.append.into(), flags.nonblock.into());
        Self { file, file_type, can_seek, append, nonblock }
    }

    pub(super) fn stream(file: io::Result<std::fs::File>) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(Self::new(file?, FileFlags::default())))
    }
}

/// What something is.
pub(super) fn file_type(found: cap_std::fs::FileType) -> FileType {
    match () {
        () if found.is_dir() => FileType::Directory,
        () if found.is_file() => FileType::Regular,
        () if found.is_symlink() => FileType::SymbolicLink,
        () if cap_fs_ext::FileTypeExt::is_char_device(&found) => FileType::CharacterDevice,
        () if cap_fs_ext::FileTypeExt::is_block_device(&found) => FileType::BlockDevice,
        () => FileType::Unknown,
    }
}

/// What is known about a file.
pub(super) fn file_stat(found: &Metadata) -> FileStat {
    let time = |time: io::Result<cap_std::time::SystemTime>| {
        let since = time.ok().and_then(|time| time.into_std().duration_since(SystemTime::UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
    };
    FileStat {
        device: found.dev(),
        inode: found.ino(),
        file_type: file_type(found.file_type()),
        links: found.nlink(),
        size: found.len(),
        accessed: time(found.accessed()),
        modified: time(found.modified()),
        // No library tells it on all systems.
        changed: time(found.modified()),
    }
}

/// A time to set; `None` where it is to stay.
pub(super) fn time(time: SetTime) -> Result<Option<SystemTime>> {
    Ok(match time {
        SetTime::Keep => None,
        SetTime::Now => Some(SystemTime::now()),
        SetTime::To(time) => {
            Some(SystemTime::UNIX_EPOCH.checked_add(Duration::from_nanos(time)).ok_or(Errno::Invalid)?)
        }
    })
}

/// Reads at an offset, and leaves where the file stands.
fn read_at(file: &std::fs::File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, into, offset);
    #[cfg(not(unix))]
    return at(file, offset, |mut file| file.read(into));
}

/// Writes at an offset, and leaves where the file stands.
fn write_at(file: &std::fs::File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_at(file, bytes, offset);
    #[cfg(not(unix))]
    return at(file, offset, |mut file| file.write(bytes));
}

/// Does something at an offset and goes back. A descriptor belongs to one guest, which does one thing at a time.
#[cfg(not(unix))]
fn at<T>(mut file: &std::fs::File, offset: u64, access: impl FnOnce(&std::fs::File) -> io::Result<T>) -> io::Result<T> {
    let before = file.stream_position()?;
    file.seek(SeekFrom::Start(offset))?;
    let result = access(file);
    file.seek(SeekFrom::Start(before))?;
    result
}

/// Tries again what a signal broke off.
fn retried<T>(mut call: impl FnMut() -> io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return checked(result),
        }
    }
}

impl File for PortableFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        match Metadata::from_file(&self.file) {
            Ok(metadata) => Ok(FileStat { file_type: self.file_type, ..file_stat(&metadata) }),
            Err(_) if self.file_type == FileType::CharacterDevice => Ok(FileStat {
                device: 0,
                inode: 0,
                file_type: self.file_type,
                links: 1,
                size: 0,
                accessed: 0,
                modified: 0,
                changed: 0,
            }),
            Err(error) => Err(super::errno(&error)),
        }
    }

    fn can_seek(&self) -> bool {
        self.can_seek
    }

    fn read(&self, into: &mut [u8]) -> Result<usize> {
        retried(|| (&self.file).read(into))
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> Result<usize> {
        i64::try_from(offset).map_err(|_| Errno::Invalid)?;
        retried(|| read_at(&self.file, into, offset))
    }

    fn write(&self, pieces: &[&[u8]]) -> Result<usize> {
        if self.can_seek && self.append.load(Ordering::Relaxed) {
            checked((&self.file).seek(SeekFrom::End(0)))?;
        }
        let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        retried(|| (&self.file).write_vectored(&slices))
    }

    fn write_at(&self, pieces: &[&[u8]], offset: u64) -> Result<usize> {
        i64::try_from(offset).map_err(|_| Errno::Invalid)?;
        let mut written = 0;
        for piece in pieces {
            let at = offset.checked_add(written as u64).ok_or(Errno::FileTooBig)?;
            match retried(|| write_at(&self.file, piece, at)) {
                Ok(count) => {
                    written += count;
                    if count < piece.len() {
                        break;
                    }
                }
                Err(errno) if written == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        Ok(written)
    }

    fn seek(&self, offset: i64, whence: Whence) -> Result<u64> {
        let to = match whence {
            Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Invalid)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        checked((&self.file).seek(to))
    }

    fn flags(&self) -> Result<FileFlags> {
        let (append, nonblock) = (self.append.load(Ordering::Relaxed), self.nonblock.load(Ordering::Relaxed));
        Ok(FileFlags { append, nonblock, ..FileFlags::default() })
    }

    fn set_flags(&self, flags: FileFlags) -> Result<()> {
        let FileFlags { append, nonblock, data_sync, read_sync, sync } = flags;
        if data_sync || read_sync || sync {
            return Err(Errno::Invalid);
        }
        self.append.store(append, Ordering::Relaxed);
        self.nonblock.store(nonblock, Ordering::Relaxed);
        Ok(())
    }

    fn set_size(&self, size: u64) -> Result<()> {
        checked(self.file.set_len(size))
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        // The room is not kept, but the file is as long as it has to be.
        let end = offset.checked_add(length).ok_or(Errno::FileTooBig)?;
        if checked(self.file.metadata())?.len() < end { self.set_size(end) } else { Ok(()) }
    }

    fn sync(&self, attributes: bool) -> Result<()> {
        match () {
            () if !self.can_seek => Ok(()),
            () if attributes => checked(self.file.sync_all()),
            () => checked(self.file.sync_data()),
        }
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()> {
        let mut times = FileTimes::new();
        if let Some(time) = time(accessed)? {
            times = times.set_accessed(time);
        }
        if let Some(time) = time(modified)? {
            times = times.set_modified(time);
        }
        checked(self.file.set_times(times))
    }
}
