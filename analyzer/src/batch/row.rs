//! One row per bundle, one per attempt: what the table holds, and what a child process prints as one line of JSON.

use serde::{Deserialize, Serialize};

/// Name of the schema.
pub const SCHEMA: &str = "tetra-case/1";

/// How the work on a bundle ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was analysed; the verdict tells.
    Done,
    /// It is no bundle, or nothing in it is known.
    Refused,
    /// It cannot be read: missing, not allowed, a broken disk.
    Unreadable,
    /// The process broke off.
    #[default]
    Crashed,
    /// It took too long.
    Timeout,
    /// It took too much memory.
    Memory,
    /// It gave too much output.
    Output,
}

impl Status {
    /// Every status, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Refused,
        Self::Unreadable,
        Self::Crashed,
        Self::Timeout,
        Self::Memory,
        Self::Output,
    ];

    /// Gives the name used in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Crashed => "crashed",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Output => "output",
        }
    }
}

/// What is known of one bundle. Lists are sorted unless said otherwise; times are RFC 3339, UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Always `tetra-case/1`.
    pub schema: String,
    /// SHA-256 of the bundle in hex; for what cannot be read, `path:` and its path.
    pub content: String,
    /// SHA-256 over the rule packs in hex.
    pub rules: String,
    /// Version of the program.
    pub tool: String,
    /// How the work ended.
    pub status: Status,
    /// Why it did not end well; empty where it did.
    pub message: String,
    /// `tetra`, `vendor`, `folder`, `capture` or `loose`.
    pub layout: Option<String>,
    /// When it was collected.
    pub collected: Option<String>,
    /// First time of its captures and logs.
    pub covers_from: Option<String>,
    /// Last time of its captures and logs.
    pub covers_to: Option<String>,
    /// Host name of the endpoint.
    pub hostname: Option<String>,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Its operating system.
    pub os: Option<String>,
    /// Version of the connector.
    pub connector_version: Option<String>,
    /// Version of the definitions.
    pub definitions_version: Option<String>,
    /// Last error of the updater.
    pub last_error: Option<String>,
    /// When definitions were last fetched well.
    pub last_success: Option<String>,
    /// Cloud region: `nam`, `eu`, `apjc`; `private` for a server that only a policy names.
    pub region: Option<String>,
    /// Update server.
    pub update_server: Option<String>,
    /// Way of the last attempt: `direct`, `proxy` or `socks`.
    pub route: Option<String>,
    /// The proxy, by policy, settings or capture.
    pub proxy: Option<String>,
    /// What the proxy says it is (Via and Server headers of its own answers).
    pub proxy_product: Option<String>,
    /// Seconds between updates, by policy or as the attempts show.
    pub interval: Option<i64>,
    /// `broken`, `degraded`, `healthy` or `inconclusive`.
    pub verdict: Option<String>,
    /// Slug of the primary cause.
    pub cause: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// The rung at which it stands.
    pub stage: Option<String>,
    /// `confirmed`, `likely` or `possible`.
    pub confidence: Option<String>,
    /// The answer in one sentence.
    pub summary: Option<String>,
    /// Failed attempts that the cause explains.
    pub explained: u32,
    /// Failed attempts.
    pub failed: u32,
    /// Host at which the last failed attempt ended.
    pub failing_host: Option<String>,
    /// Causes that follow from the primary one.
    pub consequences: Vec<String>,
    /// Other causes with some evidence, strongest first.
    pub others: Vec<String>,
    /// Names of the rules that hit.
    pub findings: Vec<String>,
    /// Ladder of the last attempt: `dns=ok connect=failed`.
    pub stages: String,
    /// Number of anomalies of the input.
    pub anomalies: u32,
    /// Templates of log lines that no template of the packs explains, only where there is no cause; most frequent first.
    pub unexplained: Vec<String>,
    /// The attempts, in order of time.
    pub attempts: Vec<AttemptRow>,
}

/// What is known of one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttemptRow {
    /// Counted from 1 in order of time.
    pub id: u32,
    /// The endpoint.
    pub endpoint: String,
    /// When it began.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// Update server.
    pub target: String,
    /// `direct`, `proxy` or `socks`.
    pub route: String,
    /// `ok`, `failed`, `unfinished` or `unknown`.
    pub outcome: String,
    /// Rung that did not hold.
    pub failed_stage: Option<String>,
    /// The ladder: `dns=ok connect=failed`.
    pub stages: String,
    /// Payload bytes received.
    pub bytes: u64,
    /// Whether a later attempt of the same endpoint ended well.
    pub later_success: bool,
}

impl Row {
    /// Makes the row of a bundle that gave no answer.
    pub fn without_answer(status: Status, message: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            status,
            message: message.into(),
            ..Self::default()
        }
    }
}
