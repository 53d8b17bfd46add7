//! One function's ways: the dearest one, in fuel.
//!
//! All fuel of a function is charged by its heads, by the operators that charge besides, and by what it calls. So its bound
//! is the dearest way through its instructions. Structured code has backward branches to heads of loops alone: without them
//! its ways go from lower positions to higher ones, and one pass in that order finds the dearest. A loop whose head
//! is passed *n* times at most adds *n* − 1 of its dearest turns to its head; loops are taken from the inside outwards.

use super::Declarations;
use super::Reason;
use super::code::{Code, Step, constant_in};
use alloc::vec;
use alloc::vec::Vec;
use wrt_instructions::op::{Plain, Target};
use wrt_instructions::price;
use wrt_runtime::image::flow;
use wrt_runtime::image::format::{CATCH_REF, CatchRecord, NONE};
use wrt_runtime::instr::{SPLIT, table_entry};
use wrt_runtime::storage::Handlers;
use wrt_runtime::types::{MemoryType, TableType};

/// How many steps the analysis of one function may take. Compiled code takes some for each instruction, more where loops are
/// nested; only code that is made for it nests thousands of long ones.
const WORK_MAX: u64 = 1 << 28;

/// How many branches one function may have, entries of tables and ways to handlers among them.
const BRANCHES_MAX: usize = 1 << 24;

/// What is known of a function's fuel.
#[derive(Default)]
pub(super) struct Fuel {
    /// The most that a call of it uses, all that it calls included; `None` where that has no bound.
    pub(super) most: Option<u64>,
    /// Why not, as far as its own code goes.
    pub(super) reasons: Vec<Reason>,
    /// Its loops, by their heads' positions, with the dearest turn of each.
    pub(super) loops: Vec<(u32, Option<u64>)>,
    /// Its operators whose work is known at run time alone.
    pub(super) lengths: Vec<u32>,
}

/// What a callee uses.
#[derive(Clone, Copy, Default)]
pub(super) struct Callee {
    /// Its fuel; `None` where it has no bound.
    pub(super) most: Option<u64>,
    /// Whether it may end with an exception.
    pub(super) throws: bool,
}

/// What the callee of the call at a position uses.
pub(super) type Callees<'c> = dyn Fn(u32) -> Callee + 'c;

/// The bound of a function.
// @need-ids: REQ_BUDGET_002, REQ_FUEL_SCHEDULE_001
pub(super) fn fuel(code: &Code<'_>, func: u32, declared: &Declarations, callees: &Callees<'_>) -> Fuel {
    let mut ways = Ways::new(code, func, declared, callees);
    match ways.bound() {
        Some(most) if ways.bounded => ways.found.most = Some(most),
        _ => {}
    }
    ways.found
}

struct Ways<'c, 'i> {
    code: &'c Code<'i>,
    func: u32,
    declared: &'c Declarations,
    callees: &'c Callees<'c>,
    steps: Vec<Step>,
    /// Where the instructions that may follow each begin in `next`.
    first: Vec<u32>,
    next: Vec<u32>,
    /// What each costs, and after that what the other turns of the loops that begin there cost.
    cost: Vec<u64>,
    work: u64,
    /// Whether all costs are bounded so far; callees tell their own reasons.
    bounded: bool,
    found: Fuel,
}

impl<'c, 'i> Ways<'c, 'i> {
    fn new(code: &'c Code<'i>, func: u32, declared: &'c Declarations, callees: &'c Callees<'c>) -> Self {
        Self {
            code,
            func,
            declared,
            callees,
            steps: code.steps(func).collect(),
            first: Vec::new(),
            next: Vec::new(),
            cost: Vec::new(),
            work: 0,
            bounded: true,
            found: Fuel::default(),
        }
    }

    fn refuse(&mut self, reason: Reason) {
        self.bounded = false;
        self.found.reasons.push(reason);
    }

    /// Counts steps of the analysis; `None` when there were too many.
    fn work(&mut self, steps: usize) -> Option<()> {
        self.work = self.work.saturating_add(steps as u64);
        if self.work > WORK_MAX {
            self.refuse(Reason::Complex { func: self.func });
            return None;
        }
        Some(())
    }

