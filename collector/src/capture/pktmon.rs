//! Windows' own packet monitor. It has one session and one set of filters for the whole machine: those of somebody else are
//! left alone, and another way to capture is taken.
//!
//! What `pktmon` prints is known from its public documentation only, and in English: it is read loosely, and in doubt the
//! monitor counts as in use.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::wrap::{Evidence, Told};
use super::{Filter, Start, Wanted};
use crate::debug::ran;
use crate::restore::{Change, Journal};
use crate::step::{Guard, Outcome};
use crate::system::System;
use crate::tool::Tool;

/// The first build of Windows whose `pktmon` writes pcapng.
pub const BUILD: u32 = 19041;

/// A session of `pktmon` that this run has started.
#[derive(Debug)]
pub struct Session {
    program: PathBuf,
    etl: PathBuf,
    /// Their numbers in the journal.
    changes: Vec<u64>,
    journal: Journal,
    limit: u64,
    began: DateTime<Utc>,
    remark: Option<String>,
}

/// Makes the commands that start a capture, in order.
#[must_use]
pub fn commands(program: &Path, wanted: &Wanted, etl: &Path) -> Vec<Tool> {
    let mut tools: Vec<Tool> = filters(program, &wanted.filter);
    let megabytes = (wanted.limit >> 20).max(1).to_string();
    let mut args: Vec<OsString> =
        ["start", "--capture", "--pkt-size", "0", "--comp", "nics", "--file-name"].map(Into::into).to_vec();
    args.push(etl.into());
    args.extend(["--file-size", &megabytes, "--log-mode", "circular"].map(OsString::from));
    tools.push(Tool::new::<OsString>(program.to_owned(), args));
    tools
}

fn filters(program: &Path, filter: &Filter) -> Vec<Tool> {
    let Filter::Ports(ports) = filter else { return Vec::new() };
    let add = |args: &[&str]| {
        let args = ["filter", "add"].iter().chain(args).map(OsString::from);
        Tool::new::<OsString>(program.to_owned(), args)
    };
    let mut tools: Vec<Tool> =
        ports.iter().map(|port| add(&[&format!("tetra{port}"), "-p", &port.to_string()])).collect();
    tools.push(add(&["tetraicmp", "-t", "ICMP"]));
    tools.push(add(&["tetraicmp6", "-t", "ICMPv6"]));
    tools
}

/// Starts a capture.
///
/// # Errors
///
/// Says why it does not start; nothing is left changed then, or the journal knows.
pub fn start(program: &Path, plan: &Start<'_>, folder: &Path, guard: &Guard) -> Result<Session, String> {
    let Start { wanted, journal, .. } = plan;
    // The rest of the time is for putting it back, or for another way.
    let (whole, guard) = (guard, &guard.half());
    if is_used(program, guard)? {
        return Err("it is in use by somebody else, whose session or filters are left alone".to_owned());
    }
    let etl = folder.join("capture.etl");
    let note = |change| journal.will(change).map_err(|fault| format!("the journal: {fault}"));
    let mut session = Session {
        program: program.to_owned(),
        etl: etl.clone(),
        changes: Vec::new(),
        journal: Journal::clone(journal),
        limit: wanted.limit,
        began: plan.now,
        remark: None,
    };
    if wanted.filter != Filter::All {
        session.changes.push(note(Change::PktmonFilters)?);
    }
    let mut tools = commands(program, wanted, &etl);
    let start = tools.pop();
    for tool in tools {
        if let Some(reason) = failed(&tool, guard) {
            session.remark = Some(format!("a filter was refused: {reason}"));
            if guard.over().is_some() {
                break;
            }
        }
    }
    let began = note(Change::PktmonSession { file: etl }).and_then(|id| {
        session.changes.push(id);
        start.and_then(|start| failed(&start, guard)).map_or(Ok(()), Err)
    });
    match began {
        Ok(()) => Ok(session),
        Err(why) => {
            // A start that was cut short may have begun all the same.
            let _ = session.put_back(whole);
            Err(why)
        }
    }
}

impl Session {
    /// Gives what there is to tell by whether the ring wrapped: its own file, and the packets that were made of it.
    pub fn evidence<'a>(&'a self, packets: Option<&'a Path>) -> Evidence<'a> {
        // It takes whole megabytes.
        let limit = (self.limit >> 20).max(1) << 20;
        Evidence { file: &self.etl, limit, start: self.began, packets }
    }

