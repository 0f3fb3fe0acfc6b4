//! Writes a small capture: only the packets that matter to the diagnosis, with comments on those that prove it.
//!
//! Two passes over the captures, frame by frame: the first finds the connections of the evidence and counts their
//! packets, the second writes. Nothing is held but what the analysis holds already.

mod args;
mod choose;
mod notes;
mod pass;
mod survey;
mod watch;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tetra_bundle::{Bundle, SourceId};

pub use args::Slice;

use crate::model::{Analysis, Case};
use crate::progress::Progress;
use crate::report::text::clean;

/// Why a slice cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no packet to choose from.
    #[error("there is no capture in `{path}`, so there is nothing to slice")]
    NoCapture {
        /// The input as it was given.
        path: String,
    },
    /// The slice would replace what it is made from.
    #[error("`{path}` is what the slice is made from; it is not overwritten")]
    OntoInput {
        /// The file.
        path: PathBuf,
    },
    /// A capture cannot be read again.
    #[error("cannot read the captures again")]
    Again(#[source] tetra_bundle::Error),
    /// The slice cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames of the captures.
    pub of: u64,
    /// Frames of them in the slice.
    pub frames: u64,
    /// Frames that carry a comment.
    pub commented: u64,
}

/// Slices a bundle that was analysed; gives what was written.
pub(crate) fn write(
    bundle: &Bundle,
    inputs: &[PathBuf],
    (analysis, case): (&Analysis, &Case),
    path: &Path,
    progress: &Progress,
) -> Result<Written, Error> {
    if bundle.of(SourceId::Capture).next().is_none()
        || case.traffic.captures.iter().all(|one| one.frames == 0)
    {
        return Err(Error::NoCapture { path: analysis.input.path.clone() });
    }
    let real = path.canonicalize().ok();
    let is_input = |input: &PathBuf| {
        input.canonicalize().is_ok_and(|input| real.as_ref().is_some_and(|real| real.starts_with(&input)))
    };
    if real.as_ref().is_some_and(|real| real.is_file()) && inputs.iter().any(is_input) {
        return Err(Error::OntoInput { path: path.to_owned() });
    }
    let notes = notes::of(analysis);
    let mut plan = choose::plan(case, &notes);
    let interfaces = survey::survey(bundle, case, &mut plan, progress)?;
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let out = BufWriter::new(File::create(path).map_err(failed)?);
    pass::write(bundle, case, pass::Order { plan, notes, interfaces, about: about(analysis) }, out, progress)?
        .map_err(failed)
}

/// Says in a few lines what the file is, for its section.
fn about(analysis: &Analysis) -> Vec<String> {
    let diagnosis = &analysis.diagnosis;
    let verdict = format!("{:?}", diagnosis.verdict).to_uppercase();
    let mut about = vec![clean(&format!("{verdict}: {}", diagnosis.summary))];
    if let Some(primary) = &diagnosis.primary {
        let confidence = format!("{:?}", primary.confidence).to_lowercase();
        about.push(clean(&format!("Cause: {} ({}, {confidence})", primary.title, primary.cause)));
    }
    about.push(clean(&format!(
        "Sliced by {} {} from the input with SHA-256 {}: only what matters to the diagnosis; the middle of long \
         transfers and other traffic are left out; comments name the frames by their original numbers",
        analysis.tool.name, analysis.tool.version, analysis.input.sha256
    )));
    about
}

/// Says what was written, in one line.
pub(crate) fn told(path: &Path, written: Written) -> String {
    let Written { of, frames, commented } = written;
    format!("{}: {frames} of {of} frames, {commented} with comments\n", clean(&path.display().to_string()))
}
