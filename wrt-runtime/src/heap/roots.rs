//! What the objects that live are reached from: frames of all calls of a store, by their reference maps; globals, tables and element
//! segments; and what the host holds.

// @need-ids: REQ_GC_003

use super::Heap;
use super::collect::{Reached, is_collectable};
use super::reference::HANDLES_MAX;
use crate::image::format::RefMapRecord;
use crate::instantiate::GlobalType;
use crate::stack::{CallState, ENTRY, Frame, HOST_CALL, HOST_FRAME_WORDS, HOST_WAITS, Stack, Waiting, boundary};
use crate::storage::{HOST, SPECIAL, Storage};
use crate::table::{NULL, Ref};
use wrt_instructions::{Part, price};
use zerocopy::byteorder::little_endian::U32;

/// A list of references of a store.
#[derive(Clone, Copy, Debug)]
pub enum Roots<'a> {
    /// References that may be to objects: of a table or element segment, or that the host holds.
    Refs(&'a [Ref]),
    /// All slots of globals, with the type of each global at its first slot.
    Globals(&'a [u64], &'a [Option<GlobalType>]),
}

impl Roots<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Refs(refs) => refs.len(),
            Self::Globals(slots, _) => slots.len(),
        }
    }
}

/// Which list of roots is the next, in an order of the store's own: the lists of one group, then those of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootsAt {
    group: u32,
    index: u32,
}

impl RootsAt {
    /// The next list, which is passed: its group, and its index there.
    #[allow(clippy::should_implement_trait, reason = "it never ends by itself")]
    pub const fn next(&mut self) -> (u32, u32) {
        let at = (self.group, self.index);
        self.index = self.index.wrapping_add(1);
        at
    }

    /// Passes the rest of the group.
    pub const fn next_group(&mut self) {
        *self = Self { group: self.group.wrapping_add(1), index: 0 };
    }
}

/// Whose positions a call's frames have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Those of register code.
    Register,
    /// Those of side tables.
    Bytecode,
}

/// How many kinds of code have maps: none where nothing is collected.
pub const MAPS: usize = if Part::Gc.is_built() { 2 } else { 0 };

/// Which slots of frames hold references, by position: of one kind of code of a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefMaps<'a> {
    /// Sorted by position.
    pub records: &'a [RefMapRecord],
    /// The slots of all of them, counted from the frame's first.
    pub slots: &'a [U32],
}

impl<'a> RefMaps<'a> {
    /// The slots that hold references where a frame stands at `pc`.
    fn at(self, pc: u32) -> &'a [U32] {
        let find = || {
            let index = self.records.binary_search_by_key(&pc, |record| record.pc.get()).ok()?;
            let record = self.records.get(index)?;
            self.slots.get(record.start.get() as usize..)?.get(..record.count.get() as usize)
        };
        find().unwrap_or_default()
    }
}

/// A call of a host function that is to be made, or made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Number of the host function.
    pub host: u32,
    /// First slot of its arguments.
    pub base: u32,
}

/// A call below another one on the same stack: the host function that it called has called the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outer {
    /// Its state when it stopped.
    pub state: CallState,
    /// What it stopped for.
    pub pending: Option<Pending>,
}

/// A call that stands still.
#[derive(Clone, Copy, Debug)]
pub struct CallView<'a> {
    /// Its slots.
    pub slots: &'a [u64],
    /// Its frames.
    pub frames: &'a [Frame],
    /// Its state.
    pub state: &'a CallState,
    /// Calls below it on the same stack, the uppermost last.
    pub outer: &'a [Outer],
    /// The host function that it waits for.
    pub pending: Option<Pending>,
    /// What its positions are of.
    pub code: Code,
}

/// How many references are taken from frames at a time.
const CHUNK: usize = 32;

