//! Archived cases: thousands of bundles into one table, each analysed by a process of its own.
//!
//! `paths → jobs, largest first → workers → one child process each → one writer → SQLite → export, report`. A bundle that
//! crashes, hangs or is garbage is a row with its status, never a lost run; what is in the table is not done again unless the
//! bundle, the rules or the program changed. Analysis itself is left to [`crate::diagnose`]. `analyzer/BATCH.md` is the manual.

mod address;
pub mod args;
#[cfg(feature = "buckets")]
mod buckets;
mod child;
mod columns;
mod describe;
mod drain;
mod export;
mod fill;
mod inputs;
mod key;
mod limits;
mod list;
mod progress;
mod report;
mod row;
mod store;
mod summary;
mod supervise;
mod unexplained;
pub mod watch;

use std::io::Write;
use std::path::PathBuf;

pub use row::{AttemptRow, Row, SCHEMA, Status};

use crate::report::Lang;
use args::{Batch, BatchCommand};

/// Why archived cases cannot be worked on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Rules do not load.
    #[error("the rules cannot be used\n{0}")]
    Rules(String),
    /// The process cannot be bounded.
    #[error("the limits cannot be set")]
    Limits(#[source] std::io::Error),
    /// The input cannot be listed.
    #[error("cannot list `{path}`")]
    List {
        /// What was given.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A pattern is wrong.
    #[error("`{0}` is no pattern of paths")]
    Pattern(String, #[source] globset::Error),
    /// There is nothing to analyse.
    #[error("no bundle was found (expected archives, captures, or folders of a bundle)")]
    NoBundles,
    /// The table cannot be opened.
    #[error("cannot open the table `{path}`")]
    Table {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// The file is no table of cases, or of another version.
    #[error("`{path}` is not a table of cases that this version knows")]
    NotATable {
        /// Where it is.
        path: PathBuf,
    },
    /// Another run writes to the table.
    #[error("another run is writing to `{0}`")]
    Busy(PathBuf),
    /// The table cannot be read or written.
    #[error("the table cannot be used")]
    Sql(#[from] rusqlite::Error),
    /// The program cannot be started again for a bundle.
    #[error("cannot start a process for a bundle")]
    Start(#[source] std::io::Error),
    /// A table of networks cannot be read, or a line of it is none.
    #[error("`{path}` cannot be used: line {line}: {why}")]
    Networks {
        /// Where it is.
        path: PathBuf,
        /// Where in it, from 1; 0 where it cannot be opened.
        line: u64,
        /// Why not.
        why: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something cannot be written.
    #[error("cannot write")]
    Output(#[from] std::io::Error),
}

/// Does what is asked of the cases; gives the exit status. Only the report of a row speaks the language.
pub fn run(batch: &Batch, lang: Lang, out: &mut dyn Write) -> Result<u8, Error> {
    match &batch.command {
        None => fill::run(&batch.fill, out),
        Some(BatchCommand::Row(args)) => child::run(args, lang, out).map(|()| 0),
        Some(BatchCommand::List(args)) => list::run(args, out).map(|()| 0),
        Some(BatchCommand::Export(args)) => export::run(args, out).map(|()| 0),
        Some(BatchCommand::Report(args)) => report::run(args, out).map(|()| 0),
    }
}
