//! The workbench of those who write rules: the `rules` commands that need files, bundles or whole diagnoses.
//!
//! What rules are and how they judge is the part [`crate::rule`]; here it meets the disk and the rest of the flow.

mod backtest;
mod explain;
mod junit;
mod new;

use std::io::{self, Write};
use std::path::Path;

use crate::args::Rules;
use crate::rule::{self, Refused, RuleSet};
use crate::run::{Error, load};

/// Exit statuses.
const GOOD: u8 = 0;
const BAD: u8 = 1;

/// Does what a `rules` command asks; gives the exit status.
pub(crate) fn run(command: &Rules, out: &mut dyn Write) -> Result<u8, Error> {
    match command {
        Rules::Check { dir } => {
            let checked = rule::check(&of(dir.as_deref()));
            out.write_all(checked.render().as_bytes())?;
            Ok(status(checked.problems.is_empty()))
        }
        Rules::Test { dir, strict, junit } => {
            let tested = rule::examples::run(&of(dir.as_deref()).map_err(refused)?);
            if let Some(path) = junit {
                save(path, &junit::of_examples(&tested, *strict))?;
            }
            out.write_all(tested.render().as_bytes())?;
            Ok(status(tested.passes(*strict)))
        }
        Rules::List { packs } => {
            out.write_all(rule::list::render(&load(packs)?).as_bytes())?;
            Ok(GOOD)
        }
        Rules::Explain { rule, paths, packs } => explain::run(&load(packs)?, rule, paths, out),
        Rules::Schema { packs } => {
            out.write_all(rule::schema::render(&load(packs)?).as_bytes())?;
            Ok(GOOD)
        }
        Rules::Doc { packs } => {
            out.write_all(rule::manual::render(&load(packs)?).as_bytes())?;
            Ok(GOOD)
        }
        Rules::New { kind, cause, name, into } => {
            let (cause, name) = (cause.as_deref(), name.as_deref());
            // A pack with causes of its own is asked too, unless it has mistakes yet.
            let own = into.as_deref().and_then(|folder| RuleSet::from_folder(folder).ok());
            let rules = own.map_or_else(core, Ok)?;
            new::run(&rules, &new::Wanted { kind, cause, name, into: into.as_deref() }, out)
        }
        Rules::Backtest { dir, baseline, junit, json, jobs, no_progress, packs } => {
            let wanted = backtest::Wanted {
                dir,
                baseline: baseline.as_deref(),
                junit: junit.as_deref(),
                json: json.as_deref(),
                jobs: *jobs,
                progress: !no_progress,
            };
            backtest::run(&load(packs)?, &wanted, out)
        }
    }
}

/// Loads the pack that is written: the one in a folder, else the built-in one.
fn of(folder: Option<&Path>) -> Result<RuleSet, Refused> {
    folder.map_or_else(RuleSet::core, RuleSet::from_folder)
}

fn core() -> Result<RuleSet, Error> {
    RuleSet::core().map_err(refused)
}

fn refused(refused: Refused) -> Error {
    Error::Rules(refused.to_string())
}

fn status(good: bool) -> u8 {
    if good { GOOD } else { BAD }
}

/// Writes a file whole.
fn save(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source: io::Error| Error::Write { path: path.to_owned(), source };
    std::fs::write(path, text).map_err(failed)
}
