//! What is private is left out, and the answer stays: every case, redacted at each level, has the verdict, the category
//! and the cause that it had before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tetra_analyze::rule::RuleSet;
use tetra_bundle::{Bundle, Limits};

use crate::archive::{Place, read};
use crate::{cases, program};

/// What a report says in short.
fn answer(report: &str) -> [Value; 3] {
    let report: Value = serde_json::from_str(report).unwrap();
    let diagnosis = &report["diagnosis"];
    [&diagnosis["verdict"], &diagnosis["primary"]["category"], &diagnosis["primary"]["cause"]]
        .map(Clone::clone)
}

/// Copies what an input holds to a folder, as a bundle has it.
fn unpacked(place: &Place, input: &Path) -> PathBuf {
    let source = Bundle::open(input, Limits::default()).unwrap();
    let folder = place.path().join("folder");
    for entry in source.entries() {
        let Ok(bytes) = read(&source, &entry.path) else { continue };
        let to = folder.join(&entry.path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    folder
}

/// Seals a folder, redacted, and gives the bundle's path.
fn sealed(place: &Place, folder: &Path, level: &str) -> PathBuf {
    let zip = place.path().join(format!("{level}.zip"));
    let time = "2026-11-23T05:00:00Z";
    let done =
        program::collect(&[&"seal", &folder, &"--output", &zip, &"--redact", &level, &"--time", &time]);
    assert!(done.status < 2, "{}: {}{}", folder.display(), done.out, done.err);
    zip
}

/// Tells at which levels the answer about a folder is another after redaction.
fn misses(name: &str, rules: &RuleSet, place: &Place, folder: &Path) -> Vec<String> {
    let before = answer(&cases::analysed(rules, &sealed(place, folder, "none")));
    let levels = ["secrets", "full"].into_iter();
    levels
        .filter_map(|level| {
            let after = answer(&cases::analysed(rules, &sealed(place, folder, level)));
            (before != after).then(|| format!("{name} at {level}: {before:?} became {after:?}"))
        })
        .collect()
}

#[test]
fn every_case_keeps_its_answer() {
    let rules = RuleSet::core().unwrap();
    let (mut all, mut tried) = (Vec::new(), 0);
    for case in cases::all() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("broken-") {
            // An archive that is cut is nothing that the collector seals.
            continue;
        }
        let place = Place::new();
        let folder = unpacked(&place, &cases::input(&case));
        all.extend(misses(&name, &rules, &place, &folder));
        tried += 1;
    }
    assert!(tried >= 40, "{tried}");
    assert!(all.is_empty(), "{} of {tried}:\n  {}", all.len(), all.join("\n  "));
}

/// The folders with the laboratory's cases: those of `TETRA_LABORATORY`, else the one beside the project.
fn laboratory() -> Vec<PathBuf> {
    let given = std::env::var_os("TETRA_LABORATORY");
    let given: Vec<PathBuf> = given.iter().flat_map(std::env::split_paths).collect();
    let root = program::root();
    let beside = || root.ancestors().map(|above| above.join("shared/lab/cases")).find(|place| place.is_dir());
    if given.is_empty() { beside().into_iter().collect() } else { given }
}

#[test]
fn every_case_of_the_laboratory_keeps_its_answer() {
    let cases: Vec<PathBuf> = laboratory().iter().flat_map(|folder| program::list(folder)).collect();
    if cases.is_empty() {
        println!("left out: ../shared/lab is not there");
        return;
    }
    let rules = RuleSet::core().unwrap();
    let half = cases.len().div_ceil(2);
    let all: Vec<String> = std::thread::scope(|scope| {
        let halves = cases.chunks(half).map(|part| {
            scope.spawn(|| part.iter().flat_map(|case| lab_case(&rules, case)).collect::<Vec<_>>())
        });
        let halves: Vec<_> = halves.collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    println!("{} cases, {} differ", cases.len(), all.len());
    assert!(all.is_empty(), "{} of {}:\n  {}", all.len(), cases.len(), all.join("\n  "));
}

fn lab_case(rules: &RuleSet, case: &Path) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let place = Place::new();
    let folder = place.path().join("folder");
    fs::create_dir_all(folder.join("network")).unwrap();
    for capture in program::list(case) {
        let file = capture.file_name().unwrap().to_string_lossy().into_owned();
        if file.starts_with("capture.") {
            fs::copy(&capture, folder.join("network").join(file)).unwrap();
        }
    }
    misses(&name, rules, &place, &folder)
}

/// What tshark shows of each frame: its number, lengths and sequence number; and what it finds wrong with it.
fn shown(capture: &Path) -> Vec<(String, String)> {
    let mut tshark = Command::new("tshark");
    tshark.args(["-n", "-T", "fields", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]);
    tshark.args(["-o", "ip.check_checksum:TRUE", "-r"]).arg(capture);
    let facts = ["frame.number", "frame.len", "tcp.len", "tcp.seq_raw"];
    let faults = ["_ws.malformed", "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status"];
    for field in facts.into_iter().chain(faults) {
        tshark.args(["-e", field]);
    }
    let out = String::from_utf8(tshark.output().unwrap().stdout).unwrap();
    let each = out.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let (facts, faults) = fields.split_at(facts.len());
        // A checksum over what is cut off cannot be verified; 0 is a wrong one.
        let wrong = |(at, field): (usize, &&str)| (at == 0 && !field.is_empty()) || field.contains('0');
        let faults = faults.iter().enumerate().filter(|one| wrong(*one)).map(|(at, _)| at.to_string());
        (facts.join(" "), faults.collect())
    });
    each.collect()
}

#[test]
fn tshark_finds_nothing_wrong_with_redacted_captures_that_was_right_before() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("left out: tshark is not installed");
        return;
    }
    let captures = cases::captures(24);
    for input in &captures {
        let place = Place::new();
        let folder = place.path().join("folder");
        fs::create_dir_all(folder.join("network")).unwrap();
        let before = folder.join("network/capture.pcapng");
        fs::write(&before, &input.bytes).unwrap();
        let after = place.path().join("after.pcapng");
        let bundle = Bundle::open(sealed(&place, &folder, "full"), Limits::default()).unwrap();
        fs::write(&after, read(&bundle, "network/capture.pcapng").unwrap()).unwrap();
        let (before, after) = (shown(&before), shown(&after));
        assert!(!before.is_empty() && before.len() == after.len(), "{}", input.name);
        for ((facts, faults), (new_facts, new_faults)) in before.iter().zip(&after) {
            assert_eq!(facts, new_facts, "{}", input.name);
            assert!(new_faults.is_empty() || new_faults == faults, "{} {facts}: {new_faults}", input.name);
        }
    }
}
