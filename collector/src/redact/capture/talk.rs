//! One connection: what it carries is found out, and both its directions get their patches.

use std::net::SocketAddr;

use tetra_capture::conversation::looks_like_tls;
use tetra_capture::http::{looks_like_request, looks_like_response};
use tetra_capture::link::be16;
use tetra_capture::socks::looks_like_socks;
use tetra_capture::stream::{Both, Dir};

use super::http::{Http, Place, Progress};
use super::patch::Patches;
use super::socks::{Socks, Step};
use super::tls::{Tls, Tools};
use super::{Side, dns};

/// Pieces of data looked at before a connection is given up as unknown.
const LOOKS: u8 = 16;

/// What a connection carries.
#[derive(Debug, Default)]
enum Carried {
    #[default]
    Undecided,
    Http(Box<Http>),
    Tls(Box<Both<Tls>>),
    Socks(Socks),
    Dns,
    Other,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Talk {
    server: SocketAddr,
    sides: Both<Side>,
    carried: Carried,
    in_tunnel: bool,
    looks: u8,
}

impl Talk {
    pub(super) fn new(server: SocketAddr) -> Self {
        let side = || Side { peer: Some(server), ..Side::default() };
        Self {
            server,
            sides: Both { to_server: side(), to_client: side() },
            carried: Carried::Undecided,
            in_tunnel: false,
            looks: 0,
        }
    }

    /// Counts the bytes that it holds until more come.
    pub(super) fn held(&self) -> usize {
        let sides = [&self.sides.to_server, &self.sides.to_client];
        let buffers: usize = sides.into_iter().map(|side| side.buffer.capacity()).sum();
        buffers.saturating_add(match &self.carried {
            Carried::Http(http) => http.up.held().saturating_add(http.down.held()),
            Carried::Tls(tls) => tls.to_server.held().saturating_add(tls.to_client.held()),
            _ => 0,
        })
    }

    /// Reads the next bytes of a direction.
    pub(super) fn data(&mut self, dir: Dir, bytes: &[u8], tools: &mut Tools<'_>) {
        self.sides.get_mut(dir).buffer.extend_from_slice(bytes);
        self.run(dir, tools);
    }

    fn run(&mut self, dir: Dir, tools: &mut Tools<'_>) {
        loop {
            let side = self.sides.get_mut(dir);
            if side.buffer.is_empty() {
                return;
            }
            match &mut self.carried {
                Carried::Undecided => {
                    if !self.decide(dir) {
                        return;
                    }
                }
                Carried::Http(http) => match http.read(dir, side, tools) {
                    Progress::Done => return,
                    Progress::Tunnel => {
                        self.open();
                        self.run(Dir::ToServer, tools);
                        if dir == Dir::ToServer {
                            return;
                        }
                    }
                },
                Carried::Tls(tls) => {
                    if !tls.get_mut(dir).read(side, tools) {
                        side.skip(side.buffer.len());
                    }
                    if let Some(name) = side.server_name.take() {
                        tools.tokens.meet_server(&name, self.server.ip(), self.in_tunnel);
                    }
                    return;
                }
                Carried::Socks(socks) => match socks.step(dir, &side.buffer, tools.tokens) {
                    Step::Wait => return,
                    Step::Message(message) => {
                        side.patches.put(side.at, &message, tools.budget);
                        side.skip(message.len().max(1));
                    }
                    Step::Opened(message) => {
                        side.patches.put(side.at, &message, tools.budget);
                        side.skip(message.len().max(1));
                        self.open();
                        self.run(Dir::ToServer, tools);
                    }
                    Step::Broken => {
                        self.carried = Carried::Other;
                    }
                },
                Carried::Dns => {
                    let length = be16(&side.buffer, 0).map_or(usize::MAX, |length| usize::from(length) + 2);
                    let Some(message) = side.buffer.get(..length) else { return };
                    let mut message = message.to_vec();
                    if let Some(inner) = message.get_mut(2..) {
                        dns::edit(inner, tools.tokens);
                    }
                    side.patches.put(side.at, &message, tools.budget);
                    side.skip(length);
                }
                Carried::Other => {
                    side.skip(side.buffer.len());
                    return;
                }
            }
        }
    }

    /// What follows is another conversation.
    fn open(&mut self) {
        self.carried = Carried::Undecided;
        self.in_tunnel = true;
        self.looks = 0;
    }

    /// Finds out what the first bytes are; `false` where that is not known yet.
    fn decide(&mut self, dir: Dir) -> bool {
        let side = self.sides.get_mut(dir);
        let bytes = side.buffer.as_slice();
        self.carried = if self.server.port() == 53 && !self.in_tunnel {
            Carried::Dns
        } else if looks_like_tls(bytes) {
            Carried::Tls(Box::default())
        } else if dir == Dir::ToServer && looks_like_request(bytes)
            || dir == Dir::ToClient && looks_like_response(bytes)
        {
            Carried::Http(Box::default())
        } else if !self.in_tunnel && dir == Dir::ToServer && looks_like_socks(bytes) {
            Carried::Socks(Socks::default())
        } else {
            side.skip(side.buffer.len());
            self.looks += 1;
            if self.looks < LOOKS {
                return false;
            }
            Carried::Other
        };
        true
    }

    /// Takes what a client sent for the tunnel's, where the answer that opens it was not captured.
    fn unanswered(&mut self, tools: &mut Tools<'_>) {
        let waits = matches!(&self.carried, Carried::Http(http) if matches!(http.up, Place::Waiting));
        if waits && looks_like_tls(&self.sides.to_server.buffer) {
            self.open();
            self.run(Dir::ToServer, tools);
        }
    }

    /// Passes over bytes that were not captured.
    pub(super) fn gap(&mut self, dir: Dir, missing: u64, tools: &mut Tools<'_>) {
        self.unanswered(tools);
        let side = self.sides.get_mut(dir);
        let progress = match &mut self.carried {
            Carried::Http(http) => http.gap(dir, missing, side, tools),
            Carried::Tls(tls) => {
                tls.get_mut(dir).gap(missing, side, tools);
                Progress::Done
            }
            _ => Progress::Done,
        };
        side.skip(side.buffer.len());
        side.at = side.at.saturating_add(missing);
        if progress == Progress::Tunnel {
            self.open();
            self.run(Dir::ToServer, tools);
        }
    }

    /// Ends the reading and gives the patches.
    pub(super) fn end(mut self, tools: &mut Tools<'_>) -> Both<Patches> {
        self.unanswered(tools);
        for dir in [Dir::ToServer, Dir::ToClient] {
            let side = self.sides.get_mut(dir);
            match &mut self.carried {
                Carried::Http(http) => {
                    http.gap(dir, 0, side, tools);
                }
                Carried::Tls(tls) => tls.get_mut(dir).end(&mut side.patches, tools),
                _ => {}
            }
        }
        Both { to_server: self.sides.to_server.patches, to_client: self.sides.to_client.patches }
    }
}
