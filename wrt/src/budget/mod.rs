//! Budgets: what a module needs at most, computed before it runs, so that storage and time are sized by calculation.
//!
//! [`Budget::of`] reads the image of a module: frames are as large as the image says, callees begin where the code puts them,
//! and fuel is what the heads in the code charge. Nothing is worked out a second time.
//!
//! Frames and slots are bounded where the call graph has no circles; fuel where there are no loops and no operators whose
//! work is known at run time alone. What has no bound is named ([`Reason`]), and whoever knows more says so
//! ([`Declarations`]); a bound then holds as far as that does.
//!
//! What the module itself cannot show is taken for granted unless declared otherwise: its imports are functions of the
//! host that return without calling the guest, and so are references that the host hands in, unless they are to this module's
//! functions.

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002

mod callgraph;
mod calls;
mod causes;
mod code;
mod flow;
mod fuel;
mod graph;
mod room;
mod stack;

pub(crate) use room::objects;
pub use room::{Extent, Ram, RoomNeeds};

use crate::error::Error;
use crate::module::Module;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use callgraph::Calls;
use calls::References;
use causes::Finder;
use code::Code;
use core::fmt;
use fuel::Times;
use wrt_runtime::Image;
use wrt_runtime::image::format::kind;

/// How many reasons are told for one thing.
pub const REASONS_MAX: usize = 64;

/// How many functions of a circle are told.
pub const CIRCLE_MAX: usize = 32;

/// A place in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// Index of the function.
    pub func: u32,
    /// Offset of the operator from the module's start, in bytes; for a loop that of the first operator in it. In an image
    /// that was stripped of positions, the instruction's position in the code.
    pub at: u32,
}

/// What is known of an import that the module cannot show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// It is the host's, and calls these functions of the module, one at a time, before it returns.
    Calls(Vec<u32>),
    /// It is a function of another instance, which needs so much, as its own budget says.
    Instance {
        /// What its call needs as a call from outside.
        stack: StackNeeds,
        /// The most fuel it uses, where that is known.
        fuel: Option<u64>,
    },
}

/// What is known of a module that cannot be computed from it.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// How many calls of a function are in progress at once: begun, and not returned from, whether or not they went on
    /// in a tail call.
    pub recursion: BTreeMap<u32, u32>,
    /// How often a loop's head is passed for each time that the loop is entered: one more than its branches back.
    pub loops: BTreeMap<Site, u64>,
    /// How much an operator works on: bytes for memories, pages for `memory.grow`, elements for tables.
    pub lengths: BTreeMap<Site, u64>,
    /// Which functions an indirect call can call.
    pub callees: BTreeMap<Site, Vec<u32>>,
    /// What imported functions are, by their indices; by default, functions of the host that do not call the guest.
    pub imports: BTreeMap<u32, Import>,
}

/// Why something has no bound; what there may be many of comes last, for lists have an end ([`REASONS_MAX`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// These functions call each other in a circle, each the next and the last one the first, and the depth of none was declared.
    Recursion {
        /// The functions; the first [`CIRCLE_MAX`] of a longer circle.
        cycle: Vec<u32>,
        /// How many they are.
        length: usize,
    },
    /// The call can reach functions of other instances, because its table is imported.
    Foreign {
        /// The call.
        site: Site,
    },
    /// The function's code was not written by a compiler of structured code.
    Unstructured {
        /// Its index.
        func: u32,
    },
    /// The function's loops are nested too deeply, over too much code, to be gone through.
    Complex {
        /// Its index.
        func: u32,
    },
    /// 64 bits do not count it.
    Overflow {
        /// Index of the function.
        func: u32,
    },
    /// The imported function calls the guest, nobody knows how often.
    Calls {
        /// Its index.
        import: u32,
    },
    /// The imported function is of an instance whose fuel was not declared.
    Instance {
        /// Its index.
        import: u32,
    },
    /// The exception leaves its function: what that costs depends on who called.
    Exception {
        /// The `throw`.
        site: Site,
    },
    /// The operator makes an object, or works on the elements of one: what that and a collection cost is known at run time alone.
    Object {
        /// The operator.
        site: Site,
        /// Its name.
        operator: &'static str,
    },
    /// How much the operator works on is known at run time alone.
    Length {
        /// The operator.
        site: Site,
        /// Its name.
        operator: &'static str,
    },
    /// How often the loop turns was not declared.
    Loop {
        /// Its first operator.
        site: Site,
    },
}

impl Reason {
    /// The reason that nodes are in a circle; those that are no functions, from `functions` on, are left out.
    fn recursion(mut cycle: Vec<u32>, functions: u32) -> Self {
        cycle.retain(|node| *node < functions);
        let length = cycle.len();
        cycle.truncate(CIRCLE_MAX);
        Self::Recursion { cycle, length }
    }
}

/// A bound, or why there is none: at least one reason, and at most [`REASONS_MAX`].
pub type Bound<T> = Result<T, Vec<Reason>>;

/// What a call from outside needs of a [`Stack`](wrt_runtime::Stack).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StackNeeds {
    /// Frames at once, as `max-frames` counts them: the running one, and host functions that wait for the guest, are among
    /// them.
    pub frames: u64,
    /// Slots at once, as `max-slots` counts them: without the pad at the end of the storage.
    pub slots: u64,
    /// Records of frames and marks: the length of the storage for frames.
    pub records: u64,
}

/// How a function is reached from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// By this export.
    Export(String),
    /// On instantiation.
    Start,
    /// By a reference that the host gets hold of.
    Reference,
}

