//! Progress on standard error: silent for the first second, and wherever nobody looks.

use std::io::{self, IsTerminal as _, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Columns taken by everything but the name of what is read.
const NAME_COLUMNS: usize = 40;

/// How far the work has come; may be told from several threads.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    wanted: bool,
    visible: AtomicBool,
}

impl Progress {
    /// Begins, to be shown on standard error if that is a terminal.
    pub fn on_terminal() -> Self {
        Self::new(io::stderr().is_terminal())
    }

    /// Begins, never to be shown.
    pub fn hidden() -> Self {
        Self::new(false)
    }

    fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, began: Instant::now(), wanted, visible: AtomicBool::new(false) }
    }

    /// Says how many bytes there are to read in all.
    pub fn total(&self, bytes: u64) {
        self.bar.set_length(bytes);
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {bytes}/{total_bytes}, {eta} left  {msg}") {
            self.bar.set_style(style);
        }
    }

    /// Says what is being done, e.g. the entry that is read.
    pub fn doing(&self, what: &str) {
        let name: String = what.chars().filter(|c| !c.is_control()).take(NAME_COLUMNS).collect();
        self.bar.set_message(name);
        self.show_if_time();
    }

    /// Says that so many bytes more were read.
    pub fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
        self.show_if_time();
    }

    /// Gives a reader that tells of what it reads.
    pub fn reading<R: Read>(&self, reader: R) -> Reading<'_, R> {
        Reading { reader, progress: self }
    }

    /// Gives how many bytes were read so far.
    pub fn read_so_far(&self) -> u64 {
        self.bar.position()
    }

    /// Ends and leaves no trace on the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show_if_time(&self) {
        let now = self.wanted && self.began.elapsed() >= PATIENCE;
        if now && !self.visible.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A reader that tells of what it reads.
#[derive(Debug)]
pub struct Reading<'p, R> {
    reader: R,
    progress: &'p Progress,
}

impl<R: Read> Read for Reading<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.advance(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_counted() {
        let progress = Progress::hidden();
        progress.total(5_000);
        progress.doing("network/capture.pcapng");
        let read = io::copy(&mut progress.reading(io::repeat(0).take(3_000)), &mut io::sink()).unwrap();
        progress.advance(7);
        assert_eq!((read, progress.read_so_far()), (3_000, 3_007));
    }

    #[test]
    fn nothing_shows_within_the_first_second() {
        let progress = Progress::new(true);
        progress.doing("x");
        progress.advance(1);
        assert!(!progress.visible.load(Ordering::Relaxed));
    }

    #[test]
    fn work_that_lasts_is_shown_where_it_is_wanted() {
        for wanted in [true, false] {
            let mut progress = Progress::new(wanted);
            progress.began = Instant::now().checked_sub(PATIENCE * 2).unwrap();
            progress.advance(1);
            assert_eq!(progress.visible.load(Ordering::Relaxed), wanted);
        }
    }

    #[test]
    fn threads_may_tell_of_it_together() {
        let progress = Progress::hidden();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| progress.advance(1)));
            }
        });
        assert_eq!(progress.read_so_far(), 400);
    }
}
