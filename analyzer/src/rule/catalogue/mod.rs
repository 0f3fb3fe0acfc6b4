//! The files of a pack that are not rules: causes, codes, endpoints, log templates and the pack's own card.

pub(crate) mod causes;
pub(crate) mod codes;
pub(crate) mod endpoints;
pub(crate) mod templates;
mod trial;

use super::problem::Notes;
use super::read::Map;
use super::yaml::{Data, Node};

/// What `pack.yml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Card {
    /// Name of the pack.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The grammar and meaning of rule files that this program knows.
const PROFILE: i64 = 1;

/// Reads `pack.yml`.
pub(crate) fn card(node: &Node, notes: &mut Notes) -> Option<Card> {
    let keys = ["name", "version", "profile", "taxonomy", "licence", "author"];
    let map = Map::read(node, "the pack", &keys, notes)?;
    let name = map.need_text("name", notes)?.to_owned();
    let version = map.need_text("version", notes)?.to_owned();
    let (core, pre) = version.split_once('-').unwrap_or((&version, "1"));
    let parts: Vec<&str> = core.split('.').collect();
    let number =
        |part: &&str| !part.is_empty() && part.len() < 10 && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() != 3 || !parts.iter().all(number) || pre.is_empty() {
        notes.add(map.at("version"), format!("`{version}` is no version like 1.2.3"));
    }
    map.need("profile", notes);
    match map.int("profile", notes) {
        Some(PROFILE) | None => {}
        Some(other) if other > PROFILE => notes.add(
            map.at("profile"),
            format!("the pack needs profile {other} of the rule language; this program knows {PROFILE}: a newer one is needed"),
        ),
        Some(other) => notes.add(map.at("profile"), format!("there is no profile {other}")),
    }
    if map.need_text("taxonomy", notes).is_some_and(|word| word != "tetra") {
        notes.add(map.at("taxonomy"), "this program knows the taxonomy `tetra` only");
    }
    for key in ["licence", "author"] {
        map.text(key, notes);
    }
    Some(Card { name, version })
}

/// Gives the single document of a file.
pub(crate) fn single(mut documents: Vec<Node>, notes: &mut Notes) -> Option<Node> {
    if let Some(second) = documents.get(1) {
        notes.add(second.at, "this file must hold one document");
    }
    if documents.is_empty() {
        notes.add(super::problem::At::START, "the file is empty");
        return None;
    }
    Some(documents.remove(0))
}

/// Says whether a text is a slug: lower-case letters, digits and hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Reads a number that may also be written as hexadecimal text.
pub(crate) fn number(node: &Node) -> Option<i64> {
    match &node.data {
        Data::Int(number, _) => Some(*number),
        Data::Text(text) => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
            i64::from_str_radix(digits, 16).ok()
        }
        _ => None,
    }
}
