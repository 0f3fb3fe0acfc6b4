//! Copies a folder without what is private. What cannot be read or cleaned is left out and told; the rest is copied.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tetra_bundle::{MANIFEST, Manifest, Redaction, StepRecord, StepStatus, source_of};
use walkdir::WalkDir;

use super::{refusal, shown};
use crate::redact::{Key, Level, Outcome, Redactor};

/// A file that is to be copied.
struct Given {
    place: PathBuf,
    /// Its path in the folder.
    path: String,
    /// Why it cannot be read.
    fault: Option<io::Error>,
}

/// Copies the files of a folder, cleaned; gives a step for each that is left out, and who knows what was replaced.
pub(super) fn folder(from: &Path, to: &Path, level: Level) -> io::Result<(Vec<StepRecord>, Redactor)> {
    let key = Key::random().ok_or_else(|| io::Error::other("the system has no random numbers"))?;
    let mut redactor = Redactor::new(key, level);
    let mut steps = Vec::new();
    let mut files = list(from, &mut steps);
    for file in &mut files {
        let source = Source::new(&file.place);
        file.fault = redactor.learn(&|| source.open()).err();
    }
    let mut redactions = Vec::new();
    for file in files {
        if let Some(fault) = file.fault {
            steps.push(redacted(&redactor, StepStatus::Failed, &file.path, &fault));
            continue;
        }
        match copy(&file, to, &mut redactor) {
            Ok(Ok(path)) => redactions.push((path, redactor.take_redactions())),
            Ok(Err((status, why))) => {
                redactor.take_redactions();
                steps.push(redacted(&redactor, status, &file.path, &why));
            }
            Err(fault) => return Err(fault),
        }
    }
    for step in &mut steps {
        step.name = redactor.clean_line(&step.name);
        step.reason = step.reason.as_deref().map(|reason| redactor.clean_line(reason));
    }
    note(to, redactions)?;
    Ok((steps, redactor))
}

/// Lists the files to copy, and tells what is none.
fn list(from: &Path, steps: &mut Vec<StepRecord>) -> Vec<Given> {
    let mut files = Vec::new();
    for item in WalkDir::new(from).min_depth(1).follow_links(false).sort_by_file_name() {
        let item = match item {
            Ok(item) => item,
            Err(fault) => {
                let path = shown(from, fault.path().unwrap_or(from));
                let why =
                    fault.io_error().map_or_else(|| "it cannot be read".to_owned(), ToString::to_string);
                steps.push(refusal(StepStatus::Failed, &path, &why));
                continue;
            }
        };
        let path = shown(from, item.path());
        let kind = item.file_type();
        let refused = match () {
            () if kind.is_dir() => continue,
            () if kind.is_symlink() => Some((StepStatus::Skipped, "it is a symbolic link")),
            () if !kind.is_file() => Some((StepStatus::Skipped, "it is not a regular file")),
            () if item.path().to_str().is_none() => Some((StepStatus::Failed, "its name is not Unicode")),
            () => None,
        };
        match refused {
            Some((status, why)) => steps.push(refusal(status, &path, &why)),
            None => files.push(Given { place: item.into_path(), path, fault: None }),
        }
    }
    files
}

/// Copies one file, cleaned, and gives the path of the copy, or why there is none. Only what cannot be written is an
/// error.
fn copy(
    file: &Given,
    to: &Path,
    redactor: &mut Redactor,
) -> io::Result<Result<String, (StepStatus, String)>> {
    let path = if file.path == MANIFEST { file.path.clone() } else { redactor.clean_line(&file.path) };
    if source_of(&path) != source_of(&file.path) {
        let why = "its name tells what is to be left out".to_owned();
        return Ok(Err((StepStatus::Withheld, why)));
    }
    let target = to.join(&path);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let source = Source::new(&file.place);
    let mut out = BufWriter::new(File::create(&target)?);
    let outcome = redactor.clean(&|| source.open(), &mut out).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    // The time of a log tells the year of its lines.
    if let Ok(time) = fs::metadata(&file.place).and_then(|facts| facts.modified()) {
        out.get_ref().set_modified(time)?;
    }
    drop(out);
    let why = match outcome {
        Ok(Outcome::Cleaned) => return Ok(Ok(path)),
        Ok(Outcome::Withheld(why)) => (StepStatus::Withheld, why.to_owned()),
        Err(fault) if source.failed() => (StepStatus::Failed, fault.to_string()),
        Err(fault) => return Err(fault),
    };
    fs::remove_file(&target)?;
    Ok(Err(why))
}

fn redacted(redactor: &Redactor, status: StepStatus, path: &str, why: &dyn std::fmt::Display) -> StepRecord {
    let level = if redactor.level() == Level::Full { "full" } else { "secrets" };
    let reason = match status {
        StepStatus::Withheld => format!("{why} (--redact {level})"),
        _ => why.to_string(),
    };
    StepRecord { name: format!("redact {path}"), status, reason: Some(reason), ms: None }
}

/// A file that remembers whether it could be read: a disk that is full must not look like a file that is broken.
struct Source<'a> {
    place: &'a Path,
    failed: Arc<AtomicBool>,
}

impl<'a> Source<'a> {
    fn new(place: &'a Path) -> Self {
        Self { place, failed: Arc::default() }
    }

    fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = File::open(self.place).inspect_err(|_| self.failed.store(true, Ordering::Relaxed))?;
        Ok(Box::new(BufReader::new(Watched { file, failed: Arc::clone(&self.failed) })))
    }
}

struct Watched {
    file: File,
    failed: Arc<AtomicBool>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).inspect_err(|fault| {
            if fault.kind() != io::ErrorKind::Interrupted {
                self.failed.store(true, Ordering::Relaxed);
            }
        })
    }
}

/// Writes into the folder's manifest how much was replaced in which file.
fn note(folder: &Path, redactions: Vec<(String, Vec<Redaction>)>) -> io::Result<()> {
    let path = folder.join(MANIFEST);
    let known = fs::read(&path).ok().and_then(|bytes| Manifest::parse(&bytes).ok());
    let mut manifest = known.map(|(manifest, _)| manifest).unwrap_or_default();
    tetra_bundle::SCHEMA.clone_into(&mut manifest.schema);
    for (path, redactions) in redactions {
        match manifest.files.iter_mut().find(|record| record.path == path) {
            Some(record) => record.redactions = redactions,
            None => manifest.files.push(tetra_bundle::FileRecord { path, redactions, ..Default::default() }),
        }
    }
    fs::write(&path, manifest.to_bytes())
}
