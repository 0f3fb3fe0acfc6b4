//! Relations between hits of several rules: order, togetherness, counts, and absence where a source covers the gap.

mod cover;
mod group;
#[cfg(test)]
mod oracle;
mod ordered;
pub(crate) mod spec;
mod window;

use std::cmp::Ordering;

use crate::model::{Kind, Locator, Observation};

pub(crate) use cover::Coverage;

use super::select::Order;

/// What is asked of the members' hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One after the other.
    Ordered,
    /// All within the span, in any order.
    Together,
    /// So many hits within the span.
    Count(Order, usize),
    /// So many different values of a field within the span.
    Values(Order, usize),
}

/// A rule whose hits are related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its number in the rule set.
    pub rule: usize,
    /// Its name.
    pub name: String,
    /// The kind of its observations.
    pub kind: Kind,
    /// Whether it must be absent.
    pub negated: bool,
    /// The sources that could show it.
    pub from: Vec<String>,
    /// The field whose values are counted.
    pub counted: Option<String>,
}

/// What splits the hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The endpoint.
    Endpoint,
    /// The attempt.
    Attempt,
    /// A field, named for every member.
    Field(Vec<String>),
}

/// A correlation, ready to be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Correlation {
    /// What is asked.
    pub form: Form,
    /// The members in the order of `rules:`.
    pub members: Vec<Member>,
    /// What splits the hits.
    pub group_by: Vec<Key>,
    /// The span in nanoseconds.
    pub span: i64,
}

/// Hits that stand in the relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    /// Positions of the observations, in the order of the relation.
    pub observations: Vec<usize>,
    /// Why it cannot be told whether the relation holds; `None` where it does.
    pub open: Option<String>,
}

/// A hit in time: when, and where in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp<'o> {
    time: i64,
    path: &'o str,
    locator: &'o Locator,
    observation: usize,
}

/// A hit's place in the order of sorting.
type SortKey<'o> = (i64, &'o str, &'o Locator);

impl<'o> Stamp<'o> {
    fn of(position: usize, observation: &'o Observation) -> Option<Self> {
        let time = observation.time?.0;
        let (path, locator) = observation
            .evidence
            .first()
            .map_or(("", &Locator::Whole), |evidence| (evidence.path.as_str(), &evidence.locator));
        Some(Self { time, path, locator, observation: position })
    }

    fn key(&self) -> SortKey<'o> {
        (self.time, self.path, self.locator)
    }

    /// Says whether this hit came first; equal times are ordered only within one source.
    fn before(&self, other: &Self) -> bool {
        match self.time.cmp(&other.time) {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal => self.path == other.path && self.locator < other.locator,
        }
    }
}

/// The hits of one group.
#[derive(Debug, Default)]
pub(crate) struct Group<'o> {
    /// For every member its hits in order.
    timed: Vec<Vec<Stamp<'o>>>,
    /// For every member the hits that have no time.
    untimed: Vec<Vec<usize>>,
}

impl Correlation {
    /// Finds all relations among the hits of the members; `hits` gives the observations that a rule fits.
    pub(crate) fn relations(
        &self,
        hits: &dyn Fn(usize) -> Vec<usize>,
        observations: &[Observation],
        coverage: &Coverage,
    ) -> Vec<Relation> {
        let mut relations = Vec::new();
        for group in group::split(self, hits, observations).values() {
            match self.form {
                Form::Ordered => ordered::find(self, group, coverage, &mut relations),
                Form::Together => window::together(self, group, &mut relations),
                Form::Count(order, bound) => window::count(self, group, order, bound, &mut relations),
                Form::Values(order, bound) => {
                    window::values(self, group, observations, (order, bound), &mut relations);
                }
            }
        }
        relations
    }
}
