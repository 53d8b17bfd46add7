//! References to objects and exceptions at the border: what the host gets, holds, reads, sets, and gives back.

use wrt::{
    AnyRef, Caller, Engine, ErrorKind, ExnRef, ExternRef, Func, FuncType, HeapType, Instance, Linker, Module, RefType,
    RootScope, Store, Strategy, Trap, UsageError, Val, ValType,
};

fn engine() -> Engine {
    Engine::new(&wrt::Config::new().strategy(Strategy::Stackless))
}

fn start(engine: &Engine, text: &str) -> (Store<()>, Instance) {
    let bytes = wat::parse_str(text).expect("well-formed");
    let module = Module::new(engine, bytes).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = module.instantiate(&mut store).expect("no imports");
    (store, instance)
}

const OBJECTS: &str = r#"(module
    (type $p (struct (field (mut i32)) (field i8) (field (ref null any)) (field (mut f64))))
    (type $a (array (mut i16)))
    (type $n (array (ref null $p)))
    (func (export "pair") (param i32 anyref) (result (ref $p))
        (struct.new $p (local.get 0) (i32.const -1) (local.get 1) (f64.const 2.5)))
    (func (export "array") (param i32) (result (ref $a)) (array.new $a (i32.const -2) (local.get 0)))
    (func (export "sum") (param (ref null $p)) (result i32)
        (i32.add (struct.get $p 0 (local.get 0)) (struct.get_s $p 1 (local.get 0))))
    (func (export "outside") (param anyref) (result externref) (extern.convert_any (local.get 0)))
    (func (export "inside") (param externref) (result anyref) (any.convert_extern (local.get 0)))
    (func (export "same") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
    (func (export "kind") (param anyref) (result i32)
        (i32.add (ref.test (ref i31) (local.get 0))
            (i32.add (i32.shl (ref.test (ref $p) (local.get 0)) (i32.const 1))
                (i32.shl (ref.test (ref null $a) (local.get 0)) (i32.const 2))))))"#;

fn call(store: &mut Store<()>, instance: Instance, name: &str, args: &[Val]) -> Result<Val, wrt::Error> {
    let func = instance.get_func(&*store, name).expect("exported");
    let mut results = [Val::I32(0)];
    func.call(store, args, &mut results).map(|()| results[0])
}

fn any(value: Val) -> AnyRef {
    let Val::AnyRef(Some(reference)) = value else { panic!("{value:?}") };
    reference
}

// @need-ids: REQ_GC_005, REQ_GC_001, REQ_TYPES_004
#[test]
fn the_host_reads_and_sets_what_objects_hold() {
    let (mut store, instance) = start(&engine(), OBJECTS);
    let seven = AnyRef::from_i31(&store, 7);
    let pair = any(call(&mut store, instance, "pair", &[Val::I32(40), Val::AnyRef(Some(seven))]).unwrap());
    assert!(matches!(pair.ty(&store), Ok(HeapType::ConcreteStruct(_))));
    assert_eq!(pair.len(&mut store).unwrap(), 4);
    let fields: Vec<_> = (0..4).map(|index| pair.get(&mut store, index).unwrap()).collect();
    assert_eq!(fields, [Val::I32(40), Val::I32(255), Val::AnyRef(Some(seven)), Val::from(2.5)]);
    assert_eq!(seven.as_i31(&store), Some(7));
    pair.set(&mut store, 0, Val::I32(-3)).unwrap();
    pair.set(&mut store, 3, Val::from(0.5)).unwrap();
    assert_eq!(call(&mut store, instance, "sum", &[Val::AnyRef(Some(pair))]).unwrap(), Val::I32(-4));
    assert_eq!(pair.get(&mut store, 3).unwrap(), Val::from(0.5));
    let usage = |error: wrt::Error| match error {
        wrt::Error::Usage(error) => *error,
        other => panic!("{other}"),
    };
    assert_eq!(usage(pair.set(&mut store, 1, Val::I32(1)).unwrap_err()), UsageError::ImmutableField);
    assert_eq!(usage(pair.get(&mut store, 4).unwrap_err()), UsageError::NoSuchField);
    assert!(matches!(usage(pair.set(&mut store, 0, Val::I64(1)).unwrap_err()), UsageError::Type { .. }));
    assert_eq!(usage(seven.get(&mut store, 0).unwrap_err()), UsageError::NoSuchField);

    let array = any(call(&mut store, instance, "array", &[Val::I32(3)]).unwrap());
    assert_eq!((array.len(&mut store).unwrap(), array.get(&mut store, 2).unwrap()), (3, Val::I32(0xFFFE)));
    array.set(&mut store, 1, Val::I32(0x1_2345)).unwrap();
    assert_eq!(array.get(&mut store, 1).unwrap(), Val::I32(0x2345));
    assert_eq!(usage(array.get(&mut store, 3).unwrap_err()), UsageError::NoSuchField);
    let wrong = call(&mut store, instance, "sum", &[Val::AnyRef(Some(array))]);
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Usage);
}

