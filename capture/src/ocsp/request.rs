//! Reads the questions.

use super::NotOcsp;
use crate::x509::serial_hex;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use der::Decode;
use x509_ocsp::OcspRequest;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The certificates asked about.
    pub asked: Vec<Asked>,
}

/// A certificate asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its serial number in hexadecimal, without zeros in front.
    pub serial: String,
    /// The hash of its issuer's key.
    pub issuer_key_hash: Vec<u8>,
}

impl Request {
    /// Reads a question in DER, as a POST carries it.
    pub fn parse(body: &[u8]) -> Result<Self, NotOcsp> {
        let request = OcspRequest::from_der(body).map_err(|_| NotOcsp::classify(body))?;
        let asked = request.tbs_request.request_list.iter().map(|one| Asked {
            serial: serial_hex(one.req_cert.serial_number.as_bytes()),
            issuer_key_hash: one.req_cert.issuer_key_hash.as_bytes().to_vec(),
        });
        Ok(Self { asked: asked.collect() })
    }

    /// Reads a question from the path of a GET: its last part, in base64 with or without `%` escapes.
    ///
    /// ```text
    /// /ocsp/MFEwTzBNMEswSTAJBgUrDgMCGgUABBT%2B…
    /// ```
    pub fn from_path(path: &str) -> Option<Self> {
        let decoded = unescape(path);
        // Base64 may hold slashes itself: the question begins at the first part that reads as one.
        let starts = decoded.match_indices('/').map(|(place, _)| place.saturating_add(1));
        starts.filter_map(|start| decoded.get(start..)).find_map(|text| {
            if !text.starts_with('M') {
                return None;
            }
            let digits = text.trim_end_matches('=');
            let der = STANDARD_NO_PAD.decode(digits).or_else(|_| URL_SAFE_NO_PAD.decode(digits)).ok()?;
            Self::parse(&der).ok()
        })
    }
}

/// Replaces `%2B` and the like by what they stand for.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escaped =
            after.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
