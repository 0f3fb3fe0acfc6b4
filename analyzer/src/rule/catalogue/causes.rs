//! `causes.yml` and its translations.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Cause;

use super::super::problem::{At, Notes, Problem};
use super::super::read::{Map, within};
use super::super::yaml::Node;
use super::is_slug;

const CATEGORIES: [&str; 6] = ["dns", "connect", "tls", "interrupt", "proxy", "endpoint"];

/// Most causes of one file.
const CAUSES: usize = 2_000;
/// Most causes to which one leads.
const LEADS: usize = 64;

/// A cause and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// The cause.
    pub cause: Cause,
    /// Path of its file.
    pub file: String,
    /// Where its slug stands.
    pub at: At,
    /// Where its references stand.
    pub refers: Vec<(String, At)>,
}

/// Texts of another language, by slug and by name of the rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// Title, advice for the user, advice for the engineer.
    pub causes: BTreeMap<String, (String, Vec<String>, Vec<String>)>,
    /// Titles of rules.
    pub titles: BTreeMap<String, String>,
    /// Sentences of rules, with their places.
    pub says: BTreeMap<String, (String, At)>,
    /// Where the slugs and the names of rules stand.
    pub places: BTreeMap<String, At>,
    /// Path of the file.
    pub file: String,
}

/// Reads `causes.yml`; stages are those of the taxonomy.
pub(crate) fn read(node: &Node, file: &str, stages: &[String], into: &mut Vec<Placed>, notes: &mut Notes) {
    let Some(map) = Map::read(node, "the file", &["version", "causes"], notes) else { return };
    map.need("version", notes);
    if map.int("version", notes).is_some_and(|version| version != 1) {
        notes.add(map.at("version"), "this program knows version 1 of this file");
    }
    let Some(causes) = map.need("causes", notes).and_then(|node| Map::open(node, "`causes`", notes)) else {
        return;
    };
    for entry in within(causes.entries(), CAUSES, ("`causes`", causes.at), notes) {
        if !is_slug(&entry.key) {
            notes.add(entry.at, format!("`{}` must be lower-case letters, digits and hyphens", entry.key));
        }
        if into.iter().any(|placed| placed.cause.slug == entry.key) {
            notes.add(entry.at, format!("the cause `{}` exists already", entry.key));
            continue;
        }
        let keys = ["title", "category", "stage", "leads_to", "refines", "user", "engineer", "docs"];
        let Some(body) = Map::read(&entry.value, "a cause", &keys, notes) else { continue };
        let word = |key: &str, known: &[&str], notes: &mut Notes| {
            let word = body.need_text(key, notes).unwrap_or_default();
            if !word.is_empty() && !known.contains(&word) {
                notes.unknown(body.at(key), key, word, known.iter().copied());
            }
            word.to_owned()
        };
        let known: Vec<&str> = stages.iter().map(String::as_str).collect();
        let leads = body.texts("leads_to", notes);
        let leads = within(&leads, LEADS, ("`leads_to`", body.at("leads_to")), notes);
        let mut refers: Vec<(String, At)> =
            leads.iter().map(|(slug, at)| ((*slug).to_owned(), *at)).collect();
        let cause = Cause {
            slug: entry.key.clone(),
            category: word("category", &CATEGORIES, notes),
            stage: word("stage", &known, notes),
            title: body.need_text("title", notes).unwrap_or_default().to_owned(),
            leads_to: refers.iter().map(|(slug, _)| slug.clone()).collect(),
            refines: body.text("refines", notes).map(str::to_owned),
            user: body.strings("user", notes),
            engineer: body.strings("engineer", notes),
            docs: body.strings("docs", notes),
        };
        for key in ["user", "engineer"] {
            body.need(key, notes);
        }
        refers.extend(cause.refines.iter().map(|slug| (slug.clone(), body.at("refines"))));
        into.push(Placed { cause, file: file.to_owned(), at: entry.at, refers });
    }
}

