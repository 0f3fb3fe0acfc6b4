//! Decides how bodies end and how much of them is kept.

use super::{Framing, Request, Response};

/// How much of an ordinary body is kept.
const KEEP: usize = 512;
/// How much is kept of a proxy configuration, a certificate, or a question and answer about one.
const KEEP_SMALL: usize = 64 * 1_024;
/// How much is kept of a revocation list.
const KEEP_LARGE: usize = 4 * 1_024 * 1_024;

/// Tells how the end of an answer's body is known.
pub(super) fn framing_of_answer(response: &Response, is_bodyless: bool) -> Framing {
    match (response.status, response.content_length) {
        _ if is_bodyless => Framing::None,
        (204 | 304, _) => Framing::None,
        _ if response.cut => Framing::Unknown,
        _ if response.chunked => Framing::Chunked,
        (_, Some(length)) => Framing::Length(length),
        _ => Framing::UntilClose,
    }
}

/// Tells how the end of a request's body is known.
pub(super) fn framing_of_request(request: &Request) -> Framing {
    match (request.body.framing, request.content_length) {
        _ if request.method == "CONNECT" => Framing::None,
        _ if request.cut => Framing::Unknown,
        (Framing::Chunked, _) => Framing::Chunked,
        (_, Some(length)) => Framing::Length(length),
        _ => Framing::None,
    }
}

/// Decides how much of a request's body to keep.
pub(super) fn keep_of_request(request: &Request) -> usize {
    keep(request.content_type.as_deref(), request.path()).min(KEEP_SMALL)
}

/// Decides how much of an answer's body to keep.
pub(super) fn keep_of_answer(request: Option<&Request>, response: &Response) -> usize {
    let path = request.map_or("", Request::path);
    let asked = request.map_or(0, |request| keep(request.content_type.as_deref(), path));
    asked.max(keep(response.content_type.as_deref(), path))
}

/// Decides how much of a body to keep, from its type and path.
fn keep(content_type: Option<&str>, path: &str) -> usize {
    let kind = content_type.map(|kind| kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase());
    let path = path.to_ascii_lowercase();
    let is = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    match kind.as_deref() {
        Some("application/pkix-crl" | "application/x-pkcs7-crl") => KEEP_LARGE,
        _ if is(&[".crl"]) => KEEP_LARGE,
        Some(
            "application/ocsp-response"
            | "application/ocsp-request"
            | "application/x-ns-proxy-autoconfig"
            | "application/pkix-cert"
            | "application/x-x509-ca-cert",
        ) => KEEP_SMALL,
        _ if is(&[".dat", ".pac", ".crt", ".cer", ".der", ".p7c"]) => KEEP_SMALL,
        _ if ["/mf", "/me", "%2fmf", "ocsp"].iter().any(|part| path.contains(part)) => KEEP_SMALL,
        _ => KEEP,
    }
}
