//! Hardware addresses, and the two parts of them that IPv6 uses too.

use super::{Bits, hex_digits};
use crate::redact::Key;

/// Gives the pseudonym of a hardware address. Group addresses stay, but for those of an IPv6 host.
pub(in crate::redact) fn mac(key: &Key, address: [u8; 6]) -> [u8; 6] {
    let [a, b, c, d, e, f] = address;
    if let [0x33, 0x33, 0xff, ..] = address {
        let [d, e, f] = station(key, [d, e, f]);
        return [a, b, c, d, e, f];
    }
    let is_virtual_router = matches!(address, [0, 0, 0x5e, 0, 1 | 2, _]);
    if a & 1 != 0 || address == [0; 6] || is_virtual_router {
        return address;
    }
    let [a, b, c] = maker(key, [a ^ 2, b, c]);
    let [d, e, f] = station(key, [d, e, f]);
    [a ^ 2, b, c, d, e, f]
}

/// Maps the lower half of a hardware address, which is also the end of many an IPv6 address.
pub(super) fn station(key: &Key, bytes: [u8; 3]) -> [u8; 3] {
    let [a, b, c] = bytes;
    let bits = Bits {
        purpose: "station",
        width: 24,
        digits: &|_, value| hex_digits(value),
        groups: &[8, 16],
        free: &|_, _| true,
    };
    let [.., d, e, f] = bits.map(key, u128::from(u32::from_be_bytes([0, a, b, c]))).to_be_bytes();
    [d, e, f]
}

/// Maps the upper half as it stands in an IPv6 address; what tells groups and local addresses stays.
pub(super) fn maker(key: &Key, bytes: [u8; 3]) -> [u8; 3] {
    let [a, b, c] = bytes;
    let bits = Bits {
        purpose: "maker",
        width: 24,
        digits: &|_, value| hex_digits(value),
        groups: &[8, 8, 8],
        free: &|level, _| !(6..8).contains(&level),
    };
    let [.., d, e, f] = bits.map(key, u128::from(u32::from_be_bytes([0, a, b, c]))).to_be_bytes();
    [d, e, f]
}
