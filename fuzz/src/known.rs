//! Differences that are the other runtime's fault: a list, which fails where an entry of it does not differ any more.

/// A module that the other runtime runs wrongly.
#[derive(Clone, Copy, Debug)]
pub struct KnownFault {
    /// The seed that makes it.
    pub seed: u64,
    /// The checksum of its bytes.
    pub checksum: u32,
    /// What shows whose fault it is.
    pub reason: &'static str,
}

const LIST: &str = include_str!("../known-faults.txt");

/// The list.
///
/// # Panics
/// Where a line is not one of seed, checksum and reason.
pub fn all() -> impl Iterator<Item = KnownFault> {
    LIST.lines().filter(|line| !line.starts_with('#')).map(|line| entry(line).expect(line))
}

fn entry(line: &'static str) -> Option<KnownFault> {
    let (seed, rest) = line.split_once(' ')?;
    let (checksum, reason) = rest.split_once(' ')?;
    let checksum = u32::from_str_radix(checksum, 16).ok()?;
    Some(KnownFault { seed: seed.parse().ok()?, checksum, reason })
}

/// Whether a module is on the list.
pub fn has(wasm: &[u8]) -> bool {
    let checksum = wrt_safety::crc32(wasm);
    all().any(|fault| fault.checksum == checksum)
}
