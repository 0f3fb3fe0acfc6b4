//! From an analysis to its row: what a table of thousands of cases needs of it.

use std::net::SocketAddr;

use super::row::{AttemptRow, Row, SCHEMA, Status};
use crate::model::{
    Analysis, Attempt, AttemptOutcome, Case, Confidence, Role, StageReport, StageState, Verdict,
};
use crate::rule::RuleSet;

/// Longest text of a column, in characters: a bundle is hostile, and a table is forever.
const TEXT: usize = 500;
/// Most entries of a list.
const LIST: usize = 100;
/// Most attempts of a bundle that get a row of their own, the last ones.
const ATTEMPTS: usize = 1_000;

/// Makes the row of an analysis; `rules` is the key of the rule set.
pub(super) fn row(analysis: &Analysis, case: &Case, set: &RuleSet, rules: &str) -> Row {
    let diagnosis = &analysis.diagnosis;
    let primary = diagnosis.primary.as_ref();
    let last = analysis.attempts.last();
    let covers = analysis.input.covers.as_ref();
    let endpoint = &analysis.endpoint;
    let target = last.map(|attempt| attempt.target.clone()).filter(|target| target != "unknown");
    let update_server = target.or_else(|| endpoint.update_server.clone());
    let failed = analysis.attempts.iter().filter(|attempt| attempt.outcome == AttemptOutcome::Failed);
    let proxied = last.is_some_and(|attempt| attempt.path != crate::model::Path::Direct);
    let proxy = if proxied { seen_proxy(case) } else { None };
    Row {
        schema: SCHEMA.to_owned(),
        content: analysis.input.sha256.clone(),
        rules: rules.to_owned(),
        tool: analysis.tool.version.clone(),
        status: Status::Done,
        message: String::new(),
        layout: Some(analysis.input.layout.clone()),
        collected: analysis.input.collected.clone(),
        covers_from: covers.map(|span| span.from.clone()),
        covers_to: covers.map(|span| span.to.clone()),
        hostname: short(&endpoint.hostname),
        addresses: endpoint.addresses.iter().take(LIST).cloned().collect(),
        os: short(&endpoint.os),
        connector_version: short(&endpoint.connector_version),
        definitions_version: short(&endpoint.definitions_version),
        last_error: short(&endpoint.last_error),
        last_success: short(&endpoint.last_success),
        region: region(update_server.as_deref(), set),
        update_server: short(&update_server),
        route: last.map(|attempt| attempt.path.name().to_owned()),
        proxy: short(&endpoint.proxy).or(proxy.map(|proxy| proxy.to_string())),
        proxy_product: proxy.and_then(|proxy| product(case, proxy)).map(|text| cut(&text)),
        interval: interval(case, &analysis.attempts),
        verdict: Some(verdict(diagnosis.verdict).to_owned()),
        cause: primary.map(|cause| cause.cause.clone()),
        category: primary.map(|cause| cause.category.clone()),
        stage: primary.map(|cause| cause.stage.clone()),
        confidence: primary.map(|cause| confidence(cause.confidence).to_owned()),
        summary: Some(cut(&diagnosis.summary)),
        explained: primary.map_or(0, |cause| cause.reach.explained),
        failed: u32::try_from(failed.count()).unwrap_or(u32::MAX),
        failing_host: failing_host(analysis, case).filter(|host| !host.is_empty()).map(|host| cut(&host)),
        consequences: sorted(diagnosis.consequences.iter().map(|cause| cause.cause.clone())),
        others: diagnosis.others.iter().take(LIST).map(|cause| cause.cause.clone()).collect(),
        findings: sorted(analysis.findings.iter().map(|finding| finding.rule.clone())),
        stages: last.map(|attempt| ladder(&attempt.stages)).unwrap_or_default(),
        anomalies: u32::try_from(analysis.anomalies.len()).unwrap_or(u32::MAX),
        unexplained: Vec::new(),
        attempts: attempts(&analysis.attempts),
    }
}

fn attempts(all: &[Attempt]) -> Vec<AttemptRow> {
    let rows = all.iter().skip(all.len().saturating_sub(ATTEMPTS)).map(|attempt| AttemptRow {
        id: attempt.id,
        endpoint: attempt.endpoint.clone(),
        start: attempt.start.clone(),
        end: attempt.end.clone(),
        target: cut(&attempt.target),
        route: attempt.path.name().to_owned(),
        outcome: outcome(attempt.outcome).to_owned(),
        failed_stage: attempt
            .stages
            .iter()
            .find(|stage| stage.state == StageState::Failed)
            .map(|stage| stage.stage.name().to_owned()),
        stages: ladder(&attempt.stages),
        bytes: attempt.bytes,
        later_success: attempt.later_success,
    });
    rows.collect()
}

