//! What the probes alone let one guess, in plain words, for the person at the endpoint.
//!
//! It is never more certain than the records: they tell how it is now, from here, and not how an attempt of the connector
//! went. What they do not show stays unknown. The diagnosis is the analyzer's.

mod words;

use std::collections::BTreeMap;

use crate::probe::{Outcome, ProbeRecord, Way, What};

/// A guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// The server was reached, believed and asked.
    AllWell,
    /// No server for names knows the server.
    NameUnknown(String),
    /// The servers for names do not answer.
    NamesSilent,
    /// The servers for names have a fault.
    NamesFaulty(String),
    /// The server turns the connection away.
    Refused(String),
    /// Connections to the server vanish.
    Vanishes(String),
    /// No way leads to the server.
    NoWay(String),
    /// Something on this computer forbids the connection.
    ForbiddenHere(String),
    /// The proxy's name is not known.
    ProxyUnknown(String),
    /// The proxy is not reached.
    ProxyNotReached(String),
    /// The proxy asks for a sign-in; whether the connector has one is known or not.
    ProxySignIn(String, Option<bool>),
    /// The proxy forbids the way to the server.
    ProxyForbids(String),
    /// The proxy itself does not get on.
    ProxyStuck(String, Option<u16>),
    /// The handshake is cut off on the way.
    HandshakeCut(String),
    /// The clock of this computer is off by so many seconds.
    ClockWrong(i64),
    /// The certificate is not valid at this time.
    CertificateTime(String),
    /// The certificate is for another name.
    CertificateName(String),
    /// The certificate is not by a trusted authority; by whom it is.
    CertificateUntrusted(String, String),
    /// The server leaves a part of its proof out.
    CertificateIncomplete(String),
    /// The certificate is revoked.
    Revoked(String),
    /// It cannot be found out whether the certificate is revoked.
    RevocationNotChecked(String),
    /// The server gives another answer than it should.
    Answer(String, u16),
    /// Another way works; by which proxy settings.
    OtherWayWorks(Way),
    /// The tests do not show why.
    Unknown,
}

/// Guesses from the records, the likeliest first; there is always one.
pub fn guess(records: &[ProbeRecord]) -> Vec<Guess> {
    let server: Vec<&ProbeRecord> = records.iter().filter(|one| is_server(one)).collect();
    let own_proxy = records.iter().any(|one| one.path == Way::PolicyProxy && one.what == What::Proxy);
    let own = if own_proxy { Way::PolicyProxy } else { Way::Direct };
    let mut found = Vec::new();
    let believed = |way: Way| {
        server.iter().any(|one| one.path == way && one.ok && matches!(one.what, What::Tls | What::Http))
    };
    let clock = records.iter().find(|one| one.what == What::Clock && !one.ok);
    found.extend(clock.and_then(offset).map(Guess::ClockWrong));
    if believed(own) {
        found.extend(revocation(records));
        found.extend(answer(&server, own));
        if found.is_empty() {
            found.push(Guess::AllWell);
        }
        return found;
    }
    found.extend(if own_proxy { by_proxy(records, own) } else { None });
    found.extend(handshake(&server, own));
    if !own_proxy {
        found.extend(straight(&server));
    }
    // A server that speaks no TLS is not believed, but it may have answered.
    found.extend(answer(&server, own));
    for way in [Way::Direct, Way::Winhttp, Way::Wininet, Way::Pac, Way::Environment] {
        if way != own && believed(way) {
            found.push(Guess::OtherWayWorks(way));
        } else if way != own {
            found.extend(by_proxy(records, way));
        }
    }
    found.dedup();
    if found.is_empty() {
        found.push(Guess::Unknown);
    }
    found
}

/// Says whether a record is about the update server. The page of versions is not what updates come from.
fn is_server(record: &ProbeRecord) -> bool {
    record.text("role") == Some("update_server") && record.text("page").is_none_or(|page| page == "/")
}

fn host(record: &ProbeRecord) -> String {
    let target = &record.target;
    crate::network::host_and_port(target, 0).map_or_else(|| target.clone(), |(host, _)| host)
}

fn offset(record: &ProbeRecord) -> Option<i64> {
    let seconds = record.detail.get("offset_s")?.as_f64()?;
    format!("{seconds:.0}").parse().ok()
}

