//! Seeded mistakes: every one must be told, with its place and a hint.

use super::pack::PackFiles;
use super::problem::Refused;
use super::sample;
use super::set::RuleSet;

fn told(path: &'static str, text: &str) -> String {
    sample::with(path, text).map_or_else(|refused| refused.to_string(), |_| "no mistake".into())
}

/// Replaces a part of the rule of one observation and gives what is told.
fn dns(part: &str, by: &str) -> String {
    assert!(sample::DNS.contains(part), "{part}");
    told("dns/dns_unanswered.yml", &sample::DNS.replacen(part, by, 1))
}

fn proxy(part: &str, by: &str) -> String {
    assert!(sample::PROXY.contains(part), "{part}");
    told("proxy/proxy_407_final.yml", &sample::PROXY.replacen(part, by, 1))
}

#[test]
fn mistakes_in_tests_of_observations_are_told() {
    let line = "        dns.outcome: unanswered";
    for (by, hint) in [
        (
            "        dns.outcom: unanswered",
            ":11:9: unknown field of dns_transaction `dns.outcom`; did you mean `dns.outcome`?",
        ),
        ("        tcp.port: 443", "unknown field of dns_transaction `tcp.port`"),
        (
            "        dns.outcome: unansered",
            ":11:22: `dns.outcome` is never `unansered`; did you mean `unanswered`?",
        ),
        ("        dns.outcome|begins: un", "unknown modifier `begins`"),
        ("        dns.outcome|contain: un", "unknown modifier `contain`; did you mean `contains`?"),
        ("        dns.name: 0x80092013", "write it in quotes: '0x80092013'"),
        ("        dns.rcode: '3'", "`dns.rcode` must be a whole number, not text"),
        ("        dns.rtt_ms|gt: fast", "must be a number, not text"),
        ("        dns.name|gt: 3", "`gt` does not go with a field of type string"),
        ("        dns.name: '*.example'", "use `|contains`, `|startswith`"),
        ("        dns.name|endswith: 'a?b'", r"write `\?`"),
        ("        dns.name|re: '(?=a)b'", "looks ahead or behind"),
        ("        dns.name|re: '(a'", "cannot be read: unclosed group"),
        ("        dns.name|re: '(\\w{1,500}){1,50}'", "is too large"),
        ("        dns.server|cidr: 10.0.0.0/33", "is no network"),
        ("        dns.server: 10.0.0.0/8", "use `|cidr`"),
        ("        dns.server|contains: '10.'", "`contains` does not go with a field of type ip"),
        ("        dns.name: ~", "write `|exists: false`"),
        ("        dns.name: []", "has no value"),
        ("        dns.name|exists: 'yes'", "must be true or false"),
        ("        dns.name|fieldref: dns.rcode", "string cannot equal int"),
        ("        dns.name|all: a", "needs a list of at least two values"),
        ("        dns.name|contains|re: a", "`contains` and `re` do not go together"),
        ("        dns.name|contains|i: a", "`i` goes with `re` only"),
        ("        '|contains': a", "keywords without a field"),
        ("        dns.role: update_server", "cannot be read as YAML: the key `dns.role` stands here twice"),
    ] {
        let said = dns(line, by);
        assert!(said.contains(hint), "{by}: {said}");
        assert!(said.contains("dns/dns_unanswered.yml:11:"), "{by}: {said}");
    }
    for (part, by, hint) in [
        (
            "condition: selection",
            "condition: selektion",
            "unknown selection `selektion`; did you mean `selection`?",
        ),
        (
            "condition: selection",
            "other: {dns.rcode: 2}\n    condition: selection",
            "selection `other` is not used",
        ),
        (
            "condition: selection",
            "words: [a, b]\n    condition: selection and words",
            "keywords without a field",
        ),
        ("condition: selection", "condition: [selection]", "join them with `or`"),
        ("condition: selection", "timeframe: 5s\n    condition: selection", "correlation with `timespan`"),
    ] {
        let said = dns(part, by);
        assert!(said.contains(hint), "{by}: {said}");
    }
}

