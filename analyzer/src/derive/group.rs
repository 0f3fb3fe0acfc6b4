//! Which questions and connections make up one attempt.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::view::{Part, View};
use crate::model::{DnsQuestion, Role, Seen, TcpFlow, Timestamp};

/// Pause between two signs of one attempt, in seconds; a longer one begins another.
const PAUSE: f64 = 1.5;
/// How long a question may still be waited for, in seconds.
const LOOKUP: f64 = 5.0;

/// The signs of one attempt.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The endpoint.
    pub endpoint: IpAddr,
    /// Questions for the update server's name.
    pub lookups: Vec<&'a DnsQuestion>,
    /// Questions for the proxy's name.
    pub proxy_lookups: Vec<&'a DnsQuestion>,
    /// Connections, in order.
    pub flows: Vec<(&'a TcpFlow, Part)>,
    /// First sign.
    pub start: Seen,
    /// When its last sign is over.
    pub end: Timestamp,
}

enum Sign<'a> {
    Lookup(&'a DnsQuestion),
    ProxyLookup(&'a DnsQuestion),
    Flow(&'a TcpFlow, Part),
}

/// Groups the signs of every endpoint into attempts, in order of time.
pub(super) fn attempts<'a>(view: &View<'a>) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    for endpoint in endpoints(view) {
        let mut signs = signs(view, endpoint);
        signs.sort_by_key(|(from, _, _)| *from);
        let mut open: Option<Group<'a>> = None;
        for (from, until, sign) in signs {
            let joins = open.as_ref().is_some_and(|group| from.time.since(group.end) <= 0.0);
            if !joins {
                groups.extend(open.take());
            }
            let group = open.get_or_insert_with(|| Group {
                endpoint,
                lookups: Vec::new(),
                proxy_lookups: Vec::new(),
                flows: Vec::new(),
                start: from,
                end: until,
            });
            group.end = group.end.max(until);
            match sign {
                Sign::Lookup(question) => group.lookups.push(question),
                Sign::ProxyLookup(question) => group.proxy_lookups.push(question),
                Sign::Flow(flow, part) => group.flows.push((flow, part)),
            }
        }
        groups.extend(open);
    }
    for group in &mut groups {
        adopt_strangers(view, group);
    }
    groups.retain(|group| is_attempt(view, group));
    groups.sort_by_key(|group| (group.start, group.endpoint));
    groups
}

/// Gives an attempt that opened no connection to any address it was told the connections to nameless addresses that
/// follow its lookup and get no answer: the address may come from a hosts file or a stale cache.
fn adopt_strangers<'a>(view: &View<'a>, group: &mut Group<'a>) {
    /// Seconds after the lookup.
    const SOON: f64 = 10.0;
    let answered = group
        .lookups
        .iter()
        .any(|question| question.answers.iter().any(|answer| !answer.addresses.is_empty()));
    let Some(name) = group.lookups.first().map(|question| question.name.clone()) else { return };
    if !answered || !group.flows.is_empty() {
        return;
    }
    for flow in &view.traffic.flows {
        let stranger =
            view.names(flow.server.ip()).next().is_none() && matches!(flow.server.port(), 80 | 443);
        let in_vain = flow.opening.accepted.is_none() && flow.opening.syns > 0;
        let apart = flow.first.time.since(group.start.time);
        if stranger
            && in_vain
            && view.who(flow.client.ip()) == group.endpoint
            && (0.0..=SOON).contains(&apart)
        {
            group.end = group.end.max(flow_end(flow));
            group.flows.push((flow, Part::Direct(name.clone())));
        }
    }
}

