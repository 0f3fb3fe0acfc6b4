//! What a process may cost: set by the child for itself before it reads anything.

use std::io;

/// Bounds this process for good: address space and processor time, no core files; and lets it end with its parent.
///
/// Where the system knows no such limits, the supervisor's own clock and its reading of the output still hold.
#[cfg(unix)]
pub(super) fn bind(memory: Option<u64>, seconds: Option<u64>) -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    if let Some(bytes) = memory {
        setrlimit(Resource::RLIMIT_AS, bytes, bytes)?;
    }
    if let Some(seconds) = seconds {
        setrlimit(Resource::RLIMIT_CPU, seconds, seconds.saturating_add(5))?;
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    }
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(())
}

/// Does nothing: this system knows no such limits.
#[cfg(not(unix))]
pub(super) fn bind(_memory: Option<u64>, _seconds: Option<u64>) -> io::Result<()> {
    Ok(())
}

/// Kills a child with all that it started.
#[cfg(unix)]
pub(super) fn kill(child: &mut std::process::Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    let group = i32::try_from(child.id()).ok().filter(|group| *group > 1);
    // Where the group is gone, so is the child; where it cannot be killed, the child alone can.
    if group.is_none_or(|group| killpg(Pid::from_raw(group), Signal::SIGKILL).is_err()) {
        drop(child.kill());
    }
}

/// Kills a child.
#[cfg(not(unix))]
pub(super) fn kill(child: &mut std::process::Child) {
    drop(child.kill());
}

/// Makes a command the leader of a process group of its own, so that it can be killed with all that it started.
#[cfg(unix)]
pub(super) fn lead(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// Leaves a command as it is: there are no process groups.
#[cfg(not(unix))]
pub(super) fn lead(_command: &mut std::process::Command) {}

/// What all children so far have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Seconds of processor time.
    pub seconds: f64,
    /// Most bytes of memory that one of them held.
    pub peak: u64,
}

/// Gives what all children that have ended have cost.
#[cfg(unix)]
pub(super) fn cost() -> Option<Cost> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let micros = usage.user_time().num_microseconds().saturating_add(usage.system_time().num_microseconds());
    // Linux counts in KiB, others in bytes.
    let unit = if cfg!(target_os = "linux") { 1_024 } else { 1 };
    let peak = u64::try_from(usage.max_rss()).unwrap_or_default().saturating_mul(unit);
    Some(Cost { seconds: micros as f64 / 1e6, peak })
}

/// Gives nothing: this system does not tell.
#[cfg(not(unix))]
pub(super) fn cost() -> Option<Cost> {
    None
}
