//! Holds the content of a bundle against the hashes of its manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Bundle, FileRecord, MANIFEST, SourceId, reader};

/// What came of checking one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The file's path in the bundle.
    pub path: String,
    /// What came of it.
    pub state: CheckState,
}

/// How a file stands to the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Length and hash are those of the manifest.
    Same,
    /// The hash is another one, or the length.
    Altered,
    /// The manifest lists it, the bundle does not hold it.
    Absent,
    /// The bundle holds it, the manifest does not list it.
    Unlisted,
    /// The manifest lists it without a hash.
    Unhashed,
    /// It cannot be read to its end, and why.
    Unreadable(String),
}

/// Checks every file of a bundle, sorted by path. Without a manifest, the manifest is what is absent.
#[must_use]
pub fn verify(bundle: &Bundle) -> Vec<Check> {
    let Some(manifest) = bundle.manifest() else {
        return vec![Check { path: MANIFEST.to_owned(), state: CheckState::Absent }];
    };
    let own = bundle.of(SourceId::Manifest).next().map(|entry| entry.path.clone()).unwrap_or_default();
    let root = reader::folder_of(&own);
    let mut records: BTreeMap<String, &FileRecord> = BTreeMap::new();
    for record in &manifest.files {
        records.insert(format!("{root}{}", record.path), record);
    }
    let mut checks = Vec::new();
    for entry in bundle.entries().iter().filter(|entry| entry.path != own) {
        let state = match records.remove(&entry.path) {
            None => CheckState::Unlisted,
            Some(FileRecord { sha256: None, .. }) => CheckState::Unhashed,
            Some(FileRecord { sha256: Some(listed), bytes, .. }) => {
                let read = bundle.read(entry).map_err(|fault| fault.to_string());
                match read.and_then(|content| reader::hash(content).map_err(|fault| fault.to_string())) {
                    Err(why) => CheckState::Unreadable(why),
                    Ok(found) => {
                        let same = found.eq_ignore_ascii_case(listed)
                            && bytes.is_none_or(|bytes| bytes == entry.bytes);
                        if same { CheckState::Same } else { CheckState::Altered }
                    }
                }
            }
        };
        checks.push(Check { path: entry.path.clone(), state });
    }
    checks.extend(records.into_keys().map(|path| Check { path, state: CheckState::Absent }));
    checks.sort_by(|one, other| one.path.cmp(&other.path));
    checks
}
