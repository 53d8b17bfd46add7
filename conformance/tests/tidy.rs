//! The rules of this repository, as tests.
//!
//! Each rule is a function from the files of the tree to a list of what is wrong. Beside the test that the tree obeys it,
//! each rule has a negative control: a tree with a fault seeded in it, which the rule must refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FILE_LINES: usize = 1_000;
const FUNCTION_LINES: usize = 70;

/// Files that may be long, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[("wrt-instructions/src/table.rs", "one list: the operator table")];

/// Functions that may be long, each with the reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Lines of the device crates that may name `std` or could panic, each with the reason.
const DEVICE_EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "wrt-instructions/src/lib.rs",
    "extern crate std;",
    "feature `std`: rounding and square roots by the host's instructions",
)];

/// Folders of the crates, bottom up: a crate may use only what stands before it.
const LAYERS: &[(&str, &str)] = &[
    ("safety", "wrt-safety"),
    ("wrt-instructions", "wrt-instructions"),
    ("wrt-runtime", "wrt-runtime"),
    ("wrt", "wrt"),
    ("wrt-component", "wrt-component"),
    ("wrt-wasi", "wrt-wasi"),
    ("wrtd", "wrtd"),
    ("conformance", "conformance"),
];

/// How many of the layers, from the bottom, go into a device.
const DEVICE_LAYERS: usize = 3;

/// What the device crates may use beside each other.
const DEVICE_DEPENDENCIES: &[&str] = &["bytemuck", "defmt", "heapless", "libm", "wide", "zerocopy"];

/// Folders that are made by tools, wherever they are.
const SKIPPED_FOLDERS: &[&str] = &[".git", "target", "_build", "__pycache__", ".venv", "corpus", "artifacts", "peers"];

// --- The tree ------------------------------------------------------------------------------------

struct File {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
    /// The text of Rust code without comments, strings and tests; lines stay where they are.
    code: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        let is_rust = has_extension(path, "rs");
        let code = if is_rust && !is_test_file(path) {
            without_tests(&without_comments_and_strings(text))
        } else {
            String::new()
        };
        Self { path: path.into(), text: text.into(), code }
    }

    fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    fn is_docs(&self) -> bool {
        self.path.starts_with("docs/") && (has_extension(&self.path, "rst") || has_extension(&self.path, "md"))
    }

    /// Of the crates that go into a device: what is compiled into it, not build scripts or tests.
    fn is_device_source(&self) -> bool {
        self.is_rust()
            && LAYERS[..DEVICE_LAYERS].iter().any(|(folder, _)| self.path.starts_with(&format!("{folder}/src/")))
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.contains("/benches/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

fn tree() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace");
    let mut files = Vec::new();
    walk(root, root, &mut files);
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "an empty tree obeys every rule");
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().expect("named").to_string_lossy().into_owned();
        if entry.is_symlink() || SKIPPED_FOLDERS.contains(&name.as_str()) {
            continue;
        }
        if entry.is_dir() {
            walk(root, &entry, files);
            continue;
        }
        // A file may vanish while another build is at work in the tree.
        let Ok(bytes) = fs::read(&entry) else { continue };
        let path = entry.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        files.push(File::new(&path, &String::from_utf8_lossy(&bytes)));
    }
}

// --- Reading Rust ----------------------------------------------------------------------------------

/// Blanks comments, strings and character literals, leaving every newline where it is.
fn without_comments_and_strings(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => find(bytes, at, b"\n").unwrap_or(bytes.len()),
            b'/' if bytes[at..].starts_with(b"/*") => end_of_block_comment(bytes, at),
            b'"' => end_of_quoted(bytes, at),
            b'r' if !follows_name(bytes, at) => end_of_raw_string(bytes, at),
            b'\'' => end_of_character(bytes, at),
            _ => at,
        };
        if end == at {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(bytes[at..end].iter().map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }));
            at = end;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|window| window == what).map(|found| from + found)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_name(bytes[at - 1]) && !(bytes[at - 1] == b'b' && (at < 2 || !is_name(bytes[at - 2])))
}

