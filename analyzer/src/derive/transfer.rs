//! What came after the connection stood: the answer to the request for definitions, and the body.

mod proxy_answer;

use super::ending::{self, Ending, Known, rate_before};
use super::rung::{Fill, flow_filter, rung};
use super::view::View;
use crate::model::{
    Answer, AttemptOutcome, Exchange, Role, Rung, Seen, Stage, StageState, TcpFlow, Timestamp, Tls,
};
pub(super) use proxy_answer::{error_hint, is_own};

/// Encrypted answers smaller than this in bytes may be anything: an error page, an empty list, nothing new.
const TELLING: u64 = 64 * 1024;

/// How the transfer on a connection went.
#[derive(Debug, Default)]
pub(super) struct Transfer {
    /// The rungs `http` and `download`, as far as they were reached.
    pub rungs: Vec<Rung>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// Why that is not known.
    pub unclear: String,
}

/// Looks at a transfer whose answers are encrypted.
pub(super) fn encrypted(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: &Tls,
    target: &str,
    end: Timestamp,
) -> Transfer {
    let down = &flow.down;
    let asked = last_request(flow, tls);
    let pending = asked.is_some_and(|asked| down.last_data.is_none_or(|data| data < asked));
    let answered_before = tls.up.count >= 2 && down.bytes > 0;
    let known = Known { complete: None, pending, answered_before };
    let ending = ending::ending(view, flow, Some(tls), known, end);
    let received = tls.down.bytes.max(down.bytes.saturating_sub(6_000)).min(down.bytes);
    let mut transfer = finish(flow, target, ending, (received, None), pending, false);
    if let (Some(http), Some(first)) =
        (transfer.rungs.first_mut().filter(|rung| rung.stage == Stage::Http), tls.down.first)
    {
        http.marks.retain(|mark| Some(mark.seen) != flow.down.first_data);
        http.mark(Some(first), "first encrypted data of the server");
    }
    transfer
}

/// Looks at a transfer in clear.
pub(super) fn clear(
    view: &View<'_>,
    flow: &TcpFlow,
    exchanges: &[&Exchange],
    target: &str,
    end: Timestamp,
) -> Transfer {
    let Some(last) = exchanges.last() else {
        return Transfer {
            unclear: "no request is seen".into(),
            outcome: Some(AttemptOutcome::Unknown),
            ..Transfer::default()
        };
    };
    let Some(answer) = &last.answer else {
        let known = Known { complete: None, pending: true, answered_before: exchanges.len() > 1 };
        let ending = ending::ending(view, flow, None, known, end);
        let mut transfer = finish(flow, target, ending, (flow.down.bytes, None), true, true);
        for rung in &mut transfer.rungs {
            rung.mark(last.asked, format!("{} {}", last.method, last.path));
            describe(last, None, rung);
        }
        return transfer;
    };
    if let Some(rung) = refused(view, last, answer, target, flow) {
        return Transfer { rungs: vec![rung], outcome: Some(AttemptOutcome::Failed), unclear: String::new() };
    }
    let known = Known { complete: answer.complete, pending: false, answered_before: exchanges.len() > 1 };
    let ending = ending::ending(view, flow, None, known, end);
    let mut transfer = finish(flow, target, ending, (answer.received, answer.length), false, true);
    for rung in &mut transfer.rungs {
        describe(last, Some(answer), rung);
        let resumed = last.range.is_some();
        if resumed {
            rung.with("download.resumed", true).with("download.range_status", answer.status);
            let restarted = answer.status == 200;
            rung.with("download.range_restarted", restarted);
            if restarted && rung.stage == Stage::Download && rung.state == StageState::Failed {
                rung.mark(last.asked, "Range request").mark(Some(answer.at), "answered 200 from the start");
                rung.say("the Range request is answered with 200 from the start");
            }
        }
    }
    if let Some(rung) = other_part(flow, last, answer, target)
        && transfer.outcome == Some(AttemptOutcome::Ok)
    {
        transfer.rungs.push(rung);
        transfer.outcome = Some(AttemptOutcome::Failed);
    }
    transfer
}

