//! An endpoint that asks its resolver over TCP only, and is refused: no question is ever seen.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::rung::{Fill, rung};
use super::view::View;
use crate::model::{AttemptOutcome, Ladder, Path, Stage, StageState, TcpFlow, Timestamp};

/// Ports tried by the same endpoint beyond which it is a scan and not a lookup.
const SCAN: usize = 4;

/// Builds an inferred attempt for every endpoint whose lookups over TCP are all refused and that gets no other answer.
pub(super) fn refused_over_tcp(view: &View<'_>, known: &[Ladder]) -> Vec<Ladder> {
    let mut by_endpoint: BTreeMap<IpAddr, Vec<&TcpFlow>> = BTreeMap::new();
    for flow in view.traffic.flows.iter().filter(|flow| flow.server.port() == 53) {
        by_endpoint.entry(flow.client.ip()).or_default().push(flow);
    }
    by_endpoint
        .into_iter()
        .filter(|(endpoint, _)| known.iter().all(|ladder| ladder.endpoint != *endpoint))
        .filter_map(|(endpoint, flows)| inferred(view, endpoint, &flows))
        .collect()
}

fn inferred(view: &View<'_>, endpoint: IpAddr, flows: &[&TcpFlow]) -> Option<Ladder> {
    let (first, last) = (flows.first()?, flows.last()?);
    let others = view.traffic.others.iter().filter(|other| other.client == endpoint).count()
        + view
            .traffic
            .flows
            .iter()
            .filter(|flow| flow.client.ip() == endpoint && flow.server.port() != 53)
            .count();
    // One try counts only where the endpoint does nothing else at all, towards a resolver of its own network.
    let inside = |address: IpAddr| super::lookup::class(address) == "private";
    let enough = flows.len() >= 2 || others == 0 && inside(endpoint) && inside(first.server.ip());
    let refused = enough && flows.iter().all(|flow| flow.opening.refused.is_some());
    let answered = view
        .traffic
        .questions
        .iter()
        .any(|question| question.client.ip() == endpoint && !question.answers.is_empty());
    if !refused || answered || others >= SCAN {
        return None;
    }
    let mut out = rung(Stage::Dns, StageState::Failed);
    out.with("dns.outcome", "unanswered")
        .with("dns.transport", "tcp")
        .with("dns.tcp_outcome", "refused")
        .with("dns.unreachable", "none")
        .with("dns.tries", flows.len())
        .with("dns.servers", vec![last.server.ip()])
        .with("dns.families", "none")
        .with("dns.address_class", "none")
        .with("dns.conflict", false);
    for flow in flows {
        out.peer("resolver", None, Some(flow.server));
        out.mark(flow.opening.refused, format!("RST from {} answers the SYN", flow.server));
    }
    out.filter = format!("tcp.port == 53 && {}.addr == {}", super::rung::family(endpoint), endpoint);
    out.say(format!(
        "{} refuses DNS over TCP ({} tries), and the endpoint asks in no other way",
        last.server,
        flows.len()
    ));
    Some(Ladder {
        id: 0,
        endpoint,
        start: first.first,
        end: Timestamp(last.last.time.0),
        target: None,
        path: Path::Direct,
        rungs: vec![out],
        bytes: 0,
        outcome: AttemptOutcome::Failed,
        unclear: String::new(),
        later_success: false,
    })
}
