//! The connector's state, `local.xml`: last error, times and version of the definitions.

use super::json::Json;
use super::{code, is_full, text, xml};
use crate::model::{Fields, Kind, Locator, Sink};

/// Which of the two copies is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// `local.xml`, from the beginning of the collection or the only one.
    Start,
    /// `local-end.xml`, from its end.
    End,
}

/// Ends of paths and the settings that stand there. `true`: also stated of the copy from the end.
const SETTINGS: &[(&str, &str, bool)] = &[
    ("/tetra/lasterror", "tetra.lasterror", true),
    ("/tetra/lastupdate", "tetra.lastupdate", true),
    ("/tetra/lastsuccesstime", "tetra.lastsuccess", true),
    ("/tetra/lastupdatechecked", "tetra.lastchecked", true),
    ("/tetra/defversions", "tetra.version", true),
    ("/stats/definitions", "tetra.version", true),
    ("/agent/uuid", "agent.uuid", false),
    ("/agent/agent_registered", "agent.registered", false),
    ("/agent/agent_disabled", "agent.disabled", false),
    ("/switches/skiptetra", "install.skiptetra", false),
];

/// Reads `local.xml` in both layouts.
///
/// ```text
/// <config><agent><engine><tetra><lasterror>4294965193</lasterror>…</tetra>
///   <stats><definitions>{"engineDefinitions":[{"defVersion":"x:90604"}]}</definitions></stats></engine></agent></config>
/// ```
pub fn parse(input: &[u8], phase: Phase, sink: &mut Sink) {
    let text = text::open(input, sink);
    if text.trim().is_empty() {
        sink.anomaly(Locator::Whole, "is empty");
        return;
    }
    let mut elements = 0_usize;
    let mut filled = 0_usize;
    xml::walk(&text, sink, &mut |path, value, sink| {
        elements = elements.saturating_add(1);
        if value.is_empty() || is_full(sink) {
            return;
        }
        filled = filled.saturating_add(1);
        if let Some((_, key, twice)) = SETTINGS.iter().find(|(end, ..)| path.ends_with(end)) {
            match phase {
                Phase::Start => state(path, value, key, "", sink),
                Phase::End if *twice => state(path, value, key, "end.", sink),
                Phase::End => {}
            }
        }
    });
    if elements > 0 && filled == 0 {
        sink.anomaly(Locator::Whole, "holds no settings: it was emptied, or never filled");
    }
}

/// States one setting.
fn state(path: &str, value: &str, key: &'static str, prefix: &str, sink: &mut Sink) {
    let at = Locator::Element(path.to_owned());
    let excerpt = xml::excerpt(path, value);
    let (shown, number) = match key {
        "tetra.lasterror" => (value.to_owned(), code::signed32(value)),
        "tetra.version" if path.ends_with("/definitions") => match definitions(value) {
            Some(version) => {
                let number = code::version(&version);
                (version, number)
            }
            None => {
                sink.anomaly(at, "holds definitions of an unknown form");
                return;
            }
        },
        "tetra.version" => (value.to_owned(), code::version(value)),
        _ => (value.to_owned(), value.parse().ok()),
    };
    if number.is_none() && key.starts_with("tetra.") {
        sink.anomaly(at.clone(), format!("`{}` is not a number", text::head(value, 80)));
    }
    let mut fields = Fields::new();
    fields
        .set("setting.key", format!("{prefix}{key}"))
        .set("setting.text", shown)
        .set_opt("setting.int", number);
    sink.observe(Kind::Setting, at, &excerpt, None, fields);
}

