//! What no host should hand in: broken states, stores that lack things, numbers of nothing. Each has an answer with a name.

use crate::common::{
    Buffers, Builder, Machine, PASSIVE, Rooms, add, fuel, plain, raw_operator, small_memory, small_table, store,
};
use wrt_instructions::Trap;
use wrt_instructions::op::{Operands, Plain};
use wrt_runtime::execute::{Broken, Missing};
use wrt_runtime::fixed_store::LoadError;
use wrt_runtime::image::format::{ConstRange, GlobalRecord, ValType, flag, kind};
use wrt_runtime::instantiate::{OutOfStorage, restart, table_state};
use wrt_runtime::memory::{MemoryBudget, MemoryMetrics, MemoryState};
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::stackless::Observer;
use wrt_runtime::table::TableState;
use wrt_runtime::types::TableType;
use wrt_runtime::{
    Cell, Engine, Execute, Fault, FixedStore, Image, InstantiateError, Instr, Memory, Outcome, Stack, StacklessEngine,
    Storage, Table,
};
use wrt_safety::{Limits, VerificationLevel};

const I32: ValType = ValType::I32;

/// Positions that are marks, from the last one down: the end of a call, no call, a host function that is to be called, was called, and
/// waits.
const ENTRY: u32 = u32::MAX;
const DONE: u32 = u32::MAX - 1;
const HOST_CALL: u32 = u32::MAX - 2;
const HOST_RETURN: u32 = u32::MAX - 3;
const HOST_WAITS: u32 = u32::MAX - 4;
/// The instance below is this one, of which there is none.
const BOUNDARY: u32 = 0xC000_0009;
/// A function that has no code yet.
const ABSENT: u32 = 0x8000_0009;

/// A function that adds 1, and is exported as `next`.
fn image() -> Builder {
    let mut image = Builder::default();
    let ty = image.ty(&[I32], &[I32]);
    let func = image.func(ty, 1, |_| vec![fuel(3), add(Operands::RI, 0, 0, 1), plain(Plain::Return1, 0, 0, 0)]);
    image.export("next", kind::FUNC, func);
    image
}

