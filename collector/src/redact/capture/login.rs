//! What clients log in with, and what they are asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::head::{blank, masked};
use super::ntlm;
use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Replaces what a client logs in with.
pub(super) fn login(value: &[u8], tokens: &mut Tokens) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else { return blank(value) };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = match scheme.to_ascii_lowercase().as_str() {
        "basic" => basic(token, tokens),
        "ntlm" | "negotiate" => message(token, tokens),
        _ => tokens.filler(token.as_bytes()),
    };
    if text.contains(' ') { format!("{scheme} {token}") } else { scheme.to_owned() }.into_bytes()
}

/// Replaces user and password in `dXNlcjpwYXNz`.
fn basic(token: &str, tokens: &mut Tokens) -> String {
    let decoded = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return tokens.filler(token.as_bytes());
    };
    let parts: Vec<String> = user
        .split('\\')
        .map(|part| tokens.word(Kind::User, part).unwrap_or_else(|| part.to_owned()))
        .collect();
    tokens.meet_secret(secret.as_bytes());
    tokens.meet_secret(token.as_bytes());
    STANDARD.encode(format!("{}:{}", parts.join("\\"), tokens.filler(secret.as_bytes())))
}

/// Replaces names in an NTLM message and blanks every other.
fn message(token: &str, tokens: &mut Tokens) -> String {
    let Ok(mut bytes) = STANDARD.decode(token) else { return tokens.filler(token.as_bytes()) };
    if ntlm::edit(&mut bytes, tokens) {
        tokens.count(Kind::Secret);
        return STANDARD.encode(bytes);
    }
    tokens.meet_secret(token.as_bytes());
    let _ = tokens.filler(token.as_bytes());
    // Kerberos: the first bytes say which it is; the rest is a ticket.
    bytes.iter_mut().skip(2).for_each(|byte| *byte = 0);
    STANDARD.encode(bytes)
}

/// Replaces what a server or a proxy tells of itself when it asks for a login.
pub(super) fn challenge(value: &[u8], tokens: &mut Tokens) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else { return blank(value) };
    let mut out = String::new();
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        let (before, quoted) = rest.split_at_checked(quote + 1).unwrap_or((rest, ""));
        let end = quoted.find('"').unwrap_or(quoted.len());
        let (inner, after) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
        out.push_str(&tokens_in(before, tokens));
        if before.to_ascii_lowercase().ends_with("realm=\"") {
            out.push_str(&tokens.title(inner).unwrap_or_else(|| inner.to_owned()));
        } else {
            out.push_str(&masked(inner));
        }
        rest = after;
        if let Some(closed) = rest.strip_prefix('"') {
            out.push('"');
            rest = closed;
        }
    }
    out.push_str(&tokens_in(rest, tokens));
    out.into_bytes()
}

/// Replaces the messages of NTLM and Negotiate outside of quotes.
fn tokens_in(text: &str, tokens: &mut Tokens) -> String {
    let mut out = String::new();
    let mut last = "";
    for word in text.split_inclusive([' ', ',']) {
        let bare = word.trim_end_matches([' ', ',']);
        let is_token = ["ntlm", "negotiate"].contains(&last.to_ascii_lowercase().as_str()) && bare.len() >= 8;
        if is_token {
            out.push_str(&message(bare, tokens))
        } else {
            out.push_str(bare)
        }
        out.push_str(word.get(bare.len()..).unwrap_or_default());
        last = bare;
    }
    out
}
