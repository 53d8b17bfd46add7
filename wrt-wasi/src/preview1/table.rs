//! Descriptors: what a guest's numbers stand for.

use super::rights::Rights;
use crate::errno::Errno;
use crate::platform::{Directory, File, FileType, Result};
use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// What a descriptor leads to.
#[derive(Clone, Debug)]
pub(super) enum Object {
    File(Arc<dyn File>),
    Directory(Arc<dyn Directory>),
}

/// One descriptor.
#[derive(Clone, Debug)]
pub(super) struct Descriptor {
    pub(super) object: Object,
    pub(super) file_type: FileType,
    pub(super) rights: Rights,
    pub(super) inheriting: Rights,
    /// Whether it stems from a directory in which nothing may be changed.
    pub(super) read_only: bool,
    /// The name under which it was handed to the guest.
    pub(super) preopen: Option<String>,
}

impl Descriptor {
    pub(super) fn file(&self) -> Result<&Arc<dyn File>> {
        match &self.object {
            Object::File(file) => Ok(file),
            Object::Directory(_) => Err(Errno::BadFd),
        }
    }

    pub(super) fn directory(&self) -> Result<&Arc<dyn Directory>> {
        match &self.object {
            Object::Directory(directory) => Ok(directory),
            Object::File(_) => Err(Errno::NotDirectory),
        }
    }
}

/// The descriptors of a guest.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Option<Descriptor>>,
    /// Numbers below the end that are free; the least is given out first. A number may stand here and be in use again
    /// after it was renumbered to, so each is looked at once more.
    free: BinaryHeap<Reverse<u32>>,
    open: u32,
    limit: u32,
}

impl Table {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The descriptor of a number.
    #[inline]
    pub(super) fn get(&self, fd: u32) -> Result<&Descriptor> {
        self.slots.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadFd)
    }

    pub(super) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor> {
        self.slots.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::BadFd)
    }

    /// Refuses if there is no room for one more, before anything is opened for it.
    // @need-ids: REQ_WASI_002
    pub(super) fn has_room(&self) -> Result<()> {
        if self.open < self.limit { Ok(()) } else { Err(Errno::ProcessFiles) }
    }

    /// Puts a descriptor at the lowest free number.
    pub(super) fn insert(&mut self, descriptor: Descriptor) -> Result<u32> {
        self.has_room()?;
        while let Some(Reverse(fd)) = self.free.pop() {
            if let Some(slot @ None) = self.slots.get_mut(fd as usize) {
                *slot = Some(descriptor);
                self.open += 1;
                return Ok(fd);
            }
        }
        let fd = u32::try_from(self.slots.len()).map_err(|_| Errno::ProcessFiles)?;
        self.slots.push(Some(descriptor));
        self.open += 1;
        Ok(fd)
    }

    /// Leaves the next number without a descriptor, for good: a standard stream that is closed. What is written to it must
    /// not end up in a file that was opened later.
    pub(super) fn skip(&mut self) {
        self.slots.push(None);
    }

    /// Takes a descriptor out; what it leads to is closed with it.
    pub(super) fn remove(&mut self, fd: u32) -> Result<Descriptor> {
        let found = self.slots.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::BadFd)?;
        self.open -= 1;
        self.free.push(Reverse(fd));
        Ok(found)
    }

    /// Gives `from` the number `to`, which must be open and is closed.
    // @need-ids: REQ_WASI_004
    pub(super) fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(from)?;
        self.get(to)?;
        if from != to {
            let moved = self.remove(from)?;
            *self.get_mut(to)? = moved;
        }
        Ok(())
    }

    /// How many are open.
    pub(super) fn len(&self) -> u32 {
        self.open
    }
}
