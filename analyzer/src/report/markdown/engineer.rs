//! The reply to an engineer: everything that the other reports say, nothing left out.

use super::escape::{cell, code, inline, link, with_code};
use crate::model::{Analysis, Attempt, CauseReport, EvidenceRef};
use crate::report::words::{Words, fill};
use crate::report::{says, when};

/// Findings, attempts and anomalies listed.
const LISTED: usize = 20;

/// Writes the reply.
pub(super) fn reply(analysis: &Analysis, words: &'static Words) -> String {
    let diagnosis = &analysis.diagnosis;
    let mut out = Out(String::new());
    let verdict = (words.verdict)(diagnosis.verdict);
    out.line(&format!("# {verdict}{}{}", words.page.colon, inline(&diagnosis.summary)));
    if let Some(cause) = &diagnosis.primary {
        primary(cause, words, &mut out);
    }
    if let Some(attempt) = says::telling(analysis) {
        ladder(attempt, analysis.attempts.len(), words, &mut out);
    }
    if let Some(cause) = &diagnosis.primary {
        out.list(words.evidence, cause.evidence.iter().map(|one| evidence(one, words)));
        if !cause.wireshark_filter.trim().is_empty() {
            out.line(&format!("\n**{}**\n\n{}", words.wireshark, code(&cause.wireshark_filter)));
        }
    }
    claims(analysis, words, &mut out);
    for (title, causes) in [(words.consequences, &diagnosis.consequences), (words.others, &diagnosis.others)]
    {
        out.list(title, causes.iter().take(LISTED).map(|cause| other(cause, words)));
    }
    let findings = says::untold(analysis);
    out.list(
        words.findings,
        findings.iter().take(LISTED).map(|(finding, count)| {
            let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
            format!(
                "{} ({}, {}){times}",
                inline(&finding.summary),
                code(&finding.rule),
                (words.level)(&finding.level)
            )
        }),
    );
    steps(analysis, words, &mut out);
    let facts = says::facts(&analysis.endpoint, words);
    out.list(
        words.endpoint,
        facts.iter().map(|(label, value)| format!("{label}{}{}", words.page.colon, inline(value))),
    );
    coverage(analysis, words, &mut out);
    let title = fill(words.anomalies, &[&analysis.anomalies.len().to_string()]);
    out.list(
        &title,
        analysis.anomalies.iter().take(LISTED).map(|anomaly| {
            let at = if anomaly.at.is_empty() { String::new() } else { format!(":{}", anomaly.at) };
            format!("{} {}", code(&format!("{}{at}", anomaly.path)), inline(&anomaly.what))
        }),
    );
    out.line("\n---\n");
    out.line(&inline(&fill(words.input, &[&analysis.input.path, &analysis.input.layout])));
    out.line(&format!("{}{}  ", words.hash, code(&analysis.input.sha256)));
    out.line(&format!(
        "{} {}",
        inline(&fill(words.page.made_by, &[&says::made_by(analysis, words)])),
        words.page.times_utc
    ));
    out.0
}

struct Out(String);

impl Out {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn list(&mut self, title: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            self.line(&format!("\n## {title}\n"));
        }
        for line in lines {
            self.line(&format!("- {line}"));
        }
    }

    fn table(&mut self, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
        self.line("");
        self.line(&format!("| {} |", head.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(head.len())));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
            self.line(&format!("| {} |", cells.join(" | ")));
        }
    }
}

fn primary(cause: &CauseReport, words: &'static Words, out: &mut Out) {
    let reach = says::reach(cause.reach, words);
    let gap = if reach.is_empty() { "" } else { words.page.semicolon };
    out.line("");
    out.line(&format!("- **{}** {} ({})", words.cause, inline(&cause.title), code(&cause.cause)));
    out.line(&format!("- {}{gap}{reach}", (words.confidence)(cause.confidence)));
    out.line(&format!("- **{}** {}", words.seen, inline(&cause.summary)));
    let who = says::culprit(&cause.culprit, words);
    if !who.is_empty() {
        out.line(&format!("- **{}** {}", words.who, inline(&who)));
    }
}

