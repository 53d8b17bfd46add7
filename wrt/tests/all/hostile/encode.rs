//! Binary modules by hand: what no encoder would write.

/// Opcodes and other bytes of the binary format (core 5).
pub(crate) mod byte {
    pub(crate) const SUB: u8 = 0x50;
    pub(crate) const REC: u8 = 0x4E;
    pub(crate) const FUNC: u8 = 0x60;
    pub(crate) const I32: u8 = 0x7F;
    pub(crate) const I64: u8 = 0x7E;
    pub(crate) const V128: u8 = 0x7B;
    pub(crate) const FUNCREF: u8 = 0x70;
    pub(crate) const REF_NULL: u8 = 0x63;
    pub(crate) const EMPTY: u8 = 0x40;
    pub(crate) const UNREACHABLE: u8 = 0x00;
    pub(crate) const BLOCK: u8 = 0x02;
    pub(crate) const LOOP: u8 = 0x03;
    pub(crate) const IF: u8 = 0x04;
    pub(crate) const ELSE: u8 = 0x05;
    pub(crate) const END: u8 = 0x0B;
    pub(crate) const BR: u8 = 0x0C;
    pub(crate) const BR_IF: u8 = 0x0D;
    pub(crate) const BR_TABLE: u8 = 0x0E;
    pub(crate) const CALL: u8 = 0x10;
    pub(crate) const CALL_INDIRECT: u8 = 0x11;
    pub(crate) const DROP: u8 = 0x1A;
    pub(crate) const LOCAL_GET: u8 = 0x20;
    pub(crate) const LOCAL_SET: u8 = 0x21;
    pub(crate) const LOCAL_TEE: u8 = 0x22;
    pub(crate) const I32_CONST: u8 = 0x41;
    pub(crate) const I32_EQZ: u8 = 0x45;
    pub(crate) const I32_ADD: u8 = 0x6A;
    pub(crate) const REF_FUNC: u8 = 0xD2;
}

/// Numbers of sections.
pub(crate) mod section {
    pub(crate) const CUSTOM: u8 = 0;
    pub(crate) const TYPE: u8 = 1;
    pub(crate) const IMPORT: u8 = 2;
    pub(crate) const FUNCTION: u8 = 3;
    pub(crate) const TABLE: u8 = 4;
    pub(crate) const MEMORY: u8 = 5;
    pub(crate) const GLOBAL: u8 = 6;
    pub(crate) const EXPORT: u8 = 7;
    pub(crate) const ELEMENT: u8 = 9;
    pub(crate) const CODE: u8 = 10;
    pub(crate) const DATA: u8 = 11;
}

/// An unsigned number in LEB128.
pub(crate) fn leb(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A type's number where a heap type may stand: a signed LEB128 of 33 bits that is not negative.
pub(crate) fn heap_type(index: u32) -> Vec<u8> {
    let mut bytes = leb(index);
    if let Some(last) = bytes.last_mut().filter(|last| **last & 0x40 != 0) {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// A list: its length, then its items.
pub(crate) fn list(count: usize, item: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = leb(count as u32);
    for index in 0..count {
        bytes.extend(item(index));
    }
    bytes
}

/// Bytes behind their length.
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    [&leb(bytes.len() as u32)[..], bytes].concat()
}

/// A module of these sections.
pub(crate) fn module(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    for (id, content) in sections {
        bytes.push(*id);
        bytes.extend(sized(content));
    }
    bytes
}

/// A function type of `i32`s.
pub(crate) fn func_type(params: usize, results: usize) -> Vec<u8> {
    let i32s = |count| list(count, |_| vec![byte::I32]);
    [vec![byte::FUNC], i32s(params), i32s(results)].concat()
}

/// A function's entry in the code section: runs of locals, and operators without the last `end`.
pub(crate) fn body(locals: &[(u32, u8)], operators: &[u8]) -> Vec<u8> {
    let locals = list(locals.len(), |at| [leb(locals[at].0), vec![locals[at].1]].concat());
    sized(&[&locals[..], operators, &[byte::END]].concat())
}

/// A module of functions of type 0, which takes and gives so many `i32`s; the first is exported as `f`.
pub(crate) fn functions((params, results): (usize, usize), bodies: &[Vec<u8>]) -> Vec<u8> {
    module(&[
        (section::TYPE, list(1, |_| func_type(params, results))),
        (section::FUNCTION, list(bodies.len(), |_| vec![0])),
        (section::EXPORT, list(1, |_| [sized(b"f"), vec![0, 0]].concat())),
        (section::CODE, list(bodies.len(), |at| bodies[at].clone())),
    ])
}
