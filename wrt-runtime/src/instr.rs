//! Instructions of the register IR.

use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How many slots of its frame a function reaches through 8-bit registers.
pub const WINDOW: usize = 256;

/// In a frame of more slots than the window, registers from here to the window's end are scratch: slot `i` at or above
/// it stands at `i + WIDE_SCRATCH`. The rule is part of the frame layout, so limits and engines count alike.
pub const WIDE_LIMIT: u32 = 248;

/// How many scratch registers a wide frame has.
pub const WIDE_SCRATCH: u32 = 8;

/// The most slots a frame may have: instructions hold the start of a callee's frame in 16 bits.
pub const FRAME_SLOTS_MAX: u32 = 65_000;

/// One instruction, 8 bytes, in native byte order when run. See [`wrt_instructions::op`] for what the fields mean.
// @need-ids: REQ_IMAGE_002, REQ_023
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Instr {
    /// Number of the row ([`Op`]).
    pub op: u16,
    /// Usually the register defined.
    pub a: u8,
    /// Usually the register of the first operand.
    pub b: u8,
    /// Register, constant, offset, target or price.
    pub imm: u32,
}

impl Instr {
    /// An instruction.
    pub const fn new(op: Op, a: u8, b: u8, imm: u32) -> Self {
        Self { op: op.0, a, b, imm }
    }
    /// A data word for the instruction before.
    pub const fn data(a: u8, b: u8, imm: u32) -> Self {
        Self::new(Op::plain(Plain::Data), a, b, imm)
    }
    /// Its row number.
    pub const fn op(self) -> Op {
        Op(self.op)
    }
    /// The 16-bit number in `a` and `b`.
    pub const fn ab(self) -> u32 {
        self.a as u32 | (self.b as u32) << 8
    }
}

/// What the engine runs in place of an [`Instr`]: the same on small targets, with its handler on 64-bit hosts.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    #[cfg(threaded)]
    pub(crate) handler: crate::stackless::Handler,
    pub(crate) instr: Instr,
}

impl From<Instr> for Cell {
    fn from(instr: Instr) -> Self {
        Self {
            #[cfg(threaded)]
            handler: crate::stackless::handler(instr.op()),
            instr,
        }
    }
}

impl Cell {
    /// The instruction.
    pub const fn instr(&self) -> Instr {
        self.instr
    }
}
