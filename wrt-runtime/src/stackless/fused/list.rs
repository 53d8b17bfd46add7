//! Which instructions are run together: what stands behind what most often in compiled programs.

use super::{Alone, Part, Sequence, three, two};
use crate::stackless::access::{load, store};
use crate::stackless::branch::{br_table, compare_branch, jump, jump_back, sum_branch, test};
use crate::stackless::context::{Acc, Context, Dispatch, Regs, Rest, Stop};
use crate::stackless::control as c;
use crate::stackless::numeric::{binary, compare, float_binary, unary};
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
        I32AndRA: I32And RA;
        I32AndRI: I32And RI;
        I32MulAI: I32Mul AI;
        I32MulAR: I32Mul AR;
        I32MulRA: I32Mul RA;
        I32MulRI: I32Mul RI;
        I32OrAI: I32Or AI;
        I32OrRA: I32Or RA;
        I32RemUAI: I32RemU AI;
        I32RemUAR: I32RemU AR;
        I32RotlAI: I32Rotl AI;
        I32RotlRI: I32Rotl RI;
        I32ShlAI: I32Shl AI;
        I32ShlRA: I32Shl RA;
        I32ShlRI: I32Shl RI;
        I32ShrUAI: I32ShrU AI;
        I32ShrURA: I32ShrU RA;
        I32ShrURI: I32ShrU RI;
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
        I64AddRI: I64Add RI;
        I64AddRR: I64Add RR;
        I64AndRA: I64And RA;
        I64MulRA: I64Mul RA;
        I64MulRR: I64Mul RR;
        I64OrRA: I64Or RA;
        I64RotlAI: I64Rotl AI;
        I64RotlRA: I64Rotl RA;
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
        F64MulAI: F64Mul AI;
        F64MulAR: F64Mul AR;
        F64MulRA: F64Mul RA;
        F64MulRR: F64Mul RR;
        F64SubRA: F64Sub RA;
        F64SubRR: F64Sub RR;
    }
    unary {
        F32ConvertI32UA: F32ConvertI32U A;
        I32ClzA: I32Clz A;
        I32ClzR: I32Clz R;
        I32Extend8SA: I32Extend8S A;
        I32Extend8SR: I32Extend8S R;
        I32PopcntA: I32Popcnt A;
        I32WrapI64A: I32WrapI64 A;
        I64ExtendI32SR: I64ExtendI32S R;
    }
    load {
        I32Load16SA: I32Load16S A;
        I32Load16UR: I32Load16U R;
        I32Load8UA: I32Load8U A;
        I32Load8UIdx: I32Load8U Idx;
        I32Load8UR: I32Load8U R;
        I32Load8UWrap: I32Load8U Wrap;
        I32LoadA: I32Load A;
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
        F64LoadAbs: F64Load Abs;
        F64LoadIdx: F64Load Idx;
        F64LoadR: F64Load R;
        F64LoadWrap: F64Load Wrap;
    }
    store {
        I32Store8A: I32Store8 A;
        I32Store8Imm: I32Store8 Imm;
        I32Store8R: I32Store8 R;
        I32Store8Wrap: I32Store8 Wrap;
        I32Store8WrapImm: I32Store8 WrapImm;
        I32StoreA: I32Store A;
        I32StoreIdx: I32Store Idx;
        I32StoreR: I32Store R;
        I32StoreWrapA: I32Store WrapA;
        I64StoreA: I64Store A;
        I64StoreAbsA: I64Store AbsA;
    }
    float_store {
        F64StoreA: F64Store A;
        F64StoreAbsA: F64Store AbsA;
    }
    compare_branch {
        I32EqARBack: I32Eq AR Back;
        I32EqARForward: I32Eq AR Forward;
        I32EqR8Forward: I32Eq R8 Forward;
        I32EqRABack: I32Eq RA Back;
        I32EqRAForward: I32Eq RA Forward;
        I32GeSRAForward: I32GeS RA Forward;
        I32GeUARForward: I32GeU AR Forward;
        I32GeURAForward: I32GeU RA Forward;
        I32GtUA8Forward: I32GtU A8 Forward;
        I32GtUAKForward: I32GtU AK Forward;
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
        I64EqARForward: I64Eq AR Forward;
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
        ZeroAForward: Zero A Forward;
        ZeroRForward: Zero R Forward;
    }
    plain {
        BrTable: BrTable = br_table::<D, false>;
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
        Return: Return = c::return_::<D>;
        Return1: Return1 = c::return_one::<D, false>;
        Return1Acc: Return1Acc = c::return_one::<D, true>;
        Select: Select = c::select::<D>;
    }
}

