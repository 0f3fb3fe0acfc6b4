//! Collects one bundle on an endpoint: for now, it seals a folder that was filled by hand.

mod args;
pub mod guess;
pub mod network;
pub mod probe;
mod seal;
pub mod upload;

use std::error::Error as _;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use tetra_bundle::{Sealed, StepStatus};

pub use args::{Args, Command};
pub use seal::{Error, seal};

/// All steps are done.
const ALL_DONE: u8 = 0;
/// Some steps failed, and the bundle is written.
const SOME_FAILED: u8 = 1;
/// There is no bundle.
const NO_BUNDLE: u8 = 2;

/// Runs the collector and returns its exit status. `now` is the time of the run.
pub fn run(args: &Args, now: DateTime<Utc>, out: &mut impl Write, err: &mut impl Write) -> u8 {
    let (folder, output, time) = match &args.command {
        Command::Seal { folder, output, time } => (folder, output, time),
        Command::Probe(probe) => return probe::command(probe, out, err),
        Command::Upload(upload) => return upload::command(upload, out, err),
    };
    let sealed = match seal(folder, output, time.unwrap_or(now)) {
        Ok(sealed) => sealed,
        Err(fault) => {
            // Nobody is left to be told when stderr is closed.
            let _ = complain(&fault, err);
            return NO_BUNDLE;
        }
    };
    match tell(&sealed, out, err) {
        Ok(status) => status,
        Err(_) => SOME_FAILED,
    }
}

/// Prints what was written, and what is not in it.
fn tell(sealed: &Sealed, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    let mut status = ALL_DONE;
    for step in &sealed.manifest.steps {
        if step.status == StepStatus::Done {
            continue;
        }
        if step.status != StepStatus::Skipped && step.status != StepStatus::Withheld {
            status = SOME_FAILED;
        }
        let what = format!("{:?}", step.status).to_lowercase();
        writeln!(err, "{what}: {}: {}", step.name, step.reason.as_deref().unwrap_or("no reason is known"))?;
    }
    let (files, bytes) = (sealed.manifest.files.len(), sealed.bytes);
    writeln!(out, "The bundle is {} ({files} files, {bytes} bytes).", sealed.path.display())?;
    writeln!(out, "Its root hash is {}.", sealed.root_hash)?;
    writeln!(
        out,
        "Quote the root hash when you hand the bundle over: it changes if any file in it is changed."
    )?;
    Ok(status)
}

/// Prints an error and its causes.
fn complain(fault: &Error, err: &mut impl Write) -> io::Result<()> {
    write!(err, "error: {fault}")?;
    let mut cause = fault.source();
    while let Some(inner) = cause {
        write!(err, ": {inner}")?;
        cause = inner.source();
    }
    writeln!(err, "\nNo bundle was written.")
}
