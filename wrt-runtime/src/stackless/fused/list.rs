//! Which instructions are run together: what stands behind what most often in compiled programs.

use super::{Alone, Part, Sequence, three, two};
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
        I32AddAI: I32Add AI;
        I32AddAR: I32Add AR;
        I32AddRA: I32Add RA;
        I32AddRI: I32Add RI;
        I32AddRR: I32Add RR;
        I32AndAI: I32And AI;
        I32AndAR: I32And AR;
        I32AndRA: I32And RA;
        I32AndRI: I32And RI;
        I32AndRR: I32And RR;
        I32MulAI: I32Mul AI;
        I32MulAR: I32Mul AR;
        I32MulRA: I32Mul RA;
        I32MulRI: I32Mul RI;
        I32OrAI: I32Or AI;
        I32OrAR: I32Or AR;
        I32OrRA: I32Or RA;
        I32OrRI: I32Or RI;
        I32RemUAI: I32RemU AI;
        I32RemUAR: I32RemU AR;
        I32RotlAI: I32Rotl AI;
        I32RotlRI: I32Rotl RI;
        I32ShlAI: I32Shl AI;
        I32ShlAR: I32Shl AR;
        I32ShlIR: I32Shl IR;
        I32ShlRA: I32Shl RA;
        I32ShlRI: I32Shl RI;
        I32ShrSAI: I32ShrS AI;
        I32ShrSAR: I32ShrS AR;
        I32ShrUAI: I32ShrU AI;
        I32ShrURA: I32ShrU RA;
        I32ShrURI: I32ShrU RI;
        I32ShrURR: I32ShrU RR;
        I32SubAR: I32Sub AR;
        I32SubIA: I32Sub IA;
        I32SubIR: I32Sub IR;
        I32SubRA: I32Sub RA;
        I32SubRR: I32Sub RR;
        I32XorAI: I32Xor AI;
        I32XorAR: I32Xor AR;
        I32XorRA: I32Xor RA;
        I32XorRR: I32Xor RR;
        I64AddAI: I64Add AI;
        I64AddAR: I64Add AR;
        I64AddRA: I64Add RA;
        I64AddRI: I64Add RI;
        I64AddRR: I64Add RR;
        I64AndAI: I64And AI;
        I64AndRA: I64And RA;
        I64MulRA: I64Mul RA;
        I64MulRR: I64Mul RR;
        I64OrRA: I64Or RA;
        I64RotlAI: I64Rotl AI;
        I64RotlRA: I64Rotl RA;
        I64RotlRI: I64Rotl RI;
        I64ShlAI: I64Shl AI;
        I64ShrUAI: I64ShrU AI;
        I64ShrUAR: I64ShrU AR;
        I64XorAR: I64Xor AR;
        I64XorRA: I64Xor RA;
        I64XorRI: I64Xor RI;
        I64XorRR: I64Xor RR;
    }
    compare {
        I32EqAI: I32Eq AI;
        I32EqAR: I32Eq AR;
        I32EqRI: I32Eq RI;
        I32GtSRI: I32GtS RI;
        I32GtUAR: I32GtU AR;
        I32LtUAI: I32LtU AI;
        I32LtURI: I32LtU RI;
        I32LtURR: I32LtU RR;
        I32NeRI: I32Ne RI;
    }
    float_binary {
        F32AddAR: F32Add AR;
        F32DivIA: F32Div IA;
        F32MulRA: F32Mul RA;
        F64AddAR: F64Add AR;
        F64AddRA: F64Add RA;
        F64AddRR: F64Add RR;
        F64DivIA: F64Div IA;
        F64MulAI: F64Mul AI;
        F64MulAR: F64Mul AR;
        F64MulRA: F64Mul RA;
        F64MulRR: F64Mul RR;
        F64SubRA: F64Sub RA;
        F64SubRR: F64Sub RR;
    }
    float_unary {
        F64SqrtA: F64Sqrt A;
    }
    unary {
        F32ConvertI32UA: F32ConvertI32U A;
        I32ClzA: I32Clz A;
        I32ClzR: I32Clz R;
        I32CtzA: I32Ctz A;
        I32Extend8SA: I32Extend8S A;
        I32Extend8SR: I32Extend8S R;
        I32PopcntA: I32Popcnt A;
        I32WrapI64A: I32WrapI64 A;
        I64ExtendI32SR: I64ExtendI32S R;
    }
    load {
        I32Load16SA: I32Load16S A;
        I32Load16SR: I32Load16S R;
        I32Load16SWrap: I32Load16S Wrap;
        I32Load16UIdx: I32Load16U Idx;
        I32Load16UR: I32Load16U R;
        I32Load16UWrap: I32Load16U Wrap;
        I32Load8SR: I32Load8S R;
        I32Load8UA: I32Load8U A;
        I32Load8UAIdx: I32Load8U AIdx;
        I32Load8UIdx: I32Load8U Idx;
        I32Load8UR: I32Load8U R;
        I32Load8UWrap: I32Load8U Wrap;
        I32LoadA: I32Load A;
        I32LoadAWrap: I32Load AWrap;
        I32LoadAbs: I32Load Abs;
        I32LoadIdx: I32Load Idx;
        I32LoadR: I32Load R;
        I32LoadWrap: I32Load Wrap;
        I64Load8UWrap: I64Load8U Wrap;
        I64LoadA: I64Load A;
        I64LoadAbs: I64Load Abs;
        I64LoadR: I64Load R;
    }
    float_load {
        F32LoadWrap: F32Load Wrap;
        F64LoadA: F64Load A;
        F64LoadAbs: F64Load Abs;
        F64LoadIdx: F64Load Idx;
        F64LoadR: F64Load R;
        F64LoadWrap: F64Load Wrap;
    }
    store {
        I32Store16A: I32Store16 A;
        I32Store8A: I32Store8 A;
        I32Store8Imm: I32Store8 Imm;
        I32Store8R: I32Store8 R;
        I32Store8Wrap: I32Store8 Wrap;
        I32Store8WrapImm: I32Store8 WrapImm;
        I32StoreA: I32Store A;
        I32StoreIdx: I32Store Idx;
        I32StoreImm: I32Store Imm;
        I32StoreR: I32Store R;
        I32StoreWrapA: I32Store WrapA;
        I64StoreA: I64Store A;
        I64StoreAbsA: I64Store AbsA;
        I64StoreR: I64Store R;
    }
    float_store {
        F64StoreA: F64Store A;
        F64StoreAbsA: F64Store AbsA;
    }
    compare_branch {
        I32EqA8Forward: I32Eq A8 Forward;
        I32EqARBack: I32Eq AR Back;
        I32EqARForward: I32Eq AR Forward;
        I32EqR8Forward: I32Eq R8 Forward;
        I32EqRABack: I32Eq RA Back;
        I32EqRAForward: I32Eq RA Forward;
        I32GeSRAForward: I32GeS RA Forward;
        I32GeUARForward: I32GeU AR Forward;
        I32GeURAForward: I32GeU RA Forward;
        I32GeURRForward: I32GeU RR Forward;
        I32GtSA8Forward: I32GtS A8 Forward;
        I32GtSRAForward: I32GtS RA Forward;
        I32GtUA8Forward: I32GtU A8 Forward;
        I32GtUAKForward: I32GtU AK Forward;
        I32GtUARForward: I32GtU AR Forward;
        I32LeSRKBack: I32LeS RK Back;
        I32LeUARForward: I32LeU AR Forward;
        I32LeURKBack: I32LeU RK Back;
        I32LtUA8Forward: I32LtU A8 Forward;
        I32LtUAKBack: I32LtU AK Back;
        I32LtUAKForward: I32LtU AK Forward;
        I32LtUARBack: I32LtU AR Back;
        I32LtUARForward: I32LtU AR Forward;
        I32LtURRBack: I32LtU RR Back;
        I32NeA8Forward: I32Ne A8 Forward;
        I32NeAKBack: I32Ne AK Back;
        I32NeAKForward: I32Ne AK Forward;
        I32NeR8Forward: I32Ne R8 Forward;
        I32NeRAForward: I32Ne RA Forward;
        I32NeRRBack: I32Ne RR Back;
        I32TestA8Forward: I32Test A8 Forward;
        I32TestNotA8Forward: I32TestNot A8 Forward;
        I64EqARForward: I64Eq AR Forward;
        I64NeA8Forward: I64Ne A8 Forward;
    }
    sum_branch {
        I32GeUSRBack: I32GeU SR;
        I32GtUS8Back: I32GtU S8;
        I32LeUSRBack: I32LeU SR;
        I32LtUSRBack: I32LtU SR;
        I32NeS8Back: I32Ne S8;
        I32NeSRBack: I32Ne SR;
    }
    float_branch {
        F64LeAKBack: F64Le false AK Back;
    }
    test {
        NonZeroABack: NonZero A Back;
        NonZeroAForward: NonZero A Forward;
        NonZeroRBack: NonZero R Back;
        NonZeroRForward: NonZero R Forward;
        ZeroABack: Zero A Back;
        ZeroAForward: Zero A Forward;
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

sequences! {
    pairs {
        Const: BrTable, Call, Const, Fuel, I32AddRI, I32AndRI, I32LoadR, Alone<I32LoadR>, Alone<I32ShlRA>, I64AndRA,
            Jump, Mov, Select, Alone<Select>, ZeroRForward;
        Enter: Alone<GlobalGet>;
        Enter4: Const, Alone<GlobalGet>, I32LoadR, ZeroRForward;
        Enter8: Alone<GlobalGet>;
        F32AddAR: I32AddRR, Mov;
        Alone<F32ConvertI32UA>: F32DivIA;
        F32DivIA: Alone<F32LoadWrap>;
        Alone<F32LoadWrap>: Alone<F32MulRA>;
        Alone<F32MulRA>: F32AddAR;
        Alone<F64AddAR>: F64AddRA;
        F64AddAR: F64MulAR, F64StoreAbsA;
        F64AddRA: Alone<F64SqrtA>, I32AddRR, Mov;
        Alone<F64AddRA>: F64AddRA, F64LeAKBack, F64StoreA;
        F64AddRR: Alone<F64SubRR>;
        F64DivIA: Alone<F64MulRA>;
        Alone<F64LoadA>: F64SubRA;
        Alone<F64LoadAbs>: Alone<F64MulAI>;
        Alone<F64LoadIdx>: F64MulRA;
        F64LoadR: Alone<F64LoadR>, F64LoadR, Alone<F64MulRR>, I32AddRI;
        Alone<F64LoadR>: Alone<F64AddRA>, Alone<F64MulRA>;
        F64LoadWrap: Alone<F64LoadIdx>, F64MulRA;
        Alone<F64LoadWrap>: F64SubRA;
        Alone<F64MulAI>: F64AddAR;
        F64MulAR: Alone<F64AddRA>, Alone<F64LoadR>, F64MulRR;
        Alone<F64MulAR>: Alone<F64AddRA>, Alone<F64SubRA>;
        F64MulRA: F64LoadR, Alone<F64LoadWrap>;
        Alone<F64MulRA>: Alone<F64AddAR>, F64DivIA, Alone<F64SubRA>;
        F64MulRR: Alone<F64LoadWrap>, Alone<F64MulRR>;
        Alone<F64MulRR>: F64AddAR, F64MulAR, Alone<F64MulAR>;
        Alone<F64SqrtA>: Alone<F64MulRA>;
        F64StoreA: F64LoadR, I32AddRI, Mov;
        F64StoreAbsA: Alone<F64LoadAbs>;
        Alone<F64SubRA>: F64StoreA;
        F64SubRA: F64LoadWrap, F64MulAR, Alone<F64MulAR>;
        Alone<F64SubRR>: F64AddRA;
        Alone<GlobalGet>: I32AddAI;
        GlobalSet: I32LoadR, Return, Return1;
        Alone<I32AddAI>: BrTableAcc, I32LtUAI, I32StoreA;
        I32AddAI: Const, GlobalSet, I32AddRR, I32ClzA, I32GtUA8Forward, Alone<I32Load8UR>, Alone<I32LoadR>, I32LoadR,
            I32ShlAI, Alone<I64LoadR>;
        Alone<I32AddAR>: Alone<F32ConvertI32UA>, I32AddRA, Alone<I32AndAI>, I32ShrUAI;
        I32AddAR: I32AddRI, I32LoadA, I32Store8Imm, Jump, Mov;
        I32AddRA: Const, Fuel, I32AddRA, I32AddRI, I32AddRR, I32GtUAR, Alone<I32Load16SWrap>, Alone<I32Load16UWrap>,
            Alone<I32Load8UA>, Alone<I32Load8UR>, Alone<I32Load8UWrap>, Alone<I32LoadA>, I32LoadA, Alone<I32LoadIdx>,
            I32LoadR, Alone<I32LoadR>, Alone<I32LoadWrap>, I32NeSRBack, I32ShlRI, Alone<I32ShrURI>, I32Store8R,
            I32StoreA, Alone<I32SubRR>, Jump, Mov;
        Alone<I32AddRA>: Alone<F32ConvertI32UA>, I32AddAI, Alone<I32AddRA>, I32ShlAI, I32Store8A, I32StoreA,
            Alone<I32SubRA>;
        I32AddRI: Call, Const, Alone<F64LoadA>, Alone<F64MulRR>, Fuel, GlobalSet, I32AddRI, I32AddRR, I32EqAR,
            I32EqARForward, I32GeUARForward, I32GeUSRBack, I32GtUS8Back, I32LeSRKBack, I32LeURKBack, I32LeUSRBack,
            I32Load16SR, I32Load8UR, Alone<I32Load8UR>, Alone<I32LoadA>, I32LoadA, I32LoadR, I32LoadWrap, I32LtUAKBack,
            I32LtUAKForward, I32LtUSRBack, Alone<I32MulAR>, I32NeAKBack, I32NeS8Back, I32NeSRBack, Alone<I32ShlRI>,
            Alone<I32ShrURI>, I32StoreA, Jump, JumpBack, Mov, Mov2, NonZeroRBack, ZeroAForward;
        Alone<I32AddRI>: BrTableAcc, I32AddAR, Alone<I32AndAI>, I32StoreA;
        I32AddRR: I32AddRI, I32AddRR, I32GeUARForward, I32LeUARForward, I32Load8UA, I32Load8UIdx, Alone<I32Load8UIdx>,
            I32LtUARBack, I32LtURR, Mov2;
        Alone<I32AddRR>: Return1Acc;
        Alone<I32AndAI>: I32AddRA, I32EqRAForward, I32LtUAI, Alone<I32MulRA>, I32NeAKForward, Alone<I32ShlAI>,
            Alone<I32ShrSAI>, I32StoreA;
        I32AndAI: Alone<I32AndRI>, Alone<I32ShrURI>, I32XorAI, Select;
        Alone<I32AndAR>: Alone<I32XorAR>;
        I32AndRA: Alone<I32AndRI>, Alone<I32AndRR>, NonZeroRForward;
        Alone<I32AndRI>: BrTableAcc, I32AddAI, I32NeA8Forward, I32NeAKForward, I32ShrUAI;
        I32AndRI: Alone<I32AndRI>, I32Extend8SR;
        Alone<I32AndRR>: I32XorRA;
        I32ClzA: I32SubRR;
        I32ClzR: Alone<I32SubIA>;
        Alone<I32EqAI>: I32AddRA;
        I32EqAR: Const;
        I32EqARBack: I32NeS8Back;
        I32EqARForward: JumpBack;
        I32EqR8Forward: Mov;
        I32EqRAForward: I32LoadR;
        Alone<I32EqRI>: I32AddRA;
        Alone<I32Extend8SA>: Alone<I32AddAI>;
        I32Extend8SR: Const;
        I32GeUARForward: F64AddRR, I32AddRI, I32AddRR, JumpBack;
        I32GeURAForward: I32LoadR;
        I32GeURRForward: I32LoadR, Alone<I32ShlRI>, I32StoreR;
        I32GtSRI: Const;
        I32GtUA8Forward: Alone<I32ShlIR>;
        I32GtUAR: Select;
        I32GtUARForward: I32GeURRForward;
        Alone<I32Load16SA>: I32AddRA;
        Alone<I32Load16SR>: I32GtSRAForward;
        I32Load16SR: Alone<I32Load16SR>;
        Alone<I32Load16SWrap>: Alone<I32MulAR>;
        I32Load16UIdx: Const;
        Alone<I32Load16UR>: Alone<I32AndAI>;
        I32Load16UR: Alone<I32AndAI>;
        Alone<I32Load16UWrap>: I32MulAR;
        I32Load8SR: I32GtSA8Forward;
        Alone<I32Load8UA>: I32NeA8Forward, I32TestNotA8Forward;
        I32Load8UA: I32Load8UA, ZeroABack;
        I32Load8UIdx: I32AddAI, I32LtUA8Forward, ZeroAForward;
        Alone<I32Load8UIdx>: Alone<I32AddRA>, I32Store8A;
        I32Load8UR: BrTableAcc, I32EqRABack, I32Load8UR, Alone<I32Load8UR>, I32LoadR, I32NeRAForward, I32Store8R;
        Alone<I32Load8UR>: BrTableAcc, Alone<I32AddRA>, Alone<I32AndAI>, I32AndAI, I32EqARBack, I32NeA8Forward,
            I32Store8A, I32SubRA, I32TestA8Forward, I32TestNotA8Forward, Alone<I32XorAR>, NonZeroAForward;
        Alone<I32Load8UWrap>: Alone<I32EqAI>, I32ShlAI, Alone<I32XorRA>, ZeroAForward;
        I32Load8UWrap: Alone<I32Load8UIdx>, Alone<I32Load8UR>, Alone<I32OrAI>;
        I32LoadA: CallIndirect, Alone<I32AndRI>, Alone<I32LoadR>, I32LoadR, I32NeA8Forward, Alone<I32ShlRI>,
            Alone<I32ShrURI>, Mov, Mov2;
        Alone<I32LoadA>: BrTableAcc, Alone<I32AddAI>, I32LoadA, Alone<I32ShlAI>, I32StoreA, I32StoreWrapA;
        Alone<I32LoadAWrap>: I32StoreWrapA;
        I32LoadAbs: Alone<I32ShlRI>;
        Alone<I32LoadIdx>: I32AddAI, I32AddRA, I32GeSRAForward;
        I32LoadIdx: I32GtUAKForward;
        I32LoadR: Const, Fuel, I32AddRI, Alone<I32AndAI>, I32EqA8Forward, I32EqRABack, I32GeURAForward, I32GtUARForward,
            I32LeUARForward, I32Load8UAIdx, I32LoadA, I32LoadR, Alone<I32LoadR>, I32LtUARForward, Alone<I32MulAI>,
            Alone<I32MulRI>, I32NeRAForward, I32ShlRI, Alone<I32ShlRI>, I32StoreR, I32SubRA, Alone<I32XorAR>, Jump, Mov,
            Mov2, NonZeroABack, NonZeroAForward, ZeroAForward;
        Alone<I32LoadR>: Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>, I32AddAR, I32AddRA, Alone<I32AddRA>, I32LoadA,
            Alone<I32LoadA>, Alone<I32LtUAI>, Alone<I32MulAI>, Alone<I32MulRA>, I32NeRAForward, I32ShlAI, I32StoreA,
            Alone<I32SubAR>, Alone<I64LoadA>, ZeroAForward;
        I32LoadWrap: I32RotlAI;
        Alone<I32LoadWrap>: I32AddRA;
        I32LtUA8Forward: I32AddRI;
        I32LtUAI: Alone<I32AddRI>, I32OrRA;
        Alone<I32LtUAI>: I32TestNotA8Forward;
        I32LtUARForward: I32GeURRForward;
        I32LtURI: I32AddRI;
        I32LtURR: Select;
        I32MulAI: Alone<I32ShrUAI>, I32ShrUAI;
        Alone<I32MulAI>: I32AddAI, I32AddRA;
        Alone<I32MulAR>: I32AddRA, Alone<I32ShrUAI>;
        I32MulAR: Alone<I32ShrUAI>;
        Alone<I32MulRA>: I32AddAR, I32AddRA;
        Alone<I32MulRI>: I32AddRA;
        I32MulRI: Alone<I32LoadIdx>;
        I32NeA8Forward: I32LoadR;
        I32NeRAForward: I32AddRI;
        I32NeRI: Alone<I32NeRI>;
        Alone<I32NeRI>: I32AndRA;
        Alone<I32OrAI>: Alone<I32Extend8SA>;
        I32OrRA: I32AndRI;
        Alone<I32OrRI>: I32StoreA;
        Alone<I32PopcntA>: Alone<I32AddAR>;
        Alone<I32RemUAI>: I32ShlAI;
        I32RotlAI: Alone<I32RotlRI>;
        Alone<I32RotlRI>: I32XorRA, Alone<I32XorRA>;
        I32RotlRI: Alone<I32RotlRI>;
        Alone<I32ShlAI>: I32AddRA, I32LoadA, Alone<I32LoadA>, Alone<I32LoadAWrap>, I32XorAR;
        I32ShlAI: Alone<I32AddRI>, I32ClzR, I32Load16UIdx, I32LoadIdx, I32LoadR, I64LoadA;
        Alone<I32ShlAR>: I32OrAR;
        Alone<I32ShlRA>: Alone<I32ShrSAR>;
        Alone<I32ShlRI>: I32AddRA, Alone<I32Load16SA>, Alone<I32LoadA>, I32LoadA, I32XorAR;
        I32ShlRI: I32AddAI, I32Load16UIdx, I32LoadA, Alone<I32LoadA>, Alone<I32LoadIdx>, I32LoadIdx, Alone<I32ShlRI>,
            I32StoreIdx, Alone<I32SubIR>;
        Alone<I32ShrSAI>: I32Store16A;
        Alone<I32ShrUAI>: Alone<I32AddAR>, I32AddRA, I32AndAI, I32RemUAR, I32XorAR, Alone<I32XorRA>;
        I32ShrUAI: I32NeS8Back, Alone<I32ShlAI>;
        I32ShrURA: I32AddRI;
        Alone<I32ShrURA>: Alone<I32AddRA>, I32OrRA;
        Alone<I32ShrURI>: Alone<I32AddRA>, I32AddRA, I32AndAI, Alone<I32AndAI>, I32XorRA, Alone<I32XorRA>;
        I32ShrURI: I32AddRI;
        Alone<I32ShrURR>: Alone<I32ShlAI>;
        I32Store16A: Alone<I32Load16UR>;
        I32Store8A: BrTable, I32LtUSRBack, I64AddRI, Mov;
        I32Store8R: I32Store8R, I32Store8Wrap;
        I32Store8Wrap: I32AddRI, I32Store8Wrap;
        I32Store8WrapImm: I32AddRR;
        I32StoreA: Const, I32AddRI, I32AddRR, I32EqR8Forward, I32GeURRForward, Alone<I32LoadR>, I32LoadR, I32NeRRBack,
            Alone<I32ShrURI>, I32StoreR, I64AddRR, Jump, JumpBack, Return;
        I32StoreIdx: I32AddRI;
        I32StoreImm: I32StoreR;
        I32StoreR: I32AddRI, Alone<I32LoadR>, I32LoadR, I32StoreImm, I32StoreR, Jump, Mov3, NonZeroRBack, Return;
        I32StoreWrapA: Jump;
        Alone<I32SubAR>: Alone<I32AndAI>;
        Alone<I32SubIA>: I32ShrURA;
        Alone<I32SubIR>: Alone<I32ShrURA>;
        I32SubRA: NonZeroAForward;
        Alone<I32SubRA>: Alone<I32AddRA>;
        I32SubRR: Alone<I32Load8UR>, Return1;
        Alone<I32SubRR>: I32StoreA;
        I32TestNotA8Forward: Alone<I32Load16UR>, I32LoadR;
        I32WrapI64A: I32AndRA;
        Alone<I32WrapI64A>: Alone<I32ShlAI>;
        I32XorAI: Alone<I32XorRR>;
        Alone<I32XorAR>: I32AddRA, Alone<I32AndAI>, I32MulAI, I32Store8A, I32StoreA;
        I32XorAR: I32LtURRBack, Alone<I32RemUAI>, Alone<I32ShlAI>, Alone<I32ShrUAI>;
        Alone<I32XorRA>: I32AddAR, I32AddRA, Alone<I32AndAI>, Alone<I32AndAR>, I32MulAI, Alone<I32XorAR>;
        I32XorRA: I32AddRI, Alone<I32RotlRI>, I32RotlRI, Alone<I32ShrURI>, Alone<I32XorRA>, Mov;
        Alone<I32XorRR>: I32AndAI, Alone<I32CtzA>, I32MulAI;
        I64AddAI: Alone<I64ShrUAI>;
        I64AddAR: I32AddRI;
        Alone<I64AddAR>: I64RotlAI;
        I64AddRA: I64XorRA;
        I64AddRI: I32Load8UR, Alone<I64AndAI>;
        I64AddRR: I32LoadR;
        Alone<I64AndAI>: I64NeA8Forward;
        Alone<I64AndRA>: Alone<I64XorRA>;
        I64AndRA: I64LoadAbs;
        I64ExtendI32SR: Alone<I64ExtendI32SR>;
        Alone<I64ExtendI32SR>: Alone<I64MulRA>;
        Alone<I64Load8UWrap>: Alone<I64OrRA>, I64OrRA, Alone<I64RotlRA>, Alone<I64ShlAI>, I64ShlAI;
        I64LoadA: Alone<I64Load8UWrap>;
        I64LoadAbs: I64LoadAbs, I64XorRA, Alone<I64XorRA>;
        Alone<I64LoadR>: I64EqARForward, I64StoreA;
        I64LoadR: I64LoadR;
        Alone<I64MulRA>: I64AddAR;
        Alone<I64MulRR>: I64AddAI, Alone<I64AddAR>, Alone<I64ShrUAR>;
        I64MulRR: Alone<I64Load8UWrap>, Alone<I64ShrUAI>;
        I64OrRA: Alone<I64Load8UWrap>;
        Alone<I64OrRA>: I64ShlAI;
        I64RotlAI: Alone<I64RotlRI>;
        Alone<I64RotlAI>: I64AddRA;
        Alone<I64RotlRA>: I64StoreA;
        Alone<I64RotlRI>: I64XorAR, I64XorRA;
        I64ShlAI: Alone<I64Load8UWrap>;
        Alone<I64ShlAI>: I64OrRA;
        Alone<I64ShrUAI>: I64XorAR, Alone<I64XorAR>;
        Alone<I64ShrUAR>: Alone<I32WrapI64A>, I32WrapI64A;
        I64StoreA: I32AddRI, Alone<I32Load8UR>, Alone<I32Load8UWrap>, I32NeS8Back, Alone<I64LoadR>;
        I64StoreAbsA: I64LoadAbs, Alone<I64XorRI>, Alone<I64XorRR>;
        I64StoreR: I32StoreR;
        Alone<I64XorAR>: I32WrapI64A;
        Alone<I64XorRA>: I64StoreAbsA;
        I64XorRA: I64LoadAbs, I64RotlAI;
        Alone<I64XorRI>: Alone<I64AndRA>;
        Alone<I64XorRR>: I64StoreA, I64StoreAbsA;
        Mov: Call, CallIndirect, Const, F64MulRR, Fuel, I32AddRI, Alone<I32AddRI>, I32AndRA, I32AndRI, I32Load8UIdx,
            I32Load8UWrap, Alone<I32LoadR>, I32MulRI, I32NeR8Forward, I32NeRAForward, I32NeS8Back, I32NeSRBack,
            I32RotlAI, Alone<I32ShlRI>, I32XorRA, Alone<I32XorRA>, Jump, JumpBack;
        Mov2: Call, CallIndirect, Fuel, I32AddRI, I32LoadR;
        NonZeroAForward: I32AddRI;
        Select: I32AddRI, Alone<I32AndRI>, I32NeSRBack, Mov;
        ZeroAForward: I32AddRI, I32LoadR, JumpBack;
        ZeroRForward: Const, Fuel, I32AddRI, I32AddRR, Alone<I32AndRI>, Alone<I32LoadR>, I32LoadR;
    }
    triples {
        Const: [Const, Select], [Select, I32NeSRBack], [ZeroRForward, Fuel];
        Enter: [Alone<GlobalGet>, I32AddAI];
        Enter4: [Const, ZeroRForward];
        F32AddAR: [I32AddRR, I32AddRI], [Mov, I32NeSRBack];
        Alone<F32ConvertI32UA>: [F32DivIA, Alone<F32LoadWrap>];
        F32DivIA: [Alone<F32LoadWrap>, Alone<F32MulRA>];
        Alone<F32LoadWrap>: [Alone<F32MulRA>, F32AddAR];
        Alone<F32MulRA>: [F32AddAR, I32AddRR], [F32AddAR, Mov];
        Alone<F64AddAR>: [F64AddRA, I32AddRR];
        F64AddAR: [F64MulAR, Alone<F64AddRA>];
        F64AddRA: [I32AddRR, I32AddRI], [Mov, F64MulRR];
        F64AddRR: [Alone<F64SubRR>, F64AddRA];
        Alone<F64LoadIdx>: [F64MulRA, F64LoadR];
        F64LoadR: [Alone<F64LoadR>, Alone<F64MulRA>];
        Alone<F64LoadR>: [Alone<F64AddRA>, F64StoreA], [Alone<F64MulRA>, Alone<F64AddAR>];
        F64LoadWrap: [Alone<F64LoadIdx>, F64MulRA];
        F64MulAR: [Alone<F64AddRA>, F64LeAKBack], [Alone<F64LoadR>, Alone<F64AddRA>];
        F64MulRA: [F64LoadR, Alone<F64LoadR>];
        Alone<F64MulRA>: [Alone<F64AddAR>, F64AddRA];
        F64MulRR: [Alone<F64MulRR>, F64AddAR];
        Alone<F64MulRR>: [F64AddAR, F64MulAR], [F64MulAR, Alone<F64LoadR>];
        F64StoreA: [I32AddRI, Alone<F64MulRR>];
        Alone<F64SubRR>: [F64AddRA, Mov];
        Alone<GlobalGet>: [I32AddAI, GlobalSet];
        I32AddAI: [Const, Mov], [GlobalSet, I32LoadR], [I32AddRR, I32AddRR], [I32ClzA, I32SubRR],
            [Alone<I32Load8UR>, BrTableAcc], [I32ShlAI, I32ClzR];
        Alone<I32AddAR>: [Alone<F32ConvertI32UA>, F32DivIA], [I32AddRA, I32AddRI];
        I32AddAR: [I32LoadA, Alone<I32LoadR>];
        I32AddRA: [I32AddRI, I32GeUSRBack], [I32AddRI, I32LtUAKBack], [Alone<I32Load8UWrap>, Alone<I32EqAI>],
            [Alone<I32LoadA>, Alone<I32AddAI>], [I32ShlRI, Alone<I32SubIR>];
        Alone<I32AddRA>: [Alone<F32ConvertI32UA>, F32DivIA], [I32AddAI, I32AddRR], [Alone<I32AddRA>, I32ShlAI],
            [I32ShlAI, I32LoadIdx], [I32ShlAI, I32LoadR], [Alone<I32SubRA>, Alone<I32AddRA>];
        I32AddRI: [Alone<F64MulRR>, F64MulAR], [GlobalSet, Return1], [GlobalSet, Return], [I32AddRI, I32AddRI],
            [I32AddRI, I32GeUSRBack], [I32AddRI, I32GtUS8Back], [I32AddRI, I32LeSRKBack], [I32AddRI, I32NeS8Back],
            [I32AddRI, I32NeSRBack], [I32AddRI, ZeroAForward], [I32EqAR, Const], [I32GeUARForward, F64AddRR],
            [Alone<I32Load8UR>, I32EqARBack], [I32LoadR, I32LoadR], [Alone<I32MulAR>, Alone<I32ShrUAI>],
            [Alone<I32ShlRI>, Alone<I32LoadA>], [Alone<I32ShrURI>, I32AndAI], [ZeroAForward, JumpBack];
        Alone<I32AddRI>: [I32AddAR, I32LoadA], [Alone<I32AndAI>, I32LtUAI];
        I32AddRR: [I32AddRI, I32AddRI], [I32AddRI, I32LoadR], [I32AddRI, I32NeSRBack], [I32AddRR, I32LeUARForward],
            [I32GeUARForward, I32AddRR], [I32Load8UIdx, ZeroAForward];
        Alone<I32AndAI>: [Alone<I32ShlAI>, I32LoadA], [Alone<I32ShlAI>, Alone<I32LoadA>];
        I32AndAI: [Alone<I32AndRI>, BrTableAcc], [Alone<I32ShrURI>, I32AndAI];
        Alone<I32AndRI>: [I32AddAI, Const];
        I32ClzA: [I32SubRR, Alone<I32Load8UR>];
        I32ClzR: [Alone<I32SubIA>, I32ShrURA];
        Alone<I32EqAI>: [I32AddRA, Alone<I32Load8UWrap>];
        I32EqAR: [Const, Select];
        Alone<I32EqRI>: [I32AddRA, I32AddRI];
        I32GeUARForward: [F64AddRR, Alone<F64SubRR>], [I32AddRR, I32AddRI];
        I32Load8UIdx: [ZeroAForward, I32AddRI];
        Alone<I32Load8UIdx>: [Alone<I32AddRA>, I32ShlAI];
        I32Load8UR: [I32Load8UR, I32NeRAForward], [Alone<I32Load8UR>, I32SubRA], [I32LoadR, I32ShlRI],
            [I32NeRAForward, I32AddRI];
        Alone<I32Load8UR>: [Alone<I32AddRA>, Alone<I32AddRA>], [I32EqARBack, I32NeS8Back], [I32SubRA, NonZeroAForward],
            [Alone<I32XorAR>, Alone<I32AndAI>], [Alone<I32XorAR>, I32Store8A];
        Alone<I32Load8UWrap>: [Alone<I32EqAI>, I32AddRA], [I32ShlAI, I64LoadA];
        I32Load8UWrap: [Alone<I32Load8UR>, Alone<I32XorAR>];
        I32LoadA: [Alone<I32AndRI>, I32NeA8Forward], [Alone<I32LoadR>, I32LoadA], [Alone<I32ShrURI>, I32XorRA],
            [Mov, CallIndirect], [Mov, JumpBack];
        Alone<I32LoadA>: [Alone<I32AddAI>, BrTableAcc], [Alone<I32AddAI>, I32StoreA];
        Alone<I32LoadIdx>: [I32AddAI, I32ClzA], [I32AddAI, I32ShlAI];
        I32LoadR: [Alone<I32AndAI>, Alone<I32ShlAI>], [Alone<I32LoadR>, I32AddRA], [I32LoadR, I32EqRABack],
            [I32LoadR, I32LoadR], [I32ShlRI, Alone<I32LoadIdx>], [I32StoreR, NonZeroRBack],
            [Alone<I32XorAR>, I32StoreA];
        Alone<I32LoadR>: [Alone<I32AddAI>, I32StoreA], [I32AddRA, I32ShlRI], [I32LoadA, Mov];
        I32LtURI: [I32AddRI, NonZeroRBack];
        I32MulAI: [Alone<I32ShrUAI>, I32XorAR];
        Alone<I32MulAR>: [Alone<I32ShrUAI>, Alone<I32AddAR>];
        I32MulRI: [Alone<I32LoadIdx>, I32GeSRAForward];
        I32NeRAForward: [I32AddRI, I32AddRI];
        Alone<I32PopcntA>: [Alone<I32AddAR>, I32AddRA];
        Alone<I32RemUAI>: [I32ShlAI, Alone<I32AddRI>];
        I32RotlAI: [Alone<I32RotlRI>, I32XorRA];
        Alone<I32ShlAI>: [Alone<I32LoadA>, Alone<I32AddAI>], [I32LoadA, Alone<I32ShrURI>], [I32XorAR, Alone<I32RemUAI>];
        I32ShlAI: [Alone<I32AddRI>, I32AddAR], [I32ClzR, Alone<I32SubIA>], [I32LoadR, Alone<I32LoadR>],
            [I64LoadA, Alone<I64Load8UWrap>];
        Alone<I32ShlRI>: [Alone<I32LoadA>, BrTableAcc], [I32LoadA, Mov], [I32XorAR, Alone<I32ShrUAI>];
        I32ShlRI: [I32AddAI, Alone<I32Load8UR>], [I32LoadA, Alone<I32AndRI>], [Alone<I32LoadIdx>, I32AddAI],
            [Alone<I32SubIR>, Alone<I32ShrURA>];
        Alone<I32ShrUAI>: [Alone<I32AddAR>, Alone<F32ConvertI32UA>], [I32XorAR, Alone<I32ShlAI>];
        I32ShrURA: [I32AddRI, I32LtUAKForward];
        Alone<I32ShrURA>: [Alone<I32AddRA>, Alone<I32SubRA>];
        Alone<I32ShrURI>: [Alone<I32AddRA>, Alone<F32ConvertI32UA>], [Alone<I32AndAI>, I32AddRA],
            [I32AndAI, Alone<I32AndRI>], [I32AndAI, Alone<I32ShrURI>], [I32XorRA, I32AddRI],
            [I32XorRA, Alone<I32XorRA>];
        I32ShrURI: [I32AddRI, Alone<I32ShrURI>];
        I32Store8R: [I32Store8Wrap, I32Store8Wrap];
        I32Store8Wrap: [I32AddRI, I32NeS8Back], [I32Store8Wrap, I32AddRI], [I32Store8Wrap, I32Store8Wrap];
        I32Store8WrapImm: [I32AddRR, I32LtUARBack];
        I32StoreA: [I64AddRR, I32LoadR];
        I32StoreR: [I32StoreR, I32StoreR];
        Alone<I32SubIA>: [I32ShrURA, I32AddRI];
        Alone<I32SubIR>: [Alone<I32ShrURA>, Alone<I32AddRA>];
        I32SubRA: [NonZeroAForward, I32AddRI];
        Alone<I32SubRA>: [Alone<I32AddRA>, I32AddAI];
        I32SubRR: [Alone<I32Load8UR>, Alone<I32AddRA>];
        Alone<I32XorAR>: [Alone<I32AndAI>, Alone<I32ShlAI>], [I32Store8A, BrTable], [I32StoreA, I64AddRR];
        I32XorAR: [Alone<I32RemUAI>, I32ShlAI], [Alone<I32ShlAI>, I32XorAR], [Alone<I32ShrUAI>, I32XorAR];
        I32XorRA: [I32AddRI, I32NeS8Back], [Alone<I32XorRA>, Alone<I32AndAI>];
        Alone<I32XorRA>: [Alone<I32AndAI>, Alone<I32ShlAI>];
        I64AddRR: [I32LoadR, NonZeroABack];
        Alone<I64AndRA>: [Alone<I64XorRA>, I64StoreAbsA];
        Alone<I64Load8UWrap>: [Alone<I64OrRA>, I64ShlAI], [Alone<I64RotlRA>, I64StoreA], [Alone<I64ShlAI>, I64OrRA];
        I64LoadA: [Alone<I64Load8UWrap>, Alone<I64RotlRA>];
        I64LoadAbs: [I64LoadAbs, I64LoadAbs];
        Alone<I64LoadR>: [I64StoreA, I32AddRI];
        I64OrRA: [Alone<I64Load8UWrap>, Alone<I64OrRA>];
        Alone<I64OrRA>: [I64ShlAI, Alone<I64Load8UWrap>];
        I64ShlAI: [Alone<I64Load8UWrap>, Alone<I64ShlAI>];
        Alone<I64ShlAI>: [I64OrRA, Alone<I64Load8UWrap>];
        I64StoreA: [I32AddRI, I32AddRI];
        I64StoreAbsA: [Alone<I64XorRR>, I64StoreAbsA];
        Alone<I64XorRA>: [I64StoreAbsA, Alone<I64XorRI>];
        Alone<I64XorRI>: [Alone<I64AndRA>, Alone<I64XorRA>];
        Mov: [F64MulRR, Alone<F64MulRR>], [I32MulRI, Alone<I32LoadIdx>];
        Mov2: [I32LoadR, I32StoreR];
        NonZeroAForward: [I32AddRI, I32AddRI];
        ZeroAForward: [I32AddRI, Alone<I32Load8UR>];
        ZeroRForward: [I32AddRI, Mov2], [Alone<I32AndRI>, I32AddAI];
    }
}
