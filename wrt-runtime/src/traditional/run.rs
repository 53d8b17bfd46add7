//! The operators that have no entries in the side table, as they stand in the bytecode (core 4.4 to 4.6), and how one follows the
//! other.
//!
//! An operator is a function of what follows its opcode and of the frame's values; it gives what follows it. In optimised
//! builds for hosts each opcode has one of its own, which goes on to that of the next; elsewhere a loop looks at opcodes, and numeric
//! operators are told apart by number. What needs the store, or fuel in portions, is the driver's ([`Halt::Slow`]).

use super::machine::{Halt, Machine};
#[cfg(threaded)]
use super::operands::Window;
use super::operands::{Frame, Operands, Values};
use super::reader::Code;
use super::{control, reader, vector};
use crate::execute::{Detail, TrapInfo};
use crate::table::NULL;
use wrt_instructions::memory_ops::position;
use wrt_instructions::numeric::Canonical;
use wrt_instructions::operator::{
    Binary, BinaryOp, Compare, FLOATS, FloatBinary, FloatUnary, Load, Store, Unary, UnaryOp, Wide, rows,
};
use wrt_instructions::{Part, Slot, Trap};

/// Where an operator goes on.
pub(super) enum Flow<'m> {
    /// With the operator that begins here, and this height.
    Next(Code<'m>, usize),
    Halt(Halt),
}

/// What follows an opcode, or an operator; and the frame's height there.
#[derive(Clone)]
pub(super) struct At<'m> {
    pub(super) rest: Code<'m>,
    pub(super) height: usize,
}

/// Why an operator was not done.
#[derive(Clone, Copy)]
pub(super) enum Not {
    Trap(Trap),
    /// An access outside of the memory with this index: address and length.
    Outside(u32, (u64, u32)),
    /// An access to the element of table 0 with this index, which is not there.
    Element(u64),
    /// As [`Machine::trap`] says.
    Noted,
    /// The driver does it.
    Slow,
}

/// Bytecode, side table or operands are not what they should be.
pub(super) const CORRUPT: Not = Not::Trap(Trap::CorruptCode);

pub(super) type Done<'m> = Result<At<'m>, Not>;

impl<'m> At<'m> {
    #[inline(always)]
    const fn new(rest: Code<'m>, height: usize) -> Self {
        Self { rest, height }
    }

    /// An immediate.
    #[inline(always)]
    fn read<T>(&mut self, reader: impl Fn(&mut Code<'m>) -> Option<T>) -> Result<T, Not> {
        reader(&mut self.rest).ok_or(CORRUPT)
    }

    /// With a value put on top.
    #[inline(always)]
    fn push<V: Values>(self, values: &mut V, value: u64) -> Done<'m> {
        values.set(self.height, value).ok_or(CORRUPT)?;
        Ok(Self { height: self.height.wrapping_add(1), ..self })
    }

    #[inline(always)]
    fn pop<V: Values>(&mut self, values: &V) -> Result<u64, Not> {
        self.height = self.height.wrapping_sub(1);
        values.get(self.height).ok_or(CORRUPT)
    }
}

// Operators that are told apart by a function.

#[cfg(threaded)]
#[inline(always)]
fn unary<'m, V: Values>(mut at: At<'m>, values: &mut V, meaning: impl FnOnce(u64) -> Result<u64, Trap>) -> Done<'m> {
    let x = at.pop(values)?;
    at.push(values, meaning(x).map_err(Not::Trap)?)
}

#[inline(always)]
fn binary<'m, V: Values>(at: At<'m>, values: &mut V, meaning: impl FnOnce(u64, u64) -> Result<u64, Trap>) -> Done<'m> {
    let (x, y) = values.two(at.height).ok_or(CORRUPT)?;
    let at = At { height: at.height.wrapping_sub(2), ..at };
    at.push(values, meaning(x, y).map_err(Not::Trap)?)
}

// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
fn load<'m, V: Values>(
    mut at: At<'m>,
    values: &mut V,
    m: &mut Machine<'m>,
    (meaning, bytes): (impl FnOnce(&[u8], usize) -> Option<u64>, u32),
) -> Done<'m> {
    let (memory, fixed) = at.read(reader::memarg)?;
    let address = at.pop(values)?.saturating_add(fixed);
    let value = m.memory_at(memory).and_then(|memory| meaning(memory, position(address)));
    at.push(values, value.ok_or(Not::Outside(memory, (address, bytes)))?)
}

// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
fn store<'m, V: Values>(
    mut at: At<'m>,
    values: &V,
    m: &mut Machine<'m>,
    (meaning, bytes): (impl FnOnce(&mut [u8], usize, u64) -> Option<()>, u32),
) -> Done<'m> {
    let (memory, fixed) = at.read(reader::memarg)?;
    let (base, value) = values.two(at.height).ok_or(CORRUPT)?;
    let address = base.saturating_add(fixed);
    let stored = m.memory_at(memory).and_then(|memory| meaning(memory, position(address), value));
    stored.ok_or(Not::Outside(memory, (address, bytes)))?;
    Ok(At { height: at.height.wrapping_sub(2), ..at })
}

// Variables, constants and structure.

#[inline(always)]
fn local_get<'m, V: Values>(mut at: At<'m>, values: &mut V) -> Done<'m> {
    let index = at.read(reader::u32)?;
    let value = values.get(index as usize).ok_or(CORRUPT)?;
    at.push(values, value)
}

#[inline(always)]
fn local_set<'m, V: Values>(mut at: At<'m>, values: &mut V) -> Done<'m> {
    let index = at.read(reader::u32)?;
    let value = at.pop(values)?;
    values.set(index as usize, value).ok_or(CORRUPT)?;
    Ok(at)
}

#[inline(always)]
fn local_tee<'m, V: Values>(at: At<'m>, values: &mut V) -> Done<'m> {
    let height = at.height;
    local_set(at, values).map(|after| At { height, ..after })
}

#[inline(always)]
fn global_get<'m, V: Values>(mut at: At<'m>, values: &mut V, m: &mut Machine<'m>) -> Done<'m> {
    let index = at.read(reader::u32)?;
    let (slot, pair) = m.global(index).ok_or(CORRUPT)?;
    let at = at.push(values, *m.globals.get(slot).ok_or(CORRUPT)?)?;
    if pair {
        return at.push(values, *m.globals.get(slot.wrapping_add(1)).ok_or(CORRUPT)?);
    }
    Ok(at)
}

#[inline(always)]
fn global_set<'m, V: Values>(mut at: At<'m>, values: &V, m: &mut Machine<'m>) -> Done<'m> {
    let index = at.read(reader::u32)?;
    let (slot, pair) = m.global(index).ok_or(CORRUPT)?;
    if pair {
        *m.globals.get_mut(slot.wrapping_add(1)).ok_or(CORRUPT)? = at.pop(values)?;
    }
    *m.globals.get_mut(slot).ok_or(CORRUPT)? = at.pop(values)?;
    Ok(at)
}

#[inline(always)]
fn constant<'m, V: Values>(mut at: At<'m>, values: &mut V, reader: impl Fn(&mut Code<'m>) -> Option<u64>) -> Done<'m> {
    let value = at.read(reader)?;
    at.push(values, value)
}

#[inline(always)]
fn f32_const(code: &mut Code<'_>) -> Option<u64> {
    reader::bytes::<4>(code).map(|bytes| u32::from_le_bytes(bytes).into())
}

#[inline(always)]
fn f64_const(code: &mut Code<'_>) -> Option<u64> {
    reader::bytes::<8>(code).map(u64::from_le_bytes)
}

/// `block` and `loop` do nothing but begin.
#[inline(always)]
fn begin(mut at: At<'_>) -> Done<'_> {
    at.read(reader::skip_type)?;
    Ok(at)
}

#[inline(always)]
fn discard<'m, V: Values>(mut at: At<'m>, values: &V) -> Done<'m> {
    at.pop(values)?;
    Ok(at)
}

#[inline(always)]
fn select<'m, V: Values>(mut at: At<'m>, values: &mut V) -> Done<'m> {
    let condition = at.pop(values)? as u32;
    binary(at, values, |x, y| Ok(core::hint::select_unpredictable(condition != 0, x, y)))
}

/// No float operator's NaN is anything but the canonical one.
#[inline(always)]
fn float(value: impl Slot + Canonical) -> u64 {
    value.canonical().to_slot()
}

