//! Copies a file of the endpoint into the staging folder, the newest part of it where it is too long.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use tetra_bundle::{FileRecord, Span, source_of};

use crate::staging::Staging;
use crate::step::{End, Guard, Outcome};
use crate::system;

/// How much is copied between two looks at the clock.
const BLOCK: usize = 256 << 10;
/// How far into the kept part of a log its first whole line is looked for.
const LINE: u64 = 1 << 20;

/// What was copied.
pub(super) struct Copied {
    /// Why copying ended too soon.
    pub(super) end: Option<End>,
    /// How many bytes were copied.
    pub(super) bytes: u64,
    /// How many bytes of the head are left out.
    pub(super) left_out: u64,
}

/// How a file is cut that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Anywhere.
    Anywhere,
    /// At the beginning of a line.
    Line,
}

/// Copies a whole file, as a step that does only that.
pub(super) fn step(from: &Path, path: &str, limit: u64, guard: &Guard, staging: &Staging) -> Outcome {
    let mut file = match system::open_shared(from) {
        Ok(file) => file,
        Err(fault) => return Outcome::fault(&from.display().to_string(), &fault),
    };
    match copy(&mut file, path, limit, Cut::Anywhere, guard, staging) {
        Err(fault) => Outcome::fault(&from.display().to_string(), &fault),
        Ok(Copied { end: Some(end), .. }) => Outcome::ended(end, guard.time()),
        Ok(Copied { left_out: 0, .. }) => Outcome::done(),
        Ok(Copied { left_out, .. }) => Outcome::noted(format!("the first {left_out} bytes are left out")),
    }
}

/// Copies an open file as long as it is now, at most `limit` bytes of its end.
pub(super) fn copy(
    file: &mut File,
    path: &str,
    limit: u64,
    cut: Cut,
    guard: &Guard,
    staging: &Staging,
) -> io::Result<Copied> {
    let facts = file.metadata()?;
    let length = facts.len();
    let mut from = length.saturating_sub(limit);
    if from > 0 && cut == Cut::Line {
        from = next_line(file, from)?;
    }
    file.seek(SeekFrom::Start(from))?;
    let mut record = FileRecord {
        path: path.to_owned(),
        source: source_of(path),
        modified: facts.modified().ok().map(DateTime::<Utc>::from),
        truncated: if from > 0 { vec![Span { from: 0, to: from }] } else { Vec::new() },
        ..FileRecord::default()
    };
    let mut out = File::create(staging.place(path)?)?;
    // Noted first: whatever ends the run, what is there is known.
    staging.file(record.clone())?;
    let (bytes, end) = pour(file, &mut out, length.saturating_sub(from), guard)?;
    let reached = from.saturating_add(bytes);
    if reached < length {
        record.truncated.push(Span { from: reached, to: length });
        staging.file(record)?;
    }
    Ok(Copied { end, bytes, left_out: from })
}

/// Copies at most `limit` bytes, and looks at the clock on the way.
fn pour(file: &mut File, out: &mut File, limit: u64, guard: &Guard) -> io::Result<(u64, Option<End>)> {
    let mut buffer = vec![0; BLOCK];
    let mut done: u64 = 0;
    let mut source = file.take(limit);
    loop {
        if let Some(end) = guard.over() {
            return Ok((done, Some(end)));
        }
        let count = match source.read(&mut buffer) {
            Ok(count) => count,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
            Err(fault) => return Err(fault),
        };
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else {
            return Ok((done, None));
        };
        out.write_all(piece)?;
        done = done.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// Returns where the first line begins at or after a place; the place itself where none does nearby.
fn next_line(file: &mut File, place: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(place.saturating_sub(1)))?;
    let mut near = Vec::new();
    file.take(LINE).read_to_end(&mut near)?;
    let found = near.iter().position(|byte| *byte == b'\n').and_then(|at| u64::try_from(at).ok());
    Ok(found.map_or(place, |at| place.saturating_add(at)))
}
