//! The files of a folder: regular ones only, and nothing that leads out of it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use walkdir::WalkDir;

use crate::anomaly::Anomalies;
use crate::entry::{Entry, Modified, Place};
use crate::{Error, Limits, SourceId, name};

/// Lists the regular files under a folder, sorted by name. Links and devices are never opened.
pub(crate) fn list(folder: &Path, limits: &Limits, anomalies: &mut Anomalies) -> Result<Vec<Entry>, Error> {
    let mut found = Vec::new();
    let mut count: u64 = 0;
    let walk = WalkDir::new(folder).follow_links(false).min_depth(1).sort_by_file_name();
    for item in walk.max_depth(limits.depth.saturating_add(1)) {
        count = count.saturating_add(1);
        if count > limits.entries {
            return Err(Error::TooManyEntries {
                path: folder.to_owned(),
                found: count,
                limit: limits.entries,
            });
        }
        match item {
            Err(cause) => {
                let place = cause.path().map_or_else(|| shown(folder), |path| inside(folder, path));
                let why = cause.io_error().map_or_else(|| cause.to_string(), ToString::to_string);
                anomalies.note(&place, format!("it cannot be listed: {why}"));
            }
            Ok(item) if item.file_type().is_dir() => {
                if item.depth() > limits.depth {
                    anomalies.note(&inside(folder, item.path()), "the folder lies too deep: it is left out");
                }
            }
            Ok(item) if item.file_type().is_file() => match file(item.path()) {
                Ok(entry) => found.push(Entry { path: inside(folder, item.path()), ..entry }),
                Err(cause) => {
                    anomalies.note(&inside(folder, item.path()), format!("it cannot be read: {cause}"))
                }
            },
            Ok(item) => {
                let kind =
                    if item.file_type().is_symlink() { "a symbolic link" } else { "not a regular file" };
                anomalies.note(&inside(folder, item.path()), format!("it is {kind}: it is left out"));
            }
        }
    }
    Ok(found)
}

/// Makes an entry of one file, called by its own name.
pub(crate) fn file(path: &Path) -> std::io::Result<Entry> {
    let facts = path.metadata()?;
    let modified = facts.modified().ok().map(|at| Modified::Utc(DateTime::<Utc>::from(at)));
    let own = path.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Entry {
        index: 0,
        path: name::printable(&own),
        source: SourceId::Unknown,
        bytes: facts.len(),
        compressed: facts.len(),
        modified,
        crc: None,
        place: Place::File(PathBuf::from(path)),
    })
}

/// Returns a path below the folder, with forward slashes, safe to print.
fn inside(folder: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    name::printable(&parts.join("/"))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
