//! Structures, arrays, integers as references, and casts; and cases with them.
//!
//! Nothing is collected here: what is made stays below the size at which a collection is due.

use super::cases::{Case, case};
use super::machine::{Machine, Stop};
use super::module::{Composite, Module, slots};
use wasmparser::{AbstractHeapType as Abstract, FieldType, HeapType, Operator, RefType, StorageType, ValType};
use wrt_instructions::Trap;

/// Bytes of elements for one unit of fuel.
const BYTES: u64 = 64;

/// With so many words in use, a collection would be due.
const THRESHOLD: u64 = 1 << 17;

const I31: u64 = 1 << 31;

/// A structure, an array or an exception: its type or tag, and the slots of each field.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) ty: u32,
    pub(crate) fields: Vec<Vec<u64>>,
}

/// Bytes that a field takes in memory.
fn size(field: &FieldType) -> u64 {
    match field.element_type {
        StorageType::I8 => 1,
        StorageType::I16 => 2,
        StorageType::Val(ValType::I64 | ValType::F64) => 8,
        StorageType::Val(ValType::V128) => 16,
        StorageType::Val(_) => 4,
    }
}

/// Slots of a field's value.
fn field_slots(field: &FieldType) -> u64 {
    u64::from(slots(field.element_type.unpack()))
}

/// Words of a structure's fields, each at a multiple of its size, but of 8 at most.
fn words(fields: &[FieldType]) -> u64 {
    let end = fields.iter().fold(0_u64, |end, field| end.next_multiple_of(size(field).min(8)) + size(field));
    end.div_ceil(8)
}

impl Module<'_> {
    fn fields(&self, ty: u32) -> &[FieldType] {
        match &self.composites[ty as usize] {
            Composite::Struct(fields) | Composite::Array(fields) => fields,
            Composite::Func => panic!("validated"),
        }
    }

    /// What operators on objects cost beside 1, but for work in proportion.
    pub(crate) fn object_price(&self, operator: &Operator<'_>) -> u64 {
        let all = |ty: u32| self.fields(ty).iter().map(field_slots).sum::<u64>();
        match operator {
            Operator::StructNew { struct_type_index } => all(*struct_type_index),
            Operator::StructNewDefault { struct_type_index } => {
                (words(self.fields(*struct_type_index)) * 8).div_ceil(BYTES)
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => all(*array_type_index) * u64::from(*array_size),
            _ => 0,
        }
    }
}

/// Values as a structure's fields.
fn as_fields(types: &[ValType]) -> Vec<FieldType> {
    types.iter().map(|ty| FieldType { element_type: StorageType::Val(*ty), mutable: false }).collect()
}

/// What is stored of a value.
fn packed(field: &FieldType, mut value: Vec<u64>) -> Vec<u64> {
    match field.element_type {
        StorageType::I8 => value[0] &= 0xFF,
        StorageType::I16 => value[0] &= 0xFFFF,
        StorageType::Val(_) => {}
    }
    value
}

/// The value of what is stored, its sign extended or not.
fn unpacked(field: &FieldType, mut value: Vec<u64>, signed: bool) -> Vec<u64> {
    match field.element_type {
        StorageType::I8 if signed => value[0] = u64::from(i32::from(value[0] as u8 as i8) as u32),
        StorageType::I16 if signed => value[0] = u64::from(i32::from(value[0] as u16 as i16) as u32),
        _ => {}
    }
    value
}

