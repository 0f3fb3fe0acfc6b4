//! What a capture showed, as plain data: lookups, connections and what they carried, errors of routers.
//!
//! The capture source fills these; derivers relate them. Times are capture times; frames count from 1 per file.

mod arp;
mod dns;
mod http;
mod tcp;
mod tls;

pub use arp::*;
pub use dns::*;
pub use http::*;
pub use tcp::*;
pub use tls::*;

use std::net::{IpAddr, SocketAddr};

use tetra_bundle::SourceId;
pub use tetra_capture::icmp::IcmpError;
pub use tetra_capture::tcp::{Half, Opening, OtherFlow, Reset, ZeroWindow};
pub use tetra_capture::{Seen, Side};

use super::{Evidence, Locator, Timestamp, shorten};

/// One capture file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureFile {
    /// Path in the bundle.
    pub path: String,
    /// Frames read.
    pub frames: u64,
    /// First and last time.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Why it ended before its end, if so.
    pub cut: Option<String>,
    /// Largest captured length where frames were cut at a snap length.
    pub snap: Option<u32>,
    /// Comments in the file.
    pub comments: Vec<(u64, String)>,
}

/// Everything the captures of a bundle showed, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The files.
    pub captures: Vec<CaptureFile>,
    /// Questions to resolvers.
    pub questions: Vec<DnsQuestion>,
    /// Connections that may matter: to hosts with a role, to proxies, of unknown kind but unanswered.
    pub flows: Vec<TcpFlow>,
    /// All other connections, in short.
    pub others: Vec<OtherFlow>,
    /// Names guessed for addresses, where the answer that gives them is cut off in the capture.
    pub guessed: Vec<(IpAddr, String)>,
    /// Connections seen in all.
    pub flow_count: u64,
    /// ICMP and ICMPv6 errors.
    pub icmp: Vec<IcmpError>,
    /// Who asked for whom on the link and was answered (bounded).
    pub neighbours: Vec<(IpAddr, IpAddr)>,
    /// Addresses asked for in vain on the link.
    pub arp: Vec<ArpGap>,
    /// Addresses that sent or received unicast IP, with the last time something arrived for them.
    pub hosts: Vec<HostSeen>,
    /// Second clocks: `(what, at, the other clock's time)` of HTTP Date, NTP and OCSP.
    pub clocks: Vec<(ClockSource, Seen, Timestamp)>,
    /// Issuers of server certificates seen, with the names they signed for (bounded).
    pub issuers: Vec<(String, Vec<String>)>,
    /// Proxies that answered a client, whatever they were asked for: `(client, proxy)`.
    pub proxies: Vec<(IpAddr, SocketAddr)>,
}

impl Traffic {
    /// Makes a piece of evidence of a frame; `what` says in one line what it shows.
    pub fn evidence(&self, seen: Seen, what: &str) -> Evidence {
        let capture = self.captures.get(usize::from(seen.capture));
        Evidence {
            source: SourceId::Capture,
            path: capture.map(|capture| capture.path.clone()).unwrap_or_default(),
            locator: Locator::Frame(u64::from(seen.frame)),
            time: Some(seen.time),
            excerpt: shorten(what),
        }
    }
}

/// Where a second clock was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockSource {
    /// The Date header of an HTTP answer.
    HttpDate,
    /// An NTP answer.
    Ntp,
    /// `producedAt` of an OCSP answer (a lower bound: answers are made in advance).
    Ocsp,
}

/// An address that took part in the captures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSeen {
    /// The address.
    pub address: IpAddr,
    /// Unicast packets it sent.
    pub sent: u64,
    /// Unicast packets sent to it.
    pub received: u64,
    /// When something last arrived for it.
    pub last_in: Option<Timestamp>,
    /// When it last sent something.
    pub last_out: Option<Timestamp>,
}