/// Where a walk over the references in a call's frames is.
#[derive(Clone, Copy)]
struct Walk {
    pc: u32,
    base: u32,
    instance: u32,
    depth: u32,
    /// How many of the calls below were not come to yet.
    outer: usize,
    /// The next one of the frame's references.
    next: u32,
    pending: Option<Pending>,
    /// The first slot of the callee of a host function that waits.
    waits: Option<u32>,
    /// Whether the frame waits for a callee: it stands behind its call, where another state may begin.
    suspended: bool,
    done: bool,
}

impl Walk {
    fn new(call: &CallView<'_>) -> Self {
        let CallState { pc, base, instance, depth, host, .. } = *call.state;
        let called = (pc == HOST_CALL).then_some(Pending { host, base });
        let (pending, suspended) = (call.pending.or(called), call.pending.is_some());
        let outer = call.outer.len();
        Self { pc, base, instance, depth, outer, next: 0, pending, waits: None, suspended, done: false }
    }

    /// Fills `chunk` with references; how many there were. Fewer than it holds: the walk is at its end.
    fn fill(&mut self, storage: &dyn Storage, call: &CallView<'_>, chunk: &mut [Ref; CHUNK]) -> usize {
        let mut count = 0_usize;
        while !self.done {
            for to in chunk.iter_mut().skip(count) {
                let Some(reference) = self.reference(storage, call) else { break };
                *to = reference;
                count = count.saturating_add(1);
            }
            if count >= CHUNK {
                break;
            }
            self.next = 0;
            if self.pending.take().is_none() {
                self.done = self.below(call).is_none();
            }
        }
        count
    }

    /// The next reference of the frame, or of the arguments of the host function that is pending.
    fn reference(&mut self, storage: &dyn Storage, call: &CallView<'_>) -> Option<Ref> {
        if let Some(Pending { host, base }) = self.pending {
            return self.argument(storage, call, host, base);
        }
        if self.pc & SPECIAL != 0 {
            return None;
        }
        let map = storage.ref_maps(self.instance, call.code).at(self.pc.wrapping_sub(self.suspended.into()));
        let slot = map.get(self.next as usize)?.get();
        self.next = self.next.wrapping_add(1);
        let value = call.slots.get(self.base.checked_add(slot)? as usize).copied();
        Some(value.map_or(NULL, |value| value as Ref))
    }

    fn argument(&mut self, storage: &dyn Storage, call: &CallView<'_>, host: u32, base: u32) -> Option<Ref> {
        let types = storage.types();
        let (params, _) = types.func(storage.host_func_type(host)?)?;
        let at = self.next as usize;
        let ty = *params.get(at)?;
        self.next = self.next.wrapping_add(1);
        if !is_collectable(ty, types) {
            return Some(NULL);
        }
        let before: u32 = params.iter().take(at).map(|ty| ty.slots()).sum();
        let value = call.slots.get(base.checked_add(before)? as usize).copied();
        Some(value.map_or(NULL, |value| value as Ref))
    }

    /// Goes to the frame below; `None` where there is none.
    fn below(&mut self, call: &CallView<'_>) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        let frame = *call.frames.get(self.depth as usize)?;
        // Nothing but what is said below is looked at there.
        self.pc = SPECIAL;
        self.suspended = true;
        if let Some(callee) = self.waits.take() {
            // Its arguments end where its own words begin.
            let end = callee.checked_sub(HOST_FRAME_WORDS)?;
            let words = call.slots.get(end as usize..callee as usize)?;
            self.pending = Some(Pending { host: Waiting::from_slots(words)?.host, base: frame.base });
        }
        if frame.pc == ENTRY {
            self.outer = self.outer.checked_sub(1)?;
            let outer = call.outer.get(self.outer)?;
            let Outer { state, pending } = *outer;
            (self.pc, self.base, self.instance, self.depth) = (state.pc, state.base, state.instance, state.depth);
            self.pending = pending;
        } else if frame.pc == HOST_WAITS {
            self.waits = Some(frame.base);
        } else if let Some(instance) = boundary(frame.pc) {
            self.instance = instance;
        } else if frame.pc & SPECIAL == 0 {
            (self.pc, self.base) = (frame.pc, frame.base);
        }
        Some(())
    }
}

