//! Digests of texts.

use sha2::{Digest, Sha256};

/// The first 16 hexadecimal digits of the SHA-256 of a text: enough to see a change that nobody makes on purpose.
pub fn digest(text: impl AsRef<[u8]>) -> String {
    use std::fmt::Write;
    Sha256::digest(text).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
