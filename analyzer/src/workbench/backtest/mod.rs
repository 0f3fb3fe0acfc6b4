//! `rules backtest`: the rules over a folder of cases with known answers.
//!
//! Cases are analysed beside each other, and told in the order of their names: the same cases and rules give the same
//! bytes, however many are analysed at once.

mod case;
mod outcome;
mod table;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tetra_bundle::{Bundle, Limits};

use crate::model::Analysis;
use crate::progress::Progress;
use crate::rule::RuleSet;
use crate::run::Error;
use crate::{diagnose, gather};

use self::case::Case;
use self::outcome::{Outcome, Run};

/// What is asked for.
pub(super) struct Wanted<'a> {
    /// The folder of cases.
    pub dir: &'a Path,
    /// An earlier outcome.
    pub baseline: Option<&'a Path>,
    /// Where the outcome goes as JUnit XML.
    pub junit: Option<&'a Path>,
    /// Where it goes as JSON.
    pub json: Option<&'a Path>,
    /// How many cases at once; 0: one per processor.
    pub jobs: usize,
    /// Whether progress is shown.
    pub progress: bool,
}

/// Runs the cases, tells of them, and gives the exit status.
pub(super) fn run(rules: &RuleSet, wanted: &Wanted<'_>, out: &mut dyn Write) -> Result<u8, Error> {
    // What was asked for is looked at before the long work begins.
    let baseline = wanted.baseline.map(outcome::read).transpose()?;
    let cases = case::find(wanted.dir)?;
    let progress = if wanted.progress { Progress::on_terminal() } else { Progress::hidden() };
    let jobs = match wanted.jobs {
        0 => thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let run = Run {
        schema: outcome::SCHEMA.to_owned(),
        rules: rules.packs().to_vec(),
        cases: all(&cases, jobs.min(cases.len()), &|case| one(rules, case), &progress),
    };
    progress.finish();
    let flips = baseline.map(|baseline| outcome::flips(&baseline, &run));
    out.write_all(table::render(&run, flips.as_deref()).as_bytes())?;
    if let Some(path) = wanted.json {
        super::save(path, &outcome::render(&run))?;
    }
    if let Some(path) = wanted.junit {
        super::save(path, &outcome::junit(&run))?;
    }
    let good = match &flips {
        Some(flips) => !flips.iter().any(|flip| flip.worse),
        None => run.cases.iter().all(|case| case.right),
    };
    Ok(super::status(good))
}

/// Analyses all cases, some at once; gives the outcomes in the order of the cases.
fn all(
    cases: &[Case],
    jobs: usize,
    analyse: &(dyn Fn(&Case) -> Outcome + Sync),
    progress: &Progress,
) -> Vec<Outcome> {
    progress.total(cases.iter().map(|case| case.bytes).sum());
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some((number, case)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(number).map(|case| (number, case))
                } {
                    progress.doing(&case.name);
                    let outcome = analyse(case);
                    progress.advance(case.bytes);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Analyses one case.
fn one(rules: &RuleSet, case: &Case) -> Outcome {
    match analyse(rules, &case.inputs) {
        Ok(analysis) => outcome::judge(case, &analysis),
        Err(why) => outcome::failed(case, why),
    }
}

fn analyse(rules: &RuleSet, inputs: &[PathBuf]) -> Result<Analysis, String> {
    Bundle::open_many(inputs, Limits::default())
        .and_then(|bundle| diagnose(&bundle, rules, "case", &Progress::hidden()))
        .map_err(|error| gather::chain(&error))
}
