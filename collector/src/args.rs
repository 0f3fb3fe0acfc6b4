//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};

/// Collects what tells why an endpoint does not get its TETRA definitions, in one zip.
///
/// Exit status: 0 all steps are done, 1 some failed and the bundle is written, 2 there is no bundle.
#[derive(Debug, Parser)]
#[command(name = "tetra-collect", version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the collector can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Seals a folder that is laid out like a bundle: manifest with hashes, one zip.
    ///
    /// Files are expected where a bundle has them: connector/local.xml, connector/policy.xml,
    /// connector/posture.json, connector/logs/*, network/capture.pcapng, … Others are taken along.
    /// A manifest.json in the folder gives times, host facts and steps; its list of files is made anew.
    Seal {
        /// The folder to seal. Links in it are not followed.
        folder: PathBuf,
        /// The bundle to write. An existing file is never replaced.
        #[arg(short, long, value_name = "OUT.zip")]
        output: PathBuf,
        /// The time of the collection, where the folder's manifest gives none (default: now).
        #[arg(long, value_name = "RFC 3339")]
        time: Option<DateTime<Utc>>,
    },
    /// Tests from this computer whether the connector's servers can be reached, and changes nothing.
    Probe(crate::probe::ProbeArgs),
    /// Hands a bundle to a support case by HTTPS; it is encrypted on the way, and only sent when you ask for it here.
    Upload(crate::upload::UploadArgs),
}
