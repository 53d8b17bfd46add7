//! The sections of a module or an image: kinds and sizes, read from what has been found valid before.

use crate::failure::one_line;
use serde_json::{Value, json};
use wrt_runtime::image::format;

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its kind; of a custom section also its name.
    pub name: String,
    /// Where its content begins, in bytes from the start of the file.
    pub offset: usize,
    /// Length of its content in bytes.
    pub length: usize,
    /// How many entries it has, where it has a number of them.
    pub entries: Option<u64>,
}

impl Section {
    /// For people.
    pub fn line(&self) -> String {
        let Self { name, offset, length, entries } = self;
        let entries = match entries {
            Some(1) => ", 1 entry".into(),
            Some(entries) => format!(", {entries} entries"),
            None => String::new(),
        };
        format!("{:<16} {length:>9} bytes at {offset:#x}{entries}", one_line(name))
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({ "name": self.name, "offset": self.offset, "bytes": self.length, "entries": self.entries })
    }
}

/// Names of the sections of the binary format, by their numbers.
const NAMES: [&str; 14] = [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
];

/// The sections of a binary module (core 5.5.2).
pub fn of_module(bytes: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut at = 8;
    while let Some(id) = bytes.get(at).copied() {
        let Some((length, start)) = number(bytes, at + 1) else { break };
        let (Ok(length), id_name) = (usize::try_from(length), NAMES.get(usize::from(id)).copied()) else { break };
        let Some(content) = start.checked_add(length).and_then(|end| bytes.get(start..end)) else { break };
        let name = id_name.map_or_else(|| format!("section {id}"), str::to_owned);
        let (name, entries) = match id {
            0 => (custom_name(content), None),
            // The start section is one index, and the count of data segments is one number.
            8 | 12 => (name, None),
            _ => (name, number(content, 0).map(|(count, _)| count)),
        };
        sections.push(Section { name, offset: start, length, entries });
        at = start + length;
    }
    sections
}

fn custom_name(content: &[u8]) -> String {
    let name = number(content, 0).and_then(|(length, start)| {
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        content.get(start..end)
    });
    format!("custom \"{}\"", String::from_utf8_lossy(name.unwrap_or_default()))
}

/// The LEB128 number at `at`, and where it ends.
fn number(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

/// Bytes of an image's header, and of an entry of the table that follows it.
const HEADER: usize = size_of::<format::Header>();
const ENTRY: usize = size_of::<format::SectionEntry>();

/// The sections of an image.
pub fn of_image(bytes: &[u8]) -> Vec<Section> {
    // The number of sections stands in front of the header's 32 reserved bytes.
    let count = word(bytes, HEADER - 36).unwrap_or(0) as usize;
    let entries = (0..count).map_while(|index| {
        let at = index.checked_mul(ENTRY)?.checked_add(HEADER)?;
        let (kind, offset, length) = (word(bytes, at)?, word(bytes, at + 4)?, word(bytes, at + 8)?);
        let kind = format::Section::from_number(kind)?;
        let record = kind.record_bytes();
        Some(Section {
            name: format!("{kind:?}").to_lowercase(),
            offset: offset as usize,
            length: length as usize,
            entries: (record > 1).then_some(u64::from(length) / record as u64),
        })
    });
    entries.collect()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001
    #[test]
    fn sections_of_a_module() {
        let bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x00\x03\x02hi\x03\x02\x01\0";
        let sections = of_module(bytes);
        let shown: Vec<_> = sections.iter().map(|section| (section.name.as_str(), section.length)).collect();
        assert_eq!(shown, [("type", 4), ("custom \"hi\"", 3), ("function", 2)]);
        assert_eq!(sections[0].entries, Some(1));
        assert_eq!(sections[0].line(), "type                     4 bytes at 0xa, 1 entry");
        // Whatever is cut off or wrong ends the list.
        for end in 0..bytes.len() {
            assert!(of_module(&bytes[..end]).len() <= 3);
        }
        assert_eq!(of_module(b"\0asm\x01\0\0\0\x01\xFF\xFF\xFF\xFF\xFF\xFF"), []);
        assert_eq!(of_image(b"\0wrt"), []);
    }
}
