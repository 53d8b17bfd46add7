//! Structures and arrays that constant expressions make.

use crate::common::{STRATEGIES, wasm};
use wrt::{
    Caller, Config, Engine, Error, ErrorKind, Global, GlobalType, HeapType, Instance, Limits, Linker, Module, RefType,
    Store, Strategy, Val, ValType,
};

const OBJECTS: &str = r#"(module
    (type $a (array (mut i32)))
    (type $b (array (mut arrayref)))
    (type $s (struct (field i8) (field (ref null $a)) (field v128)))
    (global $three (export "three") i32 (i32.const 3))
    (global $g (export "g") (mut (ref null $a)) (array.new_default $a (i32.add (global.get $three) (i32.const 4))))
    (global $h (export "h") eqref (struct.new_default $s))
    (global $again (export "again") eqref (global.get $h))
    (global $null (export "null") anyref (ref.null any))
    (table $t 3 arrayref (array.new_default $b (i32.const 0)))
    (elem $e arrayref (array.new_default $b (i32.const 1)) (array.new_default $b (i32.const 1)))
    (func (export "same") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
    (func (export "branch") (param eqref) (result i32)
        (if (result i32) (ref.eq (local.get 0) (global.get $h)) (then (i32.const 7)) (else (i32.const 8))))
    (func (export "again is the same") (result i32) (ref.eq (global.get $h) (global.get $again)))
    (func (export "table") (result i32) (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 2))))
    (func (export "segment") (result i32)
        (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))
        (table.init $t $e (i32.const 2) (i32.const 0) (i32.const 1))
        (i32.or
            (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 2)))
            (i32.shl (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 1))) (i32.const 1))))
    (func (export "nulls") (result i32) (ref.eq (ref.null none) (ref.null eq)))
    (func (export "neither") (result i32) (ref.eq (ref.null i31) (global.get $g)))
    (func (export "array") (param (ref $a)) (result (ref $a)) (local.get 0)))"#;

fn binary(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is right")
}

/// A module from its bytes, and from its image.
fn both_ways(engine: &Engine, text: &str) -> [Module; 2] {
    let module = Module::new(engine, binary(text)).expect("the module is valid");
    let image = Module::new(engine, module.compile().expect("compiles")).expect("an image");
    [module, image]
}

// @need-ids: REQ_TYPES_006, REQ_018, REQ_IMAGE_002
#[test]
fn objects_are_equal_only_to_themselves() {
    let engine = Engine::default();
    for module in both_ways(&engine, OBJECTS) {
        let mut store = Store::new(&engine, ());
        let instance = module.instantiate(&mut store).expect("no imports");
        let global = |store: &Store<()>, name| instance.get_global(store, name).expect("exported").get(store);
        let (g, h) = (global(&store, "g"), global(&store, "h"));
        assert!(!g.is_null() && !h.is_null() && g != h);
        assert_eq!(global(&store, "again"), h);
        let mut call = |name: &str, args: &[Val]| {
            let mut results = [Val::I32(0)];
            instance.func(&store, name)?.call(&mut store, args, &mut results)?;
            Ok::<_, Error>(results[0])
        };
        let null = Val::AnyRef(None);
        for (a, b, same) in [(g, g, 1), (h, h, 1), (g, h, 0), (null, g, 0), (null, null, 1)] {
            assert_eq!(call("same", &[a, b]).expect("runs"), Val::I32(same), "{a:?} {b:?}");
        }
        assert_eq!(call("branch", &[h]).expect("runs"), Val::I32(7));
        assert_eq!(call("branch", &[g]).expect("runs"), Val::I32(8));
        assert_eq!(call("again is the same", &[]).expect("runs"), Val::I32(1));
        // A table's first value is made once; each item of a segment is, too.
        assert_eq!(call("table", &[]).expect("runs"), Val::I32(1));
        assert_eq!(call("segment", &[]).expect("runs"), Val::I32(1));
        assert_eq!(call("nulls", &[]).expect("runs"), Val::I32(1));
        assert_eq!(call("neither", &[]).expect("runs"), Val::I32(0));
        assert_eq!(call("array", &[g]).expect("runs"), g);
        let wrong = call("array", &[h]).expect_err("a structure is no array");
        assert_eq!(wrong.kind(), ErrorKind::Usage);
        assert_eq!(call("array", &[null]).expect_err("null is no object").kind(), ErrorKind::Usage);
    }
}

// @need-ids: REQ_TYPES_006, REQ_TYPES_004
#[test]
fn an_object_belongs_to_its_store_and_its_type() {
    let engine = Engine::default();
    let [module, _] = both_ways(&engine, OBJECTS);
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store).expect("no imports");
    let (g, h) = ["g", "h"].map(|name| instance.get_global(&store, name).expect("exported").get(&store)).into();
    let array = |nullable| ValType::Ref(RefType::new(nullable, HeapType::Array));
    let global = Global::new(&mut store, GlobalType::new(array(true), true), g).expect("an array");
    assert_eq!(global.get(&store), g);
    assert_eq!(global.set(&mut store, h).expect_err("a structure").kind(), ErrorKind::Usage);
    assert_eq!(global.get(&store), g);
    let mut other = Store::new(&engine, ());
    let foreign = Global::new(&mut other, GlobalType::new(array(false), false), g);
    assert_eq!(foreign.expect_err("of another store").kind(), ErrorKind::Usage);
}

