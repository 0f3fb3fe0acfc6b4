//! From the readers' facts to the model's: what a connection carried, in the words of the model.

use super::conversation::{Conversation, seen_of};
use super::http::{self, Body, End};
use super::ocsp::{CertificateStatus, NotOcsp, Request, Response, Signer, Status};
use super::stream::Dir;
use super::tcp::Connection;
use super::{crl, socks, tls, x509};
use crate::model::{
    Alert, Answer, App, Certificate, ClockSource, Crl, Endpoints, Exchange, Ocsp, Purpose, Records, Seen,
    Side, Socks, Timestamp, Tls,
};

/// Certificates of authorities seen anywhere in the captures, to check signatures with.
pub(super) type Authorities = Vec<std::sync::Arc<x509::Certificate>>;

/// Turns everything that a connection carried into the model's words.
pub(super) fn app(conversation: &Conversation, endpoints: &Endpoints, authorities: &Authorities) -> App {
    let mut app = App {
        socks: conversation.socks.as_ref().map(|reader| socks_of(reader.exchange())),
        tls: conversation.tls.as_ref().map(|reader| Box::new(tls_of(reader.facts(), authorities))),
        ..App::default()
    };
    if let Some(reader) = &conversation.http {
        app.http = reader.exchanges().iter().map(|one| exchange(one, endpoints, authorities)).collect();
        app.tunnel = reader.tunnel().and_then(|tunnel| {
            let position = usize::try_from(tunnel.exchange).ok()?;
            Some(position.min(app.http.len().checked_sub(1)?))
        });
        if let Some(unreadable) = reader.unreadable(Dir::ToClient)
            && let Some(last) = app.http.last_mut()
            && last.answer.is_none()
        {
            last.garbled = Some((seen_of(unreadable.at), printable(&unreadable.bytes)));
        }
    }
    app
}

