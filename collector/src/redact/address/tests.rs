use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;

/// Numbers that look random and are the same in every run.
fn numbers(count: u64) -> impl Iterator<Item = u128> {
    let key = Key::new(&[3; 32]);
    (0..count).map(move |number| {
        let bytes = key.digest(&[&number.to_le_bytes()]);
        u128::from_be_bytes(bytes[..16].try_into().unwrap())
    })
}

fn addresses() -> Vec<Ipv4Addr> {
    let mut all = Vec::new();
    for number in numbers(300) {
        let low = u32::try_from(number & 0xffff_ffff).unwrap();
        for (base, mask) in
            [(0, 0), (10 << 24, 8), (0xc0a8 << 16, 16), (0xac10 << 16, 12), (0x6440 << 16, 10)]
        {
            let host = low & u32::try_from(super::low(32 - mask)).unwrap();
            all.extend([base | host, base | (host & !0xff), base | (host & !7), base | (host | 0xff)]);
        }
    }
    all.into_iter().map(Ipv4Addr::from).collect()
}

#[test]
fn prefixes_classes_and_lengths_are_kept_and_no_two_become_one() {
    let all: BTreeSet<Ipv4Addr> = addresses().into_iter().collect();
    for seed in [1, 2] {
        let key = Key::new(&[seed; 32]);
        let mut known = Known::default();
        let mapped: Vec<(Ipv4Addr, Ipv4Addr)> =
            all.iter().map(|one| (*one, v4(&key, &mut known, *one))).collect();
        assert!(mapped.iter().all(|(one, to)| v4(&key, &mut Known::default(), *one) == *to));
        assert_eq!(mapped.iter().map(|(_, to)| to).collect::<BTreeSet<_>>().len(), all.len());
        for (from, to) in &mapped {
            assert_eq!(
                (from.is_private(), is_public(*from)),
                (to.is_private(), is_public(*to)),
                "{from} {to}"
            );
            let written = |address: &Ipv4Addr| address.octets().map(|octet| octet.to_string().len());
            assert_eq!(written(from), written(to), "{from} {to}");
            assert_eq!(from.octets()[3] == 255, to.octets()[3] == 255);
            assert_eq!(from.octets()[3] == 0, to.octets()[3] == 0);
            assert!(
                from != to || !is_public(*from) && !from.is_private() || from.octets()[0] == 100,
                "{from}"
            );
        }
        for pair in mapped.windows(2) {
            let [(one, one_to), (other, other_to)] = pair else { continue };
            let shared = (u32::from(*one) ^ u32::from(*other)).leading_zeros();
            assert_eq!(shared, (u32::from(*one_to) ^ u32::from(*other_to)).leading_zeros(), "{one} {other}");
        }
    }
}

#[test]
fn every_place_below_a_prefix_has_a_bit_of_its_own() {
    let mut seen = BTreeSet::new();
    for level in 0..STRETCH {
        for prefix in 0..1 << level {
            let at = |bit: usize| {
                let mut flips = [0; 32];
                flips[bit / 8] = 1 << (bit % 8);
                flips_at(&flips, level + 16, prefix | 0xabc << level)
            };
            seen.insert((0..256).filter(|bit| at(*bit)).collect::<Vec<_>>());
        }
    }
    assert_eq!(seen.len(), 255);
    assert!(seen.iter().all(|bits| bits.len() == 1));
}

#[test]
fn bits_that_are_held_are_those_that_are_made() {
    let key = Key::new(&[5; 32]);
    let mut known = Known::default();
    for number in numbers(3_000) {
        let value = u32::try_from(number & 0xffff_ffff).unwrap();
        let bits = Bits { purpose: "v4", width: 32, digits: &|_, _| 1, groups: &[32], free: &|_, _| true };
        // Bit by bit, by the definition alone.
        let flip = |level: u32| {
            let prefix = u128::from(value).checked_shr(32 - level).unwrap_or(0);
            let above = prefix >> (level % STRETCH);
            let digest = key.digest(&[b"v4", &(level / STRETCH).to_le_bytes(), &above.to_le_bytes()]);
            level == 0 || flips_at(&digest, level, prefix)
        };
        let plain = (0..32).filter(|level| flip(*level)).fold(value, |out, level| out ^ 1 << (31 - level));
        assert_eq!(bits.map(&key, u128::from(value)), u128::from(plain));
        let address = Ipv4Addr::from(value);
        assert_eq!(v4(&key, &mut known, address), v4(&key, &mut Known::default(), address));
    }
}