macro_rules! define_run {
    (
        binary { $($bv:ident $bo:literal $bn:literal $bk:ident $bf:ident($bx:ty) -> $br:ty, $bp:literal, $ba:literal;)* }
        float_binary { $($fv:ident $fo:literal $fn:literal $fk:ident $ff:ident($fx:ty) -> $fr:ty, $fp:literal, $fa:literal;)* }
        compare { $($cv:ident $co:literal $cn:literal $cf:ident($cx:ty) -> bool, $cp:literal, $ca:literal, not $cnot:ident, swap $cswap:ident;)* }
        fused_compare { $($fused:tt)* }
        float_compare { $($gv:ident $go:literal $gn:literal $gf:ident($gx:ty) -> bool, $gp:literal, $ga:literal;)* }
        unary { $($uv:ident $uo:literal $un:literal $uf:ident($ux:ty) -> $ur:ty, $up:literal, $ua:literal;)* }
        float_unary { $($wv:ident $wo:literal $wn:literal $wf:ident($wx:ty) -> $wr:ty, $wp:literal, $wa:literal;)* }
        load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes) -> $lt:ty, $lp:literal, $la:literal;)* }
        store { $($sv:ident $so:literal $sn:literal $sf:ident($st:ty) -> $sb:literal bytes, $sp:literal, $sa:literal;)* }
        wide { $($dv:ident $do:literal $dn:literal $df:ident($dc:tt operands), $dp:literal, $da:literal;)* }
        structural { $($structural:tt)* }
    ) => {
        /// A numeric operator by its number, on its operands where they stand: the first one becomes the result. One that has a single
        /// operand leaves the second alone.
        // @need-ids: REQ_TABLE_001
        fn evaluate(opcode: u32, operands: &mut [u64; 2]) -> Result<(), Trap> {
            let [x, y] = *operands;
            let [result, _] = operands;
            *result = match opcode {
                $($bo if BinaryOp::$bv.is_built() => {
                    <rows::$bv as Binary>::apply(Slot::from_slot(x), Slot::from_slot(y)).map(Slot::to_slot)?
                })*
                $($fo if FLOATS => float(<rows::$fv as FloatBinary>::raw(Slot::from_slot(x), Slot::from_slot(y))),)*
                $($co => <rows::$cv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)).into(),)*
                $($go if FLOATS => <rows::$gv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)).into(),)*
                $($uo if UnaryOp::$uv.is_built() => <rows::$uv as Unary>::apply(Slot::from_slot(x)).map(Slot::to_slot)?,)*
                $($wo if FLOATS => float(<rows::$wv as FloatUnary>::raw(Slot::from_slot(x))),)*
                _ => return Err(Trap::CorruptCode),
            };
            Ok(())
        }

        pub(super) const fn is_unary(opcode: u32) -> bool {
            matches!(opcode, $($uo)|* $(| $wo)*)
        }

        /// A load by its number.
        fn load_by(opcode: u32, memory: &[u8], at: usize) -> Option<u64> {
            match opcode {
                $($lo => <rows::$lv as Load>::load(memory, at),)*
                _ => None,
            }
        }

        /// A store by its number.
        fn store_by(opcode: u32, memory: &mut [u8], at: usize, value: u64) -> Option<()> {
            match opcode {
                $($so => <rows::$sv as Store>::store(memory, at, value),)*
                _ => None,
            }
        }

        const fn access_bytes(opcode: u32) -> u32 {
            match opcode {
                $($lo => $lb,)*
                $($so => $sb,)*
                _ => 0,
            }
        }

        /// Wide arithmetic by its number.
        fn wide<V: Values>(opcode: u32, operands: &mut Operands<'_, V>) -> Option<()> {
            let (count, meaning): (usize, fn([u64; 4]) -> (u64, u64)) = match opcode {
                $($do if Part::WideArithmetic.is_built() => ($dc, <rows::$dv as Wide>::apply),)*
                _ => return None,
            };
            let mut four = [0; 4];
            for operand in four.iter_mut().take(count).rev() {
                *operand = operands.pop()?;
            }
            let (low, high) = meaning(four);
            operands.push(low)?;
            operands.push(high)
        }

        /// An operator of its own for each opcode that most programs have.
        #[cfg(threaded)]
        // Made at compile time, and never on a stack.
        #[allow(clippy::large_stack_arrays, clippy::too_many_lines)]
        static CHAINED: [Handler; 256] = {
            let mut t: [Handler; 256] = [chained_seldom; 256];
            $(put(&mut t, $bo, |rest, values, height, m| {
                let meaning = |x, y| <rows::$bv as Binary>::apply(Slot::from_slot(x), Slot::from_slot(y)).map(Slot::to_slot);
                let at = At::new(rest, height);
                go_on(at.clone(), binary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $fo, |rest, values, height, m| {
                let meaning = |x, y| Ok(float(<rows::$fv as FloatBinary>::raw(Slot::from_slot(x), Slot::from_slot(y))));
                let at = At::new(rest, height);
                go_on(at.clone(), binary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $co, |rest, values, height, m| {
                let meaning = |x, y| Ok(<rows::$cv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)).into());
                let at = At::new(rest, height);
                go_on(at.clone(), binary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $go, |rest, values, height, m| {
                let meaning = |x, y| Ok(<rows::$gv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y)).into());
                let at = At::new(rest, height);
                go_on(at.clone(), binary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $uo, |rest, values, height, m| {
                let meaning = |x| <rows::$uv as Unary>::apply(Slot::from_slot(x)).map(Slot::to_slot);
                let at = At::new(rest, height);
                go_on(at.clone(), unary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $wo, |rest, values, height, m| {
                let meaning = |x| Ok(float(<rows::$wv as FloatUnary>::raw(Slot::from_slot(x))));
                let at = At::new(rest, height);
                go_on(at.clone(), unary(at, values, meaning), values, m)
            });)*
            $(put(&mut t, $lo, |rest, values, height, m| {
                let at = At::new(rest, height);
                go_on(at.clone(), load(at, values, m, (<rows::$lv as Load>::load, $lb)), values, m)
            });)*
            $(put(&mut t, $so, |rest, values, height, m| {
                let at = At::new(rest, height);
                go_on(at.clone(), store(at, values, m, (<rows::$sv as Store>::store, $sb)), values, m)
            });)*
            variables(&mut t);
            #[cfg(test)]
            super::stack_growth_tests::handlers(&mut t);
            t
        };
    };
}
wrt_instructions::operators!(define_run);

// One operator calls the next.

/// An operator of one opcode, and all that follow it.
#[cfg(threaded)]
pub(super) type Handler = for<'a, 'm> fn(Code<'m>, &'a mut Window, usize, &'a mut Machine<'m>) -> Halt;

// Runs at compile time only: an index out of the table would not compile. Numbers beyond it are seldom met.
#[cfg(threaded)]
#[allow(clippy::indexing_slicing)]
pub(super) const fn put(table: &mut [Handler; 256], opcode: u32, handler: Handler) {
    if opcode < 256 {
        table[opcode as usize] = handler;
    }
}

#[cfg(threaded)]
const fn variables(t: &mut [Handler; 256]) {
    macro_rules! handler {
        ($opcode:literal, |$at:ident, $values:ident, $m:ident| $done:expr) => {
            put(t, $opcode, |rest, $values, height, $m| {
                let $at = At::new(rest, height);
                go_on($at.clone(), $done, $values, $m)
            });
        };
    }
    handler!(0x01, |at, values, m| Ok(at));
    handler!(0x02, |at, values, m| begin(at));
    handler!(0x03, |at, values, m| begin(at));
    handler!(0x0B, |at, values, m| Ok(at));
    handler!(0x1A, |at, values, m| discard(at, values));
    handler!(0x1B, |at, values, m| select(at, values));
    handler!(0x20, |at, values, m| local_get(at, values));
    handler!(0x21, |at, values, m| local_set(at, values));
    handler!(0x22, |at, values, m| local_tee(at, values));
    handler!(0x23, |at, values, m| global_get(at, values, m));
    handler!(0x24, |at, values, m| global_set(at, values, m));
    handler!(0x41, |at, values, m| constant(at, values, reader::i32));
    handler!(0x42, |at, values, m| constant(at, values, reader::i64));
    handler!(0x43, |at, values, m| constant(at, values, f32_const));
    handler!(0x44, |at, values, m| constant(at, values, f64_const));
}

/// Goes on behind an operator that was done.
#[cfg(threaded)]
#[inline(always)]
fn go_on<'m>(at: At<'m>, done: Done<'m>, values: &mut Window, m: &mut Machine<'m>) -> Halt {
    match done {
        Ok(after) => next(after.rest, values, after.height, m),
        Err(not) => m.not_done(at, not),
    }
}

#[cfg(threaded)]
#[inline(always)]
pub(super) fn next<'m>(mut rest: Code<'m>, values: &mut Window, height: usize, m: &mut Machine<'m>) -> Halt {
    match rest.next() {
        Some(&opcode) => CHAINED[opcode as usize](rest, values, height, m),
        None => chained_noted(rest, values, height, m),
    }
}

#[cfg(threaded)]
fn chained_noted<'m>(_: Code<'m>, values: &mut Window, height: usize, m: &mut Machine<'m>) -> Halt {
    match m.noted(values, height) {
        Flow::Next(rest, height) => next(rest, values, height, m),
        Flow::Halt(halt) => halt,
    }
}

#[cfg(threaded)]
fn chained_seldom<'m>(rest: Code<'m>, values: &mut Window, height: usize, m: &mut Machine<'m>) -> Halt {
    seldom(At::new(rest, height), values, m)
}

