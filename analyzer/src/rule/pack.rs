//! Packs as files: the one compiled in, and folders on disk.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::problem::{PROBLEMS, Problem};
use super::thaw;
use super::yaml::{self, Data, Node};

/// Largest file.
const FILE: u64 = 1024 * 1024;
/// Most files of a pack.
const FILES: usize = 20_000;
/// Deepest folder.
const DEPTH: usize = 8;
/// Most bytes of all files together.
const BYTES: u64 = 32 * 1024 * 1024;
/// Most entries of all folders together, files that are no rules included.
const ENTRIES: usize = 50_000;

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

    /// Reads every `.yml` file of a folder; links are refused, for they could lead out of it.
    pub fn read(folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut walk = Walk { root: folder, entries: 0, paths: Vec::new(), problems: Vec::new() };
        walk.folder(folder, 0);
        let Walk { mut paths, mut problems, .. } = walk;
        paths.sort();
        let mut pack = Self { folder: folder.display().to_string(), files: Vec::new(), examples: true };
        let mut left = BYTES;
        for (name, path) in paths {
            match read_text(&path, left) {
                Ok(text) => {
                    left = left.saturating_sub(u64::try_from(text.len()).unwrap_or(u64::MAX));
                    pack.files.push((name, text));
                }
                Err(why) => problems.push(pack.problem(&name, why)),
            }
            if problems.len() >= PROBLEMS {
                break;
            }
        }
        if problems.is_empty() { Ok(pack) } else { Err(problems) }
    }

    fn problem(&self, file: &str, text: String) -> Problem {
        problem(format!("{}/{file}", self.folder), text)
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

fn problem(file: String, text: impl Into<String>) -> Problem {
    Problem { file, line: 1, column: 1, text: text.into() }
}

/// A walk through the folders of a pack.
struct Walk<'f> {
    root: &'f Path,
    entries: usize,
    paths: Vec<(String, PathBuf)>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Looks at every entry of a folder; says whether to go on.
    fn folder(&mut self, folder: &Path, depth: usize) -> bool {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, format!("cannot be opened: {error}")),
        };
        for entry in entries.flatten() {
            self.entries += 1;
            if self.entries > ENTRIES {
                self.refuse(self.root, format!("is no rule pack: it holds more than {ENTRIES} files"));
                return false;
            }
            if !self.entry(&entry, depth) {
                return false;
            }
        }
        true
    }

    fn entry(&mut self, entry: &fs::DirEntry, depth: usize) -> bool {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { return true };
        let name = path
            .strip_prefix(self.root)
            .unwrap_or(&path)
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let ends = |end: &str| path.extension().is_some_and(|own| own == end);
        if entry.file_name().to_string_lossy().starts_with('.') || name == "fixtures" {
            return true;
        }
        if kind.is_symlink() {
            let matters = ends("yml") || path.is_dir();
            return !matters || self.refuse(&path, "is a link; links are not followed");
        }
        if kind.is_dir() {
            if depth < DEPTH {
                return self.folder(&path, depth + 1);
            }
            return self.refuse(&path, format!("folders are nested deeper than {DEPTH}"));
        }
        if kind.is_file() && ends("yaml") {
            return self.refuse(&path, "name the file `.yml`");
        }
        if kind.is_file() && ends("yml") {
            if self.paths.len() >= FILES {
                self.refuse(self.root, format!("is no rule pack: it holds more than {FILES} rule files"));
                return false;
            }
            self.paths.push((name, path));
        }
        true
    }

    /// Notes a problem; says whether to go on.
    fn refuse(&mut self, path: &Path, why: impl Into<String>) -> bool {
        self.problems.push(problem(path.display().to_string(), why));
        self.problems.len() < PROBLEMS
    }
}

fn read_text(path: &Path, left: u64) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let most = FILE.min(left);
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(if most < FILE {
            format!("with this file the pack is larger than {BYTES} bytes")
        } else {
            format!("larger than {FILE} bytes")
        });
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}
