//! Copies a folder without what is private.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use tetra_bundle::{MANIFEST, Manifest, StepRecord, StepStatus};
use walkdir::WalkDir;

use crate::redact::{Key, Level, Outcome, Redactor};

/// Copies the files of a folder, cleaned; gives a step for each that is withheld.
pub(super) fn folder(from: &Path, to: &Path, level: Level) -> io::Result<Vec<StepRecord>> {
    let key = Key::random().ok_or_else(|| io::Error::other("the system has no random numbers"))?;
    let mut redactor = Redactor::new(key, level);
    let walk = WalkDir::new(from).min_depth(1).follow_links(false).sort_by_file_name();
    let mut files = Vec::new();
    for item in walk {
        let item = item?;
        if item.file_type().is_file() {
            files.push(item.into_path());
        }
    }
    for file in &files {
        redactor.learn(&|| Ok(Box::new(BufReader::new(File::open(file)?))))?;
    }
    let mut steps = Vec::new();
    let mut redactions = Vec::new();
    for file in &files {
        let inner = file.strip_prefix(from).unwrap_or(file);
        let target = to.join(inner);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = BufWriter::new(File::create(&target)?);
        let outcome = redactor.clean(&|| Ok(Box::new(BufReader::new(File::open(file)?))), &mut out)?;
        out.flush()?;
        drop(out);
        let path = super::shown(from, file);
        match outcome {
            Outcome::Cleaned => redactions.push((path, redactor.take_redactions())),
            Outcome::Withheld(why) => {
                fs::remove_file(&target)?;
                redactor.take_redactions();
                let reason = Some(why.to_owned());
                let name = format!("redact {path}");
                steps.push(StepRecord { name, status: StepStatus::Withheld, reason, ms: None });
            }
        }
    }
    note(to, redactions)?;
    Ok(steps)
}

/// Writes into the folder's manifest how much was replaced in which file.
fn note(folder: &Path, redactions: Vec<(String, Vec<tetra_bundle::Redaction>)>) -> io::Result<()> {
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
