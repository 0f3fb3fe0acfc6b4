//! TLS: heads of records, alerts and what both sides say before they encrypt stay; names in it are replaced, and what
//! is encrypted becomes zeros.

use std::ops::Range;

use tetra_capture::link::be16;

use super::patch::{Budget, Gathered, Patches};
use super::signed::{Authorities, is_forged};
use super::{Side, authority, der};
use crate::redact::text::Finder;
use crate::redact::tokens::Tokens;

/// Longest handshake message that is kept.
const LONGEST: usize = 512 * 1024;

/// The state of one direction.
#[derive(Debug, Default)]
pub(super) struct Tls {
    /// Type and rest of the record that is read.
    record: Option<(u8, usize)>,
    /// The handshake messages that are not whole yet.
    handshake: Gathered,
    encrypted: bool,
    /// The server that was asked for.
    server_name: Option<String>,
}

/// What TLS needs besides its state.
pub(super) struct Tools<'a> {
    pub finder: &'a Finder,
    pub tokens: &'a mut Tokens,
    pub budget: &'a mut Budget,
    pub authorities: &'a mut Authorities,
}

impl Tls {
    /// Counts the bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.handshake.bytes.capacity()
    }

    /// Reads what is there of a direction; `false` where it is not TLS, or not any more.
    pub(super) fn read(&mut self, side: &mut Side, tools: &mut Tools<'_>) -> bool {
        while !side.buffer.is_empty() {
            let Some((kind, left)) = self.record else {
                let Some(head) = side.buffer.first_chunk::<5>().copied() else { return true };
                let [kind, major, minor, high, low] = head;
                if !(20..=24).contains(&kind) || major != 3 || minor > 4 || high > 0x48 {
                    return false;
                }
                let length = usize::from(u16::from_be_bytes([high, low]));
                side.patches.keep(side.at, 5, tools.budget);
                side.skip(5);
                self.record = Some((kind, length));
                continue;
            };
            let taken = left.min(side.buffer.len());
            self.body(kind, taken, side, tools);
            side.skip(taken);
            self.advance(kind, left, taken);
        }
        true
    }

    fn advance(&mut self, kind: u8, left: usize, taken: usize) {
        self.record = Some((kind, left - taken)).filter(|(_, left)| *left > 0);
    }

    fn body(&mut self, kind: u8, length: usize, side: &mut Side, tools: &mut Tools<'_>) {
        let Some(bytes) = side.buffer.get(..length) else { return };
        match kind {
            20 => {
                side.patches.keep(side.at, length, tools.budget);
                self.encrypted = true;
            }
            // Once encrypted, these say nothing to anybody, and zeros would look like messages.
            21 | 22 if self.encrypted => side.patches.keep(side.at, length, tools.budget),
            21 if length <= 2 => side.patches.keep(side.at, length, tools.budget),
            22 => {
                self.handshake.push(side.at, bytes);
                self.messages(&mut side.patches, tools);
                side.server_name = self.server_name.take();
            }
            _ => {}
        }
    }

    /// Writes the handshake messages that are whole.
    fn messages(&mut self, patches: &mut Patches, tools: &mut Tools<'_>) {
        while let Some(&[kind, high, middle, low]) = self.handshake.bytes.first_chunk::<4>() {
            let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
            if length > LONGEST || !is_kind(kind) {
                // Nonsense, or encrypted though nobody said so: zeros.
                self.handshake.skip(usize::MAX);
                return;
            }
            let Some(message) = self.handshake.bytes.get(..length + 4) else { return };
            let edited = edited(message, tools, &mut self.server_name);
            self.handshake.put(&edited, patches, tools.budget);
        }
    }

    /// Passes over bytes that were not captured; `false` where it is not known how to go on.
    pub(super) fn gap(&mut self, missing: u64, side: &mut Side, tools: &mut Tools<'_>) -> bool {
        self.end(&mut side.patches, tools);
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        match self.record {
            Some((kind, left)) if missing <= left => {
                self.advance(kind, left, missing);
                true
            }
            _ => {
                self.record = None;
                // A record may begin just behind the gap; if none does, reading ends there.
                true
            }
        }
    }

    /// Writes what there is of a message that is not whole.
    pub(super) fn end(&mut self, patches: &mut Patches, tools: &mut Tools<'_>) {
        let known = self.handshake.bytes.first().is_some_and(|kind| is_kind(*kind));
        if !self.handshake.bytes.is_empty() && known {
            let edited = edited(&self.handshake.bytes, tools, &mut self.server_name);
            self.handshake.put(&edited, patches, tools.budget);
        }
        self.handshake.skip(usize::MAX);
    }
}

