//! Reads every source of a bundle with its parser: small ones first, for they tell who is who, then captures and logs
//! beside each other.

mod learn;

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tetra_bundle::{Bundle, Entry, Modified, SourceId};
use tetra_capture::blocks;

use crate::model::{
    Anomaly, Covered, EndpointPattern, Endpoints, Kind, LogTemplate, Observation, Role, Sink, SourceCoverage,
    Span, Timestamp, Traffic,
};
use crate::progress::Progress;
use crate::source::{self, local_xml::Phase, log::LogContext, log::LogCoverage};

/// Largest small source that is held in memory, in bytes.
const SMALL: u64 = 16 << 20;
/// Sources whose absence a report mentions.
const EXPECTED: [SourceId; 6] = [
    SourceId::Capture,
    SourceId::ConnectorLog,
    SourceId::LocalXml,
    SourceId::PolicyXml,
    SourceId::Posture,
    SourceId::Services,
];

/// Everything that the sources of a bundle state.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// What the captures showed.
    pub traffic: Traffic,
    /// What the files say.
    pub observations: Vec<Observation>,
    /// Who is who, the policy's and the configuration's word included.
    pub endpoints: Endpoints,
    /// Input that is not as expected.
    pub anomalies: Vec<Anomaly>,
    /// What each source covers.
    pub coverage: Vec<SourceCoverage>,
    /// The same for rules about absence.
    pub covered: Vec<Covered>,
}

/// Reads all sources.
pub(crate) fn gather(
    bundle: &Bundle,
    known: &Endpoints,
    templates: &[LogTemplate],
    progress: &Progress,
) -> Gathered {
    let mut out = Gathered { endpoints: known.clone(), ..Gathered::default() };
    for anomaly in bundle.anomalies() {
        out.anomalies.push(Anomaly {
            path: anomaly.path.clone(),
            at: String::new(),
            what: anomaly.what.clone(),
        });
    }
    if let Some(manifest) = bundle.manifest() {
        let mut sink = Sink::new(SourceId::Manifest, tetra_bundle::MANIFEST);
        if let Ok(value) = serde_json::to_value(manifest) {
            source::manifest_facts::state(&value, &mut sink);
        }
        out.take(sink);
    }
    let total = bundle.entries().iter().map(|entry| entry.compressed).sum();
    progress.total(total);
    // Policy and configuration first: they name servers and proxies.
    let (first, rest): (Vec<&Entry>, Vec<&Entry>) = bundle
        .entries()
        .iter()
        .partition(|entry| matches!(entry.source, SourceId::PolicyXml | SourceId::NetworkConfig));
    for entry in first {
        small(bundle, entry, &mut out);
    }
    out.learn();
    for entry in &rest {
        small(bundle, entry, &mut out);
    }
    let endpoints = out.endpoints.clone();
    let (traffic, logs) = std::thread::scope(|scope| {
        let logs = scope.spawn(|| logs(bundle, &rest, templates, progress));
        let traffic = captures(bundle, &rest, &endpoints, progress);
        (traffic, logs.join())
    });
    let (traffic, sinks) = traffic;
    for sink in sinks {
        out.take(sink);
    }
    let logs = logs.unwrap_or_else(|_| {
        let what = "the reading of the connector's logs broke off: they are not in the answer".to_owned();
        out.anomalies.push(Anomaly { path: String::new(), at: String::new(), what });
        Vec::new()
    });
    for (sink, covered) in logs {
        out.log_coverage(&sink, covered);
        out.take(sink);
    }
    out.capture_coverage(&traffic);
    out.traffic = traffic;
    out.absent();
    out.coverage.sort_by(|one, other| (&one.source, &one.path).cmp(&(&other.source, &other.path)));
    out.anomalies.sort();
    out
}

fn captures(
    bundle: &Bundle,
    entries: &[&Entry],
    endpoints: &Endpoints,
    progress: &Progress,
) -> (Traffic, Vec<Sink>) {
    let mut reader = source::capture::Reader::new(endpoints);
    let mut sinks = Vec::new();
    for entry in in_order_of_time(bundle, entries) {
        let mut sink = Sink::new(entry.source, &entry.path);
        progress.doing(&entry.path);
        match bundle.read(entry) {
            Ok(input) => reader.read(Box::new(progress.reading(input)), &mut sink),
            Err(error) => sink.anomaly(crate::model::Locator::Whole, chain(&error)),
        }
        sinks.push(sink);
    }
    (reader.finish(), sinks)
}

/// Gives the captures by the times of their first frames: a ring leaves files whose names need not tell.
fn in_order_of_time<'e>(bundle: &Bundle, entries: &[&'e Entry]) -> Vec<&'e Entry> {
    let mut captures: Vec<&Entry> =
        entries.iter().filter(|entry| entry.source == SourceId::Capture).copied().collect();
    if captures.len() > 1 {
        captures.sort_by_cached_key(|entry| {
            let begin = bundle.read(entry).ok().and_then(|input| blocks::first_time(Box::new(input)));
            (begin.is_none(), begin, &entry.path)
        });
    }
    captures
}

