//! Leaves out of the staged files what must not leave the endpoint, before they are sealed.

use std::io;
use std::path::PathBuf;

use tetra_bundle::{Manifest, StepRecord, StepStatus};

use crate::args::Redact;
use crate::staging::Staging;

/// Cleans the staged files, and returns the folder to seal.
///
/// # Errors
///
/// Fails where the cleaned files cannot be written.
pub fn clean(staging: &Staging, level: Redact, manifest: &mut Manifest) -> io::Result<PathBuf> {
    if level != Redact::None {
        manifest.steps.push(StepRecord {
            name: "redact".to_owned(),
            status: StepStatus::Failed,
            reason: Some("this build cannot redact: nothing is left out of the bundle".to_owned()),
            ms: None,
        });
    }
    Ok(staging.files())
}
