//! Reads both directions of an HTTP connection.

use super::body::{BodyReader, Framing};
use super::exchanges::Exchanges;
use super::side::{Head, Side, State};
use super::{Exchange, Request, Response, Unreadable, head};
use crate::source::capture::stream::{At, Both, Dir, count, split_at_most};

/// How much of an ordinary body is kept.
const KEEP: usize = 512;
/// How much is kept of a proxy configuration, a certificate, or a question and answer about one.
const KEEP_SMALL: usize = 64 * 1_024;
/// How much is kept of a revocation list.
const KEEP_LARGE: usize = 4 * 1_024 * 1_024;
/// How much is kept of all bodies of a connection.
const KEEP_ALL: usize = 6 * 1_024 * 1_024;
/// How much is kept of what a client sends before its CONNECT is answered.
const MAX_EARLY: usize = 64 * 1_024;

/// Reads an HTTP/1.x connection.
#[derive(Debug)]
pub struct HttpReader {
    sides: Both<Side>,
    exchanges: Exchanges,
    tunnel: Option<Tunnel>,
    early: Vec<Early>,
    early_bytes: usize,
}

/// The connection is HTTP no more: all further bytes belong to what the tunnel carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// The end of the answer that opened it.
    pub at: At,
    /// The `host:port` that CONNECT named; empty after an upgrade.
    pub target: String,
    /// The number of the exchange that opened it, counted from 0.
    pub exchange: u64,
}

/// What a client sent after CONNECT and before the answer, for the tunnel's reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Early {
    /// Some bytes.
    Data(At, Vec<u8>),
    /// Bytes that were not captured, or were too many.
    Gap(At, u64),
}

impl Default for HttpReader {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpReader {
    /// Starts at the beginning of a connection.
    pub fn new() -> Self {
        Self {
            sides: Both { to_server: Side::new(Dir::ToServer), to_client: Side::new(Dir::ToClient) },
            exchanges: Exchanges::default(),
            tunnel: None,
            early: Vec::new(),
            early_bytes: 0,
        }
    }

    /// Returns the exchanges in order: the first ones and the last when there are very many.
    pub fn exchanges(&self) -> &[Exchange] {
        self.exchanges.kept()
    }

    /// Counts all exchanges, those that are not kept too.
    pub fn total(&self) -> u64 {
        self.exchanges.total()
    }

    /// Returns the tunnel, once there is one.
    pub fn tunnel(&self) -> Option<&Tunnel> {
        self.tunnel.as_ref()
    }

    /// Hands over what the client sent before the tunnel was open, or before the capture ended without an answer.
    pub fn take_early(&mut self) -> Vec<Early> {
        std::mem::take(&mut self.early)
    }

    /// Returns a direction's first bytes when no head was found in it.
    pub fn unreadable(&self, dir: Dir) -> Option<&Unreadable> {
        self.sides.get(dir).unreadable()
    }

    /// Reads the next bytes and returns how many belong to HTTP; the rest belong to the tunnel.
    pub fn data(&mut self, dir: Dir, at: At, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        if self.tunnel.is_none() {
            self.sides.get_mut(dir).open(at, bytes);
        }
        while !rest.is_empty() && self.tunnel.is_none() {
            rest = self.step(dir, at, rest);
        }
        bytes.len().saturating_sub(rest.len())
    }

    /// Passes over bytes that were not captured and returns how many belong to HTTP; the rest belong to the tunnel.
    pub fn gap(&mut self, dir: Dir, at: At, missing: u64) -> u64 {
        if self.tunnel.is_some() || missing == 0 {
            return 0;
        }
        let mut left = missing;
        let side = self.sides.get_mut(dir);
        if side.is_inside_head() {
            let cut = side.flush(true);
            self.begin(dir, cut);
        } else if let State::Body(reader, number) = &mut side.state {
            let body = match dir {
                Dir::ToServer => self.exchanges.request_body(*number),
                Dir::ToClient => self.exchanges.response_body(*number),
            };
            let mut unkept = super::Body::default();
            left = reader.gap(at, missing, body.unwrap_or(&mut unkept));
            self.end_body(dir);
        }
        let side = self.sides.get_mut(dir);
        match &mut side.state {
            State::Head if left > 0 => side.reset(State::Lost(None)),
            State::Held => self.hold(Early::Gap(at, left)),
            State::Lost(number) => {
                let number = *number;
                side.forget();
                self.pass(number, at, 0, left);
            }
            _ => {}
        }
        missing
    }

