//! Splits hits by endpoint, attempt or fields.

use std::collections::BTreeMap;

use crate::model::Observation;

use super::super::vote::value;
use super::{Correlation, Group, Key, Stamp};

/// Splits the members' hits; one that lacks the attempt or a field of `group-by` belongs nowhere.
pub(super) fn split<'o>(
    correlation: &Correlation,
    hits: &dyn Fn(usize) -> Vec<usize>,
    observations: &'o [Observation],
) -> BTreeMap<Vec<String>, Group<'o>> {
    let count = correlation.members.len();
    let mut groups: BTreeMap<Vec<String>, Group<'o>> = BTreeMap::new();
    for (position, member) in correlation.members.iter().enumerate() {
        for hit in hits(member.rule) {
            let Some(observation) = observations.get(hit) else { continue };
            let Some(key) = key(&correlation.group_by, position, observation) else { continue };
            let group = groups.entry(key).or_insert_with(|| Group {
                timed: vec![Vec::new(); count],
                untimed: vec![Vec::new(); count],
            });
            match Stamp::of(hit, observation) {
                Some(stamp) => group.timed.get_mut(position).map(|list| list.push(stamp)),
                None => group.untimed.get_mut(position).map(|list| list.push(hit)),
            };
        }
    }
    for group in groups.values_mut() {
        for list in &mut group.timed {
            list.sort_by_key(|stamp| (stamp.key(), stamp.observation));
        }
    }
    groups
}

fn key(group_by: &[Key], member: usize, observation: &Observation) -> Option<Vec<String>> {
    group_by
        .iter()
        .map(|key| match key {
            // What names no endpoint is about the one that the bundle is about.
            Key::Endpoint => Some(observation.endpoint.clone().unwrap_or_default()),
            Key::Attempt => observation.attempt.map(|number| number.to_string()),
            Key::Field(names) => value(observation, names.get(member)?),
        })
        .collect()
}
