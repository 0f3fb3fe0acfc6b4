//! Reads the `examples:` block: observations written by hand, and what the rule must say of them.

use std::borrow::Cow;
use std::net::IpAddr;

use tetra_bundle::SourceId;

use crate::model::{Evidence, Fields, Kind, Locator, Observation, Timestamp, Value};

use super::operand;
use super::problem::{At, Notes};
use super::read::{Map, duration, list, text};
use super::taxonomy::{Field, Taxonomy, Type};
use super::yaml::{Data, Node};

/// Time of the first event of an example: nanoseconds of 2026-01-01.
pub(crate) const START: i64 = 1_767_225_600_000_000_000;
/// Most events of one example.
const EVENTS: usize = 1000;

/// What a rule must say of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The condition holds.
    Match,
    /// It does not hold.
    NoMatch,
    /// The sources do not cover what would decide.
    CannotTell,
}

impl Expect {
    /// Gives the word that rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no-match",
            Self::CannotTell => "cannot-tell",
        }
    }
}

/// An example of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// Where it stands.
    pub at: At,
    /// Its name, empty where it has none.
    pub name: String,
    /// What the rule must say.
    pub expect: Expect,
    /// The observations.
    pub observations: Vec<Observation>,
    /// How long, from the first moment, the sources cover, in nanoseconds.
    pub covered: Option<i64>,
}

impl Example {
    /// Names the example, by its position where it has no name.
    pub(crate) fn called(&self, position: usize) -> String {
        if self.name.is_empty() { format!("number {}", position + 1) } else { self.name.clone() }
    }
}

/// Reads the examples of a rule whose observations are of these kinds.
pub(crate) fn read(node: &Node, kinds: &[Kind], taxonomy: &Taxonomy, notes: &mut Notes) -> Vec<Example> {
    list(node, "`examples`", notes).iter().filter_map(|item| one(item, kinds, taxonomy, notes)).collect()
}

fn one(node: &Node, kinds: &[Kind], taxonomy: &Taxonomy, notes: &mut Notes) -> Option<Example> {
    let keys = ["name", "expect", "event", "events", "covered"];
    let map = Map::read(node, "an example", &keys, notes)?;
    let word = map.need_text("expect", notes)?;
    let all = [Expect::Match, Expect::NoMatch, Expect::CannotTell];
    let Some(expect) = all.into_iter().find(|expect| expect.name() == word) else {
        notes.unknown(map.at("expect"), "expectation", word, all.map(Expect::name));
        return None;
    };
    let name = map.text("name", notes).unwrap_or_default().to_owned();
    let covered = map.text("covered", notes).and_then(|word| span(word, map.at("covered"), notes));
    let mut observations = Vec::new();
    let mut reader = Reader { kinds, taxonomy, notes };
    match (map.get("event"), map.get("events")) {
        (Some(event), None) => reader.event(event, 0, 0, &mut observations),
        (None, Some(events)) => reader.events(events, &mut observations),
        _ => reader.notes.add(map.at, "an example needs `event` or `events`"),
    }
    Some(Example { at: node.at, name, expect, observations, covered })
}

fn span(word: &str, at: At, notes: &mut Notes) -> Option<i64> {
    let span = duration(word);
    if span.is_none() {
        notes.add(at, format!("`{word}` is no span of time like 500ms, 30s or 10m"));
    }
    span
}

struct Reader<'a> {
    kinds: &'a [Kind],
    taxonomy: &'a Taxonomy,
    notes: &'a mut Notes,
}

