//! Compares two analyses: one endpoint before and after, or a good and a bad one. Only what differs is shown.

mod args;
mod facts;
mod text;

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

pub use args::{Diff, Form};

use crate::model::{Analysis, Case, Confidence, EvidenceRef, Verdict};
use crate::report::{Lang, json, say};
use facts::{Facts, Key};

/// Name of the schema, as the comparison carries it.
const SCHEMA: &str = "tetra-diff/1";

/// What a fact is about, in the order in which groups are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Group {
    Outcome,
    Path,
    Rungs,
    Timings,
    Resolvers,
    Proxy,
    Certificates,
    Settings,
    Versions,
    Endpoint,
    Sources,
}

impl Group {
    const ALL: [(Group, &'static str); 11] = [
        (Group::Outcome, "Outcome"),
        (Group::Path, "Path"),
        (Group::Rungs, "Rungs of the attempt"),
        (Group::Timings, "Timings"),
        (Group::Resolvers, "Resolvers"),
        (Group::Proxy, "Proxy"),
        (Group::Certificates, "Certificates"),
        (Group::Settings, "Settings"),
        (Group::Versions, "Versions"),
        (Group::Endpoint, "Endpoint"),
        (Group::Sources, "Sources"),
    ];

    fn title(self) -> &'static str {
        Self::ALL.iter().find(|(group, _)| *group == self).map_or("", |(_, title)| title)
    }
}

/// One side of the comparison.
#[derive(Debug, Serialize)]
struct Side {
    path: String,
    sha256: String,
    verdict: Verdict,
    cause: Option<String>,
    confidence: Option<Confidence>,
    summary: String,
}

/// What one side says of a fact.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Said {
    /// In words.
    value: String,
    /// Where to check it.
    evidence: Vec<EvidenceRef>,
    /// What is compared, where that is not the words.
    #[serde(skip)]
    by: By,
}

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq)]
enum By {
    /// The words.
    #[default]
    Value,
    /// Another word.
    Word(&'static str),
    /// Milliseconds, roughly.
    Milliseconds(u64),
    /// A count, roughly.
    Count(u64),
}

/// A fact that differs; `None` where a side says nothing of it.
#[derive(Debug, Serialize)]
struct Difference {
    what: String,
    a: Option<Said>,
    b: Option<Said>,
}

#[derive(Debug, Serialize)]
struct Differences {
    group: Group,
    differences: Vec<Difference>,
}

/// Two sides and what differs between them.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    schema: &'static str,
    a: Side,
    b: Side,
    /// Verdict, cause and the end of the last attempt are the same.
    same_outcome: bool,
    groups: Vec<Differences>,
}

impl Comparison {
    /// Tells whether verdict, cause and the end of the last attempt are the same.
    pub fn same_outcome(&self) -> bool {
        self.same_outcome
    }

    /// Gives what both sides say in a language; names and values of the input stay.
    pub fn translate(&mut self, lang: Lang) {
        let said = |text: &mut String| *text = say(text, lang).into_owned();
        for side in [&mut self.a, &mut self.b] {
            said(&mut side.summary);
        }
        for group in &mut self.groups {
            // What files say is theirs.
            let quoted =
                matches!(group.group, Group::Proxy | Group::Settings | Group::Versions | Group::Endpoint);
            for difference in &mut group.differences {
                said(&mut difference.what);
                let sides = [&mut difference.a, &mut difference.b].into_iter().flatten();
                for side in sides.filter(|_| !quoted) {
                    match side.value.split_once(": ").filter(|_| group.group == Group::Rungs) {
                        Some((state, why)) => {
                            side.value = format!("{}: {}", say(state, lang), say(why, lang))
                        }
                        None => said(&mut side.value),
                    }
                }
            }
        }
    }

    /// Writes the comparison.
    pub fn write(&self, form: Form, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
        match form {
            Form::Text => text::write(self, lang, out),
            Form::Json => json::pretty(self, out),
        }
    }
}

/// Compares two analyses.
pub(crate) fn compare(a: (&Analysis, &Case), b: (&Analysis, &Case)) -> Comparison {
    let (left, right) = (facts::of(a.0, a.1), facts::of(b.0, b.1));
    let keys: BTreeSet<&Key> = left.keys().chain(right.keys()).collect();
    let mut groups: Vec<Differences> = Vec::new();
    for key in keys {
        let (one, other) = (left.get(key), right.get(key));
        if one.zip(other).is_some_and(|(one, other)| agree(one, other)) || one.or(other).is_none() {
            continue;
        }
        // What decided a rung, and when, is compared where both sides came to it: that one did not is said once.
        let detail = key.group == Group::Timings || key.group == Group::Rungs && key.what.contains(':');
        let idle = key.group == Group::Rungs && (is_idle(&left) || is_idle(&right));
        if idle || detail && (one.is_none() || other.is_none()) {
            continue;
        }
        let difference = Difference { what: key.what.clone(), a: one.cloned(), b: other.cloned() };
        match groups.last_mut().filter(|last| last.group == key.group) {
            Some(last) => last.differences.push(difference),
            None => groups.push(Differences { group: key.group, differences: vec![difference] }),
        }
    }
    let same_outcome = !groups.iter().any(|group| group.group == Group::Outcome);
    Comparison { schema: SCHEMA, a: side(a.0), b: side(b.0), same_outcome, groups }
}

fn is_idle(facts: &Facts) -> bool {
    !facts.keys().any(|key| key.group == Group::Rungs)
}

fn side(analysis: &Analysis) -> Side {
    let diagnosis = &analysis.diagnosis;
    Side {
        path: analysis.input.path.clone(),
        sha256: analysis.input.sha256.clone(),
        verdict: diagnosis.verdict,
        cause: diagnosis.primary.as_ref().map(|primary| primary.cause.clone()),
        confidence: diagnosis.primary.as_ref().map(|primary| primary.confidence),
        summary: diagnosis.summary.clone(),
    }
}

/// Tells whether both sides say the same, as far as it matters.
fn agree(one: &Said, other: &Said) -> bool {
    /// Milliseconds below which times do not differ.
    const MATTERS: u64 = 100;
    match (&one.by, &other.by) {
        (By::Word(one), By::Word(other)) => one == other,
        (By::Milliseconds(one), By::Milliseconds(other)) => {
            one.abs_diff(*other) < MATTERS || *one.max(other) < one.min(other).saturating_mul(2)
        }
        (By::Count(one), By::Count(other)) => one.abs_diff(*other) <= one.max(other) / 10,
        _ => one.value == other.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(by: By) -> Said {
        Said { value: format!("{by:?}"), evidence: Vec::new(), by }
    }

    #[test]
    fn what_differs_little_agrees() {
        let agrees = |one: By, other: By| agree(&said(one), &said(other));
        assert!(agrees(By::Milliseconds(10), By::Milliseconds(90)));
        assert!(agrees(By::Milliseconds(1_000), By::Milliseconds(1_900)));
        assert!(!agrees(By::Milliseconds(1_000), By::Milliseconds(2_000)));
        assert!(agrees(By::Count(1_000), By::Count(1_100)));
        assert!(!agrees(By::Count(0), By::Count(1)));
        assert!(agrees(By::Word("ok"), By::Word("ok")));
        assert!(!agrees(By::Word("ok"), By::Word("failed")));
    }

    #[test]
    fn every_group_has_a_title_and_they_stand_in_order() {
        assert!(Group::ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(Group::ALL.iter().all(|(group, title)| !title.is_empty() && group.title() == *title));
    }
}
