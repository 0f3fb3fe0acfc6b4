//! The link layer: from a frame to the network protocol it carries.
//!
//! VLAN tags behind the Ethernet header are left to `etherparse`; this module knows what it does not: cooked and
//! raw captures, and IP carried in GRE or ERSPAN by a mirroring switch.

use etherparse::EtherType;

/// Link types of <https://www.tcpdump.org/linktypes.html> that are read.
const NULL: i32 = 0;
const ETHERNET: i32 = 1;
const LOOP: i32 = 108;
const LINUX_SLL: i32 = 113;
const LINUX_SLL2: i32 = 276;
const RAW: [i32; 4] = [101, 12, 14, 228];
const RAW_V6: i32 = 229;

/// What a frame carries.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'a> {
    /// EtherType of the payload.
    pub protocol: EtherType,
    /// The payload.
    pub payload: &'a [u8],
}

/// Strips the link header; `None` for an unknown link type or a frame shorter than its header.
pub fn strip(link: i32, data: &[u8]) -> Option<Carried<'_>> {
    match link {
        ETHERNET => ethernet(data),
        LINUX_SLL => {
            let (header, payload) = data.split_at_checked(16)?;
            Some(Carried { protocol: ether_type(header, 14)?, payload })
        }
        LINUX_SLL2 => {
            let (header, payload) = data.split_at_checked(20)?;
            Some(Carried { protocol: ether_type(header, 0)?, payload })
        }
        NULL | LOOP => {
            let (header, payload) = data.split_at_checked(4)?;
            let header: [u8; 4] = header.try_into().ok()?;
            // The address family stands in the byte order of the capturing machine (NULL) or of the network (LOOP).
            let family = u32::from_le_bytes(header).min(u32::from_be_bytes(header));
            let protocol = match family {
                2 => EtherType::IPV4,
                10 | 24 | 28 | 30 => EtherType::IPV6,
                _ => return None,
            };
            Some(Carried { protocol, payload })
        }
        RAW_V6 => Some(Carried { protocol: EtherType::IPV6, payload: data }),
        link if RAW.contains(&link) => raw_ip(data),
        _ => None,
    }
}

/// Tells whether a link type can be read at all.
pub fn known(link: i32) -> bool {
    RAW.contains(&link) || [NULL, ETHERNET, LOOP, LINUX_SLL, LINUX_SLL2, RAW_V6].contains(&link)
}

/// Takes IP without a link header.
pub fn raw_ip(data: &[u8]) -> Option<Carried<'_>> {
    let protocol = match data.first()? >> 4 {
        4 => EtherType::IPV4,
        6 => EtherType::IPV6,
        _ => return None,
    };
    Some(Carried { protocol, payload: data })
}

/// Strips an Ethernet header.
pub fn ethernet(data: &[u8]) -> Option<Carried<'_>> {
    let (header, payload) = data.split_at_checked(14)?;
    Some(Carried { protocol: ether_type(header, 12)?, payload })
}

/// Strips a GRE header (RFC 2784, 2890) and what a mirroring switch puts behind it (ERSPAN I to III).
pub fn gre(data: &[u8]) -> Option<Carried<'_>> {
    let flags = be16(data, 0)?;
    let protocol = be16(data, 2)?;
    let mut length = 4;
    for (flag, extra) in [(0x8000, 4), (0x2000, 4), (0x1000, 4)] {
        if flags & flag != 0 {
            length += extra;
        }
    }
    let payload = data.get(length..)?;
    match protocol {
        // ERSPAN I has neither sequence number nor header of its own; II has both.
        0x88be if flags & 0x1000 == 0 => ethernet(payload),
        0x88be => ethernet(payload.get(8..)?),
        0x22eb => {
            let platform = payload.get(11)? & 1 != 0;
            ethernet(payload.get(if platform { 20 } else { 12 }..)?)
        }
        0x6558 => ethernet(payload),
        0x0800 | 0x86dd => raw_ip(payload),
        _ => None,
    }
}

fn ether_type(header: &[u8], at: usize) -> Option<EtherType> {
    Some(EtherType(be16(header, at)?))
}

/// Reads a big-endian 16-bit number.
pub fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Reads a big-endian 32-bit number.
pub fn be32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
