//! Looks at the packets as they are captured, for signs of an update attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use tetra_capture::blocks::Frame;
use tetra_capture::dns::{self, Data};
use tetra_capture::packet::{Content, Decoder, Packet};
use tetra_capture::tcp::Segment;
use tetra_capture::{Seen, Timestamp};

use crate::watch::{Phase, Sign, Witness};

/// How far into a segment a host name is looked for: a greeting or a request fits.
const FRONT: usize = 2048;
/// The most addresses and connections that are followed.
const MOST: usize = 4096;
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// What has been seen of the update server.
pub struct Look {
    names: Vec<String>,
    decoder: Decoder,
    addresses: BTreeSet<IpAddr>,
    /// Connections to it, by client and server; whether each is open.
    connections: BTreeMap<(SocketAddr, SocketAddr), bool>,
    number: u64,
}

impl Look {
    /// Makes a look-out for servers whose names hold one of these.
    #[must_use]
    pub fn new(names: &[String]) -> Self {
        Self {
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            decoder: Decoder::default(),
            addresses: BTreeSet::new(),
            connections: BTreeMap::new(),
            number: 0,
        }
    }

    /// Looks at a packet; says what it shows of an attempt, if it shows something.
    pub fn at(&mut self, link: i32, data: &[u8], wire_len: u32) -> Option<Sign> {
        self.number = self.number.saturating_add(1);
        let frame = Frame { number: self.number, time: Timestamp(0), interface: 0, link, data, wire_len };
        let mut decoder = std::mem::take(&mut self.decoder);
        let mut what = None;
        decoder.decode(&frame, &mut |content| {
            if let Content::Ip(packet) = content {
                what = self.packet(&packet).or(what.take());
            }
        });
        self.decoder = decoder;
        let open = self.connections.values().filter(|open| **open).count();
        what.map(|what| Sign { witness: Witness::Packets, phase: Phase::Going { open }, what })
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Option<String> {
        match packet.protocol {
            17 => {
                let ports = [packet.payload.get(..2)?, packet.payload.get(2..4)?];
                if ports.contains(&[0, 53].as_slice()) { self.lookup(packet.payload.get(8..)?) } else { None }
            }
            6 => self.segment(&Segment::read(packet, Seen::default())?),
            _ => None,
        }
    }

    /// A name is looked up.
    fn lookup(&mut self, message: &[u8]) -> Option<String> {
        let message = dns::parse(message).ok()?;
        let name = message.question?.name;
        if !self.names.iter().any(|wanted| name.contains(wanted.as_str())) {
            return None;
        }
        if !message.response {
            return Some("its name is looked up".to_owned());
        }
        for answer in message.answers {
            let address = match answer.data {
                Data::A(address) => IpAddr::V4(address),
                Data::Aaaa(address) => IpAddr::V6(address),
                Data::Cname(_) | Data::Other(_) => continue,
            };
            if self.addresses.len() < MOST {
                self.addresses.insert(address);
            }
        }
        Some(format!("its name is answered, with code {}", message.rcode))
    }

    fn segment(&mut self, segment: &Segment<'_>) -> Option<String> {
        if segment.src.port() == 53 || segment.dst.port() == 53 {
            // Over TCP a length of two bytes goes before the message.
            return self.lookup(segment.payload.get(2..)?);
        }
        let ways = [(segment.src, segment.dst), (segment.dst, segment.src)];
        let known = ways.into_iter().find(|way| self.connections.contains_key(way));
        if let Some(way) = known {
            let over = segment.flags & (FIN | RST) != 0;
            let again = segment.flags & (SYN | ACK) == SYN;
            if over || again {
                self.connections.insert(way, again && !over);
            }
            return Some(
                if over { "a connection to it ends" } else { "a connection to it is at work" }.to_owned(),
            );
        }
        let opens = segment.flags & (SYN | ACK) == SYN && self.addresses.contains(&segment.dst.ip());
        if (opens || self.names_it(segment.payload)) && self.connections.len() < MOST {
            self.connections.insert((segment.src, segment.dst), segment.flags & (FIN | RST) == 0);
            return Some("a connection to it begins".to_owned());
        }
        None
    }

    /// Returns whether a greeting or a request names the server, in whatever form.
    fn names_it(&self, payload: &[u8]) -> bool {
        let front = payload.get(..FRONT).unwrap_or(payload);
        let found = |name: &String| {
            front.windows(name.len()).any(|bytes| bytes.eq_ignore_ascii_case(name.as_bytes()))
        };
        front.len() > 16 && self.names.iter().any(found)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tetra_bundle::{Bundle, Limits, SourceId};

    use super::*;

    /// What is seen of an attempt in a capture of the fixtures, without repetitions.
    fn seen(case: &str) -> (Vec<String>, usize) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cases").join(case);
        let zip = folder.join("bundle.zip");
        let bundle = Bundle::open(if zip.is_file() { &zip } else { &folder }, Limits::default()).unwrap();
        let entry = bundle.entries().iter().find(|entry| entry.source == SourceId::Capture).unwrap();
        let input = bundle.read(entry).unwrap();
        let mut look = Look::new(&["tetra-defs".to_owned()]);
        let (mut what, mut open) = (Vec::new(), 0);
        tetra_capture::blocks::read(Box::new(input), &mut |frame| {
            if let Some(sign) = look.at(frame.link, frame.data, frame.wire_len) {
                what.push(sign.what);
                what.dedup();
                let Phase::Going { open: now } = sign.phase else { panic!("packets cannot say that") };
                open = now;
            }
        });
        (what, open)
    }
    #[test]
    fn sees_attempts_in_real_traffic() {
        let whole =
            ["its name is looked up", "its name is answered, with code 0", "a connection to it begins"];
        let (what, open) = seen("tls-inspection");
        assert!(what.starts_with(&whole.map(str::to_owned)) && open == 0, "{what:?}");
        let (what, open) = seen("dns-nxdomain");
        assert!(what.contains(&"its name is answered, with code 3".to_owned()) && open == 0, "{what:?}");
        let (what, open) = seen("connect-syn-timeout");
        assert!(what.contains(&"a connection to it begins".to_owned()) && open > 0, "{what:?} {open}");
        let (what, _) = seen("proxy-auth-required");
        assert!(what.contains(&"a connection to it begins".to_owned()), "{what:?}");
        assert_eq!(seen("inconclusive-no-attempt").0, [""; 0]);
    }
}
