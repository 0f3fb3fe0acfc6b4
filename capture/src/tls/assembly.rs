//! Puts handshake messages together from records.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::stream::{At, Span, count, split_at_most};

/// The longest message that is kept; longer ones are passed over.
const MAX_KEPT: usize = 64 * 1_024;
/// The longest message with certificates that is kept.
const MAX_KEPT_CERTIFICATES: usize = 256 * 1_024;
/// The longest message that a server may send without being taken for nonsense.
const MAX_PLAUSIBLE: u32 = 1 << 20;

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CERTIFICATE: u8 = 11;
pub(super) const CERTIFICATE_REQUEST: u8 = 13;
pub(super) const CERTIFICATE_STATUS: u8 = 22;

/// The message that one direction is sending.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The message so far, its header of four bytes in front, up to a gap.
    buffer: Vec<u8>,
    /// How many bytes of the message passed, its header included.
    passed: u64,
    span: Span,
    cut: bool,
    /// Where the next message begins is not known, before the next record.
    lost: bool,
}

/// A message that has ended.
pub(super) struct Whole<'a> {
    pub(super) kind: u8,
    pub(super) length: u32,
    pub(super) span: Span,
    /// Its body, up to the first gap; empty when nobody asks for it.
    pub(super) body: Cow<'a, [u8]>,
    pub(super) cut: bool,
}

impl Assembly {
    /// Prepares for the next record: after a loss, messages often begin with it.
    pub(super) fn begin_record(&mut self) {
        if self.lost {
            self.clear();
        }
    }

    /// Reads bytes of a record and returns those after the end of the message, if it ends.
    pub(super) fn data<'a>(&mut self, at: At, bytes: &'a [u8]) -> (Option<Whole<'a>>, &'a [u8]) {
        if self.passed == 0
            && !self.lost
            && let Some((whole, rest)) = in_one_piece(at, bytes)
        {
            return (Some(whole), rest);
        }
        let mut rest = bytes;
        while !rest.is_empty() && !self.lost {
            if self.passed == 0 {
                self.span = Span::at(at);
                // Room for what is there of this one, once.
                let body = header(rest).filter(|(kind, length)| is_kept(*kind, *length));
                let whole = body.map_or(0, |(_, length)| u64::from(length)).saturating_add(4);
                self.buffer.reserve_exact(split_at_most(rest, whole).0.len());
            }
            self.span.extend(at);
            let (taken, after) = split_at_most(rest, self.wanted());
            rest = after;
            self.passed = self.passed.saturating_add(count(taken.len()));
            if !self.cut && self.is_kept() {
                self.buffer.extend_from_slice(taken);
            }
            if self.passed == 4 && !self.header().is_some_and(is_plausible) {
                self.clear();
                self.lost = true;
            } else if self.passed >= 4 && self.wanted() == 0 {
                return (self.finish(), rest);
            }
        }
        (None, &[])
    }

    /// Passes over bytes of a record that were not captured.
    pub(super) fn gap(&mut self, at: At, missing: u64) -> Option<Whole<'static>> {
        if self.lost {
            return None;
        }
        if self.passed < 4 {
            self.clear();
            self.lost = true;
            return None;
        }
        let wanted = self.wanted();
        self.cut = true;
        self.span.extend(at);
        self.passed = self.passed.saturating_add(missing.min(wanted));
        if missing < wanted {
            return None;
        }
        let whole = self.finish();
        self.lost = missing > wanted;
        whole
    }

    /// Gives up the message that has begun: nothing more is to come.
    pub(super) fn end(&mut self) -> Option<Whole<'static>> {
        if self.passed < 4 || self.lost {
            return None;
        }
        self.cut = true;
        self.finish()
    }

    /// Gives up the message that has begun, and waits for the next record.
    pub(super) fn lose(&mut self) -> Option<Whole<'static>> {
        let whole = self.end();
        self.clear();
        self.lost = true;
        whole
    }

    fn header(&self) -> Option<(u8, u32)> {
        header(&self.buffer)
    }

    fn wanted(&self) -> u64 {
        let whole = match self.header() {
            Some((_, length)) => u64::from(length).saturating_add(4),
            None => 4,
        };
        whole.saturating_sub(self.passed)
    }

    /// Says whether the bytes are worth keeping: the header, and the messages that somebody reads.
    fn is_kept(&self) -> bool {
        self.header().is_none_or(|(kind, length)| is_kept(kind, length))
    }

    fn finish(&mut self) -> Option<Whole<'static>> {
        let (kind, length) = self.header()?;
        let is_kept = self.is_kept();
        let mut body = std::mem::take(&mut self.buffer);
        body.drain(..body.len().min(4));
        let is_short = is_kept && count(body.len()) < u64::from(length);
        let cut = self.cut || is_short || is_unread(kind, length);
        let whole = Whole { kind, length, span: self.span, body: body.into(), cut };
        self.clear();
        Some(whole)
    }

    fn clear(&mut self) {
        self.buffer = Vec::new();
        self.passed = 0;
        self.cut = false;
        self.lost = false;
    }
}

/// Reads a message that lies in one segment, as most do, where it is; gives what is behind it as well.
fn in_one_piece(at: At, bytes: &[u8]) -> Option<(Whole<'_>, &[u8])> {
    let (kind, length) = header(bytes).filter(|header| is_plausible(*header))?;
    let (body, rest) = bytes.get(4..)?.split_at_checked(usize::try_from(length).ok()?)?;
    let body = if is_kept(kind, length) { body } else { &[] };
    let cut = is_unread(kind, length);
    Some((Whole { kind, length, span: Span::at(at), body: body.into(), cut }, rest))
}

/// Reads kind and length of a message.
fn header(bytes: &[u8]) -> Option<(u8, u32)> {
    let mut cursor = Cursor::new(bytes);
    Some((cursor.u8()?, cursor.u24()?))
}

/// Says whether a header can be that of a message.
fn is_plausible((kind, length): (u8, u32)) -> bool {
    super::names::handshake_name(kind).is_some() && length <= MAX_PLAUSIBLE
}

/// Says whether somebody would read a message of this kind, were it shorter.
fn is_unread(kind: u8, length: u32) -> bool {
    let is_wanted = matches!(kind, CLIENT_HELLO | SERVER_HELLO | CERTIFICATE | CERTIFICATE_STATUS);
    is_wanted && !is_kept(kind, length)
}

/// Says whether somebody reads messages of a kind and length.
fn is_kept(kind: u8, length: u32) -> bool {
    let limit = match kind {
        CLIENT_HELLO | SERVER_HELLO => MAX_KEPT,
        CERTIFICATE | CERTIFICATE_STATUS => MAX_KEPT_CERTIFICATES,
        _ => return false,
    };
    usize::try_from(length).is_ok_and(|length| length <= limit)
}