impl<'m> Machine<'m> {
    /// Runs operators of the frame at hand until something stops them.
    #[inline(always)]
    pub(super) fn run_frame(&mut self, slots: &mut [u64]) -> Halt {
        let slots = slots.get_mut(self.at.base as usize..).unwrap_or_default();
        let height = self.at.height as usize;
        self.end = self.at.pc;
        #[cfg(threaded)]
        if !self.at.wide
            && let Some(window) = slots.first_chunk_mut()
        {
            return chained_noted([].iter(), window, height, self);
        }
        self.run_loop(&mut Frame { slots, wide: self.at.wide }, height)
    }

    // Where it is the only way to run, its caller's stack frame is its own.
    #[cfg_attr(threaded, inline(never))]
    #[cfg_attr(not(threaded), inline(always))]
    fn run_loop(&mut self, values: &mut Frame<'_>, mut height: usize) -> Halt {
        let mut rest = [].iter();
        loop {
            let flow = match rest.next() {
                Some(&opcode) => self.operator_by(opcode, At::new(rest, height), values),
                None => self.noted(values, height),
            };
            match flow {
                Flow::Next(after, above) => (rest, height) = (after, above),
                Flow::Halt(halt) => return halt,
            }
        }
    }

    /// An operator by its number.
    #[inline(always)]
    fn operator_by(&mut self, opcode: u8, at: At<'m>, values: &mut Frame<'_>) -> Flow<'m> {
        let number = u32::from(opcode);
        let here = at.clone();
        let done = match opcode {
            0x20 => local_get(at, values),
            0x21 => local_set(at, values),
            0x22 => local_tee(at, values),
            0x23 => global_get(at, values, self),
            0x24 => global_set(at, values, self),
            0x28..=0x35 => {
                let meaning = |memory: &[u8], at| load_by(number, memory, at);
                load(at, values, self, (meaning, access_bytes(number)))
            }
            0x36..=0x3E => {
                let meaning = |memory: &mut [u8], at, value| store_by(number, memory, at, value);
                store(at, values, self, (meaning, access_bytes(number)))
            }
            0x41 => constant(at, values, reader::i32),
            0x42 => constant(at, values, reader::i64),
            0x43 => constant(at, values, f32_const),
            0x44 => constant(at, values, f64_const),
            // Those that most programs are made of, where flash is not short.
            0x46 if FAST => compare::<rows::I32Eq, _>(at, values),
            0x47 if FAST => compare::<rows::I32Ne, _>(at, values),
            0x48 if FAST => compare::<rows::I32LtS, _>(at, values),
            0x49 if FAST => compare::<rows::I32LtU, _>(at, values),
            0x4A if FAST => compare::<rows::I32GtS, _>(at, values),
            0x4B if FAST => compare::<rows::I32GtU, _>(at, values),
            0x6A if FAST => computed::<rows::I32Add, _>(at, values),
            0x6B if FAST => computed::<rows::I32Sub, _>(at, values),
            0x6C if FAST => computed::<rows::I32Mul, _>(at, values),
            0x71 if FAST => computed::<rows::I32And, _>(at, values),
            0x72 if FAST => computed::<rows::I32Or, _>(at, values),
            0x73 if FAST => computed::<rows::I32Xor, _>(at, values),
            0x74 if FAST => computed::<rows::I32Shl, _>(at, values),
            0x75 if FAST => computed::<rows::I32ShrS, _>(at, values),
            0x76 if FAST => computed::<rows::I32ShrU, _>(at, values),
            0x45..=0xC4 => numeric(number, at, values),
            0x01 | 0x0B => Ok(at),
            0x02 | 0x03 => begin(at),
            0x1A => discard(at, values),
            0x1B => select(at, values),
            _ => return Flow::Halt(seldom(at, values, self)),
        };
        match done {
            Ok(after) => Flow::Next(after.rest, after.height),
            Err(not) => Flow::Halt(self.not_done(here, not)),
        }
    }

    /// Offset of the operator whose opcode `rest` follows.
    #[inline(always)]
    fn offset_before(&self, rest: &Code<'_>) -> u32 {
        self.end.wrapping_sub(rest.as_slice().len() as u32).wrapping_sub(1)
    }

    /// The operator was not done, whose opcode `at` follows.
    #[inline(always)]
    fn not_done(&mut self, at: At<'m>, not: Not) -> Halt {
        let At { rest, height } = at;
        let offset = self.offset_before(&rest);
        match not {
            Not::Trap(trap) => self.fail(offset, height, trap),
            Not::Outside(memory, (address, length)) => self.outside((offset, height), memory, address, length),
            Not::Element(index) => no_element(self, (offset, height), Trap::TableOutOfBounds, index),
            Not::Noted => self.halt(offset, height, Halt::Trap),
            Not::Slow => self.halt(offset, height, Halt::Slow),
        }
    }
}

