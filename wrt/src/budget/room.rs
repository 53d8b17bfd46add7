//! What an instance takes in a store over slices, by kinds of entries and in bytes of a target.

// @need-ids: REQ_BUDGET_003

use super::StackNeeds;
use alloc::vec::Vec;
use wrt_instructions::operator::{BinaryOp, StructuralOp};
use wrt_runtime::Image;
use wrt_runtime::heap::Handle;
use wrt_runtime::heap::layout::{Packed, object_words};
use wrt_runtime::image::format::{ConstRange, flag, items};
use wrt_runtime::instantiate::{CONST_NEAR, Needs, far_room};
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::sizes::Sizes;
use wrt_runtime::types::{MemoryType, TableType};

/// A memory or a table of the module's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its index.
    pub index: u32,
    /// The least size: bytes of a memory, elements of a table.
    pub min: u64,
    /// The declared greatest size.
    pub max: Option<u64>,
    /// Bytes of a page, of an element.
    pub unit: u64,
}

/// How many entries of each slice of a [`Room`](wrt_runtime::fixed_store::Room) one instance of a module takes, with its
/// image: imported functions count as functions of the host that are added to the same store; imported tables, memories,
/// globals and tags are another instance's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomNeeds {
    /// Images.
    pub modules: u64,
    /// Instances.
    pub instances: u64,
    /// Functions.
    pub funcs: u64,
    /// Different types.
    pub types: u64,
    /// Their parameters, results and fields.
    pub val_types: u64,
    /// Slots of globals; as many of their types.
    pub globals: u64,
    /// Tags.
    pub tags: u64,
    /// Words for the structures and arrays that constant expressions make, and for the operands of those that are made of many; `None`
    /// where the length of an array comes from an imported global.
    pub objects: Option<u64>,
    /// How many they are.
    pub handles: Option<u64>,
    /// Words of the instance's lists and of the image's types.
    pub words: u64,
    /// Entries of functions.
    pub entries: u64,
    /// Instructions, where the image cannot be run in place.
    pub cells: u64,
    /// Tables.
    pub tables: Vec<Extent>,
    /// Memories.
    pub memories: Vec<Extent>,
}

/// Bytes of RAM, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ram {
    /// What each slice takes, in the order of [`Room`](wrt_runtime::fixed_store::Room): its name, entries, bytes.
    pub slices: Vec<(&'static str, u64, u64)>,
    /// The store and the engine themselves, and the state of one call.
    pub fixed: u64,
    /// Elements of the tables at their least sizes.
    pub elements: u64,
    /// Bytes of the memories at their least sizes.
    pub memories: u64,
    /// The stack's slots with their pad, and its records of frames; `None` where the stack has no bound.
    pub stack: Option<u64>,
    /// Whether the words of objects are known; they count as none where not.
    pub objects_known: bool,
}

impl Ram {
    /// All but the stack, tables' elements and memories.
    pub fn bookkeeping(&self) -> u64 {
        self.slices.iter().fold(self.fixed, |sum, (_, _, bytes)| sum.saturating_add(*bytes))
    }

    /// All of it; `None` where the stack has no bound, or the words of objects are not known.
    pub fn total(&self) -> Option<u64> {
        let rest = self.bookkeeping().saturating_add(self.elements).saturating_add(self.memories);
        Some(rest.saturating_add(self.stack.filter(|_| self.objects_known)?))
    }
}

impl StackNeeds {
    /// Slots that the storage of a [`Stack`](wrt_runtime::Stack) must have: with the pad at the end.
    pub const fn storage_slots(&self) -> u64 {
        self.slots.saturating_add(WINDOW_SLOTS as u64)
    }
}

