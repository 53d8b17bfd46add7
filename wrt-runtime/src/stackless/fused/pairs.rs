//! Which instructions are run in pairs: what follows what most often in compiled programs.

use super::{Alone, Half, Pair, SIZE, c, pair, table};
use crate::stackless::access::{load, store};
use crate::stackless::branch::{br_table, compare_branch, jump, jump_back, sum_branch, test};
use crate::stackless::context::{Acc, Context, Dispatch, Regs, Rest, Stop};
use crate::stackless::numeric::{binary, compare, float_binary, unary};
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{self as o, rows};
use wrt_instructions::slot::Facc;

halves! {
    binary {
        I32AddAI: I32Add AI;
        I32AddAR: I32Add AR;
        I32AddRA: I32Add RA;
        I32AddRI: I32Add RI;
        I32AddRR: I32Add RR;
        I32AndAI: I32And AI;
        I32AndRI: I32And RI;
        I32MulAI: I32Mul AI;
        I32MulRI: I32Mul RI;
        I32RemUAI: I32RemU AI;
        I32RotlRI: I32Rotl RI;
        I32ShlAI: I32Shl AI;
        I32ShlRI: I32Shl RI;
        I32ShrUAI: I32ShrU AI;
        I32ShrURI: I32ShrU RI;
        I32SubRA: I32Sub RA;
        I32SubRR: I32Sub RR;
        I32XorAR: I32Xor AR;
        I32XorRA: I32Xor RA;
        I64AddRR: I64Add RR;
        I64MulRR: I64Mul RR;
        I64OrRA: I64Or RA;
        I64RotlRA: I64Rotl RA;
        I64ShlAI: I64Shl AI;
        I64ShrUAR: I64ShrU AR;
        I64XorRA: I64Xor RA;
        I64XorRR: I64Xor RR;
    }
    sum_branch {
        I32GeUSRBack: I32GeU SR;
        I32GtUS8Back: I32GtU S8;
        I32LeUSRBack: I32LeU SR;
        I32LtUSRBack: I32LtU SR;
        I32NeS8Back: I32Ne S8;
        I32NeSRBack: I32Ne SR;
    }
    store {
        I32Store8R: I32Store8 R;
        I32Store8Wrap: I32Store8 Wrap;
        I32Store8WrapImm: I32Store8 WrapImm;
        I32StoreA: I32Store A;
        I32StoreR: I32Store R;
        I64StoreA: I64Store A;
        I64StoreAbsA: I64Store AbsA;
    }
    load {
        I32Load8UIdx: I32Load8U Idx;
        I32Load8UR: I32Load8U R;
        I32Load8UWrap: I32Load8U Wrap;
        I32LoadA: I32Load A;
        I32LoadIdx: I32Load Idx;
        I32LoadR: I32Load R;
        I64Load8UWrap: I64Load8U Wrap;
        I64LoadA: I64Load A;
        I64LoadAbs: I64Load Abs;
        I64LoadR: I64Load R;
    }
    plain {
        BrTableAcc: BrTableAcc = br_table::<D, true>;
        Call: Call = c::call::<D>;
        CallIndirect: CallIndirect = c::call_indirect::<D>;
        Const: Const = c::constant::<D, { c::ZERO_EXTENDED }>;
        Fuel: Fuel = c::fuel::<D, { c::NONE }>;
        GlobalGet: GlobalGet = c::global_get::<D>;
        GlobalSet: GlobalSet = c::global_set::<D>;
        Jump: Jump = jump::<D>;
        JumpBack: JumpBack = jump_back::<D>;
        Mov: Mov = c::mov::<D>;
        Mov2: Mov2 = c::movs::<D, 2>;
        Return1: Return1 = c::return_one::<D, false>;
        Return1Acc: Return1Acc = c::return_one::<D, true>;
        Select: Select = c::select::<D>;
    }
    compare_branch {
        I32EqARBack: I32Eq AR Back;
        I32EqRABack: I32Eq RA Back;
        I32GeUARForward: I32GeU AR Forward;
        I32GeURAForward: I32GeU RA Forward;
        I32GtUARForward: I32GtU AR Forward;
        I32LeSRKBack: I32LeS RK Back;
        I32LeUARForward: I32LeU AR Forward;
        I32LeURKBack: I32LeU RK Back;
        I32LtUAKBack: I32LtU AK Back;
        I32LtUAKForward: I32LtU AK Forward;
        I32LtUARBack: I32LtU AR Back;
        I32LtUARForward: I32LtU AR Forward;
        I32NeA8Forward: I32Ne A8 Forward;
        I32NeAKBack: I32Ne AK Back;
        I32NeRAForward: I32Ne RA Forward;
    }
    test {
        BrNonZeroABack: NonZero A Back;
        BrNonZeroAForward: NonZero A Forward;
        BrNonZeroRBack: NonZero R Back;
        BrZeroAForward: Zero A Forward;
        BrZeroRForward: Zero R Forward;
    }
    compare {
        I32EqAI: I32Eq AI;
        I32EqRI: I32Eq RI;
        I32LtURI: I32LtU RI;
    }
    float_binary {
        F32AddAR: F32Add AR;
        F32DivIA: F32Div IA;
        F32MulRA: F32Mul RA;
        F64AddAR: F64Add AR;
        F64AddRA: F64Add RA;
        F64AddRR: F64Add RR;
        F64MulAR: F64Mul AR;
        F64MulRA: F64Mul RA;
        F64MulRR: F64Mul RR;
        F64SubRR: F64Sub RR;
    }
    float_load {
        F32LoadWrap: F32Load Wrap;
        F64LoadIdx: F64Load Idx;
        F64LoadR: F64Load R;
        F64LoadWrap: F64Load Wrap;
    }
    unary {
        F32ConvertI32UA: F32ConvertI32U A;
        I32PopcntA: I32Popcnt A;
    }
    float_store {
        F64StoreA: F64Store A;
    }
}

