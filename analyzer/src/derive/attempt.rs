//! Update attempts: the ladder of each, from its questions and connections.

mod direct;

use std::net::IpAddr;

use super::climb::{Climb, ProxyTalk, climb};
use super::group::{self, Group};
use super::lookup::{Lookup, lookup};
use super::rung::{Fill, rung};
use super::view::{Part, View};
use super::{discovery, opening};
use crate::model::{AttemptOutcome, Ladder, Path, Role, Rung, Stage, StageState, TcpFlow, Timestamp};
use direct::direct;

/// Builds all attempts, in order of time.
pub(super) fn ladders(view: &View<'_>) -> Vec<Ladder> {
    let mut ladders: Vec<Ladder> =
        group::attempts(view).iter().filter_map(|group| ladder(view, group)).collect();
    ladders.extend(super::resolver::refused_over_tcp(view, &ladders));
    ladders.sort_by_key(|ladder| (ladder.start, ladder.endpoint));
    for (position, ladder) in ladders.iter_mut().enumerate() {
        ladder.id = u32::try_from(position + 1).unwrap_or(u32::MAX);
    }
    let good: Vec<(IpAddr, Timestamp)> = ladders
        .iter()
        .filter(|ladder| ladder.outcome == AttemptOutcome::Ok)
        .map(|ladder| (ladder.endpoint, ladder.start.time))
        .collect();
    for ladder in &mut ladders {
        ladder.later_success =
            good.iter().any(|(endpoint, start)| *endpoint == ladder.endpoint && *start > ladder.start.time);
        complete(ladder);
    }
    ladders
}

/// Gives the end of the capture in which an attempt lies.
fn capture_end(view: &View<'_>, group: &Group<'_>) -> Timestamp {
    let spans = view.traffic.captures.iter().filter_map(|capture| capture.span);
    let last = spans.clone().map(|span| span.1).max();
    let own = spans
        .filter(|span| span.0 <= group.start.time && group.start.time <= span.1)
        .map(|span| span.1)
        .max();
    own.max(last).unwrap_or(group.end)
}

fn ladder(view: &View<'_>, group: &Group<'_>) -> Option<Ladder> {
    let end = capture_end(view, group);
    let path = path(group);
    let mut rungs: Vec<Rung> = Vec::new();
    let target = target(view, group);
    let mut built = match path {
        Path::Direct => direct(view, group, target.as_deref(), end, &mut rungs),
        Path::Proxy | Path::Socks => proxied(view, group, end, &mut rungs),
    };
    let bytes = group.flows.iter().map(|(flow, _)| flow.down.bytes.saturating_add(flow.down.lost)).sum();
    if built.outcome == AttemptOutcome::Failed
        && path == Path::Direct
        && let Some(failed) = discovery::failed(view, group, &rungs)
    {
        rungs.retain(|rung| rung.stage != Stage::Discovery);
        for rung in &mut rungs {
            if rung.state == StageState::Failed {
                rung.state = StageState::CannotTell;
                built.unclear = String::new();
            }
        }
        rungs.insert(0, failed);
    }
    // What lies above the rung that did not hold was not reached by this way.
    rungs.sort_by_key(|rung| rung.stage);
    Some(Ladder {
        id: 0,
        endpoint: group.endpoint,
        start: group.start,
        end: last_sign(group),
        target,
        path,
        rungs,
        bytes,
        outcome: built.outcome,
        unclear: built.unclear,
        later_success: false,
    })
}

struct Built {
    outcome: AttemptOutcome,
    unclear: String,
}

fn path(group: &Group<'_>) -> Path {
    match group.flows.last() {
        Some((_, Part::Direct(_))) => Path::Direct,
        Some((_, Part::Socks(_))) => Path::Socks,
        Some((flow, _)) if flow.app.socks.is_some() => Path::Socks,
        Some(_) => Path::Proxy,
        None if group.lookups.is_empty() => Path::Proxy,
        None => Path::Direct,
    }
}

fn target(view: &View<'_>, group: &Group<'_>) -> Option<String> {
    let named = group.flows.iter().rev().find_map(|(_, part)| match part {
        Part::Direct(host) | Part::Proxied(host) | Part::Socks(host) => Some(host.clone()),
        _ => None,
    });
    named.or_else(|| {
        let name = &group.lookups.first()?.name;
        Some(view.endpoints.without_suffix(name).unwrap_or(name).to_owned())
    })
}

fn last_sign(group: &Group<'_>) -> Timestamp {
    let flows = group.flows.iter().map(|(flow, _)| flow.last.time);
    let questions = group.lookups.iter().chain(&group.proxy_lookups).flat_map(|question| {
        question.tries.last().copied().into_iter().chain(question.answers.last().map(|answer| answer.at))
    });
    flows.chain(questions.map(|seen| seen.time)).max().unwrap_or(group.start.time)
}

