//! What is built on and with: packages with version, licence, checksum, reason and requirement; a bill of materials; `unsafe`; tools.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::join::Finding;
use crate::needs::Need;
use crate::tokens;

/// Where reasons and tools are.
pub const FILE: &str = "docs/dependencies.toml";

/// What is stated of dependencies.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The expressions of licences that are allowed.
    pub licences: Vec<String>,
    /// The crates of the qualified item; what they use on a device is told apart.
    pub device: Vec<String>,
    /// Why each direct dependency is one.
    pub dependencies: BTreeMap<String, Reason>,
    /// What it is built and checked with.
    pub tools: BTreeMap<String, StatedTool>,
}

/// Why something is depended on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why.
    pub why: String,
    /// The requirements that it serves.
    #[serde(rename = "for")]
    pub requirements: Vec<String>,
}

/// How a tool is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedTool {
    /// What it is for.
    pub why: String,
    /// A command whose first line of output has the version.
    pub version: String,
    /// A command that prints where the program is.
    pub file: String,
}

/// What a package is used for; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Linked into devices.
    Device,
    /// Linked into hosts' programs.
    Host,
    /// Run by the compiler for what is linked: macros.
    Compiler,
    /// Tests and building alone.
    Tests,
}

/// A package that is not ours, or one of ours.
#[derive(Clone, Debug, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The expression of its licence.
    pub licence: String,
    /// The SHA-256 of what was fetched; none for one of ours.
    pub checksum: Option<String>,
    /// What it is used for.
    pub used: Use,
    /// Which of our packages name it.
    pub named_by: Vec<String>,
    /// How often the word `unsafe` stands in its sources; not counted where it is used by tests alone.
    pub unsafe_words: Option<usize>,
    /// Why it is there: its own reason, or none where another one needs it.
    pub reason: Option<Reason>,
    /// What it needs itself, as `name version`.
    pub needs: Vec<String>,
}

/// A tool as it is installed.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub why: String,
    /// Its version, in its own words; none where it is not installed.
    pub version: Option<String>,
    /// The SHA-256 of the program.
    pub sha256: Option<String>,
}

/// All of it.
#[derive(Debug, Default, Serialize)]
pub struct Inventory {
    /// The packages.
    pub packages: Vec<Package>,
    /// The tools.
    pub tools: Vec<Tool>,
    /// What is refused.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetaPackage>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct MetaPackage {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<MetaTarget>,
}

#[derive(Deserialize)]
struct MetaTarget {
    kind: Vec<String>,
}

impl MetaTarget {
    fn is_macro(&self) -> bool {
        self.kind.iter().any(|kind| kind == "proc-macro")
    }
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Takes stock of a tree; nothing where nothing is stated.
///
/// # Errors
/// Where cargo cannot tell, or a file cannot be read.
pub fn read(root: &Path, needs: &BTreeMap<String, Need>) -> Result<Inventory> {
    let file = root.join(FILE);
    if !file.exists() {
        return Ok(Inventory::default());
    }
    let stated: Stated = toml::from_str(&std::fs::read_to_string(&file).context(FILE)?).context(FILE)?;
    let packages = packages(root, &stated)?;
    let tools = stated.tools.iter().map(|(name, tool)| installed(root, name, tool)).collect();
    let findings = refused(&stated, &packages, needs);
    Ok(Inventory { packages, tools, findings })
}

fn packages(root: &Path, stated: &Stated) -> Result<Vec<Package>> {
    let output = Command::new("cargo")
        .current_dir(root)
        .args(["metadata", "--locked", "--all-features", "--format-version", "1", "--filter-platform", env!("TARGET")])
        .output()
        .context("cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("what cargo metadata says")?;
    let lock: toml::Table = toml::from_str(&std::fs::read_to_string(root.join("Cargo.lock"))?).context("Cargo.lock")?;
    let ours: BTreeSet<&String> = metadata.workspace_members.iter().collect();
    let by_id: BTreeMap<&String, &MetaPackage> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let named = |id: &&&String| by_id.get(**id).is_some_and(|package| stated.device.contains(&package.name));
    let macros = metadata.packages.iter().filter(|package| package.targets.iter().any(MetaTarget::is_macro));
    let macros: BTreeSet<&String> = macros.map(|package| &package.id).collect();
    let shipped = || ours.iter().filter(|id| !id.contains("/conformance#")).copied();
    let device = linked(&metadata.resolve, ours.iter().filter(named).copied(), &macros);
    let host = linked(&metadata.resolve, shipped(), &macros);
    let all = linked(&metadata.resolve, shipped(), &BTreeSet::new());
    let mut found = Vec::new();
    for node in &metadata.resolve.nodes {
        let Some(package) = by_id.get(&node.id) else { continue };
        let uses = [(&device, Use::Device), (&host, Use::Host), (&all, Use::Compiler)];
        let used = uses.iter().find(|(linked, _)| linked.contains(&node.id)).map_or(Use::Tests, |(_, used)| *used);
        let own = ours.contains(&node.id);
        let unsafe_words = (own || used != Use::Tests).then(|| unsafe_words(&package.manifest_path)).transpose()?;
        let names = |other: &&Node| ours.contains(&other.id) && other.deps.iter().any(|edge| edge.pkg == node.id);
        let users = metadata.resolve.nodes.iter().filter(names).filter_map(|other| by_id.get(&other.id));
        found.push(Package {
            name: package.name.clone(),
            version: package.version.clone(),
            licence: package.license.clone().unwrap_or_default(),
            checksum: checksum(&lock, package),
            used,
            named_by: users.map(|user| user.name.clone()).collect(),
            unsafe_words,
            reason: stated.dependencies.get(&package.name).filter(|_| !own).cloned(),
            needs: node
                .deps
                .iter()
                .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")))
                .filter_map(|edge| by_id.get(&edge.pkg))
                .map(|needed| format!("{} {}", needed.name, needed.version))
                .collect(),
        });
    }
    found.sort_by(|a, b| (a.used, &a.name, &a.version).cmp(&(b.used, &b.name, &b.version)));
    Ok(found)
}

/// What is linked into these packages, themselves included, without some and what they alone need.
fn linked<'a>(
    resolve: &'a Resolve,
    from: impl Iterator<Item = &'a String>,
    but: &BTreeSet<&String>,
) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&String> = from.collect();
    while let Some(id) = waiting.pop() {
        if !but.contains(id) && found.insert(id) {
            let node = resolve.nodes.iter().find(|node| node.id == *id);
            let edges = node.into_iter().flat_map(|node| &node.deps);
            waiting.extend(
                edges.filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none())).map(|edge| &edge.pkg),
            );
        }
    }
    found
}