/// Builds the rung of a download that was resumed with another part than the one asked for: what is put together of both
/// is no longer the file.
fn other_part(flow: &TcpFlow, exchange: &Exchange, answer: &Answer, target: &str) -> Option<Rung> {
    let (asked, sent) = exchange.range.zip(answer.range)?;
    if answer.status != 206 || asked == sent {
        return None;
    }
    let mut out = rung(Stage::Verify, StageState::Failed);
    describe(exchange, Some(answer), &mut out);
    out.with("download.resumed", true).with("download.range_status", answer.status);
    out.mark(Some(answer.at), format!("Content-Range begins at byte {sent}"));
    out.mark(exchange.asked, format!("Range asks for byte {asked} on"));
    out.peer("update_server", Some(target), Some(flow.server));
    out.filter = flow_filter(flow.client, flow.server);
    out.say(format!("byte {asked} on was asked for, and byte {sent} on was sent"));
    Some(out)
}

/// Builds the rung of an answer that is no definitions: an error, a redirect, a page for people.
fn refused(
    view: &View<'_>,
    exchange: &Exchange,
    answer: &Answer,
    target: &str,
    flow: &TcpFlow,
) -> Option<Rung> {
    let html = answer.content_type.as_deref().is_some_and(|kind| kind.contains("html"));
    let redirect = (300..400).contains(&answer.status) && answer.status != 304;
    let elsewhere = answer.location.as_deref().and_then(super::view::host_of_url).is_none_or(|host| {
        !matches!(view.role(&host), Role::UpdateServer | Role::Cloud) && host != exchange.host
    });
    let page = answer.status == 200 && html && exchange.purpose == crate::model::Purpose::Definitions;
    if answer.status < 400 && !page && !(redirect && elsewhere) {
        return None;
    }
    let mut out = rung(Stage::Http, StageState::Failed);
    describe(exchange, Some(answer), &mut out);
    let captive = redirect && elsewhere || answer.status == 511;
    out.with("http.captive", captive);
    if exchange.range.is_some() {
        out.with("download.resumed", true).with("download.range_status", answer.status);
        out.mark(exchange.asked, format!("{} {} with Range", exchange.method, exchange.path));
    }
    out.mark(Some(answer.at), format!("HTTP {} for {}", answer.status, exchange.path));
    out.mark(exchange.asked, format!("{} {}", exchange.method, exchange.path));
    let role = if is_own(answer) && exchange.to_proxy { "proxy" } else { "update_server" };
    out.peer(role, Some(target), Some(flow.server));
    out.filter = flow_filter(flow.client, flow.server);
    let who = answer.server.as_deref().map(|server| format!(" (Server: {server})")).unwrap_or_default();
    out.say(match (&answer.location, page) {
        (Some(location), _) if redirect => {
            format!("HTTP {} to {location} instead of definitions", answer.status)
        }
        (_, true) => format!("an HTML page instead of {}{who}", exchange.path),
        _ => format!("HTTP {} for {}{who}", answer.status, exchange.path),
    });
    Some(out)
}

/// Sets what an exchange says on a rung.
pub(super) fn describe(exchange: &Exchange, answer: Option<&Answer>, out: &mut Rung) {
    out.with("http.host", exchange.host.clone()).with("http.path", exchange.path.clone());
    let Some(answer) = answer else { return };
    out.with("http.status", answer.status)
        .with("http.from_proxy", exchange.to_proxy && is_own(answer))
        .with("http.html", answer.content_type.as_deref().is_some_and(|kind| kind.contains("html")))
        .with("http.error_hint", if exchange.to_proxy { error_hint(answer) } else { "none" })
        .with_opt("http.squid_error", answer.squid_error.clone())
        .with_opt("http.content_type", answer.content_type.clone())
        .with_opt("http.location", answer.location.clone());
    if let Some(asked) = exchange.asked {
        out.with("http.elapsed_ms", answer.at.time.since(asked.time) * 1e3);
    }
}

fn last_request(flow: &TcpFlow, tls: &Tls) -> Option<Seen> {
    // The last record of a TLS 1.3 client may be its alert: then what it asked last stands before.
    let is_alert = tls.up.last_len == 19;
    if is_alert { None } else { tls.up.last.or(flow.up.last_data) }
}

