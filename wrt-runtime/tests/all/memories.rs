//! Several memories, 64-bit indices and wide arithmetic in images assembled by hand: run in a store without an allocator,
//! and refused where they break a rule.

use crate::common::{
    ACTIVE, Buffers, Builder, Machine, PASSIVE, PLENTY, Rooms, fuel, operator, plain, refused, run, small_memory,
    small_table, store,
};
use wrt_instructions::op::{LoadForm, Plain, StoreForm};
use wrt_instructions::operator::{LoadOp, StoreOp, StructuralOp, WideOp};
use wrt_instructions::{Op, Trap};
use wrt_runtime::execute::Detail;
use wrt_runtime::image::ImageError;
use wrt_runtime::image::error::CodeRule;
use wrt_runtime::image::format::{MemoryRecord, TableRecord, ValType, flag, kind, mode};
use wrt_runtime::memory::Growth;
use wrt_runtime::{Extern, Image, InstantiateError, Instr, Outcome, Storage};
use wrt_safety::{LimitExceeded, Limits};

const I64: ValType = ValType::I64;

fn far_load(op: LoadOp, a: u8, b: u8, offset: u64, memory: u32) -> [Instr; 2] {
    let data = Instr::data(memory as u8, (memory >> 8) as u8, (offset >> 32) as u32);
    [Instr::new(Op::load(op, LoadForm::Far), a, b, offset as u32), data]
}

fn far_store(op: StoreOp, a: u8, b: u8, offset: u64, memory: u32) -> [Instr; 2] {
    let data = Instr::data(memory as u8, (memory >> 8) as u8, (offset >> 32) as u32);
    [Instr::new(Op::store(op, StoreForm::Far), a, b, offset as u32), data]
}

/// One-byte pages and 64-bit addresses.
fn wide_memory(min: u64, max: u64) -> MemoryRecord {
    MemoryRecord { flags: (flag::MAXIMUM | flag::INDEX64).into(), ..small_memory(min, max) }
}

fn end() -> Instr {
    plain(Plain::Return1, 1, 0, 0)
}

/// A function for each memory that stores its second argument at its first and loads it again, 8 bytes further on.
fn accesses(image: &mut Builder, memories: u32) {
    let ty = image.ty(&[I64, I64], &[I64]);
    for memory in 0..memories {
        let put = far_store(StoreOp::I64Store, 0, 1, 8, memory);
        let get = far_load(LoadOp::I64Load, 1, 0, 8, memory);
        let func = image.func(ty, 2, |_| [&[fuel(5)][..], &put, &get, &[end()]].concat());
        image.export(&format!("{memory}"), kind::FUNC, func);
    }
}

// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001, REQ_002
#[test]
fn accesses_reach_their_memories_in_a_store_without_an_allocator() {
    let mut image = Builder::default();
    // With four the engine sees all of them; a fifth is one of them again, and then it sees but the first.
    for twice in [false, true] {
        let sizes = [32_u64, 40, 48, 56];
        if twice {
            image = Builder::default();
            image.import_memory("m", small_memory(32, 64));
            image.import_memory("m", small_memory(32, 64));
        } else {
            image.memories.push(small_memory(32, 64));
        }
        image.memories.extend([small_memory(40, 40), wide_memory(48, 50), wide_memory(56, 100)]);
        let memories = if twice { 5 } else { 4 };
        accesses(&mut image, memories);
        let bytes = image.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let mut exporting = Builder::default();
        exporting.memory(32, 64);
        exporting.export("m", kind::MEMORY, 0);
        let exporting = exporting.build();
        let imports: Vec<Extern> = if twice {
            let module = store.load(&exporting).unwrap();
            let other = store.instantiate(module, &[]).unwrap();
            vec![store.export(other, "m").unwrap(); 2]
        } else {
            Vec::new()
        };
        let module = store.load(&bytes).unwrap();
        let instance = store.instantiate(module, &imports).unwrap();
        let seen = store.instance(instance).unwrap();
        let lengths: Vec<_> = seen.more_memories.iter().map(|memory| memory.len()).collect();
        assert_eq!((seen.memory.len(), lengths), (32, if twice { vec![0; 3] } else { vec![40, 48, 56] }));
        for memory in 0..memories {
            let size = sizes[memory.saturating_sub(u32::from(twice)) as usize];
            let name = memory.to_string();
            let value = 0x1122_3344_5566_7788 + u64::from(memory);
            assert_eq!(run(&mut store, instance, &name, &[size - 16, value]), Ok(value));
            for address in [size - 15, size, 1 << 32, u64::MAX - 7, u64::MAX] {
                let found = run(&mut store, instance, &name, &[address, value]);
                assert_eq!(found, Err(Trap::MemoryOutOfBounds), "memory {memory} at {address:x}");
            }
            let view = store.memory(instance, memory).unwrap();
            assert_eq!(view.data()[size as usize - 8..], value.to_le_bytes());
        }
        let first = store.memory(instance, 0).unwrap().data().to_vec();
        assert_eq!(store.memory(instance, 1).unwrap().data() == first, twice);
    }
}

