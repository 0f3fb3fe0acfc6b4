//! A small pack for tests.

use super::pack::PackFiles;
use super::problem::Refused;
use super::set::RuleSet;

/// The taxonomy of the core pack.
pub(crate) const TAXONOMY: &str = include_str!("../../../rules/taxonomy.yml");

const CARD: &str =
    "{name: sample, version: 1.0.0, profile: 1, taxonomy: tetra, licence: MIT, author: tests}\n";

const CAUSES: &str = "
version: 1
causes:
    dns-timeout:
        {title: The resolver is silent, category: dns, stage: dns, user: [ask], engineer: [look], leads_to: [update-failed]}
    proxy-auth-required:
        {title: The proxy wants credentials, category: proxy, stage: proxy-auth, user: [ask], engineer: [look]}
    update-failed:
        {title: The update failed, category: endpoint, stage: download, user: [ask], engineer: [look]}
";

const CAUSES_ZH: &str = "
causes:
    dns-timeout: {title: 解析器没有应答, user: [问], engineer: [看]}
rules:
    dns_unanswered: {title: DNS 没有应答, say: '{dns.name} 没有应答'}
";

const CODES: &str = "
codes:
    - {family: lasterror, number: -2100, name: '', meaning: cannot authenticate with the proxy, meaning_zh: 无法通过代理进行身份验证, source: vendor, verified: true, causes: [proxy-auth-required]}
    - {family: hresult, number: 0x80092013, name: CRYPT_E_REVOCATION_OFFLINE, meaning: the revocation server was offline, source: winerror.h, verified: true}
    - {family: winhttp, number: 12057, name: ERROR_WINHTTP_SECURE_CERT_REV_FAILED, meaning: revocation could not be checked, source: winhttp.h, verified: true}
    - {family: curl, number: 35, name: CURLE_SSL_CONNECT_ERROR, meaning: the TLS handshake failed, source: curl.h, verified: true}
";

const ENDPOINTS: &str = "
hosts:
    - {name: tetra-defs.amp.cisco.com, role: update_server, region: nam, verified: true, source: vendor}
definitions_paths: [/av64bit]
public_authorities: [IdenTrust]
proxy_labels: [proxy]
proxy_ports: [3128]
";

const TEMPLATES: &str = "
templates:
    - event: update_start
      literal: update started
      pattern: 'update started'
      verified: false
      examples: ['(1) update started']
";

/// A rule of one observation.
pub(crate) const DNS: &str = "
title: Update Server Name Not Answered
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b01
name: dns_unanswered
status: experimental
date: 2026-11-23
logsource: {product: secure_endpoint, category: dns_transaction}
detection:
    selection:
        dns.role: update_server
        dns.outcome: unanswered
        dns.tries|gte: 2
    condition: selection
level: high
diagnosis:
    supports: dns-timeout
    strength: strong
    subject: [host, dns.name]
    say: '{dns.name} was asked for {dns.tries} times; no answer'
examples:
    - {expect: match, event: {dns.name: a.example, dns.role: update_server, dns.outcome: unanswered, dns.tries: 3}}
    - {expect: no-match, event: {dns.name: a.example, dns.role: update_server, dns.outcome: unknown, dns.tries: 3}}
    - {expect: no-match, event: {dns.name: a.example, dns.role: other, dns.outcome: unanswered, dns.tries: 3}}
    - {expect: no-match, event: {dns.name: a.example, dns.role: update_server, dns.outcome: unanswered, dns.tries: 1}}
";

/// A rule about absence.
pub(crate) const PROXY: &str = "
title: Proxy Authentication Never Succeeds
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b02
name: proxy_407_final
correlation:
    type: temporal_ordered
    rules: [proxy_407, proxy_tunnel_ok]
    group-by: [host, http.host]
    timespan: 30s
    condition: proxy_407 and not proxy_tunnel_ok
level: high
diagnosis:
    supports: proxy-auth-required
    strength: strong
    subject: [host, http.host]
    say: the proxy answered 407 for {http.host} and never opened the tunnel
examples:
    - name: 407 and nothing after
      expect: match
      events: [{offset: 0s, event: {host: d, http.host: a, http.status: 407, http.via_proxy: true}}]
      covered: 40s
    - name: 407 and the source ends
      expect: cannot-tell
      events: [{offset: 0s, event: {host: d, http.host: a, http.status: 407, http.via_proxy: true}}]
      covered: 5s
    - name: the second leg works
      expect: no-match
      events:
          - {offset: 0s, event: {host: d, http.host: a, http.status: 407, http.via_proxy: true}}
          - {offset: 1s, event: {host: d, http.host: a, http.status: 200, http.via_proxy: true}}
      covered: 40s
    - name: the tunnel of another server does not count
      expect: match
      events:
          - {offset: 0s, event: {host: d, http.host: a, http.status: 407, http.via_proxy: true}}
          - {offset: 1s, event: {host: d, http.host: b, http.status: 200, http.via_proxy: true}}
      covered: 40s