impl Reader<'_> {
    fn events(&mut self, node: &Node, into: &mut Vec<Observation>) {
        let events = list(node, "`events`", self.notes);
        if events.len() > EVENTS {
            self.notes.add(node.at, format!("more than {EVENTS} events"));
            return;
        }
        for (position, item) in events.iter().enumerate() {
            let Some(map) = Map::open(item, "an event", self.notes) else { continue };
            // Bare events follow each other by a second.
            let position = i64::try_from(position).unwrap_or(0);
            let mut offset = position.saturating_mul(1_000_000_000);
            let Some(event) = map.get("event") else {
                self.event(item, offset, position, into);
                continue;
            };
            Map::read(item, "an event", &["offset", "event"], self.notes);
            if let Some(word) = map.text("offset", self.notes) {
                offset = span(word, map.at("offset"), self.notes).unwrap_or(offset);
            }
            self.event(event, offset, position, into);
        }
    }

    /// Makes an observation of every kind that declares all fields of the event.
    fn event(&mut self, node: &Node, offset: i64, position: i64, into: &mut Vec<Observation>) {
        let Some(map) = Map::open(node, "an event", self.notes) else { return };
        let name = |key: &str| if key == "host" { "endpoint".to_owned() } else { key.to_owned() };
        let fitting: Vec<Kind> = self
            .kinds
            .iter()
            .copied()
            .filter(|kind| {
                map.entries().iter().all(|entry| self.taxonomy.field(*kind, &name(&entry.key)).is_some())
            })
            .collect();
        if fitting.is_empty() {
            self.misfit(&map);
            return;
        }
        for (nth, kind) in fitting.into_iter().enumerate() {
            let mut observation = Observation {
                kind,
                time: Some(Timestamp(START.saturating_add(offset))),
                endpoint: None,
                attempt: None,
                fields: Fields::new(),
                evidence: vec![Evidence {
                    source: SourceId::Unknown,
                    path: "example".into(),
                    locator: Locator::Line(u64::try_from(position).unwrap_or(0) + 1),
                    time: None,
                    excerpt: String::new(),
                }],
            };
            for entry in map.entries() {
                let key = name(&entry.key);
                let Some(field) = self.taxonomy.field(kind, &key) else { continue };
                // Problems of the values are told once, though several kinds may fit.
                let mut quiet = Notes::default();
                let notes = if nth == 0 { &mut *self.notes } else { &mut quiet };
                let Some(value) = value_of(&key, field, &entry.value, notes) else { continue };
                match (key.as_str(), value) {
                    ("endpoint", Value::Text(text)) => observation.endpoint = Some(text.into_owned()),
                    ("attempt", Value::Int(number)) => observation.attempt = u32::try_from(number).ok(),
                    (_, value) => {
                        observation.fields.set(Cow::Owned(key), value);
                    }
                }
            }
            into.push(observation);
        }
    }

    fn misfit(&mut self, map: &Map<'_>) {
        let known: Vec<&str> = self
            .kinds
            .iter()
            .filter_map(|kind| self.taxonomy.kind(*kind))
            .flat_map(|spec| spec.fields.keys().map(String::as_str))
            .collect();
        let mut told = false;
        for entry in map.entries() {
            if entry.key != "host" && !known.contains(&entry.key.as_str()) {
                self.notes.unknown(entry.at, "field of the rule's kinds", &entry.key, known.iter().copied());
                told = true;
            }
        }
        if !told {
            self.notes.add(map.at, "no kind of this rule has all fields of this event");
        }
    }
}

/// Reads the value of a field as an observation would hold it.
fn value_of(key: &str, field: &Field, node: &Node, notes: &mut Notes) -> Option<Value> {
    if field.list {
        return match &node.data {
            Data::List(items) => {
                Some(Value::List(items.iter().filter_map(|item| single(key, field, item, notes)).collect()))
            }
            _ => Some(Value::List(vec![single(key, field, node, notes)?])),
        };
    }
    single(key, field, node, notes)
}

fn single(key: &str, field: &Field, node: &Node, notes: &mut Notes) -> Option<Value> {
    let kind = &field.kind;
    match (kind, &node.data) {
        (Type::Int, Data::Int(number, _)) => return Some(Value::Int(*number)),
        (Type::Float, Data::Float(number, _)) => return Some(Value::Float(*number)),
        (Type::Float, Data::Int(number, _)) => return Some(Value::Float(*number as f64)),
        (Type::Bool, Data::Bool(yes)) => return Some(Value::Bool(*yes)),
        (Type::Int | Type::Float | Type::Bool, _) => {
            notes.add(node.at, format!("`{key}` is of type {}, not {}", kind.name(), node.what()));
            return None;
        }
        _ => {}
    }
    let word = text(node, format_args!("`{key}`"), notes)?;
    match kind {
        Type::Ip => {
            let parsed = word.parse::<IpAddr>().ok();
            if parsed.is_none() {
                notes.add(node.at, format!("`{key}`: `{word}` is no IP address"));
            }
            parsed.map(Value::Ip)
        }
        Type::Enum(words) => {
            operand::known_word(key, word, words, node.at, notes);
            Some(Value::from(word.to_owned()))
        }
        _ if field.fold => Some(Value::from(word.to_lowercase())),
        _ => Some(Value::from(word.to_owned())),
    }
}
