//! Fills the table: what is new goes to workers, what they find goes to the one writer.

mod bundle;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use super::args::{Fill, Retry};
use super::inputs::{self, Job};
use super::progress::Progress;
use super::row::{Row, Status};
use super::store::Store;
use super::summary::Summary;
use super::supervise::Warden;
use super::{Error, key, limits, list};
use crate::report::Lang;

/// Rows that may wait for the writer.
const WAITING: usize = 64;

/// A job, and whether its content must be known before it is analysed: another bundle may be the same.
pub(super) struct Task {
    pub job: Job,
    pub content: Option<String>,
    pub twin: bool,
}

/// What a worker has to say of a job.
enum Found {
    /// Its row, and how many milliseconds it took.
    Row(Job, Box<Row>, u64),
    /// Its content is that of another bundle, which is or will be in the table.
    Same(Job, String),
}

/// Told of every row that is written.
pub(super) type Told<'a> = &'a mut dyn FnMut(&Job, &Row) -> Result<(), Error>;

/// The report of each bundle.
pub(super) struct Reports<'a> {
    /// In which language.
    pub lang: Lang,
    /// Where to.
    pub place: &'a (dyn Fn(&Path) -> PathBuf + Sync),
}

/// What all workers share.
pub(super) struct Shared<'a> {
    tasks: Mutex<std::vec::IntoIter<Task>>,
    /// Contents that are in the table, or that some worker has taken on.
    taken: Mutex<BTreeSet<String>>,
    warden: Warden,
    progress: Progress,
    program: PathBuf,
    fill: &'a Fill,
    rules: &'a str,
    /// What reports are wanted.
    reports: Option<Reports<'a>>,
}

/// Analyses what is not in the table yet; gives the exit status.
pub(super) fn run(fill: &Fill, out: &mut dyn Write) -> Result<u8, Error> {
    let Some(path) = &fill.db else { return Err(Error::NoBundles) };
    let begun = Instant::now();
    let set = key::load(&fill.rules)?;
    let rules = key::rules(&set);
    let jobs = inputs::collect(&fill.paths, &mut inputs::standard())?;
    if jobs.is_empty() {
        return Err(Error::NoBundles);
    }
    let jobs = list::part(jobs, fill.part);
    let mut store = Store::writer(path, &rules, env!("CARGO_PKG_VERSION"))?;
    let mut summary = Summary::default();
    let (tasks, taken) = plan(fill, jobs, &store, &rules, &mut summary)?;
    let workers = hands(fill, tasks.len());
    let shared = Shared::new(fill, tasks, taken, &rules, workers, None)?;
    work(&shared, workers, &mut store, &mut summary, &mut |_, _| Ok(()))?;
    shared.progress.finish();
    summary.write(path, workers, begun.elapsed(), limits::cost(), out)?;
    Ok(u8::from(summary.failed() > 0))
}

/// Gives how many workers there are for so many tasks.
pub(super) fn hands(fill: &Fill, tasks: usize) -> usize {
    fill.workers
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .clamp(1, tasks.max(1))
}

impl<'a> Shared<'a> {
    /// Gets everything ready.
    pub(super) fn new(
        fill: &'a Fill,
        tasks: Vec<Task>,
        taken: BTreeSet<String>,
        rules: &'a str,
        workers: usize,
        reports: Option<Reports<'a>>,
    ) -> Result<Self, Error> {
        let bytes = tasks.iter().map(|task| task.job.bytes).sum();
        Ok(Self {
            warden: Warden::over(workers),
            progress: Progress::new(tasks.len(), bytes, workers, !fill.no_progress),
            tasks: Mutex::new(tasks.into_iter()),
            taken: Mutex::new(taken),
            program: std::env::current_exe().map_err(Error::Start)?,
            fill,
            rules,
            reports,
        })
    }
}

