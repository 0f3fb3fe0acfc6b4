//! One connection: its opening, both its directions and what they carry.

use std::net::SocketAddr;

use super::facts::{Half, Opening, OtherFlow, Reset};
use super::half::{Piece, Track, distance};
use super::segment::{ACK, FIN, RST, SYN, Segment};
use super::table::Settle;
use crate::conversation::Conversation;
use crate::stream::Dir;
use crate::x509::Store;
use crate::{Seen, Side, Timestamp};

/// One connection.
#[derive(Debug)]
pub struct Connection<T> {
    /// Who opened it.
    pub client: SocketAddr,
    /// Whom it called.
    pub server: SocketAddr,
    /// Interface of the first packet.
    pub interface: u32,
    /// First packet.
    pub first: Seen,
    /// Last packet.
    pub last: Seen,
    /// How the opening went.
    pub opening: Opening,
    isn: Option<u32>,
    last_syn_id: Option<u16>,
    last_out: Option<Timestamp>,
    last_in: Option<Timestamp>,
    /// Everything else; absent where nothing but SYNs was seen, or where it was let go.
    pub detail: Option<Box<Detail<T>>>,
    let_go: bool,
}

/// The part of a connection that only those have that came about.
#[derive(Debug)]
pub struct Detail<T> {
    pub(super) up: Track,
    pub(super) down: Track,
    /// What it carries.
    pub conversation: Conversation,
    /// What it carried, once it has ended.
    settled: Option<Box<T>>,
}

impl<T> Detail<T> {
    /// Ends the tracking and gives what both sides sent.
    pub fn halves(&mut self) -> (Half, Half) {
        let (up_seen, down_seen) = (self.up.facts.packets > 0, self.down.facts.packets > 0);
        self.up.finish(down_seen);
        self.down.finish(up_seen);
        (std::mem::take(&mut self.up.facts), std::mem::take(&mut self.down.facts))
    }
}

impl<T> Detail<T> {
    /// Counts the segments of both sides that repeat others.
    pub fn repeated(&self) -> u64 {
        u64::from(self.up.facts.retransmissions).saturating_add(u64::from(self.down.facts.retransmissions))
    }

    /// Gives what it carried, once it is settled.
    pub fn take_app(&mut self) -> Option<T> {
        self.settled.take().map(|app| *app)
    }
}

impl<T> Connection<T> {
    /// Begins with its first segment, which says who opened it.
    pub(super) fn new(segment: &Segment<'_>) -> Self {
        let (src, dst) = (segment.src, segment.dst);
        let from_server = match segment.flags & (SYN | ACK) {
            SYN => false,
            flags if flags == SYN | ACK => true,
            // Joined late: servers have the lower port.
            _ => src.port() < dst.port() && (src.port() < 1024 || dst.port() >= 32_768),
        };
        let (client, server) = if from_server { (dst, src) } else { (src, dst) };
        Self {
            client,
            server,
            interface: segment.interface,
            first: segment.seen,
            last: segment.seen,
            opening: Opening::default(),
            isn: None,
            last_syn_id: None,
            last_out: None,
            last_in: None,
            detail: None,
            let_go: false,
        }
    }

    /// Gives the connection in short.
    pub fn brief(&self) -> OtherFlow {
        OtherFlow {
            client: self.client.ip(),
            server: self.server,
            first: self.first.time,
            last_out: self.last_out,
            last_in: self.last_in,
        }
    }

    /// Ends the conversation: its facts are kept, or all of it is let go.
    pub fn settle(&mut self, settle: Settle<'_, T>) {
        let Some(mut detail) = self.detail.take() else { return };
        if detail.settled.is_none() {
            detail.conversation.end();
            detail.settled = settle(self, &detail.conversation);
            detail.conversation = Conversation::over();
        }
        if detail.settled.is_some() {
            self.detail = Some(detail);
        } else {
            self.let_go = true;
        }
    }

    /// Tells whether it came about and was let go.
    pub fn is_let_go(&self) -> bool {
        self.let_go
    }

    /// Gives what it carried, once it is settled.
    pub fn app(&self) -> Option<&T> {
        self.detail.as_ref()?.settled.as_deref()
    }

    /// Tells whether a SYN opens another connection between the same ends.
    pub(super) fn is_reused_by(&self, segment: &Segment<'_>) -> bool {
        segment.src != self.client || self.isn != Some(segment.seq)
    }

    /// Tells whether nothing more is to be expected of it.
    pub(super) fn is_ended(&self, now: Timestamp) -> bool {
        let idle = now.since(self.last.time);
        let Some(detail) = &self.detail else { return true };
        let (up, down) = (&detail.up.facts, &detail.down.facts);
        let closed = up.reset.is_some() || down.reset.is_some() || (up.fin.is_some() && down.fin.is_some());
        (closed && idle > 2.0) || idle > 300.0
    }

