//! What errors say: each in words of its own, and through every way that it is passed on.

use std::error::Error;

use wrt_instructions::{Part, Trap};
use wrt_runtime::execute::{Broken, Missing, TrapInfo};
use wrt_runtime::fixed_store::LoadError;
use wrt_runtime::heap::ObjectType;
use wrt_runtime::image::format::{ValType, items};
use wrt_runtime::image::{CodeRule, FileRule, ImageError};
use wrt_runtime::instantiate::{InstantiateError, OutOfStorage};
use wrt_runtime::side::{Side, SideEntry};
use wrt_runtime::types::{ExternType, GlobalType};
use wrt_runtime::typing::TypeError;
use wrt_safety::LimitExceeded;
use zerocopy::byteorder::little_endian::U16;

const LIMIT: LimitExceeded = LimitExceeded { key: "max-types", limit: 1, wanted: 2 };

fn says(error: &dyn Error, expected: &str) {
    assert_eq!(error.to_string(), expected);
}

// @need-ids: REQ_ERROR_003, REQ_ERROR_005
#[test]
fn what_there_is_no_room_for_is_named() {
    use OutOfStorage as O;
    let all = [
        O::Images,
        O::Entries,
        O::Instructions,
        O::Types,
        O::Instances,
        O::Lists,
        O::Functions,
        O::Globals,
        O::Tags,
        O::Tables,
        O::Elements,
        O::Memories,
        O::Bytes,
        O::Objects,
    ];
    for full in all {
        says(&full, &format!("the store has no room for more {}", full.what()));
        assert_eq!(all.iter().filter(|other| other.what() == full.what()).count(), 1, "{full}");
        assert_eq!(LoadError::from(full).to_string(), full.to_string());
        assert_eq!(InstantiateError::from(full).to_string(), full.to_string());
    }
}

// @need-ids: REQ_ERROR_003
#[test]
fn what_is_passed_on_says_what_it_said() {
    let trap = TrapInfo::from(Trap::MemoryOutOfBounds);
    says(&InstantiateError::Trap(trap), "out of bounds memory access");
    says(&InstantiateError::from(LIMIT), &LIMIT.to_string());
    says(&LoadError::from(LIMIT), &LIMIT.to_string());
    says(&LoadError::from(TypeError::Limit(LIMIT)), &LIMIT.to_string());
    says(&LoadError::from(TypeError::Full), &OutOfStorage::Types.to_string());
    let rule = FileRule::Schedule;
    let broken = ImageError::File { offset: 0, rule };
    says(&broken, &format!("corrupt image at byte 0: {}", rule.message()));
    says(&LoadError::from(TypeError::Rule(rule)), &broken.to_string());
    says(&LoadError::from(broken), &broken.to_string());
    says(&InstantiateError::from(TypeError::Limit(LIMIT)), &LIMIT.to_string());
    says(&InstantiateError::from(TypeError::Full), &LoadError::from(TypeError::Full).to_string());
    says(&InstantiateError::from(TypeError::Rule(rule)), &format!("corrupt image: {}", rule.message()));
}

// @need-ids: REQ_ERROR_003, REQ_PARTS_001
#[test]
fn what_is_wrong_and_where_is_said() {
    says(&ImageError::LeftOut(Part::Simd), "the image needs `simd`, which this build leaves out");
    says(&InstantiateError::LeftOut(Part::Gc), "it takes `gc`, which this build leaves out");
    says(&InstantiateError::Corrupt("no types"), "corrupt image: no types");
    says(&InstantiateError::ImportCount { expected: 2, found: 1 }, "1 imports given, expected 2");
    let rule = CodeRule::Register;
    says(&ImageError::Code { pc: 7, rule }, &format!("corrupt image at instruction 7: {}", rule.message()));
    let (import, expected) = (3, ExternType::Tag(5));
    let given = |found| InstantiateError::IncompatibleImport { import, expected, found };
    says(
        &given(Some(ExternType::Func(4))),
        "import 3 has an incompatible type: expected (tag (type 5)), found (func (type 4))",
    );
    says(&given(None), "import 3 is not of this store: expected (tag (type 5))");
}

// @need-ids: REQ_ERROR_003
#[test]
fn what_a_storage_lacks_and_a_state_broke_is_named() {
    use {Broken as B, Missing as M};
    let lacks = [M::Instance, M::Function, M::Bytecode, M::Position, M::Heap].map(|missing| missing.to_string());
    assert_eq!(lacks, ["instance", "function", "bytecode", "position", "heap"]);
    let broke = [B::Depth, B::Order, B::Base, B::Marks, B::Step].map(|broken| broken.to_string());
    let expected = [
        "more frames than storage",
        "a frame begins above its callee",
        "a frame begins above the slots",
        "frame marks are miscounted",
        "the engines disagree",
    ];
    assert_eq!(broke, expected);
}

// @need-ids: REQ_ERROR_003
#[test]
fn objects_are_named_by_their_types() {
    assert_eq!(ObjectType::Of(3).to_string(), "type 3");
    assert_eq!(ObjectType::Exception(4).to_string(), "exception with tag 4");
}

// @need-ids: REQ_ERROR_003
#[test]
fn types_are_named_as_in_the_text_format() {
    let named = [
        (ValType::I32, "i32"),
        (ValType::I64, "i64"),
        (ValType::F32, "f32"),
        (ValType::F64, "f64"),
        (ValType::V128, "v128"),
        (ValType::I8, "i8"),
        (ValType::I16, "i16"),
        (ValType::default(), "?"),
    ];
    for (ty, name) in named {
        assert_eq!(ty.to_string(), name);
    }
    assert_eq!(GlobalType::default(), GlobalType { ty: ValType::I32, mutable: false });
}

// @need-ids: REQ_IMAGE_002
#[test]
fn an_item_is_a_function_or_an_expression() {
    let halves = [1, 2, 3, 4].map(U16::new);
    assert_eq!(items::func(&halves[..1]), Some(1));
    assert_eq!(items::func(&halves[..2]), Some(0x0002_0001));
    assert_eq!(items::expression(&halves).map(|range| range.length.get()), Some(0x0004_0003));
    for count in [0, 3, 4] {
        assert_eq!(items::func(&halves[..count]), None);
    }
    assert!([0, 1, 2, 3].iter().all(|count| items::expression(&halves[..*count]).is_none()));
}

// @need-ids: REQ_TRADITIONAL_001
#[test]
fn an_entry_says_how_high_its_frame_is_and_the_same_where_its_bytecode_lies_further_down() {
    let sides = [
        Side::Label { height: 1, arity: 2 },
        Side::Head { charge: 3, height: 4 },
        Side::Branch { target: 5 },
        Side::Return { results: 7 },
        Side::Call { height: 5, params: 1 },
        Side::After { results: 1, length: 2 },
        Side::Point { height: 6 },
        Side::Slot { slot: 8, pair: true },
    ];
    let heights = sides.map(Side::height);
    assert_eq!(heights, [None, Some(4), None, None, Some(5), None, Some(6), None]);
    for side in sides {
        let entry = SideEntry::new(100, false, side).expect("small numbers");
        assert_eq!(entry.moved_down(60).map(|entry| (entry.offset(), entry.side())), Some((40, side)));
        assert_eq!(entry.moved_down(101), None);
    }
}
