//! Which bundles of an inbox have arrived: unchanged for a while, and with their end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use memchr::memmem;

use crate::batch::inputs::Job;

/// How far from the end of an archive its last record begins at most: a comment may follow.
const TAIL: u64 = 22 + 0xffff;

/// What is known of the bundles of a folder.
#[derive(Debug)]
pub(super) struct Inbox {
    settle: Duration,
    patience: Duration,
    seen: BTreeMap<PathBuf, Seen>,
}

/// A bundle as it was last seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    bytes: u64,
    modified: i64,
    since: Duration,
    taken: bool,
}

impl Inbox {
    /// Makes an inbox: a bundle must be unchanged for `settle`; one without an end is taken after `patience` all the same.
    pub(super) fn new(settle: Duration, patience: Duration) -> Self {
        Self { settle, patience, seen: BTreeMap::new() }
    }

    /// Gives what has arrived since, each once until it changes; `now` runs from any begin, `whole` tells whether a file has
    /// its end.
    pub(super) fn look(&mut self, now: Duration, found: Vec<Job>, whole: &dyn Fn(&Path) -> bool) -> Vec<Job> {
        let mut old = std::mem::take(&mut self.seen);
        let mut arrived = Vec::new();
        for job in found {
            let fresh = Seen { bytes: job.bytes, modified: job.modified, since: now, taken: false };
            let seen = old
                .remove(&job.path)
                .filter(|seen| (seen.bytes, seen.modified) == (job.bytes, job.modified))
                .unwrap_or(fresh);
            let unchanged = now.saturating_sub(seen.since);
            let ready = unchanged >= self.settle && (unchanged >= self.patience || whole(&job.path));
            self.seen.insert(job.path.clone(), Seen { taken: seen.taken || ready, ..seen });
            if ready && !seen.taken {
                arrived.push(job);
            }
        }
        arrived
    }

    /// Tells whether nothing is being waited for.
    pub(super) fn is_settled(&self) -> bool {
        self.seen.values().all(|seen| seen.taken)
    }
}

/// Tells whether a file has its end: of an archive, the last record; of all else, nothing is known.
pub(super) fn has_end(path: &Path) -> bool {
    path.is_dir() || ends(path).unwrap_or(true)
}

fn ends(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    if head != b"PK\x03\x04" {
        // An upload that makes room first shows zeros, one that has just begun shows nothing.
        return Ok(!head.is_empty() && head.iter().any(|byte| *byte != 0));
    }
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(memmem::rfind(&tail, b"PK\x05\x06").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn job(bytes: u64, modified: i64) -> Job {
        Job { path: PathBuf::from("a.zip"), bytes, modified }
    }

    #[test]
    fn a_bundle_is_taken_once_when_it_has_settled_and_again_when_it_changes() {
        let mut inbox = Inbox::new(seconds(10), seconds(600));
        let whole = |_: &Path| true;
        assert_eq!(inbox.look(seconds(0), vec![job(1, 1)], &whole), []);
        assert_eq!(inbox.look(seconds(9), vec![job(2, 9)], &whole), [], "it grows");
        assert_eq!(inbox.look(seconds(18), vec![job(2, 9)], &whole), []);
        assert!(!inbox.is_settled());
        assert_eq!(inbox.look(seconds(19), vec![job(2, 9)], &whole), [job(2, 9)]);
        assert!(inbox.is_settled());
        assert_eq!(inbox.look(seconds(99), vec![job(2, 9)], &whole), []);
        assert_eq!(inbox.look(seconds(100), vec![job(2, 100)], &whole), []);
        assert_eq!(inbox.look(seconds(110), vec![job(2, 100)], &whole), [job(2, 100)]);
        assert_eq!(inbox.look(seconds(111), vec![], &whole), []);
        assert!(inbox.is_settled(), "what is gone is not waited for");
    }

    #[test]
    fn an_archive_without_its_end_is_waited_for_but_not_for_ever() {
        let mut inbox = Inbox::new(seconds(10), seconds(600));
        let partial = |_: &Path| false;
        for now in [0, 10, 599] {
            assert_eq!(inbox.look(seconds(now), vec![job(1, 1)], &partial), [], "{now}");
        }
        assert_eq!(inbox.look(seconds(600), vec![job(1, 1)], &partial), [job(1, 1)]);
        assert_eq!(inbox.look(seconds(601), vec![job(1, 1)], &partial), []);
    }

    #[test]
    fn the_end_of_an_archive_is_its_last_record() {
        let folder = tempfile::tempdir().unwrap();
        let has = |bytes: &[u8]| {
            let path = folder.path().join("a.zip");
            std::fs::write(&path, bytes).unwrap();
            has_end(&path)
        };
        assert!(!has(b"PK\x03\x04 and more"));
        assert!(has(b"PK\x03\x04 and more PK\x05\x06 and a comment"));
        assert!(!has(&[b"PK\x03\x04 PK\x05\x06".as_slice(), &[0; 70_000]].concat()));
        assert!(!has(b"") && !has(&[0; 4096]));
        assert!(has(b"\x0a\x0d\x0d\x0a is a capture"));
        assert!(has_end(folder.path()) && has_end(&folder.path().join("gone")));
    }
}
