//! Reads certificates: whose they are, who issued them, when and for what they hold.
//!
//! Whether one may be trusted is not decided here: a capture does not know the roots that the endpoint trusts.

mod store;

pub use store::Store;

use ring::digest;
use std::net::IpAddr;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The extension by which a certificate demands a stapled answer (RFC 7633).
const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// The extension by which a responder's certificate need not be checked itself (RFC 6960).
const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
const ACCESS_OCSP: &str = "1.3.6.1.5.5.7.48.1";
const ACCESS_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subject: Identity,
    /// Who issued it.
    pub issuer: Identity,
    /// Its serial number in hexadecimal, without zeros in front.
    pub serial: String,
    /// The start of its validity, in seconds since the Unix epoch.
    pub not_before: i64,
    /// The end of its validity, in seconds since the Unix epoch.
    pub not_after: i64,
    /// The host names it is for.
    pub dns_names: Vec<String>,
    /// The addresses it is for.
    pub addresses: Vec<IpAddr>,
    /// It issued itself: the names are equal, and the signature is its own where that can be verified.
    pub self_signed: bool,
    /// It may issue others.
    pub is_ca: bool,
    /// What its key may do, as in `Digital Signature, Key Encipherment`.
    pub key_usage: Option<String>,
    /// Its key may authenticate servers, as far as it says.
    pub server_auth: Option<bool>,
    /// Its key may sign OCSP answers for its issuer.
    pub ocsp_signing: bool,
    /// It need not be checked for revocation itself.
    pub ocsp_no_check: bool,
    /// It demands that servers staple a revocation answer.
    pub must_staple: bool,
    /// Where to ask whether it is revoked.
    pub ocsp_urls: Vec<String>,
    /// Where to fetch its issuer's certificate.
    pub issuer_urls: Vec<String>,
    /// Where to fetch its issuer's revocation list.
    pub crl_urls: Vec<String>,
    /// The dotted number of the signature's algorithm.
    pub signature_algorithm: String,
    /// Its SHA-256 fingerprint in hexadecimal.
    pub sha256: String,
    /// The SHA-1 of its key, by which OCSP names issuers and responders.
    pub key_sha1: Vec<u8>,
    /// The SHA-256 of its key.
    pub key_sha256: Vec<u8>,
    der: Vec<u8>,
}

/// A distinguished name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The common name.
    pub name: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// All of it, as in `C=US, O=Example, CN=www.example.com`.
    pub full: String,
}

/// The bytes are no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate")]
pub struct Malformed;

/// Whether something bears the signature of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It does.
    Verified,
    /// It does not.
    Wrong,
    /// The algorithm is not known here.
    Unsupported,
}

impl From<Result<(), X509Error>> for Signature {
    fn from(result: Result<(), X509Error>) -> Self {
        match result {
            Ok(()) => Self::Verified,
            Err(X509Error::SignatureVerificationError) => Self::Wrong,
            Err(_) => Self::Unsupported,
        }
    }
}

impl Certificate {
    /// Reads a certificate in DER.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|_| Malformed)?;
        let key = &parsed.public_key().subject_public_key.data;
        let mut certificate = Self {
            subject: identity(parsed.subject()),
            issuer: identity(parsed.issuer()),
            serial: serial_hex(parsed.raw_serial()),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw()
                && Signature::from(parsed.verify_signature(None)) != Signature::Wrong,
            is_ca: parsed.is_ca(),
            key_usage: None,
            server_auth: None,
            ocsp_signing: false,
            ocsp_no_check: false,
            must_staple: false,
            ocsp_urls: Vec::new(),
            issuer_urls: Vec::new(),
            crl_urls: Vec::new(),
            signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
            sha256: hex(digest::digest(&digest::SHA256, parsed.as_raw()).as_ref()),
            key_sha1: digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key).as_ref().to_vec(),
            key_sha256: digest::digest(&digest::SHA256, key).as_ref().to_vec(),
            der: der.to_vec(),
        };
        for extension in parsed.extensions() {
            match extension.oid.to_id_string().as_str() {
                TLS_FEATURE => {
                    certificate.must_staple = extension.value.windows(3).any(|one| one == [2, 1, 5])
                }
                OCSP_NO_CHECK => certificate.ocsp_no_check = true,
                _ => certificate.extend(extension.parsed_extension()),
            }
        }
        Ok(certificate)
    }

    /// Returns the bytes it was read from.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Says whether another certificate issued it: by name, and by signature where that can be verified.
    pub fn issued_by(&self, other: &Self) -> bool {
        self.issuer.full.eq_ignore_ascii_case(&other.subject.full)
            && self.signature_of(other) != Signature::Wrong
    }

    /// Verifies that it is signed with the key of another certificate.
    pub fn signature_of(&self, other: &Self) -> Signature {
        let (Ok((_, own)), Ok((_, signer))) =
            (X509Certificate::from_der(&self.der), X509Certificate::from_der(&other.der))
        else {
            return Signature::Unsupported;
        };
        own.verify_signature(Some(signer.public_key())).into()
    }

    fn extend(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => self.dns_names.push(name.to_ascii_lowercase()),
                        GeneralName::IPAddress(bytes) => self.addresses.extend(address(bytes)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(usage.to_string()),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.server_auth = Some(usage.server_auth || usage.any);
                self.ocsp_signing = usage.ocsp_signing;
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for one in &access.accessdescs {
                    let GeneralName::URI(url) = one.access_location else { continue };
                    match one.access_method.to_id_string().as_str() {
                        ACCESS_OCSP => self.ocsp_urls.push(url.to_owned()),
                        ACCESS_ISSUERS => self.issuer_urls.push(url.to_owned()),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in &points.points {
                    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
                        continue;
                    };
                    self.crl_urls.extend(names.iter().filter_map(|name| match name {
                        GeneralName::URI(url) => Some((*url).to_owned()),
                        _ => None,
                    }));
                }
            }
            _ => {}
        }
    }
}

/// Writes a serial number in hexadecimal, without zeros in front.
pub fn serial_hex(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            digits.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    digits
}

/// Keeps the parts of a distinguished name that people read.
pub fn identity(name: &X509Name<'_>) -> Identity {
    let text = |value: Option<&AttributeTypeAndValue<'_>>| {
        value.and_then(|one| one.as_str().ok()).map(str::to_owned)
    };
    Identity {
        name: text(name.iter_common_name().last()),
        organisation: text(name.iter_organization().next()),
        full: name.to_string(),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