/// Climbs every opened connection; the last one decides.
fn above(
    view: &View<'_>,
    flows: &[(&TcpFlow, &Part)],
    end: Timestamp,
    rungs: &mut Vec<Rung>,
) -> Option<Built> {
    let opened = || {
        flows.iter().filter(|(flow, _)| {
            flow.opening.accepted.is_some() || flow.opening.syns == 0 && flow.opening.refused.is_none()
        })
    };
    let challenges = flows
        .iter()
        .flat_map(|(flow, _)| &flow.app.http)
        .filter(|exchange| exchange.answer.as_ref().is_some_and(|answer| answer.status == 407))
        .count();
    let talk = ProxyTalk { challenges };
    let mut climbs: Vec<Climb> = opened().map(|(flow, part)| climb(view, flow, part, talk, end)).collect();
    let mut last = climbs.pop()?;
    refused_resume(&climbs, &mut last);
    // A later connection that could not be opened decides only where the earlier one did its work.
    let last_opened =
        flows.last().is_some_and(|(flow, _)| flow.opening.accepted.is_some() || flow.opening.syns == 0);
    if !last_opened && last.outcome == AttemptOutcome::Ok {
        return None;
    }
    for earlier in climbs {
        for mut rung in earlier.rungs {
            if rung.state == StageState::Failed
                && !last
                    .rungs
                    .iter()
                    .any(|other| other.stage == rung.stage && other.state == StageState::Failed)
            {
                rung.state = StageState::Recovered;
                rungs.push(rung);
            }
        }
    }
    rungs.extend(last.rungs);
    Some(Built { outcome: last.outcome, unclear: last.unclear })
}

/// A download that broke off and was taken up again on a new connection, where only a few encrypted bytes came back: the
/// answer to the request to go on was no data.
fn refused_resume(earlier: &[Climb], last: &mut Climb) {
    let broke_off = earlier.last().is_some_and(|climb| {
        climb.rungs.iter().any(|rung| rung.stage == Stage::Download && rung.state == StageState::Failed)
    });
    let Some(rung) = last.rungs.last_mut().filter(|rung| rung.stage == Stage::Download) else { return };
    if broke_off && last.outcome == AttemptOutcome::Unknown && rung.state == StageState::CannotTell {
        rung.state = StageState::Failed;
        rung.with("download.resumed", true).with("download.end", "status");
        let summary =
            format!("taken up again after the break, and only a short answer came: {}", rung.summary);
        rung.say(summary);
        last.outcome = AttemptOutcome::Failed;
        last.unclear = String::new();
    }
}

fn proxied(view: &View<'_>, group: &Group<'_>, end: Timestamp, rungs: &mut Vec<Rung>) -> Built {
    let flows: Vec<(&TcpFlow, &Part)> = group
        .flows
        .iter()
        .filter(|(_, part)| !matches!(part, Part::Direct(_)))
        .map(|(flow, part)| (*flow, part))
        .collect();
    let opened: Vec<&TcpFlow> = flows.iter().map(|(flow, _)| *flow).collect();
    let found = lookup(view, Stage::ProxyConnect, &group.proxy_lookups, !flows.is_empty(), end);
    let name = found.as_ref().map(|found| found.name.clone());
    let mut built = above(view, &flows, end, rungs);
    match opening::rung_of(view, Stage::ProxyConnect, &opened, end) {
        Some(mut connect) => {
            if let Some(found) = &found {
                for (field, value) in found.rung.fields.iter().filter(|(field, _)| field.starts_with("dns."))
                {
                    connect.fields.set(field.to_owned(), value.clone());
                }
            }
            if connect.state == StageState::Failed && built.is_none() {
                built = Some(Built { outcome: AttemptOutcome::Failed, unclear: String::new() });
            }
            rungs.push(connect);
        }
        None => {
            if let Some(found) = found {
                let mut rung = found.rung;
                rung.state = match found.outcome {
                    "answered" | "unknown" => StageState::CannotTell,
                    _ => StageState::Failed,
                };
                let failed = rung.state == StageState::Failed;
                let outcome = if failed { AttemptOutcome::Failed } else { AttemptOutcome::Unknown };
                let unclear = if failed {
                    String::new()
                } else {
                    "no connection to the proxy follows in the capture".to_owned()
                };
                rungs.push(rung);
                built = Some(Built { outcome, unclear });
            }
        }
    }
    for rung in rungs.iter_mut() {
        let at = opened.last().map(|flow| flow.server);
        rung.with_opt("proxy.name", name.clone()).with_opt("proxy.server", at.map(|at| at.ip()));
        if rung.stage <= Stage::ProxyRequest && rung.peer.role != "resolver" || rung.peer.role.is_empty() {
            rung.peer("proxy", name.as_deref(), at);
        }
        if rung.peer.role == "update_server"
            && matches!(rung.stage, Stage::Tls | Stage::Http | Stage::Download)
        {
            rung.peer("proxy", name.as_deref(), at);
        }
    }
    built.unwrap_or(Built {
        outcome: AttemptOutcome::Unknown,
        unclear: "what was asked of the proxy is not seen".into(),
    })
}

/// Sets what every rung of the ladder shares.
fn complete(ladder: &mut Ladder) {
    let path = ladder.path.name();
    for rung in &mut ladder.rungs {
        let state = match rung.state {
            StageState::Ok => "ok",
            StageState::Failed => "failed",
            StageState::Recovered => "recovered",
            _ => "cannot_tell",
        };
        rung.fields
            .set("rung.state", state)
            .set("rung.path", path)
            .set("rung.target_known", ladder.target.is_some());
    }
    ladder.rungs.retain(|rung| !rung.summary.is_empty());
}
