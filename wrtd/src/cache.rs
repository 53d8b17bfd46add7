//! `--cache`: a folder of this user's that remembers which modules were found valid, so that their functions are validated when they are first
//! called and not all before the first runs.
//!
//! An entry is a file without content, whose name says all: the hash of the module, the schedule of fuel, the version of `wrtd`, and which
//! proposals were on. So no entry is ever half written. What it says is not trusted either, as each body is validated before it is lowered; but
//! who could write entries could have a program begin that is refused without them. So a folder in which others may write is refused.

// @need-ids: REQ_PERF_004

use crate::config::Users;
use crate::failure::{Class, Failure};
use crate::input::{self, Input};
use std::ffi::OsStr;
use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use wrt::{Engine, Module};
use wrt_instructions::price::SCHEDULE_HASH;

/// Digits of a hash, with which an entry's name begins.
const HASH_DIGITS: usize = 64;

/// The folder, opened: what is done with entries is done in the folder that was checked, whatever becomes of its name.
#[derive(Debug)]
pub struct Cache {
    folder: folder::Folder,
    name: String,
}

impl Cache {
    /// Opens the folder `named`, or the user's, and makes it where there is none.
    ///
    /// # Errors
    /// There is no place for it, or it is not this user's alone.
    // @need-ids: REQ_PERF_004
    pub fn open(named: Option<&OsStr>) -> Result<Self, Failure> {
        let path = named.map(PathBuf::from).or_else(|| Users::Cache.folder()).ok_or_else(|| {
            let message = "there is no folder for --cache, as HOME is not set: --cache-dir names one";
            Failure::new(Class::Usage, message)
        })?;
        let name = input::name_of(path.as_os_str());
        let folder = folder::Folder::open(&path).map_err(|refused| {
            let message = match refused {
                Refused::Io(error) => format!("cannot be the folder of the cache: {}", input::why(&error)),
                Refused::Because(why) => format!("cannot be the folder of the cache: {why}"),
            };
            Failure::new(Class::Usage, message).in_file(&name)
        })?;
        Ok(Self { folder, name })
    }

    /// The module of a file. Of one that was found valid before, bodies are validated when they are called.
    ///
    /// # Errors
    /// Those of a module that is refused.
    // @need-ids: REQ_PERF_004
    pub fn module(&self, engine: &Engine, input: &Input) -> Result<Module, Failure> {
        // All of an image is checked as ever: that is what makes it well defined to run it.
        if input.kind == input::Kind::Image {
            return input::module(engine, input);
        }
        let entry = entry(engine, &input.bytes);
        if self.folder.has(&entry) {
            log::info!("{}: found valid before, says {}", input.name, self.name);
            return input::made(input, || Module::new_lazy(engine, &input.bytes));
        }
        let module = input::module(engine, input)?;
        match self.folder.add(&entry) {
            Ok(()) => log::info!("{}: now known to {}", input.name, self.name),
            // The run needs none of it.
            Err(error) => log::warn!("{}: cannot be written to: {error}", self.name),
        }
        Ok(module)
    }
}

/// Why a folder is not taken.
#[cfg_attr(not(unix), allow(dead_code))]
#[derive(Debug)]
enum Refused {
    Io(io::Error),
    Because(String),
}

