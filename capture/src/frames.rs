//! What each frame shows: for those who compare this decoder with another, frame by frame.
//!
//! The flow from bundle to report does not come this way, for it keeps no frames. The layers are the same ones:
//! `blocks`, `link`, `packet`, `tcp`, and the readers of what connections carry. The facts of every frame are held
//! in memory, its payload included.

mod carried;

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};

use etherparse::LaxSlicedPacket;

use super::blocks::{self, Frame};
use super::link::{self, be16};
use super::packet::{Content, Decoder, Packet};
use super::tcp::{Segment, Table};
use super::x509::Store;
use super::{dns, icmp};
use crate::{Seen, Timestamp};

/// Link type of IP without a link header.
const RAW: i32 = 101;

/// What one frame shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameFacts {
    /// Its number, counted from 1.
    pub number: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// Its link type (`LINKTYPE_…` of tcpdump.org).
    pub link: i32,
    /// How many bytes of it were captured.
    pub captured: usize,
    /// How many bytes it had on the wire.
    pub wire_len: u32,
    /// The VLANs that it is tagged with.
    pub vlans: Vec<u16>,
    /// The ARP message.
    pub arp: Option<Arp>,
    /// Its IP header, and behind it the one that an ICMP error quotes.
    pub ip: Vec<Ip>,
    /// Its TCP segment, and the one that an ICMP error quotes.
    pub tcp: Vec<Tcp>,
    /// The UDP ports, source first, and those that an ICMP error quotes.
    pub udp: Vec<(u16, u16)>,
    /// ICMP: type and code.
    pub icmp: Option<(u8, u8)>,
    /// ICMPv6: type and code.
    pub icmpv6: Option<(u8, u8)>,
    /// The DNS messages that end in it.
    pub dns: Vec<Dns>,
    /// What of TLS ends in it.
    pub tls: Vec<Tls>,
    /// The HTTP messages that end in it.
    pub http: Vec<Http>,
    /// The OCSP answers that end in it, stapled ones included.
    pub ocsp: Vec<Ocsp>,
}

/// An ARP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// 1 asks, 2 answers.
    pub operation: u16,
    /// Who sends it.
    pub sender: Ipv4Addr,
    /// Whom it is about.
    pub target: Ipv4Addr,
}

/// An IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip {
    /// Sender.
    pub src: IpAddr,
    /// Receiver.
    pub dst: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Sender's port.
    pub src: u16,
    /// Receiver's port.
    pub dst: u16,
    /// The flags, FIN lowest.
    pub flags: u8,
    /// The window as written; `None` where it is cut off.
    pub window: Option<u16>,
    /// Payload on the wire, in bytes.
    pub len: u32,
    /// Payload as captured.
    pub payload: Vec<u8>,
    /// It repeats bytes, or a SYN, that were seen before.
    pub repeats: bool,
    /// It is quoted by an ICMP error.
    pub quoted: bool,
}

/// A DNS message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dns {
    /// An answer, not a question.
    pub response: bool,
    /// The response code.
    pub rcode: u16,
    /// The answer did not fit.
    pub truncated: bool,
    /// The name asked for.
    pub name: Option<String>,
    /// The addresses in the answer section.
    pub addresses: Vec<IpAddr>,
    /// The aliases in the answer section.
    pub cnames: Vec<String>,
}

/// Something of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A handshake message in clear, by its type.
    Handshake(u8),
    /// The name that the client's hello asks for.
    ServerName(String),
    /// The server's hello chose TLS 1.3.
    Chose13,
    /// A part of a name in a certificate: organisation and common name of the issuer, then of the subject.
    CertificateName(String),
    /// An alert; its description where it is in clear.
    Alert(Option<u8>),
    /// So many records of application data.
    Data(u64),
}

/// An HTTP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Http {
    /// A request.
    Request {
        /// Its method.
        method: String,
        /// Its target as sent.
        target: String,
        /// It asks for a range of bytes.
        range: bool,
        /// It carries credentials for a proxy.
        proxy_credentials: bool,
    },
    /// An answer.
    Response {
        /// Its status.
        status: u16,
        /// Its `X-Squid-Error`.
        squid_error: Option<String>,
        /// Its `Content-Type`.
        content_type: Option<String>,
        /// The ways to log in that a proxy offers.
        proxy_challenges: Vec<String>,
    },
}

/// An OCSP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ocsp {
    /// The status by its number (RFC 6960): 0 for a good answer.
    pub status: u8,
    /// It says of a certificate that it is revoked.
    pub revoked: bool,
}

