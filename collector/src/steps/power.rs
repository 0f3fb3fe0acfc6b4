//! When the machine slept or was off, by the events that Windows' kernel leaves in the system log.
//!
//! An export of the log would tell it too, and much more that is private.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::Serialize;

use super::{listing, tools};
use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::tool::Tool;

const POWER: &str = "Microsoft-Windows-Kernel-Power";
const GENERAL: &str = "Microsoft-Windows-Kernel-General";
/// It tells after each sleep from when to when it was: what the kernel notes on waking may still bear the time of falling
/// asleep, for the clock is set only afterwards.
const SLEPT: (&str, u32) = ("Microsoft-Windows-Power-Troubleshooter", 1);
/// How far what the kernel notes may lie from what that says.
const NEAR: TimeDelta = TimeDelta::minutes(2);
/// The events that tell of a change, and its word: what `Get-WinEvent` calls "The system is entering sleep", "… has resumed
/// from sleep", "… is entering Modern Standby", "… is exiting …", "The operating system started", "… is shutting down".
const EVENTS: [(&str, u32, &str); 6] = [
    (POWER, 42, "sleep"),
    (POWER, 107, "wake"),
    (POWER, 506, "standby"),
    (POWER, 507, "active"),
    (GENERAL, 12, "boot"),
    (GENERAL, 13, "shutdown"),
];
/// The most events that are asked for: the newest. They fit into what is kept of a program's words.
const MOST: usize = 1000;

/// The file, `windows/power.json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Power {
    /// When it was asked, in UTC.
    collected: String,
    /// The oldest first.
    changes: Vec<Change>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    time: String,
    what: &'static str,
}

/// Makes the command that asks for the events of a time; `time` is a condition of XPath.
pub(super) fn question(wevtutil: &Path, time: &str) -> Tool {
    let mut by_provider: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (provider, id) in EVENTS.map(|(provider, id, _)| (provider, id)).into_iter().chain([SLEPT]) {
        by_provider.entry(provider).or_default().push(format!("EventID={id}"));
    }
    let each = by_provider
        .into_iter()
        .map(|(provider, ids)| format!("(Provider[@Name='{provider}'] and ({}))", ids.join(" or ")));
    let select = format!("*[System[({}) and {time}]]", each.collect::<Vec<_>>().join(" or "));
    let args = [
        "qe".to_owned(),
        "System".to_owned(),
        format!("/q:{select}"),
        "/f:xml".to_owned(),
        "/rd:true".to_owned(),
        format!("/c:{MOST}"),
    ];
    Tool::new(wevtutil.to_owned(), args)
}

/// Asks, and notes the changes.
pub(super) fn noted(tool: &Tool, now: DateTime<Utc>, guard: &Guard, staging: &Staging) -> Outcome {
    let ran = match tool.run(guard) {
        Ok(ran) => ran,
        Err(fault) => return Outcome::fault(&tool.program.display().to_string(), &fault),
    };
    let told = tools::verdict(&ran, guard);
    let changes = changes(&ran.out);
    if told != Outcome::done() && changes.is_empty() {
        return told;
    }
    let collected = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    match listing::put("windows/power.json", &Power { collected, changes }, staging) {
        Outcome { reason: None, .. } => told,
        fault => fault,
    }
}

/// One event, as far as it is read.
#[derive(Debug, Default)]
struct Told {
    provider: String,
    id: Option<u32>,
    time: Option<DateTime<Utc>>,
    /// The last fields of its data that give a time, by their names.
    slept: BTreeMap<String, DateTime<Utc>>,
}

/// Reads the events, which stand one behind the other without a root. What is not as expected is passed over.
fn changes(xml: &[u8]) -> Vec<Change> {
    let (mut found, mut slept) = (Vec::new(), Vec::new());
    for told in events(xml) {
        let known = EVENTS.iter().find(|(name, id, _)| *name == told.provider && Some(*id) == told.id);
        found.extend(known.and_then(|(.., what)| Some((told.time?, *what))));
        if (told.provider.as_str(), told.id) == (SLEPT.0, Some(SLEPT.1)) {
            slept.extend(told.slept.get("SleepTime").copied().zip(told.slept.get("WakeTime").copied()));
        }
    }
    let covered =
        |time: DateTime<Utc>| slept.iter().any(|(from, to)| *from - NEAR <= time && time <= *to + NEAR);
    found.retain(|(time, what)| !matches!(*what, "sleep" | "wake") || !covered(*time));
    found.extend(slept.iter().flat_map(|(from, to)| [(*from, "sleep"), (*to, "wake")]));
    found.sort_by_key(|(time, _)| *time);
    let each = found.into_iter();
    each.map(|(time, what)| Change { time: time.to_rfc3339_opts(SecondsFormat::Millis, true), what })
        .collect()
}

