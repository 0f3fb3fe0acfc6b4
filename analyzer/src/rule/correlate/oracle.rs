//! Holds correlations against an oracle that tries every choice of hits, on thousands of small random cases.

use std::collections::{BTreeMap, BTreeSet};

use tetra_bundle::SourceId;

use super::*;
use crate::model::{Covered, Evidence, Fields, Timestamp};

/// Gives numbers that are random enough and always the same.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(u32::try_from(from.len()).unwrap())).unwrap()]
    }
}

/// A random case: observations, the hits of every member, and what one source covers.
struct Case {
    correlation: Correlation,
    observations: Vec<Observation>,
    hits: Vec<Vec<usize>>,
    covered: Vec<(i64, i64)>,
    /// The group of every observation.
    groups: Vec<&'static str>,
}

fn case(random: &mut Lcg, form: Form, negations: bool) -> Case {
    let count = random.pick(&[1, 2, 3, 4]);
    let groups: Vec<&str> =
        (0..1 + random.below(9)).map(|_| random.pick(&["a", "a", "a", "a", "b"])).collect();
    // What tells the groups apart: the group, the attempt, or a field; the others then say nothing of them.
    let by = random.below(3);
    let observations: Vec<Observation> = groups
        .iter()
        .map(|group| Observation {
            kind: Kind::LogRecord,
            time: (random.below(15) > 0).then(|| Timestamp(random.below(8).into())),
            endpoint: Some(if by == 0 { *group } else { random.pick(&["a", "b"]) }.into()),
            attempt: Some(if by == 1 { u32::from(*group == "b") } else { random.below(2) }),
            fields: {
                let mut fields = Fields::new();
                fields.set("log.code", random.below(3));
                fields.set("log.component", if by == 2 { *group } else { random.pick(&["a", "b"]) });
                fields
            },
            evidence: vec![Evidence {
                source: SourceId::ConnectorLog,
                path: random.pick(&["x", "y"]).into(),
                locator: Locator::Line(random.below(4).into()),
                time: None,
                excerpt: String::new(),
            }],
        })
        .collect();
    let keep = random.pick(&[0, 1, 2, 3]) % count;
    let members = (0..count)
        .map(|rule| Member {
            rule,
            name: format!("member_{rule}"),
            kind: Kind::LogRecord,
            negated: negations && rule != keep && random.below(2) == 0,
            from: vec!["connector_log".into()],
            counted: Some("log.code".into()),
        })
        .collect();
    let hits =
        (0..count).map(|_| (0..observations.len()).filter(|_| random.below(3) == 0).collect()).collect();
    let from = i64::from(random.below(6)) - 6;
    let to = from + i64::from(random.below(20));
    let covered = vec![(from, to), (to + 2, to + 2 + i64::from(random.below(9)))];
    let field = Key::Field(vec!["log.component".into(); count]);
    let group_by = vec![[Key::Endpoint, Key::Attempt, field][usize::try_from(by).unwrap()].clone()];
    let span = 1 + i64::from(random.below(7));
    Case { correlation: Correlation { form, members, group_by, span }, observations, hits, covered, groups }
}

impl Case {
    fn relations(&self) -> Vec<Relation> {
        let hits = |rule: usize| self.hits[rule].clone();
        let span = |(from, to): &(i64, i64)| Covered {
            source: "connector_log",
            from: Timestamp(*from),
            to: Timestamp(*to),
        };
        let coverage = Coverage::new(&self.covered.iter().map(span).collect::<Vec<_>>());
        self.correlation.relations(&hits, &self.observations, &coverage)
    }

    fn place(&self, at: usize) -> (i64, &str, &Locator) {
        let one = &self.observations[at];
        (one.time.unwrap().0, one.evidence[0].path.as_str(), &one.evidence[0].locator)
    }

