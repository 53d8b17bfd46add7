//! Checking an image's code before it runs: one walk over the instructions, without any memory of its own.
//!
//! What is checked makes an engine's work well defined: it only ever runs instructions, registers and slots lie inside the
//! frame, indices inside their spaces, and every turn of a loop is paid for. What values instructions compute is not
//! checked and cannot be: registers have no types. So a hostile image computes nonsense inside its own instance, and
//! isolation between instances needs images from a trusted source.
//!
//! Two of the rules are made so that no list of labels is needed: a data word can be told by its number, so a target that
//! is not one is an instruction; and since no branch may lead to an instruction that reads an accumulator, every such
//! instruction is reached from the one before it alone.
//!
//! Prices are checked as a sum: up to any point of a function, its heads must have charged for the instructions so far.
//! A branch may pass a head and run what a later head pays for, so this bounds the honest, and finds lowerings that
//! forget to charge. For any code that passes, a unit of fuel buys less than one pass over a function, because every backward
//! branch charges at least one unit, so does every exception that is caught, and so does every function that branches or
//! calls at all.

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003, REQ_MULTI_MEMORY_001

use super::Image;
use super::catches::Seen;
use super::error::{CodeRule, ImageError};
use super::format::{FuncRecord, GlobalRecord, ValType, flag, form, kind};
use super::shape::{self, Shape};
use crate::heap::layout::Packed;
use crate::instr::{SPLIT, UNWRITTEN, WIDE_SCRATCH, WINDOW, is_packed, table_words};
use wrt_instructions::atomic::Atomic;
use wrt_instructions::op::{Plain, Row, Target, second_index};
use wrt_instructions::vector::{BUILT, VectorPlain, VectorRow};
use wrt_instructions::{Op, Part};
use zerocopy::FromBytes;

/// Instructions that may stand in a function for each unit of fuel that its heads charge. Lowering needs 4 at most, and
/// twice that in frames wider than the window, where operands are read and written one by one.
pub const INSTRUCTIONS_PER_UNIT: u32 = 8;

/// Instructions that a function may have besides: its head, and the return of an empty body.
const UNPRICED: u32 = 8;

/// How many slots heads zero without saying so: 4 bits for each row from [`Plain::Fuel`] to [`Plain::EnterWide`].
const ZEROES: u32 =
    4 << ((Plain::Enter4 as u32 - Plain::Fuel as u32) * 4) | 8 << ((Plain::Enter8 as u32 - Plain::Fuel as u32) * 4);

/// The rule that an instruction breaks, and its position.
pub(super) type Fault = (u32, CodeRule);

/// An instruction as it lies in the code: fields are taken from it when they are asked for, which takes fewer registers.
#[derive(Clone, Copy, Default)]
struct Word {
    low: u32,
    imm: u32,
}

impl Word {
    #[inline(always)]
    const fn new(bytes: [u8; 8]) -> Self {
        let both = u64::from_le_bytes(bytes);
        Self { low: both as u32, imm: (both >> 32) as u32 }
    }

    #[inline(always)]
    const fn op(self) -> Op {
        Op(self.low as u16 & !UNWRITTEN)
    }

    #[inline(always)]
    const fn is_unwritten(self) -> bool {
        self.low & UNWRITTEN as u32 != 0
    }

    #[inline(always)]
    const fn a(self) -> u32 {
        self.low >> 16 & 0xFF
    }

    #[inline(always)]
    const fn b(self) -> u32 {
        self.low >> 24
    }

    #[inline(always)]
    const fn ab(self) -> u32 {
        self.low >> 16
    }

    fn is(self, row: Plain) -> bool {
        self.op() == Op::plain(row)
    }

    /// Which head it is, if it is one, from [`Plain::Fuel`] on.
    fn head(self) -> Option<u32> {
        let head = u32::from(self.op().0).wrapping_sub(Plain::Fuel as u32);
        (head <= Plain::EnterWide as u32 - Plain::Fuel as u32).then_some(head)
    }
}

/// The code up to a function's end, and what the function's frame holds.
#[derive(Clone, Copy)]
pub(super) struct Function<'i> {
    code: &'i [[u8; 8]],
    /// The same in words, where they can be read as such: faster, where flash is not short.
    aligned: &'i [[u32; 2]],
    pub(super) start: u32,
    /// Slots of the frame.
    pub(super) slots: u32,
}

