//! Proxies: the connector's own, and those of the machine and its user.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use tetra_collect::network::ProxySettings;
use tetra_collect::probe::{ProbeRecord, Way, What};

use super::pki::{Authority, HOST, Points};
use super::servers::{self, LONG};
use super::{cause, findings, network, outcome, run, targets, with_proxy};

/// Probes through a proxy, on a network where nothing goes straight.
fn through(proxy: &str) -> (ProbeRecord, String) {
    let records = run(&with_proxy(targets(servers::closed_port(), None), proxy), &network(&[]));
    let found = records.iter().find(|record| record.what == What::Proxy).unwrap();
    (found.clone(), cause(&records))
}

/// A proxy that answers every request so.
fn says(status: &'static str, headers: &'static str) -> String {
    let port = servers::tcp(move |mut stream| {
        servers::request(&mut stream);
        servers::respond(&mut stream, status, headers, b"<html>no</html>");
    });
    format!("127.0.0.1:{port}")
}

#[test]
fn every_refusal_of_a_proxy_has_its_cause() {
    for (status, code, named) in [
        // Without knowing whether the connector has credentials, nothing is concluded.
        ("407 Proxy Authentication Required", 407, "none"),
        ("403 Forbidden", 403, "proxy-forbidden"),
        ("502 Bad Gateway", 502, "proxy-connect-502"),
        ("503 Service Unavailable", 503, "proxy-connect-503"),
        ("504 Gateway Timeout", 504, "proxy-connect-504"),
    ] {
        let headers = "Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"x\"\r\n";
        let (record, named_cause) = through(&says(status, headers));
        assert_eq!(record.http_status, Some(code), "{record:#?}");
        assert_eq!(record.detail["schemes"], serde_json::json!(["NTLM", "Basic"]));
        assert_eq!((record.ok, outcome(&record).as_str()), (false, "proxy_error"));
        assert_eq!(named_cause, named, "{status}");
    }
}

#[test]
fn a_proxy_that_asks_for_a_sign_in_the_connector_does_not_have() {
    let proxy = says("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM\r\n");
    for (signs_in, named) in [(Some(false), "proxy-auth-required"), (Some(true), "none"), (None, "none")] {
        let mut targets = with_proxy(targets(servers::closed_port(), None), &proxy);
        targets.connector_signs_in = signs_in;
        let records = run(&targets, &network(&[]));
        assert_eq!(cause(&records), named, "{signs_in:?}");
        assert!(findings(&records).contains(&"probe_of_proxy_wants_sign_in".to_owned()));
    }
}

#[test]
fn proxies_that_are_not_there_or_silent() {
    let refused = through(&format!("127.0.0.1:{}", servers::closed_port()));
    assert_eq!((outcome(&refused.0).as_str(), refused.1.as_str()), ("refused", "proxy-refused"));
    let hangs = servers::tcp(|stream| {
        std::thread::sleep(LONG);
        drop(stream);
    });
    let silent = through(&format!("127.0.0.1:{hangs}"));
    assert_eq!((outcome(&silent.0).as_str(), silent.1.as_str()), ("silent", "proxy-no-answer"));
    let resets = servers::tcp(|mut stream| {
        let _ = stream.read(&mut [0; 1]);
    });
    let reset = through(&format!("127.0.0.1:{resets}"));
    assert_eq!((outcome(&reset.0).as_str(), reset.1.as_str()), ("reset", "proxy-reset-on-connect"));
}

#[test]
fn the_name_of_a_proxy_that_no_server_knows() {
    let nobody = servers::resolver(servers::Resolver::Says(domain::base::iana::Rcode::NXDOMAIN));
    let targets = with_proxy(targets(servers::closed_port(), None), "proxy.tetra-triage.invalid:8080");
    let records = run(&targets, &network(&[nobody]));
    let proxy = records.iter().find(|record| record.what == What::Proxy).unwrap();
    assert_eq!(outcome(proxy), "nxdomain", "{proxy:#?}");
    assert_eq!(cause(&records), "proxy-dns-nxdomain");
}

