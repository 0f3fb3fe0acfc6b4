//! What may be asked of `tetra-analyze batch`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Exit status:
  0  every bundle was analysed, whatever the verdicts
  1  some bundles could not be; their rows say why
  2  could not run

Examples:
  Years of cases into one table; the same command again does only what is new:
      tetra-analyze batch /srv/cases --db cases.sqlite
  A list on standard input:
      find /srv/cases -name '*.zip' | tetra-analyze batch - --db cases.sqlite
  What failed, once more, with more time:
      tetra-analyze batch /srv/cases --db cases.sqlite --retry failed --time 1800
  What is in it:
      tetra-analyze batch report cases.sqlite
      tetra-analyze batch export cases.sqlite --format csv --output cases.csv

A PATH that is named like a command is given as ./export.";

/// Analyses many archived cases, each in a process of its own, into one table.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = AFTER_HELP
)]
pub struct Batch {
    /// What else to do with a table of cases.
    #[command(subcommand)]
    pub command: Option<BatchCommand>,
    /// What to analyse.
    #[command(flatten)]
    pub fill: Fill,
}

/// What to analyse, and how much each bundle may cost.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Fill {
    /// Bundle, capture or folder (searched through), a pattern such as 'cases/**/*.zip', or - for a list on standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,

    /// The table: an SQLite file, made if it is not there
    #[arg(long, value_name = "FILE", required = true)]
    pub db: Option<PathBuf>,

    /// Adds a rule pack; may be given several times
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    /// Bundles at work at once; as many as there are processors if left out
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,

    /// Does only one of N parts of about equal size, counted from 0: for arrays of jobs
    #[arg(long, value_name = "K/N")]
    pub part: Option<Part>,

    /// Limits of one bundle.
    #[command(flatten)]
    pub limits: Limits,

    /// Does again what is in the table already
    #[arg(long, value_enum, value_name = "WHAT")]
    pub retry: Option<Retry>,

    /// Reads every bundle to see whether it has changed, instead of trusting its size and time
    #[arg(long)]
    pub rehash: bool,

    /// Shows no progress
    #[arg(long)]
    pub no_progress: bool,
}

/// How much one bundle may cost.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Limits {
    /// Seconds that one bundle may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub time: u64,

    /// MiB of address space that one bundle may take
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub memory: u64,

    /// MiB of output that one bundle may give
    #[arg(long, value_name = "MIB", default_value_t = 16)]
    pub output_limit: u64,
}

/// What to do again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Retry {
    /// What could not be analysed
    Failed,
    /// Everything
    All,
}

/// What else to do with cases.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum BatchCommand {
    /// Analyses one bundle and prints its row: one line of JSON, schema tetra-case/1
    ///
    /// This is what `batch` runs for each bundle, and what other schedulers (Spark, Slurm, Kubernetes) are to run. A bundle that
    /// cannot be read gives a row too. A crash, or a limit that is hit, ends the process without one.
    Row(RowArgs),
    /// Lists what would be analysed, largest first: one line of JSON with path, bytes and modified (ns since 1970) for each
    List(ListArgs),
    /// Gives the table to other programs: the cases of the latest rules and program, sorted by path
    Export(ExportArgs),
    /// Shows what fails where: causes by week, version, region and proxy, what is new, and clusters of cases without a cause
    Report(ReportArgs),
}

/// One bundle to make a row of.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct RowArgs {
    /// The bundle
    #[arg(value_name = "PATH", required_unless_present = "key")]
    pub path: Option<PathBuf>,

    /// Adds a rule pack; may be given several times
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    /// Seconds of processor time after which the process ends itself; with it, it also ends with its parent
    #[arg(long, value_name = "SECONDS")]
    pub time: Option<u64>,

    /// MiB of address space that the process may take
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,

    /// Also writes the report of the bundle to a file: a page if it ends in .html, JSON if it ends in .json, else text
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub report: Option<PathBuf>,

    /// Prints what a row is valid for: of the bundle its SHA-256, without a bundle that of the rules and the version
    #[arg(long)]
    pub key: bool,
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ListArgs {
    /// Bundle, capture or folder (searched through), a pattern such as 'cases/**/*.zip', or - for a list on standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,

    /// Lists only one of N parts of about equal size, counted from 0
    #[arg(long, value_name = "K/N")]
    pub part: Option<Part>,
}

/// One of several parts of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl FromStr for Part {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (index, count) = text.split_once('/').ok_or("expected K/N, such as 0/64")?;
        let (Ok(index), Ok(count)) = (index.parse(), count.parse()) else {
            return Err("expected K/N, such as 0/64");
        };
        if index < count && count <= MOST_PARTS {
            Ok(Self { index, count })
        } else {
            Err("K is from 0 to N - 1, N at most 1000000")
        }
    }
}

/// Most parts that work is cut into.
const MOST_PARTS: usize = 1_000_000;

/// What of a table to give to other programs.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ExportArgs {
    /// The table
    #[arg(value_name = "FILE")]
    pub db: PathBuf,

    /// Form of the export
    #[arg(long, value_enum, value_name = "FORM", default_value_t = ExportFormat::Jsonl)]
    pub format: ExportFormat,

    /// Gives the attempts instead of the cases; in `jsonl`, a case holds its attempts anyway
    #[arg(long)]
    pub attempts: bool,

    /// Writes to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What to show of a table.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ReportArgs {
    /// The table
    #[arg(value_name = "FILE")]
    pub db: PathBuf,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORM", default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Writes to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Writes the skeleton of a rule for each cluster into this folder, as rule packs that `--rules` takes
    #[arg(long, value_name = "DIR")]
    pub skeletons: Option<PathBuf>,

    /// Groups endpoints by the provider or site of their address: CSV of first address, last address, AS number, name; may be given several times
    #[arg(long, value_name = "FILE")]
    pub networks: Vec<PathBuf>,
}

/// The form of a report on many cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    Text,
    /// One page with charts, which needs neither network nor scripts
    Html,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object per line
    Jsonl,
    /// Comma-separated, for spreadsheets: what they would take for a formula begins with an apostrophe
    Csv,
    /// Apache Parquet
    #[cfg(feature = "parquet")]
    Parquet,
}
