//! The child's side: one bundle in, one row out.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use tetra_bundle::{Bundle, Entry, SourceId};

use super::args::RowArgs;
use super::row::{Row, Status};
use super::{Error, address, describe, key, limits, unexplained};
use crate::gather::chain;
use crate::model::{Analysis, Verdict};
use crate::progress::Progress;
use crate::report::text::{Glyphs, TextOptions};
use crate::report::{self, Lang};
use crate::rule::RuleSet;

/// Names the folder, in the environment, in which what is fetched from a bucket may lie for a while.
pub(super) const PLACE: &str = "TETRA_ANALYZE_PLACE";
/// Longest name of a file for what is fetched.
const NAME: usize = 100;

/// Columns of a report in a file.
const WIDTH: usize = 100;

/// Prints the row of one bundle, within the limits that are asked for.
pub(super) fn run(args: &RowArgs, lang: Lang, out: &mut dyn Write) -> Result<(), Error> {
    let memory = args.memory.map(|mebibytes| mebibytes.saturating_mul(1 << 20));
    limits::bind(memory, args.time).map_err(Error::Limits)?;
    match &args.path {
        Some(path) if args.key => writeln!(out, "{}", key::content(path)?)?,
        Some(path) => {
            let rules = key::load(&args.rules)?;
            let sha256 = key::rules(&rules);
            let report = args.report.as_deref().map(|path| (path, lang));
            let row = match address::of(path) {
                Some(address) => remote(address, &rules, &sha256, report, args.time.is_none())?,
                None => examine(path, &rules, &sha256, report)?,
            };
            serde_json::to_writer(&mut *out, &row).map_err(io::Error::from)?;
            writeln!(out)?;
            // The process is about to end, and its memory with it.
            std::mem::forget(rules);
        }
        None => {
            let sha256 = key::rules(&key::load(&args.rules)?);
            writeln!(out, "{sha256} {}", env!("CARGO_PKG_VERSION"))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The report that is asked for: where to, and in which language.
type Report<'a> = Option<(&'a Path, Lang)>;

/// Fetches what an analysis reads of a bundle in a bucket, and analyses that.
fn remote(
    address: &str,
    rules: &RuleSet,
    sha256: &str,
    report: Report<'_>,
    tell: bool,
) -> Result<Row, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("tetra-analyze-");
    let place = match std::env::var_os(PLACE) {
        Some(folder) => builder.tempdir_in(folder)?,
        None => builder.tempdir()?,
    };
    // The name may tell what it is; what is not plain in it is left out.
    let name = address.rsplit('/').next().unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&letter);
    let name: String =
        name.chars().map(|letter| if plain(letter) { letter } else { '_' }).take(NAME).collect();
    let to = place.path().join(if name.starts_with('.') || name.is_empty() { "bundle" } else { &name });
    match address::fetch(address, &to) {
        Ok(fetched) => {
            if tell {
                let address::Fetched { bytes, fetched, requests, .. } = &fetched;
                drop(writeln!(io::stderr(), "fetched {fetched} of {bytes} bytes in {requests} requests"));
            }
            let mut row = examine(&to, rules, sha256, report)?;
            row.content = fetched.content;
            Ok(row)
        }
        Err(error) => {
            let mut row = Row::without_answer(Status::Unreadable, describe::cut(&error.to_string()));
            sha256.clone_into(&mut row.rules);
            row.content = format!("path:{address}");
            Ok(row)
        }
    }
}

/// Analyses one bundle; what goes wrong with it is in the row.
fn examine(path: &Path, rules: &RuleSet, sha256: &str, report: Report<'_>) -> Result<Row, Error> {
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
        Err(error) => return Ok(without(Status::Refused, chain(&error))),
    };
    let known = |entry: &Entry| !matches!(entry.source, SourceId::Unknown | SourceId::Readme);
    if bundle.anomalies().is_empty() && !bundle.entries().iter().any(known) {
        return Ok(without(Status::Refused, "nothing in it is known".to_owned()));
    }
    match crate::examine(&bundle, rules, &path.display().to_string(), &Progress::hidden()) {
        Ok((mut analysis, mut case)) => {
            let mut row = describe::row(&analysis, &case, rules, sha256);
            if row.cause.is_none() && analysis.diagnosis.verdict != Verdict::Healthy {
                row.unexplained = unexplained::find(&bundle, rules.templates());
            }
            if let Some((to, lang)) = report {
                // The row is the same in every language.
                if lang == Lang::Zh {
                    let mut rules = rules.clone();
                    crate::run::speak(&mut rules, lang);
                    let input = analysis.input.clone();
                    analysis = crate::judge(&bundle, &rules, &mut case);
                    analysis.input = input;
                }
                report::translate(&mut analysis, lang);
                write_report(&analysis, to, lang)
                    .map_err(|source| Error::Write { path: to.to_owned(), source })?;
            }
            Ok(row)
        }
        Err(error) => Ok(without(Status::Unreadable, chain(&error))),
    }
}

/// Writes a report, in the form that the name asks for; it is there as a whole or not at all.
fn write_report(analysis: &Analysis, to: &Path, lang: Lang) -> io::Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
    let mut out = BufWriter::new(file.as_file_mut());
    match to.extension().and_then(|ending| ending.to_str()) {
        Some("html") => report::html::write(analysis, lang, &mut out)?,
        Some("json") => report::json::write(analysis, &mut out)?,
        _ => {
            let plain = TextOptions { color: false, width: WIDTH, lang, glyphs: Glyphs::Unicode };
            report::text::write(analysis, &plain, &mut out)?;
        }
    }
    out.flush()?;
    drop(out);
    readable_by_all(file.as_file())?;
    file.persist(to).map(drop).map_err(|failed| failed.error)
}

/// Gives a file the rights that others in its folder have: a temporary one is its owner's alone.
#[cfg(unix)]
fn readable_by_all(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &std::fs::File) -> io::Result<()> {
    Ok(())
}
