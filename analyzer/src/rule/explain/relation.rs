//! What a correlation says: the hits of its members, and why they do or do not stand in the relation.

use crate::model::Observation;

use super::super::correlate::{Correlation, Coverage, Form, Relation};
use super::super::example::Expect;
use super::super::set::{Body, Rule, RuleSet};
use super::{SHOWN, Seen, place, silence, single};

/// Explains a correlation and says what it answers.
pub(super) fn explain(set: &RuleSet, correlation: &Correlation, seen: Seen<'_>, out: &mut String) -> Expect {
    let fits = set.fits(seen.observations);
    let mut unseen = None;
    for member in &correlation.members {
        let absent = if member.negated { " (must be absent)" } else { "" };
        out.push_str(&format!("member {}{absent}\n", member.name));
        if let Some(Rule { body: Body::Detection { kind, detection, filters }, .. }) =
            set.rules.get(member.rule)
        {
            let fitting = single(set, (*kind, detection, filters), seen, "    ", out);
            if fitting == 0 && !member.negated {
                unseen = unseen.or_else(|| silence(set, *kind, seen));
            }
        }
    }
    let coverage = Coverage::new(seen.covered);
    let find = |correlation: &Correlation| {
        let hits = |rule: usize| fits.get(rule).cloned().unwrap_or_default();
        correlation.relations(&hits, seen.observations, &coverage)
    };
    let relations = find(correlation);
    for relation in relations.iter().take(SHOWN) {
        let places = places(relation, seen.observations);
        out.push_str(&match &relation.open {
            None => format!("holds: {places}\n"),
            Some(why) => format!("cannot tell: {places}; {why}\n"),
        });
    }
    if relations.iter().any(|relation| relation.open.is_none()) {
        return Expect::Match;
    }
    if !relations.is_empty() {
        return Expect::CannotTell;
    }
    if let Some(why) = unseen {
        out.push_str(&format!("cannot tell: {why}\n"));
        return Expect::CannotTell;
    }
    let missing: Vec<&str> = correlation
        .members
        .iter()
        .filter(|member| !member.negated && fits.get(member.rule).is_none_or(Vec::is_empty))
        .map(|member| member.name.as_str())
        .collect();
    if missing.is_empty() {
        out.push_str(&near(correlation, &find, seen.observations));
    } else {
        out.push_str(&format!("never seen: {}\n", missing.join(", ")));
    }
    Expect::NoMatch
}

/// Says what keeps hits of all members from standing in the relation: the first thing without which they would.
fn near(
    correlation: &Correlation,
    find: &dyn Fn(&Correlation) -> Vec<Relation>,
    observations: &[Observation],
) -> String {
    let first = |loose: &Correlation| find(loose).first().map(|relation| places(relation, observations));
    let mut present = correlation.clone();
    present.members.retain(|member| !member.negated);
    if present.members.len() < correlation.members.len()
        && let Some(places) = first(&present)
    {
        return format!("nearest miss: {places}, but a member was seen that must be absent\n");
    }
    let long = Correlation { span: i64::MAX / 4, ..present.clone() };
    if let Some(places) = first(&long) {
        let seconds = correlation.span as f64 / 1e9;
        return format!("nearest miss: {places} lie further apart than {seconds} s\n");
    }
    let free = Correlation { group_by: Vec::new(), ..long.clone() };
    if let Some(places) = first(&free) {
        return format!("nearest miss: {places} do not belong to one group\n");
    }
    if matches!(correlation.form, Form::Ordered)
        && let Some(places) = first(&Correlation { form: Form::Together, ..free })
    {
        return format!("nearest miss: {places} come in another order\n");
    }
    "the members' hits do not stand in the relation\n".to_owned()
}

fn places(relation: &Relation, observations: &[Observation]) -> String {
    let places: Vec<String> =
        relation.observations.iter().filter_map(|at| Some(place(observations.get(*at)?))).take(8).collect();
    places.join("; ")
}
