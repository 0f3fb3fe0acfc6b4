use super::*;
use crate::sample::{fragment, ip, seen, udp, without_ethernet};

const A: &str = "10.0.0.5";
const B: &str = "192.0.2.1";
const A6: &str = "2001:db8::5";
const B6: &str = "2001:db8::1";

/// What came out of a frame: protocol, bytes captured, length on the wire.
type Row = (u8, Vec<u8>, usize);

fn decode_cut(decoder: &mut Decoder, data: &[u8], wire_len: usize) -> Vec<Row> {
    let wire_len = u32::try_from(wire_len).unwrap();
    let frame = Frame { number: 1, time: seen(1, 0.0).time, interface: 0, link: 1, data, wire_len };
    let mut rows = Vec::new();
    decoder.decode(&frame, &mut |content| match content {
        Content::Ip(packet) => rows.push((packet.protocol, packet.payload.to_vec(), packet.wire_len)),
        Content::Arp(arp) => rows.push((0, vec![], usize::from(arp.operation))),
    });
    rows
}

fn decode(data: &[u8]) -> Vec<Row> {
    decode_cut(&mut Decoder::default(), data, data.len())
}

fn whole(protocol: u8, payload: &[u8]) -> Vec<Row> {
    vec![(protocol, payload.to_vec(), payload.len())]
}

/// Puts tags between the addresses and the type of an Ethernet frame.
fn tagged(frame: &[u8], tags: &[u8]) -> Vec<u8> {
    [&frame[..12], tags, &frame[12..]].concat()
}

#[test]
fn reads_what_ip_carries() {
    let frame = udp("10.0.0.5:1000", "192.0.2.1:53", b"question");
    let mut packets = Vec::new();
    let wire_len = u32::try_from(frame.len()).unwrap();
    let one = Frame { number: 9, time: seen(1, 0.0).time, interface: 3, link: 1, data: &frame, wire_len };
    Decoder::default().decode(&one, &mut |content| {
        let Content::Ip(packet) = content else { panic!("{content:?}") };
        packets.push((packet.interface, packet.src, packet.dst, packet.ttl, packet.ip_id));
    });
    assert_eq!(packets, [(3, A.parse().unwrap(), B.parse().unwrap(), 64, Some(1))]);
    assert_eq!(decode(&frame)[0].1[8..], *b"question");
    assert_eq!(decode(&ip(A6, B6, 17, b"12345678")), whole(17, b"12345678"));
}

#[test]
fn passes_vlan_tags() {
    let frame = ip(A, B, 17, b"12345678");
    for tags in [&[0x81, 0, 0, 5][..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6], &[0x91, 0, 0, 5, 0x81, 0, 0, 6]] {
        assert_eq!(decode(&tagged(&frame, tags)), whole(17, b"12345678"), "{tags:02x?}");
    }
}

#[test]
fn passes_ipv6_extension_headers() {
    let options = [&[60, 0, 1, 4, 0, 0, 0, 0][..], &[17, 0, 1, 4, 0, 0, 0, 0], b"12345678"].concat();
    // Hop-by-hop options, then destination options, then UDP.
    let mut frame = ip(A6, B6, 17, &options);
    frame[20] = 0;
    assert_eq!(decode(&frame), whole(17, b"12345678"));
}

#[test]
fn the_ip_length_ends_a_padded_frame() {
    let mut frame = ip(A, B, 6, b"12345678");
    frame.resize(60, 0);
    assert_eq!(decode(&frame), whole(6, b"12345678"));
}

#[test]
fn a_length_of_zero_means_all_that_the_frame_has() {
    let mut frame = ip(A, B, 6, &[7; 3000]);
    frame[16..18].fill(0);
    assert_eq!(decode(&frame), whole(6, &[7; 3000]));
    // Cut at a snap length of 100 bytes.
    let rows = decode_cut(&mut Decoder::default(), &frame[..100], frame.len());
    assert_eq!((rows[0].1.len(), rows[0].2), (100 - 34, 3000));
    let mut frame = ip(A6, B6, 6, &[7; 3000]);
    frame[18..20].fill(0);
    assert_eq!(decode(&frame), whole(6, &[7; 3000]));
}

