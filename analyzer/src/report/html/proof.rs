//! What proves the answer: evidence, what is ruled out, what cannot be told, other causes and findings.

use maud::{Markup, html};

use super::parts::{evidence as place, foreign, with_code};
use crate::model::{Analysis, CauseReport, EvidenceRef};
use crate::report::says;
use crate::report::words::{Words, fill};

/// Evidence shown for a claim.
const FEW: usize = 2;
/// Causes and findings shown.
const MANY: usize = 20;

/// Shows where the primary cause can be checked, with the filter for Wireshark.
pub(super) fn evidence(analysis: &Analysis, words: &'static Words) -> Markup {
    let Some(cause) = &analysis.diagnosis.primary else { return html! {} };
    let filter = cause.wireshark_filter.trim();
    html! {
        section aria-labelledby="evidence" {
            h2 #evidence { (words.evidence) }
            @if cause.evidence.is_empty() { p.quiet { (words.page.no_evidence) } }
            ol.evidence { @for one in &cause.evidence { li { (place(one, words)) } } }
            @if !filter.is_empty() {
                h3 { (words.wireshark) }
                pre tabindex="0" { (foreign(filter)) }
            }
        }
    }
}

/// Shows in one table what is ruled out, what cannot be told, and what does not fit together.
pub(super) fn claims(analysis: &Analysis, words: &'static Words) -> Markup {
    let diagnosis = &analysis.diagnosis;
    let proven = [
        ("✔", "good", words.ruled_out, &diagnosis.ruled_out),
        ("!", "notice", words.contradictions, &diagnosis.contradictions),
    ];
    if diagnosis.cannot_tell.is_empty() && proven.iter().all(|(.., claims)| claims.is_empty()) {
        return html! {};
    }
    html! {
        section aria-labelledby="claims" {
            h2 #claims { (words.page.claims) }
            table.cards {
                caption.hidden { (words.page.claims) }
                thead {
                    tr {
                        th scope="col" { (words.page.claim_area) }
                        th scope="col" { (words.page.claim_state) }
                        th scope="col" { (words.page.claim_why) }
                        th scope="col" { (words.page.claim_check) }
                    }
                }
                tbody {
                    @for (mark, class, says, claims) in proven {
                        @for claim in claims {
                            tr {
                                th scope="row" { (foreign((words.category)(&claim.category))) }
                                td.num { (verdict(mark, class, says)) }
                                td { (foreign(&claim.because)) }
                                td { (places(&claim.evidence, words)) }
                            }
                        }
                    }
                    @for doubt in &diagnosis.cannot_tell {
                        tr {
                            th scope="row" { (foreign((words.category)(&doubt.category))) }
                            td.num { (verdict("?", "notice", words.cannot_tell)) }
                            td { (foreign(&doubt.because)) }
                            td { @if !doubt.collect.trim().is_empty() { (with_code(&fill(words.collect, &[&doubt.collect]))) } }
                        }
                    }
                }
            }
        }
    }
}

/// Shows what follows from the primary cause, and the other causes.
pub(super) fn other_causes(analysis: &Analysis, words: &'static Words) -> Markup {
    let diagnosis = &analysis.diagnosis;
    let parts = [
        ("consequences", words.consequences, &diagnosis.consequences),
        ("others", words.others, &diagnosis.others),
    ];
    html! {
        @for (id, title, causes) in parts {
            @if !causes.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { (title) }
                    ul { @for cause in causes.iter().take(MANY) { (other(cause, words)) } }
                    (more(causes.len(), words))
                }
            }
        }
    }
}

/// Shows the findings that speak of none of the causes above.
pub(super) fn findings(analysis: &Analysis, words: &'static Words) -> Markup {
    let lines = says::untold(analysis);
    if lines.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="findings" {
            h2 #findings { (words.findings) }
            ul {
                @for (finding, count) in lines.iter().take(MANY) {
                    li {
                        (foreign(&finding.summary)) " "
                        code { (foreign(&finding.rule)) }
                        span.quiet.small { " " ((words.level)(&finding.level)) @if *count > 1 { " ×" (count) } }
                        (places(finding.evidence.get(..1).unwrap_or_default(), words))
                    }
                }
            }
            (more(lines.len(), words))
        }
    }
}

fn other(cause: &CauseReport, words: &'static Words) -> Markup {
    html! {
        li {
            strong { (foreign(&cause.title)) } " " code { (foreign(&cause.cause)) }
            span.quiet.small { " " ((words.confidence)(cause.confidence)) }
            @if !says::same(&cause.summary, &cause.title) { span.excerpt { (foreign(&cause.summary)) } }
            (places(cause.evidence.get(..1).unwrap_or_default(), words))
        }
    }
}

fn places(evidence: &[EvidenceRef], words: &'static Words) -> Markup {
    html! {
        @if !evidence.is_empty() {
            div.small { @for one in evidence.iter().take(FEW) { div { (place(one, words)) } } }
        }
    }
}

fn verdict(mark: &str, class: &str, says: &str) -> Markup {
    html! { span class={ "mark " (class) "-text" } aria-hidden="true" { (mark) } (says) }
}

fn more(count: usize, words: &'static Words) -> Markup {
    let left_out = count.saturating_sub(MANY);
    html! { @if left_out > 0 { p.quiet { (fill(words.more, &[&left_out.to_string()])) } } }
}