/// What happens at a proxy.
fn by_proxy(records: &[ProbeRecord], way: Way) -> Option<Guess> {
    let failed = |one: &&ProbeRecord| one.what == What::Proxy && one.path == way && !one.ok;
    let record = records.iter().find(failed)?;
    let name = record.target.clone();
    let signs_in = record.detail.get("connector_signs_in").and_then(serde_json::Value::as_bool);
    let wants = record.detail.get("wants_sign_in").is_some();
    Some(match (record.http_status, record.outcome?) {
        (Some(407), _) => Guess::ProxySignIn(name, signs_in),
        _ if wants => Guess::ProxySignIn(name, signs_in),
        (Some(403), _) => Guess::ProxyForbids(name),
        (status @ Some(_), _) => Guess::ProxyStuck(name, status),
        (None, Outcome::Nxdomain) => Guess::ProxyUnknown(name),
        (None, Outcome::Unknown) => return None,
        (None, Outcome::Silent | Outcome::Closed | Outcome::Reset | Outcome::ProxyError) => {
            Guess::ProxyStuck(name, None)
        }
        (None, _) => Guess::ProxyNotReached(name),
    })
}

/// What is wrong with the handshake.
fn handshake(server: &[&ProbeRecord], way: Way) -> Option<Guess> {
    let record = server.iter().find(|one| one.what == What::Tls && one.path == way && !one.ok)?;
    let host = host(record);
    let issuer = record.text("issuer").unwrap_or_default().to_owned();
    match record.text("verdict") {
        Some("expired" | "not_yet_valid") => Some(Guess::CertificateTime(host)),
        Some("name_mismatch") => Some(Guess::CertificateName(host)),
        Some("self_signed" | "unknown_ca" | "untrusted") => Some(Guess::CertificateUntrusted(host, issuer)),
        Some("incomplete") => Some(Guess::CertificateIncomplete(host)),
        Some("revoked") => Some(Guess::Revoked(host)),
        Some("revocation_unknown") => Some(Guess::RevocationNotChecked(host)),
        Some(_) => None,
        None => match record.outcome? {
            Outcome::Unknown => None,
            _ => Some(Guess::HandshakeCut(host)),
        },
    }
}

/// What fails before the handshake, without a proxy.
fn straight(server: &[&ProbeRecord]) -> Option<Guess> {
    let tcp: Vec<_> = server.iter().filter(|one| one.what == What::Tcp).collect();
    if tcp.iter().any(|one| one.ok) {
        return None;
    }
    if let Some(record) = tcp.first() {
        let host = host(record);
        // Addresses that fail in different ways have no single word.
        let same = tcp.iter().all(|one| one.outcome == record.outcome);
        return match record.outcome.filter(|_| same)? {
            Outcome::Refused => Some(Guess::Refused(host)),
            Outcome::Unanswered => Some(Guess::Vanishes(host)),
            Outcome::NetUnreachable | Outcome::HostUnreachable => Some(Guess::NoWay(host)),
            Outcome::Prohibited => Some(Guess::ForbiddenHere(host)),
            _ => None,
        };
    }
    let mut names = server.iter().filter(|one| one.what == What::Dns);
    let asked: Vec<_> = names.clone().filter(|one| one.path == Way::Resolver).collect();
    let record = asked.first().copied().or_else(|| names.find(|one| !one.ok))?;
    match record.outcome.filter(|_| !record.ok)? {
        Outcome::Nxdomain | Outcome::Nodata => Some(Guess::NameUnknown(host(record))),
        Outcome::Unanswered | Outcome::PortUnreachable => Some(Guess::NamesSilent),
        Outcome::Unknown => None,
        _ => Some(Guess::NamesFaulty(host(record))),
    }
}

/// What keeps the certificate from being checked: only where every source of one certificate fails.
fn revocation(records: &[ProbeRecord]) -> Vec<Guess> {
    let mut by_certificate: BTreeMap<&str, Vec<&ProbeRecord>> = BTreeMap::new();
    for record in records.iter().filter(|one| matches!(one.what, What::Ocsp | What::Crl)) {
        if let Some(serial) = record.text("serial") {
            by_certificate.entry(serial).or_default().push(record);
        }
    }
    let mut found = Vec::new();
    for checks in by_certificate.values() {
        if let Some(revoked) = checks.iter().find(|one| one.outcome == Some(Outcome::Revoked)) {
            found.push(Guess::Revoked(revoked.text("of").unwrap_or(&revoked.target).to_owned()));
        } else if checks.iter().all(|one| !one.ok && one.outcome != Some(Outcome::Unknown)) {
            found.extend(checks.first().map(|one| Guess::RevocationNotChecked(host(one))));
        }
    }
    found.dedup();
    found
}

/// What the server answers.
fn answer(server: &[&ProbeRecord], way: Way) -> Option<Guess> {
    let pages: Vec<_> = server.iter().filter(|one| one.what == What::Http && one.path == way).collect();
    if pages.iter().any(|one| one.ok) {
        return None;
    }
    let record = pages.first()?;
    Some(Guess::Answer(host(record), record.http_status?))
}

#[cfg(test)]
mod tests;
