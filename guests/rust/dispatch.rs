//! Trait objects, closures and function pointers: calls through the table as Rust makes them.
#![no_std]

mod common;
use common::{Random, mix};

trait Filter {
    fn step(&mut self, input: i32) -> i32;
    fn reset(&mut self) {}
}

struct Gain(i32);
struct Delay([i32; 8], usize);
struct Clip(i32, i32);
struct Average(i32);

impl Filter for Gain {
    fn step(&mut self, input: i32) -> i32 {
        input.wrapping_mul(self.0) >> 4
    }
}

impl Filter for Delay {
    fn step(&mut self, input: i32) -> i32 {
        self.1 = (self.1 + 1) % 8;
        core::mem::replace(&mut self.0[self.1], input)
    }

    fn reset(&mut self) {
        self.0 = [0; 8];
    }
}

impl Filter for Clip {
    fn step(&mut self, input: i32) -> i32 {
        input.clamp(self.0, self.1)
    }
}

impl Filter for Average {
    fn step(&mut self, input: i32) -> i32 {
        self.0 += (input - self.0) / 4;
        self.0
    }

    fn reset(&mut self) {
        self.0 = 0;
    }
}

/// Sends `n` samples through a chain of six filters behind trait objects.
#[unsafe(no_mangle)]
pub extern "C" fn filters(n: u32, seed: u32) -> u32 {
    let mut chain: [&mut dyn Filter; 6] = [
        &mut Gain(24),
        &mut Delay([0; 8], 0),
        &mut Average(0),
        &mut Clip(-20_000, 20_000),
        &mut Gain(9),
        &mut Average(0),
    ];
    let chain = core::hint::black_box(&mut chain);
    let mut random = Random(seed);
    let mut digest = 0;
    for i in 0..n {
        let mut sample = i32::from(random.next() as i16);
        for filter in &mut *chain {
            if i % 1024 == 0 {
                filter.reset();
            }
            sample = filter.step(sample);
        }
        digest = mix(digest, sample as u32);
    }
    digest
}

/// Calls one of five closures `n` times through `&dyn Fn`, each over what it has captured.
#[unsafe(no_mangle)]
pub extern "C" fn closures(n: u32, seed: u32) -> u64 {
    let (a, b) = (u64::from(seed) | 1, u64::from(seed.rotate_left(7)));
    let all: [&dyn Fn(u64) -> u64; 5] =
        [&|x| x.wrapping_add(a), &|x| x.wrapping_mul(a), &|x| x ^ b, &|x| x.rotate_right(11).wrapping_sub(b), &|x| {
            x.leading_zeros() as u64 + (x << 1)
        }];
    let mut random = Random(seed);
    (0..n).fold(1, |value, _| all[random.next() as usize % 5](value))
}

fn double(x: f64) -> f64 {
    x + x
}

fn half(x: f64) -> f64 {
    x * 0.5
}

fn inverse(x: f64) -> f64 {
    1.0 / x
}

fn shift(x: f64) -> f64 {
    x + 1.25
}

/// Applies a path of `n` float functions chosen by the bits of `path`, two at a time, to `x`.
#[unsafe(no_mangle)]
pub extern "C" fn path(path: u64, n: u32, x: f64) -> f64 {
    let functions: [fn(f64) -> f64; 4] = [double, half, inverse, shift];
    (0..n).fold(x, |x, i| functions[(path >> (i * 2 % 64) & 3) as usize](x))
}
