//! Who gets which pseudonym: one for each original, the same in every file, counted as it is given.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::fast::RandomState;

use super::address;
use super::kept::Kept;
use super::label::label;
use super::learned::Learned;
use super::text::Ready;
use super::{Key, Kind, Level};

/// Originals that are remembered; with more, the rest is replaced all the same, but is not in the map.
const REMEMBERED: usize = 30_000;
/// Addresses whose pseudonyms are held ready.
const READY: usize = 8_000;

/// Gives the pseudonyms.
#[derive(Debug)]
pub(super) struct Tokens {
    pub level: Level,
    pub kept: Kept,
    pub learned: Learned,
    /// Files are read to learn of names, and nothing is replaced yet.
    pub learning: bool,
    key: Key,
    known: HashMap<IpAddr, IpAddr, RandomState>,
    known_bits: address::Known,
    /// Original and pseudonym, by kind.
    pub given: BTreeMap<(Kind, String), String>,
    /// How much was replaced since it was last asked.
    pub counts: BTreeMap<Kind, u64>,
    /// Pseudonyms of what was met lately in texts.
    pub ready: Ready,
}

impl Tokens {
    pub(super) fn new(key: Key, level: Level) -> Self {
        Self {
            level,
            kept: Kept::new(),
            learned: Learned::default(),
            learning: false,
            key,
            known: HashMap::default(),
            known_bits: address::Known::default(),
            given: BTreeMap::new(),
            counts: BTreeMap::new(),
            ready: Ready::default(),
        }
    }

    /// Takes the counts of what was replaced since the last time.
    pub(super) fn take_counts(&mut self) -> BTreeMap<Kind, u64> {
        std::mem::take(&mut self.counts)
    }

    /// Counts what is replaced or cut without a pseudonym.
    pub(super) fn count(&mut self, kind: Kind) {
        if self.learning {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
    }

    fn note(&mut self, kind: Kind, from: &dyn Display, to: &dyn Display) {
        self.count(kind);
        if self.given.len() < REMEMBERED {
            self.given.entry((kind, from.to_string())).or_insert_with(|| to.to_string());
        }
    }

    /// Gives the pseudonym of a host's name, with dots or without; `None` where it stays.
    pub(super) fn host(&mut self, name: &str) -> Option<String> {
        if self.level != Level::Full {
            return None;
        }
        if self.learning {
            self.learn_name(name);
            return None;
        }
        let lower = name.to_ascii_lowercase();
        let trimmed = lower.strip_suffix('.').unwrap_or(&lower);
        if trimmed.is_empty() || self.kept.host(trimmed) {
            return None;
        }
        let to = match self.reversed(trimmed) {
            Some(reversed) => format!("{reversed}{}", if trimmed.len() < lower.len() { "." } else { "" }),
            None => self.labels(name, trimmed),
        };
        if to == name {
            return None;
        }
        let from = trimmed.to_owned();
        self.note(Kind::Host, &from, &to.trim_end_matches('.').to_ascii_lowercase());
        Some(to)
    }

    /// Tells whether every original that was replaced is remembered.
    pub(super) fn remembers_all(&self) -> bool {
        self.given.len() < REMEMBERED
    }

    /// Tells whether a name, in lower case, has a part that does not stay.
    pub(super) fn changes(&self, name: &str) -> bool {
        self.labels(name, name) != name
    }

    fn labels(&self, name: &str, lower: &str) -> String {
        let (mut out, mut at) = (String::with_capacity(name.len()), 0usize);
        for part in name.split('.') {
            if at > 0 {
                out.push('.');
            }
            let suffix = lower.get(at..).unwrap_or_default();
            let is_last = !suffix.contains('.');
            let is_domain = is_last && at > 0 && self.kept.domain(suffix);
            if part.is_empty() || is_domain || self.kept.first_label(suffix) {
                out.push_str(part);
            } else {
                out.push_str(&self.word_of(part, is_last && at > 0));
            }
            at = at.saturating_add(part.len()).saturating_add(1);
        }
        out
    }

    fn word_of(&self, word: &str, is_domain: bool) -> String {
        let stays = |word: &str| self.kept.label(word) || (is_domain && self.kept.domain(word));
        label(&self.key, word, &stays)
    }

    /// Gives the pseudonym of a name that is an address backwards.
    fn reversed(&mut self, name: &str) -> Option<String> {
        if let Some(octets) = name.strip_suffix(".in-addr.arpa") {
            let mut all = octets.split('.').rev().map(|octet| octet.parse::<u8>().ok());
            let count = octets.split('.').count();
            let mut parts = [0u8; 4];
            for part in parts.iter_mut().take(count) {
                *part = all.next()??;
            }
            let mapped = self.v4_of(Ipv4Addr::from(parts)).octets();
            let texts: Vec<String> = mapped.iter().take(count).rev().map(ToString::to_string).collect();
            return (count <= 4).then(|| format!("{}.in-addr.arpa", texts.join(".")));
        }
        let nibbles = name.strip_suffix(".ip6.arpa")?;
        let count = nibbles.split('.').count();
        let mut value: u128 = 0;
        for nibble in nibbles.split('.').rev() {
            let digit = u128::from_str_radix(nibble, 16).ok().filter(|digit| *digit < 16)?;
            value = value.checked_mul(16)? | digit;
        }
        let missing = u32::try_from(32usize.checked_sub(count)?).ok()?.checked_mul(4)?;
        let whole = value.checked_shl(missing).unwrap_or(0);
        let mapped = format!("{:032x}", u128::from(self.v6_of(Ipv6Addr::from(whole))));
        let texts: Vec<String> = mapped.chars().take(count).map(String::from).collect();
        Some(format!("{}.ip6.arpa", texts.into_iter().rev().collect::<Vec<_>>().join(".")))
    }

    /// Gives the pseudonym of a user's, a machine's or an organisation's name; words in it keep their places.
    pub(super) fn word(&mut self, kind: Kind, word: &str) -> Option<String> {
        if self.level != Level::Full || word.is_empty() || self.kept.label(&word.to_lowercase()) {
            return None;
        }
        if self.learning {
            self.learn_word(kind, word);
            return None;
        }
        let to: Vec<String> = word.split(' ').map(|part| self.word_of(part, false)).collect();
        let to = to.join(" ");
        if to == word {
            return None;
        }
        self.note(kind, &word.to_lowercase(), &to.to_lowercase());
        Some(to)
    }

    /// Gives the pseudonym of a name in a certificate; `None` where it is one of a public authority.
    pub(super) fn title(&mut self, title: &str) -> Option<String> {
        if self.level != Level::Full || self.learning || self.kept.authority(title) {
            return None;
        }
        let mut out = String::with_capacity(title.len());
        for part in title.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
            let word = part.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            if self.kept.word(&word.to_lowercase()) || !word.chars().any(char::is_alphabetic) {
                out.push_str(word);
            } else {
                out.push_str(&self.word_of(word, false));
            }
            out.push_str(part.get(word.len()..).unwrap_or_default());
        }
        if out == title {
            return None;
        }
        self.note(Kind::Certificate, &title, &out);
        Some(out)
    }

