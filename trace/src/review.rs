//! The record of reviews: which link between a requirement and a place somebody looked at, as both were.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::join::Joined;
use crate::needs::Need;
use crate::source::{Place, Sources};

/// The record. A line holds identifier, digest of its text, digest of the place, and the place, so that it can be read and merged.
#[derive(Debug, Default)]
pub struct Record {
    lines: BTreeSet<String>,
}

const HEAD: &str = "\
# Links that were reviewed, as requirement and place were then: identifier, digest of the requirement's text, digest of the place, place.
# `just trace-review` writes it. A link that is not here as it stands is suspect.
";

fn line(need: &Need, place: &Place) -> String {
    format!("{} {} {} {}", need.id, need.digest(), place.digest, place.name())
}

impl Record {
    /// Reads it; a record that is not there holds nothing.
    ///
    /// # Errors
    /// Where it cannot be read, or a line is none of it.
    pub fn read(file: &Path) -> Result<Self> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let mut lines = BTreeSet::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
            if line.splitn(4, ' ').filter(|part| !part.is_empty()).count() != 4 {
                bail!("{}:{}: not a reviewed link: {line}", file.display(), number + 1);
            }
            lines.insert(line.to_owned());
        }
        Ok(Self { lines })
    }

    /// Whether a link was reviewed as it stands.
    pub fn holds(&self, need: &Need, place: &Place) -> bool {
        self.lines.contains(&line(need, place))
    }

    /// Writes a record of links as they stand, for these requirements, or for all; others stay as they were. Gives the number
    /// of lines that are new.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(
        &self,
        file: &Path,
        needs: &std::collections::BTreeMap<String, Need>,
        sources: &Sources,
        joined: &Joined,
        only: &[String],
    ) -> Result<usize> {
        let chosen = |id: &str| only.is_empty() || only.iter().any(|named| named == id);
        let mut lines: BTreeSet<String> = self
            .lines
            .iter()
            .filter(|line| line.split(' ').next().is_some_and(|id| !chosen(id) && needs.contains_key(id)))
            .cloned()
            .collect();
        for (id, at) in &joined.links {
            if let Some(need) = needs.get(id).filter(|_| chosen(id)) {
                lines.insert(line(need, &sources.places[*at]));
            }
        }
        let new = lines.difference(&self.lines).count();
        let body = lines.iter().fold(String::from(HEAD), |text, line| text + line + "\n");
        std::fs::write(file, body).with_context(|| file.display().to_string())?;
        Ok(new)
    }
}
