//! Ranks what the rules say into one answer: verdict, cause, consequences, what is ruled out and what cannot be told.

mod belief;
mod negative;
mod present;

use std::collections::BTreeMap;

use crate::model::{
    AttemptOutcome, Case, CauseReport, Confidence, Diagnosis, Ladder, Reach, RuledOut, StageState, Verdict,
};
use belief::{Belief, beliefs};

/// Belief from which an attempt-less cause may be the answer.
const ENOUGH: f64 = 0.45;

/// Gives the answer for a case.
pub fn diagnose(case: &Case) -> Diagnosis {
    let decisive = decisive(case);
    let failed: Vec<&Ladder> =
        decisive.iter().copied().filter(|ladder| ladder.outcome == AttemptOutcome::Failed).collect();
    let seen_well = decisive.iter().any(|ladder| ladder.outcome == AttemptOutcome::Ok);
    let ranked = rank(case, &failed, seen_well);
    let mut diagnosis = Diagnosis {
        verdict: Verdict::Inconclusive,
        summary: String::new(),
        primary: None,
        others: Vec::new(),
        consequences: Vec::new(),
        contradictions: contradictions(case, &ranked),
        ruled_out: Vec::new(),
        cannot_tell: Vec::new(),
        next: Vec::new(),
    };
    for cause in ranked.others {
        let is_consequence =
            ranked.primary.as_ref().is_some_and(|primary| leads(case, &primary.cause, &cause.cause));
        if is_consequence { diagnosis.consequences.push(cause) } else { diagnosis.others.push(cause) }
    }
    diagnosis.verdict = if ranked.primary.is_some() {
        Verdict::Broken
    } else if !failed.is_empty() || !seen_well {
        Verdict::Inconclusive
    } else if diagnosis.others.iter().any(|other| other.belief >= ENOUGH) || recovered(case, &decisive) {
        Verdict::Degraded
    } else {
        Verdict::Healthy
    };
    diagnosis.primary = ranked.primary;
    let last = failed.last().or(decisive.last()).copied().or(case.ladders.last());
    negative::fill(case, last, &mut diagnosis);
    diagnosis.summary = present::summary(case, last, &diagnosis);
    diagnosis
}

/// Gives for each endpoint the last attempt that tells something, in order of time.
fn decisive(case: &Case) -> Vec<&Ladder> {
    let mut last: BTreeMap<_, &Ladder> = BTreeMap::new();
    for ladder in &case.ladders {
        if matches!(ladder.outcome, AttemptOutcome::Ok | AttemptOutcome::Failed) {
            last.insert(ladder.endpoint, ladder);
        }
    }
    let mut decisive: Vec<&Ladder> = last.into_values().collect();
    decisive.sort_by_key(|ladder| ladder.id);
    decisive
}

fn recovered(case: &Case, decisive: &[&Ladder]) -> bool {
    let broken_before = case.ladders.iter().any(|ladder| ladder.outcome == AttemptOutcome::Failed);
    broken_before
        || decisive.iter().any(|ladder| ladder.rungs.iter().any(|rung| rung.state == StageState::Recovered))
}

#[derive(Default)]
struct Ranked {
    primary: Option<CauseReport>,
    others: Vec<CauseReport>,
}

