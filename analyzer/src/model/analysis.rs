//! The answer: attempts, findings, diagnosis, coverage; the shape of the JSON report `tetra-analysis/1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Evidence, Locator, PackInfo, Timestamp};

/// What the bundle shows on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The last attempt failed, or the endpoint cannot get definitions.
    Broken,
    /// It ends well after failures, or something needs attention.
    Degraded,
    /// An attempt is seen to end well and nothing contradicts it.
    Healthy,
    /// The evidence does not tell.
    Inconclusive,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Some evidence.
    Possible,
    /// Strong evidence.
    Likely,
    /// Seen.
    Confirmed,
}

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

/// Where a person can check a claim, as the JSON report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceRef {
    /// The source, e.g. `capture`, `local_xml`.
    pub source: String,
    /// Path in the bundle.
    pub path: String,
    /// Frame number, counted from 1 as Wireshark counts.
    pub frame: Option<u64>,
    /// Line number, counted from 1.
    pub line: Option<u64>,
    /// XPath or JSON pointer of the element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// RFC 3339, UTC.
    pub time: Option<String>,
    /// What stands there.
    pub excerpt: String,
}

impl From<&Evidence> for EvidenceRef {
    fn from(evidence: &Evidence) -> Self {
        Self {
            source: evidence.source.to_string(),
            path: evidence.path.clone(),
            frame: evidence.frame(),
            line: evidence.line(),
            element: if let Locator::Element(path) = &evidence.locator { Some(path.clone()) } else { None },
            time: evidence.time.map(|time| time.to_string()),
            excerpt: evidence.excerpt.clone(),
        }
    }
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
}

/// A hit of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// Name of the rule.
    pub rule: String,
    /// The rule's UUID.
    pub id: String,
    /// The pack it comes from, with version.
    pub pack: String,
    /// Cause it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports: Option<String>,
    /// Cause it speaks against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refutes: Option<String>,
    /// `informational`, `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// `weak`, `fair`, `strong` or `proof`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<String>,
    /// What was seen, in one sentence.
    pub summary: String,
    /// Number of the attempt, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Endpoint it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where to check it.
    pub evidence: Vec<EvidenceRef>,
}

/// Attempts a cause explains, of those that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reach {
    /// Failed attempts that it explains.
    pub explained: u32,
    /// All failed attempts.
    pub failed: u32,
}

/// Who is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Culprit {
    /// `resolver`, `update_server`, `proxy`, `revocation`, `gateway`, `endpoint`, `path`.
    pub role: String,
    /// Host names.
    pub names: Vec<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// Ports.
    pub ports: Vec<u16>,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Advice {
    /// For the endpoint's user.
    pub user: Vec<String>,
    /// For the engineer.
    pub engineer: Vec<String>,
}

/// A cause with what speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CauseReport {
    /// Slug of `causes.yml`.
    pub cause: String,
    /// `dns`, `connect`, `tls`, `interrupt`, `proxy` or `endpoint`.
    pub category: String,
    /// The rung at which it stands.
    pub stage: String,
    /// One sentence of the catalogue.
    pub title: String,
    /// How sure.
    pub confidence: Confidence,
    /// Belief from 0 to 1, for ordering only; nobody calibrated it.
    #[schemars(range(min = 0, max = 1))]
    pub belief: f64,
    /// Attempts explained of attempts failed.
    pub reach: Reach,
    /// What was seen, in one sentence.
    pub summary: String,
    /// Who is to be changed.
    pub culprit: Culprit,
    /// Where to check it, most telling first.
    pub evidence: Vec<EvidenceRef>,
    /// What to do.
    pub advice: Advice,
    /// Display filter that shows the evidence in Wireshark; empty without a capture.
    pub wireshark_filter: String,
    /// Where to read more.
    pub docs: Vec<String>,
}

/// A category that is not to blame, with the proof.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuledOut {
    /// `dns`, `connect`, `tls`, `interrupt`, `proxy` or `endpoint`.
    pub category: String,
    /// What shows it.
    pub because: String,
    /// Where to check it.
    pub evidence: Vec<EvidenceRef>,
}