fn ladder(attempt: &Attempt, total: usize, words: &'static Words, out: &mut Out) {
    let outcome = says::outcome(attempt, words);
    let path = (words.path)(attempt.path);
    let parts = [&attempt.id.to_string(), &total.to_string(), path, says::target(attempt, words), &outcome];
    out.line(&format!("\n## {}\n", inline(&fill(words.attempt, &parts))));
    let bytes = says::bytes(attempt.bytes, words);
    out.line(&inline(&fill(words.attempt_line, &[&when::time(&attempt.start), &attempt.endpoint, &bytes])));
    let page = &words.page;
    let rungs = attempt.stages.iter().filter(|rung| says::matters(attempt.path, rung));
    out.table(
        &[page.rung, page.state, page.after_start, page.place, page.shown],
        rungs.map(|rung| {
            vec![
                (words.stage)(rung.stage).to_owned(),
                (words.state)(rung.state).1.to_owned(),
                rung.at_ms.map(when::offset).unwrap_or_default(),
                inline(&says::place_of(rung, words)),
                inline(&rung.summary),
            ]
        }),
    );
}

fn claims(analysis: &Analysis, words: &'static Words, out: &mut Out) {
    let diagnosis = &analysis.diagnosis;
    for (title, claims) in
        [(words.ruled_out, &diagnosis.ruled_out), (words.contradictions, &diagnosis.contradictions)]
    {
        out.list(
            title,
            claims.iter().map(|claim| {
                let place =
                    claim.evidence.first().map(|one| format!(" ({})", code(&says::place(one, words))));
                let area = inline((words.category)(&claim.category));
                format!("{area}{}{}{}", words.page.colon, inline(&claim.because), place.unwrap_or_default())
            }),
        );
    }
    out.list(
        words.cannot_tell,
        diagnosis.cannot_tell.iter().map(|doubt| {
            let area = inline((words.category)(&doubt.category));
            let collect = with_code(&fill(words.collect, &[&doubt.collect]));
            format!("{area}{}{}{}{collect}", words.page.colon, inline(&doubt.because), words.page.semicolon)
        }),
    );
}

fn steps(analysis: &Analysis, words: &'static Words, out: &mut Out) {
    let diagnosis = &analysis.diagnosis;
    let main = diagnosis.primary.as_ref().or(diagnosis.others.first());
    if let Some(cause) = main {
        out.list(
            words.next,
            cause.advice.user.iter().chain(&cause.advice.engineer).map(|step| with_code(step)),
        );
        for address in &cause.docs {
            out.line(&format!("- {} {}", words.docs, link(address)));
        }
    }
    out.list(words.page.to_collect, diagnosis.next.iter().map(|step| with_code(step)));
}

fn coverage(analysis: &Analysis, words: &'static Words, out: &mut Out) {
    let page = &words.page;
    if analysis.coverage.is_empty() {
        return;
    }
    out.line(&format!("\n## {}", words.coverage));
    out.table(
        &[page.source, page.state, page.note, page.covers],
        analysis.coverage.iter().map(|source| {
            let name = if source.path.trim().is_empty() { &source.source } else { &source.path };
            let span = source.covers.as_ref().map(|covers| when::span(&covers.from, &covers.to));
            let span = span.map(|(from, to)| fill(words.span, &[&from, &to])).unwrap_or_default();
            vec![code(name), inline((words.source_state)(&source.state)), inline(&source.note), inline(&span)]
        }),
    );
}

fn other(cause: &CauseReport, words: &'static Words) -> String {
    format!(
        "{} ({}, {}){}{}",
        inline(&cause.title),
        code(&cause.cause),
        (words.confidence)(cause.confidence),
        words.page.colon,
        inline(&cause.summary)
    )
}

fn evidence(one: &EvidenceRef, words: &'static Words) -> String {
    let time = one.time.as_deref().map(|time| format!(", {}", inline(&when::time(time)))).unwrap_or_default();
    format!("{}{time}{}{}", code(&says::place(one, words)), words.page.colon, code(&one.excerpt))
}
