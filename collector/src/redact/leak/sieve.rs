//! Tells at which places of a text something that is looked for may begin: nearly all others are passed over.

use std::ops::Range;

/// Bytes of a begin.
const BEGIN: usize = 4;
/// Bits for each begin, and their least and most powers of two.
const EACH: usize = 16;
const POWERS: (u32, u32) = (14, 21);

/// A bit for every begin, in lower case, at the place of its hash.
#[derive(Debug)]
pub(super) struct Sieve {
    bits: Vec<u64>,
    power: u32,
}

impl Sieve {
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a [u8]>) -> Self {
        let (mut begins, mut bits) = (Vec::new(), 0);
        for pattern in patterns {
            let mut lower = [0; BEGIN];
            for (to, from) in lower.iter_mut().zip(pattern) {
                *to = from.to_ascii_lowercase();
            }
            match pattern.len() {
                // What is so short may begin anywhere.
                0..3 => bits = u64::MAX,
                3 => begins.extend((0..=u8::MAX).map(|any| {
                    let [a, b, c, _] = lower;
                    [a, b, c, any]
                })),
                _ => begins.push(lower),
            }
        }
        let wanted = begins.len().saturating_mul(EACH).checked_next_power_of_two();
        let power = wanted.map_or(POWERS.1, usize::ilog2).clamp(POWERS.0, POWERS.1);
        let mut sieve = Self { bits: vec![bits; 1 << (power - 6)], power };
        for begin in begins {
            let (word, bit) = sieve.place(u32::from_le_bytes(begin));
            if let Some(word) = sieve.bits.get_mut(word) {
                *word |= bit;
            }
        }
        sieve
    }

    fn place(&self, begin: u32) -> (usize, u64) {
        let hash = begin.wrapping_mul(0x9e37_79b1) >> (u32::BITS - self.power);
        (usize::try_from(hash >> 6).unwrap_or(usize::MAX), 1 << (hash & 63))
    }

    /// Tells of the places of a text in lower case at which something may begin, in order.
    pub(super) fn places(&self, lower: &[u8], within: Range<usize>, found: &mut dyn FnMut(usize)) {
        let begins = lower.len().saturating_sub(BEGIN - 1).min(within.end).max(within.start);
        let text = lower.get(within.start..).unwrap_or_default();
        let (ahead, text) = text.split_at_checked(BEGIN - 1).unwrap_or((text, &[]));
        let add = |begin: u32, byte: &u8| begin >> 8 | u32::from(*byte) << 24;
        let mut begin = ahead.iter().fold(0, add);
        // A chain or a filter here would cost more than what it is about.
        for (at, byte) in (within.start..begins).zip(text) {
            begin = add(begin, byte);
            let (word, bit) = self.place(begin);
            if self.bits.get(word).is_some_and(|word| word & bit != 0) {
                found(at);
            }
        }
        // What is too near to the end for a whole begin is looked at in any case.
        (begins..within.end).for_each(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_looked_for_is_passed_over() {
        let patterns = [&b"abcd"[..], b"xyz", b"10.2.3.4", b"\x0a\x02\x03\x04"];
        let sieve = Sieve::new(patterns.into_iter());
        let text = b"..abcd.xyz 10.2.3.4 \x0a\x02\x03\x04 and more of it abc xyz";
        let all = |sieve: &Sieve, text: &[u8], within: Range<usize>| {
            let mut places = Vec::new();
            sieve.places(text, within, &mut |at| places.push(at));
            places
        };
        let places = all(&sieve, text, 0..text.len());
        for at in [2, 7, 11, 20, 46] {
            assert!(places.contains(&at), "{at} {places:?}");
        }
        assert!(places.len() < 12, "{places:?}");
        assert!(places.is_sorted());
        assert_eq!(all(&sieve, text, 8..12), [11]);
        assert_eq!(all(&sieve, b"a", 0..1), [0]);
        assert!(all(&sieve, b"", 0..0).is_empty());
        let open = Sieve::new([&b"ab"[..]].into_iter());
        assert_eq!(all(&open, text, 0..text.len()).len(), text.len());
    }
}
