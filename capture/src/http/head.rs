//! Reads the heads of requests and answers.

use super::auth::{challenges, credentials};
use super::{Request, Response};
use chrono::DateTime;
use httparse::{EMPTY_HEADER, Header, ParserConfig};

/// More fields than any real head has.
const MAX_FIELDS: usize = 128;
/// How much of a field is kept.
const MAX_TEXT: usize = 2_048;
/// How much of a request target is kept: OCSP requests travel in it.
const MAX_TARGET: usize = 8_192;

/// Reads a request's head, whole or cut.
///
/// ```text
/// GET http://update.example/av64/1.zip HTTP/1.1
/// Host: update.example
/// Range: bytes=1048576-
/// ```
pub(super) fn request(head: &[u8], cut: bool) -> Option<Request> {
    let (line, fields) = first_line(head);
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut request = Request {
        cut,
        method: text(words.next()?, MAX_TEXT),
        target: text(words.next()?, MAX_TARGET),
        minor_version: words.next().map_or(1, minor_version),
        ..Request::default()
    };
    request.target_host = target_host(&request.method, &request.target);
    request.cut |= read_fields(fields, cut, |field| request_field(&mut request, field)).is_none();
    Some(request)
}

/// Reads an answer's head, whole or cut.
///
/// ```text
/// HTTP/1.1 407 Proxy Authentication Required
/// Proxy-Authenticate: Basic realm="proxy"
/// ```
pub(super) fn response(head: &[u8], cut: bool) -> Option<Response> {
    let (line, fields) = first_line(head);
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let mut response = Response {
        cut,
        minor_version: minor_version(words.next()?),
        status: number(std::str::from_utf8(words.next()?.get(..3)?).ok()?)?,
        reason: text(words.next().unwrap_or_default(), MAX_TEXT),
        ..Response::default()
    };
    response.cut |= read_fields(fields, cut, |field| response_field(&mut response, field)).is_none();
    Some(response)
}

/// Reads the fields of a head, and of one that is cut those in whole lines.
///
/// The first line is replaced: what is wrong with it must not hide the fields.
fn read_fields(lines: &[u8], cut: bool, read: impl FnMut(&Header<'_>)) -> Option<()> {
    let end = match cut {
        true => lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline.saturating_add(1)),
        false => lines.len(),
    };
    let closing: &[u8] = if cut { b"\r\n" } else { b"" };
    let head = [b"HTTP/1.1 200 OK\r\n", lines.get(..end)?, closing].concat();
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    ParserConfig::default()
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .parse_response(&mut parsed, &head)
        .ok()?;
    parsed.headers.iter().for_each(read);
    Some(())
}

/// Separates the first line from the others.
fn first_line(head: &[u8]) -> (&[u8], &[u8]) {
    let end =
        head.iter().position(|byte| *byte == b'\n').map_or(head.len(), |newline| newline.saturating_add(1));
    let (line, rest) = head.split_at_checked(end).unwrap_or((head, &[]));
    (line.trim_ascii(), rest)
}

fn minor_version(word: &[u8]) -> u8 {
    u8::from(!word.starts_with(b"HTTP/1.0"))
}

fn request_field(request: &mut Request, field: &Header<'_>) {
    let value = || text(field.value, MAX_TEXT);
    match field.name.to_ascii_lowercase().as_str() {
        "host" => request.host = Some(value()),
        "user-agent" => request.user_agent = Some(value()),
        "range" => request.range_start = range_start(&value()),
        "proxy-authorization" => request.proxy_credentials = credentials(&value()),
        "authorization" => request.credentials = credentials(&value()),
        "content-type" => request.content_type = Some(value()),
        "content-length" => request.content_length = number(&value()),
        "transfer-encoding" => request.body.framing = chunked(&value()),
        "connection" | "proxy-connection" => request.close |= has_close(&value()),
        _ => {}
    }
}

fn response_field(response: &mut Response, field: &Header<'_>) {
    let value = || text(field.value, MAX_TEXT);
    match field.name.to_ascii_lowercase().as_str() {
        "server" => response.server = Some(value()),
        "via" => response.via = Some(value()),
        "x-squid-error" => response.squid_error = Some(value()),
        "x-cache" => response.cache = Some(value()),
        "content-type" => response.content_type = Some(value()),
        "content-encoding" => response.content_encoding = Some(value()),
        "content-length" => response.content_length = number(&value()),
        "content-range" => response.content_range = Some(value()),
        "transfer-encoding" => response.chunked |= value().to_ascii_lowercase().contains("chunked"),
        "location" => response.location = Some(value()),
        "date" => response.date = DateTime::parse_from_rfc2822(&value()).ok().map(|date| date.timestamp()),
        "age" => response.age = number(&value()),
        "retry-after" => response.retry_after = Some(value()),
        "proxy-authenticate" => response.proxy_challenges.extend(challenges(&value())),
        "www-authenticate" => response.challenges.extend(challenges(&value())),
        "connection" | "proxy-connection" => response.close |= has_close(&value()),
        _ => {}
    }
}

fn chunked(value: &str) -> super::Framing {
    match value.to_ascii_lowercase().contains("chunked") {
        true => super::Framing::Chunked,
        false => super::Framing::None,
    }
}

fn has_close(value: &str) -> bool {
    value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close"))
}

fn range_start(value: &str) -> Option<u64> {
    number(value.strip_prefix("bytes=")?.split('-').next()?)
}

fn number<T: std::str::FromStr>(value: &str) -> Option<T> {
    let value = value.trim();
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

fn target_host(method: &str, target: &str) -> Option<String> {
    if method.eq_ignore_ascii_case("CONNECT") {
        return Some(target.to_owned());
    }
    let (_, after) = target.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    Some(authority.rsplit('@').next().unwrap_or(authority).to_owned())
}

fn text(value: &[u8], limit: usize) -> String {
    String::from_utf8_lossy(value.get(..limit).unwrap_or(value)).trim().to_owned()
}
