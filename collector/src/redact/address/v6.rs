//! IPv6: the prefix like IPv4's, the interface's part like a hardware address, so that both stay recognizable as one.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::mac::{maker, station};
use super::{Bits, Known, hex_digits, v4};
use crate::redact::Key;

/// Prefixes of 64 bits at most whose bits stay.
const FIXED: [(u64, u32); 5] = [
    (0x0000_0000_0000_0000, 8),
    (0x0064_ff9b_0000_0000, 32),
    (0x2001_0db8_0000_0000, 32),
    (0xfe80_0000_0000_0000, 10),
    (0xff00_0000_0000_0000, 8),
];
/// Prefixes that addresses neither leave nor enter.
const CLASSES: [(u64, u32); 5] = [
    (0x2001_0000_0000_0000, 32),
    (0x2000_0000_0000_0000, 3),
    (0x2002_0000_0000_0000, 16),
    (0xfc00_0000_0000_0000, 8),
    (0xfd00_0000_0000_0000, 8),
];

fn inside(prefix: u64, block: (u64, u32)) -> bool {
    (prefix ^ block.0).checked_shr(64 - block.1).unwrap_or(0) == 0
}

/// Tells whether an address is one of the open network.
pub(in crate::redact) fn is_public_v6(address: Ipv6Addr) -> bool {
    let prefix = halves(address).0;
    (prefix >> 61) == 1 && !FIXED.iter().any(|block| inside(prefix, *block))
}

/// Gives the pseudonym of an address.
pub(in crate::redact) fn v6(key: &Key, address: Ipv6Addr) -> Ipv6Addr {
    let (prefix, interface) = halves(address);
    let is_documentation = prefix >> 32 == 0x2001_0db8;
    if address.is_unspecified() || address.is_loopback() || is_documentation {
        return address;
    }
    if let Some(inner) = carried(address) {
        return with_carried(address, v4(key, &mut Known::default(), inner));
    }
    if address.is_multicast() {
        // The group of those whose address ends alike (RFC 4291, 2.7.1).
        let [.., a, b, c] = address.octets();
        let solicited = prefix == 0xff02_0000_0000_0000 && interface >> 24 == 0x01ff;
        return if solicited { joined(prefix, (interface >> 24, station(key, [a, b, c]))) } else { address };
    }
    let [a, b, c, d, e, f, g, h] = interface.to_be_bytes();
    let low = station(key, [f, g, h]);
    let high = if (d, e) == (0xff, 0xfe) {
        let [a, b, c] = maker(key, [a, b, c]);
        u64::from_be_bytes([0, 0, 0, a, b, c, d, e])
    } else {
        upper(key, interface >> 24)
    };
    joined(network(key, prefix), (high, low))
}

/// Maps the first 64 bits.
fn network(key: &Key, prefix: u64) -> u64 {
    if FIXED.iter().any(|block| inside(prefix, *block)) {
        return prefix;
    }
    let bits = Bits {
        purpose: "v6",
        width: 64,
        digits: &|_, value| hex_digits(value),
        groups: &[16, 16, 16, 16],
        free: &|level, prefix| {
            let above = |block: &(u64, u32)| {
                let (base, length) = *block;
                length > level && u128::from(base).checked_shr(64 - level).unwrap_or(0) == prefix
            };
            !FIXED.iter().chain(&CLASSES).any(above)
        },
    };
    u64::try_from(bits.map(key, u128::from(prefix))).unwrap_or(prefix)
}

/// Maps the first 40 bits of an interface's part that is not made of a hardware address.
fn upper(key: &Key, value: u64) -> u64 {
    let bits = Bits {
        purpose: "interface",
        width: 40,
        digits: &|_, value| hex_digits(value),
        groups: &[16, 16, 8],
        // Never into, nor out of, the form of those that are made of a hardware address.
        free: &|level, prefix| level < 24 || (level >= 32 && prefix & 0xff != 0xff),
    };
    let mapped = u64::try_from(bits.map(key, u128::from(value))).unwrap_or(value);
    if mapped & 0xffff == 0xfffe { value } else { mapped }
}

/// Gives the IPv4 address that stands at the end of some.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

fn with_carried(address: Ipv6Addr, inner: Ipv4Addr) -> Ipv6Addr {
    let high = u128::from(address) & !u128::from(u32::MAX);
    Ipv6Addr::from(high | u128::from(u32::from(inner)))
}

fn halves(address: Ipv6Addr) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = address.octets();
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, m, n, o, p]))
}

fn joined(prefix: u64, interface: (u64, [u8; 3])) -> Ipv6Addr {
    let (high, [a, b, c]) = interface;
    let low = u32::from_be_bytes([0, a, b, c]);
    Ipv6Addr::from(u128::from(prefix) << 64 | u128::from(high) << 24 | u128::from(low))
}
