//! Looks in a finished bundle for what was to be left out: every original that has a pseudonym, every secret, in the forms
//! they take in texts and in packets.
//!
//! It knows nothing of how files are cleaned, only what must not be in them: what the cleaning overlooks is found here.

mod judge;
mod pattern;
mod sieve;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, Anchored, Input, Match, MatchKind, StartKind};

use super::Kind;
use super::kept::Kept;
use super::tokens::Tokens;
use pattern::Pattern;
use sieve::Sieve;

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
    sieve: Sieve,
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
        let sieve = Sieve::new(any.iter().chain(&exact).map(|one| one.bytes.as_slice()));
        let build = |list: Vec<Pattern>, lower: bool| {
            let mut bytes: Vec<Vec<u8>> = list.iter().map(|one| one.bytes.clone()).collect();
            if lower {
                bytes.iter_mut().for_each(|one| one.make_ascii_lowercase());
            }
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .start_kind(StartKind::Anchored)
                .build(bytes);
            Some((automaton.ok()?, list))
        };
        Some(Self { kept, sieve, any: build(any, true)?, exact: build(exact, false)? })
    }

    /// Reads an entry to its end and counts what of each kind is in it.
    ///
    /// # Errors
    ///
    /// Fails where the entry cannot be read.
    pub fn search(&self, input: &mut dyn Read) -> io::Result<BTreeMap<Kind, u64>> {
        let mut found = BTreeMap::new();
        let (mut window, mut from, mut more): (Vec<u8>, usize, bool) = (Vec::new(), 0, true);
        let (mut ground, mut lower) = (None, Vec::new());
        while more {
            let limit = READ.saturating_add(AHEAD).saturating_add(BEHIND).saturating_sub(window.len());
            let limit = u64::try_from(limit).unwrap_or(1);
            more = (&mut *input).take(limit).read_to_end(&mut window)? > 0;
            let ground = *ground.get_or_insert_with(|| {
                let is_capture = super::is_capture(&mut window.as_slice()).unwrap_or(false);
                if is_capture { Ground::Capture } else { Ground::Text }
            });
            let end = if more { window.len().saturating_sub(AHEAD) } else { window.len() };
            lower.clear();
            lower.extend_from_slice(&window);
            lower.make_ascii_lowercase();
            self.sieve.places(&lower, from.min(end)..end, &mut |at| {
                for ((automaton, patterns), text) in [(&self.any, &lower), (&self.exact, &window)] {
                    for hit in beginning(automaton, text, at) {
                        let Some(pattern) = patterns.get(hit.pattern().as_usize()) else { continue };
                        if judge::counts(pattern, &window, hit.start()..hit.end(), ground, self.kept) {
                            let count: &mut u64 = found.entry(pattern.kind).or_default();
                            *count = count.saturating_add(1);
                        }
                    }
                }
            });
            let done = end.saturating_sub(BEHIND);
            window.drain(..done.min(window.len()));
            from = end.max(from).saturating_sub(done);
        }
        Ok(found)
    }
}

/// Gives all that begins at a place of a text.
fn beginning(automaton: &AhoCorasick, text: &[u8], at: usize) -> impl Iterator<Item = Match> {
    let mut state = OverlappingState::start();
    std::iter::from_fn(move || {
        let input = Input::new(text).range(at..).anchored(Anchored::Yes);
        automaton.try_find_overlapping(input, &mut state).ok()?;
        state.get_match()
    })
    // What ends together with it begins elsewhere, and is found there.
    .filter(move |found| found.start() == at)
}

#[cfg(test)]
mod tests;
