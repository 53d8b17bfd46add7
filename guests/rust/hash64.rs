//! A 64-bit hash of the xxHash kind (four lanes of multiply and rotate), and FNV-1a and a 128-bit multiply mixer
//! beside it.
#![no_std]

mod common;
use common::{Global, Random};

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;
const P4: u64 = 0x85eb_ca77_c2b2_ae63;
const P5: u64 = 0x27d4_eb2f_1656_67c5;

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn lanes(bytes: &[u8], seed: u64) -> u64 {
    let mut blocks = bytes.chunks_exact(32);
    let mut hash = if bytes.len() >= 32 {
        let mut lane = [seed.wrapping_add(P1).wrapping_add(P2), seed.wrapping_add(P2), seed, seed.wrapping_sub(P1)];
        for block in &mut blocks {
            for (lane, bytes) in lane.iter_mut().zip(block.chunks_exact(8)) {
                *lane = round(*lane, word(bytes));
            }
        }
        let mut hash = lane[0].rotate_left(1);
        for (lane, turn) in lane[1..].iter().zip([7, 12, 18]) {
            hash = hash.wrapping_add(lane.rotate_left(turn));
        }
        for lane in lane {
            hash = (hash ^ round(0, lane)).wrapping_mul(P1).wrapping_add(P4);
        }
        hash
    } else {
        seed.wrapping_add(P5)
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    let mut words = blocks.remainder().chunks_exact(8);
    for bytes in &mut words {
        hash = (hash ^ round(0, word(bytes))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
    }
    let mut rest = words.remainder();
    if rest.len() >= 4 {
        hash = (hash ^ word(&rest[..4]).wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
        rest = &rest[4..];
    }
    for &byte in rest {
        hash = (hash ^ u64::from(byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(P2);
    hash = (hash ^ hash >> 29).wrapping_mul(P3);
    hash ^ hash >> 32
}

static BYTES: Global<[u8; 4096]> = Global::new([0; 4096]);

fn bytes(length: u32) -> &'static [u8] {
    let bytes = BYTES.take();
    let mut random = Random(42);
    for byte in bytes.iter_mut() {
        *byte = random.next() as u8;
    }
    &bytes[..length as usize]
}

/// The hash of `length` pseudo-random bytes (at most 4096; more traps).
#[unsafe(no_mangle)]
pub extern "C" fn hash64(length: u32, seed: u64) -> u64 {
    lanes(bytes(length), seed)
}

/// `rounds` hashes, each the next one's seed.
#[unsafe(no_mangle)]
pub extern "C" fn hash64_rounds(length: u32, rounds: u32) -> u64 {
    let bytes = bytes(length);
    (0..rounds).fold(0, |seed, _| lanes(bytes, seed))
}

/// FNV-1a of the same bytes.
#[unsafe(no_mangle)]
pub extern "C" fn fnv(length: u32) -> u64 {
    bytes(length)
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A chain of `rounds` 64 by 64 to 128 bit multiplications whose halves are folded together.
#[unsafe(no_mangle)]
pub extern "C" fn fold_multiply(seed: u64, rounds: u32) -> u64 {
    (0..u64::from(rounds)).fold(seed, |value, round| {
        let wide = u128::from(value ^ P1) * u128::from(round.wrapping_mul(P2) ^ P5);
        wide as u64 ^ (wide >> 64) as u64
    })
}
