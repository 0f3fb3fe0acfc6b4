//! One TCP segment (RFC 9293), read also where the snap length cut its header.

use std::net::SocketAddr;

use super::super::link::{be16, be32};
use super::super::packet::Packet;
use crate::Seen;

/// FIN, SYN, RST and ACK among the flags.
pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;
pub const RST: u8 = 0x04;
pub const ACK: u8 = 0x10;

/// A segment with what the layers below say of it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Frame and time.
    pub seen: Seen,
    /// Interface within the file.
    pub interface: u32,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number; 0 where the flag is missing.
    pub ack: u32,
    /// Flags, FIN lowest.
    pub flags: u8,
    /// Window as written, not scaled.
    pub window: u16,
    /// Checksum as written: tells a copy of a packet from a repetition.
    pub checksum: u16,
    /// Payload that was captured.
    pub payload: &'a [u8],
    /// Payload on the wire, in bytes.
    pub wire_len: u32,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
}

impl<'a> Segment<'a> {
    /// Reads a segment; `None` where even the flags are cut off.
    pub fn read(packet: &Packet<'a>, seen: Seen) -> Option<Self> {
        let bytes = packet.payload;
        let offset_flags = be16(bytes, 12)?;
        let header = usize::from(offset_flags >> 12) * 4;
        if header < 20 {
            return None;
        }
        let [_, flags] = offset_flags.to_be_bytes();
        let wire_len = u32::try_from(packet.wire_len.saturating_sub(header)).unwrap_or(u32::MAX);
        // Ethernet pads short frames; the IP length says where the segment ends.
        let end = packet.wire_len.min(bytes.len());
        let payload = bytes.get(header..end).unwrap_or_default();
        Some(Self {
            seen,
            interface: packet.interface,
            src: SocketAddr::new(packet.src, be16(bytes, 0)?),
            dst: SocketAddr::new(packet.dst, be16(bytes, 2)?),
            seq: be32(bytes, 4)?,
            ack: if flags & ACK != 0 { be32(bytes, 8)? } else { 0 },
            flags,
            // A cut header shows no window: not 0, for that would mean something.
            window: be16(bytes, 14).unwrap_or(u16::MAX),
            checksum: be16(bytes, 16).unwrap_or(0),
            payload,
            wire_len,
            ttl: packet.ttl,
            ip_id: packet.ip_id,
        })
    }

    /// Tells whether all the flags are set.
    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }
}
