//! `templates/*.yml`: lines of the connector's log that mean something.

use crate::model::LogTemplate;

use super::super::operand;
use super::super::problem::Notes;
use super::super::read::{Map, list, within};
use super::super::yaml::Node;

/// Most templates of one file.
const TEMPLATES: usize = 1_000;
/// Named groups that become fields.
const GROUPS: [&str; 4] = ["code", "host", "component", "text"];

/// Reads a file of templates.
pub(crate) fn read(node: &Node, into: &mut Vec<LogTemplate>, notes: &mut Notes) {
    let Some(map) = Map::read(node, "the file", &["version", "templates"], notes) else { return };
    let Some(templates) = map.need("templates", notes) else { return };
    let items = list(templates, "`templates`", notes);
    for item in within(items, TEMPLATES, ("`templates`", templates.at), notes) {
        if let Some(template) = one(item, notes) {
            if into.iter().any(|known| known.event == template.event) {
                notes.add(item.at, format!("the event `{}` exists already", template.event));
            }
            into.push(template);
        }
    }
}

fn one(item: &Node, notes: &mut Notes) -> Option<LogTemplate> {
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
    let pattern = operand::pattern(body.need_text("pattern", notes)?, false, body.at("pattern"), notes)?;
    for group in pattern.capture_names().flatten() {
        if !GROUPS.contains(&group) {
            notes.unknown(body.at("pattern"), "group", group, GROUPS);
        }
    }
    body.need("examples", notes);
    // Groups are not asked for where there are none: that would be a second search, by a slower engine.
    let has_code = pattern.capture_names().flatten().any(|group| group == "code");
    for (line, at) in body.texts("examples", notes) {
        let groups = if has_code { pattern.captures(line) } else { None };
        if !line.contains(&literal) {
            notes.add(at, format!("the example does not contain the literal `{literal}`"));
        } else if groups.is_none() && (has_code || !pattern.is_match(line)) {
            notes.add(at, "the pattern does not match this example");
        }
        let code = groups.and_then(|found| found.name("code").map(|code| code.as_str().to_owned()));
        if let Some(code) = code.filter(|code| !is_number(code)) {
            notes.add(at, format!("the group `code` takes `{code}`, which is no number"));
        }
    }
    Some(LogTemplate { event, literal, pattern, verified })
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.map_or_else(|| text.parse::<i64>().is_ok(), |digits| i64::from_str_radix(digits, 16).is_ok())
        || (text.len() == 8 && i64::from_str_radix(text, 16).is_ok())
}
