//! The command line at work: the one place that writes to standard output and standard error.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use tetra_bundle::{Bundle, CheckState, Entry, Limits, SourceId};

use crate::args::{Analyze, Args, Command, Format, Surroundings};
use crate::model::Verdict;
use crate::progress::Progress;
use crate::report::Lang;
use crate::report::text::clean;
use crate::rule::{self, RuleSet};
use crate::{diagnose, packs, report, workbench};

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
    /// Standard output is closed or broken.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

/// Exit statuses.
const HEALTHY: u8 = 0;
const FOUND: u8 = 1;
const INCONCLUSIVE: u8 = 3;

/// Does what the arguments ask; gives the exit status.
pub fn run(args: &Args, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Error> {
    match &args.command {
        None => analyze(&args.analyze, args.lang.map(Lang::from), surroundings, out),
        Some(Command::Code { codes }) => code(codes, out),
        Some(Command::Rules(rules)) => workbench::run(rules, out),
        Some(Command::Verify { bundle }) => verify(bundle, out),
        Some(Command::Batch(batch)) => crate::batch::run(batch, out).map_err(of_batch),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Args::command(), "tetra-analyze", out);
            Ok(HEALTHY)
        }
        Some(Command::Schema) => {
            report::json::write_schema(out)?;
            Ok(HEALTHY)
        }
    }
}

/// Tells a reader of the output who has enough of it from what went wrong with the cases.
fn of_batch(error: crate::batch::Error) -> Error {
    match error {
        crate::batch::Error::Output(error) => Error::Output(error),
        error => Error::Batch(error),
    }
}

fn analyze(
    args: &Analyze,
    asked: Option<Lang>,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Error> {
    // Programs read the same words wherever they run.
    let lang = asked.unwrap_or(if args.format == Format::Json { Lang::En } else { surroundings.lang });
    let mut rules = packs::load(&args.rules, !args.no_installed_rules)
        .map_err(|refused| Error::Rules(refused.to_string()))?;
    if lang == Lang::Zh {
        rules.speak("zh");
    }
    let bundle = match args.paths.as_slice() {
        [path] => Bundle::open(path, Limits::default()),
        paths => Bundle::open_many(paths, Limits::default()),
    }
    .map_err(Error::Open)?;
    let shown: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
    // Where something was left out, the anomalies say more than an error would.
    let known = |entry: &Entry| !matches!(entry.source, SourceId::Unknown | SourceId::Readme);
    if bundle.anomalies().is_empty() && !bundle.entries().iter().any(known) {
        return Err(Error::NothingKnown { path: shown.join(" ") });
    }
    let progress = if args.no_progress { Progress::hidden() } else { Progress::on_terminal() };
    let mut analysis = diagnose(&bundle, &rules, &shown.join(" "), &progress).map_err(Error::Open)?;
    progress.finish();
    report::translate(&mut analysis, lang);
    let write = |out: &mut dyn Write| match args.format {
        Format::Json => report::json::write(&analysis, out),
        Format::Html => report::html::write(&analysis, lang, out),
        Format::Markdown => report::markdown::write(&analysis, args.reader.into(), lang, out),
        Format::Text => report::text::write(&analysis, &args.text_options(surroundings, lang), out),
    };
    match &args.output {
        None => write(out)?,
        Some(path) => {
            let failed = |source| Error::Write { path: path.clone(), source };
            let mut file = BufWriter::new(File::create(path).map_err(failed)?);
            write(&mut file).and_then(|()| file.flush()).map_err(failed)?;
        }
    }
    Ok(match analysis.diagnosis.verdict {
        Verdict::Healthy => HEALTHY,
        Verdict::Broken | Verdict::Degraded => FOUND,
        Verdict::Inconclusive => INCONCLUSIVE,
    })
}

fn code(codes: &[String], out: &mut dyn Write) -> Result<u8, Error> {
    let rules = RuleSet::core().map_err(|refused| Error::Rules(refused.to_string()))?;
    let mut status = HEALTHY;
    for (position, query) in codes.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        let found = rule::codes::look_up(rules.codes(), query);
        out.write_all(found.render().as_bytes())?;
        if found.found.is_empty() {
            status = FOUND;
        }
    }
    Ok(status)
}

fn verify(path: &Path, out: &mut dyn Write) -> Result<u8, Error> {
    let bundle = Bundle::open(path, Limits::default()).map_err(Error::Open)?;
    let mut agrees = bundle.manifest().is_some() && bundle.anomalies().is_empty();
    if bundle.manifest().is_none() {
        writeln!(out, "{}: no manifest, so nothing to check against", path.display())?;
    }
    for anomaly in bundle.anomalies() {
        writeln!(out, "{}: {}", clean(&anomaly.path), clean(&anomaly.what))?;
    }
    for check in tetra_bundle::verify(&bundle) {
        agrees &= matches!(check.state, CheckState::Same);
        let state = match &check.state {
            CheckState::Same => "as the manifest says".to_owned(),
            CheckState::Altered => "ALTERED: not what the manifest says".to_owned(),
            CheckState::Absent => "ABSENT: in the manifest, not in the bundle".to_owned(),
            CheckState::Unlisted => "UNLISTED: in the bundle, not in the manifest".to_owned(),
            CheckState::Unhashed => "UNHASHED: the manifest gives no hash".to_owned(),
            CheckState::Unreadable(why) => format!("UNREADABLE: {why}"),
        };
        writeln!(out, "{}: {}", clean(&check.path), clean(&state))?;
    }
    Ok(if agrees { HEALTHY } else { FOUND })
}