    fn bound(&mut self) -> Option<u64> {
        self.follow()?;
        let reached = self.reached()?;
        let led_to = self.led_to();
        for (at, reached) in reached.iter().enumerate() {
            let cost = if *reached { self.cost_of(at, &led_to)? } else { 0 };
            self.cost.push(cost);
        }
        self.loops(&reached)?;
        let most = self.dearest(0, self.steps.len(), &reached)?.into_iter().flatten().max().unwrap_or(0);
        if most == u64::MAX {
            self.refuse(Reason::Overflow { func: self.func });
        }
        Some(most)
    }

    fn index_of(&self, pc: u32) -> Option<u32> {
        self.steps.binary_search_by_key(&pc, |step| step.pc).ok().map(|at| at as u32)
    }

    /// Finds what may follow each instruction.
    fn follow(&mut self) -> Option<()> {
        for at in 0..self.steps.len() {
            self.first.push(self.next.len() as u32);
            let before = self.next.len();
            let Some(step) = self.steps.get(at).copied() else { break };
            if let Some((target, to)) = flow::target(step.row, step.n, step.data) {
                let pc = if target == Target::Back { to } else { step.next.saturating_add(to) };
                let index = self.index_of(pc);
                self.next.extend(index);
            }
            match step.plain() {
                Some(row) if flow::is_table(row) => {
                    let table = step.pc.saturating_add(1);
                    for index in 0..=step.n.imm {
                        let word = |at: u32| self.code.image.instr(table.saturating_add(at));
                        let Some(distance) = table_entry(step.n.imm, index, word) else { break };
                        self.next.extend(self.index_of(table.wrapping_add_signed(distance as i32)));
                    }
                }
                _ if flow::is_end(step.row) => {}
                _ => self.next.extend((at + 1 < self.steps.len()).then_some(at as u32 + 1)),
            }
            self.catches(&step);
            let added = self.next.len().saturating_sub(before);
            self.work(added.saturating_add(1))?;
            if self.next.len() > BRANCHES_MAX {
                self.refuse(Reason::Complex { func: self.func });
                return None;
            }
        }
        self.first.push(self.next.len() as u32);
        Some(())
    }

    /// Where a `throw` leads, and a call whose callee may let an exception out.
    fn catches(&mut self, step: &Step) {
        let Some(row) = step.plain() else { return };
        let throws = match row {
            Plain::Throw | Plain::ThrowRef => true,
            _ => flow::is_call(row) && !flow::is_tail_call(row) && (self.callees)(step.pc).throws,
        };
        if !throws {
            return;
        }
        let image = &self.code.image;
        let handlers = Handlers { records: image.handlers, clauses: image.catches };
        for clause in handlers.around(step.pc) {
            let index = self.index_of(clause.target.get());
            self.next.extend(index);
            if row == Plain::Throw && catches(clause, step) {
                break;
            }
        }
    }

    fn after(&self, at: usize) -> &[u32] {
        let place = |at: usize| self.first.get(at).map_or(0, |at| *at as usize);
        self.next.get(place(at)..place(at + 1)).unwrap_or_default()
    }

    /// Which instructions the function's entry leads to. Structured code is entered from above: what only a backward branch
    /// leads to is no such code.
    fn reached(&mut self) -> Option<Vec<bool>> {
        let mut reached = vec![false; self.steps.len()];
        let mut work: Vec<u32> = vec![0];
        if let Some(entry) = reached.first_mut() {
            *entry = true;
        }
        while let Some(at) = work.pop() {
            for index in 0..self.after(at as usize).len() {
                let Some(&to) = self.after(at as usize).get(index) else { break };
                if !reached[to as usize] {
                    reached[to as usize] = true;
                    work.push(to);
                }
            }
        }
        let mut forward = vec![false; self.steps.len()];
        for at in 0..self.steps.len() {
            if at == 0 || forward[at] {
                forward[at] = true;
                for to in self.after(at) {
                    forward[*to as usize] |= *to as usize > at;
                }
            }
        }
        if forward != reached {
            self.refuse(Reason::Unstructured { func: self.func });
            return None;
        }
        Some(reached)
    }

    /// Which instructions something else than the one before them leads to.
    fn led_to(&self) -> Vec<bool> {
        let mut led_to = vec![false; self.steps.len()];
        for at in 0..self.steps.len() {
            for to in self.after(at).iter().filter(|to| **to as usize != at + 1) {
                led_to[*to as usize] = true;
            }
        }
        led_to
    }

