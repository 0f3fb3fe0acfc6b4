//! What one side says, fact by fact, in the groups in which it is compared.

use std::collections::BTreeMap;

use super::{By, Group, Said};
use crate::model::{
    Analysis, Attempt, AttemptOutcome, Case, EvidenceRef, Kind, Ladder, Observation, Stage, StageState,
    TcpFlow, Timestamp, Value,
};

/// A fact: what it is about, its place among the others, its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub group: Group,
    order: usize,
    pub what: String,
}

/// Everything that one side says.
pub(super) type Facts = BTreeMap<Key, Said>;

/// Values of one setting that are shown.
const VALUES: usize = 20;
/// Evidence shown of one fact.
const EVIDENCE: usize = 3;

/// Collects what a side says.
pub(super) fn of(analysis: &Analysis, case: &Case) -> Facts {
    let mut facts = Facts::new();
    let last = analysis
        .attempts
        .iter()
        .rev()
        .find(|attempt| matches!(attempt.outcome, AttemptOutcome::Ok | AttemptOutcome::Failed))
        .or(analysis.attempts.last());
    outcome(analysis, last, &mut facts);
    if let Some(attempt) = last {
        path(attempt, &mut facts);
        rungs(attempt, &mut facts);
        if let Some(ladder) = case.ladders.iter().find(|ladder| ladder.id == attempt.id) {
            of_ladder(case, ladder, &mut facts);
            certificates(case, ladder, &mut facts);
        }
    }
    for observed in &case.observations {
        observation(observed, &mut facts);
    }
    versions(analysis, case, &mut facts);
    sources(analysis, &mut facts);
    facts
}

/// Adds a value to a fact; several values stand in their order, each once.
fn add(facts: &mut Facts, group: Group, order: usize, what: &str, value: String, evidence: Vec<EvidenceRef>) {
    let key = Key { group, order, what: what.to_owned() };
    let Some(known) = facts.get_mut(&key) else {
        let evidence = evidence.into_iter().take(EVIDENCE).collect();
        facts.insert(key, Said { value, evidence, by: By::Value });
        return;
    };
    let mut values: Vec<&str> = known.value.split(" | ").collect();
    if values.len() < VALUES && !values.contains(&value.as_str()) {
        values.push(&value);
        values.sort_unstable();
        known.value = values.join(" | ");
        known.evidence.extend(evidence);
        known.evidence.truncate(EVIDENCE);
    }
}

fn compared_by(facts: &mut Facts, group: Group, order: usize, what: &str, said: Said) {
    facts.insert(Key { group, order, what: what.to_owned() }, said);
}

fn outcome(analysis: &Analysis, last: Option<&Attempt>, facts: &mut Facts) {
    let diagnosis = &analysis.diagnosis;
    let verdict = format!("{:?}", diagnosis.verdict).to_lowercase();
    let evidence = diagnosis.primary.as_ref().map(|primary| primary.evidence.clone()).unwrap_or_default();
    add(facts, Group::Outcome, 0, "verdict", verdict, Vec::new());
    let cause = diagnosis.primary.as_ref().map_or("none".to_owned(), |primary| primary.cause.clone());
    add(facts, Group::Outcome, 1, "cause", cause, evidence);
    let ended = match last.map(|attempt| attempt.outcome) {
        Some(AttemptOutcome::Ok) => "ends well",
        Some(AttemptOutcome::Failed) => "fails",
        Some(AttemptOutcome::Unfinished) => "is not seen to end",
        Some(AttemptOutcome::Unknown) => "ends in a way that is not seen",
        None => "none is seen",
    };
    add(facts, Group::Outcome, 2, "last attempt", ended.to_owned(), Vec::new());
}

fn path(attempt: &Attempt, facts: &mut Facts) {
    let begins = attempt.stages.iter().find_map(|stage| stage.evidence.first()).cloned();
    let evidence: Vec<EvidenceRef> = begins.into_iter().collect();
    add(facts, Group::Path, 0, "way", attempt.path.name().to_owned(), evidence.clone());
    add(facts, Group::Path, 1, "update server", attempt.target.clone(), evidence);
}

