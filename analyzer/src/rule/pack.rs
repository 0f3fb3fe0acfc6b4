//! Packs as files: the one compiled in, and folders on disk.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::problem::Problem;
use super::thaw;
use super::yaml::{self, Data, Node};

/// Largest file.
const FILE: u64 = 1024 * 1024;
/// Most files of a pack.
const FILES: usize = 20_000;
/// Deepest folder.
const DEPTH: usize = 8;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/pack.rs"));
    pub(super) const TREES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.bin"));
}

/// The files of a pack: path with forward slashes, and text, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles {
    /// The folder, empty for the pack that is compiled in.
    pub folder: String,
    /// Paths and texts.
    pub files: Vec<(String, String)>,
    /// Whether the rules' examples are wanted; without them the pack that is compiled in loads quickly.
    pub examples: bool,
}

impl PackFiles {
    /// Gives the pack that is compiled in, with its rules' examples.
    pub fn core() -> Self {
        let files =
            embedded::FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { folder: String::new(), files, examples: true }
    }

    /// Gives the pack that is compiled in, for judging alone.
    pub fn core_without_examples() -> Self {
        Self { examples: false, ..Self::core() }
    }

    /// Gives the trees of the pack that is compiled in, if they will do.
    pub(crate) fn trees(&self) -> Option<Vec<(String, Vec<Node>)>> {
        if self.examples {
            return None;
        }
        thaw::files(embedded::TREES).filter(|trees| !trees.is_empty())
    }

    /// Says whether this is the core pack, which stands by itself.
    pub(crate) fn is_core(&self) -> bool {
        let card = self.files.iter().find(|(path, _)| path == "pack.yml");
        let documents = card.and_then(|(_, text)| yaml::parse(text).ok()).unwrap_or_default();
        documents.first().is_some_and(|node| match &node.data {
            Data::Map(entries) => entries
                .iter()
                .any(|entry| entry.key == "name" && entry.value.data == Data::Text("core".into())),
            _ => false,
        })
    }

    /// Makes a pack of texts.
    pub fn from_texts<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut files: Vec<(String, String)> =
            files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
        files.sort();
        Self { folder: String::new(), files, examples: true }
    }

    /// Reads every `.yml` file of a folder; links are not followed.
    pub fn read(folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut paths = Vec::new();
        let mut problems = Vec::new();
        walk(folder, folder, 0, &mut paths, &mut problems);
        paths.sort();
        let mut pack = Self { folder: folder.display().to_string(), files: Vec::new(), examples: true };
        for (name, path) in paths {
            match read_text(&path) {
                Ok(text) => pack.files.push((name, text)),
                Err(why) => problems.push(problem(&name, why)),
            }
        }
        if problems.is_empty() { Ok(pack) } else { Err(problems) }
    }

    /// Gives the SHA-256 over paths and texts, in hex.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            for part in [path, text] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn problem(file: &str, text: impl Into<String>) -> Problem {
    Problem { file: file.to_owned(), line: 1, column: 1, text: text.into() }
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    paths: &mut Vec<(String, PathBuf)>,
    problems: &mut Vec<Problem>,
) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(problem(&folder.display().to_string(), format!("cannot be opened: {error}")));
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && name != "fixtures" {
            if depth < DEPTH {
                walk(root, &path, depth + 1, paths, problems);
            } else {
                problems.push(problem(&name, format!("folders are nested deeper than {DEPTH}")));
            }
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "yml") {
            if paths.len() >= FILES {
                problems.push(problem(&name, format!("more than {FILES} files")));
                return;
            }
            paths.push((name, path));
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "yaml") {
            problems.push(problem(&name, "name the file `.yml`"));
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut bytes = Vec::new();
    file.take(FILE + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE {
        return Err(format!("larger than {FILE} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}
