//! Operators that need more than the heap: fuel, the frames of the call, or segments. Each engine brings their operands.

// @need-ids: REQ_GC_001, REQ_GC_004

use super::access::{Value, array_trap};
use super::layout::{self, Packed};
use super::roots::{Code, collect, collection_price};
use super::{Full, Heap, ObjectType};
use crate::bulk::{chunk, memory_trap, table_trap};
use crate::execute::{Fault, Missing, Outcome, TrapInfo};
use crate::stack::Stack;
use crate::storage::Storage;
use crate::table::Ref;
use wrt_instructions::memory_ops::in_bounds;
use wrt_instructions::{Trap, price};

/// Why an operator was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Not {
    /// It traps.
    Trap(TrapInfo),
    /// It waits for something: nothing of it was done, and it is to be run again.
    Wait(Outcome),
}

impl From<Trap> for Not {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap.into())
    }
}

/// How far an operator on many elements came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// To its end.
    Done,
    /// Its operands say what is left, and fuel may be left for more of it.
    Part,
    /// Not at all.
    Not(Not),
}

impl From<Not> for Many {
    fn from(not: Not) -> Self {
        Self::Not(not)
    }
}

impl From<Trap> for Many {
    fn from(trap: Trap) -> Self {
        Self::Not(trap.into())
    }
}

const MISSING: Not = Not::Wait(Outcome::Fault(Fault::Missing(Missing::Heap)));

/// Makes an object whose fields are zero. `price` is what the operator costs in proportion; it is charged with the collection
/// that may be due, or nothing is.
///
/// The frame must stand at the operator, its operands in their slots: a collection looks for references there.
///
/// # Errors
/// [`Not`].
// @need-ids: REQ_GC_002, REQ_GC_003, REQ_GC_004
pub fn new_object(
    storage: &mut dyn Storage,
    (stack, code): (&Stack<'_>, Code),
    (ty, length): (ObjectType, u32),
    price: u64,
    fuel: &mut u64,
) -> Result<Ref, Not> {
    let mut heap = storage.heap().ok_or(Trap::HeapExhausted)?;
    let words = heap.object_words(ty, length).ok_or(Trap::CorruptCode)?;
    let most = heap.state.as_deref().map_or(0, |state| state.max_words);
    if words > most.into() {
        return Err(Trap::HeapExhausted.into());
    }
    if *fuel < price {
        return Err(Not::Wait(Outcome::OutOfFuel { needed: price }));
    }
    match heap.allocate(ty, length, words) {
        Ok(reference) => {
            *fuel = fuel.saturating_sub(price);
            return Ok(reference);
        }
        Err(Full::Storage(wanted)) => return Err(Not::Wait(Outcome::NeedsHeap(wanted))),
        Err(Full::Collect) => {}
    }
    let collection = collection_price(storage, Some(stack));
    let needed = price.saturating_add(collection);
    if *fuel < needed {
        return Err(Not::Wait(Outcome::OutOfFuel { needed }));
    }
    *fuel = fuel.saturating_sub(collection);
    collect(storage, Some((stack, code))).ok_or(MISSING)?;
    let mut heap = storage.heap().ok_or(MISSING)?;
    if !heap.admit(words) {
        return Err(Trap::HeapExhausted.into());
    }
    match heap.allocate(ty, length, words) {
        Ok(reference) => {
            *fuel = fuel.saturating_sub(price);
            Ok(reference)
        }
        // It comes back here and finds room: the collection stays paid.
        Err(Full::Storage(wanted)) => Err(Not::Wait(Outcome::NeedsHeap(wanted))),
        Err(Full::Collect) => Err(Trap::HeapExhausted.into()),
    }
}

/// How the elements of array type `ty` of the store are packed.
fn packed(heap: &Heap<'_>, ty: u32) -> Result<Packed, Not> {
    Ok(Packed::of(layout::element(heap.types, ty).ok_or(Trap::CorruptCode)?))
}

fn heap(storage: &mut dyn Storage) -> Result<Heap<'_>, Not> {
    storage.heap().ok_or(MISSING)
}

/// What an array of `length` elements costs in proportion.
pub const fn price_of(packed: Packed, length: u32) -> u64 {
    price::bytes((length as u64) << packed.log2())
}

