//! Collects heads from one direction of a connection, and finds the next one after bytes were lost.

use super::body::BodyReader;
use super::{METHODS, Unreadable};
use crate::stream::{At, Dir, Span, count, split_at_most};

/// The longest head that is read whole.
const MAX_HEAD: usize = 65_536;
/// Room that is taken for a head when it begins.
const HEAD: usize = 512;
/// How many bytes tell whether a head may begin here.
const PROBE: usize = 16;
/// How much of a stream's opening is kept.
const OPENING: usize = 64;

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Side {
    dir: Dir,
    pub(super) state: State,
    /// The head so far, or, where the place is lost, the last bytes before the next ones.
    buffer: Vec<u8>,
    /// Where the line begins that is being read.
    line: usize,
    span: Option<Span>,
    /// Nothing was missing yet and no head was found: the stream's first bytes.
    opening: Option<Unreadable>,
    is_readable: bool,
}

/// What a direction is doing.
#[derive(Debug)]
pub(super) enum State {
    /// Reading a head.
    Head,
    /// Reading the body of an exchange.
    Body(BodyReader, u64),
    /// Waiting for the answer to CONNECT.
    Held,
    /// Looking for the next head; what is passed over may belong to the exchange's body.
    Lost(Option<u64>),
    /// Not read any more.
    Over,
}

/// A head, whole or cut.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) span: Span,
    pub(super) cut: bool,
}

impl Side {
    /// Starts at the beginning of a direction.
    pub(super) fn new(dir: Dir) -> Self {
        let state = State::Head;
        Self { dir, state, buffer: Vec::new(), line: 0, span: None, opening: None, is_readable: false }
    }

    /// Returns the first bytes when no head was found.
    pub(super) fn unreadable(&self) -> Option<&Unreadable> {
        self.opening.as_ref().filter(|_| !self.is_readable && !matches!(self.state, State::Head))
    }

    /// Says whether part of a head was read.
    pub(super) fn is_inside_head(&self) -> bool {
        matches!(self.state, State::Head) && !self.buffer.is_empty()
    }

    /// Keeps the first bytes of the direction.
    pub(super) fn open(&mut self, at: At, bytes: &[u8]) {
        if self.is_readable {
            return;
        }
        let opening = self.opening.get_or_insert_with(|| Unreadable { at, bytes: Vec::new() });
        let wanted = OPENING.saturating_sub(opening.bytes.len());
        opening.bytes.extend_from_slice(split_at_most(bytes, count(wanted)).0);
    }

    /// Reads a head, and returns it when it ends, with the bytes that follow it.
    pub(super) fn collect<'a>(&mut self, at: At, bytes: &'a [u8]) -> (Option<Head>, &'a [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.buffer.is_empty() && matches!(rest.first(), Some(b'\r' | b'\n')) {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            // The first bytes are tried one by one, so that a failure does not depend on how the bytes are split.
            let wanted = match self.buffer.len() {
                0 => {
                    // Room for most heads at once.
                    self.buffer.reserve(rest.len().min(HEAD));
                    1
                }
                1..PROBE => 1,
                length => {
                    let newline = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                    newline.saturating_add(1).min(MAX_HEAD.saturating_sub(length))
                }
            };
            let (taken, after) = split_at_most(rest, count(wanted));
            self.buffer.extend_from_slice(taken);
            self.span.get_or_insert(Span::at(at)).extend(at);
            rest = after;
            if !self.may_be_head() {
                return (None, self.lose(rest));
            }
            if self.buffer.last() == Some(&b'\n') {
                let line = self.buffer.get(self.line..).unwrap_or_default();
                let is_blank = line == b"\r\n" || line == b"\n";
                if self.line == 0 && !is_start_line(self.dir, line) {
                    self.reset(State::Lost(None));
                    return (None, rest);
                }
                self.line = self.buffer.len();
                if is_blank {
                    return (self.flush(false), rest);
                }
            }
            if self.buffer.len() >= MAX_HEAD {
                return (self.flush(true), rest);
            }
        }
        (None, rest)
    }

    /// Hands over the head so far.
    pub(super) fn flush(&mut self, cut: bool) -> Option<Head> {
        let bytes = std::mem::take(&mut self.buffer);
        let span = self.span.take()?;
        self.reset(if cut { State::Lost(None) } else { State::Head });
        self.is_readable = true;
        Some(Head { bytes, span, cut })
    }

    /// Forgets what was collected and goes on in another state.
    pub(super) fn reset(&mut self, state: State) {
        self.buffer.clear();
        self.line = 0;
        self.span = None;
        self.state = state;
    }

    /// Looks for the start of a head, and returns the bytes after it and how long it is.
    pub(super) fn scan<'a>(&mut self, at: At, bytes: &'a [u8]) -> (&'a [u8], u64) {
        let last = if self.dir == Dir::ToServer { b' ' } else { b'.' };
        let mut from = 0;
        while let Some(place) = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == last))
        {
            let end = from.saturating_add(place).saturating_add(1);
            let (before, after) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            if let Some(start) = self.head_start(before) {
                let length = count(start.len());
                self.reset(State::Head);
                self.buffer = start;
                self.span = Some(Span::at(at));
                return (after, length);
            }
            from = end;
        }
        self.remember(bytes);
        (&[], 0)
    }

    /// Forgets the bytes before a gap.
    pub(super) fn forget(&mut self) {
        self.buffer.clear();
    }

    /// Returns the start of a head when the bytes end with one.
    fn head_start(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let near = bytes.get(bytes.len().saturating_sub(PROBE)..)?;
        let joined: Vec<u8>;
        let window = if near.len() < PROBE {
            joined = [&self.buffer, near].concat();
            &joined
        } else {
            near
        };
        if self.dir == Dir::ToClient {
            return window.ends_with(b"HTTP/1.").then(|| b"HTTP/1.".to_vec());
        }
        METHODS.iter().find_map(|method| {
            let before = window.strip_suffix(*method)?;
            let is_word = before.last().is_some_and(u8::is_ascii_alphanumeric);
            (!is_word).then(|| method.to_vec())
        })
    }

    /// Keeps the last bytes: a head's start may be cut in two.
    fn remember(&mut self, bytes: &[u8]) {
        let near = bytes.get(bytes.len().saturating_sub(PROBE)..).unwrap_or_default();
        self.buffer.extend_from_slice(near);
        let old = self.buffer.len().saturating_sub(PROBE);
        self.buffer.drain(..old);
    }

    /// Goes on looking for a head right after the byte where there was none.
    fn lose<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let tried = std::mem::take(&mut self.buffer);
        self.reset(State::Lost(None));
        self.remember(&tried);
        rest
    }

    /// Says whether the bytes so far can be the start of a head.
    fn may_be_head(&self) -> bool {
        let probe = self.buffer.get(..PROBE).unwrap_or(&self.buffer);
        if self.dir == Dir::ToClient {
            return probe.iter().zip(b"HTTP/1.").all(|(one, other)| one == other);
        }
        match probe.iter().position(|byte| *byte == b' ') {
            Some(0) => false,
            Some(end) => probe.get(..end).is_some_and(is_method),
            None => is_method(probe) && probe.len() < PROBE,
        }
    }
}

fn is_method(word: &[u8]) -> bool {
    word.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
}

fn is_start_line(dir: Dir, line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    match dir {
        Dir::ToServer => line.windows(8).any(|window| window == b" HTTP/1."),
        Dir::ToClient => {
            line.get(8) == Some(&b' ')
                && line.get(9..12).is_some_and(|status| status.iter().all(u8::is_ascii_digit))
        }
    }
}
