//! The operators of the register IR: rows of the table times the forms their operands take.
//!
//! An [`Op`] is a number; [`Op::row`] says what it stands for, and every constructor is the inverse. The numbers are
//! part of the image format's version.
//!
//! An instruction is `{op: u16, a: u8, b: u8, imm: u32}`. Unless its row says otherwise, `a` is the register it
//! defines, `b` the register of its first operand, and `imm` the second operand: a register in its low byte or a
//! constant.

// @need-ids: REQ_TABLE_001, REQ_IMAGE_002

use crate::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};
use crate::part::Part;
use crate::vector::VectorRow;
use core::num::NonZero;

/// An operator of the register IR, as instructions hold it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub struct Op(pub u16);

macro_rules! forms {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $v:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $v,)* }
        impl $name {
            /// All forms, in order.
            pub const ALL: &'static [Self] = &[$(Self::$v,)*];
            /// The form with this index in [`ALL`](Self::ALL): no look at memory, as indices are numbers.
            pub const fn from_index(index: usize) -> Option<Self> {
                match index { $(n if n == Self::$v as usize => Some(Self::$v),)* _ => None }
            }
            /// The suffix that disassembly shows.
            pub const fn suffix(self) -> &'static str {
                match self { $(Self::$v => $text,)* }
            }
        }
    };
}

pub(crate) use forms;

forms! {
    /// Where two operands come from: a register, an immediate, or the accumulator left by the instruction before.
    Operands {
        /// Both from registers: `b` and the low byte of `imm`.
        RR "",
        /// Register `b` and the constant `imm`.
        RI ".i",
        /// Constant `imm` and register `b`.
        IR ".ir",
        /// Accumulator, and the register in `imm`.
        AR ".a",
        /// Register `b`, and the accumulator.
        RA ".ra",
        /// Accumulator, and the constant `imm`.
        AI ".ai",
        /// Constant `imm`, and the accumulator.
        IA ".ia",
    }
}

forms! {
    /// Where one operand comes from.
    Operand {
        /// A register.
        R "",
        /// The accumulator.
        A ".a",
    }
}

forms! {
    /// What a compare-and-branch compares.
    Compared {
        /// Registers `a` and `b`; target in `imm`.
        RR "",
        /// Accumulator and register `b`.
        AR ".a",
        /// Register `a` and accumulator.
        RA ".ra",
        /// Register `a` and the sign-extended 8-bit constant `b`.
        R8 ".i8",
        /// Accumulator and the sign-extended 8-bit constant `b`.
        A8 ".ai8",
        /// Register `a` and the constant `imm`; the target is in the data word that follows.
        RK ".k",
        /// Accumulator and the constant `imm`; the target is in the data word that follows.
        AK ".ak",
        /// Register `a`, to which the constant `imm` is added first, and register `b`: what a counted loop ends with. The
        /// target is in the data word that follows; back only, and for `i32` only.
        SR ".s",
        /// As `SR`, with the sign-extended 8-bit constant `b` in place of the register.
        S8 ".si8",
    }
}

forms! {
    /// How a branch finds its target.
    Target {
        /// That many instructions after the next.
        Forward ">",
        /// The position of a fuel head in this module's code, which the branch runs.
        Back "<",
        /// Forward; where the branch is not taken, the fuel head that follows is run at once.
        If "?",
        /// As `If`, and the target is a fuel head too, that of the else arm, which is run at once.
        IfElse "?:",
    }
}

forms! {
    /// How a load forms its address.
    LoadForm {
        /// Register `b` plus offset `imm`.
        R "",
        /// The constant `imm`.
        Abs ".abs",
        /// Register `b` plus (wrapping) register `imm & 255`, plus offset `imm >> 8`.
        Idx ".idx",
        /// Register `b` plus (wrapping) the constant `imm`.
        Wrap ".w",
        /// As `R`, from the accumulator.
        A ".a",
        /// As `Idx`, the first from the accumulator.
        AIdx ".aidx",
        /// As `Wrap`, from the accumulator.
        AWrap ".aw",
        /// The whole of register `b` plus offset `imm`: what 64-bit addresses need.
        R64 ".64",
        /// As `R64`, from the accumulator.
        A64 ".a64",
        /// The whole of register `b` plus offset `imm | data.imm << 32`, in memory `data.a | data.b << 8`. Leaves nothing in the
        /// accumulators.
        Far ".far",
    }
}

forms! {
    /// How a store forms its address and finds its value.
    StoreForm {
        /// Register `a` plus offset `imm`; value in register `b`.
        R "",
        /// The constant `imm`; value in register `b`.
        Abs ".abs",
        /// Register `a` plus (wrapping) register `imm & 255`, plus offset `imm >> 8`; value in register `b`.
        Idx ".idx",
        /// Register `a` plus (wrapping) the constant `imm`; value in register `b`.
        Wrap ".w",
        /// Register `a` plus offset `imm`; the value is the sign-extended 8-bit constant `b`.
        Imm ".i8",
        /// Register `a` plus (wrapping) the constant `imm`; the value is the constant `b`.
        WrapImm ".wi8",
        /// The whole of register `a` plus offset `imm`: what 64-bit addresses need; value in register `b`.
        R64 ".64",
        /// As `R64`; the value is the sign-extended 8-bit constant `b`.
        Imm64 ".i8.64",
        /// The whole of register `a` plus offset `imm | data.imm << 32`, in memory `data.a | data.b << 8`; value in register `b`.
        Far ".far",
        /// As `R`, value from the accumulator.
        A ".a",
        /// As `Abs`, value from the accumulator.
        AbsA ".absa",
        /// As `Idx`, value from the accumulator.
        IdxA ".idxa",
        /// As `Wrap`, value from the accumulator.
        WrapA ".wa",
        /// As `R64`, value from the accumulator.
        A64 ".a64",
    }
}

