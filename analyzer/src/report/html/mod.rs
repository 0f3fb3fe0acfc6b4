//! The report as one page for browsers: answer, ladder and timeline as pictures, proof, the input.
//!
//! The file holds all it needs: no script, no font, no image is loaded, and its policy forbids the browser to.

mod answer;
mod input;
mod ladder;
mod parts;
mod proof;
mod rungs;
mod style;
mod timeline;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words::{Lang, Words, fill, words};
use super::{says, when};
use crate::model::{Analysis, Verdict};
use parts::foreign;

/// Attempts that are drawn; more would make the page too heavy to open.
const DRAWN: usize = 24;

/// Writes the page.
pub fn write(analysis: &Analysis, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(analysis, words(lang)).into_string().as_bytes())?;
    out.write_all(b"\n")
}

fn page(analysis: &Analysis, words: &'static Words) -> Markup {
    let sheet = style::sheet();
    let title = fill(words.page.title, &[(words.verdict)(analysis.diagnosis.verdict)]);
    html! {
        (DOCTYPE)
        html lang=(words.page.lang) dir="ltr" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(style::policy(&sheet));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // The sheet is this program's own: only `"` of its font names could be escaped, and must not be.
                style { (PreEscaped(&sheet)) }
            }
            body {
                a.skip href="#answer" { (words.page.skip) }
                (answer::banner(analysis, words))
                main.wide {
                    (attempts(analysis, words))
                    (answer::next_steps(analysis, words))
                    (proof::evidence(analysis, words))
                    (timeline::section(analysis, words))
                    (proof::claims(analysis, words))
                    (proof::other_causes(analysis, words))
                    (proof::findings(analysis, words))
                    (input::endpoint(analysis, words))
                    (input::coverage(analysis, words))
                    (input::anomalies(analysis, words))
                }
                (origin(analysis, words))
            }
        }
    }
}

fn attempts(analysis: &Analysis, words: &'static Words) -> Markup {
    let shown = says::telling(analysis);
    let others: Vec<_> =
        analysis.attempts.iter().filter(|attempt| Some(attempt.id) != shown.map(|shown| shown.id)).collect();
    let left_out = others.len().saturating_sub(DRAWN);
    let total = analysis.attempts.len();
    html! {
        section aria-labelledby="ladder" {
            h2 #ladder { (words.page.ladder) }
            @match shown {
                None => p { (words.no_attempt) },
                Some(attempt) => (ladder::attempt(attempt, total, words)),
            }
            @if !others.is_empty() {
                h3 { (words.other_attempts) }
                // The latest say most.
                @if left_out > 0 { p.quiet { (fill(words.page.ladder_more, &[&left_out.to_string()])) } }
                @for attempt in others.iter().skip(left_out) {
                    details {
                        summary { (ladder::headline(attempt, words)) }
                        (ladder::attempt(attempt, total, words))
                    }
                }
            }
        }
    }
}

fn origin(analysis: &Analysis, words: &'static Words) -> Markup {
    let input = &analysis.input;
    html! {
        footer {
            div.wide {
                p { (foreign(&fill(words.input, &[&input.path, &input.layout])))
                    @if let Some(collected) = &input.collected {
                        (words.page.semicolon) (foreign(&fill(words.collected, &[&when::time(collected)])))
                    }
                }
                p.mono { (words.hash) (foreign(&input.sha256)) }
                p { (foreign(&fill(words.page.made_by, &[&says::made_by(analysis, words)]))) " " (words.page.times_utc) }
            }
        }
    }
}

/// How the page shows a verdict: class, and a mark that needs no colour.
fn look(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Healthy => ("good", "✔"),
        Verdict::Broken => ("bad", "✘"),
        Verdict::Degraded => ("notice", "!"),
        Verdict::Inconclusive => ("notice", "?"),
    }
}

#[cfg(test)]
mod browser;
#[cfg(test)]
mod tests;
