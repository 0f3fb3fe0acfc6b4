//! Leaves out what is private: bytes in, bytes out, with the same pseudonym for the same original in every file.
//!
//! All files are read first ([`Redactor::learn`]), for a name that one file tells may stand in another where nothing
//! tells it; then each is written anew ([`Redactor::clean`]). What cannot be cleaned is withheld. Nothing here opens a
//! file or a clock; the key is the caller's. What the levels mean stands at [`Level`].

mod address;
mod capture;
mod kept;
mod key;
mod label;
mod leak;
mod learned;
mod text;
mod tokens;

use std::io::{self, Read, Write};

pub use key::Key;
pub use leak::Search;
use tetra_bundle::Redaction;
use text::Finder;
use tokens::Tokens;

/// How much is left out.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    None,
    /// Passwords, tokens, cookies and all else that opens a door; names and addresses stay.
    Secrets,
    /// Secrets, and the names of users and hosts, addresses and hardware addresses get pseudonyms.
    #[default]
    Full,
}

/// What was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A password, token, cookie or the like.
    Secret,
    /// The name of a user.
    User,
    /// The name of a host or a domain.
    Host,
    /// An IPv4 or IPv6 address.
    Address,
    /// A hardware address.
    Mac,
    /// A name in a certificate.
    Certificate,
    /// What a packet carries, and no diagnosis needs.
    Payload,
    /// A comment in a capture.
    Comment,
}

impl Kind {
    /// Returns its name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::User => "user",
            Self::Host => "host",
            Self::Address => "address",
            Self::Mac => "mac",
            Self::Certificate => "certificate",
            Self::Payload => "payload",
            Self::Comment => "comment",
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written, without what is private.
    Cleaned,
    /// It must not be handed over, for this reason; what was written of it is worth nothing.
    Withheld(&'static str),
}

/// Opens a file; it is called once for each time the file is read.
pub type Open<'a> = &'a dyn Fn() -> io::Result<Box<dyn Read + Send>>;

/// Cleans the files of one bundle.
#[derive(Debug)]
pub struct Redactor {
    tokens: Tokens,
    finder: Option<Finder>,
}

impl Redactor {
    /// Starts with nothing learned.
    pub fn new(key: Key, level: Level) -> Self {
        Self { tokens: Tokens::new(key, level), finder: None }
    }

    /// Reads a file to learn which names and secrets it has.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read.
    pub fn learn(&mut self, open: Open<'_>) -> io::Result<()> {
        self.finder = None;
        self.tokens.ready = text::Ready::default();
        let mut input = open()?;
        if is_capture(&mut input)? {
            self.tokens.learning = true;
            capture::learn(open()?, &mut self.tokens);
            self.tokens.learning = false;
            return Ok(());
        }
        text::learn(&mut open()?, &mut self.tokens)
    }

    /// Writes a file without what is private.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read or written.
    pub fn clean(&mut self, open: Open<'_>, out: &mut dyn Write) -> io::Result<Outcome> {
        if self.tokens.level == Level::None {
            io::copy(&mut open()?, out)?;
            return Ok(Outcome::Cleaned);
        }
        if self.finder.is_none() {
            self.finder = Finder::new(&self.tokens.learned);
        }
        let Some(finder) = &self.finder else {
            return Ok(Outcome::Withheld("there are too many names to look for"));
        };
        let mut input = open()?;
        if is_capture(&mut input)? {
            return capture::clean(open, out, finder, &mut self.tokens);
        }
        text::clean(&mut open()?, out, finder, &mut self.tokens)
    }

    /// Returns how much is left out.
    pub fn level(&self) -> Level {
        self.tokens.level
    }

    /// Cleans a short text that stands by itself, such as the name of a file.
    pub fn clean_line(&mut self, line: &str) -> String {
        if self.finder.is_none() {
            self.finder = Finder::new(&self.tokens.learned);
        }
        let clean = self
            .finder
            .as_ref()
            .and_then(|finder| text::clean_whole(line.as_bytes(), finder, &mut self.tokens));
        clean.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| "withheld".to_owned())
    }

    /// Gives what was replaced: its kind, what it was, and what it is now; secrets are not told.
    pub fn pseudonyms(&self) -> impl Iterator<Item = (Kind, &str, &str)> {
        self.tokens.given.iter().map(|((kind, from), to)| (*kind, from.as_str(), to.as_str()))
    }

    /// Gives what must not be in the bundle that is made of the files cleaned so far.
    pub fn search(&self) -> Search<'_> {
        Search::new(&self.tokens)
    }

    /// Takes the counts of what was replaced since the last time, for the manifest.
    pub fn take_redactions(&mut self) -> Vec<Redaction> {
        let counts = self.tokens.take_counts();
        counts.into_iter().map(|(kind, count)| Redaction { kind: kind.name().to_owned(), count }).collect()
    }
}

/// Tells a capture by its first bytes.
fn is_capture(input: &mut dyn Read) -> io::Result<bool> {
    let mut head = Vec::new();
    input.take(4).read_to_end(&mut head)?;
    Ok(matches!(
        head.as_slice(),
        [0x0a, 0x0d, 0x0d, 0x0a]
            | [0xd4, 0xc3, 0xb2, 0xa1]
            | [0xa1, 0xb2, 0xc3, 0xd4]
            | [0x4d, 0x3c, 0xb2, 0xa1]
            | [0xa1, 0xb2, 0x3c, 0x4d]
    ))
}
