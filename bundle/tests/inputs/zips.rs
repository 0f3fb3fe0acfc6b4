//! Archives that are well made, and fields that lie.

use std::io::{Cursor, Write};

use tetra_bundle::{Bundle, Error, Layout, Limits, Modified, SourceId};
use zip::write::SimpleFileOptions;

use crate::raw::{Place, Raw, deflated, end, odd, open, paths, read, stored, zip};

#[test]
fn reads_stored_deflated_and_zip64_entries() {
    let wide = |raw: Raw| Raw { wide: true, ..raw };
    let text = b"hello ".repeat(100);
    let entries = [
        stored("a", &text),
        deflated("b", &text),
        wide(stored("c", &text)),
        wide(deflated("d", &text)),
        stored("e", b""),
    ];
    let (_place, bundle) = open(&entries);
    assert_eq!(odd(&bundle), [""; 0]);
    assert_eq!(paths(&bundle), ["a", "b", "c", "d", "e"]);
    for path in ["a", "b", "c", "d"] {
        assert_eq!(read(&bundle, path).unwrap(), text);
    }
    assert_eq!(read(&bundle, "e").unwrap(), b"");
    let time = bundle.entries()[0].modified.unwrap();
    assert!(matches!(time, Modified::Local(_)));
    assert_eq!(time.naive().to_string(), "2026-01-01 12:00:00");
}

#[test]
fn reads_what_the_zip_crate_writes() {
    for (large, streamed) in [(false, false), (true, false), (false, true), (true, true)] {
        let options = SimpleFileOptions::default().large_file(large);
        let text = b"hello ".repeat(10_000);
        let bytes = if streamed {
            let mut out = zip::ZipWriter::new_stream(Vec::new());
            out.start_file("a.txt", options).unwrap();
            out.write_all(&text).unwrap();
            out.finish().unwrap().into_inner()
        } else {
            let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
            out.add_directory("folder", options).unwrap();
            out.start_file("a.txt", options).unwrap();
            out.write_all(&text).unwrap();
            out.finish().unwrap().into_inner()
        };
        let place = Place::new();
        let bundle = place.open(&bytes).unwrap();
        assert_eq!(odd(&bundle), [""; 0]);
        assert_eq!(read(&bundle, "a.txt").unwrap(), text);
    }
}

#[test]
fn reads_entries_at_once() {
    let entries: Vec<Raw> =
        (0..8_u8).map(|n| deflated(&n.to_string(), &vec![n; 300_000 + usize::from(n)])).collect();
    let (_place, bundle) = open(&entries);
    std::thread::scope(|threads| {
        for entry in bundle.entries() {
            let bundle = &bundle;
            threads.spawn(move || {
                let n: u8 = entry.path.parse().unwrap();
                assert!(read(bundle, &entry.path).unwrap() == vec![n; 300_000 + usize::from(n)]);
            });
        }
    });
}

#[test]
fn reads_small_parts() {
    let (_place, bundle) = open(&[deflated("a", b"0123456789")]);
    let entry = &bundle.entries()[0];
    assert_eq!(bundle.read_small(entry, 4).unwrap(), (b"0123".to_vec(), true));
    assert_eq!(bundle.read_small(entry, 10).unwrap(), (b"0123456789".to_vec(), false));
}

#[test]
fn names_lying_sizes_and_checksums() {
    let a = deflated("a", b"hello hello hello");
    let faults = |raw: Raw| {
        let (_place, bundle) = open(&[raw, stored("b", b"fine")]);
        assert_eq!(read(&bundle, "b").unwrap(), b"fine", "the rest stays readable");
        (read(&bundle, "a").unwrap_err(), odd(&bundle).len())
    };
    assert_eq!(
        faults(Raw { bytes: 5, ..a.clone() }),
        ("it holds more than the 5 bytes it declares".into(), 0)
    );
    assert_eq!(faults(Raw { bytes: 99, ..a.clone() }), ("it ends after 17 of 99 bytes".into(), 0));
    let wrong = "its checksum is wrong: the content was altered or damaged";
    assert_eq!(faults(Raw { crc: 1, ..a.clone() }), (wrong.into(), 0));
    assert_eq!(faults(Raw { crc: 1, ..stored("a", b"x") }), (wrong.into(), 0));
    let torn = Raw { data: a.data.iter().map(|byte| byte ^ 0x55).collect(), ..a };
    assert!(faults(torn).0.starts_with("it is damaged after"));
}

