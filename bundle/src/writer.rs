//! Seals files into a bundle: the same input gives the same bytes.

mod deflate;
mod part;
mod quiet;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Timelike, Utc};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use quiet::Quiet;

use crate::name::{self, Name};
use crate::reader::hash;
use crate::{
    Error, FileRecord, Limits, MANIFEST, Manifest, SCHEMA, SourceId, Span, StepRecord, StepStatus, inflate,
};

/// The most bytes of one entry of a log: longer ones are cut at the end of a line.
const PART: u64 = 8 << 20;

/// The level that logs are deflated at: several times the speed of the usual one for a little of its gain.
const LEVEL: i64 = 3;

/// Gathers files and seals them into one bundle.
///
/// Files are written in the order of their names, the manifest last. The bundle appears under its name
/// only when it is whole.
#[derive(Debug)]
pub struct BundleWriter {
    path: PathBuf,
    at: DateTime<Utc>,
    part: u64,
    files: BTreeMap<String, Pending>,
}

/// A file that is to go into the bundle.
#[derive(Debug)]
struct Pending {
    content: Content,
    record: FileRecord,
}

#[derive(Debug)]
enum Content {
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// Tells of a bundle that was written.
#[derive(Debug)]
pub struct Sealed {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its manifest, which holds those of all files: one number for the whole content.
    pub root_hash: String,
    /// Its manifest, as written.
    pub manifest: Manifest,
}

type Zip = ZipWriter<Quiet<BufWriter<File>>>;

impl Content {
    /// Opens the content as long as it is now: a log that grows is not run after.
    fn open(&self) -> io::Result<(Box<dyn Read + '_>, u64)> {
        match self {
            Self::Bytes(bytes) => {
                Ok((Box::new(bytes.as_slice()), u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
            }
            Self::File(path) => {
                let regular = path.symlink_metadata()?.is_file();
                if !regular {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
                }
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                Ok((Box::new(file.take(length)), length))
            }
        }
    }
}

impl BundleWriter {
    /// Begins a bundle that will be written to `path`; every entry gets the time `at`.
    ///
    /// # Errors
    ///
    /// Fails where something has that name already.
    pub fn new(path: impl Into<PathBuf>, at: DateTime<Utc>) -> Result<Self, Error> {
        let path = path.into();
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists { path });
        }
        Ok(Self { path, at, part: PART, files: BTreeMap::new() })
    }

    /// Adds a file of the disk, read when the bundle is sealed. The record's path is its name in the bundle.
    ///
    /// # Errors
    ///
    /// Fails where the name is taken, or could not be read back.
    pub fn add_file(&mut self, record: FileRecord, file: impl Into<PathBuf>) -> Result<(), Error> {
        self.add(record, Content::File(file.into()))
    }

    /// Adds bytes. The record's path is their name in the bundle.
    ///
    /// # Errors
    ///
    /// Fails where the name is taken, or could not be read back.
    pub fn add_bytes(&mut self, record: FileRecord, bytes: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.add(record, Content::Bytes(bytes.into()))
    }

    fn add(&mut self, record: FileRecord, content: Content) -> Result<(), Error> {
        let refuse = |why: &str| Error::Name { name: name::printable(&record.path), why: why.to_owned() };
        match name::check(record.path.as_bytes(), &Limits::default()) {
            Name::Safe { path, remark: None } if path == record.path => {}
            Name::Unsafe(why) | Name::Safe { remark: Some(why), .. } => return Err(refuse(why)),
            Name::Folder | Name::Safe { .. } => return Err(refuse("it is not a plain path")),
        }
        if record.path == MANIFEST || self.files.contains_key(&record.path) {
            return Err(refuse("it is taken"));
        }
        self.files.insert(record.path.clone(), Pending { content, record });
        Ok(())
    }

