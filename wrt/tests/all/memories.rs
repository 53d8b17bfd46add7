//! Several memories, 64-bit memories and tables, custom page sizes and wide arithmetic: from modules and from images.

use crate::common::{STRATEGIES, both, exceeded, wasm};
use std::fmt::Write as _;
use wrt::{
    Config, Engine, ErrorKind, Func, Instance, Limits, Linker, Memory, MemoryType, Module, ResumableCall, Store, Table,
    TableType, Trap, Val, ValType,
};

fn proposals() -> Engine {
    Engine::new(&Config::new().wasm_custom_page_sizes(true).wasm_wide_arithmetic(true))
}

fn instance(engine: &Engine, module: &Module) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine).instantiate(&mut store, module).expect("instantiates");
    (store, instance)
}

fn call(store: &mut Store<()>, func: Func, args: &[Val], results: usize) -> Result<Vec<Val>, Trap> {
    let mut found = vec![Val::I32(0); results];
    match func.call(store, args, &mut found) {
        Ok(()) => Ok(found),
        Err(error) => Err(error.trap().expect("a trap").trap()),
    }
}

fn i64s(values: &[u64]) -> Vec<Val> {
    values.iter().map(|value| Val::I64(*value as i64)).collect()
}

/// Six memories, of which the second and the last are one; with a load and a store of each.
fn six_memories() -> String {
    let mut text = String::from("(module (import \"m\" \"m\" (memory 1)) (import \"m\" \"m\" (memory 1))");
    for memory in 2..6 {
        let _ = writeln!(text, "(memory (export \"{memory}\") 1)");
    }
    for memory in 0..6 {
        let _ = writeln!(
            text,
            r#"(func (export "store{memory}") (param i32 i64) (i64.store {memory} offset=3 (local.get 0) (local.get 1)))
               (func (export "load{memory}") (param i32) (result i64) (i64.load {memory} offset=3 (local.get 0)))
               (func (export "size{memory}") (result i32) (memory.size {memory}))
               (func (export "grow{memory}") (param i32) (result i32) (memory.grow {memory} (local.get 0)))"#
        );
    }
    text.push(')');
    text
}

// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEM_SAFETY_001, REQ_TRAP_001
#[test]
fn an_access_reaches_the_memory_that_it_names_and_no_other() {
    let engine = Engine::default();
    for module in both(&engine, &six_memories()) {
        let mut store = Store::new(&engine, ());
        let shared = Memory::new(&mut store, MemoryType::new(1, None)).expect("fits");
        let instance = Instance::new(&mut store, &module, &[shared.into(), shared.into()]).expect("links");
        let func = |store: &mut Store<()>, name: String| instance.get_func(&mut *store, &name).expect("exported");
        for memory in 0..6_u64 {
            let (put, get) = (func(&mut store, format!("store{memory}")), func(&mut store, format!("load{memory}")));
            for (at, fits) in [(100, true), (65_525, true), (65_526, false), (-1, false)] {
                let value = Val::I64((memory << 32) as i64 | i64::from(at) & 0xFFFF);
                let stored = call(&mut store, put, &[Val::I32(at), value], 0);
                assert_eq!(stored.is_ok(), fits, "memory {memory} at {at}");
                let loaded = call(&mut store, get, &[Val::I32(at)], 1);
                assert_eq!(loaded, if fits { Ok(vec![value]) } else { Err(Trap::MemoryOutOfBounds) });
            }
        }
        // The first two are one: what was written last is there. The others kept theirs.
        for memory in 0..6_u64 {
            let get = func(&mut store, format!("load{memory}"));
            let expected = (memory.max(1) << 32) + 100;
            assert_eq!(call(&mut store, get, &[Val::I32(100)], 1), Ok(i64s(&[expected])), "memory {memory}");
        }
        assert_eq!(&shared.data(&store)[103..111], &((1_u64 << 32) + 100).to_le_bytes());
        for memory in [5, 2] {
            let (grow, size) = (func(&mut store, format!("grow{memory}")), func(&mut store, format!("size{memory}")));
            assert_eq!(call(&mut store, grow, &[Val::I32(2)], 1), Ok(vec![Val::I32(1)]));
            assert_eq!(call(&mut store, size, &[], 1), Ok(vec![Val::I32(3)]));
        }
        let (size, get) = (func(&mut store, "size4".into()), func(&mut store, "load5".into()));
        assert_eq!(call(&mut store, size, &[], 1), Ok(vec![Val::I32(1)]));
        let mut result = [Val::I64(0)];
        let error = get.call(&mut store, &[Val::I32(3 << 16)], &mut result).expect_err("outside");
        let text = format!("{:?}", error.trap().expect("a trap"));
        assert!(text.contains("address: 196611, length: 8, size: 196608"), "{text}");
    }
}

