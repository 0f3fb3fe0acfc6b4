//! The computer as the vendor's console shows it, saved as JSON from its API: is it checking in, how far is it behind, is the
//! failure intermittent.

use super::json::Json;
use super::{code, is_full, moment, text};
use crate::model::{Fields, Kind, Locator, Sink, Timestamp, shorten};

/// Hours within which an endpoint that is on checks in.
const CHECKS_IN_H: f64 = 24.0;
/// Hours within which an endpoint that gets definitions at all got some: the vendor publishes about four a day.
const RECENT_H: f64 = 24.0;
/// Hours from one version of the definitions to the next.
const VERSION_H: f64 = 4.0;

/// Reads one computer or a list of them. `newest` is the newest time of the bundle, against which "last seen" is judged.
///
/// ```text
/// {"version":"v1.2.0","data":{"hostname":"DESKTOP-QFC3PVT","connector_version":"8.1.7.21417","active":true,
///  "last_seen":"2023-05-18T21:37:02Z","av_update_definitions":{"status":"…","detection_engine":"TETRA 64 bit",
///  "version":90604,"updated_at":"2023-05-18T16:54:33Z"}}}
/// ```
pub fn parse(input: &[u8], newest: Option<Timestamp>, sink: &mut Sink) {
    let text = text::open(input, sink);
    let start = text.find(['{', '[']).unwrap_or(text.len());
    let (root, problem) = Json::read(text.get(start..).unwrap_or_default());
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let (records, pointer) = match root.any(&["data"]) {
        Some(data) => (data, "/data"),
        None => (&root, ""),
    };
    let list = match records {
        Json::List(items) => {
            items.iter().enumerate().map(|(at, item)| (item, format!("{pointer}/{at}"))).collect()
        }
        _ => vec![(records, pointer.to_owned())],
    };
    let computers: Vec<Computer<'_>> =
        list.iter().filter_map(|(record, pointer)| Computer::read(record, pointer, sink)).collect();
    if computers.is_empty() {
        sink.anomaly(Locator::Whole, "no computer is in it");
    }
    let saved =
        ["metadata", "saved"].iter().find_map(|name| root.any(&[name])?.any(&["time", "generated_at"]));
    let reference = newest
        .into_iter()
        .chain(saved.and_then(moment::of))
        .chain(computers.iter().flat_map(|one| [one.last_seen, one.updated]).flatten())
        .max();
    let latest = computers.iter().filter_map(|one| one.version).max().filter(|_| computers.len() > 1);
    for computer in &computers {
        if is_full(sink) {
            return;
        }
        computer.state(reference, latest, computers.len() > 1, sink);
    }
}

/// What one record says.
struct Computer<'a> {
    record: &'a Json,
    pointer: &'a str,
    last_seen: Option<Timestamp>,
    updated: Option<Timestamp>,
    version: Option<i64>,
    failed: Option<bool>,
    active: Option<bool>,
}

impl<'a> Computer<'a> {
    fn read(record: &'a Json, pointer: &'a str, sink: &mut Sink) -> Option<Self> {
        let definitions = record.any(&["av_update_definitions"]);
        let seen = record.any(&["last_seen"]);
        definitions.or(seen)?;
        let definitions = definitions.unwrap_or(&Json::Null);
        let mut time = |parent: &Json, name: &str, below: &str| {
            let value = parent.any(&[name]).filter(|value| **value != Json::Null)?;
            let time = moment::of(value);
            if time.is_none() {
                sink.anomaly(Locator::Element(format!("{pointer}{below}/{name}")), "is not a time");
            }
            time
        };
        Some(Self {
            last_seen: time(record, "last_seen", ""),
            updated: time(definitions, "updated_at", "/av_update_definitions"),
            version: definitions.any(&["version"]).and_then(Json::word).and_then(|word| code::version(&word)),
            failed: definitions.any(&["status"]).and_then(Json::text).map(says_failed),
            active: record.any(&["active"]).and_then(Json::bool),
            record,
            pointer,
        })
    }

