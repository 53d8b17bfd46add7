//! The platform of a host with `std`.
//!
//! On Linux paths are resolved by the kernel (`openat2`) beneath the directory that they are relative to. Without that
//! system call no directory can be handed to a guest: there is no second, weaker way. On other systems cap-std does it.

#[cfg(target_os = "linux")]
mod directory;
#[cfg(unix)]
mod errno;
#[cfg(target_os = "linux")]
mod file;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", allow(dead_code, unreachable_pub, reason = "tested on Linux, for other systems"))]
mod portable;
#[cfg(target_os = "linux")]
mod system;

#[cfg(not(target_os = "linux"))]
pub use portable::{HostPlatform, directory, input_file, output_file, stderr, stdin, stdout};
#[cfg(target_os = "linux")]
pub use system::{HostPlatform, directory, input_file, output_file, socket, stderr, stdin, stdout};
