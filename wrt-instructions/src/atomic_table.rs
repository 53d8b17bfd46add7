//! The table of atomic operators, as [`operators!`](crate::operators) is the table of the others.
//!
//! Opcodes are `0xFE00 + n`. An access names the load and the store that it is made of, and what it does between them. The
//! operators come from the threads proposal, whose execution rules have no anchors of their own in the core specification:
//! the anchors are those of the plain accesses.

// @need-ids: REQ_TABLE_001, REQ_018, REQ_FUEL_SCHEDULE_001, REQ_THREADS_001
/// Calls `$with!` with every row of the table of atomic operators.
#[macro_export]
macro_rules! atomic_operators {
    ($with:path) => {
        $with! {
            atomic_load {
                I32AtomicLoad 0xFE10 "i32.atomic.load" as I32Load, 1, "exec-load-val";
                I64AtomicLoad 0xFE11 "i64.atomic.load" as I64Load, 1, "exec-load-val";
                I32AtomicLoad8U 0xFE12 "i32.atomic.load8_u" as I32Load8U, 1, "exec-load-val";
                I32AtomicLoad16U 0xFE13 "i32.atomic.load16_u" as I32Load16U, 1, "exec-load-val";
                I64AtomicLoad8U 0xFE14 "i64.atomic.load8_u" as I64Load8U, 1, "exec-load-val";
                I64AtomicLoad16U 0xFE15 "i64.atomic.load16_u" as I64Load16U, 1, "exec-load-val";
                I64AtomicLoad32U 0xFE16 "i64.atomic.load32_u" as I64Load32U, 1, "exec-load-val";
            }
            atomic_store {
                I32AtomicStore 0xFE17 "i32.atomic.store" as I32Store, 1, "exec-store-val";
                I64AtomicStore 0xFE18 "i64.atomic.store" as I64Store, 1, "exec-store-val";
                I32AtomicStore8 0xFE19 "i32.atomic.store8" as I32Store8, 1, "exec-store-val";
                I32AtomicStore16 0xFE1A "i32.atomic.store16" as I32Store16, 1, "exec-store-val";
                I64AtomicStore8 0xFE1B "i64.atomic.store8" as I64Store8, 1, "exec-store-val";
                I64AtomicStore16 0xFE1C "i64.atomic.store16" as I64Store16, 1, "exec-store-val";
                I64AtomicStore32 0xFE1D "i64.atomic.store32" as I64Store32, 1, "exec-store-val";
            }
            atomic_rmw {
                I32AtomicRmwAdd 0xFE1E "i32.atomic.rmw.add" Add of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwAdd 0xFE1F "i64.atomic.rmw.add" Add of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8AddU 0xFE20 "i32.atomic.rmw8.add_u" Add of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16AddU 0xFE21 "i32.atomic.rmw16.add_u" Add of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8AddU 0xFE22 "i64.atomic.rmw8.add_u" Add of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16AddU 0xFE23 "i64.atomic.rmw16.add_u" Add of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32AddU 0xFE24 "i64.atomic.rmw32.add_u" Add of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwSub 0xFE25 "i32.atomic.rmw.sub" Sub of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwSub 0xFE26 "i64.atomic.rmw.sub" Sub of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8SubU 0xFE27 "i32.atomic.rmw8.sub_u" Sub of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16SubU 0xFE28 "i32.atomic.rmw16.sub_u" Sub of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8SubU 0xFE29 "i64.atomic.rmw8.sub_u" Sub of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16SubU 0xFE2A "i64.atomic.rmw16.sub_u" Sub of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32SubU 0xFE2B "i64.atomic.rmw32.sub_u" Sub of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwAnd 0xFE2C "i32.atomic.rmw.and" And of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwAnd 0xFE2D "i64.atomic.rmw.and" And of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8AndU 0xFE2E "i32.atomic.rmw8.and_u" And of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16AndU 0xFE2F "i32.atomic.rmw16.and_u" And of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8AndU 0xFE30 "i64.atomic.rmw8.and_u" And of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16AndU 0xFE31 "i64.atomic.rmw16.and_u" And of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32AndU 0xFE32 "i64.atomic.rmw32.and_u" And of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwOr 0xFE33 "i32.atomic.rmw.or" Or of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwOr 0xFE34 "i64.atomic.rmw.or" Or of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8OrU 0xFE35 "i32.atomic.rmw8.or_u" Or of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16OrU 0xFE36 "i32.atomic.rmw16.or_u" Or of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8OrU 0xFE37 "i64.atomic.rmw8.or_u" Or of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16OrU 0xFE38 "i64.atomic.rmw16.or_u" Or of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32OrU 0xFE39 "i64.atomic.rmw32.or_u" Or of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwXor 0xFE3A "i32.atomic.rmw.xor" Xor of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwXor 0xFE3B "i64.atomic.rmw.xor" Xor of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8XorU 0xFE3C "i32.atomic.rmw8.xor_u" Xor of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16XorU 0xFE3D "i32.atomic.rmw16.xor_u" Xor of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8XorU 0xFE3E "i64.atomic.rmw8.xor_u" Xor of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16XorU 0xFE3F "i64.atomic.rmw16.xor_u" Xor of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32XorU 0xFE40 "i64.atomic.rmw32.xor_u" Xor of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwXchg 0xFE41 "i32.atomic.rmw.xchg" Xchg of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwXchg 0xFE42 "i64.atomic.rmw.xchg" Xchg of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8XchgU 0xFE43 "i32.atomic.rmw8.xchg_u" Xchg of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16XchgU 0xFE44 "i32.atomic.rmw16.xchg_u" Xchg of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8XchgU 0xFE45 "i64.atomic.rmw8.xchg_u" Xchg of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16XchgU 0xFE46 "i64.atomic.rmw16.xchg_u" Xchg of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32XchgU 0xFE47 "i64.atomic.rmw32.xchg_u" Xchg of I64Load32U I64Store32, 1, "exec-load-val";
                I32AtomicRmwCmpxchg 0xFE48 "i32.atomic.rmw.cmpxchg" Cmpxchg of I32Load I32Store, 1, "exec-load-val";
                I64AtomicRmwCmpxchg 0xFE49 "i64.atomic.rmw.cmpxchg" Cmpxchg of I64Load I64Store, 1, "exec-load-val";
                I32AtomicRmw8CmpxchgU 0xFE4A "i32.atomic.rmw8.cmpxchg_u" Cmpxchg of I32Load8U I32Store8, 1, "exec-load-val";
                I32AtomicRmw16CmpxchgU 0xFE4B "i32.atomic.rmw16.cmpxchg_u" Cmpxchg of I32Load16U I32Store16, 1, "exec-load-val";
                I64AtomicRmw8CmpxchgU 0xFE4C "i64.atomic.rmw8.cmpxchg_u" Cmpxchg of I64Load8U I64Store8, 1, "exec-load-val";
                I64AtomicRmw16CmpxchgU 0xFE4D "i64.atomic.rmw16.cmpxchg_u" Cmpxchg of I64Load16U I64Store16, 1, "exec-load-val";
                I64AtomicRmw32CmpxchgU 0xFE4E "i64.atomic.rmw32.cmpxchg_u" Cmpxchg of I64Load32U I64Store32, 1, "exec-load-val";
            }
            atomic_structural {
                MemoryAtomicNotify 0xFE00 "memory.atomic.notify", 1, "exec-memory-atomic-notify";
                MemoryAtomicWait32 0xFE01 "memory.atomic.wait32", 1, "exec-memory-atomic-waitn";
                MemoryAtomicWait64 0xFE02 "memory.atomic.wait64", 1, "exec-memory-atomic-waitn";
                AtomicFence 0xFE03 "atomic.fence", 1, "exec-memory-atomic-fence";
            }
        }
    };
}
