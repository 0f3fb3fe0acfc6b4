//! Every modifier, on a rung with a field of each type.

use super::*;
use crate::model::{Fields, Observation, Value};
use crate::rule::{taxonomy, yaml};

/// Says whether a block of selections holds for a rung with these fields.
fn holds(block: &str, fields: &Fields) -> bool {
    let node = yaml::parse(&format!("{{{block}, condition: s}}")).unwrap().remove(0);
    let (taxonomy, mut layout, mut notes) = (taxonomy::real(), Layout::default(), Notes::default());
    let detection = read(&node, Kind::Rung, &[], (&taxonomy, &mut layout), &mut notes);
    assert_eq!(notes.problems, [], "{block}");
    let observation = Observation {
        kind: Kind::Rung,
        time: None,
        endpoint: Some("pc-1".into()),
        attempt: Some(2),
        fields: fields.clone(),
        evidence: Vec::new(),
    };
    let mut slots = Vec::new();
    layout.fill(&observation, &mut slots);
    detection.unwrap().holds(&slots)
}

#[test]
fn every_modifier_holds_where_it_should_and_not_elsewhere() {
    let mut fields = Fields::new();
    fields.set("dns.name", "tetra-defs.amp.cisco.com").set("dns.tries", 3_i64).set("dns.rtt_ms", 12.5);
    fields.set("tls.sni", "TETRA-defs.amp.cisco.com".to_owned()).set("tls.status", "0x80092013");
    fields.set("http.path", "/a*b?c\\d").set("tcp.own_v6", true).set("rung.stage", "tls-revocation");
    fields.set("download.expected", 10_i64).set("download.received", 10_i64).set("download.rate_bps", 10.0);
    let addresses: Vec<std::net::IpAddr> = vec!["10.1.2.3".parse().unwrap(), "2001:db8::1".parse().unwrap()];
    fields.set("dns.addresses", addresses);
    fields.set("proxy.schemes", vec![Value::from("ntlm"), Value::from("negotiate")]);
    for (block, expected) in [
        ("s: {dns.name: TETRA-DEFS.amp.cisco.com}", true),
        ("s: {dns.name|cased: TETRA-DEFS.amp.cisco.com}", false),
        ("s: {dns.name: [a, tetra-defs.amp.cisco.com]}", true),
        ("s: {dns.name|startswith: Tetra}", true),
        ("s: {dns.name|endswith: [.example, .CISCO.com]}", true),
        ("s: {dns.name|contains|all: [amp, cisco]}", true),
        ("s: {dns.name|contains|all: [amp, example]}", false),
        ("s: {tls.sni|contains|cased: tetra}", false),
        ("s: {tls.sni|re: '^tetra'}", false),
        ("s: {tls.sni|re|i: '^tetra'}", true),
        ("s: {tls.status: '0x80092013'}", true),
        (r"s: {http.path: '/a\*b\?c\d'}", true),
        ("s: {dns.tries: [2, 3]}", true),
        ("s: {dns.tries|gt: 3}", false),
        ("s: {dns.tries|gte: 3, dns.tries|lt: 4}", true),
        ("s: {dns.tries|lte: 2}", false),
        ("s: {dns.rtt_ms|gt: 12}", true),
        ("s: {dns.rtt_ms: 12.5}", true),
        ("s: {tcp.own_v6: false}", false),
        ("s: {dns.tries|neq: 3}", false),
        ("s: {dns.tries|neq: [1, 2]}", true),
        ("s: {tcp.tries|neq: 3}", false),
        ("s: {tcp.tries|exists: false}", true),
        ("s: {tcp.tries|exists: true}", false),
        ("s: {tcp.tries|gte: 0}", false),
        ("s: {download.received|fieldref: download.expected}", true),
        ("s: {download.received|fieldref: download.rate_bps}", true),
        ("s: {dns.name|fieldref: tls.sni}", true),
        ("s: {download.received|fieldref|neq: dns.tries}", true),
        ("s: {download.received|fieldref|neq: tcp.tries}", false),
        ("s: {dns.addresses|cidr: 10.0.0.0/8}", true),
        ("s: {dns.addresses|cidr: ['192.168.0.0/16', '2001:db8::/32']}", true),
        ("s: {dns.addresses|cidr: 11.0.0.0/8}", false),
        ("s: {dns.addresses: 10.1.2.3}", true),
        ("s: {dns.addresses|neq: 10.1.2.3}", false),
        ("s: {proxy.schemes: basic}", false),
        ("s: {proxy.schemes: [basic, ntlm]}", true),
        ("s: {proxy.schemes|all: [basic, ntlm]}", false),
        ("s: {proxy.schemes|all: [negotiate, ntlm]}", true),
        ("s: {rung.stage|startswith: tls}", true),
        ("s: [{dns.tries: 9}, {dns.tries: 3, tcp.own_v6: true}]", true),
        ("s: {dns.tries: 3, tcp.own_v6: false}", false),
        ("s: {host: PC-1, attempt: 2}", true),
        ("s: {endpoint: pc-2}", false),
    ] {
        assert_eq!(holds(block, &fields), expected, "{block}");
    }
}
