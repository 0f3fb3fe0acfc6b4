//! The top of the page: verdict, cause, who is to be changed; and what to do next.

use maud::{Markup, html};

use super::parts::{foreign, link, with_code};
use super::{look, says};
use crate::model::Analysis;
use crate::report::words::Words;

/// Shows the verdict and the cause.
pub(super) fn banner(analysis: &Analysis, words: &'static Words) -> Markup {
    let diagnosis = &analysis.diagnosis;
    let (class, mark) = look(diagnosis.verdict);
    let about = [analysis.endpoint.hostname.as_deref(), analysis.endpoint.os.as_deref()];
    let about: Vec<&str> = about.into_iter().flatten().collect();
    html! {
        header class=(class) {
            div.wide {
                p.about { (foreign(&about.join(", "))) }
                p class={ "badge " (class) } { span aria-hidden="true" { (mark) " " } ((words.verdict)(diagnosis.verdict)) }
                @match &diagnosis.primary {
                    None => h1 #answer { (foreign(&diagnosis.summary)) },
                    Some(cause) => {
                        h1 #answer { (foreign(&cause.title)) }
                        @if !says::same(&cause.summary, &cause.title) { p.lead { (foreign(&cause.summary)) } }
                        dl.key {
                            dt { (label(words.cause)) }
                            dd { code { (foreign(&cause.cause)) } }
                            dt { (words.page.confidence) }
                            dd { ((words.confidence)(cause.confidence)) }
                            @let reach = says::reach(cause.reach, words);
                            @if !reach.is_empty() { dt { (words.page.reach) } dd { (reach) } }
                            @let who = says::culprit(&cause.culprit, words);
                            @if !who.is_empty() { dt { (label(words.who)) } dd { strong { (foreign(&who)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Shows what user and engineer do next, and what to collect.
pub(super) fn next_steps(analysis: &Analysis, words: &'static Words) -> Markup {
    let parts = says::steps(analysis, words);
    let empty = parts.iter().all(|(_, steps)| steps.is_empty());
    html! {
        section aria-labelledby="next" {
            h2 #next { (words.next) }
            @if empty { p { (words.page.nothing_to_do) } }
            div.steps {
                @for (title, steps) in parts {
                    @if !steps.is_empty() {
                        section {
                            h3 { (label(title)) }
                            ol { @for step in steps { li { (with_code(step)) } } }
                        }
                    }
                }
            }
            @if let Some(cause) = says::advised(analysis) {
                @if !cause.docs.is_empty() {
                    p.small { (words.docs) @for address in &cause.docs { " " (link(address)) } }
                }
            }
        }
    }
}

/// Gives a label of the text report without its colon.
fn label(text: &str) -> &str {
    text.trim_end_matches([':', '：'])
}
