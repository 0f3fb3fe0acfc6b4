//! What is ruled out and by what, what cannot be told, and what to collect next.

use crate::model::{
    AttemptOutcome, CannotTell, Case, Diagnosis, EvidenceRef, Ladder, Path, RuledOut, Rung, SourceCoverage,
    Stage, StageState, Verdict,
};

/// The categories in the order of the ladder.
const CATEGORIES: [&str; 6] = ["dns", "connect", "proxy", "tls", "interrupt", "endpoint"];

/// Fills in what is not to blame, what cannot be told and what to do about that.
pub(super) fn fill(case: &Case, ladder: Option<&Ladder>, diagnosis: &mut Diagnosis) {
    let blamed = diagnosis.primary.as_ref().map(|primary| primary.category.clone());
    for category in CATEGORIES {
        if blamed.as_deref() == Some(category) {
            continue;
        }
        match proof(case, ladder, category) {
            Some((because, evidence)) => {
                diagnosis.ruled_out.push(RuledOut { category: category.to_owned(), because, evidence });
            }
            None if diagnosis.verdict != Verdict::Healthy => {
                let (because, collect) = why_not(case, ladder, category);
                diagnosis.cannot_tell.push(CannotTell { category: category.to_owned(), because, collect });
            }
            None => {}
        }
    }
    diagnosis.next = next(case, ladder, diagnosis);
}

/// Finds what shows that a category is not to blame.
fn proof(case: &Case, ladder: Option<&Ladder>, category: &str) -> Option<(String, Vec<EvidenceRef>)> {
    let ladder = ladder?;
    let held = |stage: Stage| {
        ladder
            .rungs
            .iter()
            .find(|rung| rung.stage == stage && matches!(rung.state, StageState::Ok | StageState::Recovered))
    };
    let shown = |rung: &Rung| (rung.summary.clone(), references(case, rung));
    match category {
        "dns" => match (ladder.path, held(Stage::Dns)) {
            (_, Some(rung)) => Some(shown(rung)),
            (Path::Proxy | Path::Socks, None) => held(Stage::ProxyRequest).map(|rung| {
                (format!("the proxy resolves the name: {}", rung.summary), references(case, rung))
            }),
            _ => held(Stage::Connect)
                .map(|rung| (format!("an address is known: {}", rung.summary), references(case, rung))),
        },
        "connect" => held(Stage::Connect).or_else(|| held(Stage::ProxyRequest)).map(shown),
        "proxy" if ladder.path == Path::Direct => {
            let rung = held(Stage::Connect)?;
            Some((
                format!("the endpoint goes to the server directly: {}", rung.summary),
                references(case, rung),
            ))
        }
        "proxy" => held(Stage::ProxyRequest).map(shown),
        "tls" => held(Stage::Tls).filter(|_| !has_failed(ladder, Stage::TlsRevocation)).map(shown),
        "interrupt" => held(Stage::Download).map(shown),
        _ => (ladder.outcome == AttemptOutcome::Ok).then(|| {
            let rung = held(Stage::Download).or_else(|| ladder.rungs.last());
            (
                "the connector runs, tries and gets its answer".to_owned(),
                rung.map(|rung| references(case, rung)).unwrap_or_default(),
            )
        }),
    }
}

fn has_failed(ladder: &Ladder, stage: Stage) -> bool {
    ladder.rungs.iter().any(|rung| rung.stage == stage && rung.state == StageState::Failed)
}

fn references(case: &Case, rung: &Rung) -> Vec<EvidenceRef> {
    rung.marks
        .iter()
        .take(2)
        .map(|mark| EvidenceRef::from(&case.traffic.evidence(mark.seen, &mark.what)))
        .collect()
}

/// Says why a category cannot be judged, and what would help.
fn why_not(case: &Case, ladder: Option<&Ladder>, category: &str) -> (String, String) {
    let interval = "a packet capture over one whole update interval, started before the attempt";
    if category == "endpoint" {
        let absent = |source: &str| is_absent(&case.coverage, source);
        let missing: Vec<&str> =
            [("local_xml", "local.xml"), ("posture", "the posture"), ("services", "the service state")]
                .into_iter()
                .filter(|(source, _)| absent(source))
                .map(|(_, name)| name)
                .collect();
        return if missing.is_empty() {
            (
                "nothing in the files speaks against the endpoint, nothing proves it".into(),
                "the connector's log in debug mode".into(),
            )
        } else {
            (
                format!("{} not in the bundle", join(&missing)),
                "a bundle made by tetra-collect, run as administrator".into(),
            )
        };
    }
    match ladder {
        None if case.traffic.captures.is_empty() => ("there is no packet capture".into(), interval.into()),
        None => (
            "no attempt is in the capture".into(),
            format!("{interval}; `sfc.exe -forceupdate` makes one at once"),
        ),
        Some(ladder) => {
            let blocking = ladder.rungs.iter().find(|rung| rung.state == StageState::Failed);
            match blocking {
                Some(rung) => (
                    format!("the attempt ended at {} and came no further", rung.stage.name()),
                    "nothing, until that is mended".into(),
                ),
                None => (format!("the capture does not show it{}", clause(&ladder.unclear)), interval.into()),
            }
        }
    }
}

fn clause(unclear: &str) -> String {
    if unclear.is_empty() { String::new() } else { format!(": {unclear}") }
}

fn is_absent(coverage: &[SourceCoverage], source: &str) -> bool {
    !coverage.iter().any(|one| one.source == source && matches!(one.state.as_str(), "read" | "partly"))
}

fn join(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => format!("{one} is"),
        [rest @ .., last] => format!("{} and {last} are", rest.join(", ")),
    }
}

/// Lists what to do next, most useful first.
fn next(case: &Case, ladder: Option<&Ladder>, diagnosis: &Diagnosis) -> Vec<String> {
    let mut next: Vec<String> = Vec::new();
    if diagnosis.primary.is_some() || matches!(diagnosis.verdict, Verdict::Healthy) {
        return next;
    }
    if case.traffic.captures.is_empty() {
        next.push("Capture packets on the endpoint over one whole update interval (tetra-collect does), and run this again on the result.".into());
    } else if ladder.is_none() {
        next.push("Start the capture first, then force an attempt with `sfc.exe -forceupdate` (connector 7.2.7 or later), and stop only when it has ended.".into());
    } else if diagnosis.verdict == Verdict::Inconclusive {
        next.push("Capture again: start before the attempt, on the endpoint itself, both directions, whole packets (no snap length), until a minute after the attempt has ended.".into());
    }
    if is_absent(&case.coverage, "local_xml") {
        next.push(
            "Add local.xml from the connector's folder: its last error tells proxies from other causes."
                .into(),
        );
    }
    if is_absent(&case.coverage, "connector_log") {
        next.push("Add sfc.exe.log with debug logging on for the same time.".into());
    }
    for question in &case.open {
        next.push(format!("Left open: {question}."));
    }
    next.truncate(8);
    next
}
