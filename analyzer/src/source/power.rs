//! When the machine slept or was off, as the collector notes it, `power.json`.

use super::json::Json;
use super::{moment, text};
use crate::model::{Fields, Kind, Locator, Sink, Timestamp};

/// How many stretches of sleep are stated, the newest.
const STRETCHES: usize = 200;
/// How much must be known to say what share of the time the machine was awake, in seconds: a day.
const ENOUGH: i64 = 86_400;

/// Reads the changes and states each stretch in which the machine slept or was off (`host.fact: asleep` or `powered_off`, `host.int`
/// in minutes, `host.text` from when to when), and what share of the time since the first change it was neither (`awake_share`,
/// `host.int` in per cent).
///
/// In Modern Standby Windows goes on with some of its work, so that it counts for awake. A machine that lost its power leaves
/// no word of when: that stretch is not stated.
///
/// ```text
/// {"collected":"2026-11-23T09:00:00Z","changes":[{"time":"2026-11-22T20:04:00.500Z","what":"sleep"}]}
/// ```
pub fn parse(input: &[u8], collected: Option<Timestamp>, sink: &mut Sink) {
    let text = text::open(input, sink);
    let (root, problem) = Json::read(&text);
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let collected = root.any(&["collected"]).and_then(moment::of).or(collected);
    let list = root.any(&["changes"]).unwrap_or(&root);
    let mut changes: Vec<(Timestamp, usize, bool, &str)> = Vec::new();
    for (position, change) in list.items().iter().enumerate() {
        let what = change.any(&["what"]).and_then(Json::text).unwrap_or_default();
        match (change.any(&["time"]).and_then(moment::of), is_awake(what)) {
            (Some(time), Some(awake)) => changes.push((time, position, awake, what)),
            _ => sink.anomaly(
                Locator::Element(format!("/changes/{position}")),
                format!(
                    "`{}` is no change that is known, or has no time",
                    text::head(&change.to_string(), 80)
                ),
            ),
        }
    }
    changes.sort_by_key(|(time, position, ..)| (*time, *position));
    let stretches: Vec<Stretch<'_>> = changes
        .windows(2)
        .filter_map(|pair| match pair {
            [(from, at, false, what), (to, _, true, _)] => {
                Some(Stretch { from: *from, to: *to, at: *at, what })
            }
            _ => None,
        })
        .collect();
    for stretch in stretches.iter().skip(stretches.len().saturating_sub(STRETCHES)) {
        stretch.state(sink);
    }
    if let (Some((first, at, ..)), Some(to)) = (changes.first(), collected) {
        share(*first, to, *at, &stretches, sink);
    }
}

/// A stretch of sleep, or of being off.
struct Stretch<'a> {
    from: Timestamp,
    to: Timestamp,
    at: usize,
    what: &'a str,
}

impl Stretch<'_> {
    fn seconds(&self) -> i64 {
        self.to.secs().saturating_sub(self.from.secs())
    }

    fn state(&self, sink: &mut Sink) {
        let (fact, word) =
            if self.what == "sleep" { ("asleep", "slept") } else { ("powered_off", "was off") };
        let told = format!("{word} from {} to {}", self.from, self.to);
        let mut fields = Fields::new();
        fields.set("host.fact", fact).set("host.text", told.clone()).set("host.int", self.seconds() / 60);
        sink.observe(
            Kind::HostFact,
            Locator::Element(format!("/changes/{}", self.at)),
            &told,
            Some(self.from),
            fields,
        );
    }
}

/// States the share of the time in which the machine was neither asleep nor off.
fn share(from: Timestamp, to: Timestamp, at: usize, stretches: &[Stretch<'_>], sink: &mut Sink) {
    let known = to.secs().saturating_sub(from.secs());
    if known < ENOUGH {
        return;
    }
    let away: i64 = stretches.iter().map(Stretch::seconds).sum();
    let awake = known.saturating_sub(away).max(0);
    let from = from.to_string().replacen('T', " ", 1);
    let since = from.get(..16).unwrap_or(&from);
    let told = format!("{} of {} hours since {since} UTC", awake / 3600, known / 3600);
    let mut fields = Fields::new();
    let share = awake.saturating_mul(100).checked_div(known);
    fields.set("host.fact", "awake_share").set("host.text", told.clone()).set_opt("host.int", share);
    sink.observe(Kind::HostFact, Locator::Element(format!("/changes/{at}")), &told, None, fields);
}

/// Tells whether the machine is awake after a change.
fn is_awake(what: &str) -> Option<bool> {
    match what {
        "boot" | "wake" | "active" | "standby" => Some(true),
        "sleep" | "shutdown" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/power/power.json");

    fn read(input: &[u8]) -> (Vec<crate::model::Observation>, Vec<crate::model::Anomaly>) {
        hammer::parse(SourceId::Power, input, |input, sink| parse(input, None, sink))
    }

    #[test]
    fn states_sleep_and_the_share_of_the_time_awake() {
        let (observations, anomalies) = read(SAMPLE);
        assert_eq!(anomalies, []);
        let told: Vec<_> = observations
            .iter()
            .map(|one| (one.fields.text("host.fact").unwrap(), one.fields.int("host.int").unwrap()))
            .collect();
        // The end of the standby is no end of a sleep, and the power that was lost has no begin.
        assert_eq!(told, [("powered_off", 3030), ("asleep", 645), ("awake_share", 46)]);
        let text = observations[2].fields.text("host.text").unwrap();
        assert!(text == "52 of 114 hours since 2026-11-18 15:00 UTC", "{text}");
    }

    #[test]
    fn of_little_no_share_is_told() {
        let hour = br#"{"collected":"2026-11-23T09:00:00Z","changes":[{"time":"2026-11-23T08:00:00Z","what":"boot"}]}"#;
        assert_eq!(read(hour), (vec![], vec![]));
        assert_eq!(read(br#"{"collected":"2026-11-23T09:00:00Z","changes":[]}"#), (vec![], vec![]));
        let odd = read(br#"{"changes":[{"time":"2026-11-23T08:00:00Z","what":"nap"},{"what":"boot"}]}"#);
        assert_eq!(odd.1.len(), 2);
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Power, SAMPLE, |input, sink| parse(input, None, sink));
    }
}
