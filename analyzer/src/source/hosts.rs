//! The hosts file: entries that name one of the vendor's hosts.

use std::net::IpAddr;

use super::{is_full, text};
use crate::model::{Endpoints, Fields, Kind, Locator, Role, Sink};

/// Reads a hosts file. Entries for other hosts are nobody's business and are passed over.
///
/// ```text
/// 127.0.0.1  localhost
/// 10.9.8.7   tetra-defs.amp.cisco.com  # forgotten
/// ```
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    text::note_long_lines(&text, sink);
    for (number, line) in text::lines(&text) {
        if is_full(sink) {
            return;
        }
        let entry = line.split('#').next().unwrap_or(line);
        let mut words = entry.split_whitespace();
        let Some(address) = words.next() else { continue };
        for name in words.filter(|name| endpoints.role(name) != Role::Other) {
            if address.parse::<IpAddr>().is_err() {
                sink.anomaly(
                    Locator::Line(number),
                    format!("`{}` is not an address", text::head(address, 80)),
                );
                break;
            }
            let shown = format!("{address} {}", name.trim_end_matches('.').to_ascii_lowercase());
            let mut fields = Fields::new();
            fields.set("setting.key", "hosts.entry").set("setting.text", shown);
            sink.observe(Kind::Setting, Locator::Line(number), entry, None, fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::model::EndpointPattern;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/hosts/hosts.txt");

    fn endpoints() -> Endpoints {
        let pattern =
            EndpointPattern { name: "*.amp.cisco.com".into(), role: Role::Cloud, region: String::new() };
        Endpoints { patterns: vec![pattern], ..Endpoints::default() }
    }

    #[test]
    fn states_entries_of_the_vendor_only() {
        let (observations, anomalies) =
            hammer::parse(SourceId::Hosts, SAMPLE, |input, sink| parse(input, &endpoints(), sink));
        let found: Vec<_> = observations
            .iter()
            .map(|seen| (seen.fields.text("setting.text").unwrap(), seen.evidence[0].line().unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                ("10.9.8.7 tetra-defs.amp.cisco.com", 5),
                ("0.0.0.0 mgmt.amp.cisco.com", 6),
                ("0.0.0.0 intake.amp.cisco.com", 6)
            ]
        );
        assert_eq!(anomalies.len(), 1);
        assert_eq!(
            (anomalies[0].at.as_str(), anomalies[0].what.as_str()),
            ("line 7", "`10.0.0` is not an address")
        );
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Hosts, SAMPLE, |input, sink| parse(input, &endpoints(), sink));
    }
}
