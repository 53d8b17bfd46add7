//! Every row of the register IR, in every form, on edge values: a handler gives what its operator's pure function says.

use super::context::{Context, Stop, window};
use super::handlers::stepped;
use crate::instr::{Cell, Instr, UNWRITTEN, WINDOW_SLOTS};
use crate::stack::Frame;
use crate::storage::InstanceView;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, Test};
use wrt_instructions::operator::{BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, LoadOp, StoreOp, WideOp};
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use wrt_instructions::{Op, Trap};

extern crate std;
use std::vec;
use std::vec::Vec;

const INTEGERS: [u64; 20] = [
    0,
    1,
    2,
    3,
    7,
    31,
    32,
    63,
    64,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    u64::MAX,
];

fn floats32() -> Vec<u64> {
    let plain = [
        0.0,
        -0.0,
        0.5,
        1.0,
        1.5,
        -2.5,
        2_147_483_648.0,
        -2_147_483_904.0,
        1e-45,
        f32::MAX,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ];
    let nans = [0x7FC0_0000_u32, 0xFFC0_0001, 0x7F80_0001];
    plain.iter().map(|x: &f32| x.to_bits()).chain(nans).map(u64::from).collect()
}

fn floats64() -> Vec<u64> {
    let plain =
        [0.0, -0.0, 0.5, 1.0, 1.5, -2.5, 4_294_967_296.0, -9.3e18, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY];
    let nans = [0x7FF8_0000_0000_0000_u64, 0xFFF8_0000_0000_0001, 0x7FF0_0000_0000_0001];
    plain.iter().map(|x: &f64| x.to_bits()).chain(nans).collect()
}

/// One of how many values is taken: an interpreter of the compiler's own code (Miri) takes a thousand times as long. There each row
/// runs with two values, which is enough to see what it does with memory; that results are right is tested natively on all.
pub(super) const EVERY: usize = if cfg!(miri) { 14 } else { 1 };

/// The bytes of the first memory: each is its address. Computed once, as an interpreter takes long to fill a memory for each step.
pub(super) const MEMORY: [u8; 256] = {
    let (mut memory, mut at) = ([0; 256], 0);
    while at < memory.len() {
        memory[at] = at as u8;
        at += 1;
    }
    memory
};

/// The bytes of another memory, which count down.
const fn down<const LENGTH: usize>() -> [u8; LENGTH] {
    let (mut memory, mut at) = ([0; LENGTH], 0);
    while at < LENGTH {
        memory[at] = (LENGTH - at) as u8;
        at += 1;
    }
    memory
}

/// The bytes of memories 1 to 3.
type More = ([u8; 300], [u8; 400], [u8; 500]);
const MORE: More = (down(), down(), down());

/// Slot values that suit an operator: its name begins with its operands' type, but for conversions, which end in it.
fn values(name: &str) -> Vec<u64> {
    let operand = match name.split_once('.') {
        Some((_, rest)) if rest.ends_with("f32") || rest.contains("_f32_") => "f32",
        Some((_, rest)) if rest.ends_with("f64") || rest.contains("_f64_") => "f64",
        Some((_, rest)) if rest.contains("_i32") => "i32",
        Some((_, rest)) if rest.contains("_i64") => "i64",
        Some((ty, _)) => ty,
        None => "i32",
    };
    let all = match operand {
        "f32" => floats32(),
        "f64" => floats64(),
        "i64" => INTEGERS.to_vec(),
        _ => INTEGERS.iter().map(|x| x & 0xFFFF_FFFF).collect(),
    };
    all.into_iter().step_by(EVERY).collect()
}

/// Results of one step: registers, and where it went.
pub(super) struct Ran {
    pub(super) stop: Stop,
    trap: Option<Trap>,
    pub(super) regs: [u64; WINDOW_SLOTS],
    pub(super) acc: u64,
    pub(super) facc: u64,
    pub(super) rest: usize,
    pub(super) memory: [u8; 256],
    more: More,
    #[cfg_attr(not(feature = "simd"), expect(dead_code, reason = "only vector rows are tested on globals here"))]
    pub(super) globals: [u64; 8],
}

