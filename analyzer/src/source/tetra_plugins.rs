//! The files of the definitions as the collector lists them, `tetra-plugins.json`: the newest tells their age.

use super::json::Json;
use super::{moment, text};
use crate::model::{Fields, Kind, Locator, Sink, Timestamp};

/// Reads the list of files and states the age of the newest: `host.int` in hours, `host.text` when it was written.
///
/// `collected` is when the list was made; without it the age is not stated, only the time.
///
/// ```text
/// {"files":[{"path":"tetra\\plugins\\7zip.xmd","bytes":83210,"modified":"2023-05-18T12:20:01Z"}]}
/// ```
pub fn parse(input: &[u8], collected: Option<Timestamp>, sink: &mut Sink) {
    let text = text::open(input, sink);
    let (root, problem) = Json::read(&text);
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let collected = root.any(&["collected", "time"]).and_then(moment::of).or(collected);
    let list = root.any(&["files", "plugins"]).unwrap_or(&root);
    let newest = list
        .items()
        .iter()
        .enumerate()
        .filter_map(|(position, file)| {
            Some((file.any(&["modified", "mtime"]).and_then(moment::of)?, position, file))
        })
        .max_by_key(|(time, position, _)| (*time, std::cmp::Reverse(*position)));
    let Some((time, position, file)) = newest else {
        let empty = matches!(list, Json::List(items) if items.is_empty());
        let what = if empty {
            "lists no file: the definitions are not there"
        } else {
            "no file with a time is in it"
        };
        sink.anomaly(Locator::Whole, what);
        return;
    };
    let mut fields = Fields::new();
    fields.set("host.fact", "definitions_age").set("host.text", time.to_string());
    // Whole hours are exact enough, and a clock that was set back gives no negative age.
    let hours = collected.map(|now| now.secs().saturating_sub(time.secs()).max(0) / 3600);
    fields.set_opt("host.int", hours);
    sink.observe(
        Kind::HostFact,
        Locator::Element(format!("/files/{position}")),
        &file.to_string(),
        Some(time),
        fields,
    );
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/tetra_plugins/tetra-plugins.json");

    fn read(input: &[u8]) -> (Vec<crate::model::Observation>, Vec<crate::model::Anomaly>) {
        let now = moment::read("2023-05-20T12:20:01Z");
        hammer::parse(SourceId::TetraPlugins, input, |input, sink| parse(input, now, sink))
    }

    #[test]
    fn states_the_age_of_the_newest() {
        let (observations, anomalies) = read(SAMPLE);
        assert_eq!(anomalies, []);
        assert_eq!(observations[0].fields.int("host.int"), Some(48));
        assert_eq!(observations[0].fields.text("host.text"), Some("2023-05-18T12:20:01.000000Z"));
        assert_eq!(read(b"[]").1[0].what, "lists no file: the definitions are not there");
        assert_eq!(read(b"{\"files\":[{\"path\":\"x\"}]}").1[0].what, "no file with a time is in it");
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::TetraPlugins, SAMPLE, |input, sink| parse(input, None, sink));
    }
}
