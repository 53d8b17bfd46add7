//! Exceptions in images assembled by hand: run in stores without an allocator, and refused where their handlers do not fit.

use crate::common::{Buffers, Builder, Machine, PLENTY, Rooms, fuel, plain, store};
use wrt_instructions::Trap;
use wrt_instructions::op::Plain;
use wrt_runtime::execute::Detail;
use wrt_runtime::image::ImageError;
use wrt_runtime::image::error::CodeRule;
use wrt_runtime::image::format::{HandlerRecord, NONE, ValType, kind};
use wrt_runtime::instr::{SPLIT, WIDE_LIMIT, WIDE_SCRATCH};
use wrt_runtime::stack::Waiting;
use wrt_runtime::{Extern, Image, Instr, Outcome};
use wrt_safety::Limits;

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;
/// Where the catching function of [`sample`] begins.
const CATCHER: u32 = 6;

fn throw(count: u8, tag: u32, slot: u32) -> [Instr; 2] {
    [plain(Plain::Throw, count, 0, tag), Instr::data(0, 0, slot)]
}

/// `throw` throws its two arguments with tag 1; `catch` calls it, and catches nothing of tag 0, what tag 1 carries, and all
/// else.
fn sample() -> Builder {
    let mut image = Builder::default();
    let (none, pair) = (image.ty(&[], &[]), image.ty(&[I32, I64], &[]));
    let sum = image.ty(&[I32, I64], &[I64]);
    image.tag(none);
    image.tag(pair);
    let thrower = image.func(pair, 3, |_| {
        [&[fuel(4), plain(Plain::Mov, 2, 1, 0), plain(Plain::Mov, 1, 0, 0)][..], &throw(2, 1, 1)].concat()
    });
    // Padding, so that the second function does not begin where the first one's length says.
    image.code.push(plain(Plain::Unreachable, 0, 0, 0));
    let catcher = image.func(sum, 7, |pc| {
        assert_eq!(pc, CATCHER);
        vec![
            fuel(8),
            plain(Plain::Mov2, 5, 0, 6 | 1 << 8),
            plain(Plain::Call, 5, 0, thrower),
            plain(Plain::ReturnConst, 0, 0, 1),
            // Where tag 1 leads to; the second of its values.
            plain(Plain::Return1, 4, 0, 0),
            plain(Plain::ReturnConst, 0, 0, 2),
        ]
    });
    image.handler(CATCHER + 2, CATCHER + 3, &[(0, CATCHER + 5, 3), (1, CATCHER + 4, 3), (NONE, CATCHER + 5, 0)]);
    image.export("throw", kind::FUNC, thrower);
    image.export("catch", kind::FUNC, catcher);
    image
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_002, REQ_FUEL_SCHEDULE_001
#[test]
fn a_store_without_an_allocator_runs_exceptions() {
    let file = sample().build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&file).expect("sound");
    let instance = store.instantiate(module, &[]).expect("room");
    let (throw, catch) = (store.export(instance, "throw").unwrap(), store.export(instance, "catch").unwrap());
    let mut machine = Machine::new();
    assert_eq!(machine.call(&mut store, catch, &[5, 6 << 40], PLENTY), Outcome::Finished);
    assert_eq!(machine.result(), 6 << 40);
    // The segments, the frame of the thrower, and two clauses.
    assert_eq!(PLENTY - machine.engine.remaining_fuel(), 8 + 4 + 1 + 2);
    assert_eq!(machine.call(&mut store, catch, &[5, 7], 12), Outcome::OutOfFuel { needed: 1 });
    assert_eq!(machine.resume(&mut store, 2), Outcome::OutOfFuel { needed: 3 });
    assert_eq!(machine.resume(&mut store, 1), Outcome::Finished);
    assert_eq!((machine.result(), machine.engine.remaining_fuel(), machine.state.depth), (7, 0, 0));
    assert_eq!(machine.call(&mut store, throw, &[5, 7], PLENTY), Outcome::Trapped(Trap::UncaughtException));
    assert_eq!(machine.state.trap.map(|trap| trap.detail), Some(Detail::Tag { index: 1 }));
    assert_eq!(PLENTY - machine.engine.remaining_fuel(), 4 + 1);
}