    /// Ends a direction: its sender closed or reset the connection.
    pub fn on_close(&mut self, dir: Dir, at: At) {
        if self.tunnel.is_some() {
            return;
        }
        let side = self.sides.get_mut(dir);
        if side.is_inside_head() {
            let cut = side.flush(true);
            self.begin(dir, cut);
        }
        if let State::Body(reader, number) = &mut self.sides.get_mut(dir).state {
            let body = match dir {
                Dir::ToServer => self.exchanges.request_body(*number),
                Dir::ToClient => self.exchanges.response_body(*number),
            };
            if let Some(body) = body {
                reader.close(at, body);
            }
            self.sides.get_mut(dir).reset(State::Over);
        }
    }

    fn step<'a>(&mut self, dir: Dir, at: At, bytes: &'a [u8]) -> &'a [u8] {
        let side = self.sides.get_mut(dir);
        match &mut side.state {
            State::Head => {
                let (head, rest) = side.collect(at, bytes);
                self.begin(dir, head);
                rest
            }
            State::Body(reader, number) => {
                let body = match dir {
                    Dir::ToServer => self.exchanges.request_body(*number),
                    Dir::ToClient => self.exchanges.response_body(*number),
                };
                let mut unkept = super::Body::default();
                let rest = reader.data(at, bytes, body.unwrap_or(&mut unkept));
                self.end_body(dir);
                rest
            }
            State::Held => {
                self.hold(Early::Data(at, bytes.to_vec()));
                &[]
            }
            State::Lost(number) => {
                let number = *number;
                let (rest, passed) = side.scan(at, bytes);
                self.pass(number, at, passed, 0);
                rest
            }
            State::Over => &[],
        }
    }

    /// Counts what was passed over as part of an answer's body whose length is not known.
    fn pass(&mut self, number: Option<u64>, at: At, received: u64, missing: u64) {
        if let Some(body) = number.and_then(|number| self.exchanges.response_body(number)) {
            body.received = body.received.saturating_add(received);
            body.missing = body.missing.saturating_add(missing);
            body.first.get_or_insert(at);
            body.last = Some(at);
        }
    }

    fn end_body(&mut self, dir: Dir) {
        let side = self.sides.get_mut(dir);
        if let State::Body(reader, number) = &side.state
            && reader.is_over()
        {
            let next = match (reader.is_broken(), dir) {
                (false, _) => State::Head,
                (true, Dir::ToClient) => State::Lost(Some(*number)),
                (true, Dir::ToServer) => State::Lost(None),
            };
            side.reset(next);
        }
    }

    fn begin(&mut self, dir: Dir, head: Option<Head>) {
        let Some(head) = head else { return };
        match dir {
            Dir::ToServer => self.begin_request(&head),
            Dir::ToClient => self.begin_response(&head),
        }
    }

    fn begin_request(&mut self, head: &Head) {
        let side = &mut self.sides.to_server;
        let Some(mut request) = head::request(&head.bytes, head.cut) else {
            side.reset(State::Lost(None));
            return;
        };
        if self.exchanges.is_full() {
            side.reset(State::Over);
            return;
        }
        request.head = head.span;
        let framing = match (request.cut, request.body.framing, request.content_length) {
            (_, _, Some(_)) | (_, Framing::Chunked, _) if request.method == "CONNECT" => Framing::None,
            (true, _, _) => Framing::Unknown,
            (_, Framing::Chunked, _) => Framing::Chunked,
            (_, _, Some(length)) => Framing::Length(length),
            _ => Framing::None,
        };
        let keep = keep(request.content_type.as_deref(), request.path()).min(KEEP_SMALL).min(self.budget());
        let reader = BodyReader::new(framing, keep, &mut request.body);
        let is_connect = request.method == "CONNECT";
        let number = self.exchanges.ask(request);
        let side = &mut self.sides.to_server;
        side.reset(match (is_connect, reader.is_over(), reader.is_broken()) {
            (true, _, _) => State::Held,
            (_, _, true) => State::Lost(None),
            (_, true, _) => State::Head,
            _ => State::Body(reader, number),
        });
    }

    fn begin_response(&mut self, head: &Head) {
        let Some(mut response) = head::response(&head.bytes, head.cut) else {
            self.sides.to_client.reset(State::Lost(None));
            return;
        };
        response.head = head.span;
        if !self.exchanges.is_waiting() && self.sides.to_server.is_inside_head() {
            let cut = self.sides.to_server.flush(true);
            self.begin(Dir::ToServer, cut);
        }
        let waiting = self.exchanges.waiting();
        let is_connect = waiting.is_some_and(|request| request.method == "CONNECT");
        let is_tunnel = response.status == 101 || is_connect && matches!(response.status, 200..=299);
        if matches!(response.status, 100..=199) && !is_tunnel {
            self.exchanges.interim();
            return;
        }
        let is_head = waiting.is_some_and(|request| request.method == "HEAD");
        let framing = framing(&response, is_head || is_tunnel);
        let keep = keep_of_answer(waiting, &response).min(self.budget());
        let target = waiting.filter(|_| is_connect).map(|request| request.target.clone()).unwrap_or_default();
        let reader = BodyReader::new(framing, keep, &mut response.body);
        let number = self.exchanges.answer(response);
        self.sides.to_client.reset(match (reader.is_over(), reader.is_broken()) {
            (_, true) => State::Lost(Some(number)),
            (true, _) if head.cut => State::Lost(None),
            (true, _) => State::Head,
            _ => State::Body(reader, number),
        });
        if is_tunnel {
            self.tunnel = Some(Tunnel { at: head.span.last, target, exchange: number });
        } else if is_connect {
            self.release();
        }
    }

    /// Returns how much of bodies may still be kept.
    fn budget(&self) -> usize {
        let bodies = self.exchanges.kept().iter().flat_map(|exchange| {
            let asked = exchange.request.as_ref().map(|request| &request.body);
            asked.into_iter().chain(exchange.response.as_ref().map(|response| &response.body))
        });
        bodies.fold(KEEP_ALL, |left, body| left.saturating_sub(body.start.len()))
    }

    /// Keeps what may belong to the tunnel.
    fn hold(&mut self, early: Early) {
        let room = MAX_EARLY.saturating_sub(self.early_bytes);
        match early {
            Early::Data(at, bytes) => {
                let (kept, over) = split_at_most(&bytes, count(room));
                self.early_bytes = self.early_bytes.saturating_add(kept.len());
                if let Some(Early::Data(last, held)) = self.early.last_mut()
                    && *last == at
                {
                    held.extend_from_slice(kept);
                } else if !kept.is_empty() {
                    self.early.push(Early::Data(at, kept.to_vec()));
                }
                if !over.is_empty() {
                    self.hold(Early::Gap(at, count(over.len())));
                }
            }
            Early::Gap(at, missing) => match self.early.last_mut() {
                Some(Early::Gap(_, held)) => *held = held.saturating_add(missing),
                _ => self.early.push(Early::Gap(at, missing)),
            },
        }
    }

    /// Reads what was held as requests: the proxy refused to open a tunnel.
    fn release(&mut self) {
        self.sides.to_server.reset(State::Head);
        self.early_bytes = 0;
        for early in self.take_early() {
            match early {
                Early::Data(at, bytes) => _ = self.data(Dir::ToServer, at, &bytes),
                Early::Gap(at, missing) => _ = self.gap(Dir::ToServer, at, missing),
            }
        }
    }
}

