//! One direction of a connection: order, repetition, holes, windows.

use super::facts::{Half, ZeroWindow};
use super::segment::Segment;
use crate::{Seen, Timestamp};

/// Bytes of one direction that wait behind a hole, and how many segments of them.
const WAITING_BYTES: usize = 256 * 1024;
const WAITING_SEGMENTS: usize = 1024;
/// Seconds for which the rate is kept.
const RATE_SECONDS: usize = 40;
/// Sequence numbers further apart than this belong to no one connection.
const FAR: i64 = 1 << 30;

/// What becomes of payload: handed on in order, or counted as missing.
pub enum Piece<'a> {
    /// Bytes in order.
    Data(Seen, &'a [u8]),
    /// Bytes that were never captured.
    Gap(Seen, u64),
}

/// The state of one direction.
#[derive(Debug, Default)]
pub struct Track {
    /// What is known of it.
    pub facts: Half,
    /// Next byte expected in order.
    pub next: Option<u32>,
    /// Highest acknowledgement by the other side.
    pub acked: Option<u32>,
    /// Sequence number just behind the FIN.
    pub fin_end: Option<u32>,
    /// The other side has closed or reset: what comes now is not waited for any more.
    pub unwanted: bool,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    copies: [(u32, u32); 5],
    copy: usize,
}

#[derive(Debug)]
struct Waiting {
    seq: u32,
    wire_len: u32,
    seen: Seen,
    bytes: Vec<u8>,
}

/// Gives the signed distance from `from` to `to` in sequence space.
pub(super) fn distance(from: u32, to: u32) -> i64 {
    i64::from(to.wrapping_sub(from).cast_signed())
}

impl Track {
    /// Tells whether a packet was captured before: at another layer, or on another interface.
    pub fn is_copy(&mut self, segment: &Segment<'_>) -> bool {
        let mut mark = segment.seq ^ segment.ack.rotate_left(13) ^ u32::from(segment.checksum) << 16;
        mark ^= u32::from(segment.ip_id.unwrap_or(0)).rotate_left(7)
            ^ u32::from(segment.flags)
            ^ segment.wire_len;
        let now = u32::try_from((segment.seen.time.0 / 1_000_000) & 0xffff_ffff).unwrap_or(0);
        let known = self.copies.iter().any(|(other, when)| *other == mark && now.wrapping_sub(*when) < 50);
        if !known {
            self.copy = (self.copy + 1) % self.copies.len();
            if let Some(slot) = self.copies.get_mut(self.copy) {
                *slot = (mark, now);
            }
        }
        known
    }

    /// Notes what every packet shows, whatever it carries.
    pub fn packet(&mut self, segment: &Segment<'_>) {
        let facts = &mut self.facts;
        facts.packets = facts.packets.saturating_add(1);
        if self.unwanted {
            facts.answered_close.get_or_insert(segment.seen);
        }
        facts.last = Some(segment.seen);
        if !segment.has(super::segment::RST) {
            facts.ttl.get_or_insert(segment.ttl);
            facts.ip_ids |= segment.ip_id.is_some_and(|id| id != 0);
        }
    }

    /// Notes the window a packet announces.
    pub fn window(&mut self, segment: &Segment<'_>) {
        let facts = &mut self.facts;
        if segment.window == 0 {
            let zero = facts.zero_window.get_or_insert(ZeroWindow {
                first: segment.seen,
                last: segment.seen,
                count: 0,
                reopened: None,
            });
            if zero.reopened.take().is_some() {
                zero.first = segment.seen;
            }
            zero.last = segment.seen;
            zero.count = zero.count.saturating_add(1);
        } else if let Some(zero) = &mut facts.zero_window {
            zero.reopened.get_or_insert(segment.seen);
        }
    }

