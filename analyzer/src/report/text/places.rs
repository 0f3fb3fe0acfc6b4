//! Evidence: the place where a person can check a claim, and what stands there.

use super::page::{Look, Page};
use crate::model::EvidenceRef;
use crate::report::{says, when};

/// Writes a place in one piece, and under it what stands there.
pub(super) fn write(evidence: &EvidenceRef, indent: &str, page: &mut Page) {
    let place = says::place(evidence, page.words);
    let place = match &evidence.time {
        Some(time) => format!("{place}  {}", when::time(time)),
        None => place,
    };
    page.unbroken(indent, "", Look::Place, &place);
    if !evidence.excerpt.trim().is_empty() {
        let deeper = format!("{indent}  ");
        page.wrapped(&[(Look::Plain, &deeper)], deeper.len(), Look::Plain, &evidence.excerpt);
    }
}