/// Runs `n` with operands in registers 1, 2 and 3; after it stand a data word, and heads as targets.
fn step(n: Instr, data: u32, regs: [u64; 4], acc: u64) -> Ran {
    let words = if n.op().row().unwrap().has_data() { vec![Instr::data(0, 0, data)] } else { vec![] };
    step_with(n, &words, &regs, acc)
}

/// Runs `n` with data words and the first registers. Memories 1 to 3 are larger than the first, and their bytes count down.
/// Global slots 0 to 7 hold their numbers; the only imported global is at 4.
pub(super) fn step_with(n: Instr, data: &[Instr], regs: &[u64], acc: u64) -> Ran {
    step_before(8, n, data, regs, acc)
}

/// The same with so many heads behind it.
fn step_before(heads: usize, n: Instr, data: &[Instr], regs: &[u64], acc: u64) -> Ran {
    let mut code = vec![Cell::from(n)];
    code.extend(data.iter().map(|data| Cell::from(*data)));
    code.resize(code.len() + heads, Cell::from(Instr::new(Op::plain(Plain::Fuel), 0, 0, 1)));
    let (mut memory, mut more, mut globals) = (MEMORY, MORE, [0, 1, 2, 3, 4, 5, 6, 7]);
    let mut frames = [Frame::default(); 2];
    let mut view = InstanceView {
        code: &code,
        entries: &[],
        types: &[],
        funcs: &[],
        func_addrs: &[],
        globals: &mut globals,
        global_base: 0,
        imported_globals: &[4],
        memory: &mut memory,
        more_memories: crate::storage::more_memories([&mut more.0, &mut more.1, &mut more.2]),
        page_log2: 0,
        table: &mut [],
        more_tables: Default::default(),
        heap: Default::default(),
    };
    let (mut slots, mut trap) = ([0xDEAD; WINDOW_SLOTS], None);
    slots[..regs.len()].copy_from_slice(regs);
    let mut ctx = Context::new(&mut view, (&mut frames, 0), &mut slots, (0, &mut trap));
    ctx.fuel = 100;
    let regs = window(ctx.slots, 0).unwrap();
    let facc = accumulate_float(acc, acc, Facc::default()).1;
    let stop = stepped(n.op())(&code, regs, &mut ctx, acc, facc);
    let (acc, facc, rest) = (ctx.acc, float_slot(ctx.acc, ctx.facc), ctx.rest.len());
    let trap = ctx.trap.map(|info| info.trap);
    Ran { stop, trap, regs: slots, acc, facc, rest: code.len() - rest, memory, more, globals }
}

/// The instruction and registers that give a row in form `operands` the operands `x` and `y`, where they can be given.
fn give(
    op: Op,
    form: Operands,
    x: u64,
    y: u64,
    immediate: impl Fn(u64) -> Option<u32>,
) -> Option<(Instr, [u64; 4], u64)> {
    Some(match form {
        Operands::RR => (Instr::new(op, 0, 1, 2), [0, x, y, 0], 0),
        Operands::RI => (Instr::new(op, 0, 1, immediate(y)?), [0, x, 0, 0], 0),
        Operands::IR => (Instr::new(op, 0, 1, immediate(x)?), [0, y, 0, 0], 0),
        Operands::AR => (Instr::new(op, 0, 9, 2), [0, 0, y, 0], x),
        Operands::RA => (Instr::new(op, 0, 1, 9), [0, x, 0, 0], y),
        Operands::AI => (Instr::new(op, 0, 9, immediate(y)?), [0; 4], x),
        Operands::IA => (Instr::new(op, 0, 9, immediate(x)?), [0; 4], y),
    })
}

