//! From what was found out to the plain data of the report: attempts, findings, facts about the endpoint.

mod frames;
mod picture;

use tetra_bundle::{Bundle, Layout};

use crate::model::{
    Attempt, Case, Code, EndpointFacts, EvidenceRef, Fields, Finding, Kind, Ladder, Observation, Rung, Stage,
    StageReport, StageState, Timestamp, Traffic, Value, Vote,
};
use crate::rule::Hit;

/// Update interval where no policy tells, in seconds (the vendor's default).
const INTERVAL: f64 = 3_600.0;

/// Gives the name of a layout as the report shows it.
pub(crate) fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Tetra => "tetra",
        Layout::Vendor => "vendor",
        Layout::Folder => "folder",
        Layout::Capture => "capture",
        Layout::Loose => "loose",
    }
}

/// Turns a hit into a vote.
pub(crate) fn vote(hit: &Hit, observations: &[Observation]) -> Vote {
    Vote {
        finding: Finding {
            rule: hit.rule.clone(),
            id: hit.id.clone(),
            pack: hit.pack.clone(),
            supports: hit.supports.first().cloned(),
            refutes: hit.refutes.first().cloned(),
            level: hit.level.name().to_owned(),
            strength: hit.strength.map(|strength| strength.name().to_owned()),
            summary: hit.say.clone(),
            attempt: hit.attempt,
            endpoint: hit.endpoint.clone(),
            evidence: hit.evidence.iter().map(EvidenceRef::from).collect(),
        },
        supports: hit.supports.clone(),
        refutes: hit.refutes.clone(),
        weight: hit.strength.map_or(0.0, |strength| strength.weight()),
        rests_on: hit.observations.first().copied(),
        overcome: hit
            .observations
            .first()
            .and_then(|first| observations.get(*first))
            .is_some_and(|observed| observed.fields.text("rung.state") == Some("recovered")),
        time: hit.time,
    }
}

/// Adds what only several sources together tell: whether the policy's server was seen, and that nothing was tried.
pub(crate) fn relate(observations: &mut Vec<Observation>, ladders: &[Ladder], traffic: &Traffic) {
    let mut interval = INTERVAL;
    let mut connector = false;
    for observed in observations.iter_mut() {
        connector |=
            matches!(observed.kind, Kind::Setting | Kind::Posture | Kind::LogRecord | Kind::ConsoleRecord);
        let fields = &mut observed.fields;
        match fields.text("setting.key") {
            Some("tetra.updater.server") => {
                let server = fields.text("setting.text").unwrap_or_default().to_ascii_lowercase();
                let tried = || {
                    ladders.iter().filter(|ladder| {
                        ladder.target.as_ref().is_some_and(|target| server.contains(target.as_str()))
                    })
                };
                let reached = tried().any(|ladder| ladder.bytes > 0);
                let seen = tried().next().is_some();
                fields.set("setting.seen", seen).set("setting.reached", reached);
            }
            Some("tetra.updater.interval") => {
                let seconds = fields.int("setting.int").filter(|seconds| (60..=604_800).contains(seconds));
                interval = seconds.map_or(interval, |seconds| seconds as f64);
            }
            _ => {}
        }
    }
    let spans: Vec<(Timestamp, Timestamp)> =
        traffic.captures.iter().filter_map(|capture| capture.span).collect();
    let seconds: f64 = spans.iter().map(|(from, to)| to.since(*from)).sum();
    if connector && ladders.is_empty() && seconds >= interval {
        let mut fields = Fields::new();
        fields
            .set("quiet.of", "update_attempt")
            .set("quiet.seconds", seconds)
            .set("quiet.periods", seconds / interval);
        let evidence = traffic
            .captures
            .iter()
            .map(|capture| crate::model::Evidence {
                source: tetra_bundle::SourceId::Capture,
                path: capture.path.clone(),
                locator: crate::model::Locator::Whole,
                time: capture.span.map(|span| span.0),
                excerpt: format!(
                    "{} packets in {seconds:.0} s, none of them of an update attempt",
                    capture.frames
                ),
            })
            .collect();
        observations.push(Observation {
            kind: Kind::QuietInterval,
            time: spans.first().map(|span| span.0),
            endpoint: None,
            attempt: None,
            fields,
            evidence,
        });
    }
}

/// Turns a ladder into the report's attempt.
pub(crate) fn attempt(traffic: &Traffic, ladder: &Ladder) -> Attempt {
    Attempt {
        id: ladder.id,
        endpoint: ladder.endpoint.to_string(),
        start: ladder.start.time.to_string(),
        end: ladder.end.to_string(),
        target: ladder.target.clone().unwrap_or_else(|| "unknown".to_owned()),
        path: ladder.path,
        stages: stages(traffic, ladder),
        bytes: ladder.bytes,
        outcome: ladder.outcome,
        later_success: ladder.later_success,
        picture: picture::of(traffic, ladder),
    }
}

