//! The sections of a module or an image: kinds and sizes, read from what has been found valid before.

// @need-ids: REQ_CLI_001

use crate::failure::one_line;
use serde_json::{Value, json};
use std::fmt;
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
    let name = named(content).map(|(name, _)| name);
    format!("custom \"{}\"", String::from_utf8_lossy(name.unwrap_or_default()))
}

/// The content of the custom section called `name`, if there is one among `sections` of the module `bytes`.
pub fn custom<'a>(bytes: &'a [u8], sections: &[Section], name: &str) -> Option<&'a [u8]> {
    let called = format!("custom \"{name}\"");
    let section = sections.iter().find(|section| section.name == called)?;
    let content = bytes.get(section.offset..section.offset.checked_add(section.length)?)?;
    named(content).map(|(_, content)| content)
}

/// The name of a custom section, and what follows it.
fn named(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, start) = number(content, 0)?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    Some((content.get(start..end)?, content.get(end..)?))
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

/// The sections of an image that have anything in them.
pub fn of_image(bytes: &[u8]) -> Vec<Section> {
    let Some((header, _)) = format::Header::read(bytes) else { return Vec::new() };
    let Some((counts, rest)) = header.sections(bytes) else { return Vec::new() };
    let mut at = bytes.len().saturating_sub(rest.len());
    let mut sections = Vec::new();
    let mut add = |kind: &dyn fmt::Debug, at: usize, length: usize, record: usize| {
        let entries = (record > 1).then_some((length / record) as u64);
        sections.push(Section { name: format!("{kind:?}").to_lowercase(), offset: at, length, entries });
    };
    for (section, count) in format::Section::ALL.iter().zip(counts) {
        let record = section.record_bytes();
        let length = (count as usize).saturating_mul(record);
        if length > 0 {
            add(section, at, length, record);
        }
        at = at.saturating_add(length);
    }
    while let Some((header, _)) = bytes.get(at..).and_then(format::OptionalHeader::read) {
        let kind = header.kind.get();
        let Some(section) = format::OptionalSection::ALL.iter().find(|section| **section as u32 == kind) else { break };
        at = at.saturating_add(size_of_val(header));
        add(section, at, header.length.get() as usize, section.record_bytes());
        at = at.saturating_add(header.length.get() as usize);
    }
    sections
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
