//! Reads both directions of a TLS connection.

use super::assembly::{self, Assembly, Whole};
use super::record::{self, Piece, Place};
use super::{Alert, Handshake, Message, NotTls, RecordSize, Said, Seen, Staple, TLS13, chain, hello};
use crate::ocsp;
use crate::stream::{At, Both, Dir, Span, count, split_at_most};
use crate::x509::Store;

/// The most messages and alerts that are listed.
const MAX_MESSAGES: usize = 48;
const MAX_ALERTS: usize = 16;
/// How many records are kept by length, of the first ones and of the last.
const MAX_SIZED: usize = 4;
/// How much of a stream's opening is kept.
const OPENING: usize = 64;

/// Reads a TLS connection from its first byte, or from anywhere.
#[derive(Debug, Default)]
pub struct TlsReader {
    facts: Handshake,
    lanes: Both<Lane>,
    store: Store,
}

/// How far one direction was read.
#[derive(Debug, Default)]
struct Lane {
    place: Place,
    assembly: Assembly,
    /// The first bytes, until it is known that they are TLS.
    opening: Option<NotTls>,
    is_tls: bool,
    /// The alert that is being read: its length, and its bytes so far.
    alert: (u16, [u8; 2], usize),
}

impl TlsReader {
    /// Starts at the beginning of a connection.
    #[cfg(test)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts at the beginning of a connection; certificates that other connections carried are not read again.
    pub fn with_store(store: Store) -> Self {
        Self { store, ..Self::default() }
    }

    /// Returns what is known so far.
    pub fn facts(&self) -> &Handshake {
        &self.facts
    }

    /// Reads the next bytes of a direction.
    pub fn data(&mut self, dir: Dir, at: At, bytes: &[u8]) {
        self.open(dir, at, bytes);
        let mut rest = bytes;
        loop {
            match self.lanes.get_mut(dir).place.next(&mut rest) {
                Piece::Begin(kind, length) => self.begin(dir, at, kind, length),
                Piece::Body(kind, piece, ends) => {
                    self.count(dir, at, kind, count(piece.len()));
                    self.body(dir, at, kind, piece, ends);
                }
                Piece::Nonsense => self.lose(dir),
                Piece::Nothing => break,
            }
        }
        self.note_unfinished(dir);
    }

    /// Passes over bytes that were not captured.
    pub fn gap(&mut self, dir: Dir, at: At, missing: u64) {
        if missing == 0 {
            return;
        }
        let lane = self.lanes.get_mut(dir);
        let (kind, inside) = lane.place.gap(missing);
        let side = self.facts.sides.get_mut(dir);
        side.missing = side.missing.saturating_add(missing);
        let is_lost = matches!(lane.place, Place::Lost(..));
        side.lost |= is_lost;
        if let Some(kind) = kind {
            self.count(dir, at, kind, inside);
            if kind == record::HANDSHAKE && !self.is_encrypted(dir) {
                let whole = self.lanes.get_mut(dir).assembly.gap(at, inside);
                self.message(dir, whole);
            } else if kind == record::ALERT && matches!(self.lanes.get(dir).place, Place::Header(..)) {
                self.alert(dir, at, None);
            }
        }
        if is_lost {
            let whole = self.lanes.get_mut(dir).assembly.lose();
            self.message(dir, whole);
        }
        self.note_unfinished(dir);
    }

    /// Ends the connection: reads what came of messages that did not end.
    pub fn end(&mut self) {
        for dir in [Dir::ToServer, Dir::ToClient] {
            let whole = self.lanes.get_mut(dir).assembly.end();
            self.message(dir, whole);
        }
    }

    /// Keeps the first bytes until the first header is read.
    fn open(&mut self, dir: Dir, at: At, bytes: &[u8]) {
        let lane = self.lanes.get_mut(dir);
        let begins = matches!(lane.place, Place::Header(_, 0)) && record::begins(bytes);
        if lane.is_tls || begins && !self.facts.sides.get(dir).lost {
            return;
        }
        let opening = lane.opening.get_or_insert_with(|| NotTls { at, bytes: Vec::new() });
        let wanted = OPENING.saturating_sub(opening.bytes.len());
        opening.bytes.extend_from_slice(split_at_most(bytes, count(wanted)).0);
        let side = self.facts.sides.get_mut(dir);
        if side.not_tls.is_some() {
            side.not_tls.clone_from(&lane.opening);
        }
    }

    fn lose(&mut self, dir: Dir) {
        let lane = self.lanes.get_mut(dir);
        let side = self.facts.sides.get_mut(dir);
        side.lost = true;
        if !lane.is_tls && side.missing == 0 {
            side.not_tls.clone_from(&lane.opening);
        }
    }