#[test]
fn socks_proxies() {
    let sign_in = servers::tcp(|mut stream| {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).unwrap();
        stream.write_all(&[5, 255]).unwrap();
    });
    let (record, named) = through(&format!("socks5://127.0.0.1:{sign_in}"));
    assert_eq!(record.detail["wants_sign_in"], true);
    assert_eq!(named, "none", "the connector may have credentials");

    let refuses = servers::tcp(|mut stream| {
        socks_greeting(&mut stream);
        stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    });
    let (record, named) = through(&format!("socks5://127.0.0.1:{refuses}"));
    assert_eq!(record.detail["socks_reply"], 5);
    assert_eq!(named, "socks-connect-refused");
}

fn socks_greeting(stream: &mut TcpStream) {
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(greeting, [5, 1, 0]);
    stream.write_all(&[5, 0]).unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let mut rest = vec![0; usize::from(head[4]) + 2];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(&rest[..HOST.len()], HOST.as_bytes());
}

/// Carries bytes both ways.
pub fn relay(near: TcpStream, port: u16) {
    let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    servers::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
    });
    let (mut from, mut to) = (far, near);
    let _ = std::io::copy(&mut from, &mut to);
}

#[test]
fn a_way_through_a_proxy_is_climbed_to_the_page_and_no_credentials_are_sent() {
    let authority = Authority::new("DigiCert Test");
    let identity = authority.issue(HOST, (-1, 30), &Points::default());
    let server = servers::update_server(&identity);
    let heard = Arc::new(Mutex::new(String::new()));
    let own = Arc::clone(&heard);
    let http = servers::tcp(move |mut stream| {
        own.lock().unwrap().push_str(&servers::request(&mut stream).0);
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        relay(stream, server);
    });
    let socks = servers::tcp(move |mut stream| {
        socks_greeting(&mut stream);
        stream.write_all(&[5, 0, 0, 3, 1, b'x', 0, 0]).unwrap();
        relay(stream, server);
    });
    // Nothing goes straight; the proxies lead on.
    let targets = with_proxy(
        targets(servers::closed_port(), Some(authority.root())),
        &format!("u:S3cret@127.0.0.1:{http}"),
    );
    let mut network = network(&[]);
    network.wininet = vec![ProxySettings {
        user: "S-1-5-21-1".to_owned(),
        proxy_enable: true,
        proxy: Some(format!("socks=127.0.0.1:{socks}")),
        ..ProxySettings::default()
    }];
    network.winhttp = Some(ProxySettings {
        proxy: Some("127.0.0.1:1".to_owned()),
        bypass: Some("*.amp.cisco.com".to_owned()),
        ..ProxySettings::default()
    });
    let records = run(&targets, &network);
    for way in [Way::PolicyProxy, Way::Wininet] {
        let pages: Vec<_> = records.iter().filter(|one| one.what == What::Http && one.path == way).collect();
        assert_eq!((pages.len(), pages[0].http_status), (1, Some(200)), "{records:#?}");
    }
    assert!(records.iter().all(|one| one.path != Way::Winhttp), "the exceptions name the server");
    assert_eq!(cause(&records), "none", "what fails straight goes well by proxy");
    let heard = heard.lock().unwrap();
    assert!(heard.starts_with(&format!("CONNECT {HOST}:")) && !heard.contains("uthorization"), "{heard}");
    assert!(!format!("{records:?}").contains("S3cret"));
}

#[test]
fn a_proxy_script_is_fetched_and_not_evaluated() {
    let port = servers::web(|head, _| {
        assert!(head.starts_with("GET /proxy.pac HTTP/1.1"), "{head}");
        ("200 OK".to_owned(), b"function FindProxyForURL(u, h) { return 'DIRECT'; }".to_vec())
    });
    let mut network = network(&[]);
    let user =
        ProxySettings { pac: Some(format!("http://127.0.0.1:{port}/proxy.pac")), ..ProxySettings::default() };
    network.wininet = vec![user.clone(), user];
    let records = run(&targets(servers::closed_port(), None), &network);
    let found: Vec<_> = records.iter().filter(|one| one.path == Way::Pac).collect();
    assert_eq!((found.len(), found[0].http_status, found[0].ok), (1, Some(200), true), "{records:#?}");
    assert_eq!((&found[0].detail["bytes"], found[0].text("sha256").unwrap().len()), (&51.into(), 64));
}