/// Whether some operators that are told apart by number have code of their own.
const FAST: bool = cfg!(not(feature = "compact"));

#[inline(always)]
fn computed<'m, R: Binary, V: Values>(at: At<'m>, values: &mut V) -> Done<'m> {
    binary(at, values, |x, y| R::apply(Slot::from_slot(x), Slot::from_slot(y)).map(Slot::to_slot))
}

#[inline(always)]
fn compare<'m, R: Compare, V: Values>(at: At<'m>, values: &mut V) -> Done<'m> {
    binary(at, values, |x, y| Ok(R::holds(Slot::from_slot(x), Slot::from_slot(y)).into()))
}

/// A numeric operator by its number.
#[inline(always)]
fn numeric<'m, V: Values>(opcode: u32, at: At<'m>, values: &mut V) -> Done<'m> {
    let operands = if is_unary(opcode) { 1 } else { 2 };
    let height = at.height.wrapping_sub(operands);
    let done = values.in_place(height, |two| evaluate(opcode, two)).ok_or(CORRUPT)?;
    done.map_err(Not::Trap)?;
    Ok(At { height: height.wrapping_add(1), ..at })
}

/// Operators that are seldom met. They go on in the loop over frames: what is lent out here stays out of registers.
#[inline(never)]
fn seldom<'m, V: Values>(at: At<'m>, values: &mut V, m: &mut Machine<'m>) -> Halt {
    let offset = m.offset_before(&at.rest);
    let mut operands = Operands { values, height: at.height };
    let mut rest = at.rest.clone();
    match m.seldom(&mut operands, &mut rest, offset) {
        Ok(()) => {
            let height = operands.height;
            m.halt(m.end.wrapping_sub(rest.as_slice().len() as u32), height, Halt::Go)
        }
        Err(not) => m.not_done(at, not),
    }
}