// @need-ids: REQ_GC_005, REQ_GC_001
#[test]
fn values_are_the_same_inside_and_outside() {
    let (mut store, instance) = start(&engine(), OBJECTS);
    let pair = any(call(&mut store, instance, "pair", &[Val::I32(1), Val::AnyRef(None)]).unwrap());
    let outside = call(&mut store, instance, "outside", &[Val::AnyRef(Some(pair))]).unwrap();
    assert_eq!(outside, Val::ExternRef(Some(pair.to_extern())));
    assert_eq!(call(&mut store, instance, "inside", &[outside]).unwrap(), Val::AnyRef(Some(pair)));
    let host = ExternRef::new(&mut store, "mine").unwrap();
    let inside = any(call(&mut store, instance, "inside", &[Val::ExternRef(Some(host))]).unwrap());
    assert_eq!((inside, inside.ty(&store).unwrap()), (host.to_any(), HeapType::Any));
    assert_eq!(inside.to_extern().downcast::<&str>(&store).as_deref(), Some(&"mine"));
    assert!(pair.to_extern().value(&store).is_none());
    let both = [Val::AnyRef(Some(pair)), Val::AnyRef(Some(pair))];
    assert_eq!(call(&mut store, instance, "same", &both).unwrap(), Val::I32(1));
    // A value of the host is none that can be compared.
    let wrong = call(&mut store, instance, "same", &[Val::AnyRef(Some(inside)), Val::AnyRef(None)]);
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Usage);
    for (value, kind) in [(None, 4), (Some(pair), 2), (Some(AnyRef::from_i31(&store, 0)), 1), (Some(inside), 0)] {
        assert_eq!(call(&mut store, instance, "kind", &[Val::AnyRef(value)]).unwrap(), Val::I32(kind), "{value:?}");
    }
}

// @need-ids: REQ_GC_005
#[test]
fn what_was_released_is_refused() {
    let (mut store, instance) = start(&engine(), OBJECTS);
    let kept = any(call(&mut store, instance, "pair", &[Val::I32(1), Val::AnyRef(None)]).unwrap());
    let lost = {
        let mut scope = RootScope::new(&mut store);
        let func = instance.get_func(&scope, "pair").unwrap();
        let mut results = [Val::I32(0)];
        func.call(&mut scope, &[Val::I32(2), Val::AnyRef(Some(kept))], &mut results).unwrap();
        let inner = any(results[0]);
        assert_eq!(inner.get(&mut scope, 2).unwrap(), Val::AnyRef(Some(kept)));
        inner
    };
    let released = |result: Result<Val, wrt::Error>| matches!(result, Err(wrt::Error::Usage(error)) if *error == UsageError::ReleasedReference);
    assert!(released(lost.get(&mut store, 0)));
    assert!(released(call(&mut store, instance, "sum", &[Val::AnyRef(Some(lost))])));
    assert!(released(call(&mut store, instance, "outside", &[Val::AnyRef(Some(lost))])));
    assert_eq!(kept.get(&mut store, 0).unwrap(), Val::I32(1));
    let other = Store::new(&engine(), ());
    assert!(matches!(kept.ty(&other), Err(wrt::Error::Usage(error)) if *error == UsageError::ForeignHandle));
}