impl Function<'_> {
    pub(super) const fn end(&self) -> u32 {
        self.code.len() as u32
    }

    /// The instruction at a position; past the end one that never runs.
    #[cfg_attr(feature = "compact", inline(never))]
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn word(&self, pc: u32) -> Word {
        match self.aligned.get(pc as usize) {
            Some([low, imm]) if !cfg!(feature = "compact") => Word { low: *low, imm: *imm },
            _ => self.code.get(pc as usize).map_or_else(Word::default, |bytes| Word::new(*bytes)),
        }
    }

    /// Slots that registers reach: of frames that are no wider than the window, all.
    fn window(&self) -> u32 {
        if Part::WideFrames.is_built() { self.slots.min(WINDOW as u32) } else { self.slots }
    }

    /// Whether branches may lead to a position: to an instruction, which takes nothing from an accumulator.
    pub(super) fn entrance(&self, to: u32) -> Result<(), CodeRule> {
        self.enters(to, self.word(to))
    }

    /// The same, of the word there.
    #[inline(always)]
    fn enters(&self, to: u32, word: Word) -> Result<(), CodeRule> {
        let there = to < self.end() && (word.op().0 as usize) < Op::COUNT && !word.is(Plain::Data);
        require(there, CodeRule::Target)?;
        require(!Shape::of(word.low as u16).has(shape::TAKES), CodeRule::Accumulator)
    }
}

/// What is known of a function at one of its instructions.
struct Walk<'i> {
    f: Function<'i>,
    pc: u32,
    n: Word,
    shape: Shape,
    /// The shape of the next one, and its position: behind this one's data words.
    follows: Shape,
    next: u32,
    /// Shapes at which more than registers and targets is looked at: all of them for a function's first instruction, and where a branch
    /// table is due.
    special: u32,
    /// Shapes that take what no accumulator has.
    forbidden: u32,
    /// Where the last branch table begins and ends.
    table: u32,
    table_end: u32,
    /// Position before which code is paid for, if no more is charged. At the most there is, all is: code is shorter.
    paid: u32,
    /// Shapes that need a charge before them: none after the first charge.
    unpaid: u32,
}

impl<'i> Walk<'i> {
    /// At a function's first instruction.
    #[inline(always)]
    fn new(f: Function<'i>, n: Word) -> Self {
        Self {
            f,
            pc: f.start,
            n,
            shape: Shape::of(n.low as u16),
            follows: Shape::NONE,
            next: 0,
            special: u32::MAX,
            forbidden: shape::TAKES,
            table: 0,
            table_end: 0,
            paid: f.start.saturating_add(UNPRICED),
            unpaid: shape::GOES_ON,
        }
    }

    /// Whether the registers that fields name are there.
    #[cfg_attr(feature = "compact", inline(never))]
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn names(&self) -> bool {
        let (n, shape, window) = (self.n, self.shape, self.f.window());
        let inside = |field: u32, register: u32| !shape.has(field) || register < window;
        let byte = |shift: u32| n.imm >> shift & 0xFF;
        let [c0, c1, c23] = shape::C;
        let rare = || inside(c1, byte(8)) && inside(c23, byte(16)) && inside(c23, byte(24));
        inside(shape::A, n.a()) && inside(shape::B, n.b()) && inside(c0, byte(0)) && (!shape.has(c1 | c23) || rare())
    }

    /// Whether the result is written, or taken by the next instruction.
    #[inline(always)]
    fn kept(&self) -> bool {
        !self.n.is_unwritten() || (self.shape.has(shape::STAYS) && self.follows.has(self.shape.makes()))
    }

    /// Whether the next one, where it takes what this one made, names its register besides, for engines without an accumulator. All
    /// rows that make something name that register in `a`.
    #[inline(always)]
    fn named(&self, follower: Word) -> bool {
        let follows = self.follows;
        if !follows.has(shape::TAKES) {
            return true;
        }
        let register = if follows.has(shape::IN_A) {
            follower.a()
        } else if follows.has(shape::IN_IMM) {
            follower.imm & 0xFF
        } else {
            follower.b()
        };
        self.n.a() == register
    }

    /// Goes on to the next instruction.
    #[inline(always)]
    fn go_on(&mut self, follower: Word) {
        self.forbidden = !self.shape.makes() & shape::TAKES;
        (self.pc, self.n, self.shape) = (self.next, follower, self.follows);
    }

