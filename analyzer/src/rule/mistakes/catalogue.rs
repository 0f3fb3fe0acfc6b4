//! Mistakes in the files beside the rules.

/// The file, its text, and what is told; `‸` marks the place that must be named.
#[rustfmt::skip]
pub(super) const SEEDS: &[(&str, &str, &str)] = &[
    ("causes.yml", "version: 1\ncauses:\n    dns-timeout: {title: a, category: dns, stage: ‸dnss, user: [a], engineer: [b]}\n", "unknown stage `dnss`; did you mean `dns`?"),
    ("causes.yml", "version: 1\ncauses:\n    dns-timeout: {title: a, category: ‸network, stage: dns, user: [a], engineer: [b]}\n", "unknown category `network`"),
    ("causes.yml", "version: 1\ncauses:\n    ‸dns-timeout: {title: a, category: dns, stage: dns, user: [a], engineer: [b], leads_to: [dns-timeout]}\n", "`dns-timeout` leads back to itself by `leads_to`"),
    ("causes.yml", "version: 1\ncauses:\n    dns-timeout: {title: a, category: dns, stage: dns, user: [a], engineer: [b], refines: ‸dns-timeut}\n", "unknown cause `dns-timeut`; did you mean `dns-timeout`?"),
    ("causes.zh.yml", "causes: {‸dns-timout: {title: a}}\n", "unknown cause `dns-timout`; did you mean `dns-timeout`?"),
    ("causes.zh.yml", "rules: {‸dns_unanswerd: {say: a}}\n", "unknown rule `dns_unanswerd`; did you mean `dns_unanswered`?"),
    ("causes.zh.yml", "rules: {dns_unanswered: {say: ‸'{dns.nam}'}}\n", "`say`: `{dns.nam}` is no field of this rule; did you mean `{dns.name}`?"),
    ("codes.yml", "codes: [{family: curl, number: ‸six, meaning: a, source: b, verified: true}]", "`number` must be a whole number, not text"),
    ("codes.yml", "codes: [{family: curl, number: 6, meaning: a, source: b, verified: true, causes: [‸x]}]", "unknown cause `x`"),
    ("endpoints.yml", "hosts: [{name: a.example, role: ‸update_srver, verified: true}]", "unknown role `update_srver`; did you mean `update_server`?"),
    ("endpoints.yml", "hosts: [{name: ‸'a.*.example', role: proxy, verified: true}]", "`a.*.example` is no host name and no suffix like `*.example.com`"),
    ("templates/connector.yml", "templates: [{event: a, literal: ‸abc, pattern: abc, verified: false, examples: [abc]}]", "the literal `abc` is shorter than 4 bytes"),
    ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: abcd, verified: false, examples: [‸xyz]}]", "the example does not contain the literal `abcd`"),
    ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: ‸'abcd (?<cod>1)', verified: false, examples: [abcd 1]}]", "unknown group `cod`; did you mean `code`?"),
    ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: 'abcd 2', verified: false, examples: [‸abcd 1]}]", "the pattern does not match this example"),
    ("pack.yml", "{name: a, version: 1.0.0, profile: ‸2, taxonomy: tetra}", "the pack needs profile 2 of the rule language; this program knows 1: a newer one is needed"),
    ("pack.yml", "{name: a, version: ‸'1.0', profile: 1, taxonomy: tetra}", "`1.0` is no version like 1.2.3"),
    ("stray.yml", "‸a: 1", "no file of this name belongs here; rules lie in folders, as `dns/name.yml`"),
    ("dns/empty_rule_file.yml", "", "dns/empty_rule_file.yml:1:1: the file is empty"),
    ("dns/broken_rule_file.yml", "a: ‸[1", "cannot be read as YAML: unclosed bracket '['"),
    ("causes.yml", "version: 1\ncauses:\n    ‸DNS: {title: a, category: dns, stage: dns, user: [a], engineer: [b]}\n", "`DNS` must be lower-case letters, digits and hyphens"),
    ("templates/connector.yml", "templates: [‸{event: a, pattern: abcd, verified: false, examples: [abcd]}]", "`literal` is missing"),
    ("templates/connector.yml", "templates: [‸{event: a, literal: abcd, pattern: abcd, verified: true, examples: [abcd]}]", "a verified template names its `source`"),
    ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: 'abcd (?<code>.+)', verified: false, examples: [‸abcd six]}]", "the group `code` takes `six`, which is no number"),
    ("pack.yml", "{name: a, ‸verion: 1.0.0, profile: 1, taxonomy: tetra}", "unknown key of the pack `verion`; did you mean `version`?"),
];