#[test]
fn mistakes_in_heads_and_votes_are_told() {
    for (part, by, hint) in [
        ("title:", "titel:", "unknown key of a rule `titel`; did you mean `title`?"),
        ("level: high", "level: hihg", "unknown level `hihg`; did you mean `high`?"),
        ("level: high", "tags: [attack.t1]\nlevel: high", "unknown key of a rule `tags`"),
        ("status: experimental", "status: expermental", "did you mean `experimental`?"),
        ("5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b01", "5b0f3a56", "is no UUID"),
        ("0a7f5d6f5b01", "0a7f5d6f5b03", "exists already"),
        ("name: dns_unanswered", "name: dns_not_answered", "named as the file: `dns_unanswered`"),
        ("name: dns_unanswered", "name: proxy_407", "the name `proxy_407` exists already"),
        ("category: dns_transaction", "category: dns", "unknown kind `dns`; did you mean `dns_transaction`?"),
        ("product: secure_endpoint", "product: windows", "must be `secure_endpoint`"),
        ("strength: strong", "strength: strnog", "unknown strength `strnog`; did you mean `strong`?"),
        ("strength: strong", "strenght: strong", "did you mean `strength`?"),
        (
            "supports: dns-timeout",
            "supports: dns-timout",
            "unknown cause `dns-timout`; did you mean `dns-timeout`?",
        ),
        ("supports: dns-timeout", "refutes: dns-timeout", "no rule supports the cause `dns-timeout`"),
        ("subject: [host, dns.name]", "subject: [host, dns.names]", "did you mean `dns.name`?"),
        (
            "{dns.tries} times",
            "{dns.trys} times",
            "`{dns.trys}` is no field of this rule; did you mean `{dns.tries}`?",
        ),
        ("{expect: match", "{expect: no-match", "needs an example with `expect: match`"),
        ("{expect: match", "{expect: matches", "unknown expectation `matches`; did you mean `match`?"),
        ("{expect: match", "{expect: cannot-tell", "only a correlation"),
        ("dns.tries: 3}", "dns.tries: three}", "`dns.tries` is of type int, not text"),
        ("dns.tries: 3}", "dns.trials: 3}", "unknown field of the rule's kinds `dns.trials`"),
        ("dns.outcome: unknown", "dns.outcome: unknwon", "did you mean `unknown`?"),
        (
            "level: high",
            "related: [{id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b03, type: obsolete}]\nlevel: high",
            "same pack",
        ),
        ("detection:", "detections:", "a rule needs one of `detection`, `correlation` and `filter`"),
    ] {
        let said = dns(part, by);
        assert!(said.contains(hint), "{by}: {said}");
    }
}

#[test]
fn mistakes_in_correlations_are_told() {
    for (part, by, hint) in [
        ("type: temporal_ordered", "type: temporal_orderd", "did you mean `temporal_ordered`?"),
        ("type: temporal_ordered", "type: temporal", "`not` goes with `temporal_ordered` only"),
        (
            "[proxy_407, proxy_tunnel_ok]",
            "[proxy_408, proxy_tunnel_ok]",
            "unknown rule `proxy_408`; did you mean `proxy_407`?",
        ),
        ("[proxy_407, proxy_tunnel_ok]", "[proxy_407, proxy_407]", "stands here twice"),
        ("[proxy_407, proxy_tunnel_ok]", "[proxy_407, download_cut]", "no rule with a `detection`"),
        (
            "group-by: [host, http.host]",
            "group-by: [host, tls.sni]",
            "unknown field of http_exchange `tls.sni`",
        ),
        ("group-by:", "groupby:", "unknown key of `correlation` `groupby`; did you mean `group-by`?"),
        ("timespan: 30s", "timespan: 30", "is a number to YAML"),
        ("timespan: 30s", "timespan: 30x", "no span of time"),
        ("proxy_407 and not proxy_tunnel_ok", "proxy_407 or proxy_tunnel_ok", "only names joined by `and`"),
        ("proxy_407 and not proxy_tunnel_ok", "proxy_407", "`proxy_tunnel_ok` of `rules` is not used"),
        (
            "proxy_407 and not proxy_tunnel_ok",
            "not proxy_407 and not proxy_tunnel_ok",
            "one member must be there",
        ),
        (
            "condition: proxy_407 and not proxy_tunnel_ok",
            "aliases: {x: {proxy_407: http.host, proxy_tunnel_ok: http.hst}}",
            "did you mean `http.host`?",
        ),
        ("{http.host} and never", "{dns.name} and never", "`{dns.name}` is no field of this rule"),
        ("covered: 5s", "covered: long", "no span of time"),
        ("http.status: 407, http.via_proxy: true}}]", "http.status: 407, dns.name: a}}]", "`dns.name`"),
        (
            "correlation:",
            "logsource: {product: secure_endpoint, category: setting}\ncorrelation:",
            "a correlation has no `logsource`",
        ),
    ] {
        let said = proxy(part, by);
        assert!(said.contains(hint), "{by}: {said}");
    }
    let count = "type: event_count\n    rules: [proxy_407]\n    timespan: 30s\n    group-by: [host, http.host]\n    condition: {lt: 3}\n";
    let (head, rest) = sample::PROXY.split_once("type: temporal_ordered").unwrap();
    let (_, tail) = rest.split_once("level: high").unwrap();
    let said = told("proxy/proxy_407_final.yml", &format!("{head}{count}level: high{tail}"));
    assert!(said.contains("`lt` cannot be told"), "{said}");
}

