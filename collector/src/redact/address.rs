//! Pseudonyms of addresses: prefixes are kept apart and together bit by bit, classes stay, and so do the digits' number.
//!
//! Two addresses that share their first `n` bits share the first `n` of their pseudonyms (as Crypto-PAn does it), so
//! subnets and their sizes stay. A bit is flipped only where both halves below it have as many digits when written:
//! a pseudonym then has the length of the original in every text, name and packet. Where the class of an address
//! speaks (private, loopback, link-local, multicast, documentation), the bits that make the class are never flipped.

mod mac;
mod v4;
mod v6;

pub(super) use mac::mac;
pub(super) use v4::{Known, is_public, v4};
pub(super) use v6::{is_public_v6, v6};

use super::Key;

/// A stretch of bits that is mapped: its purpose keeps it apart from others, its groups are written as numbers.
struct Bits<'a> {
    purpose: &'a str,
    width: u32,
    /// Tells how many digits a number of the group has, given the group's number and value.
    digits: &'a dyn Fn(u32, u128) -> u32,
    /// Widths of the groups, highest first.
    groups: &'a [u32],
    /// Tells whether the bit behind `level` bits of `prefix` may be flipped, as far as classes go.
    free: &'a dyn Fn(u32, u128) -> bool,
}

impl Bits<'_> {
    /// Maps a value. The first bit that may be flipped always is, so that hardly anything stands for itself.
    fn map(&self, key: &Key, value: u128) -> u128 {
        self.map_by(&mut |stretch, above| bits(key, self.purpose, stretch, above), value)
    }

    /// Maps a value with the bits that `give` gives for a stretch of levels and what stands above it.
    fn map_by(&self, give: &mut dyn FnMut(u32, u128) -> Flips, value: u128) -> u128 {
        let mut out = value;
        let mut forced = true;
        let mut start = 0;
        let mut held: Option<(u32, Flips)> = None;
        let mut bit = |level: u32, prefix: u128| {
            let stretch = level / STRETCH;
            let flips = match &held {
                Some((number, flips)) if *number == stretch => flips,
                _ => {
                    &held.insert((stretch, give(stretch, prefix.checked_shr(level % STRETCH).unwrap_or(0)))).1
                }
            };
            flips_at(flips, level, prefix)
        };
        for (number, width) in (0u32..).zip(self.groups) {
            let end = start + width;
            for level in start..end {
                let below = self.width - level - 1;
                let prefix = value.checked_shr(below + 1).unwrap_or(0);
                let in_group = prefix & low(level - start);
                let lowest = in_group.checked_shl(end - level).unwrap_or(0);
                let highest = lowest | low(end - level);
                let uniform = (self.digits)(number, lowest) == (self.digits)(number, highest);
                if uniform && (self.free)(level, prefix) {
                    if forced || bit(level, prefix) {
                        out ^= 1 << below;
                    }
                    forced = false;
                }
            }
            start = end;
        }
        out
    }
}

/// Levels whose bits are one digest: below what stands above them there are 255 places, and a digest has 256 bits.
const STRETCH: u32 = 8;
/// Says for each place below a prefix whether it is flipped.
type Flips = [u8; 32];

/// Gives the bits of all places in a stretch of levels below what stands above it.
fn bits(key: &Key, purpose: &str, stretch: u32, above: u128) -> Flips {
    key.digest(&[purpose.as_bytes(), &stretch.to_le_bytes(), &above.to_le_bytes()])
}

/// Says whether the bit behind `level` bits of `prefix` is flipped, by the bits of its stretch.
fn flips_at(flips: &Flips, level: u32, prefix: u128) -> bool {
    let inner = level % STRETCH;
    let place = u8::try_from(1 << inner | prefix & low(inner)).unwrap_or(0);
    flips.get(usize::from(place / 8)).is_some_and(|byte| byte >> (place % 8) & 1 != 0)
}

/// Gives a number of ones at the lower end.
fn low(bits: u32) -> u128 {
    1u128.checked_shl(bits).map_or(u128::MAX, |above| above - 1)
}

/// Counts the digits of a number in hexadecimal; 0 has none, so that it stays 0.
fn hex_digits(value: u128) -> u32 {
    (128 - value.leading_zeros()).div_ceil(4)
}

/// Counts the digits of a number in decimal.
fn decimal_digits(value: u128) -> u32 {
    match value {
        0..=9 => 1,
        10..=99 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests;
