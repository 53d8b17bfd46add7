//! Modules: decoded, validated and ready to be instantiated, from a binary module or an image.

// @need-ids: REQ_MODULE_001

use crate::Engine;
use crate::decode::{Decoded, check_size, decode, func_name};
use crate::error::{Defect, Error};
use crate::image_writer::{self, Parts};
use crate::instance::Instance;
use crate::logging::debug;
use crate::records::{Records, hash_of};
use crate::store::{AsContextMut, StoreId};
use crate::types::{
    ExportType, ExternType, FuncType, GlobalType, ImportType, MemoryType, Scope, TableType, TagType, ValType,
};
use crate::validate::When;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use wrt_runtime::Image;
use wrt_runtime::heap::roots::RefMaps;
use wrt_runtime::image::ImageError;
use wrt_runtime::image::format::{ExportRecord, MAGIC, kind};
use wrt_runtime::instantiate;
use zerocopy::byteorder::little_endian::U32;

/// A module: checked whole unless bodies are to be [checked when they are called](Self::new_lazy), and shared by as many instances, stores
/// and threads as wanted. Clones are the same module.
// @need-ids: REQ_WASM_001, REQ_018
#[derive(Clone, Debug)]
pub struct Module {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    /// What its types are named in.
    id: StoreId,
    records: Records,
    name: Option<String>,
    /// Indices of the exports, sorted by name; none where the exports themselves are in that order.
    by_name: Vec<u32>,
}

