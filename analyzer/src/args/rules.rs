//! The part of the command line that is for those who write rules.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// Which rule packs to use beside the one that is compiled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct Packs {
    /// Adds a rule pack; may be given several times, later ones over earlier ones
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    /// Leaves out the packs in the folders of the user and of the system
    #[arg(long)]
    pub no_installed_rules: bool,
}

/// What to do with rules.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Rules {
    /// Reports every mistake with file, line and the nearest known name
    ///
    /// Exit status: 0 without mistakes, 1 with some.
    Check {
        /// A rule pack; the built-in one if left out
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Replays the examples of the rules
    ///
    /// Every example is replayed; then every test and every part of a condition is taken out in turn, and what no
    /// example needs is named. Exit status: 0 when all is as expected, 1 when not.
    Test {
        /// A rule pack; the built-in one if left out
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Also fails where no example needs a part of a condition
        #[arg(long)]
        strict: bool,
        /// Writes the outcome as JUnit XML too
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
    },
    /// Lists rules with the causes they speak of
    List {
        /// Which rule packs to use.
        #[command(flatten)]
        packs: Packs,
    },
    /// Shows what a rule makes of a bundle: every test with its value, and the nearest misses
    ///
    /// Exit status: 0 when the rule holds, 1 when it does not, 2 when it could not be tried, 3 when it cannot be told.
    #[command(after_help = "Example:\n  tetra-analyze rules explain update_server_name_nxdomain case.zip")]
    Explain {
        /// Name or id of the rule
        #[arg(value_name = "RULE")]
        rule: String,
        /// Bundle, archive, folder or file; several are read as one bundle
        #[arg(value_name = "BUNDLE", required = true)]
        paths: Vec<PathBuf>,
        /// Which rule packs to use.
        #[command(flatten)]
        packs: Packs,
    },
    /// Writes the skeleton of a rule, with examples, that passes `check` and `test --strict`
    #[command(after_help = "Examples:\n  tetra-analyze rules new log_record\n  \
                      tetra-analyze rules new rung --cause tcp-refused --name site_firewall_refuses --into site-rules")]
    New {
        /// The kind of observation that the rule tests; `rules doc` lists them
        #[arg(value_name = "KIND")]
        kind: String,
        /// The cause it speaks for
        #[arg(long, value_name = "SLUG")]
        cause: Option<String>,
        /// Its name: the problem seen, 10 to 70 lower-case letters, digits and `_`
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Writes it where it belongs in this pack, and begins the pack if there is none; else to standard output
        #[arg(long, value_name = "DIR", requires = "name")]
        into: Option<PathBuf>,
    },
    /// Runs the rules over a folder of cases with known answers
    ///
    /// A case is a folder with `expected.json` or `truth.json` beside its input. Told are precision and recall per
    /// cause, what was taken for what, and the cases whose answer differs from the baseline. Exit status: 0 when every
    /// answer is right or, with a baseline, none got worse; 1 otherwise.
    Backtest {
        /// The folder of cases
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// The `--json` of an earlier run to compare with
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Writes the outcome as JUnit XML too
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
        /// Writes the outcome as JSON too: a baseline for later runs
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// How many cases are analysed beside each other; 0: as many as there are processors
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        jobs: usize,
        /// Shows no progress
        #[arg(long)]
        no_progress: bool,
        /// Which rule packs to use.
        #[command(flatten)]
        packs: Packs,
    },
    /// Prints the JSON Schema of rule files, for editors
    #[command(
        after_help = "For VS Code (extension YAML), first line of a rule file:\n  # yaml-language-server: $schema=../rule.schema.json"
    )]
    Schema {
        /// Which rule packs to use.
        #[command(flatten)]
        packs: Packs,
    },
    /// Prints the manual of kinds, fields, causes and rules as Markdown
    Doc {
        /// Which rule packs to use.
        #[command(flatten)]
        packs: Packs,
    },
}
