//! Building one rung.

use std::net::{IpAddr, SocketAddr};

use crate::model::{Fields, Mark, Peer, Rung, Seen, Stage, StageState, Value};

/// Marks kept for one rung.
const MARKS: usize = 12;

/// Makes an empty rung.
pub(super) fn rung(stage: Stage, state: StageState) -> Rung {
    let mut fields = Fields::new();
    fields.set("rung.stage", stage.name()).set("rung.observer", "capture");
    Rung {
        stage,
        state,
        summary: String::new(),
        fields,
        marks: Vec::new(),
        filter: String::new(),
        peer: Peer::default(),
    }
}

/// Short ways to fill a rung.
pub(super) trait Fill {
    /// Sets a field.
    fn with(&mut self, name: &'static str, value: impl Into<Value>) -> &mut Self;
    /// Sets a field if there is a value.
    fn with_opt(&mut self, name: &'static str, value: Option<impl Into<Value>>) -> &mut Self;
    /// Adds a frame.
    fn mark(&mut self, seen: Option<Seen>, what: impl Into<String>) -> &mut Self;
    /// Says what was seen.
    fn say(&mut self, summary: impl Into<String>) -> &mut Self;
    /// Names the other end.
    fn peer(&mut self, role: &'static str, name: Option<&str>, at: Option<SocketAddr>) -> &mut Self;
}

impl Fill for Rung {
    fn with(&mut self, name: &'static str, value: impl Into<Value>) -> &mut Self {
        self.fields.set(name, value);
        self
    }

    fn with_opt(&mut self, name: &'static str, value: Option<impl Into<Value>>) -> &mut Self {
        self.fields.set_opt(name, value);
        self
    }

    fn mark(&mut self, seen: Option<Seen>, what: impl Into<String>) -> &mut Self {
        if let Some(seen) = seen.filter(|seen| seen.frame > 0)
            && self.marks.len() < MARKS
            && !self.marks.iter().any(|mark| mark.seen == seen)
        {
            self.marks.push(Mark { seen, what: what.into() });
        }
        self
    }

    fn say(&mut self, summary: impl Into<String>) -> &mut Self {
        self.summary = summary.into();
        self
    }

    fn peer(&mut self, role: &'static str, name: Option<&str>, at: Option<SocketAddr>) -> &mut Self {
        self.peer.role = role;
        if let Some(name) = name
            && !self.peer.names.iter().any(|known| known == name)
        {
            self.peer.names.push(name.to_owned());
        }
        if let Some(at) = at {
            if !self.peer.addresses.contains(&at.ip()) {
                self.peer.addresses.push(at.ip());
            }
            if !self.peer.ports.contains(&at.port()) {
                self.peer.ports.push(at.port());
            }
        }
        self
    }
}

/// Gives the display filter for a connection.
pub(super) fn flow_filter(client: SocketAddr, server: SocketAddr) -> String {
    let family = family(server.ip());
    format!(
        "{family}.addr == {} && {family}.addr == {} && tcp.port == {} && tcp.port == {}",
        client.ip(),
        server.ip(),
        client.port(),
        server.port()
    )
}

/// Gives `ip` or `ipv6`.
pub(super) fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "ip" } else { "ipv6" }
}
