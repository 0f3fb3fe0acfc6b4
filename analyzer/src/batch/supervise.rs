//! One child process per bundle: started, watched, read within limits, killed with all it started.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use process_wrap::std::ChildWrapper;

use super::limits;
use super::row::Status;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How much of what a child says about its end is kept.
const LAST_WORDS: u64 = 4 << 10;
/// How much a child may say on standard error, which goes to a file.
const WORDS: u64 = 1 << 20;

/// Watches the clock for several workers, and kills what is overdue.
#[derive(Debug, Default)]
pub(super) struct Warden {
    wards: Vec<Mutex<Option<Ward>>>,
    over: AtomicBool,
}

/// A child at work.
#[derive(Debug)]
struct Ward {
    child: Box<dyn ChildWrapper>,
    deadline: Instant,
    words: File,
    killed_for: Option<Status>,
}

impl Ward {
    /// Kills the child with all that it started. Where nothing is left of them, that is as well.
    fn kill(&mut self) {
        drop(self.child.start_kill());
    }

    /// Tells why it must be killed now, if it must.
    fn excess(&self) -> Option<Status> {
        if self.deadline <= Instant::now() {
            Some(Status::Timeout)
        } else {
            self.words.metadata().is_ok_and(|facts| facts.len() > WORDS).then_some(Status::Output)
        }
    }
}

/// How a child ended, with what it printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ended well.
    Printed(Vec<u8>),
    /// It did not.
    Broke(Status, String),
}

impl Warden {
    /// Makes a warden over so many workers.
    pub(super) fn over(workers: usize) -> Self {
        Self { wards: (0..workers).map(|_| Mutex::new(None)).collect(), over: AtomicBool::new(false) }
    }

    /// Kills what is overdue or says too much until it is told that all is over; to be run by a thread of its own.
    pub(super) fn watch(&self) {
        while !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
            for ward in &self.wards {
                if let Some(ward) = lock(ward).as_mut()
                    && let Some(excess) = ward.excess()
                {
                    ward.killed_for = Some(excess);
                    ward.kill();
                }
            }
        }
    }

    /// Ends the watch.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Runs a command as worker number `worker`; it may take so long, and print so many bytes.
    pub(super) fn run(
        &self,
        worker: usize,
        mut command: Command,
        time: Duration,
        cap: u64,
        words: &mut File,
    ) -> std::io::Result<Ending> {
        let Some(place) = self.wards.get(worker) else {
            return Err(std::io::Error::other("there is no such worker"));
        };
        words.set_len(0)?;
        words.seek(SeekFrom::Start(0))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(words.try_clone()?);
        let mut child = limits::start(command)?;
        let output = child.stdout().take();
        let deadline = Instant::now().checked_add(time).unwrap_or_else(Instant::now);
        *lock(place) = Some(Ward { child, deadline, words: words.try_clone()?, killed_for: None });
        let mut printed = Vec::new();
        let read =
            output.map_or(Ok(0), |output| output.take(cap.saturating_add(1)).read_to_end(&mut printed));
        let too_much = u64::try_from(printed.len()).unwrap_or(u64::MAX) > cap;
        if (too_much || read.is_err())
            && let Some(ward) = lock(place).as_mut()
        {
            ward.kill();
        }
        let (status, killed_for) = wait(place)?;
        Ok(if killed_for == Some(Status::Timeout) {
            Ending::Broke(Status::Timeout, format!("it took longer than {} s", time.as_secs()))
        } else if killed_for.is_some() {
            Ending::Broke(Status::Output, format!("it said more than {WORDS} bytes on standard error"))
        } else if too_much {
            Ending::Broke(Status::Output, format!("it printed more than {cap} bytes"))
        } else if status.success() {
            Ending::Printed(printed)
        } else {
            broke(status, &last_words(words))
        })
    }
}

/// Waits for a child that has closed its output; the warden still watches it.
fn wait(place: &Mutex<Option<Ward>>) -> std::io::Result<(ExitStatus, Option<Status>)> {
    let mut pause = Duration::from_micros(100);
    loop {
        {
            let mut ward = lock(place);
            let Some(watched) = ward.as_mut() else {
                return Err(std::io::Error::other("the child is gone"));
            };
            if let Some(status) = watched.child.try_wait()? {
                let killed_for = watched.killed_for;
                *ward = None;
                return Ok((status, killed_for));
            }
        }
        std::thread::sleep(pause);
        pause = pause.saturating_mul(2).min(TICK);
    }
}

