//! An inbox: bundles are analysed as they arrive in a folder, with the report of each beside it.

mod inbox;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::args::{Fill, Limits};
use super::fill::{self, Reports, Shared, Task};
use super::inputs::{self, Job};
use super::row::{Row, Status};
use super::store::Store;
use super::summary::Summary;
use super::{Error, key};
use crate::report::Lang;
use crate::report::text::clean;
use inbox::Inbox;

const AFTER_HELP: &str = "\
A bundle is taken when its size and time have not changed for --settle seconds and, if it is an
archive, its end has arrived. Files that begin with a dot, or do not end as a bundle does
(case.zip.part), are left alone. Reports are written as a whole: NAME.report.html.

What is in the table is not done again after a restart; `batch report` and `batch export` show it.";

/// Watches a folder: analyses bundles as they arrive, and puts the report of each beside it.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Watch {
    /// The folder; it is searched through
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// The table: an SQLite file, made if it is not there; DIR/cases.sqlite if left out
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,

    /// Form of the reports
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Html)]
    pub format: Form,

    /// Adds a rule pack; may be given several times
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    /// Bundles at work at once; as many as there are processors if left out
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,

    /// Limits of one bundle.
    #[command(flatten)]
    pub limits: Limits,

    /// Seconds for which a bundle must not have changed
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub settle: u64,

    /// Ends when all that is there is done
    #[arg(long)]
    pub once: bool,
}

/// The form of a report beside its bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One page for browsers
    Html,
    /// Plain text
    Text,
    /// For programs: schema tetra-analysis/1
    Json,
}

/// How often the folder is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long the end of an archive may be missing until it is taken as it is.
const PATIENCE: Duration = Duration::from_secs(600);

/// Watches until it is ended, or once all is done if that is asked; prints a line for each bundle.
pub(crate) fn run(watch: &Watch, lang: Lang, out: &mut dyn Write) -> Result<u8, Error> {
    let fill = Fill {
        paths: vec![watch.folder.to_string_lossy().into_owned()],
        db: None,
        rules: watch.rules.clone(),
        workers: watch.workers,
        part: None,
        limits: watch.limits.clone(),
        retry: None,
        rehash: false,
        no_progress: true,
    };
    let rules = key::rules(&key::load(&watch.rules)?);
    let table = watch.db.clone().unwrap_or_else(|| watch.folder.join("cases.sqlite"));
    let jobs = || {
        let listed = std::fs::read_dir(&watch.folder)
            .and_then(|_| inputs::collect(&fill.paths, &mut io::empty()).map_err(io::Error::other));
        listed.map_err(|source| Error::List { path: watch.folder.display().to_string(), source })
    };
    jobs()?;
    let mut store = Store::writer(&table, &rules, env!("CARGO_PKG_VERSION"))?;
    let mut inbox = Inbox::new(Duration::from_secs(watch.settle), PATIENCE);
    let mut summary = Summary::default();
    let begun = Instant::now();
    loop {
        let mut tasks = Vec::new();
        for job in inbox.look(begun.elapsed(), jobs()?, &inbox::has_end) {
            let known = store.known(&job, &rules, env!("CARGO_PKG_VERSION"))?;
            match known.and_then(|known| known.status) {
                Some(status) => summary.known(&status),
                None => tasks.push(Task { job, content: None, twin: false }),
            }
        }
        if !tasks.is_empty() {
            let reports = Reports { lang, place: &|path| beside(path, watch.format) };
            let workers = fill::hands(&fill, tasks.len());
            let shared = Shared::new(&fill, tasks, BTreeSet::new(), &rules, workers, Some(reports))?;
            fill::work(&shared, workers, &mut store, &mut summary, &mut |job, row| {
                tell(watch, job, row, out)
            })?;
        }
        if watch.once && inbox.is_settled() {
            return Ok(u8::from(summary.failed() > 0));
        }
        std::thread::sleep(EVERY);
    }
}

/// Says what became of a bundle, on standard output, and where there is no report, beside it.
fn tell(watch: &Watch, job: &Job, row: &Row, out: &mut dyn Write) -> Result<(), Error> {
    let name = job.path.strip_prefix(&watch.folder).unwrap_or(&job.path).display().to_string();
    let answer = if row.status == Status::Done {
        let verdict = row.verdict.as_deref().unwrap_or_default();
        match (&row.cause, &row.confidence) {
            (Some(cause), Some(confidence)) => format!("{verdict}, {cause} ({confidence})"),
            _ => verdict.to_owned(),
        }
    } else {
        let why = format!("could not be analysed: {}, {}", row.status.name(), row.message);
        let path = beside(&job.path, Form::Text);
        std::fs::write(&path, format!("{}: {}\n", clean(&name), clean(&why)))
            .map_err(|source| Error::Write { path, source })?;
        why
    };
    writeln!(out, "{}: {}", clean(&name), clean(&answer))?;
    out.flush()?;
    Ok(())
}

/// Names the report of a bundle.
fn beside(path: &Path, form: Form) -> PathBuf {
    let ending = match form {
        Form::Html => "html",
        Form::Text => "txt",
        Form::Json => "json",
    };
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".report.{ending}"));
    PathBuf::from(name)
}
