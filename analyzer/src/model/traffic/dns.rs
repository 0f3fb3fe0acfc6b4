//! Questions to resolvers and their answers.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::model::Seen;

/// How a question was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsAnswer {
    /// Where it is.
    pub at: Seen,
    /// Response code.
    pub rcode: u16,
    /// Truncated.
    pub truncated: bool,
    /// Answered from the zone itself, not from another server.
    pub authoritative: bool,
    /// Addresses of the type asked for.
    pub addresses: Vec<IpAddr>,
    /// Names of the CNAME chain, in order.
    pub cnames: Vec<String>,
    /// The message is cut, so there may be more.
    pub cut: bool,
}

/// One question to one resolver, with all its repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsQuestion {
    /// The asking endpoint.
    pub client: SocketAddr,
    /// The resolver.
    pub server: SocketAddr,
    /// Over TCP.
    pub tcp: bool,
    /// Name, lower case, no trailing dot.
    pub name: String,
    /// `A`, `AAAA` or another type.
    pub kind: Cow<'static, str>,
    /// Transaction id of the first try.
    pub id: u16,
    /// Each time it was sent.
    pub tries: Vec<Seen>,
    /// Answers in order; more than one is remarkable.
    pub answers: Vec<DnsAnswer>,
    /// ICMP errors about it: positions in [`Traffic::icmp`].
    pub errors: Vec<usize>,
}
