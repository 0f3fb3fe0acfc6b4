//! What the collector tried itself, `network/probes.jsonl`: one JSON object a line, one probe each.
//!
//! | key | value |
//! |---|---|
//! | `what` | `dns`, `tcp`, `tls`, `ocsp`, `crl`, `http`, `proxy`, `clock` or `trust` |
//! | `target` | `host` or `host:port` |
//! | `path` | `direct`, `winhttp`, `wininet`, `policy_proxy`, `pac` or `resolver` |
//! | `ok` | whether it went well |
//! | `outcome` | the words of `dns.outcome`, `tcp.outcome`, `tls.outcome` or a revocation outcome |
//! | `status` | HRESULT as `0x80092013`, optional |
//! | `http_status` | status of the HTTP answer, optional |
//! | `ms` | how long it took, optional |
//! | `time` | when it began, RFC 3339 |
//! | `detail` | more, by `what`: `server`, `addresses` (dns); `version`, `issuer` (tls); `offset_s` (clock) |
//!
//! Unknown keys are passed over, and so are unknown values of `what` (noted). The JSON Schema is `bundle/probes.schema.json`.

use super::json::Json;
use super::{code, is_full, moment, policy_xml, text};
use crate::model::{Endpoints, Fields, Kind, Locator, Sink, Timestamp};

const WHAT: &[&str] = &["dns", "tcp", "tls", "ocsp", "crl", "http", "proxy", "clock", "trust"];
const PATHS: &[&str] = &["direct", "winhttp", "wininet", "policy_proxy", "pac", "resolver"];
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

/// Reads the probes. One of TLS, HTTP or the clock is stated as a handshake, exchange or offset, too.
///
/// ```text
/// {"what":"tls","target":"tetra-defs.amp.cisco.com:443","path":"direct","ok":false,"outcome":"failed","status":"0x80092013","time":"…"}
/// ```
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    text::note_long_lines(&text, sink);
    for (number, line) in text::lines(&text) {
        if line.trim().is_empty() {
            continue;
        }
        if is_full(sink) {
            return;
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
        state(what, &root, number, line, endpoints, sink);
    }
}

/// States one probe.
fn state(what: &'static str, root: &Json, number: u64, line: &str, endpoints: &Endpoints, sink: &mut Sink) {
    let time = root.any(&["time"]).and_then(moment::of);
    let word = |name: &str| root.any(&[name]).and_then(Json::text);
    let target = word("target").unwrap_or_default().to_owned();
    let host = policy_xml::host_of(&target);
    let status = word("status").and_then(code::status);
    let http_status = root.any(&["http_status"]).and_then(Json::int);
    let outcome = word("outcome").map(str::to_owned);
    let mut fields = Fields::new();
    fields
        .set("probe.what", what)
        .set("probe.role", endpoints.role(&host).name())
        .set_opt("probe.ok", root.any(&["ok"]).and_then(Json::bool))
        .set_opt(
            "probe.path",
            word("path").and_then(|path| PATHS.iter().find(|known| **known == path)).copied(),
        )
        .set_opt("probe.outcome", outcome.clone())
        .set_opt("probe.status", status.clone())
        .set_opt("probe.http_status", http_status)
        .set_opt("probe.ms", root.any(&["ms"]).and_then(Json::float))
        .set_opt("probe.target", (!target.is_empty()).then_some(target));
    sink.observe(Kind::Probe, Locator::Line(number), line, time, fields);
    let detail = root.any(&["detail"]).unwrap_or(&Json::Null);
    let role = endpoints.role(&host).name();
    match what {
        "tls" => {
            let known = outcome.and_then(|word| TLS_OUTCOMES.iter().find(|known| **known == word));
            let fields = tls(host, role, known.copied(), status, detail);
            sink.observe(Kind::TlsHandshake, Locator::Line(number), line, time, fields);
        }
        "http" if http_status.is_some() => {
            let mut fields = Fields::new();
            fields.set("http.host", host).set("http.role", role).set_opt("http.status", http_status);
            fields.set("http.via_proxy", word("path").is_some_and(|path| path != "direct"));
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
    use crate::model::{EndpointPattern, Observation, Role};
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/probes/probes.jsonl");

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
