//! The state of the connector's services as the collector notes it, `services.json`.

use super::json::Json;
use super::text;
use crate::model::{Fields, Kind, Locator, Sink};

/// Reads the state of the connector's service, `CiscoAMP`, in older versions with the version in its name.
///
/// Services of older versions may be left over: where one runs, that one counts.
///
/// ```text
/// [{"name":"CiscoAMP_8.1.7","display":"Cisco Secure Endpoint 8.1.7","state":"running","start":"auto"}]
/// ```
pub fn parse(input: &[u8], sink: &mut Sink) {
    let text = text::open(input, sink);
    let (root, problem) = Json::read(&text);
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let list = root.any(&["services"]).unwrap_or(&root);
    let mut known = Vec::new();
    for (position, service) in list.items().iter().enumerate() {
        let Some(name) = service.any(&["name", "service_name"]).and_then(Json::text) else { continue };
        if !is_connector(name) {
            continue;
        }
        match service.any(&["state", "status"]).and_then(is_running) {
            Some(running) => known.push((position, name, running, service)),
            None => sink.anomaly(
                Locator::Element(format!("/{position}")),
                format!("the state of service `{}` is not known", text::head(name, 80)),
            ),
        }
    }
    let Some((position, name, running, service)) =
        known.iter().find(|(.., running, _)| *running).or(known.first())
    else {
        return;
    };
    let mut fields = Fields::new();
    let word = if *running { "running" } else { "not running" };
    fields.set("host.fact", "service").set("host.text", format!("{name}: {word}")).set("host.ok", *running);
    sink.observe(
        Kind::HostFact,
        Locator::Element(format!("/{position}")),
        &service.to_string(),
        None,
        fields,
    );
}

/// Tells whether a service is the connector itself, not one of its drivers or helpers.
fn is_connector(name: &str) -> bool {
    name.split_at_checked(8).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case("CiscoAMP") && (rest.is_empty() || rest.starts_with('_'))
    })
}

/// Tells whether a state means running: as a word, or as Windows numbers it (1 stopped, 4 running).
fn is_running(state: &Json) -> Option<bool> {
    match state {
        Json::Int(number @ 1..=7) => Some(*number == 4),
        Json::Text(word) if word.eq_ignore_ascii_case("running") => Some(true),
        Json::Text(word) => {
            let word = word.to_ascii_lowercase().replace(['_', ' '], "");
            let other =
                ["stopped", "stoppending", "startpending", "paused", "pausepending", "continuepending"];
            other.contains(&word.as_str()).then_some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/services/services.json");

    #[test]
    fn states_the_connector_only() {
        let (observations, anomalies) = hammer::parse(SourceId::Services, SAMPLE, parse);
        assert_eq!(observations.len(), 1);
        assert_eq!(observations[0].fields.text("host.text"), Some("CiscoAMP_7.3.15: running"));
        assert_eq!(anomalies.len(), 1);
        assert_eq!(anomalies[0].what, "the state of service `CiscoAMP_9` is not known");
    }

    #[test]
    fn says_when_it_does_not_run() {
        let stopped =
            br#"{"services":[{"name":"CiscoAMPCEFW","state":4},{"name":"ciscoamp","state":"Stopped"}]}"#;
        let (observations, _) = hammer::parse(SourceId::Services, stopped, parse);
        assert_eq!(observations[0].fields.get("host.ok"), Some(&false.into()));
        assert_eq!(observations[0].fields.text("host.text"), Some("ciscoamp: not running"));
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Services, SAMPLE, parse);
    }
}