/// Orders causes: those of failed attempts first, by reach and belief, then by stage, then by recency.
fn rank(case: &Case, failed: &[&Ladder], seen_well: bool) -> Ranked {
    let all = beliefs(case);
    let unrecovered: Vec<&Ladder> = case
        .ladders
        .iter()
        .filter(|ladder| ladder.outcome == AttemptOutcome::Failed && !ladder.later_success)
        .collect();
    let mut candidates: Vec<(&str, Belief<'_>, Reach)> = Vec::new();
    for (slug, belief) in &all {
        let explained = unrecovered.iter().filter(|ladder| belief.attempts.contains(&ladder.id)).count();
        let reach = Reach {
            explained: u32::try_from(explained).unwrap_or(u32::MAX),
            failed: u32::try_from(unrecovered.len()).unwrap_or(u32::MAX),
        };
        candidates.push((slug, belief.clone(), reach));
    }
    let stage = |slug: &str| case.cause(slug).map_or(usize::MAX, |cause| belief::stage_order(&cause.stage));
    candidates.sort_by(|one, other| {
        let weight =
            |candidate: &(&str, Belief<'_>, Reach)| f64::from(candidate.2.explained) * candidate.1.value;
        let last = |candidate: &(&str, Belief<'_>, Reach)| {
            failed.iter().any(|ladder| candidate.1.attempts.contains(&ladder.id))
        };
        last(other)
            .cmp(&last(one))
            .then(weight(other).total_cmp(&weight(one)))
            .then(other.1.value.total_cmp(&one.1.value))
            .then(stage(one.0).cmp(&stage(other.0)))
            .then(one.0.cmp(other.0))
    });
    // Where a cause outside of the attempts brings about the one that explains them, it is the one to mend.
    if let Some((first, ..)) = candidates.first().cloned()
        && !failed.is_empty()
    {
        let root = candidates.iter().position(|(slug, belief, _)| {
            belief.unattached && belief.value >= ENOUGH && leads(case, slug, first)
        });
        if let Some(root) = root {
            let explained = candidates.first().map(|candidate| (candidate.1.attempts.clone(), candidate.2));
            let mut candidate = candidates.remove(root);
            if let Some((attempts, reach)) = explained {
                candidate.1.attempts = attempts;
                candidate.2 = reach;
            }
            candidates.insert(0, candidate);
        }
    }
    let mut ranked = Ranked::default();
    for (slug, belief, reach) in candidates {
        let explains = failed.iter().any(|ladder| belief.attempts.contains(&ladder.id));
        // Without a failed attempt, what files say may be the answer; with a good one it is only a note.
        let alone = failed.is_empty() && !seen_well && belief.unattached && belief.value >= ENOUGH;
        let report = present::cause(case, slug, &belief, reach, failed);
        let Some(report) = report else { continue };
        if ranked.primary.is_none() && (explains || alone) {
            ranked.primary = Some(report);
        } else if belief.value >= 0.2 {
            ranked.others.push(report);
        }
    }
    ranked
}

/// Tells whether one cause brings about another, directly or by way of others.
fn leads(case: &Case, from: &str, to: &str) -> bool {
    let mut open = vec![from];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(slug) = open.pop() {
        for next in case.cause(slug).into_iter().flat_map(|cause| &cause.leads_to) {
            if next == to {
                return true;
            }
            if !seen.contains(&next.as_str()) {
                seen.push(next);
                open.push(next);
            }
        }
    }
    false
}

/// Finds sources that say different things: above all the last error against what the capture shows.
fn contradictions(case: &Case, ranked: &Ranked) -> Vec<RuledOut> {
    let Some(primary) =
        ranked.primary.as_ref().filter(|primary| primary.evidence.iter().any(|one| one.frame.is_some()))
    else {
        return Vec::new();
    };
    case.votes
        .iter()
        .filter(|vote| vote.finding.attempt.is_none() && vote.weight >= 0.5 && !vote.supports.is_empty())
        .filter(|vote| {
            vote.finding.evidence.iter().any(|one| one.source == "local_xml" || one.source == "local_xml_end")
        })
        .filter(|vote| {
            vote.supports.iter().all(|slug| {
                *slug != primary.cause
                    && !belief::refines(case, &primary.cause, slug)
                    && !belief::refines(case, slug, &primary.cause)
                    && !leads(case, &primary.cause, slug)
            })
        })
        .map(|vote| RuledOut {
            category: vote
                .supports
                .first()
                .and_then(|slug| case.cause(slug))
                .map(|cause| cause.category.clone())
                .unwrap_or_default(),
            because: format!("{}; the capture shows {}", vote.finding.summary, primary.summary),
            evidence: vote.finding.evidence.clone(),
        })
        .collect()
}

/// Turns a belief into the word a report uses.
fn confidence(belief: f64) -> Confidence {
    if belief >= 0.9 {
        Confidence::Confirmed
    } else if belief >= 0.6 {
        Confidence::Likely
    } else {
        Confidence::Possible
    }
}
