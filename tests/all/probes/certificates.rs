//! Handshakes: what the server shows, and what is thought of it.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tetra_collect::probe::What;

use super::pki::{self, Authority, HOST, Identity, Points};
use super::servers::{self, LONG};
use super::{cause, network, only, outcome, run, targets};

/// Probes a server that shows an identity; a root is believed.
fn shown(identity: &Identity, root: Option<Vec<u8>>) -> (Vec<tetra_collect::probe::ProbeRecord>, usize) {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let port = servers::tls(identity, move |stream| {
        let mut bytes = [0; 64];
        if let Ok(read) = stream.read(&mut bytes) {
            count.fetch_add(read, Ordering::SeqCst);
            servers::respond(stream, "200 OK", "", b"");
        }
    });
    let records = run(&targets(port, root), &network(&[]));
    (records, heard.load(Ordering::SeqCst))
}

#[test]
fn a_good_server_is_believed_and_asked() {
    let authority = Authority::new("DigiCert Test");
    let identity = authority.issue(HOST, (-1, 30), &Points::default());
    let (records, heard) = shown(&identity, Some(authority.root()));
    let tls = only(&records, What::Tls);
    assert!(tls.ok && heard > 0, "{tls:#?}");
    assert_eq!((tls.text("version"), tls.text("verdict")), (Some("1.3"), Some("trusted")));
    let chain = tls.detail["chain"].as_array().unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[0]["serial"], "c0ffee");
    assert_eq!(only(&records, What::Http).http_status, Some(200));
    assert_eq!(cause(&records), "none");
}

#[test]
fn a_bad_certificate_has_its_verdict_and_its_cause_and_nothing_is_sent() {
    let public = Authority::new("DigiCert Test");
    let private = Authority::new("Corp Inspection");
    let good = |authority: &Authority, days| authority.issue(HOST, days, &Points::default());
    let mut alone = good(&public, (-1, 30));
    alone.chain.truncate(1);
    let mut rooted = good(&private, (-1, 30));
    rooted.chain.push(private.root());
    let other = public.issue("portal.example.com", (-1, 30), &Points::default());
    for (identity, root, verdict, named) in [
        (good(&public, (-30, -1)), Some(&public), "expired", "cert-expired"),
        (good(&public, (2, 30)), Some(&public), "not_yet_valid", "cert-not-yet-valid"),
        (other, Some(&public), "name_mismatch", "cert-name-mismatch"),
        (pki::self_signed(HOST), Some(&public), "self_signed", "cert-self-signed"),
        (rooted, Some(&public), "unknown_ca", "tls-inspection-unknown-ca"),
        (good(&private, (-1, 30)), Some(&public), "untrusted", "tls-inspection-unknown-ca"),
        (good(&public, (-1, 30)), Some(&private), "untrusted", "tls-untrusted-unspecified"),
        (alone, Some(&public), "untrusted", "tls-untrusted-unspecified"),
    ] {
        let (records, heard) = shown(&identity, root.map(Authority::root));
        let tls = only(&records, What::Tls);
        assert_eq!(tls.text("verdict"), Some(verdict), "{tls:#?}");
        assert_eq!((tls.ok, outcome(tls).as_str(), heard), (false, "failed", 0), "{tls:#?}");
        assert!(records.iter().all(|record| record.what != What::Http), "{records:#?}");
        assert_eq!(cause(&records), named, "{verdict}");
    }
}

#[test]
fn a_missing_link_is_fetched_and_told_from_a_missing_root() {
    let authority = Arc::new(Authority::new("DigiCert Test"));
    let own = Arc::clone(&authority);
    let port = servers::web(move |_, _| ("200 OK".to_owned(), own.issuer()));
    let points = Points { issuer: Some(format!("http://127.0.0.1:{port}/issuer.cer")), ..Points::default() };
    let mut identity = authority.issue(HOST, (-1, 30), &points);
    identity.chain.truncate(1);
    let (records, heard) = shown(&identity, Some(authority.root()));
    let tls = only(&records, What::Tls);
    assert_eq!((tls.text("verdict"), heard), (Some("incomplete"), 0), "{tls:#?}");
    assert_eq!(cause(&records), "chain-incomplete");
}

#[test]
fn handshakes_that_break_have_their_words() {
    let hello = |stream: &mut std::net::TcpStream| {
        let mut bytes = [0; 1024];
        let _ = stream.read(&mut bytes);
    };
    let silent = servers::tcp(|stream| {
        std::thread::sleep(LONG);
        drop(stream);
    });
    let closes = servers::tcp(move |mut stream| hello(&mut stream));
    // What was not read makes the system send a reset.
    let resets = servers::tcp(|mut stream| {
        let _ = stream.read(&mut [0; 1]);
    });
    let http = servers::tcp(move |mut stream| {
        hello(&mut stream);
        servers::respond(&mut stream, "400 Bad Request", "", b"<html>");
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
    let alerts = servers::tcp(move |mut stream| {
        hello(&mut stream);
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 70]);
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
    for (port, word, named) in [
        (silent, "silent", "tls-handshake-timeout-server-silent"),
        (closes, "closed", "tls-closed-after-clienthello"),
        (resets, "reset", "tls-reset-after-clienthello"),
        (http, "not_tls", "tls-not-tls-http-answer"),
        (alerts, "alert", "tls-protocol-version"),
    ] {
        let records = run(&targets(port, None), &network(&[]));
        let tls = only(&records, What::Tls);
        assert_eq!(outcome(tls), word, "{tls:#?}");
        assert_eq!(cause(&records), named, "{tls:#?}");
    }
}

#[test]
fn a_clock_that_is_wrong_is_seen_over_plain_http() {
    let wrong = servers::tcp(|mut stream| {
        servers::request(&mut stream);
        let date = format!("Date: {}\r\n", servers::httpdate(40 * 86_400));
        servers::respond(&mut stream, "200 OK", &date, b"");
    });
    let authority = Authority::new("DigiCert Test");
    let identity = authority.issue(HOST, (20, 60), &Points::default());
    let mut targets = targets(servers::update_server(&identity), Some(authority.root()));
    let page = format!("http://update.amp.cisco.com:{wrong}/av64bit/versions.id");
    targets.servers.push(tetra_collect::probe::Server::parse(&page).unwrap());
    targets.addresses.push(("update.amp.cisco.com".to_owned(), vec![super::HERE]));
    let records = run(&targets, &network(&[]));
    let clock = only(&records, What::Clock);
    assert!(!clock.ok && clock.detail["offset_s"].as_f64().unwrap() < -39.0 * 86_400.0, "{clock:#?}");
    assert_eq!(cause(&records), "client-clock-wrong");
}
