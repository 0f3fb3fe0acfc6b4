//! Fields that tell what their value is: elements and attributes of XML, keys of JSON, header fields, switches.
//!
//! ```text
//! <password>…</password>   "token": "…"   Proxy-Authorization: Basic …   user = …   --proxy-user name:secret
//! ```

use super::bounds::{FAR, balanced, closing, element, find_bytes, is_prefixed_tag, is_word, run, run_until};
use super::find::{Hit, What};
use super::names::{Class, LONGEST, class_of};
use crate::redact::Kind;

/// Schemes of authentication, in lower case.
const SCHEMES: [&str; 5] = ["basic", "bearer", "ntlm", "negotiate", "digest"];

/// Finds what the field tells whose name may lie between `start` and `end`, and gives the byte behind its value.
pub(super) fn find(piece: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let (may_be_scheme, may_be_field) = may_be(piece, start, end);
    if may_be_scheme {
        private_key(piece, start, hits);
        scheme(piece, start, end, hits);
    }
    let name = piece.get(start..end).filter(|_| may_be_field)?;
    let found = value(piece, start, end, class_of(name)?)?;
    hits.push(found);
    Some(found.end.min(piece.len()))
}

/// Says whether what is around a word allows that it is a name of either sort, as [`may_be`] would, but at less cost: most
/// words stand between blanks with another behind.
#[inline]
pub(super) fn may_begin(piece: &[u8], start: usize, end: usize, before: u8, after: u8) -> bool {
    match after {
        b'=' | b':' | b'\t' | b'"' | b'\'' | b'\\' => true,
        _ if matches!(before, b'<' | b':') => true,
        b' ' => may_be_scheme(piece, start) || !is_plain(piece, end, Some(before)),
        _ => false,
    }
}

/// Says whether a word begins as the name of a scheme or of a private key does.
#[inline]
fn may_be_scheme(piece: &[u8], start: usize) -> bool {
    let first = piece.get(start).map_or(0, u8::to_ascii_lowercase);
    let second = piece.get(start + 1).map_or(0, u8::to_ascii_lowercase);
    matches!((first, second), (b'b', b'a' | b'e') | (b'n', b't' | b'e') | (b'd', b'i') | (_, b'-' | b'_'))
}

/// Says whether another word follows on the blank behind a word: unless that is a switch, it is no name of a field then.
#[inline]
fn is_plain(piece: &[u8], end: usize, before: Option<u8>) -> bool {
    piece.get(end + 1).is_some_and(u8::is_ascii_alphanumeric) && before != Some(b'-')
}

/// Says whether what is around a word allows that it is the name of a scheme, and that of a field: most words stand
/// between blanks, and need no looking up.
fn may_be(piece: &[u8], start: usize, end: usize) -> (bool, bool) {
    let before = start.checked_sub(1).and_then(|at| piece.get(at)).copied();
    if end - start > LONGEST {
        return (false, false);
    }
    let is_tag = || before == Some(b'<') || (before == Some(b':') && is_prefixed_tag(piece, start));
    match piece.get(end) {
        Some(b'=') => (false, true),
        Some(b':') => (false, piece.get(end + 1) != Some(&b':') || is_tag()),
        Some(b' ') => {
            let is_field = !is_plain(piece, end, before) && is_followed(piece, before, end);
            (may_be_scheme(piece, start), is_field || is_tag())
        }
        Some(b'\t' | b'"' | b'\'' | b'\\') => (false, is_followed(piece, before, end) || is_tag()),
        _ => (false, is_tag()),
    }
}

/// Says whether a value may follow on a word that has a blank or a quote behind it.
fn is_followed(piece: &[u8], before: Option<u8>, end: usize) -> bool {
    before == Some(b'-') || matches!(piece.get(behind_quotes(piece, end)), Some(b'=' | b':' | b'"' | b'\''))
}

