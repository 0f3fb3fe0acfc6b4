//! Runs a program of the endpoint: an absolute path and a list of arguments, its output bounded, and no process of it left.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};
use tetra_bundle::Span;

use crate::step::{End, Guard, TICK};

/// How much a program may say on stderr before the older part is forgotten.
const COMPLAINTS: usize = 16 << 10;
/// How long the last words of a program that has ended are waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A program to run.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Where it is. Never a bare name: nothing is looked up in the search path.
    pub program: PathBuf,
    /// Its arguments, each as it is.
    pub args: Vec<OsString>,
    /// The most bytes of its output that are kept: the newest.
    pub keep: usize,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// How it ended by itself, if it did.
    pub status: Option<ExitStatus>,
    /// Why it was ended, if it was.
    pub end: Option<End>,
    /// What it said, the newest part.
    pub out: Vec<u8>,
    /// The stretches of what it said that are not kept.
    pub lost: Vec<Span>,
    /// What it complained of, the newest part.
    pub err: Vec<u8>,
}

impl Tool {
    /// Makes a program to run whose output is kept up to 1 MiB.
    pub fn new<A: Into<OsString>>(program: PathBuf, args: impl IntoIterator<Item = A>) -> Self {
        Self { program, args: args.into_iter().map(Into::into).collect(), keep: 1 << 20 }
    }

    /// Shows the program and its arguments as they are run.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut line = quoted(&self.program.to_string_lossy());
        for arg in &self.args {
            line.push(' ');
            line.push_str(&quoted(&arg.to_string_lossy()));
        }
        line
    }

    /// Runs the program until it ends, or must. Whatever it started is ended with it.
    ///
    /// # Errors
    ///
    /// Fails where the program cannot be started.
    pub fn run(&self, guard: &Guard) -> io::Result<Ran> {
        if !self.program.is_absolute() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its path is not absolute"));
        }
        let mut child = self.start()?;
        let out = Listener::new(child.stdout().take(), self.keep);
        let err = Listener::new(child.stderr().take(), COMPLAINTS);
        let (status, end) = loop {
            if let Some(status) = child.try_wait()? {
                break (Some(status), None);
            }
            if let Some(end) = guard.sleep(TICK) {
                break (None, Some(end));
            }
        };
        // Also where it ended by itself: it may have left children behind. An empty group cannot be ended: no matter.
        let _ = child.start_kill();
        if status.is_none() {
            let _ = child.wait();
        }
        let (out, lost) = out.finish();
        let (err, _) = err.finish();
        Ok(Ran { status, end, out, lost, err })
    }

    /// Starts the program as the head of a group of its own: a job on Windows, a process group elsewhere.
    ///
    /// # Errors
    ///
    /// Fails where the program cannot be started.
    pub fn start(&self) -> io::Result<Box<dyn ChildWrapper>> {
        let mut command = CommandWrap::with_new(&self.program, |command| {
            command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            if let Some(folder) = self.program.parent() {
                command.current_dir(folder);
            }
        });
        #[cfg(windows)]
        command.wrap(process_wrap::std::JobObject);
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        command.spawn()
    }
}

impl Ran {
    /// Says why the program did not do what it was to do, if it did not; with the head of its complaint.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let status = self.status?;
        if status.success() {
            return None;
        }
        let said = if self.err.is_empty() { &self.out } else { &self.err };
        let said = String::from_utf8_lossy(said);
        let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let line: String = line.chars().filter(|letter| !letter.is_control()).take(200).collect();
        let code = status.code().map_or_else(|| status.to_string(), |code| format!("exit status {code}"));
        Some(if line.is_empty() { code } else { format!("{code}: {line}") })
    }
}

/// Quotes an argument for people, where it needs that.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([' ', '"', '\t']) { format!("\"{text}\"") } else { text.to_owned() }
}

/// Reads one output of a program on a thread, and keeps the newest part.
pub struct Listener {
    heard: Arc<Mutex<Heard>>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    kept: VecDeque<u8>,
    all: u64,
}

impl Listener {
    /// Listens to a pipe, and keeps so many bytes.
    pub fn new(pipe: Option<impl Read + Send + 'static>, keep: usize) -> Self {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let sink = Arc::clone(&heard);
        let thread = pipe.and_then(|mut pipe| {
            let listen = move || {
                let mut buffer = [0; 16 << 10];
                while let Ok(count) = pipe.read(&mut buffer) {
                    let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
                    let mut heard = sink.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.all = heard.all.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                    heard.kept.extend(piece);
                    let over = heard.kept.len().saturating_sub(keep);
                    heard.kept.drain(..over);
                }
            };
            thread::Builder::new().name("listener".to_owned()).spawn(listen).ok()
        });
        Self { heard, thread }
    }

    /// Returns what was heard. A pipe that somebody keeps open is not waited for.
    pub fn finish(self) -> (Vec<u8>, Vec<Span>) {
        let begun = Instant::now();
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && begun.elapsed() < LAST_WORDS
        {
            thread::sleep(Duration::from_millis(2));
        }
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: Vec<u8> = heard.kept.iter().copied().collect();
        let lost = heard.all.saturating_sub(u64::try_from(kept.len()).unwrap_or(u64::MAX));
        (kept, if lost > 0 { vec![Span { from: 0, to: lost }] } else { Vec::new() })
    }
}
