//! What a command costs: CPU of its whole process tree, and the most memory that it held.
//!
//! A program is told the sum over all its children; so each command gets a parent of its own, which is this very program.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What one run cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// User and system time in seconds.
    pub(crate) cpu: f64,
    /// The most memory held at any time, in MB.
    pub(crate) peak: f64,
    /// Exit status; -1 where a signal ended it.
    pub(crate) status: i32,
    /// The size of what it made, in MB, where that is known.
    pub(crate) made: f64,
}

/// Runs a command below a parent of its own, and gives what it cost.
pub(crate) fn run(command: &[OsString], scratch: &Path) -> io::Result<Cost> {
    let told = scratch.join("cost");
    let own = std::env::current_exe()?;
    let status = Command::new(own).arg("measured").arg(&told).arg("--").args(command).status()?;
    if !status.success() {
        return Err(io::Error::other("the run could not be measured"));
    }
    let text = std::fs::read_to_string(&told)?;
    let mut words = text.split_whitespace();
    let mut next = || words.next().and_then(|word| word.parse::<f64>().ok());
    match (next(), next(), next()) {
        (Some(cpu), Some(peak), Some(status)) => Ok(Cost { cpu, peak, status: status as i32, made: 0.0 }),
        _ => Err(io::Error::other("the measurement says nothing")),
    }
}

/// Is the parent: runs the command, and writes what it cost into a file.
pub(crate) fn parent(told: &Path, command: &[OsString]) -> io::Result<()> {
    let (program, args) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?
        .code()
        .unwrap_or(-1);
    let (cpu, peak) = of_children()?;
    std::fs::write(told, format!("{cpu} {peak} {status}\n"))
}

/// Gives the CPU seconds and the peak in MB of all children that have ended.
#[cfg(unix)]
fn of_children() -> io::Result<(f64, f64)> {
    use nix::sys::resource::{UsageWho, getrusage};

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // Linux counts KiB.
    let peak = usage.max_rss() as f64 * 1_024.0 / 1e6;
    Ok((seconds(usage.user_time()) + seconds(usage.system_time()), peak))
}

#[cfg(not(unix))]
fn of_children() -> io::Result<(f64, f64)> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "what children cost is measured on Unix only"))
}

/// Gives the middle one of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