fn end_of_block_comment(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn end_of_quoted(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn end_of_raw_string(bytes: &[u8], start: usize) -> usize {
    let hashes = bytes[start + 1..].iter().take_while(|&&byte| byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return start;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    find(bytes, open + 1, &close).map_or(bytes.len(), |found| found + close.len())
}

/// A lifetime has no closing quote after one character.
fn end_of_character(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start + 1) {
        Some(b'\\') => find(bytes, start + 3, b"'").map_or(start, |found| found + 1),
        Some(_) => {
            let wide = bytes[start + 1..].iter().skip(1).take_while(|&&byte| byte & 0xC0 == 0x80).count();
            if bytes.get(start + 2 + wide) == Some(&b'\'') { start + 3 + wide } else { start }
        }
        None => start,
    }
}

/// Blanks what `#[cfg(test)]` stands before.
fn without_tests(code: &str) -> String {
    const ATTRIBUTE: &[u8] = b"#[cfg(test)]";
    let mut bytes = code.as_bytes().to_vec();
    let mut at = 0;
    while let Some(start) = find(&bytes, at, ATTRIBUTE) {
        let end = end_of_item(&bytes, start + ATTRIBUTE.len());
        bytes[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The end of the item that begins here: its closing brace, or the semicolon of one without braces.
fn end_of_item(bytes: &[u8], start: usize) -> usize {
    let mut brackets = 0_i32;
    let mut braces = 0_i32;
    for (offset, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b'{' => braces += 1,
            b'}' => braces -= 1,
            _ => {}
        }
        if (*byte == b'}' && braces <= 0) || (*byte == b';' && braces == 0 && brackets == 0) {
            return start + offset + 1;
        }
    }
    bytes.len()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].split(|&byte| byte == b'\n').count()
}

// --- Marks -----------------------------------------------------------------------------------------

struct Item {
    id: String,
    status: String,
    verification: String,
    links: Vec<String>,
    place: String,
}

/// The items that the documentation defines.
fn items(files: &[File]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for file in files.iter().filter(|file| file.is_docs()) {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.trim();
            if let Some(id) = line.strip_prefix(":id:") {
                let place = format!("{}:{}", file.path, number + 1);
                let (status, verification) = (String::new(), String::new());
                items.push(Item { id: id.trim().into(), status, verification, links: Vec::new(), place });
                continue;
            }
            let (Some(item), Some((option, value))) =
                (items.last_mut(), line.strip_prefix(':').and_then(|line| line.split_once(':')))
            else {
                continue;
            };
            match option {
                "status" => item.status = value.trim().into(),
                "verification" => item.verification = value.trim().into(),
                "links" => item.links = value.split(',').map(|id| id.trim().into()).collect(),
                _ => {}
            }
        }
    }
    items
}

/// The identifiers in a line, if it is a mark.
fn mark(line: &str) -> Option<Vec<&str>> {
    let line = line.trim();
    let comment = line.strip_prefix("//").or_else(|| line.strip_prefix('#'))?.trim_start_matches(['/', '!']).trim();
    let ids = comment.strip_prefix("@need-ids")?;
    Some(ids.strip_prefix(':').unwrap_or("").split(',').map(str::trim).collect())
}

/// What is no Rust and has marks too: tests in scripts, and campaigns.
const MARKED: [&str; 3] = [".ci/run", "firmware/run.sh", "docs/campaigns.toml"];

/// Every identifier that a mark names, with the places.
fn marks(files: &[File]) -> BTreeMap<&str, Vec<String>> {
    let mut marks: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.is_rust() || MARKED.contains(&file.path.as_str())) {
        for (number, line) in file.text.lines().enumerate() {
            for id in mark(line).into_iter().flatten() {
                marks.entry(id).or_default().push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    marks
}

fn duplicate_items(files: &[File]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut wrong = Vec::new();
    for item in items(files) {
        if let Some(first) = seen.insert(item.id.clone(), item.place.clone()) {
            wrong.push(format!("{}: {} is already defined at {first}", item.place, item.id));
        }
    }
    wrong
}

fn dangling_marks(files: &[File]) -> Vec<String> {
    let defined: BTreeSet<String> = items(files).into_iter().map(|item| item.id).collect();
    let mut wrong = Vec::new();
    for (id, places) in marks(files) {
        if !defined.contains(id) {
            wrong.push(format!("{}: `{id}` is defined nowhere in docs/", places.join(", ")));
        }
    }
    wrong
}

fn repeated_in_a_mark(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        for (number, line) in file.text.lines().enumerate() {
            let ids = mark(line).unwrap_or_default();
            let distinct: BTreeSet<_> = ids.iter().collect();
            if distinct.len() != ids.len() {
                wrong.push(format!("{}:{}: the mark names an item twice", file.path, number + 1));
            }
        }
    }
    wrong
}

/// A test in the device crates or here says what it is for, at most three lines above or below its attribute.
fn unmarked_tests(files: &[File]) -> Vec<String> {
    let marked_folders: Vec<_> =
        LAYERS[..DEVICE_LAYERS].iter().map(|(folder, _)| *folder).chain(["conformance"]).collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        if !marked_folders.iter().any(|folder| file.path.starts_with(&format!("{folder}/"))) {
            continue;
        }
        let lines: Vec<_> = file.text.lines().collect();
        let code = without_comments_and_strings(&file.text);
        for (number, _) in code.lines().enumerate().filter(|(_, line)| line.trim() == "#[test]") {
            let function = (number..lines.len()).find(|&at| lines[at].contains("fn ")).unwrap_or(number);
            let near = number.saturating_sub(3)..function.min(number + 4).min(lines.len());
            if !lines[near].iter().any(|line| mark(line).is_some()) {
                wrong.push(format!("{}:{}: the test has no mark", file.path, number + 1));
            }
        }
    }
    wrong
}

/// What is called built, or built in part, is named by a mark; design and implementation items may be named by way of a
/// requirement that they link. What is verified by review alone is no code, so it needs no mark.
fn built_without_mark(files: &[File]) -> Vec<String> {
    let marks = marks(files);
    let mut wrong = Vec::new();
    for item in items(files).iter().filter(|item| item.status == "built" || item.status == "partial") {
        let by_link = item.id.starts_with("SPEC_") || item.id.starts_with("IMPL_");
        let named = item.verification == "review"
            || marks.contains_key(item.id.as_str())
            || (by_link && item.links.iter().any(|id| id.starts_with("REQ_") && marks.contains_key(id.as_str())));
        if !named {
            wrong.push(format!("{}: {} is called {}, but no mark names it", item.place, item.id, item.status));
        }
    }
    wrong
}

// --- Shape -----------------------------------------------------------------------------------------

fn long_files(files: &[File]) -> Vec<String> {
    let lines = |file: &File| file.text.lines().count();
    files
        .iter()
        .filter(|file| file.is_rust() && lines(file) >= FILE_LINES)
        .filter(|file| !LONG_FILES.iter().any(|(path, _)| *path == file.path))
        .map(|file| format!("{}: {} lines", file.path, lines(file)))
        .collect()
}

/// Name, first line and length in lines of each function.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = find(bytes, at, b"fn ") {
        at = start + 3;
        let name: String =
            code[at..].trim_start().chars().take_while(|c| c.is_alphanumeric() || "_$".contains(*c)).collect();
        if name.is_empty() || (start > 0 && is_name(bytes[start - 1])) {
            continue;
        }
        let first = line_of(code, start);
        found.push((name, first, line_of(code, end_of_item(bytes, start) - 1) - first + 1));
    }
    found
}