/// Tells whether the signs are enough to speak of an attempt to get definitions.
fn is_attempt(view: &View<'_>, group: &Group<'_>) -> bool {
    let known_proxy = group.flows.iter().any(|(flow, _)| view.update_proxies.contains(&flow.server));
    let asked = |question: &&&DnsQuestion| view.endpoints.without_suffix(&question.name).is_none();
    let named = group.lookups.iter().any(|question| asked(&question))
        || group
            .flows
            .iter()
            .any(|(_, part)| matches!(part, Part::Direct(_) | Part::Proxied(_) | Part::Socks(_)));
    if named || known_proxy {
        return true;
    }
    // What the proxy was wanted for is not seen. That it was for definitions is inferred only where a connector runs
    // behind it, or where both its name and its port say that it is a proxy; and only when it could not be used at all.
    let used = view.traffic.flows.iter().any(|flow| {
        view.who(flow.client.ip()) == group.endpoint
            && (flow.app.socks.as_ref().is_some_and(|socks| socks.reply.is_some())
                || flow.app.http.iter().any(|exchange| exchange.to_proxy && exchange.answer.is_some()))
    });
    let turned_away = |flow: &TcpFlow| flow.app.socks.as_ref().is_some_and(|socks| socks.reply.is_none());
    let reached = group.flows.iter().any(|(flow, _)| flow.opening.accepted.is_some() && !turned_away(flow));
    if used || reached {
        return false;
    }
    let by_name_and_port = group.flows.iter().any(|(flow, _)| {
        view.endpoints.proxy_ports.contains(&flow.server.port())
            && view.name_with_role(flow.server.ip(), Role::Proxy).is_some()
    });
    let unresolved = group.flows.is_empty() && !group.proxy_lookups.is_empty();
    by_name_and_port || (view.has_connector(group.endpoint) && (unresolved || !group.flows.is_empty()))
}

fn endpoints(view: &View<'_>) -> BTreeSet<IpAddr> {
    let mut endpoints = BTreeSet::new();
    for question in &view.traffic.questions {
        if matches!(view.role(&question.name), Role::UpdateServer | Role::Proxy) {
            endpoints.insert(view.who(question.client.ip()));
        }
    }
    for flow in &view.traffic.flows {
        if matches!(view.part(flow), Part::Direct(_) | Part::Proxied(_) | Part::Socks(_) | Part::ToProxy) {
            endpoints.insert(view.who(flow.client.ip()));
        }
    }
    endpoints
}

fn signs<'a>(view: &View<'a>, endpoint: IpAddr) -> Vec<(Seen, Timestamp, Sign<'a>)> {
    let mut signs = Vec::new();
    for question in view.questions(endpoint, Role::UpdateServer) {
        if let Some((from, until)) = lookup_span(view, question) {
            signs.push((from, until, Sign::Lookup(question)));
        }
    }
    for question in view.questions(endpoint, Role::Proxy) {
        if let Some((from, until)) = lookup_span(view, question) {
            signs.push((from, until, Sign::ProxyLookup(question)));
        }
    }
    for flow in view.traffic.flows.iter().filter(|flow| view.who(flow.client.ip()) == endpoint) {
        let part = view.part(flow);
        if matches!(part, Part::Direct(_) | Part::Proxied(_) | Part::Socks(_) | Part::ToProxy) {
            signs.push((flow.first, flow_end(flow), Sign::Flow(flow, part)));
        }
    }
    signs
}

fn lookup_span(view: &View<'_>, question: &DnsQuestion) -> Option<(Seen, Timestamp)> {
    let answered = question.answers.last().map(|answer| answer.at);
    let from = question.tries.first().copied().or(answered)?;
    let last = question.tries.last().copied().unwrap_or(from);
    // A truncated answer sends the endpoint to TCP, where it may wait for long.
    let over_tcp = question.answers.iter().any(|answer| answer.truncated);
    let tcp = view.traffic.flows.iter().filter(|flow| {
        over_tcp
            && flow.server == question.server
            && flow.client.ip() == question.client.ip()
            && flow.first >= from
    });
    let tcp = tcp.filter(|flow| flow.first.time.since(last.time) < LOOKUP).map(flow_end).max();
    let until = match answered {
        Some(answered) => answered.time.max(last.time).plus_secs(PAUSE),
        None => last.time.plus_secs(LOOKUP),
    };
    Some((from, tcp.map_or(until, |tcp| tcp.max(until))))
}

fn flow_end(flow: &TcpFlow) -> Timestamp {
    if flow.opening.accepted.is_none() && flow.opening.syns > 0 && flow.opening.refused.is_none() {
        // The next SYN would come after twice the last interval; then the client gives up.
        let opening = &flow.opening;
        let last = opening.last.unwrap_or(flow.first);
        let interval = opening.first.map_or(0.0, |first| last.time.since(first.time)).clamp(3.0, 21.0);
        return last.time.max(flow.last.time).plus_secs(interval);
    }
    flow.last.time.plus_secs(PAUSE)
}
