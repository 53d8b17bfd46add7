//! Functions as they lie in an image: their instructions, calls, and what can be said of operands in front of them.

use super::Site;
use wrt_instructions::op::{Plain, Row};
use wrt_runtime::image::flow;
use wrt_runtime::image::format::{FuncRecord, kind};
use wrt_runtime::{Image, Instr};

/// One instruction with its data word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) pc: u32,
    pub(super) n: Instr,
    pub(super) row: Row,
    pub(super) data: Instr,
    /// Position after it and its data words.
    pub(super) next: u32,
}

impl Step {
    /// The row, where it has one form.
    pub(super) const fn plain(&self) -> Option<Plain> {
        match self.row {
            Row::Plain(row) => Some(row),
            _ => None,
        }
    }
}

/// What a call calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee {
    /// A function by its index.
    Func(u32),
    /// What a table has, of a type.
    Table { table: u32, ty: u32 },
    /// A reference of a type.
    Ref { ty: u32 },
}

/// A call in code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) pc: u32,
    pub(super) callee: Callee,
    /// Where in the caller's frame the callee's begins.
    pub(super) start: u32,
    /// Whether the callee's frame takes the place of the caller's.
    pub(super) tail: bool,
}

/// An image whose code can be walked; it was checked, or written by this crate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code<'i> {
    pub(super) image: Image<'i>,
    /// How many functions are imported.
    pub(super) imported: u32,
}

impl<'i> Code<'i> {
    pub(super) fn new(image: &Image<'i>) -> Self {
        let imported = image.imports.iter().filter(|import| import.kind.get() == kind::FUNC).count();
        Self { image: *image, imported: imported as u32 }
    }

    /// The number of functions, imported ones included.
    pub(super) fn funcs(&self) -> u32 {
        self.image.funcs.len() as u32
    }

    /// The functions that have code.
    pub(super) fn own(&self) -> core::ops::Range<u32> {
        self.imported..self.funcs()
    }

    /// The instructions of a function, which lie up to the next one's.
    pub(super) fn steps(&self, func: u32) -> impl Iterator<Item = Step> + use<'i> {
        let image = self.image;
        let pc = |func: u32| image.funcs.get(func as usize).map(FuncRecord::pc);
        let (mut at, end) = (pc(func).unwrap_or(u32::MAX), pc(func.saturating_add(1)));
        let end = end.unwrap_or(image.instr_count() as u32);
        core::iter::from_fn(move || {
            let n = image.instr(at).filter(|_| at < end)?;
            let row = n.op().row()?;
            let data = if row.has_data() { image.instr(at + 1).unwrap_or_default() } else { Instr::default() };
            let pc = at;
            at = at.saturating_add(1).saturating_add(flow::words(row, n));
            Some(Step { pc, n, row, data, next: at })
        })
    }

    /// The calls of a function.
    pub(super) fn calls(&self, func: u32) -> impl Iterator<Item = Call> + use<'i> {
        self.steps(func).filter_map(|step| call(&step))
    }

    /// The place of an instruction for people: the offset of its operator, or its position where the image has no offsets.
    pub(super) fn site(&self, func: u32, pc: u32) -> Site {
        let positions = self.image.positions;
        let record = positions.binary_search_by_key(&pc, |record| record.pc.get()).ok();
        let offset = record.and_then(|at| positions.get(at)).map(|record| record.offset.get());
        Site { func, at: offset.unwrap_or(pc) }
    }
}

fn call(step: &Step) -> Option<Call> {
    let row = step.plain().filter(|row| flow::is_call(*row))?;
    let (n, data) = (step.n, step.data);
    let tail = flow::is_tail_call(row);
    let (callee, start) = match row {
        Plain::CallIndirect | Plain::ReturnCallIndirect => (Callee::Table { table: data.ab(), ty: n.imm }, data.imm),
        Plain::CallRef | Plain::ReturnCallRef => (Callee::Ref { ty: n.imm }, data.imm),
        _ => (Callee::Func(n.imm), n.ab()),
    };
    // The arguments move down to where the caller's frame began.
    Some(Call { pc: step.pc, callee, start: if tail { 0 } else { start }, tail })
}

/// How many instructions in front of an operator are looked at for its operand: it has three at most, each a move.
const LOOK_BACK: usize = 8;

/// The constant that slot `slot` holds before the instruction at index `at` of `steps`, where the instructions before it
/// write it there in any case: none of them is led to by a branch (`is_target`).
pub(super) fn constant_in(steps: &[Step], at: usize, slot: u32, is_target: impl Fn(usize) -> bool) -> Option<u64> {
    let mut index = at;
    for _ in 0..LOOK_BACK {
        if is_target(index) {
            return None;
        }
        index = index.checked_sub(1)?;
        let step = steps.get(index)?;
        let (n, wrote) = (step.n, u32::from(step.n.a) == slot);
        let moved = |count: usize| {
            let [first, _, second, _] = n.imm.to_le_bytes();
            [first, second].into_iter().take(count).any(|register| u32::from(register) == slot)
        };
        match step.plain()? {
            Plain::Const if wrote => return Some(n.imm.into()),
            Plain::ConstS if wrote => return Some(n.imm as i32 as i64 as u64),
            Plain::ConstHi if wrote => return Some(u64::from(n.imm) << 32),
            Plain::Const64 if wrote => return Some(u64::from(n.imm) | u64::from(step.data.imm) << 32),
            Plain::Const | Plain::ConstS | Plain::ConstHi | Plain::Const64 => {}
            Plain::Mov if !wrote => {}
            Plain::Mov2 if !wrote && !moved(1) => {}
            Plain::Mov3 if !wrote && !moved(2) => {}
            _ => return None,
        }
    }
    None
}
