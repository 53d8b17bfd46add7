//! Quicksort by hand, and the sorts of Rust's own library.
#![no_std]

mod common;
use common::{Global, Random, mix};

static ITEMS: Global<[u32; 1 << 15]> = Global::new([0; 1 << 15]);

fn fill(n: u32, seed: u32) -> &'static mut [u32] {
    let items = &mut ITEMS.take()[..n as usize];
    let mut random = Random(seed);
    items.fill_with(|| random.next());
    items
}

/// Median of three, two-sided partition, insertion sort for short runs, the longer half by the loop.
fn sort(mut items: &mut [u32]) {
    while items.len() > 12 {
        let (middle, last) = (items.len() / 2, items.len() - 1);
        for (a, b) in [(0, middle), (middle, last), (0, middle)] {
            if items[b] < items[a] {
                items.swap(a, b);
            }
        }
        let pivot = items[middle];
        let (mut low, mut high) = (0, last);
        loop {
            while items[low] < pivot {
                low += 1;
            }
            while items[high] > pivot {
                high -= 1;
            }
            if low >= high {
                break;
            }
            items.swap(low, high);
            low += 1;
            high -= 1;
        }
        let (left, right) = items.split_at_mut(low);
        let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
        sort(short);
        items = long;
    }
    for i in 1..items.len() {
        let mut at = i;
        while at > 0 && items[at - 1] > items[at] {
            items.swap(at - 1, at);
            at -= 1;
        }
    }
}

fn digest(items: &[u32]) -> u32 {
    assert!(items.is_sorted());
    items.iter().fold(items.len() as u32, |digest, &item| mix(digest, item))
}

/// Sorts `n` (at most 32768; more traps) pseudo-random numbers by hand.
#[unsafe(no_mangle)]
pub extern "C" fn quicksort(n: u32, seed: u32) -> u32 {
    let items = fill(n, seed);
    sort(items);
    digest(items)
}

/// The same `rounds` times with other seeds.
#[unsafe(no_mangle)]
pub extern "C" fn quicksort_rounds(n: u32, rounds: u32) -> u32 {
    (1..=rounds).fold(0, |sum, seed| mix(sum, quicksort(n, seed)))
}

/// The same numbers by `sort_unstable` of Rust's library.
#[unsafe(no_mangle)]
pub extern "C" fn library_sort(n: u32, seed: u32) -> u32 {
    let items = fill(n, seed);
    items.sort_unstable();
    digest(items)
}

/// The number of rank `k` among `n`, by selection.
#[unsafe(no_mangle)]
pub extern "C" fn select(n: u32, k: u32, seed: u32) -> u32 {
    *fill(n, seed).select_nth_unstable(k as usize).1
}
