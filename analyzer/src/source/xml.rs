//! XML as machines leave it: namespaces, DTDs, entities, broken in the middle. What stands before the break is kept.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt;

use quick_xml::de::{Deserializer, EntityResolver, SliceReader};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesText, Event};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::text::head;
use crate::model::{Locator, Sink};

/// What stands for an entity that is not resolved.
const UNRESOLVED: &str = "\u{fffc}";
/// How many different entities are noted.
const ENTITIES: usize = 8;
/// Longest part of an element's name that is kept.
const NAME: usize = 80;

/// Walks over the elements that hold text, in the order of the document: XPath (without prefixes and positions) and text.
///
/// Entities other than the five of XML itself are not resolved: an element that uses one is left out. Such elements, a DTD and
/// a break in the document are noted.
pub fn walk(text: &str, sink: &mut Sink, visit: &mut dyn FnMut(&str, &str, &mut Sink)) {
    let start = text.find('<').unwrap_or(text.len());
    let body = text.get(start..).unwrap_or_default();
    let Some(root) = root_name(body) else {
        sink.anomaly(Locator::Whole, "is no XML document");
        return;
    };
    let entities = RefCell::new(Vec::new());
    let mut path = format!("/{root}");
    let mut reader: Deserializer<'_, SliceReader<'_>, Entities<'_>> =
        Deserializer::from_str_with_resolver(body, Entities { refused: &entities });
    // As a map, so that line ends between the declaration, the DTD and the root do not count as the text of the document.
    let read = serde::Deserializer::deserialize_map(&mut reader, Element { path: &mut path, sink, visit });
    drop(reader);
    for what in entities.into_inner() {
        // The name of an entity is not shown: it may be a part of a secret that was not escaped.
        let refused = if what.starts_with('&') { "an entity is not resolved" } else { "the DTD is not read" };
        sink.anomaly(Locator::Line(line_of(text, text.find(&what).unwrap_or(0))), refused);
    }
    if let Err(error) = read {
        let line = line_of(text, start.saturating_add(break_position(body)));
        sink.anomaly(Locator::Line(line), format!("the XML is broken: {error}; what stands before is used"));
    }
}

/// Gives the line of a byte, counted from 1.
fn line_of(text: &str, position: usize) -> u64 {
    let before = text.as_bytes().get(..position).unwrap_or(text.as_bytes());
    u64::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(u64::MAX).saturating_add(1)
}

/// Finds the name of the outermost element.
fn root_name(text: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name();
                return Some(head(name.as_ref(), NAME).to_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Finds where a document breaks.
fn break_position(text: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return text.len(),
            Ok(_) => {}
            Err(_) => return usize::try_from(reader.error_position()).unwrap_or(text.len()),
        }
    }
}

/// Resolves the entities of XML itself and remembers the others.
struct Entities<'a> {
    refused: &'a RefCell<Vec<String>>,
}

impl Entities<'_> {
    fn remember(&self, what: String) {
        let mut seen = self.refused.borrow_mut();
        if seen.len() < ENTITIES && !seen.contains(&what) {
            seen.push(what);
        }
    }
}

impl EntityResolver for Entities<'_> {
    type Error = Infallible;

    fn capture(&mut self, _: BytesText) -> Result<(), Infallible> {
        self.remember("<!DOCTYPE".to_owned());
        Ok(())
    }

    fn resolve(&self, entity: &str) -> Option<&str> {
        resolve_predefined_entity(entity).or_else(|| {
            self.remember(format!("&{};", head(entity, NAME)));
            Some(UNRESOLVED)
        })
    }
}

/// An element at a path, that tells its text when it ends.
struct Element<'a> {
    path: &'a mut String,
    sink: &'a mut Sink,
    visit: &'a mut dyn FnMut(&str, &str, &mut Sink),
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.tell(text);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let mut text = String::new();
        let mut leaf = true;
        while let Some(name) = access.next_key::<String>()? {
            if name == "$text" {
                text.push_str(&access.next_value::<String>()?);
            } else if name.starts_with('@') {
                access.next_value::<IgnoredAny>()?;
            } else {
                leaf = false;
                let parent = self.path.len();
                self.path.push('/');
                self.path.push_str(head(&name, NAME));
                access.next_value_seed(Element { path: self.path, sink: self.sink, visit: self.visit })?;
                self.path.truncate(parent);
            }
        }
        if leaf {
            self.tell(&text);
        }
        Ok(())
    }
}

impl Element<'_> {
    fn tell(self, text: &str) {
        if text.contains(UNRESOLVED) {
            self.sink.anomaly(
                Locator::Element(self.path.clone()),
                "the element uses an entity that is not resolved: it is left out",
            );
        } else {
            (self.visit)(self.path, text.trim(), self.sink);
        }
    }
}

/// Shows an element as it stands in its document.
pub(crate) fn excerpt(path: &str, text: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("<{name}>{}</{name}>", head(text, 160))
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;

    fn elements(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let mut sink = Sink::new(SourceId::LocalXml, "local.xml");
        let mut found = Vec::new();
        walk(text, &mut sink, &mut |path, text, _| found.push((path.to_owned(), text.to_owned())));
        let anomalies = sink.finish().1;
        (found, anomalies.into_iter().map(|anomaly| format!("{}: {}", anomaly.at, anomaly.what)).collect())
    }

    fn pair(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn walks_in_order_without_prefixes() {
        let text = "<?xml version=\"1.0\"?>\n<s:a xmlns:s='x' k='v'><s:b>1 &amp; 2</s:b><c/><b><![CDATA[<3>]]></b></s:a>";
        let (found, anomalies) = elements(text);
        assert_eq!(found, [pair("/a/b", "1 & 2"), pair("/a/c", ""), pair("/a/b", "<3>")]);
        assert_eq!(anomalies, Vec::<String>::new());
        assert_eq!(elements("<config></config>").0, [pair("/config", "")]);
        assert_eq!(elements("<config>1</config>").0, [pair("/config", "1")]);
    }

    #[test]
    fn keeps_what_stands_before_the_break() {
        let (found, anomalies) = elements("<a>\n<b>1</b>\n<c>2</d>\n</a>");
        assert_eq!(found, [pair("/a/b", "1")]);
        assert_eq!(anomalies.len(), 1);
        assert!(anomalies[0].starts_with("line 3: the XML is broken: "), "{anomalies:?}");
        let (found, anomalies) = elements("<a>\n<b>1</b>\n<c>42949");
        assert_eq!(found, [pair("/a/b", "1")]);
        assert!(anomalies[0].starts_with("line 3: "), "{anomalies:?}");
    }

    #[test]
    fn refuses_dtd_and_entities_and_reads_the_rest() {
        let text = "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<a>\n<b>&e;</b><c>&lt;2</c></a>";
        let (found, anomalies) = elements(text);
        assert_eq!(found, [pair("/a/c", "<2")]);
        assert_eq!(
            anomalies,
            [
                "/a/b: the element uses an entity that is not resolved: it is left out",
                "line 1: the DTD is not read",
                "line 3: an entity is not resolved",
            ]
        );
    }

    #[test]
    fn bounds_the_depth() {
        let (_, anomalies) = elements(&"<a>".repeat(100_000));
        assert!(anomalies[0].contains("too deeply nested"), "{anomalies:?}");
        assert_eq!(elements("no document").1, [": is no XML document"]);
    }
}
