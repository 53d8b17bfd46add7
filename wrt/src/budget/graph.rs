//! The call graph: who calls whom, what the caller keeps below the callee, and which calls go in circles.
//!
//! Nodes are the functions by their indices, and behind them one node for each set of functions that indirect calls
//! choose from, so that a thousand calls through one table are a thousand edges and not a million.

// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec;
use alloc::vec::Vec;

/// What frames take; as a weight, what a call adds below its callee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) frames: i64,
    pub(super) slots: i64,
    pub(super) records: i64,
}

impl Weight {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(other.frames),
            slots: self.slots.saturating_add(other.slots),
            records: self.records.saturating_add(other.records),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            frames: self.frames.saturating_sub(other.frames),
            slots: self.slots.saturating_sub(other.slots),
            records: self.records.saturating_sub(other.records),
        }
    }

    pub(super) const fn times(self, count: u32) -> Self {
        let count = count as i64;
        Self {
            frames: self.frames.saturating_mul(count),
            slots: self.slots.saturating_mul(count),
            records: self.records.saturating_mul(count),
        }
    }

    /// The greater of each: they need not come from the same path.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            frames: self.frames.max(other.frames),
            slots: self.slots.max(other.slots),
            records: self.records.max(other.records),
        }
    }
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: u32,
    pub(super) weight: Weight,
    /// Whether the caller's frame stays: a circle of calls that all replace their frames needs one.
    pub(super) stays: bool,
}

/// All calls, by their callers.
#[derive(Debug, Default)]
pub(super) struct Graph {
    first: Vec<u32>,
    edges: Vec<Edge>,
}

impl Graph {
    /// The graph of `nodes` nodes with these edges, which are fewer than 32 bits count.
    pub(super) fn new(nodes: usize, mut list: Vec<(u32, Edge)>) -> Self {
        list.sort_by_key(|(from, _)| *from);
        let mut first = Vec::with_capacity(nodes.saturating_add(1));
        let mut at = 0;
        for node in 0..=nodes {
            while list.get(at).is_some_and(|(from, _)| (*from as usize) < node) {
                at += 1;
            }
            first.push(at as u32);
        }
        Self { first, edges: list.into_iter().map(|(_, edge)| edge).collect() }
    }

