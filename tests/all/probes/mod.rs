//! The collector's probes against real servers on loopback, each record read by the analyzer, which names the cause.

mod certificates;
mod names;
mod pki;
mod proxies;
mod revocation;
mod servers;
mod upload;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use tetra_collect::network::{NetworkConfig, Proxy};
use tetra_collect::probe::{self, Limits, ProbeRecord, Server, Targets, What};

use crate::archive::Place;
use crate::{cases, program};

/// Loopback.
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Short limits, so that hanging servers do not make tests slow.
fn limits() -> Limits {
    Limits {
        lookup: Duration::from_millis(2500),
        connect: Duration::from_millis(1500),
        handshake: Duration::from_millis(1500),
        answer: Duration::from_millis(1500),
        verdict: Duration::from_secs(30),
        ..Limits::default()
    }
}

/// The update server on a port of loopback, believed through a root.
fn targets(port: u16, root: Option<Vec<u8>>) -> Targets {
    let server = Server::parse(&format!("{}:{port}", pki::HOST)).unwrap();
    let mut targets = Targets::of(Some(server), None);
    targets.servers.truncate(1);
    targets.authorities.clear();
    targets.addresses = vec![(pki::HOST.to_owned(), vec![HERE])];
    targets.extra_roots = root.into_iter().collect();
    targets.limits = limits();
    targets
}

/// A network with these servers for names.
fn network(resolvers: &[SocketAddr]) -> NetworkConfig {
    NetworkConfig {
        dns_servers: resolvers.iter().map(SocketAddr::to_string).collect(),
        ..NetworkConfig::default()
    }
}

/// Runs the probes, holds each record against the schema, and gives them in an order of their own.
fn run(targets: &Targets, network: &NetworkConfig) -> Vec<ProbeRecord> {
    let mut records = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    probe::run(targets, network, deadline, &mut |record| records.push(record));
    let schema = std::fs::read(program::root().join("bundle/probes.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    for record in &records {
        let value = serde_json::to_value(record).unwrap();
        let faults: Vec<String> = schema.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?} in {value}");
    }
    records.sort_by_key(|record| (record.what, record.target.clone(), record.path, record.time));
    records
}

/// The only record of a kind.
fn only(records: &[ProbeRecord], what: What) -> &ProbeRecord {
    let found: Vec<_> = records.iter().filter(|record| record.what == what).collect();
    assert_eq!(found.len(), 1, "{records:#?}");
    found[0]
}

/// The outcome of a record, as it is written down.
fn outcome(record: &ProbeRecord) -> String {
    record.outcome.map(|outcome| ProbeRecord::word(&outcome)).unwrap_or_default()
}

/// Gives the analyzer's report on the records alone.
fn analysed(records: &[ProbeRecord]) -> Value {
    let place = Place::new();
    let lines: Vec<String> =
        records.iter().map(|record| serde_json::to_string(record).unwrap() + "\n").collect();
    place.put("network/probes.jsonl", lines.concat().as_bytes());
    report(place.path())
}

fn report(path: &Path) -> Value {
    let rules = tetra_analyze::rule::RuleSet::core().unwrap();
    serde_json::from_str(&cases::analysed(&rules, path)).unwrap()
}

/// The primary cause that the analyzer names from the records alone, or `none`.
fn cause(records: &[ProbeRecord]) -> String {
    let report = analysed(records);
    let strange: Vec<&Value> = report["anomalies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|anomaly| anomaly["path"].as_str() == Some("network/probes.jsonl"))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    report["diagnosis"]["primary"]["cause"].as_str().unwrap_or("none").to_owned()
}

/// The rules that found something in the records.
fn findings(records: &[ProbeRecord]) -> Vec<String> {
    let report = analysed(records);
    let found = report["findings"].as_array().unwrap().iter();
    found.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

/// The targets with the policy's proxy.
fn with_proxy(mut targets: Targets, proxy: &str) -> Targets {
    targets.policy_proxy = Some(Proxy::parse(proxy).unwrap());
    targets
}