/// Decides what is to be done: what the table knows is left out, unless it is to be done again.
fn plan(
    fill: &Fill,
    jobs: Vec<Job>,
    store: &Store,
    rules: &str,
    summary: &mut Summary,
) -> Result<(Vec<Task>, BTreeSet<String>), Error> {
    let tool = env!("CARGO_PKG_VERSION");
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    for job in &jobs {
        let same = sizes.entry(job.bytes).or_default();
        *same = same.saturating_add(1);
    }
    let mut tasks = Vec::new();
    let mut taken = BTreeSet::new();
    let mut looked_up = BTreeSet::new();
    for job in jobs {
        let known = if fill.rehash { None } else { store.known(&job, rules, tool)? };
        if let Some(known) = &known
            && let Some(status) = known.status.as_deref().filter(|status| keeps(fill, status, &known.content))
        {
            summary.known(status);
            taken.insert(known.content.clone());
            continue;
        }
        // A bundle of unknown content may have its row already, under another name.
        let mut twin = fill.rehash || sizes.get(&job.bytes).is_some_and(|same| *same > 1);
        if known.is_none() && looked_up.insert(job.bytes) {
            for (content, status) in store.of_size(job.bytes, rules, tool)? {
                if keeps(fill, &status, &content) {
                    taken.insert(content);
                }
            }
        }
        twin |= store.has_size(job.bytes)?;
        tasks.push(Task { job, content: known.map(|known| known.content), twin });
    }
    Ok((tasks, taken))
}

/// Tells whether a row in the table is to stay.
fn keeps(fill: &Fill, status: &str, content: &str) -> bool {
    match fill.retry {
        Some(Retry::All) => false,
        Some(Retry::Failed) => status == Status::Done.name(),
        // What could not be read has no content to know it by.
        None => !content.starts_with("path:"),
    }
}

/// Runs the workers, and writes down what they find.
pub(super) fn work(
    shared: &Shared<'_>,
    workers: usize,
    store: &mut Store,
    summary: &mut Summary,
    told: Told<'_>,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        scope.spawn(|| shared.warden.watch());
        let hands: Vec<_> = (0..workers)
            .map(|worker| {
                let sender = sender.clone();
                scope.spawn(move || hand(shared, worker, &sender))
            })
            .collect();
        drop(sender);
        let mut written = Ok(());
        for found in receiver {
            written = note(found, shared, store, summary, told);
            if written.is_err() {
                // Nothing more can be kept: the workers find their channel closed and stop.
                break;
            }
        }
        let mut ended = Ok(());
        for hand in hands {
            let one = hand.join().unwrap_or_else(|_| Err(std::io::Error::other("a worker broke off")));
            ended = ended.and(one.map_err(Error::Start));
        }
        shared.warden.end();
        written.and(ended)
    })
}

fn note(
    found: Found,
    shared: &Shared<'_>,
    store: &mut Store,
    summary: &mut Summary,
    told: Told<'_>,
) -> Result<(), Error> {
    match found {
        Found::Row(job, row, millis) => {
            store.put(&job, &row, millis)?;
            summary.add(&row);
            shared.progress.done(job.bytes, row.status);
            told(&job, &row)?;
        }
        Found::Same(job, content) => {
            store.place(&job, &content)?;
            summary.same();
            shared.progress.done(job.bytes, Status::Done);
        }
    }
    Ok(())
}

/// One worker: takes jobs until none are left.
fn hand(shared: &Shared<'_>, worker: usize, sender: &SyncSender<Found>) -> std::io::Result<()> {
    let mut words = tempfile::tempfile()?;
    loop {
        let Some(mut task) = lock(&shared.tasks).next() else { return Ok(()) };
        shared.progress.begins(worker, &task.job.path);
        let begun = Instant::now();
        if task.twin && task.content.is_none() {
            task.content = bundle::content(shared, worker, &task.job, &mut words)?;
        }
        let found = match claim(shared, &task) {
            Some(content) => Found::Same(task.job, content),
            None => {
                let row = bundle::analyse(shared, worker, &task, &mut words)?;
                let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                Found::Row(task.job, Box::new(row), millis)
            }
        };
        if sender.send(found).is_err() {
            return Ok(());
        }
    }
}

/// Takes on a content; gives it where another worker did so before.
fn claim(shared: &Shared<'_>, task: &Task) -> Option<String> {
    let content = task.content.as_ref()?;
    (!lock(&shared.taken).insert(content.clone())).then(|| content.clone())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