/// Reads a capture and gives what each of its frames shows, in order.
pub fn read(input: Box<dyn Read + Send + '_>) -> Vec<FrameFacts> {
    let mut frames: Vec<FrameFacts> = Vec::new();
    let mut decoder = Decoder::default();
    let mut table = Table::<()>::new(Store::default());
    let mut records = BTreeMap::new();
    blocks::read(input, &mut |frame| {
        let mut facts = FrameFacts {
            number: frame.number,
            time: frame.time,
            link: frame.link,
            captured: frame.data.len(),
            wire_len: frame.wire_len,
            vlans: vlans(frame),
            ..FrameFacts::default()
        };
        let seen =
            Seen { time: frame.time, frame: u32::try_from(frame.number).unwrap_or(u32::MAX), capture: 0 };
        decoder.decode(frame, &mut |content| match content {
            Content::Arp(arp) => {
                facts.arp = Some(Arp { operation: arp.operation, sender: arp.sender, target: arp.target });
            }
            Content::Ip(packet) => {
                facts.packet(frame, &packet, seen);
                if let Some(segment) = Segment::read(&packet, seen).filter(|_| packet.protocol == 6) {
                    let repeats = follow(&mut table, &segment, &mut records, &mut facts);
                    facts.tcp.push(Tcp { repeats, ..tcp_of(&segment, &packet) });
                }
            }
        });
        frames.push(facts);
    });
    for mut connection in table.into_connections() {
        carried::conversation(&mut connection, &mut frames);
    }
    frames
}

impl FrameFacts {
    /// Notes what an IP packet shows by itself.
    fn packet(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, seen: Seen) {
        self.ip.push(Ip { src: packet.src, dst: packet.dst, ttl: packet.ttl });
        let bytes = packet.payload;
        match packet.protocol {
            17 => {
                let (Some(src), Some(dst)) = (be16(bytes, 0), be16(bytes, 2)) else { return };
                self.udp.push((src, dst));
                let length = be16(bytes, 4).map_or(0, usize::from);
                let end = if length >= 8 { length.min(bytes.len()) } else { bytes.len() };
                if (src == 53 || dst == 53)
                    && let Some(Ok(message)) = bytes.get(8..end).map(dns::parse)
                {
                    self.dns.push(carried::dns_of(&message));
                }
            }
            1 | 58 => {
                let said = bytes.first().copied().zip(bytes.get(1).copied());
                if packet.protocol == 1 {
                    self.icmp = said
                } else {
                    self.icmpv6 = said
                }
                if icmp::read(packet, seen).is_some() {
                    self.quoted(frame, bytes.get(8..).unwrap_or_default(), seen);
                }
            }
            _ => {}
        }
    }

    /// Notes what the packet shows that an ICMP error quotes.
    fn quoted(&mut self, frame: &Frame<'_>, data: &[u8], seen: Seen) {
        let wire_len = u32::try_from(data.len()).unwrap_or(0);
        let quote = Frame { link: RAW, data, wire_len, ..*frame };
        Decoder::default().decode(&quote, &mut |content| {
            let Content::Ip(packet) = content else { return };
            // A quotation within a quotation is nothing that occurs.
            if packet.protocol != 1 && packet.protocol != 58 {
                self.packet(&quote, &packet, seen);
            }
            if let Some(segment) = Segment::read(&packet, seen).filter(|_| packet.protocol == 6) {
                self.tcp.push(Tcp { quoted: true, ..tcp_of(&segment, &packet) });
            }
        });
    }
}

/// Passes a segment on to its connection; tells whether it repeats, and notes the data records that end with it.
fn follow(
    table: &mut Table<()>,
    segment: &Segment<'_>,
    records: &mut BTreeMap<usize, (u64, u64)>,
    facts: &mut FrameFacts,
) -> bool {
    table.segment(segment, &mut |_, _| Some(Box::default()));
    let Some((number, connection)) = table.connection(segment.src, segment.dst) else { return false };
    let again = u64::from(connection.opening.syns.saturating_sub(1));
    let detail = connection.detail.as_ref();
    let repeated = detail.map_or(0, |detail| detail.repeated()).saturating_add(again);
    let now = (repeated, detail.map_or(0, |detail| carried::data_records(&detail.conversation)));
    let before = records.insert(number, now).unwrap_or_default();
    if now.1 > before.1 {
        facts.tls.push(Tls::Data(now.1 - before.1));
    }
    now.0 > before.0
}

fn tcp_of(segment: &Segment<'_>, packet: &Packet<'_>) -> Tcp {
    Tcp {
        src: segment.src.port(),
        dst: segment.dst.port(),
        flags: segment.flags,
        window: be16(packet.payload, 14),
        len: segment.wire_len,
        payload: segment.payload.to_vec(),
        repeats: false,
        quoted: false,
    }
}

fn vlans(frame: &Frame<'_>) -> Vec<u16> {
    let Some(carried) = link::strip(frame.link, frame.data) else { return Vec::new() };
    let sliced = LaxSlicedPacket::from_ether_type(carried.protocol, carried.payload);
    sliced.vlan_ids().iter().map(|id| id.value()).collect()
}
