//! SHA-256 and the double hash that block chains take.
#![no_std]

mod common;
use common::Global;

const K: [u32; 64] = constants();

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, by integer arithmetic.
const fn constants() -> [u32; 64] {
    let mut k = [0; 64];
    let (mut found, mut candidate) = (0, 2u128);
    while found < 64 {
        let (mut divisor, mut prime) = (2, true);
        while divisor * divisor <= candidate {
            if candidate % divisor == 0 {
                prime = false;
            }
            divisor += 1;
        }
        if prime {
            // The greatest r with r³ ≤ prime · 2⁹⁶ is the root times 2³².
            let (mut low, mut high) = (0u128, 8u128 << 32);
            while high - low > 1 {
                let middle = (low + high) / 2;
                if middle * middle * middle <= candidate << 96 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            k[found] = low as u32;
            found += 1;
        }
        candidate += 1;
    }
    k
}

struct Sha256 {
    state: [u32; 8],
    block: [u8; 64],
    length: u64,
}

impl Sha256 {
    const fn new() -> Self {
        let state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        Self { state, block: [0; 64], length: 0 }
    }

    fn compress(&mut self) {
        let mut w = [0u32; 64];
        for (word, bytes) in w.iter_mut().zip(self.block.chunks_exact(4)) {
            *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = self.state;
        for (&w, &k) in w.iter().zip(&K) {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(k).wrapping_add(w);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) ^ (a & c) ^ (b & c);
            h = g;
            g = f;
            f = e;
            e = d.wrapping_add(t1);
            d = c;
            c = b;
            b = a;
            a = t1.wrapping_add(s0.wrapping_add(majority));
        }
        for (word, add) in self.state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(add);
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.block[(self.length % 64) as usize] = byte;
            self.length += 1;
            if self.length % 64 == 0 {
                self.compress();
            }
        }
    }

    fn finish(mut self) -> [u32; 8] {
        let bits = self.length * 8;
        self.update(&[0x80]);
        while self.length % 64 != 56 {
            self.update(&[0]);
        }
        self.update(&bits.to_be_bytes());
        self.state
    }
}

static MESSAGE: Global<[u8; 4096]> = Global::new([0; 4096]);

fn message(length: u32) -> &'static [u8] {
    let message = MESSAGE.take();
    for (i, byte) in message.iter_mut().enumerate() {
        *byte = i as u8;
    }
    &message[..length as usize]
}

/// Word `word` (0 to 7; others trap) of the digest of the bytes 0, 1, … 255, 0, … of this length (at most 4096).
#[unsafe(no_mangle)]
pub extern "C" fn sha256(length: u32, word: u32) -> u32 {
    let mut hash = Sha256::new();
    hash.update(message(length));
    hash.finish()[word as usize]
}

/// Hashes `length` bytes `rounds` times, each time with the last digest in front; the last digest's first word.
#[unsafe(no_mangle)]
pub extern "C" fn chain(length: u32, rounds: u32) -> u32 {
    let message = message(length);
    let mut last = [0; 8];
    for _ in 0..rounds {
        let mut hash = Sha256::new();
        for word in last {
            hash.update(&u32::to_be_bytes(word));
        }
        hash.update(message);
        last = hash.finish();
    }
    last[0]
}

/// The smallest nonce at or after `start` whose double hash begins with `zeros` zero bits.
#[unsafe(no_mangle)]
pub extern "C" fn mine(start: u64, zeros: u32) -> u64 {
    (start..)
        .find(|nonce| {
            let mut inner = Sha256::new();
            inner.update(&nonce.to_le_bytes());
            let mut outer = Sha256::new();
            for word in inner.finish() {
                outer.update(&word.to_be_bytes());
            }
            outer.finish()[0].leading_zeros() >= zeros
        })
        .unwrap_or(u64::MAX)
}
