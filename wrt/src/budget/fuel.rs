//! The fuel of all functions, callees first.

use super::callgraph::Calls;
use super::code::Code;
use super::{BudgetError, Declarations, Import, Loop, Reason, Site, flow};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// The fuel of all functions.
pub(super) struct Times {
    pub(super) of: Vec<flow::Callee>,
    /// By function.
    pub(super) reasons: BTreeMap<u32, Vec<Reason>>,
    pub(super) loops: Vec<Loop>,
}

impl Times {
    pub(super) fn new(code: &Code<'_>, calls: &Calls, declared: &Declarations) -> Result<Self, BudgetError> {
        let graph = &calls.graph;
        let mut times =
            Self { of: vec![flow::Callee::default(); graph.len()], reasons: BTreeMap::new(), loops: Vec::new() };
        let mut lengths: BTreeSet<Site> = BTreeSet::new();
        for nodes in graph.components(|_, _| true) {
            let (Some(&node), circle) = (nodes.first(), nodes.len() > 1) else { continue };
            let circle = circle || graph.edges(node).iter().any(|edge| edge.to == node);
            if circle {
                // Loops are told all the same.
                let among: BTreeSet<u32> = nodes.iter().copied().collect();
                let cycle = graph.circle(&nodes, |_| true, |from, to| among.contains(&from) && among.contains(&to));
                times.reasons.entry(node).or_default().push(Reason::recursion(cycle, code.funcs()));
            }
            for node in nodes {
                let most = times.node(code, calls, declared, node, &mut lengths);
                // What has no bound may as well throw.
                let most = most.filter(|_| !circle);
                let foreign = matches!(declared.imports.get(&node), Some(Import::Instance { .. }));
                let called = graph.edges(node).iter().any(|edge| times.of[edge.to as usize].throws);
                times.of[node as usize] = flow::Callee { most, throws: foreign || called || most.is_none() };
            }
        }
        times.loops.sort_unstable_by_key(|found| found.site);
        let known: BTreeSet<Site> = times.loops.iter().map(|found| found.site).collect();
        let place = |what: &str, site: &Site| format!("the {what} in function {} at {:#x}", site.func, site.at);
        if let Some(site) = declared.loops.keys().find(|site| !known.contains(site)) {
            return Err(BudgetError::Unknown { what: place("bound of the loop", site), wanted: "loop there" });
        }
        if let Some(site) = declared.lengths.keys().find(|site| !lengths.contains(site)) {
            let wanted = "operator there whose length is known at run time alone";
            return Err(BudgetError::Unknown { what: place("length of the operator", site), wanted });
        }
        Ok(times)
    }

    fn node(
        &mut self,
        code: &Code<'_>,
        calls: &Calls,
        declared: &Declarations,
        node: u32,
        lengths: &mut BTreeSet<Site>,
    ) -> Option<u64> {
        match declared.imports.get(&node) {
            Some(Import::Calls(_)) => {
                self.reasons.entry(node).or_default().push(Reason::Calls { import: node });
                return None;
            }
            Some(Import::Instance { fuel: None, .. }) => {
                self.reasons.entry(node).or_default().push(Reason::Instance { import: node });
                return None;
            }
            Some(Import::Instance { fuel, .. }) => return *fuel,
            None => {}
        }
        if node < code.imported {
            return Some(0);
        }
        if node >= code.funcs() {
            // The dearest of a choice.
            let callees = calls.graph.edges(node).iter().map(|edge| self.of[edge.to as usize].most);
            return callees.into_iter().try_fold(0, |most: u64, next| Some(most.max(next?)));
        }
        let callee = |pc: u32| {
            calls.nodes.get(&pc).map_or(flow::Callee { most: None, throws: true }, |node| self.of[*node as usize])
        };
        let found = flow::fuel(code, node, declared, &callee);
        lengths.extend(found.lengths.iter().map(|pc| code.site(node, *pc)));
        for (pc, turn) in &found.loops {
            let site = code.site(node, *pc);
            self.loops.push(Loop { site, times: declared.loops.get(&site).copied(), turn: *turn });
        }
        let foreign = calls.foreign.contains_key(&node);
        if !found.reasons.is_empty() {
            self.reasons.entry(node).or_default().extend(found.reasons);
        }
        found.most.filter(|_| !foreign)
    }
}
