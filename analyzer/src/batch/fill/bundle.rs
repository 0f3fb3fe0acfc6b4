//! The work on one bundle: a child that analyses it, or that hashes it, and a row however it ends.

use std::process::Command;
use std::time::Duration;

use super::{Shared, Task};
use crate::batch::inputs::Job;
use crate::batch::row::{Row, Status};
use crate::batch::supervise::Ending;
use crate::batch::{address, describe, key};

/// Bytes up to which a file is hashed without a child.
const HASHED_HERE: u64 = 64 << 20;

/// Runs the child on one bundle, and makes a row of however it ends.
pub(super) fn analyse(
    shared: &Shared<'_>,
    worker: usize,
    task: &Task,
    words: &mut std::fs::File,
) -> std::io::Result<Row> {
    let path = &task.job.path;
    // What is fetched from a bucket lies here, and goes however the child ends.
    let place = address::of(path).map(|_| tempfile::tempdir()).transpose()?;
    if let Err(error) = readable(path) {
        let message = describe::cut(&error.to_string());
        return Ok(finish(
            Row::without_answer(Status::Unreadable, message),
            shared,
            format!("path:{}", path.display()),
        ));
    }
    let mut child = command(shared, path, false);
    if let Some(place) = &place {
        child.env(crate::batch::child::PLACE, place.path());
    }
    let row = match watched(shared, worker, child, words)? {
        Ending::Printed(printed) => serde_json::from_slice(&printed)
            .unwrap_or_else(|_| Row::without_answer(Status::Crashed, "it ended well without a row")),
        Ending::Broke(status, message) => Row::without_answer(status, describe::cut(&message)),
    };
    let known = if row.content.is_empty() && task.content.is_none() {
        content(shared, worker, &task.job, words)?
    } else {
        task.content.clone()
    };
    Ok(finish(row, shared, known.unwrap_or_else(|| format!("unhashed:{}", path.display()))))
}

/// Fills in the key of a row that has none.
fn finish(mut row: Row, shared: &Shared<'_>, content: String) -> Row {
    if row.rules.is_empty() {
        shared.rules.clone_into(&mut row.rules);
    }
    if row.content.is_empty() {
        row.content = content;
    }
    row
}

/// Gives the hash of a bundle; what is large, or takes several files, is hashed by a child within the limits.
pub(super) fn content(
    shared: &Shared<'_>,
    worker: usize,
    job: &Job,
    words: &mut std::fs::File,
) -> std::io::Result<Option<String>> {
    if job.bytes <= HASHED_HERE && job.path.is_file() {
        return Ok(key::content(&job.path).ok());
    }
    Ok(match watched(shared, worker, command(shared, &job.path, true), words)? {
        Ending::Printed(printed) => Some(String::from_utf8_lossy(&printed).trim().to_owned()),
        Ending::Broke(..) => None,
    })
}

/// Makes the command that gives the row of a bundle, or its key.
fn command(shared: &Shared<'_>, path: &std::path::Path, key: bool) -> Command {
    let limits = &shared.fill.limits;
    let mut command = Command::new(&shared.program);
    command.args(["batch", "row"]);
    match &shared.reports {
        _ if key => _ = command.arg("--key"),
        Some(reports) => {
            command.args(["--lang", reports.lang.tag()]).arg("--report").arg((reports.place)(path));
        }
        None => {}
    }
    // Several threads may use several processors: the clock of the supervisor decides, this one is for orphans.
    command.arg("--time").arg(limits.time.saturating_mul(4).to_string());
    command.arg("--memory").arg(limits.memory.to_string());
    for rules in &shared.fill.rules {
        command.arg("--rules").arg(rules);
    }
    command.arg("--").arg(path);
    command
}

fn watched(
    shared: &Shared<'_>,
    worker: usize,
    command: Command,
    words: &mut std::fs::File,
) -> std::io::Result<Ending> {
    let limits = &shared.fill.limits;
    let cap = limits.output_limit.saturating_mul(1 << 20);
    shared.warden.run(worker, command, Duration::from_secs(limits.time), cap, words)
}

/// Finds out whether a bundle can be read at all.
fn readable(path: &std::path::Path) -> std::io::Result<()> {
    if address::of(path).is_some() {
        return Ok(());
    }
    if path.is_dir() { std::fs::read_dir(path).map(drop) } else { std::fs::File::open(path).map(drop) }
}
