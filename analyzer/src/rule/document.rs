//! The head of a rule document: who it is, what it is about, and which form it has.

use crate::model::Kind;

use super::problem::{At, Notes};
use super::read::Map;
use super::vote::Level;
use super::yaml::Node;

/// The keys of a rule.
pub(crate) const KEYS: [&str; 20] = [
    "title",
    "id",
    "name",
    "taxonomy",
    "status",
    "description",
    "author",
    "date",
    "modified",
    "references",
    "falsepositives",
    "logsource",
    "detection",
    "correlation",
    "level",
    "related",
    "filter",
    "diagnosis",
    "examples",
    "license",
];
/// How settled a rule can be.
pub(crate) const STATUS: [&str; 5] = ["stable", "test", "experimental", "deprecated", "unsupported"];
/// How rules can be related.
pub(crate) const RELATED: [&str; 5] = ["derived", "obsolete", "merged", "renamed", "similar"];

/// What a document declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Tests of single observations of a kind.
    Detection(Kind),
    /// A relation between hits of other rules.
    Correlation,
    /// An exception to other rules of a kind.
    Filter(Kind),
}

/// A rule document whose head was read.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Number of its pack.
    pub pack: usize,
    /// Path in the pack.
    pub file: String,
    /// The whole document.
    pub node: Node,
    /// The title.
    pub title: String,
    /// The name by which rules refer to it.
    pub name: String,
    /// Where the name stands.
    pub at: At,
    /// The UUID.
    pub id: String,
    /// Where the UUID stands.
    pub id_at: At,
    /// How grave a hit is.
    pub level: Level,
    /// Ids of rules that this one replaces.
    pub obsolete: Vec<(String, At)>,
    /// What it declares.
    pub form: Form,
}

/// Reads the head of a document; `first` is the file's stem for the first one of a file.
pub(crate) fn read(
    node: Node,
    (pack, file): (usize, &str),
    first: Option<&str>,
    notes: &mut Notes,
) -> Option<Document> {
    let map = Map::read(&node, "a rule", &KEYS, notes)?;
    let title = map.need_text("title", notes).unwrap_or_default().to_owned();
    if title.len() > 256 {
        notes.add(map.at("title"), "the title is longer than 256 bytes");
    }
    let name = map.need_text("name", notes)?.to_owned();
    let at = map.at("name");
    check_name(&name, at, first, notes);
    let id = map.need_text("id", notes)?.to_lowercase();
    if !is_uuid(&id) {
        notes.add(map.at("id"), format!("`{id}` is no UUID"));
    }
    if map.text("taxonomy", notes).is_some_and(|word| word != "tetra") {
        notes.add(map.at("taxonomy"), "this program knows the taxonomy `tetra` only");
    }
    for key in ["description", "author", "license", "date", "modified"] {
        map.text(key, notes);
    }
    for key in ["references", "falsepositives"] {
        map.texts(key, notes);
    }
    one_of(&map, "status", &STATUS, notes);
    let levels = Level::ALL.map(|(_, name)| name);
    map.need("level", notes);
    let level = one_of(&map, "level", &levels, notes)
        .and_then(|word| Level::ALL.into_iter().find(|(_, name)| *name == word))
        .map_or(Level::Informational, |(level, _)| level);
    let obsolete = read_related(&map, notes);
    let form = read_form(&map, notes)?;
    let id_at = map.at("id");
    Some(Document { pack, file: file.to_owned(), node, title, name, at, id, id_at, level, obsolete, form })
}

fn check_name(name: &str, at: At, first: Option<&str>, notes: &mut Notes) {
    let fits = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !fits || !(3..=70).contains(&name.len()) {
        notes.add(at, format!("the name `{name}` must be 3 to 70 lower-case letters, digits and `_`"));
    }
    let Some(stem) = first else { return };
    if stem != name {
        notes.add(at, format!("the first rule of a file is named as the file: `{stem}`, not `{name}`"));
    } else if name.len() < 10 {
        notes.add(at, format!("the name `{name}` of a file must have 10 to 70 characters"));
    }
}

fn one_of<'n>(map: &Map<'n>, key: &str, words: &[&str], notes: &mut Notes) -> Option<&'n str> {
    let word = map.text(key, notes)?;
    if words.contains(&word) {
        return Some(word);
    }
    notes.unknown(map.at(key), key, word, words.iter().copied());
    None
}

/// Says whether a text is a UUID in lower case.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn read_related(map: &Map<'_>, notes: &mut Notes) -> Vec<(String, At)> {
    let mut obsolete = Vec::new();
    let Some(node) = map.get("related") else { return obsolete };
    for item in super::read::list(node, "`related`", notes) {
        let Some(entry) = Map::read(item, "`related`", &["id", "type"], notes) else { continue };
        let Some(id) = entry.need_text("id", notes) else { continue };
        if !is_uuid(&id.to_lowercase()) {
            notes.add(entry.at("id"), format!("`{id}` is no UUID"));
        }
        if one_of(&entry, "type", &RELATED, notes) == Some("obsolete") {
            obsolete.push((id.to_lowercase(), entry.at("id")));
        }
    }
    obsolete
}

fn read_form(map: &Map<'_>, notes: &mut Notes) -> Option<Form> {
    let present: Vec<&str> =
        ["detection", "correlation", "filter"].into_iter().filter(|key| map.get(key).is_some()).collect();
    match present.as_slice() {
        ["correlation"] => {
            if map.get("logsource").is_some() {
                notes.add(map.at("logsource"), "a correlation has no `logsource`; its members have");
            }
            Some(Form::Correlation)
        }
        ["detection"] => Some(Form::Detection(read_kind(map, notes)?)),
        ["filter"] => {
            for key in ["diagnosis", "examples"] {
                if map.get(key).is_some() {
                    notes.add(map.at(key), format!("a filter has no `{key}`"));
                }
            }
            Some(Form::Filter(read_kind(map, notes)?))
        }
        _ => {
            notes.add(map.at, "a rule needs one of `detection`, `correlation` and `filter`");
            None
        }
    }
}

fn read_kind(map: &Map<'_>, notes: &mut Notes) -> Option<Kind> {
    let node = map.need("logsource", notes)?;
    let source = Map::read(node, "`logsource`", &["product", "category"], notes)?;
    if source.need_text("product", notes).is_some_and(|word| word != "secure_endpoint") {
        notes.add(source.at("product"), "`product` must be `secure_endpoint`");
    }
    let word = source.need_text("category", notes)?;
    let kind = Kind::from_name(word);
    if kind.is_none() {
        notes.unknown(source.at("category"), "kind", word, Kind::ALL.iter().map(|(_, name)| *name));
    }
    kind
}
