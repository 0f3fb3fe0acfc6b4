//! The negotiation with a SOCKS proxy, and connections to a proxy of which the request is not seen.

use super::*;

pub(super) fn through_socks(view: &View<'_>, flow: &TcpFlow, host: &str, end: Timestamp) -> Climb {
    let Some(socks) = &flow.app.socks else { return to_proxy_unseen(view, flow, end) };
    let mut rungs = Vec::new();
    let mut auth = rung(Stage::ProxyAuth, StageState::Ok);
    auth.with_opt("socks.method", socks.method.map(|(method, _)| i64::from(method)))
        .with_opt("socks.auth_ok", socks.auth_ok.map(|(ok, _)| ok));
    if let Some((method, at)) = socks.method {
        auth.mark(Some(at), format!("SOCKS method reply {method:#04x}"));
        let refused = method == 0xff || socks.auth_ok.is_some_and(|(ok, _)| !ok);
        if refused {
            auth.state = StageState::Failed;
            auth.mark(socks.auth_ok.map(|(_, at)| at), "SOCKS sign-in refused");
            auth.filter = flow_filter(flow.client, flow.server);
            auth.say(format!("{} accepts none of the ways to sign in that the endpoint offers", flow.server));
            return Climb { rungs: vec![auth], outcome: AttemptOutcome::Failed, unclear: String::new() };
        }
        auth.say("the SOCKS server accepts the endpoint");
        rungs.push(auth);
    }
    let mut request = rung(Stage::ProxyRequest, StageState::Failed);
    request.with_opt("socks.reply", socks.reply.map(|(reply, _)| i64::from(reply)));
    request.filter = flow_filter(flow.client, flow.server);
    match socks.reply {
        Some((0, at)) => {
            request.state = StageState::Ok;
            request.with("proxy.end", "granted");
            request.mark(Some(at), "SOCKS request granted").say(format!("{} grants {host}", flow.server));
        }
        Some((reply, at)) => {
            request.with("proxy.end", "status");
            request
                .mark(Some(at), format!("SOCKS reply {reply:#04x}"))
                .say(format!("{} refuses {host} with reply {reply}", flow.server));
        }
        None => {
            let known =
                crate::derive::ending::Known { complete: None, pending: true, answered_before: false };
            let ending = crate::derive::ending::ending(view, flow, None, known, end);
            let how = match ending.how {
                "reset" => "reset",
                "closed" => "closed",
                _ => "unanswered",
            };
            if ending.how == "capture_end" {
                request.state = StageState::CannotTell;
            }
            request.with("proxy.end", how);
            request.mark(ending.at, ending.what.clone()).mark(socks.asked, "SOCKS request");
            request.say(format!("the SOCKS request is not answered: {}", ending.what));
        }
    }
    let state = request.state;
    rungs.push(request);
    if state != StageState::Ok {
        let failed = state == StageState::Failed;
        let outcome = if failed { AttemptOutcome::Failed } else { AttemptOutcome::Unfinished };
        return Climb { rungs, outcome, unclear: String::new() };
    }
    let above = carried(view, flow, host, end);
    rungs.extend(above.rungs);
    Climb { rungs, ..above }
}

/// A connection to a proxy of which the request is not seen.
pub(super) fn to_proxy_unseen(view: &View<'_>, flow: &TcpFlow, end: Timestamp) -> Climb {
    let mut out = rung(Stage::ProxyRequest, StageState::CannotTell);
    let how = opening::outcome(view, flow, end);
    let turned_away = |socks: &&crate::model::Socks| {
        socks.method.is_some_and(|(method, _)| method == 0xff) || socks.auth_ok.is_some_and(|(ok, _)| !ok)
    };
    if let Some(socks) = flow.app.socks.as_ref().filter(turned_away) {
        let mut auth = rung(Stage::ProxyAuth, StageState::Failed);
        auth.with_opt("socks.method", socks.method.map(|(method, _)| i64::from(method)))
            .with_opt("socks.auth_ok", socks.auth_ok.map(|(ok, _)| ok))
            .mark(socks.auth_ok.map(|(_, at)| at), "SOCKS sign-in refused")
            .mark(socks.method.map(|(_, at)| at), "SOCKS method reply");
        auth.say(format!("{} accepts none of the ways to sign in that the endpoint offers", flow.server));
        auth.filter = flow_filter(flow.client, flow.server);
        return Climb { rungs: vec![auth], outcome: AttemptOutcome::Failed, unclear: String::new() };
    }
    let unclear = "what was asked of the proxy is not seen".to_owned();
    out.with("tcp.outcome", how)
        .mark(Some(flow.first), "first packet of the connection")
        .say(unclear.clone());
    Climb { rungs: vec![out], outcome: AttemptOutcome::Unknown, unclear }
}
