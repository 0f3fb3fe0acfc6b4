//! Mistakes in heads, votes and examples.

/// What is replaced in the sample, by what, and what is told; `‸` marks the place that must be named.
#[rustfmt::skip]
pub(super) const SEEDS: &[(&str, &str, &str)] = &[
    ("title:", "‸titel:", "unknown key of a rule `titel`; did you mean `title`?"),
    ("level: high", "level: ‸hihg", "unknown level `hihg`; did you mean `high`?"),
    ("level: high", "‸tags: [attack.t1]\nlevel: high", "unknown key of a rule `tags`"),
    ("status: experimental", "status: ‸expermental", "unknown status `expermental`; did you mean `experimental`?"),
    ("5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b01", "‸5b0f3a56", "`5b0f3a56` is no UUID"),
    ("0a7f5d6f5b01", "0a7f5d6f5b03", "proxy/proxy_407_final.yml:40:5: the id `5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b03` exists already in dns/dns_unanswered.yml"),
    ("name: dns_unanswered", "name: ‸dns_not_answered", "the first rule of a file is named as the file: `dns_unanswered`, not `dns_not_answered`"),
    ("name: dns_unanswered", "name: proxy_407", "proxy/proxy_407_final.yml:41:7: the name `proxy_407` exists already in dns/dns_unanswered.yml"),
    ("category: dns_transaction", "category: ‸dns", "unknown kind `dns`; did you mean `dns_transaction`?"),
    ("product: secure_endpoint", "product: ‸windows", "`product` must be `secure_endpoint`"),
    ("strength: strong", "strength: ‸strnog", "unknown strength `strnog`; did you mean `strong`?"),
    ("strength: strong", "‸strenght: strong", "unknown key of `diagnosis` `strenght`; did you mean `strength`?"),
    ("supports: dns-timeout", "supports: ‸dns-timout", "unknown cause `dns-timout`; did you mean `dns-timeout`?"),
    ("supports: dns-timeout", "refutes: dns-timeout", "causes.yml:4:5: no rule supports the cause `dns-timeout`"),
    ("subject: [host, dns.name]", "subject: [host, ‸dns.names]", "unknown field in `subject` `dns.names`; did you mean `dns.name`?"),
    ("{dns.tries} times", "{dns.trys} times", "dns/dns_unanswered.yml:19:10: `say`: `{dns.trys}` is no field of this rule; did you mean `{dns.tries}`?"),
    ("{expect: match", "{expect: no-match", "dns/dns_unanswered.yml:16:5: `dns_unanswered` needs an example with `expect: match`"),
    ("{expect: match", "{expect: ‸matches", "unknown expectation `matches`; did you mean `match`?"),
    ("{expect: match", "‸{expect: cannot-tell", "only a correlation with an absent member can answer `cannot-tell`"),
    ("dns.tries: 3}", "dns.tries: ‸three}", "`dns.tries` is of type int, not text"),
    ("dns.tries: 3}", "‸dns.trials: 3}", "unknown field of the rule's kinds `dns.trials`; did you mean `dns.tries`?"),
    ("dns.outcome: unknown", "dns.outcome: ‸unknwon", "`dns.outcome` is never `unknwon`; did you mean `unknown`?"),
    ("level: high", "related: [{id: ‸5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b03, type: obsolete}]\nlevel: high", "`proxy_407` is of the same pack: delete it instead"),
    ("detection:", "detections:", "dns/dns_unanswered.yml:2:1: a rule needs one of `detection`, `correlation` and `filter`"),
    ("strength: strong", "strength: ‸0.8", "`strength` must be text, but 0.8 is a number to YAML; write it in quotes: '0.8'"),
];
