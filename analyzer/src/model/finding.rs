//! What rules found, and the causes it adds up to, as the report shows them.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Confidence, EvidenceRef};

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
