//! Cases with known answers: folders that hold `expected.json` or the laboratory's `truth.json` beside their input.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::run::Error;

/// Largest file with an answer.
const ANSWER: u64 = 1 << 20;
/// Deepest folder of cases.
const DEPTH: usize = 6;
/// Most cases.
const CASES: usize = 100_000;

/// A case: its input and the known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// Path below the folder of cases.
    pub name: String,
    /// What is analysed.
    pub inputs: Vec<PathBuf>,
    /// Bytes of the input, for the progress.
    pub bytes: u64,
    /// The known answer.
    pub truth: Truth,
}

/// A known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// What a report must say: verdict, category, cause.
    Expected(Expected),
    /// What was done to the network, and how far a capture can show it.
    Lab(Lab),
}

/// `expected.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Expected {
    /// The verdict.
    pub verdict: String,
    /// The category of the cause.
    pub category: Option<String>,
    /// The cause.
    pub cause: Option<String>,
}

/// What is used of `truth.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Lab {
    /// The category, `healthy` where nothing is wrong.
    pub category: String,
    /// The categories that count as right.
    #[serde(default)]
    pub acceptable_categories: Vec<String>,
    /// The cause.
    pub cause: Option<String>,
    /// `full`, `partial` or `none`.
    #[serde(default = "full")]
    pub observable: String,
}

fn full() -> String {
    "full".to_owned()
}

impl Truth {
    /// Names the answer: a cause, or a verdict where there is none.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Expected(one) => one.cause.clone().unwrap_or_else(|| one.verdict.clone()),
            Self::Lab(one) if one.category == "healthy" => one.category.clone(),
            Self::Lab(one) => one.cause.clone().unwrap_or_else(|| one.category.clone()),
        }
    }
}

/// Finds the cases of a folder, sorted by name; a folder that is none, or holds none, is refused.
pub(super) fn find(dir: &Path) -> Result<Vec<Case>, Error> {
    let mut cases = Vec::new();
    walk(dir, dir, 0, &mut cases)?;
    if cases.is_empty() {
        return Err(Error::NoCases { path: dir.to_owned() });
    }
    cases.sort_by(|one: &Case, other| one.name.cmp(&other.name));
    Ok(cases)
}

fn walk(root: &Path, dir: &Path, depth: usize, cases: &mut Vec<Case>) -> Result<(), Error> {
    let failed = |source| Error::Cases { path: dir.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        entries.push((entry.path(), entry.file_type().map_err(failed)?));
    }
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    let answer = |name: &str| entries.iter().map(|(path, _)| path).find(|path| path.ends_with(name));
    let truth = match (answer("expected.json"), answer("truth.json")) {
        (Some(path), _) => Some(Truth::Expected(read(path)?)),
        (None, Some(path)) => Some(Truth::Lab(read(path)?)),
        (None, None) => None,
    };
    if let Some(truth) = truth {
        let inputs = inputs(&truth, entries.iter().map(|(path, _)| path));
        if inputs.is_empty() {
            return Err(Error::NoInput { path: dir.to_owned() });
        }
        let name = dir.strip_prefix(root).unwrap_or(dir).components();
        let name: Vec<_> = name.map(|part| part.as_os_str().to_string_lossy()).collect();
        let bytes = inputs.iter().map(|path| size(path, 0)).sum();
        cases.push(Case { name: name.join("/"), inputs, bytes, truth });
        return Ok(());
    }
    for (path, kind) in entries {
        // Links are not followed: they could lead in a circle.
        if kind.is_dir() && depth < DEPTH && cases.len() < CASES {
            walk(root, &path, depth + 1, cases)?;
        }
    }
    Ok(())
}

/// Chooses what is analysed: of a laboratory's case the capture alone, else all that lies beside the answer.
fn inputs<'p>(truth: &Truth, paths: impl Iterator<Item = &'p PathBuf>) -> Vec<PathBuf> {
    let named =
        |path: &Path| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let beside = paths.filter(|path| !named(path).starts_with('.') && !path.ends_with("expected.json"));
    match truth {
        Truth::Expected(_) => beside.cloned().collect(),
        Truth::Lab(_) => beside.filter(|path| named(path).starts_with("capture")).take(1).cloned().collect(),
    }
}

fn size(path: &Path, depth: usize) -> u64 {
    let Ok(data) = fs::symlink_metadata(path) else { return 0 };
    if !data.is_dir() {
        return data.len();
    }
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    if depth >= DEPTH { 0 } else { entries.flatten().map(|entry| size(&entry.path(), depth + 1)).sum() }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let failed = |source| Error::Cases { path: path.to_owned(), source };
    let mut text = String::new();
    fs::File::open(path).and_then(|file| file.take(ANSWER).read_to_string(&mut text)).map_err(failed)?;
    serde_json::from_str(&text).map_err(|source| Error::Answer { path: path.to_owned(), source })
}
