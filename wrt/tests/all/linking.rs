//! Linking: several modules in one store, and imports that do not fit.

use crate::common::module;
use wrt::{
    Engine, Error, ErrorKind, Extern, ExternRef, ExternType, Func, Global, GlobalType, Instance, LinkError, Linker,
    Memory, MemoryType, Store, Table, TableType, Trap, Val, ValType,
};

// @need-ids: REQ_018
#[test]
fn modules_share_functions_memories_tables_and_globals() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let library = module(
        &engine,
        r#"(module $library
            (memory (export "memory") 1 2)
            (global (export "count") (mut i64) (i64.const 40))
            (table (export "table") 2 funcref)
            (func $bump (export "bump") (result i64)
                (global.set 0 (i64.add (global.get 0) (i64.const 1)))
                (global.get 0))
            (func $trap (export "trap") unreachable)
            (elem (i32.const 1) $bump))"#,
    );
    let user = module(
        &engine,
        r#"(module $user
            (import "library" "memory" (memory 1 2))
            (import "library" "count" (global $count (mut i64)))
            (import "library" "table" (table 2 funcref))
            (import "library" "bump" (func $bump (result i64)))
            (import "library" "trap" (func $trap))
            (type $t (func (result i64)))
            (func (export "direct") (result i64) (i64.store (i32.const 0) (call $bump)) (i64.load (i32.const 0)))
            (func (export "indirect") (result i64) (call_indirect (type $t) (i32.const 1)))
            (func (export "tail") (result i64) (return_call $bump))
            (func (export "null") (result i64) (call_indirect (type $t) (i32.const 0)))
            (func $through (export "through") (call $trap))
            (func (export "count") (result i64) (global.get $count)))"#,
    );
    let lib = linker.instantiate(&mut store, &library).expect("no imports");
    linker.instance(&mut store, "library", lib).expect("new names");
    let instance = linker.instantiate(&mut store, &user).expect("links");
    let call = |store: &mut Store<()>, name: &str| {
        instance.get_typed_func::<(), i64>(&*store, name).expect("has that type").call(store, ())
    };
    assert_eq!(call(&mut store, "direct").expect("runs"), 41);
    assert_eq!(call(&mut store, "indirect").expect("runs"), 42);
    assert_eq!(call(&mut store, "tail").expect("runs"), 43);
    assert_eq!(call(&mut store, "count").expect("runs"), 43);
    let memory = lib.get_memory(&store, "memory").expect("exported");
    assert_eq!(memory.data(&store)[..8], 41_i64.to_le_bytes());
    assert_eq!(memory.debug_name(&store), "memory");
    let null = call(&mut store, "null").expect_err("null");
    assert_eq!(null.trap().map(wrt::TrapError::trap), Some(Trap::IndirectCallToNull));

    // A backtrace goes through both instances.
    let through = instance.func(&store, "through").expect("exported");
    let error = through.call(&mut store, &[], &mut []).expect_err("traps");
    let trap = error.trap().expect("a trap");
    let frames: Vec<_> = trap.backtrace.frames.iter().map(|f| (f.module.as_deref(), f.name.as_deref())).collect();
    assert_eq!(frames, [(Some("library"), Some("trap")), (Some("user"), Some("through"))]);
    let offset = trap.backtrace.frames[0].offset.expect("known");
    assert_eq!(library.wasm().map(|bytes| bytes[offset]), Some(0x00), "the operator `unreachable`");
    let offset = trap.backtrace.frames[1].offset.expect("known");
    assert_eq!(user.wasm().map(|bytes| bytes[offset]), Some(0x10), "the operator `call`");
}

// @need-ids: REQ_WASM_002
#[test]
fn all_missing_imports_are_in_one_error() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("env", "there", || {}).expect("new");
    let module = module(
        &engine,
        r#"(module
            (import "env" "gone" (func (param i32)))
            (import "env" "there" (func))
            (import "data" "memory" (memory 1)))"#,
    );
    let error = linker.instantiate(Store::new(&engine, ()), &module).expect_err("two are missing");
    assert_eq!(error.kind(), ErrorKind::Link);
    let text = "unknown imports: \"env\" \"gone\" (func (param i32)), \"data\" \"memory\" (memory 1)";
    assert_eq!(error.to_string(), text);
    let Error::Link(link) = error else { panic!("another kind") };
    let LinkError::Missing(missing) = *link else { panic!("another error") };
    assert_eq!(missing.iter().map(|import| import.name.as_str()).collect::<Vec<_>>(), ["gone", "memory"]);
}

