//! Streams that are kept in memory: input that the host has ready, output that it wants to have.

// @need-ids: REQ_WASI_002

use crate::errno::Errno;
use crate::platform::{File, FileStat, FileType, Result};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::{AtomicUsize, Ordering};

fn stat(size: usize) -> FileStat {
    FileStat {
        device: 0,
        inode: 0,
        file_type: FileType::Unknown,
        links: 1,
        size: size as u64,
        accessed: 0,
        modified: 0,
        changed: 0,
    }
}

/// Input that is ready.
#[derive(Debug)]
pub struct Input {
    bytes: Arc<[u8]>,
    at: AtomicUsize,
}

impl Input {
    /// A stream of these bytes, and then the end.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Arc<Self> {
        Arc::new(Self { bytes: bytes.into(), at: AtomicUsize::new(0) })
    }
}

impl File for Input {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(stat(self.bytes.len()))
    }

    fn read(&self, into: &mut [u8]) -> Result<usize> {
        // Who takes a part says so first; two readers get different parts.
        let wanted = into.len();
        let taken = self.at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |at| {
            Some(at.saturating_add(wanted).min(self.bytes.len()))
        });
        let rest = taken.ok().and_then(|at| self.bytes.get(at..)).unwrap_or_default();
        let count = rest.len().min(wanted);
        match (into.get_mut(..count), rest.get(..count)) {
            (Some(into), Some(bytes)) => into.copy_from_slice(bytes),
            _ => return Err(Errno::Io),
        }
        Ok(count)
    }
}

/// Output that is kept, up to a limit.
#[derive(Debug)]
pub struct Output {
    bytes: spin::Mutex<Vec<u8>>,
    most: usize,
}

impl Output {
    /// Keeps at most `most` bytes; a write of more is refused as on a full device.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { bytes: spin::Mutex::new(Vec::new()), most })
    }

    /// What was written so far.
    pub fn contents(&self) -> Vec<u8> {
        self.bytes.lock().clone()
    }
}

impl File for Output {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(stat(self.bytes.lock().len()))
    }

    fn write(&self, pieces: &[&[u8]]) -> Result<usize> {
        let mut bytes = self.bytes.lock();
        let before = bytes.len();
        for piece in pieces {
            let room = self.most.saturating_sub(bytes.len()).min(piece.len());
            bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
            if room < piece.len() {
                break;
            }
        }
        let written = bytes.len() - before;
        let wanted = pieces.iter().any(|piece| !piece.is_empty());
        if wanted && written == 0 { Err(Errno::NoSpace) } else { Ok(written) }
    }
}
