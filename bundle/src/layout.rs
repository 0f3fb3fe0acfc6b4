//! Where each source lies, in our bundle, in the vendor's archive and among loose files.

use std::cmp::Reverse;

use serde::Serialize;

use crate::SourceId;

/// How an input is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Our own bundle, as an archive or unpacked.
    Tetra,
    /// The vendor's diagnostic archive, or a folder like it.
    Vendor,
    /// A folder, or an archive, of anything.
    Folder,
    /// Packet captures and nothing else.
    Capture,
    /// Files given one by one.
    Loose,
}

/// Says where a source lies in each layout.
///
/// A pattern is matched on the path without regard to case; `*` stands for anything but a slash.
struct Row {
    source: SourceId,
    /// The whole path in our bundle.
    tetra: &'static [&'static str],
    /// The end of the path in the vendor's archive.
    vendor: &'static [&'static str],
    /// The end of the path anywhere else.
    loose: &'static [&'static str],
}

const fn row(
    source: SourceId,
    tetra: &'static [&'static str],
    vendor: &'static [&'static str],
    loose: &'static [&'static str],
) -> Row {
    Row { source, tetra, vendor, loose }
}

/// The layout table. The first row that matches holds.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(SourceId::Manifest,              &["manifest.json"], &[], &[]),
    row(SourceId::LocalXmlEnd,           &["connector/local-end.xml"], &[], &["local-end.xml", "local_end.xml"]),
    row(SourceId::LocalXml,              &["connector/local.xml"], &["local.xml"], &["local.xml", "local-start.xml"]),
    row(SourceId::PolicyXml,             &["connector/policy.xml"], &["*policy.xml"], &["*policy*.xml"]),
    row(SourceId::PostureEnd,            &["connector/posture-end.json"], &[], &["*posture-end*.json", "*posture_end*.json"]),
    row(SourceId::Posture,               &["connector/posture.json"], &["*posture*.json"], &["*posture*.json", "*posture*.txt"]),
    row(SourceId::TetraPlugins,          &["connector/tetra-plugins.json"], &[], &["tetra-plugins.json"]),
    row(SourceId::ConnectorLog,          &["connector/logs/*"], &["*/sfc*.log*"], &["sfc*.log*"]),
    row(SourceId::Capture,               CAPTURES_IN_BUNDLE, CAPTURES, CAPTURES),
    row(SourceId::Probes,                &["network/probes.jsonl"], &[], &["probes.jsonl"]),
    row(SourceId::NetworkConfig,         &["network/config.json"], &[], &["network/config.json", "*network*config*.json"]),
    row(SourceId::Hosts,                 &["network/hosts.txt"], &["drivers/etc/hosts"], &["hosts", "hosts.txt", "etc/hosts"]),
    row(SourceId::Capi2,                 &["windows/capi2.evtx"], &["*capi2*.evtx"], &["*capi2*.evtx"]),
    row(SourceId::Schannel,              &["windows/schannel.evtx"], &["*schannel*.evtx"], &["*schannel*.evtx"]),
    row(SourceId::SecureEndpointEvents,  &["windows/secure-endpoint.evtx"], &["*secureendpoint*.evtx"], &["*secure*endpoint*.evtx"]),
    row(SourceId::Services,              &["windows/services.json"], &[], &["services.json"]),
    row(SourceId::Certificates,          &["windows/certificates.json"], &[], &["certificates.json"]),
    row(SourceId::Power,                 &["windows/power.json"], &[], &["power.json"]),
    row(SourceId::CollectorLog,          &["collector/log.jsonl"], &[], &["collector/log.jsonl"]),
    row(SourceId::Readme,                &["README.txt"], &[], &["README.txt"]),
    row(SourceId::ConsoleRecord,         &["console/*.json"], &[], &["*computer*.json", "*console*.json"]),
    row(SourceId::CurlTranscript,        &["network/*curl*.txt"], &[], &["*curl*.txt", "*curl*.log", "*curl*.out"]),
    row(SourceId::ResolveDnsTranscript,  &["network/*dns*.txt"], &[], &["*dns*.txt", "*dns*.log", "*dns*.out"]),
];

