//! What is looked for: originals, in each of the forms they take.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use foldhash::fast::RandomState;

use crate::redact::tokens::Tokens;
use crate::redact::{Kind, Level};

/// The least letters of a name that is looked for; a shorter one is in too many words.
const SHORTEST: usize = 3;
/// The least bytes of a secret whose base64 is looked for, and of a name in a certificate.
const ENCODED: usize = 7;
const TITLE: usize = 6;

/// How a pattern is told from what only looks like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// It is meant wherever it stands, in just this case.
    Exact,
    /// It is meant wherever it stands.
    Anywhere,
    /// It is meant where no other letters touch it.
    Alone,
    /// It is a host's name: no other letters touch it, but a dot may.
    Host,
    /// It is a name in a certificate: packets carry those.
    Title,
    /// It is an address in digits.
    Digits,
    /// It is an IPv4 address in four bytes, which mean one only where one belongs.
    Four,
    /// It is bytes in packets.
    Raw,
}

impl Rule {
    pub(super) fn any_case(self) -> bool {
        matches!(self, Self::Anywhere | Self::Alone | Self::Host | Self::Digits)
    }
}

/// Something to look for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub bytes: Vec<u8>,
    pub mark: Mark,
}

/// What a pattern is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub kind: Kind,
    pub rule: Rule,
    /// It has two bytes a letter.
    pub wide: bool,
}

/// Gives the patterns of each original, one original after the other.
pub(super) fn all(tokens: &Tokens) -> impl Iterator<Item = Vec<Pattern>> {
    let originals = originals(tokens).map(|(kind, original)| {
        let mut list = List::default();
        match kind {
            Kind::Address => list.address(original),
            Kind::Mac => list.mac(original),
            Kind::Certificate => list.title(original),
            _ => list.name(kind, original),
        }
        list.patterns
    });
    let secrets = tokens.learned.secrets.iter().map(|secret| {
        let mut list = List::default();
        list.secret(secret);
        list.patterns
    });
    originals.chain(secrets)
}

/// Counts the originals.
pub(super) fn count(tokens: &Tokens) -> usize {
    originals(tokens).count().saturating_add(tokens.learned.secrets.len())
}

/// Gives what is looked for but secrets: names, addresses and titles, each with its kind.
fn originals(tokens: &Tokens) -> impl Iterator<Item = (Kind, &str)> {
    // What is the pseudonym of one and the original of another cannot be told apart.
    let pseudonyms: HashSet<&str, RandomState> =
        tokens.given.values().flat_map(|to| words(to).chain([to.as_str()])).collect();
    let fits = move |original: &str| {
        !pseudonyms.contains(original)
            && !tokens.kept.is_common(original)
            && original.chars().any(|letter| letter != 'x')
    };
    // At a lower level names stay.
    let names = tokens.level == Level::Full;
    // Where not all are remembered, an address may be the pseudonym of one that is not.
    let sure = tokens.remembers_all();
    let given = tokens.given.keys().filter(move |(kind, _)| sure || *kind != Kind::Address);
    let given = given.map(|(kind, original)| (*kind, original.as_str()));
    let hosts = tokens.learned.hosts.iter().filter(move |name| names && tokens.changes(name));
    let words = tokens.learned.words.iter().filter(move |_| names);
    let all = given
        .chain(hosts.map(|name| (Kind::Host, name.as_str())))
        .chain(words.map(|(word, kind)| (*kind, word.as_str())));
    all.filter(move |(_, original)| fits(original))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '-' && letter != '_')
}

#[derive(Default)]
struct List {
    patterns: Vec<Pattern>,
}

impl List {
    fn add(&mut self, bytes: Vec<u8>, kind: Kind, rule: Rule) {
        if !bytes.is_empty() {
            self.patterns.push(Pattern { bytes, mark: Mark { kind, rule, wide: false } });
        }
    }

    /// Adds a text as it stands, and with two bytes a letter.
    fn text(&mut self, text: &str, kind: Kind, rule: Rule) {
        self.add(text.as_bytes().to_vec(), kind, rule);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.patterns.push(Pattern { bytes: wide, mark: Mark { kind, rule, wide: true } });
    }

    fn name(&mut self, kind: Kind, name: &str) {
        if name.len() < SHORTEST {
            return;
        }
        if !name.contains('.') {
            self.text(name, kind, Rule::Alone);
            return;
        }
        self.text(name, kind, Rule::Host);
        // As DNS writes it: a length before each label. A short one is in packets by chance.
        if name.len() < TITLE {
            return;
        }
        let label =
            |label: &str| u8::try_from(label.len()).ok().map(|length| [&[length], label.as_bytes()].concat());
        if let Some(labels) = name.split('.').map(label).collect::<Option<Vec<_>>>() {
            self.add(labels.concat(), kind, Rule::Anywhere);
        }
    }

    fn title(&mut self, title: &str) {
        if title.len() >= TITLE {
            self.text(title, Kind::Certificate, Rule::Title);
        }
    }

    fn address(&mut self, text: &str) {
        self.text(text, Kind::Address, Rule::Digits);
        match text.parse() {
            Ok(IpAddr::V4(four)) => self.add(four.octets().to_vec(), Kind::Address, Rule::Four),
            Ok(IpAddr::V6(six)) => self.add(six.octets().to_vec(), Kind::Address, Rule::Raw),
            Err(_) => {}
        }
    }

    fn mac(&mut self, text: &str) {
        let digits: Vec<&str> = text.split(':').collect();
        let bytes: Vec<u8> = digits.iter().filter_map(|digit| u8::from_str_radix(digit, 16).ok()).collect();
        let four: Vec<String> = digits.chunks(2).map(<[&str]>::concat).collect();
        for written in [text.to_owned(), digits.join("-"), four.join(".")] {
            self.text(&written, Kind::Mac, Rule::Digits);
        }
        // Three equal bytes or more are padding rather than an address.
        let distinct: BTreeSet<u8> = bytes.iter().copied().collect();
        if bytes.len() == 6 && distinct.len() > 3 {
            self.add(bytes, Kind::Mac, Rule::Raw);
        }
    }

    fn secret(&mut self, secret: &[u8]) {
        self.add(secret.to_vec(), Kind::Secret, Rule::Exact);
        if let Ok(text) = std::str::from_utf8(secret) {
            self.text(text, Kind::Secret, Rule::Exact);
        }
        if secret.len() < ENCODED {
            return;
        }
        // In base64 it begins at one of three places of a group, and its ends mix with what is beside it.
        for before in 0..3usize {
            let padded = [&vec![0; before], secret].concat();
            let encoded = STANDARD_NO_PAD.encode(&padded);
            let first = (before * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            if let Some(sure) = encoded.get(first..last) {
                self.add(sure.as_bytes().to_vec(), Kind::Secret, Rule::Exact);
            }
        }
    }
}
