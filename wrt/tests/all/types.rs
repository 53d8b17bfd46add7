//! Types of references, functions below other functions, and tags, as embedders meet them.

use crate::common::module;
use wrt::{
    DefinedType, Engine, Error, ErrorKind, Extern, ExternRef, Func, FuncType, Global, GlobalType, HeapType, Instance,
    Linker, Module, RefType, Store, Table, TableType, Tag, TagType, Trap, UsageError, Val, ValType,
};

const ALL_FORMS: &str = r#"(module
    (type $s (sub (struct (field (mut i8)) (field (ref null $s)))))
    (type $t (sub final $s (struct (field (mut i8)) (field (ref null $t)) (field i16))))
    (rec (type $a (array (mut (ref null $b)))) (type $b (sub (func (param (ref null $a)) (result (ref null $b))))))
    (type $f (sub (func (param i32) (result i32))))
    (type $g (sub final $f (func (param i32) (result i32))))
    (import "h" "tag" (tag $in (param i32 (ref null $b))))
    (import "h" "below" (func $below (type $f)))
    (import "h" "constant" (global (ref null $f)))
    (tag $own (export "tag") (param f64))
    (global (export "any") anyref (ref.null any))
    (global (export "struct") (ref null $s) (ref.null none))
    (global (export "exn") (mut exnref) (ref.null noexn))
    (global $g (export "func") (mut (ref $f)) (ref.func $inc))
    (table (export "table") 2 4 (ref $f) (ref.func $inc))
    (table $null (export "nulls") 1 (ref null $f))
    (elem $passive (ref null $f) (ref.func $inc) (ref.null nofunc))
    (func $inc (export "inc") (type $g) (i32.add (local.get 0) (i32.const 1)))
    (func (export "other"))
    (func (export "call") (param (ref null $f) i32) (result i32) (call_ref $f (local.get 1) (local.get 0)))
    (func (export "tail") (param (ref null $f) i32) (result i32)
        (return_call_ref $f (local.get 1) (local.get 0)))
    (func (export "as") (param (ref null $f)) (result (ref $f)) (ref.as_non_null (local.get 0)))
    (func (export "on_null") (param (ref null $f) i32) (result i32)
        (block $l (result i32)
            (br_on_null $l (local.get 1) (local.get 0))
            (call_ref $f)
            (return)))
    (func (export "on_non_null") (param (ref null $f)) (result i32)
        (call_ref $f (i32.const 20)
            (block $l (result (ref $f)) (br_on_non_null $l (local.get 0)) (return (i32.const -1)))))
    (func (export "through") (param i32) (result i32)
        (table.init $null $passive (i32.const 0) (i32.const 0) (i32.const 1))
        (call_indirect $null (type $f) (local.get 0) (i32.const 0)))
    (func (export "imported") (param i32) (result i32) (call_ref $f (local.get 0) (ref.func $below)))
    (elem declare func $below))"#;

/// A store with an instance of [`ALL_FORMS`], from a module or from its image.
fn all_forms(image: bool) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let from = module(
        &engine,
        r#"(module
            (rec (type $a (array (mut (ref null $b)))) (type $b (sub (func (param (ref null $a)) (result (ref null $b))))))
            (type $f (sub (func (param i32) (result i32))))
            (type $g (sub final $f (func (param i32) (result i32))))
            (tag (export "tag") (param i32 (ref null $b)))
            (global (export "constant") (ref null $g) (ref.null nofunc))
            (func (export "below") (type $g) (i32.mul (local.get 0) (i32.const 3))))"#,
    );
    let mut linker = Linker::new(&engine);
    let from = from.instantiate(&mut store).expect("no imports");
    linker.instance(&mut store, "h", from).expect("new names");
    let mut all = module(&engine, ALL_FORMS);
    if image {
        all = Module::new(&engine, all.compile().expect("compiles")).expect("an image");
    }
    let instance = linker.instantiate(&mut store, &all).expect("links");
    (store, instance)
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, args: &[Val]) -> Result<Val, Error> {
    let mut results = [Val::I32(0)];
    instance.func(&*store, name)?.call(store, args, &mut results)?;
    Ok(results[0])
}

