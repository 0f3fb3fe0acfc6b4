//! Looks where an update attempt leaves its marks: the connector's log and its state file.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::policy::{State, state};
use super::{Phase, Sign, Witness};
use crate::step::Interrupt;
use crate::system::{self, Install};

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(700);
/// The most that is read of a log in one look.
const MOST: u64 = 4 << 20;
/// The longest piece of a line that is looked at.
const LINE: usize = 4096;

/// Counts lines of the log: many more of them prove that debug logging is on.
pub type Lines = Arc<AtomicU64>;

/// Watches the log until `end` is asked.
pub fn log(install: &Install, lines: &Lines, signs: Sender<Sign>, end: &Interrupt) {
    let mut tail = Tail { install: install.clone(), places: BTreeMap::new(), rest: Vec::new() };
    let (lines, end) = (Arc::clone(lines), end.clone());
    tail.look(true, &mut |_| {});
    let watch = move || {
        while !end.asked() {
            thread::sleep(PAUSE);
            let mut listening = true;
            tail.look(false, &mut |line| {
                lines.fetch_add(1, Ordering::Relaxed);
                if let Some(phase) = says(line) {
                    let what = String::from_utf8_lossy(line.get(..160).unwrap_or(line)).into_owned();
                    listening &= signs.send(Sign { witness: Witness::Log, phase, what }).is_ok();
                }
            });
            if !listening {
                return;
            }
        }
    };
    // Without this thread the other witnesses remain.
    let _ = thread::Builder::new().name("log".to_owned()).spawn(watch);
}

/// Watches the state file until `end` is asked.
pub fn local_xml(file: PathBuf, signs: Sender<Sign>, end: &Interrupt) {
    let end = end.clone();
    let mut before = state(&file);
    let watch = move || {
        while !end.asked() {
            thread::sleep(PAUSE);
            let Some(now) = state(&file) else { continue };
            let changed = before.as_ref().map(|before| changes(before, &now)).unwrap_or_default();
            before = Some(now);
            if changed.is_empty() {
                continue;
            }
            let what = format!("{} changed", changed.join(", "));
            if signs.send(Sign { witness: Witness::State, phase: Phase::Ended, what }).is_err() {
                return;
            }
        }
    };
    let _ = thread::Builder::new().name("local.xml".to_owned()).spawn(watch);
}

/// Names the values that are not what they were.
fn changes(before: &State, now: &State) -> Vec<String> {
    now.iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Says what a line tells of an attempt. No public sample of such lines exists: the words are assumed, and loose.
fn says(line: &[u8]) -> Option<Phase> {
    let ends = ["fail", "error", "success", "complete", "finish", "up to date", "up-to-date", "no update"];
    is_about_updates(line).then(|| {
        if ends.iter().any(|word| has(line, word)) { Phase::Ended } else { Phase::Going { open: 0 } }
    })
}

/// Returns whether a line of the log is about definitions and their download.
pub fn is_about_updates(line: &[u8]) -> bool {
    has(line, "tetra") && ["updat", "defin", "download"].iter().any(|word| has(line, word))
}

fn has(line: &[u8], word: &str) -> bool {
    line.windows(word.len()).any(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes()))
}

/// The ends of all logs, each known by its identity: a rotation takes nothing away, and doubles nothing.
struct Tail {
    install: Install,
    places: BTreeMap<u64, u64>,
    rest: Vec<u8>,
}

impl Tail {
    /// Hands on the lines that are new; on the first look, what is there already is old.
    fn look(&mut self, first: bool, line: &mut dyn FnMut(&[u8])) {
        let Ok(items) = std::fs::read_dir(&self.install.logs) else { return };
        for item in items.flatten() {
            if item.file_name().to_str().is_some_and(|name| self.install.is_log(name)) {
                let _ = self.read(&item.path(), first, line);
            }
        }
    }

    fn read(&mut self, path: &Path, first: bool, line: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
        let mut file = system::open_shared(path)?;
        let length = file.metadata()?.len();
        let place = self.places.entry(system::identity(&file)?).or_insert(if first { length } else { 0 });
        if *place > length {
            // It was emptied, and begun anew.
            *place = 0;
        }
        if *place == length {
            return Ok(());
        }
        let from = (*place).max(length.saturating_sub(MOST));
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(length.saturating_sub(from)).read_to_end(&mut bytes)?;
        *place = length;
        let mut pieces = bytes.split_inclusive(|byte| *byte == b'\n');
        for piece in &mut pieces {
            self.rest.extend_from_slice(piece);
            if self.rest.ends_with(b"\n") {
                line(self.rest.get(..LINE).unwrap_or(&self.rest));
                self.rest.clear();
            }
        }
        self.rest.truncate(LINE);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn reads_new_lines_through_a_rotation() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("8.1.7.1")).unwrap();
        fs::write(place.path().join("8.1.7.1/sfc.exe"), "").unwrap();
        let install = Install::at(place.path()).unwrap();
        let (log, old) = (install.logs.join("sfc.exe.log"), install.logs.join("sfc.exe.log.1"));
        fs::write(&log, "old\n").unwrap();
        let mut tail = Tail { install, places: BTreeMap::new(), rest: Vec::new() };
        let mut seen = Vec::new();
        let mut note = |line: &[u8]| seen.push(String::from_utf8_lossy(line).trim_end().to_owned());
        tail.look(true, &mut note);
        fs::File::options().append(true).open(&log).unwrap().write_all(b"one\ntw").unwrap();
        tail.look(false, &mut note);
        fs::File::options().append(true).open(&log).unwrap().write_all(b"o\nthree\n").unwrap();
        fs::rename(&log, &old).unwrap();
        tail.look(false, &mut note);
        fs::write(&log, "four\n").unwrap();
        tail.look(false, &mut note);
        assert_eq!(seen, ["one", "two", "three", "four"]);
    }

    #[test]
    fn knows_what_a_line_says() {
        assert_eq!(says(b"(1, +0 ms) TETRA update started"), Some(Phase::Going { open: 0 }));
        assert_eq!(says(b"(1, +0 ms) tetra definition download failed: -2100"), Some(Phase::Ended));
        assert_eq!(says(b"(1, +0 ms) TetraEngineInterface::ScanFile[123] lock acquired"), None);
        assert_eq!(says(b"update failed"), None);
    }
}
