//! Results of single tests in the form of `JUnit`, which other tools read: a suite for each target.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::evidence::{Evidence, Outcome, Run};

/// All results. What a suspect campaign says is told as skipped: it vouches for nothing.
pub(super) fn results(evidence: &Evidence) -> String {
    let mut suites: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for run in &evidence.runs {
        suites.entry(&run.target).or_default().push(run);
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (target, mut runs) in suites {
        runs.sort_by_key(|run| (&run.root, &run.name));
        let count = |outcome| runs.iter().filter(|run| !run.suspect && run.outcome == outcome).count();
        let (all, passed, failed) = (runs.len(), count(Outcome::Passed), count(Outcome::Failed));
        let skipped = all - passed - failed;
        let seconds: f64 = runs.iter().map(|run| run.seconds).sum();
        let _ = writeln!(
            xml,
            "<testsuite name=\"{}\" tests=\"{all}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\" time=\"{seconds:.3}\">",
            escaped(target)
        );
        for Run { root, name, outcome, seconds, suspect, .. } in runs {
            let (root, name) = (escaped(root), escaped(name));
            let inner = match outcome {
                _ if *suspect => "<skipped message=\"of a campaign that is suspect\"/>",
                Outcome::Passed => "",
                Outcome::Failed => "<failure message=\"failed, or did not end in time\"/>",
                Outcome::Ignored => "<skipped message=\"left out\"/>",
            };
            let _ = writeln!(
                xml,
                "<testcase classname=\"{root}\" name=\"{name}\" time=\"{seconds:.3}\">{inner}</testcase>"
            );
        }
        xml.push_str("</testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