/// Tells how the end of an answer's body is known.
fn framing(response: &Response, is_bodyless: bool) -> Framing {
    match (response.status, response.content_length) {
        _ if is_bodyless => Framing::None,
        (204 | 304, _) => Framing::None,
        _ if response.cut => Framing::Unknown,
        _ if response.chunked => Framing::Chunked,
        (_, Some(length)) => Framing::Length(length),
        _ => Framing::UntilClose,
    }
}

fn keep_of_answer(request: Option<&Request>, response: &Response) -> usize {
    let path = request.map_or("", Request::path);
    let asked = request.map_or(0, |request| keep(request.content_type.as_deref(), path));
    asked.max(keep(response.content_type.as_deref(), path))
}

/// Decides how much of a body to keep, from its type and path.
fn keep(content_type: Option<&str>, path: &str) -> usize {
    let kind = content_type.map(|kind| kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase());
    let path = path.to_ascii_lowercase();
    let is = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    match kind.as_deref() {
        Some("application/pkix-crl" | "application/x-pkcs7-crl") => KEEP_LARGE,
        _ if is(&[".crl"]) => KEEP_LARGE,
        Some(
            "application/ocsp-response"
            | "application/ocsp-request"
            | "application/x-ns-proxy-autoconfig"
            | "application/pkix-cert"
            | "application/x-x509-ca-cert",
        ) => KEEP_SMALL,
        _ if is(&[".dat", ".pac", ".crt", ".cer", ".der", ".p7c"]) => KEEP_SMALL,
        _ if ["/mf", "/me", "%2fmf", "ocsp"].iter().any(|part| path.contains(part)) => KEEP_SMALL,
        _ => KEEP,
    }
}
