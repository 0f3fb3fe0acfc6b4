//! Reads the `detection:` and `filter:` blocks of a rule: selections with their modifiers, types and values.

use crate::model::Kind;

use super::condition;
use super::layout::Layout;
use super::operand;
use super::problem::{At, Notes};
use super::read::{Map, text};
use super::select::{Detection, Item, Order, Selection, With};
use super::taxonomy::{Field, Taxonomy, Type};
use super::yaml::{Data, Entry, Node};

/// Most selections of one rule.
const SELECTIONS: usize = 100;
/// The modifiers that the profile knows.
pub(crate) const MODIFIERS: [&str; 15] = [
    "contains",
    "startswith",
    "endswith",
    "re",
    "i",
    "cidr",
    "gt",
    "gte",
    "lt",
    "lte",
    "exists",
    "fieldref",
    "neq",
    "all",
    "cased",
];

/// Reads the selections of a block and its condition; keys in `skip` belong to the block itself.
pub(crate) fn read(
    node: &Node,
    kind: Kind,
    skip: &[&str],
    (taxonomy, layout): (&Taxonomy, &mut Layout),
    notes: &mut Notes,
) -> Option<Detection> {
    let map = Map::open(node, "the block", notes)?;
    let mut selections = Vec::new();
    for entry in map.entries() {
        if entry.key == "condition" || skip.contains(&entry.key.as_str()) {
            continue;
        }
        if entry.key == "timeframe" {
            notes.add(entry.at, "`timeframe` is not known; write a correlation with `timespan`");
            continue;
        }
        if !entry.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            notes.add(entry.at, format!("selection `{}`: names are of letters, digits and `_`", entry.key));
        }
        if selections.len() >= SELECTIONS {
            notes.add(entry.at, format!("more than {SELECTIONS} selections"));
            return None;
        }
        let mut reader = Reader { kind, taxonomy, layout, notes };
        let any_of = reader.selection(entry);
        selections.push(Selection { name: entry.key.clone(), at: entry.at, any_of });
    }
    let names: Vec<(&str, At)> = selections.iter().map(|one| (one.name.as_str(), one.at)).collect();
    let condition = map.need("condition", notes)?;
    if let Data::List(_) = condition.data {
        notes.add(condition.at, "several conditions are not allowed; join them with `or`");
        return None;
    }
    let words = text(condition, "`condition`", notes)?;
    let condition = condition::parse(words, condition.at, &names, notes)?;
    Some(Detection { selections, condition })
}

struct Reader<'a> {
    kind: Kind,
    taxonomy: &'a Taxonomy,
    layout: &'a mut Layout,
    notes: &'a mut Notes,
}

