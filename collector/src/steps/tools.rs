//! What programs of the endpoint tell: the connector's own, and the one that exports event logs.

use std::path::{Path, PathBuf};

use tetra_bundle::{FileRecord, source_of};

use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::tool::{Ran, Tool};

/// Keeps what a program says as a file of the bundle.
pub(super) fn said(tool: &Tool, path: &str, guard: &Guard, staging: &Staging) -> Outcome {
    let ran = match tool.run(guard) {
        Ok(ran) => ran,
        Err(fault) => return Outcome::fault(&tool.program.display().to_string(), &fault),
    };
    let empty = ran.out.iter().all(u8::is_ascii_whitespace);
    if !empty {
        let record = FileRecord {
            path: path.to_owned(),
            source: source_of(path),
            truncated: ran.lost.clone(),
            ..FileRecord::default()
        };
        if let Err(fault) = staging.put(record, &ran.out) {
            return Outcome::fault(path, &fault);
        }
    }
    let told = verdict(&ran, guard);
    if told == Outcome::done() && empty { Outcome::failed("it said nothing") } else { told }
}

/// Has an event log exported; `select` names the events by XPath.
pub(super) fn exported(
    wevtutil: &Path,
    channel: &str,
    select: &str,
    path: &str,
    guard: &Guard,
    staging: &Staging,
) -> Outcome {
    let place = match staging.place(path) {
        Ok(place) => place,
        Err(fault) => return Outcome::fault(path, &fault),
    };
    let tool = export(wevtutil, channel, select, &place);
    let ran = match tool.run(guard) {
        Ok(ran) => ran,
        Err(fault) => return Outcome::fault(&wevtutil.display().to_string(), &fault),
    };
    let bytes = place.metadata().map_or(0, |facts| facts.len());
    let told = verdict(&ran, guard);
    if told == Outcome::done() && bytes == 0 {
        return Outcome::failed("the export is empty, although the program tells of no error");
    }
    told
}

/// Makes the command that exports an event log.
pub(super) fn export(wevtutil: &Path, channel: &str, select: &str, place: &Path) -> Tool {
    let args = [
        "epl".into(),
        channel.into(),
        place.as_os_str().to_owned(),
        format!("/q:{select}").into(),
        "/ow:true".into(),
    ];
    Tool::new::<std::ffi::OsString>(wevtutil.to_owned(), args)
}

/// Makes the command that asks the connector how it is.
pub(super) fn posture(cli: PathBuf) -> Tool {
    Tool::new(cli, ["posture"])
}

/// Says what became of a program.
pub(super) fn verdict(ran: &Ran, guard: &Guard) -> Outcome {
    if let Some(end) = ran.end {
        return Outcome::ended(end, guard.time());
    }
    match ran.problem() {
        None => match ran.lost.first() {
            None => Outcome::done(),
            Some(lost) => Outcome::noted(format!("the first {} bytes of what it said are left out", lost.to)),
        },
        Some(problem) if problem.to_lowercase().contains("access is denied") => Outcome::denied(problem),
        Some(problem) => Outcome::failed(problem),
    }
}
