//! A hash table with chains of nodes from a bump allocator, resized as it grows, and one with open addressing.
#![no_std]

mod common;
use common::{Global, Random, mix};

const NONE: u32 = u32::MAX;
const NODES: usize = 1 << 13;
const BUCKETS: usize = 1 << 12;

#[derive(Clone, Copy)]
struct Node {
    key: u64,
    value: u32,
    next: u32,
}

/// Nodes are handed out from the front of `nodes` and never given back but to `free`.
struct Table {
    nodes: [Node; NODES],
    used: u32,
    free: u32,
    buckets: [u32; BUCKETS],
    mask: u32,
    count: u32,
}

static TABLE: Global<Table> = Global::new(Table {
    nodes: [Node { key: 0, value: 0, next: 0 }; NODES],
    used: 0,
    free: 0,
    buckets: [0; BUCKETS],
    mask: 0,
    count: 0,
});

fn hash(key: u64) -> u32 {
    let wide = (key ^ key >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (wide ^ wide >> 32) as u32
}

impl Table {
    fn clear(&mut self) {
        self.buckets[..16].fill(NONE);
        (self.used, self.free, self.mask, self.count) = (0, NONE, 15, 0);
    }

    fn find(&self, key: u64) -> Option<u32> {
        let mut at = self.buckets[(hash(key) & self.mask) as usize];
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.key == key {
                return Some(at);
            }
            at = node.next;
        }
        None
    }

    /// A full arena traps.
    fn insert(&mut self, key: u64, value: u32) {
        if let Some(at) = self.find(key) {
            self.nodes[at as usize].value = value;
            return;
        }
        if self.count > self.mask && (self.mask as usize) < BUCKETS - 1 {
            self.grow();
        }
        let at = self.free;
        let at = if at == NONE {
            self.used += 1;
            self.used - 1
        } else {
            self.free = self.nodes[at as usize].next;
            at
        };
        let bucket = &mut self.buckets[(hash(key) & self.mask) as usize];
        self.nodes[at as usize] = Node { key, value, next: *bucket };
        *bucket = at;
        self.count += 1;
    }

    fn remove(&mut self, key: u64) -> bool {
        let bucket = (hash(key) & self.mask) as usize;
        let (mut before, mut at) = (NONE, self.buckets[bucket]);
        while at != NONE {
            let Node { key: found, next, .. } = self.nodes[at as usize];
            if found == key {
                if before == NONE {
                    self.buckets[bucket] = next;
                } else {
                    self.nodes[before as usize].next = next;
                }
                self.nodes[at as usize].next = self.free;
                self.free = at;
                self.count -= 1;
                return true;
            }
            (before, at) = (at, next);
        }
        false
    }

    fn grow(&mut self) {
        let old = self.mask as usize + 1;
        self.mask = self.mask * 2 + 1;
        self.buckets[old..2 * old].fill(NONE);
        for bucket in 0..old {
            let mut at = self.buckets[bucket];
            self.buckets[bucket] = NONE;
            while at != NONE {
                let node = &mut self.nodes[at as usize];
                let bucket = &mut self.buckets[(hash(node.key) & self.mask) as usize];
                let next = node.next;
                node.next = *bucket;
                *bucket = at;
                at = next;
            }
        }
    }
}

/// `n` operations (half inserts, a quarter each of look-ups and removals) over `keys` different keys; a digest.
#[unsafe(no_mangle)]
pub extern "C" fn chained(n: u32, keys: u32, seed: u32) -> u32 {
    let table = TABLE.take();
    table.clear();
    let mut random = Random(seed);
    let mut digest = 0;
    for i in 0..n {
        let r = random.next();
        let key = u64::from((r >> 4) % keys) * 0x1_0000_0001 + 7;
        match r & 3 {
            0 => digest = mix(digest, table.find(key).map_or(1, |at| table.nodes[at as usize].value)),
            1 => digest = mix(digest, u32::from(table.remove(key))),
            _ => table.insert(key, i),
        }
    }
    mix(digest, table.count)
}

static OPEN: Global<[(u32, u32); 1 << 13]> = Global::new([(0, 0); 1 << 13]);

/// Counts how often each of `keys` values comes among `n` random ones, by linear probing; the highest count and its
/// key as `count << 32 | key`. More keys than places (8192) never end, so they trap.
#[unsafe(no_mangle)]
pub extern "C" fn probing(n: u32, keys: u32, seed: u32) -> u64 {
    let table = OPEN.take();
    assert!((keys as usize) < table.len());
    table.fill((0, 0));
    let mut random = Random(seed);
    let mut best = (0, 0);
    for _ in 0..n {
        let r = random.next();
        let key = (r % keys).min((r >> 7) % keys) + 1;
        let mut at = (key.wrapping_mul(0x9e37_79b1) >> 19) as usize;
        while table[at].0 != key && table[at].0 != 0 {
            at = (at + 1) % table.len();
        }
        table[at].0 = key;
        table[at].1 += 1;
        best = best.max((table[at].1, key));
    }
    u64::from(best.0) << 32 | u64::from(best.1)
}
