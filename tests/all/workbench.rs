//! The commands of those who write rules, on the cases of this repository.

use serde_json::Value;

use crate::archive::Place;
use crate::program::{self, Done, analyze};

fn case(name: &str) -> std::path::PathBuf {
    program::root().join("fixtures/cases").join(name)
}

/// Runs a command line.
fn run(words: &[&str]) -> Done {
    let all: Vec<&dyn AsRef<std::ffi::OsStr>> = words.iter().map(|word| word as _).collect();
    analyze(&all)
}

const CARD: &str = "name: site\nversion: 2.1.0\nprofile: 1\ntaxonomy: tetra\n";

/// The core rule that answers the case `dns-nxdomain`.
const CORE_RULE: &str = "update_server_name_nxdomain";

fn core_rule() -> String {
    let path = program::root().join(format!("rules/dns/{CORE_RULE}.yml"));
    std::fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

fn id_of(rule: &str) -> &str {
    rule.lines().find_map(|line| line.strip_prefix("id: ")).unwrap()
}

/// Analyses `dns-nxdomain` with a pack of these files.
fn with_pack(files: &[(&str, &str)]) -> Value {
    let place = Place::new();
    place.put("pack.yml", CARD.as_bytes());
    for (name, text) in files {
        place.put(name, text.as_bytes());
    }
    let done = analyze(&[
        &"--no-installed-rules",
        &"--format",
        &"json",
        &"--rules",
        &place.path(),
        &case("dns-nxdomain/bundle.zip"),
    ]);
    serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{}", done.err))
}

#[test]
fn a_rule_is_explained_on_a_bundle() {
    let bundle = case("dns-nxdomain/bundle.zip");
    for (rule, status, words) in [
        (CORE_RULE, 0, "network/capture.pcapng, frame 7 (attempt 1): fits"),
        ("resolver_answers_servfail", 1, "does not fit: dns.outcome: servfail (it is nxdomain)"),
        ("endpoint_not_seen_by_console", 3, "comes from console_record, and none of it is in the bundle"),
        ("no_such_rule_at_all", 2, "there is no rule `no_such_rule_at_all`"),
        ("resolver_answers_servfial", 2, "did you mean `resolver_answers_servfail`?"),
    ] {
        let done = analyze(&[&"rules", &"explain", &rule, &bundle]);
        assert_eq!(done.status, status, "{rule}: {}{}", done.out, done.err);
        assert!((done.out.clone() + &done.err).contains(words), "{rule}: {}{}", done.out, done.err);
    }
    let id = core_rule();
    assert_eq!(analyze(&[&"rules", &"explain", &id_of(&id), &bundle]).status, 0);
}

#[test]
fn a_new_rule_passes_as_it_is_written() {
    let place = Place::new();
    let pack = place.path().join("site-rules");
    let made = analyze(&[
        &"rules",
        &"new",
        &"rung",
        &"--cause",
        &"tcp-refused",
        &"--name",
        &"site_firewall_refuses",
        &"--into",
        &pack,
    ]);
    assert_eq!(made.status, 0, "{}", made.err);
    let path = pack.join("connect/site_firewall_refuses.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(std::fs::read_to_string(pack.join("pack.yml")).unwrap().contains("name: site-rules"));
    let checked = analyze(&[&"rules", &"check", &pack]);
    assert_eq!((checked.status, checked.err.as_str()), (0, ""), "{}", checked.out);
    assert_eq!(checked.out, "site-rules 0.1.0 over core 1.0.0: 1 rule: no mistakes\n");
    let junit = place.path().join("junit.xml");
    let tested = analyze(&[&"rules", &"test", &"--strict", &"--junit", &junit, &pack]);
    assert_eq!(
        (tested.status, tested.out.as_str()),
        (0, "3 examples of 1 rule: 0 failed; 0 parts without need\n")
    );
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("tests=\"3\" failures=\"0\"") && junit.contains("as seen"), "{junit}");
    // Nothing is overwritten, and what is misspelt is told.
    let again = analyze(&[
        &"rules",
        &"new",
        &"rung",
        &"--name",
        &"site_firewall_refuses",
        &"--cause",
        &"tcp-refused",
        &"--into",
        &pack,
    ]);
    assert_eq!(again.status, 2, "{}", again.out);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    for (wrong, hint) in [
        (["rules", "new", "rungs"].as_slice(), "there is no kind `rungs`; did you mean `rung`?"),
        (&["rules", "new", "rung", "--cause", "tcp-refusd"], "did you mean `tcp-refused`?"),
        (&["rules", "new", "rung", "--name", "../../etc/passwd"], "cannot be the name of a rule"),
    ] {
        let done = run(wrong);
        assert_eq!(done.status, 2, "{wrong:?}: {}", done.out);
        assert!(done.err.contains(hint), "{wrong:?}: {}", done.err);
    }
    // A part that no example needs fails only where that is asked for, and is in the XML.
    let lax = text.replace(
        "      event: {rung.stage: connect, rung.state: ok}\n",
        "      event: {rung.stage: dns, rung.state: ok}\n",
    );
    assert_ne!(lax, text);
    std::fs::write(&path, lax).unwrap();
    let junit = place.path().join("strict.xml");
    assert_eq!(analyze(&[&"rules", &"test", &pack]).status, 0);
    let strict = analyze(&[&"rules", &"test", &"--strict", &"--junit", &junit, &pack]);
    assert_eq!(strict.status, 1);
    assert!(strict.out.contains("no example needs `rung.state: [failed, recovered]`"), "{}", strict.out);
    assert!(std::fs::read_to_string(junit).unwrap().contains("failures=\"1\""));
}

#[test]
fn schema_and_manual_are_the_committed_ones() {
    for (command, file) in [("schema", "rule.schema.json"), ("doc", "MANUAL.md")] {
        let committed = std::fs::read_to_string(program::root().join("rules").join(file)).unwrap();
        let printed = analyze(&[&"rules", &command, &"--no-installed-rules"]);
        assert_eq!(printed.status, 0, "{}", printed.err);
        assert!(
            printed.out == committed.replace("\r\n", "\n"),
            "rules/{file} is old: `rules {command}` prints another"
        );
    }
}

#[test]
fn our_cases_are_a_backtest_and_the_same_each_time() {
    let place = Place::new();
    let cases = program::root().join("fixtures/cases");
    let (one, two, junit) =
        (place.path().join("1.json"), place.path().join("2.json"), place.path().join("junit.xml"));
    let first =
        analyze(&[&"rules", &"backtest", &"--jobs", &"1", &"--json", &one, &"--junit", &junit, &cases]);
    assert_eq!(first.status, 0, "{}{}", first.out, first.err);
    let count = program::list(&cases).len();
    let all = format!("{count} cases: answer right {count}, category right {count}");
    assert!(first.out.contains(&all), "{}", first.out);
    let second =
        analyze(&[&"rules", &"backtest", &"--jobs", &"4", &"--json", &two, &"--baseline", &one, &cases]);
    assert_eq!(second.status, 0, "{}{}", second.out, second.err);
    assert!(second.out.contains("against the baseline: 0 worse, 0 better, 0 other"), "{}", second.out);
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    assert!(std::fs::read_to_string(&junit).unwrap().contains(&format!("tests=\"{count}\" failures=\"0\"")));
}

#[test]
fn a_backtest_names_what_a_pack_makes_worse() {
    let place = Place::new();
    let cases = program::root().join("fixtures/cases");
    let before = place.path().join("before.json");
    assert_eq!(analyze(&[&"rules", &"backtest", &"--json", &before, &cases]).status, 0);
    place.put("site/pack.yml", CARD.as_bytes());
    place.put("site/dns/not_here_an_exception.yml", exception("dns.outcome: nxdomain").as_bytes());
    let site = place.path().join("site");
    let worse = analyze(&[&"rules", &"backtest", &"--rules", &site, &"--baseline", &before, &cases]);
    assert_eq!(worse.status, 1, "{}{}", worse.out, worse.err);
    assert!(worse.out.contains("worse  dns-nxdomain: dns-nxdomain -> "), "{}", worse.out);
    // A folder without cases, and what is no baseline, cannot be used.
    let junk = place.put("junk.json", b"{}");
    for wrong in [
        analyze(&[&"rules", &"backtest", &site]),
        analyze(&[&"rules", &"backtest", &"nowhere"]),
        analyze(&[&"rules", &"backtest", &"--baseline", &junk, &cases]),
    ] {
        assert_eq!((wrong.status, wrong.out.as_str()), (2, ""), "{}", wrong.err);
    }
}

/// A Sigma filter: the core rule does not count where this holds.
fn exception(selection: &str) -> String {
    format!(
        "title: Not Here\nid: 0d3b9a52-3d2b-4f35-8d26-5bb0a5f0c001\nname: not_here_an_exception\nlevel: low\n\
         logsource: {{product: secure_endpoint, category: rung}}\n\
         filter:\n    rules: [{CORE_RULE}]\n    here:\n        {selection}\n    condition: not here\n"
    )
}

fn findings<'v>(report: &'v Value, rule: &str) -> Vec<&'v Value> {
    report["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == rule).collect()
}

