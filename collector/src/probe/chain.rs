//! Certificates as served, put into words.

use chrono::DateTime;
use serde_json::{Value, json};
use tetra_capture::x509::{Certificate, hex};

/// The most certificates of a chain that are read.
const MOST: usize = 10;

/// Reads the certificates of a chain, leaf first; what is none is left out.
pub fn read(ders: &[Vec<u8>]) -> Vec<Certificate> {
    ders.iter().take(MOST).filter_map(|der| Certificate::parse(der).ok()).collect()
}

/// Describes a chain.
pub fn facts(chain: &[Certificate]) -> Value {
    Value::Array(chain.iter().map(fact).collect())
}

/// Describes one certificate.
fn fact(one: &Certificate) -> Value {
    json!({
        "subject": one.subject.full,
        "issuer": one.issuer.full,
        "names": one.dns_names,
        "serial": one.serial,
        "not_before": time(one.not_before),
        "not_after": time(one.not_after),
        "sha256": one.sha256,
        "key_id": hex(&one.key_sha1),
        "ocsp": one.ocsp_urls,
        "crl": one.crl_urls,
        "issuer_urls": one.issuer_urls,
        "self_signed": one.self_signed,
        "ca": one.is_ca,
        "signature": one.signature_algorithm,
    })
}

/// Writes a time in seconds since the Unix epoch.
pub fn time(seconds: i64) -> Option<String> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

/// Finds the issuer of a certificate among others, by its signature.
pub fn issuer<'a>(of: &Certificate, among: &'a [Certificate]) -> Option<&'a Certificate> {
    among.iter().find(|other| of.issued_by(other))
}

/// Follows a chain from its leaf as far as issuers are there, and gives the last.
pub fn top<'a>(leaf: &'a Certificate, among: &'a [Certificate]) -> &'a Certificate {
    let mut last = leaf;
    for _ in 0..MOST {
        match issuer(last, among) {
            Some(next) if !last.self_signed => last = next,
            _ => break,
        }
    }
    last
}
