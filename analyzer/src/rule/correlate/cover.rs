//! What the sources cover, and whether silence in a gap means anything.

use std::collections::BTreeMap;

use crate::model::{Covered, Timestamp};

/// The spans that every source covers, merged where they touch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    sources: BTreeMap<String, Vec<(i64, i64)>>,
}

impl Coverage {
    /// Merges the spans of every source.
    pub(crate) fn new(covered: &[Covered]) -> Self {
        let mut all: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
        for span in covered {
            all.entry(span.source.to_owned()).or_default().push((span.from.0, span.to.0));
        }
        Self { sources: all.into_iter().map(|(source, spans)| (source, merge(spans))).collect() }
    }

    /// Makes a coverage of one span for some sources.
    pub(crate) fn of<'s>(sources: impl IntoIterator<Item = &'s str>, from: i64, to: i64) -> Self {
        Self { sources: sources.into_iter().map(|source| (source.to_owned(), vec![(from, to)])).collect() }
    }

    /// Says whether one of the sources covers the whole gap.
    pub(crate) fn covers(&self, sources: &[String], from: i64, to: i64) -> bool {
        sources
            .iter()
            .filter_map(|source| self.sources.get(source))
            .flatten()
            .any(|(first, last)| *first <= from && to <= *last)
    }

    /// Says why a gap is not covered, source by source.
    pub(crate) fn why(&self, sources: &[String], from: i64, to: i64) -> String {
        let reasons: Vec<String> = sources
            .iter()
            .map(|source| match self.sources.get(source).map(|spans| nearest(spans, from)) {
                None | Some(None) => format!("{source} is absent"),
                Some(Some((first, last))) => {
                    format!("{source} covers {} to {}", Timestamp(first), Timestamp(last))
                }
            })
            .collect();
        let (from, to) = (Timestamp(from), Timestamp(to));
        let reasons = if reasons.is_empty() { "no source shows it".into() } else { reasons.join(", ") };
        format!("{from} to {to} is not covered: {reasons}")
    }
}

fn merge(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (from, to) in spans {
        match merged.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Finds the span that holds the beginning of a gap, else the last before it, else the first.
fn nearest(spans: &[(i64, i64)], from: i64) -> Option<(i64, i64)> {
    spans.iter().rev().find(|(first, _)| *first <= from).or_else(|| spans.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_spans_are_one_and_a_hole_is_a_hole() {
        let span = |from, to| Covered { source: "capture", from: Timestamp(from), to: Timestamp(to) };
        let coverage = Coverage::new(&[span(5, 9), span(0, 5), span(20, 30)]);
        let sources = ["connector_log".to_owned(), "capture".to_owned()];
        assert!(coverage.covers(&sources, 1, 9));
        assert!(!coverage.covers(&sources, 1, 20));
        assert!(!coverage.covers(&sources[..1], 1, 2));
        let why = coverage.why(&sources, 6, 12);
        assert!(why.contains("connector_log is absent, capture covers"), "{why}");
    }
}
