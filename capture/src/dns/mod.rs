//! Reads messages of the domain name system.
//!
//! Whole messages go through `hickory_proto`. Those that a snap length cut, or that it refuses, go through [`partial`].

mod partial;
mod tcp;

pub use tcp::TcpStreamReader;

use hickory_proto::op::Message as Whole;
use hickory_proto::op::MessageType;
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::{Ipv4Addr, Ipv6Addr};

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
    pub kind: String,
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
    Other(String),
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
    match Whole::from_vec(bytes) {
        Ok(whole) => Ok(convert(&whole)),
        Err(_) => partial::parse(bytes),
    }
}

/// Keeps what the analyzer asks about.
fn convert(whole: &Whole) -> Message {
    let head = &whole.metadata;
    Message {
        id: head.id,
        response: head.message_type == MessageType::Response,
        opcode: head.op_code.into(),
        rcode: head.response_code.into(),
        truncated: head.truncation,
        recursion_available: head.recursion_available,
        authoritative: head.authoritative,
        question: whole.queries.first().map(|query| Question {
            name: name_text(query.name()),
            kind: kind_text(query.query_type().into()),
        }),
        answers: whole
            .answers
            .iter()
            .map(|record| Record {
                name: name_text(&record.name),
                ttl: record.ttl,
                data: data(&record.data, record.record_type()),
            })
            .collect(),
        soa: whole.authorities.iter().any(|record| record.record_type() == RecordType::SOA),
        edns_size: whole.edns.as_ref().map(hickory_proto::op::Edns::max_payload),
        cut: false,
    }
}

fn data(data: &RData, kind: RecordType) -> Data {
    match data {
        RData::A(address) => Data::A(address.0),
        RData::AAAA(address) => Data::Aaaa(address.0),
        RData::CNAME(name) => Data::Cname(name_text(&name.0)),
        _ => Data::Other(kind_text(kind.into())),
    }
}

fn name_text(name: &Name) -> String {
    let mut text = String::new();
    for label in name.iter() {
        push_label(&mut text, label);
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

/// Names a record type, `TYPE` and its number when it has no name.
fn kind_text(kind: u16) -> String {
    match RecordType::from(kind) {
        RecordType::Unknown(number) => format!("TYPE{number}"),
        known => known.to_string(),
    }
}

#[cfg(test)]
mod tests;
