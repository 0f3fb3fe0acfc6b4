//! How far a run has come, on standard error: rate, time left, and what each worker is at.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::row::Status;
use crate::report::text::clean;

/// Where nobody looks, a line is written this often.
const EVERY: Duration = Duration::from_secs(30);
/// Characters of a name.
const NAME: usize = 70;

/// How far a run has come.
#[derive(Debug)]
pub(super) struct Progress {
    all: ProgressBar,
    workers: Vec<ProgressBar>,
    lines: Option<Mutex<Instant>>,
    counts: Mutex<(u64, u64)>,
    begun: Instant,
    jobs: u64,
    // Dropping it would end the drawing.
    _bars: MultiProgress,
}

impl Progress {
    /// Begins; time is told by bytes, for bundles differ in size by far.
    pub(super) fn new(jobs: usize, bytes: u64, workers: usize, wanted: bool) -> Self {
        let terminal = wanted && std::io::stderr().is_terminal();
        let target =
            if terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        let all = bars.add(ProgressBar::new(bytes));
        if let Ok(style) =
            ProgressStyle::with_template("{bar:20} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left, {msg}")
        {
            all.set_style(style);
        }
        let workers = (0..workers)
            .map(|_| {
                let bar = bars.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("  {elapsed:>4}  {msg}") {
                    bar.set_style(style);
                }
                bar
            })
            .collect();
        Self {
            all,
            workers,
            lines: (wanted && !terminal).then(|| Mutex::new(Instant::now())),
            counts: Mutex::default(),
            begun: Instant::now(),
            jobs: u64::try_from(jobs).unwrap_or(u64::MAX),
            _bars: bars,
        }
    }

    /// Says what a worker begins.
    pub(super) fn begins(&self, worker: usize, path: &Path) {
        if let Some(bar) = self.workers.get(worker) {
            let name = clean(&path.display().to_string());
            let from = name.chars().count().saturating_sub(NAME);
            bar.reset_elapsed();
            bar.set_message(name.chars().skip(from).collect::<String>());
        }
    }

    /// Says that a bundle is done.
    pub(super) fn done(&self, bytes: u64, status: Status) {
        self.all.inc(bytes);
        let (done, failed) = {
            let mut counts = lock(&self.counts);
            counts.0 = counts.0.saturating_add(1);
            counts.1 = counts.1.saturating_add(u64::from(status != Status::Done));
            *counts
        };
        self.all.set_message(format!("{done} of {} bundles, {failed} failed", self.jobs));
        let Some(last) = &self.lines else { return };
        let mut last = lock(last);
        if last.elapsed() >= EVERY {
            *last = Instant::now();
            let rate = done as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
            let left = self.all.eta().as_secs();
            // Nobody may be there to read it.
            drop(writeln!(
                std::io::stderr(),
                "{done} of {} bundles, {failed} failed, {rate:.1} per second, {left} s left",
                self.jobs
            ));
        }
    }

    /// Ends and leaves no trace on the terminal.
    pub(super) fn finish(&self) {
        for bar in &self.workers {
            bar.finish_and_clear();
        }
        self.all.finish_and_clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
