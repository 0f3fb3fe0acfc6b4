//! What a capture showed, as plain data: lookups, connections and what they carried, errors of routers.
//!
//! The capture source fills these; derivers relate them. Times are capture times; frames count from 1 per file.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::Timestamp;

/// A frame and its time. Compact, for there are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Capture time.
    pub time: Timestamp,
    /// Frame number within its file, from 1.
    pub frame: u32,
    /// Position of the file in [`Traffic::captures`].
    pub capture: u16,
}

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

/// Which way something went on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The side that opened the connection.
    Client,
    /// The side that was called.
    Server,
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

/// How a question was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsAnswer {
    /// Where it is.
    pub at: Seen,
    /// Response code.
    pub rcode: u16,
    /// Truncated.
    pub truncated: bool,
    /// Answered from the zone itself, not from another server.
    pub authoritative: bool,
    /// Addresses of the type asked for.
    pub addresses: Vec<IpAddr>,
    /// Names of the CNAME chain, in order.
    pub cnames: Vec<String>,
    /// The message is cut, so there may be more.
    pub cut: bool,
}

/// One question to one resolver, with all its repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsQuestion {
    /// The asking endpoint.
    pub client: SocketAddr,
    /// The resolver.
    pub server: SocketAddr,
    /// Over TCP.
    pub tcp: bool,
    /// Name, lower case, no trailing dot.
    pub name: String,
    /// `A`, `AAAA` or another type.
    pub kind: String,
    /// Transaction id of the first try.
    pub id: u16,
    /// Each time it was sent.
    pub tries: Vec<Seen>,
    /// Answers in order; more than one is remarkable.
    pub answers: Vec<DnsAnswer>,
    /// ICMP errors about it: positions in [`Traffic::icmp`].
    pub errors: Vec<usize>,
}

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

/// A connection in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherFlow {
    /// Who opened it.
    pub client: IpAddr,
    /// Whom it called.
    pub server: SocketAddr,
    /// First packet.
    pub first: Timestamp,
    /// Last packet of the client.
    pub last_out: Option<Timestamp>,
    /// Last packet of the server.
    pub last_in: Option<Timestamp>,
}

/// How the opening of a connection went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// SYNs sent.
    pub syns: u32,
    /// First SYN.
    pub first: Option<Seen>,
    /// Last SYN.
    pub last: Option<Seen>,
    /// SYN-ACK.
    pub accepted: Option<Seen>,
    /// RST as the answer to the SYN.
    pub refused: Option<Seen>,
}

/// A RST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Where it is.
    pub at: Seen,
    /// Its TTL or hop limit.
    pub ttl: u8,
    /// Its IPv4 identification.
    pub ip_id: Option<u16>,
    /// Whether its sequence number is the one expected next.
    pub in_sequence: bool,
}

/// A window of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroWindow {
    /// First such segment.
    pub first: Seen,
    /// Last such segment.
    pub last: Seen,
    /// How many.
    pub count: u32,
    /// First segment afterwards with an open window.
    pub reopened: Option<Seen>,
}

/// What one side of a connection sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Half {
    /// Packets.
    pub packets: u32,
    /// Payload bytes in order, each counted once; bytes the capture missed are in `lost`.
    pub bytes: u64,
    /// Payload bytes that the other side acknowledged but the capture does not have.
    pub lost: u64,
    /// Segments sent again.
    pub retransmissions: u32,
    /// Segments with payload.
    pub segments: u32,
    /// First new payload.
    pub first_data: Option<Seen>,
    /// Last new payload.
    pub last_data: Option<Seen>,
    /// Last new payload that arrived, in order or beyond a hole.
    pub last_arrival: Option<Seen>,
    /// Last packet of any kind.
    pub last: Option<Seen>,
    /// First retransmission after the last new payload.
    pub retried: Option<Seen>,
    /// Retransmissions after the last new payload.
    pub retries: u32,
    /// FIN.
    pub fin: Option<Seen>,
    /// First RST.
    pub reset: Option<Reset>,
    /// TTL of its ordinary packets.
    pub ttl: Option<u8>,
    /// Range of IPv4 identifications of its ordinary packets that are not 0: whether they are used at all.
    pub ip_ids: bool,
    /// Zero windows it announced.
    pub zero_window: Option<ZeroWindow>,
    /// Bytes that arrived beyond a hole which was never filled.
    pub beyond_hole: u64,
    /// How large that hole is.
    pub hole: u64,
    /// Payload the other side never acknowledged.
    pub unacknowledged: u64,
    /// How far the sequence numbers of later packets lie beyond what arrived.
    pub ahead: u64,
    /// Payload bytes that arrived after the other side had closed or reset; in no other count.
    pub after_close: u64,
    /// First packet of any kind after the other side had closed or reset.
    pub answered_close: Option<Seen>,
    /// Segments that came before their turn: signs of loss or of several paths.
    pub reordered: u32,
    /// Largest payload of a segment.
    pub largest: u32,
    /// How long the connection had been idle, in seconds, before the last payload that opened a new turn.
    pub idle_before: f64,
    /// Payload bytes per second, newest last: `(second since the Unix epoch, bytes)`.
    pub rate: Vec<(i64, u32)>,
}

