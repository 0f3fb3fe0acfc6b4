//! What our decoder shows against what Wireshark shows: the laboratory's filters with their counts, and tshark itself.

mod compare;
mod fields;
mod filter;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tetra_capture::frames::{self, FrameFacts};

use crate::cases::captures;
use crate::program;

/// Filters that are not translated, each with the reason.
const UNTRANSLATED: &str = include_str!("untranslated.txt");
/// How many captures are compared with tshark.
const SMALLEST: usize = 20;
/// How many comparisons the laboratory's cases must allow.
const ENOUGH: usize = 200;

/// The laboratory's cases, where they are at hand.
fn laboratory() -> Option<Vec<PathBuf>> {
    let root = program::root();
    // Beside the repository, or beside a folder further up.
    let folder = root.ancestors().map(|above| above.join("shared/lab/cases")).find(|folder| folder.is_dir());
    folder.map(|folder| program::list(&folder))
}

/// The facts of a capture's frames.
pub fn read(capture: &Path) -> Vec<FrameFacts> {
    frames::read(Box::new(File::open(capture).unwrap()))
}

#[test]
fn the_laboratorys_filters_count_the_same() {
    let Some(cases) = laboratory() else {
        println!("left out: ../shared/lab is not there");
        return;
    };
    let listed: BTreeSet<&str> = UNTRANSLATED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.rsplit_once(" | ").unwrap().0)
        .collect();
    let mut untranslated = BTreeSet::new();
    let (mut compared, mut differ) = (0, Vec::new());
    for case in cases {
        let truth = std::fs::read(case.join("truth.json")).unwrap();
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        let name = case.file_name().unwrap().to_string_lossy();
        let frames = read(&case.join(truth["capture"]["file"].as_str().unwrap()));
        for evidence in truth["evidence"].as_array().unwrap() {
            let text = evidence["filter"].as_str().unwrap();
            let filter = filter::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            if let Some(known) = listed.get(format!("{name} | {text}").as_str()) {
                untranslated.insert(*known);
                continue;
            }
            assert_eq!(filter.unknown(), None, "{name}: `{text}`");
            compared += 1;
            let ours: Vec<u64> =
                frames.iter().filter(|frame| filter.passes(frame)).map(|frame| frame.number).collect();
            let (count, first) = (evidence["count"].as_u64(), evidence["first_frame"].as_u64());
            if count != Some(ours.len() as u64) || first != ours.first().copied() {
                differ.push(format!(
                    "{name}: `{text}`: {} frames from {:?} on, Wireshark {} from {} on",
                    ours.len(),
                    ours.first(),
                    evidence["count"],
                    evidence["first_frame"]
                ));
            }
        }
    }
    println!("{compared} filters compared; not translated:\n{UNTRANSLATED}");
    assert!(differ.is_empty(), "{} of {compared} differ:\n  {}", differ.len(), differ.join("\n  "));
    assert!(compared >= ENOUGH, "only {compared} filters were compared");
    assert_eq!(untranslated, listed, "untranslated.txt lists what is no longer there");
}

#[test]
fn tshark_shows_the_same_frame_by_frame() {
    if !compare::is_installed() {
        println!("left out: tshark is not installed");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (mut frames, mut values, mut differ) = (0, 0, Vec::new());
    for input in captures(SMALLEST) {
        let path = place.path().join(&input.name);
        std::fs::write(&path, &input.bytes).unwrap();
        let found = compare::compare(&path).unwrap_or_else(|why| panic!("{}: {why}", input.name));
        frames += found.frames;
        values += found.values.iter().sum::<u64>();
        let unexplained = found.differences.iter().filter(|one| one.why.is_none());
        differ.extend(unexplained.map(|one| format!("{} {one}", input.name)));
    }
    println!("{frames} frames with {values} values compared with tshark in {} fields", compare::FIELDS.len());
    assert!(differ.is_empty(), "{} differ:\n  {}", differ.len(), differ.join("\n  "));
    assert!(values > 5_000, "only {values} values were compared");
}