impl Module {
    /// A module from the bytes of a binary module or of an image (`wrtd compile`), told apart by how they begin.
    ///
    /// All of it is checked now. What passes is refused later only by the limits of a store, or on the first call of a
    /// function whose frame is larger than 65,000 slots or whose code no longer fits into `max-code-bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind), `Invalid` or `Unsupported`, with the offset;
    /// [`ErrorKind::Limit`](crate::ErrorKind) for more than `max-module-bytes`.
    // @need-ids: REQ_WASM_001, REQ_IMAGE_001, REQ_LIMITS_001
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::load(engine, bytes.as_ref(), When::Now)
    }

    /// As [`new`](Self::new), of a module that was found valid before: bodies of functions are validated when they are first called, and
    /// not now. For hosts that remember by its [hash](Self::hash_of) what they loaded once, as `wrtd --cache` does. Nothing is trusted:
    /// a body that is invalid after all is refused by the call that needs it, with the error of `new`, and so it is by
    /// [`compile`](Self::compile). An image is checked whole, as ever.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), but of bodies.
    // @need-ids: REQ_PERF_004
    pub fn new_lazy(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::load(engine, bytes.as_ref(), When::Called)
    }

    fn load(engine: &Engine, bytes: &[u8], bodies: When) -> Result<Self, Error> {
        check_size(engine, bytes.len())?;
        let length = bytes.len();
        let bytes: Arc<[u8]> = bytes.into();
        let (records, name) = if bytes.starts_with(&MAGIC) {
            (load_image(&bytes)?, None)
        } else {
            let Decoded { records, name } = decode(engine, bytes, bodies)?;
            (records, name)
        };
        let by_name = sorted_by_name(&records.image());
        debug!(
            "module of {length} bytes: {} functions, {} imports, {} exports",
            records.image().funcs.len(),
            records.image().imports.len(),
            records.image().exports.len()
        );
        Ok(Self { inner: Arc::new(Inner { engine: engine.clone(), id: StoreId::new(), records, name, by_name }) })
    }

    /// As [`new`](Self::new), with the bytes of a file.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and [`Error::Host`] where the file cannot be read.
    #[cfg(feature = "std")]
    pub fn from_file(engine: &Engine, path: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        Self::new(engine, std::fs::read(path).map_err(Error::host)?)
    }

    /// The same as [`new`](Self::new).
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn load_from_binary(engine: &Engine, bytes: &[u8]) -> Result<Self, Error> {
        Self::new(engine, bytes)
    }

    /// Checks a binary module or image and keeps nothing.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    // @need-ids: REQ_WASM_001
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<(), Error> {
        Self::new(engine, bytes).map(drop)
    }

    /// Instantiates a module that imports nothing, and runs its start function.
    ///
    /// # Errors
    /// Those of [`Instance::new`].
    pub fn instantiate(&self, store: impl AsContextMut) -> Result<Instance, Error> {
        Instance::new(store, self, &[])
    }

    /// The module as a complete image: all functions lowered, with what backtraces and pauses need.
    ///
    /// Of a module that was loaded from an image, that image.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind) where a function cannot be lowered, or the image would not fit in
    /// 4 GiB; [`ErrorKind::Limit`](crate::ErrorKind) for more code than `max-code-bytes`.
    // @need-ids: REQ_IMAGE_001, REQ_IMAGE_002
    pub fn compile(&self) -> Result<Vec<u8>, Error> {
        if self.is_image() {
            Ok(self.inner.records.bytes.to_vec())
        } else {
            self.write(Parts { optional: true, register_code: true, bytecode: false })
        }
    }

    /// As [`compile`](Self::compile), without the optional sections, for flash that is short of room. Such an image runs the same and
    /// uses the same fuel. Backtraces have neither names nor offsets, and [states](crate::ResumableOutOfFuel::state) of paused calls show operands
    /// that are not in their slots with what those held before.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    // @need-ids: REQ_IMAGE_003
    pub fn compile_stripped(&self) -> Result<Vec<u8>, Error> {
        self.write(Parts { optional: false, register_code: true, bytecode: false })
    }

    /// As [`compile`](Self::compile), with the module's bytecode and side tables besides: hosts, and devices whose build has
    /// `wrt-runtime`'s feature `traditional`, run such an image on either engine, and hosts on both in lock-step.
    ///
    /// # Errors
    /// As [`compile`](Self::compile), and [`ErrorKind::Unsupported`](crate::ErrorKind) for a module that was loaded from an image.
    // @need-ids: REQ_TRADITIONAL_002
    pub fn compile_with_bytecode(&self) -> Result<Vec<u8>, Error> {
        self.write(Parts { optional: true, register_code: true, bytecode: true })
    }

    /// As [`compile_with_bytecode`](Self::compile_with_bytecode), without the sections that [`compile_stripped`](Self::compile_stripped)
    /// leaves out. Calls of such an image stay on the engine that began them, and lock-step refuses it.
    ///
    /// # Errors
    /// As [`compile_with_bytecode`](Self::compile_with_bytecode).
    // @need-ids: REQ_TRADITIONAL_002, REQ_IMAGE_003
    pub fn compile_stripped_with_bytecode(&self) -> Result<Vec<u8>, Error> {
        self.write(Parts { optional: false, register_code: true, bytecode: true })
    }

    /// As [`compile_stripped_with_bytecode`](Self::compile_stripped_with_bytecode), without register code: for devices that have the
    /// traditional engine alone. On hosts it runs on that engine.
    ///
    /// # Errors
    /// As [`compile_with_bytecode`](Self::compile_with_bytecode).
    // @need-ids: REQ_TRADITIONAL_002
    pub fn compile_bytecode(&self) -> Result<Vec<u8>, Error> {
        self.write(Parts { optional: false, register_code: false, bytecode: true })
    }

    fn write(&self, parts: Parts) -> Result<Vec<u8>, Error> {
        image_writer::write(&self.inner.records, self.inner.engine.limits().max_code_bytes, parts)
    }

    /// What it imports, in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let image = self.image();
        image.imports.iter().map(move |import| ImportType {
            module: image.name(import.module),
            name: image.name(import.name),
            ty: self.type_of(import.kind.get(), import.index.get()),
        })
    }

    /// What it exports, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let image = self.image();
        image.exports.iter().map(move |export| ExportType {
            name: image.name(export.name),
            ty: self.type_of(export.kind(), export.index()),
        })
    }

    /// The type of what it exports under a name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let record = self.export(name)?;
        Some(self.type_of(record.kind(), record.index()))
    }

    /// The name it gives itself.
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// The name it gives a function, by its index.
    pub fn func_name(&self, func: u32) -> Option<&str> {
        let image = self.image();
        func_name(image.names, func).map(|record| image.name(record.name))
    }

    /// The engine it was made for.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// The view that runtime, checkers and inspectors take.
    pub fn image(&self) -> Image<'_> {
        self.inner.records.image()
    }

    /// SHA-256 of the bytes of a binary module: what [`module_hash`](Self::module_hash) is of the module that they are.
    // @need-ids: REQ_PERF_004
    pub fn hash_of(bytes: &[u8]) -> [u8; 32] {
        hash_of(bytes)
    }

    /// SHA-256 of the binary module, also where it was loaded from its image. Computed when it is first asked for.
    // @need-ids: REQ_IMAGE_002
    pub fn module_hash(&self) -> [u8; 32] {
        self.inner.records.module_hash()
    }

    /// The bytes of the binary module; `None` where it was loaded from an image.
    pub fn wasm(&self) -> Option<&[u8]> {
        (!self.is_image()).then_some(&self.inner.records.bytes)
    }

    /// Validates the body of a function, where that was put off.
    pub(crate) fn validate_body(&self, func: u32) -> Result<(), Error> {
        self.inner.records.validate_body(func)
    }

    /// The bytes of a data segment.
    pub(crate) fn data_segment(&self, segment: u32) -> Option<&[u8]> {
        self.inner.records.data_segment(segment)
    }

    pub(crate) fn is_image(&self) -> bool {
        self.inner.records.bytes.starts_with(&MAGIC)
    }

    /// The type of thing `index` of an index space. Records were checked on loading: what falls back here does not happen.
    pub(crate) fn type_of(&self, what: u32, index: u32) -> ExternType {
        let (image, at) = (self.image(), index as usize);
        let scope = Scope { id: self.inner.id, types: image.all_types() };
        let func = |ty: Option<U32>| {
            let parts = ty.and_then(|ty| image.func_type(ty.get()));
            parts.and_then(|parts| FuncType::from_records(parts, scope)).unwrap_or_else(|| FuncType::new([], []))
        };
        match what {
            kind::TABLE => {
                ExternType::Table(table_type(&image.tables.get(at).map(Into::into).unwrap_or_default(), scope))
            }
            kind::MEMORY => {
                ExternType::Memory(memory_type(&image.memories.get(at).map(Into::into).unwrap_or_default()))
            }
            kind::GLOBAL => {
                ExternType::Global(global_type(image.globals.get(at).map(Into::into).unwrap_or_default(), scope))
            }
            kind::TAG => ExternType::Tag(TagType::new(func(image.tags.get(at).map(|tag| tag.ty)))),
            _ => ExternType::Func(func(image.funcs.get(at).map(|func| func.ty().into()))),
        }
    }

    /// Whether two handles are the same module.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Where references are while bytecode of an image stands still.
    pub(crate) fn side_maps(&self) -> RefMaps<'_> {
        self.inner.records.side_maps()
    }

    /// The record of an export.
    pub(crate) fn export(&self, name: &str) -> Option<&ExportRecord> {
        let image = self.inner.records.image();
        let (exports, by_name) = (image.exports, &self.inner.by_name);
        let name_of = |record: &ExportRecord| image.bytes(record.name).cmp(name.as_bytes());
        let at = if by_name.is_empty() {
            exports.binary_search_by(name_of).ok()?
        } else {
            let of_index = |index: &u32| exports.get(*index as usize).map_or(Ordering::Less, name_of);
            *by_name.get(by_name.binary_search_by(of_index).ok()?)? as usize
        };
        self.inner.records.exports.get(at)
    }
}

