//! Structures and arrays of constant expressions: what the checker refuses, and a store that is full.

use crate::common::{Buffers, Builder, Machine, Rooms, fuel, operator, plain, store};
use wrt_instructions::op::Plain;
use wrt_instructions::operator::StructuralOp;
use wrt_instructions::{Part, Trap};
use wrt_runtime::heap::layout::{Field, Packed};
use wrt_runtime::image::format::{ConstInstr, HeapType, Sub, ValType, flag, form, kind};
use wrt_runtime::image::{FileRule, ImageError};
use wrt_runtime::instantiate::{Allocate, InstantiateError, OutOfStorage};
use wrt_runtime::{Image, Instr, Outcome};
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

/// Runs the code of a function with these slots in an image with the types of [`image`]; its slots afterwards.
fn slots(code: &[Instr], arguments: &[u64]) -> Result<Vec<u64>, Trap> {
    let mut image = Builder::default();
    image.val_types.extend([ValType::I8.mutable(), ValType::I64.mutable(), ValType::I16.mutable()]);
    for (kind, start, fields) in [(form::STRUCT, 0, 2), (form::ARRAY, 2, 1)] {
        image.types.push(Sub { form: kind | form::OPEN, ..Sub::PLAIN }.record(start, fields, 0));
    }
    let ty = image.ty(&[ValType::I64; 8], &[]);
    let end = plain(Plain::Return, 0, 0, 0);
    let func = image.func(ty, 8, |_| [&[fuel(20)], code, &[end]].concat());
    image.export("run", kind::FUNC, func);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).expect("loads");
    let instance = store.instantiate(module, &[]).expect("no imports");
    let func = store.export(instance, "run").expect("exported");
    let mut machine = Machine::new();
    match machine.call(&mut store, func, arguments, 1_000) {
        Outcome::Finished => Ok(machine.slots(0, 8).to_vec()),
        Outcome::Trapped(trap) => Err(trap),
        other => panic!("{other:?}"),
    }
}

/// What makes an object, what follows it, a slot, and what is there then.
type Case<'a> = (&'a [Instr], &'a [Instr], usize, Result<u64, Trap>);

// In small builds, all of these are the driver's.
// @need-ids: REQ_GC_001, REQ_TYPES_002, REQ_PARTS_001, REQ_TRAP_001
#[test]
fn operators_on_objects_do_in_every_build_what_they_say() {
    const SIGNED: u32 = 1 << 31;
    let field = |offset, packed: Packed| Field { offset, packed }.to_word();
    let (byte, long) = (field(0, Packed::I8), field(8, Packed::W64));
    let half = Packed::I16.log2() << 8;
    let of = |ty| ValType::reference(false, HeapType::Concrete(ty)).code.get();
    let made = [plain(Plain::StructNew, 0, 0, STRUCT), Instr::data(0, 0, 0)];
    let array = [plain(Plain::ArrayNew, 0, 0, ARRAY), Instr::data(0, 0, 0)];
    let i31 = u64::from(1_u32 << 31 | 5);
    // A structure of the arguments 0 and 1, or an array of as many as argument 1 says, in slot 0.
    let cases: [Case<'_>; 16] = [
        (&made, &[plain(Plain::StructGet, 2, 0, byte)], 2, Ok(0x80)),
        (&made, &[plain(Plain::StructGet, 2, 0, byte | SIGNED)], 2, Ok(0xFFFF_FF80)),
        (&made, &[plain(Plain::StructSet, 0, 3, long), plain(Plain::StructGet, 2, 0, long)], 2, Ok(7)),
        (&[], &[plain(Plain::StructGet, 2, 4, byte)], 2, Err(Trap::NullStructReference)),
        (&made, &[plain(Plain::StructGet, 2, 0, field(24, Packed::I8))], 2, Err(Trap::CorruptCode)),
        (&array, &[plain(Plain::ArrayLen, 2, 0, 0)], 2, Ok(9)),
        (&array, &[plain(Plain::ArrayGet, 2, 0, 3 | half | SIGNED)], 2, Ok(0x380)),
        (&array, &[plain(Plain::ArraySet, 0, 3, 5 | half), plain(Plain::ArrayGet, 2, 0, 3 | half)], 2, Ok(0xFFFF)),
        (&array, &[plain(Plain::ArrayGet, 2, 0, 1 | half)], 2, Err(Trap::ArrayOutOfBounds)),
        (&[], &[plain(Plain::ArrayLen, 2, 4, 0)], 2, Err(Trap::NullArrayReference)),
        (&[], &[plain(Plain::I31Get, 2, 6, 0)], 2, Ok(5)),
        (&[], &[plain(Plain::I31Get, 2, 4, 0)], 2, Err(Trap::NullI31Reference)),
        (&made, &[plain(Plain::RefTest, 2, 0, of(STRUCT)), plain(Plain::RefTest, 3, 0, of(ARRAY))], 2, Ok(1)),
        (&made, &[plain(Plain::RefCast, 0, 0, of(STRUCT)), plain(Plain::Const, 2, 0, 3)], 2, Ok(3)),
        (&made, &[plain(Plain::RefCast, 0, 0, of(ARRAY))], 2, Err(Trap::CastFailure)),
        (
            &made,
            &[plain(Plain::BrOnCast, 0, 0, of(STRUCT)), Instr::data(0, 0, 1), plain(Plain::Unreachable, 0, 0, 0)],
            3,
            Ok(7),
        ),
    ];
    for (number, (before, code, slot, expected)) in cases.into_iter().enumerate() {
        let found = slots(&[before, code].concat(), &[0x380, 9, 0, 7, 0, 0xFFFF, i31, 0]);
        assert_eq!(found.map(|slots| slots[slot]), expected, "case {number}");
    }
}