fn finish(
    flow: &TcpFlow,
    target: &str,
    ending: Ending,
    (received, expected): (u64, Option<u64>),
    pending: bool,
    in_clear: bool,
) -> Transfer {
    let stopped = flow.down.last_data.map_or(flow.last.time, |seen| seen.time);
    let no_answer =
        pending && matches!(ending.how, "silence" | "closed" | "reset" | "client_closed" | "client_reset");
    let answered_nothing = pending && ending.silence == Some("acknowledged_only");
    let stage = if answered_nothing || no_answer && !ending.after_idle && received < 1_000 {
        Stage::Http
    } else {
        Stage::Download
    };
    let mut http = rung(Stage::Http, StageState::Ok);
    http.say("the server answers").mark(flow.down.first_data, "first data of the server");
    http.peer("update_server", Some(target), Some(flow.server));
    let mut out = rung(stage, StageState::Failed);
    let how = if answered_nothing { "no_answer" } else { ending.how };
    out.with("download.end", how)
        .with("download.received", received)
        .with("download.flowing", ending.flowing)
        .with("download.after_idle", ending.after_idle)
        .with("download.others_dead", ending.others_dead)
        .with("download.rate_bps", rate_before(&flow.down, stopped, 8))
        .with("download.loss", is_lossy(flow))
        .with_opt("download.silence", ending.silence)
        .with_opt("download.reset_by", ending.reset_by)
        .with_opt("download.expected", expected)
        .with("tcp.server", flow.server.ip())
        .with("tcp.port", flow.server.port());
    if let (Some(reset), Some(ttl)) = (flow.down.reset, flow.down.ttl) {
        out.with("tcp.rst_ttl_differs", ttl != reset.ttl);
    }
    let endpoint_side = matches!(ending.silence, Some("unacknowledged_data" | "zero_window" | "link_dead"))
        || matches!(how, "client_reset" | "zero_window")
        || how == "client_closed";
    if endpoint_side {
        out.peer("endpoint", None, Some(flow.client));
        out.peer("endpoint", None, Some(flow.server));
    } else {
        out.peer("update_server", Some(target), Some(flow.server));
    }
    for address in &ending.also {
        if !out.peer.addresses.contains(address) {
            out.peer.addresses.push(*address);
        }
    }
    out.mark(ending.at, ending.what.clone());
    out.mark(flow.down.last_data, "last data of the server");
    out.mark(flow.up.fin, "FIN of the endpoint");
    out.filter = flow_filter(flow.client, flow.server);
    let of = expected.map(|expected| format!(" of {expected}")).unwrap_or_default();
    out.say(match how {
        "complete" => format!("{received}{of} bytes, complete"),
        _ => format!("after {received}{of} bytes: {}", ending.what),
    });
    match how {
        "complete" => {
            let telling = in_clear || received >= TELLING;
            out.state = if telling { StageState::Ok } else { StageState::CannotTell };
            let unclear = format!(
                "the server answered {received} bytes, encrypted: whether these are definitions is not visible"
            );
            Transfer {
                rungs: vec![http, out],
                outcome: Some(if telling { AttemptOutcome::Ok } else { AttemptOutcome::Unknown }),
                unclear: if telling { String::new() } else { unclear },
            }
        }
        "capture_end" => {
            out.state = StageState::CannotTell;
            Transfer {
                rungs: vec![http, out],
                outcome: Some(AttemptOutcome::Unfinished),
                unclear: ending.what,
            }
        }
        _ if stage == Stage::Http => {
            Transfer { rungs: vec![out], outcome: Some(AttemptOutcome::Failed), unclear: String::new() }
        }
        _ => {
            Transfer { rungs: vec![http, out], outcome: Some(AttemptOutcome::Failed), unclear: String::new() }
        }
    }
}

/// Tells whether packets were lost throughout.
fn is_lossy(flow: &TcpFlow) -> bool {
    let down = &flow.down;
    let signs = down.reordered.saturating_add(down.retransmissions);
    down.segments > 20 && signs.saturating_mul(50) > down.segments
}
