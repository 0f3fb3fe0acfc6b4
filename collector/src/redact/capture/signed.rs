//! Signatures that were wrong before anything was replaced: they must not look as if only their check were missing.

use tetra_capture::ocsp::{Response, Signer};
use tetra_capture::x509::{Certificate, Signature};

/// Authorities that answers are checked with, and the longest certificate that is kept of one.
const KEPT: usize = 64;
const LONGEST: usize = 16 * 1024;

/// The authorities that were seen so far.
#[derive(Debug, Default)]
pub(super) struct Authorities(Vec<Certificate>);

impl Authorities {
    /// Notes a certificate where it is one of an authority.
    pub(super) fn note(&mut self, der: &[u8]) {
        let is_new = der.len() <= LONGEST && self.0.iter().all(|known| known.der() != der);
        if is_new && self.0.len() < KEPT {
            self.0.extend(Certificate::parse(der).ok().filter(|certificate| certificate.is_ca));
        }
    }

    /// Says whether an answer of OCSP is signed by a key that may not sign it.
    pub(super) fn is_wrong(&self, answer: &[u8]) -> bool {
        let Ok(answer) = Response::parse(answer) else { return false };
        let signers = self.0.iter().map(|authority| answer.signer(Some(authority)));
        signers.filter(|signer| *signer != Signer::Unverified).any(|signer| signer == Signer::NotDelegated)
    }
}

/// Says whether a certificate bears a wrong signature: its own, or that of the next in its chain.
pub(super) fn is_forged(der: &[u8], next: Option<&[u8]>) -> bool {
    let Ok(own) = Certificate::parse(der) else { return false };
    if own.subject.full == own.issuer.full {
        return !own.self_signed;
    }
    let next = next.and_then(|der| Certificate::parse(der).ok());
    next.is_some_and(|next| {
        own.issuer.full.eq_ignore_ascii_case(&next.subject.full)
            && own.signature_of(&next) == Signature::Wrong
    })
}