// @need-ids: REQ_TRAP_001, REQ_MULTI_MEMORY_001
#[test]
fn a_far_access_that_traps_says_where_and_of_how_large_a_memory() {
    let mut image = Builder::default();
    image.memories.extend([small_memory(8, 8), wide_memory(20, 20)]);
    accesses(&mut image, 2);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    for (name, at, address, size) in [("0", 3, 11, 8), ("1", 5, 13, 20), ("1", u64::MAX - 2, u64::MAX, 20)] {
        let mut machine = Machine::new();
        let func = store.export(instance, name).unwrap();
        assert_eq!(machine.call(&mut store, func, &[at, 0], PLENTY), Outcome::Trapped(Trap::MemoryOutOfBounds));
        let detail = Detail::Memory { address, length: 8, size };
        assert_eq!(machine.state.trap.map(|info| info.detail), Some(detail));
    }
}

/// Grows, sizes, fills, copies and fills from a segment, each with its operands in slots 0 to 2.
fn whole(image: &mut Builder, name: &str, row: Plain, (a, b): (u8, u8), data: Option<u32>) {
    let ty = u32::try_from(image.types.len()).unwrap() - 1;
    let data = data.map(|data| Instr::data(0, 0, data));
    let func = image.func(ty, 3, |_| {
        [vec![fuel(4), plain(row, a, b, 0)], data.into_iter().collect(), vec![plain(Plain::Return1, 0, 0, 0)]].concat()
    });
    image.export(name, kind::FUNC, func);
}

