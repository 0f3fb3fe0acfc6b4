//! ICMP and ICMPv6 errors, and silence on the link.

use std::net::{IpAddr, SocketAddr};

use crate::model::Seen;

/// An ICMP error and the packet it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// Where it is.
    pub at: Seen,
    /// Who says so.
    pub from: IpAddr,
    /// Who is told.
    pub to: IpAddr,
    /// Whether it is ICMPv6.
    pub v6: bool,
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// IP protocol of the packet it speaks of.
    pub protocol: u8,
    /// Source of that packet.
    pub src: SocketAddr,
    /// Destination of that packet.
    pub dst: SocketAddr,
}

impl IcmpError {
    /// Names what the error says (RFC 792, 1812, 4443), in the words of the taxonomy.
    pub fn meaning(&self) -> &'static str {
        match (self.v6, self.kind, self.code) {
            (false, 3, 0 | 6 | 11) | (true, 1, 0) => "net_unreachable",
            (false, 3, 1 | 7 | 8 | 12) | (true, 1, 2 | 3) => "host_unreachable",
            (false, 3, 2 | 3) | (true, 1, 4) => "port_unreachable",
            (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6) => "prohibited",
            (false, 11, _) | (true, 3, _) => "ttl_exceeded",
            (false, 3, 4) | (true, 2, _) => "packet_too_big",
            _ => "other",
        }
    }
}

/// An address asked for on the link, and never answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArpGap {
    /// Who asks.
    pub asker: IpAddr,
    /// For whom.
    pub target: IpAddr,
    /// Requests, first and last.
    pub first: Seen,
    /// Last request.
    pub last: Seen,
    /// How many.
    pub tries: u32,
    /// How many others asked for the same address, also in vain.
    pub other_askers: u32,
}
