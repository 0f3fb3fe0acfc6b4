//! What is private is left out, and the answer stays: every case, redacted at each level, has the verdict, the category
//! and the cause that it had before.

use std::path::Path;

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

/// Seals what an input holds, redacted, and gives the bundle's path.
fn redacted(place: &Place, input: &Path, level: &str) -> std::path::PathBuf {
    let source = Bundle::open(input, Limits::default()).unwrap();
    let folder = place.path().join(format!("folder-{level}"));
    std::fs::create_dir_all(&folder).unwrap();
    for entry in source.entries() {
        let Ok(bytes) = read(&source, &entry.path) else { continue };
        let to = folder.join(&entry.path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let zip = place.path().join(format!("{level}.zip"));
    let done = program::collect(&[
        &"seal",
        &folder,
        &"--output",
        &zip,
        &"--redact",
        &level,
        &"--time",
        &"2026-11-23T05:00:00Z",
    ]);
    assert!(done.status < 2, "{}: {}{}", input.display(), done.out, done.err);
    zip
}

#[test]
fn every_case_keeps_its_answer() {
    let rules = RuleSet::core().unwrap();
    let (mut misses, mut tried) = (Vec::new(), 0);
    for case in cases::all() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("broken-") {
            // An archive that is cut is nothing that the collector seals.
            continue;
        }
        let input = cases::input(&case);
        let place = Place::new();
        let before = answer(&cases::analysed(&rules, &redacted(&place, &input, "none")));
        tried += 1;
        for level in ["secrets", "full"] {
            let after = answer(&cases::analysed(&rules, &redacted(&place, &input, level)));
            if before != after {
                misses.push(format!("{name} at {level}: {before:?} became {after:?}"));
            }
        }
    }
    assert!(tried >= 40, "{tried}");
    assert!(misses.is_empty(), "{} of {tried}:\n  {}", misses.len(), misses.join("\n  "));
}
