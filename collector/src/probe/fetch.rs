//! Fetches what certificates point to, over plain HTTP: OCSP answers, revocation lists, certificates of issuers.

use std::io;

use super::head::{self, Body, Head};
use super::record::Outcome;
use super::run::{NotReached, Run};
use super::targets::Server;
use super::tunnel::Route;
use super::wire::{Wire, ending};
use crate::network::{Speaks, with_port};

/// A question for a page.
pub struct Question<'a> {
    /// `GET`, `HEAD` or `POST`.
    pub method: &'a str,
    /// Where.
    pub server: &'a Server,
    /// What is sent along, and its type.
    pub body: Option<(&'a str, &'a [u8])>,
}

/// Why there is no page.
#[derive(Debug)]
pub enum NoPage {
    /// The host was not reached.
    NotReached(NotReached),
    /// The proxy was not reached, or does not lead on.
    NoProxy,
    /// The connection ended too soon.
    Broken(Outcome, io::Error),
}

/// Fetches a page over plain HTTP by a route.
pub fn fetch(run: &Run<'_>, route: &Route, question: &Question<'_>) -> Result<(Head, Body), NoPage> {
    let server = question.server;
    let (mut wire, place) = match &route.proxy {
        None => (run.connect(&server.host, server.port).map_err(NoPage::NotReached)?, String::new()),
        Some(proxy) if proxy.speaks == Speaks::Http => {
            let wire = run.connect(&proxy.host, proxy.port).map_err(|_| NoPage::NoProxy)?;
            (wire, format!("http://{}", authority(server)))
        }
        Some(proxy) => {
            let (_, wire) = super::tunnel::through(run, route, proxy, &server.host, server.port);
            (wire.ok_or(NoPage::NoProxy)?, String::new())
        }
    };
    wire.extend(run.by(run.limits().answer));
    ask(run, &mut wire, question, &place).map_err(|fault| NoPage::Broken(ending(&fault), fault))
}

/// Sends the question over a connection that is there.
fn ask(run: &Run<'_>, wire: &mut Wire, question: &Question<'_>, place: &str) -> io::Result<(Head, Body)> {
    head::exchange(wire, &request(question, place), run.limits().body)
}

/// Writes a request; `place` stands before the path where a proxy reads it.
pub fn request(question: &Question<'_>, place: &str) -> Vec<u8> {
    let server = question.server;
    let mut text = format!(
        "{} {place}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\nConnection: close\r\n",
        question.method,
        server.page,
        authority(server),
        head::AGENT
    );
    if let Some((kind, body)) = question.body {
        text.push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(question.body.map_or(&[], |(_, body)| body));
    bytes
}

/// Writes host and port, the usual port left out.
fn authority(server: &Server) -> String {
    let usual = if server.secure { 443 } else { 80 };
    if server.port == usual && !server.host.contains(':') {
        server.host.clone()
    } else {
        with_port(&server.host, server.port)
    }
}
