//! Inputs to begin with: the project's samples and the smallest captures, brought into the form that each target reads.

use std::path::{Path, PathBuf};

use tetra_bundle::{Bundle, Limits, SourceId};
use tetra_capture::blocks;
use tetra_capture::packet::{Content, Decoder};

use super::streams::FROM_SERVER;

/// Captures and archives that serve as seeds, the smallest ones.
const SMALLEST: usize = 12;
/// Largest capture that serves.
const LARGEST: usize = 64 << 10;

/// Gives the seeds of a target; `root` is the project's folder.
pub fn of(target: &str, root: &Path) -> Vec<Vec<u8>> {
    let sources = root.join("fixtures/sources");
    let texts = |kinds: &[&str]| -> Vec<Vec<u8>> {
        kinds.iter().flat_map(|kind| files(&sources.join(kind))).map(|path| read(&path)).collect()
    };
    match target {
        "archive" => archives(root),
        "manifest" => manifests(root),
        "xml" => texts(&["local_xml", "policy_xml"]),
        "json" => texts(&[
            "posture",
            "tetra_plugins",
            "network_config",
            "services",
            "certificates",
            "power",
            "console",
        ]),
        "probes" => texts(&["probes"]),
        "log" => texts(&["log"]),
        "transcript" => texts(&["curl", "resolve_dns", "hosts"]),
        "pack" => rules(root),
        "blocks" | "frames" => captures(root),
        "link" => captures(root).iter().map(|capture| linked(capture)).collect(),
        "reassembly" => segments(),
        "dns" => captures(root).iter().flat_map(|capture| questions(capture)).take(64).collect(),
        "tls" => streams(&sources, "tls"),
        "http" => streams(&sources, "http"),
        "socks" => streams(&sources, "socks"),
        "conversation" => ["tls", "http", "socks"]
            .iter()
            .zip([0, 1, 2])
            .flat_map(|(kind, port)| {
                streams(&sources, kind).into_iter().map(move |stream| [&[port][..], &stream].concat())
            })
            .collect(),
        "x509" => ders(&sources),
        "analyze" => captures(root)
            .into_iter()
            .map(|bytes| (0, bytes))
            .chain(archives(root).into_iter().map(|bytes| (1, bytes)))
            .chain(texts(&["local_xml"]).into_iter().map(|bytes| (2, bytes)))
            .chain(texts(&["log"]).into_iter().map(|bytes| (3, bytes)))
            .chain(texts(&["curl"]).into_iter().map(|bytes| (4, bytes)))
            .map(|(kind, bytes)| [&[kind][..], &bytes].concat())
            .collect(),
        _ => Vec::new(),
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut all: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}

fn smallest(mut all: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    all.sort_by_key(Vec::len);
    all.truncate(SMALLEST);
    all.retain(|bytes| bytes.len() <= LARGEST);
    all
}

/// The bundles of all cases.
fn inputs(root: &Path) -> Vec<PathBuf> {
    let all = files(&root.join("fixtures/cases")).into_iter().flat_map(|case| files(&case));
    all.filter(|path| !path.ends_with("expected.json")).collect()
}

fn archives(root: &Path) -> Vec<Vec<u8>> {
    let zips = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "zip" || kind == "7z");
    smallest(inputs(root).into_iter().filter(zips).map(|path| read(&path)).collect())
}

fn entries(root: &Path, source: SourceId) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for path in inputs(root) {
        let Ok(bundle) = Bundle::open(path, Limits::default()) else { continue };
        for entry in bundle.of(source) {
            all.extend(bundle.read_small(entry, 1 << 20).ok().map(|(bytes, _)| bytes));
        }
    }
    smallest(all)
}

fn manifests(root: &Path) -> Vec<Vec<u8>> {
    entries(root, SourceId::Manifest)
}

fn captures(root: &Path) -> Vec<Vec<u8>> {
    entries(root, SourceId::Capture)
}

fn rules(root: &Path) -> Vec<Vec<u8>> {
    let mut found = vec![read(&root.join("rules/endpoints.yml"))];
    for folder in ["dns", "tls", "proxy", "interrupt"] {
        found.extend(files(&root.join("rules").join(folder)).into_iter().take(6).map(|path| read(&path)));
    }
    found
}

