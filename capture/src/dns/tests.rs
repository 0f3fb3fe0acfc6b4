use super::*;
use crate::stream::{At, Dir};
use crate::talk::{Dice, unhex};

const ALIAS: &str = "791c850000010001000000000a74657472612d6465667303616d7005636973636f03636f6d0000010001c00c00050001\
    0000012c00230a74657472612d646566730363646e0a636973636f2d65646765076578616d706c6500";
const MISSING: &str = "dd92850300010000000100000563746c646c0d77696e646f7773757064617465076578616d706c6500001c0001000006\
    00010000012c0033036e733104636f7270076578616d706c65000a686f73746d6173746572c03c0000000100001c200000070800\
    0d2f000000012c";
const ADDRESS: &str = "10b885000001000100000000046d676d7403616d7005636973636f03636f6d0000010001c00c000100010000012c00043415640a";
/// An extended response code, BADVERS, in an answer with EDNS.
const EXTENDED: &str = "0001818000010000000000010161000001000100002904d001000000 0000";

#[test]
fn reads_an_alias_that_leads_nowhere() {
    let message = parse(&unhex(ALIAS)).unwrap();
    assert_eq!(
        message.question,
        Some(Question { name: "tetra-defs.amp.cisco.com".into(), kind: "A".into() })
    );
    let data = Data::Cname("tetra-defs.cdn.cisco-edge.example".into());
    assert_eq!(message.answers, [Record { name: "tetra-defs.amp.cisco.com".into(), ttl: 300, data }]);
    assert_eq!((message.rcode, message.soa, message.response, message.cut), (0, false, true, false));
}

#[test]
fn reads_a_proper_negative_answer() {
    let message = parse(&unhex(MISSING)).unwrap();
    assert_eq!((message.rcode, message.soa, message.authoritative), (3, true, true));
    assert_eq!(message.question.unwrap().kind, "AAAA");
}

#[test]
fn joins_the_extended_response_code() {
    let bytes = unhex(EXTENDED);
    for message in [parse(&bytes).unwrap(), partial::parse(&bytes).unwrap()] {
        assert_eq!((message.rcode, message.edns_size, message.cut), (16, Some(1_232), false));
    }
}

#[test]
fn both_readers_agree() {
    for hex in [ALIAS, MISSING, ADDRESS, EXTENDED] {
        assert_eq!(partial::parse(&unhex(hex)), parse(&unhex(hex)), "{hex}");
    }
}

#[test]
fn reads_the_front_of_a_cut_message() {
    let bytes = unhex(ADDRESS);
    for length in 0..bytes.len() {
        match parse(&bytes[..length]) {
            Ok(message) => {
                assert!(message.cut && message.answers.is_empty(), "{length}");
                assert_eq!(message.question.is_some(), length >= 36, "{length}");
            }
            Err(Malformed) => assert!(length < 12, "{length}"),
        }
    }
}

#[test]
fn does_not_follow_pointers_in_circles() {
    let header = "000181800001000000000000";
    for name in ["c00c", "c00e c00c", "0161c00c"] {
        let message = parse(&unhex(&format!("{header}{name}00010001"))).unwrap();
        assert_eq!((message.question, message.cut), (None, true));
    }
}

#[test]
fn survives_damage() {
    let mut dice = Dice(13);
    for hex in [ALIAS, MISSING, ADDRESS, EXTENDED] {
        for _ in 0..3_000 {
            let mut bytes = unhex(hex);
            dice.damage(&mut bytes);
            let _ = parse(&bytes);
            let _ = partial::parse(&bytes);
        }
    }
}

/// Puts messages into a stream, each after its length.
fn stream(messages: &[&str]) -> Vec<u8> {
    let messages = messages.iter().map(|hex| unhex(hex));
    messages.flat_map(|one| [&u16::try_from(one.len()).unwrap().to_be_bytes()[..], &one].concat()).collect()
}

#[test]
fn cuts_a_stream_into_messages() {
    let bytes = stream(&[ALIAS, ADDRESS]);
    for cut in 0..=bytes.len() {
        let mut reader = TcpStreamReader::new();
        reader.data(Dir::ToClient, At { frame: 1, time: 0 }, &bytes[..cut]);
        reader.data(Dir::ToClient, At { frame: 2, time: 0 }, &bytes[cut..]);
        let read: Vec<_> = std::iter::from_fn(|| reader.next_message()).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].message, parse(&unhex(ALIAS)));
        assert_eq!(read[1].message, parse(&unhex(ADDRESS)));
        assert_eq!(read[1].span.last.frame, if cut == bytes.len() { 1 } else { 2 });
    }
}

#[test]
fn goes_on_after_a_gap_inside_a_message() {
    let bytes = stream(&[ALIAS, ADDRESS]);
    let mut reader = TcpStreamReader::new();
    reader.data(Dir::ToClient, At::default(), &bytes[..50]);
    reader.gap(Dir::ToClient, At::default(), 20);
    reader.data(Dir::ToClient, At::default(), &bytes[70..]);
    assert!(reader.next_message().unwrap().message.unwrap().cut);
    assert_eq!(reader.next_message().unwrap().message, parse(&unhex(ADDRESS)));
    reader.gap(Dir::ToClient, At::default(), 1);
    reader.data(Dir::ToClient, At::default(), &bytes);
    assert_eq!(reader.next_message(), None);
}
