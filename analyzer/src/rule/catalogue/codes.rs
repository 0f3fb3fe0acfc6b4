//! `codes.yml`: error codes with their meaning and where it is published.

use crate::model::Code;

use super::super::problem::{At, Notes};
use super::super::read::{Map, list, within};
use super::super::yaml::Node;
use super::number;

/// Most codes of one file.
const CODES: usize = 5_000;

/// A code, its meaning in Chinese and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// The code.
    pub code: Code,
    /// The meaning in Chinese, empty where there is none.
    pub meaning_zh: String,
    /// Path of its file.
    pub file: String,
    /// Where its causes stand.
    pub refers: Vec<(String, At)>,
}

/// Reads `codes.yml`.
pub(crate) fn read(node: &Node, file: &str, into: &mut Vec<Placed>, notes: &mut Notes) {
    let Some(map) = Map::read(node, "the file", &["version", "codes"], notes) else { return };
    let Some(codes) = map.need("codes", notes) else { return };
    let items = list(codes, "`codes`", notes);
    for item in within(items, CODES, ("`codes`", codes.at), notes) {
        let keys = ["family", "number", "name", "meaning", "meaning_zh", "source", "verified", "causes"];
        let Some(body) = Map::read(item, "a code", &keys, notes) else { continue };
        let Some(family) = body.need_text("family", notes) else { continue };
        let Some(node) = body.need("number", notes) else { continue };
        let Some(number) = number(node) else {
            notes.add(node.at, format!("`number` must be a whole number, not {}", node.what()));
            continue;
        };
        // A HRESULT is kept unsigned, however it is written.
        let number = if family == "hresult" && (-0x8000_0000..0).contains(&number) {
            number + 0x1_0000_0000
        } else {
            number
        };
        if into.iter().any(|one| one.code.family == family && one.code.number == number) {
            notes.add(node.at, format!("the {family} code {number} exists already"));
        }
        body.need("verified", notes);
        let refers: Vec<(String, At)> =
            body.texts("causes", notes).into_iter().map(|(slug, at)| (slug.to_owned(), at)).collect();
        into.push(Placed {
            code: Code {
                family: family.to_owned(),
                number,
                name: body.text("name", notes).unwrap_or_default().to_owned(),
                meaning: body.need_text("meaning", notes).unwrap_or_default().to_owned(),
                source: body.need_text("source", notes).unwrap_or_default().to_owned(),
                verified: body.flag("verified", notes).unwrap_or(false),
                causes: refers.iter().map(|(slug, _)| slug.clone()).collect(),
            },
            meaning_zh: body.text("meaning_zh", notes).unwrap_or_default().to_owned(),
            file: file.to_owned(),
            refers,
        });
    }
}
