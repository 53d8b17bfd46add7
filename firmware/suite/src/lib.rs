//! Plays scripts of the official suite on a device, in storage that the board gives.
//!
//! What is expected was seen on the host: results bit by bit, traps, fuel, and the state in the end.
#![no_std]

pub mod format;

use core::fmt;
use format::{Command, End, Episode, Number, Slot};
use serde::de::DeserializeOwned;
use wrt_instructions::{Part, Trap};
use wrt_runtime::fixed_store::{FixedStore, Instance, LoadError, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::heap::Handle;
use wrt_runtime::image::ImageError;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instantiate::{Allocate, InstantiateError};
use wrt_runtime::instr::Cell;
use wrt_runtime::stack::{CallState, Frame, Stack};
use wrt_runtime::storage::{Entry, FuncInst, Storage as _};
use wrt_runtime::types::{Extern, GlobalType};
use wrt_runtime::{Execute, Outcome};
use wrt_safety::{Crc32, Limits};

/// Limits of the guests, for boards and host alike: endless recursion ends at the same place.
pub const LIMITS: Limits = Limits {
    max_frames: 200,
    max_slots: 4_096,
    max_memory_bytes: 2 << 20,
    max_total_memory_bytes: 8 << 20,
    max_table_elements: 20_000,
    max_gc_bytes: 8 << 10,
    max_module_bytes: 1 << 20,
    ..Limits::DEFAULT
};

/// Fuel of one call.
pub const FUEL: u64 = 100_000_000;

/// Slots of a stack for these limits: a frame's window may reach past the last slot.
pub const SLOTS: usize = LIMITS.max_slots as usize + 257;

/// Frames of a stack for these limits: calls between instances take two more each.
pub const FRAMES: usize = LIMITS.max_frames as usize * 3 + 16;

/// How many modules an episode may have.
pub const MODULES: usize = 64;

/// How many memories, and how many tables.
pub const ROOMS: usize = 64;

/// How many arguments and results a call may have, in slots.
pub const VALUES: usize = 64;

/// Everything that scripts are played in.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Functions of all instances.
    pub funcs: &'b mut [FuncInst],
    /// Types.
    pub types: &'b mut [TypeRecord],
    /// Their parts.
    pub val_types: &'b mut [ValType],
    /// Slots of globals.
    pub globals: &'b mut [u64],
    /// As many.
    pub global_types: &'b mut [Option<GlobalType>],
    /// Tags.
    pub tags: &'b mut [u32],
    /// Structures and arrays.
    pub objects: &'b mut [u64],
    /// Handles of theirs.
    pub handles: &'b mut [Handle],
    /// Instances' lists.
    pub words: &'b mut [u32],
    /// Entries of functions.
    pub entries: &'b mut [Entry],
    /// Code that cannot be run in place.
    pub cells: &'b mut [Cell],
    /// Bytes of all memories.
    pub memory: &'b mut [u8],
    /// Elements of all tables.
    pub elements: &'b mut [u32],
    /// [`SLOTS`] slots.
    pub slots: &'b mut [u64],
    /// [`FRAMES`] frames.
    pub frames: &'b mut [Frame],
}

/// What came of scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Episodes played.
    pub episodes: u32,
    /// Assertions that hold.
    pub passed: u32,
    /// Assertions about parts of the language that the build leaves out, and all after them in their episode.
    pub left_out: u32,
    /// Steps that did not end as on the host.
    pub failed: u32,
}

/// What differs.
#[derive(Debug, PartialEq, Eq)]
pub enum Reason {
    /// The file itself.
    File(&'static str),
    /// The store refuses an image.
    Load(LoadError),
    /// It is not instantiated.
    Instantiate(InstantiateError),
    /// It needs a part that the build leaves out. No failure.
    LeftOut(Part),
    /// The trap, as a code, or 0; what was expected.
    Trap(u8, u8),
    /// The fuel used; what was expected.
    Fuel(u64, u64),
    /// Result slot, what it is, what was expected.
    Result(usize, u64, Slot),
    /// The outcome is neither results nor a trap.
    Outcome(Outcome),
    /// The digest; what was expected.
    Digest(u32, u32),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trap = |code: u8| Trap::from_code(code).map_or("no trap", Trap::message);
        match self {
            Self::File(what) => write!(f, "bad file: {what}"),
            Self::Load(error) => write!(f, "not loaded: {error}"),
            Self::Instantiate(error) => write!(f, "not instantiated: {error}"),
            Self::LeftOut(part) => write!(f, "`{}` is left out", part.name()),
            Self::Trap(found, expected) => write!(f, "{}, expected {}", trap(*found), trap(*expected)),
            Self::Fuel(found, expected) => write!(f, "{found} fuel used, expected {expected}"),
            Self::Result(at, found, expected) => write!(f, "result {at} is {found:#x}, expected {expected:x?}"),
            Self::Outcome(outcome) => write!(f, "{outcome:?}"),
            Self::Digest(found, expected) => write!(f, "state {found:#010x}, expected {expected:#010x}"),
        }
    }
}

