//! From a module to an image file: all functions lowered, and the parts of the module that are still needed.

use crate::code::{Room, instr_bytes};
use crate::error::{Defect, Error};
use crate::handlers::HandlerLists;
use crate::image_segments;
use crate::image_types;
use crate::maps::MapLists;
use crate::module::is_bytecode_alone;
use crate::records::Records;
use crate::side_table::side_table;
use alloc::vec;
use alloc::vec::Vec;
use wrt_instructions::price::SCHEDULE_HASH;
use wrt_runtime::Image;
use wrt_runtime::heap::roots;
use wrt_runtime::image::format::{
    AliasRecord, BytecodeHeader, ExportRecord, FuncRecord, Header, ImportRecord, MAGIC, NONE, NameRecord,
    OptionalHeader, OptionalSection, PositionRecord, Range, Section, VERSION, items::halved, kind,
};
use wrt_runtime::image::reader::{WINDOW_LOG2, seal};
use wrt_runtime::side::{Body, SideEntry};
use zerocopy::IntoBytes;
use zerocopy::byteorder::little_endian::U32;

/// What goes into an image besides what every image has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// The sections that only tell.
    pub(crate) optional: bool,
    /// What the stackless engine runs.
    pub(crate) register_code: bool,
    /// What the traditional engine runs.
    pub(crate) bytecode: bool,
}

/// Writes the image of a module, whose code may take `limit` bytes, with or without the optional sections.
///
/// Names and data segments are copied into the blob. With `bytecode`, the traditional engine can run it too.
// @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_IMAGE_003
pub(crate) fn write(records: &Records, limit: u64, parts: Parts) -> Result<Vec<u8>, Error> {
    let mut image = records.image();
    if is_bytecode_alone(&image) {
        return Err(Error::bytecode_alone());
    }
    records.validate_bodies()?;
    let mut code = match (image.code.is_empty(), parts.register_code) {
        (true, true) => Code::lower_all(&image, limit)?,
        (true, false) => Code { funcs: image.funcs.to_vec(), ..Code::default() },
        (false, _) => Code::copied(&image),
    };
    let traditional = if parts.bytecode { Traditional::make(&image, limit)? } else { Traditional::default() };
    if !parts.optional {
        (code.positions, code.aliases, image.names, image.bodies) = (Vec::new(), Vec::new(), &[], &[]);
    }
    let mut blob = Blob { image: &image, bytes: Vec::new() };
    let imports = blob.imports()?;
    let exports = blob.exports()?;
    let merge = image.code.is_empty() && !records.names_data;
    let segments = if merge { image_segments::merged } else { image_segments::copied };
    let data = segments(&image, &mut blob.bytes)?;
    let names = blob.names()?;
    let (types, val_types) = image_types::laid_over(image.all_types())?;
    let sections: [(Section, &[u8]); Section::COUNT] = [
        (Section::Code, code.bytes.as_slice()),
        (Section::ValTypes, val_types.as_bytes()),
        (Section::Types, types.as_bytes()),
        (Section::Imports, imports.as_bytes()),
        (Section::Funcs, code.funcs.as_bytes()),
        (Section::Tables, image.tables.as_bytes()),
        (Section::Memories, image.memories.as_bytes()),
        (Section::Globals, image.globals.as_bytes()),
        (Section::Exports, exports.as_bytes()),
        (Section::Elements, image.elements.as_bytes()),
        (Section::Items, image.items.as_bytes()),
        (Section::Data, data.as_bytes()),
        (Section::Consts, image.consts.as_bytes()),
        (Section::Tags, image.tags.as_bytes()),
        (Section::Handlers, code.handlers.records.as_bytes()),
        (Section::Catches, code.handlers.clauses.as_bytes()),
        (Section::Blob, blob.bytes.as_slice()),
    ];
    let optional = [
        (OptionalSection::Positions, code.positions.as_bytes()),
        (OptionalSection::Aliases, code.aliases.as_bytes()),
        (OptionalSection::Names, names.as_bytes()),
        (OptionalSection::Bodies, image.bodies.as_bytes()),
        (OptionalSection::TraditionalBodies, traditional.bodies.as_bytes()),
        (OptionalSection::SideTable, traditional.side.as_bytes()),
        (OptionalSection::SideHandlers, traditional.handlers.records.as_bytes()),
        (OptionalSection::SideCatches, traditional.handlers.clauses.as_bytes()),
        (OptionalSection::Bytecode, traditional.bytecode.as_slice()),
        (OptionalSection::RefMaps, code.maps.records.as_bytes()),
        (OptionalSection::RefSlots, code.maps.slots.as_bytes()),
        (OptionalSection::SideRefMaps, traditional.maps.records.as_bytes()),
        (OptionalSection::SideRefSlots, traditional.maps.slots.as_bytes()),
    ];
    assemble(records.module_hash(), image.start, &sections, &optional)
}

