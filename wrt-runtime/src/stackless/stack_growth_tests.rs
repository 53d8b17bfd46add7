//! How much native stack a handler leaves behind when it hands over to the next: none.
//!
//! Nothing in the language says so, so it is measured, for every row that goes on by itself: the same instruction once
//! and 64 times in a row, before a probe that notes how deep it stands. Only optimised builds chain handlers, so this runs in
//! `cargo test --release -p wrt-runtime`.

use super::context::{Context, Dispatch, Register, Regs, Rest, Stop, Threaded, step, window};
use crate::heap::{Handle, Heap, HeapState, ObjectType, heap_part};
use crate::image::format::{HeapType, Sub, TypeRecord, ValType, form};
use crate::instr::{Cell, Instr, UNWRITTEN, WINDOW_SLOTS};
use crate::stack::Frame;
use crate::storage::{Entry, FuncInst, InstanceView};
use crate::typing::Types;
use core::hint::black_box;
use std::vec::Vec;
use std::{print, println, vec};
use wrt_instructions::Op;
use wrt_instructions::op::{Accumulator, Plain, Row, Target};
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use wrt_instructions::vector::{VectorAccess, VectorRow};

/// How often the instruction stands in the longer code.
pub(super) const TIMES: usize = 64;

/// Rows that do not lead to what stands behind them: those that hand over to the driver, which calls the next handler anew, and calls
/// and returns, which are measured together.
pub(super) const STOPS: [Plain; 38] = [
    Plain::Unreachable,
    Plain::EnterWide,
    Plain::Call,
    Plain::CallImport,
    Plain::CallIndirect,
    Plain::CallRef,
    Plain::ReturnCall,
    Plain::ReturnCallImport,
    Plain::ReturnCallIndirect,
    Plain::ReturnCallRef,
    Plain::Return,
    Plain::Return1,
    Plain::Return1Acc,
    Plain::ReturnConst,
    Plain::ReturnMany,
    Plain::Throw,
    Plain::MemoryGrow,
    Plain::MemoryInit,
    Plain::DataDrop,
    Plain::TableGrow,
    Plain::TableFill,
    Plain::TableCopy,
    Plain::TableInit,
    Plain::ElemDrop,
    Plain::WideParams,
    Plain::Atomic,
    Plain::ArrayNewFixed,
    Plain::ArrayNewData,
    Plain::ArrayNewElem,
    Plain::ArrayFill,
    Plain::ArrayCopy,
    Plain::ArrayInitData,
    Plain::ArrayInitElem,
    Plain::ThrowRef,
    // No rows of their own.
    Plain::Corrupt,
    Plain::Data,
    // Measured as what other rows lead to.
    Plain::Jump,
    Plain::JumpBack,
];

/// Rows that may leave something behind, with how many bytes at most and why. Empty: keep it so.
const ALLOWED: [(Row, usize, &str); 0] = [];

/// What probes leave in the context.
const REACHED: u32 = 7;

/// Notes in the context how deep it stands.
pub(super) fn probe<'m>(_: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, _: u64, _: Facc) -> Stop {
    let here = 0_u8;
    ctx.acc = (&raw const here).addr() as u64;
    black_box(&here);
    ctx.callee = REACHED;
    Stop::Trap
}

/// Counts that it was run, and goes on.
fn count<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
    ctx.start = ctx.start.wrapping_add(1);
    let Some((_, rest)) = step(rest) else { return Stop::Corrupt };
    Threaded::<true>::next(rest, regs, ctx, acc, facc)
}

/// The negative control: still has something to do when the next handler returns.
fn lingers<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
    let kept = [acc; 4];
    let Some((_, rest)) = step(rest) else { return Stop::Corrupt };
    let stop = Threaded::<true>::next(rest, regs, ctx, acc, facc);
    black_box(&kept);
    stop
}

pub(super) fn plain(row: Plain, a: u8, imm: u32) -> Cell {
    Instr::new(Op::plain(row), a, 0, imm).into()
}

pub(super) fn with_handler(handler: super::Handler) -> Cell {
    Cell { handler, instr: Instr::default() }
}

pub(super) fn target(row: Row) -> Option<Target> {
    match row {
        Row::CompareBranch(_, _, target) | Row::FloatCompareBranch(_, _, _, target) | Row::Branch(_, _, target) => {
            Some(target)
        }
        _ => None,
    }
}

