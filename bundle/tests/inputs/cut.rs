//! Archives that were cut off or damaged anywhere.

use std::io::Read;

use tetra_bundle::{Bundle, Limits, SourceId};

use crate::raw::{Place, Raw, deflated, odd, paths, read, stored, zip};

fn sample() -> Vec<u8> {
    zip(&[
        deflated("connector/local.xml", b"<config></config>"),
        stored("network/capture.pcap", b"\xd4\xc3\xb2\xa1some packets"),
        Raw { wide: true, ..deflated("connector/logs/sfc.exe.log", &b"a line\n".repeat(1_000)) },
        stored("manifest.json", br#"{"schema": "tetra-bundle/1"}"#),
    ])
}

/// Opens whatever it is and reads all of it.
fn exhaust(place: &Place, bytes: &[u8]) {
    let Ok(bundle) = place.open(bytes) else { return };
    let mut total = 0;
    for entry in bundle.entries() {
        let mut reader = bundle.read(entry).unwrap();
        let mut block = [0; 4_096];
        while let Ok(read) = reader.read(&mut block) {
            total += read;
            assert!(total < 1 << 24);
            if read == 0 {
                break;
            }
        }
    }
}

#[test]
fn reads_what_is_left_of_a_cut_archive() {
    let place = Place::new();
    let whole = sample();
    let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let bundle = place.open(&whole[..directory + 60]).unwrap();
    assert_eq!(bundle.entries().len(), 4);
    assert_eq!(bundle.of(SourceId::Capture).count(), 1);
    assert!(bundle.manifest().is_some());
    assert!(odd(&bundle)[0].contains("the archive has no directory (it was cut off): 4 entries were found"));
    assert_eq!(read(&bundle, "connector/logs/sfc.exe.log").unwrap(), b"a line\n".repeat(1_000));
    let log = whole.windows(11).position(|window| window == b"sfc.exe.log").unwrap();
    let bundle = place.open(&whole[..log + 45]).unwrap();
    assert_eq!(paths(&bundle), ["connector/local.xml", "connector/logs/sfc.exe.log", "network/capture.pcap"]);
    assert!(read(&bundle, "connector/logs/sfc.exe.log").unwrap_err().starts_with("it is damaged after"));
    assert_eq!(read(&bundle, "network/capture.pcap").unwrap(), b"\xd4\xc3\xb2\xa1some packets");
}

#[test]
fn measures_entries_whose_sizes_follow_them() {
    use std::io::Write;
    let mut out = zip::ZipWriter::new_stream(Vec::new());
    for name in ["a.txt", "b.txt"] {
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&b"hello ".repeat(10_000)).unwrap();
    }
    let whole = out.finish().unwrap().into_inner();
    let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let place = Place::new();
    let bundle = place.open(&whole[..directory]).unwrap();
    assert_eq!(paths(&bundle), ["a.txt", "b.txt"]);
    assert_eq!(read(&bundle, "b.txt").unwrap(), b"hello ".repeat(10_000));
    let bundle = place.open(&whole[..directory - 30]).unwrap();
    assert_eq!(paths(&bundle), ["a.txt", "b.txt"]);
    assert!(read(&bundle, "b.txt").is_err());
}

#[test]
fn survives_every_cut() {
    let place = Place::new();
    let whole = sample();
    for length in 0..whole.len() {
        exhaust(&place, &whole[..length]);
    }
}

#[test]
fn survives_every_changed_byte() {
    let place = Place::new();
    let whole = sample();
    for at in 0..whole.len() {
        for value in [0, 0xff, whole[at] ^ 1, whole[at] ^ 0x80] {
            let mut changed = whole.clone();
            changed[at] = value;
            exhaust(&place, &changed);
        }
    }
}

#[test]
fn reads_the_entries_before_a_damaged_record() {
    let place = Place::new();
    let mut bytes = sample();
    let second = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[second] = 0;
    let bundle = Bundle::open(place.put("x.zip", &bytes), Limits::default()).unwrap();
    assert!(bundle.entries().len() >= 3, "{:?}", paths(&bundle));
    assert!(!odd(&bundle).is_empty());
}
