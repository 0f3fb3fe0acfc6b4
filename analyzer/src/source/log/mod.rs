//! The connector's log, `sfc.exe.log`: read once as a stream, in fixed memory, whatever its size and the length of its lines.
//!
//! ```text
//! (1234567, +0 ms) Nov 10 18:22:08 [4512]: imn::CEventManager::PublishEvent: publishing type=553648143
//! ```
//!
//! Lines have neither year nor zone: both come from outside ([`LogContext`]). Lines of another form continue the one before.
//! Only lines that a template recognises leave an observation.

mod keep;
mod need;
mod scan;
mod time;
mod utf8;

#[cfg(test)]
mod tests;

use std::io::{ErrorKind, Read};

use aho_corasick::AhoCorasick;
use chrono::NaiveDateTime;
use memchr::{memchr, memchr_iter, memrchr};

use self::keep::Keeper;
use self::scan::Scanner;
use self::time::{Clock, Stamp};
use super::text::{LINE, long_line};
use crate::model::{Locator, LogTemplate, Sink, Timestamp};

/// How much is read and searched at a time.
const BLOCK: usize = 128 << 10;
/// How many lines are tried for a time at either end of a block.
const STAMPED: usize = 64;
/// How much of each block is searched for signs of debug mode.
const SAMPLE: usize = 8 << 10;
/// No zone is farther from UTC.
const ZONE_MINUTES: u32 = 16 * 60;
/// Parts of lines that the connector writes in debug mode only.
const DEBUG: [&str; 6] = [
    "DEBUG: ",
    "Event::HandleCreation: START",
    "EVENT_INNER_FILE_SCAN",
    "GetSperoHash SPERO",
    "Cache::Get: age",
    "Exclusion::IsExcluded: result",
];

/// What the log itself does not say.
#[derive(Clone, Copy, Debug)]
pub struct LogContext<'a> {
    /// The lines to recognise.
    pub templates: &'a [LogTemplate],
    /// When the log was last written, in whatever zone: the year of its last line follows from it.
    pub modified: Option<NaiveDateTime>,
    /// Minutes that the endpoint's local time is ahead of UTC; without it, the log's times are taken for UTC.
    pub utc_offset_minutes: Option<i32>,
}

/// What a log covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCoverage {
    /// Time of the first line that has one.
    pub first: Option<Timestamp>,
    /// Time of the last line that has one.
    pub last: Option<Timestamp>,
    /// Lines, the cut one at the end included.
    pub lines: u64,
    /// Bytes read (as UTF-8).
    pub bytes: u64,
    /// Whether lines of debug mode were seen.
    pub debug: bool,
    /// Whether the zone is known; otherwise times may be wrong by up to 14 hours.
    pub zone_known: bool,
    /// Lines that a template recognised, counted once for each template.
    pub hits: u64,
    /// Those of them that left no observation, because there are too many.
    pub left_out: u64,
}

/// Reads a log to its end, states what the templates recognise and gives what it covers.
pub fn read(input: &mut dyn Read, context: &LogContext<'_>, sink: &mut Sink) -> LogCoverage {
    let offset = context.utc_offset_minutes.filter(|minutes| minutes.unsigned_abs() <= ZONE_MINUTES);
    let mut log = Log {
        scanner: None,
        keeper: Keeper::new(context.templates),
        clock: Clock::default(),
        templates: context.templates,
        debug: AhoCorasick::new(DEBUG).ok(),
        first: None,
        last: None,
        coverage: LogCoverage { zone_known: offset.is_some(), ..LogCoverage::default() },
    };
    utf8::with_utf8(input, sink, &mut |input, sink| log.run(input, sink));
    log.finish(context.modified, offset.unwrap_or(0), sink)
}

struct Log<'a> {
    scanner: Option<Scanner>,
    keeper: Keeper<'a>,
    clock: Clock,
    templates: &'a [LogTemplate],
    debug: Option<AhoCorasick>,
    first: Option<(Stamp, i32)>,
    last: Option<(Stamp, i32)>,
    coverage: LogCoverage,
}