/// Tells from how a child ended why it did.
fn broke(status: ExitStatus, words: &str) -> Ending {
    if words.contains("memory allocation of") {
        return Ending::Broke(Status::Memory, "it took more memory than it may".to_owned());
    }
    let signal = signal(status);
    if signal == Some(SIGXCPU) {
        return Ending::Broke(Status::Timeout, "it took more processor time than it may".to_owned());
    }
    let how = match (signal, status.code()) {
        (Some(signal), _) => format!("it was ended by signal {signal}"),
        (None, Some(code)) => format!("it ended with status {code}"),
        (None, None) => "it ended".to_owned(),
    };
    let said = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let message = if said.is_empty() { how } else { format!("{how}: {}", said.trim()) };
    Ending::Broke(Status::Crashed, message)
}

/// The signal by which a process that used up its processor time is ended.
const SIGXCPU: i32 = 24;

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// Reads the begin of what a child said on standard error.
fn last_words(words: &mut File) -> String {
    let mut said = Vec::new();
    let read = words.seek(SeekFrom::Start(0)).and_then(|_| words.take(LAST_WORDS).read_to_end(&mut said));
    // What cannot be read says nothing; the status still does.
    drop(read);
    String::from_utf8_lossy(&said).into_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn ends(script: &str, millis: u64, cap: u64) -> (Ending, Duration) {
        let warden = Warden::over(1);
        let begun = Instant::now();
        let ending = std::thread::scope(|scope| {
            scope.spawn(|| warden.watch());
            let mut words = tempfile::tempfile().unwrap();
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            let ending = warden.run(0, command, Duration::from_millis(millis), cap, &mut words);
            warden.end();
            ending.unwrap()
        });
        (ending, begun.elapsed())
    }

    fn broken(status: Status, message: &str) -> Ending {
        Ending::Broke(status, message.to_owned())
    }

    #[test]
    fn what_ends_well_gives_what_it_printed() {
        assert_eq!(ends("echo row; echo noise >&2", 9_000, 100).0, Ending::Printed(b"row\n".to_vec()));
    }

    #[test]
    fn what_hangs_is_killed_with_all_that_it_started() {
        for script in
            ["sleep 30", "sleep 30 & sleep 30; wait", "exec >&-; sleep 30", "trap '' TERM; sleep 30"]
        {
            let (ending, took) = ends(script, 300, 100);
            assert_eq!(ending, broken(Status::Timeout, "it took longer than 0 s"), "{script}");
            assert!(took < Duration::from_secs(5), "{script}: {took:?}");
        }
    }

    #[test]
    fn what_prints_without_end_is_killed() {
        let (ending, took) = ends("yes", 20_000, 100_000);
        assert_eq!(ending, broken(Status::Output, "it printed more than 100000 bytes"));
        assert!(took < Duration::from_secs(5), "{took:?}");
        let (ending, took) = ends("exec yes >&2", 20_000, 100_000);
        assert_eq!(ending, broken(Status::Output, "it said more than 1048576 bytes on standard error"));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn what_breaks_off_says_how() {
        for (script, status, message) in [
            ("kill -SEGV $$", Status::Crashed, "it was ended by signal 11"),
            (
                "echo; echo 'thread main panicked' >&2; exit 101",
                Status::Crashed,
                "it ended with status 101: thread main panicked",
            ),
            (
                "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$",
                Status::Memory,
                "it took more memory than it may",
            ),
            ("kill -XCPU $$", Status::Timeout, "it took more processor time than it may"),
        ] {
            assert_eq!(ends(script, 9_000, 100).0, broken(status, message), "{script}");
        }
    }

    #[test]
    fn a_child_dies_with_what_it_started_when_it_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("alive");
        let script = format!("(sleep 1; touch '{}') & sleep 30", mark.display());
        assert_eq!(ends(&script, 300, 100).0, broken(Status::Timeout, "it took longer than 0 s"));
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!mark.exists());
    }

    #[test]
    fn the_words_of_one_child_are_not_those_of_the_next() {
        let warden = Warden::over(1);
        let mut words = tempfile::tempfile().unwrap();
        let mut run = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            warden.run(0, command, Duration::from_secs(9), 100, &mut words).unwrap()
        };
        run("echo a long word before the end >&2; exit 1");
        assert_eq!(run("echo b >&2; exit 1"), broken(Status::Crashed, "it ended with status 1: b"));
    }
}