// @need-ids: REQ_TYPES_006, REQ_LIMITS_001
#[test]
fn objects_stay_within_their_limit() {
    let text = |length: i32| {
        let array = format!("(global (ref $a) (array.new_default $a (i32.const {length})))");
        format!("(module (type $a (array i16)) {array} (func (export \"f\")))")
    };
    // A header of 8 bytes and 2 for each element, in words of 8 bytes.
    for (length, limit, fits) in
        [(4, 16, true), (5, 16, false), (5, 24, true), (0, 8, true), (0, 7, false), (-1, 1 << 30, false)]
    {
        let limits = Limits { max_gc_bytes: limit, ..Limits::default() };
        let engine = Engine::new(&Config::new().limits(limits));
        for module in both_ways(&engine, &text(length)) {
            let made = module.instantiate(&mut Store::new(&engine, ()));
            assert_eq!(made.is_ok(), fits, "{length} {limit} {made:?}");
            if let Err(error) = made {
                assert_eq!(error.kind(), ErrorKind::Limit);
                assert!(error.to_string().contains("max-gc-bytes"), "{error}");
            }
        }
    }
}

// @need-ids: REQ_TYPES_006, REQ_GC_002, REQ_GC_003, REQ_LOCKSTEP_001
#[test]
fn constants_take_the_place_of_garbage_but_not_while_a_call_is_in_progress() {
    let limits = Limits { max_gc_bytes: 1024, ..Limits::default() };
    let engine = Engine::new(&Config::new().limits(limits));
    // 53 words in use, and 80 wanted of 128: the garbage has to go.
    let waste = r#"(module (import "h" "more" (func $more)) (type $a (array (mut i64)))
        (global $kept (ref $a) (array.new_fixed $a 1 (i64.const 21)))
        (func $waste (export "waste") (drop (array.new $a (i64.const 3) (i32.const 50))))
        (func (export "nested") (call $waste) (call $more))
        (func (export "kept") (result i64) (array.get $a (global.get $kept) (i32.const 0))))"#;
    let large =
        "(module (type $b (array i64)) (global (export \"g\") (ref $b) (array.new $b (i64.const 5) (i32.const 79))))";
    let large = Module::new(&engine, binary(large)).expect("valid");
    for strategy in Strategy::ALL {
        let mut store = Store::new(&engine, None);
        store.set_strategy(strategy);
        let mut linker = Linker::new(&engine);
        let module = large.clone();
        let more = move |mut caller: Caller<'_, Option<ErrorKind>>| {
            let refused = Instance::new(&mut caller, &module, &[]).err().map(|error| error.kind());
            *caller.data_mut() = refused;
        };
        linker.func_wrap("h", "more", more).expect("new");
        let module = Module::new(&engine, binary(waste)).expect("valid");
        let instance = linker.instantiate(&mut store, &module).expect("links");
        instance.func(&store, "nested").expect("exported").call(&mut store, &[], &mut []).expect("runs");
        assert_eq!(*store.data(), Some(ErrorKind::Limit), "{strategy:?}");
        let made = Instance::new(&mut store, &large, &[]).expect("the garbage is gone");
        let kept = instance.get_typed_func::<(), i64>(&store, "kept").expect("exported");
        assert_eq!(kept.call(&mut store, ()).expect("runs"), 21);
        // A second one does not fit beside it: the first is reached.
        let error = Instance::new(&mut store, &large, &[]).expect_err("full");
        assert!(error.to_string().contains("max-gc-bytes"), "{error}");
        assert!(!made.get_global(&store, "g").expect("exported").get(&store).is_null());
    }
}

// @need-ids: REQ_GC_001, REQ_GC_002
#[test]
fn vectors_are_fields_and_elements_like_others() {
    let text = r#"(module
        (type $s (struct (field (mut v128)) (field i8)))
        (type $a (array (mut v128)))
        (func (export "f") (param i64 i64) (result i64) (local $s (ref null $s)) (local $a (ref null $a))
            (local.set $s (struct.new $s (i64x2.splat (local.get 0)) (i32.const 1)))
            (struct.set $s 0 (local.get $s)
                (i64x2.replace_lane 1 (struct.get $s 0 (local.get $s)) (local.get 1)))
            (local.set $a (array.new $a (struct.get $s 0 (local.get $s)) (i32.const 3)))
            (array.set $a (local.get $a) (i32.const 1) (i64x2.splat (i64.const 5)))
            (i64.add
                (i64.mul (i64x2.extract_lane 0 (array.get $a (local.get $a) (i32.const 0))) (i64.const 100))
                (i64.add
                    (i64.mul (i64x2.extract_lane 1 (array.get $a (local.get $a) (i32.const 2))) (i64.const 10))
                    (i64x2.extract_lane 1 (array.get $a (local.get $a) (i32.const 1)))))))"#;
    for strategy in STRATEGIES {
        let engine = Engine::new(&Config::new().strategy(strategy));
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wasm(text)).expect("valid");
        let instance = module.instantiate(&mut store).expect("fits");
        let f = instance.get_typed_func::<(i64, i64), i64>(&store, "f").expect("is there");
        assert_eq!(f.call(&mut store, (7, 9)).expect("returns"), 795, "{strategy:?}");
    }
}