const WIDE_ADDRESSES: &str = r#"(module
    (memory (export "m") i64 1 3)
    (data (i64.const 8) "\01\02\03\04\05\06\07\08")
    (func (export "r") (param i64) (result i64) (i64.load offset=4 (local.get 0)))
    (func (export "far") (param i64) (result i64) (i64.load offset=0xffffffffffffffff (local.get 0)))
    (func (export "above") (param i64) (result i64) (i64.load offset=0x100000000 (local.get 0)))
    (func (export "a") (param i64 i64) (result i32) (i32.load8_u offset=4 (i64.add (local.get 0) (local.get 1))))
    (func (export "folded") (param i32) (result i32) (i32.load8_u (i64.extend_i32_u (i32.add (local.get 0) (i32.const 9)))))
    (func (export "abs") (result i32) (i32.load8_u offset=5 (i64.const 4)))
    (func (export "none") (result i32) (i32.load8_u offset=5 (i64.const -4)))
    (func (export "put") (param i64 i64) (result i64)
        (i64.store offset=16 (local.get 0) (local.get 1))
        (i32.store8 offset=17 (local.get 0) (i32.const -2))
        (i64.store offset=24 (local.get 0) (i64.mul (local.get 1) (local.get 1)))
        (i64.add (i64.load offset=16 (local.get 0)) (i64.load offset=24 (local.get 0))))
    (func (export "size") (result i64) (memory.size))
    (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
    (func (export "fill") (param i64 i64) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
    (func (export "copy") (param i64 i64 i64) (memory.copy (local.get 0) (local.get 1) (local.get 2))))"#;

// @need-ids: REQ_MEMORY64_001, REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[test]
fn addresses_of_64_bits_are_taken_whole_and_never_wrap() {
    let engine = Engine::default();
    let outside = Err(Trap::MemoryOutOfBounds);
    for module in both(&engine, WIDE_ADDRESSES) {
        let (mut store, instance) = instance(&engine, &module);
        let mut run = |name: &str, args: &[u64], results: usize| {
            let func = instance.get_func(&store, name).expect("exported");
            call(&mut store, func, &i64s(args), results)
        };
        assert_eq!(run("r", &[4], 1), Ok(i64s(&[0x0807_0605_0403_0201])));
        for address in [65_525, 1 << 32 | 4, 1 << 63, u64::MAX, u64::MAX - 3] {
            assert_eq!(run("r", &[address], 1), outside, "{address:x}");
        }
        // Each sum comes back to 8 if it wraps.
        assert_eq!((run("far", &[9], 1), run("above", &[(1 << 32) - 8], 1)), (outside.clone(), outside.clone()));
        assert_eq!(run("above", &[(u64::MAX << 32) + 8], 1), outside);
        assert_eq!(run("a", &[1, 4], 1), Ok(vec![Val::I32(2)]));
        assert_eq!(run("a", &[u64::MAX, 6], 1), Ok(vec![Val::I32(2)]), "the sum is the guest's, and may wrap");
        assert_eq!(run("a", &[u64::MAX - 3, 0], 1), outside);
        assert_eq!((run("abs", &[], 1), run("none", &[], 1)), (Ok(vec![Val::I32(2)]), outside.clone()));
        assert_eq!(run("put", &[100, 3], 1), Ok(i64s(&[0xFE03 + 9])));
        assert_eq!(run("put", &[u64::MAX - 15, 3], 1), outside);
        for (start, length) in [(0, 1 << 32), (1 << 32, 0), (u64::MAX, 1), (u64::MAX, 0), (1, u64::MAX)] {
            assert_eq!(run("fill", &[start, length], 0), outside, "{start:x} {length:x}");
            assert_eq!(run("copy", &[0, start, length], 0), outside, "{start:x} {length:x}");
            assert_eq!(run("copy", &[start, 0, length], 0), outside, "{start:x} {length:x}");
        }
        assert_eq!((run("fill", &[65_536, 0], 0), run("copy", &[65_536, 65_536, 0], 0)), (Ok(vec![]), Ok(vec![])));
        assert_eq!(run("size", &[], 1), Ok(i64s(&[1])));
        for delta in [3, 1 << 32, 1 << 48, u64::MAX] {
            assert_eq!(run("grow", &[delta], 1), Ok(i64s(&[u64::MAX])), "{delta:x}");
        }
        assert_eq!((run("grow", &[2], 1), run("size", &[], 1)), (Ok(i64s(&[1])), Ok(i64s(&[3]))));
        let folded = instance.get_func(&store, "folded").expect("exported");
        assert_eq!(call(&mut store, folded, &[Val::I32(-1)], 1), Ok(vec![Val::I32(1)]));
        assert_eq!(instance.get_memory(&store, "m").expect("exported").ty(&store), MemoryType::new64(3, Some(3)));
    }
}

// @need-ids: REQ_MEMORY64_001, REQ_TRAP_001
#[test]
fn tables_of_64_bits_take_all_of_an_index() {
    let engine = Engine::default();
    let text = r#"(module
        (type $f (func (result i32)))
        (table $t (export "t") i64 4 6 funcref)
        (table $other i64 2 2 funcref)
        (elem (i64.const 1) $seven)
        (elem (table $other) (i64.const 0) func $seven)
        (func $seven (type $f) (i32.const 7))
        (func (export "call") (param i64) (result i32) (call_indirect $t (type $f) (local.get 0)))
        (func (export "call_other") (param i64) (result i32) (call_indirect $other (type $f) (local.get 0)))
        (func (export "tail") (param i64) (result i32) (return_call_indirect $t (type $f) (local.get 0)))
        (func (export "get") (param i64) (result i32) (ref.is_null (table.get $t (local.get 0))))
        (func (export "set") (param i64) (table.set $t (local.get 0) (ref.func $seven)))
        (func (export "get_other") (param i64) (result i32) (ref.is_null (table.get $other (local.get 0))))
        (func (export "fill") (param i64 i64) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
        (func (export "copy") (param i64 i64) (table.copy $t $other (local.get 0) (i64.const 0) (local.get 1)))
        (func (export "grow") (param i64) (result i64) (table.grow $t (ref.null func) (local.get 0)))
        (func (export "size") (result i64) (table.size $t)))"#;
    for module in both(&engine, text) {
        let (mut store, instance) = instance(&engine, &module);
        let mut run = |name: &str, args: &[u64], results: usize| {
            let func = instance.get_func(&store, name).expect("exported");
            call(&mut store, func, &i64s(args), results)
        };
        let seven = Ok(vec![Val::I32(7)]);
        assert_eq!((run("call", &[1], 1), run("tail", &[1], 1)), (seven.clone(), seven.clone()));
        assert_eq!(run("call_other", &[0], 1), seven);
        for name in ["call", "tail", "call_other"] {
            assert_eq!(run(name, &[1 << 32 | 1], 1), Err(Trap::UndefinedElement), "{name}");
        }
        assert_eq!(run("call", &[0], 1), Err(Trap::IndirectCallToNull));
        for name in ["get", "get_other"] {
            assert_eq!(run(name, &[1 << 32], 1), Err(Trap::TableOutOfBounds), "{name}");
        }
        assert_eq!(run("set", &[1 << 32], 0), Err(Trap::TableOutOfBounds));
        assert_eq!((run("set", &[3], 0), run("get", &[3], 1)), (Ok(vec![]), Ok(vec![Val::I32(0)])));
        for (start, length) in [(1 << 32, 0), (0, 1 << 32), (u64::MAX, 2)] {
            assert_eq!(run("fill", &[start, length], 0), Err(Trap::TableOutOfBounds));
            assert_eq!(run("copy", &[start, length], 0), Err(Trap::TableOutOfBounds));
        }
        for (delta, expected) in [(3, u64::MAX), (1 << 32, u64::MAX), (u64::MAX, u64::MAX), (2, 4), (1, u64::MAX)] {
            assert_eq!(run("grow", &[delta], 1), Ok(i64s(&[expected])), "{delta:x}");
        }
        assert_eq!(run("size", &[], 1), Ok(i64s(&[6])));
        let table = instance.get_table(&store, "t").expect("exported");
        assert_eq!(table.ty(&store), TableType::new64(ValType::FUNCREF, 6, Some(6)));
        assert_eq!(table.get(&store, 1 << 32), None);
    }
}

const BULK: &str = r#"(module
    (memory $a (export "a") i64 1) (memory $b (export "b") 1) (memory $c (export "c") 1)
    (memory $d (export "d") 1) (memory $e (export "e") i64 1)
    (data $bytes "the quick brown fox jumps over the lazy dog, and then it sleeps for a while under the old oak tree.........")
    (func (export "run")
        (memory.init $a $bytes (i64.const 1) (i32.const 2) (i32.const 100))
        (memory.fill $e (i64.const 300) (i32.const 0x55) (i64.const 1000))
        (memory.copy $b $a (i32.const 7) (i64.const 1) (i32.const 5000))
        (memory.copy $a $b (i64.const 900) (i32.const 3) (i32.const 3000))
        (memory.copy $e $e (i64.const 350) (i64.const 310) (i64.const 2000))
        (memory.copy $e $e (i64.const 20) (i64.const 310) (i64.const 2000))
        (memory.copy $d $e (i32.const 0) (i64.const 10) (i32.const 4000))
        (memory.copy $e $a (i64.const 60000) (i64.const 0) (i64.const 5536))
        (memory.init $d $bytes (i32.const 5000) (i32.const 0) (i32.const 101))
        (memory.copy $c $d (i32.const 65000) (i32.const 4990) (i32.const 536))))"#;

