//! Tokens that tell by their form what they are: addresses, hosts, hardware addresses, folders of users.

use std::net::Ipv6Addr;

use super::find::{Hit, What};
use super::lex::{DOT, JOINER, NO_SIX, sorts};
use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Countries whose domain is also what file names end with.
const FILES: [&str; 18] = [
    "id", "py", "sh", "pl", "md", "ps", "rs", "so", "cc", "in", "ms", "ml", "mo", "pm", "st", "la", "cd",
    "name",
];

/// No name is longer; what was learned is looked for in longer tokens all the same.
const LONGEST: usize = 512;

/// Says whether a token may be more than a word: most are not, for nothing joins parts of it, and nothing beside it tells
/// what it is.
pub(super) fn may_tell(piece: &[u8], start: usize, end: usize, sorts: u8) -> bool {
    let before = start.checked_sub(1).and_then(|at| piece.get(at));
    sorts & JOINER != 0 || matches!(before, Some(b'/' | b'\\' | b'@')) || piece.get(end) == Some(&b'@')
}

/// Finds what can be told by its form of a token.
pub(super) fn find(piece: &[u8], start: usize, end: usize, tokens: &Tokens, hits: &mut Vec<Hit>) {
    let Some(bytes) = piece.get(start..end).filter(|bytes| (1..=LONGEST).contains(&bytes.len())) else {
        return;
    };
    let sorts = sorts(bytes);
    if !may_tell(piece, start, end, sorts) {
        return;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        folder(piece, start, end, hits);
        return;
    };
    if hardware(text, start, hits)
        || sid(text, start, hits)
        || (sorts & NO_SIX == 0 && six(text, start, hits))
    {
        return;
    }
    if folder(piece, start, end, hits) || login(piece, start, text, hits) {
        return;
    }
    let before = piece.get(start.saturating_sub(16)..start).unwrap_or_default();
    let led = before.ends_with(b"://") || before.ends_with(b"@") || before.ends_with(b"\\\\");
    if sorts & DOT == 0 && !led {
        return;
    }
    let mut offset = start;
    for part in text.split(':') {
        let begin = offset;
        offset += part.len() + 1;
        let name = part.trim_end_matches(['.', '-']).trim_start_matches(['-', '.']);
        let begin = begin + part.find(name).unwrap_or(0);
        if name.is_empty() {
            continue;
        }
        let finish = begin + name.len();
        if let Some(what) = four(piece, name, finish, before) {
            hits.push(Hit::new(begin, finish, what));
        } else if is_host(piece, name, begin, finish, before, tokens) {
            hits.push(Hit::new(begin, finish, What::Host));
        }
    }
}

/// Finds an IPv4 address, or the begin of one before a star.
fn four(piece: &[u8], name: &str, end: usize, before: &[u8]) -> Option<What> {
    if !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let plain =
        |part: &str| part.len() <= 3 && (part == "0" || !part.starts_with('0')) && part.parse::<u8>().is_ok();
    if !name.split('.').all(plain) {
        return None;
    }
    match name.split('.').count() {
        4 if !is_version(before) => Some(What::V4),
        2 | 3 if piece.get(end..)?.starts_with(b".*") => Some(What::Partial),
        _ => None,
    }
}

/// Says whether what stands before a number says that it is a version: `FileVersion="`, `ver. `, not `server: `.
pub(in crate::redact) fn is_version(before: &[u8]) -> bool {
    let text = String::from_utf8_lossy(before).to_ascii_lowercase();
    let text = text.trim_end_matches([' ', ':', '=', '"', '\'', '>', '/', '.']);
    let word = text.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or(text);
    word.ends_with("version") || ["ver", "release", "build"].contains(&word)
}

/// Finds a hardware address in one of the forms that Windows, Linux and switches write.
fn hardware(text: &str, start: usize, hits: &mut Vec<Hit>) -> bool {
    if text.len() < 14 {
        return false;
    }
    let joiners = memchr::memchr3_iter(b':', b'-', b'.', text.as_bytes());
    for at in std::iter::once(0).chain(joiners.map(|at| at + 1)) {
        let Some(part) = text.get(at..at + 17).filter(|part| is_separated(part)) else { continue };
        let next = text.as_bytes().get(at + 17);
        if parse_mac(part).is_some()
            && !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || b":-".contains(byte))
        {
            hits.push(Hit::new(start + at, start + at + 17, What::Mac));
            return true;
        }
    }
    let is_mac = text.len() == 14 && parse_mac(text).is_some();
    if is_mac {
        hits.push(Hit::new(start, start + 14, What::Mac));
    }
    is_mac
}

/// Says whether the same hyphen or colon stands behind every other letter.
fn is_separated(part: &str) -> bool {
    let separator = part.as_bytes().get(2).copied();
    let mut thirds = part.bytes().skip(2).step_by(3);
    matches!(separator, Some(b':' | b'-')) && thirds.all(|byte| Some(byte) == separator)
}

