//! What judging yields: hits, and the questions that the sources leave open.

use serde::Serialize;

use crate::model::{Evidence, Timestamp};

use super::vote::{Level, Strength};

/// What the rules say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The hits, in the order of rules and subjects.
    pub hits: Vec<Hit>,
    /// What could not be told, in the same order.
    pub open: Vec<OpenQuestion>,
}

/// A rule whose condition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Name of the rule.
    pub rule: String,
    /// The rule's UUID.
    pub id: String,
    /// The rule's title.
    pub title: String,
    /// The pack with its version.
    pub pack: String,
    /// How grave it is.
    pub level: Level,
    /// Causes it speaks for.
    pub supports: Vec<String>,
    /// Causes it speaks against.
    pub refutes: Vec<String>,
    /// How much it says; `None` where the rule is about no cause.
    pub strength: Option<Strength>,
    /// What was seen, in one sentence.
    pub say: String,
    /// What tells this hit from others of the same rule: `field=value` pairs.
    pub subject: String,
    /// The attempt, if all matched observations that name one agree.
    pub attempt: Option<u32>,
    /// The endpoint it is about.
    pub endpoint: Option<String>,
    /// When the first matched observation began.
    pub time: Option<Timestamp>,
    /// Where a person can check it, in the order of the matched observations.
    pub evidence: Vec<Evidence>,
    /// Positions of the matched observations.
    pub observations: Vec<usize>,
}

/// A rule that would hold if something were absent, in a gap that no source covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenQuestion {
    /// Name of the rule.
    pub rule: String,
    /// The rule's UUID.
    pub id: String,
    /// The rule's title.
    pub title: String,
    /// Causes it would speak for.
    pub supports: Vec<String>,
    /// What tells it from others of the same rule.
    pub subject: String,
    /// The attempt, if known.
    pub attempt: Option<u32>,
    /// The endpoint it is about.
    pub endpoint: Option<String>,
    /// What is not covered, and by which sources.
    pub why: String,
}