forms! {
    /// What a branch on a single `i32` tests.
    Test {
        /// Branches where it is not zero.
        NonZero "br_nez",
        /// Branches where it is zero.
        Zero "br_eqz",
    }
}

forms! {
    /// Rows with one form. Registers are written r\[x\].
    Plain {
        /// Stops with the trap `corrupt code`. Also the filler of unused numbers.
        Corrupt "corrupt",
        /// A data word that belongs to the instruction before; never executed.
        Data "data",
        /// `unreachable`.
        Unreachable "unreachable",
        /// r\[a\] = r\[b\].
        Mov "mov",
        /// `Mov`, then r\[imm & 255\] = r\[imm >> 8 & 255\].
        Mov2 "mov2",
        /// `Mov2`, then r\[imm >> 16 & 255\] = r\[imm >> 24\].
        Mov3 "mov3",
        /// Slots a.. = slots imm.. for b slots, as if copied at once. Data-free; both ranges in the window.
        MovRange "mov_range",
        /// r\[a\] = imm.
        Const "const",
        /// r\[a\] = imm, sign-extended.
        ConstS "const_s",
        /// r\[a\] = imm << 32.
        ConstHi "const_hi",
        /// r\[a\] = imm | data.imm << 32.
        Const64 "const64",
        /// r\[a\] = r\[imm >> 8 & 255\] != 0 ? r\[b\] : r\[imm & 255\].
        Select "select",
        /// r\[a\] = the instance's own global slot imm.
        GlobalGet "global.get",
        /// The instance's own global slot imm = r\[a\].
        GlobalSet "global.set",
        /// r\[a\] = the imported global number imm.
        ImportedGlobalGet "global.get.imported",
        /// The imported global number imm = r\[a\].
        ImportedGlobalSet "global.set.imported",
        /// A fuel head: charges imm.
        Fuel "fuel",
        /// A function's head: zeroes b slots from a on, then charges imm.
        Enter "enter",
        /// As `Enter`, always 4 slots.
        Enter4 "enter4",
        /// As `Enter`, always 8 slots.
        Enter8 "enter8",
        /// A function's head with more locals than the window holds: zeroes data.imm frame slots from data.a | data.b << 8 on, then charges imm.
        EnterWide "enter_wide",
        /// Goes on imm instructions after the next.
        Jump "br>",
        /// Goes on at the fuel head at position imm, and runs it. Back, unless it stands in a branch table.
        JumpBack "br<",
        /// Goes on where entry min(r\[a\], imm) of the table leads that stands in the words behind it and has imm + 1 entries: so far from its first word.
        BrTable "br_table",
        /// As `BrTable`, with the accumulator in place of r\[a\].
        BrTableAcc "br_table.a",
        /// Calls function imm of this instance; its frame starts at slot a | b << 8.
        Call "call",
        /// Calls imported function imm; its frame starts at slot a | b << 8.
        CallImport "call.import",
        /// Calls through table `data.a | data.b << 8` at r\[b\], with type imm; the frame starts at slot data.imm.
        CallIndirect "call_indirect",
        /// Calls the function that r\[b\] refers to, with type imm; the frame starts at slot data.imm.
        CallRef "call_ref",
        /// Replaces this frame by function imm, whose arguments are data.imm slots from a | b << 8 on.
        ReturnCall "return_call",
        /// As `ReturnCall`, for imported function imm.
        ReturnCallImport "return_call.import",
        /// As `ReturnCall`, through table data.a | data.b << 8 at r\[b\], with type imm; data.imm is the first slot << 16 | count.
        ReturnCallIndirect "return_call_indirect",
        /// As `ReturnCall`, for the function that r\[b\] refers to, with type imm; data.imm is the first slot << 16 | count.
        ReturnCallRef "return_call_ref",
        /// Returns nothing, or results that stand in their slots already.
        Return "return",
        /// Returns r\[a\].
        Return1 "return1",
        /// As `Return1`, with the accumulator in place of r\[a\].
        Return1Acc "return1.a",
        /// Returns the constant imm.
        ReturnConst "return_const",
        /// Returns imm slots from slot a | b << 8 on.
        ReturnMany "return_many",
        /// Throws an exception with tag imm, which carries a | b << 8 slots from slot data.imm on.
        Throw "throw",
        /// r\[a\] = size of memory imm in pages.
        MemorySize "memory.size",
        /// Slot imm = old size of memory a | b << 8, grown by that slot's pages.
        MemoryGrow "memory.grow",
        /// Copies within or between memories a and b; destination, source, length in slots imm, imm + 1, imm + 2.
        MemoryCopy "memory.copy",
        /// Fills memory a | b << 8; start, value, length in slots imm, imm + 1, imm + 2.
        MemoryFill "memory.fill",
        /// Copies from data segment data.imm to memory a | b << 8; start, offset, length in slots imm, imm + 1, imm + 2.
        MemoryInit "memory.init",
        /// Drops data segment imm.
        DataDrop "data.drop",
        /// r\[a\] = element r\[b\] of table imm.
        TableGet "table.get",
        /// Element r\[a\] of table imm = r\[b\].
        TableSet "table.set",
        /// r\[a\] = size of table imm.
        TableSize "table.size",
        /// Grows table a | b << 8; value and count in slots imm, imm + 1; the result goes to slot imm.
        TableGrow "table.grow",
        /// Fills table a | b << 8; start, value, length in slots imm, imm + 1, imm + 2.
        TableFill "table.fill",
        /// Copies to table a | b << 8 from table data.imm; destination, source, length in slots imm, imm + 1, imm + 2.
        TableCopy "table.copy",
        /// Copies to table a | b << 8 from element segment data.imm; start, offset, length in slots imm, imm + 1, imm + 2.
        TableInit "table.init",
        /// Drops element segment imm.
        ElemDrop "elem.drop",
        /// r\[a\] = reference to function imm.
        RefFunc "ref.func",
        /// Traps where the reference r\[a\] is null.
        RefAsNonNull "ref.as_non_null",
        /// r\[a\] = frame slot imm: reads beyond the window.
        FarGet "far.get",
        /// Frame slot imm = r\[a\]: writes beyond the window.
        FarPut "far.put",
        /// First in a wide frame's function: of imm parameters, which the caller left side by side, moves those from the
        /// scratch registers on to behind them.
        WideParams "wide_params",
        /// Atomic operator a ([`Atomic::from_number`](crate::atomic::Atomic::from_number)) on memory data.a | data.b << 8 with
        /// offset data.imm | b << 32; operands, the address first, in slots imm, imm + 1, imm + 2; the result goes to slot imm.
        Atomic "atomic",
        /// r\[a\] = a field of the structure r\[b\]: offset and size in imm, in bit 31 whether its sign is extended.
        StructGet "struct.get",
        /// A field of the structure r\[a\], offset and size in imm, = r\[b\].
        StructSet "struct.set",
        /// r\[a\] = element r\[imm & 255\] of the array r\[b\]: its size in bits 8 to 10, in bit 31 whether its sign is extended.
        ArrayGet "array.get",
        /// Element r\[b\] of the array r\[a\] = r\[imm & 255\]: its size in bits 8 to 10.
        ArraySet "array.set",
        /// r\[a\] = length of the array r\[b\].
        ArrayLen "array.len",
        /// r\[a\] = the integer that the reference r\[b\] is; imm is 1 where its sign is extended.
        I31Get "i31.get",
        /// Goes on data.imm instructions after the next where the reference r\[a\] is of type imm; with data.a where it is not.
        BrOnCast "br_on_cast",
        /// r\[a\] = whether the reference r\[b\] is of type imm.
        RefTest "ref.test",
        /// Traps where the reference r\[a\] is not of type imm.
        RefCast "ref.cast",
        /// Slot data.imm = a new structure of type imm, of the fields from that slot on.
        StructNew "struct.new",
        /// Slot data.imm = a new structure of type imm, of default values.
        StructNewDefault "struct.new_default",
        /// Slot data.imm = a new array of type imm; value and length from that slot on.
        ArrayNew "array.new",
        /// Slot data.imm = a new array of type imm, of default values; length in that slot.
        ArrayNewDefault "array.new_default",
        /// Slot data.imm = a new array of type imm, of as many elements from that slot on as its second index says.
        ArrayNewFixed "array.new_fixed",
        /// Slot data.imm = a new array of type imm, from the data segment of its second index; offset and length from that slot on.
        ArrayNewData "array.new_data",
        /// Slot data.imm = a new array of type imm, from the element segment of its second index; offset and length from that slot on.
        ArrayNewElem "array.new_elem",
        /// Fills an array of type imm; array, start, value, length from slot data.imm on.
        ArrayFill "array.fill",
        /// Copies to an array of type imm from one of the type of its second index; array, start, array, start, length from
        /// slot data.imm on.
        ArrayCopy "array.copy",
        /// Copies to an array of type imm from the data segment of its second index; array, start, offset, length from slot data.imm on.
        ArrayInitData "array.init_data",
        /// As `ArrayInitData`, from an element segment.
        ArrayInitElem "array.init_elem",
        /// Throws the exception that the reference in slot data.imm refers to.
        ThrowRef "throw_ref",
    }
}

