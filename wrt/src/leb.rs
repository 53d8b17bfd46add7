//! Numbers of modules as they are usually coded: LEB128 of at most four bytes.
//!
//! For what is read by the hundred thousand while a module is loaded. Of so few bytes each number is in the range of whatever it is
//! read as, so there is no error: what is longer, or has no end, is left to wasmparser's reader.

// @need-ids: REQ_WASM_001

/// A number and how many bits are coded.
#[inline]
fn leb(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    let low = |byte: u8| u32::from(byte & 0x7f);
    match bytes {
        [a @ ..0x80, rest @ ..] => Some((u32::from(*a), 7, rest)),
        [a, b @ ..0x80, rest @ ..] => Some((low(*a) | low(*b) << 7, 14, rest)),
        [a, b, c @ ..0x80, rest @ ..] => Some((low(*a) | low(*b) << 7 | low(*c) << 14, 21, rest)),
        [a, b, c, d @ ..0x80, rest @ ..] => Some((low(*a) | low(*b) << 7 | low(*c) << 14 | low(*d) << 21, 28, rest)),
        _ => None,
    }
}

/// An unsigned number, and what is behind it.
#[inline]
pub(crate) fn unsigned(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (value, _, rest) = leb(bytes)?;
    Some((value, rest))
}

/// A signed number, and what is behind it.
#[inline]
pub(crate) fn signed<T: From<i32>>(bytes: &[u8]) -> Option<(T, &[u8])> {
    let (value, bits, rest) = leb(bytes)?;
    let unused = 32_u32.saturating_sub(bits);
    Some((T::from((value << unused).cast_signed() >> unused), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use wasmparser::BinaryReader;

    // @need-ids: REQ_WASM_001
    #[test]
    fn numbers_are_those_that_the_reader_reads_or_none() {
        let bytes = [0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff];
        let mut codes: Vec<Vec<u8>> = alloc::vec![Vec::new()];
        let mut longest = codes.clone();
        for _ in 0..5 {
            let longer = |code: &Vec<u8>| bytes.map(|byte| [code.as_slice(), &[byte]].concat());
            longest = longest.iter().flat_map(longer).collect();
            codes.extend_from_slice(&longest);
        }
        let mut long = 0;
        for code in &codes {
            let (mut u32s, mut i32s, mut i64s) = [(); 3].map(|()| BinaryReader::new(code, 0)).into();
            let read = (u32s.read_var_u32().ok(), i32s.read_var_i32().ok(), i64s.read_var_i64().ok());
            let rest = code.get(u32s.current_position()..).unwrap_or_default();
            match (unsigned(code), signed::<i32>(code), signed::<i64>(code)) {
                (Some((u, behind)), Some((i, _)), Some((l, _))) => {
                    assert_eq!((Some(u), Some(i), Some(l), rest), (read.0, read.1, read.2, behind), "{code:x?}");
                }
                (None, None, None) => {
                    assert!(code.len() == 5 || read.0.is_none(), "{code:x?}");
                    long += 1;
                }
                _ => panic!("{code:x?}"),
            }
        }
        assert!(long > 1000, "{long}");
    }
}
