//! Finds out what a path leads to, and lists what is in it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::anomaly::Anomalies;
use crate::sniff::{self, Sniffed};
use crate::{Entry, Error, Layout, Limits, SourceId, archive, folder, layout, pick};

/// What a path led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Archive,
    Folder,
    File,
}

/// Opens one path.
pub(crate) fn input(
    path: &Path,
    limits: &Limits,
    anomalies: &mut Anomalies,
) -> Result<(Form, Layout, Vec<Entry>), Error> {
    let facts = path.metadata().map_err(|source| Error::Open { path: path.to_owned(), source })?;
    if facts.is_dir() {
        let (layout, entries) = open_folder(path, limits, anomalies)?;
        Ok((Form::Folder, layout, entries))
    } else if !facts.is_file() {
        Err(Error::NotRegular { path: path.to_owned() })
    } else if facts.len() == 0 {
        Err(Error::Empty { path: path.to_owned() })
    } else {
        open_file(path, limits, anomalies)
    }
}

/// Opens one regular file: an archive, or a source by itself.
fn open_file(
    path: &Path,
    limits: &Limits,
    anomalies: &mut Anomalies,
) -> Result<(Form, Layout, Vec<Entry>), Error> {
    let open = |source| Error::Open { path: path.to_owned(), source };
    let mut entry = folder::file(path).map_err(open)?;
    std::fs::File::open(path).map_err(open)?;
    let head = pick::head(&entry, limits).unwrap_or_default();
    let sniffed = sniff::sniff(&entry.path, &head);
    let name = entry.path.to_ascii_lowercase();
    let named_archive = sniffed == Sniffed::Nothing && (name.ends_with(".zip") || name.ends_with(".7z"));
    if sniffed == Sniffed::Zip || named_archive {
        let mut entries = archive::list(path, limits, anomalies)?;
        let layout = pick::sources(&mut entries, limits, anomalies);
        return Ok((Form::Archive, layout, entries));
    }
    if let Sniffed::Foreign { form, expected } = sniffed {
        return Err(Error::Foreign { path: path.to_owned(), form, expected });
    }
    pick::sources(std::slice::from_mut(&mut entry), limits, anomalies);
    if entry.source == SourceId::Unknown {
        return Err(Error::Unrecognized { path: path.to_owned() });
    }
    Ok((Form::File, Layout::Loose, vec![entry]))
}

/// Opens a folder. One archive among its files is opened too, as if it were given beside them.
fn open_folder(
    path: &Path,
    limits: &Limits,
    anomalies: &mut Anomalies,
) -> Result<(Layout, Vec<Entry>), Error> {
    let mut entries = folder::list(path, limits, anomalies)?;
    let is_archive = |entry: &Entry| {
        let name = entry.path.to_ascii_lowercase();
        let named = !name.contains('/') && (name.ends_with(".zip") || name.ends_with(".7z"));
        named && pick::head(entry, limits).is_some_and(|head| sniff::sniff("", &head) == Sniffed::Zip)
    };
    let archives: Vec<usize> =
        (0..entries.len()).filter(|at| entries.get(*at).is_some_and(is_archive)).collect();
    let loose = layout::detect(entries.iter().map(|entry| entry.path.as_str())).0 == Layout::Folder;
    let ([only], true) = (archives.as_slice(), loose) else {
        return Ok((pick::sources(&mut entries, limits, anomalies), entries));
    };
    let outer = entries.remove(*only);
    let mut inner = archive::list(&path.join(&outer.path), limits, anomalies)?;
    let layout = pick::sources(&mut inner, limits, anomalies);
    pick::sources(&mut entries, limits, anomalies);
    for mut entry in inner {
        entry.path = format!("{}/{}", outer.path, entry.path);
        entries.push(entry);
    }
    pick::singles(&mut entries, anomalies);
    Ok((layout, entries))
}

/// Adds an input's entries; a path that is taken gets the input's name before it.
pub(crate) fn merge(entries: &mut Vec<Entry>, found: Vec<Entry>, input: &Path) {
    let mut taken: BTreeSet<String> = entries.iter().map(|entry| entry.path.clone()).collect();
    let own = input.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
    for mut entry in found {
        let mut number = 1_u32;
        let plain = entry.path.clone();
        while taken.contains(&entry.path) {
            let again = if number == 1 { String::new() } else { format!(" ({number})") };
            entry.path = crate::name::printable(&format!("{own}{again}/{plain}"));
            number = number.saturating_add(1);
        }
        taken.insert(entry.path.clone());
        entries.push(entry);
    }
}

/// Names the layout of several inputs together.
pub(crate) fn overall(layouts: &[Layout], entries: &[Entry]) -> Layout {
    let captures = entries.iter().all(|entry| entry.source == SourceId::Capture);
    match layouts.iter().min() {
        Some(layout @ (Layout::Tetra | Layout::Vendor)) => *layout,
        _ if captures && !entries.is_empty() => Layout::Capture,
        Some(layout) => *layout,
        None => Layout::Loose,
    }
}
