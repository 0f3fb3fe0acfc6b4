//! What is learned from all files before any is cleaned: names that one file tells and another only mentions.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use super::Kind;
use super::address;
use super::text::What;
use super::tokens::Tokens;

/// The least length of a secret that is looked for wherever it stands.
const SHORTEST_SECRET: usize = 6;
const LONGEST_SECRET: usize = 4096;
/// A number with fewer digits is in too many others.
const SURE_NUMBER: usize = 8;
/// What stands in the place of a secret and is none: looked for elsewhere, it would be found in every sentence.
const NO_SECRETS: [&str; 20] = [
    "disabled",
    "enabled",
    "default",
    "unknown",
    "required",
    "optional",
    "configured",
    "anonymous",
    "password",
    "passwd",
    "secret",
    "bearer",
    "negotiate",
    "kerberos",
    "digest",
    "sha256",
    "hidden",
    "removed",
    "undefined",
    "redacted",
];
/// The longest part of a host's name.
const LABEL: usize = 63;
/// Names, secrets and addresses that are learned, and bytes of secrets.
const LEARNED: usize = 20_000;
const SECRETS: usize = 1024 * 1024;

/// What was learned from all files before any is cleaned.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// Users, machines and domains without a dot, in lower case.
    pub words: BTreeMap<String, Kind>,
    /// Full names of hosts that do not stay, in lower case.
    pub hosts: BTreeSet<String>,
    /// Last parts of those that are no top-level domains.
    ends: BTreeSet<String>,
    /// Secrets, as they stand in the files.
    pub secrets: BTreeSet<Vec<u8>>,
    /// Bytes of those.
    size: usize,
    /// Public addresses of hosts that stay.
    pub addresses: BTreeSet<IpAddr>,
}

impl Tokens {
    /// Notes a user, a machine or a domain by a name without a dot.
    pub(super) fn learn_word(&mut self, kind: Kind, word: &str) {
        let lower = word.to_lowercase();
        let plain = lower.chars().all(|letter| letter.is_alphanumeric() || "-_ .".contains(letter));
        let any = lower.chars().any(char::is_alphabetic);
        if plain && any && (2..=64).contains(&lower.len()) && !self.kept.is_common(&lower) {
            if lower.contains('.') && kind == Kind::Host {
                self.learn_host(&lower);
            } else if self.learned.words.len() < LEARNED {
                self.learned.words.entry(lower).or_insert(kind);
            }
        }
    }

    /// Notes the full name of a host.
    pub(super) fn learn_host(&mut self, name: &str) {
        let name = name.trim_matches('.').to_lowercase();
        let fits = name.contains('.') && name.len() <= 253 && self.learned.hosts.len() < LEARNED;
        if fits && !self.kept.host(&name) && !name.ends_with(".arpa") && name.parse::<IpAddr>().is_err() {
            self.learn_labels(&name);
            if let Some((_, end)) = name.rsplit_once('.')
                && !self.kept.domain(end)
            {
                self.learned.ends.insert(end.to_owned());
            }
            self.learned.hosts.insert(name);
        }
    }

    /// Tells whether the name of a host may end with a label, in whatever case: all others need no closer look.
    pub(super) fn may_end_host(&self, label: &[u8]) -> bool {
        if !self.kept.may_be_domain(label) && self.learned.ends.is_empty() {
            return false;
        }
        let mut lower = [0; LABEL];
        let Some(lower) = lower.get_mut(..label.len()) else { return false };
        lower.copy_from_slice(label);
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower)
            .is_ok_and(|lower| self.kept.domain(lower) || self.learned.ends.contains(lower))
    }

    /// Notes the parts of a host's name that tell of somebody by themselves: the machine's, and the domain's.
    fn learn_labels(&mut self, name: &str) {
        for (number, label) in name.split('.').enumerate() {
            let odd = label.bytes().any(|byte| byte.is_ascii_digit() || byte == b'-');
            let telling = if number == 0 { odd && label.len() > 2 } else { label.len() > 4 };
            if telling && !label.starts_with('_') {
                self.learn_word(Kind::Host, label);
            }
        }
    }

    /// Notes a secret by its value as it stands in a file.
    pub(super) fn learn_secret(&mut self, value: &[u8]) {
        let fits = value.len() >= SHORTEST_SECRET && value.len() <= LONGEST_SECRET;
        let number = value.len() < SURE_NUMBER && value.iter().all(u8::is_ascii_digit);
        let says_nothing = NO_SECRETS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
        let blank = value.iter().all(|byte| Some(byte) == value.first());
        let size = self.learned.size.saturating_add(value.len());
        if fits
            && !number
            && !says_nothing
            && !blank
            && size <= SECRETS
            && self.learned.secrets.len() < LEARNED
        {
            self.learned.size = size;
            self.learned.secrets.insert(value.to_vec());
        }
    }

    /// Notes a public address of a host that stays.
    pub(super) fn learn_address(&mut self, address: IpAddr) {
        let public = match address {
            IpAddr::V4(v4) => address::is_public(v4),
            IpAddr::V6(v6) => address::is_public_v6(v6),
        };
        if public && self.learned.addresses.len() < LEARNED {
            self.learned.addresses.insert(address);
        }
    }

    /// Notes the name of a host that was met in a packet.
    pub(super) fn learn_name(&mut self, name: &str) {
        if name.contains('.') {
            self.learn_host(name);
        } else if name.bytes().any(|byte| byte.is_ascii_digit() || byte == b'-') {
            self.learn_word(Kind::Host, name);
        }
    }

    /// Gives the pseudonym of a machine or a domain, with dots or without; notes it while files are learned from.
    pub(super) fn host_or_word(&mut self, name: &str) -> Option<String> {
        if name.contains('.') { self.host(name) } else { self.word(Kind::Host, name) }
    }

    /// Notes an address that a host that stays was found at.
    pub(super) fn meet_address(&mut self, address: IpAddr) {
        if self.learning {
            self.learn_address(address);
        }
    }

    /// Notes a secret that was met in a packet.
    pub(super) fn meet_secret(&mut self, value: &[u8]) {
        if self.learning {
            self.learn_secret(value);
        }
    }

    /// Notes what a text in a packet tells.
    pub(super) fn meet(&mut self, value: &[u8], what: What) {
        let Some(text) = std::str::from_utf8(value).ok().filter(|_| self.learning) else { return };
        match what {
            What::Word(kind) => self.learn_word(kind, text),
            What::Host => self.learn_host(text),
            _ => {}
        }
    }

    /// Notes the address of a server that was asked for by its name.
    pub(super) fn meet_server(&mut self, name: &str, address: IpAddr, in_tunnel: bool) {
        if !in_tunnel && self.kept.host(&name.to_ascii_lowercase()) {
            self.meet_address(address);
        }
    }

    /// Notes the address of the server that a request was sent to, unless it was a proxy.
    pub(super) fn meet_request(&mut self, head: &[u8], host: Option<&str>, server: Option<SocketAddr>) {
        let to_server =
            head.split(|byte| *byte == b' ').nth(1).is_some_and(|target| target.starts_with(b"/"));
        if let (true, Some(host), Some(server)) = (to_server, host, server) {
            self.meet_server(host, server.ip(), false);
        }
    }
}