/// Gives every rung that belongs to the way taken, those that were not reached included.
fn stages(traffic: &Traffic, ladder: &Ladder) -> Vec<StageReport> {
    let failed = ladder.failed().map(|rung| rung.stage);
    let direct = ladder.path == crate::model::Path::Direct;
    Stage::ALL
        .into_iter()
        .filter_map(|stage| {
            let seen: Vec<&Rung> = ladder.rungs.iter().filter(|rung| rung.stage == stage).collect();
            let shown = seen.iter().find(|rung| rung.state == StageState::Failed).or(seen.last());
            if let Some(rung) = shown {
                return Some(stage_report(traffic, ladder, rung));
            }
            let proxy = matches!(stage, Stage::ProxyConnect | Stage::ProxyAuth | Stage::ProxyRequest);
            let own = matches!(stage, Stage::Dns | Stage::Connect);
            let expected =
                !matches!(stage, Stage::Discovery | Stage::Verify | Stage::ProxyAuth | Stage::TlsRevocation)
                    && if direct { !proxy } else { !own };
            let above = failed.is_some_and(|failed| stage > failed);
            expected.then(|| StageReport {
                stage,
                state: if above { StageState::NotReached } else { StageState::NotSeen },
                summary: String::new(),
                at_ms: None,
                evidence: Vec::new(),
            })
        })
        .collect()
}

fn stage_report(traffic: &Traffic, ladder: &Ladder, rung: &Rung) -> StageReport {
    let evidence =
        rung.marks.iter().map(|mark| EvidenceRef::from(&traffic.evidence(mark.seen, &mark.what))).collect();
    let decided = rung.marks.first().map(|mark| mark.seen.time.since(ladder.start.time).max(0.0));
    StageReport {
        stage: rung.stage,
        state: rung.state,
        summary: rung.summary.clone(),
        // Milliseconds of an attempt are far below the limits of the type.
        at_ms: decided
            .map(|seconds| Timestamp(0).plus_secs(seconds).0 / 1_000_000)
            .and_then(|ms| u64::try_from(ms).ok()),
        evidence,
    }
}

/// Collects what is known of the endpoint.
pub(crate) fn endpoint(bundle: &Bundle, case: &Case, codes: &[Code]) -> EndpointFacts {
    let host = bundle.manifest().map(|manifest| &manifest.host);
    let text = |key: &str| {
        case.setting(key).and_then(|observed| observed.fields.text("setting.text")).map(str::to_owned)
    };
    let time = |key: &str| {
        let seconds = case.setting(key).and_then(|observed| observed.fields.int("setting.int"));
        seconds.filter(|seconds| *seconds > 0).map(|seconds| Timestamp::from_secs(seconds).to_string())
    };
    let posture = case.observations.iter().find(|observed| observed.kind == Kind::Posture);
    let of_posture = |name: &str| posture.and_then(|posture| posture.fields.get(name)).map(Value::to_string);
    let mut addresses: Vec<String> = case.ladders.iter().map(|ladder| ladder.endpoint.to_string()).collect();
    addresses.sort();
    addresses.dedup();
    EndpointFacts {
        addresses,
        hostname: host.and_then(|host| host.hostname.clone()),
        os: host.and_then(|host| host.os.clone()),
        connector_version: host
            .and_then(|host| host.connector_version.clone())
            .or_else(|| of_posture("posture.connector_version")),
        definitions_version: text("tetra.version")
            .map(|text| version(&text))
            .or_else(|| of_posture("posture.tetra_version")),
        last_error: case.setting("tetra.lasterror").and_then(|observed| last_error(observed, codes)),
        last_success: time("tetra.lastsuccess"),
        last_checked: time("tetra.lastchecked"),
        update_server: text("tetra.updater.server"),
        proxy: text("proxy.server").or_else(|| text("winhttp.proxy")),
        awake: case
            .observations
            .iter()
            .find(|observed| observed.fields.text("host.fact") == Some("awake_share"))
            .and_then(|observed| observed.fields.text("host.text"))
            .map(str::to_owned),
        connected: posture.and_then(|posture| match posture.fields.get("posture.connected") {
            Some(Value::Bool(yes)) => Some(*yes),
            _ => None,
        }),
    }
}

/// Gives the version of definitions without what stands before the colon.
fn version(text: &str) -> String {
    text.rsplit(':').next().unwrap_or(text).trim().to_owned()
}

/// Gives the last error unsigned, signed and in hexadecimal, with its published meaning.
fn last_error(observed: &Observation, codes: &[Code]) -> Option<String> {
    let signed = observed.fields.int("setting.int")?;
    if signed == 0 {
        return Some("0".to_owned());
    }
    let unsigned = signed.rem_euclid(1 << 32);
    let meaning = codes.iter().find(|code| code.family == "lasterror" && code.number == signed).map_or(
        "no published meaning".to_owned(),
        |code| {
            format!("{}{}", code.meaning, if code.verified { "" } else { " (not verified for this product)" })
        },
    );
    Some(format!("{unsigned} ({signed}, {unsigned:#010X}): {meaning}"))
}
