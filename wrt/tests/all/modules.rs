//! Modules: what is decoded, what is refused and how, and images that do the same as the module they were made from.

use crate::common::wasm;
use wrt::{Config, Engine, ErrorKind, ExternType, Limits, Linker, Module, Store, Trap, Val};

const RICH: &str = r#"(module $rich
    (import "h" "twice" (func $twice (param i32) (result i32)))
    (import "h" "base" (global $base i32))
    (memory (export "memory") 1 4)
    (table (export "table") 4 funcref)
    (global $g (export "g") (mut i64) (i64.add (i64.const 40) (i64.const 2)))
    (global $address i32 (i32.add (global.get $base) (i32.const 6)))
    (data (i32.const 16) "active")
    (data $passive "passive")
    (elem (i32.const 1) func $one $add)
    (elem $later funcref (ref.func $one) (ref.null func))
    (func $one (result i32) (i32.const 1))
    (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "segments") (result i32)
        (memory.init $passive (global.get $address) (i32.const 0) (i32.const 7))
        (data.drop $passive)
        (table.init $later (i32.const 0) (i32.const 0) (i32.const 2))
        (i32.add (i32.load8_u (global.get $address)) (call_indirect (result i32) (i32.const 0))))
    (func (export "floats") (param f64) (result f64 f32)
        (f64.sqrt (local.get 0)) (f32.demote_f64 (f64.div (local.get 0) (f64.const 3))))
    (func (export "calls") (param i32) (result i32)
        (call $twice (call_indirect (param i32 i32) (result i32) (local.get 0) (i32.const 5) (i32.const 2))))
    (func $fails (export "fails") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func $start (global.set $g (i64.add (global.get $g) (i64.const 1))))
    (start $start))"#;

// @need-ids: REQ_IMAGE_002
#[test]
fn the_hash_of_a_module_is_that_of_its_bytes() {
    let empty = Module::new(&Engine::default(), b"\0asm\x01\0\0\0").expect("valid");
    assert_eq!(empty.module_hash()[..8], 0x93A4_4BBB_96C7_5121_u64.to_be_bytes());
    assert_eq!(empty.module_hash()[24..], 0x05B1_E4D0_DC5F_9476_u64.to_be_bytes());
    assert_eq!(empty.module_hash(), empty.clone().module_hash());
}

// @need-ids: REQ_018
#[test]
fn imports_exports_and_names_are_told() {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm(RICH)).expect("valid");
    assert_eq!(module.name(), Some("rich"));
    assert_eq!((module.func_name(1), module.func_name(3), module.func_name(99)), (Some("one"), None, None));
    let imports: Vec<_> =
        module.imports().map(|import| format!("{} {} {}", import.module, import.name, import.ty)).collect();
    assert_eq!(imports, ["h twice (func (param i32) (result i32))", "h base (global i32)"]);
    let exports: Vec<_> = module.exports().map(|export| format!("{} {}", export.name, export.ty)).collect();
    assert_eq!(
        exports[..4],
        [
            "memory (memory 1 4)",
            "table (table 4 funcref)",
            "g (global (mut i64))",
            "add (func (param i32 i32) (result i32))"
        ]
    );
    assert!(module.exports().all(|export| !matches!(export.ty, ExternType::Func(ty) if ty.params().len() > 2)));
    assert_eq!(module.wasm(), Some(wasm(RICH).as_slice()));
    assert_eq!(module.image().funcs.len(), 8);
}

type Observed = (Vec<Val>, u64, Vec<u8>, String, Vec<(u32, Option<String>, Option<usize>)>);

fn observe(module: &Module) -> Observed {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("h", "twice", |x: i32| x * 2).expect("new");
    let base = wrt::GlobalType::new(wrt::ValType::I32, false);
    let base = wrt::Global::new(&mut store, base, Val::I32(100)).expect("fits");
    linker.define("h", "base", base).expect("new");
    let instance = linker.instantiate(&mut store, module).expect("links");
    let mut values = Vec::new();
    for (name, args, count) in [
        ("add", vec![Val::I32(2), Val::I32(3)], 1),
        ("segments", vec![], 1),
        ("floats", vec![Val::from(2.0_f64)], 2),
        ("calls", vec![Val::I32(4)], 1),
    ] {
        let mut results = vec![Val::I32(0); count];
        instance.func(&store, name).expect("exported").call(&mut store, &args, &mut results).expect(name);
        values.extend(results);
    }
    values.push(instance.get_global(&store, "g").expect("exported").get(&store));
    let fails = instance.func(&store, "fails").expect("exported");
    let error = fails.call(&mut store, &[Val::I32(0)], &mut [Val::I32(0)]).expect_err("divides by zero");
    let frames = &error.trap().expect("a trap").backtrace.frames;
    let frames = frames.iter().map(|frame| (frame.func, frame.name.clone(), frame.offset)).collect();
    let memory = instance.get_memory(&store, "memory").expect("exported").data(&store).to_vec();
    (values, store.fuel_consumed(), memory, error.to_string(), frames)
}

