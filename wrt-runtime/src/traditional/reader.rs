//! Reading bytecode: opcodes and immediates, each read checked (core 5.2, "values").

/// The byte at `pc`, and the position after it.
#[inline(always)]
pub(super) fn byte(code: &[u8], pc: u32) -> Option<(u8, u32)> {
    Some((*code.get(pc as usize)?, pc.wrapping_add(1)))
}

/// A number of at most `bits` bits in LEB128, its sign extended if it is signed; and the position after it.
///
/// Bits beyond are not looked at: validation has seen to them, and what hostile bytecode writes there means nothing.
fn leb<const SIGNED: bool>(code: &[u8], mut pc: u32, bits: u32) -> Option<(u64, u32)> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    loop {
        let (next, after) = byte(code, pc)?;
        pc = after;
        value |= u64::from(next & 0x7F).wrapping_shl(shift);
        shift = shift.wrapping_add(7);
        if next & 0x80 == 0 {
            if SIGNED && next & 0x40 != 0 && shift < u64::BITS {
                value |= u64::MAX.wrapping_shl(shift);
            }
            return Some((value, pc));
        }
        if shift >= bits {
            return None;
        }
    }
}

/// An index, a count, or a 32-bit offset. Most are one byte.
#[inline(always)]
pub(super) fn u32(code: &[u8], pc: u32) -> Option<(u32, u32)> {
    match code.get(pc as usize) {
        Some(&one) if one < 0x80 => Some((one.into(), pc.wrapping_add(1))),
        _ => long_u32(code, pc),
    }
}

#[cold]
#[inline(never)]
fn long_u32(code: &[u8], pc: u32) -> Option<(u32, u32)> {
    leb::<false>(code, pc, 32).map(|(value, pc)| (value as u32, pc))
}

/// An offset of an access.
#[inline(always)]
pub(super) fn u64(code: &[u8], pc: u32) -> Option<(u64, u32)> {
    match code.get(pc as usize) {
        Some(&one) if one < 0x80 => Some((one.into(), pc.wrapping_add(1))),
        _ => leb::<false>(code, pc, 64),
    }
}

/// The constant of `i32.const` as a slot.
#[inline(always)]
pub(super) fn i32(code: &[u8], pc: u32) -> Option<(u64, u32)> {
    match code.get(pc as usize) {
        Some(&one) if one < 0x80 => Some((((one as i8) << 1 >> 1) as i32 as u32 as u64, pc.wrapping_add(1))),
        _ => leb::<true>(code, pc, 32).map(|(value, pc)| (value as u32 as u64, pc)),
    }
}

/// The constant of `i64.const` as a slot.
#[inline(always)]
pub(super) fn i64(code: &[u8], pc: u32) -> Option<(u64, u32)> {
    match code.get(pc as usize) {
        Some(&one) if one < 0x80 => Some((((one as i8) << 1 >> 1) as i64 as u64, pc.wrapping_add(1))),
        _ => leb::<true>(code, pc, 64),
    }
}

/// The position after a heap type, or any other signed number of 33 bits.
pub(super) fn skip_s33(code: &[u8], pc: u32) -> Option<u32> {
    leb::<true>(code, pc, 33).map(|(_, pc)| pc)
}

/// The position after a value type or block type (core 5.3, "types"): of references that are not in the short form a heap
/// type follows.
#[inline(always)]
pub(super) fn skip_type(code: &[u8], pc: u32) -> Option<u32> {
    match byte(code, pc)? {
        (0x63 | 0x64, after) => skip_s33(code, after),
        (one, after) if one < 0x80 => Some(after),
        _ => skip_s33(code, pc),
    }
}

/// `N` bytes as they are.
#[inline(always)]
pub(super) fn bytes<const N: usize>(code: &[u8], pc: u32) -> Option<([u8; N], u32)> {
    let bytes = code.get(pc as usize..)?.first_chunk::<N>()?;
    Some((*bytes, pc.wrapping_add(N as u32)))
}

/// The memory and the offset of an access (core 5.4.6, "memarg"), and the position after it.
#[inline(always)]
pub(super) fn memarg(code: &[u8], pc: u32) -> Option<(u32, u64, u32)> {
    let (flags, pc) = byte(code, pc)?;
    if flags & 0xC0 != 0 {
        return long_memarg(code, flags, pc);
    }
    let (offset, pc) = u64(code, pc)?;
    Some((0, offset, pc))
}

/// One that names its memory. An alignment in more bytes than one is legal, if nobody's way of writing it.
#[cold]
#[inline(never)]
fn long_memarg(code: &[u8], flags: u8, pc: u32) -> Option<(u32, u64, u32)> {
    let (flags, pc) = if flags & 0x80 == 0 { (u32::from(flags), pc) } else { long_u32(code, pc.wrapping_sub(1))? };
    let (memory, pc) = if flags & 0x40 == 0 { (0, pc) } else { u32(code, pc)? };
    let (offset, pc) = u64(code, pc)?;
    Some((memory, offset, pc))
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_TRADITIONAL_001, REQ_018
    #[test]
    fn numbers_are_read_as_the_specification_writes_them() {
        assert_eq!(u32(&[0x7F], 0), Some((127, 1)));
        assert_eq!(u32(&[9, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], 1), Some((u32::MAX, 6)));
        assert_eq!(u32(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 0), None);
        assert_eq!(i32(&[0x7F], 0), Some((0xFFFF_FFFF, 1)));
        assert_eq!(i32(&[0x40], 0), Some((0xFFFF_FFC0, 1)));
        assert_eq!(i32(&[0x3F], 0), Some((63, 1)));
        assert_eq!(i32(&[0x80, 0x80, 0x80, 0x80, 0x78], 0), Some((0x8000_0000, 5)));
        assert_eq!(i64(&[0x7F], 0), Some((u64::MAX, 1)));
        let least = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F];
        assert_eq!(i64(&least, 0), Some((1 << 63, 10)));
        assert_eq!(i64(&[0x80; 12], 0), None);
        assert_eq!(u64(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], 0), Some((u64::MAX, 10)));
        assert_eq!(memarg(&[0x02, 0x04], 0), Some((0, 4, 2)));
        assert_eq!(memarg(&[0x42, 0x05, 0x80, 0x01], 0), Some((5, 128, 4)));
        assert_eq!(memarg(&[0x82, 0x00, 0x03], 0), Some((0, 3, 3)));
        assert_eq!(memarg(&[0x02], 0), None);
        assert_eq!(skip_type(&[0x40], 0), Some(1));
        assert_eq!(skip_type(&[0x64, 0x80, 0x01], 0), Some(3));
        assert_eq!(skip_type(&[0x83, 0x01], 0), Some(2));
    }
}
