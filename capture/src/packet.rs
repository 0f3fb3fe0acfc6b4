//! The network layer: from a frame to what IP or ARP carries, through VLAN tags, tunnels of mirroring switches,
//! IPv6 extension headers and fragments.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use etherparse::{EtherType, LaxIpSlice, LaxNetSlice, LaxSlicedPacket, LenSource};

use super::blocks::Frame;
use super::link::{self, Carried, be16};
use crate::Timestamp;

/// How deep packets may be wrapped in each other.
const NESTING: u8 = 4;
/// Fragmented packets put together at the same time, and the largest of them in bytes.
const FRAGMENTED: usize = 64;
const LARGEST: usize = 65_535;

/// What one IP packet carries.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Capture time.
    pub time: Timestamp,
    /// Interface within the file.
    pub interface: u32,
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// Identification (IPv4 only).
    pub ip_id: Option<u16>,
    /// IP protocol number.
    pub protocol: u8,
    /// Bytes behind the IP header that were captured.
    pub payload: &'a [u8],
    /// How many there were on the wire.
    pub wire_len: usize,
}

/// An ARP message for IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub operation: u16,
    /// Address of the sender.
    pub sender: Ipv4Addr,
    /// Address asked for, or of the receiver of a reply.
    pub target: Ipv4Addr,
}

/// What a frame turned out to be.
#[derive(Debug)]
pub enum Content<'a> {
    /// IP, possibly put together from fragments.
    Ip(Packet<'a>),
    /// ARP.
    Arp(Arp),
}

/// Decodes frames; keeps the fragments that wait for their fellows.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: VecDeque<Fragments>,
}

#[derive(Debug)]
struct Fragments {
    key: (IpAddr, IpAddr, u8, u32),
    data: Vec<u8>,
    /// Ranges of `data` that arrived, sorted.
    have: Vec<(usize, usize)>,
    total: Option<usize>,
}

