//! The TLS handshake: how far it came, what the certificates say, and whether revocation could be checked.

mod certificate;

use super::revocation::{self, Check};
use super::rung::{Fill, flow_filter, rung};
use super::view::View;
use crate::model::{Certificate, ClockSource, Rung, Seen, Side, Stage, StageState, TcpFlow, Timestamp, Tls};
pub(super) use certificate::clock;
use certificate::{certificate_words, copy_certificate, describe, is_leaf_fault};

/// Alerts by which a client says that it does not like the certificate or cannot check it (RFC 8446, 6.2).
const ABOUT_REVOCATION: [&str; 6] = [
    "certificate_revoked",
    "certificate_unknown",
    "bad_certificate",
    "bad_certificate_status_response",
    "encrypted",
    "internal_error",
];
/// Difference between two clocks that matters to certificates, in seconds.
const DAY: f64 = 86_400.0;
/// Seconds of silence in a handshake before it says anything.
const PATIENCE: f64 = 3.0;

/// How a handshake ended, as rungs.
#[derive(Debug)]
pub(super) struct Shake {
    /// The rungs `tls` and, where anything of it is seen, `tls-revocation`.
    pub rungs: Vec<Rung>,
    /// The handshake holds, and so does revocation.
    pub ok: bool,
    /// The capture does not tell.
    pub unclear: bool,
}

/// Looks at the handshake of a connection. `requested` says that application data followed it.
pub(super) fn shake(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: &Tls,
    target: &str,
    requested: bool,
    end: Timestamp,
) -> Shake {
    let check = revocation::check(view, flow, tls);
    let mut out = rung(Stage::Tls, StageState::Ok);
    describe(view, flow, tls, target, &check, &mut out);
    if requested {
        out.with("tls.outcome", "complete");
        let version =
            tls.version.as_deref().map(|version| format!("TLS {version}")).unwrap_or_else(|| "TLS".into());
        out.mark(tls.server_hello, "ServerHello").mark(tls.complete, "handshake complete");
        out.say(format!("{version} agreed{}", certificate_words(tls)));
        let mut rungs = vec![out];
        if check.seen() {
            let state = if check.failed() { StageState::CannotTell } else { StageState::Ok };
            rungs.push(check.rung(state));
        }
        return Shake { rungs, ok: true, unclear: false };
    }
    let (outcome, at, what) = outcome(flow, tls, end);
    out.with("tls.outcome", outcome);
    out.mark(at, what.clone());
    if let Some((first, last)) = tls.client_hello {
        out.mark(Some(last), "ClientHello").mark(Some(first), "ClientHello begins");
    }
    out.mark(tls.certificates_at, "Certificate").mark(tls.server_hello, "ServerHello");
    if outcome == "unknown" {
        out.state = StageState::CannotTell;
        out.say(what);
        return Shake { rungs: vec![out], ok: false, unclear: true };
    }
    let alert = decisive_alert(tls);
    let leaf_fault = is_leaf_fault(&out);
    let about_revocation = match alert {
        Some(alert) => alert.from == Side::Client && ABOUT_REVOCATION.contains(&alert.name.as_str()),
        None => outcome == "client_left",
    };
    let says_revoked = alert.is_some_and(|alert| {
        alert.name == "certificate_revoked" || alert.name == "bad_certificate_status_response"
    });
    let by_revocation =
        about_revocation && (check.decisive == "revoked" || !leaf_fault && (check.failed() || says_revoked));
    let clock_wrong = clock(view).is_some_and(|(offset, ..)| offset.abs() > DAY);
    if by_revocation && clock_wrong && matches!(check.decisive, "stale" | "expired") {
        // By a right clock the answer would still hold.
        out.state = StageState::Failed;
        out.with("clock.wrong", true);
        for mark in check.rung(StageState::Failed).marks {
            out.mark(Some(mark.seen), mark.what);
        }
        if let Some((offset, clock_at, _)) = clock(view) {
            out.mark(Some(clock_at), format!("a second clock differs by {:.1} days", offset / DAY));
        }
        out.say("the revocation answer is out of date by the endpoint's clock, and that clock is wrong");
        return Shake { rungs: vec![out], ok: false, unclear: false };
    }
    if by_revocation {
        // The end of the handshake belongs to the rung that did not hold.
        out.marks.retain(|mark| Some(mark.seen) != at);
        out.say(format!("handshake up to the certificate{}", certificate_words(tls)));
        let mut below = check.rung(StageState::Failed);
        below.with_opt("tls.alert", alert.map(|alert| alert.name.clone()));
        below.with_opt("tls.version", tls.version.clone());
        if says_revoked && !check.failed() {
            below.with("revocation.decisive", "revoked");
        }
        below.mark(at, what);
        copy_certificate(&out, &mut below);
        if check.decisive == "revoked" || says_revoked {
            below.peer.addresses.insert(0, flow.server.ip());
        }
        return Shake { rungs: vec![out, below], ok: false, unclear: false };
    }
    out.state = StageState::Failed;
    out.filter = flow_filter(flow.client, flow.server);
    out.say(what);
    let mut rungs = vec![out];
    if check.seen() {
        rungs.push(check.rung(if check.failed() { StageState::CannotTell } else { StageState::Ok }));
    }
    Shake { rungs, ok: false, unclear: false }
}

