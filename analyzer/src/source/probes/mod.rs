//! What the collector tried itself, `network/probes.jsonl`: one JSON object a line, one probe each.
//!
//! | key | value |
//! |---|---|
//! | `what` | `dns`, `tcp`, `tls`, `ocsp`, `crl`, `http`, `proxy`, `clock` or `trust` |
//! | `target` | `host` or `host:port` |
//! | `path` | `direct`, `winhttp`, `wininet`, `policy_proxy`, `pac`, `environment` or `resolver` |
//! | `ok` | whether it went well |
//! | `outcome` | the words of `dns.outcome`, `tcp.outcome`, `tls.outcome` or a revocation outcome |
//! | `status` | HRESULT as `0x80092013`, optional |
//! | `http_status` | status of the HTTP answer, optional |
//! | `ms` | how long it took, optional |
//! | `time` | when it began, RFC 3339 |
//! | `detail` | more, by `what`: `server`, `addresses` (dns); `version`, `issuer`, `verdict`, `alert` (tls); `offset_s` (clock); `role` and `via` (any) |
//!
//! Unknown keys are passed over, and so are unknown values of `what` (noted). The JSON Schema is `bundle/probes.schema.json`.

mod overcome;

use super::json::Json;
use super::{code, is_full, moment, policy_xml, text};
use crate::model::{Endpoints, Fields, Kind, Locator, Role, Sink, Timestamp};

/// The most probes of one file; a collector makes some dozens.
const PROBES: usize = 10_000;
const WHAT: &[&str] = &["dns", "tcp", "tls", "ocsp", "crl", "http", "proxy", "clock", "trust"];
const PATHS: &[&str] = &["direct", "winhttp", "wininet", "policy_proxy", "pac", "environment", "resolver"];
const VERDICTS: &[&str] = &[
    "trusted",
    "expired",
    "not_yet_valid",
    "name_mismatch",
    "self_signed",
    "unknown_ca",
    "incomplete",
    "untrusted",
    "revoked",
    "revocation_unknown",
    "unusable",
    "unknown",
];
const ALERTS: &[&str] = &[
    "handshake_failure",
    "bad_certificate",
    "unsupported_certificate",
    "illegal_parameter",
    "unknown_ca",
    "access_denied",
    "decode_error",
    "protocol_version",
    "insufficient_security",
    "internal_error",
    "inappropriate_fallback",
    "unrecognized_name",
    "certificate_required",
    "no_application_protocol",
    "close_notify",
    "unexpected_message",
    "user_canceled",
];
const TLS_OUTCOMES: &[&str] = &[
    "complete",
    "alert",
    "reset",
    "closed",
    "unacknowledged",
    "silent",
    "not_tls",
    "segments_lost",
    "client_left",
    "failed",
    "unknown",
];

/// One line that holds a probe.
struct Probe<'a> {
    what: &'static str,
    root: Json,
    number: u64,
    line: &'a str,
    host: String,
    role: &'static str,
}

/// Reads the probes. One of TLS, HTTP or the clock is stated as a handshake, exchange or offset, too.
///
/// ```text
/// {"what":"tls","target":"tetra-defs.amp.cisco.com:443","path":"direct","ok":false,"outcome":"failed","status":"0x80092013","time":"…"}
/// ```
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    text::note_long_lines(&text, sink);
    let mut probes = Vec::new();
    for (number, line) in text::lines(&text).filter(|(_, line)| !line.trim().is_empty()) {
        if probes.len() >= PROBES {
            sink.anomaly(Locator::Line(number), format!("more than {PROBES} probes"));
            break;
        }
        let (root, problem) = Json::read(line);
        let at = Locator::Line(number);
        if let Some(problem) = problem {
            sink.anomaly(at, problem);
            continue;
        }
        let named = root.any(&["what"]).and_then(Json::text);
        let Some(what) = named.and_then(|named| WHAT.iter().find(|known| **known == named)) else {
            sink.anomaly(at, "a probe of an unknown kind");
            continue;
        };
        let host = policy_xml::host_of(root.any(&["target"]).and_then(Json::text).unwrap_or_default());
        let role = role(&host, &root, endpoints);
        probes.push(Probe { what, root, number, line, host, role });
    }
    let went_well = overcome::WentWell::of(&probes);
    for probe in &probes {
        if is_full(sink) {
            return;
        }
        state(probe, &went_well, endpoints, sink);
    }
}