fn pairs(name: &str, mut test: impl FnMut(u64, u64)) {
    let values = values(name);
    for (at, &x) in values.iter().enumerate() {
        // In an interpreter, each as the first operand with one other, and as the second.
        let last = values.len() - 1;
        let others = if cfg!(miri) { last - at..=last - at } else { 0..=last };
        for &y in &values[others] {
            test(x, y);
        }
    }
}

fn check(row: Row, ran: &Ran, expected: Result<u64, Trap>, what: (u64, u64)) {
    match expected {
        Ok(value) => {
            assert_eq!(ran.stop, Stop::Next, "{row:?} {what:x?}");
            assert_eq!(ran.regs[0], value, "{row:?} {what:x?}");
            match row.makes() {
                wrt_instructions::op::Accumulator::Integer => assert_eq!(ran.acc, value, "{row:?} {what:x?}"),
                wrt_instructions::op::Accumulator::Float => assert_eq!(ran.facc, value, "{row:?} {what:x?}"),
                wrt_instructions::op::Accumulator::None => {}
            }
        }
        Err(_) => assert_eq!(ran.stop, Stop::Trap, "{row:?} {what:x?}"),
    }
}

/// Whether the branch was taken, by where it went: targets are two instructions on, or position 4 for branches back.
fn taken(row: Row, target: Target, ran: &Ran) -> bool {
    assert_eq!(ran.stop, Stop::Next, "{row:?}");
    let next = 1 + usize::from(row.has_data());
    let there = if target == Target::Back { 4 } else { next + 2 };
    assert!(ran.rest == next || ran.rest == there, "{row:?} went to {}", ran.rest);
    ran.rest == there
}

fn compared(
    row: Row,
    op: Op,
    form: Compared,
    target: Target,
    x: u64,
    y: u64,
    immediate: &dyn Fn(u64) -> Option<u32>,
) -> Option<bool> {
    let to = if target == Target::Back { 4 } else { 2 };
    let small = || immediate(y).and_then(|k| i8::try_from(k as i32).ok()).map(|k| k as u8);
    let (n, regs, acc) = match form {
        Compared::RR => (Instr::new(op, 1, 2, to), [0, x, y, 0], 0),
        Compared::AR => (Instr::new(op, 9, 2, to), [0, 0, y, 0], x),
        Compared::RA => (Instr::new(op, 1, 9, to), [0, x, 0, 0], y),
        Compared::R8 => (Instr::new(op, 1, small()?, to), [0, x, 0, 0], 0),
        Compared::A8 => (Instr::new(op, 9, small()?, to), [0; 4], x),
        Compared::RK => (Instr::new(op, 1, 0, immediate(y)?), [0, x, 0, 0], 0),
        Compared::AK => (Instr::new(op, 9, 0, immediate(y)?), [0; 4], x),
        Compared::SR => (Instr::new(op, 1, 2, 5), [0, u64::from((x as u32).wrapping_sub(5)), y, 0], 0),
        Compared::S8 => (Instr::new(op, 1, small()?, 5), [0, u64::from((x as u32).wrapping_sub(5)), 0, 0], 0),
    };
    let ran = step(n, to, regs, acc);
    if matches!(form, Compared::SR | Compared::S8) {
        assert_eq!(ran.regs[1], x, "{row:?} writes the sum back");
    }
    Some(taken(row, target, &ran))
}

