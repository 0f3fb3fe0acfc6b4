//! Bad input is data: a clear line or an anomaly that names the file, and everything else is still analysed.

mod archives;
mod bombs;
mod captures;
mod child;
mod files;
mod huge;
mod odd_folders;
mod packs;
mod traffic;
mod words;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tetra_bundle::{Bundle, Limits};

use crate::archive::{Place, Raw, read, stored, zip};
use crate::program::{self, Done};

/// How long any of these inputs may take, on a slow machine and without optimization.
const PATIENCE: Duration = Duration::from_secs(60);

/// The entries of a bundle whose answer is `dns-nxdomain`, without its manifest.
fn good() -> Vec<Raw> {
    let path = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let bundle = Bundle::open(path, Limits::default()).unwrap();
    let entries = bundle.entries().iter().filter(|entry| entry.path != "manifest.json");
    entries.map(|entry| stored(&entry.path, &read(&bundle, &entry.path).unwrap())).collect()
}

/// The manifest of that bundle.
fn manifest() -> Value {
    let path = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let bundle = Bundle::open(path, Limits::default()).unwrap();
    serde_json::from_slice(&read(&bundle, "manifest.json").unwrap()).unwrap()
}

/// The good bundle with these entries beside or instead of its own.
fn with(extra: &[Raw]) -> Vec<u8> {
    let mut entries = good();
    entries.retain(|entry| extra.iter().all(|other| other.name != entry.name));
    entries.extend_from_slice(extra);
    zip(&entries)
}

/// Analyses bytes as a file of this name.
fn analysed(name: &str, bytes: &[u8]) -> (Done, Value) {
    let place = Place::new();
    program::report(&place.put(name, bytes))
}

/// Asserts that the rest of the bundle still gives its answer, and that an anomaly tells of this.
fn assert_still_answered(bytes: &[u8], path: &str, words: &str) {
    let (done, report) = analysed("in.zip", bytes);
    assert_eq!(report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{path}: {} {report}", done.err);
    assert_eq!(done.status, 1, "{path}");
    assert_anomaly(&report, path, words);
    assert!(done.took < PATIENCE, "{path} took {:?}", done.took);
}

/// Asserts that an anomaly names the path and says these words, in its place or its text.
fn assert_anomaly(report: &Value, path: &str, words: &str) {
    let anomalies = report["anomalies"].as_array().unwrap();
    let text = |anomaly: &Value| format!("{}: {}: {}", anomaly["path"], anomaly["at"], anomaly["what"]);
    let found = anomalies
        .iter()
        .any(|anomaly| anomaly["path"].as_str().unwrap().contains(path) && text(anomaly).contains(words));
    let all: Vec<String> = anomalies.iter().map(text).collect();
    assert!(found, "no anomaly of `{path}` with `{words}` among\n  {}", all.join("\n  "));
}

/// Asserts that nothing could be done, and that the message names the file and says these words.
fn assert_refused(path: &Path, words: &str) {
    let (done, _) = program::report(path);
    assert_eq!((done.status, done.out.as_str()), (2, ""), "{}", done.err);
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(
        done.err.contains(&*name) && done.err.contains(words),
        "no `{name}` or `{words}` in: {}",
        done.err
    );
    assert!(done.took < PATIENCE, "{name} took {:?}", done.took);
}
