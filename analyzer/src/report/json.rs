//! The JSON report `tetra-analysis/1` and its JSON Schema.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::text::is_hostile;
use crate::model::Analysis;

/// Name of the schema, as the report carries it.
pub const SCHEMA: &str = "tetra-analysis/1";

/// Writes the report, indented, with a line break at its end.
///
/// Characters that could steer a terminal or turn the direction of text are written as `\u` escapes, so that
/// the report says the same and may be shown anywhere.
pub fn write(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    pretty(analysis, out)
}

/// Gives the JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Analysis>();
    let mut schema = schema.to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), SCHEMA.into());
    }
    // Some crate of the tree makes objects keep the order of insertion; the file is in order of names.
    schema.sort_all_objects();
    schema
}

/// Writes the JSON Schema of the report.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    pretty(&schema(), out)
}

/// Writes any report as JSON, indented, with hostile characters escaped.
pub(crate) fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Plain(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// The pretty formatter, except that hostile characters are escaped.
struct Plain(PrettyFormatter<'static>);

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hostile(*c)) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::expected::assert_expected;
    use crate::report::sample;

    fn report(analysis: &Analysis) -> String {
        let mut out = Vec::new();
        write(analysis, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_committed_schema_is_the_generated_one() {
        let mut out = Vec::new();
        write_schema(&mut out).unwrap();
        assert_expected("tetra-analysis-1.schema.json", &String::from_utf8(out).unwrap());
    }

    #[test]
    fn reports_fit_the_committed_schema() {
        let committed: serde_json::Value =
            serde_json::from_str(include_str!("../../tetra-analysis-1.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&committed).unwrap();
        for (name, analysis) in sample::all() {
            let value: serde_json::Value = serde_json::from_str(&report(&analysis)).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let good: serde_json::Value = serde_json::from_str(&report(&sample::dns())).unwrap();
        assert!(validator.is_valid(&good));
        for (pointer, bad) in [
            ("/schema", serde_json::json!("tetra-analysis/2")),
            ("/diagnosis/verdict", serde_json::json!("fine")),
            ("/diagnosis/primary/confidence", serde_json::json!("95 %")),
            ("/diagnosis/primary/belief", serde_json::json!(1.5)),
            ("/attempts/0/stages/0/stage", serde_json::json!("lunch")),
            ("/attempts/0/stages/0/evidence/0/frame", serde_json::json!("12")),
            ("/rules/0/sha256", serde_json::json!(null)),
        ] {
            let mut value = good.clone();
            *value.pointer_mut(pointer).unwrap() = bad;
            assert!(!validator.is_valid(&value), "{pointer}");
        }
    }

    #[test]
    fn the_report_has_the_shape_that_the_design_shows() {
        let value: serde_json::Value = serde_json::from_str(&report(&sample::dns())).unwrap();
        for pointer in [
            "/schema",
            "/tool/name",
            "/tool/version",
            "/rules/0/pack",
            "/rules/0/version",
            "/rules/0/sha256",
            "/input/path",
            "/input/sha256",
            "/input/layout",
            "/input/collected",
            "/input/covers/from",
            "/input/covers/to",
            "/diagnosis/verdict",
            "/diagnosis/primary/cause",
            "/diagnosis/primary/category",
            "/diagnosis/primary/stage",
            "/diagnosis/primary/confidence",
            "/diagnosis/primary/reach/explained",
            "/diagnosis/primary/reach/failed",
            "/diagnosis/primary/summary",
            "/diagnosis/primary/culprit/role",
            "/diagnosis/primary/culprit/names",
            "/diagnosis/primary/culprit/addresses",
            "/diagnosis/primary/culprit/ports",
            "/diagnosis/primary/evidence/0/source",
            "/diagnosis/primary/evidence/0/path",
            "/diagnosis/primary/evidence/0/frame",
            "/diagnosis/primary/evidence/0/line",
            "/diagnosis/primary/evidence/0/time",
            "/diagnosis/primary/evidence/0/excerpt",
            "/diagnosis/primary/advice/user",
            "/diagnosis/primary/advice/engineer",
            "/diagnosis/primary/wireshark_filter",
            "/diagnosis/others",
            "/diagnosis/consequences",
            "/diagnosis/ruled_out/0/category",
            "/diagnosis/ruled_out/0/because",
            "/diagnosis/ruled_out/0/evidence",
            "/diagnosis/cannot_tell/0/category",
            "/diagnosis/cannot_tell/0/because",
            "/diagnosis/cannot_tell/0/collect",
            "/attempts/0/id",
            "/attempts/0/start",
            "/attempts/0/end",
            "/attempts/0/target",
            "/attempts/0/path",
            "/attempts/0/stages/0/stage",
            "/attempts/0/stages/0/state",
            "/attempts/0/stages/0/summary",
            "/attempts/0/stages/0/evidence",
            "/attempts/0/bytes",
            "/attempts/0/outcome",
            "/findings",
            "/endpoint",
            "/coverage",
            "/anomalies",
        ] {
            assert!(value.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn healthy_and_inconclusive_reports_have_no_primary() {
        for analysis in [sample::healthy(), sample::inconclusive()] {
            let value: serde_json::Value = serde_json::from_str(&report(&analysis)).unwrap();
            assert!(value.pointer("/diagnosis/primary").unwrap().is_null());
        }
    }

    #[test]
    fn hostile_characters_are_escaped_and_not_lost() {
        let mut analysis = sample::dns();
        analysis.input.path = "a\u{1b}[31m\u{202e}b\u{9b}\u{e0041}c".to_owned();
        let report = report(&analysis);
        assert!(report.contains(r"a\u001b[31m\u202eb\u009b\udb40\udc41c"), "{report}");
        let value: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(value.pointer("/input/path").unwrap(), &analysis.input.path);
    }

    #[test]
    fn the_same_analysis_gives_the_same_bytes() {
        assert_eq!(report(&sample::revocation()), report(&sample::revocation()));
    }
}
