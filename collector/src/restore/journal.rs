//! The journal of what is changed on the endpoint for the time of a run: written before the change, so that whatever ends
//! the run, the next one knows what to put back.
//!
//! It names no program: whoever could write it must not choose what is run.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const NAME: &str = "restore.jsonl";
/// The longest journal that is believed.
const LONGEST: u64 = 1 << 20;

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The connector logs more than usual.
    DebugLog,
    /// The log of CryptoAPI is switched on.
    Capi2,
    /// `pktmon` has filters.
    PktmonFilters,
    /// `pktmon` captures into this file.
    PktmonSession {
        /// The file.
        file: PathBuf,
    },
    /// `netsh trace` captures.
    NetshSession,
}

impl Change {
    /// Returns whether it was made for a capture.
    #[must_use]
    pub fn is_capture(&self) -> bool {
        matches!(self, Self::PktmonFilters | Self::PktmonSession { .. } | Self::NetshSession)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Changed { id: u64, change: Change },
    Restored { id: u64 },
}

/// The journal of a machine.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// Finds the journal in the folder where runs find each other.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(NAME) }
    }

    /// Notes a change that will be made; it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written: the change must not be made then.
    pub fn will(&self, change: Change) -> io::Result<u64> {
        let id = self.lines()?.iter().map(id).max().unwrap_or(0).saturating_add(1);
        self.write(&Line::Changed { id, change })?;
        Ok(id)
    }

    /// Notes that a change is undone; a journal without any is removed.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written: the change is undone once more, then.
    pub fn restored(&self, id: u64) -> io::Result<()> {
        self.write(&Line::Restored { id })?;
        if self.pending()?.is_empty() { fs::remove_file(&self.path) } else { Ok(()) }
    }

    /// Lists what is not undone yet, the last change first.
    ///
    /// # Errors
    ///
    /// Fails where the journal is there and cannot be read.
    pub fn pending(&self) -> io::Result<Vec<(u64, Change)>> {
        let mut open: Vec<(u64, Change)> = Vec::new();
        for line in self.lines()? {
            match line {
                Line::Changed { id, change } => open.push((id, change)),
                Line::Restored { id } => open.retain(|(known, _)| *known != id),
            }
        }
        open.reverse();
        Ok(open)
    }

    fn lines(&self) -> io::Result<Vec<Line>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(fault) => return Err(fault),
        };
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes)?;
        // A torn line was never acted upon.
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        let mut text = b"\n".to_vec();
        text.extend(serde_json::to_vec(line)?);
        text.push(b'\n');
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        file.write_all(&text)?;
        file.sync_all()?;
        // The name of a new file is on the disk only with its folder; Windows has no such call.
        if let Some(folder) = self.path.parent().filter(|_| cfg!(unix)) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

fn id(line: &Line) -> u64 {
    match line {
        Line::Changed { id, .. } | Line::Restored { id } => *id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_not_undone() {
        let place = tempfile::tempdir().unwrap();
        let journal = Journal::new(place.path());
        assert_eq!(journal.pending().unwrap(), []);
        let debug = journal.will(Change::DebugLog).unwrap();
        let capi2 = journal.will(Change::Capi2).unwrap();
        assert_eq!(journal.pending().unwrap(), [(capi2, Change::Capi2), (debug, Change::DebugLog)]);
        journal.restored(debug).unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(place.path().join(NAME))
            .unwrap()
            .write_all(b"{\"changed\":{\"id\":9,")
            .unwrap();
        let again = Journal::new(place.path());
        assert_eq!(again.pending().unwrap(), [(capi2, Change::Capi2)]);
        again.restored(capi2).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