/// Code for one time at position `at`. Results go to register 1, operands come from 1, 2, 3 and 4; where a branch is not
/// taken, it is counted.
pub(super) fn unit(op: Op, row: Row, at: usize) -> Vec<Cell> {
    let at = u32::try_from(at).unwrap();
    let fuel = || plain(Plain::Fuel, 0, 1);
    let words = 1 + u32::from(row.has_data());
    let branch = |imm: u32| {
        let mut cells = vec![Instr::new(op, 1, 2, if row.has_data() { 3 } else { imm }).into()];
        if row.has_data() {
            cells.push(Cell::from(Instr::data(0, 0, imm)));
        }
        cells
    };
    match (target(row), row) {
        (Some(Target::Forward), _) => [branch(1), vec![with_handler(count)]].concat(),
        (Some(Target::Back), _) => [branch(at + words + 1), vec![with_handler(count), fuel()]].concat(),
        (Some(Target::If), _) => [branch(2), vec![fuel(), with_handler(count)]].concat(),
        (Some(Target::IfElse), _) => [branch(2), vec![fuel(), with_handler(count), fuel()]].concat(),
        // Each entry leads to the head at the end; one more is the default.
        (None, Row::Plain(Plain::BrTable | Plain::BrTableAcc)) => {
            vec![plain_op(op, 2, 2), Cell::from(Instr::entries([1; 3])), fuel()]
        }
        // Its length is where its result goes to: made anew each time.
        (None, Row::Plain(Plain::ArrayNewDefault)) => vec![
            Instr::new(Op::plain(Plain::Mov), 3, 4, 0).into(),
            Instr::new(op, 0, 0, 3).into(),
            Instr::data(0, 0, 3).into(),
        ],
        (None, Row::Plain(Plain::StructNew | Plain::StructNewDefault)) => {
            vec![Instr::new(op, 0, 0, 1).into(), Instr::data(0, 0, 3).into()]
        }
        (None, Row::Plain(Plain::RefTest | Plain::RefCast)) => vec![Instr::new(op, 1, 2, STRUCT).into()],
        (None, Row::Plain(Plain::BrOnCast)) => {
            vec![Instr::new(op, 1, 0, STRUCT).into(), Instr::data(0, 0, 1).into(), with_handler(count)]
        }
        // A small offset, so that the access is inside.
        (None, Row::Load(..) | Row::Store(..)) if row.has_data() => {
            vec![Instr::new(op, 1, 2, 3).into(), Instr::data(0, 0, 0).into()]
        }
        (None, _) if row.has_data() => {
            let data = vec![Instr::data(0, 0, 3).into(); row.data_words().into()];
            [vec![Instr::new(op, 1, 2, 3).into()], data].concat()
        }
        (None, Row::Plain(Plain::Mov2 | Plain::Mov3 | Plain::Select)) => {
            vec![Instr::new(op, 1, 2, 0x0201_0403).into()]
        }
        (None, Row::Plain(Plain::MemoryCopy | Plain::MemoryFill)) => vec![plain_op(op, 0, 2)],
        (None, Row::Plain(Plain::MemorySize | Plain::TableGet | Plain::TableSet | Plain::TableSize)) => {
            vec![plain_op(op, 1, 0)]
        }
        // A remainder by the last remainder would be one by zero soon: the accumulator is made anew each time.
        (None, _) if row.takes() == Accumulator::Integer => {
            vec![Instr::new(Op::plain(Plain::Mov), 5, 4, 0).into(), Instr::new(op, 1, 2, 3).into()]
        }
        (None, _) => vec![Instr::new(op, 1, 2, 3).into()],
    }
}

fn plain_op(op: Op, a: u8, imm: u32) -> Cell {
    Instr::new(op, a, 0, imm).into()
}

/// `times` the instruction, written or not, then a probe.
fn code(op: Op, row: Row, times: usize, unwritten: bool) -> Vec<Cell> {
    let mut code = Vec::new();
    for _ in 0..times {
        code.extend(unit(op, row, code.len()));
    }
    for cell in code.iter_mut().filter(|cell| unwritten && cell.instr.op() == op) {
        *cell = Instr { op: cell.instr.op | UNWRITTEN, ..cell.instr }.into();
    }
    code.push(with_handler(probe));
    code
}

/// What the probe found: the accumulators, the first registers, and how many branches were not taken.
struct Found {
    acc: u64,
    facc: u64,
    regs: [u64; 8],
    passed: u32,
}

