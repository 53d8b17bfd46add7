//! From a binary module to image records: decoded, validated and recorded in one pass over its sections.
//!
//! wasmparser does the decoding and validation (core 3 and 5). Records point into the module's own bytes.

use crate::config::{Engine, Proposal};
use crate::error::{Defect, Error};
use crate::leb;
use crate::lower::halves_of;
use crate::records::{Records, range_in};
use crate::validate::{Bodies, When};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use wasmparser::{
    BinaryReader, CompositeInnerType, ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, ExternalKind,
    FromReader, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, RefType, SectionLimited, StorageType,
    TableInit, TypeRef, ValidPayload, Validator, WasmFeatures,
};
use wrt_instructions::operator::{BinaryOp, StructuralOp};
use wrt_instructions::vector::BUILT;
use wrt_runtime::constant;
use wrt_runtime::image::format::{
    self, AbstractHeapType, BodyRecord, ConstInstr, ConstRange, DataRecord, ElementRecord, ExportRecord, FuncRecord,
    GlobalRecord, ImportRecord, MemoryRecord, NONE, NameRecord, Range, Sub, TableRecord, TagRecord, ValType, flag,
    form, items, kind, mode,
};
use wrt_runtime::instantiate::CONST_DEPTH;
use wrt_runtime::typing::Types;
use wrt_safety::LimitExceeded;
use zerocopy::byteorder::little_endian::{U32, U64};

/// What this release runs of the core language: all of it, but what threads share.
// @need-ids: REQ_VECTOR_002
const FEATURES: WasmFeatures = SCALAR.union(if BUILT { VECTOR } else { WasmFeatures::empty() });

/// The vector operators, relaxed ones among them.
const VECTOR: WasmFeatures = WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD);

/// The scalar core language.
const SCALAR: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::FLOATS)
    // What wasmparser gates `externref` by, besides the proposal.
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::EXCEPTIONS);

/// What decoding gives besides the records.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) records: Records,
    /// The module's own name.
    pub(crate) name: Option<String>,
}

/// Decodes and validates a binary module, its bodies now or when they are called.
// @need-ids: REQ_WASM_001, REQ_018, REQ_LIMITS_001
pub(crate) fn decode(engine: &Engine, bytes: Arc<[u8]>, bodies: When) -> Result<Decoded, Error> {
    check_size(engine, bytes.len())?;
    if bytes.first_chunk::<4>() != Some(b"\0asm") {
        let short = bytes.len() < 4 && b"\0asm".starts_with(&bytes);
        let message = if short { "unexpected end" } else { "magic header not detected" };
        return Err(Error::module(Defect::Malformed, Some(if short { bytes.len() } else { 0 }), message));
    }
    if Parser::is_component(&bytes) {
        return Err(Error::module(Defect::Unsupported, Some(4), "components cannot be run yet"));
    }
    let features = engine.proposals().fold(FEATURES, |features, proposal| features.union(feature_of(proposal)));
    let mut decoder = Decoder::new(&bytes, features, engine.limits().max_names_bytes);
    decoder.run(Bodies::new(engine, bodies)).map_err(|stop| match stop {
        Stop::Parser(error) => refusal(&bytes, &error),
        Stop::Own(error) => error,
    })?;
    let Decoder { mut records, name, unsupported, .. } = decoder;
    // Told last: what is malformed or invalid is that, whatever could be run of it.
    if let Some((offset, message)) = unsupported {
        return Err(Error::module(Defect::Unsupported, usize::try_from(offset).ok(), message));
    }
    records.blob = 0..bytes.len();
    records.bytes = bytes;
    Ok(Decoded { records, name })
}

/// What wasmparser calls a proposal that can be turned on.
const fn feature_of(proposal: Proposal) -> WasmFeatures {
    match proposal {
        Proposal::CustomPageSizes => WasmFeatures::CUSTOM_PAGE_SIZES,
        Proposal::WideArithmetic => WasmFeatures::WIDE_ARITHMETIC,
    }
}

/// Positions in modules and images are 32-bit, whatever the limit is.
pub(crate) fn check_size(engine: &Engine, bytes: usize) -> Result<(), Error> {
    let limit = engine.limits().max_module_bytes.min(u64::from(u32::MAX));
    let wanted = bytes as u64;
    if wanted > limit {
        return Err(LimitExceeded { key: "max-module-bytes", limit, wanted }.into());
    }
    Ok(())
}

/// What may be built one day. Shared globals and functions are a proposal that changes the encoding of mutability; until
/// it is settled, the specification calls its bytes malformed.
const FORESEEN: WasmFeatures = WasmFeatures::all().difference(WasmFeatures::SHARED_EVERYTHING_THREADS);