/// A trap over an element of table 0.
#[cold]
#[inline(never)]
pub(super) fn no_element(m: &mut Machine<'_>, (offset, height): (u32, usize), trap: Trap, index: u64) -> Halt {
    *m.trap = Some(TrapInfo { trap, detail: Detail::Table { index, length: 1, size: m.table.len() as u64 } });
    m.halt(offset, height, Halt::Trap)
}

impl<'m> Machine<'m> {
    fn seldom<V: Values>(
        &mut self,
        operands: &mut Operands<'_, V>,
        rest: &mut Code<'m>,
        offset: u32,
    ) -> Result<(), Not> {
        let opcode = *self.code.get(offset as usize).ok_or(CORRUPT)?;
        match opcode {
            0x00 => Err(Not::Trap(Trap::Unreachable)),
            0x25 | 0x26 if Part::References.is_built() => self.table_element(operands, rest, opcode == 0x26),
            0xD4 => match operands.pop() {
                Some(reference) if reference as u32 == NULL => Err(Not::Trap(Trap::NullReference)),
                reference => reference.and_then(|reference| operands.push(reference)).ok_or(CORRUPT),
            },
            0xFB if Part::Gc.is_built() => self.object(operands, rest),
            0xFC => misc(operands, rest),
            0xFD => vector::run(self, operands, rest),
            0xFE if Part::Threads.is_built() => Err(Not::Slow),
            0x3F if reader::u32(rest) != Some(0) => Err(Not::Slow),
            _ => self.simple(operands, rest, opcode).ok_or(CORRUPT),
        }
    }

