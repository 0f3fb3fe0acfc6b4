//! Folders, loose files, and several inputs at once.

use tetra_bundle::{Bundle, Error, Layout, Limits, SourceId, verify};

use crate::raw::{Place, odd, paths, stored, zip};

const CAPTURE: &[u8] = b"\xd4\xc3\xb2\xa1....";

#[cfg(unix)]
#[test]
fn opens_regular_files_only() {
    let place = Place::new();
    place.put("in/connector/local.xml", b"<config></config>");
    std::os::unix::fs::symlink("/etc", place.path().join("in/etc")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", place.path().join("in/connector/policy.xml")).unwrap();
    let made =
        std::process::Command::new("mkfifo").arg(place.path().join("in/connector/posture.json")).status();
    let bundle = Bundle::open(place.path().join("in"), Limits::default()).unwrap();
    assert_eq!(paths(&bundle), ["connector/local.xml"]);
    let mut expected = vec!["connector/policy.xml: it is a symbolic link: it is left out"];
    if made.is_ok_and(|status| status.success()) {
        expected.push("connector/posture.json: it is not a regular file: it is left out");
    }
    expected.push("etc: it is a symbolic link: it is left out");
    expected.push("manifest.json: it is missing: where and when the bundle was made is not known");
    assert_eq!(odd(&bundle), expected);
}

#[test]
fn opens_a_folder_of_anything() {
    let place = Place::new();
    let files: [(&str, &[u8]); 7] = [
        ("in/belied.pcap", b"PK\x03\x04 a zip"),
        ("in/trace", CAPTURE),
        ("in/more/second.pcapng", b"\x0a\x0d\x0d\x0a"),
        ("in/local.xml", b"<config></config>"),
        ("in/old/local.xml", b"<config></config>"),
        ("in/trace.etl", b"\0\0\0\0"),
        ("in/huge.pcap.gz", b"\x1f\x8b\x08"),
    ];
    for (name, bytes) in files {
        place.put(name, bytes);
    }
    let bundle = Bundle::open(place.path().join("in"), Limits::default()).unwrap();
    assert_eq!(bundle.layout(), Layout::Folder);
    assert_eq!(bundle.of(SourceId::Capture).count(), 2);
    assert_eq!(bundle.of(SourceId::LocalXml).next().unwrap().path, "local.xml");
    let expected = [
        "belied.pcap: it is an archive inside the input: it is not opened (expected to be given by itself)",
        "huge.pcap.gz: it is packed with gzip, which is not read (expected the unpacked file)",
        "old/local.xml: it is a second local_xml: it is not used, `local.xml` is",
        "trace.etl: it is a Windows event trace, which is not read (expected a pcapng file, as `pktmon etl2pcap` makes one)",
    ];
    assert_eq!(odd(&bundle), expected);
    let again = Bundle::open(place.path().join("in"), Limits::default()).unwrap();
    assert_eq!(bundle.sha256().unwrap(), again.sha256().unwrap());
    place.put("in/new", b"x");
    assert_ne!(
        Bundle::open(place.path().join("in"), Limits::default()).unwrap().sha256().unwrap(),
        bundle.sha256().unwrap()
    );
}

#[test]
fn opens_single_captures() {
    let place = Place::new();
    let path = place.put("capture.dat", CAPTURE);
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!((bundle.layout(), paths(&bundle)), (Layout::Capture, vec!["capture.dat"]));
    assert_eq!(bundle.read_small(&bundle.entries()[0], 100).unwrap().0, CAPTURE);
    let named = place.put("damaged.pcap", b"what is this");
    assert_eq!(Bundle::open(named, Limits::default()).unwrap().layout(), Layout::Capture);
}

#[test]
fn merges_several_inputs() {
    let place = Place::new();
    let one = place.put("1/capture.pcap", CAPTURE);
    let two = place.put("2/capture.pcap", CAPTURE);
    let xml = place.put("local.xml", b"<config></config>");
    let zipped = place.put(
        "x.7z",
        &zip(&[
            stored("connector/local.xml", b"<config>1</config>"),
            stored("manifest.json", br#"{"schema":"tetra-bundle/1"}"#),
        ]),
    );
    let both = Bundle::open_many(&[&one, &two], Limits::default()).unwrap();
    assert_eq!(
        (both.layout(), paths(&both)),
        (Layout::Capture, vec!["capture.pcap", "capture.pcap/capture.pcap"])
    );
    let mixed = Bundle::open_many(&[&one, &xml], Limits::default()).unwrap();
    assert_eq!(mixed.layout(), Layout::Loose);
    let all = Bundle::open_many(&[&zipped, &one, &xml], Limits::default()).unwrap();
    assert_eq!(all.layout(), Layout::Tetra);
    assert_eq!(paths(&all), ["capture.pcap", "connector/local.xml", "local.xml", "manifest.json"]);
    assert_eq!(all.of(SourceId::LocalXml).count(), 1);
    assert_eq!(all.entries().iter().map(|entry| entry.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(all.sha256().unwrap().len(), 64);
}

#[test]
fn reads_the_others_when_one_input_cannot_be_read() {
    let place = Place::new();
    let good = place.put("good.pcap", CAPTURE);
    let bad = place.put("bad.bin", b"\x7fELF");
    let bundle = Bundle::open_many(&[&bad, &good], Limits::default()).unwrap();
    assert_eq!(paths(&bundle), ["good.pcap"]);
    assert!(odd(&bundle)[0].contains("bad.bin` is neither a zip archive"), "{:?}", odd(&bundle));
    assert!(matches!(Bundle::open_many(&[&bad, &bad], Limits::default()), Err(Error::Unrecognized { .. })));
}

#[test]
fn checks_what_the_manifest_says() {
    let place = Place::new();
    let manifest = r#"{"schema": "tetra-bundle/1", "files": [
        {"path": "connector/local.xml", "bytes": 99, "sha256": "00", "modified": "2026-01-05T00:00:00Z"},
        {"path": "connector/policy.xml", "bytes": 1, "sha256": "00"},
        {"path": "odd", "source": "curl_transcript"}, {"path": "../../etc/passwd"}]}"#;
    let bundle = place
        .open(&zip(&[
            stored("w/connector/local.xml", b"<config></config>"),
            stored("w/manifest.json", manifest.as_bytes()),
            stored("w/extra", b"x"),
            stored("w/odd", b"x"),
        ]))
        .unwrap();
    assert_eq!(bundle.of(SourceId::CurlTranscript).next().unwrap().path, "w/odd");
    assert_eq!(
        bundle.of(SourceId::LocalXml).next().unwrap().modified.unwrap().naive().to_string(),
        "2026-01-05 00:00:00"
    );
    let expected = [
        "w/../../etc/passwd: the manifest lists it, but it is not there",
        "w/connector/local.xml: it has 17 bytes, the manifest says 99",
        "w/connector/policy.xml: the manifest lists it, but it is not there",
    ];
    assert_eq!(odd(&bundle), expected);
    let checks: Vec<String> =
        verify(&bundle).iter().map(|check| format!("{} {:?}", check.path, check.state)).collect();
    let expected = [
        "w/../../etc/passwd Absent",
        "w/connector/local.xml Altered",
        "w/connector/policy.xml Absent",
        "w/extra Unlisted",
        "w/odd Unhashed",
    ];
    assert_eq!(checks, expected);
}

#[test]
fn lives_without_a_readable_manifest() {
    let place = Place::new();
    for (text, why) in [
        ("{", "it cannot be read: EOF"),
        ("{}", "it cannot be read: it has no schema"),
        ("", "it cannot be read"),
    ] {
        let bundle = place
            .open(&zip(&[stored("manifest.json", text.as_bytes()), stored("network/a.pcap", CAPTURE)]))
            .unwrap();
        assert_eq!(bundle.of(SourceId::Capture).count(), 1);
        assert!(odd(&bundle)[0].starts_with(&format!("manifest.json: {why}")), "{:?}", odd(&bundle));
    }
}
