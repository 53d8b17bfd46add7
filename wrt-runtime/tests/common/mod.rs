//! Assembles small images by hand, and runs them in a [`FixedStore`].
#![allow(dead_code, unreachable_pub, reason = "each build uses a part, and the fuzz targets another")]

pub mod sample;

use wrt_instructions::op::{Operands, Plain, Row, Target};
use wrt_instructions::operator::StructuralOp;
use wrt_instructions::price::SCHEDULE_HASH;
use wrt_instructions::{Op, Part, Trap};
use wrt_runtime::constant::number;
use wrt_runtime::fixed_store::{Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::heap::Handle;
use wrt_runtime::image::ImageError;
use wrt_runtime::image::error::CodeRule;
use wrt_runtime::image::format::{
    AliasRecord, CatchRecord, ConstInstr, ConstRange, DataRecord, ElementRecord, ExportRecord, FuncRecord,
    GlobalRecord, HandlerRecord, Header, ImportRecord, MAGIC, MemoryRecord, NONE, NameRecord, OptionalHeader,
    OptionalSection, PositionRecord, Range, Section, Sub, TableRecord, TagRecord, TypeRecord, VERSION, ValType, flag,
    items, kind, mode,
};
use wrt_runtime::image::reader::{WINDOW_LOG2, seal};
use wrt_runtime::stack::{CallState, Frame, Waiting};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::types::GlobalType;
use wrt_runtime::{Cell, Extern, FixedStore, Instr, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};
use zerocopy::byteorder::little_endian::{U16, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

// --- Instructions ----------------------------------------------------------------------------------

pub fn plain(row: Plain, a: u8, b: u8, imm: u32) -> Instr {
    Instr::new(Op::plain(row), a, b, imm)
}

pub fn fuel(price: u32) -> Instr {
    plain(Plain::Fuel, 0, 0, price)
}

/// The number of a row.
pub fn op(row: Row) -> Op {
    match row {
        Row::Plain(row) => Op::plain(row),
        Row::Binary(op, form) => Op::binary(op, form),
        Row::FloatBinary(op, form) => Op::float_binary(op, form),
        Row::Compare(op, form) => Op::compare(op, form),
        Row::CompareBranch(op, form, target) => Op::compare_branch(op, form, target),
        Row::FloatCompare(op, form) => Op::float_compare(op, form),
        Row::FloatCompareBranch(op, not, form, target) => Op::float_compare_branch(op, not, form, target),
        Row::Unary(op, form) => Op::unary(op, form),
        Row::FloatUnary(op, form) => Op::float_unary(op, form),
        Row::Load(op, form) => Op::load(op, form),
        Row::Store(op, form) => Op::store(op, form),
        Row::Branch(test, form, target) => Op::branch(test, form, target),
        Row::Wide(op) => Op::wide(op),
        Row::Vector(row) => Op::vector(row),
    }
}

pub fn add(form: Operands, a: u8, b: u8, imm: u32) -> Instr {
    Instr::new(Op::binary(wrt_instructions::operator::BinaryOp::I32Add, form), a, b, imm)
}

pub fn is_branch(row: Row) -> Option<Target> {
    match row {
        Row::CompareBranch(_, _, target) | Row::FloatCompareBranch(_, _, _, target) | Row::Branch(_, _, target) => {
            Some(target)
        }
        Row::Plain(Plain::Jump) => Some(Target::Forward),
        Row::Plain(Plain::JumpBack) => Some(Target::Back),
        _ => None,
    }
}

// --- Images ----------------------------------------------------------------------------------------

/// An image in the making. Fields are open, so that tests can make hostile ones.
#[derive(Default)]
pub struct Builder {
    pub start: Option<u32>,
    pub types: Vec<TypeRecord>,
    pub val_types: Vec<ValType>,
    pub imports: Vec<ImportRecord>,
    pub funcs: Vec<FuncRecord>,
    pub tables: Vec<TableRecord>,
    pub memories: Vec<MemoryRecord>,
    pub globals: Vec<GlobalRecord>,
    pub tags: Vec<TagRecord>,
    pub exports: Vec<ExportRecord>,
    pub elements: Vec<ElementRecord>,
    pub items: Vec<U16>,
    pub data: Vec<DataRecord>,
    pub consts: Vec<ConstInstr>,
    pub code: Vec<Instr>,
    pub handlers: Vec<HandlerRecord>,
    pub catches: Vec<CatchRecord>,
    pub positions: Vec<PositionRecord>,
    pub aliases: Vec<AliasRecord>,
    pub names: Vec<NameRecord>,
    pub blob: Vec<u8>,
    /// Bytecode of no functions, whose operators would need these parts of the language.
    pub parts_of_bytecode: Option<u32>,
}

fn len(list: usize) -> u32 {
    u32::try_from(list).unwrap()
}

/// The operator `operator` with an immediate.
pub fn operator(operator: StructuralOp, immediate: u64) -> ConstInstr {
    raw_operator(operator.info().opcode, immediate)
}

pub fn raw_operator(opcode: u32, immediate: u64) -> ConstInstr {
    ConstInstr { opcode: opcode.into(), reserved: 0.into(), immediate: immediate.into() }
}

impl Builder {
    pub fn blob(&mut self, bytes: &[u8]) -> Range {
        let range = Range { start: len(self.blob.len()).into(), length: len(bytes.len()).into() };
        self.blob.extend_from_slice(bytes);
        range
    }

    pub fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let start = len(self.val_types.len());
        self.val_types.extend_from_slice(params);
        self.val_types.extend_from_slice(results);
        let count = |parts: &[ValType]| u16::try_from(parts.len()).unwrap();
        self.types.push(TypeRecord::func(start, count(params), count(results)));
        len(self.types.len()) - 1
    }

    /// A type of any form, with what is said of it besides its parts.
    pub fn sub_type(&mut self, sub: Sub, params: &[ValType], results: &[ValType]) -> u32 {
        self.val_types.extend(sub.word());
        let ty = self.ty(params, results);
        let count = |parts: &[ValType]| u16::try_from(parts.len()).unwrap();
        let record = self.types.last_mut().unwrap();
        *record = sub.record(record.start.get(), count(params), count(results));
        ty
    }

    pub fn constant(&mut self, operators: &[ConstInstr]) -> ConstRange {
        let start = len(self.consts.len());
        self.consts.extend_from_slice(operators);
        ConstRange { start: start.into(), length: len(operators.len()).into() }
    }

    pub fn i32(&mut self, value: u32) -> ConstRange {
        self.constant(&[operator(StructuralOp::I32Const, value.into())])
    }

    fn import(&mut self, name: &str, what: u32, index: u32) {
        let (module, name) = (self.blob(b"env"), self.blob(name.as_bytes()));
        self.imports.push(ImportRecord { module, name, kind: what.into(), index: index.into() });
    }

    pub fn import_func(&mut self, name: &str, ty: u32) -> u32 {
        let index = len(self.funcs.len());
        self.import(name, kind::FUNC, index);
        self.funcs.push(FuncRecord::new(ty, FuncRecord::NO_CODE, 0));
        index
    }

    pub fn tag(&mut self, ty: u32) -> u32 {
        self.tags.push(TagRecord { ty: ty.into(), flags: 0.into() });
        len(self.tags.len()) - 1
    }

    pub fn import_tag(&mut self, name: &str, ty: u32) -> u32 {
        let index = len(self.tags.len());
        self.import(name, kind::TAG, index);
        self.tags.push(TagRecord { ty: ty.into(), flags: flag::IMPORTED.into() });
        index
    }

    pub fn import_global(&mut self, name: &str, ty: ValType, flags: u32) -> u32 {
        let index = len(self.globals.len());
        self.import(name, kind::GLOBAL, index);
        let flags = (flags | flag::IMPORTED).into();
        self.globals.push(GlobalRecord { ty, flags, slot: index.into(), init: 0.into() });
        index
    }

    pub fn import_memory(&mut self, name: &str, record: MemoryRecord) -> u32 {
        let index = len(self.memories.len());
        self.import(name, kind::MEMORY, index);
        let flags = (record.flags.get() | flag::IMPORTED).into();
        self.memories.push(MemoryRecord { flags, ..record });
        index
    }

    pub fn import_table(&mut self, name: &str, record: TableRecord) -> u32 {
        let index = len(self.tables.len());
        self.import(name, kind::TABLE, index);
        let flags = (record.flags.get() | flag::IMPORTED).into();
        self.tables.push(TableRecord { flags, ..record });
        index
    }

    /// A function; `code` is told the position at which it will stand.
    pub fn func(&mut self, ty: u32, slots: u32, code: impl FnOnce(u32) -> Vec<Instr>) -> u32 {
        let pc = len(self.code.len());
        self.code.extend(code(pc));
        self.funcs.push(FuncRecord::new(ty, pc, slots.try_into().unwrap()));
        len(self.funcs.len()) - 1
    }

    pub fn export(&mut self, name: &str, what: u32, index: u32) {
        let name = self.blob(name.as_bytes());
        self.exports.push(ExportRecord::new(name, what, index));
    }

    /// A memory of one-byte pages, so that tests stay small.
    pub fn memory(&mut self, min: u64, max: u64) -> u32 {
        self.memories.push(small_memory(min, max));
        len(self.memories.len()) - 1
    }

    pub fn table(&mut self, min: u64, max: u64) -> u32 {
        self.tables.push(small_table(min, max));
        len(self.tables.len()) - 1
    }

    /// A first value or offset: as a number where it is one, and whether it is an expression. What can be computed is left to
    /// builds that do so.
    fn value(&mut self, operators: &[ConstInstr]) -> (U64, bool) {
        if Part::References.is_built() && operators.len() != 1 {
            return (self.constant(operators).into(), true);
        }
        let global = |index| {
            let global = self.globals.get(index as usize)?;
            (global.flags.get() == 0).then(|| global.init.get())
        };
        match number(operators, global) {
            Some(value) => (value.into(), false),
            None => (self.constant(operators).into(), true),
        }
    }

    pub fn global(&mut self, ty: ValType, flags: u32, init: &[ConstInstr]) -> u32 {
        let own = self.globals.iter().filter(|global| global.flags.get() & flag::IMPORTED == 0);
        let slot: u32 = own.map(|global| global.ty.slots()).sum();
        let (init, expression) = self.value(init);
        let flags = if expression { flags | flag::EXPRESSION } else { flags }.into();
        self.globals.push(GlobalRecord { ty, flags, slot: slot.into(), init });
        len(self.globals.len()) - 1
    }

    pub fn data(&mut self, mode: u32, at: u32, bytes: &[u8]) -> u32 {
        let bytes = self.blob(bytes);
        self.data.push(DataRecord { mode: mode.into(), memory: 0.into(), offset: u64::from(at).into(), bytes });
        len(self.data.len()) - 1
    }

    pub fn element(&mut self, mode: u32, at: u32, funcs: &[u32]) -> u32 {
        let offset = u64::from(at).into();
        let start = len(self.items.len());
        self.items.extend(funcs.iter().map(|func| U16::new((*func).try_into().unwrap())));
        self.elements.push(ElementRecord {
            mode: mode.into(),
            table: 0.into(),
            offset,
            ty: ValType::FUNCREF,
            items: items::FUNCS.into(),
            start: start.into(),
            length: len(funcs.len()).into(),
        });
        len(self.elements.len()) - 1
    }

    /// A handler from position `from` to position `to`, whose clauses are tags with their targets and first slots. None
    /// inside of it was added before.
    pub fn handler(&mut self, from: u32, to: u32, clauses: &[(u32, u32, u32)]) {
        for (index, (tag, target, slot)) in clauses.iter().rev().enumerate() {
            let next = if index == 0 { NONE } else { len(self.catches.len()) - 1 };
            let (tag, target, slot, next) = ((*tag).into(), (*target).into(), (*slot).into(), next.into());
            self.catches.push(CatchRecord { tag, target, slot, next });
        }
        let first = len(self.catches.len()) - 1;
        self.handlers.push(HandlerRecord { pc: from.into(), first: first.into() });
        self.handlers.push(HandlerRecord { pc: to.into(), first: NONE.into() });
    }

    /// The file.
    pub fn build(&self) -> Vec<u8> {
        let code: Vec<u8> = self.code.iter().flat_map(|instr| instr.to_le_bytes()).collect();
        let sections: [(usize, &[u8]); Section::COUNT] = [
            (self.code.len(), &code),
            (self.val_types.len(), self.val_types.as_bytes()),
            (self.types.len(), self.types.as_bytes()),
            (self.imports.len(), self.imports.as_bytes()),
            (self.funcs.len(), self.funcs.as_bytes()),
            (self.tables.len(), self.tables.as_bytes()),
            (self.memories.len(), self.memories.as_bytes()),
            (self.globals.len(), self.globals.as_bytes()),
            (self.exports.len(), self.exports.as_bytes()),
            (self.elements.len(), self.elements.as_bytes()),
            (self.items.len(), self.items.as_bytes()),
            (self.data.len(), self.data.as_bytes()),
            (self.consts.len(), self.consts.as_bytes()),
            (self.tags.len(), self.tags.as_bytes()),
            (self.handlers.len(), self.handlers.as_bytes()),
            (self.catches.len(), self.catches.as_bytes()),
            (self.blob.len(), &self.blob),
        ];
        let parts = |parts| [0, parts].map(u32::to_le_bytes).concat();
        let bytecode = self.parts_of_bytecode.map(parts).unwrap_or_default();
        let optional: [(OptionalSection, &[u8]); 4] = [
            (OptionalSection::Positions, self.positions.as_bytes()),
            (OptionalSection::Aliases, self.aliases.as_bytes()),
            (OptionalSection::Names, self.names.as_bytes()),
            (OptionalSection::Bytecode, &bytecode),
        ];
        let mut file = vec![0; size_of::<Header>()];
        for (_, bytes) in sections {
            file.extend_from_slice(bytes);
        }
        for (section, bytes) in optional.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            let header = OptionalHeader { kind: (*section as u32).into(), length: len(bytes.len()).into() };
            file.extend_from_slice(header.as_bytes());
            file.extend_from_slice(bytes);
        }
        let [code, between @ .., blob] = sections.map(|(count, _)| count);
        let mut header = Header {
            magic: MAGIC,
            version: VERSION.into(),
            window_log2: WINDOW_LOG2,
            length: len(file.len()).into(),
            schedule: (SCHEDULE_HASH as u32).into(),
            start: self.start.unwrap_or(NONE).into(),
            code: len(code).into(),
            blob: len(blob).into(),
            ..Header::default()
        };
        let halves = between.map(|count| items::halved(len(count)));
        header.counts = halves.map(|[low, _]| low);
        if halves.iter().any(|[_, high]| high.get() > 0) {
            header.wide = 1;
            let high = halves.iter().flat_map(|[_, high]| high.to_bytes()).chain([0; 2]);
            file.splice(size_of::<Header>()..size_of::<Header>(), high);
            header.length = len(file.len()).into();
        }
        file[..size_of::<Header>()].copy_from_slice(header.as_bytes());
        seal(&mut file).unwrap();
        file
    }
}

