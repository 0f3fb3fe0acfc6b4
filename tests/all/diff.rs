//! Comparisons of two inputs: only what differs, with evidence on both sides, and the exit status that goes with it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::archive::Place;
use crate::cases::{all, input};
use crate::program::{self, analyze};

fn case(name: &str) -> PathBuf {
    input(&program::root().join("fixtures/cases").join(name))
}

fn compared(a: &Path, b: &Path) -> (i32, Value) {
    let done = analyze(&[&"diff", &"--format", &"json", &a, &b]);
    let value =
        serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {}{}", done.out, done.err));
    (done.status, value)
}

/// The difference of a name in a group.
fn difference<'v>(comparison: &'v Value, group: &str, what: &str) -> &'v Value {
    let groups = comparison["groups"].as_array().unwrap();
    let group = groups.iter().find(|one| one["group"] == group).unwrap_or(&Value::Null);
    let found = group["differences"].as_array().into_iter().flatten().find(|one| one["what"] == what);
    found.unwrap_or_else(|| panic!("no `{what}` in {group:#}"))
}

#[test]
fn every_case_is_equal_to_itself() {
    for case in all() {
        let input = input(&case);
        let done = analyze(&[&"diff", &input, &input]);
        assert_eq!(done.status, 0, "{}: {}", case.display(), done.err);
        assert!(done.out.contains("No difference"), "{}:\n{}", case.display(), done.out);
    }
}

#[test]
fn a_good_and_a_bad_one_differ_where_they_should() {
    let (bad, good) = (case("proxy-auth-required"), case("healthy-ntlm-proxy"));
    let (status, value) = compared(&bad, &good);
    assert_eq!((status, &value["schema"]), (1, &Value::from("tetra-diff/1")));
    assert_eq!(value["same_outcome"], false);
    let cause = difference(&value, "outcome", "cause");
    assert_eq!((&cause["a"]["value"], &cause["b"]["value"]), (&"proxy-auth-required".into(), &"none".into()));
    let rung = difference(&value, "rungs", "proxy-auth");
    assert!(rung["a"]["value"].as_str().unwrap().starts_with("fails"), "{rung}");
    for side in ["a", "b"] {
        assert!(rung[side]["evidence"][0]["frame"].as_u64().is_some(), "{rung}");
        let proxy = difference(&value, "proxy", "proxy.authtype");
        assert_eq!(proxy[side]["evidence"][0]["path"], "connector/policy.xml");
        let version = difference(&value, "versions", "definitions (TETRA)");
        assert_eq!(version[side]["evidence"][0]["path"], "connector/local.xml");
    }
    // The other way round, the sides change places and nothing else does.
    let (_, other) = compared(&good, &bad);
    assert_eq!(difference(&other, "outcome", "cause")["b"], cause["a"]);
    assert_eq!(other["groups"].to_string().len(), value["groups"].to_string().len());
}

#[test]
fn certificates_and_resolvers_are_compared() {
    let (_, value) = compared(&case("tls-cert-expired"), &case("tls-inspection"));
    let issuer = difference(&value, "certificates", "issuer");
    assert_ne!(issuer["a"]["value"], issuer["b"]["value"]);
    assert!(
        issuer["a"]["evidence"][0]["frame"].as_u64().is_some()
            && issuer["b"]["evidence"][0]["frame"].as_u64().is_some()
    );
    let (_, value) = compared(&case("dns-timeout-two-resolvers"), &case("dns-nxdomain"));
    let resolvers = difference(&value, "resolvers", "asked for the update server");
    assert!(resolvers["a"]["value"].as_str().unwrap().contains(" | "), "{resolvers}");
}

#[test]
fn what_is_missing_on_a_side_is_said_and_slow_is_told_from_quick() {
    let (_, value) = compared(&case("inconclusive-logs-only"), &case("dns-nxdomain"));
    let capture = difference(&value, "sources", "capture");
    assert_eq!((&capture["a"]["value"], &capture["b"]["value"]), (&"absent".into(), &"read".into()));
    let (_, value) = compared(&case("tls-revocation-syn-timeout"), &case("tls-revocation-nxdomain"));
    let time = difference(&value, "timings", "tls-revocation");
    assert!(time["a"]["value"].as_str().unwrap().contains("4130 ms"), "{time}");
}

#[test]
fn the_text_names_both_sides_and_goes_where_it_is_asked_for() {
    let (bad, good) = (case("proxy-auth-required"), case("healthy-ntlm-proxy"));
    let done = analyze(&[&"diff", &bad, &good]);
    assert_eq!(done.status, 1, "{}", done.err);
    for words in
        ["BROKEN [proxy-auth-required, confirmed]", "HEALTHY", "Outcome", "network/capture.pcap:frame 12"]
    {
        assert!(done.out.contains(words), "no `{words}` in\n{}", done.out);
    }
    let place = Place::new();
    let file = place.put("diff.txt", b"");
    let again = analyze(&[&"diff", &bad, &good, &"--output", &file]);
    assert_eq!((again.status, again.out.as_str()), (1, ""));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), done.out);
    assert_eq!(analyze(&[&"diff", &bad, &"nowhere.zip"]).status, 2);
    assert_eq!(analyze(&[&"diff", &bad]).status, 2);
}
