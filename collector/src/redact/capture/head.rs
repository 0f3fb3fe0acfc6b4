//! Heads of HTTP messages: fields that are known to be harmless stay, names and addresses in the others are replaced,
//! and what is not known becomes the letter x. Every line stays as long as it is.

use super::login::{challenge, login};
use super::{authority, same_length};
use crate::redact::text::Finder;
use crate::redact::tokens::Tokens;
use crate::redact::{Kind, Level};

/// Fields that tell nothing of anybody.
const HARMLESS: [&str; 44] = [
    "user-agent",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "proxy-connection",
    "keep-alive",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "accept-charset",
    "cache-control",
    "pragma",
    "date",
    "age",
    "expires",
    "last-modified",
    "etag",
    "range",
    "content-range",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "retry-after",
    "x-squid-error",
    "content-encoding",
    "content-language",
    "vary",
    "upgrade",
    "allow",
    "te",
    "trailer",
    "expect",
    "mime-version",
    "content-transfer-encoding",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
    "content-disposition",
    "max-forwards",
    "status",
];
/// Fields with hosts and addresses in them.
const HOSTS: [&str; 14] = [
    "host",
    "via",
    "x-cache",
    "x-cache-lookup",
    "location",
    "referer",
    "origin",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "content-location",
    "server",
    "refresh",
];
const LOGINS: [&str; 2] = ["authorization", "proxy-authorization"];
const CHALLENGES: [&str; 4] =
    ["www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info"];
/// Ways of logging in.
const SCHEMES: [&str; 6] = ["basic", "digest", "ntlm", "negotiate", "bearer", "kerberos"];
/// Paths whose end says what is asked for, and nothing of who asks.
const PATHS: [&str; 9] = [".dat", ".pac", ".crl", ".crt", ".cer", ".der", ".p7c", ".id", ".stl"];

/// Gives a head as long as it was. It may be cut: then its last line is blanked.
pub(super) fn edited(head: &[u8], finder: &Finder, tokens: &mut Tokens) -> Vec<u8> {
    let kept = host_of(head).is_some_and(|host| tokens.kept.host(&host));
    let mut out = Vec::with_capacity(head.len());
    let mut known = true;
    for (number, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let text = line.trim_ascii_end();
        let new = match number {
            0 if line.len() == text.len() && names_begin(text, tokens) => text.to_vec(),
            0 if line.len() == text.len() => first_line(text, false, finder, tokens),
            0 => first_line(text, kept, finder, tokens),
            _ if line.len() == text.len() => cut_line(text, tokens),
            // A line that goes on where the last one ended.
            _ if text.starts_with(b" ") || text.starts_with(b"\t") => {
                if known {
                    same_length(text, finder, tokens)
                } else {
                    blank(text)
                }
            }
            _ => {
                let (new, is_known) = field(text, finder, tokens);
                known = is_known;
                new
            }
        };
        if new.len() == text.len() {
            out.extend_from_slice(&new)
        } else {
            out.extend_from_slice(&blank(text))
        }
        out.extend_from_slice(line.get(text.len()..).unwrap_or_default());
    }
    out
}

/// Gives the host that a request is for, in lower case, without the port.
pub(super) fn host_of(head: &[u8]) -> Option<String> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let target = first.split(' ').nth(1)?;
    let named = target.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest).to_owned());
    let named = named.or_else(|| {
        let line =
            lines.find(|line| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"host:")))?;
        Some(String::from_utf8_lossy(line.get(5..)?).trim().to_owned())
    })?;
    let bare = named.rsplit_once('@').map_or(named.as_str(), |(_, host)| host);
    Some(bare.split(':').next()?.to_ascii_lowercase())
}

/// Says whether the first line of a request is cut within the name of a host that stays.
fn names_begin(line: &[u8], tokens: &Tokens) -> bool {
    let text = std::str::from_utf8(line).unwrap_or_default();
    let target = text.split_once(' ').map_or("", |(_, target)| target);
    tokens.kept.begin(target.split_once("://").map_or(target, |(_, host)| host))
}

