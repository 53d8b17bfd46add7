//! Plays episodes on the host, as a board would: to see how much room they need, and that they end as they were recorded.

use crate::record::{Code, Recorder};
use suite::format::{Episode, Number};
use suite::{Buffers, FRAMES, LIMITS, MODULES, ROOMS, Reason, Report, SLOTS, Watch};
use wrt_runtime::fixed_store::FixedStore;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instantiate::Allocate;
use wrt_runtime::instr::Cell;
use wrt_runtime::stack::Frame;
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::{Engine, Execute, StacklessEngine};
use wrt_safety::VerificationLevel;

/// What a board has room for.
#[derive(Debug)]
pub struct Board {
    /// Bytes of linear memories.
    pub memory: u64,
    /// Elements of tables.
    pub elements: u64,
    /// Bytes of an episode.
    pub episode: usize,
}

/// What came of an episode.
pub enum Written {
    /// It fits: its bytes, the length before them, and the digest of the state that it leaves.
    Fits(Vec<u8>, u32),
    /// It does not, and why.
    Large(String),
    /// It does not end as it was recorded.
    Differs(String),
}

/// Room for everything, on the host.
struct Room {
    funcs: Vec<FuncInst>,
    types: Vec<TypeRecord>,
    val_types: Vec<ValType>,
    globals: Vec<u64>,
    global_types: Vec<Option<wrt_runtime::types::GlobalType>>,
    tags: Vec<u32>,
    objects: Vec<u64>,
    handles: Vec<wrt_runtime::heap::Handle>,
    words: Vec<u32>,
    entries: Vec<Entry>,
    cells: Vec<Cell>,
    memory: Vec<u8>,
    elements: Vec<u32>,
    slots: Vec<u64>,
    frames: Vec<Frame>,
}

impl Room {
    fn new(memory: usize, elements: usize) -> Self {
        const MANY: usize = 1 << 17;
        Self {
            funcs: vec![FuncInst::default(); MANY],
            types: vec![TypeRecord::default(); MANY],
            val_types: vec![ValType::I32; MANY],
            globals: vec![0; MANY],
            global_types: vec![None; MANY],
            tags: vec![0; MANY],
            objects: vec![0; MANY],
            handles: vec![wrt_runtime::heap::Handle::NONE; 256],
            words: vec![0; MANY * 4],
            entries: vec![Entry::default(); MANY],
            cells: vec![Cell::default(); MANY * 4],
            memory: vec![0; memory],
            elements: vec![0; elements],
            slots: vec![0; SLOTS],
            frames: vec![Frame::default(); FRAMES],
        }
    }

    fn buffers(&mut self) -> Buffers<'_> {
        Buffers {
            funcs: &mut self.funcs,
            types: &mut self.types,
            val_types: &mut self.val_types,
            globals: &mut self.globals,
            global_types: &mut self.global_types,
            tags: &mut self.tags,
            objects: &mut self.objects,
            handles: &mut self.handles,
            words: &mut self.words,
            entries: &mut self.entries,
            cells: &mut self.cells,
            memory: &mut self.memory,
            elements: &mut self.elements,
            slots: &mut self.slots,
            frames: &mut self.frames,
        }
    }
}

/// Sizes of memories and tables, and the digest, of a store.
fn sizes(store: &FixedStore<'_>) -> (Vec<Number>, Vec<Number>, u32) {
    let usage = store.usage();
    let length = |length: usize| Number::try_from(length).unwrap_or(Number::MAX);
    let memories = (0..usage.memories).map(|addr| length(store.memory_bytes(addr).unwrap_or_default().len()));
    let tables = (0..usage.tables).map(|addr| length(store.table_elements(addr).unwrap_or_default().len()));
    (memories.collect(), tables.collect(), suite::digest(store))
}

/// What comes of an episode that is played here.
#[derive(Default)]
struct Seen {
    failure: Option<String>,
    left: Option<(Vec<Number>, Vec<Number>, u32)>,
}

impl Watch for Seen {
    fn failed(&mut self, _: &str, line: u32, reason: Reason) {
        self.failure.get_or_insert(format!("line {line}: {reason}"));
    }
    fn left(&mut self, store: &FixedStore<'_>) {
        self.left = Some(sizes(store));
    }
}

fn coded<T: serde::Serialize>(values: &[T]) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    for value in values {
        all.extend(postcard::to_stdvec(value).map_err(|error| error.to_string())?);
    }
    Ok(all)
}

fn engine(code: Code) -> Box<dyn Execute> {
    match code {
        Code::Register => Box::new(StacklessEngine::new(VerificationLevel::Standard)),
        Code::Bytecode => Box::new(Engine::new(VerificationLevel::Standard)),
    }
}

/// Plays an episode with all the room that limits allow, then with what it turned out to need, on the engine of this code.
pub fn write(name: &str, recorder: &Recorder<'_>, code: Code, board: &Board) -> Result<Written, String> {
    if recorder.modules() > MODULES {
        return Ok(Written::Large(format!("{} modules", recorder.modules())));
    }
    let (commands, count) = (recorder.commands(code), recorder.count);
    let mut engine = engine(code);
    let (memory, elements) = (LIMITS.max_memory_bytes as usize, LIMITS.max_table_elements as usize);
    let mut room = Room::new(memory * ROOMS, elements * ROOMS);
    let (all_memories, all_tables) = (coded(&[memory as Number; ROOMS])?, coded(&[elements as Number; ROOMS])?);
    let generous = Episode { name, memories: &all_memories, tables: &all_tables, commands: count, digest: 0 };
    let mut seen = Seen::default();
    // The digest is not known yet.
    let _ = suite::perform((&generous, commands), &mut *engine, &mut room.buffers(), &mut Report::default(), &mut seen);
    if let Some(failure) = seen.failure {
        return Ok(Written::Differs(failure));
    }
    let Some((memories, tables, digest)) = seen.left else { return Ok(Written::Differs("cannot be played".into())) };
    let (total_memory, total_elements) = (total(&memories), total(&tables));
    let (memories, tables) = (coded(&memories)?, coded(&tables)?);
    let episode = Episode { name, memories: &memories, tables: &tables, commands: count, digest };
    let mut bytes = postcard::to_stdvec(&episode).map_err(|error| error.to_string())?;
    bytes.extend(commands);
    if total_memory > board.memory || total_elements > board.elements || bytes.len() > board.episode {
        let length = bytes.len();
        return Ok(Written::Large(format!(
            "{total_memory} bytes of memories, {total_elements} elements of tables, {length} bytes of script"
        )));
    }
    let mut report = Report::default();
    let mut seen = Seen::default();
    suite::play(&bytes, &mut *engine, &mut room.buffers(), &mut report, &mut seen);
    if let Some(failure) = seen.failure {
        return Ok(Written::Differs(format!("in the room that it needs: {failure}")));
    }
    if report.passed != recorder.asserted {
        return Ok(Written::Differs(format!("{} of {} assertions", report.passed, recorder.asserted)));
    }
    let length = u32::try_from(bytes.len()).map_err(|error| error.to_string())?;
    Ok(Written::Fits([&length.to_le_bytes()[..], &bytes].concat(), digest))
}

fn total(sizes: &[Number]) -> u64 {
    sizes.iter().map(|size| u64::from(*size)).sum()
}
