//! Points in time as programs write them.

use chrono::{DateTime, NaiveDateTime};

use super::json::Json;
use crate::model::Timestamp;

/// Reads RFC 3339, or `2023-05-17 19:40:25 UTC` as the vendor's console shows it.
pub fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc().into());
    }
    let bare = text.trim_end_matches("UTC").trim_end_matches('Z').trim_end();
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())
        .map(|time| time.and_utc().into())
}

/// Reads a time of a JSON document: a text, or seconds since the Unix epoch.
pub fn of(value: &Json) -> Option<Timestamp> {
    match value {
        Json::Text(text) => read(text),
        Json::Int(seconds) if *seconds > 0 => Some(Timestamp::from_secs(*seconds)),
        // Fractions of a second do not matter where seconds are written.
        Json::Float(seconds) if *seconds > 0.0 => Some(Timestamp::default().plus_secs(*seconds)),
        _ => None,
    }
}

/// Gives the hours from one time to another, negative if the second lies before.
pub fn hours(from: Timestamp, to: Timestamp) -> f64 {
    to.since(from) / 3600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_in_use() {
        for text in [
            "2023-05-17T19:40:25Z",
            "2023-05-17T21:40:25+02:00",
            "2023-05-17 19:40:25 UTC",
            "2023-05-17T19:40:25.000",
        ] {
            assert_eq!(read(text), Some(Timestamp::from_secs(1_684_352_425)), "{text}");
        }
        for text in ["", "yesterday", "2023-02-30 00:00:00 UTC", "99999-01-01T00:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(of(&Json::Int(5)), Some(Timestamp::from_secs(5)));
        assert_eq!(of(&Json::Int(0)), None);
        assert_eq!(of(&Json::Float(f64::MAX)).map(|time| time.0), Some(i64::MAX));
    }
}
