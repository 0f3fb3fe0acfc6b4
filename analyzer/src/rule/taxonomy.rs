//! What rules may speak of: the kinds, fields, types and enumerations of `taxonomy.yml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Kind;

use super::problem::{At, Notes};
use super::read::{Map, text, texts};
use super::yaml::Node;

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Yes or no.
    Bool,
    /// An address.
    Ip,
    /// One of some words.
    Enum(Arc<Vec<String>>),
}

impl Type {
    /// Gives the name that the taxonomy uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Ip => "ip",
            Self::Enum(_) => "enum",
        }
    }
}

/// A field of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its type.
    pub kind: Type,
    /// Whether it holds several values.
    pub list: bool,
    /// Whether its text is lower case.
    pub fold: bool,
    /// What it means.
    pub doc: String,
}

/// A kind: which sources yield it and what fields it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindSpec {
    /// What it is.
    pub doc: String,
    /// The sources that could show it.
    pub from: Vec<String>,
    /// Its fields by name, the common ones included.
    pub fields: BTreeMap<String, Field>,
}

/// The kinds by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taxonomy {
    kinds: BTreeMap<&'static str, KindSpec>,
}

impl Taxonomy {
    /// Gives the declaration of a kind.
    pub fn kind(&self, kind: Kind) -> Option<&KindSpec> {
        self.kinds.get(kind.name())
    }

    /// Gives the declaration of a field of a kind.
    pub fn field(&self, kind: Kind, field: &str) -> Option<&Field> {
        self.kind(kind)?.fields.get(field)
    }

    /// Walks over all kinds in the order of their names.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &KindSpec)> {
        self.kinds.iter().map(|(name, spec)| (*name, spec))
    }

    /// Reads `taxonomy.yml` of the core pack.
    pub(crate) fn read(&mut self, node: &Node, notes: &mut Notes) {
        let keys = ["taxonomy", "version", "common", "enums", "kinds"];
        let Some(map) = Map::read(node, "the taxonomy", &keys, notes) else { return };
        if map.need_text("taxonomy", notes).is_some_and(|name| name != "tetra") {
            notes.add(map.at("taxonomy"), "this program knows the taxonomy `tetra` only");
        }
        let mut enums = BTreeMap::new();
        if let Some(shared) = map.get("enums").and_then(|node| Map::open(node, "`enums`", notes)) {
            for entry in shared.entries() {
                let words = texts(&entry.value, "an enumeration", notes);
                enums.insert(entry.key.as_str(), Arc::new(owned(words)));
            }
        }
        let common = map.get("common").map(|node| read_fields(node, &enums, notes)).unwrap_or_default();
        let Some(kinds) = map.need("kinds", notes).and_then(|node| Map::open(node, "`kinds`", notes)) else {
            return;
        };
        for entry in kinds.entries() {
            let Some(kind) = Kind::from_name(&entry.key) else {
                notes.unknown(entry.at, "kind", &entry.key, Kind::ALL.iter().map(|(_, name)| *name));
                continue;
            };
            let Some(body) = Map::read(&entry.value, "a kind", &["doc", "from", "fields"], notes) else {
                continue;
            };
            let mut fields =
                body.need("fields", notes).map(|node| read_fields(node, &enums, notes)).unwrap_or_default();
            fields.extend(common.clone());
            let doc = body.text("doc", notes).unwrap_or_default().trim().to_owned();
            self.kinds.insert(kind.name(), KindSpec { doc, from: body.strings("from", notes), fields });
        }
    }

    /// Adds the fields of another pack, whose names must begin with `x.`.
    pub(crate) fn extend(&mut self, node: &Node, notes: &mut Notes) {
        let mut added = Self::default();
        added.read(node, notes);
        let mut refused = Vec::new();
        for (name, spec) in added.kinds {
            let known = self.kinds.entry(name).or_default();
            for (field, spec) in spec.fields {
                if field.starts_with("x.") {
                    known.fields.entry(field).or_insert(spec);
                } else if !known.fields.contains_key(&field) {
                    refused.push(field);
                }
            }
        }
        for field in refused {
            notes.add(node.at, format!("field `{field}`: a pack may add fields only under `x.`"));
        }
    }
}

