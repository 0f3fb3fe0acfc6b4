//! How the transfer on a connection ended: who ended it, and what the silence before says.

mod silence;

use super::view::View;
use crate::model::{Half, Seen, Side, TcpFlow, Timestamp, Tls};
use silence::silence;

/// Seconds without data before one speaks of silence.
const SILENCE: f64 = 3.0;
/// Seconds within which a living host answers a FIN.
const PROMPT: f64 = 3.0;
/// Seconds of idleness after which a firewall may have forgotten a connection.
const IDLE: f64 = 3.0;
/// Bytes per second, and seconds for which data must have flowed, below which a transfer is slow and not merely short.
const SLOW: f64 = 100_000.0;
const LONG: f64 = 5.0;
/// Payload of an alert that closes in good order, in bytes at most.
const ALERT: u64 = 64;

/// How a transfer ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ending {
    /// In the words of `download.end`.
    pub how: &'static str,
    /// In the words of `download.silence`, where data stopped.
    pub silence: Option<&'static str>,
    /// In the words of `download.reset_by`.
    pub reset_by: Option<&'static str>,
    /// The frame that decides.
    pub at: Option<Seen>,
    /// What it shows.
    pub what: String,
    /// Data was flowing until the end.
    pub flowing: bool,
    /// The request was the first after an idle time.
    pub after_idle: bool,
    /// Other connections of the endpoint fell silent too.
    pub others_dead: bool,
    /// Who else may be at fault: the router that speaks, or the one that keeps the state.
    pub also: Vec<std::net::IpAddr>,
}

/// What the caller knows of the transfer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// Whether it is seen to be complete (HTTP in clear).
    pub complete: Option<bool>,
    /// A request waits for its answer.
    pub pending: bool,
    /// An earlier answer came on the same connection.
    pub answered_before: bool,
}

/// Finds how the transfer on a connection ended.
pub(super) fn ending(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: Option<&Tls>,
    known: Known,
    end: Timestamp,
) -> Ending {
    let (up, down) = (&flow.up, &flow.down);
    let after_idle = known.pending && up.idle_before >= IDLE;
    let foreign = down.reset.is_some_and(|reset| down.ttl.is_some_and(|ttl| ttl != reset.ttl));
    let also = if after_idle || foreign { view.gateway(flow.client.ip()) } else { Vec::new() };
    let base = Ending { after_idle, also, ..Ending::default() };
    if known.complete == Some(true) && !known.pending {
        return Ending { how: "complete", at: down.last_data, what: "all of it arrived".into(), ..base };
    }
    if let Some(zero) = up.zero_window.filter(|zero| lasting_zero(zero, flow, end)) {
        let what = format!("the endpoint announces a window of 0 ({} times)", zero.count);
        return Ending {
            how: "zero_window",
            silence: Some("zero_window"),
            at: Some(zero.first),
            what,
            ..base
        };
    }
    if let Some(error) = icmp(view, flow) {
        let what = format!("ICMP {} from {}", error.meaning().replace('_', " "), error.from);
        return Ending { how: "icmp", at: Some(error.at), what, also: vec![error.from], ..base };
    }
    let client_end = [up.fin, up.reset.map(|reset| reset.at), said_goodbye(tls, Side::Client, up.fin)]
        .into_iter()
        .flatten()
        .min();
    let server_end = [down.fin, said_goodbye(tls, Side::Server, down.fin)].into_iter().flatten().min();
    if let Some(reset) = down.reset.filter(|reset| client_end.is_none_or(|end| reset.at < end)) {
        let foreign = down.ttl.is_some_and(|ttl| ttl != reset.ttl);
        let by = if foreign { "middlebox" } else { "server" };
        let ttl = down
            .ttl
            .map(|ttl| format!(" (TTL {}, the server's packets {ttl})", reset.ttl))
            .unwrap_or_default();
        let what = format!("RST from {}{ttl}", flow.server);
        return Ending { how: "reset", reset_by: Some(by), at: Some(reset.at), what, ..base };
    }
    match (client_end, server_end) {
        (Some(ended), fin) if fin.is_none_or(|fin| ended < fin) => {
            client_ended(view, flow, tls, known, ended, base)
        }
        (_, Some(fin)) => server_closed(flow, tls, known, fin, base),
        _ => still_open(view, flow, known, end, base),
    }
}