/// A function, a structure, and two arrays.
const TYPES: [TypeRecord; 4] = [
    TypeRecord::func(0, 0, 0),
    Sub { form: form::STRUCT, ..Sub::PLAIN }.record(0, 4, 0),
    Sub { form: form::ARRAY, ..Sub::PLAIN }.record(4, 1, 0),
    Sub { form: form::ARRAY, ..Sub::PLAIN }.record(3, 1, 0),
];
const FIELDS: [ValType; 5] = [ValType::I64, ValType::I64, ValType::I64, ValType::I64, ValType::I8];
const STRUCT: u32 = ValType::reference(true, HeapType::Concrete(1)).code.get();

/// What there is to call: functions of one slot.
#[derive(Default)]
pub(super) struct Callees {
    pub(super) entries: Vec<Entry>,
    pub(super) funcs: Vec<FuncInst>,
}

/// Where the probe stood and how many branches were not taken; `None` where it was not reached.
fn run(code: &[Cell], values: [u64; 4]) -> Option<(usize, u32)> {
    run_with(code, values, &Callees::default())
}

pub(super) fn run_with(code: &[Cell], values: [u64; 4], callees: &Callees) -> Option<(usize, u32)> {
    find_with(code, values, callees).map(|found| (usize::try_from(found.acc).unwrap(), found.passed))
}

fn find(code: &[Cell], values: [u64; 4]) -> Option<Found> {
    find_with(code, values, &Callees::default())
}

fn find_with(code: &[Cell], values: [u64; 4], callees: &Callees) -> Option<Found> {
    // Zeros: what was loaded is an address again.
    start(code, values, [0; 256], callees, |_, ctx, regs| {
        let (acc, facc, passed, reached) = (ctx.acc, float_slot(ctx.acc, ctx.facc), ctx.start, ctx.callee == REACHED);
        let regs = regs.first_chunk()?.each_ref().map(Register::get);
        reached.then_some(Found { acc, facc, regs, passed })
    })
}

/// Runs code from its beginning, and looks at what it leaves.
#[inline(never)]
pub(super) fn start<T>(
    code: &[Cell],
    values: [u64; 4],
    mut memory: [u8; 256],
    callees: &Callees,
    look: impl FnOnce(Stop, &mut Context<'_>, &Regs) -> Option<T>,
) -> Option<T> {
    // Function 0 in all of the table, but for function 1 at its end.
    let mut table = [1, 1, 1, 1, 1, 1, 1, 2];
    let mut globals: [u64; 8] = core::array::from_fn(|at| 3 + at as u64);
    let list = [0; 8];
    let mut frames = [Frame::default(); 2];
    let (mut state, mut words, mut handles) = (HeapState::new(512, 128), [0; 512], [Handle::NONE; 128]);
    let types = Types { records: &TYPES, val_types: &FIELDS };
    let mut heap = Heap { state: Some(&mut state), words: &mut words, handles: &mut handles, types, tags: &[] };
    // Small numbers are references to structures.
    for _ in 0..6 {
        heap.allocate(ObjectType::Of(1), 0, 5).ok()?;
    }
    let mut view = InstanceView {
        code,
        entries: &callees.entries,
        types: &[0, 1, 2, 3],
        funcs: &callees.funcs,
        func_addrs: &list,
        globals: &mut globals,
        global_base: 0,
        imported_globals: &list,
        memory: &mut memory,
        more_memories: Default::default(),
        page_log2: 0,
        table: &mut table,
        more_tables: Default::default(),
        heap: heap_part(heap),
    };
    // Room for a callee's frame too.
    let (mut slots, mut trap) = ([0; 2 * WINDOW_SLOTS], None);
    slots[1..5].copy_from_slice(&values);
    let mut ctx = Context::new(&mut view, (&mut frames, 0), &mut slots, (0, &mut trap));
    ctx.fuel = 1 << 12;
    let regs = window(ctx.slots, 0)?;
    let (acc, facc) = accumulators(values[3]);
    let stop = (code.first()?.handler)(code, regs, &mut ctx, acc, facc);
    look(stop, &mut ctx, regs)
}

/// Both accumulators with a slot in each.
fn accumulators(slot: u64) -> (u64, Facc) {
    (slot, accumulate_float(slot, slot, Facc::default()).1)
}

/// What registers 1 to 4 hold: two operands, of which the last is also in the accumulators.
pub(super) fn environments() -> Vec<[u64; 4]> {
    let one32 = u64::from(1_f32.to_bits());
    let nan32 = u64::from(f32::NAN.to_bits());
    // The constant 3 of the instructions, as each type takes it, among them.
    let values = [
        0,
        1,
        2,
        3,
        3 << 32,
        5,
        1 << 31,
        u64::from(u32::MAX),
        u64::MAX,
        one32,
        nan32,
        1_f64.to_bits(),
        f64::NAN.to_bits(),
        // Just below zero, so that counters pass it.
        u64::from(u32::MAX - 1),
    ];
    let two = values.iter().flat_map(|x| values.iter().flat_map(move |y| [[*x, *y, *y, *x], [*x, *y, *y, *y]]));
    // A row that takes another operand than it should is seen where all differ.
    let all = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [5, 2, 1, 0], [64, 9, 700, 31]];
    // What a load from address 1 and the constant gives where all bytes differ, and what is next to it.
    let loaded = u64::from(u32::from_le_bytes(core::array::from_fn(|at| differing(at + 4))));
    let beside = [[loaded, 1, loaded, loaded], [0, 1, loaded, 3], [0, 1, loaded + 1, loaded], [3, 1, 3, loaded - 1]];
    two.chain(all).chain(beside).collect()
}

