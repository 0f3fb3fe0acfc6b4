//! TCP to the server or the proxy: over all addresses tried.

use std::net::IpAddr;

use super::rung::{Fill, family, rung};
use super::view::View;
use crate::model::{IcmpError, Rung, Stage, StageState, TcpFlow, Timestamp};

/// Seconds of silence after a SYN before it says anything.
const PATIENCE: f64 = 2.5;

/// Gives how the opening of a connection went, in the words of the taxonomy.
pub(super) fn outcome(view: &View<'_>, flow: &TcpFlow, end: Timestamp) -> &'static str {
    let opening = &flow.opening;
    if opening.accepted.is_some() || (opening.syns == 0 && opening.refused.is_none()) {
        return "established";
    }
    if opening.refused.is_some() {
        return "refused";
    }
    if let Some(error) = error(view, flow) {
        return match error.meaning() {
            "net_unreachable" => "net_unreachable",
            "host_unreachable" => "host_unreachable",
            "port_unreachable" => "port_unreachable",
            "prohibited" => "prohibited",
            "ttl_exceeded" => "ttl_exceeded",
            _ => "unanswered",
        };
    }
    let waited = end.since(opening.last.unwrap_or(flow.first).time);
    if opening.syns < 2 && waited < PATIENCE { "unknown" } else { "unanswered" }
}

/// Gives the outcome in words.
pub(super) fn words(view: &View<'_>, flow: &TcpFlow) -> &'static str {
    match outcome(view, flow, Timestamp(i64::MAX)) {
        "refused" => "refused by RST",
        "unanswered" => "no answer to the SYN",
        "net_unreachable" => "ICMP network unreachable",
        "host_unreachable" => "ICMP host unreachable",
        "port_unreachable" => "ICMP port unreachable",
        "prohibited" => "ICMP administratively prohibited",
        "ttl_exceeded" => "ICMP time exceeded",
        _ => "established",
    }
}

/// Gives the ICMP error that answers the SYN.
pub(super) fn error<'a>(view: &View<'a>, flow: &TcpFlow) -> Option<&'a IcmpError> {
    flow.errors
        .iter()
        .filter_map(|position| view.traffic.icmp.get(*position))
        .rfind(|error| !matches!(error.meaning(), "packet_too_big" | "other"))
}

/// Builds the rung of connections that all failed to open, or of the one that opened.
pub(super) fn rung_of(view: &View<'_>, stage: Stage, flows: &[&TcpFlow], end: Timestamp) -> Option<Rung> {
    let last = flows.last()?;
    let accepted = flows.iter().rev().find(|flow| flow.opening.accepted.is_some() || flow.opening.syns == 0);
    let decisive = accepted.unwrap_or(last);
    let how = outcome(view, decisive, end);
    let state = match how {
        "established" => StageState::Ok,
        "unknown" => StageState::CannotTell,
        _ => StageState::Failed,
    };
    let mut out = rung(stage, state);
    let tries: u32 = flows.iter().map(|flow| flow.opening.syns).sum();
    let mut addresses: Vec<IpAddr> = flows.iter().map(|flow| flow.server.ip()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let families = match (addresses.iter().any(IpAddr::is_ipv4), addresses.iter().any(IpAddr::is_ipv6)) {
        (true, true) => "both",
        (false, true) => "v6",
        _ => "v4",
    };
    out.with("tcp.server", decisive.server.ip())
        .with("tcp.port", decisive.server.port())
        .with("tcp.outcome", how)
        .with("tcp.tries", tries)
        .with("tcp.addresses", addresses.len())
        .with("tcp.family", families);
    let own_v6 = view.traffic.hosts.iter().any(|host| {
        let global = matches!(host.address, IpAddr::V6(v6) if v6.segments().first().is_some_and(|first| first & 0xe000 == 0x2000));
        global && host.sent > 0 && host.received > 0
    });
    out.with("tcp.own_v6", own_v6);
    if let Some(error) = error(view, decisive) {
        out.with("icmp.meaning", error.meaning())
            .with("icmp.from", error.from)
            .with("icmp.version", if error.v6 { 6_i64 } else { 4 });
        out.mark(Some(error.at), format!("ICMP {} from {}", error.meaning().replace('_', " "), error.from));
    }
    let role = if stage == Stage::ProxyConnect { "proxy" } else { "update_server" };
    for flow in flows {
        if state == StageState::Ok && flow.server != decisive.server {
            continue;
        }
        out.peer(role, None, Some(flow.server));
        let opening = &flow.opening;
        if let Some(refused) = opening.refused {
            out.mark(Some(refused), format!("RST from {} answers the SYN", flow.server));
        }
        if let Some(accepted) = opening.accepted {
            out.mark(Some(accepted), format!("SYN-ACK from {}", flow.server));
        } else {
            out.mark(opening.last, format!("SYN number {} to {}", opening.syns, flow.server));
        }
    }
    let address = decisive.server.ip();
    out.filter = format!("tcp.port == {} && {}.addr == {}", decisive.server.port(), family(address), address);
    let among =
        if addresses.len() > 1 { format!(" ({} addresses tried)", addresses.len()) } else { String::new() };
    let from = error(view, decisive).map(|error| format!(" (from {})", error.from)).unwrap_or_default();
    out.say(match how {
        "established" => format!(
            "{} answers{}{}",
            decisive.server,
            latency(decisive),
            if accepted.is_some() && addresses.len() > 1 { &among } else { "" }
        ),
        "refused" => format!("{} refuses: RST answers the SYN{among}", decisive.server),
        "unanswered" => format!("{tries} SYNs to {}, no answer{among}", decisive.server),
        "unknown" => format!("SYN to {}; the capture ends before an answer could come", decisive.server),
        _ => format!("SYN to {}: {}{from}{among}", decisive.server, words(view, decisive)),
    });
    Some(out)
}

fn latency(flow: &TcpFlow) -> String {
    match (flow.opening.last, flow.opening.accepted) {
        (Some(asked), Some(accepted)) => format!(" after {:.0} ms", accepted.time.since(asked.time) * 1e3),
        _ => String::new(),
    }
}
