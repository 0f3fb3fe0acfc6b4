//! Writes the pseudonym of what was found, in the form that it has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::find::What;
use super::hardware::parse_mac;
use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Gives what is written instead of a value; `None` where it stays.
pub(in crate::redact) fn pseudonym(value: &[u8], what: What, tokens: &mut Tokens) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value);
    let to = match what {
        What::Secret => tokens.secret(value),
        What::Quoted => format!("\"{}\"", tokens.secret(value)),
        What::Word(kind) => name(kind, text.ok()?, tokens)?,
        What::Host => tokens.host(text.ok()?)?,
        What::V4 => {
            let from: Ipv4Addr = text.ok()?.parse().ok()?;
            let to = tokens.v4(from);
            (to != from).then(|| to.to_string())?
        }
        What::Partial => {
            let mut parts: Vec<&str> = text.ok()?.split('.').collect();
            let count = parts.len();
            parts.resize(4, "0");
            let to = tokens.v4(parts.join(".").parse().ok()?).to_string();
            to.split('.').take(count).collect::<Vec<_>>().join(".")
        }
        What::V6 => six_like(text.ok()?, tokens)?,
        What::Mac => {
            let text = text.ok()?;
            let mut digits = tokens
                .mac(parse_mac(text)?)
                .map(|byte| format!("{byte:02x}"))
                .concat()
                .into_bytes()
                .into_iter();
            let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
            let cased = |digit: u8| if upper { digit.to_ascii_uppercase() } else { digit };
            let written = text.chars().map(|letter| match letter {
                ':' | '-' | '.' => Some(letter),
                _ => digits.next().map(|digit| char::from(cased(digit))),
            });
            written.collect::<Option<String>>()?
        }
        What::Sid => {
            let (domain, number) = text.ok()?.strip_prefix("S-1-5-21-")?.rsplit_once('-')?;
            format!("S-1-5-21-{}-{number}", tokens.word(Kind::User, domain)?)
        }
    };
    (to.as_bytes() != value).then(|| to.into_bytes())
}

/// Gives the pseudonym of a name in whatever form it is written: `DOMAIN\user`, `user@domain`, `host.domain`.
fn name(kind: Kind, text: &str, tokens: &mut Tokens) -> Option<String> {
    let is_address = text.parse::<IpAddr>().ok();
    match is_address {
        Some(IpAddr::V4(four)) => return Some(tokens.v4(four).to_string()),
        Some(IpAddr::V6(_)) => return six_like(text, tokens),
        None => {}
    }
    for separator in ['\\', '@'] {
        if let Some((one, other)) = text.split_once(separator) {
            let (left, right) = if separator == '@' { (kind, Kind::Host) } else { (Kind::Host, kind) };
            let one_to = name(left, one, tokens).unwrap_or_else(|| one.to_owned());
            let other_to = name(right, other, tokens).unwrap_or_else(|| other.to_owned());
            return Some(format!("{one_to}{separator}{other_to}"));
        }
    }
    match kind {
        Kind::Host => tokens.host(text),
        _ if text.contains('.') => {
            let parts: Vec<String> = text
                .split('.')
                .map(|part| tokens.word(kind, part).unwrap_or_else(|| part.to_owned()))
                .collect();
            Some(parts.join("."))
        }
        _ => tokens.word(kind, text),
    }
}

/// Writes the pseudonym of an IPv6 address as the address itself is written, group by group.
fn six_like(text: &str, tokens: &mut Tokens) -> Option<String> {
    let from: Ipv6Addr = text.parse().ok()?;
    let to = tokens.v6(from);
    if to == from {
        return None;
    }
    let (groups, four) = match text.rsplit_once(':') {
        Some((groups, four)) if four.contains('.') => (format!("{groups}:"), Some(to.octets())),
        _ => (text.to_owned(), None),
    };
    let tail = four.map(|octets| {
        let [.., a, b, c, d] = octets;
        Ipv4Addr::new(a, b, c, d).to_string()
    });
    let mut segments: Vec<u16> = to.segments().to_vec();
    if tail.is_some() {
        segments.truncate(6);
    }
    let given = groups.split(':').filter(|group| !group.is_empty()).count();
    let skip_at = groups.find("::");
    let mut out = String::new();
    let (mut number, mut offset) = (0usize, 0usize);
    for part in groups.split_inclusive(':') {
        let group = part.trim_end_matches(':');
        if !group.is_empty() {
            if skip_at.is_some_and(|at| offset > at) && number < segments.len() {
                // Behind the gap, groups are counted from the end.
                let behind = groups.get(offset..).unwrap_or_default();
                let left = behind.split(':').filter(|group| !group.is_empty()).count();
                number = segments.len().saturating_sub(left);
            }
            let value = segments.get(number)?;
            out.push_str(&format!("{value:0width$x}", width = group.len()));
            number += 1;
        }
        if part.ends_with(':') {
            out.push(':');
        }
        offset += part.len();
    }
    let out = if given == 0 { to.to_string() } else { out + &tail.unwrap_or_default() };
    let out = if text.bytes().any(|byte| byte.is_ascii_uppercase()) { out.to_ascii_uppercase() } else { out };
    // Whatever went wrong in the writing, another address must not be told.
    if out.parse::<Ipv6Addr>() == Ok(to) { Some(out) } else { Some(to.to_string()) }
}
