//! ICMP and ICMPv6 errors (RFC 792, RFC 4443), tied to the packet they quote.

use std::net::SocketAddr;

use etherparse::{LaxNetSlice, LaxSlicedPacket};

use super::link::be16;
use super::packet::Packet;
use crate::model::{IcmpError, Seen};

/// Reads an error; `None` for other messages and where the quoted packet is not readable.
pub(crate) fn read(packet: &Packet<'_>, seen: Seen) -> Option<IcmpError> {
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
