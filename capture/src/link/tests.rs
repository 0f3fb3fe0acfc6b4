use super::*;

const IP: [u8; 4] = [0x45, 1, 2, 3];

fn carried(link: i32, header: &[u8]) -> Option<(u16, Vec<u8>)> {
    let frame = [header, &IP].concat();
    strip(link, &frame).map(|carried| (carried.protocol.0, carried.payload.to_vec()))
}

/// Header of Ethernet: receiver, sender, type.
const ETHER: [u8; 14] = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0];

#[test]
fn strips_every_link_header() {
    assert_eq!(carried(1, &ETHER), Some((0x0800, IP.to_vec())));
    let sll = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x86, 0xdd];
    assert_eq!(carried(113, &sll), Some((0x86dd, IP.to_vec())));
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0];
    assert_eq!(carried(276, &sll2), Some((0x0800, IP.to_vec())));
    for (family, protocol) in [(2, 0x0800), (10, 0x86dd), (24, 0x86dd), (28, 0x86dd), (30, 0x86dd)] {
        assert_eq!(carried(0, &[family, 0, 0, 0]), Some((protocol, IP.to_vec())));
        assert_eq!(carried(0, &[0, 0, 0, family]), Some((protocol, IP.to_vec())));
        assert_eq!(carried(108, &[0, 0, 0, family]), Some((protocol, IP.to_vec())));
    }
    for link in [101, 12, 14, 228] {
        assert_eq!(carried(link, &[]), Some((0x0800, IP.to_vec())));
        assert_eq!(strip(link, &[0x60, 0]).unwrap().protocol, EtherType::IPV6);
    }
    assert_eq!(carried(229, &[]), Some((0x86dd, IP.to_vec())));
}

#[test]
fn passes_over_unknown_links_families_and_versions() {
    assert_eq!(carried(105, &ETHER), None);
    assert_eq!(carried(-1, &ETHER), None);
    assert_eq!(carried(0, &[7, 0, 0, 0]), None);
    assert!(strip(101, &[0x30]).is_none());
    let all = [0, 1, 108, 113, 276, 101, 12, 14, 228, 229];
    assert!(all.iter().all(|link| known(*link)));
    assert!(!known(105) && !known(-1));
}

#[test]
fn refuses_frames_shorter_than_their_headers() {
    for (link, header) in [(1, 14), (113, 16), (276, 20), (0, 4), (108, 4), (101, 1)] {
        let frame = [0; 20];
        for length in 0..header {
            assert!(strip(link, &frame[..length]).is_none(), "link type {link}, {length} bytes");
        }
    }
}

fn from_gre(header: &[u8], payload: &[u8]) -> Option<(u16, Vec<u8>)> {
    let packet = [header, payload].concat();
    gre(&packet).map(|carried| (carried.protocol.0, carried.payload.to_vec()))
}

#[test]
fn strips_gre_with_each_option() {
    let ip = Some((0x0800, IP.to_vec()));
    assert_eq!(from_gre(&[0, 0, 8, 0], &IP), ip);
    for flags in [0x80, 0x20, 0x10] {
        assert_eq!(from_gre(&[flags, 0, 8, 0, 9, 9, 9, 9], &IP), ip);
    }
    assert_eq!(from_gre(&[&[0xb0, 0, 8, 0][..], &[9; 12]].concat(), &IP), ip);
    assert_eq!(from_gre(&[0, 0, 0x65, 0x58], &[&ETHER[..], &IP].concat()), ip);
    assert_eq!(from_gre(&[0, 0, 0x12, 0x34], &IP), None);
}

#[test]
fn strips_erspan_one_to_three() {
    let frame = [&ETHER[..], &IP].concat();
    let ip = Some((0x0800, IP.to_vec()));
    assert_eq!(from_gre(&[0, 0, 0x88, 0xbe], &frame), ip);
    let two = [&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1][..], &[0x10, 5, 0, 0, 0, 0, 0, 0]].concat();
    assert_eq!(from_gre(&two, &frame), ip);
    let mut three = [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0x20; 12]].concat();
    three[19] = 0;
    assert_eq!(from_gre(&three, &frame), ip);
    // The last bit says that 8 bytes of the platform follow.
    three[19] = 1;
    assert_eq!(from_gre(&[three, vec![7; 8]].concat(), &frame), ip);
}

#[test]
fn refuses_short_tunnels() {
    let mut three = [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0x20; 12], &[0; 8], &ETHER].concat();
    three[19] = 1;
    for length in 0..three.len() {
        assert!(gre(&three[..length]).is_none(), "{length} bytes");
    }
    assert!(gre(&three).is_some_and(|carried| carried.payload.is_empty()));
}

#[test]
fn reads_numbers_only_where_they_are_whole() {
    assert_eq!((be16(&[1, 2, 3], 1), be16(&[1, 2, 3], 2), be16(&[], usize::MAX)), (Some(0x0203), None, None));
    assert_eq!((be32(&[1, 2, 3, 4], 0), be32(&[1, 2, 3, 4], 1)), (Some(0x0102_0304), None));
}