// @need-ids: REQ_TYPES_001, REQ_TYPES_002, REQ_TYPES_005, REQ_IMAGE_002, REQ_018
#[test]
fn every_form_of_type_runs_from_a_module_and_from_its_image() {
    for image in [false, true] {
        let (mut store, instance) = all_forms(image);
        let inc = Val::from(instance.get_func(&store, "inc"));
        let null = Val::FuncRef(None);
        let mut run = |name: &str, args: &[Val]| {
            let error = |error: Error| error.trap().map(wrt::TrapError::trap);
            call(&mut store, instance, name, args).map_err(error)
        };
        let int = |value: i32| Ok(Val::I32(value));
        assert_eq!(run("call", &[inc, Val::I32(4)]), int(5));
        assert_eq!(run("call", &[null, Val::I32(4)]), Err(Some(Trap::NullFunctionReference)));
        assert_eq!(run("tail", &[inc, Val::I32(4)]), int(5));
        assert_eq!(run("tail", &[null, Val::I32(4)]), Err(Some(Trap::NullFunctionReference)));
        assert_eq!(run("as", &[inc]), Ok(inc));
        assert_eq!(run("as", &[null]), Err(Some(Trap::NullReference)));
        assert_eq!(run("on_null", &[inc, Val::I32(4)]), int(5));
        assert_eq!(run("on_null", &[null, Val::I32(4)]), int(4));
        assert_eq!(run("on_non_null", &[inc]), int(21));
        assert_eq!(run("on_non_null", &[null]), int(-1));
        assert_eq!(run("through", &[Val::I32(6)]), int(7));
        assert_eq!(run("imported", &[Val::I32(6)]), int(18));
        let tag = instance.get_tag(&store, "tag").expect("exported");
        assert_eq!(Extern::Tag(tag).ty(&store).to_string(), "(tag (param f64))");
        for (name, null) in [("any", Val::AnyRef(None)), ("struct", Val::AnyRef(None)), ("exn", Val::ExnRef(None))] {
            assert_eq!(instance.get_global(&store, name).expect("exported").get(&store), null);
        }
    }
}

// @need-ids: REQ_TYPES_004
#[test]
fn the_host_puts_nothing_where_its_type_does_not_belong() {
    let (mut store, instance) = all_forms(false);
    let func = |store: &Store<()>, name: &str| Val::from(instance.get_func(store, name));
    let (inc, other, null) = (func(&store, "inc"), func(&store, "other"), Val::FuncRef(None));
    let refused = |result: Result<(), Error>| matches!(result, Err(Error::Usage(error)) if matches!(*error, UsageError::Type { .. }));
    let global = instance.get_global(&store, "func").expect("exported");
    assert!(refused(global.set(&mut store, other)) && refused(global.set(&mut store, null)));
    assert!(global.set(&mut store, inc).is_ok());
    let table = instance.get_table(&store, "table").expect("exported");
    assert!(refused(table.set(&mut store, 0, other)) && refused(table.set(&mut store, 0, null)));
    assert!(refused(table.grow(&mut store, 1, null).map(drop)));
    assert!(table.grow(&mut store, 1, inc).is_ok());
    let nulls = instance.get_table(&store, "nulls").expect("exported");
    assert!(nulls.set(&mut store, 0, null).is_ok() && refused(nulls.set(&mut store, 0, other)));
    for wrong in [other, Val::ExternRef(None), Val::AnyRef(None), Val::I32(0)] {
        assert!(refused(call(&mut store, instance, "call", &[wrong, Val::I32(0)]).map(drop)), "{wrong:?}");
    }
    let exn = instance.get_global(&store, "exn").expect("exported");
    assert!(exn.set(&mut store, Val::ExnRef(None)).is_ok() && refused(exn.set(&mut store, Val::AnyRef(None))));
    // Results of a host function too.
    let never = ValType::Ref(RefType::new(false, HeapType::Func));
    let ty = FuncType::new([], [never]);
    let liar = Func::new(&mut store, ty, move |_, _, results| {
        assert_eq!(results, [Val::FuncRef(None)]);
        Ok(())
    });
    let mut results = [Val::I32(0)];
    assert!(refused(liar.expect("fits").call(&mut store, &[], &mut results)));
    assert!(refused(Global::new(&mut store, GlobalType::new(never, false), null).map(drop)));
    assert!(refused(Table::new(&mut store, TableType::new(never, 1, None), null).map(drop)));
}