// @need-ids: REQ_TABLE_001, REQ_018, REQ_NAN_001, REQ_023
#[test]
fn numeric_rows_give_what_their_functions_say() {
    let mut cases = 0_u32;
    for n in 0..Op::COUNT as u16 {
        let (op, Some(row)) = (Op(n), Op(n).row()) else { continue };
        if !row.exists() {
            continue;
        }
        let binary =
            |form, name: &str, eval: &dyn Fn(u64, u64) -> Result<u64, Trap>, imm: &dyn Fn(u64) -> Option<u32>| {
                let mut count = 0;
                pairs(name, |x, y| {
                    if let Some((n, regs, acc)) = give(op, form, x, y, imm) {
                        check(row, &step(n, 0, regs, acc), eval(x, y), (x, y));
                        count += 1;
                    }
                });
                count
            };
        cases += match row {
            Row::Binary(o, form) => binary(form, o.name(), &|x, y| BinaryOp::evaluate(o, x, y), &|k| o.immediate(k)),
            Row::FloatBinary(o, form) => {
                binary(form, o.name(), &|x, y| Ok(FloatBinaryOp::evaluate(o, x, y)), &|k| o.immediate(k))
            }
            Row::Compare(o, form) => {
                binary(form, o.name(), &|x, y| Ok(u64::from(CompareOp::evaluate(o, x, y))), &|k| o.immediate(k))
            }
            Row::FloatCompare(o, form) => {
                binary(form, o.name(), &|x, y| Ok(u64::from(FloatCompareOp::evaluate(o, x, y))), &|k| o.immediate(k))
            }
            Row::Unary(o, form) => unary(op, row, form, o.name(), |x| o.evaluate(x)),
            Row::FloatUnary(o, form) => unary(op, row, form, o.name(), |x| Ok(o.evaluate(x))),
            _ => 0,
        };
    }
    assert!(cases > 100_000 / (EVERY * EVERY) as u32, "{cases}");
}

fn unary(op: Op, row: Row, form: Operand, name: &str, eval: impl Fn(u64) -> Result<u64, Trap>) -> u32 {
    let values = values(name);
    for &x in &values {
        let (regs, acc) = if form == Operand::R { ([0, x, 0, 0], 0) } else { ([0; 4], x) };
        check(row, &step(Instr::new(op, 0, 1, 0), 0, regs, acc), eval(x), (x, 0));
    }
    values.len() as u32
}

// @need-ids: REQ_TABLE_001, REQ_018
#[test]
fn branches_go_where_their_comparisons_say() {
    let mut cases = 0_u32;
    for n in 0..Op::COUNT as u16 {
        let (op, Some(row)) = (Op(n), Op(n).row()) else { continue };
        if !row.exists() {
            continue;
        }
        match row {
            Row::CompareBranch(o, form, target) => pairs(o.name(), |x, y| {
                if let Some(went) = compared(row, op, form, target, x, y, &|k| o.immediate(k)) {
                    assert_eq!(went, o.evaluate(x, y), "{row:?} {x:x} {y:x}");
                    cases += 1;
                }
            }),
            Row::FloatCompareBranch(o, negated, form, target) => pairs(o.name(), |x, y| {
                if let Some(went) = compared(row, op, form, target, x, y, &|k| o.immediate(k)) {
                    assert_eq!(went, o.evaluate(x, y) != negated, "{row:?} {x:x} {y:x}");
                    cases += 1;
                }
            }),
            Row::Branch(test, operand, target) => {
                for x in [0_u64, 1, 0xFFFF_FFFF] {
                    let (regs, acc) = if operand == Operand::R { ([0, x, 0, 0], 0) } else { ([0; 4], x) };
                    let to = if target == Target::Back { 4 } else { 2 };
                    let ran = step(Instr::new(op, 1, 0, to), 0, regs, acc);
                    assert_eq!(taken(row, target, &ran), (x != 0) == (test == Test::NonZero), "{row:?} {x}");
                    cases += 1;
                }
            }
            _ => {}
        }
    }
    assert!(cases > 50_000 / (EVERY * EVERY) as u32, "{cases}");
}

// @need-ids: REQ_TABLE_001, REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[test]
fn loads_and_stores_reach_exactly_the_memory() {
    // Base, index and static part; sums wrap at 32 bits where the form says so, and never where it does not.
    let addresses = [
        (0_u32, 0_u32),
        (10, 5),
        (200, 55),
        (248, 0),
        (255, 0),
        (255, 1),
        (256, 0),
        (0xFFFF_FFFF, 1),
        (0xFFFF_FFF0, 0x20),
        (0xFFFF_FFFF, 0),
    ];
    for n in 0..Op::COUNT as u16 {
        let (op, Some(row)) = (Op(n), Op(n).row().filter(|row| row.exists())) else { continue };
        // In an interpreter, inside, at the end, behind it, and where a sum wraps.
        for (base, part) in addresses.into_iter().step_by(if cfg!(miri) { 3 } else { 1 }) {
            match row {
                Row::Load(o, form) => load_case(op, o, form, base, part),
                Row::Store(o, form) => store_case(op, o, form, base, part),
                _ => {}
            }
        }
    }
}

