use super::*;
use crate::sample::seen;
use crate::talk::{Talk, fixture, unhex};
use crate::x509::Store;

/// Reads what both sides say, one frame per line, in pieces of at most `most` bytes.
fn read(port: u16, talk: &Talk, most: usize) -> Conversation {
    let mut conversation = Conversation::new(port, Store::default());
    for (number, (dir, bytes)) in talk.iter().enumerate() {
        let frame = u32::try_from(number).unwrap() + 1;
        for piece in bytes.chunks(most) {
            conversation.data(*dir, seen(frame, f64::from(frame)), piece);
        }
    }
    conversation
}

fn sni(conversation: &Conversation) -> Option<&str> {
    conversation.tls.as_ref()?.facts().client_hello.as_ref()?.server_name.as_deref()
}

fn is_known(conversation: &Conversation) -> bool {
    !matches!(conversation.current, Current::Undecided | Current::Other)
}

fn said(dir: Dir, bytes: &[u8]) -> (Dir, Vec<u8>) {
    (dir, bytes.to_vec())
}

#[test]
fn knows_tls_on_any_port() {
    for port in [443, 8443, 3128] {
        let conversation = read(port, &fixture("tls12-chain"), usize::MAX);
        assert!(is_known(&conversation));
        assert!(sni(&conversation).is_some());
        assert!(conversation.http.is_none() && conversation.socks.is_none() && conversation.dns.is_none());
    }
}

#[test]
fn knows_http_on_any_port() {
    let conversation = read(8080, &fixture("http-wpad-404"), usize::MAX);
    let exchanges = conversation.http.as_ref().unwrap().exchanges();
    assert_eq!(exchanges[0].response.as_ref().unwrap().status, 404);
    assert!(conversation.tls.is_none());
}

#[test]
fn follows_connect_into_the_tunnel() {
    for most in [usize::MAX, 100] {
        let conversation = read(3128, &fixture("http-connect-tls"), most);
        let http = conversation.http.as_ref().unwrap();
        assert!(http.tunnel().is_some(), "{most}");
        assert_eq!(http.exchanges()[0].request.as_ref().unwrap().method, "CONNECT");
        assert!(sni(&conversation).is_some(), "{most}");
    }
}

#[test]
fn reads_what_the_client_sends_before_the_tunnel_is_open() {
    let talk = fixture("http-connect-tls");
    let hello = talk.iter().position(|(_, bytes)| bytes.first() == Some(&22)).unwrap();
    let mut conversation = Conversation::new(3128, Store::default());
    conversation.data(Dir::ToServer, seen(1, 1.0), &talk[0].1);
    conversation.data(Dir::ToServer, seen(2, 2.0), &talk[hello].1);
    conversation.data(Dir::ToClient, seen(3, 3.0), &talk[1].1);
    let facts = conversation.tls.as_ref().unwrap().facts();
    assert_eq!(facts.client_hello.as_ref().unwrap().span.first, at_of(seen(2, 2.0)));
}

#[test]
fn follows_socks_into_the_tunnel() {
    let mut talk = vec![
        said(Dir::ToServer, &[5, 1, 0]),
        said(Dir::ToClient, &[5, 0]),
        said(Dir::ToServer, b"\x05\x01\x00\x03\x09a.example\x01\xbb"),
        said(Dir::ToClient, &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ];
    talk.extend(fixture("tls12-chain"));
    let conversation = read(1080, &talk, usize::MAX);
    let exchange = conversation.socks.as_ref().unwrap().exchange();
    assert_eq!(
        exchange.request.as_ref().map(|asked| (asked.host.as_str(), asked.port)),
        Some(("a.example", 443))
    );
    assert!(sni(&conversation).is_some());
    assert!(conversation.http.is_none());
}

#[test]
fn reads_dns_over_tcp() {
    let query = unhex("001e 0007 0100 0001 0000 0000 0000 01 61 07 6578616d706c65 00 0001 0001");
    let length = u16::try_from(query.len() - 2).unwrap();
    let query = [&length.to_be_bytes()[..], &query[2..]].concat();
    let mut conversation = read(53, &vec![said(Dir::ToServer, &query)], 5);
    let read = conversation.dns.as_mut().unwrap().next_message().unwrap();
    assert_eq!(read.message.unwrap().question.unwrap().name, "a.example");
    assert!(is_known(&conversation));
}

#[test]
fn gives_up_what_stays_unknown() {
    let noise: Talk = (0..LOOKS).map(|_| said(Dir::ToServer, b"\x00\x01\x02noise")).collect();
    let mut conversation = read(4000, &noise, usize::MAX);
    assert!(!is_known(&conversation));
    for (dir, bytes) in fixture("tls12-chain") {
        conversation.data(dir, seen(90, 90.0), &bytes);
    }
    assert!(conversation.tls.is_none());
    // One look less, and what follows is read.
    let mut talk = noise;
    talk.pop();
    talk.extend(fixture("tls12-chain"));
    assert!(sni(&read(4000, &talk, usize::MAX)).is_some());
}

#[test]
fn a_gap_is_passed_to_whoever_reads() {
    let talk = fixture("tls12-chain");
    let mut conversation = Conversation::new(443, Store::default());
    conversation.gap(Dir::ToServer, seen(1, 1.0), 10);
    assert!(conversation.tls.is_none());
    conversation.data(Dir::ToServer, seen(2, 2.0), &talk[0].1);
    conversation.gap(Dir::ToClient, seen(3, 3.0), 500);
    assert_eq!(conversation.tls.as_ref().unwrap().facts().sides.to_client.missing, 500);
}

#[test]
fn a_place_survives_the_way_to_the_readers_and_back() {
    let place = Seen { capture: 65_535, frame: u32::MAX, ..seen(1, 5.0) };
    assert_eq!(seen_of(at_of(place)), place);
}
/// Larger pieces miss the allocator's quick lists (1,032 bytes with glibc), and there is one of each per connection.
#[test]
fn what_each_connection_needs_is_small() {
    assert!(size_of::<crate::tcp::Detail<()>>() <= 1032);
    assert!(size_of::<TlsReader>() <= 1032);
    assert!(size_of::<HttpReader>() <= 1032);
    assert!(size_of::<http::Exchange>() <= 1032);
}
