//! What packets say: capture files in, connections and the messages they carry out.
//!
//! The layers stand in files of their own, lowest first: [`blocks`], [`link`], [`packet`], [`tcp`], then what is carried:
//! [`dns`], [`tls`], [`x509`], [`ocsp`], [`crl`], [`http`], [`socks`]. [`conversation`] finds out which of them a
//! connection speaks; [`frames`] gives the same facts frame by frame; [`mod@write`] makes files anew. Nothing here knows
//! of attempts, rules or causes.

pub mod blocks;
pub mod conversation;
pub mod crl;
mod cursor;
pub mod dns;
pub mod frames;
pub mod http;
pub mod icmp;
pub mod link;
pub mod ocsp;
pub mod packet;
#[cfg(any(test, feature = "sample"))]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it is for tests, and fails where they would"
)]
pub mod sample;
mod seen;
pub mod socks;
pub mod stream;
#[cfg(any(test, feature = "sample"))]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it is for tests, and fails where they would"
)]
pub mod talk;
pub mod tcp;
mod time;
pub mod tls;
pub mod write;
pub mod x509;

pub use seen::{Seen, Side, hash_ends};
pub use time::Timestamp;

/// A hash map for keys that come by the million: quick, and keyed at random, so that a file cannot aim at it.
pub type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
