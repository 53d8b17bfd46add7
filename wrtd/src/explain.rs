//! `explain`: what a trap, a kind of error, an exit code or a limit means, and what to do. The texts are those of the
//! documentation: they are read from its pages.

// @need-ids: REQ_DIAGNOSTICS_003

use crate::cli::ExplainOptions;
use crate::failure::{Class, Failure, code};
use crate::output::Output;
use crate::suggest;
use serde_json::{Map, Value, json};
use wrt_instructions::Trap;
use wrt_safety::Limits;
use wrt_safety::limits::LimitInfo;

const TRAPS: &str = include_str!("../../docs/traps.md");
const ERRORS: &str = include_str!("../../docs/errors.md");

/// What the heading of a page begins with.
const HEADING: &str = "### ";

/// How wide the text is, in characters: what can be read without moving one's head.
const WIDTH: usize = 88;

/// What is said about a code.
#[derive(Clone, Debug)]
pub struct Page {
    /// The code as it is printed: `trap[2]`, `link`, `max-frames`.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The text, one paragraph or item on each line, without marks of the page's format.
    pub text: Vec<String>,
}

/// Every page: traps, kinds of errors, limits.
// @need-ids: REQ_DIAGNOSTICS_003
pub fn pages() -> impl Iterator<Item = Page> {
    of_text(TRAPS).chain(of_text(ERRORS)).chain(Limits::DESCRIPTIONS.iter().map(of_limit))
}

/// Prints what is said about a code, or lists all.
pub fn run(options: &ExplainOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let found: Vec<Page> = match &options.code {
        None => pages().collect(),
        Some(code) => pages().filter(|page| is_meant(page, code.trim())).collect(),
    };
    if let (Some(wanted), []) = (&options.code, found.as_slice()) {
        return Err(unknown(wanted));
    }
    if !output.is_text() {
        let mut document = Map::new();
        document.insert("command".into(), "explain".into());
        document.insert("pages".into(), found.iter().map(Page::to_json).collect());
        document.insert("exit".into(), code::OK.into());
        output.json(document);
    } else if options.code.is_none() {
        for page in &found {
            output.line(&format!("{:<24} {}", page.code, page.title));
        }
    } else {
        for (index, page) in found.iter().enumerate() {
            if index > 0 {
                output.line("");
            }
            page.lines().iter().for_each(|line| output.line(line));
        }
    }
    Ok(code::OK)
}

impl Page {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}: {}", self.code, self.title)];
        for text in &self.text {
            let mut line = String::from(" ");
            for word in text.split(' ') {
                if line.chars().count() + 1 + word.chars().count() > WIDTH && !line.trim().is_empty() {
                    lines.push(std::mem::replace(&mut line, String::from("   ")));
                }
                line.push(' ');
                line.push_str(word);
            }
            lines.push(line);
        }
        lines
    }

    fn to_json(&self) -> Value {
        json!({ "code": self.code, "title": self.title, "text": self.text.join("\n") })
    }
}

/// The pages of a file of the documentation: each from its heading to the next.
fn of_text(text: &'static str) -> impl Iterator<Item = Page> {
    text.split("\n#").filter_map(|section| {
        let (heading, text) = section.strip_prefix(&HEADING[1..])?.split_once('\n')?;
        let (code, title) = heading.split_once(": ")?;
        let text = text.lines().filter(|line| !line.trim().is_empty()).map(plain).collect();
        Some(Page { code: code.into(), title: title.into(), text })
    })
}

/// A line without the marks of the page's format.
fn plain(line: &str) -> String {
    line.replace("**", "").replace("{need}", "").trim_start_matches("- ").to_owned()
}

fn of_limit(info: &LimitInfo) -> Page {
    let LimitInfo { key, meaning, unit, default, reason, .. } = info;
    let text = vec![
        format!("Cause: the guest, or what it is made of, would need more {unit} than the limit allows."),
        format!("Example: `--{key} 1`"),
        format!("Mend: `--{key} N`, or `{key} = N` in wrt.toml. Default: {default}. {reason}"),
        "Requirement: `REQ_RESOURCE_001`".into(),
    ];
    Page { code: (*key).to_owned(), title: (*meaning).to_owned(), text }
}

