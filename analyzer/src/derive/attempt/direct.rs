//! The ladder of an attempt that goes straight to the server.

use super::*;

pub(super) fn direct(
    view: &View<'_>,
    group: &Group<'_>,
    target: Option<&str>,
    end: Timestamp,
    rungs: &mut Vec<Rung>,
) -> Built {
    let flows: Vec<(&TcpFlow, &Part)> = group
        .flows
        .iter()
        .filter(|(_, part)| matches!(part, Part::Direct(_)))
        .map(|(flow, part)| (*flow, part))
        .collect();
    let found = lookup(view, Stage::Dns, &group.lookups, !flows.is_empty(), end);
    let opened: Vec<&TcpFlow> = flows.iter().map(|(flow, _)| *flow).collect();
    let connect = opening::rung_of(view, Stage::Connect, &opened, end);
    let built = above(view, &flows, end, rungs);
    let failing = built.as_ref().is_none_or(|built| built.outcome == AttemptOutcome::Failed);
    if let Some(mut connect) = connect {
        let from_dns = opened
            .last()
            .is_some_and(|flow| view.name_with_role(flow.server.ip(), Role::UpdateServer).is_some());
        connect.with("tcp.address_from", if from_dns { "dns" } else { "unknown" });
        connect.with_opt("dns.families", found.as_ref().map(|found| found.families));
        if let Some(target) = target {
            connect.peer("update_server", Some(target), None);
        }
        overcome(view, &opened, &mut connect);
        rungs.push(connect);
    }
    let mut name_is_at_fault = false;
    let cut_off = opened.is_empty() && silent_gateway(view, group).is_some();
    if let Some(found) = found {
        let mut rung = found.rung.clone();
        rung.state = match found.outcome {
            "answered" if cut_off => StageState::Ok,
            _ => lookup_state(view, &found, &opened, failing),
        };
        if cut_off && rung.state == StageState::Failed {
            rung.with("tcp.arp_unanswered", true);
        }
        name_is_at_fault = rung.state == StageState::Failed;
        let unclear = rung.state == StageState::CannotTell;
        rungs.push(rung);
        if unclear && opened.is_empty() {
            let what = "the capture ends before the name could be answered".to_owned();
            return Built { outcome: AttemptOutcome::Unfinished, unclear: what };
        }
    }
    if name_is_at_fault {
        rungs.retain(|rung| rung.stage == Stage::Dns || rung.state != StageState::Failed);
        return Built { outcome: AttemptOutcome::Failed, unclear: String::new() };
    }
    if let Some(built) = built {
        return built;
    }
    if let Some(connect) = silent_gateway(view, group) {
        rungs.push(connect);
        return Built { outcome: AttemptOutcome::Failed, unclear: String::new() };
    }
    match rungs.iter().find(|rung| rung.stage == Stage::Connect).map(|rung| rung.state) {
        Some(StageState::Failed) => Built { outcome: AttemptOutcome::Failed, unclear: String::new() },
        Some(_) => Built {
            outcome: AttemptOutcome::Unfinished,
            unclear: "the capture ends before the server could answer".into(),
        },
        None => Built {
            outcome: AttemptOutcome::Unknown,
            unclear: "the name is resolved, and no connection to its addresses follows in the capture".into(),
        },
    }
}

/// Builds the connect rung of an attempt whose packets find no way to the gateway.
pub(super) fn silent_gateway(view: &View<'_>, group: &Group<'_>) -> Option<Rung> {
    let (from, until) = (group.start.time.plus_secs(-1.0), group.end.plus_secs(5.0));
    let gap = view.traffic.arp.iter().find(|gap| {
        let own = view.who(gap.asker) == group.endpoint || gap.asker.is_ipv6();
        own && from <= gap.first.time && gap.first.time <= until
    })?;
    let mut out = rung(Stage::Connect, StageState::Failed);
    out.with("tcp.outcome", "unanswered").with("tcp.arp_unanswered", true);
    out.mark(Some(gap.last), format!("{} asks for {} for the {}th time", gap.asker, gap.target, gap.tries));
    out.mark(Some(gap.first), format!("{} asks for {}", gap.asker, gap.target));
    out.peer.role = "gateway";
    out.peer.addresses.push(gap.target);
    out.filter = if gap.target.is_ipv4() {
        format!("arp.dst.proto_ipv4 == {}", gap.target)
    } else {
        "icmpv6.type == 135".to_owned()
    };
    out.say(format!(
        "the neighbour {} is asked for {} times on the link and never answers",
        gap.target, gap.tries
    ));
    Some(out)
}

/// Notes addresses that failed before another one answered.
pub(super) fn overcome(view: &View<'_>, opened: &[&TcpFlow], connect: &mut Rung) {
    if connect.state != StageState::Ok {
        return;
    }
    let failed: Vec<&&TcpFlow> =
        opened.iter().filter(|flow| flow.opening.accepted.is_none() && flow.opening.syns > 0).collect();
    if let Some(flow) = failed.last() {
        connect.state = StageState::Recovered;
        let how = opening::outcome(view, flow, Timestamp(i64::MAX));
        connect.with("tcp.outcome", how);
        connect.with("tcp.family", if flow.server.is_ipv6() { "v6" } else { "v4" });
        connect.mark(
            flow.opening.refused.or(flow.opening.last),
            format!("{}: {}", flow.server, opening::words(view, flow)),
        );
        let summary = format!("{} {}, another address answers", flow.server, opening::words(view, flow));
        connect.say(summary);
    }
}

pub(super) fn lookup_state(
    view: &View<'_>,
    found: &Lookup,
    opened: &[&TcpFlow],
    failing: bool,
) -> StageState {
    let misled = matches!(found.class, "unspecified" | "loopback")
        || found.class == "private"
            && view.endpoints.is_public_update_server(&found.name)
            && !opened.iter().any(|flow| crate::derive::lookup::class(flow.server.ip()) == "public")
        || found.conflict;
    match found.outcome {
        "answered" if found.recovered && !opened.is_empty() && !failing => StageState::Recovered,
        _ if !opened.is_empty() && !failing => StageState::Ok,
        "answered" if misled => StageState::Failed,
        "answered" if opened.is_empty() && found.families == "v6" => StageState::Failed,
        "answered" => StageState::Ok,
        _ if !opened.is_empty() => StageState::Ok,
        "unknown" => StageState::CannotTell,
        _ => StageState::Failed,
    }
}