fn rungs(attempt: &Attempt, facts: &mut Facts) {
    for stage in &attempt.stages {
        let order = place(stage.stage);
        let word = state(stage.state);
        let summary = if stage.summary.is_empty() { String::new() } else { format!(": {}", stage.summary) };
        let evidence: Vec<EvidenceRef> = stage.evidence.iter().take(EVIDENCE).cloned().collect();
        let value = format!("{word}{summary}");
        let said = Said { value, evidence: evidence.clone(), by: By::Word(word) };
        compared_by(facts, Group::Rungs, order, stage.stage.name(), said);
        if let Some(ms) = stage.at_ms {
            let said = Said { value: format!("decided after {ms} ms"), evidence, by: By::Milliseconds(ms) };
            compared_by(facts, Group::Timings, order, stage.stage.name(), said);
        }
    }
    let count = Said {
        value: format!("{} bytes", attempt.bytes),
        evidence: Vec::new(),
        by: By::Count(attempt.bytes),
    };
    compared_by(facts, Group::Timings, usize::MAX, "received", count);
}

fn state(state: StageState) -> &'static str {
    match state {
        StageState::Ok => "holds",
        StageState::Failed => "fails",
        StageState::Recovered => "fails and is overcome",
        StageState::NotReached => "not reached",
        StageState::NotSeen => "not seen",
        StageState::CannotTell => "cannot tell",
    }
}

fn place(stage: Stage) -> usize {
    Stage::ALL.iter().position(|known| *known == stage).unwrap_or(usize::MAX)
}

/// States what decided each rung, as far as it is words, and who was at its other end.
fn of_ladder(case: &Case, ladder: &Ladder, facts: &mut Facts) {
    for rung in &ladder.rungs {
        let evidence: Vec<EvidenceRef> = rung
            .marks
            .iter()
            .take(EVIDENCE)
            .map(|mark| EvidenceRef::from(&case.traffic.evidence(mark.seen, &mark.what)))
            .collect();
        let order = place(rung.stage);
        for (name, value) in rung.fields.iter().filter(|(name, _)| !name.starts_with("rung.")) {
            let telling = matches!(value, Value::Text(_) | Value::Bool(_)) || name.ends_with(".status");
            if telling {
                let what = format!("{}: {name}", rung.stage.name());
                add(facts, Group::Rungs, order, &what, value.to_string(), evidence.clone());
            }
        }
        let (group, order, what) = match rung.peer.role {
            "resolver" => (Group::Resolvers, 0, "asked for the update server"),
            "proxy" => (Group::Proxy, 0, "used"),
            "update_server" => (Group::Path, 2, "addresses of the update server"),
            "revocation" => (Group::Certificates, 9, "revocation hosts"),
            _ => continue,
        };
        for address in &rung.peer.addresses {
            add(facts, group, order, what, address.to_string(), evidence.clone());
        }
    }
}

/// States the certificates the update server, or whoever stood in for it, showed.
fn certificates(case: &Case, ladder: &Ladder, facts: &mut Facts) {
    let shown = |flow: &&TcpFlow| {
        let tls = flow.app.tls.as_ref();
        (ladder.start.time..=ladder.end).contains(&flow.first.time)
            && tls.is_some_and(|tls| !tls.certificates.is_empty() && tls.sni == ladder.target)
    };
    let Some(flow) = case.traffic.flows.iter().rev().find(shown) else { return };
    let Some(tls) = &flow.app.tls else { return };
    let evidence: Vec<EvidenceRef> = tls
        .certificates_at
        .map(|at| EvidenceRef::from(&case.traffic.evidence(at, "Certificate")))
        .into_iter()
        .collect();
    let day = |seconds: i64| Timestamp::from_secs(seconds).to_string().chars().take(10).collect::<String>();
    let mut add = |order, what, value| add(facts, Group::Certificates, order, what, value, evidence.clone());
    if let Some(leaf) = tls.certificates.first() {
        add(0, "subject", leaf.subject.clone());
        add(1, "issuer", leaf.issuer.clone());
        add(2, "valid", format!("{} to {}", day(leaf.not_before), day(leaf.not_after)));
        add(3, "serial", leaf.serial.clone());
        add(4, "SHA-256", leaf.sha256.clone());
    }
    let chain: Vec<&str> = tls.certificates.iter().skip(1).map(|one| one.subject.as_str()).collect();
    add(5, "sent with it", if chain.is_empty() { "nothing".to_owned() } else { chain.join(" < ") });
    for (order, what, value) in [(6, "TLS version", &tls.version), (7, "cipher suite", &tls.cipher)] {
        if let Some(value) = value {
            add(order, what, value.clone());
        }
    }
}

