//! What the sources teach about who is who, and what they cover.

use super::*;
use crate::source::event_log::EventCoverage;

impl Gathered {
    pub(super) fn take(&mut self, sink: Sink) {
        let (observations, anomalies) = sink.finish();
        self.observations.extend(observations);
        self.anomalies.extend(anomalies);
    }

    pub(super) fn covers(&mut self, source: SourceId, path: &str, state: &str, note: String) {
        self.coverage.push(SourceCoverage {
            source: source.to_string(),
            path: path.to_owned(),
            state: state.to_owned(),
            covers: None,
            note,
            debug: None,
        });
    }

    /// Notes an event log that was read, with the time from its first event to its last.
    pub(super) fn covers_events(&mut self, entry: &Entry, covered: &EventCoverage) {
        self.coverage.push(SourceCoverage {
            source: entry.source.to_string(),
            path: entry.path.clone(),
            state: "read".to_owned(),
            covers: covered.span.map(|(from, to)| Span::new(from, to)),
            note: format!("{} events, {} with an error", covered.events, covered.errors),
            debug: None,
        });
    }

    /// Learns from policy and configuration who is who.
    pub(super) fn learn(&mut self) {
        for observed in self.observations.iter().filter(|observed| observed.kind == Kind::Setting) {
            let text = observed.fields.text("setting.text").unwrap_or_default();
            let role = match observed.fields.text("setting.key") {
                Some("tetra.updater.server") => Role::UpdateServer,
                Some("proxy.server" | "winhttp.proxy" | "wininet.proxy") => Role::Proxy,
                Some("gateway.address") => Role::Gateway,
                _ => continue,
            };
            for host in hosts(text) {
                let pattern = EndpointPattern { name: host, role, region: "policy".to_owned() };
                let known =
                    role == Role::UpdateServer && self.endpoints.role(&pattern.name) == Role::UpdateServer;
                if !known {
                    self.endpoints.patterns.insert(0, pattern);
                }
            }
        }
    }

    pub(super) fn log_coverage(&mut self, sink: &Sink, covered: LogCoverage) {
        let span = covered.first.zip(covered.last);
        if let Some((from, to)) = span {
            self.covered.push(Covered { source: "connector_log", from, to });
        }
        let debug = if covered.debug { ", debug mode on" } else { ", debug mode not seen" };
        let zone = if covered.zone_known { "" } else { ", time zone not known (taken for UTC)" };
        self.coverage.push(SourceCoverage {
            source: SourceId::ConnectorLog.to_string(),
            path: sink.path().to_owned(),
            state: "read".to_owned(),
            covers: span.map(|(from, to)| Span::new(from, to)),
            note: format!("{} lines{debug}{zone}", covered.lines),
            debug: Some(covered.debug),
        });
    }

    pub(super) fn capture_coverage(&mut self, traffic: &Traffic) {
        for capture in &traffic.captures {
            if let Some((from, to)) = capture.span {
                self.covered.push(Covered { source: "capture", from, to });
            }
            let snap = capture.snap.map(|snap| format!(", cut at {snap} bytes each")).unwrap_or_default();
            let cut = capture.cut.as_ref().map(|cut| format!(", {cut}")).unwrap_or_default();
            self.coverage.push(SourceCoverage {
                source: SourceId::Capture.to_string(),
                path: capture.path.clone(),
                state: if capture.frames == 0 {
                    "unreadable"
                } else if capture.cut.is_some() {
                    "partly"
                } else {
                    "read"
                }
                .to_owned(),
                covers: capture.span.map(|(from, to)| Span::new(from, to)),
                note: format!("{} packets{snap}{cut}", capture.frames),
                debug: None,
            });
        }
    }

    pub(super) fn absent(&mut self) {
        for source in EXPECTED {
            if !self.coverage.iter().any(|one| one.source == source.to_string()) {
                self.covers(source, "", "absent", String::new());
            }
        }
    }
}

/// Finds host names in a setting: `host`, `host:port`, `http://host/…`, `http=host:port;https=host:port`.
pub(super) fn hosts(text: &str) -> Vec<String> {
    text.split([';', ',', ' '])
        .filter_map(|part| {
            let part = part.rsplit_once('=').map_or(part, |(_, place)| place);
            let part = part.split_once("://").map_or(part, |(_, rest)| rest);
            let part = part.split('/').next()?;
            let host =
                part.rsplit_once(':').filter(|(host, _)| !host.contains(':')).map_or(part, |(host, _)| host);
            let plausible = !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_'));
            plausible.then(|| host.to_ascii_lowercase())
        })
        .collect()
}
