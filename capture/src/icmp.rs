//! ICMP and ICMPv6 errors (RFC 792, RFC 4443), tied to the packet they quote.

use std::net::{IpAddr, SocketAddr};

use etherparse::{LaxNetSlice, LaxSlicedPacket};

use super::link::be16;
use super::packet::Packet;
use crate::Seen;

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

/// Reads an error; `None` for other messages and where the quoted packet is not readable.
pub fn read(packet: &Packet<'_>, seen: Seen) -> Option<IcmpError> {
    let v6 = packet.protocol == 58;
    let (kind, code) = (*packet.payload.first()?, *packet.payload.get(1)?);
    let is_error = if v6 { (1..=4).contains(&kind) } else { [3, 11, 12].contains(&kind) };
    if !is_error {
        return None;
    }
    let quoted = packet.payload.get(8..)?;
    let sliced = LaxSlicedPacket::from_ip(quoted).ok()?;
    let (src, dst, payload) = match sliced.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into(), ip.payload())
        }
        LaxNetSlice::Ipv6(ip) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into(), ip.payload())
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let port = |at| be16(payload.payload, at).unwrap_or(0);
    Some(IcmpError {
        at: seen,
        from: packet.src,
        to: packet.dst,
        v6,
        kind,
        code,
        protocol: payload.ip_number.0,
        src: SocketAddr::new(src, port(0)),
        dst: SocketAddr::new(dst, port(2)),
    })
}

#[cfg(test)]
mod tests;