    fn before(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.place(one), self.place(other));
        one.0 < other.0 || (one.0 == other.0 && one.1 == other.1 && one.2 < other.2)
    }

    /// The hits of a member on an group, in order, with a time or without.
    fn of(&self, member: usize, group: &str, timed: bool) -> Vec<usize> {
        let mut list: Vec<usize> = self.hits[member]
            .iter()
            .copied()
            .filter(|at| self.groups[*at] == group)
            .filter(|at| self.observations[*at].time.is_some() == timed)
            .collect();
        if timed {
            list.sort_by_key(|at| (self.place(*at), *at));
        }
        list
    }

    fn choices(&self, members: &[usize], group: &str) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for member in members {
            let hits = self.of(*member, group, true);
            all = all
                .into_iter()
                .flat_map(|chosen: Vec<usize>| {
                    hits.iter().map(move |hit| chosen.iter().copied().chain([*hit]).collect())
                })
                .collect();
        }
        all
    }

    /// The tuples by definition, and whether it can be told that they hold.
    fn ordered(&self) -> Vec<(Vec<usize>, bool)> {
        let members = &self.correlation.members;
        let positive: Vec<usize> = (0..members.len()).filter(|at| !members[*at].negated).collect();
        let span = self.correlation.span;
        let time = |at: usize| self.place(at).0;
        // The gap of an absent member: how many present ones stand before it.
        let absent: Vec<(usize, usize)> = (0..members.len())
            .filter(|at| members[*at].negated)
            .map(|at| (at, positive.iter().filter(|other| **other < at).count()))
            .collect();
        let mut found = Vec::new();
        for group in ["a", "b"] {
            let mut tuples = self.choices(&positive, group);
            tuples.retain(|tuple| {
                tuple.windows(2).all(|pair| self.before(pair[0], pair[1]))
                    && absent.iter().filter(|(_, gap)| (1..tuple.len()).contains(gap)).all(|(member, gap)| {
                        !self
                            .of(*member, group, true)
                            .iter()
                            .any(|hit| self.before(tuple[gap - 1], *hit) && self.before(*hit, tuple[*gap]))
                    })
            });
            tuples.sort_by_key(|tuple| tuple.iter().map(|at| (self.place(*at), *at)).collect::<Vec<_>>());
            let mut end: Option<usize> = None;
            for start in self.of(positive[0], group, true) {
                if end.is_some_and(|end| !self.before(end, start)) {
                    continue;
                }
                let Some(tuple) = tuples.iter().find(|tuple| tuple[0] == start) else { continue };
                let last = *tuple.last().unwrap();
                if time(last) - time(start) > span {
                    continue;
                }
                let seen_around = absent.iter().any(|(member, gap)| {
                    self.of(*member, group, true).iter().any(|hit| {
                        (*gap == 0 && self.before(*hit, start) && time(*hit) >= time(start) - span)
                            || (*gap == tuple.len()
                                && self.before(last, *hit)
                                && time(*hit) <= time(start) + span)
                    })
                });
                if seen_around {
                    continue;
                }
                let told = absent.iter().all(|(member, gap)| {
                    let from = if *gap == 0 { time(start) - span } else { time(tuple[gap - 1]) };
                    let to = if *gap == tuple.len() { time(start) + span } else { time(tuple[*gap]) };
                    self.of(*member, group, false).is_empty()
                        && self.covered.iter().any(|(first, last)| *first <= from && to <= *last)
                });
                found.push((tuple.clone(), told));
                end = Some(last);
            }
        }
        found
    }

    /// Whether a choice of hits lies within the span; a hit without a time lies everywhere.
    fn any_together(&self, group: &str) -> bool {
        let members = 0..self.correlation.members.len();
        let timed: Vec<usize> = members.clone().filter(|at| self.of(*at, group, false).is_empty()).collect();
        self.choices(&timed, group).iter().any(|choice| {
            let times = || choice.iter().map(|at| self.place(*at).0);
            times().min().zip(times().max()).is_none_or(|(first, last)| last - first <= self.correlation.span)
        })
    }

    /// Runs by definition: hits of windows that hold, joined while windows share a hit.
    fn runs(&self, holds: impl Fn(&[usize]) -> bool) -> BTreeSet<BTreeSet<usize>> {
        let mut runs: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
        for group in ["a", "b"] {
            let members = 0..self.correlation.members.len();
            let all: BTreeSet<usize> = members.flat_map(|member| self.of(member, group, true)).collect();
            let mut sorted: Vec<usize> = all.into_iter().collect();
            sorted.sort_by_key(|at| (self.place(*at), *at));
            for (first, start) in sorted.iter().enumerate() {
                let until = self.place(*start).0 + self.correlation.span;
                let window: Vec<usize> =
                    sorted[first..].iter().copied().filter(|at| self.place(*at).0 <= until).collect();
                if !holds(&window) {
                    continue;
                }
                let mut run: BTreeSet<usize> = window.into_iter().collect();
                let touching: Vec<BTreeSet<usize>> =
                    runs.iter().filter(|other| !other.is_disjoint(&run)).cloned().collect();
                for other in touching {
                    runs.remove(&other);
                    run.extend(other);
                }
                runs.insert(run);
            }
        }
        runs
    }
}