/// Writes a ladder in one line, without the rungs that were not reached.
fn ladder(stages: &[StageReport]) -> String {
    let shown: Vec<String> = stages
        .iter()
        .filter_map(|stage| {
            let state = match stage.state {
                StageState::Ok => "ok",
                StageState::Failed => "failed",
                StageState::Recovered => "recovered",
                StageState::CannotTell => "unclear",
                StageState::NotReached | StageState::NotSeen => return None,
            };
            Some(format!("{}={state}", stage.stage.name()))
        })
        .collect();
    shown.join(" ")
}

/// Names the host at which the last failed attempt ended: of the rung's own peer, else the cause's culprit.
fn failing_host(analysis: &Analysis, case: &Case) -> Option<String> {
    let peer = case.ladders.iter().rev().find_map(|ladder| ladder.failed()).map(|rung| &rung.peer);
    let own = peer.and_then(|peer| {
        peer.names.first().cloned().or_else(|| peer.addresses.first().map(ToString::to_string))
    });
    let culprit = || {
        let culprit = &analysis.diagnosis.primary.as_ref()?.culprit;
        culprit.names.first().or(culprit.addresses.first()).cloned()
    };
    own.or_else(culprit)
}

/// Gives the cloud region of an update server; a server that no pack knows is a private one.
fn region(server: Option<&str>, set: &RuleSet) -> Option<String> {
    let server = server?.trim_end_matches('.');
    let known = set.endpoints().patterns.iter().find(|pattern| {
        pattern.role == Role::UpdateServer
            && pattern.region != "policy"
            && pattern.name.eq_ignore_ascii_case(server)
    });
    Some(known.map_or("private", |pattern| pattern.region.as_str()).to_owned())
}

/// Finds the proxy that the captures show.
fn seen_proxy(case: &Case) -> Option<SocketAddr> {
    let to_proxy = |flow: &&crate::model::TcpFlow| flow.app.http.iter().any(|exchange| exchange.to_proxy);
    let used = case.traffic.flows.iter().find(to_proxy).map(|flow| flow.server);
    used.or_else(|| case.traffic.proxies.first().map(|(_, proxy)| *proxy))
}

/// Gives what a proxy says it is: the comment of its Via header, else the Server header of an answer of its own.
fn product(case: &Case, proxy: SocketAddr) -> Option<String> {
    let answers = || {
        let flows = case.traffic.flows.iter().filter(|flow| flow.server == proxy);
        let exchanges = flows.flat_map(|flow| &flow.app.http).filter(|exchange| exchange.to_proxy);
        exchanges.filter_map(|exchange| exchange.answer.as_ref())
    };
    // `1.1 proxy.example (squid/5.7)`: the comment is the product.
    let comment = |via: &String| {
        let (_, after) = via.split_once('(')?;
        after.split_once(')').map(|(inner, _)| inner.to_owned())
    };
    let via = || answers().find_map(|answer| answer.via.as_ref().and_then(comment));
    let own = |answer: &crate::model::Answer| answer.status == 407 || answer.squid_error.is_some();
    let server = || answers().filter(|answer| own(answer)).find_map(|answer| answer.server.clone());
    via().or_else(server)
}

/// Gives the seconds between updates: the policy's word, else the middle one of the gaps between attempts.
fn interval(case: &Case, attempts: &[Attempt]) -> Option<i64> {
    let policy = case
        .setting("tetra.updater.interval")
        .and_then(|observed| observed.fields.int("setting.int"))
        .filter(|seconds| *seconds > 0);
    let mut starts: Vec<i64> = case.ladders.iter().map(|ladder| ladder.start.time.secs()).collect();
    starts.sort_unstable();
    let mut gaps: Vec<i64> =
        starts.iter().zip(starts.iter().skip(1)).map(|(one, next)| next.saturating_sub(*one)).collect();
    gaps.sort_unstable();
    policy.or_else(|| if attempts.len() > 2 { gaps.get(gaps.len() / 2).copied() } else { None })
}

/// Gives the name of a verdict as the JSON report spells it.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "broken",
        Verdict::Degraded => "degraded",
        Verdict::Healthy => "healthy",
        Verdict::Inconclusive => "inconclusive",
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Possible => "possible",
        Confidence::Likely => "likely",
        Confidence::Confirmed => "confirmed",
    }
}

fn outcome(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Ok => "ok",
        AttemptOutcome::Failed => "failed",
        AttemptOutcome::Unfinished => "unfinished",
        AttemptOutcome::Unknown => "unknown",
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = names.collect();
    all.sort();
    all.dedup();
    all.truncate(LIST);
    all
}

fn short(text: &Option<String>) -> Option<String> {
    text.as_deref().map(cut)
}

/// Cuts a text to what a column takes.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(TEXT).collect()
}
