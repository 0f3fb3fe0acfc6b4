//! Sentences that were built in English, in another language: found again by their form.
//!
//! Derivers and the diagnosis state in English, which the JSON report keeps. Each sentence has a fixed form with places to
//! fill in; the table of a language gives the same form there. What stands in the places is translated likewise, and what
//! has no known form (names, addresses, text of the input) stays as it is. Tests hold the table against the sources.

mod walk;
mod zh;
mod zh_commands;
mod zh_tls;

use std::borrow::Cow;

use super::words::{Lang, fill};
use crate::model::Analysis;

/// The table of Chinese, in its parts.
const ZH: Table = &[zh::TABLE, zh_tls::TABLE];
/// The same, with what only the commands beside the report say: some of it is too short to be looked for in a report.
const ZH_COMMANDS: Table = &[zh::TABLE, zh_tls::TABLE, zh_commands::TABLE];

/// Forms in English with those of another language.
type Table = &'static [&'static [(&'static str, &'static str)]];

/// How deep a sentence may stand in another.
const DEPTH: usize = 4;
/// Longest text that is looked at, in bytes.
const LONGEST: usize = 2_000;

/// Gives every sentence of an analysis in another language.
pub fn translate(analysis: &mut Analysis, lang: Lang) {
    match lang {
        Lang::En => {}
        Lang::Zh => walk::texts(analysis, &mut |text| {
            if let Some(other) = sentence(text, ZH, DEPTH) {
                *text = other;
            }
        }),
    }
}

/// Gives a sentence of a command in a language, with the blanks that it begins with; what has no known form stays.
pub fn say(text: &str, lang: Lang) -> Cow<'_, str> {
    let bare = text.trim_start();
    let other = match lang {
        Lang::En => None,
        Lang::Zh => sentence(bare, ZH_COMMANDS, DEPTH),
    };
    let blanks = text.strip_suffix(bare).unwrap_or_default();
    other.map_or(Cow::Borrowed(text), |other| Cow::Owned(format!("{blanks}{other}")))
}

/// Translates a sentence of a known form; of several forms the one with most words of its own counts.
fn sentence(text: &str, table: Table, depth: usize) -> Option<String> {
    if text.is_empty() || text.len() > LONGEST || depth == 0 {
        return None;
    }
    let mut best: Option<(usize, &str, Vec<&str>)> = None;
    for (english, other) in table.iter().copied().flatten() {
        let weight = english.len();
        if best.as_ref().is_some_and(|best| best.0 >= weight) {
            continue;
        }
        if let Some(places) = matched(text, english) {
            // Forms of punctuation alone say nothing unless a place of theirs is a sentence.
            let bare = !english.contains(|c: char| c.is_ascii_alphabetic());
            let told =
                |place: &&str| place.chars().any(is_han) || sentence(place, table, depth - 1).is_some();
            if !bare || places.iter().any(told) {
                best = Some((weight, other, places));
            }
        }
    }
    let (_, other, places) = best?;
    let places: Vec<String> = places
        .into_iter()
        .map(|place| sentence(place, table, depth - 1).unwrap_or_else(|| place.to_owned()))
        .collect();
    Some(fill(other, &places.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Gives what stands in the places of a form, if the text has that form.
fn matched<'t>(text: &'t str, form: &str) -> Option<Vec<&'t str>> {
    let mut parts = form.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty().then(Vec::new) };
    let mut places = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        let (place, after) = if part.is_empty() { (rest, "") } else { rest.split_once(part)? };
        places.push(place);
        rest = after;
    }
    places.push(rest.strip_suffix(last)?);
    // Where something stands, it is not empty; only what is attached at the end may be.
    let attached = form.ends_with("{}") && !form.ends_with(" {}");
    let empty = places.iter().rposition(|place| place.trim().is_empty());
    empty.is_none_or(|at| attached && at + 1 == places.len()).then_some(places)
}

#[cfg(test)]
mod tests;
