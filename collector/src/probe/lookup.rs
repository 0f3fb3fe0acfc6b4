//! Lookups of names: by the system's resolver, and by each configured server itself.
//!
//! Nothing is flushed, and nothing of one lookup is used by another.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::str::FromStr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::Utc;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

use super::record::{Outcome, ProbeRecord, Way, What};
use super::wire::{Wire, left, opening, since, within};

/// How long a server may take over one datagram before it is sent again.
const AGAIN: Duration = Duration::from_millis(1500);
/// The most bytes of an answer over TCP.
const LONGEST: usize = u16::MAX as usize;

/// What came of asking.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The addresses found.
    pub addresses: Vec<IpAddr>,
    /// What is written down.
    pub record: ProbeRecord,
}

/// Asks the system's resolver, hosts file and caches included.
pub fn by_system(host: &str, until: Instant) -> Lookup {
    let mut record = ProbeRecord::new(What::Dns, host, Way::Resolver, Utc::now());
    let began = Instant::now();
    let (found, answer) = mpsc::sync_channel(1);
    let name = host.to_owned();
    // The system's resolver cannot be stopped: it is left behind when the time is up.
    let started = std::thread::Builder::new().name("lookup".to_owned()).spawn(move || {
        let addresses = (name.as_str(), 0).to_socket_addrs();
        let _ = found.send(addresses.map(|all| all.map(|one| one.ip()).collect::<BTreeSet<_>>()));
    });
    let answer = match (started, left(until)) {
        (Ok(_), Ok(time)) => {
            answer.recv_timeout(time).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        }
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    };
    record.ms = Some(since(began));
    let addresses: Vec<IpAddr> = match answer {
        Ok(addresses) => addresses.into_iter().collect(),
        Err(fault) => {
            record.outcome = Some(system_failure(&fault));
            record.note("error", fault.to_string());
            return Lookup { addresses: Vec::new(), record };
        }
    };
    record.ok = !addresses.is_empty();
    record.outcome = Some(if record.ok { Outcome::Answered } else { Outcome::Nodata });
    record.note("addresses", shown(&addresses));
    Lookup { addresses, record }
}

/// Says what the system's resolver means, as far as it tells.
fn system_failure(fault: &io::Error) -> Outcome {
    if fault.kind() == io::ErrorKind::TimedOut {
        return Outcome::Unanswered;
    }
    match fault.raw_os_error() {
        // WSANO_DATA; WSAHOST_NOT_FOUND says both "no such name" and "no server said so".
        Some(11004) => Outcome::Nodata,
        _ => Outcome::Unknown,
    }
}

/// Asks one server itself: A and AAAA over UDP, as a resolver does on to TCP when the answer is cut; then A over TCP,
/// which is only noted.
pub fn by_server(host: &str, server: SocketAddr, until: Instant) -> Lookup {
    let mut record = ProbeRecord::new(What::Dns, host, Way::Direct, Utc::now());
    let began = Instant::now();
    let mut addresses = Vec::new();
    let mut outcomes = Vec::new();
    let mut aliases = Vec::new();
    let mut least_ttl: Option<u32> = None;
    for kind in [RecordType::A, RecordType::AAAA] {
        let asked = ask(host, kind, server, until);
        if let Ok(answer) = &asked {
            for one in &answer.answers {
                least_ttl = Some(least_ttl.map_or(one.ttl, |least| least.min(one.ttl)));
                match &one.data {
                    RData::A(address) => addresses.push(IpAddr::V4(address.0)),
                    RData::AAAA(address) => addresses.push(IpAddr::V6(address.0)),
                    RData::CNAME(name) => aliases.push(name.0.to_utf8().trim_end_matches('.').to_owned()),
                    _ => {}
                }
            }
        }
        outcomes.push(outcome(&asked));
        if kind == RecordType::A {
            record.ms = Some(since(began));
            record.note("rcode", asked.as_ref().ok().map(|answer| u16::from(answer.metadata.response_code)));
            record.note("truncated", matches!(&asked, Err(Fault::Cut(_))));
        }
        if let Err(fault) = &asked {
            record.note("error", fault.to_string());
        }
    }
    let over_tcp = over_tcp(host, RecordType::A, server, within(AGAIN.saturating_mul(2), until));
    record.note("tcp", ProbeRecord::word(&outcome(&over_tcp)));
    aliases.dedup();
    record.note("aliases", aliases);
    record.note("ttl", least_ttl);
    record.note("server", server.ip().to_string());
    if server.port() != 53 {
        record.note("port", server.port());
    }
    record.note("addresses", shown(&addresses));
    let decided = decide(&outcomes, &addresses);
    record.ok = decided == Outcome::Answered;
    record.outcome = Some(decided);
    Lookup { addresses, record }
}

/// Gives the outcome of both questions together: the better one, of failures the first.
fn decide(outcomes: &[Outcome], addresses: &[IpAddr]) -> Outcome {
    if !addresses.is_empty() {
        return Outcome::Answered;
    }
    let failed = outcomes.iter().find(|outcome| **outcome != Outcome::Nodata);
    failed.or_else(|| outcomes.first()).copied().unwrap_or(Outcome::Unknown)
}

