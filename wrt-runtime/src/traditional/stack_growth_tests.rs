//! How much native stack an operator leaves behind when it goes on to the next: none.
//!
//! Nothing in the language says so, so it is measured: the same operator once and 64 times in a row, before a probe that notes how deep
//! it stands. Only optimised builds chain operators, so this runs in `cargo test --release -p wrt-runtime`.

use super::machine::{Cursor, Halt, Machine, Stop};
use super::operands::Window;
use super::reader::Code;
use super::run::{Handler, next, put};
use super::seldom::empty;
use crate::image::format::{GlobalRecord, ValType};
use crate::side::{Side, SideEntry};
use crate::storage::{Bytecode, InstanceView};
use core::hint::black_box;
use std::vec::Vec;
use std::{println, vec};
use wrt_instructions::operator::{LoadOp, OPERATORS, StoreOp};

/// How often the operator stands in the longer code.
const TIMES: usize = 64;

/// Opcodes that no operator has: of the probe, and of the negative control.
const PROBE: u8 = 0xFF;
const LINGERS: u8 = 0xFE;

/// Notes in the machine how deep it stands.
fn probe<'m>(_: Code<'m>, _: &mut Window, height: usize, m: &mut Machine<'m>) -> Halt {
    let here = 0_u8;
    m.reserve = (&raw const here).addr() as u64;
    black_box(&here);
    m.halt(0, height, Halt::Slow)
}

/// Still has something to do when the next operator returns.
fn lingers<'m>(rest: Code<'m>, values: &mut Window, height: usize, m: &mut Machine<'m>) -> Halt {
    let kept = [height; 4];
    let halt = next(rest, values, height, m);
    black_box(&kept);
    halt
}

pub(super) const fn handlers(table: &mut [Handler; 256]) {
    put(table, PROBE as u32, probe);
    put(table, LINGERS as u32, lingers);
}

/// An operator with what it needs, which leaves the frame as it was; its entries by their offsets in it. Targets count from the first.
struct Unit {
    code: Vec<u8>,
    entries: Vec<(u32, Side)>,
}

impl Unit {
    fn plain(parts: &[&[u8]]) -> Self {
        Self { code: parts.concat(), entries: Vec::new() }
    }

    /// How deep the probe behind so many of it stands.
    fn depth(&self, times: usize) -> u64 {
        let (length, count) = (self.code.len() as u32, self.entries.len() as u32);
        let mut side = Vec::new();
        for unit in 0..times as u32 {
            for (offset, entry) in &self.entries {
                let entry = match *entry {
                    Side::Branch { target } => Side::Branch { target: unit * count + target },
                    other => other,
                };
                side.push(SideEntry::new(unit * length + offset, false, entry).unwrap());
            }
        }
        let code = [self.code.repeat(times), vec![PROBE]].concat();
        let globals = [GlobalRecord { ty: ValType::I32, ..GlobalRecord::default() }];
        let (mut memory, mut global, mut slots) = ([0; 64], [0], vec![0; 1024]);
        let view = InstanceView { memory: &mut memory, globals: &mut global, ..empty() };
        let bytecode = Bytecode { bytes: &code, side: &side, globals: &globals, ..Bytecode::default() };
        let mut trap = None;
        let mut machine = Machine::new((view, bytecode), &mut [], (0, 1024, 0), (0, &mut trap));
        machine.fuel = 1000;
        let at = Cursor { pc: 0, side: 0, base: 0, height: 1, wide: false, paid: false };
        let stop = machine.run(&mut slots, at);
        assert_eq!((stop, machine.at.height, machine.at.pc), (Stop::Slow, 1, 0), "{:X?}", self.code);
        machine.reserve
    }

    fn growth(&self) -> u64 {
        self.depth(1) - self.depth(1 + TIMES)
    }
}

const ONE: &[u8] = &[0x41, 1];
const ZERO: &[u8] = &[0x41, 0];
const DROP: &[u8] = &[0x1A];

/// Every operator that goes on by itself.
fn units() -> Vec<Unit> {
    let loads = LoadOp::ALL.iter().map(|op| Unit::plain(&[ZERO, &[op.info().opcode as u8, 0, 0], DROP]));
    let stores = StoreOp::ALL.iter().map(|op| Unit::plain(&[ZERO, ONE, &[op.info().opcode as u8, 0, 0]]));
    let mut units: Vec<_> = loads.chain(stores).collect();
    for info in OPERATORS.iter().filter(|info| (0x45..=0xC4).contains(&info.opcode)) {
        let opcode: &[u8] = &[info.opcode as u8];
        units.push(if super::run::is_unary(info.opcode) {
            Unit::plain(&[ONE, opcode, DROP])
        } else {
            Unit::plain(&[ONE, ONE, opcode, DROP])
        });
    }
    units.extend([
        Unit::plain(&[&[0x01]]),
        Unit::plain(&[&[0x02, 0x40, 0x0B]]),
        Unit::plain(&[&[0x03, 0x40, 0x0B]]),
        Unit::plain(&[ONE, ONE, ONE, &[0x1B], DROP]),
        Unit::plain(&[&[0x20, 0], DROP]),
        Unit::plain(&[ONE, &[0x21, 0]]),
        Unit::plain(&[ONE, &[0x22, 0], DROP]),
        Unit::plain(&[&[0x23, 0], DROP]),
        Unit::plain(&[ONE, &[0x24, 0]]),
        Unit::plain(&[&[0x41, 0x80, 0x01], DROP]),
        Unit::plain(&[&[0x42, 0x80, 0x01], DROP]),
        Unit::plain(&[&[0x43, 0, 0, 0, 0], DROP]),
        Unit::plain(&[&[0x44, 0, 0, 0, 0, 0, 0, 0, 0], DROP]),
    ]);
    let label = Side::Label { height: 1, arity: 0 };
    let (branch, head) = (Side::Branch { target: 1 }, Side::Head { charge: 1, height: 1 });
    let noted = |parts: &[&[u8]], entries: &[(u32, Side)]| Unit { code: parts.concat(), entries: entries.into() };
    units.extend([
        noted(&[&[0x0C, 0]], &[(0, branch), (2, label)]),
        noted(&[ONE, &[0x0D, 0]], &[(2, branch), (4, label)]),
        noted(&[ZERO, &[0x0D, 0]], &[(2, branch), (4, label)]),
        noted(&[ONE, &[0x04, 0x40, 0x0B]], &[(2, Side::Branch { target: 2 }), (4, head), (5, label)]),
        noted(&[ZERO, &[0x04, 0x40, 0x0B]], &[(2, Side::Branch { target: 2 }), (4, head), (5, label)]),
        noted(&[ZERO, &[0x0E, 0, 0]], &[(2, branch), (5, label)]),
        noted(&[&[0x03, 0x40, 0x0B]], &[(2, label), (2, head)]),
        noted(&[ZERO, &[0xD5, 0]], &[(2, branch), (4, label)]),
        noted(&[ZERO, &[0xD6, 0]], &[(2, branch), (4, label)]),
    ]);
    units
}

// @need-ids: REQ_TRADITIONAL_001, REQ_RESOURCE_001
#[test]
fn operators_leave_nothing_on_the_native_stack() {
    let units = units();
    println!("{} operators", units.len());
    assert!(units.len() > 150, "{} operators", units.len());
    for unit in units {
        assert_eq!(unit.growth(), 0, "{:X?}", unit.code);
    }
}

// @need-ids: REQ_TRADITIONAL_001
#[test]
fn control_one_that_lingers_is_noticed() {
    assert!(Unit::plain(&[&[LINGERS]]).growth() > 0);
}
