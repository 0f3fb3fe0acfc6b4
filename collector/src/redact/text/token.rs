//! Tokens that tell by their form what they are: addresses, hosts, hardware addresses, folders of users.

use std::net::Ipv6Addr;

use super::bounds::find_bytes;
use super::find::{Hit, What};
use super::hardware::{dotted, hardware, may_be_hardware};
use super::lex::{COLON, DOT, HYPHEN, LETTER, NO_SIX, Span, WIDE};
use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Countries whose domain is also what file names end with.
const FILES: [&str; 18] = [
    "id", "py", "sh", "pl", "md", "ps", "rs", "so", "cc", "in", "ms", "ml", "mo", "pm", "st", "la", "cd",
    "name",
];

/// No name is longer; what was learned is looked for in longer tokens all the same.
pub(super) const LONGEST: usize = 512;
/// Without a gap, an address has six colons or more, and digits between them: no shorter token is one.
const SHORTEST_SIX: usize = 11;

/// Says whether a token may be more than a word: most are not, for nothing joins parts of it, and nothing beside it tells
/// what it is.
pub(super) fn may_tell(piece: &[u8], start: usize, end: usize, sorts: u8) -> bool {
    if sorts & DOT != 0 || piece.get(end) == Some(&b'@') {
        return true;
    }
    let is_place = match start.checked_sub(1).and_then(|at| piece.get(at)) {
        Some(b'@') => true,
        Some(b'/') => may_be_place(piece, start, b'/'),
        Some(b'\\') => may_be_place(piece, start, b'\\'),
        _ => false,
    };
    // What is left is numbers with colons or hyphens: of six, of hardware, of an account.
    let text = piece.get(start..end).unwrap_or_default();
    let is_number = || {
        (sorts & NO_SIX == 0 && may_be_six(text))
            || may_be_hardware(text)
            || (sorts & HYPHEN != 0 && text.first() == Some(&b'S'))
    };
    is_place || (sorts & (COLON | HYPHEN) != 0 && is_number())
}

/// Says whether a name or a secret may be found in a token, rather than numbers alone: see [`find`].
pub(super) fn may_name(piece: &[u8], token: Span) -> bool {
    let before = token.start.checked_sub(1).and_then(|at| piece.get(at));
    let is_led = matches!(before, Some(b'/' | b'\\' | b'@')) || piece.get(token.end) == Some(&b'@');
    is_led || (token.sorts & DOT != 0 && token.sorts & (LETTER | WIDE) != 0)
}

/// Says whether a token has as many colons as an IPv6 address: most have fewer, for they are times of the day.
fn may_be_six(text: &[u8]) -> bool {
    text.len() > SHORTEST_SIX || text.windows(2).any(|pair| pair == b"::")
}