/// A function that is called from outside.
#[derive(Clone, Debug)]
pub struct Root {
    /// How it is reached.
    pub entry: Entry,
    /// Its index.
    pub func: u32,
    /// What a call of it needs.
    pub stack: Bound<StackNeeds>,
    /// The most fuel that a call of it uses.
    pub fuel: Bound<u64>,
}

/// A loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// Its first operator.
    pub site: Site,
    /// How often its head is passed for each time that it is entered, as declared.
    pub times: Option<u64>,
    /// The fuel of its dearest turn, where that has a bound.
    pub turn: Option<u64>,
}

/// An indirect call, and what it can call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndirectCall {
    /// The call.
    pub site: Site,
    /// The functions; those of the module alone where others are possible too.
    pub callees: Arc<[u32]>,
    /// Whether they were declared.
    pub declared: bool,
}

/// What a module needs at most.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The calls from outside: exports in their order, the start function, and functions whose references the host gets.
    pub roots: Vec<Root>,
    /// The most that any of them needs.
    pub stack: Bound<StackNeeds>,
    /// The most fuel that any of them uses.
    pub fuel: Bound<u64>,
    /// The loops of all functions.
    pub loops: Vec<Loop>,
    /// The indirect calls of all functions.
    pub indirect: Vec<IndirectCall>,
    /// Whether the host can hand references to functions in, so that indirect calls may call functions of the host: those
    /// are taken not to call the guest.
    pub references_enter: bool,
    /// What an instance takes in a [`FixedStore`](wrt_runtime::FixedStore).
    pub room: RoomNeeds,
    /// The image that all of this was read from.
    pub image: Vec<u8>,
}

/// Why there is no budget.
#[derive(Debug)]
#[non_exhaustive]
pub enum BudgetError {
    /// The module cannot be compiled to an image.
    Module(Error),
    /// A declaration is about something that is not there.
    Unknown {
        /// What: "recursion of function 3".
        what: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A declaration says what was known already.
    NotNeeded {
        /// What.
        what: String,
        /// Why it is not needed.
        why: &'static str,
    },
    /// The call graph has more edges than this many.
    Edges(usize),
}

impl From<Error> for BudgetError {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}

impl fmt::Display for BudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Unknown { what, wanted } => write!(f, "{what} was declared, but there is no {wanted}"),
            Self::NotNeeded { what, why } => write!(f, "{what} was declared, but {why}"),
            Self::Edges(most) => write!(f, "the call graph has more than {most} edges"),
        }
    }
}

impl core::error::Error for BudgetError {}

impl Budget {
    /// Computes what a module needs.
    ///
    /// # Errors
    /// [`BudgetError::Module`] where it cannot be [compiled](Module::compile); the others for declarations that are wrong.
    // @need-ids: REQ_BUDGET_001, REQ_BUDGET_002, REQ_BUDGET_003
    pub fn of(module: &Module, declared: &Declarations) -> Result<Self, BudgetError> {
        let bytes = module.compile()?;
        let image = Image::parse(&bytes).map_err(|_| Error::internal("an image that cannot be read"))?;
        let code = Code::new(&image);
        let references = References::new(&code)?;
        let calls = Calls::new(&code, &references, declared)?;
        let own = calls.own(&code, declared);
        let stacks = stack::stacks(&calls.graph, &own, &declared.recursion, code.funcs());
        for func in declared.recursion.keys() {
            let what = format!("the recursion of function {func}");
            if *func >= code.funcs() {
                return Err(BudgetError::Unknown { what, wanted: "such function" });
            }
            if !stacks.used.contains(func) {
                return Err(BudgetError::NotNeeded { what, why: "it is not recursive" });
            }
        }
        let times = Times::new(&code, &calls, declared)?;
        let roots = roots(&code, &references);
        let finder = Finder::new(&calls, &stacks, &times);
        let roots: Vec<Root> = roots.into_iter().map(|(entry, func)| finder.root(entry, func)).collect();
        Ok(Self {
            stack: together(roots.iter().map(|root| &root.stack), |a, b| StackNeeds {
                frames: a.frames.max(b.frames),
                slots: a.slots.max(b.slots),
                records: a.records.max(b.records),
            }),
            fuel: together(roots.iter().map(|root| &root.fuel), Ord::max),
            roots,
            loops: times.loops,
            indirect: calls.indirect,
            references_enter: references.enter,
            room: RoomNeeds::of(&image, references.types()),
            image: bytes,
        })
    }
}

/// The functions that are called from outside.
fn roots(code: &Code<'_>, references: &References<'_>) -> Vec<(Entry, u32)> {
    let image = &code.image;
    let exports = image.exports.iter().filter(|export| export.kind() == kind::FUNC);
    let mut roots: Vec<(Entry, u32)> =
        exports.map(|export| (Entry::Export(image.name(export.name).to_string()), export.index())).collect();
    let exported: BTreeSet<u32> = roots.iter().map(|(_, func)| *func).collect();
    roots.extend(image.start.map(|func| (Entry::Start, func)));
    if references.leave {
        let others = references.referenced().filter(|func| !exported.contains(func) && code.own().contains(func));
        roots.extend(others.map(|func| (Entry::Reference, func)));
    }
    roots
}

/// The worst of bounds; all of nothing is nothing.
fn together<'b, T: Copy + Default + 'b>(
    bounds: impl Iterator<Item = &'b Bound<T>>,
    worse: impl Fn(T, T) -> T,
) -> Bound<T> {
    let (mut worst, mut reasons) = (T::default(), BTreeSet::new());
    for bound in bounds {
        match bound {
            Ok(bound) => worst = worse(worst, *bound),
            Err(more) => reasons.extend(more.iter().cloned()),
        }
    }
    if reasons.is_empty() { Ok(worst) } else { Err(reasons.into_iter().take(REASONS_MAX).collect()) }
}
