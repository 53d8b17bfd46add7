//! Error numbers of Preview 1, which platforms answer with.

// @need-ids: REQ_WASI_001

macro_rules! errnos {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        /// Why a call failed (`errno` of `wasi_snapshot_preview1`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = $text] $name = $number,)*
        }

        impl Errno {
            /// All of them; an error's number is its place plus one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it means.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

errnos! {
    TooBig = 1, "argument list too long";
    Access = 2, "permission denied";
    AddressInUse = 3, "address in use";
    AddressNotAvailable = 4, "address not available";
    AddressFamily = 5, "address family not supported";
    Again = 6, "resource unavailable, or operation would block";
    Already = 7, "connection already in progress";
    BadFd = 8, "bad file descriptor";
    BadMessage = 9, "bad message";
    Busy = 10, "device or resource busy";
    Canceled = 11, "operation canceled";
    Child = 12, "no child processes";
    ConnectionAborted = 13, "connection aborted";
    ConnectionRefused = 14, "connection refused";
    ConnectionReset = 15, "connection reset";
    Deadlock = 16, "resource deadlock would occur";
    DestinationRequired = 17, "destination address required";
    Domain = 18, "argument out of domain of function";
    Quota = 19, "disk quota exceeded";
    Exists = 20, "file exists";
    Fault = 21, "bad address";
    FileTooBig = 22, "file too large";
    HostUnreachable = 23, "host is unreachable";
    IdentifierRemoved = 24, "identifier removed";
    IllegalSequence = 25, "illegal byte sequence";
    InProgress = 26, "operation in progress";
    Interrupted = 27, "interrupted function";
    Invalid = 28, "invalid argument";
    Io = 29, "input or output error";
    Connected = 30, "socket is connected";
    IsDirectory = 31, "is a directory";
    Loop = 32, "too many levels of symbolic links";
    ProcessFiles = 33, "file descriptor value too large, or too many open files";
    Links = 34, "too many links";
    MessageSize = 35, "message too large";
    Multihop = 36, "multihop attempted";
    NameTooLong = 37, "file name too long";
    NetworkDown = 38, "network is down";
    NetworkReset = 39, "connection aborted by network";
    NetworkUnreachable = 40, "network unreachable";
    SystemFiles = 41, "too many files open in system";
    NoBuffers = 42, "no buffer space available";
    NoDevice = 43, "no such device";
    NoEntry = 44, "no such file or directory";
    NoExec = 45, "executable file format error";
    NoLock = 46, "no locks available";
    NoLink = 47, "link has been severed";
    NoMemory = 48, "not enough space";
    NoMessage = 49, "no message of the desired type";
    NoProtocolOption = 50, "protocol not available";
    NoSpace = 51, "no space left on device";
    NoSystem = 52, "function not supported";
    NotConnected = 53, "the socket is not connected";
    NotDirectory = 54, "not a directory or a symbolic link to a directory";
    NotEmpty = 55, "directory not empty";
    NotRecoverable = 56, "state not recoverable";
    NotSocket = 57, "not a socket";
    NotSupported = 58, "not supported, or operation not supported on socket";
    NoTerminal = 59, "inappropriate I/O control operation";
    NoSuchDevice = 60, "no such device or address";
    Overflow = 61, "value too large to be stored in data type";
    OwnerDead = 62, "previous owner died";
    Permission = 63, "operation not permitted";
    Pipe = 64, "broken pipe";
    Protocol = 65, "protocol error";
    NoProtocol = 66, "protocol not supported";
    ProtocolType = 67, "protocol wrong type for socket";
    Range = 68, "result too large";
    ReadOnly = 69, "read-only file system";
    Seek = 70, "invalid seek";
    NoProcess = 71, "no such process";
    Stale = 72, "stale file handle";
    TimedOut = 73, "connection timed out";
    TextBusy = 74, "text file busy";
    CrossDevice = 75, "cross-device link";
    NotCapable = 76, "capabilities insufficient";
}

impl Errno {
    /// Its number.
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl core::fmt::Display for Errno {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Errno {}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_WASI_001
    #[test]
    fn numbers_follow_the_order_of_the_interface() {
        for (number, errno) in (1..).zip(Errno::ALL) {
            assert_eq!(errno.number(), number, "{errno}");
        }
        assert_eq!(Errno::NotCapable.number(), 76);
    }
}