/// Loads and instantiates an image without imports, and does something with the store.
fn with<T>(image: &Builder, then: impl FnOnce(&mut FixedStore<'_>, u32) -> T) -> T {
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    then(&mut store, instance)
}

/// What an engine makes of a state, with a frame below it that is at the beginning of the code.
fn resume(engine: &mut dyn Execute, store: &mut FixedStore<'_>, state: CallState) -> Outcome {
    let (mut slots, mut frames) = ([0; 300], [Frame::default(); 4]);
    let mut state = state;
    engine.resume(store, &mut Stack::new(&mut slots, &mut frames, 4, &mut state))
}

// @need-ids: REQ_ERROR_003, REQ_VERIFY_003, REQ_001
#[test]
fn a_state_that_is_none_has_an_answer_on_both_engines() {
    let corrupt = Outcome::Trapped(Trap::CorruptCode);
    let missing = |what| Outcome::Fault(Fault::Missing(what));
    let base = CallState { instance: 0, ..CallState::default() };
    assert_eq!(CallState::default(), CallState::IDLE);
    // What the stackless engine makes of it, and the other one, which finds no bytecode where there is a place in code.
    let cases = [
        (CallState { pc: DONE, ..base }, Outcome::Finished, Outcome::Finished),
        (CallState { pc: ENTRY, ..base }, Outcome::Finished, Outcome::Finished),
        (
            CallState { pc: HOST_CALL, host: 7, ..base },
            Outcome::HostCall { func: 7, base: 0 },
            Outcome::HostCall { func: 7, base: 0 },
        ),
        (CallState { pc: HOST_RETURN, ..base }, corrupt, corrupt),
        (CallState { pc: HOST_WAITS, ..base }, corrupt, corrupt),
        (CallState { pc: BOUNDARY, ..base }, corrupt, corrupt),
        (CallState { pc: ABSENT, ..base }, corrupt, corrupt),
        // The frame below is another instance's.
        (CallState { pc: BOUNDARY, depth: 1, ..base }, missing(Missing::Instance), missing(Missing::Bytecode)),
        (CallState { pc: 1_000, ..base }, corrupt, missing(Missing::Bytecode)),
        (CallState { pc: 0, instance: 9, ..base }, missing(Missing::Instance), missing(Missing::Bytecode)),
        // Returning where nothing is below.
        (CallState { pc: 2, ..base }, corrupt, missing(Missing::Bytecode)),
    ];
    with(&image(), |store, _| {
        for (state, stackless, traditional) in cases {
            let mut engine = StacklessEngine::new(VerificationLevel::None);
            engine.set_fuel(100);
            assert_eq!(resume(&mut engine, store, state), stackless, "{state:?}");
            let mut engine = Engine::new(VerificationLevel::None);
            engine.set_fuel(100);
            assert_eq!(resume(&mut engine, store, state), traditional, "{state:?}");
        }
    });
}

// @need-ids: REQ_VERIFY_004, REQ_VERIFY_003
#[test]
fn a_state_that_breaks_a_rule_is_told_before_anything_runs() {
    let base = CallState { pc: 0, ..CallState::IDLE };
    let cases = [
        (CallState { depth: 5, ..base }, Broken::Depth),
        (CallState { marks: 1, ..base }, Broken::Marks),
        (CallState { base: 200, ..base }, Broken::Base),
    ];
    with(&image(), |store, _| {
        for (state, rule) in cases {
            let broken = Outcome::Fault(Fault::Integrity(rule));
            assert_eq!(resume(&mut StacklessEngine::new(VerificationLevel::Full), store, state), broken);
            let mut engine = Engine::new(VerificationLevel::Full);
            assert_eq!(resume(&mut engine, store, state), broken);
            assert_eq!(engine.stats().verifications, 1);
        }
    });
}

// @need-ids: REQ_ERROR_003
#[test]
fn a_call_of_no_function_and_one_that_does_not_fit_are_told() {
    with(&image(), |store, instance| {
        let mut engines: [&mut dyn Execute; 2] =
            [&mut StacklessEngine::new(VerificationLevel::Full), &mut Engine::new(VerificationLevel::Full)];
        for engine in &mut engines {
            let (mut slots, mut frames, mut state) = ([0; 300], [Frame::default(); 4], CallState::IDLE);
            let mut stack = Stack::new(&mut slots, &mut frames, 4, &mut state);
            let missing = Outcome::Fault(Fault::Missing(Missing::Function));
            assert_eq!(engine.execute(store, &mut stack, instance, 1, 0, &[]), missing);
            assert_eq!(engine.execute(store, &mut stack, 9, 0, 0, &[]), missing);
            let full = Outcome::Trapped(Trap::CallStackExhausted);
            assert_eq!(engine.execute(store, &mut stack, instance, 0, 0, &[0; 400]), full);
            assert_eq!(stack.state.trap.map(|info| info.trap), Some(Trap::CallStackExhausted));
        }
        // The arguments fit, and the frame does not.
        let (mut slots, mut frames, mut state) = ([0; 300], [Frame::default(); 4], CallState::IDLE);
        let mut stack = Stack::new(&mut slots, &mut frames, 4, &mut state);
        let limit = stack.slot_limit();
        let full = Outcome::Trapped(Trap::CallStackExhausted);
        let mut engine = StacklessEngine::new(VerificationLevel::Full);
        assert_eq!(engine.execute(store, &mut stack, instance, 0, limit, &[]), full);
    });
}

/// Counts instructions, and does not care for more.
#[derive(Default)]
struct Counter(u32);

impl Observer for Counter {
    fn instruction(&mut self, _: u32, _: u32, _: Instr, _: Instr) {
        self.0 += 1;
    }
}

// @need-ids: REQ_012
#[test]
fn an_observer_sees_instructions_whether_or_not_it_asks_for_what_is_paid() {
    with(&image(), |store, instance| {
        let mut engine = StacklessEngine::new(VerificationLevel::Full);
        engine.set_fuel(100);
        let (mut slots, mut frames, mut state) = ([0; 300], [Frame::default(); 4], CallState::IDLE);
        let mut stack = Stack::new(&mut slots, &mut frames, 4, &mut state);
        let addr = store.func_addr(instance, 0).unwrap();
        engine.begin(store, &mut stack, addr, 0, &[41]).unwrap();
        let mut counter = Counter::default();
        assert_eq!(engine.resume_observed(store, &mut stack, &mut counter), Outcome::Finished);
        // A head is seen each time that it is tried.
        assert!(counter.0 >= 3, "{}", counter.0);
        assert_eq!((slots[0], engine.remaining_fuel()), (42, 97));
    });
}

// @need-ids: REQ_IMAGE_002, REQ_RESOURCE_002, REQ_ERROR_001
#[test]
fn an_image_runs_wherever_it_lies_if_there_is_room_for_what_is_copied() {
    let bytes = image().build();
    for shift in 0..8 {
        let shifted = [&[0; 8][..shift], &bytes].concat();
        let bytes = &shifted[shift..];
        for room in [1_024, 2] {
            let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
            buffers.cells.truncate(room);
            let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
            let code = Image::parse(bytes).unwrap().code;
            if room == 2 && Cell::in_place(code).is_none() {
                assert_eq!(store.load(bytes), Err(LoadError::OutOfStorage(OutOfStorage::Instructions)));
                assert_eq!(store.types().records.len(), 0, "nothing is left of it");
                continue;
            }
            let module = store.load(bytes).unwrap();
            let instance = store.instantiate(module, &[]).unwrap();
            let next = store.export(instance, "next").unwrap();
            let mut machine = Machine::new();
            assert_eq!(machine.call(&mut store, next, &[6], 100), Outcome::Finished);
            assert_eq!(machine.result(), 7, "shifted by {shift}");
        }
    }
}

// @need-ids: REQ_IMAGE_002, REQ_ERROR_003
#[test]
fn each_of_several_images_is_found_by_its_number() {
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let images: Vec<Vec<u8>> = (0..3)
        .map(|more| {
            let mut image = image();
            image.memories.extend((0..more).map(|_| small_memory(0, 0)));
            image.build()
        })
        .collect();
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    for (number, bytes) in (0..).zip(&images) {
        assert_eq!(store.load(bytes), Ok(number));
    }
    for number in [0, 2, 1] {
        assert_eq!(store.loaded_image(number).unwrap().memories.len(), number as usize);
    }
    assert!(store.loaded_image(3).is_none() && store.loaded_image(u32::MAX).is_none());
    assert_eq!(store.instantiate(0, &[]), Ok(0));
    assert_eq!(store.instantiate(3, &[]), Err(InstantiateError::Corrupt("no such image")));
    assert_eq!(store.restart(1), Err(InstantiateError::Corrupt("no such instance")));
}

// @need-ids: REQ_RESTART_001, REQ_ERROR_003
#[test]
fn an_instance_is_made_new_of_its_own_image_alone() {
    let own = image().build();
    let mut other = image();
    other.memory(1, 1);
    let other = other.build();
    let other = Image::parse(&other).unwrap();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&own).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    assert!(matches!(restart(&mut store, &other, instance), Err(InstantiateError::Corrupt(_))));
    assert!(matches!(restart(&mut store, &other, 9), Err(InstantiateError::Corrupt(_))));
    assert_eq!(store.restart(instance), Ok(()));
}