// @need-ids: REQ_MEMORY64_001, REQ_MULTI_MEMORY_001, REQ_FUEL_002, REQ_RESOURCE_001
#[test]
fn operators_on_whole_memories_take_64_bits_and_pause_in_the_middle() {
    let mut image = Builder::default();
    image.ty(&[I64, I64, I64], &[I64]);
    image.memories.extend([wide_memory(300, 310), small_memory(400, 400), wide_memory(500, 500)]);
    image.data(PASSIVE, 0, &[0xA5; 200]);
    whole(&mut image, "grow0", Plain::MemoryGrow, (0, 0), None);
    whole(&mut image, "grow1", Plain::MemoryGrow, (1, 0), None);
    whole(&mut image, "fill0", Plain::MemoryFill, (0, 0), None);
    whole(&mut image, "fill2", Plain::MemoryFill, (2, 0), None);
    whole(&mut image, "copy00", Plain::MemoryCopy, (0, 0), None);
    whole(&mut image, "copy12", Plain::MemoryCopy, (1, 2), None);
    whole(&mut image, "init2", Plain::MemoryInit, (2, 0), Some(0));
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    for (name, args) in [
        ("fill0", [1 << 32, 0, 1]),
        ("fill0", [0, 0, 1 << 32]),
        ("fill0", [u64::MAX, 0, 2]),
        ("fill2", [u64::MAX, 0, u64::MAX]),
        ("copy00", [0, 1 << 63, 1]),
        ("copy00", [1 << 32, 0, 1]),
        ("copy12", [0, 1 << 32, 1]),
        ("init2", [1 << 32, 0, 1]),
        ("init2", [0, 1 << 32, 1]),
    ] {
        assert_eq!(run(&mut store, instance, name, &args), Err(Trap::MemoryOutOfBounds), "{name} {args:x?}");
    }
    for (name, delta, expected) in
        [("grow0", 1 << 32, u64::MAX), ("grow0", 11, u64::MAX), ("grow1", 1, u64::from(u32::MAX)), ("grow0", 10, 300)]
    {
        assert_eq!(run(&mut store, instance, name, &[delta, 0, 0]), Ok(expected), "{name} {delta:x}");
    }
    for slice in [1, 2, 3, PLENTY] {
        for (name, args) in [
            ("fill0", [0, 7, 310]),
            ("fill2", [0, 9, 500]),
            ("init2", [100, 3, 197]),
            ("copy12", [10, 60, 390]),
            ("fill0", [100, 3, 100]),
            ("copy00", [90, 20, 200]),
        ] {
            let mut machine = Machine::new();
            let func = store.export(instance, name).unwrap();
            let mut outcome = machine.call(&mut store, func, &args, slice);
            while let Outcome::OutOfFuel { .. } = outcome {
                outcome = machine.resume(&mut store, slice);
            }
            assert_eq!(outcome, Outcome::Finished, "{name}");
        }
        let mut expected = [vec![7; 310], vec![0; 400], vec![9; 500]];
        expected[2][100..297].fill(0xA5);
        let copied = expected[2][60..450].to_vec();
        expected[1][10..].copy_from_slice(&copied);
        expected[0][100..200].fill(3);
        expected[0].copy_within(20..220, 90);
        for (memory, expected) in (0..).zip(&expected) {
            assert_eq!(store.memory(instance, memory).unwrap().data(), expected, "memory {memory}, slices of {slice}");
        }
    }
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_003, REQ_MEMORY64_001
#[test]
fn memories_share_a_limit_and_absurd_sizes_are_an_error() {
    let load = |record: MemoryRecord, limits: Limits| {
        let mut image = Builder::default();
        image.memories.extend([small_memory(100, 200), record]);
        let bytes = image.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&limits, &mut buffers, &mut rooms);
        let module = store.load(&bytes).unwrap();
        let instance = store.instantiate(module, &[])?;
        let growths = [(0, 50), (1, 60), (1, 1), (0, 0)];
        Ok::<_, InstantiateError>(growths.map(|(memory, delta)| store.memory(instance, memory).unwrap().grow(delta)))
    };
    let limits = Limits { max_total_memory_bytes: 300, ..Limits::DEFAULT };
    let exceeded = |key, limit, wanted| Err(InstantiateError::Limit(LimitExceeded { key, limit, wanted }));
    assert_eq!(load(wide_memory(201, 300), limits), exceeded("max-total-memory-bytes", 300, 301));
    let grown = [Growth::Grown(100), Growth::Refused, Growth::Grown(140), Growth::Grown(150)];
    assert_eq!(load(wide_memory(140, 300), limits), Ok(grown));
    // All that 64 bits can address.
    let all = MemoryRecord { page_log2: 16.into(), ..wide_memory(1 << 48, 1 << 48) };
    assert_eq!(load(all, Limits::DEFAULT), exceeded("max-memory-bytes", 4 << 30, u64::MAX));
    let most = Limits { max_memory_bytes: u64::MAX, max_total_memory_bytes: u64::MAX, ..Limits::DEFAULT };
    assert!(matches!(load(all, most), Err(InstantiateError::OutOfStorage(_))));
}

// @need-ids: REQ_MEMORY64_001, REQ_018
#[test]
fn active_segments_have_64_bit_offsets() {
    let load = |at: u64| {
        let mut image = Builder::default();
        image.memories.push(wide_memory(20, 20));
        image.tables.push(TableRecord { flags: (flag::MAXIMUM | flag::INDEX64).into(), ..small_table(4, 4) });
        let ty = image.ty(&[], &[]);
        let func = image.func(ty, 0, |_| vec![fuel(0), plain(Plain::Return, 0, 0, 0)]);
        image.element(ACTIVE, 0, &[func]);
        image.data(ACTIVE, 0, b"data");
        let offset = image.constant(&[operator(StructuralOp::I64Const, at)]);
        (image.data[0].mode, image.data[0].offset) = (mode::COMPUTED.into(), offset.into());
        image.elements[0].offset = at.into();
        let bytes = image.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let module = store.load(&bytes).unwrap();
        let instance = store.instantiate(module, &[])?;
        let data = store.memory(instance, 0).unwrap().data().to_vec();
        Ok::<_, InstantiateError>((data, store.table(instance, 0).unwrap().elements().to_vec()))
    };
    let (data, elements) = load(3).unwrap();
    assert_eq!((&data[3..7], elements[3]), (&b"data"[..], 1));
    for at in [4, 1 << 32, 1 << 32 | 3, u64::MAX] {
        assert!(matches!(load(at), Err(InstantiateError::Trap(_))), "{at:x}");
    }
}

/// What the checker says of a function with this body, four slots, and two memories.
fn checked(body: Vec<Instr>) -> Result<(), ImageError> {
    let mut image = Builder::default();
    image.memories.extend([small_memory(8, 8), wide_memory(8, 8)]);
    image.data(PASSIVE, 0, b"x");
    let ty = image.ty(&[], &[]);
    image.func(ty, 4, |_| [vec![fuel(9)], body, vec![plain(Plain::Return, 0, 0, 0)]].concat());
    let bytes = image.build();
    Image::parse(&bytes).unwrap().check_code()
}

