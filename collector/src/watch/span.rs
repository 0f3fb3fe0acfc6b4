//! How long an update must be waited for: as the policy says, else by the log's own rhythm, else the usual hour.

use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::Duration;

use chrono::NaiveDateTime;

use super::policy::Settings;
use super::witness::is_about_updates;
use crate::system::{self, Install};

/// The interval of a connector that nobody has set.
const USUAL: Duration = Duration::from_secs(3600);
/// The least that is waited beyond the interval, and the most.
const MARGIN: (Duration, Duration) = (Duration::from_secs(120), Duration::from_secs(1800));
/// How much of each log is read for its rhythm: the newest.
const ENOUGH: u64 = 16 << 20;
/// Lines closer than this belong to one attempt.
const APART: i64 = 240;
/// So many distances between attempts make a rhythm.
const BEATS: usize = 3;

/// How long to wait, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The update interval.
    pub interval: Duration,
    /// What is waited beyond it: each endpoint chooses its moment within the interval.
    pub margin: Duration,
    /// Where the interval is from.
    pub source: Source,
}

/// Where an interval is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The user.
    Asked,
    /// The connector's policy.
    Policy,
    /// The times of update lines in the connector's log.
    Log,
    /// Nobody: it is the usual one.
    Usual,
}

impl Source {
    /// Returns what it is called in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "as asked for",
            Self::Policy => "as the policy says",
            Self::Log => "by the rhythm of the connector's log",
            Self::Usual => "the usual one; neither the policy nor the log tells",
        }
    }
}

impl Span {
    /// Finds out how long to wait.
    #[must_use]
    pub fn new(asked: Option<Duration>, settings: &Settings, install: Option<&Install>) -> Self {
        let (interval, source) = if let Some(interval) = asked {
            (interval, Source::Asked)
        } else if let Some(interval) = settings.interval {
            (interval, Source::Policy)
        } else if let Some(interval) = install.and_then(from_logs) {
            (interval, Source::Log)
        } else {
            (USUAL, Source::Usual)
        };
        // Who asks for a time means it.
        let least = if source == Source::Asked { Duration::ZERO } else { MARGIN.0 };
        Self { interval, margin: (interval / 10).clamp(least, MARGIN.1), source }
    }

    /// Returns how long is waited in all.
    #[must_use]
    pub fn whole(&self) -> Duration {
        self.interval.saturating_add(self.margin)
    }
}

/// Finds the rhythm of the log.
fn from_logs(install: &Install) -> Option<Duration> {
    let mut times = Vec::new();
    for item in fs::read_dir(&install.logs).ok()?.flatten() {
        if !item.file_name().to_str().is_some_and(|name| install.is_log(name)) {
            continue;
        }
        let Ok(mut file) = system::open_shared(&item.path()) else { continue };
        let length = file.metadata().map_or(0, |facts| facts.len());
        if file.seek(SeekFrom::Start(length.saturating_sub(ENOUGH))).is_err() {
            continue;
        }
        let mut lines = BufReader::new(file.take(ENOUGH));
        let mut line = Vec::new();
        while lines.by_ref().take(1 << 16).read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            if is_about_updates(&line) {
                times.extend(time_of(&line));
            }
            line.clear();
        }
    }
    rhythm(times)
}

/// Reads the time of a line, in seconds of a year that the line does not tell.
///
/// ```text
/// (12345, +0 ms) Nov 10 18:22:08 [4512]: …
/// ```
fn time_of(line: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(line.get(..120).unwrap_or(line)).into_owned();
    let (_, rest) = text.split_once(')')?;
    let mut words = rest.split_whitespace();
    let stamp = format!("2000 {} {} {}", words.next()?, words.next()?, words.next()?);
    Some(NaiveDateTime::parse_from_str(&stamp, "%Y %b %d %H:%M:%S").ok()?.and_utc().timestamp())
}

/// Returns the usual distance between attempts, in whole minutes, if there is one.
fn rhythm(mut times: Vec<i64>) -> Option<Duration> {
    times.sort_unstable();
    let mut begins = Vec::new();
    let mut last = None;
    for time in times {
        if last.is_none_or(|last| time.saturating_sub(last) > APART) {
            begins.push(time);
        }
        last = Some(time);
    }
    let mut apart: Vec<i64> =
        begins.iter().zip(begins.iter().skip(1)).map(|(one, other)| other.saturating_sub(*one)).collect();
    apart.sort_unstable();
    let middle = *apart.get(apart.len() / 2)?;
    // Most distances are about the same, or there is no rhythm: a machine that sleeps leaves long ones.
    let alike =
        apart.iter().filter(|distance| distance.abs_diff(middle) <= middle.unsigned_abs() / 3).count();
    let minutes = u64::try_from(middle).ok()?.div_ceil(60);
    let plausible =
        alike >= BEATS && alike.saturating_mul(2) > apart.len() && (5..=24 * 60).contains(&minutes);
    plausible.then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_rhythm_of_a_log() {
        let beats = |distance: i64| (0..6).flat_map(move |beat| [beat * distance, beat * distance + 20]);
        assert_eq!(rhythm(beats(1800).collect()), Some(Duration::from_secs(1800)));
        assert_eq!(rhythm(beats(3603).chain([400_000]).collect()), Some(Duration::from_secs(3660)));
        assert_eq!(rhythm(vec![1, 2, 3]), None);
        assert_eq!(rhythm(vec![0, 900, 90_000, 93_000, 193_000]), None, "no two distances are alike");
        assert_eq!(rhythm(Vec::new()), None);
        let line = b"(12345, +0 ms) Nov 10 18:22:08 [4512]: tetra update";
        assert!(
            time_of(line).is_some() && time_of(b"garbage").is_none() && time_of(b"() Nov 99 x y").is_none()
        );
    }

    #[test]
    fn asks_in_order() {
        let settings = Settings { interval: Some(Duration::from_secs(1800)), ..Settings::default() };
        let asked = Span::new(Some(Duration::from_secs(10)), &settings, None);
        assert_eq!((asked.source, asked.whole()), (Source::Asked, Duration::from_secs(11)));
        assert_eq!(Span::new(None, &settings, None).interval, Duration::from_secs(1800));
        let usual = Span::new(None, &Settings::default(), None);
        assert_eq!((usual.source, usual.whole()), (Source::Usual, Duration::from_secs(3960)));
    }
}
