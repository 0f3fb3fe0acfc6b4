//! Endpoints with several addresses: IPv4 and IPv6, the network card's and the VPN's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::{TcpFlow, Timestamp, Traffic};

/// Finds endpoints that ask for names from one address and connect from another: the connection follows the answer
/// at once, and its own address never asks.
pub(super) fn aliases(traffic: &Traffic) -> BTreeMap<IpAddr, IpAddr> {
    /// Seconds from an answer to the connection.
    const SOON: f64 = 3.0;
    let asking: BTreeSet<IpAddr> = traffic.questions.iter().map(|question| question.client.ip()).collect();
    let never_asks = |flow: &&TcpFlow| !asking.contains(&flow.client.ip());
    let mut strangers = traffic.flows.iter().filter(never_asks).peekable();
    if strangers.peek().is_none() {
        return BTreeMap::new();
    }
    // Who was told of an address, in order of time: a capture may have many questions, and many connections.
    let mut told: BTreeMap<IpAddr, Vec<(Timestamp, IpAddr)>> = BTreeMap::new();
    for question in &traffic.questions {
        for (answer, address) in
            question.answers.iter().flat_map(|answer| answer.addresses.iter().map(move |to| (answer, to)))
        {
            told.entry(*address).or_default().push((answer.at.time, question.client.ip()));
        }
    }
    for answers in told.values_mut() {
        answers.sort_by_key(|(time, _)| *time);
    }
    let mut aliases = BTreeMap::new();
    for flow in strangers {
        let Some(answers) = told.get(&flow.server.ip()) else { continue };
        let before = answers.partition_point(|(time, _)| *time <= flow.first.time);
        let last = before.checked_sub(1).and_then(|at| answers.get(at));
        if let Some((_, asker)) = last.filter(|(time, _)| flow.first.time.since(*time) <= SOON) {
            aliases.entry(flow.client.ip()).or_insert(*asker);
        }
    }
    aliases
}
