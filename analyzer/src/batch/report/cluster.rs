//! Clusters of cases without a cause: the same ladder, and most of their unexplained complaints in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::skeleton;
use crate::batch::drain::Miner;

/// Clusters that are shown, largest first.
const SHOWN: usize = 20;
/// Cases of a cluster that are named.
const TYPICAL: usize = 3;
/// Complaints of a cluster that are shown.
const COMPLAINTS: usize = 5;

/// A case without a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    path: String,
    /// Ladder of its last attempt.
    stages: String,
    /// Its unexplained complaints.
    templates: BTreeSet<String>,
    summary: String,
}

impl Open {
    /// Takes a case from the table.
    pub(super) fn of(case: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| case.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let list = case.get("unexplained").and_then(Value::as_array);
        let templates = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Self { path: text("path"), stages: text("stages"), templates, summary: text("summary") })
            .filter(|open| !open.path.is_empty())
    }
}

/// Cases that have something in common, and no cause.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    /// Counted from 1, largest first.
    pub number: usize,
    /// How many cases.
    pub cases: usize,
    /// Their ladder; empty where no attempt was seen.
    pub stages: String,
    /// Complaints that at least half of them have, most frequent first, with the number of cases.
    pub complaints: Vec<(String, usize)>,
    /// The most typical cases: path, and the answer that they got.
    pub typical: Vec<(String, String)>,
    /// Files of a rule pack that would match: name and content; empty where there is nothing to match on.
    pub skeleton: Vec<(String, String)>,
}

/// Finds the clusters: one pass, each case to the first cluster it shares at least half of its complaints with.
pub(super) fn clusters(mut open: Vec<Open>) -> Vec<Cluster> {
    open.sort_by(|one, other| one.path.cmp(&other.path));
    unify(&mut open);
    let mut found: BTreeMap<String, Vec<Vec<Open>>> = BTreeMap::new();
    for case in open {
        let groups = found.entry(case.stages.clone()).or_default();
        // The first case of a cluster stands for it: no order of merging to depend on.
        let home = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| shares(&first.templates, &case.templates)));
        match home {
            Some(group) => group.push(case),
            None => groups.push(vec![case]),
        }
    }
    let mut all: Vec<(String, Vec<Open>)> = found
        .into_iter()
        .flat_map(|(stages, groups)| groups.into_iter().map(move |group| (stages.clone(), group)))
        .collect();
    all.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then_with(|| one.0.cmp(&other.0)));
    all.truncate(SHOWN);
    all.into_iter().zip(1..).map(|((stages, cases), number)| describe(number, stages, &cases)).collect()
}

/// Makes templates of different cases one where they differ in data only.
fn unify(open: &mut [Open]) {
    let mut miner = Miner::default();
    for case in open.iter() {
        case.templates.iter().for_each(|template| miner.add(template, 1));
    }
    for case in open.iter_mut() {
        let unified = case.templates.iter().map(|one| miner.find(one).unwrap_or_else(|| one.clone()));
        case.templates = unified.collect();
    }
}

/// Tells whether two cases share at least half of what both complain of.
fn shares(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let common = one.intersection(other).count();
    let all = one.union(other).count();
    common.saturating_mul(2) >= all
}

fn describe(number: usize, stages: String, cases: &[Open]) -> Cluster {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for template in cases.iter().flat_map(|case| &case.templates) {
        let count = counts.entry(template).or_default();
        *count = count.saturating_add(1);
    }
    let mut complaints: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(_, count)| count.saturating_mul(2) >= cases.len())
        .map(|(template, count)| (template.to_owned(), count))
        .collect();
    complaints.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let core: BTreeSet<&str> = complaints.iter().map(|(template, _)| template.as_str()).collect();
    let mut ranked: Vec<(usize, &Open)> = cases
        .iter()
        .map(|case| {
            let missing = core.iter().filter(|template| !case.templates.contains(**template)).count();
            let strange = case.templates.iter().filter(|template| !core.contains(template.as_str())).count();
            (missing.saturating_add(strange), case)
        })
        .collect();
    ranked.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.path.cmp(&other.1.path)));
    let typical =
        ranked.iter().take(TYPICAL).map(|(_, case)| (case.path.clone(), case.summary.clone())).collect();
    complaints.truncate(COMPLAINTS);
    let skeleton = skeleton::pack(number, &stages, complaints.first().map(|(template, _)| template.as_str()));
    Cluster { number, cases: cases.len(), stages, complaints, typical, skeleton }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(path: &str, stages: &str, templates: &[&str]) -> Open {
        Open {
            path: path.to_owned(),
            stages: stages.to_owned(),
            templates: templates.iter().map(|one| (*one).to_owned()).collect(),
            summary: String::new(),
        }
    }

    #[test]
    fn cases_that_complain_of_the_same_are_together() {
        let found = clusters(vec![
            case("e", "", &["Mirror: list rejected, error <*>"]),
            case("a", "", &["Mirror: list rejected, error <*>", "Odd: failed once"]),
            case("b", "", &["Mirror: list rejected, error <*>"]),
            case("c", "dns=ok connect=unclear", &["Mirror: list rejected, error <*>"]),
            case("d", "", &["Store: cannot open <*>"]),
        ]);
        let shown: Vec<(usize, &str, Vec<&str>)> = found
            .iter()
            .map(|one| {
                let typical = one.typical.iter().map(|(path, _)| path.as_str()).collect();
                (one.cases, one.complaints.first().map_or("", |(text, _)| text.as_str()), typical)
            })
            .collect();
        let mirror = "Mirror: list rejected, error <*>";
        let expected = [
            (3, mirror, vec!["b", "e", "a"]),
            (1, "Store: cannot open <*>", vec!["d"]),
            (1, mirror, vec!["c"]),
        ];
        assert_eq!(shown, expected);
        assert_eq!(found.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn silence_is_a_cluster_too_but_no_rule() {
        let found = clusters(vec![case("a", "", &[]), case("b", "", &[])]);
        assert_eq!((found.len(), found[0].cases, found[0].skeleton.len()), (1, 2, 0));
    }
}
