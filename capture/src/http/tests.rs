use super::*;
use crate::stream::Dir;
use crate::talk::{Act, Dice, Talk, feed, feed_snapped, fixture};

/// All conversations of the laboratory that begin with HTTP.
const TALKS: [&str; 13] = [
    "http-connect-tls",
    "http-download",
    "http-proxy-acl",
    "http-proxy-basic",
    "http-proxy-ntlm",
    "http-range-416",
    "http-wpad-404",
    "crl-revoked",
    "ocsp-captive",
    "ocsp-good",
    "ocsp-revoked",
    "ocsp-unauthorized",
    "ocsp-wrong-signer",
];

fn act(reader: &mut HttpReader, tunnelled: &mut Vec<(Dir, Vec<u8>)>, act: Act<'_>) {
    match act {
        Act::Data(dir, at, bytes) => {
            let used = reader.data(dir, at, bytes);
            if used < bytes.len() {
                tunnelled.push((dir, bytes[used..].to_vec()));
            }
        }
        Act::Gap(dir, at, missing) => _ = reader.gap(dir, at, missing),
    }
}

/// Reads a conversation in pieces of at most `most` bytes, and returns what the tunnel got.
fn read(talk: &Talk, most: usize, dice: &mut Dice) -> (HttpReader, [Vec<u8>; 2]) {
    let mut reader = HttpReader::new();
    let mut tunnelled = Vec::new();
    feed(talk, most, dice, |one| act(&mut reader, &mut tunnelled, one));
    let of =
        |dir| tunnelled.iter().filter(|(one, _)| *one == dir).flat_map(|(_, bytes)| bytes.clone()).collect();
    (reader, [of(Dir::ToServer), of(Dir::ToClient)])
}

fn whole(name: &str) -> HttpReader {
    read(&fixture(name), usize::MAX, &mut Dice(1)).0
}

fn text(talk: &[(Dir, &str)]) -> Talk {
    talk.iter().map(|(dir, text)| (*dir, text.as_bytes().to_vec())).collect()
}

#[test]
fn does_not_depend_on_how_bytes_are_split() {
    let mut dice = Dice(42);
    for name in TALKS {
        let talk = fixture(name);
        let (expected, tunnelled) = read(&talk, usize::MAX, &mut dice);
        for most in [1, 2, 3, 7, 50, 1_000] {
            let (reader, other) = read(&talk, most, &mut dice);
            assert_eq!(reader.exchanges(), expected.exchanges(), "{name} in pieces of {most}");
            assert_eq!(reader.tunnel(), expected.tunnel());
            assert_eq!(other, tunnelled);
        }
    }
}

#[test]
fn survives_damage() {
    let mut dice = Dice(7);
    for name in TALKS {
        for _ in 0..150 {
            let mut talk = fixture(name);
            for (_, bytes) in &mut talk {
                dice.damage(bytes);
            }
            let (expected, _) = read(&talk, usize::MAX, &mut dice);
            let (reader, _) = read(&talk, 90, &mut dice);
            assert_eq!(reader.exchanges(), expected.exchanges(), "{name}");
        }
    }
}

#[test]
fn survives_gaps_anywhere() {
    let mut dice = Dice(21);
    for name in TALKS {
        let talk = fixture(name);
        for round in 0..60 {
            let (mut reader, mut coin) = (HttpReader::new(), Dice(round + 1));
            feed(&talk, 400, &mut dice, |one| match one {
                Act::Data(dir, at, bytes) if coin.below(6) == 0 => {
                    let missing = u64::try_from(bytes.len()).unwrap();
                    assert!(reader.gap(dir, at, missing) <= missing);
                }
                one => act(&mut reader, &mut Vec::new(), one),
            });
            reader.on_close(Dir::ToServer, At::default());
            reader.on_close(Dir::ToClient, At::default());
            assert!(
                reader.exchanges().iter().all(|one| {
                    one.response.as_ref().is_none_or(|response| response.body.end != End::Open)
                })
            );
        }
    }
}

#[test]
fn reads_a_proxy_that_rejects_credentials() {
    let reader = whole("http-proxy-basic");
    let statuses: Vec<_> =
        reader.exchanges().iter().map(|one| one.response.as_ref().unwrap().status).collect();
    assert_eq!(statuses, [407, 407]);
    let [first, second] = reader.exchanges() else { panic!("two exchanges") };
    assert_eq!(first.request.as_ref().unwrap().proxy_credentials, None);
    let request = second.request.as_ref().unwrap();
    assert_eq!(request.proxy_credentials.as_ref().unwrap().scheme, "Basic");
    assert_eq!(request.authority(), Some("tetra-defs.amp.cisco.com:443"));
    let response = second.response.as_ref().unwrap();
    assert_eq!(response.proxy_challenges[0].scheme, "Basic");
    assert_eq!(response.squid_error.as_deref(), Some("ERR_CACHE_ACCESS_DENIED 0"));
    assert_eq!((response.body.end, response.body.start.len()), (End::Complete, 512));
    assert_eq!(Some(response.body.received), response.content_length);
    assert_eq!(reader.tunnel(), None);
}

