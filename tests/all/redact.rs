//! What is private is left out, and the answer stays: every case, redacted at each level, has the verdict, the category
//! and the cause that it had before.

use std::fs;
use std::path::{Path, PathBuf};

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