/// Reads `causes.<language>.yml`.
pub(crate) fn read_texts(node: &Node, file: &str, into: &mut Texts, notes: &mut Notes) {
    let Some(map) = Map::read(node, "the file", &["version", "causes", "rules"], notes) else { return };
    file.clone_into(&mut into.file);
    if let Some(causes) = map.get("causes").and_then(|node| Map::open(node, "`causes`", notes)) {
        for entry in causes.entries() {
            let Some(body) = Map::read(&entry.value, "a cause", &["title", "user", "engineer"], notes) else {
                continue;
            };
            into.places.insert(entry.key.clone(), entry.at);
            let title = body.need_text("title", notes).unwrap_or_default().to_owned();
            let texts = (title, body.strings("user", notes), body.strings("engineer", notes));
            into.causes.insert(entry.key.clone(), texts);
        }
    }
    if let Some(rules) = map.get("rules").and_then(|node| Map::open(node, "`rules`", notes)) {
        for entry in rules.entries() {
            let Some(body) = Map::read(&entry.value, "a rule", &["title", "say"], notes) else { continue };
            if let Some(title) = body.text("title", notes) {
                into.titles.insert(entry.key.clone(), title.to_owned());
            }
            let Some(say) = body.need_text("say", notes) else { continue };
            into.places.insert(entry.key.clone(), entry.at);
            into.says.insert(entry.key.clone(), (say.to_owned(), body.at("say")));
        }
    }
}

/// Notes references to causes that do not exist, and circles in `leads_to` and `refines`.
pub(crate) fn check(causes: &[Placed], problems: &mut Vec<Problem>) {
    let known: BTreeMap<&str, &Placed> =
        causes.iter().map(|placed| (placed.cause.slug.as_str(), placed)).collect();
    for placed in causes {
        let mut notes = Notes::default();
        notes.enter(&placed.file);
        for (slug, at) in &placed.refers {
            if !known.contains_key(slug.as_str()) {
                notes.unknown(*at, "cause", slug, known.keys().copied());
            }
        }
        problems.append(&mut notes.problems);
    }
    for (key, next) in [("leads_to", leads_to as fn(&Cause) -> Vec<&str>), ("refines", refines)] {
        for placed in in_circles(&known, next).into_iter().filter(|placed| circle(placed, &known, next)) {
            let mut notes = Notes::default();
            notes.enter(&placed.file);
            notes.add(placed.at, format!("`{}` leads back to itself by `{key}`", placed.cause.slug));
            problems.append(&mut notes.problems);
        }
    }
}

/// Most causes that are looked at one by one because they may lead back to themselves.
const SUSPECTS: usize = 100;

/// Gives causes that may lead back to themselves: those left when all that lead nowhere else are taken away, again and again.
fn in_circles<'c>(known: &BTreeMap<&str, &'c Placed>, next: fn(&Cause) -> Vec<&str>) -> Vec<&'c Placed> {
    let mut before: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for (slug, placed) in known {
        let goals = next(&placed.cause);
        let goals = goals.into_iter().filter_map(|goal| known.get_key_value(goal).map(|(goal, _)| *goal));
        let goals: Vec<&str> = goals.collect();
        ways.insert(slug, goals.len());
        for goal in goals {
            before.entry(goal).or_default().push(slug);
        }
    }
    let mut ends: Vec<&str> = ways.iter().filter(|(_, ways)| **ways == 0).map(|(slug, _)| *slug).collect();
    while let Some(end) = ends.pop() {
        for slug in before.remove(end).unwrap_or_default() {
            if let Some(left) = ways.get_mut(slug) {
                *left -= 1;
                if *left == 0 {
                    ends.push(slug);
                }
            }
        }
    }
    let left = ways.iter().filter(|(_, ways)| **ways > 0);
    left.filter_map(|(slug, _)| known.get(slug).copied()).take(SUSPECTS).collect()
}

fn leads_to(cause: &Cause) -> Vec<&str> {
    cause.leads_to.iter().map(String::as_str).collect()
}

fn refines(cause: &Cause) -> Vec<&str> {
    cause.refines.iter().map(String::as_str).collect()
}

fn circle(from: &Placed, known: &BTreeMap<&str, &Placed>, next: fn(&Cause) -> Vec<&str>) -> bool {
    let mut open: Vec<&str> = next(&from.cause);
    let mut seen = BTreeSet::new();
    while let Some(slug) = open.pop() {
        if slug == from.cause.slug {
            return true;
        }
        if let Some(placed) = known.get(slug).filter(|_| seen.insert(slug)) {
            open.extend(next(&placed.cause));
        }
    }
    false
}
