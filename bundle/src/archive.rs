//! The directory of a zip archive, record by record: what is in it, and what is wrong with it.
//!
//! `rawzip` streams the records, duplicates included, so that the directory is never held whole.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use rawzip::time::ZipDateTimeKind;
use rawzip::{CompressionMethod, FileReader, ZipArchive, ZipFileHeaderRecord};

use crate::anomaly::Anomalies;
use crate::entry::{Entry, Modified, Packing, Place};
use crate::name::{self, Name};
use crate::{Error, Limits, SourceId, salvage};

/// Lists the entries of an archive that can be read.
pub(crate) fn list(path: &Path, limits: &Limits, anomalies: &mut Anomalies) -> Result<Vec<Entry>, Error> {
    let open = |source| Error::Open { path: path.to_owned(), source };
    let file = File::open(path).map_err(open)?;
    let length = file.metadata().map_err(open)?.len();
    let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let shown = path.display().to_string();
    let found = match ZipArchive::from_file(file, &mut buffer) {
        Ok(archive) => read_directory(path, length, &archive, &mut buffer, limits, anomalies)?,
        Err(cause) => {
            let entries = salvage::list(path, limits, anomalies).map_err(open)?;
            if entries.is_empty() {
                return Err(Error::Archive { path: path.to_owned(), source: cause });
            }
            let count = entries.len();
            let what = format!(
                "the archive has no directory (it was cut off): {count} entries were found without it"
            );
            anomalies.note(&shown, what);
            entries
        }
    };
    Ok(within_total(found, limits, anomalies))
}

/// Reads the records of the directory.
fn read_directory(
    path: &Path,
    length: u64,
    archive: &ZipArchive<FileReader>,
    buffer: &mut [u8],
    limits: &Limits,
    anomalies: &mut Anomalies,
) -> Result<Vec<Entry>, Error> {
    let too_many = |found| Error::TooManyEntries { path: path.to_owned(), found, limit: limits.entries };
    if archive.entries_hint() > limits.entries {
        return Err(too_many(archive.entries_hint()));
    }
    let shared = Arc::new(path.to_owned());
    let shown = path.display().to_string();
    let mut found = Vec::new();
    let mut names = Names::default();
    let mut count: u64 = 0;
    let mut records = archive.entries(buffer);
    loop {
        let record = match records.next_entry() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(cause) => {
                let what = format!("the archive's directory is damaged after {count} entries: {cause}");
                anomalies.note(&shown, what);
                break;
            }
        };
        count = count.saturating_add(1);
        if count > limits.entries {
            return Err(too_many(count));
        }
        if let Some(name) = accept(&record, limits, &mut names, anomalies) {
            match place(&record, archive, &shared, length) {
                Ok((entry, end)) => found.push((Entry { path: name, ..entry }, end)),
                Err(what) => anomalies.note(&name, what),
            }
        }
    }
    if count != archive.entries_hint() {
        let what = format!("the archive says that it has {} entries, it has {count}", archive.entries_hint());
        anomalies.note(&shown, what);
    }
    if found.is_empty() && count == 0 && archive.directory_offset() > 0 {
        return salvage::list(path, limits, anomalies)
            .map_err(|source| Error::Open { path: path.to_owned(), source });
    }
    Ok(without_overlaps(found, anomalies))
}

/// The names seen so far.
#[derive(Default)]
pub(crate) struct Names {
    exact: HashSet<String>,
    folded: HashSet<String>,
}

impl Names {
    /// Reads a raw name; says in the anomalies what is wrong with it. `None` leaves the entry out.
    pub(crate) fn accept(
        &mut self,
        raw: &[u8],
        limits: &Limits,
        anomalies: &mut Anomalies,
    ) -> Option<String> {
        let (path, remark) = match name::check(raw, limits) {
            Name::Safe { path, remark } => (path, remark),
            Name::Folder => return None,
            Name::Unsafe(what) => {
                anomalies.note(&name::shown(raw), format!("{what}: the entry is left out"));
                return None;
            }
        };
        if let Some(remark) = remark {
            anomalies.note(&path, remark);
        }
        if !self.exact.insert(path.clone()) {
            anomalies.note(&path, "the name occurs more than once: the first entry is read");
            return None;
        }
        if !self.folded.insert(path.to_lowercase()) {
            anomalies.note(&path, "the name differs from another one by case only");
        }
        Some(path)
    }
}

