//! Compression of the LZ77 kind and back, with a check that nothing was lost.
#![no_std]

mod common;
use common::{Global, Random, mix};

const SIZE: usize = 1 << 14;

static SOURCE: Global<[u8; SIZE]> = Global::new([0; SIZE]);
static PACKED: Global<[u8; SIZE * 2]> = Global::new([0; SIZE * 2]);
static BACK: Global<[u8; SIZE]> = Global::new([0; SIZE]);
static HEADS: Global<[u16; 4096]> = Global::new([0; 4096]);

/// Words of a small vocabulary, so that there is something to find; how much is chance depends on `noise` (of 256).
fn fill(source: &mut [u8], noise: u32, seed: u32) {
    let words: [&[u8]; 8] = [b"the ", b"quick ", b"brown ", b"guest ", b"jumps ", b"over ", b"host ", b"lazily "];
    let mut random = Random(seed);
    let mut at = 0;
    while at < source.len() {
        let r = random.next();
        if r & 255 < noise {
            source[at] = (r >> 8) as u8;
            at += 1;
            continue;
        }
        let word = words[(r >> 16) as usize % 8];
        let n = word.len().min(source.len() - at);
        source[at..at + n].copy_from_slice(&word[..n]);
        at += n;
    }
}

/// Each item: a byte below 128 and that many plain bytes plus one, or 128 + length - 4 and a distance of two bytes.
fn pack(source: &[u8], packed: &mut [u8]) -> usize {
    let heads = HEADS.take();
    heads.fill(u16::MAX);
    let (mut at, mut plain, mut out) = (0, 0, 0);
    let flush = |from: usize, to: usize, packed: &mut [u8], out: &mut usize| {
        for chunk in source[from..to].chunks(128) {
            packed[*out] = chunk.len() as u8 - 1;
            packed[*out + 1..*out + 1 + chunk.len()].copy_from_slice(chunk);
            *out += 1 + chunk.len();
        }
    };
    while at + 4 <= source.len() {
        let word = u32::from_le_bytes([source[at], source[at + 1], source[at + 2], source[at + 3]]);
        let head = &mut heads[(word.wrapping_mul(0x9e37_79b1) >> 20) as usize];
        let before = usize::from(core::mem::replace(head, at as u16));
        let same = match before {
            0xffff => 0,
            _ => source[before..].iter().zip(&source[at..]).take(131).take_while(|(a, b)| a == b).count(),
        };
        if same < 4 {
            at += 1;
            continue;
        }
        flush(plain, at, packed, &mut out);
        packed[out] = 128 + (same - 4) as u8;
        packed[out + 1..out + 3].copy_from_slice(&((at - before) as u16).to_le_bytes());
        out += 3;
        at += same;
        plain = at;
    }
    flush(plain, source.len(), packed, &mut out);
    out
}

fn unpack(packed: &[u8], back: &mut [u8]) -> usize {
    let (mut at, mut out) = (0, 0);
    while at < packed.len() {
        let code = usize::from(packed[at]);
        if code < 128 {
            back[out..out + code + 1].copy_from_slice(&packed[at + 1..at + code + 2]);
            at += code + 2;
            out += code + 1;
            continue;
        }
        let distance = usize::from(packed[at + 1]) | usize::from(packed[at + 2]) << 8;
        for _ in 0..code - 124 {
            back[out] = back[out - distance];
            out += 1;
        }
        at += 3;
    }
    out
}

/// Packs and unpacks `n` bytes (at most 16384; more trap): the packed size in the high half, its digest in the low.
/// Traps if what comes back differs.
#[unsafe(no_mangle)]
pub extern "C" fn lz(n: u32, noise: u32, seed: u32) -> u64 {
    let (source, packed, back) = (&mut SOURCE.take()[..n as usize], PACKED.take(), BACK.take());
    fill(source, noise, seed);
    let size = pack(source, packed);
    let restored = unpack(&packed[..size], back);
    assert!(&back[..restored] == source);
    let digest = packed[..size].iter().fold(0, |digest, &byte| mix(digest, u32::from(byte)));
    (size as u64) << 32 | u64::from(digest)
}
