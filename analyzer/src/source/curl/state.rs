//! What a run of curl comes to, as observations.

use super::line::why;
use super::run::{Exchange, Place, Run};
use crate::model::{Endpoints, Fields, Kind, Locator, Role, Sink};
use crate::source::policy_xml::host_of;

/// The alerts that the taxonomy knows.
const ALERTS: &[&str] = &[
    "unexpected_message",
    "bad_record_mac",
    "record_overflow",
    "handshake_failure",
    "bad_certificate",
    "unsupported_certificate",
    "certificate_revoked",
    "certificate_expired",
    "certificate_unknown",
    "illegal_parameter",
    "unknown_ca",
    "access_denied",
    "decode_error",
    "decrypt_error",
    "protocol_version",
    "insufficient_security",
    "internal_error",
    "inappropriate_fallback",
    "user_canceled",
    "missing_extension",
    "unsupported_extension",
    "unrecognized_name",
    "bad_certificate_status_response",
    "certificate_required",
    "no_application_protocol",
];

/// States a run; tells whether there was anything to state.
pub(super) fn state(run: &Run, endpoints: &Endpoints, sink: &mut Sink) -> bool {
    let before = sink.observations.len();
    names(run, endpoints, sink);
    connections(run, endpoints, sink);
    for (position, exchange) in run.exchanges.iter().enumerate() {
        let later = run.exchanges.get(position.saturating_add(1));
        http(run, exchange, later, endpoints, sink);
    }
    tls(run, endpoints, sink);
    sink.observations.len() > before
}

fn observe(kind: Kind, place: &Place, fields: Fields, sink: &mut Sink) {
    sink.observe(kind, Locator::Line(place.number), &place.line, None, fields);
}

/// Gives the role of the peer of the connection itself.
fn peer_role(run: &Run, name: Option<&str>, endpoints: &Endpoints) -> &'static str {
    if run.proxied {
        Role::Proxy.name()
    } else {
        name.map_or(Role::Other, |name| endpoints.role(name)).name()
    }
}

/// States the lookup: that it gave addresses, or that it failed; curl does not say how.
fn names(run: &Run, endpoints: &Endpoints, sink: &mut Sink) {
    for (found, outcome) in [(&run.unresolved, "unknown"), (&run.resolved, "answered")] {
        let Some((name, place)) = found else { continue };
        let mut fields = Fields::new();
        fields.set("dns.name", name.clone()).set("dns.outcome", outcome);
        fields.set("dns.role", peer_role(run, Some(name), endpoints));
        if outcome == "answered" && !run.tries.is_empty() {
            fields.set("dns.addresses", run.tries.iter().map(|tried| tried.address).collect::<Vec<_>>());
        }
        observe(Kind::DnsTransaction, place, fields, sink);
    }
}

/// States the connections tried.
fn connections(run: &Run, endpoints: &Endpoints, sink: &mut Sink) {
    let last = run.tries.len().saturating_sub(1);
    for (position, tried) in run.tries.iter().enumerate() {
        let failed = run.exit.as_ref().filter(|(code, _)| matches!(code, 7 | 28) && !run.is_connected());
        let (outcome, place) = match (tried.outcome, failed) {
            (Some(outcome), _) => (outcome, &tried.place),
            // What ended the run speaks of the last address; those before it did not answer in time.
            (None, Some((_, place))) if position == last => (why(&place.line), place),
            _ => ("unknown", &tried.place),
        };
        let mut fields = Fields::new();
        fields
            .set("tcp.server", tried.address)
            .set_opt("tcp.port", tried.port)
            .set("tcp.role", peer_role(run, run.host.as_deref(), endpoints))
            .set("tcp.outcome", outcome);
        observe(Kind::TcpFlow, place, fields, sink);
    }
}

