//! What handling a module costs: time and memory of this thread alone.
//!
//! Time is compared between an input and one four times its size, so that it does not matter how fast the machine is.

use cpu_time::ThreadTime;
use std::time::Duration;

/// What something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Time of the thread.
    pub(crate) time: Duration,
    /// Most bytes in use beyond those at the start.
    pub(crate) bytes: usize,
}

/// Does something and tells what it took.
pub(crate) fn cost(act: impl FnOnce()) -> Cost {
    let mut time = Duration::ZERO;
    let memory = allocation_counter::measure(|| {
        let start = ThreadTime::now();
        act();
        time = start.elapsed();
    });
    Cost { time, bytes: memory.bytes_max as usize }
}

/// Times of the small and the large input are four apart where the cost is linear, and sixteen where it is quadratic.
const RATIO: u32 = 9;

/// Below this, times say nothing.
const NOISE: Duration = Duration::from_millis(40);

/// Tries before a time counts: another program may have emptied the caches.
const TRIES: usize = 3;

/// Memory that anything may take, whatever the input.
const BASE: usize = 4 << 20;

/// Checks that the cost of `act` grows no faster than its input, and takes at most `per_byte` bytes for each byte of it.
pub(crate) fn grows_linearly(size: usize, per_byte: usize, make: impl Fn(usize) -> Vec<u8>, act: impl Fn(&[u8])) {
    let (small, large) = (make(size), make(4 * size));
    let mut last = None;
    for _ in 0..TRIES {
        let costs = [cost(|| act(&small)), cost(|| act(&large))];
        println!("{} bytes: {:?}; {} bytes: {:?}", small.len(), costs[0], large.len(), costs[1]);
        for (cost, input) in costs.iter().zip([&small, &large]) {
            assert!(cost.bytes <= BASE + per_byte * input.len(), "{} bytes took {cost:?}", input.len());
        }
        if costs[1].time <= costs[0].time * RATIO + NOISE {
            return;
        }
        last = Some(costs);
    }
    panic!("time grows faster than the input: {last:?}");
}
