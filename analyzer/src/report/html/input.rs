//! The input: facts about the endpoint, what was read of it, and what is odd in it.

use maud::{Markup, html};

use super::parts::{foreign, mark};
use crate::model::{Analysis, SourceCoverage, StageState};
use crate::report::lists::alike;
use crate::report::when;
use crate::report::words::{Words, fill};

/// Sources and anomalies shown.
const SHOWN: usize = 60;

/// Shows the facts about the endpoint that are known.
pub(super) fn endpoint(analysis: &Analysis, words: &'static Words) -> Markup {
    let facts = super::super::says::facts(&analysis.endpoint, words);
    if facts.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="endpoint" {
            h2 #endpoint { (words.endpoint) }
            table.cards {
                caption.hidden { (words.endpoint) }
                thead { tr { th scope="col" { (words.page.fact) } th scope="col" { (words.page.value) } } }
                tbody { @for (label, value) in facts { tr { th scope="row" { (label) } td { (foreign(&value)) } } } }
            }
        }
    }
}

/// Shows what each source covers.
pub(super) fn coverage(analysis: &Analysis, words: &'static Words) -> Markup {
    let sources = &analysis.coverage;
    if sources.is_empty() {
        return html! {};
    }
    let left_out = sources.len().saturating_sub(SHOWN);
    html! {
        section aria-labelledby="coverage" {
            h2 #coverage { (words.coverage) }
            table.cards {
                caption.hidden { (words.coverage) }
                thead {
                    tr {
                        th scope="col" { (words.page.source) }
                        th scope="col" { (words.page.state) }
                        th scope="col" { (words.page.note) }
                        th scope="col" { (words.page.covers) }
                    }
                }
                tbody { @for source in sources.iter().take(SHOWN) { (row(source, words)) } }
            }
            @if left_out > 0 { p.quiet { (fill(words.more, &[&left_out.to_string()])) } }
        }
    }
}

fn row(source: &SourceCoverage, words: &'static Words) -> Markup {
    let name = if source.path.trim().is_empty() { &source.source } else { &source.path };
    let read = if source.state == "read" { StageState::Ok } else { StageState::CannotTell };
    let (sign, class) = mark(read);
    let span = source.covers.as_ref().map(|covers| when::span(&covers.from, &covers.to));
    html! {
        tr {
            th.mono scope="row" { (foreign(name)) }
            td { span class={ "mark " (class) "-text" } aria-hidden="true" { (sign) } (foreign((words.source_state)(&source.state))) }
            td { (foreign(&source.note)) }
            td { @if let Some((from, to)) = span { (foreign(&fill(words.span, &[&from, &to]))) } }
        }
    }
}

/// Shows what is odd in the input, like oddities of one file together.
pub(super) fn anomalies(analysis: &Analysis, words: &'static Words) -> Markup {
    let anomalies = &analysis.anomalies;
    if anomalies.is_empty() {
        return html! {};
    }
    let lines = alike(anomalies, |anomaly| (&anomaly.path, &anomaly.what));
    let left_out = lines.len().saturating_sub(SHOWN);
    html! {
        section aria-labelledby="anomalies" {
            h2 #anomalies { (fill(words.anomalies, &[&anomalies.len().to_string()])) }
            ul {
                @for (anomaly, count) in lines.iter().take(SHOWN) {
                    li {
                        span.mono { (foreign(&anomaly.path)) @if !anomaly.at.is_empty() { ":" (foreign(&anomaly.at)) } }
                        " " (foreign(&anomaly.what)) @if *count > 1 { span.quiet { " ×" (count) } }
                    }
                }
            }
            @if left_out > 0 { p.quiet { (fill(words.more, &[&left_out.to_string()])) } }
        }
    }
}
