//! YAML as a tree in which every value knows its line and column.
//!
//! Rule files are written by people: anchors, aliases, tags and repeated keys are refused, so that a file cannot
//! grow when it is read, and what stands there is what is meant.

use std::collections::BTreeSet;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

/// A place in a file, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// The line.
    pub line: u32,
    /// The column in characters.
    pub column: u32,
}

/// Most values in one file.
const NODES: usize = 200_000;
/// Deepest nesting.
const DEPTH: usize = 24;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Where it begins.
    pub at: At,
    /// What it is.
    pub data: Data,
}

/// What a value is. Numbers keep the text they were written as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64, String),
    /// A number with a fraction.
    Float(f64, String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file.
    Map(Vec<Entry>),
}

/// A key, its place and its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: At,
    /// The value.
    pub value: Node,
}

/// What is being built: a list, or a map with the key whose value comes next.
enum Open {
    List(At, Vec<Node>),
    Map(At, Vec<Entry>, Option<(String, At)>, BTreeSet<String>),
}

/// Reads all documents of a file; empty ones are left out.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, (At, String)> {
    let mut left = usize::MAX;
    parse_within(text, &mut left)
}

/// Reads all documents of a file, and takes its values from what may still be read.
pub(crate) fn parse_within(text: &str, left: &mut usize) -> Result<Vec<Node>, (At, String)> {
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut nodes = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| (place(*error.marker()), error.info()))?;
        let at = at(span);
        nodes += 1;
        if nodes > NODES {
            return Err((at, format!("more than {NODES} values in one file")));
        }
        let Some(fewer) = left.checked_sub(1) else {
            return Err((at, "with this file the pack has too many values".into()));
        };
        *left = fewer;
        let done = match event {
            Event::Scalar(_, _, anchor, ref tag) if anchor != 0 || tag.is_some() => {
                return Err((at, "anchors and tags are not allowed".into()));
            }
            Event::SequenceStart(_, anchor, ref tag) | Event::MappingStart(_, anchor, ref tag)
                if anchor != 0 || tag.is_some() =>
            {
                return Err((at, "anchors and tags are not allowed".into()));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return Err((at, "aliases are not allowed".into()));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH => {
                return Err((at, format!("nested deeper than {DEPTH}")));
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(at, Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(at, Vec::new(), None, BTreeSet::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(at, items)) => Node { at, data: Data::List(items) },
                Some(Open::Map(at, entries, ..)) => Node { at, data: Data::Map(entries) },
                None => continue,
            },
            Event::Scalar(text, style, ..) => {
                if let Some(Open::Map(_, _, key @ None, known)) = open.last_mut() {
                    if !known.insert(text.as_ref().to_owned()) {
                        return Err((at, format!("the key `{text}` stands here twice")));
                    }
                    *key = Some((text.into_owned(), at));
                    continue;
                }
                Node { at, data: scalar(&text, style) }
            }
            _ => continue,
        };
        match open.last_mut() {
            Some(Open::List(_, items)) => items.push(done),
            Some(Open::Map(_, entries, key, _)) => match key.take() {
                Some((key, at)) => entries.push(Entry { key, at, value: done }),
                None => return Err((done.at, "a key must be text".into())),
            },
            None if done.data == Data::Null => {}
            None => documents.push(done),
        }
    }
    Ok(documents)
}

fn at(span: Span) -> At {
    place(span.start)
}

fn place(marker: serde_saphyr::granit_parser::Marker) -> At {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    At { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}

/// Reads a scalar as YAML 1.2 (core schema) does; words that YAML 1.1 takes for booleans stay text.
fn scalar(text: &str, style: ScalarStyle) -> Data {
    if style != ScalarStyle::Plain {
        return Data::Text(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        _ => {}
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(number) = whole(digits) {
        return match i64::try_from(number * sign) {
            Ok(number) => Data::Int(number, text.into()),
            Err(_) => Data::Text(text.into()),
        };
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Data::Float(number, text.into()),
        _ => Data::Text(text.into()),
    }
}

fn whole(digits: &str) -> Option<i128> {
    if let Some(hex) = digits.strip_prefix("0x") {
        return i128::from_str_radix(hex, 16)
            .ok()
            .filter(|_| hex.len() <= 16 && !hex.starts_with(['+', '-']));
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return i128::from_str_radix(octal, 8)
            .ok()
            .filter(|_| octal.len() <= 22 && !octal.starts_with(['+', '-']));
    }
    let plain = !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        parse(text).unwrap().remove(0)
    }

    #[test]
    fn values_know_their_place_and_type() {
        let Data::Map(entries) = one("a: 0x80092013\nb: ['1', 1.5, -2100, yes, ~]\n").data else { panic!() };
        assert_eq!(entries[0].value.data, Data::Int(0x8009_2013, "0x80092013".into()));
        assert_eq!(entries[1].at, At { line: 2, column: 1 });
        let Data::List(items) = &entries[1].value.data else { panic!() };
        assert_eq!(items[0].data, Data::Text("1".into()));
        assert_eq!(items[1].data, Data::Float(1.5, "1.5".into()));
        assert_eq!(items[2].data, Data::Int(-2100, "-2100".into()));
        assert_eq!(items[2].at, At { line: 2, column: 15 });
        assert_eq!(items[3].data, Data::Text("yes".into()));
        assert_eq!(items[4].data, Data::Null);
    }

    #[test]
    fn documents_are_split_and_empty_ones_left_out() {
        assert_eq!(parse("a: 1\n---\n---\nb: 2\n").unwrap().len(), 2);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_could_grow_or_mislead_is_refused() {
        for text in ["a: &x 1\nb: *x\n", "a: !!str 1\n", "a: 1\na: 2\n", "[a, b", "? [a]\n: b\n", "a: *x\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(5000)).is_err());
        assert!(parse(&format!("[{}]", "1,".repeat(NODES))).is_err());
    }

    #[test]
    fn a_syntax_error_names_its_place() {
        let (at, _) = parse("a: 1\nb: [1\nc: 2\n").unwrap_err();
        assert!(at.line >= 2);
    }
}
