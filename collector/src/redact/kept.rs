//! What stays: hosts of the vendor and of public authorities, and words that name nobody.
//!
//! The lists are data beside this file; the hosts, authorities and labels are those that the rule pack knows
//! (`rules/endpoints.yml`; a test compares them).

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use foldhash::fast::RandomState;

/// Hosts of the vendor and of revocation services; `*.suffix` stands for every name below the suffix.
pub const HOSTS: &str = include_str!("kept/hosts.txt");
/// Parts of the names of authorities that serve the public.
pub const AUTHORITIES: &str = include_str!("kept/authorities.txt");
/// Labels by which a proxy, or the search for one, is known.
pub const LABELS: &str = include_str!("kept/labels.txt");
/// Words in names of certificates that name nobody.
const WORDS: &str = include_str!("kept/words.txt");
/// Names of accounts and machines that everybody has, or that are words of the product.
const NAMES: &str = include_str!("kept/names.txt");
/// Top-level domains, public ones and those in use inside.
const DOMAINS: &str = include_str!("kept/domains.txt");
/// Labels that are part of protocols, not of anybody's name.
const PROTOCOL: [&str; 37] = [
    "www",
    "ocsp",
    "crl",
    "pki",
    "dns",
    "ns",
    "ns1",
    "ns2",
    "mail",
    "localhost",
    "isatap",
    "in-addr",
    "ip6",
    "_tcp",
    "_udp",
    "_ldap",
    "_kerberos",
    "_msdcs",
    "_sites",
    "dc",
    "gc",
    "b",
    "_dns-sd",
    "lb",
    "db",
    "r",
    "dr",
    "cf",
    "default-first-site-name",
    "_gc",
    "_http",
    "_https",
    "com",
    "net",
    "org",
    "co",
    "cdn",
];
/// Public resolvers that everybody may use.
const RESOLVERS: [&str; 12] = [
    "1.1.1.1",
    "1.0.0.1",
    "8.8.8.8",
    "8.8.4.4",
    "9.9.9.9",
    "149.112.112.112",
    "208.67.222.222",
    "208.67.220.220",
    "114.114.114.114",
    "223.5.5.5",
    "223.6.6.6",
    "119.29.29.29",
];

/// Words that are only looked up.
type Words = HashSet<&'static str, RandomState>;

/// The lists, made for looking up.
#[derive(Debug)]
pub(super) struct Kept {
    hosts: Words,
    below: Words,
    /// Domains above the hosts.
    above: Words,
    labels: Words,
    words: Words,
    domains: Words,
    /// A bit for each second letter of a domain, by its length and its first letter.
    begins: [[u32; 32]; 16],
    /// Words in the names of hosts and authorities that stay.
    public: Words,
    resolvers: BTreeSet<IpAddr>,
}

impl Kept {
    pub(super) fn new() -> Self {
        let (mut hosts, mut below, mut above) = (Words::default(), Words::default(), Words::default());
        for name in HOSTS.lines() {
            let suffix = name.strip_prefix("*.");
            if let Some(suffix) = suffix {
                below.insert(suffix);
                above.insert(suffix);
            } else {
                hosts.insert(name);
            }
            let mut rest = suffix.unwrap_or(name);
            while let Some((_, parent)) = rest.split_once('.') {
                above.insert(parent);
                rest = parent;
            }
        }
        let mut begins = [[0; 32]; 16];
        for domain in DOMAINS.split_whitespace() {
            if let Some((length, first, second)) = begin_of(domain.as_bytes())
                && let Some(bits) = begins.get_mut(length).and_then(|all| all.get_mut(first))
            {
                *bits |= second;
            }
        }
        Self {
            begins,
            hosts,
            below,
            above,
            labels: LABELS.lines().chain(PROTOCOL).chain(NAMES.lines()).collect(),
            words: WORDS.lines().collect(),
            domains: DOMAINS.split_whitespace().collect(),
            public: HOSTS
                .split(['.', '\n'])
                .chain(AUTHORITIES.split(|letter: char| !letter.is_alphanumeric()))
                .filter(|word| word.len() > 1)
                .collect(),
            resolvers: RESOLVERS.iter().filter_map(|address| address.parse().ok()).collect(),
        }
    }

