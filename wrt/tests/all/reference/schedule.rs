//! The fuel schedule as a pass over one function: prices, segments with their heads, and the size of the frame.
//!
//! Written from `docs/fuel-schedule`; its terms are used as the page defines them.

use super::module::{Module, signature, slots, slots_of};
use wasmparser::{BlockType, Catch, FuncType, FuncValidator, Operator, ValidatorResources};

/// The most that a segment costs, unless a single operator or the function's entry costs more.
const SEGMENT_MAX: u64 = 256;

/// What a head is the beginning of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Head {
    Entry,
    /// What follows a `loop`, `if` or `else`, or an `end` that is a head.
    Structure,
    Cut,
}

#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) head: Head,
    pub(crate) charge: u64,
}

/// All that is known of a function before it runs; lists have an entry for each operator.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) prices: Vec<u64>,
    /// The segment that the operator belongs to.
    pub(crate) segment_of: Vec<usize>,
    /// The segment that is charged on arriving at the operator.
    pub(crate) head_at: Vec<Option<usize>>,
    pub(crate) segments: Vec<Segment>,
    /// Of `block`, `loop` and `if`: the index of their `end`; of `else`, that of its `if`.
    pub(crate) end_of: Vec<usize>,
    /// Of an `if`: the index of its `else`.
    pub(crate) else_of: Vec<Option<usize>>,
    /// Locals and the greatest height of the operand stack in reachable code.
    pub(crate) canonical_slots: u32,
    /// In a wide frame, the room for values that are put side by side behind slot 256 because they stand on both sides of the
    /// gap: arguments with room for results, and results.
    pub(crate) gathered: u64,
}

impl Schedule {
    /// Frames above 256 slots have eight more, which begin at slot 248.
    pub(crate) fn is_wide(&self) -> bool {
        self.canonical_slots > 256
    }

    /// The slots that limits count.
    pub(crate) fn frame_slots(&self) -> u64 {
        if self.is_wide() {
            (u64::from(self.canonical_slots) + 8).max(self.gathered)
        } else {
            u64::from(self.canonical_slots)
        }
    }

    /// Where slot `slot` stands, as far as limits are concerned.
    pub(crate) fn place(&self, slot: u64) -> u64 {
        if self.is_wide() && slot >= 248 { slot + 8 } else { slot }
    }