/// Gives the first byte behind quotes and then blanks.
fn behind_quotes(piece: &[u8], from: usize) -> usize {
    let after = run(piece, from, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
    run(piece, after, |byte| matches!(byte, b' ' | b'\t'))
}

/// Finds the value of the field whose name lies between `start` and `end`.
fn value(piece: &[u8], start: usize, end: usize, class: Class) -> Option<Hit> {
    let before = |back: usize| start.checked_sub(back).and_then(|at| piece.get(at)).copied();
    let hit = |from: usize, to: usize, what: What, open: bool| {
        (from < to).then_some(Hit { start: from, end: to, guard: start, what, open })
    };
    let what = match class {
        Class::Secret | Class::Header => What::Secret,
        Class::Name(kind) => What::Word(kind),
    };
    if before(1) == Some(b'<') || (before(1) == Some(b':') && is_prefixed_tag(piece, start)) {
        let (from, to, open) = element(piece, start, end)?;
        if class == Class::Header || (what != What::Secret && (open || !is_word(piece.get(from..to)?))) {
            return None;
        }
        return hit(from, to, what, open);
    }
    let quoted_key = matches!(piece.get(end), Some(b'"' | b'\'')) || piece.get(end..)?.starts_with(b"\\\"");
    let after = behind_quotes(piece, end);
    let assigned = matches!(piece.get(after), Some(b'=' | b':'));
    let is_switch = before(1) == Some(b'-') && after > end;
    let is_said = matches!(class, Class::Name(Kind::User)) && matches!(piece.get(after), Some(b'\'' | b'"'));
    let said_now = is_said && after > end && !quoted_key;
    if !assigned && !is_switch && !said_now {
        return None;
    }
    let mut from = if assigned { after + 1 } else { after };
    if piece.get(after..)?.starts_with(b"::") || (assigned && piece.get(from) == Some(&b'\\') && !quoted_key)
    {
        return None;
    }
    from = run(piece, from, |byte| byte == b' ' || byte == b'\t' || (quoted_key && b"\r\n".contains(&byte)));
    let escaped_quote = piece.get(from..)?.starts_with(b"\\\"");
    match piece.get(from)? {
        b'"' | b'\'' => {
            let quote = *piece.get(from)?;
            let (to, open) = closing(piece, from + 1, quote);
            if what != What::Secret && !is_word(piece.get(from + 1..to)?) {
                return None;
            }
            hit(from + 1, to, what, open && what == What::Secret)
        }
        _ if escaped_quote => {
            let begin = from + 2;
            let length = find_bytes(piece.get(begin..)?, b"\\\"")?;
            hit(begin, begin + length, what, false)
        }
        b'{' | b'[' if quoted_key && what == What::Secret => {
            let (to, open) = balanced(piece, from);
            hit(from, to, What::Quoted, open)
        }
        _ if class == Class::Header => {
            let to = run(piece, from, |byte| !b"\r\n\"".contains(&byte));
            let text = piece.get(from..to)?;
            let to = find_bytes(text, b"\\r").or_else(|| find_bytes(text, b"\\n")).map_or(to, |at| from + at);
            hit(from, to, what, to - from >= FAR)
        }
        _ => {
            let to = run(piece, from, |byte| !b" \t\r\n\"'<>&".contains(&byte));
            let to = if quoted_key { run_until(piece, from, to, b",]}") } else { to };
            let text = piece.get(from..to)?;
            let plain = ["null", "true", "false", "none", "(null)", "0"];
            if plain.iter().any(|plain| text.eq_ignore_ascii_case(plain.as_bytes())) {
                return None;
            }
            match what {
                What::Secret if quoted_key => hit(from, to, What::Quoted, false),
                What::Secret => hit(from, to, what, to - from >= FAR),
                _ => {
                    let to = run_until(piece, from, to, b",;:()[]");
                    is_word(piece.get(from..to)?).then(|| hit(from, to, what, false))?
                }
            }
        }
    }
}

/// Finds the secret of a scheme wherever it stands: `Basic dXNlcjpwYXNz`.
fn scheme(piece: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) {
    let name = piece.get(start..end).unwrap_or_default();
    let letters = || name.iter().filter(|byte| !b"-_".contains(byte)).map(u8::to_ascii_lowercase);
    if !SCHEMES.iter().any(|scheme| letters().eq(scheme.bytes())) {
        return;
    }
    let from = end + 1;
    let to = run(piece, from, |byte| byte.is_ascii_alphanumeric() || b"+/=._-~".contains(&byte));
    let token = piece.get(from..to).unwrap_or_default();
    let mixed = token.iter().any(u8::is_ascii_uppercase) && token.iter().any(u8::is_ascii_lowercase);
    if token.len() >= 8 && (mixed || token.ends_with(b"=") || token.iter().any(u8::is_ascii_digit)) {
        hits.push(Hit { start: from, end: to, guard: start, what: What::Secret, open: to - from >= FAR });
    }
}

/// Finds the body of a private key in PEM.
fn private_key(piece: &[u8], start: usize, hits: &mut Vec<Hit>) {
    let rest = piece.get(start..).unwrap_or_default();
    let Some(line) = rest.strip_prefix(b"BEGIN ") else { return };
    let head = line.get(..line.len().min(64)).unwrap_or_default();
    let Some(at) = find_bytes(head, b"PRIVATE KEY-----") else { return };
    let from = start + 6 + at + 16;
    let body = piece.get(from..piece.len().min(from + FAR)).unwrap_or_default();
    let (to, open) = find_bytes(body, b"-----END").map_or((from + body.len(), true), |at| (from + at, false));
    hits.push(Hit { start: from, end: to, guard: start, what: What::Secret, open });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_passed_over() {
        let names =
            ["password", "user", "Basic", "BEGIN", "Proxy-Authorization", "-x", "negotiate", "digest", "id"];
        let behind = [
            " ", "  ", "=", ":", ": ", "::", "\t", "\"", "\" :", "\\\"", "'", " = ", " \"", ">", "", "@",
            " -",
        ];
        let values =
            ["alice7secret", "\"alice7secret\"", "'a7'", "=x", "-p", "RSA PRIVATE KEY-----", "</password>"];
        let mut found = 0;
        for before in [" ", "<", ":", "<ds:", "-", "--", "\"", "(", "/", "", "x="] {
            for name in names {
                for (after, value) in behind.iter().flat_map(|after| values.map(|value| (after, value))) {
                    let text = format!("{before}{name}{after}{value} and more");
                    let (piece, start) = (text.as_bytes(), before.len());
                    let end = start + name.len();
                    let beside = (start.checked_sub(1).map_or(b' ', |at| piece[at]), piece[end]);
                    let mut hits = Vec::new();
                    let value = find(piece, start, end, &mut hits);
                    let is_found = value.is_some() || !hits.is_empty();
                    found += usize::from(is_found);
                    assert!(!is_found || may_begin(piece, start, end, beside.0, beside.1), "{text}");
                }
            }
        }
        assert!(found > 500, "{found}");
    }
}
