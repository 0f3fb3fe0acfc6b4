//! Why an input cannot be read at all, or a bundle not be written.

use std::io;
use std::path::PathBuf;

/// Why a bundle cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No path was given.
    #[error("no input was given (expected a bundle, the vendor's archive, a folder, or captures)")]
    NoInput,
    /// The input cannot be opened.
    #[error("cannot open `{path}`")]
    Open {
        /// The input.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The input has no bytes.
    #[error("`{path}` is empty (expected a bundle, the vendor's archive, a folder, or a capture)")]
    Empty {
        /// The input.
        path: PathBuf,
    },
    /// The input is a device, a pipe or a socket.
    #[error("`{path}` is not a regular file (expected a zip archive, a folder, or a capture)")]
    NotRegular {
        /// The input.
        path: PathBuf,
    },
    /// The input is of a form that nothing here reads.
    #[error(
        "`{path}` is neither a zip archive, a folder, nor a capture (expected a zip, whatever its \
         extension, a pcap or pcapng file, local.xml, policy.xml, a connector log, posture JSON, a saved \
         curl or Resolve-DnsName session, or a console record)"
    )]
    Unrecognized {
        /// The input.
        path: PathBuf,
    },
    /// The input is of a known form that must be converted first.
    #[error("`{path}` is {form}, which is not read (expected {expected})")]
    Foreign {
        /// The input.
        path: PathBuf,
        /// What it is.
        form: &'static str,
        /// What to give instead.
        expected: &'static str,
    },
    /// The archive or folder has more entries than the limit.
    #[error("`{path}` has {found} entries or more (expected at most {limit})")]
    TooManyEntries {
        /// The input.
        path: PathBuf,
        /// How many it says it has, or how many were counted.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The archive's directory cannot be read, and no entry was found without it.
    #[error("`{path}` starts as a zip archive, but no entry of it can be found (is it cut off?)")]
    Archive {
        /// The input.
        path: PathBuf,
        /// Why.
        source: rawzip::Error,
    },
    /// An entry cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The entry.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The bundle to write is there already.
    #[error("`{path}` exists already (expected a name that is free: older bundles are kept)")]
    Exists {
        /// The bundle.
        path: PathBuf,
    },
    /// A name cannot be given to an entry of a bundle.
    #[error("`{name}` cannot be the name of an entry: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The bundle cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The bundle.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
