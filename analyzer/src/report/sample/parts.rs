//! The parts of which the sample analyses are made.

use crate::model::*;

pub(super) const CAPTURE: &str = "network/capture.pcapng";
pub(super) const SERVER: &str = "tetra-defs.amp.cisco.com";

pub(super) fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

pub(super) fn frame(number: u64, time: &str, excerpt: &str) -> EvidenceRef {
    EvidenceRef {
        source: "capture".into(),
        path: CAPTURE.into(),
        frame: Some(number),
        line: None,
        element: None,
        time: Some(time.into()),
        excerpt: excerpt.into(),
    }
}

pub(super) fn line(path: &str, number: u64, excerpt: &str) -> EvidenceRef {
    EvidenceRef {
        source: "connector_log".into(),
        path: path.into(),
        frame: None,
        line: Some(number),
        element: None,
        time: None,
        excerpt: excerpt.into(),
    }
}

pub(super) fn element(path: &str, element: &str, excerpt: &str) -> EvidenceRef {
    EvidenceRef {
        source: "local_xml".into(),
        path: path.into(),
        frame: None,
        line: None,
        element: Some(element.into()),
        time: None,
        excerpt: excerpt.into(),
    }
}

/// A rung; a frame of 0 leaves it without evidence.
pub(super) fn rung(
    stage: Stage,
    state: StageState,
    at_ms: Option<u64>,
    at: u64,
    summary: &str,
) -> StageReport {
    let evidence = if at == 0 { vec![] } else { vec![frame(at, "2026-03-02T09:12:44.000000Z", summary)] };
    StageReport { stage, state, summary: summary.into(), at_ms, evidence }
}

pub(super) fn attempt(
    id: u32,
    start: &str,
    end: &str,
    outcome: AttemptOutcome,
    stages: Vec<StageReport>,
) -> Attempt {
    Attempt {
        id,
        endpoint: "192.168.205.138".into(),
        start: start.into(),
        end: end.into(),
        target: SERVER.into(),
        path: Path::Direct,
        stages,
        bytes: 0,
        outcome,
        later_success: false,
        picture: Picture::default(),
    }
}

pub(super) fn cause(slug: &str, category: &str, title: &str, summary: &str) -> CauseReport {
    CauseReport {
        cause: slug.into(),
        category: category.into(),
        stage: category.into(),
        title: title.into(),
        confidence: Confidence::Possible,
        belief: 0.5,
        reach: Reach { explained: 1, failed: 1 },
        summary: summary.into(),
        culprit: Culprit::default(),
        evidence: vec![],
        advice: Advice::default(),
        wireshark_filter: String::new(),
        docs: vec![],
    }
}

pub(super) fn finding(rule: &str, level: &str, summary: &str) -> Finding {
    Finding {
        rule: rule.into(),
        id: "6f0d6a0e-5b0f-4a53-9a6e-0b7b6c9f2a11".into(),
        pack: "core 1.0.0".into(),
        supports: None,
        refutes: None,
        level: level.into(),
        strength: None,
        summary: summary.into(),
        attempt: None,
        endpoint: None,
        evidence: vec![],
    }
}

pub(super) fn ruled_out(category: &str, because: &str, evidence: Vec<EvidenceRef>) -> RuledOut {
    RuledOut { category: category.into(), because: because.into(), evidence }
}

pub(super) fn cannot_tell(category: &str, because: &str, collect: &str) -> CannotTell {
    CannotTell { category: category.into(), because: because.into(), collect: collect.into() }
}

pub(super) fn covered(source: &str, path: &str, state: &str, note: &str) -> SourceCoverage {
    let covers = (source == "capture" && state != "absent").then(span);
    SourceCoverage {
        source: source.into(),
        path: path.into(),
        state: state.into(),
        covers,
        note: note.into(),
        debug: None,
    }
}

pub(super) fn anomaly(path: &str, at: &str, what: &str) -> Anomaly {
    Anomaly { path: path.into(), at: at.into(), what: what.into() }
}

pub(super) fn span() -> Span {
    Span { from: "2026-03-02T08:12:40.000000Z".into(), to: "2026-03-02T09:13:20.500000Z".into() }
}

/// A report without an answer yet.
pub(super) fn analysis(verdict: Verdict, summary: &str) -> Analysis {
    Analysis {
        schema: "tetra-analysis/1".into(),
        tool: Tool { name: "tetra-analyze".into(), version: "0.1.0".into() },
        rules: vec![PackInfo {
            pack: "core".into(),
            version: "1.0.0".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        }],
        input: Input {
            path: "DESKTOP-QFC3PVT.zip".into(),
            sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
            layout: "tetra".into(),
            collected: Some("2026-03-02T09:13:30.000000Z".into()),
            covers: Some(span()),
        },
        diagnosis: Diagnosis {
            verdict,
            summary: summary.into(),
            primary: None,
            others: vec![],
            consequences: vec![],
            contradictions: vec![],
            ruled_out: vec![],
            cannot_tell: vec![],
            next: vec![],
        },
        attempts: vec![],
        findings: vec![],
        endpoint: EndpointFacts::default(),
        coverage: vec![],
        anomalies: vec![],
    }
}
