//! Which three instructions are run together.

#[allow(clippy::wildcard_imports)]
use super::parts::*;
use super::{Alone, Sequence, three};

sequences! {
    triples {
        Const: [Const, BrTable], [Const, Const], [Const, Fuel], [Const, Jump], [Const, Alone<Select>], [Const, Select],
            [I32LeSR8Forward, Mov], [I32LoadAbs, Alone<I32AddAI>], [I64AndRA, Const], [I64AndRA, I64MulRA], [Mov, Fuel],
            [Alone<Select>, I32AddAR], [Select, I32NeSRBack], [Select, Mov], [ZeroRForward, Fuel];
        Enter: [Alone<GlobalGet>, I32AddAI];
        Enter4: [Const, I32LoadAbs], [Const, ZeroRForward], [I32LoadAbs, Alone<I32AddAI>], [I32LoadR, NonZeroAForward];
        Enter8: [Const, I64AndRA], [Alone<GlobalGet>, I32AddAI];
        F32AddAR: [I32AddRR, I32AddRI], [Mov, I32NeSRBack];
        Alone<F32AddRA>: [F32AddRA, F32LoadWrap], [F32AddRA, F32MulAR];
        F32AddRA: [F32LoadWrap, Alone<F32MulAR>], [F32MulAR, F32MulRR];
        Alone<F32ConvertI32SR>: [F32SubRA, F32MulAR];
        Alone<F32ConvertI32UA>: [F32DivIA, Alone<F32LoadWrap>];
        F32DivIA: [Alone<F32LoadWrap>, Alone<F32MulRA>];
        F32LoadR: [F32MulAR, F32LoadWrap];
        Alone<F32LoadWrap>: [Alone<F32MulRA>, F32AddAR];
        F32LoadWrap: [Alone<F32MulAR>, Alone<F32SubRA>], [F32MulAR, F32LoadR], [Alone<F32MulRA>, Alone<F32AddRA>];
        Alone<F32MulAR>: [Alone<F32SubRA>, F32SubRA];
        F32MulAR: [Alone<F32AddRR>, Alone<F32SubIA>], [F32LoadR, F32MulAR], [F32LoadWrap, Alone<F32MulRA>],
            [F32MulRR, F32MulRR];
        Alone<F32MulRA>: [F32AddAR, I32AddRR], [F32AddAR, Mov], [Alone<F32AddRA>, F32AddRA];
        Alone<F32MulRR>: [Alone<F32AddRA>, F32AddRA];
        F32MulRR: [Alone<F32MulRR>, Alone<F32AddRA>], [F32MulRR, Alone<F32MulRR>];
        Alone<F32SubRA>: [F32SubRA, F32GtNotAKForward];
        F32SubRA: [Alone<F32ConvertI32SR>, F32SubRA], [F32MulAR, Alone<F32AddRR>];
        Alone<F64AddAR>: [F64AddRA, I32AddRR];
        F64AddAR: [F64MulAR, Alone<F64AddRA>], [F64StoreAbsA, Alone<F64LoadAbs>];
        Alone<F64AddRA>: [F64StoreA, Alone<F64SubRR>], [F64StoreA, I32AddRI];
        F64AddRA: [Alone<F64AddRA>, F64StoreA], [F64MulRI, Select], [Alone<F64MulRR>, F64AddRA], [I32AddRI, I32AddRI],
            [I32AddRR, I32AddRI], [Mov, F64MulRR];
        F64AddRR: [Alone<F64SubRR>, F64AddRA];
        Alone<F64ConvertI32SA>: [F64AddRA, F64MulRI];
        Alone<F64LoadA>: [F64MulRA, Alone<F64LoadR>];
        F64LoadA: [F64MulAR, I32AddRI], [Alone<F64MulRA>, F64AddRA], [F64MulRR, Alone<F64MulRR>], [Mov, I32AddRR];
        F64LoadAIdx: [I32LoadR, I32ShlRI], [I32LoadWrap, I32ShlRI];
        Alone<F64LoadAbs>: [Alone<F64MulAI>, F64AddAR];
        Alone<F64LoadIdx>: [Alone<F64MulRA>, F64AddRA], [F64MulRA, F64LoadR];
        Alone<F64LoadR>: [Alone<F64AddRA>, F64StoreA], [Alone<F64MulRA>, Alone<F64AddAR>], [F64MulRA, Alone<F64LoadR>];
        F64LoadR: [Alone<F64LoadR>, Alone<F64MulRA>], [Alone<F64MulRR>, Alone<F64MulAR>];
        Alone<F64LoadWrap>: [F64MulRA, Alone<F64LoadR>];
        F64LoadWrap: [Alone<F64LoadIdx>, F64MulRA];
        Alone<F64MulAI>: [F64AddAR, F64StoreAbsA];
        Alone<F64MulAR>: [Alone<F64SubRA>, F64StoreA];
        F64MulAR: [Alone<F64AddRA>, F64LeAKBack], [Alone<F64LoadR>, Alone<F64AddRA>], [I32AddRI, F64LoadA];
        Alone<F64MulRA>: [Alone<F64AddAR>, F64AddRA], [F64AddRA, Alone<F64AddRA>], [F64AddRA, I32AddRI];
        F64MulRA: [Alone<F64LoadR>, Alone<F64AddRA>], [F64LoadR, Alone<F64LoadR>];
        F64MulRI: [Alone<I32AddRI>, Alone<F64ConvertI32SA>], [Select, I32NeRI];
        Alone<F64MulRR>: [F64AddAR, F64MulAR], [F64AddRA, Alone<F64MulRR>], [F64AddRA, I32NeSRBack],
            [Alone<F64MulAR>, Alone<F64SubRA>], [F64MulAR, Alone<F64LoadR>], [F64SubRA, Alone<F64AddRA>];
        F64MulRR: [Alone<F64MulRR>, F64AddAR], [Alone<F64MulRR>, F64AddRA], [Alone<F64MulRR>, F64SubRA],
            [F64MulRR, Alone<F64MulRR>];
        F64StoreA: [F64LoadR, Alone<F64MulRR>], [F64MulRR, F64MulRR], [Alone<F64SubRR>, F64StoreA],
            [I32AddRI, F64LoadA], [I32AddRI, Alone<F64LoadWrap>], [I32AddRI, Alone<F64MulRR>], [I32AddRI, I32AddRI],
            [I32AddRI, I32NeAKBack];
        F64StoreAbsA: [Alone<F64LoadAbs>, Alone<F64MulAI>];
        Alone<F64SubRA>: [F64StoreA, F64LoadR];
        F64SubRA: [Alone<F64AddRA>, F64StoreA];
        Alone<F64SubRR>: [F64AddRA, Mov], [F64StoreA, F64MulRR], [F64StoreA, Alone<F64SubRR>];
        Alone<GlobalGet>: [I32AddAI, GlobalSet];
        Alone<I32AddAI>: [I32LtUAI, Alone<I32AddRI>], [I32StoreA, Alone<I32ShrURI>], [I32StoreA, JumpBack],
            [I32StoreAbsA, I32AddRI];
        I32AddAI: [Const, Mov], [F64LoadA, F64MulAR], [F64LoadA, Mov], [GlobalSet, I32LoadR], [I32AddRR, I32AddRR],
            [Alone<I32AndAI>, I32LeUA8Forward], [Alone<I32AndAI>, I32LtUA8Forward], [I32ClzA, I32SubRR],
            [I32GtUA8Forward, Alone<I32ShlIR>], [I32Load8SWrap, Alone<I32AndAI>], [Alone<I32Load8UR>, BrTableAcc],
            [I32LoadR, I32LoadA], [I32LtUAR, Select], [I32ShlAI, I32ClzR], [Alone<I32ShrURI>, Alone<I32AndAI>],
            [I32StoreA, NonZeroRForward], [Alone<I64Load32UA>, I64AddRA];
        Alone<I32AddAR>: [Alone<F32ConvertI32UA>, F32DivIA], [Alone<I32AddRA>, Alone<I32AddRA>], [I32AddRA, I32AddRI],
            [Alone<I32AndAI>, I32StoreA], [I32ShrUAI, Alone<I32ShlAI>];
        I32AddAR: [I32AddRI, I32NeAKBack], [I32AddRI, I32NeS8Back], [Alone<I32EqRI>, I32SubRA],
            [Alone<I32GtURR>, I32ShlAI], [I32LoadA, Alone<I32LoadR>], [I32LoadA, NonZeroABack],
            [Alone<I32PopcntR>, Alone<I32MulAI>], [I32StoreAbsA, Alone<I32OrRI>], [Alone<I32SubIR>, Alone<I32ShrURA>];
        Alone<I32AddRA>: [Alone<F32ConvertI32UA>, F32DivIA], [I32AddAI, I32AddRR], [Alone<I32AddRA>, I32AddRA],
            [Alone<I32AddRA>, I32ShlAI], [I32AddRA, I32NeS8Back], [Alone<I32MulAI>, I32AddRA],
            [Alone<I32ShlAI>, Alone<I32AddRA>], [I32ShlAI, I32LoadIdx], [I32ShlAI, I32LoadR],
            [Alone<I32ShrUAI>, I32Store8WrapA], [I32Store8A, Mov], [Alone<I32SubRA>, Alone<I32AddRA>], [I32XorRA, Mov];
        I32AddRA: [Const, Fuel], [I32AddRI, I32AddRI], [I32AddRI, I32GeUSRBack], [I32AddRI, I32LeURKBack],
            [I32AddRI, Alone<I32LoadA>], [I32AddRI, I32LoadR], [I32AddRI, I32LtUAKBack], [I32AddRR, Alone<I32LoadA>],
            [I32AddRR, I32LtUARBack], [I32EqAI, Select], [I32GtUAR, Select], [I32GtUARForward, I32NeSRBack],
            [Alone<I32Load8UIdx>, I32AddRA], [Alone<I32Load8UWrap>, Alone<I32AddRA>], [Alone<I32Load8UWrap>, I32AddRA],
            [Alone<I32Load8UWrap>, Alone<I32EqAI>], [Alone<I32Load8UWrap>, Alone<I32ShlAI>],
            [I32Load8UWrap, Alone<I32Load8UWrap>], [Alone<I32LoadA>, Alone<I32AddAI>],
            [Alone<I32LoadA>, I32NeA8Forward], [I32LoadA, Mov], [Alone<I32MulRI>, Alone<I32SubRA>],
            [Alone<I32OrRI>, Alone<I32CtzA>], [Alone<I32ShlAI>, I32AddRA], [Alone<I32ShlRI>, Alone<I32LoadA>],
            [I32ShlRI, I32Load16UIdx], [I32ShlRI, Alone<I32SubIR>], [Alone<I32ShrUAI>, Alone<I32XorAR>],
            [Alone<I32ShrURI>, I32AndAI], [Alone<I64LoadA>, I64StoreA], [I64LoadA, Alone<I64RotlIR>],
            [Alone<I64LoadR>, I64StoreA], [Mov, Fuel];
        Alone<I32AddRI>: [Alone<F64ConvertI32SA>, F64AddRA], [I32AddAR, I32LoadA], [I32AddRA, I32LeURRBack],
            [Alone<I32AndAI>, I32GtUA8Forward], [Alone<I32AndAI>, I32LtUA8Forward], [Alone<I32AndAI>, I32LtUAI],
            [I32AndAI, I32LtURI], [I32LtUAI, I32AddRI], [I32ShrUAI, Alone<I32ShlAI>];
        I32AddRI: [F64LoadA, Alone<F64MulRA>], [F64LoadA, F64MulRR], [Alone<F64LoadWrap>, F64MulRA],
            [Alone<F64MulRR>, F64MulAR], [GlobalSet, Return], [GlobalSet, Return1], [I32AddRI, I32AddRI],
            [I32AddRI, I32EqAKForward], [I32AddRI, I32GeUSRBack], [I32AddRI, I32GtUS8Back], [I32AddRI, I32LeSRKBack],
            [I32AddRI, Alone<I32LoadR>], [I32AddRI, I32LtSAR], [I32AddRI, I32NeAKBack], [I32AddRI, I32NeS8Back],
            [I32AddRI, I32NeSRBack], [I32AddRI, Mov2], [I32AddRI, ZeroAForward], [I32EqAR, Const],
            [I32EqARForward, JumpBack], [I32GeUARForward, F64AddRR], [I32Load16UA, I32Load16UWrap],
            [Alone<I32Load8UR>, BrTableAcc], [Alone<I32Load8UR>, I32EqARBack], [I32Load8UR, Alone<I32Load8UR>],
            [Alone<I32LoadA>, I32GeURAForward], [Alone<I32LoadA>, I32LoadA], [I32LoadA, Mov],
            [Alone<I32LoadR>, F64LoadAIdx], [Alone<I32LoadR>, I32AddAI], [I32LoadR, I32AddAI], [I32LoadR, I32LoadR],
            [I32LtSAR, I32AddRI], [I32LtSR8Back, I32MulRI], [I32LtURI, I32AddRI], [Alone<I32MulAR>, Alone<I32ShrUAI>],
            [Alone<I32ShlAI>, Alone<I32LoadA>], [Alone<I32ShlRI>, Alone<I32LoadA>], [Alone<I32ShrURI>, I32AndAI],
            [Alone<I64LoadR>, I64StoreA], [I64ShrURI, Alone<I64Load32UR>], [I64ShrURI, Alone<I64MulRI>], [Mov, Call],
            [Mov, I32ShlRI], [Mov, Jump], [Mov2, I32NeS8Back], [Select, Alone<I32MulRI>], [ZeroAForward, JumpBack],
            [ZeroRForward, I32AddRI];
        Alone<I32AddRR>: [I32AddAI, I32LoadR], [I32AndAI, Alone<I32Load8UIdx>], [I32Load8UAWrap, I32AddAI];
        I32AddRR: [Alone<F64LoadA>, F64MulRA], [I32AddAI, F64LoadA], [I32AddAI, Alone<I64Load32UA>],
            [I32AddRI, I32AddRI], [I32AddRI, I32LoadR], [I32AddRI, I32NeSRBack], [I32AddRR, Alone<F64LoadA>],
            [I32AddRR, I32LeUARForward], [I32AndAI, I32LoadWrap], [I32GeUARForward, I32AddRR],
            [I32Load8UAWrap, Alone<I32Load8UWrap>], [I32Load8UIdx, ZeroAForward], [Alone<I32LoadA>, I32GeURAForward],
            [I32LoadA, Alone<I32LoadR>], [I32LoadA, Alone<I32LoadWrap>], [Alone<I32LoadR>, I32AddRA],
            [I32LtURR, Select], [Alone<I32ShrUAI>, Alone<I32XorAR>], [I32StoreImm, I32NeS8Back],
            [I32SubRR, NonZeroABack], [Alone<I64Load32UA>, I64AddRA];
        Alone<I32AndAI>: [I32AddAR, Alone<I32GtURR>], [I32AddRA, Alone<I32LoadA>], [I32AddRA, Alone<I32ShrURI>],
            [I32AddRA, I64LoadA], [Alone<I32Load8UA>, I32Store8WrapA], [I32LtUA8Forward, Alone<I32AddRI>],
            [I32LtUAI, I32OrRA], [I32OrRA, Alone<I32OrRI>], [I32OrRA, Alone<I32ShlAI>],
            [Alone<I32ShlAI>, Alone<I32LoadA>], [Alone<I32ShlAI>, I32LoadA], [I32StoreA, Return],
            [Alone<I64ShlAR>, I64OrAR];
        I32AndAI: [Const, I32LeSR8Forward], [Alone<I32AndRI>, BrTableAcc], [Alone<I32AndRI>, Alone<I32OrRA>],
            [Alone<I32Load8UIdx>, I32AddRA], [Alone<I32Load8UIdx>, I32EqARForward], [I32LoadWrap, Mov],
            [I32LtURI, Const], [Alone<I32ShrURI>, Alone<I32AndAI>], [Alone<I32ShrURI>, I32AndAI],
            [I32XorAI, Alone<I32XorRR>], [Select, Alone<I32AndRI>];
        I32AndRA: [I32OrAR, Alone<I32OrRR>];
        Alone<I32AndRI>: [I32AddAI, Const], [I32DivUAI, Alone<I32AddRA>], [Alone<I32EqRA>, I32AddRA],
            [I32NeRAForward, Mov], [Alone<I32OrRA>, I32Load8UA], [I32ShrUAI, I32NeS8Back];
        I32AndRI: [Const, NonZeroRBack], [I32AddRI, Alone<I32Load8UR>], [I32Extend8SR, Const];
        Alone<I32ClzA>: [I32AddAR, Alone<I32PopcntR>];
        I32ClzA: [I32SubRR, Alone<I32Load8UR>];
        I32ClzR: [Alone<I32SubIA>, I32ShrURA];
        Alone<I32CtzA>: [Alone<I32AddRA>, I32XorRA];
        I32DivUAI: [Alone<I32AddRA>, Alone<I32MulAI>];
        Alone<I32EqAI>: [I32AddRA, Alone<I32Load8UWrap>], [I32AddRA, I32NeSRBack];
        I32EqAI: [Select, Const];
        I32EqAR: [Const, Select];
        I32EqARForward: [I32AddRI, I32LtURI], [Alone<I32AndRI>, I32DivUAI], [Alone<I32Load8UR>, I32EqARForward];
        Alone<I32EqRA>: [I32AddRA, I32EqAI];
        Alone<I32EqRI>: [I32AddAR, Alone<I32EqRI>], [I32AddRA, I32AddRI], [I32SubRA, I32GtUAKForward];
        I32EqRR: [Alone<Select>, I32AddRA];
        Alone<I32Extend8SA>: [Alone<I32AddAI>, I32LtUAI];
        I32Extend8SR: [Const, Const];
        I32GeUARForward: [F64AddRR, Alone<F64SubRR>], [I32AddRR, I32AddRI];
        I32GeURAForward: [I32AddRI, Alone<I32LoadR>], [Alone<I32LoadR>, F64LoadAIdx];
        I32GeURRForward: [Alone<I32ShlRI>, I32AddRA];
        I32GtSAI: [Alone<I32LtSRI>, Alone<I32SubRA>];
        I32GtUA8Forward: [Alone<I32ShlIR>, I32TestAKForward];
        I32GtUAR: [Select, Mov];
        Alone<I32GtURA>: [Alone<I32ShlAI>, I32AddRA];
        I32GtURA: [Select, Alone<I32ShlRI>];
        Alone<I32GtURR>: [I32ShlAI, I32LoadIdx];
        I32LeSR8Forward: [Mov, Jump];
        I32LeUARForward: [I32AddRI, Alone<I64LoadR>];
        Alone<I32Load16SA>: [I32AddRA, I32AddRI];
        Alone<I32Load16SWrap>: [Alone<I32MulRA>, Alone<I32AddAR>], [Alone<I32MulRA>, I32AddAR],
            [I32MulRA, I32Load16SWrap];
        I32Load16SWrap: [Alone<I32Load16SWrap>, Alone<I32MulRA>], [Alone<I32Load16SWrap>, I32MulRA];
        I32Load16UA: [I32Load16UWrap, Alone<I32LoadR>];
        I32Load16UWrap: [Alone<I32LoadR>, I32StoreA];
        I32Load8SR: [I32AndAI, Const];
        I32Load8SWrap: [Alone<I32AndAI>, Alone<I64ShlAR>];
        I32Load8UA: [Alone<I32ShlRA>, I32AddAR];
        I32Load8UAWrap: [I32AddAI, Alone<I32AndAI>], [Alone<I32Load8UWrap>, I32AddRA];
        Alone<I32Load8UIdx>: [Alone<I32AddRA>, I32ShlAI], [I32AddRA, Alone<I32Load8UIdx>], [I32AddRA, I32NeS8Back],
            [I32EqARForward, I32AddRI], [I32EqARForward, Alone<I32Load8UR>], [NonZeroAForward, Alone<I32ShlRI>];
        I32Load8UIdx: [I32AddAI, I32GtUA8Forward], [ZeroAForward, I32AddRI];
        Alone<I32Load8UR>: [Alone<I32AddRA>, Alone<I32AddRA>], [Alone<I32AddRA>, I32Store8A],
            [I32EqARBack, I32NeS8Back], [I32EqARForward, Alone<I32AndRI>], [I32EqARForward, Alone<I32Load8UR>],
            [I32SubRA, NonZeroAForward], [Alone<I32XorAR>, Alone<I32AndAI>], [Alone<I32XorAR>, I32Store8A];
        I32Load8UR: [Const, ZeroRForward], [I32AddAI, I32GtUA8Forward], [Alone<I32AndRI>, Alone<I32EqRA>],
            [Alone<I32AndRI>, I32NeRAForward], [Alone<I32Load8UR>, Alone<I32AddRA>], [Alone<I32Load8UR>, I32SubRA],
            [I32Load8UR, I32NeRAForward], [I32LoadR, I32ShlRI], [I32NeRAForward, I32AddRI];
        Alone<I32Load8UWrap>: [Alone<I32AddRA>, Alone<I32ShlAI>], [I32AddRA, I32GtUARForward],
            [I32AddRA, Alone<I32Load8UWrap>], [I32AddRA, I32Load8UWrap], [Alone<I32EqAI>, I32AddRA],
            [Alone<I32NeRA>, I32AddRA], [Alone<I32ShlAI>, I32AddRA], [I32ShlAI, I64LoadA];
        I32Load8UWrap: [I32AddAI, Alone<I32AndAI>], [Alone<I32Load8UR>, Alone<I32XorAR>],
            [Alone<I32Load8UWrap>, I32AddRA], [Alone<I32OrAI>, Alone<I32Extend8SA>];
        Alone<I32LoadA>: [Alone<I32AddAI>, BrTableAcc], [Alone<I32AddAI>, I32StoreA], [I32AddRA, Alone<I32ShrURI>],
            [I32GtUAR, Select], [I32GtURA, Select], [I32LoadA, Const], [I32LoadA, Mov2], [I32LtURA, Select];
        I32LoadA: [Const, ZeroRForward], [Alone<I32AndRI>, I32NeA8Forward], [Alone<I32LoadA>, I32LoadA],
            [Alone<I32LoadR>, I32AddRA], [Alone<I32LoadR>, I32LoadA], [Alone<I32LoadWrap>, I32LoadA],
            [Alone<I32ShlRI>, Alone<I32LoadA>], [Alone<I32ShrURI>, I32XorRA], [Mov, Call], [Mov, CallIndirect],
            [Mov, JumpBack], [Mov2, CallIndirect];
        I32LoadAbs: [Alone<I32AddAI>, I32StoreAbsA];
        Alone<I32LoadIdx>: [I32AddAI, I32ClzA], [I32AddAI, I32ShlAI];
        I32LoadIdx: [Alone<I32LoadR>, I32AddRA];
        Alone<I32LoadR>: [F64LoadAIdx, I32LoadR], [F64LoadAIdx, I32LoadWrap], [Alone<I32AddAI>, I32StoreA],
            [I32AddAI, Fuel], [I32AddAI, I32StoreA], [Alone<I32AddAR>, Alone<I32AndAI>], [Alone<I32AddAR>, I32ShrUAI],
            [I32AddAR, I32Store8Imm], [Alone<I32AddRA>, Return1Acc], [I32AddRA, I32AddRI], [I32AddRA, I32AddRR],
            [I32AddRA, Alone<I32ShlRI>], [I32AddRA, I32ShlRI], [I32GtURAForward, Return1], [I32LeUARForward, I32AddRI],
            [I32LoadA, CallIndirect], [I32LoadA, Alone<I32LoadA>], [I32LoadA, Mov], [Alone<I32MulAI>, I32AddRA],
            [I32MulAR, Alone<I32LoadR>], [Alone<I32MulRA>, Return1Acc], [I32StoreA, I32AddRI], [I32StoreA, I32StoreR],
            [Alone<I32XorAR>, Return1Acc];
        I32LoadR: [I32AddAI, I32LtUAR], [Alone<I32AndAI>, I32AddAR], [Alone<I32AndAI>, Alone<I32ShlAI>],
            [I32GeURAForward, Alone<I32LoadR>], [Alone<I32GtURA>, Alone<I32ShlAI>], [I32LoadA, NonZeroABack],
            [Alone<I32LoadR>, I32AddRA], [Alone<I32LoadR>, I32GtURAForward], [Alone<I32LoadR>, I32LoadA],
            [Alone<I32LoadR>, Alone<I32MulRA>], [Alone<I32LoadR>, I32StoreA], [I32LoadR, I32AddRI],
            [I32LoadR, I32EqRABack], [I32LoadR, I32GeURAForward], [I32LoadR, I32LoadR], [I32LoadR, I32NeRAForward],
            [Alone<I32MulRI>, I32AddRA], [Alone<I32ShlRI>, I32AddRA], [I32ShlRI, Alone<F64LoadIdx>],
            [I32ShlRI, Alone<I32LoadIdx>], [I32StoreR, NonZeroRBack], [Alone<I32XorAR>, I32StoreA],
            [ZeroAForward, I32LoadR];
        Alone<I32LoadWrap>: [I32LoadA, Mov];
        I32LoadWrap: [I32GeURAForward, I32AddRI], [Alone<I32LoadR>, I32AddRA], [I32RotlAI, Alone<I32RotlRI>],
            [I32ShlRI, Alone<F64LoadIdx>], [Mov, CallIndirect];
        I32LtSAR: [I32AddRI, NonZeroRBack];
        I32LtSR8Back: [I32MulRI, Alone<I32AddRI>];
        Alone<I32LtSRI>: [Alone<I32SubRA>, I32AndAI];
        I32LtUA8Forward: [Alone<I32AddRI>, Alone<I32AndAI>];
        I32LtUAI: [Alone<I32AddRI>, Alone<I32AndAI>], [I32AddRI, Select], [I32OrRA, I32AndRI];
        I32LtUAR: [Select, I32LtURA];
        I32LtURA: [Select, Alone<I32ShlRI>], [Select, I32StoreA];
        I32LtURI: [Const, Select], [I32AddRI, NonZeroRBack];
        Alone<I32MulAI>: [I32AddRA, Alone<I32MulRI>], [I32AddRA, Alone<I32OrRI>],
            [Alone<I32ShrUAI>, Alone<F32ConvertI32UA>];
        I32MulAI: [Alone<I32ShrUAI>, I32XorAR];
        Alone<I32MulAR>: [Alone<I32ShrUAI>, Alone<I32AddAR>];
        I32MulAR: [Alone<I32LoadR>, Alone<I32AddRA>];
        Alone<I32MulRA>: [Alone<I32AddAR>, Alone<I32AddRA>], [I32AddAR, I32AddRI], [I32AddAR, I32NeS8Back];
        I32MulRA: [I32Load16SWrap, Alone<I32Load16SWrap>];
        Alone<I32MulRI>: [I32AddRA, I32AddRR], [Alone<I32SubRA>, I32AndAI];
        I32MulRI: [Alone<I32AddRI>, I32AddRA], [Alone<I32LoadIdx>, I32GeSRAForward];
        Alone<I32NeRA>: [I32AddRA, I32AddRI];
        I32NeRAForward: [I32AddRI, I32AddRI], [Mov, Jump];
        Alone<I32NeRI>: [I32AndRA, NonZeroRForward];
        I32NeRI: [Alone<I32NeRI>, I32AndRA];
        Alone<I32OrAI>: [Alone<I32Extend8SA>, Alone<I32AddAI>];
        Alone<I32OrAR>: [Alone<I32XorAI>, I32AndRA];
        I32OrAR: [Alone<I32OrRR>, I32ShlAI];
        Alone<I32OrRA>: [I32Load8UA, Alone<I32ShlRA>], [Alone<I32ShrUAI>, Alone<I32AndAI>];
        I32OrRA: [I32AndRI, I32Extend8SR], [Alone<I32OrRI>, Alone<I32ClzA>], [Alone<I32ShlAI>, I32AndAI];
        Alone<I32OrRI>: [Alone<I32ClzA>, I32AddAR], [Alone<I32CtzA>, Alone<I32AddRA>];
        Alone<I32OrRR>: [Alone<I32OrAR>, Alone<I32XorAI>], [I32ShlAI, Alone<I32OrRR>], [I32ShrUAI, Mov],
            [ZeroAForward, Alone<I32AddRR>];
        Alone<I32PopcntA>: [Alone<I32AddAR>, I32AddRA];
        Alone<I32PopcntR>: [Alone<I32MulAI>, I32AddRA];
        Alone<I32RemUAI>: [I32ShlAI, Alone<I32AddRI>];
        I32RotlAI: [Alone<I32RotlRI>, I32XorRA];
        Alone<I32RotlRI>: [I32XorRA, Alone<I32RotlRI>], [I32XorRA, Alone<I32ShrURI>];
        Alone<I32ShlAI>: [Alone<I32AddRA>, Alone<I32ShrUAI>], [I32AddRA, Alone<I32Load8UWrap>],
            [I32AddRA, Alone<I32LoadA>], [I32AddRA, I32LoadA], [I32AddRA, I32ShlRI], [I32AddRA, Alone<I64LoadA>],
            [I32AndAI, Alone<I32ShrURI>], [Alone<I32LoadA>, Alone<I32AddAI>], [Alone<I32LoadA>, I32GtUAR],
            [I32LoadA, Alone<I32ShrURI>], [I32XorAR, Alone<I32RemUAI>], [I32XorAR, Alone<I32ShlAI>],
            [I32XorAR, Alone<I32ShrUAI>];
        I32ShlAI: [Alone<I32AddRI>, I32AddAR], [I32ClzR, Alone<I32SubIA>], [I32LoadIdx, NonZeroABack],
            [I32LoadR, Alone<I32LoadR>], [Alone<I32OrRR>, I32ShrUAI], [I32StoreIdx, I32AddRI],
            [I64LoadA, Alone<I64Load8UWrap>];
        Alone<I32ShlRA>: [I32AddAR, Alone<I32SubIR>];
        Alone<I32ShlRI>: [I32AddRA, Alone<I32LoadA>], [I32AddRA, I32LoadA], [I32AddRA, Mov],
            [Alone<I32Load16SA>, I32AddRA], [Alone<I32LoadA>, BrTableAcc], [Alone<I32LoadA>, I32AddRA],
            [Alone<I32LoadA>, I32GtURA], [Alone<I32LoadA>, I32LtURA], [Alone<I32LoadA>, Alone<I32ShlAI>],
            [I32LoadA, I32GtUARForward], [I32LoadA, I32LtUARForward], [I32LoadA, Alone<I32ShlRI>], [I32LoadA, Mov],
            [I32OrRA, I32NeS8Back], [I32XorAR, Alone<I32ShrUAI>];
        I32ShlRI: [Alone<F64LoadIdx>, Alone<F64MulRA>], [I32AddAI, Alone<I32Load8UR>], [Alone<I32AddRI>, I32AddAR],
            [I32LoadA, Alone<I32AndRI>], [Alone<I32LoadIdx>, I32AddAI], [I32OrAI, I32LtUARBack],
            [I32OrAI, I32LtURRBack], [I32StoreR, Mov], [Alone<I32SubIR>, Alone<I32ShrURA>];
        Alone<I32ShrUAI>: [Alone<F32ConvertI32UA>, F32MulAI], [Alone<I32AddAR>, Alone<F32ConvertI32UA>],
            [Alone<I32AndAI>, Alone<I32Load8UA>], [I32AndAI, Alone<I32ShrURI>], [I32Store8WrapA, I32AddRI],
            [Alone<I32XorAR>, Alone<I32MulAI>], [I32XorAR, Alone<I32AndAI>], [I32XorAR, Alone<I32ShlAI>];
        I32ShrUAI: [Alone<I32ShlAI>, I32AddRA], [Alone<I32ShlAI>, Alone<I32LoadA>], [Mov, Call];
        Alone<I32ShrURA>: [Alone<I32AddRA>, Alone<I32SubRA>], [I32AddRA, I32AddRI];
        I32ShrURA: [I32AddRI, I32LtUAKForward];
        Alone<I32ShrURI>: [I32AddAI, Alone<I32ShrURI>], [Alone<I32AddRA>, Alone<F32ConvertI32UA>],
            [Alone<I32AndAI>, I32AddRA], [Alone<I32AndAI>, Alone<I32MulRA>], [Alone<I32AndAI>, I32OrRA],
            [I32AndAI, Alone<I32AndRI>], [I32AndAI, Alone<I32ShrURI>], [I32AndAI, I32XorAI], [I32XorRA, I32AddRI],
            [I32XorRA, Alone<I32XorRA>];
        I32ShrURI: [I32AddRI, Alone<I32ShrURI>];
        Alone<I32ShrURR>: [Alone<I32ShlAI>, I32AddRA];
        I32Store8A: [Mov, Jump];
        I32Store8Idx: [I32AddRI, I32NeAKBack];
        I32Store8R: [I32Store8Wrap, I32Store8Wrap];
        I32Store8Wrap: [I32AddRI, I32NeS8Back], [I32Store8Wrap, I32AddRI], [I32Store8Wrap, I32Store8Wrap];
        I32Store8WrapA: [Alone<I32AddRI>, I32Store8WrapA], [I32AddRI, I32NeAKBack];
        I32Store8WrapImm: [I32AddRR, I32LtUARBack];
        I32StoreA: [I32AddRI, I32AddRI], [I32AddRI, I32NeS8Back], [Alone<I32LoadR>, I32AddAR],
            [I32LoadR, Alone<I32LoadR>], [Alone<I32ShrURI>, Alone<I32AndAI>], [I32StoreR, I32AddRI],
            [I64AddRR, I32LoadR];
        I32StoreAbsA: [I32AddRI, ZeroRForward], [Alone<I32OrRI>, I32StoreA];
        I32StoreR: [I32AddRI, I32AddRI], [I32StoreR, I32AddRI], [I32StoreR, I32StoreR], [Mov, Call], [Mov, I32ShlRI];
        Alone<I32SubIA>: [I32ShrURA, I32AddRI];
        Alone<I32SubIR>: [I32AndRA, I32OrAR], [Alone<I32ShrURA>, Alone<I32AddRA>], [Alone<I32ShrURA>, I32AddRA];
        Alone<I32SubRA>: [Alone<I32AddRA>, I32AddAI], [I32AndAI, I32EqA8Back], [I32AndAI, Alone<I32Load8UIdx>];
        I32SubRA: [NonZeroAForward, I32AddRI];
        I32SubRR: [Alone<I32Load8UR>, Alone<I32AddRA>], [NonZeroABack, Return1], [Select, I32GtSAI];
        Alone<I32WrapI64A>: [I32AddRA, I32NeS8Back], [Alone<I32ShlAI>, I32AddRA], [Alone<I32ShrUAI>, Alone<I32AddAR>],
            [I32XorRA, I32TestR8Forward];
        Alone<I32XorAI>: [I32AndRA, NonZeroAForward];
        I32XorAI: [Alone<I32XorRR>, I32AndAI];
        Alone<I32XorAR>: [Alone<I32AndAI>, Alone<I32ShlAI>], [Alone<I32MulAI>, Alone<I32ShrUAI>],
            [I32MulAI, Alone<I32ShrUAI>], [I32Store8A, BrTable], [I32StoreA, I64AddRR];
        I32XorAR: [Alone<I32RemUAI>, I32ShlAI], [Alone<I32ShlAI>, I32AndAI], [Alone<I32ShlAI>, I32XorAR],
            [Alone<I32ShrUAI>, I32XorAR];
        Alone<I32XorRA>: [Alone<I32AndAI>, Alone<I32ShlAI>];
        I32XorRA: [I32AddRI, I32NeS8Back], [Alone<I32RotlRI>, Alone<I32XorRA>], [Alone<I32ShrURI>, Alone<I32XorRA>],
            [Alone<I32XorRA>, Alone<I32AndAI>], [Mov, Alone<I64ShlAI>];
        Alone<I32XorRR>: [I32AndAI, Select];
        I32XorRR: [I32AddRI, I32NeAKBack];
        I64AddAI: [Alone<I64AndRI>, I64EqAI];
        I64AddAR: [I32AddRI, I32NeAKBack], [Alone<I64LtUAR>, I64AddRA];
        Alone<I64AddRA>: [Alone<I64AddRA>, I64StoreA], [I64StoreA, Return];
        I64AddRA: [Alone<I64Load32UWrap>, Alone<I64MulAR>], [Alone<I64LtURR>, I64AddRA], [I64MulRR, Alone<I64MulRR>],
            [Alone<I64RotlRI>, I64XorRA], [Alone<I64ShlAI>, I64AddRA], [Alone<I64ShrUAI>, Alone<I32WrapI64A>],
            [I64Store32A, I32AddRI], [I64Store32A, I64ShrURI], [I64StoreA, I64MulRR], [I64XorRA, I64RotlRI];
        I64AddRI: [I32Load8UR, BrTableAcc];
        I64AddRR: [I32LoadR, NonZeroABack], [I64RotlRI, I64AddRR], [I64XorRA, I64AddRA];
        Alone<I64AndRA>: [I64StoreA, I32AddRR], [Alone<I64XorRA>, I64StoreAbsA];
        I64AndRA: [Const, I64AndRA], [I64MulRA, I64ShrURI];
        Alone<I64AndRI>: [I64EqAI, Select];
        Alone<I64CtzR>: [Alone<I32WrapI64A>, Alone<I32ShrUAI>];
        I64EqAI: [Select, I64NeA8Back];
        Alone<I64ExtendI32SR>: [Alone<I64MulRA>, I64AddAR];
        I64ExtendI32SR: [Alone<I64ExtendI32SR>, Alone<I64MulRA>];
        Alone<I64Load32UA>: [I64AddRA, Alone<I64Load32UWrap>];
        Alone<I64Load32UR>: [I64AddRA, Alone<I64Load32UWrap>];
        Alone<I64Load32UWrap>: [Alone<I64MulAR>, I64AddRA];
        Alone<I64Load8UWrap>: [Alone<I64OrRA>, I64ShlAI], [Alone<I64RotlRA>, I64StoreA], [Alone<I64ShlAI>, I64OrRA],
            [I64ShlAI, Alone<I64Load8UWrap>];
        Alone<I64LoadA>: [I64StoreA, I32ShlRI];
        I64LoadA: [Alone<I64Load8UWrap>, Alone<I64RotlRA>], [Alone<I64RotlIR>, Alone<I64AndRA>];
        I64LoadAbs: [I64LoadAbs, I64LoadAbs];
        Alone<I64LoadR>: [I64StoreA, I32AddRI], [I64StoreA, Alone<I64LoadR>];
        I64LoadR: [I64AddAR, Alone<I64LtUAR>], [I64LoadR, I64AddAR];
        Alone<I64LtUAR>: [I64AddRA, Alone<I64ShrUAI>];
        Alone<I64LtURR>: [I64AddRA, I64MulRR], [I64ShlAI, Alone<I64ShrURI>];
        Alone<I64MulAR>: [I64AddRA, I64Store32A];
        I64MulAR: [I64ShrURI, Alone<I64MulRA>];
        Alone<I64MulRA>: [I64AddAR, I32AddRI], [I64AddRA, Alone<I64ShlAI>];
        I64MulRA: [I64ShrURI, I64MulAR];
        Alone<I64MulRI>: [I64AddAI, Alone<I64AndRI>];
        Alone<I64MulRR>: [Alone<I64AddAR>, I64RotlAI], [Alone<I64AddRA>, Alone<I64AddRA>],
            [Alone<I64ShrUAI>, Alone<I32WrapI64A>], [Alone<I64ShrUAR>, Alone<I32WrapI64A>],
            [Alone<I64ShrUAR>, I32WrapI64A];
        I64MulRR: [Alone<I64Load8UWrap>, I64ShlAI], [Alone<I64LtURR>, I64ShlAI], [Alone<I64MulRR>, Alone<I64AddRA>],
            [Alone<I64ShrUAI>, Alone<I64XorAR>];
        I64OrAR: [I32AddRI, I32LtSR8Back], [Alone<I64ShrURI>, I64XorRA];
        Alone<I64OrRA>: [I64AddRA, Alone<I64LtURR>], [I64ShlAI, Alone<I64Load8UWrap>];
        I64OrRA: [Alone<I64Load8UWrap>, Alone<I64OrRA>];
        Alone<I64RotlAI>: [I64AddRA, I64XorRA];
        I64RotlAI: [I64AddRR, I64XorRA], [Alone<I64RotlRI>, I64AddRA];
        Alone<I64RotlIR>: [Alone<I64AndRA>, I64StoreA];
        Alone<I64RotlRA>: [I64StoreA, Alone<I32Load8UWrap>], [I64StoreA, I32NeS8Back];
        Alone<I64RotlRI>: [I64AddRA, I64XorRA], [I64XorAR, I64RotlAI], [I64XorRA, Alone<I64RotlRI>];
        I64RotlRI: [I32AndRI, Const], [I64AddRR, I64XorRA];
        Alone<I64ShlAI>: [I64AddRA, I64StoreA], [I64OrAR, Alone<I64ShrURI>], [I64OrRA, Alone<I64Load8UWrap>];
        I64ShlAI: [Alone<I64Load8UWrap>, I64OrRA], [Alone<I64Load8UWrap>, Alone<I64ShlAI>],
            [Alone<I64ShrURI>, Alone<I64OrRA>];
        Alone<I64ShlAR>: [I64OrAR, I32AddRI];
        Alone<I64ShrUAI>: [Alone<I32WrapI64A>, I32AddRA], [Alone<I32WrapI64A>, I32XorRA];
        Alone<I64ShrUAR>: [Alone<I32WrapI64A>, Alone<I32ShlAI>];
        Alone<I64ShrURI>: [Alone<I64OrRA>, I64AddRA];
        I64ShrURI: [I32AddRI, I32NeAKBack], [Alone<I64Load32UR>, I64AddRA], [I64MulAR, I64ShrURI],
            [Alone<I64MulRA>, I64AddRA], [Alone<I64MulRI>, I64AddAI];
        I64Store32A: [I32AddRI, I64ShrURI], [I64ShrURI, I32AddRI];
        I64StoreA: [I32AddRI, I32AddRI], [I32AddRI, I32NeS8Back], [I32AddRR, I32LtUAKBack],
            [Alone<I32Load8UWrap>, I32ShlAI], [I32ShlRI, I32OrAI], [Alone<I64LoadR>, I64StoreA],
            [I64MulRR, Alone<I64LtURR>];
        I64StoreAbsA: [Alone<I64XorRI>, Alone<I64AndRA>], [Alone<I64XorRR>, I64StoreAbsA];
        I64StoreWrapImm: [I64StoreWrapImm, I64StoreWrapImm];
        I64XorAR: [I64RotlAI, Alone<I64RotlRI>];
        Alone<I64XorRA>: [I64StoreAbsA, Alone<I64XorRI>];
        I64XorRA: [I64AddRA, Alone<I64RotlRI>], [I64RotlAI, I64AddRR], [Alone<I64RotlRI>, I64XorAR],
            [I64RotlRI, I32AndRI];
        Alone<I64XorRI>: [Alone<I64AndRA>, Alone<I64XorRA>];
        Alone<I64XorRR>: [I64StoreAbsA, Alone<I64XorRR>];
        Mov: [Const, Fuel], [F64MulRR, Alone<F64MulRR>], [I32AddAI, I32Load8SWrap], [I32AddRI, Alone<I32ShlAI>],
            [I32AddRR, I32AddAI], [I32Load8UWrap, Alone<I32OrAI>], [Alone<I32LoadR>, I32LoadA],
            [I32MulRI, Alone<I32LoadIdx>], [Alone<I32ShlRI>, Alone<I32Load16SA>], [I32ShlRI, Alone<I32AddRI>],
            [I32ShlRI, I32OrAI], [I32StoreA, I32LoadR], [I32StoreR, I32LtSR8Forward], [I32SubRR, Select],
            [Alone<I64ShlAI>, I64OrAR];
        Mov2: [I32AddRI, JumpBack], [I32LoadR, I32StoreR];
        NonZeroAForward: [I32AddRI, I32AddRI], [Alone<I32ShlRI>, I32AddRA];
        Alone<Select>: [I32AddAR, I32AddRI], [I32AddRA, Alone<I32ShlAI>];
        Select: [Const, Alone<Select>], [Alone<I32AndRI>, I32ShrUAI], [I32GtSAI, Alone<I32LtSRI>], [I32LtURA, Select],
            [Alone<I32MulRI>, I32AddRA], [Alone<I32ShlRI>, I32LoadA], [I32StoreA, I32AddRI], [Mov, I32AddRI];
        ZeroAForward: [I32AddRI, Alone<I32Load8UR>], [Alone<I32AddRR>, I32AndAI];
        ZeroRForward: [I32AddRI, Mov], [I32AddRI, Mov2], [Alone<I32AndRI>, I32AddAI], [I32LoadWrap, I32GeURAForward];
    }
}
