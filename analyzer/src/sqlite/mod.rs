//! Exports an analysis to a SQLite file, for questions that no report answers.
//!
//! The tables stand in `schema.sql`, with what each column means; `SQLITE.md` shows how to ask. Whatever the file
//! already holds of the same input is replaced, all of it or nothing; what it holds of others stays.

mod rows;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::model::{Analysis, Case};

/// The tables.
const SCHEMA: &str = include_str!("schema.sql");
/// Version of the tables, kept in the file's `user_version`.
const VERSION: u32 = 1;
/// What the file's header carries as `application_id`: `TTRA`.
const OURS: u32 = 0x5454_5241;
/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why an analysis cannot be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is something else.
    #[error("`{path}` is not an export of this program; it is not touched")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is of another version.
    #[error(
        "`{path}` has tables of version {found}, and this program writes version {VERSION}; it is not touched"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file cannot be looked at.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
}

/// Writes an analysis to a file of its own or to one that holds others.
pub(crate) fn export(analysis: &Analysis, case: &Case, path: &Path) -> Result<(), Error> {
    let is_new = look(path)?;
    let write = || -> rusqlite::Result<()> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let transaction = connection.transaction()?;
        if is_new {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", OURS)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        rows::replace(&transaction, analysis, case)?;
        transaction.commit()
    };
    write().map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Looks at the header of a file before anything opens it; tells whether there is none yet.
fn look(path: &Path) -> Result<bool, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut header = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(failed(error)),
    };
    if header.is_empty() {
        return Ok(true);
    }
    // <https://www.sqlite.org/fileformat2.html>: the database header.
    let number = |at: usize| {
        header
            .get(at..at.saturating_add(4))
            .and_then(|bytes| Some(u32::from_be_bytes(bytes.try_into().ok()?)))
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != Some(OURS) {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    match number(60) {
        Some(VERSION) => Ok(false),
        found => Err(Error::Version { path: path.to_owned(), found: found.unwrap_or(0) }),
    }
}
