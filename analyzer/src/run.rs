//! The command line at work: the one place that writes to standard output and standard error.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use tetra_bundle::{Bundle, CheckState, Entry, Limits, SourceId};

use crate::args::{Analyze, Args, Command, Format, Packs, Surroundings};
use crate::batch::watch::Form;
use crate::diff::{self, Diff};
use crate::model::Verdict;
use crate::progress::Progress;
use crate::report::Lang;
use crate::report::text::clean;
use crate::rule::{self, RuleSet};
use crate::slice::Slice;
use crate::{packs, report, workbench};

pub use self::error::Error;

mod error;

/// Exit statuses.
const HEALTHY: u8 = 0;
const FOUND: u8 = 1;
const INCONCLUSIVE: u8 = 3;

/// Does what the arguments ask; gives the exit status.
pub fn run(args: &Args, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Error> {
    let asked = args.lang.map(Lang::from);
    // Programs read the same words wherever they run.
    let told = |is_json: bool| asked.unwrap_or(if is_json { Lang::En } else { surroundings.lang });
    let lang = told(false);
    match &args.command {
        None => analyze(&args.analyze, told(args.analyze.format == Format::Json), surroundings, out),
        Some(Command::Code { codes }) => code(codes, lang, out),
        Some(Command::Rules(rules)) => workbench::run(rules, out),
        Some(Command::Verify { bundle }) => verify(bundle, lang, out),
        Some(Command::Diff(args)) => compare(args, told(args.format == diff::Form::Json), out),
        Some(Command::Slice(args)) => slice(args, out),
        Some(Command::Batch(batch)) => crate::batch::run(batch, lang, out).map_err(of_batch),
        Some(Command::Watch(watch)) => {
            crate::batch::watch::run(watch, told(watch.format == Form::Json), out).map_err(of_batch)
        }
        Some(Command::Completions { shell }) => {
            // It panics where it cannot write; memory takes it all.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "tetra-analyze", &mut script);
            out.write_all(&script)?;
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

fn analyze(args: &Analyze, lang: Lang, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Error> {
    let mut rules = load(&args.packs)?;
    speak(&mut rules, lang);
    let (bundle, shown) = open(&args.paths)?;
    let progress = if args.no_progress { Progress::hidden() } else { Progress::on_terminal() };
    let (mut analysis, case) = crate::examine(&bundle, &rules, &shown, &progress).map_err(Error::Open)?;
    progress.finish();
    if let Some(path) = &args.sqlite {
        crate::sqlite::export(&analysis, &case, path)?;
    }
    report::translate(&mut analysis, lang);
    let write = |out: &mut dyn Write| match args.format {
        Format::Json => report::json::write(&analysis, out),
        Format::Html => report::html::write(&analysis, lang, out),
        Format::Markdown => report::markdown::write(&analysis, args.reader.into(), lang, out),
        Format::Text => report::text::write(&analysis, &args.text_options(surroundings, lang), out),
    };
    write_to(args.output.as_deref(), out, &write)?;
    let status = match analysis.diagnosis.verdict {
        Verdict::Healthy => HEALTHY,
        Verdict::Broken | Verdict::Degraded => FOUND,
        Verdict::Inconclusive => INCONCLUSIVE,
    };
    // The process is about to end, and its memory with it: to give it back piece by piece would be time for nothing.
    std::mem::forget((rules, analysis, case));
    Ok(status)
}

/// Loads the rule packs that are asked for.
pub(crate) fn load(packs: &Packs) -> Result<RuleSet, Error> {
    packs::load(&packs.rules, !packs.no_installed_rules).map_err(|refused| Error::Rules(refused.to_string()))
}

/// Has rules speak a language; what a pack lacks in it stays English.
pub(crate) fn speak(rules: &mut RuleSet, lang: Lang) {
    if lang == Lang::Zh {
        rules.speak("zh");
    }
}

/// Opens what is to be analysed; gives it with its path as the user gave it.
fn open(paths: &[PathBuf]) -> Result<(Bundle, String), Error> {
    let bundle = Bundle::open_many(paths, Limits::default()).map_err(Error::Open)?;
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    // Where something was left out, the anomalies say more than an error would.
    let known = |entry: &Entry| !matches!(entry.source, SourceId::Unknown | SourceId::Readme);
    if bundle.anomalies().is_empty() && !bundle.entries().iter().any(known) {
        return Err(Error::NothingKnown { path: shown.join(" ") });
    }
    Ok((bundle, shown.join(" ")))
}

/// Writes to a file, or to standard output where none is given.
fn write_to(
    path: Option<&Path>,
    out: &mut dyn Write,
    write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let Some(path) = path else {
        return match write(out) {
            // Whoever read it has enough of it; the answer stays what it is.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        };
    };
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    write(&mut file).and_then(|()| file.flush()).map_err(failed)
}

fn compare(args: &Diff, lang: Lang, out: &mut dyn Write) -> Result<u8, Error> {
    let mut rules = load(&args.packs)?;
    speak(&mut rules, lang);
    let examine = |path: &PathBuf| {
        let (bundle, shown) = open(std::slice::from_ref(path))?;
        let progress = if args.no_progress { Progress::hidden() } else { Progress::on_terminal() };
        crate::examine(&bundle, &rules, &shown, &progress).map_err(Error::Open)
    };
    let (a, b) = (examine(&args.a)?, examine(&args.b)?);
    let mut comparison = diff::compare((&a.0, &a.1), (&b.0, &b.1));
    comparison.translate(lang);
    write_to(args.output.as_deref(), out, &|out| comparison.write(args.format, lang, out))?;
    Ok(if comparison.same_outcome() { HEALTHY } else { FOUND })
}

fn slice(args: &Slice, out: &mut dyn Write) -> Result<u8, Error> {
    let rules = load(&args.packs)?;
    let (bundle, shown) = open(&args.paths)?;
    let progress = if args.no_progress { Progress::hidden() } else { Progress::on_terminal() };
    let (analysis, case) = crate::examine(&bundle, &rules, &shown, &progress).map_err(Error::Open)?;
    let written = crate::slice::write(&bundle, &args.paths, (&analysis, &case), &args.output, &progress)?;
    progress.finish();
    out.write_all(crate::slice::told(&args.output, written).as_bytes())?;
    Ok(HEALTHY)
}

fn code(codes: &[String], lang: Lang, out: &mut dyn Write) -> Result<u8, Error> {
    let mut rules = RuleSet::core().map_err(|refused| Error::Rules(refused.to_string()))?;
    speak(&mut rules, lang);
    let mut status = HEALTHY;
    for (position, query) in codes.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        let found = rule::codes::look_up(rules.codes(), query);
        for line in found.render().lines() {
            writeln!(out, "{}", report::say(line, lang))?;
        }
        if found.found.is_empty() {
            status = FOUND;
        }
    }
    Ok(status)
}

fn verify(path: &Path, lang: Lang, out: &mut dyn Write) -> Result<u8, Error> {
    let bundle = Bundle::open(path, Limits::default()).map_err(Error::Open)?;
    let mut agrees = bundle.manifest().is_some() && bundle.anomalies().is_empty();
    if bundle.manifest().is_none() {
        let missing = report::say("no manifest, so nothing to check against", lang);
        writeln!(out, "{}: {missing}", path.display())?;
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
        writeln!(out, "{}: {}", clean(&check.path), clean(&report::say(&state, lang)))?;
    }
    Ok(if agrees { HEALTHY } else { FOUND })
}