/// Gives the alert by which a side ends TLS, where its FIN follows: it ends the transfer as well as the FIN does.
fn said_goodbye(tls: Option<&Tls>, side: Side, fin: Option<Seen>) -> Option<Seen> {
    let fin = fin?;
    let alert = tls?.alerts.iter().rev().find(|alert| alert.from == side && alert.at <= fin)?;
    (fin.time.since(alert.at.time) < SILENCE).then_some(alert.at)
}

/// The endpoint closed or reset first: because it has all, because it gave up, or for its own reasons.
fn client_ended(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: Option<&Tls>,
    known: Known,
    ended: Seen,
    base: Ending,
) -> Ending {
    let (up, down) = (&flow.up, &flow.down);
    let last_data = down.last_arrival.unwrap_or(flow.first);
    let waited = ended.time.since(last_data.time.max(pending_since(flow, known)));
    let alert = tls.and_then(|tls| {
        tls.alerts.iter().find(|alert| alert.from == Side::Client && alert.at >= last_data.min(ended))
    });
    let cut = known.complete == Some(false)
        || down.after_close > ALERT
        || tls.is_some_and(|tls| tls.unfinished.is_some() && !tls.lost);
    let dead = down.answered_close.is_none_or(|answer| answer.time.since(ended.time) > PROMPT);
    let unserved = down.beyond_hole > 0 || down.unacknowledged > 0 && down.retries > 0 || down.ahead > 1;
    let gave_up = waited >= SILENCE
        && (known.pending || cut || alert.is_none() || dead && up.reset.is_none() || unserved);
    let trickled = rate_before(down, last_data.time, 6) < SLOW / 2.0
        && !known.pending
        && down.first_data.is_some_and(|first| last_data.time.since(first.time) >= LONG - 1.0);
    if gave_up && trickled && waited < 2.0 * SILENCE && !dead && down.unacknowledged == 0 {
        let what = format!(
            "the endpoint gives up while data trickles at {:.0} kB/s",
            rate_before(down, last_data.time, 6) / 1e3
        );
        return Ending { how: "client_closed", at: Some(ended), what, ..base };
    }
    if gave_up {
        return silence(view, flow, ended, base);
    }
    let how = if up.reset.is_some_and(|reset| up.fin.is_none_or(|fin| reset.at <= fin)) {
        "client_reset"
    } else {
        "client_closed"
    };
    let word = if how == "client_reset" { "RST" } else { "FIN" };
    let long = down.first_data.is_some_and(|first| ended.time.since(first.time) >= LONG);
    let rate = rate_before(down, ended.time, 6);
    if long && rate < SLOW && (cut || how == "client_reset") {
        let what = format!("the endpoint sends {word} while data trickles at {:.0} kB/s", rate / 1e3);
        return Ending { how, at: Some(ended), what, ..base };
    }
    if cut || how == "client_reset" && tls.is_none() {
        let bad_record = alert.filter(|_| tls.is_some() && how == "client_closed" || up.fin.is_some());
        if let Some(alert) = bad_record {
            let what = "the endpoint sends a TLS alert and closes while data flows".to_owned();
            return Ending { how: "bad_record", at: Some(alert.at), what, flowing: true, ..base };
        }
        let what = format!("the endpoint sends {word} while data flows");
        return Ending { how, at: Some(ended), what, flowing: true, ..base };
    }
    Ending {
        how: "complete",
        at: Some(ended),
        what: format!("the endpoint closes ({word}) after the answer"),
        ..base
    }
}

