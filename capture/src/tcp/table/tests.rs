use super::super::segment::FIN;
use super::*;
use crate::sample::{seen, socket};

const CLIENT: &str = "10.0.0.5:50000";
const SERVER: &str = "192.0.2.1:443";

/// A segment from the client (`>`) or the server (`<`).
fn segment(dir: char, frame: u32, seconds: f64, flags: u8, seq: u32, ack: u32) -> Segment<'static> {
    let (src, dst) = if dir == '>' { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    Segment {
        seen: seen(frame, seconds),
        interface: 0,
        src: socket(src),
        dst: socket(dst),
        seq,
        ack,
        flags,
        window: 1000,
        checksum: 1,
        payload: b"",
        wire_len: 0,
        ttl: 64,
        ip_id: Some(u16::try_from(frame).unwrap()),
    }
}

fn with<'a>(segment: Segment<'_>, payload: &'a [u8]) -> Segment<'a> {
    Segment { payload, wire_len: u32::try_from(payload.len()).unwrap(), ..segment }
}

fn read(segments: &[Segment<'_>]) -> Vec<Connection<()>> {
    let mut table = Table::<()>::new(Store::default());
    for segment in segments {
        table.segment(segment, &mut |_, _| Some(Box::default()));
    }
    assert_eq!(table.held(), 0);
    table.into_connections().collect()
}

#[test]
fn follows_a_connection_from_opening_to_end() {
    let mut flows = read(&[
        segment('>', 1, 0.0, SYN, 100, 0),
        segment('<', 2, 0.1, SYN | ACK, 900, 101),
        segment('>', 3, 0.2, ACK, 101, 901),
        with(segment('>', 4, 0.3, ACK, 101, 901), b"hello"),
        with(segment('<', 5, 0.4, ACK, 901, 106), b"hi"),
        segment('<', 6, 0.5, FIN | ACK, 903, 106),
        segment('>', 7, 0.6, FIN | ACK, 106, 904),
        segment('<', 8, 0.7, ACK, 904, 107),
    ]);
    let [flow] = flows.as_mut_slice() else { panic!("{} connections", flows.len()) };
    assert_eq!((flow.client, flow.server), (socket(CLIENT), socket(SERVER)));
    assert_eq!((flow.opening.syns, flow.opening.accepted), (1, Some(seen(2, 0.1))));
    assert_eq!((flow.first.frame, flow.last.frame), (1, 8));
    let (up, down) = flow.detail.as_mut().unwrap().halves();
    assert_eq!((up.bytes, up.lost, up.unacknowledged, up.fin), (5, 0, 0, Some(seen(7, 0.6))));
    assert_eq!((down.bytes, down.lost, down.unacknowledged, down.fin), (2, 0, 0, Some(seen(6, 0.5))));
}

#[test]
fn counts_a_repeated_syn_but_not_its_copy() {
    let first = segment('>', 1, 0.0, SYN, 100, 0);
    let copy = Segment { seen: seen(2, 0.001), ..first };
    let retry = segment('>', 3, 1.0, SYN, 100, 0);
    let flows = read(&[first, copy, retry]);
    assert_eq!(flows.len(), 1);
    assert_eq!(
        (flows[0].opening.syns, flows[0].opening.first, flows[0].opening.last),
        (2, Some(seen(1, 0.0)), Some(seen(3, 1.0)))
    );
    assert!(flows[0].detail.is_none());
}

#[test]
fn tells_a_refusal_from_a_reset() {
    let refused = read(&[segment('>', 1, 0.0, SYN, 100, 0), segment('<', 2, 0.1, RST | ACK, 0, 101)]);
    assert_eq!(refused[0].opening.refused, Some(seen(2, 0.1)));
    assert!(refused[0].detail.is_none());
    let mut reset = read(&[
        segment('>', 1, 0.0, SYN, 100, 0),
        segment('<', 2, 0.1, SYN | ACK, 900, 101),
        segment('>', 3, 0.2, ACK, 101, 901),
        segment('<', 4, 0.3, RST, 901, 0),
    ]);
    assert_eq!(reset[0].opening.refused, None);
    let (_, down) = reset[0].detail.as_mut().unwrap().halves();
    assert!(down.reset.is_some_and(|reset| reset.in_sequence && reset.at.frame == 4));
}

#[test]
fn a_reset_out_of_sequence_is_known() {
    let mut flows = read(&[
        segment('>', 1, 0.0, SYN, 100, 0),
        segment('<', 2, 0.1, SYN | ACK, 900, 101),
        segment('<', 3, 0.3, RST, 5_000, 0),
    ]);
    let (_, down) = flows[0].detail.as_mut().unwrap().halves();
    assert!(down.reset.is_some_and(|reset| !reset.in_sequence));
}

#[test]
fn a_port_used_again_is_another_connection() {
    let flows = read(&[
        segment('>', 1, 0.0, SYN, 100, 0),
        segment('<', 2, 0.1, SYN | ACK, 900, 101),
        segment('>', 3, 9.0, SYN, 7_000, 0),
        segment('<', 4, 9.1, SYN | ACK, 8_000, 7_001),
    ]);
    assert_eq!(flows.iter().map(|flow| flow.first.frame).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(flows[1].opening.accepted, Some(seen(4, 9.1)));
    assert_eq!((flows[0].last.frame, flows[1].last.frame), (2, 4));
}

#[test]
fn guesses_who_called_where_the_opening_is_missing() {
    for (dir, flags) in [('<', ACK), ('>', ACK), ('<', SYN | ACK), ('>', SYN)] {
        let flows = read(&[segment(dir, 1, 0.0, flags, 100, 200)]);
        assert_eq!((flows[0].client, flows[0].server), (socket(CLIENT), socket(SERVER)), "{dir} {flags:#x}");
    }
}

#[test]
fn reads_from_the_middle_of_a_connection() {
    let mut flows = read(&[
        with(segment('<', 1, 0.0, ACK, 5_000, 70), b"later"),
        with(segment('<', 2, 0.1, ACK, 5_005, 70), b"more"),
        segment('>', 3, 0.2, ACK, 70, 5_009),
    ]);
    let (up, down) = flows[0].detail.as_mut().unwrap().halves();
    assert_eq!((down.bytes, down.lost, down.unacknowledged), (9, 0, 0));
    assert_eq!((up.bytes, up.lost, up.packets), (0, 0, 1));
}

#[test]
fn each_direction_may_be_missing() {
    let opening = segment('>', 1, 0.0, SYN, 100, 0);
    let up_only = [
        opening,
        segment('>', 2, 0.1, ACK, 101, 901),
        with(segment('>', 3, 0.2, ACK, 101, 901), b"ask"),
        segment('>', 4, 0.3, ACK, 104, 950),
    ];
    let mut flows = read(&up_only);
    let (up, down) = flows[0].detail.as_mut().unwrap().halves();
    // What the client acknowledges came to it, though the capture does not have it; its own bytes are not in doubt.
    assert_eq!((up.bytes, up.unacknowledged, down.packets, down.lost), (3, 0, 0, 49));
    let down_only =
        [segment('<', 1, 0.1, SYN | ACK, 900, 101), with(segment('<', 2, 0.3, ACK, 901, 104), b"answer")];
    let mut flows = read(&down_only);
    let (up, down) = flows[0].detail.as_mut().unwrap().halves();
    assert_eq!((up.packets, up.lost, down.bytes, down.unacknowledged), (0, 3, 6, 0));
    assert_eq!((flows[0].opening.syns, flows[0].opening.accepted), (0, Some(seen(1, 0.1))));
}

#[test]
fn lets_go_of_ended_connections_of_no_interest() {
    let mut table = Table::<()>::new(Store::default());
    let mut call = |number: usize, keep: bool| {
        let port = u16::try_from(number % 60_000 + 1024).unwrap();
        let client = SocketAddr::new([10, 1, 0, 1].into(), port);
        let ack = Segment { src: client, ..segment('>', 1, 0.0, ACK, 100, 900) };
        let reset = Segment { src: client, ..segment('>', 2, 0.1, RST, 100, 900) };
        for segment in [ack, reset] {
            table.segment(&segment, &mut |_, _| keep.then(Box::default));
        }
    };
    for number in 0..LIVE {
        call(number, false);
    }
    let late = Segment { src: socket("10.2.0.1:2000"), ..segment('>', 3, 60.0, ACK, 1, 1) };
    table.sweep(late.seen.time, &mut |_, _| None);
    assert!(table.live.is_empty());
    assert_eq!(table.count, u64::try_from(LIVE).unwrap());
    assert!(table.into_connections().all(|flow| flow.detail.is_none()));
}
