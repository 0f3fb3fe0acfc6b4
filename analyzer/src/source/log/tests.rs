//! Tests of the log as a whole.

use std::io::{self, Read};

use chrono::NaiveDate;
use tetra_bundle::SourceId;

use super::*;
use crate::model::{Anomaly, Observation};

const SAMPLE: &[u8] = include_bytes!("../../../../fixtures/sources/log/sfc.exe.log");

fn templates() -> Vec<LogTemplate> {
    [
        ("event_published", "publishing type=", r"publishing type=(?P<code>\d+)", true),
        ("updater_error", "LASTERROR", r"(?i)lasterror (?P<code>\d+)", false),
        ("name_not_resolved", "resolve host", r"Could not resolve host: (?P<host>[\w.-]+)", false),
        ("stack", "stack of", r"stack of (?P<component>\w+)", false),
    ]
    .into_iter()
    .map(|(event, literal, pattern, verified)| LogTemplate {
        event: event.into(),
        literal: literal.into(),
        pattern: regex::Regex::new(pattern).unwrap().into(),
        verified,
    })
    .collect()
}

fn run(mut input: impl Read, offset: Option<i32>) -> (Vec<Observation>, Vec<Anomaly>, LogCoverage) {
    let templates = templates();
    let modified = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap().and_hms_opt(9, 0, 0);
    let context = LogContext { templates: &templates, modified, utc_offset_minutes: offset };
    let mut sink = Sink::new(SourceId::ConnectorLog, "sfc.exe.log");
    let coverage = read(&mut input, &context, &mut sink);
    let (observations, anomalies) = sink.finish();
    (observations, anomalies, coverage)
}

fn shown(observations: &[Observation]) -> Vec<String> {
    let show = |seen: &Observation| {
        let time = seen.time.map_or("-".to_owned(), |time| time.to_string()[..19].to_owned());
        let word = |name: &str| seen.fields.get(name).map_or("-".to_owned(), ToString::to_string);
        let line = seen.evidence[0].line().unwrap();
        let words = ["log.event", "log.code", "log.component", "log.host"].map(word);
        format!("{line} {time} {}", words.join(" "))
    };
    observations.iter().map(show).collect()
}

const EXPECTED: [&str; 5] = [
    "2 2023-12-31T22:22:08 event_published 553648130 imn::CEventManager::PublishEvent -",
    "4 2023-12-31T22:59:59 stack - Updater -",
    "6 2023-12-31T23:00:02 name_not_resolved - Http::Resolver::Resolve tetra-defs.amp.cisco.com",
    "7 2023-12-31T23:00:02 updater_error -2103 TetraEngineInterface::Update -",
    "8 2024-01-02T06:00:00 event_published -2130706430 imn::CEventManager::PublishEvent -",
];

#[test]
fn reads_the_sample() {
    let (observations, anomalies, coverage) = run(SAMPLE, Some(60));
    assert_eq!(shown(&observations), EXPECTED);
    assert_eq!(anomalies, []);
    assert_eq!((coverage.lines, coverage.hits, coverage.left_out, coverage.debug), (8, 5, 0, true));
    assert!(coverage.zone_known);
    assert_eq!(coverage.first.unwrap().to_string(), "2023-12-31T22:22:07.000000Z");
    assert_eq!(coverage.last.unwrap().to_string(), "2024-01-02T06:00:00.000000Z");
    assert_eq!(
        observations[3].fields.text("log.text"),
        Some("TetraEngineInterface::Update: LastError 4294965193")
    );
}

#[test]
fn reads_it_in_every_encoding() {
    let text = String::from_utf8_lossy(SAMPLE).into_owned();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let marked = [b"\xef\xbb\xbf", SAMPLE].concat();
    let unix = text.replace("\r\n", "\n");
    let broken = [SAMPLE, b"(9, +0 ms) Jan  2 07:00:01 [4]: \xff\xfe\x80\r\n"].concat();
    for input in [&little[..], &big, &marked, unix.as_bytes(), &broken] {
        assert_eq!(shown(&run(input, Some(60)).0), EXPECTED);
    }
}

/// A reader that gives a few bytes at a time, then fails.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (now, later) = self.0.split_at(self.0.len().min(7).min(out.len()));
        if now.is_empty() {
            return Err(io::Error::other("pulled out"));
        }
        out[..now.len()].copy_from_slice(now);
        self.0 = later;
        Ok(now.len())
    }
}

