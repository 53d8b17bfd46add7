//! Handlers of the rows that have one form: the same whether there is a handler for each row or for each group of rows.

use super::access::{memory_copy, memory_fill, memory_size};
use super::branch::{br_table, jump, jump_back};
use super::context::{Dispatch, Handler};
use super::{control as c, objects};
use wrt_instructions::Op;
use wrt_instructions::op::Plain;

/// Whether there is room for handlers of what devices leave to the driver.
const HOST: bool = cfg!(all(target_pointer_width = "64", not(feature = "compact")));

// Runs at compile time only: an index out of the table would not compile.
#[allow(clippy::indexing_slicing)]
pub(super) const fn put(table: &mut [Handler], op: Op, handler: Handler) {
    table[op.0 as usize] = handler;
}

/// A row of a part that the build has: what is left out is not linked.
const fn put_plain(table: &mut [Handler], row: Plain, handler: Handler) {
    if row.is_built() {
        put(table, Op::plain(row), handler);
    }
}

/// Rows whose value may stay in the accumulator.
pub(super) const fn value_rows<D: Dispatch>(t: &mut [Handler]) {
    put(t, Op::plain(Plain::Select), c::select::<D>);
    put(t, Op::plain(Plain::GlobalGet), c::global_get::<D>);
}

/// The rows with one form, but those that [`value_rows`] has.
pub(super) const fn plain_rows<D: Dispatch>(t: &mut [Handler]) {
    let rows: [(Plain, Handler); 40] = [
        (Plain::Unreachable, c::unreachable),
        (Plain::Mov, c::mov::<D>),
        (Plain::Mov2, c::movs::<D, 2>),
        (Plain::Mov3, c::movs::<D, 3>),
        (Plain::MovRange, c::mov_range::<D>),
        (Plain::Const, c::constant::<D, { c::ZERO_EXTENDED }>),
        (Plain::ConstS, c::constant::<D, { c::SIGN_EXTENDED }>),
        (Plain::ConstHi, c::constant::<D, { c::UPPER_HALF }>),
        (Plain::Const64, c::constant64::<D>),
        (Plain::GlobalSet, c::global_set::<D>),
        (Plain::ImportedGlobalGet, c::imported_global_get::<D>),
        (Plain::ImportedGlobalSet, c::imported_global_set::<D>),
        (Plain::Fuel, c::fuel::<D, { c::NONE }>),
        (Plain::Enter, c::fuel::<D, { c::COUNTED }>),
        (Plain::Enter4, c::fuel::<D, 4>),
        (Plain::Enter8, c::fuel::<D, 8>),
        (Plain::Jump, jump::<D>),
        (Plain::JumpBack, jump_back::<D>),
        (Plain::BrTable, br_table::<D, false>),
        (Plain::BrTableAcc, br_table::<D, true>),
        (Plain::Call, c::call::<D>),
        (Plain::CallImport, c::call_import),
        (Plain::CallIndirect, c::call_indirect::<D>),
        (Plain::CallRef, c::call_ref::<D>),
        (Plain::ReturnCall, c::return_call::<D>),
        (Plain::Return, c::return_::<D>),
        (Plain::Return1, c::return_one::<D, false>),
        (Plain::Return1Acc, c::return_one::<D, true>),
        (Plain::ReturnConst, c::return_constant::<D>),
        (Plain::ReturnMany, c::return_many::<D>),
        (Plain::MemorySize, memory_size::<D>),
        (Plain::MemoryCopy, memory_copy::<D>),
        (Plain::MemoryFill, memory_fill::<D>),
        (Plain::RefFunc, c::ref_func::<D>),
        (Plain::RefAsNonNull, c::ref_as_non_null::<D>),
        (Plain::TableGet, c::table_get::<D>),
        (Plain::TableSet, c::table_set::<D>),
        (Plain::TableSize, c::table_size::<D>),
        (Plain::FarGet, c::far_get::<D>),
        (Plain::FarPut, c::far_put::<D>),
    ];
    let mut i = 0;
    while i < rows.len() {
        put_plain(t, rows[i].0, rows[i].1);
        i += 1;
    }
    object_rows::<D>(t);
    driver_rows(t);
    if HOST {
        put_plain(t, Plain::ReturnCallIndirect, c::return_call_through::<D, false>);
        put_plain(t, Plain::ReturnCallRef, c::return_call_through::<D, true>);
    }
}

/// Operators on objects that seldom need the driver.
const fn object_rows<D: Dispatch>(t: &mut [Handler]) {
    let rows: [(Plain, Handler); 13] = [
        (Plain::StructGet, objects::struct_get::<D>),
        (Plain::StructSet, objects::struct_set::<D>),
        (Plain::ArrayGet, objects::array_get::<D>),
        (Plain::ArraySet, objects::array_set::<D>),
        (Plain::ArrayLen, objects::array_len::<D>),
        (Plain::I31Get, objects::i31::<D>),
        (Plain::RefTest, objects::ref_test::<D>),
        (Plain::RefCast, objects::ref_cast::<D>),
        (Plain::BrOnCast, objects::br_on_cast::<D>),
        (Plain::StructNew, objects::struct_new::<D, true>),
        (Plain::StructNewDefault, objects::struct_new::<D, false>),
        (Plain::ArrayNew, objects::array_new::<D, true>),
        (Plain::ArrayNewDefault, objects::array_new::<D, false>),
    ];
    let mut i = 0;
    while i < rows.len() {
        put_plain(t, rows[i].0, rows[i].1);
        i += 1;
    }
}

/// What only the driver can run: it owns the store, the whole stack and the fuel beyond the quantum. On hosts, some have handlers.
const fn driver_rows(t: &mut [Handler]) {
    let rows = [
        Plain::EnterWide,
        Plain::ReturnCallImport,
        Plain::ReturnCallIndirect,
        Plain::ReturnCallRef,
        Plain::Throw,
        Plain::MemoryGrow,
        Plain::MemoryInit,
        Plain::DataDrop,
        Plain::TableGrow,
        Plain::TableFill,
        Plain::TableCopy,
        Plain::TableInit,
        Plain::ElemDrop,
        Plain::WideParams,
        Plain::Atomic,
        Plain::ArrayNewFixed,
        Plain::ArrayNewData,
        Plain::ArrayNewElem,
        Plain::ArrayFill,
        Plain::ArrayCopy,
        Plain::ArrayInitData,
        Plain::ArrayInitElem,
        Plain::ThrowRef,
    ];
    let mut i = 0;
    while i < rows.len() {
        put_plain(t, rows[i], c::driver);
        i += 1;
    }
}
