//! What a session changes on the endpoint, and the proof that it is put back.

use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tetra_bundle::StepStatus;

use super::Session;
use crate::debug;
use crate::restore::{self, Change, Journal};
use crate::step::{Guard, Outcome};

/// How long the log is listened to before debug logging is on, and after it is off: the proof of both.
const LISTEN: Duration = Duration::from_secs(2);

/// What the log said when debug logging was switched on.
pub(super) struct Debugged {
    before: u64,
    lines: u64,
    at: Instant,
}

impl Session {
    pub(super) fn debug_on(&self, guard: &Guard) -> Outcome {
        if self.settings.debug == Some(true) {
            return Outcome::noted("the policy has it on already: it stays so");
        }
        let before = self.listen(guard);
        let outcome = self.with_journal(|journal| {
            debug::on(&self.install, journal, guard).map_or_else(|why| why, |(_, outcome)| outcome)
        });
        let lines = self.lines.load(Ordering::Relaxed);
        let debugged = Debugged { before, lines, at: Instant::now() };
        *self.debugged.lock().unwrap_or_else(PoisonError::into_inner) = Some(debugged);
        if outcome != Outcome::done() {
            return outcome;
        }
        let policy = if self.settings.debug == Some(false) {
            "the policy has it off"
        } else {
            "the policy does not tell"
        };
        Outcome::noted(format!(
            "before: {policy}, {before} lines came in {} s; now it is on",
            LISTEN.as_secs()
        ))
    }

    pub(super) fn debug_off(&self, guard: &Guard) -> Outcome {
        let debugged = self.debugged.lock().unwrap_or_else(PoisonError::into_inner).take();
        let during = self.lines.load(Ordering::Relaxed);
        let outcome = self.undo(&Change::DebugLog, guard);
        let Some(Debugged { before, lines, at }) = debugged.filter(|_| outcome.status == StepStatus::Done)
        else {
            return outcome;
        };
        let during = during.saturating_sub(lines);
        let span = at.elapsed().as_secs();
        let after = self.listen(guard);
        let listen = LISTEN.as_secs();
        Outcome::noted(format!(
            "off again, as it was before; lines of the log: {before} in {listen} s before, {during} in {span} s while it was on, {after} in {listen} s after"
        ))
    }

    /// Counts the lines that come in a while.
    fn listen(&self, guard: &Guard) -> u64 {
        let before = self.lines.load(Ordering::Relaxed);
        let _ = guard.sleep(LISTEN.min(guard.time() / 4));
        self.lines.load(Ordering::Relaxed).saturating_sub(before)
    }

    /// Undoes a change, if the journal knows of it.
    pub(super) fn undo(&self, change: &Change, guard: &Guard) -> Outcome {
        self.with_journal(|journal| {
            let pending = match journal.pending() {
                Ok(pending) => pending,
                Err(fault) => return Outcome::fault("the journal", &fault),
            };
            let Some((id, _)) = pending.iter().find(|(_, known)| known == change) else {
                return Outcome::skipped("nothing was changed");
            };
            let outcome = restore::undo(change, &self.system, Some(&self.install), guard);
            if outcome.status == StepStatus::Done
                && let Err(fault) = journal.restored(*id)
            {
                return Outcome::fault("the journal", &fault);
            }
            outcome
        })
    }

    /// Undoes what a capture has changed that was cut short before it began.
    pub(super) fn undo_capture(&self, guard: &Guard) -> Outcome {
        self.with_journal(|journal| {
            let pending = journal.pending().unwrap_or_default();
            let begun = pending.into_iter().map(|(_, change)| change).filter(Change::is_capture);
            let undone: Vec<_> = begun.map(|change| self.undo(&change, guard)).collect();
            let failed = undone.iter().find(|outcome| outcome.status != StepStatus::Done);
            failed.cloned().unwrap_or_else(|| {
                Outcome::skipped(if undone.is_empty() {
                    "it was not begun"
                } else {
                    "it was not begun; what was changed is put back"
                })
            })
        })
    }

    pub(super) fn with_journal(&self, act: impl FnOnce(&Journal) -> Outcome) -> Outcome {
        match self.system.state_folder() {
            Ok(folder) => act(&Journal::new(Path::new(&folder))),
            Err(fault) => Outcome::fault("the folder of the journal", &fault),
        }
    }
}