/// Says what a host is: by its name, or as the collector knew it from the policy.
fn role(host: &str, root: &Json, endpoints: &Endpoints) -> &'static str {
    let told = root.any(&["detail"]).and_then(|detail| detail.any(&["role"])).and_then(Json::text);
    match endpoints.role(host) {
        Role::Other if told == Some(Role::UpdateServer.name()) => Role::UpdateServer.name(),
        role => role.name(),
    }
}

/// States one probe.
fn state(probe: &Probe<'_>, went_well: &overcome::WentWell<'_>, endpoints: &Endpoints, sink: &mut Sink) {
    let Probe { what, root, number, line, host, role } = probe;
    let (what, number, role) = (*what, *number, *role);
    let time = root.any(&["time"]).and_then(moment::of);
    let word = |name: &str| root.any(&[name]).and_then(Json::text);
    let target = word("target").unwrap_or_default().to_owned();
    let status = word("status").and_then(code::status);
    let http_status = root.any(&["http_status"]).and_then(Json::int);
    let outcome = word("outcome").map(str::to_owned);
    let detail = root.any(&["detail"]).unwrap_or(&Json::Null);
    let more = |name: &str| detail.any(&[name]).and_then(Json::text);
    let among = |known: &'static [&'static str], word: Option<&str>| {
        word.and_then(|word| known.iter().find(|one| **one == word)).copied()
    };
    let issuer = more("issuer").filter(|_| what == "tls");
    let mut fields = Fields::new();
    fields
        .set("probe.what", what)
        .set("probe.role", role)
        .set_opt("probe.ok", root.any(&["ok"]).and_then(Json::bool))
        .set_opt("probe.path", among(PATHS, word("path")))
        .set_opt("probe.outcome", outcome.clone())
        .set_opt("probe.status", status.clone())
        .set_opt("probe.http_status", http_status)
        .set_opt("probe.ms", root.any(&["ms"]).and_then(Json::float))
        .set_opt("probe.verdict", among(VERDICTS, more("verdict")))
        .set_opt("probe.alert", among(ALERTS, more("alert")))
        .set_opt("probe.issuer", issuer.map(str::to_owned))
        .set_opt("probe.issuer_public", issuer.map(|issuer| endpoints.is_public_authority(issuer)))
        .set_opt("probe.connected", detail.any(&["connected"]).and_then(Json::bool))
        .set_opt("probe.wants_sign_in", detail.any(&["wants_sign_in"]).and_then(Json::bool))
        .set_opt("probe.socks_reply", detail.any(&["socks_reply"]).and_then(Json::int))
        .set_opt("probe.connector_signs_in", detail.any(&["connector_signs_in"]).and_then(Json::bool))
        .set_opt("probe.dns_tcp", more("tcp").map(str::to_owned))
        .set_opt("probe.overcome", went_well.overcomes(probe))
        .set_opt("probe.target", (!target.is_empty()).then_some(target));
    sink.observe(Kind::Probe, Locator::Line(number), line, time, fields);
    match what {
        "tls" => {
            let known = among(TLS_OUTCOMES, outcome.as_deref());
            let fields = tls(host.clone(), role, known, status, detail);
            sink.observe(Kind::TlsHandshake, Locator::Line(number), line, time, fields);
        }
        "http" if http_status.is_some() => {
            let mut fields = Fields::new();
            fields.set("http.host", host.clone()).set("http.role", role).set_opt("http.status", http_status);
            let via = more("via").or(word("path"));
            fields.set("http.via_proxy", via.is_some_and(|via| via != "direct"));
            sink.observe(Kind::HttpExchange, Locator::Line(number), line, time, fields);
        }
        "clock" => clock(detail, number, line, time, sink),
        _ => {}
    }
}