/// The second index of a row on objects: in its fields `a` and `b`, and those of its data word.
pub const fn second_index(ab: u32, data_ab: u32) -> u32 {
    ab | data_ab << 16
}

impl Plain {
    /// As [`Row::is_built`].
    pub const fn is_built(self) -> bool {
        Row::Plain(self).is_built()
    }

    /// [`Row::part`].
    const fn part(self) -> Option<Part> {
        match self {
            Self::MemoryInit | Self::DataDrop => Some(Part::Bulk),
            Self::CallRef
            | Self::RefFunc
            | Self::RefAsNonNull
            | Self::TableGet
            | Self::TableSet
            | Self::TableSize
            | Self::TableGrow
            | Self::TableFill
            | Self::TableCopy
            | Self::TableInit
            | Self::ElemDrop => Some(Part::References),
            Self::Throw => Some(Part::Exceptions),
            Self::Atomic => Some(Part::Threads),
            Self::ReturnCall | Self::ReturnCallImport | Self::ReturnCallIndirect => Some(Part::TailCalls),
            // Who has no references has none to call.
            Self::ReturnCallRef if !Part::References.is_built() => Some(Part::References),
            Self::ReturnCallRef => Some(Part::TailCalls),
            Self::StructGet
            | Self::StructSet
            | Self::ArrayGet
            | Self::ArraySet
            | Self::ArrayLen
            | Self::I31Get
            | Self::RefTest
            | Self::RefCast
            | Self::BrOnCast
            | Self::StructNew
            | Self::StructNewDefault
            | Self::ArrayNew
            | Self::ArrayNewDefault
            | Self::ArrayNewFixed
            | Self::ArrayNewData
            | Self::ArrayNewElem
            | Self::ArrayFill
            | Self::ArrayCopy
            | Self::ArrayInitData
            | Self::ArrayInitElem => Some(Part::Gc),
            // Who has no exceptions has none to throw again.
            Self::ThrowRef if !Part::Exceptions.is_built() => Some(Part::Exceptions),
            Self::ThrowRef => Some(Part::Gc),
            Self::EnterWide | Self::FarGet | Self::FarPut | Self::WideParams => Some(Part::WideFrames),
            Self::ImportedGlobalGet | Self::ImportedGlobalSet => Some(Part::Linking),
            _ => None,
        }
    }
}

