//! Which of the operators that validation lets pass can be run: seen while it passes them, in the same walk.
//!
//! Types of garbage-collected values and of references to exceptions are let in whole; their operators come with what they
//! need.

use alloc::string::String;
use alloc::vec::Vec;
use wasmparser::{
    BinaryReader, Catch, FrameKind, FrameStack, FuncValidator, FunctionBody, Result, TryTable, ValidatorResources,
    VisitOperator, VisitSimdOperator,
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
        let whole = ["br_", "throw", "catch"].iter().any(|start| name.starts_with(start));
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
    let (bytes, start) = (body.as_bytes(), body.range().start);
    while !reader.eof() {
        let offset = reader.original_position();
        // Looked at in the bytes: a copy of the reader to look ahead with would cost more than is won.
        let opcode = usize::try_from(offset - start).ok().and_then(|at| bytes.get(at)).copied();
        let mut inner = func.visitor(offset);
        if !frequent(opcode, &mut inner, &mut reader)? {
            reader.visit_operator(&mut Noting { inner, offset, refused })??;
        }
    }
    reader.finish_expression(&func.visitor(reader.original_position()))
}

/// Validates the next operator if it is one of the most frequent, which can all be run; false where it is another, and
/// nothing has been read.
///
/// The reader's own `visit_operator` is one function for all 600 operators, and entering it costs more than what these few do:
/// a sixth of the time to load a module of 12 MB.
#[inline]
fn frequent<'a>(
    opcode: Option<u8>,
    visitor: &mut (impl VisitOperator<'a, Output = Result<()>> + FrameStack),
    reader: &mut BinaryReader<'a>,
) -> Result<bool> {
    // After the function's own end there must be nothing; the reader has the error for it.
    if visitor.current_frame().is_none() {
        return Ok(false);
    }
    macro_rules! operators {
        ($($opcode:literal => $visit:ident $($read:ident)?,)*) => {
            match opcode {
                $(Some($opcode) => {
                    reader.read_u8()?;
                    visitor.$visit($(reader.$read()?)?)?;
                    Ok(true)
                })*
                _ => Ok(false),
            }
        };
    }
    operators! {
        0x0b => visit_end,
        0x0c => visit_br read_var_u32,
        0x0d => visit_br_if read_var_u32,
        0x10 => visit_call read_var_u32,
        0x20 => visit_local_get read_var_u32,
        0x21 => visit_local_set read_var_u32,
        0x22 => visit_local_tee read_var_u32,
        0x23 => visit_global_get read_var_u32,
        0x24 => visit_global_set read_var_u32,
        0x41 => visit_i32_const read_var_i32,
        0x42 => visit_i64_const read_var_i64,
        0x45 => visit_i32_eqz,
        0x6a => visit_i32_add,
        0x6b => visit_i32_sub,
        0x71 => visit_i32_and,
        0x7c => visit_i64_add,
        0xa7 => visit_i32_wrap_i64,
        0xad => visit_i64_extend_i32_u,
    }
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

/// The first clause of a `try_table` that makes a reference to an exception.
fn reference_clause(table: &TryTable) -> Option<&'static str> {
    table.catches.iter().find_map(|clause| match clause {
        Catch::OneRef { .. } => Some("catch_ref"),
        Catch::AllRef { .. } => Some("catch_all_ref"),
        Catch::One { .. } | Catch::All { .. } => None,
    })
}

/// The name of what cannot be run in an operator of a proposal, given its visitor and immediates.
macro_rules! refused {
    (gc visit_ref_eq) => {
        None
    };
    (gc $visit:ident $($immediate:ident)*) => {
        Some(stringify!($visit))
    };
    (exceptions visit_throw_ref) => {
        Some("visit_throw_ref")
    };
    (exceptions visit_try_table $table:ident) => {
        reference_clause(&$table)
    };
    ($proposal:ident $visit:ident $($immediate:ident)*) => {
        None
    };
}

macro_rules! visit {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($rest:tt)*))*) => {
        $(fn $visit(&mut self $($(,$arg: $ty)*)?) -> Result<()> {
            let refused: Option<&'static str> = refused!($proposal $visit $($($arg)*)?);
            self.inner.$visit($($($arg),*)?)?;
            if let Some(name) = refused {
                self.refused.get_or_insert(Refused { offset: self.offset, name });
            }
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