const CAPTURES_IN_BUNDLE: &[&str] =
    &["network/*.pcap", "network/*.pcapng", "network/*.cap", "network/*.pcap*"];
const CAPTURES: &[&str] =
    &["*.pcap", "*.pcapng", "*.cap", "*.ntar", "*.pcap0", "*.pcap1", "*.pcap2", "*.pcap3"];

/// Extensions that look like a capture's but need work first.
const PACKED: [&str; 4] = [".gz", ".zst", ".lz4", ".xz"];

/// Names the source that lies at `path` in our bundle.
#[must_use]
pub fn source_of(path: &str) -> SourceId {
    find(Layout::Tetra, &lower(path)).or_else(|| find(Layout::Folder, &lower(path))).unwrap_or_default()
}

/// Finds the layout of an input and the length of the folder name that wraps it, from its paths.
pub(crate) fn detect<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> (Layout, String) {
    let ours = paths.clone().filter_map(|path| tetra_root(&lower(path))).min_by_key(|found| Reverse(found.0));
    if let Some((_, root)) = ours {
        return (Layout::Tetra, root);
    }
    let vendors = paths.clone().any(|path| is_vendor(&lower(path)));
    (if vendors { Layout::Vendor } else { Layout::Folder }, String::new())
}

/// Names the source at `path`, once the layout is known.
pub(crate) fn classify(layout: Layout, root: &str, path: &str) -> SourceId {
    let path = lower(path);
    let inner = path.strip_prefix(root).unwrap_or(&path);
    let first = find(layout, inner);
    let second = || if layout == Layout::Tetra { find(Layout::Folder, inner) } else { None };
    first.or_else(second).unwrap_or_default()
}

/// Returns the connector version that a log of the vendor's archive belongs to, by its folder.
pub(crate) fn version_of(path: &str) -> Option<Vec<u64>> {
    let folder = path.rsplit('/').nth(1)?;
    let parts: Vec<u64> = folder.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    (2..=5).contains(&parts.len()).then_some(parts)
}

fn lower(path: &str) -> String {
    path.to_ascii_lowercase()
}

/// Looks a path up in one column of the table.
fn find(layout: Layout, path: &str) -> Option<SourceId> {
    if PACKED.iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    let row = TABLE.iter().find(|row| match layout {
        Layout::Tetra => row.tetra.iter().any(|pattern| matches_whole(pattern, path)),
        Layout::Vendor => row.vendor.iter().any(|pattern| matches_end(pattern, path)),
        Layout::Folder | Layout::Capture | Layout::Loose => {
            row.loose.iter().any(|pattern| matches_end(pattern, path))
        }
    })?;
    Some(row.source)
}

/// Returns whether a path shows where our bundle begins, and how surely: the manifest, or a source in a folder.
fn tetra_root(path: &str) -> Option<(u8, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    for (above, tail) in (0..parts.len().min(3)).filter_map(|above| Some((above, parts.get(above..)?))) {
        let inner = tail.join("/");
        let sure = match find(Layout::Tetra, &inner) {
            Some(SourceId::Manifest) => 2,
            Some(
                SourceId::Readme
                | SourceId::Capture
                | SourceId::ConsoleRecord
                | SourceId::CurlTranscript
                | SourceId::ResolveDnsTranscript,
            )
            | None => continue,
            Some(_) => 1,
        };
        let root: String = parts.iter().take(above).map(|part| format!("{part}/")).collect();
        // The shallowest manifest wins.
        return Some((sure * 4 - u8::try_from(above).unwrap_or(3), root));
    }
    None
}

/// Returns whether a path can only come from the vendor's archive.
fn is_vendor(path: &str) -> bool {
    path.contains("cisco/amp/") || (version_of(path).is_some() && matches_end("*/sfc*.log*", path))
}