#[test]
fn a_cut_packet_keeps_its_length() {
    for frame in [ip(A, B, 6, &[7; 1000]), ip(A6, B6, 6, &[7; 1000])] {
        let header = frame.len() - 1000;
        for cut in [0, 1, 20, 999] {
            let rows = decode_cut(&mut Decoder::default(), &frame[..header + cut], frame.len());
            assert_eq!(rows, [(6, vec![7; cut], 1000)], "{cut} bytes left");
        }
        // Without its header whole a packet is nothing.
        for cut in 0..header {
            assert_eq!(decode_cut(&mut Decoder::default(), &frame[..cut], frame.len()), [], "{cut} bytes");
        }
    }
}

#[test]
fn puts_fragments_together_in_any_order() {
    for (a, b) in [(A, B), (A6, B6)] {
        let parts = [
            fragment(a, b, 17, 0, true, &[1; 16]),
            fragment(a, b, 17, 16, true, &[2; 8]),
            fragment(a, b, 17, 24, false, &[3; 5]),
        ];
        let expected = [&[1; 16][..], &[2; 8], &[3; 5]].concat();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let mut decoder = Decoder::default();
            let mut next = |position: usize| {
                let part: &Vec<u8> = &parts[order[position]];
                decode_cut(&mut decoder, part, part.len())
            };
            assert_eq!((next(0), next(1)), (vec![], vec![]), "{a} {order:?}");
            assert_eq!(next(2), whole(17, &expected), "{a} {order:?}");
        }
    }
}

#[test]
fn fragments_seen_twice_do_not_matter_and_cut_ones_never_end() {
    let first = fragment(A, B, 17, 0, true, &[1; 16]);
    let last = fragment(A, B, 17, 16, false, &[2; 8]);
    let mut decoder = Decoder::default();
    assert_eq!(decode_cut(&mut decoder, &first, first.len()), []);
    assert_eq!(decode_cut(&mut decoder, &first, first.len()), []);
    assert_eq!(decode_cut(&mut decoder, &last, last.len()), whole(17, &[&[1; 16][..], &[2; 8]].concat()));
    let mut decoder = Decoder::default();
    assert_eq!(decode_cut(&mut decoder, &first[..40], first.len()), []);
    assert_eq!(decode_cut(&mut decoder, &last, last.len()), []);
}

#[test]
fn only_so_many_fragmented_packets_wait() {
    let mut decoder = Decoder::default();
    for number in 0..200_u8 {
        let source = format!("10.0.1.{number}");
        let frame = fragment(&source, B, 17, 0, true, &[1; 16]);
        assert_eq!(decode_cut(&mut decoder, &frame, frame.len()), []);
    }
    assert_eq!(decoder.fragments.len(), FRAGMENTED);
}

#[test]
fn looks_into_tunnels_but_not_without_end() {
    let inner = ip(A, B, 17, b"12345678");
    let gre = [&[0, 0, 0x65, 0x58][..], &inner].concat();
    assert_eq!(decode(&ip("10.9.9.1", "10.9.9.2", 47, &gre)), whole(17, b"12345678"));
    let six = ip(A6, B6, 17, b"12345678");
    assert_eq!(decode(&ip(A, B, 41, without_ethernet(&six))), whole(17, b"12345678"));
    let mut packet = ip(A, B, 17, b"12345678");
    for _ in 0..NESTING {
        packet = ip(A, B, 4, without_ethernet(&packet));
    }
    assert_eq!(decode(&packet), whole(17, b"12345678"));
    packet = ip(A, B, 4, without_ethernet(&packet));
    assert_eq!(decode(&packet)[0].0, 4);
}

#[test]
fn reads_arp_for_ipv4_only() {
    let mut frame = vec![2; 12];
    frame.extend_from_slice(&[8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 2, 2, 2, 2, 2, 10, 0, 0, 5, 0, 0, 0, 0, 0, 0]);
    frame.extend_from_slice(&[10, 0, 0, 1]);
    let one = |data: &[u8]| {
        let mut found = Vec::new();
        let frame = Frame { number: 1, time: seen(1, 0.0).time, interface: 0, link: 1, data, wire_len: 42 };
        Decoder::default().decode(&frame, &mut |content| {
            if let Content::Arp(arp) = content {
                found.push(arp);
            }
        });
        found
    };
    let arp = Arp { operation: 1, sender: Ipv4Addr::new(10, 0, 0, 5), target: Ipv4Addr::new(10, 0, 0, 1) };
    assert_eq!(one(&frame), [arp]);
    assert_eq!(one(&frame[..41]), []);
    frame[18] = 8;
    assert_eq!(one(&frame), []);
}
