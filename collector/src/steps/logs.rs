//! The connector's logs, read while they are being written and rotated.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::copy::{Copied, Cut, copy};
use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::system::{self, Install};

/// How often the folder is looked through at most because logs are rotated meanwhile.
const ROUNDS: usize = 30;
/// After how many rounds without a new log there is none: names move by one, also while they are gone through.
const QUIET: usize = 3;

/// A log that is held open: a rotation gives it another name, and takes nothing from it.
struct Held {
    name: String,
    file: File,
    modified: Option<SystemTime>,
}

/// What could not be opened, by name.
type Refused = BTreeMap<String, io::Error>;

/// Collects all logs, the newest first in line for the space there is.
pub(super) fn collect(install: &Install, limit: u64, guard: &Guard, staging: &Staging) -> Outcome {
    let mut refused = Refused::new();
    let mut held = match open_all(install, &mut refused) {
        Ok(held) => held,
        Err(fault) => return Outcome::fault(&install.logs.display().to_string(), &fault),
    };
    if held.is_empty() && refused.is_empty() {
        return Outcome::skipped(format!("there is no log in {}", install.logs.display()));
    }
    held.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| one.name.cmp(&other.name)));
    let mut room = limit;
    let mut remarks: Vec<String> = Vec::new();
    for log in &mut held {
        let path = format!("connector/logs/{}", log.name);
        // As long as it is now: a log that was rotated since it was opened has got its last lines.
        match copy(&mut log.file, &path, room, Cut::Line, guard, staging) {
            Err(fault) => {
                refused.insert(log.name.clone(), fault);
            }
            Ok(Copied { end: Some(end), .. }) => return Outcome::ended(end, guard.time()),
            Ok(Copied { bytes, left_out, .. }) => {
                room = room.saturating_sub(bytes);
                if left_out > 0 {
                    remarks.push(format!("the first {left_out} bytes of {} are left out", log.name));
                }
            }
        }
    }
    if let Some((name, fault)) = refused.iter().next() {
        let more = match refused.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        return Outcome::fault(&format!("{name}{more}"), fault);
    }
    if remarks.is_empty() { Outcome::done() } else { Outcome::noted(remarks.join("; ")) }
}

/// Opens every log once, however often it is renamed meanwhile.
///
/// A log is known by its identity on the disk: one that was seen under its old name is not taken again under the new one,
/// and the folder is looked through until nothing new turns up.
fn open_all(install: &Install, refused: &mut Refused) -> io::Result<Vec<Held>> {
    let mut held: BTreeMap<u64, Held> = BTreeMap::new();
    let mut quiet = 0;
    for round in 0..ROUNDS {
        let before = held.len();
        refused.clear();
        let mut names = list(install)?;
        if round % 2 == 1 {
            // Who follows the names upwards may meet the same log all the way, and who goes down may miss one.
            names.reverse();
        }
        for (name, path) in names {
            match open(&path, &name) {
                Ok((identity, log)) => {
                    // The last name holds: two logs never share one, then.
                    held.entry(identity).and_modify(|known| known.name.clone_from(&log.name)).or_insert(log);
                }
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                Err(fault) => {
                    refused.insert(name, fault);
                }
            }
        }
        quiet = if held.len() == before { quiet + 1 } else { 0 };
        if quiet == QUIET {
            break;
        }
    }
    let mut names = BTreeMap::new();
    let mut logs: Vec<Held> = held.into_values().collect();
    for log in &mut logs {
        // A log that was deleted meanwhile may have the name of the one that took its place.
        let count: &mut u32 = names.entry(log.name.clone()).or_default();
        if *count > 0 {
            log.name = format!("{}.held{count}", log.name);
        }
        *count = count.saturating_add(1);
    }
    Ok(logs)
}

fn list(install: &Install) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for item in fs::read_dir(&install.logs)? {
        let item = item?;
        if let Ok(name) = item.file_name().into_string()
            && install.is_log(&name)
        {
            found.push((name, item.path()));
        }
    }
    found.sort();
    Ok(found)
}

fn open(path: &Path, name: &str) -> io::Result<(u64, Held)> {
    let file = system::open_shared(path)?;
    let facts = file.metadata()?;
    let log = Held { name: name.to_owned(), modified: facts.modified().ok(), file };
    Ok((system::identity(&log.file)?, log))
}