/// Finds how the handshake ended, with the frame and the words.
fn outcome(flow: &TcpFlow, tls: &Tls, end: Timestamp) -> (&'static str, Option<Seen>, String) {
    let (up, down) = (&flow.up, &flow.down);
    let server = flow.server;
    if let Some((at, bytes)) = &tls.not_tls {
        return (
            "not_tls",
            Some(*at),
            format!("{server} answers the ClientHello with something that is not TLS: {bytes}"),
        );
    }
    // A server that leaves without a word is the cause of whatever alert the client then sends.
    let left = [down.fin, down.reset.map(|reset| reset.at)]
        .into_iter()
        .flatten()
        .min()
        .filter(|_| tls.server_hello.is_none());
    let deserted =
        |alert: &crate::model::Alert| alert.from == Side::Client && left.is_some_and(|left| left < alert.at);
    if let Some(alert) = decisive_alert(tls).filter(|alert| !deserted(alert)) {
        let who = if alert.from == Side::Client { "the endpoint".to_owned() } else { server.to_string() };
        let what = if alert.name == "encrypted" {
            format!("{who} ends the handshake with an encrypted alert")
        } else {
            format!("{who} ends the handshake with the alert {}", alert.name)
        };
        return ("alert", Some(alert.at), what);
    }
    let client_end = [up.fin, up.reset.map(|reset| reset.at)].into_iter().flatten().min();
    if let Some(fin) = down.fin.filter(|fin| {
        down.reset.is_none_or(|reset| *fin < reset.at) && client_end.is_none_or(|ended| *fin < ended)
    }) {
        return ("closed", Some(fin), format!("FIN from {server} {}", after(tls, fin)));
    }
    if let Some(reset) = down.reset.filter(|reset| client_end.is_none_or(|ended| reset.at < ended)) {
        return ("reset", Some(reset.at), format!("RST from {server} {}", after(tls, reset.at)));
    }
    if down.beyond_hole > 0 || down.ahead > 1 {
        let missing = down.hole.max(down.ahead);
        let what = format!(
            "{missing} bytes of the server's answer never arrive, though smaller packets behind them do"
        );
        return ("segments_lost", down.last, what);
    }
    let waited = client_end
        .map_or(end, |ended| ended.time)
        .since(up.last_data.or(flow.opening.accepted).unwrap_or(flow.first).time);
    if tls.server_hello.is_none() && down.bytes == 0 {
        if tls.client_hello.is_none() && up.bytes == 0 {
            return ("unknown", Some(flow.last), "no ClientHello is seen".to_owned());
        }
        if waited < PATIENCE && client_end.is_none() {
            return ("unknown", up.last_data, "the capture ends right after the ClientHello".to_owned());
        }
        let at = tls.client_hello.map(|hello| hello.1).or(up.last_data);
        // The server answers, but not for the first, full-sized part: small packets pass, large ones do not.
        let heard =
            down.last.zip(tls.client_hello).is_some_and(|(last, hello)| last > hello.0) && down.packets > 1;
        if up.unacknowledged >= up.bytes && heard && up.largest >= 1_200 && up.segments > 1 {
            let what = format!(
                "the full-sized part of the ClientHello never arrives at {server}, smaller packets do"
            );
            return ("segments_lost", at, what);
        }
        if up.unacknowledged > 0 {
            let what = format!(
                "the ClientHello is never acknowledged by {server} ({} repetitions)",
                up.retransmissions
            );
            return ("unacknowledged", at, what);
        }
        return (
            "silent",
            at,
            format!("{server} acknowledges the ClientHello and says nothing for {waited:.0} s"),
        );
    }
    match client_end {
        Some(ended) if waited_for_server(flow, ended) => (
            "silent",
            down.last_data,
            format!("{server} says nothing more in the handshake for {waited:.0} s"),
        ),
        Some(ended) => (
            "client_left",
            Some(ended),
            "the endpoint closes the connection after the server's certificate".to_owned(),
        ),
        None if waited >= 3.0 * PATIENCE => {
            ("silent", down.last_data, format!("{server} says nothing more in the handshake"))
        }
        None => ("unknown", Some(flow.last), "the capture ends in the handshake".to_owned()),
    }
}

/// Tells whether the endpoint left because the server owed it something: it spoke last and waited.
fn waited_for_server(flow: &TcpFlow, ended: Seen) -> bool {
    let (up, down) = (flow.up.last_data, flow.down.last_data);
    up > down && up.is_some_and(|up| ended.time.since(up.time) > PATIENCE)
}

fn after(tls: &Tls, at: Seen) -> String {
    match (tls.server_hello, tls.client_hello) {
        (Some(_), _) => "in the handshake".to_owned(),
        (None, Some((_, hello))) => {
            format!("{:.0} ms after the ClientHello", at.time.since(hello.time) * 1e3)
        }
        _ => "before any answer".to_owned(),
    }
}

/// Gives the alert that ended the handshake: not `close_notify`, and one in clear before an encrypted one.
fn decisive_alert(tls: &Tls) -> Option<&crate::model::Alert> {
    let fatal =
        || tls.alerts.iter().filter(|alert| alert.name != "close_notify" && alert.name != "user_canceled");
    fatal()
        .find(|alert| alert.name != "encrypted")
        .or_else(|| fatal().find(|alert| alert.from == Side::Client))
}