/// How to get a module without the exception handling that came before the standard's.
// @need-ids: REQ_EXCEPTIONS_004
const LEGACY_EXCEPTIONS: &str = "legacy exception handling (`try`, `catch`, `rethrow`, `delegate`) is not supported: rebuild with \
    the standard's (clang: -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false; emcc: -fwasm-exceptions \
    -sWASM_LEGACY_EXCEPTIONS=0), or rewrite the module (wasm-opt -all --translate-to-exnref)";

/// Tells what kind of defect wasmparser's error is. It does not say so itself, so the bytes are read again: what can be
/// decoded is not malformed, and what is valid with every foreseen proposal on is not invalid. Only refused modules pay for it.
pub(crate) fn refusal(bytes: &[u8], error: &wasmparser::Error) -> Error {
    let missing = error.missing_wasm_feature();
    let report = |defect, error: &wasmparser::Error| {
        let is_off = |proposal: &Proposal| error.missing_wasm_feature() == Some(feature_of(*proposal));
        let off = Proposal::ALL.into_iter().find(is_off).filter(|_| defect == Defect::Unsupported);
        let legacy =
            defect == Defect::Unsupported && error.missing_wasm_feature() == Some(WasmFeatures::LEGACY_EXCEPTIONS);
        let message = match off {
            Some(off) => format!("{} (`Config::{}` turns it on)", error.message(), off.option()),
            None if legacy => LEGACY_EXCEPTIONS.into(),
            None => error.message().into(),
        };
        Error::module(defect, usize::try_from(error.offset()).ok(), message).turned_on_by(off)
    };
    // Stack switching would give tags results; as tags of exceptions they are wrong.
    let tag_results = error.message().starts_with("invalid exception type");
    let missing = missing.filter(|_| !tag_results);
    // Custom descriptors would let casts branch with other types; as they are, these are wrong.
    let mismatch = error.message().starts_with("type mismatch");
    let foreseen = if tag_results { FORESEEN.difference(WasmFeatures::STACK_SWITCHING) } else { FORESEEN };
    let foreseen = if mismatch { foreseen.difference(WasmFeatures::CUSTOM_DESCRIPTORS) } else { foreseen };
    let Err(whole) = Validator::new_with_features(foreseen).validate_all(bytes) else {
        return report(Defect::Unsupported, error);
    };
    if !decodes(bytes) {
        return report(Defect::Malformed, error);
    }
    match missing {
        Some(feature) if !FORESEEN.contains(feature) => report(Defect::Malformed, error),
        // Wrong whatever may be built: that, and not the proposal, is what to mend.
        Some(_) if whole.missing_wasm_feature().is_none() => report(Defect::Invalid, &whole),
        Some(_) => report(Defect::Unsupported, error),
        None => report(Defect::Invalid, error),
    }
}

/// Whether the bytes follow the binary grammar (core 5): read without checking what it means.
fn decodes(bytes: &[u8]) -> bool {
    let mut grammar = Grammar::default();
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    parser.parse_all(bytes).all(|payload| payload.is_ok_and(|payload| grammar.section(payload).unwrap_or(false)))
        && grammar.counts_agree()
}

/// What the grammar says of a module as a whole (core 5.5.16).
#[derive(Default)]
struct Grammar {
    last: u8,
    funcs: u32,
    bodies: u32,
    data_count: Option<u32>,
    data: u32,
    /// Code names data segments, for which there must be a data count.
    names_data: bool,
}

impl Grammar {
    /// Sections come in this order, each at most once.
    fn order(&mut self, place: u8) -> bool {
        core::mem::replace(&mut self.last, place) < place
    }

    fn counts_agree(&self) -> bool {
        self.funcs == self.bodies
            && self.data_count.is_none_or(|count| count == self.data)
            && (self.data_count.is_some() || !self.names_data)
    }