fn server_closed(flow: &TcpFlow, tls: Option<&Tls>, known: Known, fin: Seen, base: Ending) -> Ending {
    let down = &flow.down;
    let idle = fin.time.since(down.last_data.unwrap_or(flow.first).time);
    let what = format!("FIN from {}", flow.server);
    let closed = Ending { how: "closed", at: Some(fin), what: what.clone(), ..base.clone() };
    if known.pending || known.complete == Some(false) || down.beyond_hole > 0 {
        return closed;
    }
    let Some(tls) = tls else {
        return Ending { how: "complete", at: Some(fin), what, ..base };
    };
    let said_so = tls.alerts.iter().any(|alert| alert.from == Side::Server);
    if tls.unfinished.is_some() && !tls.lost {
        return Ending { what: format!("{what} in the middle of a TLS record"), ..closed };
    }
    if idle >= SILENCE {
        // A server may close a connection that nobody uses any more.
        return Ending {
            how: "complete",
            at: Some(fin),
            what: format!("{what} after {idle:.0} s without a request"),
            ..base
        };
    }
    if !said_so && !tls.lost && !tls.cut {
        return Ending { what: format!("{what} without close_notify"), ..closed };
    }
    if known.answered_before {
        return Ending {
            what: format!("{what} right behind data, on a connection kept alive before"),
            ..closed
        };
    }
    Ending { how: "complete", at: Some(fin), what, ..base }
}

fn still_open(view: &View<'_>, flow: &TcpFlow, known: Known, end: Timestamp, base: Ending) -> Ending {
    let down = &flow.down;
    let last_data = down.last_data.unwrap_or(flow.first);
    let waited = end.since(last_data.time.max(pending_since(flow, known)));
    let trouble = known.pending || known.complete == Some(false) || down.retries > 1 || flow.up.retries > 1;
    if waited >= 2.0 * SILENCE && trouble && (flow.up.retries > 1 || down.retries > 1 || down.beyond_hole > 0)
    {
        let at = flow.up.retried.or(down.retried).unwrap_or(last_data);
        return silence(view, flow, at, base);
    }
    let what = format!("the capture ends {waited:.1} s after the last data");
    Ending { how: "capture_end", at: Some(last_data), what, flowing: waited < SILENCE, ..base }
}

fn pending_since(flow: &TcpFlow, known: Known) -> Timestamp {
    if known.pending {
        flow.up.last_data.map_or(Timestamp(i64::MIN), |seen| seen.time)
    } else {
        Timestamp(i64::MIN)
    }
}

fn lasting_zero(zero: &crate::model::ZeroWindow, flow: &TcpFlow, end: Timestamp) -> bool {
    let until = zero.reopened.map_or(flow.last.time.min(end), |seen| seen.time);
    // A window that opens again is a slow disk; one that stays shut until the end is a dead reader.
    let resumed = zero.reopened.is_some_and(|open| flow.down.last_data.is_some_and(|data| data > open));
    until.since(zero.first.time) >= 1.0 && !resumed
}

fn icmp<'a>(view: &View<'a>, flow: &TcpFlow) -> Option<&'a crate::model::IcmpError> {
    let last = flow.down.last_data?;
    flow.errors
        .iter()
        .filter_map(|position| view.traffic.icmp.get(*position))
        // An error that is followed by more data was overcome.
        .find(|error| {
            !matches!(error.meaning(), "packet_too_big" | "other")
                && error.at > last
                && error.from != flow.client.ip()
        })
}

/// Gives bytes per second over the last seconds before a time.
pub(super) fn rate_before(half: &Half, until: Timestamp, seconds: i64) -> f64 {
    let last = until.secs();
    let sum: u64 = half
        .rate
        .iter()
        .filter(|(second, _)| *second > last - seconds && *second <= last)
        .map(|(_, bytes)| u64::from(*bytes))
        .sum();
    // Lossless for any rate a network has.
    sum as f64 / seconds as f64
}