pub fn small_memory(min: u64, max: u64) -> MemoryRecord {
    MemoryRecord { flags: flag::MAXIMUM.into(), page_log2: 0.into(), min: min.into(), max: max.into() }
}

pub fn small_table(min: u64, max: u64) -> TableRecord {
    TableRecord {
        element: ValType::FUNCREF,
        flags: flag::MAXIMUM.into(),
        min: min.into(),
        max: max.into(),
        init: ConstRange::default(),
    }
}

/// Where a section of a file begins, in bytes.
pub fn section_at(file: &[u8], section: Section) -> usize {
    let (header, _) = Header::read(file).unwrap();
    let (counts, rest) = header.sections(file).unwrap();
    let before = Section::ALL.iter().zip(counts).take(section as usize);
    before.fold(file.len() - rest.len(), |at, (section, count)| at + count as usize * section.record_bytes())
}

/// Where the header of an optional section begins.
pub fn optional_at(file: &[u8], section: OptionalSection) -> usize {
    let blob = section_at(file, Section::Blob);
    let mut at = blob + Header::read(file).unwrap().0.blob.get() as usize;
    loop {
        let (header, _) = OptionalHeader::read(&file[at..]).unwrap();
        if header.kind.get() == section as u32 {
            return at;
        }
        at += size_of_val(header) + header.length.get() as usize;
    }
}

