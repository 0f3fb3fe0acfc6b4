//! The answer: attempts, findings, diagnosis, coverage; the shape of the JSON report `tetra-analysis/1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Attempt, CannotTell, CauseReport, Evidence, Finding, Locator, PackInfo, RuledOut, Timestamp};

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
    /// Whether a log shows lines of debug mode; the JSON report has it in the note.
    #[serde(skip)]
    pub debug: Option<bool>,
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
    /// For how long it was neither asleep nor off, of how long, by Windows' log.
    pub awake: Option<String>,
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
