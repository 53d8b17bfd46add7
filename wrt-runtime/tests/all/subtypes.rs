//! Which types are subtypes of which, against lists of what the specification says (core 3.3).

use wrt_runtime::image::format::AbstractHeapType::{
    self, Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None as Nothing, Struct,
};
use wrt_runtime::image::format::{HeapType, NONE, Sub, TypeRecord, ValType, form};
use wrt_runtime::typing::{SUPERTYPES_MAX, Types};

const ALL: [AbstractHeapType; 12] = [Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, Nothing, Struct];

/// What each abstract heap type is below, itself aside.
fn above(found: AbstractHeapType) -> &'static [AbstractHeapType] {
    match found {
        Any | Exn | Extern | Func => &[],
        Eq => &[Any],
        I31 | Struct | Array => &[Eq, Any],
        NoExn => &[Exn],
        NoExtern => &[Extern],
        NoFunc => &[Func],
        Nothing => &[I31, Struct, Array, Eq, Any],
    }
}

fn reference(heap: HeapType) -> ValType {
    ValType::reference(false, heap)
}

/// A function, a structure, an array, and types below each of the first two.
fn types() -> (Vec<TypeRecord>, Vec<ValType>) {
    let mut parts = Vec::new();
    let mut records = Vec::new();
    for (kind, supertype) in
        [(form::FUNC, NONE), (form::STRUCT, NONE), (form::ARRAY, NONE), (form::FUNC, 0), (form::STRUCT, 1)]
    {
        let sub = Sub { form: kind | form::OPEN, supertype, ..Sub::PLAIN };
        parts.extend(sub.word());
        let start = u32::try_from(parts.len()).unwrap();
        records.push(sub.record(start, u16::from(kind == form::ARRAY), 0));
        parts.push(ValType::I32);
    }
    (records, parts)
}

// @need-ids: REQ_TYPES_002
#[test]
fn abstract_types_are_below_what_the_specification_says_and_nothing_else() {
    for found in ALL {
        for wanted in ALL {
            let holds = found == wanted || above(found).contains(&wanted);
            let [found, wanted] = [found, wanted].map(HeapType::Abstract);
            assert_eq!(Types::default().matches(reference(found), reference(wanted)), holds, "{found:?} {wanted:?}");
            let nullable = ValType::reference(true, found);
            assert!(!Types::default().matches(nullable, reference(wanted)), "a null is no {wanted:?}");
            assert_eq!(Types::default().matches(nullable, ValType::reference(true, wanted)), holds);
        }
    }
    assert!(!Types::default().matches(ValType::I32, reference(HeapType::Abstract(Any))));
    assert!(Types::default().matches(ValType::I32, ValType::I32));
}

// @need-ids: REQ_TYPES_002
#[test]
fn types_of_a_store_are_below_those_of_their_form_and_above_those_without_values() {
    let (records, parts) = types();
    let types = Types { records: &records, val_types: &parts };
    // A number of no type is above and below nothing.
    let last = u32::try_from(records.len()).unwrap();
    for index in 0..=last {
        let concrete = reference(HeapType::Concrete(index));
        let (over, under): (&[_], &[_]) = match index {
            0 | 3 => (&[Func], &[NoFunc]),
            1 | 4 => (&[Struct, Eq, Any], &[Nothing]),
            2 => (&[Array, Eq, Any], &[Nothing]),
            _ => (&[], &[]),
        };
        for heap in ALL {
            let other = reference(HeapType::Abstract(heap));
            assert_eq!(types.matches(concrete, other), over.contains(&heap), "{index} {heap:?}");
            assert_eq!(types.matches(other, concrete), under.contains(&heap), "{heap:?} {index}");
        }
        for wanted in 0..=last {
            let holds = index == wanted || (index, wanted) == (3, 0) || (index, wanted) == (4, 1);
            assert_eq!(types.matches(concrete, reference(HeapType::Concrete(wanted))), holds, "{index} {wanted}");
        }
    }
}

// @need-ids: REQ_TYPES_002
#[test]
fn a_chain_of_supertypes_that_nobody_checked_is_followed_no_further_than_it_may_be() {
    let mut parts = Vec::new();
    let mut records = Vec::new();
    for index in 0..=SUPERTYPES_MAX + 2 {
        let sub = Sub { form: form::FUNC | form::OPEN, supertype: index.checked_sub(1).unwrap_or(NONE), ..Sub::PLAIN };
        parts.extend(sub.word());
        records.push(sub.record(u32::try_from(parts.len()).unwrap(), 0, 0));
    }
    let types = Types { records: &records, val_types: &parts };
    for index in 0..=SUPERTYPES_MAX + 2 {
        assert_eq!(types.is_subtype(index, 0), index <= SUPERTYPES_MAX, "{index}");
        assert_eq!(types.is_subtype(0, index), index == 0, "{index}");
    }
}