fn load_case(op: Op, o: LoadOp, form: LoadForm, base: u32, part: u32) {
    let (b, p) = (u64::from(base), u64::from(part));
    let wrapped = u64::from(base.wrapping_add(part));
    let (n, regs, acc, address) = match form {
        LoadForm::R => (Instr::new(op, 0, 1, part), [0, b, 0, 0], 0, b + p),
        LoadForm::Abs => (Instr::new(op, 0, 9, base), [0; 4], 0, b),
        LoadForm::Idx => (Instr::new(op, 0, 1, 2 | 3 << 8), [0, b, p, 0], 0, wrapped + 3),
        LoadForm::Wrap => (Instr::new(op, 0, 1, part), [0, b, 0, 0], 0, wrapped),
        LoadForm::A => (Instr::new(op, 0, 9, part), [0; 4], b, b + p),
        LoadForm::AIdx => (Instr::new(op, 0, 9, 2 | 3 << 8), [0, 0, p, 0], b, wrapped + 3),
        LoadForm::AWrap => (Instr::new(op, 0, 9, part), [0; 4], b, wrapped),
        LoadForm::R64 => (Instr::new(op, 0, 1, part), [0, b, 0, 0], 0, b + p),
        LoadForm::A64 => (Instr::new(op, 0, 9, part), [0; 4], b, b + p),
        // It has a test of its own.
        LoadForm::Far => return,
    };
    let ran = step(n, 0, regs, acc);
    match o.load(&MEMORY, address as usize) {
        Some(value) => check(op.row().unwrap(), &ran, Ok(value), (address, 0)),
        None => assert_eq!(ran.stop, Stop::Trap, "{o:?} {form:?} {address}"),
    }
}

fn store_case(op: Op, o: StoreOp, form: StoreForm, base: u32, part: u32) {
    let (b, p, value) = (u64::from(base), u64::from(part), 0x8182_8384_8586_8788_u64);
    let wrapped = u64::from(base.wrapping_add(part));
    let (n, regs, acc, address, value) = match form {
        StoreForm::R => (Instr::new(op, 1, 3, part), [0, b, 0, value], 0, b + p, value),
        StoreForm::Abs => (Instr::new(op, 9, 3, base), [0, 0, 0, value], 0, b, value),
        StoreForm::Idx => (Instr::new(op, 1, 3, 2 | 3 << 8), [0, b, p, value], 0, wrapped + 3, value),
        StoreForm::Wrap => (Instr::new(op, 1, 3, part), [0, b, 0, value], 0, wrapped, value),
        StoreForm::Imm => (Instr::new(op, 1, 0xFE, part), [0, b, 0, 0], 0, b + p, -2_i64 as u64),
        StoreForm::WrapImm => (Instr::new(op, 1, 0xFE, part), [0, b, 0, 0], 0, wrapped, -2_i64 as u64),
        StoreForm::A => (Instr::new(op, 1, 9, part), [0, b, 0, 0], value, b + p, value),
        StoreForm::AbsA => (Instr::new(op, 9, 9, base), [0; 4], value, b, value),
        StoreForm::IdxA => (Instr::new(op, 1, 9, 2 | 3 << 8), [0, b, p, 0], value, wrapped + 3, value),
        StoreForm::WrapA => (Instr::new(op, 1, 9, part), [0, b, 0, 0], value, wrapped, value),
        StoreForm::R64 => (Instr::new(op, 1, 3, part), [0, b, 0, value], 0, b + p, value),
        StoreForm::Imm64 => (Instr::new(op, 1, 0xFE, part), [0, b, 0, 0], 0, b + p, -2_i64 as u64),
        StoreForm::A64 => (Instr::new(op, 1, 9, part), [0, b, 0, 0], value, b + p, value),
        // It has a test of its own.
        StoreForm::Far => return,
    };
    let ran = step(n, 0, regs, acc);
    let mut expected = MEMORY;
    let stop = if o.store(&mut expected, address as usize, value).is_some() { Stop::Next } else { Stop::Trap };
    assert_eq!(ran.stop, stop, "{o:?} {form:?} {address}");
    assert_eq!(ran.memory, expected, "{o:?} {form:?} {address}");
}

