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
        self.map_by(&mut |level, prefix| key.bit(self.purpose, level, prefix), value)
    }

    /// Maps a value with the bits that `bit` gives for a level and what stands above it.
    fn map_by(&self, bit: &mut dyn FnMut(u32, u128) -> bool, value: u128) -> u128 {
        let mut out = value;
        let mut forced = true;
        let mut start = 0;
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