// @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_017
#[test]
fn an_image_does_the_same_as_its_module_for_the_same_fuel() {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm(RICH)).expect("valid");
    let image = module.compile().expect("compiles");
    let loaded = Module::new(&engine, &image).expect("the checker takes what the writer wrote");
    assert_eq!(loaded.compile().expect("is one"), image);
    assert_eq!(module.compile().expect("compiles"), image, "the same every time");
    assert_eq!((loaded.wasm(), loaded.module_hash()), (None, module.module_hash()));
    assert_eq!(loaded.image().module_hash, Some(&module.module_hash()));
    assert!(loaded.imports().eq(module.imports()) && loaded.exports().eq(module.exports()));
    let (of_module, of_image) = (observe(&module), observe(&loaded));
    assert_eq!(of_module.0[0], Val::I32(5));
    assert_eq!(of_module.0[1], Val::I32(i32::from(b'p') + 1));
    assert_eq!(of_module.0[4], Val::I32(18));
    assert_eq!(of_module.0[5], Val::I64(43));
    assert_eq!(of_module.3, Trap::IntegerDivideByZero.message());
    assert_eq!(of_module.4[0].1.as_deref(), Some("fails"));
    assert_eq!(of_image, of_module);
}

// @need-ids: REQ_IMAGE_001
#[test]
fn an_image_with_any_bit_flipped_is_refused() {
    let engine = Engine::default();
    let text = r#"(module (memory 1) (data "x") (func (export "f") (param i32) (result i32) (local.get 0)))"#;
    let image = Module::new(&engine, wasm(text)).expect("valid").compile().expect("compiles");
    for at in 0..image.len() {
        for bit in 0..8 {
            let mut bytes = image.clone();
            bytes[at] ^= 1 << bit;
            let error = Module::new(&engine, &bytes).expect_err("damaged");
            assert!(matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Malformed), "{error}");
        }
        let error = Module::new(&engine, &image[..at]).expect_err("truncated");
        assert!(!error.to_string().contains('\n'));
    }
}

// @need-ids: REQ_WASM_001, REQ_ERROR_003
#[test]
fn every_truncation_is_malformed_at_an_offset_or_a_shorter_module() {
    let engine = Engine::default();
    let bytes = wasm(RICH);
    for end in 0..bytes.len() {
        let Err(error) = Module::new(&engine, &bytes[..end]) else { continue };
        let text = error.to_string();
        assert!(error.offset().is_some_and(|offset| offset <= end), "{end}: {text}");
        assert!(!text.contains('\n'), "{text}");
        // Cut between sections, a module can be one that is decoded, but exports what is not there.
        assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Invalid), "{end}: {text}");
    }
    let error = Module::new(&engine, &bytes[..20]).expect_err("truncated");
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

