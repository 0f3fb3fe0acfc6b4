//! Certificates, revocation lists and OCSP messages in DER: names in them are replaced by others as long.
//!
//! A signature over what was changed is wrong then. So that nobody takes it for one that the signer got wrong, the
//! algorithm of the signature becomes one that does not exist, and the signature can neither be right nor wrong.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::same_length;
use crate::redact::Level;
use crate::redact::text::Finder;
use crate::redact::tokens::Tokens;

/// How deep values may be wrapped in each other.
const DEEP: u8 = 24;

/// Algorithms of signatures by the begin of their identifiers: PKCS #1, ECDSA, EdDSA.
const ALGORITHMS: [&[u8]; 4] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04],
    &[0x2b, 0x65],
];

/// Replaces the names in DER that may be cut at its end; `is_wrong` says whether the signature was wrong before: it is
/// then left to be so.
pub(super) fn edit(der: &mut [u8], finder: &Finder, tokens: &mut Tokens, is_wrong: &dyn Fn() -> bool) {
    if tokens.level != Level::Full {
        return;
    }
    let original = der.to_vec();
    let mut walk = Walk { original: &original, der, finder, tokens, algorithms: Vec::new(), changed: false };
    walk.values(0, original.len(), DEEP);
    if walk.changed && !is_wrong() {
        for at in std::mem::take(&mut walk.algorithms) {
            if let Some(byte) = walk.der.get_mut(at) {
                *byte = 0x7f;
            }
        }
    }
}

struct Walk<'a> {
    original: &'a [u8],
    der: &'a mut [u8],
    finder: &'a Finder,
    tokens: &'a mut Tokens,
    /// Last bytes of the identifiers of signature algorithms.
    algorithms: Vec<usize>,
    changed: bool,
}

/// The head of a value: its tag, where its content is, and whether the end is missing.
struct Head {
    tag: u8,
    from: usize,
    to: usize,
    cut: bool,
}

fn head(bytes: &[u8], at: usize, end: usize) -> Option<Head> {
    let tag = *bytes.get(at)?;
    let first = *bytes.get(at + 1)?;
    let (length, from) = match first {
        0..=0x7f => (usize::from(first), at + 2),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length = bytes.get(at + 2..at + 2 + count)?.iter();
            (length.fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)), at + 2 + count)
        }
        _ => return None,
    };
    let to = from.checked_add(length)?;
    Some(Head { tag, from, to: to.min(end), cut: to > end })
}

impl Walk<'_> {
    /// Goes through the values between two places; tells whether they were values to the end.
    fn values(&mut self, from: usize, end: usize, depth: u8) -> bool {
        let mut at = from;
        while at < end {
            let Some(head) = head(self.original, at, end) else { return false };
            self.value(&head, depth);
            at = head.to.max(at + 2);
        }
        at == end
    }

    fn value(&mut self, head: &Head, depth: u8) {
        let Some(content) = self.original.get(head.from..head.to) else { return };
        match head.tag {
            // Sequences, sets, and what is wrapped with a tag of its own.
            0x30 | 0x31 | 0xa0..=0xbf if depth > 0 => {
                self.values(head.from, head.to, depth - 1);
            }
            // Strings of names; a name that is cut says too much to stay, and too little to be replaced.
            0x0c | 0x13 | 0x14 | 0x16 | 0x1e | 0x81 | 0x82 | 0x86 if head.cut => {
                self.put(head.from, &vec![b'x'; content.len()])
            }
            0x0c | 0x13 | 0x14 | 0x16 => self.text(head, content),
            0x1e => self.wide(head, content),
            0x81 | 0x82 | 0x86 if is_text(content) => self.text(head, content),
            0x87 => self.address(head, content),
            // The parts of a certificate that are wrapped in bytes: extensions, the answer of OCSP.
            0x04 if depth > 0
                && content.first().is_some_and(|tag| [0x30, 0x04].contains(tag))
                && content.len() > 4 =>
            {
                self.values(head.from, head.to, depth - 1);
            }
            0x06 if !head.cut => {
                let is_algorithm = ALGORITHMS.iter().any(|known| {
                    content.strip_prefix(*known).is_some_and(|rest| rest.len() == 1 && rest != [1])
                });
                if is_algorithm {
                    self.algorithms.push(head.to - 1);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, head: &Head, content: &[u8]) {
        let Ok(text) = std::str::from_utf8(content) else { return };
        let is_host = text.contains('.') && !text.contains(' ') && !text.contains('/') && !text.contains('@');
        let to = if head.tag == 0x82 || (is_host && text.parse::<Ipv4Addr>().is_err()) {
            self.tokens.host(text).map(String::into_bytes)
        } else if text.contains("://") || text.contains('@') || is_host {
            Some(same_length(content, self.finder, self.tokens))
        } else {
            self.tokens.title(text).map(String::into_bytes)
        };
        if let Some(to) = to {
            self.put(head.from, &to);
        }
    }

    /// Replaces a string of two bytes a letter.
    fn wide(&mut self, head: &Head, content: &[u8]) {
        let units = content.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('x')).collect();
        if let Some(to) = self.tokens.title(&text) {
            let to: Vec<u8> = to.encode_utf16().flat_map(u16::to_be_bytes).collect();
            self.put(head.from, &to);
        }
    }

    fn address(&mut self, head: &Head, content: &[u8]) {
        let to = if let Ok(v4) = <[u8; 4]>::try_from(content) {
            IpAddr::V4(self.tokens.v4(Ipv4Addr::from(v4)))
        } else if let Ok(v6) = <[u8; 16]>::try_from(content) {
            IpAddr::V6(self.tokens.v6(Ipv6Addr::from(v6)))
        } else {
            return;
        };
        match to {
            IpAddr::V4(v4) => self.put(head.from, &v4.octets()),
            IpAddr::V6(v6) => self.put(head.from, &v6.octets()),
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.der.get_mut(at..at + bytes.len())
            && place != bytes
        {
            place.copy_from_slice(bytes);
            self.changed = true;
        }
    }
}

fn is_text(content: &[u8]) -> bool {
    !content.is_empty() && content.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
}
