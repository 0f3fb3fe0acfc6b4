//! What is to be kept, as far as the analysis tells: which connections, questions and single frames.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use tetra_capture::Map;

use super::notes::Notes;
use crate::model::{Case, DnsQuestion, Ladder, Purpose, TcpFlow, Timestamp, Traffic};

/// Seconds before an attempt, and after it, in which things may have to do with it.
const BEFORE: f64 = 30.0;
const AFTER: f64 = 10.0;
/// Other connections of the endpoint that are shown in short: they tell whether anything else worked.
const WITNESSES: usize = 2_000;
/// Questions that are kept.
const QUESTIONS: usize = 20_000;

/// Seconds before the last data in which the pace of a transfer shows.
const PACE: f64 = 9.0;

/// How much of a connection is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Share {
    /// Nothing, unless some evidence turns out to lie in it.
    #[default]
    Nothing,
    /// Its begin and its end: it shows whether anything else worked.
    Ends,
    /// All but the middle of long transfers.
    Most,
}

/// A connection that the analysis kept.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// First packet.
    pub first: Timestamp,
    /// How much of it is kept.
    pub share: Share,
    /// From when on its packets show how fast it was.
    pub paced: Timestamp,
    /// How many there are from then on, once they are counted.
    pub late: u32,
    /// Its packets, once they are counted.
    pub packets: u32,
    /// Which of its packets are evidence, counted from 0.
    pub shown: Vec<u32>,
}

/// The two ends of a connection, the lower one first.
pub(super) type Ends = (SocketAddr, SocketAddr);

/// Gives the ends in their order.
pub(super) fn ends(one: SocketAddr, other: SocketAddr) -> Ends {
    if one <= other { (one, other) } else { (other, one) }
}

/// What is to be kept.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Connections, by order of time for equal ends.
    pub flows: Vec<Flow>,
    /// Where those with certain ends stand.
    pub by_ends: Map<Ends, Vec<usize>>,
    /// Connections of which only evidence is known; their begin is kept.
    pub unknown: BTreeSet<Ends>,
    /// Single frames: `(capture, frame)`.
    pub frames: BTreeSet<(usize, u64)>,
    /// Frames of the evidence.
    pub evidence: BTreeSet<(usize, u64)>,
    /// First and last packets of connections that are known in short: client, server, when.
    pub briefs: BTreeSet<(IpAddr, SocketAddr, Timestamp)>,
    /// Addresses of the endpoints that tried.
    pub endpoints: BTreeSet<IpAddr>,
    /// When an endpoint last sent or received anything.
    pub signs: BTreeSet<(IpAddr, Timestamp)>,
    /// Between whom fragments are kept.
    pub pairs: BTreeSet<(IpAddr, IpAddr)>,
    /// From when to when there was an attempt.
    pub windows: Vec<(Timestamp, Timestamp)>,
}

impl Plan {
    /// Finds the connection that a packet belongs to.
    pub fn flow_at(&self, ends: Ends, time: Timestamp) -> Option<usize> {
        let all = self.by_ends.get(&ends)?;
        let begun = |position: &&usize| self.flows.get(**position).is_some_and(|flow| flow.first <= time);
        all.iter().rev().find(begun).or(all.first()).copied()
    }

    /// Tells whether a time lies within an attempt, or near it.
    pub fn is_within(&self, time: Timestamp) -> bool {
        self.windows.iter().any(|(from, to)| (*from..=*to).contains(&time))
    }

    fn overlaps(&self, from: Timestamp, to: Timestamp) -> bool {
        self.windows.iter().any(|window| from <= window.1 && to >= window.0)
    }

    fn pair(&mut self, one: IpAddr, other: IpAddr) {
        self.pairs.insert((one.min(other), one.max(other)));
    }
}

/// Plans what to keep of the captures of a case.
pub(super) fn plan(case: &Case, notes: &Notes) -> Plan {
    let traffic = &case.traffic;
    let mut plan = Plan { windows: windows(&case.ladders), ..Plan::default() };
    let positions: BTreeMap<&str, usize> =
        traffic.captures.iter().enumerate().map(|(position, one)| (one.path.as_str(), position)).collect();
    for (path, frame) in notes.frames() {
        if let Some(position) = positions.get(path) {
            plan.evidence.insert((*position, frame));
        }
    }
    plan.frames = plan.evidence.clone();
    let peers: BTreeSet<IpAddr> = case
        .ladders
        .iter()
        .flat_map(|ladder| &ladder.rungs)
        .flat_map(|rung| rung.peer.addresses.clone())
        .collect();
    plan.endpoints = case.ladders.iter().map(|ladder| ladder.endpoint).collect();
    let chief = |flow: &TcpFlow| peers.contains(&flow.server.ip()) || is_chief(flow, &case.ladders);
    for flow in &traffic.flows {
        if plan.overlaps(flow.first.time, flow.last.time) && chief(flow) {
            plan.endpoints.insert(flow.client.ip());
        }
    }
    for flow in &traffic.flows {
        let near = plan.overlaps(flow.first.time, flow.last.time);
        let share = match near {
            true if chief(flow) => Share::Most,
            true if plan.endpoints.contains(&flow.client.ip()) => Share::Ends,
            _ => Share::Nothing,
        };
        plan.take(traffic, flow, share);
    }
    questions(traffic, &case.ladders, &mut plan);
    witnesses(traffic, &mut plan);
    plan
}

