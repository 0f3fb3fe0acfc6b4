//! Builds small capture files and frames for the tests of this folder.

use etherparse::{
    EtherType, IpFragOffset, IpHeaders, IpNumber, Ipv4Extensions, Ipv4Header, Ipv6Extensions,
    Ipv6FragmentHeader, Ipv6Header, PacketBuilder,
};
use std::net::{IpAddr, SocketAddr};

use crate::{Seen, Timestamp};

/// The byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Lowest byte first.
    Little,
    /// Highest byte first.
    Big,
}

/// A capture file in the making.
#[derive(Clone, Debug)]
pub struct File {
    order: Order,
    /// What it holds so far.
    pub bytes: Vec<u8>,
}

impl File {
    /// Begins a pcap file whose magic number says what the fraction of a second counts.
    pub fn pcap(order: Order, magic: u32, link: u32) -> Self {
        Self { order, bytes: Vec::new() }.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(262_144).u32(link)
    }

    /// Adds a record of a pcap file.
    pub fn record(self, seconds: u32, fraction: u32, data: &[u8], wire_len: usize) -> Self {
        let mut file = self.u32(seconds).u32(fraction).length(data.len()).length(wire_len);
        file.bytes.extend_from_slice(data);
        file
    }

    /// Begins a pcapng file with its first section.
    pub fn pcapng(order: Order) -> Self {
        Self { order, bytes: Vec::new() }.section(order)
    }

    /// Begins a section in a byte order of its own.
    pub fn section(mut self, order: Order) -> Self {
        self.order = order;
        let body = self.part().u32(0x1a2b_3c4d).u16(1).u16(0).u32(u32::MAX).u32(u32::MAX);
        self.block(0x0a0d_0d0a, &body.bytes)
    }

    /// Describes an interface; `resolution` as in `if_tsresol`.
    pub fn interface(self, link: u16, resolution: Option<u8>) -> Self {
        let mut body = self.part().u16(link).u16(0).u32(0);
        if let Some(resolution) = resolution {
            body = body.u16(9).u16(1);
            body.bytes.extend_from_slice(&[resolution, 0, 0, 0]);
            body = body.u32(0);
        }
        self.block(1, &body.bytes)
    }

    /// Adds an enhanced packet block.
    pub fn packet(self, interface: u32, ticks: u64, data: &[u8]) -> Self {
        let [high, low] = [ticks >> 32, ticks & 0xffff_ffff].map(|half| u32::try_from(half).unwrap());
        let body =
            self.part().u32(interface).u32(high).u32(low).length(data.len()).length(data.len()).padded(data);
        self.block(6, &body.bytes)
    }

    /// Adds a simple packet block.
    pub fn simple(self, data: &[u8]) -> Self {
        let body = self.part().length(data.len()).padded(data);
        self.block(3, &body.bytes)
    }

    /// Adds a block of any type.
    pub fn block(self, kind: u32, body: &[u8]) -> Self {
        let length = body.len() + 12;
        let mut file = self.u32(kind).length(length);
        file.bytes.extend_from_slice(body);
        file.length(length)
    }

    fn part(&self) -> Self {
        Self { order: self.order, bytes: Vec::new() }
    }

    fn padded(mut self, data: &[u8]) -> Self {
        self.bytes.extend_from_slice(data);
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
        self
    }

    fn length(self, length: usize) -> Self {
        self.u32(u32::try_from(length).unwrap())
    }

    fn u16(mut self, number: u16) -> Self {
        let bytes = if self.order == Order::Little { number.to_le_bytes() } else { number.to_be_bytes() };
        self.bytes.extend_from_slice(&bytes);
        self
    }

    /// Adds a number as it stands in a header.
    pub fn u32(mut self, number: u32) -> Self {
        let bytes = if self.order == Order::Little { number.to_le_bytes() } else { number.to_be_bytes() };
        self.bytes.extend_from_slice(&bytes);
        self
    }
}

/// Reads an address and a port.
pub fn socket(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Makes a place: frame 1 is at second 0.
pub fn seen(frame: u32, seconds: f64) -> Seen {
    Seen { time: Timestamp::from_secs(1_800_000_000).plus_secs(seconds), frame, capture: 0 }
}

/// Makes an Ethernet frame with UDP.
pub fn udp(src: &str, dst: &str, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = (socket(src), socket(dst));
    let mut frame = Vec::new();
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ip(headers(src.ip(), dst.ip(), 1));
    builder.udp(src.port(), dst.port()).write(&mut frame, payload).unwrap();
    frame
}

/// Makes an Ethernet frame with TCP; flags are letters of `SAFR`.
pub fn tcp(src: &str, dst: &str, flags: &str, seq: u32, ack: u32, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = (socket(src), socket(dst));
    let id = u16::try_from(seq & 0xffff).unwrap();
    let mut builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ip(headers(src.ip(), dst.ip(), id)).tcp(
        src.port(),
        dst.port(),
        seq,
        64_000,
    );
    for flag in flags.chars() {
        builder = match flag {
            'S' => builder.syn(),
            'A' => builder.ack(ack),
            'F' => builder.fin(),
            _ => builder.rst(),
        };
    }
    let mut frame = Vec::new();
    builder.write(&mut frame, payload).unwrap();
    frame
}

/// Makes an Ethernet frame with any IP payload.
pub fn ip(src: &str, dst: &str, protocol: u8, payload: &[u8]) -> Vec<u8> {
    written(headers(src.parse().unwrap(), dst.parse().unwrap(), 1), protocol, payload)
}

/// Makes an Ethernet frame with one fragment of identification 7; `offset` counts bytes.
pub fn fragment(src: &str, dst: &str, protocol: u8, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let offset = IpFragOffset::try_new(offset / 8).unwrap();
    let headers = match headers(src.parse().unwrap(), dst.parse().unwrap(), 7) {
        IpHeaders::Ipv4(header, extensions) => IpHeaders::Ipv4(
            Ipv4Header { fragment_offset: offset, more_fragments: more, dont_fragment: false, ..header },
            extensions,
        ),
        IpHeaders::Ipv6(header, extensions) => {
            let fragment = Some(Ipv6FragmentHeader::new(IpNumber(protocol), offset, more, 7));
            IpHeaders::Ipv6(header, Ipv6Extensions { fragment, ..extensions })
        }
    };
    written(headers, protocol, payload)
}

fn written(headers: IpHeaders, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ip(headers);
    builder.write(&mut frame, IpNumber(protocol), payload).unwrap();
    frame
}

fn headers(src: IpAddr, dst: IpAddr, id: u16) -> IpHeaders {
    match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            let mut header = Ipv4Header::new(0, 64, IpNumber::UDP, src.octets(), dst.octets()).unwrap();
            header.identification = id;
            IpHeaders::Ipv4(header, Ipv4Extensions::default())
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let header = Ipv6Header {
                hop_limit: 64,
                source: src.octets(),
                destination: dst.octets(),
                ..Ipv6Header::default()
            };
            IpHeaders::Ipv6(header, Ipv6Extensions::default())
        }
        _ => panic!("addresses of two families"),
    }
}

/// Takes the Ethernet header off.
pub fn without_ethernet(frame: &[u8]) -> &[u8] {
    assert!(
        frame[12..14] == EtherType::IPV4.0.to_be_bytes() || frame[12..14] == EtherType::IPV6.0.to_be_bytes()
    );
    &frame[14..]
}