/// Says whether what stands before slashes allows that a user or a host follows on them: in a path, it mostly does not.
fn may_be_place(piece: &[u8], start: usize, slash: u8) -> bool {
    let before = piece.get(..start).unwrap_or_default().iter().rev();
    match before.copied().take(16).find(|byte| *byte != slash) {
        // `Users`, `home`, `Documents and Settings`
        Some(b's' | b'S' | b'e' | b'E') => true,
        Some(b':') => slash == b'/',
        Some(b'.') => false,
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Finds what can be told by its form of a token.
pub(super) fn find(piece: &[u8], token: Span, tokens: &Tokens, hits: &mut Vec<Hit>) {
    let Span { start, end, sorts } = token;
    let Some(text) = piece.get(start..end).filter(|bytes| (1..=LONGEST).contains(&bytes.len())) else {
        return;
    };
    if sorts & WIDE != 0 && std::str::from_utf8(text).is_err() {
        folder(piece, start, end, hits);
        return;
    }
    if (sorts & (COLON | HYPHEN) != 0 && (hardware(text, start, hits) || sid(text, start, hits)))
        || (sorts & DOT != 0 && dotted(text, start, hits))
        || (sorts & (NO_SIX | COLON) == COLON && six(text, start, hits))
    {
        return;
    }
    let last = start.checked_sub(1).and_then(|at| piece.get(at));
    let is_place = matches!(last, Some(b'/' | b'\\' | b'@'));
    if is_place && folder(piece, start, end, hits) {
        return;
    }
    if (is_place || piece.get(end) == Some(&b'@')) && login(piece, start, end, hits) {
        return;
    }
    let before = piece.get(start.saturating_sub(16)..start).unwrap_or_default();
    let signs = [&b"://"[..], b"@", b"\\\\"];
    let place = if is_place { before } else { &[] };
    let led = signs.iter().any(|sign| place.ends_with(sign));
    if sorts & DOT == 0 && !led {
        return;
    }
    let mut offset = start;
    for part in text.split(|byte| *byte == b':') {
        let begin = offset;
        offset += part.len() + 1;
        let Some(first) = part.iter().position(|byte| !b"-.".contains(byte)) else { continue };
        let trailing = part.iter().rev().take_while(|byte| b"-.".contains(byte)).count();
        let Some(name) = part.get(first..part.len() - trailing) else { continue };
        let (begin, finish) = (begin + first, begin + part.len() - trailing);
        if let Some(what) = four(piece, name, finish, before) {
            hits.push(Hit::new(begin, finish, what));
        } else if is_host(piece, name, begin, finish, place, tokens) {
            hits.push(Hit::new(begin, finish, What::Host));
        }
    }
}

/// Finds an IPv4 address, or the begin of one before a star.
fn four(piece: &[u8], name: &[u8], end: usize, before: &[u8]) -> Option<What> {
    if !name.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    let plain = |part: &[u8]| match part {
        [_] => true,
        [first, ..] => *first != b'0' && (part.len() == 2 || (part.len() == 3 && part <= b"255".as_slice())),
        [] => false,
    };
    let mut parts = name.split(|byte| *byte == b'.');
    if !parts.clone().all(plain) {
        return None;
    }
    match parts.by_ref().count() {
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

/// Finds a security identifier of a domain or a machine.
fn sid(text: &[u8], start: usize, hits: &mut Vec<Hit>) -> bool {
    let is_sid = text.starts_with(b"S-1-5-21-") && text.len() > 12;
    if is_sid {
        hits.push(Hit::new(start, start + text.len(), What::Sid));
    }
    is_sid
}

/// Finds an IPv6 address in a token of nothing but hexadecimal digits, colons and dots.
fn six(text: &[u8], start: usize, hits: &mut Vec<Hit>) -> bool {
    let colons = text.iter().filter(|byte| **byte == b':').count();
    // Without a gap there are eight numbers, the last two of which may be written as an address of four.
    if colons < 2 || (colons < 6 && find_bytes(text, b"::").is_none()) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let trimmed = text.trim_end_matches('.');
    let trimmed = if trimmed.ends_with("::") { trimmed } else { trimmed.trim_end_matches(':') };
    let colons = trimmed.matches(':').count();
    if colons < 2 || !(trimmed.bytes().any(|byte| byte.is_ascii_digit()) || colons > 3) {
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
    let is_slash = |at: usize| matches!(piece.get(at), Some(b'\\' | b'/'));
    if !start.checked_sub(1).is_some_and(is_slash) {
        return false;
    }
    let before = piece.get(start.saturating_sub(32)..start).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|byte| b"\\/".contains(byte)).count();
    let Some(path) = before.len().checked_sub(slashes).and_then(|end| before.get(..end)) else {
        return false;
    };
    if !matches!(path.last(), Some(b's' | b'S' | b'e' | b'E')) {
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
fn login(piece: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) -> bool {
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
        follows.then_some(end - start)
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
fn is_host(piece: &[u8], name: &[u8], start: usize, end: usize, before: &[u8], tokens: &Tokens) -> bool {
    let in_url = before.ends_with(b"://") || before.ends_with(b"@");
    let is_share = before.ends_with(b"\\\\") && piece.get(end) == Some(&b'\\') && {
        let slashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        let led = start.checked_sub(slashes + 1).and_then(|at| piece.get(at));
        led.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b':' && *byte != b'.')
    };
    let ends_so = || {
        let dot = memchr::memrchr(b'.', name)?;
        name.get(dot + 1..).filter(|last| tokens.may_end_host(last))
    };
    let letters = name.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    if !letters || (!in_url && !is_share && ends_so().is_none()) {
        return false;
    }
    let Ok(lower) = std::str::from_utf8(name).map(str::to_ascii_lowercase) else { return false };
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
        && !lower.contains('_')
}
