//! Traps as embedders see them: what happened, with which operands, and where the guest was.

// @need-ids: REQ_TRAP_001

use crate::error::BoxError;
use crate::types::FuncType;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use wrt_instructions::Trap;
use wrt_runtime::execute::{Detail, TrapInfo};

/// A trap of the guest (core 4.2.1), with its operands and the guest's call stack.
// @need-ids: REQ_TRAP_001, REQ_ERROR_003
#[derive(Debug)]
pub struct TrapError {
    /// Which trap, and its operands.
    pub info: TrapInfo,
    /// The guest's call stack, the innermost frame first.
    pub backtrace: Backtrace,
    /// Whether the call stack had more frames than the limit `max-backtrace-frames` reports.
    pub truncated: bool,
    types: Option<(FuncType, FuncType)>,
    host: Option<BoxError>,
}

/// A guest's call stack, the innermost frame first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backtrace {
    /// The frames.
    pub frames: Vec<FrameInfo>,
}

/// A frame of a guest's call stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameInfo {
    /// Number of the instance in its store.
    pub instance: u32,
    /// Name of its module, where the module says one.
    pub module: Option<String>,
    /// Index of the function in its module.
    pub func: u32,
    /// Name of the function, where the module says one.
    pub name: Option<String>,
    /// Where it was: offset of the operator from the module's start, in bytes.
    pub offset: Option<usize>,
}

/// As `add (function 3) of math at offset 0x41`; what is not known is left out.
impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} (function {})", self.func)?,
            None => write!(f, "function {}", self.func)?,
        }
        if let Some(module) = &self.module {
            write!(f, " of {module}")?;
        }
        self.offset.map_or(Ok(()), |offset| write!(f, " at offset {offset:#x}"))
    }
}

/// One line a frame, numbered from 0.
impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, frame) in self.frames.iter().enumerate() {
            writeln!(f, "{index:>4}: {frame}")?;
        }
        Ok(())
    }
}

impl TrapError {
    pub(crate) fn new(info: TrapInfo) -> Self {
        Self { info, backtrace: Backtrace::default(), truncated: false, types: None, host: None }
    }

    /// A trap because the host failed with `error`.
    pub(crate) fn from_host(error: BoxError) -> Self {
        Self { host: Some(error), ..Self::new(Trap::HostFunctionFailed.into()) }
    }

    pub(crate) fn set_types(&mut self, types: Option<(FuncType, FuncType)>) {
        self.types = types;
    }

    /// Which trap.
    pub fn trap(&self) -> Trap {
        self.info.trap
    }

    /// The types of an indirect call that did not match: expected, and found.
    pub fn types(&self) -> Option<(&FuncType, &FuncType)> {
        self.types.as_ref().map(|(expected, found)| (expected, found))
    }

    /// The error of the host function that failed.
    pub fn host_error(&self) -> Option<&(dyn core::error::Error + Send + Sync + 'static)> {
        self.host.as_deref()
    }

    /// The error of the host function that failed, to keep.
    pub fn into_host_error(self) -> Option<BoxError> {
        self.host
    }

    /// The operands in words, without the trap itself; empty where it has none.
    pub fn operands(&self) -> Operands<'_> {
        Operands(self)
    }
}

/// See [`TrapError::operands`].
#[derive(Debug)]
pub struct Operands<'t>(&'t TrapError);

impl fmt::Display for Operands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.info.detail {
            Detail::None => self.0.host.as_ref().map_or(Ok(()), |error| error.fmt(f)),
            Detail::Memory { address, length, size } => {
                write!(f, "address {address:#x}, length {length}, memory size {size}")
            }
            Detail::Table { index, length, size } => write!(f, "index {index}, length {length}, table size {size}"),
            Detail::Array { index, length, size } => write!(f, "index {index}, length {length}, array size {size}"),
            Detail::Tag { index } => write!(f, "tag {index}"),
            Detail::Type { expected, actual } => match &self.0.types {
                Some((expected, found)) => write!(f, "expected type {expected}, found {found}"),
                None => write!(f, "expected type {expected}, found {actual}"),
            },
        }
    }
}

/// One line: the specification suite's wording, then the operands.
impl fmt::Display for TrapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info.trap {
            // Said of a nested call by the trap itself; here it is any call that cannot pause.
            Trap::FuelExhausted => f.write_str("all fuel consumed")?,
            trap => f.write_str(trap.message())?,
        }
        if matches!(self.info.detail, Detail::None) && self.host.is_none() {
            return Ok(());
        }
        write!(f, ": {}", self.operands())
    }
}

impl core::error::Error for TrapError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.host {
            Some(error) => Some(error.as_ref()),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::types::ValType;
    use alloc::string::ToString;

    // @need-ids: REQ_TRAP_001
    #[test]
    fn traps_say_what_they_are_about_in_one_line() {
        let detail = Detail::Memory { address: 65_536, length: 4, size: 65_536 };
        let error = TrapError::new(TrapInfo { trap: Trap::MemoryOutOfBounds, detail });
        let text = "out of bounds memory access: address 0x10000, length 4, memory size 65536";
        assert_eq!(error.to_string(), text);
        let detail = Detail::Type { expected: 0, actual: 1 };
        let mut error = TrapError::new(TrapInfo { trap: Trap::IndirectCallTypeMismatch, detail });
        error.set_types(Some((FuncType::new([], []), FuncType::new([ValType::I32], []))));
        assert_eq!(error.to_string(), "indirect call type mismatch: expected type [] -> [], found [i32] -> []");
        assert_eq!(TrapError::new(Trap::Unreachable.into()).to_string(), "unreachable");
        let Error::Host(host) = Error::message("disk full") else { return };
        assert_eq!(TrapError::from_host(host).to_string(), "host function failed: disk full");
    }

    // @need-ids: REQ_TRAP_001
    #[test]
    fn frames_show_names_and_offsets_where_there_are_any() {
        let mut frame = FrameInfo { instance: 0, module: None, func: 3, name: None, offset: None };
        assert_eq!(frame.to_string(), "function 3");
        frame.name = Some("add".into());
        frame.module = Some("math".into());
        frame.offset = Some(65);
        assert_eq!(frame.to_string(), "add (function 3) of math at offset 0x41");
        let backtrace = Backtrace { frames: alloc::vec![frame] };
        assert_eq!(backtrace.to_string(), "   0: add (function 3) of math at offset 0x41\n");
    }
}