    fn begin(&mut self, dir: Dir, at: At, kind: u8, length: u16) {
        let is13 = self.is13();
        let lane = self.lanes.get_mut(dir);
        let side = self.facts.sides.get_mut(dir);
        if !side.lost {
            lane.is_tls = true;
            lane.opening = None;
        }
        side.records = side.records.saturating_add(1);
        if side.records > 1 {
            // It is TLS after all, and the capture began late.
            side.not_tls = None;
            lane.is_tls = true;
        }
        let seen = match kind {
            record::CHANGE_CIPHER_SPEC => &mut side.change_cipher_spec,
            record::ALERT => &mut side.alert,
            record::HANDSHAKE => &mut side.handshake,
            record::APPLICATION_DATA => &mut side.application_data,
            _ => return,
        };
        let seen = seen.get_or_insert(Seen { span: Span::at(at), ..Seen::default() });
        seen.span.extend(at);
        seen.count = seen.count.saturating_add(1);
        match kind {
            record::HANDSHAKE => {
                lane.assembly.begin_record();
                if !is13 && side.change_cipher_spec.is_some() {
                    side.finished.get_or_insert(at);
                }
            }
            record::ALERT => lane.alert = (length, [0; 2], 0),
            record::APPLICATION_DATA => {
                let sized = RecordSize { at, length };
                if side.first.len() < MAX_SIZED {
                    side.first.push(sized);
                }
                if side.last.len() >= MAX_SIZED {
                    side.last.pop_front();
                }
                side.last.push_back(sized);
            }
            _ => {}
        }
    }

    /// Counts bytes of a record, captured or not.
    fn count(&mut self, dir: Dir, at: At, kind: u8, bytes: u64) {
        let is_flight = kind == record::APPLICATION_DATA
            && dir == Dir::ToClient
            && self.facts.version() == Some(TLS13)
            && self.facts.sides.to_server.first.is_empty();
        if is_flight {
            self.facts.encrypted_flight = self.facts.encrypted_flight.saturating_add(bytes);
        }
        let side = self.facts.sides.get_mut(dir);
        let seen = match kind {
            record::CHANGE_CIPHER_SPEC => &mut side.change_cipher_spec,
            record::ALERT => &mut side.alert,
            record::HANDSHAKE => &mut side.handshake,
            record::APPLICATION_DATA => &mut side.application_data,
            _ => return,
        };
        if let Some(seen) = seen {
            seen.bytes = seen.bytes.saturating_add(bytes);
            seen.span.extend(at);
        }
    }

    fn body(&mut self, dir: Dir, at: At, kind: u8, bytes: &[u8], ends: bool) {
        match kind {
            record::HANDSHAKE if !self.is_encrypted(dir) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (whole, after) = self.lanes.get_mut(dir).assembly.data(at, rest);
                    rest = after;
                    self.message(dir, whole);
                }
            }
            record::ALERT => {
                let (length, said, have) = &mut self.lanes.get_mut(dir).alert;
                for byte in bytes {
                    if let Some(slot) = said.get_mut(*have) {
                        *slot = *byte;
                        *have = have.saturating_add(1);
                    }
                }
                if ends {
                    let [level, description] = *said;
                    let said = (*length == 2 && *have == 2).then_some(Said { level, description });
                    self.alert(dir, at, said);
                }
            }
            _ => {}
        }
    }

    fn alert(&mut self, dir: Dir, at: At, said: Option<Said>) {
        if self.facts.alerts.len() < MAX_ALERTS {
            self.facts.alerts.push(Alert { dir, at, said });
        }
    }

    fn message(&mut self, dir: Dir, whole: Option<Whole<'_>>) {
        let Some(Whole { kind, length, span, body, cut }) = whole else { return };
        if self.facts.messages.len() < MAX_MESSAGES {
            self.facts.messages.push(Message { dir, kind, length, span, cut });
        }
        match (kind, dir) {
            (assembly::CLIENT_HELLO, Dir::ToServer) if self.facts.client_hello.is_none() => {
                let mut hello = hello::client(&body);
                hello.cut |= cut;
                self.facts.client_hello = Some(hello::ClientHello { span, length, ..hello });
            }
            (assembly::SERVER_HELLO, Dir::ToClient) => self.server_hello(&body, span, cut),
            (assembly::CERTIFICATE, Dir::ToClient) if self.facts.chain.is_none() => {
                self.facts.chain = Some(chain::read(&body, span, cut, &self.store));
            }
            (assembly::CERTIFICATE_REQUEST, Dir::ToClient) => self.facts.certificate_requested = true,
            (assembly::CERTIFICATE_STATUS, Dir::ToClient) if self.facts.staple.is_none() => {
                let answer = body.get(4..).unwrap_or_default();
                self.facts.staple = Some(Staple { span, response: ocsp::Response::parse(answer) });
            }
            _ => {}
        }
    }

    fn server_hello(&mut self, body: &[u8], span: Span, cut: bool) {
        let Some(mut hello) = hello::server(body) else { return };
        hello.span = span;
        hello.cut |= cut;
        if hello.is_retry {
            self.facts.retry.get_or_insert(span.last);
        } else if self.facts.server_hello.is_none() {
            if hello.version == TLS13 {
                let client = &mut self.facts.sides.to_server;
                self.facts.early_data = !client.first.is_empty();
                client.first.clear();
            }
            self.facts.server_hello = Some(hello);
        }
    }

    /// Says whether handshake records of a direction are encrypted: under TLS 1.3, those never are.
    fn is_encrypted(&self, dir: Dir) -> bool {
        self.facts.sides.get(dir).change_cipher_spec.is_some() && !self.is13()
    }

    fn is13(&self) -> bool {
        self.facts.retry.is_some() || self.facts.version() == Some(TLS13)
    }

    fn note_unfinished(&mut self, dir: Dir) {
        let unfinished = match self.lanes.get(dir).place {
            Place::Body(kind, left) => Some((kind, left)),
            _ => None,
        };
        self.facts.sides.get_mut(dir).unfinished = unfinished;
    }
}
