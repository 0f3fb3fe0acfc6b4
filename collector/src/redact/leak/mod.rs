//! Looks in a finished bundle for what was to be left out: every original that has a pseudonym, every secret, in the forms
//! they take in texts and in packets.
//!
//! It knows nothing of how files are cleaned, only what must not be in them: what the cleaning overlooks is found here.

mod judge;
mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use aho_corasick::{AhoCorasick, MatchKind};

use super::Kind;
use super::kept::Kept;
use super::tokens::Tokens;
use pattern::Pattern;

/// Bytes of patterns that are looked for at a time, and what each costs besides: with more, a bundle is read several times.
const BATCH: usize = 1024 * 1024;
const COST: usize = 32;
/// Bytes read at a time.
const READ: usize = 256 * 1024;
/// The most bytes behind the begin of a pattern that are looked at to judge it, and those before it.
const AHEAD: usize = 16 * 1024;
const BEHIND: usize = 512;

/// What must not be in a bundle.
#[derive(Debug)]
pub struct Search<'a>(&'a Tokens);

/// What is looked for at a time.
#[derive(Debug)]
pub struct Net<'a> {
    kept: &'a Kept,
    /// Patterns in whatever case, and those in just this one.
    any: (AhoCorasick, Vec<Pattern>),
    exact: (AhoCorasick, Vec<Pattern>),
}

/// Where a text lies decides what can be told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    Text,
    Capture,
}

impl<'a> Search<'a> {
    /// Looks for all that was replaced, and for what was learned.
    pub(super) fn new(tokens: &'a Tokens) -> Self {
        Self(tokens)
    }

    /// Counts what is looked for.
    pub fn count(&self) -> usize {
        pattern::all(self.0).count()
    }

    /// Gives what is to be looked for, as much at a time as memory allows; `None` where it cannot be looked for.
    pub fn nets(&self) -> impl Iterator<Item = Option<Net<'a>>> {
        let tokens = self.0;
        let mut rest = pattern::all(tokens);
        std::iter::from_fn(move || {
            let (mut now, mut size) = (BTreeSet::new(), 0usize);
            while size < BATCH
                && let Some(patterns) = rest.next()
            {
                size = patterns.iter().fold(size, |size, one| size.saturating_add(one.bytes.len() + COST));
                now.extend(patterns);
            }
            (!now.is_empty()).then(|| Net::new(now, &tokens.kept))
        })
    }
}

impl<'a> Net<'a> {
    fn new(patterns: BTreeSet<Pattern>, kept: &'a Kept) -> Option<Self> {
        let (any, exact): (Vec<Pattern>, Vec<Pattern>) =
            patterns.into_iter().partition(|one| one.rule.any_case());
        let build = |list: Vec<Pattern>, any: bool| {
            let automaton = AhoCorasick::builder()
                .ascii_case_insensitive(any)
                .match_kind(MatchKind::Standard)
                .build(list.iter().map(|one| one.bytes.as_slice()));
            Some((automaton.ok()?, list))
        };
        Some(Self { kept, any: build(any, true)?, exact: build(exact, false)? })
    }

    /// Reads an entry to its end and counts what of each kind is in it.
    ///
    /// # Errors
    ///
    /// Fails where the entry cannot be read.
    pub fn search(&self, input: &mut dyn Read) -> io::Result<BTreeMap<Kind, u64>> {
        let mut found = BTreeMap::new();
        let (mut window, mut from, mut more): (Vec<u8>, usize, bool) = (Vec::new(), 0, true);
        let mut ground = None;
        while more {
            let limit = READ.saturating_add(AHEAD).saturating_add(BEHIND).saturating_sub(window.len());
            let limit = u64::try_from(limit).unwrap_or(1);
            more = (&mut *input).take(limit).read_to_end(&mut window)? > 0;
            let ground = *ground.get_or_insert_with(|| {
                let is_capture = super::is_capture(&mut window.as_slice()).unwrap_or(false);
                if is_capture { Ground::Capture } else { Ground::Text }
            });
            let end = if more { window.len().saturating_sub(AHEAD) } else { window.len() };
            for (automaton, patterns) in [&self.any, &self.exact] {
                for hit in automaton.find_overlapping_iter(window.as_slice()) {
                    let Some(pattern) = patterns.get(hit.pattern().as_usize()) else { continue };
                    let is_next = (from..end).contains(&hit.start());
                    if is_next && judge::counts(pattern, &window, hit.start()..hit.end(), ground, self.kept) {
                        let count: &mut u64 = found.entry(pattern.kind).or_default();
                        *count = count.saturating_add(1);
                    }
                }
            }
            let done = end.saturating_sub(BEHIND);
            window.drain(..done.min(window.len()));
            from = end.max(from).saturating_sub(done);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
