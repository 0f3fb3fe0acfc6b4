//! Inputs that are small and want much.

use std::io::{Read, Write};
use std::time::Instant;

use tetra_bundle::{Bundle, Error, Limits};

use crate::raw::{Place, Raw, deflated, odd, open, paths, stored, zip};

/// Reads an entry and forgets it: how many bytes came, and what ended it.
fn drain(bundle: &Bundle, path: &str) -> (u64, Option<String>) {
    let entry = bundle.entries().iter().find(|entry| entry.path == path).unwrap();
    let mut reader = bundle.read(entry).unwrap();
    let (mut total, mut block) = (0, vec![0; 1 << 16]);
    loop {
        match reader.read(&mut block) {
            Ok(0) => return (total, None),
            Ok(read) => total += read as u64,
            Err(fault) => return (total, Some(fault.to_string())),
        }
    }
}

#[test]
fn stops_a_bomb_of_two_gigabytes() {
    let place = Place::new();
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![0; 1 << 20]).unwrap();
    packer.flush().unwrap();
    // A flushed block stands for itself: 2 048 of them, and the last one that ends the stream.
    let data = [packer.get_ref().repeat(2_048), vec![3, 0]].concat();
    assert!(data.len() < 3 << 20);
    let bomb = Raw { bytes: 2 << 30, packed: data.len() as u64, data, ..deflated("bomb", b"") };
    let honest = Raw { bytes: 2_000, ..bomb.clone() };
    for (bomb, fault) in [
        (bomb, "it inflates more than 200 times, as a zip bomb does"),
        (honest, "it holds more than the 2000 bytes it declares"),
    ] {
        let bundle = place.open(&zip(&[bomb, stored("good", b"fine")])).unwrap();
        let start = Instant::now();
        let (read, found) = drain(&bundle, "bomb");
        assert_eq!(found.unwrap(), fault);
        assert!(read <= 65 << 20, "{read} bytes came out");
        assert!(start.elapsed().as_secs() < 20, "it took {:?}", start.elapsed());
        assert_eq!(drain(&bundle, "good"), (4, None));
    }
}

#[test]
fn bounds_one_entry_and_all_of_them() {
    let place = Place::new();
    let entries: Vec<Raw> = ["a", "b", "c"].iter().map(|name| stored(name, &[7; 100])).collect();
    let path = place.put("x.zip", &zip(&entries));
    let limits = Limits { entry_bytes: 60, total_bytes: 130, ..Limits::default() };
    let bundle = Bundle::open(&path, limits).unwrap();
    assert_eq!(paths(&bundle), ["a", "b"]);
    let expected = [
        "a: it declares 100 bytes: it is read up to the limit of 60",
        "b: it declares 100 bytes: it is read up to the limit of 60",
        "c: it declares 100 bytes: it is read up to the limit of 60",
        "c: the archive passes the limit of 130 bytes: the entry is left out",
    ];
    assert_eq!(odd(&bundle), expected);
    assert_eq!(drain(&bundle, "a").1.unwrap(), "it passes the limit of 60 bytes per entry");
}

#[test]
fn refuses_a_directory_of_millions_before_reading_it() {
    let place = Place::new();
    // A directory of one true record, whose zip64 end says that ten million follow.
    let whole = zip(&[stored("a", b"x")]);
    let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut bytes = whole[..whole.len() - 22].to_vec();
    let (start, count) = (bytes.len() as u64, 10_000_000_u64);
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [count, count, start - directory as u64, directory as u64] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(start.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(crate::raw::end(u16::MAX, u32::MAX, u32::MAX));
    let fault = place.open(&bytes).unwrap_err();
    assert!(matches!(fault, Error::TooManyEntries { found: 10_000_000, limit: 100_000, .. }), "{fault}");
    let limits = Limits { entries: count, ..Limits::default() };
    let bundle = Bundle::open(place.put("in.zip", &bytes), limits).unwrap();
    assert_eq!(paths(&bundle), ["a"], "memory goes by what is there");
    assert!(odd(&bundle)[0].ends_with("the archive says that it has 10000000 entries, it has 1"));
}

#[test]
fn counts_entries_that_the_end_record_hides() {
    let place = Place::new();
    let entries: Vec<Raw> = (0..65_540).map(|n| stored(&n.to_string(), b"")).collect();
    // 65 540 entries, and a field of 16 bits that says 4.
    let path = place.put("x.zip", &zip(&entries));
    let limits = Limits { entries: 1_000, ..Limits::default() };
    let fault = Bundle::open(&path, limits).unwrap_err();
    assert!(matches!(fault, Error::TooManyEntries { found: 1_001, limit: 1_000, .. }), "{fault}");
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!(bundle.entries().len(), 65_540);
    assert_eq!(bundle.anomalies().len(), 1, "the lie is told");
}

#[test]
fn leaves_out_entries_that_share_their_bytes() {
    let kernel = deflated("a", &[0; 100_000]);
    let share = |name: &str| Raw { name: name.into(), offset: Some(0), ..kernel.clone() };
    let (_place, bundle) = open(&[kernel.clone(), share("b"), share("c"), stored("d", b"fine")]);
    assert_eq!(paths(&bundle), ["a", "d"]);
    assert_eq!(bundle.anomalies().len(), 2);
    assert!(odd(&bundle)[0].starts_with("b: its bytes are those of another entry as well"));
}
