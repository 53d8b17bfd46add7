//! Validation of function bodies, operator by operator.

use wasmparser::{BinaryReader, FrameStack, FuncValidator, FunctionBody, Result, ValidatorResources, VisitOperator};

/// Validates a function's body.
// @need-ids: REQ_WASM_001
pub(crate) fn validate(func: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<()> {
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
            reader.visit_operator(&mut inner)??;
        }
    }
    reader.finish_expression(&func.visitor(reader.original_position()))
}

/// Validates the next operator if it is one of the most frequent; false where it is another, and nothing has been read.
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