    fn section(&mut self, payload: Payload<'_>) -> wasmparser::Result<bool> {
        Ok(match payload {
            Payload::TypeSection(section) => self.order(1) && readable(section),
            Payload::ImportSection(section) => self.order(2) && readable(section),
            Payload::FunctionSection(section) => {
                self.funcs = section.count();
                self.order(3) && readable(section)
            }
            Payload::TableSection(section) => self.order(4) && readable(section),
            Payload::MemorySection(section) => self.order(5) && readable(section),
            Payload::TagSection(section) => self.order(6) && readable(section),
            Payload::GlobalSection(section) => self.order(7) && readable(section),
            Payload::ExportSection(section) => self.order(8) && readable(section),
            Payload::StartSection { .. } => self.order(9),
            Payload::ElementSection(section) => self.order(10) && readable(section),
            Payload::DataCountSection { count, .. } => {
                self.data_count = Some(count);
                self.order(11)
            }
            Payload::CodeSectionStart { count, .. } => {
                self.bodies = count;
                self.order(12)
            }
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            Payload::DataSection(section) => {
                self.data = section.count();
                self.order(13) && readable(section)
            }
            Payload::UnknownSection { .. } => false,
            _ => true,
        })
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> wasmparser::Result<bool> {
        for local in body.get_locals_reader()? {
            local?;
        }
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            self.names_data |= matches!(operator, Operator::MemoryInit { .. } | Operator::DataDrop { .. });
        }
        operators.finish()?;
        Ok(true)
    }
}

/// Whether all items of a section can be read.
fn readable<'a, I: FromReader<'a>>(section: SectionLimited<'a, I>) -> bool {
    section.into_iter().all(|item| item.is_ok())
}

/// Why the pass ended early.
enum Stop {
    Parser(wasmparser::Error),
    Own(Error),
}

impl From<wasmparser::Error> for Stop {
    fn from(error: wasmparser::Error) -> Self {
        Self::Parser(error)
    }
}

/// Refuses a section of more items than bytes, before room is made for them.
// @need-ids: REQ_RESOURCE_001
fn counts_fit(payload: &Payload<'_>) -> Result<(), Stop> {
    let (count, range) = match payload {
        Payload::TypeSection(section) => (section.count(), section.range()),
        Payload::ImportSection(section) => (section.count(), section.range()),
        Payload::FunctionSection(section) => (section.count(), section.range()),
        Payload::TableSection(section) => (section.count(), section.range()),
        Payload::MemorySection(section) => (section.count(), section.range()),
        Payload::TagSection(section) => (section.count(), section.range()),
        Payload::GlobalSection(section) => (section.count(), section.range()),
        Payload::ExportSection(section) => (section.count(), section.range()),
        Payload::ElementSection(section) => (section.count(), section.range()),
        Payload::DataSection(section) => (section.count(), section.range()),
        Payload::CodeSectionStart { count, size, .. } => (*count, 0..u64::from(*size)),
        _ => return Ok(()),
    };
    let bytes = range.end.saturating_sub(range.start);
    if u64::from(count) <= bytes {
        return Ok(());
    }
    let message = format!("unexpected end: {count} items in {bytes} bytes");
    Err(Stop::Own(Error::module(Defect::Malformed, usize::try_from(range.start).ok(), message)))
}

/// The records in the making.
struct Decoder<'w> {
    bytes: &'w [u8],
    features: WasmFeatures,
    records: Records,
    name: Option<String>,
    /// Index of the function whose body comes next.
    next_body: usize,
    global_slots: u32,
    /// Bytes of names that may still be kept.
    names_left: u64,
    /// The first thing that cannot be run, by its offset: the records are good for nothing then.
    unsupported: Option<(u64, String)>,
}

fn small(value: usize) -> U32 {
    // Nothing in a module is larger than the module, whose size was checked.
    U32::new(u32::try_from(value).unwrap_or(NONE))
}

impl<'w> Decoder<'w> {
    fn new(bytes: &'w [u8], features: WasmFeatures, names_left: u64) -> Self {
        Self {
            bytes,
            features,
            records: Records::default(),
            name: None,
            next_body: 0,
            global_slots: 0,
            names_left,
            unsupported: None,
        }
    }

    fn refuse(&mut self, offset: u64, message: impl FnOnce() -> String) {
        self.unsupported.get_or_insert_with(|| (offset, message()));
    }

    fn run(&mut self, mut bodies: Bodies<'w, '_>) -> Result<(), Stop> {
        let mut parser = Parser::new(0);
        parser.set_features(self.features);
        let mut payloads = parser.parse_all(self.bytes);
        let mut validator = Validator::new_with_features(self.features);
        let before = self.sections(&mut payloads, &mut validator, &mut bodies);
        self.records.later = bodies.take_later();
        // What follows the code is read while other threads look at bodies that wait.
        let (valid, read) =
            bodies.finish(|bodies| before.and_then(|()| self.sections(&mut payloads, &mut validator, bodies)));
        // A body that waited stands before whatever ended the pass.
        valid?;
        read?;
        // Names may come in repeated sections and for functions that are not there; look-ups need order.
        let funcs = self.records.funcs.len();
        self.records.names.retain(|record| (record.index.get() as usize) < funcs);
        self.records.names.sort_by_key(|record| record.index.get());
        self.records.names.dedup_by_key(|record| record.index.get());
        Ok(())
    }