/// Gives the fields of a handshake that was probed.
fn tls(
    host: String,
    role: &'static str,
    outcome: Option<&'static str>,
    status: Option<String>,
    detail: &Json,
) -> Fields {
    let mut fields = Fields::new();
    let word = |name: &str| detail.any(&[name]).and_then(Json::text).map(str::to_owned);
    fields
        .set("tls.sni", host)
        .set("tls.role", role)
        .set("tls.outcome", outcome.unwrap_or("unknown"))
        .set_opt("tls.status", status)
        .set_opt(
            "tls.alert",
            word("alert").and_then(|alert| ALERTS.iter().find(|one| **one == alert)).copied(),
        )
        .set_opt("tls.alert_from", word("alert").map(|_| "server"))
        .set_opt(
            "tls.version",
            word("version").map(|version| version.trim_start_matches("TLS").trim().to_owned()),
        )
        .set_opt("tls.issuer", word("issuer"));
    fields
}

/// States by how much the endpoint's clock is off.
fn clock(detail: &Json, number: u64, line: &str, time: Option<Timestamp>, sink: &mut Sink) {
    let Some(offset) = detail.any(&["offset_s"]).and_then(Json::float) else { return };
    let mut fields = Fields::new();
    fields.set("clock.offset_s", offset).set("clock.source", "probe");
    sink.observe(Kind::ClockOffset, Locator::Line(number), line, time, fields);
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::model::{EndpointPattern, Observation};
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../../fixtures/sources/probes/probes.jsonl");

    fn read(input: &[u8]) -> (Vec<Observation>, Vec<crate::model::Anomaly>) {
        let pattern = |name: &str, role| EndpointPattern { name: name.into(), role, region: String::new() };
        let patterns = vec![
            pattern("tetra-defs.amp.cisco.com", Role::UpdateServer),
            pattern("commercial.ocsp.identrust.com", Role::Revocation),
        ];
        let endpoints = Endpoints { patterns, ..Endpoints::default() };
        hammer::parse(SourceId::Probes, input, |input, sink| parse(input, &endpoints, sink))
    }

    #[test]
    fn states_probes_and_what_follows_from_them() {
        let (observations, anomalies) = read(SAMPLE);
        let kinds: Vec<_> =
            observations.iter().map(|seen| (seen.kind.name(), seen.evidence[0].line().unwrap())).collect();
        assert_eq!(
            kinds,
            [
                ("probe", 1),
                ("probe", 2),
                ("tls_handshake", 2),
                ("probe", 3),
                ("probe", 5),
                ("clock_offset", 5),
                ("probe", 7),
                ("http_exchange", 7),
            ]
        );
        let tls = &observations[2].fields;
        assert_eq!(tls.text("tls.status"), Some("0x80092013"));
        assert_eq!(tls.text("tls.role"), Some("update_server"));
        assert_eq!(tls.text("tls.outcome"), Some("failed"));
        assert_eq!(observations[3].fields.text("probe.role"), Some("revocation"));
        assert_eq!(observations[0].time.unwrap().to_string(), "2023-05-18T21:40:00.000000Z");
        let noted: Vec<_> = anomalies.iter().map(|anomaly| anomaly.at.as_str()).collect();
        assert_eq!(noted, ["line 4", "line 6"]);
    }

    #[test]
    fn reads_on_after_a_line_that_is_too_long() {
        let mut input = vec![b'x'; 3 * text::LINE];
        input.extend(b"\n{\"what\":\"tcp\",\"target\":\"h:443\",\"ok\":true,\"new\":[1,2]}\r\n");
        let (observations, anomalies) = read(&input);
        assert_eq!(observations.len(), 1);
        assert_eq!(observations[0].fields.text("probe.target"), Some("h:443"));
        assert_eq!(anomalies.len(), 2);
        assert_eq!(anomalies[0].at, "line 1");
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Probes, SAMPLE, |input, sink| parse(input, &Endpoints::default(), sink));
    }
}
