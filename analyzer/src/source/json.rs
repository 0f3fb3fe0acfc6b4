//! JSON as machines leave it: cut off, with unknown keys, too large. What stands before the break is kept.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

/// How many values of one document are kept.
const VALUES: usize = 200_000;

/// A value of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// Nothing, or what could not be read.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number; those beyond 64 bits are pinned to the ends.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Json>),
    /// Named values in the order of the document.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// Reads a document; the second part says in one sentence what ended it early.
    ///
    /// What follows the first value is passed over.
    pub fn read(text: &str) -> (Self, Option<String>) {
        let mut root = Self::Null;
        let mut left = VALUES;
        let mut reader = serde_json::Deserializer::from_str(text);
        let problem = Slot { into: &mut root, left: &mut left }.deserialize(&mut reader).err().map(|error| {
            if error.is_eof() {
                format!("the JSON ends in the middle (line {}, column {})", error.line(), error.column())
            } else {
                format!("the JSON is broken: {error}")
            }
        });
        (root, problem)
    }

    /// Gives the value of a name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Gives the value of the first of several names, without regard to case.
    pub fn any(&self, names: &[&str]) -> Option<&Self> {
        names.iter().find_map(|name| {
            self.entries().iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    }

    /// Gives the named values, none for anything but a map.
    pub fn entries(&self) -> &[(String, Self)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// Gives the values of a list, none for anything else.
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// Gives a text.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Gives a text, or a number as text.
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Gives a whole number, also one written as text.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Gives a number.
    pub fn float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            // Numbers of this size are exact enough.
            Self::Int(number) => Some(*number as f64),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// Gives yes or no, also where it is written as a number or text.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(*yes),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::List(items) => {
                f.write_str("[")?;
                for (position, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if position > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (position, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}\"{key}\":{value}", if position > 0 { "," } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// The place a value is read into, so that what was read stays when the document breaks off.
struct Slot<'a> {
    into: &'a mut Json,
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.left.checked_sub(1) {
            Some(left) => *self.left = left,
            None => return Err(D::Error::custom(format!("more than {VALUES} values"))),
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Slot<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, yes: bool) -> Result<(), E> {
        *self.into = Json::Bool(yes);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        *self.into = Json::Int(number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        *self.into = Json::Int(i64::try_from(number).unwrap_or(i64::MAX));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        *self.into = Json::Float(number);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.into = Json::Text(text.to_owned());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        *self.into = Json::List(Vec::new());
        loop {
            // The item goes into the list before it is complete.
            let mut item = Json::Null;
            let read = access.next_element_seed(Slot { into: &mut item, left: self.left });
            let Json::List(items) = &mut *self.into else { return Ok(()) };
            if matches!(read, Ok(Some(()))) || item != Json::Null {
                items.push(item);
            }
            if read?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        *self.into = Json::Map(Vec::new());
        while let Some(key) = access.next_key::<String>()? {
            let mut value = Json::Null;
            let read = access.next_value_seed(Slot { into: &mut value, left: self.left });
            let Json::Map(entries) = &mut *self.into else { return Ok(()) };
            if read.is_ok() || value != Json::Null {
                entries.push((key, value));
            }
            read?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_stands_before_the_break() {
        let (root, problem) = Json::read(r#"{"connected":true,"list":[1,{"a":"b"},{"c":[2"#);
        assert_eq!(root.to_string(), r#"{"connected":true,"list":[1,{"a":"b"},{"c":[2]}]}"#);
        assert_eq!(problem.unwrap(), "the JSON ends in the middle (line 1, column 45)");
        let (root, problem) = Json::read("{\"connected\":true,\"engi");
        assert_eq!(root.to_string(), r#"{"connected":true}"#);
        assert!(problem.is_some());
    }

    #[test]
    fn reads_whole_documents() {
        let (root, problem) = Json::read("{\"a\":[null,-1,1.5,18446744073709551615]} PS C:\\>");
        assert_eq!(root.to_string(), format!(r#"{{"a":[null,-1,1.5,{}]}}"#, i64::MAX));
        assert_eq!(problem, None);
        assert_eq!(root.any(&["A"]).unwrap().items().len(), 4);
    }

    #[test]
    fn bounds_depth_and_number() {
        let (_, problem) = Json::read(&"[".repeat(100_000));
        assert!(problem.unwrap().contains("recursion limit"));
        let (root, problem) = Json::read(&format!("[{}0]", "0,".repeat(300_000)));
        assert_eq!(root.items().len(), VALUES - 1);
        assert!(problem.unwrap().contains("more than 200000 values"));
    }
}
