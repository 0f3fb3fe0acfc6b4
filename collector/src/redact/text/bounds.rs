//! Where values end: elements, quotes, brackets, runs of letters.

/// How far the end of a value is looked for.
pub(super) const FAR: usize = 48 * 1024;

/// Says whether a name stands in a tag behind a prefix: `<ds:password>`.
pub(super) fn is_prefixed_tag(piece: &[u8], start: usize) -> bool {
    let before = piece.get(start.saturating_sub(24)..start.saturating_sub(1)).unwrap_or_default();
    let prefix = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    prefix > 0 && before.iter().rev().nth(prefix) == Some(&b'<')
}

/// Gives the text of an element, without the blanks around it, and whether its end is missing.
pub(super) fn element(piece: &[u8], start: usize, end: usize) -> Option<(usize, usize, bool)> {
    let name = piece.get(start..end)?;
    let close = run(piece, end, |byte| byte != b'>');
    if close - end > FAR || piece.get(close) != Some(&b'>') || piece.get(close.checked_sub(1)?) == Some(&b'/')
    {
        return None;
    }
    let from = close + 1;
    let limit = piece.len().min(from + FAR);
    let mut at = from;
    let to = loop {
        let Some(next) = find_bytes(piece.get(at..limit)?, b"</") else { return Some((from, limit, true)) };
        let inner = piece.get(at + next + 2..limit)?;
        let prefix = inner.iter().take(24).position(|byte| *byte == b':').map_or(0, |colon| colon + 1);
        if inner.starts_with(name) || inner.get(prefix..).is_some_and(|rest| rest.starts_with(name)) {
            break at + next;
        }
        at = at + next + 2;
    };
    let text = piece.get(from..to)?;
    let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let trailing = text.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    (blank < text.len()).then(|| (from + blank, to - trailing, false))
}

/// Says whether a value can be the name of a user or a host.
pub(super) fn is_word(value: &[u8]) -> bool {
    let odd = |byte: &u8| b"<>{}[]=,;\"/*|".contains(byte) || byte.is_ascii_control();
    !value.is_empty() && value.len() <= 128 && !value.iter().any(odd)
}

/// Finds the closing quote; in escaped text the quote behind a backslash is none.
pub(super) fn closing(piece: &[u8], from: usize, quote: u8) -> (usize, bool) {
    let mut is_escaped = false;
    for (at, byte) in piece.iter().enumerate().skip(from).take(FAR) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            byte if *byte == quote => return (at, false),
            _ => {}
        }
    }
    (piece.len().min(from + FAR), true)
}

/// Finds the end of a JSON object or list.
pub(super) fn balanced(piece: &[u8], from: usize) -> (usize, bool) {
    let (mut depth, mut at) = (0usize, from);
    while at < piece.len().min(from + FAR) {
        match piece.get(at) {
            Some(b'"') => at = closing(piece, at + 1, b'"').0,
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (at + 1, false);
                }
            }
            _ => {}
        }
        at += 1;
    }
    (piece.len().min(from + FAR), true)
}

/// Gives the end of the run of bytes that fit, at most [`FAR`] on.
pub(super) fn run(piece: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = piece.get(from..).unwrap_or_default();
    from + rest.iter().take(FAR).take_while(|byte| fits(**byte)).count()
}

pub(super) fn run_until(piece: &[u8], from: usize, to: usize, ends: &[u8]) -> usize {
    let text = piece.get(from..to).unwrap_or_default();
    from + text.iter().position(|byte| ends.contains(byte)).unwrap_or(text.len())
}

pub(super) fn find_bytes(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}