fn long_functions(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        for (name, line, length) in functions(&file.code) {
            let allowed = LONG_FUNCTIONS.iter().any(|(path, function, _)| *path == file.path && *function == name);
            if length > FUNCTION_LINES && !allowed {
                wrong.push(format!("{}:{line}: `{name}` has {length} lines", file.path));
            }
        }
    }
    wrong
}

// --- Safety ----------------------------------------------------------------------------------------

fn crates_without_the_lint_table(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let lines: Vec<_> = file.text.lines().map(str::trim).collect();
        let in_section = |section: &str, entry: &str| {
            let from = lines.iter().position(|line| *line == section).map_or(lines.len(), |at| at + 1);
            lines[from..].iter().take_while(|line| !line.starts_with('[')).any(|line| *line == entry)
        };
        if file.path == "Cargo.toml" {
            if !in_section("[workspace.lints.rust]", "unsafe_code = \"forbid\"") {
                wrong.push(format!("{}: the lint table does not forbid unsafe code", file.path));
            }
        } else if layer_of(&file.path).is_some() && !in_section("[lints]", "workspace = true") {
            wrong.push(format!("{}: the crate does not take the workspace's lints", file.path));
        }
    }
    for (folder, _) in LAYERS {
        if !files.iter().any(|file| file.path == format!("{folder}/Cargo.toml")) {
            wrong.push(format!("{folder}/Cargo.toml: missing"));
        }
    }
    wrong
}

