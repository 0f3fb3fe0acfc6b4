//! Every case of `fixtures/cases`: the expected answer, the same bytes twice, and evidence that a person can check.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tetra_analyze::progress::Progress;
use tetra_analyze::rule::RuleSet;
use tetra_analyze::{diagnose, report};
use tetra_bundle::{Bundle, Limits, SourceId};

use crate::{archive, program};

/// Cases that the real program is run on too: an answer, none, and everything well.
const THROUGH_THE_PROGRAM: [(&str, i32); 3] =
    [("dns-nxdomain", 1), ("inconclusive-no-attempt", 3), ("healthy-ntlm-proxy", 0)];

/// The folders of all cases.
pub fn all() -> Vec<PathBuf> {
    program::list(&program::root().join("fixtures/cases"))
}

/// What is to be analysed in the folder of a case.
pub fn input(case: &Path) -> PathBuf {
    let found = program::list(case).into_iter().find(|path| !path.ends_with("expected.json"));
    found.unwrap_or_else(|| panic!("{} has no input", case.display()))
}

/// A file by itself.
#[derive(Clone)]
pub struct Input {
    /// Its name without folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The smallest captures of all cases, so many of them.
pub fn captures(count: usize) -> Vec<Input> {
    let mut found = Vec::new();
    for case in all() {
        let Ok(bundle) = Bundle::open(input(&case), Limits::default()) else { continue };
        for entry in bundle.of(SourceId::Capture) {
            let Ok(bytes) = archive::read(&bundle, &entry.path) else { continue };
            let name = entry.path.rsplit('/').next().unwrap().to_owned();
            found.push(Input { name, bytes });
        }
    }
    found.sort_by_key(|input| input.bytes.len());
    found.truncate(count);
    assert_eq!(found.len(), count);
    found
}

/// Analyses an input as the program does, and gives the JSON report.
pub fn analysed(rules: &RuleSet, path: &Path) -> String {
    let bundle = Bundle::open(path, Limits::default()).unwrap();
    let analysis = diagnose(&bundle, rules, "input", &Progress::hidden()).unwrap();
    let mut out = Vec::new();
    report::json::write(&analysis, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_case_gets_its_answer() {
    let rules = RuleSet::core().unwrap();
    let schema = std::fs::read(program::root().join("analyzer/tetra-analysis-1.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let mut misses = Vec::new();
    let cases = all();
    for case in &cases {
        let path = input(case);
        let text = analysed(&rules, &path);
        let report: Value = serde_json::from_str(&text).unwrap();
        let expected = std::fs::read(case.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let mut faults = differences(&report["diagnosis"], &expected);
        faults.extend(schema.iter_errors(&report).map(|error| format!("schema: {error}")));
        faults.extend(uncheckable(&report, &path));
        if text != analysed(&rules, &path) {
            faults.push("a second run gives other bytes".to_owned());
        }
        let name = case.file_name().unwrap().to_string_lossy();
        misses.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    assert!(misses.is_empty(), "{} faults:\n  {}", misses.len(), misses.join("\n  "));
}

#[test]
fn the_program_says_the_same_as_the_library() {
    let rules = RuleSet::core().unwrap();
    for (name, status) in THROUGH_THE_PROGRAM {
        let path = input(&program::root().join("fixtures/cases").join(name));
        let (done, mut said) = program::report(&path);
        assert_eq!(done.status, status, "{name}: {}", done.err);
        said["input"]["path"] = "input".into();
        let library: Value = serde_json::from_str(&analysed(&rules, &path)).unwrap();
        assert_eq!(said, library, "{name}");
        let text = program::analyze(&[&path]);
        assert_eq!(text.status, status, "{name}: {}", text.err);
        let title = library["diagnosis"]["primary"]["title"].as_str().unwrap_or_default();
        assert!(text.out.contains(title), "{name}: no `{title}` in\n{}", text.out);
    }
}

/// What the diagnosis says other than expected.
fn differences(diagnosis: &Value, expected: &Value) -> Vec<String> {
    let primary = &diagnosis["primary"];
    let said = [&diagnosis["verdict"], &primary["category"], &primary["cause"]];
    let wanted = [&expected["verdict"], &expected["category"], &expected["cause"]];
    if said == wanted {
        return Vec::new();
    }
    let line = |values: [&Value; 3]| values.map(ToString::to_string).join(" ").replace('"', "");
    vec![format!("said {}, expected {}", line(said), line(wanted))]
}

/// Claims without evidence, and evidence that leads nowhere.
fn uncheckable(report: &Value, path: &Path) -> Vec<String> {
    let bundle = Bundle::open(path, Limits::default()).unwrap();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    for covered in report["coverage"].as_array().unwrap() {
        let packets = covered["note"].as_str().unwrap_or_default().split_once(" packets");
        if let Some(packets) = packets.and_then(|(number, _)| number.parse().ok()) {
            ends.insert(covered["path"].as_str().unwrap(), packets);
        }
    }
    let mut faults = Vec::new();
    let primary = &report["diagnosis"]["primary"];
    if !primary.is_null() && primary["evidence"].as_array().is_none_or(Vec::is_empty) {
        faults.push("the primary cause has no evidence".to_owned());
    }
    for name in ["others", "consequences"] {
        for cause in report["diagnosis"][name].as_array().unwrap() {
            if cause["evidence"].as_array().is_none_or(Vec::is_empty) {
                faults.push(format!("{} among {name} has no evidence", cause["cause"]));
            }
        }
    }
    let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
    for evidence in evidence(report) {
        let place = evidence["path"].as_str().unwrap();
        let Some(entry) = bundle.entries().iter().find(|entry| entry.path == place) else {
            faults.push(format!("evidence in `{place}`, which is not in the bundle: {evidence}"));
            continue;
        };
        if let Some(frame) = evidence["frame"].as_u64()
            && !(1..=ends.get(place).copied().unwrap_or(0)).contains(&frame)
        {
            faults.push(format!("frame {frame} of `{place}`, which has no such frame"));
        }
        if let Some(line) = evidence["line"].as_u64() {
            let count = *lines.entry(place).or_insert_with(|| {
                let mut bytes = Vec::new();
                bundle.read(entry).unwrap().read_to_end(&mut bytes).unwrap();
                bytes.split(|byte| *byte == b'\n').count() as u64
            });
            if !(1..=count).contains(&line) {
                faults.push(format!("line {line} of `{place}`, which has {count}"));
            }
        }
    }
    faults
}

/// Every evidence of a report, wherever it stands.
fn evidence(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(evidence).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, inner)| match inner.as_array() {
                Some(items) if key == "evidence" => items.iter().collect(),
                _ => evidence(inner),
            })
            .collect(),
        _ => Vec::new(),
    }
}
