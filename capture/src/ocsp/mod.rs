//! Reads OCSP: the questions whether certificates are revoked, and the answers.

mod request;
mod signer;

pub use request::Request;
pub use signer::Signer;

use super::{crl, x509};
use der::{Decode, Encode};
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspResponse, OcspResponseStatus, ResponderId,
};

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Whether the responder answered at all.
    pub status: Status,
    /// The responder by name, where it names itself so.
    pub responder_name: Option<String>,
    /// The SHA-1 of the responder's key, where it names itself so.
    pub responder_key: Option<Vec<u8>>,
    /// When the answer was made, in seconds since the Unix epoch.
    pub produced_at: Option<i64>,
    /// What it says of each certificate asked about.
    pub answers: Vec<Answer>,
    /// The certificates sent along to verify the signature.
    pub certificates: Vec<x509::Certificate>,
    signed: Option<Signed>,
}

/// The signed part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    /// The bytes that are signed.
    data: Vec<u8>,
    /// The algorithm's identifier in DER.
    algorithm: Vec<u8>,
    /// The signature, a bit string in DER.
    signature: Vec<u8>,
}

/// Whether a responder answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did.
    Successful,
    /// It cannot read the question.
    MalformedRequest,
    /// It has a fault.
    InternalError,
    /// It asks to come back later.
    TryLater,
    /// It answers signed questions alone.
    SigRequired,
    /// It does not answer this client, or knows nothing of this certificate's issuer.
    Unauthorized,
}

/// What is said of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The certificate's serial number in hexadecimal, without zeros in front.
    pub serial: String,
    /// The hash of its issuer's key.
    pub issuer_key_hash: Vec<u8>,
    /// What is said.
    pub status: CertificateStatus,
    /// From when on that is so, in seconds since the Unix epoch.
    pub this_update: i64,
    /// Until when, if that is said.
    pub next_update: Option<i64>,
}

/// Whether a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// It is not.
    Good,
    /// It is.
    Revoked {
        /// When, in seconds since the Unix epoch.
        at: i64,
        /// Why: the name that RFC 5280 gives.
        reason: Option<&'static str>,
    },
    /// The responder does not know it.
    Unknown,
}

/// What a body is that should be OCSP and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOcsp {
    /// There is nothing.
    #[error("empty")]
    Empty,
    /// A page for people, as of a captive portal.
    #[error("a web page")]
    Html,
    /// Some text.
    #[error("text")]
    Text,
    /// Another structure in DER, or a broken one.
    #[error("not an OCSP message")]
    Der,
    /// Other bytes.
    #[error("unknown bytes")]
    Other,
}

impl NotOcsp {
    /// Tells from its first bytes what a body is.
    pub fn classify(body: &[u8]) -> Self {
        let start = body.get(..512).unwrap_or(body).trim_ascii_start();
        let lower = start.to_ascii_lowercase();
        let is_text = |byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n' | 0x20..=0x7e | 0x80..);
        match body.first() {
            None => Self::Empty,
            _ if lower.starts_with(b"<") || lower.windows(5).any(|part| part == b"<html") => Self::Html,
            Some(0x30) if !start.iter().all(is_text) => Self::Der,
            _ if start.iter().all(is_text) && std::str::from_utf8(start).is_ok() => Self::Text,
            _ => Self::Other,
        }
    }
}

impl Response {
    /// Reads an answer in DER.
    pub fn parse(body: &[u8]) -> Result<Self, NotOcsp> {
        let not_ocsp = |_| NotOcsp::classify(body);
        let outer = OcspResponse::from_der(body).map_err(not_ocsp)?;
        let mut response = Self {
            status: status(outer.response_status),
            responder_name: None,
            responder_key: None,
            produced_at: None,
            answers: Vec::new(),
            certificates: Vec::new(),
            signed: None,
        };
        let Some(bytes) = outer.response_bytes else { return Ok(response) };
        let basic = BasicOcspResponse::from_der(bytes.response.as_bytes()).map_err(not_ocsp)?;
        let data = &basic.tbs_response_data;
        match &data.responder_id {
            ResponderId::ByName(name) => response.responder_name = Some(name.to_string()),
            ResponderId::ByKey(key) => response.responder_key = Some(key.as_bytes().to_vec()),
        }
        response.produced_at = Some(seconds(data.produced_at));
        response.answers = data.responses.iter().map(answer).collect();
        let certificates = basic.certs.iter().flatten().filter_map(|one| one.to_der().ok());
        response.certificates = certificates.filter_map(|der| x509::Certificate::parse(&der).ok()).collect();
        response.signed = signed(bytes.response.as_bytes(), &basic);
        Ok(response)
    }

    /// Returns what is said of a certificate, by its serial number in hexadecimal.
    pub fn answer(&self, serial: &str) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.serial == serial)
    }
}

/// Keeps the signed bytes as they were sent.
fn signed(bytes: &[u8], basic: &BasicOcspResponse) -> Option<Signed> {
    use x509_parser::asn1_rs::{Any, FromDer};
    let (_, outer) = Any::from_der(bytes).ok()?;
    let (rest, _) = Any::from_der(outer.data).ok()?;
    let length = outer.data.len().checked_sub(rest.len())?;
    Some(Signed {
        data: outer.data.get(..length)?.to_vec(),
        algorithm: basic.signature_algorithm.to_der().ok()?,
        signature: basic.signature.to_der().ok()?,
    })
}

fn answer(single: &x509_ocsp::SingleResponse) -> Answer {
    let CertId { serial_number, issuer_key_hash, .. } = &single.cert_id;
    Answer {
        serial: x509::serial_hex(serial_number.as_bytes()),
        issuer_key_hash: issuer_key_hash.as_bytes().to_vec(),
        status: match &single.cert_status {
            CertStatus::Good(_) => CertificateStatus::Good,
            CertStatus::Revoked(info) => CertificateStatus::Revoked {
                at: seconds(info.revocation_time),
                reason: info.revocation_reason.and_then(reason_name),
            },
            CertStatus::Unknown(_) => CertificateStatus::Unknown,
        },
        this_update: seconds(single.this_update),
        next_update: single.next_update.map(seconds),
    }
}

fn status(status: OcspResponseStatus) -> Status {
    match status {
        OcspResponseStatus::Successful => Status::Successful,
        OcspResponseStatus::MalformedRequest => Status::MalformedRequest,
        OcspResponseStatus::InternalError => Status::InternalError,
        OcspResponseStatus::TryLater => Status::TryLater,
        OcspResponseStatus::SigRequired => Status::SigRequired,
        OcspResponseStatus::Unauthorized => Status::Unauthorized,
    }
}

fn reason_name(reason: impl Encode) -> Option<&'static str> {
    let der = reason.to_der().ok()?;
    crl::reason_name(u32::from(*der.last()?))
}

fn seconds(time: OcspGeneralizedTime) -> i64 {
    i64::try_from(time.0.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
