//! The summary at the end of a run.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::limits::Cost;
use super::row::{Row, Status};

/// Causes that are listed.
const CAUSES: usize = 10;

/// What a run has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    done: u64,
    known: u64,
    known_failed: u64,
    same: u64,
    broken: BTreeMap<Status, u64>,
    verdicts: BTreeMap<String, u64>,
    causes: BTreeMap<String, u64>,
}

impl Summary {
    /// Counts a bundle that is in the table already.
    pub(super) fn known(&mut self, status: &str) {
        self.known = self.known.saturating_add(1);
        self.known_failed = self.known_failed.saturating_add(u64::from(status != Status::Done.name()));
    }

    /// Counts a bundle that is the same as another.
    pub(super) fn same(&mut self) {
        self.same = self.same.saturating_add(1);
    }

    /// Counts a row.
    pub(super) fn add(&mut self, row: &Row) {
        if row.status == Status::Done {
            self.done = self.done.saturating_add(1);
        } else {
            more(&mut self.broken, row.status);
        }
        if let Some(verdict) = &row.verdict {
            more(&mut self.verdicts, verdict.clone());
        }
        if let Some(cause) = &row.cause {
            more(&mut self.causes, cause.clone());
        }
    }

    /// Gives how many bundles could not be analysed, in this run or before.
    pub(super) fn failed(&self) -> u64 {
        self.broken.values().sum::<u64>().saturating_add(self.known_failed)
    }

    /// Writes the summary.
    pub(super) fn write(
        &self,
        table: &Path,
        workers: usize,
        took: Duration,
        cost: Option<Cost>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let broken: u64 = self.broken.values().sum();
        let all = self.done.saturating_add(broken).saturating_add(self.known).saturating_add(self.same);
        write!(out, "{all} bundles: {} analysed, {} in the table already", self.done, self.known)?;
        writeln!(out, ", {} the same as another, {broken} could not be analysed", self.same)?;
        if self.known_failed > 0 {
            let failed = self.known_failed;
            writeln!(out, "  {failed} of those in the table could not be analysed before (--retry failed)")?;
        }
        let list = |counts: Vec<(String, u64)>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        if broken > 0 {
            let counts = self.broken.iter().map(|(status, count)| (status.name().to_owned(), *count));
            writeln!(out, "  not analysed: {}", list(counts.collect()))?;
        }
        if !self.verdicts.is_empty() {
            writeln!(out, "  verdicts: {}", list(most(&self.verdicts)))?;
        }
        if !self.causes.is_empty() {
            let mut causes = most(&self.causes);
            let more = causes.len().saturating_sub(CAUSES);
            causes.truncate(CAUSES);
            let more = if more > 0 { format!(", {more} more") } else { String::new() };
            writeln!(out, "  causes: {}{more}", list(causes))?;
        }
        let seconds = took.as_secs_f64();
        let rate = (self.done.saturating_add(broken)) as f64 / seconds.max(0.001);
        write!(out, "  {seconds:.1} s with {workers} workers, {rate:.1} bundles per second")?;
        if let Some(cost) = cost {
            let peak = cost.peak >> 20;
            write!(out, "; processes took {:.1} s of processor time, the largest {peak} MiB", cost.seconds)?;
        }
        writeln!(out)?;
        writeln!(out, "Look at it: tetra-analyze batch report {}", table.display())
    }
}

fn more<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

/// Gives counts, the largest first.
fn most(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = counts.iter().map(|(name, count)| (name.clone(), *count)).collect();
    all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    all
}