/// One TCP connection.
#[derive(Clone, Debug)]
pub struct TcpFlow {
    /// Who opened it.
    pub client: SocketAddr,
    /// Whom it called.
    pub server: SocketAddr,
    /// Interface of the first packet, within its file.
    pub interface: u32,
    /// First packet.
    pub first: Seen,
    /// Last packet.
    pub last: Seen,
    /// How the opening went.
    pub opening: Opening,
    /// What the client sent.
    pub up: Half,
    /// What the server sent.
    pub down: Half,
    /// ICMP errors about it: positions in [`Traffic::icmp`].
    pub errors: Vec<usize>,
    /// What it carried.
    pub app: App,
}

/// What a connection carried.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// SOCKS negotiation at its begin.
    pub socks: Option<Socks>,
    /// HTTP exchanges, in order (before a tunnel).
    pub http: Vec<Exchange>,
    /// The CONNECT that opened a tunnel: position in `http`.
    pub tunnel: Option<usize>,
    /// TLS, directly or within the tunnel.
    pub tls: Option<Box<Tls>>,
}

/// A SOCKS negotiation (RFC 1928, 1929).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Socks {
    /// 4 or 5.
    pub version: u8,
    /// Greeting or request of the client.
    pub asked: Option<Seen>,
    /// Method the server chose; 255 none.
    pub method: Option<(u8, Seen)>,
    /// Whether user and password were accepted.
    pub auth_ok: Option<(bool, Seen)>,
    /// Host asked for.
    pub host: Option<String>,
    /// Port asked for.
    pub port: Option<u16>,
    /// Reply code; 0 granted.
    pub reply: Option<(u8, Seen)>,
}

/// What an HTTP exchange is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Definitions.
    Definitions,
    /// A tunnel.
    Connect,
    /// OCSP.
    Ocsp,
    /// A CRL.
    Crl,
    /// An issuer's certificate (AIA).
    IssuerCertificate,
    /// Proxy discovery (WPAD, PAC).
    Discovery,
    /// Anything else.
    #[default]
    Other,
}

impl Purpose {
    /// Gives the name used in rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Connect => "connect",
            Self::Ocsp => "ocsp",
            Self::Crl => "crl",
            Self::IssuerCertificate => "issuer_certificate",
            Self::Discovery => "discovery",
            Self::Other => "other",
        }
    }
}

/// One HTTP request and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// What it is for.
    pub purpose: Purpose,
    /// The request's head: last frame; `None` where only the answer was captured.
    pub asked: Option<Seen>,
    /// Method.
    pub method: String,
    /// Host asked for, lower case, without port.
    pub host: String,
    /// Port named with the host.
    pub port: Option<u16>,
    /// Path (and query) asked for.
    pub path: String,
    /// The request names an absolute URI or is a CONNECT: the receiver is a proxy.
    pub to_proxy: bool,
    /// User-Agent.
    pub user_agent: Option<String>,
    /// First byte asked for by Range.
    pub range: Option<u64>,
    /// Scheme of Proxy-Authorization, lower case.
    pub credentials: Option<String>,
    /// Type of the NTLM message sent.
    pub ntlm: Option<u32>,
    /// The answer.
    pub answer: Option<Answer>,
    /// OCSP request or answer.
    pub ocsp: Option<Box<Ocsp>>,
    /// CRL.
    pub crl: Option<Box<Crl>>,
    /// Proxies that a PAC file names: `host:port`.
    pub pac_proxies: Vec<String>,
    /// What came instead of an HTTP answer.
    pub garbled: Option<(Seen, String)>,
}

