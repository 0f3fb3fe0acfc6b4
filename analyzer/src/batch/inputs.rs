//! What is to be analysed: paths, folders searched through, patterns, a list; largest first.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use globset::GlobBuilder;
use tetra_bundle::SourceId;
use walkdir::WalkDir;

use super::{Error, address};

/// Deepest folder that is searched.
const DEPTH: usize = 32;
/// Endings of files that are a bundle each, where a folder is searched.
const ENDINGS: [&str; 7] = ["zip", "7z", "pcap", "pcapng", "cap", "ntar", "dmp.zip"];

/// One bundle to analyse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job {
    /// Where it is.
    pub path: PathBuf,
    /// Its size; of a folder, that of all its files.
    pub bytes: u64,
    /// When it was last written, in nanoseconds since 1970; of a folder, the newest of its files.
    pub modified: i64,
}

/// Lists the bundles that the arguments mean, each once, largest first; `list` is read where an argument is `-`.
pub(super) fn collect(given: &[String], list: &mut dyn BufRead) -> Result<Vec<Job>, Error> {
    let mut found = BTreeSet::new();
    let mut remote = BTreeSet::new();
    for text in given {
        if let Some(address) = address::of(Path::new(text)) {
            bucket(address, &mut remote)?;
        } else if text == "-" {
            for line in list.lines() {
                let line = line.map_err(|source| Error::List { path: "-".to_owned(), source })?;
                let line = line.trim_end_matches('\r');
                if let Some(address) = address::of(Path::new(line)) {
                    bucket(address, &mut remote)?;
                } else if !line.is_empty() {
                    explicit(Path::new(line), &mut found);
                }
            }
        } else if !Path::new(text).exists() && text.contains(['*', '?', '[', '{']) {
            pattern(text, &mut found)?;
        } else {
            explicit(Path::new(text), &mut found);
        }
    }
    let mut jobs: Vec<Job> = found.into_iter().map(job).chain(remote).collect();
    jobs.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.path.cmp(&other.path)));
    Ok(jobs)
}

/// Takes what lies at an address: one object, whatever it is called, or all bundles below.
fn bucket(address: &str, found: &mut BTreeSet<Job>) -> Result<(), Error> {
    let listed = address::list(address).map_err(|source| Error::List { path: address.to_owned(), source })?;
    let job = |address: &str, bytes, modified| Job { path: PathBuf::from(address), bytes, modified };
    if listed.is_empty() {
        // What is not there is a row too: it was asked for.
        found.insert(job(address, 0, 0));
    }
    for object in listed {
        if object.address == address || has_ending(Path::new(&object.address)) {
            found.insert(job(&object.address, object.bytes, object.modified));
        }
    }
    Ok(())
}

/// Takes what was named: a folder that is a bundle, a folder to search, or whatever else it is.
fn explicit(path: &Path, found: &mut BTreeSet<PathBuf>) {
    if path.is_dir() {
        search(path, found);
    } else {
        // What is not there is a row too: it was asked for.
        found.insert(path.to_owned());
    }
}

/// Searches a folder for bundles.
fn search(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    let mut walk = WalkDir::new(folder).max_depth(DEPTH).into_iter();
    while let Some(step) = walk.next() {
        let Ok(entry) = step else { continue };
        let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().is_dir() {
            if hidden {
                walk.skip_current_dir();
            } else if is_bundle(entry.path()) {
                found.insert(entry.into_path());
                walk.skip_current_dir();
            }
        } else if entry.file_type().is_file() && !hidden && has_ending(entry.path()) {
            found.insert(entry.into_path());
        }
    }
}

/// Takes every file that fits a pattern; `**` spans folders, `*` does not.
fn pattern(text: &str, found: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    let glob = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map_err(|source| Error::Pattern(text.to_owned(), source))?
        .compile_matcher();
    let wild = text.find(['*', '?', '[', '{']).unwrap_or(text.len());
    let head = text.get(..wild).unwrap_or_default();
    let base = head.rfind('/').and_then(|slash| head.get(..=slash)).unwrap_or("");
    let root = if base.is_empty() { Path::new(".") } else { Path::new(base) };
    for entry in WalkDir::new(root).max_depth(DEPTH).into_iter().flatten() {
        let path = if base.is_empty() {
            entry.path().strip_prefix(".").unwrap_or(entry.path())
        } else {
            entry.path()
        };
        if !glob.is_match(path) {
            continue;
        }
        if entry.file_type().is_file() || entry.file_type().is_dir() && is_bundle(entry.path()) {
            found.insert(path.to_owned());
        }
    }
    Ok(())
}