// @need-ids: REQ_MEMORY64_001, REQ_MULTI_MEMORY_001, REQ_FUEL_002, REQ_SAFEPOINT_001, REQ_PERF_002
#[test]
fn bulk_operators_pause_in_the_middle_whatever_their_memories_are() {
    let engine = Engine::default();
    let exported = |store: &Store<()>, instance: &Instance| -> Vec<Vec<u8>> {
        let memory = |name| instance.get_memory(store, name).expect("exported").data(store).to_vec();
        ["a", "b", "c", "d", "e"].map(memory).into()
    };
    for module in both(&engine, BULK) {
        let (mut store, whole) = instance(&engine, &module);
        store.set_fuel(1 << 40);
        whole.get_typed_func::<(), ()>(&store, "run").expect("has that type").call(&mut store, ()).expect("runs");
        let (expected, fuel) = (exported(&store, &whole), store.fuel_consumed());
        assert_eq!(&expected[1][7..13], &expected[0][1..7]);
        assert!(expected.iter().all(|bytes| bytes.iter().any(|byte| *byte != 0)));
        for slice in [1, 2, 3, 7, 31, 64, 100, 1000] {
            let (mut store, cut) = instance(&engine, &module);
            let func = cut.get_func(&store, "run").expect("exported");
            store.set_fuel(slice);
            let mut state = func.call_resumable(&mut store, &[], &mut []).expect("no trap");
            let mut pauses = 0;
            while let ResumableCall::OutOfFuel(paused) = state {
                pauses += 1;
                store.add_fuel(slice);
                state = paused.resume(&mut store, &mut []).expect("no trap");
            }
            assert_eq!((exported(&store, &cut), store.fuel_consumed()), (expected.clone(), fuel), "slices of {slice}");
            assert!(pauses >= fuel / slice / 2 || slice > fuel, "{pauses} pauses");
        }
    }
}

