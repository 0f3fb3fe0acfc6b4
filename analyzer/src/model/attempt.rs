//! One try of the connector to get definitions: its path, the ladder it climbs, its end.

use schemars::JsonSchema;
use serde::Serialize;

use super::{EvidenceRef, Picture};

/// The way an attempt takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// Straight to the server.
    Direct,
    /// Through an HTTP proxy.
    Proxy,
    /// Through a SOCKS proxy.
    Socks,
}

impl Path {
    /// Gives the word used in rules and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::Socks => "socks",
        }
    }
}

/// A rung of the ladder, in the order in which an attempt climbs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Automatic proxy discovery (WPAD, PAC).
    Discovery,
    /// The server's name.
    Dns,
    /// TCP to the server.
    Connect,
    /// Name and TCP of the proxy.
    ProxyConnect,
    /// The proxy's authentication.
    ProxyAuth,
    /// CONNECT, or the SOCKS request.
    ProxyRequest,
    /// The TLS handshake.
    Tls,
    /// OCSP and CRL.
    TlsRevocation,
    /// The answer to the request for definitions.
    Http,
    /// The body.
    Download,
    /// What was received is what was published.
    Verify,
}

impl Stage {
    /// All rungs, lowest first.
    pub const ALL: [Stage; 11] = [
        Stage::Discovery,
        Stage::Dns,
        Stage::Connect,
        Stage::ProxyConnect,
        Stage::ProxyAuth,
        Stage::ProxyRequest,
        Stage::Tls,
        Stage::TlsRevocation,
        Stage::Http,
        Stage::Download,
        Stage::Verify,
    ];

    /// Gives the name used in rules and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::ProxyConnect => "proxy-connect",
            Self::ProxyAuth => "proxy-auth",
            Self::ProxyRequest => "proxy-request",
            Self::Tls => "tls",
            Self::TlsRevocation => "tls-revocation",
            Self::Http => "http",
            Self::Download => "download",
            Self::Verify => "verify",
        }
    }
}

/// How a rung held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// Seen to hold.
    Ok,
    /// Ended the attempt.
    Failed,
    /// Failed and was overcome within the attempt.
    Recovered,
    /// The attempt ended before it.
    NotReached,
    /// Nothing of it is in the bundle, though the attempt went beyond it or does not need it.
    NotSeen,
    /// Something was seen, and it does not tell.
    CannotTell,
}

/// One rung of an attempt's ladder.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StageReport {
    /// The rung.
    pub stage: Stage,
    /// How it held.
    pub state: StageState,
    /// What was seen, in one line.
    pub summary: String,
    /// When it ended or was decided, milliseconds after the attempt began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
    /// Where to check it.
    pub evidence: Vec<EvidenceRef>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// Definitions arrived, or the server answered the request well.
    Ok,
    /// A rung did not hold.
    Failed,
    /// The capture ends while it still runs.
    Unfinished,
    /// Not enough of it is seen.
    Unknown,
}

/// One try of the connector to get definitions.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Attempt {
    /// Counted from 1 in order of time.
    pub id: u32,
    /// The endpoint.
    pub endpoint: String,
    /// RFC 3339, UTC.
    pub start: String,
    /// RFC 3339, UTC.
    pub end: String,
    /// Host name (or address) of the update server; `unknown` where it is not seen.
    pub target: String,
    /// The way it takes.
    pub path: Path,
    /// The ladder, lowest rung first.
    pub stages: Vec<StageReport>,
    /// Payload bytes received from the server or through the proxy.
    pub bytes: u64,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Whether a later attempt of the same endpoint ended well.
    pub later_success: bool,
    /// Who sent what to whom; the JSON report leaves it out.
    #[serde(skip)]
    pub picture: Picture,
}
