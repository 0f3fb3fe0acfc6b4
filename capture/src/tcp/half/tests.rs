use super::super::segment::{ACK, RST};
use super::*;
use crate::sample::{seen, socket};

/// A direction under test, and what it handed on: bytes as text, `<n>` for n bytes never captured.
#[derive(Default)]
struct Read {
    track: Track,
    text: String,
    frame: u32,
}

impl Read {
    fn from(next: u32) -> Self {
        Self { track: Track { next: Some(next), ..Track::default() }, ..Self::default() }
    }

    fn data(&mut self, seq: u32, payload: &[u8]) -> &mut Self {
        self.frame += 1;
        let text = &mut self.text;
        let segment = segment(self.frame, seq, payload);
        self.track.packet(&segment);
        self.track.payload(&segment, &mut |piece| push(text, piece));
        self
    }

    fn ack(&mut self, ack: u32) -> &mut Self {
        let text = &mut self.text;
        self.track.acknowledged(ack, &mut |piece| push(text, piece));
        self
    }

    fn facts(&self) -> &Half {
        &self.track.facts
    }
}

fn push(text: &mut String, piece: Piece<'_>) {
    match piece {
        Piece::Data(_, bytes) => text.push_str(std::str::from_utf8(bytes).unwrap()),
        Piece::Gap(_, missing) => text.push_str(&format!("<{missing}>")),
    }
}

/// A segment, one second per frame.
fn segment(frame: u32, seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment {
        seen: seen(frame, f64::from(frame)),
        interface: 0,
        src: socket("10.0.0.1:443"),
        dst: socket("10.0.0.2:50000"),
        seq,
        ack: 1,
        flags: ACK,
        window: 1000,
        checksum: u16::try_from(frame).unwrap(),
        payload,
        wire_len: u32::try_from(payload.len()).unwrap(),
        ttl: 60,
        ip_id: Some(3),
    }
}

#[test]
fn hands_on_in_order_and_counts() {
    let mut read = Read::from(100);
    read.data(100, b"abc").data(103, b"defgh").ack(108);
    read.track.finish(true);
    let facts = read.facts();
    assert_eq!(read.text, "abcdefgh");
    assert_eq!((facts.packets, facts.segments, facts.bytes, facts.largest), (2, 2, 8, 5));
    assert_eq!((facts.lost, facts.unacknowledged, facts.retransmissions, facts.reordered), (0, 0, 0, 0));
    assert_eq!((facts.first_data, facts.last_data), (Some(seen(1, 1.0)), Some(seen(2, 2.0))));
    assert_eq!((facts.ttl, facts.ip_ids), (Some(60), true));
    assert_eq!(facts.rate, [(1_800_000_001, 3), (1_800_000_002, 5)]);
}

#[test]
fn puts_segments_into_order() {
    let mut read = Read::from(0);
    read.data(6, b"gh").data(3, b"def");
    assert_eq!((read.text.as_str(), read.track.held()), ("", 5));
    read.data(0, b"abc");
    assert_eq!((read.text.as_str(), read.track.held()), ("abcdefgh", 0));
    assert_eq!((read.facts().reordered, read.facts().bytes, read.facts().retransmissions), (2, 8, 0));
}

#[test]
fn takes_only_what_is_new_of_an_overlap() {
    let mut read = Read::from(0);
    read.data(0, b"abcd").data(2, b"cdef").data(7, b"hij").data(6, b"ghi");
    assert_eq!(read.text, "abcdefghij");
    assert_eq!(read.facts().bytes, 10);
}

#[test]
fn counts_repetitions_until_something_new_comes() {
    let mut read = Read::from(0);
    read.data(0, b"abc").data(0, b"abc").data(0, b"abc");
    assert_eq!(read.text, "abc");
    assert_eq!((read.facts().retransmissions, read.facts().retries), (2, 2));
    assert_eq!(read.facts().retried, Some(seen(2, 2.0)));
    read.data(3, b"d");
    assert_eq!((read.facts().retransmissions, read.facts().retries, read.facts().retried), (2, 0, None));
}

#[test]
fn a_keep_alive_is_no_repetition() {
    let mut read = Read::from(0);
    read.data(0, b"abc").data(2, b"c");
    assert_eq!((read.facts().retransmissions, read.facts().bytes), (0, 3));
    read.data(1, b"b");
    assert_eq!(read.facts().retransmissions, 1);
}

#[test]
fn waits_behind_a_hole_until_it_is_filled() {
    let mut read = Read::from(0);
    read.data(0, b"ab").data(5, b"f").data(5, b"f").data(2, b"cde");
    assert_eq!(read.text, "abcdef");
    assert_eq!((read.facts().retransmissions, read.facts().lost), (1, 0));
}

#[test]
fn a_hole_that_is_acknowledged_is_the_captures_own() {
    let mut read = Read::from(0);
    read.data(0, b"ab").data(5, b"fg").ack(2);
    assert_eq!(read.text, "ab");
    read.ack(7);
    assert_eq!(read.text, "ab<3>fg");
    assert_eq!((read.facts().lost, read.facts().bytes), (3, 4));
    // Acknowledged first, seen later.
    read.ack(20).data(10, b"k");
    assert_eq!(read.text, "ab<3>fg<3>k");
}

