//! Directories, by cap-std: it walks a path component by component with handles, or has the kernel do it where that can.
// @need-ids: REQ_WASI_003

use super::checked;
use super::file::{PortableFile, file_stat, file_type, time};
use crate::errno::Errno;
use crate::platform::{Directory, Entry, FileStat, FileType, OpenHow, Opened, Result, SetTime};
use alloc::boxed::Box;
use alloc::sync::Arc;
use cap_fs_ext::{
    DirExt, FollowSymlinks, MetadataExt, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt,
    SystemTimeSpec,
};
use cap_std::fs::{Dir, OpenOptions};
use core::any::Any;
use std::io;
use std::path::Path;

/// A directory that the host has open.
#[derive(Debug)]
struct PortableDirectory {
    dir: Dir,
}

pub(super) fn open_host(path: &Path) -> io::Result<Arc<dyn Directory>> {
    let dir = Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
    Ok(Arc::new(PortableDirectory { dir }))
}

impl PortableDirectory {
    /// Whether there is a directory itself at a path, and not a link to one; slashes behind it are not looked at.
    fn is_directory(&self, path: &str) -> Result<bool> {
        checked(self.dir.symlink_metadata(path.trim_end_matches('/'))).map(|found| found.is_dir())
    }
}

/// The other directory of a call with two.
fn ours(directory: &dyn Directory) -> Result<&PortableDirectory> {
    directory.as_any().downcast_ref().ok_or(Errno::CrossDevice)
}

/// A time to set as the library takes it.
fn spec(set: SetTime) -> Result<Option<SystemTimeSpec>> {
    Ok(match set {
        SetTime::Now => Some(SystemTimeSpec::SymbolicNow),
        other => time(other)?.map(|time| SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(time))),
    })
}

fn options(how: OpenHow) -> OpenOptions {
    let mut options = OpenOptions::new();
    // What is made or emptied must be open for writing; what the guest may do with it, its rights say.
    let write = how.write || how.create || how.truncate;
    options.read(how.read).write(write).truncate(how.truncate);
    options.create(how.create && !how.exclusive).create_new(how.create && how.exclusive);
    options.follow(if how.follow { FollowSymlinks::Yes } else { FollowSymlinks::No }).maybe_dir(true);
    // Nothing that is found there makes the host wait in the open itself.
    options.nonblock(true).sync(how.flags.sync).dsync(how.flags.data_sync);
    options
}

/// Reads and writes wait again, unless the guest does not want them to.
fn wait_again(file: &std::fs::File, how: OpenHow) -> Result<()> {
    #[cfg(unix)]
    if !how.flags.nonblock {
        let flags = rustix::fs::fcntl_getfl(file)?;
        rustix::fs::fcntl_setfl(file, flags.difference(rustix::fs::OFlags::NONBLOCK))?;
    }
    #[cfg(not(unix))]
    let _ = (file, how);
    Ok(())
}

impl Directory for PortableDirectory {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        checked(self.dir.dir_metadata()).map(|metadata| file_stat(&metadata))
    }

    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<()> {
        self.set_times_at(".", true, accessed, modified)
    }

    fn sync(&self, attributes: bool) -> Result<()> {
        if cfg!(not(unix)) {
            // Such systems write names when they like.
            return Ok(());
        }
        // The handle at hand may be one for looking things up only.
        let directory = checked(self.dir.open_with(".", OpenOptions::new().read(true).maybe_dir(true)))?;
        checked(if attributes { directory.sync_all() } else { directory.sync_data() })
    }

    /// A cookie is the number of entries before. Whoever changes the directory meanwhile may have one told twice or not.
    fn entries(&self, cookie: u64, each: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<()> {
        let own = self.stat()?.inode;
        let (mut next, skipped) = (0_u64, cookie);
        let mut tell = |inode: u64, file_type: FileType, name: &[u8]| {
            next += 1;
            next <= skipped || each(Entry { next, inode, file_type, name })
        };
        if !tell(own, FileType::Directory, b".") || !tell(own, FileType::Directory, b"..") {
            return Ok(());
        }
        for entry in checked(self.dir.entries())? {
            let entry = checked(entry)?;
            let kind = entry.file_type().map_or(FileType::Unknown, file_type);
            let inode = entry.metadata().map_or(0, |metadata| metadata.ino());
            if !tell(inode, kind, entry.file_name().as_encoded_bytes()) {
                break;
            }
        }
        Ok(())
    }

    // @need-ids: REQ_WASI_006
    fn open(&self, path: &str, how: OpenHow) -> Result<Opened> {
        let file = checked(self.dir.open_with(path, &options(how)))?.into_std();
        if checked(file.metadata())?.is_dir() {
            return if how.write {
                Err(Errno::IsDirectory)
            } else {
                Ok(Opened::Directory(Arc::new(Self { dir: Dir::from_std_file(file) })))
            };
        }
        if how.directory {
            return Err(Errno::NotDirectory);
        }
        wait_again(&file, how)?;
        Ok(Opened::File(Arc::new(PortableFile::new(file, how.flags))))
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        // With a slash behind it, it has to be a directory; the library does not look.
        let slash = path.ends_with('/') || path.ends_with("/.");
        let found = if follow || slash { self.dir.metadata(path) } else { self.dir.symlink_metadata(path) };
        let found = file_stat(&checked(found)?);
        if slash && found.file_type != FileType::Directory { Err(Errno::NotDirectory) } else { Ok(found) }
    }

    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()> {
        let (accessed, modified) = (spec(accessed)?, spec(modified)?);
        checked(if follow {
            self.dir.set_times(path, accessed, modified)
        } else {
            self.dir.set_symlink_times(path, accessed, modified)
        })
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        checked(self.dir.create_dir(path))
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        checked(self.dir.remove_dir(path.trim_end_matches('/')))
    }

    fn unlink(&self, path: &str) -> Result<()> {
        // The library follows a link with a slash behind it.
        if path.ends_with('/') && !self.is_directory(path)? {
            return Err(Errno::NotDirectory);
        }
        checked(self.dir.remove_file_or_symlink(path))
    }

    fn symlink(&self, contents: &str, path: &str) -> Result<()> {
        // Some systems have links of two kinds. What is not there yet is taken for a file.
        checked(DirExt::symlink(&self.dir, contents, path))
    }

    fn read_link(&self, path: &str) -> Result<Box<[u8]>> {
        let contents = checked(self.dir.read_link_contents(path))?;
        Ok(contents.into_os_string().into_encoded_bytes().into())
    }

    fn link(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()> {
        checked(self.dir.hard_link(path, &ours(to)?.dir, new_path))
    }

    fn rename(&self, path: &str, to: &dyn Directory, new_path: &str) -> Result<()> {
        if (path.ends_with('/') || new_path.ends_with('/')) && !self.is_directory(path)? {
            return Err(Errno::NotDirectory);
        }
        checked(self.dir.rename(path, &ours(to)?.dir, new_path))
    }
}
