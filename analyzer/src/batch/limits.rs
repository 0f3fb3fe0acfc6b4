//! What a process may cost: set by the child for itself before it reads anything; and how the supervisor starts it.

use std::io;
use std::process::Command;

use process_wrap::std::{ChildWrapper, CommandWrap};

/// Bounds this process for good: address space and processor time, no core files; and lets it end with its parent.
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

/// Bounds what this process may take from the heap: this system bounds no address space. What is over time, the supervisor kills.
#[cfg(windows)]
pub(super) fn bind(memory: Option<u64>, _seconds: Option<u64>) -> io::Result<()> {
    let Some(bytes) = memory else { return Ok(()) };
    HEAP.set_limit(usize::try_from(bytes).unwrap_or(usize::MAX))
        .map_err(|_| io::Error::other("more memory is taken already"))
}

/// The heap, which refuses what is beyond its limit; there is none until [`bind`] sets it.
#[cfg(windows)]
#[global_allocator]
static HEAP: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, usize::MAX);

/// Starts a child as the head of a process group, on Windows of a job, so that it is killed with all that it started.
pub(super) fn start(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::std::JobObject);
    command.spawn()
}

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
