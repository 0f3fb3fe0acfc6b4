//! The part of the schema that comes from the taxonomy: what every kind's fields may be compared with, and hold.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::taxonomy::{Field, KindSpec, Taxonomy, Type};
use super::{list_of, reference};

/// Modifiers of text that say what is compared, then those that may stand beside them.
const PARTS: &str =
    r"(\|(contains|startswith|endswith|all|neq|cased))*\|(contains|startswith|endswith)(\|(all|neq|cased))*";
const REGEX: &str = r"(\|(all|neq|cased|i))*\|re(\|(all|neq|cased|i))*";

/// Makes the definitions of types, then of every kind: names, detection, filter and event; `any` is of all kinds together.
pub(super) fn definitions(taxonomy: &Taxonomy) -> Map<String, Value> {
    let mut types = Types { out: Map::new(), enumerations: BTreeMap::new() };
    types.basic();
    let mut all: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (kind, spec) in taxonomy.kinds() {
        define(kind, spec, &mut types);
        for (name, field) in spellings(spec) {
            let forms = all.entry(name).or_default();
            let form = types.held(field);
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    let any = all.into_iter().map(|(name, forms)| (name.to_owned(), json!({ "anyOf": forms }))).collect();
    types.out.insert("any.event".into(), event(any));
    types.out
}

/// The definitions so far, with the enumerations by their words, so that none stands there twice.
struct Types {
    out: Map<String, Value>,
    enumerations: BTreeMap<Vec<String>, String>,
}

impl Types {
    fn basic(&mut self) {
        for (name, one) in [
            ("text", json!({ "type": "string" })),
            ("ip", json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+$" })),
            ("int", json!({ "type": "integer" })),
            ("float", json!({ "type": "number" })),
            ("bool", json!({ "type": "boolean" })),
        ] {
            self.insert(name.to_owned(), one);
        }
    }

    /// Defines a type, and one of it or a list.
    fn insert(&mut self, name: String, one: Value) {
        self.out.insert(format!("{name}.list"), list_of(&reference(&name)));
        self.out.insert(name, one);
    }

    /// Names the definition of a field's type.
    fn name(&mut self, field: &Field) -> String {
        match &field.kind {
            Type::Text => "text".into(),
            Type::Ip => "ip".into(),
            Type::Int => "int".into(),
            Type::Float => "float".into(),
            Type::Bool => "bool".into(),
            Type::Enum(words) => {
                if let Some(name) = self.enumerations.get(words.as_ref()) {
                    return name.clone();
                }
                let name = format!("words.{}", self.enumerations.len() + 1);
                self.enumerations.insert(words.as_ref().clone(), name.clone());
                self.insert(name.clone(), json!({ "enum": words.as_slice() }));
                name
            }
        }
    }

    /// What an observation's field holds.
    fn held(&mut self, field: &Field) -> Value {
        let name = self.name(field);
        reference(&if field.list { format!("{name}.list") } else { name })
    }
}

fn define(kind: &str, spec: &KindSpec, types: &mut Types) {
    let names: Vec<&str> = spellings(spec).map(|(name, _)| name).collect();
    types.out.insert(format!("{kind}.names"), json!({ "enum": names }));
    let events = spellings(spec).map(|(name, field)| (name.to_owned(), types.held(field))).collect();
    types.out.insert(format!("{kind}.event"), event(events));
    let mut plain = Map::new();
    let mut by_type: BTreeMap<(String, &'static str), Vec<&str>> = BTreeMap::new();
    for (name, field) in spellings(spec) {
        let kind = types.name(field);
        let mut test = Map::new();
        // Draft 7 heeds nothing beside a reference, so the words about the field stand one level up.
        test.insert("allOf".into(), json!([reference(&format!("{kind}.list"))]));
        if !field.doc.is_empty() {
            test.insert("description".into(), field.doc.clone().into());
        }
        plain.insert(name.to_owned(), Value::Object(test));
        by_type.entry((kind, field.kind.name())).or_default().push(name);
    }
    let mut modified = Map::new();
    let mut add = |names: &[&str], modifiers: &str, value: Value| {
        modified.insert(format!("^({}){modifiers}$", names.join("|").replace('.', r"\.")), value);
    };
    add(&names, r"\|exists", reference("bool"));
    add(&names, r"(\|neq)?\|fieldref(\|neq)?", reference(&format!("{kind}.names")));
    for ((name, word), fields) in &by_type {
        let own = reference(&format!("{name}.list"));
        match *word {
            "string" | "enum" => {
                add(fields, PARTS, reference("text.list"));
                add(fields, REGEX, reference("text.list"));
                add(fields, r"(\|(all|neq|cased))+", own);
            }
            "int" | "float" => {
                add(fields, r"\|(gt|gte|lt|lte)", reference("float"));
                add(fields, r"(\|(all|neq))+", own);
            }
            "ip" => {
                add(fields, r"(\|(all|neq))*\|cidr(\|(all|neq))*", reference("text.list"));
                add(fields, r"(\|(all|neq))+", own);
            }
            _ => add(fields, r"\|neq", own),
        }
    }
    let items = json!({
        "type": "object", "minProperties": 1, "additionalProperties": false,
        "properties": plain, "patternProperties": modified
    });
    types.insert(format!("{kind}.items"), items);
    let block = |required: &[&str]| {
        let mut properties = json!({ "condition": reference("text") });
        if required.contains(&"rules") {
            properties = json!({ "condition": reference("text"), "rules": reference("text.list") });
        }
        json!({
            "type": "object", "required": required, "properties": properties,
            "propertyNames": { "pattern": "^[A-Za-z0-9_]+$" },
            "additionalProperties": reference(&format!("{kind}.items.list"))
        })
    };
    types.out.insert(format!("{kind}.detection"), block(&["condition"]));
    types.out.insert(format!("{kind}.filter"), block(&["condition", "rules"]));
}

/// Gives the fields by name, with `host` as the other name of `endpoint`.
fn spellings(spec: &KindSpec) -> impl Iterator<Item = (&str, &Field)> {
    let host = spec.fields.get("endpoint").map(|field| ("host", field));
    spec.fields.iter().map(|(name, field)| (name.as_str(), field)).chain(host)
}

fn event(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