    /// Those that can't trap.
    fn simple<V: Values>(&self, operands: &mut Operands<'_, V>, rest: &mut Code<'m>, opcode: u8) -> Option<()> {
        match opcode {
            0x1C => {
                control::skip_types(rest)?;
                let at = At::new(rest.clone(), operands.height);
                operands.height = select(at, operands.values).ok()?.height;
                Some(())
            }
            0x1F if Part::Exceptions.is_built() => skip_clauses(rest),
            0x3F => operands.push((self.memory.len() as u64).wrapping_shr(self.page_log2.into())),
            0xD0 => {
                reader::skip_s33(rest)?;
                operands.push(NULL.into())
            }
            0xD1 => {
                let reference = operands.pop()?;
                operands.push(u64::from(reference as u32 == NULL))
            }
            0xD2 => {
                let addr = *self.func_addrs.get(reader::u32(rest)? as usize)?;
                operands.push(addr.wrapping_add(1).into())
            }
            0xD3 => {
                let (y, x) = (operands.pop()?, operands.pop()?);
                operands.push(u64::from(x as u32 == y as u32))
            }
            _ => None,
        }
    }

    /// `table.get` and `table.set` of table 0.
    fn table_element<V: Values>(
        &mut self,
        operands: &mut Operands<'_, V>,
        rest: &mut Code<'m>,
        set: bool,
    ) -> Result<(), Not> {
        if reader::u32(rest).ok_or(CORRUPT)? != 0 {
            return Err(Not::Slow);
        }
        let value = if set { operands.pop().ok_or(CORRUPT)? } else { 0 };
        let index = operands.pop().ok_or(CORRUPT)?;
        let element = self.table.get_mut(position(index)).ok_or(Not::Element(index))?;
        if set {
            *element = value as u32;
            return Ok(());
        }
        let value = *element;
        operands.push(value.into()).ok_or(CORRUPT)
    }
}

/// Saturating conversions, wide arithmetic, and what is the driver's.
fn misc<V: Values>(operands: &mut Operands<'_, V>, rest: &mut Code<'_>) -> Result<(), Not> {
    let opcode = match reader::u32(rest) {
        Some(second @ 0..=0xFF) => 0xFC00 | second,
        _ => return Err(CORRUPT),
    };
    match opcode {
        0xFC00..=0xFC07 => {
            let done = numeric(opcode, At::new(rest.clone(), operands.height), operands.values)?;
            operands.height = done.height;
            Ok(())
        }
        0xFC09 | 0xFC0D | 0xFC10 => Err(Not::Slow),
        _ => wide(opcode, operands).ok_or(CORRUPT),
    }
}

/// Passes over the clauses of a `try_table`, which are listed beside the code.
fn skip_clauses(rest: &mut Code<'_>) -> Option<()> {
    reader::skip_type(rest)?;
    for _ in 0..reader::u32(rest)? {
        // A tag and a label, or a label.
        let indices = if reader::byte(rest)? <= 1 { 2 } else { 1 };
        for _ in 0..indices {
            reader::u32(rest)?;
        }
    }
    Some(())
}
