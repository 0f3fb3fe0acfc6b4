//! Small parts of the page: foreign text, places, code, links.

use maud::{Markup, html};

use crate::model::{EvidenceRef, StageState};
use crate::report::clean::clean;
use crate::report::words::Words;
use crate::report::{says, when};

/// Shows text from the input or from rules: as text, in its own direction.
pub(super) fn foreign(text: &str) -> Markup {
    html! { bdi { (clean(text)) } }
}

/// Shows text in which backticks mark code.
pub(super) fn with_code(text: &str) -> Markup {
    let text = clean(text);
    let parts: Vec<&str> = text.split('`').collect();
    // Without a partner the last backtick is only a sign.
    let paired = parts.len() % 2 == 1;
    html! {
        bdi {
            @if paired {
                @for (position, part) in parts.iter().enumerate() {
                    @if position % 2 == 1 { code { (part) } } @else { (part) }
                }
            } @else { (text) }
        }
    }
}

/// Shows a piece of evidence: the place, the time, and what stands there.
pub(super) fn evidence(one: &EvidenceRef, words: &'static Words) -> Markup {
    html! {
        span.mono { (foreign(&says::place(one, words))) }
        @if let Some(time) = &one.time { " " span.quiet.small { (foreign(&when::time(time))) } }
        @if !one.excerpt.trim().is_empty() { span.excerpt { (foreign(&one.excerpt)) } }
    }
}

/// Shows a link only where it leads to the web; anything else stays text.
pub(super) fn link(address: &str) -> Markup {
    let address = clean(address);
    let web = address.starts_with("https://") || address.starts_with("http://");
    html! {
        @if web { a href=(address) rel="noopener noreferrer" { (address) } } @else { (foreign(&address)) }
    }
}

/// Gives a mark that needs no colour, and the class of its colour.
pub(super) fn mark(state: StageState) -> (&'static str, &'static str) {
    match state {
        StageState::Ok => ("✔", "good"),
        StageState::Failed => ("✘", "bad"),
        StageState::Recovered => ("↻", "notice"),
        StageState::NotReached | StageState::NotSeen => ("·", "quiet"),
        StageState::CannotTell => ("?", "notice"),
    }
}