    /// Writes the bundle, with `manifest` completed by the record of every file.
    ///
    /// A file that cannot be read is a failed step of the manifest; what could be read of it is kept.
    ///
    /// # Errors
    ///
    /// Fails where the bundle cannot be written; nothing is left behind then.
    pub fn seal(self, manifest: Manifest) -> Result<Sealed, Error> {
        let fault = |source| Error::Write { path: self.path.clone(), source };
        let (staging, file) = Staging::new(&self.path).map_err(fault)?;
        let (manifest, bytes) = self.write_to(file, manifest).map_err(fault)?;
        if self.path.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: self.path.clone() });
        }
        staging.become_final(&self.path).map_err(fault)?;
        let root_hash = hash(manifest.to_bytes().as_slice()).map_err(fault)?;
        Ok(Sealed { bytes, root_hash, manifest, path: self.path })
    }

    fn write_to(&self, file: File, mut manifest: Manifest) -> io::Result<(Manifest, u64)> {
        let mut out = ZipWriter::new(Quiet::new(BufWriter::with_capacity(inflate::BLOCK, file)));
        manifest.schema = SCHEMA.to_owned();
        manifest.files.clear();
        for pending in self.files.values() {
            self.write_file(&mut out, pending, &mut manifest)?;
        }
        manifest.files.sort_by(|one, other| one.path.cmp(&other.path));
        out.start_file(MANIFEST, self.options(SourceId::Manifest, 0))?;
        out.write_all(&manifest.to_bytes())?;
        let file = out.finish()?.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((manifest, file.metadata()?.len()))
    }

    /// Writes one file in one entry, or a log in as many as it takes.
    fn write_file(&self, out: &mut Zip, pending: &Pending, manifest: &mut Manifest) -> io::Result<()> {
        let (mut reader, length) = match pending.content.open() {
            Ok((reader, length)) => (BufReader::with_capacity(part::BLOCK, reader), length),
            Err(cause) => {
                manifest.steps.push(failure(&pending.record.path, &cause));
                return Ok(());
            }
        };
        let mut limit = if pending.record.source.is_log() { self.part } else { u64::MAX };
        if reader.fill_buf().is_ok_and(|head| head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff"))
        {
            // A part without the byte-order mark could not be read.
            limit = u64::MAX;
        }
        let mut done: u64 = 0;
        let mut carried = Vec::new();
        // At once as much as a part takes: a buffer that grows by itself is twice as long in the end.
        let most = if limit == u64::MAX { 0 } else { limit.min(length.saturating_add(1)) };
        let mut held = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        for number in 0_u32.. {
            let mut record = pending.record.clone();
            if number > 0 {
                record.continues = Some(record.path.clone());
                record.path = self.free_name(&record.path, number);
            }
            let copied = if limit == u64::MAX {
                out.start_file(record.path.as_str(), self.options(record.source, length))?;
                part::copy(&mut reader, &mut *out, limit, &mut carried)?
            } else {
                held.clear();
                let copied = part::copy(&mut reader, &mut held, limit, &mut carried)?;
                deflate::put(out, &record.path, &held, self.time())?;
                copied
            };
            done = done.saturating_add(copied.bytes);
            record.bytes = Some(copied.bytes);
            record.sha256 = Some(copied.sha256);
            if let Some(cause) = &copied.fault {
                manifest.steps.push(failure(&record.path, cause));
                record.truncated.push(Span { from: done, to: length.max(done) });
            }
            manifest.files.push(record);
            if copied.ended {
                break;
            }
        }
        Ok(())
    }

    /// Names the next part of a log: another file may have the first name that comes to mind.
    fn free_name(&self, path: &str, number: u32) -> String {
        let mut name = format!("{path}.{number:03}");
        while self.files.contains_key(&name) {
            name.push_str(".part");
        }
        name
    }

    /// Returns the time that every entry gets.
    fn time(&self) -> zip::DateTime {
        let year = u16::try_from(self.at.year()).unwrap_or(0);
        let field = |value: u32| u8::try_from(value).unwrap_or(0);
        let (day, time) = (self.at.date_naive(), self.at.time());
        let date = (field(day.month()), field(day.day()));
        let clock = (field(time.hour()), field(time.minute()), field(time.second()));
        zip::DateTime::from_date_and_time(year, date.0, date.1, clock.0, clock.1, clock.2).unwrap_or_default()
    }

    /// Returns how a file is written: captures as they are, all else deflated, nothing taken from the machine.
    fn options(&self, source: SourceId, length: u64) -> SimpleFileOptions {
        let packed = source.is_packed();
        SimpleFileOptions::default()
            .compression_method(if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated })
            .compression_level((!packed).then_some(LEVEL))
            .last_modified_time(self.time())
            .unix_permissions(0o644)
            .large_file(length >= u64::from(u32::MAX) / 2)
    }
}

/// The bundle while it is written: removed again unless it becomes final.
struct Staging {
    path: PathBuf,
    kept: bool,
}

impl Staging {
    fn new(target: &Path) -> io::Result<(Self, File)> {
        let own = target
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is not a file name"))?;
        for number in 0..100 {
            let path = target.with_file_name(format!(".{}.{number}.partial", own.to_string_lossy()));
            match File::options().write(true).read(true).create_new(true).open(&path) {
                Ok(file) => return Ok((Self { path, kept: false }, file)),
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(cause),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many partial bundles lie beside it"))
    }

    fn become_final(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing can be done about a file that cannot be removed, and its name says what it is.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes the step that tells of a file that could not be read.
fn failure(path: &str, cause: &io::Error) -> StepRecord {
    let denied = cause.kind() == io::ErrorKind::PermissionDenied;
    StepRecord {
        name: format!("seal {path}"),
        status: if denied { StepStatus::Denied } else { StepStatus::Failed },
        reason: Some(cause.to_string()),
        ms: None,
    }
}