/// What an [`Op`] stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the variants are the table's groups
pub enum Row {
    Plain(Plain),
    Binary(BinaryOp, Operands),
    FloatBinary(FloatBinaryOp, Operands),
    Compare(CompareOp, Operands),
    CompareBranch(CompareOp, Compared, Target),
    FloatCompare(FloatCompareOp, Operands),
    /// The flag negates: branches where the comparison does not hold (NaNs make that differ from its opposite).
    FloatCompareBranch(FloatCompareOp, bool, Compared, Target),
    Unary(UnaryOp, Operand),
    FloatUnary(FloatUnaryOp, Operand),
    Load(LoadOp, LoadForm),
    Store(StoreOp, StoreForm),
    Branch(Test, Operand, Target),
    /// Lower and upper half of the result go to registers `a` and `b`; the bytes of `imm` are the registers of the operands.
    Wide(WideOp),
    Vector(VectorRow),
}

pub(crate) const fn count<T>(all: &[T]) -> u16 {
    all.len() as u16
}

/// An item of a list, in constants too.
pub(crate) const fn at<T: Copy>(all: &[T], index: u16) -> Option<T> {
    match all.split_at_checked(index as usize) {
        Some((_, [item, ..])) => Some(*item),
        _ => None,
    }
}

/// Numbers of the operator and of the form.
pub(crate) const fn split(row: u16, forms: u16) -> (u16, u16) {
    match (row.checked_div(forms), row.checked_rem(forms)) {
        (Some(op), Some(form)) => (op, form),
        // No group has no forms.
        _ => (0, 0),
    }
}

/// What `?` does, in constants too.
macro_rules! found {
    ($item:expr) => {
        match $item {
            Some(item) => item,
            None => return None,
        }
    };
}

pub(crate) use found;

const OPERANDS: u16 = count(Operands::ALL);
const OPERAND: u16 = count(Operand::ALL);
const COMPARED: u16 = count(Compared::ALL);
const TARGETS: u16 = count(Target::ALL);
const LOADS: u16 = count(LoadForm::ALL);
const STORES: u16 = count(StoreForm::ALL);

const PLAIN_AT: u16 = 0;
const BINARY_AT: u16 = PLAIN_AT + count(Plain::ALL);
const FLOAT_BINARY_AT: u16 = BINARY_AT + count(BinaryOp::ALL) * OPERANDS;
const COMPARE_AT: u16 = FLOAT_BINARY_AT + count(FloatBinaryOp::ALL) * OPERANDS;
const COMPARE_BRANCH_AT: u16 = COMPARE_AT + count(CompareOp::ALL) * OPERANDS;
const FLOAT_COMPARE_AT: u16 = COMPARE_BRANCH_AT + count(CompareOp::ALL) * COMPARED * TARGETS;
const FLOAT_COMPARE_BRANCH_AT: u16 = FLOAT_COMPARE_AT + count(FloatCompareOp::ALL) * OPERANDS;
const UNARY_AT: u16 = FLOAT_COMPARE_BRANCH_AT + count(FloatCompareOp::ALL) * 2 * COMPARED * TARGETS;
const FLOAT_UNARY_AT: u16 = UNARY_AT + count(UnaryOp::ALL) * OPERAND;
const LOAD_AT: u16 = FLOAT_UNARY_AT + count(FloatUnaryOp::ALL) * OPERAND;
const STORE_AT: u16 = LOAD_AT + count(LoadOp::ALL) * LOADS;
const BRANCH_AT: u16 = STORE_AT + count(StoreOp::ALL) * STORES;
const WIDE_AT: u16 = BRANCH_AT + count(Test::ALL) * OPERAND * TARGETS;
const VECTOR_AT: u16 = WIDE_AT + count(WideOp::ALL);

impl Op {
    /// How many numbers there are; the highest is one less. Some of them stand for [`Plain::Corrupt`].
    pub const COUNT: usize = (VECTOR_AT + VectorRow::COUNT) as usize;
    /// How many of them are not vector rows; those come last.
    pub const SCALAR_COUNT: usize = VECTOR_AT as usize;

