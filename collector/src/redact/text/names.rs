//! Names of fields that tell what their value is, made for looking up.

use crate::redact::Kind;

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A secret.
    Secret,
    /// A header field whose value, a secret, goes to the end of the line.
    Header,
    /// A user, a machine or a domain.
    Name(Kind),
}

/// The longest name that is looked at.
pub(super) const LONGEST: usize = 40;

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
/// What the names of secrets end with, whatever stands before.
const TAILS: [&str; 7] =
    ["password", "passwd", "passphrase", "clientsecret", "apikey", "privatekey", "accesstoken"];

/// Places in the table; many more than names, so that most words meet an empty one.
const PLACES: usize = 1024;

/// Every name at the place that its hash gives, or the next that was free.
static TABLE: [Option<(&str, Class)>; PLACES] = {
    let mut table = [None; PLACES];
    fill(&mut table, &HEADERS, Class::Header);
    fill(&mut table, &SECRETS, Class::Secret);
    fill(&mut table, &USERS, Class::Name(Kind::User));
    fill(&mut table, &HOSTS, Class::Name(Kind::Host));
    table
};

#[expect(clippy::indexing_slicing, reason = "the compiler runs it, to which a panic is an error")]
const fn fill(table: &mut [Option<(&'static str, Class)>; PLACES], names: &[&'static str], class: Class) {
    let mut number = 0;
    while number < names.len() {
        let name = names[number].as_bytes();
        let (mut hash, mut at) = (0, 0);
        while at < name.len() {
            hash = mixed(hash, name[at]);
            at += 1;
        }
        let mut place = hash as usize % PLACES;
        while table[place].is_some() {
            place = (place + 1) % PLACES;
        }
        table[place] = Some((names[number], class));
        number += 1;
    }
}

const fn mixed(hash: u32, byte: u8) -> u32 {
    (hash.rotate_left(5) ^ byte as u32).wrapping_mul(0x9e37_79b1)
}

/// For each length a bit for every letter that a name of it begins with.
static FIRSTS: [u32; LONGEST + 1] = {
    let mut firsts = [0; LONGEST + 1];
    begin(&mut firsts, &HEADERS);
    begin(&mut firsts, &SECRETS);
    begin(&mut firsts, &USERS);
    begin(&mut firsts, &HOSTS);
    firsts
};

#[expect(clippy::indexing_slicing, reason = "the compiler runs it, to which a panic is an error")]
const fn begin(firsts: &mut [u32; LONGEST + 1], names: &[&str]) {
    let mut number = 0;
    while number < names.len() {
        let name = names[number].as_bytes();
        firsts[name.len()] |= 1 << (name[0] & 31);
        number += 1;
    }
}

/// Says whether a name may be one of those that tell something, by its length and its ends.
fn may_tell(name: &[u8]) -> bool {
    let (Some(first), [.., before, last]) = (name.first(), name) else { return false };
    let firsts = FIRSTS.get(name.len()).copied().unwrap_or(0);
    let ends = (before.to_ascii_lowercase(), last.to_ascii_lowercase());
    let may_end = matches!(ends, (b'r' | b'w', b'd') | (b's', b'e') | (b'e', b't' | b'y' | b'n'));
    firsts & 1 << (first & 31) != 0 || may_end || name.iter().any(|byte| matches!(byte, b'-' | b'_'))
}

/// Tells what the value of a field of this name is; hyphens, underscores and case mean nothing.
pub(super) fn class_of(name: &[u8]) -> Option<Class> {
    if !may_tell(name) {
        return None;
    }
    let mut buffer = [0; LONGEST];
    let (mut hash, mut length) = (0, 0);
    let letters = name.iter().filter(|byte| !matches!(byte, b'-' | b'_')).map(u8::to_ascii_lowercase);
    for (to, letter) in buffer.iter_mut().zip(letters) {
        *to = letter;
        hash = mixed(hash, letter);
        length += 1;
    }
    let word = buffer.get(..length)?;
    let first = usize::try_from(hash).unwrap_or(0) % PLACES;
    for step in 0..PLACES {
        match TABLE.get((first + step) % PLACES)? {
            Some((name, class)) if name.as_bytes() == word => return Some(*class),
            Some(_) => {}
            None => break,
        }
    }
    let [.., before, last] = word else { return None };
    let may_end = matches!((before, last), (b'r' | b'w', b'd') | (b's', b'e') | (b'e', b't' | b'y' | b'n'));
    (may_end && TAILS.iter().any(|tail| word.ends_with(tail.as_bytes()))).then_some(Class::Secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_however_it_is_written() {
        let all = [
            (&HEADERS[..], Class::Header),
            (&SECRETS, Class::Secret),
            (&USERS, Class::Name(Kind::User)),
            (&HOSTS, Class::Name(Kind::Host)),
        ];
        for (names, class) in all {
            for name in names {
                assert_eq!(class_of(name.as_bytes()), Some(class), "{name}");
                assert_eq!(class_of(name.to_uppercase().as_bytes()), Some(class), "{name}");
                let (one, other) = name.split_at(name.len() / 2);
                assert_eq!(class_of(format!("{one}-_{other}").as_bytes()), Some(class), "{name}");
                assert_eq!(class_of(format!("z{name}z").as_bytes()), None, "{name}");
            }
        }
        for tail in TAILS {
            assert_eq!(class_of(format!("odd-{tail}").as_bytes()), Some(Class::Secret), "{tail}");
        }
        for other in ["", "-", "d", "rd", "debug", "size", "attributes", "Windows"] {
            assert_eq!(class_of(other.as_bytes()), None, "{other}");
        }
    }
}
