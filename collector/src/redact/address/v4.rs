//! IPv4.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use foldhash::fast::RandomState;

use super::{Bits, Flips, STRETCH, decimal_digits};
use crate::redact::Key;

/// Blocks that speak by themselves (RFC 6890 and its like): addresses in them stay.
const FIXED: [(u32, u32); 9] = [
    (0x0000_0000, 8),
    (0x7f00_0000, 8),
    (0xa9fe_0000, 16),
    (0xc000_0000, 24),
    (0xc000_0200, 24),
    (0xc612_0000, 15),
    (0xc633_6400, 24),
    (0xcb00_7100, 24),
    (0xe000_0000, 3),
];
/// Blocks of private use: addresses stay in them.
const PRIVATE: [(u32, u32); 4] = [(0x0a00_0000, 8), (0x6440_0000, 10), (0xac10_0000, 12), (0xc0a8_0000, 16)];

fn inside(address: u32, block: (u32, u32)) -> bool {
    let (base, length) = block;
    (address ^ base).checked_shr(32 - length).unwrap_or(0) == 0
}

/// Tells whether an address is one of the open network: neither private nor of a block that stays.
pub(in crate::redact) fn is_public(address: Ipv4Addr) -> bool {
    let address = u32::from(address);
    !FIXED.iter().chain(&PRIVATE).any(|block| inside(address, *block))
}

/// Stretches that are held.
const HELD: usize = 4096;

/// The bits of stretches of addresses as they were given before, by what stands above: addresses share most of them.
pub(in crate::redact) type Known = HashMap<u32, Flips, RandomState>;

/// Gives the pseudonym of an address.
pub(in crate::redact) fn v4(key: &Key, known: &mut Known, address: Ipv4Addr) -> Ipv4Addr {
    let value = u32::from(address);
    if FIXED.iter().any(|block| inside(value, *block)) {
        return address;
    }
    let bits = Bits {
        purpose: "v4",
        width: 32,
        digits: &|_, value| decimal_digits(value),
        groups: &[8, 8, 8, 8],
        free: &|level, prefix| free(level, prefix),
    };
    let mut give = |stretch: u32, above: u128| {
        // What stands above has at most 24 bits.
        let place = u32::try_from(1u128 << (STRETCH * stretch.min(3)) | above).unwrap_or(0);
        if known.len() >= HELD && !known.contains_key(&place) {
            known.clear();
        }
        *known.entry(place).or_insert_with(|| super::bits(key, bits.purpose, stretch, above))
    };
    let mapped = bits.map_by(&mut give, u128::from(value));
    Ipv4Addr::from(u32::try_from(mapped).unwrap_or(value))
}

/// Says whether the bit behind `level` bits may be flipped without leaving or entering a block, and without moving
/// the first (`.0`) and the last (`.255`) address of a subnet.
fn free(level: u32, prefix: u128) -> bool {
    let above_block = |block: &(u32, u32)| {
        let (base, length) = *block;
        length > level && u128::from(base).checked_shr(32 - level).unwrap_or(0) == prefix
    };
    if FIXED.iter().chain(&PRIVATE).any(above_block) {
        return false;
    }
    let Some(beyond) = level.checked_sub(24) else { return true };
    let ones = super::low(beyond);
    let last = prefix & ones;
    last != 0 && last != ones
}
