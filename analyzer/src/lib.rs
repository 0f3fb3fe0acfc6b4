//! Names the one cause why an endpoint does not get its TETRA definitions, with the evidence.
//!
//! `bundle → sources → observations → rules → findings → diagnosis → report`: [`diagnose`] is the whole flow.

pub mod args;
pub mod batch;
pub mod derive;
pub mod diagnosis;
pub mod diff;
mod facts;
mod gather;
pub mod model;
pub mod packs;
pub mod progress;
pub mod report;
pub mod rule;
pub mod run;
pub mod slice;
pub mod source;
pub mod sqlite;
mod workbench;

use tetra_bundle::Bundle;

use crate::model::{Analysis, Case, Input, Span, Tool};
use crate::progress::Progress;
use crate::rule::RuleSet;

/// Analyses a bundle with a set of rules. `shown` is the path as the user gave it.
pub fn diagnose(
    bundle: &Bundle,
    rules: &RuleSet,
    shown: &str,
    progress: &Progress,
) -> Result<Analysis, tetra_bundle::Error> {
    examine(bundle, rules, shown, progress).map(|(analysis, _)| analysis)
}

/// Analyses a bundle; gives what was found out beside the answer.
pub(crate) fn examine(
    bundle: &Bundle,
    rules: &RuleSet,
    shown: &str,
    progress: &Progress,
) -> Result<(Analysis, Case), tetra_bundle::Error> {
    std::thread::scope(|scope| {
        // The hash reads the input once more; it does so beside everything else.
        let sha256 = scope.spawn(|| bundle.sha256());
        let gathered = gather::gather(bundle, rules.endpoints(), rules.templates(), progress);
        let derived = derive::derive(&gathered.traffic, &gathered.endpoints);
        let mut observations = gathered.observations;
        observations.extend(derived.observations);
        facts::relate(&mut observations, &derived.ladders, &gathered.traffic);
        let mut case = Case {
            traffic: gathered.traffic,
            ladders: derived.ladders,
            observations,
            covered: gathered.covered,
            coverage: gathered.coverage,
            anomalies: gathered.anomalies,
            ..Case::default()
        };
        let mut analysis = judge(bundle, rules, &mut case);
        shown.clone_into(&mut analysis.input.path);
        analysis.input.sha256 = sha256.join().unwrap_or_else(|_| Ok(String::new()))?;
        Ok((analysis, case))
    })
}

/// Judges what was found out by a set of rules, in the language that it speaks; the name and the hash of the input are
/// left empty.
pub(crate) fn judge(bundle: &Bundle, rules: &RuleSet, case: &mut Case) -> Analysis {
    let judgement = rules.judge(&case.observations, &case.covered);
    case.votes = judgement.hits.iter().map(|hit| facts::vote(hit, &case.observations)).collect();
    case.open =
        judgement.open.iter().map(|question| format!("{} ({})", question.title, question.why)).collect();
    case.causes = rules.causes().to_vec();
    let covers = case.covered.iter().map(|covered| covered.from).min();
    let covers = covers.zip(case.covered.iter().map(|covered| covered.to).max());
    let collected = bundle.manifest().and_then(|manifest| manifest.times.start);
    Analysis {
        schema: "tetra-analysis/1".to_owned(),
        tool: Tool { name: "tetra-analyze".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        rules: rules.packs().to_vec(),
        input: Input {
            path: String::new(),
            sha256: String::new(),
            layout: facts::layout(bundle.layout()).to_owned(),
            collected: collected.map(|time| model::Timestamp::from(time).to_string()),
            covers: covers.map(|(from, to)| Span::new(from, to)),
        },
        attempts: case.ladders.iter().map(|ladder| facts::attempt(&case.traffic, ladder)).collect(),
        findings: case.votes.iter().map(|vote| vote.finding.clone()).collect(),
        endpoint: facts::endpoint(bundle, case, rules.codes()),
        coverage: case.coverage.clone(),
        anomalies: case.anomalies.clone(),
        diagnosis: diagnosis::diagnose(case),
    }
}
