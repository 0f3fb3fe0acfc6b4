//! Reading of maps, texts and numbers from a YAML tree, with a problem for everything that does not fit.

use std::fmt;

use super::problem::{At, Notes};
use super::yaml::{Data, Entry, Node};

impl Node {
    /// Says what kind of value it is, for messages.
    pub(crate) fn what(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "true or false",
            Data::Int(..) => "a whole number",
            Data::Float(..) => "a number with a fraction",
            Data::Text(_) => "text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

/// A map whose keys were checked.
#[derive(Clone, Copy)]
pub(crate) struct Map<'n> {
    /// Where the map begins.
    pub at: At,
    entries: &'n [Entry],
}

impl<'n> Map<'n> {
    /// Reads a map and notes every key that is not among the known ones.
    pub(crate) fn read(node: &'n Node, what: &str, known: &[&str], notes: &mut Notes) -> Option<Self> {
        let map = Self::open(node, what, notes)?;
        for entry in map.entries {
            if !known.contains(&entry.key.as_str()) {
                notes.unknown(entry.at, &format!("key of {what}"), &entry.key, known.iter().copied());
            }
        }
        Some(map)
    }

    /// Reads a map with free keys.
    pub(crate) fn open(node: &'n Node, what: &str, notes: &mut Notes) -> Option<Self> {
        match &node.data {
            Data::Map(entries) => Some(Self { at: node.at, entries }),
            _ => {
                notes.add(node.at, format!("{what} must be a map, not {}", node.what()));
                None
            }
        }
    }

    /// Walks over keys and values.
    pub(crate) fn entries(&self) -> &'n [Entry] {
        self.entries
    }

    /// Gives the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Gives the value of a key that must be there.
    pub(crate) fn need(&self, key: &str, notes: &mut Notes) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            notes.add(self.at, format!("`{key}` is missing"));
        }
        found
    }

    /// Gives the text of a key that must be there.
    pub(crate) fn need_text(&self, key: &str, notes: &mut Notes) -> Option<&'n str> {
        let node = self.need(key, notes)?;
        text(node, format_args!("`{key}`"), notes)
    }

    /// Gives the text of a key, if it is there.
    pub(crate) fn text(&self, key: &str, notes: &mut Notes) -> Option<&'n str> {
        text(self.get(key)?, format_args!("`{key}`"), notes)
    }

    /// Gives the texts of a key that holds one or a list of them; none if it is absent.
    pub(crate) fn texts(&self, key: &str, notes: &mut Notes) -> Vec<(&'n str, At)> {
        self.get(key).map_or_else(Vec::new, |node| texts(node, format_args!("`{key}`"), notes))
    }

    /// Gives the texts of a key as owned strings.
    pub(crate) fn strings(&self, key: &str, notes: &mut Notes) -> Vec<String> {
        self.texts(key, notes).into_iter().map(|(text, _)| text.to_owned()).collect()
    }

    /// Gives the truth of a key, if it is there.
    pub(crate) fn flag(&self, key: &str, notes: &mut Notes) -> Option<bool> {
        let node = self.get(key)?;
        if let Data::Bool(yes) = node.data {
            return Some(yes);
        }
        notes.add(node.at, format!("`{key}` must be true or false, not {}", node.what()));
        None
    }

    /// Gives the whole number of a key, if it is there.
    pub(crate) fn int(&self, key: &str, notes: &mut Notes) -> Option<i64> {
        let node = self.get(key)?;
        if let Data::Int(number, _) = node.data {
            return Some(number);
        }
        notes.add(node.at, format!("`{key}` must be a whole number, not {}", node.what()));
        None
    }

    /// Gives the place of a key's value, or of the map.
    pub(crate) fn at(&self, key: &str) -> At {
        self.get(key).map_or(self.at, |node| node.at)
    }
}

/// Reads text; a number is a problem with the hint to quote it.
pub(crate) fn text<'n>(node: &'n Node, what: impl fmt::Display, notes: &mut Notes) -> Option<&'n str> {
    match &node.data {
        Data::Text(text) => return Some(text),
        Data::Int(_, raw) | Data::Float(_, raw) => {
            notes.add(
                node.at,
                format!("{what} must be text, but {raw} is a number to YAML; write it in quotes: '{raw}'"),
            );
        }
        _ => notes.add(node.at, format!("{what} must be text, not {}", node.what())),
    }
    None
}

/// Reads one text or a list of texts.
pub(crate) fn texts<'n>(node: &'n Node, what: impl fmt::Display, notes: &mut Notes) -> Vec<(&'n str, At)> {
    match &node.data {
        Data::List(items) => {
            items.iter().filter_map(|item| Some((text(item, &what, notes)?, item.at))).collect()
        }
        _ => text(node, what, notes).map(|text| (text, node.at)).into_iter().collect(),
    }
}

/// Reads the items of a list.
pub(crate) fn list<'n>(node: &'n Node, what: &str, notes: &mut Notes) -> &'n [Node] {
    match &node.data {
        Data::List(items) => items,
        _ => {
            notes.add(node.at, format!("{what} must be a list, not {}", node.what()));
            &[]
        }
    }
}

/// Gives the first items of a list, and notes where it is longer.
pub(crate) fn within<'n, T>(
    items: &'n [T],
    most: usize,
    (what, at): (&str, At),
    notes: &mut Notes,
) -> &'n [T] {
    if items.len() > most {
        notes.add(at, format!("{what}: more than {most}"));
    }
    items.get(..most).unwrap_or(items)
}

/// Reads a span of time, `500ms`, `30s`, `10m`, `2h` or `1d`, as nanoseconds.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let unit: i64 = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    };
    let mut total = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut scale = unit;
    for digit in part.chars() {
        scale /= 10;
        total = total.checked_add(i64::from(digit.to_digit(10)?).checked_mul(scale)?)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::yaml::parse;

    #[test]
    fn spans_of_time_are_read() {
        assert_eq!(duration("500ms"), Some(500_000_000));
        assert_eq!(duration("0.9s"), Some(900_000_000));
        assert_eq!(duration("10m"), Some(600_000_000_000));
        assert_eq!(duration("1d"), Some(86_400_000_000_000));
        for wrong in ["10", "s", "1w", "-1s", "1.2.3s", "99999999999999999d"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn wrong_types_are_told_with_a_hint() {
        let nodes = parse("a: 0x80092013\nb: [x]\nc: 1\n").unwrap();
        let mut notes = Notes::default();
        let map = Map::read(&nodes[0], "the test", &["a", "b"], &mut notes).unwrap();
        assert_eq!(map.text("a", &mut notes), None);
        assert_eq!(map.strings("b", &mut notes), ["x"]);
        let texts: Vec<&str> = notes.problems.iter().map(|problem| problem.text.as_str()).collect();
        assert!(texts[0].starts_with("unknown key of the test `c`"), "{texts:?}");
        assert!(texts[1].ends_with("write it in quotes: '0x80092013'"), "{texts:?}");
    }
}