---
title: Proxy Answers 407
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b03
name: proxy_407
logsource: {product: secure_endpoint, category: http_exchange}
detection:
    selection: {http.via_proxy: true, http.status: 407}
    condition: selection
level: informational
---
title: Proxy Opens The Tunnel
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b04
name: proxy_tunnel_ok
logsource: {product: secure_endpoint, category: http_exchange}
detection:
    selection: {http.via_proxy: true, http.status|gte: 200, http.status|lt: 300}
    condition: selection
level: informational
";

/// A rule of three members.
pub(crate) const CUT: &str = "
title: Download Cut Off By A Reset
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b07
name: download_cut
correlation:
    type: temporal_ordered
    rules: [update_started, body_short, flow_reset]
    group-by: [host, attempt]
    timespan: 10m
level: high
diagnosis:
    supports: update-failed
    strength: strong
    say: after {http.body_bytes} of {http.content_length} bytes the flow ended ({tcp.end})
examples:
    - name: start, short body, reset
      expect: match
      events:
          - {offset: 0s, event: {host: d, attempt: 7, log.event: update_start}}
          - {offset: 2s, event: {host: d, attempt: 7, http.content_length: 90000, http.body_bytes: 1000, http.status: 200}}
          - {offset: 3s, event: {host: d, attempt: 7, tcp.role: update_server, tcp.end: reset_by_server}}
    - name: the whole body came
      expect: no-match
      events:
          - {offset: 0s, event: {host: d, attempt: 7, log.event: update_start}}
          - {offset: 2s, event: {host: d, attempt: 7, http.content_length: 90000, http.body_bytes: 90000, http.status: 200}}
          - {offset: 3s, event: {host: d, attempt: 7, tcp.role: update_server, tcp.end: reset_by_server}}
    - name: reset in another attempt
      expect: no-match
      events:
          - {offset: 0s, event: {host: d, attempt: 7, log.event: update_start}}
          - {offset: 2s, event: {host: d, attempt: 7, http.content_length: 90000, http.body_bytes: 1000, http.status: 200}}
          - {offset: 3s, event: {host: d, attempt: 8, tcp.role: update_server, tcp.end: reset_by_server}}
    - name: same second, wrong order
      expect: no-match
      events:
          - {offset: 0.9s, event: {host: d, attempt: 7, log.event: update_start}}
          - {offset: 0.2s, event: {host: d, attempt: 7, http.content_length: 90000, http.body_bytes: 1000, http.status: 200}}
          - {offset: 0.1s, event: {host: d, attempt: 7, tcp.role: update_server, tcp.end: reset_by_server}}
---
title: Update Started
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b08
name: update_started
logsource: {product: secure_endpoint, category: log_record}
detection:
    selection: {log.event: update_start}
    condition: selection
level: informational
---
title: Body Shorter Than Announced
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b09
name: body_short
logsource: {product: secure_endpoint, category: http_exchange}
detection:
    announced:
        http.content_length|exists: true
        http.status: [200, 206]
    whole:
        http.body_bytes|fieldref: http.content_length
    condition: announced and not whole
level: informational
---
title: Flow Reset From The Server's Side
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b0a
name: flow_reset
logsource: {product: secure_endpoint, category: tcp_flow}
detection:
    selection: {tcp.role: update_server, tcp.end: reset_by_server}
    condition: selection
level: informational
";

/// The files of the sample pack.
pub(crate) fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("pack.yml", CARD),
        ("taxonomy.yml", TAXONOMY),
        ("causes.yml", CAUSES),
        ("causes.zh.yml", CAUSES_ZH),
        ("codes.yml", CODES),
        ("endpoints.yml", ENDPOINTS),
        ("templates/connector.yml", TEMPLATES),
        ("dns/dns_unanswered.yml", DNS),
        ("proxy/proxy_407_final.yml", PROXY),
        ("interrupt/download_cut.yml", CUT),
    ]
}

/// Loads the sample pack.
pub(crate) fn set() -> RuleSet {
    RuleSet::load(&[PackFiles::from_texts(files())]).unwrap_or_else(|refused| panic!("{refused}"))
}

/// Loads the sample pack with one file replaced or added.
pub(crate) fn with(path: &'static str, text: &str) -> Result<RuleSet, Refused> {
    let mut files: Vec<(&str, &str)> = files().into_iter().filter(|(known, _)| *known != path).collect();
    files.push((path, text));
    RuleSet::load(&[PackFiles::from_texts(files)])
}

/// Loads the sample pack and a second one.
pub(crate) fn and(second: &[(&str, &str)]) -> Result<RuleSet, Refused> {
    let mut more = PackFiles::from_texts(
        second
            .iter()
            .copied()
            .chain([("pack.yml", "{name: local, version: 2.0.0, profile: 1, taxonomy: tetra}\n")]),
    );
    more.folder = "local".into();
    RuleSet::load(&[PackFiles::from_texts(files()), more])
}