/// A category about which nothing can be said, with what would tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CannotTell {
    /// `dns`, `connect`, `tls`, `interrupt`, `proxy` or `endpoint`.
    pub category: String,
    /// Why it cannot be said.
    pub because: String,
    /// What to collect.
    pub collect: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// On the whole.
    pub verdict: Verdict,
    /// One sentence for the first line.
    pub summary: String,
    /// The one cause; `None` when healthy, degraded or inconclusive.
    pub primary: Option<CauseReport>,
    /// Other causes with some evidence, and recovered ones.
    pub others: Vec<CauseReport>,
    /// What follows from the primary cause.
    pub consequences: Vec<CauseReport>,
    /// Contradictions between sources, in words.
    pub contradictions: Vec<RuledOut>,
    /// What is not to blame.
    pub ruled_out: Vec<RuledOut>,
    /// What cannot be told.
    pub cannot_tell: Vec<CannotTell>,
    /// What to collect next, most useful first.
    pub next: Vec<String>,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tool {
    /// `tetra-analyze`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A span of time, RFC 3339, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Span {
    /// First time.
    pub from: String,
    /// Last time.
    pub to: String,
}

/// What was analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Input {
    /// Path as given.
    pub path: String,
    /// SHA-256 of the input in hex; for a folder, over the sorted list of paths and hashes.
    pub sha256: String,
    /// `tetra`, `vendor`, `folder`, `capture` or `loose`.
    pub layout: String,
    /// When it was collected, RFC 3339, if the manifest says so.
    pub collected: Option<String>,
    /// Time span of the captures and logs in it.
    pub covers: Option<Span>,
}

/// What one source covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceCoverage {
    /// The source, e.g. `capture`.
    pub source: String,
    /// Path in the bundle; empty where the source is absent.
    pub path: String,
    /// `read`, `partly`, `absent` or `unreadable`.
    pub state: String,
    /// Time span, if it has one.
    pub covers: Option<Span>,
    /// In words: packets, lines, what is missing.
    pub note: String,
}

/// What is known of the endpoint: label and value pairs in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndpointFacts {
    /// Addresses of the endpoint in the captures.
    pub addresses: Vec<String>,
    /// Host name.
    pub hostname: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Connector version.
    pub connector_version: Option<String>,
    /// Definitions version (TETRA).
    pub definitions_version: Option<String>,
    /// Last error of the updater: unsigned, signed and hexadecimal, with its published meaning.
    pub last_error: Option<String>,
    /// When definitions were last fetched well, RFC 3339.
    pub last_success: Option<String>,
    /// When an update was last looked for, RFC 3339.
    pub last_checked: Option<String>,
    /// Update server by policy.
    pub update_server: Option<String>,
    /// Proxy by policy or system settings.
    pub proxy: Option<String>,
    /// Whether the connector reports itself connected.
    pub connected: Option<bool>,
}

/// The whole JSON report, schema `tetra-analysis/1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Analysis {
    /// Always `tetra-analysis/1`.
    #[schemars(extend("const" = "tetra-analysis/1"))]
    pub schema: String,
    /// The program.
    pub tool: Tool,
    /// Rule packs used.
    pub rules: Vec<PackInfo>,
    /// What was analysed.
    pub input: Input,
    /// The answer.
    pub diagnosis: Diagnosis,
    /// Every attempt, in order of time.
    pub attempts: Vec<Attempt>,
    /// Every hit of a rule.
    pub findings: Vec<Finding>,
    /// What is known of the endpoint.
    pub endpoint: EndpointFacts,
    /// What each source covers.
    pub coverage: Vec<SourceCoverage>,
    /// Input that is not as expected.
    pub anomalies: Vec<super::Anomaly>,
}

impl Span {
    /// Makes a span from two times.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from: from.to_string(), to: to.to_string() }
    }
}
