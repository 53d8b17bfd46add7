//! A line of source with a caret under the place that is meant.

// @need-ids: REQ_DIAGNOSTICS_001

use crate::failure::is_unsafe_to_print;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// How many characters of a line are shown on either side of the place.
const SHOWN: usize = 100;

/// A line of a text, and a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// `None` where not all of the line is shown, so that columns are others.
    file: Option<String>,
    line: u32,
    /// What is shown of the line.
    text: String,
    /// Of the place in `text`, in bytes.
    at: usize,
}

impl Excerpt {
    /// Of `text`, line and column from 1; the column counts characters. `None` if there is no such line.
    // @need-ids: REQ_DIAGNOSTICS_001
    pub fn new(file: &str, text: &str, line: u32, column: u32) -> Option<Self> {
        let content = text.lines().nth(line.checked_sub(1)? as usize)?;
        let column = column.saturating_sub(1) as usize;
        let from = column.saturating_sub(SHOWN);
        let mut shown = String::new();
        let mut at = None;
        for (index, character) in content.chars().enumerate().skip(from).take(2 * SHOWN) {
            if index == column {
                at = Some(shown.len());
            }
            // A tab is as wide as a space then, so that the caret stands below what it means.
            shown.push(if is_unsafe_to_print(character) { ' ' } else { character });
        }
        let at = at.unwrap_or(shown.len());
        Some(Self { file: (from == 0).then(|| crate::failure::one_line(file)), line, text: shown, at })
    }

    /// The lines that show it.
    pub fn lines(&self, colored: bool) -> Vec<String> {
        let length = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let place = AnnotationKind::Primary.span(self.at..self.at + length);
        let snippet =
            Snippet::source(&self.text).line_start(self.line as usize).path(self.file.as_deref()).annotation(place);
        let renderer = if colored { Renderer::styled() } else { Renderer::plain() };
        let report = [Group::with_level(Level::ERROR).element(snippet)];
        renderer.render(&report).lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_DIAGNOSTICS_001
    #[test]
    fn the_caret_stands_below_the_place_whatever_the_line_has() {
        let caret = |text: &str, line, column| {
            let lines = Excerpt::new("a.wat", text, line, column).expect("there is such a line").lines(false);
            let shown = lines.iter().position(|line| line.contains('^')).expect("a caret");
            let column = lines[shown].chars().position(|character| character == '^').expect("a caret");
            lines[shown - 1].chars().nth(column)
        };
        assert_eq!(caret("(module\n  (funk))", 2, 4), Some('f'));
        assert_eq!(caret("\t\tx", 1, 3), Some('x'));
        assert_eq!(caret("é\u{202e}ü", 1, 3), Some('ü'));
        assert_eq!(caret(&("a".repeat(100_000) + "b" + &"c".repeat(100_000)), 1, 100_001), Some('b'));
        assert!(Excerpt::new("a", "x", 2, 1).is_none());
        let behind = Excerpt::new("a", "x", 1, 9).expect("the end of the line").lines(false);
        assert!(behind.iter().any(|line| line.contains('^')), "{behind:?}");
        assert!(Excerpt::new("a", "x", 1, 1).expect("a line").lines(true).concat().contains('\u{1b}'));
    }
}