fn too_large() -> Error {
    Error::module(Defect::Unsupported, None, "the image would be larger than 4 GiB")
}

pub(crate) fn small(value: usize) -> Result<U32, Error> {
    u32::try_from(value).map(U32::new).map_err(|_| too_large())
}

/// Header, sections, optional sections that are not empty; the checksum last.
fn assemble(
    module_hash: [u8; 32],
    start: Option<u32>,
    sections: &[(Section, &[u8]); Section::COUNT],
    optional: &[(OptionalSection, &[u8])],
) -> Result<Vec<u8>, Error> {
    let counts = sections.iter().map(|(section, bytes)| small(bytes.len() / section.record_bytes()));
    let counts = counts.collect::<Result<Vec<_>, _>>()?;
    let [code, between @ .., blob] = counts.as_slice() else {
        return Err(Error::internal("an image without sections"));
    };
    let wide = between.iter().any(|count| count.get() > u16::MAX.into());
    let mut header = Header {
        magic: MAGIC,
        version: VERSION.into(),
        window_log2: WINDOW_LOG2,
        schedule: (SCHEDULE_HASH as u32).into(),
        wide: wide.into(),
        module_hash,
        start: start.unwrap_or(NONE).into(),
        code: *code,
        blob: *blob,
        ..Header::default()
    };
    let mut file = vec![0; size_of::<Header>()];
    for (low, count) in header.counts.iter_mut().zip(between) {
        let [half, high] = halved(count.get());
        *low = half;
        if wide {
            file.extend_from_slice(high.as_bytes());
        }
    }
    // Up to a multiple of four.
    file.resize(file.len().next_multiple_of(size_of::<U32>()), 0);
    for (_, bytes) in sections {
        file.extend_from_slice(bytes);
    }
    for (section, bytes) in optional.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let header = OptionalHeader { kind: U32::new(*section as u32), length: small(bytes.len())? };
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(bytes);
    }
    header.length = small(file.len())?;
    header.write_to_prefix(&mut file).map_err(|_| Error::internal("an image without a header"))?;
    seal(&mut file).ok_or_else(|| Error::internal("an image without a header"))?;
    Ok(file)
}

/// All functions, lowered one behind the other.
#[derive(Default)]
struct Code {
    bytes: Vec<u8>,
    funcs: Vec<FuncRecord>,
    positions: Vec<PositionRecord>,
    aliases: Vec<AliasRecord>,
    handlers: HandlerLists,
    maps: MapLists,
}

impl Code {
    /// That of an image.
    fn copied(image: &Image<'_>) -> Self {
        Self {
            bytes: image.code.to_vec(),
            funcs: image.funcs.to_vec(),
            positions: image.positions.to_vec(),
            aliases: image.aliases.to_vec(),
            handlers: HandlerLists { records: image.handlers.to_vec(), clauses: image.catches.to_vec() },
            maps: MapLists::copied(image.ref_maps(roots::Code::Register)),
        }
    }

    fn lower_all(image: &Image<'_>, limit: u64) -> Result<Self, Error> {
        let imported = image.imported(kind::FUNC);
        let (mut code, mut room) = (Self::default(), Room { limit, used: 0 });
        for (index, func) in (0_u32..).zip(image.funcs) {
            let mut func = *func;
            if index >= imported {
                code.lower(image, index, &mut func, &mut room)?;
            }
            code.funcs.push(func);
        }
        Ok(code)
    }

