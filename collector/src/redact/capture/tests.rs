use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tetra_capture::blocks;
use tetra_capture::sample::{File, Order, tcp};

use crate::redact::{Key, Level, Outcome, Redactor};

const CLIENT: &str = "10.9.8.7:50000";
const PROXY: &str = "10.9.8.1:3128";

/// A stretch that one side sends: whether it is the client, the bytes, and how many of them are captured.
type Sent<'a> = (bool, &'a [u8], usize);

/// Makes a capture of a connection in which these are sent.
pub(super) fn conversation(sent: &[Sent<'_>]) -> Vec<u8> {
    let mut file = File::pcap(Order::Little, 0xa1b2_c3d4, 1);
    let (mut up, mut down) = (1, 1);
    let mut frames = vec![
        (tcp(CLIENT, PROXY, "S", 0, 0, &[]), 0),
        (tcp(PROXY, CLIENT, "SA", 0, 1, &[]), 0),
        (tcp(CLIENT, PROXY, "A", 1, 1, &[]), 0),
    ];
    for (from_client, bytes, captured) in sent {
        let cut = bytes.len().saturating_sub(*captured);
        let length = u32::try_from(bytes.len()).unwrap();
        if *from_client {
            frames.push((tcp(CLIENT, PROXY, "A", up, down, bytes), cut));
            up += length;
        } else {
            frames.push((tcp(PROXY, CLIENT, "A", down, up, bytes), cut));
            down += length;
        }
    }
    for (number, (frame, cut)) in (0u32..).zip(&frames) {
        file = file.record(1_700_000_000 + number, 0, &frame[..frame.len() - cut], frame.len());
    }
    file.bytes
}

/// Cleans a capture.
pub(super) fn cleaned(capture: &[u8], level: Level) -> Vec<u8> {
    let mut redactor = Redactor::new(Key::new(&[5; 32]), level);
    let bytes = capture.to_vec();
    let open =
        || -> std::io::Result<Box<dyn std::io::Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    let mut out = Vec::new();
    redactor.learn(&open).unwrap();
    assert_eq!(redactor.clean(&open, &mut out).unwrap(), Outcome::Cleaned);
    out
}

/// Gives what the segments of a conversation carry, as text.
fn payloads(capture: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    blocks::read(Box::new(Cursor::new(capture.to_vec())), &mut |frame| {
        all.push(String::from_utf8_lossy(frame.data.get(54..).unwrap_or_default()).into_owned());
    });
    all.split_off(3)
}

fn client_hello() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    let name = b"update.vendor.corp.internal";
    let length = u8::try_from(name.len()).unwrap();
    let extension = [&[0, 0, 0, length + 5, 0, length + 3, 0, 0, length][..], name].concat();
    body.extend([0, u8::try_from(extension.len()).unwrap()]);
    body.extend(extension);
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

#[test]
fn a_head_that_is_cut_still_says_what_was_asked_and_answered() {
    let secret = STANDARD.encode("canary-user:canary-pass");
    let ask = b"CONNECT tetra-defs.amp.cisco.com:443 HTTP/1.1\r\nHost: tetra-defs.amp.cisco.com:443\r\n\r\n";
    let refuse =
        b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/5.7\r\nX-Long: abcdefghij\r\n\r\n";
    let again = format!(
        "CONNECT tetra-defs.amp.cisco.com:443 HTTP/1.1\r\nProxy-Authorization: Basic {secret}\r\n\r\n"
    );
    let open = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy.corp.internal\r\n\r\n";
    let hello = client_hello();
    let scheme = again.find(&secret).unwrap();
    let short = payloads(&cleaned(&conversation(&[(true, ask, 30)]), Level::Full));
    assert_eq!(short[0], "CONNECT tetra-defs.amp.cisco.c");
    let short = payloads(&cleaned(
        &conversation(&[(true, b"CONNECT tetra-x.corp.internal:443 HTTP", 25)]),
        Level::Full,
    ));
    assert!(short[0].starts_with("CONNECT ") && !short[0].contains("tetra-x.corp"), "{short:?}");
    for cut in [scheme - 1, scheme, scheme + 5] {
        let sent: &[Sent<'_>] = &[
            (true, ask, 60),
            (false, refuse, 60),
            (true, again.as_bytes(), cut),
            (false, open, 50),
            (true, &hello, hello.len()),
        ];
        let all = payloads(&cleaned(&conversation(sent), Level::Full));
        assert!(all[0].starts_with("CONNECT tetra-defs.amp.cisco.com:443 HTTP/1.1\r\nHost: "), "{all:?}");
        assert!(all[1].starts_with("HTTP/1.1 407 Proxy Authentication Required\r\nServer: xx"), "{all:?}");
        assert!(all[2].contains("\r\nProxy-Authorization: Basic"), "{cut} {all:?}");
        assert!(!all[2].contains(&secret[..5]), "{all:?}");
        assert!(all[3].starts_with("HTTP/1.1 200 Connection established\r\n"), "{all:?}");
        assert!(all[4].starts_with('\u{16}') && !all[4].contains("corp.internal"), "{all:?}");
        assert_eq!(all[4].len(), String::from_utf8_lossy(&hello).len());
    }
}

#[test]
fn a_tunnel_is_read_where_the_answer_that_opens_it_was_not_captured() {
    let ask = b"CONNECT tetra-defs.amp.cisco.com:443 HTTP/1.1\r\nHost: tetra-defs.amp.cisco.com:443\r\n\r\n";
    let open = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let hello = client_hello();
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let sent: &[Sent<'_>] = &[
        (true, ask, ask.len()),
        (false, open, 0),
        (true, &hello, hello.len()),
        (false, &alert, alert.len()),
    ];
    let all = payloads(&cleaned(&conversation(sent), Level::Full));
    assert!(all[2].starts_with('\u{16}'), "{all:?}");
    assert_eq!(all[3].as_bytes(), alert);
}

#[test]
fn a_line_of_a_head_without_a_name_does_not_stay() {
    let odd = b"GET / HTTP/1.1\r\nHost: tetra-defs.amp.cisco.com\r\ncanary-pass without a name\r\n\r\n";
    let all = payloads(&cleaned(&conversation(&[(true, odd, odd.len())]), Level::Secrets));
    assert!(all[0].starts_with("GET / HTTP/1.1\r\n") && !all[0].contains("canary"), "{all:?}");
}

#[test]
fn damaged_captures_are_cleaned_frame_by_frame_or_withheld() {
    let hello = client_hello();
    let ask = b"GET http://pc7.corp.internal/x HTTP/1.1\r\nCookie: canary-cookie-99\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let whole =
        conversation(&[(true, ask, ask.len()), (false, answer, answer.len()), (true, &hello, hello.len())]);
    let count = |capture: &[u8]| {
        let mut frames = 0usize;
        blocks::read(Box::new(Cursor::new(capture.to_vec())), &mut |_| frames += 1);
        frames
    };
    let mut random = 3u32;
    for round in 0..2000 {
        let mut bytes = whole.clone();
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = 24 + usize::try_from(random >> 8).unwrap() % (bytes.len() - 24);
        if round % 2 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= u8::try_from(random & 0xff).unwrap().max(1);
        }
        let mut redactor = Redactor::new(Key::new(&[5; 32]), Level::Full);
        let open =
            || -> std::io::Result<Box<dyn std::io::Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
        let mut out = Vec::new();
        redactor.learn(&open).unwrap();
        if redactor.clean(&open, &mut out).unwrap() == Outcome::Cleaned {
            assert_eq!(count(&out), count(&bytes), "{round}");
            assert!(memchr::memmem::find(&out, b"canary-cookie").is_none(), "{round}");
        }
    }
}