    /// Ends the capture, converts it, and puts the monitor back. Returns the capture, whether the ring wrapped, and
    /// remarks; or what went wrong.
    pub fn stop(self, guard: &Guard) -> Result<(PathBuf, Told, Vec<String>), String> {
        let back = self.put_back(guard);
        let pcapng = self.etl.with_extension("pcapng");
        let args = ["etl2pcap".into(), self.etl.clone().into(), "--out".into(), pcapng.clone().into()];
        let converted = failed(&Tool::new::<OsString>(self.program.clone(), args), guard);
        back?;
        if let Some(why) = converted {
            return Err(format!("what it captured is not converted, and left as capture.etl: {why}"));
        }
        if pcapng.metadata().map_or(0, |facts| facts.len()) == 0 {
            return Err("it converted what it captured to nothing; capture.etl is left".to_owned());
        }
        let told = self.evidence(Some(&pcapng)).told();
        let _ = fs::remove_file(&self.etl);
        Ok((pcapng, told, self.remark.into_iter().collect()))
    }

    fn put_back(&self, guard: &Guard) -> Result<(), String> {
        let stop = failed(&Tool::new(self.program.clone(), ["stop"]), guard);
        let filters = (self.changes.len() > 1)
            .then(|| failed(&Tool::new(self.program.clone(), ["filter", "remove"]), guard))
            .flatten();
        if let Some(why) = stop.or(filters) {
            return Err(format!("the monitor is not put back; run tetra-collect restore: {why}"));
        }
        for id in &self.changes {
            self.journal.restored(*id).map_err(|fault| format!("the journal: {fault}"))?;
        }
        Ok(())
    }
}

/// Removes the filters that an earlier run has left.
pub fn remove_filters(system: &System, guard: &Guard) -> Outcome {
    let Some(program) = system.tool("pktmon") else { return gone() };
    match failed(&Tool::new(program, ["filter", "remove"]), guard) {
        None => Outcome::noted("the filters of pktmon are removed"),
        Some(why) => Outcome::failed(format!("the filters of pktmon are not removed: {why}")),
    }
}

/// Ends the session that an earlier run has left, if it is still that one.
pub fn end_left(system: &System, file: &Path, guard: &Guard) -> Outcome {
    let Some(program) = system.tool("pktmon") else { return gone() };
    let status = match said(&Tool::new(program.clone(), ["status"]), guard) {
        Ok(status) => status,
        Err(why) => return Outcome::failed(format!("pktmon does not tell its state: {why}")),
    };
    let name = file.to_string_lossy().to_lowercase();
    if !status.to_lowercase().contains(&name) {
        return Outcome::noted("pktmon does not capture for tetra-collect any more");
    }
    match failed(&Tool::new(program, ["stop"]), guard) {
        None => Outcome::noted("the capture of pktmon is ended"),
        Some(why) => Outcome::failed(format!("the capture of pktmon is not ended: {why}")),
    }
}

fn gone() -> Outcome {
    Outcome::failed("pktmon is not there any more")
}

/// Returns whether a session is active, or filters are set. A filter has a number; a session has a file, or counters.
fn is_used(program: &Path, guard: &Guard) -> Result<bool, String> {
    let status = said(&Tool::new(program.to_owned(), ["status"]), guard)?;
    let lines = status.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > 2 || status.to_lowercase().contains(".etl") {
        return Ok(true);
    }
    let list = said(&Tool::new(program.to_owned(), ["filter", "list"]), guard)?;
    Ok(list.lines().any(|line| line.trim_start().starts_with(|letter: char| letter.is_ascii_digit())))
}

fn said(tool: &Tool, guard: &Guard) -> Result<String, String> {
    let ran = tool.run(guard).map_err(|fault| fault.to_string())?;
    if ran.end.is_some() {
        return Err("it did not answer in time".to_owned());
    }
    ran.problem().map_or_else(|| Ok(String::from_utf8_lossy(&ran.out).into_owned()), Err)
}

pub(super) fn failed(tool: &Tool, guard: &Guard) -> Option<String> {
    let outcome = ran(tool, guard);
    (outcome != Outcome::done()).then(|| outcome.reason.unwrap_or_else(|| "no reason is known".to_owned()))
}
