//! Counts bodies, and keeps the start of them.

use crate::stream::{At, count, split_at_most};

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    #[default]
    None,
    /// Its length was announced.
    Length(u64),
    /// It comes in chunks, each after its length.
    Chunked,
    /// It ends where the connection is closed.
    UntilClose,
    /// The head that would tell was not captured whole.
    Unknown,
}

/// How far a body came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Everything came, or there was nothing to come.
    #[default]
    Complete,
    /// More is to come; so it stays when the capture stops first.
    Open,
    /// The connection was closed before the end.
    Closed(At),
    /// Its end cannot be told: bytes that would tell were not captured, or they make no sense.
    Unknown,
}

/// What is known of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// How its end is known.
    pub framing: Framing,
    /// How far it came.
    pub end: End,
    /// The bytes of it that were captured, without the lengths of chunks.
    pub received: u64,
    /// The bytes of it that were sent but not captured.
    pub missing: u64,
    /// The first and the last segment that carried it.
    pub first: Option<At>,
    /// The last segment that carried it.
    pub last: Option<At>,
    /// Its start, as much as was asked for; for small bodies of interest all of it.
    pub start: Vec<u8>,
    /// `start` holds the whole body.
    pub whole: bool,
}

/// Reads one body.
#[derive(Debug)]
pub(super) struct BodyReader {
    state: State,
    /// How many bytes of the start may still be kept.
    keep: usize,
}

#[derive(Debug)]
enum State {
    /// So many bytes are still to come, of the body or of a chunk.
    Data {
        left: u64,
        chunk: bool,
    },
    /// Reading a chunk's length, so far this much of it.
    Size {
        value: u64,
        digits: u8,
        rest: bool,
    },
    /// Reading the line end after a chunk, or the trailer lines, `bytes` so far in this line.
    ChunkEnd,
    Trailer {
        bytes: u64,
    },
    UntilClose,
    Done,
    Broken,
}

impl BodyReader {
    /// Starts to read a body, and to keep its first bytes.
    pub(super) fn new(framing: Framing, keep: usize, body: &mut Body) -> Self {
        let state = match framing {
            Framing::None | Framing::Length(0) => State::Done,
            Framing::Length(left) => State::Data { left, chunk: false },
            Framing::Chunked => State::Size { value: 0, digits: 0, rest: false },
            Framing::UntilClose => State::UntilClose,
            Framing::Unknown => State::Broken,
        };
        body.framing = framing;
        body.end = match state {
            State::Done => End::Complete,
            State::Broken => End::Unknown,
            _ => End::Open,
        };
        body.whole = body.end == End::Complete;
        Self { state, keep }
    }