// @need-ids: REQ_EXCEPTIONS_002, REQ_REENTRY_001
#[test]
fn no_exception_passes_a_host_function_that_waits() {
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    let host = image.import_func("host", ty);
    image.tag(ty);
    let thrower = image.func(ty, 0, |_| [&[fuel(1)][..], &throw(0, 0, 0)].concat());
    let catcher =
        image.func(ty, 0, |_| vec![fuel(1), plain(Plain::CallImport, 0, 0, host), plain(Plain::Return, 0, 0, 0)]);
    image.handler(4, 5, &[(NONE, 5, 0)]);
    image.export("throw", kind::FUNC, thrower);
    image.export("catch", kind::FUNC, catcher);
    let file = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&file).expect("sound");
    let host = store.add_host_func(&[], &[], 9).expect("room");
    let instance = store.instantiate(module, &[host]).expect("room");
    let (throw, catch) = (store.export(instance, "throw").unwrap(), store.export(instance, "catch").unwrap());
    let Extern::Func(callee) = throw else { panic!("{throw:?}") };
    let mut machine = Machine::new();
    let Outcome::HostCall { base, .. } = machine.call(&mut store, catch, &[], PLENTY) else { panic!("no host call") };
    machine.reenter(&mut store, (base, 0), Waiting { host: 9, callee, state: 1 }, &[]).expect("room");
    assert_eq!(machine.resume(&mut store, 0), Outcome::Trapped(Trap::UncaughtException));
}

/// Breaks a rule.
type Mutation = fn(&mut Builder);

