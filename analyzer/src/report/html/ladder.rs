//! The ladder of an attempt as a picture: parties as lanes, frames as arrows, the failing rung marked.

mod names;

use maud::{Markup, html};

use super::parts::{foreign, mark};
use super::rungs;
use crate::model::{Attempt, AttemptOutcome, Lane, Party, Passage, Stage, StageReport, StageState};
use crate::report::clean::clean;
use crate::report::words::{Words, fill};
use crate::report::{says, when};
use names::{fold, header};

/// Width of the picture, and of its three columns: rung, lanes, words.
const WIDTH: i64 = 1_000;
const LANES_FROM: i64 = 205;
const LANES_TO: i64 = 575;
const WORDS_AT: i64 = 632;
/// Height of the head, of a row with one line of words, and of each further line.
const HEAD: i64 = 78;
const ROW: i64 = 38;
const LINE: i64 = 15;
/// Columns of text that fit beside the lanes.
const WORDS_FIT: usize = 43;
/// Rows drawn of one attempt.
const ROWS: usize = 60;

/// Says in one line which attempt it is.
pub(super) fn headline(attempt: &Attempt, words: &'static Words) -> Markup {
    let (sign, class) = match attempt.outcome {
        AttemptOutcome::Ok => ("✔", "good-text"),
        AttemptOutcome::Failed => ("✘", "bad-text"),
        AttemptOutcome::Unfinished | AttemptOutcome::Unknown => ("?", "notice-text"),
    };
    let failed = attempt.stages.iter().find(|rung| rung.state == StageState::Failed);
    let mut end = says::outcome(attempt, words);
    if let Some(rung) = failed {
        end = format!("{end} ({})", (words.stage)(rung.stage));
    }
    let path = (words.path)(attempt.path);
    let parts =
        [&attempt.id.to_string(), &when::time(&attempt.start), path, says::target(attempt, words), &end];
    html! {
        span class={ "mark " (class) } aria-hidden="true" { (sign) }
        (foreign(&fill(words.other_attempt, &parts)))
    }
}

/// Shows an attempt: a headline, the picture, the rungs in words.
pub(super) fn attempt(attempt: &Attempt, total: usize, words: &'static Words) -> Markup {
    let outcome = says::outcome(attempt, words);
    let path = (words.path)(attempt.path);
    let head = fill(
        words.attempt,
        &[&attempt.id.to_string(), &total.to_string(), path, says::target(attempt, words), &outcome],
    );
    let bytes = says::bytes(attempt.bytes, words);
    let line = fill(words.attempt_line, &[&when::time(&attempt.start), &attempt.endpoint, &bytes]);
    let label = fill(words.page.ladder_rows, &[&attempt.id.to_string()]);
    html! {
        p { strong { (foreign(&head)) } br; span.quiet { (foreign(&line)) } }
        @if !attempt.picture.passages.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(label) { (picture(attempt, words)) }
            (legend(attempt, words))
        }
        (rungs::table(attempt, words))
    }
}

fn legend(attempt: &Attempt, words: &'static Words) -> Markup {
    let passages = &attempt.picture.passages;
    html! {
        ul.legend {
            li { span.mark.good-text aria-hidden="true" { "✔" } (words.page.legend_held) }
            @if passages.iter().any(|one| one.state == StageState::Failed) {
                li { span.mark.bad-text aria-hidden="true" { "✘" } (words.page.legend_failed) }
            }
            @if passages.iter().any(|one| one.lost) {
                li { span.mark aria-hidden="true" { "╌✕" } " " (words.page.legend_lost) }
            }
            @if passages.iter().any(|one| one.via.is_some()) {
                li { span.mark aria-hidden="true" { "○" } (words.page.legend_tunnel) }
            }
        }
    }
}

/// Rungs that the attempt did not reach.
fn unreached(attempt: &Attempt) -> Vec<Stage> {
    attempt
        .stages
        .iter()
        .filter(|rung| rung.state == StageState::NotReached && says::matters(attempt.path, rung))
        .map(|rung: &StageReport| rung.stage)
        .collect()
}

fn picture(attempt: &Attempt, words: &'static Words) -> Markup {
    let lanes = &attempt.picture.lanes;
    let passages = attempt.picture.passages.iter().take(ROWS);
    let beyond = unreached(attempt);
    let mut bottom = HEAD;
    let rows: Vec<Row<'_>> = passages
        .map(|passage| {
            let lines = fold(&passage.what, WORDS_FIT, 2);
            let height = ROW + LINE * i64::from(lines.len() > 1);
            bottom += height;
            Row { passage, lines, top: bottom - height, height }
        })
        .collect();
    let height = bottom + if beyond.is_empty() { 8 } else { ROW };
    let names: Vec<&str> = lanes.iter().map(|lane| (words.party)(lane.party)).collect();
    let id = format!("attempt-{}", attempt.id);
    let frames = attempt.picture.passages.len().to_string();
    let alt = fill(words.page.ladder_alt, &[&attempt.id.to_string(), &frames, &names.join(", ")]);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } role="img"
            aria-labelledby={ (id) "-title " (id) "-desc" } {
            title id={ (id) "-title" } { (fill(words.page.ladder_rows, &[&attempt.id.to_string()])) }
            desc id={ (id) "-desc" } { (alt) }
            @for row in &rows { (band(row)) }
            @for lane in lanes { (column(lane, lanes, bottom, words)) }
            @for (position, row) in rows.iter().enumerate() {
                @let before = position.checked_sub(1).and_then(|before| rows.get(before)).map(|row| row.passage);
                @let first = before.is_none_or(|before| {
                    (before.stage, before.state) != (row.passage.stage, row.passage.state)
                });
                (self::row(row, lanes, first, words))
            }
            @if !beyond.is_empty() {
                @let list: Vec<&str> = beyond.iter().map(|stage| (words.stage)(*stage)).collect();
                line.rule x1="12" y1=(bottom) x2=(WIDTH - 12) y2=(bottom) {}
                text.quiet x="18" y=(bottom + 24) { "· " (words.page.not_reached) (words.page.colon) (list.join(", ")) }
            }
        }
    }
}

