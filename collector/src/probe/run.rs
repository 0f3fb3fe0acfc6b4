//! What all tests of one run share: targets, limits, the deadline, and where records go.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::lookup::{self, Lookup};
use super::record::{Outcome, ProbeRecord};
use super::targets::Targets;
use super::wire::{Wire, opening, within};
use crate::network::host_and_port;

/// One run.
#[derive(Clone)]
pub struct Run<'a> {
    /// What is tested.
    pub targets: &'a Targets,
    /// The configured servers for names.
    pub resolvers: &'a [SocketAddr],
    /// When everything ends.
    pub until: Instant,
    /// Where records go.
    pub sender: Sender<ProbeRecord>,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReached {
    /// The name was not resolved.
    Lookup(Outcome),
    /// No address could be connected to.
    Open(Outcome),
}

impl Run<'_> {
    /// The limits of single tests.
    pub fn limits(&self) -> &Limits {
        &self.targets.limits
    }

    /// Gives the moment when something that may take so long ends.
    pub fn by(&self, limit: Duration) -> Instant {
        within(limit, self.until)
    }

    /// Says whether the time of the whole run is up.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Hands a record over. What the end of the whole run cut short is unknown, not unanswered.
    pub fn tell(&self, mut record: ProbeRecord) {
        let host = host_and_port(&record.target, 0).map(|(host, _)| host).unwrap_or_default();
        if self.targets.servers.iter().any(|server| server.host == host) {
            record.note("role", "update_server");
        }
        let waited = matches!(
            record.outcome,
            Some(Outcome::Unanswered | Outcome::Silent | Outcome::SynUnanswered | Outcome::DnsUnanswered)
        );
        if waited && !record.ok && self.is_over() {
            record.outcome = Some(Outcome::Unknown);
            record.note("reason", "the time for all tests was up");
        }
        // Nobody listens when the caller has given up.
        let _ = self.sender.send(record);
    }

    /// Gives the addresses that the caller fixed for a host, or that the host is.
    pub fn fixed(&self, host: &str) -> Option<Vec<IpAddr>> {
        if let Ok(address) = host.parse() {
            return Some(vec![address]);
        }
        let pins = &self.targets.addresses;
        pins.iter().find(|(name, _)| name.eq_ignore_ascii_case(host)).map(|(_, list)| list.clone())
    }

    /// Asks the system's resolver for a name. Where that does not say why it failed, the configured servers are asked,
    /// and their word is taken if they agree.
    pub fn lookup(&self, host: &str) -> Lookup {
        let mut found = lookup::by_system(host, self.by(self.limits().lookup));
        if found.record.outcome != Some(Outcome::Unknown) {
            return found;
        }
        let mut words: Vec<Outcome> = self
            .resolvers
            .iter()
            .take(2)
            .filter_map(|server| {
                lookup::by_server(host, *server, self.by(self.limits().lookup)).record.outcome
            })
            .collect();
        words.dedup();
        if let [word] = words.as_slice()
            && *word != Outcome::Answered
        {
            found.record.outcome = Some(*word);
            found.record.note("said_by", "the configured servers");
        }
        found
    }

    /// Gives the addresses of a host.
    pub fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NotReached> {
        if let Some(fixed) = self.fixed(host) {
            return Ok(fixed);
        }
        let found = self.lookup(host);
        if found.addresses.is_empty() {
            return Err(NotReached::Lookup(found.record.outcome.unwrap_or(Outcome::Unknown)));
        }
        Ok(found.addresses)
    }

    /// Connects to a host: each of its addresses in turn, until one is there.
    pub fn connect(&self, host: &str, port: u16) -> Result<Wire, NotReached> {
        let mut last = Outcome::Unknown;
        for address in self.addresses(host)?.into_iter().take(self.limits().addresses) {
            match Wire::connect(SocketAddr::new(address, port), self.by(self.limits().connect)) {
                Ok(wire) => return Ok(wire),
                Err(fault) if fault.kind() == ErrorKind::InvalidInput => {}
                Err(fault) => last = opening(&fault),
            }
        }
        Err(NotReached::Open(last))
    }
}