// @need-ids: REQ_WASM_002
#[test]
fn an_import_of_another_type_is_refused_with_both_types() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let func = Func::wrap(&mut store, |_: i32| {}).expect("fits");
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("fits");
    let cases: [(&str, Extern, &str); 4] = [
        ("(func (result i32))", func.into(), "imported as (func (result i32)), but it is (func (param i32))"),
        ("(func)", memory.into(), "imported as (func), but it is (memory 1)"),
        ("(memory 2)", memory.into(), "imported as (memory 2), but it is (memory 1)"),
        ("(memory 1 2)", memory.into(), "imported as (memory 1 2), but it is (memory 1)"),
    ];
    for (import, given, message) in cases {
        let module = module(&engine, &format!("(module (import \"m\" \"x\" {import}))"));
        let error = Instance::new(&mut store, &module, &[given]).expect_err("another type");
        let text = error.to_string();
        assert!(text.starts_with("incompatible import type: \"m\" \"x\" is ") && text.ends_with(message), "{text}");
        let error = Instance::new(&mut store, &module, &[]).expect_err("too few");
        assert_eq!(error.to_string(), "the module has 1 imports, but 0 were given");
    }
}

// @need-ids: REQ_018, REQ_TYPES_004
#[test]
fn types_that_look_the_same_are_told_apart_in_words() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let func = Func::wrap(&mut store, |_: i32| {}).expect("fits");
    for types in ["(rec (type $t (func (param i32))) (type (struct)))", "(type $t (sub (func (param i32))))"] {
        let module = module(&engine, &format!("(module {types} (import \"m\" \"x\" (func (type $t))))"));
        let error = Instance::new(&mut store, &module, &[func.into()]).expect_err("another type");
        let end = "but it is (func (param i32)) of another group, finality or supertype";
        assert!(error.to_string().ends_with(end), "{error}");
    }
}

// @need-ids: REQ_018
#[test]
fn names_are_defined_once_unless_shadowing_is_allowed() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("m", "f", || 1_i32).expect("new");
    let error = linker.func_wrap("m", "f", || 2_i32).expect_err("defined already");
    assert_eq!(error.to_string(), "\"m\" \"f\" is defined already");
    linker.allow_shadowing(true).func_wrap("m", "f", || 2_i32).expect("allowed");
    linker.alias_module("m", "n").expect("new");
    let f = linker.get(&mut store, "n", "f").and_then(Extern::into_func).expect("defined");
    assert_eq!(f.typed::<(), i32>(&store).expect("has that type").call(&mut store, ()).expect("runs"), 2);
    assert_eq!(linker.get(&mut store, "m", "f"), Some(f.into()), "one function, however often it is asked for");
    assert_eq!(linker.get(&mut store, "m", "g"), None);
}