/// A record of a file, to change.
pub fn record<T: FromBytes + IntoBytes + Immutable + KnownLayout>(
    file: &mut [u8],
    section: Section,
    index: usize,
) -> &mut T {
    at(file, section_at(file, section) + index * size_of::<T>())
}

/// A record of an optional section, to change.
pub fn optional_record<T: FromBytes + IntoBytes + Immutable + KnownLayout>(
    file: &mut [u8],
    section: OptionalSection,
    index: usize,
) -> &mut T {
    at(file, optional_at(file, section) + size_of::<OptionalHeader>() + index * size_of::<T>())
}

/// What stands at an offset, to change.
pub fn at<T: FromBytes + IntoBytes + Immutable + KnownLayout>(file: &mut [u8], offset: usize) -> &mut T {
    T::mut_from_prefix(&mut file[offset..]).unwrap().0
}

// --- Running ---------------------------------------------------------------------------------------

/// What a store puts plain things into.
pub struct Buffers {
    funcs: Vec<FuncInst>,
    types: Vec<TypeRecord>,
    val_types: Vec<ValType>,
    globals: Vec<u64>,
    global_types: Vec<Option<GlobalType>>,
    tags: Vec<u32>,
    objects: Vec<u64>,
    handles: Vec<Handle>,
    pub words: Vec<u32>,
    entries: Vec<Entry>,
    pub cells: Vec<Cell>,
    pub tables: Vec<Vec<u32>>,
    pub memories: Vec<Vec<u8>>,
}

