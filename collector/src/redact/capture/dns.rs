//! DNS messages (RFC 1035): names and addresses are replaced where they stand, label by label, so that compression
//! and lengths stay right.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tetra_capture::link::be16;

use crate::redact::tokens::Tokens;

/// Pointers followed in one name.
const HOPS: u8 = 32;

/// Replaces names and addresses in a message. What cannot be read is written as zeros.
pub(super) fn edit(message: &mut [u8], tokens: &mut Tokens) {
    let original = message.to_vec();
    let mut edit = Edit { original: &original, message, tokens, about_kept: false };
    let reached = edit.sections().err();
    if let Some(reached) = reached
        && let Some(rest) = message.get_mut(reached..)
    {
        rest.fill(0);
    }
}

struct Edit<'a> {
    original: &'a [u8],
    message: &'a mut [u8],
    tokens: &'a mut Tokens,
    /// The question is about a host that stays: so do the public addresses of the answer.
    about_kept: bool,
}

/// A name: its text, where its labels stand, and where reading goes on.
struct Name {
    text: String,
    labels: Vec<(usize, usize)>,
    end: usize,
}

impl Edit<'_> {
    /// Goes through the message; where it cannot go on it says how far it was read.
    fn sections(&mut self) -> Result<(), usize> {
        let count = |at: usize| be16(self.original, at).map(usize::from);
        let counts = [count(4), count(6), count(8), count(10)];
        let [Some(questions), Some(answers), Some(authorities), Some(additional)] = counts else {
            return Err(12.min(self.original.len()));
        };
        let mut at = 12;
        for _ in 0..questions {
            let name = self.name(at)?;
            self.about_kept |= self.tokens.kept.host(&name.text.to_ascii_lowercase());
            at = name.end + 4;
            if at > self.original.len() {
                return Err(name.end.min(self.original.len()));
            }
        }
        for number in 0..answers + authorities + additional {
            if at >= self.original.len() {
                return Ok(());
            }
            at = self.record(at, number < answers)?;
        }
        // What stands behind the message is not part of it.
        if at < self.original.len() { Err(at) } else { Ok(()) }
    }

    fn record(&mut self, at: usize, is_answer: bool) -> Result<usize, usize> {
        let name = self.name(at)?;
        let head = name.end;
        let (Some(kind), Some(length)) = (be16(self.original, head), be16(self.original, head + 8)) else {
            return Err(head.min(self.original.len()));
        };
        let data = head + 10;
        let end = data + usize::from(length);
        if end > self.original.len() {
            return Err(data.min(self.original.len()));
        }
        match (kind, length) {
            (1, 4) => self.v4(data, is_answer),
            (28, 16) => self.v6(data, is_answer),
            (2 | 5 | 12 | 39, _) => drop(self.name(data)?),
            (15, _) => drop(self.name(data + 2)?),
            (33, _) => drop(self.name(data + 6)?),
            (6, _) => {
                let server = self.name(data)?;
                let _ = self.name(server.end)?;
            }
            (41, _) => self.options(data, end),
            (64 | 65, _) => {
                let target = self.name(data + 2)?;
                self.hints(target.end, end);
            }
            (16, _) => self.strings(data, end),
            _ => self.zero(data, end),
        }
        Ok(end)
    }

    /// Reads the name at a place and writes its pseudonym over it.
    fn name(&mut self, at: usize) -> Result<Name, usize> {
        let name = read_name(self.original, at).map_err(|reached| {
            self.zero(at, reached);
            at.min(self.original.len())
        })?;
        if let Some(to) = self.tokens.host(&name.text) {
            for ((place, length), label) in name.labels.iter().zip(to.split('.')) {
                if label.len() == *length
                    && let Some(target) = self.message.get_mut(*place..place + length)
                {
                    target.copy_from_slice(label.as_bytes());
                }
            }
        }
        Ok(name)
    }

    fn v4(&mut self, at: usize, is_answer: bool) {
        let Some(bytes) = self.original.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return };
        let address = Ipv4Addr::from(*bytes);
        if is_answer && self.about_kept {
            self.tokens.meet_address(IpAddr::V4(address));
        }
        let to = self.tokens.v4(address).octets();
        self.put(at, &to);
    }

    fn v6(&mut self, at: usize, is_answer: bool) {
        let Some(bytes) = self.original.get(at..).and_then(|rest| rest.first_chunk::<16>()) else { return };
        let address = Ipv6Addr::from(*bytes);
        if is_answer && self.about_kept {
            self.tokens.meet_address(IpAddr::V6(address));
        }
        let to = self.tokens.v6(address).octets();
        self.put(at, &to);
    }

    /// Keeps the lengths of strings and blanks what is in them.
    fn strings(&mut self, data: usize, end: usize) {
        let mut at = data;
        while at < end {
            let length = usize::from(self.original.get(at).copied().unwrap_or(0));
            self.zero(at + 1, (at + 1 + length).min(end));
            at += 1 + length;
        }
    }

    /// Blanks what EDNS tells of clients: their subnet and cookies.
    fn options(&mut self, data: usize, end: usize) {
        let mut at = data;
        while let (Some(code), Some(length)) = (be16(self.original, at), be16(self.original, at + 2)) {
            if at + 4 > end {
                break;
            }
            let to = (at + 4 + usize::from(length)).min(end);
            match code {
                // The family and the prefix lengths stay, for the option to be read.
                8 => self.zero((at + 8).min(to), to),
                15 => self.zero((at + 6).min(to), to),
                _ => self.zero(at + 4, to),
            }
            at = to.max(at + 4);
        }
    }

    /// Replaces the addresses that a service record hints at.
    fn hints(&mut self, data: usize, end: usize) {
        let mut at = data;
        while let (Some(key), Some(length)) = (be16(self.original, at), be16(self.original, at + 2)) {
            if at + 4 > end {
                break;
            }
            let (from, to) = (at + 4, (at + 4 + usize::from(length)).min(end));
            match key {
                0..=3 => {}
                4 => (from..to).step_by(4).for_each(|place| self.v4(place, true)),
                6 => (from..to).step_by(16).for_each(|place| self.v6(place, true)),
                _ => self.zero(from, to),
            }
            at = to.max(at + 4);
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.message.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn zero(&mut self, from: usize, to: usize) {
        let to = to.min(self.message.len());
        if let Some(place) = self.message.get_mut(from..to) {
            place.fill(0);
        }
    }
}

/// Reads a name; where it cannot be read it says how far it got.
fn read_name(message: &[u8], at: usize) -> Result<Name, usize> {
    let mut name = Name { text: String::new(), labels: Vec::new(), end: 0 };
    let (mut place, mut hops) = (at, 0);
    loop {
        let reached = message.len();
        let length = *message.get(place).ok_or(reached)?;
        match length {
            0 => {
                if hops == 0 {
                    name.end = place + 1;
                }
                return Ok(name);
            }
            1..=63 => {
                let (from, to) = (place + 1, place + 1 + usize::from(length));
                let label = message.get(from..to).ok_or(reached)?;
                if !name.labels.is_empty() {
                    name.text.push('.');
                }
                // Letters that are no text, and dots within a label, are told as one that stands for any.
                match std::str::from_utf8(label) {
                    Ok(text) if !text.contains('.') => name.text.push_str(text),
                    _ => name.text.extend(std::iter::repeat_n('x', label.len())),
                }
                name.labels.push((from, to - from));
                place = to;
            }
            192.. => {
                let target = usize::from(be16(message, place).ok_or(reached)? & 0x3fff);
                if hops == 0 {
                    name.end = place + 2;
                }
                hops += 1;
                if hops > HOPS || target >= place {
                    return Err(place);
                }
                place = target;
            }
            _ => return Err(place),
        }
    }
}
