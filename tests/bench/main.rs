//! Measures both programs against yardsticks and other tools: `cargo run --release -p tetra-bench -- DIR`.
//!
//! CPU seconds of the whole process tree and peak memory, the commands in turn, medians, as a table in Markdown. Wall time
//! on a shared machine says nothing, so none is told. `guard` counts instructions instead, on small fixed inputs.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of ours, on inputs of its own making: what it makes is known, and it talks to a person"
)]

mod commands;
#[path = "gen/mod.rs"]
mod generate;
mod guard;
mod inputs;
mod measure;
mod table;
mod yard;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures both programs against yardsticks and other tools.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Act>,
    /// Folder of the inputs; what is not there is made.
    folder: Option<PathBuf>,
    /// Rounds; of each command, the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Size of the largest inputs in MB.
    #[arg(long, default_value_t = 1_000)]
    mb: u64,
    /// Leave out commands whose names do not contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// The analyzer, if it is not the one beside this program.
    #[arg(long)]
    analyzer: Option<PathBuf>,
    /// The collector, if it is not the one beside this program; without one, collecting is not measured.
    #[arg(long)]
    collector: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Counts instructions on small fixed inputs, and compares them with what is known (callgrind).
    Guard {
        /// The file with the known counts.
        known: PathBuf,
        /// Write the counts anew.
        #[arg(long)]
        update: bool,
        /// The analyzer, if it is not the one beside this program.
        #[arg(long)]
        analyzer: Option<PathBuf>,
    },
    /// Runs a command and writes what it cost; for this program's own use.
    #[command(hide = true)]
    Measured {
        told: PathBuf,
        #[arg(last = true)]
        command: Vec<OsString>,
    },
    /// Does the least that could be done with an input.
    #[command(hide = true)]
    Yard { what: Yard, path: PathBuf },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Yard {
    Read,
    Hash,
    Iterate,
    Inflate,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Gives the analyzer beside this program.
fn beside(given: Option<PathBuf>) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?.with_file_name("tetra-analyze");
    let analyzer = given.unwrap_or(own);
    if analyzer.is_file() {
        return Ok(analyzer);
    }
    let what = format!("`{}` is not there: cargo build --release -p tetra-analyze", analyzer.display());
    Err(io::Error::new(io::ErrorKind::NotFound, what))
}

fn run(args: Args) -> io::Result<bool> {
    match args.command {
        Some(Act::Measured { told, command }) => measure::parent(&told, &command).map(|()| true),
        Some(Act::Yard { what, path }) => {
            let bytes = match what {
                Yard::Read => yard::read(&path)?,
                Yard::Hash => yard::hash(&path)?,
                Yard::Iterate => yard::iterate(&path)?,
                Yard::Inflate => yard::inflate(&path)?,
            };
            println!("{bytes}");
            Ok(true)
        }
        Some(Act::Guard { known, update, analyzer }) => guard::run(&beside(analyzer)?, &known, update),
        None => {
            let folder = args.folder.ok_or_else(|| io::Error::other("a folder for the inputs is missing"))?;
            let analyzer = beside(args.analyzer)?;
            let million = 1_000_000;
            let sizes = inputs::Sizes {
                bulk: args.mb * million,
                dense: args.mb * million / 4,
                log: args.mb * million,
            };
            let inputs = inputs::make(&folder, sizes, &mut |told| eprintln!("{told}"))?;
            let beside = std::env::current_exe()?.with_file_name("tetra-collect");
            let collector = args.collector.or_else(|| beside.is_file().then_some(beside));
            let commands = commands::all(&analyzer, collector.as_deref(), &inputs)?;
            let chosen: Vec<_> = commands.into_iter().filter(|one| one.name().contains(&args.only)).collect();
            let costs = commands::measure(&chosen, args.rounds.max(1), &folder)?;
            print!("{}", table::table(&costs));
            let log = std::fs::metadata(&inputs.log).ok().map(|log| log.len() as f64 / million as f64);
            print!("{}", table::goals(&costs, log));
            Ok(true)
        }
    }
}
