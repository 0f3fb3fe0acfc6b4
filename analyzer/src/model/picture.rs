//! What the picture of an attempt shows: who took part, and which frame went from whom to whom.
//!
//! It is no part of the JSON report, which names the same frames as evidence.

use super::{Stage, StageState};

/// Who took part in an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The endpoint itself.
    Endpoint,
    /// Whoever answers DNS.
    Resolver,
    /// Whoever gives out the proxy configuration.
    Discovery,
    /// A proxy, HTTP or SOCKS.
    Proxy,
    /// Hosts of OCSP and CRL.
    Revocation,
    /// A router that speaks up with ICMP.
    Router,
    /// The update server.
    Server,
}

/// A party with what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Who.
    pub party: Party,
    /// Names and addresses, most telling first.
    pub names: Vec<String>,
}

/// One frame that went from one party to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The rung it belongs to.
    pub stage: Stage,
    /// How that rung held.
    pub state: StageState,
    /// Path of the capture in the bundle.
    pub path: String,
    /// Frame number, counted from 1 as Wireshark counts.
    pub frame: u64,
    /// Microseconds after the attempt began; what came before it is negative.
    pub after_us: i64,
    /// Who sent it.
    pub from: Party,
    /// For whom it was.
    pub to: Party,
    /// Who passes it on, where it goes through a tunnel.
    pub via: Option<Party>,
    /// What it shows, in one line.
    pub what: String,
    /// It decides how the rung held.
    pub decides: bool,
    /// Nothing came back for it.
    pub lost: bool,
}

/// The parties and frames of an attempt, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// From the endpoint to the server.
    pub lanes: Vec<Lane>,
    /// In order of time.
    pub passages: Vec<Passage>,
}