#[test]
fn mistakes_in_the_other_files_are_told() {
    let cause = |body: &str| format!("version: 1\ncauses:\n    dns-timeout: {{{body}}}\n");
    let good = "title: a, category: dns, stage: dns, user: [a], engineer: [b]";
    for (path, text, hint) in [
        ("causes.yml", cause(&good.replace("stage: dns", "stage: dnss")), "unknown stage `dnss`; did you mean `dns`?"),
        ("causes.yml", cause(&good.replace("category: dns", "category: network")), "unknown category `network`"),
        ("causes.yml", cause(&format!("{good}, leads_to: [dns-timeout]")), "leads back to itself by `leads_to`"),
        ("causes.yml", cause(&format!("{good}, refines: dns-timeut")), "did you mean `dns-timeout`?"),
        ("causes.zh.yml", "causes: {dns-timout: {title: a}}\n".into(), "did you mean `dns-timeout`?"),
        ("causes.zh.yml", "rules: {dns_unanswerd: {say: a}}\n".into(), "did you mean `dns_unanswered`?"),
        ("causes.zh.yml", "rules: {dns_unanswered: {say: '{dns.nam}'}}\n".into(), "did you mean `{dns.name}`?"),
        ("codes.yml", "codes: [{family: curl, number: six, meaning: a, source: b, verified: true}]".into(), "whole number"),
        ("codes.yml", "codes: [{family: curl, number: 6, meaning: a, source: b, verified: true, causes: [x]}]".into(), "unknown cause `x`"),
        ("endpoints.yml", "hosts: [{name: a.example, role: update_srver, verified: true}]".into(), "did you mean `update_server`?"),
        ("endpoints.yml", "hosts: [{name: 'a.*.example', role: proxy, verified: true}]".into(), "is no host name"),
        ("templates/connector.yml", "templates: [{event: a, literal: abc, pattern: abc, verified: false, examples: [abc]}]".into(), "shorter than 4 bytes"),
        ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: abcd, verified: false, examples: [xyz]}]".into(), "does not contain the literal"),
        ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: 'abcd (?<cod>1)', verified: false, examples: [abcd 1]}]".into(), "unknown group `cod`; did you mean `code`?"),
        ("templates/connector.yml", "templates: [{event: a, literal: abcd, pattern: 'abcd 2', verified: false, examples: [abcd 1]}]".into(), "does not match this example"),
        ("pack.yml", "{name: a, version: 1.0.0, profile: 2, taxonomy: tetra}".into(), "a newer one is needed"),
        ("pack.yml", "{name: a, version: '1.0', profile: 1, taxonomy: tetra}".into(), "no version like 1.2.3"),
        ("stray.yml", "a: 1".into(), "no file of this name belongs here"),
        ("dns/empty_rule_file.yml", String::new(), "the file is empty"),
        ("dns/broken_rule_file.yml", "a: [1".into(), "cannot be read as YAML"),
    ] {
        let said = told(path, &text);
        assert!(said.contains(hint), "{path}: {text}: {said}");
        assert!(said.contains(&format!("\n{path}:")), "{path}: {said}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once_in_order() {
    let mut files = sample::files();
    files.push(("b/second_mistake.yml", "title: b\n"));
    files.push(("a/first_mistakes.yml", "titel: a\nid: x\n"));
    let Err(Refused { problems }) = RuleSet::load(&[PackFiles::from_texts(files)]) else { panic!() };
    let places: Vec<(&str, u32)> =
        problems.iter().map(|problem| (problem.file.as_str(), problem.line)).collect();
    assert!(places.len() >= 4 && places.is_sorted(), "{places:?}");
    assert!(RuleSet::load(&[]).is_ok_and(|set| set.list().is_empty()));
}