    /// Passes over instructions that only compute and break no rule, as most do.
    #[inline(always)]
    fn pass(&mut self) {
        let stretch =
            self.pc.wrapping_add(1) as usize..(self.paid as usize).saturating_add(1).min(self.f.aligned.len());
        let mut walk = Self { ..*self };
        for [low, imm] in self.f.aligned.get(stretch).unwrap_or_default() {
            let follower = Word { low: *low, imm: *imm };
            walk.follows = Shape::of(follower.low as u16);
            let more = walk.special | walk.forbidden | shape::MORE;
            if walk.shape.has(more) || !walk.names() || !walk.kept() || !walk.named(follower) {
                break;
            }
            walk.next = walk.pc.wrapping_add(1);
            walk.go_on(follower);
        }
        (self.pc, self.n, self.shape, self.forbidden) = (walk.pc, walk.n, walk.shape, walk.forbidden);
    }
}

/// What is looked at besides in an instruction: whether indices lie in their spaces, and slots that it reads or writes
/// other than by naming them.
#[derive(Clone, Copy)]
struct Asks {
    index: bool,
    first: u32,
    count: u32,
}

impl Asks {
    const NOTHING: Self = Self::slots(0, 0);

    const fn index(index: bool) -> Self {
        Self { index, ..Self::NOTHING }
    }

    const fn slots(first: u32, count: u32) -> Self {
        Self { index: true, first, count }
    }

    /// Operands of a bulk operator, which may stand on both sides of the scratch registers.
    const fn operands(first: u32, count: u32) -> Self {
        if !Part::WideFrames.is_built() {
            return Self::slots(first, count);
        }
        let scratch = if first & SPLIT == 0 { 0 } else { WIDE_SCRATCH };
        Self::slots(first & !SPLIT, count.wrapping_add(scratch))
    }

    const fn and(self, index: bool) -> Self {
        Self { index, ..self }
    }
}

/// Whether a row is one on objects: those come last.
const fn is_of_objects(row: Plain) -> bool {
    row as usize >= Plain::StructGet as usize
}

fn require(holds: bool, rule: CodeRule) -> Result<(), CodeRule> {
    if holds { Ok(()) } else { Err(rule) }
}

impl Image<'_> {
    /// Checks the code, as [`parse`](Self::parse) checks the rest. Only code that passed may be run.
    ///
    /// # Errors
    /// [`ImageError::Code`] for the first rule that does not hold.
    // @need-ids: REQ_IMAGE_001, REQ_VERIFY_003, REQ_003
    pub fn check_code(&self) -> Result<(), ImageError> {
        Checker::new(self).functions().map_err(|fault| self.refused(fault))
    }

    /// The error for a rule that an instruction breaks.
    #[cfg_attr(not(feature = "compact"), cold)]
    #[cfg_attr(feature = "compact", inline(always))]
    fn refused(&self, (pc, rule): Fault) -> ImageError {
        let op = self.instr(pc).unwrap_or_default().op();
        let alone = rule == CodeRule::Operator && op == Op::plain(Plain::Data);
        ImageError::Code { pc, rule: if alone { CodeRule::DataWord } else { rule } }
    }
}

pub(super) struct Checker<'i> {
    pub(super) image: &'i Image<'i>,
    /// Shapes at which more than registers and targets is looked at.
    special: u32,
    imported_funcs: u32,
    imported_globals: u32,
}

/// Whether the build has a row.
macro_rules! built {
    ($row:ident) => {
        const { Plain::$row.is_built() }
    };
}

impl<'i> Checker<'i> {
    fn new(image: &'i Image<'i>) -> Self {
        Self {
            image,
            special: if image.memories.is_empty() { shape::SPECIAL | shape::MEMORY } else { shape::SPECIAL },
            imported_funcs: image.imported(kind::FUNC),
            imported_globals: image.imported(kind::GLOBAL),
        }
    }