fn owned(words: Vec<(&str, At)>) -> Vec<String> {
    words.into_iter().map(|(word, _)| word.to_owned()).collect()
}

fn read_fields(
    node: &Node,
    enums: &BTreeMap<&str, Arc<Vec<String>>>,
    notes: &mut Notes,
) -> BTreeMap<String, Field> {
    let mut fields = BTreeMap::new();
    let Some(map) = Map::open(node, "the fields", notes) else { return fields };
    for entry in map.entries() {
        let keys = ["type", "values", "list", "fold", "doc", "was"];
        let Some(body) = Map::read(&entry.value, "a field", &keys, notes) else { continue };
        let Some(kind) = read_type(&body, enums, notes) else { continue };
        let list = body.flag("list", notes).unwrap_or(false);
        let fold = body.flag("fold", notes).unwrap_or(false);
        let doc = body.text("doc", notes).unwrap_or_default().to_owned();
        fields.insert(entry.key.clone(), Field { kind, list, fold, doc });
    }
    fields
}

fn read_type(body: &Map<'_>, enums: &BTreeMap<&str, Arc<Vec<String>>>, notes: &mut Notes) -> Option<Type> {
    let word = body.need_text("type", notes)?;
    Some(match word {
        "string" => Type::Text,
        "int" => Type::Int,
        "float" => Type::Float,
        "bool" => Type::Bool,
        "ip" => Type::Ip,
        "enum" => {
            let values = body.need("values", notes)?;
            if matches!(values.data, super::yaml::Data::List(_)) {
                Type::Enum(Arc::new(owned(texts(values, "`values`", notes))))
            } else {
                let name = text(values, "`values`", notes)?;
                let Some(words) = enums.get(name) else {
                    notes.unknown(values.at, "enumeration", name, enums.keys().copied());
                    return None;
                };
                Type::Enum(Arc::clone(words))
            }
        }
        _ => {
            let known = ["string", "int", "float", "bool", "ip", "enum"];
            notes.unknown(body.at("type"), "type", word, known);
            return None;
        }
    })
}

/// Reads the taxonomy of this repository, for tests.
#[cfg(test)]
pub(crate) fn real() -> Taxonomy {
    let nodes = super::yaml::parse(include_str!("../../../rules/taxonomy.yml")).unwrap();
    let (mut taxonomy, mut notes) = (Taxonomy::default(), Notes::default());
    taxonomy.read(&nodes[0], &mut notes);
    assert_eq!(notes.problems, []);
    taxonomy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taxonomy_declares_every_kind_of_the_program() {
        let taxonomy = real();
        for (kind, name) in Kind::ALL {
            let spec = taxonomy.kind(kind).unwrap_or_else(|| panic!("{name}"));
            assert!(!spec.from.is_empty(), "{name}");
            assert!(spec.fields.contains_key("endpoint"), "{name}");
        }
        let outcome = taxonomy.field(Kind::DnsTransaction, "dns.outcome").unwrap();
        assert!(matches!(&outcome.kind, Type::Enum(words) if words.contains(&"nxdomain".to_owned())));
        assert!(taxonomy.field(Kind::DnsTransaction, "dns.addresses").unwrap().list);
    }

    #[test]
    fn another_pack_adds_only_under_x() {
        let nodes = super::super::yaml::parse(
            "taxonomy: tetra\nkinds: {setting: {fields: {x.a: {type: int}, y.b: {type: int}}}}\n",
        )
        .unwrap();
        let (mut taxonomy, mut notes) = (real(), Notes::default());
        taxonomy.extend(&nodes[0], &mut notes);
        assert!(taxonomy.field(Kind::Setting, "x.a").is_some());
        assert!(taxonomy.field(Kind::Setting, "setting.key").is_some());
        assert_eq!(notes.problems.len(), 1);
    }
}