pairs! {
    Const: BrZeroRForward, Const, Fuel, Jump, Mov, Select;
    Alone<F32ConvertI32UA>: F32DivIA;
    F32DivIA: Alone<F32LoadWrap>;
    Alone<F32LoadWrap>: Alone<F32MulRA>;
    Alone<F32MulRA>: F32AddAR;
    F64AddAR: F64MulAR;
    Alone<F64AddAR>: F64AddRA;
    F64AddRA: I32AddRR, Mov;
    Alone<F64AddRA>: F64StoreA;
    F64AddRR: Alone<F64SubRR>;
    Alone<F64LoadIdx>: F64MulRA;
    F64LoadR: Alone<F64LoadR>;
    Alone<F64LoadR>: Alone<F64AddRA>, Alone<F64MulRA>;
    F64LoadWrap: Alone<F64LoadIdx>;
    F64MulAR: Alone<F64AddRA>;
    F64MulRA: F64LoadR;
    Alone<F64MulRA>: Alone<F64AddAR>;
    F64MulRR: Alone<F64MulRR>;
    Alone<F64MulRR>: F64AddAR;
    Alone<F64SubRR>: F64AddRA;
    Alone<GlobalGet>: I32AddAI;
    GlobalSet: Return1;
    I32AddAI: Const, GlobalSet, Alone<I32Load8UR>;
    Alone<I32AddAI>: BrTableAcc, I32StoreA;
    I32AddAR: I32LoadA;
    Alone<I32AddAR>: I32AddRA;
    I32AddRA: I32AddRI, Alone<I32Load8UWrap>, I32LoadA, Alone<I32LoadA>, I32ShlRI;
    Alone<I32AddRA>: I32AddAI, Alone<I32AddRA>, I32ShlAI;
    I32AddRI: BrNonZeroRBack, BrZeroAForward, Call, GlobalSet, I32AddRI, I32GeUARForward, I32GeUSRBack, I32GtUS8Back,
        I32LeSRKBack, I32LeURKBack, I32LeUSRBack, I32Load8UR, Alone<I32Load8UR>, I32LoadR, I32LtUAKBack,
        I32LtUAKForward, I32LtUSRBack, I32NeAKBack, I32NeS8Back, I32NeSRBack, Alone<I32ShlRI>, Alone<I32ShrURI>,
        I32StoreA, JumpBack, Mov, Mov2;
    Alone<I32AddRI>: I32AddAR, Alone<I32AndAI>, I32StoreA;
    I32AddRR: I32AddRI, I32AddRR, I32GeUARForward, I32LeUARForward, I32Load8UIdx, I32LtUARBack;
    Alone<I32AddRR>: Return1Acc;
    I32AndAI: Alone<I32AndRI>, Alone<I32ShrURI>;
    Alone<I32AndAI>: I32AddRA, Alone<I32ShlAI>, I32StoreA;
    Alone<I32AndRI>: BrTableAcc, I32AddAI, I32NeA8Forward;
    Alone<I32EqAI>: I32AddRA;
    Alone<I32EqRI>: I32AddRA;
    I32Load8UIdx: BrZeroAForward;
    I32Load8UR: I32Load8UR, Alone<I32Load8UR>, I32LoadR, I32NeRAForward;
    Alone<I32Load8UR>: BrTableAcc, Alone<I32AddRA>, I32EqARBack, I32SubRA, Alone<I32XorAR>;
    I32Load8UWrap: Alone<I32Load8UR>;
    Alone<I32Load8UWrap>: Alone<I32EqAI>, I32ShlAI;
    I32LoadA: Alone<I32AndRI>, Alone<I32LoadR>, Alone<I32ShrURI>, Mov;
    Alone<I32LoadA>: BrTableAcc, Alone<I32AddAI>;
    Alone<I32LoadIdx>: I32AddAI;
    I32LoadR: BrNonZeroABack, BrZeroAForward, I32EqRABack, I32GeURAForward, I32GtUARForward, I32LoadR,
        Alone<I32LoadR>, I32LtUARForward, I32ShlRI, I32StoreR, Alone<I32XorAR>;
    Alone<I32LoadR>: Alone<I32AddAI>, I32AddAR, Alone<I32AddAR>, I32AddRA, I32LoadA, I32StoreA;
    I32LtURI: I32AddRI;
    I32MulAI: Alone<I32ShrUAI>;
    Alone<I32MulAI>: I32AddRA;
    Alone<I32MulRI>: I32AddRA;
    Alone<I32PopcntA>: Alone<I32AddAR>;
    Alone<I32RemUAI>: I32ShlAI;
    Alone<I32RotlRI>: I32XorRA;
    I32ShlAI: Alone<I32AddRI>, I32LoadIdx, I64LoadA;
    Alone<I32ShlAI>: I32AddRA, I32LoadA, Alone<I32LoadA>, I32XorAR;
    I32ShlRI: I32AddAI, I32LoadA, Alone<I32LoadIdx>;
    Alone<I32ShlRI>: I32AddRA, I32LoadA, Alone<I32LoadA>, I32XorAR;
    Alone<I32ShrUAI>: Alone<I32AddAR>, I32XorAR;
    I32ShrURI: I32AddRI;
    Alone<I32ShrURI>: I32AndAI, Alone<I32AndAI>, I32XorRA;
    I32Store8R: I32Store8Wrap;
    I32Store8Wrap: I32AddRI, I32Store8Wrap;
    I32Store8WrapImm: I32AddRR;
    I32StoreA: I32AddRI, I32LoadR, Alone<I32LoadR>, I64AddRR, Jump;
    I32StoreR: I32StoreR;
    I32SubRA: BrNonZeroAForward;
    I32SubRR: Return1;
    I32XorAR: Alone<I32RemUAI>, Alone<I32ShlAI>, Alone<I32ShrUAI>;
    Alone<I32XorAR>: Alone<I32AndAI>, I32StoreA;
    I32XorRA: I32AddRI, Alone<I32XorRA>;
    Alone<I32XorRA>: Alone<I32AndAI>;
    I64AddRR: I32LoadR;
    Alone<I64Load8UWrap>: Alone<I64OrRA>, Alone<I64RotlRA>, Alone<I64ShlAI>;
    I64LoadA: Alone<I64Load8UWrap>;
    I64LoadAbs: I64LoadAbs;
    Alone<I64LoadR>: I64StoreA;
    Alone<I64MulRR>: Alone<I64ShrUAR>;
    I64OrRA: Alone<I64Load8UWrap>;
    Alone<I64OrRA>: I64ShlAI;
    Alone<I64RotlRA>: I64StoreA;
    I64ShlAI: Alone<I64Load8UWrap>;
    Alone<I64ShlAI>: I64OrRA;
    I64StoreA: I32AddRI;
    I64StoreAbsA: Alone<I64XorRR>;
    Alone<I64XorRA>: I64StoreAbsA;
    Mov: Call, CallIndirect, F64MulRR, Fuel, I32AddRI, I32MulRI, I32NeS8Back, Jump, JumpBack;
    Mov2: Call;
}
