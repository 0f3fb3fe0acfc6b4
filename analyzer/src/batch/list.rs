//! What there is to do, for schedulers that deal it out themselves; and the part of it that one of several machines does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;

use super::Error;
use super::args::{ListArgs, Part};
use super::inputs::{self, Job};

/// What a bundle costs beside its bytes, in bytes: the start of a process.
const EACH: u64 = 1 << 20;

/// Prints one line of JSON for each bundle.
pub(super) fn run(args: &ListArgs, out: &mut dyn Write) -> Result<(), Error> {
    for job in part(inputs::collect(&args.paths, &mut inputs::standard())?, args.part) {
        let path = job.path.to_string_lossy();
        let line = serde_json::json!({"path": path, "bytes": job.bytes, "modified": job.modified});
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Gives one of several parts of about equal size: the next largest goes to the part that holds least. Every machine that is
/// asked deals the same way, as long as they see the same bundles.
pub(super) fn part(jobs: Vec<Job>, part: Option<Part>) -> Vec<Job> {
    let Some(Part { index, count }) = part else { return jobs };
    let mut held: BinaryHeap<Reverse<(u64, usize)>> = (0..count).map(|number| Reverse((0, number))).collect();
    let mut own = Vec::new();
    for job in jobs {
        let Some(Reverse((bytes, number))) = held.pop() else { break };
        held.push(Reverse((bytes.saturating_add(job.bytes).saturating_add(EACH), number)));
        if number == index {
            own.push(job);
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn parts_hold_every_bundle_once_and_weigh_about_the_same() {
        let sizes = (0..100_u64).map(|number| (100 - number) << 20);
        let job =
            |(number, bytes)| Job { path: PathBuf::from(format!("{number:03}.zip")), bytes, modified: 0 };
        let jobs: Vec<Job> = sizes.enumerate().map(job).collect();
        let parts: Vec<Vec<Job>> =
            (0..7).map(|index| part(jobs.clone(), Some(Part { index, count: 7 }))).collect();
        let mut all: Vec<Job> = parts.iter().flatten().cloned().collect();
        all.sort_by(|one, other| one.path.cmp(&other.path));
        assert_eq!(all, jobs);
        let weights: Vec<u64> =
            parts.iter().map(|part| part.iter().map(|job| job.bytes >> 20).sum()).collect();
        let (least, most) = (weights.iter().min().unwrap(), weights.iter().max().unwrap());
        assert!(most - least <= 14, "{weights:?}");
    }

    #[test]
    fn a_part_is_told_by_its_number() {
        assert_eq!("3/64".parse(), Ok(Part { index: 3, count: 64 }));
        for wrong in ["", "3", "3/", "64/64", "0/0", "-1/4", "0/9999999999"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
    }
}
