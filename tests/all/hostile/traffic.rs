//! Captures made to cost: flows without number, segments that contradict each other, names that lead in a circle,
//! certificates without end.

use std::path::PathBuf;

use tetra_capture::sample::{File, Order, tcp, udp};

use super::captures::capture;
use super::child::{self, HELD};
use super::with;
use crate::archive::{Place, stored};

/// Microseconds, little-endian.
const MAGIC: u32 = 0xa1b2_c3d4;
const CLIENT: &str = "192.0.2.10:50000";
const SERVER: &str = "198.51.100.7:443";
/// Memory that a flow may cost, in bytes.
const PER_FLOW: u64 = 300;
/// Memory that a flow may cost that is an attempt of the connector, with its ladder and evidence, in bytes.
const PER_ATTEMPT: u64 = 1_024;

fn pcap() -> File {
    File::pcap(Order::Little, MAGIC, 1)
}

fn add(file: File, frames: &[Vec<u8>]) -> File {
    frames
        .iter()
        .zip(0..)
        .fold(file, |file, (frame, number)| file.record(1_795_400_000, number * 100, frame, frame.len()))
}

/// A capture of so many packets like this one, each between other ends.
fn flows(frame: &[u8], count: u32) -> Vec<u8> {
    let mut file = pcap().bytes;
    let mut frame = frame.to_vec();
    for number in 0..count {
        let [high, middle, low, last] = number.to_be_bytes();
        // Destination address, source port.
        frame[31..34].copy_from_slice(&[high ^ 1, middle, low]);
        frame[34..36].copy_from_slice(&[200, last]);
        let length = u32::try_from(frame.len()).unwrap();
        for field in [1_795_400_000 + number / 1_000, number % 1_000 * 1_000, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(&frame);
    }
    file
}

/// Puts a capture beside the good one, in the good bundle.
fn beside(place: &Place, bytes: &[u8]) -> PathBuf {
    place.put("in.zip", &with(&[stored("network/second.pcap", bytes)]))
}

#[test]
fn a_million_flows_of_one_packet() {
    let place = Place::new();
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    let request = b"GET /av64bit/versions.id HTTP/1.1\r\nHost: tetra-defs.amp.cisco.com\r\n\r\n";
    for (what, count, frame) in [
        ("SYN", 1_000_000, tcp(CLIENT, SERVER, "S", 1, 0, b"")),
        ("RST", 200_000, tcp(CLIENT, SERVER, "R", 1, 0, b"")),
        ("data", 200_000, tcp(CLIENT, SERVER, "A", 1, 1, hello)),
        ("request", 20_000, tcp(CLIENT, "198.51.100.7:80", "A", 1, 1, request)),
        (
            "question over TCP",
            200_000,
            tcp(CLIENT, "198.51.100.7:53", "A", 1, 1, &[0, 200, 0, 7, 1, 0, 0, 1]),
        ),
        (
            "question",
            200_000,
            udp(CLIENT, "198.51.100.7:53", &question(b"\x05tetra\x05cisco\x03com\0", 0x0100)),
        ),
    ] {
        println!("{count} times {what}");
        let ran = child::analyse(&place.put("flows.pcap", &flows(&frame, count)));
        let each = if what == "request" { PER_ATTEMPT } else { PER_FLOW };
        ran.held_at_most(HELD + u64::from(count) * each / 1_024);
        assert!(matches!(ran.done.status, 1 | 3), "{}: {}", ran.done.status, ran.done.err);
        assert!(ran.done.out.len() < 64 << 20, "{} bytes of report", ran.done.out.len());
    }
}

/// A DNS question, or an answer to one, with this name.
fn question(name: &[u8], flags: u16) -> Vec<u8> {
    let counts: [u16; 4] = if flags & 0x8000 == 0 { [1, 0, 0, 0] } else { [1, 1, 0, 0] };
    let mut out = [&7_u16.to_be_bytes()[..], &flags.to_be_bytes()].concat();
    out.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    out.extend(name);
    out.extend([0, 1, 0, 1]);
    out
}

/// Each connection of one endpoint may follow any answer that another got.
#[test]
fn many_answers_and_many_connections_of_another() {
    const QUESTIONS: u32 = 60_000;
    const CONNECTIONS: u32 = 120_000;
    let name = b"\x0atetra-defs\x03amp\x05cisco\x03com\0";
    let address = [&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4][..], &[198, 51, 100, 9]].concat();
    let ask = udp(CLIENT, "198.51.100.7:53", &question(name, 0x0100));
    let tell = udp("198.51.100.7:53", CLIENT, &[question(name, 0x8180), address].concat());
    let mut file = pcap().bytes;
    for number in 0..QUESTIONS {
        for frame in [&ask, &tell] {
            let mut frame = frame.clone();
            // The number of the question, behind the heads of Ethernet, IP and UDP.
            frame[42..44].copy_from_slice(&number.to_be_bytes()[2..]);
            let length = u32::try_from(frame.len()).unwrap();
            for field in [1_795_300_000 + number, 0, length, length] {
                file.extend(field.to_le_bytes());
            }
            file.extend(&frame);
        }
    }
    let other = flows(&tcp("192.0.2.99:50000", SERVER, "S", 1, 0, b""), CONNECTIONS);
    file.extend(&other[pcap().bytes.len()..]);
    let place = Place::new();
    let ran = child::analyse(&place.put("flows.pcap", &file));
    assert!(matches!(ran.done.status, 1 | 3), "{}: {}", ran.done.status, ran.done.err);
    ran.held_at_most(HELD + u64::from(CONNECTIONS + QUESTIONS) * PER_FLOW / 1_024);
}

