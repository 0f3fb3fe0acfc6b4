//! Gives each entry of an input its source: by the layout table, then by its first bytes, and one of a kind.

use std::collections::BTreeMap;

use crate::anomaly::Anomalies;
use crate::sniff::{self, Sniffed};
use crate::{Entry, Layout, Limits, SourceId, inflate, layout};

/// How many entries without a known name are looked into.
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
    let unknown = entries.iter_mut().filter(|entry| entry.source == SourceId::Unknown && entry.bytes > 0);
    for entry in unknown.take(SNIFFED) {
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

/// Names an entry by its first bytes. In the vendor's archive only captures are looked for.
fn look(entry: &mut Entry, layout: Layout, limits: &Limits, anomalies: &mut Anomalies) {
    let Some(head) = head(entry, limits) else { return };
    match sniff::sniff(&entry.path, &head) {
        Sniffed::Source(SourceId::Capture) => entry.source = SourceId::Capture,
        Sniffed::Source(source) if matches!(layout, Layout::Folder | Layout::Loose) => entry.source = source,
        Sniffed::Zip => anomalies.note(
            &entry.path,
            "it is an archive inside the input: it is not opened (expected to be given by itself)",
        ),
        Sniffed::Foreign { form, expected } => {
            anomalies.note(&entry.path, format!("it is {form}, which is not read (expected {expected})"));
        }
        Sniffed::Source(_) | Sniffed::Nothing => {}
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
