//! How much the votes speak for each cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AttemptOutcome, Case, Stage, Vote};

/// Belief of a cause and what it rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Belief<'a> {
    /// From 0 to 1.
    pub value: f64,
    /// Attempts it explains.
    pub attempts: BTreeSet<u32>,
    /// Something outside of attempts speaks for it.
    pub unattached: bool,
    /// The votes for it, strongest first.
    pub votes: Vec<&'a Vote>,
}

/// Gives the place of a stage on the ladder.
pub(super) fn stage_order(stage: &str) -> usize {
    Stage::ALL.iter().position(|known| known.name() == stage).unwrap_or(Stage::ALL.len())
}

/// Tells whether one cause is a case of another, more general one.
pub(super) fn refines(case: &Case, special: &str, general: &str) -> bool {
    let mut slug = special;
    for _ in 0..8 {
        match case.cause(slug).and_then(|cause| cause.refines.as_deref()) {
            Some(next) if next == general => return true,
            Some(next) => slug = next,
            None => return false,
        }
    }
    false
}

/// Computes the belief of every cause that anything speaks for.
pub(super) fn beliefs(case: &Case) -> BTreeMap<String, Belief<'_>> {
    let mut direct: BTreeMap<&str, Vec<&Vote>> = BTreeMap::new();
    for vote in &case.votes {
        for slug in &vote.supports {
            direct.entry(slug).or_default().push(vote);
        }
    }
    // A general cause speaks for its special cases where they are present, and steps back behind them.
    let slugs: Vec<&str> = direct.keys().copied().collect();
    let mut gathered: BTreeMap<String, Vec<&Vote>> = BTreeMap::new();
    for slug in &slugs {
        let specials: Vec<&str> = slugs.iter().copied().filter(|other| refines(case, other, slug)).collect();
        let votes = direct.get(slug).cloned().unwrap_or_default();
        if specials.is_empty() {
            gathered.entry((*slug).to_owned()).or_default().extend(votes);
        } else {
            for special in specials {
                gathered.entry(special.to_owned()).or_default().extend(votes.iter().copied());
            }
        }
    }
    let mut beliefs: BTreeMap<String, Belief<'_>> = BTreeMap::new();
    for (slug, votes) in gathered {
        let against = case.votes.iter().filter(|vote| vote.refutes.contains(&slug));
        let belief = belief(case, votes, against);
        if belief.value > 0.0 {
            beliefs.insert(slug, belief);
        }
    }
    beliefs
}

fn belief<'a>(case: &Case, mut votes: Vec<&'a Vote>, against: impl Iterator<Item = &'a Vote>) -> Belief<'a> {
    votes.sort_by(|one, other| {
        other
            .weight
            .total_cmp(&one.weight)
            .then_with(|| one.finding.rule.cmp(&other.finding.rule))
            .then(one.rests_on.cmp(&other.rests_on))
    });
    votes.dedup_by(|one, other| one.finding == other.finding);
    let mut rules: BTreeSet<&str> = BTreeSet::new();
    let mut grounds: BTreeSet<usize> = BTreeSet::new();
    let mut doubt = 1.0;
    for vote in &votes {
        let new_ground = vote.rests_on.is_none_or(|ground| grounds.insert(ground));
        // A rule votes once however often it hits; rules that rest on the same observation vote once.
        if rules.insert(&vote.finding.rule) && new_ground {
            doubt *= 1.0 - vote.weight.clamp(0.0, 1.0);
        }
    }
    let attempts: BTreeSet<u32> =
        votes.iter().filter(|vote| !vote.overcome).filter_map(|vote| vote.finding.attempt).collect();
    let mut value = 1.0 - doubt;
    for vote in against {
        let same = vote.finding.attempt.is_none_or(|attempt| attempts.contains(&attempt));
        let later = vote.finding.attempt.is_some() && attempts.is_empty();
        if same || later {
            value *= 1.0 - vote.weight.clamp(0.0, 1.0);
        }
    }
    // An attempt whose target is not seen is an inference, unless something else says the same.
    let inferred = !attempts.is_empty()
        && votes.iter().all(|vote| vote.finding.attempt.is_some())
        && case
            .ladders
            .iter()
            .filter(|ladder| attempts.contains(&ladder.id))
            .all(|ladder| ladder.target.is_none());
    if inferred {
        value = value.min(0.85);
    }
    let failed = |attempt: &u32| {
        case.ladders.iter().any(|ladder| ladder.id == *attempt && ladder.outcome == AttemptOutcome::Failed)
    };
    Belief {
        value,
        unattached: votes.iter().any(|vote| vote.finding.attempt.is_none()),
        attempts: attempts.into_iter().filter(failed).collect(),
        votes,
    }
}