    /// The dearest ways from instruction `from` on to each before `end`, costs at both ends included; by forward steps through
    /// those that `through` has, which begins at `from` too.
    fn dearest(&mut self, from: usize, end: usize, through: &[bool]) -> Option<Vec<Option<u64>>> {
        let mut dear: Vec<Option<u64>> = vec![None; end.saturating_sub(from)];
        if let Some(first) = dear.first_mut() {
            *first = self.cost.get(from).copied();
        }
        for at in from..end {
            let Some(so_far) = dear[at - from] else { continue };
            for to in self.after(at) {
                let to = *to as usize;
                if to > at && to < end && through.get(to - from).copied().unwrap_or(false) {
                    let cost = so_far.saturating_add(self.cost[to]);
                    let dear = &mut dear[to - from];
                    *dear = Some(dear.map_or(cost, |dear| dear.max(cost)));
                }
            }
        }
        self.work(dear.len())?;
        Some(dear)
    }

    /// Adds to the heads of loops what their other turns cost, from the inside outwards.
    fn loops(&mut self, reached: &[bool]) -> Option<()> {
        // The last backward branch to each head, and the first instruction that leads on to each.
        let mut heads: Vec<(usize, usize)> = Vec::new();
        let mut from_above = vec![usize::MAX; self.steps.len()];
        for at in (0..self.steps.len()).filter(|at| reached[*at]) {
            for to in self.after(at).iter().map(|to| *to as usize) {
                if to <= at {
                    heads.push((to, at));
                } else {
                    from_above[to] = from_above[to].min(at);
                }
            }
        }
        heads.sort_unstable();
        let latches = heads.clone();
        heads.dedup_by_key(|(head, _)| *head);
        for (head, _) in heads.into_iter().rev() {
            let first = latches.partition_point(|(other, _)| *other < head);
            let last = latches.partition_point(|(other, _)| *other <= head);
            self.one_loop(head, latches.get(first..last).unwrap_or_default(), &from_above)?;
        }
        self.found.loops.reverse();
        Some(())
    }

    fn one_loop(&mut self, head: usize, latches: &[(usize, usize)], from_above: &[usize]) -> Option<()> {
        let end = latches.last().map_or(head, |(_, latch)| *latch) + 1;
        // What leads to a backward branch of this loop, by forward steps.
        let mut body = vec![false; end - head];
        for (_, latch) in latches {
            body[*latch - head] = true;
        }
        for at in (head..end).rev() {
            let mut after = self.after(at).iter().map(|to| *to as usize);
            let leads = after.any(|to| (at + 1..end).contains(&to) && body[to - head]);
            body[at - head] |= leads;
        }
        self.work(end - head)?;
        if (head + 1..end).any(|at| body[at - head] && from_above[at] < head) {
            self.refuse(Reason::Unstructured { func: self.func });
            return None;
        }
        let dear = self.dearest(head, end, &body)?;
        let turn = latches.iter().filter_map(|(_, latch)| dear[*latch - head]).max().unwrap_or(0);
        let pc = self.steps.get(head).map_or(0, |step| step.pc);
        let site = self.code.site(self.func, pc);
        let bounded = self.bounded;
        let times = self.declared.loops.get(&site).copied().unwrap_or_else(|| {
            self.refuse(Reason::Loop { site });
            1
        });
        self.found.loops.push((pc, bounded.then_some(turn)));
        self.cost[head] = self.cost[head].saturating_add(turn.saturating_mul(times.saturating_sub(1)));
        Some(())
    }

