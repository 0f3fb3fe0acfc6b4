//! Reads the heads of requests and answers.

use super::auth::{challenge, credentials};
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
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let whole_lines = whole_lines(head, cut);
    let mut parsed = httparse::Request::new(&mut fields);
    let mut config = ParserConfig::default();
    config.ignore_invalid_headers_in_requests(true).allow_multiple_spaces_in_request_line_delimiters(true);
    let mut request = Request { cut, ..Request::default() };
    if config.parse_request(&mut parsed, &whole_lines).is_ok() && parsed.path.is_some() {
        request.method = text(parsed.method.unwrap_or_default().as_bytes(), MAX_TEXT);
        request.target = text(parsed.path.unwrap_or_default().as_bytes(), MAX_TARGET);
        request.minor_version = parsed.version.unwrap_or_default();
        parsed.headers.iter().for_each(|field| request_field(&mut request, field));
    } else {
        let mut words = first_line(head).split(|byte| *byte == b' ');
        request.cut = true;
        request.method = text(words.next()?, 32);
        request.target = text(words.next()?, MAX_TARGET);
        request.minor_version = words.next().map_or(1, minor_version);
    }
    request.target_host = target_host(&request.method, &request.target);
    Some(request)
}

/// Reads an answer's head, whole or cut.
///
/// ```text
/// HTTP/1.1 407 Proxy Authentication Required
/// Proxy-Authenticate: Basic realm="proxy"
/// ```
pub(super) fn response(head: &[u8], cut: bool) -> Option<Response> {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let whole_lines = whole_lines(head, cut);
    let mut parsed = httparse::Response::new(&mut fields);
    let mut config = ParserConfig::default();
    config
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true);
    let mut response = Response { cut, ..Response::default() };
    if config.parse_response(&mut parsed, &whole_lines).is_ok()
        && let Some(status) = parsed.code
    {
        response.status = status;
        response.reason = text(parsed.reason.unwrap_or_default().as_bytes(), MAX_TEXT);
        response.minor_version = parsed.version.unwrap_or_default();
        parsed.headers.iter().for_each(|field| response_field(&mut response, field));
    } else {
        let mut words = first_line(head).splitn(3, |byte| *byte == b' ');
        response.cut = true;
        response.minor_version = minor_version(words.next()?);
        response.status = number(std::str::from_utf8(words.next()?.get(..3)?).ok()?)?;
        response.reason = text(words.next().unwrap_or_default(), MAX_TEXT);
    }
    Some(response)
}

/// Closes a cut head after its last whole line, so that the lines before it can be read.
fn whole_lines(head: &[u8], cut: bool) -> Vec<u8> {
    let mut lines = head.to_vec();
    if cut {
        let end =
            lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline.saturating_add(1));
        lines.truncate(end);
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii()
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
        "proxy-authenticate" => response.proxy_challenges.extend(challenge(&value())),
        "www-authenticate" => response.challenges.extend(challenge(&value())),
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