/// States a request and its answer.
fn http(run: &Run, exchange: &Exchange, later: Option<&Exchange>, endpoints: &Endpoints, sink: &mut Sink) {
    let connect = exchange.method == "CONNECT";
    let absolute = exchange.target.contains("://");
    let host = if connect || absolute {
        host_of(&exchange.target)
    } else {
        exchange.host.clone().unwrap_or_default()
    };
    let path = match exchange.target.split_once("://") {
        _ if connect => String::new(),
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned(),
        None => exchange.target.clone(),
    };
    let role = endpoints.role(&host);
    let purpose = if connect {
        "connect"
    } else if endpoints.definitions_paths.iter().any(|known| path.starts_with(&known.prefix)) {
        "definitions"
    } else if role == Role::Revocation {
        if path.to_ascii_lowercase().ends_with(".crl") { "crl" } else { "ocsp" }
    } else {
        "other"
    };
    // The proxy itself answers a CONNECT, and refuses in its own name.
    let by_proxy = connect || exchange.status == Some(407);
    let again = later.filter(|later| later.method == exchange.method && later.target == exchange.target);
    let mut fields = Fields::new();
    fields
        .set("http.method", exchange.method.clone())
        .set("http.host", host)
        .set("http.role", if by_proxy { Role::Proxy } else { role }.name())
        .set("http.purpose", purpose)
        .set("http.via_proxy", run.proxied)
        .set("http.credentials", exchange.credentials.unwrap_or("none"))
        .set(
            "http.answered_later",
            again.is_some_and(|later| later.status.is_some() && later.status != exchange.status),
        )
        .set_opt("http.path", (!connect).then_some(path))
        .set_opt("http.status", exchange.status)
        .set_opt("http.squid_error", exchange.squid_error.clone())
        .set_opt("http.content_type", exchange.content_type.clone())
        .set_opt("http.content_length", exchange.content_length);
    observe(Kind::HttpExchange, &exchange.place, fields, sink);
}

/// States the handshake, or with outcome `unknown` the exit code of a run that did not come to it.
fn tls(run: &Run, endpoints: &Endpoints, sink: &mut Sink) {
    let exit = run.exit.as_ref().map(|(code, _)| *code);
    let answered = run.exchanges.iter().find(|exchange| exchange.method != "CONNECT");
    let tunnel = run.exchanges.iter().rfind(|exchange| exchange.method == "CONNECT");
    let reached = run.https && run.is_connected() && tunnel.is_none_or(|tunnel| tunnel.status == Some(200));
    let seen = &run.tls;
    let complete = reached && (seen.complete || answered.is_some());
    let alert = seen
        .alert
        .as_ref()
        .map(|(word, from)| (ALERTS.iter().find(|known| **known == word).copied().unwrap_or("other"), *from));
    let outcome = if complete {
        "complete"
    } else if !reached {
        "unknown"
    } else if alert.is_some() {
        "alert"
    } else if seen.status.is_some() {
        // What else its sentence speaks of, such as a reset, may have met the revocation check.
        "failed"
    } else if let Some(ending) = seen.ending {
        ending
    } else {
        match exit {
            Some(28) => "silent",
            Some(35 | 60) => "failed",
            _ => "unknown",
        }
    };
    if exit.is_none() && outcome == "unknown" && seen.status.is_none() {
        return;
    }
    let connected =
        run.tries.iter().find(|tried| tried.outcome == Some("established")).map(|tried| &tried.place);
    let place = seen.place.as_ref().or(run.exit.as_ref().map(|(_, place)| place)).or(connected);
    let Some(place) = place.or(answered.map(|exchange| &exchange.place)) else { return };
    let host = run.host.clone().or_else(|| run.unresolved.as_ref().map(|(name, _)| name.clone()));
    let mut fields = Fields::new();
    fields
        .set("tls.outcome", outcome)
        .set("tls.role", host.as_deref().map_or(Role::Other, |host| endpoints.role(host)).name())
        .set_opt("tls.sni", host)
        .set_opt("tls.status", seen.status.clone().filter(|_| !complete))
        .set_opt("tls.curl_exit", exit)
        .set_opt("tls.version", seen.version.clone())
        .set_opt("tls.issuer", seen.issuer.clone());
    if let (Some((word, from)), false) = (alert, complete) {
        fields.set("tls.alert", word).set("tls.alert_from", from);
    }
    observe(Kind::TlsHandshake, place, fields, sink);
}
