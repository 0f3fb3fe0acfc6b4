//! Capture files, frames, segments and DNS messages.

use std::io::Cursor;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tetra_capture::blocks::Frame;
use tetra_capture::packet::{Content, Decoder};
use tetra_capture::tcp::{Segment, Table};
use tetra_capture::x509::Store;
use tetra_capture::{Seen, Timestamp, dns as messages, icmp};

/// Link types that are known, and one that is not.
const LINKS: [i32; 8] = [1, 101, 113, 276, 0, 108, 228, 147];

/// What segments carry: something of HTTP and of TLS, again and again.
static FILLER: [u8; 65_536] = filler(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01\x00\x05");

const fn filler(pattern: &[u8; 32]) -> [u8; 65_536] {
    let mut out = [0; 65_536];
    let mut at = 0;
    while at < out.len() {
        out[at] = pattern[at % pattern.len()];
        at += 1;
    }
    out
}

/// Reads the blocks of a capture file.
pub fn blocks(bytes: &[u8]) {
    let mut last = 0;
    let end = tetra_capture::blocks::read(Box::new(Cursor::new(bytes.to_vec())), &mut |frame| {
        // A frame of an interface that nobody described is counted, and that is all.
        assert!(frame.number > last && frame.data.len() <= bytes.len());
        last = frame.number;
    });
    assert!(end.frames >= last && end.comments.len() <= 20);
}

/// Reads frames of the link type that the first byte names; each begins with its length.
pub fn link(bytes: &[u8]) {
    let Some((kind, mut rest)) = bytes.split_first() else { return };
    let link = LINKS[usize::from(*kind) % LINKS.len()];
    let mut decoder = Decoder::default();
    let mut number = 0;
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length) & 0x0fff).min(behind.len());
        let (data, further) = behind.split_at(length);
        rest = further;
        number += 1;
        let wire_len = length as u32 + u32::from(*kind) / 8;
        let frame = Frame { number, time: Timestamp(0), interface: 0, link, data, wire_len };
        decoder.decode(&frame, &mut |content| {
            let Content::Ip(packet) = content else { return };
            let seen = Seen::default();
            let _ = (Segment::read(&packet, seen), icmp::read(&packet, seen));
        });
    }
}

/// Reads a capture file frame by frame, as people see it.
pub fn frames(bytes: &[u8]) {
    let _ = tetra_capture::frames::read(Box::new(Cursor::new(bytes.to_vec())));
}

/// Reads a DNS message.
pub fn dns(bytes: &[u8]) {
    let _ = messages::parse(bytes);
    let mut reader = messages::TcpStreamReader::new();
    let (at, dir) = (Default::default(), tetra_capture::stream::Dir::ToServer);
    let (one, other) = bytes.split_at(bytes.len() / 2);
    reader.data(dir, at, one);
    reader.gap(dir, at, u64::from(one.first().copied().unwrap_or(0) / 128));
    reader.data(dir, at, other);
    while reader.next_message().is_some() {}
}

/// Puts segments together that repeat, overlap, contradict each other, come late or not at all.
///
/// Nine bytes make one: which side and what flags, the place in the stream, the length, what is acknowledged, what of it
/// was captured, and how much time goes by.
pub fn reassembly(bytes: &[u8]) {
    let Some((start, rest)) = bytes.split_first_chunk::<4>() else { return };
    let start = u32::from_le_bytes(*start);
    let end = |last, port| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port);
    let (client, server) = (end(1, 50_000), end(2, 80));
    let mut table = Table::<()>::new(Store::default());
    let mut time = 0_i64;
    for (number, step) in rest.chunks_exact(9).enumerate() {
        let [way, flags, place, place2, length, length2, acked, cut, wait] = step else { continue };
        let place = u32::from(u16::from_le_bytes([*place, *place2]));
        let wire_len = u32::from(u16::from_le_bytes([*length, *length2 & 0x0f]));
        let captured = usize::try_from(wire_len).unwrap_or(0) * usize::from(*cut) / 255;
        let from = usize::try_from(place).unwrap_or(0) % 32;
        time += i64::from(*wait) * 20_000_000;
        let (src, dst) = if way & 1 == 0 { (client, server) } else { (server, client) };
        let frame = number as u32 + 1;
        let segment = Segment {
            seen: Seen { time: Timestamp(time), frame, capture: 0 },
            interface: u32::from(way & 2),
            src,
            dst,
            seq: start.wrapping_add(place << (way >> 6)),
            ack: start.wrapping_add(u32::from(*acked) << (way >> 4 & 7)),
            flags: *flags,
            window: u16::from(*acked),
            checksum: place as u16,
            payload: FILLER.get(from..from + captured).unwrap_or_default(),
            wire_len,
            ttl: 64,
            ip_id: Some(u16::from(*cut)),
        };
        table.segment(&segment, &mut |_, _| Some(Box::new(())));
    }
    for mut connection in table.into_connections() {
        if let Some(mut detail) = connection.detail.take() {
            let (up, down) = detail.halves();
            assert!(u64::from(up.packets) + u64::from(down.packets) <= rest.len() as u64 / 9);
        }
    }
}