fn linked(capture: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    blocks::read(Box::new(std::io::Cursor::new(capture.to_vec())), &mut |frame| {
        let data = frame.data.get(..frame.data.len().min(0x0fff)).unwrap_or_default();
        out.extend((data.len() as u16).to_be_bytes());
        out.extend_from_slice(data);
    });
    out
}

fn questions(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut decoder = Decoder::default();
    blocks::read(Box::new(std::io::Cursor::new(capture.to_vec())), &mut |frame| {
        decoder.decode(frame, &mut |content| {
            let Content::Ip(packet) = content else { return };
            let ports = packet.payload.get(..4).unwrap_or_default();
            if packet.protocol == 17 && (ports.starts_with(&[0, 53]) || ports.ends_with(&[0, 53])) {
                found.push(packet.payload.get(8..).unwrap_or_default().to_vec());
            }
        });
    });
    found
}

/// A connection as the samples hold it: `>` and `<`, then hexadecimal digits.
fn conversation(path: &Path) -> Vec<(bool, Vec<u8>)> {
    let text = String::from_utf8_lossy(&read(path)).into_owned();
    let digits = |text: &str| -> Vec<u8> {
        let nibbles: Vec<u8> = text.chars().filter_map(|c| Some(c.to_digit(16)? as u8)).collect();
        nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    };
    text.lines().map(|line| (line.starts_with('<'), digits(line))).collect()
}

fn streams(sources: &Path, kind: &str) -> Vec<Vec<u8>> {
    let of_kind = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let carried = matches!(kind, "http") && (name.starts_with("ocsp") || name.starts_with("crl"));
        name.ends_with(".hex") && (name.starts_with(kind) || carried)
    };
    let pieces = |path: PathBuf| {
        conversation(&path).into_iter().fold(Vec::new(), |mut out, (server, bytes)| {
            out.push(if server { FROM_SERVER } else { 0 });
            out.extend((bytes.len() as u16).to_be_bytes());
            out.extend(bytes);
            out
        })
    };
    files(&sources.join("capture")).into_iter().filter(of_kind).map(pieces).collect()
}

/// What looks like DER of some size in the samples: certificates, OCSP messages, lists.
fn ders(sources: &Path) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for path in files(&sources.join("capture")) {
        for server in [false, true] {
            let sent: Vec<u8> = conversation(&path)
                .into_iter()
                .filter(|(from, _)| *from == server)
                .flat_map(|(_, bytes)| bytes)
                .collect();
            let mut at = 0;
            while let Some(head) = sent.get(at..at + 4) {
                let length = usize::from(u16::from_be_bytes([head[2], head[3]])) + 4;
                match sent.get(at..at + length) {
                    Some(der) if head.starts_with(&[0x30, 0x82]) && length > 64 => {
                        found.push(der.to_vec());
                        at += length;
                    }
                    _ => at += 1,
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// An opening, data both ways, a hole that is filled late, an overlap, and an end.
fn segments() -> Vec<Vec<u8>> {
    let step = |way: u8, flags: u8, place: u16, length: u16, acked: u8| {
        let ([place, place2], [length, length2]) = (place.to_le_bytes(), length.to_le_bytes());
        [way, flags, place, place2, length, length2, acked, 255, 1]
    };
    let plain = [
        step(0, 2, 0, 0, 0),
        step(1, 18, 0, 0, 1),
        step(0, 16, 1, 27, 1),
        step(1, 16, 1, 1_448, 28),
        step(1, 16, 2_897, 1_448, 28),
        step(1, 16, 1_449, 1_448, 28),
        step(1, 16, 1_000, 900, 28),
        step(1, 17, 4_345, 0, 28),
        step(0, 4, 28, 0, 255),
    ]
    .concat();
    let starts = [1_000_u32, u32::MAX - 1_500, 0x7fff_fff0];
    starts.iter().map(|start| [&start.to_le_bytes()[..], &plain].concat()).collect()
}