impl Buffers {
    /// Room for a few small instances; filled with rubbish, which must not matter.
    pub fn new() -> Self {
        Self {
            funcs: vec![FuncInst { ty: 7, instance: 7, index: 7 }; 64],
            types: vec![TypeRecord::default(); 32],
            val_types: vec![ValType::V128; 64],
            globals: vec![7; 32],
            global_types: vec![None; 32],
            tags: vec![7; 4],
            objects: vec![7; 8],
            handles: vec![Handle::NONE; 8],
            words: vec![0x7777_7777; 512],
            entries: vec![Entry::new(7, 7, Instr::default()); 64],
            cells: vec![Cell::default(); 1024],
            tables: vec![vec![7; 16]; 4],
            memories: vec![vec![7; 512]; 4],
        }
    }
}

/// What a store puts things into that borrow from other things.
#[derive(Default)]
pub struct Rooms<'a> {
    modules: Vec<Loaded<'a>>,
    instances: Vec<Instance<'a>>,
    tables: Vec<TableRoom<'a>>,
    memories: Vec<MemoryRoom<'a>>,
}

pub fn store<'a>(limits: &'a Limits, buffers: &'a mut Buffers, rooms: &'a mut Rooms<'a>) -> FixedStore<'a> {
    rooms.modules.resize_with(4, Loaded::default);
    rooms.instances.resize_with(4, Instance::default);
    rooms.tables = buffers.tables.iter_mut().map(|elements| TableRoom::new(elements)).collect();
    rooms.memories = buffers.memories.iter_mut().map(|bytes| MemoryRoom::new(bytes)).collect();
    let room = Room {
        modules: &mut rooms.modules,
        instances: &mut rooms.instances,
        funcs: &mut buffers.funcs,
        types: &mut buffers.types,
        val_types: &mut buffers.val_types,
        globals: &mut buffers.globals,
        global_types: &mut buffers.global_types,
        tags: &mut buffers.tags,
        objects: &mut buffers.objects,
        handles: &mut buffers.handles,
        tables: &mut rooms.tables,
        memories: &mut rooms.memories,
        words: &mut buffers.words,
        entries: &mut buffers.entries,
        cells: &mut buffers.cells,
    };
    FixedStore::new(limits, room)
}

