//! OCSP and revocation lists, asked for as the certificates say.

use std::time::Instant;

use chrono::Utc;
use der::asn1::{Null, OctetString};
use der::oid::ObjectIdentifier;
use der::{Any, Decode, Encode};
use tetra_capture::crl::RevocationList;
use tetra_capture::ocsp::{CertificateStatus, NotOcsp, Response, Signer, Status};
use tetra_capture::x509::Certificate;
use x509_cert::Certificate as Parsed;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{CertId, OcspRequest, Request, TbsRequest};

use super::chain::time;
use super::fetch::{NoPage, Question, fetch};
use super::head::{Body, Head};
use super::ladder;
use super::record::{Outcome, ProbeRecord, What};
use super::run::{NotReached, Run};
use super::targets::Server;
use super::tunnel::Route;
use super::wire::since;
use crate::network::with_port;

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
/// By how many seconds an answer may be younger than our clock.
const SKEW: i64 = 300;
/// The most places that one certificate may name.
const PLACES: usize = 4;

/// Asks one responder, or fetches one list.
pub fn check(
    run: &Run<'_>,
    route: &Route,
    what: What,
    url: &str,
    of: &Certificate,
    issuer: Option<&Certificate>,
) {
    let Some(server) = Server::parse(url).filter(|server| !server.secure) else { return };
    let mut record = ProbeRecord::new(what, with_port(&server.host, server.port), route.way, Utc::now());
    record.note("url", url);
    record.note("of", of.subject.full.clone());
    record.note("serial", of.serial.clone());
    route.mark(&mut record);
    let request = issuer.filter(|_| what == What::Ocsp).and_then(|issuer| question(of, issuer));
    if what == What::Ocsp && request.is_none() {
        record.outcome = Some(Outcome::Unknown);
        record.note("reason", "the issuer's certificate, which the question needs, is not there");
        run.tell(record);
        return;
    }
    let question = Question {
        method: if request.is_some() { "POST" } else { "GET" },
        server: &server,
        body: request.as_deref().map(|body| ("application/ocsp-request", body)),
    };
    let began = Instant::now();
    let fetched = fetch(run, route, &question);
    record.ms = Some(since(began));
    let outcome = match &fetched {
        Err(fault) => unreached(fault, &mut record),
        Ok((head, body)) => {
            record.http_status = Some(head.status);
            record.note("bytes", body.bytes.len());
            answered(what, route, head, body, of, issuer, &mut record)
        }
    };
    record.outcome = Some(outcome);
    record.ok = outcome == Outcome::Good;
    let way = record.path;
    run.tell(record);
    if let Ok((head, _)) = &fetched {
        ladder::clock(run, &server.host, way, head);
    }
}

/// Tests whether a revocation host can be reached at all, where no certificate says what to ask it.
pub fn reach(run: &Run<'_>, what: What, host: &str, port: u16) {
    let began = Instant::now();
    let mut record = ProbeRecord::new(what, with_port(host, port), super::record::Way::Direct, Utc::now());
    let opened = run.connect(host, port);
    match opened {
        Ok(_) => {
            record.what = What::Tcp;
            record.ok = true;
            record.outcome = Some(Outcome::Established);
        }
        Err(why) => record.outcome = Some(unreached(&NoPage::NotReached(why), &mut record)),
    }
    record.ms = Some(since(began));
    run.tell(record);
}

/// Fetches the certificates of an issuer as a certificate says.
pub fn issuers(run: &Run<'_>, route: &Route, of: &Certificate) -> Vec<Certificate> {
    let mut found = Vec::new();
    for url in of.issuer_urls.iter().take(PLACES) {
        let Some(server) = Server::parse(url).filter(|server| !server.secure) else { continue };
        let question = Question { method: "GET", server: &server, body: None };
        let Ok((head, body)) = fetch(run, route, &question) else { continue };
        if head.status == 200
            && let Ok(issuer) = Certificate::parse(&body.bytes)
            && of.issued_by(&issuer)
        {
            found.push(issuer);
        }
    }
    found
}

/// Gives the places that a certificate names.
pub fn places(of: &Certificate) -> Vec<(What, String)> {
    let ocsp = of.ocsp_urls.iter().take(PLACES).map(|url| (What::Ocsp, url.clone()));
    ocsp.chain(of.crl_urls.iter().take(PLACES).map(|url| (What::Crl, url.clone()))).collect()
}

/// Writes the question for one certificate.
fn question(of: &Certificate, issuer: &Certificate) -> Option<Vec<u8>> {
    let sha1 = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let parsed = Parsed::from_der(issuer.der()).ok()?;
    let leaf = Parsed::from_der(of.der()).ok()?;
    let name = parsed.tbs_certificate.subject.to_der().ok()?;
    let id = CertId {
        hash_algorithm: AlgorithmIdentifierOwned { oid: SHA1, parameters: Some(Any::from(Null)) },
        issuer_name_hash: OctetString::new(sha1(&name).as_ref()).ok()?,
        issuer_key_hash: OctetString::new(issuer.key_sha1.clone()).ok()?,
        serial_number: leaf.tbs_certificate.serial_number,
    };
    let one = Request { req_cert: id, single_request_extensions: None };
    let asked = TbsRequest { request_list: vec![one], ..TbsRequest::default() };
    OcspRequest { tbs_request: asked, optional_signature: None }.to_der().ok()
}

