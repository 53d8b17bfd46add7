//! The table of vector operators, as [`operators!`](crate::operators) is the table of the others.
//!
//! Opcodes are `0xFD000 + n`. What a row does not name of its operands and results is a `v128`. The operators on one lane in
//! memory have no function of their own: each is one scalar access and one operator on a lane, in the row's order.

// @need-ids: REQ_TABLE_001, REQ_018, REQ_FUEL_SCHEDULE_001
/// Calls `$with!` with every row of the table of vector operators.
#[macro_export]
macro_rules! vector_operators {
    ($with:path) => {
        $with! {
            vector_unary {
                V128Not 0xFD04D "v128.not" v128_not, 1, "exec-vvunop";
                F32x4DemoteF64x2Zero 0xFD05E "f32x4.demote_f64x2_zero" f32x4_demote_f64x2_zero, 1, "exec-vcvtop";
                F64x2PromoteLowF32x4 0xFD05F "f64x2.promote_low_f32x4" f64x2_promote_low_f32x4, 1, "exec-vcvtop";
                I8x16Abs 0xFD060 "i8x16.abs" i8x16_abs, 1, "exec-vunop";
                I8x16Neg 0xFD061 "i8x16.neg" i8x16_neg, 1, "exec-vunop";
                I8x16Popcnt 0xFD062 "i8x16.popcnt" i8x16_popcnt, 1, "exec-vunop";
                F32x4Ceil 0xFD067 "f32x4.ceil" f32x4_ceil, 1, "exec-vunop";
                F32x4Floor 0xFD068 "f32x4.floor" f32x4_floor, 1, "exec-vunop";
                F32x4Trunc 0xFD069 "f32x4.trunc" f32x4_trunc, 1, "exec-vunop";
                F32x4Nearest 0xFD06A "f32x4.nearest" f32x4_nearest, 1, "exec-vunop";
                F64x2Ceil 0xFD074 "f64x2.ceil" f64x2_ceil, 1, "exec-vunop";
                F64x2Floor 0xFD075 "f64x2.floor" f64x2_floor, 1, "exec-vunop";
                F64x2Trunc 0xFD07A "f64x2.trunc" f64x2_trunc, 1, "exec-vunop";
                I16x8ExtAddPairwiseI8x16S 0xFD07C "i16x8.extadd_pairwise_i8x16_s" i16x8_extadd_pairwise_i8x16_s, 1, "exec-vextunop";
                I16x8ExtAddPairwiseI8x16U 0xFD07D "i16x8.extadd_pairwise_i8x16_u" i16x8_extadd_pairwise_i8x16_u, 1, "exec-vextunop";
                I32x4ExtAddPairwiseI16x8S 0xFD07E "i32x4.extadd_pairwise_i16x8_s" i32x4_extadd_pairwise_i16x8_s, 1, "exec-vextunop";
                I32x4ExtAddPairwiseI16x8U 0xFD07F "i32x4.extadd_pairwise_i16x8_u" i32x4_extadd_pairwise_i16x8_u, 1, "exec-vextunop";
                I16x8Abs 0xFD080 "i16x8.abs" i16x8_abs, 1, "exec-vunop";
                I16x8Neg 0xFD081 "i16x8.neg" i16x8_neg, 1, "exec-vunop";
                I16x8ExtendLowI8x16S 0xFD087 "i16x8.extend_low_i8x16_s" i16x8_extend_low_i8x16_s, 1, "exec-vcvtop";
                I16x8ExtendHighI8x16S 0xFD088 "i16x8.extend_high_i8x16_s" i16x8_extend_high_i8x16_s, 1, "exec-vcvtop";
                I16x8ExtendLowI8x16U 0xFD089 "i16x8.extend_low_i8x16_u" i16x8_extend_low_i8x16_u, 1, "exec-vcvtop";
                I16x8ExtendHighI8x16U 0xFD08A "i16x8.extend_high_i8x16_u" i16x8_extend_high_i8x16_u, 1, "exec-vcvtop";
                F64x2Nearest 0xFD094 "f64x2.nearest" f64x2_nearest, 1, "exec-vunop";
                I32x4Abs 0xFD0A0 "i32x4.abs" i32x4_abs, 1, "exec-vunop";
                I32x4Neg 0xFD0A1 "i32x4.neg" i32x4_neg, 1, "exec-vunop";
                I32x4ExtendLowI16x8S 0xFD0A7 "i32x4.extend_low_i16x8_s" i32x4_extend_low_i16x8_s, 1, "exec-vcvtop";
                I32x4ExtendHighI16x8S 0xFD0A8 "i32x4.extend_high_i16x8_s" i32x4_extend_high_i16x8_s, 1, "exec-vcvtop";
                I32x4ExtendLowI16x8U 0xFD0A9 "i32x4.extend_low_i16x8_u" i32x4_extend_low_i16x8_u, 1, "exec-vcvtop";
                I32x4ExtendHighI16x8U 0xFD0AA "i32x4.extend_high_i16x8_u" i32x4_extend_high_i16x8_u, 1, "exec-vcvtop";
                I64x2Abs 0xFD0C0 "i64x2.abs" i64x2_abs, 1, "exec-vunop";
                I64x2Neg 0xFD0C1 "i64x2.neg" i64x2_neg, 1, "exec-vunop";
                I64x2ExtendLowI32x4S 0xFD0C7 "i64x2.extend_low_i32x4_s" i64x2_extend_low_i32x4_s, 1, "exec-vcvtop";
                I64x2ExtendHighI32x4S 0xFD0C8 "i64x2.extend_high_i32x4_s" i64x2_extend_high_i32x4_s, 1, "exec-vcvtop";
                I64x2ExtendLowI32x4U 0xFD0C9 "i64x2.extend_low_i32x4_u" i64x2_extend_low_i32x4_u, 1, "exec-vcvtop";
                I64x2ExtendHighI32x4U 0xFD0CA "i64x2.extend_high_i32x4_u" i64x2_extend_high_i32x4_u, 1, "exec-vcvtop";
                F32x4Abs 0xFD0E0 "f32x4.abs" f32x4_abs, 1, "exec-vunop";
                F32x4Neg 0xFD0E1 "f32x4.neg" f32x4_neg, 1, "exec-vunop";
                F32x4Sqrt 0xFD0E3 "f32x4.sqrt" f32x4_sqrt, 1, "exec-vunop";
                F64x2Abs 0xFD0EC "f64x2.abs" f64x2_abs, 1, "exec-vunop";
                F64x2Neg 0xFD0ED "f64x2.neg" f64x2_neg, 1, "exec-vunop";
                F64x2Sqrt 0xFD0EF "f64x2.sqrt" f64x2_sqrt, 1, "exec-vunop";
                I32x4TruncSatF32x4S 0xFD0F8 "i32x4.trunc_sat_f32x4_s" i32x4_trunc_sat_f32x4_s, 1, "exec-vcvtop";
                I32x4TruncSatF32x4U 0xFD0F9 "i32x4.trunc_sat_f32x4_u" i32x4_trunc_sat_f32x4_u, 1, "exec-vcvtop";
                F32x4ConvertI32x4S 0xFD0FA "f32x4.convert_i32x4_s" f32x4_convert_i32x4_s, 1, "exec-vcvtop";
                F32x4ConvertI32x4U 0xFD0FB "f32x4.convert_i32x4_u" f32x4_convert_i32x4_u, 1, "exec-vcvtop";
                I32x4TruncSatF64x2SZero 0xFD0FC "i32x4.trunc_sat_f64x2_s_zero" i32x4_trunc_sat_f64x2_s_zero, 1, "exec-vcvtop";
                I32x4TruncSatF64x2UZero 0xFD0FD "i32x4.trunc_sat_f64x2_u_zero" i32x4_trunc_sat_f64x2_u_zero, 1, "exec-vcvtop";
                F64x2ConvertLowI32x4S 0xFD0FE "f64x2.convert_low_i32x4_s" f64x2_convert_low_i32x4_s, 1, "exec-vcvtop";
                F64x2ConvertLowI32x4U 0xFD0FF "f64x2.convert_low_i32x4_u" f64x2_convert_low_i32x4_u, 1, "exec-vcvtop";
                I32x4RelaxedTruncF32x4S 0xFD101 "i32x4.relaxed_trunc_f32x4_s" i32x4_relaxed_trunc_f32x4_s, 1, "exec-vcvtop";
                I32x4RelaxedTruncF32x4U 0xFD102 "i32x4.relaxed_trunc_f32x4_u" i32x4_relaxed_trunc_f32x4_u, 1, "exec-vcvtop";
                I32x4RelaxedTruncF64x2SZero 0xFD103 "i32x4.relaxed_trunc_f64x2_s_zero" i32x4_relaxed_trunc_f64x2_s_zero, 1, "exec-vcvtop";
                I32x4RelaxedTruncF64x2UZero 0xFD104 "i32x4.relaxed_trunc_f64x2_u_zero" i32x4_relaxed_trunc_f64x2_u_zero, 1, "exec-vcvtop";
            }
            vector_binary {
                I8x16Swizzle 0xFD00E "i8x16.swizzle" i8x16_swizzle, 1, "exec-vswizzlop";
                I8x16Eq 0xFD023 "i8x16.eq" i8x16_eq, 1, "exec-vrelop";
                I8x16Ne 0xFD024 "i8x16.ne" i8x16_ne, 1, "exec-vrelop";
                I8x16LtS 0xFD025 "i8x16.lt_s" i8x16_lt_s, 1, "exec-vrelop";
                I8x16LtU 0xFD026 "i8x16.lt_u" i8x16_lt_u, 1, "exec-vrelop";
                I8x16GtS 0xFD027 "i8x16.gt_s" i8x16_gt_s, 1, "exec-vrelop";
                I8x16GtU 0xFD028 "i8x16.gt_u" i8x16_gt_u, 1, "exec-vrelop";
                I8x16LeS 0xFD029 "i8x16.le_s" i8x16_le_s, 1, "exec-vrelop";
                I8x16LeU 0xFD02A "i8x16.le_u" i8x16_le_u, 1, "exec-vrelop";
                I8x16GeS 0xFD02B "i8x16.ge_s" i8x16_ge_s, 1, "exec-vrelop";
                I8x16GeU 0xFD02C "i8x16.ge_u" i8x16_ge_u, 1, "exec-vrelop";
                I16x8Eq 0xFD02D "i16x8.eq" i16x8_eq, 1, "exec-vrelop";
                I16x8Ne 0xFD02E "i16x8.ne" i16x8_ne, 1, "exec-vrelop";
                I16x8LtS 0xFD02F "i16x8.lt_s" i16x8_lt_s, 1, "exec-vrelop";
                I16x8LtU 0xFD030 "i16x8.lt_u" i16x8_lt_u, 1, "exec-vrelop";
                I16x8GtS 0xFD031 "i16x8.gt_s" i16x8_gt_s, 1, "exec-vrelop";
                I16x8GtU 0xFD032 "i16x8.gt_u" i16x8_gt_u, 1, "exec-vrelop";
                I16x8LeS 0xFD033 "i16x8.le_s" i16x8_le_s, 1, "exec-vrelop";
                I16x8LeU 0xFD034 "i16x8.le_u" i16x8_le_u, 1, "exec-vrelop";
                I16x8GeS 0xFD035 "i16x8.ge_s" i16x8_ge_s, 1, "exec-vrelop";
                I16x8GeU 0xFD036 "i16x8.ge_u" i16x8_ge_u, 1, "exec-vrelop";
                I32x4Eq 0xFD037 "i32x4.eq" i32x4_eq, 1, "exec-vrelop";
                I32x4Ne 0xFD038 "i32x4.ne" i32x4_ne, 1, "exec-vrelop";
                I32x4LtS 0xFD039 "i32x4.lt_s" i32x4_lt_s, 1, "exec-vrelop";
                I32x4LtU 0xFD03A "i32x4.lt_u" i32x4_lt_u, 1, "exec-vrelop";
                I32x4GtS 0xFD03B "i32x4.gt_s" i32x4_gt_s, 1, "exec-vrelop";
                I32x4GtU 0xFD03C "i32x4.gt_u" i32x4_gt_u, 1, "exec-vrelop";
                I32x4LeS 0xFD03D "i32x4.le_s" i32x4_le_s, 1, "exec-vrelop";
                I32x4LeU 0xFD03E "i32x4.le_u" i32x4_le_u, 1, "exec-vrelop";
                I32x4GeS 0xFD03F "i32x4.ge_s" i32x4_ge_s, 1, "exec-vrelop";
                I32x4GeU 0xFD040 "i32x4.ge_u" i32x4_ge_u, 1, "exec-vrelop";
                F32x4Eq 0xFD041 "f32x4.eq" f32x4_eq, 1, "exec-vrelop";
                F32x4Ne 0xFD042 "f32x4.ne" f32x4_ne, 1, "exec-vrelop";
                F32x4Lt 0xFD043 "f32x4.lt" f32x4_lt, 1, "exec-vrelop";
                F32x4Gt 0xFD044 "f32x4.gt" f32x4_gt, 1, "exec-vrelop";
                F32x4Le 0xFD045 "f32x4.le" f32x4_le, 1, "exec-vrelop";
                F32x4Ge 0xFD046 "f32x4.ge" f32x4_ge, 1, "exec-vrelop";
                F64x2Eq 0xFD047 "f64x2.eq" f64x2_eq, 1, "exec-vrelop";
                F64x2Ne 0xFD048 "f64x2.ne" f64x2_ne, 1, "exec-vrelop";
                F64x2Lt 0xFD049 "f64x2.lt" f64x2_lt, 1, "exec-vrelop";
                F64x2Gt 0xFD04A "f64x2.gt" f64x2_gt, 1, "exec-vrelop";
                F64x2Le 0xFD04B "f64x2.le" f64x2_le, 1, "exec-vrelop";
                F64x2Ge 0xFD04C "f64x2.ge" f64x2_ge, 1, "exec-vrelop";
                V128And 0xFD04E "v128.and" v128_and, 1, "exec-vvbinop";
                V128AndNot 0xFD04F "v128.andnot" v128_andnot, 1, "exec-vvbinop";
                V128Or 0xFD050 "v128.or" v128_or, 1, "exec-vvbinop";
                V128Xor 0xFD051 "v128.xor" v128_xor, 1, "exec-vvbinop";
                I8x16NarrowI16x8S 0xFD065 "i8x16.narrow_i16x8_s" i8x16_narrow_i16x8_s, 1, "exec-vnarrow";
                I8x16NarrowI16x8U 0xFD066 "i8x16.narrow_i16x8_u" i8x16_narrow_i16x8_u, 1, "exec-vnarrow";
                I8x16Add 0xFD06E "i8x16.add" i8x16_add, 1, "exec-vbinop";
                I8x16AddSatS 0xFD06F "i8x16.add_sat_s" i8x16_add_sat_s, 1, "exec-vbinop";
                I8x16AddSatU 0xFD070 "i8x16.add_sat_u" i8x16_add_sat_u, 1, "exec-vbinop";
                I8x16Sub 0xFD071 "i8x16.sub" i8x16_sub, 1, "exec-vbinop";
                I8x16SubSatS 0xFD072 "i8x16.sub_sat_s" i8x16_sub_sat_s, 1, "exec-vbinop";
                I8x16SubSatU 0xFD073 "i8x16.sub_sat_u" i8x16_sub_sat_u, 1, "exec-vbinop";
                I8x16MinS 0xFD076 "i8x16.min_s" i8x16_min_s, 1, "exec-vbinop";
                I8x16MinU 0xFD077 "i8x16.min_u" i8x16_min_u, 1, "exec-vbinop";
                I8x16MaxS 0xFD078 "i8x16.max_s" i8x16_max_s, 1, "exec-vbinop";
                I8x16MaxU 0xFD079 "i8x16.max_u" i8x16_max_u, 1, "exec-vbinop";
                I8x16AvgrU 0xFD07B "i8x16.avgr_u" i8x16_avgr_u, 1, "exec-vbinop";
                I16x8Q15MulrSatS 0xFD082 "i16x8.q15mulr_sat_s" i16x8_q15mulr_sat_s, 1, "exec-vbinop";
                I16x8NarrowI32x4S 0xFD085 "i16x8.narrow_i32x4_s" i16x8_narrow_i32x4_s, 1, "exec-vnarrow";
                I16x8NarrowI32x4U 0xFD086 "i16x8.narrow_i32x4_u" i16x8_narrow_i32x4_u, 1, "exec-vnarrow";
                I16x8Add 0xFD08E "i16x8.add" i16x8_add, 1, "exec-vbinop";
                I16x8AddSatS 0xFD08F "i16x8.add_sat_s" i16x8_add_sat_s, 1, "exec-vbinop";
                I16x8AddSatU 0xFD090 "i16x8.add_sat_u" i16x8_add_sat_u, 1, "exec-vbinop";
                I16x8Sub 0xFD091 "i16x8.sub" i16x8_sub, 1, "exec-vbinop";
                I16x8SubSatS 0xFD092 "i16x8.sub_sat_s" i16x8_sub_sat_s, 1, "exec-vbinop";
                I16x8SubSatU 0xFD093 "i16x8.sub_sat_u" i16x8_sub_sat_u, 1, "exec-vbinop";
                I16x8Mul 0xFD095 "i16x8.mul" i16x8_mul, 1, "exec-vbinop";
                I16x8MinS 0xFD096 "i16x8.min_s" i16x8_min_s, 1, "exec-vbinop";
                I16x8MinU 0xFD097 "i16x8.min_u" i16x8_min_u, 1, "exec-vbinop";
                I16x8MaxS 0xFD098 "i16x8.max_s" i16x8_max_s, 1, "exec-vbinop";
                I16x8MaxU 0xFD099 "i16x8.max_u" i16x8_max_u, 1, "exec-vbinop";
                I16x8AvgrU 0xFD09B "i16x8.avgr_u" i16x8_avgr_u, 1, "exec-vbinop";
                I16x8ExtMulLowI8x16S 0xFD09C "i16x8.extmul_low_i8x16_s" i16x8_extmul_low_i8x16_s, 1, "exec-vextbinop";
                I16x8ExtMulHighI8x16S 0xFD09D "i16x8.extmul_high_i8x16_s" i16x8_extmul_high_i8x16_s, 1, "exec-vextbinop";
                I16x8ExtMulLowI8x16U 0xFD09E "i16x8.extmul_low_i8x16_u" i16x8_extmul_low_i8x16_u, 1, "exec-vextbinop";
                I16x8ExtMulHighI8x16U 0xFD09F "i16x8.extmul_high_i8x16_u" i16x8_extmul_high_i8x16_u, 1, "exec-vextbinop";
                I32x4Add 0xFD0AE "i32x4.add" i32x4_add, 1, "exec-vbinop";
                I32x4Sub 0xFD0B1 "i32x4.sub" i32x4_sub, 1, "exec-vbinop";
                I32x4Mul 0xFD0B5 "i32x4.mul" i32x4_mul, 1, "exec-vbinop";
                I32x4MinS 0xFD0B6 "i32x4.min_s" i32x4_min_s, 1, "exec-vbinop";
                I32x4MinU 0xFD0B7 "i32x4.min_u" i32x4_min_u, 1, "exec-vbinop";
                I32x4MaxS 0xFD0B8 "i32x4.max_s" i32x4_max_s, 1, "exec-vbinop";
                I32x4MaxU 0xFD0B9 "i32x4.max_u" i32x4_max_u, 1, "exec-vbinop";
                I32x4DotI16x8S 0xFD0BA "i32x4.dot_i16x8_s" i32x4_dot_i16x8_s, 1, "exec-vextbinop";
                I32x4ExtMulLowI16x8S 0xFD0BC "i32x4.extmul_low_i16x8_s" i32x4_extmul_low_i16x8_s, 1, "exec-vextbinop";
                I32x4ExtMulHighI16x8S 0xFD0BD "i32x4.extmul_high_i16x8_s" i32x4_extmul_high_i16x8_s, 1, "exec-vextbinop";
                I32x4ExtMulLowI16x8U 0xFD0BE "i32x4.extmul_low_i16x8_u" i32x4_extmul_low_i16x8_u, 1, "exec-vextbinop";
                I32x4ExtMulHighI16x8U 0xFD0BF "i32x4.extmul_high_i16x8_u" i32x4_extmul_high_i16x8_u, 1, "exec-vextbinop";
                I64x2Add 0xFD0CE "i64x2.add" i64x2_add, 1, "exec-vbinop";
                I64x2Sub 0xFD0D1 "i64x2.sub" i64x2_sub, 1, "exec-vbinop";
                I64x2Mul 0xFD0D5 "i64x2.mul" i64x2_mul, 1, "exec-vbinop";
                I64x2Eq 0xFD0D6 "i64x2.eq" i64x2_eq, 1, "exec-vrelop";
                I64x2Ne 0xFD0D7 "i64x2.ne" i64x2_ne, 1, "exec-vrelop";
                I64x2LtS 0xFD0D8 "i64x2.lt_s" i64x2_lt_s, 1, "exec-vrelop";
                I64x2GtS 0xFD0D9 "i64x2.gt_s" i64x2_gt_s, 1, "exec-vrelop";
                I64x2LeS 0xFD0DA "i64x2.le_s" i64x2_le_s, 1, "exec-vrelop";
                I64x2GeS 0xFD0DB "i64x2.ge_s" i64x2_ge_s, 1, "exec-vrelop";
                I64x2ExtMulLowI32x4S 0xFD0DC "i64x2.extmul_low_i32x4_s" i64x2_extmul_low_i32x4_s, 1, "exec-vextbinop";
                I64x2ExtMulHighI32x4S 0xFD0DD "i64x2.extmul_high_i32x4_s" i64x2_extmul_high_i32x4_s, 1, "exec-vextbinop";
                I64x2ExtMulLowI32x4U 0xFD0DE "i64x2.extmul_low_i32x4_u" i64x2_extmul_low_i32x4_u, 1, "exec-vextbinop";
                I64x2ExtMulHighI32x4U 0xFD0DF "i64x2.extmul_high_i32x4_u" i64x2_extmul_high_i32x4_u, 1, "exec-vextbinop";
                F32x4Add 0xFD0E4 "f32x4.add" f32x4_add, 1, "exec-vbinop";
                F32x4Sub 0xFD0E5 "f32x4.sub" f32x4_sub, 1, "exec-vbinop";
                F32x4Mul 0xFD0E6 "f32x4.mul" f32x4_mul, 1, "exec-vbinop";
                F32x4Div 0xFD0E7 "f32x4.div" f32x4_div, 1, "exec-vbinop";
                F32x4Min 0xFD0E8 "f32x4.min" f32x4_min, 1, "exec-vbinop";
                F32x4Max 0xFD0E9 "f32x4.max" f32x4_max, 1, "exec-vbinop";
                F32x4PMin 0xFD0EA "f32x4.pmin" f32x4_pmin, 1, "exec-vbinop";
                F32x4PMax 0xFD0EB "f32x4.pmax" f32x4_pmax, 1, "exec-vbinop";
                F64x2Add 0xFD0F0 "f64x2.add" f64x2_add, 1, "exec-vbinop";
                F64x2Sub 0xFD0F1 "f64x2.sub" f64x2_sub, 1, "exec-vbinop";
                F64x2Mul 0xFD0F2 "f64x2.mul" f64x2_mul, 1, "exec-vbinop";
                F64x2Div 0xFD0F3 "f64x2.div" f64x2_div, 1, "exec-vbinop";
                F64x2Min 0xFD0F4 "f64x2.min" f64x2_min, 1, "exec-vbinop";
                F64x2Max 0xFD0F5 "f64x2.max" f64x2_max, 1, "exec-vbinop";
                F64x2PMin 0xFD0F6 "f64x2.pmin" f64x2_pmin, 1, "exec-vbinop";
                F64x2PMax 0xFD0F7 "f64x2.pmax" f64x2_pmax, 1, "exec-vbinop";
                I8x16RelaxedSwizzle 0xFD100 "i8x16.relaxed_swizzle" i8x16_relaxed_swizzle, 1, "exec-vswizzlop";
                F32x4RelaxedMin 0xFD10D "f32x4.relaxed_min" f32x4_relaxed_min, 1, "exec-vbinop";
                F32x4RelaxedMax 0xFD10E "f32x4.relaxed_max" f32x4_relaxed_max, 1, "exec-vbinop";
                F64x2RelaxedMin 0xFD10F "f64x2.relaxed_min" f64x2_relaxed_min, 1, "exec-vbinop";
                F64x2RelaxedMax 0xFD110 "f64x2.relaxed_max" f64x2_relaxed_max, 1, "exec-vbinop";
                I16x8RelaxedQ15mulrS 0xFD111 "i16x8.relaxed_q15mulr_s" i16x8_relaxed_q15mulr_s, 1, "exec-vbinop";
                I16x8RelaxedDotI8x16I7x16S 0xFD112 "i16x8.relaxed_dot_i8x16_i7x16_s" i16x8_relaxed_dot_i8x16_i7x16_s, 1, "exec-vextbinop";
            }
            vector_ternary {
                V128Bitselect 0xFD052 "v128.bitselect" v128_bitselect, 1, "exec-vvternop";
                F32x4RelaxedMadd 0xFD105 "f32x4.relaxed_madd" f32x4_relaxed_madd, 1, "exec-vternop";
                F32x4RelaxedNmadd 0xFD106 "f32x4.relaxed_nmadd" f32x4_relaxed_nmadd, 1, "exec-vternop";
                F64x2RelaxedMadd 0xFD107 "f64x2.relaxed_madd" f64x2_relaxed_madd, 1, "exec-vternop";
                F64x2RelaxedNmadd 0xFD108 "f64x2.relaxed_nmadd" f64x2_relaxed_nmadd, 1, "exec-vternop";
                I8x16RelaxedLaneselect 0xFD109 "i8x16.relaxed_laneselect" i8x16_relaxed_laneselect, 1, "exec-vternop";
                I16x8RelaxedLaneselect 0xFD10A "i16x8.relaxed_laneselect" i16x8_relaxed_laneselect, 1, "exec-vternop";
                I32x4RelaxedLaneselect 0xFD10B "i32x4.relaxed_laneselect" i32x4_relaxed_laneselect, 1, "exec-vternop";
                I64x2RelaxedLaneselect 0xFD10C "i64x2.relaxed_laneselect" i64x2_relaxed_laneselect, 1, "exec-vternop";
                I32x4RelaxedDotI8x16I7x16AddS 0xFD113 "i32x4.relaxed_dot_i8x16_i7x16_add_s" i32x4_relaxed_dot_i8x16_i7x16_add_s, 1, "exec-vextternop";
            }
            vector_shift {
                I8x16Shl 0xFD06B "i8x16.shl" i8x16_shl, 1, "exec-vshiftop";
                I8x16ShrS 0xFD06C "i8x16.shr_s" i8x16_shr_s, 1, "exec-vshiftop";
                I8x16ShrU 0xFD06D "i8x16.shr_u" i8x16_shr_u, 1, "exec-vshiftop";
                I16x8Shl 0xFD08B "i16x8.shl" i16x8_shl, 1, "exec-vshiftop";
                I16x8ShrS 0xFD08C "i16x8.shr_s" i16x8_shr_s, 1, "exec-vshiftop";
                I16x8ShrU 0xFD08D "i16x8.shr_u" i16x8_shr_u, 1, "exec-vshiftop";
                I32x4Shl 0xFD0AB "i32x4.shl" i32x4_shl, 1, "exec-vshiftop";
                I32x4ShrS 0xFD0AC "i32x4.shr_s" i32x4_shr_s, 1, "exec-vshiftop";
                I32x4ShrU 0xFD0AD "i32x4.shr_u" i32x4_shr_u, 1, "exec-vshiftop";
                I64x2Shl 0xFD0CB "i64x2.shl" i64x2_shl, 1, "exec-vshiftop";
                I64x2ShrS 0xFD0CC "i64x2.shr_s" i64x2_shr_s, 1, "exec-vshiftop";
                I64x2ShrU 0xFD0CD "i64x2.shr_u" i64x2_shr_u, 1, "exec-vshiftop";
            }
            vector_test {
                V128AnyTrue 0xFD053 "v128.any_true" v128_any_true, 1, "exec-vvtestop";
                I8x16AllTrue 0xFD063 "i8x16.all_true" i8x16_all_true, 1, "exec-vtestop";
                I8x16Bitmask 0xFD064 "i8x16.bitmask" i8x16_bitmask, 1, "exec-vbitmask";
                I16x8AllTrue 0xFD083 "i16x8.all_true" i16x8_all_true, 1, "exec-vtestop";
                I16x8Bitmask 0xFD084 "i16x8.bitmask" i16x8_bitmask, 1, "exec-vbitmask";
                I32x4AllTrue 0xFD0A3 "i32x4.all_true" i32x4_all_true, 1, "exec-vtestop";
                I32x4Bitmask 0xFD0A4 "i32x4.bitmask" i32x4_bitmask, 1, "exec-vbitmask";
                I64x2AllTrue 0xFD0C3 "i64x2.all_true" i64x2_all_true, 1, "exec-vtestop";
                I64x2Bitmask 0xFD0C4 "i64x2.bitmask" i64x2_bitmask, 1, "exec-vbitmask";
            }
            splat {
                I8x16Splat 0xFD00F "i8x16.splat" i8x16_splat(u32), 1, "exec-vsplat";
                I16x8Splat 0xFD010 "i16x8.splat" i16x8_splat(u32), 1, "exec-vsplat";
                I32x4Splat 0xFD011 "i32x4.splat" i32x4_splat(u32), 1, "exec-vsplat";
                I64x2Splat 0xFD012 "i64x2.splat" i64x2_splat(u64), 1, "exec-vsplat";
                F32x4Splat 0xFD013 "f32x4.splat" f32x4_splat(u32), 1, "exec-vsplat";
                F64x2Splat 0xFD014 "f64x2.splat" f64x2_splat(u64), 1, "exec-vsplat";
            }
            extract_lane {
                I8x16ExtractLaneS 0xFD015 "i8x16.extract_lane_s" i8x16_extract_lane_s(16 lanes) -> u32, 1, "exec-vextract_lane";
                I8x16ExtractLaneU 0xFD016 "i8x16.extract_lane_u" i8x16_extract_lane_u(16 lanes) -> u32, 1, "exec-vextract_lane";
                I16x8ExtractLaneS 0xFD018 "i16x8.extract_lane_s" i16x8_extract_lane_s(8 lanes) -> u32, 1, "exec-vextract_lane";
                I16x8ExtractLaneU 0xFD019 "i16x8.extract_lane_u" i16x8_extract_lane_u(8 lanes) -> u32, 1, "exec-vextract_lane";
                I32x4ExtractLane 0xFD01B "i32x4.extract_lane" i32x4_extract_lane(4 lanes) -> u32, 1, "exec-vextract_lane";
                I64x2ExtractLane 0xFD01D "i64x2.extract_lane" i64x2_extract_lane(2 lanes) -> u64, 1, "exec-vextract_lane";
                F32x4ExtractLane 0xFD01F "f32x4.extract_lane" f32x4_extract_lane(4 lanes) -> f32, 1, "exec-vextract_lane";
                F64x2ExtractLane 0xFD021 "f64x2.extract_lane" f64x2_extract_lane(2 lanes) -> f64, 1, "exec-vextract_lane";
            }
            replace_lane {
                I8x16ReplaceLane 0xFD017 "i8x16.replace_lane" i8x16_replace_lane(16 lanes, u32), 1, "exec-vreplace_lane";
                I16x8ReplaceLane 0xFD01A "i16x8.replace_lane" i16x8_replace_lane(8 lanes, u32), 1, "exec-vreplace_lane";
                I32x4ReplaceLane 0xFD01C "i32x4.replace_lane" i32x4_replace_lane(4 lanes, u32), 1, "exec-vreplace_lane";
                I64x2ReplaceLane 0xFD01E "i64x2.replace_lane" i64x2_replace_lane(2 lanes, u64), 1, "exec-vreplace_lane";
                F32x4ReplaceLane 0xFD020 "f32x4.replace_lane" f32x4_replace_lane(4 lanes, u32), 1, "exec-vreplace_lane";
                F64x2ReplaceLane 0xFD022 "f64x2.replace_lane" f64x2_replace_lane(2 lanes, u64), 1, "exec-vreplace_lane";
            }
            vector_load {
                V128Load 0xFD000 "v128.load" v128_load(16 bytes), 1, "exec-vload-val";
                V128Load8x8S 0xFD001 "v128.load8x8_s" v128_load8x8_s(8 bytes), 1, "exec-vload-pack";
                V128Load8x8U 0xFD002 "v128.load8x8_u" v128_load8x8_u(8 bytes), 1, "exec-vload-pack";
                V128Load16x4S 0xFD003 "v128.load16x4_s" v128_load16x4_s(8 bytes), 1, "exec-vload-pack";
                V128Load16x4U 0xFD004 "v128.load16x4_u" v128_load16x4_u(8 bytes), 1, "exec-vload-pack";
                V128Load32x2S 0xFD005 "v128.load32x2_s" v128_load32x2_s(8 bytes), 1, "exec-vload-pack";
                V128Load32x2U 0xFD006 "v128.load32x2_u" v128_load32x2_u(8 bytes), 1, "exec-vload-pack";
                V128Load8Splat 0xFD007 "v128.load8_splat" v128_load8_splat(1 bytes), 1, "exec-vload-splat";
                V128Load16Splat 0xFD008 "v128.load16_splat" v128_load16_splat(2 bytes), 1, "exec-vload-splat";
                V128Load32Splat 0xFD009 "v128.load32_splat" v128_load32_splat(4 bytes), 1, "exec-vload-splat";
                V128Load64Splat 0xFD00A "v128.load64_splat" v128_load64_splat(8 bytes), 1, "exec-vload-splat";
                V128Load32Zero 0xFD05C "v128.load32_zero" v128_load32_zero(4 bytes), 1, "exec-vload-zero";
                V128Load64Zero 0xFD05D "v128.load64_zero" v128_load64_zero(8 bytes), 1, "exec-vload-zero";
            }
            vector_store {
                V128Store 0xFD00B "v128.store" v128_store(16 bytes), 1, "exec-vstore";
            }
            load_lane {
                V128Load8Lane 0xFD054 "v128.load8_lane" I32Load8U then I8x16ReplaceLane, 1, "exec-vload_lane";
                V128Load16Lane 0xFD055 "v128.load16_lane" I32Load16U then I16x8ReplaceLane, 1, "exec-vload_lane";
                V128Load32Lane 0xFD056 "v128.load32_lane" I32Load then I32x4ReplaceLane, 1, "exec-vload_lane";
                V128Load64Lane 0xFD057 "v128.load64_lane" I64Load then I64x2ReplaceLane, 1, "exec-vload_lane";
            }
            store_lane {
                V128Store8Lane 0xFD058 "v128.store8_lane" I8x16ExtractLaneU then I32Store8, 1, "exec-vstore_lane";
                V128Store16Lane 0xFD059 "v128.store16_lane" I16x8ExtractLaneU then I32Store16, 1, "exec-vstore_lane";
                V128Store32Lane 0xFD05A "v128.store32_lane" I32x4ExtractLane then I32Store, 1, "exec-vstore_lane";
                V128Store64Lane 0xFD05B "v128.store64_lane" I64x2ExtractLane then I64Store, 1, "exec-vstore_lane";
            }
        }
    };
}
