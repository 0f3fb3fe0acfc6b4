use super::*;

#[test]
fn reads_what_it_writes() {
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        times: Times {
            end: DateTime::from_timestamp(1_772_000_000, 0),
            utc_offset_minutes: Some(-90),
            ..Times::default()
        },
        steps: vec![StepRecord {
            name: "capture".to_owned(),
            status: StepStatus::Timeout,
            reason: Some("60 s".to_owned()),
            ms: Some(60_000),
        }],
        files: vec![FileRecord {
            path: "connector/local.xml".to_owned(),
            source: SourceId::LocalXml,
            bytes: Some(3),
            truncated: vec![Span { from: 3, to: 9 }],
            redactions: vec![Redaction { kind: "user".to_owned(), count: 2 }],
            ..FileRecord::default()
        }],
        ..Manifest::default()
    };
    assert_eq!(Manifest::parse(&manifest.to_bytes()).unwrap(), (manifest, Vec::new()));
}

#[test]
fn needs_a_schema_and_nothing_else() {
    let (manifest, remarks) =
        Manifest::parse(b"\xef\xbb\xbf{\"schema\": \"tetra-bundle/1\", \"later\": [1]}").unwrap();
    assert_eq!((manifest.files.len(), remarks.len()), (0, 0));
    assert_eq!(Manifest::parse(b"{}").unwrap_err(), "it has no schema");
    assert_eq!(Manifest::parse(b"[1]").unwrap_err(), "it has no schema");
    assert!(Manifest::parse(b"{\"schema\": \"tetra-").unwrap_err().starts_with("EOF"));
    assert!(Manifest::parse(&b"[".repeat(1_000_000)).is_err());
}

#[test]
fn loses_only_what_is_broken() {
    let text = br#"{"schema": "tetra-bundle/2", "tool": 7, "host": {"hostname": "pc"}, "times": {"start": "yesterday"},
        "steps": [{"name": "a", "status": "exploded"}, {"name": 1}], "files": null}"#;
    let (manifest, remarks) = Manifest::parse(text).unwrap();
    assert_eq!(manifest.host.hostname.as_deref(), Some("pc"));
    assert_eq!(manifest.steps.len(), 1);
    assert_eq!(manifest.steps.first().unwrap().status, StepStatus::Unknown);
    assert_eq!(remarks.len(), 4, "{remarks:?}");
    assert_eq!(remarks.first().unwrap(), "its schema is `tetra-bundle/2`, not `tetra-bundle/1`");
}

#[test]
fn has_the_committed_schema() {
    let committed = include_str!("../../tetra-bundle-1.schema.json").replace("\r\n", "\n");
    assert!(
        committed == json_schema(),
        "run `cargo run -p tetra-bundle --example schema > bundle/tetra-bundle-1.schema.json`"
    );
}
