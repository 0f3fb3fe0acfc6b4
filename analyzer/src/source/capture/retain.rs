//! From all connections to the traffic that derivers work on.
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use tetra_capture::conversation::seen_of;
use tetra_capture::stream::Dir;
use tetra_capture::tcp::{Connection, Table};

use super::ledger::{Ledger, has_role};
use super::questions::{Envelope, Questions};
use crate::model::{App, DnsQuestion, Endpoints, Half, IcmpError, Purpose, Role, TcpFlow, Traffic};

/// Connections kept in full and in short.
const KEPT: usize = 20_000;
const BRIEF: usize = 200_000;

/// Turns the table into what derivers work on; DNS over TCP goes to the questions.
pub(super) fn traffic(
    table: Table<App>,
    questions: &mut Questions,
    endpoints: &Endpoints,
    ledger: &mut Ledger,
) -> Traffic {
    let mut traffic = Traffic { flow_count: table.count, ..Traffic::default() };
    let mut connections: Vec<Connection<App>> = Vec::new();
    // Questions over TCP first: they give names to addresses.
    for mut flow in table.into_connections() {
        dns_over_tcp(&mut flow, questions, endpoints);
        let unfinished = flow.opening.accepted.is_none() && flow.opening.syns > 0;
        if flow.detail.is_some() || unfinished && connections.len() < BRIEF {
            connections.push(flow);
        } else if traffic.others.len() < BRIEF {
            traffic.others.push(flow.brief());
        }
    }
    for flow in &mut connections {
        flow.settle(&mut |flow, conversation| ledger.settle(flow, conversation, questions, endpoints));
        if let Some(name) = questions.guess(flow.client.ip(), flow.server.ip(), flow.first) {
            traffic.guessed.push((flow.server.ip(), name.to_owned()));
        }
    }
    traffic.guessed.sort();
    traffic.guessed.dedup();
    let served = served(&connections);
    for mut flow in connections {
        let kept = match &flow.detail {
            Some(_) => true,
            // Opened in vain: to hosts with a role, to ports of proxies, and to HTTPS ports, where it may be a stale
            // address.
            None => {
                !flow.is_let_go()
                    && (has_role(flow.server.ip(), questions, endpoints)
                        || [53, 443].contains(&flow.server.port())
                        || endpoints.proxy_ports.contains(&flow.server.port())
                        || questions.guess(flow.client.ip(), flow.server.ip(), flow.first).is_some()
                        || served.contains(&flow.server))
            }
        };
        if kept && traffic.flows.len() < KEPT {
            traffic.flows.push(whole(&mut flow));
        } else if traffic.others.len() < BRIEF {
            traffic.others.push(flow.brief());
        }
    }
    traffic.flows.sort_by_key(|flow| (flow.first, flow.client, flow.server));
    traffic.issuers = std::mem::take(&mut ledger.issuers).into_iter().collect();
    traffic.proxies = std::mem::take(&mut ledger.proxies).into_iter().collect();
    traffic
}

/// Finds servers that gave out definitions by their paths: an address that later refuses is still an update server.
fn served(connections: &[Connection<App>]) -> BTreeSet<SocketAddr> {
    let gives = |app: &App| app.http.iter().any(|exchange| exchange.purpose == Purpose::Definitions);
    connections.iter().filter(|flow| flow.app().is_some_and(gives)).map(|flow| flow.server).collect()
}

fn whole(flow: &mut Connection<App>) -> TcpFlow {
    let (mut up, mut down, mut app) = <(Half, Half, App)>::default();
    if let Some(detail) = &mut flow.detail {
        (up, down) = detail.halves();
        app = detail.take_app().unwrap_or_default();
    }
    TcpFlow {
        client: flow.client,
        server: flow.server,
        interface: flow.interface,
        first: flow.first,
        last: flow.last,
        opening: flow.opening,
        up,
        down,
        errors: Vec::new(),
        app,
    }
}

fn dns_over_tcp(flow: &mut Connection<App>, questions: &mut Questions, endpoints: &Endpoints) {
    let (client, server) = (flow.client, flow.server);
    let Some(detail) = &mut flow.detail else { return };
    let Some(reader) = &mut detail.conversation.dns else { return };
    while let Some(read) = reader.next_message() {
        let Ok(message) = &read.message else { continue };
        let (src, dst) = match read.dir {
            Dir::ToServer => (client, server),
            Dir::ToClient => (server, client),
        };
        let envelope = Envelope { seen: seen_of(read.span.last), src, dst, tcp: true, ip_id: None };
        questions.message(envelope, message, &|name| endpoints.role_of_question(name) != Role::Other);
    }
}

/// Ties ICMP errors to the question or the connection they speak of.
pub(super) fn attach_errors(icmp: &[IcmpError], questions: &mut [DnsQuestion], flows: &mut [TcpFlow]) {
    let mut by_ends: BTreeMap<(SocketAddr, SocketAddr), Vec<usize>> = BTreeMap::new();
    for (position, error) in icmp.iter().enumerate() {
        by_ends.entry((error.src, error.dst)).or_default().push(position);
    }
    for question in questions.iter_mut().filter(|question| !question.tcp) {
        let Some(errors) = by_ends.get(&(question.client, question.server)) else { continue };
        question.errors = errors
            .iter()
            .copied()
            .filter(|position| {
                let at = icmp.get(*position).map(|error| error.at);
                question.tries.first().copied() <= at
                    && icmp.get(*position).is_some_and(|error| error.protocol == 17)
            })
            .collect();
    }
    for flow in flows.iter_mut() {
        for ends in [(flow.client, flow.server), (flow.server, flow.client)] {
            let Some(errors) = by_ends.get(&ends) else { continue };
            for position in errors {
                if icmp.get(*position).is_some_and(|error| error.protocol == 6 && error.at >= flow.first) {
                    flow.errors.push(*position);
                }
            }
        }
    }
}