impl RoomNeeds {
    /// `types` are the different types and their parts.
    pub(super) fn of(image: &Image<'_>, (types, val_types): (usize, usize)) -> Self {
        let needs = Needs::of(image).unwrap_or_default();
        let own = |flags: u32| flags & flag::IMPORTED == 0;
        let tables = (0..).zip(image.tables).filter(|(_, table)| own(table.flags.get()));
        let memories = (0..).zip(image.memories).filter(|(_, memory)| own(memory.flags.get()));
        Self {
            modules: 1,
            instances: 1,
            funcs: needs.funcs.into(),
            types: types as u64,
            val_types: val_types as u64,
            globals: needs.global_slots.into(),
            tags: needs.tags.saturating_sub(needs.imported_tags).into(),
            objects: objects(image).map(|(words, _)| words),
            handles: objects(image).map(|(_, count)| count),
            words: (needs.words() as u64).saturating_add(image.types.len() as u64),
            entries: needs.funcs.into(),
            cells: image.instr_count() as u64,
            tables: tables
                .map(|(index, table)| {
                    let ty = TableType::from(table);
                    Extent { index, min: ty.min, max: ty.max, unit: 1 }
                })
                .collect(),
            memories: memories
                .map(|(index, memory)| {
                    let ty = MemoryType::from(memory);
                    let unit = 1_u64.checked_shl(ty.page_log2.into()).unwrap_or(u64::MAX);
                    let max = ty.max.map(|max| max.saturating_mul(unit));
                    Extent { index, min: ty.bytes().unwrap_or(u64::MAX), max, unit }
                })
                .collect(),
        }
    }

    /// Bytes on a target with these sizes, where images are run in place or not.
    // @need-ids: REQ_BUDGET_003
    pub fn ram(&self, sizes: &Sizes, in_place: bool, stack: Option<&StackNeeds>) -> Ram {
        const WORD: usize = size_of::<u32>();
        const SLOT: usize = size_of::<u64>();
        let slice = |name: &'static str, count: u64, size: usize| (name, count, count.saturating_mul(size as u64));
        let sum = |extents: &[Extent]| extents.iter().fold(0_u64, |sum, extent| sum.saturating_add(extent.min));
        let slices = [
            slice("modules", self.modules, sizes.module),
            slice("instances", self.instances, sizes.instance),
            slice("funcs", self.funcs, sizes.func),
            slice("types", self.types, sizes.ty),
            slice("val_types", self.val_types, sizes.val_type),
            slice("globals", self.globals, SLOT),
            slice("global_types", self.globals, sizes.global_type),
            slice("tables", self.tables.len() as u64, sizes.table),
            slice("memories", self.memories.len() as u64, sizes.memory),
            slice("tags", self.tags, WORD),
            slice("objects", self.objects.unwrap_or(0), SLOT),
            slice("handles", self.handles.unwrap_or(0), size_of::<Handle>()),
            slice("words", self.words, WORD),
            slice("entries", self.entries, sizes.entry),
            slice("cells", if in_place { 0 } else { self.cells }, sizes.cell),
        ];
        Ram {
            slices: slices.into(),
            fixed: (sizes.store + sizes.engine + sizes.call) as u64,
            elements: sum(&self.tables).saturating_mul(WORD as u64),
            memories: sum(&self.memories),
            objects_known: self.objects.is_some(),
            stack: stack.map(|stack| {
                let slots = stack.storage_slots().saturating_mul(SLOT as u64);
                slots.saturating_add(stack.records.saturating_mul(sizes.frame as u64))
            }),
        }
    }
}

/// Words of the arena that instantiation needs for the objects that it makes, and how many they are. `None` where the length of an array
/// is not known.
pub(crate) fn objects(image: &Image<'_>) -> Option<(u64, u64)> {
    made_by(image).ok().map(|made| (made.most, made.count))
}

fn made_by(image: &Image<'_>) -> Result<Made, Unknown> {
    let mut made = Made::default();
    let mut globals: Vec<Option<u64>> = Vec::new();
    for global in image.globals {
        let value = match global.flags.get() & (flag::IMPORTED | flag::EXPRESSION) {
            0 => Some(global.init.get()),
            flag::EXPRESSION => made.expression(image, global.init.into(), &globals)?,
            _ => None,
        };
        globals.push(value);
    }
    for table in image.tables {
        made.expression(image, table.init, &globals)?;
    }
    for item in image.elements.iter().filter_map(|segment| image.items(segment)).flatten() {
        if let Some(range) = items::expression(item) {
            made.expression(image, range, &globals)?;
        }
    }
    Ok(made)
}

/// The size of an object is not known.
struct Unknown;

/// The slots of a constant expression's operands, integers where they are known. Those beyond [`CONST_NEAR`] stand in the arena, where
/// room is made for them.
#[derive(Default)]
struct Operands {
    slots: Vec<Option<u64>>,
    room: u32,
}

impl Operands {
    fn pop(&mut self, count: u64) {
        let left = (self.slots.len() as u64).saturating_sub(count);
        self.slots.truncate(usize::try_from(left).unwrap_or_default());
    }
}

