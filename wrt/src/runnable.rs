//! Which of the operators that validation lets pass can be run: seen while it passes them, in the same walk.
//!
//! Types of garbage-collected values and of exceptions are let in whole; their operators come with what they need.

use alloc::string::String;
use alloc::vec::Vec;
use wasmparser::{
    FrameKind, FrameStack, FuncValidator, FunctionBody, Result, ValidatorResources, VisitOperator, VisitSimdOperator,
};

/// An operator that cannot be run: where it is, in bytes from the module's start, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) offset: u64,
    /// As wasmparser has it, with underscores for dots.
    name: &'static str,
}

impl Refused {
    /// Its name in the text format.
    pub(crate) fn name(self) -> String {
        let name = self.name.strip_prefix("visit_").unwrap_or(self.name);
        // In the text format what it works on stands before a dot; branches and exceptions work on nothing of the kind.
        let whole = ["br_", "throw", "try_"].iter().any(|start| name.starts_with(start));
        if whole { name.into() } else { name.replacen('_', ".", 1) }
    }
}

/// Validates a function's body; tells the first operator that cannot be run.
// @need-ids: REQ_WASM_001
pub(crate) fn validate(
    func: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    refused: &mut Option<Refused>,
) -> Result<()> {
    let mut reader = body.get_binary_reader();
    func.read_locals(&mut reader)?;
    reader.set_features(*func.features());
    while !reader.eof() {
        let offset = reader.original_position();
        reader.visit_operator(&mut Noting { inner: func.visitor(offset), offset, refused })??;
    }
    reader.finish_expression(&func.visitor(reader.original_position()))
}

/// Validates an operator, and notes it where it cannot be run.
struct Noting<'r, V> {
    inner: V,
    offset: u64,
    refused: &'r mut Option<Refused>,
}

impl<V: FrameStack> FrameStack for Noting<'_, V> {
    fn current_frame(&self) -> Option<FrameKind> {
        self.inner.current_frame()
    }
}

macro_rules! note {
    ($this:ident gc $visit:ident) => {
        note!($this $visit)
    };
    ($this:ident exceptions $visit:ident) => {
        note!($this $visit)
    };
    ($this:ident $visit:ident) => {{
        $this.refused.get_or_insert(Refused { offset: $this.offset, name: stringify!($visit) });
    }};
    ($this:ident $proposal:ident $visit:ident) => {};
}

macro_rules! visit {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($rest:tt)*))*) => {
        $(fn $visit(&mut self $($(,$arg: $ty)*)?) -> Result<()> {
            self.inner.$visit($($($arg),*)?)?;
            note!(self $proposal $visit);
            Ok(())
        })*
    };
}

impl<'a, V: VisitOperator<'a, Output = Result<()>>> VisitOperator<'a> for Noting<'_, V> {
    type Output = Result<()>;

    /// All vector operators that validation lets pass can be run.
    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Result<()>>> {
        self.inner.simd_visitor()
    }

    wasmparser::for_each_visit_operator!(visit);
}