    /// Functions lie one after the other, in the order of their indices, and take up all of the code.
    fn functions(&self) -> Result<(), Fault> {
        let (code, odd) = self.image.code.as_chunks::<8>();
        if !odd.is_empty() || code.len() > FuncRecord::NO_CODE as usize {
            return Err((0, CodeRule::Length));
        }
        let wanted = cfg!(all(target_endian = "little", not(feature = "compact")));
        let aligned = if wanted { <[[u32; 2]]>::ref_from_bytes(self.image.code).unwrap_or_default() } else { &[] };
        let length = code.len() as u32;
        let own = self.image.funcs.get(self.imported_funcs as usize..).unwrap_or_default();
        if own.first().map_or(length, FuncRecord::pc) != 0 {
            return Err((0, CodeRule::FuncOrder));
        }
        let mut seen = Seen::default();
        // Their order first.
        let mut ordered = false;
        loop {
            let mut rest = own;
            while let [func, after @ ..] = rest {
                let (start, end) = (func.pc(), after.first().map_or(length, FuncRecord::pc));
                let code = code.get(..end as usize).filter(|_| start < end).ok_or((start, CodeRule::FuncOrder))?;
                if ordered {
                    let aligned = aligned.get(..end as usize).unwrap_or_default();
                    let f = Function { code, aligned, start, slots: func.slots.get().into() };
                    self.function(f)?;
                    self.handlers(&f, &mut seen)?;
                }
                rest = after;
            }
            if ordered {
                return self.no_more_handlers(&seen);
            }
            ordered = true;
        }
    }

