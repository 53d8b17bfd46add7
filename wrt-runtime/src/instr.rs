//! Instructions of the register IR.

// @need-ids: REQ_IMAGE_002

use core::borrow::Borrow;
use wrt_instructions::op::Plain;
use wrt_instructions::{Op, Part};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How many slots of its frame a function reaches through 8-bit registers.
pub const WINDOW: usize = 256;

/// How many slots the window on a frame shows: one more than registers name, so that the pair of slots from any register on
/// lies inside. The slots of a stack end with as many as a pad.
pub const WINDOW_SLOTS: usize = WINDOW + 1;

/// In a frame of more slots than the window, registers from here to the window's end are scratch: slot `i` at or above
/// it stands at `i + WIDE_SCRATCH`. The rule is part of the frame layout, so limits and engines count alike.
pub const WIDE_LIMIT: u32 = 248;

/// How many scratch registers a wide frame has.
pub const WIDE_SCRATCH: u32 = 8;

/// Set in the `imm` of a bulk operator whose operands stand in a wide frame on both sides of the scratch registers; the
/// other bits are the first operand's slot.
pub const SPLIT: u32 = 1 << 31;

/// The most slots a frame may have: instructions hold the start of a callee's frame in 16 bits.
pub const FRAME_SLOTS_MAX: u32 = 65_000;

/// Set in the number of an instruction whose result only the next one reads, from the accumulator: chained handlers do not
/// write it to its register, others may.
pub const UNWRITTEN: u16 = 1 << 15;

/// Tables with so many entries and more have one in each word, and need [`Part::Large`]: 32 bits, so that it leads to whatever is there.
pub const PACKED_ENTRIES: u32 = 1 << 14;

/// Entries of a branch table in each of its words. An entry is the distance to its target, forward or back, from the
/// table's first word; those that no index asks for lead somewhere, too.
pub const ENTRIES_PER_WORD: u32 = 3;

/// How many words the table of a `br_table` has that has an entry more than its `imm` says.
pub const fn table_words(imm: u32) -> u32 {
    let last = if is_packed(imm) { imm / ENTRIES_PER_WORD } else { imm };
    last.saturating_add(1)
}

/// Whether a table that has an entry more than this has [`ENTRIES_PER_WORD`].
#[inline(always)]
pub const fn is_packed(imm: u32) -> bool {
    !Part::Large.is_built() || imm < PACKED_ENTRIES
}

/// An entry of the branch table that has one more than `imm`, which fits in 32 bits; `word` gives a word of the table. `None` where
/// it gives none.
#[inline(always)]
pub fn table_entry<W: Borrow<Instr>>(imm: u32, index: u32, word: impl FnOnce(u32) -> Option<W>) -> Option<isize> {
    if !is_packed(imm) {
        return word(index).map(|word| word.borrow().imm as i32 as isize);
    }
    let word = word(index / ENTRIES_PER_WORD)?;
    Some(word.borrow().entry(index % ENTRIES_PER_WORD) as isize)
}