/// Indices of the exports in the order of their names, unless they are in it.
fn sorted_by_name(image: &Image<'_>) -> Vec<u32> {
    let name = |record: &ExportRecord| image.bytes(record.name);
    if image.exports.is_sorted_by_key(name) {
        return Vec::new();
    }
    let mut by_name: Vec<u32> = (0_u32..).zip(image.exports).map(|(index, _)| index).collect();
    by_name.sort_by_key(|index| image.exports.get(*index as usize).map(name));
    by_name
}

/// Whether an image has what the traditional engine runs, and nothing for the other.
pub(crate) fn is_bytecode_alone(image: &Image<'_>) -> bool {
    image.code.is_empty() && !image.bytecode.bodies.is_empty()
}

/// Reads an image and checks everything about it.
fn load_image(bytes: &Arc<[u8]>) -> Result<Records, Error> {
    let refused = |error: ImageError| {
        let offset = match error {
            ImageError::File { offset, .. } => Some(offset),
            ImageError::Code { .. } | ImageError::LeftOut(_) => None,
        };
        Error::module(Defect::Invalid, offset, error.to_string())
    };
    let image = Image::parse(bytes).map_err(refused)?;
    if !is_bytecode_alone(&image) {
        image.check_code().map_err(refused)?;
    }
    Records::from_image(&image, bytes).ok_or_else(|| Error::internal("an image outside of its bytes"))
}

pub(crate) fn table_type(ty: &instantiate::TableType, scope: Scope<'_>) -> TableType {
    let element = ValType::from_record(ty.element, scope).unwrap_or(ValType::FUNCREF);
    TableType { element, min: ty.min, max: ty.max, index64: ty.index64 }
}

pub(crate) fn memory_type(ty: &instantiate::MemoryType) -> MemoryType {
    MemoryType { min: ty.min, max: ty.max, index64: ty.index64, shared: ty.shared, page_log2: ty.page_log2 }
}

pub(crate) fn global_type(ty: instantiate::GlobalType, scope: Scope<'_>) -> GlobalType {
    GlobalType { content: ValType::from_record(ty.ty, scope).unwrap_or(ValType::I32), mutable: ty.mutable }
}