    fn state(&self, reference: Option<Timestamp>, latest: Option<i64>, named: bool, sink: &mut Sink) {
        let age = self.last_seen.zip(reference).map(|(seen, now)| moment::hours(seen, now));
        // Where the record itself holds the newest time, nothing says how long ago that is.
        let judged = self.last_seen.zip(reference).is_some_and(|(seen, now)| now > seen);
        let checking_in = match (self.active, age) {
            (Some(false), _) => Some(false),
            (_, Some(age)) if judged => Some(age <= CHECKS_IN_H),
            _ => None,
        };
        let behind = self
            .updated
            .zip(self.last_seen.max(self.updated))
            .map(|(updated, seen)| moment::hours(updated, seen));
        let versions = match (latest, self.version) {
            (Some(latest), Some(own)) => Some(latest.saturating_sub(own)),
            _ => behind.map(whole_versions),
        };
        let mut fields = Fields::new();
        fields
            .set_opt("console.last_seen_age_h", age.filter(|_| judged))
            .set_opt("console.update_age_h", behind)
            .set_opt("console.update_failed", self.failed)
            .set_opt("console.checking_in", checking_in)
            .set_opt("console.versions_behind", versions);
        if let (Some(failed), Some(behind)) = (self.failed, behind) {
            let intermittent = failed && checking_in != Some(false) && behind <= RECENT_H;
            fields.set("console.intermittent", intermittent);
        }
        sink.observe(
            Kind::ConsoleRecord,
            Locator::Element(self.pointer.to_owned()),
            &self.excerpt(),
            self.last_seen,
            fields,
        );
        let host = self.record.any(&["hostname"]).and_then(Json::text).map(shorten);
        if let (true, Some(observation)) = (named, sink.observations.last_mut()) {
            observation.endpoint = host;
        }
    }

    fn excerpt(&self) -> String {
        ["hostname", "connector_version", "last_seen", "av_update_definitions"]
            .iter()
            .filter_map(|name| Some(format!("\"{name}\":{}", self.record.any(&[name])?)))
            .collect::<Vec<_>>()
            .join(",")
    }
}

/// Gives how many versions are published in a time.
fn whole_versions(hours: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "casts from float saturate, and fractions are to go")]
    let versions = (hours / VERSION_H) as i64;
    versions
}

/// Tells whether the status of the last update means that it failed. Its values are not published.
fn says_failed(status: &str) -> bool {
    let status = status.to_ascii_lowercase();
    ["fail", "error", "unable", "unreachable"].iter().any(|word| status.contains(word))
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/console/computer.json");
    const LIST: &[u8] = include_bytes!("../../../fixtures/sources/console/computers.json");

    fn shown(input: &[u8], newest: &str) -> Vec<String> {
        let newest = moment::read(newest);
        let (observations, _) =
            hammer::parse(SourceId::ConsoleRecord, input, |input, sink| parse(input, newest, sink));
        let show = |seen: &crate::model::Observation| {
            let fields: Vec<_> =
                seen.fields.iter().map(|(name, value)| format!("{}={value}", &name[8..])).collect();
            format!("{}: {}", seen.endpoint.as_deref().unwrap_or("-"), fields.join(" "))
        };
        observations.iter().map(show).collect()
    }

    #[test]
    fn an_endpoint_that_checks_in_and_updated_lately_fails_now_and_then() {
        assert_eq!(
            shown(SAMPLE, "2023-05-18T22:37:02Z"),
            [
                "-: checking_in=true intermittent=true last_seen_age_h=1 update_age_h=4.708 update_failed=true versions_behind=1"
            ]
        );
    }

    #[test]
    fn alone_a_record_does_not_say_how_long_ago_it_was_seen() {
        assert_eq!(
            shown(SAMPLE, ""),
            ["-: intermittent=true update_age_h=4.708 update_failed=true versions_behind=1"]
        );
        let away = shown(SAMPLE, "2023-05-25T21:37:02Z");
        assert_eq!(
            away,
            [
                "-: checking_in=false intermittent=false last_seen_age_h=168 update_age_h=4.708 update_failed=true versions_behind=1"
            ]
        );
    }

    #[test]
    fn computers_of_a_list_are_compared() {
        assert_eq!(
            shown(LIST, ""),
            [
                "DESKTOP-QFC3PVT: checking_in=true intermittent=false last_seen_age_h=0.049 update_age_h=53.041 update_failed=true versions_behind=12",
                "LAPTOP-2: intermittent=false update_age_h=1.348 update_failed=false versions_behind=0",
                "OLD-3: checking_in=false last_seen_age_h=1",
            ]
        );
    }

    #[test]
    fn says_when_nothing_is_in_it() {
        for input in [&b""[..], b"{}", b"{\"data\":[]}", b"[1]"] {
            let (observations, anomalies) =
                hammer::parse(SourceId::ConsoleRecord, input, |input, sink| parse(input, None, sink));
            assert_eq!(observations, []);
            assert_eq!(anomalies.last().unwrap().what, "no computer is in it");
        }
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::ConsoleRecord, LIST, |input, sink| parse(input, None, sink));
    }
}