/// Returns the name of an entry that may be listed.
fn accept(
    record: &ZipFileHeaderRecord<'_>,
    limits: &Limits,
    names: &mut Names,
    anomalies: &mut Anomalies,
) -> Option<String> {
    let name = names.accept(record.file_path().as_bytes(), limits, anomalies)?;
    if record.mode().is_symlink() {
        anomalies.note(&name, "it is a symbolic link: the entry is left out");
        return None;
    }
    if record.flags().is_encrypted() || record.flags().has_strong_encryption() {
        anomalies
            .note(&name, "it is encrypted: the entry is left out (expected an archive without a password)");
        return None;
    }
    let (bytes, compressed) = (record.uncompressed_size_hint(), record.compressed_size_hint());
    if limits.is_bomb(bytes, compressed) {
        let what = format!(
            "it declares {bytes} bytes out of {compressed}: it is read up to the limit, as a zip bomb is"
        );
        anomalies.note(&name, what);
    }
    if bytes > limits.entry_bytes {
        let what = format!("it declares {bytes} bytes: it is read up to the limit of {}", limits.entry_bytes);
        anomalies.note(&name, what);
    }
    Some(name)
}

/// Finds where the bytes of a record lie, and where they end.
fn place(
    record: &ZipFileHeaderRecord<'_>,
    archive: &ZipArchive<FileReader>,
    path: &Arc<std::path::PathBuf>,
    length: u64,
) -> Result<(Entry, u64), String> {
    let (bytes, compressed) = (record.uncompressed_size_hint(), record.compressed_size_hint());
    let packing = match record.compression_method() {
        CompressionMethod::STORE if bytes != compressed => {
            return Err(format!(
                "it is stored, but declares {bytes} bytes out of {compressed}: the entry is left out"
            ));
        }
        CompressionMethod::STORE => Packing::Stored,
        CompressionMethod::DEFLATE => Packing::Deflated,
        other => {
            let method = other.as_u16();
            return Err(format!(
                "it is packed with method {method}: the entry is left out (expected stored or deflated)"
            ));
        }
    };
    let local = archive.get_entry(record.wayfinder());
    let (start, end) = local
        .map_err(|cause| format!("its header cannot be read: the entry is left out ({cause})"))?
        .compressed_data_range();
    if end > length.min(archive.directory_offset().max(start)) {
        return Err("its bytes reach beyond the archive's directory: the entry is left out".to_owned());
    }
    let entry = Entry {
        index: 0,
        path: String::new(),
        source: SourceId::Unknown,
        bytes,
        compressed,
        modified: modified(&record.last_modified()),
        crc: Some(record.crc32()),
        place: Place::Zip { archive: Arc::clone(path), start, packing },
    };
    Ok((entry, end))
}

/// Leaves out entries whose bytes belong to another one as well: a bomb that needs no ratio.
fn without_overlaps(mut found: Vec<(Entry, u64)>, anomalies: &mut Anomalies) -> Vec<Entry> {
    let start = |entry: &Entry| match &entry.place {
        Place::Zip { start, .. } => *start,
        Place::File(_) => 0,
    };
    found.sort_by_key(|(entry, end)| (start(entry), *end));
    let mut reached = 0;
    let mut kept = Vec::with_capacity(found.len());
    for (entry, end) in found {
        if entry.compressed > 0 && start(&entry) < reached {
            anomalies
                .note(&entry.path, "its bytes are those of another entry as well: the entry is left out");
            continue;
        }
        reached = reached.max(end);
        kept.push(entry);
    }
    kept
}

/// Leaves out what goes beyond the limit of the whole archive, in the order of the names.
fn within_total(mut found: Vec<Entry>, limits: &Limits, anomalies: &mut Anomalies) -> Vec<Entry> {
    found.sort_by(|one, other| one.path.cmp(&other.path));
    let mut total: u64 = 0;
    found.retain(|entry| {
        total = total.saturating_add(entry.bytes.min(limits.entry_bytes));
        let fits = total <= limits.total_bytes;
        if !fits {
            let what = format!(
                "the archive passes the limit of {} bytes: the entry is left out",
                limits.total_bytes
            );
            anomalies.note(&entry.path, what);
        }
        fits
    });
    found
}

/// Reads the time of a record; years that no endpoint can mean count as none.
fn modified(at: &ZipDateTimeKind) -> Option<Modified> {
    match at {
        ZipDateTimeKind::Utc(at) => {
            let instant = DateTime::from_timestamp(at.to_unix(), at.nanosecond())?;
            Some(Modified::Utc(instant))
        }
        ZipDateTimeKind::Local(at) => {
            let day = NaiveDate::from_ymd_opt(at.year().into(), at.month().into(), at.day().into())?;
            let time = day.and_hms_opt(at.hour().into(), at.minute().into(), at.second().into())?;
            (at.year() > 1980).then_some(Modified::Local(time))
        }
    }
}
