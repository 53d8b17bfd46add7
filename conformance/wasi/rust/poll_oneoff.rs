//! Waits for times and files; what cannot be waited for is told at once.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

type Subscription = [u8; 48];

/// A time on a clock.
fn time(userdata: u64, clock: u32, timeout: u64, flags: u16) -> Subscription {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[16..20].copy_from_slice(&clock.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40..42].copy_from_slice(&flags.to_le_bytes());
    bytes
}

/// A file to be read (1) or written (2).
fn on_file(userdata: u64, tag: u8, fd: u32) -> Subscription {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8] = tag;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    bytes
}

/// Waits; the events are at `data()`.
fn subscribe(subscriptions: &[Subscription]) -> u32 {
    poll_oneoff(subscriptions.as_ptr() as u32, data(), subscriptions.len() as u32, result())
}

program! {
    let at = data();
    is!(subscribe(&[time(7, 1, 1_000_000, 0)]), OK);
    is!(u32_at(result()), 1);
    is!(u64_at(at), 7);
    is!(u16_at(at + 8), OK);
    is!(u8_at(at + 10), 0);
    // At a time that is over.
    is!(subscribe(&[time(8, 0, 1, 1)]), OK);
    is!(u64_at(at), 8);
    // The first of several.
    is!(subscribe(&[time(1, 1, u64::MAX, 0), time(2, 1, 1_000, 0)]), OK);
    is!(u32_at(result()), 1);
    is!(u64_at(at), 2);
    let fd = file("poll", b"contents");
    is!(subscribe(&[time(1, 1, u64::MAX, 0), on_file(3, 1, fd), on_file(4, 2, fd)]), OK);
    is!(u32_at(result()), 2);
    is!(u64_at(at), 3);
    is!(u8_at(at + 10), 1);
    is!(u64_at(at + 32), 4);
    is!(u8_at(at + 42), 2);
    is!(subscribe(&[on_file(5, 1, NONE)]), OK);
    is!(u64_at(at), 5);
    is!(u16_at(at + 8), BADF);
    is!(subscribe(&[time(6, 99, 1, 0)]), OK);
    is!(u16_at(at + 8), INVAL);
    is!(poll_oneoff(at, at, 0, result()), INVAL);
    is!(poll_oneoff(end() - 47, at, 1, result()), FAULT);
    is!(poll_oneoff(at, end() - 31, 1, result()), FAULT);
}
