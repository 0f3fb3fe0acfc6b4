//! Explains what a rule says of a bundle: the tree of tests, which of them failed, and the nearest misses.

use std::borrow::Cow;

use crate::model::{Covered, Kind, Locator, Observation, Value};

use super::correlate::Coverage;
use super::problem::count;
use super::select::{Detection, Expr, Item};
use super::set::{Body, Rule, RuleSet};

/// How many observations are shown of each rule.
const SHOWN: usize = 3;

/// Explains a rule by its name or id; `None` if there is no such rule.
pub fn explain(
    set: &RuleSet,
    name: &str,
    observations: &[Observation],
    covered: &[Covered],
) -> Option<String> {
    let rule = set.rules.iter().rev().find(|rule| rule.name == name || rule.id == name)?;
    let mut out = format!("{}: {}\n", rule.name, rule.title);
    if !rule.on {
        out.push_str("switched off by a later pack\n");
    }
    match &rule.body {
        Body::Detection { kind, detection, filters } => {
            single(set, (*kind, detection, filters), observations, "", &mut out);
        }
        Body::Correlation(correlation) => {
            let fits = set.fits(observations);
            for member in &correlation.members {
                let absent = if member.negated { " (must be absent)" } else { "" };
                out.push_str(&format!("member {}{absent}\n", member.name));
                if let Some(Rule { body: Body::Detection { kind, detection, filters }, .. }) =
                    set.rules.get(member.rule)
                {
                    single(set, (*kind, detection, filters), observations, "    ", &mut out);
                }
            }
            let hits = |rule: usize| fits.get(rule).cloned().unwrap_or_default();
            let relations = correlation.relations(&hits, observations, &Coverage::new(covered));
            if relations.is_empty() {
                out.push_str("the members' hits do not stand in the relation\n");
            }
            for relation in relations.iter().take(SHOWN) {
                let places: Vec<String> = relation
                    .observations
                    .iter()
                    .filter_map(|at| Some(place(observations.get(*at)?)))
                    .collect();
                out.push_str(&match &relation.open {
                    None => format!("holds: {}\n", places.join(", ")),
                    Some(why) => format!("cannot tell: {}; {why}\n", places.join(", ")),
                });
            }
        }
    }
    Some(out)
}

/// Explains the tests of single observations: those that fit, else the nearest misses.
fn single(
    set: &RuleSet,
    (kind, detection, filters): (Kind, &Detection, &[Detection]),
    observations: &[Observation],
    indent: &str,
    out: &mut String,
) {
    let mut scored = Vec::new();
    for (position, observation) in observations.iter().enumerate().filter(|(_, one)| one.kind == kind) {
        let mut slots = Vec::new();
        set.layout.fill(observation, &mut slots);
        let fits = detection.holds(&slots);
        let kept = filters.iter().all(|filter| filter.holds(&slots));
        scored.push((fits && kept, score(detection, &detection.condition, &slots), position, fits && !kept));
    }
    let matched = scored.iter().filter(|(fits, ..)| *fits).count();
    out.push_str(&format!(
        "{indent}{} of {}, {matched} fit\n",
        count(scored.len(), "observation"),
        kind.name()
    ));
    scored
        .sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)).then(one.2.cmp(&other.2)));
    for (fits, _, position, filtered) in scored.into_iter().take(SHOWN) {
        let Some(observation) = observations.get(position) else { continue };
        let mut slots = Vec::new();
        set.layout.fill(observation, &mut slots);
        let word = if fits { "fits" } else { "does not fit" };
        let filter = if filtered { " (taken out by a filter)" } else { "" };
        out.push_str(&format!("{indent}{} {word}{filter}\n", place(observation)));
        tree(detection, &slots, indent, out);
    }
}

fn tree(detection: &Detection, slots: &[Option<Cow<'_, Value>>], indent: &str, out: &mut String) {
    for selection in &detection.selections {
        let mark = if selection.holds(slots) { "yes" } else { "no " };
        out.push_str(&format!("{indent}  {mark} {}\n", selection.name));
        for items in &selection.any_of {
            let mut items: Vec<&Item> = items.iter().collect();
            items.sort_by_key(|item| item.at);
            for item in items {
                let mark = if item.holds(slots) { "yes" } else { "no " };
                let value = slots
                    .get(item.slot)
                    .and_then(Option::as_deref)
                    .map_or_else(|| "absent".to_owned(), |value| crate::model::shorten(&value.to_string()));
                out.push_str(&format!("{indent}      {mark} {}: {} (it is {value})\n", item.key, item.shown));
            }
        }
    }
}

/// Says how near an observation comes, from 0 to 1.
fn score(detection: &Detection, expr: &Expr, slots: &[Option<Cow<'_, Value>>]) -> f64 {
    match expr {
        Expr::Selection(position) => detection.selections.get(*position).map_or(0.0, |selection| {
            let share = |items: &Vec<Item>| {
                let passed = items.iter().filter(|item| item.holds(slots)).count();
                passed as f64 / items.len().max(1) as f64
            };
            selection.any_of.iter().map(share).fold(0.0, f64::max)
        }),
        Expr::Not(inner) => f64::from(!matches!(score(detection, inner, slots), near if near >= 1.0)),
        Expr::All(parts) => {
            parts.iter().map(|part| score(detection, part, slots)).sum::<f64>() / parts.len().max(1) as f64
        }
        Expr::Any(parts) => parts.iter().map(|part| score(detection, part, slots)).fold(0.0, f64::max),
    }
}

fn place(observation: &Observation) -> String {
    let Some(evidence) = observation.evidence.first() else { return "a derived fact".into() };
    match &evidence.locator {
        Locator::Line(number) => format!("{}, line {number}", evidence.path),
        Locator::Frame(number) => format!("{}, frame {number}", evidence.path),
        Locator::Element(path) => format!("{}, {path}", evidence.path),
        Locator::Whole => evidence.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_nearest_miss_is_shown_with_the_test_that_failed() {
        let set = sample::set();
        let rule = set.rules.iter().find(|rule| rule.name == "dns_unanswered").unwrap();
        let text = explain(&set, "dns_unanswered", &rule.examples[3].observations, &[]).unwrap();
        assert!(text.contains("1 observation of dns_transaction, 0 fit"), "{text}");
        assert!(text.contains("no  dns.tries|gte: 2 (it is 1)"), "{text}");
        assert!(text.contains("yes dns.role: update_server (it is update_server)"), "{text}");
        assert_eq!(explain(&set, "nothing_like_it", &[], &[]), None);
    }

    #[test]
    fn a_correlation_says_what_is_not_covered() {
        let set = sample::set();
        let rule = set.rules.iter().find(|rule| rule.name == "proxy_407_final").unwrap();
        let text = explain(&set, "proxy_407_final", &rule.examples[0].observations, &[]).unwrap();
        assert!(text.contains("member proxy_tunnel_ok (must be absent)"), "{text}");
        assert!(text.contains("cannot tell: example, line 1; whether `proxy_tunnel_ok`"), "{text}");
        assert!(text.contains("capture is absent"), "{text}");
    }
}
