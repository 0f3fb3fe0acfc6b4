//! Observations: typed facts with their evidence, as rules match on them.

use schemars::JsonSchema;
use serde::Serialize;
use tetra_bundle::SourceId;

use super::{Fields, Timestamp};

/// The kinds of observations, as `rules/taxonomy.yml` declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One question to one resolver.
    DnsTransaction,
    /// One TCP connection.
    TcpFlow,
    /// One TLS handshake.
    TlsHandshake,
    /// One HTTP request and its answer.
    HttpExchange,
    /// One SOCKS negotiation.
    SocksExchange,
    /// An ICMP error and the flow it speaks of.
    IcmpError,
    /// An address asked for in vain on the link.
    ArpGap,
    /// A recognised line of the connector's log.
    LogRecord,
    /// A value of a configuration file.
    Setting,
    /// What `AmpCLI posture` says.
    Posture,
    /// The computer as the console shows it.
    ConsoleRecord,
    /// A test the collector made.
    Probe,
    /// A fact about the endpoint.
    HostFact,
    /// An entry of a Windows event log.
    Event,
    /// One rung of the ladder of an update attempt.
    Rung,
    /// One try to get definitions.
    UpdateAttempt,
    /// OCSP and CRL of one handshake together.
    RevocationCheck,
    /// Nothing seen where something would be.
    QuietInterval,
    /// What a source covers.
    Coverage,
    /// The endpoint's clock against a second one.
    ClockOffset,
}

impl Kind {
    /// Every kind with its name in rules.
    pub const ALL: [(Kind, &'static str); 20] = [
        (Kind::DnsTransaction, "dns_transaction"),
        (Kind::TcpFlow, "tcp_flow"),
        (Kind::TlsHandshake, "tls_handshake"),
        (Kind::HttpExchange, "http_exchange"),
        (Kind::SocksExchange, "socks_exchange"),
        (Kind::IcmpError, "icmp_error"),
        (Kind::ArpGap, "arp_gap"),
        (Kind::LogRecord, "log_record"),
        (Kind::Setting, "setting"),
        (Kind::Posture, "posture"),
        (Kind::ConsoleRecord, "console_record"),
        (Kind::Probe, "probe"),
        (Kind::HostFact, "host_fact"),
        (Kind::Event, "event"),
        (Kind::Rung, "rung"),
        (Kind::UpdateAttempt, "update_attempt"),
        (Kind::RevocationCheck, "revocation_check"),
        (Kind::QuietInterval, "quiet_interval"),
        (Kind::Coverage, "coverage"),
        (Kind::ClockOffset, "clock_offset"),
    ];

    /// Gives the name that rules use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Finds the kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Where in a source a fact stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Locator {
    /// A line, counted from 1.
    Line(u64),
    /// A frame, counted from 1 as Wireshark counts.
    Frame(u64),
    /// An element of a document, as an XPath or a JSON pointer.
    Element(String),
    /// The source as a whole.
    Whole,
}

/// Where a person can check a claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The source it comes from.
    pub source: SourceId,
    /// Path in the bundle.
    pub path: String,
    /// Place in the source.
    pub locator: Locator,
    /// When it happened, by the source's clock in UTC, if known.
    pub time: Option<Timestamp>,
    /// What stands there, in one line of at most about 200 characters.
    pub excerpt: String,
}

impl Evidence {
    /// Gives the frame number, if the evidence is a packet.
    pub fn frame(&self) -> Option<u64> {
        if let Locator::Frame(number) = self.locator { Some(number) } else { None }
    }

    /// Gives the line number, if the evidence is a line.
    pub fn line(&self) -> Option<u64> {
        if let Locator::Line(number) = self.locator { Some(number) } else { None }
    }
}

/// A fact, its time and its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What it is a fact of.
    pub kind: Kind,
    /// When it began, UTC; `None` where the source has no clock.
    pub time: Option<Timestamp>,
    /// The endpoint it is about.
    pub endpoint: Option<String>,
    /// The update attempt it belongs to, counted from 1.
    pub attempt: Option<u32>,
    /// Its fields, named as in `rules/taxonomy.yml`.
    pub fields: Fields,
    /// Where a person can check it, most telling first.
    pub evidence: Vec<Evidence>,
}

/// Input that is not as expected; the run goes on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Anomaly {
    /// Path in the bundle.
    pub path: String,
    /// Line, frame or element, in words; empty for the whole.
    pub at: String,
    /// What is not as expected, in one sentence without a full stop.
    pub what: String,
}