fn logs(
    bundle: &Bundle,
    entries: &[&Entry],
    templates: &[LogTemplate],
    progress: &Progress,
) -> Vec<(Sink, LogCoverage)> {
    let offset = bundle.manifest().and_then(|manifest| manifest.times.utc_offset_minutes);
    // Where the archive does not say when a log was written, it was being written when it was collected.
    let written = bundle
        .manifest()
        .and_then(|manifest| manifest.times.end.or(manifest.times.start))
        .map(|time| time.naive_utc());
    let earlier = earlier_parts(bundle);
    // When the first line of a part was written, which the part before it continues to.
    let mut begun: BTreeMap<&str, NaiveDateTime> = BTreeMap::new();
    let mut out = Vec::new();
    // The parts of a log from the last to the first: the year of each follows from the one after it.
    for entry in entries.iter().rev().filter(|entry| entry.source == SourceId::ConnectorLog) {
        let mut sink = Sink::new(entry.source, &entry.path);
        let context = LogContext {
            templates,
            modified: begun
                .get(entry.path.as_str())
                .copied()
                .or(entry.modified.map(Modified::naive))
                .or(written),
            utc_offset_minutes: offset,
        };
        let covered = match bundle.read(entry) {
            Ok(input) => source::log::read(&mut progress.reading(input), &context, &mut sink),
            Err(error) => {
                sink.anomaly(crate::model::Locator::Whole, chain(&error));
                LogCoverage::default()
            }
        };
        if let Some((before, first)) = earlier.get(entry.path.as_str()).zip(covered.first) {
            let local = DateTime::<Utc>::from_timestamp_nanos(first.0).naive_utc();
            let local = local.checked_add_signed(TimeDelta::minutes(offset.unwrap_or(0).into()));
            begun.extend(local.map(|local| (*before, local)));
        }
        out.push((sink, covered));
    }
    out.reverse();
    out
}

/// Gives, for each part of a log that was cut, the part before it, as the manifest tells.
fn earlier_parts(bundle: &Bundle) -> BTreeMap<&str, &str> {
    let files = bundle.manifest().map_or(&[][..], |manifest| &manifest.files);
    files.iter().filter_map(|file| Some((file.path.as_str(), file.continues.as_deref()?))).collect()
}

/// Reads a small source with its parser; captures, logs and what nobody reads are left alone.
fn small(bundle: &Bundle, entry: &Entry, out: &mut Gathered) {
    let is_small = !matches!(
        entry.source,
        SourceId::Capture
            | SourceId::ConnectorLog
            | SourceId::Manifest
            | SourceId::Unknown
            | SourceId::Readme
            | SourceId::CollectorLog
    );
    if !is_small {
        return;
    }
    let mut sink = Sink::new(entry.source, &entry.path);
    if matches!(entry.source, SourceId::Capi2 | SourceId::Schannel | SourceId::SecureEndpointEvents) {
        events(bundle, entry, sink, out);
        return;
    }
    let input = match read(bundle, entry, &mut sink) {
        Ok(input) => input,
        Err(why) => {
            sink.anomaly(crate::model::Locator::Whole, why);
            out.covers(entry.source, &entry.path, "unreadable", String::new());
            out.take(sink);
            return;
        }
    };
    parse(bundle, entry, &input, &out.endpoints.clone(), &mut sink);
    let states = sink.observations.len();
    out.covers(entry.source, &entry.path, "read", format!("{states} facts"));
    out.take(sink);
}

/// Reads a Windows event log, which may be long, as a stream.
fn events(bundle: &Bundle, entry: &Entry, mut sink: Sink, out: &mut Gathered) {
    match bundle.read(entry) {
        Ok(mut input) => {
            let covered = source::event_log::read(&mut input, &mut sink);
            out.covers_events(entry, &covered);
        }
        Err(error) => {
            sink.anomaly(crate::model::Locator::Whole, chain(&error));
            out.covers(entry.source, &entry.path, "unreadable", String::new());
        }
    }
    out.take(sink);
}

fn parse(bundle: &Bundle, entry: &Entry, input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let collected = bundle
        .manifest()
        .and_then(|manifest| manifest.times.end.or(manifest.times.start))
        .map(Timestamp::from);
    match entry.source {
        SourceId::LocalXml => source::local_xml::parse(input, Phase::Start, sink),
        SourceId::LocalXmlEnd => source::local_xml::parse(input, Phase::End, sink),
        SourceId::PolicyXml => source::policy_xml::parse(input, endpoints, sink),
        SourceId::Posture | SourceId::PostureEnd => source::posture::parse(input, sink),
        SourceId::TetraPlugins => source::tetra_plugins::parse(input, collected, sink),
        SourceId::Probes => source::probes::parse(input, endpoints, sink),
        SourceId::NetworkConfig => source::network_config::parse(input, sink),
        SourceId::Hosts => source::hosts::parse(input, endpoints, sink),
        SourceId::Services => source::services::parse(input, sink),
        SourceId::Certificates => source::certificates::parse(input, sink),
        SourceId::Power => source::power::parse(input, collected, sink),
        SourceId::CurlTranscript => source::curl::parse(input, endpoints, sink),
        SourceId::ResolveDnsTranscript => source::resolve_dns::parse(input, endpoints, sink),
        SourceId::ConsoleRecord => source::console::parse(input, collected, sink),
        _ => {}
    }
}

fn read(bundle: &Bundle, entry: &Entry, sink: &mut Sink) -> Result<Vec<u8>, String> {
    let mut input = bundle.read(entry).map_err(|error| chain(&error))?;
    let mut bytes = Vec::new();
    let failure = input.by_ref().take(SMALL).read_to_end(&mut bytes).err();
    if let Some(error) = failure {
        // What came before the fault is still worth reading.
        sink.anomaly(crate::model::Locator::Whole, format!("cannot be read to its end: {error}"));
    } else if entry.bytes > SMALL {
        let what = format!("is larger than {} MiB; what lies beyond is not read", SMALL >> 20);
        sink.anomaly(crate::model::Locator::Whole, what);
    }
    Ok(bytes)
}

/// Gives an error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
