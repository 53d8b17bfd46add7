//! Why an image is refused.

// @need-ids: REQ_IMAGE_001, REQ_ERROR_003

use core::error::Error;
use core::fmt;
use wrt_instructions::Part;

/// Why an image is refused, and where.
// @need-ids: REQ_IMAGE_001, REQ_ERROR_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ImageError {
    /// The file breaks a rule.
    File {
        /// Where, in bytes from its start.
        offset: usize,
        /// Which rule.
        rule: FileRule,
    },
    /// The code breaks a rule.
    Code {
        /// Position of the instruction.
        pc: u32,
        /// Which rule.
        rule: CodeRule,
    },
    /// The image needs a part of the language that this build leaves out.
    LeftOut(Part),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { offset, rule } => write!(f, "corrupt image at byte {offset}: {}", rule.message()),
            Self::Code { pc, rule } => write!(f, "corrupt image at instruction {pc}: {}", rule.message()),
            Self::LeftOut(part) => write!(f, "the image needs `{}`, which this build leaves out", part.name()),
        }
    }
}

impl Error for ImageError {}

macro_rules! rules {
    ($(#[$doc:meta])* $name:ident { $($rule:ident $message:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum $name { $(#[doc = concat!("The message: ", $message, ".")] $rule,)* }

        impl $name {
            /// All rules, in the order in which they are checked.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            /// What is wrong, in words.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$rule => $message,)* }
            }
        }
    };
}

rules! {
    /// What must hold of a file, apart from its code.
    FileRule {
        Header "shorter than a header",
        Magic "not an image",
        Version "another version of the format",
        Window "another width of the register window",
        Length "another length than its header says",
        Checksum "damaged: the checksum differs",
        Schedule "priced by another fuel schedule",
        Reserved "reserved bits are set",
        SectionPlace "a section leaves the file",
        SectionKind "an optional section is unknown, twice or out of order",
        SectionLength "an optional section is no whole number of records",
        Sharing "records point to the same bytes too often",
        BlobRange "a range leaves the blob",
        Name "a name is not UTF-8",
        ValueType "unknown value type",
        TypeRange "a type leaves the value types",
        TypeArity "a type of too many parameters or results",
        TypeForm "a type of unknown form, or with parts that its form does not have",
        TypeGroup "types that do not fit their recursion group",
        Supertype "a supertype that does not come before its type, is final, or has too many above it",
        TypeIndex "no such type",
        ImportKind "an import of unknown kind",
        ImportOrder "imports do not count up in their index spaces",
        FuncCode "an imported function with code, or another without",
        FuncSlots "a frame smaller than the parameters or larger than instructions reach",
        Flags "flags do not fit the record",
        Sizes "a maximum below the minimum, or a size beyond its addresses",
        PageSize "unsupported page size",
        ElementType "elements that are no references",
        GlobalSlot "a global out of its slot",
        ConstRange "a constant expression leaves its section",
        ConstOperator "an operator that is not constant",
        ConstIndex "a constant expression names what is not there",
        ConstStack "a constant expression that does not leave one value, or needs too many",
        ExportKind "an export of unknown kind",
        ExportIndex "an export of what is not there",
        Mode "a segment of unknown mode",
        SegmentTarget "a segment of a table or memory that is not there",
        Items "an element segment leaves the items",
        FuncIndex "no such function",
        Start "the start function is not there, or has parameters or results",
        Order "entries out of order or out of the code",
        Count "more of something than 32 bits count",
    }
}

rules! {
    /// What must hold of code.
    CodeRule {
        Length "the code is no whole number of instructions, or too long",
        FuncOrder "functions do not lie one after the other, all code in one of them",
        Head "a function does not begin with its head",
        Operator "no such instruction",
        DataWord "a data word is missing, or stands alone",
        Register "a register outside of the frame",
        Slot "a slot outside of the frame",
        Index "an index outside of its space",
        Target "a target outside of the function, or on a data word",
        BackTarget "a backward branch to what is no charging head before it",
        IfHead "no head in an arm of an `if` branch",
        BranchTable "a branch table that its jumps do not fit",
        Accumulator "an operand in an accumulator that was not made just before",
        Handler "a handler out of order, or with a clause that does not fit its function or tag",
        FallsOff "the end of a function can be passed",
        Unpriced "more instructions than the price of their segment allows",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // @need-ids: REQ_IMAGE_001, REQ_ERROR_003
    #[test]
    fn an_error_says_where_and_what_in_one_line() {
        let file = ImageError::File { offset: 12, rule: FileRule::Checksum };
        assert_eq!(file.to_string(), "corrupt image at byte 12: damaged: the checksum differs");
        let code = ImageError::Code { pc: 7, rule: CodeRule::Register };
        assert_eq!(code.to_string(), "corrupt image at instruction 7: a register outside of the frame");
        let missing = ImageError::LeftOut(Part::Linking);
        assert_eq!(missing.to_string(), "the image needs `linking`, which this build leaves out");
        for message in
            FileRule::ALL.iter().map(|rule| rule.message()).chain(CodeRule::ALL.iter().map(|rule| rule.message()))
        {
            assert!(!message.is_empty() && !message.contains('\n'));
        }
    }
}
