//! The machine state of a call in progress: frames and slots.
//!
//! Frames overlap: a callee's locals begin where its caller put the arguments, and its results end up there too. Local
//! `i` stands in slot `base + i`, entry `k` of the operand stack in slot `base + locals + k` (see
//! [`WIDE_LIMIT`](crate::instr::WIDE_LIMIT) for frames larger than the window). A suspended frame stands at its return
//! position: arguments popped, results not pushed yet.

// @need-ids: REQ_005, REQ_024, REQ_ONE_STATE_001

use core::hint::black_box;

use crate::execute::{Broken, Outcome, TrapInfo};
use crate::heap::roots::{CallView, Outer};
use crate::instr::WINDOW_SLOTS;
use crate::storage::{HOST, SPECIAL};
use wrt_instructions::{Part, Trap};
use zerocopy::{FromBytes, Immutable, KnownLayout};

/// The position that ends a call from outside.
pub(crate) const ENTRY: u32 = u32::MAX;
/// The position of no call at all, or of one that ended.
pub(crate) const DONE: u32 = u32::MAX - 1;
/// The position of a frame that is a host function to be called.
pub(crate) const HOST_CALL: u32 = u32::MAX - 2;
/// The position of a frame that is a host function which was called.
pub(crate) const HOST_RETURN: u32 = u32::MAX - 3;
/// The position of a frame that is a host function which waits for a function that it called. It begins at that
/// function's frame; the record below says where its arguments are. No mark: limits count it as a frame.
pub(crate) const HOST_WAITS: u32 = u32::MAX - 4;
/// In place of an instance's number: the host itself. No instance has that number.
pub(crate) const NO_INSTANCE: u32 = BOUNDARY_MASK - 0xFF;
/// With an instance in the lower bits: the frame below belongs to that instance.
pub(crate) const BOUNDARY: u32 = 0xC000_0000;
/// How many instances the boundary mark can tell apart.
pub(crate) const BOUNDARY_MASK: u32 = 0x3FFF_FFFF;

/// Slots that a host function which waits for the guest has beyond its arguments: its state word, and a word with its
/// number in the lower half and the address of the function that it called in the upper one.
pub const HOST_FRAME_WORDS: u32 = 2;

/// Whether a frame's position makes it a mark, which limits do not count.
const fn is_mark(pc: u32) -> bool {
    pc & SPECIAL != 0 && pc != HOST_WAITS
}

/// The instance of a boundary mark.
pub(crate) const fn boundary(pc: u32) -> Option<u32> {
    // The positions above stand for something else.
    if pc >= BOUNDARY && pc & BOUNDARY_MASK <= NO_INSTANCE { Some(pc & BOUNDARY_MASK) } else { None }
}

/// A suspended frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, Immutable, KnownLayout)]
pub struct Frame {
    /// Where it goes on, or a mark: the end of a call from outside, or a change of instance.
    pub pc: u32,
    /// Its first slot.
    pub base: u32,
}

/// The part of a call in progress that is plain data besides slots and frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallState {
    /// Where the running frame goes on, or a mark.
    pub pc: u32,
    /// First slot of the running frame.
    pub base: u32,
    /// Frames in use, marks included.
    pub depth: u32,
    /// How many of them are marks, which limits do not count.
    pub marks: u32,
    /// The instance whose code runs; where the host calls its own function, no instance has that number.
    pub instance: u32,
    /// The host function asked for, while one is.
    pub host: u32,
    /// The last trap.
    pub trap: Option<TrapInfo>,
    /// Offset from the module's start, in bytes, of the operator that trapped, where the engine knows it: the running
    /// frame's position says less then.
    pub offset: Option<u32>,
    /// Most frames used so far, as far as observed.
    pub peak_frames: u32,
    /// Most slots used so far, as far as observed.
    pub peak_slots: u32,
    /// What the operator gives that asked for it ([`Stack::answer`]).
    #[cfg(feature = "threads")]
    pub answer: Option<u32>,
}

impl CallState {
    /// No call in progress.
    pub const IDLE: Self = Self::idle();

