//! The other side of the live tests: servers that fail as real ones do, and an updater that meets them.
//!
//! `live-peers servers SCENE` serves until it is killed; `live-peers updater` tries one download with a revocation check.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it is part of a test: where it cannot go on it must stop, and it says when it is ready"
)]

mod names;
#[expect(dead_code, reason = "the tests of the probes use more of it")]
#[path = "../all/probes/pki.rs"]
mod pki;
mod updater;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The update server.
const SERVER: &str = "192.111.4.21";
/// The proxy.
const PROXY: &str = "10.20.0.8:3128";
/// How much of a download comes before it breaks off.
const PART: usize = 2 << 20;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("servers") => servers(args.get(2).map_or("", String::as_str)),
        Some("updater") => updater::try_once(),
        _ => panic!("expected servers SCENE, or updater"),
    }
}

fn servers(scene: &str) {
    names::serve(scene != "dns");
    let proxy = TcpListener::bind(PROXY).unwrap();
    thread::spawn(move || {
        for client in proxy.incoming() {
            refuse(client.unwrap());
        }
    });
    let config = Arc::new(identity());
    let server = TcpListener::bind((SERVER, 443)).unwrap();
    println!("ready");
    for client in server.incoming() {
        let config = Arc::clone(&config);
        thread::spawn(move || break_off(client.unwrap(), config));
    }
}

/// A proxy that wants a password.
fn refuse(mut client: TcpStream) {
    let mut request = [0; 4096];
    let _ = client.read(&mut request);
    let _ = client.write_all(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/5.7\r\nProxy-Authenticate: Basic realm=\"corp\"\r\n\
          Content-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\nNo entry.",
    );
}

fn identity() -> ServerConfig {
    let points = pki::Points {
        ocsp: Some("http://commercial.ocsp.identrust.com".to_owned()),
        crl: Some("http://validation.identrust.com/crl/server.crl".to_owned()),
        issuer: None,
    };
    let shown = pki::Authority::new("LabTrust").issue(pki::HOST, (-30, 300), &points);
    let chain = shown.chain.into_iter().map(CertificateDer::from).collect();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(shown.key));
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// An update server whose connection is reset in the middle of the download.
fn break_off(client: TcpStream, config: Arc<ServerConfig>) {
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), client);
    let mut request = [0; 4096];
    if !matches!(stream.read(&mut request), Ok(1..)) {
        return;
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 20971520\r\n\r\n");
    let _ = stream.write_all(&vec![0x5a; PART]);
    let _ = stream.flush();
    thread::sleep(Duration::from_millis(500));
    // No farewell, neither of TLS nor of TCP: what is closed so is reset.
    rustix::net::sockopt::set_socket_linger(&stream.sock, Some(Duration::ZERO)).unwrap();
}
