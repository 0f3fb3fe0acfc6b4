//! `netsh trace`, where nothing better is there: its file is left as it is, for a converter elsewhere.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::pktmon::failed;
use super::wrap::{Evidence, Told};
use super::{Start, Wanted};
use crate::restore::{Change, Journal};
use crate::step::{Guard, Outcome};
use crate::system::System;
use crate::tool::Tool;

/// The session's own name, so that no other one is ever ended.
const NAME: &str = "sessionname=tetra-collect";

/// A session of `netsh trace` that this run has started.
#[derive(Debug)]
pub struct Session {
    program: PathBuf,
    etl: PathBuf,
    limit: u64,
    began: DateTime<Utc>,
    change: u64,
    journal: Journal,
}

/// Makes the command that starts a capture. It knows no filter for ports.
#[must_use]
pub fn command(program: &Path, wanted: &Wanted, etl: &Path) -> Tool {
    let mut file = OsString::from("traceFile=");
    file.push(etl);
    let mut args: Vec<OsString> = ["trace", "start", NAME, "capture=yes", "report=disabled"]
        .iter()
        .chain(&["correlation=disabled", "persistent=no", "fileMode=circular", "overwrite=yes"])
        .map(OsString::from)
        .collect();
    args.push(format!("maxSize={}", (wanted.limit >> 20).max(1)).into());
    args.push(file);
    Tool::new::<OsString>(program.to_owned(), args)
}

/// Starts a capture.
///
/// # Errors
///
/// Says why it does not start.
pub fn start(program: &Path, plan: &Start<'_>, folder: &Path, guard: &Guard) -> Result<Session, String> {
    let Start { wanted, journal, .. } = plan;
    let etl = folder.join("capture.etl");
    let change = journal.will(Change::NetshSession).map_err(|fault| format!("the journal: {fault}"))?;
    let session = Session {
        program: program.to_owned(),
        etl: etl.clone(),
        limit: wanted.limit,
        began: plan.now,
        change,
        journal: Journal::clone(journal),
    };
    match failed(&command(program, wanted, &etl), &guard.half()) {
        None => Ok(session),
        Some(why) => {
            // Where it was cut short, a session may have begun; where it was refused, there is none to end.
            if failed(&stop(program), guard).is_none() || guard.over().is_none() {
                let _ = session.journal.restored(change);
            }
            Err(why)
        }
    }
}

impl Session {
    /// Gives what there is to tell by whether the ring wrapped: the size of its file alone.
    pub fn evidence(&self) -> Evidence<'_> {
        let limit = (self.limit >> 20).max(1) << 20;
        Evidence { file: &self.etl, limit, start: self.began, packets: None }
    }

    /// Ends the capture. Returns its file, whether the ring wrapped, and remarks; or what went wrong.
    pub fn stop(self, guard: &Guard) -> Result<(PathBuf, Told, Vec<String>), String> {
        if let Some(why) = failed(&stop(&self.program), guard) {
            return Err(format!("the trace is not ended; run tetra-collect restore: {why}"));
        }
        self.journal.restored(self.change).map_err(|fault| format!("the journal: {fault}"))?;
        if self.etl.metadata().map_or(0, |facts| facts.len()) == 0 {
            return Err("it left no file, although it tells of no error".to_owned());
        }
        let remark = "the capture is capture.etl, which etl2pcapng converts: this system's tools cannot";
        let told = self.evidence().told();
        Ok((self.etl, told, vec![remark.to_owned()]))
    }
}

/// Ends the session that an earlier run has left.
pub fn end_left(system: &System, guard: &Guard) -> Outcome {
    let Some(program) = system.tool("netsh") else { return Outcome::failed("netsh is not there any more") };
    match failed(&stop(&program), guard) {
        None => Outcome::noted("the trace of netsh is ended"),
        // It says so with a failure where the session is gone, as after a start of the machine.
        Some(why) if guard.over().is_none() => Outcome::noted(format!("no trace of netsh is left: {why}")),
        Some(why) => Outcome::failed(format!("the trace of netsh is not ended: {why}")),
    }
}

fn stop(program: &Path) -> Tool {
    Tool::new(program.to_owned(), ["trace", "stop", NAME])
}
