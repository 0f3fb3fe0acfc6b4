//! The values that a test compares a field with: checked against the field's type, wildcards and limits.

use std::net::IpAddr;

use regex::Regex;

use super::problem::{At, Notes, nearest};
use super::read::text;
use super::select::{How, With};
use super::taxonomy::{Field, Type};
use super::yaml::{Data, Node};
use crate::model::{REGEX, compile};

/// A field's test as it is written.
pub(crate) struct Written<'a> {
    /// The key with its modifiers.
    pub key: &'a str,
    /// The value.
    pub node: &'a Node,
    /// The field's declaration.
    pub field: &'a Field,
    /// Whether letters' case counts.
    pub cased: bool,
}

impl Written<'_> {
    /// Gives the value or the values of a list.
    fn nodes(&self, notes: &mut Notes) -> Option<Vec<&Node>> {
        match &self.node.data {
            Data::List(items) if items.is_empty() => {
                notes.add(self.node.at, format!("`{}` has no value", self.key));
                None
            }
            Data::List(items) => Some(items.iter().collect()),
            _ => Some(vec![self.node]),
        }
    }

    fn wrong_type(&self, at: At, modifier: &str, notes: &mut Notes) {
        let kind = self.field.kind.name();
        notes.add(at, format!("`{}`: `{modifier}` does not go with a field of type {kind}", self.key));
    }
}

/// Reads plain values, or those of `contains`, `startswith`, `endswith`.
pub(crate) fn values(written: &Written<'_>, modifier: &str, notes: &mut Notes) -> Option<With> {
    let how = match modifier {
        "contains" => How::Contains,
        "startswith" => How::Starts,
        "endswith" => How::Ends,
        _ => How::Equal,
    };
    let textual = matches!(written.field.kind, Type::Text | Type::Enum(_));
    if !textual && (how != How::Equal || written.cased) {
        let modifier = if how == How::Equal { "cased" } else { modifier };
        written.wrong_type(written.node.at, modifier, notes);
        return None;
    }
    let nodes = written.nodes(notes)?;
    let before = notes.problems.len();
    let with = match &written.field.kind {
        Type::Text | Type::Enum(_) => {
            let mut needles = Vec::new();
            for node in nodes {
                let Some(word) = value_text(written, node, notes) else { continue };
                let Some(word) = unescape(word, node.at, how, notes) else { continue };
                if let (Type::Enum(words), How::Equal) = (&written.field.kind, how) {
                    known_word(written.key, &word, words, node.at, notes);
                }
                needles.push(if written.cased { word } else { word.to_lowercase() });
            }
            With::Text { how, cased: written.cased, needles }
        }
        Type::Int => With::Int(nodes.into_iter().filter_map(|node| int(written, node, notes)).collect()),
        Type::Float => {
            With::Float(nodes.into_iter().filter_map(|node| number(written, node, notes)).collect())
        }
        Type::Bool => With::Bool(flag(written, notes)?),
        Type::Ip => With::Ip(nodes.into_iter().filter_map(|node| address(written, node, notes)).collect()),
    };
    (notes.problems.len() == before).then_some(with)
}

/// Notes a word that an enumeration lacks.
pub(crate) fn known_word(key: &str, word: &str, words: &[String], at: At, notes: &mut Notes) {
    if words.iter().any(|known| known == word) {
        return;
    }
    let hint = match nearest(word, words.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if words.len() <= 12 => format!("it is one of {}", words.join(", ")),
        None => format!("see `{key}` in the taxonomy"),
    };
    notes.add(at, format!("`{key}` is never `{word}`; {hint}"));
}

fn value_text<'n>(written: &Written<'_>, node: &'n Node, notes: &mut Notes) -> Option<&'n str> {
    if node.data == Data::Null {
        notes.add(node.at, format!("`{}`: to ask for an absent field write `|exists: false`", written.key));
        return None;
    }
    text(node, format_args!("`{}`", written.key), notes)
}

/// Takes away the backslashes before `*`, `?` and `\`; wildcards without one are refused.
fn unescape(word: &str, at: At, how: How, notes: &mut Notes) -> Option<String> {
    let mut out = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push(letters.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
            '*' | '?' => {
                let hint = if how == How::Equal {
                    "use `|contains`, `|startswith`, `|endswith` or `|re`, or write"
                } else {
                    "write"
                };
                notes.add(at, format!("`{word}`: `{letter}` is no wildcard here; {hint} `\\{letter}`"));
                return None;
            }
            _ => out.push(letter),
        }
    }
    Some(out)
}

