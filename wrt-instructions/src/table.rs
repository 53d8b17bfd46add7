//! The table of operators: one row each, from which everything about an operator follows.
//!
//! A row gives the variant (the same identifier `wasmparser` uses), the binary opcode (prefixed opcodes as
//! `0xFC00 + n`, those of vectors as `0xFD000 + n`), the text name, the pure function that is its meaning with its operand and result types,
//! the fuel price, and the anchor of its rule in the WebAssembly specification. `operators!(callback)`
//! hands all rows to a macro; the enums and traits of this crate, the handlers of the engines, the
//! lowering, the disassembly, the reference page and the edge-value tests are such callbacks.
//!
//! The kind of a binary row says which immediate forms are worth having: `commuting` (the constant can
//! always stand on the right), `ordered` (either side), `plain` (no immediate form).

// @need-ids: REQ_TABLE_001, REQ_018, REQ_FUEL_SCHEDULE_001
/// Calls `$with!` with every row of the operator table.
#[macro_export]
macro_rules! operators {
    ($with:path) => {
        $with! {
            binary {
                I32Add 0x6A "i32.add" commuting i32_add(u32) -> u32, 1, "op-iadd";
                I32Sub 0x6B "i32.sub" ordered i32_sub(u32) -> u32, 1, "op-isub";
                I32Mul 0x6C "i32.mul" commuting i32_mul(u32) -> u32, 1, "op-imul";
                I32DivS 0x6D "i32.div_s" ordered i32_div_s(u32) -> u32, 1, "op-idiv";
                I32DivU 0x6E "i32.div_u" ordered i32_div_u(u32) -> u32, 1, "op-idiv";
                I32RemS 0x6F "i32.rem_s" ordered i32_rem_s(u32) -> u32, 1, "op-irem";
                I32RemU 0x70 "i32.rem_u" ordered i32_rem_u(u32) -> u32, 1, "op-irem";
                I32And 0x71 "i32.and" commuting i32_and(u32) -> u32, 1, "op-iand";
                I32Or 0x72 "i32.or" commuting i32_or(u32) -> u32, 1, "op-ior";
                I32Xor 0x73 "i32.xor" commuting i32_xor(u32) -> u32, 1, "op-ixor";
                I32Shl 0x74 "i32.shl" ordered i32_shl(u32) -> u32, 1, "op-ishl";
                I32ShrS 0x75 "i32.shr_s" ordered i32_shr_s(u32) -> u32, 1, "op-ishr";
                I32ShrU 0x76 "i32.shr_u" ordered i32_shr_u(u32) -> u32, 1, "op-ishr";
                I32Rotl 0x77 "i32.rotl" ordered i32_rotl(u32) -> u32, 1, "op-irotl";
                I32Rotr 0x78 "i32.rotr" ordered i32_rotr(u32) -> u32, 1, "op-irotr";
                I64Add 0x7C "i64.add" commuting i64_add(u64) -> u64, 1, "op-iadd";
                I64Sub 0x7D "i64.sub" ordered i64_sub(u64) -> u64, 1, "op-isub";
                I64Mul 0x7E "i64.mul" commuting i64_mul(u64) -> u64, 1, "op-imul";
                I64DivS 0x7F "i64.div_s" ordered i64_div_s(u64) -> u64, 1, "op-idiv";
                I64DivU 0x80 "i64.div_u" ordered i64_div_u(u64) -> u64, 1, "op-idiv";
                I64RemS 0x81 "i64.rem_s" ordered i64_rem_s(u64) -> u64, 1, "op-irem";
                I64RemU 0x82 "i64.rem_u" ordered i64_rem_u(u64) -> u64, 1, "op-irem";
                I64And 0x83 "i64.and" commuting i64_and(u64) -> u64, 1, "op-iand";
                I64Or 0x84 "i64.or" commuting i64_or(u64) -> u64, 1, "op-ior";
                I64Xor 0x85 "i64.xor" commuting i64_xor(u64) -> u64, 1, "op-ixor";
                I64Shl 0x86 "i64.shl" ordered i64_shl(u64) -> u64, 1, "op-ishl";
                I64ShrS 0x87 "i64.shr_s" ordered i64_shr_s(u64) -> u64, 1, "op-ishr";
                I64ShrU 0x88 "i64.shr_u" ordered i64_shr_u(u64) -> u64, 1, "op-ishr";
                I64Rotl 0x89 "i64.rotl" ordered i64_rotl(u64) -> u64, 1, "op-irotl";
                I64Rotr 0x8A "i64.rotr" ordered i64_rotr(u64) -> u64, 1, "op-irotr";
                F32Min 0x96 "f32.min" plain f32_min(f32) -> f32, 1, "op-fmin";
                F32Max 0x97 "f32.max" plain f32_max(f32) -> f32, 1, "op-fmax";
                F32Copysign 0x98 "f32.copysign" plain f32_copysign(u32) -> u32, 1, "op-fcopysign";
                F64Min 0xA4 "f64.min" plain f64_min(f64) -> f64, 1, "op-fmin";
                F64Max 0xA5 "f64.max" plain f64_max(f64) -> f64, 1, "op-fmax";
                F64Copysign 0xA6 "f64.copysign" plain f64_copysign(u64) -> u64, 1, "op-fcopysign";
            }
            float_binary {
                F32Add 0x92 "f32.add" commuting f32_add(f32) -> f32, 1, "op-fadd";
                F32Sub 0x93 "f32.sub" ordered f32_sub(f32) -> f32, 1, "op-fsub";
                F32Mul 0x94 "f32.mul" commuting f32_mul(f32) -> f32, 1, "op-fmul";
                F32Div 0x95 "f32.div" ordered f32_div(f32) -> f32, 1, "op-fdiv";
                F64Add 0xA0 "f64.add" commuting f64_add(f64) -> f64, 1, "op-fadd";
                F64Sub 0xA1 "f64.sub" ordered f64_sub(f64) -> f64, 1, "op-fsub";
                F64Mul 0xA2 "f64.mul" commuting f64_mul(f64) -> f64, 1, "op-fmul";
                F64Div 0xA3 "f64.div" ordered f64_div(f64) -> f64, 1, "op-fdiv";
            }
            compare {
                I32Eq 0x46 "i32.eq" i32_eq(u32) -> bool, 1, "op-ieq", not I32Ne, swap I32Eq;
                I32Ne 0x47 "i32.ne" i32_ne(u32) -> bool, 1, "op-ine", not I32Eq, swap I32Ne;
                I32LtS 0x48 "i32.lt_s" i32_lt_s(u32) -> bool, 1, "op-ilt", not I32GeS, swap I32GtS;
                I32LtU 0x49 "i32.lt_u" i32_lt_u(u32) -> bool, 1, "op-ilt", not I32GeU, swap I32GtU;
                I32GtS 0x4A "i32.gt_s" i32_gt_s(u32) -> bool, 1, "op-igt", not I32LeS, swap I32LtS;
                I32GtU 0x4B "i32.gt_u" i32_gt_u(u32) -> bool, 1, "op-igt", not I32LeU, swap I32LtU;
                I32LeS 0x4C "i32.le_s" i32_le_s(u32) -> bool, 1, "op-ile", not I32GtS, swap I32GeS;
                I32LeU 0x4D "i32.le_u" i32_le_u(u32) -> bool, 1, "op-ile", not I32GtU, swap I32GeU;
                I32GeS 0x4E "i32.ge_s" i32_ge_s(u32) -> bool, 1, "op-ige", not I32LtS, swap I32LeS;
                I32GeU 0x4F "i32.ge_u" i32_ge_u(u32) -> bool, 1, "op-ige", not I32LtU, swap I32LeU;
                I64Eq 0x51 "i64.eq" i64_eq(u64) -> bool, 1, "op-ieq", not I64Ne, swap I64Eq;
                I64Ne 0x52 "i64.ne" i64_ne(u64) -> bool, 1, "op-ine", not I64Eq, swap I64Ne;
                I64LtS 0x53 "i64.lt_s" i64_lt_s(u64) -> bool, 1, "op-ilt", not I64GeS, swap I64GtS;
                I64LtU 0x54 "i64.lt_u" i64_lt_u(u64) -> bool, 1, "op-ilt", not I64GeU, swap I64GtU;
                I64GtS 0x55 "i64.gt_s" i64_gt_s(u64) -> bool, 1, "op-igt", not I64LeS, swap I64LtS;
                I64GtU 0x56 "i64.gt_u" i64_gt_u(u64) -> bool, 1, "op-igt", not I64LeU, swap I64LtU;
                I64LeS 0x57 "i64.le_s" i64_le_s(u64) -> bool, 1, "op-ile", not I64GtS, swap I64GeS;
                I64LeU 0x58 "i64.le_u" i64_le_u(u64) -> bool, 1, "op-ile", not I64GtU, swap I64GeU;
                I64GeS 0x59 "i64.ge_s" i64_ge_s(u64) -> bool, 1, "op-ige", not I64LtS, swap I64LeS;
                I64GeU 0x5A "i64.ge_u" i64_ge_u(u64) -> bool, 1, "op-ige", not I64LtU, swap I64LeU;
            }
            fused_compare {
                I32Test "i32.test" i32_test(u32) -> bool, not I32TestNot, swap I32Test;
                I32TestNot "i32.test_not" i32_test_not(u32) -> bool, not I32Test, swap I32TestNot;
            }
            float_compare {
                F32Eq 0x5B "f32.eq" f32_eq(f32) -> bool, 1, "op-feq";
                F32Ne 0x5C "f32.ne" f32_ne(f32) -> bool, 1, "op-fne";
                F32Lt 0x5D "f32.lt" f32_lt(f32) -> bool, 1, "op-flt";
                F32Gt 0x5E "f32.gt" f32_gt(f32) -> bool, 1, "op-fgt";
                F32Le 0x5F "f32.le" f32_le(f32) -> bool, 1, "op-fle";
                F32Ge 0x60 "f32.ge" f32_ge(f32) -> bool, 1, "op-fge";
                F64Eq 0x61 "f64.eq" f64_eq(f64) -> bool, 1, "op-feq";
                F64Ne 0x62 "f64.ne" f64_ne(f64) -> bool, 1, "op-fne";
                F64Lt 0x63 "f64.lt" f64_lt(f64) -> bool, 1, "op-flt";
                F64Gt 0x64 "f64.gt" f64_gt(f64) -> bool, 1, "op-fgt";
                F64Le 0x65 "f64.le" f64_le(f64) -> bool, 1, "op-fle";
                F64Ge 0x66 "f64.ge" f64_ge(f64) -> bool, 1, "op-fge";
            }
            unary {
                I32Eqz 0x45 "i32.eqz" i32_eqz(u32) -> bool, 1, "op-ieqz";
                I64Eqz 0x50 "i64.eqz" i64_eqz(u64) -> bool, 1, "op-ieqz";
                I32Clz 0x67 "i32.clz" i32_clz(u32) -> u32, 1, "op-iclz";
                I32Ctz 0x68 "i32.ctz" i32_ctz(u32) -> u32, 1, "op-ictz";
                I32Popcnt 0x69 "i32.popcnt" i32_popcnt(u32) -> u32, 1, "op-ipopcnt";
                I64Clz 0x79 "i64.clz" i64_clz(u64) -> u64, 1, "op-iclz";
                I64Ctz 0x7A "i64.ctz" i64_ctz(u64) -> u64, 1, "op-ictz";
                I64Popcnt 0x7B "i64.popcnt" i64_popcnt(u64) -> u64, 1, "op-ipopcnt";
                I32WrapI64 0xA7 "i32.wrap_i64" i32_wrap_i64(u64) -> u32, 1, "op-wrap";
                I32TruncF32S 0xA8 "i32.trunc_f32_s" i32_trunc_f32_s(f32) -> u32, 1, "op-trunc";
                I32TruncF32U 0xA9 "i32.trunc_f32_u" i32_trunc_f32_u(f32) -> u32, 1, "op-trunc";
                I32TruncF64S 0xAA "i32.trunc_f64_s" i32_trunc_f64_s(f64) -> u32, 1, "op-trunc";
                I32TruncF64U 0xAB "i32.trunc_f64_u" i32_trunc_f64_u(f64) -> u32, 1, "op-trunc";
                I64ExtendI32S 0xAC "i64.extend_i32_s" i64_extend_i32_s(u32) -> u64, 1, "op-extend";
                I64ExtendI32U 0xAD "i64.extend_i32_u" i64_extend_i32_u(u32) -> u64, 1, "op-extend";
                I64TruncF32S 0xAE "i64.trunc_f32_s" i64_trunc_f32_s(f32) -> u64, 1, "op-trunc";
                I64TruncF32U 0xAF "i64.trunc_f32_u" i64_trunc_f32_u(f32) -> u64, 1, "op-trunc";
                I64TruncF64S 0xB0 "i64.trunc_f64_s" i64_trunc_f64_s(f64) -> u64, 1, "op-trunc";
                I64TruncF64U 0xB1 "i64.trunc_f64_u" i64_trunc_f64_u(f64) -> u64, 1, "op-trunc";
                F32ConvertI32S 0xB2 "f32.convert_i32_s" f32_convert_i32_s(u32) -> f32, 1, "op-convert";
                F32ConvertI32U 0xB3 "f32.convert_i32_u" f32_convert_i32_u(u32) -> f32, 1, "op-convert";
                F32ConvertI64S 0xB4 "f32.convert_i64_s" f32_convert_i64_s(u64) -> f32, 1, "op-convert";
                F32ConvertI64U 0xB5 "f32.convert_i64_u" f32_convert_i64_u(u64) -> f32, 1, "op-convert";
                F64ConvertI32S 0xB7 "f64.convert_i32_s" f64_convert_i32_s(u32) -> f64, 1, "op-convert";
                F64ConvertI32U 0xB8 "f64.convert_i32_u" f64_convert_i32_u(u32) -> f64, 1, "op-convert";
                F64ConvertI64S 0xB9 "f64.convert_i64_s" f64_convert_i64_s(u64) -> f64, 1, "op-convert";
                F64ConvertI64U 0xBA "f64.convert_i64_u" f64_convert_i64_u(u64) -> f64, 1, "op-convert";
                I32ReinterpretF32 0xBC "i32.reinterpret_f32" i32_reinterpret_f32(u32) -> u32, 1, "op-reinterpret";
                I64ReinterpretF64 0xBD "i64.reinterpret_f64" i64_reinterpret_f64(u64) -> u64, 1, "op-reinterpret";
                F32ReinterpretI32 0xBE "f32.reinterpret_i32" f32_reinterpret_i32(u32) -> u32, 1, "op-reinterpret";
                F64ReinterpretI64 0xBF "f64.reinterpret_i64" f64_reinterpret_i64(u64) -> u64, 1, "op-reinterpret";
                I32Extend8S 0xC0 "i32.extend8_s" i32_extend8_s(u32) -> u32, 1, "op-iextendn";
                I32Extend16S 0xC1 "i32.extend16_s" i32_extend16_s(u32) -> u32, 1, "op-iextendn";
                I64Extend8S 0xC2 "i64.extend8_s" i64_extend8_s(u64) -> u64, 1, "op-iextendn";
                I64Extend16S 0xC3 "i64.extend16_s" i64_extend16_s(u64) -> u64, 1, "op-iextendn";
                I64Extend32S 0xC4 "i64.extend32_s" i64_extend32_s(u64) -> u64, 1, "op-iextendn";
                I32TruncSatF32S 0xFC00 "i32.trunc_sat_f32_s" i32_trunc_sat_f32_s(f32) -> u32, 1, "op-trunc-sat";
                I32TruncSatF32U 0xFC01 "i32.trunc_sat_f32_u" i32_trunc_sat_f32_u(f32) -> u32, 1, "op-trunc-sat";
                I32TruncSatF64S 0xFC02 "i32.trunc_sat_f64_s" i32_trunc_sat_f64_s(f64) -> u32, 1, "op-trunc-sat";
                I32TruncSatF64U 0xFC03 "i32.trunc_sat_f64_u" i32_trunc_sat_f64_u(f64) -> u32, 1, "op-trunc-sat";
                I64TruncSatF32S 0xFC04 "i64.trunc_sat_f32_s" i64_trunc_sat_f32_s(f32) -> u64, 1, "op-trunc-sat";
                I64TruncSatF32U 0xFC05 "i64.trunc_sat_f32_u" i64_trunc_sat_f32_u(f32) -> u64, 1, "op-trunc-sat";
                I64TruncSatF64S 0xFC06 "i64.trunc_sat_f64_s" i64_trunc_sat_f64_s(f64) -> u64, 1, "op-trunc-sat";
                I64TruncSatF64U 0xFC07 "i64.trunc_sat_f64_u" i64_trunc_sat_f64_u(f64) -> u64, 1, "op-trunc-sat";
                F32Abs 0x8B "f32.abs" f32_abs(u32) -> u32, 1, "op-fabs";
                F32Neg 0x8C "f32.neg" f32_neg(u32) -> u32, 1, "op-fneg";
                F64Abs 0x99 "f64.abs" f64_abs(u64) -> u64, 1, "op-fabs";
                F64Neg 0x9A "f64.neg" f64_neg(u64) -> u64, 1, "op-fneg";
            }
            float_unary {
                F32Ceil 0x8D "f32.ceil" f32_ceil(f32) -> f32, 1, "op-fceil";
                F32Floor 0x8E "f32.floor" f32_floor(f32) -> f32, 1, "op-ffloor";
                F32Trunc 0x8F "f32.trunc" f32_trunc(f32) -> f32, 1, "op-ftrunc";
                F32Nearest 0x90 "f32.nearest" f32_nearest(f32) -> f32, 1, "op-fnearest";
                F32Sqrt 0x91 "f32.sqrt" f32_sqrt(f32) -> f32, 1, "op-fsqrt";
                F64Ceil 0x9B "f64.ceil" f64_ceil(f64) -> f64, 1, "op-fceil";
                F64Floor 0x9C "f64.floor" f64_floor(f64) -> f64, 1, "op-ffloor";
                F64Trunc 0x9D "f64.trunc" f64_trunc(f64) -> f64, 1, "op-ftrunc";
                F64Nearest 0x9E "f64.nearest" f64_nearest(f64) -> f64, 1, "op-fnearest";
                F64Sqrt 0x9F "f64.sqrt" f64_sqrt(f64) -> f64, 1, "op-fsqrt";
                F32DemoteF64 0xB6 "f32.demote_f64" f32_demote_f64(f64) -> f32, 1, "op-demote";
                F64PromoteF32 0xBB "f64.promote_f32" f64_promote_f32(f32) -> f64, 1, "op-promote";
            }
            load {
                I32Load 0x28 "i32.load" i32_load(4 bytes) -> u32, 1, "exec-load-val";
                I64Load 0x29 "i64.load" i64_load(8 bytes) -> u64, 1, "exec-load-val";
                F32Load 0x2A "f32.load" f32_load(4 bytes) -> u32, 1, "exec-load-val";
                F64Load 0x2B "f64.load" f64_load(8 bytes) -> u64, 1, "exec-load-val";
                I32Load8S 0x2C "i32.load8_s" i32_load8_s(1 bytes) -> u32, 1, "exec-load-val";
                I32Load8U 0x2D "i32.load8_u" i32_load8_u(1 bytes) -> u32, 1, "exec-load-val";
                I32Load16S 0x2E "i32.load16_s" i32_load16_s(2 bytes) -> u32, 1, "exec-load-val";
                I32Load16U 0x2F "i32.load16_u" i32_load16_u(2 bytes) -> u32, 1, "exec-load-val";
                I64Load8S 0x30 "i64.load8_s" i64_load8_s(1 bytes) -> u64, 1, "exec-load-val";
                I64Load8U 0x31 "i64.load8_u" i64_load8_u(1 bytes) -> u64, 1, "exec-load-val";
                I64Load16S 0x32 "i64.load16_s" i64_load16_s(2 bytes) -> u64, 1, "exec-load-val";
                I64Load16U 0x33 "i64.load16_u" i64_load16_u(2 bytes) -> u64, 1, "exec-load-val";
                I64Load32S 0x34 "i64.load32_s" i64_load32_s(4 bytes) -> u64, 1, "exec-load-val";
                I64Load32U 0x35 "i64.load32_u" i64_load32_u(4 bytes) -> u64, 1, "exec-load-val";
            }
            store {
                I32Store 0x36 "i32.store" i32_store(u32) -> 4 bytes, 1, "exec-store-val";
                I64Store 0x37 "i64.store" i64_store(u64) -> 8 bytes, 1, "exec-store-val";
                F32Store 0x38 "f32.store" f32_store(u32) -> 4 bytes, 1, "exec-store-val";
                F64Store 0x39 "f64.store" f64_store(u64) -> 8 bytes, 1, "exec-store-val";
                I32Store8 0x3A "i32.store8" i32_store8(u32) -> 1 bytes, 1, "exec-store-val";
                I32Store16 0x3B "i32.store16" i32_store16(u32) -> 2 bytes, 1, "exec-store-val";
                I64Store8 0x3C "i64.store8" i64_store8(u64) -> 1 bytes, 1, "exec-store-val";
                I64Store16 0x3D "i64.store16" i64_store16(u64) -> 2 bytes, 1, "exec-store-val";
                I64Store32 0x3E "i64.store32" i64_store32(u64) -> 4 bytes, 1, "exec-store-val";
            }
            wide {
                I64Add128 0xFC13 "i64.add128" i64_add128(4 operands), 1, "op-iadd128";
                I64Sub128 0xFC14 "i64.sub128" i64_sub128(4 operands), 1, "op-isub128";
                I64MulWideS 0xFC15 "i64.mul_wide_s" i64_mul_wide_s(2 operands), 1, "op-imul_wide_s";
                I64MulWideU 0xFC16 "i64.mul_wide_u" i64_mul_wide_u(2 operands), 1, "op-imul_wide_u";
            }
            structural {
                Unreachable 0x00 "unreachable" 1, "exec-unreachable";
                Nop 0x01 "nop" 1, "exec-nop";
                Block 0x02 "block" 1, "exec-block";
                Loop 0x03 "loop" 1, "exec-loop";
                If 0x04 "if" 1, "exec-if";
                Else 0x05 "else" 0, "exec-if";
                End 0x0B "end" 0, "exec-block";
                Throw 0x08 "throw" 1, "exec-throw";
                Br 0x0C "br" 1, "exec-br";
                BrIf 0x0D "br_if" 1, "exec-br-if";
                BrTable 0x0E "br_table" 1, "exec-br-table";
                Return 0x0F "return" 1, "exec-return";
                Call 0x10 "call" 1, "exec-call";
                CallIndirect 0x11 "call_indirect" 1, "exec-call-indirect";
                ReturnCall 0x12 "return_call" 1, "exec-return-call";
                ReturnCallIndirect 0x13 "return_call_indirect" 1, "exec-return-call-indirect";
                CallRef 0x14 "call_ref" 1, "exec-call-ref";
                ReturnCallRef 0x15 "return_call_ref" 1, "exec-return-call-ref";
                Drop 0x1A "drop" 1, "exec-drop";
                Select 0x1B "select" 1, "exec-select";
                TypedSelect 0x1C "select t" 1, "exec-select";
                TryTable 0x1F "try_table" 1, "exec-try-table";
                LocalGet 0x20 "local.get" 1, "exec-local-get";
                LocalSet 0x21 "local.set" 1, "exec-local-set";
                LocalTee 0x22 "local.tee" 1, "exec-local-tee";
                GlobalGet 0x23 "global.get" 1, "exec-global-get";
                GlobalSet 0x24 "global.set" 1, "exec-global-set";
                TableGet 0x25 "table.get" 1, "exec-table-get";
                TableSet 0x26 "table.set" 1, "exec-table-set";
                MemorySize 0x3F "memory.size" 1, "exec-memory-size";
                MemoryGrow 0x40 "memory.grow" 1, "exec-memory-grow";
                I32Const 0x41 "i32.const" 1, "exec-const";
                I64Const 0x42 "i64.const" 1, "exec-const";
                F32Const 0x43 "f32.const" 1, "exec-const";
                F64Const 0x44 "f64.const" 1, "exec-const";
                V128Const 0xFD00C "v128.const" 1, "exec-vconst";
                I8x16Shuffle 0xFD00D "i8x16.shuffle" 1, "exec-vshuffle";
                RefNull 0xD0 "ref.null" 1, "exec-ref-null";
                RefIsNull 0xD1 "ref.is_null" 1, "exec-ref-is-null";
                RefFunc 0xD2 "ref.func" 1, "exec-ref-func";
                RefEq 0xD3 "ref.eq" 1, "exec-ref-eq";
                RefAsNonNull 0xD4 "ref.as_non_null" 1, "exec-ref-as-non-null";
                BrOnNull 0xD5 "br_on_null" 1, "exec-br-on-null";
                BrOnNonNull 0xD6 "br_on_non_null" 1, "exec-br-on-non-null";
                ThrowRef 0x0A "throw_ref" 1, "exec-throw-ref";
                StructNew 0xFB00 "struct.new" 1, "exec-struct-new";
                StructNewDefault 0xFB01 "struct.new_default" 1, "exec-struct-new-default";
                StructGet 0xFB02 "struct.get" 1, "exec-struct-get";
                StructGetS 0xFB03 "struct.get_s" 1, "exec-struct-get";
                StructGetU 0xFB04 "struct.get_u" 1, "exec-struct-get";
                StructSet 0xFB05 "struct.set" 1, "exec-struct-set";
                ArrayNew 0xFB06 "array.new" 1, "exec-array-new";
                ArrayNewDefault 0xFB07 "array.new_default" 1, "exec-array-new-default";
                ArrayNewFixed 0xFB08 "array.new_fixed" 1, "exec-array-new-fixed";
                ArrayNewData 0xFB09 "array.new_data" 1, "exec-array-new-data";
                ArrayNewElem 0xFB0A "array.new_elem" 1, "exec-array-new-elem";
                ArrayGet 0xFB0B "array.get" 1, "exec-array-get";
                ArrayGetS 0xFB0C "array.get_s" 1, "exec-array-get";
                ArrayGetU 0xFB0D "array.get_u" 1, "exec-array-get";
                ArraySet 0xFB0E "array.set" 1, "exec-array-set";
                ArrayLen 0xFB0F "array.len" 1, "exec-array-len";
                ArrayFill 0xFB10 "array.fill" 1, "exec-array-fill";
                ArrayCopy 0xFB11 "array.copy" 1, "exec-array-copy";
                ArrayInitData 0xFB12 "array.init_data" 1, "exec-array-init-data";
                ArrayInitElem 0xFB13 "array.init_elem" 1, "exec-array-init-elem";
                RefTestNonNull 0xFB14 "ref.test" 1, "exec-ref-test";
                RefTestNullable 0xFB15 "ref.test null" 1, "exec-ref-test";
                RefCastNonNull 0xFB16 "ref.cast" 1, "exec-ref-cast";
                RefCastNullable 0xFB17 "ref.cast null" 1, "exec-ref-cast";
                BrOnCast 0xFB18 "br_on_cast" 1, "exec-br-on-cast";
                BrOnCastFail 0xFB19 "br_on_cast_fail" 1, "exec-br-on-cast-fail";
                AnyConvertExtern 0xFB1A "any.convert_extern" 1, "exec-any-convert-extern";
                ExternConvertAny 0xFB1B "extern.convert_any" 1, "exec-extern-convert-any";
                RefI31 0xFB1C "ref.i31" 1, "exec-ref-i31";
                I31GetS 0xFB1D "i31.get_s" 1, "exec-i31-get";
                I31GetU 0xFB1E "i31.get_u" 1, "exec-i31-get";
                MemoryInit 0xFC08 "memory.init" 1, "exec-memory-init";
                DataDrop 0xFC09 "data.drop" 1, "exec-data-drop";
                MemoryCopy 0xFC0A "memory.copy" 1, "exec-memory-copy";
                MemoryFill 0xFC0B "memory.fill" 1, "exec-memory-fill";
                TableInit 0xFC0C "table.init" 1, "exec-table-init";
                ElemDrop 0xFC0D "elem.drop" 1, "exec-elem-drop";
                TableCopy 0xFC0E "table.copy" 1, "exec-table-copy";
                TableGrow 0xFC0F "table.grow" 1, "exec-table-grow";
                TableSize 0xFC10 "table.size" 1, "exec-table-size";
                TableFill 0xFC11 "table.fill" 1, "exec-table-fill";
            }
        }
    };
}
