//! Collects one bundle on an endpoint: what the machine and the connector tell, in one zip.

mod args;
mod capture;
mod collect;
mod debug;
mod encrypt;
mod finish;
mod gate;
pub mod guess;
mod guide;
mod log;
mod map;
pub mod network;
mod plan;
pub mod probe;
pub mod redact;
mod restore;
mod seal;
mod staging;
mod step;
mod steps;
pub mod system;
mod tool;
pub mod upload;
mod watch;
mod words;

use std::error::Error as _;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use tetra_bundle::{Sealed, StepStatus};

pub use args::{Args, Collect, Command, Restore};
pub use guide::Console;
pub use seal::{Error, seal};
pub use step::Interrupt;
pub use words::{Lang, command, lang_behind_command, lang_of, usage};

/// All steps are done.
const ALL_DONE: u8 = 0;
/// Some steps failed, and the bundle is written.
const SOME_FAILED: u8 = 1;
/// There is no bundle.
const NO_BUNDLE: u8 = 2;
/// The run was interrupted, and a partial bundle is written.
const INTERRUPTED: u8 = 130;

/// What the run needs of the world around it.
#[derive(Debug, Clone)]
pub struct World {
    /// The clock on the wall, which somebody may set at any time.
    pub clock: fn() -> DateTime<Utc>,
    /// Asked when the run is to end.
    pub interrupt: Interrupt,
    /// The machine, where it is not this one.
    pub system: Option<system::Recorded>,
    /// Who answers questions.
    pub console: Console,
}

impl Default for World {
    fn default() -> Self {
        Self { clock: Utc::now, interrupt: Interrupt::default(), system: None, console: Console::None }
    }
}

/// Runs the collector and returns its exit status.
pub fn run(args: &Args, world: &World, out: &mut impl Write, err: &mut impl Write) -> u8 {
    let lang = Lang::chosen(args.collect.lang);
    let done = match &args.command {
        None => collect::collect(&args.collect, world, out, err).and_then(|status| {
            if args.collect.guided {
                guide::farewell(lang, world, err)?;
            }
            Ok(status)
        }),
        Some(Command::Restore(args)) => restore::restore(args, lang, world, out, err),
        Some(Command::Resume { folder }) => finish::resume(folder.as_deref(), &args.collect, world, out, err),
        Some(Command::Seal { folder, output, time, redact }) => {
            seal_folder(seal(folder, output, time.unwrap_or_else(world.clock), *redact), lang, out, err)
        }
        Some(Command::Map { file, text }) => {
            map::command(file, text.as_deref(), lang, &mut io::stdin().lock(), out, err)
        }
        Some(Command::Probe(args)) => return probe::command(args, lang, out, err),
        Some(Command::Upload(args)) => return upload::command(args, lang, out, err),
    };
    // Nobody is left to be told when the outputs are closed.
    done.unwrap_or(SOME_FAILED)
}

fn seal_folder(
    sealed: Result<(Sealed, Option<redact::Redactor>), Error>,
    lang: Lang,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    match sealed {
        Ok((sealed, redactor)) => {
            finish::leave_map(&sealed, redactor.as_ref(), lang, out, err)?;
            finish::tell(&sealed, lang, finish::Manner::Exact, out, err)
        }
        Err(fault) => {
            complain(&fault, lang, err)?;
            Ok(NO_BUNDLE)
        }
    }
}

/// Returns the exit status that the steps of a bundle call for.
fn status_of(sealed: &Sealed) -> u8 {
    let fine = |status| matches!(status, StepStatus::Done | StepStatus::Skipped | StepStatus::Withheld);
    if sealed.manifest.steps.iter().all(|step| fine(step.status)) { ALL_DONE } else { SOME_FAILED }
}

/// Prints an error and its causes.
fn complain(fault: &Error, lang: Lang, err: &mut impl Write) -> io::Result<()> {
    writeln!(err, "{}", words::fault(fault, lang))?;
    if is_full(fault) {
        writeln!(err, "{}", lang.say(words::Text::DiskFull, &[]))?;
    }
    writeln!(err, "{}", lang.say(words::Text::NoBundle, &[]))
}

/// Says whether an error comes of a disk without room.
fn is_full(fault: &Error) -> bool {
    let mut cause = fault.source();
    while let Some(inner) = cause {
        let kind = inner.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
            return true;
        }
        cause = inner.source();
    }
    false
}
