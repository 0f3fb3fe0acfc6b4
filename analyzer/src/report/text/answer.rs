//! The answer: verdict, cause, who is to be changed, where to check it, what to do.

use super::page::{Look, Page};
use super::places;
use crate::model::{Analysis, CauseReport, Culprit, Verdict};
use crate::report::words::fill;
use crate::report::{says, when};

/// How much evidence of the cause is shown.
const EVIDENCE: usize = 8;
/// How many of several like things are shown.
const SHOWN: usize = 6;

/// Writes the first lines: the verdict and the cause in one sentence, how sure, and how far it reaches.
pub(super) fn headline(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    let diagnosis = &analysis.diagnosis;
    let look = match diagnosis.verdict {
        Verdict::Healthy => Look::Good,
        Verdict::Broken => Look::Bad,
        Verdict::Degraded | Verdict::Inconclusive => Look::Notice,
    };
    let verdict = format!("{}{}", (words.verdict)(diagnosis.verdict), words.page.colon);
    page.wrapped(&[(look, &verdict)], 2, Look::Bold, &diagnosis.summary);
    let Some(cause) = &diagnosis.primary else { return };
    labelled(page, words.cause, &[&cause.title, " [", &cause.cause, "]"].concat());
    let word = (words.confidence)(cause.confidence);
    let reach = says::reach(cause.reach, words);
    let gap = if reach.is_empty() { "" } else { words.page.semicolon };
    page.wrapped(&[(Look::Plain, "  "), (Look::Bold, word), (Look::Plain, gap)], 2, Look::Plain, &reach);
    if !says::same(&cause.summary, &diagnosis.summary) {
        labelled(page, words.seen, &cause.summary);
    }
    culprit(&cause.culprit, page);
}

/// Writes where the primary cause can be checked, with the filter for Wireshark.
pub(super) fn evidence(analysis: &Analysis, page: &mut Page) {
    let Some(cause) = &analysis.diagnosis.primary else { return };
    let words = page.words;
    if !cause.evidence.is_empty() {
        page.section(words.evidence);
        for evidence in cause.evidence.iter().take(EVIDENCE) {
            places::write(evidence, "  ", page);
        }
        page.more(cause.evidence.len().saturating_sub(EVIDENCE));
    }
    if !cause.wireshark_filter.trim().is_empty() {
        page.blank();
        page.wrapped(&[], 0, Look::Bold, words.wireshark);
        page.unbroken("", "", Look::Plain, &cause.wireshark_filter);
    }
}

/// Writes what follows from the primary cause, and the other causes.
pub(super) fn other_causes(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    for (title, causes) in
        [(words.consequences, &analysis.diagnosis.consequences), (words.others, &analysis.diagnosis.others)]
    {
        if causes.is_empty() {
            continue;
        }
        page.section(title);
        for cause in causes.iter().take(SHOWN) {
            other(cause, page);
        }
        page.more(causes.len().saturating_sub(SHOWN));
    }
}

/// Writes what the user and the engineer do next, and what to collect.
pub(super) fn next_steps(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    let parts = says::steps(analysis, words);
    if parts.iter().all(|(_, steps)| steps.is_empty()) {
        return;
    }
    page.section(words.next);
    for (label, steps) in parts {
        if steps.is_empty() {
            continue;
        }
        page.wrapped(&[(Look::Plain, "  ")], 2, Look::Bold, label);
        for (number, step) in (1..).zip(steps.iter()) {
            page.wrapped(&[(Look::Plain, &format!("  {number}. "))], 5, Look::Plain, step);
        }
    }
    for link in says::advised(analysis).iter().flat_map(|cause| &cause.docs) {
        page.unbroken("  ", &format!("{} ", words.docs), Look::Place, link);
    }
}

fn other(cause: &CauseReport, page: &mut Page) {
    let word = (page.words.confidence)(cause.confidence);
    page.bullet(&[&cause.title, " [", &cause.cause, "], ", word].concat());
    if !says::same(&cause.summary, &cause.title) {
        page.wrapped(&[(Look::Plain, "    ")], 4, Look::Plain, &cause.summary);
    }
    for evidence in cause.evidence.iter().take(1) {
        places::write(evidence, "    ", page);
    }
}

fn culprit(culprit: &Culprit, page: &mut Page) {
    let words = page.words;
    let who = says::culprit(culprit, words);
    if !who.is_empty() {
        labelled(page, words.who, &who);
    }
}

fn labelled(page: &mut Page, label: &str, text: &str) {
    // A full-width colon brings its own space.
    let gap = if label.is_ascii() { " " } else { "" };
    page.wrapped(&[(Look::Plain, "  "), (Look::Bold, label), (Look::Plain, gap)], 4, Look::Plain, text);
}

/// Writes the facts by which the report can be made again: input, program, rules.
pub(super) fn origin(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    page.blank();
    let input = &analysis.input;
    let mut line = fill(words.input, &[&input.path, &input.layout]);
    if let Some(collected) = &input.collected {
        line = format!("{line}, {}", fill(words.collected, &[&when::time(collected)]));
    }
    page.wrapped(&[], 0, Look::Quiet, &line);
    page.unbroken("", words.hash, Look::Quiet, &input.sha256);
    page.wrapped(&[], 0, Look::Quiet, &says::made_by(analysis, words));
}
