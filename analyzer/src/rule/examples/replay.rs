//! Replays one example, with a rule as it is written or with a changed one in its place.

use std::borrow::Cow;

use crate::model::{Observation, Value};

use super::super::correlate::{Correlation, Coverage};
use super::super::example::{Example, Expect, START};
use super::super::select::Detection;
use super::super::set::{Body, RuleSet};

/// A rule's tests in place of those it has.
#[derive(Clone, Copy)]
pub(super) enum Mutant<'m> {
    /// Of single observations.
    Detection(usize, &'m Detection),
    /// Of relations.
    Correlation(usize, &'m Correlation),
}

/// An example, ready to be judged again and again.
pub(super) struct Replay<'s> {
    set: &'s RuleSet,
    /// The example.
    pub example: &'s Example,
    slots: Vec<Vec<Option<Cow<'s, Value>>>>,
}

impl<'s> Replay<'s> {
    /// Puts the example's observations into their slots.
    pub(super) fn new(set: &'s RuleSet, example: &'s Example) -> Self {
        let fill = |observation: &'s Observation| {
            let mut slots = Vec::new();
            set.layout.fill(observation, &mut slots);
            slots
        };
        Self { set, example, slots: example.observations.iter().map(fill).collect() }
    }

    /// Says what a rule says of the example, with the tests of one rule exchanged.
    pub(super) fn outcome(&self, number: usize, mutant: Option<Mutant<'_>>) -> Expect {
        match self.set.rules.get(number).map(|rule| &rule.body) {
            Some(Body::Detection { .. }) if self.fits(number, mutant).is_empty() => Expect::NoMatch,
            Some(Body::Detection { .. }) => Expect::Match,
            Some(Body::Correlation(correlation)) => {
                let correlation = match mutant {
                    Some(Mutant::Correlation(other, mutant)) if other == number => mutant,
                    _ => correlation,
                };
                let hits = |rule: usize| self.fits(rule, mutant);
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

    fn fits(&self, number: usize, mutant: Option<Mutant<'_>>) -> Vec<usize> {
        let Some(Body::Detection { kind, detection, filters }) =
            self.set.rules.get(number).map(|rule| &rule.body)
        else {
            return Vec::new();
        };
        let detection = match mutant {
            Some(Mutant::Detection(other, mutant)) if other == number => mutant,
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