const PANICKING: &[&str] = &[".unwrap()", ".expect(", "panic!", "unreachable!", "todo!", "unimplemented!"];
const BEYOND_CORE: &[&str] = &["extern crate alloc", "extern crate std", "alloc::", "std::"];

fn device_code(files: &[File], refused: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_device_source()) {
        for (number, line) in file.code.lines().enumerate() {
            let excepted = DEVICE_EXCEPTIONS.iter().any(|(path, text, _)| *path == file.path && *text == line.trim());
            for word in refused.iter().filter(|word| !excepted && contains_word(line, word)) {
                wrong.push(format!("{}:{}: `{word}` in a device crate", file.path, number + 1));
            }
        }
    }
    wrong
}

/// `word` where it is not the end of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    let continues_name = |at: usize| at > 0 && is_name(word.as_bytes()[0]) && is_name(line.as_bytes()[at - 1]);
    line.match_indices(word).any(|(at, _)| !continues_name(at))
}

// --- Arrows ----------------------------------------------------------------------------------------

fn layer_of(manifest: &str) -> Option<usize> {
    let folder = manifest.strip_suffix("/Cargo.toml")?;
    LAYERS.iter().position(|(name, _)| *name == folder)
}

/// What a manifest's `[dependencies]` name, for all targets.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let own =
                section == "dependencies" || (section.starts_with("target.") && section.ends_with(".dependencies"));
            let table = section.strip_prefix("dependencies.");
            inside = own;
            names.extend(table);
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            names.extend(line.split(['=', '.', ' ']).next());
        }
    }
    names
}

fn arrows_up(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let Some(layer) = layer_of(&file.path) else { continue };
        for name in dependencies(&file.text) {
            match LAYERS.iter().position(|(_, package)| *package == name) {
                Some(other) if other >= layer => wrong.push(format!("{}: `{name}` is not below this crate", file.path)),
                None if layer < DEVICE_LAYERS && !DEVICE_DEPENDENCIES.contains(&name) => {
                    wrong.push(format!("{}: a device crate may not use `{name}`", file.path));
                }
                _ => {}
            }
        }
    }
    wrong
}

// --- Places ----------------------------------------------------------------------------------------

/// Written in two pieces, so that this file obeys its own rule.
const MACHINE_PLACES: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/Us", "ers/"),
    ("C:\\Us", "ers\\"),
    ("sparse+ht", "tp"),
    ("--index", "-url"),
    ("PIP_INDEX", "_URL"),
    ("extra-index", "-url"),
    ("arti", "factory"),
    ("index.crates", ".io"),
];

// In two parts, or this file would break the rule itself.
const PUBLIC_REGISTRY: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