// @need-ids: REQ_TABLE_001, REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[test]
#[cfg_attr(not(feature = "memories"), ignore = "left out")]
fn the_forms_of_64_bit_addresses_take_all_of_the_register_and_never_wrap() {
    // Each of them would be inside if the upper half were left out, or the sum wrapped.
    for (base, part) in [(1 << 32, 0), (0xFFFF_FFFF_0000_0010, 4), (u64::MAX, 1), (u64::MAX - 7, 100), (u64::MAX, 0)] {
        for o in LoadOp::ALL {
            let register = step(Instr::new(Op::load(*o, LoadForm::R64), 0, 1, part), 0, [0, base, 0, 0], 0);
            let accumulator = step(Instr::new(Op::load(*o, LoadForm::A64), 0, 9, part), 0, [0; 4], base);
            assert_eq!((register.stop, accumulator.stop), (Stop::Trap, Stop::Trap), "{o:?} {base:x}");
        }
        for o in StoreOp::ALL {
            for form in [StoreForm::R64, StoreForm::Imm64, StoreForm::A64] {
                let ran = step(Instr::new(Op::store(*o, form), 1, 2, part), 0, [0, base, 7, 0], 7);
                assert_eq!(ran.stop, Stop::Trap, "{o:?} {form:?} {base:x}");
                assert!(ran.memory == MEMORY, "{o:?} {form:?} {base:x}");
            }
        }
    }
}

/// Memory, address and offset of accesses in the form `Far`.
fn far_places() -> Vec<(u8, u64, u64)> {
    let mut places = Vec::new();
    for (memory, length) in [(0, 256), (1, 300), (2, 400), (3, 500)] {
        for at in [0, 1, 100, 248, 255, 256, length - 8, length - 4, length - 1, length, 1 << 32] {
            places.extend([(memory, at, 0), (memory, 0, at), (memory, at / 2, at - at / 2)]);
        }
        places.extend([(memory, 3, u64::MAX), (memory, u64::MAX, 3), (memory, u64::MAX, u64::MAX)]);
    }
    places
}

