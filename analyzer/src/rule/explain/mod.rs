//! Explains what a rule says of a bundle: the tree of tests with their values, which of them decided, the nearest
//! misses, and for absence what no source covers.

mod relation;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use crate::model::{Covered, Kind, Locator, Observation, SourceCoverage};

use super::example::Expect;
use super::problem::{count, nearest};
use super::select::Detection;
use super::set::{Body, Rule, RuleSet};

/// How many observations are shown of each rule.
const SHOWN: usize = 3;

/// What is known of a bundle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// What the sources state and what was derived from it.
    pub observations: &'a [Observation],
    /// What the sources cover, for rules about absence.
    pub covered: &'a [Covered],
    /// Which sources were read.
    pub sources: &'a [SourceCoverage],
}

/// What a rule says of a bundle, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What it says.
    pub outcome: Expect,
    /// Why, as text.
    pub text: String,
}

/// Explains a rule by its name or id; `None` if there is no such rule.
pub fn explain(set: &RuleSet, name: &str, seen: Seen<'_>) -> Option<Explained> {
    let rule = set.rules.iter().rev().find(|rule| rule.name == name || rule.id == name)?;
    let mut text = head(set, rule);
    let outcome = match &rule.body {
        Body::Detection { kind, detection, filters } => {
            let fitting = single(set, (*kind, detection, filters), seen, "", &mut text);
            let unseen = silence(set, *kind, seen);
            match (fitting, unseen) {
                (0, Some(why)) => {
                    text.push_str(&format!("cannot tell: {why}\n"));
                    Expect::CannotTell
                }
                (0, None) => Expect::NoMatch,
                _ => Expect::Match,
            }
        }
        Body::Correlation(correlation) => relation::explain(set, correlation, seen, &mut text),
    };
    text.push_str(match outcome {
        Expect::Match => "answer: the rule holds\n",
        Expect::NoMatch => "answer: the rule does not hold\n",
        Expect::CannotTell => "answer: it cannot be told\n",
    });
    if !rule.on {
        text.push_str("a later pack switched this rule off: the diagnosis does not hear it\n");
    }
    Some(Explained { outcome, text })
}

/// Gives the name of a rule that is most like the one asked for.
pub fn nearest_rule<'s>(set: &'s RuleSet, name: &str) -> Option<&'s str> {
    nearest(name, set.rules.iter().map(|rule| rule.name.as_str()))
}

fn head(set: &RuleSet, rule: &Rule) -> String {
    let place = format!("{}, {}:{}", set.pack_of(rule), rule.file, rule.at.line);
    let mut text = format!("{}: {} ({place})\n", rule.name, rule.title);
    if let Some(vote) = &rule.vote {
        let slugs = |list: &[(String, super::problem::At)]| {
            list.iter().map(|(slug, _)| slug.as_str()).collect::<Vec<_>>().join(", ")
        };
        for (word, list) in [("for", &vote.supports), ("against", &vote.refutes)] {
            if !list.is_empty() {
                text.push_str(&format!("speaks {word} {} ({})\n", slugs(list), vote.strength.name()));
            }
        }
    }
    text
}

/// Explains the tests of single observations: those that fit, else the nearest misses. Gives how many fit.
fn single(
    set: &RuleSet,
    (kind, detection, filters): (Kind, &Detection, &[Arc<Detection>]),
    seen: Seen<'_>,
    indent: &str,
    out: &mut String,
) -> usize {
    let mut scored = Vec::new();
    for (position, observation) in seen.observations.iter().enumerate().filter(|(_, one)| one.kind == kind) {
        let mut slots = Vec::new();
        set.layout.fill(observation, &mut slots);
        let fits = detection.holds(&slots);
        let kept = filters.iter().all(|filter| filter.holds(&slots));
        let near = tree::score(detection, &detection.condition, &slots);
        scored.push((fits && kept, near, position, fits && !kept));
    }
    let matched = scored.iter().filter(|(fits, ..)| *fits).count();
    out.push_str(&format!(
        "{indent}{} of {}; {matched} fit\n",
        count(scored.len(), "observation"),
        kind.name()
    ));
    scored
        .sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)).then(one.2.cmp(&other.2)));
    for (fits, _, position, filtered) in scored.into_iter().take(SHOWN) {
        let Some(observation) = seen.observations.get(position) else { continue };
        let mut slots = Vec::new();
        set.layout.fill(observation, &mut slots);
        let decided = if fits {
            "fits".to_owned()
        } else if filtered {
            "fits, and a filter takes it out".to_owned()
        } else {
            format!("does not fit: {}", tree::blame(detection, &detection.condition, true, &slots).join("; "))
        };
        out.push_str(&format!("{indent}{}: {decided}\n", place(observation)));
        tree::show(detection, &detection.condition, &slots, &format!("{indent}  "), out);
        if filtered {
            for filter in filters.iter().filter(|filter| !filter.holds(&slots)) {
                out.push_str(&format!("{indent}  the filter asks for\n"));
                tree::show(filter, &filter.condition, &slots, &format!("{indent}  "), out);
            }
        }
    }
    matched
}

/// Says why observations of a kind could not be there: none of its sources was read.
fn silence(set: &RuleSet, kind: Kind, seen: Seen<'_>) -> Option<String> {
    let from = set.taxonomy.kind(kind).map(|spec| spec.from.as_slice()).unwrap_or_default();
    let read = |source: &String| {
        seen.sources
            .iter()
            .any(|one| one.source == *source && matches!(one.state.as_str(), "read" | "partly"))
    };
    let there = seen.observations.iter().any(|one| one.kind == kind) || from.iter().any(read);
    (!there)
        .then(|| format!("{} comes from {}, and none of it is in the bundle", kind.name(), from.join(", ")))
}

/// Names the place of an observation, with the attempt it belongs to.
fn place(observation: &Observation) -> String {
    let mut place = match observation.evidence.first() {
        None => "a derived fact".to_owned(),
        Some(evidence) => match &evidence.locator {
            Locator::Line(number) => format!("{}, line {number}", evidence.path),
            Locator::Frame(number) => format!("{}, frame {number}", evidence.path),
            Locator::Element(path) => format!("{}, {path}", evidence.path),
            Locator::Whole => evidence.path.clone(),
        },
    };
    if let Some(attempt) = observation.attempt {
        place.push_str(&format!(" (attempt {attempt})"));
    }
    place
}