    /// A row with one form.
    pub const fn plain(row: Plain) -> Self {
        Self(PLAIN_AT + row as u16)
    }
    /// A binary operator.
    pub const fn binary(op: BinaryOp, operands: Operands) -> Self {
        Self(BINARY_AT + op as u16 * OPERANDS + operands as u16)
    }
    /// Float arithmetic.
    pub const fn float_binary(op: FloatBinaryOp, operands: Operands) -> Self {
        Self(FLOAT_BINARY_AT + op as u16 * OPERANDS + operands as u16)
    }
    /// A comparison that gives 0 or 1.
    pub const fn compare(op: CompareOp, operands: Operands) -> Self {
        Self(COMPARE_AT + op as u16 * OPERANDS + operands as u16)
    }
    /// A comparison that branches.
    pub const fn compare_branch(op: CompareOp, compared: Compared, target: Target) -> Self {
        Self(COMPARE_BRANCH_AT + (op as u16 * COMPARED + compared as u16) * TARGETS + target as u16)
    }
    /// A float comparison that gives 0 or 1.
    pub const fn float_compare(op: FloatCompareOp, operands: Operands) -> Self {
        Self(FLOAT_COMPARE_AT + op as u16 * OPERANDS + operands as u16)
    }
    /// A float comparison that branches where it holds, or with `negated` where it does not.
    pub const fn float_compare_branch(op: FloatCompareOp, negated: bool, compared: Compared, target: Target) -> Self {
        let row = (op as u16 * 2 + negated as u16) * COMPARED + compared as u16;
        Self(FLOAT_COMPARE_BRANCH_AT + row * TARGETS + target as u16)
    }
    /// A unary operator.
    pub const fn unary(op: UnaryOp, operand: Operand) -> Self {
        Self(UNARY_AT + op as u16 * OPERAND + operand as u16)
    }
    /// A unary float operator.
    pub const fn float_unary(op: FloatUnaryOp, operand: Operand) -> Self {
        Self(FLOAT_UNARY_AT + op as u16 * OPERAND + operand as u16)
    }
    /// A load.
    pub const fn load(op: LoadOp, form: LoadForm) -> Self {
        Self(LOAD_AT + op as u16 * LOADS + form as u16)
    }
    /// A store.
    pub const fn store(op: StoreOp, form: StoreForm) -> Self {
        Self(STORE_AT + op as u16 * STORES + form as u16)
    }
    /// A branch on one value.
    pub const fn branch(test: Test, operand: Operand, target: Target) -> Self {
        Self(BRANCH_AT + (test as u16 * OPERAND + operand as u16) * TARGETS + target as u16)
    }
    /// An operator of wide arithmetic.
    pub const fn wide(op: WideOp) -> Self {
        Self(WIDE_AT + op as u16)
    }

    /// A vector row.
    pub const fn vector(row: VectorRow) -> Self {
        Self(VECTOR_AT + row.number())
    }

    /// How many [kinds](Self::kind) there are.
    pub const KINDS: usize = Self(Self::COUNT as u16).kind() as usize;
    /// How many of them are not those of vector rows; those come last.
    pub const SCALAR_KINDS: usize = Self(Self::SCALAR_COUNT as u16).kind() as usize;

    /// A number that it shares with the rows that differ from it in nothing but how they compare operands of the same type.
    /// Every other row is a kind of its own.
    pub const fn kind(self) -> u16 {
        const FORMS: u16 = COMPARED * TARGETS;
        const I64_AT: u16 = COMPARE_BRANCH_AT + CompareOp::I64Eq as u16 * FORMS;
        const I64_END: u16 = COMPARE_BRANCH_AT + (CompareOp::I64GeU as u16 + 1) * FORMS;
        const COMPARE: u16 = COMPARE_AT;
        const BRANCH_I32: u16 = COMPARE + OPERANDS;
        const BRANCH_I64: u16 = BRANCH_I32 + FORMS;
        const FLOAT_COMPARE: u16 = BRANCH_I64 + FORMS;
        const BRANCH_FLOAT: u16 = FLOAT_COMPARE + OPERANDS;
        const UNARY: u16 = BRANCH_FLOAT + FORMS;
        let n = self.0;
        if n < COMPARE_AT {
            n
        } else if n >= UNARY_AT {
            n - (UNARY_AT - UNARY)
        } else if n < COMPARE_BRANCH_AT {
            COMPARE + (n - COMPARE_AT) % OPERANDS
        } else if n < FLOAT_COMPARE_AT {
            let first = if n >= I64_AT && n < I64_END { BRANCH_I64 } else { BRANCH_I32 };
            first + (n - COMPARE_BRANCH_AT) % FORMS
        } else if n < FLOAT_COMPARE_BRANCH_AT {
            FLOAT_COMPARE + (n - FLOAT_COMPARE_AT) % OPERANDS
        } else {
            BRANCH_FLOAT + (n - FLOAT_COMPARE_BRANCH_AT) % FORMS
        }
    }