/// An HTTP answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// First and last frame of the head.
    pub at: Seen,
    /// Status.
    pub status: u16,
    /// Server header.
    pub server: Option<String>,
    /// Via header.
    pub via: Option<String>,
    /// X-Squid-Error header.
    pub squid_error: Option<String>,
    /// Content-Type.
    pub content_type: Option<String>,
    /// Content-Length.
    pub length: Option<u64>,
    /// Location.
    pub location: Option<String>,
    /// Schemes of Proxy-Authenticate, lower case.
    pub schemes: Vec<String>,
    /// Bytes of the body received.
    pub received: u64,
    /// Whether the body is complete; `None` where that cannot be told.
    pub complete: Option<bool>,
    /// Last frame of the body.
    pub last: Option<Seen>,
    /// Begin of the body, as text, where it is text.
    pub text: String,
    /// Connection: close.
    pub close: bool,
    /// `Age` or a cache's hit mark.
    pub cached: bool,
}

/// A TLS alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who sends it.
    pub from: Side,
    /// Its description, in the words of the taxonomy; `encrypted` where only its presence shows.
    pub name: String,
    /// Where it is.
    pub at: Seen,
}

/// Records of one side that carry application data (TLS 1.3: everything encrypted).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// First.
    pub first: Option<Seen>,
    /// Last.
    pub last: Option<Seen>,
    /// Length of the last record.
    pub last_len: u32,
}

/// A TLS conversation.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Server name asked for.
    pub sni: Option<String>,
    /// ClientHello: first and last frame.
    pub client_hello: Option<(Seen, Seen)>,
    /// Highest version offered, e.g. `1.3`.
    pub offered: Option<String>,
    /// The client asks for a stapled OCSP answer.
    pub staple_asked: bool,
    /// ServerHello.
    pub server_hello: Option<Seen>,
    /// Version agreed on, e.g. `1.2`.
    pub version: Option<String>,
    /// Cipher suite agreed on.
    pub cipher: Option<String>,
    /// Certificates sent in clear, leaf first.
    pub certificates: Vec<Arc<Certificate>>,
    /// Frame in which they were complete.
    pub certificates_at: Option<Seen>,
    /// The Certificate message was begun but is cut or missing.
    pub certificates_cut: bool,
    /// Stapled OCSP answer.
    pub staple: Option<(Seen, Box<Ocsp>)>,
    /// Bytes of the server's encrypted flight before the client's first encrypted record (TLS 1.3).
    pub flight_bytes: u64,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// The handshake is seen to be complete.
    pub complete: Option<Seen>,
    /// Application data of the client.
    pub up: Records,
    /// Application data of the server.
    pub down: Records,
    /// The server's side is not TLS: its first bytes.
    pub not_tls: Option<(Seen, String)>,
    /// Records were cut by the snap length, so alerts and lengths may be missing.
    pub cut: bool,
    /// Bytes still missing of a record of the server's that had begun when the connection ended.
    pub unfinished: Option<u64>,
    /// The place of the server's records was lost: what is said of them is incomplete.
    pub lost: bool,
}

/// A certificate (RFC 5280).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Distinguished name of the subject.
    pub subject: String,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Validity, Unix seconds.
    pub not_before: i64,
    /// Validity, Unix seconds.
    pub not_after: i64,
    /// DNS names and addresses it is for.
    pub names: Vec<String>,
    /// Subject and issuer are the same, and it is signed with its own key as far as that can be checked.
    pub self_signed: bool,
    /// OCSP responders.
    pub ocsp: Vec<String>,
    /// Where its issuer's certificate is.
    pub issuers: Vec<String>,
    /// Where its CRL is.
    pub crls: Vec<String>,
    /// SHA-256, hex.
    pub sha256: String,
}

/// What an OCSP exchange says (RFC 6960).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ocsp {
    /// Serial asked for, hex.
    pub serial: Option<String>,
    /// Response status: `successful`, `unauthorized`, `try_later`, …
    pub status: String,
    /// `good`, `revoked`, `unknown`; empty without one.
    pub certificate: String,
    /// Unix seconds.
    pub produced: Option<i64>,
    /// Unix seconds.
    pub this_update: Option<i64>,
    /// Unix seconds.
    pub next_update: Option<i64>,
    /// `issuer`, `delegated`, `not_delegated` or `unverified`.
    pub signer: &'static str,
    /// The body is no OCSP answer, but this.
    pub not_ocsp: Option<String>,
}

/// What a CRL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crl {
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Unix seconds.
    pub this_update: i64,
    /// Unix seconds.
    pub next_update: Option<i64>,
    /// Serials it lists, hex, sorted (at most 100,000).
    pub serials: Vec<String>,
    /// The body is no CRL, or cut.
    pub unreadable: bool,
}
