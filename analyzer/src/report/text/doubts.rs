//! What is not to blame, what cannot be told, what does not fit together, and what else rules found.

use super::page::{Look, Page};
use super::places;
use crate::model::{Analysis, RuledOut};
use crate::report::says;
use crate::report::words::fill;

/// How many other findings are shown.
const FINDINGS: usize = 10;
/// How many pieces of evidence a claim shows.
const EVIDENCE: usize = 2;

/// Writes what is ruled out and what cannot be told, category by category.
pub(super) fn write(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    let diagnosis = &analysis.diagnosis;
    claims(words.ruled_out, &diagnosis.ruled_out, page);
    if !diagnosis.cannot_tell.is_empty() {
        page.section(words.cannot_tell);
        for doubt in &diagnosis.cannot_tell {
            category(&doubt.category, &doubt.because, page);
            if !doubt.collect.trim().is_empty() {
                page.wrapped(
                    &[(Look::Plain, "    ")],
                    4,
                    Look::Plain,
                    &fill(words.collect, &[&doubt.collect]),
                );
            }
        }
    }
    claims(words.contradictions, &diagnosis.contradictions, page);
}

/// Writes the findings that speak of none of the causes above.
pub(super) fn findings(analysis: &Analysis, page: &mut Page) {
    let lines = says::untold(analysis);
    if lines.is_empty() {
        return;
    }
    let words = page.words;
    page.section(words.findings);
    for (finding, count) in lines.iter().take(FINDINGS) {
        let mut text = format!("{} [{}, {}]", finding.summary, finding.rule, finding.level);
        if *count > 1 {
            text = fill(words.times, &[&count.to_string(), &text]);
        }
        page.bullet(&text);
        for evidence in finding.evidence.iter().take(1) {
            places::write(evidence, "    ", page);
        }
    }
    page.more(lines.len().saturating_sub(FINDINGS));
}

fn claims(title: &str, claims: &[RuledOut], page: &mut Page) {
    if claims.is_empty() {
        return;
    }
    page.section(title);
    for claim in claims {
        category(&claim.category, &claim.because, page);
        for evidence in claim.evidence.iter().take(EVIDENCE) {
            places::write(evidence, "    ", page);
        }
    }
}

fn category(name: &str, because: &str, page: &mut Page) {
    let name = page.safe((page.words.category)(name));
    page.wrapped(
        &[(Look::Plain, "  - "), (Look::Bold, &name), (Look::Plain, page.words.page.colon)],
        4,
        Look::Plain,
        because,
    );
}