// @need-ids: REQ_GC_005, REQ_EXCEPTIONS_003
#[test]
fn the_host_sees_exceptions_and_gives_them_back() {
    let text = r#"(module
        (import "host" "swap" (func $swap (param exnref anyref) (result exnref anyref)))
        (tag $e (export "e") (param i32 i64 anyref))
        (func (export "caught") (param i32) (result exnref)
            (block $h (result exnref)
                (try_table (catch_all_ref $h)
                    (throw $e (local.get 0) (i64.const 9) (ref.i31 (i32.const 5))))
                unreachable))
        (func (export "null") (throw_ref (ref.null exn)))
        (func (export "again") (param exnref) (result i32)
            (local $x exnref) (local $y anyref)
            (call $swap (local.get 0) (ref.i31 (i32.const 6)))
            (local.set $y) (local.set $x)
            (block $h (result i32 i64 anyref)
                (try_table (catch $e $h) (throw_ref (local.get $x)))
                unreachable)
            drop drop
            (i32.add (i31.get_s (ref.cast i31ref (local.get $y))))))"#;
    let engine = engine();
    let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut store = Store::new(&engine, Vec::<ExnRef>::new());
    let mut linker = Linker::new(&engine);
    let swap = |mut caller: Caller<'_, Vec<ExnRef>>, exception: Option<ExnRef>, other: Option<AnyRef>| {
        let exception = exception.expect("given");
        caller.data_mut().push(exception);
        let number = other.expect("given").as_i31(&caller).expect("a number").cast_unsigned();
        (Some(exception), Some(AnyRef::from_i31(&caller, number * 100)))
    };
    linker.func_wrap("host", "swap", swap).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let caught = instance.get_func(&store, "caught").unwrap();
    let caught = caught.typed::<i32, Option<ExnRef>>(&store).unwrap();
    let exception = caught.call(&mut store, 41).unwrap().expect("an exception");
    assert_eq!(exception.tag(&mut store).unwrap(), instance.get_export(&store, "e").unwrap().into_tag().unwrap());
    let five = AnyRef::from_i31(&store, 5);
    let carried: Vec<_> = (0..3).map(|index| exception.get(&mut store, index).unwrap()).collect();
    assert_eq!(carried, [Val::I32(41), Val::I64(9), Val::AnyRef(Some(five))]);
    assert!(exception.get(&mut store, 3).is_err());
    let again = instance.get_func(&store, "again").unwrap().typed::<Option<ExnRef>, i32>(&store).unwrap();
    assert_eq!(again.call(&mut store, Some(exception)).unwrap(), 641);
    // Held before the host function was called, so it is the same, and stays.
    assert_eq!(store.data(), &[exception]);
    let trap = instance.get_func(&store, "null").unwrap().call(&mut store, &[], &mut []).unwrap_err();
    assert_eq!(trap.trap().map(wrt::TrapError::trap), Some(Trap::NullExceptionReference), "{trap}");
}

// @need-ids: REQ_GC_005
#[test]
fn what_a_host_function_got_is_released_when_it_returns() {
    let text = r#"(module
        (type $s (struct (field i32)))
        (import "host" "keep" (func $keep (param anyref)))
        (func (export "f") (call $keep (struct.new $s (i32.const 1)))))"#;
    let engine = engine();
    let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut store = Store::new(&engine, None::<AnyRef>);
    let ty = FuncType::new([ValType::Ref(RefType::ANYREF)], []);
    let keep = Func::new(&mut store, ty, |mut caller: Caller<'_, Option<AnyRef>>, args, _| {
        let reference = any(args[0]);
        assert_eq!(reference.get(&mut caller, 0)?, Val::I32(1));
        *caller.data_mut() = Some(reference);
        Ok(())
    });
    let instance = Instance::new(&mut store, &module, &[keep.unwrap().into()]).unwrap();
    instance.get_func(&store, "f").unwrap().call(&mut store, &[], &mut []).unwrap();
    let kept = store.data().expect("called");
    assert!(
        matches!(kept.get(&mut store, 0), Err(wrt::Error::Usage(error)) if *error == UsageError::ReleasedReference)
    );
}
