//! The collector's own log, `collector/log.jsonl`: what happened when, by the wall clock and by one that nobody sets.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

/// Where it lies in a bundle.
pub const PATH: &str = "collector/log.jsonl";

/// The log of a run.
#[derive(Debug)]
pub struct Log {
    file: Mutex<File>,
    begun: Instant,
    clock: fn() -> DateTime<Utc>,
}

impl Log {
    /// Opens the log at a place, after what may stand there.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be opened.
    pub fn open(path: &Path, clock: fn() -> DateTime<Utc>) -> io::Result<Self> {
        let file = Mutex::new(File::options().create(true).append(true).open(path)?);
        Ok(Self { file, begun: Instant::now(), clock })
    }

    /// Notes an event with what is known of it.
    ///
    /// ```text
    /// {"ms":1203,"time":"2026-11-23T09:12:01.203Z","event":"step begun","step":"posture"}
    /// ```
    pub fn note(&self, event: &str, known: &[(&str, Value)]) {
        let mut line = Map::new();
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        line.insert("ms".to_owned(), ms.into());
        line.insert("time".to_owned(), (self.clock)().to_rfc3339_opts(SecondsFormat::Millis, true).into());
        line.insert("event".to_owned(), event.into());
        for (key, value) in known.iter().filter(|(_, value)| !value.is_null()) {
            line.insert((*key).to_owned(), value.clone());
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A log that cannot be written must not end the run.
        let _ = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
    }
}
