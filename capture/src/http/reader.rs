//! Reads both directions of an HTTP connection.

use super::body::BodyReader;
use super::exchanges::Exchanges;
use super::hold::{Early, Hold};
use super::keep::{framing_of_answer, framing_of_request, keep_of_answer, keep_of_request};
use super::side::{Head, Side, State};
use super::{Body, Exchange, Unreadable, head};
use crate::stream::{At, Both, Dir, count};

/// How much is kept of all bodies of a connection.
const KEEP_ALL: usize = 6 * 1_024 * 1_024;
/// Reads an HTTP/1.x connection.
#[derive(Debug)]
pub struct HttpReader {
    sides: Both<Side>,
    exchanges: Exchanges,
    tunnel: Option<Tunnel>,
    hold: Hold,
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
            hold: Hold::default(),
        }
    }

    /// Returns the exchanges in order: the first ones and the last when there are very many.
    pub fn exchanges(&self) -> &[Exchange] {
        self.exchanges.kept()
    }

    /// Returns the tunnel, once there is one.
    pub fn tunnel(&self) -> Option<&Tunnel> {
        self.tunnel.as_ref()
    }

    /// Hands over what the client sent before the tunnel was open, or before the capture ended without an answer.
    pub fn take_early(&mut self) -> Vec<Early> {
        self.hold.take()
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
            let mut unkept = Body::default();
            left = reader.gap(at, missing, body.unwrap_or(&mut unkept));
            self.end_body(dir);
        }
        let side = self.sides.get_mut(dir);
        match &mut side.state {
            State::Head if left > 0 => side.reset(State::Lost(None)),
            State::Held => self.hold.push(Early::Gap(at, left)),
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
                let mut unkept = Body::default();
                let rest = reader.data(at, bytes, body.unwrap_or(&mut unkept));
                self.end_body(dir);
                rest
            }
            State::Held => {
                self.hold.push(Early::Data(at, bytes.to_vec()));
                &[]
            }
            State::Lost(number) => {
                let number = *number;
                let (rest, head) = side.scan(at, bytes);
                self.pass(number, at, count(bytes.len().saturating_sub(rest.len())), 0);
                self.unpass(number, head);
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

    /// Takes back what turned out to be the start of the next head.
    fn unpass(&mut self, number: Option<u64>, head: u64) {
        if let Some(body) = number.and_then(|number| self.exchanges.response_body(number)) {
            body.received = body.received.saturating_sub(head);
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
        let keep = keep_of_request(&request).min(self.budget());
        let reader = BodyReader::new(framing_of_request(&request), keep, &mut request.body);
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
        let framing = framing_of_answer(&response, is_head || is_tunnel);
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

    /// Reads what was held as requests: the proxy refused to open a tunnel.
    fn release(&mut self) {
        self.sides.to_server.reset(State::Head);
        for early in self.take_early() {
            match early {
                Early::Data(at, bytes) => _ = self.data(Dir::ToServer, at, &bytes),
                Early::Gap(at, missing) => _ = self.gap(Dir::ToServer, at, missing),
            }
        }
    }
}
