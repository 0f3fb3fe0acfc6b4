//! What the endpoint has, as JSON: the definition files with their times, services, root certificates.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use tetra_bundle::{FileRecord, source_of};
use walkdir::WalkDir;

use crate::staging::Staging;
use crate::step::{Guard, Outcome};
use crate::system::System;

/// The most definition files that are listed.
const FILES: usize = 50_000;

#[derive(Serialize)]
struct Listing {
    collected: String,
    files: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    path: String,
    bytes: u64,
    modified: Option<String>,
}

/// Lists the definition files; of a folder that is not there, an empty list tells.
pub(super) fn plugins(folder: &Path, now: DateTime<Utc>, guard: &Guard, staging: &Staging) -> Outcome {
    if let Err(fault) = std::fs::read_dir(folder)
        && fault.kind() != std::io::ErrorKind::NotFound
    {
        return Outcome::fault(&folder.display().to_string(), &fault);
    }
    let mut files = Vec::new();
    let mut missed = 0_usize;
    for item in WalkDir::new(folder).min_depth(1).max_depth(4).follow_links(false).sort_by_file_name() {
        if let Some(end) = guard.over() {
            return Outcome::ended(end, guard.time());
        }
        let facts = item.and_then(|item| item.metadata().map(|facts| (item, facts)));
        match facts {
            Ok((item, facts)) if facts.is_file() && files.len() < FILES => {
                let inner = item.path().strip_prefix(folder).unwrap_or(item.path());
                let parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
                let modified = facts.modified().ok().map(DateTime::<Utc>::from);
                files.push(Item {
                    path: format!("tetra\\plugins\\{}", parts.join("\\")),
                    bytes: facts.len(),
                    modified: modified.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
                });
            }
            Ok((_, facts)) if !facts.is_file() => {}
            Ok(_) | Err(_) => missed = missed.saturating_add(1),
        }
    }
    let collected = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let empty = files.is_empty();
    let written = put("connector/tetra-plugins.json", &Listing { collected, files }, staging);
    match written {
        Outcome { reason: None, .. } if missed > 0 => {
            Outcome::noted(format!("{missed} files are not listed"))
        }
        Outcome { reason: None, .. } if empty => Outcome::noted("there is no definition file"),
        outcome => outcome,
    }
}

/// Notes the state of the services that have to do with updates.
pub(super) fn services(system: &System, staging: &Staging) -> Outcome {
    match system.services() {
        Ok(services) => put("windows/services.json", &services, staging),
        Err(fault) => unavailable("the services", &fault),
    }
}

/// Notes which root certificates the machine has, by their hashes.
pub(super) fn certificates(system: &System, staging: &Staging) -> Outcome {
    match system.roots() {
        Ok(roots) if roots.is_empty() => Outcome::failed("the store of root certificates came out empty"),
        Ok(mut roots) => {
            roots.sort();
            roots.dedup();
            put("windows/certificates.json", &roots, staging)
        }
        Err(fault) => unavailable("the root certificates", &fault),
    }
}

fn unavailable(what: &str, fault: &std::io::Error) -> Outcome {
    if fault.kind() == std::io::ErrorKind::Unsupported {
        Outcome::skipped(fault.to_string())
    } else {
        Outcome::fault(what, fault)
    }
}

/// Writes a value as JSON for people too.
pub(super) fn put(path: &str, value: &impl Serialize, staging: &Staging) -> Outcome {
    let record = FileRecord { path: path.to_owned(), source: source_of(path), ..FileRecord::default() };
    let written =
        serde_json::to_vec_pretty(value).map_err(Into::into).and_then(|text| staging.put(record, &text));
    match written {
        Ok(()) => Outcome::done(),
        Err(fault) => Outcome::fault(path, &fault),
    }
}