#[test]
fn ordered_tuples_are_those_of_the_definition() {
    let (mut random, mut seen) = (Lcg(7), BTreeMap::new());
    for number in 0..6000 {
        let case = case(&mut random, Form::Ordered, number % 3 != 0);
        let found: Vec<(Vec<usize>, bool)> =
            case.relations().into_iter().map(|one| (one.observations, one.open.is_none())).collect();
        let expected = case.ordered();
        assert_eq!(found, expected, "case {number}: {:?} {:?}", case.correlation, case.observations);
        for (_, told) in &expected {
            *seen.entry(*told).or_insert(0) += 1;
        }
    }
    assert!(seen[&true] > 1000 && seen[&false] > 300, "{seen:?}");
}

#[test]
fn windows_hold_what_some_choice_of_hits_holds() {
    let mut random = Lcg(11);
    let mut seen = 0;
    for number in 0..3000 {
        let case = case(&mut random, Form::Together, false);
        let relations = case.relations();
        for group in ["a", "b"] {
            let of_group: Vec<&Relation> =
                relations.iter().filter(|one| case.groups[one.observations[0]] == group).collect();
            assert_eq!(!of_group.is_empty(), case.any_together(group), "case {number}, {group}");
            let mut end = i64::MIN;
            for relation in of_group {
                let times: Vec<i64> = relation
                    .observations
                    .iter()
                    .filter_map(|at| Some(case.observations[*at].time?.0))
                    .collect();
                let (first, last) = (times.iter().min().copied(), times.iter().max().copied());
                let (first, last) = (first.unwrap_or(end), last.unwrap_or(end));
                assert!(last - first <= case.correlation.span && first >= end, "case {number}: {relation:?}");
                assert!(relation.observations.iter().zip(&case.hits).all(|(at, hits)| hits.contains(at)));
                end = last;
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn counts_are_reported_once_per_run() {
    let mut random = Lcg(13);
    let mut seen = 0;
    for number in 0..4000 {
        let bound = random.pick(&[1, 2, 3, 4]);
        let order = random.pick(&[Order::Gt, Order::Gte]);
        let form = if number % 2 == 0 { Form::Count(order, bound) } else { Form::Values(order, bound) };
        let case = case(&mut random, form, false);
        let value = |at: &usize| case.observations[*at].fields.int("log.code");
        let expected = case.runs(|window| {
            let different = window.iter().map(value).collect::<BTreeSet<_>>().len();
            let count = if number % 2 == 0 { window.len() } else { different };
            order.holds(&count, &bound)
        });
        let relations = case.relations();
        let found: BTreeSet<BTreeSet<usize>> =
            relations.iter().map(|one| BTreeSet::from_iter(one.observations.iter().copied())).collect();
        assert_eq!(found, expected, "case {number}");
        assert_eq!(found.len(), relations.len(), "case {number}: reported twice");
        seen += found.len();
    }
    assert!(seen > 1000, "{seen}");
}