/// A stack and an engine.
pub struct Machine {
    slots: Vec<u64>,
    frames: Vec<Frame>,
    pub state: CallState,
    pub engine: StacklessEngine,
}

impl Machine {
    pub fn new() -> Self {
        Self {
            slots: vec![0; 2048],
            frames: vec![Frame::default(); 64],
            state: CallState::IDLE,
            engine: StacklessEngine::new(VerificationLevel::Full),
        }
    }

    /// Starts a call and runs it with `fuel`.
    pub fn call(&mut self, store: &mut FixedStore<'_>, func: Extern, args: &[u64], fuel: u64) -> Outcome {
        let Extern::Func(addr) = func else { panic!("{func:?} is no function") };
        self.engine.set_fuel(fuel);
        let mut stack = Stack::new(&mut self.slots, &mut self.frames, 40, &mut self.state);
        match self.engine.begin(store, &mut stack, addr, 0, args) {
            Ok(()) => self.resume(store, 0),
            Err(trap) => Outcome::Trapped(trap),
        }
    }

    /// Goes on with so much fuel more.
    pub fn resume(&mut self, store: &mut FixedStore<'_>, fuel: u64) -> Outcome {
        use wrt_runtime::Execute;
        self.engine.set_fuel(self.engine.remaining_fuel() + fuel);
        let mut stack = Stack::new(&mut self.slots, &mut self.frames, 40, &mut self.state);
        Execute::resume(&mut self.engine, store, &mut stack)
    }

