//! The whole interval as a picture: attempts, errors in logs, what each source covers and where it has gaps.

use maud::{Markup, html};

use crate::model::{Analysis, Attempt, AttemptOutcome, SourceCoverage};
use crate::report::clean::clean;
use crate::report::words::{Words, fill};
use crate::report::{says, when};

const WIDTH: i64 = 1_000;
const FROM: i64 = 210;
const TO: i64 = 985;
const ROW: i64 = 34;
const HEAD: i64 = 12;
/// Sources, attempts and errors drawn.
const SOURCES: usize = 12;
const ATTEMPTS: usize = 400;
const ERRORS: usize = 400;
/// Times named below the picture.
const NAMED: i64 = 5;
const DAY: i64 = 86_400_000_000_000;

/// The interval that is drawn, nanoseconds since 1970.
#[derive(Clone, Copy)]
struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    /// Gives the place of a time; what lies outside is drawn at the edge.
    fn at(self, nanos: i64) -> i64 {
        let width = i128::from(TO - FROM);
        let span = i128::from(self.to.saturating_sub(self.from)).max(1);
        let after = i128::from(nanos.clamp(self.from, self.to).saturating_sub(self.from));
        FROM + i64::try_from(after * width / span).unwrap_or(0)
    }
}

type Span = (i64, i64);

fn span(source: &SourceCoverage) -> Option<Span> {
    let covers = source.covers.as_ref()?;
    Some((when::nanos(&covers.from)?, when::nanos(&covers.to)?))
}

/// Shows the timeline, where anything carries a time.
pub(super) fn section(analysis: &Analysis, words: &'static Words) -> Markup {
    let attempts: Vec<(&Attempt, Span)> = analysis
        .attempts
        .iter()
        .rev()
        .take(ATTEMPTS)
        .filter_map(|attempt| Some((attempt, (when::nanos(&attempt.start)?, when::nanos(&attempt.end)?))))
        .collect();
    let errors = errors(analysis);
    let mut rows: Vec<(String, Vec<(&SourceCoverage, Span)>)> = Vec::new();
    for source in &analysis.coverage {
        let Some(span) = span(source) else { continue };
        // Captures are one row, so that what lies between them shows as a gap.
        let name = if source.source == "capture" { "capture" } else { file_name(&source.path) };
        let full = rows.len() >= SOURCES;
        match rows.iter_mut().find(|(known, _)| known == name && name == "capture") {
            Some((_, bars)) => bars.push((source, span)),
            None if !full => rows.push((name.to_owned(), vec![(source, span)])),
            None => {}
        }
    }
    let spans = attempts
        .iter()
        .map(|(_, span)| *span)
        .chain(rows.iter().flat_map(|row| row.1.iter().map(|bar| bar.1)));
    let spans: Vec<Span> = spans.chain(errors.iter().map(|(at, _)| (*at, *at))).collect();
    let scale = spans.iter().map(|span| span.0).min().zip(spans.iter().map(|span| span.1).max());
    html! {
        section aria-labelledby="timeline" {
            h2 #timeline { (words.page.timeline) }
            @match scale {
                None => p { (words.page.no_times) },
                Some((from, to)) => {
                    div.scroll tabindex="0" role="region" aria-label=(words.page.timeline) {
                        (picture(&attempts, &errors, &rows, Scale { from, to: to.max(from.saturating_add(1)) }, words))
                    }
                }
            }
        }
    }
}

fn picture(
    attempts: &[(&Attempt, Span)],
    errors: &[(i64, String)],
    rows: &[(String, Vec<(&SourceCoverage, Span)>)],
    scale: Scale,
    words: &'static Words,
) -> Markup {
    let extra = 1 + usize::from(!errors.is_empty());
    let bottom = HEAD + ROW * i64::try_from(rows.len() + extra).unwrap_or(0);
    let ends = [when::of_nanos(scale.from, false), when::of_nanos(scale.to, false)];
    let counts = [attempts.len().to_string(), errors.len().to_string()];
    let alt = fill(words.page.timeline_alt, &[&ends[0], &ends[1], &counts[0], &counts[1]]);
    let dated = scale.to.saturating_sub(scale.from) > DAY;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (bottom + 34) } role="img"
            aria-labelledby="timeline-title timeline-desc" {
            title #timeline-title { (words.page.timeline) }
            desc #timeline-desc { (alt) }
            @for step in 0..=NAMED {
                @let x = FROM + (TO - FROM) * step / NAMED;
                @let nanos = scale.from.saturating_add(scale.to.saturating_sub(scale.from) / NAMED * step);
                @let anchor = if step == 0 { "start" } else if step == NAMED { "end" } else { "middle" };
                line.rule x1=(x) y1=(HEAD) x2=(x) y2=(bottom + 4) {}
                text.quiet x=(x) y=(bottom + 22) text-anchor=(anchor) { (when::of_nanos(nanos, dated)) }
            }
            (label(words.page.row_attempts, HEAD))
            @for (attempt, span) in attempts.iter().rev() { (mark(attempt, *span, scale, words)) }
            @if !errors.is_empty() {
                (label(words.page.row_log_errors, HEAD + ROW))
                @for (at, what) in errors {
                    @let x = scale.at(*at);
                    g { title { (clean(what)) } line.tick x1=(x) y1=(HEAD + ROW + 8) x2=(x) y2=(HEAD + ROW + 26) {} }
                }
            }
            @for (position, (name, bars)) in rows.iter().enumerate() {
                @let y = HEAD + ROW * i64::try_from(position + extra).unwrap_or(0);
                (label(name, y))
                (self::bars(bars, y, scale, words))
            }
        }
    }
}

