//! Reads messages of the domain name system.
//!
//! Whole messages go through `domain`. Those that a snap length cut, or that it refuses, go through [`partial`].

mod partial;
mod tcp;

pub use tcp::TcpStreamReader;

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use domain::base::iana::Rtype;
use domain::base::wire::ParseError;
use domain::base::{Message as Whole, ParsedName, ParsedRecord};
use domain::dep::octseq::Octets;
use domain::rdata::{A, Aaaa, Cname};

/// The most questions that a message may announce to be taken for one.
const MAX_QUESTIONS: u16 = 8;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The number that pairs query and answer.
    pub id: u16,
    /// An answer, not a query.
    pub response: bool,
    /// The kind of query: 0 for the usual one.
    pub opcode: u8,
    /// The response code, with the high bits that EDNS adds.
    pub rcode: u16,
    /// The answer did not fit: ask again over TCP.
    pub truncated: bool,
    /// The server would ask others.
    pub recursion_available: bool,
    /// The server answers for the zone.
    pub authoritative: bool,
    /// The first question.
    pub question: Option<Question>,
    /// The answers, as many as could be read.
    pub answers: Vec<Record>,
    /// The authority section holds the zone's SOA: the mark of a proper negative answer.
    pub soa: bool,
    /// The size of UDP answers that the sender takes, when it speaks EDNS.
    pub edns_size: Option<u16>,
    /// The message is longer than what was captured of it, or broken: some of it is missing here.
    pub cut: bool,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name, in lower case, without a dot at its end.
    pub name: String,
    /// The type asked for, as in `A`, `AAAA` or `TYPE65280`.
    pub kind: Cow<'static, str>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name it is about, in lower case, without a dot at its end.
    pub name: String,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name to look at.
    Cname(String),
    /// Something of another type.
    Other(Cow<'static, str>),
}

/// The bytes are no DNS message, not even the front of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a DNS message")]
pub struct Malformed;

/// Reads one message, or as much of it as was captured.
///
/// ```text
/// 1a2b 8183 0001 0000 0001 0000 | 05 tetra … 00 0001 0001 | …     an answer: NXDOMAIN
/// ```
pub fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
    let questions = bytes.get(4..6).and_then(|count| <[u8; 2]>::try_from(count).ok()).ok_or(Malformed)?;
    if u16::from_be_bytes(questions) > MAX_QUESTIONS {
        return Err(Malformed);
    }
    let whole = Whole::from_octets(bytes).map_err(|_| Malformed)?;
    convert(whole).or_else(|_| partial::parse(bytes))
}

/// Keeps what is asked about; fails where any part of the message does not read.
fn convert(whole: Whole<&[u8]>) -> Result<Message, ParseError> {
    let head = whole.header();
    let (questions, answers, authorities, additionals) = whole.sections()?;
    let mut question = None;
    for asked in questions {
        let asked = asked?;
        question.get_or_insert_with(|| Question {
            name: name_text(asked.qname()),
            kind: kind_text(asked.qtype().to_int()),
        });
    }
    let answers = answers.map(|record| read(&record?)).collect::<Result<_, _>>()?;
    let mut soa = false;
    for record in authorities {
        soa |= record?.rtype() == Rtype::SOA;
    }
    for record in additionals {
        record?;
    }
    let opt = whole.opt();
    Ok(Message {
        id: head.id(),
        response: head.qr(),
        opcode: head.opcode().to_int(),
        rcode: opt.as_ref().map_or(u16::from(head.rcode().to_int()), |opt| opt.rcode(head).to_int()),
        truncated: head.tc(),
        recursion_available: head.ra(),
        authoritative: head.aa(),
        question,
        answers,
        soa,
        edns_size: opt.map(|opt| opt.udp_payload_size()),
        cut: false,
    })
}

fn read(record: &ParsedRecord<'_, &[u8]>) -> Result<Record, ParseError> {
    let data = match record.rtype() {
        Rtype::A => record.to_record::<A>()?.map(|record| Data::A(record.data().addr())),
        Rtype::AAAA => record.to_record::<Aaaa>()?.map(|record| Data::Aaaa(record.data().addr())),
        Rtype::CNAME => {
            record.to_record::<Cname<_>>()?.map(|record| Data::Cname(name_text(record.data().cname())))
        }
        _ => None,
    };
    Ok(Record {
        name: name_text(&record.owner()),
        ttl: record.ttl().as_secs(),
        data: data.unwrap_or_else(|| Data::Other(kind_text(record.rtype().to_int()))),
    })
}

fn name_text(name: &ParsedName<impl Octets>) -> String {
    let mut text = String::with_capacity(32);
    for label in name.iter().filter(|label| !label.is_root()) {
        push_label(&mut text, label.as_slice());
    }
    text
}

/// Adds a label to a name, in lower case; bytes that no host name has are written `\ddd`.
fn push_label(name: &mut String, label: &[u8]) {
    if !name.is_empty() {
        name.push('.');
    }
    for byte in label {
        match byte {
            b'.' | b'\\' | 0..=0x20 | 0x7f.. => name.push_str(&format!("\\{byte:03}")),
            _ => name.push(char::from(byte.to_ascii_lowercase())),
        }
    }
}

/// Names a record type, `TYPE` and its number when it has no name. Of the common ones, no name takes memory.
fn kind_text(kind: u16) -> Cow<'static, str> {
    match Rtype::from_int(kind) {
        Rtype::A => "A".into(),
        Rtype::AAAA => "AAAA".into(),
        Rtype::CNAME => "CNAME".into(),
        Rtype::HTTPS => "HTTPS".into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests;
