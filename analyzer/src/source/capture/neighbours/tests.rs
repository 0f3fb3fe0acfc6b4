use std::net::Ipv4Addr;

use tetra_capture::sample::seen;

use super::*;

const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

fn request(sender: Ipv4Addr, target: Ipv4Addr) -> Arp {
    Arp { operation: 1, sender, target }
}

fn reply(sender: Ipv4Addr, target: Ipv4Addr) -> Arp {
    Arp { operation: 2, sender, target }
}

#[test]
fn tells_who_was_asked_for_in_vain() {
    let mut neighbours = Neighbours::default();
    for (frame, second) in [(1, 0.0), (2, 1.0), (3, 2.0)] {
        neighbours.arp(seen(frame, second), request(HOST, GATEWAY));
    }
    let gaps = neighbours.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].asker, gaps[0].target, gaps[0].tries), (HOST.into(), GATEWAY.into(), 3));
    assert_eq!((gaps[0].first, gaps[0].last, gaps[0].other_askers), (seen(1, 0.0), seen(3, 2.0), 0));
    assert_eq!(neighbours.answered_pairs(), []);
}

#[test]
fn any_word_of_the_target_is_an_answer() {
    for answer in [reply(GATEWAY, HOST), request(GATEWAY, Ipv4Addr::new(10, 0, 0, 9))] {
        let mut neighbours = Neighbours::default();
        for second in [0.0, 1.0, 2.0] {
            neighbours.arp(seen(1, second), request(HOST, GATEWAY));
        }
        neighbours.arp(seen(4, 3.0), answer);
        assert_eq!(neighbours.gaps(), []);
        assert_eq!(neighbours.answered_pairs(), [(HOST.into(), GATEWAY.into())]);
    }
}

#[test]
fn a_request_seen_twice_counts_once_and_two_are_not_enough() {
    let mut neighbours = Neighbours::default();
    for second in [0.0, 0.01, 1.0, 1.01] {
        neighbours.arp(seen(1, second), request(HOST, GATEWAY));
    }
    assert_eq!(neighbours.gaps(), []);
    neighbours.arp(seen(5, 2.0), request(HOST, GATEWAY));
    assert_eq!(neighbours.gaps()[0].tries, 3);
}

#[test]
fn announcements_and_probes_ask_for_nobody() {
    let mut neighbours = Neighbours::default();
    for second in 0..5 {
        neighbours.arp(seen(1, f64::from(second)), request(HOST, HOST));
        neighbours.arp(seen(1, f64::from(second)), request(Ipv4Addr::UNSPECIFIED, GATEWAY));
    }
    assert_eq!(neighbours.gaps(), []);
}

#[test]
fn others_that_ask_in_vain_are_counted() {
    let mut neighbours = Neighbours::default();
    let other = Ipv4Addr::new(10, 0, 0, 6);
    for second in 0..3 {
        neighbours.arp(seen(1, f64::from(second)), request(HOST, GATEWAY));
        neighbours.arp(seen(1, f64::from(second)), request(other, GATEWAY));
    }
    assert_eq!(neighbours.gaps().iter().map(|gap| gap.other_askers).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn reads_ipv6_solicitations_and_advertisements() {
    let (host, router): (Ipv6Addr, Ipv6Addr) = ("fe80::5".parse().unwrap(), "fe80::1".parse().unwrap());
    let message = |kind: u8| [&[kind, 0, 0, 0, 0, 0, 0, 0][..], &router.octets()].concat();
    let mut neighbours = Neighbours::default();
    for second in 0..3 {
        neighbours.icmp6(seen(1, f64::from(second)), host.into(), &message(135));
        // Duplicate address detection has no sender; a cut message has no target.
        neighbours.icmp6(seen(1, f64::from(second)), Ipv6Addr::UNSPECIFIED.into(), &message(135));
        neighbours.icmp6(seen(1, f64::from(second)), host.into(), &message(135)[..23]);
    }
    let gaps = neighbours.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].asker, gaps[0].target, gaps[0].tries), (host.into(), router.into(), 3));
    neighbours.icmp6(seen(9, 9.0), router.into(), &message(136));
    assert_eq!(neighbours.gaps(), []);
}