fn events(xml: &[u8]) -> Vec<Told> {
    // The name of the computer is in the code page of the console.
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let (mut found, mut told) = (Vec::new(), Told::default());
    let mut field = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                field.clear();
                match tag.local_name().as_ref() {
                    "Event" => told = Told::default(),
                    "Provider" => told.provider = attribute(&tag, "Name").unwrap_or_default(),
                    "TimeCreated" => {
                        told.time = attribute(&tag, "SystemTime").and_then(|text| instant(&text))
                    }
                    "EventID" => field.push_str("EventID"),
                    "Data" => field = attribute(&tag, "Name").unwrap_or_default(),
                    _ => {}
                }
            }
            Ok(Event::Text(text)) if field == "EventID" => told.id = text.trim().parse().ok(),
            Ok(Event::Text(text)) if field.ends_with("Time") => {
                told.slept.extend(instant(text.trim()).map(|time| (field.clone(), time)));
            }
            Ok(Event::End(tag)) => {
                field.clear();
                if tag.local_name().as_ref() == "Event" {
                    found.push(std::mem::take(&mut told));
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.value.into_owned())
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(provider: &str, id: u32, time: &str) -> String {
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}' Guid='{{331c3b3a-2005-44c2-ac5e-77220c37d6b4}}'/><EventID>{id}</EventID><Version>3</Version><TimeCreated SystemTime='{time}'/><EventRecordID>6649</EventRecordID><Channel>System</Channel><Computer>PC-7.corp.internal</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='TargetState'>4</Data></EventData></Event>\r\n"
        )
    }

    #[test]
    fn changes_are_read_and_nothing_private_is() {
        let said = [
            event(POWER, 107, "2026-11-22T06:31:09.1234567Z"),
            event(POWER, 42, "2026-11-21T20:04:00.5000000Z"),
            event(POWER, 105, "2026-11-21T19:00:00.0Z"),
            event("Somebody", 42, "2026-11-21T19:00:00.0Z"),
            event(GENERAL, 12, "2026-11-20T07:00:00.0000000Z"),
            event(GENERAL, 13, "no time"),
        ]
        .concat();
        let found = changes(said.as_bytes());
        let told: Vec<_> = found.iter().map(|change| (change.time.as_str(), change.what)).collect();
        let expected = [
            ("2026-11-20T07:00:00.000Z", "boot"),
            ("2026-11-21T20:04:00.500Z", "sleep"),
            ("2026-11-22T06:31:09.123Z", "wake"),
        ];
        assert_eq!(told, expected);
        let half = said.get(..said.len() / 3).unwrap();
        assert_eq!(changes(half.as_bytes()).len(), 1, "what is whole counts");
        assert_eq!(changes(b"\xff\xfe<no"), []);
    }

    #[test]
    fn waking_counts_from_when_the_clock_was_set() {
        let slept = "<Event><System><Provider Name='Microsoft-Windows-Power-Troubleshooter'/><EventID>1</EventID><TimeCreated SystemTime='2026-11-22T06:31:20.0Z'/></System><EventData><Data Name='SleepTime'>2026-11-21T20:04:01.0Z</Data><Data Name='WakeTime'>2026-11-22T06:31:09.0Z</Data><Data Name='SleepDuration'>1234</Data></EventData></Event>";
        let said = [
            slept.to_owned(),
            event(POWER, 107, "2026-11-21T20:04:02.0Z"),
            event(POWER, 42, "2026-11-21T20:04:00.0Z"),
            event(POWER, 42, "2026-11-20T20:00:00.0Z"),
            event(POWER, 107, "2026-11-21T07:00:00.0Z"),
        ]
        .concat();
        let found = changes(said.as_bytes());
        let told: Vec<_> = found.iter().map(|change| (change.time.as_str(), change.what)).collect();
        let expected = [
            ("2026-11-20T20:00:00.000Z", "sleep"),
            ("2026-11-21T07:00:00.000Z", "wake"),
            ("2026-11-21T20:04:01.000Z", "sleep"),
            ("2026-11-22T06:31:09.000Z", "wake"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn one_question_asks_for_all_events() {
        let shown = question(Path::new("wevtutil"), "TimeCreated[timediff(@SystemTime) <= 1]").shown();
        assert!(EVENTS.iter().all(|(provider, id, _)| shown.contains(provider) && shown.contains(&format!("EventID={id}"))), "{shown}");
    }
}