/// What is told of an episode while it is played.
pub trait Watch {
    /// A step of the episode did not end as on the host; line 0 for the whole episode.
    fn failed(&mut self, episode: &str, line: u32, reason: Reason);
    /// Instructions of the board so far, if it counts them.
    fn instructions(&mut self) -> u32 {
        0
    }
    /// A call ended after so many instructions, for which it used so much fuel.
    fn spent(&mut self, _episode: &str, _line: u32, _instructions: u32, _fuel: u64) {}
    /// The episode ended, with this store left.
    fn left(&mut self, _store: &FixedStore<'_>) {}
}

/// Plays one episode on an engine, whose form of code its images must have.
// @need-ids: REQ_QA_004
pub fn play(
    bytes: &[u8],
    engine: &mut dyn Execute,
    buffers: &mut Buffers<'_>,
    report: &mut Report,
    watch: &mut dyn Watch,
) {
    report.episodes += 1;
    let Ok((episode, commands)) = postcard::take_from_bytes::<Episode<'_>>(bytes) else {
        report.failed += 1;
        return watch.failed("", 0, Reason::File("no episode"));
    };
    if let Err(reason) = perform((&episode, commands), engine, buffers, report, watch) {
        report.failed += 1;
        watch.failed(episode.name, 0, reason);
    }
}

/// Plays the commands of an episode, and counts.
///
/// # Errors
/// What is wrong with the episode as a whole.
pub fn perform(
    (episode, commands): (&Episode<'_>, &[u8]),
    engine: &mut dyn Execute,
    buffers: &mut Buffers<'_>,
    report: &mut Report,
    watch: &mut dyn Watch,
) -> Result<(), Reason> {
    let mut modules = [Loaded::default(); MODULES];
    let mut instances: [Instance<'_>; MODULES] = core::array::from_fn(|_| Instance::default());
    let mut tables: [TableRoom<'_>; ROOMS] = core::array::from_fn(|_| TableRoom::default());
    let mut memories: [MemoryRoom<'_>; ROOMS] = core::array::from_fn(|_| MemoryRoom::default());
    let tables_full = Reason::File("more elements of tables than there is room for");
    rooms(episode.tables, buffers.elements, &mut tables, TableRoom::new).ok_or(tables_full)?;
    let memories_full = Reason::File("more bytes of memories than there is room for");
    rooms(episode.memories, buffers.memory, &mut memories, MemoryRoom::new).ok_or(memories_full)?;
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: buffers.funcs,
        types: buffers.types,
        val_types: buffers.val_types,
        globals: buffers.globals,
        global_types: buffers.global_types,
        tables: &mut tables,
        memories: &mut memories,
        tags: buffers.tags,
        objects: buffers.objects,
        handles: buffers.handles,
        words: buffers.words,
        entries: buffers.entries,
        cells: buffers.cells,
    };
    let mut player = Player {
        store: FixedStore::new(&LIMITS, room),
        instances: heapless::Vec::new(),
        slots: buffers.slots,
        frames: buffers.frames,
        engine,
    };
    if steps(&mut player, episode, commands, report, watch)? {
        return Ok(());
    }
    let found = digest(&player.store);
    watch.left(&player.store);
    if found != episode.digest {
        return Err(Reason::Digest(found, episode.digest));
    }
    Ok(())
}

/// Plays the commands, and counts; whether what is left of them, and so the state, is left out.
fn steps<'a>(
    player: &mut Player<'a, '_>,
    episode: &Episode<'_>,
    mut commands: &'a [u8],
    report: &mut Report,
    watch: &mut dyn Watch,
) -> Result<bool, Reason> {
    let mut left_out = false;
    for _ in 0..episode.commands {
        let (command, rest) = postcard::take_from_bytes(commands).map_err(|_| Reason::File("no command"))?;
        commands = rest;
        let (line, asserted) = match command {
            Command::Module { line, asserted, .. } | Command::Action { line, asserted, .. } => (line, asserted),
        };
        let asserted = u32::from(asserted);
        if left_out {
            report.left_out += asserted;
            continue;
        }
        match player.command(&command, watch) {
            Ok(Some((instructions, fuel))) => {
                report.passed += asserted;
                watch.spent(episode.name, line, instructions, fuel);
            }
            Ok(None) => report.passed += asserted,
            // What comes after it may need it.
            Err(Reason::LeftOut(_)) => {
                left_out = true;
                report.left_out += asserted;
            }
            Err(reason) => {
                report.failed += 1;
                watch.failed(episode.name, line, reason);
            }
        }
    }
    Ok(left_out)
}

/// Cuts rooms of these sizes off a pool.
fn rooms<'a, T, R>(sizes: &[u8], mut pool: &'a mut [T], all: &mut [R], make: impl Fn(&'a mut [T]) -> R) -> Option<()> {
    let mut sizes = Postcard::<Number>::new(sizes);
    let mut all = all.iter_mut();
    for size in sizes.by_ref() {
        let (one, rest) = pool.split_at_mut_checked(size as usize)?;
        *all.next()? = make(one);
        pool = rest;
    }
    sizes.rest.is_empty().then_some(())
}

/// Values one after the other. It ends where there is none; [`rest`](Self::rest) is empty if all was read.
struct Postcard<'a, T> {
    rest: &'a [u8],
    of: core::marker::PhantomData<T>,
}

impl<'a, T> Postcard<'a, T> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest, of: core::marker::PhantomData }
    }
}

