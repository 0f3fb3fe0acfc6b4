//! Times, spans and amounts as people read them.

use chrono::{DateTime, SecondsFormat, Utc};

/// Shows an RFC 3339 time as `2026-03-02 09:12:44.126 UTC`; what is no time stays as it is.
pub(super) fn time(text: &str) -> String {
    parse(text).map_or_else(|| text.to_owned(), |time| format!("{} UTC", short(time)))
}

/// Shows both ends of a span, the date only once where it is the same.
pub(super) fn span(from: &str, to: &str) -> (String, String) {
    let (from, to) = (time(from), time(to));
    match (from.split_once(' '), to.split_once(' ')) {
        (Some((day, _)), Some((same, rest))) if day == same => {
            (from.trim_end_matches(" UTC").to_owned(), rest.to_owned())
        }
        _ => (from, to),
    }
}

/// Shows the seconds between two times as an amount, if both are times in order.
pub(super) fn between(from: &str, to: &str) -> Option<String> {
    let millis = (parse(to)? - parse(from)?).num_milliseconds();
    u64::try_from(millis).ok().map(amount)
}

/// Shows milliseconds after a beginning as `+1.250 s`.
pub(super) fn offset(millis: u64) -> String {
    format!("+{}.{:03} s", millis / 1000, millis % 1000)
}

/// Shows bytes in the largest unit that leaves a figure before the point; `None` for less than a kilobyte.
pub(super) fn bytes(count: u64) -> Option<String> {
    for (unit, name) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")] {
        if count >= unit {
            return Some(format!("{}.{} {name}", count / unit, count % unit / (unit / 10)));
        }
    }
    None
}

/// Gives nanoseconds since 1970 of an RFC 3339 time.
pub(super) fn nanos(text: &str) -> Option<i64> {
    parse(text)?.timestamp_nanos_opt()
}

/// Shows nanoseconds since 1970 as a time of day, with the date if asked.
pub(super) fn of_nanos(nanos: i64, dated: bool) -> String {
    DateTime::from_timestamp_nanos(nanos).format(if dated { "%m-%d %H:%M" } else { "%H:%M:%S" }).to_string()
}

fn amount(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..120_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min", millis / 60_000),
    }
}

fn short(time: DateTime<Utc>) -> String {
    let full = time.to_rfc3339_opts(SecondsFormat::Millis, false);
    let plain = full.trim_end_matches("+00:00").replace('T', " ");
    plain.strip_suffix(".000").map_or(plain.clone(), ToOwned::to_owned)
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_say_so() {
        assert_eq!(time("2026-03-02T09:12:44.126900Z"), "2026-03-02 09:12:44.126 UTC");
        assert_eq!(time("2026-03-02T10:12:44+01:00"), "2026-03-02 09:12:44 UTC");
        assert_eq!(time("yesterday"), "yesterday");
    }

    #[test]
    fn spans_need_times_in_order() {
        assert_eq!(between("2026-03-02T09:00:00Z", "2026-03-02T09:00:00.042Z").as_deref(), Some("42 ms"));
        assert_eq!(between("2026-03-02T09:00:00Z", "2026-03-02T09:01:30.55Z").as_deref(), Some("90.5 s"));
        assert_eq!(between("2026-03-02T09:00:00Z", "2026-03-02T09:59:00Z").as_deref(), Some("59 min"));
        assert_eq!(between("2026-03-02T09:00:00Z", "2026-03-02T08:59:00Z"), None);
        assert_eq!(between("", "2026-03-02T08:59:00Z"), None);
    }

    #[test]
    fn spans_of_one_day_name_it_once() {
        let (from, to) = span("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
        assert_eq!((from.as_str(), to.as_str()), ("2026-03-02 09:00:00", "10:00:00 UTC"));
        let (from, to) = span("2026-03-02T09:00:00Z", "2026-03-03T10:00:00Z");
        assert_eq!((from.as_str(), to.as_str()), ("2026-03-02 09:00:00 UTC", "2026-03-03 10:00:00 UTC"));
    }

    #[test]
    fn amounts_of_bytes() {
        assert_eq!(bytes(0), None);
        assert_eq!(bytes(1_049).as_deref(), Some("1.0 kB"));
        assert_eq!(bytes(8_283_750).as_deref(), Some("8.2 MB"));
        assert_eq!(bytes(u64::MAX).as_deref(), Some("18446744073.7 GB"));
    }
}
