//! The input: facts about the endpoint, what was read of it, and what is odd in it.

use super::page::{Look, Page, pad};
use crate::model::{Anomaly, EndpointFacts, SourceCoverage, Span};
use crate::report::lists::alike;
use crate::report::words::fill;
use crate::report::{says, when};

/// How many anomalies are shown.
const ANOMALIES: usize = 8;
/// How many sources are shown.
const SOURCES: usize = 40;

/// Writes the facts about the endpoint that are known.
pub(super) fn endpoint(facts: &EndpointFacts, page: &mut Page) {
    let rows = says::facts(facts, page.words);
    if rows.is_empty() {
        return;
    }
    let title = page.words.endpoint;
    page.section(title);
    let columns = rows.iter().map(|(label, _)| textwrap::core::display_width(label)).max().unwrap_or(0);
    for (label, value) in rows {
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
        let rest = rest.join(words.page.semicolon);
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
