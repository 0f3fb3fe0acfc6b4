//! The attempt as a picture: one rung per line, aligned.

use super::page::{Look, Page, pad, pad_left};
use super::words::fill;
use super::{Glyphs, when};
use crate::model::{Analysis, Attempt, AttemptOutcome, Path, Stage, StageReport, StageState, Verdict};

/// Fewest columns left for the summary beside the rung; with fewer it goes below.
const BESIDE: usize = 36;
/// How many other attempts are listed.
const OTHERS: usize = 8;

/// Writes the ladder of the attempt that tells most, and the others in one line each.
pub(super) fn write(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    let Some(shown) = telling(analysis) else {
        page.blank();
        page.wrapped(&[], 0, Look::Bold, words.no_attempt);
        return;
    };
    let total = analysis.attempts.len().to_string();
    let outcome = outcome(shown, page);
    let path = (words.path)(shown.path);
    page.section(&fill(words.attempt, &[&shown.id.to_string(), &total, path, &shown.target, &outcome]));
    let bytes = when::bytes(shown.bytes);
    let line = fill(words.attempt_line, &[&when::time(&shown.start), &shown.endpoint, &bytes]);
    page.wrapped(&[(Look::Plain, "  ")], 2, Look::Quiet, &line);
    rungs(shown, page);
    others(analysis, shown, page);
}

/// Picks the last attempt that failed for good, else the last that failed, else the last.
fn telling(analysis: &Analysis) -> Option<&Attempt> {
    let failed = |attempt: &&Attempt| attempt.outcome == AttemptOutcome::Failed;
    let attempts = &analysis.attempts;
    if analysis.diagnosis.verdict == Verdict::Healthy {
        return attempts.iter().rfind(|attempt| attempt.outcome == AttemptOutcome::Ok).or(attempts.last());
    }
    attempts
        .iter()
        .rfind(|attempt| failed(attempt) && !attempt.later_success)
        .or_else(|| attempts.iter().rfind(failed))
        .or(attempts.last())
}

fn outcome(attempt: &Attempt, page: &Page) -> String {
    let words = page.words;
    let mut text = (words.outcome)(attempt.outcome).to_owned();
    if let Some(amount) = when::between(&attempt.start, &attempt.end) {
        text = fill(words.after, &[&text, &amount]);
    }
    if attempt.later_success && attempt.outcome != AttemptOutcome::Ok {
        text = format!("{text}; {}", words.later_success);
    }
    text
}

fn rungs(attempt: &Attempt, page: &mut Page) {
    let words = page.words;
    let rungs: Vec<&StageReport> = attempt.stages.iter().filter(|rung| matters(attempt.path, rung)).collect();
    let frames: Vec<String> = rungs.iter().map(|rung| place(rung, page)).collect();
    let offsets: Vec<String> =
        rungs.iter().map(|rung| rung.at_ms.map(when::offset).unwrap_or_default()).collect();
    let names = rungs.iter().map(|rung| columns((words.stage)(rung.stage))).max().unwrap_or(0);
    let offset_columns = offsets.iter().map(|text| columns(text)).max().unwrap_or(0);
    let frame_columns = frames.iter().map(|text| columns(text)).max().unwrap_or(0);

    for ((rung, frame), offset) in rungs.iter().zip(&frames).zip(&offsets) {
        let (mark, look) = mark(rung.state, page.glyphs());
        let name_look = if look == Look::Quiet { Look::Quiet } else { Look::Bold };
        let mark = format!("  {mark} ");
        let name = pad((words.stage)(rung.stage), names);
        let offset = pad_left(offset, offset_columns);
        let frame = pad(frame, frame_columns);
        let gaps =
            [if offset_columns > 0 { "  " } else { "" }, if frame_columns > 0 { "  " } else { "" }, "  "];
        let first = [
            (look, mark.as_str()),
            (name_look, name.as_str()),
            (Look::Plain, gaps[0]),
            (Look::Quiet, offset.as_str()),
            (Look::Plain, gaps[1]),
            (Look::Place, frame.as_str()),
            (Look::Plain, gaps[2]),
        ];
        let indent: usize = first.iter().map(|(_, text)| columns(text)).sum();
        let summary = summary(rung, page);
        let summary_look = if look == Look::Quiet { Look::Quiet } else { Look::Plain };
        let room = page.width().saturating_sub(indent);
        let needed = if rung.summary.trim().is_empty() { columns(&summary) } else { BESIDE };
        if room >= needed {
            page.wrapped(&first, indent, summary_look, &summary);
        } else {
            page.wrapped(&first, indent, Look::Plain, "");
            page.wrapped(&[(Look::Plain, "      ")], 6, summary_look, &summary);
        }
    }
}

/// Tells whether a rung belongs into the picture: rungs of a proxy that is not on the way only fill it.
fn matters(path: Path, rung: &StageReport) -> bool {
    let of_a_proxy =
        matches!(rung.stage, Stage::Discovery | Stage::ProxyConnect | Stage::ProxyAuth | Stage::ProxyRequest);
    let unseen = matches!(rung.state, StageState::NotSeen | StageState::NotReached);
    !(path == Path::Direct && of_a_proxy && unseen && rung.evidence.is_empty())
}

fn place(rung: &StageReport, page: &Page) -> String {
    let words = page.words;
    rung.evidence
        .iter()
        .find_map(|evidence| match (evidence.frame, evidence.line) {
            (Some(frame), _) => Some(fill(words.frame, &[&frame.to_string()])),
            (None, Some(line)) => Some(fill(words.line, &[&line.to_string()])),
            (None, None) => None,
        })
        .unwrap_or_default()
}

fn summary(rung: &StageReport, page: &Page) -> String {
    let (around, alone) = (page.words.state)(rung.state);
    if rung.summary.trim().is_empty() { alone.to_owned() } else { fill(around, &[rung.summary.trim()]) }
}

fn mark(state: StageState, glyphs: Glyphs) -> (&'static str, Look) {
    let (unicode, ascii, look) = match state {
        StageState::Ok => ("✔", "+", Look::Good),
        StageState::Failed => ("✘", "X", Look::Bad),
        StageState::Recovered => ("↻", "~", Look::Notice),
        StageState::NotReached | StageState::NotSeen => ("·", ".", Look::Quiet),
        StageState::CannotTell => ("?", "?", Look::Notice),
    };
    (if glyphs == Glyphs::Unicode { unicode } else { ascii }, look)
}

fn others(analysis: &Analysis, shown: &Attempt, page: &mut Page) {
    let words = page.words;
    let others: Vec<&Attempt> = analysis.attempts.iter().filter(|attempt| attempt.id != shown.id).collect();
    if others.is_empty() {
        return;
    }
    page.section(words.other_attempts);
    let left_out = others.len().saturating_sub(OTHERS);
    // The latest say most.
    for attempt in others.iter().skip(left_out) {
        let failed_at = attempt.stages.iter().find(|rung| rung.state == StageState::Failed);
        let mut end = outcome(attempt, page);
        if let Some(rung) = failed_at {
            end = format!("{end} ({})", (words.stage)(rung.stage));
        }
        let path = (words.path)(attempt.path);
        let start = when::time(&attempt.start);
        let line = fill(words.other_attempt, &[&attempt.id.to_string(), &start, path, &attempt.target, &end]);
        page.bullet(&line);
    }
    page.more(left_out);
}

fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}
