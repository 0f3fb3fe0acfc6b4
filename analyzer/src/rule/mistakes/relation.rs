//! Mistakes in correlations.

/// What is replaced in the sample, by what, and what is told; `‸` marks the place that must be named.
#[rustfmt::skip]
pub(super) const SEEDS: &[(&str, &str, &str)] = &[
    ("type: temporal_ordered", "type: ‸temporal_orderd", "unknown correlation type `temporal_orderd`; did you mean `temporal_ordered`?"),
    ("type: temporal_ordered", "type: temporal", "proxy/proxy_407_final.yml:10:16: absence needs a place: `not` goes with `temporal_ordered` only"),
    ("[proxy_407, proxy_tunnel_ok]", "[‸proxy_408, proxy_tunnel_ok]", "unknown rule `proxy_408`; did you mean `proxy_407`?"),
    ("[proxy_407, proxy_tunnel_ok]", "[proxy_407, ‸proxy_407]", "`proxy_407` stands here twice"),
    ("[proxy_407, proxy_tunnel_ok]", "[proxy_407, ‸download_cut]", "`download_cut` is no rule with a `detection`; only such can be members"),
    ("group-by: [host, http.host]", "group-by: [host, ‸tls.sni]", "unknown field of http_exchange `tls.sni`"),
    ("group-by:", "‸groupby:", "unknown key of `correlation` `groupby`; did you mean `group-by`?"),
    ("timespan: 30s", "timespan: ‸30", "`timespan` must be text, but 30 is a number to YAML; write it in quotes: '30'"),
    ("timespan: 30s", "timespan: ‸30x", "`30x` is no span of time like 30s, 10m, 2h or 1d"),
    ("proxy_407 and not proxy_tunnel_ok", "‸proxy_407 or proxy_tunnel_ok", "condition `proxy_407 or proxy_tunnel_ok`: `proxy_407 or proxy_tunnel_ok`: only names joined by"),
    ("proxy_407 and not proxy_tunnel_ok", "‸proxy_407", "condition `proxy_407`: `proxy_tunnel_ok` of `rules` is not used"),
    ("proxy_407 and not proxy_tunnel_ok", "‸not proxy_407 and not proxy_tunnel_ok", "condition `not proxy_407 and not proxy_tunnel_ok`: one member must be there"),
    ("condition: proxy_407 and not proxy_tunnel_ok", "aliases: {x: {proxy_407: http.host, proxy_tunnel_ok: ‸http.hst}}", "unknown field of http_exchange `http.hst`; did you mean `http.host`?"),
    ("{http.host} and never", "{dns.name} and never", "proxy/proxy_407_final.yml:16:10: `say`: `{dns.name}` is no field of this rule"),
    ("covered: 5s", "covered: ‸long", "`long` is no span of time like 500ms, 30s or 10m"),
    ("http.status: 407, http.via_proxy: true}}]", "http.status: 407, ‸dns.name: a}}]", "unknown field of the rule's kinds `dns.name`"),
    ("correlation:", "logsource: ‸{product: secure_endpoint, category: setting}\ncorrelation:", "a correlation has no `logsource`; its members have"),
];
