//! What the answers to the questions of one lookup say together.

use super::*;

/// Tells whether the endpoint got its answers although the capture shows nothing that arrives at it: it connects.
pub(super) fn connects_anyway(view: &View<'_>, questions: &[&DnsQuestion]) -> bool {
    let Some(client) = questions.first().map(|question| question.client.ip()) else { return false };
    let deaf = view.traffic.hosts.iter().any(|host| host.address == client && host.received == 0);
    let flows = view.traffic.flows.iter().map(|flow| (flow.client.ip(), flow.server.port()));
    let others = view.traffic.others.iter().map(|other| (other.client, other.server.port()));
    deaf && flows.chain(others).any(|(opener, port)| opener == client && port != 53)
}

pub(super) fn addresses(answers: &[&DnsAnswer]) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for answer in answers.iter().filter(|answer| !answer.truncated && answer.rcode == 0) {
        for address in &answer.addresses {
            if !addresses.contains(address) {
                addresses.push(*address);
            }
        }
    }
    addresses
}

/// Tells whether a resolver refused, failed or kept silent before another question of the same type was answered.
pub(super) fn is_recovered(questions: &[&DnsQuestion]) -> bool {
    let answered = |question: &DnsQuestion| {
        question.answers.iter().find(|answer| !answer.addresses.is_empty()).map(|answer| answer.at)
    };
    questions.iter().any(|failed| {
        let Some(asked) = failed.tries.first() else { return false };
        let in_vain = match failed.answers.last() {
            None => true,
            Some(answer) => !matches!(answer.rcode, 0 | 3),
        };
        in_vain
            && questions.iter().any(|other| {
                other.kind == failed.kind && answered(other).is_some_and(|answer| answer > *asked)
            })
    })
}

/// Gives the response code of the last answer, that for A before that for AAAA.
pub(super) fn decisive_rcode(questions: &[&DnsQuestion]) -> Option<&'static str> {
    let last = |kind: &str| {
        let of_kind = questions.iter().filter(|question| question.kind == kind);
        (of_kind.clone().count() > 0)
            .then(|| of_kind.filter_map(|question| question.answers.last()).max_by_key(|answer| answer.at))
    };
    let answer = match last("A") {
        Some(answer) => answer?,
        None => last("AAAA")??,
    };
    Some(match answer.rcode {
        0 => "nodata",
        1 => "formerr",
        2 => "servfail",
        3 => "nxdomain",
        5 => "refused",
        _ => "unknown",
    })
}

/// Tells whether the answer came when nobody waited for it any more.
pub(super) fn is_late(view: &View<'_>, questions: &[&DnsQuestion], followed: bool, rtt: Option<f64>) -> bool {
    if followed {
        return false;
    }
    // The endpoint itself refuses the answer: its port is closed already.
    let refused = questions.iter().flat_map(|question| &question.errors).any(|position| {
        let error = view.traffic.icmp.get(*position);
        error.is_some_and(|error| questions.iter().any(|question| question.client.ip() == error.from))
    });
    let refused = refused
        || view.traffic.icmp.iter().any(|error| {
            questions.iter().any(|question| {
                error.from == question.client.ip()
                    && error.src == question.server
                    && error.dst == question.client
            })
        });
    refused || rtt.is_some_and(|rtt| rtt > 1.5)
}

/// Tells whether one question got two answers that exclude each other.
pub(super) fn is_conflicting(question: &DnsQuestion) -> bool {
    let mut pairs = question.answers.windows(2).filter_map(|pair| match pair {
        [one, other] => Some((one, other)),
        _ => None,
    });
    question.tries.len() <= question.answers.len().saturating_sub(1).max(1)
        && pairs.any(|(one, other)| {
            let differ = one.rcode != other.rcode
                || !one.addresses.is_empty()
                    && !other.addresses.is_empty()
                    && !one.addresses.iter().any(|address| other.addresses.contains(address));
            differ && !one.truncated && !other.truncated
        })
}

pub(super) fn unreachable(view: &View<'_>, questions: &[&DnsQuestion]) -> &'static str {
    errors(view, questions).last().map_or("none", |error| match error.meaning() {
        "port_unreachable" => "port",
        "host_unreachable" => "host",
        "net_unreachable" => "net",
        "prohibited" => "prohibited",
        _ => "none",
    })
}

pub(super) fn errors<'a>(view: &View<'a>, questions: &[&DnsQuestion]) -> Vec<&'a crate::model::IcmpError> {
    questions
        .iter()
        .flat_map(|question| &question.errors)
        .filter_map(|position| view.traffic.icmp.get(*position))
        .filter(|error| questions.iter().all(|question| question.client.ip() != error.from))
        .collect()
}

pub(super) fn rcode_name(rcode: u16) -> &'static str {
    match rcode {
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        _ => "other",
    }
}

pub(super) fn families(addresses: &[IpAddr]) -> &'static str {
    match (addresses.iter().any(IpAddr::is_ipv4), addresses.iter().any(IpAddr::is_ipv6)) {
        (true, true) => "both",
        (true, false) => "v4",
        (false, true) => "v6",
        (false, false) => "none",
    }
}

pub(super) fn worst_class(addresses: &[IpAddr]) -> &'static str {
    let classes: Vec<&'static str> = addresses.iter().map(|address| class(*address)).collect();
    ["unspecified", "loopback", "private", "public"]
        .into_iter()
        .find(|class| classes.contains(class))
        .unwrap_or("none")
}

/// Gives what kind of address it is (RFC 6890).
pub(in crate::derive) fn class(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(v4) if v4.octets().first() == Some(&0) => "unspecified",
        IpAddr::V6(v6) if v6.is_unspecified() => "unspecified",
        address if address.is_loopback() => "loopback",
        IpAddr::V4(v4) => {
            let shared = matches!(v4.octets(), [100, second, ..] if second & 0xc0 == 64);
            if v4.is_private() || v4.is_link_local() || shared { "private" } else { "public" }
        }
        IpAddr::V6(v6) => {
            if v6.is_unique_local() || v6.is_unicast_link_local() {
                "private"
            } else {
                "public"
            }
        }
    }
}
