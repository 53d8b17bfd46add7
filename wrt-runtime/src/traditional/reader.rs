//! Reading bytecode: opcodes and immediates, each read checked (core 5.2, "values"). What is read is taken from the front.

// @need-ids: REQ_018, REQ_TRADITIONAL_001

/// Bytecode from the next byte on: its end stays where it is, and one comparison says whether there is more.
pub(super) type Code<'a> = core::slice::Iter<'a, u8>;

/// The longest number in LEB128, in bytes.
const LEB_BYTES: u32 = 10;

/// The next byte.
#[inline(always)]
pub(super) fn byte(code: &mut Code<'_>) -> Option<u8> {
    code.next().copied()
}

/// A number of at most `bits` bits in LEB128, its sign extended if it is signed; and how many bytes it takes, 0 for none.
///
/// Bits beyond are not looked at: validation has seen to them, and what hostile bytecode writes there means nothing.
// Out of line, and both results in registers: it must not cost those a stack frame whose numbers are short.
#[inline(never)]
fn leb<const SIGNED: bool>(code: &[u8], bits: u32) -> (u64, usize) {
    let (mut value, mut shift) = (0_u64, 0_u32);
    for (length, next) in (1..).zip(code.iter().take(LEB_BYTES as usize)) {
        value |= u64::from(next & 0x7F).wrapping_shl(shift);
        shift = shift.wrapping_add(7);
        if next & 0x80 == 0 {
            if SIGNED && next & 0x40 != 0 && shift < u64::BITS {
                value |= u64::MAX.wrapping_shl(shift);
            }
            return (value, length);
        }
        if shift >= bits {
            break;
        }
    }
    (0, 0)
}

/// A number of which most are one byte, in which `short` finds it.
#[inline(always)]
fn number<const SIGNED: bool>(code: &mut Code<'_>, bits: u32, short: impl Fn(u8) -> u64) -> Option<u64> {
    let mut after = code.clone();
    if let Some(&one) = after.next()
        && one < 0x80
    {
        *code = after;
        return Some(short(one));
    }
    let (value, length) = leb::<SIGNED>(code.as_slice(), bits);
    if length == 0 {
        return None;
    }
    *code = code.as_slice().get(length..)?.iter();
    Some(value)
}

/// An index, a count, or a 32-bit offset.
#[inline(always)]
pub(super) fn u32(code: &mut Code<'_>) -> Option<u32> {
    number::<false>(code, 32, u64::from).map(|value| value as u32)
}

/// An offset of an access.
#[inline(always)]
pub(super) fn u64(code: &mut Code<'_>) -> Option<u64> {
    number::<false>(code, 64, u64::from)
}

/// The constant of `i32.const` as a slot.
#[inline(always)]
pub(super) fn i32(code: &mut Code<'_>) -> Option<u64> {
    i64(code).map(|value| value as u32 as u64)
}

/// The constant of `i64.const` as a slot.
#[inline(always)]
pub(super) fn i64(code: &mut Code<'_>) -> Option<u64> {
    number::<true>(code, 64, |one| ((one as i8) << 1 >> 1) as i64 as u64)
}

/// A heap type, or any other signed number of 33 bits, its sign extended.
#[inline(always)]
pub(super) fn s33(code: &mut Code<'_>) -> Option<u64> {
    number::<true>(code, 33, |one| ((one as i8) << 1 >> 1) as i64 as u64)
}

/// Passes over one.
#[inline(always)]
pub(super) fn skip_s33(code: &mut Code<'_>) -> Option<()> {
    s33(code).map(|_| ())
}

/// Passes over a value type or block type (core 5.3, "types"): of references that are not in the short form a heap
/// type follows.
#[inline(always)]
pub(super) fn skip_type(code: &mut Code<'_>) -> Option<()> {
    if let [0x63 | 0x64, ..] = code.as_slice() {
        code.next();
    }
    skip_s33(code)
}

/// `N` bytes as they are.
#[inline(always)]
pub(super) fn bytes<const N: usize>(code: &mut Code<'_>) -> Option<[u8; N]> {
    let (bytes, rest) = code.as_slice().split_first_chunk::<N>()?;
    *code = rest.iter();
    Some(*bytes)
}

/// The memory and the offset of an access (core 5.4.6, "memarg").
#[inline(always)]
pub(super) fn memarg(code: &mut Code<'_>) -> Option<(u32, u64)> {
    let start = code.clone();
    if byte(code)? & 0xC0 == 0 {
        return Some((0, u64(code)?));
    }
    // One that names its memory. An alignment in more bytes than one is legal, if nobody's way of writing it.
    *code = start;
    let memory = if u32(code)? & 0x40 == 0 { 0 } else { u32(code)? };
    Some((memory, u64(code)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, and how many bytes it took.
    fn read<T>(code: &[u8], reader: impl Fn(&mut Code<'_>) -> Option<T>) -> Option<(T, usize)> {
        let mut rest = code.iter();
        let value = reader(&mut rest)?;
        Some((value, code.len() - rest.len()))
    }

    // @need-ids: REQ_TRADITIONAL_001, REQ_018
    #[test]
    fn numbers_are_read_as_the_specification_writes_them() {
        assert_eq!(read(&[0x7F], u32), Some((127, 1)));
        assert_eq!(read(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F], u32), Some((u32::MAX, 5)));
        assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], u32), None);
        assert_eq!(read(&[0x7F], i32), Some((0xFFFF_FFFF, 1)));
        assert_eq!(read(&[0x40], i32), Some((0xFFFF_FFC0, 1)));
        assert_eq!(read(&[0x3F], i32), Some((63, 1)));
        assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x78], i32), Some((0x8000_0000, 5)));
        assert_eq!(read(&[0x7F], i64), Some((u64::MAX, 1)));
        let least = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F];
        assert_eq!(read(&least, i64), Some((1 << 63, 10)));
        assert_eq!(read(&[0x80; 12], i64), None);
        assert_eq!(read(&[0xFF, 0xFF], i64), None);
        let most = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        assert_eq!(read(&most, u64), Some((u64::MAX, 10)));
        assert_eq!(read(&[0x02, 0x04], memarg), Some(((0, 4), 2)));
        assert_eq!(read(&[0x42, 0x05, 0x80, 0x01], memarg), Some(((5, 128), 4)));
        assert_eq!(read(&[0x82, 0x00, 0x03], memarg), Some(((0, 3), 3)));
        assert_eq!(read(&[0x02], memarg), None);
        assert_eq!(read(&[0x40], skip_type), Some(((), 1)));
        assert_eq!(read(&[0x64, 0x80, 0x01], skip_type), Some(((), 3)));
        assert_eq!(read(&[0x83, 0x01], skip_type), Some(((), 2)));
    }
}
