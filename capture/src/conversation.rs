//! What a connection carries: finds out which protocol it is and feeds that protocol's reader.
//!
//! A SOCKS negotiation or an HTTP CONNECT may come first; what follows in the tunnel is looked at afresh.

use super::dns::TcpStreamReader;
use super::http::{self, Early, HttpReader};
use super::socks::{self, SocksReader};
use super::stream::{At, Dir};
use super::tls::TlsReader;
use super::x509::Store;
use crate::{Seen, Timestamp};

/// Pieces of data looked at before a connection is given up as unknown.
const LOOKS: u8 = 16;

/// The readers of one connection.
#[derive(Debug, Default)]
pub struct Conversation {
    port: u16,
    store: Store,
    looks: u8,
    current: Current,
    /// SOCKS at the begin.
    pub socks: Option<Box<SocksReader>>,
    /// HTTP, possibly up to a tunnel.
    pub http: Option<Box<HttpReader>>,
    /// TLS, directly or in a tunnel.
    pub tls: Option<Box<TlsReader>>,
    /// DNS over TCP.
    pub dns: Option<Box<TcpStreamReader>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Current {
    #[default]
    Undecided,
    Socks,
    Http,
    Tls,
    Dns,
    Other,
}

/// Puts the file's number above the frame's, so that readers need not know of files.
pub fn at_of(seen: Seen) -> At {
    At { frame: u64::from(seen.capture) << 32 | u64::from(seen.frame), time: seen.time.0 }
}

/// Takes both apart again.
pub fn seen_of(at: At) -> Seen {
    Seen {
        time: Timestamp(at.time),
        frame: u32::try_from(at.frame & 0xffff_ffff).unwrap_or(0),
        capture: u16::try_from(at.frame >> 32).unwrap_or(0),
    }
}

impl Conversation {
    /// Starts with nothing known but the server's port.
    pub fn new(port: u16, store: Store) -> Self {
        Self { port, store, ..Self::default() }
    }

    /// Stands for a conversation whose facts were taken: nothing more is read.
    pub fn over() -> Self {
        Self { current: Current::Other, ..Self::default() }
    }

    /// Ends the reading: what was begun is read as far as it came.
    pub fn end(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.end();
        }
    }

    /// Reads the next bytes of one direction.
    pub fn data(&mut self, dir: Dir, seen: Seen, bytes: &[u8]) {
        let at = at_of(seen);
        if self.current == Current::Undecided {
            self.decide(dir, bytes);
        }
        match self.current {
            Current::Tls => {
                if let Some(tls) = &mut self.tls {
                    tls.data(dir, at, bytes);
                }
            }
            Current::Http => self.http_data(dir, seen, bytes),
            Current::Socks => self.socks_data(dir, seen, bytes),
            Current::Dns => {
                if let Some(dns) = &mut self.dns {
                    dns.data(dir, at, bytes);
                }
            }
            Current::Undecided | Current::Other => {}
        }
    }

    /// Passes over bytes that were not captured.
    pub fn gap(&mut self, dir: Dir, seen: Seen, missing: u64) {
        let at = at_of(seen);
        match self.current {
            Current::Tls => {
                if let Some(tls) = &mut self.tls {
                    tls.gap(dir, at, missing);
                }
            }
            Current::Http => {
                if let Some(http) = &mut self.http {
                    http.gap(dir, at, missing);
                }
            }
            Current::Dns => {
                if let Some(dns) = &mut self.dns {
                    dns.gap(dir, at, missing);
                }
            }
            Current::Socks => {
                if let Some(socks) = &mut self.socks {
                    socks.gap(dir, at, missing);
                }
            }
            Current::Undecided | Current::Other => {}
        }
    }

    /// Ends a direction: its sender closed or reset the connection.
    pub fn close(&mut self, dir: Dir, seen: Seen) {
        if let Some(http) = &mut self.http {
            http.on_close(dir, at_of(seen));
        }
    }

    fn http_data(&mut self, dir: Dir, seen: Seen, bytes: &[u8]) {
        let Some(http) = &mut self.http else { return };
        let used = http.data(dir, at_of(seen), bytes);
        if http.tunnel().is_none() {
            return;
        }
        let early = http.take_early();
        self.current = Current::Undecided;
        self.looks = 0;
        for piece in early {
            match piece {
                Early::Data(at, bytes) => self.data(Dir::ToServer, seen_of(at), &bytes),
                Early::Gap(at, missing) => self.gap(Dir::ToServer, seen_of(at), missing),
            }
        }
        self.rest(dir, seen, bytes, used);
    }

    fn socks_data(&mut self, dir: Dir, seen: Seen, bytes: &[u8]) {
        let Some(socks) = &mut self.socks else { return };
        let used = socks.data(dir, at_of(seen), bytes);
        if used < bytes.len() || socks.tunnel().is_some() {
            if socks.tunnel().is_some() {
                self.current = Current::Undecided;
                self.looks = 0;
            }
            self.rest(dir, seen, bytes, used);
        }
    }

    fn rest(&mut self, dir: Dir, seen: Seen, bytes: &[u8], used: usize) {
        if self.current == Current::Undecided
            && let Some(rest) = bytes.get(used..)
            && !rest.is_empty()
        {
            self.data(dir, seen, rest);
        }
    }

    fn decide(&mut self, dir: Dir, bytes: &[u8]) {
        let in_tunnel = self.http.is_some() || self.socks.is_some();
        self.current = if self.port == 53 && !in_tunnel {
            self.dns.get_or_insert_with(|| Box::new(TcpStreamReader::new()));
            Current::Dns
        } else if looks_like_tls(bytes) {
            self.tls.get_or_insert_with(|| Box::new(TlsReader::with_store(self.store.clone())));
            Current::Tls
        } else if self.http.is_none()
            && (dir == Dir::ToServer && http::looks_like_request(bytes)
                || dir == Dir::ToClient && http::looks_like_response(bytes))
        {
            self.http = Some(Box::default());
            Current::Http
        } else if !in_tunnel && dir == Dir::ToServer && socks::looks_like_socks(bytes) {
            self.socks = Some(Box::new(SocksReader::new()));
            Current::Socks
        } else {
            self.looks += 1;
            if self.looks >= LOOKS { Current::Other } else { Current::Undecided }
        };
    }
}

/// Tells whether bytes begin with the head of a TLS record (RFC 8446, 5.1).
pub fn looks_like_tls(bytes: &[u8]) -> bool {
    match bytes {
        [kind, 3, minor, length_high, ..] => (20..=23).contains(kind) && *minor <= 4 && *length_high <= 0x48,
        [22, 3, ..] | [22] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
