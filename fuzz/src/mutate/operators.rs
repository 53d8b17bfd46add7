//! Operators in place of others.

use super::leb;
use super::template::Template;
use crate::random::Random;

/// Opcodes of one byte that take and give the same types.
const CLASSES: [&[(u8, u8)]; 27] = [
    &[(0x67, 0x69), (0xC0, 0xC1), (0x45, 0x45)],
    &[(0x6A, 0x78), (0x46, 0x4F)],
    &[(0x79, 0x7B), (0xC2, 0xC4)],
    &[(0x7C, 0x8A)],
    &[(0x51, 0x5A)],
    &[(0x8B, 0x91)],
    &[(0x92, 0x98)],
    &[(0x5B, 0x60)],
    &[(0x99, 0x9F)],
    &[(0xA0, 0xA6)],
    &[(0x61, 0x66)],
    &[(0xAC, 0xAD)],
    &[(0xA7, 0xA7), (0x50, 0x50)],
    &[(0xA8, 0xA9), (0xBC, 0xBC)],
    &[(0xAA, 0xAB)],
    &[(0xB2, 0xB3), (0xBE, 0xBE)],
    &[(0xB4, 0xB5)],
    &[(0xAE, 0xAF)],
    &[(0xB0, 0xB1), (0xBD, 0xBD)],
    &[(0xB7, 0xB8)],
    &[(0xB9, 0xBA), (0xBF, 0xBF)],
    // Loads and stores, by the type of what they move.
    &[(0x28, 0x28), (0x2C, 0x2F)],
    &[(0x29, 0x29), (0x30, 0x35)],
    &[(0x36, 0x36), (0x3A, 0x3B)],
    &[(0x37, 0x37), (0x3C, 0x3E)],
    // Branches, and blocks that they lead to.
    &[(0x0C, 0x0D)],
    &[(0x02, 0x03)],
];

const I32_CONST: u8 = 0x41;
const I64_CONST: u8 = 0x42;
const F32_CONST: u8 = 0x43;
const F64_CONST: u8 = 0x44;
const VECTOR: u8 = 0xFD;

/// One of a class, in order.
fn of_class(class: &[(u8, u8)], mut number: usize) -> u8 {
    for (first, last) in class {
        let count = usize::from(last - first) + 1;
        if number < count {
            return first + number as u8;
        }
        number -= count;
    }
    class[0].0
}

fn count(class: &[(u8, u8)]) -> usize {
    class.iter().map(|(first, last)| usize::from(last - first) + 1).sum()
}

/// Any number that a constant may be: often where something changes.
pub(super) fn integer(random: &mut Random) -> i64 {
    match random.below(6) {
        0 => random.below(9) as i64 - 4,
        1 => random.below(300) as i64,
        2 => (1_i64 << random.below(63)) - random.below(3) as i64,
        3 => -(1_i64 << random.below(63)) + random.below(3) as i64,
        4 => random.below(1 << 17) as i64,
        _ => random.number() as i64,
    }
}

/// The bits of a float, of either width.
pub(super) fn float(random: &mut Random) -> f64 {
    match random.below(5) {
        0 => f64::from(integer(random) as i32),
        1 => f64::from_bits(random.number()),
        2 => [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY][random.below(5)],
        3 => f64::from(random.below(1_000) as u16) / 8.0,
        _ => f64::from(f32::from_bits(random.number() as u32)),
    }
}

/// A constant of the type of another; `None` of what is no constant.
fn constant(opcode: u8, random: &mut Random) -> Option<Vec<u8>> {
    let mut bytes = vec![opcode];
    match opcode {
        I32_CONST => bytes.extend(leb::signed((integer(random) as i32).into())),
        I64_CONST => bytes.extend(leb::signed(integer(random))),
        F32_CONST => bytes.extend((float(random) as f32).to_bits().to_le_bytes()),
        F64_CONST => bytes.extend(float(random).to_bits().to_le_bytes()),
        _ => return None,
    }
    Some(bytes)
}

/// An operator for another with the same operands, as far as that can be told from its opcode.
pub(super) fn other(template: &Template, func: usize, operator: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let (&opcode, rest) = operator.split_first()?;
    if let Some(constant) = constant(opcode, random) {
        return Some(constant);
    }
    match opcode {
        // Variables.
        0x20..=0x22 => {
            let locals = template.signatures[func].locals.len();
            let local = random.below(locals.max(1));
            Some([&[opcode], leb::unsigned(local as u64).as_slice()].concat())
        }
        0x23..=0x24 => Some([&[opcode], leb::unsigned(random.below(8) as u64).as_slice()].concat()),
        // Calls.
        0x10 | 0x12 => {
            Some([&[opcode], leb::unsigned(random.below(template.callees.len()) as u64).as_slice()].concat())
        }
        0x28..=0x3E => memory_access(opcode, rest, random),
        VECTOR => {
            let (number, immediates) = leb::read(rest)?;
            let number = if number < 12 {
                random.below(12) as u64
            } else {
                (number + random.below(64) as u64).saturating_sub(32)
            };
            Some([&[VECTOR], leb::unsigned(number).as_slice(), immediates].concat())
        }
        _ => {
            let class = CLASSES.iter().find(|class| class.iter().any(|(a, b)| (*a..=*b).contains(&opcode)))?;
            let other = of_class(class, random.below(count(class)));
            Some([&[other], rest].concat())
        }
    }
}

/// Another width or another offset; without alignment, which would have to fit.
fn memory_access(opcode: u8, rest: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    const OTHER_MEMORY: u64 = 0x40;
    let (flags, rest) = leb::read(rest)?;
    let (memory, rest) =
        if flags & OTHER_MEMORY == 0 { (None, rest) } else { leb::read(rest).map(|(m, r)| (Some(m), r))? };
    let (offset, _) = leb::read(rest)?;
    let class = CLASSES.iter().find(|class| class.iter().any(|(a, b)| (*a..=*b).contains(&opcode)));
    let same = random.below(2) == 0;
    let opcode = class.filter(|_| !same).map_or(opcode, |class| of_class(class, random.below(count(class))));
    let offset = match random.below(4) {
        0 => (integer(random) as u64) & 0xFFFF_FFFF,
        1 => offset.wrapping_add(random.below(9) as u64).wrapping_sub(4) & 0xFFFF_FFFF,
        _ => offset,
    };
    let mut bytes = vec![opcode];
    bytes.extend(leb::unsigned(flags & OTHER_MEMORY));
    bytes.extend(memory.into_iter().flat_map(leb::unsigned));
    bytes.extend(leb::unsigned(offset));
    Some(bytes)
}

/// The operator with its last immediate a little greater or smaller: branch depths, indices, lanes.
pub(super) fn near(operator: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut bytes = operator.to_vec();
    let at = 1 + random.below(bytes.len().checked_sub(1).filter(|immediates| *immediates > 0)?);
    let byte = bytes.get_mut(at)?;
    let step = 1 + random.below(2) as u8;
    let low = if random.below(2) == 0 { (*byte & 0x7F).wrapping_add(step) } else { (*byte & 0x7F).wrapping_sub(step) };
    *byte = *byte & 0x80 | low & 0x7F;
    Some(bytes)
}