    /// Lets the host function whose `count` arguments are at `base` call `waiting.callee`.
    pub fn reenter(
        &mut self,
        store: &mut FixedStore<'_>,
        (base, count): (u32, u32),
        waiting: Waiting,
        args: &[u64],
    ) -> Result<(), Trap> {
        let mut stack = Stack::new(&mut self.slots, &mut self.frames, 40, &mut self.state);
        self.engine.reenter(store, &mut stack, (base, count), waiting, args)
    }

    /// Results of the call that finished, or arguments of the host call asked for.
    pub fn slots(&mut self, base: u32, count: usize) -> &mut [u64] {
        &mut self.slots[base as usize..][..count]
    }

    /// The one result.
    pub fn result(&mut self) -> u64 {
        let base = self.state.base;
        self.slots(base, 1)[0]
    }
}

/// Active, for segments.
pub const ACTIVE: u32 = mode::ACTIVE;
/// Passive, for segments.
pub const PASSIVE: u32 = mode::PASSIVE;

/// Fuel that no test uses up.
pub const PLENTY: u64 = 1 << 40;

/// Runs the export `name` to its end; its one result.
pub fn run(store: &mut FixedStore<'_>, instance: u32, name: &str, args: &[u64]) -> Result<u64, Trap> {
    let mut machine = Machine::new();
    let func = store.export(instance, name).unwrap();
    match machine.call(store, func, args, PLENTY) {
        Outcome::Finished => Ok(machine.result()),
        Outcome::Trapped(trap) => Err(trap),
        other => panic!("{name}: {other:?}"),
    }
}

/// What checking code comes to that breaks a rule at `pc`.
pub fn refused(pc: u32, rule: CodeRule) -> Result<(), ImageError> {
    Err(ImageError::Code { pc, rule })
}