// @need-ids: REQ_TYPES_004, REQ_WASM_002
#[test]
fn the_host_names_types_of_the_store_and_of_no_other() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let plain = FuncType::new([ValType::I32], [ValType::I64]);
    let ty = DefinedType::func(&mut store, &plain).expect("fits");
    assert_eq!(DefinedType::func(&mut store, &plain).expect("known"), ty);
    assert_eq!((ty.func_type(&store), ty.func_type(&other)), (Some(plain.clone()), None));
    let typed = ValType::Ref(RefType::new(true, HeapType::ConcreteFunc(ty)));
    let text = r#"(module (type $t (func (param i32) (result i64)))
        (import "h" "f" (func $f (param (ref null $t)) (result i64)))
        (func $own (type $t) (i64.extend_i32_s (local.get 0)))
        (elem declare func $own)
        (func (export "run") (result i64) (call $f (ref.func $own))))"#;
    let host = Func::new(&mut store, FuncType::new([typed], [ValType::I64]), |mut caller, args, results| {
        let Val::FuncRef(Some(func)) = args[0] else { return Err(Error::message("null")) };
        func.call(&mut caller, &[Val::I32(-7)], results)
    });
    let host = host.expect("fits");
    let instance = Instance::new(&mut store, &module(&engine, text), &[host.into()]).expect("links");
    assert_eq!(call(&mut store, instance, "run", &[]).expect("runs"), Val::I64(-7));
    let foreign = Func::new(&mut other, FuncType::new([typed], []), |_, _, _| Ok(())).expect_err("foreign");
    assert_eq!(foreign.to_string(), UsageError::ForeignHandle.to_string());
    assert!(Global::new(&mut other, GlobalType::new(typed, true), Val::FuncRef(None)).is_err());
}

// @need-ids: REQ_TYPES_004
#[test]
fn typed_functions_take_more_and_return_less_than_they_say() {
    let (mut store, instance) = all_forms(false);
    let inc = instance.get_func(&store, "inc").expect("exported");
    // A result that is never null, of a special type.
    let own = module(
        store.engine(),
        r#"(module (func $f (export "f") (result (ref func)) (ref.func $f))
            (func (export "g") (param funcref) (result i32) (ref.is_null (local.get 0))))"#,
    );
    let own = own.instantiate(&mut store).expect("no imports");
    let f = own.get_func(&store, "f").expect("exported");
    assert_eq!(f.typed::<(), Func>(&store).expect("fits").call(&mut store, ()).expect("runs"), f);
    assert_eq!(f.typed::<(), Option<Func>>(&store).expect("fits").call(&mut store, ()).expect("runs"), Some(f));
    assert!(f.typed::<(), Option<ExternRef>>(&store).is_err());
    let g = own.get_func(&store, "g").expect("exported");
    assert_eq!(g.typed::<Func, i32>(&store).expect("fits").call(&mut store, inc).expect("runs"), 0);
    let call = instance.get_func(&store, "call").expect("exported");
    assert!(call.typed::<(Option<Func>, i32), i32>(&store).is_err(), "any function is not one of that type");
}