    /// How many nodes it has.
    pub(super) fn len(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// The calls of a node.
    pub(super) fn edges(&self, node: u32) -> &[Edge] {
        let at = |index: usize| self.first.get(index).map_or(0, |at| *at as usize);
        self.edges.get(at(node as usize)..at(node as usize + 1)).unwrap_or_default()
    }

    /// The strongly connected components of the nodes that `inside` lets in, by edges between those that it lets in
    /// both ends of: the callees' before their callers'. Without recursion of its own (Tarjan's algorithm, its stack a list).
    pub(super) fn components(&self, inside: impl Fn(u32, u32) -> bool) -> Vec<Vec<u32>> {
        let mut search = Search {
            number: vec![0; self.len()],
            low: vec![0; self.len()],
            open: vec![false; self.len()],
            path: Vec::new(),
            count: 0,
            found: Vec::new(),
        };
        for node in 0..self.len() as u32 {
            if inside(node, node) && search.number[node as usize] == 0 {
                search.from(self, node, &inside);
            }
        }
        search.found
    }

    /// A short circle through a call that `which` picks, among nodes that `inside` lets in; the first node calls the
    /// second, and the last one the first.
    pub(super) fn circle(
        &self,
        nodes: &[u32],
        which: impl Fn(&Edge) -> bool,
        inside: impl Fn(u32, u32) -> bool,
    ) -> Vec<u32> {
        for &from in nodes {
            for edge in self.edges(from).iter().filter(|edge| which(edge) && inside(from, edge.to)) {
                if let Some(mut way) = self.way(edge.to, from, &inside) {
                    // From the caller on, for its call is the one that counts.
                    way.rotate_right(1);
                    return way;
                }
            }
        }
        Vec::new()
    }

    /// A shortest way between two nodes, both included.
    fn way(&self, from: u32, to: u32, inside: &impl Fn(u32, u32) -> bool) -> Option<Vec<u32>> {
        let mut before: BTreeMap<u32, u32> = BTreeMap::from([(from, from)]);
        let mut list = vec![from];
        let mut at = 0;
        while let Some(&node) = list.get(at) {
            at += 1;
            if node == to {
                let mut way = vec![to];
                let mut node = to;
                while node != from {
                    node = *before.get(&node)?;
                    way.push(node);
                }
                way.reverse();
                return Some(way);
            }
            for edge in self.edges(node).iter().filter(|edge| inside(node, edge.to)) {
                if let Entry::Vacant(entry) = before.entry(edge.to) {
                    entry.insert(node);
                    list.push(edge.to);
                }
            }
        }
        None
    }
}

/// Tarjan's search. Numbers begin at 1; 0 is a node not seen yet.
struct Search {
    number: Vec<u32>,
    low: Vec<u32>,
    /// Whether a node is on the path, its component not found yet.
    open: Vec<bool>,
    path: Vec<u32>,
    count: u32,
    found: Vec<Vec<u32>>,
}

impl Search {
    fn from(&mut self, graph: &Graph, root: u32, inside: &impl Fn(u32, u32) -> bool) {
        // Nodes whose calls are being followed, with how many of them were.
        let mut work = vec![(root, 0_usize)];
        self.enter(root);
        while let Some((node, next)) = work.last_mut() {
            let node = *node;
            let Some(edge) = graph.edges(node).get(*next) else {
                work.pop();
                self.leave(node);
                if let Some((caller, _)) = work.last() {
                    let low = self.low[node as usize];
                    let caller = &mut self.low[*caller as usize];
                    *caller = low.min(*caller);
                }
                continue;
            };
            *next += 1;
            let to = edge.to as usize;
            if !inside(node, edge.to) {
                continue;
            }
            if self.number[to] == 0 {
                self.enter(edge.to);
                work.push((edge.to, 0));
            } else if self.open[to] {
                self.low[node as usize] = self.low[node as usize].min(self.number[to]);
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.count += 1;
        self.number[node as usize] = self.count;
        self.low[node as usize] = self.count;
        self.open[node as usize] = true;
        self.path.push(node);
    }

    /// All calls of a node were followed: a component ends with it, if nothing on the way to it can be reached.
    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.number[node as usize] {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.path.pop() {
            self.open[member as usize] = false;
            component.push(member);
            if member == node {
                break;
            }
        }
        component.reverse();
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, calls: &[(u32, u32)]) -> Graph {
        let edge = |to| Edge { to, weight: Weight::default(), stays: true };
        Graph::new(nodes, calls.iter().map(|(from, to)| (*from, edge(*to))).collect())
    }

    // @need-ids: REQ_BUDGET_001
    #[test]
    fn components_come_callees_first_and_circles_are_found() {
        let graph = graph(6, &[(0, 1), (1, 2), (2, 1), (2, 3), (4, 4), (0, 4), (3, 5)]);
        let found = graph.components(|_, _| true);
        assert_eq!(found, [vec![5], vec![3], vec![1, 2], vec![4], vec![0]]);
        assert_eq!(graph.circle(&[1, 2], |edge| edge.stays, |a, b| a != 0 && b != 0), [1, 2]);
        assert_eq!(graph.circle(&[4], |_| true, |_, _| true), [4]);
        assert_eq!(graph.circle(&[0], |_| true, |_, _| true), [0_u32; 0]);
        let without = graph.components(|from, to| from != 1 && to != 1);
        assert_eq!(without.len(), 5);
    }

    // @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
    #[test]
    fn a_chain_of_a_million_calls_takes_no_native_stack() {
        let count = 1_000_000_u32;
        let calls: Vec<_> = (1..count).map(|to| (to - 1, to)).collect();
        let graph = graph(count as usize, &calls);
        assert_eq!(graph.components(|_, _| true).len(), count as usize);
    }
}
