//! A compiler of a language of eight characters into a small code, and its interpreter.
#![no_std]

mod common;
use common::{Global, mix};

#[derive(Clone, Copy)]
enum Op {
    Add(u8),
    Move(i16),
    Output,
    /// To this position if the cell is zero, or back to it if it is not.
    Forward(u16),
    Back(u16),
    /// `[-]`
    Clear,
    End,
}

static CODE: Global<[Op; 1024]> = Global::new([Op::End; 1024]);
static TAPE: Global<[u8; 4096]> = Global::new([0; 4096]);

const PROGRAMS: [&[u8]; 5] = [
    // 0: three letters
    b"++++++++[>+++++++++++<-]>-.-----.++.",
    // 1: twenty triangular numbers, modulo 256
    b"++++++++++++++++++++[>+[>+>+<<-]>>[<<+>>-]<.<<-]",
    // 2: leaves the tape on the left
    b"<",
    // 3: a bracket too many
    b"+]",
    // 4: loops in loops: 64 times 32 times 16 turns
    b"++++++++[>++++++++<-]>[>++++[>++++++++<-]>[>++++++++++++++++[>+>+++<<-]<-]<<-]>>>>.>.",
];

/// None when brackets do not match or the program is too long.
fn compile(source: &[u8], code: &mut [Op]) -> Option<()> {
    let mut open = [0u16; 64];
    let (mut depth, mut length, mut at) = (0usize, 0usize, 0usize);
    while let Some(&byte) = source.get(at) {
        at += 1;
        let op = match byte {
            b'+' | b'-' => {
                let mut sum = if byte == b'+' { 1u8 } else { 255 };
                while let Some(b'+' | b'-') = source.get(at) {
                    sum = sum.wrapping_add(if source[at] == b'+' { 1 } else { 255 });
                    at += 1;
                }
                Op::Add(sum)
            }
            b'>' | b'<' => {
                let mut sum = if byte == b'>' { 1 } else { -1 };
                while let Some(b'>' | b'<') = source.get(at) {
                    sum += if source[at] == b'>' { 1 } else { -1 };
                    at += 1;
                }
                Op::Move(sum)
            }
            b'.' => Op::Output,
            b'[' if source[at..].starts_with(b"-]") => {
                at += 2;
                Op::Clear
            }
            b'[' => {
                *open.get_mut(depth)? = length as u16;
                depth += 1;
                Op::Forward(0)
            }
            b']' => {
                depth = depth.checked_sub(1)?;
                code[open[depth] as usize] = Op::Forward(length as u16 + 1);
                Op::Back(open[depth] + 1)
            }
            _ => continue,
        };
        *code.get_mut(length)? = op;
        length += 1;
    }
    *code.get_mut(length)? = Op::End;
    (depth == 0).then_some(())
}

/// Runs program `i` (others trap) `rounds` times. The digest of its output in the high half, the output's length in
/// the low; -1 if it does not compile. Leaving the tape traps.
#[unsafe(no_mangle)]
pub extern "C" fn run(i: u32, rounds: u32) -> i64 {
    let (code, tape) = (CODE.take(), TAPE.take());
    if compile(PROGRAMS[i as usize], code).is_none() {
        return -1;
    }
    let (mut digest, mut length) = (0, 0u32);
    for _ in 0..rounds {
        tape.fill(0);
        let (mut at, mut head) = (0usize, 0usize);
        loop {
            match code[at] {
                Op::Add(n) => tape[head] = tape[head].wrapping_add(n),
                Op::Move(n) => head = head.wrapping_add_signed(isize::from(n)),
                Op::Output => {
                    digest = mix(digest, u32::from(tape[head]));
                    length += 1;
                }
                Op::Forward(to) if tape[head] == 0 => {
                    at = usize::from(to);
                    continue;
                }
                Op::Back(to) if tape[head] != 0 => {
                    at = usize::from(to);
                    continue;
                }
                Op::Forward(_) | Op::Back(_) => {}
                Op::Clear => tape[head] = 0,
                Op::End => break,
            }
            at += 1;
        }
        // A program that ends off the tape has left it too.
        digest = mix(digest, u32::from(tape[head]));
    }
    (i64::from(digest) << 32) | i64::from(length)
}