#[test]
fn addresses_that_speak_by_themselves_stay() {
    let key = Key::new(&[1; 32]);
    for text in [
        "0.0.0.0",
        "127.0.0.1",
        "169.254.3.4",
        "192.0.2.7",
        "198.51.100.3",
        "203.0.113.9",
        "224.0.0.251",
        "255.255.255.0",
        "198.18.0.1",
    ] {
        let address: Ipv4Addr = text.parse().unwrap();
        assert_eq!(v4(&key, &mut Known::default(), address), address);
    }
    for text in ["::", "::1", "ff02::fb", "2001:db8::7", "::ffff:127.0.0.1", "64:ff9b::192.0.2.1"] {
        let address: Ipv6Addr = text.parse().unwrap();
        assert_eq!(v6(&key, address), address);
    }
    for address in
        [[0xff; 6], [0; 6], [1, 0, 0x5e, 0, 0, 0xfb], [0x33, 0x33, 0, 0, 0, 1], [0, 0, 0x5e, 0, 1, 9]]
    {
        assert_eq!(mac(&key, address), address);
    }
}

#[test]
fn an_ipv6_address_keeps_prefix_class_length_and_hardware_address() {
    let key = Key::new(&[1; 32]);
    let mut seen = BTreeSet::new();
    let mut all = BTreeSet::new();
    for number in numbers(400) {
        for base in ["fd12:3456:789a::", "2a00:1450::", "fe80::", "fd00:0:0:7::"] {
            let base = u128::from(base.parse::<Ipv6Addr>().unwrap());
            all.extend([base | (number >> 64), base | (number & 0xffff), base | (number & 0xff_ffff) << 64]);
        }
    }
    for number in &all {
        let from = Ipv6Addr::from(*number);
        let to = v6(&key, from);
        assert_eq!(from.to_string().len(), to.to_string().len(), "{from} {to}");
        assert_eq!(from.is_unique_local(), to.is_unique_local());
        assert_eq!(from.is_unicast_link_local(), to.is_unicast_link_local());
        assert_eq!(is_public_v6(from), is_public_v6(to));
        seen.insert(to);
    }
    assert_eq!(seen.len(), all.len());
    let prefixes: Vec<u64> = all.iter().map(|number| u64::try_from(number >> 64).unwrap()).collect();
    for pair in prefixes.windows(2) {
        let to =
            pair.iter().map(|prefix| u128::from(v6(&key, Ipv6Addr::from(u128::from(*prefix) << 64))) >> 64);
        let to: Vec<u128> = to.collect();
        assert_eq!((pair[0] ^ pair[1]).leading_zeros() + 64, (to[0] ^ to[1]).leading_zeros());
    }
    let hardware = mac(&key, [0x00, 0x50, 0x56, 0xab, 0xcd, 0xef]);
    let [a, b, c, d, e, f] = hardware;
    let own = v6(&key, "fe80::250:56ff:feab:cdef".parse().unwrap());
    assert_eq!(own.octets()[8..], [a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
    let group = v6(&key, "ff02::1:ffab:cdef".parse().unwrap());
    assert_eq!(group.octets()[13..], [d, e, f]);
    assert_eq!(mac(&key, [0x33, 0x33, 0xff, 0xab, 0xcd, 0xef]), [0x33, 0x33, 0xff, d, e, f]);
    assert_ne!(hardware[..3], [0x00, 0x50, 0x56]);
    let carried = v6(&key, "::ffff:10.1.2.3".parse().unwrap());
    assert_eq!(carried.to_ipv4_mapped(), Some(v4(&key, &mut Known::default(), "10.1.2.3".parse().unwrap())));
}