    /// Takes the payload of a segment.
    pub fn payload(&mut self, segment: &Segment<'_>, give: &mut dyn FnMut(Piece<'_>)) {
        let next = *self.next.get_or_insert(segment.seq);
        let ahead = distance(next, segment.seq);
        let length = i64::from(segment.wire_len);
        if ahead.abs() > FAR || length > FAR {
            return;
        }
        if ahead + length <= 0 {
            // A single byte just before the next one is a keep-alive or a probe of a zero window, no repetition.
            if !(length == 1 && ahead == -1) {
                self.repeated(segment.seen);
            }
            return;
        }
        self.facts.segments = self.facts.segments.saturating_add(1);
        self.facts.largest = self.facts.largest.max(segment.wire_len);
        if !self.unwanted {
            self.facts.last_arrival = Some(segment.seen);
            let fresh = (ahead + length).min(length);
            rate(&mut self.facts.rate, segment.seen.time, u32::try_from(fresh).unwrap_or(0));
        }
        if ahead <= 0 {
            let known = usize::try_from(-ahead).unwrap_or(0);
            let bytes = segment.payload.get(known..).unwrap_or_default();
            let fresh = u32::try_from(ahead + length).unwrap_or(0);
            self.deliver(segment.seen, bytes, fresh, give);
        } else if self.acked.is_some_and(|acked| distance(segment.seq, acked) >= 0) {
            // The other side has what the capture has not.
            self.miss(segment.seen, ahead, give);
            self.deliver(segment.seen, segment.payload, segment.wire_len, give);
        } else {
            self.wait(segment);
            if self.waiting.len() > WAITING_SEGMENTS {
                self.skip_hole(give);
            }
            return;
        }
        self.drain(give);
    }

    /// Takes an acknowledgement of the other side.
    pub fn acknowledged(&mut self, ack: u32, give: &mut dyn FnMut(Piece<'_>)) {
        let Some(next) = self.next else {
            self.next = Some(ack);
            self.acked = Some(ack);
            return;
        };
        if distance(next, ack).abs() > FAR {
            return;
        }
        if self.acked.is_none_or(|acked| distance(acked, ack) > 0) {
            self.acked = Some(ack);
        }
        while let Some(first) = self.waiting.first() {
            if distance(first.seq, ack) < 0 {
                break;
            }
            self.skip_hole(give);
        }
    }

    /// Notes the sequence number of a packet without payload: it may lie beyond what arrived.
    pub fn bare(&mut self, seq: u32) {
        if let Some(next) = self.next {
            let ahead = distance(next, seq);
            self.facts.ahead = u64::try_from(ahead).ok().filter(|ahead| *ahead < 1 << 30).unwrap_or(0);
        }
    }

    /// Ends the direction: what still waits, and what was never acknowledged.
    pub fn finish(&mut self, ack_seen: bool) {
        let Some(next) = self.next else { return };
        if let Some(first) = self.waiting.first() {
            self.facts.hole = u64::try_from(distance(next, first.seq)).unwrap_or(0);
            self.facts.beyond_hole = self.waiting.iter().map(|waiting| u64::from(waiting.wire_len)).sum();
        }
        let end = self.fin_end.filter(|end| distance(next, *end) == 1).map_or(next, |_| next);
        if let Some(acked) = self.acked {
            let beyond = distance(end, acked);
            if beyond > 1 && beyond < FAR {
                self.facts.lost = self.facts.lost.saturating_add(u64::try_from(beyond).unwrap_or(0));
            } else if beyond < 0 && ack_seen {
                self.facts.unacknowledged = u64::try_from(-beyond).unwrap_or(0);
            }
        }
        self.waiting = Vec::new();
    }

    /// Gives the number of bytes held for this direction.
    pub fn held(&self) -> usize {
        self.waiting_bytes
    }

    fn repeated(&mut self, seen: Seen) {
        let facts = &mut self.facts;
        facts.retransmissions = facts.retransmissions.saturating_add(1);
        facts.retried.get_or_insert(seen);
        facts.retries = facts.retries.saturating_add(1);
    }

    fn wait(&mut self, segment: &Segment<'_>) {
        if self
            .waiting
            .iter()
            .any(|waiting| waiting.seq == segment.seq && waiting.wire_len >= segment.wire_len)
        {
            self.repeated(segment.seen);
            return;
        }
        let room = WAITING_BYTES.saturating_sub(self.waiting_bytes);
        let bytes = if segment.payload.len() <= room { segment.payload.to_vec() } else { Vec::new() };
        self.waiting_bytes += bytes.len();
        let position = self.waiting.partition_point(|waiting| distance(waiting.seq, segment.seq) > 0);
        self.facts.reordered = self.facts.reordered.saturating_add(1);
        let waiting = Waiting { seq: segment.seq, wire_len: segment.wire_len, seen: segment.seen, bytes };
        self.waiting.insert(position, waiting);
    }

    fn skip_hole(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        let (Some(next), Some(first)) = (self.next, self.waiting.first()) else { return };
        let (hole, seen) = (distance(next, first.seq), first.seen);
        self.miss(seen, hole, give);
        self.drain(give);
    }

    fn miss(&mut self, seen: Seen, hole: i64, give: &mut dyn FnMut(Piece<'_>)) {
        let Ok(hole) = u32::try_from(hole) else { return };
        if hole == 0 {
            return;
        }
        self.next = self.next.map(|next| next.wrapping_add(hole));
        self.facts.lost = self.facts.lost.saturating_add(u64::from(hole));
        give(Piece::Gap(seen, u64::from(hole)));
    }

    fn drain(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        while let (Some(next), Some(first)) = (self.next, self.waiting.first()) {
            let ahead = distance(next, first.seq);
            if ahead > 0 {
                return;
            }
            let waiting = self.waiting.remove(0);
            self.waiting_bytes = self.waiting_bytes.saturating_sub(waiting.bytes.len());
            let fresh = ahead + i64::from(waiting.wire_len);
            if fresh > 0 {
                let known = usize::try_from(-ahead).unwrap_or(0);
                let bytes = waiting.bytes.get(known..).unwrap_or_default();
                self.deliver(waiting.seen, bytes, u32::try_from(fresh).unwrap_or(0), give);
            }
        }
    }

    fn deliver(&mut self, seen: Seen, bytes: &[u8], wire_len: u32, give: &mut dyn FnMut(Piece<'_>)) {
        self.next = self.next.map(|next| next.wrapping_add(wire_len));
        let facts = &mut self.facts;
        if self.unwanted {
            facts.after_close = facts.after_close.saturating_add(u64::from(wire_len));
            return;
        }
        facts.bytes = facts.bytes.saturating_add(u64::from(wire_len));
        facts.first_data.get_or_insert(seen);
        facts.last_data = Some(facts.last_data.map_or(seen, |last| last.max(seen)));
        facts.retried = None;
        facts.retries = 0;
        facts.ahead = 0;
        if !bytes.is_empty() {
            give(Piece::Data(seen, bytes));
        }
        let missing = u64::from(wire_len).saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if missing > 0 {
            give(Piece::Gap(seen, missing));
        }
    }
}

fn rate(rate: &mut Vec<(i64, u32)>, time: Timestamp, bytes: u32) {
    let second = time.secs();
    match rate.last_mut() {
        Some((last, sum)) if *last >= second => *sum = sum.saturating_add(bytes),
        _ => {
            if rate.len() >= RATE_SECONDS {
                rate.remove(0);
            }
            rate.push((second, bytes));
        }
    }
}

#[cfg(test)]
mod tests;
