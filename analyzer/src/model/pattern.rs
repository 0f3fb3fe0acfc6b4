//! The pattern of a log's lines, made ready where the first line may match it: most patterns of a pack never meet one.

use std::sync::OnceLock;

use regex::{Captures, Regex, RegexBuilder};

/// Largest compiled regular expression in bytes: nearly all are small, few may be large.
pub const REGEX: [usize; 2] = [32 * 1024, 1024 * 1024];

/// A regular expression that was found to be one, and is compiled when it is first used.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Takes a text that was found to be a regular expression within the limits; any other matches nothing.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// Gives the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether a line matches.
    pub fn is_match(&self, line: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(line))
    }

    /// Gives what the groups take of a line that matches.
    pub fn captures<'l>(&self, line: &'l str) -> Option<Captures<'l>> {
        self.regex()?.captures(line)
    }

    /// Gives the names of the groups.
    pub fn groups(&self) -> Vec<&str> {
        self.regex().into_iter().flat_map(Regex::capture_names).flatten().collect()
    }

    fn regex(&self) -> Option<&Regex> {
        let build = || REGEX.iter().find_map(|limit| compile(&self.text, false, *limit).ok());
        self.compiled.get_or_init(build).as_ref()
    }
}

impl From<Regex> for Pattern {
    fn from(regex: Regex) -> Self {
        Self { text: regex.as_str().to_owned(), compiled: OnceLock::from(Some(regex)) }
    }
}

/// Compiles a regular expression within a limit, in bytes.
pub fn compile(text: &str, any_case: bool, limit: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .case_insensitive(any_case)
        .size_limit(limit)
        .dfa_size_limit(limit * 2)
        .nest_limit(50)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_when_it_is_used() {
        let pattern = Pattern::new(r"code (?P<code>\d+)");
        assert!(pattern.compiled.get().is_none());
        assert_eq!(&pattern.captures("code 12").unwrap()["code"], "12");
        assert!(pattern.is_match("code 7") && !pattern.is_match("code"));
        assert_eq!((pattern.as_str(), pattern.clone().is_match("code 7")), (r"code (?P<code>\d+)", true));
        assert!(!Pattern::new("(").is_match("("));
    }

    #[test]
    fn what_is_too_large_for_the_first_limit_is_built_within_the_second() {
        let text = r"\w{4}";
        assert!(compile(text, false, REGEX[0]).is_err());
        assert!(Pattern::new(text).is_match(&"ö".repeat(4)));
    }
}
