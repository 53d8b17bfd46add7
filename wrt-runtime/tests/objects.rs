//! Structures and arrays of constant expressions: what the checker refuses, and a store that is full.

mod common;

use common::{Buffers, Builder, Rooms, operator, store};
use wrt_instructions::Part;
use wrt_instructions::operator::StructuralOp;
use wrt_runtime::Image;
use wrt_runtime::image::format::{ConstInstr, HeapType, Sub, ValType, flag, form};
use wrt_runtime::image::{FileRule, ImageError};
use wrt_runtime::instantiate::{Allocate, InstantiateError, OutOfStorage};
use wrt_safety::{LimitExceeded, Limits};

const STRUCT: u32 = 0;
const ARRAY: u32 = 1;
/// A structure with a field that has no default value.
const STRICT: u32 = 2;
const FUNC: u32 = 3;

/// An image with these types and a global of an `anyref` with this value.
fn image(init: &[ConstInstr]) -> Vec<u8> {
    let mut image = Builder::default();
    let strict = ValType::reference(false, HeapType::Concrete(ARRAY));
    // The widest that the build has.
    let wide = if Part::Simd.is_built() { ValType::V128 } else { ValType::I64 };
    image.val_types.extend([ValType::I8, wide.mutable(), ValType::I16.mutable(), strict]);
    for (kind, start, fields) in [(form::STRUCT, 0, 2), (form::ARRAY, 2, 1), (form::STRUCT, 3, 1), (form::FUNC, 0, 0)] {
        image.types.push(Sub { form: kind | form::OPEN, ..Sub::PLAIN }.record(start, fields, 0));
    }
    image.global(ValType::reference(true, HeapType::Concrete(ARRAY)), flag::MUTABLE, init);
    image.build()
}

fn structure(ty: u32) -> ConstInstr {
    operator(StructuralOp::StructNewDefault, ty.into())
}

fn array(ty: u32, length: u32) -> [ConstInstr; 2] {
    [operator(StructuralOp::I32Const, length.into()), operator(StructuralOp::ArrayNewDefault, ty.into())]
}

// @need-ids: REQ_IMAGE_001, REQ_TYPES_006
#[test]
fn what_is_made_must_be_a_type_of_its_form_with_default_values() {
    let rule = |init: &[ConstInstr]| match Image::parse(&image(init)) {
        Ok(_) => None,
        Err(ImageError::File { rule, .. }) => Some(rule),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(rule(&[structure(STRUCT)]), None);
    assert_eq!(rule(&array(ARRAY, 7)), None);
    for ty in [ARRAY, STRICT, FUNC, 4, u32::MAX] {
        assert_eq!(rule(&[structure(ty)]), Some(FileRule::ConstIndex), "{ty}");
    }
    for ty in [STRUCT, STRICT, FUNC, 4, u32::MAX] {
        assert_eq!(rule(&array(ty, 7)), Some(FileRule::ConstIndex), "{ty}");
    }
    assert_eq!(rule(&array(ARRAY, 7)[1..]), Some(FileRule::ConstStack));
}

// @need-ids: REQ_TYPES_006, REQ_LIMITS_001, REQ_RESOURCE_002
#[test]
fn a_store_has_room_for_so_many_objects() {
    let limits = Limits { max_gc_bytes: 128, ..Limits::DEFAULT };
    // A header and the fields, in words: 8 + 1 + 16 bytes of a structure, or 8 + 1 + 8 without vectors; 8 + 2 for each element of an array.
    let structure_words = if Part::Simd.is_built() { 4 } else { 3 };
    let cases =
        [(vec![structure(STRUCT)], structure_words), (array(ARRAY, 8).to_vec(), 3), (array(ARRAY, 9).to_vec(), 4)];
    for (init, words) in cases {
        let bytes = image(&init);
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&limits, &mut buffers, &mut rooms);
        let number = store.load(&bytes).expect("loads");
        // Room for 8 words.
        for made in 1..=8 / words {
            store.instantiate(number, &[]).expect("there is room");
            assert_eq!(store.usage().gc_bytes, made * words * 8);
        }
        let full = store.instantiate(number, &[]);
        assert_eq!(full, Err(InstantiateError::OutOfStorage(OutOfStorage::Objects)), "{words}");
        assert_eq!(store.usage().gc_bytes, 8 / words * words * 8);
    }
    let bytes = image(&array(ARRAY, u32::MAX));
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&limits, &mut buffers, &mut rooms);
    let number = store.load(&bytes).expect("loads");
    let wanted = (u64::from(u32::MAX) * 2).div_ceil(8) * 8 + 8;
    let limit = LimitExceeded { key: "max-gc-bytes", limit: 128, wanted };
    assert_eq!(store.instantiate(number, &[]), Err(InstantiateError::Limit(limit)));
}
