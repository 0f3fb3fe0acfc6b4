//! The way to a host: straight, or through a proxy; and what the proxy said.
//!
//! Credentials are never sent: a proxy that asks for them is only noted.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use chrono::Utc;

use super::head::{self, Head};
use super::record::{Outcome, ProbeRecord, Way, What};
use super::run::{NotReached, Run};
use super::wire::{Wire, ending, since};
use crate::network::{Proxy, Speaks, with_port};

/// A way to the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who is set up so.
    pub way: Way,
    /// The proxy, if any.
    pub proxy: Option<Proxy>,
}

impl Route {
    /// The way without a proxy.
    pub const DIRECT: Self = Self { way: Way::Direct, proxy: None };

    /// Notes in a record by which proxy it came about.
    pub fn mark(&self, record: &mut ProbeRecord) {
        record.note("via", self.proxy.as_ref().map_or_else(|| "direct".to_owned(), Proxy::to_string));
    }
}

/// Asks a proxy for a way to a host, and gives it, and what is written down of the proxy.
pub fn through(
    run: &Run<'_>,
    route: &Route,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> (ProbeRecord, Option<Wire>) {
    let mut record = ProbeRecord::new(What::Proxy, proxy.address(), route.way, Utc::now());
    let began = Instant::now();
    record.note("for", with_port(host, port));
    if route.way == Way::PolicyProxy {
        record.note("connector_signs_in", run.targets.connector_signs_in);
    }
    record.note("speaks", proxy.to_string().split(':').next().unwrap_or_default());
    let opened = run.connect(&proxy.host, proxy.port);
    let mut wire = match opened {
        Ok(wire) => wire,
        Err(NotReached::Lookup(outcome)) => {
            record.ms = Some(since(began));
            record.note("stage", "dns");
            record.outcome = Some(match outcome {
                Outcome::Nxdomain => Outcome::Nxdomain,
                Outcome::Unanswered => Outcome::DnsUnanswered,
                Outcome::Unknown => Outcome::Unknown,
                _ => Outcome::DnsFailed,
            });
            return (record, None);
        }
        Err(NotReached::Open(outcome)) => {
            record.ms = Some(since(began));
            record.outcome = Some(outcome);
            return (record, None);
        }
    };
    record.note("connected", true);
    wire.extend(run.by(run.limits().answer));
    let asked = match proxy.speaks {
        Speaks::Http => by_connect(&mut wire, host, port, &mut record),
        Speaks::Socks5 => by_socks5(&mut wire, host, port, &mut record),
        Speaks::Socks4 | Speaks::Https => {
            record.note("reason", "this kind of proxy is not tested beyond its port");
            Ok(None)
        }
    };
    record.ms = Some(since(began));
    match asked {
        Ok(outcome) => {
            record.ok = outcome == Some(Outcome::Established);
            record.outcome = Some(outcome.unwrap_or(Outcome::Unknown));
        }
        Err(fault) => {
            record.outcome = Some(ending(&fault));
            record.note("error", fault.to_string());
        }
    }
    let wire = record.ok.then_some(wire);
    (record, wire)
}

/// Asks by CONNECT.
fn by_connect(
    wire: &mut Wire,
    host: &str,
    port: u16,
    record: &mut ProbeRecord,
) -> io::Result<Option<Outcome>> {
    let head = head::connect(wire, &with_port(host, port))?;
    note_answer(&head, record);
    Ok(Some(if (200..300).contains(&head.status) { Outcome::Established } else { Outcome::ProxyError }))
}

/// Notes what a proxy says of itself and of its reasons.
pub fn note_answer(head: &Head, record: &mut ProbeRecord) {
    record.http_status = Some(head.status);
    let schemes: Vec<String> = head
        .all("proxy-authenticate")
        .filter_map(|value| value.split([' ', ',']).next())
        .map(str::to_owned)
        .collect();
    record.note("schemes", schemes);
    for (name, header) in
        [("server", "server"), ("proxy", "via"), ("squid_error", "x-squid-error"), ("agent", "proxy-agent")]
    {
        record.note(name, head.first(header).unwrap_or_default().to_owned());
    }
}

/// Asks by SOCKS 5, without credentials, for a name.
fn by_socks5(
    wire: &mut Wire,
    host: &str,
    port: u16,
    record: &mut ProbeRecord,
) -> io::Result<Option<Outcome>> {
    wire.write_all(&[5, 1, 0])?;
    let mut choice = [0; 2];
    wire.read_exact(&mut choice)?;
    record.note("socks_method", choice[1]);
    if choice[0] != 5 {
        return Err(io::Error::new(ErrorKind::InvalidData, "it does not speak SOCKS 5"));
    }
    if choice[1] != 0 {
        // 255: none of the methods offered; anything else was not offered.
        record.note("wants_sign_in", true);
        return Ok(Some(Outcome::ProxyError));
    }
    let name = host.as_bytes();
    let length = u8::try_from(name.len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    wire.write_all(&[&[5, 1, 0, 3, length], name, &port.to_be_bytes()].concat())?;
    let mut reply = [0; 4];
    wire.read_exact(&mut reply)?;
    record.note("socks_reply", reply[1]);
    if reply[1] != 0 {
        return Ok(Some(Outcome::ProxyError));
    }
    let rest = match reply[3] {
        1 => 4,
        4 => 16,
        3 => {
            let mut length = [0];
            wire.read_exact(&mut length)?;
            usize::from(length[0])
        }
        _ => return Err(io::Error::new(ErrorKind::InvalidData, "an answer of an unknown form")),
    };
    let mut bound = vec![0; rest.saturating_add(2)];
    wire.read_exact(&mut bound)?;
    Ok(Some(Outcome::Established))
}