/// A byte of a memory in which all bytes differ, so that it is seen which were read.
pub(super) fn differing(at: usize) -> u8 {
    (at as u8).wrapping_mul(37).wrapping_add(11)
}

/// The most bytes that one handler left behind, and the sums of branches taken and not taken.
fn growth(op: Op, row: Row, unwritten: bool) -> Option<(usize, u64, u64)> {
    let (once, often) = (code(op, row, 1, unwritten), code(op, row, TIMES, unwritten));
    let mut found: Option<(usize, u64, u64)> = None;
    for values in environments() {
        let (Some((short, _)), Some((long, passed))) = (run(&once, values), run(&often, values)) else { continue };
        let bytes = short.abs_diff(long).div_ceil(TIMES - 1);
        let (most, taken, others) = found.unwrap_or_default();
        let times = u64::try_from(TIMES).unwrap();
        found = Some((most.max(bytes), taken + times - u64::from(passed), others + u64::from(passed)));
    }
    found
}

// @need-ids: REQ_003, REQ_023, REQ_005
#[test]
fn no_handler_leaves_anything_on_the_native_stack() {
    let (mut worst, mut measured) = (0, 0);
    for number in 0..u16::try_from(Op::COUNT).unwrap() {
        let (op, row) = (Op(number), Op(number).row().unwrap());
        let far = |access: VectorAccess| access == VectorAccess::Far;
        let stops = match row {
            Row::Plain(plain) => STOPS.contains(&plain),
            Row::Vector(VectorRow::Load(_, access) | VectorRow::Store(_, access)) => far(access),
            _ => false,
        };
        if !row.exists() || stops {
            continue;
        }
        let reached =
            |unwritten| growth(op, row, unwritten).unwrap_or_else(|| panic!("{row:?}: the probe is not reached"));
        let (mut bytes, taken, others) = reached(false);
        if row.can_stay() {
            bytes = bytes.max(reached(true).0);
            measured += 1;
        }
        if target(row).is_some() {
            assert!(taken > 0 && others > 0, "{row:?}: taken {taken} times, not taken {others} times");
        }
        let allowed = ALLOWED.iter().find(|(other, ..)| *other == row).map_or(0, |(_, bytes, _)| *bytes);
        if bytes > allowed {
            println!("{row:?}: {bytes} bytes");
        }
        worst = worst.max(bytes.saturating_sub(allowed));
        measured += 1;
    }
    println!("worst of {measured} rows: {worst} bytes a handler");
    assert_eq!(worst, 0);
}

/// Notes the accumulators.
pub(super) fn note<'m>(_: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
    (ctx.acc, ctx.facc, ctx.callee) = (acc, facc, REACHED);
    Stop::Trap
}

// @need-ids: REQ_TABLE_001, REQ_023
#[test]
fn a_result_that_is_not_written_is_in_the_accumulator_all_the_same() {
    let mut rows = 0;
    for number in 0..u16::try_from(Op::COUNT).unwrap() {
        let (op, row) = (Op(number), Op(number).row().unwrap());
        if !row.exists() || !row.can_stay() {
            continue;
        }
        rows += 1;
        for values in environments() {
            let ran = |unwritten| {
                let mut code = code(op, row, 1, unwritten);
                code.pop();
                code.push(with_handler(note));
                find(&code, values)
            };
            let (Some(written), Some(not)) = (ran(false), ran(true)) else { continue };
            assert_eq!((written.acc, written.facc), (not.acc, not.facc), "{row:?} {values:x?}");
            let made = if row.makes() == Accumulator::Float { written.facc } else { written.acc };
            assert_eq!(written.regs[1], made, "{row:?} {values:x?}");
            assert_eq!(not.regs[1], values[0], "{row:?} {values:x?}");
        }
    }
    assert!(rows > 300, "{rows}");
}

