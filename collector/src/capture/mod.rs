//! Captures packets with what the endpoint has, into a ring of bounded size.

mod blocks;
mod filter;
mod look;
pub mod netsh;
pub mod pktmon;
mod ring;
mod stream;
mod wrap;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tetra_bundle::FileRecord;

pub use filter::Filter;
pub use wrap::Wrap;

use crate::restore::Journal;
use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::system::System;
use crate::tool::Tool;
use crate::watch::Sign;
use look::Look;
use ring::Ring;
use stream::{Stream, Streamed};

/// The folder of a bundle that captures lie in.
const FOLDER: &str = "network";
/// The least free space that a capture is begun with.
const LEAST: u64 = 64 << 20;

/// What is to be captured.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which packets.
    pub filter: Filter,
    /// The most bytes: the newest are kept.
    pub limit: u64,
    /// The longest time.
    pub time: Duration,
    /// What the names of update servers hold.
    pub names: Vec<String>,
}

/// A way to capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Windows' own packet monitor.
    Pktmon(PathBuf),
    /// Wireshark's `dumpcap`.
    Dumpcap(PathBuf),
    /// `tcpdump`.
    Tcpdump(PathBuf),
    /// Windows' `netsh trace`.
    Netsh(PathBuf),
}

/// A capture at work.
pub struct Recording {
    by: &'static str,
    work: Work,
}

enum Work {
    Stream(Stream),
    Pktmon(pktmon::Session),
    Netsh(netsh::Session),
}