    /// Where `count` values from slot `slot` on are handed over.
    pub(crate) fn handed_over(&self, slot: u64, count: u64) -> u64 {
        if self.is_wide() && is_split(slot, count) { 256 } else { self.place(slot) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// A structure that is open.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own, as the page tells them apart.
struct Open {
    kind: Kind,
    /// Index of its first operator; of no use for the function.
    start: usize,
    /// Whether it stands in reachable code.
    live: bool,
    label_arity: u64,
    /// The segment that was current at its start.
    segment: usize,
    targeted: bool,
    targeted_by_table: bool,
    /// Whether there is a cut in its chain.
    cut: bool,
}

struct Pass<'p, 'a> {
    module: &'p Module<'a>,
    locals: u32,
    results: u64,
    open: Vec<Open>,
    /// The segment that is current.
    current: usize,
    out: Schedule,
}

/// The slots that a branch to the label of such a structure carries.
fn label_arity(module: &Module<'_>, ty: BlockType, is_loop: bool) -> u64 {
    let (params, results) = match ty {
        BlockType::Empty => (0, 0),
        BlockType::Type(ty) => (0, slots(ty)),
        BlockType::FuncType(index) => signature(&module.types[index as usize]),
    };
    u64::from(if is_loop { params } else { results })
}

pub(crate) fn schedule(
    module: &Module<'_>,
    ty: &FuncType,
    locals: u32,
    operators: &[(Operator<'_>, u32)],
    validator: &mut FuncValidator<ValidatorResources>,
) -> Result<Schedule, String> {
    let results = u64::from(signature(ty).1);
    let count = operators.len();
    let out = Schedule {
        prices: vec![0; count],
        segment_of: vec![0; count],
        head_at: vec![None; count + 1],
        segments: Vec::new(),
        end_of: vec![usize::MAX; count],
        else_of: vec![None; count],
        canonical_slots: locals,
        gathered: 0,
    };
    let mut pass = Pass { module, locals, results, open: Vec::new(), current: 0, out };
    pass.open_segment(0, Head::Entry, u64::from(locals / 8));
    pass.open_structure(Kind::Function, 0, true, results);
    for (index, (operator, offset)) in operators.iter().enumerate() {
        let reachable = is_reachable(validator);
        pass.operator(index, operator, reachable);
        if reachable {
            let height = u64::from(locals + validator.operand_stack_height());
            pass.hand_over(operator, height, validator.control_stack_height());
        }
        validator.op(u64::from(*offset), operator).map_err(|error| error.to_string())?;
        // After the function's `end` there is no frame any more.
        if validator.control_stack_height() > 0 && is_reachable(validator) {
            pass.out.canonical_slots = pass.out.canonical_slots.max(locals + validator.operand_stack_height());
        }
    }
    Ok(pass.out)
}

fn is_split(slot: u64, count: u64) -> bool {
    slot < 248 && slot + count > 248
}

/// Validation keeps, for each structure that is open, whether the rest of it cannot be reached.
fn is_reachable(validator: &FuncValidator<ValidatorResources>) -> bool {
    (0..validator.control_stack_height() as usize)
        .all(|depth| validator.get_control_frame(depth).is_some_and(|frame| !frame.unreachable))
}

impl Pass<'_, '_> {
    /// Notes the room that an operator needs in a wide frame for values side by side, at this height of the frame.
    fn hand_over(&mut self, operator: &Operator<'_>, height: u64, open: u32) {
        let function = open - 1;
        let results = u32::try_from(self.results).unwrap();
        let (above, taken, count) = match operator {
            Operator::Call { function_index } => {
                let (params, results) = signature(self.module.func_type(*function_index));
                (0_u32, params, params.max(results))
            }
            Operator::CallIndirect { type_index, .. } | Operator::CallRef { type_index } => {
                let (params, results) = signature(&self.module.types[*type_index as usize]);
                (1, params, params.max(results))
            }
            Operator::ReturnCall { function_index } => {
                let (params, _) = signature(self.module.func_type(*function_index));
                (0, params, params)
            }
            Operator::ReturnCallIndirect { type_index, .. } | Operator::ReturnCallRef { type_index } => {
                let (params, _) = signature(&self.module.types[*type_index as usize]);
                (1, params, params)
            }
            Operator::Br { relative_depth } if *relative_depth == function => (0, results, results),
            Operator::BrIf { relative_depth } | Operator::BrOnNull { relative_depth }
                if *relative_depth == function =>
            {
                (1, results, results)
            }
            Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. }
                if *relative_depth == function =>
            {
                (0, results, results)
            }
            Operator::BrTable { targets }
                if targets.default() == function
                    || targets.targets().any(|depth| depth.is_ok_and(|depth| depth == function)) =>
            {
                (1, results, results)
            }
            Operator::Return => (0, results, results),
            Operator::End if function == 0 => (0, results, results),
            _ => return,
        };
        let returns = !matches!(
            operator,
            Operator::Call { .. }
                | Operator::CallIndirect { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::CallRef { .. }
                | Operator::ReturnCallRef { .. }
        );
        // A single result is returned from where it is.
        let (above, taken, count) = (u64::from(above), u64::from(taken), u64::from(count));
        if (returns && count < 2) || !is_split(height - above - taken, count) {
            return;
        }
        self.out.gathered = self.out.gathered.max(256 + count);
    }

    fn open_segment(&mut self, at: usize, head: Head, charge: u64) {
        self.current = self.out.segments.len();
        self.out.segments.push(Segment { head, charge });
        if let Some(before) = self.out.head_at[at].replace(self.current) {
            // Only an operator dearer than a whole segment is cut off right behind another head.
            assert_eq!(self.out.segments[before].charge, 0, "two heads with a charge at one position");
        }
    }

    fn open_structure(&mut self, kind: Kind, start: usize, live: bool, label_arity: u64) {
        let segment = self.current;
        let (targeted, targeted_by_table, cut) = (false, false, false);
        self.open.push(Open { kind, start, live, label_arity, segment, targeted, targeted_by_table, cut });
    }

    fn operator(&mut self, index: usize, operator: &Operator<'_>, reachable: bool) {
        let price = if reachable { self.price(operator) } else { 0 };
        let sum = self.out.segments[self.current].charge;
        if price != 0 && sum != 0 && sum + price > SEGMENT_MAX {
            self.open_segment(index, Head::Cut, 0);
            self.mark_chains();
        }
        self.out.segments[self.current].charge += price;
        self.out.prices[index] = price;
        self.out.segment_of[index] = self.current;
        if reachable {
            self.note_targets(operator);
        }
        match operator {
            Operator::Block { blockty } => {
                let arity = label_arity(self.module, *blockty, false);
                self.open_structure(Kind::Block, index, reachable, arity);
            }
            Operator::TryTable { try_table } => {
                let arity = label_arity(self.module, try_table.ty, false);
                self.open_structure(Kind::Block, index, reachable, arity);
            }
            Operator::Loop { blockty } => {
                let arity = label_arity(self.module, *blockty, true);
                self.open_structure(Kind::Loop, index, reachable, arity);
                if reachable {
                    self.open_segment(index + 1, Head::Structure, 0);
                }
            }
            Operator::If { blockty } => {
                let arity = label_arity(self.module, *blockty, false);
                self.open_structure(Kind::If, index, reachable, arity);
                if reachable {
                    self.open_segment(index + 1, Head::Structure, 0);
                }
            }
            Operator::Else => {
                let structure = self.open.last_mut().expect("validated");
                structure.kind = Kind::Else;
                self.out.else_of[structure.start] = Some(index);
                if structure.live {
                    self.open_segment(index + 1, Head::Structure, 0);
                }
            }
            Operator::End => self.end(index),
            _ => {}
        }
    }

    /// A cut belongs to the chains of the structures around it, up to the innermost loop or arm.
    fn mark_chains(&mut self) {
        for structure in self.open.iter_mut().rev() {
            if structure.kind != Kind::Block {
                return;
            }
            structure.cut = true;
        }
    }

    fn end(&mut self, index: usize) {
        let structure = self.open.pop().expect("validated");
        if structure.kind == Kind::Function {
            return;
        }
        self.out.end_of[structure.start] = index;
        if let Some(arm) = self.out.else_of[structure.start] {
            self.out.end_of[arm] = index;
        }
        if !structure.live {
            return;
        }
        match structure.kind {
            Kind::Function | Kind::Loop | Kind::If | Kind::Else => self.current = structure.segment,
            Kind::Block if structure.targeted_by_table || (structure.targeted && structure.cut) => {
                self.open_segment(index + 1, Head::Structure, 0);
            }
            // With a cut, and reached from within only: what is current goes on.
            Kind::Block if structure.cut => {}
            Kind::Block => self.current = structure.segment,
        }
    }

    fn label(&mut self, depth: u32) -> &mut Open {
        let index = self.open.len() - 1 - depth as usize;
        &mut self.open[index]
    }

    fn note_targets(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::Br { relative_depth }
            | Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. } => self.label(*relative_depth).targeted = true,
            Operator::BrTable { targets } => {
                for target in targets.targets().map(|target| target.expect("validated")).chain([targets.default()]) {
                    let label = self.label(target);
                    label.targeted = true;
                    label.targeted_by_table = true;
                }
            }
            Operator::TryTable { try_table } => {
                for clause in &try_table.catches {
                    let (Catch::One { label, .. }
                    | Catch::OneRef { label, .. }
                    | Catch::All { label }
                    | Catch::AllRef { label }) = clause;
                    let label = self.label(*label);
                    label.targeted = true;
                    if label.kind == Kind::Function {
                        let height = self.locals + u32::try_from(self.results).unwrap();
                        self.out.canonical_slots = self.out.canonical_slots.max(height);
                    }
                }
            }
            _ => {}
        }
    }

    fn price(&mut self, operator: &Operator<'_>) -> u64 {
        let call = |ty: &FuncType| {
            let (params, results) = signature(ty);
            1 + u64::from(params) + u64::from(results)
        };
        match operator {
            Operator::End | Operator::Else => 0,
            Operator::Br { relative_depth }
            | Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. } => 1 + self.label(*relative_depth).label_arity,
            Operator::BrTable { targets } => 1 + self.label(targets.default()).label_arity,
            Operator::Return => 1 + self.results,
            Operator::Throw { tag_index } => 1 + u64::from(slots_of(self.module.carried(*tag_index))),
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                call(self.module.func_type(*function_index))
            }
            Operator::CallIndirect { type_index, .. }
            | Operator::ReturnCallIndirect { type_index, .. }
            | Operator::CallRef { type_index }
            | Operator::ReturnCallRef { type_index } => call(&self.module.types[*type_index as usize]),
            other => 1 + self.module.object_price(other),
        }
    }
}