impl Decoder {
    /// Hands the content of a frame to `handle`, if it is IP or ARP.
    pub fn decode(&mut self, frame: &Frame<'_>, handle: &mut dyn FnMut(Content<'_>)) {
        if let Some(carried) = link::strip(frame.link, frame.data) {
            let beyond = usize::try_from(frame.wire_len).unwrap_or(0).saturating_sub(frame.data.len());
            self.network(frame, carried, beyond, 0, handle);
        }
    }

    fn network(
        &mut self,
        frame: &Frame<'_>,
        carried: Carried<'_>,
        beyond: usize,
        depth: u8,
        handle: &mut dyn FnMut(Content<'_>),
    ) {
        let net = match carried.protocol {
            // Most packets have no tags; what lies above IP is not etherparse's to slice.
            EtherType::IPV4 | EtherType::IPV6 => {
                LaxIpSlice::from_slice(carried.payload).ok().map(|(ip, _)| ip.into())
            }
            // 802.1ad and older double tags are known to etherparse by 0x88a8 and 0x9100.
            _ => LaxSlicedPacket::from_ether_type(carried.protocol, carried.payload).net,
        };
        let Some(net) = net else { return };
        let (src, dst, ttl, ip_id, payload) = match &net {
            LaxNetSlice::Arp(arp) => {
                if let Some(arp) = arp_of(arp.slice()) {
                    handle(Content::Arp(arp));
                }
                return;
            }
            LaxNetSlice::Ipv4(ip) => {
                let header = ip.header();
                (
                    IpAddr::V4(header.source_addr()),
                    IpAddr::V4(header.destination_addr()),
                    header.ttl(),
                    Some(header.identification()),
                    ip.payload(),
                )
            }
            LaxNetSlice::Ipv6(ip) => {
                let header = ip.header();
                (
                    IpAddr::V6(header.source_addr()),
                    IpAddr::V6(header.destination_addr()),
                    header.hop_limit(),
                    None,
                    ip.payload(),
                )
            }
        };
        let captured = payload.payload;
        let wire_len = match (&net, payload.len_source) {
            // Offloading leaves the length 0 before the card has cut the packet: what the frame has counts.
            (_, LenSource::Slice) if !payload.incomplete => captured.len().saturating_add(beyond),
            (LaxNetSlice::Ipv4(ip), _) => {
                let header = ip.header();
                let total = usize::from(header.total_len());
                let head = header.slice().len();
                if total > head { total - head } else { captured.len().saturating_add(beyond) }
            }
            (LaxNetSlice::Ipv6(ip), _) => {
                let total = usize::from(ip.header().payload_length());
                let extensions = ip.extensions().slice().len();
                if total > extensions { total - extensions } else { captured.len().saturating_add(beyond) }
            }
            (LaxNetSlice::Arp(_), _) => return,
        }
        .max(captured.len());
        let packet = Packet {
            time: frame.time,
            interface: frame.interface,
            src,
            dst,
            ttl,
            ip_id,
            protocol: payload.ip_number.0,
            payload: captured,
            wire_len,
        };
        if payload.fragmented {
            let Some((id, offset, more)) = fragment(&net) else { return };
            if let Some(whole) = self.assemble(&packet, id, offset, more) {
                let packet = Packet { payload: &whole, wire_len: whole.len(), ..packet };
                self.transport(frame, packet, depth, handle);
            }
            return;
        }
        self.transport(frame, packet, depth, handle);
    }

    fn transport(
        &mut self,
        frame: &Frame<'_>,
        packet: Packet<'_>,
        depth: u8,
        handle: &mut dyn FnMut(Content<'_>),
    ) {
        let inner = match packet.protocol {
            _ if depth >= NESTING => None,
            47 => link::gre(packet.payload),
            4 | 41 => link::raw_ip(packet.payload),
            _ => None,
        };
        match inner {
            Some(carried) => {
                let beyond = packet.wire_len.saturating_sub(packet.payload.len());
                self.network(frame, carried, beyond, depth + 1, handle);
            }
            None => handle(Content::Ip(packet)),
        }
    }

    /// Puts fragments together; gives the whole when the last one is there. Overlaps keep the first bytes.
    fn assemble(&mut self, packet: &Packet<'_>, id: u32, offset: usize, more: bool) -> Option<Vec<u8>> {
        // A fragment that the snap length cut can never be whole.
        if packet.payload.len() < packet.wire_len {
            return None;
        }
        let end = offset.checked_add(packet.payload.len()).filter(|end| *end <= LARGEST)?;
        let key = (packet.src, packet.dst, packet.protocol, id);
        let position = match self.fragments.iter().position(|waiting| waiting.key == key) {
            Some(position) => position,
            None => {
                if self.fragments.len() >= FRAGMENTED {
                    self.fragments.pop_front();
                }
                self.fragments.push_back(Fragments { key, data: Vec::new(), have: Vec::new(), total: None });
                self.fragments.len() - 1
            }
        };
        let waiting = self.fragments.get_mut(position)?;
        if waiting.have.len() > 1024 {
            return None;
        }
        if waiting.data.len() < end {
            waiting.data.resize(end, 0);
        }
        if !waiting.have.iter().any(|(from, to)| *from < end && offset < *to) {
            waiting.data.get_mut(offset..end)?.copy_from_slice(packet.payload);
            waiting.have.push((offset, end));
            waiting.have.sort_unstable();
        }
        if !more {
            waiting.total = Some(end);
        }
        let total = waiting.total?;
        let mut reached = 0;
        for (from, to) in &waiting.have {
            if *from > reached {
                return None;
            }
            reached = reached.max(*to);
        }
        if reached < total {
            return None;
        }
        let mut whole = self.fragments.remove(position)?.data;
        whole.truncate(total);
        Some(whole)
    }
}

/// Gives identification, offset in bytes and whether more fragments follow.
fn fragment(net: &LaxNetSlice<'_>) -> Option<(u32, usize, bool)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let offset = usize::from(header.fragments_offset().value()) * 8;
            Some((u32::from(header.identification()), offset, header.more_fragments()))
        }
        LaxNetSlice::Ipv6(ip) => ip.extensions().clone().into_iter().find_map(|extension| match extension {
            etherparse::Ipv6ExtensionSlice::Fragment(header) => Some((
                header.identification(),
                usize::from(header.fragment_offset().value()) * 8,
                header.more_fragments(),
            )),
            _ => None,
        }),
        LaxNetSlice::Arp(_) => None,
    }
}

fn arp_of(slice: &[u8]) -> Option<Arp> {
    // Hardware of 6 bytes and IPv4: everything else is of no interest here.
    if be16(slice, 2)? != 0x0800 || slice.get(4..6)? != [6, 4] {
        return None;
    }
    let address = |at: usize| -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(<[u8; 4]>::try_from(slice.get(at..at + 4)?).ok()?))
    };
    Some(Arp { operation: be16(slice, 6)?, sender: address(14)?, target: address(24)? })
}

#[cfg(test)]
mod tests;
