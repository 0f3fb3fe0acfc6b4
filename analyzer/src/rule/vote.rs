//! What a rule says about causes: the `diagnosis:` block, its four strengths and its sentence.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Observation, shorten};

use super::problem::{At, Notes, nearest};
use super::read::{Map, texts};
use super::yaml::Node;

/// How much a hit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// A hint.
    Weak,
    /// More for than against.
    Fair,
    /// Hard to explain otherwise.
    Strong,
    /// Nothing else explains it.
    Proof,
}

impl Strength {
    /// Every strength with its word and its weight.
    pub const ALL: [(Self, &'static str, f64); 4] = [
        (Self::Weak, "weak", 0.25),
        (Self::Fair, "fair", 0.5),
        (Self::Strong, "strong", 0.8),
        (Self::Proof, "proof", 0.97),
    ];

    /// Gives the weight for the ranking, from 0 to 1.
    pub fn weight(self) -> f64 {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or(0.0, |(.., weight)| *weight)
    }

    /// Gives the word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }
}

/// How grave a finding is, in Sigma's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing to do.
    #[default]
    Informational,
    /// Hardly anything.
    Low,
    /// To look at.
    Medium,
    /// To do.
    High,
    /// To do at once.
    Critical,
}

impl Level {
    /// Every level with its word.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Informational, "informational"),
        (Self::Low, "low"),
        (Self::Medium, "medium"),
        (Self::High, "high"),
        (Self::Critical, "critical"),
    ];

    /// Gives the word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }
}

/// A sentence with places for fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Say {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(String),
    /// Begin and end of what is left out where one of its fields is not known.
    Open,
    Close,
}

impl Say {
    /// Reads a sentence and notes placeholders that are no fields.
    pub(crate) fn read(text: &str, at: At, fields: &[&str], notes: &mut Notes) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            words(before, &mut parts);
            let Some((name, behind)) = after.split_once('}') else {
                notes.add(at, "`say`: a `}` is missing");
                return Self { parts };
            };
            rest = behind;
            let name = if name == "host" { "endpoint" } else { name };
            if !fields.contains(&name) {
                let hint = nearest(name, fields.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean `{{{near}}}`?"));
                notes.add(at, format!("`say`: `{{{name}}}` is no field of this rule{hint}"));
            }
            parts.push(Part::Field(name.to_owned()));
        }
        words(rest, &mut parts);
        let marks: String = text.matches(['[', ']']).collect();
        if marks != "[]".repeat(marks.len() / 2) {
            notes.add(at, "`say`: a `[` without its `]`, or one in another");
        }
        Self { parts }
    }

    /// Fills in the fields of the matched observations; the first that has a field counts. Where none has it, it is `unknown`,
    /// or what stands in brackets around it is left out.
    pub(crate) fn render(&self, observations: &[&Observation], unknown: &str) -> String {
        let mut out = String::new();
        let mut begun = 0;
        let mut is_whole = true;
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(name) => {
                    let value = observations.iter().find_map(|observation| value(observation, name));
                    is_whole &= value.is_some();
                    out.push_str(value.as_deref().unwrap_or(unknown));
                }
                Part::Open => (begun, is_whole) = (out.len(), true),
                Part::Close if !is_whole => out.truncate(begun),
                Part::Close => {}
            }
        }
        out
    }
}

/// Takes words without fields, and the brackets among them.
fn words(text: &str, parts: &mut Vec<Part>) {
    for piece in text.split_inclusive(['[', ']']) {
        let bare = piece.trim_end_matches(['[', ']']);
        parts.push(Part::Text(bare.to_owned()));
        match piece.strip_prefix(bare) {
            Some("[") => parts.push(Part::Open),
            Some("]") => parts.push(Part::Close),
            _ => {}
        }
    }
}

/// Gives a field of an observation as text on one line.
pub(crate) fn value(observation: &Observation, field: &str) -> Option<String> {
    let text = match field {
        "endpoint" => observation.endpoint.clone()?,
        "attempt" => observation.attempt?.to_string(),
        _ => observation.fields.get(field)?.to_string(),
    };
    Some(shorten(&text))
}