impl<T: DeserializeOwned> Iterator for Postcard<'_, T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes(self.rest).ok()?;
        self.rest = rest;
        Some(value)
    }
}

/// The state of a store: memories, tables and globals, as a CRC-32 of their sizes and contents, little-endian.
pub fn digest(store: &FixedStore<'_>) -> u32 {
    let usage = store.usage();
    let mut sum = Crc32::new();
    for addr in 0..usage.memories {
        let bytes = store.memory_bytes(addr).unwrap_or_default();
        sum.update(&(bytes.len() as u64).to_le_bytes());
        sum.update(bytes);
    }
    for addr in 0..usage.tables {
        let elements = store.table_elements(addr).unwrap_or_default();
        sum.update(&(elements.len() as u64).to_le_bytes());
        elements.iter().for_each(|element| sum.update(&element.to_le_bytes()));
    }
    for slot in 0..usage.globals {
        sum.update(&store.global(slot).unwrap_or_default().to_le_bytes());
    }
    sum.finish()
}

/// The state that the commands of an episode share.
struct Player<'a, 'b> {
    store: FixedStore<'a>,
    /// The store's number of each instance, by the commands that made them.
    instances: heapless::Vec<Option<u32>, MODULES>,
    slots: &'b mut [u64],
    frames: &'b mut [Frame],
    engine: &'b mut dyn Execute,
}

/// Instructions and fuel of a call, where there was one.
type Spent = Option<(u32, u64)>;

