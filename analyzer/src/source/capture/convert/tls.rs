//! TLS handshakes and certificates.
use tetra_capture::conversation::seen_of;
use tetra_capture::stream::Dir;
use tetra_capture::{tls, x509};

use super::printable;
use super::revocation::ocsp_of;
use crate::model::{Alert, Certificate, Ocsp, Records, Side, Tls};
use crate::source::capture::ledger::Shelf;

pub(super) fn tls_of(facts: &tls::Handshake, shelf: &Shelf) -> Tls {
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
        cipher: server.and_then(tls::ServerHello::cipher_name).map(str::to_owned),
        certificates: chain
            .map(|chain| chain.certificates.iter().map(|one| certificate_of(one).into()).collect())
            .unwrap_or_default(),
        certificates_at: chain.map(|chain| seen_of(chain.span.last)),
        certificates_cut: chain.is_some_and(|chain| chain.cut),
        staple: facts.staple.as_ref().map(|staple| {
            let answer = match &staple.response {
                Ok(answer) => ocsp_of(answer, None, shelf),
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
