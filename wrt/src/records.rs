//! The records of a module: what an [`Image`] borrows, owned.

// @need-ids: REQ_IMAGE_002

use crate::decode::refusal;
use crate::error::Error;
use crate::handlers::HandlerLists;
use crate::maps::MapLists;
use crate::validate::Later;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::panic::RefUnwindSafe;
use sha2::{Digest, Sha256};
use spin::Once;
use wrt_runtime::Image;
use wrt_runtime::heap::roots::{self, RefMaps};
use wrt_runtime::image::format::{
    AliasRecord, BodyRecord, CatchRecord, ConstInstr, DataRecord, ElementRecord, ExportRecord, FuncRecord,
    GlobalRecord, HandlerRecord, ImportRecord, MemoryRecord, NameRecord, OptionalHeader, OptionalSection,
    PositionRecord, TableRecord, TagRecord, TypeRecord, ValType,
};
use wrt_runtime::side::{Body, SideEntry};
use wrt_runtime::storage::Bytecode;
use zerocopy::FromBytes;
use zerocopy::byteorder::little_endian::U16;

/// A module's records, and the bytes they point into: those of the binary module, or of the image file.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) bytes: Arc<[u8]>,
    /// Where in the bytes the blob is.
    pub(crate) blob: Range<usize>,
    /// Where in the bytes the code is; empty where functions are lowered.
    pub(crate) code: Range<usize>,
    hash: Once<[u8; 32]>,
    /// What bodies are still to be validated against, where that was put off.
    pub(crate) later: Option<Later>,
    pub(crate) start: Option<u32>,
    pub(crate) types: Vec<TypeRecord>,
    pub(crate) val_types: Vec<ValType>,
    pub(crate) imports: Vec<ImportRecord>,
    pub(crate) funcs: Vec<FuncRecord>,
    pub(crate) tables: Vec<TableRecord>,
    pub(crate) memories: Vec<MemoryRecord>,
    pub(crate) globals: Vec<GlobalRecord>,
    pub(crate) tags: Vec<TagRecord>,
    pub(crate) exports: Vec<ExportRecord>,
    pub(crate) elements: Vec<ElementRecord>,
    pub(crate) items: Vec<U16>,
    pub(crate) data: Vec<DataRecord>,
    /// Code may name data segments.
    pub(crate) names_data: bool,
    pub(crate) consts: Vec<ConstInstr>,
    pub(crate) handlers: Vec<HandlerRecord>,
    pub(crate) catches: Vec<CatchRecord>,
    pub(crate) positions: Vec<PositionRecord>,
    pub(crate) aliases: Vec<AliasRecord>,
    pub(crate) maps: MapLists,
    pub(crate) names: Vec<NameRecord>,
    pub(crate) bodies: Vec<BodyRecord>,
    /// What the traditional engine runs, of an image that carries it.
    bytecode: ImageBytecode,
}

/// Bytecode and side tables of an image.
#[derive(Debug, Default)]
struct ImageBytecode {
    /// Where in the image's bytes it is, and where it was in the module.
    bytes: Range<usize>,
    origin: u32,
    side: Vec<SideEntry>,
    bodies: Vec<Body>,
    handlers: HandlerLists,
    maps: MapLists,
}

/// The hash is there or is not; nobody sees one half made.
impl RefUnwindSafe for Records {}

impl Records {
    /// SHA-256 of the module. Of a binary module it is computed when it is first asked for: most loads never are, and
    /// without instructions for it, it takes about as long as validation.
    pub(crate) fn module_hash(&self) -> [u8; 32] {
        *self.hash.call_once(|| hash_of(&self.bytes))
    }

    /// Validates the body of a function, where that was put off.
    ///
    /// # Errors
    /// Those of a module that has such a body.
    pub(crate) fn validate_body(&self, func: u32) -> Result<(), Error> {
        let Some(later) = &self.later else { return Ok(()) };
        later.validate(&self.image(), func).map_err(|error| refusal(&self.bytes, &error))
    }

    /// Validates all bodies, where that was put off.
    ///
    /// # Errors
    /// Those of the first that is invalid.
    pub(crate) fn validate_bodies(&self) -> Result<(), Error> {
        if self.later.is_none() {
            return Ok(());
        }
        (0..).take(self.funcs.len()).try_for_each(|func| self.validate_body(func))
    }

