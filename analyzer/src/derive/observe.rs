//! Observations for rules: rungs, attempts, and what stands beside them.

use std::net::IpAddr;

use super::handshake::clock;
use super::view::View;
use crate::model::{
    AttemptOutcome, ClockSource, Evidence, Fields, Kind, Ladder, Observation, Seen, StageState,
};

/// States everything that rules may match on.
pub(super) fn observations(view: &View<'_>, ladders: &[Ladder]) -> Vec<Observation> {
    let mut out = Vec::new();
    for ladder in ladders {
        rungs(view, ladder, &mut out);
        out.push(attempt(view, ladder));
    }
    arp_gaps(view, &mut out);
    if let Some((offset, at, source)) = clock(view) {
        let mut fields = Fields::new();
        let name = match source {
            ClockSource::HttpDate => "http_date",
            ClockSource::Ntp => "ntp",
            ClockSource::Ocsp => "ocsp",
        };
        fields.set("clock.offset_s", offset).set("clock.source", name);
        let evidence =
            view.traffic.evidence(at, &format!("the endpoint's clock minus {name}: {offset:.0} s"));
        out.push(observation(Kind::ClockOffset, at, None, fields, vec![evidence]));
    }
    out
}

fn observation(
    kind: Kind,
    at: Seen,
    endpoint: Option<IpAddr>,
    fields: Fields,
    evidence: Vec<Evidence>,
) -> Observation {
    Observation {
        kind,
        time: Some(at.time),
        endpoint: endpoint.map(|endpoint| endpoint.to_string()),
        attempt: None,
        fields,
        evidence,
    }
}

fn rungs(view: &View<'_>, ladder: &Ladder, out: &mut Vec<Observation>) {
    for rung in &ladder.rungs {
        let evidence: Vec<Evidence> =
            rung.marks.iter().map(|mark| view.traffic.evidence(mark.seen, &mark.what)).collect();
        let at = rung.marks.first().map_or(ladder.start, |mark| mark.seen);
        let mut observed = observation(Kind::Rung, at, Some(ladder.endpoint), rung.fields.clone(), evidence);
        observed.attempt = Some(ladder.id);
        out.push(observed);
    }
}

fn attempt(view: &View<'_>, ladder: &Ladder) -> Observation {
    let mut fields = Fields::new();
    let outcome = match ladder.outcome {
        AttemptOutcome::Ok => "ok",
        AttemptOutcome::Failed => "failed",
        AttemptOutcome::Unfinished => "unfinished",
        AttemptOutcome::Unknown => "unknown",
    };
    fields
        .set("attempt.outcome", outcome)
        .set("attempt.path", ladder.path.name())
        .set("attempt.seconds", ladder.end.since(ladder.start.time))
        .set("attempt.bytes", ladder.bytes)
        .set("attempt.later_success", ladder.later_success)
        .set_opt("attempt.target", ladder.target.clone())
        .set_opt("attempt.failed_stage", ladder.failed().map(|rung| rung.stage.name()));
    let last = ladder.rungs.iter().rev().find(|rung| rung.state != StageState::NotSeen);
    let mut shown = vec![view.traffic.evidence(ladder.start, "the attempt begins")];
    shown.extend(
        last.and_then(|rung| rung.marks.first()).map(|mark| view.traffic.evidence(mark.seen, &mark.what)),
    );
    let mut observed = observation(Kind::UpdateAttempt, ladder.start, Some(ladder.endpoint), fields, shown);
    observed.attempt = Some(ladder.id);
    observed
}

fn arp_gaps(view: &View<'_>, out: &mut Vec<Observation>) {
    for gap in &view.traffic.arp {
        let host = view.traffic.hosts.iter().find(|host| host.address == gap.asker);
        let isolated = host.is_none_or(|host| host.received == 0);
        let long = gap.last.time.since(gap.first.time) >= 2.0;
        // The gateway is known by a policy or a configuration; else by its place in the network and by others that
        // look for it too.
        let by_place = match gap.target {
            IpAddr::V4(v4) => matches!(v4.octets(), [.., 1 | 254]),
            IpAddr::V6(_) => false,
        };
        let named = view.endpoints.role_of_address(gap.target) == crate::model::Role::Gateway;
        let mut fields = Fields::new();
        fields
            .set("arp.target", gap.target)
            .set("arp.tries", gap.tries)
            .set("arp.gateway", named || by_place && gap.other_askers > 0 && long)
            .set("arp.isolated", isolated);
        let shown = vec![
            view.traffic.evidence(
                gap.last,
                &format!("{} asks for {} for the {}th time", gap.asker, gap.target, gap.tries),
            ),
            view.traffic.evidence(gap.first, &format!("{} asks for {}", gap.asker, gap.target)),
        ];
        out.push(observation(Kind::ArpGap, gap.first, Some(gap.asker), fields, shown));
    }
}