/// Tells whether a folder is one bundle: it holds what only a bundle's root, or an unpacked archive's, does.
fn is_bundle(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => name == "Program Files",
            Ok(kind) if kind.is_file() => matches!(
                tetra_bundle::source_of(&name),
                SourceId::Manifest | SourceId::LocalXml | SourceId::PolicyXml | SourceId::ConnectorLog
            ),
            _ => false,
        }
    })
}

fn has_ending(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| {
        ENDINGS.contains(&ending) || ending.strip_prefix("pcap").is_some_and(|rest| rest.len() == 1)
    })
}

/// Measures a bundle; what cannot be measured counts nothing, and its row will say why.
pub(super) fn job(path: PathBuf) -> Job {
    let (bytes, modified) = if path.is_dir() {
        let files = WalkDir::new(&path).max_depth(DEPTH).into_iter().flatten();
        files.filter(|entry| entry.file_type().is_file()).fold((0_u64, 0), |(bytes, newest), entry| {
            let (own, modified) = entry.metadata().map(|facts| measure(&facts)).unwrap_or_default();
            (bytes.saturating_add(own), newest.max(modified))
        })
    } else {
        path.metadata().map(|facts| measure(&facts)).unwrap_or_default()
    };
    Job { path, bytes, modified }
}

fn measure(facts: &std::fs::Metadata) -> (u64, i64) {
    let since = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or_default();
    (facts.len(), nanos)
}

/// Reads standard input as a list.
pub(super) fn standard() -> io::StdinLock<'static> {
    io::stdin().lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(jobs: &[Job], root: &Path) -> Vec<String> {
        let shown = |job: &Job| job.path.strip_prefix(root).unwrap_or(&job.path).display().to_string();
        jobs.iter().map(shown).collect()
    }

    fn put(root: &Path, name: &str, bytes: usize) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![7; bytes]).unwrap();
    }

    #[test]
    fn folders_are_searched_and_the_largest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, bytes) in [
            ("2025/a.zip", 10),
            ("2025/b.7z", 30),
            ("2025/notes.txt", 99),
            ("2026/c.pcapng", 20),
            ("2026/.d.zip", 50),
            ("unpacked/manifest.json", 2),
            ("unpacked/network/capture.pcapng", 40),
        ] {
            put(root, name, bytes);
        }
        let jobs = collect(&[root.display().to_string()], &mut io::empty()).unwrap();
        assert_eq!(names(&jobs, root), ["unpacked", "2025/b.7z", "2026/c.pcapng", "2025/a.zip"]);
        assert_eq!(jobs[0].bytes, 42);
    }

    #[test]
    fn patterns_and_lists_name_bundles_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "x/a.zip", 3);
        put(root, "x/y/b.zip", 2);
        put(root, "x/y/c.bin", 1);
        let all = |text: &str| {
            let mut list = io::Cursor::new(format!("{0}/x/a.zip\r\n\n{0}/gone.zip\n", root.display()));
            let given: Vec<String> =
                text.split(' ').map(|one| one.replace('@', &root.display().to_string())).collect();
            names(&collect(&given, &mut list).unwrap(), root)
        };
        assert_eq!(all("@/x/*.zip"), ["x/a.zip"]);
        assert_eq!(all("@/x/**/*.zip"), ["x/a.zip", "x/y/b.zip"]);
        assert_eq!(all("@/x/y/c.bin -"), ["x/a.zip", "x/y/c.bin", "gone.zip"]);
        assert_eq!(all("@/x/**/*.zip - @/x"), ["x/a.zip", "x/y/b.zip", "gone.zip"]);
    }

    #[test]
    fn a_wrong_pattern_is_an_error() {
        assert!(matches!(collect(&["a[".to_owned()], &mut io::empty()), Err(Error::Pattern(..))));
    }
}
