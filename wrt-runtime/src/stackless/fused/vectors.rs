//! The same of vectors.

use super::parts::{
    I32AddAR, I32AddRA, I32AddRI, I32AddRR, I32LeUSRBack, I32LoadR, I32LtURI, I32NeS8Back, I32PopcntA, Mov2,
    ZeroAForward,
};
use super::{Alone, Part, Sequence, three, two};
use crate::stackless::context::{Acc, Context, Dispatch, Regs, Rest, Stop};
use crate::stackless::vector::{binary, extract_lane, load, store, ternary, test};
use wrt_instructions::Op;
use wrt_instructions::slot::Facc;
use wrt_instructions::vector::meaning::vectors as rows;
use wrt_instructions::vector::{self as o, VectorAccess, VectorRow};

parts! {
    vector_binary {
        F32x4Add: F32x4Add;
        F32x4Le: F32x4Le;
        F32x4Mul: F32x4Mul;
        F32x4Sub: F32x4Sub;
        I32x4Add: I32x4Add;
        I32x4Sub: I32x4Sub;
        I8x16AvgrU: I8x16AvgrU;
        I8x16Eq: I8x16Eq;
        I8x16GtU: I8x16GtU;
        I8x16SubSatU: I8x16SubSatU;
        V128Or: V128Or;
    }
    vector_ternary {
        V128Bitselect: V128Bitselect;
    }
    vector_test {
        I8x16Bitmask: I8x16Bitmask;
        V128AnyTrue: V128AnyTrue;
    }
    extract_lane {
        I32x4ExtractLane: I32x4ExtractLane;
    }
    vector_load {
        V128LoadR: V128Load R;
        V128LoadWrap: V128Load Wrap;
    }
    vector_store {
        V128StoreR: V128Store R;
        V128StoreWrap: V128Store Wrap;
    }
}

sequences! {
    pairs {
        F32x4Add: F32x4Mul, F32x4Sub, I32AddRI, I32NeS8Back, Mov2, V128StoreR;
        F32x4Le: Alone<V128AnyTrue>;
        F32x4Mul: F32x4Add, F32x4Mul;
        F32x4Sub: F32x4Add;
        I32AddAR: Alone<I32x4ExtractLane>;
        I32AddRA: Alone<I32x4ExtractLane>;
        I32AddRI: V128LoadR;
        I32AddRR: V128LoadR;
        I32LoadR: V128LoadR;
        I32PopcntA: V128LoadWrap;
        I32x4Add: V128StoreR;
        Alone<I32x4ExtractLane>: I32AddAR, I32AddRA;
        I32x4Sub: F32x4Add;
        I8x16AvgrU: I8x16AvgrU, V128LoadWrap;
        Alone<I8x16Bitmask>: I32PopcntA, Alone<I32PopcntA>;
        I8x16Eq: Alone<I8x16Bitmask>;
        I8x16GtU: V128Bitselect;
        I8x16SubSatU: I8x16SubSatU, V128Or;
        Alone<V128AnyTrue>: ZeroAForward;
        V128Bitselect: V128StoreWrap;
        V128LoadR: V128LoadWrap, V128StoreR;
        V128LoadWrap: I32x4Add, I8x16AvgrU, I8x16Eq, V128LoadWrap, V128StoreWrap;
        V128StoreR: F32x4Mul, I32AddRI, I32LoadR;
        V128StoreWrap: Alone<I32AddRI>, I32AddRI, I32LtURI, V128LoadWrap;
        ZeroAForward: I32x4Sub;
    }
    triples {
        F32x4Add: [F32x4Mul, F32x4Add], [F32x4Sub, F32x4Add], [I32AddRI, I32LeUSRBack], [V128StoreR, F32x4Mul];
        F32x4Le: [Alone<V128AnyTrue>, ZeroAForward];
        F32x4Mul: [F32x4Add, I32AddRI], [F32x4Add, V128StoreR], [F32x4Mul, F32x4Add];
        F32x4Sub: [F32x4Add, I32NeS8Back];
        I32AddRI: [V128LoadR, V128LoadWrap];
        I32PopcntA: [V128LoadWrap, I8x16Eq];
        I32x4Sub: [F32x4Add, F32x4Mul];
        Alone<I8x16Bitmask>: [Alone<I32PopcntA>, Alone<I32AddAR>], [I32PopcntA, V128LoadWrap];
        I8x16Eq: [Alone<I8x16Bitmask>, I32PopcntA], [Alone<I8x16Bitmask>, Alone<I32PopcntA>];
        V128LoadWrap: [I8x16Eq, Alone<I8x16Bitmask>], [V128LoadWrap, I8x16AvgrU];
        V128StoreR: [F32x4Mul, F32x4Add];
        ZeroAForward: [I32x4Sub, F32x4Add];
    }
}
