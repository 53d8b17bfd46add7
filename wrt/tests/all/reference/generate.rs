//! Modules made of bytes, as text: heavy on arithmetic, on the shapes that lowering fuses, and on operands that wait
//! while other things happen. The same bytes make the same module; fewer make a smaller one, so that failures shrink.

use std::fmt::Write;
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, OperatorInfo, StoreOp, UnaryOp, WideOp,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ty {
    I32,
    I64,
    F32,
    F64,
}

const TYPES: [Ty; 4] = [Ty::I32, Ty::I64, Ty::F32, Ty::F64];

impl Ty {
    const fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}

/// Operators whose names begin with a type's name.
fn of_type(infos: impl Iterator<Item = OperatorInfo>, ty: Ty) -> Vec<&'static str> {
    infos.map(|info| info.name).filter(|name| name.starts_with(ty.name())).collect()
}

/// The type of the operand of a unary operator.
fn operand_of(name: &str) -> Ty {
    let (own, rest) = name.split_once('.').expect("a type before the dot");
    let ends = |ty: &&Ty| rest.split('_').skip(1).any(|part| part == ty.name());
    TYPES.iter().find(ends).or(TYPES.iter().find(|ty| ty.name() == own)).copied().expect("a type")
}

#[derive(Clone, Debug)]
struct Signature {
    params: Vec<Ty>,
    results: Vec<Ty>,
}

fn list(word: &str, types: &[Ty]) -> String {
    let names: Vec<_> = types.iter().map(|ty| ty.name()).collect();
    if names.is_empty() { String::new() } else { format!("({word} {})", names.join(" ")) }
}

struct Generator<'b> {
    bytes: std::slice::Iter<'b, u8>,
    out: String,
    /// How many operators may still be made, roughly.
    budget: usize,
    locals: Vec<Ty>,
    /// What a branch to each label carries, the innermost last.
    labels: Vec<Vec<Ty>>,
    /// Functions that may be called.
    funcs: Vec<Signature>,
    results: Vec<Ty>,
    /// Whether addresses of memory 0 have 64 bits.
    wide: bool,
}

/// Text of a module whose functions are exported as `f0`, `f1`, …
pub(crate) fn module(bytes: &[u8]) -> String {
    let mut generator = Generator {
        bytes: bytes.iter(),
        out: String::new(),
        budget: 0,
        locals: Vec::new(),
        labels: Vec::new(),
        funcs: Vec::new(),
        results: Vec::new(),
        wide: false,
    };
    generator.module();
    generator.out
}