/// States settings and what else files say of the endpoint.
fn observation(observed: &Observation, facts: &mut Facts) {
    let evidence: Vec<EvidenceRef> = observed.evidence.iter().take(1).map(EvidenceRef::from).collect();
    let fields = &observed.fields;
    match observed.kind {
        Kind::Setting => {
            let Some(key) = fields.text("setting.key") else { return };
            let value = match (key.trim_start_matches("end."), fields.int("setting.int")) {
                ("tetra.lastchecked" | "tetra.lastsuccess" | "tetra.lastupdate", Some(seconds))
                    if seconds > 0 =>
                {
                    Some(Timestamp::from_secs(seconds).to_string())
                }
                _ => fields.get("setting.text").or(fields.get("setting.int")).map(Value::to_string),
            };
            let group = match key {
                "tetra.version" | "tetra.lasterror" => return,
                key if ["proxy.", "winhttp.", "wininet."].iter().any(|begin| key.starts_with(begin)) => {
                    Group::Proxy
                }
                key if key.starts_with("resolver") || key.starts_with("dns") => Group::Resolvers,
                _ => Group::Settings,
            };
            add(facts, group, 1, key, value.unwrap_or_default(), evidence);
        }
        // Their share of the time is compared.
        Kind::HostFact if matches!(fields.text("host.fact"), Some("asleep" | "powered_off")) => {}
        Kind::HostFact => {
            let (Some(fact), text) = (fields.text("host.fact"), fields.text("host.text")) else { return };
            let what = text.filter(|_| fields.get("host.ok").is_some()).map(|text| format!("{fact} {text}"));
            let value = fields.get("host.ok").or(fields.get("host.int")).or(fields.get("host.text"));
            let value = value.map(Value::to_string).unwrap_or_default();
            add(facts, Group::Endpoint, 1, what.as_deref().unwrap_or(fact), value, evidence);
        }
        Kind::Posture | Kind::ConsoleRecord => {
            for (name, value) in fields.iter().filter(|(name, _)| !name.ends_with("_version")) {
                add(facts, Group::Endpoint, 2, name, value.to_string(), evidence.clone());
            }
        }
        _ => {}
    }
}

fn versions(analysis: &Analysis, case: &Case, facts: &mut Facts) {
    let endpoint = &analysis.endpoint;
    let connected = endpoint.connected.map(|yes| yes.to_string());
    let posture = || case.observations.iter().find(|observed| observed.kind == Kind::Posture);
    let with = |key: &str| case.setting(key).or_else(posture);
    for (group, order, what, value, from) in [
        (Group::Versions, 0, "connector", &endpoint.connector_version, posture()),
        (Group::Versions, 1, "definitions (TETRA)", &endpoint.definitions_version, with("tetra.version")),
        (Group::Versions, 2, "last error of the updater", &endpoint.last_error, with("tetra.lasterror")),
        (Group::Endpoint, 0, "host name", &endpoint.hostname, None),
        (Group::Endpoint, 0, "operating system", &endpoint.os, None),
        (Group::Endpoint, 0, "connected", &connected, posture()),
    ] {
        let evidence = from.and_then(|observed| observed.evidence.first()).map(EvidenceRef::from);
        if let Some(value) = value {
            add(facts, group, order, what, value.clone(), evidence.into_iter().collect());
        }
    }
    if !endpoint.addresses.is_empty() {
        add(facts, Group::Endpoint, 0, "addresses", endpoint.addresses.join(", "), Vec::new());
    }
}

fn sources(analysis: &Analysis, facts: &mut Facts) {
    for covered in &analysis.coverage {
        let mut states: Vec<&str> = analysis
            .coverage
            .iter()
            .filter(|other| other.source == covered.source)
            .map(|other| other.state.as_str())
            .collect();
        states.sort_unstable();
        states.dedup();
        add(facts, Group::Sources, 0, &covered.source, states.join(" | "), Vec::new());
    }
}
