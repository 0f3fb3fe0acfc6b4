//! The artefacts a bundle may hold, by name.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names an artefact of a bundle, wherever it lies in it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SourceId {
    /// The bundle's own table of contents.
    Manifest,
    /// The connector's state file.
    LocalXml,
    /// The connector's state file at the end of the collection.
    LocalXmlEnd,
    /// The connector's policy.
    PolicyXml,
    /// What `AmpCLI posture` said.
    Posture,
    /// What `AmpCLI posture` said at the end of the collection.
    PostureEnd,
    /// A log of the connector, `sfc.exe.log` and its rotations.
    ConnectorLog,
    /// The definition files on disk and their times.
    TetraPlugins,
    /// A packet capture.
    Capture,
    /// What the collector tried itself.
    Probes,
    /// Adapters, routes, resolvers and proxy settings.
    NetworkConfig,
    /// The hosts file.
    Hosts,
    /// The CryptoAPI event log.
    Capi2,
    /// The Schannel events of the system log.
    Schannel,
    /// The connector's own event log.
    SecureEndpointEvents,
    /// The state of the services.
    Services,
    /// The root certificates of the machine.
    Certificates,
    /// When the machine slept or was off.
    Power,
    /// The collector's own log.
    CollectorLog,
    /// The page for people that goes with a bundle.
    Readme,
    /// A saved session of `curl -v`.
    CurlTranscript,
    /// A saved session of `Resolve-DnsName`.
    ResolveDnsTranscript,
    /// The vendor console's record of the computer, as JSON.
    ConsoleRecord,
    /// Anything else.
    #[default]
    #[serde(other)]
    Unknown,
}

impl SourceId {
    /// All sources, in the order of the enumeration.
    pub const ALL: [Self; 24] = [
        Self::Manifest,
        Self::LocalXml,
        Self::LocalXmlEnd,
        Self::PolicyXml,
        Self::Posture,
        Self::PostureEnd,
        Self::ConnectorLog,
        Self::TetraPlugins,
        Self::Capture,
        Self::Probes,
        Self::NetworkConfig,
        Self::Hosts,
        Self::Capi2,
        Self::Schannel,
        Self::SecureEndpointEvents,
        Self::Services,
        Self::Certificates,
        Self::Power,
        Self::CollectorLog,
        Self::Readme,
        Self::CurlTranscript,
        Self::ResolveDnsTranscript,
        Self::ConsoleRecord,
        Self::Unknown,
    ];

    /// Returns the name used in manifests, rules and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::LocalXml => "local_xml",
            Self::LocalXmlEnd => "local_xml_end",
            Self::PolicyXml => "policy_xml",
            Self::Posture => "posture",
            Self::PostureEnd => "posture_end",
            Self::ConnectorLog => "connector_log",
            Self::TetraPlugins => "tetra_plugins",
            Self::Capture => "capture",
            Self::Probes => "probes",
            Self::NetworkConfig => "network_config",
            Self::Hosts => "hosts",
            Self::Capi2 => "capi2",
            Self::Schannel => "schannel",
            Self::SecureEndpointEvents => "secure_endpoint_events",
            Self::Services => "services",
            Self::Certificates => "certificates",
            Self::Power => "power",
            Self::CollectorLog => "collector_log",
            Self::Readme => "readme",
            Self::CurlTranscript => "curl_transcript",
            Self::ResolveDnsTranscript => "resolve_dns_transcript",
            Self::ConsoleRecord => "console_record",
            Self::Unknown => "unknown",
        }
    }

    /// Returns whether a bundle holds at most one of these, so that a second one is an anomaly.
    #[must_use]
    pub fn is_single(self) -> bool {
        !matches!(
            self,
            Self::ConnectorLog
                | Self::Capture
                | Self::CurlTranscript
                | Self::ResolveDnsTranscript
                | Self::ConsoleRecord
                | Self::Unknown
        )
    }

    /// Returns whether the source is stored rather than deflated: packing it gains next to nothing.
    pub(crate) fn is_packed(self) -> bool {
        matches!(self, Self::Capture | Self::Capi2 | Self::Schannel | Self::SecureEndpointEvents)
    }

    /// Returns whether the source is text in lines, which may be cut into several entries.
    pub(crate) fn is_log(self) -> bool {
        matches!(self, Self::ConnectorLog | Self::CollectorLog)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_name_in_display_and_serde() {
        for source in SourceId::ALL {
            assert_eq!(serde_json::to_string(&source).unwrap(), format!("\"{source}\""));
            assert_eq!(serde_json::from_str::<SourceId>(&format!("\"{source}\"")).unwrap(), source);
        }
        assert_eq!(serde_json::from_str::<SourceId>("\"of_the_future\"").unwrap(), SourceId::Unknown);
    }
}
