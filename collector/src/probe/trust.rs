//! Whether the platform believes a chain, and if not, why.

use std::sync::{Arc, mpsc};
use std::time::Instant;

use rustls::CertificateError;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use serde::Serialize;

use super::handshake::Shown;
use super::wire::left;

/// What is thought of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// In one word.
    pub word: Word,
    /// The platform's own number for it, where it has one.
    pub status: Option<u32>,
    /// In its own words.
    pub text: String,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The chain is believed.
    Trusted,
    /// The time of a certificate is over.
    Expired,
    /// The time of a certificate has not begun.
    NotYetValid,
    /// The certificate is for another name.
    NameMismatch,
    /// The server made its certificate itself.
    SelfSigned,
    /// The chain ends at a root that is not believed.
    UnknownCa,
    /// A certificate between the server's and the root is missing.
    Incomplete,
    /// No believed root is found; it is not seen whether one is missing or a link.
    Untrusted,
    /// The certificate is revoked.
    Revoked,
    /// It could not be found out whether the certificate is revoked.
    RevocationUnknown,
    /// Something else is wrong with it.
    Unusable,
    /// The platform said nothing, or not in time.
    Unknown,
}

impl Verdict {
    fn unknown(text: &str) -> Self {
        Self { word: Word::Unknown, status: None, text: text.to_owned() }
    }
}

/// Asks the platform for its verdict, on Windows with its revocation check.
pub fn verdict(shown: &Shown, host: &str, extra: &[Vec<u8>], until: Instant) -> Verdict {
    let (shown, host, extra) = (shown.clone(), host.to_owned(), extra.to_vec());
    let (told, answer) = mpsc::sync_channel(1);
    // The platform's check may fetch lists and cannot be stopped: it is left behind when the time is up.
    let started = std::thread::Builder::new().name("verdict".to_owned()).spawn(move || {
        let _ = told.send(judge(&shown, &host, extra));
    });
    match (started, left(until)) {
        (Ok(_), Ok(time)) => {
            answer.recv_timeout(time).unwrap_or_else(|_| Verdict::unknown("no verdict in time"))
        }
        (Err(fault), _) | (_, Err(fault)) => Verdict::unknown(&fault.to_string()),
    }
}

/// Judges by the library's verifier first, then by the platform's strict one, which also minds revocation.
fn judge(shown: &Shown, host: &str, extra: Vec<Vec<u8>>) -> Verdict {
    let by_library = by_library(shown, host, extra.clone());
    #[cfg(windows)]
    if extra.is_empty() {
        return by_windows(shown, host).unwrap_or(by_library);
    }
    by_library
}

fn by_library(shown: &Shown, host: &str, extra: Vec<Vec<u8>>) -> Verdict {
    let Some((leaf, others)) = shown.chain.split_first() else {
        return Verdict::unknown("the server showed no certificate");
    };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return Verdict::unknown("the host has no valid name");
    };
    let extra = extra.into_iter().map(CertificateDer::from);
    let verifier = match Verifier::new_with_extra_roots(extra, Arc::new(ring::default_provider())) {
        Ok(verifier) => verifier,
        Err(fault) => return Verdict::unknown(&fault.to_string()),
    };
    let leaf = CertificateDer::from(leaf.as_slice());
    let others: Vec<_> = others.iter().map(|one| CertificateDer::from(one.as_slice())).collect();
    match verifier.verify_server_cert(&leaf, &others, &name, &shown.staple, UnixTime::now()) {
        Ok(_) => Verdict { word: Word::Trusted, status: None, text: String::new() },
        Err(fault) => Verdict { word: word(&fault), status: None, text: fault.to_string() },
    }
}

fn word(fault: &rustls::Error) -> Word {
    let rustls::Error::InvalidCertificate(why) = fault else { return Word::Unusable };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Word::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Word::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Word::NameMismatch
        }
        CertificateError::UnknownIssuer => Word::Untrusted,
        CertificateError::Revoked => Word::Revoked,
        CertificateError::UnknownRevocationStatus => Word::RevocationUnknown,
        _ => Word::Unusable,
    }
}

/// Asks Windows itself, and minds what it says of revocation.
#[cfg(windows)]
fn by_windows(shown: &Shown, host: &str) -> Option<Verdict> {
    let status = crate::network::windows_net::chain_status(&shown.chain, host)?;
    Some(Verdict { word: of_status(status), status: (status != 0).then_some(status), text: String::new() })
}

/// Gives the word for a number of Windows.
#[cfg(any(windows, test))]
fn of_status(status: u32) -> Word {
    match status {
        0 => Word::Trusted,
        0x800B_0101 => Word::Expired,
        0x800B_010F => Word::NameMismatch,
        0x800B_0109 => Word::UnknownCa,
        0x800B_010A => Word::Untrusted,
        0x800B_010C | 0x8009_2010 => Word::Revoked,
        0x8009_2012 | 0x8009_2013 | 0x800B_010E => Word::RevocationUnknown,
        _ => Word::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_numbers_of_windows() {
        assert_eq!(of_status(0), Word::Trusted);
        assert_eq!(of_status(0x8009_2013), Word::RevocationUnknown);
        assert_eq!(of_status(0x800B_010F), Word::NameMismatch);
        assert_eq!(of_status(0x8009_6004), Word::Unusable);
    }

    #[test]
    fn says_nothing_of_nothing() {
        let until = Instant::now() + std::time::Duration::from_secs(30);
        let told = verdict(&Shown::default(), "h.example", &[], until);
        assert_eq!(told.word, Word::Unknown);
        let late = verdict(&Shown::default(), "h.example", &[], Instant::now());
        assert_eq!(late.word, Word::Unknown);
    }

    #[cfg(windows)]
    #[test]
    fn windows_itself_refuses_a_stranger() {
        let own = rcgen::generate_simple_self_signed(vec!["h.example".to_owned()]).unwrap();
        let shown = Shown { chain: vec![own.cert.der().to_vec()], staple: Vec::new() };
        let told = by_windows(&shown, "h.example").unwrap();
        assert!(told.status.is_some_and(|status| status >= 0x8000_0000), "{told:?}");
        assert_eq!(by_windows(&Shown { chain: vec![vec![0; 9]], ..shown }, "h.example"), None);
    }
}
