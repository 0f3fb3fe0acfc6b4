//! The child's side: one bundle in, one row out.

use std::io::Write;
use std::path::Path;

use tetra_bundle::{Bundle, Entry, SourceId};

use super::args::RowArgs;
use super::row::{Row, Status};
use super::{Error, describe, key, limits, unexplained};
use crate::gather::chain;
use crate::model::Verdict;
use crate::progress::Progress;
use crate::rule::RuleSet;

/// Prints the row of one bundle, within the limits that are asked for.
pub(super) fn run(args: &RowArgs, out: &mut dyn Write) -> Result<(), Error> {
    let memory = args.memory.map(|mebibytes| mebibytes.saturating_mul(1 << 20));
    limits::bind(memory, args.time).map_err(Error::Limits)?;
    match &args.path {
        Some(path) if args.key => writeln!(out, "{}", key::content(path)?)?,
        Some(path) => {
            let rules = key::load(&args.rules)?;
            let row = examine(path, &rules, &key::rules(&rules));
            serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        None => {
            let sha256 = key::rules(&key::load(&args.rules)?);
            writeln!(out, "{sha256} {}", env!("CARGO_PKG_VERSION"))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Analyses one bundle; what goes wrong is in the row.
pub(super) fn examine(path: &Path, rules: &RuleSet, sha256: &str) -> Row {
    let without = |status, message: String| {
        // A bundle may lie under several names; its row is the same.
        let message = message.replace(&path.display().to_string(), "the input");
        let mut row = Row::without_answer(status, describe::cut(&message));
        row.rules = sha256.to_owned();
        row.content = key::content(path).unwrap_or_default();
        row
    };
    let bundle = match Bundle::open(path, tetra_bundle::Limits::default()) {
        Ok(bundle) => bundle,
        Err(error) => return without(Status::Refused, chain(&error)),
    };
    let known = |entry: &Entry| !matches!(entry.source, SourceId::Unknown | SourceId::Readme);
    if bundle.anomalies().is_empty() && !bundle.entries().iter().any(known) {
        return without(Status::Refused, "nothing in it is known".to_owned());
    }
    match crate::examine(&bundle, rules, &path.display().to_string(), &Progress::hidden()) {
        Ok((analysis, case)) => {
            let mut row = describe::row(&analysis, &case, rules, sha256);
            if row.cause.is_none() && analysis.diagnosis.verdict != Verdict::Healthy {
                row.unexplained = unexplained::find(&bundle, rules.templates());
            }
            row
        }
        Err(error) => without(Status::Unreadable, chain(&error)),
    }
}
