//! Gives each entry of an input its source: by the layout table, then by its first bytes, and one of a kind.

use std::collections::BTreeMap;

use crate::anomaly::Anomalies;
use crate::sniff::{self, Sniffed};
use crate::{Entry, Layout, Limits, SourceId, inflate, layout};

/// How many entries are looked into.
const SNIFFED: usize = 256;

/// Names the sources of an input's entries and returns its layout.
pub(crate) fn sources(entries: &mut [Entry], limits: &Limits, anomalies: &mut Anomalies) -> Layout {
    let (layout, root) = layout::detect(entries.iter().map(|entry| entry.path.as_str()));
    for entry in entries.iter_mut() {
        entry.source = layout::classify(layout, &root, &entry.path);
    }
    if layout == Layout::Vendor {
        newest_version(entries, anomalies);
    }
    let open = |entry: &&mut Entry| !entry.source.is_single() && entry.bytes > 0;
    for entry in entries.iter_mut().filter(open).take(SNIFFED) {
        look(entry, layout, limits, anomalies);
    }
    singles(entries, anomalies);
    layout
}

/// Keeps the logs of the highest connector version: older ones tell of what was replaced.
fn newest_version(entries: &mut [Entry], anomalies: &mut Anomalies) {
    let logs = |entry: &&mut Entry| entry.source == SourceId::ConnectorLog;
    let newest = entries.iter_mut().filter(logs).filter_map(|entry| layout::version_of(&entry.path)).max();
    let Some(newest) = newest else { return };
    let shown: Vec<String> = newest.iter().map(ToString::to_string).collect();
    for entry in entries.iter_mut().filter(logs) {
        if layout::version_of(&entry.path).is_some_and(|version| version < newest) {
            entry.source = SourceId::Unknown;
            let what =
                format!("it is a log of an older connector: it is not used, {} is there", shown.join("."));
            anomalies.note(&entry.path, what);
        }
    }
}

/// Names an entry by its first bytes, where its name does not; and takes a name back that they belie.
fn look(entry: &mut Entry, layout: Layout, limits: &Limits, anomalies: &mut Anomalies) {
    let Some(head) = head(entry, limits) else { return };
    let nameless = entry.source == SourceId::Unknown;
    match sniff::sniff(&entry.path, &head) {
        Sniffed::Source(source) => {
            // In the vendor's archive and in ours, other files are other logs: only captures are looked for.
            let loose = matches!(layout, Layout::Folder | Layout::Loose | Layout::Capture);
            if nameless && (loose || source == SourceId::Capture) {
                entry.source = source;
            }
        }
        Sniffed::Zip => {
            entry.source = SourceId::Unknown;
            let what = "it is an archive inside the input: it is not opened (expected to be given by itself)";
            anomalies.note(&entry.path, what);
        }
        Sniffed::Foreign { form, expected } => {
            entry.source = SourceId::Unknown;
            anomalies.note(&entry.path, format!("it is {form}, which is not read (expected {expected})"));
        }
        Sniffed::Nothing => {}
    }
}

/// Reads the first bytes of an entry, as many as there are before a fault.
pub(crate) fn head(entry: &Entry, limits: &Limits) -> Option<Vec<u8>> {
    let mut reader = inflate::open(entry, limits).ok()?;
    let mut head = vec![0; sniff::HEAD];
    let mut filled = 0;
    while let Some(free) = head.get_mut(filled..).filter(|free| !free.is_empty()) {
        match reader.read(free) {
            Ok(0) | Err(_) => break,
            Ok(read) => filled = filled.saturating_add(read),
        }
    }
    head.truncate(filled);
    Some(head)
}

/// Keeps one entry of each source that a bundle holds once: the one that lies highest.
pub(crate) fn singles(entries: &mut [Entry], anomalies: &mut Anomalies) {
    let mut best: BTreeMap<SourceId, (usize, usize, String)> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.source.is_single()) {
        let rank = (entry.path.matches('/').count(), at, entry.path.clone());
        let held = best.entry(entry.source).or_insert_with(|| rank.clone());
        if rank < *held {
            *held = rank;
        }
    }
    for (at, entry) in entries.iter_mut().enumerate() {
        if let Some((_, kept, path)) = best.get(&entry.source)
            && *kept != at
        {
            anomalies
                .note(&entry.path, format!("it is a second {}: it is not used, `{path}` is", entry.source));
            entry.source = SourceId::Unknown;
        }
    }
}
