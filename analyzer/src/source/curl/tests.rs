//! Tests of transcripts as a whole.

use tetra_bundle::SourceId;

use super::*;
use crate::model::{Anomaly, EndpointPattern, Observation, Role};
use crate::source::hammer;

const GOOD: &[u8] = include_bytes!("../../../../fixtures/sources/curl/good.txt");
const REVOCATION: &[u8] = include_bytes!("../../../../fixtures/sources/curl/revocation_de.txt");
const PROXY: &[u8] = include_bytes!("../../../../fixtures/sources/curl/proxy_407.txt");
const SEVERAL: &[u8] = include_bytes!("../../../../fixtures/sources/curl/several.txt");

fn run(input: &[u8]) -> (Vec<Observation>, Vec<Anomaly>) {
    let pattern = |name: &str, role| EndpointPattern { name: name.into(), role, region: String::new() };
    let patterns = vec![pattern("tetra-defs.amp.cisco.com", Role::UpdateServer)];
    let endpoints = Endpoints { patterns, ..Endpoints::default() };
    hammer::parse(SourceId::CurlTranscript, input, |input, sink| parse(input, &endpoints, sink))
}

fn shown(input: &[u8]) -> Vec<String> {
    let (observations, anomalies) = run(input);
    assert_eq!(anomalies, []);
    let show = |seen: &Observation| {
        let fields: Vec<_> = seen.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", seen.evidence[0].line().unwrap(), fields.join(" "))
    };
    observations.iter().map(show).collect()
}

#[test]
fn reads_a_good_run() {
    assert_eq!(
        shown(GOOD),
        [
            "3 dns.addresses=192.0.2.10 dns.name=tetra-defs.amp.cisco.com dns.outcome=answered dns.role=update_server",
            "3 tcp.outcome=established tcp.port=443 tcp.role=update_server tcp.server=192.0.2.10",
            "8 http.answered_later=false http.content_length=0 http.content_type=text/html; charset=UTF-8 http.credentials=none \
             http.host=tetra-defs.amp.cisco.com http.method=GET http.path=/ http.purpose=other http.role=update_server \
             http.status=200 http.via_proxy=false",
            "3 tls.outcome=complete tls.role=update_server tls.sni=tetra-defs.amp.cisco.com",
        ]
    );
}

#[test]
fn reads_the_status_in_any_language() {
    assert_eq!(
        shown(REVOCATION).last().unwrap(),
        "6 tls.curl_exit=35 tls.outcome=failed tls.role=update_server tls.sni=tetra-defs.amp.cisco.com tls.status=0x80092013"
    );
}

#[test]
fn reads_a_proxy_that_wants_credentials_and_shows_none() {
    let found = shown(PROXY);
    let connects: Vec<_> = found.iter().filter(|line| line.contains("http.method=CONNECT")).collect();
    assert_eq!(connects.len(), 2);
    assert!(connects[0].contains("http.credentials=none"), "{connects:?}");
    assert!(
        connects[1].contains("http.credentials=ntlm") && connects[1].contains("http.status=407"),
        "{connects:?}"
    );
    for part in ["http.role=proxy ", "http.status=407 http.via_proxy=true", "http.purpose=connect"] {
        assert!(connects.iter().all(|line| line.contains(part)), "{part}");
    }
    assert!(found.iter().any(|line| line.contains("tcp.role=proxy tcp.server=10.1.2.3")), "{found:?}");
    assert!(found.last().unwrap().contains("tls.curl_exit=56 tls.outcome=unknown"), "{found:?}");
    let all = format!("{:?}", run(PROXY));
    for secret in ["TlRMTVNTUAAB", "S3cret"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[test]
fn tells_several_runs_apart() {
    let found = shown(SEVERAL);
    let of =
        |part: &str| found.iter().filter(|line| line.contains(part)).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        of("tls.outcome"),
        [
            "4 tls.curl_exit=6 tls.outcome=unknown tls.role=update_server tls.sni=tetra-defs.amp.cisco.com",
            "10 tls.curl_exit=28 tls.outcome=unknown tls.role=update_server tls.sni=tetra-defs.amp.cisco.com",
            "15 tls.curl_exit=35 tls.outcome=reset tls.role=update_server tls.sni=tetra-defs.amp.cisco.com",
            "23 tls.alert=unknown_ca tls.alert_from=client tls.curl_exit=60 tls.outcome=alert tls.role=update_server \
             tls.sni=tetra-defs.amp.cisco.com",
            "31 tls.issuer=C=US; O=IdenTrust; CN=HydrantID Server CA O1 tls.outcome=complete tls.role=update_server \
             tls.sni=tetra-defs.amp.cisco.com tls.version=1.3",
        ]
    );
    assert_eq!(
        of("tcp.outcome"),
        [
            "8 tcp.outcome=refused tcp.port=443 tcp.role=update_server tcp.server=2001:db8::10",
            "10 tcp.outcome=unanswered tcp.port=443 tcp.role=update_server tcp.server=192.0.2.10",
            "14 tcp.outcome=established tcp.port=443 tcp.role=update_server tcp.server=192.0.2.10",
            "20 tcp.outcome=established tcp.port=443 tcp.role=update_server tcp.server=192.0.2.10",
            "30 tcp.outcome=established tcp.port=443 tcp.role=update_server tcp.server=192.0.2.10",
        ]
    );
    assert_eq!(of("dns.outcome=unknown").len(), 1);
}

#[test]
fn says_when_nothing_is_in_it() {
    let (observations, anomalies) = run(b"PS C:\\> dir\n a.txt");
    assert_eq!(observations, []);
    assert_eq!(anomalies[0].what, "holds nothing that `curl -v` prints");
}

#[test]
fn survives_anything() {
    for sample in [GOOD, REVOCATION, PROXY, SEVERAL] {
        hammer::hammer(SourceId::CurlTranscript, sample, |input, sink| {
            parse(input, &Endpoints::default(), sink)
        });
    }
}
