//! What the network is like from here: its settings, the hosts file, and what the collector tries itself.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tetra_bundle::{FileRecord, source_of};

use super::listing::put;
use crate::network::{self, NetworkConfig, vendor_lines};
use crate::probe::{self, ProbeRecord, Targets};
use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::system;

/// The longest hosts file that is looked through.
const HOSTS: u64 = 16 << 20;
/// The part of the time that the tests have; the rest is for the last of them to end.
const SHARE: f64 = 0.85;

/// What one step finds, and others need.
#[derive(Debug, Default)]
pub struct Tried {
    network: Mutex<Option<NetworkConfig>>,
    records: Mutex<Vec<ProbeRecord>>,
}

impl Tried {
    /// Returns what the tests came to so far.
    #[must_use]
    pub fn records(&self) -> Vec<ProbeRecord> {
        held(&self.records).clone()
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes the settings of the network.
pub(super) fn settings(tried: &Tried, staging: &Staging) -> Outcome {
    let network = network::read(Path::new("/"));
    let failures = network.failures.join("; ");
    let outcome = put("network/config.json", &network, staging);
    *held(&tried.network) = Some(network);
    if failures.is_empty() || outcome != Outcome::done() { outcome } else { Outcome::noted(failures) }
}

/// Keeps those lines of the hosts file that name the vendor's hosts, or the update server.
pub(super) fn hosts(file: &Path, names: &[String], staging: &Staging) -> Outcome {
    let mut text = Vec::new();
    let read = system::open_shared(file).and_then(|file| file.take(HOSTS).read_to_end(&mut text));
    if let Err(fault) = read {
        return Outcome::fault(&file.display().to_string(), &fault);
    }
    let path = "network/hosts.txt";
    let kept = vendor_lines(&String::from_utf8_lossy(&text), names);
    let record = FileRecord { path: path.to_owned(), source: source_of(path), ..FileRecord::default() };
    match staging.put(record, kept.as_bytes()) {
        Ok(()) => Outcome::done(),
        Err(fault) => Outcome::fault(path, &fault),
    }
}

/// Tests whether the servers can be reached. A test that fails is a fact; the step is done all the same.
pub(super) fn probes(targets: &Targets, tried: &Tried, guard: &Guard, staging: &Staging) -> Outcome {
    let path = "network/probes.jsonl";
    let network = held(&tried.network).clone().unwrap_or_else(|| network::read(Path::new("/")));
    let begun = Instant::now();
    let deadline = begun.checked_add(guard.time().mul_f64(SHARE)).unwrap_or(begun);
    let record = FileRecord { path: path.to_owned(), source: source_of(path), ..FileRecord::default() };
    let place = match staging.place(path).and_then(|place| staging.file(record).map(|()| place)) {
        Ok(place) => place,
        Err(fault) => return Outcome::fault(path, &fault),
    };
    let mut fault = None;
    probe::run(targets, &network, deadline, &mut |record| {
        // A step that was left behind writes no more: the folder is being sealed.
        if guard.over().is_none() {
            fault = append(&place, &record).err().or_else(|| fault.take());
            held(&tried.records).push(record);
        }
    });
    if let Some(end) = guard.over() {
        return Outcome::ended(end, guard.time());
    }
    if let Some(fault) = fault {
        return Outcome::fault(path, &fault);
    }
    let records = held(&tried.records);
    let failed = records.iter().filter(|record| !record.ok).count();
    match records.len() {
        0 => Outcome::failed("no test came to an end"),
        tests if Instant::now() >= deadline => {
            Outcome::noted(format!("{tests} tests, {failed} of them failed; the time for more was up"))
        }
        tests => Outcome::noted(format!("{tests} tests, {failed} of them failed")),
    }
}

/// Adds a record to the file at once: whatever ends the run, it is there.
fn append(place: &Path, record: &ProbeRecord) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    File::options().create(true).append(true).open(place)?.write_all(&line)
}