/// Finds the version of the TETRA definitions in the JSON text of newer connectors.
fn definitions(value: &str) -> Option<String> {
    let (root, _) = Json::read(value);
    let engines = root.any(&["engineDefinitions"])?.items();
    let names_tetra = |engine: &&Json| {
        let named = |text: &str| text.to_ascii_lowercase().contains("tetra");
        engine.entries().iter().any(|(_, value)| value.text().is_some_and(named))
    };
    let engine = engines.iter().find(names_tetra).or_else(|| engines.first())?;
    engine.any(&["defVersion"])?.word()
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const NEW: &[u8] = include_bytes!("../../../fixtures/sources/local_xml/new.xml");
    const OLD: &[u8] = include_bytes!("../../../fixtures/sources/local_xml/old.xml");

    fn settings(input: &[u8], phase: Phase) -> (Vec<String>, Vec<String>) {
        let (observations, anomalies) =
            hammer::parse(SourceId::LocalXml, input, |input, sink| parse(input, phase, sink));
        let shown = observations.iter().map(|observation| {
            let fields = &observation.fields;
            let number = fields.int("setting.int").map_or(String::new(), |number| format!(" {number}"));
            format!(
                "{} {}{number}",
                fields.text("setting.key").unwrap(),
                fields.text("setting.text").unwrap()
            )
        });
        (
            shown.collect(),
            anomalies.into_iter().map(|anomaly| format!("{}: {}", anomaly.at, anomaly.what)).collect(),
        )
    }

    #[test]
    fn reads_the_new_layout() {
        let (found, anomalies) = settings(NEW, Phase::Start);
        assert_eq!(
            found,
            [
                "agent.uuid 5c6e64fa-7738-4b39-b201-15451e33bfe6",
                "tetra.lasterror 4294965193 -2103",
                "tetra.lastupdate 1684425273 1684425273",
                "tetra.lastsuccess 1684425273 1684425273",
                "tetra.lastchecked 1684442222 1684442222",
                "tetra.version x:90604 90604",
                "install.skiptetra 0 0",
            ]
        );
        assert_eq!(anomalies, Vec::<String>::new());
        let (found, _) = settings(NEW, Phase::End);
        assert_eq!(found.len(), 5);
        assert_eq!(found[0], "end.tetra.lasterror 4294965193 -2103");
    }

    #[test]
    fn reads_the_old_layout_and_shows_where() {
        let (found, anomalies) = settings(OLD, Phase::Start);
        assert!(found.contains(&"tetra.version 1:90600 90600".to_owned()), "{found:?}");
        assert!(found.contains(&"tetra.lasterror -2100 -2100".to_owned()), "{found:?}");
        assert_eq!(anomalies, Vec::<String>::new());
        let (observations, _) =
            hammer::parse(SourceId::LocalXml, OLD, |input, sink| parse(input, Phase::Start, sink));
        let error = observations.iter().find(|seen| seen.fields.int("setting.int") == Some(-2100)).unwrap();
        assert_eq!(error.evidence[0].excerpt, "<lasterror>-2100</lasterror>");
        assert_eq!(
            error.evidence[0].locator,
            Locator::Element("/config/agent/engine/tetra/lasterror".into())
        );
    }

    #[test]
    fn reads_what_is_left_of_odd_files() {
        let cases: [(&str, &[&str], &[&str]); 6] = [
            ("<config></config>", &[], &[": holds no settings: it was emptied, or never filled"]),
            ("", &[], &[": is empty"]),
            (
                "<x><tetra><lasterror>0xFFFFF7C3</lasterror></tetra></x>",
                &["tetra.lasterror 0xFFFFF7C3 -2109"],
                &[],
            ),
            (
                "<config><tetra><lasterror>soon</lasterror></tetra></config>",
                &["tetra.lasterror soon"],
                &["/config/tetra/lasterror: `soon` is not a number"],
            ),
            (
                "<config><stats><definitions>[]</definitions></stats></config>",
                &[],
                &["/config/stats/definitions: holds definitions of an unknown form"],
            ),
            ("<config><lasterror>7</lasterror></config>", &[], &[]),
        ];
        for (input, expected, notes) in cases {
            let (found, anomalies) = settings(input.as_bytes(), Phase::Start);
            assert_eq!(found, expected, "{input}");
            assert_eq!(anomalies, notes, "{input}");
        }
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::LocalXml, NEW, |input, sink| parse(input, Phase::Start, sink));
    }
}
