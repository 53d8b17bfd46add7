//! Rust sources as nested units: items, and what stands between them. Tokens suffice, so what macros are given is read
//! like the rest, and no grammar has to be kept up with.

use std::collections::VecDeque;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// An item, a statement, or something else that ends with a brace, a semicolon or a comma.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its first line, attributes and documentation included.
    pub first: usize,
    /// The line of its first token after these.
    pub signature: usize,
    /// Its last line.
    pub last: usize,
    /// `fn`, `struct`, `impl`, `mod`… or `macro` for the call of one; empty for what is no item.
    pub keyword: String,
    /// Its name; the type for an `impl`.
    pub name: String,
    /// The first tokens, for what has no name.
    pub head: String,
    /// Its tokens without documentation.
    pub text: String,
    attributes: Vec<String>,
    inner: Vec<Vec<Unit>>,
    groups: Vec<(usize, usize)>,
}

/// Where a unit stands.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The modules of the file, from the outermost on.
    pub modules: Vec<String>,
    /// Whether one of them is there for tests alone.
    pub tests: bool,
    /// The `impl` or `trait`, as in `impl Memory`.
    pub owner: String,
}

/// A file.
#[derive(Debug)]
pub struct File {
    units: Vec<Unit>,
    literals: Vec<(usize, usize)>,
}

const ITEMS: [&str; 16] = [
    "fn", "struct", "enum", "union", "trait", "impl", "mod", "const", "static", "type", "use", "let", "pub", "unsafe",
    "async", "extern",
];

/// Reads a file.
///
/// # Errors
/// Where it is not made of Rust's tokens.
pub fn units(text: &str) -> Result<File> {
    let stream: TokenStream = text.parse().map_err(|error| anyhow!("not made of tokens: {error}"))?;
    let mut literals = Vec::new();
    collect_literals(stream.clone(), &mut literals);
    Ok(File { units: split(stream), literals })
}

impl Unit {
    /// Whether it is a function that a test harness calls.
    pub fn is_test(&self) -> bool {
        self.keyword == "fn"
            && self.attributes.iter().any(|attribute| attribute == "test" || attribute.ends_with(":: test"))
    }

    /// Whether it is an item that other crates may see, where its module lets them.
    pub fn is_public(&self) -> bool {
        let item =
            matches!(self.keyword.as_str(), "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static");
        item && self.text.starts_with("pub ") && !self.text.starts_with("pub (")
    }

    /// The reason of its `#[ignore]`, if it has one: empty where none is given.
    pub fn ignored(&self) -> Option<String> {
        self.attributes.iter().find_map(|attribute| {
            let rest = attribute.strip_prefix("ignore")?;
            Some(rest.trim_start_matches([' ', '=']).trim_matches('"').to_owned())
        })
    }

    /// Whether it is built for tests alone.
    pub fn only_for_tests(&self) -> bool {
        let only = |attribute: &String| {
            let attribute = attribute.replace(' ', "");
            attribute == "cfg(test)" || attribute.starts_with("cfg(all(test,")
        };
        self.attributes.iter().any(only)
    }
}

impl File {
    /// Whether a line is inside of a literal that spans lines.
    pub fn in_literal(&self, line: usize) -> bool {
        self.literals.iter().any(|&(first, last)| first < line && line <= last)
    }

    /// The unit that a comment on a line stands before, in the innermost group around the line.
    pub fn after(&self, line: usize) -> Option<(&Unit, Surroundings)> {
        after(&self.units, line, Surroundings::default())
    }

    /// The outermost units.
    pub fn top(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter()
    }

    /// All units, at every depth.
    pub fn all(&self) -> Vec<(&Unit, Surroundings)> {
        let mut found = Vec::new();
        let mut waiting: VecDeque<_> = self.units.iter().map(|unit| (unit, Surroundings::default())).collect();
        while let Some((unit, around)) = waiting.pop_front() {
            let inside = inside(unit, &around);
            waiting.extend(unit.inner.iter().flatten().map(|unit| (unit, inside.clone())));
            found.push((unit, around));
        }
        found
    }

    /// The `impl`s of a type.
    pub fn implementations(&self, name: &str) -> Vec<&Unit> {
        self.all()
            .into_iter()
            .map(|(unit, _)| unit)
            .filter(|unit| unit.keyword == "impl" && unit.name == name)
            .collect()
    }
}

fn inside(unit: &Unit, around: &Surroundings) -> Surroundings {
    let mut inside = around.clone();
    inside.tests |= unit.only_for_tests();
    match unit.keyword.as_str() {
        "mod" => inside.modules.push(unit.name.clone()),
        "impl" | "trait" => inside.owner = format!("{} {}", unit.keyword, unit.name),
        _ => {}
    }
    inside
}

fn after(units: &[Unit], line: usize, around: Surroundings) -> Option<(&Unit, Surroundings)> {
    for unit in units {
        for (group, inner) in unit.groups.iter().zip(&unit.inner) {
            if group.0 <= line && line < group.1 {
                let within = after(inner, line, inside(unit, &around));
                // A comment at the end of a block belongs to the whole of it.
                return within.or(Some((unit, around)));
            }
        }
    }
    let unit = units.iter().find(|unit| unit.signature > line)?;
    Some((unit, around))
}

fn collect_literals(stream: TokenStream, literals: &mut Vec<(usize, usize)>) {
    let mut streams = vec![stream];
    while let Some(stream) = streams.pop() {
        for token in stream {
            match token {
                TokenTree::Group(group) => streams.push(group.stream()),
                TokenTree::Literal(literal) if literal.span().start().line < literal.span().end().line => {
                    literals.push((literal.span().start().line, literal.span().end().line));
                }
                _ => {}
            }
        }
    }
}

