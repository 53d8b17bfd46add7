//! What a guest has: arguments, environment, descriptors, a platform. All of it was put there by the host.

// @need-ids: REQ_WASI_003

use super::rights::Rights;
use super::table::{Descriptor, Object, Table};
use crate::errno::Errno;
use crate::platform::{File, FileType, NoPlatform, Platform, Preopen, Result};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use wrt::{Instance, Memory};
use wrt_safety::Limits;

/// What one guest has of Preview 1. It belongs into the data of the guest's store.
// @need-ids: REQ_WASI_001, REQ_WASI_003
#[derive(Debug)]
pub struct WasiP1 {
    pub(super) args: WasiText,
    pub(super) env: WasiText,
    pub(super) table: Table,
    pub(super) platform: Box<dyn Platform>,
    /// Bytes that one call copies at most.
    pub(super) max_copy: u64,
    /// Refusals that were logged as warnings.
    pub(super) warnings: u32,
    /// The memory of the instance that called last, so that it is not searched by name at every call.
    pub(super) memory: Option<(Instance, Memory)>,
}

impl WasiP1 {
    /// Starts with nothing: no arguments, no environment, no streams, no directories, no clock.
    pub fn builder() -> WasiP1Builder {
        WasiP1Builder::default()
    }

    /// How many descriptors are open.
    pub fn descriptors(&self) -> u32 {
        self.table.len()
    }
}

/// Texts that end with a NUL, as `args_get` and `environ_get` hand them out.
#[derive(Clone, Debug, Default)]
pub struct WasiText {
    pub(super) bytes: Vec<u8>,
    pub(super) starts: Vec<u32>,
}

/// A text that the interface cannot carry: it holds a NUL, or all together are too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadText;

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("holds a NUL, or all together are longer than 4 GiB")
    }
}

impl core::error::Error for BadText {}

impl WasiText {
    /// Adds one.
    fn push(&mut self, text: &[u8]) -> core::result::Result<(), BadText> {
        if text.contains(&0) {
            return Err(BadText);
        }
        let start = u32::try_from(self.bytes.len()).map_err(|_| BadText)?;
        let end = u32::try_from(text.len()).ok().and_then(|length| start.checked_add(length)?.checked_add(1));
        end.ok_or(BadText)?;
        self.starts.push(start);
        self.bytes.extend_from_slice(text);
        self.bytes.push(0);
        Ok(())
    }
}

/// Puts together what a guest has.
#[derive(Debug, Default)]
pub struct WasiP1Builder {
    args: WasiText,
    env: WasiText,
    streams: [Option<Arc<dyn File>>; 3],
    sockets: Vec<Arc<dyn File>>,
    preopens: Vec<Preopen>,
    platform: Option<Box<dyn Platform>>,
    limits: Limits,
}

impl WasiP1Builder {
    /// Adds an argument; the first is the program's name.
    ///
    /// # Errors
    /// `BadText`.
    pub fn arg(&mut self, arg: impl AsRef<[u8]>) -> core::result::Result<&mut Self, BadText> {
        self.args.push(arg.as_ref())?;
        Ok(self)
    }

    /// Sets a variable of the environment.
    ///
    /// # Errors
    /// `BadText`.
    pub fn env(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> core::result::Result<&mut Self, BadText> {
        self.env.push(&[name.as_ref(), b"=", value.as_ref()].concat())?;
        Ok(self)
    }

    /// Standard input; without it, it is closed.
    pub fn stdin(&mut self, stream: Arc<dyn File>) -> &mut Self {
        self.stream(0, stream)
    }

    /// Standard output; without it, it is closed.
    pub fn stdout(&mut self, stream: Arc<dyn File>) -> &mut Self {
        self.stream(1, stream)
    }

    /// Standard error; without it, it is closed.
    pub fn stderr(&mut self, stream: Arc<dyn File>) -> &mut Self {
        self.stream(2, stream)
    }

    fn stream(&mut self, fd: usize, stream: Arc<dyn File>) -> &mut Self {
        if let Some(slot) = self.streams.get_mut(fd) {
            *slot = Some(stream);
        }
        self
    }

    /// Hands a directory to the guest.
    pub fn preopen(&mut self, preopen: Preopen) -> &mut Self {
        self.preopens.push(preopen);
        self
    }

    /// Hands a socket to the guest. Its number follows those of the directories.
    pub fn socket(&mut self, socket: Arc<dyn File>) -> &mut Self {
        self.sockets.push(socket);
        self
    }

    /// The platform; without it there is no clock, no chance and no waiting.
    pub fn platform(&mut self, platform: impl Platform + 'static) -> &mut Self {
        self.platform = Some(Box::new(platform));
        self
    }

    /// The limits; those of the guest's engine fit.
    pub fn limits(&mut self, limits: &Limits) -> &mut Self {
        self.limits = *limits;
        self
    }

    /// Puts it together.
    ///
    /// # Errors
    /// [`Errno::ProcessFiles`] for more descriptors than `max-descriptors`; what a stream answers that is asked what it is.
    pub fn build(self) -> Result<WasiP1> {
        let mut table = Table::new(self.limits.max_descriptors);
        let ways = [Rights::FD_WRITE, Rights::FD_READ, Rights::FD_READ];
        for (stream, without) in self.streams.into_iter().zip(ways) {
            match stream {
                Some(stream) => drop(table.insert(stream_descriptor(stream, without)?)?),
                None => table.skip(),
            }
        }
        for preopen in self.preopens {
            table.insert(preopen_descriptor(preopen))?;
        }
        for socket in self.sockets {
            table.insert(stream_descriptor(socket, Rights::NONE)?)?;
        }
        Ok(WasiP1 {
            args: self.args,
            env: self.env,
            table,
            platform: self.platform.unwrap_or_else(|| Box::new(NoPlatform)),
            max_copy: self.limits.max_host_copy_bytes,
            warnings: 0,
            memory: None,
        })
    }
}

/// A descriptor of a stream that the host hands over.
pub(super) fn stream_descriptor(stream: Arc<dyn File>, without: Rights) -> Result<Descriptor> {
    let file_type = stream.stat()?.file_type;
    if file_type == FileType::Directory {
        return Err(Errno::IsDirectory);
    }
    let rights = Rights::of_type(file_type, stream.can_seek()).without(without);
    Ok(Descriptor {
        object: Object::File(stream),
        file_type,
        rights,
        inheriting: if rights.contains(Rights::SOCK_ACCEPT) { rights } else { Rights::NONE },
        read_only: false,
        preopen: None,
    })
}

fn preopen_descriptor(preopen: Preopen) -> Descriptor {
    let Preopen { name, directory, writable } = preopen;
    let refused = if writable { Rights::NONE } else { Rights::CHANGES };
    Descriptor {
        object: Object::Directory(directory),
        file_type: FileType::Directory,
        rights: Rights::DIRECTORY.without(refused),
        inheriting: Rights::INHERITED.without(refused),
        read_only: !writable,
        preopen: Some(name),
    }
}
