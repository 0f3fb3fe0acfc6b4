//! Evidence: the place where a person can check a claim, and what stands there.

use super::page::{Look, Page};
use super::when;
use super::words::fill;
use crate::model::EvidenceRef;

/// Writes a place in one piece, and under it what stands there.
pub(super) fn write(evidence: &EvidenceRef, indent: &str, page: &mut Page) {
    let place = place(evidence, page);
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

/// Gives the place as `path:frame 12`, `path:line 12`, `path:/element` or the path alone.
pub(super) fn place(evidence: &EvidenceRef, page: &Page) -> String {
    let words = page.words;
    let at = match (evidence.frame, evidence.line, &evidence.element) {
        (Some(frame), ..) => fill(words.frame, &[&frame.to_string()]),
        (None, Some(line), _) => fill(words.line, &[&line.to_string()]),
        (None, None, Some(element)) => element.clone(),
        (None, None, None) => return evidence.path.clone(),
    };
    format!("{}:{at}", evidence.path)
}
