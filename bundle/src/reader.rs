//! Opens a bundle, in whatever form it came, as a list of named entries.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::anomaly::Anomalies;
use crate::entry::Modified;
use crate::open::{self, Form};
use crate::{Anomaly, Entry, Error, FileRecord, Layout, Limits, MANIFEST, Manifest, SourceId, inflate, pick};

/// How many bytes of a manifest are read: ten thousand files, and memory for what is made of them stays small.
const MANIFEST_CAP: u64 = 4 << 20;
/// How much is hashed at once: little enough for the nearest caches.
const HASHED: usize = 128 << 10;
/// At which multiple of bytes it begins.
const ALIGNED: usize = 64;

/// An opened bundle: entries by name, and what is odd about them. Nothing is unpacked or written.
#[derive(Debug)]
pub struct Bundle {
    entries: Vec<Entry>,
    anomalies: Vec<Anomaly>,
    layout: Layout,
    manifest: Option<Manifest>,
    inputs: Vec<Input>,
    limits: Limits,
}

/// One path that was given.
#[derive(Debug)]
struct Input {
    path: PathBuf,
    form: Form,
}

impl Bundle {
    /// Opens an archive, a folder or a single file.
    ///
    /// # Errors
    ///
    /// Fails where nothing of the input can be read; everything less is an anomaly.
    pub fn open(path: impl AsRef<Path>, limits: Limits) -> Result<Self, Error> {
        Self::open_many(&[path.as_ref()], limits)
    }

    /// Opens several inputs as one bundle: an archive and a capture that was sent later, several captures.
    ///
    /// # Errors
    ///
    /// Fails where no input can be read; where one of several cannot, that is an anomaly.
    pub fn open_many<P: AsRef<Path>>(paths: &[P], limits: Limits) -> Result<Self, Error> {
        let mut anomalies = Anomalies::default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut layouts = Vec::new();
        let mut inputs = Vec::new();
        let mut first_fault = None;
        for path in paths.iter().map(AsRef::as_ref) {
            let mut own = Anomalies::default();
            match open::input(path, &limits, &mut own) {
                Ok((form, layout, found)) => {
                    open::merge(&mut entries, found, path);
                    layouts.push(layout);
                    inputs.push(Input { path: path.to_owned(), form });
                }
                Err(fault) => {
                    anomalies.note(&path.display().to_string(), chain(&fault));
                    first_fault.get_or_insert(fault);
                }
            }
            anomalies.append(own);
        }
        if inputs.is_empty() {
            return Err(first_fault.unwrap_or(Error::NoInput));
        }
        pick::singles(&mut entries, &mut anomalies);
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        let mut bundle = Self {
            layout: open::overall(&layouts, &entries),
            entries,
            anomalies: Vec::new(),
            manifest: None,
            inputs,
            limits,
        };
        bundle.read_manifest(&mut anomalies);
        for (index, entry) in bundle.entries.iter_mut().enumerate() {
            entry.index = index;
        }
        bundle.anomalies = anomalies.into_list(&bundle.name());
        Ok(bundle)
    }

