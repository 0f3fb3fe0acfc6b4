//! Tells what was found from what only looks like it.

use std::ops::Range;

use super::Ground;
use super::pattern::{Mark, Rule};
use crate::redact::Kind;
use crate::redact::kept::Kept;
use crate::redact::text::is_version;

/// The least letters of a word that mean something amid the bytes of packets.
const AMID_BYTES: usize = 6;
/// Bytes around a find that are looked at.
const NEAR: usize = 506;
/// Protocols that IPv4 carries: ICMP, IGMP, TCP, UDP, IPv6, GRE, ESP, ICMPv6.
const CARRIED: [u8; 8] = [1, 2, 6, 17, 41, 47, 50, 58];

/// Says whether a find is one.
pub(super) fn counts(mark: Mark, text: &[u8], at: Range<usize>, ground: Ground, kept: &Kept) -> bool {
    let enough = ground == Ground::Text || at.len() >= AMID_BYTES;
    let wide;
    let (text, at) = if mark.wide {
        let (narrow, at) = narrowed(text, at);
        wide = narrow;
        (wide.as_slice(), at)
    } else {
        (text, at)
    };
    let before = at.start.checked_sub(1).and_then(|at| text.get(at)).copied();
    let after = text.get(at.end).copied();
    let touches = |byte: Option<u8>, more: &[u8]| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || more.contains(&byte))
    };
    match mark.rule {
        Rule::Exact | Rule::Anywhere => true,
        Rule::Raw | Rule::Title => ground == Ground::Capture,
        Rule::Four => ground == Ground::Capture && is_four(text, at.start),
        Rule::Digits => {
            // Behind an address of four numbers there may be a port, and before it anything that ends with a colon.
            let written = text.get(at.clone()).unwrap_or_default();
            let is_four = mark.kind == Kind::Address && !written.contains(&b':');
            let (left, right): (&[u8], &[u8]) = if is_four { (b".", b"") } else { (b".:-", b":-") };
            !is_version(text.get(at.start.saturating_sub(16)..at.start).unwrap_or_default())
                && !touches(before, left)
                && !touches(after, right)
                && !goes_on(text, at.end)
        }
        Rule::Host => enough && !touches(before, b"-_") && !touches(after, b"-_"),
        Rule::Alone => {
            // An escape before it is no letter of it: `DOMAIN\nname` in JSON.
            let escaped = at.start.checked_sub(2).and_then(|at| text.get(at)) == Some(&b'\\');
            let alone = (!touches(before, b"") || escaped) && !touches(after, b"");
            enough && alone && !kept.host(&token(text, at))
        }
    }
}

/// Says whether another number follows behind a dot.
fn goes_on(text: &[u8], end: usize) -> bool {
    text.get(end) == Some(&b'.') && text.get(end + 1).is_some_and(u8::is_ascii_digit)
}

/// Gives what is around a find of two bytes a letter, with one byte a letter.
fn narrowed(text: &[u8], at: Range<usize>) -> (Vec<u8>, Range<usize>) {
    let ahead = text.get(at.start.saturating_sub(NEAR)..at.start).unwrap_or_default();
    let ahead: Vec<u8> = ahead.rchunks_exact(2).rev().map(narrow).collect();
    let found = text.get(at.clone()).unwrap_or_default();
    let behind = text.get(at.end..text.len().min(at.end + NEAR)).unwrap_or_default();
    let rest = found.chunks_exact(2).chain(behind.chunks_exact(2)).map(narrow);
    let start = ahead.len();
    let length = found.len() / 2;
    (ahead.into_iter().chain(rest).collect(), start..start + length)
}

fn narrow(pair: &[u8]) -> u8 {
    match pair {
        [low, 0] => *low,
        // A letter of another alphabet, or no letter at all: it joins nothing.
        _ => 0,
    }
}

/// Gives the name that a word is a part of, in lower case; the lengths that DNS writes stand for dots.
fn token(text: &[u8], at: Range<usize>) -> String {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte) || (1..32).contains(byte);
    let breaks = |byte: &u8| !fits(byte) || b"\r\n\t".contains(byte);
    let ahead = text.get(..at.start).unwrap_or_default();
    let start = ahead.iter().rev().take(253).take_while(|byte| !breaks(byte)).count();
    let behind = text.get(at.end..).unwrap_or_default();
    let length = behind.iter().take(253).take_while(|byte| !breaks(byte)).count();
    let name = text.get(at.start - start..at.end + length).unwrap_or_default();
    let letters = name.iter().map(|byte| if *byte < 32 { '.' } else { char::from(*byte) });
    letters.collect::<String>().trim_matches('.').to_ascii_lowercase()
}

/// Says whether four bytes stand where an IPv4 address belongs: in a header, in ARP, in an answer of DNS, in SOCKS, in a
/// certificate.
fn is_four(bytes: &[u8], at: usize) -> bool {
    let back = |count: usize| at.checked_sub(count).and_then(|at| bytes.get(at)).copied();
    let is_head = |count: usize| {
        at.checked_sub(count).and_then(|from| bytes.get(from..from + 20)).is_some_and(is_header)
    };
    let follows = |count: usize, wanted: &[u8]| {
        at.checked_sub(count).and_then(|from| bytes.get(from..from + wanted.len())) == Some(wanted)
    };
    is_head(12)
        || is_head(16)
        || follows(14, &[0, 1, 8, 0, 6, 4])
        || follows(24, &[0, 1, 8, 0, 6, 4])
        || (follows(10, &[0, 1, 0, 1]) && follows(2, &[0, 4]))
        || follows(2, &[0x87, 4])
        || (back(4) == Some(5) && follows(2, &[0, 1]))
}

/// Says whether these are the first bytes of a header of IPv4: its checksum is right, or was left to the network card.
fn is_header(bytes: &[u8]) -> bool {
    let &[first, _, _, _, _, _, _, _, _, carried, high, low, ..] = bytes else { return false };
    let words =
        bytes.chunks_exact(2).map(|pair| pair.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)));
    let sum: u32 = words.sum();
    let right = (sum & 0xffff) + (sum >> 16) == 0xffff;
    // With options, the checksum is about more than what is looked at.
    let unknown = (0x46..=0x4f).contains(&first) || (high, low) == (0, 0);
    (first == 0x45 && right || unknown && (0x45..=0x4f).contains(&first)) && CARRIED.contains(&carried)
}
