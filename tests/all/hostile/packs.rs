//! Rule packs made to harm: each is refused with a clear line, in bounded time and memory.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::PATIENCE;
use crate::archive::Place;

/// Memory that the program may take, in KiB; only Linux holds programs to it.
const MEMORY: &str = "1500000";

const CARD: &str = "name: site\nversion: 1.0.0\nprofile: 1\ntaxonomy: tetra\n";

/// Makes a pack of these files, and one of its card.
fn pack(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    place.put("pack.yml", CARD.as_bytes());
    for (name, text) in files {
        place.put(name, text.as_bytes());
    }
    place
}

/// Checks a pack within the limit of memory; gives the exit status and what was said.
fn checked(folder: &Path) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_analyze-under-test");
    let mut command = if cfg!(target_os = "linux") {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\""), program]);
        command
    } else {
        Command::new(program)
    };
    let begun = Instant::now();
    let output = command.args(["rules", "check"]).arg(folder).output().unwrap();
    let took = begun.elapsed();
    assert!(took < PATIENCE, "{} took {took:?}", folder.display());
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

/// Asserts that a pack is refused with these words, and shortly.
fn refused(place: &Place, words: &str) {
    let (status, said) = checked(place.path());
    assert_eq!(status, 1, "{said:.2000}");
    assert!(said.contains(words), "no `{words}` in {said:.2000}");
    assert!(said.len() < 1 << 20, "{} bytes are said", said.len());
}

/// A small rule with another name and id each time.
fn rule(number: usize, selection: &str) -> String {
    format!(
        "title: A Rule\nid: 00000000-0000-8000-8000-{number:012x}\nname: some_rule_{number:06}\nlevel: low\n\
         logsource: {{product: secure_endpoint, category: setting}}\n\
         detection: {{s: {selection}, condition: s}}\n"
    )
}

#[test]
fn yaml_that_grows_or_nests() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (before, letter) in ('a'..'y').zip('b'..'z') {
        let _ = writeln!(bomb, "{letter}: &{letter} [{}]", vec![format!("*{before}"); 9].join(", "));
    }
    refused(&pack(&[("dns/billion_laughs.yml", &bomb)]), "anchors and tags are not allowed");
    refused(&pack(&[("dns/nested_lists.yml", &"[".repeat(500_000))]), "recursion limit exceeded");
    refused(&pack(&[("dns/nested_maps.yml", &"{a: ".repeat(200_000))]), "recursion limit exceeded");
    refused(
        &pack(&[("dns/nested_less.yml", &("[".repeat(100) + &"]".repeat(100)))]),
        "nested deeper than 24",
    );
    let merge = "a: {b: 1}\n<<: *a\n";
    refused(&pack(&[("dns/merge_a_key.yml", merge)]), "cannot be read as YAML");
    let keys: String = (0..80_000).map(|number| format!("k{number}: 1\n")).collect();
    refused(&pack(&[("dns/many_keys_one_map.yml", &keys)]), "unknown key of a rule `k0`");
}

