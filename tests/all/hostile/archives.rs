//! Archives that are none, that lie, or that would do harm.

use crate::archive::{Place, Raw, end, stored, zip};
use crate::program;

use super::{analysed, assert_anomaly, assert_refused, assert_still_answered, good, manifest, with};

#[test]
fn what_is_no_archive_is_named() {
    let place = Place::new();
    let inputs: [(&str, &[u8], &str); 6] = [
        ("text.zip", b"this is no archive at all, only some words", "zip"),
        ("real.7z", b"7z\xbc\xaf\x27\x1c\0\x04and so on", "7"),
        ("packed.tar.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0", "gzip"),
        ("empty.zip", b"", "empty"),
        ("program.exe", b"MZ\x90\0\x03\0\0\0", "expected"),
        ("no-entries.zip", &end(0, 0, 0), ""),
    ];
    for (name, bytes, words) in inputs {
        assert_refused(&place.put(name, bytes), words);
    }
    assert_refused(&place.path().join("not-there.zip"), "No such file");
}

#[test]
fn encrypted_entries_are_told_of() {
    let locked = |name: &str, data: &[u8]| Raw { flags: 1, ..stored(name, data) };
    let place = Place::new();
    let all: Vec<Raw> = good().into_iter().map(|entry| Raw { flags: 1, ..entry }).collect();
    let (done, report) = program::report(&place.put("locked.zip", &zip(&all)));
    let said = format!("{}{}", done.err, report["anomalies"]);
    assert!(said.contains("encrypted"), "{said}");
    assert!(matches!(done.status, 2 | 3), "{}", done.status);
    assert_still_answered(
        &with(&[locked("connector/posture.json", b"{}")]),
        "connector/posture.json",
        "encrypted",
    );
}

#[test]
fn manifests_that_are_missing_broken_or_lying_are_told_of() {
    assert_still_answered(&zip(&good()), "manifest.json", "missing");
    assert_still_answered(
        &with(&[stored("manifest.json", b"{\"schema\": \"tetra-bundle/1\", ")]),
        "manifest.json",
        "cannot be read",
    );
    let mut lie = manifest();
    lie["files"][0]["bytes"] = 7.into();
    lie["files"][1]["path"] = "connector/nowhere.xml".into();
    let path = lie["files"][0]["path"].as_str().unwrap().to_owned();
    let bytes = with(&[stored("manifest.json", lie.to_string().as_bytes())]);
    assert_still_answered(&bytes, &path, "the manifest says 7");
    assert_still_answered(&bytes, "connector/nowhere.xml", "not there");
    let place = Place::new();
    let verified = program::analyze(&[&"verify", &place.put("lie.zip", &bytes)]);
    assert_eq!(verified.status, 1, "{}", verified.err);
    assert!(verified.out.contains("ABSENT") && verified.out.contains("UNLISTED"), "{}", verified.out);
}

#[test]
fn names_that_lead_out_are_told_of_and_lead_nowhere() {
    for name in
        ["../../out.json", "..\\..\\out.json", "/etc/out.json", "C:\\out.json", "connector\\..\\..\\out.json"]
    {
        assert_still_answered(&with(&[stored(name, b"{\"a\": 1}")]), "out.json", "");
    }
    let control = Raw { name: b"connector/\x1b[2Jposture.json".to_vec(), ..stored("", b"{}") };
    let (done, _) = analysed("in.zip", &with(&[control]));
    assert!(!done.out.contains('\x1b') && !done.err.contains('\x1b'));
}

#[test]
fn backslashes_part_folders() {
    let entries: Vec<Raw> = good()
        .into_iter()
        .map(|entry| Raw {
            name: entry.name.iter().map(|c| if *c == b'/' { b'\\' } else { *c }).collect(),
            ..entry
        })
        .collect();
    let (done, report) = analysed("in.zip", &zip(&entries));
    assert_eq!(report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{}", done.err);
}

#[test]
fn of_two_entries_of_one_name_one_counts() {
    let mut entries = good();
    let twin = entries.iter().find(|entry| entry.name.ends_with(b"local.xml")).unwrap().clone();
    entries.push(Raw { data: b"<config></config>".to_vec(), ..twin });
    assert_still_answered(&zip(&entries), "local.xml", "");
    let mut cased = good();
    cased.push(stored("Connector/LOCAL.XML", b"<config></config>"));
    let (done, report) = analysed("in.zip", &zip(&cased));
    assert_eq!(done.status, 1, "{}", done.err);
    assert_anomaly(&report, "LOCAL.XML", "");
}

#[test]
fn a_damaged_entry_costs_only_itself() {
    let local = good().into_iter().find(|entry| entry.name.ends_with(b"local.xml")).unwrap();
    assert_still_answered(&with(&[Raw { crc: !local.crc, ..local.clone() }]), "local.xml", "");
    assert_still_answered(&with(&[Raw { method: 14, ..local.clone() }]), "local.xml", "");
    assert_still_answered(&with(&[Raw { offset: Some(u32::MAX - 9), ..local }]), "local.xml", "");
}
