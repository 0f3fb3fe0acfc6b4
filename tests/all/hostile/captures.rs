//! Captures that lie about lengths, or that nobody can read.

use super::{analysed, assert_anomaly, assert_still_answered, good, with};
use crate::archive::{Raw, stored};

/// Header of a pcap file: microseconds, little-endian.
fn pcap(link: u32) -> Vec<u8> {
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    out.extend(65_535_u32.to_le_bytes());
    out.extend(link.to_le_bytes());
    out
}

/// A record of a pcap file that says what it likes of its length.
fn record(captured: u32, wire: u32, data: &[u8]) -> Vec<u8> {
    let head = [1_790_000_000_u32, 0, captured, wire];
    [&head.iter().flat_map(|field| field.to_le_bytes()).collect::<Vec<u8>>()[..], data].concat()
}

/// A block of a pcapng file that says what it likes of its length, before and behind.
fn block(kind: u32, before: u32, body: &[u8], behind: u32) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &before.to_le_bytes(), body, &behind.to_le_bytes()].concat()
}

/// Section and Ethernet interface of a pcapng file.
fn pcapng() -> Vec<u8> {
    let section = [0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    [block(0x0a0d_0d0a, 28, &section, 28), block(1, 20, &[1, 0, 0, 0, 0, 0, 4, 0], 20)].concat()
}

/// The good bundle's own capture, and its name.
pub fn capture() -> Raw {
    good().into_iter().find(|entry| entry.name.starts_with(b"network/capture")).unwrap()
}

#[test]
fn unknown_link_types_are_named() {
    let bytes = [pcap(147), record(4, 4, b"data")].concat();
    let (done, report) = analysed("strange.pcap", &bytes);
    assert_eq!(done.status, 3, "{}", done.err);
    assert_anomaly(&report, "strange.pcap", "link type 147");
    assert_anomaly(&report, "strange.pcap", "frame 1");
    assert_still_answered(
        &with(&[stored("network/strange.pcap", &bytes)]),
        "network/strange.pcap",
        "link type 147",
    );
}

#[test]
fn lengths_that_lie_end_the_file_and_are_told_of() {
    let ethernet = |lie: Vec<u8>| [pcap(1), record(60, 60, &[0; 60]), lie].concat();
    let ng = |lie: Vec<u8>| [pcapng(), block(3, 20, &[4, 0, 0, 0, 1, 2, 3, 4], 20), lie].concat();
    let inputs = [
        ("huge.pcap", ethernet(record(u32::MAX, u32::MAX, &[1; 100]))),
        ("large.pcap", ethernet(record(200 << 20, 200 << 20, &[1; 100]))),
        ("none.pcapng", ng(block(6, 0, &[0; 32], 0))),
        ("short.pcapng", ng(block(6, 4, &[0; 32], 4))),
        ("odd.pcapng", ng(block(6, 33, &[0; 32], 33))),
        ("huge.pcapng", ng(block(6, u32::MAX, &[0; 32], u32::MAX))),
        ("tail.pcapng", ng(block(6, 44, &[0; 32], 48))),
        ("inner.pcapng", ng(block(6, 44, &[255; 32], 44))),
        ("option.pcapng", ng(block(1, 28, &[1, 0, 0, 0, 0, 0, 4, 0, 2, 0, 255, 255, 0, 0, 0, 0], 28))),
    ];
    for (name, bytes) in inputs {
        let (done, report) = analysed(name, &bytes);
        assert_eq!(done.status, 3, "{name}: {}", done.err);
        assert!(done.took < super::PATIENCE, "{name} took {:?}", done.took);
        if !name.starts_with("option") {
            assert_anomaly(&report, name, "frame 1");
        }
    }
}

#[test]
fn a_section_without_an_end_is_read_as_far_as_it_goes() {
    let whole = capture();
    let name = String::from_utf8(whole.name.clone()).unwrap();
    let torn = [&whole.data[..], &[0x42; 1_000]].concat();
    assert_still_answered(&with(&[stored(&name, &torn)]), &name, "frame");
}

#[test]
fn what_only_looks_like_a_capture_is_told_of() {
    let bytes = with(&[stored("network/second.pcapng", &[0; 4_096])]);
    assert_still_answered(&bytes, "network/second.pcapng", "");
    let (done, report) = analysed("head.pcap", &pcap(1));
    assert_eq!((done.status, &report["diagnosis"]["verdict"]), (3, &"inconclusive".into()), "{}", done.err);
}