fn is_kind(kind: u8) -> bool {
    matches!(kind, 0..=5 | 8 | 11..=16 | 20..=25)
}

/// Gives a handshake message, which may be cut, with names replaced.
fn edited(message: &[u8], tools: &mut Tools<'_>, server: &mut Option<String>) -> Vec<u8> {
    let mut out = message.to_vec();
    match message.first() {
        Some(1) => *server = hello(message, &mut out, tools.tokens),
        Some(11) => {
            let chain = chain(message);
            let mut places = chain.iter().peekable();
            while let Some(place) = places.next() {
                let next = places.peek().and_then(|next| message.get((*next).clone()));
                let Some(original) = message.get(place.clone()) else { continue };
                tools.authorities.note(original);
                if let Some(certificate) = out.get_mut(place.clone()) {
                    der::edit(certificate, tools.finder, tools.tokens, &|| is_forged(original, next));
                }
            }
        }
        Some(22) => {
            if let (Some(original), Some(answer)) = (message.get(8..), out.get_mut(8..)) {
                let authorities = &*tools.authorities;
                der::edit(answer, tools.finder, tools.tokens, &|| authorities.is_wrong(original));
            }
        }
        Some(13) => request(message, &mut out, tools),
        // A ticket that opens a session again.
        Some(4) => out.iter_mut().skip(10).for_each(|byte| *byte = 0),
        _ => {}
    }
    out
}

/// Gives the places of the certificates in a message, which may be cut.
fn chain(message: &[u8]) -> Vec<Range<usize>> {
    let (mut places, mut at) = (Vec::new(), 7);
    while let Some(&[high, middle, low]) = message.get(at..).and_then(|rest| rest.first_chunk::<3>()) {
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let end = (at + 3 + length).min(message.len());
        places.push(at + 3..end);
        at = end.max(at + 3);
    }
    places
}

/// Replaces the names of authorities that a request for a certificate of the client lists.
fn request(message: &[u8], out: &mut [u8], tools: &mut Tools<'_>) {
    let types = usize::from(message.get(4).copied().unwrap_or(0));
    let mut at = 5 + types;
    let algorithms = be16(message, at).map_or(0, usize::from);
    at += 2 + algorithms + 2;
    while let Some(length) = be16(message, at) {
        let end = (at + 2 + usize::from(length)).min(out.len());
        if let Some(name) = out.get_mut(at + 2..end) {
            der::edit(name, tools.finder, tools.tokens, &|| false);
        }
        at = end.max(at + 2);
    }
}

/// Replaces the name of the server in a ClientHello, and blanks tickets; gives the name.
fn hello(message: &[u8], out: &mut [u8], tokens: &mut Tokens) -> Option<String> {
    let mut server = None;
    let mut read = || -> Option<()> {
        let mut at = 4 + 2 + 32;
        at += 1 + usize::from(*message.get(at)?);
        at += 2 + usize::from(be16(message, at)?);
        at += 1 + usize::from(*message.get(at)?);
        at += 2;
        while at < message.len() {
            let kind = be16(message, at)?;
            let from = at + 4;
            let end = from + usize::from(be16(message, at + 2)?);
            let to = end.min(message.len());
            match kind {
                0 => {
                    let name_end = from + 5 + usize::from(be16(message, from + 3)?);
                    let place = out.get_mut(from + 5..name_end.min(to))?;
                    let new = std::str::from_utf8(place).ok();
                    if name_end > to && new.is_some_and(|cut| tokens.kept.begin(cut)) {
                        return None;
                    }
                    let new = new.filter(|_| name_end <= to);
                    server = new.map(str::to_owned);
                    match new.map(|name| authority(name, tokens)) {
                        Some(new) if new.len() == place.len() => place.copy_from_slice(new.as_bytes()),
                        _ => place.fill(b'x'),
                    }
                }
                35 | 41 => out.get_mut(from..to)?.fill(0),
                _ => {}
            }
            at = end;
        }
        Some(())
    };
    let _ = read();
    server
}