fn split(stream: TokenStream) -> Vec<Unit> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut units = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (unit, next) = unit(&tokens, at);
        units.push(unit);
        at = next;
    }
    units
}

fn unit(tokens: &[TokenTree], start: usize) -> (Unit, usize) {
    let mut attributes = Vec::new();
    let mut at = start;
    while let Some(attribute) = attribute(tokens, at) {
        attributes.push(attribute.stream().to_string());
        at += if is_punct(tokens.get(at + 1), '!') { 3 } else { 2 };
    }
    // What only has inner attributes is a unit of its own.
    let end = if at < tokens.len() { end(tokens, at) } else { at };
    let signature = tokens.get(at).or(tokens.get(start)).map_or(0, line);
    let (keyword, name) = naming(&tokens[at..end]);
    let body = &tokens[at..end];
    let groups: Vec<&Group> = body
        .iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        })
        .collect();
    let unit = Unit {
        first: tokens.get(start).map_or(0, line),
        signature,
        last: tokens.get(end.saturating_sub(1)).map_or(0, |token| token.span().end().line),
        keyword,
        name,
        head: body.iter().take(6).map(short).collect::<Vec<_>>().join(" "),
        text: text(body),
        attributes,
        inner: groups.iter().map(|group| split(group.stream())).collect(),
        groups: groups.iter().map(|group| (group.span_open().start().line, group.span_close().end().line)).collect(),
    };
    (unit, end.max(at).max(start + 1))
}

fn attribute(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    if !is_punct(tokens.get(at), '#') {
        return None;
    }
    let next = if is_punct(tokens.get(at + 1), '!') { at + 2 } else { at + 1 };
    match tokens.get(next) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    }
}

/// The position behind the unit that begins at `start`.
fn end(tokens: &[TokenTree], start: usize) -> usize {
    let (keyword, _) = naming(&tokens[start..]);
    let to_semicolon = matches!(keyword.as_str(), "const" | "static" | "type" | "use" | "let");
    let item = !keyword.is_empty() && keyword != "macro";
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !to_semicolon => return at + 1,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return at + 1,
            TokenTree::Punct(punct) if punct.as_char() == ',' && !item => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Keyword and name of what begins here.
fn naming(tokens: &[TokenTree]) -> (String, String) {
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        _ => String::new(),
    };
    let first = word(0);
    let called = matches!(tokens.get(2), Some(TokenTree::Group(_) | TokenTree::Ident(_)));
    let negated = matches!(first.as_str(), "if" | "while" | "match" | "return" | "in" | "else");
    if is_punct(tokens.get(1), '!') && !first.is_empty() && called && !negated {
        let name = if first == "macro_rules" { word(2) } else { first.clone() };
        return (if first == "macro_rules" { first } else { "macro".into() }, name);
    }
    if !ITEMS.contains(&first.as_str()) {
        return Default::default();
    }
    let mut at = 0;
    loop {
        let word_here = word(at);
        let qualifier = match word_here.as_str() {
            "pub" | "unsafe" | "async" | "extern" => true,
            "const" => matches!(word(at + 1).as_str(), "fn" | "unsafe" | "async" | "extern"),
            "" => at > 0 && at < 4, // `(crate)` and `"C"`
            _ => false,
        };
        if !qualifier {
            let name = if word_here == "impl" { implemented(&tokens[at + 1..]) } else { word(at + 1) };
            return (word_here, name);
        }
        at += 1;
    }
}

/// The type that an `impl` is for: the last name of its path.
fn implemented(tokens: &[TokenTree]) -> String {
    let mut depth = 0_i32;
    let mut name = String::new();
    let mut arrow = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !arrow => depth -= 1,
            TokenTree::Ident(ident) if depth == 0 && ident == "where" => break,
            TokenTree::Ident(ident) if depth == 0 && ident == "for" => name.clear(),
            TokenTree::Ident(ident) if depth == 0 => name = ident.to_string(),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            _ => {}
        }
        arrow = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '-');
    }
    name
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn short(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(_) => "…".into(),
        other => other.to_string(),
    }
}

/// What a file says: its tokens without documentation, comments and layout.
///
/// # Errors
/// Where it is not made of Rust's tokens.
pub fn words(source: &str) -> Result<String> {
    let stream: TokenStream = source.parse().map_err(|error| anyhow!("not made of tokens: {error}"))?;
    Ok(text(&stream.into_iter().collect::<Vec<_>>()))
}

/// As [`words`], without what is there for tests alone.
///
/// # Errors
/// As [`words`].
pub fn shipped(source: &str) -> Result<String> {
    let file = units(source)?;
    let tests: Vec<_> = file.top().filter(|unit| unit.only_for_tests()).map(|unit| unit.first..=unit.last).collect();
    let lines = source.lines().zip(1..).filter(|(_, number)| !tests.iter().any(|lines| lines.contains(number)));
    words(&lines.flat_map(|(line, _)| [line, "\n"]).collect::<String>())
}

/// Tokens, one space between each, without documentation.
fn text(tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    write_text(tokens, &mut text);
    text
}

fn write_text(tokens: &[TokenTree], text: &mut String) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(attribute) = attribute(tokens, at)
            && attribute.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc")
        {
            at += if is_punct(tokens.get(at + 1), '!') { 3 } else { 2 };
            continue;
        }
        if let TokenTree::Group(group) = token {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("( ", ") "),
                Delimiter::Brace => ("{ ", "} "),
                Delimiter::Bracket => ("[ ", "] "),
                Delimiter::None => ("", ""),
            };
            text.push_str(open);
            write_text(&group.stream().into_iter().collect::<Vec<_>>(), text);
            text.push_str(close);
        } else {
            text.push_str(&token.to_string());
            text.push(' ');
        }
        at += 1;
    }
}
