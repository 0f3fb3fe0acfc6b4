//! What `AmpCLI posture` says: connected or not, versions. Its full form is not published, so it is read tolerantly.

use super::json::Json;
use super::{code, text};
use crate::model::{Fields, Kind, Locator, Sink};

/// Reads the output of `AmpCLI.exe posture`, also copied from a console with its prompt, or cut off.
///
/// ```text
/// PS C:\Program Files\Cisco\AMP\8.1.7.21417> .\AmpCLI.exe posture
/// {"agent_uuid":"5c6e64fa-…","connected":true,"connector_version":"8.1.7","engi
/// ```
pub fn parse(input: &[u8], sink: &mut Sink) {
    let text = text::open(input, sink);
    // A console wraps the one long line: line ends mean nothing here.
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let Some(body) = joined.find('{').and_then(|start| joined.get(start..)) else {
        sink.anomaly(Locator::Whole, "holds no JSON: no posture is in it");
        return;
    };
    let (root, problem) = Json::read(body);
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let mut stated = Stated::default();
    if let Some(connected) = root.any(&["connected"]) {
        stated.set("posture.connected", "/connected", connected, connected.bool().map(Into::into), sink);
    }
    if let Some(version) = root.any(&["connector_version"]) {
        let word = version.word().map(Into::into);
        stated.set("posture.connector_version", "/connector_version", version, word, sink);
    }
    let mut path = String::new();
    if let Some(found) = tetra(&root, &mut path) {
        if let Some((key, version)) = version_of(found) {
            let number = version.word().and_then(|word| code::version(&word)).map(Into::into);
            stated.set("posture.tetra_version", &format!("{path}/{key}"), found, number, sink);
        }
        if let Some(enabled) = found.any(&["enabled", "enable"]) {
            let yes = enabled.bool().map(Into::into);
            stated.set("posture.tetra_enabled", &format!("{path}/enabled"), found, yes, sink);
        }
    }
    stated.finish(sink);
}

/// The fields of the one observation, with a place for each.
#[derive(Default)]
struct Stated {
    fields: Fields,
    places: Vec<(String, String)>,
}

impl Stated {
    fn set(
        &mut self,
        field: &'static str,
        pointer: &str,
        shown: &Json,
        value: Option<crate::model::Value>,
        sink: &mut Sink,
    ) {
        let Some(value) = value else {
            sink.anomaly(Locator::Element(pointer.to_owned()), "has a value of an unknown form");
            return;
        };
        self.fields.set(field, value);
        let name = pointer.rsplit('/').next().unwrap_or(pointer);
        let excerpt = match shown {
            Json::Map(_) => shown.to_string(),
            _ => format!("\"{name}\":{shown}"),
        };
        self.places.push((pointer.to_owned(), excerpt));
    }

    fn finish(self, sink: &mut Sink) {
        let mut places = self.places.into_iter();
        let Some((pointer, excerpt)) = places.next() else {
            sink.anomaly(Locator::Whole, "no known value of a posture is in it");
            return;
        };
        let further: Vec<_> = places
            .map(|(pointer, excerpt)| sink.evidence(Locator::Element(pointer), &excerpt, None))
            .collect();
        sink.observe(Kind::Posture, Locator::Element(pointer), &excerpt, None, self.fields);
        if let Some(observation) = sink.observations.last_mut() {
            observation.evidence.extend(further);
        }
    }
}

/// Finds the object that speaks of TETRA and has a version; `path` becomes the pointer to it.
fn tetra<'a>(value: &'a Json, path: &mut String) -> Option<&'a Json> {
    let length = path.len();
    let says_tetra = |text: &str| text.trim().to_ascii_lowercase().starts_with("tetra");
    if value.entries().iter().any(|(_, value)| value.text().is_some_and(says_tetra))
        && version_of(value).is_some()
    {
        return Some(value);
    }
    let named = value.entries().iter().map(|(key, value)| (key.clone(), value));
    let numbered = value.items().iter().enumerate().map(|(position, value)| (position.to_string(), value));
    for (key, value) in named.chain(numbered) {
        path.push('/');
        path.push_str(text::head(&key, 80));
        if says_tetra(&key) && version_of(value).is_some() {
            return Some(value);
        }
        if let Some(found) = tetra(value, path) {
            return Some(found);
        }
        path.truncate(length);
    }
    None
}

/// Finds the version of the definitions in the object of an engine.
fn version_of(engine: &Json) -> Option<(&str, &Json)> {
    let numbered = |value: &Json| value.word().is_some_and(|word| code::version(&word).is_some());
    ["def", "version"].iter().find_map(|part| {
        let named = |key: &str| key.to_ascii_lowercase().contains(part);
        engine
            .entries()
            .iter()
            .find(|(key, value)| named(key) && numbered(value))
            .map(|(key, value)| (key.as_str(), value))
    })
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const CUT: &[u8] = include_bytes!("../../../fixtures/sources/posture/cut.txt");
    const WHOLE: &[u8] = include_bytes!("../../../fixtures/sources/posture/whole.json");

    fn shown(input: &[u8]) -> (Vec<String>, Vec<String>) {
        let (observations, anomalies) = hammer::parse(SourceId::Posture, input, parse);
        let show = |seen: &crate::model::Observation| {
            seen.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        (
            observations.iter().flat_map(show).collect(),
            anomalies.into_iter().map(|anomaly| anomaly.what).collect(),
        )
    }

    #[test]
    fn reads_the_published_sample_that_is_cut_off() {
        let (fields, anomalies) = shown(CUT);
        assert_eq!(fields, ["posture.connected=true", "posture.connector_version=8.1.7"]);
        assert_eq!(
            anomalies,
            ["the JSON ends in the middle (line 1, column 103); what stands before is used"]
        );
    }

    #[test]
    fn finds_the_engine_wherever_it_stands() {
        let all = [
            "posture.connected=false",
            "posture.connector_version=8.4.2",
            "posture.tetra_enabled=true",
            "posture.tetra_version=90604",
        ];
        assert_eq!(shown(WHOLE), (all.map(str::to_owned).to_vec(), vec![]));
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(String::from_utf8_lossy(WHOLE).encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(shown(&utf16).0, all);
        let (observations, _) = hammer::parse(SourceId::Posture, WHOLE, parse);
        let places: Vec<_> =
            observations[0].evidence.iter().map(|evidence| evidence.locator.clone()).collect();
        assert_eq!(places[2], Locator::Element("/engines/1/definitions".into()));
    }

    #[test]
    fn accepts_other_shapes() {
        for (input, version) in [
            (r#"{"engines":{"tetra":{"defs":"x:90600"}}}"#, "posture.tetra_version=90600"),
            (r#"{"a":{"engine":"TETRA 64 bit","definition_version":90601}}"#, "posture.tetra_version=90601"),
            ("{\"connected\":tr\r\nue}", "posture.connected=true"),
        ] {
            assert_eq!(shown(input.as_bytes()).0, [version], "{input}");
        }
        assert_eq!(shown(b"access denied").1, ["holds no JSON: no posture is in it"]);
        assert_eq!(shown(b"{}").1, ["no known value of a posture is in it"]);
        assert_eq!(shown(br#"{"connected":"maybe"}"#).1[0], "has a value of an unknown form");
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Posture, WHOLE, parse);
    }
}