fn checksum(lock: &toml::Table, package: &MetaPackage) -> Option<String> {
    let locked = lock.get("package")?.as_array()?;
    let same = |entry: &&toml::Value| {
        let is = |key: &str, value: &str| entry.get(key).and_then(toml::Value::as_str) == Some(value);
        is("name", &package.name) && is("version", &package.version)
    };
    Some(locked.iter().find(same)?.get("checksum")?.as_str()?.to_owned())
}

/// How often the word stands in the sources of a package, comments and texts aside.
fn unsafe_words(manifest: &Path) -> Result<usize> {
    let mut folders = vec![manifest.with_file_name("src")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
                if text.contains("unsafe") {
                    // What is no Rust by itself, as parts of macros are, is counted as it stands.
                    let words = tokens::words(&text).unwrap_or(text);
                    count += words
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .filter(|word| *word == "unsafe")
                        .count();
                }
            }
        }
    }
    Ok(count)
}

fn installed(root: &Path, name: &str, tool: &StatedTool) -> Tool {
    let says = |command: &str| {
        let output = Command::new("sh").current_dir(root).args(["-c", command]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().next().filter(|_| output.status.success())?.trim().to_owned();
        (!line.is_empty()).then_some(line)
    };
    let sha256 = says(&tool.file).and_then(|file| std::fs::read(file).ok()).map(|bytes| {
        use std::fmt::Write;
        Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    });
    Tool { name: name.to_owned(), why: tool.why.clone(), version: says(&tool.version), sha256 }
}

/// Dependencies without a reason, reasons for none, licences that are not allowed, and `unsafe` in a package of ours.
pub fn refused(stated: &Stated, packages: &[Package], needs: &BTreeMap<String, Need>) -> Vec<Finding> {
    let finding = |rule, place: &str, what: String| Finding { rule, place: place.to_owned(), what };
    let mut findings = Vec::new();
    for package in packages {
        let own = package.checksum.is_none();
        if !own && !package.named_by.is_empty() && package.reason.is_none() {
            findings.push(finding("dependency", &package.name, format!("{FILE} has no reason for it")));
        }
        if !stated.licences.contains(&package.licence) {
            findings.push(finding("licence", &package.name, format!("{:?} is not allowed", package.licence)));
        }
        if let Some(count) = package.unsafe_words.filter(|count| own && *count > 0) {
            findings.push(finding("unsafe", &package.name, format!("unsafe {count} times")));
        }
    }
    for (name, reason) in &stated.dependencies {
        if !packages.iter().any(|package| package.name == *name && !package.named_by.is_empty()) {
            findings.push(finding("dependency", FILE, format!("{name} is no dependency")));
        }
        if reason.requirements.is_empty() {
            findings.push(finding("dependency", FILE, format!("{name} serves no requirement")));
        }
        for id in reason.requirements.iter().filter(|id| !needs.contains_key(*id)) {
            findings.push(finding("dangling", FILE, format!("{name}: {id} is not defined")));
        }
    }
    findings
}

/// The bill of materials of what is linked, as `CycloneDX` 1.5.
pub fn bill(inventory: &Inventory, commit: &str) -> Value {
    let reference = |name: &str, version: &str| format!("pkg:cargo/{name}@{version}");
    let linked = || inventory.packages.iter().filter(|package| matches!(package.used, Use::Device | Use::Host));
    let known: BTreeSet<String> = linked().map(|package| reference(&package.name, &package.version)).collect();
    let components: Vec<Value> = linked()
        .map(|package| {
            let purl = reference(&package.name, &package.version);
            let mut component = json!({
                "type": "library", "bom-ref": purl, "purl": purl, "name": package.name, "version": package.version,
                "licenses": [{ "expression": package.licence.replace('/', " OR ") }],
                "properties": [{ "name": "wrt:used", "value": package.used }],
            });
            if let Some(checksum) = &package.checksum {
                component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
            }
            component
        })
        .collect();
    let dependencies: Vec<Value> = linked()
        .map(|package| {
            let needed = package.needs.iter().filter_map(|needed| needed.split_once(' '));
            let needed: Vec<String> =
                needed.map(|(name, version)| reference(name, version)).filter(|purl| known.contains(purl)).collect();
            json!({ "ref": reference(&package.name, &package.version), "dependsOn": needed })
        })
        .collect();
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": { "component": { "type": "application", "name": "wrt", "version": commit } },
        "components": components, "dependencies": dependencies,
    })
}
