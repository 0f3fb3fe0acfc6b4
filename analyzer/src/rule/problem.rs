//! Mistakes in the files of a pack: where they stand, what they are and the nearest right word.

use std::fmt;

use serde::Serialize;

pub(crate) use super::yaml::At;

/// How many problems are kept; a pack with more is hopeless anyway.
pub(crate) const PROBLEMS: usize = 500;

impl At {
    /// The first character of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// How much of a long text of a problem is kept, in characters at its beginning and its end: what is longer repeats a
/// value of the file.
const TEXT: [usize; 2] = [250, 150];
/// Longest word for which a nearest one is looked for, in bytes.
const WORD: usize = 100;
/// How much all regular expressions together may take, in bytes.
const REGEXES: usize = 64 << 20;

/// A mistake in a file of a pack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Path in the pack.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1.
    pub column: u32,
    /// What is wrong, with a hint where there is one.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.text)
    }
}

/// Why packs are refused: every mistake of every file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// The mistakes, in the order of files and lines.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the rule packs have {}", count(self.problems.len(), "mistake"))?;
        for problem in &self.problems {
            write!(f, "\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

/// Collects problems, with the file that is being read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    file: String,
    /// What was found so far.
    pub problems: Vec<Problem>,
    /// What the regular expressions take so far, in bytes.
    regexes: usize,
}

impl Notes {
    /// Names the file of the problems to come.
    pub(crate) fn enter(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// Notes a problem of the current file.
    pub(crate) fn add(&mut self, at: At, text: impl Into<String>) {
        if self.full() {
            return;
        }
        let text = shorten(text.into());
        self.problems.push(Problem { file: self.file.clone(), line: at.line, column: at.column, text });
    }

    /// Says whether no more problems are kept.
    pub(crate) fn full(&self) -> bool {
        self.problems.len() >= PROBLEMS
    }

    /// Counts what a regular expression takes; says whether there is room for it.
    pub(crate) fn spend(&mut self, bytes: usize) -> bool {
        self.regexes = self.regexes.saturating_add(bytes);
        self.regexes <= REGEXES
    }

    /// Notes a word that is not known, with the nearest known one.
    pub(crate) fn unknown<'a>(
        &mut self,
        at: At,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        if self.full() {
            return;
        }
        let text = match nearest(word, known) {
            Some(near) => format!("unknown {what} `{word}`; did you mean `{near}`?"),
            None => format!("unknown {what} `{word}`"),
        };
        self.add(at, text);
    }
}

/// Takes out the middle of a text that is too long.
fn shorten(text: String) -> String {
    let [head, tail] = TEXT;
    let letters = text.chars().count();
    if letters <= head + tail {
        return text;
    }
    let (first, last) = (text.chars().take(head), text.chars().skip(letters - tail));
    first.chain(['…']).chain(last).collect()
}

/// Finds the known word nearest to one that is not known.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > WORD {
        return None;
    }
    let lower = word.to_lowercase();
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            let near = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
            // `tries` for `dns.tries`: the last part alone is what people remember.
            let near = if last(candidate) == last(word) { near.max(0.9) } else { near };
            (near, candidate)
        })
        .filter(|(near, _)| *near > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// Writes a number with its noun: `1 mistake`, `2 mistakes`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let known = ["dns.outcome", "dns.tries", "tcp.tries"];
        assert_eq!(nearest("dns.outcom", known), Some("dns.outcome"));
        assert_eq!(nearest("DNS.Tries", known), Some("dns.tries"));
        assert_eq!(nearest("zzz", known), None);
    }

    #[test]
    fn a_problem_names_its_place() {
        let mut notes = Notes::default();
        notes.enter("dns/a.yml");
        notes.unknown(At { line: 3, column: 5 }, "key", "titel", ["title", "level"]);
        assert_eq!(
            notes.problems[0].to_string(),
            "dns/a.yml:3:5: unknown key `titel`; did you mean `title`?"
        );
    }
}