// @need-ids: REQ_WASM_PROPOSALS_001, REQ_018
#[test]
fn pages_of_one_byte_are_counted_in_bytes() {
    let engine = proposals();
    let text = r#"(module
        (memory $m (export "m") 5 9 (pagesize 1)) (memory $n (export "n") i64 70000 (pagesize 1))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "size") (result i32) (memory.size))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "size_n") (result i64) (memory.size $n))
        (func (export "grow_n") (param i64) (result i64) (memory.grow $n (local.get 0))))"#;
    for module in both(&engine, text) {
        let (mut store, instance) = instance(&engine, &module);
        let mut run = |name: &str, args: &[Val]| {
            let func = instance.get_func(&store, name).expect("exported");
            call(&mut store, func, args, 1).map(|results| results[0])
        };
        assert_eq!(run("load", &[Val::I32(1)]), Ok(Val::I32(0)));
        assert_eq!(run("load", &[Val::I32(2)]), Err(Trap::MemoryOutOfBounds));
        assert_eq!(run("grow", &[Val::I32(5)]), Ok(Val::I32(-1)));
        assert_eq!((run("grow", &[Val::I32(1)]), run("size", &[])), (Ok(Val::I32(5)), Ok(Val::I32(6))));
        assert_eq!(run("load", &[Val::I32(2)]), Ok(Val::I32(0)));
        assert_eq!((run("grow_n", &[Val::I64(1)]), run("size_n", &[])), (Ok(Val::I64(70_000)), Ok(Val::I64(70_001))));
        let memory = instance.get_memory(&store, "m").expect("exported");
        assert_eq!(memory.ty(&store), MemoryType::new(6, Some(9)).with_page_size_log2(0));
        assert_eq!((memory.data_size(&store), memory.ty(&store).page_size()), (6, 1));
        assert_eq!(memory.grow(&mut store, 3).expect("fits"), 6);
        assert_eq!(exceeded(&memory.grow(&mut store, 1).expect_err("full")), ("max-memory-bytes", 10));
    }
}

