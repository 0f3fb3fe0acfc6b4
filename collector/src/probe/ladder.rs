//! One server by one way: lookup, connection or proxy, handshake, verdict, request.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use chrono::{DateTime, Utc};
use tetra_capture::x509::Certificate;

use super::chain;
use super::fetch::{self, Question};
use super::handshake::{self, Secured, Shown};
use super::head::{self, Head};
use super::record::{Outcome, ProbeRecord, Way, What};
use super::revocation;
use super::run::{NotReached, Run};
use super::targets::Server;
use super::trust::{self, Word};
use super::tunnel::{self, Route};
use super::wire::{Wire, ending, opening, since};
use crate::network::{Proxy, Speaks, with_port};

/// By how many seconds the clock may differ before the test of it fails: by a day, certificates begin to.
const CLOCK: f64 = 86_400.0;

/// Climbs as far as it goes, and gives the chain that the server showed.
pub fn climb(run: &Run<'_>, server: &Server, route: &Route) -> Vec<Certificate> {
    if !server.secure {
        plain(run, server, route);
        return Vec::new();
    }
    let wire = match &route.proxy {
        None => direct(run, server),
        Some(proxy) => {
            let (record, wire) = tunnel::through(run, route, proxy, &server.host, server.port);
            run.tell(record);
            wire
        }
    };
    wire.map(|wire| secured(run, server, route, wire)).unwrap_or_default()
}

/// Looks the server up, connects to each of its addresses and gives the first connection.
fn direct(run: &Run<'_>, server: &Server) -> Option<Wire> {
    let addresses = match run.fixed(&server.host) {
        Some(fixed) => fixed,
        None => {
            let found = run.lookup(&server.host);
            run.tell(found.record);
            found.addresses
        }
    };
    let some = addresses.get(..run.limits().addresses.min(addresses.len())).unwrap_or_default();
    // All at once: where packets vanish, one after the other would take minutes.
    let opened: Vec<Option<Wire>> = std::thread::scope(|scope| {
        let tries: Vec<_> = some.iter().map(|address| scope.spawn(|| open(run, server, *address))).collect();
        tries.into_iter().map(|one| one.join().ok().flatten()).collect()
    });
    opened.into_iter().flatten().next()
}

/// Connects to one address.
fn open(run: &Run<'_>, server: &Server, address: IpAddr) -> Option<Wire> {
    let target = with_port(&server.host, server.port);
    let mut record = ProbeRecord::new(What::Tcp, target, Way::Direct, Utc::now());
    record.note("address", address.to_string());
    let began = Instant::now();
    let opened = Wire::connect(SocketAddr::new(address, server.port), run.by(run.limits().connect));
    record.ms = Some(since(began));
    record.ok = opened.is_ok();
    record.outcome = Some(opened.as_ref().map_or_else(opening, |_| Outcome::Established));
    if let Err(fault) = &opened {
        record.note("error", fault.to_string());
    }
    run.tell(record);
    opened.ok()
}

/// Shakes hands, asks for the verdict, and asks for the page if that is good.
fn secured(run: &Run<'_>, server: &Server, route: &Route, mut wire: Wire) -> Vec<Certificate> {
    let target = with_port(&server.host, server.port);
    let mut record = ProbeRecord::new(What::Tls, target, route.way, Utc::now());
    route.mark(&mut record);
    let began = Instant::now();
    wire.extend(run.by(run.limits().handshake));
    let (mut shown, stream) = handshake::shake(&server.host, wire, &mut record);
    record.ms = Some(since(began));
    let certificates = chain::read(&shown.chain);
    record.note("stapled", !shown.staple.is_empty());
    if let Some(leaf) = certificates.first() {
        record.note("issuer", leaf.issuer.full.clone());
        record.note("subject", leaf.subject.full.clone());
        record.note("chain", chain::facts(&certificates));
        judge(run, server, route, &mut shown, &certificates, &mut record);
    }
    record.ok &= stream.is_some();
    let believed = record.ok;
    run.tell(record);
    match stream {
        Some(stream) if believed => page(run, server, route, stream),
        // Nothing is sent to a server that is not believed, but for the farewell.
        Some(mut stream) => {
            stream.conn.send_close_notify();
            let _ = stream.conn.write_tls(&mut stream.sock);
        }
        None => {}
    }
    certificates
}

