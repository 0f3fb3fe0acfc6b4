//! Which ranges of an object are needed, and which are there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use rawzip::{MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipArchive};
use tetra_bundle::{Bundle, SourceId};

/// Bytes at the end that are fetched first: the directory of most archives.
const TAIL: u64 = 64 << 10;
/// Bytes of an entry that tell what it is: its header with the name, and the begin of what it holds.
const HEAD: u64 = 8 << 10;
/// A gap that costs less than another request.
const GAP: u64 = 64 << 10;
/// Room that the header of an entry takes besides its data: fixed fields, name, extra fields.
const HEADER: u64 = 30 + 2 * 0xffff;
/// Most entries of a directory that are looked at; the analysis refuses more.
const ENTRIES: usize = 200_000;

/// The ranges that are there, in order, none touching another.
#[derive(Debug, Default)]
pub(super) struct Held {
    ranges: Vec<Range<u64>>,
    requests: u64,
    bytes: u64,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name as it is written there.
    pub name: String,
    start: u64,
    end: u64,
}

/// The names that an analysis reads.
#[derive(Debug)]
pub(super) struct Read {
    wanted: BTreeSet<String>,
    known: BTreeSet<String>,
}

impl Held {
    /// Gives what is missing of a range.
    pub(super) fn missing(&self, wanted: Range<u64>, length: u64) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut at = wanted.start.min(length);
        let end = wanted.end.min(length);
        for held in &self.ranges {
            if held.end <= at {
                continue;
            }
            if held.start >= end {
                break;
            }
            if held.start > at {
                missing.push(at..held.start);
            }
            at = held.end;
        }
        if at < end {
            missing.push(at..end);
        }
        missing
    }

    /// Notes what was fetched.
    pub(super) fn add(&mut self, range: Range<u64>) {
        self.requests = self.requests.saturating_add(1);
        self.bytes = self.bytes.saturating_add(range.end.saturating_sub(range.start));
        self.ranges.push(range);
        self.ranges.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::with_capacity(self.ranges.len());
        for range in self.ranges.drain(..) {
            match joined.last_mut().filter(|last| last.end >= range.start) {
                Some(last) => last.end = last.end.max(range.end),
                None => joined.push(range),
            }
        }
        self.ranges = joined;
    }

    /// Gives the bytes fetched, and the requests it took.
    pub(super) fn cost(&self) -> (u64, u64) {
        (self.bytes, self.requests)
    }
}

impl Entry {
    /// Gives the range that tells what it is.
    pub(super) fn head(&self) -> Range<u64> {
        // Where the rest is hardly more, it comes along.
        let end = self.start.saturating_add(HEAD);
        self.start..if end.saturating_add(GAP) >= self.end { self.end } else { end }
    }

    /// Gives all of it.
    pub(super) fn whole(&self) -> Range<u64> {
        self.start..self.end
    }
}

impl Read {
    /// Tells whether an entry is read; one whose name the bundle writes in another way may be.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.wanted.contains(name) || !self.known.contains(name)
    }
}

/// Gives what an analysis reads of a bundle.
pub(super) fn read_of(bundle: &Bundle) -> Read {
    let known = bundle.entries().iter().map(|entry| entry.path.clone()).collect();
    let wanted = bundle.entries().iter().filter(|entry| entry.source != SourceId::Unknown);
    Read { wanted: wanted.map(|entry| entry.path.clone()).collect(), known }
}

/// Joins ranges that are in order, where the gap between two costs less than another request.
pub(super) fn joined(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut().filter(|last| last.end.saturating_add(GAP) >= range.start) {
            Some(last) => last.end = last.end.max(range.end),
            None => joined.push(range),
        }
    }
    joined
}

/// Fetches the directory of an archive, and lists it; gives nothing for what is no archive, or has lost its directory.
pub(super) fn directory(
    path: &Path,
    length: u64,
    get: &mut dyn FnMut(Range<u64>) -> io::Result<()>,
) -> io::Result<Option<Vec<Entry>>> {
    get(0..4.min(length))?;
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    if head != b"PK\x03\x04" {
        return Ok(None);
    }
    get(length.saturating_sub(TAIL)..length)?;
    let Some(begin) = begin_of_directory(&mut file, length)? else { return Ok(None) };
    get(begin..length)?;
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let Ok(archive) = ZipArchive::from_file(file, &mut buffer) else { return Ok(None) };
    let mut found = Vec::new();
    let mut records = archive.entries(&mut buffer);
    loop {
        match records.next_entry() {
            Ok(Some(record)) if found.len() < ENTRIES => {
                let name = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
                let start = record.local_header_offset();
                let end = start.saturating_add(record.compressed_size_hint()).saturating_add(HEADER);
                found.push(Entry { name, start, end: end.min(begin) });
            }
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => return Ok(None),
        }
    }
    // An entry ends where the next one begins: nothing is fetched twice, and nothing for the longest of headers.
    found.sort_by_key(|entry| entry.start);
    let starts: Vec<u64> = found.iter().skip(1).map(|entry| entry.start).collect();
    for (entry, next) in found.iter_mut().zip(starts) {
        entry.end = entry.end.min(next.max(entry.start));
    }
    Ok(Some(found))
}

/// Finds where the directory begins, from the last record, which is there already.
fn begin_of_directory(file: &mut File, length: u64) -> io::Result<Option<u64>> {
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail)?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
    let field = |at: usize| -> Option<u64> {
        let bytes = tail.get(at..)?.first_chunk::<4>()?;
        Some(u64::from(u32::from_le_bytes(*bytes)))
    };
    let Some((size, offset)) = field(at.saturating_add(12)).zip(field(at.saturating_add(16))) else {
        return Ok(None);
    };
    // Larger archives say it in another record: those are fetched as a whole.
    let sane = offset != u64::from(u32::MAX) && offset.saturating_add(size) <= length;
    Ok(sane.then_some(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_fetched() {
        let mut held = Held::default();
        assert_eq!(held.missing(10..20, 100).first(), Some(&(10..20)));
        held.add(10..20);
        held.add(40..50);
        assert_eq!(held.missing(0..60, 55), [0..10, 20..40, 50..55]);
        assert_eq!(held.missing(12..18, 100), []);
        assert_eq!(held.missing(200..300, 100), []);
        held.add(20..40);
        assert_eq!(held.missing(0..60, 100), [0..10, 50..60]);
        assert_eq!(held.cost(), (40, 3));
        assert_eq!(joined([0..10, 20..30, 200_000..200_001].into_iter()), [0..30, 200_000..200_001]);
    }
}