    /// Up to the end, or to where all bodies of the module wait.
    fn sections(
        &mut self,
        payloads: &mut impl Iterator<Item = wasmparser::Result<Payload<'w>>>,
        validator: &mut Validator,
        bodies: &mut Bodies<'w, '_>,
    ) -> Result<(), Stop> {
        for payload in payloads {
            let payload = payload?;
            // The parser has compared the counts of sections; of a module the validator would only hand out its types once more.
            if matches!(payload, Payload::End(_)) {
                break;
            }
            counts_fit(&payload)?;
            match validator.payload(&payload)? {
                ValidPayload::Func(func, body) => {
                    self.body(&body);
                    bodies.add(func, body)?;
                    if bodies.all_wait() {
                        break;
                    }
                }
                _ => match payload {
                    Payload::CodeSectionStart { size, count, .. } => bodies.begin(size, count),
                    payload => self.section(payload)?,
                },
            }
        }
        Ok(())
    }

    fn section(&mut self, payload: Payload<'w>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => section.into_iter().try_for_each(|group| {
                self.types(&group?);
                Ok(())
            }),
            Payload::ImportSection(section) => section.into_imports().try_for_each(|import| {
                self.import(&import?);
                Ok(())
            }),
            Payload::FunctionSection(section) => section.into_iter().try_for_each(|ty| {
                self.func(ty?, true);
                Ok(())
            }),
            Payload::TableSection(section) => section.into_iter().try_for_each(|table| self.table(&table?)),
            Payload::MemorySection(section) => section.into_iter().try_for_each(|ty| {
                self.memory(ty?, 0);
                Ok(())
            }),
            Payload::GlobalSection(section) => section.into_iter().try_for_each(|global| {
                let global = global?;
                let init = self.value(&global.init_expr)?;
                self.global(global.ty, init, false);
                Ok(())
            }),
            Payload::TagSection(section) => section.into_iter().try_for_each(|tag| {
                self.tag(tag?, 0);
                Ok(())
            }),
            Payload::ExportSection(section) => section.into_iter().try_for_each(|export| {
                self.export(export?);
                Ok(())
            }),
            Payload::StartSection { func, .. } => {
                self.records.start = Some(func);
                Ok(())
            }
            Payload::ElementSection(section) => section.into_iter().try_for_each(|segment| self.element(segment?)),
            Payload::DataCountSection { .. } => {
                self.records.names_data = true;
                Ok(())
            }
            Payload::DataSection(section) => self.data_section(&section),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.name_section(names);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn range(&self, part: &[u8]) -> Range {
        let range = range_in(self.bytes, part).unwrap_or_default();
        Range { start: small(range.start), length: small(range.len()) }
    }

    /// A recursion group; most have one type.
    // @need-ids: REQ_TYPES_001
    fn types(&mut self, group: &wasmparser::RecGroup) {
        for (place, ty) in group.types().enumerate() {
            let supertype =
                ty.supertype_idxs.first().and_then(|index| index.unpack().as_module_index()).unwrap_or(NONE);
            let parts = &mut self.records.val_types;
            parts.extend(Sub { supertype, ..Sub::PLAIN }.word());
            let start = small(parts.len()).get();
            let (kind, params, results) = match &ty.composite_type.inner {
                CompositeInnerType::Func(ty) => {
                    parts.extend(ty.params().iter().chain(ty.results()).map(|ty| val_type(*ty)));
                    (form::FUNC, ty.params().len(), ty.results().len())
                }
                CompositeInnerType::Struct(ty) => {
                    parts.extend(ty.fields.iter().map(field_type));
                    (form::STRUCT, ty.fields.len(), 0)
                }
                CompositeInnerType::Array(ty) => {
                    parts.push(field_type(&ty.0));
                    (form::ARRAY, 1, 0)
                }
                // Of a proposal that is not let in.
                CompositeInnerType::Cont(_) => (form::KIND, 0, 0),
            };
            let form = if ty.is_final { kind } else { kind | form::OPEN };
            let sub = Sub { form, supertype, is_joined: place > 0 };
            // Validation has let no more in.
            let count = |parts: usize| u16::try_from(parts).unwrap_or(u16::MAX);
            self.records.types.push(sub.record(start, count(params), count(results)));
        }
    }

    fn import(&mut self, import: &wasmparser::Import<'w>) {
        let none = ConstRange::default();
        let (kind, index) = match import.ty {
            // Exact types come with a proposal that is not let in.
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.func(ty, false);
                (kind::FUNC, self.records.funcs.len())
            }
            TypeRef::Table(ty) => {
                self.add_table(ty, none, flag::IMPORTED);
                (kind::TABLE, self.records.tables.len())
            }
            TypeRef::Memory(ty) => {
                self.memory(ty, flag::IMPORTED);
                (kind::MEMORY, self.records.memories.len())
            }
            TypeRef::Global(ty) => {
                self.global(ty, (U64::ZERO, false), true);
                (kind::GLOBAL, self.records.globals.len())
            }
            TypeRef::Tag(ty) => {
                self.tag(ty, flag::IMPORTED);
                (kind::TAG, self.records.tags.len())
            }
        };
        let (module, name) = (self.range(import.module.as_bytes()), self.range(import.name.as_bytes()));
        let index = small(index.saturating_sub(1));
        self.records.imports.push(ImportRecord { module, name, kind: U32::new(kind), index });
    }

    fn tag(&mut self, ty: wasmparser::TagType, flags: u32) {
        self.records.tags.push(TagRecord { ty: U32::new(ty.func_type_idx), flags: U32::new(flags) });
    }

    fn func(&mut self, ty: u32, own: bool) {
        let index = self.records.funcs.len();
        if !own {
            self.next_body = index.saturating_add(1);
        }
        self.records.funcs.push(FuncRecord::new(ty, FuncRecord::NO_CODE, 0));
        self.records.bodies.push(BodyRecord::default());
    }

    fn body(&mut self, body: &FunctionBody<'w>) {
        let range = self.range(body.as_bytes());
        if let Some(body) = self.records.bodies.get_mut(self.next_body) {
            *body = BodyRecord { start: range.start, length: range.length };
        }
        self.next_body = self.next_body.saturating_add(1);
    }

    fn table(&mut self, table: &wasmparser::Table<'w>) -> wasmparser::Result<()> {
        let init = match &table.init {
            TableInit::RefNull => ConstRange::default(),
            TableInit::Expr(init) => self.constant(init)?,
        };
        self.add_table(table.ty, init, 0);
        Ok(())
    }

    fn add_table(&mut self, ty: wasmparser::TableType, init: ConstRange, flags: u32) {
        let element = ref_type(ty.element_type);
        let flags = flags | flags_of(ty.maximum, ty.table64, ty.shared);
        let (min, max) = (U64::new(ty.initial), U64::new(ty.maximum.unwrap_or(0)));
        self.records.tables.push(TableRecord { element, flags: U32::new(flags), min, max, init });
    }

    fn memory(&mut self, ty: wasmparser::MemoryType, flags: u32) {
        let flags = flags | flags_of(ty.maximum, ty.memory64, ty.shared);
        let page_log2 = U32::new(ty.page_size_log2.unwrap_or(16));
        let (min, max) = (U64::new(ty.initial), U64::new(ty.maximum.unwrap_or(0)));
        self.records.memories.push(MemoryRecord { flags: U32::new(flags), page_log2, min, max });
    }

    fn global(&mut self, ty: wasmparser::GlobalType, (init, expression): (U64, bool), imported: bool) {
        let value = val_type(ty.content_type);
        let mut flags = if ty.mutable { flag::MUTABLE } else { 0 };
        if expression {
            flags |= flag::EXPRESSION;
        }
        let slot = if imported {
            flags |= flag::IMPORTED;
            small(self.records.globals.len())
        } else {
            let slot = self.global_slots;
            self.global_slots = slot.saturating_add(value.slots());
            U32::new(slot)
        };
        self.records.globals.push(GlobalRecord { ty: value, flags: flags.into(), slot: slot.get().into(), init });
    }

    fn export(&mut self, export: wasmparser::Export<'w>) {
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => kind::FUNC,
            ExternalKind::Table => kind::TABLE,
            ExternalKind::Memory => kind::MEMORY,
            ExternalKind::Global => kind::GLOBAL,
            ExternalKind::Tag => kind::TAG,
        };
        let name = self.range(export.name.as_bytes());
        self.records.exports.push(ExportRecord::new(name, kind, export.index));
    }

    fn element(&mut self, segment: Element<'w>) -> wasmparser::Result<()> {
        let (mode, table, offset) = match &segment.kind {
            ElementKind::Passive => (mode::PASSIVE, 0, U64::ZERO),
            ElementKind::Declared => (mode::DECLARED, 0, U64::ZERO),
            ElementKind::Active { table_index, offset_expr } => {
                let (mode, offset) = self.offset(offset_expr)?;
                (mode, table_index.unwrap_or(0), offset)
            }
        };
        let start = small(self.records.items.len());
        let (ty, items, length) = match segment.items {
            ElementItems::Functions(funcs) => {
                let length = funcs.count();
                let wide = self.records.funcs.len() > usize::from(u16::MAX);
                for func in funcs {
                    let halves = items::halved(func?);
                    self.records.items.extend(halves.into_iter().take(if wide { 2 } else { 1 }));
                }
                (ValType::FUNCREF, if wide { items::WIDE_FUNCS } else { items::FUNCS }, length)
            }
            ElementItems::Expressions(ty, expressions) => {
                let length = expressions.count();
                for expression in expressions {
                    let range = self.constant(&expression?)?;
                    self.records
                        .items
                        .extend([range.start, range.length].map(|word| items::halved(word.get())).concat());
                }
                (ref_type(ty), items::EXPRESSIONS, length)
            }
        };
        self.records.elements.push(ElementRecord {
            mode: mode.into(),
            table: table.into(),
            offset,
            ty,
            items: U32::new(items),
            start,
            length: U32::new(length),
        });
        Ok(())
    }

    /// The segments, which are valid. Programs in Go have nearly a hundred thousand, and reading one by wasmparser's iterator takes four
    /// passes over its offset.
    fn data_section(&mut self, section: &SectionLimited<'w, Data<'w>>) -> wasmparser::Result<()> {
        let (start, end) = (section.original_position() as usize, section.range().end as usize);
        let mut rest = self.bytes.get(start..end).unwrap_or_default();
        self.records.data.reserve_exact(section.count() as usize);
        for _ in 0..section.count() {
            if let Some((offset, data, behind)) = plain_segment(rest) {
                let (mode, memory) = (mode::ACTIVE.into(), 0.into());
                let (offset, bytes) = (U64::new(u64::from(offset)), self.range(data));
                self.records.data.push(DataRecord { mode, memory, offset, bytes });
                rest = behind;
                continue;
            }
            let offset = end.saturating_sub(rest.len()) as u64;
            let mut reader = BinaryReader::new_features(rest, offset, self.features);
            self.data(&reader.read()?)?;
            rest = rest.get(reader.current_position()..).unwrap_or_default();
        }
        Ok(())
    }

    fn data(&mut self, segment: &Data<'w>) -> wasmparser::Result<()> {
        let (mode, memory, offset) = match &segment.kind {
            DataKind::Passive => (mode::PASSIVE, 0, U64::ZERO),
            DataKind::Active { memory_index, offset_expr } => {
                let (mode, offset) = self.offset(offset_expr)?;
                (mode, *memory_index, offset)
            }
        };
        let bytes = self.range(segment.data);
        self.records.data.push(DataRecord { mode: mode.into(), memory: memory.into(), offset, bytes });
        Ok(())
    }

    /// The mode of an active segment, and its offset.
    fn offset(&mut self, expression: &ConstExpr<'w>) -> wasmparser::Result<(u32, U64)> {
        let (offset, computed) = self.value(expression)?;
        Ok((if computed { mode::COMPUTED } else { mode::ACTIVE }, offset))
    }

    /// A constant expression as a number, if it is one; or recorded, and whether it had to be.
    // @need-ids: REQ_IMAGE_003
    fn value(&mut self, expression: &ConstExpr<'w>) -> wasmparser::Result<(U64, bool)> {
        if let Some(value) = single_i32(expression)? {
            return Ok((U64::new(u64::from(value as u32)), false));
        }
        let range = self.constant(expression)?;
        let start = range.start.get() as usize;
        let operators = self.records.consts.get(start..).unwrap_or_default();
        let value = constant::number(operators, |global| {
            let global = self.records.globals.get(global as usize)?;
            let known = global.flags.get() == 0 && global.ty.is_number();
            known.then(|| global.init.get())
        });
        let Some(value) = value else { return Ok((range.into(), true)) };
        self.records.consts.truncate(start);
        Ok((U64::new(value), false))
    }

    /// Records a constant expression (core 3.4.14) without its `end`.
    fn constant(&mut self, expression: &ConstExpr<'w>) -> wasmparser::Result<ConstRange> {
        let start = self.records.consts.len();
        let mut depth = 0_usize;
        let mut reader = expression.get_operators_reader();
        while !reader.eof() {
            let (operator, offset) = reader.read_with_offset()?;
            if matches!(operator, Operator::End) {
                break;
            }
            if let Operator::V128Const { value } = operator {
                for half in halves_of(*value.bytes()) {
                    self.const_instr(StructuralOp::V128Const.info().opcode, half);
                }
                depth = depth.saturating_add(2);
                continue;
            }
            if matches!(operator, Operator::AnyConvertExtern | Operator::ExternConvertAny) {
                // The same reference in both hierarchies.
                continue;
            }
            let Some((opcode, immediate)) = constant_operator(&operator) else {
                let shown = format!("{operator:?}");
                let name = shown.split(' ').next().unwrap_or_default();
                self.refuse(offset, || format!("the constant operator {name} cannot be run yet"));
                break;
            };
            depth = depth.saturating_sub(self.taken_by(&operator)).saturating_add(1);
            if depth > CONST_DEPTH {
                self.refuse(offset, || format!("a constant expression with more than {CONST_DEPTH} operands"));
                break;
            }
            self.const_instr(opcode, immediate);
        }
        let length = self.records.consts.len().saturating_sub(start);
        Ok(ConstRange { start: small(start), length: small(length) })
    }

    /// How many slots an operator of a constant expression takes.
    fn taken_by(&self, operator: &Operator<'_>) -> usize {
        let types = Types { records: &self.records.types, val_types: &self.records.val_types };
        let slots = |ty: u32| {
            let fields = types.fields(ty).map_or(&[][..], |(_, fields)| fields);
            fields.iter().map(|field| field.storage().slots() as usize).sum::<usize>()
        };
        match operator {
            Operator::StructNew { struct_type_index } => slots(*struct_type_index),
            Operator::ArrayNew { array_type_index } => slots(*array_type_index).saturating_add(1),
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                slots(*array_type_index).saturating_mul(*array_size as usize)
            }
            Operator::ArrayNewDefault { .. } | Operator::RefI31 => 1,
            _ if is_binary(operator) => 2,
            _ => 0,
        }
    }

    fn const_instr(&mut self, opcode: u32, immediate: u64) {
        let (opcode, immediate) = (U32::new(opcode), U64::new(immediate));
        self.records.consts.push(ConstInstr { opcode, reserved: U32::ZERO, immediate });
    }

    /// Custom sections cannot make a module invalid (core 5.5.3): what cannot be read of this one is left out.
    fn name_section(&mut self, names: wasmparser::NameSectionReader<'w>) {
        for subsection in names {
            match subsection {
                Ok(Name::Module { name, .. }) if name.len() as u64 <= self.names_left => {
                    self.name = Some(name.to_string());
                }
                Ok(Name::Function(map)) => {
                    for naming in map {
                        let Ok(naming) = naming else { return };
                        let Some(left) = self.names_left.checked_sub(naming.name.len() as u64) else { return };
                        self.names_left = left;
                        let name = self.range(naming.name.as_bytes());
                        self.records.names.push(NameRecord { index: U32::new(naming.index), name });
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

fn flags_of(maximum: Option<u64>, index64: bool, shared: bool) -> u32 {
    let bit = |set: bool, bit: u32| if set { bit } else { 0 };
    bit(maximum.is_some(), flag::MAXIMUM) | bit(index64, flag::INDEX64) | bit(shared, flag::SHARED)
}

pub(crate) fn ref_type(ty: RefType) -> ValType {
    let heap = match ty.heap_type() {
        wasmparser::HeapType::Abstract { ty, .. } => format::HeapType::Abstract(abstract_type(ty)),
        wasmparser::HeapType::Concrete(index) | wasmparser::HeapType::Exact(index) => {
            format::HeapType::Concrete(index.as_module_index().unwrap_or(NONE))
        }
    };
    ValType::reference(ty.is_nullable(), heap)
}

fn abstract_type(ty: wasmparser::AbstractHeapType) -> AbstractHeapType {
    use wasmparser::AbstractHeapType as Parsed;
    match ty {
        Parsed::Func => AbstractHeapType::Func,
        Parsed::Extern => AbstractHeapType::Extern,
        Parsed::Any => AbstractHeapType::Any,
        Parsed::None => AbstractHeapType::None,
        Parsed::NoExtern => AbstractHeapType::NoExtern,
        Parsed::NoFunc => AbstractHeapType::NoFunc,
        Parsed::Eq => AbstractHeapType::Eq,
        Parsed::Struct => AbstractHeapType::Struct,
        Parsed::Array => AbstractHeapType::Array,
        Parsed::I31 => AbstractHeapType::I31,
        Parsed::Exn => AbstractHeapType::Exn,
        // Continuations are of a proposal that is not let in.
        Parsed::NoExn | Parsed::Cont | Parsed::NoCont => AbstractHeapType::NoExn,
    }
}

fn field_type(field: &wasmparser::FieldType) -> ValType {
    let storage = match field.element_type {
        StorageType::I8 => ValType::I8,
        StorageType::I16 => ValType::I16,
        StorageType::Val(ty) => val_type(ty),
    };
    if field.mutable { storage.mutable() } else { storage }
}

pub(crate) fn val_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ref_type(ty),
    }
}

fn is_binary(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::I32Add | Operator::I32Sub | Operator::I32Mul | Operator::I64Add | Operator::I64Sub | Operator::I64Mul
    )
}

/// Offset and bytes of a segment of memory 0 whose offset is one `i32.const`, in its usual coding, and what is behind it.
fn plain_segment(section: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let [0x00, 0x41, rest @ ..] = section else { return None };
    let (offset, rest) = leb::signed::<i32>(rest)?;
    let [0x0b, rest @ ..] = rest else { return None };
    let (length, rest) = leb::unsigned(rest)?;
    let (data, rest) = rest.split_at_checked(length as usize)?;
    Some((offset.cast_unsigned(), data, rest))
}

/// The value of an expression that is one `i32.const`, as the offset of nearly every segment is; modules have tens of
/// thousands of them.
fn single_i32(expression: &ConstExpr<'_>) -> wasmparser::Result<Option<i32>> {
    let mut reader = expression.get_binary_reader();
    if u32::from(reader.read_u8()?) != StructuralOp::I32Const.info().opcode {
        return Ok(None);
    }
    let value = reader.read_var_i32()?;
    // What is left is the expression's end, or a further operator.
    Ok((reader.bytes_remaining() == 1).then_some(value))
}

/// Opcode and immediate of an operator of a constant expression; `None` for one that cannot be run.
fn constant_operator(operator: &Operator<'_>) -> Option<(u32, u64)> {
    let structural = |row: StructuralOp, immediate: u64| (row.info().opcode, immediate);
    let binary = |row: BinaryOp| (row.info().opcode, 0);
    Some(match operator {
        Operator::I32Const { value } => structural(StructuralOp::I32Const, u64::from(*value as u32)),
        Operator::I64Const { value } => structural(StructuralOp::I64Const, *value as u64),
        Operator::F32Const { value } => structural(StructuralOp::F32Const, u64::from(value.bits())),
        Operator::F64Const { value } => structural(StructuralOp::F64Const, value.bits()),
        Operator::GlobalGet { global_index } => structural(StructuralOp::GlobalGet, u64::from(*global_index)),
        Operator::RefFunc { function_index } => structural(StructuralOp::RefFunc, u64::from(*function_index)),
        Operator::RefNull { hty } => {
            let ty = RefType::new(true, *hty).map(ref_type).unwrap_or_default();
            structural(StructuralOp::RefNull, u64::from(ty.code.get()))
        }
        Operator::StructNew { struct_type_index } => structural(StructuralOp::StructNew, u64::from(*struct_type_index)),
        Operator::StructNewDefault { struct_type_index } => {
            structural(StructuralOp::StructNewDefault, u64::from(*struct_type_index))
        }
        Operator::ArrayNew { array_type_index } => structural(StructuralOp::ArrayNew, u64::from(*array_type_index)),
        Operator::ArrayNewDefault { array_type_index } => {
            structural(StructuralOp::ArrayNewDefault, u64::from(*array_type_index))
        }
        Operator::ArrayNewFixed { array_type_index, array_size } => {
            structural(StructuralOp::ArrayNewFixed, u64::from(*array_type_index) | u64::from(*array_size) << 32)
        }
        Operator::RefI31 => structural(StructuralOp::RefI31, 0),
        Operator::I32Add => binary(BinaryOp::I32Add),
        Operator::I32Sub => binary(BinaryOp::I32Sub),
        Operator::I32Mul => binary(BinaryOp::I32Mul),
        Operator::I64Add => binary(BinaryOp::I64Add),
        Operator::I64Sub => binary(BinaryOp::I64Sub),
        Operator::I64Mul => binary(BinaryOp::I64Mul),
        _ => return None,
    })
}

/// Names of the functions, by index; for modules and images alike.
pub(crate) fn func_name(names: &[NameRecord], func: u32) -> Option<&NameRecord> {
    let at = names.binary_search_by_key(&func, |record| record.index.get()).ok()?;
    names.get(at)
}
