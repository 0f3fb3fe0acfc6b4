//! Looks in a finished bundle for what was to be left out: every original that has a pseudonym, every secret, in the forms
//! they take in texts and in packets.
//!
//! It knows nothing of how files are cleaned, only what must not be in them: what the cleaning overlooks is found here.

mod judge;
mod pattern;
mod sieve;
mod sorted;

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::Kind;
use super::kept::Kept;
use super::tokens::Tokens;
use sieve::Sieve;
use sorted::Sorted;

/// Bytes of patterns that are looked for at a time, and what each costs besides: with more, a bundle is read several times.
const BATCH: usize = 4 * 1024 * 1024;
const COST: usize = 16;
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
    any: Sorted,
    exact: Sorted,
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
        pattern::count(self.0)
    }

    /// Gives what is to be looked for, as much at a time as memory allows; `None` where it cannot be looked for.
    pub fn nets(&self) -> impl Iterator<Item = Option<Net<'a>>> {
        let tokens = self.0;
        let mut rest = pattern::all(tokens);
        std::iter::from_fn(move || {
            let (mut any, mut exact, mut size) = (Sorted::default(), Sorted::default(), 0usize);
            while size < BATCH
                && let Some(patterns) = rest.next()
            {
                for mut pattern in patterns {
                    size = size.saturating_add(pattern.bytes.len() + COST);
                    let to = if pattern.mark.rule.any_case() { &mut any } else { &mut exact };
                    if pattern.mark.rule.any_case() {
                        pattern.bytes.make_ascii_lowercase();
                    }
                    if to.add(&pattern).is_none() {
                        return Some(None);
                    }
                }
            }
            (size > 0).then(|| Some(Net::new(any, exact, &tokens.kept)))
        })
    }
}

impl<'a> Net<'a> {
    fn new(mut any: Sorted, mut exact: Sorted, kept: &'a Kept) -> Self {
        any.sort();
        exact.sort();
        Self { kept, sieve: Sieve::new(any.patterns().chain(exact.patterns())), any, exact }
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
                for (sorted, text) in [(&self.any, &lower), (&self.exact, &window)] {
                    sorted.beginning(text.get(at..).unwrap_or_default(), &mut |mark, length| {
                        if judge::counts(mark, &window, at..at + length, ground, self.kept) {
                            let count: &mut u64 = found.entry(mark.kind).or_default();
                            *count = count.saturating_add(1);
                        }
                    });
                }
            });
            let done = end.saturating_sub(BEHIND);
            window.drain(..done.min(window.len()));
            from = end.max(from).saturating_sub(done);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
