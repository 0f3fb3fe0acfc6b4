//! The input: facts about the endpoint, what was read of it, and what is odd in it.

use super::lists::alike;
use super::page::{Look, Page, pad};
use super::when;
use super::words::fill;
use crate::model::{Anomaly, EndpointFacts, SourceCoverage, Span};

/// How many anomalies are shown.
const ANOMALIES: usize = 8;
/// How many sources are shown.
const SOURCES: usize = 40;

/// Writes the facts about the endpoint that are known.
pub(super) fn endpoint(facts: &EndpointFacts, page: &mut Page) {
    let labels = &page.words.facts;
    let time = |value: &Option<String>| value.as_deref().map(when::time);
    let connected = facts.connected.map(|yes| if yes { labels.yes } else { labels.no }.to_owned());
    let addresses = (!facts.addresses.is_empty()).then(|| facts.addresses.join(", "));
    let rows = [
        (labels.hostname, facts.hostname.clone()),
        (labels.addresses, addresses),
        (labels.os, facts.os.clone()),
        (labels.connector, facts.connector_version.clone()),
        (labels.connected, connected),
        (labels.definitions, facts.definitions_version.clone()),
        (labels.last_success, time(&facts.last_success)),
        (labels.last_checked, time(&facts.last_checked)),
        (labels.last_error, facts.last_error.clone()),
        (labels.server, facts.update_server.clone()),
        (labels.proxy, facts.proxy.clone()),
    ];
    if rows.iter().all(|(_, value)| value.is_none()) {
        return;
    }
    let title = page.words.endpoint;
    page.section(title);
    let columns = rows.iter().map(|(label, _)| textwrap::core::display_width(label)).max().unwrap_or(0);
    for (label, value) in rows {
        let Some(value) = value else { continue };
        let label = pad(label, columns);
        page.wrapped(
            &[(Look::Plain, "  "), (Look::Quiet, &label), (Look::Plain, "  ")],
            columns + 4,
            Look::Plain,
            &value,
        );
    }
}

/// Writes what each source covers.
pub(super) fn coverage(sources: &[SourceCoverage], page: &mut Page) {
    if sources.is_empty() {
        return;
    }
    let words = page.words;
    page.section(words.coverage);
    for source in sources.iter().take(SOURCES) {
        let name = if source.path.trim().is_empty() { &source.source } else { &source.path };
        let state = (words.source_state)(&source.state);
        let look = if source.state == "read" { Look::Good } else { Look::Notice };
        let span = source.covers.as_ref().map(|span| between(span, page)).unwrap_or_default();
        let rest: Vec<&str> =
            [source.note.as_str(), span.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let rest = rest.join("; ");
        let state = page.safe(state);
        let text = if rest.is_empty() { name.clone() } else { format!("{name}: {rest}") };
        page.wrapped(
            &[(Look::Plain, "  "), (look, &pad(&state, 10)), (Look::Plain, " ")],
            13,
            Look::Plain,
            &text,
        );
    }
    page.more(sources.len().saturating_sub(SOURCES));
}

/// Writes what is odd in the input, like oddities of one file together.
pub(super) fn anomalies(anomalies: &[Anomaly], page: &mut Page) {
    if anomalies.is_empty() {
        return;
    }
    let words = page.words;
    page.section(&fill(words.anomalies, &[&anomalies.len().to_string()]));
    let lines = alike(anomalies, |anomaly| (&anomaly.path, &anomaly.what));
    for (anomaly, count) in lines.iter().take(ANOMALIES) {
        let place = if anomaly.at.is_empty() {
            anomaly.path.clone()
        } else {
            format!("{}:{}", anomaly.path, anomaly.at)
        };
        let what = if *count > 1 {
            fill(words.times, &[&count.to_string(), &anomaly.what])
        } else {
            anomaly.what.clone()
        };
        page.bullet(&format!("{place}: {what}"));
    }
    let shown: usize = lines.iter().take(ANOMALIES).map(|(_, count)| count).sum();
    page.more(anomalies.len().saturating_sub(shown));
}

fn between(span: &Span, page: &Page) -> String {
    let (from, to) = when::span(&span.from, &span.to);
    fill(page.words.span, &[&from, &to])
}
