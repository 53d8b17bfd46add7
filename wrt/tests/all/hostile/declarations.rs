//! Sections: counts that lie, and counts that are as large as they say.

use super::encode::{body, byte, func_type, heap_type, leb, list, module, section, sized};
use super::measure::{cost, grows_linearly};
use wrt::{Config, Engine, Error, ErrorKind, Instance, LimitError, Limits, LinkError, Module, Store};

/// Loads a module; it is valid.
fn load(wasm: &[u8]) -> Module {
    Module::new(&Engine::default(), wasm).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads and instantiates a module that imports nothing.
fn start(wasm: &[u8]) {
    let module = load(wasm);
    let mut store = Store::new(module.engine(), ());
    module.instantiate(&mut store).unwrap_or_else(|error| panic!("{error}"));
}

fn refused(wasm: &[u8]) -> Error {
    Module::new(&Engine::default(), wasm).expect_err("refused")
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn counts_that_the_bytes_do_not_hold_allocate_nothing() {
    for id in 1..=13 {
        for count in [u32::MAX, 900_000, 90_000] {
            let wasm = module(&[(id, leb(count))]);
            let cost = cost(|| {
                let kind = refused(&wasm).kind();
                let expected = [ErrorKind::Malformed, ErrorKind::Invalid, ErrorKind::Unsupported];
                assert!(expected.contains(&kind), "section {id} of {count}: {kind:?}");
            });
            assert!(cost.bytes < 1 << 20, "section {id} of {count}: {cost:?}");
        }
    }
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn counts_beyond_what_is_allowed_are_refused() {
    for (id, count, item) in [
        (section::TYPE, 1_000_001, func_type(0, 0)),
        (section::GLOBAL, 1_000_001, vec![byte::I32, 0, byte::I32_CONST, 0, byte::END]),
        (section::DATA, 100_001, vec![1, 0]),
        (section::ELEMENT, 100_001, vec![1, 0, 0]),
    ] {
        let error = refused(&module(&[(id, list(count, |_| item.clone()))]));
        assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Invalid), "section {id}: {error}");
    }
}

fn types(count: usize, params: usize) -> Vec<u8> {
    // All are different: a number in base two, its digits the types of parameters.
    let digit = |index: usize, at: usize| if index >> at.min(63) & 1 == 1 { byte::I64 } else { byte::I32 };
    let ty = |index: usize| {
        let params = list(params, |at| vec![digit(index, params - 1 - at)]);
        [vec![byte::FUNC], params, vec![0]].concat()
    };
    module(&[(section::TYPE, list(count, ty))])
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn many_types_and_long_types_cost_what_they_are_long() {
    grows_linearly(10_000, 150, |count| types(count, 20), start);
    grows_linearly(150, 50, |count| types(count, 1_000), start);
}

/// A type of functions below type `of`, which may have types below it.
fn below(of: Option<usize>) -> Vec<u8> {
    let supertypes = of.map_or(vec![0], |of| list(1, |_| leb(of as u32)));
    [vec![byte::SUB], supertypes, func_type(0, 0)].concat()
}

// @need-ids: REQ_RESOURCE_001
#[test]
fn types_below_and_within_types_cost_what_they_are_long() {
    let depth = 63;
    let start_of = |at: usize| (!at.is_multiple_of(depth)).then(|| at - 1);
    let chains = |count: usize| module(&[(section::TYPE, list(count, |at| below(start_of(at))))]);
    grows_linearly(20_000, 300, chains, start);
    let too_deep = module(&[(section::TYPE, list(65, |at| below(at.checked_sub(1))))]);
    assert!(matches!(refused(&too_deep).kind(), ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Unsupported));
    // Each takes a reference to the one before it.
    let of = |at: usize| [vec![byte::FUNC, 1, byte::REF_NULL], heap_type(at as u32), vec![0]].concat();
    let nested = |count: usize| {
        module(&[(section::TYPE, list(count, |at| at.checked_sub(1).map_or_else(|| func_type(0, 0), of)))])
    };
    grows_linearly(20_000, 300, nested, start);
    // One group, in which each takes a reference to the last.
    let group = |count: usize| {
        let types = list(count, |_| of(count - 1));
        module(&[(section::TYPE, [leb(1), vec![byte::REC], types].concat())])
    };
    grows_linearly(20_000, 300, group, start);
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn many_functions_exports_globals_and_segments_cost_what_they_are_long() {
    let names = |count: usize| {
        let name = |at: usize| sized(format!("{at}").as_bytes());
        module(&[
            (section::MEMORY, list(1, |_| vec![0, 1])),
            (section::EXPORT, list(count, |at| [name(at), vec![2, 0]].concat())),
        ])
    };
    let functions = |count: usize| {
        module(&[
            (section::TYPE, list(1, |_| func_type(0, 0))),
            (section::FUNCTION, list(count, |_| vec![0])),
            (section::TABLE, list(1, |_| vec![byte::FUNCREF, 0, 1])),
            (section::MEMORY, list(1, |_| vec![0, 1])),
            (section::GLOBAL, list(count, |_| vec![byte::I32, 1, byte::I32_CONST, 0, byte::END])),
            (section::ELEMENT, list(count / 4, |_| vec![0, byte::I32_CONST, 0, byte::END, 1, 0])),
            (section::CODE, list(count, |_| body(&[], &[]))),
            (section::DATA, list(count / 4, |_| vec![0, byte::I32_CONST, 0, byte::END, 1, 7])),
        ])
    };
    grows_linearly(20_000, 60, names, start);
    grows_linearly(20_000, 60, functions, start);
    grows_linearly(20_000, 100, functions, |wasm| drop(load(wasm).compile().expect("lowers")));
}

// As many as may be: one more than a million is refused.
// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn a_million_functions_types_and_exports_cost_what_they_are_long() {
    let functions = |count: usize| {
        module(&[
            (section::TYPE, list(1, |_| func_type(0, 0))),
            (section::FUNCTION, list(count, |_| vec![0])),
            (section::CODE, list(count, |_| body(&[], &[]))),
        ])
    };
    let names = |count: usize| {
        let name = |at: usize| sized(format!("{at}").as_bytes());
        module(&[
            (section::MEMORY, list(1, |_| vec![0, 1])),
            (section::EXPORT, list(count, |at| [name(at), vec![2, 0]].concat())),
        ])
    };
    // Exports count for the size of the module's type, whose limit is a million, too.
    for (make, count) in
        [(&functions as &dyn Fn(usize) -> Vec<u8>, 250_000), (&|count| types(count, 0), 250_000), (&names, 240_000)]
    {
        grows_linearly(count, 100, make, start);
        let kind = refused(&make(1_000_001)).kind();
        assert!(matches!(kind, ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Limit), "{kind:?}");
    }
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn segments_of_many_items_cost_what_they_are_long() {
    let segment = |content: Vec<u8>| {
        module(&[
            (section::TYPE, list(1, |_| func_type(0, 0))),
            (section::FUNCTION, list(1, |_| vec![0])),
            (section::ELEMENT, list(1, |_| content.clone())),
            (section::CODE, list(1, |_| body(&[], &[]))),
        ])
    };
    // Passive segments: of function indices, and of constant expressions.
    let indices = |count: usize| segment([vec![1, 0], list(count, |_| vec![0])].concat());
    grows_linearly(250_000, 60, indices, start);
    let expressions =
        |count: usize| segment([vec![5, byte::FUNCREF], list(count, |_| vec![byte::REF_FUNC, 0, byte::END])].concat());
    grows_linearly(100_000, 60, expressions, start);
}

// @need-ids: REQ_WASM_002, REQ_RESOURCE_001
#[test]
fn many_missing_imports_are_told_in_one_short_line() {
    let many = |count: usize| {
        let import = |at: usize| [sized(b"m"), sized(format!("{at}").as_bytes()), vec![0, 0]].concat();
        module(&[(section::TYPE, list(1, |_| func_type(0, 0))), (section::IMPORT, list(count, import))])
    };
    grows_linearly(20_000, 60, many, |wasm| {
        let module = load(wasm);
        let mut store = Store::new(module.engine(), ());
        let error = wrt::Linker::new(module.engine()).instantiate(&mut store, &module).expect_err("nothing is defined");
        assert!(matches!(&error, Error::Link(link) if matches!(**link, LinkError::Missing(_))));
        assert!(error.to_string().len() < 1_000);
    });
}

// @need-ids: REQ_RESOURCE_001, REQ_RESOURCE_002, REQ_LIMITS_001
#[test]
fn sizes_beyond_a_limit_allocate_nothing() {
    let limits = Limits { max_memory_bytes: 1 << 20, max_table_elements: 1_000, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let pages = |min: u32| [vec![0], leb(min)].concat();
    let table = |min: u32| [vec![byte::FUNCREF, 0], leb(min)].concat();
    for (wasm, key) in [
        (module(&[(section::MEMORY, list(1, |_| pages(65_536)))]), "max-memory-bytes"),
        (module(&[(section::MEMORY, list(1, |_| pages(17)))]), "max-memory-bytes"),
        (module(&[(section::TABLE, list(1, |_| table(10_000_000)))]), "max-table-elements"),
        (module(&[(section::TABLE, list(100, |_| table(1_001)))]), "max-table-elements"),
    ] {
        let cost = cost(|| {
            let module = Module::new(&engine, &wasm).expect("valid");
            let error = Instance::new(&mut Store::new(&engine, ()), &module, &[]).expect_err("too large");
            assert!(matches!(error, Error::Limit(LimitError::Exceeded(exceeded)) if exceeded.key == key), "{error}");
        });
        assert!(cost.bytes < 1 << 20, "{key}: {cost:?}");
    }
}

// @need-ids: REQ_RESOURCE_001, REQ_LIMITS_001
#[test]
fn names_are_kept_up_to_their_limit_only() {
    let functions = 1_000;
    let long = vec![b'a'; 90_000];
    // Subsection 1: function names.
    let names = list(functions, |at| [leb(at as u32), sized(&long)].concat());
    let content = [sized(b"name"), vec![1], sized(&names)].concat();
    let wasm = module(&[
        (section::TYPE, list(1, |_| func_type(0, 0))),
        (section::FUNCTION, list(functions, |_| vec![0])),
        (section::CODE, list(functions, |_| body(&[], &[]))),
        (section::CUSTOM, content),
    ]);
    let module = load(&wasm);
    let named = (0..functions as u32).filter(|func| module.func_name(*func).is_some()).count();
    assert_eq!(named as u64, Limits::DEFAULT.max_names_bytes / 90_000);
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn constant_expressions_may_be_long_but_not_deep() {
    let one = |expression: Vec<u8>| {
        module(&[(section::GLOBAL, list(1, |_| [vec![byte::I32, 0], expression.clone(), vec![byte::END]].concat()))])
    };
    let long =
        |count: usize| one([vec![byte::I32_CONST, 1], [byte::I32_CONST, 1, byte::I32_ADD].repeat(count)].concat());
    grows_linearly(100_000, 60, long, start);
    let deep = one([[byte::I32_CONST, 1].repeat(70_000), [byte::I32_ADD].repeat(69_999)].concat());
    assert_eq!(refused(&deep).kind(), ErrorKind::Unsupported);
}