fn places_of_a_machine(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        for (start, end) in MACHINE_PLACES {
            let place = [*start, *end].concat();
            if let Some(at) = file.text.find(&place) {
                wrong.push(format!("{}:{}: names `{place}`", file.path, line_of(&file.text, at)));
            }
        }
        if file.path.ends_with("Cargo.lock") {
            let sources = file.text.lines().filter_map(|line| line.strip_prefix("source = "));
            wrong.extend(
                sources
                    .filter(|source| source.trim_matches('"') != PUBLIC_REGISTRY)
                    .map(|source| format!("{}: a package from {source}", file.path)),
            );
        }
    }
    wrong
}

/// Relative links in Markdown lead to files of the tree.
fn broken_links(files: &[File]) -> Vec<String> {
    let paths: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| has_extension(&file.path, "md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (at, _) in file.text.match_indices("](") {
            let link = file.text[at + 2..].split([')', '#', '\n']).next().unwrap_or_default();
            if link.is_empty() || link.contains(':') {
                continue;
            }
            let whole = if folder.is_empty() { link.to_owned() } else { format!("{folder}/{link}") };
            let target = whole.trim_end_matches('/');
            let inside = format!("{target}/");
            if !paths.contains(target) && !paths.iter().any(|path| path.starts_with(&inside)) {
                wrong.push(format!("{}:{}: nothing at `{link}`", file.path, line_of(&file.text, at)));
            }
        }
    }
    wrong
}

/// The minimum version of Rust is the same where it is stated and where it is tested.
fn versions_that_differ(files: &[File]) -> Vec<String> {
    let value = |path: &str, before: &str, after: &str| {
        let file = files.iter().find(|file| file.path == path)?;
        let line = file.text.lines().find_map(|line| line.strip_prefix(before))?;
        line.strip_suffix(after).map(str::to_owned)
    };
    let stated = value("Cargo.toml", "rust-version = \"", "\"");
    let tested = value(".ci/run", "msrv=", ".0");
    if stated.is_some() && stated == tested {
        return Vec::new();
    }
    vec![format!("Cargo.toml states {stated:?}, .ci/run tests {tested:?}")]
}

/// Where the environment is read: by the command line alone, for a guest and for what is printed and where settings are.
const READS_ENVIRONMENT: [&str; 5] =
    ["trace/src/main.rs", "wrtd/src/config.rs", "wrtd/src/logging.rs", "wrtd/src/output.rs", "wrtd/src/wasi.rs"];

/// No crate that is embedded reads an environment variable; which ones the tools read, the test `environment` compares with the page.
fn environment_variables(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    let read = |path: &str| path.contains("/src/") && !path.starts_with('.') && !READS_ENVIRONMENT.contains(&path);
    for file in files.iter().filter(|file| read(&file.path)) {
        for (number, line) in file.code.lines().enumerate() {
            if ["env::var", "env::vars", "option_env!"].iter().any(|word| contains_word(line, word)) {
                wrong.push(format!("{}:{}: reads the environment", file.path, number + 1));
            }
        }
    }
    wrong
}

/// An exception that nothing needs any more is taken off its list.
fn stale_exceptions(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path);
    let mut wrong = Vec::new();
    for (path, _) in LONG_FILES {
        if text(path).is_none() {
            wrong.push(format!("{path}: excepted, but missing"));
        }
    }
    for (path, name, _) in LONG_FUNCTIONS {
        let long = |file: &File| {
            functions(&file.code).iter().any(|(found, _, length)| found == name && *length > FUNCTION_LINES)
        };
        if !text(path).is_some_and(long) {
            wrong.push(format!("{path}: `{name}` needs no exception"));
        }
    }
    for (path, line, _) in DEVICE_EXCEPTIONS {
        if !text(path).is_some_and(|file| file.code.lines().any(|found| found.trim() == *line)) {
            wrong.push(format!("{path}: `{line}` needs no exception"));
        }
    }
    wrong
}

