//! The call graph of a module, from its code and what was declared.

use super::calls::{Choices, References, Source};
use super::code::{self, Call, Code};
use super::graph::{Edge, Graph, Weight};
use super::{BudgetError, Declarations, Import, IndirectCall, Reason, Site};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use wrt_runtime::Image;
use wrt_runtime::image::format::ValType;
use wrt_runtime::stack::HOST_FRAME_WORDS;

/// How many edges the call graph may have: far more than any real module's.
const EDGES_MAX: usize = 1 << 24;

fn slots_of(types: &[ValType]) -> i64 {
    types.iter().map(|ty| i64::from(ty.slots())).sum()
}

/// Slots of a function's parameters and results.
fn type_slots(image: &Image<'_>, func: u32) -> (i64, i64) {
    let ty = image.funcs.get(func as usize).and_then(|record| image.func_type(record.ty()));
    ty.map_or((0, 0), |(params, results)| (slots_of(params), slots_of(results)))
}

/// The call graph of a module, and what its calls were found to be.
pub(super) struct Calls {
    pub(super) graph: Graph,
    /// The node of each call, by function and position.
    pub(super) nodes: BTreeMap<u32, u32>,
    pub(super) indirect: Vec<IndirectCall>,
    /// Why nodes have no bound that call what nobody knows.
    pub(super) foreign: BTreeMap<u32, Vec<Reason>>,
}

impl Calls {
    pub(super) fn new(
        code: &Code<'_>,
        references: &References<'_>,
        declared: &Declarations,
    ) -> Result<Self, BudgetError> {
        let (mut choices, mut edges) = (Choices::default(), Vec::new());
        let mut calls =
            Self { graph: Graph::default(), nodes: BTreeMap::new(), indirect: Vec::new(), foreign: BTreeMap::new() };
        let waits = |func: &u32| matches!(declared.imports.get(func), Some(Import::Calls(_)));
        let mut unused: BTreeSet<Site> = declared.callees.keys().copied().collect();
        for func in code.own() {
            for call in code.calls(func) {
                let site = code.site(func, call.pc);
                unused.remove(&site);
                let to = calls.node(code, references, &mut choices, (call, site), declared)?;
                let frames = i64::from(!call.tail);
                let weight = Weight { frames, slots: i64::from(call.start), records: frames };
                // A host function that waits has a mark in place of a caller that is gone.
                let marked = call.tail && waits(&to);
                let weight = Weight { records: weight.records + i64::from(marked), ..weight };
                edges.push((func, Edge { to, weight, stays: !call.tail }));
                calls.nodes.insert(call.pc, to);
                if edges.len() > EDGES_MAX {
                    return Err(BudgetError::Edges(EDGES_MAX));
                }
            }
        }
        if let Some(site) = unused.first() {
            let what = format!("the callees of the call in function {} at {:#x}", site.func, site.at);
            return Err(BudgetError::Unknown { what, wanted: "indirect call there" });
        }
        Self::add_imports(code, declared, &mut edges)?;
        for (choice, functions) in (code.funcs()..).zip(&choices.functions) {
            for to in functions.iter() {
                let marked = choices.tail(choice - code.funcs()) && waits(to);
                let weight = Weight { records: i64::from(marked), ..Weight::default() };
                edges.push((choice, Edge { to: *to, weight, stays: false }));
            }
            if edges.len() > EDGES_MAX {
                return Err(BudgetError::Edges(EDGES_MAX));
            }
        }
        calls.graph = Graph::new(code.image.funcs.len() + choices.functions.len(), edges);
        Ok(calls)
    }

    /// The node that a call leads to.
    fn node(
        &mut self,
        code: &Code<'_>,
        references: &References<'_>,
        choices: &mut Choices,
        (call, site): (Call, Site),
        declared: &Declarations,
    ) -> Result<u32, BudgetError> {
        let named = declared.callees.get(&site);
        let Some((source, ty)) = references.source(call.callee) else {
            let code::Callee::Func(func) = call.callee else { return Ok(0) };
            if named.is_some() {
                let what = format!("the callees of the call in function {} at {:#x}", site.func, site.at);
                return Err(BudgetError::NotNeeded { what, why: "it is a direct call" });
            }
            return Ok(func);
        };
        if let Some(named) = named {
            for func in named {
                if !references.fits(*func, ty) {
                    let what = format!("that the call in function {} at {:#x} calls {func}", site.func, site.at);
                    return Err(BudgetError::NotNeeded { what, why: "that function is not of its type" });
                }
            }
            let named: Arc<[u32]> = named.as_slice().into();
            self.indirect.push(IndirectCall { site, callees: Arc::clone(&named), declared: true });
            return Ok(code.funcs() + choices.add(named, call.tail));
        }
        let choice = choices.of(references, source, ty, call.tail);
        let callees = choices.functions.get(choice as usize).map_or_else(|| [].into(), Arc::clone);
        self.indirect.push(IndirectCall { site, callees, declared: false });
        if source == Source::Foreign {
            self.foreign.entry(site.func).or_default().push(Reason::Foreign { site });
        }
        Ok(code.funcs() + choice)
    }

    /// What imports call in turn.
    fn add_imports(code: &Code<'_>, declared: &Declarations, edges: &mut Vec<(u32, Edge)>) -> Result<(), BudgetError> {
        for (import, what) in &declared.imports {
            if *import >= code.imported {
                let what = format!("what function {import} is");
                return Err(BudgetError::Unknown { what, wanted: "such import" });
            }
            let Import::Calls(functions) = what else { continue };
            let (params, results) = type_slots(&code.image, *import);
            // The host function's arguments and words stay below its callee; a call through `Caller` leaves its results' room.
            let slots = (params + i64::from(HOST_FRAME_WORDS)).max(results);
            for to in functions {
                edges.push((*import, Edge { to: *to, weight: Weight { frames: 1, slots, records: 2 }, stays: true }));
            }
        }
        Ok(())
    }

    /// What each node takes itself.
    pub(super) fn own(&self, code: &Code<'_>, declared: &Declarations) -> Vec<Weight> {
        let mut own = vec![Weight::default(); self.graph.len()];
        for (func, own) in (0..code.funcs()).zip(&mut own) {
            *own = match declared.imports.get(&func) {
                Some(Import::Instance { stack, .. }) => {
                    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
                    // The boundary's mark stands where that of the call from outside would.
                    Weight { frames: signed(stack.frames), slots: signed(stack.slots), records: signed(stack.records) }
                }
                _ if func < code.imported => {
                    let (params, results) = type_slots(&code.image, func);
                    // The host's functions have no frame: the caller, whose call counts it, is not put away.
                    Weight { frames: 0, slots: params.max(results), records: -1 }
                }
                _ => {
                    let slots = code.image.entry(func).map_or(0, |entry| entry.slots());
                    Weight { frames: 1, slots: slots.into(), records: 0 }
                }
            };
        }
        own
    }
}