    /// What this number stands for; `None` for one past [`Op::COUNT`].
    pub const fn row(self) -> Option<Row> {
        let n = self.0;
        Some(if n < BINARY_AT {
            Row::Plain(found!(at(Plain::ALL, n)))
        } else if n < FLOAT_BINARY_AT {
            let (op, form) = split(n - BINARY_AT, OPERANDS);
            Row::Binary(found!(at(BinaryOp::ALL, op)), found!(at(Operands::ALL, form)))
        } else if n < COMPARE_AT {
            let (op, form) = split(n - FLOAT_BINARY_AT, OPERANDS);
            Row::FloatBinary(found!(at(FloatBinaryOp::ALL, op)), found!(at(Operands::ALL, form)))
        } else if n < COMPARE_BRANCH_AT {
            let (op, form) = split(n - COMPARE_AT, OPERANDS);
            Row::Compare(found!(at(CompareOp::ALL, op)), found!(at(Operands::ALL, form)))
        } else if n < FLOAT_COMPARE_AT {
            let (rest, target) = split(n - COMPARE_BRANCH_AT, TARGETS);
            let (op, compared) = split(rest, COMPARED);
            let (compared, target) = (found!(at(Compared::ALL, compared)), found!(at(Target::ALL, target)));
            Row::CompareBranch(found!(at(CompareOp::ALL, op)), compared, target)
        } else if n < FLOAT_COMPARE_BRANCH_AT {
            let (op, form) = split(n - FLOAT_COMPARE_AT, OPERANDS);
            Row::FloatCompare(found!(at(FloatCompareOp::ALL, op)), found!(at(Operands::ALL, form)))
        } else if n < UNARY_AT {
            let (rest, target) = split(n - FLOAT_COMPARE_BRANCH_AT, TARGETS);
            let (op, compared) = split(rest, COMPARED);
            let (compared, target) = (found!(at(Compared::ALL, compared)), found!(at(Target::ALL, target)));
            Row::FloatCompareBranch(found!(at(FloatCompareOp::ALL, op / 2)), op % 2 == 1, compared, target)
        } else if n < FLOAT_UNARY_AT {
            let (op, form) = split(n - UNARY_AT, OPERAND);
            Row::Unary(found!(at(UnaryOp::ALL, op)), found!(at(Operand::ALL, form)))
        } else if n < LOAD_AT {
            let (op, form) = split(n - FLOAT_UNARY_AT, OPERAND);
            Row::FloatUnary(found!(at(FloatUnaryOp::ALL, op)), found!(at(Operand::ALL, form)))
        } else if n < STORE_AT {
            let (op, form) = split(n - LOAD_AT, LOADS);
            Row::Load(found!(at(LoadOp::ALL, op)), found!(at(LoadForm::ALL, form)))
        } else if n < BRANCH_AT {
            let (op, form) = split(n - STORE_AT, STORES);
            Row::Store(found!(at(StoreOp::ALL, op)), found!(at(StoreForm::ALL, form)))
        } else if n < WIDE_AT {
            let (rest, target) = split(n - BRANCH_AT, TARGETS);
            let (test, operand) = split(rest, OPERAND);
            let target = found!(at(Target::ALL, target));
            Row::Branch(found!(at(Test::ALL, test)), found!(at(Operand::ALL, operand)), target)
        } else if n < VECTOR_AT {
            Row::Wide(found!(at(WideOp::ALL, n - WIDE_AT)))
        } else {
            Row::Vector(found!(VectorRow::from_number(n - VECTOR_AT)))
        })
    }
}

impl Op {
    /// The group of rows that this number is in, and there the index of the operator and that of its form: in the order of
    /// the constructor's arguments, the last one counting fastest. Numbers past [`Op::COUNT`] are vector rows here.
    // A loop over a small table: engines that take instructions apart as they run have few bytes for it.
    pub fn split(self) -> (Group, u16, u8) {
        let mut found = (Group::Plain, self.0, 0);
        for (group, first, forms) in &GROUPS {
            let Some(n) = u32::from(self.0).checked_sub((*first).into()) else { break };
            let forms = NonZero::<u32>::from(*forms);
            found = (*group, (n / forms) as u16, (n % forms) as u8);
        }
        found
    }
}

/// A group of rows: what has the same forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // those of `Row`
pub enum Group {
    Plain,
    Binary,
    FloatBinary,
    Compare,
    CompareBranch,
    FloatCompare,
    FloatCompareBranch,
    Unary,
    FloatUnary,
    Load,
    Store,
    Branch,
    Wide,
    Vector,
}

impl Group {
    /// All groups, in order.
    pub const ALL: [Self; 14] = [
        Self::Plain,
        Self::Binary,
        Self::FloatBinary,
        Self::Compare,
        Self::CompareBranch,
        Self::FloatCompare,
        Self::FloatCompareBranch,
        Self::Unary,
        Self::FloatUnary,
        Self::Load,
        Self::Store,
        Self::Branch,
        Self::Wide,
        Self::Vector,
    ];
}

/// Each group's first number, and how many forms an operator has in it.
static GROUPS: [(Group, u16, NonZero<u8>); 14] = [
    (Group::Plain, PLAIN_AT, form_count(1)),
    (Group::Binary, BINARY_AT, form_count(OPERANDS)),
    (Group::FloatBinary, FLOAT_BINARY_AT, form_count(OPERANDS)),
    (Group::Compare, COMPARE_AT, form_count(OPERANDS)),
    (Group::CompareBranch, COMPARE_BRANCH_AT, form_count(COMPARED * TARGETS)),
    (Group::FloatCompare, FLOAT_COMPARE_AT, form_count(OPERANDS)),
    (Group::FloatCompareBranch, FLOAT_COMPARE_BRANCH_AT, form_count(COMPARED * TARGETS)),
    (Group::Unary, UNARY_AT, form_count(OPERAND)),
    (Group::FloatUnary, FLOAT_UNARY_AT, form_count(OPERAND)),
    (Group::Load, LOAD_AT, form_count(LOADS)),
    (Group::Store, STORE_AT, form_count(STORES)),
    (Group::Branch, BRANCH_AT, form_count(OPERAND * TARGETS)),
    (Group::Wide, WIDE_AT, form_count(1)),
    (Group::Vector, VECTOR_AT, form_count(1)),
];