// @need-ids: REQ_TYPES_005, REQ_LIMITS_001
#[test]
fn tags_are_made_by_the_host_and_matched_by_type() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let importing = module(&engine, r#"(module (import "h" "t" (tag (param i32))) (export "t" (tag 0)))"#);
    let ty = |params: &[ValType]| TagType::new(FuncType::new(params.iter().copied(), []));
    let right = Tag::new(&mut store, &ty(&[ValType::I32])).expect("fits");
    let wrong = Tag::new(&mut store, &ty(&[ValType::I64])).expect("fits");
    let instance = Instance::new(&mut store, &importing, &[right.into()]).expect("links");
    assert_eq!(instance.get_tag(&store, "t"), Some(right));
    assert_eq!(right.ty(&store), ty(&[ValType::I32]));
    let error = Instance::new(&mut store, &importing, &[wrong.into()]).expect_err("another type");
    assert_eq!(error.kind(), ErrorKind::Link);
    let results = TagType::new(FuncType::new([], [ValType::I32]));
    assert!(Tag::new(&mut store, &results).is_err());
}

// @need-ids: REQ_WASM_001, REQ_ERROR_003
#[test]
fn what_cannot_be_run_is_named_unless_the_module_is_wrong_anyhow() {
    let engine = Engine::default();
    let refusal = |text: &str| Module::new(&engine, wat::parse_str(text).expect("a text")).expect_err("refused");
    let error = refusal("(module (func try catch_all end))");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("--translate-to-exnref"), "{error}");
    let error = refusal("(module (type $f (func)) (type $c (cont $f)) (func (drop (ref.null $c))))");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let error = refusal("(module (func (result i32)) (func try catch_all end))");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
}

// @need-ids: REQ_TYPES_001, REQ_LIMITS_001
#[test]
fn a_module_of_many_types_is_loaded_in_time() {
    use std::fmt::Write;
    let mut text = String::from("(module (type $t0 (func))");
    for i in 1..100_000 {
        write!(text, "(type $t{i} (func (param (ref null $t{0}) (ref null $t{0}))))", i - 1).expect("a string");
    }
    let last = r#"(import "h" "f" (func (type $t99999))) (export "f" (func 0)))"#;
    let exporting = module(&Engine::default(), &format!("{text} (func (export \"f\") (type $t99999)))"));
    let importing = module(&Engine::default(), &format!("{text}{last}"));
    let mut store = Store::new(&Engine::default(), ());
    let instance = exporting.instantiate(&mut store).expect("no imports");
    let func = instance.get_export(&store, "f").expect("exported");
    assert!(Instance::new(&mut store, &importing, &[func]).is_ok());
}

/// A result that one instruction takes from the accumulator need not be written, unless it stays on the operand stack.
// @need-ids: REQ_TYPES_001, REQ_023
#[test]
fn a_reference_that_was_tested_for_null_is_still_there() {
    let text = r#"(module
        (type $t (func (result i32)))
        (global $g (mut (ref null $t)) (ref.null $t))
        (elem declare func $f)
        (func $f (type $t) (i32.const 7))
        (func (export "set") (global.set $g (ref.func $f)))
        (func (export "on_null") (result i32)
            (block (global.get $g) (br_on_null 0) (call_ref $t) (return)) (i32.const -1))
        (func (export "on_non_null") (result i32)
            (block (result (ref $t)) (global.get $g) (br_on_non_null 0) (return (i32.const -1))) (call_ref $t)))"#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = module(store.engine(), text).instantiate(&mut store).expect("no imports");
    let mut call = |name: &str| {
        let func = instance.get_typed_func::<(), i32>(&store, name).expect("exported");
        func.call(&mut store, ()).expect("no trap")
    };
    assert_eq!([call("on_null"), call("on_non_null")], [-1, -1]);
    let set = instance.get_typed_func::<(), ()>(&store, "set").expect("exported");
    set.call(&mut store, ()).expect("no trap");
    for name in ["on_null", "on_non_null"] {
        let func = instance.get_typed_func::<(), i32>(&store, name).expect("exported");
        assert_eq!(func.call(&mut store, ()).expect("no trap"), 7, "{name}");
    }
}
