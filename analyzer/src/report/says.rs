//! Sentences and choices that all reports for people share.

use super::lists::alike;
use super::when;
use super::words::{Words, fill};
use crate::model::{
    Analysis, Attempt, AttemptOutcome, CauseReport, Culprit, EndpointFacts, EvidenceRef, Finding, Path,
    Reach, Stage, StageReport, StageState, Verdict,
};

/// How many of several like things are named.
const NAMED: usize = 6;

/// Picks the last attempt that failed for good, else the last that failed, else the last.
pub(super) fn telling(analysis: &Analysis) -> Option<&Attempt> {
    let failed = |attempt: &&Attempt| attempt.outcome == AttemptOutcome::Failed;
    let attempts = &analysis.attempts;
    if analysis.diagnosis.verdict == Verdict::Healthy {
        return attempts.iter().rfind(|attempt| attempt.outcome == AttemptOutcome::Ok).or(attempts.last());
    }
    attempts
        .iter()
        .rfind(|attempt| failed(attempt) && !attempt.later_success)
        .or_else(|| attempts.iter().rfind(failed))
        .or(attempts.last())
}

/// Picks the cause whose advice is given: the primary one, else the first of the others.
pub(super) fn advised(analysis: &Analysis) -> Option<&CauseReport> {
    analysis.diagnosis.primary.as_ref().or(analysis.diagnosis.others.first())
}

/// Gives what user and engineer do next, and what is to be collected, each under its label.
pub(super) fn steps<'a>(analysis: &'a Analysis, words: &Words) -> [(&'static str, &'a [String]); 3] {
    let advice = advised(analysis).map(|cause| &cause.advice);
    [
        (words.next_user, advice.map_or(&[][..], |advice| &advice.user)),
        (words.next_engineer, advice.map_or(&[][..], |advice| &advice.engineer)),
        (words.next_collect, &analysis.diagnosis.next),
    ]
}

/// Says how an attempt ended.
pub(super) fn outcome(attempt: &Attempt, words: &Words) -> String {
    let mut text = (words.outcome)(attempt.outcome).to_owned();
    if let Some(amount) = when::between(&attempt.start, &attempt.end) {
        text = fill(words.after, &[&text, &amount]);
    }
    if attempt.later_success && attempt.outcome != AttemptOutcome::Ok {
        text = format!("{text}{}{}", words.page.semicolon, words.later_success);
    }
    text
}

/// Names the update server of an attempt.
pub(super) fn target<'a>(attempt: &'a Attempt, words: &'static Words) -> &'a str {
    match attempt.target.trim() {
        "" | "unknown" => words.page.unknown,
        _ => &attempt.target,
    }
}

/// Says an amount of bytes.
pub(super) fn bytes(count: u64, words: &Words) -> String {
    when::bytes(count).unwrap_or_else(|| fill(words.bytes, &[&count.to_string()]))
}

/// Tells whether a rung belongs into the picture: rungs of a proxy that is not on the way only fill it.
pub(super) fn matters(path: Path, rung: &StageReport) -> bool {
    let of_a_proxy =
        matches!(rung.stage, Stage::Discovery | Stage::ProxyConnect | Stage::ProxyAuth | Stage::ProxyRequest);
    let unseen = matches!(rung.state, StageState::NotSeen | StageState::NotReached);
    !(path == Path::Direct && of_a_proxy && unseen && rung.evidence.is_empty())
}

/// Gives the frame or line that decides a rung.
pub(super) fn place_of(rung: &StageReport, words: &Words) -> String {
    rung.evidence
        .iter()
        .find_map(|evidence| match (evidence.frame, evidence.line) {
            (Some(frame), _) => Some(fill(words.frame, &[&frame.to_string()])),
            (None, Some(line)) => Some(fill(words.line, &[&line.to_string()])),
            (None, None) => None,
        })
        .unwrap_or_default()
}

/// Says what was seen of a rung.
pub(super) fn rung(rung: &StageReport, words: &Words) -> String {
    let (around, alone) = (words.state)(rung.state);
    if rung.summary.trim().is_empty() { alone.to_owned() } else { fill(around, &[rung.summary.trim()]) }
}