    /// What an instruction charges, with what it calls.
    fn cost_of(&mut self, at: usize, led_to: &[bool]) -> Option<u64> {
        let step = *self.steps.get(at)?;
        let Some(row) = step.plain() else { return Some(0) };
        if flow::is_head(row) {
            return Some(step.n.imm.into());
        }
        if flow::is_call(row) {
            let cost = (self.callees)(step.pc).most;
            self.bounded &= cost.is_some();
            return Some(cost.unwrap_or(0));
        }
        Some(match row {
            Plain::Throw => self.throw(&step),
            Plain::ThrowRef => {
                let site = self.code.site(self.func, step.pc);
                self.refuse(Reason::Exception { site });
                0
            }
            Plain::StructNew
            | Plain::StructNewDefault
            | Plain::ArrayNew
            | Plain::ArrayNewDefault
            | Plain::ArrayNewFixed
            | Plain::ArrayNewData
            | Plain::ArrayNewElem
            | Plain::ArrayFill
            | Plain::ArrayCopy
            | Plain::ArrayInitData
            | Plain::ArrayInitElem => self.object(&step, row.suffix()),
            Plain::MemoryCopy | Plain::MemoryFill => self.bytes(at, led_to, u64::MAX),
            Plain::MemoryInit => {
                let segment = self.code.image.data.get(step.data.imm as usize);
                let most = segment.map_or(0, |segment| segment.bytes.length.get());
                self.bytes(at, led_to, most.into())
            }
            Plain::TableCopy | Plain::TableFill => self.elements(at, led_to, 2, u64::MAX),
            Plain::TableInit => {
                let segment = self.code.image.elements.get(step.data.imm as usize);
                self.elements(at, led_to, 2, segment.map_or(0, |segment| segment.length.get()).into())
            }
            Plain::TableGrow => {
                let table = self.code.image.tables.get(step.n.ab() as usize);
                let most = table.map(TableType::from).and_then(|ty| Some(ty.max?.saturating_sub(ty.min)));
                self.elements(at, led_to, 1, most.unwrap_or(u64::MAX))
            }
            Plain::MemoryGrow => self.memory_growth(at, led_to),
            _ => 0,
        })
    }

    /// Nothing bounds what it costs: a collection goes over the heap, whose size no module says.
    fn object(&mut self, step: &Step, operator: &'static str) -> u64 {
        let site = self.code.site(self.func, step.pc);
        self.refuse(Reason::Object { site, operator });
        0
    }

    fn bytes(&mut self, at: usize, led_to: &[bool], most: u64) -> u64 {
        self.length(at, led_to, 2, most).map_or(0, price::bytes)
    }

    fn elements(&mut self, at: usize, led_to: &[bool], operand: u32, most: u64) -> u64 {
        self.length(at, led_to, operand, most).map_or(0, price::elements)
    }

    fn memory_growth(&mut self, at: usize, led_to: &[bool]) -> u64 {
        let memory = self.steps.get(at).and_then(|step| self.code.image.memories.get(step.n.ab() as usize));
        let Some(ty) = memory.map(MemoryType::from) else { return 0 };
        let most = ty.max.map_or(u64::MAX, |max| max.saturating_sub(ty.min));
        let pages = self.length(at, led_to, 0, most);
        let bytes = |pages: u64| pages.saturating_mul(1_u64.checked_shl(ty.page_log2.into()).unwrap_or(0));
        pages.map_or(0, |pages| price::bytes(bytes(pages)))
    }

    /// How much an operator works on at most, by the operand that says it: a constant, what was declared, or `most`.
    // Growth by more than there is room for is refused, and more than a segment has is a trap: neither is charged for.
    fn length(&mut self, at: usize, led_to: &[bool], operand: u32, most: u64) -> Option<u64> {
        let step = *self.steps.get(at)?;
        let (pc, slot) = (step.pc, step.n.imm.saturating_add(operand));
        let known = if step.n.imm & SPLIT != 0 {
            None
        } else {
            constant_in(&self.steps, at, slot, |at| led_to.get(at).copied().unwrap_or(true))
        };
        if let Some(known) = known {
            return Some(if known <= most { known } else { 0 });
        }
        self.found.lengths.push(pc);
        let site = self.code.site(self.func, pc);
        match self.declared.lengths.get(&site) {
            Some(declared) => Some((*declared).min(most)),
            None if most < u64::MAX => Some(most),
            None => {
                let operator = match step.plain() {
                    Some(row) => row.suffix(),
                    None => "",
                };
                self.refuse(Reason::Length { site, operator });
                None
            }
        }
    }

    /// What a `throw` costs that is certainly caught in its own function: the clauses up to that one.
    fn throw(&mut self, step: &Step) -> u64 {
        let image = &self.code.image;
        let handlers = Handlers { records: image.handlers, clauses: image.catches };
        let mut clauses = 0;
        for clause in handlers.around(step.pc) {
            clauses += 1;
            if clause.slot.get() & CATCH_REF != 0 {
                return self.object(step, "catch_ref");
            }
            if catches(clause, step) {
                return clauses;
            }
        }
        let site = self.code.site(self.func, step.pc);
        self.refuse(Reason::Exception { site });
        0
    }
}

/// Whether a clause catches what this throws in any case; one with another tag may too, for two imports may be one tag.
fn catches(clause: &CatchRecord, throw: &Step) -> bool {
    [NONE, throw.n.imm].contains(&clause.tag.get())
}
