//! A program that captures and writes what it captures to its output: kept, looked at, and ended with this program.
//!
//! The packets pass through here, so that nothing goes on capturing when the collector is killed: the program's output is
//! closed then, and it ends.

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use process_wrap::std::ChildWrapper;

use super::blocks::{Block, Splitter};
use super::look::Look;
use super::ring::{Count, Ring};
use super::wrap::Wrap;
use crate::step::{Guard, TICK};
use crate::tool::{Listener, Tool};
use crate::watch::Sign;

/// How long a program that is to end may take to write its last packets.
const LAST_PACKETS: Duration = Duration::from_secs(4);
/// How often a sign of the same kind is passed on.
const RHYTHM: Duration = Duration::from_millis(500);

/// A capture at work.
pub struct Stream {
    child: Box<dyn ChildWrapper>,
    told: Arc<Mutex<Told>>,
    err: Listener,
    thread: Option<JoinHandle<Ring>>,
}

/// What is known of the stream so far.
#[derive(Debug, Clone, Default)]
struct Told {
    /// The capture has begun: its header has come.
    begun: bool,
    /// The oldest packets are given up.
    full: bool,
    /// Why no more is kept.
    fault: Option<String>,
}

/// What became of a capture.
#[derive(Debug)]
pub struct Streamed {
    /// What came, and what was given up.
    pub count: Count,
    /// Where it is, if anything came.
    pub path: Option<PathBuf>,
    /// Why not everything that came is kept.
    pub fault: Option<String>,
    /// What the program said while it worked and at its end.
    pub said: String,
    /// How the program ended by itself, before it was told to.
    pub died: Option<ExitStatus>,
}

impl Streamed {
    /// Returns whether the oldest packets are given up.
    pub fn wrap(&self) -> Wrap {
        match &self.path {
            _ if self.count.lost > 0 => Wrap::Yes,
            Some(_) => Wrap::No,
            None => Wrap::Unknown,
        }
    }
}

impl Stream {
    /// Starts a program, and waits until its first bytes show that it captures.
    ///
    /// # Errors
    ///
    /// Says why nothing is captured.
    pub fn start(
        tool: &Tool,
        ring: Ring,
        look: Look,
        signs: Sender<Sign>,
        guard: &Guard,
    ) -> Result<Self, String> {
        let mut child = tool.start().map_err(|fault| fault.to_string())?;
        let out = child.stdout().take();
        let err = Listener::new(child.stderr().take(), 16 << 10);
        let told = Arc::new(Mutex::new(Told::default()));
        let inner = Arc::clone(&told);
        let listen = move || keep(out, ring, look, &signs, &inner);
        let thread = thread::Builder::new().name("capture".to_owned()).spawn(listen);
        let thread = thread.map_err(|fault| fault.to_string())?;
        let mut stream = Self { child, told, err, thread: Some(thread) };
        loop {
            let told = stream.told();
            let died = stream.child.try_wait().ok().flatten();
            if told.begun && died.is_none() {
                return Ok(stream);
            }
            let over = guard.sleep(TICK);
            if told.fault.is_none() && died.is_none() && over.is_none() {
                continue;
            }
            let why = told.fault.or_else(|| died.map(|status| status.to_string()));
            let streamed = stream.stop();
            let why = why.unwrap_or_else(|| "it did not begin in time".to_owned());
            if let Some(path) = streamed.path {
                // The next program writes there.
                let _ = std::fs::remove_file(path);
            }
            return Err(if streamed.said.is_empty() { why } else { format!("{why}: {}", streamed.said) });
        }
    }

    fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether the oldest packets are given up already.
    pub fn is_full(&self) -> bool {
        self.told().full
    }

    /// Ends the program, and puts together what is kept.
    pub fn stop(mut self) -> Streamed {
        let died = self.child.try_wait().ok().flatten();
        #[cfg(unix)]
        {
            // An interrupt lets it write what it still holds.
            let _ = self.child.signal(2);
            let begun = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < LAST_PACKETS {
                thread::sleep(TICK);
            }
        }
        let _ = self.child.start_kill();
        // A job whose end was seen already may never be told of again: it is not waited for without end.
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < LAST_PACKETS {
            thread::sleep(TICK);
        }
        let begun = Instant::now();
        // A child that it left behind may hold the pipe open.
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
            && begun.elapsed() < LAST_PACKETS
        {
            thread::sleep(TICK);
        }
        let done = self.thread.take().filter(JoinHandle::is_finished).and_then(|thread| thread.join().ok());
        let mut fault = self.told().fault;
        let (count, path) = match done.map(Ring::finish) {
            Some(Ok(finished)) => finished,
            Some(Err(cause)) => {
                fault.get_or_insert_with(|| format!("it cannot be put together: {cause}"));
                (Count::default(), None)
            }
            None => {
                fault.get_or_insert_with(|| "its output was held open, and left behind".to_owned());
                (Count::default(), None)
            }
        };
        let (said, _) = self.err.finish();
        Streamed { count, path, fault, said: last_line(&said), died }
    }
}

/// Reads the output to its end: whatever is wrong with it, the program must not be held up.
fn keep(
    out: Option<impl Read>,
    mut ring: Ring,
    mut look: Look,
    signs: &Sender<Sign>,
    told: &Mutex<Told>,
) -> Ring {
    let Some(mut out) = out else { return ring };
    let mut splitter = Splitter::default();
    let mut buffer = vec![0; 256 << 10];
    let mut passed: Option<(Instant, Sign)> = None;
    let mut broken = false;
    loop {
        let count = match out.read(&mut buffer) {
            Ok(count) => count,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
        if broken {
            continue;
        }
        let mut fault = None;
        let mut begun = false;
        let fed = splitter.feed(piece, &mut |block| {
            begun = true;
            if fault.is_none() {
                fault = ring.put(block).err();
            }
            let Block::Packet { link, data, wire_len, .. } = block else { return };
            let Some(sign) = look.at(link, data, wire_len) else { return };
            let old = passed.as_ref();
            if old.is_none_or(|(at, last)| last.phase != sign.phase || at.elapsed() >= RHYTHM) {
                passed = Some((Instant::now(), sign.clone()));
                // Where nobody watches any more, the capture goes on.
                let _ = signs.send(sign);
            }
        });
        let fault =
            fault.or_else(|| ring.flush().err()).map(|cause| format!("it cannot be written: {cause}"));
        let fault = fault.or_else(|| fed.err().map(|garbage| garbage.to_string()));
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.begun |= begun;
        told.full = ring.count().lost > 0;
        if fault.is_some() {
            broken = true;
            told.fault = fault;
        }
    }
    ring
}

/// Returns the last line of what a program said.
fn last_line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|letter| !letter.is_control()).take(200).collect()
}