impl<'a> Player<'a, '_> {
    fn command(&mut self, command: &Command<'a>, watch: &mut dyn Watch) -> Result<Spent, Reason> {
        match command {
            Command::Module { image, imports, expected, .. } => self.module(image, imports, expected, watch),
            Command::Action { instance, export, args, expected, .. } => {
                let found = self.export(*instance, export)?;
                match found {
                    Extern::Func(addr) => self.call(addr, args, expected, watch),
                    Extern::Global(slot) => self.read(slot, expected).map(|()| None),
                    _ => Err(Reason::File("an export that has no value")),
                }
            }
        }
    }

    fn export(&self, instance: u32, name: &str) -> Result<Extern, Reason> {
        let number = self.instances.get(instance as usize).copied().flatten().ok_or(Reason::File("no instance"))?;
        self.store.export(number, name).ok_or(Reason::File("no export"))
    }

    fn module(
        &mut self,
        image: &'a [u8],
        mut imports: &[u8],
        expected: &End<'a>,
        watch: &mut dyn Watch,
    ) -> Result<Spent, Reason> {
        let mut externs = heapless::Vec::<Extern, VALUES>::new();
        while !imports.is_empty() {
            let pair = postcard::take_from_bytes::<(u32, &str)>(imports);
            let ((instance, name), rest) = pair.map_err(|_| Reason::File("no import"))?;
            imports = rest;
            externs.push(self.export(instance, name)?).map_err(|_| Reason::File("too many imports"))?;
        }
        if !self.instances.is_empty() && !Part::Linking.is_built() {
            return Err(Reason::LeftOut(Part::Linking));
        }
        let number = self.store.load(image).map_err(|error| match error {
            LoadError::Image(ImageError::LeftOut(part)) => Reason::LeftOut(part),
            error => Reason::Load(error),
        })?;
        let made = self.store.instantiate(number, &externs);
        self.instances.push(made.ok()).map_err(|_| Reason::File("too many modules"))?;
        let instance = match made {
            Ok(instance) => instance,
            Err(InstantiateError::Trap(info)) => {
                return compare(info.trap.code(), 0, expected, |_, _| Ok(())).map(|()| None);
            }
            Err(InstantiateError::LeftOut(part)) => return Err(Reason::LeftOut(part)),
            Err(error) => return Err(Reason::Instantiate(error)),
        };
        let start = self.store.image(instance).and_then(|image| image.start);
        match start.and_then(|start| self.store.func_addr(instance, start)) {
            Some(addr) => self.call(addr, &[], expected, watch),
            None => compare(0, 0, expected, |_, _| Ok(())).map(|()| None),
        }
    }

    fn call(&mut self, addr: u32, args: &[u8], expected: &End<'a>, watch: &mut dyn Watch) -> Result<Spent, Reason> {
        let func = self.store.func(addr).ok_or(Reason::File("no function"))?;
        let args: heapless::Vec<u64, VALUES> = Postcard::<u64>::new(args).take(VALUES).collect();
        let mut state = CallState::IDLE;
        let mut stack = Stack::new(self.slots, self.frames, LIMITS.max_frames, &mut state);
        self.engine.set_fuel(FUEL);
        let before = watch.instructions();
        #[cfg_attr(not(feature = "scalar"), allow(unused_mut, reason = "where nothing waits, nothing is answered"))]
        let mut outcome = self.engine.execute(&mut self.store, &mut stack, func.instance, func.index, 0, &args);
        // One call runs at a time: nobody waits.
        #[cfg(feature = "scalar")]
        while let Outcome::Notify { .. } = outcome {
            stack.answer(0);
            outcome = self.engine.resume(&mut self.store, &mut stack);
        }
        let instructions = watch.instructions().wrapping_sub(before);
        let trap = match outcome {
            Outcome::Finished => 0,
            Outcome::Trapped(trap) => trap.code(),
            other => return Err(Reason::Outcome(other)),
        };
        let fuel = FUEL.saturating_sub(self.engine.remaining_fuel());
        let base = state.base as usize;
        compare(trap, fuel, expected, |at, slot| {
            let found = base.checked_add(at).and_then(|at| self.slots.get(at)).copied().unwrap_or_default();
            same(at, found, slot)
        })?;
        Ok(Some((instructions, fuel)))
    }

    fn read(&self, first: u32, expected: &End<'a>) -> Result<(), Reason> {
        compare(0, 0, expected, |at, slot| {
            let found = self.store.global(first.saturating_add(at as u32)).unwrap_or_default();
            same(at, found, slot)
        })
    }
}

fn same(at: usize, found: u64, expected: Slot) -> Result<(), Reason> {
    let same = match expected {
        Slot::Exactly(bits) => found == bits,
        Slot::Reference => found != 0,
    };
    if same { Ok(()) } else { Err(Reason::Result(at, found, expected)) }
}

/// Compares how a command ended; results by `check`, where there is no trap.
fn compare(
    trap: u8,
    fuel: u64,
    expected: &End<'_>,
    check: impl Fn(usize, Slot) -> Result<(), Reason>,
) -> Result<(), Reason> {
    if trap != expected.trap {
        return Err(Reason::Trap(trap, expected.trap));
    }
    if fuel != expected.fuel {
        return Err(Reason::Fuel(fuel, expected.fuel));
    }
    let mut results = Postcard::<Slot>::new(expected.results);
    for (at, slot) in results.by_ref().enumerate() {
        check(at, slot)?;
    }
    if results.rest.is_empty() { Ok(()) } else { Err(Reason::File("no result")) }
}
