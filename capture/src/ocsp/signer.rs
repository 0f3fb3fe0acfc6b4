//! Tells who signed an answer.

use super::{Response, Signed};
use crate::x509::{Certificate, Signature};
use x509_parser::asn1_rs::BitString;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AlgorithmIdentifier;

/// Who signed an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The issuer of the certificate asked about.
    Issuer,
    /// A responder to which the issuer gave a certificate for this.
    Delegated,
    /// A key that the issuer neither is nor gave such a certificate.
    NotDelegated,
    /// It cannot be told: the issuer is not known, or the algorithm is not.
    Unverified,
}

impl Response {
    /// Tells who signed the answer, given the issuer of the certificate asked about.
    pub fn signer(&self, issuer: Option<&Certificate>) -> Signer {
        let (Some(signed), Some(issuer)) = (&self.signed, issuer) else { return Signer::Unverified };
        if !self.is_about(issuer) {
            return Signer::Unverified;
        }
        let by_issuer = verify(signed, issuer);
        if by_issuer == Signature::Verified {
            return Signer::Issuer;
        }
        let mut unsupported = by_issuer == Signature::Unsupported;
        for certificate in &self.certificates {
            match verify(signed, certificate) {
                Signature::Verified if certificate.key_sha256 == issuer.key_sha256 => return Signer::Issuer,
                Signature::Verified if certificate.ocsp_signing && certificate.issued_by(issuer) => {
                    return Signer::Delegated;
                }
                Signature::Verified => return Signer::NotDelegated,
                Signature::Wrong => {}
                Signature::Unsupported => unsupported = true,
            }
        }
        if unsupported { Signer::Unverified } else { Signer::NotDelegated }
    }

    /// Says whether the answer is about certificates of this issuer.
    fn is_about(&self, issuer: &Certificate) -> bool {
        self.answers.iter().any(|answer| {
            answer.issuer_key_hash == issuer.key_sha1 || answer.issuer_key_hash == issuer.key_sha256
        })
    }
}

fn verify(signed: &Signed, certificate: &Certificate) -> Signature {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate.der()) else { return Signature::Unsupported };
    let Ok((_, algorithm)) = AlgorithmIdentifier::from_der(&signed.algorithm) else {
        return Signature::Unsupported;
    };
    let Ok((_, signature)) = BitString::from_der(&signed.signature) else { return Signature::Unsupported };
    x509_parser::verify::verify_signature(parsed.public_key(), &algorithm, &signature, &signed.data).into()
}