/// Reads `aa:bb:cc:dd:ee:ff`, `AA-BB-…` or `aabb.ccdd.eeff`.
pub(super) fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let separator = text.bytes().find(|byte| !byte.is_ascii_hexdigit())?;
    let width = if separator == b'.' { 4 } else { 2 };
    let parts: Vec<&str> = text.split(char::from(separator)).collect();
    if parts.iter().any(|part| part.len() != width) || ![b':', b'-', b'.'].contains(&separator) {
        return None;
    }
    let digits = parts.concat();
    let mut bytes = [0; 6];
    if digits.len() != 12 {
        return None;
    }
    for (number, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(number * 2..number * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Finds a security identifier of a domain or a machine.
fn sid(text: &str, start: usize, hits: &mut Vec<Hit>) -> bool {
    let is_sid = text.starts_with("S-1-5-21-") && text.len() > 12;
    if is_sid {
        hits.push(Hit::new(start, start + text.len(), What::Sid));
    }
    is_sid
}

/// Finds an IPv6 address.
fn six(text: &str, start: usize, hits: &mut Vec<Hit>) -> bool {
    let trimmed = text.trim_end_matches('.');
    let trimmed = if trimmed.ends_with("::") { trimmed } else { trimmed.trim_end_matches(':') };
    let colons = trimmed.matches(':').count();
    let fits = trimmed.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
    if colons < 2 || !fits || !(trimmed.bytes().any(|byte| byte.is_ascii_digit()) || colons > 3) {
        return false;
    }
    let is_six = trimmed.parse::<Ipv6Addr>().is_ok();
    if is_six {
        hits.push(Hit::new(start, start + trimmed.len(), What::V6));
    }
    is_six
}

/// Finds the name of a user's folder: `\Users\name\`, `/home/name/`.
fn folder(piece: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) -> bool {
    let before = piece.get(start.saturating_sub(32)..start).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|byte| b"\\/".contains(byte)).count();
    let Some(path) = before.len().checked_sub(slashes).and_then(|end| before.get(..end)) else {
        return false;
    };
    if slashes == 0 || !matches!(path.last(), Some(b's' | b'S' | b'e' | b'E')) {
        return false;
    }
    let lower = path.to_ascii_lowercase();
    let ends = |word: &str| {
        let rest = lower.strip_suffix(word.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(b"\\") || rest.ends_with(b"/"))
    };
    if !(ends("users") || ends("home") || ends("documents and settings")) {
        return false;
    }
    // A folder's name may have blanks; it ends at the next slash, if that is near.
    let rest = piece.get(start..piece.len().min(start + 64)).unwrap_or_default();
    let length = rest.iter().position(|byte| b"\\/\r\n\"<>|*?:".contains(byte)).unwrap_or(end - start);
    let is_path = rest.get(length).is_some_and(|byte| b"\\/".contains(byte));
    let end = if is_path { start + length } else { end };
    hits.push(Hit::new(start, end, What::Word(Kind::User)));
    true
}

/// Finds the user, and the password, before a host: `user@host`, `://user:secret@host`.
fn login(piece: &[u8], start: usize, text: &str, hits: &mut Vec<Hit>) -> bool {
    let end = start + text.len();
    let in_url = piece.get(..start).is_some_and(|before| before.ends_with(b"://"));
    if !in_url && piece.get(end) != Some(&b'@') {
        return false;
    }
    let rest = piece.get(start..piece.len().min(start + 512)).unwrap_or_default();
    let at = if in_url {
        let stop = rest.iter().position(|byte| b"/ \t\r\n\"'<>?#".contains(byte)).unwrap_or(rest.len());
        rest.get(..stop).and_then(|part| part.iter().rposition(|byte| *byte == b'@'))
    } else {
        let follows =
            piece.get(end) == Some(&b'@') && piece.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        follows.then_some(text.len())
    };
    let Some(at) = at else { return false };
    let info = rest.get(..at).unwrap_or_default();
    let colon = info.iter().position(|byte| *byte == b':').filter(|_| in_url).unwrap_or(info.len());
    if colon > 0 {
        hits.push(Hit::new(start, start + colon, What::Word(Kind::User)));
    }
    if colon + 1 < at {
        hits.push(Hit::new(start + colon + 1, start + at, What::Secret));
    }
    true
}

/// Says whether a token is the name of a host: by its place, by what was learned, or by its domain.
fn is_host(piece: &[u8], name: &str, start: usize, end: usize, before: &[u8], tokens: &Tokens) -> bool {
    let letters = name.bytes().any(|byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    if !letters
        || !(name.contains('.')
            || before.ends_with(b"/")
            || before.ends_with(b"\\")
            || before.ends_with(b"@"))
    {
        return false;
    }
    let in_url = before.ends_with(b"://") || before.ends_with(b"@");
    let is_share = before.ends_with(b"\\\\") && piece.get(end) == Some(&b'\\') && {
        let slashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        let led = start.checked_sub(slashes + 1).and_then(|at| piece.get(at));
        led.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b':' && *byte != b'.')
    };
    let ends_so = || name.rsplit_once('.').is_some_and(|(_, last)| tokens.may_end_host(last));
    if !in_url && !is_share && !ends_so() {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let labels: Vec<&str> = lower.split('.').collect();
    let fits = labels.iter().all(|label| !label.is_empty() && label.len() <= 63);
    let Some(last) = labels.last().filter(|_| fits && lower.len() <= 253) else { return false };
    if in_url || is_share {
        return true;
    }
    let mut rest = lower.as_str();
    loop {
        if tokens.learned.hosts.contains(rest) {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) if parent.contains('.') => rest = parent,
            _ => break,
        }
    }
    let in_path = before.ends_with(b"/") || before.ends_with(b"\\");
    tokens.kept.domain(last)
        && !FILES.contains(last)
        && !in_path
        && (labels.len() > 2 || labels.first().is_some_and(|label| label.len() > 1))
        && !name.contains('_')
}