    fn lower(&mut self, image: &Image<'_>, index: u32, func: &mut FuncRecord, room: &mut Room) -> Result<(), Error> {
        let at = small(self.bytes.len() / size_of::<[u8; 8]>())?;
        if at.get() >= FuncRecord::NO_CODE {
            return Err(too_large());
        }
        let lowered = room.lower(image, index, at.get())?;
        room.used = room.used.saturating_add(lowered.bytes());
        for instr in lowered.code {
            self.bytes.extend_from_slice(&instr_bytes(instr));
        }
        let slots = u16::try_from(lowered.slots).map_err(|_| Error::internal("a frame of too many slots"))?;
        *func = FuncRecord::new(func.ty(), at.get(), slots);
        self.positions.extend(lowered.positions);
        self.aliases.extend(lowered.aliases);
        self.handlers.append(lowered.handlers);
        self.maps.append(lowered.maps);
        Ok(())
    }
}

/// What the traditional engine runs: the bytecode of all functions, and their side tables.
#[derive(Default)]
struct Traditional {
    bodies: Vec<Body>,
    side: Vec<SideEntry>,
    handlers: HandlerLists,
    maps: MapLists,
    /// A [`BytecodeHeader`], and the bytes.
    bytecode: Vec<u8>,
}

impl Traditional {
    // @need-ids: REQ_TRADITIONAL_002
    fn make(image: &Image<'_>, limit: u64) -> Result<Self, Error> {
        if !image.code.is_empty() {
            let message = "an image is no source of bytecode: compile the module";
            return Err(Error::module(Defect::Unsupported, None, message));
        }
        let mut made = Self { bodies: vec![Body::absent(); image.funcs.len()], ..Self::default() };
        let own = image.bodies.get(image.imported(kind::FUNC) as usize..).unwrap_or_default();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { return Ok(made) };
        let (origin, end) = (first.start.get(), last.start.get().saturating_add(last.length.get()));
        let mut parts = 0;
        for (func, to) in (0..).zip(&mut made.bodies).skip(image.imported(kind::FUNC) as usize) {
            let at = small(made.side.len())?.get();
            let used = (made.side.len() as u64).saturating_mul(size_of::<SideEntry>() as u64);
            let table = Room { limit, used }.make(|left| side_table(image, func, at, left))?;
            let moved = table.entries.iter().map(|entry| entry.moved_down(origin));
            made.side
                .extend(moved.collect::<Option<Vec<_>>>().ok_or_else(|| Error::internal("an entry before all code"))?);
            made.handlers.append(table.handlers);
            made.maps.append(table.maps);
            parts |= table.parts;
            *to = Body { start: U32::new(table.body.start.get().saturating_sub(origin)), ..table.body };
        }
        let header = BytecodeHeader { origin: first.start, parts: parts.into() };
        made.bytecode.extend_from_slice(header.as_bytes());
        made.bytecode.extend_from_slice(image.blob.get(origin as usize..end as usize).unwrap_or_default());
        Ok(made)
    }
}

/// The blob in the making: ranges of the module's bytes move here.
struct Blob<'i> {
    image: &'i Image<'i>,
    bytes: Vec<u8>,
}

impl Blob<'_> {
    fn take(&mut self, range: Range) -> Result<Range, Error> {
        let bytes = self.image.bytes(range);
        let start = small(self.bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(Range { start, length: small(bytes.len())? })
    }

    fn imports(&mut self) -> Result<Vec<ImportRecord>, Error> {
        let image = self.image;
        let taken = image.imports.iter().map(|import| {
            Ok(ImportRecord { module: self.take(import.module)?, name: self.take(import.name)?, ..*import })
        });
        taken.collect()
    }

    fn exports(&mut self) -> Result<Vec<ExportRecord>, Error> {
        let image = self.image;
        image.exports.iter().map(|export| Ok(ExportRecord { name: self.take(export.name)?, ..*export })).collect()
    }

    fn names(&mut self) -> Result<Vec<NameRecord>, Error> {
        let image = self.image;
        image.names.iter().map(|record| Ok(NameRecord { name: self.take(record.name)?, ..*record })).collect()
    }
}
