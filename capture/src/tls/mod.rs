//! Reads TLS connections: what is said in clear, and the sizes and times of what is not.
//!
//! Up to TLS 1.2 hellos, certificates, stapled answers and early alerts are in clear. Under TLS 1.3 only the hellos are;
//! the rest speaks by the lengths of records, which are kept here for others to judge.

mod assembly;
mod chain;
mod hello;
mod names;
mod reader;
mod record;

pub use chain::Chain;
pub use hello::{ClientHello, ServerHello};
pub use names::{alert_name, version_name};
pub use reader::TlsReader;

use super::ocsp;
use super::stream::{At, Both, Dir, Span};
use std::collections::VecDeque;

/// The wire number of TLS 1.3.
pub const TLS13: u16 = 0x0304;
/// The length of a TLS 1.3 record that can only be an alert, or two bytes of data.
pub const ALERT13: u16 = 19;

/// What is known of a connection, at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// What each direction sent, as records.
    pub sides: Box<Both<Side>>,
    /// The first hello of the client.
    pub client_hello: Option<ClientHello>,
    /// The server's hello.
    pub server_hello: Option<ServerHello>,
    /// The server asked for another hello (HelloRetryRequest).
    pub retry: Option<At>,
    /// The handshake messages in clear, in order; the first 48.
    pub messages: Vec<Message>,
    /// The server's certificates, up to TLS 1.2.
    pub chain: Option<Chain>,
    /// The stapled revocation answer, up to TLS 1.2.
    pub staple: Option<Staple>,
    /// The server asks for the client's certificate, up to TLS 1.2.
    pub certificate_requested: bool,
    /// The alerts, in clear or not; the first 16. TLS 1.3 hides its own: see [`Handshake::likely_alert`].
    pub alerts: Vec<Alert>,
    /// TLS 1.3: the bytes of encrypted records that the server sent before the client's first one: its certificates, mostly.
    pub encrypted_flight: u64,
    /// TLS 1.3: the client sent data before the server's hello.
    pub early_data: bool,
}

/// The records of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// How many records began.
    pub records: u64,
    /// The records of type 20.
    pub change_cipher_spec: Option<Seen>,
    /// The records of type 21.
    pub alert: Option<Seen>,
    /// The records of type 22.
    pub handshake: Option<Seen>,
    /// The records of type 23: data, and under TLS 1.3 all that is encrypted.
    pub application_data: Option<Seen>,
    /// The first handshake record after the change of ciphers: Finished, up to TLS 1.2.
    pub finished: Option<At>,
    /// The first four records of type 23; of a TLS 1.3 client, those after the server's hello.
    pub first: Vec<RecordSize>,
    /// The last four records of type 23.
    pub last: VecDeque<RecordSize>,
    /// The record that has begun and not ended: its type, and how many bytes are still to come.
    pub unfinished: Option<(u8, u64)>,
    /// What came instead of TLS: the first bytes, at most 64.
    pub not_tls: Option<NotTls>,
    /// Some bytes were not captured.
    pub missing: u64,
    /// The place of records was lost at some time, after such bytes or amid nonsense: counts are too low.
    pub lost: bool,
}

/// How often something was seen, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The first and the last segment.
    pub span: Span,
    /// How many records.
    pub count: u64,
    /// How many bytes of them, without their headers.
    pub bytes: u64,
}

/// One record by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSize {
    /// The segment with the end of its header.
    pub at: At,
    /// The length that its header tells.
    pub length: u16,
}

/// The first bytes of a direction that does not speak TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTls {
    /// Where they began.
    pub at: At,
    /// The bytes, at most 64.
    pub bytes: Vec<u8>,
}

/// One handshake message in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which way it went.
    pub dir: Dir,
    /// Its type: 1 for the client's hello.
    pub kind: u8,
    /// The length that its header tells.
    pub length: u32,
    /// The segments that carried it.
    pub span: Span,
    /// It was not captured whole.
    pub cut: bool,
}

/// A revocation answer that the server sent along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staple {
    /// The segments that carried it.
    pub span: Span,
    /// What it says.
    pub response: Result<ocsp::Response, ocsp::NotOcsp>,
}

/// An alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Which way it went.
    pub dir: Dir,
    /// The segment that carried its end.
    pub at: At,
    /// What it says, unless it is encrypted.
    pub said: Option<Said>,
}

/// What an alert in clear says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// 1 warns, 2 is fatal.
    pub level: u8,
    /// The number of the description; [`alert_name`] names it.
    pub description: u8,
}

/// Whether a handshake came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// It did, with this segment.
    Yes(At),
    /// It did not as far as the capture goes.
    No,
    /// Bytes that would tell were not captured.
    CannotTell,
}

impl Handshake {
    /// Returns the version that the server chose.
    pub fn version(&self) -> Option<u16> {
        self.server_hello.as_ref().map(|hello| hello.version)
    }

    /// Says whether the handshake came to its end: both sides finished, or under TLS 1.3 the client did.
    ///
    /// The client's Finished of TLS 1.3 is a record of 53 or 69 bytes, after its certificate if one was asked for.
    pub fn completed(&self) -> Completed {
        let (client, server) = (&self.sides.to_server, &self.sides.to_client);
        let done = match self.version() {
            Some(TLS13) => client.first.iter().find(|record| record.length >= 53).map(|record| record.at),
            _ => match (client.finished, server.finished) {
                (Some(one), Some(other)) => Some(one.max(other)),
                _ => None,
            },
        };
        match done {
            Some(at) => Completed::Yes(at),
            None if client.may_hide(server) || server.may_hide(client) => Completed::CannotTell,
            None => Completed::No,
        }
    }

    /// Returns the last encrypted record of a TLS 1.3 direction when its length is that of an alert, `close_notify` included.
    pub fn likely_alert(&self, dir: Dir) -> Option<RecordSize> {
        let last = self.sides.get(dir).last.back()?;
        (self.version() == Some(TLS13) && last.length == ALERT13).then_some(*last)
    }
}

impl Side {
    /// Says whether the end of the handshake may have been missed in this direction.
    fn may_hide(&self, other: &Self) -> bool {
        let is_absent = self.records == 0 && self.not_tls.is_none();
        self.lost && self.not_tls.is_none() || is_absent && other.change_cipher_spec.is_some()
    }
}

#[cfg(test)]
mod tests;
