//! Frames and slots: the heaviest way through the call graph.

use super::Reason;
use super::graph::{Edge, Graph, Weight};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// What each node needs at most, itself and all that it calls.
pub(super) struct Stacks {
    /// `None` where it has no bound.
    pub(super) needs: Vec<Option<Weight>>,
    /// Why the nodes of a circle have none, at the first of them.
    pub(super) reasons: BTreeMap<u32, Reason>,
    /// Of the functions whose depth was declared, those in a circle that needs it.
    pub(super) used: Vec<u32>,
}

/// Computes what nodes need, which take `own` themselves. `depths` declares how many calls of a function are in progress at
/// once; nodes from `functions` on are none.
// @need-ids: REQ_BUDGET_001
pub(super) fn stacks(graph: &Graph, own: &[Weight], depths: &BTreeMap<u32, u32>, functions: u32) -> Stacks {
    let components = graph.components(|_, _| true);
    let mut number = vec![0_u32; graph.len()];
    for (at, nodes) in (0..).zip(&components) {
        for node in nodes {
            number[*node as usize] = at;
        }
    }
    // Circles that are left where the declared functions are taken out, again callees first.
    let together = |from: u32, to: u32| number.get(from as usize) == number.get(to as usize);
    let left = |from: u32, to: u32| together(from, to) && !depths.contains_key(&from) && !depths.contains_key(&to);
    let mut parts: Vec<Vec<Vec<u32>>> = vec![Vec::new(); components.len()];
    for part in graph.components(left) {
        let at = part.first().map_or(0, |node| number[*node as usize]);
        parts[at as usize].push(part);
    }
    let mut walk = Walk {
        graph,
        own,
        stacks: Stacks { needs: vec![None; graph.len()], reasons: BTreeMap::new(), used: Vec::new() },
    };
    for (nodes, parts) in components.iter().zip(&parts) {
        let grows = |nodes: &[u32], inside: &dyn Fn(u32, u32) -> bool| {
            nodes.iter().any(|node| graph.edges(*node).iter().any(|edge| edge.stays && inside(*node, edge.to)))
        };
        if !grows(nodes, &together) {
            let need = walk.heaviest(nodes, |edge| !nodes_have(&number, nodes, edge.to));
            for node in nodes {
                walk.stacks.needs[*node as usize] = need;
            }
            continue;
        }
        // A circle within a part of what is left is one that nothing was declared of.
        let part_of: BTreeMap<u32, usize> =
            parts.iter().enumerate().flat_map(|(at, part)| part.iter().map(move |node| (*node, at))).collect();
        let within = |from: u32, to: u32| part_of.contains_key(&from) && part_of.get(&from) == part_of.get(&to);
        if let Some(part) = parts.iter().find(|part| grows(part, &within)) {
            let cycle = graph.circle(part, |edge| edge.stays, within);
            let first = nodes.first().copied().unwrap_or_default();
            walk.stacks.reasons.insert(first, Reason::recursion(cycle, functions));
        } else {
            walk.declared(nodes, parts, depths);
        }
        walk.stacks.used.extend(nodes.iter().filter(|node| depths.contains_key(node)));
    }
    walk.stacks
}

fn nodes_have(number: &[u32], nodes: &[u32], node: u32) -> bool {
    nodes.first().and_then(|first| number.get(*first as usize)) == number.get(node as usize)
}

struct Walk<'g> {
    graph: &'g Graph,
    own: &'g [Weight],
    stacks: Stacks,
}

impl Walk<'_> {
    /// What nodes need that call each other without keeping a frame, by their own frames and the calls that `counts` lets
    /// in; `None` where a callee has no bound.
    fn heaviest(&self, nodes: &[u32], counts: impl Fn(&Edge) -> bool) -> Option<Weight> {
        let mut most = None;
        let mut raise = |weight: Weight| most = Some(most.map_or(weight, |most: Weight| most.max(weight)));
        for node in nodes {
            raise(self.own.get(*node as usize).copied().unwrap_or_default());
            for edge in self.graph.edges(*node).iter().filter(|edge| counts(edge)) {
                raise(edge.weight.plus((*self.stacks.needs.get(edge.to as usize)?)?));
            }
        }
        most
    }

    /// A circle in which every way round passes a function of declared depth; `parts` is what is left without those,
    /// callees first.
    ///
    /// A stack of frames is then cut at each call of a declared function: of function *k* at most *depth(k)* pieces,
    /// each at most as heavy as the heaviest way from there to the next declared function, *turn(k)*; in front of them
    /// the way to the first one; and in place of the last turn whatever comes on top.
    fn declared(&mut self, nodes: &[u32], parts: &[Vec<u32>], depths: &BTreeMap<u32, u32>) {
        let is_declared = |node: u32| depths.contains_key(&node);
        // The heaviest way on top of each node that passes no declared function, and that to the next one.
        let mut turn: BTreeMap<u32, Option<Weight>> = BTreeMap::new();
        let singles: Vec<Vec<u32>> = nodes.iter().filter(|node| is_declared(**node)).map(|node| vec![*node]).collect();
        // Which part each node of the circle is in.
        let all_parts = || parts.iter().chain(&singles).enumerate();
        let inside: BTreeMap<u32, usize> =
            all_parts().flat_map(|(at, part)| part.iter().map(move |node| (*node, at))).collect();
        for (at, part) in all_parts() {
            let own_part = |node: u32| inside.get(&node) == Some(&at) && !is_declared(node);
            let next_one = |node: u32| inside.contains_key(&node) && is_declared(node);
            let top = self.heaviest(part, |edge| !own_part(edge.to) && !next_one(edge.to));
            let mut next: Option<Weight> = None;
            for edge in part.iter().flat_map(|node| self.graph.edges(*node)) {
                let way = if !inside.contains_key(&edge.to) || own_part(edge.to) {
                    None
                } else if is_declared(edge.to) {
                    Some(edge.weight)
                } else {
                    turn.get(&edge.to).copied().flatten().map(|way| edge.weight.plus(way))
                };
                next = way.map_or(next, |way| Some(next.map_or(way, |next| next.max(way))));
            }
            for node in part {
                turn.insert(*node, next);
                self.stacks.needs[*node as usize] = top;
            }
        }
        let mut all = Weight::default();
        for node in singles.iter().flatten() {
            let depth = depths.get(node).copied().unwrap_or(1);
            all = all.plus(turn.get(node).copied().flatten().unwrap_or_default().times(depth));
        }
        let mut whole: Option<Weight> = None;
        for node in singles.iter().flatten() {
            let last = turn.get(node).copied().flatten().unwrap_or_default();
            let top = self.stacks.needs[*node as usize].map(|top| all.minus(last).plus(top));
            let Some(top) = top else {
                // Something that it calls has no bound, and so have all that call it.
                for node in nodes {
                    self.stacks.needs[*node as usize] = None;
                }
                return;
            };
            whole = Some(whole.map_or(top, |whole| whole.max(top)));
        }
        let Some(whole) = whole else { return };
        for node in nodes {
            let plain = self.stacks.needs[*node as usize];
            let through = match turn.get(node).copied().flatten() {
                _ if is_declared(*node) => Some(whole),
                Some(way) => Some(way.plus(whole)),
                None => None,
            };
            self.stacks.needs[*node as usize] = match (plain, through) {
                (Some(plain), Some(through)) => Some(plain.max(through)),
                (plain, None) => plain,
                (None, _) => None,
            };
        }
    }
}