    /// Says whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Broken)
    }

    /// Says whether the place of the next message is lost.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.state, State::Broken)
    }

    /// Reads bytes and returns those that follow the body.
    pub(super) fn data<'a>(&mut self, at: At, bytes: &'a [u8], body: &mut Body) -> &'a [u8] {
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_over() {
            rest = match self.state {
                State::Data { left, chunk } => {
                    let (taken, after) = split_at_most(rest, left);
                    self.take(at, taken, body);
                    self.advance(left.saturating_sub(count(taken.len())), chunk);
                    after
                }
                State::UntilClose => {
                    self.take(at, rest, body);
                    &[]
                }
                _ => match rest.split_first() {
                    Some((byte, after)) => {
                        self.control(*byte);
                        after
                    }
                    None => rest,
                },
            };
        }
        self.settle(body);
        rest
    }

    /// Passes over bytes that were not captured, and returns how many of them follow the body.
    pub(super) fn gap(&mut self, at: At, missing: u64, body: &mut Body) -> u64 {
        self.keep = 0;
        let passed = match self.state {
            State::Data { left, chunk: false } => {
                let passed = left.min(missing);
                self.advance(left.saturating_sub(passed), false);
                passed
            }
            State::Data { left, chunk: true } if missing <= left => {
                self.advance(left.saturating_sub(missing), true);
                missing
            }
            State::UntilClose => missing,
            State::Done => 0,
            _ => {
                self.state = State::Broken;
                missing
            }
        };
        if passed > 0 {
            body.missing = body.missing.saturating_add(passed);
            body.first.get_or_insert(at);
            body.last = Some(at);
        }
        self.settle(body);
        missing.saturating_sub(passed)
    }

    /// Ends the body because the connection was closed.
    pub(super) fn close(&mut self, at: At, body: &mut Body) {
        match self.state {
            State::UntilClose => {
                self.state = State::Done;
                self.settle(body);
            }
            State::Done | State::Broken => {}
            _ => body.end = End::Closed(at),
        }
    }

    fn take(&mut self, at: At, bytes: &[u8], body: &mut Body) {
        body.received = body.received.saturating_add(count(bytes.len()));
        body.first.get_or_insert(at);
        body.last = Some(at);
        if self.keep > 0 {
            let (kept, _) = split_at_most(bytes, count(self.keep));
            body.start.extend_from_slice(kept);
            self.keep = self.keep.saturating_sub(kept.len());
        }
    }

    fn advance(&mut self, left: u64, chunk: bool) {
        self.state = match (left, chunk) {
            (0, true) => State::ChunkEnd,
            (0, false) => State::Done,
            _ => State::Data { left, chunk },
        };
    }

    /// Reads one byte of what surrounds chunks.
    fn control(&mut self, byte: u8) {
        self.state = match (&self.state, byte) {
            (State::Size { value, digits, .. }, b'\n') if *digits > 0 => match value {
                0 => State::Trailer { bytes: 0 },
                left => State::Data { left: *left, chunk: true },
            },
            (State::Size { value, digits, rest: false }, _) if *digits < 16 && byte.is_ascii_hexdigit() => {
                let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
                State::Size { value: value << 4 | digit, digits: digits.saturating_add(1), rest: false }
            }
            (State::Size { value, digits, rest }, b'\r' | b';' | b' ' | b'\t') if *digits > 0 || *rest => {
                State::Size { value: *value, digits: *digits, rest: true }
            }
            (State::Size { value, digits, rest: true }, 0x20..) => {
                State::Size { value: *value, digits: *digits, rest: true }
            }
            (State::ChunkEnd, b'\r') => State::ChunkEnd,
            (State::ChunkEnd, b'\n') => State::Size { value: 0, digits: 0, rest: false },
            (State::Trailer { bytes: 0 }, b'\n') => State::Done,
            (State::Trailer { .. }, b'\n') => State::Trailer { bytes: 0 },
            (State::Trailer { bytes }, b'\r') => State::Trailer { bytes: *bytes },
            (State::Trailer { bytes }, _) if *bytes < 65_536 => State::Trailer { bytes: bytes + 1 },
            _ => State::Broken,
        };
    }

    fn settle(&self, body: &mut Body) {
        body.end = match self.state {
            State::Done => End::Complete,
            State::Broken => End::Unknown,
            _ => End::Open,
        };
        body.whole =
            body.end == End::Complete && body.received == count(body.start.len()) && body.missing == 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: Framing, bytes: &[u8]) -> (Body, usize) {
        let mut body = Body::default();
        let mut reader = BodyReader::new(framing, 512, &mut body);
        let rest = reader.data(At::default(), bytes, &mut body).len();
        (body, rest)
    }

    #[test]
    fn unpacks_chunks() {
        let (body, rest) = read(Framing::Chunked, b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\nA: b\r\n\r\nHTTP");
        assert_eq!((body.start.as_slice(), body.end, rest), (&b"Wikipedia"[..], End::Complete, 4));
        assert!(body.whole);
    }

    #[test]
    fn refuses_lengths_that_are_none() {
        for bytes in [&b"zz\r\n"[..], b"\r\n\r\n", b"11111111111111111\r\n", b"1\r\nab"] {
            assert_eq!(read(Framing::Chunked, bytes).0.end, End::Unknown, "{bytes:?}");
        }
    }

    #[test]
    fn counts_gaps_of_known_length() {
        let mut body = Body::default();
        let mut reader = BodyReader::new(Framing::Length(10), 512, &mut body);
        reader.data(At::default(), b"abc", &mut body);
        assert_eq!(reader.gap(At::default(), 9, &mut body), 2);
        assert_eq!((body.received, body.missing, body.end, body.whole), (3, 7, End::Complete, false));
    }

    #[test]
    fn tells_an_early_close_from_an_end() {
        let mut body = Body::default();
        let mut reader = BodyReader::new(Framing::Length(10), 512, &mut body);
        reader.data(At::default(), b"abc", &mut body);
        reader.close(At { frame: 9, time: 0 }, &mut body);
        assert_eq!(body.end, End::Closed(At { frame: 9, time: 0 }));
        let mut reader = BodyReader::new(Framing::UntilClose, 512, &mut body);
        reader.close(At::default(), &mut body);
        assert_eq!(body.end, End::Complete);
    }
}