/// Takes the platform's verdict. Where no root is found, the missing issuer is fetched as the certificate says: if the
/// chain is believed then, a link was missing, and not a root.
fn judge(
    run: &Run<'_>,
    server: &Server,
    route: &Route,
    shown: &mut Shown,
    chain: &[Certificate],
    record: &mut ProbeRecord,
) {
    let Some(leaf) = chain.first() else { return };
    let extra = &run.targets.extra_roots;
    let by = run.by(run.limits().verdict);
    let first = trust::verdict(shown, &server.host, extra, by);
    let mut word = first.word;
    let top = chain::top(leaf, chain);
    if word != Word::Trusted && leaf.self_signed && chain.len() == 1 {
        word = Word::SelfSigned;
    } else if word == Word::Untrusted && top.self_signed {
        word = Word::UnknownCa;
    } else if word == Word::Untrusted {
        for issuer in revocation::issuers(run, route, top) {
            record.note("fetched_issuer", issuer.subject.full.clone());
            shown.chain.push(issuer.der().to_vec());
            if trust::verdict(shown, &server.host, extra, by).word == Word::Trusted {
                word = Word::Incomplete;
            }
        }
    }
    record.ok = word == Word::Trusted;
    record.status = first.status.map(|status| format!("{status:#010X}").replacen("0X", "0x", 1));
    record.note("verdict", ProbeRecord::word(&word));
    record.note("verdict_text", first.text);
    if !record.ok && record.outcome == Some(Outcome::Complete) && word != Word::Unknown {
        record.outcome = Some(Outcome::Failed);
    }
}

/// Asks for the page within TLS.
fn page(run: &Run<'_>, server: &Server, route: &Route, mut stream: Secured) {
    let mut record = http_record(server, route);
    let began = Instant::now();
    stream.sock.extend(run.by(run.limits().answer));
    let question = Question { method: "HEAD", server, body: None };
    let asked = head::exchange(&mut stream, &fetch::request(&question, ""), run.limits().body);
    record.ms = Some(since(began));
    match asked {
        Ok((head, _)) => answered(run, server, &head, record),
        Err(fault) => {
            record.outcome = Some(ending(&fault));
            record.note("error", fault.to_string());
            run.tell(record);
        }
    }
}

/// Asks for a page over plain HTTP.
fn plain(run: &Run<'_>, server: &Server, route: &Route) {
    let question = Question { method: "HEAD", server, body: None };
    let mut record = http_record(server, route);
    let began = Instant::now();
    let asked = match &route.proxy {
        None => match direct(run, server) {
            Some(mut wire) => {
                wire.extend(run.by(run.limits().answer));
                head::exchange(&mut wire, &fetch::request(&question, ""), run.limits().body)
                    .map_err(|fault| fetch::NoPage::Broken(ending(&fault), fault))
            }
            None => return,
        },
        Some(_) => fetch::fetch(run, route, &question),
    };
    record.ms = Some(since(began));
    match asked {
        Ok((head, _)) => {
            if let Some(proxy) = &route.proxy
                && head.status == 407
            {
                run.tell(wants_sign_in(route, proxy, server, &head));
            }
            answered(run, server, &head, record);
        }
        Err(fetch::NoPage::Broken(outcome, fault)) => {
            record.outcome = Some(outcome);
            record.note("error", fault.to_string());
            run.tell(record);
        }
        // By HTTPS the same proxy is tested, and there its fault stands.
        Err(fetch::NoPage::NoProxy) => {
            record.outcome = Some(Outcome::ProxyError);
            run.tell(record);
        }
        Err(fetch::NoPage::NotReached(why)) => {
            let (NotReached::Lookup(outcome) | NotReached::Open(outcome)) = why;
            record.outcome = Some(outcome);
            run.tell(record);
        }
    }
}

fn wants_sign_in(route: &Route, proxy: &Proxy, server: &Server, head: &Head) -> ProbeRecord {
    let mut record = ProbeRecord::new(What::Proxy, proxy.address(), route.way, Utc::now());
    record.note("for", with_port(&server.host, server.port));
    record.note("speaks", if proxy.speaks == Speaks::Http { "http" } else { "other" });
    record.outcome = Some(Outcome::ProxyError);
    tunnel::note_answer(head, &mut record);
    record
}

fn http_record(server: &Server, route: &Route) -> ProbeRecord {
    let target = with_port(&server.host, server.port);
    let mut record = ProbeRecord::new(What::Http, target, route.way, Utc::now());
    record.note("page", server.page.clone());
    route.mark(&mut record);
    record
}

/// Notes an answer, and compares its clock with ours.
fn answered(run: &Run<'_>, server: &Server, head: &Head, mut record: ProbeRecord) {
    record.http_status = Some(head.status);
    record.ok = (200..300).contains(&head.status);
    for name in
        ["server", "via", "location", "content-type", "content-length", "age", "x-cache", "x-squid-error"]
    {
        record.note(&name.replace('-', "_"), head.first(name).unwrap_or_default().to_owned());
    }
    let way = record.path;
    run.tell(record);
    clock(run, &server.host, way, head);
}

/// Compares the clock with an answer's. The answer's is exact to the second.
pub fn clock(run: &Run<'_>, host: &str, way: Way, head: &Head) {
    let now = Utc::now();
    let Some(theirs) = head.first("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
        return;
    };
    let mut record = ProbeRecord::new(What::Clock, host, way, now);
    let seconds = (now - theirs.with_timezone(&Utc)).as_seconds_f64();
    record.ok = seconds.abs() < CLOCK;
    record.note("offset_s", (seconds * 10.0).round() / 10.0);
    record.note("date", theirs.with_timezone(&Utc).to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    run.tell(record);
}
