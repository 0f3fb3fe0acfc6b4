//! Puts a cause into the words and places of the report.

use super::belief::Belief;
use super::confidence;
use crate::model::{
    Advice, Case, CauseReport, Culprit, Diagnosis, EvidenceRef, Ladder, Reach, Rung, Stage, StageState,
    Verdict,
};

/// Evidence shown for a cause.
const EVIDENCE: usize = 12;

/// Builds the report of a cause; `None` for one that the catalogue does not have.
pub(super) fn cause(
    case: &Case,
    slug: &str,
    belief: &Belief<'_>,
    reach: Reach,
    failed: &[&Ladder],
) -> Option<CauseReport> {
    let cause = case.cause(slug)?;
    let ladder =
        failed.iter().copied().rev().find(|ladder| belief.attempts.contains(&ladder.id)).or_else(|| {
            case.ladders
                .iter()
                .rev()
                .find(|ladder| belief.votes.iter().any(|vote| vote.finding.attempt == Some(ladder.id)))
        });
    let attempt = ladder.map(|ladder| ladder.id);
    let mut votes = belief.votes.clone();
    // What speaks of the attempt shown comes first.
    votes.sort_by_key(|vote| vote.finding.attempt != attempt);
    let best = votes.first()?;
    let rung = ladder.and_then(|ladder| decisive_rung(ladder, best.finding.evidence.first()));
    let mut evidence: Vec<EvidenceRef> = Vec::new();
    for one in votes.iter().flat_map(|vote| &vote.finding.evidence) {
        if evidence.len() < EVIDENCE && !evidence.contains(one) {
            evidence.push(one.clone());
        }
    }
    Some(CauseReport {
        cause: cause.slug.clone(),
        category: category(&cause.category, rung).to_owned(),
        stage: rung.map_or(cause.stage.as_str(), |rung| rung.stage.name()).to_owned(),
        title: cause.title.clone(),
        confidence: confidence(belief.value),
        belief: (belief.value * 1_000.0).round() / 1_000.0,
        reach,
        summary: best.finding.summary.clone(),
        culprit: rung.map_or_else(|| culprit_of_files(&cause.category, best), culprit),
        evidence,
        advice: Advice { user: cause.user.clone(), engineer: cause.engineer.clone() },
        wireshark_filter: rung.map(|rung| rung.filter.clone()).unwrap_or_default(),
        docs: cause.docs.clone(),
    })
}

/// Finds the rung a vote speaks of: by its first frame, else the one that failed.
fn decisive_rung<'l>(ladder: &'l Ladder, evidence: Option<&EvidenceRef>) -> Option<&'l Rung> {
    let frame = evidence.and_then(|one| one.frame);
    let by_frame = |rung: &&Rung| rung.marks.first().map(|mark| u64::from(mark.seen.frame)) == frame;
    let broken = |rung: &&Rung| matches!(rung.state, StageState::Failed | StageState::Recovered);
    ladder
        .rungs
        .iter()
        .filter(broken)
        .find(by_frame)
        .or_else(|| ladder.failed())
        .or_else(|| ladder.rungs.iter().find(broken))
}

/// Gives the category: what belongs to the handshake by the catalogue is an interruption once data flows.
fn category<'c>(of_cause: &'c str, rung: Option<&Rung>) -> &'c str {
    match rung {
        Some(rung) if of_cause == "tls" && rung.stage >= Stage::Http => "interrupt",
        _ => of_cause,
    }
}

fn culprit(rung: &Rung) -> Culprit {
    Culprit {
        role: rung.peer.role.to_owned(),
        names: rung.peer.names.clone(),
        addresses: rung.peer.addresses.iter().map(ToString::to_string).collect(),
        ports: rung.peer.ports.clone(),
    }
}

fn culprit_of_files(category: &str, vote: &crate::model::Vote) -> Culprit {
    let role = match category {
        "dns" => "resolver",
        "proxy" => "proxy",
        "tls" | "connect" | "interrupt" => "path",
        _ => "endpoint",
    };
    Culprit {
        role: role.to_owned(),
        names: vote.finding.endpoint.iter().cloned().collect(),
        ..Culprit::default()
    }
}

/// Says the answer in one sentence.
pub(super) fn summary(case: &Case, last: Option<&Ladder>, diagnosis: &Diagnosis) -> String {
    let target =
        last.and_then(|ladder| ladder.target.clone()).unwrap_or_else(|| "the update server".to_owned());
    match (&diagnosis.primary, diagnosis.verdict) {
        (Some(primary), _) => format!("{}: {}", primary.title.trim_end_matches('.'), primary.summary),
        (None, Verdict::Healthy) => {
            format!("Definitions arrive: the last attempt, to {target}, ends well and nothing contradicts it")
        }
        (None, Verdict::Degraded) => {
            let what = diagnosis
                .others
                .first()
                .map(|other| format!(" ({})", other.title.trim_end_matches('.')))
                .unwrap_or_default();
            format!("Definitions arrive from {target}, but not without trouble{what}")
        }
        (None, _) => match last {
            Some(ladder) if !ladder.unclear.is_empty() => {
                format!("Cannot tell: an attempt to reach {target} is seen, but {}", ladder.unclear)
            }
            Some(_) => format!("Cannot tell why the attempt to reach {target} failed: no rule explains it"),
            None if case.traffic.captures.is_empty() => {
                "Cannot tell: there is no packet capture, and the files alone do not name a cause".to_owned()
            }
            None => "Cannot tell: no attempt to get definitions is in the capture".to_owned(),
        },
    }
}
