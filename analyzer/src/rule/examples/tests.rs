//! Tests of replaying and of taking out parts, on the sample pack.

use super::super::sample;
use super::*;

/// Names the parts of a rule that no example needs, with one text of the sample replaced.
fn unneeded(text: &str) -> Vec<String> {
    let report = run(&sample::with("dns/dns_unanswered.yml", text).unwrap());
    assert_eq!(report.failed().count(), 0, "{}", report.render());
    let own = report.unneeded.into_iter().filter(|one| one.rule == "dns_unanswered");
    own.map(|one| format!("{} {}", one.within, one.part)).collect()
}

#[test]
fn the_sample_passes_and_names_what_no_example_needs() {
    let report = run(&sample::set());
    assert_eq!(report.failed().count(), 0);
    assert_eq!(report.examples.len(), 12);
    let unneeded: Vec<String> =
        report.unneeded.iter().map(|one| format!("{} {}", one.rule, one.part)).collect();
    // The two correlations look well tested, and are not.
    for part in [
        "proxy_407 http.via_proxy: true",
        "flow_reset tcp.role: update_server",
        "download_cut update_started",
        "download_cut timespan",
    ] {
        assert!(unneeded.contains(&part.to_owned()), "{part}: {unneeded:?}");
    }
    for part in
        ["proxy_407_final not proxy_tunnel_ok", "proxy_407_final group-by: http.host", "body_short not whole"]
    {
        assert!(!unneeded.contains(&part.to_owned()), "{part}: {unneeded:?}");
    }
    assert!(!unneeded.iter().any(|one| one.starts_with("dns_unanswered")), "{unneeded:?}");
    assert!(report.passes(false) && !report.passes(true));
}

#[test]
fn an_example_that_is_not_met_fails() {
    let wrong = sample::DNS.replace("dns.tries: 1}", "dns.tries: 2}");
    let report = run(&sample::with("dns/dns_unanswered.yml", &wrong).unwrap());
    let failed: Vec<&Replayed> = report.failed().collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].expected, failed[0].said), ("no-match", "match"));
    assert!(report.render().contains("example number 4: expected no-match, but the rule says match"));
}

#[test]
fn every_kind_of_part_is_taken_out() {
    let condition = "condition: selection";
    for (by, expected) in [
        (
            "filter_v6: {dns.type: AAAA}\n    condition: selection and not filter_v6",
            "condition not filter_v6",
        ),
        (
            "filter_a: {dns.type: AAAA}\n    filter_b: {dns.rcode: 3}\n    condition: selection and not 1 of filter_*",
            "condition filter_b",
        ),
        ("other: {dns.rcode: 3}\n    condition: selection or other", "condition other"),
        (
            "more: [{dns.name: a.example}, {dns.name: b.example}]\n    condition: selection and more",
            "selection `more` alternative 2",
        ),
    ] {
        let found = unneeded(&sample::DNS.replace(condition, by));
        assert!(found.contains(&expected.to_owned()), "{by}: {found:?}");
    }
    let aaaa = sample::DNS
        .replace(condition, "filter_v6: {dns.type: AAAA}\n    condition: selection and not filter_v6")
        + "    - {expect: no-match, event: {dns.name: a.example, dns.type: AAAA, dns.role: update_server, dns.outcome: unanswered, dns.tries: 3}}\n\
           \x20   - {expect: match, event: {dns.name: a.example, dns.type: A, dns.role: update_server, dns.outcome: unanswered, dns.tries: 3}}\n";
    assert_eq!(unneeded(&aaaa), Vec::<String>::new());
}
