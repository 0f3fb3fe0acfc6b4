//! Tests packs by their examples: every example is replayed, and every test that no example needs is named.

use std::borrow::Cow;

use serde::Serialize;

use crate::model::{Observation, Value};

use super::correlate::Coverage;
use super::example::{Example, Expect, START};
use super::problem::count;
use super::select::{Detection, With};
use super::set::{Body, Rule, RuleSet};

/// What `rules test` found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many rules have examples.
    pub rules: usize,
    /// How many examples were replayed.
    pub examples: usize,
    /// Examples of which a rule says something else than expected.
    pub failed: Vec<Failure>,
    /// Tests that no example needs.
    pub unneeded: Vec<Unneeded>,
}

/// An example that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Name of the rule.
    pub rule: String,
    /// Path of its file.
    pub file: String,
    /// Line of the example.
    pub line: u32,
    /// Name of the example, or its number.
    pub example: String,
    /// What is expected.
    pub expected: &'static str,
    /// What the rule says.
    pub said: &'static str,
}

/// A test without which all examples come out the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unneeded {
    /// Name of the rule.
    pub rule: String,
    /// Path of its file.
    pub file: String,
    /// Line of the test.
    pub line: u32,
    /// Column of the test.
    pub column: u32,
    /// Name of the selection.
    pub selection: String,
    /// The test as it is written.
    pub test: String,
}

/// Replays every example of every rule in force, then again without each test.
pub fn run(set: &RuleSet) -> Report {
    let mut report = Report::default();
    let Ok(set) = set.full() else { return report };
    let set = set.as_ref();
    let mut failed = Vec::new();
    for (number, rule) in set.rules.iter().enumerate() {
        report.rules += usize::from(!rule.examples.is_empty());
        for (position, example) in rule.examples.iter().enumerate() {
            report.examples += 1;
            let said = Replay::new(set, example).outcome(number, None);
            if said != example.expect {
                failed.push(number);
                let name = if example.name.is_empty() {
                    format!("number {}", position + 1)
                } else {
                    example.name.clone()
                };
                report.failed.push(Failure {
                    rule: rule.name.clone(),
                    file: rule.file.clone(),
                    line: example.at.line,
                    example: name,
                    expected: example.expect.name(),
                    said: said.name(),
                });
            }
        }
    }
    for (number, rule) in set.rules.iter().enumerate() {
        if let Body::Detection { detection, .. } = &rule.body {
            mutate(set, number, rule, detection, &failed, &mut report);
        }
    }
    report
}

/// Takes out each test of a rule and replays the examples of all rules that use it.
fn mutate(
    set: &RuleSet,
    number: usize,
    rule: &Rule,
    detection: &Detection,
    failed: &[usize],
    report: &mut Report,
) {
    let users: Vec<usize> = set
        .rules
        .iter()
        .enumerate()
        .filter(|(other, user)| {
            *other == number
                || matches!(&user.body, Body::Correlation(one) if one.members.iter().any(|member| member.rule == number))
        })
        .map(|(other, _)| other)
        .collect();
    if users.iter().any(|user| failed.contains(user)) {
        return;
    }
    let replays: Vec<(usize, Replay<'_>)> = users
        .iter()
        .filter_map(|user| Some((*user, set.rules.get(*user)?)))
        .flat_map(|(user, rule)| rule.examples.iter().map(move |example| (user, Replay::new(set, example))))
        .collect();
    let mut mutant = detection.clone();
    for (selection, original) in detection.selections.iter().enumerate() {
        for (alternative, items) in original.any_of.iter().enumerate() {
            for (position, item) in items.iter().enumerate() {
                let place = |mutant: &mut Detection, with: With| {
                    let items =
                        mutant.selections.get_mut(selection).and_then(|one| one.any_of.get_mut(alternative));
                    if let Some(item) = items.and_then(|items| items.get_mut(position)) {
                        item.with = with;
                    }
                };
                place(&mut mutant, With::Anything);
                let noticed = replays.iter().any(|(user, replay)| {
                    replay.outcome(*user, Some((number, &mutant))) != replay.example.expect
                });
                place(&mut mutant, item.with.clone());
                if !noticed {
                    report.unneeded.push(Unneeded {
                        rule: rule.name.clone(),
                        file: rule.file.clone(),
                        line: item.at.line,
                        column: item.at.column,
                        selection: original.name.clone(),
                        test: format!("{}: {}", item.key, item.shown),
                    });
                }
            }
        }
    }
}

/// An example, ready to be judged again and again.
struct Replay<'s> {
    set: &'s RuleSet,
    example: &'s Example,
    slots: Vec<Vec<Option<Cow<'s, Value>>>>,
}