// @need-ids: REQ_WASM_001, REQ_ERROR_003
#[test]
fn what_cannot_be_used_is_malformed_invalid_or_unsupported() {
    let engine = Engine::default();
    let cases: [(&[u8], ErrorKind, usize); 9] = [
        // Types after functions; a function without code; a data count without data.
        (b"\0asm\x01\0\0\0\x03\x01\0\x01\x01\0", ErrorKind::Malformed, 13),
        (b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0", ErrorKind::Malformed, 18),
        (b"\0asm\x01\0\0\0\x0c\x01\x01", ErrorKind::Malformed, 11),
        (b"", ErrorKind::Malformed, 0),
        (b"\0as", ErrorKind::Malformed, 3),
        (b"(module)", ErrorKind::Malformed, 0),
        (b"\0asm\x02\0\0\0", ErrorKind::Malformed, 4),
        (b"\0asm\x0d\0\x01\0", ErrorKind::Unsupported, 4),
        (b"\0asm\x01\0\0\0\x0e\x00", ErrorKind::Malformed, 10),
    ];
    for (bytes, kind, offset) in cases {
        let error = Module::new(&engine, bytes).expect_err("no module");
        assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{error}");
    }
    for (text, kind) in [
        ("(module (func (result i32)))", ErrorKind::Invalid),
        ("(module (func (export \"a\")) (func (export \"a\")))", ErrorKind::Invalid),
        ("(module (memory 65537))", ErrorKind::Invalid),
        ("(module (func (result v128) (i32.const 0)))", ErrorKind::Invalid),
        ("(module (memory 1) (func (drop (v128.load align=32 (i32.const 0)))))", ErrorKind::Invalid),
        ("(module (memory i64 0x1000000000001))", ErrorKind::Invalid),
        ("(module (memory 1) (func (drop (i32.load 1 (i32.const 0)))))", ErrorKind::Invalid),
        ("(module (memory i64 1) (func (drop (i32.load (i32.const 0)))))", ErrorKind::Invalid),
        ("(module (memory 1 (pagesize 1)))", ErrorKind::Unsupported),
        ("(module (memory 1 shared))", ErrorKind::Invalid),
        ("(module (tag) (func try throw 0 catch 0 end))", ErrorKind::Unsupported),
        ("(module (type (struct)) (func (drop (struct.get 0 0 (ref.null 0)))))", ErrorKind::Invalid),
        // One that custom descriptors would allow.
        (
            "(module (func (param anyref) (drop (block (result eqref) (br_on_cast 0 anyref eqref (local.get 0))))))",
            ErrorKind::Invalid,
        ),
        ("(module (tag (result i32)))", ErrorKind::Invalid),
        ("(module (type $f (func)) (type (cont $f)))", ErrorKind::Unsupported),
    ] {
        let error = Module::new(&engine, wasm(text)).expect_err(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert!(error.offset().is_some() && !error.to_string().contains('\n'), "{error}");
        assert_eq!(Module::validate(&engine, &wasm(text)).expect_err(text).to_string(), error.to_string());
    }
}

// @need-ids: REQ_WASM_001, REQ_LIMITS_001
#[test]
fn absurd_modules_are_refused_in_little_time_and_memory() {
    let engine = Engine::default();
    // (func (local i32)), but 1,000,000 times i32.
    let many = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x08\x01\x06\x01\xc0\x84\x3d\x7f\x0b";
    let error = Module::new(&engine, many).expect_err("10^6 locals");
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Invalid, Some(23)), "{error}");
    let deep = format!("(module (func {} {}))", "block ".repeat(100_000), "end ".repeat(100_000));
    let module = Module::new(&engine, wasm(&deep)).expect("valid, if silly");
    module.compile().expect("lowers without recursion");
    let instance = module.instantiate(Store::new(&engine, ()));
    instance.expect("no imports");
}

// @need-ids: REQ_WASM_001
#[test]
fn data_segments_are_the_same_however_they_are_coded() {
    // Each kind of segment, in the coding that compilers write and in longer ones, between others.
    let segments: [(&[u8], &[u8], u64); 7] = [
        (&[0x00, 0x41, 0x05, 0x0b, 0x02], b"ab", 5),
        (&[0x00, 0x41, 0x85, 0x80, 0x80, 0x80, 0x00, 0x0b, 0x82, 0x80, 0x80, 0x80, 0x00], b"cd", 5),
        (&[0x00, 0x41, 0xff, 0xff, 0xff, 0x3f, 0x0b, 0x01], b"e", 0x7ff_ffff),
        (&[0x02, 0x00, 0x41, 0x87, 0x00, 0x0b, 0x81, 0x00], b"f", 7),
        (&[0x01, 0x01], b"g", 0),
        (&[0x00, 0x23, 0x00, 0x0b, 0x01], b"h", 9),
        (&[0x00, 0x41, 0x7f, 0x0b, 0x00], b"", 0xffff_ffff),
    ];
    let contents: Vec<u8> = segments.iter().flat_map(|(head, data, _)| [*head, data].concat()).collect();
    let length = u8::try_from(contents.len() + 1).expect("short");
    assert!(length < 0x80);
    let mut bytes = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x06\x06\x01\x7f\0\x41\x09\x0b\x0b".to_vec();
    bytes.extend_from_slice(&[length, 7]);
    bytes.extend_from_slice(&contents);
    let module = Module::new(&Engine::default(), &bytes).expect("valid");
    let image = module.image();
    let found: Vec<_> = image.data.iter().map(|record| (image.bytes(record.bytes), record.offset.get())).collect();
    let expected: Vec<_> = segments.iter().map(|(_, data, offset)| (*data, *offset)).collect();
    assert_eq!(found, expected);
}

// @need-ids: REQ_LIMITS_001
#[test]
fn names_beyond_their_limit_are_left_out_and_nothing_else() {
    let limits = Limits { max_names_bytes: 5, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let module = Module::new(&engine, wasm("(module (func $one) (func $two))")).expect("valid");
    assert_eq!((module.func_name(0), module.func_name(1)), (Some("one"), None));
    // A custom section cannot make a module invalid, whatever it holds.
    let mut bytes = wasm("(module (func $one))");
    let last = bytes.len() - 1;
    bytes[last] = 0xFF;
    let module = Module::new(&Engine::default(), &bytes).expect("valid");
    assert_eq!(module.func_name(0), None);
}

// @need-ids: REQ_MODULE_001
// @inspection
#[test]
fn handles_can_go_to_other_threads() {
    fn sendable<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    shared::<Engine>();
    shared::<Module>();
    shared::<Linker<()>>();
    shared::<wrt::Error>();
    sendable::<Store<()>>();
    sendable::<wrt::ResumableCall>();
}
