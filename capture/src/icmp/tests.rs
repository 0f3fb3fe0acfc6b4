use super::*;
use crate::sample::{self, seen, socket, without_ethernet};
use std::net::IpAddr;

fn error(router: &str, host: &str, message: &[u8]) -> Option<IcmpError> {
    let (src, dst): (IpAddr, IpAddr) = (router.parse().unwrap(), host.parse().unwrap());
    let packet = Packet {
        time: seen(1, 0.0).time,
        interface: 0,
        src,
        dst,
        ttl: 64,
        ip_id: Some(1),
        protocol: if src.is_ipv6() { 58 } else { 1 },
        payload: message,
        wire_len: message.len(),
    };
    read(&packet, seen(1, 0.0))
}

/// An ICMP message that quotes a packet.
fn quoting(kind: u8, code: u8, frame: &[u8]) -> Vec<u8> {
    [&[kind, code, 0, 0, 0, 0, 0, 0], without_ethernet(frame)].concat()
}

#[test]
fn ties_an_error_to_the_packet_it_quotes() {
    let sent = sample::tcp("10.0.0.5:50000", "192.0.2.1:443", "S", 1, 0, b"");
    // Routers quote at least the header and 8 bytes.
    for length in [28, 40] {
        let told = error("10.0.0.1", "10.0.0.5", &quoting(3, 13, &sent)[..8 + length]).unwrap();
        assert_eq!((told.v6, told.kind, told.code, told.protocol), (false, 3, 13, 6));
        assert_eq!((told.src, told.dst), (socket("10.0.0.5:50000"), socket("192.0.2.1:443")));
        assert_eq!((told.from, told.meaning()), ("10.0.0.1".parse().unwrap(), "prohibited"));
    }
}

#[test]
fn reads_icmpv6_errors() {
    let sent = sample::udp("[2001:db8::5]:5000", "[2001:db8::53]:53", b"question");
    let told = error("2001:db8::1", "2001:db8::5", &quoting(1, 4, &sent)).unwrap();
    assert_eq!((told.v6, told.protocol, told.meaning()), (true, 17, "port_unreachable"));
    assert_eq!((told.src, told.dst), (socket("[2001:db8::5]:5000"), socket("[2001:db8::53]:53")));
    let told = error("2001:db8::1", "2001:db8::5", &quoting(2, 0, &sent)).unwrap();
    assert_eq!(told.meaning(), "packet_too_big");
}

#[test]
fn leaves_out_what_is_no_error_or_quotes_nothing() {
    let sent = sample::udp("10.0.0.5:5000", "192.0.2.1:53", b"question");
    assert_eq!(error("10.0.0.1", "10.0.0.5", &quoting(8, 0, &sent)), None);
    assert_eq!(error("10.0.0.1", "10.0.0.5", &quoting(5, 0, &sent)), None);
    assert_eq!(error("2001:db8::1", "2001:db8::5", &quoting(135, 0, &sent)), None);
    let message = quoting(3, 3, &sent);
    for length in 0..28 {
        assert_eq!(error("10.0.0.1", "10.0.0.5", &message[..length]), None, "{length} bytes");
    }
}

#[test]
fn a_quote_without_ports_still_names_the_addresses() {
    let sent = sample::udp("10.0.0.5:5000", "192.0.2.1:53", b"question");
    let told = error("10.0.0.1", "10.0.0.5", &quoting(11, 0, &sent)[..28]).unwrap();
    assert_eq!((told.src, told.dst), (socket("10.0.0.5:0"), socket("192.0.2.1:0")));
}
