//! Puts back what a run has changed: at its end, at the next start after a crash, and when asked to.

mod journal;

use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

pub use journal::{Change, Journal};
use tetra_bundle::StepStatus;

use crate::args::Restore;
use crate::collect::endpoint;
use crate::debug;
use crate::step::{Guard, Interrupt, Outcome};
use crate::system::{Install, System};
use crate::words::{Lang, Text, told};
use crate::{ALL_DONE, NO_BUNDLE, World, capture, staging};

/// How long putting one thing back may take.
pub const TIME: Duration = Duration::from_secs(60);

/// Puts one thing back.
#[must_use]
pub fn undo(change: &Change, system: &System, install: Option<&Install>, guard: &Guard) -> Outcome {
    match change {
        Change::DebugLog => debug::off(install, guard),
        Change::Capi2 => debug::capi2_off(system, guard),
        Change::PktmonFilters => capture::pktmon::remove_filters(system, guard),
        Change::PktmonSession { file } => capture::pktmon::end_left(system, file, guard),
        Change::NetshSession => capture::netsh::end_left(system, guard),
    }
}

/// Puts back what an earlier run has left changed. Returns whether nothing is left.
///
/// # Errors
///
/// Fails where nobody can be told.
pub fn leftovers(
    system: &System,
    install: Option<&Install>,
    patience: f64,
    lang: Lang,
    err: &mut impl Write,
) -> io::Result<bool> {
    let journal = match system.state_folder() {
        Ok(folder) => Journal::new(&folder),
        Err(fault) => {
            writeln!(err, "{}", lang.say(Text::NotRestored, &[&fault]))?;
            return Ok(false);
        }
    };
    let pending = match journal.pending() {
        Ok(pending) => pending,
        Err(fault) => {
            writeln!(err, "{}", lang.say(Text::NotRestored, &[&fault]))?;
            return Ok(false);
        }
    };
    let mut all = true;
    for (id, change) in pending {
        let guard = Guard::new(TIME.mul_f64(patience.clamp(0.001, 100.0)), &Interrupt::default());
        let outcome = undo(&change, system, install, &guard);
        let reason = outcome.reason.unwrap_or_default();
        if outcome.status == StepStatus::Done && journal.restored(id).is_ok() {
            writeln!(err, "{}", lang.say(Text::Restored, &[&reason]))?;
        } else {
            all = false;
            writeln!(err, "{}", lang.say(Text::NotRestored, &[&reason]))?;
        }
    }
    Ok(all)
}

/// Takes the lock of this machine, so that no other run changes what this one does; where it cannot, says why.
///
/// # Errors
///
/// Fails where nobody can be told.
pub fn alone(system: &System, lang: Lang, err: &mut impl Write) -> io::Result<Option<File>> {
    match system.state_folder().and_then(|folder| staging::lock(&folder.join("lock"))) {
        Ok(lock) => return Ok(Some(lock)),
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => {
            writeln!(err, "{}", lang.say(Text::Busy, &[]))?;
        }
        Err(fault) => {
            writeln!(err, "{}", lang.say(Text::NoNotes, &[&told(&fault.to_string(), lang)]))?;
        }
    }
    Ok(None)
}

/// Puts back what an earlier run has left changed, and does nothing else.
///
/// # Errors
///
/// Fails where nobody can be told.
pub fn restore(
    args: &Restore,
    lang: Lang,
    world: &World,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    let system = endpoint(args.place.system(), world);
    let Some(_lock) = alone(&system, lang, err)? else { return Ok(NO_BUNDLE) };
    if !leftovers(&system, system.install().as_ref(), args.place.patience, lang, err)? {
        return Ok(NO_BUNDLE);
    }
    writeln!(out, "{}", lang.say(Text::NothingChanged, &[]))?;
    Ok(ALL_DONE)
}
