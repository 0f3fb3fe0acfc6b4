//! The folder in which a run gathers what it finds. Whatever ends the run, `resume` can seal it.
//!
//! ```text
//! tetra-20261123T091200Z.collecting/
//!   lock          held as long as the run lives
//!   state.jsonl   one line per event: who runs, steps begun and ended, files
//!   files/        laid out as the bundle will be
//! ```

mod lock;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tetra_bundle::{FileRecord, Host, Manifest, StepRecord, StepStatus, Times, Tool};

pub use lock::lock;

use crate::log::{self, Log};
use crate::redact::Level;
use crate::system;

/// The ending of a staging folder's name.
pub const ENDING: &str = "collecting";
const FILES: &str = "files";
const STATE: &str = "state.jsonl";
const LOCK: &str = "lock";
/// The longest state that is read: a run writes some hundred lines.
const STATE_LIMIT: u64 = 64 << 20;

/// What a run was asked for, as far as sealing needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// The bundle to write.
    pub output: PathBuf,
    /// What is left out of it.
    pub redact: Level,
    /// Who alone may open it.
    pub encrypt_to: Vec<String>,
}

/// One line of the state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Order(Order),
    Times(Times),
    Host(Box<Host>),
    Begun(String),
    Step(StepRecord),
    File(Box<FileRecord>),
}

/// A staging folder that is held by this run.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    state: Mutex<File>,
    log: Log,
    _lock: File,
}

/// What a staging folder tells of the run that filled it.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What the run was asked for.
    pub order: Order,
    /// The manifest as far as the run came.
    pub manifest: Manifest,
}

impl Staging {
    /// Makes a staging folder that only this user and the administrators may open.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be made.
    pub fn create(folder: PathBuf, order: &Order, clock: fn() -> DateTime<Utc>) -> io::Result<Self> {
        system::private_folder(&folder)?;
        fs::create_dir(folder.join(FILES))?;
        let lock = lock(&folder.join(LOCK))?;
        // The order is there before the state has its name: a folder with a state can always be sealed as was asked.
        let first = folder.join("first");
        fs::write(&first, line(&Line::Order(order.clone()))?)?;
        fs::rename(first, folder.join(STATE))?;
        let state = File::options().append(true).open(folder.join(STATE))?;
        let log = open_log(&folder, clock)?;
        Ok(Self { folder, state: Mutex::new(state), log, _lock: lock })
    }

    /// Opens the staging folder of a run that has ended.
    ///
    /// # Errors
    ///
    /// Fails where it is none, or the run still lives.
    pub fn open(folder: PathBuf, clock: fn() -> DateTime<Utc>) -> io::Result<Self> {
        let mut state = File::options().append(true).open(folder.join(STATE))?;
        let lock = lock(&folder.join(LOCK))?;
        // The last line may be torn: the next one begins anew.
        state.write_all(b"\n")?;
        let log = open_log(&folder, clock)?;
        Ok(Self { folder, state: Mutex::new(state), log, _lock: lock })
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder that is laid out as the bundle.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.folder.join(FILES)
    }

    /// Returns where the file that is called `path` in the bundle goes; its folder is made.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be made.
    pub fn place(&self, path: &str) -> io::Result<PathBuf> {
        let mut place = self.files();
        place.extend(path.split('/'));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(place)
    }

    /// Writes a small file at once.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written.
    pub fn put(&self, record: FileRecord, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.place(&record.path)?, bytes)?;
        self.file(record)
    }

    /// Returns the collector's own log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Notes when the run began, and by which clock.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be written; so do the other notes.
    pub fn times(&self, times: &Times) -> io::Result<()> {
        self.write(&Line::Times(times.clone()))
    }

    /// Notes what the endpoint is.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be written.
    pub fn host(&self, host: &Host) -> io::Result<()> {
        self.write(&Line::Host(Box::new(host.clone())))
    }

    /// Notes that a step begins.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be written.
    pub fn begun(&self, name: &str) -> io::Result<()> {
        self.write(&Line::Begun(name.to_owned()))
    }

    /// Notes what became of a step.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be written.
    pub fn step(&self, record: &StepRecord) -> io::Result<()> {
        self.write(&Line::Step(record.clone()))
    }

    /// Notes what is known of a file; of several notes the last one holds.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be written.
    pub fn file(&self, record: FileRecord) -> io::Result<()> {
        self.write(&Line::File(Box::new(record)))
    }

    fn write(&self, known: &Line) -> io::Result<()> {
        let text = line(known)?;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text)
    }

    /// Reads back what the run has noted; a step that did not end is told as such.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be read.
    pub fn gathered(&self) -> io::Result<Gathered> {
        let file = File::open(self.folder.join(STATE))?;
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, STATE_LIMIT), &mut bytes)?;
        let mut gathered = Gathered::default();
        let mut open: Vec<String> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            // A torn line is the last thing a killed run wrote.
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            match line {
                Line::Order(order) => gathered.order = order,
                Line::Times(times) => gathered.manifest.times = times,
                Line::Host(host) => gathered.manifest.host = *host,
                Line::Begun(name) => open.push(name),
                Line::Step(record) => {
                    open.retain(|name| *name != record.name);
                    gathered.manifest.steps.push(record);
                }
                Line::File(record) => {
                    gathered.manifest.files.retain(|known| known.path != record.path);
                    gathered.manifest.files.push(*record);
                }
            }
        }
        gathered.manifest.steps.extend(open.into_iter().map(|name| StepRecord {
            name,
            status: StepStatus::Failed,
            reason: Some(
                "the collector was ended in the middle of it; what it had written is kept".to_owned(),
            ),
            ms: None,
        }));
        gathered.manifest.tool =
            Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
        Ok(gathered)
    }
}

fn line(known: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(known)?;
    text.push(b'\n');
    Ok(text)
}

fn open_log(folder: &Path, clock: fn() -> DateTime<Utc>) -> io::Result<Log> {
    let mut path = folder.join(FILES);
    path.extend(log::PATH.split('/'));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Log::open(&path, clock)
}

/// Names the staging folder of a bundle.
#[must_use]
pub fn folder_for(output: &Path) -> PathBuf {
    output.with_extension(ENDING)
}

/// Finds the staging folders beside a bundle, the newest first.
#[must_use]
pub fn find(folder: &Path) -> Vec<PathBuf> {
    let Ok(items) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(Option<DateTime<Utc>>, PathBuf)> = items
        .flatten()
        .map(|item| item.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == ENDING) && path.join(STATE).is_file())
        .map(|path| {
            let changed = path.join(STATE).metadata().and_then(|facts| facts.modified()).ok();
            (changed.map(Into::into), path)
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests;