// @need-ids: REQ_018
#[test]
fn the_host_makes_memories_tables_and_globals_for_guests() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).expect("fits");
    let table = Table::new(&mut store, TableType::new(ValType::EXTERNREF, 1, Some(4)), Val::ExternRef(None));
    let table = table.expect("fits");
    let global = Global::new(&mut store, GlobalType::new(ValType::F64, true), Val::from(0.25)).expect("fits");
    let constant = Global::new(&mut store, GlobalType::new(ValType::I32, false), Val::I32(9)).expect("fits");
    let module = module(
        &engine,
        r#"(module
            (import "h" "memory" (memory 1 3))
            (import "h" "table" (table 1 4 externref))
            (import "h" "global" (global $g (mut f64)))
            (import "h" "constant" (global $c i32))
            (global $own i32 (i32.add (global.get $c) (i32.const 1)))
            (func (export "run") (result i32)
                (global.set $g (f64.add (global.get $g) (f64.const 1)))
                (i32.store8 (i32.const 65535) (global.get $own))
                (i32.add (memory.grow (i32.const 1)) (table.size 0))))"#,
    );
    let imports = [memory.into(), table.into(), global.into(), constant.into()];
    let instance = Instance::new(&mut store, &module, &imports).expect("links");
    let run = instance.get_typed_func::<(), i32>(&store, "run").expect("has that type");
    assert_eq!(run.call(&mut store, ()).expect("runs"), 2);
    assert_eq!(global.get(&store), Val::from(1.25));
    assert_eq!(memory.data(&store)[65_535], 10);
    assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 131_072));
    assert_eq!(memory.ty(&store), MemoryType::new(2, Some(3)));
    assert_eq!(memory.grow(&mut store, 1).expect("fits"), 2);
    assert_eq!(memory.grow(&mut store, 1).expect_err("full").kind(), ErrorKind::Limit);
    let reference = ExternRef::new(&mut store, String::from("value")).expect("fits");
    assert_eq!(table.grow(&mut store, 3, Val::from(reference)).expect("fits"), 1);
    assert_eq!(table.grow(&mut store, 1, Val::ExternRef(None)).expect_err("full").kind(), ErrorKind::Limit);
    assert_eq!(table.get(&store, 3), Some(Val::from(reference)));
    assert_eq!((table.size(&store), table.get(&store, 4)), (4, None));
    let error = table.set(&mut store, 4, Val::ExternRef(None)).expect_err("outside");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::TableOutOfBounds));
    assert_eq!(table.set(&mut store, 0, Val::I32(0)).expect_err("no reference").kind(), ErrorKind::Usage);
    assert_eq!(constant.set(&mut store, Val::I32(0)).expect_err("constant").to_string(), "the global is immutable");
    assert_eq!(global.set(&mut store, Val::I32(0)).expect_err("a wrong type").kind(), ErrorKind::Usage);
    assert_eq!(ExternType::Global(global.ty(&store)).to_string(), "(global (mut f64))");
}

// @need-ids: REQ_018
#[test]
fn references_go_through_a_guest_and_come_back() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = module(
        &engine,
        r#"(module
            (table $e 2 externref)
            (table $f 2 funcref)
            (func (export "extern") (param externref) (result externref)
                (table.set $e (i32.const 1) (local.get 0)) (table.get $e (i32.const 1)))
            (func (export "func") (param funcref) (result funcref i32)
                (table.set $f (i32.const 0) (local.get 0))
                (table.get $f (i32.const 0)) (ref.is_null (local.get 0)))
            (func $own (export "own") (result i32) (i32.const 11))
            (elem declare func $own)
            (func (export "self") (result funcref) (ref.func $own)))"#,
    );
    let instance = module.instantiate(&mut store).expect("no imports");
    let value = ExternRef::new(&mut store, 42_u8).expect("fits");
    let through = instance.get_typed_func::<Option<ExternRef>, Option<ExternRef>>(&store, "extern").expect("typed");
    assert_eq!(through.call(&mut store, Some(value)).expect("runs"), Some(value));
    assert_eq!(through.call(&mut store, None).expect("runs"), None);
    assert_eq!(value.downcast::<u8>(&store).as_deref(), Some(&42));
    assert!(value.downcast::<u16>(&store).is_none());
    let through = instance.get_typed_func::<Option<Func>, (Option<Func>, i32)>(&store, "func").expect("typed");
    let host = Func::wrap(&mut store, || 5_i32).expect("fits");
    assert_eq!(through.call(&mut store, Some(host)).expect("runs"), (Some(host), 0));
    assert_eq!(through.call(&mut store, None).expect("runs"), (None, 1));
    let own = instance.get_typed_func::<(), Option<Func>>(&store, "self").expect("typed");
    let own = own.call(&mut store, ()).expect("runs").expect("not null");
    assert_eq!(Some(own), instance.get_func(&store, "own"));
    assert_eq!(own.typed::<(), i32>(&store).expect("typed").call(&mut store, ()).expect("runs"), 11);
}

// @need-ids: REQ_018
#[test]
fn a_start_function_runs_on_instantiation_and_its_trap_is_the_error() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let good =
        r#"(module (global (export "g") (mut i32) (i32.const 0)) (func $s (global.set 0 (i32.const 5))) (start $s))"#;
    let instance = module(&engine, good).instantiate(&mut store).expect("starts");
    assert_eq!(instance.get_global(&store, "g").map(|global| global.get(&store)), Some(Val::I32(5)));
    let bad = module(&engine, "(module (func $s unreachable) (start $s))");
    let error = bad.instantiate(&mut store).expect_err("traps");
    assert_eq!(error.trap().map(|trap| (trap.trap(), trap.backtrace.frames.len())), Some((Trap::Unreachable, 1)));
    let data = module(&engine, r#"(module (memory 1) (data (i32.const 65535) "ab"))"#);
    let error = data.instantiate(&mut store).expect_err("outside");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::MemoryOutOfBounds));
}

