//! Runs the program on what is hostile, within limits, and measures what that took.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{PATIENCE, assert_anomaly};
use crate::archive::Place;
use crate::program::Done;

/// The most memory that a run may hold at any time, in KiB, whatever the input.
pub const HELD: u64 = 96 << 10;
/// Address space that a run gets, in KiB: threads and allocators reserve more than they use.
const SPACE: &str = "1500000";

/// What a run did, and the most memory that it held, in KiB (where the system tells).
pub struct Ran {
    pub done: Done,
    pub report: Value,
    pub held: Option<u64>,
}

/// Analyses a path within limits of memory and time. A run without an end is ended, and fails the test.
pub fn analyse(path: &Path) -> Ran {
    run(&["--format".as_ref(), "json".as_ref(), path.as_os_str()])
}

/// Runs the analyzer within limits of memory and time.
pub fn run(args: &[&std::ffi::OsStr]) -> Ran {
    let program = env!("CARGO_BIN_EXE_analyze-under-test");
    let mut command = if cfg!(target_os = "linux") {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {SPACE}; exec \"$0\" \"$@\""), program]);
        command
    } else {
        Command::new(program)
    };
    let place = Place::new();
    let [out, err] = ["out", "err"].map(|name| place.path().join(name));
    command.args(args).stdin(std::process::Stdio::null());
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut held = None;
    let status = loop {
        held = peak(&child).max(held);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} does not end: {}", read(&err));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let took = begun.elapsed();
    let done = Done { status: status.code().unwrap_or(-1), out: read(&out), err: read(&err), took };
    let report = serde_json::from_str(&done.out).unwrap_or_default();
    Ran { done, report, held }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// The most memory that a process has held so far, in KiB, without the pages of the program itself: an unoptimized one has
/// tens of MB more of those than a released one.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    // Until it has its own program, it still shows the memory of who started it. The system cuts names.
    status.lines().next().filter(|line| *line == "Name:\tanalyze-under-t")?;
    let of = |name: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(of("VmHWM:")?.saturating_sub(of("RssFile:")?))
}

impl Ran {
    /// Asserts that it held no more memory than this, in KiB.
    pub fn held_at_most(&self, limit: u64) -> &Self {
        assert!(self.held.is_none_or(|held| held <= limit), "{:?} KiB, expected at most {limit}", self.held);
        self
    }

    /// Asserts that the good bundle's answer still stands, that an anomaly tells of this, and that it cost little.
    pub fn still_answers(&self, path: &str, words: &str) -> &Self {
        let cause = &self.report["diagnosis"]["primary"]["cause"];
        assert_eq!(cause, "dns-nxdomain", "{path}: {} {:.2000}", self.done.err, self.report);
        assert_eq!(self.done.status, 1, "{path}");
        assert_anomaly(&self.report, path, words);
        self.held_at_most(HELD)
    }

    /// Asserts that it ended with one of these statuses, for a reason that says these words.
    pub fn ends(&self, statuses: &[i32], words: &str) -> &Self {
        let said = format!("{}{}", self.done.err, self.report["anomalies"]);
        assert!(statuses.contains(&self.done.status), "{}: {said}", self.done.status);
        assert!(said.contains(words), "no `{words}` in {said:.2000}");
        assert!(!said.contains("panicked"), "{said:.2000}");
        self.held_at_most(HELD)
    }
}