/// Whether a page is what somebody means who writes `code`.
fn is_meant(page: &Page, code: &str) -> bool {
    let is_trap = |trap: &Trap| page.code == format!("trap[{}]", trap.code());
    let number = code.strip_prefix("trap").map_or(code, |rest| rest.trim_matches(['[', ']', ' ']));
    let same = |text: &str| text.eq_ignore_ascii_case(code);
    same(&page.code)
        || same(&format!("--{}", page.code))
        || (page.code.starts_with("trap[") && same(&page.title))
        || Trap::ALL
            .iter()
            .any(|trap| is_trap(trap) && (same(&format!("{trap:?}")) || number == trap.code().to_string()))
        || Class::ALL.iter().any(|class| class.name() == page.code && class.code().to_string() == code)
}

fn unknown(wanted: &str) -> Failure {
    let codes: Vec<String> = pages().map(|page| page.code).collect();
    let near = suggest::nearest(wanted, codes.iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Failure::new(Class::Usage, format!("nothing is known about `{wanted}`{near}"))
        .with_lines(vec!["`wrtd explain` lists all that is".into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(code: &str) -> Vec<String> {
        pages().filter(|page| is_meant(page, code)).map(|page| page.code).collect()
    }

    // @need-ids: REQ_DIAGNOSTICS_003, REQ_TRAP_001
    #[test]
    fn every_code_that_is_printed_has_one_whole_page() {
        let traps = Trap::ALL.map(|trap| (format!("trap[{}]", trap.code()), trap.message().to_owned()));
        let kinds = Class::ALL.map(|class| (class.name().to_owned(), format!("exit code {}", class.code())));
        let limits = Limits::DESCRIPTIONS.iter().map(|info| (info.key.to_owned(), info.meaning.to_owned()));
        let printed: Vec<(String, String)> = traps.into_iter().chain(kinds).chain(limits).collect();
        let pages: Vec<Page> = pages().collect();
        let found: Vec<(String, String)> = pages.iter().map(|page| (page.code.clone(), page.title.clone())).collect();
        let (mut sorted, mut wanted) = (found.clone(), printed);
        sorted.sort();
        wanted.sort();
        assert_eq!(sorted, wanted);
        for page in pages {
            for part in ["Cause: ", "Example: ", "Mend: ", "Requirement: `REQ_"] {
                let lines = page.text.iter().filter(|line| line.starts_with(part) && line.len() > part.len());
                assert_eq!(lines.count(), 1, "{part}: {page:?}");
            }
            assert_eq!(page.text.len(), 4, "{page:?}");
            assert!(page.lines().iter().all(|line| line.len() < 2 * WIDTH), "{:?}", page.lines());
        }
    }

    // @need-ids: REQ_DIAGNOSTICS_003
    #[test]
    fn codes_are_found_however_they_are_written() {
        for code in ["trap[12]", "12", "trap 12", "trap12", "UndefinedElement", "undefined element"] {
            assert_eq!(meant(code), ["trap[12]"], "{code}");
        }
        assert_eq!(meant("2"), ["trap[2]", "usage", "arguments"]);
        assert_eq!(meant("65"), ["malformed", "invalid", "unsupported", "link"]);
        assert_eq!((meant("link"), meant("--max-frames")), (vec!["link".into()], vec!["max-frames".into()]));
        assert!(meant("cheese").is_empty() && unknown("lnik").message.contains("did you mean `link`?"));
    }

    // @need-ids: REQ_DIAGNOSTICS_003, REQ_TRAP_001
    #[test]
    fn examples_of_traps_trap_so() {
        let mut tried = 0;
        for trap in Trap::ALL {
            let code = format!("trap[{}]", trap.code());
            let page = pages().find(|page| page.code == code).expect("a page");
            let example = page
                .text
                .iter()
                .find_map(|line| line.strip_prefix("Example: `(module"))
                .map(|rest| format!("(module{}", rest.trim_end_matches('`')));
            let Some(example) = example else { continue };
            let bytes = crate::input::text_to_binary("example", example.as_bytes()).expect("a module");
            let module = wrt::Module::new(&wrt::Engine::default(), bytes).expect("a valid one");
            let mut store = wrt::Store::new(module.engine(), ());
            let instance = wrt::Instance::new(&mut store, &module, &[]).expect("links");
            let start = instance.get_func(&store, "_start").expect("is exported");
            let error = start.call(&mut store, &[], &mut []).expect_err("a trap");
            assert_eq!(error.trap().map(wrt::TrapError::trap), Some(trap), "{example}: {error}");
            tried += 1;
        }
        assert_eq!(tried, 22, "all but those that a module alone does not come to");
    }
}