fn check(image: &Builder) -> Result<(), ImageError> {
    Image::parse(&image.build()).unwrap().check_code()
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_IMAGE_001, REQ_VERIFY_003
#[test]
fn handlers_that_do_not_fit_their_function_are_refused() {
    assert_eq!(check(&sample()), Ok(()));
    // The clauses are there from the last to the first: 2 is looked at first, then 1, then 0.
    let cases: [(u32, Mutation); 16] = [
        // Into another function, past all code, onto a data word: such a clause belongs to no function or to the wrong one.
        (CATCHER + 2, |image| image.catches[1].target.set(0)),
        (CATCHER + 2, |image| image.catches[2].target.set(u32::MAX)),
        (4, |image| {
            image.catches.insert(0, image.catches[0]);
            image.catches[0].target.set(4);
        }),
        // No such tag, and a slot where all tags are caught.
        (CATCHER + 4, |image| image.catches[1].tag.set(2)),
        (CATCHER + 5, |image| image.catches[0].slot.set(1)),
        // Values outside of the frame.
        (CATCHER + 4, |image| image.catches[1].slot.set(6)),
        (CATCHER + 4, |image| image.catches[1].slot.set(u32::MAX)),
        (CATCHER + 4, |image| image.catches[1].slot.set(SPLIT)),
        // Clauses that lead to themselves, upwards, or nowhere.
        (CATCHER + 4, |image| image.catches[1].next.set(1)),
        (CATCHER + 4, |image| image.catches[1].next.set(2)),
        (CATCHER + 5, |image| image.catches[0].next.set(0)),
        // Handlers out of order, without an end, of no clause, beyond the code.
        (CATCHER + 1, |image| image.handlers[1].pc.set(CATCHER + 1)),
        (CATCHER + 2, |image| image.handlers.truncate(1)),
        (CATCHER + 2, |image| image.handlers[0].first.set(3)),
        (1_000, |image| image.handlers.push(HandlerRecord { pc: 1_000.into(), first: NONE.into() })),
        // In the first function, with the clauses of the second.
        (1, |image| {
            let record = |pc: u32, first: u32| HandlerRecord { pc: pc.into(), first: first.into() };
            image.handlers.splice(0..0, [record(1, 2), record(2, NONE)]);
        }),
    ];
    for (number, (pc, mutate)) in cases.into_iter().enumerate() {
        let mut image = sample();
        mutate(&mut image);
        let expected = ImageError::Code { pc, rule: CodeRule::Handler };
        assert_eq!(check(&image), Err(expected), "case {number}");
    }
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_IMAGE_001
#[test]
fn a_throw_that_does_not_fit_its_tag_or_frame_is_refused() {
    let cases: [(CodeRule, u32, Mutation); 6] = [
        (CodeRule::Index, 3, |image| image.code[3].imm = 2),
        (CodeRule::Index, 3, |image| image.code[3].a = 1),
        (CodeRule::Index, 3, |image| image.code[3].b = 1),
        (CodeRule::Slot, 3, |image| image.code[4].imm = 2),
        (CodeRule::Slot, 3, |image| image.code[4].imm |= SPLIT),
        // Nobody runs on behind it.
        (CodeRule::FallsOff, 5, |image| image.code[5] = plain(Plain::Mov, 0, 0, 0)),
    ];
    for (number, (rule, pc, mutate)) in cases.into_iter().enumerate() {
        let mut image = sample();
        mutate(&mut image);
        assert_eq!(check(&image), Err(ImageError::Code { pc, rule }), "case {number}");
    }
    let mut image = sample();
    image.code.remove(5);
    image.funcs[1].pc_and_type.set(5);
    for record in &mut image.handlers {
        record.pc -= 1;
    }
    for clause in &mut image.catches {
        clause.target -= 1;
    }
    assert_eq!(check(&image), Ok(()), "a function may end with a throw");
}

/// A function that throws four values from its slots at `from` and returns those that it finds at `to`; either may say that
/// it stands on both sides of the scratch registers.
fn carrying(from: u32, to: u32) -> Builder {
    let mut image = Builder::default();
    let (carried, run) = (image.ty(&[I64; 4], &[]), image.ty(&[], &[I64; 4]));
    image.tag(carried);
    let place = |first: u32, index: u32| match first & !SPLIT {
        slot if first != slot && slot + index >= WIDE_LIMIT => slot + index + WIDE_SCRATCH,
        slot => slot + index,
    };
    let func = image.func(run, 300, |_| {
        let mut code = vec![fuel(20)];
        for index in 0..4 {
            code.extend([plain(Plain::Const, 1, 0, 100 + index), plain(Plain::FarPut, 1, 0, place(from, index))]);
        }
        code.extend(throw(4, 0, from));
        for index in 0..4 {
            code.extend([plain(Plain::FarGet, 1, 0, place(to, index)), plain(Plain::FarPut, 1, 0, 2 + index)]);
        }
        code.push(plain(Plain::ReturnMany, 2, 0, 4));
        code
    });
    image.handler(9, 11, &[(0, 11, to)]);
    image.export("run", kind::FUNC, func);
    image
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_VERIFY_003
#[test]
fn values_on_both_sides_of_the_scratch_registers_go_anywhere() {
    let run = |from: u32, to: u32| {
        let file = carrying(from, to).build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let module = store.load(&file).expect("sound");
        let instance = store.instantiate(module, &[]).expect("room");
        let func = store.export(instance, "run").unwrap();
        let mut machine = Machine::new();
        let outcome = machine.call(&mut store, func, &[], PLENTY);
        let base = machine.state.base;
        (outcome, machine.slots(base, 4).to_vec())
    };
    let slots = || (240..=WIDE_LIMIT).flat_map(|slot| [slot, slot | SPLIT]).chain([10, 250, 290]);
    for from in slots() {
        for to in slots() {
            assert_eq!(run(from, to), (Outcome::Finished, vec![100, 101, 102, 103]), "{from:#x} {to:#x}");
        }
        // What only a hostile image says: no values stand before the scratch registers.
        for to in WIDE_LIMIT + 1..260 {
            let (outcome, _) = run(from, to | SPLIT);
            assert_eq!(outcome, Outcome::Finished, "{from:#x} {to:#x}");
        }
    }
}