/// How many forms an operator has in a group: none has none.
const fn form_count(count: u16) -> NonZero<u8> {
    match NonZero::new(count as u8) {
        Some(count) => count,
        None => NonZero::<u8>::MIN,
    }
}

/// What an instruction leaves in, or takes from, the accumulators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accumulator {
    /// Nothing.
    None,
    /// The integer accumulator: a slot.
    Integer,
    /// The float accumulator, for what float operators, conversions and loads give: an `f64`, or an `f32` in its lower half.
    Float,
}

impl Row {
    /// The accumulator in which this instruction leaves the value that it also writes to r\[a\].
    pub const fn makes(self) -> Accumulator {
        match self {
            Self::FloatBinary(..) | Self::FloatUnary(..) => Accumulator::Float,
            Self::Unary(op, _) if op.floats().1 => Accumulator::Float,
            // The driver may do the access, and it starts again with empty accumulators.
            Self::Load(_, LoadForm::Far) => Accumulator::None,
            Self::Load(LoadOp::F32Load | LoadOp::F64Load, _) => Accumulator::Float,
            Self::Binary(..) | Self::Compare(..) | Self::FloatCompare(..) | Self::Unary(..) | Self::Load(..) => {
                Accumulator::Integer
            }
            Self::Plain(
                Plain::Mov | Plain::Const | Plain::ConstS | Plain::ConstHi | Plain::Select | Plain::GlobalGet,
            ) => Accumulator::Integer,
            Self::Vector(row) => row.makes(),
            _ => Accumulator::None,
        }
    }

    /// Whether what it makes may stay in the accumulator alone.
    pub const fn can_stay(self) -> bool {
        !matches!(self.makes(), Accumulator::None)
            && !matches!(self, Self::Plain(row) if !matches!(row, Plain::Select | Plain::GlobalGet))
    }

    /// The accumulator that this instruction reads.
    pub const fn takes(self) -> Accumulator {
        let float = match self {
            Self::FloatBinary(..) | Self::FloatUnary(..) | Self::FloatCompare(..) | Self::FloatCompareBranch(..) => {
                true
            }
            Self::Unary(op, _) => op.floats().0,
            Self::Store(op, _) => matches!(op, StoreOp::F32Store | StoreOp::F64Store),
            _ => false,
        };
        let reads = match self {
            Self::Binary(_, form)
            | Self::FloatBinary(_, form)
            | Self::Compare(_, form)
            | Self::FloatCompare(_, form) => {
                matches!(form, Operands::AR | Operands::RA | Operands::AI | Operands::IA)
            }
            Self::CompareBranch(_, form, _) | Self::FloatCompareBranch(_, _, form, _) => {
                matches!(form, Compared::AR | Compared::RA | Compared::A8 | Compared::AK)
            }
            Self::Unary(_, form) | Self::FloatUnary(_, form) | Self::Branch(_, form, _) => {
                matches!(form, Operand::A)
            }
            Self::Load(_, form) => {
                matches!(form, LoadForm::A | LoadForm::AIdx | LoadForm::AWrap | LoadForm::A64)
            }
            Self::Store(_, form) => {
                matches!(form, StoreForm::A | StoreForm::AbsA | StoreForm::IdxA | StoreForm::WrapA | StoreForm::A64)
            }
            Self::Plain(row) => matches!(row, Plain::BrTableAcc | Plain::Return1Acc),
            Self::Wide(_) => false,
            Self::Vector(_) => false,
        };
        match (reads, float) {
            (false, _) => Accumulator::None,
            (true, false) => Accumulator::Integer,
            (true, true) => Accumulator::Float,
        }
    }

    /// How many data words follow the instruction.
    pub const fn data_words(self) -> u8 {
        match self {
            Self::Vector(row) => row.data_words(),
            _ => self.has_data() as u8,
        }
    }

    /// Whether a data word follows the instruction.
    pub const fn has_data(self) -> bool {
        if let Self::Vector(row) = self {
            return row.data_words() > 0;
        }
        matches!(
            self,
            Self::CompareBranch(_, Compared::RK | Compared::AK | Compared::SR | Compared::S8, _)
                | Self::FloatCompareBranch(_, _, Compared::RK | Compared::AK, _)
                | Self::Load(_, LoadForm::Far)
                | Self::Store(_, StoreForm::Far)
                | Self::Plain(
                    Plain::Const64
                        | Plain::EnterWide
                        | Plain::CallIndirect
                        | Plain::CallRef
                        | Plain::ReturnCall
                        | Plain::ReturnCallImport
                        | Plain::ReturnCallIndirect
                        | Plain::ReturnCallRef
                        | Plain::Throw
                        | Plain::MemoryInit
                        | Plain::TableCopy
                        | Plain::TableInit
                        | Plain::Atomic
                        | Plain::BrOnCast
                        | Plain::StructNew
                        | Plain::StructNewDefault
                        | Plain::ArrayNew
                        | Plain::ArrayNewDefault
                        | Plain::ArrayNewFixed
                        | Plain::ArrayNewData
                        | Plain::ArrayNewElem
                        | Plain::ArrayFill
                        | Plain::ArrayCopy
                        | Plain::ArrayInitData
                        | Plain::ArrayInitElem
                        | Plain::ThrowRef
                )
        )
    }

    /// Whether the engines have a handler for this combination; those without are corrupt code.
    // A constant on the left of a commuting operator is moved to the right, equal constants were folded, and float
    // comparisons have no 8-bit constants.
    pub const fn exists(self) -> bool {
        self.is_built() && self.has_form()
    }