// @need-ids: REQ_IMAGE_001, REQ_TABLE_001
#[test]
fn an_expression_that_nobody_checked_leaves_what_it_should_or_no_instance() {
    let mut builder = image();
    builder.element(PASSIVE, 0, &[0]);
    let range = builder.constant(&[raw_operator(0x41, 5), raw_operator(0x41, 6), raw_operator(0x6A, 0)]);
    let bytes = builder.build();
    let sane = Image::parse(&bytes).unwrap();
    for (length, sound) in [(0, false), (1, true), (2, false), (3, true), (4, false)] {
        let range = ConstRange { length: length.into(), ..range };
        let globals = [GlobalRecord { ty: I32, flags: flag::EXPRESSION.into(), slot: 0.into(), init: range.into() }];
        let image = Image { globals: &globals, ..sane };
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        store.load(&bytes).unwrap();
        store.instantiate(0, &[]).unwrap();
        let made = wrt_runtime::instantiate(&mut store, &image, &[]);
        assert_eq!(made.is_ok(), sound, "{length}: {made:?}");
    }
}

// @need-ids: REQ_MEM_SAFETY_002, REQ_RESOURCE_002
#[test]
fn views_of_what_the_storage_has_not_are_none() {
    let (metrics, budget) = (MemoryMetrics::new(), MemoryBudget::default());
    for (bytes, there) in [(0, true), (8, true), (9, false)] {
        let (mut storage, mut state) = ([0; 8], MemoryState { bytes, ..MemoryState::EMPTY });
        let memory = Memory::new(&mut storage, &mut state, &metrics, &budget);
        assert_eq!(memory.map(|memory| (memory.is_empty(), memory.len())), there.then_some((bytes == 0, bytes as u64)));
    }
    for (size, there) in [(8, true), (9, false)] {
        let (mut storage, mut state) = ([0; 8], TableState { size, max: 9, index64: false });
        assert_eq!(Table::new(&mut storage, &mut state).is_some(), there);
    }
    let ty = |min, max| TableType { max, ..TableType::from(&small_table(min, 0)) };
    assert!(table_state(&ty(5, Some(5)), &Limits::DEFAULT).is_ok());
    assert!(matches!(table_state(&ty(5, Some(4)), &Limits::DEFAULT), Err(InstantiateError::Corrupt(_))));
}