    /// The view that engines and checkers take.
    pub(crate) fn image(&self) -> Image<'_> {
        Image {
            module_hash: self.hash.get(),
            start: self.start,
            types: &self.types,
            val_types: &self.val_types,
            imports: &self.imports,
            funcs: &self.funcs,
            tables: &self.tables,
            memories: &self.memories,
            globals: &self.globals,
            tags: &self.tags,
            exports: &self.exports,
            elements: &self.elements,
            items: &self.items,
            data: &self.data,
            consts: &self.consts,
            code: self.bytes.get(self.code.clone()).unwrap_or_default(),
            handlers: &self.handlers,
            catches: &self.catches,
            positions: &self.positions,
            aliases: &self.aliases,
            ref_maps: [self.maps.view(), RefMaps::default()],
            names: &self.names,
            bodies: &self.bodies,
            bytecode: Bytecode {
                bytes: self.bytes.get(self.bytecode.bytes.clone()).unwrap_or_default(),
                origin: self.bytecode.origin,
                side: &self.bytecode.side,
                bodies: &self.bytecode.bodies,
                globals: &self.globals,
                handlers: self.bytecode.handlers.view(),
            },
            optional: &[],
            blob: self.bytes.get(self.blob.clone()).unwrap_or_default(),
        }
    }

    /// Where references are while bytecode of an image stands still.
    pub(crate) fn side_maps(&self) -> RefMaps<'_> {
        self.bytecode.maps.view()
    }

    /// The bytes of a data segment: there may be very many, each asked for once.
    pub(crate) fn data_segment(&self, segment: u32) -> Option<&[u8]> {
        let image = Image { blob: self.bytes.get(self.blob.clone())?, ..Image::default() };
        Some(image.bytes(self.data.get(segment as usize)?.bytes))
    }

    /// The records of a parsed image file, whose bytes are `bytes`.
    ///
    /// They are copied: a host has the room, and one representation for both sources is one to test.
    pub(crate) fn from_image(image: &Image<'_>, bytes: &Arc<[u8]>) -> Option<Self> {
        Some(Self {
            bytes: Arc::clone(bytes),
            blob: range_in(bytes, image.blob)?,
            code: range_in(bytes, image.code)?,
            hash: image.module_hash.map_or_else(Once::new, |hash| Once::initialized(*hash)),
            later: None,
            start: image.start,
            types: image.types.to_vec(),
            val_types: image.val_types.to_vec(),
            imports: image.imports.to_vec(),
            funcs: image.funcs.to_vec(),
            tables: image.tables.to_vec(),
            memories: image.memories.to_vec(),
            globals: image.globals.to_vec(),
            tags: image.tags.to_vec(),
            exports: image.exports.to_vec(),
            elements: image.elements.to_vec(),
            items: image.items.to_vec(),
            data: image.data.to_vec(),
            names_data: true,
            consts: image.consts.to_vec(),
            handlers: image.handlers.to_vec(),
            catches: image.catches.to_vec(),
            positions: image.positions.to_vec(),
            aliases: image.aliases.to_vec(),
            maps: MapLists::copied(image.ref_maps(roots::Code::Register)),
            names: image.names.to_vec(),
            bodies: image.bodies.to_vec(),
            bytecode: ImageBytecode {
                bytes: range_in(bytes, image.bytecode.bytes)?,
                origin: image.bytecode.origin,
                side: image.bytecode.side.to_vec(),
                bodies: image.bytecode.bodies.to_vec(),
                handlers: HandlerLists::copied(image.bytecode.handlers),
                maps: side_maps(image.optional)?,
            },
        })
    }
}

/// SHA-256 of a module's bytes.
pub(crate) fn hash_of(module: &[u8]) -> [u8; 32] {
    Sha256::digest(module).into()
}

/// The maps of bytecode among the optional sections of an image.
fn side_maps(mut rest: &[u8]) -> Option<MapLists> {
    let mut maps = RefMaps::default();
    while !rest.is_empty() {
        let (header, after) = OptionalHeader::ref_from_prefix(rest).ok()?;
        let (bytes, after) = after.split_at_checked(header.length.get() as usize)?;
        match header.kind.get() {
            kind if kind == OptionalSection::SideRefMaps as u32 => {
                maps.records = FromBytes::ref_from_bytes(bytes).ok()?;
            }
            kind if kind == OptionalSection::SideRefSlots as u32 => {
                maps.slots = FromBytes::ref_from_bytes(bytes).ok()?;
            }
            _ => {}
        }
        rest = after;
    }
    Some(MapLists::copied(maps))
}

/// Where `part` lies in `whole`; an empty part lies at its start. `None` if it is not a part of it.
pub(crate) fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    if part.is_empty() {
        return Some(0..0);
    }
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_IMAGE_002
    #[test]
    fn a_part_is_found_and_anything_else_is_not() {
        let whole = *b"abcdef";
        let other = *b"cd";
        assert_eq!(range_in(&whole, &whole[2..4]), Some(2..4));
        assert_eq!(range_in(&whole, &[]), Some(0..0));
        assert_eq!(range_in(&whole, &whole), Some(0..6));
        assert_eq!(range_in(&whole[1..3], &whole[2..5]), None);
        assert_eq!(range_in(&whole[..0], &other), None);
    }
}
