//! Tests of explanations on the sample pack.

use super::super::sample;
use super::*;

/// Explains a rule of the sample pack on one of its own examples, with a capture that covers so much.
fn explained(name: &str, example: usize, covered: &[Covered]) -> Explained {
    let set = sample::set();
    let rule = set.rules.iter().find(|rule| rule.name == name).unwrap();
    let observations = &rule.examples[example].observations;
    explain(&set, name, Seen { observations, covered, sources: &[] }).unwrap()
}

fn covered(seconds: i64) -> [Covered; 1] {
    let start = crate::rule::example::START;
    let at = |seconds: i64| crate::model::Timestamp(start + seconds * 1_000_000_000);
    [Covered { source: "capture", from: at(0), to: at(seconds) }]
}

#[test]
fn the_nearest_miss_is_shown_with_the_test_that_failed() {
    let said = explained("dns_unanswered", 3, &[]);
    assert_eq!(said.outcome, Expect::NoMatch);
    assert_eq!(
        said.text,
        "dns_unanswered: Update Server Name Not Answered (sample 1.0.0, dns/dns_unanswered.yml:4)\n\
         speaks for dns-timeout (strong)\n\
         1 observation of dns_transaction; 0 fit\n\
         example, line 1: does not fit: dns.tries|gte: 2 (it is 1)\n\
         \x20 no  selection\n\
         \x20     yes dns.role: update_server (it is update_server)\n\
         \x20     yes dns.outcome: unanswered (it is unanswered)\n\
         \x20     no  dns.tries|gte: 2 (it is 1)\n\
         answer: the rule does not hold\n"
    );
}

#[test]
fn a_rule_that_holds_says_so_and_an_unknown_one_is_near_another() {
    assert_eq!(explained("dns_unanswered", 0, &[]).outcome, Expect::Match);
    let set = sample::set();
    assert_eq!(explain(&set, "dns_unanswerd", Seen::default()), None);
    assert_eq!(nearest_rule(&set, "dns_unanswerd"), Some("dns_unanswered"));
}

#[test]
fn what_no_source_could_show_cannot_be_told() {
    let set = sample::set();
    let said = explain(&set, "dns_unanswered", Seen::default()).unwrap();
    assert_eq!(said.outcome, Expect::CannotTell);
    let why = "dns_transaction comes from capture, curl_transcript, resolve_dns_transcript, and none of it";
    assert!(said.text.contains(why), "{}", said.text);
    let mut source = SourceCoverage {
        source: "capture".into(),
        path: "a.pcap".into(),
        state: "read".into(),
        covers: None,
        note: String::new(),
        debug: None,
    };
    let read = [source.clone()];
    let said = explain(&set, "dns_unanswered", Seen { sources: &read, ..Seen::default() }).unwrap();
    assert_eq!(said.outcome, Expect::NoMatch);
    source.state = "absent".into();
    let said = explain(&set, "dns_unanswered", Seen { sources: &[source], ..Seen::default() }).unwrap();
    assert_eq!(said.outcome, Expect::CannotTell);
}

#[test]
fn a_correlation_says_what_is_not_covered() {
    let said = explained("proxy_407_final", 0, &[]);
    assert_eq!(said.outcome, Expect::CannotTell);
    assert!(said.text.contains("member proxy_tunnel_ok (must be absent)"), "{}", said.text);
    assert!(said.text.contains("cannot tell: example, line 1; whether `proxy_tunnel_ok`"), "{}", said.text);
    assert!(said.text.contains("capture is absent"), "{}", said.text);
    assert_eq!(explained("proxy_407_final", 0, &covered(40)).outcome, Expect::Match);
    let short = explained("proxy_407_final", 0, &covered(5));
    assert_eq!(short.outcome, Expect::CannotTell);
    assert!(short.text.contains("capture covers 2026-01-01T00:00:00"), "{}", short.text);
}

#[test]
fn a_correlation_names_what_keeps_the_hits_apart() {
    let seen = explained("proxy_407_final", 2, &covered(40));
    assert!(seen.text.contains("but a member was seen that must be absent"), "{}", seen.text);
    let group = explained("download_cut", 2, &[]);
    assert!(group.text.contains("do not belong to one group"), "{}", group.text);
    let order = explained("download_cut", 3, &[]);
    assert!(order.text.contains("come in another order"), "{}", order.text);
    let missing = explained("download_cut", 1, &[]);
    assert!(missing.text.contains("never seen: body_short"), "{}", missing.text);
    assert_eq!(missing.outcome, Expect::NoMatch);
}
