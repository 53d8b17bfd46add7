//! Negative controls of the inventory: what it must refuse of dependencies.

use std::collections::BTreeMap;

use serde_json::json;

use trace::inventory::{Inventory, Package, Reason, Stated, Use, bill, refused};
use trace::needs::Need;

fn package(name: &str) -> Package {
    Package {
        name: name.into(),
        version: "1.2.3".into(),
        licence: "MIT".into(),
        checksum: Some("c0ffee".into()),
        used: Use::Device,
        named_by: vec!["ours".into()],
        unsafe_words: Some(1),
        reason: Some(reason()),
        needs: Vec::new(),
    }
}

fn reason() -> Reason {
    Reason { why: "rounding".into(), requirements: vec!["REQ_001".into()] }
}

fn stated() -> Stated {
    Stated { licences: vec!["MIT".into()], dependencies: [("libm".into(), reason())].into(), ..Stated::default() }
}

fn rules(stated: &Stated, packages: &[Package]) -> Vec<&'static str> {
    let need: Need = serde_json::from_value(json!({ "id": "REQ_001", "type": "req", "title": "A" })).expect("a need");
    refused(stated, packages, &BTreeMap::from([("REQ_001".into(), need)])).iter().map(|finding| finding.rule).collect()
}

#[test]
fn what_is_stated_and_allowed_is_not_refused() {
    assert_eq!(rules(&stated(), &[package("libm")]), [""; 0]);
}

#[test]
fn a_dependency_without_a_reason_is_refused() {
    let unexplained = Package { reason: None, ..package("more") };
    assert_eq!(rules(&stated(), &[package("libm"), unexplained.clone()]), ["dependency"]);
    let indirect = Package { named_by: Vec::new(), ..unexplained };
    assert_eq!(rules(&stated(), &[package("libm"), indirect]), [""; 0], "what others need has no reason of ours");
}

#[test]
fn a_reason_for_no_dependency_is_refused() {
    assert_eq!(rules(&stated(), &[]), ["dependency"]);
}

#[test]
fn a_reason_must_serve_a_requirement_that_exists() {
    let serves = |ids: &[&str]| {
        let mut stated = stated();
        let requirements = ids.iter().map(ToString::to_string).collect();
        stated.dependencies.insert("libm".into(), Reason { requirements, ..reason() });
        rules(&stated, &[package("libm")])
    };
    assert_eq!(serves(&[]), ["dependency"]);
    assert_eq!(serves(&["REQ_001", "REQ_999"]), ["dangling"]);
}

#[test]
fn a_licence_that_is_not_allowed_is_refused() {
    assert_eq!(rules(&stated(), &[Package { licence: "GPL-3.0".into(), ..package("libm") }]), ["licence"]);
    assert_eq!(rules(&stated(), &[Package { licence: String::new(), ..package("libm") }]), ["licence"]);
}

#[test]
fn unsafe_code_of_ours_is_refused() {
    let ours = Package { checksum: None, named_by: Vec::new(), reason: None, ..package("ours") };
    assert_eq!(rules(&stated(), &[package("libm"), ours]), ["unsafe"]);
}

#[test]
fn the_bill_has_what_is_linked() {
    let needed = Package { name: "core".into(), needs: Vec::new(), ..package("") };
    let user = Package {
        needs: vec!["core 1.2.3".into(), "gone 1.0.0".into()],
        licence: "MIT/Apache-2.0".into(),
        ..package("libm")
    };
    let tests = Package { used: Use::Tests, ..package("proptest") };
    let inventory = Inventory { packages: vec![user, needed, tests], ..Inventory::default() };
    let bill = bill(&inventory, "c0ffee");
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["components"].as_array().map(Vec::len), Some(2));
    assert_eq!(bill["components"][0]["purl"], "pkg:cargo/libm@1.2.3");
    assert_eq!(bill["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(bill["dependencies"][0]["dependsOn"], json!(["pkg:cargo/core@1.2.3"]));
}
