//! Bodies of HTTP messages: those that a diagnosis reads are kept with names replaced; all others become zeros.

use super::patch::Gathered;
use super::tls::Tools;
use super::{Side, der, same_length};

/// Largest body that is kept, and largest revocation list whose begin decides for all of it.
const LARGEST: usize = 512 * 1024;
/// How much of an error page is kept.
const PAGE: usize = 1024;

/// Words of error pages that say why a proxy did not do what it was asked to.
const WORDS: [&str; 78] = [
    "err",
    "dns",
    "fail",
    "cannot",
    "forward",
    "name",
    "error",
    "unable",
    "to",
    "determine",
    "ip",
    "address",
    "lookup",
    "nxdomain",
    "could",
    "not",
    "resolve",
    "resolved",
    "host",
    "found",
    "unknown",
    "unresolved",
    "no",
    "such",
    "domain",
    "connection",
    "refused",
    "connect",
    "111",
    "110",
    "econnrefused",
    "timed",
    "out",
    "timeout",
    "etimedout",
    "read",
    "access",
    "denied",
    "forbidden",
    "policy",
    "blocked",
    "authentication",
    "cache",
    "required",
    "proxy",
    "gateway",
    "time",
    "bad",
    "service",
    "unavailable",
    "from",
    "html",
    "head",
    "body",
    "title",
    "the",
    "requested",
    "url",
    "retrieved",
    "reset",
    "by",
    "peer",
    "tunnel",
    "server",
    "certificate",
    "secure",
    "ssl",
    "failed",
    "was",
    "encountered",
    "while",
    "trying",
    "retrieve",
    "following",
    "system",
    "returned",
    "is",
    "be",
];

/// What is done with a body.
#[derive(Debug)]
pub(super) enum Content {
    /// It becomes zeros.
    Zeros,
    /// DER: OCSP, revocation lists, certificates.
    Der(Gathered),
    /// A script that finds a proxy.
    Script(Gathered),
    /// A page that says why something failed.
    Page(Gathered),
}

impl Content {
    /// Decides by type, path and status.
    pub(super) fn of(kind: &str, path: &str, status: Option<u16>, encoded: bool) -> Self {
        let kind = kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase();
        let path = path.split(['?', '#']).next().unwrap_or(path).to_ascii_lowercase();
        let ends = |all: &[&str]| all.iter().any(|end| path.ends_with(end));
        let is_der = ["ocsp", "pkix", "x509", "pkcs7"].iter().any(|part| kind.contains(part))
            || ends(&[".crl", ".crt", ".cer", ".der", ".p7c"])
            || (kind == "application/octet-stream"
                && ["/mf", "/me", "ocsp"].iter().any(|part| path.contains(part)));
        let is_script = kind.contains("ns-proxy-autoconfig") || ends(&[".pac", "wpad.dat"]);
        let is_text = kind.is_empty() || kind.starts_with("text/");
        match status {
            _ if encoded => Self::Zeros,
            Some(300..) if is_text => Self::Page(Gathered::default()),
            _ if is_der => Self::Der(Gathered::default()),
            _ if is_script => Self::Script(Gathered::default()),
            _ => Self::Zeros,
        }
    }

    /// Counts the bytes that it holds.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Zeros => 0,
            Self::Der(gathered) | Self::Script(gathered) | Self::Page(gathered) => gathered.bytes.capacity(),
        }
    }

    /// Takes the first bytes of a side as the next of the body.
    pub(super) fn take(&mut self, side: &Side, length: usize) {
        let limit = if matches!(self, Self::Page(_)) { PAGE } else { LARGEST };
        let (Self::Der(gathered) | Self::Script(gathered) | Self::Page(gathered)) = self else { return };
        let room = limit.saturating_sub(gathered.bytes.len());
        if let Some(bytes) = side.buffer.get(..length.min(room))
            && !bytes.is_empty()
        {
            gathered.push(side.at, bytes);
        }
    }

    /// Writes the body, whole or as far as it came.
    pub(super) fn end(&mut self, side: &mut Side, tools: &mut Tools<'_>) {
        match std::mem::replace(self, Self::Zeros) {
            Self::Zeros => {}
            Self::Der(mut gathered) => {
                let mut bytes = gathered.bytes.clone();
                if bytes.first() == Some(&0x30) {
                    let authorities = &*tools.authorities;
                    let is_wrong = || authorities.is_wrong(&gathered.bytes);
                    der::edit(&mut bytes, tools.finder, tools.tokens, &is_wrong);
                    gathered.put(&bytes, &mut side.patches, tools.budget);
                }
            }
            Self::Script(mut gathered) => {
                let bytes = same_length(&gathered.bytes, tools.finder, tools.tokens);
                gathered.put(&bytes, &mut side.patches, tools.budget);
            }
            Self::Page(mut gathered) => {
                let bytes = page(&gathered.bytes);
                gathered.put(&bytes, &mut side.patches, tools.budget);
            }
        }
    }
}

/// Gives an error page with nothing but the words that are known.
fn page(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let letter = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        let length = rest.iter().take_while(|byte| letter(byte)).count().max(1);
        let (word, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let lower = word.to_ascii_lowercase();
        if !letter(first) || WORDS.iter().any(|known| known.as_bytes() == lower) {
            out.extend_from_slice(word);
        } else {
            out.resize(out.len() + word.len(), b'x');
        }
        rest = after;
    }
    out
}
