//! `temporal`, `event_count` and `value_count`: hits within a window that slides over time.

use std::collections::BTreeMap;

use crate::model::{Observation, Value};

use super::super::select::Order;
use super::{Correlation, Group, Relation, Stamp};

/// Finds windows that hold a hit of every member. A hit without a time is a lasting fact: it is in every window.
pub(super) fn together(correlation: &Correlation, group: &Group<'_>, relations: &mut Vec<Relation>) {
    let count = correlation.members.len();
    let lasting: Vec<Option<usize>> = group.untimed.iter().map(|hits| hits.first().copied()).collect();
    let mut hits: Vec<(Stamp<'_>, usize)> = group
        .timed
        .iter()
        .enumerate()
        .flat_map(|(member, hits)| hits.iter().map(move |hit| (*hit, member)))
        .collect();
    hits.sort_by_key(|(hit, member)| (hit.key(), hit.observation, *member));
    if hits.is_empty() {
        if let Some(observations) = lasting.iter().copied().collect::<Option<Vec<_>>>() {
            relations.push(Relation { observations, open: None });
        }
        return;
    }
    // Going backwards, `next` knows for every member its first hit from here on.
    let mut next: Vec<Option<usize>> = vec![None; count];
    let mut windows: Vec<Option<(Vec<usize>, usize)>> = Vec::with_capacity(hits.len());
    for (at, (start, member)) in hits.iter().enumerate().rev() {
        if let Some(place) = next.get_mut(*member) {
            *place = Some(at);
        }
        let mut last = at;
        let found: Option<Vec<usize>> = next
            .iter()
            .zip(&lasting)
            .map(|(next, lasting)| {
                let near = next.and_then(|at| hits.get(at).map(|(hit, _)| (at, hit)));
                match near.filter(|(_, hit)| hit.time.saturating_sub(start.time) <= correlation.span) {
                    Some((at, hit)) => {
                        last = last.max(at);
                        Some(hit.observation)
                    }
                    None => *lasting,
                }
            })
            .collect();
        windows.push(found.map(|observations| (observations, last)));
    }
    let mut from = 0;
    for (at, window) in windows.into_iter().rev().enumerate() {
        if let Some((observations, last)) = window.filter(|_| at >= from) {
            relations.push(Relation { observations, open: None });
            from = last + 1;
        }
    }
}

/// Finds runs of windows with so many hits.
pub(super) fn count(
    correlation: &Correlation,
    group: &Group<'_>,
    order: Order,
    bound: usize,
    relations: &mut Vec<Relation>,
) {
    let hits = merged(group);
    runs(correlation.span, &hits, relations, |first, last| order.holds(&(last + 1 - first), &bound));
}

/// Finds runs of windows with so many different values of the counted field.
pub(super) fn values(
    correlation: &Correlation,
    group: &Group<'_>,
    observations: &[Observation],
    (order, bound): (Order, usize),
    relations: &mut Vec<Relation>,
) {
    let field = correlation.members.iter().find_map(|member| member.counted.as_deref()).unwrap_or_default();
    let seen = |hit: &Stamp<'_>| match observations.get(hit.observation).and_then(|one| one.fields.get(field))
    {
        None => Vec::new(),
        Some(Value::List(elements)) => elements.iter().map(ToString::to_string).collect(),
        Some(value) => vec![value.to_string()],
    };
    let hits: Vec<(Stamp<'_>, Vec<String>)> = merged(group)
        .into_iter()
        .map(|hit| (hit, seen(&hit)))
        .filter(|(_, values)| !values.is_empty())
        .collect();
    let stamps: Vec<Stamp<'_>> = hits.iter().map(|(hit, _)| *hit).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut left, mut right) = (0, 0);
    runs(correlation.span, &stamps, relations, |first, last| {
        while let Some((_, values)) = hits.get(right).filter(|_| right <= last) {
            for value in values {
                *counts.entry(value).or_insert(0) += 1;
            }
            right += 1;
        }
        while let Some((_, values)) = hits.get(left).filter(|_| left < first) {
            for value in values {
                if let Some(count) = counts.get_mut(value.as_str()) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(value.as_str());
                    }
                }
            }
            left += 1;
        }
        order.holds(&counts.len(), &bound)
    });
}

/// Gives the timed hits of all members, each observation once.
fn merged<'o>(group: &Group<'o>) -> Vec<Stamp<'o>> {
    let mut hits: Vec<Stamp<'o>> = group.timed.iter().flatten().copied().collect();
    hits.sort_by_key(|hit| (hit.key(), hit.observation));
    hits.dedup_by_key(|hit| hit.observation);
    hits
}

/// Slides the window over the hits and reports every maximal run of windows that overlap and hold.
fn runs(
    span: i64,
    hits: &[Stamp<'_>],
    relations: &mut Vec<Relation>,
    mut holds: impl FnMut(usize, usize) -> bool,
) {
    let mut run: Option<(usize, usize)> = None;
    let mut report = |run: Option<(usize, usize)>| {
        if let Some(part) = run.and_then(|(first, last)| hits.get(first..=last)) {
            let observations = part.iter().map(|hit| hit.observation).collect();
            relations.push(Relation { observations, open: None });
        }
    };
    let mut last = 0;
    for (first, start) in hits.iter().enumerate() {
        last = last.max(first);
        while hits.get(last + 1).is_some_and(|hit| hit.time.saturating_sub(start.time) <= span) {
            last += 1;
        }
        if !holds(first, last) {
            continue;
        }
        run = match run {
            Some((from, to)) if first <= to => Some((from, last)),
            earlier => {
                report(earlier);
                Some((first, last))
            }
        };
    }
    report(run);
}
