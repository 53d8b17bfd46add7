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

/// Tries, of which the least times count: other programs empty the caches.
const TRIES: usize = 5;

/// Memory that anything may take, whatever the input.
const BASE: usize = 4 << 20;

/// Checks that the cost of `act` grows no faster than its input, and takes at most `per_byte` bytes for each byte of it.
pub(crate) fn grows_linearly(size: usize, per_byte: usize, make: impl Fn(usize) -> Vec<u8>, act: impl Fn(&[u8])) {
    let (small, large) = (make(size), make(4 * size));
    let mut least = [Duration::MAX; 2];
    for _ in 0..TRIES {
        for (least, input) in least.iter_mut().zip([&small, &large]) {
            let cost = cost(|| act(input));
            println!("{} bytes: {cost:?}", input.len());
            assert!(cost.bytes <= BASE + per_byte * input.len(), "{} bytes took {cost:?}", input.len());
            *least = cost.time.min(*least);
        }
        if least[1] <= least[0] * RATIO + NOISE {
            return;
        }
    }
    panic!("time grows faster than the input: {least:?}");
}