/// The name of a module's entry. What a module may be depends on the proposals; limits are asked for anew by every load.
fn entry(engine: &Engine, module: &[u8]) -> String {
    let mut name = String::with_capacity(2 * HASH_DIGITS);
    for byte in Module::hash_of(module) {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    let _ = write!(name, "-{SCHEDULE_HASH:016x}-{}", env!("CARGO_PKG_VERSION"));
    for proposal in engine.proposals() {
        let _ = write!(name, "+{}", proposal.name());
    }
    name
}

/// Whether a file's name is that of an entry, of any version.
#[cfg_attr(not(unix), allow(dead_code))]
fn is_entry(name: &str) -> bool {
    let hash = name.split_once('-').map_or("", |(hash, _)| hash);
    hash.len() == HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(unix)]
mod folder {
    use super::{Refused, io, is_entry};
    use crate::input::why;
    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
    use rustix::{fs, process};
    use std::os::unix::fs::DirBuilderExt;
    use std::path::Path;

    /// How many entries there may be. Beyond, the older half is removed.
    const ENTRIES_MAX: usize = 4_096;

    /// What others than the owner may do, of a file's mode.
    const OTHERS: Mode = Mode::RWXG.union(Mode::RWXO);

    #[derive(Debug)]
    pub(super) struct Folder(OwnedFd);

    impl Folder {
        pub(super) fn open(path: &Path) -> Result<Self, Refused> {
            let folder = || fs::open(path, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
            let fd = match folder() {
                Err(rustix::io::Errno::NOENT) => {
                    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
                    made.map_err(|error| Refused::Because(format!("it cannot be made: {}", why(&error))))?;
                    folder()
                }
                opened => opened,
            };
            let fd = fd.map_err(|error| match error {
                rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR => Refused::Because("it is no directory".into()),
                error => Refused::Io(error.into()),
            })?;
            let stat = fs::fstat(&fd).map_err(|error| Refused::Io(error.into()))?;
            if stat.st_uid != process::geteuid().as_raw() {
                return Err(Refused::Because(format!("it is another user's, of number {}", stat.st_uid)));
            }
            let mode = Mode::from_raw_mode(stat.st_mode);
            if mode.intersects(OTHERS) {
                let mode = mode.bits();
                return Err(Refused::Because(format!("others may use it (its mode is {mode:03o}, and 700 is wanted)")));
            }
            Ok(Self(fd))
        }

        pub(super) fn has(&self, entry: &str) -> bool {
            let stat = fs::statat(&self.0, entry, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
        }

        pub(super) fn add(&self, entry: &str) -> io::Result<()> {
            self.make_room()?;
            let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            fs::openat(&self.0, entry, flags, Mode::RUSR | Mode::WUSR)?;
            Ok(())
        }

        /// Removes the older half where there are as many entries as there may be. What else is there is left alone.
        // @need-ids: REQ_RESOURCE_001
        fn make_room(&self) -> io::Result<()> {
            let mut names = Vec::new();
            for file in Dir::read_from(&self.0)? {
                let file = file?;
                names.extend(file.file_name().to_str().ok().filter(|name| is_entry(name)).map(str::to_owned));
            }
            if names.len() < ENTRIES_MAX {
                return Ok(());
            }
            let time = |name: &String| {
                let stat = fs::statat(&self.0, name.as_str(), AtFlags::SYMLINK_NOFOLLOW);
                stat.ok().map(|stat| (stat.st_mtime, stat.st_mtime_nsec))
            };
            names.sort_by_cached_key(time);
            for name in names.iter().take(names.len() / 2) {
                // Another run may have removed it.
                let _ = fs::unlinkat(&self.0, name.as_str(), AtFlags::empty());
            }
            Ok(())
        }
    }
}

/// Systems whose files have no owner and mode that could be asked for.
#[cfg(not(unix))]
mod folder {
    use super::{Refused, io};
    use std::path::Path;

    #[derive(Debug)]
    pub(super) enum Folder {}

    impl Folder {
        pub(super) fn open(_: &Path) -> Result<Self, Refused> {
            Err(Refused::Because("whose it is cannot be told on this system".into()))
        }

        pub(super) fn has(&self, _: &str) -> bool {
            match *self {}
        }

        pub(super) fn add(&self, _: &str) -> io::Result<()> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt::{Config, Proposal};

    // @need-ids: REQ_PERF_004
    #[test]
    fn an_entry_is_of_a_module_a_schedule_a_version_and_proposals() {
        let plain = Engine::default();
        let name = entry(&plain, b"abc");
        assert!(name.starts_with("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad-"), "{name}");
        assert!(name.ends_with(&format!("-{SCHEDULE_HASH:016x}-{}", env!("CARGO_PKG_VERSION"))), "{name}");
        assert!(is_entry(&name));
        let wide = Engine::new(&Config::new().proposal(Proposal::WideArithmetic, true));
        assert_eq!(entry(&wide, b"abc"), format!("{name}+wide-arithmetic"));
        assert_ne!(entry(&plain, b"abd"), name);
        for other in ["", "-", "README", &"g".repeat(70), &"a".repeat(64), &format!("{}-x", "a".repeat(63))] {
            assert!(!is_entry(other), "{other}");
        }
    }
}
