//! Runs the real programs and gives what they said.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a program did.
#[derive(Debug)]
pub struct Done {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs `tetra-analyze`.
pub fn analyze(args: &[&dyn AsRef<OsStr>]) -> Done {
    run(env!("CARGO_BIN_EXE_analyze-under-test"), args)
}

/// Runs `tetra-analyze --format json` on a path; gives the report too, which is null where there is none.
pub fn report(path: &Path) -> (Done, serde_json::Value) {
    let done = analyze(&[&"--format", &"json", &path]);
    let value = serde_json::from_str(&done.out).unwrap_or_default();
    (done, value)
}

/// Runs `tetra-collect`.
pub fn collect(args: &[&dyn AsRef<OsStr>]) -> Done {
    run(env!("CARGO_BIN_EXE_collect-under-test"), args)
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of a folder, sorted.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn run(program: &str, args: &[&dyn AsRef<OsStr>]) -> Done {
    let begun = Instant::now();
    let output = Command::new(program).args(args.iter().map(|arg| arg.as_ref())).output().unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        took: begun.elapsed(),
    }
}