/// Says why nothing came.
fn unreached(fault: &NoPage, record: &mut ProbeRecord) -> Outcome {
    match fault {
        NoPage::NoProxy => Outcome::ProxyError,
        NoPage::Broken(outcome, fault) => {
            record.note("error", fault.to_string());
            // What speaks another protocol on the port is no answer at all.
            if *outcome == Outcome::Failed { Outcome::NotOcsp } else { *outcome }
        }
        NoPage::NotReached(NotReached::Lookup(outcome)) => match outcome {
            Outcome::Nxdomain => Outcome::DnsNxdomain,
            Outcome::Unanswered => Outcome::DnsUnanswered,
            _ => Outcome::DnsFailed,
        },
        NoPage::NotReached(NotReached::Open(outcome)) => match outcome {
            Outcome::Unanswered => Outcome::SynUnanswered,
            Outcome::NetUnreachable | Outcome::HostUnreachable => Outcome::Unreachable,
            other => *other,
        },
    }
}

/// Says what an answer is worth.
fn answered(
    what: What,
    route: &Route,
    head: &Head,
    body: &Body,
    of: &Certificate,
    issuer: Option<&Certificate>,
    record: &mut ProbeRecord,
) -> Outcome {
    match head.status {
        200 => {}
        407 => return Outcome::ProxyError,
        502..=504 if route.proxy.is_some() => return Outcome::ProxyError,
        404 if what == What::Crl => return Outcome::Http404,
        _ => return Outcome::HttpError,
    }
    record.note("content_type", head.first("content-type").unwrap_or_default().to_owned());
    if !body.whole {
        return Outcome::Cut;
    }
    if what == What::Ocsp { ocsp(&body.bytes, of, issuer, record) } else { crl(&body.bytes, of, record) }
}

fn ocsp(body: &[u8], of: &Certificate, issuer: Option<&Certificate>, record: &mut ProbeRecord) -> Outcome {
    let response = match Response::parse(body) {
        Ok(response) => response,
        Err(fault) => {
            record.note("body", fault.to_string());
            return if fault == NotOcsp::Der { Outcome::Malformed } else { Outcome::NotOcsp };
        }
    };
    record.note("ocsp_status", format!("{:?}", response.status));
    match response.status {
        Status::Successful => {}
        Status::TryLater | Status::InternalError => return Outcome::TryLater,
        Status::Unauthorized | Status::SigRequired => return Outcome::Unauthorized,
        Status::MalformedRequest => return Outcome::Unknown,
    }
    let signer = response.signer(issuer);
    record.note("signer", format!("{signer:?}"));
    record.note("produced_at", response.produced_at.and_then(time));
    let Some(answer) = response.answer(&of.serial) else { return Outcome::UnknownStatus };
    record.note("this_update", time(answer.this_update));
    record.note("next_update", answer.next_update.and_then(time));
    if signer == Signer::NotDelegated {
        return Outcome::BadSignature;
    }
    if let CertificateStatus::Revoked { at, reason } = answer.status {
        record.note("revoked_at", time(at));
        record.note("revoked_because", reason);
        return Outcome::Revoked;
    }
    let now = Utc::now().timestamp();
    let old = answer.next_update.is_some_and(|next| next.saturating_add(SKEW) < now);
    if old || answer.this_update > now.saturating_add(SKEW) {
        return Outcome::Stale;
    }
    if answer.status == CertificateStatus::Good { Outcome::Good } else { Outcome::UnknownStatus }
}

fn crl(body: &[u8], of: &Certificate, record: &mut ProbeRecord) -> Outcome {
    let Ok(list) = RevocationList::parse(body) else {
        record.note("body", NotOcsp::classify(body).to_string());
        return if NotOcsp::classify(body) == NotOcsp::Html { Outcome::NotOcsp } else { Outcome::Malformed };
    };
    record.note("issuer", list.issuer.full.clone());
    record.note("this_update", time(list.this_update));
    record.note("next_update", list.next_update.and_then(time));
    if let Some(revoked) = list.revoked(&of.serial) {
        record.note("revoked_at", time(revoked.at));
        record.note("revoked_because", revoked.reason);
        return Outcome::Revoked;
    }
    let now = Utc::now().timestamp();
    if list.next_update.is_some_and(|next| next.saturating_add(SKEW) < now) {
        return Outcome::Expired;
    }
    if list.complete { Outcome::Good } else { Outcome::Cut }
}
