//! OCSP and revocation lists, as the certificate names them.

use std::sync::Arc;

use rcgen::KeyPair;
use tetra_collect::probe::{ProbeRecord, What};
use x509_ocsp::{CertStatus, OcspResponseStatus};

use super::pki::{self, Authority, HOST, Points};
use super::servers;
use super::{cause, findings, network, only, outcome, run, targets};

/// Probes a server whose certificate names one source of revocation, which answers so.
fn checked(
    what: What,
    answer: impl Fn(&Authority, &[u8]) -> (String, Vec<u8>) + Send + Sync + 'static,
) -> (ProbeRecord, String) {
    let authority = Arc::new(Authority::new("DigiCert Test"));
    let own = Arc::clone(&authority);
    let port = servers::web(move |_, body| answer(&own, body));
    probed(what, &authority, port)
}

fn probed(what: What, authority: &Authority, port: u16) -> (ProbeRecord, String) {
    let url = Some(format!("http://127.0.0.1:{port}/x"));
    let points = match what {
        What::Ocsp => Points { ocsp: url, ..Points::default() },
        _ => Points { crl: url, ..Points::default() },
    };
    let identity = authority.issue(HOST, (-1, 30), &points);
    let records = run(&targets(servers::update_server(&identity), Some(authority.root())), &network(&[]));
    let record = only(&records, what).clone();
    // What may hinder a check, and was tried from the collector's own place alone, is found but not concluded from.
    let found = match cause(&records) {
        none if none == "none" => {
            let found = findings(&records).into_iter().filter(|rule| rule.starts_with("probe_"));
            found.collect::<Vec<_>>().join(" ")
        }
        cause => cause,
    };
    (record, found)
}

fn ok(body: Vec<u8>) -> (String, Vec<u8>) {
    ("200 OK".to_owned(), body)
}

#[test]
fn a_responder_that_answers() {
    let good = checked(What::Ocsp, |authority, asked| ok(authority.answer(asked, CertStatus::good(), 5)));
    assert_eq!((outcome(&good.0).as_str(), good.0.ok, good.1.as_str()), ("good", true, ""));
    assert_eq!(good.0.text("signer"), Some("Issuer"));
    assert!(good.0.text("next_update").is_some(), "{:#?}", good.0);

    let revoked = checked(What::Ocsp, |authority, asked| ok(authority.answer(asked, pki::revoked(), 5)));
    assert_eq!((outcome(&revoked.0).as_str(), revoked.1.as_str()), ("revoked", "cert-revoked"));

    let unknown =
        checked(What::Ocsp, |authority, asked| ok(authority.answer(asked, CertStatus::unknown(), 5)));
    assert_eq!(
        (outcome(&unknown.0).as_str(), unknown.1.as_str()),
        ("unknown_status", "probe_of_revocation_other")
    );

    let stale = checked(What::Ocsp, |authority, asked| ok(authority.answer(asked, CertStatus::good(), -2)));
    assert_eq!((outcome(&stale.0).as_str(), stale.1.as_str()), ("stale", "revocation-ocsp-stale"));

    let forged = checked(What::Ocsp, |_, asked| {
        ok(pki::sign(asked, CertStatus::good(), 5, &KeyPair::generate().unwrap()))
    });
    assert_eq!(
        (outcome(&forged.0).as_str(), forged.1.as_str()),
        ("bad_signature", "revocation-ocsp-bad-signature")
    );
}

#[test]
fn a_responder_that_does_not() {
    let later = checked(What::Ocsp, |_, _| ok(pki::refusal(OcspResponseStatus::TryLater)));
    assert_eq!((outcome(&later.0).as_str(), later.1.as_str()), ("try_later", "revocation-ocsp-trylater"));
    let not = checked(What::Ocsp, |_, _| ok(pki::refusal(OcspResponseStatus::Unauthorized)));
    assert_eq!((outcome(&not.0).as_str(), not.1.as_str()), ("unauthorized", "revocation-ocsp-unauthorized"));
    let page = checked(What::Ocsp, |_, _| ok(b"<html><body>Blocked</body></html>".to_vec()));
    assert_eq!((outcome(&page.0).as_str(), page.1.as_str()), ("not_ocsp", "probe_of_revocation_not_ocsp"));
    let error = checked(What::Ocsp, |_, _| ("503 Busy".to_owned(), Vec::new()));
    assert_eq!(
        (outcome(&error.0).as_str(), error.1.as_str()),
        ("http_error", "probe_of_revocation_http_error")
    );
    assert_eq!(error.0.http_status, Some(503));

    let authority = Authority::new("DigiCert Test");
    let refused = probed(What::Ocsp, &authority, servers::closed_port());
    assert_eq!(
        (outcome(&refused.0).as_str(), refused.1.as_str()),
        ("refused", "probe_of_revocation_refused")
    );
    let hangs = servers::tcp(|stream| {
        std::thread::sleep(servers::LONG);
        drop(stream);
    });
    let silent = probed(What::Ocsp, &authority, hangs);
    assert_eq!((outcome(&silent.0).as_str(), silent.1.as_str()), ("silent", "probe_of_revocation_silent"));
}

#[test]
fn revocation_lists() {
    let good = checked(What::Crl, |authority, _| ok(authority.list(false, 5)));
    assert_eq!((outcome(&good.0).as_str(), good.1.as_str()), ("good", ""));
    let revoked = checked(What::Crl, |authority, _| ok(authority.list(true, 5)));
    assert_eq!((outcome(&revoked.0).as_str(), revoked.1.as_str()), ("revoked", "cert-revoked"));
    let old = checked(What::Crl, |authority, _| ok(authority.list(false, -2)));
    assert_eq!((outcome(&old.0).as_str(), old.1.as_str()), ("expired", "revocation-crl-expired"));
    let gone = checked(What::Crl, |_, _| ("404 Not Found".to_owned(), Vec::new()));
    assert_eq!((outcome(&gone.0).as_str(), gone.1.as_str()), ("http_404", "probe_of_revocation_http_404"));
    let page = checked(What::Crl, |_, _| ok(b"<!doctype html><p>Sign in".to_vec()));
    assert_eq!((outcome(&page.0).as_str(), page.1.as_str()), ("not_ocsp", "probe_of_revocation_not_ocsp"));
}
