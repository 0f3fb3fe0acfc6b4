//! How far one connection came on the ladder.

mod socks;

use super::rung::{Fill, flow_filter, rung};
use super::transfer::{self, Transfer, describe, error_hint, is_own};
use super::view::{Part, View};
use super::{handshake, opening};
use crate::model::{AttemptOutcome, Exchange, Role, Rung, Stage, StageState, TcpFlow, Timestamp};
use socks::{through_socks, to_proxy_unseen};

/// Payload of the server beyond which more than a handshake must have been sent, in bytes.
const MORE_THAN_HANDSHAKE: u64 = 30_000;

/// The rungs of one connection above its opening.
#[derive(Debug)]
pub(super) struct Climb {
    /// Rungs in order.
    pub rungs: Vec<Rung>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Why that is not known.
    pub unclear: String,
}

/// What the other connections of the attempt contribute to the talk with a proxy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProxyTalk {
    /// 407 answers in all.
    pub challenges: usize,
}

/// Climbs one connection that was opened.
pub(super) fn climb(view: &View<'_>, flow: &TcpFlow, part: &Part, talk: ProxyTalk, end: Timestamp) -> Climb {
    match part {
        Part::Direct(host) => carried(view, flow, host, end),
        Part::Proxied(host) => through_proxy(view, flow, host, talk, end),
        Part::Socks(host) => through_socks(view, flow, host, end),
        _ => to_proxy_unseen(view, flow, end),
    }
}

/// Looks at what the connection, or its tunnel, carries.
fn carried(view: &View<'_>, flow: &TcpFlow, host: &str, end: Timestamp) -> Climb {
    if flow.up.packets == 0 || flow.down.packets == 0 {
        return unreadable(view, flow, host, end);
    }
    let Some(tls) = flow.app.tls.as_deref() else {
        let exchanges: Vec<&Exchange> =
            flow.app.http.iter().filter(|exchange| exchange.method != "CONNECT").collect();
        if exchanges.is_empty() {
            return unreadable(view, flow, host, end);
        }
        return from_transfer(Vec::new(), transfer::clear(view, flow, &exchanges, host, end));
    };
    let requests = match tls.version.as_deref() {
        // One record of the client is its Finished.
        Some("1.3") => tls.up.count.saturating_sub(1 + u64::from(tls.up.last_len == 19)),
        _ => tls.up.count,
    };
    let late = tls.client_hello.is_none() && flow.opening.syns == 0;
    let requested = requests > 0 && (tls.complete.is_some() || tls.version.as_deref() != Some("1.3"))
        || flow.down.bytes > MORE_THAN_HANDSHAKE
        || late && flow.down.bytes > 0;
    let mut shake = handshake::shake(view, flow, tls, host, requested, end);
    if late {
        for rung in &mut shake.rungs {
            rung.state = StageState::NotSeen;
            rung.say("the capture begins after the handshake");
        }
    }
    if !shake.ok {
        let outcome = if shake.unclear { AttemptOutcome::Unfinished } else { AttemptOutcome::Failed };
        let unclear = if shake.unclear {
            shake.rungs.last().map(|rung| rung.summary.clone()).unwrap_or_default()
        } else {
            String::new()
        };
        return Climb { rungs: shake.rungs, outcome, unclear };
    }
    from_transfer(shake.rungs, transfer::encrypted(view, flow, tls, host, end))
}

fn from_transfer(mut rungs: Vec<Rung>, transfer: Transfer) -> Climb {
    rungs.extend(transfer.rungs);
    Climb { rungs, outcome: transfer.outcome.unwrap_or(AttemptOutcome::Unknown), unclear: transfer.unclear }
}

/// A connection of which no protocol was recognised: closed before a word, cut by the snap length, or joined late.
fn unreadable(view: &View<'_>, flow: &TcpFlow, host: &str, end: Timestamp) -> Climb {
    let (up, down) = (&flow.up, &flow.down);
    let mut out = rung(Stage::Tls, StageState::CannotTell);
    out.peer("update_server", Some(host), Some(flow.server));
    out.filter = flow_filter(flow.client, flow.server);
    if up.packets == 0 || down.packets == 0 {
        let missing = if down.packets == 0 { "the server's" } else { "the endpoint's" };
        let data = down.lost.max(up.lost);
        let unclear =
            format!("{missing} packets are not in the capture; acknowledgements show that {data} bytes came");
        out.say(unclear.clone()).mark(Some(flow.first), "first packet of the connection");
        return Climb { rungs: vec![out], outcome: AttemptOutcome::Unknown, unclear };
    }
    if up.bytes == 0 && down.bytes == 0 {
        let ended = super::ending::ending(view, flow, None, super::ending::Known::default(), end);
        if ended.how == "reset" && flow.server.port() != 80 {
            out.state = StageState::Failed;
            out.with("tls.outcome", "reset").with("tls.server_hello", false);
            out.mark(ended.at, ended.what.clone()).say(format!("{} before any data", ended.what));
            return Climb { rungs: vec![out], outcome: AttemptOutcome::Failed, unclear: String::new() };
        }
    }
    let unclear = "what the connection carries is not readable in the capture".to_owned();
    out.say(unclear.clone()).mark(Some(flow.first), "first packet of the connection");
    Climb { rungs: vec![out], outcome: AttemptOutcome::Unknown, unclear }
}