/// A row of the picture.
struct Row<'p> {
    passage: &'p Passage,
    lines: Vec<String>,
    top: i64,
    height: i64,
}

/// Gives where a lane stands.
fn at(party: Party, lanes: &[Lane]) -> i64 {
    let position = lanes.iter().position(|lane| lane.party == party).unwrap_or(0);
    let gaps = i64::try_from(lanes.len().saturating_sub(1)).unwrap_or(1).max(1);
    LANES_FROM + (LANES_TO - LANES_FROM) * i64::try_from(position).unwrap_or(0) / gaps
}

fn band(row: &Row<'_>) -> Markup {
    html! {
        @if row.passage.state == StageState::Failed {
            rect.band.failed x="1" y=(row.top) width=(WIDTH - 2) height=(row.height) {}
            rect.edge x="1" y=(row.top) width="5" height=(row.height) {}
        }
    }
}

fn column(lane: &Lane, lanes: &[Lane], bottom: i64, words: &'static Words) -> Markup {
    let x = at(lane.party, lanes);
    let gaps = lanes.len().saturating_sub(1).max(1);
    let room = (58 / gaps).clamp(11, 24);
    let lines = header(&lane.names, room);
    html! {
        g {
            title { ((words.party)(lane.party)) (words.page.colon) (clean(&lane.names.join(", "))) }
            text.head x=(x) y="20" text-anchor="middle" { ((words.party)(lane.party)) }
            @for (line, y) in lines.iter().zip([36, 50, 64]) { text.quiet x=(x) y=(y) text-anchor="middle" { (line) } }
            line.lane x1=(x) y1=(HEAD - 6) x2=(x) y2=(bottom) {}
        }
    }
}

fn row(row: &Row<'_>, lanes: &[Lane], first: bool, words: &'static Words) -> Markup {
    let Row { passage, lines, top: y, height } = row;
    let (sign, class) = mark(passage.state);
    let (top, middle) = (y + ROW / 2, y + height / 2);
    let frame = fill(words.frame, &[&passage.frame.to_string()]);
    let after = seconds(passage.after_us);
    html! {
        g {
            title { ((words.stage)(passage.stage)) (words.page.colon) (clean(&passage.what)) " (" (frame) ", " (after) ")" }
            @if first {
                line.rule x1="12" y1=(y) x2=(WIDTH - 12) y2=(y) {}
                text class=(class) x="18" y=(middle + 5) { (sign) }
                text.stage x="36" y=(middle + 5) { ((words.stage)(passage.stage)) }
            }
            (arrow(passage, lanes, middle))
            text.frame x=(WORDS_AT) y=(top - 4) {
                (frame) " · " (after)
                @if passage.decides && passage.state == StageState::Failed { tspan.bad { "  ✘ " (words.page.legend_failed) } }
                @else if passage.lost { "  ✕ " (words.page.legend_lost) }
            }
            @for (line, below) in lines.iter().zip([12, 12 + LINE]) { text x=(WORDS_AT) y=(top + below) { (line) } }
        }
    }
}

fn arrow(passage: &Passage, lanes: &[Lane], y: i64) -> Markup {
    let (from, to) = (at(passage.from, lanes), at(passage.to, lanes));
    let way = (to - from).signum();
    let failed = passage.decides && passage.state == StageState::Failed;
    let tint = if failed { " failed" } else { "" };
    // What is lost ends short of the one for whom it was.
    let end = if passage.lost { from + (to - from) * 3 / 4 } else { to - way * 2 };
    html! {
        @if way == 0 {
            circle class={ "tip" (tint) } cx=(from) cy=(y) r="5" {}
        } @else {
            line class={ "arrow" (tint) (if passage.lost { " lost" } else { "" }) } x1=(from) y1=(y) x2=(end) y2=(y) {}
            @if passage.lost {
                line.cross x1=(end - 5) y1=(y - 5) x2=(end + 5) y2=(y + 5) {}
                line.cross x1=(end - 5) y1=(y + 5) x2=(end + 5) y2=(y - 5) {}
            } @else {
                polygon class={ "tip" (tint) } points={ (end) "," (y) " " (end - way * 10) "," (y - 5) " " (end - way * 10) "," (y + 5) } {}
            }
            @if let Some(via) = passage.via {
                @let x = at(via, lanes);
                @if (x - from) * (x - to) < 0 { circle.via cx=(x) cy=(y) r="4.5" {} }
            }
        }
    }
}

/// Shows microseconds after the start as `+1.250 s`.
fn seconds(micros: i64) -> String {
    let sign = if micros < 0 { "−" } else { "+" };
    let millis = micros.unsigned_abs() / 1_000;
    format!("{sign}{}.{:03} s", millis / 1_000, millis % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_may_be_before_the_start() {
        assert_eq!((seconds(4_130_400), seconds(-12_000)), ("+4.130 s".to_owned(), "−0.012 s".to_owned()));
    }
}
