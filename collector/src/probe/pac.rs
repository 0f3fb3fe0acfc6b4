//! Proxy scripts: whether they can be fetched, and what was fetched. What they say is evaluated by Windows alone.

use std::time::Instant;

use chrono::Utc;
use tetra_capture::x509::hex;

use super::fetch::{NoPage, Question, fetch};
use super::record::{Outcome, ProbeRecord, Way, What};
use super::run::{NotReached, Run};
use super::targets::Server;
use super::tunnel::Route;
use super::wire::since;
use crate::network::with_port;

/// Fetches a proxy script by plain HTTP, and notes its size and hash.
pub fn script(run: &Run<'_>, url: &str) {
    let Some(server) = Server::parse(url) else { return };
    let mut record = ProbeRecord::new(What::Http, with_port(&server.host, server.port), Way::Pac, Utc::now());
    record.note("page", server.page.clone());
    record.note("via", "direct");
    record.note("for", "proxy script");
    if server.secure {
        record.outcome = Some(Outcome::Unknown);
        record.note("reason", "a script by HTTPS is not fetched here");
        run.tell(record);
        return;
    }
    let began = Instant::now();
    let fetched = fetch(run, &Route::DIRECT, &Question { method: "GET", server: &server, body: None });
    record.ms = Some(since(began));
    match fetched {
        Ok((head, body)) => {
            record.http_status = Some(head.status);
            record.ok = head.status == 200 && body.whole;
            record.outcome = (!body.whole).then_some(Outcome::Cut);
            record.note("bytes", body.bytes.len());
            record.note("sha256", hex(ring::digest::digest(&ring::digest::SHA256, &body.bytes).as_ref()));
            record.note("content_type", head.first("content-type").unwrap_or_default().to_owned());
        }
        Err(NoPage::NotReached(NotReached::Lookup(outcome) | NotReached::Open(outcome))) => {
            record.outcome = Some(outcome);
        }
        Err(NoPage::NoProxy) => record.outcome = Some(Outcome::ProxyError),
        Err(NoPage::Broken(outcome, fault)) => {
            record.outcome = Some(outcome);
            record.note("error", fault.to_string());
        }
    }
    run.tell(record);
}