/// The type of the host function of a number, for stores that have no list of them.
pub fn find_host_func<S: Storage + ?Sized>(storage: &S, number: u32) -> Option<u32> {
    let mut funcs = (0..).map_while(|addr| storage.func(addr));
    funcs.find(|func| func.instance == HOST && func.index == number).map(|func| func.ty)
}

fn running<'s>(stack: &'s Stack<'_>, code: Code) -> CallView<'s> {
    let Stack { slots, frames, state, outer, .. } = stack;
    CallView { slots, frames, state, outer, pending: None, code }
}

/// What a collection costs now, with `stack` running.
// @need-ids: REQ_GC_004, REQ_FUEL_SCHEDULE_001
pub fn collection_price(storage: &mut dyn Storage, stack: Option<&Stack<'_>>) -> u64 {
    let state = storage.heap().and_then(|heap| heap.state.as_deref().copied()).unwrap_or_default();
    let mut roots = stack.map_or(0, |stack| u64::from(stack.state.base));
    let mut at = RootsAt::default();
    while let Some((_, found)) = storage.roots(&mut at) {
        roots = roots.saturating_add(found.len() as u64);
    }
    for index in 0.. {
        let Some(call) = storage.call(index) else { break };
        roots = roots.saturating_add(call.state.base.into());
    }
    for call in stack.map(Stack::standing).unwrap_or_default() {
        roots = roots.saturating_add(call.state.base.into());
    }
    price::collection(state.used, state.handles, roots)
}

/// Collects: what nothing reaches is gone, and the rest lies side by side. `stack` is that of the call that runs, if one does.
///
/// `None` where the store has no heap.
// @need-ids: REQ_GC_003
pub fn collect(storage: &mut dyn Storage, stack: Option<(&Stack<'_>, Code)>) -> Option<()> {
    let mut reached = Reached::new();
    let mut at = RootsAt::default();
    while let Some((mut heap, found)) = storage.roots(&mut at) {
        reach_list(&mut heap, &mut reached, found);
    }
    let mut chunk = [NULL; CHUNK];
    let beside = stack.map(|(stack, _)| stack.standing()).unwrap_or_default();
    let running = stack.map(|(stack, code)| running(stack, code));
    for call in running.iter().chain(beside) {
        let mut walk = Walk::new(call);
        while !walk.done {
            let count = walk.fill(storage, call, &mut chunk);
            reach_chunk(storage, &mut reached, chunk.get(..count)?)?;
        }
    }
    for index in 0.. {
        let Some(call) = storage.call(index) else { break };
        let mut walk = Walk::new(&call);
        while !walk.done {
            let call = storage.call(index)?;
            let count = walk.fill(storage, &call, &mut chunk);
            reach_chunk(storage, &mut reached, chunk.get(..count)?)?;
        }
    }
    storage.heap()?.slide();
    Some(())
}

fn reach_chunk(storage: &mut dyn Storage, reached: &mut Reached, refs: &[Ref]) -> Option<()> {
    let mut heap = storage.heap()?;
    for reference in refs {
        heap.reach(reached, *reference);
    }
    heap.follow(reached);
    Some(())
}

fn reach_list(heap: &mut Heap<'_>, reached: &mut Reached, found: Roots<'_>) {
    let types = heap.types;
    match found {
        Roots::Refs(refs) => {
            for reference in refs {
                heap.reach(reached, *reference);
            }
        }
        Roots::Globals(slots, found) => {
            for (slot, ty) in slots.iter().zip(found) {
                if ty.is_some_and(|ty| is_collectable(ty.ty, types)) {
                    heap.reach(reached, *slot as Ref);
                }
            }
        }
    }
    heap.follow(reached);
}

const _: () = assert!(HANDLES_MAX < SPECIAL, "handles are told from marks");