fn through_proxy(view: &View<'_>, flow: &TcpFlow, host: &str, talk: ProxyTalk, end: Timestamp) -> Climb {
    let relevant: Vec<&Exchange> = flow
        .app
        .http
        .iter()
        .filter(|exchange| exchange.host == host || view.role(&exchange.host) == Role::UpdateServer)
        .collect();
    let Some(last) = relevant.last().copied() else { return to_proxy_unseen(view, flow, end) };
    let mut rungs = Vec::new();
    let challenged = talk.challenges > 0;
    let answer = last.answer.as_ref();
    if let Some(answer) = answer.filter(|answer| answer.status == 407) {
        let mut out = rung(Stage::ProxyAuth, StageState::Failed);
        describe(last, Some(answer), &mut out);
        out.with("proxy.challenges", talk.challenges.max(1))
            .with("proxy.schemes", answer.schemes.clone())
            .with("proxy.credentials", credentials(&relevant));
        out.mark(Some(answer.at), "HTTP 407").mark(last.asked, format!("{} {}", last.method, last.host));
        out.filter = format!(
            "http.response.code == 407 && {}.addr == {}",
            super::rung::family(flow.server.ip()),
            flow.server.ip()
        );
        let sent = if credentials(&relevant) == "none" { "without credentials" } else { "with credentials" };
        out.say(format!(
            "{} answers 407 to a request {sent} (it offers {})",
            flow.server,
            answer.schemes.join(", ")
        ));
        return Climb { rungs: vec![out], outcome: AttemptOutcome::Failed, unclear: String::new() };
    }
    if challenged {
        let mut out = rung(Stage::ProxyAuth, StageState::Ok);
        out.with("proxy.challenges", talk.challenges).with("proxy.credentials", credentials(&relevant));
        out.say("the proxy asks for credentials and accepts them")
            .mark(last.asked, "request with credentials");
        rungs.push(out);
    }
    let own_error = answer.is_some_and(|answer| {
        last.method == "CONNECT" && !(200..300).contains(&answer.status)
            || answer.status >= 400 && is_own(answer)
    });
    if own_error || answer.is_none() {
        rungs.push(refused_request(view, flow, last, host, end));
        let unclear =
            rungs.last().filter(|rung| rung.state == StageState::CannotTell).map(|rung| rung.summary.clone());
        let outcome = if unclear.is_some() { AttemptOutcome::Unfinished } else { AttemptOutcome::Failed };
        return Climb { rungs, outcome, unclear: unclear.unwrap_or_default() };
    }
    let mut granted = rung(Stage::ProxyRequest, StageState::Ok);
    granted.with("proxy.end", "granted");
    describe(last, answer, &mut granted);
    granted.mark(answer.map(|answer| answer.at), "the proxy grants the request");
    granted.say(format!("{} grants {} {host}", flow.server, last.method));
    rungs.push(granted);
    let above = if last.method == "CONNECT" {
        carried(view, flow, host, end)
    } else {
        from_transfer(Vec::new(), transfer::clear(view, flow, &relevant, host, end))
    };
    rungs.extend(above.rungs);
    Climb { rungs, ..above }
}

/// The proxy refused the request with a status, or did not answer it.
fn refused_request(view: &View<'_>, flow: &TcpFlow, last: &Exchange, host: &str, end: Timestamp) -> Rung {
    let mut out = rung(Stage::ProxyRequest, StageState::Failed);
    describe(last, last.answer.as_ref(), &mut out);
    out.filter = flow_filter(flow.client, flow.server);
    if let Some(answer) = &last.answer {
        out.with("proxy.end", "status");
        out.mark(
            Some(answer.at),
            format!(
                "HTTP {}{}",
                answer.status,
                answer
                    .squid_error
                    .as_deref()
                    .map(|error| format!(", X-Squid-Error: {error}"))
                    .unwrap_or_default()
            ),
        );
        out.mark(last.asked, format!("{} {host}", last.method));
        let hint = error_hint(answer);
        let why = if hint == "none" || hint == "other" { String::new() } else { format!(" ({hint})") };
        let error = answer.squid_error.as_deref().map(|error| format!(" {error}")).unwrap_or_default();
        out.say(format!("{} answers {}{error}{why} to {} {host}", flow.server, answer.status, last.method));
        return out;
    }
    let known = super::ending::Known { complete: None, pending: true, answered_before: false };
    let ending = super::ending::ending(view, flow, None, known, end);
    let how = match ending.how {
        "reset" => "reset",
        "closed" => "closed",
        "capture_end" => {
            out.state = StageState::CannotTell;
            "unanswered"
        }
        _ => "unanswered",
    };
    out.with("proxy.end", how);
    out.mark(ending.at.filter(|_| how != "unanswered"), ending.what.clone());
    out.mark(last.asked, format!("{} {host}", last.method)).mark(ending.at, ending.what.clone());
    out.say(match how {
        "unanswered" => format!("{} does not answer {} {host}", flow.server, last.method),
        _ => format!(
            "{} {} on {} {host}",
            flow.server,
            if how == "reset" { "resets" } else { "closes" },
            last.method
        ),
    });
    out
}

fn credentials(exchanges: &[&Exchange]) -> &'static str {
    let sent = exchanges.iter().rev().find_map(|exchange| exchange.credentials.as_deref());
    match sent {
        None => "none",
        Some("basic") => "basic",
        Some("digest") => "digest",
        Some("ntlm") => "ntlm",
        Some("negotiate") => "negotiate",
        Some(_) => "other",
    }
}