// @need-ids: REQ_003
#[test]
fn what_jumps_lead_to_is_measured_too() {
    for jump in [Plain::Jump, Plain::JumpBack] {
        let code = |times: usize| {
            let mut code = Vec::new();
            for at in 0..times {
                let to = if jump == Plain::Jump { 0 } else { u32::try_from(at * 2 + 1).unwrap() };
                code.extend([plain(jump, 0, to), plain(Plain::Fuel, 0, 1)]);
            }
            code.push(with_handler(probe));
            code
        };
        let depths = (run(&code(1), [0; 4]), run(&code(TIMES), [0; 4]));
        assert!(depths.0.is_some());
        assert_eq!(depths.0, depths.1, "{jump:?}");
    }
}

// @need-ids: REQ_003, REQ_005
#[test]
fn calls_and_returns_leave_nothing_on_the_native_stack_either() {
    let data = |imm| Cell::from(Instr::data(0, 0, imm));
    let calls = [
        vec![plain(Plain::Call, 6, 0)],
        vec![Instr::new(Op::plain(Plain::CallIndirect), 0, 1, 0).into(), data(6)],
        vec![Instr::new(Op::plain(Plain::CallRef), 0, 2, 0).into(), data(6)],
    ];
    // Through the table and by reference, from where the callee put its index or itself.
    let through =
        |row, operand| vec![plain(Plain::Const, 1, operand), Instr::new(Op::plain(row), 0, 1, 0).into(), data(0)];
    let tails = [
        vec![],
        vec![plain(Plain::ReturnCall, 0, 1), data(0)],
        through(Plain::ReturnCallIndirect, 7),
        through(Plain::ReturnCallRef, 2),
    ];
    let returns = [Plain::Return, Plain::Return1, Plain::Return1Acc, Plain::ReturnConst, Plain::ReturnMany];
    for call in &calls {
        for tail in &tails {
            for back in returns {
                let code = |times: usize| {
                    let mut code = call.repeat(times);
                    code.push(with_handler(probe));
                    let entry = |code: &[Cell]| Entry::new(u32::try_from(code.len()).unwrap(), 1, Instr::default());
                    let mut entries = vec![entry(&code)];
                    code.push(plain(Plain::Fuel, 0, 1));
                    if !tail.is_empty() {
                        code.extend(tail);
                        entries.push(entry(&code));
                        code.push(plain(Plain::Fuel, 0, 1));
                    }
                    code.extend([plain(back, 0, 1), plain(Plain::Unreachable, 0, 0)]);
                    let funcs = (0..2).map(|index| FuncInst { ty: 0, instance: 0, index }).collect();
                    (code, Callees { entries, funcs })
                };
                let depth = |times: usize| {
                    let (code, callees) = code(times);
                    // An index into the table, and a reference.
                    run_with(&code, [0, 1, 0, 0], &callees).unwrap_or_else(|| panic!("{back:?} after {call:?}")).0
                };
                assert_eq!(depth(1), depth(TIMES), "{back:?} after {call:?}, by way of {tail:?}");
            }
        }
    }
}

// @need-ids: REQ_003
#[test]
fn rows_that_stop_do_not_reach_what_follows() {
    for row in STOPS.into_iter().filter(|row| !matches!(row, Plain::Jump | Plain::JumpBack)) {
        let op = Op::plain(row);
        let code = [unit(op, Row::Plain(row), 0), vec![with_handler(probe)]].concat();
        for values in environments() {
            assert_eq!(run(&code, values), None, "{row:?}");
        }
    }
}

// @need-ids: REQ_003
#[test]
fn a_handler_that_lingers_is_found() {
    let code = |times: usize| [vec![with_handler(lingers); times], vec![with_handler(probe)]].concat();
    let (Some((short, _)), Some((long, _))) = (run(&code(1), [0; 4]), run(&code(TIMES), [0; 4])) else {
        panic!("the probe was not reached")
    };
    let bytes = short.abs_diff(long) / (TIMES - 1);
    print!("the control leaves {bytes} bytes a handler; ");
    assert!(bytes >= 32, "{bytes}");
}