// @need-ids: REQ_TABLE_001, REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[test]
#[cfg_attr(not(feature = "memories"), ignore = "left out")]
fn far_accesses_reach_exactly_the_memory_they_name_and_leave_all_else_to_the_driver() {
    let memories = [MEMORY.to_vec(), MORE.0.to_vec(), MORE.1.to_vec(), MORE.2.to_vec()];
    let data = |memory: u8, offset: u64| Instr::data(memory, 0, (offset >> 32) as u32);
    for (memory, base, offset) in far_places().into_iter().step_by(EVERY) {
        let what = (memory, base, offset);
        let bytes: &Vec<u8> = &memories[usize::from(memory)];
        let at = base.checked_add(offset).map_or(usize::MAX, |at| at as usize);
        for o in LoadOp::ALL {
            let n = Instr::new(Op::load(*o, LoadForm::Far), 0, 1, offset as u32);
            let ran = step_with(n, &[data(memory, offset)], &[0, base, 0, 0], 0xAC);
            match o.load(bytes, at) {
                Some(value) => assert_eq!((ran.stop, ran.regs[0], ran.rest), (Stop::Next, value, 2), "{o:?} {what:x?}"),
                None => assert_eq!((ran.stop, ran.regs[0]), (Stop::Slow, 0), "{o:?} {what:x?}"),
            }
        }
        for o in StoreOp::ALL {
            let value = 0x8182_8384_8586_8788;
            let n = Instr::new(Op::store(*o, StoreForm::Far), 1, 3, offset as u32);
            let ran = step_with(n, &[data(memory, offset)], &[0, base, 0, value], 0);
            let mut expected = memories.clone();
            let stored = o.store(&mut expected[usize::from(memory)], at, value);
            assert_eq!(ran.stop, if stored.is_some() { Stop::Next } else { Stop::Slow }, "{o:?} {what:x?}");
            let found: [&[u8]; 4] = [&ran.memory, &ran.more.0, &ran.more.1, &ran.more.2];
            assert!(found == expected.each_ref().map(Vec::as_slice), "{o:?} {what:x?}");
        }
    }
    // A memory that the view has not.
    for (a, b) in [(4, 0), (255, 0), (0, 1), (1, 1)] {
        let load = Instr::new(Op::load(LoadOp::I32Load8U, LoadForm::Far), 0, 1, 0);
        assert_eq!(step_with(load, &[Instr::data(a, b, 0)], &[0; 4], 0).stop, Stop::Slow);
        let store = Instr::new(Op::store(StoreOp::I32Store8, StoreForm::Far), 1, 3, 0);
        assert_eq!(step_with(store, &[Instr::data(a, b, 0)], &[0; 4], 0).stop, Stop::Slow);
    }
}

// @need-ids: REQ_TABLE_001, REQ_018
#[test]
#[cfg_attr(not(feature = "wide-arithmetic"), ignore = "left out")]
fn wide_arithmetic_writes_both_halves_whatever_registers_they_share() {
    for op in WideOp::ALL {
        for x in INTEGERS.into_iter().step_by(EVERY) {
            for y in INTEGERS.into_iter().step_by(EVERY) {
                let operands = if op.operands() == 4 { [x, y, y, !x] } else { [x, y, 0, 0] };
                let n = Instr::new(Op::wide(*op), 0, 1, u32::from_le_bytes([0, 1, 2, 3]));
                let ran = step(n, 0, operands, 0);
                assert_eq!((ran.stop, ran.rest), (Stop::Next, 1));
                assert_eq!((ran.regs[0], ran.regs[1]), op.evaluate(operands), "{op:?} {operands:x?}");
            }
        }
    }
}

// @need-ids: REQ_TABLE_001, REQ_TRAP_001
#[test]
#[cfg_attr(feature = "compact", ignore = "leaves it to the checker that a row exists")]
fn what_is_no_row_is_corrupt_code() {
    let rows = (0..Op::COUNT as u16).map(Op).filter(|op| !op.row().unwrap().exists());
    for op in rows.chain([Op::plain(Plain::Corrupt), Op(UNWRITTEN - 1)]) {
        let ran = step_with(Instr { op: op.0, ..Instr::default() }, &[], &[0; 4], 0);
        assert_eq!((ran.stop, ran.trap), (Stop::Trap, Some(Trap::CorruptCode)), "{op:?}");
    }
}

// @need-ids: REQ_TRAP_001
#[test]
fn nothing_goes_on_where_no_code_follows() {
    // Rows that the build has not are the checker's to refuse.
    for op in (0..Op::COUNT as u16).map(Op).filter(|op| op.row().unwrap().exists()) {
        let row = op.row().unwrap();
        // What is read lies in registers, and where it leads lies behind the end.
        for words in 0..=row.data_words().min(1) {
            let data = [Instr::data(0, 0, 9)];
            let ran = step_before(0, Instr::new(op, 0, 0, 9), &data[..words as usize], &[1; 8], 1);
            // A step may end at the end of the code, where the next one finds none.
            let all = 1 + usize::from(words);
            assert!(ran.stop != Stop::Next || ran.rest == all, "{row:?} with {words} words: {:?}", ran.stop);
        }
    }
}
