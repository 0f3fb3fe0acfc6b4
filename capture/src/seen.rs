//! Where something was seen, and which side of a connection did it.

use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

use crate::Timestamp;

/// A frame and its time. Compact, for there are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Capture time.
    pub time: Timestamp,
    /// Frame number within its file, from 1.
    pub frame: u32,
    /// Position of the file among those read together.
    pub capture: u16,
}

/// Which way something went on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The side that opened the connection.
    Client,
    /// The side that was called.
    Server,
}

/// Hashes two ends of a conversation, and a number that goes with them, in three steps: by themselves they take a dozen.
pub fn hash_ends(one: SocketAddr, other: SocketAddr, number: u32, state: &mut impl Hasher) {
    let bits = |end: SocketAddr| match end.ip() {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    };
    state.write_u128(bits(one));
    state.write_u128(bits(other));
    state.write_u64(u64::from(number) << 32 | u64::from(one.port()) << 16 | u64::from(other.port()));
}
