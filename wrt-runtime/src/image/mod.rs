//! The one executable form of a module.

mod catches;
pub mod checker;
pub mod error;
pub mod flow;
pub mod format;
mod maps;
mod parts;
pub mod reader;
mod shape;
#[cfg(feature = "traditional")]
mod traditional;

pub use error::{CodeRule, FileRule, ImageError};

use crate::heap::roots::{Code, MAPS, RefMaps};
use crate::instr::Instr;
#[cfg(feature = "traditional")]
use crate::storage::Bytecode;
use crate::storage::Entry;
use crate::typing::{Types, slots_of};
use core::slice::ChunksExact;
use format::{
    AliasRecord, BodyRecord, CatchRecord, ConstInstr, ConstRange, DataRecord, ElementRecord, ExportRecord, FuncRecord,
    GlobalRecord, HandlerRecord, ImportRecord, MemoryRecord, NameRecord, PositionRecord, Range, TableRecord, TagRecord,
    TypeRecord, ValType, items, kind,
};
use reader::SINGLE;
use wrt_instructions::Part;
use zerocopy::byteorder::little_endian::U16;

/// A borrowed view of an image: of a file in memory or flash, or of the records that a host made from a module.
///
/// One made from a module by a host has no code: functions are lowered when they are first called.
// @need-ids: REQ_IMAGE_002
#[derive(Clone, Copy, Debug, Default)]
pub struct Image<'a> {
    /// SHA-256 of the module, where it is known: a file has it, a host computes it when it is asked for.
    pub module_hash: Option<&'a [u8; 32]>,
    /// The function to run on instantiation.
    pub start: Option<u32>,
    /// Types.
    pub types: &'a [TypeRecord],
    /// Parameters, results and fields of all types.
    pub val_types: &'a [ValType],
    /// Imports.
    pub imports: &'a [ImportRecord],
    /// Functions.
    pub funcs: &'a [FuncRecord],
    /// Tables.
    pub tables: &'a [TableRecord],
    /// Memories.
    pub memories: &'a [MemoryRecord],
    /// Globals.
    pub globals: &'a [GlobalRecord],
    /// Tags.
    pub tags: &'a [TagRecord],
    /// Exports.
    pub exports: &'a [ExportRecord],
    /// Element segments.
    pub elements: &'a [ElementRecord],
    /// Items of the element segments.
    pub items: &'a [U16],
    /// Data segments.
    pub data: &'a [DataRecord],
    /// Constant expressions.
    pub consts: &'a [ConstInstr],
    /// Instructions as little-endian bytes, 8 each.
    pub code: &'a [u8],
    /// Which handlers are around instructions.
    pub handlers: &'a [HandlerRecord],
    /// The handlers' clauses.
    pub catches: &'a [CatchRecord],
    /// Where instructions come from.
    pub positions: &'a [PositionRecord],
    /// Operands that are not in their slots during calls.
    pub aliases: &'a [AliasRecord],
    /// Where references are in frames that run each kind of [`Code`]; none where nothing is collected.
    pub ref_maps: [RefMaps<'a>; MAPS],
    /// Function names.
    pub names: &'a [NameRecord],
    /// Where in the module the bodies of the functions are.
    pub bodies: &'a [BodyRecord],
    /// What the traditional engine runs, where there is any of it.
    #[cfg(feature = "traditional")]
    pub bytecode: Bytecode<'a>,
    /// The optional sections as they stand in the file, where it was read from one.
    pub optional: &'a [u8],
    /// Names, data, bytecode.
    pub blob: &'a [u8],
}

impl<'a> Image<'a> {
    /// A range of the blob; empty where it leaves it.
    pub fn bytes(&self, range: Range) -> &'a [u8] {
        let start = range.start.get() as usize;
        self.blob.get(start..start.saturating_add(range.length.get() as usize)).unwrap_or_default()
    }

    /// A name; empty where it is not UTF-8.
    pub fn name(&self, range: Range) -> &'a str {
        core::str::from_utf8(self.bytes(range)).unwrap_or_default()
    }

    /// Where references are in frames that run a kind of code.
    pub fn ref_maps(&self, code: Code) -> RefMaps<'a> {
        self.ref_maps.get(code as usize).copied().unwrap_or_default()
    }

    /// All types, with what is known of them.
    pub const fn all_types(&self) -> Types<'a> {
        Types { records: self.types, val_types: self.val_types }
    }

    /// Tags, where this build has them.
    pub(crate) const fn tags(&self) -> &'a [TagRecord] {
        if Part::Exceptions.is_built() { self.tags } else { &[] }
    }

    /// Parameters and results of a function type.
    pub fn func_type(&self, index: u32) -> Option<(&'a [ValType], &'a [ValType])> {
        self.all_types().func(index)
    }

    /// How many slots the parameters of a function type take.
    fn param_slots(&self, index: u32) -> Option<u32> {
        if Part::References.is_built() || Part::Simd.is_built() {
            return self.func_type(index).map(|(params, _)| slots_of(params));
        }
        // All types are of functions, and each value takes a slot.
        self.types.get(index as usize).map(|ty| ty.params.get().into())
    }

    /// How many things of a [`kind`] it imports.
    pub fn imported(&self, what: u32) -> u32 {
        let count = match what {
            _ if Part::Linking.is_built() => self.imports.iter().filter(|import| import.kind.get() == what).count(),
            // Others were refused.
            kind::FUNC => self.imports.len(),
            _ => 0,
        };
        count as u32
    }

    /// Where in the module the body of a function is; empty where it has none, or that is not known.
    pub fn body(&self, func: u32) -> BodyRecord {
        self.bodies.get(func as usize).copied().unwrap_or_default()
    }

    /// The constant expression in a range.
    pub fn expression(&self, range: ConstRange) -> Option<&'a [ConstInstr]> {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        self.consts.get(start..)?.get(..length)
    }

    /// The items of an element segment, as [`items`] says; `None` where they are not all there.
    pub fn items(&self, segment: &ElementRecord) -> Option<ChunksExact<'a, U16>> {
        // Of one instance's functions alone, there are no others.
        let halves = if SINGLE { 1 } else { items::halves(segment.items.get()) };
        let count = (segment.length.get() as usize).saturating_mul(halves);
        Some(self.items.get(segment.start.get() as usize..)?.get(..count)?.chunks_exact(halves))
    }

    /// The instruction at a position; `None` past the end.
    pub fn instr(&self, pc: u32) -> Option<Instr> {
        let (instrs, _) = self.code.as_chunks::<8>();
        instrs.get(pc as usize).map(|bytes| Instr::from_le_bytes(*bytes))
    }

    /// All instructions, in order.
    pub fn instrs(&self) -> impl ExactSizeIterator<Item = Instr> + use<'a> {
        self.code.as_chunks::<8>().0.iter().map(|bytes| Instr::from_le_bytes(*bytes))
    }

    /// How many instructions and data words its code has: the cells it takes where it cannot be run in place.
    pub const fn instr_count(&self) -> usize {
        self.code.as_chunks::<8>().0.len()
    }

    /// The entry of a function.
    pub fn entry(&self, index: u32) -> Option<Entry> {
        self.funcs.get(index as usize).map(|func| Entry::of(*func, index, |pc| self.instr(pc)))
    }
}
