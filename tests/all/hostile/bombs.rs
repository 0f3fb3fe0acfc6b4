//! Archives that want more than they are worth: time, memory and answer stay bounded.

use super::child::{self, HELD};
use super::huge::repeated;
use super::{good, manifest, with};
use crate::archive::{Place, Raw, deflated, end, stored, zip};

#[test]
fn ten_gigabytes_out_of_ten_megabytes() {
    let path = "connector/logs/sfc.exe.log";
    let bomb = repeated(path, b"", &[0; 1 << 20], 10 << 10, b"");
    assert!(bomb.data.len() < 12 << 20, "{} bytes", bomb.data.len());
    let place = Place::new();
    // Declared honestly, and as something small.
    for bytes in [bomb.bytes, 5_000] {
        let input = place.put("in.zip", &with(&[Raw { bytes, ..bomb.clone() }]));
        child::analyse(&input).still_answers(path, "");
    }
}

#[test]
fn entries_that_share_one_bomb() {
    // Overlapping entries: what is small on disk would be inflated as often as the directory names it.
    let kernel = repeated("more/kernel.log", b"", &[0; 1 << 20], 60, b"");
    let mut entries = vec![kernel.clone()];
    entries.extend((0..1_000).map(|n| Raw {
        name: format!("more/{n}.log").into(),
        offset: Some(0),
        ..kernel.clone()
    }));
    for twin in entries.iter_mut().skip(1) {
        twin.data.clear();
    }
    entries.extend(good());
    let place = Place::new();
    let ran = child::analyse(&place.put("in.zip", &zip(&entries)));
    ran.still_answers("more/", "its bytes are those of another entry");
}

#[test]
fn a_million_entries() {
    let names = (0..1_000_000).map(|number| stored(&format!("m/{number}"), b""));
    let entries: Vec<Raw> = good().into_iter().chain(names).collect();
    let place = Place::new();
    child::analyse(&place.put("in.zip", &zip(&entries))).ends(&[1, 2, 3], "entries");
}

#[test]
fn a_directory_that_promises_millions() {
    let honest = zip(&good());
    let mut bytes = honest[..honest.len() - 22].to_vec();
    let tail = &honest[honest.len() - 22..];
    let word = |at: usize| u64::from(u32::from_le_bytes(tail[at..at + 4].try_into().unwrap()));
    let start = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [u64::MAX, u64::MAX, word(12), word(16)] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(start.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(end(u16::MAX, u32::MAX, u32::MAX));
    let place = Place::new();
    child::analyse(&place.put("in.zip", &bytes)).ends(&[1, 2], "entries");
    // And sizes of 64 bits that lie.
    let lie =
        Raw { wide: true, bytes: u64::MAX, packed: u64::MAX - 3, ..stored("connector/posture.json", b"{}") };
    child::analyse(&place.put("wide.zip", &with(&[lie]))).still_answers("connector/posture.json", "");
}

#[test]
fn archives_in_archives_are_not_opened() {
    let mut inner = zip(&[repeated("bomb", b"", &[0; 1 << 20], 100, b"")]);
    for level in 0..20 {
        inner = zip(&[deflated(&format!("level-{level}.zip"), &inner)]);
    }
    let place = Place::new();
    let ran = child::analyse(&place.put("in.zip", &with(&[stored("more/inner.zip", &inner)])));
    ran.still_answers("more/inner.zip", "it is not opened");
    let ran = child::analyse(&place.put("only.zip", &zip(&[stored("inner.zip", &inner)])));
    ran.ends(&[2, 3], "it is not opened");
}

#[test]
fn archives_cut_at_every_structure() {
    let whole = zip(&good());
    let marks: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"];
    let starts = (0..whole.len() - 4).filter(|at| marks.contains(&&whole[*at..*at + 4]));
    // Before a structure, within its fixed part, within its name, and behind it.
    let mut cuts: Vec<usize> = starts.flat_map(|at| [at, at + 2, at + 10, at + 35, at + 60]).collect();
    cuts.retain(|cut| (1..whole.len()).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    assert!(cuts.len() > 60, "{} cuts", cuts.len());
    let place = Place::new();
    let mut answered = 0;
    for cut in cuts {
        let ran = child::analyse(&place.put("in.zip", &whole[..cut]));
        ran.ends(&[1, 2, 3], "").held_at_most(HELD);
        let told = !ran.report["anomalies"].as_array().is_none_or(Vec::is_empty) || ran.done.status == 2;
        assert!(told, "cut at {cut}, and nothing is said of it");
        answered += u64::from(ran.report["diagnosis"]["primary"]["cause"] == "dns-nxdomain");
    }
    assert!(answered > 20, "only {answered} of the cuts leave the answer, which the capture holds");
}

#[test]
fn a_manifest_that_lies_about_hashes_and_times() {
    let place = Place::new();
    let check = |name: &str, lie: serde_json::Value, words: &str| {
        let input = place.put(name, &with(&[stored("manifest.json", lie.to_string().as_bytes())]));
        let ran = child::analyse(&input);
        assert_eq!(ran.report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{name}: {}", ran.done.err);
        ran.held_at_most(HELD);
        let verified = child::run(&["verify".as_ref(), input.as_os_str()]);
        assert!(verified.done.out.contains(words), "{name}: {}", verified.done.out);
    };
    let mut lie = manifest();
    lie["files"][0]["sha256"] = "0".repeat(64).into();
    lie["files"][1]["sha256"] = "no hash at all".into();
    check("hashes.zip", lie, "ALTERED");
    let times = [
        ("9999-12-31T23:59:59Z", "as the manifest says"),
        ("-9999-01-01T00:00:00Z", "as the manifest says"),
        ("1601-01-01T00:00:00Z", "as the manifest says"),
        ("yesterday", "its `times` cannot be read"),
    ];
    for (number, (time, words)) in times.into_iter().enumerate() {
        let mut lie = manifest();
        lie["times"]["start"] = time.into();
        lie["times"]["end"] = "0001-01-01T00:00:00Z".into();
        lie["times"]["utc_offset_minutes"] = i64::MIN.into();
        for file in lie["files"].as_array_mut().unwrap() {
            file["modified"] = time.into();
        }
        check(&format!("times-{number}.zip"), lie, words);
    }
    let mut lie = manifest();
    lie["files"] =
        (0..200_000).map(|n| serde_json::json!({"path": format!("f/{n}"), "bytes": u64::MAX})).collect();
    check("files.zip", lie, "it is longer than");
    let mut lie = manifest();
    lie["files"] =
        (0..30_000).map(|n| serde_json::json!({"path": format!("f/{n}"), "bytes": u64::MAX})).collect();
    check("many.zip", lie, "ABSENT");
}