#[test]
fn tells_the_hole_that_was_never_filled() {
    let mut read = Read::from(0);
    read.data(0, b"ab").ack(2).data(5, b"fg").data(7, b"h");
    read.track.finish(true);
    let facts = read.facts();
    assert_eq!((facts.hole, facts.beyond_hole, facts.lost), (3, 3, 0));
}

#[test]
fn tells_what_was_never_acknowledged_and_what_was_never_captured() {
    let mut sent = Read::from(0);
    sent.data(0, b"abcdef").ack(2);
    sent.track.finish(true);
    assert_eq!(sent.facts().unacknowledged, 4);
    let mut one_way = Read::from(0);
    one_way.data(0, b"abcdef").ack(2);
    one_way.track.finish(false);
    assert_eq!(one_way.facts().unacknowledged, 0);
    let mut missed = Read::from(0);
    missed.data(0, b"ab").ack(12);
    missed.track.finish(true);
    assert_eq!(missed.facts().lost, 10);
}

#[test]
fn sequence_numbers_wrap() {
    let mut read = Read::from(u32::MAX - 1);
    read.data(1, b"de").data(u32::MAX - 1, b"abc").data(u32::MAX, b"bc").ack(3);
    assert_eq!(read.text, "abcde");
    assert_eq!((read.facts().bytes, read.facts().retransmissions), (5, 1));
    assert_eq!((distance(u32::MAX, 1), distance(1, u32::MAX)), (2, -2));
    read.data(1 << 31, b"far");
    assert_eq!(read.facts().bytes, 5);
}

#[test]
fn tells_bytes_cut_by_the_snap_length() {
    let mut read = Read::from(0);
    let cut = Segment { wire_len: 10, ..segment(1, 0, b"abc") };
    let text = &mut read.text;
    read.track.payload(&cut, &mut |piece| push(text, piece));
    assert_eq!(read.text, "abc<7>");
    assert_eq!((read.facts().bytes, read.facts().lost), (10, 0));
}

#[test]
fn knows_copies_from_repetitions() {
    let mut track = Track::default();
    let first = segment(1, 0, b"abc");
    let later = |seconds| Segment { seen: seen(2, 1.0 + seconds), ..first };
    assert!(!track.is_copy(&first));
    assert!(track.is_copy(&later(0.01)));
    assert!(!track.is_copy(&Segment { ip_id: Some(4), ..later(0.01) }));
    assert!(!track.is_copy(&Segment { checksum: 9, ..later(0.01) }));
    assert!(!track.is_copy(&later(1.0)));
}

#[test]
fn notes_zero_windows_and_their_end() {
    let mut track = Track::default();
    for (frame, window) in [(1, 100), (2, 0), (3, 0), (4, 50), (5, 60)] {
        track.window(&Segment { window, ..segment(frame, 0, b"") });
    }
    let zero = track.facts.zero_window.unwrap();
    assert_eq!((zero.first.frame, zero.last.frame, zero.count), (2, 3, 2));
    assert_eq!(zero.reopened.map(|seen| seen.frame), Some(4));
    track.window(&Segment { window: 0, ..segment(6, 0, b"") });
    let zero = track.facts.zero_window.unwrap();
    assert_eq!((zero.first.frame, zero.count, zero.reopened), (6, 3, None));
}

#[test]
fn counts_apart_what_comes_after_the_other_side_closed() {
    let mut read = Read::from(0);
    read.data(0, b"ab");
    read.track.unwanted = true;
    read.data(2, b"cdef");
    assert_eq!(read.text, "ab");
    let facts = read.facts();
    assert_eq!((facts.bytes, facts.after_close), (2, 4));
    assert_eq!((facts.answered_close, facts.last_arrival), (Some(seen(2, 2.0)), Some(seen(1, 1.0))));
}

#[test]
fn a_bare_packet_beyond_tells_what_did_not_arrive() {
    let mut read = Read::from(0);
    read.data(0, b"ab");
    read.track.bare(1462);
    assert_eq!(read.facts().ahead, 1460);
    read.data(2, b"c");
    assert_eq!(read.facts().ahead, 0);
}

#[test]
fn a_reset_does_not_count_for_the_ttl() {
    let mut track = Track::default();
    track.packet(&Segment { flags: RST, ttl: 255, ..segment(1, 0, b"") });
    assert_eq!((track.facts.ttl, track.facts.packets), (None, 1));
}

#[test]
fn holds_a_bounded_number_of_bytes() {
    let mut read = Read::from(0);
    let bytes = [b'x'; 1000];
    for number in 1..=1024_u32 {
        read.data(number * 1001, &bytes);
    }
    assert_eq!(read.text, "");
    assert!(read.track.held() <= WAITING_BYTES);
    read.data(1025 * 1001, &bytes);
    assert!(read.text.starts_with("<1001>xxx"));
    assert!(read.track.waiting.len() <= WAITING_SEGMENTS);
}