fn int(written: &Written<'_>, node: &Node, notes: &mut Notes) -> Option<i64> {
    if let Data::Int(number, _) = node.data {
        return Some(number);
    }
    notes.add(node.at, format!("`{}` must be a whole number, not {}", written.key, node.what()));
    None
}

fn number(written: &Written<'_>, node: &Node, notes: &mut Notes) -> Option<f64> {
    match node.data {
        Data::Int(number, _) => Some(number as f64),
        Data::Float(number, _) => Some(number),
        _ => {
            notes.add(node.at, format!("`{}` must be a number, not {}", written.key, node.what()));
            None
        }
    }
}

fn address(written: &Written<'_>, node: &Node, notes: &mut Notes) -> Option<IpAddr> {
    let word = value_text(written, node, notes)?;
    let parsed = word.parse().ok();
    if parsed.is_none() {
        let hint = if word.contains('/') { "; for a network use `|cidr`" } else { "" };
        notes.add(node.at, format!("`{}`: `{word}` is no IP address{hint}", written.key));
    }
    parsed
}

/// Reads true or false.
pub(crate) fn flag(written: &Written<'_>, notes: &mut Notes) -> Option<bool> {
    if let Data::Bool(yes) = written.node.data {
        return Some(yes);
    }
    notes.add(
        written.node.at,
        format!("`{}` must be true or false, not {}", written.key, written.node.what()),
    );
    None
}

/// Reads the bound of `gt`, `gte`, `lt`, `lte`.
pub(crate) fn bound(written: &Written<'_>, modifier: &str, notes: &mut Notes) -> Option<f64> {
    if !matches!(written.field.kind, Type::Int | Type::Float) {
        written.wrong_type(written.node.at, modifier, notes);
        return None;
    }
    number(written, written.node, notes)
}

/// Reads networks.
pub(crate) fn networks(written: &Written<'_>, notes: &mut Notes) -> Option<With> {
    if written.field.kind != Type::Ip {
        written.wrong_type(written.node.at, "cidr", notes);
        return None;
    }
    let before = notes.problems.len();
    let mut list = Vec::new();
    for node in written.nodes(notes)? {
        let Some(word) = value_text(written, node, notes) else { continue };
        match network(word) {
            Some(net) => list.push(net),
            None => notes.add(node.at, format!("`{}`: `{word}` is no network like 10.0.0.0/8", written.key)),
        }
    }
    (notes.problems.len() == before).then_some(With::Cidr(list))
}

fn network(word: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = word.split_once('/')?;
    let (address, length) = (address.parse::<IpAddr>().ok()?, length.parse::<u8>().ok()?);
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

/// Reads regular expressions.
pub(crate) fn patterns(written: &Written<'_>, any_case: bool, notes: &mut Notes) -> Option<With> {
    if !matches!(written.field.kind, Type::Text | Type::Enum(_)) {
        written.wrong_type(written.node.at, "re", notes);
        return None;
    }
    let before = notes.problems.len();
    let mut list = Vec::new();
    for node in written.nodes(notes)? {
        let Some(word) = value_text(written, node, notes) else { continue };
        list.extend(pattern(word, any_case, node.at, notes));
    }
    (notes.problems.len() == before).then_some(With::Regex(list))
}

/// Compiles a regular expression within the limits.
pub(crate) fn pattern(word: &str, any_case: bool, at: At, notes: &mut Notes) -> Option<Regex> {
    let mut built = Err(regex::Error::CompiledTooBig(0));
    for limit in REGEX {
        if !notes.spend(limit) {
            notes.add(at, "the regular expressions of the packs take too much memory together");
            return None;
        }
        built = compile(word, any_case, limit);
        if !matches!(built, Err(regex::Error::CompiledTooBig(_))) {
            break;
        }
    }
    match built {
        Ok(regex) => Some(regex),
        Err(regex::Error::CompiledTooBig(_)) => {
            notes.add(at, format!("the regular expression `{word}` is too large"));
            None
        }
        Err(error) => {
            let look = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|part| word.contains(part));
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            notes.add(
                at,
                if look {
                    format!("the regular expression `{word}` looks ahead or behind, which this language lacks; use a second test or `not`")
                } else {
                    format!("the regular expression `{word}` cannot be read: {reason}")
                },
            );
            None
        }
    }
}

/// Writes a value as it stands in the file, on one line.
pub(crate) fn shown(node: &Node) -> String {
    match &node.data {
        Data::Null => "null".into(),
        Data::Bool(yes) => yes.to_string(),
        Data::Int(_, raw) | Data::Float(_, raw) => raw.clone(),
        Data::Text(text) => text.clone(),
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Data::Map(_) => "{…}".into(),
    }
}
