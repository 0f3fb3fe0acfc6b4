//! Tries patterns on their examples with an engine that is quickly made ready: most patterns of a pack serve for nothing
//! else in a run.

use regex_automata::nfa::thompson::backtrack::{BoundedBacktracker, Cache};
use regex_automata::nfa::thompson::{Compiler, Config};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;

use crate::model::{Pattern, REGEX};

/// Makes patterns ready; the room that it works in is used again for the next.
pub(super) struct Trials(Compiler);

/// A pattern that is ready for its examples: in the quick engine, or as it will search logs.
pub(super) struct Trial(Option<Box<Quick>>);

/// The quick engine, and what it works with.
struct Quick {
    engine: BoundedBacktracker,
    cache: Cache,
    found: Captures,
}

impl Default for Trials {
    fn default() -> Self {
        let [small, _] = REGEX;
        let mut compiler = Compiler::new();
        compiler.configure(Config::new().nfa_size_limit(Some(small)));
        compiler.syntax(syntax::Config::new().nest_limit(50));
        Self(compiler)
    }
}

impl Trials {
    /// Makes a pattern ready for the quick engine; `None` where it is not right, or not small.
    pub fn of(&self, pattern: &str) -> Option<Trial> {
        let engine = BoundedBacktracker::new_from_nfa(self.0.build(pattern).ok()?).ok()?;
        let (cache, found) = (engine.create_cache(), engine.create_captures());
        Some(Trial(Some(Box::new(Quick { engine, cache, found }))))
    }
}

impl Trial {
    /// Tries a pattern as it will search logs.
    pub fn whole() -> Self {
        Self(None)
    }

    /// Gives the names of the groups.
    pub fn groups<'p>(&'p self, pattern: &'p Pattern) -> Vec<&'p str> {
        match &self.0 {
            Some(quick) => quick.found.group_info().all_names().filter_map(|(.., name)| name).collect(),
            None => pattern.groups(),
        }
    }

    /// Tries a line; gives what the group `code` takes, if the pattern matches.
    pub fn code<'l>(&mut self, pattern: &Pattern, line: &'l str) -> Option<Option<&'l str>> {
        if let Some(quick) = &mut self.0
            && quick.engine.try_captures(&mut quick.cache, line, &mut quick.found).is_ok()
        {
            quick.found.get_match()?;
            return Some(quick.found.get_group_by_name("code").and_then(|code| line.get(code.range())));
        }
        // The line is too long for the quick engine.
        let found = pattern.captures(line)?;
        Some(found.name("code").map(|code| code.as_str()))
    }
}