// --- The tree obeys --------------------------------------------------------------------------------

fn obeys(rule: fn(&[File]) -> Vec<String>) {
    let wrong = rule(&tree());
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn every_item_is_defined_once() {
    obeys(duplicate_items);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn every_mark_names_a_defined_item_once() {
    obeys(dangling_marks);
    obeys(repeated_in_a_mark);
}

// @need-ids: REQ_SAFETY_002
#[test]
fn every_test_says_what_it_is_for() {
    obeys(unmarked_tests);
}

// @need-ids: REQ_SAFETY_002
#[test]
fn what_is_called_built_is_marked() {
    obeys(built_without_mark);
}

// @need-ids: REQ_026
#[test]
fn files_and_functions_are_short() {
    obeys(long_files);
    obeys(long_functions);
}

// @need-ids: REQ_CODE_QUALITY_002, REQ_BUILD_002
#[test]
fn unsafe_code_is_forbidden_everywhere() {
    obeys(crates_without_the_lint_table);
}

// @need-ids: REQ_ERROR_002
#[test]
fn device_crates_name_no_panic() {
    obeys(|files| device_code(files, PANICKING));
}

// @need-ids: REQ_002, REQ_006
// @inspection
#[test]
fn device_crates_use_core_only() {
    obeys(|files| device_code(files, BEYOND_CORE));
}

// @need-ids: REQ_026, REQ_006
// @inspection
#[test]
fn arrows_between_crates_point_down() {
    obeys(arrows_up);
}

// @need-ids: REQ_BUILD_001
#[test]
fn no_file_names_a_machine_or_a_registry() {
    obeys(places_of_a_machine);
}

// @need-ids: REQ_011
#[test]
fn the_minimum_version_is_the_tested_one() {
    obeys(versions_that_differ);
}

// @need-ids: REQ_ENV_001
// @inspection
#[test]
fn no_crate_reads_the_environment() {
    obeys(environment_variables);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn links_lead_somewhere() {
    obeys(broken_links);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn exceptions_are_needed() {
    obeys(stale_exceptions);
}

// --- Negative controls -----------------------------------------------------------------------------

/// The first tree is refused and the second is not.
fn control(rule: fn(&[File]) -> Vec<String>, faulty: &[(&str, &str)], sound: &[(&str, &str)]) {
    let files = |pairs: &[(&str, &str)]| pairs.iter().map(|(path, text)| File::new(path, text)).collect::<Vec<_>>();
    assert!(!rule(&files(faulty)).is_empty(), "the seeded fault was not found");
    assert_eq!(rule(&files(sound)), Vec::<String>::new());
}

const ONE: (&str, &str) = ("docs/a.rst", ".. req:: One\n   :id: REQ_001\n   :status: open\n");

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn control_an_item_defined_twice() {
    control(duplicate_items, &[ONE, ("docs/b.md", "   :id: REQ_001\n")], &[ONE, ("docs/b.md", "   :id: REQ_002\n")]);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn control_a_mark_that_dangles() {
    let sound = [ONE, ("wrt/src/a.rs", "// @need-ids: REQ_001\nconst TEXT: &str = \"// @need-ids: REQ_009\";\n")];
    control(dangling_marks, &[ONE, ("wrt/src/a.rs", "    /// @need-ids: REQ_001, REQ_002\n")], &sound);
    control(dangling_marks, &[ONE, ("wrt/src/a.rs", "// @need-ids:\n")], &sound);
    control(dangling_marks, &[ONE, ("wrt/src/a.rs", "// @need-ids REQ_001\n")], &sound);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn control_a_mark_that_repeats() {
    control(
        repeated_in_a_mark,
        &[("a.rs", "// @need-ids: REQ_001, REQ_001\n")],
        &[("a.rs", "// @need-ids: REQ_001, REQ_002\n")],
    );
}

// @need-ids: REQ_SAFETY_002
#[test]
fn control_a_test_without_a_mark() {
    let marked = "// @need-ids: REQ_001\n#[test]\nfn a() {}\n";
    let far = "// @need-ids: REQ_001\n\n\n\n#[test]\nfn a() {}\n";
    control(unmarked_tests, &[("safety/src/a.rs", far)], &[("safety/src/a.rs", marked), ("wrt/src/a.rs", far)]);
    control(
        unmarked_tests,
        &[("conformance/tests/a.rs", "#[test]\nfn a() {}\n")],
        &[("conformance/tests/a.rs", marked)],
    );
}

// @need-ids: REQ_SAFETY_002
#[test]
fn control_built_but_unmarked() {
    let built = ("docs/a.rst", "   :id: REQ_001\n   :status: built\n");
    let marked = ("wrt/src/a.rs", "// @need-ids: REQ_001\n");
    control(built_without_mark, &[built], &[built, marked]);
    let reviewed = ("docs/a.rst", "   :id: REQ_001\n   :status: built\n   :verification: review\n");
    control(built_without_mark, &[built], &[reviewed]);
    let part = ("docs/b.rst", "   :id: IMPL_001\n   :status: partial\n   :links: SPEC_001, REQ_001\n");
    control(built_without_mark, &[part], &[part, marked]);
}

// @need-ids: REQ_026
#[test]
fn control_a_long_file_and_a_long_function() {
    let lines = "\n".repeat(FILE_LINES);
    control(
        long_files,
        &[("wrt/src/a.rs", &lines)],
        &[("wrt-instructions/src/table.rs", &lines), ("wrt/src/a.rs", "\n")],
    );
    let body = "\n".repeat(FUNCTION_LINES);
    let long = format!("pub fn a<T: Fn(u8)>(x: [u8; 3]) -> u8 {{ '}}'; \"}}\" /* }} */ // }}\n{body}}}\n");
    let test = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
    let short = "type F = fn(u8) -> u8;\nfn a();\nfn b<'a>(x: &'a str) { r#\"{\"#; b'{'; }\n".repeat(FUNCTION_LINES);
    control(
        long_functions,
        &[("wrt/src/a.rs", &long)],
        &[("wrt/src/a.rs", &test), ("wrt/tests/a.rs", &long), ("wrt/src/b.rs", &short)],
    );
}

// @need-ids: REQ_CODE_QUALITY_002, REQ_BUILD_002
#[test]
fn control_a_crate_outside_the_lint_table() {
    let root = ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n");
    let manifests: Vec<String> = LAYERS.iter().map(|(folder, _)| format!("{folder}/Cargo.toml")).collect();
    let mut sound: Vec<(&str, &str)> =
        manifests.iter().map(|path| (path.as_str(), "[lints]\nworkspace = true\n")).collect();
    sound.push(root);
    let replaced = |at: usize, text: &'static str| {
        let mut faulty = sound.clone();
        faulty[at].1 = text;
        faulty
    };
    let last = sound.len() - 1;
    control(crates_without_the_lint_table, &replaced(last, "[workspace.lints.rust]\nunsafe_code = \"deny\"\n"), &sound);
    control(crates_without_the_lint_table, &replaced(0, "[lints]\n[package]\nworkspace = true\n"), &sound);
    control(crates_without_the_lint_table, &sound[1..], &sound);
}

// @need-ids: REQ_ERROR_002
#[test]
fn control_a_panic_in_a_device_crate() {
    let rule: fn(&[File]) -> Vec<String> = |files| device_code(files, PANICKING);
    let sound =
        "// .unwrap()\nfn a() { x.unwrap_or(0); \"panic!\"; }\n#[cfg(test)]\nmod tests { fn b() { x.unwrap(); } }\n";
    for word in PANICKING {
        let faulty = format!("#[cfg(test)]\nmod tests {{}}\nfn a() {{ x; {word} }}\n");
        control(rule, &[("safety/src/a.rs", &faulty)], &[("safety/src/a.rs", sound), ("wrt/src/a.rs", &faulty)]);
    }
}

// @need-ids: REQ_002, REQ_006
// @inspection
#[test]
fn control_std_in_a_device_crate() {
    let rule: fn(&[File]) -> Vec<String> = |files| device_code(files, BEYOND_CORE);
    let sound = [
        ("wrt-runtime/src/a.rs", "use core::fmt; // std::fmt\nuse my_std::fmt;\n#[cfg(test)]\nuse std::vec::Vec;\n"),
        ("wrt-instructions/src/lib.rs", "#[cfg(feature = \"std\")]\nextern crate std;\n"),
        ("wrt-runtime/tests/a.rs", "use std::vec::Vec;\n"),
    ];
    for faulty in
        ["extern crate alloc;\n", "extern crate std;\n", "use alloc::vec::Vec;\n", "fn a(x: std::string::String) {}\n"]
    {
        control(rule, &[("wrt-runtime/src/a.rs", faulty)], &sound);
    }
}

// @need-ids: REQ_026, REQ_006
// @inspection
#[test]
fn control_an_arrow_that_points_up() {
    let sound = [
        (
            "wrt/Cargo.toml",
            "[dependencies]\nwrt-runtime.workspace = true\nserde = \"1\"\n[dev-dependencies]\nwrtd.workspace = true\n",
        ),
        ("safety/Cargo.toml", "[dependencies]\nheapless = { workspace = true }\n"),
    ];
    for (path, faulty) in [
        ("safety/Cargo.toml", "[dependencies]\nwrt-instructions.workspace = true\n"),
        ("wrt-runtime/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nwrt = { path = \"../wrt\" }\n"),
        ("wrt/Cargo.toml", "[dependencies.wrtd]\npath = \"../wrtd\"\n"),
        ("wrt-runtime/Cargo.toml", "[dependencies]\nwasmparser.workspace = true\n"),
    ] {
        control(arrows_up, &[(path, faulty)], &sound);
    }
}

// @need-ids: REQ_BUILD_001
#[test]
fn control_a_place_of_a_machine() {
    let sound = [
        ("README.md", "work/main, homework"),
        ("Cargo.lock", concat!("source = \"registry+https://github.com/rust-lang/crates", ".io-index\"\n")),
    ];
    for (start, end) in MACHINE_PLACES {
        control(places_of_a_machine, &[("guests/a.wasm", &format!("\0{start}{end}x"))], &sound);
    }
    control(places_of_a_machine, &[("fuzz/Cargo.lock", "source = \"registry+https://example.org/index\"\n")], &sound);
}

// @need-ids: REQ_011
#[test]
fn control_versions_that_differ() {
    let stated = ("Cargo.toml", "rust-version = \"1.88\"\n");
    let sound = [stated, (".ci/run", "msrv=1.88.0\n")];
    control(versions_that_differ, &[stated, (".ci/run", "msrv=1.90.0\n")], &sound);
    control(versions_that_differ, &[], &sound);
}

// @need-ids: REQ_ENV_001
// @inspection
#[test]
fn control_an_environment_variable() {
    let read = "fn a() { std::env::var(\"A\"); }\n";
    control(environment_variables, &[("wrtd/src/a.rs", read)], &[("wrtd/tests/a.rs", read), ("wrt/build.rs", read)]);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn control_a_link_that_leads_nowhere() {
    let sound = [
        ("docs/a.md", "[b](b.md#c) [c](../README.md) [d](https://example.org) [e](#here)"),
        ("docs/b.md", ""),
        ("README.md", "[docs](docs/)"),
    ];
    control(broken_links, &[("README.md", "[a](docs/a.md)")], &sound[1..]);
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn control_an_exception_that_nothing_needs() {
    let files =
        [File::new("wrt-instructions/src/table.rs", ""), File::new("wrt-instructions/src/lib.rs", "#![no_std]\n")];
    assert_eq!(stale_exceptions(&files).len(), DEVICE_EXCEPTIONS.len() + LONG_FUNCTIONS.len());
}