    /// Gives the pseudonym of an IPv4 address.
    pub(super) fn v4(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        let to = self.v4_of(address);
        if to != address {
            self.note(Kind::Address, &address, &to);
        }
        to
    }

    /// Gives the pseudonym of an IPv6 address.
    pub(super) fn v6(&mut self, address: Ipv6Addr) -> Ipv6Addr {
        let to = self.v6_of(address);
        if to != address {
            self.note(Kind::Address, &address, &to);
        }
        to
    }

    fn v4_of(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        match self.ip_of(IpAddr::V4(address)) {
            IpAddr::V4(to) => to,
            IpAddr::V6(_) => address,
        }
    }

    fn v6_of(&mut self, address: Ipv6Addr) -> Ipv6Addr {
        match self.ip_of(IpAddr::V6(address)) {
            IpAddr::V6(to) => to,
            IpAddr::V4(_) => address,
        }
    }

    fn ip_of(&mut self, address: IpAddr) -> IpAddr {
        if self.level != Level::Full || self.learning || self.stays(address) {
            return address;
        }
        if let Some(known) = self.known.get(&address) {
            return *known;
        }
        let mut to = address;
        // An address that stays is nobody's pseudonym. This ends: at the latest at the address itself.
        loop {
            to = match to {
                IpAddr::V4(v4) => IpAddr::V4(address::v4(&self.key, &mut self.known_bits, v4)),
                IpAddr::V6(v6) => IpAddr::V6(address::v6(&self.key, v6)),
            };
            if !self.stays(to) || to == address {
                break;
            }
        }
        if self.known.len() >= READY {
            self.known.clear();
        }
        self.known.insert(address, to);
        to
    }

    fn stays(&self, address: IpAddr) -> bool {
        self.learned.addresses.contains(&address) || self.kept.resolver(address)
    }

    /// Gives the pseudonym of a hardware address.
    pub(super) fn mac(&mut self, address: [u8; 6]) -> [u8; 6] {
        if self.level != Level::Full || self.learning {
            return address;
        }
        let to = address::mac(&self.key, address);
        if to != address {
            let text = |bytes: [u8; 6]| bytes.map(|byte| format!("{byte:02x}")).join(":");
            self.note(Kind::Mac, &text(address), &text(to));
        }
        to
    }

    /// Gives the stand-in for a secret in a text, where its length is not shown.
    pub(super) fn secret(&mut self, value: &[u8]) -> String {
        self.count(Kind::Secret);
        format!("redacted-{}", self.key.letters("secret", value, 8))
    }

    /// Gives a stand-in of a length, for a place in a packet.
    pub(super) fn filler(&mut self, value: &[u8]) -> String {
        self.count(Kind::Secret);
        self.key.letters("secret", value, value.len())
    }
}
