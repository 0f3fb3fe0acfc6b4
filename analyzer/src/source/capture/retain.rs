//! Which connections are kept, and what is kept of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use super::conversation::{Conversation, seen_of};
use super::questions::{Envelope, Questions};
use super::stream::Dir;
use super::tcp::{Connection, Table};
use super::{convert, http};
use crate::model::{ClockSource, DnsQuestion, Endpoints, IcmpError, Role, Seen, TcpFlow, Timestamp, Traffic};

/// Connections kept in full and in short.
const KEPT: usize = 20_000;
const BRIEF: usize = 200_000;
/// Certificates of authorities kept to check signatures with.
const AUTHORITIES: usize = 64;
/// Issuers remembered, and names for each.
const ISSUERS: usize = 2_048;
const NAMES: usize = 8;

/// Tells whether a connection may matter to an update attempt.
pub(super) fn is_of_interest(
    flow: &Connection,
    conversation: &Conversation,
    questions: &Questions,
    endpoints: &Endpoints,
) -> bool {
    if has_role(flow.server.ip(), questions, endpoints) || flow.server.port() == 53 {
        return true;
    }
    if questions.guess(flow.client.ip(), flow.server.ip(), flow.first).is_some() {
        return true;
    }
    if conversation.socks.is_some() || endpoints.proxy_ports.contains(&flow.server.port()) {
        return true;
    }
    if let Some(http) = &conversation.http
        && (http.tunnel().is_some()
            || http.exchanges().iter().any(|exchange| exchange_matters(exchange, endpoints)))
    {
        return true;
    }
    let sni =
        conversation.tls.as_ref().and_then(|tls| tls.facts().client_hello.as_ref()?.server_name.as_deref());
    sni.is_some_and(|sni| endpoints.role(sni) != Role::Other)
}

fn exchange_matters(exchange: &http::Exchange, endpoints: &Endpoints) -> bool {
    let proxied = exchange.response.as_ref().is_some_and(|response| response.status == 407);
    proxied
        || exchange.request.as_ref().is_some_and(|request| {
            let host = request.authority().unwrap_or_default();
            let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
            request.target_host.is_some()
                || request.method == "CONNECT"
                || endpoints.role(host) != Role::Other
                || endpoints.is_definitions_path(request.path())
                || convert::purpose(exchange, endpoints) != crate::model::Purpose::Other
        })
}

fn has_role(address: IpAddr, questions: &Questions, endpoints: &Endpoints) -> bool {
    endpoints.role(&address.to_string()) != Role::Other
        || questions.names_of(address).iter().any(|name| endpoints.role_of_question(name) != Role::Other)
}

/// Turns the table into what derivers work on; DNS over TCP goes to the questions, clocks to the clocks.
pub(super) fn traffic(
    table: Table,
    questions: &mut Questions,
    endpoints: &Endpoints,
    clocks: &mut Vec<(ClockSource, Seen, Timestamp)>,
) -> Traffic {
    let mut traffic = Traffic { flow_count: table.count, ..Traffic::default() };
    let mut issuers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut connections: Vec<Connection> = Vec::new();
    let mut authorities = convert::Authorities::new();
    // Questions over TCP first: they give names to addresses.
    for mut flow in table.into_connections() {
        dns_over_tcp(&mut flow, questions, endpoints);
        let unfinished = flow.opening.accepted.is_none() && flow.opening.syns > 0;
        remember_authorities(&flow, &mut authorities);
        if flow.detail.is_some() || unfinished && connections.len() < BRIEF {
            connections.push(flow);
        } else if traffic.others.len() < BRIEF {
            traffic.others.push(flow.brief());
        }
    }
    for flow in &connections {
        if let Some(name) = questions.guess(flow.client.ip(), flow.server.ip(), flow.first) {
            traffic.guessed.push((flow.server.ip(), name.to_owned()));
        }
    }
    // Servers that gave out definitions by their paths: an address that later refuses is still an update server.
    let served: BTreeSet<SocketAddr> = connections
        .iter()
        .filter(|flow| {
            let http = flow.detail.as_ref().and_then(|detail| detail.conversation.http.as_ref());
            http.is_some_and(|http| {
                http.exchanges().iter().any(|exchange| {
                    convert::purpose(exchange, endpoints) == crate::model::Purpose::Definitions
                })
            })
        })
        .map(|flow| flow.server)
        .collect();
    traffic.guessed.sort();
    traffic.guessed.dedup();
    for mut flow in connections {
        convert::clocks(&flow, clocks);
        remember_issuer(&flow, &mut issuers);
        if is_kept(&flow, questions, endpoints, &served) && traffic.flows.len() < KEPT {
            traffic.flows.push(whole(&mut flow, endpoints, &authorities));
        } else if traffic.others.len() < BRIEF {
            traffic.others.push(flow.brief());
        }
    }
    traffic.flows.sort_by_key(|flow| (flow.first, flow.client, flow.server));
    traffic.issuers = issuers.into_iter().collect();
    traffic
}

fn is_kept(
    flow: &Connection,
    questions: &Questions,
    endpoints: &Endpoints,
    served: &BTreeSet<SocketAddr>,
) -> bool {
    match &flow.detail {
        Some(detail) => is_of_interest(flow, &detail.conversation, questions, endpoints),
        // Opened in vain: to hosts with a role, to ports of proxies, and to HTTPS ports, where it may be a stale address.
        None => {
            has_role(flow.server.ip(), questions, endpoints)
                || [53, 443].contains(&flow.server.port())
                || endpoints.proxy_ports.contains(&flow.server.port())
                || questions.guess(flow.client.ip(), flow.server.ip(), flow.first).is_some()
                || served.contains(&flow.server)
        }
    }
}

fn whole(flow: &mut Connection, endpoints: &Endpoints, authorities: &convert::Authorities) -> TcpFlow {
    let (mut up, mut down, mut app) =
        <(crate::model::Half, crate::model::Half, crate::model::App)>::default();
    if let Some(detail) = &mut flow.detail {
        (up, down) = detail.halves();
        app = convert::app(&detail.conversation, endpoints, authorities);
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

fn dns_over_tcp(flow: &mut Connection, questions: &mut Questions, endpoints: &Endpoints) {
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

fn remember_authorities(flow: &Connection, authorities: &mut convert::Authorities) {
    let tls = flow.detail.as_ref().and_then(|detail| detail.conversation.tls.as_ref());
    let Some(chain) = tls.and_then(|tls| tls.facts().chain.as_ref()) else { return };
    for authority in chain.certificates.iter().skip(1) {
        if authorities.len() < AUTHORITIES
            && !authorities.iter().any(|known| known.sha256 == authority.sha256)
        {
            authorities.push(authority.clone());
        }
    }
}

fn remember_issuer(flow: &Connection, issuers: &mut BTreeMap<String, Vec<String>>) {
    let Some(facts) =
        flow.detail.as_ref().and_then(|detail| detail.conversation.tls.as_ref()).map(|tls| tls.facts())
    else {
        return;
    };
    let Some(sni) = facts.client_hello.as_ref().and_then(|hello| hello.server_name.clone()) else { return };
    let Some(leaf) = facts.chain.as_ref().and_then(|chain| chain.certificates.first()) else { return };
    let issuer = convert::issuer_name(leaf);
    if issuers.len() < ISSUERS || issuers.contains_key(&issuer) {
        let names = issuers.entry(issuer).or_default();
        if names.len() < NAMES && !names.contains(&sni) {
            names.push(sni);
        }
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
