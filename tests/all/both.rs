//! Both programs, one after the other: a folder is sealed, the bundle verified, and the cause named.

use std::path::Path;

use crate::archive::{Place, read};
use crate::program;
use tetra_bundle::{Bundle, Limits};

#[test]
fn what_the_collector_seals_the_analyzer_diagnoses() {
    let place = Place::new();
    let fixture = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let source = Bundle::open(fixture, Limits::default()).unwrap();
    for entry in source.entries().iter().filter(|entry| entry.path != "manifest.json") {
        place.put(&format!("folder/{}", entry.path), &read(&source, &entry.path).unwrap());
    }
    let (folder, zip) = (place.path().join("folder"), place.path().join("bundle.zip"));
    let seal = |to: &Path| {
        let time = &"2026-11-23T05:00:00Z";
        program::collect(&[&"seal", &folder, &"--output", &to, &"--redact", &"none", &"--time", time])
    };
    let sealed = seal(&zip);
    assert_eq!(sealed.status, 0, "{}{}", sealed.out, sealed.err);
    assert!(sealed.out.contains("root hash"), "{}", sealed.out);

    let verified = program::analyze(&[&"verify", &zip]);
    assert_eq!(verified.status, 0, "{}{}", verified.out, verified.err);
    let (done, report) = program::report(&zip);
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(report["diagnosis"]["primary"]["cause"], "dns-nxdomain");
    assert_eq!(report["input"]["layout"], "tetra");
    assert_eq!(report["anomalies"], serde_json::json!([]));

    // The same folder, sealed or not, has the same answer.
    let (_, open) = program::report(&folder);
    assert_eq!(open["diagnosis"]["primary"]["cause"], report["diagnosis"]["primary"]["cause"]);
    assert_eq!(open["diagnosis"]["primary"]["evidence"], report["diagnosis"]["primary"]["evidence"]);

    // A bundle is never replaced, and the same time gives the same bytes.
    assert_eq!(seal(&zip).status, 2);
    let again = place.path().join("again.zip");
    let second = seal(&again);
    assert_eq!(second.status, 0, "{}", second.err);
    assert_eq!(std::fs::read(&zip).unwrap(), std::fs::read(&again).unwrap());
}

#[test]
fn a_folder_with_nothing_to_seal_gives_no_bundle() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("void")).unwrap();
    let zip = place.path().join("bundle.zip");
    let done = program::collect(&[&"seal", &place.path().join("void"), &"--output", &zip]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    assert!(done.err.contains("void") && !zip.exists(), "{}", done.err);
}