#[test]
fn leaves_out_what_it_cannot_read() {
    let encrypted = Raw { flags: 1, ..deflated("encrypted", b"x") };
    let bzip2 = Raw { method: 12, ..stored("bzip2", b"x") };
    let link = Raw { mode: 0o120_777, ..stored("link", b"/etc/passwd") };
    let lying = Raw { bytes: 100, ..stored("lying", b"x") };
    let beyond = Raw { packed: 5_000, ..deflated("beyond", b"x") };
    let nowhere = Raw { offset: Some(9_999), ..deflated("nowhere", b"x") };
    let (_place, bundle) = open(&[encrypted, bzip2, link, lying, nowhere, stored("good", b"x"), beyond]);
    assert_eq!(paths(&bundle), ["good"]);
    assert_eq!(read(&bundle, "good").unwrap(), b"x");
    let lines = odd(&bundle);
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert_eq!(lines[0], "beyond: its bytes reach beyond the archive's directory: the entry is left out");
    assert_eq!(
        lines[1],
        "bzip2: it is packed with method 12: the entry is left out (expected stored or deflated)"
    );
    assert_eq!(
        lines[2],
        "encrypted: it is encrypted: the entry is left out (expected an archive without a password)"
    );
    assert_eq!(lines[3], "link: it is a symbolic link: the entry is left out");
    assert_eq!(lines[4], "lying: it is stored, but declares 100 bytes out of 1: the entry is left out");
    assert!(
        lines[5].starts_with("nowhere: its header cannot be read: the entry is left out"),
        "{}",
        lines[5]
    );
}

#[test]
fn reads_archives_with_bytes_before_and_after() {
    let place = Place::new();
    let plain = zip(&[deflated("a", b"hello"), stored("b", b"x")]);
    let tails: [&[u8]; 2] = [b"", b"\0\0trailing"];
    for tail in tails {
        let bundle =
            Bundle::open(place.put("x.zip", &[b"#!/bin/sh\n", &plain[..], tail].concat()), Limits::default())
                .unwrap();
        assert_eq!(read(&bundle, "a").unwrap(), b"hello");
        assert_eq!(read(&bundle, "b").unwrap(), b"x");
    }
}

#[test]
fn opens_an_empty_archive() {
    let place = Place::new();
    let bundle = place.open(&end(0, 0, 0)).unwrap();
    assert_eq!((bundle.entries().len(), bundle.layout()), (0, Layout::Folder));
}

#[test]
fn says_what_it_expected() {
    let place = Place::new();
    let fault =
        |name: &str, bytes: &[u8]| Bundle::open(place.put(name, bytes), Limits::default()).unwrap_err();
    let text = fault("x.bin", b"\x7fELF").to_string();
    assert!(text.contains("x.bin` is neither a zip archive, a folder, nor a capture (expected "), "{text}");
    assert!(matches!(fault("empty.pcap", b""), Error::Empty { .. }));
    let text = fault("case.7z", b"7z\xbc\xaf\x27\x1c....").to_string();
    assert!(
        text.ends_with(
            "is a real 7z archive, which is not read (expected a zip archive, or the unpacked folder)"
        ),
        "{text}"
    );
    assert!(fault("x.pcap.gz", b"\x1f\x8b\x08....").to_string().contains("packed with gzip"));
    assert!(matches!(fault("junk.zip", b"junk"), Error::Archive { .. }));
    assert!(matches!(Bundle::open(place.path().join("gone"), Limits::default()), Err(Error::Open { .. })));
    assert!(matches!(Bundle::open_many::<&str>(&[], Limits::default()), Err(Error::NoInput)));
    #[cfg(unix)]
    assert!(matches!(Bundle::open("/dev/zero", Limits::default()), Err(Error::NotRegular { .. })));
}

#[test]
fn does_not_open_archives_in_archives() {
    let inner = zip(&[stored("local.xml", b"<config></config>")]);
    let (_place, bundle) = open(&[stored("inner.zip", &inner), stored("capture", b"\xd4\xc3\xb2\xa1....")]);
    assert_eq!(bundle.entries()[1].source, SourceId::Unknown);
    assert_eq!(bundle.entries()[0].source, SourceId::Capture, "known by its first bytes");
    assert_eq!(
        odd(&bundle),
        ["inner.zip: it is an archive inside the input: it is not opened (expected to be given by itself)"]
    );
}