sequences! {
    pairs {
        Const: BrTable, Call, Const, Fuel, I32AddRI, Alone<I32ShlRA>, Jump, Mov, Select, ZeroRForward;
        F32AddAR: I32AddRR, Mov;
        Alone<F32ConvertI32UA>: F32DivIA;
        F32DivIA: Alone<F32LoadWrap>;
        Alone<F32LoadWrap>: Alone<F32MulRA>;
        Alone<F32MulRA>: F32AddAR;
        Alone<F64AddAR>: F64AddRA;
        F64AddAR: F64MulAR, F64StoreAbsA;
        F64AddRA: I32AddRR, Mov;
        Alone<F64AddRA>: F64LeAKBack, F64StoreA;
        F64AddRR: Alone<F64SubRR>;
        Alone<F64LoadAbs>: Alone<F64MulAI>;
        Alone<F64LoadIdx>: F64MulRA;
        F64LoadR: Alone<F64LoadR>, Alone<F64MulRR>;
        Alone<F64LoadR>: Alone<F64AddRA>, Alone<F64MulRA>;
        F64LoadWrap: Alone<F64LoadIdx>;
        Alone<F64LoadWrap>: F64SubRA;
        Alone<F64MulAI>: F64AddAR;
        F64MulAR: Alone<F64AddRA>, Alone<F64LoadR>;
        Alone<F64MulAR>: Alone<F64SubRA>;
        F64MulRA: F64LoadR;
        Alone<F64MulRA>: Alone<F64AddAR>;
        F64MulRR: Alone<F64MulRR>;
        Alone<F64MulRR>: F64AddAR, F64MulAR, Alone<F64MulAR>;
        F64StoreA: F64LoadR, I32AddRI;
        F64StoreAbsA: Alone<F64LoadAbs>;
        Alone<F64SubRA>: F64StoreA;
        Alone<F64SubRR>: F64AddRA;
        Alone<GlobalGet>: I32AddAI;
        GlobalSet: I32LoadR, Return, Return1;
        Alone<I32AddAI>: BrTableAcc, I32LtUAI, I32StoreA;
        I32AddAI: Const, GlobalSet, I32AddRR, I32ClzA, I32GtUA8Forward, Alone<I32Load8UR>, I32ShlAI, Alone<I64LoadR>;
        Alone<I32AddAR>: Alone<F32ConvertI32UA>, I32AddRA, Alone<I32AndAI>;
        I32AddAR: I32AddRI, I32LoadA, I32Store8Imm;
        I32AddRA: Fuel, I32AddRI, I32AddRR, I32GtUAR, Alone<I32Load8UA>, Alone<I32Load8UWrap>, Alone<I32LoadA>,
            I32LoadA, I32NeSRBack, I32ShlRI, Alone<I32ShrURI>, Mov;
        Alone<I32AddRA>: Alone<F32ConvertI32UA>, I32AddAI, Alone<I32AddRA>, I32ShlAI, I32Store8A, I32StoreA,
            Alone<I32SubRA>;
        I32AddRI: Call, Alone<F64MulRR>, Fuel, GlobalSet, I32AddRI, I32AddRR, I32EqAR, I32EqARForward, I32GeUARForward,
            I32GeUSRBack, I32GtUS8Back, I32LeSRKBack, I32LeURKBack, I32LeUSRBack, I32Load8UR, Alone<I32Load8UR>,
            Alone<I32LoadA>, I32LoadR, I32LoadWrap, I32LtUAKBack, I32LtUAKForward, I32LtUSRBack, Alone<I32MulAR>,
            I32NeAKBack, I32NeS8Back, I32NeSRBack, Alone<I32ShlRI>, Alone<I32ShrURI>, I32StoreA, Jump, JumpBack, Mov,
            Mov2, NonZeroRBack, ZeroAForward;
        Alone<I32AddRI>: BrTableAcc, I32AddAR, Alone<I32AndAI>, I32StoreA;
        I32AddRR: I32AddRI, I32AddRR, I32GeUARForward, I32LeUARForward, I32Load8UA, I32Load8UIdx, Alone<I32Load8UIdx>,
            I32LtUARBack;
        Alone<I32AddRR>: Return1Acc;
        Alone<I32AndAI>: I32AddRA, I32EqRAForward, I32LtUAI, Alone<I32MulRA>, Alone<I32ShlAI>, I32StoreA;
        I32AndAI: Alone<I32AndRI>, Alone<I32ShrURI>, I32XorAI, Select;
        I32AndRA: Alone<I32AndRI>, NonZeroRForward;
        Alone<I32AndRI>: BrTableAcc, I32AddAI, I32NeA8Forward, I32ShrUAI;
        I32AndRI: I32Extend8SR;
        I32ClzA: I32SubRR;
        I32ClzR: Alone<I32SubIA>;
        Alone<I32EqAI>: I32AddRA;
        I32EqAR: Const;
        Alone<I32EqRI>: I32AddRA;
        Alone<I32Extend8SA>: Alone<I32AddAI>;
        I32Extend8SR: Const;
        I32GtUAR: Select;
        Alone<I32Load16SA>: I32AddRA;
        Alone<I32Load16UR>: Alone<I32AndAI>;
        I32Load8UIdx: I32AddAI, ZeroAForward;
        Alone<I32Load8UIdx>: Alone<I32AddRA>, I32Store8A;
        I32Load8UR: BrTableAcc, I32Load8UR, Alone<I32Load8UR>, I32LoadR, I32NeRAForward;
        Alone<I32Load8UR>: BrTableAcc, Alone<I32AddRA>, I32EqARBack, I32NeA8Forward, I32Store8A, I32SubRA,
            Alone<I32XorAR>;
        Alone<I32Load8UWrap>: Alone<I32EqAI>, I32ShlAI, Alone<I32XorRA>;
        I32Load8UWrap: Alone<I32Load8UIdx>, Alone<I32Load8UR>, Alone<I32OrAI>;
        I32LoadA: CallIndirect, Alone<I32AndRI>, Alone<I32LoadR>, I32LoadR, Alone<I32ShrURI>, Mov, Mov2;
        Alone<I32LoadA>: BrTableAcc, Alone<I32AddAI>, I32LoadA, Alone<I32ShlAI>, I32StoreA;
        I32LoadAbs: Alone<I32ShlRI>;
        Alone<I32LoadIdx>: I32AddAI, I32GeSRAForward;
        I32LoadIdx: I32GtUAKForward;
        I32LoadR: Const, Fuel, Alone<I32AndAI>, I32EqRABack, I32GeURAForward, I32GtUARForward, I32LoadA, I32LoadR,
            Alone<I32LoadR>, I32LtUARForward, Alone<I32MulAI>, I32NeRAForward, I32ShlRI, Alone<I32ShlRI>, I32StoreR,
            Alone<I32XorAR>, Mov, NonZeroABack, ZeroAForward;
        Alone<I32LoadR>: Alone<I32AddAI>, Alone<I32AddAR>, I32AddAR, I32AddRA, I32LoadA, Alone<I32LoadA>,
            Alone<I32MulAI>, I32NeRAForward, I32ShlAI, I32StoreA, Alone<I32SubAR>, Alone<I64LoadA>, ZeroAForward;
        I32LoadWrap: I32RotlAI;
        I32LtUAI: Alone<I32AddRI>, I32OrRA;
        I32LtURI: I32AddRI;
        I32LtURR: Select;
        I32MulAI: Alone<I32ShrUAI>;
        Alone<I32MulAI>: I32AddRA;
        Alone<I32MulAR>: Alone<I32ShrUAI>;
        Alone<I32MulRA>: I32AddAR;
        Alone<I32MulRI>: I32AddRA;
        I32MulRI: Alone<I32LoadIdx>;
        I32NeRI: Alone<I32NeRI>;
        Alone<I32NeRI>: I32AndRA;
        Alone<I32OrAI>: Alone<I32Extend8SA>;
        I32OrRA: I32AndRI;
        Alone<I32PopcntA>: Alone<I32AddAR>;
        Alone<I32RemUAI>: I32ShlAI;
        I32RotlAI: Alone<I32RotlRI>;
        Alone<I32RotlRI>: I32XorRA, Alone<I32XorRA>;
        Alone<I32ShlAI>: I32AddRA, I32LoadA, Alone<I32LoadA>, I32XorAR;
        I32ShlAI: Alone<I32AddRI>, I32ClzR, I32LoadIdx, I32LoadR, I64LoadA;
        Alone<I32ShlRI>: I32AddRA, Alone<I32Load16SA>, Alone<I32LoadA>, I32LoadA, I32XorAR;
        I32ShlRI: I32AddAI, I32LoadA, Alone<I32LoadA>, Alone<I32LoadIdx>, I32LoadIdx, I32StoreIdx, Alone<I32SubIR>;
        Alone<I32ShrUAI>: Alone<I32AddAR>, I32AndAI, I32RemUAR, I32XorAR;
        I32ShrUAI: I32NeS8Back;
        I32ShrURA: I32AddRI;
        Alone<I32ShrURA>: Alone<I32AddRA>;
        Alone<I32ShrURI>: Alone<I32AddRA>, I32AndAI, Alone<I32AndAI>, I32XorRA, Alone<I32XorRA>;
        I32ShrURI: I32AddRI;
        I32Store8A: BrTable, I32LtUSRBack, Mov;
        I32Store8R: I32Store8Wrap;
        I32Store8Wrap: I32AddRI, I32Store8Wrap;
        I32Store8WrapImm: I32AddRR;
        I32StoreA: I32AddRI, I32AddRR, I32EqR8Forward, Alone<I32LoadR>, I32LoadR, Alone<I32ShrURI>, I64AddRR, Jump,
            JumpBack, Return;
        I32StoreR: I32AddRI, I32StoreR, NonZeroRBack, Return;
        I32StoreWrapA: Jump;
        Alone<I32SubIA>: I32ShrURA;
        Alone<I32SubIR>: Alone<I32ShrURA>;
        I32SubRA: NonZeroAForward;
        Alone<I32SubRA>: Alone<I32AddRA>;
        I32SubRR: Alone<I32Load8UR>, Return1;
        Alone<I32SubRR>: I32StoreA;
        I32WrapI64A: I32AndRA;
        Alone<I32WrapI64A>: Alone<I32ShlAI>;
        I32XorAI: Alone<I32XorRR>;
        Alone<I32XorAR>: Alone<I32AndAI>, I32MulAI, I32Store8A, I32StoreA;
        I32XorAR: Alone<I32RemUAI>, Alone<I32ShlAI>, Alone<I32ShrUAI>;
        Alone<I32XorRA>: I32AddRA, Alone<I32AndAI>, Alone<I32XorAR>;
        I32XorRA: I32AddRI, Alone<I32RotlRI>, Alone<I32ShrURI>, Alone<I32XorRA>;
        Alone<I32XorRR>: I32AndAI, I32MulAI;
        I64AddAI: Alone<I64ShrUAI>;
        I64AddAR: I32AddRI;
        Alone<I64AddAR>: I64RotlAI;
        I64AddRI: I32Load8UR;
        I64AddRR: I32LoadR;
        Alone<I64AndRA>: Alone<I64XorRA>;
        I64ExtendI32SR: Alone<I64ExtendI32SR>;
        Alone<I64ExtendI32SR>: Alone<I64MulRA>;
        Alone<I64Load8UWrap>: Alone<I64OrRA>, I64OrRA, Alone<I64RotlRA>, Alone<I64ShlAI>, I64ShlAI;
        I64LoadA: Alone<I64Load8UWrap>;
        I64LoadAbs: I64LoadAbs;
        Alone<I64LoadR>: I64EqARForward, I64StoreA;
        Alone<I64MulRA>: I64AddAR;
        Alone<I64MulRR>: I64AddAI, Alone<I64AddAR>, Alone<I64ShrUAR>;
        I64MulRR: Alone<I64Load8UWrap>, Alone<I64ShrUAI>;
        I64OrRA: Alone<I64Load8UWrap>;
        Alone<I64OrRA>: I64ShlAI;
        Alone<I64RotlRA>: I64StoreA;
        I64ShlAI: Alone<I64Load8UWrap>;
        Alone<I64ShlAI>: I64OrRA;
        Alone<I64ShrUAI>: I64XorAR, Alone<I64XorAR>;
        Alone<I64ShrUAR>: Alone<I32WrapI64A>;
        I64StoreA: I32AddRI, Alone<I32Load8UWrap>, I32NeS8Back, Alone<I64LoadR>;
        I64StoreAbsA: Alone<I64XorRI>, Alone<I64XorRR>;
        Alone<I64XorAR>: I32WrapI64A;
        Alone<I64XorRA>: I64StoreAbsA;
        I64XorRA: I64RotlAI;
        Alone<I64XorRI>: Alone<I64AndRA>;
        Alone<I64XorRR>: I64StoreAbsA;
        Mov: Call, CallIndirect, Const, F64MulRR, Fuel, I32AddRI, I32Load8UWrap, Alone<I32LoadR>, I32MulRI,
            I32NeRAForward, I32NeS8Back, I32NeSRBack, Alone<I32ShlRI>, Jump, JumpBack;
        Mov2: Call, CallIndirect, Fuel, I32AddRI, I32LoadR;
        Select: I32AddRI, Alone<I32AndRI>, I32NeSRBack, Mov;
    }
    triples {
        Const: [Const, Select], [Select, I32NeSRBack];
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
        I32AddAI: [Const, Mov], [Alone<I32Load8UR>, BrTableAcc], [I32ShlAI, I32ClzR];
        Alone<I32AddAR>: [Alone<F32ConvertI32UA>, F32DivIA], [I32AddRA, I32AddRI];
        I32AddAR: [I32LoadA, Alone<I32LoadR>];
        I32AddRA: [I32AddRI, I32GeUSRBack], [I32AddRI, I32LtUAKBack], [Alone<I32Load8UWrap>, Alone<I32EqAI>],
            [I32ShlRI, Alone<I32SubIR>];
        Alone<I32AddRA>: [Alone<F32ConvertI32UA>, F32DivIA], [Alone<I32AddRA>, I32ShlAI];
        I32AddRI: [Alone<F64MulRR>, F64MulAR], [GlobalSet, Return1], [GlobalSet, Return], [I32AddRI, I32AddRI],
            [I32AddRI, I32GtUS8Back], [I32AddRI, I32NeS8Back], [I32AddRI, I32NeSRBack], [I32AddRI, ZeroAForward],
            [I32EqAR, Const], [Alone<I32Load8UR>, I32EqARBack], [I32LoadR, I32LoadR],
            [Alone<I32MulAR>, Alone<I32ShrUAI>], [Alone<I32ShlRI>, Alone<I32LoadA>], [Alone<I32ShrURI>, I32AndAI];
        Alone<I32AddRI>: [I32AddAR, I32LoadA];
        I32AddRR: [I32AddRI, I32AddRI], [I32AddRI, I32LoadR], [I32AddRI, I32NeSRBack], [I32Load8UIdx, ZeroAForward];
        Alone<I32AndAI>: [Alone<I32ShlAI>, I32LoadA];
        I32AndAI: [Alone<I32AndRI>, BrTableAcc], [Alone<I32ShrURI>, I32AndAI];
        Alone<I32AndRI>: [I32AddAI, Const];
        I32ClzA: [I32SubRR, Alone<I32Load8UR>];
        I32ClzR: [Alone<I32SubIA>, I32ShrURA];
        Alone<I32EqAI>: [I32AddRA, Alone<I32Load8UWrap>];
        I32EqAR: [Const, Select];
        Alone<I32EqRI>: [I32AddRA, I32AddRI];
        I32Load8UR: [I32Load8UR, I32NeRAForward], [Alone<I32Load8UR>, I32SubRA];
        Alone<I32Load8UR>: [I32SubRA, NonZeroAForward], [Alone<I32XorAR>, Alone<I32AndAI>], [Alone<I32XorAR>, I32Store8A];
        Alone<I32Load8UWrap>: [Alone<I32EqAI>, I32AddRA], [I32ShlAI, I64LoadA];
        I32Load8UWrap: [Alone<I32Load8UR>, Alone<I32XorAR>];
        I32LoadA: [Alone<I32AndRI>, I32NeA8Forward], [Alone<I32LoadR>, I32LoadA], [Alone<I32ShrURI>, I32XorRA],
            [Mov, CallIndirect], [Mov, JumpBack];
        Alone<I32LoadA>: [Alone<I32AddAI>, I32StoreA];
        Alone<I32LoadIdx>: [I32AddAI, I32ShlAI];
        I32LoadR: [Alone<I32LoadR>, I32AddRA], [I32LoadR, I32EqRABack], [I32ShlRI, Alone<I32LoadIdx>],
            [I32StoreR, NonZeroRBack], [Alone<I32XorAR>, I32StoreA];
        Alone<I32LoadR>: [Alone<I32AddAI>, I32StoreA], [I32LoadA, Mov];
        I32LtURI: [I32AddRI, NonZeroRBack];
        I32MulAI: [Alone<I32ShrUAI>, I32XorAR];
        Alone<I32MulAR>: [Alone<I32ShrUAI>, Alone<I32AddAR>];
        Alone<I32PopcntA>: [Alone<I32AddAR>, I32AddRA];
        Alone<I32RemUAI>: [I32ShlAI, Alone<I32AddRI>];
        Alone<I32ShlAI>: [I32LoadA, Alone<I32ShrURI>], [I32XorAR, Alone<I32RemUAI>];
        I32ShlAI: [Alone<I32AddRI>, I32AddAR], [I32ClzR, Alone<I32SubIA>], [I64LoadA, Alone<I64Load8UWrap>];
        Alone<I32ShlRI>: [Alone<I32LoadA>, BrTableAcc], [I32LoadA, Mov], [I32XorAR, Alone<I32ShrUAI>];
        I32ShlRI: [I32AddAI, Alone<I32Load8UR>], [I32LoadA, Alone<I32AndRI>], [Alone<I32LoadIdx>, I32AddAI],
            [Alone<I32SubIR>, Alone<I32ShrURA>];
        Alone<I32ShrUAI>: [Alone<I32AddAR>, Alone<F32ConvertI32UA>], [I32XorAR, Alone<I32ShlAI>];
        Alone<I32ShrURI>: [Alone<I32AddRA>, Alone<F32ConvertI32UA>], [Alone<I32AndAI>, I32AddRA],
            [I32AndAI, Alone<I32AndRI>], [I32AndAI, Alone<I32ShrURI>], [I32XorRA, I32AddRI], [I32XorRA, Alone<I32XorRA>];
        I32ShrURI: [I32AddRI, Alone<I32ShrURI>];
        I32Store8R: [I32Store8Wrap, I32Store8Wrap];
        I32Store8Wrap: [I32AddRI, I32NeS8Back], [I32Store8Wrap, I32AddRI], [I32Store8Wrap, I32Store8Wrap];
        I32Store8WrapImm: [I32AddRR, I32LtUARBack];
        I32StoreA: [I64AddRR, I32LoadR];
        I32StoreR: [I32StoreR, I32StoreR];
        Alone<I32SubRA>: [Alone<I32AddRA>, I32AddAI];
        I32SubRR: [Alone<I32Load8UR>, Alone<I32AddRA>];
        Alone<I32XorAR>: [Alone<I32AndAI>, Alone<I32ShlAI>], [I32Store8A, BrTable], [I32StoreA, I64AddRR];
        I32XorAR: [Alone<I32RemUAI>, I32ShlAI], [Alone<I32ShlAI>, I32XorAR], [Alone<I32ShrUAI>, I32XorAR];
        I32XorRA: [I32AddRI, I32NeS8Back], [Alone<I32XorRA>, Alone<I32AndAI>];
        Alone<I32XorRA>: [Alone<I32AndAI>, Alone<I32ShlAI>];
        I64AddRR: [I32LoadR, NonZeroABack];
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
        Mov: [F64MulRR, Alone<F64MulRR>];
        Mov2: [I32LoadR, I32StoreR];
    }
}
