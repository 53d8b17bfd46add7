//! The machine: instantiation, frames, control, calls, fuel, pauses.

use super::module::{Expression, Module, Place, signature, slots_of};
use super::{atomics, bulk, objects, operators};
use wasmparser::{Catch, ExternalKind, Operator};
use wrt_instructions::Trap;
use wrt_safety::Limits;

/// The limits that a guest can meet while it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) frames: u64,
    pub(crate) slots: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) table_elements: u64,
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        Self {
            frames: limits.max_frames.into(),
            slots: limits.max_slots.into(),
            memory_bytes: limits.max_memory_bytes,
            table_elements: limits.max_table_elements.into(),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::from(&Limits::DEFAULT)
    }
}

/// A trap and where it happened: function and module offset of the operator; `None` if no guest frame stood yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trapped {
    pub(crate) trap: Trap,
    pub(crate) place: Option<(u32, u32)>,
}

/// Where a run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Finished(Vec<u64>),
    Trapped(Trapped),
    /// The next step costs this much, and there is less.
    OutOfFuel(u64),
}

/// A frame as a pause shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameState {
    pub(crate) func: u32,
    /// Offset in the module of the operator that is next; of a suspended frame, that of its call.
    pub(crate) offset: u32,
    /// If the frame stands at the head of a structure: the offset of the `loop`, `if`, `else` or `end` before it.
    pub(crate) behind: Option<u32>,
    /// Locals, then operands.
    pub(crate) slots: Vec<u64>,
}

/// A label that is open.
#[derive(Clone, Copy, Debug)]
struct Label {
    /// How many values a branch to it carries.
    arity: usize,
    /// Operands below its structure.
    height: usize,
    /// The operator that a branch leads to.
    to: usize,
    is_loop: bool,
    /// Of a `try_table`, its index.
    handler: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Index of the function, and of its body.
    func: u32,
    body: usize,
    /// First slot, as far as limits are concerned.
    base: u64,
    /// The operator that is next.
    next: usize,
    /// Whether it came here just now, so that a head here is yet to be charged.
    arrived: bool,
    pub(crate) locals: Vec<u64>,
    pub(crate) operands: Vec<u64>,
    labels: Vec<Label>,
    /// What was charged for each segment and not used by its operators yet.
    paid: Vec<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) max_pages: u64,
    pub(crate) page_log2: u32,
    pub(crate) index64: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) elements: Vec<u64>,
    pub(crate) max: u64,
    pub(crate) index64: bool,
}

/// Why an operator was not done.
pub(crate) enum Stop {
    Trap(Trap),
    /// It wants this much fuel.
    Pause(u64),
}

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// What an operator does with control.
enum Flow {
    /// On to the next operator.
    Next,
    /// On with this one.
    To(usize),
    /// The frames changed.
    Frames,
    /// Nothing is left to run: these are the results.
    Finished(Vec<u64>),
}

/// What imported functions do: index of the import, arguments, number of results.
pub(crate) type Host = fn(usize, &[u64], usize) -> Vec<u64>;

/// A host whose every result is the sum of the arguments (so that it is a valid `i32`, in 32 bits) plus its index.
pub(crate) fn adding_host(index: usize, arguments: &[u64], results: usize) -> Vec<u64> {
    let sum = arguments.iter().fold(index as u32, |sum, argument| sum.wrapping_add(*argument as u32));
    vec![u64::from(sum); results]
}

/// An instance of one module and a call in progress.
#[derive(Clone, Debug)]
pub(crate) struct Machine<'m> {
    pub(crate) module: &'m Module<'m>,
    pub(crate) bounds: Bounds,
    pub(crate) memories: Vec<Memory>,
    pub(crate) tables: Vec<Table>,
    pub(crate) globals: Vec<u64>,
    /// References of the element segments; empty once dropped.
    pub(crate) elements: Vec<Vec<u64>>,
    /// Bytes of the data segments; empty once dropped.
    pub(crate) data: Vec<&'m [u8]>,
    host: Host,
    pub(crate) fuel: u64,
    /// Fuel charged so far.
    pub(crate) charged: u64,
    /// Operators that ran so far, and what they cost by the page's tables.
    pub(crate) executed: u64,
    pub(crate) executed_price: u64,
    frames: Vec<Frame>,
    /// Objects and exceptions by handles, and the words that they take.
    pub(crate) objects: Vec<objects::Object>,
    pub(crate) words: u64,
}