/// Why a server gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The datagram was cut, and the way over TCP failed.
    #[error("the answer is cut, and over TCP: {0}")]
    Cut(Box<Fault>),
    /// The system says why.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What came is no answer.
    #[error("no DNS answer: {0}")]
    Form(String),
}

/// Says in one word what an answer, or its lack, means.
fn outcome(asked: &Result<Message, Fault>) -> Outcome {
    let answer = match asked {
        Ok(answer) => answer,
        Err(Fault::Cut(_)) => return Outcome::Truncated,
        Err(Fault::Form(_)) => return Outcome::Unknown,
        // ICMP comes back as "refused" on a connected UDP socket: nothing listens there.
        Err(Fault::Io(fault)) if fault.kind() == io::ErrorKind::ConnectionRefused => {
            return Outcome::PortUnreachable;
        }
        Err(Fault::Io(fault)) if fault.kind() == io::ErrorKind::UnexpectedEof => return Outcome::Closed,
        Err(Fault::Io(fault)) => return opening(fault),
    };
    match answer.metadata.response_code {
        ResponseCode::NoError if answer.answers.iter().any(has_address) => Outcome::Answered,
        ResponseCode::NoError => Outcome::Nodata,
        ResponseCode::NXDomain => Outcome::Nxdomain,
        ResponseCode::ServFail => Outcome::Servfail,
        ResponseCode::Refused => Outcome::Refused,
        ResponseCode::FormErr => Outcome::Formerr,
        _ => Outcome::Unknown,
    }
}

fn has_address(record: &hickory_proto::rr::Record) -> bool {
    matches!(record.data, RData::A(_) | RData::AAAA(_))
}

/// Asks one question over UDP, and over TCP where the answer is cut.
fn ask(host: &str, kind: RecordType, server: SocketAddr, until: Instant) -> Result<Message, Fault> {
    let answer = over_udp(host, kind, server, until)?;
    if !answer.metadata.truncation {
        return Ok(answer);
    }
    over_tcp(host, kind, server, within(AGAIN.saturating_mul(2), until))
        .map_err(|fault| Fault::Cut(Box::new(fault)))
}

/// Makes one question.
fn question(host: &str, kind: RecordType) -> Result<(Message, Vec<u8>), Fault> {
    let form = |fault: &dyn std::fmt::Display| Fault::Form(fault.to_string());
    let mut name = Name::from_str(host).map_err(|fault| form(&fault))?;
    name.set_fqdn(true);
    let mut id = [0; 2];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut id)
        .map_err(|_| Fault::Form("no random number".to_owned()))?;
    let mut message = Message::new(u16::from_be_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name, kind));
    let mut edns = Edns::new();
    edns.set_max_payload(1232);
    message.set_edns(edns);
    let bytes = message.to_vec().map_err(|fault| form(&fault))?;
    Ok((message, bytes))
}

/// Reads an answer to a question; other datagrams are none.
fn answer(bytes: &[u8], to: &Message) -> Option<Message> {
    let read = Message::from_vec(bytes).ok()?;
    let same = read.metadata.id == to.metadata.id
        && read.metadata.message_type == MessageType::Response
        && (read.queries.is_empty() || read.queries == to.queries);
    same.then_some(read)
}

fn over_udp(host: &str, kind: RecordType, server: SocketAddr, until: Instant) -> Result<Message, Fault> {
    let (message, bytes) = question(host, kind)?;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => IpAddr::from([0, 0, 0, 0]),
        SocketAddr::V6(_) => IpAddr::from([0_u16; 8]),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    let mut buffer = [0; 4096];
    loop {
        left(until)?;
        socket.send(&bytes)?;
        let turn = within(AGAIN, until);
        while let Ok(time) = left(turn) {
            socket.set_read_timeout(Some(time))?;
            match socket.recv(&mut buffer) {
                Ok(count) => {
                    let found = buffer.get(..count).and_then(|bytes| answer(bytes, &message));
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Err(fault) if matches!(fault.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }
}

fn over_tcp(host: &str, kind: RecordType, server: SocketAddr, until: Instant) -> Result<Message, Fault> {
    let (message, bytes) = question(host, kind)?;
    let mut wire = Wire::connect(server, until)?;
    let length =
        u16::try_from(bytes.len()).map_err(|_| Fault::Form("the question is too long".to_owned()))?;
    wire.write_all(&[&length.to_be_bytes()[..], &bytes].concat())?;
    let mut length = [0; 2];
    wire.read_exact(&mut length)?;
    let mut buffer = vec![0; usize::from(u16::from_be_bytes(length)).min(LONGEST)];
    wire.read_exact(&mut buffer)?;
    answer(&buffer, &message).ok_or_else(|| Fault::Form("another message".to_owned()))
}

fn shown(addresses: &[IpAddr]) -> Vec<String> {
    addresses.iter().map(IpAddr::to_string).collect()
}
