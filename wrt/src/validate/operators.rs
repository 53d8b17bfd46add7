//! Validation of one function's body: what operators mean is wasmparser's affair, and the most frequent of them are read here.
//!
//! wasmparser's reader has one function for all 600 operators. Entering it costs more than what most of them do, and its readers of
//! immediates ask for proposals that nobody turned on: a sixth of the instructions that loading a module of 12 MB took. So what
//! compilers write often is read from the bytes as they lie, in the codings that compilers write. Whatever is another operator, or is coded
//! in another way, is left to the reader from its first byte on, and so are all errors of reading.

use crate::leb::{signed, unsigned};
use wasmparser::{
    BinaryReader, BlockType, FrameStack, FuncValidator, FunctionBody, MemArg, MemArgTarget, Result, ValType,
    ValidatorResources, VisitOperator,
};

/// Validates a function's body.
// @need-ids: REQ_WASM_001
pub(super) fn validate(func: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<()> {
    let mut reader = body.get_binary_reader();
    func.read_locals(&mut reader)?;
    let (bytes, start, features) = (body.as_bytes(), body.range().start, *func.features());
    let offset = |code: &[u8]| start.saturating_add(bytes.len().saturating_sub(code.len()) as u64);
    let mut code = bytes.get(reader.current_position()..).unwrap_or_default();
    while !code.is_empty() {
        let step = frequent(code, &mut func.visitor(offset(code)))?;
        code = match step {
            Step::Next(rest) => rest,
            Step::Last(rest) => {
                code = rest;
                break;
            }
            Step::Other => {
                let mut reader = BinaryReader::new_features(code, offset(code), features);
                reader.visit_operator(&mut func.visitor(offset(code)))??;
                code.get(reader.current_position()..).unwrap_or_default()
            }
        };
    }
    let mut reader = BinaryReader::new_features(code, offset(code), features);
    if !reader.eof() {
        // Behind the function's own end: the reader has the error for it.
        reader.visit_operator(&mut func.visitor(offset(code)))??;
    }
    reader.finish_expression(&func.visitor(reader.original_position()))
}

/// What became of the next operator.
enum Step<'w> {
    /// It is valid, and behind it is this.
    Next(&'w [u8]),
    /// It was the function's own end.
    Last(&'w [u8]),
    /// It was not looked at.
    Other,
}

/// Validates the next operator if it is one of the most frequent, in its usual coding.
#[inline]
fn frequent<'w>(
    code: &'w [u8],
    visitor: &mut (impl VisitOperator<'w, Output = Result<()>> + FrameStack),
) -> Result<Step<'w>> {
    let [opcode, rest @ ..] = code else { return Ok(Step::Other) };
    macro_rules! operators {
        (
            $($plain:literal => $visit:ident,)*
            ; $($with:literal => $visit_with:ident $read:ident,)*
            ; $($access:literal => $visit_access:ident $max_align:literal,)*
        ) => {
            match *opcode {
                0x0b => {
                    visitor.visit_end()?;
                    let last = visitor.current_frame().is_none();
                    Ok(if last { Step::Last(rest) } else { Step::Next(rest) })
                }
                $($plain => {
                    visitor.$visit()?;
                    Ok(Step::Next(rest))
                })*
                $($with => {
                    let Some((immediate, rest)) = $read(rest) else { return Ok(Step::Other) };
                    visitor.$visit_with(immediate)?;
                    Ok(Step::Next(rest))
                })*
                $($access => {
                    let Some((immediate, rest)) = memarg(rest, $max_align) else { return Ok(Step::Other) };
                    visitor.$visit_access(immediate)?;
                    Ok(Step::Next(rest))
                })*
                _ => Ok(Step::Other),
            }
        };
    }
    operators! {
        0x00 => visit_unreachable, 0x01 => visit_nop, 0x0f => visit_return, 0x1a => visit_drop,
        0x1b => visit_select, 0x45 => visit_i32_eqz, 0x46 => visit_i32_eq, 0x47 => visit_i32_ne,
        0x48 => visit_i32_lt_s, 0x49 => visit_i32_lt_u, 0x4a => visit_i32_gt_s, 0x4b => visit_i32_gt_u,
        0x4c => visit_i32_le_s, 0x4d => visit_i32_le_u, 0x4e => visit_i32_ge_s, 0x4f => visit_i32_ge_u,
        0x50 => visit_i64_eqz, 0x51 => visit_i64_eq, 0x52 => visit_i64_ne, 0x6a => visit_i32_add,
        0x6b => visit_i32_sub, 0x6c => visit_i32_mul, 0x71 => visit_i32_and, 0x72 => visit_i32_or,
        0x73 => visit_i32_xor, 0x74 => visit_i32_shl, 0x75 => visit_i32_shr_s, 0x76 => visit_i32_shr_u,
        0x7c => visit_i64_add, 0x7d => visit_i64_sub, 0x7e => visit_i64_mul, 0x83 => visit_i64_and,
        0x84 => visit_i64_or, 0x85 => visit_i64_xor, 0x86 => visit_i64_shl, 0x88 => visit_i64_shr_u,
        0xa7 => visit_i32_wrap_i64, 0xac => visit_i64_extend_i32_s, 0xad => visit_i64_extend_i32_u,
        ;
        0x02 => visit_block block_type, 0x03 => visit_loop block_type, 0x04 => visit_if block_type,
        0x0c => visit_br unsigned, 0x0d => visit_br_if unsigned, 0x10 => visit_call unsigned,
        0x20 => visit_local_get unsigned, 0x21 => visit_local_set unsigned, 0x22 => visit_local_tee unsigned,
        0x23 => visit_global_get unsigned, 0x24 => visit_global_set unsigned, 0x41 => visit_i32_const signed,
        0x42 => visit_i64_const signed,
        ;
        0x28 => visit_i32_load 2, 0x29 => visit_i64_load 3, 0x2a => visit_f32_load 2, 0x2b => visit_f64_load 3,
        0x2c => visit_i32_load8_s 0, 0x2d => visit_i32_load8_u 0, 0x2f => visit_i32_load16_u 1,
        0x31 => visit_i64_load8_u 0, 0x34 => visit_i64_load32_s 2, 0x35 => visit_i64_load32_u 2,
        0x36 => visit_i32_store 2, 0x37 => visit_i64_store 3, 0x38 => visit_f32_store 2, 0x39 => visit_f64_store 3,
        0x3a => visit_i32_store8 0, 0x3b => visit_i32_store16 1, 0x3c => visit_i64_store8 0,
        0x3d => visit_i64_store16 1, 0x3e => visit_i64_store32 2,
    }
}

/// The type of a block that takes nothing and gives at most one number.
#[inline]
fn block_type(code: &[u8]) -> Option<(BlockType, &[u8])> {
    let (ty, rest) = code.split_first()?;
    let ty = match ty {
        0x40 => BlockType::Empty,
        0x7f => BlockType::Type(ValType::I32),
        0x7e => BlockType::Type(ValType::I64),
        0x7d => BlockType::Type(ValType::F32),
        0x7c => BlockType::Type(ValType::F64),
        _ => return None,
    };
    Some((ty, rest))
}

/// An alignment without the bits that stand for other things, now or in proposals, and an offset: in memory 0.
#[inline]
fn memarg(code: &[u8], max_align: u8) -> Option<(MemArg, &[u8])> {
    let [align @ ..0x10, rest @ ..] = code else { return None };
    let (offset, rest) = unsigned(rest)?;
    let (target, ordering) = (MemArgTarget::Memory(0), None);
    Some((MemArg { align: *align, max_align, offset: offset.into(), target, ordering }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::collections::BTreeSet;
    use alloc::string::String;
    use alloc::vec::Vec;
    use wasmparser::{FuncToValidate, Parser, ValidPayload, Validator, WasmFeatures};

    /// Each operator of the list, and some that are not in it.
    const TEXT: &str = "(module
        (type $two (func (param i32 i64) (result i32)))
        (memory 1) (memory $other i64 1) (table 1 funcref)
        (global $g (mut i64) (i64.const 1)) (global $c i32 (i32.const 1))
        (func $f (type $two)
            (local f32 f64 i32)
            local.get 0 i32.const 5 i32.add i32.const -70 i32.sub i32.const 100000 i32.mul
            i32.const 268435455 i32.and i32.const -268435456 i32.or local.get 0 i32.xor
            local.get 0 i32.shl i32.const 3 i32.shr_s i32.const 1 i32.shr_u local.tee 4
            i32.eqz local.get 0 i32.eq local.get 0 i32.ne local.get 0 i32.lt_s local.get 0 i32.lt_u local.get 0 i32.gt_s
            local.get 0 i32.gt_u local.get 0 i32.le_s local.get 0 i32.le_u local.get 0 i32.ge_s local.get 0 i32.ge_u drop
            local.get 1 i64.const 5000000000 i64.add global.get $g i64.sub i64.const -3 i64.mul local.get 1 i64.and
            local.get 1 i64.or local.get 1 i64.xor i64.const 2 i64.shl i64.const 2 i64.shr_u i64.const 2 i64.rotl global.set $g
            global.get $c i64.extend_i32_u local.get 4 i64.extend_i32_s i64.eq drop
            local.get 1 i64.eqz if nop else unreachable end
            local.get 1 i64.const 1 i64.ne (if (result i64) (then (i64.const 1)) (else (i64.const 2)))
            i32.wrap_i64 local.set 4
            local.get 0 i32.load local.get 0 i32.load8_s offset=200 i32.store
            local.get 0 local.get 0 i64.load offset=70000 align=4 i64.store offset=3000000
            local.get 0 local.get 0 f32.load f32.store local.get 0 local.get 0 f64.load f64.store
            local.get 0 local.get 0 i32.load8_u i32.store8 local.get 0 local.get 0 i32.load16_u i32.store16
            local.get 0 local.get 0 i64.load8_u i64.store8 local.get 0 local.get 0 i64.load32_s i64.store32
            local.get 0 local.get 0 i64.load32_u offset=4294967295 i64.store16
            local.get 1 local.get 1 i64.load $other offset=68719476736 i64.store $other
            block (result f64) loop (result f32) f32.const 1 end f64.promote_f32 end drop
            local.get 0 local.get 1
            block (type $two) drop drop block local.get 0 br_table 0 0 end i32.const 0 local.get 0 br_if 0 br 0 end
            local.get 1 call $f local.get 0 local.get 0 select
            local.get 0 i32.popcnt local.get 1 i32.const 0 call_indirect (type $two) return))";

    /// wasmparser's own way, operator by operator.
    fn by_the_reader(func: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<()> {
        let mut reader = body.get_binary_reader();
        func.read_locals(&mut reader)?;
        reader.set_features(*func.features());
        while !reader.eof() {
            let offset = reader.original_position();
            reader.visit_operator(&mut func.visitor(offset))??;
        }
        reader.finish_expression(&func.visitor(reader.original_position()))
    }

    /// The function of the module and its body: its first byte's offset, and its bytes.
    fn parts(wasm: &[u8], features: WasmFeatures) -> (FuncToValidate<ValidatorResources>, u64, Vec<u8>) {
        let mut validator = Validator::new_with_features(features);
        let mut found = None;
        for payload in Parser::new(0).parse_all(wasm) {
            if let ValidPayload::Func(func, body) =
                validator.payload(&payload.expect("can be read")).expect("the module is valid")
            {
                found = Some((func, body.range().start, body.as_bytes().to_vec()));
            }
        }
        found.expect("a function")
    }

    // @need-ids: REQ_WASM_001
    #[test]
    fn a_body_is_valid_or_refused_as_by_the_reader_alone() {
        let wasm = wat::parse_str(TEXT).expect("the text is right");
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 20) as usize % below
        };
        let mut told = BTreeSet::new();
        let mut valid = 0;
        for features in [WasmFeatures::default(), WasmFeatures::all()] {
            let (func, offset, good) = parts(&wasm, features);
            for round in 0..30_000 {
                let mut bytes = good.clone();
                for _ in 0..if round == 0 { 0 } else { next(3) + 1 } {
                    let (at, byte) = (next(bytes.len()), [0, 0x0b, 0x80, 0xff, 0x20, 0x29][next(6)]);
                    match next(8) {
                        _ if bytes.len() < 2 => bytes.push(byte),
                        0 => bytes.truncate(at + 1),
                        1 => bytes.insert(at, byte),
                        2 => drop(bytes.remove(at)),
                        3 => bytes[at] = byte,
                        4 => bytes[at] ^= 1 << next(8),
                        _ => bytes[at] = next(256) as u8,
                    }
                }
                let run = |validate: fn(&mut FuncValidator<ValidatorResources>, &FunctionBody<'_>) -> Result<()>| {
                    let FuncToValidate { resources, index, ty, features } = &func;
                    let (resources, index, ty, features) = (resources.clone(), *index, *ty, *features);
                    let func = FuncToValidate { resources, index, ty, features };
                    let body = FunctionBody::new(BinaryReader::new_features(&bytes, offset, features));
                    let outcome = validate(&mut func.into_validator(<_>::default()), &body);
                    outcome.map_err(|error| (error.offset(), error.message().to_owned()))
                };
                let (found, expected) = (run(validate), run(by_the_reader));
                assert_eq!(found, expected, "{bytes:x?}");
                assert!(round > 0 || found.is_ok(), "as it is written: {found:?}");
                match found {
                    Ok(()) => valid += 1,
                    Err((_, message)) => drop(told.insert(message)),
                }
            }
        }
        assert!(valid > 1_000, "{valid}");
        let words: BTreeSet<String> = told.iter().filter_map(|told| Some(told.split(' ').next()?.to_owned())).collect();
        assert!(told.len() > 100 && words.len() > 10, "{} kinds: {words:?}", told.len());
    }
}
