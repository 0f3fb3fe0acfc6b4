//! Tests packs by their examples: every example is replayed, and every part of a rule that no example needs is named.

mod mutate;
mod replay;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::problem::count;
use super::set::RuleSet;

/// What `rules test` found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many rules have examples.
    pub rules: usize,
    /// The examples, in the order of files.
    pub examples: Vec<Replayed>,
    /// Parts of rules that no example needs.
    pub unneeded: Vec<Unneeded>,
}

/// An example and what the rule says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Name of the rule.
    pub rule: String,
    /// Path of its file.
    pub file: String,
    /// Line of the example.
    pub line: u32,
    /// Name of the example, or its number.
    pub example: String,
    /// What is expected.
    pub expected: &'static str,
    /// What the rule says.
    pub said: &'static str,
}

/// A part of a rule without which all examples come out the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unneeded {
    /// Name of the rule.
    pub rule: String,
    /// Path of its file.
    pub file: String,
    /// Line of the part.
    pub line: u32,
    /// Column of the part.
    pub column: u32,
    /// Name of the selection, or of the block.
    pub within: String,
    /// The part as it is written.
    pub part: String,
}

/// Replays every example of every rule in force, then again without each part of the rule.
pub fn run(set: &RuleSet) -> Report {
    let mut report = Report::default();
    let Ok(set) = set.full() else { return report };
    let set = set.as_ref();
    let mut failed = Vec::new();
    let tested = |number: &usize| set.rules.get(*number).is_some_and(|rule| rule.on && rule.pack >= set.home);
    for (number, rule) in set.rules.iter().enumerate().filter(|(number, _)| tested(number)) {
        report.rules += usize::from(!rule.examples.is_empty());
        for (position, example) in rule.examples.iter().enumerate() {
            let said = replay::Replay::new(set, example).outcome(number, None);
            if said != example.expect {
                failed.push(number);
            }
            report.examples.push(Replayed {
                rule: rule.name.clone(),
                file: rule.file.clone(),
                line: example.at.line,
                example: example.called(position),
                expected: example.expect.name(),
                said: said.name(),
            });
        }
    }
    for number in (0..set.rules.len()).filter(tested) {
        mutate::rule(set, number, &failed, &mut report.unneeded);
    }
    report
}

impl Report {
    /// Gives the examples of which a rule says something else than expected.
    pub fn failed(&self) -> impl Iterator<Item = &Replayed> {
        self.examples.iter().filter(|one| one.said != one.expected)
    }

    /// Says whether the test is passed: no example failed and, if `strict`, every part is needed.
    pub fn passes(&self, strict: bool) -> bool {
        !self.examples.is_empty() && self.failed().next().is_none() && (!strict || self.unneeded.is_empty())
    }

    /// Writes the report as text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for one in self.failed() {
            out.push_str(&format!(
                "{}:{}: `{}`, example {}: expected {}, but the rule says {}\n",
                one.file, one.line, one.rule, one.example, one.expected, one.said
            ));
        }
        for one in &self.unneeded {
            out.push_str(&format!(
                "{}:{}:{}: `{}`, {}: no example needs `{}`\n",
                one.file, one.line, one.column, one.rule, one.within, one.part
            ));
        }
        out.push_str(&format!(
            "{} of {}: {} failed; {} without need\n",
            count(self.examples.len(), "example"),
            count(self.rules, "rule"),
            self.failed().count(),
            count(self.unneeded.len(), "part"),
        ));
        out
    }
}
