//! What a probe leaves behind: one line of `network/probes.jsonl`, as `bundle/probes.schema.json` describes it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

/// One test, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProbeRecord {
    /// What was tested.
    pub what: What,
    /// Host, or host and port.
    pub target: String,
    /// The way it was tested by.
    pub path: Way,
    /// Whether it went well.
    pub ok: bool,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The platform's own number for it, as `0x80092013`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The status of the HTTP answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// When it began.
    pub time: DateTime<Utc>,
    /// More, by what was tested.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub detail: Map<String, Value>,
}

/// What a probe tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The lookup of a name.
    Dns,
    /// A TCP connection.
    Tcp,
    /// A TLS handshake, and whether the certificate is believed.
    Tls,
    /// A question to an OCSP responder.
    Ocsp,
    /// The download of a revocation list.
    Crl,
    /// An HTTP request.
    Http,
    /// The way through a proxy.
    Proxy,
    /// The endpoint's clock against another.
    Clock,
}

/// The way by which a probe goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Without a proxy.
    Direct,
    /// As WinHTTP is set up for the machine.
    Winhttp,
    /// As the user's browser is set up.
    Wininet,
    /// As the connector's policy says.
    PolicyProxy,
    /// As a proxy script says.
    Pac,
    /// As the environment of the process says.
    Environment,
    /// By the system's own resolver.
    Resolver,
}

/// How a probe ended; the words of `rules/taxonomy.yml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are those of the taxonomy, which explains them")]
pub enum Outcome {
    Answered,
    Nodata,
    Nxdomain,
    Servfail,
    Refused,
    Formerr,
    Truncated,
    Unanswered,
    Established,
    NetUnreachable,
    HostUnreachable,
    PortUnreachable,
    Prohibited,
    Complete,
    Alert,
    Reset,
    Closed,
    Silent,
    NotTls,
    Failed,
    Good,
    Revoked,
    UnknownStatus,
    DnsNxdomain,
    DnsUnanswered,
    DnsFailed,
    SynUnanswered,
    Unreachable,
    HttpError,
    #[serde(rename = "http_404")]
    Http404,
    ProxyError,
    NotOcsp,
    Unauthorized,
    TryLater,
    Malformed,
    Stale,
    BadSignature,
    Expired,
    Cut,
    Unknown,
}

impl ProbeRecord {
    /// Begins a record; it is not well until it is said to be.
    pub fn new(what: What, target: impl Into<String>, path: Way, time: DateTime<Utc>) -> Self {
        Self {
            what,
            target: target.into(),
            path,
            ok: false,
            outcome: None,
            status: None,
            http_status: None,
            ms: None,
            time,
            detail: Map::new(),
        }
    }

    /// Notes one detail; what is empty is left out.
    pub fn note(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            self.detail.insert(name.to_owned(), value);
        }
    }

    /// Gives a detail that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.detail.get(name).and_then(Value::as_str)
    }

    /// Gives the word for what was tested, as it is written down.
    pub fn word(value: &impl Serialize) -> String {
        match serde_json::to_value(value) {
            Ok(Value::String(word)) => word,
            _ => String::new(),
        }
    }
}