    #[inline(always)]
    const fn idle() -> Self {
        Self {
            pc: DONE,
            base: 0,
            depth: 0,
            // By stores: a row of zeroes that the compiler sees would be cleared by a routine of the C library, which is large.
            marks: black_box(0),
            instance: 0,
            host: 0,
            trap: None,
            offset: None,
            peak_frames: 0,
            peak_slots: 0,
            #[cfg(feature = "threads")]
            answer: None,
        }
    }
}

impl CallState {
    /// The instance whose code calls the host function that is asked for; `None` where the host calls its own.
    pub const fn caller(&self) -> Option<u32> {
        if self.instance == NO_INSTANCE { None } else { Some(self.instance) }
    }
}

impl Default for CallState {
    fn default() -> Self {
        Self::idle()
    }
}

/// A position of guest code: what backtraces and pauses speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Instance whose code it is, or [`HOST`] for a host function that waits for a function which it called.
    pub instance: u32,
    /// Position in that code. For a suspended frame the instruction after its call; for a host function the first slot
    /// of its callee, below which its words are ([`HOST_FRAME_WORDS`]).
    pub pc: u32,
    /// First slot of the frame.
    pub base: u32,
    /// Which of the frames' records says so; `None` for the running frame.
    pub record: Option<u32>,
}

impl Position {
    const fn has_begun(self) -> bool {
        self.instance == HOST || self.pc & SPECIAL == 0
    }
}

/// A host function that waits for, or just got, the results of a function that it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Number of the host function.
    pub host: u32,
    /// Address of the function that it called.
    pub callee: u32,
    /// What it asked to be told again.
    pub state: u64,
}

impl Waiting {
    pub(crate) const fn words(self) -> [u64; HOST_FRAME_WORDS as usize] {
        [self.state, (self.callee as u64) << 32 | self.host as u64]
    }

    /// From the slots of a host function's frame, whose last two are its words.
    pub fn from_slots(slots: &[u64]) -> Option<Self> {
        let [state, link] = *slots.last_chunk()?;
        Some(Self { host: link as u32, callee: (link >> 32) as u32, state })
    }
}

/// Calls beside one, where there can be objects that they reach.
type Beside<'a> = [&'a [CallView<'a>]; if Part::Gc.is_built() { 1 } else { 0 }];

/// A call's slots and frames: a view over storage that its caller owns.
// @need-ids: REQ_005, REQ_024, REQ_RESOURCE_001
#[derive(Debug)]
pub struct Stack<'a> {
    pub(crate) slots: &'a mut [u64],
    pub(crate) frames: &'a mut [Frame],
    /// The rest of the state.
    pub state: &'a mut CallState,
    max_frames: u32,
    growable: bool,
    /// Calls that stand still below the one that runs, the uppermost last.
    pub(crate) outer: &'a [Outer],
    /// Calls of the store that stand still elsewhere.
    beside: Beside<'a>,
    /// What a driver stops with.
    pub(crate) outcome: Outcome,
}

impl<'a> Stack<'a> {
    /// A view of a call's state.
    ///
    /// Of `slots`, the last 257 are a pad that keeps the window of the topmost frame inside; the others are the limit.
    /// `frames` need room for `max_frames` and for one mark for each call from outside or into another instance, two for
    /// each host function that waits for the guest; where there is less, calls trap earlier.
    pub fn new(slots: &'a mut [u64], frames: &'a mut [Frame], max_frames: u32, state: &'a mut CallState) -> Self {
        Self {
            slots,
            frames,
            state,
            max_frames,
            growable: false,
            outer: &[],
            beside: Beside::default(),
            outcome: Outcome::Finished,
        }
    }

    /// Says whether its owner can provide more slots and frames. If so, a call that does not fit is no trap:
    /// [`Outcome::NeedsStack`] asks for more, with the state as it was before the call.
    // @need-ids: REQ_STACK_GROWTH_001
    pub fn growable(self, growable: bool) -> Self {
        Self { growable, ..self }
    }

    /// Says what stands still below, on the same slots and frames: calls whose host functions called the guest.
    // @need-ids: REQ_GC_003
    #[must_use]
    pub fn above(self, outer: &'a [Outer]) -> Self {
        Self { outer, ..self }
    }

