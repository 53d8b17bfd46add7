//! The items of the documentation, as sphinx-needs writes them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::digest::digest;

/// A requirement, design item, assumption or hazard.
#[derive(Clone, Debug, Deserialize)]
pub struct Need {
    /// Its identifier, such as `REQ_007`.
    pub id: String,
    /// What it is: `req`, `spec`, `impl`, `constraint`, `qual`, `hazard`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// What the author says of it: `open`, `partial`, `built` or `assumed`.
    #[serde(default)]
    pub status: Option<String>,
    /// What a failure to meet it can do.
    #[serde(default)]
    pub integrity: Option<String>,
    /// How it is shown that it is met.
    #[serde(default)]
    pub verification: Option<Vec<String>>,
    /// What it refines or implements.
    #[serde(default)]
    pub links: Vec<String>,
    /// The assumptions of use that it rests on.
    #[serde(default)]
    pub assumes: Vec<String>,
    /// For an assumption of use: what checks it, or helps to.
    #[serde(default)]
    pub guarded_by: Vec<String>,
    /// For a hazard or a failure mode: what stands against it.
    #[serde(default)]
    pub mitigated_by: Vec<String>,
    /// For a failure mode: the hazards that it can lead to.
    #[serde(default)]
    pub leads_to: Vec<String>,
    /// Its statement.
    #[serde(default)]
    pub content: String,
    /// Why it exists.
    #[serde(default)]
    pub rationale: Option<String>,
    /// `tree` where the tree as a whole meets it, by what is in it and what is not, rather than some piece of code.
    #[serde(default)]
    pub met_by: Option<String>,
    /// Where it has to be shown, such as `host-debug`; without it, on the host.
    #[serde(default)]
    pub targets: Option<Vec<String>>,
    /// The page that defines it, without ending.
    #[serde(default)]
    pub docname: String,
}

impl Need {
    /// Whether it is something to be verified: a requirement or a goal of qualification.
    pub fn is_requirement(&self) -> bool {
        matches!(self.kind.as_str(), "req" | "qual")
    }

    /// Whether it is something that may happen, which requirements stand against.
    pub fn is_danger(&self) -> bool {
        matches!(self.kind.as_str(), "hazard" | "failure")
    }

    /// Every item that it names.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.links.iter().chain(&self.assumes).chain(&self.guarded_by).chain(&self.mitigated_by).chain(&self.leads_to)
    }

    /// Whether a way of verification is among those that it names.
    pub fn verified_by(&self, way: &str) -> bool {
        self.verification.iter().flatten().any(|named| named == way)
    }

    /// Whether no piece of code can be named for it.
    pub fn met_by_tree(&self) -> bool {
        self.met_by.as_deref() == Some("tree")
    }

    /// Where it has to be shown.
    pub fn claimed_targets(&self) -> impl Iterator<Item = &str> {
        let named = self.targets.as_deref().unwrap_or_default();
        named.iter().map(String::as_str).chain(named.is_empty().then_some("host-debug"))
    }

    /// A digest of what it demands; a change of the rationale is none of the demand.
    pub fn digest(&self) -> String {
        let words: Vec<&str> = self.content.split_whitespace().collect();
        digest(format!("{}\n{}", self.title, words.join(" ")))
    }
}

#[derive(Deserialize)]
struct Export {
    current_version: String,
    versions: BTreeMap<String, Version>,
}

#[derive(Deserialize)]
struct Version {
    needs: BTreeMap<String, Need>,
}

/// Reads `needs.json`.
///
/// # Errors
/// Where the file is missing, is no export of needs, or holds none: an empty set is never taken for a complete one.
pub fn read(file: &Path) -> Result<BTreeMap<String, Need>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{}: the documentation has to be built first", file.display()))?;
    let mut export: Export = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    let needs = export.versions.remove(&export.current_version).map(|version| version.needs).unwrap_or_default();
    if !needs.values().any(Need::is_requirement) {
        bail!("{}: no requirement in it", file.display());
    }
    Ok(needs)
}