#[test]
fn a_hundred_thousand_rules() {
    let files: Vec<(String, String)> = (0..50)
        .map(|file| {
            let rules: Vec<String> =
                (file * 2_000..(file + 1) * 2_000).map(|number| rule(number, "{setting.int: 1}")).collect();
            (format!("dns/some_rule_{:06}.yml", file * 2_000), rules.join("---\n"))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    refused(&pack(&files), "more than 10000 rules");
}

#[test]
fn regexes_that_take_too_much() {
    let one = |regex: &str| rule(0, &format!("{{setting.text|re: '{regex}'}}"));
    for (regex, words) in [
        (r"(\w{1,1000}){1,1000}", "is too large"),
        (r"((a{1,100}){1,100}){1,100}", "is too large"),
        ("(a*)*(?=b)", "looks ahead or behind"),
        (&"(".repeat(100_000), "cannot be read"),
    ] {
        refused(&pack(&[("dns/some_rule_000000.yml", &one(regex))]), words);
    }
    let many: String = (0..3_000).map(|number| format!("'x{number}[a-z]{{1,900}}', ")).collect();
    let rule = rule(0, &format!("{{setting.text|re: [{many}'x']}}"));
    refused(&pack(&[("dns/some_rule_000000.yml", &rule)]), "too much memory together");
}

#[test]
fn files_without_end() {
    refused(&pack(&[("dns/a_large_file.yml", &"# x\n".repeat(300_000))]), "larger than 1048576 bytes");
    let place = pack(&[]);
    let sparse = std::fs::File::create(place.path().join("causes.yml")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    refused(&place, "larger than 1048576 bytes");
    let place = pack(&[]);
    let million = "# x\n".repeat(250_000);
    for number in 0..40 {
        place.put(&format!("dns/some_rule_{number:06}.yml"), million.as_bytes());
    }
    refused(&place, "the pack is larger than");
    let place = pack(&[]);
    for number in 0..50_001 {
        std::fs::write(place.path().join(format!("{number}.txt")), "").unwrap();
    }
    refused(&place, "is no rule pack: it holds more than");
    let deep = "a/".repeat(20) + "x.yml";
    refused(&pack(&[(&deep, "")]), "folders are nested deeper than");
}

#[test]
#[cfg(unix)]
fn links_and_pipes() {
    let outside = Place::new();
    let secret = outside.put("secret.yml", b"root: secret words\n");
    let place = pack(&[]);
    std::os::unix::fs::symlink(&secret, place.path().join("causes.yml")).unwrap();
    let (status, said) = checked(place.path());
    assert!(said.contains("causes.yml:1:1: is a link; links are not followed"), "{said}");
    assert!(status == 1 && !said.contains("secret words"), "{said}");
    let place = pack(&[]);
    std::os::unix::fs::symlink("/", place.path().join("dns")).unwrap();
    refused(&place, "is a link; links are not followed");
    let place = pack(&[]);
    let pipe = place.path().join("causes.yml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (status, said) = checked(place.path());
    assert!(status == 0 && said.contains("no mistakes"), "a pipe is no file: {said}");
}

#[test]
fn words_and_lists_that_cost_time() {
    let causes: String = (0..60_000).map(|number| format!("cause-{number}, ")).collect();
    let vote = format!(
        "{}diagnosis: {{supports: [{causes}x], strength: fair, say: a}}\n",
        rule(0, "{setting.int: 1}")
    );
    refused(&pack(&[("dns/some_rule_000000.yml", &vote)]), "unknown cause `cause-0`");
    let word = rule(0, &format!("{{{}: 1}}", "dns.".repeat(200)));
    refused(&pack(&[("dns/some_rule_000000.yml", &word)]), "unknown field of setting `dns.dns.");
    let selections: String = (0..20_000).map(|number| format!("s{number}: {{setting.int: 1}}, ")).collect();
    let groups = rule(0, "{setting.int: 1}").replace("{s: ", &format!("{{{selections}s: "));
    let groups = groups.replace("condition: s", &format!("condition: s{}", " or 1 of s*".repeat(100)));
    refused(&pack(&[("dns/some_rule_000000.yml", &groups)]), "more than 100 selections");
    let circle: String = (0..2_000)
        .map(|number| {
            let leads: Vec<String> = (1..60).map(|step| format!("c{}", (number + step) % 2_000)).collect();
            format!(
                "    c{number}: {{title: a, category: dns, stage: dns, user: [a], engineer: [b], leads_to: [{}]}}\n",
                leads.join(", ")
            )
        })
        .collect();
    refused(&pack(&[("causes.yml", &format!("version: 1\ncauses:\n{circle}"))]), "leads back to itself");
    let many: Vec<String> = (0..3_000).map(|number| rule(number, "{setting.int: 1}")).collect();
    let names: String = (0..3_000).map(|number| format!("some_rule_{number:06}, ")).collect();
    let tests: String = (0..50_000).map(|number| format!("{number}, ")).collect();
    let filter = rule(9_000, "").replace(
        "detection: {s: ",
        &format!("filter: {{rules: [{names}some_rule_000000], s: {{setting.int: [{tests}1]}}"),
    );
    let filter = filter.replace("some_rule_009000", "some_filter_of_all");
    let place =
        pack(&[("dns/some_rule_000000.yml", &many.join("---\n")), ("dns/some_filter_of_all.yml", &filter)]);
    refused(&place, "`some_rule_000000` stands here twice");
}