/// One instruction, 8 bytes, in native byte order when run. See [`wrt_instructions::op`] for what the fields mean.
// @need-ids: REQ_IMAGE_002, REQ_023
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Instr {
    /// Number of the row ([`Op`]), and [`UNWRITTEN`].
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
    /// A word of a branch table.
    pub const fn entries([first, second, third]: [i16; ENTRIES_PER_WORD as usize]) -> Self {
        let [a, b] = first.to_le_bytes();
        Self::data(a, b, second as u16 as u32 | (third as u16 as u32) << 16)
    }
    /// A word of a branch table with one entry.
    pub const fn far_entry(distance: i32) -> Self {
        Self::data(0, 0, distance as u32)
    }
    /// One of the entries in a word of a branch table: the first, the second, or else the third.
    // By value all of it would be read, written to the stack, and a part read again.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    #[inline(always)]
    fn entry(&self, place: u32) -> i16 {
        if cfg!(all(target_endian = "little", not(feature = "compact"))) {
            // They lie side by side: one load, and no jump to predict.
            let [_, entries @ ..]: &[u16; 4] = zerocopy::transmute_ref!(self);
            return entries.get(place as usize).map_or(0, |entry| *entry as i16);
        }
        match place {
            0 => self.ab() as i16,
            1 => self.imm as i16,
            _ => (self.imm >> 16) as i16,
        }
    }
    /// Its row number.
    pub const fn op(self) -> Op {
        Op(self.op & !UNWRITTEN)
    }
    /// Whether its result is needed in the accumulator alone.
    pub const fn is_unwritten(self) -> bool {
        self.op & UNWRITTEN != 0
    }
    /// The instruction in 8 bytes of an image, which are little-endian.
    pub const fn from_le_bytes(bytes: [u8; 8]) -> Self {
        let [o0, o1, a, b, i0, i1, i2, i3] = bytes;
        Self { op: u16::from_le_bytes([o0, o1]), a, b, imm: u32::from_le_bytes([i0, i1, i2, i3]) }
    }
    /// Its 8 bytes in an image.
    pub const fn to_le_bytes(self) -> [u8; 8] {
        let ([o0, o1], [i0, i1, i2, i3]) = (self.op.to_le_bytes(), self.imm.to_le_bytes());
        [o0, o1, self.a, self.b, i0, i1, i2, i3]
    }
    /// The 16-bit number in `a` and `b`.
    pub const fn ab(self) -> u32 {
        self.a as u32 | (self.b as u32) << 8
    }
}

/// What the engine runs in place of an [`Instr`]: the same on small targets, with its handler on 64-bit hosts.
// @need-ids: REQ_IMAGE_002, REQ_023
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(cells), derive(FromBytes, Immutable, KnownLayout), repr(transparent))]
pub struct Cell {
    #[cfg(cells)]
    pub(crate) handler: crate::stackless::Handler,
    pub(crate) instr: Instr,
}

impl From<Instr> for Cell {
    fn from(instr: Instr) -> Self {
        Self {
            #[cfg(cells)]
            handler: crate::stackless::handler(instr),
            instr,
        }
    }
}

impl Default for Cell {
    /// A cell that traps as corrupt code.
    fn default() -> Self {
        Self::from(Instr::default())
    }
}

impl Cell {
    /// The instruction.
    pub const fn instr(&self) -> Instr {
        self.instr
    }

    /// The most cells that one handler runs: two constants with their data words.
    const FUSED_MAX: usize = 4;

    /// Lets the first of instructions that have a handler together run all of them, where instructions have handlers: for code whose cells
    /// are all made.
    pub fn fuse(cells: &mut [Self]) {
        #[cfg(cells)]
        crate::stackless::fuse(cells);
        #[cfg(not(cells))]
        let _ = cells;
    }

    /// Changes an instruction of code that is complete, where handlers of those before it may run it too. `None` where the code has no
    /// such position.
    pub fn put(cells: &mut [Self], at: usize, instr: Instr) -> Option<()> {
        *cells.get_mut(at)? = Self::from(instr);
        let first = at.saturating_sub(Self::FUSED_MAX - 1);
        let end = at.saturating_add(Self::FUSED_MAX).min(cells.len());
        let around = cells.get_mut(first..end)?;
        for cell in around.iter_mut() {
            *cell = Self::from(cell.instr);
        }
        Self::fuse(around);
        Some(())
    }

    /// An image's code as cells, where it lies: on targets that run instructions as they are, if the code is aligned to 4
    /// bytes and this machine is little-endian. `None` elsewhere: there cells are copies ([`From<Instr>`]).
    pub fn in_place(code: &[u8]) -> Option<&[Self]> {
        #[cfg(all(not(cells), target_endian = "little"))]
        return <[Self]>::ref_from_bytes(code).ok();
        #[cfg(not(all(not(cells), target_endian = "little")))]
        {
            let _ = code;
            None
        }
    }
}
