//! The JSON Schema of rule files, made from the taxonomy and the causes, for editors that check as one writes.
//!
//! It knows keys, kinds, fields with their modifiers and types, enumerations and causes. What hangs on other files or on
//! several values together (references, conditions, regular expressions) is left to `rules check`. Draft 7, which VS
//! Code's YAML support takes.

mod fields;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::document::{KEYS, RELATED, STATUS};
use super::set::RuleSet;
use super::vote::{Level, Strength};

const UUID: &str = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";
const SPAN: &str = r"^[0-9]+(\.[0-9]+)?(s|m|h|d)$";

/// Makes the schema of one document of a rule file.
pub fn schema(set: &RuleSet) -> Value {
    let mut definitions = fields::definitions(set.taxonomy());
    let causes: Vec<&str> = set.causes().iter().map(|cause| cause.slug.as_str()).collect();
    definitions.insert("cause".into(), json!({ "enum": causes }));
    definitions.insert("diagnosis".into(), diagnosis());
    definitions.insert("correlation".into(), correlation());
    let mut by_kind = vec![json!({
        "if": { "required": ["correlation"] },
        "then": { "properties": { "examples": examples("any") } }
    })];
    for (kind, _) in set.taxonomy().kinds() {
        by_kind.push(json!({
            "if": {
                "required": ["logsource"],
                "properties": { "logsource": { "properties": { "category": { "const": kind } }, "required": ["category"] } }
            },
            "then": {
                "properties": {
                    "detection": reference(&format!("{kind}.detection")),
                    "filter": reference(&format!("{kind}.filter")),
                    "diagnosis": { "properties": { "subject": list_of(&reference(&format!("{kind}.names"))) } },
                    "examples": examples(kind)
                }
            }
        }));
    }
    let kinds: Vec<&str> = set.taxonomy().kinds().map(|(kind, _)| kind).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A rule of Tetra Triage",
        "description": "Profile 1 of the rule language: a Sigma document with `diagnosis` and `examples`.",
        "type": "object",
        "required": ["title", "id", "name", "level"],
        "additionalProperties": false,
        "properties": head(&kinds),
        "oneOf": [
            { "required": ["detection", "logsource"] },
            { "required": ["correlation"] },
            { "required": ["filter", "logsource"] }
        ],
        "allOf": by_kind,
        "definitions": definitions
    })
}

/// Widest line of the text; what fits stands on one.
const WIDTH: usize = 120;

/// Writes the schema as it is committed: what fits on a line stands on one, so that a change is easy to read.
pub fn render(set: &RuleSet) -> String {
    let mut text = String::new();
    // Some crate of the tree makes objects keep the order of insertion; the file is in order of names.
    let mut schema = schema(set);
    schema.sort_all_objects();
    write(&schema, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let flat = value.to_string();
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (format!("{}: ", json!(key)), value)).collect(),
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        _ => Vec::new(),
    };
    // A list of words is no easier to read in many lines.
    let words = value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    if inner.is_empty() || words || flat.len() + 2 * depth <= WIDTH {
        out.push_str(&flat);
        return;
    }
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let (indent, deeper) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    out.push(open);
    for (number, (key, value)) in inner.iter().enumerate() {
        out.push_str(if number > 0 { ",\n" } else { "\n" });
        out.push_str(&deeper);
        out.push_str(key);
        write(value, depth + 1, out);
    }
    out.push_str(&format!("\n{indent}{close}"));
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// One of them, or a list.
fn list_of(one: &Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn head(kinds: &[&str]) -> Map<String, Value> {
    let any = || list_of(&json!({ "type": "string" }));
    let levels = Level::ALL.map(|(_, word)| word);
    let mut properties = Map::new();
    for key in KEYS {
        let value = match key {
            "title" => json!({ "type": "string", "maxLength": 256, "description": "What the rule finds" }),
            "id" => {
                json!({ "type": "string", "pattern": UUID, "description": "A UUID that no other rule has" })
            }
            "name" => json!({
                "type": "string", "pattern": "^[a-z0-9_]{3,70}$",
                "description": "The problem seen; the first rule of a file is named as the file"
            }),
            "taxonomy" => json!({ "const": "tetra" }),
            "status" => json!({ "enum": STATUS }),
            "level" => json!({ "enum": levels, "description": "How grave a hit is" }),
            "references" | "falsepositives" => any(),
            "logsource" => json!({
                "type": "object", "required": ["product", "category"], "additionalProperties": false,
                "properties": {
                    "product": { "const": "secure_endpoint" },
                    "category": { "enum": kinds, "description": "The kind of observation that the rule tests" }
                }
            }),
            "related" => json!({ "type": "array", "items": {
                "type": "object", "required": ["id", "type"], "additionalProperties": false,
                "properties": { "id": { "type": "string", "pattern": UUID }, "type": { "enum": RELATED } }
            } }),
            "diagnosis" | "correlation" => reference(key),
            "detection" | "filter" => json!({ "type": "object", "required": ["condition"] }),
            "examples" => json!({ "type": "array" }),
            "date" | "modified" => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
            _ => json!({ "type": "string" }),
        };
        properties.insert(key.into(), value);
    }
    properties
}

fn diagnosis() -> Value {
    let cause = list_of(&reference("cause"));
    json!({
        "type": "object", "required": ["strength", "say"], "additionalProperties": false,
        "anyOf": [{ "required": ["supports"] }, { "required": ["refutes"] }],
        "properties": {
            "supports": cause, "refutes": cause,
            "strength": {
                "enum": Strength::ALL.map(|(_, word, _)| word),
                "description": "proof: the protocol says it; strong: hardly another reading; fair: a hint; weak: often harmless"
            },
            "subject": list_of(&json!({ "type": "string" })),
            "say": text("One sentence on what was seen; {field} takes a value")
        }
    })
}

fn correlation() -> Value {
    let names = list_of(&json!({ "type": "string" }));
    let count = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "field": { "type": "string" },
            "gt": { "type": "integer", "minimum": 0 }, "gte": { "type": "integer", "minimum": 0 }
        },
        "oneOf": [{ "required": ["gt"] }, { "required": ["gte"] }]
    });
    json!({
        "type": "object", "required": ["type", "rules", "timespan"], "additionalProperties": false,
        "properties": {
            "type": { "enum": ["temporal", "temporal_ordered", "event_count", "value_count"] },
            "rules": names, "group-by": names,
            "timespan": { "type": "string", "pattern": SPAN },
            "condition": { "anyOf": [{ "type": "string" }, count] },
            "aliases": { "type": "object", "additionalProperties": { "type": "object" } }
        }
    })
}

/// Examples whose events are of a kind, or of any.
fn examples(kind: &str) -> Value {
    let event = reference(&format!("{kind}.event"));
    let timed = json!({
        "type": "object", "required": ["event"], "additionalProperties": false,
        "properties": { "offset": { "type": "string" }, "event": event }
    });
    json!({
        "type": "array",
        "items": {
            "type": "object", "required": ["expect"], "additionalProperties": false,
            "oneOf": [{ "required": ["event"] }, { "required": ["events"] }],
            "properties": {
                "name": { "type": "string" },
                "expect": { "enum": ["match", "no-match", "cannot-tell"] },
                "event": event,
                "events": { "type": "array", "items": { "if": { "required": ["event"] }, "then": timed, "else": event } },
                "covered": text("How long the sources cover, from the first moment: 40s, 10m")
            }
        }
    })
}