impl Plan {
    fn take(&mut self, traffic: &Traffic, flow: &TcpFlow, share: Share) {
        if share != Share::Nothing {
            self.pair(flow.client.ip(), flow.server.ip());
            self.errors(traffic, &flow.errors);
        }
        self.by_ends.entry(ends(flow.client, flow.server)).or_default().push(self.flows.len());
        let paced = flow.down.last_data.unwrap_or(flow.last).time.plus_secs(-PACE);
        self.flows.push(Flow {
            first: flow.first.time,
            share,
            paced,
            late: 0,
            packets: 0,
            shown: Vec::new(),
        });
    }

    fn errors(&mut self, traffic: &Traffic, errors: &[usize]) {
        for error in errors.iter().filter_map(|position| traffic.icmp.get(*position)) {
            self.frames.insert((usize::from(error.at.capture), u64::from(error.at.frame)));
        }
    }
}

fn windows(ladders: &[Ladder]) -> Vec<(Timestamp, Timestamp)> {
    let mut windows: Vec<(Timestamp, Timestamp)> = Vec::new();
    let mut all: Vec<(Timestamp, Timestamp)> = ladders
        .iter()
        .map(|ladder| (ladder.start.time.plus_secs(-BEFORE), ladder.end.plus_secs(AFTER)))
        .collect();
    all.sort();
    for (from, to) in all {
        match windows.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => windows.push((from, to)),
        }
    }
    windows
}

/// Tells whether a connection is one of an attempt by what it carried.
fn is_chief(flow: &TcpFlow, ladders: &[Ladder]) -> bool {
    let targets = || ladders.iter().filter_map(|ladder| ladder.target.as_deref());
    let asks = flow.app.http.iter().any(|exchange| {
        !matches!(exchange.purpose, Purpose::Other | Purpose::Connect)
            || targets().any(|name| name == exchange.host)
    });
    let named = flow.app.tls.as_ref().and_then(|tls| tls.sni.as_deref());
    asks || named.is_some_and(|named| targets().any(|name| name == named))
}

/// Takes the questions of the endpoints near their attempts, and those that gave the addresses they went to.
fn questions(traffic: &Traffic, ladders: &[Ladder], plan: &mut Plan) {
    let servers: BTreeSet<IpAddr> = traffic
        .flows
        .iter()
        .zip(&plan.flows)
        .filter(|(_, kept)| kept.share == Share::Most)
        .map(|(flow, _)| flow.server.ip())
        .collect();
    let names: BTreeSet<&str> = ladders
        .iter()
        .flat_map(|ladder| &ladder.rungs)
        .flat_map(|rung| &rung.peer.names)
        .map(String::as_str)
        .collect();
    let wanted = |question: &&DnsQuestion, plan: &Plan| {
        let first = question.tries.first().copied().or(question.answers.first().map(|answer| answer.at));
        let near = first.is_some_and(|first| plan.is_within(first.time));
        let asked =
            || plan.endpoints.contains(&question.client.ip()) || names.contains(question.name.as_str());
        near && asked()
            || question
                .answers
                .iter()
                .flat_map(|answer| &answer.addresses)
                .any(|address| servers.contains(address))
    };
    let chosen: Vec<&DnsQuestion> =
        traffic.questions.iter().filter(|question| wanted(question, plan)).take(QUESTIONS).collect();
    for question in chosen {
        let seen = question.tries.iter().copied().chain(question.answers.iter().map(|answer| answer.at));
        for seen in seen {
            plan.frames.insert((usize::from(seen.capture), u64::from(seen.frame)));
        }
        plan.pair(question.client.ip(), question.server.ip());
        plan.errors(traffic, &question.errors);
    }
}

/// Takes what shows whether anything else of the endpoints worked at the time.
fn witnesses(traffic: &Traffic, plan: &mut Plan) {
    let near = traffic.others.iter().filter(|other| {
        plan.endpoints.contains(&other.client)
            && plan.overlaps(other.first, other.last_in.max(other.last_out).unwrap_or(other.first))
    });
    plan.briefs = near
        .take(WITNESSES)
        .flat_map(|other| {
            let times = [Some(other.first), other.last_out, other.last_in];
            times.into_iter().flatten().map(|time| (other.client, other.server, time))
        })
        .collect();
    plan.signs = traffic
        .hosts
        .iter()
        .filter(|host| plan.endpoints.contains(&host.address))
        .flat_map(|host| host.last_in.into_iter().chain(host.last_out).map(|time| (host.address, time)))
        .collect();
}