/// `array.new`, and `array.new_default` with a value of zero, of type `ty` of the store.
///
/// # Errors
/// [`Not`].
pub fn array_new(
    storage: &mut dyn Storage,
    at: (&Stack<'_>, Code),
    (ty, length): (u32, u32),
    value: Value,
    fuel: &mut u64,
) -> Result<Ref, Not> {
    let packed = packed(&heap(storage)?, ty)?;
    let array = new_object(storage, at, (ObjectType::Of(ty), length), price_of(packed, length), fuel)?;
    if value != [0, 0] {
        let mut heap = heap(storage)?;
        let object = heap.array(array)?;
        heap.fill(&object, packed, (0, length), value).ok_or(Trap::CorruptCode)?;
    }
    Ok(array)
}

/// A segment, by its instance and its index there.
pub type Segment = (u32, u32);

/// `array.new_data`: `length` elements from offset `from` of a data segment.
///
/// # Errors
/// [`Not`].
pub fn array_new_data(
    storage: &mut dyn Storage,
    at: (&Stack<'_>, Code),
    (ty, segment): (u32, Segment),
    (from, length): (u32, u32),
    fuel: &mut u64,
) -> Result<Ref, Not> {
    let packed = packed(&heap(storage)?, ty)?;
    let bytes = u64::from(length) << packed.log2();
    let (_, data) = storage.heap_and_data(segment.0, segment.1).ok_or(Trap::CorruptCode)?;
    if !in_bounds(from.into(), bytes, data.len() as u64) {
        return Err(Not::Trap(memory_trap(from.into(), bytes, data.len() as u64)));
    }
    let array = new_object(storage, at, (ObjectType::Of(ty), length), price_of(packed, length), fuel)?;
    copy_data(storage, (array, packed), segment, (0, from, length)).ok_or(Trap::CorruptCode)?;
    Ok(array)
}

/// `array.new_elem`: `length` references from offset `from` of an element segment.
///
/// # Errors
/// [`Not`].
pub fn array_new_elem(
    storage: &mut dyn Storage,
    at: (&Stack<'_>, Code),
    (ty, segment): (u32, Segment),
    (from, length): (u32, u32),
    fuel: &mut u64,
) -> Result<Ref, Not> {
    let (_, elements) = storage.heap_and_elements(segment.0, segment.1).ok_or(Trap::CorruptCode)?;
    if !in_bounds(from.into(), length.into(), elements.len() as u64) {
        return Err(Not::Trap(table_trap(from.into(), length.into(), elements.len() as u64)));
    }
    let price = price_of(Packed::W32, length);
    let array = new_object(storage, at, (ObjectType::Of(ty), length), price, fuel)?;
    copy_elements(storage, array, segment, (0, from, length)).ok_or(Trap::CorruptCode)?;
    Ok(array)
}

/// Copies elements out of a data segment: to index `d` from offset `s`.
fn copy_data(
    storage: &mut dyn Storage,
    (array, packed): (Ref, Packed),
    segment: Segment,
    (d, s, count): (u32, u32, u32),
) -> Option<()> {
    let (mut heap, data) = storage.heap_and_data(segment.0, segment.1)?;
    let object = heap.object(array)?;
    let to = heap.elements(&object, packed, d, count)?;
    let from = data.get(s as usize..)?.get(..to.len())?;
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    Some(())
}

/// Copies references out of an element segment.
fn copy_elements(
    storage: &mut dyn Storage,
    array: Ref,
    segment: Segment,
    (d, s, count): (u32, u32, u32),
) -> Option<()> {
    let (mut heap, elements) = storage.heap_and_elements(segment.0, segment.1)?;
    let object = heap.object(array)?;
    let from = elements.get(s as usize..)?.get(..count as usize)?;
    let to = heap.elements(&object, Packed::W32, d, count)?;
    for (to, from) in to.chunks_mut(4).zip(from) {
        to.iter_mut().zip(from.to_le_bytes()).for_each(|(to, from)| *to = from);
    }
    Some(())
}

/// How many of `n` elements the fuel covers, charged: all, or as many as whole units have.
fn portion(fuel: &mut u64, packed: Packed, n: u32) -> Result<u32, Not> {
    let per = price::BYTES_PER_UNIT >> packed.log2();
    match chunk(fuel, n as usize, per as usize) {
        Some(part) => Ok(part as u32),
        None => Err(Not::Wait(Outcome::OutOfFuel { needed: 1 })),
    }
}

/// How an operator goes on after `part` of what its operand `n` counted.
const fn after(n: &mut u32, part: u32) -> Many {
    *n = n.saturating_sub(part);
    if *n == 0 { Many::Done } else { Many::Part }
}

/// Checks that an array has elements from `d` on.
fn check(heap: &Heap<'_>, array: Ref, d: u32, n: u32) -> Result<super::Object, Not> {
    let object = heap.array(array)?;
    if !in_bounds(d.into(), n.into(), object.length.into()) {
        return Err(Not::Trap(array_trap(d.into(), n.into(), object.length)));
    }
    Ok(object)
}

macro_rules! tried {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(not) => return Many::from(not),
        }
    };
}

/// The operands of `array.fill`, `array.init_data` and `array.init_elem`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The array.
    pub array: Ref,
    /// First element.
    pub d: u32,
    /// Offset in the segment; nothing to `array.fill`.
    pub s: u32,
    /// How many elements.
    pub n: u32,
}