    /// Returns the entries, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries of one source, sorted by path.
    pub fn of(&self, source: SourceId) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.source == source)
    }

    /// Opens an entry for reading from the start.
    ///
    /// Entries can be read at once, from several threads. Where the content is not as declared, the bytes
    /// before the fault are yielded, and then an error whose message says what is wrong.
    ///
    /// # Errors
    ///
    /// Fails where the input cannot be opened again.
    pub fn read(&self, entry: &Entry) -> Result<Box<dyn Read + Send>, Error> {
        inflate::open(entry, &self.limits).map_err(|source| Error::Read { path: entry.path.clone(), source })
    }

    /// Reads at most `cap` bytes of an entry; says whether there were more.
    ///
    /// # Errors
    ///
    /// Fails where the entry cannot be read up to there.
    pub fn read_small(&self, entry: &Entry, cap: u64) -> Result<(Vec<u8>, bool), Error> {
        let mut bytes = Vec::new();
        let mut reader = self.read(entry)?.take(cap.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|source| Error::Read { path: entry.path.clone(), source })?;
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let more = bytes.len() > cap;
        bytes.truncate(cap);
        Ok((bytes, more))
    }

    /// Returns what is not as expected, in a fixed order.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// Returns how the input is laid out.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns the manifest, where there is one that can be read.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Returns the paths that were given and could be opened.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().map(|input| input.path.as_path())
    }

    /// Returns the limits that the entries are read within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the SHA-256 of the input in hexadecimal.
    ///
    /// For one file it is that of its bytes. For a folder, or several inputs, it is that of the lines
    /// `<sha256>  <path>\n` of all entries, sorted by path.
    ///
    /// # Errors
    ///
    /// Fails where the input cannot be read again.
    pub fn sha256(&self) -> Result<String, Error> {
        if let [Input { path, form: Form::Archive | Form::File }] = self.inputs.as_slice() {
            let read = std::fs::File::open(path).and_then(hash);
            return read.map_err(|source| Error::Open { path: path.clone(), source });
        }
        let mut all = Sha256::new();
        for entry in &self.entries {
            let own =
                hash(self.read(entry)?).map_err(|source| Error::Read { path: entry.path.clone(), source })?;
            all.update(format!("{own}  {}\n", entry.path));
        }
        Ok(hex(&all.finalize()))
    }

    /// Returns a name for the input as a whole, for messages.
    fn name(&self) -> String {
        self.inputs.first().map(|input| input.path.display().to_string()).unwrap_or_default()
    }

    /// Reads the manifest and holds its word against what is there.
    fn read_manifest(&mut self, anomalies: &mut Anomalies) {
        let Some(entry) = self.of(SourceId::Manifest).next().cloned() else {
            if self.layout == Layout::Tetra {
                anomalies.note(MANIFEST, "it is missing: where and when the bundle was made is not known");
            }
            return;
        };
        let read = self.read_small(&entry, MANIFEST_CAP).map_err(|fault| chain(&fault));
        let parsed = read.and_then(|(bytes, cut)| match cut {
            true => Err(format!("it is longer than {MANIFEST_CAP} bytes")),
            false => Manifest::parse(&bytes),
        });
        match parsed {
            Err(why) => anomalies.note(&entry.path, format!("it cannot be read: {why}")),
            Ok((manifest, remarks)) => {
                for remark in remarks {
                    anomalies.note(&entry.path, remark);
                }
                let root = folder_of(&entry.path).to_owned();
                self.apply(&manifest.files, &root, anomalies);
                self.manifest = Some(manifest);
            }
        }
    }

    /// Takes times and sources from the manifest's records; notes what they get wrong.
    fn apply(&mut self, records: &[FileRecord], root: &str, anomalies: &mut Anomalies) {
        let mut by_path: BTreeMap<String, &FileRecord> = BTreeMap::new();
        for record in records {
            by_path.insert(format!("{root}{}", record.path), record);
        }
        for entry in &mut self.entries {
            let Some(record) = by_path.remove(&entry.path) else { continue };
            if entry.source == SourceId::Unknown && !record.source.is_single() {
                entry.source = record.source;
            }
            entry.modified = record.modified.map(Modified::Utc).or(entry.modified);
            if record.bytes.is_some_and(|bytes| bytes != entry.bytes) {
                let listed = record.bytes.unwrap_or_default();
                anomalies
                    .note(&entry.path, format!("it has {} bytes, the manifest says {listed}", entry.bytes));
            }
        }
        for path in by_path.keys() {
            anomalies.note(path, "the manifest lists it, but it is not there");
        }
    }
}

/// Returns the folder of a path, with its last slash; nothing for a path without a folder.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default()
}

/// Returns the SHA-256 of what a reader yields, in hexadecimal.
///
/// # Errors
///
/// Fails where the reader does.
pub fn hash(mut reader: impl Read) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut room = vec![0; HASHED + ALIGNED];
    // A large allocation begins 16 bytes into a page; there, a Zen 3 copies from the page cache at a fifth of its speed.
    let from = room.as_ptr().align_offset(ALIGNED).min(ALIGNED);
    let block = room.get_mut(from..from.saturating_add(HASHED)).unwrap_or_default();
    loop {
        let read = reader.read(block)?;
        if read == 0 {
            return Ok(hex(&sum.finalize()));
        }
        sum.update(block.get(..read).unwrap_or_default());
    }
}

/// Writes bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns an error and its causes in one line.
fn chain(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
