//! The time at the beginning of a line: month, day and clock, without year and zone.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use crate::model::Timestamp;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
/// Longest text in the parentheses before the time.
const TICK: usize = 64;

/// What a line says of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    month: u8,
    day: u8,
    second: u32,
}

impl Stamp {
    /// Reads the time of `(1234567, +0 ms) Nov 10 18:22:08 [4512]: …`; `None` for a line of another form.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        Self::split(line).map(|(stamp, _)| stamp)
    }

    /// Reads the time of a line and gives what stands behind it.
    fn split(line: &[u8]) -> Option<(Self, &[u8])> {
        let rest = line.strip_prefix(b"(")?;
        let close = rest.iter().take(TICK).position(|byte| *byte == b')')?;
        let rest = rest.get(close.checked_add(1)?..)?.trim_ascii_start();
        let (name, rest) = rest.split_at_checked(3)?;
        let month = MONTHS.iter().position(|month| name == *month)?;
        let (day, rest) = number(rest.strip_prefix(b" ")?.trim_ascii_start())?;
        let (hour, rest) = number(rest.strip_prefix(b" ")?.trim_ascii_start())?;
        let (minute, rest) = number(rest.strip_prefix(b":")?)?;
        let (second, rest) = number(rest.strip_prefix(b":")?)?;
        let valid = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
        let second = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second.min(59));
        let month = u8::try_from(month).ok()?.checked_add(1)?;
        valid.then_some((Self { month, day, second }, rest))
    }

    /// Gives the message of a line: what stands behind time and thread.
    pub(super) fn message(line: &str) -> Option<&str> {
        let (_, rest) = Self::split(line.as_bytes())?;
        let rest = line.get(line.len().checked_sub(rest.len())?..)?.trim_start();
        let rest = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((_, behind)) => behind,
            None => rest,
        };
        Some(rest.strip_prefix(':').unwrap_or(rest).trim_start())
    }

    /// Days since the beginning of the year, near enough to tell December from January.
    fn days(self) -> i32 {
        i32::from(self.month) * 31 + i32::from(self.day)
    }

    /// Gives the year of the last line of a log that was last written at `modified`.
    pub(super) fn year(self, modified: NaiveDateTime) -> i32 {
        // Two days of grace: zones, and clocks that do not agree.
        let latest = modified.date().checked_add_days(Days::new(2)).unwrap_or(modified.date());
        let year = latest.year();
        let day = NaiveDate::from_ymd_opt(year, self.month.into(), self.day.into());
        if day.is_some_and(|day| day > latest) { year.saturating_sub(1) } else { year }
    }

    /// Gives the point in time, `None` for a day that the year does not have.
    pub(super) fn at(self, year: i32, offset_minutes: i32) -> Option<Timestamp> {
        let local =
            NaiveDate::from_ymd_opt(year, self.month.into(), self.day.into())?.and_hms_opt(0, 0, 0)?;
        let away = i64::from(self.second).checked_sub(i64::from(offset_minutes).checked_mul(60)?)?;
        local.checked_add_signed(TimeDelta::try_seconds(away)?).map(|time| time.and_utc().into())
    }
}

/// Reads one or two digits.
fn number(text: &[u8]) -> Option<(u8, &[u8])> {
    let end = text.iter().take(3).position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    Some((digits.iter().fold(0, |sum, digit| sum * 10 + (digit - b'0')), rest))
}

/// Counts the turns of the year while times pass.
#[derive(Debug, Default)]
pub(super) struct Clock {
    turns: i32,
    latest: Option<Stamp>,
}

impl Clock {
    /// Takes a time and gives how often the year has turned before it.
    pub(super) fn see(&mut self, stamp: Stamp) -> i32 {
        if let Some(latest) = self.latest {
            let ahead = stamp.days().saturating_sub(latest.days());
            if ahead < -180 {
                self.turns = self.turns.saturating_add(1);
            } else if ahead > 300 {
                // Threads write out of order: a line of December after the first of January.
                self.turns = self.turns.saturating_sub(1);
            }
        }
        self.latest = Some(stamp);
        self.turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Stamp {
        Stamp::parse(format!("(1, +0 ms) {text} [1]: x").as_bytes()).unwrap()
    }

    fn day(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn reads_the_form_and_no_other() {
        let expected = Some(Stamp { month: 11, day: 3, second: 66_128 });
        for line in [
            "(12, +0 ms) Nov 3 18:22:08 [4512]: x",
            "(12, +0 ms) Nov  3 18:22:08 [4512]",
            "() Nov 03 18:22:08 ",
        ] {
            assert_eq!(Stamp::parse(line.as_bytes()), expected, "{line}");
        }
        for line in [
            "",
            "(",
            "Nov 3 18:22:08 x",
            "(1) Foo 3 18:22:08 x",
            "(1) Nov 32 18:22:08 x",
            "(1) Nov 3 24:00:00 x",
            "(1) Nov 3 18:22 x",
            "(1) Nov 3 18:22:08",
        ] {
            assert_eq!(Stamp::parse(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Stamp::message("(1, +0 ms) Nov 3 18:22:08 [4]: A::b: c"), Some("A::b: c"));
    }

    #[test]
    fn takes_the_year_from_outside() {
        assert_eq!(stamp("Nov 10 00:00:00").year(day("2023-11-10 12:00")), 2023);
        assert_eq!(stamp("Dec 31 23:00:00").year(day("2024-01-01 01:00")), 2023);
        assert_eq!(stamp("Jan 1 01:00:00").year(day("2023-12-31 23:00")), 2024);
        assert_eq!(stamp("Nov 12 00:00:00").year(day("2023-11-10 12:00")), 2023);
    }

    #[test]
    fn counts_turns_of_the_year() {
        let mut clock = Clock::default();
        let days = [
            "Dec 30 00:00:00",
            "Dec 31 23:59:59",
            "Jan 1 00:00:00",
            "Dec 31 23:59:59",
            "Jan 1 00:00:01",
            "Jun 1 00:00:00",
        ];
        assert_eq!(days.map(|day| clock.see(stamp(day))), [0, 0, 1, 0, 1, 1]);
    }

    #[test]
    fn gives_utc() {
        let local = stamp("Nov 10 01:30:00");
        assert_eq!(local.at(2023, 120).unwrap().to_string(), "2023-11-09T23:30:00.000000Z");
        assert_eq!(stamp("Feb 29 00:00:00").at(2023, 0), None);
    }
}
