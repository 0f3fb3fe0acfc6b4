//! Fields that tell what their value is: elements and attributes of XML, keys of JSON, header fields, switches.
//!
//! ```text
//! <password>…</password>   "token": "…"   Proxy-Authorization: Basic …   user = …   --proxy-user name:secret
//! ```

use super::bounds::{FAR, balanced, closing, element, find_bytes, is_prefixed_tag, is_word, run, run_until};
use super::find::{Hit, What};
use crate::redact::Kind;

/// Names of secrets, in lower case without hyphens and underscores.
const SECRETS: [&str; 33] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "clientsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "uploadtoken",
    "apikey",
    "xapikey",
    "xauthtoken",
    "uninstallex",
    "serviceex",
    "unlockcode",
    "clientkeypair",
    "privatekey",
    "proxypassword",
    "proxypwd",
    "proxypass",
    "credentials",
    "bearer",
    "sessionid",
    "sessiontoken",
    "sig",
    "sharedkey",
    "clientcert",
    "estcert",
    "pskidentity",
    "proxyuser",
    "userpassword",
    "pass",
];
/// Header fields whose value goes to the end of the line.
const HEADERS: [&str; 6] =
    ["authorization", "proxyauthorization", "cookie", "setcookie", "setcookie2", "authenticationinfo"];
const USERS: [&str; 17] = [
    "user",
    "username",
    "login",
    "logon",
    "logonname",
    "account",
    "accountname",
    "samaccountname",
    "userprincipalname",
    "upn",
    "runas",
    "targetusername",
    "subjectusername",
    "owner",
    "loggedonuser",
    "winhttpuser",
    "proxyusername",
];
const HOSTS: [&str; 24] = [
    "hostname",
    "computer",
    "computername",
    "machine",
    "machinename",
    "nodename",
    "workstation",
    "workstationname",
    "dnshostname",
    "netbiosname",
    "domain",
    "domainname",
    "dnsdomain",
    "workgroup",
    "dnssuffix",
    "primarydnssuffix",
    "connectionspecificdnssuffix",
    "search",
    "searchlist",
    "searchsuffixes",
    "suffix",
    "suffixes",
    "userdomain",
    "targetdomainname",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Secret,
    Header,
    Name(Kind),
}

/// Finds the values of telling fields.
pub(super) fn find(piece: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    let mut word = String::new();
    while let Some(start) = piece.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_alphabetic)) {
        let start = at + start;
        let end = run(piece, start, |byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        at = end;
        let Some(name) = piece.get(start..end) else { break };
        if name.len() > 40 {
            continue;
        }
        private_key(piece, start, hits);
        word.clear();
        let letters = name.iter().filter(|byte| !b"-_".contains(byte));
        word.extend(letters.map(|byte| char::from(byte.to_ascii_lowercase())));
        scheme(piece, start, end, &word, hits);
        let Some(class) = class_of(&word) else { continue };
        if let Some(hit) = value(piece, start, end, class) {
            at = at.max(hit.end.min(piece.len()));
            hits.push(hit);
        }
    }
}

fn class_of(word: &str) -> Option<Class> {
    if HEADERS.contains(&word) {
        return Some(Class::Header);
    }
    let tails = ["password", "passwd", "passphrase", "clientsecret", "apikey", "privatekey", "accesstoken"];
    if SECRETS.contains(&word) || tails.iter().any(|tail| word.ends_with(tail)) {
        return Some(Class::Secret);
    }
    if USERS.contains(&word) {
        return Some(Class::Name(Kind::User));
    }
    HOSTS.contains(&word).then_some(Class::Name(Kind::Host))
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
    let after = run(piece, end, |byte| byte == b'"' || byte == b'\'' || byte == b'\\');
    let after = run(piece, after, |byte| byte == b' ' || byte == b'\t');
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
fn scheme(piece: &[u8], start: usize, end: usize, word: &str, hits: &mut Vec<Hit>) {
    if !["basic", "bearer", "ntlm", "negotiate", "digest"].contains(&word) || piece.get(end) != Some(&b' ') {
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
