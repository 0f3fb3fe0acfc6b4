//! Why the program cannot do what was asked, in words for the one who asked.

use std::io;
use std::path::PathBuf;

/// Why the program cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input cannot be opened.
    #[error("cannot analyse the input")]
    Open(#[source] tetra_bundle::Error),
    /// The input can be opened, and nothing in it is of use.
    #[error(
        "nothing in `{path}` is known (expected a bundle's or the vendor's files, or captures, local.xml, policy.xml, \
         connector logs, posture JSON, saved curl or Resolve-DnsName sessions)"
    )]
    NothingKnown {
        /// The input as it was given.
        path: String,
    },
    /// Rules do not load.
    #[error("the rules cannot be used\n{0}")]
    Rules(String),
    /// A name on the command line is not known.
    #[error("there is no {what} `{word}`{}", near.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// What it should name.
        what: &'static str,
        /// The name as it was given.
        word: String,
        /// The known name that is most like it.
        near: Option<String>,
    },
    /// Cases or an earlier run cannot be read.
    #[error("cannot read `{path}`")]
    Cases {
        /// What cannot be read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A known answer or an earlier run is not as it should be.
    #[error("`{path}` does not hold what it should")]
    Answer {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// There are no cases in a folder.
    #[error("there is no case in `{path}` (a folder with `expected.json` or `truth.json`)")]
    NoCases {
        /// The folder.
        path: PathBuf,
    },
    /// A case has nothing to analyse.
    #[error("the case `{path}` has an answer, but nothing beside it to analyse")]
    NoInput {
        /// The folder of the case.
        path: PathBuf,
    },
    /// A name that no rule can have.
    #[error("`{name}` cannot be the name of a rule: 10 to 70 lower-case letters, digits and `_`")]
    Name {
        /// The name as it was given.
        name: String,
    },
    /// The report cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Archived cases cannot be worked on.
    #[error(transparent)]
    Batch(crate::batch::Error),
    /// A slice cannot be made.
    #[error("cannot slice the input")]
    Slice(#[from] crate::slice::Error),
    /// What was found cannot be exported.
    #[error("cannot export to SQLite")]
    Sqlite(#[from] crate::sqlite::Error),
    /// Standard output is closed or broken.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}