fn mark(attempt: &Attempt, span: Span, scale: Scale, words: &'static Words) -> Markup {
    let (sign, class) = match attempt.outcome {
        AttemptOutcome::Ok => ("✔", "good"),
        AttemptOutcome::Failed => ("✘", "bad"),
        AttemptOutcome::Unfinished | AttemptOutcome::Unknown => ("?", "notice"),
    };
    let (from, to) = (scale.at(span.0), scale.at(span.1));
    let width = (to - from).max(14);
    let from = from.min(TO - width);
    let about = fill(
        words.other_attempt,
        &[
            &attempt.id.to_string(),
            &when::time(&attempt.start),
            (words.path)(attempt.path),
            says::target(attempt, words),
            (words.outcome)(attempt.outcome),
        ],
    );
    html! {
        g {
            title { (clean(&about)) }
            rect class={ "try " (class) } x=(from) y=(HEAD + 6) width=(width) height="22" rx="4" {}
            text class=(class) x=(from + width / 2) y=(HEAD + 21) text-anchor="middle" { (sign) }
        }
    }
}

fn bars(bars: &[(&SourceCoverage, Span)], y: i64, scale: Scale, words: &'static Words) -> Markup {
    let mut sorted: Vec<&(&SourceCoverage, Span)> = bars.iter().collect();
    sorted.sort_by_key(|bar| bar.1);
    let mut covered = scale.from;
    let mut gaps: Vec<Span> = Vec::new();
    for bar in &sorted {
        gaps.push((covered, bar.1.0));
        covered = covered.max(bar.1.1);
    }
    gaps.push((covered, scale.to));
    html! {
        @for (from, to) in gaps {
            @let (from, to) = (scale.at(from), scale.at(to));
            @if to - from >= 6 {
                g {
                    title { (words.page.gap) }
                    rect.hole x=(from) y=(y + 9) width=(to - from) height="16" rx="3" {}
                    @if to - from >= 50 { text.quiet x=((from + to) / 2) y=(y + 21) text-anchor="middle" { (words.page.gap) } }
                }
            }
        }
        @for (source, span) in sorted {
            @let (from, to) = (scale.at(span.0), scale.at(span.1));
            @let debug = source.debug.map(|on| if on { words.page.debug_on } else { words.page.debug_off });
            g {
                title { (clean(&source.path)) (words.page.colon) (clean(&source.note)) }
                rect.bar x=(from) y=(y + 6) width=((to - from).max(3)) height="22" rx="3" {}
                @if let Some(debug) = debug {
                    @if to - from >= 150 { text x=((from + to) / 2) y=(y + 21) text-anchor="middle" { (debug) } }
                    @else if to + 150 < TO { text.quiet x=(to + 8) y=(y + 21) { (debug) } }
                    @else { text.quiet x=(from - 8) y=(y + 21) text-anchor="end" { (debug) } }
                }
            }
        }
    }
}

fn label(text: &str, y: i64) -> Markup {
    let text = clean(text);
    let short: String =
        if text.chars().count() > 26 { text.chars().take(25).chain(['…']).collect() } else { text.clone() };
    html! { g { title { (text) } text.stage x="16" y=(y + 22) { (short) } } }
}

/// Gives the times at which logs tell of errors that speak for a cause.
fn errors(analysis: &Analysis) -> Vec<(i64, String)> {
    let mut errors: Vec<(i64, String)> = analysis
        .findings
        .iter()
        .filter(|finding| finding.supports.is_some())
        .flat_map(|finding| &finding.evidence)
        .filter(|evidence| evidence.line.is_some())
        .filter_map(|evidence| Some((when::nanos(evidence.time.as_deref()?)?, evidence.excerpt.clone())))
        .collect();
    errors.sort();
    errors.dedup();
    errors.truncate(ERRORS);
    errors
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