/// The reference to a function; null is 0.
pub(crate) fn reference(func: u32) -> u64 {
    u64::from(func) + 1
}

impl<'m> Machine<'m> {
    /// Instantiates; the start function is not run.
    ///
    /// # Errors
    /// The trap of an active segment.
    pub(crate) fn new(module: &'m Module<'m>, bounds: Bounds, host: Host) -> Result<Self, Trap> {
        let mut machine = Self {
            module,
            bounds,
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            elements: Vec::new(),
            data: module.data.iter().map(|segment| segment.bytes).collect(),
            host,
            fuel: u64::MAX,
            charged: 0,
            executed: 0,
            executed_price: 0,
            frames: Vec::new(),
            objects: Vec::new(),
            words: 0,
        };
        for global in &module.globals {
            let value = machine.constant(&global.init);
            machine.globals.push(value);
        }
        for ty in &module.memories {
            assert!(!ty.shared, "the evaluator has no shared memories");
            let (page_log2, index64) = (ty.page_size_log2.unwrap_or(16), ty.memory64);
            let reach = if index64 { u64::MAX } else { ((1 << 32) >> page_log2).min(u64::from(u32::MAX)) };
            let max_pages = ty.maximum.unwrap_or(u64::MAX).min(bounds.memory_bytes >> page_log2).min(reach);
            let bytes = vec![0; (ty.initial << page_log2) as usize];
            machine.memories.push(Memory { bytes, max_pages, page_log2, index64 });
        }
        for table in &module.tables {
            let value = table.init.as_ref().map_or(0, |init| machine.constant(init));
            let max = table.ty.maximum.unwrap_or(u64::from(u32::MAX)).min(bounds.table_elements);
            let (elements, index64) = (vec![value; table.ty.initial as usize], table.ty.table64);
            machine.tables.push(Table { elements, max, index64 });
        }
        for segment in &module.elements {
            let references = segment.items.iter().map(|item| machine.constant(item)).collect();
            machine.elements.push(references);
        }
        for (index, segment) in module.elements.iter().enumerate() {
            if let Place::Active(table, offset) = &segment.place {
                let references = std::mem::take(&mut machine.elements[index]);
                let start = machine.constant(offset) as usize;
                let target = machine.tables[*table as usize].elements.get_mut(start..start + references.len());
                target.ok_or(Trap::TableOutOfBounds)?.copy_from_slice(&references);
            }
            if matches!(segment.place, Place::Declared) {
                machine.elements[index].clear();
            }
        }
        for (index, segment) in module.data.iter().enumerate() {
            if let Place::Active(memory, offset) = &segment.place {
                let bytes = std::mem::take(&mut machine.data[index]);
                let start = machine.constant(offset) as usize;
                let target = machine.memories[*memory as usize].bytes.get_mut(start..start + bytes.len());
                target.ok_or(Trap::MemoryOutOfBounds)?.copy_from_slice(bytes);
            }
        }
        Ok(machine)
    }

    fn constant(&self, expression: &Expression<'_>) -> u64 {
        let mut stack = Vec::new();
        for operator in expression {
            match operator {
                Operator::GlobalGet { global_index } => stack.push(self.globals[*global_index as usize]),
                other => {
                    let done =
                        operators::constant(other, &mut stack) || operators::numeric(other, &mut stack) == Some(Ok(()));
                    assert!(done, "constant operator {other:?}");
                }
            }
        }
        stack.pop().expect("validated")
    }

    /// Starts a call of function `func` and runs it. What a call before left unfinished is gone.
    pub(crate) fn call(&mut self, func: u32, arguments: &[u64]) -> Outcome {
        self.frames.clear();
        match self.enter(func, arguments, 0) {
            Ok(()) => self.resume(),
            Err(trap) => Outcome::Trapped(Trapped { trap, place: None }),
        }
    }

    /// Runs the start function, if there is one.
    pub(crate) fn start(&mut self) -> Outcome {
        self.module.start.map_or(Outcome::Finished(Vec::new()), |func| self.call(func, &[]))
    }