/// Replaces what a first line tells: the host, a login and the path of a request, the words of an answer.
fn first_line(line: &[u8], kept: bool, finder: &Finder, tokens: &mut Tokens) -> Vec<u8> {
    if line.starts_with(b"HTTP/") {
        return same_length(line, finder, tokens);
    }
    let Ok(text) = std::str::from_utf8(line) else { return blank(line) };
    let mut words = text.splitn(3, ' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return line.to_vec() };
    let rest = words.next();
    let target =
        if method == "CONNECT" { authority(target, tokens) } else { url(target, kept, finder, tokens) };
    let mut out = format!("{method} {target}");
    if let Some(rest) = rest {
        // Whatever stands behind the version belongs to no request.
        let version = if rest.starts_with("HTTP/") { rest.len().min(8) } else { 0 };
        let (version, more) = rest.split_at_checked(version).unwrap_or(("", rest));
        out.push(' ');
        out.push_str(version);
        out.push_str(&masked(more));
    }
    out.into_bytes()
}

/// Replaces what a URL or a path tells.
fn url(target: &str, kept: bool, finder: &Finder, tokens: &mut Tokens) -> String {
    let start = target.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = target.split_at_checked(start).unwrap_or(("", target));
    let end = if start > 0 { rest.find('/').unwrap_or(rest.len()) } else { 0 };
    let (place, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let place = match place.rsplit_once('@') {
        Some((login, host)) => {
            let (user, secret) =
                login.split_once(':').map_or((login, None), |(user, secret)| (user, Some(secret)));
            let mut out = tokens.word(Kind::User, user).unwrap_or_else(|| user.to_owned());
            if let Some(secret) = secret {
                out.push(':');
                out.push_str(&tokens.filler(secret.as_bytes()));
            }
            format!("{out}@{}", authority(host, tokens))
        }
        None => authority(place, tokens),
    };
    let (plain, query) =
        path.split_at_checked(path.find(['?', '#']).unwrap_or(path.len())).unwrap_or((path, ""));
    let lower = plain.to_ascii_lowercase();
    let telling = PATHS.iter().any(|end| lower.ends_with(end))
        || ["/av64bit", "/av32bit", "ocsp", "/mf", "/me", "%2fmf"].iter().any(|part| lower.contains(part));
    let path = match () {
        () if tokens.level != Level::Full || (kept && query.is_empty()) => same(path, finder, tokens),
        () if telling || kept => format!("{}{}", same(plain, finder, tokens), masked(query)),
        () => masked(path),
    };
    format!("{scheme}{place}{path}")
}

fn same(text: &str, finder: &Finder, tokens: &mut Tokens) -> String {
    String::from_utf8(same_length(text.as_bytes(), finder, tokens)).unwrap_or_else(|_| masked(text))
}

/// Writes x over letters and digits.
pub(super) fn masked(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || byte >= 0x80 { 'x' } else { char::from(byte) })
        .collect()
}

/// Writes x over everything.
pub(super) fn blank(text: &[u8]) -> Vec<u8> {
    vec![b'x'; text.len()]
}

/// Gives the name of a line's field with the colon, the name in lower case, and the value.
fn split(line: &[u8]) -> Option<(&[u8], String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon + 1)?;
    let lower = String::from_utf8_lossy(name.get(..colon)?).trim().to_ascii_lowercase();
    Some((name, lower, value))
}

/// Blanks a line whose end was not captured, but for the name of its field and the scheme of a login.
fn cut_line(line: &[u8], tokens: &Tokens) -> Vec<u8> {
    let Some((name, lower, value)) = split(line) else { return blank(line) };
    let text = std::str::from_utf8(value).unwrap_or_default();
    if lower == "host" && tokens.kept.begin(text.trim_ascii()) {
        return line.to_vec();
    }
    let lead = value.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let word = value.iter().skip(lead).take_while(|byte| **byte != b' ').count();
    let is_login = LOGINS.contains(&lower.as_str()) || CHALLENGES.contains(&lower.as_str());
    let first = value.get(lead..lead + word).unwrap_or_default().to_ascii_lowercase();
    let is_scheme = is_login && SCHEMES.iter().any(|scheme| scheme.as_bytes() == first);
    let kept = (if is_scheme { lead + word + 1 } else { lead }).min(value.len());
    let (kept, rest) = value.split_at_checked(kept).unwrap_or((value, &[]));
    [name, kept, &blank(rest)].concat()
}

/// Replaces the value of a field; tells whether the field is known.
fn field(line: &[u8], finder: &Finder, tokens: &mut Tokens) -> (Vec<u8>, bool) {
    let Some((name, lower, value)) = split(line) else { return (blank(line), false) };
    let lead = value.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let (space, value) = value.split_at_checked(lead).unwrap_or((&[], value));
    let lower = lower.as_str();
    let (new, known) = if HARMLESS.contains(&lower) {
        (same_length(value, finder, tokens), true)
    } else if LOGINS.contains(&lower) {
        (login(value, tokens), false)
    } else if CHALLENGES.contains(&lower) {
        (challenge(value, tokens), false)
    } else if HOSTS.contains(&lower) {
        (hosts(lower, value, finder, tokens), true)
    } else if tokens.level == Level::Full
        || lower.contains("cookie")
        || lower.contains("token")
        || lower.contains("auth")
    {
        tokens.count(Kind::Secret);
        (masked_bytes(value), false)
    } else {
        (same_length(value, finder, tokens), true)
    };
    ([name, space, &new].concat(), known)
}

fn masked_bytes(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .map(|byte| if byte.is_ascii_alphanumeric() || !byte.is_ascii() { b'x' } else { *byte })
        .collect()
}

/// Replaces hosts where a field has them in places of its own.
fn hosts(name: &str, value: &[u8], finder: &Finder, tokens: &mut Tokens) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else { return masked_bytes(value) };
    match name {
        "host" | "x-real-ip" | "x-forwarded-host" => authority(text, tokens).into_bytes(),
        "location" | "referer" | "origin" | "content-location" => {
            let host = text.split_once("://").map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or(rest));
            let kept = host.is_some_and(|host| tokens.kept.host(&host.to_ascii_lowercase()));
            url(text, kept, finder, tokens).into_bytes()
        }
        // `1.1 proxy (squid/5.7)`, `MISS from proxy:3128`: a host without dots is known by its place.
        "via" | "x-cache" | "x-cache-lookup" | "forwarded" => {
            let mut out = String::new();
            let mut last = "";
            for word in text.split_inclusive([' ', ',', ';', '=']) {
                let bare = word.trim_end_matches([' ', ',', ';', '=']);
                let is_host =
                    last.eq_ignore_ascii_case("from") || last.starts_with("1.") || last.starts_with("HTTP/");
                let new = if is_host { authority(bare, tokens) } else { same(bare, finder, tokens) };
                out.push_str(&new);
                out.push_str(word.get(bare.len()..).unwrap_or_default());
                last = bare;
            }
            out.into_bytes()
        }
        _ => same_length(value, finder, tokens),
    }
}
