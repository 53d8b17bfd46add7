//! Which two instructions are run together: what stands behind what most often in compiled programs.

#[allow(clippy::wildcard_imports)]
use super::parts::*;
use super::{Alone, Sequence, two};

sequences! {
    pairs {
        Const: BrTable, Call, Const, Fuel, I32AddAI, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndRI>, I32AndRI,
            I32GeUR8Forward, I32GtUR8Forward, I32LeSR8Forward, Alone<I32Load8UIdx>, Alone<I32Load8UR>, I32Load8UR,
            Alone<I32Load8UWrap>, I32LoadA, I32LoadAbs, Alone<I32LoadR>, I32LoadR, I32LtURI, I32NeAKBack, I32NeS8Back,
            Alone<I32ShlAI>, Alone<I32ShlRA>, Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrUAI>, Alone<I32ShrURI>,
            I32Store16Imm, I32Store8Wrap, I32StoreA, I32StoreR, I32StoreWrapA, I64AndRA, Jump, Mov, Mov2, NonZeroRBack,
            NonZeroRForward, Return1, Alone<Select>, Select, ZeroRForward;
        Enter: Const, Alone<GlobalGet>, I32GtURKForward, Alone<I32LoadR>;
        Enter4: Const, Alone<GlobalGet>, I32AddRI, I32Load16UR, I32LoadAbs, I32LoadR, I32LoadWrap, I32NeRRForward, Mov,
            NonZeroRForward, ZeroRForward;
        Enter8: Const, Fuel, Alone<GlobalGet>, I32AddRI, I32Load8UR, I32LoadR, ZeroRForward;
        Alone<F32AddAR>: Alone<F32MulAR>;
        F32AddAR: F32MulRI, F32SubRA, I32AddRR, Mov;
        Alone<F32AddRA>: F32AddRA;
        F32AddRA: F32LoadWrap, F32MulAR;
        Alone<F32AddRR>: Alone<F32SubIA>;
        F32AddRR: F32AddRR, I32NeS8Back;
        Alone<F32ConvertI32SR>: F32SubRA;
        Alone<F32ConvertI32UA>: F32DivIA, Alone<F32MulAI>, F32MulAI;
        F32DivIA: Alone<F32LoadWrap>;
        F32LoadR: F32LoadR, F32MulAR;
        Alone<F32LoadWrap>: Alone<F32MulRA>;
        F32LoadWrap: Alone<F32MulAR>, F32MulAR, Alone<F32MulRA>;
        Alone<F32MulAI>: F32StoreA;
        F32MulAI: Alone<F32SubRA>, F32SubRA, I32AddRR;
        Alone<F32MulAR>: F32AddAR, Alone<F32SubRA>;
        F32MulAR: Alone<F32AddRR>, F32LoadR, F32LoadWrap, F32MulRR;
        Alone<F32MulRA>: Alone<F32AddAR>, F32AddAR, Alone<F32AddRA>, Alone<F32MulRA>;
        F32MulRA: Alone<F32MulRA>;
        F32MulRI: F32AddRR;
        Alone<F32MulRR>: Alone<F32AddRA>;
        F32MulRR: Alone<F32MulRR>, F32MulRR;
        F32StoreA: I32AddRI;
        Alone<F32SubIA>: Alone<F32MulRA>, F32MulRA;
        Alone<F32SubRA>: Alone<F32MulAR>, F32SubRA;
        F32SubRA: Alone<F32ConvertI32SR>, F32GtNotAKForward, F32MulAR;
        Alone<F64AddAR>: F64AddRA;
        F64AddAR: F64MulAR, F64StoreAbsA;
        Alone<F64AddRA>: F64AddRA, F64LeAKBack, F64StoreA, I32AddRA;
        F64AddRA: Alone<F64AddRA>, F64MulRI, Alone<F64MulRR>, Alone<F64SqrtA>, I32AddRI, I32AddRR, I32NeSRBack, Mov;
        F64AddRR: Alone<F64SubRR>;
        Alone<F64ConvertI32SA>: F64AddRA;
        Alone<F64ConvertI32UA>: Alone<F64MulAI>;
        Alone<F64ConvertI32UR>: F64AddRA, Alone<F64SubRA>, F64SubRA;
        F64DivIA: Alone<F64MulRA>;
        Alone<F64LoadA>: F64MulRA, F64SubRA;
        F64LoadA: F64MulAR, Alone<F64MulRA>, F64MulRR, Mov;
        F64LoadAIdx: I32LoadR, I32LoadWrap;
        Alone<F64LoadAbs>: Alone<F64MulAI>;
        Alone<F64LoadIdx>: Alone<F64MulRA>, F64MulRA;
        Alone<F64LoadR>: Alone<F64AddRA>, Alone<F64MulRA>, F64MulRA, I32AddRA;
        F64LoadR: Alone<F64LoadR>, F64LoadR, Alone<F64MulRR>, I32AddRI, Mov2;
        Alone<F64LoadWrap>: F64MulRA, F64SubRA;
        F64LoadWrap: Alone<F64LoadIdx>, F64MulRA;
        Alone<F64MulAI>: F64AddAR;
        F64MulAI: I32TruncSatF64UA;
        Alone<F64MulAR>: Alone<F64AddRA>, Alone<F64SubRA>;
        F64MulAR: Alone<F64AddRA>, Alone<F64LoadR>, F64MulRR, I32AddRI;
        Alone<F64MulRA>: Alone<F64AddAR>, F64AddRA, F64DivIA, Alone<F64SubRA>, I32AddRA;
        F64MulRA: Alone<F64LoadR>, F64LoadR, Alone<F64LoadWrap>, I32AddRI;
        F64MulRI: Alone<F64ConvertI32UR>, Alone<I32AddRI>, I32TruncSatF64UA, Select;
        Alone<F64MulRR>: F64AddAR, F64AddRA, Alone<F64MulAR>, F64MulAR, F64SubRA, I32AddRA;
        F64MulRR: Alone<F64LoadWrap>, Alone<F64MulRR>, F64MulRR, I32AddRI;
        Alone<F64SqrtA>: Alone<F64MulRA>;
        F64StoreA: F64LoadR, F64MulRR, Alone<F64SubRR>, I32AddRI, Mov;
        F64StoreAbsA: Alone<F64LoadAbs>;
        F64StoreR: I32AddRI;
        F64StoreWrapA: I32NeS8Back;
        Alone<F64SubRA>: F64MulAI, F64StoreA;
        F64SubRA: Alone<F64AddRA>, F64LoadWrap, Alone<F64MulAR>, F64MulAR, I32NeS8Back;
        Alone<F64SubRR>: F64AddRA, F64StoreA;
        Alone<GlobalGet>: I32AddAI;
        GlobalSet: Const, I32AddRI, I32AddRR, I32Load8SR, Alone<I32Load8UR>, I32LoadAbs, Alone<I32LoadR>, I32LoadR,
            Return, Return1;
        Alone<I32AddAI>: BrTableAcc, I32AddRA, Alone<I32AndAI>, I32AndAI, I32AndRA, I32GeUAKForward, I32GtUA8Forward,
            I32LtUA8Forward, I32LtUAI, I32Store16A, I32Store8A, I32Store8WrapA, I32StoreA, I32StoreAbsA, I32XorAR,
            I64StoreA;
        I32AddAI: Const, F64LoadA, F64LoadR, Fuel, GlobalSet, I32AddAI, I32AddRA, I32AddRI, I32AddRR, Alone<I32AndAI>,
            I32AndAI, Alone<I32AndRI>, I32ClzA, I32GtUA8Forward, I32Load8SWrap, Alone<I32Load8UIdx>, Alone<I32Load8UR>,
            I32LoadA, I32LoadAbs, Alone<I32LoadR>, I32LoadR, Alone<I32LoadWrap>, I32LtUAR, I32NeS8Back, I32OrAR,
            I32ShlAI, Alone<I32ShlRI>, Alone<I32ShrURI>, I32Store8A, I32StoreA, I32StoreAbsA, I32StoreR,
            I32TruncSatF32SR, Alone<I64Load32UA>, I64Load32UA, Alone<I64LoadR>, Jump, Mov, Mov2, Select;
        Alone<I32AddAR>: Alone<F32ConvertI32UA>, I32AddAI, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, Alone<I32AndAR>,
            I32AndAR, I32GeUA8Forward, I32LtURAForward, Alone<I32MulAI>, I32MulAI, Alone<I32ShlAI>, I32ShrUAI,
            I32StoreA;
        I32AddAR: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32AddRR, I32DivURI, Alone<I32EqRI>, I32GtSA8Forward,
            Alone<I32GtURR>, I32Load8SA, Alone<I32Load8UA>, Alone<I32Load8UIdx>, I32LoadA, Alone<I32LoadAWrap>,
            Alone<I32LoadR>, I32LoadR, I32LoadWrap, I32NeS8Back, Alone<I32PopcntR>, I32Store8Imm, I32StoreA,
            I32StoreAbsA, Alone<I32SubIR>, Alone<I64LoadAWrap>, Jump, Mov, Mov2;
        Alone<I32AddRA>: Alone<F32ConvertI32UA>, Alone<I32AddAI>, I32AddAI, I32AddAR, Alone<I32AddRA>, I32AddRA,
            Alone<I32AndAI>, Alone<I32MulAI>, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShrUAI>, I32Store8A, I32Store8WrapA,
            I32StoreA, Alone<I32SubRA>, I32XorAR, I32XorRA, I64StoreA, Return1Acc;
        I32AddRA: Call, Const, Fuel, I32AddAI, I32AddRA, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndAI>, I32AndAI,
            Alone<I32AndRI>, I32AndRI, I32EqAI, I32GtUAR, I32GtUARForward, I32LeURRBack, Alone<I32Load16SWrap>,
            I32Load16UA, Alone<I32Load16UWrap>, Alone<I32Load8UA>, I32Load8UA, Alone<I32Load8UIdx>, I32Load8UIdx,
            Alone<I32Load8UR>, I32Load8UR, Alone<I32Load8UWrap>, I32Load8UWrap, Alone<I32LoadA>, I32LoadA,
            Alone<I32LoadAWrap>, I32LoadAWrap, Alone<I32LoadIdx>, Alone<I32LoadR>, I32LoadR, Alone<I32LoadWrap>,
            I32LtUARForward, Alone<I32MulRI>, I32NeAKBack, I32NeR8Forward, I32NeRRBack, I32NeS8Back, I32NeSRBack,
            Alone<I32OrRI>, Alone<I32ShlAI>, Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrUAI>, Alone<I32ShrURI>, I32Store8R,
            I32Store8Wrap, I32Store8WrapA, I32StoreA, I32StoreImm, I32StoreR, Alone<I32SubRR>, I32SubRR,
            I32TestR8Forward, Alone<I64LoadA>, I64LoadA, Alone<I64LoadR>, Jump, JumpBack, Mov, Mov2, NonZeroABack,
            Select, ZeroRForward;
        Alone<I32AddRI>: BrTableAcc, Alone<F64ConvertI32SA>, I32AddAI, Alone<I32AddAR>, I32AddAR, I32AddRA,
            Alone<I32AndAI>, I32AndAI, Alone<I32AndAR>, I32GeUARForward, I32GtURAForward, I32LeUAKForward, I32LoadA,
            I32LtUAI, I32LtUAKBack, I32ShrUAI, I32Store8WrapA, I32StoreA, I32XorAR, I64StoreA, Return1Acc;
        I32AddRI: BrTable, Call, CallIndirect, Const, F32MulAR, Alone<F64AddRA>, Alone<F64LoadA>, F64LoadA,
            Alone<F64LoadIdx>, Alone<F64LoadR>, F64LoadR, Alone<F64LoadWrap>, Alone<F64MulRR>, F64MulRR,
            Alone<F64SubRR>, Fuel, GlobalSet, Alone<I32AddAI>, I32AddAI, I32AddAR, I32AddRA, Alone<I32AddRI>, I32AddRI,
            I32AddRR, Alone<I32AndAI>, I32AndAI, I32AndRA, Alone<I32AndRI>, I32AndRI, I32EqAKForward, I32EqAR,
            I32EqARForward, I32EqRKForward, Alone<I32Extend8SR>, I32GeUARForward, I32GeURAForward, I32GeURRForward,
            I32GeUSRBack, I32GtUA8Forward, I32GtUARForward, I32GtURI, I32GtURRForward, I32GtUS8Back, I32LeSRKBack,
            I32LeUA8Forward, I32LeUARBack, I32LeUARForward, I32LeURKBack, I32LeUSRBack, I32Load16SR,
            Alone<I32Load16SWrap>, I32Load16UA, I32Load16UR, I32Load8SA, Alone<I32Load8UA>, I32Load8UA,
            Alone<I32Load8UIdx>, I32Load8UIdx, Alone<I32Load8UR>, I32Load8UR, Alone<I32Load8UWrap>, I32Load8UWrap,
            Alone<I32LoadA>, I32LoadA, I32LoadAIdx, I32LoadAbs, Alone<I32LoadIdx>, I32LoadIdx, Alone<I32LoadR>,
            I32LoadR, Alone<I32LoadWrap>, I32LoadWrap, I32LtSAR, I32LtSR8Back, I32LtSRRForward, I32LtUAKBack,
            I32LtUAKForward, I32LtUAR, I32LtUARBack, I32LtUARForward, I32LtUR8Back, I32LtURI, I32LtURR, I32LtURRBack,
            I32LtUSRBack, Alone<I32MulAR>, Alone<I32MulRI>, I32NeAKBack, I32NeRAForward, I32NeRRBack, I32NeS8Back,
            I32NeSRBack, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrUAI>, Alone<I32ShrURI>,
            I32ShrURI, I32Store8Imm, I32Store8R, I32Store8Wrap, I32StoreA, I32StoreIdx, I32StoreImm, I32StoreR,
            Alone<I32SubIR>, I32SubRR, I64AddRR, Alone<I64AndRI>, Alone<I64Load8UWrap>, I64LoadA, I64LoadIdx,
            Alone<I64LoadR>, I64LoadR, Alone<I64MulRI>, I64RotlAI, Alone<I64RotlRI>, Alone<I64ShrURI>, I64ShrURI,
            I64XorRA, Jump, JumpBack, Mov, Mov2, Mov3, NonZeroABack, NonZeroAForward, NonZeroRBack, NonZeroRForward,
            Return, Return1, Alone<Select>, Select, ZeroAForward, ZeroRForward;
        Alone<I32AddRR>: I32AddAI, I32AddRA, I32AndAI, I32Load8UAWrap, Alone<I32MulRA>, Alone<I32ShlAI>, I32ShrSAI,
            I32StoreA, Return1Acc;
        I32AddRR: Call, Const, Alone<F64LoadA>, F64MulRI, Fuel, I32AddAI, Alone<I32AddRI>, I32AddRI, Alone<I32AddRR>,
            I32AddRR, Alone<I32AndAI>, I32AndAI, Alone<I32AndRI>, I32GeUARForward, I32GtUAKForward, I32GtUARForward,
            I32LeUARForward, Alone<I32Load8UA>, I32Load8UA, Alone<I32Load8UAWrap>, I32Load8UAWrap, Alone<I32Load8UIdx>,
            I32Load8UIdx, Alone<I32Load8UR>, I32Load8UR, Alone<I32LoadA>, I32LoadA, Alone<I32LoadAWrap>,
            Alone<I32LoadR>, I32LoadR, I32LtUAKBack, I32LtUAR, I32LtUARBack, I32LtUARForward, I32LtURI, I32LtURR,
            I32LtUSRBack, I32NeAKBack, I32NeS8Back, I32NeSRBack, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShlRA>,
            Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrUAI>, Alone<I32ShrURI>, I32ShrURI, Alone<I32ShrURR>, I32StoreA,
            I32StoreImm, I32StoreR, I32SubRR, Alone<I64Load32UA>, Jump, JumpBack, Mov, Mov2, Mov3, NonZeroRForward,
            Select, ZeroRForward;
        Alone<I32AndAI>: BrTableAcc, F64AddRA, Alone<F64ConvertI32UA>, Alone<I32AddAI>, I32AddAI, I32AddAR,
            Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, I32AndAI, Alone<I32EqAI>, I32EqRAForward, I32GtUA8Forward,
            I32LeUA8Forward, Alone<I32Load8UA>, Alone<I32LoadA>, I32LoadA, I32LtUA8Forward, I32LtUAI, Alone<I32MulRA>,
            I32MulRA, I32NeAKForward, I32NeRAForward, Alone<I32OrAI>, Alone<I32OrRA>, I32OrRA, Alone<I32ShlAI>,
            I32ShlAI, Alone<I32ShrSAI>, Alone<I32ShrURA>, I32ShrURA, I32Store16A, I32Store8A, I32Store8WrapA, I32StoreA,
            Alone<I32XorAI>, I32XorAR, Alone<I32XorRA>, I64AddRA, Alone<I64ShlAR>, I64StoreA;
        I32AndAI: Const, Fuel, Alone<I32AddAI>, I32AddRA, Alone<I32AddRI>, I32AddRI, Alone<I32AndRI>, I32AndRI,
            I32EqA8Back, I32GtUA8Forward, Alone<I32Load16UR>, Alone<I32Load8UIdx>, I32Load8UIdx, I32LoadA,
            Alone<I32LoadIdx>, Alone<I32LoadR>, I32LoadR, I32LoadWrap, I32LtUA8Forward, I32LtURI, I32NeS8Back,
            Alone<I32ShlRI>, Alone<I32ShrURI>, Alone<I32SubIA>, I32XorAI, Mov, Select, ZeroAForward;
        Alone<I32AndAR>: I32AddRA, Alone<I32ShlAI>, Alone<I32ShlAR>, Alone<I32XorAR>, I32XorAR;
        I32AndAR: I32AddRR, I32AndRI, Alone<I32Load8SIdx>;
        Alone<I32AndRA>: Alone<I32ShlAR>, I32StoreAbsA;
        I32AndRA: I32AddRI, Alone<I32AndRI>, I32AndRI, Alone<I32AndRR>, I32OrAR, I64LoadIdx, Alone<I64ShrURI>, Mov,
            NonZeroAForward, NonZeroRForward;
        Alone<I32AndRI>: BrTableAcc, Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>, I32AddAR, Alone<I32AddRA>, I32AddRA,
            Alone<I32AndAI>, I32DivUAI, Alone<I32EqRA>, I32LoadA, I32LtUA8Forward, I32NeA8Forward, I32NeAKForward,
            Alone<I32NeRA>, I32NeRAForward, I32OrAI, Alone<I32OrAR>, Alone<I32OrRA>, I32OrRA, Alone<I32ShlAI>, I32ShlAI,
            Alone<I32ShrUAI>, I32ShrUAI, Alone<I32ShrURA>, I32ShrURA, I32Store16A, I32StoreA, I32SubRA, I32XorAR,
            I64StoreA, Return1Acc;
        I32AndRI: Const, Fuel, I32AddRI, Alone<I32AndRI>, I32AndRI, I32EqA8Forward, I32EqRAForward, I32Extend8SR,
            I32GeUARForward, I32GeURAForward, I32LoadR, I32LtUAR, I32LtURA, Alone<I32ShlAI>, I32ShlRA, Alone<I32ShlRI>,
            Alone<I32ShrURI>, Alone<I32XorRI>, Alone<I32XorRR>, Jump, Mov, NonZeroAForward, ZeroAForward, ZeroRForward;
        Alone<I32AndRR>: Alone<I32ShlAI>, I32XorRA;
        Alone<I32ClzA>: I32AddAR, I32SubIA;
        I32ClzA: I32SubRR;
        I32ClzR: Alone<I32SubIA>;
        Alone<I32CtzA>: Alone<I32AddRA>, Alone<I32ShrUAI>, I32ShrUAI;
        Alone<I32DivSAI>: Return1Acc;
        I32DivUAI: Alone<I32AddRA>, Alone<I32MulAI>;
        Alone<I32DivURI>: Alone<I32MulAI>;
        I32DivURI: Alone<I32MulAI>;
        I32EqA8Back: ZeroRForward;
        I32EqA8Forward: I32LoadR;
        Alone<I32EqAI>: I32AddRA, I32Store8A;
        I32EqAI: Const, I32AddRA, Select;
        I32EqAR: Const;
        I32EqARBack: I32NeS8Back;
        I32EqARForward: I32AddRI, Alone<I32AndRI>, I32GeURRForward, Alone<I32Load8UR>, JumpBack;
        I32EqR8Forward: I32GtURKForward, Alone<I32LoadR>, I32ShlRI, I32SubRR, Mov;
        Alone<I32EqRA>: I32AddRA;
        I32EqRABack: Alone<I32XorRR>;
        I32EqRAForward: I32AddRI, I32LeURR, Alone<I32Load8UWrap>, I32LoadR;
        Alone<I32EqRI>: I32AddAR, I32AddRA, I32SubRA;
        I32EqRI: Const;
        I32EqRR: Alone<Select>, Select;
        Alone<I32Extend8SA>: Alone<I32AddAI>;
        I32Extend8SA: I32LtSA8Forward;
        Alone<I32Extend8SR>: I32GtSA8Forward;
        I32Extend8SR: Const;
        I32GeUA8Forward: Mov;
        I32GeUAR: I32EqRR, I32LoadR;
        I32GeUARForward: F64AddRR, I32AddRI, I32AddRR, I32LoadAbs, Alone<I32SubRR>, JumpBack, NonZeroRBack;
        I32GeUR8IfElse: Fuel;
        I32GeURAForward: Fuel, I32AddRI, Alone<I32LoadR>, I32LoadR, I32StoreR, Mov;
        I32GeURRForward: Fuel, I32AddRI, Alone<I32Load8UIdx>, I32LoadR, Alone<I32MulRI>, Alone<I32ShlRI>, I32ShlRI,
            I32StoreR, Jump;
        I32GtSA8Forward: Alone<I32AndRI>, Alone<I32LoadWrap>, Alone<I32OrRR>;
        I32GtSAI: Alone<I32LtSRI>;
        I32GtSAR: Const;
        I32GtSRAForward: I32AddRI;
        I32GtSRI: Const;
        I32GtSRR: Const, Select;
        I32GtUA8Forward: I32AddRI, Alone<I32ShlIR>, I64MulRI;
        I32GtUAR: Select;
        I32GtUARForward: I32AddRI, I32GeURRForward, I32NeSRBack, Mov;
        I32GtUR8Forward: Alone<I32AddRR>, I32AndRI, Alone<I32LoadR>, I32MulRI, Alone<I32ShlRI>, Alone<I32XorRR>;
        Alone<I32GtURA>: Alone<I32ShlAI>;
        I32GtURA: Select;
        I32GtURAForward: I32LoadWrap, Mov, Return1, ZeroRForward;
        I32GtURI: Const, Mov;
        Alone<I32GtURR>: I32AddRA, I32ShlAI;
        I32GtURR: Select;
        I32LeSA8Forward: I32AddRI;
        I32LeSR8Forward: Mov;
        I32LeUA8Forward: Alone<I32AddRI>, Mov;
        I32LeUARForward: I32AddRI, I32AddRR, I32StoreR;
        I32LeURA: I32EqRR, I32LoadR;
        I32LeURAForward: NonZeroRForward;
        I32LeURR: Jump;
        I32LeURRForward: Mov2;
        Alone<I32Load16SA>: I32AddRA;
        Alone<I32Load16SIdx>: Alone<I32MulRA>;
        Alone<I32Load16SR>: I32GtSRAForward;
        I32Load16SR: Alone<I32Load16SIdx>, Alone<I32Load16SR>, NonZeroAForward;
        Alone<I32Load16SWrap>: I32AddRA, Alone<I32MulAR>, Alone<I32MulRA>, I32MulRA;
        I32Load16SWrap: I32AddRI, Alone<I32Load16SWrap>;
        Alone<I32Load16UA>: I32Store16WrapA;
        I32Load16UA: Const, I32Load16UWrap, Alone<I32LoadR>, I32TestNotA8Forward;
        Alone<I32Load16UIdx>: I32MulRA;
        I32Load16UIdx: Const, I32Load8UR, Alone<I32ShrURR>;
        Alone<I32Load16UR>: BrTableAcc, Alone<I32AndAI>, I32AndAI, I32Store16A, ZeroAForward;
        I32Load16UR: Const, Alone<I32AndAI>, Alone<I32Load16UIdx>, I32LoadR, I32LtUAKBack, I32ShlAI,
            I32TestNotA8Forward;
        Alone<I32Load16UWrap>: Alone<I32AndRA>, I32AndRA, I32MulAR;
        I32Load16UWrap: I32Load16UWrap, Alone<I32LoadR>, I32LtUA8Forward;
        I32Load8SA: I32GtSA8Forward, I32NeA8Forward;
        Alone<I32Load8SIdx>: I32LtSA8Forward;
        I32Load8SIdx: I32GtSA8Forward;
        Alone<I32Load8SR>: I32GtSA8Forward;
        I32Load8SR: I32AndAI, I32GtSA8Forward, I32LeSA8Forward, I32LtSA8Forward, I32NeA8Forward;
        I32Load8SWrap: Alone<I32AndAI>, I32NeA8Forward;
        Alone<I32Load8UA>: BrTableAcc, Alone<I32AddAI>, I32AddRA, I32NeA8Forward, I32NeARForward, I32ShlAI, I32Store8A,
            I32Store8WrapA, I32TestNotA8Forward;
        I32Load8UA: Const, Alone<I32AddAI>, I32Load8UA, Alone<I32LoadR>, Alone<I32ShlRA>, NonZeroABack, ZeroABack;
        I32Load8UAIdx: I32EqA8Forward, I32NeA8Forward;
        I32Load8UAWrap: I32AddAI, Alone<I32Load8UWrap>;
        Alone<I32Load8UIdx>: Alone<I32AddAI>, I32AddAI, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, I32EqAI,
            I32EqARForward, I32GeURAForward, I32Store8A, I32Store8WrapA, NonZeroABack, NonZeroAForward, ZeroAForward;
        I32Load8UIdx: Alone<I32AddAI>, I32AddAI, I32AddRI, Alone<I32Load8UIdx>, Alone<I32Load8UWrap>, Alone<I32LoadR>,
            I32LtUA8Forward, Alone<I32ShlAI>, ZeroAForward;
        Alone<I32Load8UR>: BrTableAcc, Alone<I32AddAI>, I32AddAI, I32AddAR, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>,
            I32AndAI, I32EqARBack, I32EqARForward, I32LoadA, I32NeA8Forward, I32NeARForward, I32NeRAForward,
            Alone<I32OrRA>, I32OrRA, Alone<I32ShlAI>, I32Store8A, I32Store8WrapA, I32StoreA, I32SubRA, I32TestA8Forward,
            I32TestNotA8Forward, Alone<I32XorAR>, I32XorAR, I32XorRA, I64StoreA, NonZeroAForward, ZeroAForward;
        I32Load8UR: BrTableAcc, Const, Fuel, Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>, I32AddRI, Alone<I32AndRI>,
            I32EqRABack, I32Extend8SA, I32GtSRAForward, Alone<I32Load8UR>, I32Load8UR, Alone<I32Load8UWrap>,
            Alone<I32LoadR>, I32LoadR, I32NeA8Forward, I32NeRAForward, I32NeS8Back, I32OrRA, Alone<I32ShlAI>,
            I32Store8R, JumpBack, Mov, NonZeroABack, NonZeroAForward, ZeroAForward;
        Alone<I32Load8UWrap>: BrTableAcc, Alone<I32AddAI>, I32AddAI, I32AddAR, Alone<I32AddRA>, I32AddRA,
            Alone<I32AndAI>, Alone<I32EqAI>, I32EqARForward, I32GtUARForward, I32LoadA, I32NeARForward, Alone<I32NeRA>,
            I32NeRAForward, Alone<I32ShlAI>, I32ShlAI, I32Store8WrapA, I32StoreA, I32XorAR, Alone<I32XorRA>, I64StoreA,
            ZeroAForward;
        I32Load8UWrap: Alone<I32AddAI>, I32AddAI, I32AddRI, Alone<I32AndAI>, Alone<I32AndRI>, I32AndRI,
            Alone<I32Load8UIdx>, Alone<I32Load8UR>, Alone<I32Load8UWrap>, Alone<I32OrAI>, Alone<I32ShlAI>, I32ShlAI,
            Alone<I32ShrUAI>;
        Alone<I32LoadA>: BrTableAcc, Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>, I32AddAR, Alone<I32AddRA>, I32AddRA,
            Alone<I32AndAI>, I32AndAI, Alone<I32AndAR>, I32AndAR, I32GeURAForward, I32GtUAR, I32GtURA, I32LoadA,
            I32LtURA, I32NeA8Forward, I32NeRAForward, Alone<I32ShlAI>, I32ShlAI, I32StoreA, I32StoreWrapA, I32XorAR,
            I64StoreA;
        I32LoadA: CallIndirect, Const, Fuel, I32AddRI, I32AddRR, I32AndAI, Alone<I32AndRI>, I32EqARForward,
            I32EqRAForward, I32GeUARForward, I32GeURAForward, I32GtUARForward, Alone<I32Load16UWrap>, I32Load8UA,
            I32Load8UIdx, Alone<I32Load8UR>, Alone<I32LoadA>, Alone<I32LoadR>, I32LoadR, Alone<I32LoadWrap>,
            I32LtUARForward, I32NeA8Forward, I32NeS8Back, Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrURI>, I32StoreR,
            I32SubRR, Alone<I64LoadA>, Alone<I64LoadR>, Jump, Mov, Mov2, NonZeroABack, NonZeroAForward, Select,
            ZeroAForward;
        I32LoadAIdx: Alone<I32LoadR>;
        Alone<I32LoadAWrap>: I32AddAR, I32GeUAR, I32StoreWrapA;
        I32LoadAWrap: Alone<I32LoadWrap>, NonZeroABack;
        Alone<I32LoadAbs>: I32AddAI, I32AddAR, I32EqRAForward, I32LeURAForward, I32NeRAForward;
        I32LoadAbs: Alone<I32AddAI>, I32AddAR, Alone<I32AddRI>, I32AddRI, I32GeUARForward, I32GtUARForward,
            I32LeUARForward, I32LeURAForward, I32Load8UA, I32LtUARForward, Alone<I32ShlAI>, Alone<I32ShlRI>,
            Alone<I32ShrURI>, NonZeroAForward, ZeroAForward;
        Alone<I32LoadIdx>: I32AddAI, I32AddRA, I32GeSRAForward, I32LoadA;
        I32LoadIdx: I32AddRA, Alone<I32AddRI>, I32AddRI, Alone<I32AndAI>, I32EqAI, I32GtUAKForward, Alone<I32LoadR>,
            I32LoadR, Mov2, NonZeroABack;
        Alone<I32LoadR>: BrTableAcc, F64AddRA, F64LoadAIdx, F64StoreA, Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>,
            I32AddAR, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, I32AndAI, Alone<I32AndRA>, Alone<I32ClzA>,
            I32EqA8Forward, Alone<I32EqAI>, I32EqARForward, I32EqRAForward, I32GeURAForward, I32GtURAForward,
            I32LeUARForward, I32Load16UA, Alone<I32Load8UA>, I32Load8UA, Alone<I32LoadA>, I32LoadA, Alone<I32LtUAI>,
            I32LtURA, I32LtURAForward, Alone<I32MulAI>, I32MulAI, I32MulAR, Alone<I32MulRA>, I32NeA8Forward,
            Alone<I32NeAI>, I32NeAI, I32NeARForward, I32NeRAForward, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShrSAI>,
            Alone<I32ShrUAI>, I32ShrUAI, I32StoreA, Alone<I32SubAR>, I32SubRA, I32TestA8Forward, Alone<I32XorAR>,
            I32XorAR, Alone<I32XorRA>, I32XorRA, I64AddRA, Alone<I64LoadA>, I64StoreA, NonZeroAForward, Return1Acc,
            ZeroAForward;
        I32LoadR: Call, CallIndirect, Const, Fuel, I32AddAI, I32AddAR, Alone<I32AddRI>, I32AddRI, I32AddRR,
            Alone<I32AndAI>, I32AndAI, Alone<I32AndRI>, I32AndRI, I32EqA8Forward, I32EqRABack, I32EqRAForward, I32GeUAR,
            I32GeUARBack, I32GeUARForward, I32GeURAForward, I32GtUARForward, I32GtUR8Forward, Alone<I32GtURA>,
            I32GtURAForward, I32GtURKForward, I32GtURRForward, I32LeUAKForward, I32LeUARForward, Alone<I32Load8UA>,
            I32Load8UAIdx, Alone<I32Load8UR>, I32Load8UR, Alone<I32Load8UWrap>, Alone<I32LoadA>, I32LoadA,
            Alone<I32LoadR>, I32LoadR, I32LoadWrap, I32LtUA8Forward, I32LtUAI, I32LtUAR, I32LtUARBack, I32LtUARForward,
            I32LtURA, I32LtURAForward, Alone<I32MulAI>, Alone<I32MulAR>, Alone<I32MulRI>, I32NeAKBack, I32NeARForward,
            I32NeR8Forward, I32NeRAForward, I32NeS8Back, I32NeSRBack, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShlRI>,
            I32ShlRI, Alone<I32ShrUAI>, Alone<I32ShrURI>, I32Store8Wrap, I32StoreA, I32StoreImm, I32StoreR, I32SubAR,
            Alone<I32SubRA>, I32SubRA, Alone<I32SubRR>, I32SubRR, I32TestA8Forward, I32TestNotA8Forward,
            I32TestNotR8Forward, Alone<I32XorAR>, Alone<I64LoadR>, Jump, JumpBack, Mov, Mov2, Mov3, NonZeroABack,
            NonZeroAForward, Select, ZeroAForward, ZeroRForward;
        Alone<I32LoadWrap>: I32AddAI, I32AddAR, I32AddRA, I32LeURA, I32LoadA, I32StoreA, ZeroAForward;
        I32LoadWrap: Call, I32AddRI, I32AndAI, Alone<I32AndRI>, I32GeURAForward, I32GtURAForward, I32LeURA,
            Alone<I32Load8UWrap>, Alone<I32LoadR>, I32LoadR, Alone<I32LoadWrap>, I32LoadWrap, I32LtUAR, I32RotlAI,
            I32ShlRI, Jump, Mov;
        I32LtSA8Forward: I32LoadR, Alone<I32ShlRI>, Alone<I64AndRI>;
        I32LtSAR: I32AddRI;
        I32LtSR8Back: I32MulRI;
        I32LtSR8Forward: I32AddRI;
        Alone<I32LtSRI>: Alone<I32SubRA>;
        I32LtUA8Forward: Alone<I32AddRI>, I32AddRI, Alone<I32AndRI>;
        Alone<I32LtUAI>: I32TestNotA8Forward;
        I32LtUAI: Const, Alone<I32AddRI>, I32AddRI, I32OrRA, NonZeroAForward;
        I32LtUAR: Const, I32AddRI, I32AndRI, Select;
        I32LtUARBack: I32ShlRI;
        I32LtUARForward: I32GeURRForward, Alone<I32SubRR>;
        I32LtUR8Forward: Const;
        I32LtURA: I32AddRI, I32EqRR, Select;
        I32LtURAForward: ZeroRForward;
        I32LtURI: Const, I32AddRI;
        I32LtURR: I32AndRI, I32EqRR, I32LtURR, Select;
        I32LtURRForward: I32SubRR;
        Alone<I32MulAI>: I32AddAI, Alone<I32AddRA>, I32AddRA, Alone<I32ShrUAI>, Alone<I32SubRA>, Return1Acc;
        I32MulAI: I32AddAI, Alone<I32LoadR>, I32LoadR, Alone<I32ShrUAI>, I32ShrUAI, Alone<I32ShrURI>;
        Alone<I32MulAR>: I32AddRA, Alone<I32MulAI>, Alone<I32ShrUAI>, Return1Acc;
        I32MulAR: Alone<I32LoadR>, Alone<I32ShrUAI>;
        Alone<I32MulRA>: Alone<I32AddAR>, I32AddAR, I32AddRA, Alone<I32DivSAI>, Alone<I32MulAI>, Alone<I32ShrUAI>,
            I32StoreA, Return1Acc;
        I32MulRA: I32Load16SWrap, Alone<I32LoadR>, Alone<I32ShrUAI>, Jump;
        Alone<I32MulRI>: Alone<I32AddAR>, I32AddAR, I32AddRA, Alone<I32SubRA>;
        I32MulRI: Alone<I32AddAI>, I32AddAI, Alone<I32AddRI>, Alone<I32Load8UR>, Alone<I32LoadIdx>, I32RemURI, Jump,
            Mov;
        Alone<I32MulRR>: I32AddAR, I32SubRA;
        I32NeA8Forward: Alone<I32LoadR>, I32LoadR, Alone<I64LoadR>;
        Alone<I32NeAI>: I32TestNotA8Forward;
        I32NeAI: Mov, ZeroRForward;
        I32NeARForward: Const, I32AddRI, Alone<I32Load8UWrap>;
        I32NeR8Forward: Const;
        Alone<I32NeRA>: I32AddRA, I32TestNotA8Forward;
        I32NeRAForward: I32AddRI, I32AddRR, Mov;
        Alone<I32NeRI>: I32AndRA;
        I32NeRI: I32AddRI, I32Load8SWrap, Alone<I32NeRI>;
        I32NeRR: I32AddRI;
        I32NeRRBack: Fuel;
        Alone<I32OrAI>: Alone<I32Extend8SA>, I32Store16A, I32Store8A, I32StoreA;
        I32OrAI: I32LtUARBack, I32LtURRBack;
        Alone<I32OrAR>: I32AddAI, Alone<I32XorAI>;
        I32OrAR: Const, I32AddRI, Alone<I32LoadR>, Alone<I32OrRR>, I32StoreA, I32StoreR;
        Alone<I32OrRA>: I32AddAI, I32AddAR, I32AddRA, Alone<I32AndAR>, I32Load8UA, Alone<I32MulAI>, I32OrRA,
            Alone<I32ShrUAI>, I32StoreA, Alone<I32XorAR>, I32XorAR;
        I32OrRA: Const, Alone<I32AddRI>, I32AddRI, I32AddRR, I32AndRI, Alone<I32Load8UWrap>, I32Load8UWrap, I32NeS8Back,
            Alone<I32OrRI>, Alone<I32ShlAI>, I32StoreA, Jump;
        Alone<I32OrRI>: Alone<I32ClzA>, Alone<I32CtzA>, I32GeUARForward, I32MulRA, I32StoreA;
        I32OrRI: I32GtURKForward;
        Alone<I32OrRR>: I32AddRA, I32LtSA8Forward, Alone<I32OrAR>, I32ShlAI, I32ShrUAI, I32StoreAbsA, ZeroAForward;
        Alone<I32PopcntA>: Alone<I32AddAR>;
        Alone<I32PopcntR>: Alone<I32MulAI>;
        Alone<I32RemUAI>: Alone<I32AddAI>, I32ShlAI;
        I32RemUAI: Const;
        Alone<I32RemURI>: I32GtUA8Forward, NonZeroAForward;
        I32RemURI: I32AndRI;
        I32RotlAI: Alone<I32RotlRI>;
        Alone<I32RotlIA>: Alone<I32AndRA>;
        Alone<I32RotlRI>: Alone<I32XorRA>, I32XorRA, Return1Acc;
        I32RotlRI: Alone<I32RotlRI>, Jump;
        Alone<I32ShlAI>: BrTableAcc, I32AddAI, I32AddAR, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, I32AndAI, I32GtUAR,
            Alone<I32Load16UA>, Alone<I32LoadA>, I32LoadA, Alone<I32LoadAWrap>, Alone<I32OrRA>, I32OrRA,
            Alone<I32ShlAI>, I32StoreA, Alone<I32SubRA>, I32SubRA, I32XorAR, I64AddRA, I64StoreA;
        I32ShlAI: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32ClzR, I32Load16UIdx, Alone<I32Load8UR>, I32Load8UR,
            Alone<I32LoadA>, Alone<I32LoadIdx>, I32LoadIdx, Alone<I32LoadR>, I32LoadR, Alone<I32OrRA>, Alone<I32OrRR>,
            Alone<I32ShlRI>, I32StoreIdx, I32StoreR, I64LoadA, Mov;
        Alone<I32ShlAR>: I32OrAR;
        Alone<I32ShlIA>: I32XorAI;
        I32ShlIA: I32TestRAForward;
        Alone<I32ShlIR>: I32TestAKForward;
        Alone<I32ShlRA>: I32AddAR, I32OrRA, Alone<I32ShrSAR>, I32ShrSAR;
        I32ShlRA: Alone<I32AndRI>;
        Alone<I32ShlRI>: BrTableAcc, F64AddRA, Alone<I32AddAI>, I32AddAI, Alone<I32AddAR>, I32AddAR, Alone<I32AddRA>,
            I32AddRA, Alone<I32AndAI>, I32AndAI, Alone<I32Load16SA>, Alone<I32LoadA>, I32LoadA, I32LoadAWrap, I32OrAR,
            Alone<I32OrRA>, I32OrRA, Alone<I32ShlAI>, I32ShlAI, I32StoreA, Alone<I32SubRA>, I32SubRA, I32XorAR,
            I64AddRA, Alone<I64ShlRA>, I64StoreA;
        I32ShlRI: Const, Alone<F64LoadIdx>, Fuel, I32AddAI, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndRI>,
            I32GtURA, I32Load16UIdx, Alone<I32LoadA>, I32LoadA, Alone<I32LoadIdx>, I32LoadIdx, Alone<I32LoadR>,
            I32LoadR, I32LtUAKBack, I32NeS8Back, I32OrAI, Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrURI>, I32StoreIdx,
            I32StoreR, Alone<I32SubIR>, Alone<I32SubRR>, I64StoreIdx, I64StoreWrapImm, Mov;
        Alone<I32ShrSAI>: I32Store16A;
        I32ShrSAI: I32Load8UR, JumpBack;
        I32ShrSAR: I32LoadR;
        I32ShrSRI: Alone<I32ShlRI>;
        Alone<I32ShrUAI>: Alone<F32ConvertI32UA>, I32AddAI, Alone<I32AddAR>, I32AddAR, I32AddRA, Alone<I32AndAI>,
            I32AndAI, Alone<I32Load8UA>, I32LoadA, I32RemUAR, I32Store8WrapA, I32StoreA, Alone<I32XorAR>, I32XorAR,
            Alone<I32XorRA>, I64StoreA, Return1Acc;
        I32ShrUAI: I32AddRI, Alone<I32AndRI>, I32AndRI, I32NeS8Back, Alone<I32ShlAI>, I32ShrURA, Jump, Mov;
        Alone<I32ShrURA>: Alone<I32AddRA>, I32AddRA, I32OrRA, I32StoreA;
        I32ShrURA: I32AddRI, Alone<I32AndRI>, I32AndRI, I32LtUSRBack, I32TestA8Forward, I32TestNotA8Forward;
        Alone<I32ShrURI>: BrTableAcc, I32AddAI, Alone<I32AddAR>, I32AddAR, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>,
            I32AndAI, I32LoadA, I32OrRA, Alone<I32RotlIA>, Alone<I32ShlAI>, I32ShlIA, I32Store8WrapA, I32StoreA,
            I32XorAR, Alone<I32XorRA>, I32XorRA, I64StoreA;
        I32ShrURI: I32AddRI, Alone<I32AndRI>, I32AndRI, I32Store8A;
        Alone<I32ShrURR>: I32AddRA, Alone<I32ShlAI>;
        I32Store16A: Const, Alone<I32Load16UR>, I32Load16UR, Alone<I32LoadR>, Jump, Select;
        I32Store16Imm: I32LoadR, I32Store16R;
        I32Store16R: I32AddRI, Alone<I32LoadR>, Mov2;
        I32Store16WrapA: I32AddRI;
        I32Store8A: BrTable, Const, Alone<F64ConvertI32UR>, Alone<I32AddRI>, I32AddRI, Alone<I32Load16UR>,
            Alone<I32Load8UR>, Alone<I32Load8UWrap>, I32LtUSRBack, Alone<I32MulRR>, Alone<I32ShlRI>, I64AddRI, Mov;
        I32Store8Idx: I32AddRI;
        I32Store8Imm: Fuel, Alone<I32AddRI>, I32AddRI, I32Store8Wrap, Jump;
        I32Store8R: F64StoreR, I32AddRI, I32GtURI, I32LtURKForward, Alone<I32ShrURI>, I32Store8R, I32Store8Wrap,
            I32StoreR, Jump;
        I32Store8Wrap: I32AddRI, I32AddRR, Alone<I32ShlRI>, I32Store8Wrap;
        I32Store8WrapA: Alone<F64ConvertI32UR>, Alone<I32AddRI>, I32AddRI, Alone<I32Load8UWrap>, I32Load8UWrap,
            I32NeS8Back, Alone<I32ShlRI>, I32Store8Wrap, I32StoreR;
        I32Store8WrapImm: I32AddRI, I32AddRR;
        I32StoreA: Const, Fuel, Alone<I32AddRI>, I32AddRI, Alone<I32AddRR>, I32AddRR, I32AndRI, I32EqR8Forward,
            I32GeURRForward, I32Load16SR, Alone<I32Load8UR>, Alone<I32LoadAbs>, Alone<I32LoadR>, I32LoadR, I32LoadWrap,
            I32LtSRRForward, I32LtURR, I32LtUSRBack, I32NeRRBack, I32NeRRForward, I32NeS8Back, Alone<I32OrRI>,
            Alone<I32ShlRI>, I32ShlRI, Alone<I32ShrURI>, I32StoreAbs, I32StoreIdx, I32StoreR, I64AddRR, Alone<I64LoadR>,
            Jump, JumpBack, Mov, Mov2, NonZeroRBack, NonZeroRForward, Return, Return1, Select, ZeroRForward;
        I32StoreAbs: Alone<I32LoadAbs>, Alone<I32OrRI>, I32StoreAbs;
        I32StoreAbsA: I32AddRI, I32LoadAbs, Alone<I32OrRI>, Jump, Mov;
        I32StoreIdx: Alone<I32AddRI>, I32AddRI, I32AddRR, I32LoadWrap, Alone<I32OrRI>, I32StoreR, ZeroRForward;
        I32StoreImm: Const, Fuel, I32AddRI, Alone<I32LoadR>, I32LoadR, I32NeS8Back, I32StoreImm, I32StoreR, Jump,
            Return1;
        I32StoreR: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32AddRR, I32AndRI, I32EqR8Forward, I32LeURRForward,
            Alone<I32Load8UR>, Alone<I32LoadAbs>, Alone<I32LoadR>, I32LoadR, I32LtSR8Forward, I32NeS8Back,
            Alone<I32ShlRI>, Alone<I32ShrURI>, I32Store16Imm, I32Store16R, I32StoreImm, I32StoreR, I32StoreWrap,
            I64StoreImm, I64StoreR, Jump, Mov, Mov3, NonZeroRBack, Return, Return1, Select;
        I32StoreWrap: Const, I32AddRI, I32NeRKBack, Alone<I32ShlRI>, I64StoreR;
        I32StoreWrapA: I32AddRI, I32NeS8Back, Alone<I32ShlRI>, Jump;
        I32StoreWrapImm: I32NeS8Back;
        Alone<I32SubAR>: Alone<I32AndAI>, I32LeURAForward, I32ShrSAI;
        I32SubAR: Alone<I32LoadR>;
        Alone<I32SubIA>: Alone<I32MulAI>, Alone<I32ShrURA>, I32ShrURA;
        I32SubIA: Fuel, I32Load16UWrap;
        Alone<I32SubIR>: I32AndRA, Alone<I32ShrURA>;
        I32SubIR: I32AddRI, Jump;
        Alone<I32SubRA>: I32AddAI, Alone<I32AddRA>, Alone<I32AndAI>, I32AndAI, I32LeURAForward, Alone<I32OrAI>,
            I32ShlAI;
        I32SubRA: Alone<I32AddRR>, I32GtUAKForward, Alone<I32Load8UR>, I32StoreA, NonZeroAForward;
        Alone<I32SubRR>: I32AddAR, I32AddRA, Alone<I32LoadA>, I32LoadA, I32LtUARForward, Alone<I32OrRA>, I32StoreA;
        I32SubRR: I32AddRI, I32AndAI, I32GtUAKForward, Alone<I32Load8UR>, Alone<I32LoadR>, I32LoadR, Alone<I32OrAI>,
            I32StoreA, I32StoreAbsA, Jump, NonZeroABack, Return1, Select, ZeroAForward;
        I32TestA8Forward: Alone<I32LoadAbs>, I32LoadR;
        I32TestNotA8Forward: Alone<I32Load16UR>, Alone<I32LoadR>, I32LoadR, I32TestR8Forward;
        I32TestNotR8Forward: Alone<I32LoadR>, I32LoadR;
        I32TestR8Forward: I32TestNotR8Forward;
        I32TestRAForward: Alone<I32OrRR>;
        I32TruncSatF32SR: I32MulAI;
        I32TruncSatF64UA: Alone<I32AddAI>, I32AddAI;
        Alone<I32WrapI64A>: I32AddRA, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShrUAI>, I32XorRA;
        I32WrapI64A: I32AndRA, I32ShlAI, NonZeroRForward;
        Alone<I32XorAI>: I32AndRA;
        I32XorAI: Alone<I32XorRR>;
        Alone<I32XorAR>: I32AddRA, Alone<I32AndAI>, Alone<I32MulAI>, I32MulAI, I32Store8A, I32StoreA, Return1Acc;
        I32XorAR: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndAI>, Alone<I32LoadR>, I32LoadR,
            I32LtURRBack, I32MulRI, I32NeS8Back, Alone<I32RemUAI>, I32RemUAI, Alone<I32RemURI>, Alone<I32ShlAI>,
            Alone<I32ShrUAI>, I32Store8WrapA, I32StoreA, I32StoreWrapA, Jump, Mov, Select;
        Alone<I32XorRA>: I32AddAR, Alone<I32AddRA>, I32AddRA, Alone<I32AndAI>, Alone<I32AndAR>, I32MulAI, I32StoreA,
            I32TestAKForward, Alone<I32XorAR>;
        I32XorRA: I32AddRI, Alone<I32RotlRI>, I32RotlRI, Alone<I32ShrURI>, I32TestR8Forward, Alone<I32XorRA>, Jump, Mov;
        Alone<I32XorRI>: Alone<I32OrRA>;
        I32XorRI: Jump, JumpBack;
        Alone<I32XorRR>: I32AddRA, I32AndAI, Alone<I32AndAR>, Alone<I32CtzA>, I32MulAI, I32XorAR;
        I32XorRR: I32AddRI, I32NeS8Back, Jump;
        I64AddAI: Alone<I64AndRI>, Alone<I64ShrUAI>;
        Alone<I64AddAR>: I64RotlAI, Return1Acc;
        I64AddAR: Const, I32AddRI, Alone<I64LtUAR>, Alone<I64RotlAI>;
        Alone<I64AddRA>: Alone<I64AddRA>, I64StoreA, Return1Acc;
        I64AddRA: Const, I32AddRI, Alone<I64Load32UWrap>, Alone<I64LtURR>, I64MulRR, Alone<I64RotlAI>, Alone<I64RotlRI>,
            Alone<I64ShlAI>, Alone<I64ShrUAI>, I64Store32A, I64StoreA, Alone<I64XorRA>, I64XorRA, Jump, Mov;
        I64AddRI: I32Load8UR, Alone<I64AndAI>, Alone<I64CtzR>, I64NeARBack, I64NeRABack;
        Alone<I64AddRR>: I64AndRA;
        I64AddRR: I32AddRI, I32LoadR, Alone<I64RotlAI>, I64RotlRI, I64XorRA;
        Alone<I64AndAI>: I64NeA8Forward;
        Alone<I64AndRA>: I64StoreA, Alone<I64XorRA>;
        I64AndRA: Const, I64LoadAbs, I64MulRA;
        Alone<I64AndRI>: I64AddRA, I64EqAI, Alone<I64OrRA>, I64ShlAI;
        Alone<I64AndRR>: I64NeA8Forward;
        I64AndRR: I32AddRR, I64EqA8Forward, I64NeA8Forward;
        I64ClzR: Alone<I64ShlRI>;
        Alone<I64CtzR>: Alone<I32WrapI64A>;
        I64EqA8Forward: Fuel;
        I64EqAI: Select;
        I64EqARForward: I32LoadR;
        Alone<I64ExtendI32SA>: I64StoreA;
        Alone<I64ExtendI32SR>: I64AddRA, I64LtSRA, Alone<I64MulRA>;
        I64ExtendI32SR: Alone<I64ExtendI32SR>;
        I64GeSARForward: I32AddRI;
        Alone<I64Load32UA>: I64AddRA;
        I64Load32UIdx: Alone<I32OrRI>;
        Alone<I64Load32UR>: I64AddRA;
        Alone<I64Load32UWrap>: Alone<I64MulAR>;
        Alone<I64Load8UWrap>: I32AddRA, Alone<I64OrRA>, I64OrRA, Alone<I64RotlRA>, Alone<I64ShlAI>, I64ShlAI;
        Alone<I64LoadA>: Alone<I64AddAR>, Alone<I64MulAR>, I64NeAR, I64StoreA, I64StoreWrapA, Alone<I64SubRA>,
            Alone<I64XorAR>;
        I64LoadA: I32AddRI, Alone<I64Load8UWrap>, Alone<I64RotlIR>;
        Alone<I64LoadAWrap>: I64StoreWrapA;
        I64LoadAbs: I64LoadAbs, Alone<I64XorAI>, Alone<I64XorRA>, I64XorRA;
        I64LoadIdx: I64XorAR;
        Alone<I64LoadR>: I32AddRA, Alone<I32AndAI>, I32StoreA, I32XorAR, I64AddAR, I64AddRA, I64EqARForward,
            I64NeARBack, I64StoreA;
        I64LoadR: I32AddRI, I32Load8UR, I32LoadR, I64AddAR, Alone<I64ExtendI32SR>, I64GeSARForward, Alone<I64LoadR>,
            I64LoadR, I64StoreA;
        Alone<I64LoadWrap>: I64StoreWrapA;
        I64LtSRA: Jump;
        Alone<I64LtUAR>: I64AddRA;
        I64LtURI: Const;
        Alone<I64LtURR>: I64AddRA, I64ShlAI;
        Alone<I64MulAR>: I64AddRA, Return1Acc;
        I64MulAR: I64ShrURI;
        Alone<I64MulRA>: I64AddAR, I64AddRA;
        I64MulRA: I64ShrURI;
        Alone<I64MulRI>: I64AddAI;
        I64MulRI: Alone<I64AndRI>;
        Alone<I64MulRR>: I32AddRA, I32WrapI64A, I64AddAI, Alone<I64AddAR>, Alone<I64AddRA>, Alone<I64ShrUAI>,
            Alone<I64ShrUAR>;
        I64MulRR: Const, Alone<I32AddAI>, I32AddRI, I32NeSRBack, Alone<I64Load8UWrap>, Alone<I64LtURR>, Alone<I64MulRR>,
            Alone<I64ShrUAI>, I64ShrUAI;
        I64NeAR: I64LoadR;
        I64OrAR: I32AddRI, Alone<I64ShrURI>;
        Alone<I64OrRA>: I64AddRA, I64ShlAI, I64Store8WrapA, I64StoreA;
        I64OrRA: I32AddRI, Alone<I64Load8UWrap>;
        Alone<I64RotlAI>: I64AddRA;
        I64RotlAI: I64AddRR, Alone<I64RotlRI>;
        Alone<I64RotlIR>: Alone<I64AndRA>;
        Alone<I64RotlRA>: I64StoreA;
        Alone<I64RotlRI>: I32AddRA, I64AddRA, I64StoreA, I64XorAR, I64XorRA;
        I64RotlRI: I32AndRI, Alone<I32LoadR>, I64AddRR, I64XorRR;
        Alone<I64ShlAI>: I64AddRA, I64OrAR, I64OrRA;
        I64ShlAI: I32AddRI, Alone<I64AndRI>, Alone<I64Load8UWrap>, Alone<I64ShrURI>;
        Alone<I64ShlAR>: I64OrAR;
        Alone<I64ShlRI>: Alone<I64AddRA>, I64AndRA;
        Alone<I64ShrUAI>: Alone<I32WrapI64A>, Alone<I64XorAR>, I64XorAR;
        I64ShrUAI: I64AndAI;
        Alone<I64ShrUAR>: Alone<I32WrapI64A>, I32WrapI64A;
        Alone<I64ShrURI>: I32WrapI64A, I64AndAI, Alone<I64OrRA>, I64XorRA;
        I64ShrURI: Fuel, I32AddRI, Alone<I64Load32UR>, I64MulAR, Alone<I64MulRA>, Alone<I64MulRI>, I64NeA8Back;
        I64Store32A: I32AddRI, I64ShrURI;
        I64Store8WrapA: I32AddRI;
        I64StoreA: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndRI>, I32AndRI, Alone<I32Load8UR>,
            Alone<I32Load8UWrap>, Alone<I32LoadR>, I32LoadR, I32NeS8Back, Alone<I32ShlRI>, I32ShlRI, I32StoreR,
            Alone<I64LoadR>, I64MulRR, Alone<I64RotlRI>, Jump, Mov, Return, ZeroRForward;
        I64StoreAbsA: I64LoadAbs, Alone<I64RotlRI>, Alone<I64XorRI>, Alone<I64XorRR>;
        I64StoreImm: I64StoreImm;
        I64StoreR: Const, I32AddRI, I32StoreR, I64StoreR, Mov;
        I64StoreWrapA: I32AddRI, Alone<I32Load8UR>, Alone<I64LoadWrap>;
        I64StoreWrapImm: I32NeSRBack, I32StoreR, I64StoreWrapImm;
        Alone<I64SubRA>: Return1Acc;
        Alone<I64XorAI>: I64AndRA;
        Alone<I64XorAR>: I32WrapI64A, Return1Acc;
        I64XorAR: I64AddRA, I64RotlAI, I64XorAI, Alone<I64XorRA>;
        Alone<I64XorRA>: I64StoreA, I64StoreAbsA, Alone<I64XorRA>, I64XorRA;
        I64XorRA: I32AddRI, I64AddAR, I64AddRA, I64LoadAbs, Alone<I64RotlAI>, I64RotlAI, Alone<I64RotlRI>, I64RotlRI,
            I64XorRA;
        Alone<I64XorRI>: Alone<I64AndRA>, I64AndRA;
        Alone<I64XorRR>: I64StoreA, I64StoreAbsA, Alone<I64XorRA>;
        I64XorRR: Const, I64AddRI, I64RotlAI;
        Mov: Call, CallIndirect, Const, F64MulRR, Fuel, I32AddAI, Alone<I32AddRI>, I32AddRI, Alone<I32AddRR>, I32AddRR,
            Alone<I32AndAI>, I32AndRA, Alone<I32AndRI>, I32AndRI, I32GtUR8Forward, I32LeURRBack, I32Load16UA,
            I32Load8UIdx, Alone<I32Load8UR>, Alone<I32Load8UWrap>, I32Load8UWrap, Alone<I32LoadA>, I32LoadA,
            Alone<I32LoadR>, I32LoadR, I32LtURRBack, I32MulRI, I32NeA8Forward, I32NeAKBack, I32NeR8Forward,
            I32NeRAForward, I32NeS8Back, I32NeSRBack, I32RotlAI, Alone<I32ShlAI>, I32ShlAI, Alone<I32ShlRI>, I32ShlRI,
            Alone<I32ShrUAI>, Alone<I32ShrURI>, I32Store8Wrap, I32StoreA, I32StoreImm, I32StoreR, Alone<I32SubRR>,
            I32SubRR, Alone<I32XorRA>, I32XorRA, Alone<I64ShlAI>, Jump, JumpBack, Mov, NonZeroABack, NonZeroAForward,
            NonZeroRBack, NonZeroRForward, Return1, Select, ZeroAForward, ZeroRForward;
        Mov2: Call, CallIndirect, Const, Fuel, I32AddRI, I32EqR8Forward, I32Load8SR, I32LoadR, I32NeS8Back, Jump, Mov,
            NonZeroRForward, ZeroRForward;
        NonZeroABack: Const, Alone<I32AddRI>, I32AddRI, I32AddRR, Return1;
        NonZeroAForward: Const, I32AddRI, Alone<I32Load8UR>, I32LoadR, Alone<I32ShlRI>, I32Store8R, I32StoreImm;
        NonZeroRBack: I32AddRI, I64XorRR;
        NonZeroRForward: Const, I32AddRI, I32LoadAbs, Alone<I32LoadR>, I32LoadR, Mov, ZeroRForward;
        Alone<Select>: Alone<I32AddAR>, I32AddAR, I32AddRA, I32Load16UA, Alone<I32ShlAI>, I32Store8WrapA, I32StoreA,
            Alone<I32SubRA>, I32SubRA, I32XorAR, NonZeroAForward;
        Select: Const, Fuel, I32AddRA, I32AddRI, I32AddRR, Alone<I32AndRI>, I32GeUA8Forward, I32GtSAI, I32GtSRR,
            I32Load8UR, I32LoadA, Alone<I32LoadR>, I32LoadR, I32LoadWrap, I32LtURA, Alone<I32MulRI>, Alone<I32MulRR>,
            I32NeAI, I32NeRI, I32NeS8Back, I32NeSRBack, Alone<I32ShlAI>, Alone<I32ShlRI>, I32ShlRI, I32ShrUAI,
            I32Store16A, I32StoreA, Alone<I64AndRI>, Alone<I64LoadA>, I64NeA8Back, Jump, Mov, Mov2, Alone<Select>,
            Select;
        ZeroAForward: Const, I32AddRI, Alone<I32AddRR>, I32AddRR, I32EqR8Forward, I32Load8UR, Alone<I32LoadR>, I32LoadR,
            I32LoadWrap, Alone<I32ShlRI>, I32StoreR, Jump, JumpBack, Mov, Mov2;
        ZeroRForward: Const, Fuel, Alone<I32AddRI>, I32AddRI, I32AddRR, Alone<I32AndRI>, Alone<I32Load8UWrap>,
            Alone<I32LoadR>, I32LoadR, I32LoadWrap, I32LtURRForward, I32StoreR, Jump, JumpBack, Mov, Mov2, Mov3,
            ZeroRForward;
    }
}
