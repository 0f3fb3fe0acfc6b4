//! The command line of `diff`.

use std::path::PathBuf;

use crate::args::Packs;
use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
What counts: settings, path, rungs, timings, certificates, resolvers, proxy, versions, sources, outcome and
cause. Where several attempts are seen, the last one that ended is compared. Times differ when one is twice
the other and 100 ms lie between them.

Examples:
  tetra-analyze diff before.zip after.zip
  tetra-analyze diff --format json good.zip bad.zip";

/// What to compare.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = EXAMPLES)]
pub struct Diff {
    /// Bundle, archive, folder or capture: before, or the good one
    #[arg(value_name = "A")]
    pub a: PathBuf,

    /// The other: after, or the bad one
    #[arg(value_name = "B")]
    pub b: PathBuf,

    /// Form of the comparison
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Text)]
    pub format: Form,

    /// Which rule packs to use.
    #[command(flatten)]
    pub packs: Packs,

    /// Writes to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Shows no progress
    #[arg(long)]
    pub no_progress: bool,
}

/// The form of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// For programs: schema tetra-diff/1
    Json,
}
