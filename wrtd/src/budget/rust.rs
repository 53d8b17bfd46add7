//! Constants in Rust that size storage for a module, and a check that storage is large enough.

// @need-ids: REQ_BUDGET_004

use super::report::Report;
use crate::failure::{Class, Failure, one_line};
use std::collections::BTreeSet;
use std::fmt::Write;
use wrt::budget::{Entry, Extent};

/// A file for `include!`.
///
/// # Errors
/// [`Class::Unsupported`] where the stack has no bound, with the reasons.
// @need-ids: REQ_BUDGET_004
pub(super) fn constants(report: &Report<'_>) -> Result<String, Failure> {
    let budget = report.budget;
    let needs = budget.stack.as_ref().map_err(|reasons| {
        let message = "no constants without a bound for the stack";
        let lines = reasons.iter().map(|reason| report.names.reason(reason)).collect();
        Failure::new(Class::Unsupported, message).in_file(&report.input.name).with_lines(lines)
    })?;
    let (ram, room) = (report.ram(), &budget.room);
    let Some(total) = ram.total() else {
        let message = "no constants while the length of an array comes from an imported global";
        return Err(Failure::new(Class::Unsupported, message).in_file(&report.input.name));
    };
    let mut file = File::default();
    file.line(&format!("// Storage for {}, computed by `wrtd budget`.", one_line(&report.input.name)));
    file.line("// Not to be edited: computed again whenever the module changes.");
    for line in report.assumptions() {
        file.line(&format!("// Taken for granted: {line}."));
    }
    file.line("");
    file.constant("Frames at once: `Limits::max_frames`.", "MAX_FRAMES", "u32", needs.frames);
    file.constant("Slots at once: `Limits::max_slots`.", "MAX_SLOTS", "u32", needs.slots);
    file.constant(
        "Length of a stack's slots, with the pad at their end.",
        "STACK_SLOTS",
        "usize",
        needs.storage_slots(),
    );
    file.constant("Length of a stack's frames: records of frames and marks.", "STACK_FRAMES", "usize", needs.records);
    for (name, entries, _) in &ram.slices {
        let doc = format!("Length of `Room::{name}`.");
        file.constant(&doc, &name.to_uppercase(), "usize", *entries);
    }
    file.list("Elements of each table, at its least size.", "TABLE_ELEMENTS", "TABLES", &room.tables);
    file.list("Bytes of each memory, at its least size.", "MEMORY_BYTES", "MEMORIES", &room.memories);
    file.constant("Bytes of the image.", "IMAGE_BYTES", "usize", budget.image.len() as u64);
    let doc = format!("Bytes of RAM in all on {}, memories and tables at their least sizes.", report.target.name);
    file.constant(&doc, "RAM_BYTES", "usize", total);
    file.roots(report);
    file.text.push_str(REQUIRE);
    Ok(file.text)
}

/// What is the same for every module.
const REQUIRE: &str = r#"
/// What there is, in entries; see [`require`].
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// `Limits::max_frames`.
    pub max_frames: u32,
    /// `Limits::max_slots`.
    pub max_slots: u32,
    /// Length of the stack's slots, with their pad.
    pub stack_slots: usize,
    /// Length of the stack's frames.
    pub stack_frames: usize,
    /// Length of `Room::funcs`.
    pub funcs: usize,
    /// Length of `Room::types`.
    pub types: usize,
    /// Length of `Room::val_types`.
    pub val_types: usize,
    /// Length of `Room::globals` and of `Room::global_types`.
    pub globals: usize,
    /// Length of `Room::tags`.
    pub tags: usize,
    /// Length of `Room::objects`.
    pub objects: usize,
    /// Length of `Room::handles`.
    pub handles: usize,
    /// Length of `Room::words`.
    pub words: usize,
    /// Length of `Room::entries`.
    pub entries: usize,
    /// Length of `Room::cells`.
    pub cells: usize,
    /// Elements of each table.
    pub table_elements: [usize; TABLES],
    /// Bytes of each memory.
    pub memory_bytes: [usize; MEMORIES],
}