// @need-ids: REQ_IMAGE_001, REQ_MULTI_MEMORY_001
#[test]
fn far_accesses_are_checked_for_their_memory_their_registers_and_their_data_word() {
    for memory in [0, 1] {
        assert_eq!(checked(far_load(LoadOp::I32Load, 3, 3, u64::MAX, memory).into()), Ok(()));
        assert_eq!(checked(far_store(StoreOp::F64Store, 3, 3, u64::MAX, memory).into()), Ok(()));
    }
    // The index takes both bytes of the data word.
    for memory in [2, 255, 256, 0xFFFF] {
        assert_eq!(checked(far_load(LoadOp::I32Load, 0, 0, 0, memory).into()), refused(1, CodeRule::Index));
        assert_eq!(checked(far_store(StoreOp::I32Store, 0, 0, 0, memory).into()), refused(1, CodeRule::Index));
    }
    for (a, b) in [(4, 0), (0, 4)] {
        assert_eq!(checked(far_load(LoadOp::I32Load, a, b, 0, 1).into()), refused(1, CodeRule::Register));
        assert_eq!(checked(far_store(StoreOp::I32Store, a, b, 0, 1).into()), refused(1, CodeRule::Register));
    }
    let [load, data] = far_load(LoadOp::I32Load, 0, 0, 0, 1);
    assert_eq!(checked(vec![load, fuel(1)]), refused(1, CodeRule::DataWord));
    assert_eq!(checked(vec![load, data, data]), refused(3, CodeRule::DataWord));
    // Nothing may be taken from the accumulators after it: the driver may have done it.
    let taking = Instr::new(Op::load(LoadOp::I32Load, LoadForm::A64), 0, 0, 0);
    assert_eq!(checked(vec![load, data, taking]), refused(3, CodeRule::Accumulator));
    let near = Instr::new(Op::load(LoadOp::I64Load, LoadForm::R64), 0, 0, 0);
    let store = Instr::new(Op::store(StoreOp::I64Store, StoreForm::A64), 1, 0, 0);
    assert_eq!(checked(vec![near, taking, store]), Ok(()));
    assert_eq!(checked(vec![near, fuel(1), store]), refused(3, CodeRule::Accumulator));
    let imm = |a| Instr::new(Op::store(StoreOp::I64Store, StoreForm::Imm64), a, 200, 0);
    assert_eq!((checked(vec![imm(3)]), checked(vec![imm(4)])), (Ok(()), refused(1, CodeRule::Register)));
}

// @need-ids: REQ_IMAGE_001, REQ_MULTI_MEMORY_001
#[test]
fn operators_on_whole_memories_and_wide_arithmetic_are_checked() {
    for (a, b) in [(2, 0), (0, 1), (1, 1)] {
        for row in [Plain::MemoryGrow, Plain::MemoryFill] {
            assert_eq!(checked(vec![plain(row, a, b, 0)]), refused(1, CodeRule::Index), "{row:?}");
        }
        let init = vec![plain(Plain::MemoryInit, a, b, 0), Instr::data(0, 0, 0)];
        assert_eq!(checked(init), refused(1, CodeRule::Index));
    }
    assert_eq!(checked(vec![plain(Plain::MemoryCopy, 1, 1, 0), plain(Plain::MemoryFill, 1, 0, 1)]), Ok(()));
    for (a, b) in [(2, 0), (0, 2)] {
        assert_eq!(checked(vec![plain(Plain::MemoryCopy, a, b, 0)]), refused(1, CodeRule::Index));
    }
    for op in WideOp::ALL {
        let wide = |a, b, registers| vec![Instr::new(Op::wide(*op), a, b, u32::from_le_bytes(registers))];
        assert_eq!(checked(wide(3, 3, [3; 4])), Ok(()));
        assert_eq!(checked(wide(4, 0, [0; 4])), refused(1, CodeRule::Register));
        assert_eq!(checked(wide(0, 4, [0; 4])), refused(1, CodeRule::Register));
        for operand in 0..4 {
            let mut registers = [0; 4];
            registers[operand] = 4;
            let read = operand < op.operands() as usize;
            let expected = if read { refused(1, CodeRule::Register) } else { Ok(()) };
            assert_eq!(checked(wide(0, 0, registers)), expected, "{op:?} {operand}");
        }
    }
}
