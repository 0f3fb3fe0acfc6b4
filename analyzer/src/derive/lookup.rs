//! The lookup of a name: A and AAAA, every server, every try, as one.

mod answer;

use std::net::IpAddr;

use super::rung::{Fill, rung};
use super::view::View;
use crate::model::{DnsAnswer, DnsQuestion, Rung, Stage, StageState, TcpFlow, Timestamp};
pub(super) use answer::class;
use answer::{
    addresses, connects_anyway, decisive_rcode, errors, families, is_conflicting, is_late, is_recovered,
    rcode_name, unreachable, worst_class,
};

/// Seconds of silence after a question before it says anything.
const PATIENCE: f64 = 2.0;

/// What came of a lookup.
#[derive(Debug)]
pub(super) struct Lookup {
    /// The name.
    pub name: String,
    /// In the words of the taxonomy.
    pub outcome: &'static str,
    /// `none`, `public`, `private`, `loopback`, `unspecified`.
    pub class: &'static str,
    /// `none`, `v4`, `v6`, `both`.
    pub families: &'static str,
    /// Two different answers to one question.
    pub conflict: bool,
    /// Another question for the same came to nothing before one was answered.
    pub recovered: bool,
    /// The facts and marks, still without a state.
    pub rung: Rung,
}

/// Puts all questions for one name together. `followed` tells whether a connection to one of the addresses followed.
pub(super) fn lookup(
    view: &View<'_>,
    stage: Stage,
    questions: &[&DnsQuestion],
    followed: bool,
    end: Timestamp,
) -> Option<Lookup> {
    let exact: Vec<&DnsQuestion> = questions
        .iter()
        .copied()
        .filter(|question| view.endpoints.without_suffix(&question.name).is_none())
        .filter(|question| question.kind == "A" || question.kind == "AAAA")
        .collect();
    let considered: &[&DnsQuestion] = if exact.is_empty() { questions } else { &exact };
    let first = considered.first()?;
    let mut out = rung(stage, StageState::Ok);
    let answers: Vec<&DnsAnswer> = considered.iter().flat_map(|question| &question.answers).collect();
    let addresses = addresses(&answers);
    let tries: usize = considered.iter().map(|question| question.tries.len()).sum();
    let last_try = considered.iter().filter_map(|question| question.tries.last()).max().copied();
    let resolver = resolver_flows(view, considered);
    let mut servers: Vec<IpAddr> = Vec::new();
    for question in considered {
        if !servers.contains(&question.server.ip()) {
            servers.push(question.server.ip());
        }
    }
    let rtt = considered
        .iter()
        .filter_map(|question| {
            let answer = question
                .answers
                .iter()
                .find(|answer| !answer.addresses.is_empty())
                .or(question.answers.first())?;
            Some(answer.at.time.since(question.tries.first()?.time))
        })
        .fold(None, |worst: Option<f64>, rtt| Some(worst.map_or(rtt, |worst| worst.max(rtt))));
    let recovered = !addresses.is_empty() && is_recovered(considered);
    let cut = addresses.is_empty() && answers.iter().any(|answer| answer.cut && answer.rcode == 0);
    let conflict = considered.iter().any(|question| is_conflicting(question));
    let late = !addresses.is_empty() && is_late(view, considered, followed, rtt);
    let truncated = answers.iter().any(|answer| answer.truncated);
    let outcome = if late {
        "late"
    } else if !addresses.is_empty() || cut {
        "answered"
    } else if truncated {
        "truncated"
    } else if let Some(rcode) = decisive_rcode(considered) {
        rcode
    } else if connects_anyway(view, considered)
        || last_try.is_some_and(|last| end.since(last.time) < PATIENCE) && tries < 2
    {
        "unknown"
    } else {
        "unanswered"
    };
    let families = families(&addresses);
    let class = worst_class(&addresses);
    let cname = answers.iter().rev().find_map(|answer| answer.cnames.last()).cloned();
    out.with("dns.name", first.name.clone())
        .with("dns.outcome", outcome)
        .with("dns.tries", tries)
        .with("dns.servers", servers.clone())
        .with("dns.families", families)
        .with("dns.address_class", class)
        .with("dns.conflict", conflict)
        .with("dns.unreachable", unreachable(view, considered))
        .with_opt("dns.rtt_ms", rtt.map(|rtt| rtt * 1e3))
        .with_opt("dns.cname", cname.clone());
    if !addresses.is_empty() {
        out.with("dns.addresses", addresses.clone());
    }
    let over_tcp = considered.iter().all(|question| question.tcp);
    let transport = if over_tcp {
        "tcp"
    } else if truncated {
        "udp_then_tcp"
    } else {
        "udp"
    };
    out.with("dns.transport", transport);
    if let Some(flow) = resolver {
        out.with("dns.tcp_outcome", super::opening::outcome(view, flow, end));
    }
    for question in considered {
        out.peer("resolver", None, Some(question.server));
    }
    marks(view, considered, resolver, &mut out);
    let names = if cname.is_some() && addresses.is_empty() { cname.as_deref() } else { None };
    if let Some(name) = names {
        out.peer("resolver", Some(name), None);
    }
    out.filter = format!("dns.qry.name == \"{}\"", first.name);
    let list = |addresses: &[IpAddr]| {
        addresses.iter().take(4).map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let from = list(&servers);
    let name = &first.name;
    out.say(match outcome {
        "answered" if cut => format!("{name}: answered by {from}; the addresses are cut off in the capture"),
        "answered" => format!("{name} is {} (resolver {from}{})", list(&addresses), millis(rtt)),
        "late" => format!("{name}: the answer of {from} came{} too late", millis(rtt).replace(',', " after")),
        "unanswered" => format!("{name} asked {tries} times at {from}, no answer"),
        "truncated" => format!("{name}: the answer of {from} is truncated and nothing came over TCP"),
        "nodata" => format!("{from} knows {name}, but gives no address for it"),
        "unknown" => format!("{name} asked at {from}; the capture ends before an answer could come"),
        other => format!("{from} answers {} for {name}", other.to_uppercase()),
    });
    Some(Lookup { name: first.name.clone(), outcome, class, families, conflict, recovered, rung: out })
}

fn millis(rtt: Option<f64>) -> String {
    rtt.map(|rtt| format!(", {:.0} ms", rtt * 1e3)).unwrap_or_default()
}

/// Finds the connection to the resolver of a lookup that went over TCP.
fn resolver_flows<'a>(view: &View<'a>, questions: &[&DnsQuestion]) -> Option<&'a TcpFlow> {
    let first = questions.iter().filter_map(|question| question.tries.first()).min()?;
    view.traffic.flows.iter().rev().find(|flow| {
        flow.server.port() == 53
            && flow.first >= *first
            && flow.first.time.since(first.time) < 30.0
            && questions.iter().any(|question| {
                question.client.ip() == flow.client.ip() && question.server.ip() == flow.server.ip()
            })
    })
}

