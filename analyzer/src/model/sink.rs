//! Where source parsers put what they state.

use tetra_bundle::SourceId;

use super::{Anomaly, Evidence, Fields, Kind, Locator, Observation, Timestamp};

/// How many anomalies one source may report in full; the rest is only counted.
const ANOMALIES_PER_SOURCE: usize = 50;
/// How many observations one source may leave; the rest is counted as an anomaly.
const OBSERVATIONS_PER_SOURCE: usize = 200_000;
/// Longest excerpt in characters.
const EXCERPT: usize = 200;

/// Collects the observations and anomalies of one source.
#[derive(Debug)]
pub struct Sink {
    source: SourceId,
    path: String,
    /// What was stated.
    pub observations: Vec<Observation>,
    anomalies: Vec<Anomaly>,
    anomalies_left_out: usize,
    observations_left_out: usize,
}

impl Sink {
    /// Makes a sink for one entry of a bundle.
    pub fn new(source: SourceId, path: impl Into<String>) -> Self {
        Self {
            source,
            path: path.into(),
            observations: Vec::new(),
            anomalies: Vec::new(),
            anomalies_left_out: 0,
            observations_left_out: 0,
        }
    }

    /// Gives the path of the entry.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// States a fact.
    pub fn observe(
        &mut self,
        kind: Kind,
        at: Locator,
        excerpt: &str,
        time: Option<Timestamp>,
        fields: Fields,
    ) -> &mut Self {
        if self.observations.len() >= OBSERVATIONS_PER_SOURCE {
            self.observations_left_out = self.observations_left_out.saturating_add(1);
            return self;
        }
        let evidence = self.evidence(at, excerpt, time);
        self.observations.push(Observation {
            kind,
            time,
            endpoint: None,
            attempt: None,
            fields,
            evidence: vec![evidence],
        });
        self
    }

    /// Makes a piece of evidence in this source.
    pub fn evidence(&self, at: Locator, excerpt: &str, time: Option<Timestamp>) -> Evidence {
        Evidence {
            source: self.source,
            path: self.path.clone(),
            locator: at,
            time,
            excerpt: shorten(excerpt),
        }
    }

    /// Notes input that is not as expected.
    pub fn anomaly(&mut self, at: Locator, what: impl Into<String>) {
        if self.anomalies.len() >= ANOMALIES_PER_SOURCE {
            self.anomalies_left_out = self.anomalies_left_out.saturating_add(1);
            return;
        }
        let at = match at {
            Locator::Line(number) => format!("line {number}"),
            Locator::Frame(number) => format!("frame {number}"),
            Locator::Element(path) => path,
            Locator::Whole => String::new(),
        };
        self.anomalies.push(Anomaly { path: self.path.clone(), at, what: shorten(&what.into()) });
    }

    /// Ends the source: its observations and anomalies.
    pub fn finish(mut self) -> (Vec<Observation>, Vec<Anomaly>) {
        for (count, what) in [
            (self.anomalies_left_out, "further anomalies are not listed"),
            (self.observations_left_out, "further observations were left out"),
        ] {
            if count > 0 {
                self.anomalies.push(Anomaly {
                    path: self.path.clone(),
                    at: String::new(),
                    what: format!("{count} {what}"),
                });
            }
        }
        (self.observations, self.anomalies)
    }
}

/// Cuts text to one line of at most [`EXCERPT`] characters, without control characters.
pub fn shorten(text: &str) -> String {
    let mut out: String =
        text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT + 1).collect();
    if out.chars().count() > EXCERPT {
        out.pop();
        out.push('…');
    }
    out
}
