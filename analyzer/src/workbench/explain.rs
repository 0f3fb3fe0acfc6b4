//! `rules explain`: what one rule makes of one bundle.

use std::io::Write;
use std::path::PathBuf;

use tetra_bundle::{Bundle, Limits};

use crate::model::SourceCoverage;
use crate::progress::Progress;
use crate::rule::{self, Expect, RuleSet, Seen};
use crate::run::Error;
use crate::{derive, facts, gather};

/// Exit status where it cannot be told.
const OPEN: u8 = 3;

/// Explains a rule on a bundle; gives the exit status.
pub(super) fn run(rules: &RuleSet, name: &str, paths: &[PathBuf], out: &mut dyn Write) -> Result<u8, Error> {
    let near = rule::nearest_rule(rules, name);
    let unknown = || Error::Unknown { what: "rule", word: name.to_owned(), near: near.map(str::to_owned) };
    if !rules.list().iter().any(|rule| rule.name == name || rule.id == name) {
        return Err(unknown());
    }
    let bundle = Bundle::open_many(paths, Limits::default()).map_err(Error::Open)?;
    let progress = Progress::on_terminal();
    let gathered = gather::gather(&bundle, rules.endpoints(), rules.templates(), &progress);
    let derived = derive::derive(&gathered.traffic, &gathered.endpoints);
    let mut observations = gathered.observations;
    observations.extend(derived.observations);
    facts::relate(&mut observations, &derived.ladders, &gathered.traffic);
    progress.finish();
    let mut sources = gathered.coverage;
    sources.extend(bundle.manifest().map(|_| manifest()));
    let seen = Seen { observations: &observations, covered: &gathered.covered, sources: &sources };
    let explained = rule::explain(rules, name, seen).ok_or_else(unknown)?;
    out.write_all(explained.text.as_bytes())?;
    Ok(match explained.outcome {
        Expect::Match => super::GOOD,
        Expect::NoMatch => super::BAD,
        Expect::CannotTell => OPEN,
    })
}

/// The manifest is read with the bundle, so no parser tells of it.
fn manifest() -> SourceCoverage {
    SourceCoverage {
        source: tetra_bundle::SourceId::Manifest.to_string(),
        path: tetra_bundle::MANIFEST.to_owned(),
        state: "read".to_owned(),
        covers: None,
        note: String::new(),
        debug: None,
    }
}
