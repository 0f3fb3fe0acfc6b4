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
        let judgement = rules.judge(&observations, &gathered.covered);
        let case = Case {
            votes: judgement.hits.iter().map(|hit| facts::vote(hit, &observations)).collect(),
            open: judgement
                .open
                .iter()
                .map(|question| format!("{} ({})", question.title, question.why))
                .collect(),
            causes: rules.causes().to_vec(),
            traffic: gathered.traffic,
            ladders: derived.ladders,
            observations,
            coverage: gathered.coverage,
            anomalies: gathered.anomalies,
        };
        let diagnosis = diagnosis::diagnose(&case);
        let covers = gathered
            .covered
            .iter()
            .map(|covered| covered.from)
            .min()
            .zip(gathered.covered.iter().map(|covered| covered.to).max());
        let collected = bundle.manifest().and_then(|manifest| manifest.times.start);
        let sha256 = sha256.join().unwrap_or_else(|_| Ok(String::new()))?;
        let analysis = Analysis {
            schema: "tetra-analysis/1".to_owned(),
            tool: Tool { name: "tetra-analyze".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            rules: rules.packs().to_vec(),
            input: Input {
                path: shown.to_owned(),
                sha256,
                layout: facts::layout(bundle.layout()).to_owned(),
                collected: collected.map(|time| model::Timestamp::from(time).to_string()),
                covers: covers.map(|(from, to)| Span::new(from, to)),
            },
            attempts: case.ladders.iter().map(|ladder| facts::attempt(&case.traffic, ladder)).collect(),
            findings: case.votes.iter().map(|vote| vote.finding.clone()).collect(),
            endpoint: facts::endpoint(bundle, &case, rules.codes()),
            coverage: case.coverage.clone(),
            anomalies: case.anomalies.clone(),
            diagnosis,
        };
        Ok((analysis, case))
    })
}
