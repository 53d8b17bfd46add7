//! The platform of a host with `std`.
//!
//! On Linux paths are resolved by the kernel (`openat2`) beneath the directory that they are relative to. Without that
//! system call no directory can be handed to a guest: there is no second, weaker way. On other systems streams, clocks
//! and random bytes are not there yet either, and asking for them is an error.

#[cfg(target_os = "linux")]
mod directory;
#[cfg(target_os = "linux")]
mod errno;
#[cfg(target_os = "linux")]
mod file;
#[cfg(target_os = "linux")]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

#[cfg(target_os = "linux")]
pub use system::socket;
pub use system::{HostPlatform, directory, input_file, output_file, stderr, stdin, stdout};