/// The `diagnosis:` block of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Vote {
    /// Where the block stands.
    pub at: At,
    /// Causes it speaks for, with their places.
    pub supports: Vec<(String, At)>,
    /// Causes it speaks against, with their places.
    pub refutes: Vec<(String, At)>,
    /// How much it says.
    pub strength: Strength,
    /// Fields that tell findings apart.
    pub subject: Vec<String>,
    /// The fields that sentences may name.
    pub fields: Vec<String>,
    /// The sentence.
    pub say: Say,
    /// The sentence in other languages.
    pub says: BTreeMap<String, Say>,
}

/// Reads a `diagnosis:` block of a rule that knows these fields.
pub(crate) fn read(node: &Node, fields: &[&str], notes: &mut Notes) -> Option<Vote> {
    let keys = ["supports", "refutes", "strength", "subject", "say"];
    let map = Map::read(node, "`diagnosis`", &keys, notes)?;
    let causes = |key: &str, notes: &mut Notes| -> Vec<(String, At)> {
        map.texts(key, notes).into_iter().map(|(slug, at)| (slug.to_owned(), at)).collect()
    };
    let (supports, refutes) = (causes("supports", notes), causes("refutes", notes));
    if supports.is_empty() && refutes.is_empty() {
        notes.add(map.at, "`supports` or `refutes` must name a cause");
    }
    if let Some((both, at)) = supports.iter().find(|(slug, _)| refutes.iter().any(|(other, _)| slug == other))
    {
        notes.add(*at, format!("`{both}` is both supported and refuted"));
    }
    let mut subject = Vec::new();
    if let Some(node) = map.get("subject") {
        for (name, at) in texts(node, "`subject`", notes) {
            let name = if name == "host" { "endpoint" } else { name };
            if !fields.contains(&name) {
                notes.unknown(at, "field in `subject`", name, fields.iter().copied());
            }
            subject.push(name.to_owned());
        }
    } else {
        subject.push("endpoint".into());
    }
    let word = map.need_text("strength", notes)?;
    let Some((strength, ..)) = Strength::ALL.into_iter().find(|(_, name, _)| *name == word) else {
        notes.unknown(map.at("strength"), "strength", word, Strength::ALL.iter().map(|(_, name, _)| *name));
        return None;
    };
    let say = map.need_text("say", notes)?;
    let say = Say::read(say, map.at("say"), fields, notes);
    let fields = fields.iter().map(|&name| name.to_owned()).collect();
    Some(Vote { at: node.at, supports, refutes, strength, subject, fields, say, says: BTreeMap::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, Kind};

    #[test]
    fn sentences_take_the_first_value_and_keep_one_line() {
        let mut fields = Fields::new();
        fields.set("a.b", "x\ny".to_owned());
        let one = Observation {
            kind: Kind::Setting,
            time: None,
            endpoint: Some("pc".into()),
            attempt: None,
            fields,
            evidence: Vec::new(),
        };
        let mut notes = Notes::default();
        let known = ["a.b", "endpoint", "attempt"];
        let say = Say::read("{host}: {a.b}, attempt {attempt}.", At::START, &known, &mut notes);
        assert_eq!(notes.problems, []);
        assert_eq!(say.render(&[&one], "unknown"), "pc: x y, attempt unknown.");
        Say::read("{a.c}", At::START, &known, &mut notes);
        Say::read("{a.b", At::START, &known, &mut notes);
        assert_eq!(notes.problems.len(), 2);
        assert!(notes.problems[0].text.contains("did you mean `{a.b}`"));
        let mut say = |text: &str| Say::read(text, At::START, &known, &mut notes).render(&[&one], "unknown");
        assert_eq!(say("{a.b}[ of {attempt}] bytes[ on {host}]"), "x y bytes on pc");
        assert_eq!(say("[{attempt}: ]{a.b}"), "x y");
        for text in ["[{a.b}", "{a.b}]", "[[{a.b}]]"] {
            say(text);
        }
        assert_eq!(notes.problems.len(), 5);
    }
}