#[test]
fn hands_a_tunnel_over() {
    let (reader, [asked, answered]) = read(&fixture("http-connect-tls"), usize::MAX, &mut Dice(1));
    let tunnel = reader.tunnel().unwrap();
    assert_eq!((tunnel.target.as_str(), tunnel.exchange), ("tetra-defs.amp.cisco.com:443", 0));
    assert!(asked.starts_with(&[22, 3, 1]) && answered.starts_with(&[22, 3, 3]));
}

#[test]
fn keeps_what_comes_before_the_tunnel_is_open() {
    let (client, server) = (Dir::ToServer, Dir::ToClient);
    let connect = (client, "CONNECT a:443 HTTP/1.1\r\n\r\nhello");
    let (mut reader, _) =
        read(&text(&[connect, (server, "HTTP/1.1 200 OK\r\n\r\nworld")]), usize::MAX, &mut Dice(1));
    assert!(reader.tunnel().is_some());
    assert!(matches!(&reader.take_early()[..], [Early::Data(_, bytes)] if bytes == b"hello"));
    let again = (client, "CONNECT a:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    let refused =
        "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let (reader, _) = read(&text(&[again, (server, refused)]), 5, &mut Dice(1));
    assert_eq!(reader.exchanges()[1].request.as_ref().unwrap().method, "GET");
    assert_eq!(reader.exchanges()[1].response.as_ref().unwrap().body.start, b"ok");
}

#[test]
fn reads_ranges() {
    let reader = whole("http-range-416");
    let exchange = &reader.exchanges()[0];
    assert_eq!(exchange.request.as_ref().unwrap().range_start, Some(1_200_000));
    let response = exchange.response.as_ref().unwrap();
    assert_eq!((response.status, response.content_range.as_deref()), (416, Some("bytes */2500000")));
    assert_eq!(response.date, Some(1_795_407_640));
}

#[test]
fn passes_over_what_is_not_captured() {
    let talk = fixture("http-proxy-basic");
    let (whole, _) = read(&talk, usize::MAX, &mut Dice(1));
    for snap in [30, 60, 200, 400, 1_000] {
        let mut reader = HttpReader::new();
        feed_snapped(&talk, 1_460, snap, |one| act(&mut reader, &mut Vec::new(), one));
        let seen = |reader: &HttpReader| -> Vec<_> {
            reader.exchanges().iter().map(|one| one.response.as_ref().map(|it| it.status)).collect()
        };
        assert_eq!(seen(&reader), seen(&whole), "snap length {snap}");
        let request = reader.exchanges()[1].request.as_ref().unwrap();
        assert_eq!((request.method.as_str(), request.cut), ("CONNECT", snap < 250));
    }
}

#[test]
fn finds_the_next_head_in_the_middle() {
    let (client, server) = (Dir::ToServer, Dir::ToClient);
    let talk = text(&[
        (server, "of a body that began before the capture HTTP/2 HTTP/1"),
        (client, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"),
        (server, " and its endHTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!"),
    ]);
    let mut dice = Dice(3);
    for most in [usize::MAX, 1, 4, 9] {
        let (reader, _) = read(&talk, most, &mut dice);
        let exchange = &reader.exchanges()[0];
        assert_eq!(exchange.request.as_ref().unwrap().target, "/a");
        assert_eq!(exchange.response.as_ref().unwrap().status, 404);
    }
}

#[test]
fn shows_what_is_not_http() {
    let talk =
        text(&[(Dir::ToServer, "GET / HTTP/1.1\r\n\r\n"), (Dir::ToClient, "220 smtp.example ESMTP\r\n")]);
    for most in [usize::MAX, 1, 5] {
        let (reader, _) = read(&talk, most, &mut Dice(8));
        assert_eq!(reader.unreadable(Dir::ToClient).unwrap().bytes, b"220 smtp.example ESMTP\r\n");
        assert_eq!(reader.unreadable(Dir::ToServer), None);
    }
}

#[test]
fn knows_answers_without_body() {
    let (client, server) = (Dir::ToServer, Dir::ToClient);
    let asked = "HEAD / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n";
    let answered = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
        HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil close";
    let (mut reader, _) = read(&text(&[(client, asked), (server, answered)]), 11, &mut Dice(5));
    assert_eq!(reader.exchanges()[2].response.as_ref().unwrap().body.end, End::Open);
    reader.on_close(server, At { frame: 9, time: 9 });
    let ends: Vec<_> = reader
        .exchanges()
        .iter()
        .map(|one| {
            (
                one.interim,
                one.response.as_ref().unwrap().body.framing,
                one.response.as_ref().unwrap().body.end,
            )
        })
        .collect();
    assert_eq!(
        ends,
        [
            (0, Framing::None, End::Complete),
            (1, Framing::None, End::Complete),
            (0, Framing::UntilClose, End::Complete)
        ]
    );
}

#[test]
fn tells_requests_and_answers_from_other_bytes() {
    assert!(looks_like_request(b"CONNECT a:443 HTTP/1.1") && looks_like_response(b"HTTP/1.0 200"));
    assert!(!looks_like_request(b"\x16\x03\x01") && !looks_like_response(b"HTTP/2 200"));
}
