//! WRT: a WebAssembly runtime that can be stopped, resumed and bounded. This crate is what a host embeds.
//!
//! - [`Engine`], [`Config`]: limits and verification, shared by everything;
//! - [`Module`]: a binary module or an image, checked before any of it runs;
//! - [`Store`]: where instances live, with the machine that runs them and its fuel;
//! - [`Linker`], [`Instance`]: imports by name, exports by name;
//! - [`Func`], [`TypedFunc`], [`ResumableCall`]: calls, and calls that pause;
//! - [`Caller`], [`HostStep`]: what host functions get, and how they call the guest in turn;
//! - [`Memory`], [`Table`], [`Global`], [`ExternRef`]: handles to what an instance has;
//! - [`budget`]: what a module needs at most, before it runs;
//! - [`Error`]: what can go wrong, by whose business it is.
//!
//! ```
//! # fn main() -> Result<(), wrt::Error> {
//! let engine = wrt::Engine::default();
//! // (module (func (export "two") (result i32) i32.const 2))
//! let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03two\0\0\x0a\x06\x01\x04\0\x41\x02\x0b";
//! let module = wrt::Module::new(&engine, wasm)?;
//! let mut store = wrt::Store::new(&engine, ());
//! let instance = module.instantiate(&mut store)?;
//! let two = instance.get_typed_func::<(), i32>(&store, "two")?;
//! assert_eq!(two.call(&mut store, ())?, 2);
//! # Ok(())
//! # }
//! ```
//!
//! Needs an allocator; `std` only for the feature of that name, which changes no result. Nothing here panics on any input
//! of guest or host.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

/// The code in the documentation's page for those who come from another runtime.
#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from.md")]
mod coming_from {}

/// The code in the documentation's first page.
#[cfg(doctest)]
#[doc = include_str!("../../docs/getting-started.md")]
mod getting_started {}

/// The code in the documentation's page for embedders.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
mod embedding {}

/// The code in the documentation's page on objects.
#[cfg(doctest)]
#[doc = include_str!("../../docs/objects.md")]
mod objects {}

mod agents;
mod backtrace;
pub mod budget;
mod call;
mod code;
mod config;
mod decode;
mod detached;
mod error;
mod externs;
mod faults;
mod func;
mod handlers;
mod heap;
mod held;
mod host;
mod image_segments;
mod image_types;
mod image_writer;
mod instance;
mod leb;
mod linear;
mod linker;
mod lockstep;
#[doc(hidden)]
pub mod logging;
mod lower;
mod machine;
mod maps;
mod module;
mod profile;
mod records;
mod reentry;
mod resumable;
mod side_table;
mod standing;
mod state;
mod storage;
mod store;
mod translate;
mod type_pool;
mod types;
mod validate;
mod value;

pub use agents::{AgentId, Agents, Turn};
pub use backtrace::{Backtrace, FrameInfo, Operands, TrapError};
pub use config::{Config, Engine, MAX_VALIDATION_THREADS, Proposal, Strategy};
pub use error::{BoxError, Defect, Error, ErrorKind, LimitError, LinkError, MissingImport, ModuleError, UsageError};
pub use externs::{Extern, ExternRef, Global, Memory, Table, Tag};
pub use faults::FaultPlace;
pub use func::{Func, TypedFunc};
pub use held::{AnyRef, ExnRef, RootScope};
pub use host::{Caller, HostResults, IntoFunc};
pub use instance::Instance;
pub use linker::Linker;
pub use lockstep::{Difference, Divergence};
pub use module::Module;
pub use profile::{Class, Profile};
pub use reentry::{HostEntry, HostStep};
pub use resumable::{
    ResumableCall, ResumableHostTrap, ResumableOutOfFuel, ResumableWaiting, TypedResumableCall, TypedResumableHostTrap,
    TypedResumableOutOfFuel, TypedResumableWaiting,
};
pub use state::FrameState;
pub use store::{AsContext, AsContextMut, Stats, Store, StoreContext, StoreContextMut};
pub use types::{
    DefinedType, ExportType, ExternType, FuncType, GlobalType, HeapType, ImportType, MemoryType, RefType, TableType,
    TagType, ValType,
};
pub use value::{Val, WasmParams, WasmResults, WasmTy, WasmValues};

pub use wrt_instructions::Trap;
pub use wrt_runtime::Image;
pub use wrt_runtime::execute::{Detail, TrapInfo};
pub use wrt_runtime::memory::MemoryMetrics;
pub use wrt_runtime::stackless::Stats as EngineStats;
pub use wrt_safety::{LimitExceeded, LimitInfo, Limits, SafeSlice, VerificationLevel};