impl Machine<'_> {
    fn pop_slots(&mut self, count: u64) -> Vec<u64> {
        let mut values: Vec<_> = (0..count).map(|_| self.pop()).collect();
        values.reverse();
        values
    }

    fn push_slots(&mut self, values: &[u64]) {
        self.operands().extend(values);
    }

    /// What a reference to an exception costs that carries these types, in proportion.
    pub(crate) fn exception_price(carried: &[ValType]) -> u64 {
        (words(&as_fields(carried)) * 8).div_ceil(BYTES)
    }

    /// Makes an exception that carries these slots.
    pub(crate) fn make_exception(&mut self, tag: u32, carried: &[ValType], values: &[u64]) -> u64 {
        let bytes = words(&as_fields(carried)) * 8;
        self.make(tag, values.iter().map(|value| vec![*value]).collect(), bytes)
    }

    /// Adds an object of so many bytes of fields.
    fn make(&mut self, ty: u32, fields: Vec<Vec<u64>>, bytes: u64) -> u64 {
        self.words += bytes.div_ceil(8) + 1;
        assert!(self.words <= THRESHOLD, "the evaluator collects nothing");
        self.objects.push(Object { ty, fields });
        self.objects.len() as u64
    }

    /// The object that a reference refers to.
    pub(crate) fn object(&mut self, reference: u64, null: Trap) -> Result<&mut Object, Trap> {
        let index = (reference as usize).checked_sub(1).ok_or(null)?;
        Ok(self.objects.get_mut(index).expect("validated"))
    }

    /// Whether a reference is a value of a type.
    fn is_of(&self, reference: u64, ty: RefType) -> bool {
        if reference == 0 {
            return ty.is_nullable();
        }
        let is_array = |object: &Object| matches!(self.module.composites[object.ty as usize], Composite::Array(_));
        let number = reference & I31 != 0;
        let object = if number { None } else { self.objects.get(reference as usize - 1) };
        match ty.heap_type() {
            HeapType::Abstract { ty, .. } => match ty {
                Abstract::Any | Abstract::Extern | Abstract::Func | Abstract::Exn => true,
                Abstract::I31 => number,
                Abstract::Eq => number || object.is_some(),
                Abstract::Struct => object.is_some_and(|object| !is_array(object)),
                Abstract::Array => object.is_some_and(is_array),
                _ => false,
            },
            HeapType::Concrete(index) | HeapType::Exact(index) => {
                let wanted = index.as_module_index().expect("an index");
                if matches!(self.module.composites[wanted as usize], Composite::Func) {
                    return self.module.is_subtype(self.module.func_types[reference as usize - 1], wanted);
                }
                object.is_some_and(|object| self.module.is_subtype(object.ty, wanted))
            }
        }
    }

    /// Whether a reference is a value of a type of such references.
    pub(crate) fn matches(&self, reference: u64, nullable: bool, heap: HeapType) -> bool {
        self.is_of(reference, RefType::new(nullable, heap).expect("a type"))
    }

    /// The elements of an array of so many, each this value: charged in proportion to their bytes.
    fn new_array(&mut self, ty: u32, fields: Vec<Vec<u64>>) -> Result<(), Stop> {
        let bytes = size(&self.module.fields(ty)[0]) * fields.len() as u64;
        self.charge_work(bytes.div_ceil(BYTES))?;
        let made = self.make(ty, fields, bytes);
        self.push(made);
        Ok(())
    }

    fn array_get(&mut self, ty: u32, signed: bool) -> Result<(), Trap> {
        let (index, reference) = (self.pop(), self.pop());
        let array = self.object(reference, Trap::NullArrayReference)?;
        let stored = array.fields.get(index as usize).ok_or(Trap::ArrayOutOfBounds)?.clone();
        let value = unpacked(&self.module.fields(ty)[0], stored, signed);
        self.push_slots(&value);
        Ok(())
    }

    /// Elements of a data segment, as they are stored.
    fn data_elements(&self, field: &FieldType, segment: u32, from: u64, count: u64) -> Result<Vec<Vec<u64>>, Trap> {
        let size = size(field);
        let bytes = self.data[segment as usize];
        let end = from + count * size;
        let bytes = usize::try_from(end).ok().and_then(|end| bytes.get(from as usize..end));
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let chunks = bytes.ok_or(Trap::MemoryOutOfBounds)?.chunks(size as usize);
        Ok(chunks.map(|chunk| chunk.chunks(8).map(word).collect()).collect())
    }

    fn segment_elements(&self, segment: u32, from: u64, count: u64) -> Result<Vec<Vec<u64>>, Trap> {
        let all = &self.elements[segment as usize];
        let found = all.get(from as usize..(from + count) as usize).ok_or(Trap::TableOutOfBounds)?;
        Ok(found.iter().map(|reference| vec![*reference]).collect())
    }
}