/// Gives the place as `path:frame 12`, `path:line 12`, `path:/element` or the path alone.
pub(super) fn place(evidence: &EvidenceRef, words: &Words) -> String {
    let at = match (evidence.frame, evidence.line, &evidence.element) {
        (Some(frame), ..) => fill(words.frame, &[&frame.to_string()]),
        (None, Some(line), _) => fill(words.line, &[&line.to_string()]),
        (None, None, Some(element)) => element.clone(),
        (None, None, None) => return evidence.path.clone(),
    };
    format!("{}:{at}", evidence.path)
}

/// Names who is to be changed; empty where nobody is known.
pub(super) fn culprit(culprit: &Culprit, words: &Words) -> String {
    let ports: Vec<String> = culprit.ports.iter().take(NAMED).map(u16::to_string).collect();
    let ports = match ports.len() {
        0 => String::new(),
        1 => fill(words.port, &[&ports.concat()]),
        _ => fill(words.ports, &[&ports.join(", ")]),
    };
    let role = (words.role)(&culprit.role).to_owned();
    let parts = [role, list(&culprit.names), list(&culprit.addresses), ports];
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(words.page.semicolon)
}

/// Says how many of the failed attempts a cause explains; empty without any.
pub(super) fn reach(reach: Reach, words: &Words) -> String {
    let template = match (reach.explained, reach.failed) {
        (_, 0) => return String::new(),
        (1, 1) => words.reach_one,
        (explained, failed) if explained == failed => words.reach_all,
        _ => words.reach_some,
    };
    fill(template, &[&reach.explained.to_string(), &reach.failed.to_string()])
}

/// Names the program and the rules.
pub(super) fn made_by(analysis: &Analysis, words: &Words) -> String {
    let packs: Vec<String> = analysis
        .rules
        .iter()
        .map(|pack| {
            format!("{} {} ({})", pack.pack, pack.version, pack.sha256.get(..12).unwrap_or(&pack.sha256))
        })
        .collect();
    let tool = &analysis.tool;
    fill(words.rules, &[&tool.name, &tool.version, &packs.join(", ")])
}

/// Gives the findings that speak of none of the causes told, like ones together with their number.
pub(super) fn untold(analysis: &Analysis) -> Vec<(&Finding, usize)> {
    let diagnosis = &analysis.diagnosis;
    let told: Vec<&str> = diagnosis
        .primary
        .iter()
        .chain(&diagnosis.consequences)
        .chain(&diagnosis.others)
        .map(|cause: &CauseReport| cause.cause.as_str())
        .collect();
    let untold = |finding: &&Finding| {
        finding.refutes.is_none() && finding.supports.as_deref().is_none_or(|cause| !told.contains(&cause))
    };
    alike(analysis.findings.iter().filter(untold), |finding| (&finding.rule, &finding.summary))
}

/// Lists the facts about the endpoint that are known, with their labels.
pub(super) fn facts(facts: &EndpointFacts, words: &Words) -> Vec<(&'static str, String)> {
    let labels = &words.facts;
    let time = |value: &Option<String>| value.as_deref().map(when::time);
    let connected = facts.connected.map(|yes| if yes { labels.yes } else { labels.no }.to_owned());
    let addresses = (!facts.addresses.is_empty()).then(|| facts.addresses.join(", "));
    let rows = [
        (labels.hostname, facts.hostname.clone()),
        (labels.addresses, addresses),
        (labels.os, facts.os.clone()),
        (labels.connector, facts.connector_version.clone()),
        (labels.connected, connected),
        (labels.awake, facts.awake.clone()),
        (labels.definitions, facts.definitions_version.clone()),
        (labels.last_success, time(&facts.last_success)),
        (labels.last_checked, time(&facts.last_checked)),
        (labels.last_error, facts.last_error.clone()),
        (labels.server, facts.update_server.clone()),
        (labels.proxy, facts.proxy.clone()),
    ];
    rows.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// Tells whether two sentences say the same, or the first says nothing.
pub(super) fn same(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
    bare(one).is_empty() || bare(one) == bare(other)
}

fn list(values: &[String]) -> String {
    let mut text = values.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if values.len() > NAMED {
        text.push_str(", …");
    }
    text
}