#[test]
fn names_that_lead_in_a_circle() {
    let record = [&[0, 5, 0, 1, 0, 0, 0, 5, 0, 2][..], &[0xc0, 12]].concat();
    let mut deep: Vec<u8> = Vec::new();
    for at in 0..4_000_u16 {
        // Each pointer points at the one before.
        deep.extend((0xc000 | (12 + at.saturating_sub(1) * 2)).to_be_bytes());
    }
    let names: [&[u8]; 7] =
        [b"\xc0\x0c", b"\xc0\x0e\xc0\x0c", b"\x01a\xc0\x0c", b"\xff\xff", b"\xc0", &[63; 300], &deep];
    let answers = names.iter().flat_map(|name| {
        let answer = [question(name, 0x8180), record.clone()].concat();
        let long = [&u16::try_from(answer.len()).unwrap().to_be_bytes()[..], &answer].concat();
        [
            udp("10.10.0.53:53", "192.168.205.138:50001", &answer),
            tcp("10.10.0.53:53", "192.168.205.138:50002", "A", 1, 1, &long),
        ]
    });
    let answers: Vec<Vec<u8>> = answers.collect();
    let frames = vec![answers; 500].concat();
    let place = Place::new();
    let ran = child::analyse(&beside(&place, &add(pcap(), &frames).bytes));
    assert_eq!(ran.report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{}", ran.done.err);
    ran.held_at_most(HELD);
}

#[test]
fn segments_that_contradict_each_other() {
    let request = b"GET /av64bit/versions.id HTTP/1.1\r\nHost: tetra-defs.amp.cisco.com\r\n\r\n";
    let begin = u32::MAX - 5_000;
    let sent = |flags: &str, from: u32, bytes: &[u8]| {
        tcp("198.51.100.7:80", "192.0.2.10:50000", flags, begin.wrapping_add(from), 100, bytes)
    };
    let mut frames = vec![
        tcp("192.0.2.10:50000", "198.51.100.7:80", "S", 10, 0, b""),
        sent("SA", u32::MAX, b""),
        tcp("192.0.2.10:50000", "198.51.100.7:80", "A", 11, begin, request),
        sent("A", 0, b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"),
    ];
    // Across the end of the numbers, every second piece first, each one several times with other bytes.
    for round in 0..40_u32 {
        for (turn, filler) in [(1, b'a'), (0, b'b'), (1, b'\r'), (0, 0)] {
            let from = 42 + round * 2_000 + turn * 1_000;
            frames.push(sent("A", from.wrapping_sub(round % 700), &[filler; 1_400]));
            frames.push(sent("A", from.wrapping_add(1 << 30), &[filler; 1_000]));
        }
        frames.push(sent(
            if round % 9 == 8 { "FA" } else { "A" },
            42 + round * 500,
            b"HTTP/1.1 500 No\r\n\r\n",
        ));
        frames.push(sent(if round == 39 { "R" } else { "A" }, 90_042, b""));
    }
    let place = Place::new();
    let ran = child::analyse(&beside(&place, &add(pcap(), &frames).bytes));
    ran.held_at_most(HELD);
    assert_eq!(ran.done.status, 1, "{}", ran.done.err);
    let holes: Vec<Vec<u8>> = (0..60_000_u32).map(|n| sent("A", 1_000 + n * 3_000, &[b'x'; 1_400])).collect();
    let frames = [&frames[..4], &holes].concat();
    let ran = child::analyse(&beside(&place, &add(pcap(), &frames).bytes));
    assert_eq!(ran.done.status, 1, "{}", ran.done.err);
    ran.held_at_most(HELD);
}

#[test]
fn a_certificate_of_ten_megabytes() {
    let der = [&[0x30, 0x84, 0, 0xa0, 0, 0][..], &vec![0x04; 10 << 20]].concat();
    let three = |length: usize| u32::try_from(length).unwrap().to_be_bytes()[1..].to_vec();
    let chain = [three(der.len() + 3), three(der.len()), der].concat();
    let message = [vec![11], three(chain.len()), chain].concat();
    let hello = [&[2, 0, 0, 38, 3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0]].concat();
    let mut stream = record(&hello);
    message.chunks(16_384).for_each(|piece| stream.extend(record(piece)));
    let mut frames = vec![tcp(CLIENT, SERVER, "S", 10, 0, b""), tcp(SERVER, CLIENT, "SA", 99, 11, b"")];
    let mut seq = 100;
    for piece in stream.chunks(1_400) {
        frames.push(tcp(SERVER, CLIENT, "A", seq, 11, piece));
        seq += u32::try_from(piece.len()).unwrap();
    }
    let place = Place::new();
    let ran = child::analyse(&beside(&place, &add(pcap(), &frames).bytes));
    assert_eq!(ran.report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{}", ran.done.err);
    ran.held_at_most(HELD);
}

/// A TLS record with handshake bytes.
fn record(bytes: &[u8]) -> Vec<u8> {
    [&[22, 3, 3][..], &u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

#[test]
fn the_good_capture_twice_is_one_answer() {
    let place = Place::new();
    let ran = child::analyse(&place.put("in.zip", &with(&[stored("network/again.pcapng", &capture().data)])));
    assert_eq!(ran.report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{}", ran.done.err);
}