/// What instantiation has made so far: words of objects, how many they are, and the most words of the arena that it needed.
#[derive(Default)]
struct Made {
    words: u64,
    count: u64,
    most: u64,
}

impl Made {
    /// As instantiation makes an object, which stands before the operands that are far.
    fn object(&mut self, words: Option<u64>, operands: &Operands) -> Result<(), Unknown> {
        self.words = self.words.saturating_add(words.ok_or(Unknown)?);
        self.count = self.count.saturating_add(1);
        let far = if operands.slots.len() > CONST_NEAR { operands.room } else { 0 };
        self.most = self.most.max(self.words.saturating_add(far.into()));
        Ok(())
    }

    /// As instantiation pushes a slot.
    fn push(&mut self, operands: &mut Operands, value: Option<u64>) {
        if operands.slots.len().checked_sub(CONST_NEAR).is_some_and(|far| far as u64 == operands.room.into()) {
            operands.room = far_room(operands.room);
            self.most = self.most.max(self.words.saturating_add(operands.room.into()));
        }
        operands.slots.push(value);
    }

    /// Evaluates a constant expression: its value, where it is an integer that is known.
    fn expression(
        &mut self,
        image: &Image<'_>,
        range: ConstRange,
        globals: &[Option<u64>],
    ) -> Result<Option<u64>, Unknown> {
        let (types, mut operands) = (image.all_types(), Operands::default());
        let slots =
            |ty: u32| types.fields(ty).unwrap_or_default().1.iter().map(|field| u64::from(Packed::of(*field).slots()));
        for instr in image.expression(range).unwrap_or_default() {
            let (opcode, immediate) = (instr.opcode.get(), instr.immediate.get());
            let is = |operator: StructuralOp| opcode == operator.info().opcode;
            let is_binary = |operator: BinaryOp| opcode == operator.info().opcode;
            let ty = immediate as u32;
            let mut value = None;
            if is(StructuralOp::I32Const) {
                value = Some(immediate);
            } else if is(StructuralOp::GlobalGet) {
                let index = usize::try_from(immediate).map_err(|_| Unknown)?;
                value = globals.get(index).copied().flatten();
                if image.globals.get(index).is_some_and(|global| global.ty.slots() == 2) {
                    self.push(&mut operands, None);
                }
            } else if is(StructuralOp::StructNewDefault) {
                self.object(object_words(types, ty, 0), &operands)?;
            } else if is(StructuralOp::StructNew) {
                self.object(object_words(types, ty, 0), &operands)?;
                operands.pop(slots(ty).sum());
            } else if is(StructuralOp::ArrayNewDefault) || is(StructuralOp::ArrayNew) {
                let length = operands.slots.pop().flatten().ok_or(Unknown)?;
                operands.pop(if is(StructuralOp::ArrayNew) { slots(ty).sum() } else { 0 });
                self.object(object_words(types, ty, length as u32), &operands)?;
            } else if is(StructuralOp::ArrayNewFixed) {
                let length = immediate >> 32;
                self.object(object_words(types, ty, length as u32), &operands)?;
                operands.pop(slots(ty).sum::<u64>().saturating_mul(length));
            } else if is(StructuralOp::RefI31) {
                operands.pop(1);
            } else if let Some(operator) = i32_operator(opcode) {
                let (y, x) = (operands.slots.pop().flatten(), operands.slots.pop().flatten());
                value = x.zip(y).map(|(x, y)| u64::from(operator(x as u32, y as u32)));
            } else if is_binary(BinaryOp::I64Add) || is_binary(BinaryOp::I64Sub) || is_binary(BinaryOp::I64Mul) {
                // No array has such a length.
                operands.pop(2);
            }
            self.push(&mut operands, value);
        }
        Ok(operands.slots.pop().flatten())
    }
}

/// The operator of `i32` that has this opcode, where constant expressions may have it.
fn i32_operator(opcode: u32) -> Option<fn(u32, u32) -> u32> {
    let is = |operator: BinaryOp| opcode == operator.info().opcode;
    if is(BinaryOp::I32Add) {
        Some(u32::wrapping_add)
    } else if is(BinaryOp::I32Sub) {
        Some(u32::wrapping_sub)
    } else if is(BinaryOp::I32Mul) {
        Some(u32::wrapping_mul)
    } else {
        None
    }
}