impl<'s> Replay<'s> {
    fn new(set: &'s RuleSet, example: &'s Example) -> Self {
        let fill = |observation: &'s Observation| {
            let mut slots = Vec::new();
            set.layout.fill(observation, &mut slots);
            slots
        };
        Self { set, example, slots: example.observations.iter().map(fill).collect() }
    }

    /// Says what a rule says of the example, with the tests of one rule exchanged.
    fn outcome(&self, number: usize, exchanged: Option<(usize, &Detection)>) -> Expect {
        match self.set.rules.get(number).map(|rule| &rule.body) {
            Some(Body::Detection { .. }) if self.fits(number, exchanged).is_empty() => Expect::NoMatch,
            Some(Body::Detection { .. }) => Expect::Match,
            Some(Body::Correlation(correlation)) => {
                let hits = |rule: usize| self.fits(rule, exchanged);
                let sources =
                    correlation.members.iter().flat_map(|member| member.from.iter().map(String::as_str));
                let coverage = match self.example.covered {
                    Some(span) => Coverage::of(sources, START, START.saturating_add(span)),
                    None => Coverage::default(),
                };
                let relations = correlation.relations(&hits, &self.example.observations, &coverage);
                if relations.iter().any(|relation| relation.open.is_none()) {
                    Expect::Match
                } else if relations.is_empty() {
                    Expect::NoMatch
                } else {
                    Expect::CannotTell
                }
            }
            None => Expect::NoMatch,
        }
    }

    fn fits(&self, number: usize, exchanged: Option<(usize, &Detection)>) -> Vec<usize> {
        let Some(Body::Detection { kind, detection, filters }) =
            self.set.rules.get(number).map(|rule| &rule.body)
        else {
            return Vec::new();
        };
        let detection = match exchanged {
            Some((other, mutant)) if other == number => mutant,
            _ => detection,
        };
        self.example
            .observations
            .iter()
            .zip(&self.slots)
            .enumerate()
            .filter(|(_, (observation, slots))| {
                observation.kind == *kind
                    && detection.holds(slots)
                    && filters.iter().all(|filter| filter.holds(slots))
            })
            .map(|(position, _)| position)
            .collect()
    }
}

impl Report {
    /// Says whether the packs pass: there are examples, and all are met; strictly, every test must be needed by an example.
    pub fn passes(&self, strict: bool) -> bool {
        self.examples > 0 && self.failed.is_empty() && (!strict || self.unneeded.is_empty())
    }

    /// Writes the report as text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for one in &self.failed {
            out.push_str(&format!(
                "{}:{}: `{}`, example {}: expected {}, but the rule says {}\n",
                one.file, one.line, one.rule, one.example, one.expected, one.said
            ));
        }
        for one in &self.unneeded {
            out.push_str(&format!(
                "{}:{}:{}: `{}`, selection `{}`: no example needs `{}`\n",
                one.file, one.line, one.column, one.rule, one.selection, one.test
            ));
        }
        out.push_str(&format!(
            "{} of {}: {} failed; {} without need\n",
            count(self.examples, "example"),
            count(self.rules, "rule"),
            self.failed.len(),
            count(self.unneeded.len(), "test"),
        ));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_sample_passes_and_names_what_no_example_needs() {
        let report = run(&sample::set());
        assert_eq!(report.failed, []);
        assert_eq!(report.examples, 12);
        let unneeded: Vec<String> =
            report.unneeded.iter().map(|one| format!("{} {}", one.rule, one.test)).collect();
        // The two correlations look well tested, and are not.
        assert!(unneeded.contains(&"proxy_407 http.via_proxy: true".to_owned()), "{unneeded:?}");
        assert!(unneeded.contains(&"flow_reset tcp.role: update_server".to_owned()), "{unneeded:?}");
        assert!(!unneeded.iter().any(|one| one.starts_with("dns_unanswered")), "{unneeded:?}");
        assert!(report.passes(false) && !report.passes(true));
    }

    #[test]
    fn an_example_that_is_not_met_fails() {
        let wrong = sample::DNS.replace("dns.tries: 1}", "dns.tries: 2}");
        let report = run(&sample::with("dns/dns_unanswered.yml", &wrong).unwrap());
        assert_eq!(report.failed.len(), 1);
        assert_eq!((report.failed[0].expected, report.failed[0].said), ("no-match", "match"));
        assert!(report.render().contains("example number 4: expected no-match, but the rule says match"));
    }
}