    /// Says which calls of the store stand still while this one runs: objects that they reach live on. Those that a store knows of
    /// by itself are not among them; a [`FixedStore`](crate::FixedStore) knows of none.
    // @need-ids: REQ_GC_003
    #[must_use]
    pub fn beside(mut self, calls: &'a [CallView<'a>]) -> Self {
        if let Some(place) = self.beside.first_mut() {
            *place = calls;
        }
        self
    }

    /// The calls that [`beside`](Self::beside) named.
    pub(crate) fn standing(&self) -> &'a [CallView<'a>] {
        self.beside.first().copied().unwrap_or_default()
    }

    /// Whether more storage is there for the asking.
    pub(crate) fn is_growable(&self) -> bool {
        self.growable
    }

    /// Answers the operator that stopped with [`Outcome::Wait`] or [`Outcome::Notify`]:
    /// what it gives when the call goes on, on whatever engine.
    // @need-ids: REQ_THREADS_002, REQ_001
    #[cfg(feature = "threads")]
    pub fn answer(&mut self, value: u32) {
        self.state.answer = Some(value);
    }

    /// How many slots frames may use.
    pub fn slot_limit(&self) -> u32 {
        let limit = self.slots.len().saturating_sub(WINDOW_SLOTS);
        // Where lengths have more bits than slots have numbers, one comparison does it.
        if cfg!(target_pointer_width = "64") {
            return limit.min(SPECIAL as usize) as u32;
        }
        u32::try_from(limit).unwrap_or(SPECIAL)
    }

    /// The slots from `start` on, `length` of them.
    pub fn slots(&self, start: u32, length: u32) -> Option<&[u64]> {
        self.slots.get(start as usize..(start as usize).checked_add(length as usize)?)
    }

    /// The slots from `start` on, `length` of them, to change.
    pub fn slots_mut(&mut self, start: u32, length: u32) -> Option<&mut [u64]> {
        self.slots.get_mut(start as usize..(start as usize).checked_add(length as usize)?)
    }

    /// The frames that this call may use now.
    pub(crate) fn usable_frames(&self) -> usize {
        // The running frame has no record.
        let limit = self.max_frames.saturating_sub(1).saturating_add(self.state.marks);
        (limit as usize).min(self.frames.len())
    }

    /// Puts a mark on top.
    pub(crate) fn push_mark(&mut self, pc: u32, base: u32) -> Result<(), Trap> {
        self.push_frame(pc, base)?;
        self.state.marks = self.state.marks.saturating_add(1);
        Ok(())
    }

    /// Puts a guest frame on top.
    pub(crate) fn push_frame(&mut self, pc: u32, base: u32) -> Result<(), Trap> {
        let frame = self.frames.get_mut(self.state.depth as usize).ok_or(Trap::CallStackExhausted)?;
        *frame = Frame { pc, base };
        // There was room for it, so there are more numbers.
        self.state.depth = self.state.depth.wrapping_add(1);
        Ok(())
    }

    /// Puts a frame on top, if the limit allows one more.
    pub(crate) fn push_counted(&mut self, pc: u32, base: u32) -> Result<(), Trap> {
        if self.state.depth as usize >= self.usable_frames() {
            return Err(Trap::CallStackExhausted);
        }
        self.push_frame(pc, base)
    }

    /// Takes the topmost frame away. Where it is a mark, it stays counted until its meaning was carried out.
    pub(crate) fn pop_marked(&mut self) -> Option<Frame> {
        self.state.depth = self.state.depth.checked_sub(1)?;
        self.frames.get(self.state.depth as usize).copied()
    }

    /// The topmost frame.
    pub(crate) fn top(&self) -> Option<Frame> {
        self.frames.get(self.state.depth.checked_sub(1)? as usize).copied()
    }

    /// Takes the topmost frame away for good.
    #[cfg_attr(feature = "compact", inline(always))]
    pub(crate) fn pop(&mut self) -> Option<Frame> {
        let frame = self.pop_marked()?;
        if is_mark(frame.pc) {
            self.state.marks = self.state.marks.saturating_sub(1);
        }
        Some(frame)
    }

    /// Takes a mark away, and the frame below it: that first.
    pub(crate) fn pop_two(&mut self) -> Option<(Frame, Frame)> {
        let depth = self.state.depth.checked_sub(2)?;
        let [below, mark] = *self.frames.get(depth as usize..)?.first_chunk()?;
        self.state.depth = depth;
        self.state.marks = self.state.marks.saturating_sub(1).saturating_sub(is_mark(below.pc).into());
        Some((below, mark))
    }

    /// Removes the frames of the innermost call from outside, as after a trap, and its mark.
    pub fn unwind(&mut self) {
        while let Some(frame) = self.pop() {
            if frame.pc == ENTRY {
                break;
            }
        }
        self.state.pc = DONE;
    }

    /// The guest positions of the innermost call from outside, the running one first.
    pub fn positions(&self) -> Positions<'_> {
        positions(self.frames, self.state)
    }

    /// Checks what must hold of a stack whenever no code runs: frames begin one above the other inside the slots, and
    /// marks are counted right.
    ///
    /// # Errors
    /// The first rule that is broken.
    // @need-ids: REQ_VERIFY_003, REQ_VERIFY_004
    #[cfg_attr(feature = "compact", inline(always))]
    pub fn validate(&self) -> Result<(), Broken> {
        let Some(used) = self.frames.get(..self.state.depth as usize) else { return Err(Broken::Depth) };
        check_frames(used.iter().copied(), self.state.base, self.slot_limit() as usize, self.state.marks)
    }
}