/// Lists the ways to capture that this machine offers, the best first.
#[must_use]
pub fn ways(system: &System) -> Vec<Way> {
    let build = system.host(Path::new(".")).os_build.unwrap_or_default();
    let number = build.split('.').next().and_then(|text| text.parse::<u32>().ok());
    let converts = !system.is_windows() || number.is_some_and(|number| number >= pktmon::BUILD);
    [
        system.tool("pktmon").filter(|_| converts).map(Way::Pktmon),
        system.tool("dumpcap").map(Way::Dumpcap),
        system.tool("tcpdump").map(Way::Tcpdump),
        system.tool("netsh").map(Way::Netsh),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Way {
    /// Returns the programs that are run, as a dry run shows them.
    #[must_use]
    pub fn shown(&self, wanted: &Wanted) -> Vec<String> {
        let etl = Path::new("capture.etl");
        match self {
            Self::Pktmon(program) => pktmon::commands(program, wanted, etl).iter().map(Tool::shown).collect(),
            Self::Netsh(program) => vec![netsh::command(program, wanted, etl).shown()],
            Self::Dumpcap(program) => vec![dumpcap(program, wanted).shown()],
            Self::Tcpdump(program) => vec![tcpdump(program, wanted).shown()],
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Pktmon(_) => "pktmon",
            Self::Dumpcap(_) => "dumpcap",
            Self::Tcpdump(_) => "tcpdump",
            Self::Netsh(_) => "netsh trace",
        }
    }

    fn start(&self, plan: &Start<'_>, folder: &Path, guard: &Guard) -> Result<Work, String> {
        let stream = |tool: &Tool| {
            let (ring, look) = (Ring::new(folder, plan.wanted.limit), Look::new(&plan.wanted.names));
            Stream::start(tool, ring, look, plan.signs.clone(), &guard.half()).map(Work::Stream)
        };
        match self {
            Self::Pktmon(program) => pktmon::start(program, plan, folder, guard).map(Work::Pktmon),
            Self::Netsh(program) => netsh::start(program, plan, folder, guard).map(Work::Netsh),
            Self::Dumpcap(program) => stream(&dumpcap(program, plan.wanted)),
            Self::Tcpdump(program) => stream(&tcpdump(program, plan.wanted)),
        }
    }
}

/// Everything that starting takes.
pub struct Start<'a> {
    /// What is to be captured.
    pub wanted: &'a Wanted,
    /// Where signs of an attempt go.
    pub signs: &'a Sender<Sign>,
    /// What must be put back.
    pub journal: &'a Journal,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// Makes the command of Wireshark's capture program.
fn dumpcap(program: &Path, wanted: &Wanted) -> Tool {
    let mut args: Vec<OsString> = ["-q", "-s", "0", "-w", "-"].map(Into::into).to_vec();
    // It ends by itself, too: nothing goes on for ever.
    args.push("-a".into());
    args.push(format!("duration:{}", wanted.time.as_secs().saturating_add(600)).into());
    if let Some(filter) = wanted.filter.expression() {
        args.extend(["-f".into(), filter.into()]);
    }
    if cfg!(unix) {
        args.extend(["-i", "any"].map(OsString::from));
    }
    Tool::new::<OsString>(program.to_owned(), args)
}

/// Makes the command of `tcpdump`.
fn tcpdump(program: &Path, wanted: &Wanted) -> Tool {
    let args = ["-i", "any", "-n", "-U", "-s", "0", "-w", "-"].into_iter().map(OsString::from);
    Tool::new::<OsString>(program.to_owned(), args.chain(wanted.filter.expression().map(Into::into)))
}

/// Starts to capture, by the first way that works.
///
/// # Errors
///
/// Says why none does.
pub fn start(
    ways: &[Way],
    plan: &Start<'_>,
    guard: &Guard,
    staging: &Staging,
) -> Result<(Recording, Option<String>), Outcome> {
    if ways.is_empty() {
        return Err(Outcome::skipped("this machine has no program that captures packets"));
    }
    let folder = match staging.place(&format!("{FOLDER}/capture")) {
        Ok(place) => place.parent().map_or_else(|| staging.files(), Path::to_owned),
        Err(fault) => return Err(Outcome::fault("the folder of the capture", &fault)),
    };
    let mut tried = Vec::new();
    for way in ways {
        match way.start(plan, &folder, guard) {
            Ok(work) => {
                let remark = (!tried.is_empty()).then(|| tried.join("; "));
                return Ok((Recording { by: way.name(), work }, remark));
            }
            Err(why) => tried.push(format!("{}: {why}", way.name())),
        }
        if let Some(end) = guard.over() {
            return Err(Outcome::ended(end, guard.time()));
        }
    }
    let why = tried.join("; ");
    let denied = ["permi", "denied", "not permitted"].iter().any(|word| why.to_lowercase().contains(word));
    Err(if denied { Outcome::denied(why) } else { Outcome::failed(why) })
}

impl Recording {
    /// Returns the name of the program that captures.
    #[must_use]
    pub fn by(&self) -> &'static str {
        self.by
    }

    /// Returns whether the oldest packets are given up already, as far as that is known.
    #[must_use]
    pub fn wrap(&self) -> Wrap {
        match &self.work {
            Work::Stream(stream) if stream.is_full() => Wrap::Yes,
            Work::Stream(_) => Wrap::No,
            Work::Pktmon(session) => session.evidence(None).told().wrap,
            Work::Netsh(session) => session.evidence().told().wrap,
        }
    }

    /// Ends the capture, and says whether its oldest packets are given up.
    pub fn stop(self, guard: &Guard, staging: &Staging) -> (Outcome, Wrap) {
        let by = self.by;
        let stopped = match self.work {
            Work::Stream(stream) => {
                let done = stream.stop();
                let wrap = done.wrap();
                return (streamed(by, done, staging), wrap);
            }
            Work::Pktmon(session) => session.stop(guard),
            Work::Netsh(session) => session.stop(guard),
        };
        match stopped {
            Ok((path, told, remarks)) => {
                note(&path, staging);
                let mut said = vec![format!("captured by {by}"), told.to_string()];
                said.extend(remarks);
                (Outcome::noted(said.join("; ")), told.wrap)
            }
            Err(why) => (Outcome::failed(format!("{by}: {why}")), Wrap::Unknown),
        }
    }
}

/// Says what came of a stream.
fn streamed(by: &str, done: Streamed, staging: &Staging) -> Outcome {
    if let Some(path) = &done.path {
        note(path, staging);
    }
    let count = done.count;
    let mut remarks = vec![format!("{by} captured {} packets", count.packets.saturating_sub(count.lost))];
    match done.wrap() {
        Wrap::Yes => {
            remarks.push(format!("the ring was full: the {} oldest packets are not kept", count.lost));
        }
        Wrap::No => remarks.push("the ring did not wrap".to_owned()),
        Wrap::Unknown => {}
    }
    if !done.said.is_empty() {
        remarks.push(format!("it said: {}", done.said));
    }
    let remarks = remarks.join("; ");
    if let Some(fault) = done.fault {
        Outcome::failed(format!("{fault}; {remarks}"))
    } else if let Some(status) = done.died {
        Outcome::failed(format!("it ended too soon, with {status}; {remarks}"))
    } else if done.path.is_none() {
        Outcome::failed("nothing was captured")
    } else {
        Outcome::noted(remarks)
    }
}

/// Has a capture known by its name in the bundle.
fn note(path: &Path, staging: &Staging) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let path = format!("{FOLDER}/{name}");
    let source = tetra_bundle::source_of(&path);
    // The state is a help; the file is there without it.
    let _ = staging.file(FileRecord { path, source, ..FileRecord::default() });
}

/// Returns the most bytes that a capture may take of a disk, or why it may take none.
///
/// # Errors
///
/// Says that there is too little space.
pub fn room(free: Option<u64>, wanted: u64) -> Result<u64, Outcome> {
    let Some(free) = free else { return Ok(wanted) };
    if free < LEAST {
        return Err(Outcome::skipped(format!("the disk has only {free} bytes free")));
    }
    // As much again is needed to put the files together, and to seal them.
    Ok(wanted.min(free / 3))
}
