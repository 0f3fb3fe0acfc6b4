//! The table for other programs: JSON lines, CSV, Parquet. Same table, same bytes: sorted, and nothing of when or how it was made.

mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{BufWriter, Write};

use serde_json::{Map, Value};

use super::Error;
use super::args::{ExportArgs, ExportFormat};
use super::columns::{ATTEMPT, CASE, Column, KEY, PLACE};
use super::store::Store;

/// Writes the table as it is asked for.
pub(super) fn run(args: &ExportArgs, out: &mut dyn Write) -> Result<(), Error> {
    let store = Store::reader(&args.db)?;
    let Some(path) = &args.output else { return write(args, &store, out) };
    let failed = |source| Error::Write { path: path.clone(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    write(args, &store, &mut file)?;
    file.flush().map_err(failed)
}

fn write(args: &ExportArgs, store: &Store, out: &mut dyn Write) -> Result<(), Error> {
    match args.format {
        ExportFormat::Jsonl => jsonl::write(store, args.attempts, out),
        ExportFormat::Csv => csv::write(store, args.attempts, out),
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => parquet::write(store, args.attempts, out),
    }
}

/// Gives the columns of an export.
fn columns(attempts: bool) -> Vec<Column> {
    if attempts { [KEY.as_slice(), &ATTEMPT].concat() } else { [PLACE.as_slice(), &CASE].concat() }
}

/// Calls `each` with every record of an export, as JSON.
fn records(
    store: &Store,
    attempts: bool,
    each: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
) -> Result<(), Error> {
    store.cases(&mut |case| {
        if !attempts {
            return each(case);
        }
        for attempt in attempts_of(store, &case)? {
            let mut record: Map<String, Value> = Map::new();
            for (name, _) in KEY {
                record.insert(name.to_owned(), case.get(name).cloned().unwrap_or_default());
            }
            if let Value::Object(attempt) = attempt {
                record.extend(attempt);
            }
            each(record)?;
        }
        Ok(())
    })
}

/// Gives the attempts of a case.
fn attempts_of(store: &Store, case: &Map<String, Value>) -> Result<Vec<Value>, Error> {
    let text = |name: &str| case.get(name).and_then(Value::as_str).unwrap_or_default();
    store.attempts(text("content"), text("rules"), text("tool"))
}
