//! The system's error numbers as those of Preview 1.

use crate::errno::Errno;
use rustix::io::Errno as System;

macro_rules! table {
    ($($system:ident => $ours:ident,)*) => {
        impl From<System> for Errno {
            fn from(system: System) -> Self {
                match system {
                    $(System::$system => Self::$ours,)*
                    _ => Self::Io,
                }
            }
        }
    };
}

table! {
    TOOBIG => TooBig,
    ACCESS => Access,
    ADDRINUSE => AddressInUse,
    ADDRNOTAVAIL => AddressNotAvailable,
    AFNOSUPPORT => AddressFamily,
    AGAIN => Again,
    ALREADY => Already,
    BADF => BadFd,
    BADMSG => BadMessage,
    BUSY => Busy,
    CANCELED => Canceled,
    CONNABORTED => ConnectionAborted,
    CONNREFUSED => ConnectionRefused,
    CONNRESET => ConnectionReset,
    DEADLK => Deadlock,
    DESTADDRREQ => DestinationRequired,
    DQUOT => Quota,
    EXIST => Exists,
    FAULT => Fault,
    FBIG => FileTooBig,
    HOSTUNREACH => HostUnreachable,
    ILSEQ => IllegalSequence,
    INPROGRESS => InProgress,
    INTR => Interrupted,
    INVAL => Invalid,
    IO => Io,
    ISCONN => Connected,
    ISDIR => IsDirectory,
    LOOP => Loop,
    MFILE => ProcessFiles,
    MLINK => Links,
    MSGSIZE => MessageSize,
    NAMETOOLONG => NameTooLong,
    NETDOWN => NetworkDown,
    NETRESET => NetworkReset,
    NETUNREACH => NetworkUnreachable,
    NFILE => SystemFiles,
    NOBUFS => NoBuffers,
    NODEV => NoDevice,
    NOENT => NoEntry,
    NOLCK => NoLock,
    NOMEM => NoMemory,
    NOPROTOOPT => NoProtocolOption,
    NOSPC => NoSpace,
    NOSYS => NoSystem,
    NOTCONN => NotConnected,
    NOTDIR => NotDirectory,
    NOTEMPTY => NotEmpty,
    NOTSOCK => NotSocket,
    NOTSUP => NotSupported,
    NOTTY => NoTerminal,
    NXIO => NoSuchDevice,
    OVERFLOW => Overflow,
    PERM => Permission,
    PIPE => Pipe,
    PROTO => Protocol,
    PROTONOSUPPORT => NoProtocol,
    PROTOTYPE => ProtocolType,
    RANGE => Range,
    ROFS => ReadOnly,
    SPIPE => Seek,
    STALE => Stale,
    TIMEDOUT => TimedOut,
    TXTBSY => TextBusy,
    XDEV => CrossDevice,
}