fn marks(view: &View<'_>, questions: &[&DnsQuestion], tcp: Option<&TcpFlow>, out: &mut Rung) {
    let answered = questions.iter().filter_map(|question| Some((question, question.answers.last()?)));
    for (question, answer) in answered {
        let what = match answer.rcode {
            0 if answer.truncated => "truncated answer".to_owned(),
            0 if answer.addresses.is_empty() => "answer without an address".to_owned(),
            0 => format!(
                "answer {}",
                answer.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            ),
            code => format!("answer with rcode {code} ({})", rcode_name(code)),
        };
        for earlier in question.answers.iter().rev().skip(1) {
            out.mark(Some(earlier.at), format!("{} {}: another answer", question.kind, question.name));
        }
        out.mark(Some(answer.at), format!("{} {}: {what}", question.kind, question.name));
    }
    for error in errors(view, questions) {
        out.mark(Some(error.at), format!("ICMP {} from {}", error.meaning().replace('_', " "), error.from));
    }
    if let Some(flow) = tcp {
        out.mark(
            flow.opening.refused.or(flow.opening.last),
            format!("TCP to {}: {}", flow.server, super::opening::words(view, flow)),
        );
    }
    for question in questions {
        for seen in question.tries.iter().take(4) {
            out.mark(
                Some(*seen),
                format!("{} {} asked at {}", question.kind, question.name, question.server.ip()),
            );
        }
    }
}
