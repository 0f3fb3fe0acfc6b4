//! Checks what files say of each other: causes without rules, votes for unknown causes, examples that are missing.

use std::collections::BTreeSet;

use crate::model::PackInfo;

use super::catalogue::causes;
use super::example::Expect;
use super::load::Read;
use super::problem::{At, Notes, Problem, Refused, count};
use super::set::{Body, RuleSet};
use super::vote::{Say, Vote};

/// Notes every reference that leads nowhere.
pub(crate) fn references(set: &RuleSet, read: &Read, notes: &mut Notes) {
    let known: BTreeSet<&str> = read.causes.iter().map(|placed| placed.cause.slug.as_str()).collect();
    causes::check(&read.causes, &mut notes.problems);
    let mut unknown = |file: &str, refers: &[(String, At)]| {
        notes.enter(file);
        for (slug, at) in refers {
            if !known.contains(slug.as_str()) {
                notes.unknown(*at, "cause", slug, known.iter().copied());
            }
        }
    };
    let mut supported: BTreeSet<&str> = BTreeSet::new();
    for rule in &set.rules {
        let Some(Vote { supports, refutes, .. }) = &rule.vote else { continue };
        unknown(&rule.file, supports);
        unknown(&rule.file, refutes);
        if rule.on {
            supported.extend(supports.iter().map(|(slug, _)| slug.as_str()));
        }
    }
    for placed in &read.codes {
        unknown(&placed.file, &placed.refers);
    }
    for placed in &read.causes {
        if !supported.contains(placed.cause.slug.as_str()) {
            notes.enter(&placed.file);
            notes.add(placed.at, format!("no rule supports the cause `{}`", placed.cause.slug));
        }
    }
    examples(set, notes);
    translations(set, &known, notes);
}

fn examples(set: &RuleSet, notes: &mut Notes) {
    // Only the pack that is compiled in is loaded without examples.
    for rule in set.rules.iter().filter(|rule| !(set.lean && rule.pack == 0)) {
        let Some(vote) = &rule.vote else { continue };
        notes.enter(&rule.file);
        for expect in [Expect::Match, Expect::NoMatch] {
            if !rule.examples.iter().any(|example| example.expect == expect) {
                notes.add(
                    vote.at,
                    format!("`{}` needs an example with `expect: {}`", rule.name, expect.name()),
                );
            }
        }
        if !matches!(rule.body, Body::Correlation(_))
            && let Some(example) = rule.examples.iter().find(|example| example.expect == Expect::CannotTell)
        {
            notes.add(example.at, "only a correlation with an absent member can answer `cannot-tell`");
        }
    }
}

fn translations(set: &RuleSet, known: &BTreeSet<&str>, notes: &mut Notes) {
    let voting: BTreeSet<&str> =
        set.rules.iter().filter(|rule| rule.vote.is_some()).map(|rule| rule.name.as_str()).collect();
    for texts in set.texts.values() {
        notes.enter(&texts.file);
        let place = |word: &str| texts.places.get(word).copied().unwrap_or(At::START);
        for slug in texts.causes.keys() {
            if !known.contains(slug.as_str()) {
                notes.unknown(place(slug), "cause", slug, known.iter().copied());
            }
        }
        for name in texts.says.keys() {
            if !voting.contains(name.as_str()) {
                notes.unknown(place(name), "rule", name, voting.iter().copied());
            }
        }
    }
}

/// Gives the sentences of other languages to their rules.
pub(crate) fn translate(set: &mut RuleSet, notes: &mut Notes) {
    for (language, texts) in &set.texts {
        notes.enter(&texts.file);
        for rule in &mut set.rules {
            let Some((say, at)) = texts.says.get(&rule.name) else { continue };
            let Some(vote) = &mut rule.vote else { continue };
            let fields = vote.fields.iter().map(String::as_str).collect::<Vec<_>>();
            vote.says.insert(language.clone(), Say::read(say, *at, &fields, notes));
        }
    }
}

/// What `rules check` found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// Packs with versions.
    pub packs: Vec<String>,
    /// The packs that they build on; of these only the mistakes are told.
    pub over: Vec<String>,
    /// How many rules there are.
    pub rules: usize,
    /// How many causes there are.
    pub causes: usize,
    /// How many codes there are.
    pub codes: usize,
    /// How many log templates there are.
    pub templates: usize,
    /// The mistakes.
    pub problems: Vec<Problem>,
}

/// Sums up a load for `rules check`, examples included.
pub fn check(loaded: &Result<RuleSet, Refused>) -> Checked {
    let full = loaded.as_ref().map_err(Clone::clone).and_then(RuleSet::full);
    match full {
        Err(refused) => Checked { problems: refused.problems, ..Checked::default() },
        Ok(set) => Checked {
            packs: named(set.packs().get(set.home..).unwrap_or_default()),
            over: named(set.packs().get(..set.home).unwrap_or_default()),
            rules: set.rules.iter().filter(|rule| rule.pack >= set.home).count(),
            causes: set.causes().len(),
            codes: set.codes().len(),
            templates: set.templates().len(),
            problems: Vec::new(),
        },
    }
}

fn named(packs: &[PackInfo]) -> Vec<String> {
    packs.iter().map(|pack| format!("{} {}", pack.pack, pack.version)).collect()
}

impl Checked {
    /// Writes the result as text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for problem in &self.problems {
            out.push_str(&format!("{problem}\n"));
        }
        if self.problems.is_empty() && !self.over.is_empty() {
            let (packs, over) = (self.packs.join(", "), self.over.join(", "));
            out.push_str(&format!("{packs} over {over}: {}: no mistakes\n", count(self.rules, "rule")));
        } else if self.problems.is_empty() {
            out.push_str(&format!(
                "{}: {}, {}, {}, {}: no mistakes\n",
                self.packs.join(", "),
                count(self.rules, "rule"),
                count(self.causes, "cause"),
                count(self.codes, "code"),
                count(self.templates, "template"),
            ));
        } else {
            out.push_str(&format!("{}\n", count(self.problems.len(), "mistake")));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples;
    use super::*;

    #[test]
    fn the_pack_that_is_compiled_in_passes_strictly() {
        let core = RuleSet::core();
        let checked = check(&core);
        assert_eq!(checked.problems, []);
        assert!(checked.rules > 0 && checked.causes > 0 && checked.codes > 0 && checked.templates > 0);
        let report = examples::run(&core.unwrap());
        assert!(report.examples.len() > checked.rules, "{}", report.render());
        assert!(report.passes(true), "{}", report.render());
    }
}