impl Log<'_> {
    /// Cuts the input into blocks of whole lines. Of a line that does not end, the beginning is read and the rest skipped.
    fn run(&mut self, input: &mut dyn Read, sink: &mut Sink) {
        let mut buffer = vec![0; LINE + BLOCK];
        let mut carried = 0_usize;
        let mut skipping = false;
        loop {
            let (read, ended) =
                fill(input, buffer.get_mut(carried..).unwrap_or_default(), self.coverage.bytes, sink);
            self.coverage.bytes = self.coverage.bytes.saturating_add(count(read));
            let data = buffer.get(..carried.saturating_add(read)).unwrap_or_default();
            let mut start = 0;
            if skipping {
                let Some(end) = memchr(b'\n', data) else {
                    if ended {
                        self.coverage.lines = self.coverage.lines.saturating_add(1);
                        return;
                    }
                    continue;
                };
                start = end.saturating_add(1);
                self.coverage.lines = self.coverage.lines.saturating_add(1);
                skipping = false;
            }
            let whole = data.get(start..).unwrap_or_default();
            let end =
                if ended { whole.len() } else { memrchr(b'\n', whole).map_or(0, |at| at.saturating_add(1)) };
            let (lines, rest) = whole.split_at_checked(end).unwrap_or((whole, &[]));
            self.block(lines);
            if ended {
                if lines.last().is_some_and(|last| *last != b'\n') {
                    self.coverage.lines = self.coverage.lines.saturating_add(1);
                }
                return;
            }
            if rest.len() > LINE {
                sink.anomaly(Locator::Line(self.coverage.lines.saturating_add(1)), long_line());
                self.block(rest.get(..LINE).unwrap_or_default());
                skipping = true;
                carried = 0;
            } else {
                carried = rest.len();
                let from = data.len().saturating_sub(carried);
                buffer.copy_within(from..from.saturating_add(carried), 0);
            }
        }
    }

    /// Searches a block and counts its lines.
    fn block(&mut self, block: &[u8]) {
        if let Some(debug) = self.debug.as_ref().filter(|_| !self.coverage.debug) {
            self.coverage.debug = debug.is_match(block.get(..SAMPLE).unwrap_or(block));
        }
        let first = block.split(|byte| *byte == b'\n').take(STAMPED).find_map(Stamp::parse);
        if let Some(stamp) = first {
            let epoch = self.clock.see(stamp);
            self.first.get_or_insert((stamp, epoch));
        }
        let scanner = self.scanner.get_or_insert_with(|| Scanner::new(self.templates, block));
        let mut counted = 0_usize;
        let mut lines = self.coverage.lines;
        scanner.search(block, &mut |start, line, templates| {
            lines = lines.saturating_add(newlines(block.get(counted..start).unwrap_or_default()));
            counted = start;
            let line = line.get(..LINE).unwrap_or(line);
            // Whole UTF-8 is told at once; the lossy reading goes byte by byte.
            let text = std::str::from_utf8(line)
                .map_or_else(|_| String::from_utf8_lossy(line), std::borrow::Cow::Borrowed);
            let mut stamped = None;
            for template in templates {
                let number = lines.saturating_add(1);
                let (keeper, clock) = (&mut self.keeper, &mut self.clock);
                keeper.offer(*template, number, &text, || {
                    *stamped.get_or_insert_with(|| {
                        let stamp = Stamp::parse(line).or_else(|| stamp_before(block, start))?;
                        Some((stamp, clock.see(stamp)))
                    })
                });
            }
        });
        self.coverage.lines = lines.saturating_add(newlines(block.get(counted..).unwrap_or_default()));
        if let Some(stamp) = stamp_before(block, block.len()) {
            self.last = Some((stamp, self.clock.see(stamp)));
        }
    }

    /// Gives times to what was kept, now that the year of the last line is known.
    fn finish(mut self, modified: Option<NaiveDateTime>, offset: i32, sink: &mut Sink) -> LogCoverage {
        let years = self.last.zip(modified).map(|((last, epoch), modified)| (last.year(modified), epoch));
        let at = |seen: Option<(Stamp, i32)>| {
            let ((stamp, epoch), (year, last)) = seen.zip(years)?;
            stamp.at(year.saturating_sub(last.saturating_sub(epoch)), offset)
        };
        if self.coverage.lines > 0 && self.last.is_none() {
            sink.anomaly(Locator::Whole, "no line begins with a time as the connector writes it");
        } else if self.last.is_some() && modified.is_none() {
            sink.anomaly(
                Locator::Whole,
                "its lines have no year, and nothing says when it was written: times are not known",
            );
        }
        self.coverage.first = at(self.first);
        self.coverage.last = at(self.last);
        (self.coverage.hits, self.coverage.left_out) = self.keeper.state(&at, sink);
        self.coverage
    }
}

/// Reads until the buffer is full or the input ends; gives how much was read, and whether it ended.
fn fill(input: &mut dyn Read, buffer: &mut [u8], before: u64, sink: &mut Sink) -> (usize, bool) {
    let mut read = 0_usize;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => return (read, true),
            Ok(more) => read = read.saturating_add(more),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let at = before.saturating_add(count(read));
                sink.anomaly(Locator::Whole, format!("cannot be read beyond byte {at}: {error}"));
                return (read, true);
            }
        }
    }
    (read, false)
}

/// Finds the time of the last line before a position that has one.
fn stamp_before(block: &[u8], position: usize) -> Option<Stamp> {
    let before = block.get(..position).unwrap_or(block);
    before.rsplit(|byte| *byte == b'\n').take(STAMPED).find_map(Stamp::parse)
}

fn newlines(bytes: &[u8]) -> u64 {
    count(memchr_iter(b'\n', bytes).count())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