#[test]
fn uses_what_was_read_before_an_error() {
    let (observations, anomalies, _) = run(Slow(SAMPLE), Some(60));
    assert_eq!(shown(&observations), EXPECTED);
    assert!(anomalies[0].what.ends_with("pulled out"), "{anomalies:?}");
}

#[test]
fn bounds_a_line_without_an_end() {
    let junk = io::repeat(b'x').take(40 << 20);
    let before: &[u8] =
        b"(1, +0 ms) Jan  1 00:00:00 [4]: stack of A\n(2, +0 ms) Jan  1 00:00:01 [4]: stack of B ";
    let after: &[u8] = b" stack of C\n(3, +0 ms) Jan  1 00:00:02 [4]: stack of D";
    let (observations, anomalies, coverage) = run(before.chain(junk).chain(after), None);
    let found: Vec<_> = observations.iter().map(|seen| seen.fields.text("log.component").unwrap()).collect();
    assert_eq!(found, ["A", "B", "D"]);
    assert_eq!(observations[2].evidence[0].line(), Some(3));
    assert_eq!(observations[1].evidence[0].excerpt.chars().count(), 201);
    assert_eq!((anomalies.len(), anomalies[0].at.as_str()), (1, "line 2"));
    assert_eq!(coverage.lines, 3);
    assert!(!coverage.zone_known);
}

#[test]
fn keeps_the_first_and_the_last_of_many() {
    let line = |number: u64| format!("(1, +0 ms) Jan  1 00:00:00 [4]: publishing type={number}\r\n");
    let text: String = (1..=60_000).map(line).collect();
    let (observations, _, coverage) = run(text.as_bytes(), None);
    assert_eq!((observations.len(), coverage.hits, coverage.left_out), (1_000, 60_000, 59_000));
    let codes = [0, 499, 500, 999].map(|at: usize| observations[at].fields.int("log.code").unwrap());
    assert_eq!(codes, [1, 500, 59_501, 60_000]);
    assert_eq!(observations[999].evidence[0].line(), Some(60_000));
}

#[test]
fn says_what_is_not_known() {
    let (observations, anomalies, coverage) = run(&b"no log at all\nstack of X\n"[..], None);
    assert_eq!(observations[0].time, None);
    assert_eq!(anomalies[0].what, "no line begins with a time as the connector writes it");
    assert_eq!((coverage.lines, coverage.first), (2, None));
    let (_, anomalies, coverage) = run(&b""[..], None);
    assert_eq!((anomalies.len(), coverage.lines), (0, 0));
}

#[test]
fn finds_the_same_as_a_plain_search() {
    // Literals that overlap, repeat and share parts, on texts made of these parts.
    let words = ["aaaa", "aaaab", "abab", "babab", "update failed", "failed update", "date", "Xdat"];
    let templates: Vec<LogTemplate> = words
        .iter()
        .map(|word| LogTemplate {
            event: (*word).to_owned(),
            literal: (*word).to_owned(),
            pattern: regex::Regex::new(&format!("(?i){word}")).unwrap().into(),
            verified: true,
        })
        .collect();
    let mut seed = 7_u32;
    let mut text = String::new();
    for _ in 0..20_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str(["a", "b", "ab", "update ", "failed ", "x", "\n", "\n"][(seed >> 29) as usize]);
    }
    let expected: Vec<(u64, &str)> = (1_u64..)
        .zip(text.lines())
        .flat_map(|(number, line)| {
            let line = line.to_ascii_lowercase();
            words
                .into_iter()
                .filter(move |word| line.contains(&word.to_ascii_lowercase()))
                .map(move |word| (number, word))
        })
        .collect();
    let context = LogContext { templates: &templates, modified: None, utc_offset_minutes: None };
    let mut sink = Sink::new(SourceId::ConnectorLog, "sfc.exe.log");
    let coverage = read(&mut text.as_bytes(), &context, &mut sink);
    assert_eq!(coverage.hits, u64::try_from(expected.len()).unwrap());
    let (observations, _) = sink.finish();
    let found: Vec<(u64, &str)> = observations
        .iter()
        .map(|seen| (seen.evidence[0].line().unwrap(), seen.fields.text("log.event").unwrap()))
        .collect();
    let kept: Vec<_> = expected.into_iter().filter(|hit| found.contains(hit)).collect();
    assert_eq!(found, kept);
}

#[test]
fn survives_anything() {
    let templates = templates();
    let context = LogContext { templates: &templates, modified: None, utc_offset_minutes: Some(i32::MIN) };
    crate::source::hammer::rounds(SourceId::ConnectorLog, SAMPLE, 500, |mut input, sink| {
        read(&mut input, &context, sink);
    });
}