/// `array.fill`, `array.copy`, `array.init_data` and `array.init_elem` of arrays of a type, unit by unit: charge 1, move. What remains
/// is in the operands.
fn many(machine: &mut Machine<'_>, operator: &Operator<'_>, ty: u32) -> Result<(), Stop> {
    let field = machine.module.fields(ty)[0];
    let (is_fill, is_copy) =
        (matches!(operator, Operator::ArrayFill { .. }), matches!(operator, Operator::ArrayCopy { .. }));
    let mut n = machine.pop();
    // The value, or an index or offset.
    let mut source = machine.pop_slots(if is_fill { field_slots(&field) } else { 1 });
    let from = if is_copy { machine.pop() } else { 0 };
    let (mut d, to) = (machine.pop(), machine.pop());
    let elements = |machine: &mut Machine<'_>, s: u64, n: u64| match *operator {
        Operator::ArrayInitData { array_data_index, .. } => machine.data_elements(&field, array_data_index, s, n),
        Operator::ArrayInitElem { array_elem_index, .. } => machine.segment_elements(array_elem_index, s, n),
        _ => {
            let all = &machine.object(from, Trap::NullArrayReference)?.fields;
            Ok(all.get(s as usize..(s + n) as usize).ok_or(Trap::ArrayOutOfBounds)?.to_vec())
        }
    };
    if d + n > machine.object(to, Trap::NullArrayReference)?.fields.len() as u64 {
        return Err(Trap::ArrayOutOfBounds.into());
    }
    if !is_fill {
        elements(machine, source[0], n)?;
    }
    let backward = is_copy && d > source[0];
    while n > 0 {
        if let Err(stop) = machine.charge_work(1) {
            machine.push_slots(&[to, d]);
            if is_copy {
                machine.push(from);
            }
            machine.push_slots(&source);
            machine.push(n);
            return Err(stop);
        }
        let unit = n.min(BYTES / size(&field));
        let skip = if backward { n - unit } else { 0 };
        let values = if is_fill {
            vec![packed(&field, source.clone()); unit as usize]
        } else {
            elements(machine, source[0] + skip, unit)?
        };
        let first = (d + skip) as usize;
        machine.object(to, Trap::NullArrayReference)?.fields[first..first + unit as usize].clone_from_slice(&values);
        n -= unit;
        if !backward {
            d += unit;
            source[0] += match operator {
                Operator::ArrayFill { .. } => 0,
                Operator::ArrayInitData { .. } => unit * size(&field),
                _ => unit,
            };
        }
    }
    Ok(())
}

/// Whether an access keeps the sign; and the type that it names, and its field.
fn field_access(operator: &Operator<'_>) -> Option<(u32, u32, bool)> {
    Some(match *operator {
        Operator::StructGet { struct_type_index, field_index }
        | Operator::StructGetU { struct_type_index, field_index } => (struct_type_index, field_index, false),
        Operator::StructGetS { struct_type_index, field_index } => (struct_type_index, field_index, true),
        _ => return None,
    })
}

/// Runs an operator on objects; whether it was one of those here.
pub(crate) fn object(machine: &mut Machine<'_>, operator: &Operator<'_>) -> Result<bool, Stop> {
    let kept = machine.operands().clone();
    let done = run(machine, operator);
    if let Err(Stop::Pause(_)) = done
        && machine.operands().len() < kept.len()
    {
        // Nothing of it was done.
        *machine.operands() = kept;
    }
    done
}

