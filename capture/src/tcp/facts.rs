//! What is known of a connection, apart from what it carried.

use std::net::{IpAddr, SocketAddr};

use crate::{Seen, Timestamp};

/// A connection in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherFlow {
    /// Who opened it.
    pub client: IpAddr,
    /// Whom it called.
    pub server: SocketAddr,
    /// First packet.
    pub first: Timestamp,
    /// Last packet of the client.
    pub last_out: Option<Timestamp>,
    /// Last packet of the server.
    pub last_in: Option<Timestamp>,
}

/// How the opening of a connection went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// SYNs sent.
    pub syns: u32,
    /// First SYN.
    pub first: Option<Seen>,
    /// Last SYN.
    pub last: Option<Seen>,
    /// SYN-ACK.
    pub accepted: Option<Seen>,
    /// RST as the answer to the SYN.
    pub refused: Option<Seen>,
}

/// A RST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Where it is.
    pub at: Seen,
    /// Its TTL or hop limit.
    pub ttl: u8,
    /// Its IPv4 identification.
    pub ip_id: Option<u16>,
    /// Whether its sequence number is the one expected next.
    pub in_sequence: bool,
}

/// A window of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroWindow {
    /// First such segment.
    pub first: Seen,
    /// Last such segment.
    pub last: Seen,
    /// How many.
    pub count: u32,
    /// First segment afterwards with an open window.
    pub reopened: Option<Seen>,
}

/// What one side of a connection sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Half {
    /// Packets.
    pub packets: u32,
    /// Payload bytes in order, each counted once; bytes the capture missed are in `lost`.
    pub bytes: u64,
    /// Payload bytes that the other side acknowledged but the capture does not have.
    pub lost: u64,
    /// Segments sent again.
    pub retransmissions: u32,
    /// Segments with payload.
    pub segments: u32,
    /// First new payload.
    pub first_data: Option<Seen>,
    /// Last new payload.
    pub last_data: Option<Seen>,
    /// Last new payload that arrived, in order or beyond a hole.
    pub last_arrival: Option<Seen>,
    /// Last packet of any kind.
    pub last: Option<Seen>,
    /// First retransmission after the last new payload.
    pub retried: Option<Seen>,
    /// Retransmissions after the last new payload.
    pub retries: u32,
    /// FIN.
    pub fin: Option<Seen>,
    /// First RST.
    pub reset: Option<Reset>,
    /// TTL of its ordinary packets.
    pub ttl: Option<u8>,
    /// Range of IPv4 identifications of its ordinary packets that are not 0: whether they are used at all.
    pub ip_ids: bool,
    /// Zero windows it announced.
    pub zero_window: Option<ZeroWindow>,
    /// Bytes that arrived beyond a hole which was never filled.
    pub beyond_hole: u64,
    /// How large that hole is.
    pub hole: u64,
    /// Payload the other side never acknowledged.
    pub unacknowledged: u64,
    /// How far the sequence numbers of later packets lie beyond what arrived.
    pub ahead: u64,
    /// Payload bytes that arrived after the other side had closed or reset; in no other count.
    pub after_close: u64,
    /// First packet of any kind after the other side had closed or reset.
    pub answered_close: Option<Seen>,
    /// Segments that came before their turn: signs of loss or of several paths.
    pub reordered: u32,
    /// Largest payload of a segment.
    pub largest: u32,
    /// How long the connection had been idle, in seconds, before the last payload that opened a new turn.
    pub idle_before: f64,
    /// Payload bytes per second, newest last: `(second since the Unix epoch, bytes)`.
    pub rate: Vec<(i64, u32)>,
}