    /// Tells whether a host stays by its name (lower case, no dot at the end).
    pub(super) fn host(&self, name: &str) -> bool {
        if self.hosts.contains(name) {
            return true;
        }
        let mut rest = name;
        while let Some((_, parent)) = rest.split_once('.') {
            if self.below.contains(parent) {
                return true;
            }
            rest = parent;
        }
        false
    }

    /// Tells whether a name that is cut is the begin of one that stays; the first label and more must be there.
    pub(super) fn begin(&self, cut: &str) -> bool {
        let cut = cut.to_ascii_lowercase();
        cut.len() >= 12 && cut.contains('.') && self.hosts.iter().any(|host| host.starts_with(&cut))
    }

    /// Tells whether the first label of a name stays (lower case): a kept host or a domain above one begins with it,
    /// or it says nothing. It depends on nothing left of it, as the compression of names in packets demands.
    pub(super) fn first_label(&self, name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        if self.labels.contains(first) {
            return true;
        }
        // `update.vendor.example` stays too where a search suffix was put behind it.
        let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
        ends.skip(1)
            .any(|end| name.get(..end).is_some_and(|part| self.above.contains(part) || self.host(part)))
    }

    /// Tells whether a label, an account's or a machine's name says nothing.
    pub(super) fn label(&self, label: &str) -> bool {
        self.labels.contains(label)
    }

    /// Tells whether a word of a certificate's name says nothing.
    pub(super) fn word(&self, word: &str) -> bool {
        self.words.contains(word) || self.labels.contains(word) || self.domains.contains(word)
    }

    /// Tells whether a name in a certificate is one of a public authority.
    pub(super) fn authority(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        AUTHORITIES.lines().any(|part| name.contains(part))
    }

    /// Tells whether a label is a top-level domain.
    pub(super) fn domain(&self, label: &str) -> bool {
        self.domains.contains(label)
    }

    /// Tells whether a word says nothing by itself, for it stands in what stays: no name is told by it.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.word(word) || self.public.contains(word)
    }

    /// Tells whether a label, in whatever case, has the length and the first letters of a top-level domain.
    pub(super) fn may_be_domain(&self, label: &[u8]) -> bool {
        begin_of(label).is_some_and(|(length, first, second)| {
            self.begins.get(length).and_then(|all| all.get(first)).is_none_or(|bits| bits & second != 0)
        })
    }

    /// Tells whether an address is a public resolver's.
    pub(super) fn resolver(&self, address: IpAddr) -> bool {
        self.resolvers.contains(&address)
    }
}

/// Gives the length of a label, its first letter, and a bit for its second, whatever their case.
fn begin_of(label: &[u8]) -> Option<(usize, usize, u32)> {
    let [first, second, ..] = label else { return None };
    Some((label.len(), usize::from(first & 31), 1 << (second & 31)))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Endpoints {
        hosts: Vec<Host>,
        public_authorities: Vec<String>,
        proxy_labels: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Host {
        name: String,
    }

    #[test]
    fn what_stays_is_what_the_rule_pack_knows() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/endpoints.yml");
        let known: Endpoints = serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let sorted = |all: Vec<String>| all.into_iter().collect::<BTreeSet<String>>();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<String>>();
        let hosts: Vec<String> = known.hosts.into_iter().map(|host| host.name).collect();
        let (names, labels): (Vec<String>, Vec<String>) =
            hosts.into_iter().partition(|name| name.contains('.'));
        assert_eq!(lines(HOSTS), sorted(names));
        assert_eq!(lines(AUTHORITIES), sorted(known.public_authorities));
        assert_eq!(lines(LABELS), sorted([labels, known.proxy_labels].concat()));
    }
}
