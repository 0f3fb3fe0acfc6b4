//! Reads messages sent over TCP, each after its length of two bytes.

use super::{Malformed, Message, parse};
use crate::stream::{At, Both, Dir, Span, count, split_at_most};
use std::collections::VecDeque;

/// The most messages kept for the caller; older ones are dropped when it does not fetch them.
const MAX_WAITING: usize = 256;

/// Cuts both directions of a TCP connection into messages.
#[derive(Debug, Default)]
pub struct TcpStreamReader {
    sides: Both<Side>,
    ready: VecDeque<TcpMessage>,
}

/// One message and where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpMessage {
    /// Which way it went.
    pub dir: Dir,
    /// The segments that carried it.
    pub span: Span,
    /// What it says.
    pub message: Result<Message, Malformed>,
}

#[derive(Debug, Default)]
struct Side {
    /// The message so far, its length in front.
    buffer: Vec<u8>,
    begun: Option<Span>,
    /// Bytes of the current message that are not captured, or that follow such bytes.
    missing: u64,
    /// Where the next message begins is not known.
    lost: bool,
}

impl TcpStreamReader {
    /// Starts at the beginning of a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes of a direction.
    pub fn data(&mut self, dir: Dir, at: At, bytes: &[u8]) {
        let side = self.sides.get_mut(dir);
        let mut rest = bytes;
        while !rest.is_empty() && !side.lost {
            side.begun.get_or_insert(Span::at(at)).extend(at);
            let (taken, after) = split_at_most(rest, side.wanted());
            if side.missing == 0 {
                side.buffer.extend_from_slice(taken);
            } else {
                side.missing = side.missing.saturating_add(count(taken.len()));
            }
            rest = after;
            self.ready.extend(side.finish(dir));
            if self.ready.len() > MAX_WAITING {
                self.ready.pop_front();
            }
        }
    }

    /// Passes over bytes that were not captured.
    pub fn gap(&mut self, dir: Dir, at: At, missing: u64) {
        let side = self.sides.get_mut(dir);
        if side.lost || missing == 0 {
            return;
        }
        if side.buffer.len() < 2 || missing > side.wanted() {
            side.lost = true;
            side.buffer = Vec::new();
            return;
        }
        side.begun.get_or_insert(Span::at(at)).extend(at);
        side.missing = side.missing.saturating_add(missing);
        self.ready.extend(side.finish(dir));
    }

    /// Returns the next whole message.
    pub fn next_message(&mut self) -> Option<TcpMessage> {
        self.ready.pop_front()
    }
}

impl Side {
    /// Returns how many bytes the message, or its length, still needs.
    fn wanted(&self) -> u64 {
        let have = count(self.buffer.len()).saturating_add(self.missing);
        match self.buffer.first_chunk::<2>() {
            Some(length) => (u64::from(u16::from_be_bytes(*length)) + 2).saturating_sub(have),
            None => 2_u64.saturating_sub(have),
        }
    }

    /// Hands the message over when it is whole.
    fn finish(&mut self, dir: Dir) -> Option<TcpMessage> {
        if self.buffer.len() < 2 || self.wanted() > 0 {
            return None;
        }
        let message = parse(self.buffer.get(2..).unwrap_or_default());
        let span = self.begun.take()?;
        self.buffer.clear();
        self.missing = 0;
        Some(TcpMessage { dir, span, message })
    }
}
