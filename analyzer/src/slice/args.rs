//! The command line of `slice`.

use std::path::PathBuf;

use crate::args::Packs;
use clap::Args;

const EXAMPLES: &str = "\
Example:
  tetra-analyze slice case.zip -o small.pcapng
  tshark -r small.pcapng -Y frame.comment -T fields -e frame.number -e frame.comment";

/// What to slice, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = EXAMPLES)]
pub struct Slice {
    /// Bundle, archive, folder or file; several are read as one bundle
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// The file to write, pcapng; replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,

    /// Which rule packs to use.
    #[command(flatten)]
    pub packs: Packs,

    /// Shows no progress
    #[arg(long)]
    pub no_progress: bool,
}
