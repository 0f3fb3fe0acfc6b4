//! Patterns in the order of their bytes, which lie in one piece: all that begin at a place of a text are found by going
//! into the order, byte by byte. An automaton would find them faster, and takes many times the memory.

use std::ops::Range;

use super::pattern::{Mark, Pattern};

/// Patterns in the order of their bytes.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    bytes: Vec<u8>,
    all: Vec<Place>,
    /// For each first byte, which of the patterns have it.
    firsts: Vec<Range<usize>>,
}

/// Where the bytes of a pattern lie, and how it is told from what only looks like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    start: u32,
    length: u32,
    mark: Mark,
}

impl Place {
    fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        let length = usize::try_from(self.length).unwrap_or(0);
        bytes.get(start..start.saturating_add(length)).unwrap_or_default()
    }
}

impl Sorted {
    /// Adds a pattern; `None` where there are too many.
    pub(super) fn add(&mut self, pattern: &Pattern) -> Option<()> {
        let start = u32::try_from(self.bytes.len()).ok()?;
        let length = u32::try_from(pattern.bytes.len()).ok()?;
        self.bytes.extend_from_slice(&pattern.bytes);
        self.all.push(Place { start, length, mark: pattern.mark });
        Some(())
    }

    /// Puts the patterns into their order; before that, none is found.
    pub(super) fn sort(&mut self) {
        let bytes = self.bytes.as_slice();
        let key = |place: &Place| (place.of(bytes), place.mark);
        self.all.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        self.all.dedup_by(|one, other| key(one) == key(other));
        let below = |first: u16| {
            let first = u8::try_from(first).ok();
            // What begins with no byte at all, and with every one, ends the ranges.
            self.all.partition_point(|place| first.is_none_or(|first| place.of(bytes).first() < Some(&first)))
        };
        self.firsts = (0..256).map(|first| below(first)..below(first + 1)).collect();
    }

    /// Gives the bytes of each pattern.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &[u8]> {
        self.all.iter().map(|place| place.of(&self.bytes))
    }

    /// Tells of every pattern that a text begins with, and of its length; short ones first.
    pub(super) fn beginning(&self, text: &[u8], found: &mut dyn FnMut(Mark, usize)) {
        let Some(first) = text.first().and_then(|first| self.firsts.get(usize::from(*first))) else { return };
        let mut fitting = self.all.get(first.clone()).unwrap_or_default();
        // As far as it was looked, all that still fit have the same bytes; those that end there come first.
        for length in 1..=text.len() {
            while let Some((place, rest)) = fitting.split_first()
                && place.of(&self.bytes).len() == length
            {
                found(place.mark, length);
                fitting = rest;
            }
            let next = text.get(length);
            let at = |place: &Place| place.of(&self.bytes).get(length);
            if fitting.is_empty() || next.is_none() {
                return;
            }
            let from = fitting.partition_point(|place| at(place) < next);
            fitting = fitting.get(from..).unwrap_or_default();
            let to = fitting.partition_point(|place| at(place) == next);
            fitting = fitting.get(..to).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Rule;
    use super::*;
    use crate::redact::{Key, Kind};

    fn sorted(patterns: &[&[u8]]) -> Sorted {
        let mut sorted = Sorted::default();
        for bytes in patterns {
            let mark = Mark { kind: Kind::Host, rule: Rule::Exact, wide: false };
            sorted.add(&Pattern { bytes: bytes.to_vec(), mark }).unwrap();
        }
        sorted.sort();
        sorted
    }

    fn lengths(sorted: &Sorted, text: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        sorted.beginning(text, &mut |_, length| lengths.push(length));
        lengths
    }

    #[test]
    fn all_that_a_text_begins_with_are_found() {
        let some =
            sorted(&[b"10.1", b"10.1.2.3", b"10.1.2.30", b"10.2", b"\xff", b"\xff\xff", b"10.1", b"z"]);
        assert_eq!(lengths(&some, b"10.1.2.30 and more"), [4, 8, 9]);
        assert_eq!(lengths(&some, b"10.1.2.3"), [4, 8]);
        assert_eq!(lengths(&some, b"\xff\xff\xff"), [1, 2]);
        assert_eq!(lengths(&some, b"z"), [1]);
        assert!(lengths(&some, b"10.").is_empty() && lengths(&some, b"").is_empty());
        assert!(lengths(&Sorted::default(), b"z").is_empty() && lengths(&sorted(&[]), b"z").is_empty());
    }

    #[test]
    fn the_order_finds_what_one_pattern_after_the_other_finds() {
        let key = Key::new(&[8; 32]);
        let bytes: Vec<u8> = (0..2_000u32)
            .flat_map(|number| key.digest(&[&number.to_le_bytes()]))
            .map(|byte| b'a' + byte % 3)
            .collect();
        let patterns: Vec<&[u8]> = (0..600).map(|at| &bytes[at * 7..at * 7 + 1 + at % 9]).collect();
        let some = sorted(&patterns);
        for at in 0..bytes.len() {
            let text = &bytes[at..];
            let mut plain: Vec<usize> =
                patterns.iter().filter(|one| text.starts_with(one)).map(|one| one.len()).collect();
            plain.sort_unstable();
            plain.dedup();
            assert_eq!(lengths(&some, text), plain, "{at}");
        }
    }
}
