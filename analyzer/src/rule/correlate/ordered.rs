//! `temporal_ordered`: hits one after the other within a span, and what must be absent before, between or after.
//!
//! From a hit the tuple goes on with the earliest next one that leaves no absent member between and from which the rest
//! can follow. Tuples are taken from the leftmost start; one whose span is too long, or before or after which an absent
//! member is found, gives way to the next start; after a tuple the next begins behind its end. The search runs
//! backwards once over every member, so its cost does not grow with the number of possible tuples.

use super::{Correlation, Coverage, Group, Relation, Stamp};

/// Absent members in one gap: their positions and hits.
type Absent<'g, 'o> = Vec<(usize, &'g [Stamp<'o>])>;

/// Finds all tuples of a group.
pub(super) fn find(
    correlation: &Correlation,
    group: &Group<'_>,
    coverage: &Coverage,
    relations: &mut Vec<Relation>,
) {
    let mut steps: Vec<&[Stamp<'_>]> = Vec::new();
    let mut gaps: Vec<Absent<'_, '_>> = vec![Vec::new()];
    for (position, (member, hits)) in correlation.members.iter().zip(&group.timed).enumerate() {
        if member.negated {
            if let Some(gap) = gaps.last_mut() {
                gap.push((position, hits.as_slice()));
            }
        } else {
            steps.push(hits);
            gaps.push(Vec::new());
        }
    }
    let next = links(&steps, &gaps);
    let Some(starts) = steps.first() else { return };
    let mut end: Option<Stamp<'_>> = None;
    for (position, start) in starts.iter().enumerate() {
        if end.is_some_and(|end| !end.before(start)) {
            continue;
        }
        let Some(tuple) = follow(position, &steps, &next) else { continue };
        let Some(last) = tuple.last().copied() else { continue };
        if last.time.saturating_sub(start.time) > correlation.span || around(correlation, start, &last, &gaps)
        {
            continue;
        }
        let open = uncovered(correlation, group, &tuple, &gaps, coverage);
        relations.push(Relation { observations: tuple.iter().map(|hit| hit.observation).collect(), open });
        end = Some(last);
    }
}

/// For every hit of every step but the last, the hit of the next step with which the tuple goes on.
fn links(steps: &[&[Stamp<'_>]], gaps: &[Absent<'_, '_>]) -> Vec<Vec<Option<usize>>> {
    let mut next: Vec<Vec<Option<usize>>> = vec![Vec::new(); steps.len()];
    for step in (0..steps.len().saturating_sub(1)).rev() {
        let (Some(from), Some(to)) = (steps.get(step), steps.get(step + 1)) else { continue };
        let Some(gap) = gaps.get(step + 1) else { continue };
        // Only hits from which the rest can follow are worth going to.
        let last = step + 2 == steps.len();
        let goals: Vec<usize> = (0..to.len())
            .filter(|hit| {
                last || next.get(step + 1).and_then(|links| links.get(*hit)).is_some_and(Option::is_some)
            })
            .collect();
        let found = from.iter().map(|hit| earliest(hit, to, &goals, gap)).collect();
        if let Some(place) = next.get_mut(step) {
            *place = found;
        }
    }
    next
}

/// Finds the earliest goal behind a hit with none of the absent members between.
fn earliest(from: &Stamp<'_>, to: &[Stamp<'_>], goals: &[usize], gap: &Absent<'_, '_>) -> Option<usize> {
    let stamp = |goal: usize| goals.get(goal).and_then(|hit| to.get(*hit));
    let first = goals.partition_point(|hit| to.get(*hit).is_some_and(|hit| hit.key() <= from.key()));
    if let Some(hit) = stamp(first).filter(|hit| from.before(hit) && hit.time == from.time) {
        // Of the same moment and source: if something stands between, it stands before all later ones too.
        return if clean(from, hit, gap) { goals.get(first).copied() } else { None };
    }
    let mut at = goals.partition_point(|hit| to.get(*hit).is_some_and(|hit| hit.time <= from.time));
    let moment = stamp(at)?.time;
    while let Some(hit) = stamp(at).filter(|hit| hit.time == moment) {
        if clean(from, hit, gap) {
            return goals.get(at).copied();
        }
        // What stands before this hit stands before the others of its source and moment.
        at = goals.partition_point(|other| {
            to.get(*other).is_some_and(|other| (other.time, other.path) <= (hit.time, hit.path))
        });
    }
    None
}

/// Says whether no hit of the absent members lies between two hits.
fn clean(from: &Stamp<'_>, to: &Stamp<'_>, gap: &Absent<'_, '_>) -> bool {
    gap.iter().all(|(_, hits)| {
        let behind = hits.partition_point(|hit| hit.key() <= from.key());
        let later = hits.partition_point(|hit| hit.time <= from.time);
        let before = hits.partition_point(|hit| hit.key() < to.key());
        let between = |hit: Option<&Stamp<'_>>| hit.is_some_and(|hit| from.before(hit) && hit.before(to));
        !between(hits.get(behind))
            && !between(hits.get(later))
            && !between(before.checked_sub(1).and_then(|at| hits.get(at)))
    })
}

fn follow<'o>(start: usize, steps: &[&[Stamp<'o>]], next: &[Vec<Option<usize>>]) -> Option<Vec<Stamp<'o>>> {
    let mut tuple = Vec::with_capacity(steps.len());
    let mut at = start;
    for (step, hits) in steps.iter().enumerate() {
        tuple.push(*hits.get(at)?);
        if step + 1 < steps.len() {
            at = (*next.get(step)?.get(at)?)?;
        }
    }
    Some(tuple)
}

