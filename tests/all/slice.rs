//! Slices: the same cause from the packets that matter, comments that another tool shows, the same bytes twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tetra_analyze::rule::RuleSet;
use tetra_bundle::{Bundle, Limits, SourceId};

use crate::archive::{Place, read};
use crate::cases::{all, analysed, input};
use crate::program::{self, analyze};

/// The laboratory's captures, where they are at hand.
fn laboratory() -> Vec<PathBuf> {
    let root = program::root();
    let folder = root.ancestors().map(|above| above.join("shared/lab/cases")).find(|folder| folder.is_dir());
    let cases = folder.map(|folder| program::list(&folder)).unwrap_or_default();
    cases.iter().filter_map(|case| program::list(case).into_iter().find(|path| is_capture(path))).collect()
}

fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng")
}

fn answer(rules: &RuleSet, path: &Path) -> Value {
    let report: Value = serde_json::from_str(&analysed(rules, path)).unwrap();
    let diagnosis = &report["diagnosis"];
    serde_json::json!([diagnosis["verdict"], diagnosis["primary"]["cause"]])
}

fn frames(path: &Path) -> Vec<(i64, i32, u32)> {
    let file = std::fs::File::open(path).unwrap();
    let mut frames = Vec::new();
    let end = tetra_capture::blocks::read(Box::new(file), &mut |frame| {
        frames.push((frame.time.0, frame.link, frame.wire_len));
    });
    assert_eq!(end.cut, None);
    frames
}

#[test]
fn a_slice_beside_the_other_files_of_its_case_has_the_same_answer() {
    let rules = RuleSet::core().unwrap();
    let mut sliced = 0;
    let mut misses = Vec::new();
    for case in all() {
        let input = input(&case);
        let bundle = Bundle::open(&input, Limits::default()).unwrap();
        let place = Place::new();
        let small = place.path().join("case/network/small.pcapng");
        place.put("case/network/none", b"");
        let done = analyze(&[&"slice", &input, &"-o", &small]);
        if bundle.of(SourceId::Capture).next().is_none() {
            assert_eq!(done.status, 2, "{}", case.display());
            assert!(done.err.contains("no capture"), "{}", done.err);
            continue;
        }
        assert_eq!(done.status, 0, "{}: {}", case.display(), done.err);
        for entry in bundle.entries().iter().filter(|entry| entry.source != SourceId::Capture) {
            if let Ok(bytes) = read(&bundle, &entry.path) {
                place.put(&format!("case/{}", entry.path), &bytes);
            }
        }
        let (whole, part) = (answer(&rules, &input), answer(&rules, &place.path().join("case")));
        sliced += 1;
        if whole != part {
            misses.push(format!("{}: {whole} became {part}", case.display()));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(sliced >= 40, "only {sliced}");
}

#[test]
fn a_slice_of_a_laboratory_capture_has_the_same_answer() {
    let rules = RuleSet::core().unwrap();
    let place = Place::new();
    place.put("none", b"");
    let small = place.path().join("small.pcapng");
    let captures = laboratory();
    if captures.is_empty() {
        println!("left out: shared/lab is not there");
    }
    let mut misses = Vec::new();
    for capture in captures {
        let done = analyze(&[&"slice", &capture, &"-o", &small]);
        assert_eq!(done.status, 0, "{}: {}", capture.display(), done.err);
        let (whole, part) = (answer(&rules, &capture), answer(&rules, &small));
        if whole != part {
            misses.push(format!("{}: {whole} became {part}", capture.display()));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn times_and_link_types_stay_as_they_were_and_the_bytes_are_the_same_twice() {
    let place = Place::new();
    let bundle = program::root().join("fixtures/cases/tls-revocation-syn-timeout/bundle.zip");
    let whole = place.put(
        "whole.pcapng",
        &read(&Bundle::open(&bundle, Limits::default()).unwrap(), "network/capture.pcapng").unwrap(),
    );
    let (one, two) = (place.path().join("one.pcapng"), place.path().join("two.pcapng"));
    for path in [&one, &two] {
        assert_eq!(analyze(&[&"slice", &bundle, &"--output", path]).status, 0);
    }
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    let (before, after) = (frames(&whole), frames(&one));
    assert!(after.len() < before.len(), "{} of {}", after.len(), before.len());
    assert_eq!((after.first(), after.last()), (before.first(), before.last()));
    let mut left = before.iter();
    assert!(after.iter().all(|frame| left.any(|known| known == frame)), "a frame differs or is out of order");
}

#[test]
fn several_captures_are_one_with_an_interface_for_each() {
    let place = Place::new();
    let case = program::root().join("fixtures/cases/dns-formerr-bare-capture/capture.pcap");
    let other = input(&program::root().join("fixtures/cases/inconclusive-no-attempt"));
    let small = place.put("small.pcapng", b"will be replaced");
    let done = analyze(&[&"slice", &case, &other, &"-o", &small]);
    assert_eq!(done.status, 0, "{}", done.err);
    let mut interfaces = std::collections::BTreeSet::new();
    let file = std::fs::File::open(&small).unwrap();
    tetra_capture::blocks::read(Box::new(file), &mut |frame| {
        interfaces.insert((frame.interface, frame.link));
    });
    assert!(interfaces.len() >= 2, "{interfaces:?}");
}

#[test]
fn the_input_is_never_overwritten() {
    let place = Place::new();
    let case = program::root().join("fixtures/cases/dns-formerr-bare-capture/capture.pcap");
    let bytes = std::fs::read(case).unwrap();
    let path = place.put("folder/capture.pcap", &bytes);
    for input in [path.clone(), place.path().join("folder")] {
        let done = analyze(&[&"slice", &input, &"-o", &path]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{}", done.err);
        assert!(done.err.contains("not overwritten"), "{}", done.err);
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn wireshark_opens_a_slice_and_shows_its_comments() {
    // Where Wireshark's reader is not installed, the tests above read the same comments and frames.
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let place = Place::new();
    place.put("none", b"");
    let small = place.path().join("small.pcapng");
    let bundle = program::root().join("fixtures/cases/tls-revocation-syn-timeout/bundle.zip");
    assert_eq!(analyze(&[&"slice", &bundle, &"-o", &small]).status, 0);
    let mut comments = Vec::new();
    let file = std::fs::File::open(&small).unwrap();
    comments.extend(tetra_capture::blocks::read(Box::new(file), &mut |_| {}).comments);
    assert!(comments.iter().any(|(frame, text)| *frame == 1 && text.starts_with("Cause: ")), "{comments:?}");
    assert!(
        comments.iter().any(|(_, text)| text.contains("[frame 122 of network/capture.pcapng]")),
        "{comments:?}"
    );
    if runs("tshark") {
        let mut tshark = Command::new("tshark");
        let fields = ["-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"];
        let shown = tshark.arg("-r").arg(&small).args(fields).output().unwrap();
        assert!(shown.status.success());
        let text = String::from_utf8(shown.stdout).unwrap();
        assert!(text.contains("5 SYNs to 23.45.67.80:80, no answer"), "{text}");
    }
}