/// Finds what an exchange is for.
pub(super) fn purpose(exchange: &http::Exchange, endpoints: &Endpoints) -> Purpose {
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

/// Notes the times that servers tell.
pub(super) fn clocks(flow: &Connection, clocks: &mut Vec<(ClockSource, Seen, Timestamp)>) {
    /// Enough to tell a wrong clock from a wrong server.
    const PER_FLOW: usize = 4;
    let Some(reader) = flow.detail.as_ref().and_then(|detail| detail.conversation.http.as_ref()) else {
        return;
    };
    if clocks.len() > 4_000 {
        return;
    }
    let answers = reader.exchanges().iter().filter_map(|exchange| exchange.response.as_ref());
    for response in answers.take(PER_FLOW) {
        // A cached answer bears the time at which it was made.
        if let Some(date) = response.date.filter(|_| response.age.is_none()) {
            clocks.push((ClockSource::HttpDate, seen_of(response.head.first), Timestamp::from_secs(date)));
        }
    }
}

/// Gives the name of a certificate's issuer, in full.
pub(super) fn issuer_name(certificate: &x509::Certificate) -> String {
    certificate.issuer.full.clone()
}

fn exchange(exchange: &http::Exchange, endpoints: &Endpoints, authorities: &Authorities) -> Exchange {
    let purpose = purpose(exchange, endpoints);
    let mut out = Exchange { purpose, ..Exchange::default() };
    if let Some(request) = &exchange.request {
        let authority = request.authority().unwrap_or_default();
        let (host, port) = split_port(authority);
        out.asked = Some(seen_of(request.head.last));
        out.method = request.method.clone();
        out.host = host;
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
        Purpose::Ocsp => out.ocsp = Some(Box::new(ocsp_exchange(exchange, authorities))),
        Purpose::Crl if response.status == 200 => out.crl = Some(Box::new(crl_of(body))),
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

/// Gives the begin of a body that is text, without tags, in one line.
fn text(body: &Body) -> String {
    let start = String::from_utf8_lossy(&body.start);
    if start.chars().take(200).any(|c| c == '\u{fffd}' || c.is_control() && !c.is_whitespace()) {
        return String::new();
    }
    start.chars().take(2_048).collect()
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().take(48).map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect()
}

fn ocsp_exchange(exchange: &http::Exchange, authorities: &Authorities) -> Ocsp {
    let asked = exchange.request.as_ref().and_then(|request| {
        Request::from_path(request.path()).or_else(|| Request::parse(&request.body.start).ok())
    });
    let serial = asked.and_then(|request| request.asked.first().map(|asked| asked.serial.clone()));
    let Some(response) = exchange.response.as_ref().filter(|response| response.status == 200) else {
        return Ocsp { serial, ..Ocsp::default() };
    };
    let body = &response.body;
    let html =
        response.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    match Response::parse(&body.start) {
        Ok(answer) => ocsp_of(&answer, serial, authorities),
        // What is cut by the snap length or still under way is not wrong, only unknown.
        Err(_)
            if !html && (body.missing > 0 || !body.whole || body.start.is_empty() && body.received > 0) =>
        {
            Ocsp { serial, ..Ocsp::default() }
        }
        Err(what) => {
            let what = if html { NotOcsp::Html } else { what };
            Ocsp { serial, not_ocsp: Some(what.to_string()), ..Ocsp::default() }
        }
    }
}

fn ocsp_of(answer: &Response, serial: Option<String>, authorities: &Authorities) -> Ocsp {
    let about = serial.as_deref().and_then(|serial| answer.answer(serial)).or_else(|| answer.answers.first());
    let signer = authorities
        .iter()
        .map(|authority| answer.signer(Some(authority)))
        .find(|signer| *signer != Signer::Unverified)
        .unwrap_or(Signer::Unverified);
    Ocsp {
        serial,
        status: match answer.status {
            Status::Successful => "successful",
            Status::MalformedRequest => "malformed",
            Status::InternalError => "internal_error",
            Status::TryLater => "try_later",
            Status::SigRequired => "sig_required",
            Status::Unauthorized => "unauthorized",
        }
        .to_owned(),
        certificate: about
            .map_or("", |about| match about.status {
                CertificateStatus::Good => "good",
                CertificateStatus::Revoked { .. } => "revoked",
                CertificateStatus::Unknown => "unknown",
            })
            .to_owned(),
        produced: answer.produced_at,
        this_update: about.map(|about| about.this_update),
        next_update: about.and_then(|about| about.next_update),
        signer: match signer {
            Signer::Issuer => "issuer",
            Signer::Delegated => "delegated",
            Signer::NotDelegated => "not_delegated",
            Signer::Unverified => "unverified",
        },
        not_ocsp: None,
    }
}

fn crl_of(body: &Body) -> Crl {
    match crl::RevocationList::parse(&body.start) {
        Ok(list) => Crl {
            issuer: list.issuer.full.clone(),
            this_update: list.this_update,
            next_update: list.next_update,
            serials: list.serials(),
            unreadable: false,
        },
        Err(_) => Crl { unreadable: true, ..Crl::default() },
    }
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

fn socks_of(exchange: &socks::Exchange) -> Socks {
    let request = exchange.request.as_ref();
    Socks {
        version: exchange.version,
        asked: request.map(|request| seen_of(request.at)),
        method: exchange.method.map(|(at, method)| (method, seen_of(at))),
        auth_ok: exchange.login.map(|(at, status)| (status == 0, seen_of(at))),
        host: request.map(|request| request.host.trim_end_matches('.').to_ascii_lowercase()),
        port: request.map(|request| request.port),
        reply: exchange.reply.map(|(at, reply)| (reply, seen_of(at))),
    }
}

fn tls_of(facts: &tls::Handshake, authorities: &Authorities) -> Tls {
    let hello = facts.client_hello.as_ref();
    let server = facts.server_hello.as_ref();
    let version = |number: u16| {
        tls::version_name(number)
            .map_or_else(|| format!("{number:#06x}"), |name| name.trim_start_matches("TLS ").to_owned())
    };
    let chain = facts.chain.as_ref();
    let hidden = is_hidden_13(facts);
    let down = &facts.sides.to_client;
    let up = &facts.sides.to_server;
    Tls {
        sni: hello.and_then(|hello| hello.server_name.clone()),
        client_hello: hello.map(|hello| (seen_of(hello.span.first), seen_of(hello.span.last))),
        offered: hello
            .and_then(|hello| hello.versions.first().copied().or(Some(hello.legacy_version)))
            .map(version),
        staple_asked: hello.is_some_and(|hello| hello.status_request),
        server_hello: server.map(|hello| seen_of(hello.span.last)),
        version: server.map(|hello| if hidden { "1.3".to_owned() } else { version(hello.version) }),
        cipher: server.and_then(|hello| hello.cipher).and_then(tls::cipher_name).map(str::to_owned),
        certificates: chain
            .map(|chain| chain.certificates.iter().map(|one| certificate_of(one).into()).collect())
            .unwrap_or_default(),
        certificates_at: chain.map(|chain| seen_of(chain.span.last)),
        certificates_cut: chain.is_some_and(|chain| chain.cut),
        staple: facts.staple.as_ref().map(|staple| {
            let answer = match &staple.response {
                Ok(answer) => ocsp_of(answer, None, authorities),
                Err(what) => Ocsp { not_ocsp: Some(what.to_string()), ..Ocsp::default() },
            };
            (seen_of(staple.span.last), Box::new(answer))
        }),
        flight_bytes: facts.encrypted_flight,
        alerts: alerts(facts, hidden),
        complete: match facts.completed() {
            tls::Completed::Yes(at) => Some(seen_of(at)),
            _ => None,
        },
        up: records(up),
        down: records(down),
        not_tls: down.not_tls.as_ref().map(|other| (seen_of(other.at), printable(&other.bytes))),
        cut: up.missing > 0 || down.missing > 0,
        unfinished: down.unfinished.map(|(_, left)| left).filter(|left| *left > 0),
        lost: down.lost,
    }
}

/// Tells whether TLS 1.3 was agreed on although the part of the ServerHello that says so is cut off.
fn is_hidden_13(facts: &tls::Handshake) -> bool {
    let (Some(client), Some(server)) = (&facts.client_hello, &facts.server_hello) else { return false };
    let offered = client.versions.contains(&tls::TLS13) || client.cut;
    // Up to TLS 1.2 the client sends two more handshake records; under 1.3 its next one is already encrypted.
    let side = &facts.sides.to_server;
    let hellos = 1 + u64::from(facts.retry.is_some());
    let encrypts_next =
        side.application_data.is_some() && side.handshake.is_none_or(|seen| seen.count <= hellos);
    server.cut && server.version != tls::TLS13 && offered && encrypts_next
}

fn alerts(facts: &tls::Handshake, hidden: bool) -> Vec<Alert> {
    let side = |dir: Dir| if dir == Dir::ToServer { Side::Client } else { Side::Server };
    let mut alerts: Vec<Alert> = facts
        .alerts
        .iter()
        .map(|alert| Alert {
            from: side(alert.dir),
            name: alert
                .said
                .map_or("encrypted", |said| tls::alert_name(said.description).unwrap_or("other"))
                .to_owned(),
            at: seen_of(alert.at),
        })
        .collect();
    for dir in [Dir::ToServer, Dir::ToClient] {
        let last = facts.sides.get(dir).last.back().copied();
        let record =
            facts.likely_alert(dir).or(last.filter(|record| hidden && record.length == tls::ALERT13));
        if let Some(record) = record {
            alerts.push(Alert { from: side(dir), name: "encrypted".to_owned(), at: seen_of(record.at) });
        }
    }
    alerts.sort_by_key(|alert| alert.at);
    alerts
}

fn records(side: &tls::Side) -> Records {
    side.application_data.map_or_else(Records::default, |seen| Records {
        count: seen.count,
        bytes: seen.bytes,
        first: Some(seen_of(seen.span.first)),
        last: Some(seen_of(seen.span.last)),
        last_len: side.last.back().map_or(0, |record| u32::from(record.length)),
    })
}

fn certificate_of(certificate: &x509::Certificate) -> Certificate {
    let mut names = certificate.dns_names.clone();
    names.extend(certificate.addresses.iter().map(ToString::to_string));
    if names.is_empty() {
        names.extend(certificate.subject.name.clone());
    }
    Certificate {
        subject: certificate.subject.full.clone(),
        issuer: certificate.issuer.full.clone(),
        serial: certificate.serial.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        names,
        self_signed: certificate.self_signed,
        ocsp: certificate.ocsp_urls.clone(),
        issuers: certificate.issuer_urls.clone(),
        crls: certificate.crl_urls.clone(),
        sha256: certificate.sha256.clone(),
    }
}