#[test]
fn every_finding_names_its_pack() {
    let site = core_rule()
        .replace(CORE_RULE, "site_name_is_not_known")
        .replace(id_of(&core_rule()), "0d3b9a52-3d2b-4f35-8d26-5bb0a5f0c002");
    let report = with_pack(&[("dns/site_name_is_not_known.yml", &site)]);
    assert_eq!(findings(&report, CORE_RULE)[0]["pack"], "core 1.0.0");
    assert_eq!(findings(&report, "site_name_is_not_known")[0]["pack"], "site 2.1.0");
    let packs: Vec<&str> =
        report["rules"].as_array().unwrap().iter().map(|one| one["pack"].as_str().unwrap()).collect();
    assert_eq!(packs, ["core", "site"]);
    assert_eq!(report["rules"][1]["version"], "2.1.0");
    assert_eq!(report["rules"][1]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_filter_is_a_local_exception() {
    let elsewhere =
        with_pack(&[("dns/not_here_an_exception.yml", &exception("dns.name|endswith: .example.org"))]);
    assert_eq!(findings(&elsewhere, CORE_RULE).len(), 1);
    let here = with_pack(&[("dns/not_here_an_exception.yml", &exception("dns.outcome: nxdomain"))]);
    assert_eq!(findings(&here, CORE_RULE).len(), 0);
    assert_ne!(here["diagnosis"]["primary"]["cause"], "dns-nxdomain");
    let place = Place::new();
    place.put("pack.yml", CARD.as_bytes());
    place.put("dns/not_here_an_exception.yml", exception("dns.outcome: nxdomain").as_bytes());
    let bundle = case("dns-nxdomain/bundle.zip");
    let told = analyze(&[&"rules", &"explain", &CORE_RULE, &bundle, &"--rules", &place.path()]);
    assert_eq!(told.status, 1, "{}{}", told.out, told.err);
    assert!(told.out.contains("fits, and a filter takes it out"), "{}", told.out);
}

#[test]
fn a_rule_is_replaced_only_where_that_is_said() {
    let old = core_rule();
    let id = id_of(&old);
    let mine =
        old.replace(id, "0d3b9a52-3d2b-4f35-8d26-5bb0a5f0c003").replace("strength: proof", "strength: weak");
    let path = format!("dns/{CORE_RULE}.yml");
    let place = Place::new();
    place.put("pack.yml", CARD.as_bytes());
    place.put(&path, mine.as_bytes());
    let refused = analyze(&[&"rules", &"check", &place.path()]);
    assert_eq!(refused.status, 1);
    assert!(refused.out.contains("type: obsolete"), "{}", refused.out);
    let said = format!("{mine}related: [{{id: {id}, type: obsolete}}]\n");
    let report = with_pack(&[(&path, &said)]);
    let found = findings(&report, CORE_RULE);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["pack"], &found[0]["strength"]), (&"site 2.1.0".into(), &"weak".into()));
}

#[test]
fn installed_packs_are_found_unless_they_are_not_wanted() {
    let place = Place::new();
    let root = if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" };
    place.put("tetra-triage/rules/a-site/pack.yml", CARD.as_bytes());
    place.put(
        "tetra-triage/rules/a-site/dns/not_here_an_exception.yml",
        exception("dns.outcome: x").as_bytes(),
    );
    place.put("tetra-triage/rules/no-pack/readme.txt", b"nothing");
    let list = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_analyze-under-test"));
        command.env(root, place.path()).args(["rules", "list"]).args(more);
        command.output().unwrap()
    };
    let broken = list(&[]);
    assert_eq!(broken.status.code(), Some(2));
    let said = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(said.contains("a-site") && said.contains("`dns.outcome` is never `x`"), "{said}");
    place.put(
        "tetra-triage/rules/a-site/dns/not_here_an_exception.yml",
        exception("dns.outcome: late").as_bytes(),
    );
    let with = String::from_utf8_lossy(&list(&[]).stdout).into_owned();
    assert!(with.contains("\nsite 2.1.0 "), "{with}");
    let without = String::from_utf8_lossy(&list(&["--no-installed-rules"]).stdout).into_owned();
    assert!(!without.contains("site 2.1.0"), "{without}");
}