/// Says whether an absent member is found before the start or after the end of a tuple.
fn around(correlation: &Correlation, start: &Stamp<'_>, end: &Stamp<'_>, gaps: &[Absent<'_, '_>]) -> bool {
    let (from, to) =
        (start.time.saturating_sub(correlation.span), start.time.saturating_add(correlation.span));
    let lead = gaps.first().into_iter().flatten().any(|(_, hits)| {
        let first = hits.partition_point(|hit| hit.time < from);
        hits.get(first).is_some_and(|hit| hit.before(start)) || {
            let before = hits.partition_point(|hit| hit.key() < start.key());
            before
                .checked_sub(1)
                .and_then(|at| hits.get(at))
                .is_some_and(|hit| hit.time >= from && hit.before(start))
        }
    });
    lead || gaps.last().into_iter().flatten().any(|(_, hits)| {
        let behind = hits.partition_point(|hit| hit.key() <= end.key());
        let later = hits.partition_point(|hit| hit.time <= end.time);
        [behind, later].iter().filter_map(|at| hits.get(*at)).any(|hit| end.before(hit) && hit.time <= to)
    })
}

/// Says why absence cannot be told: a hit without a time, or a gap that no source covers.
fn uncovered(
    correlation: &Correlation,
    group: &Group<'_>,
    tuple: &[Stamp<'_>],
    gaps: &[Absent<'_, '_>],
    coverage: &Coverage,
) -> Option<String> {
    let start = tuple.first()?.time;
    for (number, gap) in gaps.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|at| tuple.get(at));
        let from = before.map_or(start.saturating_sub(correlation.span), |hit| hit.time);
        let to = tuple.get(number).map_or(start.saturating_add(correlation.span), |hit| hit.time);
        for (position, _) in gap {
            let member = correlation.members.get(*position)?;
            if group.untimed.get(*position).is_some_and(|hits| !hits.is_empty()) {
                return Some(format!("`{}` was seen, but its source says not when", member.name));
            }
            if !coverage.covers(&member.from, from, to) {
                return Some(format!("whether `{}`: {}", member.name, coverage.why(&member.from, from, to)));
            }
        }
    }
    None
}