#[allow(clippy::too_many_lines, reason = "one arm for each operator")]
fn run(machine: &mut Machine<'_>, operator: &Operator<'_>) -> Result<bool, Stop> {
    let module = machine.module;
    if let Some((ty, index, signed)) = field_access(operator) {
        let field = module.fields(ty)[index as usize];
        let reference = machine.pop();
        let stored = machine.object(reference, Trap::NullStructReference)?.fields[index as usize].clone();
        machine.push_slots(&unpacked(&field, stored, signed));
        return Ok(true);
    }
    match *operator {
        Operator::StructNew { struct_type_index: ty } => {
            let fields = module.fields(ty);
            let mut values: Vec<_> = fields
                .iter()
                .rev()
                .map(|field| {
                    let value = machine.pop_slots(field_slots(field));
                    packed(field, value)
                })
                .collect();
            values.reverse();
            let made = machine.make(ty, values, words(fields) * 8);
            machine.push(made);
        }
        Operator::StructNewDefault { struct_type_index: ty } => {
            let fields = module.fields(ty);
            let values = fields.iter().map(|field| vec![0; field_slots(field) as usize]).collect();
            let made = machine.make(ty, values, words(fields) * 8);
            machine.push(made);
        }
        Operator::StructSet { struct_type_index: ty, field_index } => {
            let field = module.fields(ty)[field_index as usize];
            let value = machine.pop_slots(field_slots(&field));
            let reference = machine.pop();
            machine.object(reference, Trap::NullStructReference)?.fields[field_index as usize] = packed(&field, value);
        }
        Operator::ArrayNew { array_type_index: ty } => {
            let field = module.fields(ty)[0];
            let length = machine.pop() as usize;
            let value = machine.pop_slots(field_slots(&field));
            machine.new_array(ty, vec![packed(&field, value); length])?;
        }
        Operator::ArrayNewDefault { array_type_index: ty } => {
            let field = module.fields(ty)[0];
            let length = machine.pop() as usize;
            machine.new_array(ty, vec![vec![0; field_slots(&field) as usize]; length])?;
        }
        Operator::ArrayNewFixed { array_type_index: ty, array_size } => {
            let field = module.fields(ty)[0];
            let mut values: Vec<_> = (0..array_size)
                .map(|_| {
                    let value = machine.pop_slots(field_slots(&field));
                    packed(&field, value)
                })
                .collect();
            values.reverse();
            let made = machine.make(ty, values, size(&field) * u64::from(array_size));
            machine.push(made);
        }
        Operator::ArrayNewData { array_type_index: ty, array_data_index } => {
            let (length, from) = (machine.pop(), machine.pop());
            let values = machine.data_elements(&module.fields(ty)[0], array_data_index, from, length)?;
            machine.new_array(ty, values)?;
        }
        Operator::ArrayNewElem { array_type_index: ty, array_elem_index } => {
            let (length, from) = (machine.pop(), machine.pop());
            let values = machine.segment_elements(array_elem_index, from, length)?;
            machine.new_array(ty, values)?;
        }
        Operator::ArrayGet { array_type_index } | Operator::ArrayGetU { array_type_index } => {
            machine.array_get(array_type_index, false)?;
        }
        Operator::ArrayGetS { array_type_index } => machine.array_get(array_type_index, true)?,
        Operator::ArraySet { array_type_index: ty } => {
            let field = module.fields(ty)[0];
            let value = machine.pop_slots(field_slots(&field));
            let (index, reference) = (machine.pop(), machine.pop());
            let array = machine.object(reference, Trap::NullArrayReference)?;
            *array.fields.get_mut(index as usize).ok_or(Trap::ArrayOutOfBounds)? = packed(&field, value);
        }
        Operator::ArrayLen => {
            let reference = machine.pop();
            let length = machine.object(reference, Trap::NullArrayReference)?.fields.len();
            machine.push(length as u64);
        }
        Operator::ArrayFill { array_type_index: ty }
        | Operator::ArrayCopy { array_type_index_dst: ty, .. }
        | Operator::ArrayInitData { array_type_index: ty, .. }
        | Operator::ArrayInitElem { array_type_index: ty, .. } => many(machine, operator, ty)?,
        Operator::I31GetS | Operator::I31GetU => {
            let reference = machine.pop();
            if reference == 0 {
                return Err(Trap::NullI31Reference.into());
            }
            let value = reference as u32 & !(1 << 31);
            let signed = matches!(operator, Operator::I31GetS) && value & 1 << 30 != 0;
            machine.push(u64::from(if signed { value | 1 << 31 } else { value }));
        }
        Operator::RefTestNonNull { hty } | Operator::RefTestNullable { hty } => {
            let nullable = matches!(operator, Operator::RefTestNullable { .. });
            let reference = machine.pop();
            let holds = machine.matches(reference, nullable, hty);
            machine.push(holds.into());
        }
        Operator::RefCastNonNull { hty } | Operator::RefCastNullable { hty } => {
            let nullable = matches!(operator, Operator::RefCastNullable { .. });
            let reference = machine.pop();
            if !machine.matches(reference, nullable, hty) {
                return Err(Trap::CastFailure.into());
            }
            machine.push(reference);
        }
        Operator::AnyConvertExtern | Operator::ExternConvertAny => {}
        _ => return Ok(false),
    }
    Ok(true)
}

const TYPES: &str = "(type $s (sub (struct (field (mut i8)) (field (mut i64)) (field (mut anyref)) (field (mut i16)))))
    (type $t (sub final $s (struct (field (mut i8)) (field (mut i64)) (field (mut anyref)) (field (mut i16)) (field f32))))
    (type $same (sub (struct (field (mut i8)) (field (mut i64)) (field (mut anyref)) (field (mut i16)))))
    (type $a (array (mut i16))) (type $l (array (mut i64))) (type $r (array (mut anyref)))
    (type $f (func (param i32) (result i32)))";

/// References by number: null, two structures, an array, an integer, and one of the host's side.
const CHOOSE: &str = "(func $choose (param $n i32) (result anyref)
    block block block block block local.get $n br_table 0 1 2 3 4 end
      ref.null any return end
      i32.const 0x1ff i64.const -2 i32.const 5 ref.i31 i32.const 0x18000 struct.new $s return end
      i32.const 1 i64.const 2 ref.null i31 i32.const 3 f32.const 4 struct.new $t return end
      i32.const 0x18001 i32.const 3 array.new $a return end
    i32.const -1 ref.i31)";