    /// Calls an export.
    pub(crate) fn call_export(&mut self, name: &str, arguments: &[u64]) -> Outcome {
        let func = self.module.export(name, ExternalKind::Func).expect("an exported function");
        self.call(func, arguments)
    }

    /// Runs on until the call ends or fuel does.
    pub(crate) fn resume(&mut self) -> Outcome {
        loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(results)) => return Outcome::Finished(results),
                Err(Stop::Pause(needed)) => return Outcome::OutOfFuel(needed),
                Err(Stop::Trap(trap)) => {
                    return Outcome::Trapped(Trapped { trap, place: Some((self.top().func, self.offset())) });
                }
            }
        }
    }

    /// The frames of a call that paused, innermost first.
    pub(crate) fn state(&self) -> Vec<FrameState> {
        let mut states = Vec::new();
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            let function = &self.module.functions[frame.body];
            let running = depth + 1 == self.frames.len();
            let before = || function.operators[frame.next - 1].1;
            let head = function.schedule.head_at[frame.next].map(|segment| function.schedule.segments[segment].head);
            let behind = (running && frame.arrived && head == Some(super::schedule::Head::Structure)).then(before);
            let offset = if running { function.operators[frame.next].1 } else { before() };
            let slots = frame.locals.iter().chain(&frame.operands).copied().collect();
            states.push(FrameState { func: frame.func, offset, behind, slots });
        }
        states
    }

    fn top(&self) -> &Frame {
        self.frames.last().expect("a call is in progress")
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a call is in progress")
    }

    fn offset(&self) -> u32 {
        let frame = self.top();
        self.module.functions[frame.body].operators[frame.next].1
    }

    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(units).ok_or(Stop::Pause(units))?;
        self.charged += units;
        Ok(())
    }

    /// Charges for work in proportion, which is done at once.
    pub(crate) fn charge_work(&mut self, units: u64) -> Result<(), Stop> {
        self.charge(units)?;
        self.executed_price += units;
        Ok(())
    }

    /// Charges the head at the next operator, if it has one, and runs the operator.
    fn step(&mut self) -> Result<Option<Vec<u64>>, Stop> {
        let depth = self.frames.len() - 1;
        let (body, next) = (self.frames[depth].body, self.frames[depth].next);
        let module = self.module;
        let function = &module.functions[body];
        let schedule = &function.schedule;
        if self.frames[depth].arrived {
            if let Some(segment) = schedule.head_at[next] {
                let units = schedule.segments[segment].charge;
                self.charge(units)?;
                self.frames[depth].paid[segment] += units;
            }
            self.frames[depth].arrived = false;
        }
        let (segment, price) = (schedule.segment_of[next], schedule.prices[next]);
        let paid = &mut self.frames[depth].paid[segment];
        *paid = paid.checked_sub(price).unwrap_or_else(|| panic!("operator {next} of body {body} runs uncharged"));
        self.executed += 1;
        self.executed_price += price;
        let flow = match self.operator(&function.operators[next].0, next) {
            Err(Stop::Pause(needed)) => {
                // It is not done yet.
                self.frames[depth].paid[segment] += price;
                self.executed -= 1;
                self.executed_price -= price;
                return Err(Stop::Pause(needed));
            }
            other => other?,
        };
        assert!(self.charged >= self.executed_price, "something ran uncharged");
        match flow {
            Flow::Next => self.go_to(next + 1),
            Flow::To(index) => self.go_to(index),
            Flow::Frames => {}
            Flow::Finished(results) => return Ok(Some(results)),
        }
        Ok(None)
    }

    fn go_to(&mut self, index: usize) {
        let frame = self.frame();
        frame.next = index;
        frame.arrived = true;
    }

    // Calls.

    /// Checks depth and slots and pushes a frame whose first slot is `base`.
    fn enter(&mut self, func: u32, arguments: &[u64], base: u64) -> Result<(), Trap> {
        let function = self.module.defined(func).expect("functions of the host have no frames");
        let schedule = &function.schedule;
        if self.frames.len() as u64 >= self.bounds.frames || base + schedule.frame_slots() > self.bounds.slots {
            return Err(Trap::CallStackExhausted);
        }
        let mut locals = arguments.to_vec();
        locals.resize(function.locals as usize, 0);
        let arity = signature(self.module.func_type(func)).1 as usize;
        self.frames.push(Frame {
            func,
            body: func as usize - self.module.imports.len(),
            base,
            next: 0,
            arrived: true,
            locals,
            operands: Vec::new(),
            labels: vec![Label { arity, height: 0, to: usize::MAX, is_loop: false, handler: None }],
            paid: vec![0; schedule.segments.len()],
        });
        Ok(())
    }

    fn call_function(&mut self, func: u32) -> Result<Flow, Stop> {
        let (params, results) = signature(self.module.func_type(func));
        let module = self.module;
        let caller = self.top();
        let kept = caller.operands.len() - params as usize;
        let arguments = caller.operands[kept..].to_vec();
        if self.module.defined(func).is_none() {
            let results = (self.host)(func as usize, &arguments, results as usize);
            self.frame().operands.truncate(kept);
            self.frame().operands.extend(results);
            return Ok(Flow::Next);
        }
        let slot = (caller.locals.len() + kept) as u64;
        let base =
            caller.base + module.functions[caller.body].schedule.handed_over(slot, u64::from(params.max(results)));
        self.enter(func, &arguments, base)?;
        // The caller stands at its return position.
        let caller = self.frames.len() - 2;
        let caller = &mut self.frames[caller];
        caller.operands.truncate(kept);
        caller.next += 1;
        caller.arrived = true;
        Ok(Flow::Frames)
    }

    fn return_call_function(&mut self, func: u32) -> Result<Flow, Stop> {
        let (params, results) = signature(self.module.func_type(func));
        let caller = self.frames.pop().expect("a call is in progress");
        let arguments = caller.operands[caller.operands.len() - params as usize..].to_vec();
        if self.module.defined(func).is_none() {
            let results = (self.host)(func as usize, &arguments, results as usize);
            return Ok(self.give_results(results));
        }
        match self.enter(func, &arguments, caller.base) {
            Ok(()) => Ok(Flow::Frames),
            Err(trap) => {
                self.frames.push(caller);
                Err(trap.into())
            }
        }
    }

    /// Gives results to the frame that is on top now.
    fn give_results(&mut self, results: Vec<u64>) -> Flow {
        match self.frames.last_mut() {
            None => Flow::Finished(results),
            Some(frame) => {
                frame.operands.extend(results);
                Flow::Frames
            }
        }
    }

    fn return_(&mut self) -> Flow {
        let frame = self.frames.pop().expect("a call is in progress");
        let arity = signature(self.module.func_type(frame.func)).1 as usize;
        self.give_results(frame.operands[frame.operands.len() - arity..].to_vec())
    }

    fn callee_by_table(&mut self, ty: u32, table: u32) -> Result<u32, Trap> {
        let index = self.pop() as u32 as usize;
        let reference = *self.tables[table as usize].elements.get(index).ok_or(Trap::UndefinedElement)?;
        let func = u32::try_from(reference).expect("32 bits").checked_sub(1).ok_or(Trap::IndirectCallToNull)?;
        if !self.module.is_subtype(self.module.func_types[func as usize], ty) {
            return Err(Trap::IndirectCallTypeMismatch);
        }
        Ok(func)
    }

    fn callee_by_reference(&mut self) -> Result<u32, Trap> {
        (self.pop() as u32).checked_sub(1).ok_or(Trap::NullFunctionReference)
    }

    // Control.

    pub(crate) fn pop(&mut self) -> u64 {
        self.frame().operands.pop().expect("validated")
    }

    /// The operands of the frame that runs.
    pub(crate) fn operands(&mut self) -> &mut Vec<u64> {
        &mut self.frame().operands
    }

    pub(crate) fn push(&mut self, value: u64) {
        self.frame().operands.push(value);
    }

    fn open(&mut self, ty: wasmparser::BlockType, to: usize, is_loop: bool) {
        let (params, results) = match ty {
            wasmparser::BlockType::Empty => (0, 0),
            wasmparser::BlockType::Type(_) => (0, 1),
            wasmparser::BlockType::FuncType(index) => signature(&self.module.types[index as usize]),
        };
        let frame = self.frame();
        let height = frame.operands.len() - params as usize;
        let arity = if is_loop { params } else { results } as usize;
        frame.labels.push(Label { arity, height, to, is_loop, handler: None });
    }

    /// Frames and clauses from the innermost on, each of which costs a unit; then the branch of the clause that catches. `again` is the
    /// exception that `throw_ref` throws.
    fn throw(&mut self, tag: u32, again: Option<u64>) -> Result<Flow, Stop> {
        let (mut units, mut found) = (0, None);
        'walk: for (depth, frame) in self.frames.iter().enumerate().rev() {
            for (index, label) in frame.labels.iter().enumerate().rev() {
                let Some(handler) = label.handler else { continue };
                let operators = &self.module.functions[frame.body].operators;
                let Operator::TryTable { try_table } = &operators[handler].0 else { panic!("no handler") };
                for clause in &try_table.catches {
                    units += 1;
                    let (own, label, refers) = match *clause {
                        Catch::One { tag, label } => (Some(tag), label, false),
                        Catch::OneRef { tag, label } => (Some(tag), label, true),
                        Catch::All { label } => (None, label, false),
                        Catch::AllRef { label } => (None, label, true),
                    };
                    if own.is_none_or(|own| own == tag) {
                        found = Some((depth, index, label, (own.is_some(), refers)));
                        break 'walk;
                    }
                }
            }
            units += 1;
        }
        if units > self.fuel {
            // Nobody looks further than there is fuel for.
            return Err(Stop::Pause(self.fuel + 1));
        }
        let Some((depth, index, label, (carries, refers))) = found else {
            self.charge_work(units)?;
            return Err(Trap::UncaughtException.into());
        };
        let carried = self.module.carried(tag);
        let slots = slots_of(carried);
        self.charge_work(match again {
            Some(_) if carries => units + u64::from(slots),
            None if refers => units + Machine::exception_price(carried),
            _ => units,
        })?;
        let values = if let Some(reference) = again {
            self.object(reference, Trap::NullExceptionReference)?.fields.concat()
        } else {
            let operands = self.operands();
            operands.split_off(operands.len() - slots as usize)
        };
        let reference = match again {
            None if refers => self.make_exception(tag, carried, &values),
            again => again.unwrap_or(0),
        };
        self.frames.truncate(depth + 1);
        let frame = self.frame();
        frame.labels.truncate(index);
        frame.operands.extend(values.into_iter().filter(|_| carries));
        frame.operands.extend(refers.then_some(reference));
        Ok(self.branch(label))
    }

    fn throw_ref(&mut self) -> Result<Flow, Stop> {
        let reference = *self.top().operands.last().expect("validated");
        let tag = self.object(reference, Trap::NullExceptionReference)?.ty;
        self.throw(tag, Some(reference))
    }

    fn branch(&mut self, depth: u32) -> Flow {
        let frame = self.frame();
        let index = frame.labels.len() - 1 - depth as usize;
        if index == 0 {
            return self.return_();
        }
        let label = frame.labels[index];
        let carried = frame.operands.split_off(frame.operands.len() - label.arity);
        frame.operands.truncate(label.height);
        frame.operands.extend(carried);
        frame.labels.truncate(if label.is_loop { index + 1 } else { index });
        Flow::To(label.to)
    }

    fn operator(&mut self, operator: &Operator<'_>, index: usize) -> Result<Flow, Stop> {
        let module = self.module;
        let schedule = &module.functions[self.top().body].schedule;
        Ok(match operator {
            Operator::Unreachable => return Err(Trap::Unreachable.into()),
            Operator::Nop => Flow::Next,
            Operator::Block { blockty } => {
                self.open(*blockty, schedule.end_of[index] + 1, false);
                Flow::Next
            }
            Operator::TryTable { try_table } => {
                self.open(try_table.ty, schedule.end_of[index] + 1, false);
                self.frame().labels.last_mut().expect("just opened").handler = Some(index);
                Flow::Next
            }
            Operator::Throw { tag_index } => self.throw(*tag_index, None)?,
            Operator::ThrowRef => self.throw_ref()?,
            Operator::Loop { blockty } => {
                self.open(*blockty, index + 1, true);
                Flow::Next
            }
            Operator::If { blockty } => {
                let end = schedule.end_of[index];
                let holds = self.pop() as u32 != 0;
                let to = match schedule.else_of[index] {
                    _ if holds => index + 1,
                    Some(arm) => arm + 1,
                    None => return Ok(Flow::To(end + 1)),
                };
                self.open(*blockty, end + 1, false);
                Flow::To(to)
            }
            // The end of the then-arm.
            Operator::Else => Flow::To(schedule.end_of[index]),
            Operator::End => {
                self.frame().labels.pop();
                if self.top().labels.is_empty() { self.return_() } else { Flow::Next }
            }
            Operator::Br { relative_depth } => self.branch(*relative_depth),
            Operator::BrIf { relative_depth } => {
                if self.pop() as u32 == 0 {
                    Flow::Next
                } else {
                    self.branch(*relative_depth)
                }
            }
            Operator::BrTable { targets } => {
                let chosen = self.pop() as u32 as usize;
                let label = targets.targets().nth(chosen).map_or(targets.default(), |label| label.expect("validated"));
                self.branch(label)
            }
            Operator::BrOnNull { relative_depth } => {
                let value = self.pop();
                if value == 0 {
                    self.branch(*relative_depth)
                } else {
                    self.push(value);
                    Flow::Next
                }
            }
            Operator::BrOnNonNull { relative_depth } => {
                if *self.top().operands.last().expect("validated") == 0 {
                    self.pop();
                    Flow::Next
                } else {
                    self.branch(*relative_depth)
                }
            }
            Operator::BrOnCast { relative_depth, to_ref_type, .. }
            | Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                let reference = *self.top().operands.last().expect("validated");
                let holds = self.matches(reference, to_ref_type.is_nullable(), to_ref_type.heap_type());
                if holds == matches!(operator, Operator::BrOnCast { .. }) {
                    self.branch(*relative_depth)
                } else {
                    Flow::Next
                }
            }
            Operator::RefAsNonNull if *self.top().operands.last().expect("validated") == 0 => {
                return Err(Trap::NullReference.into());
            }
            Operator::RefAsNonNull => Flow::Next,
            Operator::Return => self.return_(),
            Operator::Call { function_index } => self.call_function(*function_index)?,
            Operator::ReturnCall { function_index } => self.return_call_function(*function_index)?,
            Operator::CallIndirect { type_index, table_index } => {
                let func = self.callee_by_table(*type_index, *table_index)?;
                self.call_function(func)?
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let func = self.callee_by_table(*type_index, *table_index)?;
                self.return_call_function(func)?
            }
            Operator::CallRef { .. } => {
                let func = self.callee_by_reference()?;
                self.call_function(func)?
            }
            Operator::ReturnCallRef { .. } => {
                let func = self.callee_by_reference()?;
                self.return_call_function(func)?
            }
            other => {
                self.plain(other)?;
                Flow::Next
            }
        })
    }

    /// Operators that change no control.
    fn plain(&mut self, operator: &Operator<'_>) -> Result<(), Stop> {
        match operator {
            Operator::LocalGet { local_index } => {
                let value = self.top().locals[*local_index as usize];
                self.push(value);
            }
            Operator::LocalSet { local_index } => {
                let value = self.pop();
                self.frame().locals[*local_index as usize] = value;
            }
            Operator::LocalTee { local_index } => {
                let value = self.pop();
                self.frame().locals[*local_index as usize] = value;
                self.push(value);
            }
            Operator::GlobalGet { global_index } => self.push(self.globals[*global_index as usize]),
            Operator::GlobalSet { global_index } => self.globals[*global_index as usize] = self.pop(),
            other => {
                let operands = &mut self.frame().operands;
                if operators::constant(other, operands) {
                    return Ok(());
                }
                if let Some(done) = operators::numeric(other, operands) {
                    return Ok(done?);
                }
                if let Some(done) = bulk::access(self, other) {
                    return Ok(done?);
                }
                if let Some(done) = atomics::atomic(self, other) {
                    return done;
                }
                if objects::object(self, other)? {
                    return Ok(());
                }
                bulk::bulk(self, other)?;
            }
        }
        Ok(())
    }
}
