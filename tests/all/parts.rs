//! Sources that come in parts: the captures of a ring, a log that was cut.

use serde_json::{Value, json};
use tetra_bundle::{Bundle, Limits};

use crate::archive::{Place, read};
use crate::program;

/// Cuts a little-endian pcapng file in two, in the middle of its packets; both halves have the header blocks.
fn halves(capture: &[u8]) -> [Vec<u8>; 2] {
    /// Enhanced Packet Block (pcapng, 4.3).
    const PACKET: u32 = 6;
    let word = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < capture.len() {
        let length = usize::try_from(word(at + 4)).unwrap();
        blocks.push((word(at) == PACKET, &capture[at..at + length]));
        at += length;
    }
    let packets = blocks.iter().filter(|(packet, _)| *packet).count();
    let mut parts = [Vec::new(), Vec::new()];
    let mut seen = 0;
    for (packet, bytes) in blocks {
        seen += usize::from(packet);
        for (number, part) in parts.iter_mut().enumerate() {
            if !packet || (seen > packets / 2) == (number == 1) {
                part.extend_from_slice(bytes);
            }
        }
    }
    parts
}

#[test]
fn captures_are_read_in_the_order_of_their_times() {
    let case = program::root().join("fixtures/cases/interrupt-zero-window/bundle.zip");
    let bundle = Bundle::open(&case, Limits::default()).unwrap();
    let [first, second] = halves(&read(&bundle, "network/capture.pcapng").unwrap());
    let (_, whole) = program::report(&case);
    for (early, late) in [("b.pcapng", "a.pcapng"), ("a.pcapng", "b.pcapng")] {
        let place = Place::new();
        place.put(early, &first);
        let folder = place.put(late, &second).parent().unwrap().to_owned();
        let (_, report) = program::report(&folder);
        assert_eq!(report["diagnosis"]["primary"]["cause"], whole["diagnosis"]["primary"]["cause"]);
        assert_eq!(report["attempts"].as_array().unwrap().len(), whole["attempts"].as_array().unwrap().len());
        assert_eq!(report["attempts"][0]["bytes"], whole["attempts"][0]["bytes"], "{early} before {late}");
    }
}

#[test]
fn each_part_of_a_log_has_the_years_that_lead_to_the_next() {
    let place = Place::new();
    let line = |day: &str| {
        format!(
            "(1, +0 ms) {day} 10:00:00 [1]: imn::CEventManager::PublishEvent: publishing type=553648130\n"
        )
    };
    // Three parts that go back over more than a year: each alone would be taken for the year of the last.
    let parts = [
        ("sfc.exe.log", [line("Jun  1"), line("Nov  1")]),
        ("sfc.exe.log.001", [line("Aug  2"), line("Dec 30")]),
        ("sfc.exe.log.002", [line("Jan  3"), line("Jan  4")]),
    ];
    let mut files = Vec::new();
    for (number, (name, lines)) in parts.iter().enumerate() {
        place.put(&format!("connector/logs/{name}"), lines.concat().as_bytes());
        let before = number.checked_sub(1).map(|before| format!("connector/logs/{}", parts[before].0));
        files.push(json!({
            "path": format!("connector/logs/{name}"), "source": "connector_log",
            "modified": "2026-01-04T12:00:00Z", "continues": before,
        }));
    }
    let manifest = json!({
        "schema": "tetra-bundle/1", "files": files,
        "times": { "end": "2026-01-04T12:00:00Z", "utc_offset_minutes": 60 },
    });
    let folder = place.put("manifest.json", manifest.to_string().as_bytes()).parent().unwrap().to_owned();
    let (done, report) = program::report(&folder);
    let covered = |name: &str| {
        let rows = report["coverage"].as_array().unwrap();
        let path = format!("connector/logs/{name}");
        let row = rows.iter().find(|row| row["path"] == path.as_str());
        row.map_or(Value::Null, |row| row["covers"].clone())
    };
    for (name, from, to) in [
        ("sfc.exe.log", "2024-06-01T09:00:00", "2024-11-01T09:00:00"),
        ("sfc.exe.log.001", "2025-08-02T09:00:00", "2025-12-30T09:00:00"),
        ("sfc.exe.log.002", "2026-01-03T09:00:00", "2026-01-04T09:00:00"),
    ] {
        let span = covered(name);
        let has = |key: &str, time: &str| span[key].as_str().is_some_and(|found| found.starts_with(time));
        assert!(has("from", from) && has("to", to), "{name}: {span} {}", done.err);
    }
}
