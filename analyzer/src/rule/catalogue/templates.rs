//! `templates/*.yml`: lines of the connector's log that mean something.

use crate::model::{LogTemplate, Pattern, REGEX};

use super::super::operand;
use super::super::problem::{At, Notes};
use super::super::read::{Map, list, within};
use super::super::yaml::Node;
use super::trial::{Trial, Trials};

/// Most templates of one file.
const TEMPLATES: usize = 1_000;
/// Named groups that become fields.
const GROUPS: [&str; 4] = ["code", "host", "component", "text"];

/// Reads a file of templates.
pub(crate) fn read(node: &Node, into: &mut Vec<LogTemplate>, notes: &mut Notes) {
    let Some(map) = Map::read(node, "the file", &["version", "templates"], notes) else { return };
    let Some(templates) = map.need("templates", notes) else { return };
    let items = list(templates, "`templates`", notes);
    let trials = Trials::default();
    for item in within(items, TEMPLATES, ("`templates`", templates.at), notes) {
        if let Some(template) = one(item, &trials, notes) {
            if into.iter().any(|known| known.event == template.event) {
                notes.add(item.at, format!("the event `{}` exists already", template.event));
            }
            into.push(template);
        }
    }
}

fn one(item: &Node, trials: &Trials, notes: &mut Notes) -> Option<LogTemplate> {
    let keys = ["event", "literal", "pattern", "verified", "source", "versions", "examples"];
    let body = Map::read(item, "a template", &keys, notes)?;
    let event = body.need_text("event", notes)?.to_owned();
    let literal = body.need_text("literal", notes)?.to_owned();
    if literal.len() < 4 {
        notes.add(body.at("literal"), format!("the literal `{literal}` is shorter than 4 bytes"));
    }
    body.need("verified", notes);
    let verified = body.flag("verified", notes).unwrap_or(false);
    if body.text("source", notes).is_none() && verified {
        notes.add(body.at, "a verified template names its `source`");
    }
    body.texts("versions", notes);
    let (pattern, mut trial) = pattern(body.need_text("pattern", notes)?, body.at("pattern"), trials, notes)?;
    for group in trial.groups(&pattern) {
        if !GROUPS.contains(&group) {
            notes.unknown(body.at("pattern"), "group", group, GROUPS);
        }
    }
    body.need("examples", notes);
    for (line, at) in body.texts("examples", notes) {
        let code = trial.code(&pattern, line);
        if !line.contains(&literal) {
            notes.add(at, format!("the example does not contain the literal `{literal}`"));
        } else if code.is_none() {
            notes.add(at, "the pattern does not match this example");
        }
        if let Some(code) = code.flatten().filter(|code| !is_number(code)) {
            notes.add(at, format!("the group `code` takes `{code}`, which is no number"));
        }
    }
    Some(LogTemplate { event, literal, pattern, verified })
}

/// Reads a pattern, and makes it ready for its examples.
fn pattern(word: &str, at: At, trials: &Trials, notes: &mut Notes) -> Option<(Pattern, Trial)> {
    let [small, _] = REGEX;
    if let Some(trial) = trials.of(word).filter(|_| notes.spend(small)) {
        return Some((Pattern::new(word), trial));
    }
    // A large one, or none: that takes longer, and says what is wrong.
    let regex = operand::pattern(word, false, at, notes)?;
    Some((regex.into(), Trial::whole()))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.map_or_else(|| text.parse::<i64>().is_ok(), |digits| i64::from_str_radix(digits, 16).is_ok())
        || (text.len() == 8 && i64::from_str_radix(text, 16).is_ok())
}
