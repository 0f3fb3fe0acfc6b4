//! Update attempts as derivers build them: a ladder of rungs with the facts that decided each.

use std::net::IpAddr;

use super::{AttemptOutcome, Fields, Path, Seen, Stage, StageState, Timestamp};

/// A frame worth showing, with what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where it is.
    pub seen: Seen,
    /// What it shows, in one line.
    pub what: String,
}

/// One rung of an attempt.
#[derive(Clone, Debug)]
pub struct Rung {
    /// Which.
    pub stage: Stage,
    /// How it held.
    pub state: StageState,
    /// What was seen, in one line.
    pub summary: String,
    /// The facts that decided, named as in the taxonomy's kind `rung`.
    pub fields: Fields,
    /// Where to check it, most telling first.
    pub marks: Vec<Mark>,
    /// Display filter that shows it in Wireshark.
    pub filter: String,
    /// Who is at the other end: role, names, addresses, ports.
    pub peer: Peer,
}

/// Who is at the other end of a rung.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// `resolver`, `update_server`, `proxy`, `revocation`, `gateway`, `discovery`, `endpoint`, `path`.
    pub role: &'static str,
    /// Host names.
    pub names: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
    /// Ports.
    pub ports: Vec<u16>,
}

/// One try of the connector to get definitions, as the captures show it.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Counted from 1 in order of time.
    pub id: u32,
    /// The endpoint.
    pub endpoint: IpAddr,
    /// First sign of it.
    pub start: Seen,
    /// Last sign of it.
    pub end: Timestamp,
    /// Update server; `None` where the attempt is inferred and its target not seen.
    pub target: Option<String>,
    /// The way it takes.
    pub path: Path,
    /// The rungs, lowest first.
    pub rungs: Vec<Rung>,
    /// Payload bytes received.
    pub bytes: u64,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Why the outcome is not known, in words; empty where it is.
    pub unclear: String,
    /// Whether a later attempt of the same endpoint ended well.
    pub later_success: bool,
}

impl Ladder {
    /// Gives the rung that ended the attempt.
    pub fn failed(&self) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.state == StageState::Failed)
    }
}