// @need-ids: REQ_WASM_PROPOSALS_001, REQ_TABLE_001, REQ_018
#[test]
fn wide_arithmetic_gives_both_halves() {
    let engine = proposals();
    let text = r#"(module
        (func (export "add") (param i64 i64 i64 i64) (result i64 i64)
            (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
        (func (export "sub") (param i64 i64 i64 i64) (result i64 i64)
            (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
        (func (export "signed") (param i64 i64 i64 i64) (result i64 i64)
            (i64.mul_wide_s (local.get 0) (local.get 2)))
        (func (export "unsigned") (param i64 i64 i64 i64) (result i64 i64)
            (i64.mul_wide_u (local.get 0) (local.get 2)))
        (func (export "constant") (param i64 i64 i64 i64) (result i64 i64)
            (i64.add128 (local.get 0) (i64.const 5) (i64.const -1) (local.get 3))))"#;
    let values = [0, 1, 2, 1 << 63, u64::MAX, u64::MAX - 1, 0x0123_4567_89AB_CDEF];
    let join = |low: u64, high: u64| u128::from(low) | u128::from(high) << 64;
    for module in both(&engine, text) {
        let (mut store, instance) = instance(&engine, &module);
        let mut check = |name: &str, args: [u64; 4], expected: u128| {
            let func = instance.get_func(&store, name).expect("exported");
            let expected = i64s(&[expected as u64, (expected >> 64) as u64]);
            assert_eq!(call(&mut store, func, &i64s(&args), 2), Ok(expected), "{name} {args:x?}");
        };
        for x in values {
            for y in values {
                let args = [x, y, y, !x];
                let (a, b) = (join(x, y), join(y, !x));
                check("add", args, a.wrapping_add(b));
                check("sub", args, a.wrapping_sub(b));
                check("signed", args, (i128::from(x as i64) * i128::from(y as i64)) as u128);
                check("unsigned", args, u128::from(x) * u128::from(y));
                check("constant", args, join(x, 5).wrapping_add(join(u64::MAX, !x)));
            }
        }
    }
}

// @need-ids: REQ_WASM_PROPOSALS_001, REQ_ERROR_003
#[test]
fn a_proposal_that_is_off_is_refused_with_the_option_that_turns_it_on() {
    let pages = "(module (memory 1 (pagesize 1)))";
    let wide = "(module (func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 0))))";
    let only_pages = Engine::new(&Config::new().wasm_custom_page_sizes(true));
    let cases = [
        (Engine::default(), pages, Some(("custom-page-sizes", "`Config::wasm_custom_page_sizes` turns it on"))),
        (Engine::default(), wide, Some(("wide-arithmetic", "`Config::wasm_wide_arithmetic` turns it on"))),
        (only_pages.clone(), wide, Some(("wide-arithmetic", "`Config::wasm_wide_arithmetic` turns it on"))),
        (only_pages, pages, None),
        (proposals(), wide, None),
    ];
    for (engine, text, refused) in cases {
        let bytes = wat::parse_str(text).expect("the text is right");
        match (Module::new(&engine, &bytes), refused) {
            (Ok(_), None) => {}
            (Err(error), Some((name, hint))) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert_eq!(error.turned_off().map(wrt::Proposal::name), Some(name));
                assert!(error.to_string().contains(hint), "{error}");
            }
            (done, refused) => panic!("{text}: {done:?}, expected {refused:?}"),
        }
    }
    // What is wrong in any case is not the proposal's business.
    let wrong = wat::parse_str("(module (func (result i64 i64) (i64.mul_wide_u (i64.const 1))))");
    let error = Module::new(&Engine::default(), wrong.expect("the text is right")).expect_err("an operand is missing");
    assert_eq!((error.kind(), error.turned_off()), (ErrorKind::Invalid, None));
}

// @need-ids: REQ_WASM_002, REQ_MEMORY64_001
#[test]
fn imports_match_on_index_type_and_page_size() {
    let engine = proposals();
    let mut store = Store::new(&engine, ());
    let mut memory = |ty| Memory::new(&mut store, ty).expect("fits");
    let given = [
        ("(memory 1)", memory(MemoryType::new(1, None)).into()),
        ("(memory i64 1)", memory(MemoryType::new64(1, None)).into()),
        ("(memory 1 (pagesize 1))", memory(MemoryType::new(1, None).with_page_size_log2(0)).into()),
        ("(memory i64 1 (pagesize 1))", memory(MemoryType::new64(1, None).with_page_size_log2(0)).into()),
    ];
    let mut table = |ty| Table::new(&mut store, ty, Val::FuncRef(None)).expect("fits");
    let tables = [
        ("(table 1 funcref)", table(TableType::new(ValType::FUNCREF, 1, None)).into()),
        ("(table i64 1 funcref)", table(TableType::new64(ValType::FUNCREF, 1, None)).into()),
    ];
    for all in [given.as_slice(), &tables] {
        for (wanted, _) in all {
            let text = format!("(module (import \"m\" \"m\" {wanted}))");
            let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
            for (ty, thing) in all {
                let done = Instance::new(&mut store, &module, &[*thing]);
                assert_eq!(done.is_ok(), ty == wanted, "{ty} for {wanted}");
                if let Err(error) = done {
                    assert!(error.to_string().ends_with(&format!("imported as {wanted}, but it is {ty}")), "{error}");
                }
            }
        }
    }
}

// @need-ids: REQ_MULTI_MEMORY_001, REQ_WASM_002
#[test]
fn indices_that_name_one_memory_see_the_same_bytes_whichever_they_are() {
    for (strategy, count) in STRATEGIES.into_iter().flat_map(|strategy| [3, 4].map(|count| (strategy, count))) {
        let mut text = String::from("(module");
        for at in 0..count {
            let _ = write!(text, "(import \"m\" \"{at}\" (memory 1))");
        }
        for at in 0..count {
            let _ = write!(
                text,
                "(func (export \"put{at}\") (param i32 i32) (i32.store8 {at} (local.get 0) (local.get 1)))
                 (func (export \"get{at}\") (param i32) (result i32) (i32.load8_u {at} (local.get 0)))"
            );
        }
        text.push(')');
        let engine = Engine::new(&Config::new().strategy(strategy));
        let module = Module::new(&engine, wasm(&text)).expect("valid");
        // Each way in which the indices may name four memories.
        for way in 0..4_usize.pow(count) {
            let which: Vec<usize> = (0..count).map(|at| way / 4_usize.pow(at) % 4).collect();
            let mut store = Store::new(&engine, ());
            let memories = [(); 4].map(|()| Memory::new(&mut store, MemoryType::new(1, None)).expect("fits"));
            let given: Vec<_> = which.iter().map(|at| memories[*at].into()).collect();
            let instance = Instance::new(&mut store, &module, &given).expect("fits");
            let mut expected = [[0; 4]; 4];
            for (at, memory) in which.iter().enumerate() {
                let put = instance.get_typed_func::<(i32, i32), ()>(&store, &format!("put{at}")).expect("is there");
                put.call(&mut store, (at as i32, 10 + at as i32)).expect("inside");
                expected[*memory][at] = 10 + at as i32;
            }
            for (at, memory) in which.iter().enumerate() {
                let get = instance.get_typed_func::<i32, i32>(&store, &format!("get{at}")).expect("is there");
                let found = [0, 1, 2, 3].map(|byte| get.call(&mut store, byte).expect("inside"));
                assert_eq!(found, expected[*memory], "{strategy:?}: index {at} of {which:?}");
            }
        }
    }
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_003, REQ_MULTI_MEMORY_001, REQ_MEMORY64_001
#[test]
fn memories_are_limited_each_and_together() {
    let engine = |change: fn(&mut Limits)| {
        let mut limits = Limits::DEFAULT;
        change(&mut limits);
        Engine::new(&Config::new().limits(limits))
    };
    let instantiate = |engine: &Engine, text: &str| {
        let [module, image] = both(engine, text);
        let refused = [module, image].map(|module| {
            let error = module.instantiate(Store::new(engine, ())).expect_err("too much");
            assert_eq!(error.kind(), ErrorKind::Limit);
            (exceeded(&error).0, exceeded(&error).1)
        });
        assert_eq!(refused[0], refused[1]);
        refused[0]
    };
    // All that 64 bits address: an error, and no allocation.
    for pages in ["0x1000000000000", "0x800000000000"] {
        let (key, wanted) = instantiate(&Engine::default(), &format!("(module (memory i64 {pages}))"));
        assert!(key == "max-memory-bytes" && wanted >= 1 << 63, "{key} {wanted}");
    }
    let (key, wanted) = instantiate(&Engine::default(), "(module (table i64 0x1000000000000 funcref))");
    assert_eq!((key, wanted), ("max-table-elements", 1 << 48));
    let total = engine(|limits| limits.max_total_memory_bytes = 5 << 16);
    let (key, wanted) = instantiate(&total, "(module (memory 3) (memory 2) (memory i64 1))");
    assert_eq!((key, wanted), ("max-total-memory-bytes", 6 << 16));
    let text = r#"(module (memory 2) (memory $b (export "b") i64 1)
        (func (export "a") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "b_grow") (param i64) (result i64) (memory.grow $b (local.get 0))))"#;
    for module in both(&total, text) {
        let (mut store, instance) = instance(&total, &module);
        let a = instance.get_typed_func::<i32, i32>(&store, "a").expect("has that type");
        let b = instance.get_typed_func::<i64, i64>(&store, "b_grow").expect("has that type");
        assert_eq!((a.call(&mut store, 3).expect("runs"), a.call(&mut store, 1).expect("runs")), (-1, 2));
        assert_eq!((b.call(&mut store, 2).expect("runs"), b.call(&mut store, 1).expect("runs")), (-1, 1));
        assert_eq!((a.call(&mut store, 1).expect("runs"), b.call(&mut store, 0).expect("runs")), (-1, 2));
        let memory = instance.get_memory(&store, "b").expect("exported");
        let error = memory.grow(&mut store, 1).expect_err("nothing is left");
        assert_eq!(exceeded(&error), ("max-total-memory-bytes", 6 << 16));
        let error = Memory::new(&mut store, MemoryType::new(1, None)).expect_err("nothing is left");
        assert_eq!(exceeded(&error), ("max-total-memory-bytes", 6 << 16));
        Memory::new(&mut store, MemoryType::new(0, None)).expect("takes nothing");
    }
    let mut store = Store::new(&Engine::default(), ());
    for ty in [MemoryType::new(2, Some(1)), MemoryType::new(1, None).with_page_size_log2(12)] {
        assert_eq!(Memory::new(&mut store, ty).expect_err("no such memory").kind(), ErrorKind::Usage);
    }
}

/// A frame that is wide or not, in which operands of every form stand beyond the window.
fn framed(locals: usize) -> String {
    let declared = "i64 ".repeat(locals);
    let (last, locals) = (locals, locals - 1);
    format!(
        r#"(module (memory i64 1) (memory $b 1)
        (func (export "run") (param i64) (result i64) (local {declared})
            (local.set {last} (i64.mul (local.get 0) (i64.const 3)))
            (i64.store offset=8 (local.get {last}) (local.get {last}))
            (i64.store $b offset=16 (i32.wrap_i64 (local.get {last})) (i64.const 0x1122334455667788))
            (i32.store8 offset=0x8 (local.get {last}) (i32.const 9))
            (local.set {locals} (i64.load $b offset=16 (i32.wrap_i64 (local.get {last}))))
            (i64.add128 (local.get {last}) (local.get {locals}) (i64.const -7) (local.get 0))
            (local.set {locals}) (local.set {last})
            (i64.sub128 (i64.const 1) (local.get {last}) (local.get {locals}) (i64.load offset=8 (i64.mul (local.get 0) (i64.const 3))))
            (i64.xor)
            (i64.mul_wide_s (local.get {last}) (local.get {locals}))
            (i64.mul_wide_u (local.get {locals}))
            (i64.xor) (i64.xor) (i64.xor)
            (memory.copy $b 0 (i32.const 100) (i64.mul (local.get 0) (i64.const 3)) (i32.const 64))
            (memory.fill $b (i32.const 150) (i32.const 3) (i32.const 4))
            (i64.add (i64.extend_i32_u (i32.load $b (i32.const 148))) (i64.load $b (i32.const 108)))
            (i64.add)))"#
    )
}

// @need-ids: REQ_MEMORY64_001, REQ_MULTI_MEMORY_001, REQ_WASM_PROPOSALS_001, REQ_SAFEPOINT_001
#[test]
fn wide_frames_compute_the_same() {
    let engine = proposals();
    let mut found = Vec::new();
    // The last locals and the first operands stand on every side of the scratch registers.
    for locals in (2..5).chain(236..262).chain([300]) {
        for module in both(&engine, &framed(locals)) {
            let (mut store, instance) = instance(&engine, &module);
            let run = instance.get_typed_func::<i64, i64>(&store, "run").expect("has that type");
            found.push((locals, [1, 5, 20_000].map(|arg| run.call(&mut store, arg).expect("no trap"))));
        }
    }
    for (locals, values) in &found {
        assert_eq!(*values, found[0].1, "{locals} locals");
    }
}

// @need-ids: REQ_012, REQ_MULTI_MEMORY_001
#[test]
fn accesses_are_counted_for_the_memory_they_are_of() {
    let engine = Engine::default();
    let text = r#"(module (memory (export "a") 1) (memory $b (export "b") 1) (memory 1) (memory 1) (memory $e (export "e") i64 1)
        (func (export "run")
            (i32.store (i32.const 0) (i32.load $b (i32.const 4)))
            (i32.store $e (i64.const 0) (i32.load $b (i32.const 4)))
            (i32.store $b (i32.const 8) (i32.load $e (i64.const 8)))))"#;
    for module in both(&engine, text) {
        let (mut store, instance) = instance(&engine, &module);
        store.set_profiling(true);
        instance.get_typed_func::<(), ()>(&store, "run").expect("has that type").call(&mut store, ()).expect("runs");
        let count = |name| instance.get_memory(&store, name).expect("exported").access_count(&store);
        assert_eq!(["a", "b", "e"].map(count), [1, 3, 2]);
    }
}