const CHOICES: &[(&[u64], Option<u64>)] = &[(&[0], None), (&[1], None), (&[2], None), (&[3], None), (&[4], None)];

/// Where to, where from, and how many.
const COPIES: &[(&[u64], Option<u64>)] = &[
    (&[0, 0, 0], None),
    (&[3, 0, 37], None),
    (&[0, 3, 37], None),
    (&[1, 0, 39], None),
    (&[20, 20, 20], None),
    (&[40, 40, 0], None),
    (&[41, 0, 0], None),
    (&[0, 41, 0], None),
    (&[8, 8, 33], None),
    (&[0, 9, 32], None),
    (&[0xFFFF_FFFF, 0, 2], None),
    (&[0, 0xFFFF_FFFF, 2], None),
    (&[0, 0, 0xFFFF_FFFF], None),
];

/// A number made of all elements of `$x`, which has 40.
const SUM: &str = "(loop $sum (result i64)
    local.get $x i32.const 0 local.get $x i32.const 0 array.get $l i64.const 31 i64.mul local.get $x local.get $i array.get $l i64.add array.set $l
    local.get $i i32.const 1 i32.sub local.tee $i br_if $sum local.get $x i32.const 0 array.get $l)";

fn chosen(name: &str, code: &str) -> Case {
    let wat = format!(
        r#"(module {TYPES} {CHOOSE} (func (export "f") (param $n i32) (result i32) (local $x anyref) (local $r i32)
        local.get $n call $choose local.set $x {code}))"#
    );
    case(name, wat, CHOICES)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        chosen(
            "fields of a structure",
            "local.get $x ref.cast (ref null $s) struct.get_s $s 0
            local.get $x ref.cast (ref $s) struct.get_u $s 3 i32.add
            local.get $x ref.cast (ref null $same) struct.get $s 1 i32.wrap_i64 i32.add",
        ),
        chosen(
            "fields that are set",
            "local.get $x ref.cast (ref null $s) i32.const 0x181 struct.set $s 0
            local.get $x ref.cast (ref null $s) local.get $x struct.set $s 2
            local.get $x ref.cast (ref null $s) struct.get $s 2 local.get $x ref.cast (ref null eq) drop
            ref.cast (ref $s) struct.get_u $s 0",
        ),
        chosen(
            "elements",
            "local.get $x ref.cast (ref null $a) local.get $n array.get_s $a
            local.get $x ref.cast (ref null $a) i32.const 1 i32.const 0x12345 array.set $a
            local.get $x ref.cast (ref null $a) i32.const 1 array.get_u $a i32.add
            local.get $x ref.cast (ref null array) array.len i32.add",
        ),
        chosen(
            "integers",
            "local.get $x ref.cast (ref null i31) i31.get_s local.get $x ref.cast (ref null i31) i31.get_u i32.xor",
        ),
        case(
            "arrays of segments, with a length that may be too large",
            format!(
                r#"(module {TYPES} (data $d "\00\81\02\03\04\05\06\07\08") (elem $e anyref (ref.i31 (i32.const 7)) (ref.null any))
              (func (export "f") (param $n i32) (result i32)
                i32.const 1 local.get $n array.new_data $a $d i32.const 0 array.get_s $a
                i32.const 0 local.get $n array.new_elem $r $e i32.const 0 array.get $r ref.cast (ref i31) i31.get_u i32.add))"#
            ),
            &[(&[1], None), (&[2], None), (&[4], None), (&[5], None), (&[0], None), (&[0xFFFF_FFFF], None)],
        ),
        // Eight operators; 800 bytes are 13 units, and 24 are one.
        case(
            "an array is paid for by its length",
            format!(
                r#"(module {TYPES} (func (export "f") (result i32) i64.const 5 i32.const 100 array.new $l array.len
                i32.const 3 array.new_default $l array.len i32.add))"#
            ),
            &[(&[], Some(8 + 13 + 1))],
        ),
        // A structure costs its values besides, one of defaults its 24 bytes, an array of values these.
        case(
            "what is made of values is paid for by them",
            format!(
                r#"(module {TYPES} (func (export "f") (result i32)
                i32.const 1 i64.const 2 ref.null any i32.const 3 struct.new $s drop
                struct.new_default $s drop
                i64.const 1 i64.const 2 array.new_fixed $l 2 array.len))"#
            ),
            &[(&[], Some(4 + 5 + 1 + 2 + 1 + 2 + 3 + 1))],
        ),
        case(
            "copies within an array and to another",
            format!(
                r#"(module {TYPES} (func (export "f") (param $d i32) (param $s i32) (param $n i32) (result i64) (local $x (ref $l)) (local $i i32)
                  i64.const 1 i32.const 40 array.new $l local.set $x
                  loop $more local.get $x local.get $i local.get $i i64.extend_i32_u array.set $l
                    local.get $i i32.const 1 i32.add local.tee $i i32.const 40 i32.lt_u br_if $more end
                  local.get $x local.get $d local.get $x local.get $s local.get $n array.copy $l $l
                  i32.const 40 array.new_default $l local.get $d local.get $x local.get $s local.get $n array.copy $l $l
                  i32.const 39 local.set $i {SUM}))"#
            ),
            COPIES,
        ),
        case(
            "fills, of bytes, halves and words",
            format!(
                r#"(module {TYPES} (type $b (array (mut i8)))
                (func (export "f") (param $d i32) (param i32) (param $n i32) (result i64) (local $x (ref $a)) (local $y (ref $l)) (local $z (ref $b))
                  i32.const 80 array.new_default $a local.set $x i32.const 40 array.new_default $l local.set $y
                  i32.const 300 array.new_default $b local.set $z
                  local.get $z local.get $d i32.const 0x1fe local.get $n array.fill $b
                  local.get $x local.get $d i32.const 0x1fffe local.get $n array.fill $a
                  local.get $y local.get $d i64.const -6 local.get $n array.fill $l
                  local.get $x i32.const 7 array.get_s $a i64.extend_i32_s
                  local.get $y i32.const 7 array.get $l i64.add
                  local.get $z i32.const 7 array.get_u $b i64.extend_i32_u i64.add))"#
            ),
            COPIES,
        ),
        case(
            "parts of segments, into arrays",
            format!(
                r#"(module {TYPES} (data $d "{}") (elem $e anyref {})
                (func (export "f") (param $d i32) (param $s i32) (param $n i32) (result i64) (local $x (ref $l)) (local $y (ref $r)) (local $i i32)
                  i32.const 39 local.set $i i32.const 40 array.new_default $l local.set $x i32.const 5 ref.i31 i32.const 40 array.new $r local.set $y
                  local.get $y local.get $d local.get $s local.get $n array.init_elem $r $e
                  local.get $x local.get $d local.get $s local.get $n array.init_data $l $d
                  local.get $y i32.const 20 array.get $r ref.cast (ref i31) i31.get_u i64.extend_i32_u
                  {SUM} i64.add data.drop $d
                  local.get $x i32.const 0 i32.const 0 i32.const 0 array.init_data $l $d))"#,
                "0123456789abcdef".repeat(22),
                "(ref.i31 (i32.const 3)) (ref.null any)".repeat(20)
            ),
            COPIES,
        ),
        case(
            "calls by a type above",
            format!(
                r#"(module {TYPES} (type $g (sub (func (result anyref)))) (type $h (sub $g (func (result anyref))))
              (table 3 funcref) (elem (i32.const 0) $one $two) (func $one (type $h) i32.const 3 ref.i31)
              (func $two (type $f) local.get 0) (func (export "f") (param i32) (result i32)
                local.get 0 call_indirect (type $g) ref.cast (ref i31) i31.get_u))"#
            ),
            &[(&[0], None), (&[1], None), (&[2], None), (&[3], None)],
        ),
    ];
    for ty in ["any", "eq", "i31", "struct", "array", "none", "$s", "$t", "$same", "$a", "$l"] {
        for null in ["", "null "] {
            let wanted = format!("(ref {null}{ty})");
            cases.push(chosen(
                &format!("casts to {wanted}"),
                &format!(
                    "local.get $x ref.test {wanted} local.set $r
                    block $is (result anyref) local.get $x br_on_cast $is anyref {wanted} drop
                      local.get $r i32.const 10 i32.add local.set $r local.get $x end drop
                    block $not (result anyref) local.get $x br_on_cast_fail $not anyref {wanted} drop
                      local.get $r i32.const 100 i32.add local.set $r ref.null any end drop
                    local.get $x ref.cast {wanted} drop local.get $r"
                ),
            ));
        }
    }
    cases
}