    /// Checks the instructions of a function.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn function(&self, f: Function<'i>) -> Result<(), Fault> {
        let mut walk = Walk::new(f, f.word(f.start));
        let mut ends = false;
        while walk.pc < f.end() {
            // Positions of code are far below the most there is.
            walk.next = walk.pc.wrapping_add(1).wrapping_add(walk.shape.data_words());
            let follower = f.word(walk.next);
            walk.follows = Shape::of(follower.low as u16);
            self.instruction(&mut walk).map_err(|rule| (walk.pc, rule))?;
            // Rows that no engine runs are refused for that.
            let named = walk.follows.has(shape::ABSENT) || walk.named(follower);
            require(named, CodeRule::Accumulator).map_err(|rule| (walk.next, rule))?;
            // What no engine runs and is let through belongs to a branch table.
            ends = walk.shape.has(shape::ENDS | shape::ABSENT);
            walk.go_on(follower);
            // Faster, where flash is not short.
            if !cfg!(feature = "compact") && !walk.shape.has(walk.special | shape::MORE) {
                walk.pass();
            }
        }
        require(ends, CodeRule::FallsOff).map_err(|rule| (f.end().wrapping_sub(1), rule))
    }

    /// Checks one instruction, with its data words.
    #[inline(never)]
    fn instruction(&self, walk: &mut Walk<'i>) -> Result<(), CodeRule> {
        let (n, shape) = (walk.n, walk.shape);
        if shape.has(shape::ABSENT) {
            return walk.entries();
        }
        let mut data = n;
        if shape.has(shape::DATA_WORD) {
            data = walk.f.word(walk.pc.wrapping_add(1));
            require(data.is(Plain::Data), CodeRule::DataWord)?;
            for pc in walk.pc.wrapping_add(2)..if BUILT { walk.next } else { 0 } {
                require(walk.f.word(pc).is(Plain::Data), CodeRule::DataWord)?;
            }
            walk.paid = walk.paid.saturating_add(shape.data_words());
        }
        // What is looked at besides in few instructions.
        let special = shape.has(walk.special);
        if special {
            walk.place(self.special)?;
        }
        require(walk.names(), CodeRule::Register)?;
        if special {
            self.special(walk, data)?;
        }
        if shape.branches() || (Part::Gc.is_built() && n.is(Plain::BrOnCast)) {
            // Its target stands in the data word, where it has one.
            walk.branch(data.imm)?;
        }
        require(!shape.has(walk.forbidden) && walk.kept(), CodeRule::Accumulator)?;
        if n.head().is_some() {
            // What a head charges pays for what follows.
            walk.paid = walk.paid.saturating_add(n.imm.saturating_mul(INSTRUCTIONS_PER_UNIT));
            walk.unpaid = if n.imm > 0 { 0 } else { walk.unpaid };
        }
        require(!shape.has(walk.unpaid) && walk.next <= walk.paid, CodeRule::Unpriced)?;
        if n.is(Plain::BrTable) || n.is(Plain::BrTableAcc) {
            let words = table_words(n.imm);
            (walk.table, walk.table_end, walk.special) = (walk.next, walk.next.wrapping_add(words), u32::MAX);
            require(words <= walk.f.end().saturating_sub(walk.next), CodeRule::BranchTable)?;
        }
        Ok(())
    }

    /// Registers and slots lie in the frame, be they named or not, and indices in their spaces.
    #[inline(never)]
    fn special(&self, walk: &Walk<'i>, data: Word) -> Result<(), CodeRule> {
        let n = walk.n;
        let row = Plain::from_index(n.op().0 as usize);
        require(reach(n, row) <= walk.f.window(), CodeRule::Register)?;
        let asks = match row {
            Some(row) if Part::Gc.is_built() && is_of_objects(row) => self.asks_of_objects(row, n, data),
            Some(row) => self.asks(row, n, data),
            None if walk.shape.has(shape::MEMORY) => {
                // Without a data word that names another, the first memory.
                Asks::index(self.has_memory(if walk.shape.has(shape::DATA_WORD) { data.ab() } else { 0 }))
            }
            None => Asks::index(self.vector_index(n)),
        };
        require(asks.index, CodeRule::Index)?;
        require(asks.first.saturating_add(asks.count) <= walk.f.slots, CodeRule::Slot)
    }

    /// What is asked of a row on objects: types, and slots of as many operands as they say.
    // @need-ids: REQ_IMAGE_001, REQ_GC_001
    #[cold]
    #[inline(never)]
    fn asks_of_objects(&self, row: Plain, n: Word, data: Word) -> Asks {
        let image = self.image;
        let types = image.all_types();
        let fields = |kind: u16| types.fields(n.imm).filter(|(form, _)| *form == kind).map(|(_, fields)| fields);
        let structure = fields(form::STRUCT);
        let element = fields(form::ARRAY).and_then(<[ValType]>::first);
        let slots = |types: &[ValType]| types.iter().fold(0, |sum: u32, ty| sum.saturating_add(ty.slots()));
        let width = element.map_or(0, |element| element.slots());
        let second = second_index(n.ab(), data.ab());
        let inside = |len: usize| (second as usize) < len;
        // The value of an element has as many slots as its size says.
        let wide = |log2: u32| 1 + u32::from(log2 & 0b111 == Packed::V128.log2());
        let array = |count: u32| Asks::operands(data.imm, count).and(element.is_some());
        match row {
            Plain::StructGet => Asks::slots(n.a(), wide(n.imm)),
            Plain::StructSet => Asks::slots(n.b(), wide(n.imm)),
            Plain::ArrayGet => Asks::slots(n.a(), wide(n.imm >> 8)),
            Plain::ArraySet => Asks::slots(n.imm & 0xFF, wide(n.imm >> 8)),
            Plain::RefTest | Plain::RefCast | Plain::BrOnCast => {
                let ty = ValType { code: n.imm.into() };
                let there = |index: u32| (index as usize) < image.types.len();
                Asks::index(ty.is_reference() && ty.type_index().is_none_or(there))
            }
            Plain::StructNew => Asks::operands(data.imm, structure.map_or(0, slots).max(1)).and(structure.is_some()),
            Plain::StructNewDefault => Asks::operands(data.imm, 1).and(structure.is_some()),
            Plain::ArrayNew => array(width.saturating_add(1)),
            Plain::ArrayNewDefault => array(1),
            Plain::ArrayNewFixed => array(width.saturating_mul(second).max(1)),
            Plain::ArrayNewData => array(2).and(element.is_some() && inside(image.data.len())),
            Plain::ArrayNewElem => array(2).and(element.is_some() && inside(image.elements.len())),
            Plain::ArrayFill => array(width.saturating_add(3)),
            Plain::ArrayCopy => array(5).and(element.is_some() && inside(image.types.len())),
            Plain::ArrayInitData => array(4).and(element.is_some() && inside(image.data.len())),
            Plain::ArrayInitElem => array(4).and(element.is_some() && inside(image.elements.len())),
            Plain::ThrowRef => Asks::operands(data.imm, 1),
            _ => Asks::NOTHING,
        }
    }

    fn has_memory(&self, memory: u32) -> bool {
        (memory as usize) < self.image.memories.len()
    }

    /// What is asked of a row's indices and slots.
    #[inline(always)]
    fn asks(&self, row: Plain, n: Word, data: Word) -> Asks {
        let image = self.image;
        let inside = |index: u32, len: usize| (index as usize) < len;
        let table = |index: u32| inside(index, image.tables.len());
        match row {
            Plain::GlobalGet | Plain::GlobalSet => {
                Asks::index(self.own_global(n.imm).is_some_and(|global| row == Plain::GlobalGet || is_mutable(global)))
            }
            Plain::ImportedGlobalGet if built!(ImportedGlobalGet) => Asks::index(n.imm < self.imported_globals),
            Plain::ImportedGlobalSet if built!(ImportedGlobalSet) => {
                Asks::index(self.imported_global(n.imm).is_some_and(is_mutable))
            }
            Plain::Call | Plain::CallImport => {
                let arity = self.image.funcs.get(n.imm as usize).map(|func| self.arity(func.ty()));
                let imported = n.imm < self.imported_funcs;
                let there = arity.is_some() && imported == (row == Plain::CallImport);
                Asks::slots(n.ab(), arity.flatten().unwrap_or(0)).and(there)
            }
            Plain::CallIndirect => {
                let arity = self.arity(n.imm);
                Asks::slots(data.imm, arity.unwrap_or(0)).and(arity.is_some() && table(data.ab()))
            }
            Plain::CallRef if built!(CallRef) => {
                let arity = self.arity(n.imm);
                Asks::slots(data.imm, arity.unwrap_or(0)).and(arity.is_some())
            }
            Plain::ReturnCall | Plain::ReturnCallImport if built!(ReturnCall) => {
                let imported = n.imm < self.imported_funcs;
                let there = inside(n.imm, image.funcs.len()) && imported == (row == Plain::ReturnCallImport);
                Asks::slots(n.ab(), data.imm).and(there)
            }
            Plain::ReturnCallIndirect if built!(ReturnCallIndirect) => {
                let there = self.arity(n.imm).is_some() && table(data.ab());
                Asks::slots(data.imm >> 16, data.imm & 0xFFFF).and(there)
            }
            Plain::ReturnCallRef if built!(ReturnCallRef) => {
                Asks::slots(data.imm >> 16, data.imm & 0xFFFF).and(self.arity(n.imm).is_some())
            }
            Plain::Throw if built!(Throw) => {
                Asks::operands(data.imm, n.ab()).and(self.tag_arity(n.imm) == Some(n.ab()))
            }
            Plain::Return1Acc | Plain::ReturnConst => Asks::slots(0, 1),
            Plain::ReturnMany => Asks::slots(n.ab(), n.imm),
            Plain::MemorySize => Asks::index(self.has_memory(n.imm)),
            Plain::MemoryGrow => Asks::slots(n.imm, 1).and(self.has_memory(n.ab())),
            Plain::MemoryFill => Asks::operands(n.imm, 3).and(self.has_memory(n.ab())),
            // Without further memories, both are the first.
            Plain::MemoryCopy if !Part::Memories.is_built() => Asks::operands(n.imm, 3).and(self.has_memory(n.ab())),
            Plain::MemoryCopy => Asks::operands(n.imm, 3).and(self.has_memory(n.a().max(n.b()))),
            Plain::MemoryInit if built!(MemoryInit) => {
                Asks::operands(n.imm, 3).and(self.has_memory(n.ab()) && inside(data.imm, image.data.len()))
            }
            Plain::DataDrop if built!(DataDrop) => Asks::index(inside(n.imm, image.data.len())),
            Plain::TableGet | Plain::TableSet | Plain::TableSize if built!(TableGet) => Asks::index(table(n.imm)),
            Plain::TableGrow if built!(TableGrow) => Asks::operands(n.imm, 2).and(table(n.ab())),
            Plain::TableFill if built!(TableFill) => Asks::operands(n.imm, 3).and(table(n.ab())),
            Plain::TableCopy if built!(TableCopy) => Asks::operands(n.imm, 3).and(table(n.ab().max(data.imm))),
            Plain::TableInit if built!(TableInit) => {
                Asks::operands(n.imm, 3).and(table(n.ab()) && inside(data.imm, image.elements.len()))
            }
            Plain::ElemDrop if built!(ElemDrop) => Asks::index(inside(n.imm, image.elements.len())),
            Plain::RefFunc if built!(RefFunc) => Asks::index(inside(n.imm, image.funcs.len())),
            Plain::EnterWide if built!(EnterWide) => Asks::slots(data.ab(), data.imm),
            Plain::WideParams if built!(WideParams) => Asks::slots(n.imm, WIDE_SCRATCH),
            Plain::Atomic if built!(Atomic) => self.asks_atomic(n, data),
            Plain::FarGet | Plain::FarPut if built!(FarGet) => Asks::slots(n.imm, 1),
            _ => Asks::NOTHING,
        }
    }

    fn asks_atomic(&self, n: Word, data: Word) -> Asks {
        match Atomic::from_number(n.a() as u8) {
            Some(op) => Asks::operands(n.imm, op.operands()).and(self.has_memory(data.ab())),
            None => Asks::index(false),
        }
    }

    /// How many slots a function's type has: parameters or results, whichever are more. `None` where there is no such type.
    fn arity(&self, ty: u32) -> Option<u32> {
        let each = |types: &[ValType]| types.iter().fold(0, |sum: u32, ty| sum.saturating_add(ty.slots()));
        // Without vectors, each value takes one slot.
        let slots = |types: &[ValType]| if BUILT { each(types) } else { types.len() as u32 };
        self.image.func_type(ty).map(|(params, results)| slots(params).max(slots(results)))
    }

    /// How many slots an exception with a tag carries; `None` where there is no such tag.
    pub(super) fn tag_arity(&self, tag: u32) -> Option<u32> {
        let tag = self.image.tags.get(tag as usize)?;
        Some(self.arity(tag.ty.get()).unwrap_or(0))
    }

    /// Whether the global that a vector instruction names is there, with both slots.
    fn vector_index(&self, n: Word) -> bool {
        let Some(row) = vector(n) else { return true };
        let global = match row {
            VectorRow::Plain(VectorPlain::GlobalGet | VectorPlain::GlobalSet) => self.own_global(n.imm),
            VectorRow::Plain(VectorPlain::ImportedGlobalGet | VectorPlain::ImportedGlobalSet) => {
                self.imported_global(n.imm)
            }
            _ => return true,
        };
        global.is_some_and(|global| global.ty == ValType::V128 && (row.writes() || is_mutable(global)))
    }

    fn imported_global(&self, index: u32) -> Option<&GlobalRecord> {
        self.image.globals.get(index as usize).filter(|_| index < self.imported_globals)
    }

    /// The instance's own global that begins at `slot`.
    fn own_global(&self, slot: u32) -> Option<&GlobalRecord> {
        let imported = if Part::Linking.is_built() { self.imported_globals } else { 0 };
        let own = self.image.globals.get(imported as usize..)?;
        // Without vectors, each takes one.
        let index =
            if BUILT { own.binary_search_by_key(&slot, |global| global.slot.get()).ok()? } else { slot as usize };
        own.get(index)
    }
}

