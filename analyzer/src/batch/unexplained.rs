//! What the logs of a case without a cause complain of, and no template of the packs explains.

use std::io::{BufRead, BufReader, Read as _};

use regex::Regex;
use tetra_bundle::{Bundle, SourceId};

use super::drain::Miner;
use crate::model::LogTemplate;

/// Most bytes of one log that are read, its beginning.
const READ: u64 = 512 << 20;
/// How much of a line is looked at.
const LINE: u64 = 2 << 10;
/// Templates that a row holds.
const KEPT: usize = 20;

/// What stands before the message: tick, date, clock and thread, or a date of another form.
const BEFORE: &str = r"^(?:\([^)]{1,64}\)\s*)?(?:\w{3}\s+\d{1,2}\s+\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.,]+Z?)?\s*(?:\[\d+\])?:?\s*";
/// Words of a complaint.
const COMPLAINT: &str = "(?i)error|fail|warn|time[d ]{0,2}out|refus|denied|invalid|unable|cannot|could not|exception|abort\
    |reset|reject|unexpected|corrupt";

/// Finds complaints.
struct Ear<'a> {
    before: Regex,
    complaint: Regex,
    known: &'a [LogTemplate],
    miner: Miner,
}

/// Gives the templates of complaints, most frequent first.
pub(super) fn find(bundle: &Bundle, known: &[LogTemplate]) -> Vec<String> {
    let (Ok(before), Ok(complaint)) = (Regex::new(BEFORE), Regex::new(COMPLAINT)) else { return Vec::new() };
    let mut ear = Ear { before, complaint, known, miner: Miner::default() };
    for entry in bundle.of(SourceId::ConnectorLog) {
        let Ok(input) = bundle.read(entry) else { continue };
        let mut input = BufReader::with_capacity(256 << 10, input.take(READ));
        let mut line = Vec::new();
        while let Ok(read) = input.by_ref().take(LINE).read_until(b'\n', &mut line) {
            if read == 0 {
                break;
            }
            ear.take(&String::from_utf8_lossy(&line));
            let whole = line.ends_with(b"\n");
            line.clear();
            if !whole && input.skip_until(b'\n').is_err() {
                break;
            }
        }
    }
    ear.miner.templates().into_iter().take(KEPT).map(|(template, _)| template).collect()
}

impl Ear<'_> {
    fn take(&mut self, line: &str) {
        let line = line.trim_end();
        if !self.complaint.is_match(line) {
            return;
        }
        let from = self.before.find(line).map_or(0, |found| found.end());
        let message = line.get(from..).unwrap_or(line);
        if !self.known.iter().any(|template| template.pattern.is_match(message)) {
            self.miner.add(message, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_mined_and_chatter_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = String::new();
        for number in 0..50 {
            log += &format!(
                "({number}, +0 ms) Nov 10 18:22:08 [4512]: Mirror: list rejected, error {number}\r\n"
            );
            log += &format!("({number}, +0 ms) Nov 10 18:22:09 [4512]: Mirror: all is well {number}\r\n");
        }
        log += "2026-11-10T18:22:09Z Store: cannot open C:\\x\\y.dat\n";
        log += &format!("Store: cannot stop {}", "z ".repeat(100_000));
        let path = folder.path().join("sfc.exe.log");
        std::fs::write(&path, log).unwrap();
        let bundle = Bundle::open(folder.path(), tetra_bundle::Limits::default()).unwrap();
        let found = find(&bundle, &[]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0], "Mirror: list rejected, error <*>");
        assert_eq!(found[1], "Store: cannot open <*>");
    }
}