/// The least storage.
#[allow(dead_code)]
pub const LEAST: Storage = Storage {
    max_frames: MAX_FRAMES,
    max_slots: MAX_SLOTS,
    stack_slots: STACK_SLOTS,
    stack_frames: STACK_FRAMES,
    funcs: FUNCS,
    types: TYPES,
    val_types: VAL_TYPES,
    globals: GLOBALS,
    tags: TAGS,
    objects: OBJECTS,
    handles: HANDLES,
    words: WORDS,
    entries: ENTRIES,
    cells: CELLS,
    table_elements: TABLE_ELEMENTS,
    memory_bytes: MEMORY_BYTES,
};

/// Fails where something is too small: at compile time in `const _: () = require(&STORAGE);`.
// A budget of 0 is checked like any other.
#[allow(dead_code, clippy::absurd_extreme_comparisons)]
pub const fn require(has: &Storage) {
    assert!(has.max_frames >= MAX_FRAMES, "the limit max_frames is below the module's budget");
    assert!(has.max_slots >= MAX_SLOTS, "the limit max_slots is below the module's budget");
    assert!(has.stack_slots >= STACK_SLOTS, "the stack has fewer slots than the module's budget");
    assert!(has.stack_frames >= STACK_FRAMES, "the stack has fewer frames than the module's budget");
    assert!(has.funcs >= FUNCS, "there are fewer functions than in the module's budget");
    assert!(has.types >= TYPES, "there are fewer types than in the module's budget");
    assert!(has.val_types >= VAL_TYPES, "there are fewer value types than in the module's budget");
    assert!(has.globals >= GLOBALS, "there are fewer globals than in the module's budget");
    assert!(has.tags >= TAGS, "there are fewer tags than in the module's budget");
    assert!(has.objects >= OBJECTS, "there are fewer objects than in the module's budget");
    assert!(has.handles >= HANDLES, "there are fewer handles than in the module's budget");
    assert!(has.words >= WORDS, "there are fewer words than in the module's budget");
    assert!(has.entries >= ENTRIES, "there are fewer entries than in the module's budget");
    assert!(has.cells >= CELLS, "there are fewer cells than in the module's budget");
    let mut at = 0;
    while at < TABLES {
        assert!(has.table_elements[at] >= TABLE_ELEMENTS[at], "a table is smaller than in the module's budget");
        at += 1;
    }
    at = 0;
    while at < MEMORIES {
        assert!(has.memory_bytes[at] >= MEMORY_BYTES[at], "a memory is smaller than in the module's budget");
        at += 1;
    }
}
"#;

#[derive(Default)]
struct File {
    text: String,
}

impl File {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn constant(&mut self, doc: &str, name: &str, ty: &str, value: u64) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "/// {doc}\n#[allow(dead_code)]\npub const {name}: {ty} = {value};");
    }

    fn list(&mut self, doc: &str, name: &str, length: &str, extents: &[Extent]) {
        let values = extents.iter().map(|extent| extent.min.to_string()).collect::<Vec<_>>().join(", ");
        let _ =
            writeln!(self.text, "/// {doc}\n#[allow(dead_code)]\npub const {name}: [usize; {length}] = [{values}];");
    }

    /// A module for each call from outside. A bound that there is none of has no constant: who relies on it does not build.
    fn roots(&mut self, report: &Report<'_>) {
        let mut taken = BTreeSet::new();
        for root in &report.budget.roots {
            let (name, what) = match &root.entry {
                Entry::Export(name) => {
                    (format!("export_{}", identifier(name)), format!("the export `{}`", one_line(name)))
                }
                Entry::Start => ("start".into(), "the start function".into()),
                Entry::Reference => continue,
            };
            let mut unique = name.clone();
            let mut number = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{name}_{number}");
                number += 1;
            }
            self.line(&format!("/// A call of {what}.\npub mod {unique} {{"));
            if let Ok(needs) = &root.stack {
                self.constant("Frames at once.", "MAX_FRAMES", "u32", needs.frames);
                self.constant("Slots at once.", "MAX_SLOTS", "u32", needs.slots);
            }
            if let Ok(fuel) = root.fuel {
                self.constant("The most fuel that it uses.", "FUEL", "u64", fuel);
            }
            self.line("}");
        }
    }
}

/// A name as far as it can stand in an identifier; other characters become underscores.
fn identifier(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_BUDGET_004
    #[test]
    fn any_name_makes_an_identifier() {
        assert_eq!(identifier("Tick-2 é"), "tick_2__");
        assert_eq!(identifier(""), "");
    }
}