impl Generator<'_> {
    fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// A number below `n`, for which fewer bytes mean less.
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn emit(&mut self, text: impl AsRef<str>) {
        self.budget = self.budget.saturating_sub(1);
        self.out.push_str(text.as_ref());
        self.out.push(' ');
    }

    fn types(&mut self, most: usize) -> Vec<Ty> {
        (0..self.below(most + 1)).map(|_| self.pick(&TYPES)).collect()
    }

    fn module(&mut self) {
        self.out.push_str("(module\n");
        if self.one_in(3) {
            self.out.push_str("(import \"host\" \"h\" (func (param i32 i64) (result i32)))\n");
            self.funcs.push(Signature { params: vec![Ty::I32, Ty::I64], results: vec![Ty::I32] });
        }
        let imported = self.funcs.len();
        self.wide = self.one_in(3);
        let index = if self.wide { "i64" } else { "i32" };
        let _ = writeln!(self.out, "(memory (export \"memory\") {index} 1 2)");
        let _ = writeln!(self.out, "(data ({index}.const 40) \"lowering and its reference\")");
        self.out.push_str(
            "(memory (export \"other\") 8200 9000 (pagesize 1))\n(memory (export \"wide\") i64 8200 9000 (pagesize 1))\n\
             (data $passive \"passive bytes that a guest copies for itself, more than sixty-four of them\")\n",
        );
        for (index, ty) in TYPES.iter().enumerate() {
            let name = ty.name();
            let _ = writeln!(self.out, "(global $g{index} (export \"g{index}\") (mut {name}) ({name}.const {index}))");
        }
        let count = 1 + self.below(3);
        let last = imported + count;
        let _ = writeln!(self.out, "(table $t (export \"table\") {} 40 funcref)", last + 2);
        let list: Vec<_> = (0..last).map(|index| index.to_string()).collect();
        let _ = writeln!(self.out, "(elem (i32.const 0) func {})\n(elem $e func {})", list.join(" "), list.join(" "));
        for index in 0..count {
            self.function(index);
        }
        self.out.push_str(")\n");
    }

    fn function(&mut self, index: usize) {
        let signature = Signature { params: self.types(4), results: self.types(3) };
        let padding = if self.one_in(8) { 225 + self.below(50) } else { 0 };
        self.locals.clone_from(&signature.params);
        let own: Vec<_> = std::iter::repeat_n(Ty::I32, padding).chain(TYPES).chain(TYPES).collect();
        self.locals.extend(&own);
        self.results.clone_from(&signature.results);
        self.labels = vec![signature.results.clone()];
        let (params, results) = (list("param", &signature.params), list("result", &signature.results));
        // Recursion is possible, and rare.
        let recursive = self.one_in(6);
        if recursive {
            self.funcs.push(signature.clone());
        }
        let _ = writeln!(self.out, "(func (export \"f{index}\") {params} {results} {}", list("local", &own));
        self.budget = 400;
        let statements = self.below(12);
        self.statements(statements, 4);
        for ty in signature.results.clone() {
            self.expression(ty, 4);
        }
        self.out.push_str(")\n");
        if !recursive {
            self.funcs.push(signature);
        }
    }

    // Expressions: text that leaves one value.

    fn local_of(&mut self, ty: Ty) -> usize {
        let fitting: Vec<_> = (0..self.locals.len()).filter(|index| self.locals[*index] == ty).collect();
        // The last ones are those that stand far from the frame's start.
        let nth = self.below(fitting.len().min(256));
        fitting[fitting.len() - 1 - nth]
    }

    fn constant(&mut self, ty: Ty) {
        const INTEGERS: [i64; 20] = [
            0,
            1,
            -1,
            2,
            7,
            31,
            127,
            128,
            -128,
            -129,
            255,
            256,
            65_535,
            0x7FFF_FFFF,
            -0x8000_0000,
            0x8000_0000,
            0x1_0000_0000,
            -0x1_0000_0000,
            i64::MAX,
            i64::MIN,
        ];
        let text = match ty {
            Ty::I32 => {
                let value = if self.one_in(6) { self.random() as i32 } else { self.pick(&INTEGERS) as i32 };
                format!("i32.const {value}")
            }
            Ty::I64 => {
                let value = if self.one_in(6) { self.random() as i64 } else { self.pick(&INTEGERS) };
                format!("i64.const {value}")
            }
            Ty::F32 | Ty::F64 => {
                let value = self.float();
                let value = if ty == Ty::F32 { f64::from(value as f32) } else { value };
                let text = if value.is_nan() {
                    "nan".into()
                } else if value.is_infinite() {
                    if value > 0.0 { "inf".into() } else { "-inf".into() }
                } else {
                    format!("{value:?}")
                };
                format!("{}.const {text}", ty.name())
            }
        };
        self.emit(text);
    }

    fn random(&mut self) -> u64 {
        let mut bytes = [0; 8];
        for byte in &mut bytes {
            *byte = self.byte();
        }
        u64::from_le_bytes(bytes)
    }

    fn float(&mut self) -> f64 {
        const FLOATS: [f64; 12] =
            [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 1e10, -1e-300, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        if self.one_in(6) { f64::from_bits(self.random()) } else { self.pick(&FLOATS) }
    }

    fn binary(&mut self, ty: Ty) {
        let names = match ty {
            Ty::I32 | Ty::I64 => {
                // Division traps too often to be as likely as the rest.
                let with_traps = self.one_in(8);
                let ops = BinaryOp::ALL.iter().filter(|op| with_traps || !op.can_trap());
                of_type(ops.map(|op| op.info()), ty)
            }
            Ty::F32 | Ty::F64 => {
                let moving = BinaryOp::ALL.iter().map(|op| op.info());
                of_type(FloatBinaryOp::ALL.iter().map(|op| op.info()).chain(moving), ty)
            }
        };
        let name = self.pick(&names);
        self.emit(name);
    }

    /// An operator that makes a value of one of another type; the operand comes first.
    fn unary(&mut self, ty: Ty, depth: usize) {
        let ops = UnaryOp::ALL.iter().map(|op| op.info());
        let mut names = of_type(FloatUnaryOp::ALL.iter().map(|op| op.info()).chain(ops), ty);
        let with_traps = self.one_in(8);
        names.retain(|name| (with_traps || !name.contains("trunc_f")) && *name != "i64.eqz");
        let name = self.pick(&names);
        self.expression(operand_of(name), depth);
        self.emit(name);
    }

    /// A comparison, with both operands.
    fn compare(&mut self, depth: usize) {
        let ty = self.pick(&TYPES);
        // Names with an underscore after `test` are of the register form alone.
        let integers = CompareOp::ALL.iter().map(|op| op.info()).filter(|info| info.opcode != 0xFFFF);
        let names = of_type(integers.chain(FloatCompareOp::ALL.iter().map(|op| op.info())), ty);
        let name = self.pick(&names);
        self.expression(ty, depth);
        if self.one_in(2) {
            self.constant(ty);
        } else {
            self.expression(ty, depth);
        }
        self.emit(name);
    }

    /// An `i32` to be branched on.
    fn condition(&mut self, depth: usize) {
        match self.below(6) {
            0 => self.expression(Ty::I32, 0),
            1 => self.compare(depth),
            2 => {
                self.compare(depth);
                for _ in 0..=self.below(3) {
                    self.emit("i32.eqz");
                }
            }
            3 => {
                self.expression(Ty::I32, depth);
                self.constant(Ty::I32);
                self.emit("i32.and");
            }
            4 => {
                self.expression(Ty::I64, depth);
                self.emit("i64.eqz");
                if self.one_in(2) {
                    self.emit("i32.eqz");
                }
            }
            _ => self.expression(Ty::I32, depth),
        }
    }

    /// An address; most lie inside of the memory.
    fn address(&mut self, depth: usize) {
        match self.below(5) {
            0 => self.emit("i32.const 44"),
            1 => {
                self.expression(Ty::I32, depth);
                self.emit("i32.const 1023 i32.and");
            }
            2 => {
                // A base and an index: lowering folds the sum.
                self.expression(Ty::I32, 0);
                self.emit("i32.const 255 i32.and");
                let local = self.local_of(Ty::I32);
                self.emit(format!("local.tee {local} local.get {local} i32.add"));
            }
            3 => {
                self.expression(Ty::I32, depth);
                self.emit("i32.const 4095 i32.and i32.const -9 i32.add i32.const 9 i32.add");
            }
            _ if self.one_in(4) => self.expression(Ty::I32, depth),
            _ => self.emit("i32.const 65000"),
        }
    }

    /// Memory 0 most of the time, or one of the others, which are smaller.
    fn memory(&mut self) -> usize {
        if self.one_in(4) { 1 + self.below(2) } else { 0 }
    }

    fn is_wide(&self, memory: usize) -> bool {
        if memory == 0 { self.wide } else { memory == 2 }
    }

    /// Extends the `i32` made last where it is an address or a length of a memory with 64-bit addresses.
    fn extend(&mut self, wide: bool) {
        if wide {
            self.emit("i64.extend_i32_u");
        }
    }

    fn address_in(&mut self, memory: usize, depth: usize) {
        let wide = self.is_wide(memory);
        if wide && self.one_in(3) {
            self.expression(Ty::I64, depth);
            if !self.one_in(8) {
                self.emit("i64.const 4095 i64.and");
            }
            return;
        }
        self.address(depth);
        if memory > 0 && !self.one_in(8) {
            self.emit("i32.const 8191 i32.and");
        }
        self.extend(wide);
    }

    /// The memory and offset of an access, as text.
    fn place(&mut self, memory: usize) -> String {
        let far = self.is_wide(memory) && self.one_in(16);
        let offset = if far { "offset=0x100000001".into() } else { self.offset() };
        format!("{memory} {offset}")
    }

    fn offset(&mut self) -> String {
        let offset = self.pick(&[0_u32, 0, 1, 8, 500, 1 << 15, (1 << 24) + 1, u32::MAX]);
        let offset = if offset > 1 << 16 && !self.one_in(8) { 4 } else { offset };
        if offset == 0 { String::new() } else { format!("offset={offset}") }
    }

    fn expressions(&mut self, types: &[Ty], depth: usize) {
        for ty in types {
            self.expression(*ty, depth);
        }
    }

    fn drops(&mut self, count: usize) {
        for _ in 0..count {
            self.emit("drop");
        }
    }

    fn expression(&mut self, ty: Ty, depth: usize) {
        let kinds = if depth == 0 || self.budget == 0 { 3 } else { 20 };
        let Some(depth) = depth.checked_sub(1) else {
            let kind = self.below(kinds);
            return self.leaf(ty, kind);
        };
        match self.below(kinds) {
            kind @ 0..3 => self.leaf(ty, kind),
            3 | 4 => {
                self.expression(ty, depth);
                self.expression(ty, depth);
                self.binary(ty);
            }
            5 => {
                self.expression(ty, depth);
                self.constant(ty);
                self.binary(ty);
            }
            6 => {
                self.expression(ty, depth);
                let local = self.local_of(ty);
                self.emit(format!("local.tee {local}"));
            }
            7 | 8 => self.unary(ty, depth),
            9 if ty == Ty::I32 => self.compare(depth),
            9 | 10 => {
                let memory = self.memory();
                self.address_in(memory, depth);
                let names = of_type(LoadOp::ALL.iter().map(|op| op.info()), ty);
                let (name, place) = (self.pick(&names), self.place(memory));
                self.emit(format!("{name} {place}"));
            }
            11 => {
                self.expression(ty, depth);
                self.expression(ty, depth);
                self.condition(depth);
                self.emit("select");
            }
            12 => self.block_with_values(&[ty], depth),
            13 => {
                self.condition(depth);
                self.emit(format!("if {}", list("result", &[ty])));
                self.labels.push(vec![ty]);
                self.statements_then(ty, depth);
                self.emit("else");
                self.statements_then(ty, depth);
                self.emit("end");
                self.labels.pop();
            }
            14 => self.call_for(ty, depth),
            // The first operand waits while statements run.
            15 | 16 => {
                self.expression(ty, depth);
                let count = 1 + self.below(2);
                self.statements(count, depth);
                self.expression(ty, depth);
                self.binary(ty);
            }
            // Two operands wait, where they are, for a function to return.
            17 if !self.funcs.is_empty() => {
                let (kind, other) = (self.below(2), self.below(2));
                self.leaf(ty, kind);
                self.leaf(ty, other);
                let func = self.below(self.funcs.len());
                self.call(func, depth.min(1));
                self.drops(self.funcs[func].results.len());
                self.binary(ty);
            }
            17 => self.loop_with_values(&[ty], depth),
            18 if ty == Ty::I32 => self.sizes(),
            18 if ty == Ty::I64 => {
                let op = self.pick(WideOp::ALL);
                (0..op.operands()).for_each(|_| self.expression(Ty::I64, depth));
                self.emit(op.name());
                // Two results, of which one is wanted.
                self.binary(ty);
            }
            18 => self.unary(ty, depth),
            _ => self.switch_with_value(ty, depth),
        }
    }

    fn leaf(&mut self, ty: Ty, kind: usize) {
        match kind {
            0 => self.constant(ty),
            1 => {
                let local = self.local_of(ty);
                self.emit(format!("local.get {local}"));
            }
            _ => self.emit(format!("global.get $g{}", ty as usize)),
        }
    }

    fn statements_then(&mut self, ty: Ty, depth: usize) {
        let count = self.below(2);
        self.statements(count, depth);
        self.expression(ty, depth);
    }

    fn sizes(&mut self) {
        let memory = self.memory();
        let (index, wrap) = if self.is_wide(memory) { ("i64", "i32.wrap_i64") } else { ("i32", "") };
        match self.below(4) {
            0 => self.emit(format!("memory.size {memory} {wrap}")),
            1 => self.emit("table.size $t"),
            2 => self.emit(format!("{index}.const 1 memory.grow {memory} {wrap}")),
            _ => self.emit("ref.null func i32.const 5 table.grow $t"),
        }
    }

    /// A block with results that branches leave early.
    fn block_with_values(&mut self, types: &[Ty], depth: usize) {
        self.emit(format!("block {}", list("result", types)));
        self.labels.push(types.to_vec());
        let count = self.below(3);
        self.statements(count, depth);
        let below = self.types(2);
        self.expressions(&below, 0);
        self.expressions(types, depth);
        if self.one_in(2) {
            self.condition(depth);
            self.emit("br_if 0");
        }
        if self.one_in(3) || !below.is_empty() {
            self.emit("br 0");
        }
        self.emit("end");
        self.labels.pop();
    }

    /// A loop whose values go round, with a counter that ends it.
    fn loop_with_values(&mut self, types: &[Ty], depth: usize) {
        let counter = self.local_of(Ty::I32);
        let turns = 1 + self.below(5);
        self.emit(format!("i32.const {turns} local.set {counter}"));
        self.expressions(types, depth);
        self.emit(format!("loop {} {}", list("param", types), list("result", types)));
        self.labels.push(types.to_vec());
        for ty in types.iter().rev() {
            let local = self.local_of(*ty);
            self.emit(format!("local.set {local}"));
        }
        let count = self.below(3);
        self.statements(count, depth);
        self.expressions(types, depth);
        self.emit(format!("local.get {counter} i32.const 1 i32.sub local.tee {counter}"));
        self.emit("br_if 0 end");
        self.labels.pop();
    }

    fn switch_with_value(&mut self, ty: Ty, depth: usize) {
        let (result, local) = (list("result", &[ty]), self.local_of(ty));
        self.emit(format!("block {result} block {result} block {result}"));
        (0..3).for_each(|_| self.labels.push(vec![ty]));
        self.expression(ty, depth);
        self.expression(Ty::I32, depth);
        self.emit("i32.const 3 i32.and br_table 0 1 2 0");
        self.labels.pop();
        self.emit(format!("end local.tee {local}"));
        self.expression(ty, depth);
        self.binary(ty);
        self.labels.pop();
        self.emit("end");
        self.statements(1, depth);
        self.labels.pop();
        self.emit("end");
    }

    fn call_for(&mut self, ty: Ty, depth: usize) {
        let fitting: Vec<_> = (0..self.funcs.len()).filter(|index| self.funcs[*index].results == [ty]).collect();
        if fitting.is_empty() {
            return self.leaf(ty, 1);
        }
        let func = self.pick(&fitting);
        self.call(func, depth);
    }

    fn call(&mut self, func: usize, depth: usize) {
        let Signature { params, results } = self.funcs[func].clone();
        self.expressions(&params, depth);
        if self.one_in(3) {
            let index = if self.one_in(8) { self.below(self.funcs.len() + 4) } else { func };
            self.emit(format!(
                "i32.const {index} call_indirect $t {} {}",
                list("param", &params),
                list("result", &results)
            ));
        } else {
            self.emit(format!("call {func}"));
        }
    }

    // Statements: text that leaves the stack as it is.

    fn statements(&mut self, count: usize, depth: usize) {
        for _ in 0..count {
            if self.budget == 0 {
                return;
            }
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        let ty = self.pick(&TYPES);
        let inner = depth.saturating_sub(1);
        match self.below(if depth == 0 { 5 } else { 22 }) {
            0 => self.emit("nop"),
            1 | 2 => {
                self.expression(ty, depth);
                let local = self.local_of(ty);
                self.emit(format!("local.set {local}"));
            }
            3 => {
                let memory = self.memory();
                self.address_in(memory, inner);
                self.expression(ty, inner);
                let names = of_type(StoreOp::ALL.iter().map(|op| op.info()), ty);
                let (name, place) = (self.pick(&names), self.place(memory));
                self.emit(format!("{name} {place}"));
            }
            4 => {
                self.expression(ty, inner);
                self.emit(format!("global.set $g{}", ty as usize));
            }
            5 | 6 => self.if_statement(inner),
            7 => {
                let types = self.types(2);
                self.loop_with_values(&types, inner);
                self.drops(types.len());
            }
            8 => {
                self.emit("block");
                self.labels.push(Vec::new());
                let count = 1 + self.below(3);
                self.statements(count, inner);
                self.emit("end");
                self.labels.pop();
            }
            9 | 10 => self.branch_if(inner),
            11 => self.leave(inner),
            12 => self.switch(inner),
            13 => {
                let func = self.below(self.funcs.len());
                if func < self.funcs.len() {
                    self.call(func, inner);
                    self.drops(self.funcs[func].results.len());
                }
            }
            14 => self.bulk(inner),
            15 => self.long(),
            16 => {
                let types = self.types(5);
                self.block_with_values(&types, inner);
                self.drops(types.len());
            }
            17 => {
                // Two locals change places.
                let (a, b) = (self.local_of(ty), self.local_of(ty));
                self.emit(format!("local.get {a} local.get {b} local.set {a} local.set {b}"));
            }
            18 => self.table(inner),
            _ => {
                self.expression(ty, inner);
                self.emit("drop");
            }
        }
    }

    fn if_statement(&mut self, depth: usize) {
        self.condition(depth);
        self.emit("if");
        self.labels.push(Vec::new());
        let count = self.below(3);
        self.statements(count, depth);
        if self.one_in(2) {
            self.emit("else");
            let count = self.below(3);
            self.statements(count, depth);
        }
        self.emit("end");
        self.labels.pop();
    }

    fn some_label(&mut self) -> (usize, Vec<Ty>) {
        let depth = self.below(self.labels.len());
        (depth, self.labels[self.labels.len() - 1 - depth].clone())
    }

    fn branch_if(&mut self, depth: usize) {
        let (label, types) = self.some_label();
        self.expressions(&types, depth);
        self.condition(depth);
        self.emit(format!("br_if {label}"));
        self.drops(types.len());
    }

    /// Leaves for good; what follows cannot be reached.
    fn leave(&mut self, depth: usize) {
        match self.below(6) {
            0 => {
                let results = self.results.clone();
                self.expressions(&results, depth);
                self.emit("return");
            }
            1 => self.emit("unreachable"),
            2 => {
                let results = self.results.clone();
                let fitting: Vec<_> =
                    (0..self.funcs.len()).filter(|func| self.funcs[*func].results == results).collect();
                if !fitting.is_empty() {
                    let func = self.pick(&fitting);
                    let Signature { params, results } = self.funcs[func].clone();
                    self.expressions(&params, depth);
                    let (params, results) = (list("param", &params), list("result", &results));
                    if self.one_in(2) {
                        self.emit(format!("i32.const {func} return_call_indirect $t {params} {results}"));
                    } else {
                        self.emit(format!("return_call {func}"));
                    }
                }
            }
            _ => {
                let (label, types) = self.some_label();
                self.expressions(&types, depth);
                self.emit(format!("br {label}"));
            }
        }
    }

    fn switch(&mut self, depth: usize) {
        let cases = 1 + self.below(4);
        self.emit("block ".repeat(cases + 1));
        (0..=cases).for_each(|_| self.labels.push(Vec::new()));
        self.expression(Ty::I32, depth);
        if self.one_in(2) {
            self.emit("i32.const 3 i32.and");
        }
        let labels: Vec<_> = (0..=self.below(6)).map(|_| self.below(cases + 1).to_string()).collect();
        self.emit(format!("br_table {}", labels.join(" ")));
        for _ in 0..cases {
            self.labels.pop();
            self.emit("end");
            self.statements(1, depth);
            if self.one_in(2) {
                let out = self.labels.len() - 1;
                let label = self.below(out.min(2));
                if self.labels[self.labels.len() - 1 - label].is_empty() {
                    self.emit(format!("br {label}"));
                }
            }
        }
        self.labels.pop();
        self.emit("end");
    }

    /// Straight code, longer than a segment.
    fn long(&mut self) {
        let (a, b) = (self.local_of(Ty::I32), self.local_of(Ty::I32));
        let count = 10 + self.below(80);
        let waits = self.one_in(2);
        if waits {
            self.emit(format!("local.get {a} i32.const 5"));
        }
        self.emit(format!("local.get {a} local.get {b} i32.add local.set {a} ").repeat(count));
        if waits {
            self.emit(format!("i32.add local.set {b}"));
        }
    }

    fn bulk(&mut self, depth: usize) {
        let kind = self.below(4);
        if kind == 3 {
            return self.emit("data.drop $passive");
        }
        let (to, from) = (self.memory(), self.memory());
        let (wide, other) = (self.is_wide(to), self.is_wide(from));
        // Whether each of the operands has 64 bits: a length only if both memories' have.
        let operands = [[wide, other, wide && other], [wide, false, wide], [wide, false, false]][kind];
        let masks = [2047, if kind == 2 { 15 } else { 2047 }, if kind == 2 { 63 } else { 511 }];
        for (mask, wide) in masks.into_iter().zip(operands) {
            self.expression(Ty::I32, depth);
            self.emit(format!("i32.const {mask} i32.and"));
            self.extend(wide);
        }
        let from = [from.to_string(), String::new(), "$passive".into()][kind].clone();
        self.emit(format!("{} {to} {from}", ["memory.copy", "memory.fill", "memory.init"][kind]));
    }

    fn table(&mut self, depth: usize) {
        let kind = self.below(6);
        if kind == 4 {
            return self.emit("elem.drop $e");
        }
        self.expression(Ty::I32, depth);
        self.emit("i32.const 7 i32.and");
        match kind {
            0 => self.emit("table.get $t drop"),
            1 => self.emit("ref.null func table.set $t"),
            2 => self.emit("i32.const 1 i32.const 2 table.copy $t $t"),
            3 => self.emit("ref.null func i32.const 3 table.fill $t"),
            _ => self.emit("i32.const 0 i32.const 1 table.init $t $e"),
        }
    }
}
