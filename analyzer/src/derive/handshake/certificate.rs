//! What the certificates say, and which clock says it.

use super::*;

pub(super) fn is_leaf_fault(rung: &Rung) -> bool {
    let is = |name: &str, wanted: bool| rung.fields.get(name) == Some(&crate::model::Value::Bool(wanted));
    is("cert.expired", true)
        || is("cert.not_yet_valid", true)
        || is("cert.self_signed", true)
        || is("cert.name_matches", false)
}

pub(super) fn copy_certificate(from: &Rung, to: &mut Rung) {
    for (name, value) in from.fields.iter().filter(|(name, _)| name.starts_with("cert.")) {
        to.fields.set(name.to_owned(), value.clone());
    }
}

pub(super) fn certificate_words(tls: &Tls) -> String {
    tls.certificates
        .first()
        .map(|leaf| format!(", certificate by {}", common_name(&leaf.issuer)))
        .unwrap_or_default()
}

/// Gives the common name of a distinguished name, or the whole.
pub(in crate::derive) fn common_name(name: &str) -> &str {
    name.split(", ").find_map(|part| part.strip_prefix("CN=")).unwrap_or(name)
}

pub(super) fn describe(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: &Tls,
    target: &str,
    check: &Check,
    out: &mut Rung,
) {
    let hello = tls.client_hello.map(|hello| hello.1);
    let answered = [flow.down.reset.map(|reset| reset.at), flow.down.fin].into_iter().flatten().min();
    out.with("tls.server_hello", tls.server_hello.is_some())
        .with("cert.seen", !tls.certificates.is_empty())
        .with_opt("tls.sni", tls.sni.clone())
        .with_opt("tls.version", tls.version.clone())
        .with_opt("tls.offered", tls.offered.clone())
        .with("tcp.server", flow.server.ip())
        .with("tcp.port", flow.server.port());
    if tls.flight_bytes > 0 {
        out.with("tls.flight_bytes", tls.flight_bytes);
    }
    if let (Some(hello), Some(answered)) = (hello, answered) {
        out.with("tls.rst_after_ms", answered.time.since(hello.time) * 1e3);
    }
    if let (Some(reset), Some(ttl)) = (flow.down.reset, flow.down.ttl) {
        out.with("tcp.rst_ttl_differs", ttl != reset.ttl);
    }
    if let Some(alert) = decisive_alert(tls) {
        out.with("tls.alert", alert.name.clone());
        out.with("tls.alert_from", if alert.from == Side::Client { "client" } else { "server" });
    }
    if let (Some(asked), Some(accepted), Some(hello), Some(answer)) =
        (flow.opening.last, flow.opening.accepted, hello, tls.server_hello)
    {
        // An answer in a small part of the round trip comes from somebody nearer than the one who accepted.
        let trip = accepted.time.since(asked.time);
        out.with("tls.answered_nearby", trip > 0.005 && answer.time.since(hello.time) < trip / 4.0);
    }
    out.peer("update_server", Some(target), Some(flow.server));
    if let Some(leaf) = tls.certificates.first() {
        certificate(view, flow, tls, leaf, target, out);
    }
    out.with("cert.issuer_fetch", check.issuer);
}

pub(super) fn certificate(
    view: &View<'_>,
    flow: &TcpFlow,
    tls: &Tls,
    leaf: &Certificate,
    target: &str,
    out: &mut Rung,
) {
    let at = tls.certificates_at.unwrap_or(flow.first);
    let now = at.time.secs();
    let expired = now > leaf.not_after;
    let early = now < leaf.not_before;
    let sent = leaf.self_signed || tls.certificates.iter().skip(1).any(|other| other.subject == leaf.issuer);
    let public = tls
        .certificates
        .iter()
        .any(|certificate| view.endpoints.is_public_authority(&certificate.issuer))
        // Who re-signs on the way does not name the public responders of the true issuer.
        || leaf.ocsp.iter().chain(&leaf.crls).filter_map(|url| crate::derive::view::host_of_url(url)).any(|host| {
            view.endpoints.role(&host) == crate::model::Role::Revocation
        });
    let elsewhere = view.traffic.issuers.iter().any(|(issuer, names)| {
        *issuer == leaf.issuer
            && names.iter().any(|name| {
                !leaf.names.iter().any(|own| matches(own, name))
                    && view.endpoints.role(name) == crate::model::Role::Other
            })
    });
    let wanted = tls.sni.as_deref().unwrap_or(target);
    out.with("cert.subject", leaf.subject.clone())
        .with("cert.issuer", leaf.issuer.clone())
        .with("cert.expired", expired)
        .with("cert.not_yet_valid", early)
        .with("cert.self_signed", leaf.self_signed)
        .with("cert.name_matches", leaf.names.iter().any(|name| matches(name, wanted)))
        .with("cert.chain", tls.certificates.len())
        .with("cert.issuer_sent", sent || tls.certificates_cut)
        .with("cert.issuer_public", public)
        .with("cert.issuer_elsewhere", elsewhere)
        .with("cert.revocation_listed", !leaf.ocsp.is_empty() || !leaf.crls.is_empty());
    if let Some((offset, clock_at, source)) = clock(view) {
        out.with("clock.offset_s", offset);
        let true_now = Timestamp(at.time.0).plus_secs(-offset).secs();
        let good = leaf.not_before <= true_now && true_now <= leaf.not_after;
        let wrong = offset.abs() > DAY && good;
        out.with("clock.wrong", wrong);
        if wrong {
            let by = match source {
                ClockSource::HttpDate => "the Date header of an HTTP server",
                ClockSource::Ntp => "an NTP server",
                ClockSource::Ocsp => "an OCSP answer",
            };
            out.mark(
                Some(clock_at),
                format!("{by} gives a time {:.1} days from the endpoint's", offset.abs() / DAY),
            );
        }
    }
}

/// Gives the endpoint's clock minus a second one in seconds: the middle of all that were read.
pub(in crate::derive) fn clock(view: &View<'_>) -> Option<(f64, Seen, ClockSource)> {
    let mut offsets: Vec<(f64, Seen, ClockSource)> =
        view.traffic.clocks.iter().map(|(source, at, other)| (at.time.since(*other), *at, *source)).collect();
    offsets.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    offsets.get(offsets.len() / 2).copied()
}

/// Tells whether a name of a certificate fits a host (RFC 6125: a wildcard stands for one whole label at the left).
pub(super) fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.trim_end_matches('.').to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(label, suffix)| !label.is_empty() && suffix == rest),
        None => pattern == host,
    }
}