/// `array.fill` of an array of type `ty` of the store.
// @need-ids: REQ_GC_001, REQ_FUEL_SCHEDULE_001
pub fn array_fill(storage: &mut dyn Storage, ty: u32, operands: &mut Fill, value: Value, fuel: &mut u64) -> Many {
    let mut heap = tried!(heap(storage));
    let packed = tried!(packed(&heap, ty));
    let object = tried!(check(&heap, operands.array, operands.d, operands.n));
    let part = tried!(portion(fuel, packed, operands.n));
    tried!(heap.fill(&object, packed, (operands.d, part), value).ok_or(Trap::CorruptCode));
    operands.d = operands.d.wrapping_add(part);
    after(&mut operands.n, part)
}

/// `array.init_data` of an array of type `ty` of the store.
// @need-ids: REQ_GC_001, REQ_FUEL_SCHEDULE_001
pub fn array_init_data(
    storage: &mut dyn Storage,
    (ty, segment): (u32, Segment),
    operands: &mut Fill,
    fuel: &mut u64,
) -> Many {
    let (heap, data) = tried!(storage.heap_and_data(segment.0, segment.1).ok_or(Trap::CorruptCode));
    let packed = tried!(packed(&heap, ty));
    let Fill { array, d, s, n } = *operands;
    tried!(check(&heap, array, d, n));
    let bytes = u64::from(n) << packed.log2();
    if !in_bounds(s.into(), bytes, data.len() as u64) {
        return Not::Trap(memory_trap(s.into(), bytes, data.len() as u64)).into();
    }
    let part = tried!(portion(fuel, packed, n));
    tried!(copy_data(storage, (array, packed), segment, (d, s, part)).ok_or(Trap::CorruptCode));
    operands.d = d.wrapping_add(part);
    operands.s = s.wrapping_add(part << packed.log2());
    after(&mut operands.n, part)
}

/// `array.init_elem`.
// @need-ids: REQ_GC_001, REQ_FUEL_SCHEDULE_001
pub fn array_init_elem(storage: &mut dyn Storage, segment: Segment, operands: &mut Fill, fuel: &mut u64) -> Many {
    let (heap, elements) = tried!(storage.heap_and_elements(segment.0, segment.1).ok_or(Trap::CorruptCode));
    let Fill { array, d, s, n } = *operands;
    tried!(check(&heap, array, d, n));
    if !in_bounds(s.into(), n.into(), elements.len() as u64) {
        return Not::Trap(table_trap(s.into(), n.into(), elements.len() as u64)).into();
    }
    let part = tried!(portion(fuel, Packed::W32, n));
    tried!(copy_elements(storage, array, segment, (d, s, part)).ok_or(Trap::CorruptCode));
    operands.d = d.wrapping_add(part);
    operands.s = s.wrapping_add(part);
    after(&mut operands.n, part)
}

/// The operands of `array.copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The array that is written, and its first element.
    pub to: (Ref, u32),
    /// The array that is read, and its first element.
    pub from: (Ref, u32),
    /// How many elements.
    pub n: u32,
}

/// `array.copy` to an array of type `ty` of the store. A copy that goes backwards leaves its first elements for last.
// @need-ids: REQ_GC_001, REQ_FUEL_SCHEDULE_001
pub fn array_copy(storage: &mut dyn Storage, ty: u32, operands: &mut Copy, fuel: &mut u64) -> Many {
    let mut heap = tried!(heap(storage));
    let packed = tried!(packed(&heap, ty));
    let Copy { to: (to, d), from: (from, s), n } = *operands;
    let target = tried!(check(&heap, to, d, n));
    let source = tried!(check(&heap, from, s, n));
    let part = tried!(portion(fuel, packed, n));
    let skip = if d > s { n.wrapping_sub(part) } else { 0 };
    let places = ((&target, d.wrapping_add(skip)), (&source, s.wrapping_add(skip)));
    tried!(heap.copy(packed, places.0, places.1, part).ok_or(Trap::CorruptCode));
    if d <= s {
        operands.to.1 = d.wrapping_add(part);
        operands.from.1 = s.wrapping_add(part);
    }
    after(&mut operands.n, part)
}
