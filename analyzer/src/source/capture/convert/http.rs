//! HTTP exchanges: what they are for, what was asked and answered.
use tetra_capture::conversation::seen_of;
use tetra_capture::http::{self, Body, End};
use tetra_capture::ocsp::Request;

use super::revocation::{crl_of, ocsp_exchange};
use crate::model::{Answer, Endpoints, Exchange, Purpose};
use crate::source::capture::ledger::Shelf;

/// Finds what an exchange is for.
pub(crate) fn purpose(exchange: &http::Exchange, endpoints: &Endpoints) -> Purpose {
    let kind = |value: &Option<String>, what: &str| {
        value.as_deref().is_some_and(|value| value.to_ascii_lowercase().contains(what))
    };
    let response_is =
        |what: &str| exchange.response.as_ref().is_some_and(|response| kind(&response.content_type, what));
    let Some(request) = &exchange.request else {
        return match () {
            () if response_is("ocsp-response") => Purpose::Ocsp,
            () if response_is("pkix-crl") => Purpose::Crl,
            () => Purpose::Other,
        };
    };
    let path = request.path().to_ascii_lowercase();
    if request.method == "CONNECT" {
        Purpose::Connect
    } else if kind(&request.content_type, "ocsp-request")
        || response_is("ocsp-response")
        || request.method == "GET" && Request::from_path(request.path()).is_some()
    {
        Purpose::Ocsp
    } else if path.ends_with(".crl") || response_is("pkix-crl") {
        Purpose::Crl
    } else if [".cer", ".crt", ".p7c", ".p7b"].iter().any(|end| path.ends_with(end))
        || response_is("pkix-cert")
    {
        Purpose::IssuerCertificate
    } else if path.ends_with("wpad.dat") || path.ends_with(".pac") || response_is("x-ns-proxy-autoconfig") {
        Purpose::Discovery
    } else if endpoints.is_definitions_path(request.path()) {
        Purpose::Definitions
    } else {
        Purpose::Other
    }
}

pub(super) fn exchange(exchange: &http::Exchange, endpoints: &Endpoints, shelf: &Shelf) -> Exchange {
    let purpose = purpose(exchange, endpoints);
    let mut out = Exchange { purpose, ..Exchange::default() };
    if let Some(request) = &exchange.request {
        let authority = request.authority().unwrap_or_default();
        let (host, port) = split_port(authority);
        out.asked = Some(seen_of(request.head.last));
        out.method = request.method.clone();
        out.host = if request.cut && port.is_none() { endpoints.complete(&host).to_owned() } else { host };
        out.port = port;
        out.path = if request.method == "CONNECT" { String::new() } else { request.path().to_owned() };
        out.to_proxy = request.method == "CONNECT" || request.target.contains("://");
        out.user_agent = request.user_agent.clone();
        out.range = request.range_start;
        out.credentials = request.proxy_credentials.as_ref().map(|used| used.scheme.to_ascii_lowercase());
        out.ntlm = request.proxy_credentials.as_ref().and_then(|used| used.ntlm);
    }
    let Some(response) = &exchange.response else { return out };
    let body = &response.body;
    out.answer = Some(Answer {
        at: seen_of(response.head.first),
        status: response.status,
        server: response.server.clone(),
        via: response.via.clone(),
        squid_error: response.squid_error.clone(),
        content_type: response.content_type.as_ref().map(|kind| kind.to_ascii_lowercase()),
        length: response.content_length,
        range: response.content_range.as_deref().and_then(first_byte),
        location: response.location.clone(),
        schemes: response.proxy_challenges.iter().map(|one| one.scheme.to_ascii_lowercase()).collect(),
        received: body.received.saturating_add(body.missing),
        complete: match body.end {
            End::Complete => Some(true),
            End::Closed(_) | End::Open => Some(false),
            End::Unknown => None,
        },
        last: body.last.map(seen_of),
        text: if purpose == Purpose::Ocsp || purpose == Purpose::Crl { String::new() } else { text(body) },
        close: response.close,
        cached: response.age.is_some()
            || response.cache.as_deref().is_some_and(|cache| cache.to_ascii_uppercase().contains("HIT")),
    });
    match purpose {
        Purpose::Ocsp => out.ocsp = Some(Box::new(ocsp_exchange(exchange, shelf))),
        Purpose::Crl if response.status == 200 => out.crl = Some(shelf.list(&body.start, || crl_of(body))),
        Purpose::Discovery => out.pac_proxies = pac_proxies(&String::from_utf8_lossy(&body.start)),
        _ => {}
    }
    out
}

fn split_port(authority: &str) -> (String, Option<u16>) {
    let bare = |host: &str| host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (bare(host), port.parse().ok()),
        _ => (bare(authority), None),
    }
}

/// Gives the first byte that a Content-Range names (RFC 9110, 14.4): `bytes 100-199/5000`.
fn first_byte(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}

/// Gives the begin of a body that is text, without tags, in one line.
fn text(body: &Body) -> String {
    let start = String::from_utf8_lossy(&body.start);
    if start.chars().take(200).any(|c| c == '\u{fffd}' || c.is_control() && !c.is_whitespace()) {
        return String::new();
    }
    start.chars().take(2_048).collect()
}

/// Finds the proxies that a PAC file may return: `PROXY host:port`, `HTTPS host:port`, `SOCKS host:port`.
fn pac_proxies(script: &str) -> Vec<String> {
    let mut proxies: Vec<String> = Vec::new();
    let words: Vec<&str> = script
        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        if let [kind, place] = pair
            && ["PROXY", "HTTP", "HTTPS", "SOCKS", "SOCKS5"].contains(kind)
            && place.contains(':')
            && proxies.len() < 16
            && !proxies.iter().any(|known| known == place)
        {
            proxies.push((*place).to_ascii_lowercase());
        }
    }
    proxies
}
