//! Archives, manifests, and the sources that are texts.

use std::cell::RefCell;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use tetra_analyze::model::{Endpoints, LogTemplate, Sink};
use tetra_analyze::rule::{PackFiles, RuleSet};
use tetra_analyze::source::{self, local_xml::Phase, log::LogContext};
use tetra_bundle::{Bundle, Limits, Manifest, SourceId};

/// What the core pack knows.
pub struct Known {
    /// Its rules.
    pub rules: RuleSet,
    endpoints: Endpoints,
    templates: Vec<LogTemplate>,
    place: tempfile::TempDir,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// Calls with what the core pack knows, which is loaded once on each thread.
pub fn with_known(call: impl FnOnce(&Known)) {
    KNOWN.with_borrow_mut(|known| {
        call(known.get_or_insert_with(|| {
            let rules = RuleSet::core().expect("the core pack loads");
            let (endpoints, templates) = (rules.endpoints().clone(), rules.templates().to_vec());
            Known { rules, endpoints, templates, place: tempfile::tempdir().expect("a place for files") }
        }));
    });
}

/// Opens bytes as a file of this name, within limits that keep one input short.
pub fn open(known: &Known, name: &str, bytes: &[u8]) -> Option<Bundle> {
    let path: PathBuf = known.place.path().join(name);
    std::fs::write(&path, bytes).expect("a file can be written");
    let limits = Limits {
        entries: 2_000,
        total_bytes: 64 << 20,
        entry_bytes: 4 << 20,
        ratio_floor: 1 << 20,
        ..Limits::default()
    };
    Bundle::open(&path, limits).ok()
}

/// Opens an archive, reads all of its entries and checks them against its manifest.
pub fn archive(bytes: &[u8]) {
    with_known(|known| {
        let Some(bundle) = open(known, "in.zip", bytes) else { return };
        let mut total = 0;
        for entry in bundle.entries() {
            assert!(!entry.path.contains('\0') && !entry.path.starts_with('/'), "{:?}", entry.path);
            assert!(!entry.path.split('/').any(|part| part == ".."), "{:?}", entry.path);
            let Ok(reader) = bundle.read(entry) else { continue };
            let read = std::io::copy(&mut reader.take(u64::MAX), &mut std::io::sink()).unwrap_or(0);
            assert!(read <= 4 << 20, "{} yields {read} bytes", entry.path);
            total += read;
        }
        assert!(total <= 64 << 20, "{total} bytes came out");
        let _ = tetra_bundle::verify(&bundle);
        for anomaly in bundle.anomalies() {
            assert!(anomaly.what.len() < 4_096, "{} bytes of words", anomaly.what.len());
        }
    });
}

/// Reads a manifest; what was read can be written and read again.
pub fn manifest(bytes: &[u8]) {
    if let Ok((manifest, _)) = Manifest::parse(bytes) {
        let again = Manifest::parse(&manifest.to_bytes()).expect("our own manifest");
        assert_eq!(manifest, again.0);
    }
}

/// Gives a sink to a parser and looks at what comes out.
fn states(source: SourceId, parse: impl FnOnce(&mut Sink)) {
    let mut sink = Sink::new(source, "in");
    parse(&mut sink);
    let (observations, anomalies) = sink.finish();
    assert!(observations.len() <= 200_001 && anomalies.len() <= 52);
    for evidence in observations.iter().flat_map(|observed| &observed.evidence) {
        assert!(evidence.excerpt.chars().count() <= 201 && !evidence.excerpt.contains('\n'));
    }
}

/// Reads local.xml and policy.xml.
pub fn xml(bytes: &[u8]) {
    with_known(|known| {
        states(SourceId::LocalXml, |sink| source::local_xml::parse(bytes, Phase::Start, sink));
        states(SourceId::PolicyXml, |sink| source::policy_xml::parse(bytes, &known.endpoints, sink));
    });
}

/// Reads the sources that are JSON.
pub fn json(bytes: &[u8]) {
    states(SourceId::Posture, |sink| source::posture::parse(bytes, sink));
    states(SourceId::TetraPlugins, |sink| source::tetra_plugins::parse(bytes, None, sink));
    states(SourceId::NetworkConfig, |sink| source::network_config::parse(bytes, sink));
    states(SourceId::Services, |sink| source::services::parse(bytes, sink));
    states(SourceId::Certificates, |sink| source::certificates::parse(bytes, sink));
    states(SourceId::Power, |sink| source::power::parse(bytes, None, sink));
    states(SourceId::ConsoleRecord, |sink| source::console::parse(bytes, None, sink));
}

/// Reads the JSON lines of probes.
pub fn probes(bytes: &[u8]) {
    with_known(|known| {
        states(SourceId::Probes, |sink| source::probes::parse(bytes, &known.endpoints, sink));
    });
}

/// Reads a connector's log.
pub fn log(bytes: &[u8]) {
    with_known(|known| {
        let context =
            LogContext { templates: &known.templates, modified: None, utc_offset_minutes: Some(60) };
        states(SourceId::ConnectorLog, |sink| {
            let covered = source::log::read(&mut Cursor::new(bytes), &context, sink);
            // UTF-16 becomes longer as UTF-8, and a broken byte three.
            assert!(covered.bytes <= (bytes.len() as u64) * 3 + 3, "{covered:?}");
        });
    });
}

/// Reads saved sessions and the hosts file.
pub fn transcript(bytes: &[u8]) {
    with_known(|known| {
        states(SourceId::CurlTranscript, |sink| source::curl::parse(bytes, &known.endpoints, sink));
        states(SourceId::ResolveDnsTranscript, |sink| {
            source::resolve_dns::parse(bytes, &known.endpoints, sink);
        });
        states(SourceId::Hosts, |sink| source::hosts::parse(bytes, &known.endpoints, sink));
    });
}

/// Checks a rule file of a pack.
pub fn pack(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let card = "name: site\nversion: 1.0.0\nprofile: 1\ntaxonomy: tetra\n";
    let file = match text.split_once(':').map(|(head, _)| head) {
        Some("version") if text.contains("\ncauses:") => "causes.yml",
        Some("version") if text.contains("\ncodes:") => "codes.yml",
        Some("version") => "endpoints.yml",
        _ => "dns/some_rule_000000.yml",
    };
    let site = PackFiles::from_texts([("pack.yml", card), (file, text)]);
    let _ = RuleSet::load(&[PackFiles::core_without_examples(), site]);
}