/// Exports for table `t`, each with `t` behind its name.
fn of_table(t: u32) -> String {
    format!(
        "(func (export \"call{t}\") (param i32) (result i32) (call_indirect $table{t} (type $number) (local.get 0)))
         (func (export \"copy{t}\") (param i32 i32) (result i32)
            (table.set $table{t} (local.get 0) (table.get $table{t} (local.get 1)))
            (table.size $table{t}))
         (func (export \"grow{t}\") (param i32) (result i32)
            (drop (table.grow $table{t} (ref.func $wrong) (local.get 0)))
            (table.size $table{t}))"
    )
}

// @need-ids: REQ_018, REQ_002, REQ_TRAP_001
#[test]
fn calls_and_accesses_reach_every_table_also_where_two_are_one() {
    let engine = Engine::default();
    let library = "(module (table (export \"shared\") 3 9 funcref) (elem (i32.const 1) $f)
        (func $f (result i32) (i32.const 100)))";
    // The tables of each module: `import` is the library's, a number is the module's own with a function that gives it.
    for tables in [["import", "7", "8"], ["import", "import", "7"], ["7", "8", "9"]] {
        let mut linker = Linker::new(&engine);
        let mut store = Store::new(&engine, ());
        let shared = linker.instantiate(&mut store, &module(&engine, library)).expect("no imports");
        linker.instance(&mut store, "library", shared).expect("new names");
        let (mut imports, mut own) = (Vec::new(), Vec::new());
        for (t, table) in tables.iter().enumerate() {
            if *table == "import" {
                imports.push(format!("(import \"library\" \"shared\" (table $table{t} 3 9 funcref))"));
            } else {
                own.push(format!("(table $table{t} 3 9 funcref) (func $f{t} (result i32) (i32.const {table}))"));
                own.push(format!("(elem (table $table{t}) (i32.const 1) func $f{t})"));
            }
        }
        let (imports, own) = (imports.concat(), own.concat());
        let funcs: String = (0..3).map(of_table).collect();
        let text = format!(
            "(module {imports} {own} (type $number (func (result i32))) (elem declare func $wrong) (func $wrong) {funcs})"
        );
        let instance = linker.instantiate(&mut store, &module(&engine, &text)).expect("links");
        let mut call = |name: &str, t: usize, args: &[i32]| {
            let args: Vec<Val> = args.iter().map(|arg| Val::I32(*arg)).collect();
            let mut results = [Val::I32(0)];
            let func = instance.func(&store, &format!("{name}{t}")).expect("exported");
            let done = func.call(&mut store, &args, &mut results);
            done.map(|()| results[0].i32().expect("a number")).map_err(|error| error.trap().map(wrt::TrapError::trap))
        };
        let mut size = [3; 3];
        for (t, table) in tables.iter().enumerate() {
            let value = table.parse().unwrap_or(100);
            assert_eq!(call("call", t, &[1]), Ok(value), "{tables:?}");
            if size[t] == 3 {
                assert_eq!(call("call", t, &[2]), Err(Some(Trap::IndirectCallToNull)));
                assert_eq!(call("call", t, &[3]), Err(Some(Trap::UndefinedElement)));
                assert_eq!(call("copy", t, &[3, 0]), Err(Some(Trap::TableOutOfBounds)));
            }
            assert_eq!(call("copy", t, &[2, 1]), Ok(size[t]), "{tables:?}");
            assert_eq!(call("call", t, &[2]), Ok(value));
            let grown = size[t] + 1;
            for (other, size) in size.iter_mut().enumerate() {
                if other == t || (*table == "import" && tables[other] == *table) {
                    *size = grown;
                }
            }
            assert_eq!(call("grow", t, &[1]), Ok(grown), "{tables:?}");
            assert_eq!(call("call", t, &[grown - 1]), Err(Some(Trap::IndirectCallTypeMismatch)));
        }
    }
}
