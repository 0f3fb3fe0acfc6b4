//! Runs one step within its time: what hangs is left behind, and what became of it is recorded.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tetra_bundle::{StepRecord, StepStatus};

use crate::staging::Staging;

/// How often a waiting step looks whether it must end.
pub const TICK: Duration = Duration::from_millis(25);
/// Longer than any step may take: some days.
const LONGEST: Duration = Duration::from_secs(1 << 20);
/// How long a step that must end may take to tidy up.
const GRACE: Duration = Duration::from_secs(3);

/// Tells everybody that the user, or the system, wants the run to end.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks the run to end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Returns whether the run is to end.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why a step must end before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its time is over.
    Time,
    /// The run is to end.
    Interrupted,
}

/// Tells a step when it must end. Every loop that may take long asks it.
#[derive(Debug, Clone)]
pub struct Guard {
    time: Duration,
    deadline: Instant,
    left: Arc<AtomicBool>,
    interrupt: Interrupt,
}

impl Guard {
    /// Makes a guard for something that must end in `time`.
    #[must_use]
    pub fn new(time: Duration, interrupt: &Interrupt) -> Self {
        let time = time.min(LONGEST);
        let now = Instant::now();
        let deadline = now.checked_add(time).unwrap_or(now);
        Self { time, deadline, left: Arc::default(), interrupt: interrupt.clone() }
    }

    /// Returns why the step must end now, if it must.
    #[must_use]
    pub fn over(&self) -> Option<End> {
        if self.interrupt.asked() {
            return Some(End::Interrupted);
        }
        (self.left.load(Ordering::SeqCst) || Instant::now() >= self.deadline).then_some(End::Time)
    }

    /// Returns the time that was given.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.time
    }

    /// Makes a guard for a part of the step: it has half of the time that is left.
    #[must_use]
    pub fn half(&self) -> Self {
        let now = Instant::now();
        let time = self.deadline.saturating_duration_since(now) / 2;
        Self { time, deadline: now.checked_add(time).unwrap_or(now), ..self.clone() }
    }

    /// Waits, but not longer than the step may. Returns why it must end, if it must.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> Option<End> {
        let now = Instant::now();
        let until = now.checked_add(time).unwrap_or(self.deadline);
        loop {
            let over = self.over();
            let left = until.saturating_duration_since(Instant::now());
            if over.is_some() || left.is_zero() {
                return over;
            }
            thread::sleep(left.min(TICK));
        }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it.
    pub status: StepStatus,
    /// Why it did not do what it was to do.
    pub reason: Option<String>,
}

impl Outcome {
    /// The step did what it was to do.
    #[must_use]
    pub fn done() -> Self {
        Self { status: StepStatus::Done, reason: None }
    }

    /// The step is done, with a remark.
    #[must_use]
    pub fn noted(remark: impl Into<String>) -> Self {
        Self { status: StepStatus::Done, reason: Some(remark.into()) }
    }

    /// The step was not needed, or there was nothing to do.
    #[must_use]
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { status: StepStatus::Skipped, reason: Some(reason.into()) }
    }

    /// The step went wrong.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self { status: StepStatus::Failed, reason: Some(reason.into()) }
    }

    /// The endpoint did not allow it.
    #[must_use]
    pub fn denied(reason: impl Into<String>) -> Self {
        Self { status: StepStatus::Denied, reason: Some(reason.into()) }
    }

    /// The step was ended before it was done.
    #[must_use]
    pub fn ended(end: End, time: Duration) -> Self {
        match end {
            End::Time => Self {
                status: StepStatus::Timeout,
                reason: Some(format!("ended after {} s, what came until then is kept", time.as_secs_f32())),
            },
            End::Interrupted => Self::failed("the run was interrupted"),
        }
    }

    /// An error of the system while something was read or written.
    #[must_use]
    pub fn fault(what: &str, fault: &io::Error) -> Self {
        let reason = format!("{what}: {fault}");
        match fault.kind() {
            io::ErrorKind::PermissionDenied => Self::denied(reason),
            io::ErrorKind::NotFound => Self::skipped(format!("{what}: it is not there")),
            _ => Self::failed(reason),
        }
    }
}

/// What a step does.
pub type Act = Box<dyn FnOnce(&Guard, &Staging) -> Outcome + Send>;

/// One act of the collector.
pub struct Step {
    /// Its name in the manifest.
    pub name: String,
    /// What it reads and runs, as a dry run prints it.
    pub does: Vec<String>,
    /// How long it may take.
    pub time: Duration,
    /// What it does.
    pub act: Act,
}

/// Runs a step on a thread of its own, so that a read that hangs cannot hold the run.
///
/// A step that does not end when it must is left behind; what it has written is kept.
#[must_use]
pub fn run(step: Step, staging: &Arc<Staging>, interrupt: &Interrupt) -> StepRecord {
    let Step { name, time, act, .. } = step;
    let begun = Instant::now();
    let guard = Guard::new(time, interrupt);
    let (sender, receiver) = channel();
    let (inner, staging) = (guard.clone(), Arc::clone(staging));
    let spawned = thread::Builder::new().name(name.clone()).spawn(move || {
        // Nobody listens any more when the step was left behind.
        let _ = sender.send(act(&inner, &staging));
    });
    let outcome = match spawned {
        Err(fault) => Outcome::failed(format!("no thread for it: {fault}")),
        Ok(_) => loop {
            match receiver.recv_timeout(TICK) {
                Ok(outcome) => break outcome,
                Err(RecvTimeoutError::Disconnected) => {
                    break Outcome::failed("it broke off; this is a defect");
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(end) = guard.over() {
                break receiver.recv_timeout(GRACE).unwrap_or_else(|_| Outcome::ended(end, time));
            }
        },
    };
    guard.left.store(true, Ordering::SeqCst);
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    StepRecord { name, status: outcome.status, reason: outcome.reason, ms: Some(ms) }
}

#[cfg(test)]
mod tests;
