//! Seals a folder into a bundle.

mod check;
mod clean;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::{DateTime, Utc};
use tetra_bundle::{
    BundleWriter, FileRecord, MANIFEST, Manifest, Sealed, StepRecord, StepStatus, Tool, source_of,
};
use walkdir::{DirEntry, WalkDir};

use crate::redact::{Level, Redactor};
pub use check::Cleaned;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder cannot be listed.
    #[error("cannot open the folder `{path}`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder has no file that could be sealed.
    #[error("`{path}` has no file to seal (expected connector/local.xml, network/capture.pcapng and others)")]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder's manifest cannot be used.
    #[error("cannot read the manifest `{path}`: {why}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The files cannot be cleaned of what is private.
    #[error("cannot leave out what is private")]
    Redact(#[source] io::Error),
    /// Every file had to be left out.
    #[error("no file can be handed over: {why}")]
    Withheld {
        /// Which files, and why.
        why: String,
    },
    /// What was to be left out is still in the bundle.
    #[error("the bundle would still have what is to be left out: {what}")]
    Leak {
        /// What, and where.
        what: String,
    },
    /// The bundle cannot be put where it is to be.
    #[error("cannot write `{path}`")]
    Output {
        /// The bundle.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] tetra_bundle::Error),
}

/// Seals the files of `folder` into the bundle `output`; `now` is used where the folder's manifest gives no time.
///
/// What cannot be sealed is a step of the manifest; the rest is sealed. Who replaced names in it is given too.
///
/// # Errors
///
/// Says why there is no bundle.
pub fn seal(
    folder: &Path,
    output: &Path,
    now: DateTime<Utc>,
    level: Level,
) -> Result<(Sealed, Option<Redactor>), Error> {
    fs::read_dir(folder).map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
    if output.symlink_metadata().is_ok() {
        return Err(tetra_bundle::Error::Exists { path: output.to_owned() }.into());
    }
    let place = tempfile::tempdir().map_err(Error::Redact)?;
    let mut cleaned = cleaned(folder, place.path(), level)?;
    cleaned.manifest.times.end.get_or_insert(now);
    let sealed = cleaned.seal(output, &|_, _| Ok(())).map_err(|fault| match fault {
        // What is sealed is a copy; whoever asked for it knows the folder only.
        Error::Nothing { .. } => Error::Nothing { path: folder.to_owned() },
        other => other,
    })?;
    Ok((sealed, cleaned.redactor))
}

/// Leaves out of a folder's files what is private, by writing them anew to `place`.
///
/// # Errors
///
/// Says why the files cannot be sealed.
pub fn cleaned(folder: &Path, place: &Path, level: Level) -> Result<Cleaned, Error> {
    if level == Level::None {
        return Ok(Cleaned { folder: folder.to_owned(), manifest: given_manifest(folder)?, redactor: None });
    }
    given_manifest(folder)?;
    let (steps, redactor) = clean::folder(folder, place, level).map_err(Error::Redact)?;
    let mut manifest = given_manifest(place)?;
    manifest.steps.extend(steps);
    Ok(Cleaned { folder: place.to_owned(), manifest, redactor: Some(redactor) })
}

/// Gives a finished file its name, at once and whole; an existing file is never replaced.
///
/// # Errors
///
/// Fails where something has that name already.
pub fn publish(made: &Path, output: &Path) -> io::Result<()> {
    if output.symlink_metadata().is_ok() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file of that name is there already"));
    }
    fs::rename(made, output)
}

/// Seals the files of `folder` into the bundle `output`, described by `manifest` as far as it goes.
///
/// # Errors
///
/// Says why there is no bundle.
fn pack(folder: &Path, output: &Path, mut manifest: Manifest) -> Result<Sealed, Error> {
    let mut given: BTreeMap<String, FileRecord> =
        std::mem::take(&mut manifest.files).into_iter().map(|record| (record.path.clone(), record)).collect();
    if manifest.tool == Tool::default() {
        manifest.tool =
            Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    }
    let at = manifest.times.end.unwrap_or_default();
    let mut writer = BundleWriter::new(output, at)?;
    let mut count: usize = 0;
    for item in WalkDir::new(folder).min_depth(1).follow_links(false).sort_by_file_name() {
        let added = match &item {
            Ok(item) if item.file_type().is_dir() => continue,
            Ok(item) => add(&mut writer, folder, item, &mut given),
            Err(fault) => {
                Err(refusal(StepStatus::Failed, &shown(folder, fault.path().unwrap_or(folder)), fault))
            }
        };
        match added {
            Ok(number) => count = count.saturating_add(number),
            Err(step) => manifest.steps.push(step),
        }
    }
    if count == 0 {
        return Err(Error::Nothing { path: folder.to_owned() });
    }
    manifest.steps.push(StepRecord {
        name: "seal".to_owned(),
        status: StepStatus::Done,
        ..StepRecord::default()
    });
    Ok(writer.seal(manifest)?)
}

/// Reads the manifest that the folder may hold.
fn given_manifest(folder: &Path) -> Result<Manifest, Error> {
    let path = folder.join(MANIFEST);
    match fs::read(&path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
        Err(fault) => Err(Error::Manifest { path, why: fault.to_string() }),
        Ok(bytes) => match Manifest::parse(&bytes) {
            Ok((manifest, remarks)) if remarks.is_empty() => Ok(manifest),
            Ok((_, remarks)) => Err(Error::Manifest { path, why: remarks.join("; ") }),
            Err(why) => Err(Error::Manifest { path, why }),
        },
    }
}

/// Adds one file to the bundle and returns how many were added; the folder's manifest is not.
fn add(
    writer: &mut BundleWriter,
    folder: &Path,
    item: &DirEntry,
    given: &mut BTreeMap<String, FileRecord>,
) -> Result<usize, StepRecord> {
    let path = shown(folder, item.path());
    if path == MANIFEST {
        return Ok(0);
    }
    if item.file_type().is_symlink() {
        return Err(refusal(StepStatus::Skipped, &path, &"it is a symbolic link"));
    }
    if !item.file_type().is_file() {
        return Err(refusal(StepStatus::Skipped, &path, &"it is not a regular file"));
    }
    if item.path().to_str().is_none() {
        return Err(refusal(StepStatus::Failed, &path, &"its name is not Unicode"));
    }
    let changed = item.metadata().ok().and_then(|facts| facts.modified().ok()).map(DateTime::<Utc>::from);
    let mut record = given.remove(&path).unwrap_or_default();
    record.source = source_of(&path);
    record.modified = record.modified.or(changed);
    record.path.clone_from(&path);
    writer.add_file(record, item.path()).map_err(|fault| refusal(StepStatus::Failed, &path, &fault))?;
    Ok(1)
}

/// Makes the step of a file that is not sealed.
fn refusal(status: StepStatus, path: &str, why: &dyn std::fmt::Display) -> StepRecord {
    StepRecord { name: format!("seal {path}"), status, reason: Some(why.to_string()), ms: None }
}

/// Returns a path below the folder as it is called in the bundle.
pub fn shown(folder: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests;
