//! What the diagnosis works on: everything that was found out about one bundle.

use super::{
    Anomaly, Cause, Covered, Finding, Kind, Ladder, Observation, SourceCoverage, Timestamp, Traffic,
};

/// What one hit of a rule says for or against causes.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The hit, as the report shows it.
    pub finding: Finding,
    /// Causes it speaks for.
    pub supports: Vec<String>,
    /// Causes it speaks against.
    pub refutes: Vec<String>,
    /// How much, from 0 to 1.
    pub weight: f64,
    /// The first observation it rests on: rules that rest on the same one vote once.
    pub rests_on: Option<usize>,
    /// It rests on a rung that failed and was overcome within its attempt.
    pub overcome: bool,
    /// When it was, if known.
    pub time: Option<Timestamp>,
}

/// Everything that was found out about one bundle.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What the captures showed.
    pub traffic: Traffic,
    /// Attempts, in order of time.
    pub ladders: Vec<Ladder>,
    /// All observations.
    pub observations: Vec<Observation>,
    /// What the rules say of them.
    pub votes: Vec<Vote>,
    /// Questions that rules leave open for want of coverage, in words.
    pub open: Vec<String>,
    /// The spans of time that sources cover, for what is asked by its absence.
    pub covered: Vec<Covered>,
    /// What each source covers.
    pub coverage: Vec<SourceCoverage>,
    /// Input that is not as expected.
    pub anomalies: Vec<Anomaly>,
    /// The catalogue.
    pub causes: Vec<Cause>,
}

impl Case {
    /// Finds a cause of the catalogue.
    pub fn cause(&self, slug: &str) -> Option<&Cause> {
        self.causes.iter().find(|cause| cause.slug == slug)
    }

    /// Finds a setting by its key.
    pub fn setting(&self, key: &str) -> Option<&Observation> {
        self.observations.iter().find(|observed| {
            observed.kind == Kind::Setting && observed.fields.text("setting.key") == Some(key)
        })
    }
}