/// Checks that frames in use begin one above the other, the running one at `base` inside the slots, and that so many of them
/// are marks.
#[inline(always)]
pub(crate) fn check_frames(
    used: impl DoubleEndedIterator<Item = Frame>,
    base: u32,
    slot_limit: usize,
    marked: u32,
) -> Result<(), Broken> {
    let (mut above, mut marks) = (base, 0_u32);
    for frame in used.rev() {
        if frame.base > above {
            return Err(Broken::Order);
        }
        above = frame.base;
        marks = marks.wrapping_add(is_mark(frame.pc).into());
    }
    if base as usize > slot_limit {
        return Err(Broken::Base);
    }
    if marks != marked {
        return Err(Broken::Marks);
    }
    Ok(())
}

/// [`Stack::positions`], of a call that stands still.
pub fn positions<'f>(frames: &'f [Frame], state: &CallState) -> Positions<'f> {
    let running = Position { instance: state.instance, pc: state.pc, base: state.base, record: None };
    Positions { frames, depth: state.depth, next: Some(running) }
}

/// Iterator over the guest positions of a call; see [`Stack::positions`].
#[derive(Debug)]
pub struct Positions<'a> {
    frames: &'a [Frame],
    depth: u32,
    next: Option<Position>,
}

impl Iterator for Positions<'_> {
    type Item = Position;

    fn next(&mut self) -> Option<Position> {
        let mut current = self.next.take();
        let mut instance = current.map_or(0, |position| position.instance);
        // The first slot of the callee of a host function that waits for it.
        let mut waits = None;
        while let Some(depth) = self.depth.checked_sub(1) {
            let Some(frame) = self.frames.get(depth as usize) else { break };
            self.depth = depth;
            if frame.pc == ENTRY {
                self.depth = 0;
                continue;
            } else if frame.pc == HOST_WAITS {
                waits = Some(frame.base);
                continue;
            } else if frame.pc == HOST_RETURN {
                continue;
            } else if let (Some(_), Some(callee)) = (boundary(frame.pc), waits.take()) {
                // The same record is read once more, as the boundary below the host function.
                self.depth = depth.saturating_add(1);
                self.next = Some(Position { instance: HOST, pc: callee, base: frame.base, record: Some(depth) });
            } else if let Some(below) = boundary(frame.pc) {
                instance = below;
                continue;
            } else {
                self.next = Some(Position { instance, pc: frame.pc, base: frame.base, record: Some(depth) });
            }
            // A mark in place of a position is a function that has not begun.
            if current.is_some_and(Position::has_begun) {
                break;
            }
            current = self.next.take();
        }
        current.filter(|position| position.has_begun())
    }
}
