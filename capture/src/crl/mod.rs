//! Reads certificate revocation lists, whole or as far as they were captured.

use crate::cursor::Cursor;
use crate::x509::{Identity, identity, serial_hex};
use std::borrow::Cow;
use std::collections::BTreeMap;
use x509_parser::asn1_rs::Any;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationList {
    /// Who issued it.
    pub issuer: Identity,
    /// Since when it holds, in seconds since the Unix epoch.
    pub this_update: i64,
    /// By when there is a newer one, in seconds since the Unix epoch.
    pub next_update: Option<i64>,
    /// Its number, in hexadecimal.
    pub number: Option<String>,
    /// All of it was read; when not, a certificate that it does not list may be revoked all the same.
    pub complete: bool,
    revoked: BTreeMap<String, Revoked>,
}

/// What a list says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// When it was revoked, in seconds since the Unix epoch.
    pub at: i64,
    /// Why: the name that RFC 5280 gives.
    pub reason: Option<&'static str>,
}

/// The bytes are no revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a revocation list")]
pub struct Malformed;

impl RevocationList {
    /// Reads a list in DER or PEM; of one that is cut, what stands before the certificates.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let der = der(body);
        match CertificateRevocationList::from_der(&der) {
            Ok((_, list)) => Ok(Self {
                issuer: identity(list.issuer()),
                this_update: list.last_update().timestamp(),
                next_update: list.next_update().map(|time| time.timestamp()),
                number: list.crl_number().map(|number| serial_hex(&number.to_bytes_be())),
                complete: true,
                revoked: list
                    .iter_revoked_certificates()
                    .map(|one| {
                        let reason =
                            one.reason_code().and_then(|(_, reason)| reason_name(u32::from(reason.0)));
                        let at = one.revocation_date.timestamp();
                        (serial_hex(one.raw_serial()), Revoked { at, reason })
                    })
                    .collect(),
            }),
            Err(_) => head(&der).ok_or(Malformed),
        }
    }

    /// Returns what it says of a certificate, by its serial number in hexadecimal.
    pub fn revoked(&self, serial: &str) -> Option<Revoked> {
        self.revoked.get(serial).copied()
    }

    /// Returns the serial numbers that it lists, in hexadecimal, sorted; at most 100,000.
    pub fn serials(&self) -> Vec<String> {
        self.revoked.keys().take(100_000).cloned().collect()
    }
}

/// Names why a certificate was revoked, as RFC 5280 does.
pub fn reason_name(reason: u32) -> Option<&'static str> {
    Some(match reason {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

fn der(body: &[u8]) -> Cow<'_, [u8]> {
    match body.starts_with(b"-----BEGIN") {
        true => parse_x509_pem(body).map_or(Cow::Borrowed(body), |(_, pem)| Cow::Owned(pem.contents)),
        false => Cow::Borrowed(body),
    }
}

/// Reads what stands before the certificates.
fn head(bytes: &[u8]) -> Option<RevocationList> {
    let mut cursor = Cursor::new(bytes);
    enter(&mut cursor)?;
    enter(&mut cursor)?;
    let mut rest = cursor.rest();
    if rest.first() == Some(&2) {
        (rest, _) = Any::from_der(rest).ok()?;
    }
    let (rest, _) = Any::from_der(rest).ok()?;
    let (rest, issuer) = X509Name::from_der(rest).ok()?;
    let (rest, this_update) = ASN1Time::from_der(rest).ok()?;
    let next_update = ASN1Time::from_der(rest).ok().map(|(_, time)| time.timestamp());
    Some(RevocationList {
        issuer: identity(&issuer),
        this_update: this_update.timestamp(),
        next_update,
        ..RevocationList::default()
    })
}

/// Steps into a sequence whose end may be missing.
fn enter(cursor: &mut Cursor<'_>) -> Option<()> {
    (cursor.u8()? == 0x30).then_some(())?;
    match cursor.u8()? {
        0..=0x7f => Some(()),
        long @ 0x81..=0x84 => cursor.take(usize::from(long & 0x7f)).map(|_| ()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
