//! The command line: what may be asked, the help that teaches it, and how the report is to look.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use self::chinese::command;
pub use self::language::{Language, Surroundings, language_after_command, language_of};
pub use self::rules::{Packs, Rules};
pub use self::usage::usage;
use crate::diff::Diff;
use crate::report::Lang;
use crate::report::markdown::Reader;
use crate::report::text::{Glyphs, TextOptions};
use crate::slice::Slice;

mod chinese;
mod language;
mod rules;
mod usage;

/// Columns of a report that goes to no terminal.
const FILE_WIDTH: usize = 100;
/// Widest report; longer lines are hard to read.
const WIDEST: usize = 120;

const AFTER_HELP: &str = "\
Run `tetra-analyze --help` for what goes in, what comes out, exit statuses and examples.";

const AFTER_LONG_HELP: &str = "\
What goes in:
  A bundle of tetra-collect (zip), the vendor's own diagnostic archive (zip,
  also where it is named .7z), a folder of either, or loose files: captures
  (pcap, pcapng), local.xml, policy.xml, posture.json, sfc.exe.log, saved
  transcripts of `curl -v` and `Resolve-DnsName`. Several PATHs are read as
  one bundle. Nothing is unpacked to disk, nothing in it is run, and no
  network is used.

What comes out:
  The verdict, the one cause with its evidence (path and frame or line, and
  a display filter for Wireshark), what is ruled out and by what, what cannot
  be told, and what to do next. `--format json` gives the same to programs;
  `tetra-analyze schema` prints its JSON Schema. The report goes to standard
  output, progress and errors go to standard error.

Exit status:
  0  healthy: an update is seen to end well
  1  found: a cause, or something else that needs attention
  2  could not run: wrong usage, unreadable input, broken rules
  3  inconclusive: the report says what to collect

Examples:
  Why does this endpoint not get its definitions?
      tetra-analyze DESKTOP-QFC3PVT.zip
  The same from loose files:
      tetra-analyze capture.pcapng local.xml
  For another program, into a file:
      tetra-analyze --format json --output case.json support-folder/
  What does this `lasterror` mean?
      tetra-analyze code 4294965196
  With rules of your own beside the built-in ones:
      tetra-analyze --rules site-rules/ case.zip

A PATH that is named like a command is given as ./code.";

/// Names the one cause why a Cisco Secure Endpoint does not get its TETRA definitions, with the evidence.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "tetra-analyze",
    version,
    after_help = AFTER_HELP,
    after_long_help = AFTER_LONG_HELP,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    max_term_width = 110
)]
pub struct Args {
    /// What else to do than to analyse.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to analyse, and how to tell of it.
    #[command(flatten)]
    pub analyze: Analyze,

    /// Language of reports and help; the system's if left out (JSON: English)
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub lang: Option<Language>,
}

/// What to analyse, and how to tell of it.
#[derive(Clone, Debug, ClapArgs)]
pub struct Analyze {
    /// Bundle, archive, folder or file; several are read as one bundle
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Format::Text)]
    pub format: Format,

    /// Who reads the Markdown reply; the customer's leaves out internal names, addresses and users
    #[arg(long = "for", value_enum, value_name = "READER", default_value_t = For::Customer)]
    pub reader: For,

    /// Which rule packs to use.
    #[command(flatten)]
    pub packs: Packs,

    /// Writes the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Also exports what was found to a SQLite file, which may hold several inputs; tables: analyzer/SQLITE.md
    #[arg(long, value_name = "FILE")]
    pub sqlite: Option<PathBuf>,

    /// Colours in the text report; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub color: When,

    /// Uses no signs beyond ASCII in the text report
    #[arg(long)]
    pub ascii: bool,

    /// Shows no progress
    #[arg(long)]
    pub no_progress: bool,
}

/// What else the program does.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Looks up error codes offline: lasterror (unsigned, signed or hex), HRESULT, WinHTTP, curl, HTTP …
    ///
    /// Exit status: 0 when every code is known, 1 when one is not.
    #[command(
        after_help = "Examples:\n  tetra-analyze code 4294965196\n  tetra-analyze code 0x80092013 -2103 12057"
    )]
    Code {
        /// A number, unsigned, signed or with 0x
        #[arg(value_name = "CODE", required = true, allow_hyphen_values = true)]
        codes: Vec<String>,
    },
    /// Writes, checks, tests and explains rules
    #[command(subcommand)]
    Rules(Rules),
    /// Checks a bundle against its manifest: every file there, every hash right, nothing added
    ///
    /// Exit status: 0 when all agrees, 1 when not, 2 when it cannot be read.
    Verify {
        /// The bundle
        #[arg(value_name = "BUNDLE")]
        bundle: PathBuf,
    },
    /// Writes a small capture: only the packets that matter to the diagnosis, with comments on those that prove it
    ///
    /// Exit status: 0 when it is written, 2 when not.
    Slice(Slice),
    /// Compares two inputs: one endpoint before and after, or a good and a bad one; shows only what differs
    ///
    /// Exit status: 0 when verdict, cause and the end of the last attempt are the same, 1 when not, 2 when it could not
    /// run.
    Diff(Diff),
    /// Analyses many archived cases, each in a process of its own, into one table; exports it and reports on it
    Batch(crate::batch::args::Batch),
    /// Watches a folder: analyses bundles as they arrive, and puts the report of each beside it
    Watch(crate::batch::watch::Watch),
    /// Prints the completions of a shell
    ///
    /// For bash: tetra-analyze completions bash > ~/.local/share/bash-completion/completions/tetra-analyze
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Prints the JSON Schema of the JSON report
    Schema,
}

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, in a terminal
    Text,
    /// For programs: schema tetra-analysis/1
    Json,
    /// For browsers and print: one page that needs nothing else
    Html,
    /// A reply to paste into a case; see --for
    Markdown,
}

/// Who reads the Markdown reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum For {
    /// What was found and what to do, nothing internal
    Customer,
    /// Everything
    Engineer,
}

impl From<For> for Reader {
    fn from(reader: For) -> Self {
        match reader {
            For::Customer => Self::Customer,
            For::Engineer => Self::Engineer,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Analyze {
    /// Decides how the text report looks; a report that goes to a file takes nothing from the terminal.
    pub fn text_options(&self, surroundings: Surroundings, lang: Lang) -> TextOptions {
        let terminal = surroundings.stdout_is_terminal && self.output.is_none();
        let color = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !surroundings.no_color,
        };
        let width = surroundings.columns.filter(|_| terminal).unwrap_or(FILE_WIDTH).min(WIDEST);
        let poor = surroundings.few_signs && self.output.is_none();
        let glyphs = if self.ascii || poor { Glyphs::Ascii } else { Glyphs::Unicode };
        TextOptions { color, width, lang, glyphs }
    }
}

#[cfg(test)]
mod tests;
