//! Automatic proxy discovery (WPAD, PAC): only where it failed and the direct way is closed does it matter.

use super::group::Group;
use super::rung::{Fill, rung};
use super::view::{Part, View};
use crate::model::{DnsQuestion, Purpose, Role, Rung, Seen, Stage, StageState, TcpFlow};

/// Seconds between the end of discovery and the begin of the attempt that fell back to the direct way.
const SOON: f64 = 0.15;

/// Builds the failed rung of discovery, if the attempt came right after it and found the direct way closed.
pub(super) fn failed(view: &View<'_>, group: &Group<'_>, rungs: &[Rung]) -> Option<Rung> {
    let closed = rungs.iter().any(|rung| {
        let outcome = rung.fields.text("tcp.outcome").unwrap_or_default();
        rung.stage == Stage::Connect
            && rung.state == StageState::Failed
            && matches!(
                outcome,
                "unanswered"
                    | "prohibited"
                    | "refused"
                    | "host_unreachable"
                    | "net_unreachable"
                    | "port_unreachable"
            )
    });
    if !closed {
        return None;
    }
    let start = group.start.time;
    let soon = |seen: Seen| (0.0..=SOON).contains(&start.since(seen.time));
    let flows = || {
        view.traffic.flows.iter().filter(|flow| {
            view.who(flow.client.ip()) == group.endpoint
                && view.part(flow) == Part::Discovery
                && flow.first < group.start
        })
    };
    let mut out = rung(Stage::Discovery, StageState::Failed);
    // What the endpoint itself did last counts: the server may close later.
    let left = |flow: &TcpFlow| {
        flow.up.fin.or(flow.up.reset.map(|reset| reset.at)).or(flow.opening.refused).unwrap_or(flow.last)
    };
    let gave_up = |flow: &TcpFlow| {
        let silent = flow.down.last_data.is_none();
        silent && (0.0..=25.0).contains(&start.since(flow.first.time)) && left(flow).time.since(start) < 1.0
    };
    if let Some(flow) = flows().rfind(|flow| soon(left(flow)) || gave_up(flow)) {
        return by_flow(view, flow, &mut out).then_some(out);
    }
    let questions: Vec<&DnsQuestion> = view
        .questions(group.endpoint, Role::Discovery)
        .filter(|question| {
            let answer = question.answers.last().map(|answer| answer.at);
            let last = answer.or(question.tries.last().copied());
            // A question that was never answered is waited for; the attempt comes when patience ends.
            let waited = answer.is_none()
                && question.tries.last().is_some_and(|last| (0.0..=6.0).contains(&start.since(last.time)));
            last.is_some_and(soon) || waited
        })
        .collect();
    let found = super::lookup::lookup(view, Stage::Discovery, &questions, false, start)?;
    if found.outcome == "answered" {
        return None;
    }
    let mut out = found.rung;
    out.state = StageState::Failed;
    let name = found.name.clone();
    out.peer("resolver", Some(&name), None);
    Some(out)
}

fn by_flow(view: &View<'_>, flow: &TcpFlow, out: &mut Rung) -> bool {
    let name = view.name_with_role(flow.server.ip(), Role::Discovery).map(str::to_owned);
    let exchange = flow.app.http.iter().find(|exchange| exchange.purpose == Purpose::Discovery);
    let name = exchange.map(|exchange| exchange.host.clone()).or(name);
    out.peer("discovery", name.as_deref(), Some(flow.server));
    out.with_opt("http.host", name.clone());
    out.filter = super::rung::flow_filter(flow.client, flow.server);
    let host = name.unwrap_or_else(|| flow.server.to_string());
    let opening = super::opening::outcome(view, flow, flow.last.time.plus_secs(60.0));
    out.with("tcp.outcome", opening);
    match exchange.and_then(|exchange| exchange.answer.as_ref()) {
        Some(answer) if answer.status == 200 => return false,
        Some(answer) => {
            out.with("http.status", answer.status);
            out.mark(Some(answer.at), format!("HTTP {} for the proxy configuration", answer.status));
            out.say(format!("{host} answers {} for the proxy configuration", answer.status));
        }
        None if opening == "established" => {
            out.mark(
                exchange.and_then(|exchange| exchange.asked).or(Some(flow.first)),
                "request for the proxy configuration",
            );
            out.say(format!("{host} does not answer the request for the proxy configuration"));
        }
        None => {
            out.mark(flow.opening.refused.or(flow.opening.last), super::opening::words(view, flow));
            out.say(format!("{host}: {}", super::opening::words(view, flow)));
        }
    }
    true
}
