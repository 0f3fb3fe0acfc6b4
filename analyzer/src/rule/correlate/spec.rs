//! Reads the `correlation:` block of a rule.

use std::collections::BTreeMap;

use crate::model::Kind;

use super::super::problem::{At, Notes};
use super::super::read::{Map, duration, texts};
use super::super::select::Order;
use super::super::taxonomy::Taxonomy;
use super::super::yaml::{Data, Node};
use super::{Correlation, Form, Key, Member};

/// Longest span: a year.
const SPAN: i64 = 366 * 86_400 * 1_000_000_000;
/// Most members.
const MEMBERS: usize = 16;

/// Finds a rule by name or id: its number, and its kind if it tests single observations.
pub(crate) type Find<'a> = dyn Fn(&str) -> Option<(usize, Option<Kind>)> + 'a;

/// Reads the block and notes members, fields and spans that do not fit.
pub(crate) fn read(
    node: &Node,
    (taxonomy, find): (&Taxonomy, &Find<'_>),
    names: &[&str],
    notes: &mut Notes,
) -> Option<Correlation> {
    let keys = ["type", "rules", "group-by", "timespan", "condition", "aliases"];
    let map = Map::read(node, "`correlation`", &keys, notes)?;
    let mut members = read_members(&map, (taxonomy, find), names, notes)?;
    let aliases = read_aliases(&map, &members, taxonomy, notes);
    let group_by = read_group_by(&map, &members, &aliases, taxonomy, notes);
    let word = map.need_text("timespan", notes)?;
    let span = duration(word).filter(|span| (1..=SPAN).contains(span) && !word.ends_with("ms"));
    if span.is_none() {
        notes.add(map.at("timespan"), format!("`{word}` is no span of time like 30s, 10m, 2h or 1d"));
    }
    let types = ["temporal", "temporal_ordered", "event_count", "value_count"];
    let word = map.need_text("type", notes)?;
    let form = match word {
        "temporal" | "temporal_ordered" => {
            read_boolean(&map, &mut members, word == "temporal_ordered", notes);
            if word == "temporal" { Form::Together } else { Form::Ordered }
        }
        "event_count" | "value_count" => {
            read_count(&map, &mut members, word == "value_count", taxonomy, notes)?
        }
        _ => {
            notes.unknown(map.at("type"), "correlation type", word, types);
            return None;
        }
    };
    Some(Correlation { form, members, group_by, span: span? })
}

fn read_members(
    map: &Map<'_>,
    (taxonomy, find): (&Taxonomy, &Find<'_>),
    names: &[&str],
    notes: &mut Notes,
) -> Option<Vec<Member>> {
    let node = map.need("rules", notes)?;
    let mut members: Vec<Member> = Vec::new();
    for (name, at) in texts(node, "`rules`", notes) {
        match find(name) {
            Some((rule, Some(kind))) => {
                let from = taxonomy.kind(kind).map(|spec| spec.from.clone()).unwrap_or_default();
                if members.iter().any(|member| member.rule == rule) {
                    notes.add(at, format!("`{name}` stands here twice"));
                }
                members.push(Member { rule, name: name.into(), kind, negated: false, from, counted: None });
            }
            Some((_, None)) => {
                notes.add(at, format!("`{name}` is no rule with a `detection`; only such can be members"));
            }
            None => notes.unknown(at, "rule", name, names.iter().copied()),
        }
    }
    if members.is_empty() || members.len() > MEMBERS {
        notes.add(node.at, format!("`rules` needs 1 to {MEMBERS} known members"));
        return None;
    }
    Some(members)
}

/// The fields behind an alias, by member.
type Aliases = BTreeMap<String, Vec<String>>;

fn read_aliases(map: &Map<'_>, members: &[Member], taxonomy: &Taxonomy, notes: &mut Notes) -> Aliases {
    let mut aliases = Aliases::new();
    let Some(block) = map.get("aliases").and_then(|node| Map::open(node, "`aliases`", notes)) else {
        return aliases;
    };
    for entry in block.entries() {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let Some(by_rule) = Map::read(&entry.value, "an alias", &names, notes) else { continue };
        let mut fields = Vec::new();
        for member in members {
            let Some(field) = by_rule.need_text(&member.name, notes) else { continue };
            check_field(member.kind, field, by_rule.at(&member.name), taxonomy, notes);
            fields.push(field.to_owned());
        }
        aliases.insert(entry.key.clone(), fields);
    }
    aliases
}

fn read_group_by(
    map: &Map<'_>,
    members: &[Member],
    aliases: &Aliases,
    taxonomy: &Taxonomy,
    notes: &mut Notes,
) -> Vec<Key> {
    let mut keys = Vec::new();
    for (name, at) in map.texts("group-by", notes) {
        keys.push(match name {
            "endpoint" | "host" => Key::Endpoint,
            "attempt" => Key::Attempt,
            _ => match aliases.get(name) {
                Some(fields) => Key::Field(fields.clone()),
                None => {
                    for member in members {
                        check_field(member.kind, name, at, taxonomy, notes);
                    }
                    Key::Field(vec![name.to_owned(); members.len()])
                }
            },
        });
    }
    for alias in aliases.keys() {
        if !map.texts("group-by", &mut Notes::default()).iter().any(|(name, _)| name == alias) {
            notes.add(map.at("aliases"), format!("alias `{alias}` is not used in `group-by`"));
        }
    }
    keys
}

fn check_field(kind: Kind, field: &str, at: At, taxonomy: &Taxonomy, notes: &mut Notes) {
    if taxonomy.field(kind, field).is_none() {
        let known = taxonomy.kind(kind).into_iter().flat_map(|spec| spec.fields.keys().map(String::as_str));
        notes.unknown(at, &format!("field of {}", kind.name()), field, known);
    }
}

/// Reads `a and not b`: the negated members must be absent.
fn read_boolean(map: &Map<'_>, members: &mut [Member], ordered: bool, notes: &mut Notes) {
    let Some(words) = map.text("condition", notes) else { return };
    let at = map.at("condition");
    let mut named: Vec<&str> = Vec::new();
    for part in words.split(" and ") {
        let part = part.trim();
        let (negated, name) = match part.strip_prefix("not ") {
            Some(name) => (true, name.trim()),
            None => (false, part),
        };
        let Some(member) = members.iter_mut().find(|member| member.name == name) else {
            let hint = if name.contains(|c: char| c.is_whitespace() || c == '(') {
                "only names joined by `and`, with `not` before those that must be absent"
            } else {
                "it is not in `rules`"
            };
            notes.add(at, format!("condition `{words}`: `{name}`: {hint}"));
            return;
        };
        member.negated = negated;
        named.push(name);
    }
    if let Some(left) = members.iter().find(|member| !named.contains(&member.name.as_str())) {
        notes.add(at, format!("condition `{words}`: `{}` of `rules` is not used", left.name));
    }
    if members.iter().all(|member| member.negated) {
        notes.add(at, format!("condition `{words}`: one member must be there"));
    }
    if !ordered && members.iter().any(|member| member.negated) {
        notes.add(at, "absence needs a place: `not` goes with `temporal_ordered` only");
    }
}

fn read_count(
    map: &Map<'_>,
    members: &mut [Member],
    values: bool,
    taxonomy: &Taxonomy,
    notes: &mut Notes,
) -> Option<Form> {
    let node = map.need("condition", notes)?;
    let keys: &[&str] = if values { &["field", "gt", "gte"] } else { &["gt", "gte"] };
    let known = ["field", "gt", "gte", "lt", "lte", "eq", "neq"];
    let block = Map::read(node, "`condition`", &known, notes)?;
    for entry in block.entries() {
        if known.contains(&entry.key.as_str()) && !keys.contains(&entry.key.as_str()) {
            notes.add(
                entry.at,
                format!(
                    "`{}` cannot be told: more may have happened unseen; use {}",
                    entry.key,
                    keys.join(", ")
                ),
            );
        }
    }
    if values {
        let field = block.need_text("field", notes)?;
        for member in members {
            check_field(member.kind, field, block.at("field"), taxonomy, notes);
            member.counted = Some(field.to_owned());
        }
    }
    let bounds: Vec<(&str, &Node)> =
        ["gt", "gte"].into_iter().filter_map(|key| Some((key, block.get(key)?))).collect();
    let [(key, bound)] = bounds.as_slice() else {
        notes.add(node.at, "`condition` needs one of `gt` and `gte`");
        return None;
    };
    let Data::Int(number, _) = bound.data else {
        notes.add(bound.at, format!("`{key}` must be a whole number, not {}", bound.what()));
        return None;
    };
    let (Some(order), Ok(number)) = (Order::from_name(key), usize::try_from(number)) else {
        notes.add(bound.at, format!("`{key}` must not be negative"));
        return None;
    };
    Some(if values { Form::Values(order, number) } else { Form::Count(order, number) })
}
