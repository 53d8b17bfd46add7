//! Why functions have no bound, gathered from all that they call.

use super::callgraph::Calls;
use super::fuel::Times;
use super::graph::Graph;
use super::stack::Stacks;
use super::{Entry, REASONS_MAX, Reason, Root, StackNeeds};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Why nodes have no bound: what they say themselves, and what those that they call say.
struct Causes {
    all: Vec<Reason>,
    /// The first of them, by their places in `all`; shared along chains of calls. Empty for nodes that have a bound.
    of: Vec<Arc<BTreeSet<u32>>>,
}

impl Causes {
    fn new<'r>(graph: &Graph, own: impl Iterator<Item = (&'r u32, &'r Reason)>) -> Self {
        let mut by_node: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut all: Vec<(&Reason, u32)> = own.map(|(node, reason)| (reason, *node)).collect();
        all.sort_unstable();
        for (at, (_, node)) in (0..).zip(&all) {
            by_node.entry(*node).or_default().push(at);
        }
        let none: Arc<BTreeSet<u32>> = Arc::default();
        let mut causes = Self {
            all: all.into_iter().map(|(reason, _)| reason.clone()).collect(),
            of: vec![Arc::clone(&none); graph.len()],
        };
        for nodes in graph.components(|_, _| true) {
            let mut own: BTreeSet<u32> = BTreeSet::new();
            let mut called: Vec<&Arc<BTreeSet<u32>>> = Vec::new();
            for node in &nodes {
                own.extend(by_node.get(node).into_iter().flatten());
                for edge in graph.edges(*node) {
                    let set = &causes.of[edge.to as usize];
                    if !set.is_empty() && called.last().is_none_or(|last| !Arc::ptr_eq(last, set)) {
                        called.push(set);
                    }
                }
            }
            let set = match called.as_slice() {
                [only] if own.is_empty() => Arc::clone(only),
                [] if own.is_empty() => continue,
                several => {
                    for set in several {
                        own.extend(set.iter());
                        while own.len() > REASONS_MAX {
                            own.pop_last();
                        }
                    }
                    Arc::new(own.into_iter().take(REASONS_MAX).collect())
                }
            };
            for node in nodes {
                causes.of[node as usize] = Arc::clone(&set);
            }
        }
        causes
    }

    fn of(&self, node: u32) -> Vec<Reason> {
        let set = self.of.get(node as usize).map(|set| set.iter()).into_iter().flatten();
        let mut reasons: Vec<Reason> = set.filter_map(|at| self.all.get(*at as usize)).cloned().collect();
        reasons.dedup();
        reasons
    }
}

/// Puts together what is known of functions that are called from outside.
pub(super) struct Finder<'f> {
    stacks: &'f Stacks,
    times: &'f Times,
    stack_causes: Causes,
    fuel_causes: Causes,
}

impl<'f> Finder<'f> {
    pub(super) fn new(calls: &Calls, stacks: &'f Stacks, times: &'f Times) -> Self {
        let each = |map: &'f BTreeMap<u32, Vec<Reason>>| {
            map.iter().flat_map(|(node, reasons)| reasons.iter().map(move |reason| (node, reason)))
        };
        let foreign =
            || calls.foreign.iter().flat_map(|(node, reasons)| reasons.iter().map(move |reason| (node, reason)));
        Self {
            stacks,
            times,
            stack_causes: Causes::new(&calls.graph, stacks.reasons.iter().chain(foreign())),
            fuel_causes: Causes::new(&calls.graph, each(&times.reasons).chain(foreign())),
        }
    }

    pub(super) fn root(&self, entry: Entry, func: u32) -> Root {
        let (stack, fuel) = (self.stack_causes.of(func), self.fuel_causes.of(func));
        let need = self.stacks.needs.get(func as usize).copied().flatten().filter(|_| stack.is_empty());
        let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
        let most = self.times.of.get(func as usize).and_then(|callee| callee.most).filter(|_| fuel.is_empty());
        Root {
            entry,
            func,
            stack: need.ok_or(stack).map(|need| StackNeeds {
                frames: unsigned(need.frames),
                slots: unsigned(need.slots),
                // The call from outside has a mark of its own.
                records: unsigned(need.records.saturating_add(1).max(1)),
            }),
            fuel: most.ok_or(fuel),
        }
    }
}
