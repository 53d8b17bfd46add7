//! The rows that are part of sequences, each as a type.

use super::Part;
use crate::stackless::access::{load, store};
use crate::stackless::branch::{br_table, compare_branch, jump, jump_back, sum_branch, test};
use crate::stackless::context::{Acc, Context, Dispatch, Regs, Rest, Stop};
use crate::stackless::control as c;
use crate::stackless::numeric::{binary, compare, float_binary, float_unary, unary};
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{self as o, rows};
use wrt_instructions::slot::Facc;

parts! {
    binary {
        I32AddAI: I32Add AI; I32AddAR: I32Add AR; I32AddRA: I32Add RA; I32AddRI: I32Add RI; I32AddRR: I32Add RR;
        I32AndAI: I32And AI; I32AndAR: I32And AR; I32AndRA: I32And RA; I32AndRI: I32And RI; I32AndRR: I32And RR;
        I32DivSAI: I32DivS AI; I32DivUAI: I32DivU AI; I32DivURI: I32DivU RI; I32MulAI: I32Mul AI; I32MulAR: I32Mul AR;
        I32MulRA: I32Mul RA; I32MulRI: I32Mul RI; I32MulRR: I32Mul RR; I32OrAI: I32Or AI; I32OrAR: I32Or AR;
        I32OrRA: I32Or RA; I32OrRI: I32Or RI; I32OrRR: I32Or RR; I32RemUAI: I32RemU AI; I32RemUAR: I32RemU AR;
        I32RemURI: I32RemU RI; I32RotlAI: I32Rotl AI; I32RotlIA: I32Rotl IA; I32RotlRI: I32Rotl RI;
        I32ShlAI: I32Shl AI; I32ShlAR: I32Shl AR; I32ShlIA: I32Shl IA; I32ShlIR: I32Shl IR; I32ShlRA: I32Shl RA;
        I32ShlRI: I32Shl RI; I32ShrSAI: I32ShrS AI; I32ShrSAR: I32ShrS AR; I32ShrSRI: I32ShrS RI;
        I32ShrUAI: I32ShrU AI; I32ShrURA: I32ShrU RA; I32ShrURI: I32ShrU RI; I32ShrURR: I32ShrU RR;
        I32SubAR: I32Sub AR; I32SubIA: I32Sub IA; I32SubIR: I32Sub IR; I32SubRA: I32Sub RA; I32SubRR: I32Sub RR;
        I32XorAI: I32Xor AI; I32XorAR: I32Xor AR; I32XorRA: I32Xor RA; I32XorRI: I32Xor RI; I32XorRR: I32Xor RR;
        I64AddAI: I64Add AI; I64AddAR: I64Add AR; I64AddRA: I64Add RA; I64AddRI: I64Add RI; I64AddRR: I64Add RR;
        I64AndAI: I64And AI; I64AndRA: I64And RA; I64AndRI: I64And RI; I64AndRR: I64And RR; I64MulAR: I64Mul AR;
        I64MulRA: I64Mul RA; I64MulRI: I64Mul RI; I64MulRR: I64Mul RR; I64OrAR: I64Or AR; I64OrRA: I64Or RA;
        I64RotlAI: I64Rotl AI; I64RotlIR: I64Rotl IR; I64RotlRA: I64Rotl RA; I64RotlRI: I64Rotl RI;
        I64ShlAI: I64Shl AI; I64ShlAR: I64Shl AR; I64ShlRA: I64Shl RA; I64ShlRI: I64Shl RI; I64ShrUAI: I64ShrU AI;
        I64ShrUAR: I64ShrU AR; I64ShrURI: I64ShrU RI; I64SubRA: I64Sub RA; I64XorAI: I64Xor AI; I64XorAR: I64Xor AR;
        I64XorRA: I64Xor RA; I64XorRI: I64Xor RI; I64XorRR: I64Xor RR;
    }
    compare {
        I32EqAI: I32Eq AI; I32EqAR: I32Eq AR; I32EqRA: I32Eq RA; I32EqRI: I32Eq RI; I32EqRR: I32Eq RR;
        I32GeUAR: I32GeU AR; I32GtSAI: I32GtS AI; I32GtSAR: I32GtS AR; I32GtSRI: I32GtS RI; I32GtSRR: I32GtS RR;
        I32GtUAR: I32GtU AR; I32GtURA: I32GtU RA; I32GtURI: I32GtU RI; I32GtURR: I32GtU RR; I32LeURA: I32LeU RA;
        I32LeURR: I32LeU RR; I32LtSAR: I32LtS AR; I32LtSRI: I32LtS RI; I32LtUAI: I32LtU AI; I32LtUAR: I32LtU AR;
        I32LtURA: I32LtU RA; I32LtURI: I32LtU RI; I32LtURR: I32LtU RR; I32NeAI: I32Ne AI; I32NeRA: I32Ne RA;
        I32NeRI: I32Ne RI; I32NeRR: I32Ne RR; I64EqAI: I64Eq AI; I64LtSRA: I64LtS RA; I64LtUAR: I64LtU AR;
        I64LtURI: I64LtU RI; I64LtURR: I64LtU RR; I64NeAR: I64Ne AR;
    }
    float_binary {
        F32AddAR: F32Add AR; F32AddRA: F32Add RA; F32AddRR: F32Add RR; F32DivIA: F32Div IA; F32MulAI: F32Mul AI;
        F32MulAR: F32Mul AR; F32MulRA: F32Mul RA; F32MulRI: F32Mul RI; F32MulRR: F32Mul RR; F32SubIA: F32Sub IA;
        F32SubRA: F32Sub RA; F64AddAR: F64Add AR; F64AddRA: F64Add RA; F64AddRR: F64Add RR; F64DivIA: F64Div IA;
        F64MulAI: F64Mul AI; F64MulAR: F64Mul AR; F64MulRA: F64Mul RA; F64MulRI: F64Mul RI; F64MulRR: F64Mul RR;
        F64SubRA: F64Sub RA; F64SubRR: F64Sub RR;
    }
    float_unary {
        F64SqrtA: F64Sqrt A;
    }
    unary {
        F32ConvertI32SR: F32ConvertI32S R; F32ConvertI32UA: F32ConvertI32U A; F64ConvertI32SA: F64ConvertI32S A;
        F64ConvertI32UA: F64ConvertI32U A; F64ConvertI32UR: F64ConvertI32U R; I32ClzA: I32Clz A; I32ClzR: I32Clz R;
        I32CtzA: I32Ctz A; I32Extend8SA: I32Extend8S A; I32Extend8SR: I32Extend8S R; I32PopcntA: I32Popcnt A;
        I32PopcntR: I32Popcnt R; I32TruncSatF32SR: I32TruncSatF32S R; I32TruncSatF64UA: I32TruncSatF64U A;
        I32WrapI64A: I32WrapI64 A; I64ClzR: I64Clz R; I64CtzR: I64Ctz R; I64ExtendI32SA: I64ExtendI32S A;
        I64ExtendI32SR: I64ExtendI32S R;
    }
    load {
        I32Load16SA: I32Load16S A; I32Load16SIdx: I32Load16S Idx; I32Load16SR: I32Load16S R;
        I32Load16SWrap: I32Load16S Wrap; I32Load16UA: I32Load16U A; I32Load16UIdx: I32Load16U Idx;
        I32Load16UR: I32Load16U R; I32Load16UWrap: I32Load16U Wrap; I32Load8SA: I32Load8S A;
        I32Load8SIdx: I32Load8S Idx; I32Load8SR: I32Load8S R; I32Load8SWrap: I32Load8S Wrap; I32Load8UA: I32Load8U A;
        I32Load8UAIdx: I32Load8U AIdx; I32Load8UAWrap: I32Load8U AWrap; I32Load8UIdx: I32Load8U Idx;
        I32Load8UR: I32Load8U R; I32Load8UWrap: I32Load8U Wrap; I32LoadA: I32Load A; I32LoadAIdx: I32Load AIdx;
        I32LoadAWrap: I32Load AWrap; I32LoadAbs: I32Load Abs; I32LoadIdx: I32Load Idx; I32LoadR: I32Load R;
        I32LoadWrap: I32Load Wrap; I64Load32UA: I64Load32U A; I64Load32UIdx: I64Load32U Idx;
        I64Load32UR: I64Load32U R; I64Load32UWrap: I64Load32U Wrap; I64Load8UWrap: I64Load8U Wrap;
        I64LoadA: I64Load A; I64LoadAWrap: I64Load AWrap; I64LoadAbs: I64Load Abs; I64LoadIdx: I64Load Idx;
        I64LoadR: I64Load R; I64LoadWrap: I64Load Wrap;
    }
    float_load {
        F32LoadR: F32Load R; F32LoadWrap: F32Load Wrap; F64LoadA: F64Load A; F64LoadAIdx: F64Load AIdx;
        F64LoadAbs: F64Load Abs; F64LoadIdx: F64Load Idx; F64LoadR: F64Load R; F64LoadWrap: F64Load Wrap;
    }
    store {
        I32Store16A: I32Store16 A; I32Store16Imm: I32Store16 Imm; I32Store16R: I32Store16 R;
        I32Store16WrapA: I32Store16 WrapA; I32Store8A: I32Store8 A; I32Store8Idx: I32Store8 Idx;
        I32Store8Imm: I32Store8 Imm; I32Store8R: I32Store8 R; I32Store8Wrap: I32Store8 Wrap;
        I32Store8WrapA: I32Store8 WrapA; I32Store8WrapImm: I32Store8 WrapImm; I32StoreA: I32Store A;
        I32StoreAbs: I32Store Abs; I32StoreAbsA: I32Store AbsA; I32StoreIdx: I32Store Idx; I32StoreImm: I32Store Imm;
        I32StoreR: I32Store R; I32StoreWrap: I32Store Wrap; I32StoreWrapA: I32Store WrapA;
        I32StoreWrapImm: I32Store WrapImm; I64Store32A: I64Store32 A; I64Store8WrapA: I64Store8 WrapA;
        I64StoreA: I64Store A; I64StoreAbsA: I64Store AbsA; I64StoreIdx: I64Store Idx; I64StoreImm: I64Store Imm;
        I64StoreR: I64Store R; I64StoreWrapA: I64Store WrapA; I64StoreWrapImm: I64Store WrapImm;
    }
    float_store {
        F32StoreA: F32Store A; F64StoreA: F64Store A; F64StoreAbsA: F64Store AbsA; F64StoreR: F64Store R;
        F64StoreWrapA: F64Store WrapA;
    }
    compare_branch {
        I32EqA8Back: I32Eq A8 Back; I32EqA8Forward: I32Eq A8 Forward; I32EqAKForward: I32Eq AK Forward;
        I32EqARBack: I32Eq AR Back; I32EqARForward: I32Eq AR Forward; I32EqR8Forward: I32Eq R8 Forward;
        I32EqRABack: I32Eq RA Back; I32EqRAForward: I32Eq RA Forward; I32EqRKForward: I32Eq RK Forward;
        I32GeSRAForward: I32GeS RA Forward; I32GeUA8Forward: I32GeU A8 Forward; I32GeUAKForward: I32GeU AK Forward;
        I32GeUARBack: I32GeU AR Back; I32GeUARForward: I32GeU AR Forward; I32GeUR8Forward: I32GeU R8 Forward;
        I32GeUR8IfElse: I32GeU R8 IfElse; I32GeURAForward: I32GeU RA Forward; I32GeURRForward: I32GeU RR Forward;
        I32GtSA8Forward: I32GtS A8 Forward; I32GtSRAForward: I32GtS RA Forward; I32GtUA8Forward: I32GtU A8 Forward;
        I32GtUAKForward: I32GtU AK Forward; I32GtUARForward: I32GtU AR Forward; I32GtUR8Forward: I32GtU R8 Forward;
        I32GtURAForward: I32GtU RA Forward; I32GtURKForward: I32GtU RK Forward; I32GtURRForward: I32GtU RR Forward;
        I32LeSA8Forward: I32LeS A8 Forward; I32LeSR8Forward: I32LeS R8 Forward; I32LeSRKBack: I32LeS RK Back;
        I32LeUA8Forward: I32LeU A8 Forward; I32LeUAKForward: I32LeU AK Forward; I32LeUARBack: I32LeU AR Back;
        I32LeUARForward: I32LeU AR Forward; I32LeURAForward: I32LeU RA Forward; I32LeURKBack: I32LeU RK Back;
        I32LeURRBack: I32LeU RR Back; I32LeURRForward: I32LeU RR Forward; I32LtSA8Forward: I32LtS A8 Forward;
        I32LtSR8Back: I32LtS R8 Back; I32LtSR8Forward: I32LtS R8 Forward; I32LtSRRForward: I32LtS RR Forward;
        I32LtUA8Forward: I32LtU A8 Forward; I32LtUAKBack: I32LtU AK Back; I32LtUAKForward: I32LtU AK Forward;
        I32LtUARBack: I32LtU AR Back; I32LtUARForward: I32LtU AR Forward; I32LtUR8Back: I32LtU R8 Back;
        I32LtUR8Forward: I32LtU R8 Forward; I32LtURAForward: I32LtU RA Forward; I32LtURKForward: I32LtU RK Forward;
        I32LtURRBack: I32LtU RR Back; I32LtURRForward: I32LtU RR Forward; I32NeA8Forward: I32Ne A8 Forward;
        I32NeAKBack: I32Ne AK Back; I32NeAKForward: I32Ne AK Forward; I32NeARForward: I32Ne AR Forward;
        I32NeR8Forward: I32Ne R8 Forward; I32NeRAForward: I32Ne RA Forward; I32NeRKBack: I32Ne RK Back;
        I32NeRRBack: I32Ne RR Back; I32NeRRForward: I32Ne RR Forward; I32TestA8Forward: I32Test A8 Forward;
        I32TestAKForward: I32Test AK Forward; I32TestNotA8Forward: I32TestNot A8 Forward;
        I32TestNotR8Forward: I32TestNot R8 Forward; I32TestR8Forward: I32Test R8 Forward;
        I32TestRAForward: I32Test RA Forward; I64EqA8Forward: I64Eq A8 Forward; I64EqARForward: I64Eq AR Forward;
        I64GeSARForward: I64GeS AR Forward; I64NeA8Back: I64Ne A8 Back; I64NeA8Forward: I64Ne A8 Forward;
        I64NeARBack: I64Ne AR Back; I64NeRABack: I64Ne RA Back;
    }
    sum_branch {
        I32GeUSRBack: I32GeU SR; I32GtUS8Back: I32GtU S8; I32LeUSRBack: I32LeU SR; I32LtUSRBack: I32LtU SR;
        I32NeS8Back: I32Ne S8; I32NeSRBack: I32Ne SR;
    }
    float_branch {
        F32GtNotAKForward: F32Gt true AK Forward; F64LeAKBack: F64Le false AK Back;
    }
    test {
        NonZeroABack: NonZero A Back; NonZeroAForward: NonZero A Forward; NonZeroRBack: NonZero R Back;
        NonZeroRForward: NonZero R Forward; ZeroABack: Zero A Back; ZeroAForward: Zero A Forward;
        ZeroRForward: Zero R Forward;
    }
    plain {
        BrTable: BrTable = br_table::<D, false>;
        BrTableAcc: BrTableAcc = br_table::<D, true>;
        Call: Call = c::call::<D>;
        CallIndirect: CallIndirect = c::call_indirect::<D>;
        Const: Const = c::constant::<D, { c::ZERO_EXTENDED }>;
        Enter: Enter = c::fuel::<D, { c::COUNTED }>;
        Enter4: Enter4 = c::fuel::<D, 4>;
        Enter8: Enter8 = c::fuel::<D, 8>;
        Fuel: Fuel = c::fuel::<D, { c::NONE }>;
        GlobalGet: GlobalGet = c::global_get::<D>;
        GlobalSet: GlobalSet = c::global_set::<D>;
        Jump: Jump = jump::<D>;
        JumpBack: JumpBack = jump_back::<D>;
        Mov: Mov = c::mov::<D>;
        Mov2: Mov2 = c::movs::<D, 2>;
        Mov3: Mov3 = c::movs::<D, 3>;
        Return: Return = c::return_::<D>;
        Return1: Return1 = c::return_one::<D, false>;
        Return1Acc: Return1Acc = c::return_one::<D, true>;
        Select: Select = c::select::<D>;
    }
}
