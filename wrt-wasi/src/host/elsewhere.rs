//! Systems without a platform of their own yet: everything is refused, with an error that says so.

use crate::platform::{Directory, File, Platform};
use alloc::sync::Arc;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// The host, of which nothing is built for this system.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostPlatform;

impl Platform for HostPlatform {}

fn unsupported<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "WASI's host platform is built for Linux only so far"))
}

/// A directory to hand to a guest.
pub fn directory(_path: &Path) -> Result<Arc<dyn Directory>> {
    unsupported()
}

/// A file as a stream to be read.
pub fn input_file(_path: &Path) -> Result<Arc<dyn File>> {
    unsupported()
}

/// A file, made or emptied, as a stream to be written.
pub fn output_file(_path: &Path) -> Result<Arc<dyn File>> {
    unsupported()
}

/// The process's standard input.
pub fn stdin() -> Result<Arc<dyn File>> {
    unsupported()
}

/// The process's standard output.
pub fn stdout() -> Result<Arc<dyn File>> {
    unsupported()
}

/// The process's standard error.
pub fn stderr() -> Result<Arc<dyn File>> {
    unsupported()
}