    /// Takes a segment; tells whether the connection has just come to have details.
    pub(super) fn take(&mut self, segment: &Segment<'_>, store: &Store) -> bool {
        let side = if segment.src == self.client { Side::Client } else { Side::Server };
        match side {
            Side::Client => self.last_out = Some(segment.seen.time),
            Side::Server => self.last_in = Some(segment.seen.time),
        }
        self.last = self.last.max(segment.seen);
        if side == Side::Client && segment.flags & (SYN | ACK | RST) == SYN {
            self.syn(segment);
            return false;
        }
        if self.let_go {
            return false;
        }
        let quiet = self.detail.is_none();
        if quiet && side == Side::Server && segment.has(RST) && self.opening.syns > 0 {
            self.opening.refused.get_or_insert(segment.seen);
            return false;
        }
        let isn = self.isn;
        let port = self.server.port();
        let detail = self.detail.get_or_insert_with(|| {
            let mut up = Track::default();
            up.next = isn.map(|isn| isn.wrapping_add(1));
            Box::new(Detail {
                up,
                down: Track::default(),
                conversation: Conversation::new(port, store.clone()),
                settled: None,
            })
        });
        let own = if side == Side::Client { &mut detail.up } else { &mut detail.down };
        if own.is_copy(segment) {
            return quiet;
        }
        own.packet(segment);
        if side == Side::Server && segment.has(SYN) {
            self.opening.accepted.get_or_insert(segment.seen);
            own.next.get_or_insert(segment.seq.wrapping_add(1));
            if segment.has(ACK) {
                detail.up.next.get_or_insert(segment.ack);
                detail.up.acked.get_or_insert(segment.ack);
            }
            return quiet;
        }
        if segment.has(RST) {
            detail.reset(segment, side);
            return quiet;
        }
        detail.data(segment, side);
        quiet
    }

    fn syn(&mut self, segment: &Segment<'_>) {
        let opening = &mut self.opening;
        if let Some(last) = opening.last {
            let copy = segment.seen.time.since(last.time) < 0.05 && self.last_syn_id == segment.ip_id;
            if copy {
                return;
            }
        }
        opening.syns = opening.syns.saturating_add(1);
        opening.first.get_or_insert(segment.seen);
        opening.last = Some(segment.seen);
        self.isn = Some(segment.seq);
        self.last_syn_id = segment.ip_id;
    }
}

impl<T> Detail<T> {
    fn data(&mut self, segment: &Segment<'_>, side: Side) {
        let (own, other, dir, back) = match side {
            Side::Client => (&mut self.up, &mut self.down, Dir::ToServer, Dir::ToClient),
            Side::Server => (&mut self.down, &mut self.up, Dir::ToClient, Dir::ToServer),
        };
        own.window(segment);
        let conversation = &mut self.conversation;
        if segment.has(ACK) {
            other.acknowledged(segment.ack, &mut |piece| pass(conversation, back, piece));
        }
        if segment.wire_len > 0 {
            let last = own.facts.last_data.max(other.facts.last_data);
            let fresh = own.next.is_none_or(|next| distance(next, segment.seq) >= 0);
            if fresh {
                let turn = other.facts.last_data > own.facts.last_data;
                let idle = last.map_or(0.0, |last| segment.seen.time.since(last.time));
                if turn || idle > 1.0 {
                    own.facts.idle_before = idle;
                }
            }
            own.payload(segment, &mut |piece| pass(conversation, dir, piece));
        } else {
            own.bare(segment.seq);
        }
        if segment.has(FIN) && own.facts.fin.is_none() {
            own.facts.fin = Some(segment.seen);
            other.unwanted = side == Side::Client;
            own.fin_end = Some(segment.seq.wrapping_add(segment.wire_len).wrapping_add(1));
            conversation.close(dir, segment.seen);
        }
    }

    fn reset(&mut self, segment: &Segment<'_>, side: Side) {
        let (own, other, dir) = match side {
            Side::Client => (&mut self.up, &mut self.down, Dir::ToServer),
            Side::Server => (&mut self.down, &mut self.up, Dir::ToClient),
        };
        other.unwanted = true;
        let in_sequence = own.next.is_none_or(|next| next == segment.seq);
        own.facts.reset.get_or_insert(Reset {
            at: segment.seen,
            ttl: segment.ttl,
            ip_id: segment.ip_id,
            in_sequence,
        });
        self.conversation.close(dir, segment.seen);
    }
}

fn pass(conversation: &mut Conversation, dir: Dir, piece: Piece<'_>) {
    match piece {
        Piece::Data(seen, bytes) => conversation.data(dir, seen, bytes),
        Piece::Gap(seen, missing) => conversation.gap(dir, seen, missing),
    }
}
