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
use domain::base::iana::{Rcode, Rtype};
use domain::base::{Message, MessageBuilder, Name};
use domain::rdata::AllRecordData;

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
    for kind in [Rtype::A, Rtype::AAAA] {
        let asked = ask(host, kind, server, until);
        if let Ok(answer) = &asked {
            least_ttl = least_ttl.into_iter().chain(answer.ttl).min();
            addresses.extend(&answer.addresses);
            aliases.extend(answer.aliases.iter().cloned());
        }
        outcomes.push(outcome(&asked));
        if kind == Rtype::A {
            record.ms = Some(since(began));
            record.note("rcode", asked.as_ref().ok().map(|answer| answer.rcode.to_int()));
            record.note("truncated", matches!(&asked, Err(Fault::Cut(_))));
        }
        if let Err(fault) = &asked {
            record.note("error", fault.to_string());
        }
    }
    let over_tcp = over_tcp(host, Rtype::A, server, within(AGAIN.saturating_mul(2), until));
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
fn outcome(asked: &Result<Answer, Fault>) -> Outcome {
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
    match answer.rcode {
        Rcode::NOERROR if !answer.addresses.is_empty() => Outcome::Answered,
        Rcode::NOERROR => Outcome::Nodata,
        Rcode::NXDOMAIN => Outcome::Nxdomain,
        Rcode::SERVFAIL => Outcome::Servfail,
        Rcode::REFUSED => Outcome::Refused,
        Rcode::FORMERR => Outcome::Formerr,
        _ => Outcome::Unknown,
    }
}

/// Asks one question over UDP, and over TCP where the answer is cut.
fn ask(host: &str, kind: Rtype, server: SocketAddr, until: Instant) -> Result<Answer, Fault> {
    let answer = over_udp(host, kind, server, until)?;
    if !answer.truncated {
        return Ok(answer);
    }
    over_tcp(host, kind, server, within(AGAIN.saturating_mul(2), until))
        .map_err(|fault| Fault::Cut(Box::new(fault)))
}

/// A question as it is sent.
type Question = Message<Vec<u8>>;

/// Makes one question.
fn question(host: &str, kind: Rtype) -> Result<Question, Fault> {
    let form = |fault: &dyn std::fmt::Display| Fault::Form(fault.to_string());
    let name = Name::<Vec<u8>>::from_str(host).map_err(|fault| form(&fault))?;
    let mut id = [0; 2];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut id)
        .map_err(|_| Fault::Form("no random number".to_owned()))?;
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_id(u16::from_be_bytes(id));
    message.header_mut().set_rd(true);
    let mut message = message.question();
    message.push((name, kind)).map_err(|fault| form(&fault))?;
    let mut message = message.additional();
    let sized = message.opt(|opt| {
        opt.set_udp_payload_size(1232);
        Ok(())
    });
    sized.map_err(|fault| form(&fault))?;
    Ok(message.into_message())
}

/// What an answer says.
struct Answer {
    rcode: Rcode,
    truncated: bool,
    addresses: Vec<IpAddr>,
    aliases: Vec<String>,
    /// The shortest time to live.
    ttl: Option<u32>,
}

/// Reads an answer to a question; other datagrams are none.
fn answer(bytes: &[u8], to: &Question) -> Option<Answer> {
    let read = Message::from_octets(bytes).ok()?;
    let header = read.header();
    // A server that refuses may leave the question out.
    let same_question =
        read.header_counts().qdcount() == 0 || read.sole_question().ok()? == to.sole_question().ok()?;
    if header.id() != to.header().id() || !header.qr() || !same_question {
        return None;
    }
    let mut found = Answer {
        rcode: header.rcode(),
        truncated: header.tc(),
        addresses: Vec::new(),
        aliases: Vec::new(),
        ttl: None,
    };
    // What follows a record that cannot be read is not read.
    for record in read.answer().ok()?.map_while(Result::ok) {
        let Ok(Some(record)) = record.into_record::<AllRecordData<_, _>>() else { continue };
        found.ttl = found.ttl.into_iter().chain([record.ttl().as_secs()]).min();
        match record.data() {
            AllRecordData::A(address) => found.addresses.push(address.addr().into()),
            AllRecordData::Aaaa(address) => found.addresses.push(address.addr().into()),
            AllRecordData::Cname(name) => found.aliases.push(name.cname().to_string()),
            _ => {}
        }
    }
    Some(found)
}

fn over_udp(host: &str, kind: Rtype, server: SocketAddr, until: Instant) -> Result<Answer, Fault> {
    let message = question(host, kind)?;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => IpAddr::from([0, 0, 0, 0]),
        SocketAddr::V6(_) => IpAddr::from([0_u16; 8]),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    let mut buffer = [0; 4096];
    loop {
        left(until)?;
        socket.send(message.as_slice())?;
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

fn over_tcp(host: &str, kind: Rtype, server: SocketAddr, until: Instant) -> Result<Answer, Fault> {
    let message = question(host, kind)?;
    let mut wire = Wire::connect(server, until)?;
    let length = u16::try_from(message.as_slice().len())
        .map_err(|_| Fault::Form("the question is too long".to_owned()))?;
    wire.write_all(&[&length.to_be_bytes()[..], message.as_slice()].concat())?;
    let mut length = [0; 2];
    wire.read_exact(&mut length)?;
    let mut buffer = vec![0; usize::from(u16::from_be_bytes(length)).min(LONGEST)];
    wire.read_exact(&mut buffer)?;
    answer(&buffer, &message).ok_or_else(|| Fault::Form("another message".to_owned()))
}

fn shown(addresses: &[IpAddr]) -> Vec<String> {
    addresses.iter().map(IpAddr::to_string).collect()
}