fn is_mutable(global: &GlobalRecord) -> bool {
    global.flags.get() & flag::MUTABLE != 0
}

impl Walk<'_> {
    /// Targets lie in the function, and are what the branch takes them for.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn branch(&self, imm: u32) -> Result<(), CodeRule> {
        let target = self.shape.target();
        let back = target == Target::Back as u32;
        let to = if back { imm } else { self.next.checked_add(imm).ok_or(CodeRule::Target)? };
        self.lead(back, to)?;
        // Heads that branches run are told by nothing but their place.
        require(target < Target::If as u32 || self.f.word(self.next).is(Plain::Fuel), CodeRule::IfHead)?;
        require(target < Target::IfElse as u32 || self.f.word(to).is(Plain::Fuel), CodeRule::IfHead)
    }

    /// Backward branches lead to heads that charge, forward ones to instructions.
    #[cfg_attr(feature = "compact", inline(never))]
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn lead(&self, back: bool, to: u32) -> Result<(), CodeRule> {
        let (f, word) = (&self.f, self.f.word(to));
        if !back {
            return f.enters(to, word);
        }
        let right = f.start <= to && to <= self.pc && word.imm > 0;
        require(right && word.is(Plain::Fuel), CodeRule::BackTarget)
    }

    /// The words behind a `br_table` are its table, and each entry leads to where a branch may.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn entries(&mut self) -> Result<(), CodeRule> {
        require(self.pc < self.table_end, CodeRule::Operator)?;
        require(self.n.is(Plain::Data), CodeRule::BranchTable)?;
        if !is_packed(self.table_end.wrapping_sub(self.table)) {
            require(self.n.ab() == 0, CodeRule::BranchTable)?;
            return self.entry(self.n.imm as i32);
        }
        for entry in [self.n.ab(), self.n.imm, self.n.imm >> 16] {
            self.entry((entry as i16).into())?;
        }
        Ok(())
    }

    /// An entry leads to where a branch may.
    #[inline(always)]
    fn entry(&mut self, distance: i32) -> Result<(), CodeRule> {
        // For each entry a pad, which moves at most a frame, each value in two instructions, and jumps.
        self.paid = self.paid.saturating_add(self.f.slots.wrapping_mul(2).wrapping_add(2));
        let to = self.table.wrapping_add_signed(distance);
        self.lead(to <= self.pc, to)
    }

    /// A function begins with a head; the heads that zero locals stand nowhere else. A branch table has no instructions.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn place(&mut self, special: u32) -> Result<(), CodeRule> {
        let (f, n, row) = (&self.f, self.n, self.n.op());
        let is = |plain: Plain| row == Op::plain(plain);
        let first = self.pc == f.start;
        let head = self.n.head();
        if !is(Plain::Fuel) {
            // A wide frame's parameters are put in their places first; the head follows, so that a pause there leaves them
            // alone.
            let late = built!(EnterWide)
                && is(Plain::EnterWide)
                && self.pc == f.start.wrapping_add(1)
                && f.word(f.start).is(Plain::WideParams);
            let begins = head.is_some() || (built!(WideParams) && is(Plain::WideParams));
            // Fixed numbers of slots may be zeroed beyond the frame, where nothing is in use, but not around the window.
            let zeroes = head.map_or(0, |head| ZEROES.wrapping_shr(head.wrapping_mul(4)) & 0xF);
            let right = (first || late) == begins && n.a().wrapping_add(zeroes) <= WINDOW as u32;
            require(right, CodeRule::Head)?;
        }
        self.special = special;
        require(self.pc >= self.table_end, CodeRule::BranchTable)
    }
}