fn matches_end(pattern: &str, path: &str) -> bool {
    let folders = pattern.matches('/').count();
    let start = path.rmatch_indices('/').nth(folders).map_or(0, |(at, _)| at.saturating_add(1));
    matches_whole(pattern, path.get(start..).unwrap_or_default())
}

/// Matches a pattern whose `*` stands for anything but a slash.
fn matches_whole(pattern: &str, path: &str) -> bool {
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(|(pattern, part)| matches_part(&lower(pattern), part))
}

fn matches_part(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return left.ends_with(piece);
        }
        let Some((_, after)) = left.split_once(piece) else { return false };
        left = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(paths: &[&str]) -> (Layout, Vec<SourceId>) {
        let (layout, root) = detect(paths.iter().copied());
        (layout, paths.iter().map(|path| classify(layout, &root, path)).collect())
    }

    #[test]
    fn matches_stars_within_one_name() {
        assert!(matches_part("sfc*.log*", "sfc.exe.log"));
        assert!(matches_part("sfc*.log*", "sfc.exe.log.001"));
        assert!(matches_part("*dns*.txt", "dns.txt"));
        assert!(!matches_part("sfc*.log*", "sfc.exe"));
        assert!(!matches_part("a*a", "a"));
        assert!(!matches_whole("connector/logs/*", "connector/logs/a/b"));
        assert!(matches_end("*/sfc*.log*", "x/amp/8.1.7.21417/sfc.exe.log"));
        assert!(!matches_end("*/sfc*.log*", "sfc.exe.log"));
    }

    #[test]
    fn knows_every_place_of_our_bundle() {
        for row in TABLE {
            for pattern in row.tetra {
                assert_eq!(source_of(&pattern.replace('*', "x")), row.source, "{pattern}");
            }
        }
    }

    #[test]
    fn finds_our_bundle_in_a_wrapper() {
        let (layout, found) = sources(&[
            "Case 7/Connector/LOCAL.xml",
            "Case 7/manifest.json",
            "Case 7/network/a.pcapng",
            "Case 7/other/manifest.json",
        ]);
        assert_eq!(layout, Layout::Tetra);
        assert_eq!(found, [SourceId::LocalXml, SourceId::Manifest, SourceId::Capture, SourceId::Unknown]);
        assert_eq!(sources(&["connector/local.xml"]).0, Layout::Tetra);
    }

    #[test]
    fn finds_the_vendors_archive() {
        let (layout, found) = sources(&[
            "x/Program Files/Cisco/AMP/local.xml",
            "x/Program Files/Cisco/AMP/8.1.7.21417/sfc.exe.log",
            "x/Program Files/Cisco/AMP/8.1.7.21417/sfc.exe",
            "x/Program Files/Cisco/AMP/8.1.7.21417/iptray.exe.log",
            "x/ProgramData/Cisco/AMP/policy.xml",
        ]);
        assert_eq!(layout, Layout::Vendor);
        assert_eq!(
            found,
            [
                SourceId::LocalXml,
                SourceId::ConnectorLog,
                SourceId::Unknown,
                SourceId::Unknown,
                SourceId::PolicyXml
            ]
        );
        assert_eq!(version_of("AMP/8.1.7.21417/sfc.exe.log"), Some(vec![8, 1, 7, 21417]));
        assert_eq!(version_of("AMP/tetra/sfc.exe.log"), None);
        assert_eq!(version_of("sfc.exe.log"), None);
    }

    #[test]
    fn names_loose_files() {
        let (layout, found) = sources(&[
            "a/trace.PCAP",
            "curl-v.txt",
            "dns.txt",
            "computer_7.json",
            "b/local.xml",
            "x.pcap.gz",
            "notes.doc",
        ]);
        assert_eq!(layout, Layout::Folder);
        use SourceId::{Capture, ConsoleRecord, CurlTranscript, LocalXml, ResolveDnsTranscript, Unknown};
        assert_eq!(
            found,
            [Capture, CurlTranscript, ResolveDnsTranscript, ConsoleRecord, LocalXml, Unknown, Unknown]
        );
    }
}
