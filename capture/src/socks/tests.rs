use super::*;
use crate::talk::{Act, Dice, Talk, feed, fixture};

fn read(talk: &Talk, most: usize, dice: &mut Dice) -> (SocksReader, Vec<u8>) {
    let mut reader = SocksReader::new();
    let mut tunnelled = Vec::new();
    feed(talk, most, dice, |act| match act {
        Act::Data(dir, at, bytes) => {
            let used = reader.data(dir, at, bytes);
            tunnelled.extend_from_slice(&bytes[used..]);
        }
        Act::Gap(dir, at, missing) => _ = reader.gap(dir, at, missing),
    });
    (reader, tunnelled)
}

fn read_all_ways(talk: &Talk) -> (SocksReader, Vec<u8>) {
    let mut dice = Dice(4);
    let (expected, tunnelled) = read(talk, usize::MAX, &mut dice);
    for most in [1, 2, 3, 5] {
        let (reader, other) = read(talk, most, &mut dice);
        assert_eq!(
            (reader.exchange(), reader.tunnel(), &other),
            (expected.exchange(), expected.tunnel(), &tunnelled)
        );
    }
    (expected, tunnelled)
}

#[test]
fn reads_a_proxy_that_takes_no_method() {
    let talk = fixture("socks5-no-method");
    assert!(looks_like_socks(&talk[0].1));
    let (reader, _) = read_all_ways(&talk);
    assert_eq!(reader.exchange().methods, [0]);
    assert_eq!(reader.exchange().method.unwrap().1, 255);
    assert_eq!(reader.tunnel(), None);
}

#[test]
fn reads_a_refused_request() {
    let (reader, _) = read_all_ways(&fixture("socks5-not-allowed"));
    let exchange = reader.exchange();
    let request = exchange.request.as_ref().unwrap();
    assert_eq!((request.command, request.host.as_str(), request.port), (1, "tetra-defs.amp.cisco.com", 443));
    assert_eq!((exchange.reply.unwrap().1, exchange.broken), (2, None));
}

#[test]
fn hands_a_tunnel_over_after_a_login() {
    let talk = vec![
        (Dir::ToServer, b"\x05\x02\x00\x02".to_vec()),
        (Dir::ToClient, b"\x05\x02".to_vec()),
        (Dir::ToServer, b"\x01\x04user\x06secret".to_vec()),
        (Dir::ToClient, b"\x01\x00".to_vec()),
        (Dir::ToServer, b"\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb".to_vec()),
        (Dir::ToClient, b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00".to_vec()),
        (Dir::ToServer, b"\x16\x03\x01".to_vec()),
    ];
    let (reader, tunnelled) = read_all_ways(&talk);
    assert_eq!(reader.exchange().login.unwrap().1, 0);
    assert_eq!(reader.exchange().request.as_ref().unwrap().host, "192.0.2.1");
    assert_eq!(reader.tunnel().unwrap().frame, 6);
    assert_eq!(tunnelled, b"\x16\x03\x01");
}

#[test]
fn reads_version_4_with_a_name() {
    let talk = vec![
        (Dir::ToServer, b"\x04\x01\x00\x50\x00\x00\x00\x01me\x00Update.example\x00".to_vec()),
        (Dir::ToClient, b"\x00\x5b\x00\x00\x00\x00\x00\x00".to_vec()),
    ];
    assert!(looks_like_socks(&talk[0].1));
    let (reader, _) = read_all_ways(&talk);
    let request = reader.exchange().request.as_ref().unwrap();
    assert_eq!((request.host.as_str(), request.port), ("update.example", 80));
    assert_eq!((reader.exchange().version, reader.exchange().reply.unwrap().1), (4, 91));
}

#[test]
fn survives_damage() {
    let mut dice = Dice(6);
    for _ in 0..3_000 {
        let mut talk = fixture("socks5-not-allowed");
        for (_, bytes) in &mut talk {
            dice.damage(bytes);
        }
        let (expected, _) = read(&talk, usize::MAX, &mut dice);
        let (reader, _) = read(&talk, 3, &mut dice);
        assert_eq!(reader.exchange(), expected.exchange());
    }
}