impl Reader<'_> {
    fn selection(&mut self, entry: &Entry) -> Vec<Vec<Item>> {
        let name = &entry.key;
        match &entry.value.data {
            Data::Map(entries) if !entries.is_empty() => vec![self.items(entries)],
            Data::List(alternatives) if !alternatives.is_empty() => {
                let mut any_of = Vec::new();
                for node in alternatives {
                    match &node.data {
                        Data::Map(entries) if !entries.is_empty() => any_of.push(self.items(entries)),
                        _ => self.keyword(name, node.at),
                    }
                }
                any_of
            }
            _ => {
                self.keyword(name, entry.value.at);
                Vec::new()
            }
        }
    }

    fn keyword(&mut self, name: &str, at: At) {
        self.notes.add(
            at,
            format!("selection `{name}` needs a map of fields and values: keywords without a field are not allowed"),
        );
    }

    fn items(&mut self, entries: &[Entry]) -> Vec<Item> {
        let mut items: Vec<Item> = entries.iter().filter_map(|entry| self.item(entry)).collect();
        items.sort_by_key(Item::cost);
        items
    }

    fn item(&mut self, entry: &Entry) -> Option<Item> {
        let mut words = entry.key.split('|');
        let name = words.next().unwrap_or_default();
        let modifiers: Vec<&str> = words.collect();
        if name.is_empty() {
            self.keyword(&entry.key, entry.at);
            return None;
        }
        let (name, field) = self.field(name, entry.at)?;
        for modifier in &modifiers {
            if !MODIFIERS.contains(modifier) {
                self.notes.unknown(entry.at, "modifier", modifier, MODIFIERS);
                return None;
            }
        }
        let slot = self.layout.slot(self.kind, name);
        let all = modifiers.contains(&"all");
        let none = modifiers.contains(&"neq");
        let main: Vec<&str> = modifiers
            .iter()
            .copied()
            .filter(|word| !matches!(*word, "all" | "neq" | "cased" | "i"))
            .collect();
        let cased = modifiers.contains(&"cased");
        let problem = if main.len() > 1 {
            Some(format!("`{}` do not go together", main.join("` and `")))
        } else if modifiers.contains(&"i") && main != ["re"] {
            Some("`i` goes with `re` only".to_owned())
        } else if all && none {
            Some("`all` and `neq` do not go together".to_owned())
        } else if all && !matches!(&entry.value.data, Data::List(values) if values.len() > 1) {
            Some("`all` needs a list of at least two values".to_owned())
        } else {
            None
        };
        if let Some(problem) = problem {
            self.notes.add(entry.at, format!("`{}`: {problem}", entry.key));
            return None;
        }
        let main = main.first().copied().unwrap_or_default();
        let written = operand::Written { key: &entry.key, node: &entry.value, field: &field, cased };
        let with = match main {
            "fieldref" => With::Field(self.reference(&written, cased || all)?),
            "exists" if all || none || cased => {
                self.notes.add(entry.at, "`exists` takes no other modifier");
                return None;
            }
            "exists" => With::Exists(operand::flag(&written, self.notes)?),
            "gt" | "gte" | "lt" | "lte" if all || none || cased => {
                self.notes.add(entry.at, format!("`{main}` takes no other modifier"));
                return None;
            }
            "gt" | "gte" | "lt" | "lte" => {
                let order = Order::from_name(main)?;
                With::Order(order, operand::bound(&written, main, self.notes)?)
            }
            "cidr" => operand::networks(&written, self.notes)?,
            "re" => operand::patterns(&written, modifiers.contains(&"i"), self.notes)?,
            _ => operand::values(&written, main, self.notes)?,
        };
        let shown = operand::shown(&entry.value);
        Some(Item { at: entry.at, key: entry.key.clone(), shown, slot, all, none, with })
    }

    /// Finds a field of the kind; `host` is another name of `endpoint`.
    fn field<'w>(&mut self, name: &'w str, at: At) -> Option<(&'w str, Field)> {
        let name = if name == "host" { "endpoint" } else { name };
        if let Some(field) = self.taxonomy.field(self.kind, name) {
            return Some((name, field.clone()));
        }
        let known = self.taxonomy.kind(self.kind).map(|spec| &spec.fields);
        let what = format!("field of {}", self.kind.name());
        self.notes.unknown(
            at,
            &what,
            name,
            known.into_iter().flat_map(|fields| fields.keys().map(String::as_str)),
        );
        None
    }

    fn reference(&mut self, written: &operand::Written<'_>, other_modifiers: bool) -> Option<usize> {
        if other_modifiers {
            self.notes.add(written.node.at, "`fieldref` goes with `neq` only");
            return None;
        }
        let name = text(written.node, "the name of a field", self.notes)?;
        let (name, other) = self.field(name, written.node.at)?;
        let number = |kind: &Type| matches!(kind, Type::Int | Type::Float);
        let words = |kind: &Type| matches!(kind, Type::Text | Type::Enum(_));
        let (left, right) = (&written.field.kind, &other.kind);
        if left != right && !(number(left) && number(right)) && !(words(left) && words(right)) {
            let (left, right) = (left.name(), right.name());
            self.notes.add(written.node.at, format!("`{}`: {left} cannot equal {right}", written.key));
            return None;
        }
        Some(self.layout.slot(self.kind, name))
    }
}

#[cfg(test)]
mod tests;
