//! The attempt as a picture: one rung per line, aligned.

use super::Glyphs;
use super::page::{Look, Page, pad, pad_left};
use crate::model::{Analysis, Attempt, StageReport, StageState};
use crate::report::words::fill;
use crate::report::{says, when};

/// Fewest columns left for the summary beside the rung; with fewer it goes below.
const BESIDE: usize = 36;
/// How many other attempts are listed.
const OTHERS: usize = 8;

/// Writes the ladder of the attempt that tells most, and the others in one line each.
pub(super) fn write(analysis: &Analysis, page: &mut Page) {
    let words = page.words;
    let Some(shown) = says::telling(analysis) else {
        page.blank();
        page.wrapped(&[], 0, Look::Bold, words.no_attempt);
        return;
    };
    let total = analysis.attempts.len().to_string();
    let outcome = says::outcome(shown, words);
    let path = (words.path)(shown.path);
    page.section(&fill(
        words.attempt,
        &[&shown.id.to_string(), &total, path, says::target(shown, words), &outcome],
    ));
    let bytes = says::bytes(shown.bytes, words);
    let line = fill(words.attempt_line, &[&when::time(&shown.start), &shown.endpoint, &bytes]);
    page.wrapped(&[(Look::Plain, "  ")], 2, Look::Quiet, &line);
    rungs(shown, page);
    others(analysis, shown, page);
}

fn rungs(attempt: &Attempt, page: &mut Page) {
    let words = page.words;
    let rungs: Vec<&StageReport> =
        attempt.stages.iter().filter(|rung| says::matters(attempt.path, rung)).collect();
    let frames: Vec<String> = rungs.iter().map(|rung| says::place_of(rung, words)).collect();
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
        let summary = says::rung(rung, words);
        let summary_look = if look == Look::Quiet { Look::Quiet } else { Look::Plain };
        let room = page.width().saturating_sub(indent);
        let needed = if rung.summary.trim().is_empty() { columns(&summary) } else { BESIDE };
        if room >= needed {
            page.wrapped(&first, indent, summary_look, &summary);
        } else if indent <= page.width() {
            page.wrapped(&first, indent, Look::Plain, "");
            page.wrapped(&[(Look::Plain, "      ")], 6, summary_look, &summary);
        } else {
            let [mark, name, ..] = first;
            let place = [offset.trim(), frame.trim()].join(" ");
            page.wrapped(&[mark, name], 4, Look::Plain, "");
            page.wrapped(&[(Look::Plain, "      ")], 6, Look::Quiet, place.trim());
            page.wrapped(&[(Look::Plain, "      ")], 6, summary_look, &summary);
        }
    }
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
        let mut end = says::outcome(attempt, words);
        if let Some(rung) = failed_at {
            end = format!("{end} ({})", (words.stage)(rung.stage));
        }
        let path = (words.path)(attempt.path);
        let start = when::time(&attempt.start);
        let line = fill(
            words.other_attempt,
            &[&attempt.id.to_string(), &start, path, says::target(attempt, words), &end],
        );
        page.bullet(&line);
    }
    page.more(left_out);
}

fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}
