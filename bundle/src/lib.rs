//! The contract between the collector and the analyzer: bundle layout, manifest, safe reading and writing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A named artefact of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SourceId {
    Manifest,
    LocalXml,
    LocalXmlEnd,
    PolicyXml,
    Posture,
    PostureEnd,
    ConnectorLog,
    TetraPlugins,
    Capture,
    Probes,
    NetworkConfig,
    Hosts,
    Capi2,
    Schannel,
    SecureEndpointEvents,
    Services,
    Certificates,
    CollectorLog,
    Readme,
    CurlTranscript,
    ResolveDnsTranscript,
    ConsoleRecord,
    Unknown,
}
impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).unwrap_or_default();
        f.write_str(text.trim_matches('"'))
    }
}