    /// Whether this build has the row's part of the language.
    pub const fn is_built(self) -> bool {
        match self.part() {
            Some(part) => part.is_built(),
            None => true,
        }
    }

    /// The part of the language that it belongs to, if builds may leave it out.
    // @need-ids: REQ_PARTS_001
    pub const fn part(self) -> Option<Part> {
        match self {
            Self::Binary(op, _) if op.computes_with_floats() => Some(Part::Float),
            Self::Unary(op, _) if op.computes_with_floats() => Some(Part::Float),
            Self::FloatBinary(..) | Self::FloatUnary(..) | Self::FloatCompare(..) | Self::FloatCompareBranch(..) => {
                Some(Part::Float)
            }
            Self::Load(_, LoadForm::R64 | LoadForm::A64 | LoadForm::Far) => Some(Part::Memories),
            Self::Store(_, StoreForm::R64 | StoreForm::Imm64 | StoreForm::A64 | StoreForm::Far) => Some(Part::Memories),
            Self::Wide(_) => Some(Part::WideArithmetic),
            Self::Vector(_) => Some(Part::Simd),
            Self::Plain(row) => row.part(),
            _ => None,
        }
    }

    const fn has_form(self) -> bool {
        match self {
            Self::Binary(_, Operands::RR) => true,
            Self::Binary(op, Operands::IR | Operands::IA) => op.has_immediate() && !op.commutes(),
            Self::Binary(op, _) => op.has_immediate(),
            Self::FloatBinary(op, Operands::IR | Operands::IA) => !op.commutes(),
            Self::Compare(_, form) | Self::FloatCompare(_, form) => !matches!(form, Operands::IR | Operands::IA),
            Self::CompareBranch(op, Compared::SR | Compared::S8, target) => {
                op.is_i32() && matches!(target, Target::Back)
            }
            Self::FloatCompareBranch(_, _, form, _) => {
                !matches!(form, Compared::R8 | Compared::A8 | Compared::SR | Compared::S8)
            }
            Self::Plain(row) => !matches!(row, Plain::Corrupt | Plain::Data),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_PARTS_001, REQ_TABLE_001
    #[test]
    fn a_row_is_built_where_its_part_is() {
        for &row in Plain::ALL {
            assert_eq!(row.is_built(), row.part().is_none_or(Part::is_built), "{row:?}");
        }
    }

    // @need-ids: REQ_TABLE_001, REQ_IMAGE_002
    #[test]
    fn a_number_taken_apart_is_its_row() {
        for n in 0..Op::COUNT as u16 {
            let (group, op, form) = Op(n).split();
            let jump = |compared: Compared, target: Target| compared as u16 * TARGETS + target as u16;
            let expected = match Op(n).row().unwrap() {
                Row::Plain(p) => (Group::Plain, p as u16, 0),
                Row::Binary(o, f) => (Group::Binary, o as u16, f as u16),
                Row::FloatBinary(o, f) => (Group::FloatBinary, o as u16, f as u16),
                Row::Compare(o, f) => (Group::Compare, o as u16, f as u16),
                Row::CompareBranch(o, f, t) => (Group::CompareBranch, o as u16, jump(f, t)),
                Row::FloatCompare(o, f) => (Group::FloatCompare, o as u16, f as u16),
                Row::FloatCompareBranch(o, not, f, t) => {
                    (Group::FloatCompareBranch, o as u16 * 2 + u16::from(not), jump(f, t))
                }
                Row::Unary(o, f) => (Group::Unary, o as u16, f as u16),
                Row::FloatUnary(o, f) => (Group::FloatUnary, o as u16, f as u16),
                Row::Load(o, f) => (Group::Load, o as u16, f as u16),
                Row::Store(o, f) => (Group::Store, o as u16, f as u16),
                Row::Branch(test, o, t) => (Group::Branch, test as u16, o as u16 * TARGETS + t as u16),
                Row::Wide(o) => (Group::Wide, o as u16, 0),
                Row::Vector(row) => (Group::Vector, row.number(), 0),
            };
            assert_eq!((group, op, u16::from(form)), expected, "{n}");
        }
    }

    // @need-ids: REQ_TABLE_001, REQ_IMAGE_002
    #[test]
    fn every_number_is_one_row_and_back() {
        for n in 0..Op::COUNT as u16 {
            let row = Op(n).row().unwrap();
            let back = match row {
                Row::Plain(p) => Op::plain(p),
                Row::Binary(o, f) => Op::binary(o, f),
                Row::FloatBinary(o, f) => Op::float_binary(o, f),
                Row::Compare(o, f) => Op::compare(o, f),
                Row::CompareBranch(o, f, t) => Op::compare_branch(o, f, t),
                Row::FloatCompare(o, f) => Op::float_compare(o, f),
                Row::FloatCompareBranch(o, not, f, t) => Op::float_compare_branch(o, not, f, t),
                Row::Unary(o, f) => Op::unary(o, f),
                Row::FloatUnary(o, f) => Op::float_unary(o, f),
                Row::Load(o, f) => Op::load(o, f),
                Row::Store(o, f) => Op::store(o, f),
                Row::Branch(t, o, to) => Op::branch(t, o, to),
                Row::Wide(o) => Op::wide(o),
                Row::Vector(row) => Op::vector(row),
            };
            assert_eq!(back, Op(n), "{row:?}");
        }
        assert_eq!(Op(Op::COUNT as u16).row(), None);
        assert_eq!(Op(u16::MAX).row(), None);
    }
}
