use std::io::Cursor;
use std::net::Ipv4Addr;

use tetra_capture::sample::{File, Order, udp};

use super::*;
use crate::redact::{Key, Level};

/// Somebody's secrets and names, replaced once.
fn tokens() -> Tokens {
    let mut tokens = Tokens::new(Key::new(&[4; 32]), Level::Full);
    tokens.learn_secret(b"Canary-P4ssw0rd!");
    tokens.learn_word(Kind::User, "jane");
    tokens.learn_host("pc7.corp.internal");
    tokens.host("pc7.corp.internal");
    tokens.word(Kind::User, "jane");
    tokens.v4(Ipv4Addr::new(10, 9, 8, 7));
    tokens.mac([0, 0x50, 0x56, 0xab, 0xcd, 0xef]);
    tokens
}

fn found(text: &[u8]) -> Vec<(Kind, u64)> {
    let tokens = tokens();
    let search = Search::new(&tokens);
    let mut all = BTreeMap::new();
    for net in search.nets() {
        for (kind, count) in net.unwrap().search(&mut Cursor::new(text)).unwrap() {
            *all.entry(kind).or_default() += count;
        }
    }
    all.into_iter().collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_original_is_found_in_each_of_its_forms() {
    // The name of the machine is found by itself too.
    let host = |text: &str| assert!(found(text.as_bytes()).starts_with(&[(Kind::Host, 2)]), "{text}");
    host("a PC7.corp.Internal.");
    host("\u{3}pc7\u{4}corp\u{8}internal\u{0}");
    assert_eq!(found(&wide("pc7.corp.internal")), [(Kind::Host, 2)]);
    for text in ["x Canary-P4ssw0rd!y", "SGVsbG86Q2FuYXJ5LVA0c3N3MHJkIQ==", "dTpDYW5hcnktUDRzc3cwcmQh"] {
        assert_eq!(found(text.as_bytes()), [(Kind::Secret, 1)], "{text}");
    }
    assert_eq!(found(&wide("Canary-P4ssw0rd!")), [(Kind::Secret, 1)]);
    for text in ["DOMAIN\\jane logged on", "\"C:\\\\Users\\\\Jane\\\\x\"", "corp\\njane", "jane.doe"] {
        assert_eq!(found(text.as_bytes()), [(Kind::User, 1)], "{text}");
    }
    assert_eq!(found(&wide("\\Users\\JANE\\")), [(Kind::User, 1)]);
    assert_eq!(found(b"from 10.9.8.7:443."), [(Kind::Address, 1)]);
    for text in ["00:50:56:ab:cd:ef", "00-50-56-AB-CD-EF", "0050.56ab.cdef"] {
        assert_eq!(found(text.as_bytes()), [(Kind::Mac, 1)], "{text}");
    }
}

#[test]
fn what_only_looks_like_one_is_not_counted() {
    for text in [
        "janet and marijane",
        "110.9.8.7 and 10.9.8.70 and 1.10.9.8.7 and 10.9.8.7.6",
        "version 10.9.8.7",
        "xpc7.corp.internal",
        "Canary-P4ssw0rd",
    ] {
        assert_eq!(found(text.as_bytes()), [], "{text}");
        assert_eq!(found(&wide(text)), [], "{text}");
    }
}

#[test]
fn packets_are_searched_too() {
    let file =
        |frame: &[u8]| File::pcap(Order::Little, 0xa1b2_c3d4, 1).record(1, 0, frame, frame.len()).bytes;
    assert_eq!(found(&file(&udp("10.9.8.7:53", "10.1.1.1:99", b"x"))), [(Kind::Address, 1)]);
    assert_eq!(found(&file(&udp("10.1.1.1:53", "10.9.8.7:99", b"x"))), [(Kind::Address, 1)]);
    assert_eq!(found(&file(&udp("10.1.1.1:53", "10.1.1.2:99", &[9, 10, 9, 8, 7, 4]))), []);
    assert_eq!(
        found(&file(&udp("10.1.1.1:53", "10.1.1.2:99", &[0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 9, 8, 7]))),
        [(Kind::Address, 1)]
    );
    assert_eq!(
        found(&file(&udp("10.1.1.1:53", "10.1.1.2:99", &[0, 0x50, 0x56, 0xab, 0xcd, 0xef]))),
        [(Kind::Mac, 1)]
    );
}

#[test]
fn nothing_is_missed_where_a_piece_ends_and_nothing_is_counted_twice() {
    let borders = [0, READ, READ + AHEAD, READ + AHEAD + BEHIND];
    for place in borders.into_iter().flat_map(|border| border.saturating_sub(20)..border + 4) {
        let mut text = vec![b' '; 3 * READ];
        text[place..place + 16].copy_from_slice(b"Canary-P4ssw0rd!");
        let far = place + READ + 100;
        text[far..far + 8].copy_from_slice(b"10.9.8.7");
        assert_eq!(found(&text), [(Kind::Secret, 1), (Kind::Address, 1)], "{place}");
    }
}

#[test]
fn many_originals_are_looked_for_a_batch_at_a_time() {
    let mut tokens = tokens();
    for number in 0..15_000 {
        tokens.learn_word(Kind::User, &format!("somebody-{number:06}"));
    }
    for number in 0..15_000 {
        tokens.learn_host(&format!("somewhere-{number:06}.{}.corp.internal", "quite-far-away".repeat(4)));
    }
    let search = Search::new(&tokens);
    let text = b"somebody-000000 and somebody-014999 and somebody-015000";
    let counts = search.nets().map(|net| net.unwrap().search(&mut Cursor::new(text)).unwrap());
    let counts: Vec<BTreeMap<Kind, u64>> = counts.collect();
    assert!(counts.len() > 1);
    assert_eq!(counts.iter().flat_map(BTreeMap::values).sum::<u64>(), 2);
}
