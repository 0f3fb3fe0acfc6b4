//! The rungs of an attempt as a table: what the picture shows, in words.

use maud::{Markup, html};

use super::parts::{foreign, mark};
use crate::model::{Attempt, StageReport, StageState};
use crate::report::words::{Words, fill};
use crate::report::{says, when};

/// Shows the rungs, lowest first.
pub(super) fn table(attempt: &Attempt, words: &'static Words) -> Markup {
    let rungs: Vec<&StageReport> =
        attempt.stages.iter().filter(|rung| says::matters(attempt.path, rung)).collect();
    html! {
        table.cards {
            caption { (fill(words.page.ladder_rows, &[&attempt.id.to_string()])) }
            thead {
                tr {
                    th scope="col" { (words.page.rung) }
                    th scope="col" { (words.page.state) }
                    th scope="col" { (words.page.after_start) }
                    th scope="col" { (words.page.place) }
                    th scope="col" { (words.page.shown) }
                }
            }
            tbody { @for rung in rungs { (row(rung, words)) } }
        }
    }
}

fn row(rung: &StageReport, words: &'static Words) -> Markup {
    let (sign, class) = mark(rung.state);
    let row = match rung.state {
        StageState::Failed => Some("failed"),
        StageState::NotReached | StageState::NotSeen => Some("unseen"),
        _ => None,
    };
    let (_, alone) = (words.state)(rung.state);
    html! {
        tr class=[row] {
            th.num scope="row" {
                span class={ "mark " (class) "-text" } aria-hidden="true" { (sign) }
                ((words.stage)(rung.stage))
            }
            td.num { (alone) }
            td.num { @if let Some(at) = rung.at_ms { (when::offset(at)) } }
            td.num { (foreign(&says::place_of(rung, words))) }
            td { @if !rung.summary.trim().is_empty() { (foreign(&rung.summary)) } }
        }
    }
}