/// One past the highest register that an instruction reads or writes other than by naming it in a field.
fn reach(n: Word, row: Option<Plain>) -> u32 {
    match row {
        Some(Plain::MovRange) => n.imm.max(n.a()).saturating_add(n.b()),
        Some(Plain::Enter) => n.a().wrapping_add(n.b()),
        Some(_) => 0,
        None => vector(n).map_or(0, |row| vector_reach(row, n)),
    }
}

/// The vector row of an instruction, where there are any.
fn vector(n: Word) -> Option<VectorRow> {
    match BUILT.then(|| n.op().row())?? {
        Row::Vector(row) => Some(row),
        _ => None,
    }
}

/// [`reach`] of vector rows: both slots of a pair count.
fn vector_reach(row: VectorRow, n: Word) -> u32 {
    let [low, next, ..] = n.imm.to_le_bytes();
    let fields = [n.a() as u8, n.b() as u8, low, next].into_iter().zip(row.registers());
    let ends =
        fields.map(|(register, slots)| if slots == 0 { 0 } else { u32::from(register).saturating_add(slots.into()) });
    ends.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::format::MemoryRecord;
    use zerocopy::FromZeros;

    // @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
    #[test]
    fn what_is_not_special_breaks_none_of_the_rules_for_what_is() {
        let memories = [MemoryRecord::new_zeroed()];
        let image = Image { memories: &memories, ..Image::default() };
        let checker = Checker::new(&image);
        let f = Function { code: &[], aligned: &[], start: 0, slots: 0 };
        let mut seen = 0;
        for op in (0..Op::COUNT as u16).map(Op) {
            let (n, data) = (Word { low: u32::from(op.0) | 0xFFFF << 16, imm: u32::MAX }, Word::new([0xFF; 8]));
            let mut walk = Walk { pc: 1, ..Walk::new(f, n) };
            if walk.shape.has(shape::ABSENT | shape::SPECIAL) {
                continue;
            }
            assert_eq!(walk.place(0), Ok(()), "{:?}", op.row());
            assert_eq!(checker.special(&walk, data), Ok(()), "{:?}", op.row());
            seen += 1;
        }
        assert!(seen > 1000, "{seen} rows");
    }

    // @need-ids: REQ_IMAGE_001
    #[test]
    fn a_function_s_first_instruction_and_table_entries_are_always_looked_at() {
        assert!((0..=u16::MAX).all(|op| Shape::of(op).has(u32::MAX)));
    }
}
